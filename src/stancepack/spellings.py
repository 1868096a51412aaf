"""Old spellings of public functions: they work for this major version, and say the new line.

A function whose spelling changed has the new signature alone, and is decorated with what it used to
take; MIGRATING.md lists the same for readers::

    @old_spellings(
        positional=("coefficient", "level"),  # what could follow the data by its place, in order
        renamed={"frame": "data", "replicates": "draws"},  # keywords that have another name now
        reread=reread_interval,  # what is more than another name: from keywords to keywords
    )
    def agreement(data, *, coefficient="alpha", level="ordinal", interval=0.95, ...): ...

Type checkers see the new signature only, so that they mark old spellings too.
"""

from __future__ import annotations

import functools
import reprlib
import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from importlib import import_module
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec
from types import ModuleType
from typing import TYPE_CHECKING, Any, ParamSpec, TypeVar, cast

from stancepack.errors import StancepackDeprecation, StancepackError

Parameters = ParamSpec("Parameters")
Result = TypeVar("Result")
Keywords = dict[str, Any]

_PLAIN = (str, int, float, bool, type(None), list, tuple)  # values that a line can show


def old_spellings(
    *,
    positional: Sequence[str] = (),
    renamed: Mapping[str, str] | None = None,
    reread: Callable[[Keywords], Keywords] | None = None,
) -> Callable[[Callable[Parameters, Result]], Callable[Parameters, Result]]:
    """Let a function take its old spellings too, with a `StancepackDeprecation`.

    Parameters
    ----------
    positional
        The arguments after the first that could be given by place, in their order.
    renamed
        Old names of keywords, with the new ones.
    reread
        Translates keywords whose meaning changed; is given those of the call, with new names.

    Examples
    --------
    >>> import warnings
    >>> @old_spellings(positional=("level",), renamed={"replicates": "draws"})
    ... def figure(data, *, level="ordinal", draws=100):
    ...     return level, draws
    >>> with warnings.catch_warnings(record=True) as caught:
    ...     warnings.simplefilter("always")
    ...     figure([], "nominal", replicates=5)
    ('nominal', 5)
    >>> print(caught[0].message)
    an old spelling, which works for this major version; write figure(…, level='nominal', draws=5)
    """

    def decorate(function: Callable[Parameters, Result]) -> Callable[Parameters, Result]:
        @functools.wraps(function)
        def spelt(*given: Any, **options: Any) -> Result:
            new = _renamed(function.__name__, options, renamed or {})
            new = reread(new) if reread is not None else new
            new = _placed(function.__name__, new, given[1:], positional)
            new = reread(new) if reread is not None and len(given) > 1 else new
            if len(given) > 1 or _differ(new, options):
                warnings.warn(
                    "an old spelling, which works for this major version; "
                    f"write {_line(function.__name__, new)}",
                    StancepackDeprecation,
                    stacklevel=2,
                )
            return cast("Callable[..., Result]", function)(*given[:1], **new)

        return cast("Callable[Parameters, Result]", spelt)

    return decorate


def _renamed(function: str, options: Keywords, renamed: Mapping[str, str]) -> Keywords:
    new = dict(options)
    for old in [name for name in options if name in renamed]:
        if renamed[old] in options:
            raise StancepackError(
                f"{function}: {old}= is the old name of {renamed[old]}=; give the new one alone."
            )
        new[renamed[old]] = new.pop(old)
    return new


def _placed(
    function: str, options: Keywords, by_place: Sequence[Any], positional: Sequence[str]
) -> Keywords:
    if len(by_place) > len(positional):
        raise TypeError(
            f"{function}() takes the data first and all else by keyword; "
            f"{1 + len(by_place)} arguments were given by place."
        )
    named = dict(zip(positional, by_place, strict=False))
    for name in named:
        if name in options:
            raise TypeError(f"{function}() got {name} by place and by keyword.")
    return {**named, **options}


def _differ(new: Keywords, options: Keywords) -> bool:
    """Return whether something was translated; values may not be compared, but are the same."""
    return new.keys() != options.keys() or any(new[name] is not options[name] for name in new)


def _line(function: str, options: Keywords) -> str:
    shown = {
        name: reprlib.repr(value) if isinstance(value, _PLAIN) else "…"
        for name, value in options.items()
        if name != "data"
    }
    return f"{function}({', '.join(['…', *(f'{name}={text}' for name, text in shown.items())])})"


