"""What the methods of the package rest on: a bibliography, shown as text and as BibTeX."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from stancepack.errors import UnknownName, did_you_mean

# what a method, coefficient or function is called where it is asked for, and what it rests on
METHODS: dict[str, tuple[str, ...]] = {
    "alpha": ("krippendorff2011",),
    "kappa": ("cohen1960",),
    "weighted_kappa": ("cohen1968",),
    "cohen_kappa": ("cohen1960",),
    "scott_pi": ("scott1955",),
    "fleiss_kappa": ("fleiss1971",),
    "conger_kappa": ("conger1980",),
    "light_kappa": ("light1971",),
    "ac1": ("gwet2008",),
    "ac2": ("gwet2008",),
    "percent": ("gwet2014",),
    "percent_pairs": ("krippendorff2011",),
    "brennan_prediger": ("brennan1981",),
    "icc1": ("mcgraw1996",),
    "icc_agreement": ("mcgraw1996",),
    "icc_consistency": ("mcgraw1996",),
    "weights": ("gwet2014",),
    "jaccard": ("jaccard1912",),
    "masi": ("passonneau2006",),
    "bca": ("efron1987",),
    "percentile": ("efron1987",),
    "jackknife": ("efron1981",),
    "jackknife_coders": ("efron1981",),
    "analytic": ("gwet2008", "fleiss1969"),
    "diagnose": ("krippendorff2004", "byrt1993"),
    "dawid_skene": ("dawid1979",),
    "mace": ("hovy2013",),
    "ordinal": ("marquardt2018",),
    "unitising_alpha": ("krippendorff2016", "krippendorff1995"),
    "trajectory": ("martin2002", "marquardt2018"),
    "state": ("martin2002", "marquardt2018"),
    "shares": ("wilson1927",),
    "nuts": ("hoffman2014",),
    "change_points": ("barry1993",),
    "network": ("leifeld2017",),
    "scale": ("tipping1999",),
    "multiverse": ("steegen2016", "simonsohn2020"),
    "dice": ("dice1945",),
    "edtf": ("iso8601-2",),
}


@dataclass(frozen=True)
class Reference:
    """An entry of the bibliography.

    Parameters
    ----------
    bibtex
        The entry as it stands.
    fields
        Its fields, without braces and commands.
    """

    bibtex: str
    fields: Mapping[str, str]

    @property
    def text(self) -> str:
        """The entry as a line of a list of references."""
        fields = self.fields
        container = fields.get("journal") or fields.get("booktitle", "")
        if fields.get("volume"):
            container += f" {fields['volume']}"
        if fields.get("pages"):
            container += f", {fields['pages'].replace('--', '–')}"
        head = f"{_people(fields['author'])} ({fields['year']})" if "author" in fields else ""
        publisher = fields.get("institution") or fields.get("publisher", "")
        parts = [part for part in (head, fields["title"], container, publisher) if part]
        doi = fields.get("doi")
        address = f"https://doi.org/{doi}" if doi else fields.get("url", "")
        return f"{'. '.join(parts)}. {address}".rstrip()


def references(method: str) -> list[Reference]:
    """Return what a method rests on; capitals, hyphens and spaces in its name do not matter.

    Raises
    ------
    UnknownName
        If the method is not known.
    """
    name = re.sub(r"[\W_]+", "_", str(method).strip().casefold())
    if name not in METHODS:
        raise UnknownName(f"no method {method!r}; {did_you_mean(name, METHODS)}")
    return [_bibliography()[key] for key in METHODS[name]]


@cache
def _bibliography() -> dict[str, Reference]:
    from bibtexparser.entrypoint import parse_string

    text = files("stancepack.dataset").joinpath("references.bib").read_text(encoding="utf-8")
    return {
        entry.key: Reference(
            str(entry.raw).strip(),
            {field.key: _plain(str(field.value)) for field in entry.fields},
        )
        for entry in parse_string(text).entries
    }


def _plain(value: str) -> str:
    return value.replace(r"\&", "&").replace("{", "").replace("}", "")


def _people(authors: str) -> str:
    people = authors.split(" and ")
    return ", & ".join(filter(None, (", ".join(people[:-1]), people[-1])))
