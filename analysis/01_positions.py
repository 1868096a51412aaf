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
# **Question.** Which positions on missile defence did Vladimir Putin, Sergey Lavrov, Robert Gates and Yury Baluyevskiy take in public from 2000 to 2012, and
# can the record show that any of them changed?
#
# Everything below is read from the released tables. The units, codes and adjudications were made by language models; no person has coded yet.

# %%
import textwrap
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
pd.crosstab(positions["actor"], positions["issue_id"]).sort_values(
    "joint-defence", ascending=False
).head(15)

# %% [markdown]
# ## Where the record is thin
# Statements of officials by year, for statements dated within a year, and the pages they stand on: years that are empty or rest on one page say nothing of what was said.

# %%
OFFICIALS = (
    *("putin", "medvedev", "lavrov", "igor-ivanov", "sergei-ivanov", "serdyukov"),
    *("baluyevskiy", "makarov", "george-w-bush", "obama", "rice", "clinton", "rumsfeld", "gates"),
    *("robertson", "de-hoop-scheffer", "rasmussen"),
)
dated = (
    pkg["statements"]
    .query("actor_id in @OFFICIALS")
    .assign(
        year=lambda rows: rows["date_earliest"].dt.year,
        page=lambda rows: rows["source"].str.partition("[")[0],
    )
)
dated = dated[dated["date_latest"].dt.year == dated["year"]]
by_year = dated.groupby(["actor_id", "year"])
counts = by_year.size().astype(str) + "/" + by_year["page"].nunique().astype(str)
print("statements/pages")
counts.unstack(fill_value="").reindex(OFFICIALS)

# %% [markdown]
# The same for issues: positions of all officials by year.

# %%
taken = positions[positions["date_latest"].dt.year == positions["date_earliest"].dt.year]
pd.crosstab(taken["issue_id"], taken["date_earliest"].dt.year.rename("year"))

# %% [markdown]
# ## How far can the codes be trusted?
# Krippendorff's alpha with its 95 % bootstrap interval over units, on the codes behind what is settled: of each statement, those of its latest round, which coded anew what is new, was worded anew or can be touched by a changed rule. Fewer than ten units, or codes beside the most frequent one, give no verdict. All coders are the same language model in
# separate conversations, two to a statement: the figures say how consistently it applies the codebook, not whether people would agree.

# %%
table = pkg["agreement"]
alphas = table[
    (table["round"] == "settling")
    & (table["coefficient"] == "alpha")
    & ~table["variable"].str.contains(":")
]
alphas[["variable", "level", "value", "low", "high", "n_units", "verdict"]].round(3).reset_index(
    drop=True
)

# %% [markdown]
# The same figure for one issue, computed afresh from those codes:

# %%
codings = pkg.settling("codings").query("issue_id == 'us-sites'")
sp.agreement(codings, level="ordinal")

# %% [markdown]
# ## Positions over time
# Each mark is one statement with its position from −2 to 2, at the middle of the days on which it may have been said; a line spans those days where they are more than two months. Marks on one height are moved apart so that each can be seen.
# Nothing is drawn between marks, since nothing is known there. A hollow mark is a second report of a statement already shown.

# %%
PRINCIPALS = {"putin": "Putin", "lavrov": "Lavrov", "gates": "Gates", "baluyevskiy": "Baluyevskiy"}
INK = "#33508c"
titles = pkg["issues"].set_index("issue_id")["title"]
mine = positions[positions["actor_id"].isin(PRINCIPALS)].copy()
mine["middle"] = mine["date_earliest"] + (mine["date_latest"] - mine["date_earliest"]) / 2


def stacked(part: pd.DataFrame) -> pd.Series:
    """Move marks of one position up and down that would lie on one another (nearer than five months)."""
    at = pd.Series(0.0, index=part.index)
    for _, same in part.sort_values("middle").groupby("position"):
        placed: list[tuple[pd.Timestamp, float]] = []
        for row in same.itertuples():
            taken = {
                shift for day, shift in placed if abs(row.middle - day) < pd.Timedelta(days=150)
            }
            shift = next((step for step in (0.0, 0.2, -0.2, 0.4, -0.4) if step not in taken), 0.0)
            placed.append((row.middle, shift))
            at[row.Index] = shift
    return at


