"""Notebooks: the pair is in step, and executing it gives what is shown."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("checkout")]
ANALYSIS = Path(__file__).parents[1] / "analysis"


def outputs(notebook: Any) -> list[str]:
    """What a notebook shows, without pictures and addresses in memory."""
    shown = []
    for cell in notebook.cells:
        for output in cell.get("outputs", []):
            assert output.output_type != "error", output
            text = output.get("text") or output.get("data", {}).get("text/plain", "")
            if "image/png" not in output.get("data", {}):
                shown.append(re.sub(r"0x[0-9a-f]+", "0x…", text))
    return shown


@pytest.mark.filterwarnings("default")
@pytest.mark.parametrize("path", sorted(ANALYSIS.glob("[0-9]*.py")), ids=lambda path: path.stem)
def test_a_notebook_is_in_step_with_its_text_and_shows_what_it_computes(
    path: Path, tmp_path: Path
) -> None:
    import jupytext
    import nbformat
    from nbclient import NotebookClient

    text = jupytext.read(path)
    shown = nbformat.read(path.with_suffix(".ipynb"), as_version=4)
    assert [(c.cell_type, c.source) for c in text.cells] == [
        (c.cell_type, c.source) for c in shown.cells
    ], "run `make notebooks`"
    assert any("image/png" in o.get("data", {}) for c in shown.cells for o in c.get("outputs", []))
    NotebookClient(
        text, timeout=300, kernel_name="python3", resources={"metadata": {"path": str(tmp_path)}}
    ).execute()
    assert outputs(text) == outputs(shown), "run `make notebooks`"
    drawn, kept = (
        {path.name for path in (home / "figures").glob(f"{path.stem[:2]}_*.png")}
        for home in (tmp_path, ANALYSIS)
    )
    assert drawn == kept, "run `make notebooks`, and remove figures that are no longer drawn"
    assert drawn


def test_the_first_notebook_has_one_round_in_its_table_and_its_figure() -> None:
    import nbformat

    shown = outputs(nbformat.read(ANALYSIS / "01_positions.ipynb", as_version=4))
    table = next(text for text in shown if "verdict" in text)
    figure = next(text for text in shown if text.startswith("alpha (ordinal)"))
    value, units = re.findall(r"us-sites +ordinal +([\d.]+).* (\d+) +\w", table)[0]
    assert f"= {float(value):.3f} " in figure
    assert f", {units} units, " in figure
