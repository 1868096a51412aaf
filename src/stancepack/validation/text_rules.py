"""Rules on words and their places."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator

from stancepack.dataset.dates import overlap
from stancepack.errors import did_you_mean
from stancepack.files.tables import clean_cell
from stancepack.validation.findings import Check
from stancepack.validation.rules import At, rule

_FORMULA = ("=", "+", "-", "@", "\t", "\r")


@rule("formula-cell")
def _formula(check: Check) -> Iterator[At]:
    for table, text in check.clean():
        for column in [one.name for one in check.descriptor.fields(table) if one.type == "string"]:
            for row in text.index[text[column].str.startswith(_FORMULA)]:
                yield (
                    *(table, check.row_id(table, row), column, text[column][row]),
                    "A spreadsheet would run this cell as a formula.",
                    "Begin the text with another character.",
                )


def _is_untidy(cell: str) -> bool:
    # letters and accents that are not joined are another rule's
    return clean_cell(cell) != unicodedata.normalize("NFC", cell)


@rule("untidy-text")
def _untidy(check: Check) -> Iterator[At]:
    for table, text in check.clean():
        for column, cells in text.items():
            for row in cells.index[cells.map(_is_untidy)]:
                yield (
                    *(table, check.row_id(table, row), str(column), repr(cells[row])),
                    "The text has characters that nobody sees, other spaces than single ones, or spaces at an end.",
                    "Write it in one line with single spaces.",
                )


@rule("quotation", "statements")
def _quotation(check: Check) -> Iterator[At]:
    for row in check.text["statements"].itertuples():
        if row.attribution == "verbatim" and not row.quote:
            yield (
                *("statements", str(row.statement_id), "quote", ""),
                "Given as the speaker's own words, without words.",
                "Copy the quotation, or settle another attribution.",
            )


@rule("offsets", "statements", "sources")
def _offsets(check: Check) -> Iterator[At]:
    length = check.frame("sources").set_index("source_id")["length"].dropna()
    for row in check.frame("statements").dropna(subset=["start", "end"]).itertuples():
        key = str(row.source).partition("[")[0]
        at = ("statements", row.statement_id, "end", row.end)
        if row.start >= row.end:
            yield *at, "The passage ends before it begins.", "Anchor it again."
        elif row.end > length.get(key, row.end):
            yield (
                *at,
                f"The passage ends after the text of {key}, which has {length[key]} code points.",
                "Anchor it again.",
            )


@rule("verified", "statements")
def _verified(check: Check) -> Iterator[At]:
    text = check.text["statements"]
    if "verified" not in text:
        return
    for row in text.itertuples():
        given = [
            bool(getattr(row, column, ""))
            for column in ("start", "end", "passage_sha256")
            if column in text
        ]
        at = ("statements", str(row.statement_id))
        if len({*given}) > 1:
            message = "Start, end and fingerprint of the passage are not given together."
            yield (
                *at,
                "start",
                row.start,
                message,
                "Give all three, or none where no text can be had.",
            )
        elif (row.verified == "text") != given[0]:
            message = "A passage with offsets is checked by them, and only such a passage."
            yield (
                *at,
                "verified",
                row.verified,
                message,
                "Write 'text' with offsets, 'twice' or 'once' without.",
            )
        elif not given[0] and not row.quote:
            message = "Neither a passage nor the speaker's own words."
            yield (
                *at,
                "quote",
                "",
                message,
                "Copy the words from the source, or anchor the passage in its text.",
            )


@rule("retired-id", "retired")
def _retired(check: Check) -> Iterator[At]:
    for row in check.text["retired"].itertuples():
        table, name = str(row.table), str(row.id)
        at = ("retired", f"{name}, {table}")
        if table not in check.descriptor.tables:
            yield (
                *at,
                "table",
                table,
                f"There is no table {table!r}.",
                did_you_mean(table, check.descriptor.tables),
            )
        elif any(
            name in text[check.descriptor.key(table)[0]].tolist() for _, text in check.clean(table)
        ):
            yield (
                *at,
                "id",
                name,
                f"The id is in use in {table}.",
                "Give the row an id that was never used.",
            )


@rule("repeats", "statements")
def _repeats(check: Check) -> Iterator[At]:
    frame = check.text["statements"].set_index("statement_id")
    for unit, row in frame[frame["repeats"] != ""].iterrows():
        first = frame.loc[row["repeats"]]
        if row["repeats"] == unit or first["repeats"]:
            message, remedy = "It repeats itself, or a repetition.", "Name the one full report."
        elif first["actor_id"] != row["actor_id"]:
            message, remedy = (
                f"It repeats a statement of another speaker, {first['actor_id']}.",
                "Name one of the speaker's own.",
            )
        elif not overlap(str(first["date"]), str(row["date"])):
            message, remedy = (
                f"It repeats a statement of another time, {first['date']}.",
                "A restatement has the occasion of the first.",
            )
        else:
            continue
        yield "statements", str(unit), "repeats", row["repeats"], message, remedy
