"""The positions that a measure rests on, under stated choices."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any, TypedDict
from weakref import WeakKeyDictionary

import numpy as np
import pandas as pd

from stancepack.dataset.names import actor_ids, coder_ids, ids_among, issue_ids
from stancepack.dataset.names import sides as side_names
from stancepack.dataset.package import as_package
from stancepack.dataset.partial import positions_of_stances
from stancepack.errors import StancepackError, UnknownName, did_you_mean
from stancepack.positions.options import check_option, check_truth
from stancepack.spellings import old_spellings

if TYPE_CHECKING:
    from stancepack.dataset.package import StancePackage
    from stancepack.dataset.scales import Scale
    from stancepack.reliability.counts import Floats


CODES = ("coders", "settled")
CONDITIONAL = ("in", "out", "shrunk")
SETTLED = "settled"  # stands for the coder where a settled position counts alone
LINES = ("actor", "side")
_LONGEST_LABEL = 40  # letters of names
DAYS_A_YEAR = 365.25
_EPOCH = pd.Timestamp("2000-01-01")
_CELL = ["statement_id", "issue_id"]
# a multiverse asks for them hundreds of times
_POSITIONS_BY_CODERS: WeakKeyDictionary[StancePackage, dict[tuple[str, ...], pd.DataFrame]] = (
    WeakKeyDictionary()
)


class Choosing(TypedDict, total=False):
    """The choices of `evidence` that every measure takes."""

    codes: str
    ascribed: bool
    conditional: str
    restatements: bool
    coder: str | Sequence[str] | None
    exclude_source: str | Sequence[str]
    exclude_date_basis: str | Sequence[str]


@dataclass(frozen=True)
class Choices:
    """What counts as evidence; see `evidence`."""

    codes: str = "coders"
    ascribed: bool = True
    conditional: str = "in"
    restatements: bool = False
    coder: str | Sequence[str] | None = None
    exclude_source: str | Sequence[str] = ()
    exclude_date_basis: str | Sequence[str] = ()

    def __post_init__(self) -> None:
        """Refuse options that are not known."""
        check_option("conditional", self.conditional, CONDITIONAL)
        check_option("codes", self.codes, CODES)
        check_truth("ascribed", self.ascribed)
        check_truth("restatements", self.restatements)
        for name in ("exclude_source", "exclude_date_basis"):
            _as_list(name, getattr(self, name))

    @classmethod
    def of(cls, choices: Mapping[str, Any]) -> Choices:
        """Make choices of keywords; refuse those that are none."""
        known = [field.name for field in fields(cls)]
        for name in choices:
            if name not in known:
                raise UnknownName(f"the option {name!r} is not known; {did_you_mean(name, known)}")
        return cls(**choices)

    @property
    def settled_alone(self) -> bool:
        """Whether one code of each position counts."""
        return self.codes == SETTLED or self.coder is not None

    def check(self, pkg: StancePackage, positions: pd.DataFrame) -> None:
        """Refuse options that the package has no grounds for."""
        for option, is_asked, role in (
            ("ascribed=False", not self.ascribed, "ascribed"),
            (f"conditional={self.conditional!r}", self.conditional != "in", "conditional"),
        ):
            if is_asked and not can_play(pkg, positions, role):
                what = f"no code of a variable has the role {role!r} in the codebook"
                if role in pkg.codebook.roles:
                    names = " or ".join(pkg.codebook.roles[role])
                    what = f"the statements have no column {names}, whose codes say it"
                raise StancepackError(f"{option} cannot be taken: {what}; leave it out.")
        if len(self.exclude_source) and "source" not in positions and not _has_sources(pkg):
            raise StancepackError("exclude_source cannot be taken: the statements name no sources.")
        if len(self.exclude_date_basis) and positions["date_basis"].isna().all():
            what = "nothing says on which basis statements are dated"
            raise StancepackError(f"exclude_date_basis cannot be taken: {what}.")

    def apply(self, pkg: StancePackage, positions: pd.DataFrame) -> pd.DataFrame:
        """Leave out the positions that do not count."""
        if not self.ascribed:
            positions = positions[~playing(pkg, positions, "ascribed")]
        if self.conditional == "out":
            positions = positions[~playing(pkg, positions, "conditional")]
        if not self.restatements and "repeats" in positions:
            positions = positions[positions["repeats"].isna()]
        if beginnings := _as_list("exclude_source", self.exclude_source):
            source = _sources(pkg, positions).astype(str)
            positions = positions[~source.str.startswith(tuple(beginnings)).to_numpy()]
        if bases := _as_list("exclude_date_basis", self.exclude_date_basis):
            positions = positions[~positions["date_basis"].isin(bases)]
        return positions.copy()


@old_spellings(positional=("issue",), renamed={"pkg": "data"})
def evidence(
    data: StancePackage | str | os.PathLike[str],
    *,
    issue: str | Sequence[str] | None = None,
    actor: str | Sequence[str] | None = None,
    side: str | Sequence[str] | None = None,
    codes: str = "coders",
    ascribed: bool = True,
    conditional: str = "in",
    restatements: bool = False,
    coder: str | Sequence[str] | None = None,
    exclude_source: str | Sequence[str] = (),
    exclude_date_basis: str | Sequence[str] = (),
) -> pd.DataFrame:
    """Collect the positions that a measure rests on, under stated choices.

    Parameters
    ----------
    data
        A package, as `load` gives it, or the path of one.
    issue
        One issue or several, by id or title; all if None.
    actor, side
        Whose positions: actors by id or name, sides; all if None.
    codes
        ``"coders"``: statements with a settled position, with the codes of the last round's coders
        beside it, where there are any. ``"settled"``: the settled position alone.
    ascribed
        Whether statements count that the source merely ascribes (by the codebook's role).
    conditional
        Positions that hold only on a condition (by the codebook's role): ``"in"`` as they are,
        ``"out"``, or ``"shrunk"`` by half towards the neutral code.
    restatements
        Whether a second report of a statement counts again.
    coder
        One coder's positions in place of the settled ones: all that this coder gave in the rounds
        that settle, also where the settled code is that the issue is not addressed. Or several
        coders who read different statements, as one reading of them all.
    exclude_source
        Leave out statements whose first source begins so (one or several beginnings).
    exclude_date_basis
        Leave out statements dated on this basis (``source``, ``article``, ``inferred``).

    Returns
    -------
    pandas.DataFrame
        One row for each statement, issue and speaker: the columns of `StancePackage.positions`,
        ``middle`` of the days on which it may have been said, ``number`` (where the position stands
        on its scale; its rank if the codes have no order), ``value`` (the same, shrunk where asked;
        missing if the codes have no order), and ``codes``: a tuple of (coder, number).

    Raises
    ------
    StancepackError
        If an issue, actor, side, coder or option is not known, or the package has no grounds for an
        option.

    Examples
    --------
    >>> import stancepack as sp
    >>> strict = sp.evidence(sp.load(), issue="limits", ascribed=False, conditional="out")
    >>> bool((strict["attribution"] == "ascribed").any() or strict["conditional"].any())
    False
    """
    pkg = as_package(data, "evidence")
    choices = Choices(
        codes, ascribed, conditional, restatements, coder, exclude_source, exclude_date_basis
    )
    positions = collected(pkg, issue, choices)
    if actor is None and side is None:
        return positions
    return positions[Who.of(pkg, actor, side).chosen(positions)].reset_index(drop=True)


def collected(
    pkg: StancePackage, issue: str | Sequence[str] | None, choices: Choices
) -> pd.DataFrame:
    """Return the evidence of a package; see `evidence`."""
    positions = pkg.positions() if choices.coder is None else _positions_of(pkg, choices.coder)
    choices.check(pkg, positions)
    issues = None if issue is None else issue_ids(pkg, issue)
    if issues is not None:
        positions = positions[positions["issue_id"].isin(issues)]
    positions = choices.apply(pkg, positions)
    to_middle = (positions["date_latest"] - positions["date_earliest"]) / 2
    positions["middle"] = positions["date_earliest"] + to_middle
    numbers = _numbers(pkg, positions)
    positions["number"] = numbers
    positions["value"] = _values(pkg, positions, numbers, choices.conditional)
    by_cell = {} if choices.settled_alone else _codes_by_cell(pkg, _given(pkg, issues))
    cells = zip(positions["statement_id"], positions["issue_id"], strict=True)
    positions["codes"] = [
        tuple(by_cell.get(cell, [(SETTLED, number)]))
        for cell, number in zip(cells, numbers, strict=True)
    ]
    return positions.reset_index(drop=True)


def dated_evidence(
    pkg: StancePackage, issue: str | Sequence[str] | None, choices: Choices, needs: str
) -> pd.DataFrame:
    """Return the evidence for what needs to know when statements were made."""
    positions = collected(pkg, issue, choices)
    if positions["middle"].isna().any():
        what = f"{needs} needs the dates of statements, and the tables have none"
        raise StancepackError(f"{what}; give from_tables a column of dates too.")
    return positions


def _given(pkg: StancePackage, issues: list[str] | None = None) -> pd.DataFrame:
    """Return the positions that coders gave in the last round; none where there are no codings."""
    if "codings" not in pkg:
        return pd.DataFrame({name: [] for name in (*_CELL, "coder_id", "position")})
    given = pkg.settling("codings").dropna(subset=["position"])
    return given if issues is None else given[given["issue_id"].isin(issues)]


def _positions_of(pkg: StancePackage, coder: str | Sequence[str]) -> pd.DataFrame:
    """Return all positions of a coder, or of several as one, with who said what when."""
    if "codings" not in pkg or "statements" not in pkg:
        what = "the tables codings and statements, which are not there"
        raise StancepackError(f"coder={coder!r} cannot be taken: it needs {what}.")
    by_coders = _POSITIONS_BY_CODERS.setdefault(pkg, {})
    names = _coders(pkg, coder)
    if names not in by_coders:
        codings = pkg.settling("codings")
        own = codings[codings["coder_id"].isin(names)]
        twice = own[own.duplicated(_CELL)]
        if len(twice):
            what = f"{' and '.join(names)} both read {twice['statement_id'].iloc[0]}"
            way_out = "take one of them; codes='coders' takes all coders together."
            raise StancepackError(f"coder={coder!r}: {what}; {way_out}")
        own = own.dropna(subset=["position"])
        own = own.assign(settled_by=own["coder_id"].astype("str"))
        by_coders[names] = positions_of_stances(pkg, own)
    return by_coders[names].copy()


def readings(pkg: StancePackage) -> list[str | tuple[str, ...]]:
    """Return the coders whose codes are settled, those who read different statements together.

    Each is a reading of every statement, which `evidence` takes as ``coder``; coders who make no
    whole with others are left out.
    """
    codings = pkg.settling("codings")
    read = {str(coder): {*rows} for coder, rows in codings.groupby("coder_id")["statement_id"]}
    whole = {*codings["statement_id"]}
    wholes: list[str | tuple[str, ...]] = []
    while read:
        first, statements = next(iter(read.items()))
        coders, covered = [first], set(statements)
        for other, rest in read.items():
            if not covered & rest:
                coders.append(other)
                covered |= rest
        for coder in coders:
            del read[coder]
        if covered == whole:
            wholes.append(coders[0] if len(coders) == 1 else tuple(coders))
    return wholes


def _coders(pkg: StancePackage, coder: str | Sequence[str]) -> tuple[str, ...]:
    """Return the ids of coders whose codes are settled."""
    settling = dict.fromkeys(map(str, pkg.settling("codings")["coder_id"].unique()), "")
    try:
        return tuple(ids_among("coder", coder, settling))
    except UnknownName:
        earlier = coder_ids(pkg, coder)
        unsettled = next(name for name in earlier if name not in settling)
        hint = did_you_mean(unsettled, settling)
        raise UnknownName(f"{unsettled!r} did not code the last round; {hint}") from None


def _as_list(name: str, given: str | Sequence[str]) -> list[str]:
    texts = [given] if isinstance(given, str) else given
    if not isinstance(texts, list | tuple) or not all(isinstance(text, str) for text in texts):
        raise StancepackError(f"{name}={given!r} should be text, or a list of texts.")
    return [text for text in texts if text]


def _has_sources(pkg: StancePackage) -> bool:
    return "statements" in pkg and "source" in pkg["statements"]


def _sources(pkg: StancePackage, positions: pd.DataFrame) -> pd.Series[str]:
    """Return the sources of positions, from the statements where positions do not have them."""
    if "source" in positions:
        return positions["source"]
    sources = pkg["statements"].set_index("statement_id")["source"]
    return sources.reindex(positions["statement_id"])


def issue_title(pkg: StancePackage, issue: str) -> str:
    """Return the title of an issue; its id where there is none."""
    if "issues" not in pkg or "title" not in pkg["issues"]:
        return issue
    titles = pkg["issues"].set_index("issue_id")["title"].dropna()
    return str(titles.get(issue, issue))


def all_issues(pkg: StancePackage) -> list[str]:
    """Return the issues of a package in its order, else that of its positions."""
    if "issues" in pkg:
        return [str(issue) for issue in pkg["issues"]["issue_id"]]
    return [str(issue) for issue in pkg.positions()["issue_id"].unique()]


def check_ordered(scale: Scale, what: str) -> None:
    """Refuse the issue whose codes have no order, for a measure that needs one."""
    if not scale.is_ordered:
        raise StancepackError(
            f"{what} needs codes in an order; those of {scale.name!r} are nominal. "
            "Take trajectory(…, method='shares')."
        )


def can_play(pkg: StancePackage, positions: pd.DataFrame, role: str) -> bool:
    """Tell whether a variable of the statements has codes that play a role."""
    return any(variable in positions for variable in pkg.codebook.roles.get(role, {}))


def playing(pkg: StancePackage, positions: pd.DataFrame, role: str) -> pd.Series[bool]:
    """Tell which positions are of a statement with a code that plays a role."""
    plays = pd.Series(False, index=positions.index)
    for variable, codes in pkg.codebook.roles.get(role, {}).items():
        if variable not in positions:
            continue
        key = pkg.scale(variable).key
        plays |= positions[variable].astype(object).map(key, na_action="ignore").isin(codes)
    return plays


def _numbers(pkg: StancePackage, codings: pd.DataFrame) -> pd.Series[float]:
    """Return where each code stands on the scale of its issue."""
    cells = list(zip(codings["issue_id"].tolist(), codings["position"].tolist(), strict=True))
    number_of = {(issue, code): number_on(pkg.scale(issue), code) for issue, code in {*cells}}
    return pd.Series([number_of[cell] for cell in cells], index=codings.index, dtype=float)


def number_on(scale: Scale, code: Any) -> float:
    """Return where a code stands; without an order its rank, so that any code is a number."""
    return scale.number(code) if scale.is_ordered else float(scale.ranks[scale.key(code)])


def _values(
    pkg: StancePackage, positions: pd.DataFrame, numbers: pd.Series[float], conditional: str
) -> pd.Series[float]:
    """Return the numbers of ordered issues, conditional ones shrunk where asked."""
    scales = {str(issue): pkg.scale(str(issue)) for issue in positions["issue_id"].unique()}
    unordered = [issue for issue, scale in scales.items() if not scale.is_ordered]
    values = numbers.mask(positions["issue_id"].isin(unordered))
    if conditional != "shrunk":
        return values
    for issue, scale in scales.items():
        if scale.neutral is None:
            what = f"{issue!r} has no neutral code to shrink positions towards"
            raise StancepackError(
                f"conditional='shrunk' cannot be taken: {what}; take 'in' or 'out'."
            )
    middle = positions["issue_id"].map({issue: scale.middle for issue, scale in scales.items()})
    half_way = middle + (values - middle) / 2
    return values.mask(playing(pkg, positions, "conditional"), half_way)


def _codes_by_cell(
    pkg: StancePackage, given: pd.DataFrame
) -> dict[tuple[str, str], list[tuple[str, float]]]:
    """Return the coders of each statement and issue, with what they gave."""
    by_cell: dict[tuple[str, str], list[tuple[str, float]]] = {}
    columns = (given[name].tolist() for name in (*_CELL, "coder_id"))
    for statement, issue, coder, number in zip(*columns, _numbers(pkg, given), strict=True):
        by_cell.setdefault((statement, issue), []).append((coder, number))
    return by_cell


@dataclass(frozen=True)
class Who:
    """Whose positions make a line: some actors, some sides, or one line for each of them."""

    actors: tuple[str, ...] = ()
    sides: tuple[str, ...] = ()
    by: str | None = None

    @classmethod
    def of(
        cls,
        pkg: StancePackage,
        actor: str | Sequence[str] | None = None,
        side: str | Sequence[str] | None = None,
        by: str | None = None,
    ) -> Who:
        """Find actors and sides by id or name; refuse those that are not there."""
        if by is not None:
            check_option("by", by, LINES)
        if by == "side" and not all_sides(pkg):
            raise StancepackError("by='side' cannot be taken: the actors have no sides.")
        actors = () if actor is None else tuple(actor_ids(pkg, actor))
        return cls(actors, () if side is None else tuple(side_names(pkg, side)), by)

    @property
    def label(self) -> str:
        """Who it is, in a few words."""
        chosen = ", ".join(self.actors) or ", ".join(self.sides)
        if self.by:
            return f"by {self.by}" + (f" ({chosen})" if 0 < len(chosen) <= _LONGEST_LABEL else "")
        return chosen or "everybody"

    def chosen(self, positions: pd.DataFrame) -> pd.Series[bool]:
        """Tell which positions are of those chosen."""
        is_chosen = pd.Series(True, index=positions.index)
        if self.actors:
            is_chosen &= positions["actor_id"].isin(self.actors)
        if self.sides:
            is_chosen &= positions["side"].astype(object).isin(self.sides)
        return is_chosen

    def lines(self, positions: pd.DataFrame) -> pd.DataFrame:
        """Return positions with the ``line`` that each belongs to, missing for those of no line.

        What several speakers of one line said together counts once in it.
        """
        if self.by == "side":
            line = positions["side"].astype(object).where(positions["side"].notna(), None)
        elif self.by == "actor":
            line = positions["actor_id"].astype(object)
        else:
            line = pd.Series("", index=positions.index, dtype=object)
        positions = positions.assign(line=line.where(self.chosen(positions), None))
        speaker = positions["line"].where(positions["line"].notna(), positions["actor_id"])
        said_twice = positions[_CELL].assign(speaker=speaker).duplicated()
        return positions[~said_twice].reset_index(drop=True)


def all_sides(pkg: StancePackage) -> list[str]:
    """Return the sides of a package in the order that it declares, else by the alphabet."""
    sides = pkg["actors"]["side"] if "actors" in pkg else pkg.positions()["side"]
    if isinstance(sides.dtype, pd.CategoricalDtype):
        return [str(side) for side in sides.cat.categories]
    return sorted({str(side) for side in sides.dropna()})


def years_of(days: Any) -> Floats:
    """Return days as years since the start of 2000."""
    since = pd.DatetimeIndex(days) - _EPOCH
    return np.asarray(since / pd.Timedelta(days=DAYS_A_YEAR), dtype=float)


def day_of(year: float) -> pd.Timestamp:
    """Return the time that lies so many years after the start of 2000."""
    return _EPOCH + pd.Timedelta(days=float(year) * DAYS_A_YEAR)


def drawn_years(positions: pd.DataFrame, random: np.random.RandomState | None) -> Floats:
    """Draw for each statement a day within its bounds, in years; the middle if nothing is drawn."""
    low, high = years_of(positions["date_earliest"]), years_of(positions["date_latest"])
    share = random.random_sample(len(positions)) if random is not None else 0.5
    return np.asarray(low + share * (high - low))
