"""A new project: small, with two made-up statements to replace, and valid as it stands."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from pathlib import Path
from typing import Any

from stancepack.arguments import a_path, a_text, texts
from stancepack.dataset import contract
from stancepack.dataset.codebook import Codebook
from stancepack.dataset.scales import Scale
from stancepack.dataset.settings import BIBLIOGRAPHY, Settings
from stancepack.dataset.settings import FILE as SETTINGS
from stancepack.errors import StancepackError, did_you_mean
from stancepack.files.mappings import parse_yaml
from stancepack.files.passages import fingerprint
from stancepack.files.paths import CODEBOOK, is_plain_name
from stancepack.files.quotations import FlatText
from stancepack.files.tables import Row, csv_text
from stancepack.project.coders import RESERVED
from stancepack.project.kept import STATEMENTS, KeptTable, kept_tables
from stancepack.project.project import Project
from stancepack.project.store import locked

MADE_UP = "made-up-"  # with which the ids of what is to be replaced begin
MADE_UP_TEXT = f"texts/{MADE_UP}speech.txt"
UNIT_MODULES = {"words": ["words"], "passage": ["sources", "passages"]}
CODER_KINDS = ("human", "language-model", "rule")
TEXT = """A made-up speech, to be replaced by a text of yours.

The first speaker said that "it should be done, and done
soon". The second speaker called it a mistake.
"""
_STATEMENTS = (  # speaker, date, words, quotation in the text, proposition
    ("a", "2020-03-01", "It should be done, and done soon.", "it should be done, and done soon"),
    ("b", "2020-05", "It would be a mistake.", "a mistake"),
)
_ISSUE_ID = re.compile(contract.table("issues")["fields"][0]["constraints"]["pattern"])
_PLAIN_WORD = re.compile(r"[A-Za-z][A-Za-z0-9_-]*|-?(0|[1-9][0-9]{0,8})")
_WORDS_OF_YAML = {"null", "true", "false", "yes", "no", "on", "off", "y", "n"}


@dataclass(frozen=True)
class Outline:
    """What a new project starts from.

    Parameters
    ----------
    issues
        The issues that positions are coded on, each with its question; an empty question is made
        from the name.
    scales
        The codes of each issue in their order, as ``oppose,neutral,favour``, ``0..10`` or
        ``-2..2``; one for all issues, or one for each.
    levels, neutrals
        Level of measurement and neutral code, likewise. Without a neutral code, it is ``neutral``,
        or 0 between negative and positive numbers, where there is one.
    coders
        Ids of those who code.
    coder_kind
        What they are: ``human``, ``language-model`` or ``rule``.
    adjudicator
        Id of who settles what they differ on.
    unit
        ``words`` that may be passed on (posts, sentences, votes), or a ``passage`` at offsets in a
        text that is not.
    modules
        Further modules of the contract, such as ``offices``, or ``joint`` for statements of several
        actors.
    name, title
        Name and title of the data set; made from the name of the folder if empty.

    Raises
    ------
    StancepackError
        If something of it cannot be.

    Examples
    --------
    >>> from stancepack.project.new import Outline
    >>> outline = Outline({"funding": "Should it be funded?"}, scales=("0..10",))
    >>> outline.scale_of["funding"].codes[-1], outline.all_modules
    ('10', ['words'])
    """

    issues: Mapping[str, str] = field(default_factory=lambda: {"policy": "Should it be done?"})
    scales: Sequence[str] = ("oppose,neutral,favour",)
    levels: Sequence[str] = ("ordinal",)
    neutrals: Sequence[str] = ("",)
    coders: Sequence[str] = ("coder-1", "coder-2")
    coder_kind: str = "human"
    adjudicator: str = "adjudicator"
    unit: str = "words"
    modules: Sequence[str] = ()
    name: str = ""
    title: str = ""

    def __post_init__(self) -> None:
        """Refuse what no project can start from."""
        if not isinstance(self.issues, Mapping):
            raise StancepackError("issues maps the id of each issue to its question.")
        for part in ("scales", "levels", "neutrals", "coders", "modules"):
            object.__setattr__(self, part, texts(part, getattr(self, part)))
        for part in ("coder_kind", "adjudicator", "unit", "name", "title"):
            a_text(part, getattr(self, part))
        if not self.issues:
            raise StancepackError("a project needs an issue to code; name one with --issue.")
        for issue in self.issues:
            a_text(f"the question of {issue!r}", self.issues[issue])
            if not _ISSUE_ID.fullmatch(a_text("the id of an issue", issue)):
                what = "cannot be the id of an issue; use letters, digits and hyphens"
                raise StancepackError(f"{issue!r} {what}, such as carbon-tax.")
        for part in ("scales", "levels", "neutrals"):
            if len(getattr(self, part)) not in (1, len(self.issues)):
                count = f"{len(getattr(self, part))} {part} for {len(self.issues)} issues"
                raise StancepackError(f"{count}; give one for all, or one for each in their order.")
        _one_of("unit", self.unit, UNIT_MODULES)
        _one_of("kind of coder", self.coder_kind, CODER_KINDS)
        for module in self.modules:
            _one_of(
                "module",
                module,
                [name for name in contract.MODULES if name not in contract.IMPLIED],
            )
        _check_people([*self.coders, self.adjudicator])
        if not self.coders:
            raise StancepackError("a project needs a coder; name one with --coders.")
        _ = self.scale_of  # refuses what is no scale

    @cached_property
    def scale_of(self) -> dict[str, Scale]:
        """The scale of each issue."""
        count = len(self.issues)
        parts = [
            [*values] * (count // len(values))
            for values in (self.scales, self.levels, self.neutrals)
        ]
        return {
            issue: Scale.parse(codes, name=issue, level=level, neutral=neutral or None)
            for issue, codes, level, neutral in zip(self.issues, *parts, strict=True)
        }

    @property
    def all_modules(self) -> list[str]:
        """The modules of the project, with those that others need, in the order of the contract."""
        wanted = {*UNIT_MODULES[self.unit], *self.modules}
        wanted |= {needed for module in wanted for needed in contract.NEEDS.get(module, [])}
        return [module for module in contract.MODULES if module in wanted]


def _one_of(what: str, word: str, known: Sequence[str] | Mapping[str, Any]) -> None:
    if word not in known:
        hint = did_you_mean(word, known)
        raise StancepackError(f"{what} {word!r} is not known; {hint}")


def _check_people(ids: Sequence[str]) -> None:
    for coder in ids:
        if not is_plain_name(coder) or coder in RESERVED:
            what = "cannot be the id of a coder; use small letters, digits and hyphens"
            raise StancepackError(f"{coder!r} {what}, such as ann-2.")
        if ids.count(coder) > 1:
            raise StancepackError(f"{coder!r} is named twice; whoever codes does not settle.")


def new_project(folder: str | Path, outline: Outline | None = None) -> Project:
    """Write a project that can be built, validated and reported as it stands.

    It has two made-up statements of made-up actors to replace, a codebook to fill in, and a README
    in each folder.

    Parameters
    ----------
    folder
        Where to; a folder that is there has to be empty, but for ``.git``.
    outline
        What is coded and by whom; three points of one issue and two coders if None.

    Returns
    -------
    Project
        The project; `build` makes its data.

    Raises
    ------
    StancepackError
        If the folder is not empty. Nothing is written then.

    Examples
    --------
    >>> import tempfile
    >>> import stancepack as sp
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     project = sp.new_project(folder, sp.Outline({"funding": "Should it be funded?"}))
    ...     [*project.units]
    ['made-up-1', 'made-up-2']
    """
    home, outline = a_path("folder", folder), Outline() if outline is None else outline
    if not isinstance(outline, Outline):
        raise StancepackError("outline is an Outline, such as sp.Outline({'funding': '…?'}).")
    try:
        _make_empty_folder(home)
    except OSError as error:
        raise StancepackError(f"{home}: cannot be made: {error.strerror}.") from None
    with locked(home) as store:
        store.write(starter_files(outline, home.resolve().name))
    return Project(home.resolve())


def _make_empty_folder(home: Path) -> None:
    if home.exists() and (not home.is_dir() or {path.name for path in home.iterdir()} - {".git"}):
        what = "is there already; name a folder that is not, or is empty."
        raise StancepackError(f"{home}: {what}")
    home.mkdir(parents=True, exist_ok=True)


def starter_files(outline: Outline, folder_name: str) -> dict[str, str]:
    """Return the files of a new project, by their paths."""
    name = outline.name or re.sub(r"[^a-z0-9._-]+", "-", folder_name.lower()).strip("-._")
    values: dict[str, Any] = {
        "name": name or "study",
        "title": outline.title or (name or "study").replace("-", " ").capitalize(),
        "created": date.today().isoformat(),
        "known_modules": {
            key: what for key, what in contract.MODULES.items() if key not in contract.IMPLIED
        },
        "modules": outline.all_modules,
        "coders": list(outline.coders),
        "adjudicator": outline.adjudicator,
        "issues": [_issue(outline, issue) for issue in outline.issues],
        "made_up": MADE_UP,
        "text": TEXT,
    }
    values["description"] = f"{values['title']}: stances coded by hand."
    files = {path: _rendered(path, values) for path in (SETTINGS, CODEBOOK)}
    settings = Settings(parse_yaml(files[SETTINGS].encode(), Path(SETTINGS)))
    book = Codebook(parse_yaml(files[CODEBOOK].encode(), Path(CODEBOOK)), CODEBOOK)
    values["tables"] = kept_tables(settings, book)
    readmes = ["README.md", "seeds/README.md", "coding/README.md"]
    files |= {path: _rendered(path, values) for path in readmes}
    files[".gitignore"] = _rendered("gitignore", values)
    if "sources" in outline.all_modules:
        files[BIBLIOGRAPHY] = _rendered(BIBLIOGRAPHY, values)
    if outline.unit == "passage":
        files[MADE_UP_TEXT] = TEXT
    return files | dict(_tables(outline, values["tables"]))


def _issue(outline: Outline, issue: str) -> dict[str, Any]:
    title = issue.replace("-", " ").replace("_", " ").capitalize()
    scale = outline.scale_of[issue]
    asked = (
        "Where does the speaker stand on" if scale.is_ordered else "Which code fits what is said on"
    )
    question = outline.issues[issue] or f"{asked} {title.lower()}?"
    return {"name": issue, "title": title, "question": question, "scale": scale}


def _tables(outline: Outline, tables: Mapping[str, KeptTable]) -> Iterator[tuple[str, str]]:
    """Go through the tables that are kept by hand: files and what they hold."""
    rows = {
        STATEMENTS: _statement_rows(outline),
        "actors": [_actor_row(tables["actors"], letter) for letter in ("a", "b")],
        "coders": [*_coder_rows(outline)],
    }
    for table in tables.values():
        if table.file.endswith(".csv"):
            blank = dict.fromkeys(table.columns, "")
            filled = [{**blank, **row} for row in rows.get(table.name, [])]
            yield table.file, csv_text(table.columns, filled)


def _actor_row(table: KeptTable, letter: str) -> Row:
    note = "Made up; replaced with the first statements of your own."
    row = {"actor_id": f"{MADE_UP}{letter}", "name": f"Made-up speaker {letter.upper()}"}
    return row | {"kind": "person", "note": note}


def _coder_rows(outline: Outline) -> Iterator[Row]:
    for coder in outline.coders:
        description = "Codes every statement alone; say here who or what it is."
        yield {
            "coder_id": coder,
            "kind": outline.coder_kind,
            "role": "coder",
            "description": description,
        }
    description = "Settles what the coders differ on; say here who or what it is."
    yield {
        "coder_id": outline.adjudicator,
        "kind": "human",
        "role": "adjudicator",
        "description": description,
    }


def _statement_rows(outline: Outline) -> list[Row]:
    rows = []
    for number, (letter, day, words, quote) in enumerate(_STATEMENTS, 1):
        row = {"statement_id": f"{MADE_UP}{number}", "date": day, "actor_id": f"{MADE_UP}{letter}"}
        if "joint" in outline.all_modules and number > 1:
            row["actor_id"] = f"{MADE_UP}a {MADE_UP}b"
        if outline.unit == "passage":
            [(start, end)] = FlatText(TEXT).find([quote])
            row |= {"source": f"{MADE_UP}speech", "start": str(start), "end": str(end)}
            row |= {"passage_sha256": fingerprint(TEXT[start:end]), "quote": quote}
        if "words" in outline.all_modules:
            row["text"] = words
        rows.append(row)
    return rows


# Templates


def _rendered(path: str, values: Mapping[str, Any]) -> str:
    from jinja2 import Environment, PackageLoader, StrictUndefined

    environment = Environment(
        loader=PackageLoader("stancepack.project", "starter"),
        undefined=StrictUndefined,
        trim_blocks=True,
        keep_trailing_newline=True,
        autoescape=False,
    )
    environment.filters |= {"yaml": _yaml_word, "cell": _markdown_cell, "sha256": fingerprint}
    return environment.get_template(f"{path}.jinja").render(values)


def _yaml_word(text: str) -> str:
    """Return text as YAML reads it back, whichever its reader: quoted where it may be more."""
    if _PLAIN_WORD.fullmatch(text) and text.casefold() not in _WORDS_OF_YAML:
        return text
    return json.dumps(text, ensure_ascii=False)


def _markdown_cell(text: object) -> str:
    return " ".join(str(text).split()).replace("|", "\\|")
