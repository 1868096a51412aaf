"""Figures that show themselves in a notebook, whether or not pyplot was imported."""

from __future__ import annotations

import io

from matplotlib.axes import Axes
from matplotlib.figure import Figure


class Drawing(Figure):
    """A figure of matplotlib that a notebook shows when it is the last value of a cell."""

    def _repr_png_(self) -> bytes:
        buffer = io.BytesIO()
        self.savefig(buffer, format="png", dpi=100)
        return buffer.getvalue()


class DrawnAxes(Axes):
    """Axes of a figure of their own, which a notebook shows."""

    def _repr_png_(self) -> bytes:
        figure = self.get_figure(root=True)
        return figure._repr_png_() if isinstance(figure, Drawing) else b""


def drawing(width: float, height: float) -> Drawing:
    """Make an empty figure of a size in inches."""
    return Drawing(figsize=(width, height), layout="constrained")


def new_axes(width: float, height: float) -> Axes:
    """Make axes in a figure of their own, of a size in inches."""
    return drawing(width, height).add_subplot(axes_class=DrawnAxes)
