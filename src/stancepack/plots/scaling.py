"""Actors where their positions place them."""

from __future__ import annotations

from textwrap import fill
from typing import TYPE_CHECKING

from stancepack.plots.figure import new_axes
from stancepack.plots.inks import NEUTRAL, inks

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pandas as pd
    from matplotlib.axes import Axes

    from stancepack.positions.scaling import Scaling

_WIDTH, _MARGIN, _ROW = 7.0, 1.2, 0.18  # inches
_SQUARE = 7.0, 6.0  # inches
_LETTERS = 7  # points
_DOT = 3  # pixels about the middle of a point
_PLACES = (  # of a name beside its point, and where it is held
    ((4, 3), "left"),
    ((4, -8), "left"),
    ((-4, 3), "right"),
    ((-4, -8), "right"),
)
_LONGEST_TITLE = 85  # letters


def plot_scaling(scaling: Scaling, ax: Axes | None = None) -> Axes:
    """Draw each actor at its place with its interval, in the colour of its side."""
    table = scaling.table
    sides = [side for side in scaling.sides if side in set(table["side"])]
    colour_of = {side: ink.colour for side, ink in inks(sides, scaling.sides).items()}
    if scaling.dimensions == 1:
        axes = new_axes(_WIDTH, _MARGIN + _ROW * len(table)) if ax is None else ax
        _rows(axes, table, colour_of)
    else:
        axes = new_axes(*_SQUARE) if ax is None else ax
        _plane(axes, table, colour_of)
    for side, colour in colour_of.items():
        axes.scatter([], [], s=16, color=colour, label=side)
    if colour_of:
        legend = axes.legend(fontsize=_LETTERS, loc="upper left", bbox_to_anchor=(1.0, 1.0))
        legend.set_frame_on(False)
    axes.spines[["top", "right"]].set_visible(False)
    axes.tick_params(labelsize=_LETTERS)
    axes.set_xlabel("first dimension", fontsize=8)
    title = f"{scaling!r}; numbers: positions"
    axes.set_title(fill(title, _LONGEST_TITLE), fontsize=9, loc="left")
    if scaling.dimensions > 1:
        _name_points(axes, table, colour_of)
    return axes


def _rows(axes: Axes, table: pd.DataFrame, colour_of: Mapping[str, str]) -> None:
    for row, actor in enumerate(table.itertuples()):
        colour = colour_of.get(actor.side, NEUTRAL)
        axes.plot([actor.x1_low, actor.x1_high], [row, row], color=colour, linewidth=1.2)
        axes.scatter([actor.x1], [row], s=14, color=colour, zorder=2)
    names = [f"{actor.actor} ({actor.n})" for actor in table.itertuples()]
    axes.set_yticks(range(len(table)), names)
    axes.set_ylim(-0.7, len(table) - 0.3)
    axes.axvline(0, color="0.85", linewidth=0.8, zorder=0)


def _plane(axes: Axes, table: pd.DataFrame, colour_of: Mapping[str, str]) -> None:
    for actor in table.itertuples():
        colour = colour_of.get(actor.side, NEUTRAL)
        across, up = (actor.x1_low, actor.x1_high), (actor.x2_low, actor.x2_high)
        axes.plot(across, [actor.x2, actor.x2], color=colour, linewidth=0.6, alpha=0.45)
        axes.plot([actor.x1, actor.x1], up, color=colour, linewidth=0.6, alpha=0.45)
        axes.scatter([actor.x1], [actor.x2], s=14, color=colour, zorder=2)
    axes.set_ylabel("second dimension", fontsize=8)


def _name_points(axes: Axes, table: pd.DataFrame, colour_of: Mapping[str, str]) -> None:
    """Name points where there is room, those with most positions first."""
    from matplotlib.transforms import Bbox

    figure = axes.get_figure(root=True)
    if figure is not None:
        figure.draw_without_rendering()  # so that places are known
    points = axes.transData.transform(table[["x1", "x2"]].to_numpy())
    taken = [Bbox.from_extents(x - _DOT, y - _DOT, x + _DOT, y + _DOT) for x, y in points]
    for actor in table.sort_values("n", ascending=False, kind="stable").itertuples():
        for offset, side in _PLACES:
            name = axes.annotate(
                f"{actor.actor} ({actor.n})",
                (actor.x1, actor.x2),
                offset,
                textcoords="offset points",
                fontsize=_LETTERS - 1,
                color=colour_of.get(actor.side, NEUTRAL),
                ha=side,
            )
            box = name.get_window_extent()
            is_inside = axes.bbox.x0 < box.x0 and box.x1 < axes.bbox.x1
            if is_inside and not any(box.overlaps(other) for other in taken):
                taken.append(box)
                break
            name.remove()
