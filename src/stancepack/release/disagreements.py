"""Which disagreements a release settled, and by which rule."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

import pandas as pd

from stancepack.dataset.package import as_package
from stancepack.dataset.scales import NOT_ADDRESSED
from stancepack.errors import StancepackError

if TYPE_CHECKING:
    from stancepack.dataset.package import StancePackage

# where codes stand, where they are settled, and the columns of what was coded and of the code
CODED = (
    ("codings", "stances", "issue_id", "position"),
    ("statement_codings", "statement_codes", "variable", "code"),
)
_COLUMNS = ["statement_id", "variable", "codes", "settled", "rule", "reason"]
_RULE_AND_REASON = r"(?s)(?:(?P<rule>.*?): )?(?P<reason>.*)"


def disagreements(pkg: StancePackage | str | os.PathLike[str]) -> pd.DataFrame:
    """List every disagreement that was settled, with the codes and the rule that settled it.

    Parameters
    ----------
    pkg
        A package, or its path.

    Returns
    -------
    pandas.DataFrame
        ``statement_id``, ``variable`` (an issue or a statement-level variable), ``codes`` (sorted,
        parted by a slash; NA is not addressed), ``settled``, ``rule``, ``reason``; without rows if
        the coders agreed everywhere. Count by ``rule`` or ``variable`` to see what the codebook
        must say better.

    Raises
    ------
    StancepackError
        If it is no package.

    Examples
    --------
    >>> import stancepack as sp
    >>> settled = sp.disagreements(sp.load())
    >>> settled.columns.tolist()
    ['statement_id', 'variable', 'codes', 'settled', 'rule', 'reason']
    """
    if isinstance(pkg, pd.DataFrame):
        raise StancepackError("disagreements() is of a package; diagnose() takes codes apart.")
    pkg = as_package(pkg, "disagreements")
    frames = [pd.DataFrame({name: pd.Series(dtype="str") for name in _COLUMNS})]
    for codings, settled, variable, code in CODED:
        if codings in pkg and settled in pkg:
            frames.append(_settled_by_adjudication(pkg, codings, settled, variable, code))
    return pd.concat(frames, ignore_index=True)


def _settled_by_adjudication(
    pkg: StancePackage, codings: str, settled: str, variable: str, code: str
) -> pd.DataFrame:
    names = {variable: "variable", code: "code"}
    rows = pkg[settled].rename(columns=names)
    is_said = "settled_by" in rows  # else what the coders differed on was settled
    if is_said:
        rows = rows[rows["settled_by"] == "adjudication"]
    given = pkg.settling(codings).rename(columns=names)
    given = given[given["statement_id"].isin(rows["statement_id"])]
    keys = ["statement_id", "variable"]
    rows, given = (_with_code_texts(pkg, frame) for frame in (rows, given))
    by_unit = given.groupby(keys)["code"]
    codes = by_unit.agg(lambda codes: "/".join(sorted(codes)))
    if not is_said:
        codes = codes[by_unit.agg(lambda codes: len(set(codes))) > 1]
    rationale = rows.get("rationale", pd.Series("", index=rows.index)).astype("str").fillna("")
    reasons = rationale.str.extract(_RULE_AND_REASON).fillna("")
    out = rows[keys].assign(settled=rows["code"], rule=reasons["rule"], reason=reasons["reason"])
    return out.merge(codes.rename("codes").reset_index(), on=keys)[_COLUMNS]


def _with_code_texts(pkg: StancePackage, frame: pd.DataFrame) -> pd.DataFrame:
    return frame.assign(variable=frame["variable"].astype("str"), code=code_texts(pkg, frame))


def code_texts(pkg: StancePackage, frame: pd.DataFrame) -> pd.Series[Any]:
    """Return codes as the codebook writes them, with NA for not addressed; others as they stand.

    Parameters
    ----------
    pkg
        The package, for the scales.
    frame
        Rows with ``variable`` and ``code``.
    """
    texts = pd.Series(NOT_ADDRESSED, index=frame.index, dtype="str")
    given = frame[frame["code"].notna()]
    for (variable, code), rows in given.groupby(["variable", "code"], observed=True):
        texts[rows.index] = code_text(pkg, str(variable), code)
    return texts


def code_text(pkg: StancePackage, variable: str, code: Any) -> str:
    """Return a code as the codebook writes it; as it stands if it is none."""
    try:
        return pkg.scale(variable).key(code)
    except StancepackError:
        return str(code)
