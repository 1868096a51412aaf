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
# # 06 Who stood with whom, and when?
#
# **Question.** Do officials fall into two camps, who stands between them, and did the camps move towards each other in any year?
#
# All codes are those of language models; no person has coded yet.

# %%
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np

import stancepack as sp
from stancepack.plots.inks import NEUTRAL, Ink, inks
from stancepack.plots.margin import Name, name_lines

pkg = sp.load()
Path("figures").mkdir(exist_ok=True)
actors = pkg["actors"].set_index("actor_id")
INKS = inks(["Russia", "US"], order=actors["side"].cat.categories)  # as in every figure
positions = sp.evidence(pkg)
busy = positions["actor_id"].value_counts()
busy = [actor for actor in busy[busy >= 12].index if actors.loc[actor, "kind"] == "person"]

# %% [markdown]
# ## Agreement less disagreement
# For every two officials with twelve positions or more: congruence less conflict over all pairs of their statements on the same issue, divided by their mean number of statements
# (the subtract network of Discourse Network Analyzer with average activity). Purple: they agree; orange: they oppose each other.

# %%
some = positions[positions["actor_id"].isin(busy)]
network = sp.network(pkg, actor=busy)
places = sp.scale(pkg, positive="us-sites", interval=None).table.set_index("actor_id")["x1"]
order = places.reindex(network.table.index).sort_values().index
matrix = network.table.loc[order, order]
figure, axes = plt.subplots(figsize=(7.2, 6.4), layout="constrained")
reach = np.abs(matrix.to_numpy()).max()
image = axes.imshow(matrix, cmap="PuOr", vmin=-reach, vmax=reach)
names = [f"{actors.loc[name, 'name']} ({(some['actor_id'] == name).sum()})" for name in order]
axes.set_xticks(range(len(order)), names, rotation=90, fontsize=7)
axes.set_yticks(range(len(order)), names, fontsize=7)
figure.colorbar(image, ax=axes, shrink=0.7).ax.tick_params(labelsize=7)
axes.set_title(
    f"Agreement less disagreement, {network.n} positions (in brackets each official's)",
    fontsize=9,
    loc="left",
)
figure.savefig("figures/06_network.png", dpi=150, metadata={"Software": None})

# %% [markdown]
# ## One dimension
# Officials placed by their positions on all issues, with 90 % intervals from resampled statements. The dimension is the one that tells most of them apart.

# %%
scaling = sp.scale(pkg, positive="us-sites")
figure = scaling.plot().figure
figure.savefig("figures/06_scale.png", dpi=150, metadata={"Software": None})
figure

# %% [markdown]
# ## Camps by year
# Mean agreement less disagreement of pairs within Russia, within the United States and NATO, and between them, by calendar year; a speaker's repeated statements of a month count once. Years with fewer
# than ten pairs are left out.

# %%
pairs = sp.network(pkg, duplicates="month", period="Y").table
side = actors["side"].astype(str).replace({"NATO": "US and NATO", "US": "US and NATO"})
pairs["kind"] = [
    "within Russia"
    if {one, other} == {"Russia"}
    else "within US and NATO"
    if {one, other} == {"US and NATO"}
    else "between"
    if {one, other} == {"Russia", "US and NATO"}
    else ""
    for one, other in zip(side.reindex(pairs["actor"]), side.reindex(pairs["other"]), strict=True)
]
pairs = pairs[(pairs["kind"] != "") & (pairs["weight"] != 0)]
by_year = pairs.groupby(["period", "kind"])["weight"].agg(["mean", "sem", "count"]).reset_index()
by_year = by_year[by_year["count"] >= 10]
figure, axes = plt.subplots(figsize=(7, 3.4), layout="constrained")
axes.axhline(0, color="0.8", linewidth=0.8)
names = []
for shift, (kind, ink) in enumerate(
    {
        "within Russia": INKS["Russia"],
        "within US and NATO": INKS["US"],
        "between": Ink(NEUTRAL, "solid"),
    }.items()
):
    of_kind = by_year[by_year["kind"] == kind].astype({"period": int}).set_index("period")
    of_kind = of_kind.reindex(range(2000, 2013))  # no line over years without pairs
    axes.errorbar(
        of_kind.index + 0.12 * (shift - 1),
        of_kind["mean"],
        1.96 * of_kind["sem"],
        color=ink.colour,
        linewidth=1.2,
        marker="o",
        markersize=4,
        capsize=0,
    )
    names.append(Name(kind, of_kind["mean"].dropna().iloc[-1], ink))
axes.set_xlim(1999.5, 2012.5)
axes.set_xticks(range(2000, 2013, 2))
axes.spines[["top", "right"]].set_visible(False)
axes.tick_params(labelsize=8)
axes.set_title(
    "Mean weight of pairs by year, with 95 % intervals over pairs", fontsize=9, loc="left"
)
name_lines(axes, names)
figure.savefig("figures/06_years.png", dpi=150, metadata={"Software": None})
by_year.pivot_table(index="period", columns="kind", values="count", fill_value=0).astype(int)

# %% [markdown]
# ## What the data cannot say
# - **Pairs are not independent.** One speaker stands in many pairs: the intervals over pairs are too narrow.
# - **Silence.** Two officials who never spoke on the same issue have no tie; that is no neutrality.
# - **Activity.** Who speaks more has heavier ties even after normalisation.
# - **One dimension fits two camps** nearly by construction of the subject: the order within a camp is mostly within the intervals.
