"""The fast fit of the state model beside NUTS, on the same simulated packages.

Estimates, intervals, coverage and time. Needs numpyro (`pip install 'stancepack[nuts]'`). Run with
`python benchmarks/nuts.py [data sets]`.
"""

import sys
import time

import numpy as np
import pandas as pd

import stancepack as sp
from stancepack.positions.evidence import years_of
from stancepack.positions.likelihood import Evidence, Layout, expected
from stancepack.positions.nuts import sample
from stancepack.positions.state import coded_evidence, scales_of_model
from stancepack.positions.state_space import Places, Points, fit, positions_at

DATA_SETS = int(sys.argv[1]) if len(sys.argv) > 1 else 5
EACH, DRAWS = 10, 400  # draws under each draw of the parameters, and in all
SCALES = ["-2..2", "oppose,neutral,favour"]


def fast(coded: Evidence, points: Points) -> tuple[np.ndarray, np.ndarray, Layout, dict]:
    """Return positions × draws and draws × parameters, as NUTS does."""
    parameters, random = fit(coded), np.random.RandomState(0)
    places = Places.of(coded, parameters, points)
    sets = [
        positions_at(coded, parameters, points, EACH, random, places=places)
        for _ in range(DRAWS // EACH)
    ]
    theta = np.concatenate([drawn for drawn, _ in sets], axis=1)
    vectors = np.repeat([vector for _, vector in sets], EACH, axis=0)
    return theta, vectors, parameters.layout, {}


def sampled(coded: Evidence, points: Points) -> tuple[np.ndarray, np.ndarray, Layout, dict]:
    return sample(coded, points, draws=DRAWS, warmup=200)


def compared(seed: int) -> dict[str, float]:
    """Return how both did on one data set."""
    pkg = sp.simulate(actors=4, statements=120, undated=0, seed=seed, scale=SCALES)
    scales = scales_of_model(pkg)
    coded, chains, issues = coded_evidence(sp.evidence(pkg), scales)
    chain_of = {name: number for number, name in enumerate(chains)}
    truth = pkg.truth[pkg.truth["time"].dt.month.isin([1, 7])].reset_index(drop=True)
    chain = (truth["actor_id"] + " : " + truth["issue_id"]).map(chain_of)
    truth, chain = truth[chain.notna()], chain.dropna().astype(int)
    points = chain.to_numpy(), years_of(truth["time"])
    true = truth["position"].to_numpy()
    row: dict[str, float] = {}
    estimates = {}
    for name, engine in {"fast": fast, "NUTS": sampled}.items():
        begin = time.process_time()
        theta, vectors, layout, notes = engine(coded, points)
        drawn = np.empty_like(theta)
        for number, issue in enumerate(issues):
            of_issue, numbers = (truth["issue_id"] == issue).to_numpy(), scales[issue].numbers
            for draw, vector in enumerate(vectors):
                cuts = layout.cuts(vector)[number, : len(numbers) - 1]
                spread = layout.spread_of_statements(vector, number)
                drawn[of_issue, draw] = expected(theta[of_issue, draw], cuts, numbers, spread)
        low, high = np.quantile(drawn, [0.05, 0.95], axis=1)
        estimates[name] = drawn.mean(axis=1)
        row |= {word: notes[word] for word in ("r_hat", "ess", "divergences") if word in notes}
        row |= {
            f"{name}: seconds": time.process_time() - begin,
            f"{name}: cover 90%": ((low <= true) & (true <= high)).mean(),
            f"{name}: width": (high - low).mean(),
            f"{name}: rmse": float(np.sqrt(((estimates[name] - true) ** 2).mean())),
        }
    row["correlation of estimates"] = np.corrcoef(*estimates.values())[0, 1]
    row["mean distance"] = np.abs(estimates["fast"] - estimates["NUTS"]).mean()
    return row


rows = []
for seed in range(DATA_SETS):
    rows.append(compared(seed))
    print(pd.Series(rows[-1]).round(3).to_dict(), flush=True)
print(pd.DataFrame(rows).mean().round(3).to_string())
