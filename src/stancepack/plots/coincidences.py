"""Which codes stood beside which."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from stancepack.plots.figure import new_axes

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

CELL = 0.62  # inches a code
MARGIN = 1.6, 0.9  # inches for names and labels, and more of them beside the matrix
NARROWEST = 5.0  # inches, so that the title has room
LIGHT_TEXT = 0.6  # of a row, from which a cell is too dark for black
DARKEST = 1.25  # the share that would be black: a full row stays readable


def plot_coincidences(coincidences: pd.DataFrame, title: str = "", ax: Axes | None = None) -> Axes:
    """Draw a coincidence matrix: which codes stood beside which, with the number of pairs.

    Parameters
    ----------
    coincidences
        Codes × codes: how many pairs, as `diagnose` gives them.
    title
        What stands above it.
    ax
        Where to draw; by default a figure of its own.

    Returns
    -------
    matplotlib.axes.Axes
        The axes drawn on. Cells on the diagonal are agreement. Shade is the share of the row, so
        that rare codes can be read too.

    Examples
    --------
    >>> import pandas as pd
    >>> matrix = pd.DataFrame([[8.0, 1.0], [1.0, 4.0]], index=["no", "yes"], columns=["no", "yes"])
    >>> [text.get_text() for text in plot_coincidences(matrix).texts]
    ['8', '1', '1', '4']
    """
    matrix = coincidences.to_numpy()
    names = [str(name) for name in coincidences.index]
    if ax is None:
        height = MARGIN[0] + CELL * len(names)
        axes = new_axes(max(height + MARGIN[1], NARROWEST), height)
    else:
        axes = ax
    with np.errstate(invalid="ignore", divide="ignore"):
        share = np.nan_to_num(matrix / matrix.sum(axis=1, keepdims=True))
    axes.imshow(share, cmap="Greys", vmin=0, vmax=DARKEST)
    for row, column in np.argwhere(matrix > 0):
        axes.text(
            column,
            row,
            f"{matrix[row, column]:.4g}",
            ha="center",
            va="center",
            color="white" if share[row, column] > LIGHT_TEXT else "black",
            fontsize=9,
        )
    axes.set_xticks(range(len(names)), names)
    axes.set_yticks(range(len(names)), names)
    axes.set_xlabel("code of another coder")
    axes.set_ylabel("code of one coder")
    axes.set_title(title, fontsize=9, loc="left")
    return axes
