r"""Coefficients of agreement as functions of how many units have each pattern of codes.

`estimator` returns for a coefficient a function from weights (replicates × patterns: how many units have each pattern)
to values (one for each replicate), so that a point estimate, a bootstrap and a jackknife are the same few matrix products.

Notation as in Gwet (2014): :math:`r_{ik}` coders gave unit :math:`i` the code :math:`k`, :math:`r_i` coders coded it,
:math:`w_{kl}` is the weight of a pair of codes. Units with one code count in the margins of the kappas, not in the observed
agreement.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import combinations
from typing import TYPE_CHECKING, Any

import numpy as np

from stancepack.errors import StancepackError, did_you_mean

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

    from stancepack.patterns import Floats, Patterns

Estimate = Callable[["Floats"], "Floats"]

TWO_CODERS = ("cohen_kappa", "scott_pi")
BY_CODER = ("conger_kappa", "light_kappa", *TWO_CODERS, "icc1", "icc_agreement", "icc_consistency")
BY_NUMBER = ("icc1", "icc_agreement", "icc_consistency")
GWET = ("percent", "fleiss_kappa", "ac1", "ac2", "brennan_prediger", "conger_kappa")
COEFFICIENTS = ("alpha", *GWET, "percent_pairs", "light_kappa", *TWO_CODERS, *BY_NUMBER)
WEIGHTS = ("identity", "linear", "quadratic", "ordinal", "radical", "ratio", "circular", "bipolar")
DISTANCES = ("jaccard", "masi")
_MANY = 200  # categories from which squared differences go by moments and pairs by coders


def weight_matrix(weights: str | ArrayLike, numbers: Floats) -> Floats:
    """Return the weights of pairs of codes, 1 on the diagonal.

    Parameters
    ----------
    weights
        ``"identity"``, ``"linear"``, ``"quadratic"``, ``"ordinal"``, ``"radical"``, ``"ratio"``, ``"circular"``,
        ``"bipolar"``, as Gwet defines them, or a symmetric matrix, categories × categories.
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
            raise StancepackError(f"weights have the shape {matrix.shape}; there are {size} categories: {size} × {size}.")
        return matrix
    if weights not in WEIGHTS:
        raise StancepackError(f"weights {weights!r} are not known; {did_you_mean(weights, WEIGHTS)}")
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
        raise StancepackError(f"weights {weights!r} are not defined for these categories; their values do not allow it.")
    return np.asarray(1 - (distance if weights == "ratio" else distance / distance.max()))


def distance_matrix(distance: str | ArrayLike | Callable[[Any, Any], float], categories: Sequence[Any]) -> Floats:
    """Return the disagreement of every pair of codes: by name (for sets), from a matrix, or from a function of two codes."""
    size = len(categories)
    if isinstance(distance, str):
        if distance not in DISTANCES:
            raise StancepackError(f"distance {distance!r} is not known; {did_you_mean(distance, DISTANCES)}")
        by_name = {"jaccard": jaccard, "masi": masi}[distance]
        return np.array([[by_name(_set(one), _set(other)) for other in categories] for one in categories]).reshape(size, size)
    if callable(distance):
        matrix = np.array([[distance(one, other) for other in categories] for one in categories], dtype=float).reshape(size, size)
    else:
        matrix = np.asarray(distance, dtype=float)
    if matrix.shape != (size, size) or not np.allclose(matrix, matrix.T) or np.diagonal(matrix).any() or (matrix < 0).any():
        raise StancepackError(
            f"a distance is {size} × {size} for these {size} categories, symmetric, not negative, and 0 from a code to itself."
        )
    return matrix


def _set(code: Any) -> frozenset[Any]:
    return code if isinstance(code, frozenset) else frozenset(code.split("|") if isinstance(code, str) else [code])


def jaccard(one: frozenset[Any], other: frozenset[Any]) -> float:
    """Return the Jaccard distance of two sets of labels: 1 less the shared over the joint labels."""
    return 1 - len(one & other) / len(one | other) if one | other else 0.0


def masi(one: frozenset[Any], other: frozenset[Any]) -> float:
    """Return the MASI distance of two sets of labels: Jaccard, discounted by whether one contains the other (Passonneau 2006)."""
    if one == other:
        return 0.0
    factor = 2 / 3 if one <= other or other <= one else 1 / 3 if one & other else 0.0
    return 1 - factor * (1 - jaccard(one, other))


# ------------------------------------------------------------------------------------------------ estimators


