"""Which disagreements a release settled, and by which rule."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

if TYPE_CHECKING:
    from stancepack.dataset.package import StancePackage


def disagreements(pkg: StancePackage) -> pd.DataFrame:
    """List every disagreement that was settled, with the codes, the settled one, and the rule that settled it.

    Parameters
    ----------
    pkg
        A package, as `load` gives it.

    Returns
    -------
    pandas.DataFrame
        ``statement_id``, ``variable`` (an issue or a statement-level variable), ``codes`` (sorted,
        parted by a slash; NA is not addressed), ``settled``, ``rule``, ``reason``. Count by
        ``rule`` or ``variable`` to see what the codebook must say better.

    Examples
    --------
    >>> import stancepack as sp
    >>> found = sp.disagreements(sp.load())
    >>> found.columns.tolist()
    ['statement_id', 'variable', 'codes', 'settled', 'rule', 'reason']
    """
    parts = []
    for coded, settled, variable, code in (
        ("codings", "stances", "issue_id", "position"),
        ("statement_codings", "statement_codes", "variable", "code"),
    ):
        if coded not in pkg or settled not in pkg:
            continue
        given = pkg.settling(coded)
        keys = ["statement_id", variable]
        text = given[code].astype("object").where(given[code].notna(), "NA").astype(str)
        codes = (
            given.assign(codes=text)
            .groupby(keys, observed=True)["codes"]
            .agg(lambda one: "/".join(sorted(one)))
        )
        done = pkg[settled]
        done = done[done["settled_by"] == "adjudication"]
        parts.append(
            done.assign(
                settled=done[code].astype("object").where(done[code].notna(), "NA").astype(str),
                rule=done["rationale"].astype(str).str.partition(": ")[0],
                reason=done["rationale"].astype(str).str.partition(": ")[2],
                variable=done[variable].astype(str),
            ).merge(
                codes.reset_index().rename(columns={variable: "variable"}),
                on=["statement_id", "variable"],
            )
        )
    names = ["statement_id", "variable", "codes", "settled", "rule", "reason"]
    return pd.concat(parts)[names].reset_index(drop=True) if parts else pd.DataFrame(columns=names)
