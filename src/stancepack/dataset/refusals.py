"""What a descriptor declares and nobody here reads: said by name, never passed over in silence.

The Data Package standard lets a descriptor say how files are written and what cells mean. What of
it changes the data is read as declared, or refused here: property, value, and what to do.
"""

from __future__ import annotations

import codecs
import hashlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import datetime
from pathlib import PurePath
from typing import Any, NamedTuple

from stancepack.errors import did_you_mean
from stancepack.files.dialect import Dialect


class Refusal(NamedTuple):
    """A property that is not read: whose it is, its value, why, and what to do."""

    column: str
    name: str
    value: Any
    why: str
    remedy: str

    def sentence(self, table: str) -> str:
        """Say it of a table."""
        field = f", field {self.column!r}" if self.column else ""
        return f"table {table!r}{field}: {self.name} {self.value!r} {self.why}; {self.remedy}"


Problem = tuple[str, Any, str, str]  # property, value, why, and remedy


# ---------------------------------------------------------------------------------------
# files

_TAB = "\t"
_FORMATS = {"csv": ",", "tsv": _TAB}
_MEDIA = {"text/csv": ",", "text/plain": ",", "text/tab-separated-values": _TAB}
_OTHER_FILES = (
    *("json", "jsonl", "ndjson", "geojson", "topojson", "yaml", "yml", "xml", "html", "md"),
    *("xls", "xlsx", "ods", "parquet", "feather", "arrow", "avro", "sav", "dta", "rds", "rdata"),
    *("db", "sqlite", "sqlite3", "sql", "pdf", "png", "jpg", "zip", "gz", "bz2", "xz", "tar"),
)
_AS_CSV = "save the table as CSV and name that file in path."
_UNPACK = "unpack the file and name what was in it in path."
# properties that name another place or form of the rows of a resource, with their plain values
_NOT_READ: dict[str, tuple[tuple[Any, ...], str, str]] = {
    "compression": ((None, "", "no", "none"), "is not read", _UNPACK),
    "innerpath": ((None, ""), "is not read", _UNPACK),
    "extrapaths": ((None, []), "is not read", "join the files into one."),
    "scheme": ((None, "", "file"), "is not read", "put the file into the package."),
    "type": ((None, "table"), "is no table", "leave it out of the resources."),
    "url": ((None,), "is not fetched", "put the file into the package and name it in path."),
}
_ELSEWHERE = {  # properties that mean something in another part of a resource → there
    **dict.fromkeys(("missingValues", "primaryKey", "uniqueKeys", "foreignKeys"), "schema"),
    "fieldsMatch": "schema",
    **dict.fromkeys(("delimiter", "quoteChar", "escapeChar", "commentChar"), "dialect"),
    **dict.fromkeys(("lineTerminator", "nullSequence", "header", "headerRows"), "dialect"),
    **dict.fromkeys(("decimalChar", "groupChar", "bareNumber"), "a field"),
}
DIGESTS = sorted(name for name in hashlib.algorithms_guaranteed if not name.startswith("shake"))
FIELDS_MATCH = ("exact", "equal", "subset", "superset", "partial")


def resource_problems(resource: Mapping[str, Any]) -> Iterator[Problem]:
    """Go through what the declaration of a table says of its file that is not read."""
    for name, (plain, why, remedy) in _NOT_READ.items():
        if resource.get(name) not in plain:
            yield name, resource[name], why, remedy
    for name, part in _ELSEWHERE.items():
        if name in resource:
            yield name, resource[name], "is not read here", f"declare it in {part}."
    yield from _encoding_problems(resource)
    yield from _format_problems(resource)
    if resource.get("hash") not in (None, "") and digest_of(resource)[0] not in DIGESTS:
        known = ", ".join(DIGESTS)
        yield "hash", resource["hash"], "is not checked", f"write sha256:…, or one of {known}."
    dialect = resource.get("dialect")
    if dialect is not None:
        yield from _dialect_problems(dialect)
    has_header = _said(dialect).get("header") is not False
    yield from _schema_problems(resource["schema"], has_header=has_header)


def digest_of(resource: Mapping[str, Any]) -> tuple[str, str]:
    """Return the algorithm and the digest that a table's hash says; MD5 if it names none."""
    stamp = resource.get("hash")
    if not isinstance(stamp, str) or not stamp:
        return "", ""
    algorithm, colon, digest = stamp.rpartition(":")
    return algorithm if colon else "md5", digest.lower()


def _encoding_problems(resource: Mapping[str, Any]) -> Iterator[Problem]:
    encoding = resource.get("encoding")
    if encoding is not None and not _is_encoding(encoding):
        yield "encoding", encoding, "is not known", "write for instance utf-8 or iso-8859-1."


