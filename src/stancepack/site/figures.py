"""The figures of a report: each actor's statements over time, a lane for each issue."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pandas as pd

from stancepack.dataset.scales import Scale
from stancepack.errors import StancepackError
from stancepack.release.disagreements import code_text
from stancepack.site.axes import MARK, CodeAxis, TimeAxis
from stancepack.site.readable import shown

if TYPE_CHECKING:
    from stancepack.dataset.package import StancePackage
    from stancepack.site.agreement import Alphas

_NARROW = 300  # width of a plot on a phone, in pixels: marks are kept apart at this width
_BADGE_WIDTH = 30  # at this width, too: counts nearer to one another are one
_FEW = 8  # statements of a speaker on an issue below which no mean is drawn
_DRAWN = 4  # actors that are drawn where the descriptor names none
_DAILY, _LONG = (
    1,
    40,
)  # years up to which means are computed for each day, and above which for each year


@dataclass(frozen=True)
class Mark:
    """A statement on a lane: per cent across, pixels down, and the range that coders gave."""

    statement_id: str
    label: str
    classes: str
    left: float
    top: float
    span_left: float
    span_width: float
    whisker_top: float
    whisker_height: float


@dataclass(frozen=True)
class Badge:
    """Statements for which a band has no room: where their number stands, and which they are."""

    left: float
    top: float
    marks: list[Mark]


@dataclass(frozen=True)
class Place:
    """A statement before it is placed: how far across, its code, and its row of positions."""

    left: float
    code: str
    row: dict[str, Any]


def principals(pkg: StancePackage, positions: pd.DataFrame) -> list[str]:
    """Return the actors to draw: those the descriptor names, else those with most positions."""
    actors = set(pkg["actors"]["actor_id"])
    named = [name for name in pkg.descriptor.content.get("principals", []) if name in actors]
    return named or positions["actor_id"].value_counts().index[:_DRAWN].tolist()


def time_axis(positions: pd.DataFrame) -> TimeAxis:
    """Return the axis on which all positions have room."""
    days = pd.concat([positions["date_earliest"], positions["date_latest"]]).dropna()
    return TimeAxis.of(day.date() for day in days)


def figure(
    pkg: StancePackage, actor: str, positions: pd.DataFrame, alphas: Alphas, axis: TimeAxis
) -> dict[str, Any]:
    """Lay out one actor's positions: a lane for each issue, a mark for each statement."""
    own = positions[positions["actor_id"] == actor]
    lanes, silent = [], []
    for issue, entry in pkg.codebook.issues.items():
        on_issue = own[own["issue_id"] == issue]
        if on_issue.empty:
            silent.append(entry["title"])
        else:
            lanes.append(_lane(pkg, actor, issue, on_issue, axis) | {"alpha": alphas.of(issue)})
    names = pkg["actors"].set_index("actor_id")["name"]
    return {
        "actor_id": actor,
        "name": names.get(actor, actor),
        "offices": list(dict.fromkeys(own["office"].dropna())) if "office" in own else [],
        "n": own["statement_id"].nunique(),
        "n_all": len(statements_of(pkg, actor)),
        "lanes": lanes,
        "silent": silent,
    }


def statements_of(pkg: StancePackage, actor: str) -> pd.DataFrame:
    """Return the statements of an actor, also those made with others."""
    statements, joint = pkg["statements"], pkg["statement_actors"]
    shared = joint.loc[joint["actor_id"] == actor, "statement_id"]
    is_own = (statements["actor_id"] == actor) | statements["statement_id"].isin(shared)
    return statements[is_own]


def _lane(
    pkg: StancePackage, actor: str, issue: str, on_issue: pd.DataFrame, axis: TimeAxis
) -> dict[str, Any]:
    scale = pkg.scale(issue)
    places = _places(pkg, issue, on_issue, axis)
    codes = CodeAxis.of(scale, _deepest(places))
    marks, badges = _stacked(pkg, places, codes, axis)
    path, why_no_path = _path(pkg, actor, issue, on_issue, codes, axis)
    low, high = scale.ends if scale.is_ordered else ("", "")
    return {
        "issue_id": issue,
        "title": pkg.codebook.issues[issue]["title"],
        "is_ordered": scale.is_ordered,
        "n": len(on_issue),
        "n_statements": on_issue["statement_id"].nunique() - int(on_issue["repeats"].notna().sum()),
        "high": "" if high == scale.shown(scale.codes[-1]) else high,
        "low": "" if low == scale.shown(scale.codes[0]) else low,
        "bands": codes.bands,
        "band_height": round(codes.band, 1),
        "height": codes.height,
        "marks": marks,
        "badges": badges,
        "path": path,
        "why_no_path": why_no_path,
    }


def _places(pkg: StancePackage, issue: str, on_issue: pd.DataFrame, axis: TimeAxis) -> list[Place]:
    """Return when each statement was made, in order; one without a date has no place."""
    dated = on_issue.dropna(subset=["date_earliest", "date_latest"])
    dated = dated.sort_values(["date_earliest", "date_latest", "statement_id"])
    places = []
    for row in dated.to_dict("records"):
        first, last = (
            axis.across(row["date_earliest"].date()),
            axis.across(row["date_latest"].date()),
        )
        places.append(Place((first + last) / 2, code_text(pkg, issue, row["position"]), row))
    return sorted(places, key=lambda place: place.left)


