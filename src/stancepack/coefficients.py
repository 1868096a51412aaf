"""Where coefficients and distances were in version 1; now `stancepack.reliability`."""

from __future__ import annotations

import warnings
from importlib import import_module
from typing import Any

from stancepack.errors import StancepackDeprecation

_ROOMS = ("stancepack.reliability.weights", "stancepack.reliability.coefficients")


def __getattr__(name: str) -> Any:
    """Find a name where it is now, and say so."""
    for room in _ROOMS:
        found = getattr(import_module(room), name, None)
        if found is not None:
            line = f"from {room} import {name}"
            warnings.warn(f"an old place; write {line}", StancepackDeprecation, stacklevel=2)
            return found
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
