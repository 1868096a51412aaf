"""Positions over time: lines with their intervals, and the statements as marks."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from textwrap import fill
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from stancepack.errors import StancepackError
from stancepack.plots.figure import DrawnAxes, drawing, new_axes
from stancepack.plots.inks import Ink, inks
from stancepack.plots.margin import Name, name_lines

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

    from stancepack.dataset.scales import Scale
    from stancepack.positions.trajectory import Trajectory

_WIDTH, _HEIGHT, _PANEL = 7.5, 3.6, 2.6  # inches
_MOST_TICKS = 13  # codes that an axis shows by name
_STEPS = (1, 2, 5, 10, 20, 50, 100)  # of many codes every second, fifth …
_LONGEST_TICK = 16  # letters of a code's label that still fit beside an axis
_LONGEST_NAME = 24  # letters of a code's label beside a panel
_LONGEST_TITLE = 95  # letters
_MARGIN = 0.075  # of the span above and below the outer codes
_JITTER = 0.0125  # of the span, so that statements of one day are seen
_RUG = 0.05  # between rows of marks below the shares


class _Line(NamedTuple):
    """What is drawn of a line: its name, estimates and statements."""

    name: str
    estimates: pd.DataFrame
    statements: pd.DataFrame


def plot_trajectory(path: Trajectory, ax: Axes | None = None) -> Axes:
    """Draw a line for each actor or side on the issue's scale."""
    lines = list(_lines(path))
    of_line = _inks_of(path, [line.name for line in lines])
    axes = new_axes(_WIDTH, _HEIGHT) if ax is None else ax
    names = []
    for line in lines:
        ink = of_line[line.name]
        _band(axes, line.estimates, ink)
        draw_statements(axes, line.statements, path.scale, ink.colour)
        last = line.estimates["estimate"].dropna().tail(1)
        count = line.statements["statement_id"].nunique()
        names += [Name(f"{line.name} ({count})", float(end), ink) for end in last]
    scale_axis(axes, path.scale)
    _finish(axes, path.label)
    if path.by:
        name_lines(axes, names)
    return axes


def plot_shares(path: Trajectory, ax: Axes | None = None) -> Axes:
    """Draw a line for each code; a panel for each actor or side."""
    lines = list(_lines(path))
    of_code = inks(path.scale.codes)
    if ax is not None and len(lines) > 1:
        what = f"shares of {len(lines)} lines do not go into one axes"
        raise StancepackError(f"{what}; draw one of them, or leave ax out.")
    if ax is not None or len(lines) == 1:
        axes = new_axes(_WIDTH, _HEIGHT) if ax is None else ax
        _share_panel(axes, path.scale, lines[0], of_code)
        _finish(axes, path.label)
        return axes
    figure = drawing(_WIDTH, _PANEL * len(lines) + 0.8)
    panels = [
        figure.add_subplot(len(lines), 1, number + 1, axes_class=DrawnAxes)
        for number in range(len(lines))
    ]
    for panel, line in zip(panels, lines, strict=True):
        panel.sharex(panels[0])
        _share_panel(panel, path.scale, line, of_code)
        count = line.statements["statement_id"].nunique()
        _finish(panel, f"{line.name}, n = {count}")
    figure.suptitle(fill(path.label, _LONGEST_TITLE), fontsize=9, x=0.01, ha="left")
    return panels[0]


def _lines(path: Trajectory) -> Iterator[_Line]:
    if path.by is None:
        yield _Line("", path.table, path.evidence)
        return
    for name, estimates in path.table.groupby(path.by, sort=False, observed=True):
        statements = path.evidence[path.evidence["line"] == name]
        yield _Line(str(name), estimates, statements)


def _inks_of(path: Trajectory, names: list[str]) -> Mapping[str, Ink]:
    """Return the ink of each line: of sides always the same, also where a line is all of one."""
    if path.by is not None:
        return inks(names, path.sides if path.by == "side" else ())
    sides = [str(side) for side in path.evidence["side"].dropna().unique()]
    if len(sides) == 1 and sides[0] in path.sides:
        return {"": Ink(inks(sides, path.sides)[sides[0]].colour, "solid")}
    return inks([""])


