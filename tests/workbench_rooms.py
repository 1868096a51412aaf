"""A study that is being coded at a workbench, for tests that look for what nobody may see."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from small_studies import issue, make_study, units, write
from starlette.testclient import TestClient

from stancepack.files.tables import Row
from stancepack.project.adjudication import take, worksheet
from stancepack.project.coded import SEALED_COLUMNS
from stancepack.project.project import Project
from stancepack.project.sheets import join, seal_codes
from stancepack.workbench.access import Seats
from stancepack.workbench.application import application
from stancepack.workbench.desks import coder_desk
from stancepack.workbench.journal import FILE, Entry, Journal
from stancepack.workbench.leading import LeadDesk
from stancepack.workbench.settling import SettlingDesk

ORIGIN = "http://127.0.0.1:8765"
ROUND = "round-2"  # the one under way; round-1 is settled
SECRET_MARK = "quux"  # in everything that ann may not see: ids, codes, notes, reasons of others
ANN = "ann"
OTHER = f"ben-{SECRET_MARK}"  # who codes the round as well
_EARLIER = (f"yan-{SECRET_MARK}", f"zed-{SECRET_MARK}")  # who have coded round-1
LEAD = f"chris-{SECRET_MARK}"
ADJUDICATOR = f"eve-{SECRET_MARK}"
CODES = ("oppose", "neutral", "favour")
BOOK = {
    name: issue(title, CODES, neutral="neutral")
    for name, title in (("parks", "Funding parks"), ("courts", "Building a court"))
}


@dataclass
class Workbench:
    """What a test needs to send requests: the project, its journal, and who sits where."""

    home: Path
    journal: Journal
    seats: Seats
    app: Any

    def client(self, person: str = ANN, role: str = "code", **more: Any) -> TestClient:
        """Return a browser that has opened the link of somebody."""
        client = self.visitor(**more)
        seat = self.seats.at(role, person)
        assert seat is not None
        client.cookies.set(seat.cookie_name, seat.cookie)
        return client

    def visitor(self, **more: Any) -> TestClient:
        """Return a browser that has opened no link."""
        headers = {"origin": ORIGIN}
        return TestClient(
            self.app, base_url=ORIGIN, headers=headers, follow_redirects=False, **more
        )


def coded_study(home: Path, n_units: int = 6) -> Path:
    """Make a study of which one round is settled, and nobody has begun the next."""
    rows = units(n_units, ["mayor", "council"], proposition="Says {}.")
    make_study(home, issues=BOOK, units=rows, coding=None)
    people = [(ANN, "coder"), (OTHER, "coder"), *((coder, "coder") for coder in _EARLIER)]
    people.append((ADJUDICATOR, "adjudicator"))
    coders = [{"coder_id": person, "kind": "human", "role": role} for person, role in people]
    write(home, "coding/coders.csv", [row | {"description": "Somebody."} for row in coders])
    for number, coder in enumerate(_EARLIER):
        join(Project(home), coder, "round-1")
        codes = sealed_codes(home, "round-1", lambda _, unit, n=number: CODES[(unit + n) % 3])
        seal_codes(Project(home), coder, "round-1", codes)
    _settle(home)
    return home


def sealed_codes(home: Path, name: str, coding: Any, note: str = SECRET_MARK) -> list[Row]:
    """Return a code for every cell of a round: of a variable and the number of its unit."""
    coding_round = Project(home).rounds[name]
    values = dict.fromkeys(SEALED_COLUMNS, "")
    return [
        values
        | {"statement_id": unit, "variable": name, "code": coding(name, number), "note": note}
        for number, unit in enumerate(sorted(coding_round.units))
        for name in BOOK
    ]


def _settle(home: Path) -> None:
    import csv

    path = home / "build" / "open.csv"
    worksheet(Project(home), path)
    with path.open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    for row in rows:
        row.update(code="neutral", rule="R1", reason=f"{SECRET_MARK}: so it says.")
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    take(Project(home), path, ADJUDICATOR)


def opened_workbench(home: Path, database: str | Path = "") -> Workbench:
    """Open a workbench at which ann and another coder work, who has written down some secrets."""
    journal = Journal(database or home / FILE)
    people = [("code", ANN), ("code", OTHER), ("lead", LEAD), ("settle", ADJUDICATOR)]
    seats = Seats(home, people)
    desks: dict[str, Callable[[str], Any]] = {
        "code": lambda person: coder_desk(Project(home), journal, person, ROUND),
        "lead": lambda person: LeadDesk(home, journal, person, ROUND, [ANN, OTHER]),
        "settle": lambda person: SettlingDesk(Project(home), journal, person, "round-1"),
    }
    app = application(seats, desks, journal, frozenset({ORIGIN}), lambda: Project(home).coders)
    join(Project(home), OTHER, ROUND)
    fields = ("code/parks", "note/parks", "comment", "flag", "confidence/courts", "done")
    journal.write(
        ROUND,
        OTHER,
        [
            Entry(f"S{number:03d}", field, 1, SECRET_MARK, f"{number}-{field}")
            for number in range(6)
            for field in fields
        ],
    )
    return Workbench(home, journal, seats, app)


def entry(
    unit: str = "S000", field: str = "code/parks", value: str = "favour", **more: Any
) -> dict[str, Any]:
    """Return an entry as a page sends it."""
    sent = {"unit": unit, "field": field, "revision": 1, "value": value}
    return sent | {"entry": f"{unit}-{field}-{value}"} | more
