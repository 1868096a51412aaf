"""What the round that people code buys: the interval of alpha expected for each issue.

The sample is `coding/samples/human-1.csv`; codes are the settled ones of the release, of which two
made-up coders each have a quarter one step off and one in twenty cells wrongly addressed, as a
guess of how people differ (models agree more). Run with `python benchmarks/human_round.py`.
"""

import csv

import numpy as np
import pandas as pd

import stancepack as sp

OFF, WRONGLY_ADDRESSED, FEWEST = 0.25, 0.05, 10

pkg = sp.load()
with (pkg.home / "coding" / "samples" / "human-1.csv").open(encoding="utf-8", newline="") as file:
    sample = {row["statement_id"] for row in csv.DictReader(file)}
stances = pkg["stances"]
stances = stances[stances["statement_id"].isin(sample)].dropna(subset=["position"])
random = np.random.default_rng(0)
rows = []
for issue, settled in stances.groupby("issue_id", sort=False):
    scale = pkg.scale(str(issue))
    truth = settled["position"].astype(float).to_numpy()
    codes = []
    for coder in ("first", "second"):
        step = np.where(random.random(len(truth)) < OFF, random.choice([-1, 1], len(truth)), 0)
        given = np.clip(truth + step, scale.low, scale.high)
        given[random.random(len(truth)) < WRONGLY_ADDRESSED] = np.nan
        codes.append(pd.DataFrame({"unit": range(len(truth)), "coder": coder, "code": given}))
    data = {"unit": "unit", "coder": "coder", "value": "code"}
    pilot = pd.concat(codes).dropna()
    row = {"issue": issue, "units": len(truth)}
    if len(truth) >= FEWEST:
        figure = sp.agreement(pilot, interval=None, **data)
        plan = sp.plan_agreement(pilot, units=[len(truth)], coders=[2, 3], **data)
        width = plan.designs.set_index("coders")["width"]
        row |= {"alpha": figure.value, "width of 2": width[2], "width of 3": width[3]}
    rows.append(row)
print(f"{len(sample)} statements; people one step off in {OFF:.0%} of positions (a guess)")
print(pd.DataFrame(rows).round(2).to_string(index=False))