def _band(axes: Axes, estimates: pd.DataFrame, ink: Ink) -> None:
    """Draw a line and its interval, which stops where the line does."""
    known = estimates["estimate"].notna()
    low, high = (estimates[end].where(known).astype(float) for end in ("low", "high"))
    axes.fill_between(estimates["time"], low, high, color=ink.colour, alpha=0.16, linewidth=0)
    line = estimates["time"], estimates["estimate"]
    axes.plot(*line, color=ink.colour, linestyle=ink.dash, linewidth=1.6)
    is_alone = known & ~known.shift(fill_value=False) & ~known.shift(-1, fill_value=False)
    alone = estimates[is_alone]  # a point between two gaps, which makes no line
    axes.scatter(alone["time"], alone["estimate"], s=14, color=ink.colour, marker="D", linewidth=0)


def draw_statements(axes: Axes, marks: pd.DataFrame, scale: Scale, colour: str) -> None:
    """Draw statements as marks at their codes."""
    if marks.empty:
        return
    jitter = (np.arange(len(marks)) % 5 - 2) * _JITTER * scale.span
    height = marks["number"].to_numpy(dtype=float) + jitter
    axes.scatter(marks["middle"], height, s=9, color=colour, alpha=0.55, linewidth=0)


def scale_axis(axes: Axes, scale: Scale) -> None:
    """Show the codes of the scale, or some of many; and the neutral one as a line."""
    margin = _MARGIN * scale.span
    axes.set_ylim(scale.low - margin, scale.high + margin)
    fitting = (step for step in _STEPS if (len(scale.codes) - 1) // step < _MOST_TICKS)
    every = next(fitting, _STEPS[-1])
    shown = list(range(0, len(scale.codes), every))
    names = [_tick(scale, scale.codes[rank]) for rank in shown]
    axes.set_yticks(scale.numbers[shown], names)
    if scale.neutral is not None:
        axes.axhline(scale.middle, color="0.8", linewidth=0.8, zorder=0)
    if scale.is_numeric and any(scale.ends):
        axes.set_ylabel(_ends(scale), fontsize=7, color="0.35")


def _tick(scale: Scale, code: str) -> str:
    label = scale.label(code)
    return label if not scale.is_numeric and len(label) <= _LONGEST_TICK else scale.shown(code)


def _ends(scale: Scale) -> str:
    low, high = scale.ends
    if (low, high) == (scale.codes[0], scale.codes[-1]):
        return ""  # the ticks say so already
    return f"{low}  ←   →  {high}" if len(low + high) <= 2 * _LONGEST_TICK else ""


def _share_panel(axes: Axes, scale: Scale, line: _Line, of_code: Mapping[str, Ink]) -> None:
    said = [scale.key(position) for position in line.statements["position"]]
    names = []
    for number, code in enumerate(scale.codes):
        estimates = line.estimates[line.estimates["code"] == code]
        _band(axes, estimates, of_code[code])
        when = line.statements.loc[[given == code for given in said], "middle"]
        height = np.full(len(when), -_RUG * (number + 1))
        colour = of_code[code].colour
        axes.scatter(when, height, s=14, color=colour, marker="|", linewidth=0.8)
        label = scale.label(code)
        short = label if len(label) <= _LONGEST_NAME else scale.shown(code)
        last = estimates["estimate"].dropna().tail(1)
        names += [Name(f"{short} ({len(when)})", float(end), of_code[code]) for end in last]
    axes.set_ylim(-_RUG * (len(scale.codes) + 1), 1.03)
    axes.set_yticks([0, 0.5, 1], ["0%", "50%", "100%"])
    name_lines(axes, names)


def _finish(axes: Axes, title: str) -> None:
    axes.spines[["top", "right"]].set_visible(False)
    axes.tick_params(labelsize=8)
    axes.set_title(fill(title, _LONGEST_TITLE), fontsize=9, loc="left")
