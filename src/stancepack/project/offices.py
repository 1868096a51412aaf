"""Offices held for a time: which of them somebody can have held on a day."""

from __future__ import annotations

from collections.abc import Iterable

from stancepack.dataset.dates import bounds
from stancepack.errors import StancepackError
from stancepack.files.tables import Row

OFFICES = "seeds/offices.csv"


def offices_held(offices: Iterable[Row], actor: str, date: str) -> list[str]:
    """Return the offices that an actor can have held on a date as uncertain as it is.

    Parameters
    ----------
    offices
        Rows of the table of offices.
    actor
        The actor.
    date
        The date, in EDTF.

    Raises
    ------
    StancepackError
        If a date is not EDTF.
    """
    first, last = bounds(date)
    held = []
    for office in offices:
        if office["actor_id"] != actor:
            continue
        start, end = office.get("start", ""), office.get("end", "")
        try:
            began = not start or bounds(start)[0] <= last
            lasted = not end or first <= bounds(end)[1]
        except StancepackError as error:
            raise StancepackError(f"{OFFICES}, {office['office_id']}: {error}") from None
        if began and lasted:
            held.append(office["office_id"])
    return held
