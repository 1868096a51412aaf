"""Shapes of the files that people write, as JSON Schema: the codebook and a project's own part."""

from __future__ import annotations

import json
from functools import cache
from importlib.resources import files
from typing import Any


@cache
def shape(name: str, package: str = "stancepack.dataset.shapes") -> dict[str, Any]:
    """Return the JSON Schema of a kind of file, such as ``"codebook"``."""
    text = (files(package) / f"{name}.json").read_text(encoding="utf-8")
    content: dict[str, Any] = json.loads(text)
    return content
