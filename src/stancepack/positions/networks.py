"""Who stands with whom: agreement networks between actors, or of actors and issues."""

from __future__ import annotations

import os
import warnings
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from html import escape
from typing import TYPE_CHECKING, Any, Unpack

import numpy as np
import pandas as pd

from stancepack.dataset.package import StancePackage
from stancepack.errors import StancepackDeprecation, StancepackError
from stancepack.positions.evidence import Choices, Choosing
from stancepack.positions.options import check_option, check_span
from stancepack.positions.tied_statements import Selection, Statements, statements_of
from stancepack.positions.tied_values import combined, legend_of
from stancepack.spellings import FormerFrame, old_spellings

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from stancepack.dataset.scales import Scale
    from stancepack.positions.tied_values import Meaning
    from stancepack.reliability.counts import Floats


AGGREGATIONS = {
    "one": ("ignore", "congruence", "conflict", "subtract"),
    "two": ("ignore", "subtract", "combine"),
}
NORMALISATIONS = {
    "one": ("no", "average", "jaccard", "cosine"),
    "two": ("no", "activity", "prominence"),
}
USUAL = {"one": "average", "two": "no"}
PERIODS = {"day": "D", "week": "W", "month": "M", "year": "Y"}
DUPLICATES = ("include", "document", *PERIODS, "all")
_SHOWN = 10  # rows in a notebook
_WORDS = {
    "ignore": "shared concepts",
    "congruence": "agreement",
    "conflict": "disagreement",
    "subtract": "agreement less disagreement",
}
_WORDS_OF_TWO = {"ignore": "statements", "subtract": "sums of positions", "combine": "codes"}


@dataclass(frozen=True, eq=False, repr=False)
class Network(FormerFrame):
    """A network with what it was made of; see `network`."""

    table: pd.DataFrame
    n: int
    left_out: int
    mode: str
    aggregation: str
    normalisation: str
    duplicates: str
    period: str | None
    legend: pd.DataFrame | None

    def __repr__(self) -> str:
        """Say what ties whom, and how many statements there are."""
        words = _WORDS if self.mode == "one" else _WORDS_OF_TWO
        how = f"{self.aggregation}, {self.normalisation}"
        actors = len(self.actors)
        who = f"{actors} actor{'' if actors == 1 else 's'}" + (
            "" if self.mode == "one" else " on issues"
        )
        times = f", by period ({self.period})" if self.period else ""
        tied = f"network of {who} by {words[self.aggregation]} ({how}){times}"
        return f"{tied}, {self.n} statements"

    def _repr_html_(self) -> str:
        return f"<p>{escape(repr(self))}</p>{self.table.head(_SHOWN).to_html()}"

    @property
    def actors(self) -> list[str]:
        """The actors, in the order of the table."""
        if self.period is None:
            return [str(actor) for actor in self.table.index]
        names = [self.table["actor"]] + ([self.table["other"]] if self.mode == "one" else [])
        return sorted({*pd.concat(names)})

    @property
    def pairs(self) -> pd.DataFrame:
        """The ties one by one: ``actor``, ``other`` (or the concept), ``weight``."""
        if self.period is not None:
            return self.table.copy()
        return pd.DataFrame(_pairs(self.table, self.mode), columns=["actor", "other", "weight"])

    def summary(self) -> str:
        """Say how the network was made, its strongest ties, and what numbers mean."""
        strongest = self.pairs.sort_values("weight", key=abs, ascending=False, kind="stable")
        repeated = "all count" if self.duplicates == "include" else f"once ({self.duplicates})"
        lines = [
            f"{self!r}.",
            f"Repeated statements: {repeated}. Weights have no interval.",
        ]
        if self.left_out:
            lines.append(f"{self.left_out} rows without actor, concept or value are left out.")
        if self.legend is not None:
            lines += ["", "numbers mean", self.legend.to_string(index=False)]
        elif len(strongest):
            lines += ["", "strongest ties", strongest.head(_SHOWN).to_string(index=False)]
        return "\n".join(lines)

    def plot(self, ax: Axes | None = None, *, period: str | None = None) -> Axes:
        """Draw the network as a heat map, those who stand together side by side.

        Parameters
        ----------
        ax
            Where to draw; by default a figure of its own, which a notebook shows.
        period
            Which period, where there are several.

        Returns
        -------
        matplotlib.axes.Axes
            The axes drawn on; ``.figure.savefig(…)`` keeps the figure.

        Raises
        ------
        StancepackError
            If there are several periods and none is named.

        Examples
        --------
        >>> import stancepack as sp
        >>> ties = sp.network(sp.load(), actor=["putin", "gates"])
        >>> [label.get_text() for label in ties.plot().get_xticklabels()]
        ['gates', 'putin']
        """
        from stancepack.plots.networks import plot_network

        return plot_network(self._matrix(period), repr(self), self.mode == "one", ax)

    def _matrix(self, period: str | None) -> pd.DataFrame:
        if self.period is None:
            if period is not None:
                raise StancepackError(f"period={period!r}: this is one network of all the time.")
            return self.table
        periods = self.table["period"].unique().tolist()
        if period is None:
            what = f"there is a network for each of {len(periods)} periods"
            raise StancepackError(f"{what}; name one, such as period={periods[0]!r}.")
        check_option("period", period, periods)
        pairs = self.table[self.table["period"] == period]
        matrix = pairs.pivot_table(index="actor", columns="other", values="weight")
        if self.mode == "two":
            return matrix.fillna(0.0)
        names = sorted({*pairs["actor"], *pairs["other"]})
        upper = matrix.reindex(index=names, columns=names).fillna(0.0)
        return upper + upper.T