def _is_encoding(name: Any) -> bool:
    try:
        codec = codecs.lookup(name)
        "".encode(codec.name)  # refused by codecs of bytes, such as base64
    except (LookupError, TypeError, ValueError):
        return False
    return True


def _format_problems(resource: Mapping[str, Any]) -> Iterator[Problem]:
    declared = resource.get("format")
    if declared is not None and str(declared).lower() not in _FORMATS:
        yield "format", declared, "is not read", _AS_CSV
    media = resource.get("mediatype")
    if media is not None and _plain_media(media) not in _MEDIA:
        yield "mediatype", media, "is not read", _AS_CSV
    if declared is media is None and _suffix(resource) in _OTHER_FILES:
        yield "path", resource["path"], "names no CSV file", _AS_CSV


def _plain_media(media: Any) -> str:
    return str(media).partition(";")[0].strip().lower()


def _suffix(resource: Mapping[str, Any]) -> str:
    return PurePath(resource["path"]).suffix.lower().removeprefix(".")


OF_TABLES = ("encoding", "dialect", "schema", *_ELSEWHERE)  # nothing that a package says of itself

# ---------------------------------------------------------------------------------------
# dialects


def _is_sign(value: Any) -> bool:
    return isinstance(value, str) and len(value) == 1 and value not in "\r\n\0"


def _is_text(value: Any) -> bool:
    return isinstance(value, str)


def _is_truth(value: Any) -> bool:
    return isinstance(value, bool)


def _are_rows(value: Any) -> bool:
    return isinstance(value, list) and all(type(row) is int and row > 0 for row in value)


_SIGN, _TRUTH = "should be one character", "should be true or false"
_ROWS = "should list the numbers of rows, from 1"
_DIALECT: dict[str, tuple[Callable[[Any], bool], str]] = {
    "delimiter": (_is_sign, _SIGN),
    "quoteChar": (lambda value: value == "" or _is_sign(value), _SIGN),
    "escapeChar": (lambda value: value == "" or _is_sign(value), _SIGN),
    "doubleQuote": (_is_truth, _TRUTH),
    "skipInitialSpace": (_is_truth, _TRUTH),
    "header": (_is_truth, _TRUTH),
    "headerRows": (lambda value: _are_rows(value) and bool(value), _ROWS),
    "headerJoin": (_is_text, "should be text"),
    "headerCase": (_is_truth, _TRUTH),
    "caseSensitiveHeader": (_is_truth, _TRUTH),  # version 1
    "commentChar": (lambda value: _is_text(value) and bool(value), "should be text"),
    "commentRows": (_are_rows, _ROWS),
    "lineTerminator": (lambda value: value in ("\n", "\r\n", "\r"), "is no line end that is read"),
    "nullSequence": (_is_text, "should be text"),
    "skipBlankRows": (_is_truth, _TRUTH),
}
_SAID_OF_A_DIALECT = ("$schema", "profile", "name", "type", "title", "description", "csvddfVersion")
_OF_OTHER_FILES = ("property", "itemType", "itemKeys", "sheetNumber", "sheetName", "table")


def _dialect_problems(dialect: Any) -> Iterator[Problem]:
    if not isinstance(dialect, dict) or not isinstance(dialect.get("csv", {}), dict):
        yield "dialect", dialect, "should be an object { … }", "write it here, not a name of it."
        return
    said = _said(dialect)
    sound = True
    for name, value in said.items():
        for why, remedy in _property_problems(name, value):
            yield f"dialect.{name}", value, why, remedy
            sound = False
    if sound:
        yield from _contradictions(said)


def _said(dialect: Any) -> dict[str, Any]:
    """Return what a dialect says; what frictionless keeps in a part of its own, and no nulls."""
    if not isinstance(dialect, dict) or not isinstance(dialect.get("csv", {}), dict):
        return {}
    said = {name: value for name, value in dialect.items() if name != "csv"} | dialect.get(
        "csv", {}
    )
    return {name: value for name, value in said.items() if value is not None}


def _property_problems(name: str, value: Any) -> Iterator[tuple[str, str]]:
    if name in _DIALECT:
        fits, why = _DIALECT[name]
        if not fits(value):
            yield why, "write it so, or save the file as plain CSV."
    elif name in _OF_OTHER_FILES:
        yield "is for other files than CSV", "leave it out."
    elif name not in _SAID_OF_A_DIALECT:
        yield "is not known", did_you_mean(name, _DIALECT)


