"""Positions over time: lines with their intervals, and the statements as marks."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np

from stancepack.errors import StancepackError
from stancepack.plots.figure import drawing
from stancepack.plots.inks import inks

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from stancepack.dataset.scales import Scale
    from stancepack.positions.trajectory import Trajectory

_WIDTH, _HEIGHT, _PANEL = 7.0, 3.4, 2.6  # inches
_MOST_TICKS = 13  # codes that an axis shows by name
_STEPS = (1, 2, 5, 10, 20, 50, 100)  # of many codes every second, fifth …
_LONGEST_TICK = 16  # letters of a code's label that still fit beside an axis
_MARGIN = 0.075  # of the span above and below the outer codes
_JITTER = 0.0125  # of the span, so that statements of one day are seen
_NAMED_AT_END = 4  # lines that are named at their ends; more have a legend
_RUG = 0.05  # between rows of marks below the shares


def draw_trajectory(path: Trajectory, axes: Axes | None = None) -> Figure | Axes:
    """Draw a line for each actor or side on the issue's scale."""
    figure = None
    if axes is None:
        figure = drawing(_WIDTH, _HEIGHT)
        axes = figure.add_subplot()
    lines = list(_lines(path))
    for (name, estimates, marks), (colour, dash) in zip(lines, inks(len(lines)), strict=True):
        _band(axes, estimates, colour, dash, name)
        _statements(axes, marks, path.scale, colour)
        if 1 < len(lines) <= _NAMED_AT_END:
            _name_at_end(axes, estimates, name, colour)
    if len(lines) > _NAMED_AT_END:
        _legend(axes, path.by or "")
    _scale_axis(axes, path.scale)
    _finish(axes, path.attrs.get("label", ""))
    return axes if figure is None else figure


def draw_shares(path: Trajectory, axes: Axes | None = None) -> Figure | Axes:
    """Draw a line for each code; a panel for each actor or side."""
    lines = list(_lines(path))
    if axes is not None:
        if len(lines) > 1:
            what = f"shares of {len(lines)} lines do not go into one axes"
            raise StancepackError(f"{what}; draw one of them, or leave axes out.")
        _share_panel(axes, path, lines[0])
        _finish(axes, path.attrs.get("label", ""))
        _legend(axes, "")
        return axes
    figure = drawing(_WIDTH, _PANEL * len(lines) + 0.8)
    panels = figure.subplots(len(lines), 1, sharex=True, sharey=True, squeeze=False)[:, 0]
    for panel, line in zip(panels, lines, strict=True):
        _share_panel(panel, path, line)
        _finish(panel, line[0])
    _legend(panels[0], "")
    figure.suptitle(path.attrs.get("label", ""), fontsize=9, x=0.01, ha="left")
    return figure


Line = tuple[str, "pd.DataFrame", "pd.DataFrame"]  # its name, estimates and statements


def _lines(path: Trajectory) -> Iterator[Line]:
    statements = path.evidence
    if path.by is None or path.by not in path:
        yield "", path, statements
        return
    for name, estimates in path.groupby(path.by, sort=False, observed=True):
        marks = statements[statements["line"] == name] if len(statements) else statements
        yield str(name), estimates, marks


def _band(axes: Axes, estimates: pd.DataFrame, colour: str, dash: str, name: str) -> None:
    low, high = estimates["low"], estimates["high"]
    axes.fill_between(estimates["time"], low, high, color=colour, alpha=0.16, linewidth=0)
    axes.plot(
        estimates["time"], estimates["estimate"], color=colour, ls=dash, linewidth=1.6, label=name
    )


def _statements(axes: Axes, marks: pd.DataFrame, scale: Scale, colour: str) -> None:
    if marks.empty:
        return
    jitter = (np.arange(len(marks)) % 5 - 2) * _JITTER * scale.span
    height = marks["number"].to_numpy(dtype=float) + jitter
    axes.scatter(marks["middle"], height, s=9, color=colour, alpha=0.55, linewidth=0)


def _name_at_end(axes: Axes, estimates: pd.DataFrame, name: str, colour: str) -> None:
    last = estimates.dropna(subset=["estimate"]).tail(1)
    if len(last):
        end = (last["time"].iloc[0], last["estimate"].iloc[0])
        axes.annotate(f" {name}", end, color=colour, fontsize=8, va="center")


def _scale_axis(axes: Axes, scale: Scale) -> None:
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


def _share_panel(axes: Axes, path: Trajectory, line: Line) -> None:
    _, estimates, statements = line
    scale = path.scale
    codes = zip(scale.codes, inks(len(scale.codes)), strict=True)
    for number, (code, (colour, dash)) in enumerate(codes):
        of_code = estimates[estimates["code"] == code]
        _band(axes, of_code, colour, dash, scale.label(code))
        if len(statements):
            said = statements[[scale.key(position) == code for position in statements["position"]]]
            height = np.full(len(said), -_RUG * (number + 1))
            axes.scatter(said["middle"], height, s=14, color=colour, marker="|", linewidth=0.8)
    axes.set_ylim(-_RUG * (len(scale.codes) + 1), 1.03)
    axes.set_yticks([0, 0.25, 0.5, 0.75, 1], ["0", "25 %", "50 %", "75 %", "100 %"])
    axes.axhline(0, color="0.8", linewidth=0.8, zorder=0)


def _legend(axes: Axes, title: str) -> None:
    legend = axes.legend(title=title, fontsize=7, loc="upper left", bbox_to_anchor=(1.0, 1.0))
    legend.set_frame_on(False)
    legend.get_title().set_fontsize(7)


def _finish(axes: Axes, title: str) -> None:
    axes.spines[["top", "right"]].set_visible(False)
    axes.tick_params(labelsize=8)
    axes.set_title(title, fontsize=9, loc="left")