@old_spellings(
    positional=("aggregation", "normalisation"),
    renamed={
        "pkg": "data",
        "concept": "concept_column",
        "value": "value_column",
        "time": "time_column",
        "document": "document_column",
    },
)
def network(
    data: StancePackage | str | os.PathLike[str] | Any,
    *,
    aggregation: str = "subtract",
    normalisation: str | None = None,
    mode: str = "one",
    duplicates: str = "include",
    period: str | None = None,
    start: Any = None,
    end: Any = None,
    actor: str | Sequence[str] | None = None,
    side: str | Sequence[str] | None = None,
    issue: str | Sequence[str] | None = None,
    scale: str | Scale | tuple[float, float] | None = None,
    actor_column: str | None = None,
    concept_column: str | None = None,
    value_column: str | None = None,
    time_column: str | None = None,
    document_column: str | None = None,
    **choices: Unpack[Choosing],
) -> Network:
    r"""Make the network of agreement between actors, or of actors and issues.

    Networks are those that Discourse Network Analyzer defines.

    Parameters
    ----------
    data
        A package, or the path of one, whose settled positions count (or one coder's, see
        `evidence`); or a tidy frame: one row for each statement.
    aggregation
        One mode, with :math:`X_{ijk}` statements of actor :math:`i` on concept :math:`j` with value
        :math:`q_k`: ``"ignore"`` counts shared concepts, :math:`\sum_j X_{ij}X_{i'j}`;
        ``"congruence"`` weights each pair of statements by :math:`1 - |q_k - q_{k'}| / r`, with
        :math:`r` the span of the concept's scale (codes without order are either the same or as far
        apart as can be); ``"conflict"`` by :math:`|q_k - q_{k'}| / r`; ``"subtract"`` is their
        difference. Two modes: ``"ignore"`` counts; ``"subtract"`` sums values, counted from the
        neutral code (of a scale of two codes the lower counts −1 and the higher 1; numbers without
        a scale count as they are); ``"combine"`` says which codes there are: of yes and no, 0 is
        none, 1 yes, 2 no and 3 both; of more codes see ``.legend``.
    normalisation
        One mode: ``"average"`` (the usual one) divides by the mean number of statements of both,
        ``"jaccard"`` and ``"cosine"`` as that program defines them. Two modes: ``"activity"`` by
        row, ``"prominence"`` by column. ``"no"``: none (the usual one of two modes, and the only
        one of combinations).
    mode
        ``"one"`` or ``"two"``.
    duplicates
        Which repeated statements of an actor on a concept (with the same value, unless it is
        ignored) count once: none (``"include"``), those of one ``"document"`` (of a package: the
        source that has the wording), of one calendar ``"day"``, ``"week"``, ``"month"`` or
        ``"year"``, or ``"all"``. Statements dated less exactly stand at the middle of their days.
    period
        A network for each calendar period (pandas: ``"Y"``, ``"Q"``, ``"M"``).
    start, end
        First and last day that count: a day, a month or a year, in EDTF or as a date. The last one
        counts to its end.
    actor, side, issue
        Whose statements on what, by id or name, one or several; all if None. Of a frame, as they
        stand in its columns (``side`` in a column of that name).
    scale
        What values of a frame mean: codes from the lowest to the highest (``"no,yes"``, ``"0,1"``,
        ``"-2..2"``), a `Scale`, or the pair of the lowest and highest number. None: truth values
        are no and yes, ordered categories a scale, and numbers are numbers, over the range of the
        whole column. So 0 and 1 are numbers, and 0 counts nothing, unless ``scale="0,1"`` says that
        they are no and yes.
    actor_column, concept_column, value_column, time_column, document_column
        Columns of a frame; by default ``actor_id``, ``issue_id``, ``position``, ``middle``,
        ``statement_id``. Times are dates, or text in ISO 8601, by their own clock where they have a
        time zone; other text is refused.
    **choices
        For a package, as for `evidence`: ``coder``, ``ascribed``, ``conditional``, ``restatements``
        …

    Returns
    -------
    Network
        ``.table``: a matrix, actors × actors (0 on the diagonal) or actors × concepts; with
        `period` a tidy frame of its pairs: ``period``, ``actor``, ``other`` (or the concept),
        ``weight``, ``n``. ``.n`` is the number of statements, ``.left_out`` how many rows lack
        actor, concept or value, ``.pairs`` the ties one by one, ``.legend`` what numbers of
        combinations mean. ``.summary()`` says how it was made, ``.plot()`` draws a heat map.

    Raises
    ------
    StancepackError
        If an option, a column or a name is not known, no statement is left, a statement that has no
        date would have to be dated, or values are to be summed of an issue without a neutral code.

    References
    ----------
    Leifeld, P. (2017). Discourse network analysis: policy debates as dynamic networks. In The
    Oxford Handbook of Political Networks. https://doi.org/10.1093/oxfordhb/9780190228217.013.25

    Examples
    --------
    >>> import stancepack as sp
    >>> ties = sp.network(sp.load())
    >>> bool((ties.table == ties.table.T).all(axis=None))
    True
    >>> frame = [
    ...     {"who": "a", "what": "tax", "agrees": True},
    ...     {"who": "b", "what": "tax", "agrees": False},
    ... ]
    >>> columns = {"actor_column": "who", "concept_column": "what", "value_column": "agrees"}
    >>> sp.network(frame, aggregation="conflict", normalisation="no", **columns).pairs
      actor other  weight
    0     a     b     1.0
    """
    options = Options.of(aggregation, normalisation, mode, duplicates, period)
    first, last = check_span(start, end)
    actor, actor_column = _old_actor_column(data, actor, actor_column)
    columns = {
        "actor": actor_column,
        "concept": concept_column,
        "value": value_column,
        "time": time_column,
        "document": document_column,
    }
    chosen = Choices.of(choices) if choices else None
    selection = Selection(actor, side, issue)
    combines = aggregation == "combine"
    statements = statements_of(data, selection, columns, scale, combines, chosen)
    return _network(statements.between(first, last), options)


