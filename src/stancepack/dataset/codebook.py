"""The instrument: reading, checking and rendering a codebook."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import cached_property
from pathlib import Path
from typing import Any

from stancepack.errors import StancepackError, did_you_mean
from stancepack.files.mappings import read_yaml
from stancepack.reliability.result import LEVELS

NOT_ADDRESSED = "NA"


class Codebook(Mapping[str, dict[str, Any]]):
    """A codebook: what is coded, with which codes, by which rules.

    A mapping from the name of an issue or statement-level variable to its entry (title, question,
    level, scope and codes, each code with its definition, when to use it and when not, and made-up
    examples of both).

    Parameters
    ----------
    content
        The codebook as a mapping, as read from YAML.
    path
        Where it was read from, for messages.

    Examples
    --------
    >>> import stancepack as sp
    >>> book = sp.load().codebook
    >>> book
    Codebook 1.2.0: 8 issues, 4 variables, 30 rules
    >>> book["joint-defence"]["question"]
    'Should missile defence be built or run together with Russia?'
    >>> book.codes("us-sites")
    ['-2', '-1', '0', '1', '2', 'NA']
    """

    def __init__(self, content: dict[str, Any], path: Path | str = "codebook") -> None:
        self.content = content
        self.path = Path(path)
        for part in ("version", "rules", "variables", "issues"):
            if part not in content:
                raise StancepackError(f"{path}: the part {part!r} is missing.")
        for part in ("rules", "variables", "issues"):
            if not isinstance(content[part], dict) or not all(
                isinstance(e, dict) for e in content[part].values()
            ):
                raise StancepackError(f"{path}: {part!r} should map names to entries.")
        for name, entry in (content["variables"] | content["issues"]).items():
            codes = entry.get("codes")
            if not isinstance(codes, dict) or not all(
                isinstance(body, dict) for body in codes.values()
            ):
                raise StancepackError(f"{path}: {name!r} should map its codes to entries.")
            for code, body in codes.items():
                if not all(isinstance(other, dict) for other in _list(body.get("counterexamples"))):
                    raise StancepackError(
                        f"{path}: {name!r}, {code}: a counter-example is a mapping with text and code."
                    )
        for name, entry in content["rules"].items():
            if not all(isinstance(example, dict) for example in _list(entry.get("examples"))):
                raise StancepackError(
                    f"{path}: {name!r}: an example is a mapping with text and codes."
                )

    @classmethod
    def read(cls, path: Path) -> Codebook:
        """Read a codebook from a YAML file."""
        return cls(read_yaml(path), path)

    def __getitem__(self, name: str) -> dict[str, Any]:
        """Return the entry of an issue, a variable or a rule."""
        for part in ("issues", "variables", "rules", "units"):
            if name in self.content.get(part, {}):
                return dict(self.content[part][name])
        raise StancepackError(
            f"codebook: no issue, variable or rule {name!r}; {did_you_mean(name, self)}"
        )

    def __iter__(self) -> Iterator[str]:
        """Go through the names of issues, then variables."""
        return iter([*self.issues, *self.variables])

    def __len__(self) -> int:
        """Count issues and variables."""
        return len(self.issues) + len(self.variables)

    def __contains__(self, name: object) -> bool:
        """Tell whether an issue or variable of this name is coded."""
        return name in self.issues or name in self.variables

    def __repr__(self) -> str:
        """Say what it is in one line."""
        return f"Codebook {self.version}: {len(self.issues)} issues, {len(self.variables)} variables, {len(self.rules)} rules"

    @property
    def version(self) -> str:
        """The codebook's own version."""
        return str(self.content["version"])

    @property
    def issues(self) -> dict[str, dict[str, Any]]:
        """The issues, each an ordinal scale on which positions are coded."""
        return dict(self.content["issues"])

    @property
    def variables(self) -> dict[str, dict[str, Any]]:
        """The statement-level variables, coded once for each statement."""
        return dict(self.content["variables"])

    @property
    def rules(self) -> dict[str, dict[str, Any]]:
        """The numbered coding rules."""
        return dict(self.content["rules"])

    @cached_property
    def _codes(self) -> dict[str, list[str]]:
        codes = {
            name: [str(code) for code in entry["codes"]] for name, entry in self.variables.items()
        }
        return codes | {
            name: [*(str(code) for code in entry["codes"]), NOT_ADDRESSED]
            for name, entry in self.issues.items()
        }

    def codes(self, name: str) -> list[str]:
        """Return the codes of an issue (with ``NA``) or a variable, as text, in their order."""
        self[name]
        return self._codes[name]

    def scale(self, name: str) -> str:
        """Return the codes with their labels in one line, as a coding sheet shows them."""
        entry = self[name]
        parts = [f"{body.get('label', '')} = {code}" for code, body in entry["codes"].items()]
        if name in self.issues:
            parts.append(f"not addressed = {NOT_ADDRESSED}")
        return " | ".join(parts)

    def problems(self) -> list[str]:
        """List what is wrong with the codebook itself: gaps, and examples that break its own scales."""
        found: list[str] = []
        for name, entry in (self.variables | self.issues).items():
            if entry.get("level") not in LEVELS:
                found.append(
                    f"{name}: level {entry.get('level')!r} is not one of {', '.join(LEVELS)}"
                )
            found += [f"{name}: no {part}" for part in ("title", "question") if not entry.get(part)]
            for code, body in entry["codes"].items():
                parts = ("label", "definition", "use", "not", "examples", "counterexamples")
                found += [f"{name} = {code}: no {part}" for part in parts if not body.get(part)]
                for example in body.get("counterexamples") or []:
                    other = str(example.get("code"))
                    if other not in self.codes(name):
                        found.append(
                            f"{name} = {code}: counter-example has code {other!r}, not in the scale"
                        )
                    elif other == str(code):
                        found.append(
                            f"{name} = {code}: counter-example has the code it should not have"
                        )
        for name, rule in self.rules.items():
            found += [
                f"{name}: no {part}" for part in ("title", "rule", "examples") if not rule.get(part)
            ]
            for example in rule.get("examples") or []:
                for variable, code in (example.get("codes") or {}).items():
                    if variable not in self:
                        found.append(f"{name}: example names {variable!r}, which is not coded")
                    elif str(code) not in self.codes(variable):
                        found.append(
                            f"{name}: example codes {variable} as {code!r}, not in the scale"
                        )
        cited = set(re.findall(r"\b[RU]\d+\b", str(self.content)))
        known = {*self.rules, *self.content.get("units", {})}
        found += [f"rule {rule} is cited, but not there" for rule in sorted(cited - known)]
        return found

    def render(self, name: str | None = None) -> str:
        """Write the codebook, or one entry of it, as Markdown."""
        if name is not None:
            return "\n".join(_entry(name, self[name], 2))
        content = self.content
        lines = [
            f"# {content.get('title', 'Codebook')}",
            "",
            f"Version {self.version}. Every example is made up.",
            "",
        ]
        for part, heading in (("units", "Units"), ("rules", "Rules")):
            if content.get(part):
                lines += [f"## {heading}", ""]
                for key, entry in content[part].items():
                    lines += _entry(key, entry, 3)
        for part, heading in (("variables", "Statement-level variables"), ("issues", "Issues")):
            lines += [f"## {heading}", ""]
            if part == "issues":
                lines += [
                    f"`{key}`: {text}" for key, text in content.get("missing", {}).items()
                ] + [""]
            for key, entry in content[part].items():
                lines += _entry(key, entry, 3)
        if content.get("confidence"):
            lines += ["## Confidence", ""] + [
                f"- `{key}`: {text}" for key, text in content["confidence"].items()
            ]
        return "\n".join(lines) + "\n"


