"""How far two codes lie apart: weights of partial agreement, and distances for alpha."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from stancepack.errors import StancepackError, did_you_mean

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

    from stancepack.reliability.counts import Floats


WEIGHTS = ("identity", "linear", "quadratic", "ordinal", "radical", "ratio", "circular", "bipolar")


def weight_matrix(weights: str | ArrayLike, numbers: Floats) -> Floats:
    """Return the weights of pairs of codes, 1 on the diagonal.

    Parameters
    ----------
    weights
        ``"identity"``, ``"linear"``, ``"quadratic"``, ``"ordinal"``, ``"radical"``, ``"ratio"``,
        ``"circular"``, ``"bipolar"``, as Gwet defines them, or a symmetric matrix, categories ×
        categories.
    numbers
        The category values.

    Returns
    -------
    numpy.ndarray
        Categories × categories.

    Raises
    ------
    StancepackError
        If the name is not known or the matrix has another shape.

    References
    ----------
    Gwet, K. L. (2014). Handbook of Inter-Rater Reliability, 4th ed., ch. 3. Advanced Analytics.
    """
    size = len(numbers)
    if not isinstance(weights, str):
        matrix = np.asarray(weights, dtype=float)
        if matrix.shape != (size, size):
            raise StancepackError(
                f"weights have the shape {matrix.shape}; there are {size} categories: "
                f"{size} × {size}."
            )
        return matrix
    if weights not in WEIGHTS:
        raise StancepackError(
            f"weights {weights!r} are not known; {did_you_mean(weights, WEIGHTS)}"
        )
    if size < 2 or weights == "identity":
        return np.eye(size)
    with np.errstate(divide="ignore", invalid="ignore"):
        distance = _gwet_distance(weights, numbers)
    distance = np.where(np.eye(size, dtype=bool), 0.0, distance)
    if not np.isfinite(distance).all():
        raise StancepackError(
            f"weights {weights!r} are not defined for these categories; "
            "their values do not allow it."
        )
    return np.asarray(1 - (distance if weights == "ratio" else distance / distance.max()))


def _gwet_distance(weights: str, numbers: Floats) -> Floats:
    """Return what Gwet's weights take away from 1, before it is scaled to 1 at most."""
    row, column = numbers[:, None], numbers[None, :]
    low, high = numbers.min(), numbers.max()
    difference, total = row - column, row + column
    match weights:
        case "linear":
            distance = np.abs(difference)
        case "radical":
            distance = np.sqrt(np.abs(difference))
        case "quadratic":
            distance = difference**2
        case "ratio":
            distance = (difference / total) ** 2 / ((high - low) / (high + low)) ** 2
        case "circular":
            distance = np.sin(np.pi * difference / (high - low + 1)) ** 2
        case "bipolar":
            distance = difference**2 / ((total - 2 * low) * (2 * high - row - column))
        case _:  # ordinal: the number of pairs of codes from one to the other
            ranks = np.arange(len(numbers))
            steps = np.abs(ranks[:, None] - ranks[None, :]) + 1
            distance = steps * (steps - 1) / 2
    return np.asarray(distance)


def distance_matrix(
    distance: str | ArrayLike | Callable[[Any, Any], float], categories: Sequence[Any]
) -> Floats:
    """Return the disagreement of every two codes.

    By name (for sets), from a matrix, or from a function of two codes.
    """
    size = len(categories)
    if isinstance(distance, str):
        if distance not in DISTANCES:
            raise StancepackError(
                f"distance {distance!r} is not known; {did_you_mean(distance, DISTANCES)}"
            )
        return _of_pairs(DISTANCES[distance], [_label_set(code) for code in categories])
    if callable(distance):
        matrix = _of_pairs(distance, categories)
    else:
        matrix = np.asarray(distance, dtype=float)
    if (
        matrix.shape != (size, size)
        or not np.allclose(matrix, matrix.T)
        or np.diagonal(matrix).any()
        or (matrix < 0).any()
    ):
        raise StancepackError(
            f"a distance is {size} × {size} for these {size} categories, symmetric, "
            "not negative, and 0 from a code to itself."
        )
    return matrix


def _of_pairs(function: Callable[[Any, Any], float], codes: Sequence[Any]) -> Floats:
    size = len(codes)
    rows = [[function(code, other) for other in codes] for code in codes]
    return np.array(rows, dtype=float).reshape(size, size)


def _label_set(code: Any) -> frozenset[Any]:
    if isinstance(code, frozenset):
        return code
    return frozenset(code.split("|") if isinstance(code, str) else [code])


def jaccard(labels: frozenset[Any], others: frozenset[Any]) -> float:
    """Return the Jaccard distance of two sets of labels: 1 less the shared over the joint."""
    joint = labels | others
    return 1 - len(labels & others) / len(joint) if joint else 0.0


def masi(labels: frozenset[Any], others: frozenset[Any]) -> float:
    """Return the MASI distance of two sets of labels (Passonneau 2006).

    Jaccard's, discounted by whether one set contains the other.
    """
    if labels == others:
        return 0.0
    if not labels & others:
        return 1.0
    factor = 2 / 3 if labels <= others or others <= labels else 1 / 3
    return 1 - factor * (1 - jaccard(labels, others))


DISTANCES = {"jaccard": jaccard, "masi": masi}
