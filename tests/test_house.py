"""The house: wings that say what they hold, and no word of the shipped study in the machinery."""

from __future__ import annotations

import ast
import doctest
import importlib
import io
import re
import sys
import tokenize
from collections.abc import Iterator
from importlib.metadata import packages_distributions, requires
from pathlib import Path

import pytest

import stancepack as sp
from stancepack.errors import StancepackDeprecation
from stancepack.spellings import MOVED

HOUSE = Path(sp.__file__).parent
WINGS = sorted(path for path in HOUSE.iterdir() if path.is_dir() and path.name[0] not in "._")
MODULES = sorted(HOUSE.rglob("*.py"))
DATA_FILES = sorted(
    path
    for wing in WINGS
    for path in wing.rglob("*")
    if path.is_file() and path.suffix not in (".py", ".pyc")
)


def inside(path: Path) -> str:
    return path.relative_to(HOUSE).as_posix()


def test_every_module_lies_in_a_wing() -> None:
    outside = {path.name for path in HOUSE.glob("*.py")}
    for_every_wing = {"errors.py", "arguments.py", "spellings.py"}
    assert outside == {"__init__.py", "__main__.py", *for_every_wing}


@pytest.mark.parametrize("wing", WINGS, ids=lambda wing: wing.name)
def test_a_wing_says_what_comes_in_what_goes_out_and_what_it_may_not_know(wing: Path) -> None:
    module = ast.parse((wing / "__init__.py").read_text(encoding="utf-8"))
    title, _, paragraph = (ast.get_docstring(module) or "").partition("\n\n")
    assert title.endswith(".")
    assert re.match(r"In comes? .+\b[Oo]ut (go|come)", " ".join(paragraph.split()))


def test_no_name_hides_another() -> None:
    """A wing `agreement` would take the place of `sp.agreement`, a module `csv` of Python's."""
    assert not {wing.name for wing in WINGS} & {*sp.__all__}
    hiding = {"csv", "yaml", "bytes"}
    assert [inside(path) for path in MODULES if path.stem in hiding] == []


def imported_by(path: Path) -> Iterator[str]:
    """Yield the packages that a module imports, wherever in it."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name.partition(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module.partition(".")[0]


def test_what_is_imported_is_declared() -> None:
    """A package that another brings along today may be gone tomorrow."""
    imported = {name for path in MODULES for name in imported_by(path)}
    foreign = imported - {"stancepack", *sys.stdlib_module_names}
    required = [re.match(r"[\w.-]+", line) for line in requires("stancepack") or []]
    declared = {match[0].lower() for match in required if match}
    providers = packages_distributions()
    assert foreign
    undeclared = {
        name
        for name in foreign
        if not declared & {provider.lower() for provider in providers.get(name, [name])}
    }
    assert undeclared == set()


def words_of_the_study() -> set[str]:
    """Return the ids and names of the shipped data that no other study would have."""
    pkg = sp.load()
    columns = {
        "issues": ["issue_id", "title"],
        "actors": ["actor_id", "name", "side"],
        "sources": ["source_id"],
        "events": ["event_id", "title"],
        "systems": ["system_id", "name"],
        "offices": ["office_id"],
    }
    words: set[str] = set()
    for table, names in columns.items():
        for name in names:
            words.update(pkg[table][name].dropna().astype(str))
    people = pkg["actors"].loc[pkg["actors"]["kind"] == "person", "name"].astype(str)
    return (words | set(people.str.split().str[-1])) - {"other"}


def naming(words: set[str]) -> re.Pattern[str]:
    """Match these words; one that is plain English, such as limits, only where it stands alone."""
    english = {word for word in words if re.fullmatch("[a-z]+", word)}
    anywhere, alone = (
        "|".join(map(re.escape, sorted(some))) for some in (words - english, english)
    )
    return re.compile(
        rf"(?<![\w-])(?:{anywhere})(?![\w-])|(?:^|(?<=[\"'`]))(?:{alone})(?=[\"'`]|$)"
    )


def prose_of(text: str) -> str:
    """Return a docstring without its examples, which may be of the shipped study."""
    pieces = doctest.DocTestParser().parse(text)
    return "\n".join(piece for piece in pieces if isinstance(piece, str))


def docstrings_of(module: ast.Module) -> set[ast.expr]:
    holders = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)
    return {
        node.body[0].value
        for node in ast.walk(module)
        if isinstance(node, holders) and node.body and isinstance(node.body[0], ast.Expr)
    }


def said_in(path: Path) -> Iterator[tuple[int, str]]:
    """Yield the line and words of every text and comment of a module."""
    source = path.read_text(encoding="utf-8")
    module = ast.parse(source)
    docstrings = docstrings_of(module)
    for node in ast.walk(module):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.lineno, prose_of(node.value) if node in docstrings else node.value
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        if token.type == tokenize.COMMENT:
            yield token.start[0], token.string


def test_the_machinery_names_nothing_of_the_shipped_study() -> None:
    words = words_of_the_study()
    assert {"putin", "us-sites", "third-site"} <= words
    named = naming(words)
    assert named.search("the third-site of 'putin'")
    said = [(path, line, text) for path in MODULES for line, text in said_in(path)]
    said += [(path, 1, path.read_text(encoding="utf-8")) for path in DATA_FILES]
    found = {
        f"{inside(path)}, line {line}: {match[0]}"
        for path, line, text in said
        for match in named.finditer(text)
    }
    assert not found, "\n".join(sorted(found))


def test_names_of_version_1_are_found_where_they_were_and_say_where_they_are():
    for old, rooms in MOVED.items():
        module = importlib.import_module(f"stancepack.{old}")
        for room in rooms:
            now = importlib.import_module(f"stancepack.{room}")
            name = next(
                name
                for name in vars(now)
                if getattr(vars(now)[name], "__module__", "") == now.__name__
            )
            with pytest.warns(StancepackDeprecation, match="an old place; write from stancepack"):
                assert getattr(module, name) is getattr(now, name)
        with pytest.raises(AttributeError, match=f"'stancepack.{old}' has no attribute 'nothing'"):
            module.nothing  # noqa: B018


def test_what_never_was_is_not_found():
    with pytest.raises(ModuleNotFoundError, match=r"stancepack\.nowhere"):
        importlib.import_module("stancepack.nowhere")
