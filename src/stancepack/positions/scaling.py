"""Actors placed in one or two dimensions by their positions."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from stancepack.errors import StancepackError, did_you_mean
from stancepack.positions.evidence import evidence

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from stancepack.dataset.package import StancePackage
    from stancepack.reliability.counts import Floats

_UNITS = 4  # in a span, so that scales can be compared: −2 to 2 is four units wide
_FEWEST_ACTORS, _FEWEST_ISSUES = 3, 2
_BORROWED = 1.0  # statements that an issue's mean counts for in each cell
_KEPT = 0.9  # of the solution's own guess of a cell, so that the iteration converges
_ROUNDS, _STILL = 200, 1e-6


def scale(
    pkg: StancePackage,
    dimensions: int = 1,
    *,
    positive: str | None = None,
    least: int = 5,
    level: float = 0.9,
    replicates: int = 500,
    seed: int = 0,
    **choices: Any,
) -> pd.DataFrame:
    """Place actors in one or two dimensions by their positions on all issues.

    Intervals come from resampled statements. Issues whose codes have no order are left out.

    Parameters
    ----------
    pkg
        A package, as `load` gives it.
    dimensions
        1 or 2.
    positive
        The issue whose higher codes are positive in every dimension; if None the first one with a
        neutral code, or else the first one.
    least
        Actors with fewer positions are left out.
    level, replicates, seed
        Of the intervals: each actor's statements are drawn again, and the solution is turned to the
        first one.
    choices
        As for `evidence`.

    Returns
    -------
    pandas.DataFrame
        One row for each actor: ``actor_id``, ``actor``, ``side``, ``n``, and for each dimension
        ``x1``, ``x1_low``, ``x1_high`` …, in order of ``x1``; in quarters of the issues' spans.
        ``attrs["explained"]`` is the share of variance of each dimension, ``attrs["loadings"]`` the
        issues' directions.

    Raises
    ------
    StancepackError
        If fewer than three actors or two issues are left, or `positive` is none of these issues.

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
    >>> places = sp.scale(sp.load(), replicates=20)
    >>> places.columns.tolist()
    ['actor_id', 'actor', 'side', 'n', 'x1', 'x1_low', 'x1_high']
    """
    if dimensions not in (1, 2):
        raise StancepackError(f"dimensions={dimensions!r}; there are solutions in 1 or 2.")
    if not 0 < level < 1:
        raise StancepackError(f"level={level!r} should lie between 0 and 1.")
    cells = Cells.of(pkg, least, choices)
    places, loadings, explained = _components(cells, cells.all_positions, dimensions)
    sign = np.sign(loadings[:, cells.issues.index(cells.positive(pkg, positive))])
    sign[sign == 0] = 1
    places, loadings = places * sign, loadings * sign[:, None]
    low, high = _band(cells, places, level, replicates, np.random.RandomState(seed))
    names = pkg["actors"].set_index("actor_id").reindex(cells.actors)
    table = {
        "actor_id": cells.actors,
        "actor": names["name"].tolist(),
        "side": names["side"].astype(str).tolist(),
        "n": np.bincount(cells.actor).tolist(),
    }
    for number in range(dimensions):
        name = f"x{number + 1}"
        ends = {f"{name}_low": low[:, number], f"{name}_high": high[:, number]}
        table |= {name: places[:, number], **ends}
    out = pd.DataFrame(table).sort_values("x1", ignore_index=True)
    out.attrs["explained"] = explained[:dimensions].tolist()
    out.attrs["loadings"] = {
        f"x{number + 1}": dict(zip(cells.issues, direction.tolist(), strict=True))
        for number, direction in enumerate(loadings)
    }
    return out


@dataclass(frozen=True)
class Cells:
    """Positions by actor and issue, on one common span."""

    actors: list[str]
    issues: list[str]
    actor: NDArray[np.intp]  # of each position
    issue: NDArray[np.intp]
    value: Floats

    @classmethod
    def of(cls, pkg: StancePackage, least: int, choices: dict[str, Any]) -> Cells:
        """Collect the positions on ordered issues of actors with enough of them."""
        positions = evidence(pkg, **choices).dropna(subset=["value"])
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
            if issue not in self.issues:
                hint = did_you_mean(issue, self.issues)
                raise StancepackError(f"positive={issue!r} is no issue that is scaled; {hint}")
            return issue
        in_order = [name for name in pkg["issues"]["issue_id"] if name in self.issues]
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
    places = left[:, :dimensions] * size[:dimensions]
    return places, right[:dimensions], size**2 / (size**2).sum()


def _band(
    cells: Cells, places: Floats, level: float, replicates: int, random: np.random.RandomState
) -> Floats:
    """Return the ends of the intervals (2 × actors × dimensions), from resampled statements."""
    if not replicates:
        return np.full((2, *places.shape), np.nan)
    groups = [np.flatnonzero(cells.actor == number) for number in range(len(cells.actors))]
    turned = []
    for _ in range(replicates):
        drawn = [group[random.randint(len(group), size=len(group))] for group in groups]
        other, _, _ = _components(cells, np.concatenate(drawn), places.shape[1])
        left, _, right = np.linalg.svd(other.T @ places)  # turned to the first solution
        turned.append(other @ (left @ right))
    tails = [(1 - level) / 2, (1 + level) / 2]
    return np.asarray(np.quantile(turned, tails, axis=0))
