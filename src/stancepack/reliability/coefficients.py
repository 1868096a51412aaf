r"""Coefficients of agreement as functions of how many units have each pattern of codes.

`estimator` returns for a coefficient a function from weights (replicates × patterns: how many units
have each pattern) to values (one for each replicate), so that a point estimate, a bootstrap and a
jackknife are the same few matrix products.

Notation as in Gwet (2014): :math:`r_{ik}` coders gave unit :math:`i` the code :math:`k`,
:math:`r_i` coders coded it, :math:`w_{kl}` is the weight of a pair of codes. Units with one code
count in the margins of the kappas, not in the observed agreement.
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import combinations
from typing import TYPE_CHECKING, Any

import numpy as np

from stancepack.errors import StancepackError

if TYPE_CHECKING:
    from stancepack.reliability.counts import Floats, Patterns


Estimate = Callable[["Floats"], "Floats"]

TWO_CODERS = ("cohen_kappa", "scott_pi")
BY_CODER = ("conger_kappa", "light_kappa", *TWO_CODERS, "icc1", "icc_agreement", "icc_consistency")
BY_NUMBER = ("icc1", "icc_agreement", "icc_consistency")
GWET = ("percent", "fleiss_kappa", "ac1", "ac2", "brennan_prediger", "conger_kappa")
COEFFICIENTS = ("alpha", *GWET, "percent_pairs", "light_kappa", *TWO_CODERS, *BY_NUMBER)
_MANY = 200  # categories from which squared differences go by moments and pairs by coders


# ------------------------------------------------------------------------------------------------
# estimators


def estimator(
    p: Patterns, coefficient: str, level: str, weights: Floats, distance: Floats | None
) -> Estimate:
    """Return the function from weights of the patterns (replicates × patterns) to the coefficient's values."""
    match coefficient:
        case "alpha":
            return _alpha(p, level, distance)
        case "percent_pairs":
            return _percent_pairs(p)
        case "cohen_kappa" | "scott_pi":
            return _two_coders(p, 0, 1, coefficient, weights)
        case "light_kappa":
            pairs = [
                _two_coders(p, i, j, "cohen_kappa", weights)
                for i, j in combinations(range(len(p.coders)), 2)
            ]
            return lambda units: np.mean([pair(units) for pair in pairs], axis=0)
        case "icc1" | "icc_agreement" | "icc_consistency":
            return _intraclass(p, coefficient)
        case _:
            return _gwet(p, coefficient, weights)


def needs_weights(coefficient: str) -> bool:
    """Whether a coefficient counts pairs of categories by a matrix of weights."""
    return coefficient not in ("alpha", "percent_pairs", *BY_NUMBER)


def _gwet(p: Patterns, coefficient: str, weights: Floats) -> Estimate:
    share, pairable = observed_share(p, weights)
    expected = expected_agreement(p, coefficient, weights)

    def estimate(units: Floats) -> Floats:
        with np.errstate(divide="ignore", invalid="ignore"):
            observed = units @ share / (units @ pairable)
            if coefficient == "percent":
                return np.asarray(observed)
            chance = expected(units)
            return np.where(chance < 1 - 1e-12, (observed - chance) / (1 - chance), np.nan)

    return estimate


def observed_share(p: Patterns, weights: Floats | None) -> tuple[Floats, Floats]:
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


def shares_of_codes(p: Patterns) -> Floats:
    """Return each pattern's share of every code."""
    return p.counts / p.size[:, None]


def expected_agreement(p: Patterns, coefficient: str, weights: Floats) -> Estimate:
    """Return the function to the agreement expected by chance."""
    width = len(p.categories)
    if coefficient == "brennan_prediger":
        return lambda units: np.full(len(units), weights.sum() / width**2)
    if coefficient == "conger_kappa":
        by_coder, coders = codes_by_coder(p)

        def conger(units: Floats) -> Floats:
            given = (units @ by_coder).reshape(len(units), coders, width)
            shares = given / given.sum(axis=2, keepdims=True)
            mean = shares.mean(axis=1)
            both = np.einsum("rgk,kl,rgl->r", shares, weights, shares)
            alike = np.einsum("rk,kl,rl->r", mean, weights, mean)
            return np.asarray(alike - (both - coders * alike) / (coders - 1) / coders)

        return conger
    shares = shares_of_codes(p)

    def margins(units: Floats) -> Floats:
        return np.asarray(units @ shares / units.sum(axis=1, keepdims=True))

    if coefficient == "fleiss_kappa":
        return lambda units: np.einsum("rk,kl,rl->r", margins(units), weights, margins(units))
    # AC1 and AC2
    scale = weights.sum() / (width * (width - 1)) if width > 1 else np.nan
    return lambda units: scale * (margins(units) * (1 - margins(units))).sum(axis=1)


def codes_by_coder(p: Patterns) -> tuple[Floats, int]:
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
    share, pairable = observed_share(p, None)
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
            distance = (
                np.where(total == 0, 0.0, (one - other) / np.where(total == 0, 1, total)) ** 2
            )
    counts = p.counts * pairable[:, None]
    within = (counts @ distance * counts).sum(axis=1) / (size - 1)

    def estimate(units: Floats) -> Floats:
        margins = units @ counts
        total = margins.sum(axis=1)
        with np.errstate(divide="ignore", invalid="ignore"):
            observed = units @ within / total
            expected = (margins @ distance * margins).sum(axis=1) / (total * (total - 1))
            return np.where(
                ((margins > 0).sum(axis=1) > 1) & (expected > 0), 1 - observed / expected, np.nan
            )

    if width == 0:
        return lambda units: np.full(len(units), np.nan)
    return estimate


def _alpha_by_moments(p: Patterns, level: str) -> Estimate:
    """Alpha of squared differences without a table of pairs: by sums and sums of squares.

    The ordinal metric is the interval metric on the mid-ranks of the margins. Interval scores are
    centred, for squares of large numbers would drown the differences.
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
            return np.where(
                spread > 1e-12 * total * square, 1 - observed / total / expected, np.nan
            )

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
        return figure(
            observed,
            margins.sum(axis=1),
            (margins * scores).sum(axis=1),
            (margins * scores**2).sum(axis=1),
        )

    return few


def _intraclass(p: Patterns, coefficient: str) -> Estimate:
    """Intraclass correlations of complete data: mean squares of units, coders and the rest."""
    if (p.codes < 0).any():
        raise StancepackError(
            f"{coefficient} needs every unit coded by every coder; choose such units, or take interval alpha."
        )
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
                bias = (
                    coders * (by_coder / (coders - 1) - rest) / n
                    if coefficient == "icc_agreement"
                    else 0.0
                )
                value = (rows - rest) / (rows + (coders - 1) * rest + bias)
        return np.where(total > 1e-12, value, np.nan)

    return estimate