def _old_actor_column(data: Any, actor: Any, column: str | None) -> tuple[Any, str | None]:
    """Take ``actor=`` for a column of a frame, which it was, if it is one."""
    names = getattr(data, "columns", ())
    if not isinstance(actor, str) or column is not None or isinstance(data, StancePackage):
        return actor, column
    if actor not in list(names):
        return actor, column
    warnings.warn(
        "an old spelling, which works for this major version; "
        f"write network(…, actor_column={actor!r})",
        StancepackDeprecation,
        stacklevel=4,
    )
    return None, actor


@dataclass(frozen=True)
class Options:
    """How a network is made of statements; see `network`."""

    aggregation: str
    normalisation: str
    mode: str
    duplicates: str
    period: str | None

    @classmethod
    def of(
        cls,
        aggregation: str,
        normalisation: str | None,
        mode: str,
        duplicates: str,
        period: str | None,
    ) -> Options:
        """Refuse options that are not known, or do not go together."""
        check_option("mode", mode, list(AGGREGATIONS))
        check_option("duplicates", duplicates, DUPLICATES)
        normalisation = USUAL[mode] if normalisation is None else normalisation
        for option, given, by_mode in (
            ("aggregation", aggregation, AGGREGATIONS),
            ("normalisation", normalisation, NORMALISATIONS),
        ):
            check_option(option, given, sorted({*by_mode["one"], *by_mode["two"]}))
            if given not in by_mode[mode]:
                what = f"{option} {given!r} does not fit mode {mode!r}"
                raise StancepackError(f"{what}; take {', '.join(by_mode[mode])}.")
        if aggregation == "combine" and normalisation != "no":
            what = "numbers of combinations are names, which nothing can be divided by"
            raise StancepackError(f"normalisation={normalisation!r}: {what}; leave it out.")
        if period is not None:
            _check_period(period)
        return cls(aggregation, normalisation, mode, duplicates, period)