def _contradictions(said: Mapping[str, Any]) -> Iterator[Problem]:
    signs = {name: said.get(name, sign) for name, sign in (("delimiter", ","), ("quoteChar", '"'))}
    signs["escapeChar"] = said.get("escapeChar", "")
    for name in ("escapeChar", "quoteChar"):
        others = [other for other in signs if other != name and signs[other] == signs[name]]
        if signs[name] and others:
            remedy = "give each a sign of its own."
            yield f"dialect.{name}", signs[name], f"is the {others[0]} too", remedy
            return
    rows = said.get("headerRows", [1])
    if said.get("header") is False and rows != [1]:
        yield "dialect.headerRows", rows, "contradicts header false", "leave one of them out."


def dialect_of(resource: Mapping[str, Any]) -> Dialect:
    """Return how a table's file is written, of a declaration in which nothing is refused."""
    said = _said(resource.get("dialect"))
    by_format = _FORMATS.get(str(resource.get("format")).lower())
    by_media = _MEDIA.get(_plain_media(resource.get("mediatype")))
    plain = by_format or by_media or _FORMATS.get(_suffix(resource), ",")
    rows = said.get("headerRows", [1])
    encoding = resource.get("encoding") or "utf-8"
    return Dialect(
        encoding=codecs.lookup(encoding).name if _is_encoding(encoding) else "utf-8",
        delimiter=said.get("delimiter", plain),
        quote=said.get("quoteChar", '"'),
        escape=said.get("escapeChar", ""),
        doubles_quotes=said.get("doubleQuote", True),
        skips_space=said.get("skipInitialSpace", False),
        has_header=said.get("header", True),
        header_rows=tuple(sorted(rows)) if rows != [1] else (),
        header_join=said.get("headerJoin", " "),
        keeps_case=said.get("caseSensitiveHeader", True) and said.get("headerCase", True),
        comment_mark=said.get("commentChar", ""),
        comment_rows=tuple(said.get("commentRows", ())),
        line_end=said.get("lineTerminator", "\n"),
        skips_blank_rows=said.get("skipBlankRows", False),
    )


def null_sequence(resource: Mapping[str, Any]) -> tuple[str, ...]:
    """Return the text, if there is one, that stands for no value in every column of a table."""
    said = _said(resource.get("dialect"))
    return (said["nullSequence"],) if "nullSequence" in said else ()


# ---------------------------------------------------------------------------------------
# schemas

_OF_FIELDS = ("decimalChar", "groupChar", "bareNumber", "trueValues", "falseValues", "format")
_SCHEMA = ("fields", "fieldsMatch", "missingValues", "primaryKey", "uniqueKeys", "foreignKeys")


def _schema_problems(schema: Mapping[str, Any], *, has_header: bool) -> Iterator[Problem]:
    yield from _misspelt(schema, _SCHEMA)
    for name in _OF_FIELDS:
        if name in schema:
            yield name, schema[name], "is not read here", "declare it in the fields."
    match = fields_match(schema)
    if match not in FIELDS_MATCH:
        value = schema["fieldsMatch"]
        yield "fieldsMatch", value, "is not known", did_you_mean(str(value), FIELDS_MATCH)
    elif match != "exact" and not has_header:
        remedy = "leave it out; without a header columns are told by their order."
        yield "fieldsMatch", match, "needs a header", remedy


def fields_match(schema: Mapping[str, Any]) -> Any:
    """Return how the columns of a file answer those declared."""
    match = schema.get("fieldsMatch", "exact")
    return match[0] if isinstance(match, list) and len(match) == 1 else match


def _misspelt(said: Mapping[str, Any], known: Iterable[str]) -> Iterator[Problem]:
    """Go through properties that differ from known ones in capitals and underscores only."""
    names = {name.lower(): name for name in known}
    for name, value in said.items():
        meant = names.get(name.replace("_", "").replace("-", "").lower(), name)
        if meant != name and meant not in said:
            yield name, value, "is not known", f"write {meant}."


# ---------------------------------------------------------------------------------------
# fields

PATTERNED = ("date", "time", "datetime")  # types whose format may be a pattern of strptime
_FIELD_FORMATS = {
    "string": ("email", "uri", "binary", "uuid"),
    **dict.fromkeys(PATTERNED, ("any",)),
    "geopoint": ("array", "object"),
    "geojson": ("topojson",),
}
_CODED = ("string", "integer", "number")
_FORMS = {  # properties of a field → the types that they are for
    "decimalChar": ("number",),
    "groupChar": ("number", "integer"),
    "bareNumber": ("number", "integer"),
    "trueValues": ("boolean",),
    "falseValues": ("boolean",),
    "categories": _CODED,
    "categoriesOrdered": _CODED,
    "delimiter": ("list",),
    "itemType": ("list",),
}
_FIELD = (*_FORMS, "name", "type", "format", "missingValues", "constraints", "example")
ITEM_TYPES = ("string", "integer", "boolean", "number", "datetime", "date", "time")
_LIMITS = (
    *("required", "unique", "enum", "pattern", "minLength", "maxLength", "jsonSchema"),
    *("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum"),
)
_OF_A_NUMBER = set("0123456789+-eE")  # what a sign within a number cannot be
_SAMPLE = datetime(2012, 11, 13, 14, 0)  # tells day, month, and hours before and after noon apart


