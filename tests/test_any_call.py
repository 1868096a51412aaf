"""Whatever a public name is called with, it returns, or says what is wrong, and ends soon.

The calls are drawn from the signatures, so that a new public name is in here by itself, and so are
new arguments: those that have a name of the common vocabulary with values of their kind, too.
"""

from __future__ import annotations

import contextlib
import datetime
import inspect
import io
import os
import re
import shutil
import signal
import sys
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import polars
import pytest
from any_things import data, nested, spans
from conftest import make_tiny
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

import stancepack as sp

EXAMPLES = int(os.environ.get("STANCEPACK_FUZZ", "600")) // 50  # 10000 for a long run
SECONDS = 20  # what no call on a tiny study takes
BYTES = 12 * 2**30  # of memory, which none needs
MADE_BY_HAND = ("Codebook", "Outline", "Project", "Scale")  # other classes are made by functions


def public_calls() -> dict[str, Callable[..., Any]]:
    """All that can be called: functions, classes, and what else makes an object of a class."""
    calls: dict[str, Callable[..., Any]] = {}
    for name in sp.__all__:
        public = getattr(sp, name)
        if inspect.isclass(public) and issubclass(public, Exception):
            continue
        calls[name] = public
        if inspect.isclass(public) and not issubclass(public, pd.DataFrame):
            for part, how in vars(public).items():
                is_public = not part.startswith("_") and f"{name}.{part}" != "Findings.of"
                if isinstance(how, classmethod | staticmethod) and is_public:
                    calls[f"{name}.{part}"] = getattr(public, part)
    return calls


CALLS = public_calls()


def plain_function(*given: Any, **options: Any) -> float:
    return 1.0


def failing_function(*given: Any, **options: Any) -> float:
    raise KeyError("US")


class Study:
    """The tiny study, which calls are about: its package, tables, and what it is passed as."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self.pkg = sp.load(home)
        self.tables = {name: self.pkg[name] for name in self.pkg}
        self.codings = codings = self.tables["codings"]
        self.codes = [codings, sp.codings(codings), polars.from_pandas(codings), self.pkg]
        self.paths = [self.pkg, home, str(home), home / "datapackage.json"] * 3
        self.paths += [sp.Project.open(home)]
        said = [("one", "2007", "us-sites", 1), ("two", "2008-05", "us-sites", -2)]
        columns = ["actor_id", "date", "issue_id", "position"]
        frame = pd.DataFrame(said, columns=columns)
        self.paths += [sp.StancePackage.from_tables({"positions": frame}, scales="-2..2")]
        self.paths += [sp.simulate(statements=40, actors=3)] * 4
        self.paths += ["own", Path("own"), "no/such", home / "texts"]
        content = self.pkg.codebook.content
        broken = [{**content, part: None} for part in content]
        self.contents = [content, *broken, {"version": 1, "issues": {}}, b"issues: ["]


@pytest.fixture(scope="module")
def study(tmp_path_factory: pytest.TempPathFactory) -> Study:
    return Study(make_tiny(tmp_path_factory.mktemp("any") / "tiny"))


@pytest.fixture(autouse=True)
def nowhere(study: Study, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Go into an empty folder, far from any project, with a bound to memory."""
    here = tmp_path / "deep" / "here"
    here.mkdir(parents=True)
    monkeypatch.chdir(here)
    monkeypatch.setenv("STANCEPACK_TEXTS", str(study.home / "texts"))
    with limited_memory():
        yield


@contextlib.contextmanager
def limited_memory() -> Iterator[None]:
    resource = pytest.importorskip("resource")
    soft, hard = resource.getrlimit(resource.RLIMIT_AS)
    with contextlib.suppress(ValueError, OSError):  # not every system can
        resource.setrlimit(resource.RLIMIT_AS, (BYTES, hard))
    try:
        yield
    finally:
        with contextlib.suppress(ValueError, OSError):
            resource.setrlimit(resource.RLIMIT_AS, (soft, hard))


class HangsError(BaseException):
    """A call that does not end."""


@contextlib.contextmanager
def deadline() -> Iterator[None]:
    def stop(*_: Any) -> None:
        raise HangsError

    before = signal.signal(signal.SIGALRM, stop)
    signal.setitimer(signal.ITIMER_REAL, SECONDS)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


# ------------------------------------------------------------------------------------------------
# what is passed

