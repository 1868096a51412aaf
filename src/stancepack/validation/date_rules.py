"""Rules on dates, offices and events."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from stancepack.dataset.dates import bounds, overlap
from stancepack.errors import StancepackError
from stancepack.validation.findings import Check
from stancepack.validation.rules import At, rule


@rule("edtf")
def _edtf(check: Check) -> Iterator[At]:
    for table, column, always in (
        ("statements", "date", True),
        ("events", "date", True),
        ("offices", "start", False),
        ("offices", "end", False),
        ("sources", "date", False),
        ("coverage", "period", False),
    ):
        for _, text in check.clean(table):
            for row, value in enumerate(text[column]):
                try:
                    if value or always:
                        bounds(value)
                except StancepackError as error:
                    yield (
                        table,
                        check.row_id(table, row),
                        column,
                        value,
                        str(error),
                        "Write an EDTF date.",
                    )


@rule("date-order", "statements")
def _date_order(check: Check) -> Iterator[At]:
    frame = check.frame("statements")
    for row in frame[frame["date_earliest"] > frame["date_latest"]].itertuples():
        yield (
            *("statements", row.statement_id, "date_latest", f"{row.date_latest:%Y-%m-%d}"),
            f"The latest day lies before the earliest, {row.date_earliest:%Y-%m-%d}.",
            "Turn the two days round.",
        )


@rule("date-bounds", "statements")
def _date_bounds(check: Check) -> Iterator[At]:
    for row in check.text["statements"].itertuples():
        expected = [day.isoformat() for day in bounds(str(row.date))]
        for column, day in zip(("date_earliest", "date_latest"), expected, strict=True):
            value = getattr(row, column)
            if value != day:
                yield (
                    "statements",
                    str(row.statement_id),
                    column,
                    value,
                    f"{row.date} means {day}.",
                    f"Write {day}.",
                )


@rule("date-basis", "statements")
def _date_basis(check: Check) -> Iterator[At]:
    for row in check.text["statements"].itertuples():
        if row.date_basis == "inferred" and not getattr(row, "date_note", ""):
            yield (
                *("statements", str(row.statement_id), "date_note", ""),
                "The date is inferred, and the argument is missing.",
                "Say in date_note how the bounds were argued.",
            )


@rule("condition", "statements")
def _condition(check: Check) -> Iterator[At]:
    conditional = check.frame("statements")["conditional"].fillna(False)
    text = check.text["statements"]
    for unit, condition, asks in zip(
        text["statement_id"], text["condition"], conditional, strict=True
    ):
        if bool(condition) != asks:
            message = (
                "Conditional, without the condition."
                if asks
                else "A condition, but not conditional."
            )
            yield (
                "statements",
                unit,
                "condition",
                condition,
                message,
                "Settle both in coding/adjudications.csv.",
            )


@rule("office-overlap", "offices")
def _office_overlap(check: Check) -> Iterator[At]:
    for actor, rows in check.text["offices"].groupby("actor_id"):
        dated = [row for row in rows.itertuples() if row.start and row.end]
        for row in dated:
            if bounds(str(row.start))[0] > bounds(str(row.end))[1]:
                yield (
                    "offices",
                    str(row.office_id),
                    "end",
                    row.end,
                    "The office ends before it begins.",
                    "Turn the dates round.",
                )
        for one in dated:
            for other in dated:
                if (bounds(str(one.start)), str(one.office_id)) >= (
                    bounds(str(other.start)),
                    str(other.office_id),
                ):
                    continue
                certain = bounds(str(one.end))[0] > bounds(str(other.start))[1]
                if certain and bounds(str(other.end))[0] > bounds(str(other.start))[1]:
                    yield (
                        *("offices", str(other.office_id), "start", other.start),
                        f"{actor} still held {one.office_id} (until {one.end}).",
                        "Keep the main office, and mention the other in its note.",
                    )


@rule("office-then", "statements", "offices")
def _office_then(check: Check) -> Iterator[At]:
    offices = {str(row.office_id): row for row in check.text["offices"].itertuples()}
    of_actor: dict[str, list[str]] = defaultdict(list)
    for name, office in offices.items():
        of_actor[str(office.actor_id)].append(name)

    def held(name: str, date: str) -> bool:
        start, end = str(offices[name].start), str(offices[name].end)
        first, last = bounds(date)
        return (not start or bounds(start)[0] <= last) and (not end or first <= bounds(end)[1])

    for row in check.text["statements"].itertuples():
        unit, office, actor, date = (
            str(x) for x in (row.statement_id, row.office_id, row.actor_id, row.date)
        )
        if office:
            if str(offices[office].actor_id) != actor:
                yield (
                    *("statements", unit, "office_id", office),
                    f"The office was held by {offices[office].actor_id}, the speaker is {actor}.",
                    f"Offices of {actor}: {', '.join(of_actor[actor]) or 'none'}.",
                )
            elif not held(office, date):
                yield (
                    *("statements", unit, "office_id", office),
                    f"The office was not held on {date} (from {offices[office].start} to {offices[office].end}).",
                    "Correct the date or the office, or add the office then held.",
                )
        elif of_actor[actor]:
            fits = [name for name in of_actor[actor] if held(name, date)]
            yield (
                *("statements", unit, "office_id", ""),
                f"{actor} has offices, but none is given for {date}.",
                f"Name {' or '.join(fits)}."
                if fits
                else "Add the office then held to seeds/offices.csv.",
            )


@rule("event-date", "statements", "events")
def _event_date(check: Check) -> Iterator[At]:
    dates = dict(zip(check.text["events"]["event_id"], check.text["events"]["date"], strict=True))
    for row in check.text["statements"].itertuples():
        if row.event_id and not overlap(str(row.date), dates[str(row.event_id)]):
            yield (
                *("statements", str(row.statement_id), "event_id", row.event_id),
                f"The event was on {dates[str(row.event_id)]}, the statement on {row.date}.",
                "Correct the date or the event.",
            )
