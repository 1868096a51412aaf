"""What makes coders disagree: by unit, coder, code, pair and rule; and how much coding an interval needs."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from stancepack.reliability.agreement import agreement
from stancepack.reliability.counts import Patterns, distinct, patterns
from stancepack.reliability.result import Agreement
from stancepack.reliability.weights import distance_matrix

if TYPE_CHECKING:
    from matplotlib.figure import Figure
    from numpy.typing import ArrayLike

    from stancepack.reliability.counts import Floats


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
        worst = self.units.iloc[0] if len(self.units) and self.units["share"].iloc[0] > 0 else None
        if worst is not None:
            half = int((self.units["share"].cumsum() < 0.5).sum()) + 1
            text += f"; half of the disagreement lies in {half} of {len(self.units)} units"
        return text

    def plot(self) -> Figure:
        """Draw the coincidence matrix: which codes stood beside which, with the number of pairs in each cell.

        Returns
        -------
        matplotlib.figure.Figure
            Cells on the diagonal are agreement. Shade is the share of the row, so that rare codes
            can be read too.
        """
        from stancepack.plots.figure import drawing

        matrix = self.coincidences.to_numpy()
        names = [str(name) for name in self.coincidences.index]
        size = 1.6 + 0.62 * len(names)
        figure = drawing(max(size + 0.9, 5.0), size)
        axes = figure.add_subplot()
        with np.errstate(invalid="ignore", divide="ignore"):
            share = np.nan_to_num(matrix / matrix.sum(axis=1, keepdims=True))
        axes.imshow(share, cmap="Greys", vmin=0, vmax=1.25)
        for row, column in np.ndindex(*matrix.shape):
            if matrix[row, column] > 0:
                colour = "white" if share[row, column] > 0.6 else "black"
                axes.text(
                    column,
                    row,
                    f"{matrix[row, column]:.4g}",
                    ha="center",
                    va="center",
                    color=colour,
                    fontsize=9,
                )
        axes.set_xticks(range(len(names)), names)
        axes.set_yticks(range(len(names)), names)
        axes.set_xlabel("code of another coder")
        axes.set_ylabel("code of one coder")
        axes.set_title(repr(self.agreement).partition(";")[0], fontsize=9, loc="left")
        return figure


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
        code ``merged`` with the next one. ``pairs``: alpha and percent agreement of every two
        coders. ``margins``: share of each code by coder. ``coincidences``: Krippendorff's matrix of
        observed coincidences, whose sum is the number of pairable codes. ``rows``: the rows of the
        frame that entered the figure.

    Raises
    ------
    StancepackError
        As for `agreement`.

    References ---------- Krippendorff, K. (2004). Reliability in content analysis: some common
    misconceptions and recommendations. Human Communication Research 30, 411–433.
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
    options: dict[str, Any] = {
        "coder": coder,
        "value": value,
        "distance": distance,
        "unit": unit,
        "level": level,
    }
    figure = agreement(frame, **options, interval=interval)
    found = patterns(frame, unit, coder, value)
    names = [unit] if isinstance(unit, str) else unit
    keys = list(
        names
        or [
            name
            for name in ("round", "statement_id", "issue_id", "variable")
            if name in frame.columns
        ]
    )
    coded = frame[frame[value].notna()]
    rows = coded[coded.groupby(keys, observed=True)[value].transform("size") >= 2]
    wide = rows.set_index([*keys, coder])[value].unstack()
    places = {str(category): place for place, category in enumerate(found.categories)}
    order = [list(wide.columns).index(name) for name in found.coders if name in set(wide.columns)]
    text = wide.iloc[:, order].map(
        lambda code: -1 if pd.isna(code) else places[_label(code, places)]
    )
    codes = text.to_numpy(dtype=np.int64)
    metric = _metric(found, level, distance, codes)
    within = np.array([_within(row[row >= 0], metric) for row in codes])
    total = within.sum()
    units = wide.reset_index()
    units.columns.name = None
    units["share"] = within / total if total > 0 else 0.0
    units["without"] = _without_units(found, codes, level, distance)
    units = units.sort_values("share", ascending=False, kind="stable").reset_index(drop=True)
    again = dict(options, interval="none")
    numbers = np.append(found.numbers, np.nan)[codes] if found.numeric else None
    coders = _by_coder(rows, found, again, coder, numbers)
    return Diagnosis(
        agreement=figure,
        units=units,
        coders=coders,
        codes=_by_code(found, level),
        pairs=_by_pair(rows, again, coder),
        margins=rows.groupby(coder, observed=True)[value]
        .value_counts(normalize=True)
        .unstack(fill_value=0.0),
        coincidences=_coincidences(found),
        rows=rows.reset_index(drop=True),
    )


def _label(code: Any, places: dict[str, int]) -> str:
    """Return the name under which a code is known, be it 1, 1.0 or "1"."""
    return next(
        (name for name in (str(code), f"{code}.0", str(code).removesuffix(".0")) if name in places),
        str(code),
    )


def _metric(found: Patterns, level: str, distance: Any, codes: Any) -> Floats:
    if distance is not None:
        return distance_matrix(distance, found.categories)
    numbers = found.numbers
    if level == "nominal":
        return np.asarray(1.0 - np.eye(len(numbers)))
    if level == "ratio":
        with np.errstate(invalid="ignore", divide="ignore"):
            return np.asarray(
                np.nan_to_num(((numbers[:, None] - numbers) / (numbers[:, None] + numbers)) ** 2)
            )
    if level == "ordinal":
        margins = np.bincount(codes[codes >= 0], minlength=len(numbers))
        numbers = np.cumsum(margins) - margins / 2
    return np.asarray((numbers[:, None] - numbers) ** 2)


def _within(codes: Any, metric: Floats) -> float:
    return float(metric[np.ix_(codes, codes)].sum() / (len(codes) - 1)) if len(codes) > 1 else 0.0


def _without_units(found: Patterns, codes: Any, level: str, distance: Any) -> Floats:
    """Return alpha without each unit; units with the same codes have the same."""
    from stancepack.reliability.coefficients import estimator

    matrix = None if distance is None else distance_matrix(distance, found.categories)
    rows, units = distinct(codes, None, len(found.categories))
    whole = Patterns(rows, units, found.categories, found.coders, found.numbers, found.numeric)
    values = estimator(whole, "alpha", level, np.eye(0), matrix)(
        units[None, :] - np.eye(len(units))
    )
    place = {tuple(row): value for row, value in zip(rows.tolist(), values, strict=True)}
    return np.array([place[tuple(row)] for row in codes.tolist()])


def _by_coder(
    rows: pd.DataFrame, found: Patterns, options: dict[str, Any], coder: str, numbers: Floats | None
) -> pd.DataFrame:
    out = []
    pairs = _by_pair(rows, options, coder)
    for place, name in enumerate(found.coders):
        mine = pairs[(pairs["coder"] == name) | (pairs["other"] == name)]
        rest = rows[rows[coder] != name]
        without = agreement(rest, **options).value if len(found.coders) > 2 else float("nan")
        bias = float("nan")
        if numbers is not None and numbers.shape[1] > 1:
            others = np.delete(numbers, place, axis=1)
            both = ~np.isnan(numbers[:, place]) & ~np.isnan(others).all(axis=1)
            bias = (
                float((numbers[both, place] - np.nanmean(others[both], axis=1)).mean())
                if both.any()
                else bias
            )
        count = int((rows[coder] == name).sum())
        out.append(
            {
                "coder": name,
                "n": count,
                "without": without,
                "pairwise": mine["alpha"].mean(),
                "bias": bias,
            }
        )
    return pd.DataFrame(out, columns=["coder", "n", "without", "pairwise", "bias"])


def _by_pair(rows: pd.DataFrame, options: dict[str, Any], coder: str) -> pd.DataFrame:
    out = []
    for one, other in combinations(pd.unique(rows[coder]), 2):
        both = rows[rows[coder].isin([one, other])]
        figure = agreement(both, **options)
        percent = agreement(both, "percent", **{**options, "distance": None})
        out.append(
            {
                "coder": one,
                "other": other,
                "n_units": figure.n_units,
                "alpha": figure.value,
                "percent": percent.value,
            }
        )
    return pd.DataFrame(out, columns=["coder", "other", "n_units", "alpha", "percent"])


def _by_code(found: Patterns, level: str) -> pd.DataFrame:
    """Return alpha of each code against the others, and with the code and the next one made one."""
    from stancepack.reliability.coefficients import estimator

    def alpha(p: Patterns, level: str) -> float:
        p = p.take(p.size >= 2)
        return (
            float(estimator(p, "alpha", level, np.eye(0), None)(p.units[None, :])[0])
            if len(p.codes)
            else float("nan")
        )

    pairable = found.take(found.size >= 2)
    counts = (
        pairable.units @ pairable.counts if len(pairable.codes) else np.zeros(len(found.categories))
    )
    width, out = len(found.categories), []
    for place, code in enumerate(found.categories):
        apart = found.recoded(
            [int(other == place) for other in range(width)], [0, 1], np.array([0.0, 1.0])
        )
        merged = float("nan")
        if place + 1 < width > 2:
            joined = [other - (other > place) for other in range(width)]
            merged = alpha(
                found.recoded(joined, list(range(width - 1)), np.delete(found.numbers, place + 1)),
                level,
            )
        total = counts.sum()
        share = float(counts[place] / total) if total else float("nan")
        out.append(
            {
                "code": code,
                "n": int(counts[place]),
                "prevalence": share,
                "alpha": alpha(apart, "nominal"),
                "merged": merged,
            }
        )
    return pd.DataFrame(out, columns=["code", "n", "prevalence", "alpha", "merged"])


def _coincidences(found: Patterns) -> pd.DataFrame:
    p = found.take(found.size >= 2)
    weights = p.units / (p.size - 1)
    matrix = (p.counts * weights[:, None]).T @ p.counts - np.diag(weights @ p.counts)
    names = pd.Index(list(found.categories), name="code")
    return pd.DataFrame(matrix, index=names, columns=names)
