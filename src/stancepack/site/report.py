"""The report: one self-contained page on what a package holds and how far it can be trusted."""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from stancepack.dataset.citation import cite
from stancepack.dataset.package import StancePackage
from stancepack.errors import StancepackError
from stancepack.files.atomic import write
from stancepack.files.reading import read_bytes
from stancepack.plots.inks import MARK, MARK_AT_NIGHT
from stancepack.site.agreement import VERDICTS, Alphas, agreement_section
from stancepack.site.cards import Cards
from stancepack.site.figures import figure, principals, time_axis
from stancepack.site.overview import coders, codes_over_time, counts, issues_by_scale, speakers
from stancepack.site.readable import readable, with_known_codes

if TYPE_CHECKING:
    from jinja2 import Environment

    from stancepack.validation.findings import Findings

_MOST_FINDINGS = 200  # on the page; `stancepack validate` lists all
# room for the codes beside a plot, in rem, as wide as their longest name needs
_REM_A_LETTER, _REM_BESIDE, _WIDEST_GUTTER = 0.5, 1.0, 6.0
_HUMAN, _MODEL = "human", "language-model"  # kinds of coders
_REPORT_TITLE = re.compile(rb"<title>[^<]*: report</title>")  # of every version so far


def write_report(pkg: StancePackage, folder: Path, findings: Findings | None = None) -> Path:
    """Write ``index.html`` into a folder; the page needs nothing else and no network.

    Parameters
    ----------
    pkg
        The package.
    folder
        Folder to write into; made if it is not there.
    findings
        What `validate` found in the package; it is validated if None.

    Returns
    -------
    pathlib.Path
        The page.

    Raises
    ------
    StancepackError
        If the codebook cannot be read, or another page than a report lies at its place.
    """
    path = folder / "index.html"
    if os.path.lexists(path) and not _REPORT_TITLE.search(read_bytes(path)):
        what = "is there already and is no report; name another folder with --out."
        raise StancepackError(f"{path}: {what}")
    if findings is None:
        from stancepack.validation.validate import validate

        findings = validate(pkg.descriptor.path)
    page = _environment().get_template("report.html").render(_contents(pkg, findings))
    write(path, page.encode("utf-8", "backslashreplace"))  # names of files need not be text
    return path.resolve()


@cache
def _environment() -> Environment:
    from jinja2 import Environment, PackageLoader, StrictUndefined

    return Environment(
        loader=PackageLoader("stancepack.site", "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


def _contents(pkg: StancePackage, findings: Findings) -> dict[str, Any]:
    content, book = pkg.descriptor.content, pkg.codebook
    unit_rules = book.units
    there = readable(pkg)
    placed = with_known_codes(there)
    # what is broken may break what is computed of it; in a valid package the fault is ours
    expected: tuple[type[Exception], ...] = (Exception,) if len(findings) else (StancepackError,)

    def part(make: Callable[..., dict[str, Any]], *packages: StancePackage) -> dict[str, Any]:
        try:
            return {"error": ""} | make(*packages)
        except expected as error:
            return {"error": f"This part cannot be shown. {_sentence(error)}"}

    return {
        "pkg": pkg,
        "mark": MARK,
        "mark_at_night": MARK_AT_NIGHT,
        "title": content.get("title", pkg.name),
        "description": content.get("description", ""),
        "licences": content.get("licenses", []),
        "book": book,
        "unit_rules": unit_rules,
        "rule_names": {*book.rules, *unit_rules},
        "coded_by": _coded_by(there),
        "positions": part(_positions, placed),
        "data": part(_data, there, placed),
        "agreement": part(agreement_section, there),
        "verdicts": VERDICTS,
        "findings": findings.table.head(_MOST_FINDINGS).to_dict("records"),
        "n_findings": len(findings),
        "not_checked": findings.not_checked,
        "statements": part(_cards, there),
        "citation": cite(pkg=pkg),
    }


def _sentence(error: Exception) -> str:
    return str(error) if isinstance(error, StancepackError) else f"{type(error).__name__}: {error}"


def _cards(there: StancePackage) -> dict[str, Any]:
    """Collect the cards of all statements."""
    return {"cards": list(Cards(there))}


def _positions(placed: StancePackage) -> dict[str, Any]:
    """Collect the figures of positions over time."""
    positions = placed.positions()
    actors = principals(placed, positions)
    axis = time_axis(positions[positions["actor_id"].isin(actors)])
    alphas = Alphas(placed)
    figures = [figure(placed, actor, positions, alphas, axis) for actor in actors]
    figures = [drawn for drawn in figures if drawn["lanes"]]
    has_repeats = bool(positions["repeats"].notna().any())
    labels = [band.label for drawn in figures for lane in drawn["lanes"] for band in lane["bands"]]
    gutter = min(max(map(len, labels), default=0) * _REM_A_LETTER + _REM_BESIDE, _WIDEST_GUTTER)
    return {
        "figures": figures,
        "ticks": axis.ticks,
        "gutter": round(gutter, 1),
        "has_repeats": has_repeats,
    }


def _data(there: StancePackage, placed: StancePackage) -> dict[str, Any]:
    """Collect what is counted."""
    positions = placed.positions()
    return {
        "counts": counts(there, positions),
        "issues": issues_by_scale(placed, positions, Alphas(placed)),
        "codes_over_time": list(codes_over_time(placed, positions)),
        "speakers": speakers(there, positions),
        "coders": coders(there),
    }


def _coded_by(pkg: StancePackage) -> dict[str, Any]:
    """Tell who coded, as far as a reader must be warned of it."""
    rows = pkg["coders"]
    models = sorted(rows.loc[rows["kind"] == _MODEL, "coder_id"])
    return {
        "nobody": pkg["codings"].empty,
        "no_person": len(rows) > 0 and _HUMAN not in set(rows["kind"]),
        "models": models,
        "models_only": len(models) == len(rows),
    }