DAYS: list[Any] = [
    *("2007", "2007-05", "2007-05-03", "01/02/2007", "2006?/2009-09", "May 2007", "nat", "now"),
    *(2007, 20070503, -1, datetime.date(2007, 5, 3), datetime.datetime(2007, 5, 3, 12)),
    *(pd.Timestamp("2007-05-03"), pd.Timestamp("2007-05-03", tz="UTC"), np.datetime64("2007-05")),
    *(pd.NaT, "2009/2007", "0000", "9999-12-31"),
]
NUMBERS: list[Any] = [
    *(0, 1, 2, 3, 5, 20, -1, 10**9, 10**30, 0.5, 0.9, 1.0, -0.5, 1e-300, 1e300, True, False),
    *(float("nan"), float("inf"), np.float64(0.9), np.int8(3), "3", "0.9", None),
]
NAMES: dict[str, list[Any]] = {
    "actor": [
        "one",
        "two",
        "actor-1",
        ["one", "two"],
        "The first minister",
        "ONE",
        [],
        ["one", 3],
        "on",
    ],
    "side": ["other", ["other"], "side-1", "US", "OTHER", [], {"other"}],
    "coder": ["ada", "ben", "coder-1", ["ada", "ben"], "coder_id", "eve", []],
    "issue": [
        "us-sites",
        "us-sites",
        "issue-1",
        "issue-1",
        "joint-defence",
        "US sites",
        ["us-sites"],
        "us sites",
    ],
    "event": ["meeting", "The council meets", *DAYS],
    "by": ["side", "actor", "actor_id", "code", "coder", "pair", "issue_id"],
    "scale": [
        "-2..2",
        "0..10",
        "a,b,c",
        sp.Scale.parse("oppose,neutral,favour"),
        "2..-2",
        "0..1e9",
    ],
    "codes": ["coders", "settled", ("a", "b"), ["1", "2", "2"], ("-1", "0", "1"), {"a": 1}, "0..3"],
    "name": ["funding", "us-sites", ""],
    "level": ["nominal", "ordinal", "interval", "ratio", 0.9],
    "neutral": ["0", "b", "neutral", "9"],
    "method": [
        *("state", "window", "shares", "bca", "percentile", "jackknife", "analytic", "majority"),
        *("dawid_skene", "mace", "ordinal", "alpha", "AC2", "edtf"),
    ],
    "coefficient": ["alpha", "ac1", "ac2", "fleiss_kappa", "cohen_kappa", "icc1", "percent"],
    "aggregation": ["subtract", "congruence", "conflict", "combine", "ignore"],
    "normalisation": ["no", "average", "jaccard", "cosine", "activity", "prominence"],
    "mode": ["one", "two"],
    "duplicates": ["include", "document", "week", "month", "year", "acrossrange"],
    "period": ["YS", "MS", "D", "week", "garbage"],
    "step": ["MS", "6MS", "YS", "D", "s", "garbage", "-1D", "0D"],
    "kernel": ["gaussian", "uniform", "epanechnikov"],
    "engine": ["laplace", "laplace", "none"],  # the sampler takes minutes
    "conditional": ["in", "out", "lower", "only"],
    "uncertainty": [("statements",), ("coders", "dates"), [], "statements", {"restatements"}],
    "positive": ["us-sites", "one", "joint-defence"],
    "variant": ["u", "|u", "cu", "u1995"],
    "continuum": [(0, 10), (5, 1), (0, float("inf")), [0, 10], (0, 1, 2)],
    "layout": ["long", "wide", "counts", "coders-in-rows"],
    "analysis": [plain_function, failing_function, len, lambda pkg, **more: pkg["statements"]],
    "text": ["-2..2", "0..10", "a,b,c", "2..-2", "0..999999999999", "..", ",", "a,a"],
    "unit": ["unit", ["statement_id", "issue_id"], "passage", "words"],
    "value": ["code", "position", "value"],
    "table": ["codings", "statements"],
    "scales": [("-2..2",), ["0..10", "a,b"], "0..10", {"us-sites": "-2..2"}, ("2..1",)],
    "levels": [("nominal",), ("ordinal", "nominal"), "interval"],
    "neutrals": [("",), ("0",), "neutral"],
    "modules": [(), ("events",), ["offices", "joint"], "systems", ("moods",)],
    "coder_kind": ["human", "language-model", "person"],
    "issues": [{"funding": "Should it be funded?"}, {"a": "A?", "b": "B?"}, {"Ä b": "?"}, 2, 1],
    "coders": [("ann", "bob"), ["ann"], ("ann", "ann"), ("../x",), 2, 3],
    "labels": [("low", "high"), ["a"], ()],
    "poles": [("against", "for"), ("a",), None],
}
ARE_DAYS = ("start", "end", "date", "day")
ARE_NUMBERS = (
    *("draws", "seed", "interval", "width", "window", "permutations", "replicates", "dimensions"),
    *("least", "prior", "families", "actors", "statements", "years", "drift"),
    *("spread", "noise", "severity", "undated", "uneven", "each", "gap", "iterations", "units"),
)
ARE_PACKAGES = ("pkg", "path", "old", "new", "home", "project", "package", "folder")


