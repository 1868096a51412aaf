"""What comes next in a project as it stands."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from stancepack.errors import StancepackError
from stancepack.project.adding import is_made_up
from stancepack.project.adjudication import unsettled
from stancepack.project.rounds import CODERS_OF_A_ROUND, Round, following_round
from stancepack.project.sheets import default_sheet_path

if TYPE_CHECKING:
    from stancepack.project.project import Project

_FIRST_ROUND = "round-1"
_LAST_STEPS = {  # after what
    "": ("build",),
    "build": ("validate", "report"),
    "validate": ("report",),
    "report": (),
}
_ANYBODY = "ID"  # stands for a person whom nobody can know
_OPEN = "build/open.csv"  # where what is left to settle is written to


def next_steps(project: Project, *, after: str = "") -> list[str]:
    """Say what comes next in a project: commands, or what to do by hand.

    Parameters
    ----------
    project
        The project.
    after
        What was just done of the last steps: ``build``, ``validate`` or ``report``.

    Returns
    -------
    list of str
        Nothing if nothing is left to do.

    Examples
    --------
    >>> import tempfile
    >>> import stancepack as sp
    >>> from stancepack.project.next_step import next_steps
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     next_steps(sp.new_project(folder))[-1]
    'stancepack add statements.csv --new-actors'
    """
    try:
        return [*_steps(project, after)]
    except StancepackError:
        return ["stancepack check"]


def _steps(project: Project, after: str) -> Iterator[str]:
    yield from _unitising(project)
    in_a_round = {unit for known in project.rounds.values() for unit in known.units}
    waiting = [unit for unit in project.units if unit not in in_a_round]
    if not waiting and not in_a_round:
        yield "stancepack add statements.csv --new-actors"
        return
    if not in_a_round and all(map(is_made_up, waiting)):
        yield "fill in coding/codebook.yaml; stancepack check says what it lacks"
        yield "stancepack add statements.csv --new-actors"
        return
    under_way = [r for r in project.rounds.values() if not _is_done(project, r)]
    for coding_round in under_way:
        yield from _coding(project, coding_round.name, coding_round)
    if not project.rounds:
        yield from _coding(project, _FIRST_ROUND)
    if under_way or not project.rounds:
        return
    if left := unsettled(project):
        adjudicators = _people(project, "adjudicator")
        who = adjudicators[0] if adjudicators else _ANYBODY
        yield f"stancepack settle --adjudicator {who}, on a page; or on a sheet:"
        what = f"fill in code, rule and reason of {len(left)}"
        yield f"stancepack adjudicate --out {_OPEN}, {what}"
        yield f"stancepack adjudicate --take {_OPEN} --adjudicator {who}"
    elif waiting and after:
        name = following_round([*project.rounds][-1])
        coders = _people(project, "coder")
        yield f"stancepack sheet --coder {coders[0]} --round {name} --new"
    else:
        yield from (f"stancepack {command}" for command in _LAST_STEPS[after])


def _unitising(project: Project) -> Iterator[str]:
    """Go through lists of units that are being marked, or are to be merged."""
    for name, manifest in project.unit_lists.items():
        if not manifest.get("texts") or "merged" in manifest:
            continue
        left = [who for who in _people(project, "unitiser") if who not in manifest["lists"]]
        needed = 2 - len(manifest["lists"])
        if not needed:
            who = next(iter([*_people(project, "adjudicator"), *left]), _ANYBODY)
            yield f"stancepack unitise --merge {name} --coder {who}"
        else:  # of more people than are needed, nobody can know which
            named = left if len(left) == needed else [_ANYBODY]
            yield from (f"stancepack unitise --list {name} --coder {who}" for who in named)


def _people(project: Project, role: str) -> list[str]:
    return [coder for coder, row in project.coders.items() if row["role"] == role]


def _is_done(project: Project, coding_round: Round) -> bool:
    """Tell whether nobody is to code in a round any more, be it for want of a second coder."""
    coders = {*_people(project, "coder")}
    return coding_round.is_complete or (
        bool(coding_round.sheets) and coders <= {*coding_round.sheets}
    )


def _coding(project: Project, name: str, coding_round: Round | None = None) -> Iterator[str]:
    """Say how those code a round who have not sealed it: together on pages, or each on a sheet."""
    coders, is_led_on = _who_codes(project, name, coding_round)
    if without_sheet := [
        coder for coder in coders if not default_sheet_path(project, coder, name).is_file()
    ]:
        named = " ".join(f"--coder {coder}" for coder in without_sheet)
        where = f" --round {name}" if coding_round else ""
        another = "another coder" if is_led_on else "a coder"
        who = f", ID being {another}" if _ANYBODY in coders else ""
        yield f"stancepack code {named}{where}, on pages{who}; or on sheets:"
    yield from _sheets(project, name, coders, is_under_way=coding_round is not None)


def _who_codes(project: Project, name: str, coding_round: Round | None) -> tuple[list[str], bool]:
    """Return who is to code a round, and whether somebody has begun it.

    Of more coders than it needs only those are named who have begun: nobody can know which others
    will.
    """
    sealed = coding_round.sheets if coding_round else {}
    coders = [
        coder
        for coder in _people(project, "coder")
        if coder not in sealed and (coding_round is None or coding_round.is_for(coder))
    ]
    begun = [coder for coder in coders if default_sheet_path(project, coder, name).is_file()]
    is_led_on = bool(sealed or begun)
    is_assigned = coding_round is not None and bool(coding_round.assignment)
    n_needed = (1 if coding_round and coding_round.of else CODERS_OF_A_ROUND) - len(sealed)
    if is_assigned or len(coders) <= n_needed:
        return coders, is_led_on
    return begun if len(begun) >= n_needed else [*begun, _ANYBODY], is_led_on


def _sheets(project: Project, name: str, coders: list[str], *, is_under_way: bool) -> Iterator[str]:
    """Go through what each coder does next on a sheet."""
    record = project.training_round
    trained = {*record.sheets} if record else set()
    if trained & {*_people(project, "coder")}:
        trained.add(_ANYBODY)  # may be one of them
    for coder in coders:
        if project.training is not None and coder not in trained:
            yield f"stancepack sheet --coder {coder} --training"
            continue
        path = default_sheet_path(project, coder, name)
        where = f"--round {name} " if is_under_way else ""
        if path.is_file():
            shown = path.relative_to(project.home).as_posix()
            yield f"stancepack seal --coder {coder} {where}{shown}, once it is filled in"
        else:
            yield f"stancepack sheet --coder {coder} {where}".rstrip()
