"""The training set, and how a coder did on it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from stancepack.dataset.codebook import NOT_ADDRESSED, Codebook
from stancepack.errors import StancepackError
from stancepack.files.mappings import read_yaml
from stancepack.files.tables import Row


def read_training(home: Path) -> dict[str, Any]:
    """Read the training set of a project."""
    content = read_yaml(home / "coding" / "training.yaml")
    if not isinstance(content.get("items"), dict):
        raise StancepackError(
            f"{home / 'coding' / 'training.yaml'}: 'items' should map ids to made-up statements."
        )
    return content


def score(
    training: dict[str, Any], rows: list[Row], book: Codebook
) -> tuple[bool, float, float, list[str]]:
    """Compare a training sheet with the answers: passed, share of cells right, share of positions right, what was wrong."""
    right, positions, wrong = [], [], []
    items = training["items"]
    for row in sorted(rows, key=lambda row: (row["statement_id"], row["variable"])):
        item = items[row["statement_id"]]
        answer = item["answers"].get(row["variable"], NOT_ADDRESSED)
        accepted = [str(code) for code in (answer if isinstance(answer, list) else [answer])]
        good = row["code"] in accepted
        right.append(good)
        if row["variable"] in book.issues and accepted != [NOT_ADDRESSED]:
            positions.append(good)
        if not good:
            at = f"{row['statement_id']}, {row['variable']}: {row['code']}, answer {' or '.join(accepted)}."
            wrong.append(f"{at} {item.get('because', '')}".strip())
    cells, share = sum(right) / max(len(right), 1), sum(positions) / max(len(positions), 1)
    bar = training.get("pass") or {}
    return (
        cells >= bar.get("cells", 0.9) and share >= bar.get("positions", 0.75),
        cells,
        share,
        wrong,
    )
