"""The positions that a measure rests on, under stated choices."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from stancepack.errors import StancepackError, did_you_mean

if TYPE_CHECKING:
    from stancepack.dataset.package import StancePackage
    from stancepack.dataset.scales import Scale
    from stancepack.reliability.counts import Floats


CODES = ("coders", "settled")
CONDITIONAL = ("in", "out", "shrunk")
SETTLED = "settled"  # stands for the coder where a settled position counts alone
LINES = ("actor", "side")
DAYS_A_YEAR = 365.25
_EPOCH = pd.Timestamp("2000-01-01")
_CELL = ["statement_id", "issue_id"]


@dataclass(frozen=True)
class Choices:
    """What counts as evidence; see `evidence`."""

    codes: str = "coders"
    ascribed: bool = True
    conditional: str = "in"
    restatements: bool = False
    coder: str | None = None
    exclude_source: str | Sequence[str] = ()
    exclude_date_basis: str | Sequence[str] = ()

    def check(self, pkg: StancePackage) -> None:
        """Refuse options that are not known, or that the package has no grounds for."""
        check_option("conditional", self.conditional, CONDITIONAL)
        check_option("codes", self.codes, CODES)
        for option, is_asked, role in (
            ("ascribed=False", not self.ascribed, "ascribed"),
            (f"conditional={self.conditional!r}", self.conditional != "in", "conditional"),
        ):
            if is_asked and role not in pkg.codebook.roles:
                what = f"no code of a variable has the role {role!r} in the codebook"
                raise StancepackError(f"{option} cannot be taken: {what}; leave it out.")
        if _as_list(self.exclude_source) and "source" not in pkg["statements"]:
            raise StancepackError("exclude_source cannot be taken: the statements name no sources.")

    def apply(self, pkg: StancePackage, positions: pd.DataFrame) -> pd.DataFrame:
        """Leave out the positions that do not count."""
        if not self.ascribed:
            positions = positions[~playing(pkg, positions, "ascribed")]
        if self.conditional == "out":
            positions = positions[~playing(pkg, positions, "conditional")]
        if not self.restatements:
            positions = positions[positions["repeats"].isna()]
        if beginnings := _as_list(self.exclude_source):
            sources = pkg["statements"].set_index("statement_id")["source"]
            of_position = sources.reindex(positions["statement_id"]).astype(str)
            positions = positions[~of_position.str.startswith(tuple(beginnings)).to_numpy()]
        return positions[~positions["date_basis"].isin(_as_list(self.exclude_date_basis))].copy()


def evidence(
    pkg: StancePackage,
    issue: str | None = None,
    *,
    codes: str = "coders",
    ascribed: bool = True,
    conditional: str = "in",
    restatements: bool = False,
    coder: str | None = None,
    exclude_source: str | Sequence[str] = (),
    exclude_date_basis: str | Sequence[str] = (),
) -> pd.DataFrame:
    """Collect the positions that a measure rests on, under stated choices.

    Parameters
    ----------
    pkg
        A package, as `load` gives it.
    issue
        An issue; all if None.
    codes
        ``"coders"``: statements with a settled position, with the codes of the last round's coders
        beside it. ``"settled"``: the settled position alone.
    ascribed
        Whether statements count that the source merely ascribes (by the codebook's role).
    conditional
        Positions that hold only on a condition (by the codebook's role): ``"in"`` as they are,
        ``"out"``, or ``"shrunk"`` by half towards the neutral code.
    restatements
        Whether a second report of a statement counts again.
    coder
        One coder's codes in place of the settled positions, where there are both.
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
        If an issue, coder or option is not known, or the package has no grounds for an option.

    Examples
    --------
    >>> import stancepack as sp
    >>> strict = sp.evidence(sp.load(), "limits", ascribed=False, conditional="out")
    >>> bool((strict["attribution"] == "ascribed").any() or strict["conditional"].any())
    False
    """
    choices = Choices(
        codes, ascribed, conditional, restatements, coder, exclude_source, exclude_date_basis
    )
    choices.check(pkg)
    positions = pkg.positions()
    given = pkg.settling("codings").dropna(subset=["position"])
    if issue is not None:
        check_issue(pkg, issue)
        positions = positions[positions["issue_id"] == issue]
        given = given[given["issue_id"] == issue]
    if coder is not None:
        positions = _with_codes_of(coder, positions, given)
    positions = choices.apply(pkg, positions)
    to_middle = (positions["date_latest"] - positions["date_earliest"]) / 2
    positions["middle"] = positions["date_earliest"] + to_middle
    numbers = _numbers(pkg, positions)
    positions["number"] = numbers
    positions["value"] = _values(pkg, positions, numbers, conditional)
    settled_alone = codes == SETTLED or coder is not None
    by_cell = {} if settled_alone else _codes_by_cell(pkg, given)
    cells = zip(positions["statement_id"], positions["issue_id"], strict=True)
    positions["codes"] = [
        tuple(by_cell.get(cell, [(SETTLED, number)]))
        for cell, number in zip(cells, numbers, strict=True)
    ]
    return positions.reset_index(drop=True)


def _as_list(names: str | Sequence[str]) -> list[str]:
    return [names] if isinstance(names, str) else list(names)


def check_option(name: str, value: Any, known: Sequence[str]) -> None:
    """Refuse a value that an option does not have."""
    if value not in known:
        hint = did_you_mean(str(value), known)
        raise StancepackError(f"{name}={value!r} is not known; {hint}")


def check_issue(pkg: StancePackage, issue: str) -> None:
    """Refuse an issue that is not there."""
    issues = pkg["issues"]["issue_id"].tolist()
    if issue not in issues:
        raise StancepackError(f"there is no issue {issue!r}; {did_you_mean(issue, issues)}")


def check_ordered(scale: Scale, what: str) -> None:
    """Refuse the issue whose codes have no order, for a measure that needs one."""
    if not scale.is_ordered:
        raise StancepackError(
            f"{what} needs codes in an order; those of {scale.name!r} are nominal. "
            "Take trajectory(…, method='shares')."
        )


def playing(pkg: StancePackage, positions: pd.DataFrame, role: str) -> pd.Series[bool]:
    """Tell which positions are of a statement with a code that plays a role."""
    plays = pd.Series(False, index=positions.index)
    for variable, codes in pkg.codebook.roles.get(role, {}).items():
        key = pkg.scale(variable).key
        plays |= positions[variable].astype(object).map(key, na_action="ignore").isin(codes)
    return plays


def _with_codes_of(coder: str, positions: pd.DataFrame, given: pd.DataFrame) -> pd.DataFrame:
    people = given["coder_id"].unique().tolist()
    if coder not in people:
        hint = did_you_mean(coder, people)
        raise StancepackError(f"{coder!r} did not code the last round; {hint}")
    own = given[given["coder_id"] == coder].set_index(_CELL)["position"]
    positions = positions[pd.MultiIndex.from_frame(positions[_CELL]).isin(own.index)]
    codes = own.reindex(pd.MultiIndex.from_frame(positions[_CELL]))
    return positions.assign(position=codes.array)


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
    """Whose positions make a line: some actors, a side, or one line for each of them."""

    actor: str | Sequence[str] | None = None
    side: str | None = None
    by: str | None = None

    @property
    def actors(self) -> list[str]:
        """The actors chosen by id; none chosen is no restriction."""
        return _as_list(self.actor or [])

    @property
    def label(self) -> str:
        """Who it is, in a few words."""
        return f"by {self.by}" if self.by else self.side or ", ".join(self.actors) or "everybody"

    def check(self, pkg: StancePackage) -> None:
        """Refuse actors, sides and ways to part them that are not there."""
        if self.by is not None:
            check_option("by", self.by, LINES)
        if self.actor is not None and not self.actors:
            raise StancepackError("actor names nobody; leave it out for everybody.")
        known = pkg["actors"]["actor_id"].tolist()
        for actor in self.actors:
            if actor not in known:
                raise StancepackError(f"there is no actor {actor!r}; {did_you_mean(actor, known)}")
        sides = sorted(set(pkg["actors"]["side"].dropna().astype(str)))
        if self.side is not None and self.side not in sides:
            hint = did_you_mean(self.side, sides)
            raise StancepackError(f"there is no side {self.side!r}; {hint}")
        if self.by == "side" and not sides:
            raise StancepackError("by='side' cannot be taken: the actors have no sides.")

    def lines(self, pkg: StancePackage, positions: pd.DataFrame) -> pd.DataFrame:
        """Return positions with the ``line`` that each belongs to, missing for those of no line.

        What several speakers of one line said together counts once in it.
        """
        self.check(pkg)
        sides = positions["side"].astype(object).where(positions["side"].notna(), None)
        is_chosen = pd.Series(True, index=positions.index)
        if self.actors:
            is_chosen &= positions["actor_id"].isin(self.actors)
        if self.side is not None:
            is_chosen &= sides == self.side
        by_name = {"actor": positions["actor_id"].astype(object), "side": sides}
        line = by_name.get(self.by or "", pd.Series("", index=positions.index, dtype=object))
        positions = positions.assign(line=line.where(is_chosen, None))
        speaker = positions["line"].where(positions["line"].notna(), positions["actor_id"])
        said_twice = positions[_CELL].assign(speaker=speaker).duplicated()
        return positions[~said_twice].reset_index(drop=True)


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
