"""Agreement of coders who marked spans of a continuum."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import numpy as np
import pandas as pd

from stancepack.errors import StancepackError, did_you_mean

VARIANTS = ("u", "|u", "cu", "u1995")
_GAP = "(gap)"


def unitising_alpha(
    spans: pd.DataFrame,
    continuum: Sequence[float],
    variant: str = "u",
    coder: str = "coder_id",
    start: str = "start",
    end: str = "end",
    value: str = "value",
    category: Any = None,
    coders: int | None = None,
) -> float:
    r"""Measure the agreement of coders who marked spans of a continuum, such as passages of a text.

    Parameters
    ----------
    spans
        One row for each span and coder; the spans of one coder do not overlap.
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
        ``"u1995"`` alpha of that value.
    coders
        Number of coders, if some marked nothing.

    Returns
    -------
    float
        The coefficient; NaN where there is no disagreement to expect.

    Raises
    ------
    StancepackError
        If a column is missing, a span lies outside or is empty, spans of a coder overlap, or the
        variant is not known.

    References ---------- Krippendorff, K., Mathet, Y., Bouvry, S., & Widlöcher, A. (2016). On the
    reliability of unitizing textual continua: further developments. Quality & Quantity 50,
    2347–2364. https://doi.org/10.1007/s11135-015-0266-1

    Krippendorff, K. (1995). On the reliability of unitizing continuous data. Sociological
    Methodology 25, 47–76. https://doi.org/10.2307/271061

    Examples
    --------
    >>> import pandas as pd
    >>> import stancepack as sp
    >>> spans = pd.DataFrame({"coder_id": ["a", "a", "b", "b"], "start": [2, 14, 4, 15], "end": [10, 20, 8, 17]})
    >>> round(sp.unitising_alpha(spans, (0, 24)), 4)
    0.3583
    """
    if variant not in VARIANTS:
        raise StancepackError(
            f"variant {variant!r} is not known; {did_you_mean(variant, VARIANTS)}"
        )
    for column in (coder, start, end):
        if column not in spans.columns:
            raise StancepackError(
                f"the frame has no column {column!r}; {did_you_mean(column, spans.columns)}"
            )
    values = (
        spans[value].astype(str) if value in spans.columns else pd.Series("span", index=spans.index)
    )
    low, high = float(continuum[0]), float(continuum[1])
    by_coder: list[list[tuple[float, float, str]]] = []
    for name, rows in spans.assign(_value=values).groupby(coder, observed=True, sort=False):
        marked = sorted(
            (float(a), float(b), str(c))
            for a, b, c in zip(rows[start], rows[end], rows["_value"], strict=True)
        )
        for a, b, _ in marked:
            if not low <= a < b <= high:
                raise StancepackError(
                    f"{coder} {name}: the span {a:g}–{b:g} is empty, or not within {low:g}–{high:g}."
                )
        if variant != "u1995":
            for one, other in pairwise(marked):
                if one[1] > other[0]:
                    raise StancepackError(
                        f"{coder} {name}: the spans {one[0]:g}–{one[1]:g} and {other[0]:g}–{other[1]:g} overlap."
                    )
        by_coder.append(marked)
    by_coder += [[] for _ in range((coders or 0) - len(by_coder))]
    if len(by_coder) < 2:
        return float("nan")
    if variant == "u1995":
        return _alpha_1995(by_coder, low, high, None if category is None else str(category))
    if variant == "|u":
        by_coder = [[(a, b, "span") for a, b, _ in marked] for marked in by_coder]
    return _alpha_of_segments(
        by_coder, low, high, variant, None if category is None else str(category)
    )


Segments = list[list[tuple[float, float, str]]]


def _alpha_of_segments(
    by_coder: Segments, low: float, high: float, variant: str, category: str | None
) -> float:
    """Compute alpha from the lengths on which segments (spans and gaps) of two coders intersect."""
    whole = []
    for marked in by_coder:
        segments, at = [], low
        for a, b, c in marked:
            segments += [(at, a, _GAP)] if a > at else []
            segments.append((a, b, c))
            at = b
        whole.append(segments + ([(at, high, _GAP)] if at < high else []))
    names = sorted({c for segments in whole for _, _, c in segments})
    place = {name: number for number, name in enumerate(names)}
    observed = np.zeros((len(names), len(names)))
    for i, one in enumerate(whole):
        for j, other in enumerate(whole):
            if i == j:
                continue
            at = 0
            for a, b, c in one:
                while at and other[at][0] > a:
                    at -= 1
                while at < len(other) and other[at][1] <= a:
                    at += 1
                k = at
                while k < len(other) and other[k][0] < b:
                    observed[place[c], place[other[k][2]]] += min(b, other[k][1]) - max(
                        a, other[k][0]
                    )
                    k += 1
    observed /= len(whole) - 1
    squares = np.zeros(len(names))  # a segment is not compared with itself
    for segments in whole:
        for a, b, c in segments:
            squares[place[c]] += (b - a) ** 2 if c != _GAP else b - a
    if variant == "cu":
        keep = [number for number, name in enumerate(names) if name != _GAP]
        observed = observed[np.ix_(keep, keep)]
        margins, lengths = observed.sum(axis=1), observed.sum()
        if not lengths:
            return float("nan")
        expected = np.outer(margins, margins) / lengths
        if category is not None:
            if category not in names:
                raise StancepackError(
                    f"no span has the value {category!r}; {did_you_mean(category, [n for n in names if n != _GAP])}"
                )
            k = keep.index(place[category])
            disagreed, chance = (
                observed[k].sum() - observed[k, k],
                expected[k].sum() - expected[k, k],
            )
        else:
            disagreed, chance = lengths - np.trace(observed), lengths - np.trace(expected)
        return float(1 - disagreed / chance) if chance > 0 else float("nan")
    margins, lengths = observed.sum(axis=1), observed.sum()
    expected = np.outer(margins, margins) - np.diag(squares)
    expected *= lengths / (lengths**2 - squares.sum())
    disagreed, chance = lengths - np.trace(observed), lengths - np.trace(expected)
    return float(1 - disagreed / chance) if chance > 0 else float("nan")


def _alpha_1995(by_coder: Segments, low: float, high: float, category: str | None) -> float:
    names = (
        sorted({c for marked in by_coder for _, _, c in marked}) if category is None else [category]
    )
    parts = [
        _disagreement_1995(
            [[(a, b) for a, b, c in marked if c == name] for marked in by_coder], low, high
        )
        for name in names
    ]
    observed, expected = sum(one for one, _ in parts), sum(other for _, other in parts)
    return float(1 - observed / expected) if expected > 0 else float("nan")


def _disagreement_1995(
    marked: list[list[tuple[float, float]]], low: float, high: float
) -> tuple[float, float]:
    """Return observed and expected disagreement of the older alpha for one value (Krippendorff 1995, eqs 5 and 8)."""
    length, coders = high - low, len(marked)

    def gaps(spans: list[tuple[float, float]]) -> list[tuple[float, float]]:
        ends = [low, *(point for span in sorted(spans) for point in span), high]
        return [(a, b) for a, b in zip(ends[::2], ends[1::2], strict=True) if b > a]

    observed = 0.0
    for i, one in enumerate(marked):
        for j, other in enumerate(marked):
            if i == j:
                continue
            for a, b in one:
                meets = [(c, d) for c, d in other if c < b and a < d]
                observed += sum((a - c) ** 2 + (b - d) ** 2 for c, d in meets)
                if not meets:
                    observed += (b - a) ** 2
            # a span of the other coder that lies within a gap of this one is counted from the
            # other's side
            observed += sum(
                (d - c) ** 2 for c, d in other if not any(a < d and c < b for a, b in one)
            )
    observed /= coders * (coders - 1) * length**2
    count = sum(len(spans) for spans in marked)
    expected, squares = 0.0, 0.0
    for spans in marked:
        for a, b in spans:
            own = b - a
            squares += own * (own - 1)
            free = sum(
                max(0.0, d - c - own + 1)
                for others in marked
                for c, d in gaps(others)
                if d - c >= own
            )
            expected += (count - 1) / 3 * (2 * own**3 - 3 * own**2 + own) + own**2 * free
    whole = coders * length
    expected *= 2 / length / (whole * (whole - 1) - squares)
    return observed, expected