figure, grid = plt.subplots(
    len(titles),
    len(PRINCIPALS),
    figsize=(9.2, 11.5),
    sharex=True,
    sharey=True,
    layout="constrained",
)
for row_axes, (issue, title) in zip(grid, titles.items(), strict=True):
    for axis, (actor, name) in zip(row_axes, PRINCIPALS.items(), strict=True):
        part = mine[(mine["actor_id"] == actor) & (mine["issue_id"] == issue)]
        axis.axhline(0, color="0.8", linewidth=0.8, zorder=0)
        for code in (-2, -1, 1, 2):
            axis.axhline(code, color="0.94", linewidth=0.8, zorder=0)
        height = (
            part["position"].astype(float) + stacked(part)
            if len(part)
            else part["position"].astype(float)
        )
        wide = (part["date_latest"] - part["date_earliest"]).dt.days > 62
        axis.hlines(
            height[wide],
            part["date_earliest"][wide],
            part["date_latest"][wide],
            color="0.6",
            linewidth=0.8,
            zorder=1,
        )
        again = part["repeats"].notna()
        axis.scatter(part["middle"][~again], height[~again], s=11, color=INK, linewidth=0, zorder=2)
        axis.scatter(
            part["middle"][again],
            height[again],
            s=11,
            facecolor="white",
            edgecolor=INK,
            linewidth=0.8,
            zorder=2,
        )
        axis.text(
            1,
            1.01,
            f"n = {len(part)}",
            transform=axis.transAxes,
            fontsize=7,
            ha="right",
            va="bottom",
            color="0.25",
        )
        axis.spines[["top", "right"]].set_visible(False)
        axis.tick_params(labelsize=7, length=2)
        if issue == titles.index[0]:
            axis.set_title(name, fontsize=10, fontweight="bold", loc="left")
    row_axes[0].set_ylabel(textwrap.fill(title, 20), fontsize=7.5)
grid[0, 0].set_ylim(-2.6, 2.6)
grid[0, 0].set_yticks([-2, -1, 0, 1, 2], ["−2", "−1", "0", "+1", "+2"])
years = pd.to_datetime(["2000-01-01", "2004-01-01", "2008-01-01", "2012-01-01"])
grid[0, 0].set_xticks(years, [str(year.year) for year in years])
grid[0, 0].set_xlim(pd.Timestamp("1999-09-01"), pd.Timestamp("2013-03-01"))
figure.supxlabel(
    "−2 strongly against, +2 strongly for what the issue asks; one mark is one statement",
    fontsize=8,
)
Path("figures").mkdir(exist_ok=True)
figure.savefig("figures/01_positions.png", dpi=150, metadata={"Software": None})

# %% [markdown]
# ## Has anybody changed position?
# Pairs of positions of the same principal on the same issue with opposite signs, counted by issue:

# %%
pairs = mine.merge(mine, on=["actor", "issue_id"], suffixes=("", "_other"))
opposite = pairs[(pairs["position"] > 0) & (pairs["position_other"] < 0)]
print(f"{len(opposite)} opposite pairs among {len(mine)} positions")
pd.crosstab(opposite["issue_id"], opposite["actor"])

# %% [markdown]
# ## What the data cannot say
# - **No random sample.** Statements were looked for by speaker and known occasion, in pages of which often only the beginning could be read. The years of dispute are better covered than the quiet ones; the table
#   `coverage` says what was looked for in vain. A gap between marks is not constancy, and many marks are not insistence.
# - **Few statements of some.** On several issues Baluyevskiy and Gates have too few for any trend.
# - **Same model twice.** Agreement near 1 is what one model reading twice gives. It must not be read as what two people would reach.
# - **Statements are not independent.** Several marks are parts of one speech, and some are second reports of the same words.
# - **Opposite signs are not a change of mind.** An offer made on a condition and a refusal of the other side's plan can be one policy.