def _check_period(period: Any) -> None:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")  # of what pandas will no longer take
            pd.Period("2000-01-01", freq=period)
    except (ValueError, AttributeError, TypeError, KeyError, Warning) as error:
        what = f"period={period!r} is not known ({error})"
        raise StancepackError(f"{what}; take 'Y', 'Q', 'M', 'W' or 'D'.") from None


def _once(statements: Statements, options: Options) -> Statements:
    """Leave out what an actor repeats within a document or a real calendar period."""
    if options.duplicates == "include":
        return statements
    rows = statements.rows
    keys = ["actor", "concept", *([] if options.aggregation == "ignore" else ["value"])]
    if options.duplicates == "document":
        rows = rows.assign(where=statements.documents)
        keys.append("where")
    elif options.duplicates in PERIODS:
        rows = rows.assign(where=statements.times.dt.to_period(PERIODS[options.duplicates]))
        keys.append("where")
    return replace(statements, rows=rows.drop_duplicates(keys))


# Matrices


def _network(statements: Statements, options: Options) -> Network:
    if not len(statements):
        raise StancepackError("no statement is left under these choices.")
    legend = None
    if options.aggregation == "combine":
        legend = legend_of(statements.meaning, sorted(statements.rows["concept"].unique()))
    if options.period is None:
        counted = _once(statements, options)
        table, n = _matrix(counted, options), len(counted)
    else:
        table, n = _by_period(statements, options)
    return Network(table, n, statements.left_out, **vars(options), legend=legend)


def _by_period(statements: Statements, options: Options) -> tuple[pd.DataFrame, int]:
    """Return the pairs of every period, and how many statements there are."""
    when = statements.times.dt.to_period(options.period)
    rows, n = [], 0
    for name, of_period in statements.rows.groupby(when, sort=True):
        counted = _once(replace(statements, rows=of_period), options)
        n += len(counted)
        pairs = _pairs(_matrix(counted, options), options.mode)
        rows += [(str(name), *pair, len(counted)) for pair in pairs]
    return pd.DataFrame(rows, columns=["period", "actor", "other", "weight", "n"]), n


def _matrix(statements: Statements, options: Options) -> pd.DataFrame:
    rows = statements.rows
    actor, actors = pd.factorize(rows["actor"], sort=True)
    concept, concepts = pd.factorize(rows["concept"], sort=True)
    level, levels = pd.factorize(rows["value"], sort=True)
    counts = np.zeros((len(actors), len(concepts), len(levels)))
    np.add.at(counts, (actor, concept, level), 1.0)
    weigh = _one_mode if options.mode == "one" else _two_modes
    matrix = weigh(counts, concepts.tolist(), levels.to_numpy(), statements.meaning, options)
    others = ("other", actors) if options.mode == "one" else ("concept", concepts)
    columns = pd.Index(others[1], name=others[0])
    return pd.DataFrame(matrix, index=pd.Index(actors, name="actor"), columns=columns)


def _one_mode(
    counts: Floats, concepts: list[str], values: Floats, meaning: Meaning, options: Options
) -> Floats:
    """Return actors × actors."""
    of_concept = counts.sum(axis=2)
    if options.aggregation == "ignore":
        matrix = of_concept @ of_concept.T
    else:
        apart = meaning.apart(concepts, values)
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
    counts: Floats, concepts: list[str], values: Floats, meaning: Meaning, options: Options
) -> Floats:
    """Return actors × concepts."""
    if options.aggregation == "combine":
        number_of = [combined(meaning.codes(concept)) for concept in concepts]
        bits = np.array([[of.get(value, 0.0) for value in values] for of in number_of])
        matrix = np.einsum("ajk,jk->aj", (counts > 0).astype(float), bits)
    elif options.aggregation == "ignore":
        matrix = counts.sum(axis=2)
    else:
        matrix = np.einsum("ajk,jk->aj", counts, meaning.signed(concepts, values))
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
