"""Reading YAML mappings that people write."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from stancepack.errors import StancepackError


def read_yaml(path: Path) -> dict[str, Any]:
    """Read a YAML mapping safely.

    Raises
    ------
    StancepackError
        If the file is missing, is not UTF-8, is not YAML, or holds something else than a mapping.
    """
    import yaml

    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    try:
        text = path.read_text(encoding="utf-8")
        # a few lines of aliases can stand for more text than fits into memory
        if any(isinstance(event, yaml.AliasEvent) for event in yaml.parse(text, Loader=loader)):
            raise StancepackError(f"{path}: has an alias (*name); write the content out instead.")
        content = yaml.load(text, Loader=loader)
    except FileNotFoundError:
        raise StancepackError(f"{path}: the file is missing.") from None
    except StancepackError:
        raise
    except (OSError, ValueError, RecursionError, yaml.YAMLError) as error:
        raise StancepackError(
            f"{path}: cannot be read as YAML: {' '.join(str(error).split())}"
        ) from None
    if not isinstance(content, dict):
        raise StancepackError(
            f"{path}: should hold a mapping (key: value), but holds {type(content).__name__}."
        )
    return content
