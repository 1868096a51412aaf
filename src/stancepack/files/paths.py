"""Where the parts of a stance package lie on disk."""

from __future__ import annotations

import os
from pathlib import Path

from stancepack.errors import StancepackError

DESCRIPTOR = "datapackage.json"
CODEBOOK = "coding/codebook.yaml"


def shipped() -> Path:
    """Return the folder of the shipped data set: the checkout's own, else the copy in the wheel."""
    module = Path(__file__).resolve().parents[1]
    checkout = module.parents[1]
    if (checkout / DESCRIPTOR).is_file() and (checkout / "pyproject.toml").is_file():
        return checkout
    return module / "_package"


def find(start: str | os.PathLike[str] | None = None) -> Path:
    """Return the folder of the package that `start` names, lies in, or contains.

    Raises
    ------
    StancepackError
        If there is no ``datapackage.json`` at or above `start`.
    """
    here = Path(start or ".").resolve()
    if here.is_file():
        here = here.parent
    for folder in [here, *here.parents]:
        if (folder / DESCRIPTOR).is_file():
            return folder
    raise StancepackError(
        f"{Path(start or '.')}: no {DESCRIPTOR} here or above; name the folder of a stance package with --project."
    )


def texts(home: Path) -> Path | None:
    """Return the folder with the source texts, which are not part of the package, if it can be had.

    Texts that may be passed on lie in ``seeds/texts``. For the others ``STANCEPACK_TEXTS`` names a
    folder; otherwise a `texts` folder in the project, or `shared/seeds` beside it.
    """
    named = os.environ.get("STANCEPACK_TEXTS")
    tried = [Path(named)] if named else [home / "texts", home.parent / "shared" / "seeds"]
    return next((folder for folder in tried if folder.is_dir()), None)


def text_of(home: Path, source_id: str) -> str | None:
    """Return the raw text of a source, code point for code point, or None if it is not here."""
    for folder in (home / "seeds" / "texts", texts(home)):
        if folder is not None and (folder / f"{source_id}.txt").is_file():
            return (folder / f"{source_id}.txt").read_bytes().decode("utf-8")
    return None
