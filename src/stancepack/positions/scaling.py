"""Actors placed in one or two dimensions by their positions."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from html import escape
from typing import TYPE_CHECKING, Unpack

import numpy as np
import pandas as pd

from stancepack.dataset.names import issue_id
from stancepack.dataset.package import as_package
from stancepack.errors import NotConverged, StancepackError, UnknownName, did_you_mean
from stancepack.positions.evidence import Choices, Choosing, all_issues, all_sides, collected
from stancepack.positions.options import check_draws, check_interval, check_whole
from stancepack.spellings import FormerFrame, Keywords, old_spellings

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from numpy.typing import NDArray

    from stancepack.dataset.package import StancePackage
    from stancepack.reliability.counts import Floats

_UNITS = 4  # in a span, so that scales can be compared: −2 to 2 is four units wide
_FEWEST_ACTORS, _FEWEST_ISSUES = 3, 2
_BORROWED = 1.0  # statements that an issue's mean counts for in each cell
_KEPT = 0.9  # of the solution's own guess of a cell, so that the iteration converges
_ROUNDS, _STILL = 2000, 1e-6
_MOST_DIMENSIONS = 2
_MOST_NEEDED = 1_000_000  # positions of an actor
_SHOWN = 10  # rows in a notebook


@dataclass(frozen=True, eq=False, repr=False)
class Scaling(FormerFrame):
    """Actors placed by their positions; see `scale`."""

    table: pd.DataFrame
    dimensions: int
    explained: list[float]
    loadings: Mapping[str, Mapping[str, float]]
    positive: str
    interval: float | None
    draws: int
    sides: tuple[str, ...] = ()  # of the package: a side has the same colour in every figure

    def __repr__(self) -> str:
        """Say how many actors and positions there are, and what the dimensions explain."""
        shares = " and ".join(f"{share:.0%}" for share in self.explained)
        width = f"{self.interval:.0%} intervals" if self.interval else "no intervals"
        where = "1 dimension" if self.dimensions == 1 else f"{self.dimensions} dimensions"
        count = f"{len(self.table)} actors, n = {self.n} positions"
        return f"scaling in {where} ({shares} of variance), {count}, {width}"

    def _repr_html_(self) -> str:
        return f"<p>{escape(repr(self))}</p>{self.table.head(_SHOWN).to_html(index=False)}"

    @property
    def n(self) -> int:
        """How many positions there are."""
        return int(self.table["n"].sum())

    def summary(self) -> str:
        """Say how actors were placed, who stands at the ends, and where issues point."""
        columns = [name for name in self.table if name not in ("actor_id", "side")]
        ends = self.table.iloc[[0, 1, -2, -1]][columns].drop_duplicates()
        loadings = pd.DataFrame(self.loadings).rename_axis("issue").reset_index()
        how = "Principal components of mean positions, by actor and issue"
        drawn = f"{self.draws} draws of statements" if self.interval else "no draws"
        parts = [
            f"{self!r}.\n{how}; {drawn}; higher is more in favour of {self.positive!r}.",
            f"at the ends\n{ends.to_string(index=False, float_format='{:.2f}'.format)}",
            f"loadings\n{loadings.to_string(index=False, float_format='{:.2f}'.format)}",
        ]
        return "\n\n".join(parts)

    def plot(self, ax: Axes | None = None) -> Axes:
        """Draw where each actor stands, with its interval, in the colour of its side.

        Parameters
        ----------
        ax
            Where to draw; by default a figure of its own, which a notebook shows.

        Returns
        -------
        matplotlib.axes.Axes
            The axes drawn on; ``.figure.savefig(…)`` keeps the figure.

        Examples
        --------
        >>> import stancepack as sp
        >>> sp.scale(sp.load(), draws=20).plot().get_xlabel()
        'first dimension'
        """
        from stancepack.plots.scaling import plot_scaling

        return plot_scaling(self, ax)


def _reread(new: Keywords) -> Keywords:
    """Read no draws, which was no interval."""
    draws = new.get("draws")
    if isinstance(draws, int) and not isinstance(draws, bool) and draws == 0:
        return {name: value for name, value in new.items() if name != "draws"} | {"interval": None}
    return new


@old_spellings(
    positional=("dimensions",),
    renamed={"pkg": "data", "level": "interval", "replicates": "draws"},
    reread=_reread,
)
def scale(
    data: StancePackage | str | os.PathLike[str],
    *,
    dimensions: int = 1,
    positive: str | None = None,
    least: int = 5,
    interval: float | None = 0.9,
    draws: int = 500,
    seed: int = 0,
    **choices: Unpack[Choosing],
) -> Scaling:
    """Place actors in one or two dimensions by their positions on all issues.

    Intervals come from resampled statements. Issues whose codes have no order are left out.

    Parameters
    ----------
    data
        A package, as `load` gives it, or the path of one.
    dimensions
        1 or 2.
    positive
        The issue, by id or title, whose higher codes are positive in every dimension; if None the
        first one with a neutral code, or else the first one.
    least
        Actors with fewer positions are left out.
    interval, draws, seed
        The width of the intervals (None for none), and the draws behind them: each actor's
        statements are drawn again, and the solution is turned to the first one.
    **choices
        As for `evidence`.

    Returns
    -------
    Scaling
        ``.table`` has one row for each actor: ``actor_id``, ``actor``, ``side``, ``n``, and for
        each dimension ``x1``, ``x1_low``, ``x1_high`` …, in order of ``x1``; in quarters of the
        issues' spans. ``.explained`` is the share of variance of each dimension, ``.loadings`` the
        issues' directions. ``.plot()`` draws it.

    Raises
    ------
    StancepackError
        If fewer than three actors or two issues are left, or `positive` is none of these issues.
    NotConverged
        If the solution does not come to rest.

    Notes
    -----
    Principal components of actors' mean positions, cells without statements filled in by the
    solution itself, iterated (a probabilistic principal component analysis), each cell shrunk
    towards the issue's mean by how few statements it has.

    References
    ----------
    Tipping, M. E., & Bishop, C. M. (1999). Probabilistic principal component analysis. Journal of
    the Royal Statistical Society B 61, 611–622. https://doi.org/10.1111/1467-9868.00196

    Examples
    --------
    >>> import stancepack as sp
    >>> places = sp.scale(sp.load(), draws=20)
    >>> places.table.columns.tolist()
    ['actor_id', 'actor', 'side', 'n', 'x1', 'x1_low', 'x1_high']
    """
    pkg = as_package(data, "scale")
    check_whole("dimensions", dimensions, 1, _MOST_DIMENSIONS)
    check_whole("least", least, 1, _MOST_NEEDED)
    check_interval(interval)
    check_draws(draws, seed)
    cells = Cells.of(pkg, least, Choices.of(choices))
    places, loadings, explained = _components(cells, cells.all_positions, dimensions)
    axis = cells.positive(pkg, positive)
    sign = np.sign(loadings[:, cells.issues.index(axis)])
    sign[sign == 0] = 1
    places, loadings = places * sign, loadings * sign[:, None]
    band = _band(cells, places, interval, draws, np.random.RandomState(seed))
    names = [f"x{number + 1}" for number in range(dimensions)]
    return Scaling(
        table=_table(pkg, cells, dict(zip(names, zip(places.T, *band, strict=True), strict=True))),
        dimensions=dimensions,
        explained=explained[:dimensions].tolist(),
        loadings={
            name: dict(zip(cells.issues, direction.tolist(), strict=True))
            for name, direction in zip(names, loadings, strict=True)
        },
        positive=axis,
        interval=interval,
        draws=draws,
        sides=tuple(all_sides(pkg)),
    )


def _table(
    pkg: StancePackage, cells: Cells, figures: Mapping[str, tuple[Floats, Floats, Floats]]
) -> pd.DataFrame:
    """Return the actors with their places and intervals, in order."""
    people = pkg.positions().drop_duplicates("actor_id").set_index("actor_id").reindex(cells.actors)
    table = {
        "actor_id": cells.actors,
        "actor": people["actor"].tolist(),
        "side": people["side"].astype(str).tolist(),
        "n": np.bincount(cells.actor).tolist(),
    }
    for name, (place, low, high) in figures.items():
        table |= {name: place, f"{name}_low": low, f"{name}_high": high}
    return pd.DataFrame(table).sort_values("x1", ignore_index=True)


@dataclass(frozen=True)
class Cells:
    """Positions by actor and issue, on one common span."""

    actors: list[str]
    issues: list[str]
    actor: NDArray[np.intp]  # of each position
    issue: NDArray[np.intp]
    value: Floats

    @classmethod
    def of(cls, pkg: StancePackage, least: int, choices: Choices) -> Cells:
        """Collect the positions on ordered issues of actors with enough of them."""
        positions = collected(pkg, None, choices).dropna(subset=["value"])
        n = positions["actor_id"].value_counts()
        positions = positions[positions["actor_id"].isin(n[n >= least].index)]
        actor, actors = pd.factorize(positions["actor_id"].astype(str), sort=True)
        issue, issues = pd.factorize(positions["issue_id"].astype(str), sort=True)
        if len(actors) < _FEWEST_ACTORS or len(issues) < _FEWEST_ISSUES:
            what = f"scaling needs three actors with {least} positions and two issues in an order"
            raise StancepackError(f"{what}; lower `least`.")
        units = {name: pkg.scale(name).span / _UNITS for name in issues}
        middles = {name: pkg.scale(name).middle for name in issues}
        about = positions["issue_id"].astype(str)
        value = (positions["value"] - about.map(middles)) / about.map(units)
        return cls(actors.tolist(), issues.tolist(), actor, issue, value.to_numpy(dtype=float))

    @property
    def all_positions(self) -> NDArray[np.intp]:
        """The numbers of all positions."""
        return np.arange(len(self.value))

    def totals(self, chosen: NDArray[np.intp]) -> tuple[Floats, Floats]:
        """Return count and sum of some positions by actor and issue."""
        count = np.zeros((len(self.actors), len(self.issues)))
        total = np.zeros_like(count)
        np.add.at(count, (self.actor[chosen], self.issue[chosen]), 1.0)
        np.add.at(total, (self.actor[chosen], self.issue[chosen]), self.value[chosen])
        return count, total

    def positive(self, pkg: StancePackage, issue: str | None) -> str:
        """Return the issue that decides the sign."""
        if issue is not None:
            issue = issue_id(pkg, issue)
            if issue not in self.issues:
                hint = did_you_mean(issue, self.issues)
                raise UnknownName(f"positive={issue!r} is no issue that is scaled; {hint}")
            return issue
        in_order = [name for name in all_issues(pkg) if name in self.issues]
        with_neutral = [name for name in in_order if pkg.scale(name).neutral is not None]
        return str((with_neutral or in_order)[0])


def _components(
    cells: Cells, chosen: NDArray[np.intp], dimensions: int
) -> tuple[Floats, Floats, Floats]:
    """Return actors × dimensions, dimensions × issues (loadings), and shares of variance."""
    count, total = cells.totals(chosen)
    of_issue = total.sum(axis=0) / np.maximum(count.sum(axis=0), 1)
    weight = count / (count + _BORROWED)
    mean = np.where(count > 0, total / np.maximum(count, 1), 0.0) - of_issue
    own = weight * np.where(count > 0, mean, 0.0)
    filled = own
    for _ in range(_ROUNDS):
        left, size, right = np.linalg.svd(filled, full_matrices=False)
        fitted = (left[:, :dimensions] * size[:dimensions]) @ right[:dimensions]
        after = own + (1 - weight) * _KEPT * fitted
        if np.abs(after - filled).max() < _STILL:
            break
        filled = after
    else:
        what = f"the solution still moves after {_ROUNDS} rounds"
        raise NotConverged(f"{what}; take fewer dimensions, or raise `least`.")
    places = left[:, :dimensions] * size[:dimensions]
    return places, right[:dimensions], size**2 / (size**2).sum()


def _band(
    cells: Cells,
    places: Floats,
    interval: float | None,
    draws: int,
    random: np.random.RandomState,
) -> Floats:
    """Return the ends of the intervals (2 × dimensions × actors), from resampled statements."""
    if interval is None:
        return np.full((2, *places.T.shape), np.nan)
    groups = [np.flatnonzero(cells.actor == number) for number in range(len(cells.actors))]
    turned = []
    for _ in range(draws):
        drawn = [group[random.randint(len(group), size=len(group))] for group in groups]
        other, _, _ = _components(cells, np.concatenate(drawn), places.shape[1])
        left, _, right = np.linalg.svd(other.T @ places)  # turned to the first solution
        turned.append(other @ (left @ right))
    tails = [(1 - interval) / 2, (1 + interval) / 2]
    return np.asarray(np.quantile(turned, tails, axis=0).transpose(0, 2, 1))