def estimator(p: Patterns, coefficient: str, level: str, weights: Floats, distance: Floats | None) -> Estimate:
    """Return the function from weights of the patterns (replicates × patterns) to the coefficient's values."""
    match coefficient:
        case "alpha":
            return _alpha(p, level, distance)
        case "percent_pairs":
            return _percent_pairs(p)
        case "cohen_kappa" | "scott_pi":
            return _two_coders(p, 0, 1, coefficient, weights)
        case "light_kappa":
            pairs = [_two_coders(p, i, j, "cohen_kappa", weights) for i, j in combinations(range(len(p.coders)), 2)]
            return lambda units: np.mean([pair(units) for pair in pairs], axis=0)
        case "icc1" | "icc_agreement" | "icc_consistency":
            return _intraclass(p, coefficient)
        case _:
            return _gwet(p, coefficient, weights)


def needs_weights(coefficient: str) -> bool:
    """Whether a coefficient counts pairs of categories by a matrix of weights."""
    return coefficient not in ("alpha", "percent_pairs", *BY_NUMBER)


def _gwet(p: Patterns, coefficient: str, weights: Floats) -> Estimate:
    share, pairable = _observed(p, weights)
    expected = _expected(p, coefficient, weights)

    def estimate(units: Floats) -> Floats:
        with np.errstate(divide="ignore", invalid="ignore"):
            observed = units @ share / (units @ pairable)
            if coefficient == "percent":
                return np.asarray(observed)
            chance = expected(units)
            return np.where(chance < 1 - 1e-12, (observed - chance) / (1 - chance), np.nan)

    return estimate


def _observed(p: Patterns, weights: Floats | None) -> tuple[Floats, Floats]:
    """Return for each pattern the (weighted) share of agreeing pairs, and whether it has a pair."""
    size = p.size
    pairs = size * (size - 1)
    if weights is None:
        agreeing = np.zeros(len(p.codes))
        for one, other in combinations(p.codes.T, 2):
            agreeing += 2 * ((one >= 0) & (one == other))
    else:
        agreeing = (p.counts * (p.counts @ weights - np.diagonal(weights))).sum(axis=1)
    pairable = size >= 2
    return np.where(pairable, agreeing / np.where(pairable, pairs, 1), 0.0), pairable.astype(float)


def _shares(p: Patterns) -> Floats:
    return p.counts / p.size[:, None]


def _expected(p: Patterns, coefficient: str, weights: Floats) -> Estimate:
    """Return the function to the agreement expected by chance."""
    width = len(p.categories)
    if coefficient == "brennan_prediger":
        return lambda units: np.full(len(units), weights.sum() / width**2)
    if coefficient == "conger_kappa":
        by_coder, coders = _by_coder(p)

        def conger(units: Floats) -> Floats:
            given = (units @ by_coder).reshape(len(units), coders, width)
            shares = given / given.sum(axis=2, keepdims=True)
            mean = shares.mean(axis=1)
            both = np.einsum("rgk,kl,rgl->r", shares, weights, shares)
            alike = np.einsum("rk,kl,rl->r", mean, weights, mean)
            return np.asarray(alike - (both - coders * alike) / (coders - 1) / coders)

        return conger
    shares = _shares(p)

    def margins(units: Floats) -> Floats:
        return np.asarray(units @ shares / units.sum(axis=1, keepdims=True))

    if coefficient == "fleiss_kappa":
        return lambda units: np.einsum("rk,kl,rl->r", margins(units), weights, margins(units))
    # AC1 and AC2
    scale = weights.sum() / (width * (width - 1)) if width > 1 else np.nan
    return lambda units: scale * (margins(units) * (1 - margins(units))).sum(axis=1)


def _by_coder(p: Patterns) -> tuple[Floats, int]:
    """Return patterns × (coders · categories): 1 where the coder gave the code."""
    width, coders = len(p.categories), len(p.coders)
    out = np.zeros((len(p.codes), coders * width))
    for coder, column in enumerate(p.codes.T):
        rows = np.flatnonzero(column >= 0)
        out[rows, coder * width + column[rows]] = 1.0
    return out, coders


def _two_coders(p: Patterns, i: int, j: int, coefficient: str, weights: Floats) -> Estimate:
    width = len(p.categories)
    one, other = p.codes[:, i], p.codes[:, j]
    both = np.flatnonzero((one >= 0) & (other >= 0))
    joint = np.zeros((len(p.codes), width * width))
    joint[both, one[both] * width + other[both]] = 1.0

    def estimate(units: Floats) -> Floats:
        with np.errstate(divide="ignore", invalid="ignore"):
            table = (units @ joint).reshape(len(units), width, width)
            table = table / table.sum(axis=(1, 2), keepdims=True)
            observed = (table * weights).sum(axis=(1, 2))
            rows, columns = table.sum(axis=2), table.sum(axis=1)
            if coefficient == "scott_pi":
                rows = columns = (rows + columns) / 2
            expected = np.einsum("rk,kl,rl->r", rows, weights, columns)
            return np.where(expected < 1 - 1e-12, (observed - expected) / (1 - expected), np.nan)

    return estimate


