r"""Coefficients of agreement as functions of how many units have each pattern of codes.

`estimator` returns for a coefficient a function from weights (replicates × patterns: how many units
have each pattern) to values (one for each replicate), so that a point estimate, a bootstrap and a
jackknife are the same few matrix products.

Notation as in Gwet (2014): :math:`r_{ik}` coders gave unit :math:`i` the code :math:`k`,
:math:`r_i` coders coded it, :math:`w_{kl}` is the weight of a pair of codes. Units with one code
count in the margins of the kappas, not in the observed agreement.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import combinations
from typing import TYPE_CHECKING, Any

import numpy as np

from stancepack.errors import StancepackError, known_name

if TYPE_CHECKING:
    from stancepack.reliability.counts import Floats, Patterns


Estimate = Callable[["Floats"], "Floats"]

TWO_CODERS = ("cohen_kappa", "scott_pi")
BY_NUMBER = ("icc1", "icc_agreement", "icc_consistency")
NEED_CODERS = ("cohen_kappa", "conger_kappa", "light_kappa", "icc_agreement", "icc_consistency")
GWET = ("percent", "fleiss_kappa", "ac1", "ac2", "brennan_prediger", "conger_kappa")
COEFFICIENTS = ("alpha", *GWET, "percent_pairs", "light_kappa", *TWO_CODERS, *BY_NUMBER)
WITH_PAIRS = (*GWET, "light_kappa", *TWO_CODERS)  # by a matrix of weights of pairs of categories
_MANY = 200  # categories from which ranks are summed one replicate at a time, without a wide table
_ALL_CHANCE = 1 - 1e-12  # expected agreement from which a kappa is 0 / 0, but for rounding
_NO_SPREAD = 1e-12  # of squares, below which what varies is rounding


def known_coefficient(coefficient: str, known: Sequence[str] = COEFFICIENTS) -> None:
    """Refuse a coefficient that is not among those known."""
    known_name("coefficient", coefficient, known)


# ------------------------------------------------------------------------------------------------
# estimators


def estimator(
    patterns: Patterns, coefficient: str, level: str, weights: Floats, distance: Floats | None
) -> Estimate:
    """Return the function from weights (replicates × patterns) to the coefficient's values."""
    known_coefficient(coefficient)
    if coefficient == "alpha":
        return _alpha(patterns, level, distance)
    if coefficient == "percent_pairs":
        return _percent_pairs(patterns)
    if coefficient in TWO_CODERS:
        return _two_coders(patterns, (0, 1), coefficient, weights)
    if coefficient == "light_kappa":
        return _light(patterns, weights)
    if coefficient in BY_NUMBER:
        return _intraclass(patterns, coefficient)
    return _gwet(patterns, coefficient, weights)


def _corrected(observed: Floats, chance: Floats) -> Floats:
    """Return the agreement beyond chance, of what there could be."""
    return np.where(chance < _ALL_CHANCE, (observed - chance) / (1 - chance), np.nan)


def _gwet(patterns: Patterns, coefficient: str, weights: Floats) -> Estimate:
    share, pairable = observed_share(patterns, weights)
    has_chance = coefficient != "percent"
    expected = expected_agreement(patterns, coefficient, weights) if has_chance else None

    def estimate(units: Floats) -> Floats:
        with np.errstate(divide="ignore", invalid="ignore"):
            observed = np.asarray(units @ share / (units @ pairable))
            return observed if expected is None else _corrected(observed, expected(units))

    return estimate


def observed_share(patterns: Patterns, weights: Floats | None) -> tuple[Floats, Floats]:
    """Return each pattern's (weighted) share of agreeing pairs, and whether it has a pair.

    Without weights coders are compared two by two, which needs no table of categories.
    """
    size = patterns.size
    if weights is None:
        agreeing = np.zeros(len(patterns.codes))
        for first, second in combinations(patterns.codes.T, 2):
            agreeing += 2 * ((first >= 0) & (first == second))
    else:
        counts = patterns.counts
        agreeing = (counts * (counts @ weights - np.diagonal(weights))).sum(axis=1)
    pairable = size >= 2
    pairs = np.where(pairable, size * (size - 1), 1)
    return np.where(pairable, agreeing / pairs, 0.0), pairable.astype(float)


