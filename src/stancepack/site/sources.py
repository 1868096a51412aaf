"""References as a report shows them: the document, the place in it, and a link if it is public."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from stancepack.site.readable import shown

if TYPE_CHECKING:
    from stancepack.dataset.package import StancePackage

_REFERENCE = re.compile(r"(?P<key>[^\[\];]+)(?:\[(?P<place>[^\]]*)\])?")
_ADDRESS = re.compile(r"https?://[^\s/]", re.IGNORECASE)


class Sources:
    """The sources of a package, by id."""

    def __init__(self, pkg: StancePackage) -> None:
        self._rows = {row["source_id"]: row for row in pkg["sources"].to_dict("records")}

    def named(self, references: Any) -> list[dict[str, str]]:
        """Return the sources of a cell such as ``smith-2010[p. 2];jones-2011``."""
        return list(self._named(shown(references)))

    def _named(self, references: str) -> Iterator[dict[str, str]]:
        for match in _REFERENCE.finditer(references):
            key, place = match["key"].strip(), match["place"] or ""
            row = self._rows.get(key, {})
            if not key:
                continue
            cells = {part: shown(row.get(part)) for part in ("author", "title", "date", "access")}
            url = shown(row.get("url"))
            cells["title"] = cells["title"] or key
            yield cells | {"place": place, "url": url if _ADDRESS.match(url) else ""}
