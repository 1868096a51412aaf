"""The fast fit of the state model beside NUTS, on the same simulated packages: figures and time.

Needs numpyro (`pip install 'stancepack[nuts]'`). Run with `python benchmarks/nuts.py [data sets]`.
"""

import sys
import time

import numpy as np
import pandas as pd

import stancepack as sp
from stancepack.positions import state as measurement
from stancepack.positions import state_space as ordinal
from stancepack.positions.nuts import sample

rows = []
for seed in range(int(sys.argv[1]) if len(sys.argv) > 1 else 5):
    pkg = sp.simulate(actors=4, issues=2, statements=120, undated=0, seed=seed)
    everything = sp.evidence(pkg)
    everything["line"] = everything["actor_id"]
    e, chains, issues = measurement.coded_evidence(everything)
    number = {name: place for place, name in enumerate(chains)}
    truth = pkg.truth[pkg.truth["time"].dt.month.isin([1, 7])].reset_index(drop=True)
    key = (truth["actor_id"] + " : " + truth["issue_id"]).map(number)
    truth, key = truth[key.notna()], key.dropna().astype(int)
    at = key.to_numpy(), measurement.years_of(truth["time"])
    issue = truth["issue_id"].map({name: place for place, name in enumerate(issues)}).to_numpy()
    found = {}
    begin = time.perf_counter()
    p, _, _ = ordinal.fit(e)
    _, theta, vectors = ordinal.positions_at(e, p, at, 600, np.random.RandomState(0))
    cuts = np.array([p.split(vectors[:, draw])[0] for draw in range(vectors.shape[1])])
    found["fast"] = (
        ordinal.expected(theta, cuts[:, issue].transpose(1, 0, 2)),
        time.perf_counter() - begin,
    )
    begin = time.perf_counter()
    theta, cuts, notes = sample(e, at)
    found["NUTS"] = (
        ordinal.expected(theta, cuts[:, issue].transpose(1, 0, 2)),
        time.perf_counter() - begin,
    )
    true = truth["position"].to_numpy()
    row: dict[str, float] = {
        "r_hat": notes["r_hat"],
        "ess": notes["ess"],
        "divergences": notes["divergences"],
    }
    for name, (drawn, took) in found.items():
        low, high = np.quantile(drawn, [0.05, 0.95], axis=1)
        row |= {
            f"{name}: seconds": took,
            f"{name}: cover 90%": ((low <= true) & (true <= high)).mean(),
            f"{name}: width": (high - low).mean(),
        }
        row[f"{name}: rmse"] = float(np.sqrt(((drawn.mean(axis=1) - true) ** 2).mean()))
    one, other = (found[name][0].mean(axis=1) for name in ("fast", "NUTS"))
    row |= {
        "correlation of estimates": np.corrcoef(one, other)[0, 1],
        "mean distance": np.abs(one - other).mean(),
    }
    rows.append(row)
    print(pd.Series(row).round(3).to_dict(), flush=True)
print(pd.DataFrame(rows).mean().round(3).to_string())