def shares_of_codes(patterns: Patterns) -> Floats:
    """Return each pattern's share of every code."""
    return patterns.counts / patterns.size[:, None]


def expected_agreement(patterns: Patterns, coefficient: str, weights: Floats) -> Estimate:
    """Return the function to the agreement expected by chance."""
    known_coefficient(coefficient, [name for name in GWET if name != "percent"])
    width = len(patterns.categories)
    if coefficient == "brennan_prediger":
        return lambda units: np.full(len(units), weights.sum() / width**2)
    if coefficient == "conger_kappa":
        return _expected_by_coder(patterns, weights)
    shares = shares_of_codes(patterns)

    def margins(units: Floats) -> Floats:
        return np.asarray(units @ shares / units.sum(axis=1, keepdims=True))

    if coefficient == "fleiss_kappa":
        return lambda units: np.einsum("rk,kl,rl->r", margins(units), weights, margins(units))
    # AC1 and AC2
    scale = weights.sum() / (width * (width - 1)) if width > 1 else np.nan
    return lambda units: scale * (margins(units) * (1 - margins(units))).sum(axis=1)


def _expected_by_coder(patterns: Patterns, weights: Floats) -> Estimate:
    """Return the function to Conger's expected agreement, of the margins of each coder."""
    by_coder = codes_by_coder(patterns)
    coders, width = len(patterns.coders), len(patterns.categories)

    def expected(units: Floats) -> Floats:
        given = (units @ by_coder).reshape(len(units), coders, width)
        shares = given / given.sum(axis=2, keepdims=True)
        mean = shares.mean(axis=1)
        by_each = np.einsum("rgk,kl,rgl->r", shares, weights, shares)
        by_all = np.einsum("rk,kl,rl->r", mean, weights, mean)
        return np.asarray(by_all - (by_each - coders * by_all) / (coders - 1) / coders)

    return expected


def codes_by_coder(patterns: Patterns) -> Floats:
    """Return patterns × (coders · categories): 1 where the coder gave the code."""
    width = len(patterns.categories)
    given = np.zeros((len(patterns.codes), len(patterns.coders) * width))
    for coder, column in enumerate(patterns.codes.T):
        rows = np.flatnonzero(column >= 0)
        given[rows, coder * width + column[rows]] = 1.0
    return given


def _light(patterns: Patterns, weights: Floats) -> Estimate:
    """Light's kappa: the mean of Cohen's over the pairs of coders."""
    pairs = combinations(range(len(patterns.coders)), 2)
    kappas = [_two_coders(patterns, pair, "cohen_kappa", weights) for pair in pairs]
    return lambda units: np.mean([kappa(units) for kappa in kappas], axis=0)


def _two_coders(
    patterns: Patterns, pair: tuple[int, int], coefficient: str, weights: Floats
) -> Estimate:
    width = len(patterns.categories)
    first, second = patterns.codes[:, pair[0]], patterns.codes[:, pair[1]]
    both = np.flatnonzero((first >= 0) & (second >= 0))
    joint = np.zeros((len(patterns.codes), width * width))
    joint[both, first[both] * width + second[both]] = 1.0

    def estimate(units: Floats) -> Floats:
        with np.errstate(divide="ignore", invalid="ignore"):
            table = (units @ joint).reshape(len(units), width, width)
            table = table / table.sum(axis=(1, 2), keepdims=True)
            observed = (table * weights).sum(axis=(1, 2))
            rows, columns = table.sum(axis=2), table.sum(axis=1)
            if coefficient == "scott_pi":
                rows = columns = (rows + columns) / 2
            return _corrected(observed, np.einsum("rk,kl,rl->r", rows, weights, columns))

    return estimate


