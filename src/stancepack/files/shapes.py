"""Checking that a mapping has the shape that is asked for, in words for people."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import islice
from pathlib import Path
from typing import Any

from stancepack.errors import StancepackError, did_you_mean

MOST_PROBLEMS = 20  # nobody mends more at once
MOST_ERRORS = 1000  # and no more are counted
MOST_DEPTH = 100  # deeper than any file that we read, shallow enough for every checker

_KINDS = {
    "string": "text",
    "object": "a mapping",
    "array": "a list",
    "integer": "a whole number",
    "number": "a number",
    "boolean": "true or false",
    "null": "empty",
}


def check_shape(content: Any, shape: Mapping[str, Any], where: str | Path) -> None:
    """Check content against a JSON Schema.

    Parameters
    ----------
    content
        What was read from a YAML or JSON file. Keys that are numbers are taken as text.
    shape
        A JSON Schema (draft 2020-12). Nothing outside of it is fetched.
    where
        The file, for the message.

    Raises
    ------
    StancepackError
        If the content has another shape; the message lists up to 20 problems with their places.

    Examples
    --------
    >>> from stancepack.files.shapes import check_shape
    >>> shape = {"properties": {"level": {"enum": ["nominal", "ordinal"]}}}
    >>> check_shape({"level": "ordnal"}, shape, "a.yaml")  # doctest: +ELLIPSIS
    Traceback (most recent call last):
    stancepack.errors.StancepackError: a.yaml: level: 'ordnal' is not one of nominal, ordinal; ...
    """
    from jsonschema import Draft202012Validator
    from referencing import Registry

    problems: list[str] = []
    as_text = _with_text_keys(content, (), problems)
    if not problems:
        registry: Any = Registry()
        validator = Draft202012Validator(dict(shape), registry=registry)
        errors = islice(validator.iter_errors(as_text), MOST_ERRORS)
        in_order = sorted(errors, key=lambda error: _position(as_text, error.absolute_path))
        problems = list(dict.fromkeys(line for error in in_order for line in _words(error)))
    if not problems:
        return
    lines = problems[:MOST_PROBLEMS]
    if len(problems) > MOST_PROBLEMS:
        lines.append(f"and {len(problems) - MOST_PROBLEMS} more.")
    if len(lines) == 1:
        raise StancepackError(f"{where}: {lines[0]}")
    raise StancepackError("\n  ".join([f"{where}: {len(problems)} problems.", *lines]))


def _with_text_keys(content: Any, path: tuple[Any, ...], problems: list[str]) -> Any:
    """Return content with keys of text; note the keys that cannot be text."""
    if len(path) > MOST_DEPTH:
        problems.append(f"{_place(path[:3])}: nested deeper than {MOST_DEPTH} levels.")
        return None
    if isinstance(content, list | tuple):
        return [_with_text_keys(entry, (*path, n), problems) for n, entry in enumerate(content)]
    if not isinstance(content, dict):
        return content
    as_text: dict[str, Any] = {}
    for key, value in content.items():
        if key is None or isinstance(key, bool):
            problems.append(_at(path, f"the key {_shown(key)} should be quoted, to be text."))
        elif str(key) in as_text:
            problems.append(_at(path, f"the key {str(key)!r} is there twice; keep one."))
        else:
            as_text[str(key)] = _with_text_keys(value, (*path, str(key)), problems)
    return as_text


def _position(content: Any, path: Iterable[Any]) -> list[int]:
    """Return where a part stands in the file, for telling problems in the order of the file."""
    position = []
    for part in path:
        position.append(part if isinstance(part, int) else list(content).index(part))
        content = content[part]
    return position


def _place(path: Iterable[Any]) -> str:
    return " → ".join(f"entry {part + 1}" if isinstance(part, int) else str(part) for part in path)


def _at(path: Iterable[Any], what: str) -> str:
    place = _place(path)
    return f"{place}: {what}" if place else what


def _shown(value: Any) -> str:
    """Return a value as people call it: text in quotes, the kind of what is long."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, str) and len(value) > 60:
        return repr(value[:60] + "…")
    if isinstance(value, dict):
        return "a mapping"
    if isinstance(value, list):
        return "a list"
    if value is None:
        return "empty"
    return repr(value)


def _listed(values: Iterable[Any]) -> str:
    words = [value if isinstance(value, str) else _shown(value) for value in values]
    return ", ".join(words[:20]) + (", …" if len(words) > 20 else "")


