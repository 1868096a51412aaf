"""The specification curve: results in order, and below which options made each."""

from __future__ import annotations

from collections.abc import Sequence
from textwrap import fill
from typing import TYPE_CHECKING

import numpy as np

from stancepack.plots.figure import new_axes
from stancepack.plots.inks import COLOURS

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

_WIDTH, _TOP, _LANE = 7.5, 2.2, 0.17  # inches; a lane is one option of a choice
_MARGIN = 0.9  # inches above and below
_GAP = 0.03  # of the height, between results and options
_INK = 600  # of the marks of a lane together: few are drawn larger
_RESULT, _USUAL = COLOURS[:2]
_LONGEST_TITLE = 95  # letters


def plot_specification_curve(
    table: pd.DataFrame, choices: Sequence[str], title: str, ax: Axes | None = None
) -> Axes:
    """Draw results in order above the options that they took.

    Parameters
    ----------
    table
        The choices and ``value``, ``low``, ``high``, ``usual``.
    choices
        The columns of the choices.
    title
        What stands above it.
    ax
        Where to draw; by default a figure of its own. The options stand below within its place.

    Returns
    -------
    matplotlib.axes.Axes
        The axes of the results.
    """
    ranked = table.dropna(subset=["value"]).sort_values("value", ignore_index=True)
    lanes = [(choice, option) for choice in choices for option in dict.fromkeys(table[choice])]
    below = _LANE * max(len(lanes), 1)
    axes = new_axes(_WIDTH, _TOP + below + _MARGIN) if ax is None else ax
    divided = axes.get_subplotspec()
    share = below / (_TOP + below)
    if divided is not None:
        grid = divided.subgridspec(2, 1, height_ratios=[1 - share, share], hspace=_GAP)
        axes.set_subplotspec(grid[0])
        bottom = axes.figure.add_subplot(grid[1], sharex=axes)
    else:
        bottom = axes.inset_axes((0, -share - _GAP, 1, share), sharex=axes)
    _results(axes, ranked)
    axes.set_title(fill(title, _LONGEST_TITLE), fontsize=9, loc="left")
    _options(bottom, ranked, lanes)
    axes.tick_params(labelsize=7, labelbottom=False)
    return axes


def _results(axes: Axes, ranked: pd.DataFrame) -> None:
    rank = np.arange(len(ranked))
    if ranked["low"].notna().any():
        low, high = ranked["low"].astype(float), ranked["high"].astype(float)
        axes.vlines(rank, low, high, color="0.75", linewidth=0.8)
    axes.scatter(rank, ranked["value"], s=6, color=_RESULT, zorder=2)
    usual = ranked.index[ranked["usual"].astype(bool)]
    ringed = axes.scatter(usual, ranked.loc[usual, "value"], s=60, facecolor="none", zorder=3)
    ringed.set(edgecolor=_USUAL, linewidth=1.4)
    if len(ranked) and ranked["value"].min() < 0 < ranked["value"].max():
        axes.axhline(0, color="0.8", linewidth=0.8, zorder=0)
    axes.set_ylabel("result (ringed: usual choices)", fontsize=7)
    axes.spines[["top", "right"]].set_visible(False)


def _options(axes: Axes, ranked: pd.DataFrame, lanes: Sequence[tuple[str, str]]) -> None:
    size = np.clip(_INK / max(len(ranked), 1), 2, 25)
    for lane, (choice, option) in enumerate(lanes):
        taken = np.flatnonzero((ranked[choice] == option).to_numpy())
        axes.scatter(taken, np.full(len(taken), lane), s=size, color="0.25", marker="|")
    names = [f"{choice}: {option}" for choice, option in lanes]
    axes.set_yticks(range(len(lanes)), names, fontsize=6.5)
    axes.invert_yaxis()
    axes.set_xlabel("specifications in order of their result", fontsize=8)
    axes.tick_params(axis="x", labelsize=7)
    axes.spines[["top", "right"]].set_visible(False)
