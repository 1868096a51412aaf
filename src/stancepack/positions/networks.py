"""Who stands with whom: agreement networks between actors, or of actors and issues."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from stancepack.dataset.package import StancePackage
from stancepack.errors import StancepackError, did_you_mean
from stancepack.positions.evidence import evidence

if TYPE_CHECKING:
    pass


AGGREGATIONS = ("ignore", "congruence", "conflict", "subtract", "combine")
NORMALISATIONS = ("no", "average", "jaccard", "cosine", "activity", "prominence")
DUPLICATES = ("include", "document", "day", "week", "month", "year", "all")


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
    r"""Make the network of agreement between actors, or of actors and issues, as Discourse Network Analyzer defines it.

    Parameters
    ----------
    data
        A package, whose settled positions count (or one coder's, see `evidence`), or a tidy frame:
        one row for each statement.
    aggregation
        One mode, with :math:`X_{ijk}` statements of actor :math:`i` on concept :math:`j` with value
        :math:`q_k`: ``"ignore"`` counts shared concepts, :math:`\sum_j X_{ij}X_{i'j}`;
        ``"congruence"`` weights each pair of statements by :math:`1 - |q_k - q_{k'}| / r`, with
        :math:`r` the range of the values in use; ``"conflict"`` by :math:`|q_k - q_{k'}| / r`;
        ``"subtract"`` is their difference. Two modes: ``"ignore"`` counts, ``"subtract"`` sums the
        values (0 and 1 count as −1 and 1), ``"combine"`` numbers the combinations of values.
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
        If an option or a column is not known, or no statement is left.

    References ---------- Leifeld, P. (2017). Discourse network analysis: policy debates as dynamic
    networks. In The Oxford Handbook of Political Networks.
    https://doi.org/10.1093/oxfordhb/9780190228217.013.25

    Examples
    --------
    >>> import stancepack as sp
    >>> matrix = sp.network(sp.load())
    >>> bool((matrix == matrix.T).all(axis=None))
    True
    """
    for given, known, what in (
        (aggregation, AGGREGATIONS, "aggregation"),
        (normalisation, NORMALISATIONS, "normalisation"),
        (mode, ("one", "two"), "mode"),
        (duplicates, DUPLICATES, "duplicates"),
    ):
        if given not in known:
            raise StancepackError(f"{what} {given!r} is not known; {did_you_mean(given, known)}")
    if (mode == "one") == (normalisation in ("activity", "prominence")) and normalisation != "no":
        which = (
            "one mode: average, jaccard or cosine"
            if mode == "one"
            else "two modes: activity or prominence"
        )
        raise StancepackError(f"normalisation {normalisation!r} does not fit {which}.")
    if (aggregation == "combine" and mode == "one") or (
        aggregation in ("congruence", "conflict") and mode == "two"
    ):
        raise StancepackError(f"aggregation {aggregation!r} is not one of mode {mode!r}.")
    frame = evidence(data, **choices) if isinstance(data, StancePackage) else data.copy()
    for column in (actor, concept, value):
        if column not in frame.columns:
            raise StancepackError(
                f"the frame has no column {column!r}; {did_you_mean(column, frame.columns)}"
            )
    frame = frame.dropna(subset=[actor, concept, value])
    frame = frame[(frame[actor].astype(str) != "") & (frame[concept].astype(str) != "")]
    dated = time in frame.columns
    if (start or end or period or duplicates not in ("include", "document", "all")) and not dated:
        raise StancepackError(f"the frame has no column {time!r} of dates.")
    if start:
        frame = frame[frame[time] >= pd.Timestamp(start)]
    if end:
        frame = frame[frame[time] <= pd.Timestamp(end)]
    if frame.empty:
        raise StancepackError("no statement is left under these choices.")
    frame = frame.sort_values(
        [time, document] if dated and document in frame.columns else time if dated else actor,
        kind="stable",
    )
    frame = frame.assign(_q=frame[value].astype(float))
    span = float(frame["_q"].max() - frame["_q"].min()) or 1.0
    truth = set(frame["_q"].unique()) <= {0.0, 1.0}
    span = 1.0 if truth else span
    options = (aggregation, normalisation, mode, span, truth)
    if period is None:
        frame = _once(frame, duplicates, aggregation, actor, concept, time, document)
        return _matrix(frame, actor, concept, *options)
    rows = []
    try:
        when = frame[time].dt.to_period(period)
    except ValueError as error:
        raise StancepackError(f"period {period!r} is not known: {error}.") from None
    for name, part in frame.groupby(when, sort=True):
        part = _once(part, duplicates, aggregation, actor, concept, time, document)
        matrix = _matrix(part, actor, concept, *options)
        rows += [
            (str(name), one, other, weight, len(part))
            for one, other, weight in _pairs(matrix, mode)
        ]
    return pd.DataFrame(rows, columns=["period", "actor", "other", "weight", "n"])


def _once(
    frame: pd.DataFrame,
    duplicates: str,
    aggregation: str,
    actor: str,
    concept: str,
    time: str,
    document: str,
) -> pd.DataFrame:
    if duplicates == "include":
        return frame
    keys = [actor, concept, *([] if aggregation == "ignore" else ["_q"])]
    if duplicates == "document":
        if document not in frame.columns:
            raise StancepackError(f"the frame has no column {document!r} of documents.")
        keys.append(document)
    elif (
        duplicates != "all"
    ):  # real calendar periods: the third of May and the third of June are not one day
        frame = frame.assign(
            _when=frame[time].dt.to_period(
                {"day": "D", "week": "W", "month": "M", "year": "Y"}[duplicates]
            )
        )
        keys.append("_when")
    return frame.drop_duplicates(keys)


def _matrix(
    frame: pd.DataFrame,
    actor: str,
    concept: str,
    aggregation: str,
    normalisation: str,
    mode: str,
    span: float,
    truth: bool,
) -> pd.DataFrame:
    who, actors = pd.factorize(frame[actor].astype(str), sort=True)
    what, concepts = pd.factorize(frame[concept].astype(str), sort=True)
    level, levels = pd.factorize(frame["_q"], sort=True)
    values = levels.to_numpy()
    x = np.zeros((len(actors), len(concepts), len(values)))
    np.add.at(x, (who, what, level), 1.0)
    if mode == "two":
        signed = np.where(values > 0, 1.0, -1.0) * np.where(truth, 1.0, np.abs(values))
        if aggregation == "combine":
            patterns = {
                pattern: place
                for place, pattern in enumerate(
                    sorted({tuple(cell) for row in (x > 0) for cell in row})
                )
            }
            matrix = np.array(
                [[patterns[tuple(cell)] for cell in row] for row in (x > 0)], dtype=float
            )
        else:
            matrix = x.sum(axis=2) if aggregation == "ignore" else x @ signed
        with np.errstate(invalid="ignore", divide="ignore"):
            if normalisation == "activity":
                matrix = np.nan_to_num(matrix / x.sum(axis=(1, 2))[:, None])
            elif normalisation == "prominence":
                matrix = np.nan_to_num(matrix / x.sum(axis=(0, 2))[None, :])
        out = pd.DataFrame(
            matrix, index=pd.Index(actors, name="actor"), columns=pd.Index(concepts, name="concept")
        )
    else:
        apart = np.abs(values[:, None] - values[None, :]) / span
        counts = x.sum(axis=2)
        congruence = np.einsum("ajk,kl,bjl->ab", x, 1 - apart, x)
        conflict = np.einsum("ajk,kl,bjl->ab", x, apart, x)
        by_name = {
            "ignore": counts @ counts.T,
            "congruence": congruence,
            "conflict": conflict,
            "subtract": congruence - conflict,
        }
        matrix = by_name[aggregation]
        total = counts.sum(axis=1)
        if normalisation == "average":
            matrix = matrix / ((total[:, None] + total[None, :]) / 2)
        elif normalisation == "cosine":
            matrix = matrix / (total[:, None] * total[None, :])
        elif normalisation == "jaccard":
            flat = x.reshape(len(actors), -1) if aggregation != "ignore" else counts
            here = flat > 0
            both = flat @ flat.T
            alone = flat @ (~here).T.astype(float)
            with np.errstate(invalid="ignore", divide="ignore"):
                matrix = np.nan_to_num(matrix / (alone + alone.T + both))
        np.fill_diagonal(matrix, 0.0)
        out = pd.DataFrame(
            matrix, index=pd.Index(actors, name="actor"), columns=pd.Index(actors, name="other")
        )
    out.attrs["n"] = len(frame)
    return out


def _pairs(matrix: pd.DataFrame, mode: str) -> Iterator[tuple[str, str, float]]:
    weights = matrix.to_numpy()
    for i, one in enumerate(matrix.index):
        for j, other in enumerate(matrix.columns):
            if mode == "two" or i < j:
                yield str(one), str(other), float(weights[i, j])
