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
# # 04 Did anything turn at Munich, the G8 offer, Sochi, September 2009, New START, Lisbon?
#
# **Question.** Did Russian, and American, positions on missile defence differ before and after six events that the literature calls turning points?
#
# All codes are those of language models; no person has coded yet.

# %%
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd

import stancepack as sp

pkg = sp.load()
issues = pkg["issues"].set_index("issue_id")["title"]
EVENTS = {
    "munich-2007": "Munich, Feb 2007", "g8-heiligendamm": "G8 offer, Jun 2007", "sochi": "Sochi, Apr 2008",
    "third-site-dropped": "Third site dropped, Sep 2009", "new-start": "New START, Apr 2010", "lisbon-summit": "Lisbon, Nov 2010",
}  # fmt: skip
Path("figures").mkdir(exist_ok=True)

# %% [markdown]
# ## Before and after
# Mean position in the year after an event less that in the year before; the test shuffles occasions (statements of one speaker and day stay together) between
# the two years. `detectable` is the difference the test would have found in four of five cases: where it is large, nothing can be said.

# %%
rows = []
for side in ("Russia", "US"):
    for event, name in EVENTS.items():
        for issue in ("joint-defence", "us-sites", "deterrent-threat", "limits"):
            effect = sp.event_effect(pkg, event=event, issue=issue, side=side)
            rows.append(effect.table.assign(side=side, event=name, issue=issues[issue]))
effects = pd.concat(rows, ignore_index=True)
effects["tests"] = effects["p"].notna().sum()
# Benjamini and Hochberg: how many of those called different would be so by chance
known = effects["p"].dropna().sort_values()
adjusted = (known * len(known) / np.arange(1, len(known) + 1))[::-1].cummin()[::-1]
effects["q"] = adjusted.clip(upper=1).reindex(effects.index)
columns = [
    "side",
    "event",
    "issue",
    "before",
    "after",
    "n_before",
    "n_after",
    "difference",
    "p",
    "q",
    "detectable",
]
effects.dropna(subset=["p"]).sort_values("p")[columns].head(12).round(2)

# %%
shown = effects[(effects["side"] == "Russia")].dropna(subset=["p"]).reset_index(drop=True)
figure, axes = plt.subplots(figsize=(7.5, 0.27 * len(shown) + 1), layout="constrained")
axes.axvline(0, color="0.8", linewidth=0.8)
axes.use_sticky_edges = False  # so that the longest bar has room too
axes.barh(shown.index, 2 * shown["detectable"], left=-shown["detectable"], color="0.92", height=0.8)
axes.scatter(
    shown["difference"],
    shown.index,
    s=18,
    color=np.where(shown["p"] < 0.05, "#D55E00", "#0072B2"),
    zorder=2,
)
axes.set_yticks(
    shown.index,
    [f"{row.event}: {row.issue} ({row.n_before} | {row.n_after})" for row in shown.itertuples()],
    fontsize=7,
)
axes.invert_yaxis()
axes.spines[["top", "right"]].set_visible(False)
axes.tick_params(labelsize=7)
axes.set_xlabel(
    "Russia: after less before (orange: p < .05 of one test).\n"
    "Within the grey a difference would be missed\n"
    "more than once in five; where there is none,\n"
    "all statements take one position.",
    fontsize=7.5,
)
figure.savefig("figures/04_events.png", dpi=150, metadata={"Software": None})

# %% [markdown]
# ## Change without being told where
# The posterior that there was one change of level, and where it lies, for the speakers and issues with most statements.

# %%
rows = []
for actor in ("putin", "lavrov", "medvedev", "gates", "rasmussen"):
    for issue in issues.index:
        try:
            found = sp.change_points(pkg, issue=issue, actor=actor, draws=10)
        except sp.StancepackError:
            continue
        if found.table.empty:
            continue
        best = found.table.loc[found.table["probability"].idxmax()]
        rows.append({"actor": actor, "issue": issues[issue], "n": found.n, "P(change)": found.probability,
                     "most probable month": f"{best['time']:%Y-%m}", "before": best["before"], "after": best["after"]})  # fmt: skip
pd.DataFrame(rows).sort_values("P(change)", ascending=False).head(10).round(2)

# %% [markdown]
# ## Reversals
# Pairs of opposite positions by one speaker on one issue, by what lies between them.

# %%
pairs = sp.reversals(pkg)
pd.crosstab(pairs["issue_id"], pairs["kind"])

# %% [markdown]
# The reversals of Putin on whether missile defence threatens Russia's deterrent, earliest and latest words:

# %%
own = sp.reversals(pkg, actor="putin", issue="deterrent-threat")
own[
    ["date", "position", "proposition", "other_date", "other_position", "other_proposition", "kind"]
].head(4)

# %% [markdown]
# ## What the data cannot say
# - **Causes.** A difference after an event is not its effect: other things happened, and other people spoke.
# - **Smaller changes.** Most tests could only have found a change of about a whole point.
# - **Many tests.** Some differ by chance; `q` is the share of false ones among those at least as clear.
# - **A reversal is not a change of mind** when a condition, another audience, or a retort of the day lies between.
