"""Who stands with whom: agreement networks between actors, or of actors and issues."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np
import pandas as pd

from stancepack.dataset.package import StancePackage
from stancepack.errors import StancepackError, did_you_mean
from stancepack.positions.evidence import evidence

if TYPE_CHECKING:
    from stancepack.dataset.scales import Scale
    from stancepack.reliability.counts import Floats


AGGREGATIONS = {
    "one": ("ignore", "congruence", "conflict", "subtract"),
    "two": ("ignore", "subtract", "combine"),
}
NORMALISATIONS = {
    "one": ("no", "average", "jaccard", "cosine"),
    "two": ("no", "activity", "prominence"),
}
PERIODS = {"day": "D", "week": "W", "month": "M", "year": "Y"}
DUPLICATES = ("include", "document", *PERIODS, "all")
_ONE_DAY = pd.Timedelta(days=1)


def network(
    data: StancePackage | pd.DataFrame,
    aggregation: str = "subtract",
    normalisation: str = "average",
    *,
    mode: str = "one",
    duplicates: str = "include",
    period: str | None = None,
    start: str | None = None,
    end: str | None = None,
    actor: str = "actor_id",
    concept: str = "issue_id",
    value: str = "position",
    time: str = "middle",
    document: str = "statement_id",
    **choices: Any,
) -> pd.DataFrame:
    r"""Make the network of agreement between actors, or of actors and issues.

    Networks are those that Discourse Network Analyzer defines.

    Parameters
    ----------
    data
        A package, whose settled positions count (or one coder's, see `evidence`), or a tidy frame:
        one row for each statement.
    aggregation
        One mode, with :math:`X_{ijk}` statements of actor :math:`i` on concept :math:`j` with value
        :math:`q_k`: ``"ignore"`` counts shared concepts, :math:`\sum_j X_{ij}X_{i'j}`;
        ``"congruence"`` weights each pair of statements by :math:`1 - |q_k - q_{k'}| / r`, with
        :math:`r` the span of the concept's scale (in a frame the range of the values in use; codes
        without order are either the same or as far apart as can be); ``"conflict"`` by :math:`|q_k
        - q_{k'}| / r`; ``"subtract"`` is their difference. Two modes: ``"ignore"`` counts,
        ``"subtract"`` sums the values, counted from the neutral code (in a frame from 0; 0 and 1
        count as −1 and 1), ``"combine"`` numbers the combinations of values.
    normalisation
        One mode: ``"average"`` divides by the mean number of statements of both, ``"jaccard"`` and
        ``"cosine"`` as that program defines them. Two modes: ``"activity"`` by row,
        ``"prominence"`` by column. ``"no"``: none.
    mode
        ``"one"`` or ``"two"``.
    duplicates
        Which repeated statements of an actor on a concept (with the same value, unless it is
        ignored) count once: none (``"include"``), those of one ``"document"``, of one calendar
        ``"day"``, ``"week"``, ``"month"`` or ``"year"``, or ``"all"``.
    period
        A network for each calendar period (pandas: ``"Y"``, ``"Q"``, ``"M"``).
    start, end
        First and last day that count.
    actor, concept, value, time, document
        Columns of a frame.
    choices
        For a package, as for `evidence`: ``coder``, ``ascribed``, ``conditional``, ``restatements``
        …

    Returns
    -------
    pandas.DataFrame
        A matrix, actors × actors (0 on the diagonal) or actors × concepts; ``attrs["n"]`` is the
        number of statements. With `period`, a tidy frame of its pairs: ``period``, ``actor``,
        ``other`` (or the concept), ``weight``, ``n``.

    Raises
    ------
    StancepackError
        If an option or a column is not known, no statement is left, or values are to be summed of
        an issue without a neutral code.

    References
    ----------
    Leifeld, P. (2017). Discourse network analysis: policy debates as dynamic networks. In The
    Oxford Handbook of Political Networks. https://doi.org/10.1093/oxfordhb/9780190228217.013.25

    Examples
    --------
    >>> import stancepack as sp
    >>> matrix = sp.network(sp.load())
    >>> bool((matrix == matrix.T).all(axis=None))
    True
    """
    options = Options(aggregation, normalisation, mode, duplicates, period)
    columns = {"actor": actor, "concept": concept, "value": value, "time": time}
    columns["document"] = document
    metric: Metric
    if isinstance(data, StancePackage):
        if (concept, value) != ("issue_id", "position"):
            raise StancepackError("concept and value are columns of a frame; leave them out.")
        positions = evidence(data, **choices)
        # where codes stand, shrunk where asked; their rank where they have no order
        numbers = positions["value"].fillna(positions["number"])
        statements = _tidy(positions.assign(position=numbers), columns)
        issues = statements["concept"].unique()
        metric = ByScale({issue: data.scale(issue) for issue in issues})
    elif choices:
        raise StancepackError(f"{next(iter(choices))!r} is a choice for a package, not a frame.")
    else:
        statements = _tidy(data, columns)
        metric = ByRange.of(statements["value"])
    statements = _between(statements, start, end, options)
    return _network(statements, metric, options)


@dataclass(frozen=True)
class Options:
    """How a network is made of statements; checked as they are made."""

    aggregation: str
    normalisation: str
    mode: str
    duplicates: str
    period: str | None

    def __post_init__(self) -> None:
        """Refuse options that are not known, or do not go together."""
        everywhere = {name for names in AGGREGATIONS.values() for name in names}
        known = {
            "mode": list(AGGREGATIONS),
            "aggregation": sorted(everywhere),
            "normalisation": sorted({name for names in NORMALISATIONS.values() for name in names}),
            "duplicates": DUPLICATES,
        }
        for option, names in known.items():
            given = getattr(self, option)
            if given not in names:
                raise StancepackError(
                    f"{option} {given!r} is not known; {did_you_mean(given, names)}"
                )
        for option, by_mode in (("aggregation", AGGREGATIONS), ("normalisation", NORMALISATIONS)):
            given, fitting = getattr(self, option), by_mode[self.mode]
            if given not in fitting:
                what = f"{option} {given!r} does not fit mode {self.mode!r}"
                raise StancepackError(f"{what}; take {', '.join(fitting)}.")

    @property
    def needs_dates(self) -> bool:
        """Whether statements must be dated."""
        return self.period is not None or self.duplicates in PERIODS


# What values mean


class Metric(Protocol):
    """How far values of a concept lie apart, and on which side of nothing."""

    def apart(self, concepts: list[str], values: Floats) -> Floats:
        """Return concepts × values × values, 1 for the farthest."""

    def signed(self, concepts: list[str], values: Floats) -> Floats:
        """Return concepts × values, counted from neutral."""


@dataclass(frozen=True)
class ByScale:
    """By the scale of each issue."""

    scales: Mapping[str, Scale]

    def apart(self, concepts: list[str], values: Floats) -> Floats:
        """Return distances in spans; codes without order are the same or not."""
        distance = np.abs(values[:, None] - values[None, :])
        scales = [self.scales[concept] for concept in concepts]
        return np.array([
            distance / scale.span if scale.is_ordered else (distance > 0).astype(float)
            for scale in scales
        ])  # fmt: skip

    def signed(self, concepts: list[str], values: Floats) -> Floats:
        """Return how far values lie from neutral."""
        for concept in concepts:
            if self.scales[concept].neutral is None:
                what = f"{concept!r} has no neutral code to count from"
                raise StancepackError(
                    f"aggregation 'subtract' in two modes: {what}; take 'ignore'."
                )
        return np.array([values - self.scales[concept].middle for concept in concepts])


@dataclass(frozen=True)
class ByRange:
    """By the range of the values in use; 0 and 1 alone are no and yes."""

    span: float
    is_truth: bool

    @classmethod
    def of(cls, values: pd.Series[float]) -> ByRange:
        """Look at the values."""
        is_truth = set(values.unique()) <= {0.0, 1.0}
        return cls(1.0 if is_truth else float(values.max() - values.min()) or 1.0, is_truth)

    def apart(self, concepts: list[str], values: Floats) -> Floats:
        """Return distances in ranges."""
        distance = np.abs(values[:, None] - values[None, :]) / self.span
        return np.repeat(distance[None], len(concepts), axis=0)

    def signed(self, concepts: list[str], values: Floats) -> Floats:
        """Return the values; no as −1."""
        signed = np.where(values > 0, 1.0, -1.0) if self.is_truth else values
        return np.repeat(signed[None], len(concepts), axis=0)


# Statements


def _tidy(frame: pd.DataFrame, columns: Mapping[str, str]) -> pd.DataFrame:
    """Return the columns that count under names of our own, without rows that miss one."""
    for column in ("actor", "concept", "value"):
        if columns[column] not in frame.columns:
            hint = did_you_mean(columns[column], frame.columns)
            raise StancepackError(f"the frame has no column {columns[column]!r}; {hint}")
    present = {name: frame[column] for name, column in columns.items() if column in frame}
    statements = pd.DataFrame(present).dropna(subset=["actor", "concept", "value"])
    try:
        statements["value"] = statements["value"].astype(float)
    except (ValueError, TypeError):
        what = f"the column {columns['value']!r} should have numbers as values"
        raise StancepackError(f"{what}; of a package the codes are read by its scales.") from None
    names = statements[["actor", "concept"]].astype(str)
    statements = statements.assign(actor=names["actor"], concept=names["concept"])
    return statements[(names != "").all(axis=1)]


def _between(
    statements: pd.DataFrame, start: str | None, end: str | None, options: Options
) -> pd.DataFrame:
    """Return the statements of some days in the order of time."""
    is_dated = "time" in statements
    if (start or end or options.needs_dates) and not is_dated:
        raise StancepackError("the frame has no column of dates; name it: time='…'.")
    try:
        if start:
            statements = statements[statements["time"] >= pd.Timestamp(start)]
        if end:  # the last day counts to its end
            after = pd.Timestamp(end).normalize() + _ONE_DAY
            statements = statements[statements["time"] < after]
    except (ValueError, TypeError) as error:
        raise StancepackError(f"start or end cannot be read: {error}.") from None
    if statements.empty:
        raise StancepackError("no statement is left under these choices.")
    order = [column for column in ("time", "document") if column in statements]
    return statements.sort_values(order if is_dated else "actor", kind="stable")


def _once(statements: pd.DataFrame, options: Options) -> pd.DataFrame:
    """Leave out what an actor repeats within a document or a real calendar period."""
    if options.duplicates == "include":
        return statements
    keys = ["actor", "concept", *([] if options.aggregation == "ignore" else ["value"])]
    if options.duplicates == "document":
        if "document" not in statements:
            raise StancepackError("the frame has no column of documents; name it: document='…'.")
        keys.append("document")
    elif options.duplicates in PERIODS:
        when = statements["time"].dt.to_period(PERIODS[options.duplicates])
        statements = statements.assign(when=when)
        keys.append("when")
    return statements.drop_duplicates(keys)


# Matrices


def _network(statements: pd.DataFrame, metric: Metric, options: Options) -> pd.DataFrame:
    if options.period is None:
        return _matrix(_once(statements, options), metric, options)
    try:
        when = statements["time"].dt.to_period(options.period)
    except (ValueError, AttributeError) as error:
        raise StancepackError(f"period {options.period!r} is not known: {error}.") from None
    rows = []
    for name, of_period in statements.groupby(when, sort=True):
        counted = _once(of_period, options)
        pairs = _pairs(_matrix(counted, metric, options), options.mode)
        rows += [(str(name), *pair, len(counted)) for pair in pairs]
    return pd.DataFrame(rows, columns=["period", "actor", "other", "weight", "n"])


def _matrix(statements: pd.DataFrame, metric: Metric, options: Options) -> pd.DataFrame:
    actor, actors = pd.factorize(statements["actor"], sort=True)
    concept, concepts = pd.factorize(statements["concept"], sort=True)
    level, levels = pd.factorize(statements["value"], sort=True)
    counts = np.zeros((len(actors), len(concepts), len(levels)))
    np.add.at(counts, (actor, concept, level), 1.0)
    weigh = _one_mode if options.mode == "one" else _two_modes
    matrix = weigh(counts, concepts.tolist(), levels.to_numpy(), metric, options)
    others = ("other", actors) if options.mode == "one" else ("concept", concepts)
    columns = pd.Index(others[1], name=others[0])
    out = pd.DataFrame(matrix, index=pd.Index(actors, name="actor"), columns=columns)
    out.attrs["n"] = len(statements)
    return out


def _one_mode(
    counts: Floats, concepts: list[str], values: Floats, metric: Metric, options: Options
) -> Floats:
    """Return actors × actors."""
    of_concept = counts.sum(axis=2)
    if options.aggregation == "ignore":
        matrix = of_concept @ of_concept.T
    else:
        apart = metric.apart(concepts, values)
        congruence, conflict = (
            np.einsum("ajk,jkl,bjl->ab", counts, weight, counts) for weight in (1 - apart, apart)
        )
        by_name = {"congruence": congruence, "conflict": conflict}
        matrix = by_name.get(options.aggregation, congruence - conflict)
    total = of_concept.sum(axis=1)
    if options.normalisation == "average":
        matrix = matrix / ((total[:, None] + total[None, :]) / 2)
    elif options.normalisation == "cosine":
        matrix = matrix / (total[:, None] * total[None, :])
    elif options.normalisation == "jaccard":
        is_ignored = options.aggregation == "ignore"
        matrix = matrix / _union(of_concept if is_ignored else counts.reshape(len(counts), -1))
        matrix = np.nan_to_num(matrix, posinf=0.0, neginf=0.0)
    np.fill_diagonal(matrix, 0.0)
    return np.asarray(matrix)


def _union(counts: Floats) -> Floats:
    """Return what two actors said alone and both, missing where nothing."""
    alone = counts @ (counts == 0).T.astype(float)
    union = alone + alone.T + counts @ counts.T
    return np.where(union == 0, np.nan, union)


def _two_modes(
    counts: Floats, concepts: list[str], values: Floats, metric: Metric, options: Options
) -> Floats:
    """Return actors × concepts."""
    if options.aggregation == "combine":
        cells = [[tuple(cell) for cell in row] for row in counts > 0]
        patterns = sorted({cell for row in cells for cell in row})
        number_of = {pattern: float(number) for number, pattern in enumerate(patterns)}
        matrix = np.array([[number_of[cell] for cell in row] for row in cells])
    elif options.aggregation == "ignore":
        matrix = counts.sum(axis=2)
    else:
        matrix = np.einsum("ajk,jk->aj", counts, metric.signed(concepts, values))
    if options.normalisation == "no":
        return np.asarray(matrix)
    total = counts.sum(axis=(1, 2))[:, None]
    if options.normalisation == "prominence":
        total = counts.sum(axis=(0, 2))[None, :]
    return np.asarray(matrix / total)  # every actor and concept here has a statement


def _pairs(matrix: pd.DataFrame, mode: str) -> Iterator[tuple[str, str, float]]:
    weights = matrix.to_numpy()
    for i, actor in enumerate(matrix.index):
        for j, other in enumerate(matrix.columns):
            if mode == "two" or i < j:
                yield str(actor), str(other), float(weights[i, j])
