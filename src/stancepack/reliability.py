"""Inter-coder agreement with its interval.

Everything is computed from the *patterns* of codes: how many units were coded (1, 1), how many (1, 2), and so on.
Resampling units is the same as drawing the counts of the patterns from a multinomial, so a bootstrap costs no more
for a million units than for a hundred.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from statistics import NormalDist
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from stancepack.codebook import LEVELS
from stancepack.errors import StancepackError, did_you_mean

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from stancepack.codebook import Codebook
    from stancepack.package import StancePackage

    Floats = NDArray[np.float64]

COEFFICIENTS = ("alpha", "percent")
CONVENTIONS = {"reliable": 0.800, "acceptable": 0.667}  # Krippendorff 2004, 241: firm and tentative conclusions
POOLED = ("addressed", "position")  # over all issues: scales of different meaning, so without a verdict
FEWEST = 10  # units, and codes other than the most frequent one, below which no verdict is given


@dataclass(frozen=True)
class Agreement:
    """A coefficient of agreement with its interval; prints in one line."""

    coefficient: str
    value: float
    low: float
    high: float
    level: str
    n_units: int
    n_coders: int
    method: str
    note: str = ""
    n_rare: int = FEWEST  # codes other than the most frequent one

    def __repr__(self) -> str:
        """Say the figure, its interval and what it rests on."""
        head = f"{self.coefficient} ({self.level})" if self.coefficient == "alpha" else self.coefficient
        figure = f"{self.value:.3f} [{self.low:.3f}, {self.high:.3f}]" if self.value == self.value else "not defined"
        tail = f"; {self.note}" if self.note else ""
        return f"{head} = {figure}, {self.n_units} units, {self.n_coders} coders{tail}"

    @property
    def verdict(self) -> str:
        """What may be done with a variable of this agreement: see the field ``verdict`` of the table ``agreement``."""
        if self.coefficient != "alpha":
            return "descriptive"
        if self.value != self.value:
            return "undefined"
        if self.n_units < FEWEST or self.n_rare < FEWEST:
            return "too-few"
        return next((word for word, bar in CONVENTIONS.items() if self.low >= bar), "tentative")


def agreement(
    frame: pd.DataFrame,
    coefficient: str = "alpha",
    level: str = "ordinal",
    unit: str | Sequence[str] | None = None,
    coder: str = "coder_id",
    value: str = "position",
    confidence: float = 0.95,
    replicates: int = 10_000,
    seed: int = 0,
) -> Agreement:
    r"""Measure the agreement of coders.

    Parameters
    ----------
    frame
        Tidy codes: one row for each unit and coder.
    coefficient
        ``"alpha"``, Krippendorff's alpha, :math:`\alpha = 1 - D_o / D_e`: observed over expected disagreement among
        pairable codes; or ``"percent"``, the share of agreeing pairs of codes of a unit, averaged over the units with
        at least two codes (Gwet's definition under missing codes).
    level
        ``"nominal"``, ``"ordinal"`` (Krippendorff's metric: the number of codes between two values), ``"interval"``
        or ``"ratio"``. Values that are not numbers are ordered as their category is, else by name. Percent agreement
        is nominal whatever is given.
    unit
        Column or columns that make a unit; by default those of ``round``, ``statement_id``, ``issue_id`` and
        ``variable`` that the frame has.
    coder, value
        Columns of coder and code. A missing code is missing: a unit with one code tells nothing and is not counted.
    confidence, replicates, seed
        Of the bootstrap interval over units: bias-corrected and accelerated (BCa), the acceleration from the
        jackknife of the data.

    Returns
    -------
    Agreement
        ``value``, ``low``, ``high``, ``n_units`` (with at least two codes), ``n_coders``, ``level``, ``method``,
        ``note``, ``verdict``. Where the coefficient is not defined the figures are NaN and the note says why.

    Raises
    ------
    StancepackError
        If a column is missing, a coder coded a unit twice, or an option is not known.

    References
    ----------
    Krippendorff, K. (2011). Computing Krippendorff's alpha-reliability. University of Pennsylvania.
    https://repository.upenn.edu/handle/20.500.14332/2089

    Efron, B. (1987). Better bootstrap confidence intervals. Journal of the American Statistical Association 82,
    171–185. https://doi.org/10.1080/01621459.1987.10478410

    Zapf, A., Castell, S., Morawietz, L., & Karch, A. (2016). Measuring inter-rater reliability for nominal data:
    which coefficients and confidence intervals are appropriate? BMC Medical Research Methodology 16, 93.
    https://doi.org/10.1186/s12874-016-0200-9

    Examples
    --------
    >>> import stancepack as sp
    >>> codings = sp.load()["codings"]
    >>> result = sp.agreement(codings[codings["issue_id"] == "joint-defence"], level="ordinal")
    >>> result.low <= result.value <= result.high
    True
    """
    if coefficient not in COEFFICIENTS:
        raise StancepackError(f"coefficient {coefficient!r} is not known; {did_you_mean(coefficient, COEFFICIENTS)}")
    if level not in LEVELS:
        raise StancepackError(f"level {level!r} is not known; {did_you_mean(level, LEVELS)}")
    if not 0 < confidence < 1 or replicates < 0:
        raise StancepackError("confidence should lie between 0 and 1, and replicates not be negative.")
    level = "nominal" if coefficient == "percent" else level
    patterns = _Patterns.of(frame, unit, coder, value)
    if level in ("interval", "ratio") and not patterns.numeric:
        raise StancepackError(f"level {level!r} needs numbers; the values of {value!r} are not numbers.")
    return patterns.measure(coefficient, level, confidence, replicates, seed)


@dataclass
class _Patterns:
    """Counts of codes for each distinct pattern of a unit, and how many units have it."""

    counts: Floats  # patterns × categories
    units: Floats  # patterns
    categories: Floats  # a number for each category, its rank if it is not a number
    numeric: bool
    n_coders: int

    @classmethod
    def of(cls, frame: pd.DataFrame, unit: str | Sequence[str] | None, coder: str, value: str) -> _Patterns:
        """Count the patterns of a tidy frame."""
        if unit is None:
            unit = [column for column in ("round", "statement_id", "issue_id", "variable") if column in frame.columns]
        keys = [unit] if isinstance(unit, str) else list(unit)
        for column in [*keys, coder, value]:
            if column not in frame.columns:
                raise StancepackError(f"the frame has no column {column!r}; {did_you_mean(column, frame.columns)}")
        if not keys:
            raise StancepackError("the frame has no column that makes a unit; name it with unit=…")
        coded = frame[frame[value].notna()]
        if coded[[*keys, coder]].isna().any(axis=None):
            raise StancepackError(
                f"a row has a code, but no {' or '.join([*keys, coder])}; every code needs its unit and its coder."
            )
        rows = _numbers(coded, keys)
        people = pd.factorize(coded[coder])[0]
        n_units, n_coders = int(rows.max(initial=-1)) + 1, int(people.max(initial=-1)) + 1
        double = np.bincount(rows * n_coders + people, minlength=1).max() > 1
        if double:
            row = coded[coded.duplicated([*keys, coder])].iloc[0]
            at = ", ".join(f"{column} {row[column]}" for column in [*keys, coder])
            raise StancepackError(f"coded twice: {at}. Keep one code for each unit and coder.")
        values = _as_numbers(coded[value])
        if isinstance(values.dtype, pd.CategoricalDtype):
            levels = values.cat.categories
            column = values.cat.codes.to_numpy().astype(np.int64)
        else:
            column, levels = pd.factorize(values, sort=True)
        numeric = not len(levels) or (pd.api.types.is_numeric_dtype(levels) and not pd.api.types.is_bool_dtype(levels))
        numbers = np.asarray(levels, dtype=float) if numeric else np.arange(len(levels), dtype=float)
        if not np.isfinite(numbers).all():
            raise StancepackError(f"column {value!r} has an infinite value; a code is a finite number or a name.")
        shape = n_units, len(levels)
        counts = np.bincount(rows * shape[1] + column, minlength=shape[0] * shape[1]).reshape(shape)
        distinct, units = _distinct(counts, n_coders)
        return cls(distinct.astype(float), units.astype(float), numbers, numeric, n_coders)

    def measure(self, coefficient: str, level: str, confidence: float, replicates: int, seed: int) -> Agreement:
        pairable = self.counts.sum(axis=1) >= 2
        counts, units = self.counts[pairable], self.units[pairable]
        n_units = int(units.sum())
        margins = units @ counts
        n_rare = int(margins.sum() - margins.max(initial=0))
        estimate: Callable[[Floats], Floats]
        if coefficient == "percent":
            size = counts.sum(axis=1)
            share = (counts * (counts - 1)).sum(axis=1) / (size * (size - 1))

            def estimate(weights: Floats) -> Floats:
                return np.asarray(weights @ share / weights.sum(axis=1))
        else:

            def estimate(weights: Floats) -> Floats:
                return _alpha(counts, weights, self.categories, level)

        nothing = float("nan")
        if n_units == 0:
            return Agreement(coefficient, nothing, nothing, nothing, level, 0, self.n_coders, "", "No unit has two codes.")
        point = float(estimate(units[None, :])[0])
        if point != point:
            why = "Only one code was used: there is no disagreement to expect."
            return Agreement(coefficient, nothing, nothing, nothing, level, n_units, self.n_coders, "", why)
        if replicates == 0 or n_units == 1:
            method = "no interval: one unit" if replicates else "no interval"
            return Agreement(coefficient, point, nothing, nothing, level, n_units, self.n_coders, method)
        # RandomState's stream is frozen by numpy, so a figure is the same under every version
        draws = np.random.RandomState(seed).multinomial(n_units, units / n_units, replicates)
        boot = estimate(draws.astype(float))
        boot = boot[~np.isnan(boot)]
        method = f"BCa bootstrap over units, {replicates} replicates, seed {seed}"
        note = ""
        if len(boot) < replicates:
            note = f"Not defined in {replicates - len(boot)} of {replicates} replicates, which were left out."
        if len(boot) < replicates / 2:
            return Agreement(coefficient, point, nothing, nothing, level, n_units, self.n_coders, method, note)
        if np.ptp(boot) == 0:
            note = f"{note} All replicates are equal: the interval has no width, and says nothing of units not seen.".strip()
        low, high = _bca(point, boot, units, estimate, confidence)
        return Agreement(coefficient, point, low, high, level, n_units, self.n_coders, method, note, n_rare)


def _as_numbers(values: pd.Series[Any]) -> pd.Series[Any]:
    """Return codes that are all numbers, be they written as text or as categories, as numbers; others as they are."""
    if pd.api.types.is_numeric_dtype(values.dtype):
        return values
    plain = values.astype(values.cat.categories.dtype) if isinstance(values.dtype, pd.CategoricalDtype) else values
    numbers = pd.to_numeric(plain, errors="coerce")
    return values if numbers.isna().any() else numbers


def _numbers(frame: pd.DataFrame, keys: list[str]) -> Any:
    """Give each row of a frame the number of its unit, from 0."""
    if len(keys) == 1:
        return pd.factorize(frame[keys[0]])[0]
    return frame.groupby(keys, observed=True, sort=False).ngroup().to_numpy()


def _distinct(counts: Any, most: int) -> tuple[Any, Any]:
    """Return the distinct rows of a table of counts from 0 to `most`, and how often each stands there."""
    width = counts.shape[1]
    if (most + 1) ** width >= 2**62:
        return np.unique(counts, axis=0, return_counts=True)
    # a row as one number, its counts being the digits: sorting numbers is far faster than sorting rows
    digits = (most + 1) ** np.arange(width)
    keys, units = np.unique(counts @ digits, return_counts=True)
    return keys[:, None] // digits % (most + 1), units


def _alpha(counts: Floats, weights: Floats, categories: Floats, level: str) -> Floats:
    """Krippendorff's alpha for each row of pattern weights; NaN where all pairable codes are the same."""
    size = counts.sum(axis=1)
    margins = weights @ counts  # replicates × categories
    total = margins.sum(axis=1)
    with np.errstate(divide="ignore", invalid="ignore"):
        if level in ("ordinal", "interval"):
            # Squared differences by moments; the ordinal metric is the interval metric on mid-ranks of the margins.
            # Interval scores are centred, for squares of large numbers would drown the differences.
            centred = categories[None, :] - categories.mean() if len(categories) else categories[None, :]
            scores = np.cumsum(margins, axis=1) - margins / 2 if level == "ordinal" else centred
            first, second = scores @ counts.T, (scores**2) @ counts.T
            observed = (weights * (2 * (size * second - first**2) / (size - 1))).sum(axis=1) / total
            mean, square = (margins * scores).sum(axis=1), (margins * scores**2).sum(axis=1)
            expected = 2 * (total * square - mean**2) / (total * (total - 1))
        else:
            one, other = categories[:, None], categories[None, :]
            metric = (one != other).astype(float)
            if level == "ratio":
                both = one + other
                metric = np.where(both == 0, 0.0, (one - other) / np.where(both == 0, 1, both)) ** 2
            within = ((counts @ metric) * counts).sum(axis=1) / (size - 1)
            observed = weights @ within / total
            expected = ((margins @ metric) * margins).sum(axis=1) / (total * (total - 1))
        used = (margins > 0).sum(axis=1)
        return np.where(used > 1, 1 - observed / expected, np.nan)


def _bca(
    point: float, boot: Floats, units: Floats, estimate: Callable[[Floats], Floats], confidence: float
) -> tuple[float, float]:
    """Bias-corrected and accelerated interval; the acceleration is the jackknife's, one unit left out at a time."""
    normal = NormalDist()
    # rounding keeps replicates that equal the estimate from falling on either side by the last digit
    boot, point_ = np.round(boot, 12), round(point, 12)
    below = (np.mean(boot < point_) + np.mean(boot <= point_)) / 2
    if below in (0.0, 1.0):
        return float(boot.min()), float(boot.max())
    shift = normal.inv_cdf(float(below))
    left_out = estimate(units[None, :] - np.eye(len(units)))
    fine = ~np.isnan(left_out)
    distance = np.average(left_out[fine], weights=units[fine]) - left_out[fine] if fine.any() else np.zeros(1)
    weight = units[fine] if fine.any() else np.ones(1)
    spread = float((weight * distance**2).sum())
    skew = float((weight * distance**3).sum()) / (6 * spread**1.5) if spread > 1e-18 else 0.0

    def end(tail: float) -> float:
        z = shift + normal.inv_cdf(tail)
        return float(np.quantile(boot, normal.cdf(shift + z / (1 - skew * z))))

    return end((1 - confidence) / 2), end((1 + confidence) / 2)


def agreement_table(pkg: StancePackage) -> pd.DataFrame:
    """Compute every reliability figure of a package from its codings.

    Parameters
    ----------
    pkg
        A package, as `load` gives it.

    Returns
    -------
    pandas.DataFrame
        One row for each round, variable and coefficient, with the columns of the table ``agreement``. ``position``
        and ``addressed`` pool the issues; ``<issue>:addressed`` is whether the issue is addressed at all; an issue's
        own row is the position where both coders found it addressed.

    Examples
    --------
    >>> import stancepack as sp
    >>> table = sp.agreement_table(sp.load())
    >>> table[table["coefficient"] == "alpha"].columns.tolist()[:4]
    ['round', 'variable', 'coefficient', 'value']
    """
    rounds = pkg["rounds"].dropna(subset=["of"]) if "rounds" in pkg else pd.DataFrame({"round": [], "of": []})
    again = dict(zip(rounds["round"], rounds["of"], strict=True))
    return pd.DataFrame(figures(pkg["codings"], pkg["statement_codings"], pkg.codebook, again))


def figures(
    codings: pd.DataFrame, statement_codings: pd.DataFrame, book: Codebook, again: dict[str, str] | None = None
) -> list[dict[str, Any]]:
    """Compute the reliability figures of all rounds; see `agreement_table`.

    `again` gives the rounds that code statements of another round again, with that round: a coder of both is compared
    with itself, another one with all coders of the earlier round.
    """
    rows: list[dict[str, Any]] = []

    def add(round_name: str, variable: str, frame: pd.DataFrame, value: str, level: str) -> None:
        for coefficient in COEFFICIENTS:
            result = agreement(frame, coefficient, level, value=value)
            rows.append(
                {
                    "round": round_name,
                    "variable": variable,
                    "coefficient": coefficient,
                    "value": result.value,
                    "low": result.low,
                    "high": result.high,
                    "level": result.level,
                    "n_units": result.n_units,
                    "n_coders": result.n_coders,
                    "method": result.method,
                    "verdict": "descriptive" if variable in POOLED else result.verdict,
                    "note": result.note,
                }
            )

    codings = codings.assign(addressed=codings["position"].notna())
    for this, part in _rounds(codings, again or {}):
        add(this, "addressed", part, "addressed", "nominal")
        add(this, "position", part, "position", "ordinal")
        for issue, of_issue in part.groupby("issue_id", sort=False):
            add(this, f"{issue}:addressed", of_issue, "addressed", "nominal")
            add(this, str(issue), of_issue, "position", str(book[str(issue)]["level"]))
    for this, part in _rounds(statement_codings, again or {}):
        for variable, of_variable in part.groupby("variable", sort=False, observed=True):
            name = str(variable)
            codes = of_variable["code"].astype(str)
            in_order = codes.where(codes.isin(book.codes(name))).astype(pd.CategoricalDtype(book.codes(name), ordered=True))
            add(this, name, of_variable.assign(code=in_order), "code", str(book[name]["level"]))
    return rows


def _rounds(codings: pd.DataFrame, again: dict[str, str]) -> Iterator[tuple[str, pd.DataFrame]]:
    """Go through the rounds with the codes to compare in each."""
    for name, part in codings.groupby("round", sort=False):
        this = str(name)
        if this in again:
            earlier = codings[(codings["round"] == again[this]) & codings["statement_id"].isin(set(part["statement_id"]))]
            same = set(part["coder_id"]) & set(earlier["coder_id"])
            if same:
                earlier = earlier[earlier["coder_id"].isin(same)]
                part = part.assign(coder_id=part["coder_id"].astype(str) + " again")
            part = pd.concat([earlier.assign(round=this), part])
        yield this, part
