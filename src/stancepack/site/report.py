"""The report: one self-contained page on what a package holds and how far it can be trusted."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import pandas as pd

from stancepack.dataset.citation import cite
from stancepack.dataset.contract import round_order
from stancepack.dataset.package import StancePackage
from stancepack.dataset.scales import NOT_ADDRESSED
from stancepack.files.atomic import write
from stancepack.validation.rules import RULES
from stancepack.validation.validate import validate

_BAND = 32  # height of the band of one code, in pixels; its marks never leave it
_EDGE = 18  # room above and below the bands for the names of the ends
_NARROW = 250  # width of a plot on a phone, in pixels: marks are kept apart at this width
_FEW = 8  # statements of a speaker on an issue below which no mean is drawn
_MARK = 10  # distance between marks that would cover each other


@dataclass
class Mark:
    """A statement on a lane: where it is drawn, in per cent across and pixels down."""

    statement_id: str
    label: str
    classes: str
    left: float
    top: float
    shift: int
    span_left: float
    span_width: float
    whisker_top: float
    whisker_height: float


def write_report(pkg: StancePackage, folder: Path) -> Path:
    """Write ``index.html`` into a folder; the page needs nothing else and no network.

    Parameters
    ----------
    pkg
        The package.
    folder
        Folder to write into; made if it is not there.

    Returns
    -------
    pathlib.Path
        The page.
    """
    from jinja2 import Environment, PackageLoader, StrictUndefined

    environment = Environment(
        loader=PackageLoader("stancepack.site", "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
    )
    page = environment.get_template("report.html").render(**_contents(pkg))
    path = folder / "index.html"
    write(path, page)
    return path.resolve()


def _contents(pkg: StancePackage) -> dict[str, Any]:
    statements, positions, agreement = pkg["statements"], pkg.positions(), pkg["agreement"]
    findings = validate(pkg.descriptor.path)
    settling = pkg.settling("codings")
    rounds = sorted(settling["round"].unique(), key=round_order)
    alphas = agreement[(agreement["coefficient"] == "alpha") & agreement["round"].isin(rounds[-1:])]
    principals = _principals(pkg, positions)
    drawn = positions[positions["actor_id"].isin(principals)]
    axis = _axis([*drawn["date_earliest"], *drawn["date_latest"]])
    cards = _cards(pkg)
    return {
        "pkg": pkg,
        "description": pkg.descriptor.content.get("description", ""),
        "title": pkg.descriptor.content.get("title", pkg.name),
        "licences": pkg.descriptor.content.get("licenses", []),
        "coders": pkg["coders"]
        .astype(object)
        .where(lambda frame: frame.notna(), "")
        .to_dict("records"),
        "actors": _actors(pkg, positions),
        "issues": _issues(pkg, positions, alphas),
        "figures": [_figure(pkg, actor, positions, alphas, axis) for actor in principals],
        "bands": [(code, _EDGE + (2 - code) * _BAND) for code in (2, 1, 0, -1, -2)],
        "verdicts": {"too-few": "too few units for a verdict", "undefined": "no verdict"},
        "years": list(range(axis[0].year, axis[1].year)),
        "year_left": {
            year: _across(date(year, 1, 1), axis) for year in range(axis[0].year, axis[1].year)
        },
        "agreement": _agreement(pkg),
        "findings": findings.to_dict("records"),
        "not_checked": findings.attrs["not_checked"],
        "n_rules": len(RULES),
        "cards": cards,
        "disagreements": [
            {"statement_id": card["statement_id"], **row}
            for card in cards
            for row in card["rows"]
            if row["differ"]
        ],
        "diagnoses": _diagnoses(pkg, settling),
        "rules": _rules(pkg),
        "counts": {
            "statements": len(statements),
            "actors": statements["actor_id"].nunique(),
            "persons": int(
                pkg["actors"]
                .query("kind == 'person'")["actor_id"]
                .isin(statements["actor_id"])
                .sum()
            ),
            "positions": len(positions),
            "cells": len(pkg["stances"]),
            "addressing": positions["statement_id"].nunique(),
            "quoted": int(statements["quote"].notna().sum()),
            "repeated": int(statements["repeats"].notna().sum()),
            "inferred": int((statements["date_basis"] == "inferred").sum()),
            "first": f"{statements['date_earliest'].min():%Y-%m}",
            "last": f"{statements['date_latest'].max():%Y-%m}",
        },
        "book": pkg.codebook,
        "citation": cite(pkg=pkg),
        "models_only": set(pkg["coders"]["kind"]) == {"language-model"},
        "models": sorted(pkg["coders"].query("kind == 'language-model'")["coder_id"]),
    }


def _diagnoses(pkg: StancePackage, settling: pd.DataFrame) -> list[dict[str, Any]]:
    """Say for each issue what makes its figure: other coefficients, units in dispute, and how the coders lean."""
    from stancepack.release.disagreements import disagreements
    from stancepack.reliability.agreement import agreement
    from stancepack.reliability.diagnosis import diagnose

    rows = []
    settled = disagreements(pkg)
    for issue, title in pkg["issues"].set_index("issue_id")["title"].items():
        part = settling[settling["issue_id"] == issue]
        found = diagnose(part, interval="none")
        mine = settled[settled["variable"] == issue]
        about = sum("NA" in codes.split("/") for codes in mine["codes"])
        bias = found.coders["bias"].abs().max()
        rows.append(
            {
                "title": title,
                "n": found.agreement.n_units,
                "alpha": found.agreement.value,
                "ac2": agreement(part, "ac2", weights="linear", interval="none").value,
                "percent": agreement(part, "percent", interval="none").value,
                "addressed": about,
                "codes": len(mine) - about,
                "half": int((found.units["share"].cumsum() < 0.5).sum()) + 1
                if found.units["share"].sum() > 0
                else 0,
                "bias": bias if bias == bias else 0.0,
            }
        )
    return rows


def _rules(pkg: StancePackage) -> list[dict[str, Any]]:
    """Count the rules that settled disagreements."""
    from stancepack.release.disagreements import disagreements

    counts = disagreements(pkg)["rule"].str.split(" ").explode().value_counts().head(8)
    titles = {name: body["title"] for name, body in pkg.codebook.rules.items()}
    return [
        {"rule": rule, "title": titles.get(rule, ""), "n": int(n)} for rule, n in counts.items()
    ]


def _principals(pkg: StancePackage, positions: pd.DataFrame) -> list[str]:
    """Return the actors to draw: those the descriptor names, else the four with most positions."""
    named = [
        actor
        for actor in pkg.descriptor.content.get("principals", [])
        if actor in set(pkg["actors"]["actor_id"])
    ]
    return named or positions["actor_id"].value_counts().index[:4].tolist()


def _axis(days: list[Any]) -> tuple[date, date]:
    """Return the years to draw; days without a year, of dates open on one side, do not stretch them and are cut at the ends."""
    years = [day.year for day in days if 1 < day.year < 9999] or [2000]
    return date(min(years), 1, 1), date(max(years) + 1, 1, 1)


def _across(day: date, axis: tuple[date, date]) -> float:
    return round(
        100 * (min(max(day, axis[0]), axis[1]) - axis[0]).days / (axis[1] - axis[0]).days, 2
    )


def _middle(position: int) -> float:
    """Return how far down the middle of a code's band is."""
    return _EDGE + (2 - position) * _BAND + _BAND / 2


