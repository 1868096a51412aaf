"""Rules on dates, offices and events."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from stancepack.dataset import contract
from stancepack.dataset.dates import bounds, overlap
from stancepack.errors import StancepackError
from stancepack.validation.findings import Check, Fault
from stancepack.validation.rule import Verdict, judged_rows, present, rule

_INFERRED = "inferred"
_DAY = "day"  # of date_bound: the day of the utterance is known


@rule("edtf", "Dates are EDTF, and days of the calendar", of_release=False)
def _edtf(check: Check) -> Iterator[Fault]:
    for table, column in contract.marked("edtf"):

        def judge(value: str, column: str = column) -> Verdict | None:
            try:
                if value:
                    bounds(value)
            except StancepackError as error:
                return Verdict(column, str(error), "Write an EDTF date.")
            return None

        for _ in check.clean(table):
            for place in present(check, table, column):
                yield from judged_rows(check, table, [place], judge)


@rule("date-order", "The earliest day of a statement does not lie after the latest", "statements")
def _date_order(check: Check) -> Iterator[Fault]:

    def judge(earliest: str, latest: str) -> Verdict | None:
        if earliest <= latest:
            return None
        message = f"The latest day lies before the earliest, {earliest}."
        return Verdict("date_latest", message, "Turn the two days round.")

    yield from judged_rows(check, "statements", ["date_earliest", "date_latest"], judge)


@rule(
    "date-bounds",
    "The earliest and the latest day are those that the date means",
    "statements",
    of_release=False,
)
def _date_bounds(check: Check) -> Iterator[Fault]:
    yield from bounds_faults(check, "statements")


def bounds_faults(check: Check, table: str) -> Iterator[Fault]:
    """Go through days of a table that are not those of its dates."""
    if "date" not in check.text[table]:
        return
    for number, column in enumerate(("date_earliest", "date_latest")):
        if column not in check.text[table]:
            continue

        def judge(
            date: str, day: str, number: int = number, column: str = column
        ) -> Verdict | None:
            meant = bounds(date)[number].isoformat()
            if day == meant:
                return None
            return Verdict(column, f"{date} means {meant}.", f"Write {meant}.")

        yield from judged_rows(check, table, ["date", column], judge)


@rule("date-basis", "An inferred date has its argument", "statements")
def _date_basis(check: Check) -> Iterator[Fault]:

    def judge(basis: str, note: str) -> Verdict | None:
        if basis != _INFERRED or note:
            return None
        message = "The date is inferred, and the argument is missing."
        return Verdict("date_note", message, "Say in date_note how the bounds were argued.")

    yield from judged_rows(check, "statements", ["date_basis", "date_note"], judge)


@rule("date-bound", "The bounds of a date are those that date_bound tells of", "statements")
def _date_bound(check: Check) -> Iterator[Fault]:

    def judge(earliest: str, latest: str, *bound: str) -> Verdict | None:
        kind = "".join(bound)
        if not kind or (kind == _DAY) == (earliest == latest):
            return None
        if kind == _DAY:
            message = f"The day is said to be known, and lies between {earliest} and {latest}."
            return Verdict("date_bound", message, "Give the day, or write 'bounds'.")
        message = "The day is not known, and the date has only one."
        remedy = "Give the bounds ([2008-04-01..2008-04-08] where 8 April is the latest), or 'day'."
        return Verdict("date_bound", message, remedy)

    columns = ["date_earliest", "date_latest", *present(check, "statements", "date_bound")]
    yield from judged_rows(check, "statements", columns, judge)


@rule("office-overlap", "Nobody holds two main offices at a time", "offices")
def _office_overlap(check: Check) -> Iterator[Fault]:
    text = check.text["offices"]
    dated = text[(text["start"] != "") & (text["end"] != "")].astype("str")
    for actor, offices in dated.groupby("actor_id"):
        held = []
        for office in offices.itertuples():
            start, end = bounds(office.start), bounds(office.end)
            if start[0] > end[1]:
                message, remedy = "The office ends before it begins.", "Turn the dates round."
                name, value = office.office_id, office.end
                yield Fault("offices", name, "end", value, message=message, remedy=remedy)
            held.append((start, office.office_id, end, office))
        held.sort(key=lambda office: office[:2])
        for number, (_, name, end, office) in enumerate(held):
            for start, other, other_end, later in held[number + 1 :]:
                if end[0] > start[1] and other_end[0] > start[1]:
                    message = f"{actor} still held {name} (until {office.end})."
                    remedy = "Keep the main office, and mention the other in its note."
                    value = later.start
                    yield Fault("offices", other, "start", value, message=message, remedy=remedy)


@rule(
    "office-then",
    "A statement names the office that its speaker held on the day",
    "statements",
    "offices",
)
def _office_then(check: Check) -> Iterator[Fault]:
    offices = {row.office_id: row for row in check.text["offices"].itertuples()}
    of_actor: dict[str, list[str]] = defaultdict(list)
    for name, office in offices.items():
        of_actor[office.actor_id].append(name)

    def held(name: str, date: str) -> bool:
        start, end = offices[name].start, offices[name].end
        first, last = bounds(date)
        return (not start or bounds(start)[0] <= last) and (not end or first <= bounds(end)[1])

    def judge(office: str, actor: str, date: str) -> Verdict | None:
        if not office and not of_actor[actor]:
            return None
        if not office:
            fits = [name for name in of_actor[actor] if held(name, date)]
            message = f"{actor} has offices, but none is given for {date}."
            remedy = "Add the office then held to seeds/offices.csv."
            return Verdict("office_id", message, f"Name {' or '.join(fits)}." if fits else remedy)
        if offices[office].actor_id != actor:
            message = f"The office was held by {offices[office].actor_id}, the speaker is {actor}."
            remedy = f"Offices of {actor}: {', '.join(of_actor[actor]) or 'none'}."
            return Verdict("office_id", message, remedy)
        if not held(office, date):
            term = f"from {offices[office].start} to {offices[office].end}"
            message = f"The office was not held on {date} ({term})."
            remedy = "Correct the date or the office, or add the office then held."
            return Verdict("office_id", message, remedy)
        return None

    yield from judged_rows(check, "statements", ["office_id", "actor_id", "date"], judge)


@rule("event-date", "A statement on an event has the date of the event", "statements", "events")
def _event_date(check: Check) -> Iterator[Fault]:
    events = check.text["events"]
    dates = dict(zip(events["event_id"], events["date"], strict=True))

    def judge(event: str, date: str) -> Verdict | None:
        if not event or overlap(date, dates[event]):
            return None
        message = f"The event was on {dates[event]}, the statement on {date}."
        return Verdict("event_id", message, "Correct the date or the event.")

    yield from judged_rows(check, "statements", ["event_id", "date"], judge)
