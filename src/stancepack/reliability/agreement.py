"""Inter-coder agreement with its interval.

Everything is computed from the *patterns* of codes: how many units were coded (1, 1), how many (1,
2), and so on. Resampling units is the same as drawing the counts of the patterns from a
multinomial, so a bootstrap costs no more for a million units than for a hundred.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from itertools import combinations
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from stancepack.errors import StancepackError, did_you_mean
from stancepack.reliability.analytic import standard_error
from stancepack.reliability.coefficients import (
    BY_CODER,
    BY_NUMBER,
    COEFFICIENTS,
    GWET,
    TWO_CODERS,
    Estimate,
    estimator,
    needs_weights,
)
from stancepack.reliability.counts import Patterns, patterns
from stancepack.reliability.intervals import CELLS, bca, estimates_without, student_quantile
from stancepack.reliability.result import FEWEST, LEVELS, Agreement
from stancepack.reliability.weights import distance_matrix, weight_matrix

if TYPE_CHECKING:
    from numpy.typing import ArrayLike


INTERVALS = ("bca", "percentile", "jackknife", "jackknife-coders", "analytic", "none")
WEAK = 30  # units up to which an interval of a high ordinal alpha covers less than it says (see benchmarks/coverage.py)
_MOST = 2_000  # categories for a table of pairs


def agreement(
    frame: Any,
    coefficient: str = "alpha",
    level: str = "ordinal",
    unit: str | Sequence[str] | None = None,
    coder: str = "coder_id",
    value: str = "position",
    confidence: float = 0.95,
    replicates: int = 10_000,
    seed: int = 0,
    *,
    weights: str | ArrayLike | None = None,
    distance: str | ArrayLike | Callable[[Any, Any], float] | None = None,
    categories: Iterable[Any] | None = None,
    missing: Any = None,
    interval: str = "bca",
) -> Agreement:
    r"""Measure the agreement of coders.

    Parameters
    ----------
    frame
        Tidy codes: one row for each unit and coder, as a frame of pandas, Polars, DuckDB, Dask or
        PySpark (the last four through narwhals: the codes are counted where they are). Or an array,
        units × coders.
    coefficient
        ===================== ==========================================================================================
        ``alpha``             Krippendorff's alpha, :math:`1 - D_o / D_e`: observed over expected disagreement among
                              pairable codes (Krippendorff 2011)
        ``percent``           share of agreeing pairs of codes of a unit, averaged over the units
        with at least two codes
                              (Gwet's definition under missing codes)
        ``percent_pairs``     the same, each unit weighted by its codes: :math:`1 - D_o` (Krippendorff's definition)
        ``cohen_kappa``       two coders, margins of each (Cohen 1960, 1968)
        ``scott_pi``          two coders, joint margins (Scott 1955)
        ``fleiss_kappa``      any number, joint margins (Fleiss 1971)
        ``conger_kappa``      any number, margins of each coder (Conger 1980)
        ``light_kappa``       mean of Cohen's kappa over the pairs of coders (Light 1971)
        ``ac1``, ``ac2``      Gwet's coefficients, without and with weights (Gwet 2008)
        ``brennan_prediger``  chance is even over the categories; Bennett's S (Brennan & Prediger 1981)
        ``icc1``              intraclass correlation, one-way: ICC(1)
        ``icc_agreement``     two-way, absolute agreement: ICC(A,1)
        ``icc_consistency``   two-way, consistency: ICC(C,1) (McGraw & Wong 1996)
        ===================== ==========================================================================================

        All but alpha are :math:`(p_a - p_e) / (1 - p_e)` with another :math:`p_e`, except percent
        and the intraclass correlations, which are of single codes and need complete data.
    level
        For alpha: ``"nominal"``, ``"ordinal"`` (Krippendorff's metric: the number of codes between
        two values), ``"interval"`` or ``"ratio"``. Values that are not numbers are ordered as their
        category is, else by name. The other coefficients are nominal unless `weights` are given.
    unit
        Column or columns that make a unit; by default those of ``round``, ``statement_id``,
        ``issue_id`` and ``variable`` that the frame has.
    coder, value
        Columns of coder and code. A missing code is missing: a unit with one code is not counted,
        though it stays in the margins of Fleiss, Conger, AC1 and AC2, as Gwet has it.
    confidence, replicates, seed
        Of the interval.
    weights
        Partial agreement, not for alpha: a name (see `weight_matrix`: ``"linear"``,
        ``"quadratic"``, ``"ordinal"`` …) or a matrix. ``ac2`` takes quadratic ones if none are
        given.
    distance
        For alpha, in place of `level`: ``"jaccard"`` or ``"masi"`` for codes that are sets
        (frozensets, or text parted by ``|``), a matrix of disagreements, or a function of two
        codes.
    categories
        All codes that could have been used, in order; else those of the column's categories, else
        those that were used. AC1, AC2 and Brennan–Prediger depend on their number.
    missing
        For arrays: the value that stands for no code, besides NaN.
    interval
        ``"bca"``: bootstrap over units, bias-corrected and accelerated, the acceleration from the
        jackknife of the data. ``"percentile"``: its quantiles as they are. ``"jackknife"``: over
        units, on :math:`\log(1 - x)`, with Student's t. ``"jackknife-coders"``: the same over units
        and coders together, for conclusions about coders like these; at least three.
        ``"analytic"``: Gwet's standard errors, not for alpha. ``"none"``.

    Returns
    -------
    Agreement
        ``value``, ``low``, ``high``, ``n_units`` (with at least two codes), ``n_coders``,
        ``level``, ``method``, ``note``, ``verdict``. Where the coefficient is not defined the
        figures are NaN and the note says why.

    Raises
    ------
    StancepackError
        If a column is missing, a coder coded a unit twice, an option is not known, or the
        coefficient does not fit the data (two coders for Cohen and Scott, complete data for the
        intraclass correlations).

    References
    ----------
    Krippendorff, K. (2011). Computing Krippendorff's alpha-reliability. University of Pennsylvania.
    https://repository.upenn.edu/handle/20.500.14332/2089

    Cohen, J. (1960). A coefficient of agreement for nominal scales. Educational and Psychological
    Measurement 20, 37–46. https://doi.org/10.1177/001316446002000104

    Scott, W. A. (1955). Reliability of content analysis. Public Opinion Quarterly 19, 321–325.
    https://doi.org/10.1086/266577

    Fleiss, J. L. (1971). Measuring nominal scale agreement among many raters. Psychological
    Bulletin 76, 378–382. https://doi.org/10.1037/h0031619

    Conger, A. J. (1980). Integration and generalization of kappas for multiple raters.
    Psychological Bulletin 88, 322–328. https://doi.org/10.1037/0033-2909.88.2.322

    Light, R. J. (1971). Measures of response agreement for qualitative data. Psychological Bulletin
    76, 365–377. https://doi.org/10.1037/h0031643

    Brennan, R. L., & Prediger, D. J. (1981). Coefficient kappa: some uses, misuses, and
    alternatives. Educational and Psychological Measurement 41, 687–699.
    https://doi.org/10.1177/001316448104100307

    Gwet, K. L. (2008). Computing inter-rater reliability and its variance in the presence of high
    agreement. British Journal of Mathematical and Statistical Psychology 61, 29–48.
    https://doi.org/10.1348/000711006X126600

    McGraw, K. O., & Wong, S. P. (1996). Forming inferences about some intraclass correlation
    coefficients. Psychological Methods 1, 30–46. https://doi.org/10.1037/1082-989X.1.1.30

    Efron, B. (1987). Better bootstrap confidence intervals. Journal of the American Statistical
    Association 82, 171–185. https://doi.org/10.1080/01621459.1987.10478410

    Zapf, A., Castell, S., Morawietz, L., & Karch, A. (2016). Measuring inter-rater reliability for
    nominal data: which coefficients and confidence intervals are appropriate? BMC Medical Research
    Methodology 16, 93. https://doi.org/10.1186/s12874-016-0200-9

    Examples
    --------
    >>> import stancepack as sp
    >>> codings = sp.load()["codings"]
    >>> codings = codings[codings["issue_id"] == "joint-defence"]
    >>> result = sp.agreement(codings, level="ordinal")
    >>> result.low <= result.value <= result.high
    True
    >>> sp.agreement(codings, "ac2", weights="linear", interval="analytic").method
    "Gwet's standard error over units, Student's t"
    """
    if coefficient not in COEFFICIENTS:
        raise StancepackError(
            f"coefficient {coefficient!r} is not known; {did_you_mean(coefficient, COEFFICIENTS)}"
        )
    if level not in LEVELS:
        raise StancepackError(f"level {level!r} is not known; {did_you_mean(level, LEVELS)}")
    if interval not in INTERVALS:
        raise StancepackError(
            f"interval {interval!r} is not known; {did_you_mean(interval, INTERVALS)}"
        )
    if not 0 < confidence < 1 or replicates < 0:
        raise StancepackError(
            "confidence should lie between 0 and 1, and replicates not be negative."
        )
    if coefficient == "alpha" and weights is not None:
        raise StancepackError("alpha has a level or a distance, not weights.")
    if coefficient != "alpha" and distance is not None:
        raise StancepackError(f"{coefficient} has weights, not a distance.")
    if coefficient == "ac1" and weights is not None:
        raise StancepackError("ac1 has no weights; with weights it is ac2.")
    found = patterns(frame, unit, coder, value, categories, missing)
    if not found.numeric and (
        coefficient in BY_NUMBER
        or (coefficient == "alpha" and level in ("interval", "ratio") and distance is None)
    ):
        what = f"level {level!r}" if coefficient == "alpha" else coefficient
        raise StancepackError(f"{what} needs numbers; the values of {value!r} are not numbers.")
    plan = _Plan(found, coefficient, level, weights, distance)
    return plan.measure(interval if replicates else "none", confidence, replicates, seed)


def agreement_by(
    frame: Any, by: str, coefficient: str = "alpha", level: str = "ordinal", **options: Any
) -> pd.DataFrame:
    """Measure agreement by code, by coder, or by pair of coders.

    Parameters
    ----------
    frame, coefficient, level, options
        As for `agreement`.
    by
        ``"code"``: each code against all others (nominal, without weights). ``"coder"``: without
        each coder. ``"pair"``: each two coders.

    Returns
    -------
    pandas.DataFrame
        ``code``, ``coder`` (the one left out), or ``coder`` and ``other``; then ``value``, ``low``,
        ``high``, ``n_units`` and ``note``.

    Raises
    ------
    StancepackError
        As for `agreement`, or if `by` is not known.

    References ---------- Fleiss, J. L. (1971). Measuring nominal scale agreement among many raters.
    Psychological Bulletin 76, 378–382. https://doi.org/10.1037/h0031619

    Examples
    --------
    >>> import stancepack as sp
    >>> codings = sp.load().settling("codings")
    >>> table = sp.agreement_by(codings[codings["issue_id"] == "us-sites"], "code", interval="none")
    >>> table.columns.tolist()
    ['code', 'value', 'low', 'high', 'n_units', 'note']
    """
    if by not in ("code", "coder", "pair"):
        raise StancepackError(
            f"by={by!r} is not known; {did_you_mean(by, ('code', 'coder', 'pair'))}"
        )
    agreement(
        frame, coefficient, level, **{**options, "interval": "none"}
    ) if by == "code" else None  # the options are good
    places: dict[str, Any] = {
        name: options.get(name, default)
        for name, default in (("unit", None), ("coder", "coder_id"), ("value", "position"))
    }
    found = patterns(
        frame, **places, categories=options.get("categories"), missing=options.get("missing")
    )
    how = [
        options.get("interval", "bca"),
        options.get("confidence", 0.95),
        options.get("replicates", 10_000),
        options.get("seed", 0),
    ]
    everybody = range(len(found.coders))
    parts: list[tuple[dict[str, Any], Patterns]] = []
    if by == "code":
        level, weights, distance = "nominal", None, None
        coefficient = "ac1" if coefficient == "ac2" else coefficient
        for place, code in enumerate(found.categories):
            apart = [int(other == place) for other in range(len(found.categories))]
            parts.append(({"code": code}, found.recoded(apart, [0, 1], np.array([1.0, 2.0]))))
    else:
        weights, distance = options.get("weights"), options.get("distance")
        groups = (
            [
                ({"coder": found.coders[one]}, [other for other in everybody if other != one])
                for one in everybody
            ]
            if by == "coder"
            else [
                ({"coder": found.coders[i], "other": found.coders[j]}, [i, j])
                for i, j in combinations(everybody, 2)
            ]
        )
        parts = [(name, found.take(slice(None), group)) for name, group in groups if len(group) > 1]
    rows = []
    for name, part in parts:
        part = part.take(part.size > 0)
        result = _Plan(part, coefficient, level, weights, distance).measure(*how)
        figures = {one: getattr(result, one) for one in ("value", "low", "high", "n_units", "note")}
        rows.append({**name, **figures})
    heads = {"code": ["code"], "coder": ["coder"], "pair": ["coder", "other"]}[by]
    return pd.DataFrame(rows, columns=[*heads, "value", "low", "high", "n_units", "note"])


class _Plan:
    """A coefficient to be computed from patterns: which of them count, and how."""

    def __init__(
        self,
        found: Patterns,
        coefficient: str,
        level: str,
        weights: str | ArrayLike | None,
        distance: str | ArrayLike | Callable[[Any, Any], float] | None,
    ) -> None:
        self.coefficient, self.n_coders = coefficient, len(found.coders)
        if weights is None:
            weights = "quadratic" if coefficient == "ac2" else "identity"
        given = (
            (weights if isinstance(weights, str) else "custom") if coefficient != "alpha" else level
        )
        self.level = "nominal" if given == "identity" else given
        if distance is not None:
            self.level = distance if isinstance(distance, str) else "custom"
        if coefficient in BY_NUMBER:
            self.level = "interval"
        if coefficient in TWO_CODERS and self.n_coders > 2:
            other = (
                "conger_kappa or light_kappa" if coefficient == "cohen_kappa" else "fleiss_kappa"
            )
            raise StancepackError(
                f"{coefficient} is for two coders, and there are {self.n_coders}; take {other}."
            )
        if coefficient not in BY_CODER and _worth_collapsing(found):
            self.whole = found
            found = found.collapsed()
        else:
            self.whole = found
        pairable = found.size >= 2
        # Gwet's margins and errors count units with one code
        chosen = np.ones(len(found.codes), dtype=bool) if coefficient in GWET else pairable
        self.found = found.take(chosen)
        self.n_units = int(found.units[pairable].sum())
        margins = np.bincount(
            found.codes[pairable][found.codes[pairable] >= 0],
            weights=np.repeat(found.units[pairable], (found.codes[pairable] >= 0).sum(axis=1)),
            minlength=1,
        )
        self.n_rare = int(margins.sum() - margins.max(initial=0))
        self.n_used = int((margins > 0).sum())
        width = len(found.categories)
        if (
            needs_weights(coefficient) or (coefficient == "alpha" and level in ("nominal", "ratio"))
        ) and width > _MOST:
            raise StancepackError(
                f"{width} different codes are too many for {coefficient} at this level (most: {_MOST}); take alpha with the "
                "level interval or ordinal, or an intraclass correlation."
            )
        self.weights = (
            weight_matrix(weights, found.numbers) if needs_weights(coefficient) else np.eye(0)
        )
        self.distance = None if distance is None else distance_matrix(distance, found.categories)
        self.options = (level, weights, distance)

    def estimate(self) -> Estimate:
        return estimator(self.found, self.coefficient, self.options[0], self.weights, self.distance)

    def result(
        self,
        value: float,
        low: float,
        high: float,
        method: str,
        note: str = "",
        n_rare: int = FEWEST,
    ) -> Agreement:
        return Agreement(
            self.coefficient,
            value,
            low,
            high,
            self.level,
            self.n_units,
            self.n_coders,
            method,
            note,
            n_rare,
        )

    def measure(self, interval: str, confidence: float, replicates: int, seed: int) -> Agreement:
        nothing = float("nan")
        if self.n_units == 0:
            return self.result(nothing, nothing, nothing, "", "No unit has two codes.")
        estimate, units = self.estimate(), self.found.units
        n = int(units.sum())
        point = float(estimate(units[None, :])[0])
        if point != point:
            why = "Only one code was used: there is no disagreement to expect."
            if self.n_used > 1:
                why = "There is no variation to explain, or a coder has no codes."
            return self.result(nothing, nothing, nothing, "", why)
        if interval == "none" or n == 1:
            return self.result(
                point,
                nothing,
                nothing,
                "no interval" if interval == "none" else "no interval: one unit",
            )
        if interval == "analytic":
            error = standard_error(self.found, self.coefficient, self.weights)
            half = error * student_quantile(confidence, n - 1)
            return self.result(
                point,
                point - half,
                min(1.0, point + half),
                "Gwet's standard error over units, Student's t",
                "",
                self.n_rare,
            )
        if interval.startswith("jackknife"):
            return self._jackknife(point, estimate, interval, confidence)
        # RandomState's stream is frozen by numpy, so a figure is the same under every version
        draws = np.random.RandomState(seed)
        step = max(1, CELLS // max(len(units), 1))
        boot = np.concatenate(
            [
                estimate(
                    draws.multinomial(n, units / n, min(step, replicates - start)).astype(float)
                )
                for start in range(0, replicates, step)
            ]
        )
        boot = boot[~np.isnan(boot)]
        name = "BCa" if interval == "bca" else "Percentile"
        method = f"{name} bootstrap over units, {replicates} replicates, seed {seed}"
        notes = []
        if len(boot) < replicates:
            notes.append(
                f"Not defined in {replicates - len(boot)} of {replicates} replicates, which were left out."
            )
        if len(boot) < replicates / 2:
            return self.result(point, nothing, nothing, method, " ".join(notes))
        if np.ptp(boot) == 0:
            notes.append(
                "All replicates are equal: the interval has no width, and says nothing of units not seen."
            )
        elif (
            self.coefficient == "alpha"
            and self.level == "ordinal"
            and self.n_units <= WEAK
            and point > 0.8
        ):
            notes.append(
                f"With {WEAK} units or fewer the interval of a high ordinal alpha is too narrow."
            )
        if interval == "bca":
            low, high = bca(point, boot, units, estimate, confidence)
        else:
            low, high = (
                float(np.quantile(boot, tail))
                for tail in ((1 - confidence) / 2, (1 + confidence) / 2)
            )
        return self.result(point, low, high, method, " ".join(notes), self.n_rare)

    def _jackknife(
        self, point: float, estimate: Estimate, interval: str, confidence: float
    ) -> Agreement:
        nothing = float("nan")
        if point >= 1:
            return self.result(
                point,
                nothing,
                nothing,
                "",
                "Full agreement: log(1 - x) is not defined; take another interval.",
            )
        units, n = self.found.units, self.found.units.sum()
        left_out = estimates_without(estimate, units)
        if np.isnan(left_out).any() or (left_out >= 1).any():
            return self.result(
                point,
                nothing,
                nothing,
                "",
                "Not defined without one of the units; take another interval.",
            )
        logs = np.log(1 - left_out)
        mean = float(units @ logs / n)
        variance = (n - 1) / n * float(units @ (logs - mean) ** 2)
        method, degrees = "Jackknife over units on log(1 - x), Student's t", n - 1
        if interval == "jackknife-coders":
            if self.n_coders < 3:
                raise StancepackError(
                    f"interval 'jackknife-coders' needs three coders; there are {self.n_coders}."
                )
            level, weights, distance = self.options
            fewer = [
                _Plan(self.whole.take(slice(None), [other for other in range(self.n_coders) if other != coder]), self.coefficient,
                      level, weights, distance).measure("none", confidence, 0, 0).value
                for coder in range(self.n_coders)
            ]  # fmt: skip
            if not all(one < 1 for one in fewer):
                return self.result(
                    point,
                    nothing,
                    nothing,
                    "",
                    "Not defined without one of the coders; take another interval.",
                )
            logs_ = np.log(1 - np.array(fewer))
            variance += (
                (self.n_coders - 1) / self.n_coders * float(((logs_ - logs_.mean()) ** 2).sum())
            )
            method, degrees = (
                "Jackknife over units and coders on log(1 - x), Student's t",
                min(n, self.n_coders) - 1,
            )
        half = float(np.sqrt(variance)) * student_quantile(confidence, degrees)
        centre = np.log(1 - point)
        return self.result(
            point,
            float(1 - np.exp(centre + half)),
            float(1 - np.exp(centre - half)),
            method,
            "",
            self.n_rare,
        )


def _worth_collapsing(found: Patterns) -> bool:
    """Whether patterns are few enough to be worth collapsing to what was coded, without regard to by whom."""
    return len(found.categories) <= 200
