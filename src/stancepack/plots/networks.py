"""A network as a heat map."""

from __future__ import annotations

from textwrap import fill
from typing import TYPE_CHECKING

import numpy as np

from stancepack.plots.figure import new_axes

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes
    from numpy.typing import NDArray

CELL = 0.22  # inches a row
SMALLEST, LARGEST = 3.2, 11.0  # inches of a side
MARGIN = 1.6  # inches, for names and the bar of colours
LETTERS = 7  # points; fewer where rows are narrower
LETTERS_AN_INCH = 14  # of the title
POINTS = 72  # an inch
BOTH_WAYS, ONE_WAY = "PuOr", "Purples"  # told apart by colour-blind readers, and in print


def plot_network(matrix: pd.DataFrame, title: str, is_square: bool, ax: Axes | None = None) -> Axes:
    """Draw a matrix of weights as shades.

    Parameters
    ----------
    matrix
        Actors × actors, or actors × concepts.
    title
        What stands above it.
    is_square
        Whether rows and columns are the same actors: then those who stand together are drawn side
        by side, and the diagonal is blank.
    ax
        Where to draw; by default a figure of its own.

    Returns
    -------
    matplotlib.axes.Axes
        The axes drawn on.

    Examples
    --------
    >>> import pandas as pd
    >>> ties = pd.DataFrame([[0, 1.0], [1.0, 0]], index=["a", "b"], columns=["a", "b"])
    >>> [label.get_text() for label in plot_network(ties, "ties", True).get_yticklabels()]
    ['a', 'b']
    """
    if is_square:
        order = _side_by_side(matrix.to_numpy(dtype=float))
        matrix = matrix.iloc[order, order]
    height = float(np.clip(CELL * len(matrix), SMALLEST, LARGEST))
    width = float(np.clip(CELL * len(matrix.columns), SMALLEST, LARGEST))
    axes = new_axes(width + MARGIN, height + MARGIN) if ax is None else ax
    weights = matrix.to_numpy(dtype=float).copy()
    if is_square:
        np.fill_diagonal(weights, np.nan)
    largest = float(np.nanmax(np.abs(weights))) if np.isfinite(weights).any() else 1.0
    is_signed = bool((weights[np.isfinite(weights)] < 0).any())
    image = axes.imshow(
        weights,
        cmap=BOTH_WAYS if is_signed else ONE_WAY,
        vmin=-largest if is_signed else 0,
        vmax=largest or 1.0,
        aspect="auto",
    )
    fits = POINTS * height / max(len(matrix), 1) * 0.9, POINTS * width / len(matrix.columns) * 0.9
    axes.set_yticks(range(len(matrix)), [*matrix.index], fontsize=min(LETTERS, fits[0]))
    size = min(LETTERS, fits[1])
    axes.set_xticks(range(len(matrix.columns)), [*matrix.columns], rotation=90, fontsize=size)
    axes.tick_params(length=0)
    axes.set_title(fill(title, round(LETTERS_AN_INCH * width)), fontsize=8, loc="left")
    bar = axes.figure.colorbar(image, ax=axes, shrink=0.5, pad=0.02)
    bar.ax.tick_params(labelsize=LETTERS)
    return axes


def _side_by_side(weights: NDArray[np.float64]) -> list[int]:
    """Return an order in which those with like ties are neighbours, by the leading direction."""
    values, directions = np.linalg.eigh((weights + weights.T) / 2)
    leading = directions[:, np.argmax(values)]
    return [int(place) for place in np.argsort(leading, kind="stable")]
