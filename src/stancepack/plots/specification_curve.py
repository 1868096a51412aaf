"""The specification curve: results in order, and below which choices made each."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from stancepack.plots.figure import drawing

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_WIDTH, _TOP, _LANE = 7.5, 2.2, 0.17  # inches; a lane is one option of a choice
_INK = 600  # of the marks of a lane together: few are drawn larger
_RESULT, _USUAL = "#0072B2", "#D55E00"


def draw_specification_curve(table: pd.DataFrame, choices: Sequence[str]) -> Figure:
    """Draw results in order above the options that they took.

    The table has the choices and ``value``, ``low``, ``high``, ``usual``.
    """
    ranked = table.dropna(subset=["value"]).sort_values("value", ignore_index=True)
    present = [choice for choice in choices if choice in table]
    lanes = [(choice, option) for choice in present for option in dict.fromkeys(table[choice])]
    figure = drawing(_WIDTH, _TOP + 0.6 + _LANE * len(lanes))
    heights = [_TOP, max(_LANE * len(lanes), _LANE)]
    top, bottom = figure.subplots(2, 1, sharex=True, height_ratios=heights)
    _results(top, ranked)
    top.set_title(_title(ranked, len(table) - len(ranked)), fontsize=9, loc="left")
    size = np.clip(_INK / max(len(ranked), 1), 2, 25)
    for lane, (choice, option) in enumerate(lanes):
        taken = np.flatnonzero((ranked[choice] == option).to_numpy())
        bottom.scatter(taken, np.full(len(taken), lane), s=size, color="0.25", marker="|")
    names = [f"{choice}: {option}" for choice, option in lanes]
    bottom.set_yticks(range(len(lanes)), names, fontsize=6.5)
    bottom.invert_yaxis()
    bottom.set_xlabel("specifications in order of their result", fontsize=8)
    for axes in (top, bottom):
        axes.spines[["top", "right"]].set_visible(False)
        axes.tick_params(axis="x", labelsize=7)
    top.tick_params(labelsize=7)
    return figure


def _results(axes: Axes, ranked: pd.DataFrame) -> None:
    place = np.arange(len(ranked))
    if ranked["low"].notna().any():
        low, high = ranked["low"].astype(float), ranked["high"].astype(float)
        axes.vlines(place, low, high, color="0.75", linewidth=0.8)
    axes.scatter(place, ranked["value"], s=6, color=_RESULT, zorder=2)
    usual = ranked.index[ranked["usual"]]
    ringed = axes.scatter(usual, ranked.loc[usual, "value"], s=60, facecolor="none", zorder=3)
    ringed.set(edgecolor=_USUAL, linewidth=1.4)
    if len(ranked) and ranked["value"].min() < 0 < ranked["value"].max():
        axes.axhline(0, color="0.8", linewidth=0.8, zorder=0)


def _title(ranked: pd.DataFrame, failed: int) -> str:
    if ranked.empty:
        return f"no result under any of {failed} specifications"
    value = ranked["value"]
    spread = f"median {value.median():.2f}, from {value.min():.2f} to {value.max():.2f}"
    return f"{len(ranked)} specifications: {spread}" + (f"; {failed} gave none" if failed else "")
