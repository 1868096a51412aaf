"""Hand-coded stances of any study: coded, settled, checked, released, and followed over time.

The public names stand in `__init__.pyi`. They are imported when first used, so that
`import stancepack` costs nothing.
"""

from __future__ import annotations

import sys

import lazy_loader

from stancepack.spellings import OldPlaces

sys.meta_path.append(OldPlaces())  # after all others: it finds only what has moved
_public, _, __all__ = lazy_loader.attach_stub(__name__, __file__)


def __getattr__(name: str) -> object:
    """Import a public name; say which one may be meant if there is none of this name."""
    if name == "__version__":
        from importlib.metadata import version

        return version("stancepack")
    if name in __all__:
        return _public(name)
    from stancepack.errors import did_you_mean

    hint = did_you_mean(name, __all__)
    raise AttributeError(f"module 'stancepack' has no attribute {name!r}; {hint}")


def __dir__() -> list[str]:
    """List the public names."""
    return [*__all__, "__version__"]
