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
# # 05 Would other choices have led elsewhere?
#
# **Question.** Do two findings of these data, the distance between Russia and the United States on the sites, and the change of Russian positions after September 2009, survive every choice that could be defended?
#
# All codes are those of language models; no person has coded yet.

# %%
from pathlib import Path

import stancepack as sp

pkg = sp.load()
Path("figures").mkdir(exist_ok=True)
choices = sp.universe(pkg)
choices

# %% [markdown]
# ## The distance on the sites
# Mean position of the United States less that of Russia, under each coder, with and without statements merely ascribed, restatements, conditional ones, each large family of sources, and
# statements whose date is only inferred.


# %%
def distance(pkg, **choices):
    mean = (
        sp.evidence(pkg, issue="us-sites", **choices).groupby("side", observed=True)["value"].mean()
    )
    return mean["US"] - mean["Russia"]


found = sp.multiverse(pkg, analysis=distance, choices=choices)
figure = found.plot().figure
figure.savefig("figures/05_distance.png", dpi=150, metadata={"Software": None})
figure

# %%
found.table["value"].describe().round(2)

# %% [markdown]
# ## The change after September 2009
# Russian positions on the sites in the months after 17 September 2009 less those before, with three widths of the window.


# %%
def change(pkg, window, **choices):
    return sp.event_effect(
        pkg,
        event="third-site-dropped",
        issue="us-sites",
        side="Russia",
        window=window,
        draws=200,
        **choices,
    )


found = sp.multiverse(pkg, analysis=change, choices=choices, window=[365, 180, 730])
figure = found.plot().figure
figure.savefig("figures/05_change.png", dpi=150, metadata={"Software": None})
figure

# %% [markdown]
# Which choice moves the result most: how far the mean results of its alternatives lie apart.

# %%
found.apart.round(2)

# %% [markdown]
# ## What the data cannot say
# - **Choices not in the list.** Other units, another codebook, or people as coders are outside this multiverse.
# - **Weights.** All specifications count alike here; nobody believes them all alike.