def _percent_pairs(patterns: Patterns) -> Estimate:
    share, pairable = observed_share(patterns, None)
    codes = patterns.size * pairable
    return lambda units: np.asarray(units @ (share * codes) / (units @ codes))


# ------------------------------------------------------------------------------------------------
# alpha


def squared_distance(numbers: Floats, level: str) -> Floats:
    """Return the disagreement of every two categories, at any level but the ordinal."""
    difference = numbers[:, None] - numbers[None, :]
    if level == "nominal":
        return 1 - np.eye(len(numbers))
    if level == "interval":
        return np.asarray(difference**2)
    if level != "ratio":
        raise StancepackError(f"level {level!r} has no distance that only depends on two codes.")
    total = numbers[:, None] + numbers[None, :]
    return np.where(total == 0, 0.0, difference / np.where(total == 0, 1, total)) ** 2


def mid_ranks(margins: Any) -> Floats:
    """Return the ordinal metric's scores of the categories: the mid-ranks of their codes."""
    return np.asarray(np.cumsum(margins, axis=-1) - margins / 2)


def _alpha(patterns: Patterns, level: str, distance: Floats | None) -> Estimate:
    """Krippendorff's alpha; NaN where all pairable codes are the same."""
    if len(patterns.categories) == 0:
        return lambda units: np.full(len(units), np.nan)
    if distance is None:
        if level == "ordinal":
            return _ordinal_alpha(patterns)
        if level == "interval":
            return _interval_alpha(patterns)
        if level == "nominal" and len(patterns.categories) > _MANY:
            return _nominal_alpha_of_many(patterns)
        distance = squared_distance(patterns.numbers, level)
    pairable = patterns.size >= 2
    counts = patterns.counts * pairable[:, None]
    within = (counts @ distance * counts).sum(axis=1) / (np.where(pairable, patterns.size, 2.0) - 1)

    size = counts.sum(axis=1)

    def estimate(units: Floats) -> Floats:
        margins, total = units @ counts, units @ size
        with np.errstate(divide="ignore", invalid="ignore"):
            observed = units @ within / total
            expected = (margins @ distance * margins).sum(axis=1) / (total * (total - 1))
            return np.where(expected > 0, 1 - observed / expected, np.nan)

    return estimate


def _nominal_alpha_of_many(patterns: Patterns) -> Estimate:
    """Alpha of the nominal metric, where categories are too many for a table of pairs."""
    share, pairable = observed_share(patterns, None)
    size = patterns.size * pairable
    within = size * (1 - share)
    pattern_of_code, coders = np.nonzero((patterns.codes >= 0) & (pairable > 0)[:, None])
    rank_of_code = patterns.codes[pattern_of_code, coders]

    def estimate(units: Floats) -> Floats:
        margins = (np.bincount(rank_of_code, weights=row[pattern_of_code]) for row in units)
        same = np.array([margin @ margin for margin in margins])
        total = units @ size
        with np.errstate(divide="ignore", invalid="ignore"):
            expected = (total**2 - same) / (total * (total - 1))
            return np.where(expected > 0, 1 - units @ within / total / expected, np.nan)

    return estimate


class _Scores:
    """Codes as scores: sums and sums of squares in place of a table of pairs of categories.

    Parameters
    ----------
    patterns
        What was coded; patterns with one code count for nothing.
    """

    def __init__(self, patterns: Patterns) -> None:
        self.pairable = patterns.size >= 2
        self.size = np.where(self.pairable, patterns.size, 2.0)
        self.n_patterns = len(patterns.codes)
        self.pattern_of_code, coders = np.nonzero((patterns.codes >= 0) & self.pairable[:, None])
        self.rank_of_code = patterns.codes[self.pattern_of_code, coders]

    def sums(self, scores: Floats) -> tuple[Floats, Floats]:
        """Return each pattern's sum of scores, and of their squares."""
        given = scores[self.rank_of_code]
        rows, n = self.pattern_of_code, self.n_patterns
        first: Any = np.bincount(rows, weights=given, minlength=n)
        second: Any = np.bincount(rows, weights=given**2, minlength=n)
        return first, second

    def within(self, first: Floats, second: Floats) -> Floats:
        """Return each pattern's disagreement from its sums."""
        spread = 2 * (self.size * second - first**2) / (self.size - 1)
        return np.where(self.pairable, spread, 0.0)


