"""Agreement of coders who marked spans of a continuum."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise, permutations
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from stancepack.errors import StancepackError, did_you_mean, known_name
from stancepack.reliability.categories import is_number, plain_code
from stancepack.reliability.containers import any_frame
from stancepack.spellings import old_spellings

if TYPE_CHECKING:
    import pandas as pd

    from stancepack.reliability.counts import Floats

VARIANTS = ("u", "|u", "cu", "u1995")
OF_ONE_VALUE = ("cu", "u1995")  # variants that have an alpha of one value
VALUE = "value"  # the column of values, which a frame need not have
_MOST_CODERS = 10_000
_GAP = None  # the value of what is not marked: no text can be taken for it


class Span(NamedTuple):
    """A stretch of the continuum and its value; gaps between spans are stretches too."""

    start: float
    end: float
    value: str | None

    @property
    def length(self) -> float:
        """How long it is."""
        return self.end - self.start


@old_spellings(
    positional=("continuum", "variant", "coder", "start", "end", "value", "category", "coders"),
    renamed={"spans": "data"},
)
def unitising_alpha(
    data: Any,
    *,
    continuum: Sequence[float],
    variant: str = "u",
    coder: str = "coder_id",
    start: str = "start",
    end: str = "end",
    value: str = VALUE,
    category: Any = None,
    coders: int | None = None,
) -> float:
    r"""Measure the agreement of coders who marked spans of a continuum, such as passages of a text.

    Parameters
    ----------
    data
        One row for each span and coder, as a frame of any engine or a list of dicts; the spans of
        one coder do not overlap.
    continuum
        Its start and end.
    variant
        ``"u"``: :math:`_u\alpha`, agreement on spans, gaps and values together, by the lengths on
        which two coders' segments intersect. ``"|u"``: span or gap, whatever the value. ``"cu"``:
        values only, where both have spans. ``"u1995"``: the older :math:`\alpha_U` of squared
        differences of boundaries, for one value after the other.
    coder, start, end, value
        Columns; `value` may be missing, then all spans are alike.
    category
        One value only: for ``"cu"`` the agreement on that value, :math:`_{(k)u}\alpha`; for
        ``"u1995"`` alpha of that value. The other variants have none.
    coders
        Number of coders, if some marked nothing.

    Returns
    -------
    float
        The coefficient; NaN where there is no disagreement to expect. It is a plain number, for it
        has no interval and rests on lengths, not on a number of units.

    Raises
    ------
    StancepackError
        If a column is missing, a span lies outside or is empty, spans of a coder overlap, the
        variant is not known, or a category is given that is not there or would not be used.

    References
    ----------
    Krippendorff, K., Mathet, Y., Bouvry, S., & Widlöcher, A. (2016). On the reliability of
    unitizing textual continua: further developments. Quality & Quantity 50, 2347–2364.
    https://doi.org/10.1007/s11135-015-0266-1

    Krippendorff, K. (1995). On the reliability of unitizing continuous data. Sociological
    Methodology 25, 47–76. https://doi.org/10.2307/271061

    Examples
    --------
    >>> import pandas as pd
    >>> import stancepack as sp
    >>> spans = pd.DataFrame(
    ...     {"coder_id": ["a", "a", "b", "b"], "start": [2, 14, 4, 15], "end": [10, 20, 8, 17]}
    ... )
    >>> round(sp.unitising_alpha(spans, continuum=(0, 24)), 4)
    0.3583
    """
    _check_options(variant, category)
    low, high = _ends(continuum)
    # whatever the values, where only span or gap counts
    columns = {"coder": coder, "start": start, "end": end}
    marked = _spans_by_coder(any_frame(data), columns, None if variant == "|u" else value)
    for name, of_coder in marked.items():
        _check(f"{coder} {name}", of_coder, low, high, may_overlap=variant == "u1995")
    _check_coders(coders, len(marked))
    by_coder = list(marked.values())
    by_coder += [[] for _ in range((coders or 0) - len(by_coder))]
    of_value = None if category is None else _known_value(category, by_coder)
    if len(by_coder) < 2:
        return float("nan")
    if variant == "u1995":
        return _alpha_1995(by_coder, low, high, of_value)
    segments = [_with_gaps(of_coder, low, high) for of_coder in by_coder]
    names, lengths = _overlap_lengths(segments)
    if variant == "cu":
        return _alpha_cu(lengths, names, of_value)
    return _alpha_u(lengths, names, segments)


def _check_options(variant: str, category: Any) -> None:
    known_name("variant", variant, VARIANTS)
    if category is not None and variant not in OF_ONE_VALUE:
        raise StancepackError(
            f"category would not be used: variant {variant!r} is of all values together; "
            f"those of one value are {' and '.join(OF_ONE_VALUE)}."
        )


def _ends(continuum: Any) -> tuple[float, float]:
    """Return the ends of the continuum."""
    try:
        low, high = (plain_code(end, None) for end in continuum)
    except (TypeError, ValueError) as error:
        if isinstance(error, StancepackError):
            raise
        low = high = None
    if not (is_number(low) and is_number(high) and low < high):
        raise StancepackError(
            f"continuum is {continuum!r}; it is two numbers, its start and its end."
        )
    return float(low), float(high)


def _check_coders(coders: Any, marked: int) -> None:
    if coders is None:
        return
    is_whole = isinstance(coders, int | np.integer) and not isinstance(coders, bool)
    if not is_whole or not marked <= coders <= _MOST_CODERS:
        raise StancepackError(
            f"coders is {coders!r}; it is how many there are, and {marked} marked something."
        )


def _spans_by_coder(
    spans: pd.DataFrame, columns: dict[str, str], value: str | None
) -> dict[Any, list[Span]]:
    """Return the spans of each coder in their order; all alike without a column of values."""
    known = list(spans.columns)
    named = [*columns.values(), *([value] if value not in (None, VALUE) else [])]
    for column in named:
        if column not in known:
            near = did_you_mean(str(column), map(str, known))
            raise StancepackError(f"the frame has no column {column!r}; {near}")
    values = spans[value].tolist() if value in known else ["span"] * len(spans)
    by_coder: dict[Any, list[Span]] = {}
    cells = zip(*(spans[column].tolist() for column in columns.values()), values, strict=True)
    for row, (name, start, end, label) in enumerate(cells):
        low, high = plain_code(start, None), plain_code(end, None)
        who, what = plain_code(name, None), plain_code(label, None)
        if who is None or what is None or not (is_number(low) and is_number(high)):
            raise StancepackError(
                f"row {row}: a span needs its coder, a start and an end that are numbers, and a "
                f"value if there is a column of values, not {(name, start, end, label)!r}."
            )
        by_coder.setdefault(who, []).append(Span(float(low), float(high), str(what)))
    return {name: sorted(of_coder) for name, of_coder in by_coder.items()}


def _check(who: str, spans: list[Span], low: float, high: float, *, may_overlap: bool) -> None:
    """Refuse spans, in their order, that cannot be."""
    for span in spans:
        if not low <= span.start < span.end <= high:
            raise StancepackError(
                f"{who}: the span {span.start:g}–{span.end:g} is empty, "
                f"or not within {low:g}–{high:g}."
            )
    for span, following in pairwise(spans):
        if span.end > following.start and not may_overlap:
            raise StancepackError(
                f"{who}: the spans {span.start:g}–{span.end:g} and "
                f"{following.start:g}–{following.end:g} overlap."
            )


def _known_value(category: Any, by_coder: list[list[Span]]) -> str:
    """Return a value that some span has."""
    known = sorted({str(span.value) for spans in by_coder for span in spans})
    name = str(plain_code(category, None))
    if name not in known:
        raise StancepackError(f"no span has the value {category!r}; {did_you_mean(name, known)}")
    return name


def _with_gaps(spans: list[Span], low: float, high: float) -> list[Span]:
    """Return spans and the gaps between them: segments that make up the whole continuum."""
    segments, reached = [], low
    for span in spans:
        if span.start > reached:
            segments.append(Span(reached, span.start, _GAP))
        segments.append(span)
        reached = span.end
    return [*segments, Span(reached, high, _GAP)] if reached < high else segments


# ------------------------------------------------------------------------------------------------
# 2016: by the lengths on which segments of two coders intersect


def _overlap_lengths(by_coder: list[list[Span]]) -> tuple[list[str | None], Floats]:
    """Return the values, and the lengths on which segments of two of them meet."""
    values = {segment.value for segments in by_coder for segment in segments}
    names: list[str | None] = [*sorted(value for value in values if value is not _GAP)]
    if _GAP in values:
        names.insert(0, _GAP)
    number = {name: position for position, name in enumerate(names)}
    lengths = np.zeros((len(names), len(names)))
    for segments, others in permutations(by_coder, 2):
        first = 0  # of the others' segments, the first that may meet this one
        for segment in segments:
            while first < len(others) and others[first].end <= segment.start:
                first += 1
            following = first
            while following < len(others) and others[following].start < segment.end:
                other = others[following]
                shared = min(segment.end, other.end) - max(segment.start, other.start)
                lengths[number[segment.value], number[other.value]] += shared
                following += 1
    return names, lengths / (len(by_coder) - 1)


def _alpha_u(lengths: Floats, names: list[str | None], by_coder: list[list[Span]]) -> float:
    """Return alpha of spans, gaps and values together; a span is not compared with itself."""
    squares = np.zeros(len(names))
    for segments in by_coder:
        for segment in segments:
            alone = segment.length if segment.value is _GAP else segment.length**2
            squares[names.index(segment.value)] += alone
    margins, total = lengths.sum(axis=1), lengths.sum()
    expected = np.outer(margins, margins) - np.diag(squares)
    expected *= total / (total**2 - squares.sum())
    return _one_less_ratio(total - np.trace(lengths), total - np.trace(expected))


def _alpha_cu(lengths: Floats, names: list[str | None], category: str | None) -> float:
    """Return alpha of values where both coders have spans; of one value, if that is wanted."""
    values = [name for name in names if name is not _GAP]
    marked = [names.index(name) for name in values]
    lengths = lengths[np.ix_(marked, marked)]
    margins, total = lengths.sum(axis=1), lengths.sum()
    if not total:
        return float("nan")
    expected = np.outer(margins, margins) / total
    if category is None:
        return _one_less_ratio(total - np.trace(lengths), total - np.trace(expected))
    k = values.index(category)
    observed_k, expected_k = (table[k].sum() - table[k, k] for table in (lengths, expected))
    return _one_less_ratio(observed_k, expected_k)


def _one_less_ratio(observed: float, expected: float) -> float:
    """Return alpha of disagreements; NaN where there is none to expect."""
    return float(1 - observed / expected) if expected > 0 else float("nan")


# ------------------------------------------------------------------------------------------------
# 1995: by squared differences of boundaries

Boundaries = Sequence[tuple[float, float]]


def _alpha_1995(by_coder: list[list[Span]], low: float, high: float, category: str | None) -> float:
    values = {str(span.value) for spans in by_coder for span in spans}
    disagreements = []
    for value in [category] if category is not None else sorted(values):
        of_value = [
            [(span.start, span.end) for span in spans if span.value == value] for spans in by_coder
        ]
        disagreements.append(disagreement_1995(of_value, low, high))
    observed, expected = (sum(each) for each in zip(*disagreements, strict=True))
    return _one_less_ratio(observed, expected)


def disagreement_1995(
    by_coder: Sequence[Boundaries], low: float, high: float
) -> tuple[float, float]:
    """Return observed and expected disagreement of the older alpha for one value.

    Parameters
    ----------
    by_coder
        For each coder the start and end of their spans of that value.
    low, high
        The ends of the continuum.

    References
    ----------
    Krippendorff, K. (1995). On the reliability of unitizing continuous data. Sociological
    Methodology 25, 47–76, eqs 5 and 8. https://doi.org/10.2307/271061

    Examples
    --------
    >>> observed, expected = disagreement_1995([[(2, 6)], [(3, 6)]], 0, 10)
    >>> observed
    0.01
    """
    length, coders = high - low, len(by_coder)
    observed = sum(_boundary_distance(*pair) for pair in permutations(by_coder, 2))
    observed /= coders * (coders - 1) * length**2
    n_spans = sum(len(spans) for spans in by_coder)
    gaps = [end - start for spans in by_coder for start, end in _gaps(spans, low, high)]
    expected, squares = 0.0, 0.0
    for spans in by_coder:
        for start, end in spans:
            own = end - start
            squares += own * (own - 1)
            free = sum(max(0.0, gap - own + 1) for gap in gaps if gap >= own)
            shifted = (n_spans - 1) / 3 * (2 * own**3 - 3 * own**2 + own)
            expected += shifted + own**2 * free
    whole = coders * length
    expected *= 2 / length / (whole * (whole - 1) - squares)
    return observed, expected


def _boundary_distance(spans: Boundaries, others: Boundaries) -> float:
    """Return the squared differences of one coder's spans from another's that they meet.

    A span that meets none counts with its square, be it the one's or the other's.
    """
    distance = 0.0
    for start, end in spans:
        meets = [other for other in others if other[0] < end and start < other[1]]
        distance += sum((start - first) ** 2 + (end - last) ** 2 for first, last in meets)
        if not meets:
            distance += (end - start) ** 2
    for first, last in others:
        if not any(start < last and first < end for start, end in spans):
            distance += (last - first) ** 2
    return distance


def _gaps(spans: Boundaries, low: float, high: float) -> list[tuple[float, float]]:
    ends = [low, *(boundary for span in sorted(spans) for boundary in span), high]
    gaps = zip(ends[::2], ends[1::2], strict=True)
    return [(start, end) for start, end in gaps if end > start]
