"""The instrument: reading, checking and rendering a codebook."""

from __future__ import annotations

import re
import warnings
from collections.abc import Iterable, Iterator, Mapping
from copy import deepcopy
from functools import cached_property
from html import escape
from pathlib import Path
from typing import Any

from stancepack.arguments import a_path
from stancepack.dataset.scales import NOT_ADDRESSED, Scale
from stancepack.dataset.shapes import shape
from stancepack.errors import StancepackDeprecation, StancepackError, UnknownName, did_you_mean
from stancepack.files.mappings import MOST_BYTES, parse_yaml
from stancepack.files.reading import read_bytes
from stancepack.files.shapes import check_shape
from stancepack.files.tables import clean_cell

ROLES = {
    "ascribed": "the source ascribes a position that nobody uttered",
    "needs_words": "the statement has the speaker's own words",
    "conditional": "the position holds on a condition, whose wording is asked for",
    "audience": "it is not known to whom it was said; the other codes name an audience",
}
_EXPECTED_OF_A_CODE = ("label", "definition", "use", "not", "examples", "counterexamples")
_OLD = "an old spelling, which works for this major version; write {}"
_CITED_RULE = re.compile(r"\b[RU]\d+\b")


class Codebook(Mapping[str, dict[str, Any]]):
    """A codebook: what is coded, with which codes, by which rules.

    A mapping from the name of an issue or statement-level variable to its entry (title, question,
    level, scope and codes by their text, each code with its definition, when to use it and when
    not, and made-up examples of both). What it gives out are copies: nobody changes the instrument.

    Parameters
    ----------
    content
        The codebook as a mapping, as read from YAML.
    path
        Where it was read from, for messages.

    Raises
    ------
    StancepackError
        If it has not the shape of a codebook, or a scale or role in it is none.

    Examples
    --------
    >>> import stancepack as sp
    >>> book = sp.load().codebook
    >>> book
    Codebook 1.3.0: 8 issues, 4 variables, 40 rules
    >>> book["joint-defence"]["question"]
    'Should missile defence be built or run together with Russia?'
    >>> book.rules["R5"]["title"]
    'An offer with a condition'
    >>> book.codes("us-sites")
    ['-2', '-1', '0', '1', '2', 'NA']
    >>> book.scale("us-sites").neutral
    '0'
    """

    def __init__(self, content: Mapping[str, Any], path: Path | str = "codebook") -> None:
        self.path = a_path("path", path)
        check_shape(content, shape("codebook"), path)
        self._content: dict[str, Any] = {
            **deepcopy(dict(content)),
            "variables": _entries(content.get("variables", {})),
            "issues": _entries(content["issues"]),
        }
        variables, issues = self._content["variables"], self._content["issues"]
        if shared := sorted({*variables} & {*issues}):
            raise UnknownName(f"{path}: {shared[0]!r} is both an issue and a variable.")
        self._scales = {name: _scale(name, entry) for name, entry in (variables | issues).items()}
        for role, by_variable in self.roles.items():
            for variable, codes in by_variable.items():
                if variable not in variables:
                    self._fail_role(role, "variable", variable, variables)
                for code in codes:
                    if code not in self._scales[variable].codes:
                        self._fail_role(role, f"code of {variable}", code, self.codes(variable))

    def _fail_role(self, role: str, kind: str, name: str, known: Iterable[str]) -> None:
        hint = did_you_mean(name, known)
        raise UnknownName(f"{self.path}: roles: {role}: there is no {kind} {name!r}; {hint}")

    @classmethod
    def read(cls, path: Path) -> Codebook:
        """Read a codebook from a YAML file."""
        path = a_path("path", path)
        return cls.parse(read_bytes(path, MOST_BYTES), path)

    @classmethod
    def parse(cls, content: bytes, path: Path) -> Codebook:
        """Read the bytes of a codebook's YAML file."""
        if not isinstance(content, bytes):
            raise StancepackError("a codebook is parsed from the bytes of its file.")
        path = a_path("path", path)
        return cls(parse_yaml(content, path), path)

    def __getitem__(self, name: str) -> dict[str, Any]:
        """Return the entry of an issue or a variable."""
        for part in ("issues", "variables"):
            if _is_in(name, self._content[part]):
                return deepcopy(dict(self._content[part][name]))
        for part in ("rules", "units"):
            if _is_in(name, self._content.get(part, {})):
                line = f"codebook.{part}[{name!r}]"
                warnings.warn(_OLD.format(line), StancepackDeprecation, stacklevel=2)
                return deepcopy(dict(self._content[part][name]))
        hint = did_you_mean(str(name), self)
        raise UnknownName(f"codebook: no issue or variable {name!r}; {hint}")

    def __iter__(self) -> Iterator[str]:
        """Go through the names of issues, then variables."""
        return iter([*self._content["issues"], *self._content["variables"]])

    def __len__(self) -> int:
        """Count issues and variables."""
        return len(self._scales)

    def __contains__(self, name: object) -> bool:
        """Tell whether an issue or variable of this name is coded."""
        return _is_in(name, self._scales)

    def _ipython_key_completions_(self) -> list[str]:
        return list(self)

    def __repr__(self) -> str:
        """Say what it is in one line."""
        counts = [f"{len(self.issues)} issues", f"{len(self.variables)} variables"]
        return f"Codebook {self.version}: {', '.join(counts)}, {len(self.rules)} rules"

    def _repr_html_(self) -> str:
        import pandas as pd

        entries = self._content["issues"] | self._content["variables"]
        shown = [(name, entries[name].get("title", ""), self.scale_line(name)) for name in self]
        table = pd.DataFrame(shown, columns=["name", "title", "codes"])
        return f"<p>{escape(repr(self))}</p>{table.to_html(index=False)}"

    @property
    def version(self) -> str:
        """The codebook's own version."""
        return str(self._content["version"])

    @property
    def content(self) -> dict[str, Any]:
        """The whole codebook as a mapping."""
        return deepcopy(self._content)

    @property
    def issues(self) -> dict[str, dict[str, Any]]:
        """The issues on which positions are coded."""
        return self._part("issues")

    @property
    def variables(self) -> dict[str, dict[str, Any]]:
        """The statement-level variables, coded once for each statement."""
        return self._part("variables")

    @property
    def rules(self) -> dict[str, dict[str, Any]]:
        """The numbered coding rules."""
        return self._part("rules")

    @property
    def units(self) -> dict[str, dict[str, Any]]:
        """The numbered rules of what a unit is."""
        return self._part("units")

    def _part(self, part: str) -> dict[str, dict[str, Any]]:
        return deepcopy(dict(self._content.get(part, {})))

    @property
    def confidence(self) -> dict[str, str]:
        """Levels of confidence from the lowest, with their meaning; empty if none is asked."""
        levels = self._content.get("confidence", {})
        return {str(level): str(levels[level]) for level in sorted(levels, key=str)}

    @property
    def roles(self) -> dict[str, dict[str, list[str]]]:
        """For each role of `ROLES` the codes, by variable, that play it."""
        return deepcopy(self._roles)

    @cached_property
    def _roles(self) -> dict[str, dict[str, list[str]]]:
        return {
            role: {
                variable: [str(code) for code in codes] for variable, codes in by_variable.items()
            }
            for role, by_variable in self._content.get("roles", {}).items()
        }

    def plays(self, role: str, variable: str, code: object) -> bool:
        """Tell whether a code of a variable plays a role."""
        return str(code) in self._roles.get(role, {}).get(variable, [])

    def scale(self, name: str) -> Scale:
        """Return the scale of an issue or a variable."""
        if name not in self:
            hint = did_you_mean(str(name), self)
            raise UnknownName(f"codebook: no issue or variable {name!r}; {hint}")
        return self._scales[name]

    def codes(self, name: str) -> list[str]:
        """Return the codes of an issue (with ``NA``) or a variable, as text, in their order."""
        codes = list(self.scale(name).codes)
        return [*codes, NOT_ADDRESSED] if name in self._content["issues"] else codes

    def scale_line(self, name: str) -> str:
        """Return the codes with their labels in one line, as a coding sheet shows them."""
        line = self.scale(name).line
        is_issue = name in self._content["issues"]
        return f"{line} | not addressed = {NOT_ADDRESSED}" if is_issue else line

    def problems(self) -> list[str]:
        """List what is wrong: examples that break the scales, rules that are not there."""
        problems: list[str] = []
        for name in self:
            for code, body in self[name]["codes"].items():
                for example in body.get("counterexamples", []):
                    other = str(example["code"])
                    if other not in self.codes(name):
                        what = f"counter-example has code {other!r}, not in the scale"
                        problems.append(f"{name} = {code}: {what}")
                    elif other == code:
                        what = "counter-example has the code it should not have"
                        problems.append(f"{name} = {code}: {what}")
        for name, rule in self.rules.items():
            for example in rule.get("examples", []):
                for variable, code in example.get("codes", {}).items():
                    if variable not in self:
                        problems.append(f"{name}: example names {variable!r}, which is not coded")
                    elif str(code) not in self.codes(variable):
                        what = f"example codes {variable} as {str(code)!r}, not in the scale"
                        problems.append(f"{name}: {what}")
        known = {*self.rules, *self._content.get("units", {})}
        cited = {*_CITED_RULE.findall(str(self._content))}
        return problems + [f"rule {rule} is cited, but not there" for rule in sorted(cited - known)]

    def gaps(self) -> list[str]:
        """List what a coder would miss: definitions, uses, examples."""
        gaps = []
        for name in self:
            for code, body in self[name]["codes"].items():
                gaps += [
                    f"{name} = {code}: no {part}"
                    for part in _EXPECTED_OF_A_CODE
                    if not body.get(part)
                ]
        return gaps + [
            f"{name}: no examples" for name, rule in self.rules.items() if not rule.get("examples")
        ]

    def _entry(self, name: str) -> dict[str, Any]:
        """Return an entry of any part, to read."""
        everything: dict[str, Any] = {}
        for part in ("units", "rules", "variables", "issues"):
            everything |= self._content.get(part, {})
        if not _is_in(name, everything):
            hint = did_you_mean(str(name), everything)
            raise UnknownName(f"codebook: no issue, variable or rule {name!r}; {hint}")
        return dict(everything[name])

    def render(self, name: str | None = None) -> str:
        """Write the codebook, or one entry of it, as Markdown."""
        if name is not None:
            return "\n".join(_entry_lines(name, self._entry(name), 2))
        content = self._content
        version = f"Version {self.version}. Every example is made up."
        lines = [f"# {content.get('title', 'Codebook')}", "", version, ""]
        for part, heading in (("units", "Units"), ("rules", "Rules")):
            if content.get(part):
                lines += [f"## {heading}", ""]
                for key, entry in content[part].items():
                    lines += _entry_lines(key, entry, 3)
        for part, heading in (("variables", "Statement-level variables"), ("issues", "Issues")):
            if not content[part]:
                continue
            lines += [f"## {heading}", ""]
            if part == "issues":
                lines += [f"`{key}`: {text}" for key, text in content.get("missing", {}).items()]
                lines.append("")
            for key, entry in content[part].items():
                lines += _entry_lines(key, entry, 3)
        if self.confidence:
            lines += ["## Confidence", ""]
            lines += [f"- `{level}`: {text}" for level, text in self.confidence.items()]
        return "\n".join(lines) + "\n"