class FormerFrame:
    """A result that used to be a frame: what frames can do is handed to its table, with a warning.

    Subclasses have a field or property ``table``, and fields for what was in ``attrs``.

    Examples
    --------
    >>> import warnings
    >>> import pandas as pd
    >>> class Result(FormerFrame):
    ...     table = pd.DataFrame({"low": [1, 2]})
    >>> with warnings.catch_warnings(record=True) as caught:
    ...     warnings.simplefilter("always")
    ...     Result()["low"].tolist()
    [1, 2]
    >>> print(caught[0].message)
    a Result is no frame any more; this works for this major version: write result.table['low']
    """

    table: Any

    @property
    def _former(self) -> Any:
        """What the result used to be."""
        return self.table

    def _warn(self, line: str) -> None:
        name = type(self).__name__
        warnings.warn(
            f"a {name} is no frame any more; this works for this major version: write "
            f"{name.lower()}.{line}",
            StancepackDeprecation,
            stacklevel=3,
        )

    if not TYPE_CHECKING:  # who checks types sees the new line alone

        def __getattr__(self, name: str) -> Any:
            """Hand what frames can do to the table."""
            if name.startswith("_") or name == "table":  # asked of what is only being made
                raise AttributeError(f"{type(self).__name__!r} object has no attribute {name!r}")
            value = getattr(self._former, name)
            self._warn(f"table.{name}")
            return value

        def __getitem__(self, key: Any) -> Any:
            """Return a column of the table."""
            self._warn(key if isinstance(self._former, dict) else f"table[{reprlib.repr(key)}]")
            return self._former[key]

        def __setitem__(self, key: Any, value: Any) -> None:
            """Set a column of the table."""
            self._warn(f"table[{reprlib.repr(key)}] = …")
            self._former[key] = value

        def __len__(self) -> int:
            """Count the rows of the table."""
            self._warn("table")
            return len(self._former)

        def __iter__(self) -> Iterator[Any]:
            """Go through the rows, so that pandas makes a frame of them, or the keys of a dict."""
            self._warn("table")
            former = self._former
            return iter(former if isinstance(former, dict) else former.to_dict("records"))

        def __contains__(self, key: Any) -> bool:
            """Tell whether the table has a column."""
            self._warn("table")
            return key in self._former

        @property
        def attrs(self) -> Mapping[str, Any]:
            """What used to stand in ``attrs`` of the frame is a field of the result."""
            kind = type(self)
            properties = [name for name in dir(kind) if isinstance(getattr(kind, name), property)]
            hidden = ("_", "attrs")
            names = [*getattr(self, "__dataclass_fields__", ()), *properties]
            names = [name for name in names if not name.startswith(hidden)]
            self._warn(f"NAME in place of attrs['NAME']; there are {', '.join(names)}")
            return {name: getattr(self, name) for name in names}

        def draw(self, axes: Any = None) -> Any:
            """Draw, and return the figure, or the axes given."""
            self._warn("plot(ax=…), which returns axes")
            drawn = self.plot(ax=axes)
            return drawn.get_figure(root=True) if axes is None else drawn

        def _compared(self, operation: str, other: Any) -> Any:
            self._warn("table")
            other = other._former if isinstance(other, FormerFrame) else other
            return getattr(self._former, operation)(other)

        def __eq__(self, other: object) -> Any:
            """Compare the table with that of another, or with a frame."""
            former = other._former if isinstance(other, FormerFrame) else other
            if other is self or not (isinstance(former, dict) or hasattr(former, "shape")):
                return other is self
            return self._compared("__eq__", other)

        __hash__ = object.__hash__

        def __gt__(self, other: Any) -> Any:
            """Compare the table."""
            return self._compared("__gt__", other)

        def __lt__(self, other: Any) -> Any:
            """Compare the table."""
            return self._compared("__lt__", other)


# modules of version 1, and where their names may be now
MOVED = {
    "adjudication": ("project.adjudication",),
    "aggregation": ("reliability.combining",),
    "anchors": ("files.passages",),
    "bibliography": ("project.bibliography",),
    "building": ("release.build", "release.tables", "release.dictionary"),
    "citation": ("dataset.citation",),
    "codebook": ("dataset.codebook",),
    "coding": ("project.sheets", "project.rounds", "project.units", "project.training"),
    "coefficients": ("reliability.weights", "reliability.coefficients"),
    "comparison": ("dataset.diff",),
    "dates": ("dataset.dates",),
    "diagnosis": ("reliability.diagnosis", "reliability.planning", "release.disagreements"),
    "measurement": (
        *("positions.trajectory", "positions.evidence", "positions.reversals"),
        *("positions.events", "positions.change_points"),
    ),
    "networks": ("positions.networks", "positions.scaling"),
    "ordinal": ("positions.state_space",),
    "package": ("dataset.package",),
    "patterns": ("reliability.counts",),
    "places": ("files.paths", "files.atomic"),
    "report": ("site.report",),
    "robustness": ("positions.multiverse",),
    "rows": ("files.tables",),
    "sampling": ("positions.nuts",),
    "schema": ("dataset.descriptor", "dataset.contract"),
    "simulation": ("positions.simulation",),
    "unitising": ("reliability.spans",),
}


class OldPlaces(MetaPathFinder, Loader):
    """Finds modules of version 1: empty ones, whose names come from where they are now."""

    def find_spec(
        self, name: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """Return how to load a module that has moved; None for every other one."""
        package, _, module = name.rpartition(".")
        is_moved = package == "stancepack" and module in MOVED
        return ModuleSpec(name, self) if is_moved else None

    def exec_module(self, module: ModuleType) -> None:
        """Let the module find its names where they are now, and say so."""
        rooms = [f"stancepack.{room}" for room in MOVED[module.__name__.rpartition(".")[2]]]

        def find(name: str) -> Any:
            for room in rooms:
                moved = None if name.startswith("__") else getattr(import_module(room), name, None)
                if moved is not None:
                    line = f"an old place; write from {room} import {name}"
                    warnings.warn(line, StancepackDeprecation, stacklevel=2)
                    return moved
            raise AttributeError(f"module {module.__name__!r} has no attribute {name!r}")

        module.__dict__["__getattr__"] = find