def _deepest(places: Sequence[Place]) -> int:
    """Return how many statements of one code would cover each other at most, on a phone."""
    deepest = 1
    recent: dict[str, deque[float]] = {}
    for place in places:
        near = recent.setdefault(place.code, deque())
        while near and _pixels(place.left - near[0]) >= MARK:
            near.popleft()
        near.append(place.left)
        deepest = max(deepest, len(near))
    return deepest


def _pixels(across: float) -> float:
    return across * _NARROW / 100


def _stacked(
    pkg: StancePackage, places: Sequence[Place], codes: CodeAxis, axis: TimeAxis
) -> tuple[list[Mark], list[Badge]]:
    """Place marks at their dates, those that would cover each other in rows; count the rest."""
    marks: list[Mark] = []
    badges: list[Badge] = []
    recent: deque[tuple[float, float]] = deque()
    for place in places:
        while recent and _pixels(place.left - recent[0][0]) >= MARK:
            recent.popleft()
        tops = [codes.middle(place.code) + offset for offset in codes.offsets()]
        free = [top for top in tops if all(abs(top - other) >= MARK for _, other in recent)]
        mark = _mark(pkg, place, codes, (free or tops)[0], axis)
        if free:
            recent.append((place.left, mark.top))
            marks.append(mark)
        else:
            _count(badges, mark, codes.badge_top(place.code))
    return marks, badges


def _count(badges: list[Badge], mark: Mark, top: float) -> None:
    """Add a statement to the number that stands nearby in its band, or begin a new one."""
    for badge in reversed(badges):
        if badge.top == top and _pixels(mark.left - badge.left) < _BADGE_WIDTH:
            badge.marks.append(mark)
            return
    badges.append(Badge(mark.left, top, [mark]))


def _mark(pkg: StancePackage, place: Place, codes: CodeAxis, top: float, axis: TimeAxis) -> Mark:
    row, scale = place.row, codes.scale
    kinds = [
        "conditional" if _is_conditional(pkg, row) else "",
        "repeated" if shown(row["repeats"]) else "",
        "adjudicated" if row["settled_by"] == "adjudication" else "",
    ]
    kinds = [kind for kind in kinds if kind]
    note = "; ".join([shown(row["date"]), *kinds])
    label = (
        f"{row['statement_id']} ({note}), {scale.shown(place.code)}: {shown(row['proposition'])}"
    )
    left, right = axis.across(row["date_earliest"].date()), axis.across(row["date_latest"].date())
    ends = [codes.middle(code) for code in _coded_range(pkg, row, scale)]
    high, low = min([*ends, top]), max([*ends, top])
    return Mark(
        statement_id=row["statement_id"],
        label=label,
        classes=" ".join(kinds),
        left=round(place.left, 2),
        top=round(top, 1),
        span_left=left,
        span_width=round(right - left, 2) if row["date_latest"] > row["date_earliest"] else 0,
        whisker_top=round(high, 1),
        whisker_height=round(low - high, 1) if len(set(ends)) > 1 else 0,
    )


def _coded_range(pkg: StancePackage, row: dict[str, Any], scale: Scale) -> Iterator[str]:
    """Go through the lowest and highest code of the coders, if they differ, and the settled one."""
    given = (
        [row["position"], row["coded_low"], row["coded_high"]]
        if scale.is_ordered
        else [row["position"]]
    )
    for code in given:
        text = code_text(pkg, scale.name, code)
        if text in scale.ranks:
            yield text


def _is_conditional(pkg: StancePackage, row: dict[str, Any]) -> bool:
    """Tell whether a position holds on a condition only, by the roles of the codebook."""
    for variable in pkg.codebook.roles.get("conditional", {}):
        code = row.get(variable)
        if shown(code) and pkg.codebook.plays(
            "conditional", variable, code_text(pkg, variable, code)
        ):
            return True
    return False


def _path(
    pkg: StancePackage,
    actor: str,
    issue: str,
    on_issue: pd.DataFrame,
    codes: CodeAxis,
    axis: TimeAxis,
) -> tuple[list[dict[str, str]], str]:
    """Lay out the mean over time with its interval, in stretches, or say why there is none."""
    from stancepack.positions.trajectory import trajectory

    if not codes.scale.is_ordered or on_issue["repeats"].isna().sum() < _FEW:
        return [], ""
    step = "D" if axis.years <= _DAILY else "MS" if axis.years <= _LONG else "YS"
    try:
        path = trajectory(pkg, issue=issue, actor=actor, method="window", step=step, draws=200)
    except StancepackError as error:
        return [], str(error)
    known = path.table["estimate"].notna()
    stretches = []
    for _, rows in path.table[known].groupby((~known).cumsum()[known]):
        if len(rows) > 1:
            across = [f"{axis.across(time.date()):.2f}" for time in rows["time"]]
            upper, lower, line = (
                [f"{x},{codes.down(y)}" for x, y in zip(across, rows[column], strict=True)]
                for column in ("high", "low", "estimate")
            )
            stretches.append({"band": " ".join(upper + lower[::-1]), "line": " ".join(line)})
    return stretches, ""