def _is_in(name: object, entries: Mapping[str, Any]) -> bool:
    return isinstance(name, str) and name in entries


def _entries(entries: Mapping[Any, Any]) -> dict[str, dict[str, Any]]:
    """Return entries with codes as text, texts in one line, and a body for each code."""
    read = {}
    for name, entry in entries.items():
        codes = {str(code): _in_one_line(body or {}) for code, body in entry["codes"].items()}
        read[str(name)] = {**_in_one_line(entry), "codes": codes}
    return read


def _in_one_line(entry: Mapping[str, Any]) -> dict[str, Any]:
    """Return an entry whose texts, which YAML may hold in several lines, can stand in a cell."""
    return {
        part: clean_cell(text) if isinstance(text, str) else text for part, text in entry.items()
    }


def _scale(name: str, entry: Mapping[str, Any]) -> Scale:
    codes = entry["codes"]
    return Scale(
        name,
        tuple(codes),
        labels=tuple(str(body.get("label", "")) for body in codes.values()),
        definitions=tuple(str(body.get("definition", "")) for body in codes.values()),
        level=entry["level"],
        neutral=None if entry.get("neutral") is None else str(entry["neutral"]),
        poles=None if entry.get("poles") is None else (entry["poles"][0], entry["poles"][1]),
    )


def _entry_lines(name: str, entry: dict[str, Any], depth: int) -> list[str]:
    lines = [f"{'#' * depth} `{name}` {entry.get('title', '')}".rstrip(), ""]
    for part in ("question", "scope", "rule"):
        if entry.get(part):
            lines += [" ".join(str(entry[part]).split()), ""]
    if entry.get("level"):
        lines += [f"Level: {entry['level']}.", ""]
    for example in entry.get("examples", []):
        codes = ", ".join(f"`{key}` {code}" for key, code in example.get("codes", {}).items())
        lines.append(f"- Example: {example['text']}" + (f" → {codes}" if codes else ""))
    for code, body in entry.get("codes", {}).items():
        lines.append(f"- **`{code}` {body.get('label', '')}.** {body.get('definition', '')}")
        lines += [
            f"  - {word.capitalize()}: {body[word]}" for word in ("use", "not") if body.get(word)
        ]
        lines += [f"  - Example: {text}" for text in body.get("examples", [])]
        lines += [
            f"  - But: {but['text']} → `{but['code']}`" for but in body.get("counterexamples", [])
        ]
    return [*lines, ""]