def _figure(
    pkg: StancePackage,
    actor: str,
    positions: pd.DataFrame,
    alphas: pd.DataFrame,
    axis: tuple[date, date],
) -> dict[str, Any]:
    """Lay out one actor's positions: a lane for each issue, a mark for each statement."""
    mine = positions[positions["actor_id"] == actor]
    lanes = []
    for issue in pkg["issues"].itertuples():
        here = mine[mine["issue_id"] == issue.issue_id]
        if len(here):
            lanes.append(
                {
                    "issue_id": issue.issue_id,
                    "title": issue.title,
                    "n": len(here),
                    "n_statements": here["statement_id"].nunique()
                    - int(here["repeats"].notna().sum()),
                    "top": issue.plus2,
                    "bottom": issue.minus2,
                    "alpha": _alpha(alphas, str(issue.issue_id)),
                    "marks": _marks(here, axis),
                    "path": _path(pkg, actor, str(issue.issue_id), here, axis),
                    "height": 5 * _BAND + 2 * _EDGE,
                }
            )
    all_issues = pkg["issues"]
    silent = all_issues[~all_issues["issue_id"].isin(mine["issue_id"])]["title"].tolist()
    name = pkg["actors"].set_index("actor_id").loc[actor, "name"]
    offices = list(dict.fromkeys(mine["office"].dropna()))
    return {
        "actor_id": actor,
        "name": name,
        "offices": offices,
        "n": mine["statement_id"].nunique(),
        "n_all": int((pkg["statements"]["actor_id"] == actor).sum()),
        "lanes": lanes,
        "silent": silent,
    }