def _alpha_of_moments(observed: Any, total: Any, first: Any, second: Any) -> Floats:
    """Return alpha of the disagreement within units, and the sums of all codes' scores."""
    with np.errstate(divide="ignore", invalid="ignore"):
        spread = total * second - first**2
        expected = 2 * spread / (total * (total - 1))
        varies = spread > _NO_SPREAD * total * second
        return np.where(varies, 1 - observed / total / expected, np.nan)


def _interval_alpha(patterns: Patterns) -> Estimate:
    """Alpha of squared differences; centred, for squares of large numbers drown differences."""
    scores = _Scores(patterns)
    first, second = scores.sums(patterns.numbers - patterns.numbers.mean())
    within, codes = scores.within(first, second), patterns.size * scores.pairable
    return lambda units: _alpha_of_moments(
        units @ within, units @ codes, units @ first, units @ second
    )


def _ordinal_alpha(patterns: Patterns) -> Estimate:
    """Alpha of the ordinal metric: the interval metric on the mid-ranks of the margins."""
    scores = _Scores(patterns)
    if len(patterns.categories) > _MANY:
        codes = patterns.size * scores.pairable
        return lambda units: np.array(
            [_ordinal_alpha_of_many(scores, row, codes, patterns) for row in units], dtype=float
        )
    counts = patterns.counts * scores.pairable[:, None]
    each = np.full(counts.shape[1], 1.0)  # a product with it sums faster than a sum of short rows

    def estimate(units: Floats) -> Floats:
        margins = units @ counts
        ranks = mid_ranks(margins)
        ranks -= (ranks @ each / len(each))[:, None]
        first, second = ranks @ counts.T, ranks**2 @ counts.T
        within = 2 * (scores.size * second - first**2) / (scores.size - 1)
        total = margins @ each
        sums = (margins * ranks).sum(axis=1), (margins * ranks**2).sum(axis=1)
        return _alpha_of_moments((units * within).sum(axis=1), total, *sums)

    return estimate


def _ordinal_alpha_of_many(
    scores: _Scores, units: Floats, codes: Floats, patterns: Patterns
) -> Floats:
    """Return the ordinal alpha of one replicate, where categories are too many for a table."""
    margins = np.bincount(
        scores.rank_of_code,
        weights=units[scores.pattern_of_code],
        minlength=len(patterns.categories),
    )
    ranks = mid_ranks(margins)
    ranks -= ranks.mean()
    within = scores.within(*scores.sums(ranks))
    return _alpha_of_moments(units @ within, units @ codes, margins @ ranks, margins @ ranks**2)


# ------------------------------------------------------------------------------------------------
# intraclass correlations


def _intraclass(patterns: Patterns, coefficient: str) -> Estimate:
    """Intraclass correlations of complete data: mean squares of units, coders and the rest."""
    if (patterns.codes < 0).any():
        raise StancepackError(
            f"{coefficient} needs every unit coded by every coder; choose such units, "
            "or take interval alpha."
        )
    coders = len(patterns.coders)
    codes = patterns.codes
    values = patterns.numbers[codes] if len(codes) else np.zeros((0, coders))
    values = values - (values.mean() if values.size else 0)
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
                rest, bias = (total - between) / (n * (coders - 1)), 0.0
            else:
                rest = (total - between - by_coder) / ((n - 1) * (coders - 1))
                bias = coders * (by_coder / (coders - 1) - rest) / n
                bias = bias if coefficient == "icc_agreement" else 0.0
            value = (rows - rest) / (rows + (coders - 1) * rest + bias)
        return np.where(total > _NO_SPREAD, value, np.nan)

    return estimate
