"""How to cite the data set, its source and the methods used."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from stancepack.dataset.package import StancePackage, load
from stancepack.errors import StancepackError, did_you_mean

METHODS = {
    "alpha": "Krippendorff, K. (2011). Computing Krippendorff's alpha-reliability. University of "
    "Pennsylvania. https://repository.upenn.edu/handle/20.500.14332/2089",
    "bca": "Efron, B. (1987). Better bootstrap confidence intervals. Journal of the American "
    "Statistical Association 82, 171–185. https://doi.org/10.1080/01621459.1987.10478410",
    "edtf": "ISO 8601-2:2019. Date and time – Representations for information interchange – "
    "Part 2: Extensions.",
    "kappa": "Cohen, J. (1960). A coefficient of agreement for nominal scales. Educational and "
    "Psychological Measurement 20, 37–46. https://doi.org/10.1177/001316446002000104",
    "ac2": "Gwet, K. L. (2008). Computing inter-rater reliability and its variance in the presence "
    "of high agreement. British Journal of Mathematical and Statistical Psychology 61, 29–48. "
    "https://doi.org/10.1348/000711006X126600",
    "dawid-skene": "Dawid, A. P., & Skene, A. M. (1979). Maximum likelihood estimation of observer "
    "error-rates using the EM algorithm. Journal of the Royal Statistical Society C 28, 20–28. "
    "https://doi.org/10.2307/2346806",
    "dice": "Dice, L. R. (1945). Measures of the amount of ecologic association between species. "
    "Ecology 26, 297–302. https://doi.org/10.2307/1932409",
}


def cite(method: str | None = None, pkg: StancePackage | None = None) -> str:
    """Say how to cite the data set with its source, or a method.

    Parameters
    ----------
    method
        ``"alpha"``, ``"bca"``, ``"kappa"``, ``"ac2"``, ``"dawid-skene"``, ``"edtf"`` or ``"dice"``
        for a method; None for the data set.
    pkg
        The package to cite; the shipped one if None.

    Raises
    ------
    StancepackError
        If the method is not known.

    Examples
    --------
    >>> import stancepack as sp
    >>> print(sp.cite("dice")[:25])
    Dice, L. R. (1945). Measu
    """
    if method is not None:
        if method not in METHODS:
            raise StancepackError(f"no method {method!r}; {did_you_mean(method, METHODS)}")
        return METHODS[method]
    pkg = pkg or load()
    content = pkg.descriptor.content
    people = ", ".join(name for name in map(_name, content.get("contributors", [])) if name)
    year = f"({content['created'][:4]})" if content.get("created") else "(no date)"
    version = f"Version {pkg.version}" if "version" in content else "Without version"
    title = str(content.get("title", pkg.name)).rstrip(".")
    head = f"{people} {year}. {title}" if people else f"{title} {year}"
    lines = [f"{head}. {version}, codebook {pkg.codebook.version} [data set]."]
    titles = [source.get("title", "").rstrip(".") for source in content.get("sources", [])]
    lines += [f"Source: {title}." for title in titles if title]
    lines += ["Agreement: " + METHODS["alpha"], "Intervals: " + METHODS["bca"]]
    return "\n".join(lines)


def _name(person: Mapping[str, Any]) -> str:
    """Return what a contributor is called, in the terms of Data Package 1 or 2."""
    parts = (person.get("givenName", ""), person.get("familyName", ""))
    full = " ".join(part for part in parts if part)
    return str(person.get("title") or full or person.get("organization") or "")