def _path(
    pkg: StancePackage, actor: str, issue: str, here: pd.DataFrame, axis: tuple[date, date]
) -> list[dict[str, str]]:
    """Lay out the mean position over time with its interval, in stretches; nothing for a handful of statements."""
    from stancepack.positions.trajectory import trajectory

    if here["repeats"].isna().sum() < _FEW:
        return []
    path = trajectory(pkg, issue=issue, actor=actor, method="window", step="MS", draws=200)

    def at(day: pd.Timestamp, value: float) -> str:
        return f"{_across(day.date(), axis):.2f},{_EDGE + (2 - value) * _BAND + _BAND / 2:.1f}"

    stretches = []
    known = path["estimate"].notna()
    for _, part in path[known].groupby((~known).cumsum()[known]):
        if len(part) > 1:
            rows = list(part.itertuples())
            upper, lower = (
                [at(row.time, getattr(row, side)) for row in rows] for side in ("high", "low")
            )
            line = [at(row.time, row.estimate) for row in rows]
            stretches.append({"band": " ".join([*upper, *reversed(lower)]), "line": " ".join(line)})
    return stretches


def _marks(here: pd.DataFrame, axis: tuple[date, date]) -> list[Mark]:
    """Place marks so that none covers another, even at phone width: first up and down, then to the right."""
    marks: list[Mark] = []
    taken: list[tuple[int, float, int]] = []
    offers = [(x, y) for x in range(0, 200, _MARK) for y in (0, -_MARK, _MARK)]
    for row in here.sort_values(["date_earliest", "date_latest", "statement_id"]).itertuples():
        first, last = row.date_earliest.date(), row.date_latest.date()
        left, right = _across(first, axis), _across(last, axis)
        middle, position = (left + right) / 2, int(row.position)
        pixels = middle * _NARROW / 100
        shift, drop = next(
            (x, y)
            for x, y in offers
            if not any(
                p == position and abs(pixels + x - q) < _MARK and abs(y - d) < _MARK
                for p, q, d in taken
            )
        )
        taken.append((position, pixels + shift, drop))
        low = row.coded_low if row.coded_low is not pd.NA else position
        high = row.coded_high if row.coded_high is not pd.NA else position
        low, high = min(low, position), max(high, position)
        kinds = [
            "conditional" if row.conditional else "",
            "repeated" if isinstance(row.repeats, str) else "",
            "adjudicated" if row.settled_by == "adjudication" else "",
        ]
        note = "; ".join(word for word in [str(row.date), *kinds] if word)
        marks.append(
            Mark(
                row.statement_id,
                f"{row.statement_id} ({note}), position {position:+d}: {row.proposition}".replace(
                    "+0", "0"
                ),
                " ".join(word for word in kinds if word),
                round(middle, 2),
                _middle(position) + drop,
                shift,
                left,
                round(max(right - left, 0.3), 2),
                _middle(int(high)),
                (int(high) - int(low)) * _BAND,
            )
        )
    return marks


def _alpha(alphas: pd.DataFrame, variable: str) -> dict[str, Any]:
    row = alphas[alphas["variable"] == variable].iloc[-1:]
    if row.empty:
        return {"text": "agreement not computed", "verdict": "undefined"}
    one = row.iloc[0]
    if pd.isna(one["value"]):
        return {
            "text": f"alpha not defined, {one['n_units']} units",
            "verdict": str(one["verdict"]),
        }
    interval = f" [{one['low']:.2f}, {one['high']:.2f}]" if pd.notna(one["low"]) else ""
    return {
        "text": f"alpha {one['value']:.2f}{interval}, {one['n_units']} units",
        "verdict": str(one["verdict"]),
    }


