"""Packages whose true positions are known, for testing what a method recovers."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from stancepack.dataset.package import StancePackage, load
from stancepack.errors import StancepackError
from stancepack.positions.state_space import expected

if TYPE_CHECKING:
    from stancepack.reliability.counts import Floats


class SimulatedPackage(StancePackage):
    """A package in memory, with the truth it was made from; see `simulate`.

    Parameters
    ----------
    tables
        The tables that have rows.
    truth
        The true positions: ``actor_id``, ``issue_id``, ``time``, ``position``.
    """

    def __init__(self, tables: dict[str, pd.DataFrame], truth: pd.DataFrame) -> None:
        super().__init__(load().descriptor.path)
        self.truth = truth
        for name in self.descriptor.tables:
            columns = self.descriptor.columns(name)
            empty = self.descriptor.read(
                name, pd.DataFrame({column: pd.Series([], dtype="str") for column in columns})
            )
            rows = tables.get(name)
            if rows is None:
                self._frames[name] = empty.copy()
            else:
                whole = rows.reindex(columns=empty.columns)
                self._frames[name] = whole.astype(
                    {column: empty.dtypes[column] for column in empty}
                ).reset_index(drop=True)

    @property
    def name(self) -> str:
        """The name of the data set."""
        return "simulated"


def simulate(
    actors: int = 4,
    issues: int = 2,
    statements: int = 120,
    coders: int = 2,
    years: float = 12.0,
    drift: float = 0.1,
    spread: float = 1.2,
    noise: float = 0.4,
    severity: float = 0.2,
    undated: float = 0.2,
    gap: tuple[float, float] | None = None,
    each: int | None = None,
    uneven: float = 1.0,
    seed: int = 0,
) -> SimulatedPackage:
    r"""Make a package with known positions, coders, dates and gaps, under the model of `stancepack.positions.state_space`.

    Parameters
    ----------
    actors, issues, statements
        How many; a statement takes a position on one issue. At most as many issues as the shipped
        data have.
    coders
        How many coders there are; noises and severities differ between them.
    years
        Length of the record, from 2000.
    drift, spread
        Variance a year of the random walk, and standard deviation of its start.
    noise, severity
        Median noise of a coder, and standard deviation of the severities.
    undated
        Share of statements dated within a year only.
    gap
        A stretch of years without statements, from the start.
    each
        Coders of a statement; all if None.
    uneven
        How unevenly actors speak: the shape of a gamma distribution, smaller is less even.
    seed
        Of the random numbers.

    Returns
    -------
    SimulatedPackage
        A package in memory that `trajectory`, `agreement` and the others take, with ``truth``: the
        true position of every actor on every issue in every month, as the mean that statements then
        would take.

    Raises
    ------
    StancepackError
        If a size is out of range.

    Examples
    --------
    >>> import stancepack as sp
    >>> pkg = sp.simulate(actors=3, statements=60, seed=1)
    >>> len(pkg["statements"]), sorted(pkg.truth.columns)
    (60, ['actor_id', 'issue_id', 'position', 'time'])
    """
    names = load()["issues"]["issue_id"].tolist()
    each = coders if each is None else each
    if (
        min(actors, issues, statements, coders, each) < 1
        or issues > len(names)
        or each > coders
        or years <= 0
    ):
        raise StancepackError(
            f"sizes should be 1 or more, issues at most {len(names)}, and `each` not more than coders."
        )
    random = np.random.RandomState(seed)
    months = pd.date_range("2000-01-01", periods=round(years * 12) + 1, freq="MS")
    steps = random.standard_normal((actors, issues, len(months))) * np.sqrt(drift / 12)
    steps[:, :, 0] = random.standard_normal((actors, issues)) * spread
    theta = steps.cumsum(axis=2)
    cuts = np.sort(
        np.array([-1.5, -0.5, 0.5, 1.5]) + 0.25 * random.standard_normal((issues, 4)), axis=1
    )
    severities = severity * random.standard_normal(coders)
    severities -= severities.mean()
    noises = noise * np.exp(0.3 * random.standard_normal(coders))
    share = random.gamma(uneven, size=actors)
    who = random.choice(actors, statements, p=share / share.sum())
    what = random.randint(issues, size=statements)
    month = _months(random, statements, len(months), gap)
    seen = theta[who, what, month] + random.standard_normal(statements)
    rows, codings = [], []
    settled_cuts = cuts[what]
    settled = (seen[:, None] > settled_cuts).sum(axis=1) - 2
    for number in range(statements):
        name = f"S{number + 1:04d}"
        day = months[month[number]] + pd.Timedelta(days=int(random.randint(28)))
        vague = random.random_sample() < undated
        first, last = (
            (pd.Timestamp(day.year, 1, 1), pd.Timestamp(day.year, 12, 31)) if vague else (day, day)
        )
        rows.append(
            {
                "statement_id": name,
                "actor_id": f"actor-{who[number] + 1}",
                "source": "simulated",
                "date": str(day.year) if vague else f"{day:%Y-%m-%d}",
                "date_earliest": first,
                "date_latest": last,
                "date_basis": "inferred" if vague else "source",
                "dated_by": "simulated",
                "proposition": "Simulated.",
                "attribution": "verbatim",
                "speech_act": "claim",
                "conditional": False,
                "addressee": "unstated",
            }
        )
        for coder in random.choice(coders, each, replace=False):
            z = seen[number] + severities[coder] + noises[coder] * random.standard_normal()
            codings.append(
                {
                    "round": "round-1",
                    "statement_id": name,
                    "issue_id": names[what[number]],
                    "coder_id": f"coder-{coder + 1}",
                    "position": int((z > cuts[what[number]]).sum() - 2),
                    "confidence": 3,
                    "codebook_version": "1.0.0",
                }
            )
    stances = pd.DataFrame(
        {
            "statement_id": [row["statement_id"] for row in rows],
            "issue_id": [names[place] for place in what],
            "position": settled,
            "settled_by": "agreement",
        }
    )
    sides = ["Russia", "US", "NATO", "Poland"]
    tables = {
        "actors": pd.DataFrame(
            {
                "actor_id": [f"actor-{place + 1}" for place in range(actors)],
                "name": [f"Actor {place + 1}" for place in range(actors)],
                "kind": "person",
                "side": [sides[place % 4] for place in range(actors)],
            }
        ),
        "issues": load()["issues"].iloc[:issues],
        "statements": pd.DataFrame(rows),
        "codings": pd.DataFrame(codings),
        "stances": stances,
        "rounds": pd.DataFrame(
            {"round": ["round-1"], "codebook_version": ["1.0.0"], "n_coders": [coders]}
        ),
    }
    grid = (
        pd.MultiIndex.from_product([range(actors), range(issues), range(len(months))])
        .to_frame(index=False)
        .to_numpy()
    )
    truth = pd.DataFrame(
        {
            "actor_id": [f"actor-{place + 1}" for place in grid[:, 0]],
            "issue_id": [names[place] for place in grid[:, 1]],
            "time": months[grid[:, 2]],
            "position": expected(theta[grid[:, 0], grid[:, 1], grid[:, 2]], cuts[grid[:, 1]]),
        }
    )
    return SimulatedPackage(tables, truth)


def _months(
    random: np.random.RandomState, count: int, length: int, gap: tuple[float, float] | None
) -> Floats:
    """Draw the months of statements, none of them in the gap."""
    open_ = np.ones(length)
    if gap is not None:
        open_[int(gap[0] * 12) : int(gap[1] * 12)] = 0
    if not open_.sum():
        raise StancepackError("the gap covers the whole record.")
    return np.asarray(random.choice(length, count, p=open_ / open_.sum()))
