"""New projects: what they hold, and that they are valid as they stand."""

from __future__ import annotations

from pathlib import Path

import pytest

import stancepack as sp
from stancepack.dataset import contract
from stancepack.project.checks import problems
from stancepack.project.kept import KeptRows

OUTLINES = {
    "default": sp.Outline(),
    "0-10": sp.Outline({"funding": "Should it be funded?"}, scales=("0..10",), coders=("ann",)),
    "two scales": sp.Outline({"tax": "", "aid": ""}, scales=("-2..2", "no,maybe,yes")),
    "words of YAML": sp.Outline(
        {"null": "No?", "frame": 'A "quoted": one # or two'},
        scales=("null,true,1.50,c d,yes: no,#x",),
        levels=("nominal",),
        title="Frames: 'of' #something",
        name="on",
    ),
    "passage": sp.Outline(unit="passage", coder_kind="language-model"),
    "every module": sp.Outline(
        unit="passage", modules=[name for name in contract.MODULES if name not in contract.IMPLIED]
    ),
    "joint": sp.Outline(modules=("joint",)),
}


@pytest.mark.parametrize("name", OUTLINES)
def test_a_new_project_has_nothing_wrong_and_builds(tmp_path: Path, name: str) -> None:
    outline = OUTLINES[name]
    project = sp.new_project(tmp_path / "study", outline)
    assert [*map(str, problems(project))] == []
    sp.build(project)
    assert sp.build(project, check=True) == []
    book = sp.Project.open(project.home).codebook
    for issue, scale in outline.scale_of.items():
        assert book.scale(issue).codes == scale.codes
        assert book.scale(issue).level == scale.level
        assert book.scale(issue).neutral == scale.neutral
        assert not outline.issues[issue] or book[issue]["question"] == outline.issues[issue]
    assert [*project.units] == ["made-up-1", "made-up-2"]
    coders = [coder for coder, row in project.coders.items() if row["role"] == "coder"]
    assert coders == [*outline.coders]


@pytest.mark.parametrize("name", OUTLINES)
def test_the_readmes_have_every_column_that_is_filled_by_hand(tmp_path: Path, name: str) -> None:
    project = sp.new_project(tmp_path / "study", OUTLINES[name])
    for table in KeptRows(project).tables.values():
        folder = table.file.partition("/")[0]
        readme = (project.home / folder / "README.md").read_text(encoding="utf-8")
        if table.name != "sources":  # the dictionary of the data describes its fields
            assert all(f"| `{column}`" in readme for column in table.columns)
        assert "date_earliest" not in readme
        assert (project.home / table.file).is_file()


def test_the_name_is_made_from_the_folder(tmp_path: Path) -> None:
    assert sp.new_project(tmp_path / "My Study (2)").settings.name == "my-study-2"
    assert sp.new_project(tmp_path / "ÄÖ").settings.name == "study"
    assert sp.new_project(tmp_path / "x", sp.Outline(name="votes")).settings.name == "votes"


def test_a_folder_that_holds_something_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("mine", encoding="utf-8")
    for folder in (tmp_path, tmp_path / "notes.txt"):
        with pytest.raises(sp.StancepackError, match="is there already"):
            sp.new_project(folder)
    assert [path.name for path in tmp_path.iterdir()] == ["notes.txt"]


def test_a_fresh_repository_is_an_empty_folder(tmp_path: Path) -> None:
    (tmp_path / ".git").mkdir()
    assert sp.new_project(tmp_path).units


@pytest.mark.parametrize(
    ("parts", "words"),
    [
        ({"issues": {}}, "needs an issue"),
        ({"issues": {"carbon tax": ""}}, "cannot be the id of an issue"),
        ({"issues": {"a": "", "b": "", "c": ""}, "scales": ("0..1", "0..2")}, "2 scales for 3"),
        ({"scales": ("oppose",), "neutrals": ("neutral",)}, "neutral"),
        ({"scales": ("10..0",)}, "should rise"),
        ({"scales": ("a,a",)}, "there twice"),
        ({"scales": ("a,NA",)}, "cannot be a code"),
        ({"levels": ("nomnal",)}, "did you mean 'nominal'"),
        ({"levels": ("interval",)}, "needs numbers"),
        ({"unit": "word"}, "did you mean 'words'"),
        ({"coder_kind": "humn"}, "did you mean 'human'"),
        ({"modules": ("ofices",)}, "did you mean 'offices'"),
        ({"modules": ("variables",)}, "is not known"),
        ({"coders": ("Ann",)}, "cannot be the id of a coder"),
        ({"coders": ("units", "bob")}, "cannot be the id of a coder"),
        ({"coders": ("ann", "ann")}, "named twice"),
        ({"coders": ("ann", "bob"), "adjudicator": "bob"}, "whoever codes does not settle"),
        ({"coders": ()}, "needs a coder"),
    ],
)
def test_what_cannot_be_is_refused_before_anything_is_written(
    tmp_path: Path, parts: dict[str, object], words: str
) -> None:
    with pytest.raises(sp.StancepackError, match=words):
        sp.new_project(tmp_path / "study", sp.Outline(**parts))  # type: ignore[arg-type]
    assert not (tmp_path / "study").exists()


def test_a_new_project_can_be_made_in_the_current_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert sp.new_project(".").home == tmp_path.resolve()