def _actors(pkg: StancePackage, positions: pd.DataFrame) -> list[dict[str, Any]]:
    statements, offices = pkg["statements"], pkg["offices"].set_index("office_id")["title"]
    rows = []
    for actor in pkg["actors"].itertuples():
        mine = statements[statements["actor_id"] == actor.actor_id]
        if len(mine):
            held = mine["office_id"].dropna().map(offices).unique().tolist()
            addressed = positions[positions["actor_id"] == actor.actor_id]
            rows.append(
                {
                    "name": actor.name,
                    "side": actor.side,
                    "offices": held,
                    "statements": len(mine),
                    "positions": len(addressed),
                    "first": mine.iloc[0]["statement_id"],
                }
            )
    return sorted(rows, key=lambda row: (-row["statements"], row["name"]))


def _issues(
    pkg: StancePackage, positions: pd.DataFrame, alphas: pd.DataFrame
) -> list[dict[str, Any]]:
    rows = []
    for issue in pkg["issues"].itertuples():
        mine = positions[positions["issue_id"] == issue.issue_id]["position"]
        rows.append(
            {
                "issue_id": issue.issue_id,
                "title": issue.title,
                "question": issue.question,
                "n": len(mine),
                "counts": [int((mine == code).sum()) for code in (-2, -1, 0, 1, 2)],
                "alpha": _alpha(alphas, str(issue.issue_id)),
            }
        )
    return rows


def _agreement(pkg: StancePackage) -> list[dict[str, Any]]:
    """Lay out the reliability figures: all issues, each issue, each variable, then the units."""
    book = pkg.codebook
    names = {"position": "All issues: position", "addressed": "All issues: addressed or not"}
    for issue, body in book.issues.items():
        names |= {
            issue: f"{body['title']}: position",
            f"{issue}:addressed": f"{body['title']}: addressed or not",
        }
    names |= {name: body["title"] for name, body in book.variables.items()}
    names["unit"] = "Units: marked by both"
    table = pkg["agreement"]
    percent = table[table["coefficient"] == "percent"].set_index(["round", "variable"])["value"]
    rows = []
    for row in table[table["coefficient"] != "percent"].itertuples():
        there = pd.notna(row.low)
        low, high = (max(float(row.low), 0), max(float(row.high), 0)) if there else (0.0, 0.0)
        share = percent.get((row.round, row.variable))
        rows.append(
            {
                "round": row.round,
                "order": list(names).index(row.variable) if row.variable in names else len(names),
                "name": names.get(row.variable, row.variable),
                "measure": f"{row.coefficient}, {row.level}",
                "value": None if pd.isna(row.value) else float(row.value),
                "low": float(row.low) if there else None,
                "high": float(row.high) if there else None,
                "left": round(100 * low, 1),
                "width": round(100 * (high - low), 1),
                "percent": None if share is None or pd.isna(share) else float(share),
                "n_units": row.n_units,
                "verdict": row.verdict,
                "note": row.note
                if isinstance(row.note, str) and not (there and low == high)
                else "",
            }
        )
    return sorted(rows, key=lambda row: (row["round"], row["order"]))


