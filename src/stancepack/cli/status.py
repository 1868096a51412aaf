"""``stancepack status``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from stancepack.cli.app import ProjectFolder, app, say_next

if TYPE_CHECKING:
    from stancepack.project.rounds import Round


@app.command()
def status(project: ProjectFolder = None) -> None:
    """Say how far a project is, and what comes next."""
    from stancepack.project.adjudication import unsettled
    from stancepack.project.project import Project
    from stancepack.project.reviewed import cell_states
    from stancepack.release.build import build

    opened = Project.open(project)
    settings, rounds = opened.settings, opened.rounds
    print(f"{settings.title} {settings.version} ({opened.home})")
    in_a_round = {unit for coding_round in rounds.values() for unit in coding_round.units}
    print(f"{len(opened.units)} statements, {len({*opened.units} - in_a_round)} in no round yet.")
    states = cell_states(opened)
    for name, coding_round in rounds.items():
        who = ", ".join(coding_round.sheets) or "nobody"
        line = f"{name}: {len(coding_round.units)} statements, sealed by {who}"
        if name in states.index:  # what no later round codes anew
            counts = states.loc[name]
            line += "; of its codes " + ", ".join(
                f"{counts[state]} {state}" for state in counts.index
            )
        print(f"{line}.{_waited(coding_round)}")
    left = unsettled(opened)
    if rounds:
        print(f"{len(left)} left to settle.")
    is_built = not left and not build(opened, check=True)
    print(f"data/ is {'what build makes' if is_built else 'not what build makes now'}.")
    say_next(opened, after="build" if is_built else "")


def _waited(coding_round: Round) -> str:
    """Say whose sheets a round with an assignment waits for, and of how many statements."""
    waited = [coder for coder in coding_round.assigned_coders if coder not in coding_round.sheets]
    sheets = [f"{coder} ({len(coding_round.units_of(coder))} statements)" for coder in waited]
    return f" It waits for {', '.join(sheets)}." if sheets else ""
