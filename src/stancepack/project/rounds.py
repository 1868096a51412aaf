"""Rounds of blind coding: what was coded under which codebook, and the seals of its sheets.

A round lies in ``coding/rounds/<round>/``: one sheet for each coder, the codebook they had, and a
``manifest.yaml`` with the fingerprints of the sheets, of the codebook and of the units that the
coders saw. Sealed sheets are never changed. A round *of* another one codes a random share of its
statements again, to see how stable the codes are: by another coder, or by one of its coders once
more. Such a round settles nothing.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from stancepack.dataset.contract import round_order
from stancepack.errors import StancepackError
from stancepack.files.atomic import write
from stancepack.files.mappings import read_yaml
from stancepack.files.tables import Row, read_rows

TRAINING = "training"
SEALED = ["order", "statement_id", "variable", "code", "confidence", "note"]


@dataclass
class Round:
    """One round of coding: what was coded under which codebook, and the seals of its sheets."""

    home: Path
    name: str
    codebook_version: str = ""
    codebook_sha256: str = ""
    units_sha256: str = ""
    of: str = ""
    share: float = 1.0
    sheets: dict[str, dict[str, Any]] = field(default_factory=dict)
    failed: dict[str, int] = field(default_factory=dict)

    @property
    def codebook(self) -> Path:
        """The codebook that the coders of the round had."""
        return self.folder / "codebook.yaml"

    @property
    def folder(self) -> Path:
        """The folder of the round."""
        return self.home / "coding" / "rounds" / self.name

    def sheet(self, coder: str) -> Path:
        """Return the path of a coder's sealed sheet."""
        return self.folder / f"{coder}.csv"

    def rows(self, coder: str) -> list[Row]:
        """Read a coder's sealed sheet."""
        return read_rows(self.sheet(coder), SEALED)

    def save(self) -> None:
        """Write the manifest."""
        import yaml

        content = {
            "round": self.name,
            "codebook_version": self.codebook_version,
            "codebook_sha256": self.codebook_sha256,
            "units_sha256": self.units_sha256,
            **({"of": self.of, "share": self.share} if self.of else {}),
            "sheets": self.sheets,
        }
        if self.failed:
            content["failed"] = self.failed
        write(
            self.folder / "manifest.yaml",
            yaml.safe_dump(content, sort_keys=False, allow_unicode=True),
        )


def file_sha256(path: Path) -> str:
    """Return the SHA-256 of a file's bytes, in hexadecimal.

    Raises
    ------
    StancepackError
        If the file cannot be read.
    """
    try:
        return hashlib.sha256(path.read_bytes()).hexdigest()
    except OSError as error:
        raise StancepackError(f"{path}: cannot be read: {error.strerror}.") from None


def read_round(home: Path, name: str) -> Round:
    """Read the manifest of a round."""
    path = home / "coding" / "rounds" / name / "manifest.yaml"
    content = read_yaml(path)
    sheets = content.get("sheets")
    if not isinstance(sheets, dict) or not all(
        isinstance(s, dict) and "sha256" in s for s in sheets.values()
    ):
        raise StancepackError(f"{path}: 'sheets' should give each coder a sha256.")
    text = {
        key: str(content.get(key, ""))
        for key in ("codebook_version", "codebook_sha256", "units_sha256", "of")
    }
    share = content.get("share", 1.0)
    if not isinstance(share, int | float) or not 0 < share <= 1:
        raise StancepackError(f"{path}: share {share!r} should lie above 0 and not above 1.")
    return Round(home, name, sheets=sheets, failed=content.get("failed") or {}, share=share, **text)


def rounds(home: Path) -> list[Round]:
    """Read the coding rounds of a project in the order of their names, the training left out."""
    names = [path.parent.name for path in (home / "coding" / "rounds").glob("*/manifest.yaml")]
    return [read_round(home, name) for name in sorted(names, key=round_order) if name != TRAINING]


def complete_rounds(home: Path) -> list[Round]:
    """Read the rounds that can be released: two sealed sheets, or one of a round that codes another one again."""
    return [this for this in rounds(home) if len(this.sheets) >= (1 if this.of else 2)]


def manifest_path(home: Path, round_name: str) -> Path:
    """Return where the manifest of a round lies."""
    return home / "coding" / "rounds" / round_name / "manifest.yaml"
