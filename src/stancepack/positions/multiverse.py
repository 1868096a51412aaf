"""One number under every defensible choice, and the curve of them."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from html import escape
from itertools import product
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from stancepack.arguments import listed
from stancepack.dataset.package import as_package
from stancepack.errors import StancepackError
from stancepack.positions.events import EventEffect
from stancepack.positions.evidence import all_issues, can_play, readings
from stancepack.positions.options import check_whole
from stancepack.spellings import FormerFrame, old_spellings

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from stancepack.dataset.package import StancePackage


_RESULTS = ("value", "low", "high", "usual", "note")
_MOST_FAMILIES = 1000
_COMPARABLE = 3  # the settled codes and two coders
_SHOWN = 10  # rows in a notebook


@dataclass(frozen=True, eq=False, repr=False)
class Multiverse(FormerFrame):
    """A number under every combination of choices; see `multiverse`."""

    table: pd.DataFrame
    choices: tuple[str, ...]

    def __repr__(self) -> str:
        """Say how far the results spread, and what the usual choice gives."""
        value = self.table["value"].dropna()
        failed = len(self.table) - len(value)
        none = f"; {failed} gave none" if failed else ""
        usual = self.table.loc[self.table["usual"], "value"].iloc[0]
        usual = "none" if pd.isna(usual) else f"{usual:.2f}"
        spread = f"median {value.median():.2f}, from {value.min():.2f} to {value.max():.2f}"
        return f"{len(value)} specifications: {spread}; the usual one {usual}{none}"

    def _repr_html_(self) -> str:
        return f"<p>{escape(repr(self))}</p>{self.table.head(_SHOWN).to_html(index=False)}"

    @property
    def apart(self) -> pd.DataFrame:
        """How far the mean results of the options of each choice lie apart, farthest first."""
        rows = []
        for choice in self.choices:
            means = self.table.groupby(choice, sort=False)["value"].mean()
            rows.append((choice, means.max() - means.min(), means.idxmin(), means.idxmax()))
        frame = pd.DataFrame(rows, columns=["choice", "apart", "lowest", "highest"])
        return frame.sort_values("apart", ascending=False, ignore_index=True)

    def summary(self) -> str:
        """Say how far results spread, and which choice moves them most."""
        rows = self.apart.to_string(index=False, float_format="{:.2f}".format)
        with_interval = int(self.table["low"].notna().sum())
        about = f"{with_interval} of the results have an interval of their own."
        return f"{self!r}.\n{about}\n\nmean results apart, by choice\n{rows}"

    def plot(self, ax: Axes | None = None) -> Axes:
        """Draw the specification curve: the results in order, and below which choices made each.

        Parameters
        ----------
        ax
            Where to draw; by default a figure of its own, which a notebook shows.

        Returns
        -------
        matplotlib.axes.Axes
            The axes of the results: dots are results, bars their intervals where the analysis gave
            one; the ringed dot is the usual choice.
        """
        from stancepack.plots.specification_curve import plot_specification_curve

        return plot_specification_curve(self.table, self.choices, repr(self), ax)


@old_spellings(positional=("families",), renamed={"pkg": "data"})
def universe(
    data: StancePackage | str | os.PathLike[str], *, families: int = 5
) -> dict[str, list[Any]]:
    """Return the choices that can be defended of these data; change them for `multiverse`.

    Parameters
    ----------
    data
        A package, as `load` gives it, or the path of one.
    families
        How many of the largest families of sources are left out in turn (by the first word of the
        source_id).

    Returns
    -------
    dict
        The options of each choice, the usual one first: ``coder`` (settled, then each coder, or
        those who read different statements together), ``ascribed``, ``restatements``,
        ``conditional``, ``exclude_source``, ``exclude_date_basis``; without those that make no
        difference to these data.

    Examples
    --------
    >>> import stancepack as sp
    >>> sorted(sp.universe(sp.load()))[:3]
    ['ascribed', 'coder', 'conditional']
    """
    pkg = as_package(data, "universe")
    check_whole("families", families, 0, _MOST_FAMILIES)
    positions = said = pkg.positions()
    if "statements" in pkg:
        said = pkg["statements"]
    choices: dict[str, list[Any]] = {"coder": [None]}
    if {"codings", "statements"} <= {*pkg}:
        choices["coder"] += readings(pkg)
    if can_play(pkg, positions, "ascribed"):
        choices["ascribed"] = [True, False]
    if "repeats" in said and said["repeats"].notna().any():
        choices["restatements"] = [False, True]
    if can_play(pkg, positions, "conditional"):
        can_shrink = all(pkg.scale(issue).neutral is not None for issue in all_issues(pkg))
        choices["conditional"] = ["in", "out", *(["shrunk"] if can_shrink else [])]
    if "source" in said:
        choices["exclude_source"] = [(), *_families(said["source"], families)]
    bases = set(said["date_basis"].dropna()) if "date_basis" in said else set()
    if "inferred" in bases and len(bases) > 1:
        choices["exclude_date_basis"] = [(), "inferred"]
    if len(choices["coder"]) < _COMPARABLE:
        del choices["coder"]
    return {name: options for name, options in choices.items() if len(options) > 1}


def _families(references: pd.Series[str], most: int) -> list[str]:
    """Return the beginnings of the sources that statements come from most often."""
    sources = references.dropna().astype(str).str.split("[", n=1).str[0]
    words = sources[sources.str.contains("-", regex=False)].str.split("-", n=1).str[0]
    return [f"{word}-" for word in words.value_counts().head(most).index]


@old_spellings(positional=("analysis", "choices"), renamed={"pkg": "data"})
def multiverse(
    data: StancePackage | str | os.PathLike[str],
    *,
    analysis: Callable[..., Any],
    choices: Mapping[str, Sequence[Any]] | None = None,
    **more: Sequence[Any],
) -> Multiverse:
    """Redo a number under every combination of choices.

    Parameters
    ----------
    data
        A package, as `load` gives it, or the path of one.
    analysis
        A function of the package and of the choices by name; it returns a number, a triple (value,
        low, high), or anything with these as attributes (such as an `Agreement` or an
        `EventEffect`, whose value is the difference) or keys.
    choices
        Each choice with a list of its options, the usual one first; `universe` if None.
    **more
        Further choices, such as ``window=[180, 365, 730]``.

    Returns
    -------
    Multiverse
        ``.table`` has one row for each combination: the choices, ``value``, ``low``, ``high``,
        ``usual`` (all the usual options), ``note`` (why there is no value). ``.apart`` says which
        choice moves the results most, ``.plot()`` draws the specification curve.

    Raises
    ------
    StancepackError
        If there is no choice to make, a choice has no list of options, or the analysis gives a
        number under none of them.

    References
    ----------
    Steegen, S., Tuerlinckx, F., Gelman, A., & Vanpaemel, W. (2016). Increasing transparency through
    a multiverse analysis. Perspectives on Psychological Science 11, 702–712.
    https://doi.org/10.1177/1745691616658637

    Simonsohn, U., Simmons, J. P., & Nelson, L. D. (2020). Specification curve analysis. Nature
    Human Behaviour 4, 1208–1214. https://doi.org/10.1038/s41562-020-0912-z

    Examples
    --------
    >>> import stancepack as sp
    >>> def gap(pkg, **choices):
    ...     positions = sp.evidence(pkg, issue="us-sites", **choices)
    ...     mean = positions.groupby("side", observed=True)["value"].mean()
    ...     return mean["US"] - mean["Russia"]
    >>> choices = {"ascribed": [True, False], "conditional": ["in", "out"]}
    >>> sp.multiverse(sp.load(), analysis=gap, choices=choices)
    4 specifications: median 2.64, from 2.61 to 2.67; the usual one 2.63
    """
    pkg = as_package(data, "multiverse")
    if not callable(analysis):
        what = f"analysis={analysis!r} should be a function of the package and the choices"
        raise StancepackError(f"{what}, such as lambda pkg, **choices: …")
    grid = _grid(universe(pkg) if choices is None else choices, more)
    rows = []
    for places in product(*(range(len(options)) for options in grid.values())):
        chosen = {
            name: options[place]
            for (name, options), place in zip(grid.items(), places, strict=True)
        }
        row = {name: _shown(option) for name, option in chosen.items()}
        rows.append(row | _result(pkg, analysis, chosen) | {"usual": not any(places)})
    table = pd.DataFrame(rows)[[*grid, *_RESULTS]]
    if table["value"].isna().all():
        what = "the analysis gives a number under none of the choices"
        raise StancepackError(f"{what}; under the usual ones: {table['note'].iloc[0] or 'nan'}")
    return Multiverse(table, tuple(grid))


def _grid(choices: Any, more: Mapping[str, Any]) -> dict[str, list[Any]]:
    """Return the options of every choice; refuse those in no order, and text for a list."""
    if not isinstance(choices, Mapping):
        raise StancepackError("choices should name each choice with a list of its options.")
    grid = {**choices, **more}
    for name, options in grid.items():
        if not isinstance(name, str):
            raise StancepackError(f"a choice is called by its option's name, not {name!r}.")
        if not isinstance(options, list | tuple | range | np.ndarray | pd.Series | pd.Index):
            what = f"{name}={options!r} should be a list of options, the usual one first"
            raise StancepackError(f"{what}.")
    if not grid or not all(len(options) for options in grid.values()):
        raise StancepackError("a multiverse needs at least one choice, and every choice an option.")
    if taken := sorted({*grid} & {*_RESULTS}):
        raise StancepackError(
            f"a choice cannot be called {taken[0]!r}: that is a column of results."
        )
    return {name: listed(name, options) for name, options in grid.items()}


def _result(
    pkg: StancePackage, analysis: Callable[..., Any], choices: dict[str, Any]
) -> dict[str, Any]:
    """Return the figures of one combination, or why there are none; other analyses go on."""
    result: dict[str, Any] = {"value": np.nan, "low": np.nan, "high": np.nan, "note": ""}
    try:
        return result | _figures(analysis(pkg, **choices))
    except StancepackError as error:
        return result | {"note": str(error)}
    except KeyError as error:  # what is left has no such actor, side or issue
        return result | {"note": f"nothing is left of {error}."}
    except Exception as error:  # of the analysis, which is not ours
        return result | {"note": f"{type(error).__name__}: {error}"}


def _shown(option: Any) -> str:
    is_nothing = isinstance(option, tuple | list) and not option
    if option is None or is_nothing:
        return "usual"
    return " + ".join(map(str, option)) if isinstance(option, tuple) else str(option)


def _figures(result: Any) -> dict[str, float]:
    names = ("value", "low", "high")
    if isinstance(result, Mapping):
        figures = {name: result.get(name, np.nan) for name in names}
        if "value" not in result and "difference" in result:
            figures["value"] = result["difference"]
    elif isinstance(result, tuple):
        figures = dict(zip(names, result, strict=False))
    elif isinstance(result, EventEffect):
        figures = {"value": result.difference}
    elif hasattr(result, "value"):
        figures = {name: getattr(result, name, np.nan) for name in names}
    else:
        figures = {"value": result}
    try:
        return {name: float(figure) for name, figure in figures.items()}
    except (TypeError, ValueError):
        what = f"the analysis gave {type(result).__name__}, which is no number"
        raise StancepackError(f"{what}; return one, or (value, low, high).") from None
