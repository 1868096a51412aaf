"""How wide an interval will be, by units and coders."""

from __future__ import annotations

from typing import TYPE_CHECKING

from stancepack.plots.figure import new_axes

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

SIZE = 6.0, 3.6  # inches
MARKS = ("o", "s", "^", "D", "v", "P", "X", "*")  # so that lines can be told apart without colour


def plot_designs(designs: pd.DataFrame, width: float, ax: Axes | None = None) -> Axes:
    """Draw the mean width of the interval by the number of units, with a line for coders each.

    Parameters
    ----------
    designs
        ``units``, ``coders`` and ``width``, as `plan_agreement` gives them.
    width
        The width that is wanted, drawn as a dotted line.
    ax
        Where to draw; by default a figure of its own.

    Returns
    -------
    matplotlib.axes.Axes
        The axes drawn on.

    Examples
    --------
    >>> import pandas as pd
    >>> designs = pd.DataFrame({"units": [50, 100], "coders": [2, 2], "width": [0.3, 0.2]})
    >>> plot_designs(designs, 0.25).get_ylabel()
    'mean width of the interval'
    """
    axes = new_axes(*SIZE) if ax is None else ax
    for number, (coders, rows) in enumerate(designs.groupby("coders", sort=True)):
        in_order = rows.sort_values("units")
        mark = MARKS[number % len(MARKS)]
        axes.plot(in_order["units"], in_order["width"], marker=mark, label=f"{coders} coders")
    axes.axhline(width, linestyle=":", color="black", linewidth=1, label=f"wanted: {width:g}")
    axes.set_xlabel("units")
    axes.set_ylabel("mean width of the interval")
    axes.set_ylim(bottom=0)
    axes.legend(frameon=False)
    return axes
