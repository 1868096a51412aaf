"""One number under every defensible choice, and the curve of them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from itertools import product
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from stancepack.errors import StancepackError

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from stancepack.dataset.package import StancePackage


_RESULTS = ("value", "low", "high", "usual", "note")


class Multiverse(pd.DataFrame):  # type: ignore[misc]
    """Every choice and what came of it, as a frame that can draw itself; see `multiverse`."""

    @property
    def _constructor(self) -> type[Multiverse]:
        return Multiverse

    def draw(self) -> Figure:
        """Draw the specification curve: the results in order, and below which choices made each.

        Returns
        -------
        matplotlib.figure.Figure
            Dots are results, bars their intervals where the analysis gave one; the ringed dot is
            the usual choice.
        """
        from stancepack.plots.specification_curve import draw_specification_curve

        return draw_specification_curve(self, self.attrs.get("choices", ()))


def universe(pkg: StancePackage, families: int = 5) -> dict[str, list[Any]]:
    """Return the choices that can be defended of these data; change them for `multiverse`.

    Parameters
    ----------
    pkg
        A package, as `load` gives it.
    families
        How many of the largest families of sources are left out in turn (by the first word of the
        source_id).

    Returns
    -------
    dict
        The options of each choice, the usual one first: ``coder`` (settled, then each coder of the
        last round), ``ascribed``, ``restatements``, ``conditional``, ``exclude_source``,
        ``exclude_date_basis``; without those that make no difference to these data.

    Examples
    --------
    >>> import stancepack as sp
    >>> sorted(sp.universe(sp.load()))[:3]
    ['ascribed', 'coder', 'conditional']
    """
    statements, roles = pkg["statements"], pkg.codebook.roles
    coders = pkg.settling("codings")["coder_id"].unique().tolist()
    choices: dict[str, list[Any]] = {"coder": [None, *coders]}
    if "ascribed" in roles:
        choices["ascribed"] = [True, False]
    if statements["repeats"].notna().any():
        choices["restatements"] = [False, True]
    if "conditional" in roles:
        issues = pkg["issues"]["issue_id"]
        can_shrink = all(pkg.scale(issue).neutral is not None for issue in issues)
        choices["conditional"] = ["in", "out", *(["shrunk"] if can_shrink else [])]
    if "source" in statements:
        sources = statements["source"].dropna().str.partition("[")[0]
        words = sources[sources.str.contains("-", regex=False)].str.partition("-")[0]
        largest = words.value_counts().head(families).index
        choices["exclude_source"] = [(), *[f"{word}-" for word in largest]]
    bases = set(statements["date_basis"].dropna())
    if "inferred" in bases and len(bases) > 1:
        choices["exclude_date_basis"] = [(), "inferred"]
    if len(coders) < 2:
        del choices["coder"]
    return {name: options for name, options in choices.items() if len(options) > 1}


def multiverse(
    pkg: StancePackage,
    analysis: Callable[..., Any],
    choices: Mapping[str, Sequence[Any]] | None = None,
    **more: Sequence[Any],
) -> Multiverse:
    """Redo a number under every combination of choices.

    Parameters
    ----------
    pkg
        A package, as `load` gives it.
    analysis
        A function of the package and of the choices by name; it returns a number, a triple (value,
        low, high), or anything with these as attributes (such as an `Agreement`) or keys.
    choices
        Each choice with its options, the usual one first; `universe` if None.
    more
        Further choices, such as ``window=[180, 365, 730]``.

    Returns
    -------
    Multiverse
        One row for each combination: the choices, ``value``, ``low``, ``high``, ``usual`` (all the
        usual options), ``note`` (why there is no value). ``.draw()`` draws the specification curve.

    Raises
    ------
    StancepackError
        If there is no choice to make.

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
    ...     positions = sp.evidence(pkg, "us-sites", **choices)
    ...     mean = positions.groupby("side", observed=True)["value"].mean()
    ...     return mean["US"] - mean["Russia"]
    >>> choices = {"ascribed": [True, False], "conditional": ["in", "out"]}
    >>> table = sp.multiverse(sp.load(), gap, choices)
    >>> len(table), bool((table["value"] > 0).all())
    (4, True)
    """
    grid = {**(universe(pkg) if choices is None else dict(choices)), **more}
    if not grid or not all(len(list(options)) for options in grid.values()):
        raise StancepackError("a multiverse needs at least one choice, and every choice an option.")
    if taken := sorted({*grid} & {*_RESULTS}):
        raise StancepackError(
            f"a choice cannot be called {taken[0]!r}: that is a column of results."
        )
    usual = tuple(next(iter(options)) for options in grid.values())
    rows = []
    for combination in product(*grid.values()):
        row = {name: _shown(option) for name, option in zip(grid, combination, strict=True)}
        rows.append(row | _result(pkg, analysis, dict(zip(grid, combination, strict=True))))
        rows[-1]["usual"] = combination == usual
    out = Multiverse(pd.DataFrame(rows)[[*grid, *_RESULTS]])
    out.attrs["choices"] = list(grid)
    return out


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


def _shown(option: Any) -> str:
    return "usual" if option is None or option == () else str(option)


def _figures(result: Any) -> dict[str, float]:
    names = ("value", "low", "high")
    if isinstance(result, Mapping):
        figures = {name: result.get(name, np.nan) for name in names}
        if "value" not in result and "difference" in result:
            figures["value"] = result["difference"]
        return {name: float(figure) for name, figure in figures.items()}
    if isinstance(result, tuple):
        return dict(zip(names, map(float, result), strict=False))
    if hasattr(result, "value"):
        return {name: float(getattr(result, name, np.nan)) for name in names}
    return {"value": float(result)}
