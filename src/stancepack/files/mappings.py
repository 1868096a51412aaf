"""Reading and writing YAML mappings that people write.

Of plain words only ``null``, ``true``, ``false`` and numbers are more than text (the core schema
of YAML 1.2): ``yes``, ``no``, ``on`` and dates are the text that they look like, as values and as
keys.
"""

from __future__ import annotations

import math
import re
from collections.abc import Hashable, Iterator
from functools import cache
from pathlib import Path
from typing import Any

from stancepack.errors import StancepackError
from stancepack.files.reading import decoded, read_bytes

MOST_BYTES = 20_000_000  # a hundred times the largest codebook we know
MOST_DEPTH = 50  # no codebook is nested deeper than ten; parsers are slow or crash far below

_WORDS: dict[str, bool | None] = {
    **dict.fromkeys(("", "~", "null", "Null", "NULL")),
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
}
# a number with leading zeros is an identifier, not a number
_INTEGER = re.compile(r"[-+]?(?:0|[1-9][0-9]*)")
_FLOAT = re.compile(r"[-+]?(?:\.[0-9]+|(?:0|[1-9][0-9]*)(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?")
# what some reader of YAML takes for a float, and we write in quotes
_ANY_FLOAT = r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?"


def read_yaml(path: Path) -> dict[str, Any]:
    """Read a YAML mapping safely.

    Raises
    ------
    StancepackError
        If the file is missing, larger than 20 MB, not UTF-8 or not YAML, holds something else than
        one mapping, is nested deeper than 50 levels, gives a key twice, or has an alias or a tag.
    """
    return parse_yaml(read_bytes(path, MOST_BYTES), path)


def parse_yaml(content: bytes, path: Path) -> dict[str, Any]:
    """Read the bytes of a YAML mapping; see `read_yaml`."""
    import yaml

    text = decoded(content, path).removeprefix("\ufeff")
    loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    try:
        mapping = _Events(path, yaml.parse(text, Loader=loader)).document()
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line = f", line {mark.line + 1}" if mark else ""
        why = " ".join(str(error.problem or error.context).split())
        raise StancepackError(f"{path}{line}: cannot be read as YAML: {why}.") from None
    except yaml.YAMLError as error:
        why = " ".join(str(error).split())
        raise StancepackError(f"{path}: cannot be read as YAML: {why}.") from None
    if not isinstance(mapping, dict):
        kind = {list: "a list", type(None): "nothing"}.get(type(mapping), f"{mapping!r:.40}")
        raise StancepackError(f"{path}: should hold a mapping (key: value), but holds {kind}.")
    return mapping


class _Events:
    """The content of a YAML stream, built from its events: no tag, no alias, nothing deep."""

    def __init__(self, path: Path, events: Iterator[Any]) -> None:
        self.path = path
        self.events = events

    def fail(self, event: Any, what: str) -> StancepackError:
        return StancepackError(f"{self.path}, line {event.start_mark.line + 1}: {what}")

    def document(self) -> Any:
        """Return the content of the only document, or None where there is none."""
        import yaml

        content, documents = None, 0
        for event in self.events:
            if isinstance(event, yaml.DocumentStartEvent):
                documents += 1
                if documents > 1:
                    raise self.fail(event, "a second document begins; keep one.")
                content = self.value(next(self.events), 1)
        return content

    def value(self, event: Any, depth: int) -> Any:
        """Return what begins with an event."""
        import yaml

        if isinstance(event, yaml.AliasEvent):
            raise self.fail(event, f"an alias (*{event.anchor}); write the content out instead.")
        if event.tag is not None and event.tag != "!":
            raise self.fail(event, f"a tag ({event.tag}); leave it out.")
        if isinstance(event, yaml.ScalarEvent):
            return self.scalar(event) if event.implicit[0] and not event.tag else event.value
        if depth > MOST_DEPTH:
            raise self.fail(event, f"nested deeper than {MOST_DEPTH} levels.")
        if isinstance(event, yaml.SequenceStartEvent):
            entries = []
            while not isinstance(event := next(self.events), yaml.SequenceEndEvent):
                entries.append(self.value(event, depth + 1))
            return entries
        mapping: dict[Hashable, Any] = {}
        while not isinstance(event := next(self.events), yaml.MappingEndEvent):
            key = self.value(event, depth + 1)
            if not isinstance(key, Hashable):
                raise self.fail(event, "a key should be a word, not a list or a mapping.")
            if key in mapping:
                raise self.fail(event, f"the key {key!r} is there twice; keep one.")
            mapping[key] = self.value(next(self.events), depth + 1)
        return mapping

    def scalar(self, event: Any) -> str | int | float | bool | None:
        """Return what a plain word stands for."""
        word = event.value
        if word in _WORDS:
            return _WORDS[word]
        if _INTEGER.fullmatch(word):
            try:
                return int(word)
            except ValueError:
                raise self.fail(event, "a number of too many digits; quote it.") from None
        if _FLOAT.fullmatch(word) and math.isfinite(number := float(word)):
            return number
        return str(word)


