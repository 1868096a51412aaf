"""Inter-coder agreement with its interval.

Everything is computed from the *patterns* of codes: how many units were coded (1, 1), how many (1,
2), and so on. Resampling units is the same as drawing the counts of the patterns from a
multinomial, so a bootstrap costs no more for a million units than for a hundred.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import fields, replace
from itertools import combinations
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from stancepack.errors import StancepackError, did_you_mean
from stancepack.reliability.computation import Computation, Options, measure_together
from stancepack.reliability.counts import Patterns, count_patterns
from stancepack.reliability.result import Agreement

if TYPE_CHECKING:
    from numpy.typing import ArrayLike


BY = {"code": ["code"], "coder": ["coder"], "pair": ["coder", "other"]}  # what names a row of each
_FIGURES = ["value", "low", "high", "n_units", "note"]
_READING = ("unit", "coder", "value", "categories", "missing")  # options of `count_patterns`
_MEASURING = tuple(field.name for field in fields(Options))


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
        ==================== ===============================================================
        ``alpha``            Krippendorff's alpha, :math:`1 - D_o / D_e`: observed over expected
                             disagreement among pairable codes (Krippendorff 2011)
        ``percent``          share of agreeing pairs of codes of a unit, averaged over the units
                             with at least two codes (Gwet's definition under missing codes)
        ``percent_pairs``    the same, each unit weighted by its codes: :math:`1 - D_o`
                             (Krippendorff's definition)
        ``cohen_kappa``      two coders, margins of each (Cohen 1960, 1968)
        ``scott_pi``         two coders, joint margins (Scott 1955)
        ``fleiss_kappa``     any number, joint margins (Fleiss 1971)
        ``conger_kappa``     any number, margins of each coder (Conger 1980)
        ``light_kappa``      mean of Cohen's kappa over the pairs of coders (Light 1971)
        ``ac1``, ``ac2``     Gwet's coefficients, without and with weights (Gwet 2008)
        ``brennan_prediger`` chance is even over the categories; Bennett's S (Brennan & Prediger
                             1981)
        ``icc1``             intraclass correlation, one-way: ICC(1)
        ``icc_agreement``    two-way, absolute agreement: ICC(A,1)
        ``icc_consistency``  two-way, consistency: ICC(C,1) (McGraw & Wong 1996)
        ==================== ===============================================================

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
        Partial agreement, for coefficients that compare pairs of categories (all but alpha,
        ``percent_pairs``, ``ac1`` and the intraclass correlations): a name (see `weight_matrix`:
        ``"linear"``, ``"quadratic"``, ``"ordinal"`` …) or a matrix. ``ac2`` takes quadratic ones if
        none are given.
    distance
        For alpha, in place of `level`: ``"jaccard"`` or ``"masi"`` for codes that are sets
        (frozensets, or text parted by ``|``), a matrix of disagreements, or a function of two
        codes.
    categories
        All codes that could have been used, in order; else those of the column's categories, else
        those that were used. AC1, AC2 and Brennan–Prediger depend on their number.
    missing
        For arrays: the value that stands for no code, besides NaN. Frames leave it empty.
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
        If a column is missing, a coder coded a unit twice, an option is not known or would not be
        used, or the coefficient does not fit the data (two coders for Cohen and Scott, complete
        data for the intraclass correlations).

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
    options = Options(
        coefficient=coefficient,
        level=level,
        weights=weights,
        distance=distance,
        interval=interval,
        confidence=confidence,
        replicates=replicates,
        seed=seed,
    )
    patterns = count_patterns(frame, unit, coder, value, categories, missing)
    return Computation(patterns, options).measure()


def agreements(
    frame: Any, coefficients: Sequence[str], level: str = "ordinal", **options: Any
) -> list[Agreement]:
    """Measure several coefficients of the same codes: they are read once, and drawn once.

    Parameters
    ----------
    frame, level, options
        As for `agreement`, whose figures these are.
    coefficients
        Their names.

    Returns
    -------
    list of Agreement
        One for each coefficient.

    Raises
    ------
    StancepackError
        As for `agreement`.

    Examples
    --------
    >>> import stancepack as sp
    >>> from stancepack.reliability.agreement import agreements
    >>> codings = sp.load().settling("codings")
    >>> figures = agreements(codings, ["alpha", "percent"], interval="none")
    >>> [figure.coefficient for figure in figures]
    ['alpha', 'percent']
    """
    reading, measuring = _sorted_options(options)
    patterns = count_patterns(frame, **reading)
    every = [Options(coefficient=name, level=level, **measuring) for name in coefficients]
    return measure_together([Computation(patterns, each) for each in every])


def agreement_by(
    frame: Any, by: str, coefficient: str = "alpha", level: str = "ordinal", **options: Any
) -> pd.DataFrame:
    """Measure agreement by code, by coder, or by pair of coders.

    Parameters
    ----------
    frame, coefficient, level, options
        As for `agreement`.
    by
        ``"code"``: each code against all others (nominal; weights and distances are refused).
        ``"coder"``: without each coder. ``"pair"``: each two coders.

    Returns
    -------
    pandas.DataFrame
        ``code``, ``coder`` (the one left out), or ``coder`` and ``other``; then ``value``, ``low``,
        ``high``, ``n_units`` and ``note``.

    Raises
    ------
    StancepackError
        As for `agreement`, or if `by` is not known.

    References
    ----------
    Fleiss, J. L. (1971). Measuring nominal scale agreement among many raters. Psychological
    Bulletin 76, 378–382. https://doi.org/10.1037/h0031619

    Examples
    --------
    >>> import stancepack as sp
    >>> codings = sp.load().settling("codings")
    >>> table = sp.agreement_by(codings[codings["issue_id"] == "us-sites"], "code", interval="none")
    >>> table.columns.tolist()
    ['code', 'value', 'low', 'high', 'n_units', 'note']
    """
    if by not in BY:
        raise StancepackError(f"by={by!r} is not known; {did_you_mean(by, BY)}")
    reading, measuring = _sorted_options(options)
    chosen = Options(coefficient=coefficient, level=level, **measuring)
    patterns = count_patterns(frame, **reading)
    if by == "code":
        chosen = _of_one_code(chosen)
    rows = []
    for name, some in _PARTS[by](patterns):
        figure = Computation(some.take(some.size > 0), chosen).measure()
        rows.append({**name, **{column: getattr(figure, column) for column in _FIGURES}})
    return pd.DataFrame(rows, columns=[*BY[by], *_FIGURES])


def _sorted_options(options: dict[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """Part options of reading codes from options of measuring; refuse names of neither."""
    known = [name for name in (*_READING, *_MEASURING) if name not in ("coefficient", "level")]
    for name in options:
        if name not in known:
            raise StancepackError(f"option {name!r} is not known; {did_you_mean(name, known)}")
    reading = {name: given for name, given in options.items() if name in _READING}
    return reading, {name: given for name, given in options.items() if name in _MEASURING}


def _of_one_code(options: Options) -> Options:
    """Return the options for a code against all others, which is nominal."""
    for name in ("weights", "distance"):
        if getattr(options, name) is not None:
            raise StancepackError(
                f"{name} would not be used: a code against all others agrees or does not."
            )
    coefficient = "ac1" if options.coefficient == "ac2" else options.coefficient
    return replace(options, coefficient=coefficient, level="nominal")


Part = tuple[dict[str, Any], Patterns]


def _codes(patterns: Patterns) -> Iterator[Part]:
    for rank, code in enumerate(patterns.categories):
        yield {"code": code}, patterns.one_against_all(rank, np.array([1.0, 2.0]))


def without_each_coder(patterns: Patterns) -> Iterator[Part]:
    """Go through the coders: the patterns of all others, where two are left."""
    coders = range(len(patterns.coders))
    for coder, name in enumerate(patterns.coders if len(coders) > 2 else []):
        others = [other for other in coders if other != coder]
        yield {"coder": name}, patterns.of_coders(others)


def pairs_of_coders(patterns: Patterns) -> Iterator[Part]:
    """Go through the pairs of coders, with their patterns."""
    for first, second in combinations(range(len(patterns.coders)), 2):
        names = {"coder": patterns.coders[first], "other": patterns.coders[second]}
        yield names, patterns.of_coders([first, second])


_PARTS = {"code": _codes, "coder": without_each_coder, "pair": pairs_of_coders}
