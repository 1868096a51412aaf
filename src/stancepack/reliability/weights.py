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
DISTANCES = ("jaccard", "masi")


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
                f"weights have the shape {matrix.shape}; there are {size} categories: {size} × {size}."
            )
        return matrix
    if weights not in WEIGHTS:
        raise StancepackError(
            f"weights {weights!r} are not known; {did_you_mean(weights, WEIGHTS)}"
        )
    if size < 2 or weights == "identity":
        return np.eye(size)
    one, other = numbers[:, None], numbers[None, :]
    low, high = numbers.min(), numbers.max()
    off = ~np.eye(size, dtype=bool)
    with np.errstate(divide="ignore", invalid="ignore"):
        match weights:
            case "linear":
                distance = np.abs(one - other)
            case "radical":
                distance = np.sqrt(np.abs(one - other))
            case "quadratic":
                distance = (one - other) ** 2
            case "ratio":
                distance = ((one - other) / (one + other)) ** 2 / ((high - low) / (high + low)) ** 2
            case "circular":
                distance = np.sin(np.pi * (one - other) / (high - low + 1)) ** 2
            case "bipolar":
                distance = (one - other) ** 2 / ((one + other - 2 * low) * (2 * high - one - other))
            case _:  # ordinal: the number of pairs of codes from one to the other
                steps = np.abs(np.arange(size)[:, None] - np.arange(size)[None, :]) + 1
                distance = steps * (steps - 1) / 2
    distance = np.where(off, distance, 0.0)
    if not np.isfinite(distance).all():
        raise StancepackError(
            f"weights {weights!r} are not defined for these categories; their values do not allow it."
        )
    return np.asarray(1 - (distance if weights == "ratio" else distance / distance.max()))


def distance_matrix(
    distance: str | ArrayLike | Callable[[Any, Any], float], categories: Sequence[Any]
) -> Floats:
    """Return the disagreement of every pair of codes: by name (for sets), from a matrix, or from a function of two codes."""
    size = len(categories)
    if isinstance(distance, str):
        if distance not in DISTANCES:
            raise StancepackError(
                f"distance {distance!r} is not known; {did_you_mean(distance, DISTANCES)}"
            )
        by_name = {"jaccard": jaccard, "masi": masi}[distance]
        return np.array(
            [[by_name(_set(one), _set(other)) for other in categories] for one in categories]
        ).reshape(size, size)
    if callable(distance):
        matrix = np.array(
            [[distance(one, other) for other in categories] for one in categories], dtype=float
        ).reshape(size, size)
    else:
        matrix = np.asarray(distance, dtype=float)
    if (
        matrix.shape != (size, size)
        or not np.allclose(matrix, matrix.T)
        or np.diagonal(matrix).any()
        or (matrix < 0).any()
    ):
        raise StancepackError(
            f"a distance is {size} × {size} for these {size} categories, symmetric, not negative, and 0 from a code to itself."
        )
    return matrix


def _set(code: Any) -> frozenset[Any]:
    return (
        code
        if isinstance(code, frozenset)
        else frozenset(code.split("|") if isinstance(code, str) else [code])
    )


def jaccard(one: frozenset[Any], other: frozenset[Any]) -> float:
    """Return the Jaccard distance of two sets of labels: 1 less the shared over the joint labels."""
    return 1 - len(one & other) / len(one | other) if one | other else 0.0


def masi(one: frozenset[Any], other: frozenset[Any]) -> float:
    """Return the MASI distance of two sets of labels: Jaccard, discounted by whether one contains the other (Passonneau 2006)."""
    if one == other:
        return 0.0
    factor = 2 / 3 if one <= other or other <= one else 1 / 3 if one & other else 0.0
    return 1 - factor * (1 - jaccard(one, other))
