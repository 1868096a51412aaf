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
# # 02 How far can the codes be trusted, and does it matter for what one concludes?
#
# **Question.** Where do the coders differ, by which rule was it settled, and would a reader who trusted one coder, or a model of coders in place of the adjudicator, conclude anything else?
#
# All coders are language models of one kind in separate conversations. What follows measures how consistently the instrument is applied, not what people would agree on.

# %%
from pathlib import Path

import pandas as pd

import stancepack as sp

pkg = sp.load()
codings = pkg.settling("codings")
issues = pkg["issues"].set_index("issue_id")["title"]

# %% [markdown]
# ## One figure is not enough
# Krippendorff's alpha beside coefficients with other ideas of chance, on the codes behind what is settled: of each statement, those of its latest round. Where they part, the codes are unevenly used.

# %%
rows = []
for issue, part in codings.groupby("issue_id"):
    row = {"issue": issues[issue]}
    for name in ("alpha", "fleiss_kappa", "ac2", "percent"):
        weights = {"weights": "linear"} if name in ("fleiss_kappa", "ac2") else {}
        result = sp.agreement(part, coefficient=name, **weights)
        row[name] = f"{result.value:.2f} [{result.low:.2f}, {result.high:.2f}]"
    rows.append(row | {"n": result.n_units})
pd.DataFrame(rows).set_index("issue")

# %% [markdown]
# ## Third coder and second time
# A third coder coded a random quarter of round 3, and the first coder a random tenth again; round 4 has what was new then, was worded anew or can be touched by a changed rule; round 5 what an audit against the pages led to word anew. Alpha with its interval; fewer than ten units give no verdict.

# %%
table = pkg["agreement"].query("coefficient == 'alpha'")
table = table[
    table["variable"].isin([*issues.index, "attribution", "speech_act", "conditional", "addressee"])
]
table["figure"] = [
    f"{row.value:.2f} [{row.low:.2f}, {row.high:.2f}], n = {row.n_units}"
    if pd.notna(row.value)
    else ""
    for row in table.itertuples()
]
table.set_index(["variable", "round"])["figure"].unstack()[
    ["settling", "round-5", "round-4", "round-3", "round-3-third", "round-3-again"]
].fillna("")

# %% [markdown]
# ## What makes the disagreement
# The issue with the lowest alpha, taken apart: which codes stand beside which, and how few units make most of it.

# %%
worst = (
    table[(table["round"] == "settling") & table["variable"].isin(issues.index)]
    .sort_values("value")["variable"]
    .iloc[0]
)
found = sp.diagnose(codings[codings["issue_id"] == worst])
found

# %%
figure = found.plot().figure
Path("figures").mkdir(exist_ok=True)
figure.savefig("figures/02_coincidences.png", dpi=150, metadata={"Software": None})
figure

# %%
found.units.head(5).merge(pkg["statements"][["statement_id", "proposition"]], on="statement_id")

# %% [markdown]
# Most disagreement is not about how strong a position is, but whether there is one. The rules that settled most:

# %%
settled = sp.disagreements(pkg)
settled["about"] = [
    "whether addressed" if "NA" in codes else "which code" for codes in settled["codes"]
]
settled[settled["variable"].isin(issues.index)]["about"].value_counts()

# %%
settled["rule"].str.split(" ").explode().value_counts().head(6).rename_axis(
    "rule"
).reset_index().assign(
    title=lambda frame: [pkg.codebook.rules[rule]["title"] for rule in frame["rule"]]
)

# %% [markdown]
# ## Without an adjudicator
# Codes combined by a majority or by models of coders, against the adjudicated ones (not addressed counts as a code).

# %%
marked = codings.assign(
    code=codings["position"].astype("object").where(codings["position"].notna(), "NA").astype(str)
)
stances = pkg["stances"].set_index(["statement_id", "issue_id"])["position"]
answers = stances.astype("object").where(stances.notna(), "NA").astype(str)
rows = []
for method in ("majority", "dawid_skene", "mace"):
    for issue, part in marked.groupby("issue_id"):
        codes = sp.combine(part, method=method, unit="statement_id", value="code").codes
        right = (
            codes["code"].to_numpy()
            == answers.xs(issue, level="issue_id").reindex(codes["statement_id"]).to_numpy()
        )
        rows.append(
            {
                "method": method,
                "same as adjudicated": right.mean(),
                "mean probability": codes["probability"].mean(),
            }
        )
pd.DataFrame(rows).groupby("method").mean().round(3)

# %% [markdown]
# ## Does it matter?
# The mean position of each side on the US sites, from the settled codes and from one reading of each statement alone: the first coders of rounds 3, 4 and 5, and the second ones.

# %%
readings = {
    "settled": None,
    "first reading": ["lm-5", "lm-8", "lm-10"],
    "second reading": ["lm-6", "lm-9", "lm-11"],
}
sides = ["Russia", "US", "NATO", "Poland", "Czech Republic"]
means = {
    name: sp.evidence(pkg, issue="us-sites", coder=coder)
    .groupby("side", observed=True)["value"]
    .mean()
    .reindex(sides)
    for name, coder in readings.items()
}
pd.DataFrame(means).round(2)

# %% [markdown]
# ## How many units and coders would people need?
# These codes agree too well to plan from. The pilot here is simulated: two coders whose ordinal alpha is near .80. The table gives the width of a 95 % interval for each
# design, its lower end, and how often it is at most .15 wide.

# %%
pilot = sp.simulate(actors=4, issues=1, statements=200, noise=0.55, severity=0.1, seed=0)["codings"]
print(sp.agreement(pilot))
plan = sp.plan_agreement(pilot, width=0.15, units=(50, 100, 200), coders=(2, 3), draws=60)
plan.designs.round(2)

# %% [markdown]
# ## What the data cannot say
# - **Whether people would agree.** One model read everything, two or three times. Shared errors are invisible to every figure above, and to Dawid and Skene as well.
# - **Whether units are right.** Agreement is on codes of given units; how units were found is another matter (`coding/protocol.md`).
# - **More than the intervals.** They are over units; with two coders of one kind nothing can be said of coders in general.
