"""What makes coders disagree: by unit, coder, code and pair."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from stancepack.reliability.agreement import pairs_of_coders, without_each_coder
from stancepack.reliability.coefficients import estimator, mid_ranks, squared_distance
from stancepack.reliability.computation import Computation, Options
from stancepack.reliability.counts import CodedRows, Patterns, coded_rows
from stancepack.reliability.intervals import estimates_without
from stancepack.reliability.result import Agreement
from stancepack.reliability.weights import distance_matrix

if TYPE_CHECKING:
    from matplotlib.figure import Figure
    from numpy.typing import ArrayLike

    from stancepack.reliability.counts import Floats, Integers

_HALF = 0.5  # of the disagreement, of which is said in how few units it lies


@dataclass(frozen=True, eq=False)
class Diagnosis:
    """What a figure of agreement is made of; see `diagnose`."""

    agreement: Agreement
    units: pd.DataFrame
    coders: pd.DataFrame
    codes: pd.DataFrame
    pairs: pd.DataFrame
    margins: pd.DataFrame
    coincidences: pd.DataFrame
    rows: pd.DataFrame

    def __repr__(self) -> str:
        """Say the figure, and what weighs most on it."""
        text = repr(self.agreement)
        share = self.units["share"]
        if share.sum() > 0:
            worst = int((share.cumsum() < _HALF).sum()) + 1
            text += f"; half of the disagreement lies in {worst} of {len(self.units)} units"
        return text

    def plot(self) -> Figure:
        """Draw the coincidence matrix: which codes stood beside which.

        Returns
        -------
        matplotlib.figure.Figure
            Cells on the diagonal are agreement; the number is that of pairs. Shade is the share of
            the row, so that rare codes can be read too.
        """
        from stancepack.plots.coincidences import plot_coincidences

        return plot_coincidences(self.coincidences, repr(self.agreement).partition(";")[0])


def diagnose(
    frame: pd.DataFrame,
    level: str = "ordinal",
    unit: str | Sequence[str] | None = None,
    coder: str = "coder_id",
    value: str = "position",
    *,
    distance: str | ArrayLike | Callable[[Any, Any], float] | None = None,
    interval: str = "bca",
) -> Diagnosis:
    r"""Take an alpha apart: which units, coders, codes and pairs of coders make the disagreement.

    Parameters
    ----------
    frame, level, unit, coder, value, distance, interval
        As for `agreement`; a pandas frame.

    Returns
    -------
    Diagnosis
        ``agreement``: the figure. ``units``: each unit with its codes, its ``share`` of the
        observed disagreement, and alpha ``without`` it, worst first. ``coders``: how many codes
        each gave, alpha ``without`` the coder, mean ``pairwise`` alpha with the others, and the
        ``bias``: mean code less that of the others on the same units. ``codes``: how often each was
        used, ``prevalence``, ``alpha`` of the code against all others (nominal), and alpha with the
        code ``merged`` with the next one (not under a distance). ``pairs``: alpha and percent
        agreement of every two coders. ``margins``: share of each code by coder. ``coincidences``:
        Krippendorff's matrix of observed coincidences, whose sum is the number of pairable codes.
        ``rows``: the rows of the frame that entered the figure.

    Raises
    ------
    StancepackError
        As for `agreement`.

    References
    ----------
    Krippendorff, K. (2004). Reliability in content analysis: some common misconceptions and
    recommendations. Human Communication Research 30, 411–433.
    https://doi.org/10.1111/j.1468-2958.2004.tb00738.x

    Byrt, T., Bishop, J., & Carlin, J. B. (1993). Bias, prevalence and kappa. Journal of Clinical
    Epidemiology 46, 423–429. https://doi.org/10.1016/0895-4356(93)90018-V

    Examples
    --------
    >>> import stancepack as sp
    >>> codings = sp.load().settling("codings")
    >>> result = sp.diagnose(codings[codings["issue_id"] == "limits"], interval="none")
    >>> bool(result.units["share"].is_monotonic_decreasing)
    True
    """
    options = Options(level=level, distance=distance, interval=interval)
    coded = coded_rows(frame, unit, coder, value)
    patterns = coded.counted()
    point = replace(options, interval="none")
    codes = frame[frame[value].notna()]
    pairable = codes[codes.groupby(coded.keys, observed=True)[value].transform("size") >= 2]
    shares = pairable.groupby(coder, observed=True)[value].value_counts(normalize=True)
    pairs = _by_pair(patterns, point)
    return Diagnosis(
        agreement=Computation(patterns, options).measure(),
        units=_by_unit(coded, pairable.set_index([*coded.keys, coder])[value].unstack(), point),
        coders=_by_coder(patterns, pairs, point),
        codes=_by_code(patterns, point),
        pairs=pairs,
        margins=shares.unstack(fill_value=0.0),
        coincidences=_coincidences(patterns),
        rows=pairable.reset_index(drop=True),
    )


def _by_unit(coded: CodedRows, wide: pd.DataFrame, options: Options) -> pd.DataFrame:
    """Return the units with their codes, share of the disagreement, and alpha without, worst first.

    `wide` has the codes of the pairable units by coder; units of one pattern have the same figures.
    """
    units, patterns, pattern_of_unit = coded.by_unit()
    by_name = pd.Series(pattern_of_unit, index=units.set_index(coded.keys).index)
    pattern_of_row = by_name.reindex(wide.index).to_numpy()
    metric = _metric(patterns.pairable, options)
    disagreement = np.array([_disagreement(row[row >= 0], metric) for row in patterns.codes])
    by_row = disagreement[pattern_of_row]
    total = by_row.sum()
    without = np.full(len(patterns.codes), np.nan)
    without[patterns.size >= 2] = _without_a_unit(patterns.pairable, options)
    table = wide.reset_index()
    table.columns.name = None
    table["share"] = by_row / total if total > 0 else 0.0
    table["without"] = without[pattern_of_row]
    return table.sort_values("share", ascending=False, kind="stable").reset_index(drop=True)


def _metric(pairable: Patterns, options: Options) -> Floats:
    """Return the disagreement of every two categories, of the level or the distance."""
    if options.distance is not None:
        return distance_matrix(options.distance, pairable.categories)
    if options.level == "ordinal":
        return squared_distance(mid_ranks(pairable.units @ pairable.counts), "interval")
    return squared_distance(pairable.numbers, options.level)


def _disagreement(codes: Integers, metric: Floats) -> float:
    if len(codes) < 2:
        return 0.0
    return float(metric[np.ix_(codes, codes)].sum() / (len(codes) - 1))


def _without_a_unit(pairable: Patterns, options: Options) -> Floats:
    """Return alpha without one unit of each pattern."""
    if not len(pairable.codes):
        return np.zeros(0)
    distance = options.distance
    matrix = None if distance is None else distance_matrix(distance, pairable.categories)
    estimate = estimator(pairable, "alpha", options.level, np.eye(0), matrix)
    return estimates_without(estimate, pairable.units)


def _by_pair(patterns: Patterns, options: Options) -> pd.DataFrame:
    """Return alpha and percent agreement of every two coders."""
    percent = replace(options, coefficient="percent", distance=None)
    rows = []
    for names, of_pair in pairs_of_coders(patterns.pairable):
        alpha = Computation(of_pair, options)
        share = Computation(of_pair.pairable, percent).value()
        rows.append({**names, "n_units": alpha.n_units, "alpha": alpha.value(), "percent": share})
    return pd.DataFrame(rows, columns=["coder", "other", "n_units", "alpha", "percent"])


def _by_coder(patterns: Patterns, pairs: pd.DataFrame, options: Options) -> pd.DataFrame:
    """Return each coder's number of codes, alpha without and beside the coder, and bias."""
    pairable = patterns.pairable
    without = {
        names["coder"]: Computation(of_others, options).value()
        for names, of_others in without_each_coder(pairable)
    }
    rows = []
    for number, name in enumerate(patterns.coders):
        with_others = pairs[(pairs["coder"] == name) | (pairs["other"] == name)]
        rows.append(
            {
                "coder": name,
                "n": int(pairable.units @ (pairable.codes[:, number] >= 0)),
                "without": without.get(name, np.nan),
                "pairwise": with_others["alpha"].mean(),
                "bias": _bias(pairable, number),
            }
        )
    return pd.DataFrame(rows, columns=["coder", "n", "without", "pairwise", "bias"])