def yaml_text(content: dict[str, Any], *, in_one_line: bool = False) -> str:
    """Return a mapping as YAML that `read_yaml` reads back as the same mapping.

    Words that this or another reader of YAML would take for a number, a date or a truth value are
    quoted. In one line it stands in braces.

    Raises
    ------
    StancepackError
        If something in the mapping is neither a mapping, a list, text, a finite number, true, false
        nor null, or lies deeper than 50 levels.

    Examples
    --------
    >>> from stancepack.files.mappings import yaml_text
    >>> print(yaml_text({"yes": "2007-05-03", "share": 0.5}), end="")
    'yes': '2007-05-03'
    share: 0.5
    """
    import yaml

    return str(
        yaml.dump(
            _writable(content, 1),
            Dumper=_dumper(),
            sort_keys=False,
            allow_unicode=True,
            default_flow_style=in_one_line,
            width=math.inf if in_one_line else 100,
        )
    )


def _writable(content: Any, depth: int) -> Any:
    """Return plain mappings, lists and values, or say what cannot be written."""
    if isinstance(content, dict | list | tuple) and depth > MOST_DEPTH:
        raise StancepackError(f"nested deeper than {MOST_DEPTH} levels: cannot be written.")
    if isinstance(content, dict):
        return {
            _writable(key, depth + 1): _writable(value, depth + 1) for key, value in content.items()
        }
    if isinstance(content, list | tuple):
        return [_writable(entry, depth + 1) for entry in content]
    if isinstance(content, str):
        if not content.isascii() and content.encode("utf-8", "replace").decode() != content:
            raise StancepackError(f"{content!r:.60}: half a character cannot be written.")
        return str(content)
    if content is None or isinstance(content, bool | int):
        return content
    if isinstance(content, float) and math.isfinite(content):
        return float(content)
    raise StancepackError(f"{content!r:.60} cannot be written as YAML; use text.")


@cache
def _dumper() -> Any:
    import yaml

    class Dumper(yaml.SafeDumper):
        """Also quotes what YAML 1.2 takes for a number, and writes content out for each place."""

        def ignore_aliases(self, data: Any) -> bool:
            return True

    def text(dumper: Any, word: str) -> Any:
        # other line ends than LF do not survive in other quotes
        style = '"' if re.search("[\r\x85\u2028\u2029]", word) else None
        return dumper.represent_scalar("tag:yaml.org,2002:str", word, style=style)

    Dumper.add_representer(str, text)
    first = list("-+.0123456789")
    for tag, pattern in (("int", r"[-+]?[0-9]+|0o[0-7]+"), ("float", _ANY_FLOAT)):
        Dumper.add_implicit_resolver(
            f"tag:yaml.org,2002:{tag}", re.compile(rf"(?:{pattern})$"), first
        )
    return Dumper