def _words(error: Any) -> Iterator[str]:
    """Say what a checker found in words; one finding can be several problems."""
    path = list(error.absolute_path)
    keyword, asked, value = error.validator, error.validator_value, error.instance
    if keyword == "required":
        for name in asked:
            if name not in value:
                yield _at([*path, name], "is missing.")
    elif keyword in ("additionalProperties", "unevaluatedProperties"):
        yield from _unknown(error, path)
    elif keyword == "dependentRequired":
        for name, others in asked.items():
            for other in others if name in value else []:
                if other not in value:
                    yield _at([*path, other], f"is missing; {name} asks for it.")
    elif keyword in ("anyOf", "oneOf"):
        yield from _alternatives(error, path)
    else:
        said = _SAID.get(keyword, lambda *_: "does not have the right form.")(asked, value)
        meant = error.schema.get("description", "") if keyword == "pattern" else ""
        name = "the name " if "propertyNames" in error.absolute_schema_path else ""
        yield _at(path, name + said + (f" It should be {meant.rstrip('.')}." if meant else ""))


def _unknown(error: Any, path: list[Any]) -> Iterator[str]:
    """Say which keys are not known, and which known ones are like them."""
    import re

    known = list(_names(error.schema))
    patterns = error.schema.get("patternProperties", {})
    for name in error.instance:
        if name not in known and not any(re.search(pattern, name) for pattern in patterns):
            yield _at([*path, name], f"is not known; {did_you_mean(name, known)}")


def _names(schema: Any) -> Iterator[str]:
    """Go through the keys that a schema names for one mapping, in all its branches."""
    if isinstance(schema, dict):
        yield from schema.get("properties", {})
        for keyword in ("allOf", "anyOf", "oneOf"):
            for branch in schema.get(keyword, []):
                yield from _names(branch)
        for keyword in ("if", "then", "else"):
            yield from _names(schema.get(keyword))


def _alternatives(error: Any, path: list[Any]) -> Iterator[str]:
    """Say what is wrong with the alternative that was meant, or which kinds there are."""
    branches: dict[Any, list[Any]] = {}
    for problem in error.context:
        branches.setdefault(problem.relative_schema_path[0], []).append(problem)
    if not branches:
        yield _at(path, "has two forms at once that exclude each other; keep one.")
        return
    meant = [
        problems
        for problems in branches.values()
        if not any(p.validator in _WHOLE and not p.relative_path for p in problems)
    ]
    if meant:
        for problem in min(meant, key=len):
            yield from _words(problem)
        return
    kinds = list(dict.fromkeys(_asked(branch) for branch in error.validator_value))
    yield _at(path, f"should be {' or '.join(kinds)}, not {_shown(error.instance)}.")


# what says of a value as a whole that it is not the alternative that was meant
_WHOLE = ("type", "enum", "const")


def _asked(branch: Any) -> str:
    if "enum" in branch:
        return f"one of {_listed(branch['enum'])}"
    if "const" in branch:
        return _shown(branch["const"])
    return _kinds(branch["type"]) if "type" in branch else "something else"


def _kinds(types: str | list[str]) -> str:
    return " or ".join(_KINDS[kind] for kind in ([types] if isinstance(types, str) else types))


def _not_one_of(asked: list[Any], value: Any) -> str:
    hint = did_you_mean(str(value), map(str, asked)) if isinstance(value, str) else ""
    hint = f"; {hint}" if hint.startswith("did") else "."
    return f"{_shown(value)} is not one of {_listed(asked)}{hint}"


def _at_least(asked: int, value: Any) -> str:
    if not len(value):
        return "should not be empty."
    return f"should have at least {asked} entries, not {len(value)}."


def _at_most(asked: int, value: Any) -> str:
    return f"should have at most {asked} entries, not {len(value)}."


_SAID: dict[str | None, Callable[[Any, Any], str]] = {
    "type": lambda asked, value: f"should be {_kinds(asked)}, not {_shown(value)}.",
    "enum": _not_one_of,
    "const": lambda asked, value: f"should be {_shown(asked)}, not {_shown(value)}.",
    "pattern": lambda _, value: f"{_shown(value)} does not have the right form.",
    "minLength": lambda asked, value: (
        f"should have at least {asked} characters, not {_shown(value)}."
        if value
        else "should not be empty."
    ),
    "maxLength": lambda asked, _: f"should have at most {asked} characters.",
    "minItems": _at_least,
    "minProperties": _at_least,
    "maxItems": _at_most,
    "maxProperties": _at_most,
    "minimum": lambda asked, value: f"should be at least {asked}, not {value}.",
    "maximum": lambda asked, value: f"should be at most {asked}, not {value}.",
    "exclusiveMinimum": lambda asked, value: f"should be above {asked}, not {value}.",
    "exclusiveMaximum": lambda asked, value: f"should be below {asked}, not {value}.",
    "multipleOf": lambda asked, value: f"should be a multiple of {asked}, not {value}.",
    "uniqueItems": lambda *_: "has an entry twice; keep one.",
    "contains": lambda *_: "lacks an entry that has to be there.",
    "not": lambda _, value: f"{_shown(value)} is not allowed here.",
    None: lambda *_: "is not allowed here.",
}