def _bias(pairable: Patterns, coder: int) -> float:
    """Return the mean of a coder's codes less the others' mean on the same units."""
    given = pairable.codes[:, coder] >= 0
    if not (pairable.numeric and given.any()):
        return float("nan")
    numbers = np.append(pairable.numbers, np.nan)[pairable.codes[given]]
    others = np.nanmean(np.delete(numbers, coder, axis=1), axis=1)
    return float(np.average(numbers[:, coder] - others, weights=pairable.units[given]))


def _by_code(patterns: Patterns, options: Options) -> pd.DataFrame:
    """Return alpha of each code against the others, and with the code and the next one made one."""
    nominal = replace(options, level="nominal", distance=None)
    counts = patterns.pairable.units @ patterns.pairable.counts
    total, width = counts.sum(), len(patterns.categories)
    rows = []
    for rank, code in enumerate(patterns.categories):
        against_all = patterns.one_against_all(rank, np.array([0.0, 1.0]))
        merged = float("nan")
        if options.distance is None and rank + 1 < width > 2:
            merged = Computation(_with_next(patterns, rank), options).value()
        rows.append(
            {
                "code": code,
                "n": int(counts[rank]),
                "prevalence": float(counts[rank] / total) if total else float("nan"),
                "alpha": Computation(against_all, nominal).value(),
                "merged": merged,
            }
        )
    return pd.DataFrame(rows, columns=["code", "n", "prevalence", "alpha", "merged"])


def _with_next(patterns: Patterns, rank: int) -> Patterns:
    """Return the patterns with a category and the next one made one."""
    width = len(patterns.categories)
    ranks = [other - (other > rank) for other in range(width)]
    return patterns.recoded(ranks, range(width - 1), np.delete(patterns.numbers, rank + 1))


def _coincidences(patterns: Patterns) -> pd.DataFrame:
    pairable = patterns.pairable
    counts, weights = pairable.counts, pairable.units / (pairable.size - 1)
    matrix = (counts * weights[:, None]).T @ counts - np.diag(weights @ counts)
    names = pd.Index(list(patterns.categories), name="code")
    return pd.DataFrame(matrix, index=names, columns=names)
