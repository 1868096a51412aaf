"""How far two codes lie apart: weights of partial agreement, and distances for alpha."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from stancepack.errors import StancepackError, known_name
from stancepack.reliability.categories import PARTS, as_set, plain_code

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

    from stancepack.reliability.categories import Categories
    from stancepack.reliability.counts import Floats


WEIGHTS = ("identity", "linear", "quadratic", "ordinal", "radical", "ratio", "circular", "bipolar")


def weight_matrix(weights: str | ArrayLike, categories: Categories) -> Floats:
    """Return the weights of pairs of codes, 1 on the diagonal.

    Parameters
    ----------
    weights
        ``"identity"``, ``"linear"``, ``"quadratic"``, ``"ordinal"``, ``"radical"``, ``"ratio"``,
        ``"circular"``, ``"bipolar"``, as Gwet defines them, or a symmetric matrix, categories ×
        categories: a frame is read by its labels, an array by place.
    categories
        The codes, in their order.

    Returns
    -------
    numpy.ndarray
        Categories × categories.

    Raises
    ------
    StancepackError
        If the name is not known or the matrix does not fit.

    References
    ----------
    Gwet, K. L. (2014). Handbook of Inter-Rater Reliability, 4th ed., ch. 3. Advanced Analytics.
    """
    size, numbers = len(categories), categories.numbers
    if not isinstance(weights, str):
        matrix = _matrix("weights", weights, categories)
        if not (np.allclose(matrix, matrix.T) and np.allclose(np.diagonal(matrix), 1)):
            raise StancepackError("weights are symmetric, and 1 from a code to itself.")
        return matrix
    known_name("weights", weights, WEIGHTS)
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
    distance: str | ArrayLike | Callable[[Any, Any], float], categories: Categories
) -> Floats:
    """Return the disagreement of every two codes.

    By name (for sets), from a matrix (a frame by its labels, an array by place), or from a function
    of two codes.
    """
    if isinstance(distance, str):
        known_name("distance", distance, DISTANCES)
        return _of_pairs(DISTANCES[distance], label_sets(categories)[0])
    if callable(distance):
        matrix = _of_pairs(distance, categories)
    else:
        matrix = _matrix("distance", distance, categories)
    if not np.allclose(matrix, matrix.T) or np.diagonal(matrix).any() or (matrix < 0).any():
        raise StancepackError("a distance is symmetric, not negative, and 0 from a code to itself.")
    return matrix


def _matrix(what: str, given: Any, categories: Categories) -> Floats:
    """Return a matrix of pairs of codes: by label if it has labels, else by place."""
    size = len(categories)
    try:
        if isinstance(given, pd.DataFrame):
            given = _by_label(what, given, categories)
        matrix = np.array(given, dtype=float)
    except (TypeError, ValueError) as error:
        if isinstance(error, StancepackError):
            raise
        raise StancepackError(f"{what} should be a name or a matrix of numbers.") from None
    if matrix.shape != (size, size):
        raise StancepackError(
            f"{what} has the shape {matrix.shape}; there are {size} categories ({size} × {size}): "
            f"{categories.shown()}."
        )
    if not np.isfinite(matrix).all():
        raise StancepackError(f"{what} should be finite numbers throughout.")
    return matrix


def _by_label(what: str, given: pd.DataFrame, categories: Categories) -> pd.DataFrame:
    """Return a labelled matrix in the order of the categories; refuse labels that do not fit."""
    parts = categories.parts if categories.has_sets else None
    named = [code if categories.has_sets else plain_code(code, None) for code in categories]
    places = []
    for labels in (given.index, given.columns):
        codes = [plain_code(label, parts) for label in labels]
        place_of = {
            as_set(code) if categories.has_sets else code: n for n, code in enumerate(codes)
        }
        absent = [code for code in named if code not in place_of]
        if absent or len(place_of) < len(codes):
            raise StancepackError(
                f"the labels of {what} should be the codes, each once; "
                f"{f'{absent[0]!r} is not among them' if absent else 'one comes twice'}."
            )
        unknown = [code for code in place_of if code not in set(named)]
        if unknown and what == "weights":  # chance depends on their number
            raise StancepackError(
                f"weights has the label {unknown[0]!r}, which is no code here; if it could have "
                "been used, write order=[…] with all codes."
            )
        places.append([place_of[code] for code in named])
    return given.iloc[places[0], places[1]]


def _of_pairs(function: Callable[[Any, Any], float], codes: Sequence[Any]) -> Floats:
    size = len(codes)
    try:
        rows = [[float(function(code, other)) for other in codes] for code in codes]
    except Exception as error:  # whatever the caller's function raises
        raise StancepackError(
            f"the distance cannot be reckoned for these codes: {error}"
        ) from error
    matrix = np.array(rows, dtype=float).reshape(size, size)
    if not np.isfinite(matrix).all():
        raise StancepackError("a distance should be a finite number for every two codes.")
    return matrix


# ------------------------------------------------------------------------------------------------
# sets of labels


_SIGNS = "#;,"  # that other programs put between labels


def label_sets(categories: Categories) -> tuple[list[frozenset[Any]], str]:
    """Return each code as a set of labels, and what is to be said of how they were parted.

    Text that was not parted when it was read may still hold several labels: JSON, or labels between
    one of the usual signs, where a label of one cell stands in another cell too.
    """
    plain = [as_set(code) for code in categories]
    if categories.has_sets or categories.parts != PARTS:
        return plain, ""
    of_json = [_labels_of_json(code) for code in categories]
    if any(labels is not None for labels in of_json):
        sets = [
            own if labels is None else labels for own, labels in zip(plain, of_json, strict=True)
        ]
        return sets, "Codes that are JSON were read as lists of labels."
    signs = [sign for sign in _SIGNS if any(sign in str(code) for code in categories)]
    sets_by_sign = {sign: [_parted(code, sign) for code in categories] for sign in signs}
    shared = [sign for sign, sets in sets_by_sign.items() if _share_labels(sets)]
    if len(shared) > 1:
        raise StancepackError(
            f"labels seem to be parted by {' and '.join(map(repr, shared))}; write parts= with the "
            "sign between labels, or parts=None if every cell is one label."
        )
    if not shared:
        return plain, ""
    note = f"No code has {PARTS!r}: labels were parted by {shared[0]!r}, as parts= would say."
    return sets_by_sign[shared[0]], note


def _labels_of_json(code: Any) -> frozenset[Any] | None:
    """Return the labels of a list, or of the one list of an object; nothing of other text."""
    if not isinstance(code, str) or code[:1] not in ("[", "{"):
        return None
    try:
        value = json.loads(code)
    except ValueError:
        return None
    if isinstance(value, dict) and len(value) == 1:
        (value,) = value.values()
    if not isinstance(value, list) or any(isinstance(label, list | dict) for label in value):
        return None
    return frozenset(plain_code(label, None) for label in value) - {None}


def _parted(code: Any, sign: str) -> frozenset[Any]:
    labels = code.split(sign) if isinstance(code, str) else [code]
    return frozenset(plain_code(label, None) for label in labels) - {None}


def _share_labels(sets: Sequence[frozenset[Any]]) -> bool:
    """Return whether a set of several labels has one in common with another code's."""
    for number, labels in enumerate(sets):
        others = [*sets[:number], *sets[number + 1 :]]
        if len(labels) > 1 and any(labels & other for other in others):
            return True
    return False


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
