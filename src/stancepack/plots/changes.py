"""What changed: statements before and after an event, and the months in which a level may turn."""

from __future__ import annotations

from textwrap import fill
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from stancepack.plots.figure import new_axes
from stancepack.plots.inks import COLOURS, inks
from stancepack.plots.trajectory import draw_statements, scale_axis

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from stancepack.positions.change_points import ChangePoints
    from stancepack.positions.events import EventEffect

_WIDTH, _HEIGHT = 7.5, 3.6  # inches
_MONTH = 25  # days of a bar
_LONGEST_TITLE = 95  # letters


def plot_event_effect(effect: EventEffect, ax: Axes | None = None) -> Axes:
    """Draw statements, the means of both sides, and the event between them."""
    axes = new_axes(_WIDTH, _HEIGHT) if ax is None else ax
    colour = colour_of(effect)
    reach = pd.Timedelta(days=effect.window)
    first, last = effect.days
    draw_statements(axes, effect.evidence, effect.scale, colour)
    for mean, ends in (
        (effect.before, (first - reach, first)),
        (effect.after, (last, last + reach)),
    ):
        axes.plot(ends, [mean, mean], color=colour, linewidth=1.8)
    axes.axvspan(first, last + pd.Timedelta(days=1), color="0.6", alpha=0.6, linewidth=0)
    scale_axis(axes, effect.scale)
    axes.annotate(f" {effect.event}", (last, axes.get_ylim()[1]), fontsize=8, color="0.3", va="top")
    _finish(axes, effect.label)
    return axes


def plot_change_points(changes: ChangePoints, ax: Axes | None = None) -> Axes:
    """Draw the probability of a change in each month, above the statements."""
    axes = new_axes(_WIDTH, _HEIGHT) if ax is None else ax
    colour = colour_of(changes)
    axes.bar(changes.table["time"], changes.table["probability"], width=_MONTH, color=colour)
    highest = float(changes.table["probability"].max()) if len(changes.table) else 1.0
    when = changes.evidence["middle"]
    axes.scatter(when, np.full(len(when), -highest / 20), marker="|", s=20, color="0.4")
    axes.set_ylim(-highest / 10, highest * 1.1)
    axes.set_ylabel("probability of a change in the month", fontsize=8)
    axes.set_xlabel("marks: statements", fontsize=8)
    _finish(axes, repr(changes))
    return axes


def colour_of(result: Any) -> str:
    """Return the colour of the side whose statements these are; the first one if of several."""
    sides = [str(side) for side in result.evidence["side"].dropna().unique()]
    if len(sides) == 1 and sides[0] in result.sides:
        return inks(sides, result.sides)[sides[0]].colour
    return COLOURS[0]


def _finish(axes: Axes, title: str) -> None:
    axes.spines[["top", "right"]].set_visible(False)
    axes.tick_params(labelsize=8)
    axes.set_title(fill(title, _LONGEST_TITLE), fontsize=9, loc="left")