def format_of(body: Mapping[str, Any]) -> Any:
    """Return the format of a field, without the prefix of the first drafts of the standard."""
    declared = body.get("format") or "default"
    return declared.removeprefix("fmt:") if isinstance(declared, str) else declared


def field_problems(body: Mapping[str, Any]) -> Iterator[Problem]:
    """Go through what a field declares that is not read."""
    kind = body.get("type", "string")
    yield from _misspelt(body, _FIELD)
    for name in _LIMITS:
        if name in body:
            yield name, body[name], "is not read here", "declare it in constraints."
    for name, types in _FORMS.items():
        if name in body and kind not in types:
            remedy = f"leave it out, or declare the type {' or '.join(types)}."
            yield name, body[name], f"is nothing of the type {kind}", remedy
    yield from _field_format_problems(body, kind)
    if kind in ("number", "integer"):
        yield from _number_problems(body)
    if kind == "boolean":
        yield from _truth_problems(body)
    if kind == "list":
        yield from _list_problems(body)
    if kind in _CODED:
        yield from _category_problems(body, kind)


def _field_format_problems(body: Mapping[str, Any], kind: str) -> Iterator[Problem]:
    form = format_of(body)
    known = ("default", *_FIELD_FORMATS.get(kind, ()))
    if form in known:
        return
    if kind not in PATTERNED or not isinstance(form, str):
        remedy = f"leave it out; those of the type {kind} are {', '.join(known)}."
        yield "format", form, "is not read", remedy
    elif "%" not in form:
        yield "format", form, "is no pattern", "write one as %d/%m/%Y (strptime of Python)."
    elif why := _vagueness(form, kind):
        yield "format", form, why, "write another one (strptime of Python), or the type string."


def _vagueness(pattern: str, kind: str) -> str:
    """Say why a pattern does not give values of a type; nothing if it does."""
    try:
        again = datetime.strptime(_SAMPLE.strftime(pattern), pattern)
    except (ValueError, UnicodeError):
        return "is no pattern that can be read"
    if kind != "time" and again.date() != _SAMPLE.date():
        return "leaves the day open"
    if kind != "date" and again.hour != _SAMPLE.hour:
        return "leaves the hour open"
    return ""


def _number_problems(body: Mapping[str, Any]) -> Iterator[Problem]:
    signs = {name: body[name] for name in ("decimalChar", "groupChar") if name in body}
    for name, sign in signs.items():
        is_none = sign == "" and name == "groupChar"
        if not is_none and not (isinstance(sign, str) and sign and not {*sign} & _OF_A_NUMBER):
            remedy = "write what stands in the numbers, such as a comma."
            yield name, sign, "cannot stand in a number", remedy
    if "groupChar" in body and signs["groupChar"] == signs.get("decimalChar", "."):
        remedy = "declare decimalChar too, and each another sign."
        if body.get("type") == "number":
            yield "groupChar", signs["groupChar"], "is the decimalChar too", remedy
    if not isinstance(body.get("bareNumber", True), bool):
        yield "bareNumber", body["bareNumber"], _TRUTH, "write it so."


def _truth_problems(body: Mapping[str, Any]) -> Iterator[Problem]:
    yes, no = (body.get(part, []) for part in ("trueValues", "falseValues"))
    for text in yes:
        if text in no:
            yield "trueValues", yes, f"and falseValues both name {text!r}", "keep it in one."


def _list_problems(body: Mapping[str, Any]) -> Iterator[Problem]:
    delimiter, kind = body.get("delimiter", ","), body.get("itemType", "string")
    if not isinstance(delimiter, str) or not delimiter:
        yield "delimiter", delimiter, "parts no items", "write what stands between them."
    if kind not in ITEM_TYPES:
        yield "itemType", kind, "is not known", did_you_mean(str(kind), ITEM_TYPES)


def _category_problems(body: Mapping[str, Any], kind: str) -> Iterator[Problem]:
    if not isinstance(body.get("categoriesOrdered", False), bool):
        yield "categoriesOrdered", body["categoriesOrdered"], _TRUTH, "write it so."
    for item in body.get("categories") or []:
        code = item.get("value") if isinstance(item, dict) else item
        if kind == "string" and not isinstance(code, str):
            remedy = f'write "{code}", or declare the type integer.'
            yield "categories", code, "is no text, as values of the type string are", remedy
        elif isinstance(code, bool):
            yield "categories", code, f"is no value of the type {kind}", "write a number."
