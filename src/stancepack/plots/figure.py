"""Figures that show themselves in a notebook, whether or not pyplot was imported."""

from __future__ import annotations

import io

from matplotlib.figure import Figure


class Drawing(Figure):
    """A figure of matplotlib that a notebook shows when it is the last value of a cell."""

    def _repr_png_(self) -> bytes:
        buffer = io.BytesIO()
        self.savefig(buffer, format="png", dpi=100)
        return buffer.getvalue()


def drawing(width: float, height: float) -> Drawing:
    """Make an empty figure of a size in inches."""
    return Drawing(figsize=(width, height), layout="constrained")
