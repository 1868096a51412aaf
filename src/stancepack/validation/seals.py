"""Seals of unit lists and coding rounds."""

from __future__ import annotations

from pathlib import Path

from stancepack.errors import StancepackError
from stancepack.files.mappings import read_yaml
from stancepack.project.coders import read_coders
from stancepack.project.rounds import TRAINING, file_sha256, read_round, rounds
from stancepack.project.units import read_units, units_fingerprint
from stancepack.release.unit_figures import unit_figures
from stancepack.validation.coding_rules import compare_figures
from stancepack.validation.findings import Check

# coding/


def _units_sealed(check: Check, home: Path) -> None:
    """Check the seals of the unit lists, and that the published agreement on units is theirs."""
    for manifest in sorted((home / "coding" / "unitising").glob("*/manifest.yaml")):
        for name, record in (read_yaml(manifest).get("lists") or {}).items():
            path = manifest.parent / f"{name}.csv"
            if not path.is_file() or file_sha256(path) != (record or {}).get("sha256"):
                where, message = (
                    f"coding/unitising/{manifest.parent.name}",
                    "The unit list is not the one that was sealed.",
                )
                check.add(
                    "seal", where, name, "sha256", "", message, "Restore it from the history."
                )
    if (
        not check.dirty("agreement")
        and "agreement" in check.text
        and not any(f.rule == "seal" for f in check.found)
    ):
        others = {*check.text["agreement"]["variable"]} - {"unit"}
        for table, row_id, column, value, message, remedy in compare_figures(
            check, unit_figures(home), others
        ):
            check.add("agreement", table, row_id, column, value, message, remedy)


def check_seals(check: Check) -> None:
    """Check the seals of the coding rounds, where the project's coding folder is there."""
    home = check.home
    if not (home / "coding" / "rounds").is_dir():
        check.not_checked.append(
            "seals: coding/rounds is not part of an installed package; check a checkout"
        )
        return
    try:
        units = {unit["statement_id"]: unit for unit in read_units(home)}
        training = (
            [read_round(home, TRAINING)]
            if (home / "coding" / "rounds" / TRAINING / "manifest.yaml").exists()
            else []
        )
        coders = read_coders(home)
        for folder in sorted((home / "coding" / "rounds").iterdir()):
            if folder.is_dir() and not (folder / "manifest.yaml").is_file():
                message = "The round has no manifest, and so no seals."
                check.add(
                    "seal",
                    f"coding/rounds/{folder.name}",
                    "manifest.yaml",
                    "",
                    "",
                    message,
                    "Restore it from the history.",
                )
        _units_sealed(check, home)
        for this in [*training, *rounds(home)]:
            where = f"coding/rounds/{this.name}"
            coded: set[str] = set()
            for coder, record in this.sheets.items():
                path = this.sheet(coder)
                if not path.is_file():
                    check.add(
                        "seal",
                        where,
                        coder,
                        "",
                        "",
                        "The sealed sheet is missing.",
                        "Restore it from the history.",
                    )
                    continue
                if file_sha256(path) != record["sha256"]:
                    message = "The sheet is not the one that was sealed."
                    check.add(
                        "seal",
                        where,
                        coder,
                        "sha256",
                        file_sha256(path),
                        message,
                        "Restore it; code a new round instead.",
                    )
                    continue
                coded |= {row["statement_id"] for row in this.rows(coder)}
                if coder not in coders:
                    check.add(
                        "seal",
                        where,
                        coder,
                        "",
                        coder,
                        "The coder is not in coding/coders.csv.",
                        "Add the coder.",
                    )
            for path in sorted(this.folder.glob("*.csv")):
                if path.stem not in this.sheets:
                    check.add(
                        "seal",
                        where,
                        path.stem,
                        "",
                        path.name,
                        "The sheet has no seal.",
                        "Use `stancepack seal`.",
                    )
            if this.codebook.is_file() and file_sha256(this.codebook) != this.codebook_sha256:
                message, remedy = (
                    "The codebook is not the one that the coders of the round had.",
                    "Restore it from the history.",
                )
                check.add(
                    "seal",
                    where,
                    this.codebook.name,
                    "codebook_sha256",
                    this.codebook_sha256,
                    message,
                    remedy,
                )
            if this.name == TRAINING:
                continue
            lost = coded - set(units)
            for unit in sorted(lost):
                check.add(
                    "seal",
                    where,
                    unit,
                    "",
                    "",
                    "Coded, but no longer in the unit list.",
                    "Units are never removed.",
                )
            if (
                coded
                and not lost
                and units_fingerprint([units[unit] for unit in coded]) != this.units_sha256
            ):
                message = "Units were changed after they were coded (speaker, passage, quotation or proposition)."
                check.add(
                    "seal",
                    where,
                    "units",
                    "units_sha256",
                    this.units_sha256,
                    message,
                    "Restore them; code a new round.",
                )
            if check.dirty("codebook"):
                continue
            book = check.book
            if (
                book.version == this.codebook_version
                and file_sha256(book.path) != this.codebook_sha256
            ):
                message = f"The codebook was changed, but is still version {book.version}."
                check.add(
                    "seal",
                    where,
                    "codebook",
                    "version",
                    book.version,
                    message,
                    "Raise the version of the codebook.",
                )
    except StancepackError as error:
        check.add("seal", "coding", "", "", "", str(error), "Mend the file named.")
