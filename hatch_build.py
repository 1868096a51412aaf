"""Ship in the wheel what datapackage.json names: the installed data are the released ones."""

import json
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class CustomBuildHook(BuildHookInterface):
    """Put the data package into the import package."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Name the files; an editable install uses the checkout's own and ships none."""
        if version == "editable":
            return
        root = Path(self.root)
        descriptor = json.loads((root / "datapackage.json").read_text(encoding="utf-8"))
        files = ["datapackage.json", "coding/codebook.yaml", "seeds/sources.bib", "LICENSE-DATA"]
        for name in [*files, *(resource["path"] for resource in descriptor["resources"])]:
            build_data["force_include"][str(root / name)] = f"stancepack/_package/{name}"