def _percent_pairs(p: Patterns) -> Estimate:
    share, pairable = _observed(p, None)
    codes = p.size * pairable
    return lambda units: np.asarray(units @ (share * codes) / (units @ codes))


def _alpha(p: Patterns, level: str, distance: Floats | None) -> Estimate:
    """Krippendorff's alpha; NaN where all pairable codes are the same."""
    if distance is None and level in ("ordinal", "interval"):
        return _alpha_by_moments(p, level)
    pairable = p.size >= 2
    size = np.where(pairable, p.size, 2.0)
    width = len(p.categories)
    if distance is None:
        one, other = p.numbers[:, None], p.numbers[None, :]
        distance = (one != other).astype(float)
        if level == "ratio":
            total = one + other
            distance = np.where(total == 0, 0.0, (one - other) / np.where(total == 0, 1, total)) ** 2
    counts = p.counts * pairable[:, None]
    within = (counts @ distance * counts).sum(axis=1) / (size - 1)

    def estimate(units: Floats) -> Floats:
        margins = units @ counts
        total = margins.sum(axis=1)
        with np.errstate(divide="ignore", invalid="ignore"):
            observed = units @ within / total
            expected = (margins @ distance * margins).sum(axis=1) / (total * (total - 1))
            return np.where(((margins > 0).sum(axis=1) > 1) & (expected > 0), 1 - observed / expected, np.nan)

    if width == 0:
        return lambda units: np.full(len(units), np.nan)
    return estimate


def _alpha_by_moments(p: Patterns, level: str) -> Estimate:
    """Alpha of squared differences without a table of pairs: by sums and sums of squares.

    The ordinal metric is the interval metric on the mid-ranks of the margins. Interval scores are centred, for squares of
    large numbers would drown the differences.
    """
    pairable = p.size >= 2
    size = np.where(pairable, p.size, 2.0)
    pairs = p.size * pairable
    width = len(p.categories)
    rows, coders = np.nonzero((p.codes >= 0) & pairable[:, None])
    places = p.codes[rows, coders]

    def sums(scores: Floats) -> tuple[Any, Any]:
        one = np.bincount(rows, weights=scores[places], minlength=len(p.codes))
        return one, np.bincount(rows, weights=scores[places] ** 2, minlength=len(p.codes))

    def figure(observed: Any, total: Any, mean: Any, square: Any) -> Floats:
        with np.errstate(divide="ignore", invalid="ignore"):
            spread = total * square - mean**2
            expected = 2 * spread / (total * (total - 1))
            return np.where(spread > 1e-12 * total * square, 1 - observed / total / expected, np.nan)

    if level == "interval" or width == 0:
        scores = p.numbers - p.numbers.mean() if width else p.numbers
        first, second = sums(scores) if width else (np.zeros(len(p.codes)), np.zeros(len(p.codes)))
        within = np.where(pairable, 2 * (size * second - first**2) / (size - 1), 0.0)
        return lambda units: figure(units @ within, units @ pairs, units @ first, units @ second)

    def many(units: Floats) -> Floats:
        out = np.empty(len(units))
        for place, row in enumerate(units):
            margins = np.bincount(places, weights=row[rows], minlength=width)
            scores = np.cumsum(margins) - margins / 2
            scores -= scores.mean()
            first, second = sums(scores)
            within = np.where(pairable, 2 * (size * second - first**2) / (size - 1), 0.0)
            out[place] = figure(row @ within, row @ pairs, margins @ scores, margins @ scores**2)
        return out

    if width > _MANY:
        return many
    counts = p.counts * pairable[:, None]

    def few(units: Floats) -> Floats:
        margins = units @ counts
        scores = np.cumsum(margins, axis=1) - margins / 2
        scores -= scores.mean(axis=1, keepdims=True)
        first, second = scores @ counts.T, scores**2 @ counts.T
        observed = (units * (2 * (size * second - first**2) / (size - 1))).sum(axis=1)
        return figure(observed, margins.sum(axis=1), (margins * scores).sum(axis=1), (margins * scores**2).sum(axis=1))

    return few


