"""How to cite the data set, its source and the methods used."""

from __future__ import annotations

from stancepack.dataset.package import StancePackage, load
from stancepack.errors import StancepackError, did_you_mean

METHODS = {
    "alpha": "Krippendorff, K. (2011). Computing Krippendorff's alpha-reliability. University of Pennsylvania. "
    "https://repository.upenn.edu/handle/20.500.14332/2089",
    "bca": "Efron, B. (1987). Better bootstrap confidence intervals. Journal of the American Statistical Association 82, "
    "171–185. https://doi.org/10.1080/01621459.1987.10478410",
    "edtf": "ISO 8601-2:2019. Date and time – Representations for information interchange – Part 2: Extensions.",
    "dice": "Dice, L. R. (1945). Measures of the amount of ecologic association between species. Ecology 26, 297–302. "
    "https://doi.org/10.2307/1932409",
}


def cite(method: str | None = None, pkg: StancePackage | None = None) -> str:
    """Say how to cite the data set with its source, or a method.

    Parameters
    ----------
    method
        ``"alpha"``, ``"bca"``, ``"edtf"`` or ``"dice"`` for a method; None for the data set.
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
    people = ", ".join(person.get("title", "") for person in content.get("contributors", []))
    year = str(content.get("created", ""))[:4]
    lines = [
        f"{people} ({year}). {content.get('title', pkg.name)}. Version {pkg.version}, codebook {pkg.codebook.version} [data set]."
    ]
    lines += [
        f"Source: {source['title']}."
        for source in content.get("sources", [])
        if source.get("title")
    ]
    lines += ["Agreement: " + METHODS["alpha"], "Intervals: " + METHODS["bca"]]
    return "\n".join(lines)
