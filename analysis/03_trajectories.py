# ---
# jupyter:
#   jupytext:
#     formats: ipynb,py:percent
#     text_representation:
#       extension: .py
#       format_name: percent
#   kernelspec:
#     display_name: Python 3 (ipykernel)
#     language: python
#     name: python3
# ---

# %% [markdown]
# # 03 Where did the principals and the sides stand, year by year?
#
# **Question.** How did the positions of Putin, Lavrov, Gates and Rasmussen, and of the sides, move between 2000 and 2012, given how few statements there are, how uncertain some dates, and that coders differ?
#
# All codes are those of language models; no person has coded yet.

# %%
from pathlib import Path

import matplotlib.pyplot as plt
import pandas as pd

import stancepack as sp
from stancepack.plots.inks import inks

pkg = sp.load()
sides = pkg["actors"].set_index("actor_id")["side"]
INKS = inks(["Russia", "US", "NATO"], order=sides.cat.categories)  # as in every figure
issues = pkg["issues"].set_index("issue_id")["title"]
Path("figures").mkdir(exist_ok=True)

# %% [markdown]
# ## Four speakers on three issues
# The line is the position that statements of the speaker would take on average under the state model (a latent position that may stand still, drift, return or jump, each line as its own statements ask for, seen through
# statements and coders); the band its 90 % interval from few statements, coders, thresholds and dates together. Where a year either way holds no statement line and band stop. Marks are statements.

# %%
SPEAKERS = {"putin": "Putin", "lavrov": "Lavrov", "gates": "Gates", "rasmussen": "Rasmussen"}
SHOWN = ["joint-defence", "us-sites", "deterrent-threat"]
figure, grid = plt.subplots(
    len(SHOWN), len(SPEAKERS), figsize=(9.5, 6.6), sharex=True, sharey=True, layout="constrained"
)
for row, issue in zip(grid, SHOWN, strict=True):
    paths = sp.trajectory(
        pkg,
        issue=issue,
        by="actor",
        actor=list(SPEAKERS),
        step="2MS",
        start="2000-01-01",
        end="2012-12-31",
    )
    for axes, (actor, name) in zip(row, SPEAKERS.items(), strict=True):
        path = paths.table[paths.table["actor"] == actor]
        marks = paths.evidence[paths.evidence["line"] == actor]
        ink = INKS[sides[actor]].colour
        known = path["estimate"].notna()
        axes.axhline(0, color="0.85", linewidth=0.8, zorder=0)
        band = path["low"].where(known), path["high"].where(known)
        axes.fill_between(path["time"], *band, color=ink, alpha=0.16, linewidth=0)
        axes.plot(path["time"], path["estimate"], color=ink, linewidth=1.5)
        axes.scatter(
            marks["middle"],
            marks["position"].astype(float),
            s=7,
            color="0.3",
            alpha=0.5,
            linewidth=0,
        )
        axes.set_title(f"{name}, n = {len(marks)}", fontsize=8, loc="left")
        axes.spines[["top", "right"]].set_visible(False)
        axes.tick_params(labelsize=7)
    row[0].set_ylabel(issues[issue], fontsize=7.5, wrap=True)
grid[0, 0].set_ylim(-2.3, 2.3)
grid[0, 0].set_yticks([-2, -1, 0, 1, 2], ["−2", "−1", "0", "+1", "+2"])
years = pd.to_datetime(["2000-01-01", "2004-01-01", "2008-01-01", "2012-01-01"])
grid[0, 0].set_xticks(years, [str(year.year) for year in years])
figure.supxlabel("90 % intervals; −2 strongly against, +2 strongly for", fontsize=8)
figure.savefig("figures/03_speakers.png", dpi=150, metadata={"Software": None})

# %% [markdown]
# ## The sides
# All speakers of a side together, in windows of a year. Statements of one speech are not independent, and speakers of a side are no sample of it.

# %%
figure, grid = plt.subplots(4, 2, figsize=(9.5, 10), sharex=True, sharey=True, layout="constrained")
for axes, (issue, title) in zip(grid.flat, issues.items(), strict=True):
    paths = sp.trajectory(
        pkg,
        issue=issue,
        by="side",
        side=list(INKS),
        method="window",
        step="2MS",
        start=2000,
        end=2012,
    )
    paths.plot(ax=axes)
    axes.set_title(title, fontsize=8.5, loc="left")
    axes.set_ylabel("")
    axes.tick_params(labelsize=7)
grid[0, 0].set_xticks(years, [str(year.year) for year in years])
figure.supxlabel(
    "means in windows of a year; the bands describe and are no intervals; statements in brackets, and as marks",
    fontsize=8,
)
figure.savefig("figures/03_sides.png", dpi=150, metadata={"Software": None})

# %% [markdown]
# ## What each source of uncertainty adds
# The width of the 90 % interval for Putin on the sites, with each source of uncertainty switched off in turn.

# %%
sources = ["statements", "coders", "dates", "restatements"]
widths = {}
for left in [None, *sources]:
    path = sp.trajectory(
        pkg,
        issue="us-sites",
        actor="putin",
        step="6MS",
        uncertainty=[one for one in sources if one != left],
    )
    widths["all four" if left is None else f"without {left}"] = (
        path.table["high"] - path.table["low"]
    ).mean()
pd.Series(widths).round(2)

# %% [markdown]
# ## What the data cannot say
# - **Between the lines.** Where the line stops nobody was found to speak; the record is searched, not sampled (`coverage`).
# - **Sides are not actors.** A side's mean moves when other people of it speak. Officials leave office; their line ends with it.
# - **Few quarters hold many statements.** Statements cluster at summits; a band between them is the model's, not the record's.
# - **The model's priors matter where data are thin.** How much is in `benchmarks/calibration.py`.
