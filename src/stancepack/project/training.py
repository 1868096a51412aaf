"""The training set, and how a coder did on it."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from stancepack.dataset.codebook import Codebook
from stancepack.dataset.scales import NOT_ADDRESSED
from stancepack.dataset.shapes import shape
from stancepack.errors import StancepackError
from stancepack.files.mappings import MOST_BYTES, parse_yaml
from stancepack.files.passages import flat
from stancepack.files.reading import read_bytes
from stancepack.files.shapes import check_shape
from stancepack.files.tables import Row
from stancepack.project.rounds import SHAPES, Round, file_sha256
from stancepack.project.units import CONTEXT

if TYPE_CHECKING:
    from stancepack.project.project import Project

TRAINING = "coding/training.yaml"
LEAST_CELLS, LEAST_POSITIONS = 0.9, 0.75  # shares right that pass, where the set names none


@dataclass(frozen=True)
class TrainingScore:
    """How a coder did on the training set."""

    passed: bool
    cells: float
    positions: float
    wrong: list[str]

    def __str__(self) -> str:
        """Say the two shares."""
        cells, positions = _whole_percent(self.cells), _whole_percent(self.positions)
        return f"{cells} of the cells, {positions} of the positions right"


def _whole_percent(share: float) -> str:
    """Write a share without rounding up: not all is 100 %, and what fails shows no bar passed."""
    return f"{math.floor(round(share * 100, 6))}%"


@dataclass(frozen=True)
class Training:
    """Made-up statements with the codes that are right."""

    version: str
    items: dict[str, dict[str, Any]]
    least_cells: float
    least_positions: float
    sha256: str

    @classmethod
    def read(cls, project: Project) -> Training:
        """Read the training set of a project."""
        path = project.path(TRAINING)
        data = read_bytes(path, MOST_BYTES)
        content = parse_yaml(data, path)
        check_shape(content, shape("training", SHAPES), path)
        bar = content.get("pass", {})
        return cls(
            content["version"],
            content["items"],
            bar.get("cells", LEAST_CELLS),
            bar.get("positions", LEAST_POSITIONS),
            file_sha256(data),
        )

    def contexts(self) -> dict[str, Row]:
        """Return what a coder sees of each item."""
        shown = ("speaker", "passage", "quote", "proposition")
        blank = dict.fromkeys(CONTEXT, "")
        return {
            name: blank | {column: flat(item.get(column, "")) for column in shown}
            for name, item in self.items.items()
        }

    def accepted(self, item: str, variable: str) -> list[str]:
        """Return the codes that are right for an item; not addressed where the set says nothing."""
        answer = self.items[item]["answers"].get(variable, NOT_ADDRESSED)
        return [str(code) for code in (answer if isinstance(answer, list) else [answer])]

    def score(self, rows: Iterable[Row], codebook: Codebook) -> TrainingScore:
        """Compare a filled sheet with the answers."""
        right, positions, wrong = [], [], []
        for row in sorted(rows, key=lambda row: (row["statement_id"], row["variable"])):
            accepted = self.accepted(row["statement_id"], row["variable"])
            is_right = row["code"] in accepted
            right.append(is_right)
            if row["variable"] in codebook.issues and accepted != [NOT_ADDRESSED]:
                positions.append(is_right)
            if not is_right:
                because = self.items[row["statement_id"]].get("because", "")
                answer = f"{row['code']}, answer {' or '.join(accepted)}."
                wrong.append(
                    f"{row['statement_id']}, {row['variable']}: {answer} {because}".strip()
                )
        cells = sum(right) / max(len(right), 1)
        share = sum(positions) / len(positions) if positions else 1.0
        passed = cells >= self.least_cells and share >= self.least_positions
        return TrainingScore(passed, cells, share, wrong)


def require_training(project: Project, coder: str) -> None:
    """Refuse a coder who has not passed the training, where there is one.

    Raises
    ------
    StancepackError
        If the coder has not.
    """
    record = project.training_round
    if project.training is None or (record is not None and coder in record.sheets):
        return
    raise StancepackError(
        f"{coder!r} has not passed the training yet: do it with `stancepack code --coder {coder}`, "
        f"or on the sheet of `stancepack sheet --coder {coder} --training`, handed in with "
        f"`stancepack seal --coder {coder} --training FILE`."
    )


def training_round(project: Project) -> Round:
    """Return the record of the training; it follows the set and the codebook of today.

    Raises
    ------
    StancepackError
        If there is no training set.
    """
    if project.training is None:
        raise StancepackError(f"{TRAINING}: the file is missing; there is no training to pass.")
    record = project.training_round
    stamps = (project.codebook.version, project.codebook_sha256, project.training.sha256)
    if record is None:
        record = Round(project, Round.TRAINING, *stamps)
    record.codebook_version, record.codebook_sha256, record.units_sha256 = stamps
    record.codebook = project.codebook
    record.units = {name: {"statement_id": name} for name in project.training.items}
    return record
