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
        from stancepack.plots.figure import drawing

        names = self.attrs["choices"]
        ranked = self.dropna(subset=["value"]).sort_values("value", ignore_index=True)
        lanes = [(name, option) for name in names for option in dict.fromkeys(self[name])]
        figure = drawing(7.5, 2.6 + 0.17 * len(lanes))
        top, bottom = figure.subplots(2, 1, sharex=True, height_ratios=[2.2, 0.17 * len(lanes)])
        at = np.arange(len(ranked))
        if ranked["low"].notna().any():
            top.vlines(
                at,
                ranked["low"].astype(float),
                ranked["high"].astype(float),
                color="0.75",
                linewidth=0.8,
            )
        top.scatter(at, ranked["value"], s=6, color="#1f3f77", zorder=2)
        usual = ranked.index[ranked["usual"]]
        top.scatter(
            usual,
            ranked.loc[usual, "value"],
            s=60,
            facecolor="none",
            edgecolor="#b35806",
            linewidth=1.4,
            zorder=3,
        )
        top.axhline(0, color="0.8", linewidth=0.8, zorder=0)
        middle, low, high = ranked["value"].median(), ranked["value"].min(), ranked["value"].max()
        failed = len(self) - len(ranked)
        title = (
            f"{len(ranked)} specifications: median {middle:.2f}, from {low:.2f} to {high:.2f}"
            + (f"; {failed} gave none" if failed else "")
        )
        top.set_title(title, fontsize=9, loc="left")
        for lane, (name, option) in enumerate(lanes):
            here = np.flatnonzero((ranked[name] == option).to_numpy())
            bottom.scatter(here, np.full(len(here), lane), s=2, color="0.25", marker="|")
        bottom.set_yticks(
            range(len(lanes)), [f"{name}: {option}" for name, option in lanes], fontsize=6.5
        )
        bottom.invert_yaxis()
        bottom.set_xlabel("specifications in order of their result", fontsize=8)
        for axes in (top, bottom):
            axes.spines[["top", "right"]].set_visible(False)
            axes.tick_params(axis="x", labelsize=7)
        top.tick_params(labelsize=7)
        return figure


def universe(pkg: StancePackage, families: int = 5) -> dict[str, list[Any]]:
    """Return the choices that can be defended of these data, the usual one first; change it and hand it to `multiverse`.

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
        ``coder`` (settled, then each coder of the last round), ``ascribed``, ``restatements``,
        ``conditional``, ``exclude_source``, ``exclude_date_basis``.

    Examples
    --------
    >>> import stancepack as sp
    >>> sorted(sp.universe(sp.load()))[:3]
    ['ascribed', 'coder', 'conditional']
    """
    coders = pkg.settling("codings")["coder_id"].unique().tolist()
    family = pkg["statements"]["source"].str.partition("[")[0].str.partition("-")[0]
    largest = family.value_counts().head(families).index.tolist()
    return {
        "coder": [None, *coders],
        "ascribed": [True, False],
        "restatements": [False, True],
        "conditional": ["in", "out", "shrunk"],
        "exclude_source": [(), *[f"{name}-" for name in largest]],
        "exclude_date_basis": [(), "inferred"],
    }


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

    References ---------- Steegen, S., Tuerlinckx, F., Gelman, A., & Vanpaemel, W. (2016).
    Increasing transparency through a multiverse analysis. Perspectives on Psychological Science 11,
    702–712. https://doi.org/10.1177/1745691616658637

    Simonsohn, U., Simmons, J. P., & Nelson, L. D. (2020). Specification curve analysis. Nature
    Human Behaviour 4, 1208–1214. https://doi.org/10.1038/s41562-020-0912-z

    Examples
    --------
    >>> import stancepack as sp
    >>> def gap(pkg, **choices):
    ...     found = sp.evidence(pkg, "us-sites", **choices)
    ...     mean = found.groupby("side", observed=True)["value"].mean()
    ...     return mean["US"] - mean["Russia"]
    >>> table = sp.multiverse(sp.load(), gap, {"ascribed": [True, False], "conditional": ["in", "out"]})
    >>> len(table), bool((table["value"] > 0).all())
    (4, True)
    """
    grid = {**(universe(pkg) if choices is None else dict(choices)), **more}
    if not grid or not all(len(options) for options in grid.values()):
        raise StancepackError("a multiverse needs at least one choice, and every choice an option.")
    rows = []
    usual = {name: options[0] for name, options in grid.items()}
    for combination in product(*grid.values()):
        made = dict(zip(grid, combination, strict=True))
        row: dict[str, Any] = {name: _shown(option) for name, option in made.items()}
        row |= {"value": np.nan, "low": np.nan, "high": np.nan, "usual": made == usual, "note": ""}
        try:
            row |= _figures(analysis(pkg, **made))
        except StancepackError as error:
            row["note"] = str(error)
        rows.append(row)
    out = Multiverse(pd.DataFrame(rows))
    out.attrs["choices"] = list(grid)
    return out


def _shown(option: Any) -> str:
    return "usual" if option is None or option == () else str(option)


def _figures(result: Any) -> dict[str, float]:
    if isinstance(result, Mapping):
        found = {name: result.get(name, np.nan) for name in ("value", "low", "high")}
        if "value" not in result and "difference" in result:
            found["value"] = result["difference"]
        return {name: float(value) for name, value in found.items()}
    if isinstance(result, tuple):
        return dict(zip(("value", "low", "high"), map(float, result), strict=False))
    if hasattr(result, "value"):
        return {name: float(getattr(result, name, np.nan)) for name in ("value", "low", "high")}
    return {"value": float(result)}
