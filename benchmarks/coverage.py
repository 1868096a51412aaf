"""How often a 95 % interval of alpha holds the truth: simulated coders, by method and level.

30, 100 and 500 units; three coders, five codes, 20 % missing; evenly and unevenly used codes;
coders who are good or fair. The truth is alpha of a million units. Run with
`python benchmarks/coverage.py [data sets per setting]`.
"""

import itertools
import sys

import numpy as np
import pandas as pd

import stancepack as sp

SETS = int(sys.argv[1]) if len(sys.argv) > 1 else 200
METHODS = ("bca", "percentile", "jackknife")


def codes(random: np.random.Generator, units: int, shares: np.ndarray, noise: float) -> np.ndarray:
    truth = random.choice(5, units, p=shares)
    seen = np.clip(np.round(truth[:, None] + noise * random.normal(size=(units, 3))), 0, 4).astype(
        float
    )
    seen[random.random(seen.shape) < 0.2] = np.nan
    return seen


rows = []
for (use, shares), (quality, noise), level in itertools.product(
    {"even": np.full(5, 0.2), "uneven": np.array([0.6, 0.2, 0.1, 0.06, 0.04])}.items(),
    {"good": 0.45, "fair": 0.9}.items(),
    ("nominal", "ordinal"),
):
    true = sp.agreement(
        codes(np.random.default_rng(99), 1_000_000, shares, noise), level=level, interval=None
    ).value
    for units in (30, 100, 500):
        random = np.random.default_rng(units)
        held = dict.fromkeys(METHODS, 0)
        wide = dict.fromkeys(METHODS, 0.0)
        for _ in range(SETS):
            data = codes(random, units, shares, noise)
            for method in METHODS:
                result = sp.agreement(data, level=level, method=method, draws=1000)
                held[method] += bool(result.low <= true <= result.high)
                wide[method] += (result.high - result.low) / SETS
        for method in METHODS:
            rows.append(
                (f"{use}, {quality}", level, true, units, method, held[method] / SETS, wide[method])
            )
table = pd.DataFrame(
    rows, columns=["setting", "level", "alpha", "units", "method", "coverage", "width"]
)
print(
    f"{SETS} data sets per setting; nominal coverage .950, "
    f"its simulation error {np.sqrt(0.95 * 0.05 / SETS):.3f}\n"
)
print(
    table.groupby(["units", "method"])[["coverage", "width"]]
    .agg(["mean", "min"])
    .round(3)
    .to_string(),
    "\n",
)
weak = table[table["method"] == "bca"].sort_values("coverage").head(5)
print("Where BCa covers least:\n", weak.round(3).to_string(index=False))
