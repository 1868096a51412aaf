"""Inter-coder agreement with its interval.

Everything is computed from the *patterns* of codes: how many units were coded (1, 1), how many (1,
2), and so on. Resampling units is the same as drawing the counts of the patterns from a
multinomial, so a bootstrap costs no more for a million units than for a hundred.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import fields, replace
from itertools import combinations
from typing import TYPE_CHECKING, Any, TypedDict, Unpack, cast

import pandas as pd

from stancepack.arguments import listed
from stancepack.errors import StancepackError, did_you_mean, known_name
from stancepack.reliability.codings import Codings, Reading, read
from stancepack.reliability.computation import Computation, Options, measure_together
from stancepack.reliability.counts import Patterns
from stancepack.reliability.result import Agreement
from stancepack.reliability.weights import DISTANCES, label_sets
from stancepack.spellings import Keywords, old_spellings

if TYPE_CHECKING:
    from numpy.typing import ArrayLike


BY = {"code": ["code"], "coder": ["coder"], "pair": ["coder", "other"]}  # what names a row of each
_FIGURES = ["value", "low", "high", "n_units", "note"]
_MEASURING = tuple(field.name for field in fields(Options))


class Measuring(TypedDict, total=False):
    """What is measured, and its interval; see `agreement`."""

    level: str
    weights: str | ArrayLike | pd.DataFrame | None
    distance: str | ArrayLike | pd.DataFrame | Callable[[Any, Any], float] | None
    interval: float | None
    method: str
    draws: int
    seed: int


class ReadingAndMeasuring(Reading, Measuring, total=False):
    """All that a figure takes but the coefficient."""


def reread_interval(options: Keywords) -> Keywords:
    """Translate the interval that was named, and the share that it should hold, as they were."""
    new = dict(options)
    if isinstance(new.get("interval"), str):
        method = new.pop("interval")
        if method == "none":
            new["interval"] = None
        else:
            new["method"] = method
    if "confidence" in new:
        share = new.pop("confidence")
        new.setdefault("interval", share)
    draws = new.get("draws")
    if isinstance(draws, int) and not isinstance(draws, bool) and draws == 0:
        del new["draws"]
        new["interval"] = None
    return new


RENAMED = {"frame": "data", "replicates": "draws", "categories": "order"}


@old_spellings(
    positional=("coefficient", "level", "unit", "coder", "value", "confidence", "draws", "seed"),
    renamed=RENAMED,
    reread=reread_interval,
)
def agreement(
    data: Any,
    *,
    coefficient: str = "alpha",
    level: str = "ordinal",
    weights: str | ArrayLike | pd.DataFrame | None = None,
    distance: str | ArrayLike | pd.DataFrame | Callable[[Any, Any], float] | None = None,
    interval: float | None = 0.95,
    method: str = "bca",
    draws: int = 10_000,
    seed: int = 0,
    **reading: Unpack[Reading],
) -> Agreement:
    r"""Measure the agreement of coders.

    Parameters
    ----------
    data
        Codes: `Codings`, or whatever `codings` reads by the keywords in `reading`.
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
        two values), ``"interval"`` or ``"ratio"``. The ordinal level needs codes whose order is
        known: numbers, an ordered type, or ``order=``. The other coefficients are nominal unless
        `weights` are given.
    weights
        Partial agreement, for coefficients that compare pairs of categories (all but alpha,
        ``percent_pairs``, ``ac1`` and the intraclass correlations): a name (see `weight_matrix`:
        ``"linear"``, ``"quadratic"``, ``"ordinal"`` …) or a matrix: a frame is read by its labels,
        an array by the order of the codes. ``ac2`` takes quadratic ones if none are given.
    distance
        For alpha, in place of `level`: ``"jaccard"`` or ``"masi"`` for codes that are sets, a
        matrix of disagreements (a frame by its labels), or a function of two codes.
    interval
        How often the interval should hold the truth; None for none.
    method
        How the interval is made. ``"bca"``: bootstrap over units, bias-corrected and accelerated,
        the acceleration from the jackknife of the data. ``"percentile"``: its quantiles as they
        are. ``"jackknife"``: over units, on :math:`\log(1 - x)`, with Student's t.
        ``"jackknife-coders"``: the same over units and coders together, for conclusions about
        coders like these; at least three. ``"analytic"``: Gwet's standard errors, not for alpha.
    draws, seed
        Of the bootstrap.
    **reading
        ``layout``, ``unit``, ``coder``, ``value``, ``missing``, ``order``, ``parts``; see
        `codings`. Codes that could have been used count though nobody used them: AC1, AC2 and
        Brennan–Prediger depend on their number. A unit with one code is not counted, though it
        stays in the margins of Fleiss, Conger, AC1 and AC2, as Gwet has it.

    Returns
    -------
    Agreement
        ``value``, ``low``, ``high``, ``n_units`` (with at least two codes), ``n_coders``,
        ``level``, ``method``, ``note``, ``verdict``. Where the coefficient is not defined the
        figures are NaN and the note says why.

    Raises
    ------
    StancepackError
        If the codes cannot be read, an option is not known or would not be used, or the
        coefficient does not fit the data (two coders for Cohen and Scott, complete data for the
        intraclass correlations, a known order for the ordinal level, numbers for others).

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
    >>> codings = sp.load().settling("codings")
    >>> codings = codings[codings["issue_id"] == "joint-defence"]
    >>> result = sp.agreement(codings, level="ordinal")
    >>> result.low <= result.value <= result.high
    True
    >>> sp.agreement(codings, coefficient="ac2", weights="linear", method="analytic").method
    "Gwet's standard error over units, Student's t"
    """
    options = Options(
        coefficient=coefficient,
        level=level,
        weights=weights,
        distance=distance,
        interval=interval,
        method=method,
        draws=draws,
        seed=seed,
    )
    return measured(read(data, reading, *_MEASURING), [options])[0]


def measured(codings: Codings, options: Sequence[Options]) -> list[Agreement]:
    """Measure read codes by several options that differ in the coefficient alone."""
    for each in options:
        codings.check(each)
    results = measure_together([Computation(codings.patterns, each) for each in options])
    return [
        result.with_notes(_notes(codings, each))
        for result, each in zip(results, options, strict=True)
    ]


def _notes(codings: Codings, options: Options) -> list[str]:
    """Return what is to be said of how the codes were read, and of what was not there."""
    notes = list(codings.notes)
    if isinstance(options.distance, str) and options.distance in DISTANCES:
        notes += [note for note in (label_sets(codings.patterns.categories)[1],) if note]
    if not len(codings.patterns.codes):
        notes.append("There is no code at all: no row was chosen, or every cell is empty.")
    return notes


@old_spellings(positional=("coefficients", "level"), renamed=RENAMED, reread=reread_interval)
def agreements(
    data: Any, *, coefficients: Sequence[str], **options: Unpack[ReadingAndMeasuring]
) -> list[Agreement]:
    """Measure several coefficients of the same codes: they are read once, and drawn once.

    Parameters
    ----------
    data, **options
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
    >>> figures = agreements(codings, coefficients=["alpha", "percent"], interval=None)
    >>> [figure.coefficient for figure in figures]
    ['alpha', 'percent']
    """
    if isinstance(coefficients, str) or not isinstance(coefficients, Iterable):
        raise StancepackError(f"coefficients is {coefficients!r}; it lists names of coefficients.")
    reading, measuring = _sorted_options(dict(options))
    names = listed("coefficients", coefficients)
    each = [Options(coefficient=name, **measuring) for name in names]
    return measured(read(data, reading), each)


@old_spellings(positional=("by", "coefficient", "level"), renamed=RENAMED, reread=reread_interval)
def agreement_by(
    data: Any,
    *,
    by: str,
    coefficient: str = "alpha",
    **options: Unpack[ReadingAndMeasuring],
) -> pd.DataFrame:
    """Measure agreement by code, by coder, or by pair of coders.

    Parameters
    ----------
    data, coefficient, **options
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
    >>> codings = codings[codings["issue_id"] == "us-sites"]
    >>> table = sp.agreement_by(codings, by="code", interval=None)
    >>> table.columns.tolist()
    ['code', 'value', 'low', 'high', 'n_units', 'note']
    """
    known_name("by", by, BY)
    reading, measuring = _sorted_options(dict(options))
    chosen = Options(coefficient=coefficient, **measuring)
    if by == "code":
        chosen = _of_one_code(chosen)
    codings = read(data, reading)
    codings.check(chosen)
    if by != "code" and codings.patterns.anonymous:
        raise StancepackError(
            f"by={by!r} needs to know who gave which code, and a table of counts does not say."
        )
    rows = []
    for name, patterns in _PARTS[by](codings.patterns):
        figure = Computation(patterns.take(patterns.size > 0), chosen).measure()
        figure = figure.with_notes(_notes(codings, chosen))
        rows.append({**name, **{column: getattr(figure, column) for column in _FIGURES}})
    return pd.DataFrame(rows, columns=[*BY[by], *_FIGURES])


def _sorted_options(options: dict[str, Any]) -> tuple[Reading, dict[str, Any]]:
    """Part options of reading codes from options of measuring; refuse names of neither."""
    measures = [name for name in _MEASURING if name != "coefficient"]
    known = [*Reading.__annotations__, *measures]
    for name in options:
        if name not in known:
            raise StancepackError(f"option {name!r} is not known; {did_you_mean(name, known)}")
    measuring = {name: given for name, given in options.items() if name in measures}
    reading = {name: given for name, given in options.items() if name not in measures}
    return cast("Reading", reading), measuring


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
        yield {"code": code}, patterns.one_against_all(rank)


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