def _intraclass(p: Patterns, coefficient: str) -> Estimate:
    """Intraclass correlations of complete data: mean squares of units, coders and the rest."""
    if (p.codes < 0).any():
        raise StancepackError(f"{coefficient} needs every unit coded by every coder; choose such units, or take interval alpha.")
    values = p.numbers[p.codes] if len(p.codes) else np.zeros((0, len(p.coders)))
    values = values - (values.mean() if values.size else 0)
    coders = len(p.coders)
    means, squares = values.mean(axis=1), (values**2).sum(axis=1)

    def estimate(units: Floats) -> Floats:
        n = units.sum(axis=1)
        grand = units @ means / n
        of_coders = units @ values / n[:, None]
        between = coders * (units @ means**2 - n * grand**2)
        by_coder = n * ((of_coders - grand[:, None]) ** 2).sum(axis=1)
        total = units @ squares - n * coders * grand**2
        with np.errstate(divide="ignore", invalid="ignore"):
            rows = between / (n - 1)
            if coefficient == "icc1":
                within = (total - between) / (n * (coders - 1))
                value = (rows - within) / (rows + (coders - 1) * within)
            else:
                rest = (total - between - by_coder) / ((n - 1) * (coders - 1))
                bias = coders * (by_coder / (coders - 1) - rest) / n if coefficient == "icc_agreement" else 0.0
                value = (rows - rest) / (rows + (coders - 1) * rest + bias)
        return np.where(total > 1e-12, value, np.nan)

    return estimate


# ------------------------------------------------------------------------------------------------ analytic errors


def standard_error(p: Patterns, coefficient: str, weights: Floats) -> float:
    """Return Gwet's standard error of a coefficient, which treats the coders as given; none is agreed upon for alpha.

    References
    ----------
    Gwet, K. L. (2008). Computing inter-rater reliability and its variance in the presence of high agreement. British Journal
    of Mathematical and Statistical Psychology 61, 29–48. https://doi.org/10.1348/000711006X126600

    Fleiss, J. L., Cohen, J., & Everitt, B. S. (1969). Large sample standard errors of kappa and weighted kappa.
    Psychological Bulletin 72, 323–327. https://doi.org/10.1037/h0028106
    """
    if coefficient in TWO_CODERS:
        return _two_coder_error(p, coefficient, weights)
    if coefficient not in GWET:
        raise StancepackError(
            f"{coefficient} has no analytic standard error that is agreed upon; take interval='bca' or 'jackknife'."
        )
    units, n = p.units, p.units.sum()
    share, pairable = _observed(p, weights)
    paired = units @ pairable
    observed = float(units @ share / paired)
    if coefficient == "percent":
        terms = share * n / paired
        return float(np.sqrt(units @ (terms - observed) ** 2 / (n * (n - 1))))
    chance = float(_expected(p, coefficient, weights)(units[None, :])[0])
    value = (observed - chance) / (1 - chance)
    own = n / paired * (share - chance * pairable) / (1 - chance)
    margins = units @ _shares(p) / n
    width = len(p.categories)
    if coefficient == "brennan_prediger":
        expected = np.full(len(units), chance)
    elif coefficient == "conger_kappa":
        expected = _conger_terms(p, weights)
    elif coefficient == "fleiss_kappa":
        expected = _shares(p) @ ((weights @ margins + weights.T @ margins) / 2)
    else:
        expected = weights.sum() / (width * (width - 1)) * (_shares(p) @ (1 - margins))
    terms = own - 2 * (1 - value) * (expected - chance) / (1 - chance)
    return float(np.sqrt(units @ (terms - value) ** 2 / (n * (n - 1))))


def _conger_terms(p: Patterns, weights: Floats) -> Floats:
    """Return each pattern's part in Conger's expected agreement."""
    by_coder, coders = _by_coder(p)
    width, n = len(p.categories), p.units.sum()
    codes = by_coder.reshape(len(p.codes), coders, width)
    coded = codes.sum(axis=2)
    each = p.units @ coded  # units that each coder coded
    shares = (p.units @ by_coder).reshape(coders, width) / each[:, None]
    inner = codes - (coded - each / n)[:, :, None] * shares[None, :, :]
    scaled = np.einsum("kl,pgl->pgk", weights, inner) * (n / each)[None, :, None]
    rest = coders * shares.mean(axis=0)[None, :] - shares
    return np.asarray((scaled * rest[None, :, :]).sum(axis=(1, 2)) / (coders * (coders - 1)))


def _two_coder_error(p: Patterns, coefficient: str, weights: Floats) -> float:
    width = len(p.categories)
    both = (p.codes[:, 0] >= 0) & (p.codes[:, 1] >= 0)
    one, other, units = p.codes[both, 0], p.codes[both, 1], p.units[both]
    n = units.sum()
    rows, columns = (np.bincount(codes, weights=units, minlength=width) / n for codes in (one, other))
    if coefficient == "scott_pi":
        rows = columns = (rows + columns) / 2
    observed = float(units @ weights[one, other] / n)
    chance = float(rows @ weights @ columns)
    value = (observed - chance) / (1 - chance)
    part = (weights @ columns)[one] + (weights.T @ rows)[other]
    terms = (weights[one, other] - (1 - value) * part) / (1 - chance)
    mean = units @ terms / n
    return float(np.sqrt(units @ (terms - mean) ** 2) / n)
