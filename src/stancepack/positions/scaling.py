"""Actors placed in one or two dimensions by their positions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from stancepack.dataset.package import StancePackage
from stancepack.errors import StancepackError
from stancepack.positions.evidence import evidence

if TYPE_CHECKING:
    from stancepack.reliability.counts import Floats


def scale(
    pkg: StancePackage,
    dimensions: int = 1,
    *,
    least: int = 5,
    level: float = 0.9,
    replicates: int = 500,
    seed: int = 0,
    **choices: Any,
) -> pd.DataFrame:
    """Place actors in one or two dimensions by their positions on all issues, with intervals from resampled statements.

    Parameters
    ----------
    pkg
        A package, as `load` gives it.
    dimensions
        1 or 2.
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
        ``x1``, ``x1_low``, ``x1_high`` …, in order of ``x1``. The sign is chosen so that support of
        US sites, or else of the first issue, is positive. ``attrs["explained"]`` is the share of
        variance of each dimension, ``attrs["loadings"]`` the issues' directions.

    Raises
    ------
    StancepackError
        If fewer than three actors or two issues are left.

    Notes ----- Principal components of actors' mean positions, cells without statements filled in
    by the solution itself, iterated (a probabilistic principal component analysis), each cell
    shrunk towards the issue's mean by how few statements it has.

    References ---------- Tipping, M. E., & Bishop, C. M. (1999). Probabilistic principal component
    analysis. Journal of the Royal Statistical Society B 61, 611–622.
    https://doi.org/10.1111/1467-9868.00196

    Examples
    --------
    >>> import stancepack as sp
    >>> places = sp.scale(sp.load(), replicates=20)
    >>> places.columns.tolist()
    ['actor_id', 'actor', 'side', 'n', 'x1', 'x1_low', 'x1_high']
    """
    if dimensions not in (1, 2):
        raise StancepackError(f"dimensions={dimensions!r}; there are solutions in 1 or 2.")
    found = evidence(pkg, **choices)
    n = found["actor_id"].value_counts()
    found = found[found["actor_id"].isin(n[n >= least].index)]
    who, actors = pd.factorize(found["actor_id"].astype(str), sort=True)
    what, issues = pd.factorize(found["issue_id"].astype(str), sort=True)
    if len(actors) < 3 or len(issues) < 2:
        raise StancepackError(
            f"scaling needs three actors with {least} positions and two issues; lower `least`."
        )
    value = found["value"].to_numpy()

    def cells(rows: Any) -> tuple[Floats, Floats]:
        count = np.zeros((len(actors), len(issues)))
        total = np.zeros_like(count)
        np.add.at(count, (who[rows], what[rows]), 1.0)
        np.add.at(total, (who[rows], what[rows]), value[rows])
        return count, total

    def solve(rows: Any) -> tuple[Floats, Floats, Floats]:
        count, total = cells(rows)
        middle = total.sum(axis=0) / np.maximum(count.sum(axis=0), 1)
        weight = count / (count + 1.0)
        mean = np.where(count > 0, total / np.maximum(count, 1), 0.0) - middle
        filled = weight * np.where(count > 0, mean, 0.0)
        for _ in range(200):
            left, size, right = np.linalg.svd(filled, full_matrices=False)
            fitted = (left[:, :dimensions] * size[:dimensions]) @ right[:dimensions]
            after = weight * np.where(count > 0, mean, 0.0) + (1 - weight) * 0.9 * fitted
            if np.abs(after - filled).max() < 1e-6:
                break
            filled = after
        return (
            left[:, :dimensions] * size[:dimensions],
            right[:dimensions],
            size**2 / (size**2).sum(),
        )

    everything = np.arange(len(found))
    places, loadings, explained = solve(everything)
    known = issues.tolist()
    sign = np.sign(loadings[:, known.index("us-sites") if "us-sites" in known else 0])
    sign[sign == 0] = 1
    places, loadings = places * sign, loadings * sign[:, None]
    random = np.random.RandomState(seed)
    groups = [np.flatnonzero(who == place) for place in range(len(actors))]
    again = []
    for _ in range(replicates):
        rows = np.concatenate(
            [group[random.randint(len(group), size=len(group))] for group in groups]
        )
        other, _, _ = solve(rows)
        left, _, right = np.linalg.svd(other.T @ places)  # turned to the first solution
        again.append(other @ (left @ right))
    tails = [(1 - level) / 2, (1 + level) / 2]
    bands = np.quantile(again, tails, axis=0) if replicates else np.full((2, *places.shape), np.nan)
    names = pkg["actors"].set_index("actor_id").reindex(actors)
    out = pd.DataFrame(
        {
            "actor_id": actors,
            "actor": names["name"].tolist(),
            "side": names["side"].astype(str).tolist(),
            "n": n.reindex(actors).tolist(),
        }
    )
    for place in range(dimensions):
        out[f"x{place + 1}"] = places[:, place]
        out[f"x{place + 1}_low"], out[f"x{place + 1}_high"] = bands[0, :, place], bands[1, :, place]
    out = out.sort_values("x1", ignore_index=True)
    out.attrs["explained"] = explained[:dimensions].tolist()
    out.attrs["loadings"] = {
        f"x{place + 1}": dict(zip(known, row.tolist(), strict=True))
        for place, row in enumerate(loadings)
    }
    return out