def values_of(name: str, study: Study) -> st.SearchStrategy[Any]:
    """What has the kind that an argument of this name has, as far as the name says it."""
    if name in ARE_PACKAGES:
        return st.sampled_from(study.paths)
    if name in ARE_DAYS:
        return st.sampled_from(DAYS)
    if name in ARE_NUMBERS:
        return st.sampled_from(NUMBERS)
    if name in NAMES:
        return st.sampled_from(NAMES[name])
    if name == "data":
        return st.one_of(data, data, spans, st.sampled_from(study.codes))
    if name == "content":
        return st.sampled_from(study.contents)
    if name == "tables":
        return tables_of(study)
    if name == "rows":
        row = {"statement_id": "N1", "actor_id": "one", "date": "2007", "quote": "Yes."}
        rows = [[row], [row, row], [{**row, "date": 2007}], [{**row, "source": "speech"}], [{}]]
        return st.sampled_from([*rows, [{"x": "y"}], [row | {"start": "0", "end": "10"}]])
    if name == "outline":
        outlines = [{}, {"scales": ("0..10",)}, {"unit": "passage"}, {"modules": ("events",)}]
        return st.sampled_from([sp.Outline(**options) for options in outlines])
    if name == "choices":
        given = [{"codes": ["settled"]}, {"conditional": ["in", "out"], "x": []}, {"value": [1]}]
        return st.sampled_from([*given, {"codes": {"coders", "settled"}}, {1: [2]}])
    return nested


def tables_of(study: Study) -> st.SearchStrategy[Any]:
    """Tables of the study, some of them, whole or broken."""
    names = st.lists(st.sampled_from(sorted(study.tables)), max_size=4, unique=True)

    def broken(frame: pd.DataFrame, how: int) -> Any:
        ways: list[Any] = [
            frame,
            frame.head(0),
            frame.iloc[:, :2],
            frame.astype(object),
            frame.to_dict("records"),
            frame.rename(columns={frame.columns[0]: frame.columns[-1]}),
            polars.from_pandas(frame.astype(str)),
        ]
        return ways[how % len(ways)]

    return st.builds(
        lambda names, how: {name: broken(study.tables[name], how) for name in names},
        names,
        st.integers(0, 6),
    )


def things(study: Study) -> st.SearchStrategy[Any]:
    """What people pass by mistake."""
    day = pd.date_range("2007", periods=3, tz="Europe/Moscow")
    mistakes = [
        *(None, "", " ", "\0", "no/such.csv", "Владимир", "a" * 1000, b"bytes", object(), ...),
        *(study.pkg, study.codings, study.codings.head(0), study.home, study.home / "nothing"),
        *(study.codings["position"], study.pkg.codebook, study.pkg.scale("us-sites"), sp, print),
        *(int, sp.Scale, np.arange(3), np.array([]), np.array("x"), day, day[0], pd.Series(day)),
        *(pd.DataFrame(), pd.DataFrame({"a": [[1], None]}), range(10**12), Path("nothing")),
        *NUMBERS,
    ]
    generators = st.builds(lambda: (part for part in ("one", 2, None)))
    return st.one_of(st.sampled_from(mistakes), nested, generators).filter(is_harmless)


def is_harmless(thing: Any) -> bool:
    """Tell whether it names no folder outside, which a call may be right to write into."""
    if isinstance(thing, Path):
        return True
    texts = [text for text in texts_in(thing) if text != "no/such.csv"]
    return not any(set(text) & set("/\\~") or text in (".", "..") for text in texts)


def texts_in(thing: Any) -> list[str]:
    if isinstance(thing, str | Path):
        return [str(thing)]
    if isinstance(thing, dict):
        return [text for pair in thing.items() for part in pair for text in texts_in(part)]
    if isinstance(thing, list | tuple | set | frozenset):
        return [text for part in thing for text in texts_in(part)]
    return []


def drawn_call(
    draw: Callable[..., Any], call: Callable[..., Any], study: Study
) -> tuple[list[Any], dict[str, Any]]:
    """Draw arguments by place and by name: of their kind, or a share of them of any kind."""
    strangers = draw(st.sampled_from([0, 0, 1, 3, 9]))  # of ten arguments

    def drawn(name: str, parameter: inspect.Parameter | None = None) -> Any:
        is_strange = draw(st.integers(1, 10)) <= strangers
        return draw(things(study) if is_strange else of_its_kind(name, study, parameter))

    by_place: list[Any] = []
    by_name: dict[str, Any] = {}
    still_by_place = True
    for name, parameter in inspect.signature(call).parameters.items():
        if parameter.kind is parameter.VAR_POSITIONAL:
            by_place += draw(st.lists(things(study), max_size=2)) if still_by_place else []
            continue
        if parameter.kind is parameter.VAR_KEYWORD:
            for option in draw(st.lists(st.sampled_from(options_of(call, parameter)), max_size=3)):
                by_name.setdefault(option, drawn(option))
            continue
        is_needed = parameter.default is parameter.empty or is_package(name, parameter)
        if draw(st.integers(0, 19)) >= (19 if is_needed else 6):
            still_by_place = False
        elif parameter.kind is not parameter.KEYWORD_ONLY and still_by_place:
            by_place.append(drawn(name, parameter))
        else:
            by_name[name] = drawn(name, parameter)
    return by_place, by_name


