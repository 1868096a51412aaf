"""What a report says of agreement: the figures, what makes them, and where coders differed."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import pandas as pd

from stancepack.dataset.contract import SETTLING, round_order
from stancepack.dataset.scales import NOT_ADDRESSED, Scale
from stancepack.errors import StancepackError
from stancepack.release.disagreements import disagreements
from stancepack.site.readable import shown

if TYPE_CHECKING:
    from stancepack.dataset.package import StancePackage

VERDICTS = {"too-few": "too few units for a verdict", "undefined": "no verdict"}
_NO_FIGURE = {"text": "agreement not computed", "verdict": "undefined"}
_TOP_RULES = 8
_HEADINGS = {SETTLING: "what is settled: of each statement the codes of its latest round"}


class Alphas:
    """The alpha of each issue or variable, on the codes behind what is settled, in words."""

    def __init__(self, pkg: StancePackage) -> None:
        rounds = pkg.settling("codings")["round"].dropna().unique()
        name = SETTLING if len(rounds) > 1 else next(iter(rounds), "")
        rows = pkg["agreement"]
        rows = rows[(rows["coefficient"] == "alpha") & (rows["round"] == name)]
        self._rows = {row["variable"]: row for row in rows.to_dict("records")}

    def of(self, variable: str) -> dict[str, str]:
        """Return the figure with its interval, and its verdict."""
        if variable not in self._rows:
            return _NO_FIGURE
        row = self._rows[variable]
        verdict, units = shown(row["verdict"]), shown(row["n_units"])
        if pd.isna(row["value"]):
            return {"text": f"alpha not defined, {units} units", "verdict": verdict}
        interval = f" [{row['low']:.2f}, {row['high']:.2f}]" if pd.notna(row["low"]) else ""
        text = f"alpha {row['value']:.2f}{interval}, {units} units".replace("-", "−")
        return {"text": text, "verdict": verdict}


def figures_by_round(pkg: StancePackage) -> list[tuple[str, list[dict[str, Any]]]]:
    """Lay out the figures of what is settled, then of each round.

    Each time all issues, each issue, each variable, then the units.
    """
    names = _names(pkg)
    order = {name: rank for rank, name in enumerate(names)}
    table = pkg["agreement"]
    is_percent = table["coefficient"] == "percent"
    percent = table[is_percent].set_index(["round", "variable"])["value"].to_dict()
    rounds: dict[str, list[dict[str, Any]]] = {}
    for row in table[~is_percent].to_dict("records"):
        share = percent.get((row["round"], row["variable"]))
        laid_out = _figure(row) | {
            "name": names.get(row["variable"], shown(row["variable"])),
            "order": order.get(row["variable"], len(order)),
            "percent": None if pd.isna(share) else float(share),
        }
        rounds.setdefault(shown(row["round"]), []).append(laid_out)
    for rows in rounds.values():
        rows.sort(key=lambda row: row["order"])
    in_order = sorted(rounds, key=lambda name: (name != SETTLING, round_order(name)))
    return [(_HEADINGS.get(name, name), rounds[name]) for name in in_order]


def _names(pkg: StancePackage) -> dict[str, str]:
    names = {"position": "All issues: position", "addressed": "All issues: addressed or not"}
    for issue, entry in pkg.codebook.issues.items():
        names[issue] = f"{entry['title']}: position"
        names[f"{issue}:addressed"] = f"{entry['title']}: addressed or not"
    names |= {name: entry["title"] for name, entry in pkg.codebook.variables.items()}
    return names | {"unit": "Units: marked by both"}


def _figure(row: dict[str, Any]) -> dict[str, Any]:
    """Lay out one figure with its interval, both as numbers and as parts of a line from 0 to 1."""
    value, low, high = (
        None if pd.isna(row[part]) else float(row[part]) for part in ("value", "low", "high")
    )
    there = value is not None and low is not None and high is not None
    left, right = (max(low or 0.0, 0.0), max(high or 0.0, 0.0)) if there else (0.0, 0.0)
    return {
        "measure": ", ".join(filter(None, (shown(row["coefficient"]), shown(row["level"])))),
        "value": value,
        "low": low if there else None,
        "high": high if there else None,
        "left": round(100 * left, 1),
        "width": round(100 * (right - left), 1),
        "point": round(100 * max(value or 0.0, 0.0), 1),
        "n_units": shown(row["n_units"]),
        "verdict": shown(row["verdict"]),
        "note": "" if there and low == high else shown(row["note"]),
    }


def diagnoses(pkg: StancePackage, settled: pd.DataFrame) -> list[dict[str, Any]]:
    """Say for each issue what makes its figure: other coefficients, disputes, how coders lean."""
    settling = pkg.settling("codings")
    rows = []
    for issue, entry in pkg.codebook.issues.items():
        on_issue = settling[settling["issue_id"] == issue]
        if on_issue["coder_id"].nunique() < 2:
            continue
        codes = settled.loc[settled["variable"] == issue, "codes"]
        about = sum(NOT_ADDRESSED in given.split("/") for given in codes)
        row = {
            "title": entry["title"],
            "addressed": about,
            "codes": len(codes) - about,
            "error": "",
        }
        try:
            rows.append(row | _diagnosis(_comparable(pkg, issue, on_issue), pkg.scale(issue)))
        except StancepackError as error:
            rows.append(row | {"error": str(error)})
    return rows


def _comparable(pkg: StancePackage, issue: str, codings: pd.DataFrame) -> pd.DataFrame:
    """Return codings with the codes of an ordered scale as the numbers where they stand."""
    scale = pkg.scale(issue)
    codes = codings["position"].dropna().unique()
    stand: dict[Any, Any] = {
        code: scale.number(code) if scale.is_ordered else scale.key(code) for code in codes
    }
    return codings.assign(position=codings["position"].map(stand))


def _diagnosis(codings: pd.DataFrame, scale: Scale) -> dict[str, Any]:
    from stancepack.reliability.agreement import agreement
    from stancepack.reliability.diagnosis import diagnose

    diagnosis = diagnose(codings, level=scale.level, interval=None)
    weights = "linear" if scale.is_ordered else "identity"
    could_be_used = scale.numbers.tolist() if scale.is_ordered else list(scale.codes)
    gwet = agreement(
        codings, coefficient="ac2", weights=weights, order=could_be_used, interval=None
    )
    bias = diagnosis.coders["bias"].abs().max() if scale.is_ordered else float("nan")
    return {
        "n": diagnosis.agreement.n_units,
        "alpha": _defined(diagnosis.agreement.value),
        "ac2": _defined(gwet.value),
        "percent": _defined(agreement(codings, coefficient="percent", interval=None).value),
        "half": diagnosis.n_half,
        "bias": _defined(bias),
    }


def _defined(value: float) -> float | None:
    return None if pd.isna(value) else float(value)


def rules_that_settled(pkg: StancePackage, settled: pd.DataFrame) -> list[dict[str, Any]]:
    """Count the rules that settled disagreements, those that settled most first."""
    counts = settled["rule"].str.split().explode().dropna().value_counts().head(_TOP_RULES)
    titles = {name: entry["title"] for name, entry in pkg.codebook.rules.items()}
    return [{"rule": rule, "title": titles.get(rule, ""), "n": n} for rule, n in counts.items()]


def settled_rows(pkg: StancePackage, settled: pd.DataFrame) -> Iterator[dict[str, Any]]:
    """Go through what was settled by adjudication, with the title of what was coded."""
    book = pkg.codebook
    for row in settled.to_dict("records"):
        title = book[row["variable"]]["title"] if row["variable"] in book else row["variable"]
        yield row | {"title": title, "codes": row["codes"].split("/")}


def agreement_section(pkg: StancePackage) -> dict[str, Any]:
    """Collect what the report says of agreement."""
    settled = disagreements(pkg)
    return {
        "rounds": figures_by_round(pkg),
        "diagnoses": diagnoses(pkg, settled),
        "rules": rules_that_settled(pkg, settled),
        "settled": list(settled_rows(pkg, settled)),
    }
