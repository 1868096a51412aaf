"""Where the parts of a stance package lie on disk."""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from pathlib import Path, PureWindowsPath

from stancepack.arguments import a_path
from stancepack.errors import StancepackError
from stancepack.files.reading import read_text

DESCRIPTOR = "datapackage.json"
CODEBOOK = "coding/codebook.yaml"
BIBLIOGRAPHY = "seeds/sources.bib"


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
    folder = folder_with((DESCRIPTOR,), start)
    if folder is None:
        raise StancepackError(
            f"{start or '.'}: no {DESCRIPTOR} here or above; "
            "name the folder of a stance package with --project."
        )
    return folder


def folder_with(names: Sequence[str], start: str | os.PathLike[str] | None) -> Path | None:
    """Return the folder at or above a path (the current folder if None) that has a file so named.

    Raises
    ------
    StancepackError
        If the path can name nothing.
    """
    here = a_path("path", "." if start is None else start)
    try:
        for folder in [here.resolve(), *here.resolve().parents]:
            if any((folder / name).is_file() for name in names):
                return folder
    except (OSError, RuntimeError) as error:  # too long a name, links in a circle
        raise StancepackError(f"{here}: cannot be looked for: {error}.") from None
    return None


def texts(home: Path) -> list[Path]:
    """Return the folders that may have source texts, of those that are there.

    Texts that may be passed on lie in ``seeds/texts`` of the project, others in its ``texts``,
    which is not part of the package. ``STANCEPACK_TEXTS`` names further folders, parted as in
    ``PATH``.
    """
    named = os.environ.get("STANCEPACK_TEXTS", "").split(os.pathsep)
    folders = [home / "seeds" / "texts", home / "texts", *(Path(name) for name in named if name)]
    return [folder for folder in folders if folder.is_dir()]


def text_of(home: Path, source_id: str) -> str | None:
    """Return the raw text of a source, code point for code point, or None if it is not here.

    Raises
    ------
    StancepackError
        If the id cannot name a file in those folders, or the file cannot be read or is not UTF-8.
    """
    if (
        not source_id.isprintable()
        or source_id in ("", ".", "..")
        or PureWindowsPath(source_id).name != source_id  # the stricter of the systems
    ):
        raise StancepackError(
            f"source {source_id!r}: cannot name the file of a text; "
            "use letters, digits and hyphens, such as smith-2010."
        )
    for folder in texts(home):
        path = folder / f"{source_id}.txt"
        try:
            is_there = path.is_file()
        except OSError:  # a name that is too long, a folder that may not be searched
            continue
        if is_there:
            return read_text(path)
    return None


def is_plain_name(text: str) -> bool:
    """Tell whether an id can name a file on every system: small letters, digits and hyphens.

    Examples
    --------
    >>> from stancepack.files.paths import is_plain_name
    >>> [is_plain_name(name) for name in ("ada-2", "Ada", "../ada", "")]
    [True, False, False, False]
    """
    return bool(re.fullmatch(r"[a-z0-9][a-z0-9-]{0,63}", text)) and text not in _DEVICES


# no file of Windows can have these names, with whatever ending
_DEVICES = {"con", "prn", "aux", "nul"} | {f"{d}{n}" for d in ("com", "lpt") for n in range(10)}
