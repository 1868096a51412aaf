"""Names of lines beside a figure: in the order of their ends, and never on one another."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from stancepack.plots.inks import Ink

LETTERS = 8  # points
_LINE = 1.35  # of the size of the letters, from one name to the next
_POINTS = 72  # an inch
_SAMPLE = 1.01, 1.045  # where a piece of the line is shown, in widths of the axes


class Name(NamedTuple):
    """A line's name, where the line ends, and how it is drawn."""

    text: str
    height: float
    ink: Ink


def name_lines(axes: Axes, names: Sequence[Name]) -> None:
    """Write names to the right of the axes, each as near to the end of its line as there is room.

    Parameters
    ----------
    axes
        Whose limits are set.
    names
        With heights in the units of the axes.
    """
    if not names:
        return
    low, high = axes.get_ylim()
    figure = axes.get_figure(root=True)
    inches = (figure.get_size_inches()[1] if figure else 1.0) * axes.get_position().height
    gap = (high - low) * LETTERS * _LINE / (_POINTS * inches)
    in_order = sorted(names, key=lambda name: name.height)
    heights = spread([name.height for name in in_order], gap, low, high)
    across_and_up = axes.get_yaxis_transform()  # across in widths of the axes, up in its units
    for name, height in zip(in_order, heights, strict=True):
        axes.plot(
            _SAMPLE,
            [height, height],
            transform=across_and_up,
            clip_on=False,
            color=name.ink.colour,
            linestyle=name.ink.dash,
            linewidth=1.6,
        )
        axes.text(
            _SAMPLE[1] + 0.01,
            height,
            name.text,
            transform=across_and_up,
            color=name.ink.colour,
            fontsize=LETTERS,
            va="center",
        )


def spread(heights: Sequence[float], gap: float, low: float, high: float) -> list[float]:
    """Return heights, which come in order, moved so that none is nearer than a gap to the next.

    Examples
    --------
    >>> spread([0.0, 0.1, 2.0], 0.5, -2.0, 2.0)
    [-0.2, 0.3, 2.0]
    """
    groups: list[list[float]] = []  # of wished places, each with room for its names
    for height in heights:
        groups.append([height])
        while len(groups) > 1 and _top(groups[-2], gap) + gap > _bottom(groups[-1], gap):
            groups[-2:] = [groups[-2] + groups[-1]]
    placed = [
        _bottom(group, gap) + number * gap for group in groups for number in range(len(group))
    ]
    over = max(0.0, placed[-1] - high)
    down = [height - over for height in placed]
    for number in range(len(down) - 2, -1, -1):
        down[number] = min(placed[number], down[number + 1] - gap)
    under = max(0.0, low - down[0])
    up = [down[0] + under]
    for height in down[1:]:
        up.append(max(height, up[-1] + gap))
    return [round(float(height), 9) for height in up]


def _bottom(wished: Sequence[float], gap: float) -> float:
    return float(np.mean(wished)) - gap * (len(wished) - 1) / 2


def _top(wished: Sequence[float], gap: float) -> float:
    return float(np.mean(wished)) + gap * (len(wished) - 1) / 2
