"""The card of each statement: who said it, when, where it stands, who coded it how, and why so."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

from stancepack.dataset import contract
from stancepack.dataset.scales import NOT_ADDRESSED
from stancepack.errors import StancepackError
from stancepack.files.passages import PIECE
from stancepack.release.disagreements import CODED, code_texts
from stancepack.site.readable import names_of, shown
from stancepack.site.sources import Sources

if TYPE_CHECKING:
    from stancepack.dataset.package import StancePackage

Row = dict[str, Any]
Cell = tuple[str, str]  # a statement, and what was coded: an issue or a variable
_AS_THEY_STAND = ("quote", "text", "proposition", "venue", "condition", "repeats", "unitised")
_ABOUT_THE_DATE = ("date", "date_basis", "date_note")


@dataclass
class Cards:
    """The cards of a package.

    Parameters
    ----------
    pkg
        A package, as `readable` gives it.
    """

    pkg: StancePackage

    def __iter__(self) -> Iterator[Row]:
        """Go through the cards, in the order of the statements."""
        return (self._card(row) for row in self.pkg["statements"].to_dict("records"))

    def _card(self, row: Row) -> Row:
        statement = shown(row["statement_id"])
        codes, unaddressed = self._coded_rows(statement)
        cells = {name: shown(row.get(name)) for name in _AS_THEY_STAND}
        return {
            **cells,
            **self._dates(row),
            **self._source(row),
            "statement_id": statement,
            "speakers": self._speakers(statement, shown(row["actor_id"])),
            "office": self._named("offices", row["office_id"]),
            "event": self._named("events", row["event_id"]),
            "pieces": [piece for piece in cells["quote"].split(PIECE) if piece],
            "differs": self._discrepancies.get(statement, []),
            "systems": self._systems.get(statement, []),
            "own": self._own_columns(row),
            "coders": list(dict.fromkeys(coder for code in codes for coder in code["given"])),
            "codes": codes,
            "unaddressed": unaddressed,
        }

    # Who, when, where

    @cached_property
    def _names(self) -> dict[str, dict[str, str]]:
        return {
            table: names_of(self.pkg, table) for table in ("actors", "offices", "events", "systems")
        }

    def _named(self, table: str, key: Any) -> str:
        """Return what an id stands for; the id if nothing does."""
        return self._names[table].get(shown(key), shown(key))

    def _speakers(self, statement: str, actor: str) -> str:
        actors = self._joint.get(statement) or [actor]
        return ", ".join(self._named("actors", actor) for actor in actors)

    @cached_property
    def _joint(self) -> dict[str, list[str]]:
        rows = self.pkg["statement_actors"].dropna()
        joint: dict[str, list[str]] = rows.groupby("statement_id")["actor_id"].agg(list).to_dict()
        return joint

    def _dates(self, row: Row) -> Row:
        first, last = shown(row["date_earliest"]), shown(row["date_latest"])
        bounds = first if first == last else f"{first or '…'} to {last or '…'}"
        cells = {name: shown(row[name]) for name in _ABOUT_THE_DATE}
        cells["date_bound"] = "" if first == last else self._label("date_bound", row)
        is_dated_by_source = cells["date_basis"] == "source"
        dated_by = self._sources.named(row["dated_by"]) if is_dated_by_source else []
        return {**cells, "bounds": "" if bounds == cells["date"] else bounds, "dated_by": dated_by}

    def _source(self, row: Row) -> Row:
        start, end = shown(row["start"]), shown(row["end"])
        return {
            "sources": self._sources.named(row["source"]),
            "support": self._sources.named(row["support"]),
            "passage": f"code points {start}–{end}" if start and end else "",
            "verified": self._label("verified", row),
            "rendering": self._rendering(row),
        }

    def _rendering(self, row: Row) -> str:
        """Say whose words the letters of a quotation are, and in what language it was spoken."""
        said = self._label("rendering", row)
        if said and (by := shown(row["rendered_by"])):
            said = f"{said} ({by})"
        spoken, quoted = shown(row["language_spoken"]), shown(row["language_quoted"])
        between = f"spoken in {spoken}, quoted in {quoted}" if spoken and spoken != quoted else ""
        return ", ".join(filter(None, [said, between]))

    @cached_property
    def _sources(self) -> Sources:
        return Sources(self.pkg)

    def _label(self, column: str, row: Row) -> str:
        """Return what a code of the contract means; the code if it is none."""
        code = shown(row[column])
        return self._labels[column].get(code, code)

    @cached_property
    def _labels(self) -> dict[str, dict[str, str]]:
        coded = (body for body in contract.table("statements")["fields"] if "categories" in body)
        return {
            body["name"]: {category["value"]: category["label"] for category in body["categories"]}
            for body in coded
        }

    @cached_property
    def _systems(self) -> dict[str, list[str]]:
        systems: dict[str, list[str]] = {}
        for row in self.pkg["statement_systems"].to_dict("records"):
            name = self._named("systems", row["system_id"])
            systems.setdefault(row["statement_id"], []).append(name)
        return systems

    @cached_property
    def _discrepancies(self) -> dict[str, list[Row]]:
        discrepancies: dict[str, list[Row]] = {}
        for row in self.pkg["discrepancies"].to_dict("records"):
            cells = {name: shown(row[name]) for name in ("aspect", "article_has", "source_has")}
            sources = self._sources.named(row["source"])
            discrepancies.setdefault(row["statement_id"], []).append({**cells, "sources": sources})
        return discrepancies

    def _own_columns(self, row: Row) -> list[tuple[str, str]]:
        cells = [(title, shown(row[name])) for name, title in self._titles_of_own.items()]
        return [(title, cell) for title, cell in cells if cell]

    @cached_property
    def _titles_of_own(self) -> dict[str, str]:
        """The titles of columns that only this project's statements have."""
        known = {body["name"] for body in contract.table("statements")["fields"]}
        known |= {*self.pkg.codebook.variables}
        if "statements" not in self.pkg:
            return {}
        fields = self.pkg.descriptor.fields("statements")
        there = self.pkg["statements"].columns
        own = [field for field in fields if field.name not in known and field.name in there]
        return {field.name: field.body.get("title", field.name) for field in own}

    # Codes

    def _coded_rows(self, statement: str) -> tuple[list[Row], list[str]]:
        """Return the codes of a statement, and the issues that every coder found unaddressed."""
        rows, unaddressed = [], []
        for variable in [*self.pkg.codebook, *self._others.get(statement, [])]:
            given = self._given.get((statement, variable), {})
            settled = self._settled.get((statement, variable))
            if settled is None and not given:
                continue
            codes = {code for code, _, _ in given.values()}
            if settled is not None:
                codes.add(settled["code"])
            if codes == {NOT_ADDRESSED}:
                unaddressed.append(self._title(variable))
            else:
                rows.append(self._coded_row(variable, given, settled or {}))
        return rows, unaddressed

    def _coded_row(
        self, variable: str, given: dict[str, tuple[str, str, str]], settled: Row
    ) -> Row:
        code = settled.get("code", "")
        rules, reason = self._rules(settled.get("rationale", ""))
        return {
            "title": self._title(variable),
            "given": given,
            "differ": len({code for code, _, _ in given.values()}) > 1,
            "code": self._shown_code(variable, code),
            "meaning": self._meaning(variable, code),
            "is_single": settled.get("settled_by") == "single",
            "is_adjudicated": settled.get("settled_by") == "adjudication",
            "adjudicator": settled.get("adjudicator", ""),
            "rules": rules,
            "reason": reason,
        }

    def _title(self, variable: str) -> str:
        book = self.pkg.codebook
        return str(book[variable]["title"]) if variable in book else variable

    def _shown_code(self, variable: str, code: str) -> str:
        try:
            return self.pkg.scale(variable).shown(code)
        except StancepackError:
            return code

    def _meaning(self, variable: str, code: str) -> str:
        """Return what a code is called, where that says more than the code."""
        if code == NOT_ADDRESSED:
            return "not addressed"
        try:
            label = self.pkg.scale(variable).label(code)
        except StancepackError:
            return ""
        return "" if label == code else label

    def _rules(self, rationale: str) -> tuple[list[str], str]:
        """Return the rules that a rationale names before its colon, and the reason after it."""
        named, colon, reason = rationale.partition(": ")
        rules = named.split()
        if not colon or not rules or not all(rule in self._known_rules for rule in rules):
            return [], rationale
        return rules, reason

    @cached_property
    def _known_rules(self) -> set[str]:
        return {*self.pkg.codebook.rules, *self.pkg.codebook.units}

    @cached_property
    def _given(self) -> dict[Cell, dict[str, tuple[str, str, str]]]:
        """The code, confidence and note of each coder, by statement and what was coded."""
        given: dict[Cell, dict[str, tuple[str, str, str]]] = {}
        for codings, _, variable, code in CODED:
            rows = self._with_code_texts(self.pkg.settling(codings), variable, code)
            for row in rows:
                cell = given.setdefault((row["statement_id"], row["variable"]), {})
                text = self._shown_code(row["variable"], row["code"])
                cell[shown(row["coder_id"])] = (text, shown(row["confidence"]), shown(row["note"]))
        return given

    @cached_property
    def _settled(self) -> dict[Cell, Row]:
        settled: dict[Cell, Row] = {}
        for _, table, variable, code in CODED:
            for row in self._with_code_texts(self.pkg[table], variable, code):
                names = ("code", "settled_by", "rationale", "adjudicator")
                settled[row["statement_id"], row["variable"]] = {
                    name: shown(row[name]) for name in names
                }
        return settled

    def _with_code_texts(self, rows: Any, variable: str, code: str) -> list[Row]:
        rows = rows.rename(columns={variable: "variable", code: "code"})
        rows = rows.assign(variable=rows["variable"].astype("str"))
        records: list[Row] = rows.assign(code=code_texts(self.pkg, rows)).to_dict("records")
        return records

    @cached_property
    def _others(self) -> dict[str, list[str]]:
        """What was coded of each statement that is not in the codebook."""
        others: dict[str, list[str]] = {}
        for statement, variable in dict.fromkeys([*self._given, *self._settled]):
            if variable not in self.pkg.codebook:
                others.setdefault(statement, []).append(variable)
        return others
