"""What differs between two times, two lines, or two functions of them, from joint draws."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from stancepack.errors import StancepackError, UnknownName, did_you_mean
from stancepack.positions.options import days_of

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from stancepack.positions.trajectory import Trajectory
    from stancepack.reliability.counts import Floats

_USUAL_INTERVAL = 0.9  # where the lines themselves have none
_BINS = 30


@dataclass(frozen=True, eq=False, repr=False)
class Contrast:
    """A difference of two positions, with its interval; see `Trajectory.contrast`."""

    difference: float
    low: float
    high: float
    probability: float
    interval: float
    title: str
    draws: Floats

    def __repr__(self) -> str:
        """Say how large it is, and how probably more than 0."""
        band = f"{self.difference:+.2f} [{self.low:+.2f}, {self.high:+.2f}]"
        return f"{self.title}: {band}, P(more than 0) = {self.probability:.2f}"

    @property
    def table(self) -> pd.DataFrame:
        """The difference, its interval and probability as one row."""
        names = ("difference", "low", "high", "probability")
        return pd.DataFrame([{name: getattr(self, name) for name in names}])

    def summary(self) -> str:
        """Say how large it is, and what the interval and the probability are."""
        what = (
            f"The {self.interval:.0%} interval and the probability are of {len(self.draws)} joint"
        )
        return f"{self!r}.\n{what} draws of the state model."

    def plot(self, ax: Axes | None = None) -> Axes:
        """Draw how probable each difference is.

        Parameters
        ----------
        ax
            Where to draw; by default a figure of its own, which a notebook shows.

        Returns
        -------
        matplotlib.axes.Axes
            The axes drawn on; ``.figure.savefig(…)`` keeps the figure.
        """
        from stancepack.plots.figure import new_axes

        axes = new_axes(6.0, 3.0) if ax is None else ax
        axes.hist(self.draws, bins=_BINS, color="0.6", density=True)
        axes.axvspan(self.low, self.high, color="0.9", zorder=0)
        axes.axvline(0.0, color="0.3", linewidth=0.8)
        axes.set_yticks([])
        axes.spines[["top", "right", "left"]].set_visible(False)
        axes.set_title(repr(self), fontsize=9, loc="left")
        return axes


def contrast_of(path: Trajectory, a: Any, b: Any, line: Any) -> Contrast:
    """Return what is b over what is a; see `Trajectory.contrast`."""
    if path.draws is None:
        what = f"a contrast needs joint draws, and method={path.method!r} has none"
        raise StancepackError(f"{what}; take method='state'.")
    first, second = line if isinstance(line, tuple) and len(line) == 2 else (line, line)
    before, after = _drawn(path, "a", a, first), _drawn(path, "b", b, second)
    drawn = after - before
    width = path.interval or _USUAL_INTERVAL
    low, high = np.quantile(drawn, [(1 - width) / 2, (1 + width) / 2])
    words = [_words(part, of) for part, of in ((b, second), (a, first))]
    return Contrast(
        difference=float(drawn.mean()),
        low=float(low),
        high=float(high),
        probability=float((drawn > 0).mean() + (drawn == 0).mean() / 2),
        interval=width,
        title=f"{path.title}, {' over '.join(words)}",
        draws=drawn,
    )


def _drawn(path: Trajectory, name: str, what: Any, line: str | None) -> Floats:
    """Return the draws of a time, or of a function of a line."""
    rows, draws = _rows_of(path, line), np.asarray(path.draws)
    times = path.table.loc[rows, "time"]
    if callable(what):
        frame = pd.DataFrame(draws[rows], index=pd.DatetimeIndex(times))
        drawn = np.asarray(what(frame), dtype=float)
        if drawn.shape != (draws.shape[1],):
            shape = f"one number for each of the {draws.shape[1]} columns"
            raise StancepackError(f"{name}: the function should return {shape}.")
        return drawn
    first, last = days_of(name, what)
    is_then = times.between(first, last + pd.Timedelta(days=1), inclusive="left").to_numpy()
    if not is_then.any():
        ends = f"{times.min():%Y-%m-%d} to {times.max():%Y-%m-%d}"
        have = f"the times asked for are {len(times)} from {ends}"
        raise StancepackError(f"{name}={what!r} has no estimate: {have}; take a finer step.")
    return np.asarray(draws[rows][is_then].mean(axis=0))


def _rows_of(path: Trajectory, line: str | None) -> Any:
    if path.by is None:
        if line is not None:
            raise StancepackError(f"line={line!r} is not used: there is one line; leave it out.")
        return np.ones(len(path.table), dtype=bool)
    known = [str(name) for name in path.table[path.by].unique()]
    if line is None:
        some = ", ".join(known[:5])
        raise StancepackError(f"there are {len(known)} lines; name one with line=: {some}.")
    if line not in known:
        raise UnknownName(f"line={line!r} is not known; {did_you_mean(str(line), known)}")
    return (path.table[path.by].astype(str) == line).to_numpy()


def _words(what: Any, line: str | None) -> str:
    name = getattr(what, "__name__", "a function") if callable(what) else str(what)
    return f"{line} {name}" if line else name
