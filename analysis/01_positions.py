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
# # 01 What did the four principals say, and when?
#
# **Question.** Which positions on missile defence did Vladimir Putin, Sergey Lavrov, Robert Gates and Yury Baluyevskiy take in public, as one
# article of 2010 reports them, and can the record show that any of them changed?
#
# Everything below is read from the released tables. The units, codes and adjudications were made by language models; no person has coded yet.

# %%
from pathlib import Path

import matplotlib.pyplot as plt
import pandas as pd

import stancepack as sp

pkg = sp.load()
pkg

# %% [markdown]
# ## What there is
# One row of `positions()` is one statement on one issue that it addresses. Below, the fifteen speakers with most positions on joint defence.

# %%
positions = pkg.positions()
print(f"{len(pkg['statements'])} statements, {len(positions)} positions")
pd.crosstab(positions["actor"], positions["issue_id"]).sort_values("joint-defence", ascending=False).head(15)

# %% [markdown]
# ## How far can the codes be trusted?
# Krippendorff's alpha with its 95 % bootstrap interval over units, in the last round. Fewer than ten units, or codes beside the most frequent one, give no verdict. Both coders are the same language model in
# separate conversations: the figures say how consistently it applies the codebook, not whether people would agree.

# %%
table = pkg["agreement"]
last = pkg["rounds"]["round"].iloc[-1]
alphas = table[(table["round"] == last) & (table["coefficient"] == "alpha") & ~table["variable"].str.contains(":")]
alphas[["variable", "level", "value", "low", "high", "n_units", "verdict"]].round(3).reset_index(drop=True)

# %% [markdown]
# The same figure for one issue, computed afresh from the codings:

# %%
codings = pkg.settling("codings")
sp.agreement(codings[codings["issue_id"] == "us-sites"], level="ordinal")

# %% [markdown]
# ## Positions over time
# Each mark is one statement with its position from −2 to 2. A bar spans the days on which it may have been said; the mark stands in its middle only
# to be seen. Nothing is drawn between marks, since nothing is known there. A hollow mark is a second report of a statement already shown. Where the coders
# differed, both codes stand beside the mark.

# %%
PRINCIPALS = {"putin": "Putin", "lavrov": "Lavrov", "gates": "Gates", "baluyevskiy": "Baluyevskiy"}
COLOURS = {-2: "#b35806", -1: "#f1a340", 0: "#d8d8d8", 1: "#998ec3", 2: "#542788"}  # safe for colour-blind readers
said = pkg["statements"]["actor_id"].value_counts()
titles = pkg["issues"].set_index("issue_id")["title"]
mine = positions[positions["actor_id"].isin(PRINCIPALS)].copy()
mine["middle"] = mine["date_earliest"] + (mine["date_latest"] - mine["date_earliest"]) / 2


def lanes(part: pd.DataFrame) -> dict[str, float]:
    """Give each issue a lane high enough for its marks; the first issue stands at the top."""
    place, found = 0.0, {}
    for issue in [issue for issue in titles.index if issue in set(part["issue_id"])]:
        found[issue] = place
        place += 0.5 + 0.42 * (part["issue_id"] == issue).sum()
    return found


heights = []
for actor in PRINCIPALS:
    part = mine[mine["actor_id"] == actor]
    heights.append(0.5 * part["issue_id"].nunique() + 0.42 * len(part) + 0.5)
figure, axes = plt.subplots(
    len(PRINCIPALS), 1, figsize=(7.5, 0.5 * sum(heights)), sharex=True, height_ratios=heights, layout="constrained"
)
for axis, (actor, name) in zip(axes, PRINCIPALS.items(), strict=True):
    part = mine[mine["actor_id"] == actor].sort_values(["middle", "statement_id"])
    start = lanes(part)
    seen = dict.fromkeys(start, 0)
    for row in part.itertuples():
        y = start[row.issue_id] + 0.42 * seen[row.issue_id]
        seen[row.issue_id] += 1
        axis.plot([row.date_earliest, row.date_latest], [y, y], color="0.6", linewidth=2, solid_capstyle="butt", zorder=1)
        dark = abs(row.position) == 2
        repeated = isinstance(row.repeats, str)
        face = "white" if repeated else COLOURS[row.position]
        axis.scatter(row.middle, y, s=120, color=face, edgecolor="black" if repeated else "0.2", linewidth=0.8, zorder=2)
        ink = "white" if dark and not repeated else "black"
        sign = f"{row.position:+d}".replace("-", "−").replace("+0", "0")
        axis.text(row.middle, y, sign, ha="center", va="center_baseline", fontsize=6.5, color=ink, zorder=3)
        if row.coded_low != row.coded_high:
            axis.annotate(
                f"coders: {row.coded_low} and {row.coded_high}",
                (row.middle, y),
                (9, -2),
                textcoords="offset points",
                fontsize=6.5,
            )
    axis.set_yticks(list(start.values()), [titles[issue] for issue in start], fontsize=7.5)
    axis.set_ylim(max([start[i] + 0.42 * (seen[i] - 1) for i in start]) + 0.45, -0.45)
    axis.set_title(
        f"{name}: n = {len(part)} positions in {part['statement_id'].nunique()} of {said[actor]} statements",
        loc="left",
        fontsize=9,
        fontweight="bold",
    )
    axis.spines[["top", "right", "left"]].set_visible(False)
    axis.tick_params(axis="y", length=0)
    axis.grid(axis="x", color="0.92")
    axis.set_axisbelow(True)
axes[-1].tick_params(axis="x", labelsize=8)
axes[-1].set_xlim(pd.Timestamp("2004-01-01"), pd.Timestamp("2011-03-01"))
figure.supxlabel("Year in which it was, or may have been, said. −2 strongly against, 2 strongly for.", fontsize=8)
Path("figures").mkdir(exist_ok=True)
figure.savefig("figures/01_positions.png", dpi=150, metadata={"Software": None})

# %% [markdown]
# ## Has anybody changed position?
# Pairs of positions of the same principal on the same issue with opposite signs:

# %%
pairs = mine.merge(mine, on=["actor", "issue_id"], suffixes=("", "_other"))
opposite = pairs[(pairs["position"] > 0) & (pairs["position_other"] < 0)]
print(f"{len(opposite)} opposite pairs among {len(mine)} positions")
opposite[["actor", "issue_id", "statement_id", "date", "position", "statement_id_other", "date_other", "position_other"]]

# %% [markdown]
# ## What the data cannot say
# - **One article.** It selects what serves its argument, and of most statements it gives no date. Silence on an issue is silence of the article, not of
#   the speaker. A gap between marks is not constancy.
# - **Few statements.** Of Gates and Baluyevskiy the record has next to nothing: nothing can be said of a trend of either, and of Lavrov little. Only Putin in 2007 is dense, and there within months.
# - **Dates.** Where a bar spans years, the order of statements is not known.
# - **Same model twice.** Agreement near 1 is what one model reading twice gives. They must not be read as what two people would reach.
# - **Statements are not independent.** Several marks are parts of one speech or offers made on one day, and some are second reports of the same words.