def _cards(pkg: StancePackage) -> list[dict[str, Any]]:
    """Collect, for each statement, who said it, when, where it stands, who coded it how, and why it was settled so."""
    book = pkg.codebook
    actors = pkg["actors"].set_index("actor_id")
    offices = pkg["offices"].set_index("office_id")["title"]
    events = pkg["events"].set_index("event_id")["title"]
    systems = pkg["systems"].set_index("system_id")["name"]
    sources = pkg["sources"].set_index("source_id")
    on = pkg["statement_systems"].groupby("statement_id")["system_id"].agg(list)
    coded, settled = _codes(pkg)
    differs: dict[str, list[dict[str, str]]] = {}
    for one in pkg["discrepancies"].to_dict("records"):
        found = {
            "aspect": one["aspect"],
            "article": one["article_has"],
            "source": one["source_has"],
        }
        differs.setdefault(one["statement_id"], []).append(
            found | {"where": _reference(one["source"], sources)}
        )
    cards = []
    for row in pkg["statements"].itertuples():
        unit = row.statement_id
        rows, unaddressed = [], []
        for variable in [*book.issues, *book.variables]:
            codes = coded.get((unit, variable), {})
            final = settled.get((unit, variable))
            if final is None:
                continue
            values = {code for code, _, _ in codes.values()}
            if (
                variable in book.issues
                and values == {NOT_ADDRESSED}
                and final["code"] == NOT_ADDRESSED
            ):
                unaddressed.append(book[variable]["title"])
                continue
            label = book[variable]["codes"]
            meaning = next(
                (body["label"] for code, body in label.items() if str(code) == final["code"]),
                "not addressed",
            )
            rows.append(
                {
                    "variable": variable,
                    "title": book[variable]["title"],
                    "codes": codes,
                    "code": final["code"],
                    "meaning": meaning,
                    "settled_by": final["settled_by"],
                    "rationale": final["rationale"],
                    "adjudicator": final["adjudicator"],
                    "differ": len(values) > 1,
                }
            )
        text = {
            column: value if isinstance(value := getattr(row, column), str) else ""
            for column in (
                "quote",
                "venue",
                "condition",
                "repeats",
                "date_note",
                "office_id",
                "event_id",
            )
        }
        cards.append(
            {
                **text,
                "statement_id": unit,
                "actor": actors.loc[row.actor_id, "name"],
                "office": offices.get(text["office_id"], ""),
                "event": events.get(text["event_id"], ""),
                "date": row.date,
                "bounds": f"{row.date_earliest:%Y-%m-%d} to {row.date_latest:%Y-%m-%d}",
                "date_basis": row.date_basis,
                "dated_by": [_reference(part, sources) for part in row.dated_by.split(";")]
                if row.date_basis == "source"
                else [],
                "differs": differs.get(unit, []),
                "proposition": row.proposition,
                "pieces": text["quote"].split(" | ") if text["quote"] else [],
                "source": _reference(row.source, sources),
                "start": row.start,
                "end": row.end,
                "unitised": row.unitised if isinstance(getattr(row, "unitised", ""), str) else "",
                "systems": [systems[name] for name in on.get(unit, [])],
                "rows": rows,
                "unaddressed": unaddressed,
            }
        )
    return cards


def _reference(reference: str, sources: pd.DataFrame) -> str:
    """Write a reference, key[place], for reading."""
    key, _, place = reference.partition("[")
    source = sources.loc[key]
    return f"{source['author']}: {source['title']}" + (f" [{place.rstrip(']')}]" if place else "")


Coded = dict[tuple[str, str], dict[str, tuple[str, str, str]]]


def _codes(pkg: StancePackage) -> tuple[Coded, dict[tuple[str, str], dict[str, str]]]:
    """Collect the settling round's codes (code, confidence, note by coder) and the settled ones, by statement and variable."""
    coded: Coded = {}
    settled: dict[tuple[str, str], dict[str, str]] = {}

    def text(value: object) -> str:
        return "" if value is None or value is pd.NA or value != value else str(value)

    for codes, final, variable, code in (
        ("codings", "stances", "issue_id", "position"),
        ("statement_codings", "statement_codes", "variable", "code"),
    ):
        for row in pkg.settling(codes).to_dict("records"):
            value = text(row[code]) or NOT_ADDRESSED
            given = coded.setdefault((row["statement_id"], row[variable]), {})
            given[row["coder_id"]] = (value, text(row["confidence"]), text(row["note"]))
        for row in pkg[final].to_dict("records"):
            settled[row["statement_id"], row[variable]] = {
                "code": text(row[code]) or NOT_ADDRESSED,
                "settled_by": text(row["settled_by"]),
                "rationale": text(row["rationale"]),
                "adjudicator": text(row["adjudicator"]),
            }
    return coded, settled
