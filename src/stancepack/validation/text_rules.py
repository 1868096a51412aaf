"""Rules on the text of cells, on references, passages and repetitions."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterator

from stancepack.dataset import contract
from stancepack.dataset.dates import overlap
from stancepack.files.passages import PIECE, missing_pieces
from stancepack.files.tables import clean_cell, is_formula
from stancepack.validation.findings import Check, Fault
from stancepack.validation.rule import Verdict, judged_rows, present, rule

_REFERENCE = re.compile(r"(?P<key>[^\[\];]+)(\[([^\[\];]+)\])?")
_FOUND_IN_TEXT = "text"  # of statements.verified
_ORIGINAL = "original"  # of statements.rendering
_FORWARD = ("official translation", "interpreter", "agency translation")  # to another language


@rule("formula-cell", "No cell of text is one that a spreadsheet would run")
def _formula(check: Check) -> Iterator[Fault]:
    message = "A spreadsheet would run this cell as a formula."
    for table, _ in check.clean():
        for field in check.descriptor.fields(table):
            if field.type != "string":
                continue
            wrong = Verdict(field.name, message, "Begin the text with another character.")

            def judge(cell: str, wrong: Verdict = wrong) -> Verdict | None:
                return wrong if is_formula(cell) else None

            yield from judged_rows(check, table, [field.name], judge)


@rule("untidy-text", "Cells are one line of text with single spaces, and nothing that nobody sees")
def _untidy(check: Check) -> Iterator[Fault]:
    message = "Characters that nobody sees, spaces that are not single ones, or spaces at an end."
    remedy = "Write it in one line with single spaces."
    for table, text in check.clean():
        for column in text:
            for fault in judged_rows(check, table, [column], _untidiness(column, message, remedy)):
                shown = repr(fault.value)
                yield Fault(
                    table, fault.row, column, shown, message=fault.message, remedy=fault.remedy
                )


def _untidiness(column: str, message: str, remedy: str) -> Callable[[str], Verdict | None]:
    wrong = Verdict(column, message, remedy)

    def judge(cell: str) -> Verdict | None:
        # letters and accents that are not joined are another rule's
        tidy = cell.isascii() and cell.isprintable() and "  " not in cell and cell == cell.strip()
        return None if tidy or clean_cell(cell) == unicodedata.normalize("NFC", cell) else wrong

    return judge


@rule(
    "source-reference",
    "Sources that are referred to are in the bibliography",
    "sources",
    of_release=False,
)
def _source_references(check: Check) -> Iterator[Fault]:
    add = "Add it to seeds/sources.bib, or correct it"
    yield from _references(check, "sources", "source", add)


@rule(
    "coder-reference",
    "Coders that are referred to are in the list of coders",
    "coders",
    of_release=False,
)
def _coder_references(check: Check) -> Iterator[Fault]:
    add = "Add it to coding/coders.csv, or correct it"
    yield from _references(check, "coders", "coder", add)


def _references(check: Check, target: str, kind: str, add: str) -> Iterator[Fault]:
    """Go through cells that cite what is not there, as ``key[place]`` parted by semicolons."""
    known = set(check.text[target][check.descriptor.key(target)[0]])

    def unknown(value: str) -> str | None:
        for part in value.split(";") if value else ():
            match = _REFERENCE.fullmatch(part)
            if match is None or match["key"] not in known:
                return match["key"] if match else value
        return None

    for (table, column), cited in contract.marked("cites").items():

        def judge(value: str, column: str = column) -> Verdict | None:
            name = unknown(value)
            if name is None:
                return None
            hint = check.hint(name, sorted(known))
            return Verdict(column, f"There is no {kind} {name!r}.", f"{add}: {hint}")

        if cited == target:
            for _ in check.clean(table):
                if column in check.text[table]:
                    yield from judged_rows(check, table, [column], judge)


@rule(
    "quotation",
    "A statement that is said to have the speaker's own words has them",
    "statements",
    "codebook",
    module="variables",
)
def _quotation(check: Check) -> Iterator[Fault]:
    message = "Given as the speaker's own words, without words."
    wrong = Verdict("quote", message, "Copy the quotation, or settle another code.")
    words = present(check, "statements", "quote", "text")
    for variable, codes in check.book.roles.get("needs_words", {}).items():

        def judge(code: str, *given: str, codes: list[str] = codes) -> Verdict | None:
            return wrong if code in codes and not any(given) else None

        for column in present(check, "statements", variable):
            yield from judged_rows(check, "statements", [column, *words], judge)


@rule(
    "condition",
    "A conditional statement has its condition, and no other",
    "statements",
    "codebook",
    module="variables",
)
def _condition(check: Check) -> Iterator[Fault]:
    if not present(check, "statements", "condition"):
        return
    roles = check.book.roles.get("conditional", {})
    variables = present(check, "statements", *roles)

    def judge(condition: str, *codes: str) -> Verdict | None:
        asks = any(code in roles[name] for name, code in zip(variables, codes, strict=True))
        if bool(condition) == asks:
            return None
        missing, needless = (
            "Conditional, without the condition.",
            "A condition, but not conditional.",
        )
        remedy = "Settle both in coding/adjudications.csv."
        return Verdict("condition", missing if asks else needless, remedy)

    yield from judged_rows(check, "statements", ["condition", *variables], judge)


@rule(
    "offsets",
    "Passages begin before they end, and end in their text",
    "statements",
    "sources",
    module="passages",
)
def _offsets(check: Check) -> Iterator[Fault]:
    sources = check.frame("sources")
    lengths = sources.set_index("source_id")["length"].dropna().to_dict()

    def judge(source: str, start: str, end: str) -> Verdict | None:
        key = source.partition("[")[0]
        if not start or not end:
            return None
        if int(start) >= int(end):
            return Verdict("end", "The passage ends before it begins.", "Anchor it again.")
        if int(end) > lengths.get(key, int(end)):
            what = (
                f"The passage ends after the text of {key}, which has {lengths[key]} code points."
            )
            return Verdict("end", what, "Anchor it again.")
        return None

    yield from judged_rows(check, "statements", ["source", "start", "end"], judge)


@rule(
    "verified",
    "A statement has a whole passage, or says who saw its words",
    "statements",
    module="passages",
)
def _verified(check: Check) -> Iterator[Fault]:
    places = ["start", "end", "passage_sha256"]
    words = present(check, "statements", "quote", "text")

    def judge(start: str, end: str, stamp: str, verified: str, *given: str) -> Verdict | None:
        anchored = [bool(cell) for cell in (start, end, stamp)]
        if len({*anchored}) > 1:
            message = "Start, end and fingerprint of the passage are not given together."
            remedy = "Give all three, or none where no text can be had."
            return Verdict("start", message, remedy)
        if (verified == _FOUND_IN_TEXT) != anchored[0]:
            message = "A passage with offsets is checked by them, and only such a passage."
            remedy = "Write 'text' with offsets, 'twice' or 'once' without."
            return Verdict("verified", message, remedy)
        if not anchored[0] and not any(given):
            message = "Neither a passage nor the speaker's own words."
            remedy = "Copy the words from the source, or anchor the passage in its text."
            return Verdict("quote", message, remedy)
        return None

    yield from judged_rows(check, "statements", [*places, "verified", *words], judge)


@rule("words", "A quotation stands in the words that are passed on", "statements", module="words")
def _words(check: Check) -> Iterator[Fault]:

    def judge(text: str, quote: str) -> Verdict | None:
        lost = PIECE.join(missing_pieces(text, quote))
        if not lost:
            return None
        message = f"These words do not stand in the text, or not in this order: {lost}."
        return Verdict("quote", message, f"Copy the words as given, pieces parted by {PIECE!r}.")

    yield from judged_rows(check, "statements", ["text", "quote"], judge)


@rule(
    "rendering",
    "A quotation in the language of the utterance is original, or has come back to it",
    "statements",
    module="renderings",
)
def _rendering(check: Check) -> Iterator[Fault]:

    def judge(spoken: str, quoted: str, rendering: str, quote: str) -> Verdict | None:
        if quote and not (quoted and rendering):
            column = "rendering" if quoted else "language_quoted"
            message = "The quotation does not say in what language, or whose words it is."
            return Verdict(column, message, "Write both; 'unknown' where the source does not tell.")
        if not (spoken and rendering):
            return None
        if rendering == _ORIGINAL and spoken != quoted:
            message = f"It was said in {spoken} and is quoted in {quoted}, so it is a translation."
            return Verdict("rendering", message, "Say whose translation it is.")
        if rendering in _FORWARD and spoken == quoted:
            message = f"It was said and is quoted in {spoken}, so nothing was translated once."
            return Verdict("rendering", message, "Write 'original' or 'back-translation'.")
        return None

    columns = ["language_spoken", "language_quoted", "rendering", "quote"]
    yield from judged_rows(check, "statements", columns, judge)


@rule("joint", "The speaker of a statement is one of its actors", "statements", "statement_actors")
def _joint(check: Check) -> Iterator[Fault]:
    text = check.text["statement_actors"]
    pairs = set(zip(text["statement_id"], text["actor_id"], strict=True))

    def judge(unit: str, actor: str) -> Verdict | None:
        if (unit, actor) in pairs:
            return None
        message = "The speaker is not among the actors of the statement in statement_actors."
        return Verdict("actor_id", message, "Run `stancepack build`.")

    yield from judged_rows(check, "statements", ["statement_id", "actor_id"], judge)


@rule("retired-id", "Retired ids are of tables that are there, and not in use", "retired")
def _retired(check: Check) -> Iterator[Fault]:

    def judge(table: str, name: str) -> Verdict | None:
        tables = check.descriptor.tables
        if table not in tables:
            message = f"There is no table {table!r}."
            return Verdict("table", message, check.hint(table, tables))
        key = check.descriptor.key(table)
        if any(name in text[key[0]].cat.categories for _, text in check.clean(table) if key):
            message = f"The id is in use in {table}."
            return Verdict("id", message, "Give the row an id that was never used.")
        return None

    yield from judged_rows(check, "retired", ["table", "id"], judge)


@rule(
    "repeats",
    "A restatement names the one full report of the same words by the same speaker",
    "statements",
)
def _repeats(check: Check) -> Iterator[Fault]:
    text = check.text["statements"]
    rows = {row.statement_id: row for row in text[text["repeats"] != ""].itertuples()}
    is_first = text["statement_id"].isin([row.repeats for row in rows.values()])
    firsts = {row.statement_id: row for row in text[is_first].itertuples()}
    for unit, row in rows.items():
        first = firsts[row.repeats]
        if row.repeats == unit or first.repeats:
            message, remedy = "It repeats itself, or a repetition.", "Name the one full report."
        elif first.actor_id != row.actor_id:
            message = f"It repeats a statement of another speaker, {first.actor_id}."
            remedy = "Name one of the speaker's own."
        elif not overlap(first.date, row.date):
            message = f"It repeats a statement of another time, {first.date}."
            remedy = "A restatement has the occasion of the first."
        else:
            continue
        value = row.repeats
        yield Fault("statements", unit, "repeats", value, message=message, remedy=remedy)
