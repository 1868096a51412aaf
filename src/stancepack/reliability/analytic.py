"""Analytic standard errors: Gwet's, which treat the coders as given."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from stancepack.errors import StancepackError
from stancepack.reliability.coefficients import (
    GWET,
    TWO_CODERS,
    codes_by_coder,
    expected_agreement,
    observed_share,
    shares_of_codes,
)

if TYPE_CHECKING:
    from stancepack.reliability.counts import Floats, Patterns


def standard_error(patterns: Patterns, coefficient: str, weights: Floats) -> float:
    """Return Gwet's standard error of a coefficient, which treats the coders as given.

    None is agreed upon for alpha.

    References
    ----------
    Gwet, K. L. (2008). Computing inter-rater reliability and its variance in the presence of high
    agreement. British Journal of Mathematical and Statistical Psychology 61, 29–48.
    https://doi.org/10.1348/000711006X126600

    Fleiss, J. L., Cohen, J., & Everitt, B. S. (1969). Large sample standard errors of kappa and
    weighted kappa. Psychological Bulletin 72, 323–327. https://doi.org/10.1037/h0028106
    """
    if coefficient in TWO_CODERS:
        return _two_coder_error(patterns, coefficient, weights)
    if coefficient not in GWET:
        raise StancepackError(
            f"{coefficient} has no analytic standard error that is agreed upon; "
            "take method='bca' or 'jackknife'."
        )
    units, n = patterns.units, patterns.units.sum()
    share, pairable = observed_share(patterns, weights)
    paired = units @ pairable
    observed = float(units @ share / paired)
    if coefficient == "percent":
        terms = share * n / paired
        return float(np.sqrt(units @ (terms - observed) ** 2 / (n * (n - 1))))
    chance = float(expected_agreement(patterns, coefficient, weights)(units[None, :])[0])
    value = (observed - chance) / (1 - chance)
    own = n / paired * (share - chance * pairable) / (1 - chance)
    expected = _expected_terms(patterns, coefficient, weights, chance)
    terms = own - 2 * (1 - value) * (expected - chance) / (1 - chance)
    return float(np.sqrt(units @ (terms - value) ** 2 / (n * (n - 1))))


def _expected_terms(patterns: Patterns, coefficient: str, weights: Floats, chance: float) -> Floats:
    """Return each pattern's part in the agreement expected by chance."""
    units, n = patterns.units, patterns.units.sum()
    width = len(patterns.categories)
    if coefficient == "brennan_prediger":
        return np.full(len(units), chance)
    if coefficient == "conger_kappa":
        return _conger_terms(patterns, weights)
    shares = shares_of_codes(patterns)
    margins = units @ shares / n
    if coefficient == "fleiss_kappa":
        return np.asarray(shares @ ((weights @ margins + weights.T @ margins) / 2))
    return np.asarray(weights.sum() / (width * (width - 1)) * (shares @ (1 - margins)))


def _conger_terms(patterns: Patterns, weights: Floats) -> Floats:
    """Return each pattern's part in Conger's expected agreement."""
    by_coder, coders = codes_by_coder(patterns), len(patterns.coders)
    width, n = len(patterns.categories), patterns.units.sum()
    codes = by_coder.reshape(len(patterns.codes), coders, width)
    coded = codes.sum(axis=2)
    each = patterns.units @ coded  # units that each coder coded
    shares = (patterns.units @ by_coder).reshape(coders, width) / each[:, None]
    inner = codes - (coded - each / n)[:, :, None] * shares[None, :, :]
    scaled = np.einsum("kl,pgl->pgk", weights, inner) * (n / each)[None, :, None]
    rest = coders * shares.mean(axis=0)[None, :] - shares
    return np.asarray((scaled * rest[None, :, :]).sum(axis=(1, 2)) / (coders * (coders - 1)))


def _two_coder_error(patterns: Patterns, coefficient: str, weights: Floats) -> float:
    width = len(patterns.categories)
    both = (patterns.codes >= 0).all(axis=1)
    (first, second), units = patterns.codes[both].T, patterns.units[both]
    n = units.sum()
    rows, columns = (
        np.bincount(codes, weights=units, minlength=width) / n for codes in (first, second)
    )
    if coefficient == "scott_pi":
        rows = columns = (rows + columns) / 2
    observed = float(units @ weights[first, second] / n)
    chance = float(rows @ weights @ columns)
    value = (observed - chance) / (1 - chance)
    by_margins = (weights @ columns)[first] + (weights.T @ rows)[second]
    terms = (weights[first, second] - (1 - value) * by_margins) / (1 - chance)
    mean = units @ terms / n
    return float(np.sqrt(units @ (terms - mean) ** 2) / n)
