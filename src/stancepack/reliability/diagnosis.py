"""What makes coders disagree: by unit, coder, code and pair."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from html import escape
from typing import TYPE_CHECKING, Any, Unpack

import numpy as np
import pandas as pd

from stancepack.errors import StancepackError
from stancepack.reliability.agreement import (
    RENAMED,
    measured,
    pairs_of_coders,
    reread_interval,
    without_each_coder,
)
from stancepack.reliability.categories import Categories
from stancepack.reliability.codings import Reading, read
from stancepack.reliability.coefficients import estimator, mid_ranks, squared_distance
from stancepack.reliability.computation import Computation, Options
from stancepack.reliability.counts import Patterns
from stancepack.reliability.intervals import estimates_without
from stancepack.reliability.names import name_key
from stancepack.reliability.result import Agreement
from stancepack.reliability.rows import CodedRows
from stancepack.reliability.weights import distance_matrix
from stancepack.spellings import old_spellings

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from numpy.typing import ArrayLike

    from stancepack.reliability.counts import Floats, Integers

_HALF = 0.5  # of the disagreement, of which is said in how few units it lies
_SHOWN = 10  # units in a summary


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
        if self.n_half:
            text += f"; half of the disagreement lies in {self.n_half} of {len(self.units)} units"
        return text

    def _repr_html_(self) -> str:
        return f"<p>{escape(repr(self))}</p>{self.table.head(_SHOWN).to_html(index=False)}"

    @property
    def table(self) -> pd.DataFrame:
        """The units, worst first."""
        return self.units

    @property
    def n_half(self) -> int:
        """In how few units half of the disagreement lies; 0 where there is none."""
        share = self.units["share"]
        return int((share.cumsum() < _HALF).sum()) + 1 if share.sum() > 0 else 0

    def summary(self) -> str:
        """Say the figure, the units that disagree most, and the coders."""
        worst = self.units[self.units["share"] > 0].head(_SHOWN)
        tables = {"units that disagree most": worst, "coders": self.coders, "codes": self.codes}
        parts = [
            f"{name}\n{table.to_string(index=False, na_rep='–', float_format='{:.3f}'.format)}"
            for name, table in tables.items()
            if len(table)
        ]
        return "\n\n".join([repr(self), *parts])

    def plot(self, ax: Axes | None = None) -> Axes:
        """Draw the coincidence matrix: which codes stood beside which.

        Parameters
        ----------
        ax
            Where to draw; by default a figure of its own, which a notebook shows.

        Returns
        -------
        matplotlib.axes.Axes
            The axes drawn on; ``.figure.savefig(…)`` keeps the figure. Cells on the diagonal are
            agreement; the number is that of pairs. Shade is the share of the row, so that rare
            codes can be read too.
        """
        from stancepack.plots.coincidences import plot_coincidences

        return plot_coincidences(self.coincidences, repr(self.agreement).partition(";")[0], ax)


@old_spellings(
    positional=("level", "unit", "coder", "value"), renamed=RENAMED, reread=reread_interval
)
def diagnose(
    data: Any,
    *,
    level: str = "ordinal",
    distance: str | ArrayLike | pd.DataFrame | Callable[[Any, Any], float] | None = None,
    interval: float | None = 0.95,
    method: str = "bca",
    draws: int = 10_000,
    seed: int = 0,
    **reading: Unpack[Reading],
) -> Diagnosis:
    r"""Take an alpha apart: which units, coders, codes and pairs of coders make the disagreement.

    Parameters
    ----------
    data, level, distance, interval, method, draws, seed, **reading
        As for `agreement`.

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
        ``rows``: the tidy codes that entered the figure.

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
    >>> result = sp.diagnose(codings[codings["issue_id"] == "limits"], interval=None)
    >>> bool(result.units["share"].is_monotonic_decreasing)
    True
    """
    options = Options(
        level=level, distance=distance, interval=interval, method=method, draws=draws, seed=seed
    )
    codings = read(data, reading, *_OPTIONS)
    (figure,) = measured(codings, [options])
    patterns, coded = codings.patterns, codings.rows
    if patterns.anonymous:
        raise StancepackError(
            "a diagnosis needs to know who gave which code, and a table of counts does not say."
        )
    point = replace(options, interval=None)
    pairs = _by_pair(patterns, point)
    n_codes = (coded.codes >= 0).sum(axis=1)
    return Diagnosis(
        agreement=figure,
        units=_by_unit(coded, point),
        coders=_by_coder(patterns, pairs, point),
        codes=_by_code(patterns, point),
        pairs=pairs,
        margins=_margins(patterns.pairable),
        coincidences=_coincidences(patterns),
        rows=coded.frame[n_codes[coded.unit_numbers] >= 2].reset_index(drop=True),
    )


_OPTIONS = ("level", "distance", "interval", "method", "draws", "seed")


def _by_unit(coded: CodedRows, options: Options) -> pd.DataFrame:
    """Return the units with their codes, share of the disagreement, and alpha without, worst first.

    Units of one pattern have the same figures.
    """
    units, patterns, pattern_of_unit = coded.by_unit()
    names = units.to_numpy(dtype=object)
    in_order = sorted(range(len(units)), key=lambda unit: tuple(map(name_key, names[unit])))
    pairable = np.asarray(in_order, dtype=np.int64)
    pairable = pairable[patterns.size[pattern_of_unit[pairable]] >= 2]
    pattern_of_row = pattern_of_unit[pairable]
    metric = _metric(patterns.pairable, options)
    disagreement = np.array([_disagreement(row[row >= 0], metric) for row in patterns.codes])
    by_row = disagreement[pattern_of_row] if len(pattern_of_row) else np.zeros(0)
    total = by_row.sum()
    without = np.full(len(patterns.codes), np.nan)
    without[patterns.size >= 2] = _without_a_unit(patterns.pairable, options)
    codes = patterns.codes[pattern_of_row].T
    columns = [_as_codes(patterns.categories, column) for column in codes]
    given = [
        pd.Series(column, name=name) for column, name in zip(columns, patterns.coders, strict=True)
    ]
    figures = {
        "share": by_row / total if total > 0 else np.zeros(len(by_row)),
        "without": without[pattern_of_row],
    }
    worst_first = np.argsort(-figures["share"], kind="stable")
    tables = [units.iloc[pairable].reset_index(drop=True), *given, pd.DataFrame(figures)]
    return pd.concat(tables, axis=1).iloc[worst_first].reset_index(drop=True)


def _as_codes(categories: Categories, ranks: Integers) -> Any:
    """Return the codes of some ranks; nothing where there is none."""
    if categories.is_numeric:
        return np.append(categories.numbers, np.nan)[ranks]
    names = np.empty(len(categories) + 1, dtype=object)
    names[:-1] = list(categories)
    return names[ranks]


def _margins(pairable: Patterns) -> pd.DataFrame:
    """Return the share of each code among those of each coder."""
    given = [
        [float(pairable.units[column == rank].sum()) for rank in range(len(pairable.categories))]
        for column in pairable.codes.T
    ]
    table = pd.DataFrame(
        given,
        index=pd.Index(pairable.coders, name="coder"),
        columns=pd.Index(list(pairable.categories), name="code", tupleize_cols=False),
    )
    table = table[table.sum(axis=1) > 0]
    return table.div(table.sum(axis=1), axis=0)


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
        against_all = patterns.one_against_all(rank)
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
    kept = [other for other in range(width) if other != rank + 1]
    return patterns.recoded(ranks, patterns.categories.take(kept))


def _coincidences(patterns: Patterns) -> pd.DataFrame:
    pairable = patterns.pairable
    counts, weights = pairable.counts, pairable.units / (pairable.size - 1)
    matrix = (counts * weights[:, None]).T @ counts - np.diag(weights @ counts)
    names = pd.Index(list(patterns.categories), name="code", tupleize_cols=False)
    return pd.DataFrame(matrix, index=names, columns=names)