def _list(found: Any) -> list[Any]:
    """Return what should be a list as one; anything else as a list of itself."""
    return found if isinstance(found, list) else [] if found is None else [found]


def _entry(name: str, entry: dict[str, Any], depth: int) -> list[str]:
    lines = [f"{'#' * depth} `{name}` {entry.get('title', '')}".rstrip(), ""]
    for part in ("question", "scope", "rule"):
        if entry.get(part):
            lines += [" ".join(str(entry[part]).split()), ""]
    if entry.get("level"):
        lines += [f"Level: {entry['level']}.", ""]
    for example in entry.get("examples") or []:
        codes = ", ".join(f"`{key}` {code}" for key, code in (example.get("codes") or {}).items())
        lines.append(f"- Example: {example['text']}" + (f" → {codes}" if codes else ""))
    for code, body in (entry.get("codes") or {}).items():
        lines += [
            f"- **`{code}` {body.get('label', '')}.** {body.get('definition', '')}",
            f"  - Use: {body.get('use', '')}",
            f"  - Not: {body.get('not', '')}",
        ]
        lines += [f"  - Example: {text}" for text in body.get("examples") or []]
        lines += [
            f"  - But: {other['text']} → `{other['code']}`"
            for other in body.get("counterexamples") or []
        ]
    return [*lines, ""]
