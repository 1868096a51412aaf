"""Positions over time, with the uncertainty there is."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from stancepack.errors import StancepackError
from stancepack.positions.evidence import Who, check_issue, check_option, check_ordered, evidence
from stancepack.positions.shares import code_shares
from stancepack.positions.state import ENGINES, Engine, scales_of_model, state_positions
from stancepack.positions.uncertainty import SOURCES, Uncertainty
from stancepack.positions.windows import KERNELS, Kernel, window_means

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from stancepack.dataset.package import StancePackage
    from stancepack.dataset.scales import Scale

METHODS = ("state", "window", "shares")


class Trajectory(pd.DataFrame):  # type: ignore[misc]
    """A tidy frame of positions over time that can draw itself; see `trajectory`."""

    _metadata = ["_evidence", "_scale", "_by"]  # noqa: RUF012 - pandas adds lists; values may be frames
    _evidence: pd.DataFrame | None = None
    _scale: Scale | None = None
    _by: str | None = None

    @property
    def _constructor(self) -> type[Trajectory]:
        return Trajectory

    @property
    def evidence(self) -> pd.DataFrame:
        """The positions that it rests on, as `stancepack.evidence` gives them, with a ``line``."""
        return pd.DataFrame() if self._evidence is None else self._evidence.copy()

    @property
    def scale(self) -> Scale:
        """The scale of the issue."""
        if self._scale is None:
            raise StancepackError("this is no longer a trajectory: its scale was lost on the way.")
        return self._scale

    @property
    def by(self) -> str | None:
        """The column that names the lines; None if there is one line."""
        return self._by

    def draw(self, axes: Axes | None = None) -> Figure | Axes:
        """Draw each line with its interval, and the statements as marks.

        Parameters
        ----------
        axes
            Axes of matplotlib to draw into; a new figure if None.

        Returns
        -------
        matplotlib.figure.Figure or matplotlib.axes.Axes
            The figure, or the axes given.

        Raises
        ------
        StancepackError
            If shares of several lines should go into one axes.

        Examples
        --------
        >>> import stancepack as sp
        >>> path = sp.trajectory(sp.load(), actor="gates", issue="us-sites", method="window")
        >>> path.draw().axes[0].get_yticks().tolist()
        [-2.0, -1.0, 0.0, 1.0, 2.0]
        """
        from stancepack.plots.trajectory import draw_shares, draw_trajectory

        return draw_shares(self, axes) if "code" in self else draw_trajectory(self, axes)


@dataclass(frozen=True)
class Times:
    """The times to estimate: first and last day, and a pandas offset."""

    start: str | None = None
    end: str | None = None
    step: str = "MS"

    def of(self, positions: pd.DataFrame) -> pd.DatetimeIndex:
        """Return the times; they go as far as the evidence where no day is named."""
        try:
            first = pd.Timestamp(self.start or positions["middle"].min().normalize())
            last = pd.Timestamp(self.end or positions["middle"].max().normalize())
            if first > last:
                raise StancepackError(f"start {first:%Y-%m-%d} lies after end {last:%Y-%m-%d}.")
            times = pd.date_range(first, last, freq=self.step)
        except (ValueError, TypeError) as error:
            if isinstance(error, StancepackError):
                raise
            raise StancepackError(f"start, end or step cannot be read: {error}.") from None
        return times if len(times) else pd.DatetimeIndex([first])


def trajectory(
    pkg: StancePackage,
    *,
    issue: str,
    actor: str | Sequence[str] | None = None,
    side: str | None = None,
    by: str | None = None,
    method: str | None = None,
    start: str | None = None,
    end: str | None = None,
    step: str = "MS",
    window: float = 365.0,
    kernel: str = "gaussian",
    level: float = 0.9,
    uncertainty: Iterable[str] = SOURCES,
    draws: int = 400,
    seed: int = 0,
    engine: str = "laplace",
    **choices: Any,
) -> Trajectory:
    r"""Measure a position over time, with an interval that carries every source of uncertainty.

    Parameters
    ----------
    pkg
        A package, as `load` gives it.
    issue
        The issue.
    actor, side, by
        Whose position: one actor or several by id, all of a side, or one line for each ``"actor"``
        or ``"side"`` (of those chosen, else of all). Several actors without `by` are one line.
    method
        ``"state"``: a latent position that moves as a random walk under an ordinal model of
        statements and coders, fitted to all actors and ordered issues together (see
        `stancepack.positions.state_space`), shown as the position that statements would take on
        average. ``"window"``: means of positions near each time. ``"shares"``: the share of each
        code near each time (see `stancepack.positions.shares`). None: the state model, or shares
        where the codes have no order.
    start, end, step
        The times to estimate: first and last day (of the evidence if None), and a pandas offset.
    window, kernel
        For ``"window"`` and ``"shares"``: days; ``"gaussian"`` weights with that many days between
        the points of inflection, or ``"calendar"``: all within half of it on either side.
    level
        Of the intervals.
    uncertainty
        Which sources the interval carries: ``"statements"`` (there are few), ``"coders"`` (they
        differ, and their thresholds are estimated), ``"dates"`` (drawn within their bounds),
        ``"restatements"`` (counted once; left out, second reports count as evidence of their own).
    draws, seed
        Draws behind the intervals, and their seed.
    engine
        For ``"state"``: ``"laplace"``, the fast fit, or ``"nuts"``, the same model sampled, as a
        check (a minute or more; needs the extra ``nuts``; dates at their middle, all uncertainty of
        the model carried).
    choices
        As for `evidence`: ``ascribed``, ``conditional``, ``coder``, ``codes``, ``exclude_source``,
        ``exclude_date_basis``. The state model takes conditional positions in or out.

    Returns
    -------
    Trajectory
        A frame with one row for each time (and line): the column of `by` if given, ``time``,
        ``estimate``, ``low``, ``high``, ``n`` (statements within half a window on either side; for
        the state model, within half a year). Shares have a row for each ``code`` too. Where there
        is no statement near, the estimate is missing: the line stops; for the state model the
        interval goes on and opens. ``attrs["method"]`` is the method. ``.draw()`` draws it.
        ``.evidence`` has the statements.

    Raises
    ------
    StancepackError
        If something named is not there, there is no evidence, the method does not go with the scale
        of the issue, or the model does not settle.

    Notes
    -----
    In 200 simulated records of 120 statements of four speakers, 90 % intervals held the truth in
    .91 of cases for the state model (spread over records .06) and .87 for windows; in 200 of 5,000
    statements in .92 and .88. Four times stronger or weaker prior guesses of the variances moved
    thin estimates by .02 to .03 and coverage to .88 to .92 (``benchmarks/calibration.py``).
    In a dozen thin records each, on three codes .91 and .90 for the two methods, on 0 to 10 .90 and
    .87; shares of four nominal codes .92 of 60 and .91 of 300 statements, and .86 where positions
    move five times as fast, for windows smooth what moves within them.

    References
    ----------
    Martin, A. D., & Quinn, K. M. (2002). Dynamic ideal point estimation via Markov chain Monte
    Carlo. Political Analysis 10, 134–153. https://doi.org/10.1093/pan/10.2.134

    Marquardt, K. L., & Pemstein, D. (2018). IRT models for expert-coded panel data. Political
    Analysis 26, 431–456. https://doi.org/10.1017/pan.2018.28

    Examples
    --------
    >>> import stancepack as sp
    >>> path = sp.trajectory(sp.load(), actor="putin", issue="limits", method="window", window=730)
    >>> path.columns.tolist()
    ['time', 'estimate', 'low', 'high', 'n']
    >>> bool((path["low"].dropna() <= path["high"].dropna()).all())
    True
    """
    check_option("kernel", kernel, KERNELS)
    check_option("engine", engine, ENGINES)
    if window <= 0:
        raise StancepackError(f"window={window!r} should be more than no days.")
    carried = Uncertainty.of(uncertainty, level, draws)
    who, random = Who(actor, side, by), np.random.RandomState(seed)
    who.check(pkg)
    check_issue(pkg, issue)
    scale = pkg.scale(issue)
    method = _method(method, scale, choices)
    choices = {"restatements": not carried.has("restatements"), **choices}
    if not carried.has("coders"):
        choices.setdefault("codes", "settled")
    # the state model learns coders and variances from every issue, the others look at their own
    rows = who.lines(pkg, evidence(pkg, None if method == "state" else issue, **choices))
    own = rows[(rows["issue_id"] == issue) & rows["line"].notna()]
    if own.empty:
        raise StancepackError(f"nobody chosen takes a position on {issue!r} under these choices.")
    times = Times(start, end, step).of(own)
    if method == "state":
        chosen = Engine(engine, seed, random)
        frame = state_positions(rows, times, scale, scales_of_model(pkg), chosen, carried)
    else:
        estimate = window_means if method == "window" else code_shares
        frame = estimate(rows, times, scale, Kernel(window, kernel), carried, random)
    return _as_trajectory(frame, own, scale, who, _label(pkg, own, scale, who, carried, method))


def _method(method: str | None, scale: Scale, choices: dict[str, Any]) -> str:
    """Return the method asked for, or that of the scale, and refuse what does not go together."""
    if method is None:
        method = "state" if scale.is_ordered else "shares"
    check_option("method", method, METHODS)
    if method != "shares":
        check_ordered(scale, f"method={method!r}")
    if method != "window" and choices.get("conditional") == "shrunk":
        what = f"method={method!r} takes codes as they are"
        raise StancepackError(f"{what}; conditional is 'in' or 'out', or take method='window'.")
    return method


def _label(
    pkg: StancePackage,
    own: pd.DataFrame,
    scale: Scale,
    who: Who,
    uncertainty: Uncertainty,
    method: str,
) -> dict[str, str]:
    title = pkg["issues"].set_index("issue_id").loc[scale.name, "title"]
    count = f"n = {own['statement_id'].nunique()} statements"
    interval = f"{uncertainty.level:.0%} intervals ({method})"
    return {"method": method, "label": f"{title}: {who.label}, {count}, {interval}"}


def _as_trajectory(
    frame: pd.DataFrame, own: pd.DataFrame, scale: Scale, who: Who, notes: dict[str, str]
) -> Trajectory:
    attrs = frame.attrs | notes
    frame = frame.rename(columns={"line": who.by}) if who.by else frame.drop(columns="line")
    path = Trajectory(frame)
    path.attrs = attrs
    path._evidence, path._scale, path._by = own, scale, who.by
    return path
