"""A made-up text with emoji and Cyrillic, and a project in which two people unitise it."""

from __future__ import annotations

from pathlib import Path

import stancepack as sp
from stancepack.files.passages import fingerprint
from stancepack.files.tables import Row

# line breaks inside of sentences, a word cut at the end of a line, letters beyond 16 bits
TEXT = """The session of the council opened late 🎉🎉 with music.

The minister said: “We will build the bridge 🌉 together”, and the chair nod-
ded. Господин Иванов ответил: «Мы против моста». It rained.

Ms Ruiz of the coast asked for a tunnel 🚇 instead, if the others pay.
"""
SECOND = "A short note. Mr Ito refused it.\n"
BRIDGE = "The minister said: “We will build the bridge 🌉 together”, and the chair nod-\nded."
AGAINST = "Господин Иванов ответил: «Мы против моста»."
TUNNEL = "Ms Ruiz of the coast asked for a tunnel 🚇 instead, if the others pay."
_ENTRY = "\n@misc{{{key},\n  title = {{{title}}},\n  date = {{2020-03}},\n  sha256 = {{{sha256}}},\n  length = {{{length}}},\n}}\n"
_PEOPLE = "\n".join(f"{name},human,unitiser,Marks units alone." for name in ("ann", "bob", "cleo"))
_RULES = """
units:
  U1: {title: What counts, rule: The speaker says that something should be done or not.}
  U2: {title: Deeds, rule: Deeds do not count.}
"""
_SYSTEMS = "system_id,name,kind,description,parent\nbridge,The bridge,proposal,A way across.,\n"


def unitising_project(folder: Path) -> sp.Project:
    """Make a project with two texts, three unitisers and an adjudicator."""
    project = sp.new_project(folder, sp.Outline(unit="passage", modules=("systems",)))
    home = project.home
    bibliography = home / "seeds" / "sources.bib"
    entries = bibliography.read_text(encoding="utf-8")
    for key, title, text in (("debate", "A debate", TEXT), ("letter", "A letter", SECOND)):
        (home / "texts" / f"{key}.txt").write_text(text, encoding="utf-8", newline="")
        entries += _ENTRY.format(key=key, title=title, sha256=fingerprint(text), length=len(text))
    bibliography.write_text(entries, encoding="utf-8")
    with (home / "coding" / "coders.csv").open("a", encoding="utf-8") as file:
        file.write(f"{_PEOPLE}\n")
    (home / "seeds" / "systems.csv").write_text(_SYSTEMS, encoding="utf-8")
    with (home / "seeds" / "actors.csv").open("a", encoding="utf-8") as file:
        columns = (home / "seeds" / "actors.csv").read_text(encoding="utf-8").splitlines()[0]
        blank = dict.fromkeys(columns.split(","), "")
        row = blank | {"actor_id": "minister", "name": "The minister", "kind": "person"}
        file.write(",".join(row.values()) + "\n")
    with (home / "coding" / "codebook.yaml").open("a", encoding="utf-8") as file:
        file.write(_RULES)
    return sp.Project.open(home)


def passage(words: str, source: str = "debate") -> Row:
    """Return where words stand in a text, in code points."""
    start = {"debate": TEXT, "letter": SECOND}[source].index(words)
    return {"source": source, "start": str(start), "end": str(start + len(words))}


def marked(words: str, speaker: str, proposition: str, source: str = "debate", **more: str) -> Row:
    """Return a unit as somebody marked it."""
    return passage(words, source) | {"speaker": speaker, "proposition": proposition, **more}