def options_of(call: Callable[..., Any], parameter: inspect.Parameter) -> list[str]:
    """Return the names that further keywords have, as the annotation says; and a wrong one."""
    typed = re.search(r"Unpack\[(\w+)\]", str(parameter.annotation))
    if typed:
        modules = [vars(module) for name, module in sys.modules.items() if "stancepack" in name]
        kind = next(names[typed[1]] for names in modules if typed[1] in names)
        return [*kind.__annotations__, "intervall"]
    return [*inspect.signature(sp.evidence).parameters, "intervall"][1:]


def is_package(name: str, parameter: inspect.Parameter) -> bool:
    """Tell whether a package is asked for; without one, the shipped one is read, which is slow."""
    return name in ARE_PACKAGES or "StancePackage" in str(parameter.annotation)


def of_its_kind(
    name: str, study: Study, parameter: inspect.Parameter | None
) -> st.SearchStrategy[Any]:
    """What may be given for an argument of this name, annotation and default."""
    if parameter is None:
        return values_of(name, study)
    if name == "conformance":
        return st.just(False)  # another library, of which nothing is asked here, and slow
    if isinstance(parameter.default, bool):
        return st.booleans()
    if is_package(name, parameter):
        return st.sampled_from(study.paths)
    kind = values_of(name, study)
    has_default = parameter.default is not parameter.empty
    return st.one_of(kind, st.just(parameter.default)) if has_default else kind


# ------------------------------------------------------------------------------------------------
# what comes of it


def fits(call: Callable[..., Any], by_place: list[Any], by_name: dict[str, Any]) -> bool:
    try:
        inspect.signature(call).bind(*by_place, **by_name)
    except TypeError:
        return False
    return True


def show(result: Any) -> None:
    """Look at a result as a console and a notebook do."""
    repr(result)
    for part in ("table", "summary", "_repr_html_"):
        shown = getattr(result, part, None) if not isinstance(result, pd.DataFrame) else None
        if callable(shown):
            shown()


def written(here: Path, by_place: list[Any], by_name: dict[str, Any]) -> set[str]:
    """Return what was written into the current folder without being named."""
    given = [*by_place, *by_name.values()]
    paths = [Path(text) for text in texts_in(given)]
    named = {path.parts[0] for path in paths if path.parts}
    there = {path.name for path in here.iterdir()}
    for path in here.iterdir():
        shutil.rmtree(path) if path.is_dir() else path.unlink()
    return there - named


@pytest.mark.skipif(not hasattr(signal, "SIGALRM"), reason="nothing stops a call that hangs here")
@pytest.mark.parametrize("name", CALLS)
@given(draws=st.data())
@settings(
    max_examples=EXAMPLES,
    deadline=None,
    database=None,
    phases=[Phase.generate],  # a call that hangs is not called again and again to shrink it
    suppress_health_check=list(HealthCheck),
)
def test_a_call_returns_or_says_what_is_wrong(
    name: str, study: Study, draws: st.DataObject
) -> None:
    call = CALLS[name]
    by_place, by_name = drawn_call(draws.draw, call, study)
    output = io.StringIO()
    with warnings.catch_warnings(), contextlib.redirect_stdout(output), deadline():
        warnings.simplefilter("ignore", sp.StancepackDeprecation)
        warnings.simplefilter("ignore", sp.StancepackWarning)
        try:
            result = call(*by_place, **by_name)
            if not inspect.isclass(call) or name in MADE_BY_HAND:
                show(result)
        except sp.StancepackError as error:
            if not str(error).strip():
                raise AssertionError("an error has words") from error
        except TypeError:
            if fits(call, by_place, by_name):
                raise
    assert output.getvalue() == "", "nothing is printed"
    assert written(Path.cwd(), by_place, by_name) == set()


def test_every_public_name_is_called_here() -> None:
    errors = {name for name in sp.__all__ if name.startswith("Stancepack")}
    assert set(sp.__all__) - set(CALLS) == errors | {"NotConverged", "UnknownName"}
    assert {"Scale.parse", "Codebook.read", "Project.open"} <= set(CALLS)
