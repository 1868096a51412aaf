"""Positions over time, with the uncertainty there is."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from html import escape
from typing import TYPE_CHECKING, Any, Unpack

import numpy as np
import pandas as pd

from stancepack.dataset.names import issue_id
from stancepack.dataset.package import as_package
from stancepack.errors import StancepackError
from stancepack.positions.evidence import (
    Choices,
    Choosing,
    Who,
    all_sides,
    check_ordered,
    dated_evidence,
    issue_title,
)
from stancepack.positions.options import (
    check_days,
    check_draws,
    check_option,
    check_span,
    refuse_unused,
)
from stancepack.positions.shares import code_shares
from stancepack.positions.state import (
    ENGINES,
    SIDES,
    Engine,
    scales_of_model,
    state_positions,
)
from stancepack.positions.uncertainty import Uncertainty
from stancepack.positions.windows import KERNELS, Kernel, window_means
from stancepack.spellings import FormerFrame, old_spellings

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from stancepack.dataset.package import StancePackage
    from stancepack.dataset.scales import Scale
    from stancepack.positions.contrasts import Contrast
    from stancepack.reliability.counts import Floats

METHODS = ("state", "window", "shares")
_FEWEST_DRAWS = 2
_USUAL_WINDOW = 365.0  # days
_ONE_DAY = pd.Timedelta(days=1)
_MOST_TIMES = 50_000  # a century of days
_SHOWN = 10  # rows in a notebook
_WORDS = {
    "state": "the ordinal state model",
    "window": "means in windows of {days:g} days ({shape}), which describe",
    "shares": "shares of codes in windows of {days:g} days ({shape})",
}
_MEANS = {"members": "of those who speak then", "within": "of the same ones throughout"}


@dataclass(frozen=True, eq=False, repr=False)
class Trajectory(FormerFrame):
    """Positions over time with what they rest on; see `trajectory`."""

    table: pd.DataFrame
    evidence: pd.DataFrame
    scale: Scale
    title: str
    who: str
    by: str | None
    method: str
    interval: float | None
    how: str
    sides: tuple[str, ...] = ()  # of the package: a side has the same colour in every figure
    fit: Mapping[str, float] = field(default_factory=dict)
    draws: Floats | None = None  # of the state model: rows of the table × draws

    def __repr__(self) -> str:
        """Say whose positions on what, and how many statements there are."""
        return f"trajectory of {self.label}"

    def _repr_html_(self) -> str:
        shown = self.table.dropna(subset=["estimate"]).tail(_SHOWN)
        return f"<p>{escape(repr(self))}</p>{shown.to_html(index=False)}"

    @property
    def n(self) -> int:
        """How many statements there are."""
        return int(self.evidence["statement_id"].nunique())

    @property
    def label(self) -> str:
        """Whose positions on what, from how many statements, with which intervals."""
        kind = "bands that describe" if self.method == "window" else "intervals"
        width = f"{self.interval:.0%} {kind}" if self.interval else "no intervals"
        return f"{self.title}: {self.who}, n = {self.n} statements, {width} ({self.method})"

    def summary(self) -> str:
        """Say what was measured and how, and where each line begins and ends."""
        width = "There are no intervals."
        if self.interval is not None:
            width = f"Intervals hold the position with {self.interval:.0%}."
        if self.method == "window":
            width = "Bands show how statements near a time scatter, and infer nothing."
        keys = [name for name in (self.by, "code") if name in self.table]
        known = self.table.dropna(subset=["estimate"])
        about = f"{self!r}.\nMethod: {self.how}. {width}"
        if known.empty:
            return f"{about}\nNo statement is near any of these times."
        ends = known.groupby(keys, sort=False).nth([0, -1]) if keys else known.iloc[[0, -1]]
        shown = ends.drop_duplicates().to_string(index=False, float_format="{:.2f}".format)
        return f"{about}\n\nfirst and last\n{shown}"

    def contrast(self, a: Any, b: Any, *, line: Any = None) -> Contrast:
        """Say by how much one position is over another, and how surely, from joint draws.

        Parameters
        ----------
        a, b
            From what to what: a time as in ``"2007-01"`` or ``"2007"`` (the mean of the times of
            the table in that month or year), or a function of a frame of draws (times × draws, with
            the times as index) that returns a number for each draw, such as
            ``lambda frame: frame.max() - frame.min()``.
        line
            Of which line, where there are several; a pair if a is of the first and b of the second.

        Returns
        -------
        Contrast
            ``.difference`` (b less a), ``.low`` and ``.high`` (as wide as the intervals of the
            lines, 90 % if these have none), ``.probability`` that it is more than 0, ``.draws``;
            ``.table``, ``.summary()`` and ``.plot()``.

        Raises
        ------
        StancepackError
            If the method is not the state model, or there is no such time or line.

        Examples
        --------
        >>> import stancepack as sp
        >>> made = sp.simulate(actors=2, issues=1, statements=60, seed=1)
        >>> path = sp.trajectory(made, issue="issue-1", by="actor", step="YS", draws=100)
        >>> moved = path.contrast("2002", "2010", line="actor-1")
        >>> apart = path.contrast("2005", "2005", line=("actor-1", "actor-2"))
        >>> moved.low < moved.difference < moved.high, 0 <= apart.probability <= 1
        (True, True)
        """
        from stancepack.positions.contrasts import contrast_of

        return contrast_of(self, a, b, line)

    def plot(self, ax: Axes | None = None) -> Axes:
        """Draw each line with its interval, and the statements as marks.

        Parameters
        ----------
        ax
            Where to draw; by default a figure of its own, which a notebook shows.

        Returns
        -------
        matplotlib.axes.Axes
            The axes drawn on (of shares of several lines the first of them);
            ``.figure.savefig(…)`` keeps the figure.

        Raises
        ------
        StancepackError
            If there are more lines than can be told apart, or shares of several lines should go
            into one axes.

        Examples
        --------
        >>> import stancepack as sp
        >>> path = sp.trajectory(sp.load(), actor="gates", issue="us-sites", method="window")
        >>> path.plot().get_yticks().tolist()
        [-2.0, -1.0, 0.0, 1.0, 2.0]
        """
        from stancepack.plots.trajectory import plot_shares, plot_trajectory

        return plot_shares(self, ax) if self.method == "shares" else plot_trajectory(self, ax)


@dataclass(frozen=True)
class Times:
    """The times to estimate: first and last day, and a pandas offset."""

    start: pd.Timestamp | None = None
    end: pd.Timestamp | None = None
    step: Any = "MS"

    def of(self, positions: pd.DataFrame) -> pd.DatetimeIndex:
        """Return the times; they go as far as the evidence where no day is named."""
        first = self.start or positions["middle"].min().normalize()
        last = self.end or positions["middle"].max().normalize()
        if first > last:
            what = "the statements chosen end before start, or begin after end"
            raise StancepackError(f"{what}: {first:%Y-%m-%d} to {last:%Y-%m-%d}.")
        try:
            offset = pd.tseries.frequencies.to_offset(self.step)
            if offset is None or (isinstance(offset, pd.offsets.Tick) and offset < _ONE_DAY):
                raise ValueError("take a day ('D'), month ('MS'), year ('YS') or several")
            times = pd.date_range(first, last, freq=offset)
        except (ValueError, TypeError) as error:
            raise StancepackError(f"step={self.step!r} cannot be read: {error}.") from None
        if len(times) > _MOST_TIMES:
            raise StancepackError(f"step={self.step!r} makes {len(times):,} times; take fewer.")
        return times if len(times) else pd.DatetimeIndex([first])


@old_spellings(renamed={"pkg": "data", "level": "interval"})
def trajectory(
    data: StancePackage | str | os.PathLike[str],
    *,
    issue: str,
    actor: str | Sequence[str] | None = None,
    side: str | Sequence[str] | None = None,
    by: str | None = None,
    method: str | None = None,
    start: Any = None,
    end: Any = None,
    step: str = "MS",
    window: float | None = None,
    kernel: str | None = None,
    interval: float | None = 0.9,
    uncertainty: str | Iterable[str] | None = None,
    draws: int = 400,
    seed: int = 0,
    engine: str | None = None,
    sides: str | None = None,
    **choices: Unpack[Choosing],
) -> Trajectory:
    r"""Measure a position over time: what a statement then would be coded as, on average.

    Parameters
    ----------
    data
        A package, as `load` gives it, or the path of one.
    issue
        The issue, by id or title.
    actor, side, by
        Whose position: one actor or several by id or name, all of a side or several, or one line
        for each ``"actor"`` or ``"side"`` (of those chosen, else of all). Several actors or sides
        without `by` are one line.
    method
        ``"state"``: a latent position that moves through time under an ordinal model of statements
        and coders, fitted to all actors and ordered issues together (see
        `stancepack.positions.state_space`), shown as the code that statements would take on
        average. ``"window"``: means of positions near each time, a description: its bands do not
        hold the position as often as they say. ``"shares"``: the share of each code near each time
        (see `stancepack.positions.shares`). None: the state model, or shares where the codes have
        no order.
    start, end, step
        The times to estimate: from the first day of `start` (a day, a month or a year, in EDTF or
        as a date) to the last day of `end` (those of the evidence if None), and a pandas offset.
    window, kernel
        For ``"window"`` and ``"shares"`` alone: days, 365 if None; ``"gaussian"`` weights (the
        usual ones) with that many days between the points of inflection, or ``"calendar"``: all
        within half of it on either side.
    interval
        The width of the intervals; None for none.
    uncertainty
        Which sources the interval carries: ``"statements"`` (there are few), ``"coders"`` (they
        differ, and their thresholds and the spreads are estimated), ``"dates"`` (drawn within their
        bounds),
        ``"restatements"`` (counted once; left out, second reports count as evidence of their own).
        All if None.
    draws, seed
        Draws behind the intervals, and their seed.
    engine
        For ``"state"`` alone: ``"laplace"``, the fast fit and the usual one, or ``"nuts"``, the
        same model sampled, as a check (a minute or more; needs the extra ``nuts``; dates at their
        middle, all uncertainty of the model carried, so that `uncertainty` is refused).
    sides
        For ``"state"`` alone, what the line of a side, or of several actors, shows. Each member has
        a line of its own, and that of the side is their mean: ``"members"`` (the usual one), of
        those who speak then on anything, from half a year before their first statement to half a
        year after their last, so that it moves also when others come to speak; ``"within"``, of all
        who ever speak on the issue, so that it moves only as they do. In both each member counts
        alike, however much they say.
    **choices
        As for `evidence`: ``ascribed``, ``conditional``, ``coder``, ``codes``, ``exclude_source``,
        ``exclude_date_basis``. The state model takes conditional positions in or out.

    Returns
    -------
    Trajectory
        ``.table`` has one row for each time (and line): the column of `by` if given, ``time``,
        ``estimate``, ``low``, ``high``, ``n`` (statements within half a window on either side; for
        the state model, within half a year). Shares have a row for each ``code`` too. Where there
        is no statement near, the estimate is missing: the line stops; for the state model the
        interval goes on and opens. ``.draws`` has the joint draws of the state model, a row for
        each of the table, and ``.contrast()`` compares times and lines by them. ``.evidence`` has
        the statements, ``.scale``, ``.by``, ``.method`` and ``.interval`` say what it is.
        ``.plot()`` draws it.

    Raises
    ------
    StancepackError
        If something named is not there, there is no evidence, an option is not one of the method,
        or the method does not go with the scale of the issue.
    NotConverged
        If the model does not settle.

    Notes
    -----
    What is estimated is the code that a statement of that time would take on average, over what is
    said then and over occasions, read at the thresholds on which coders agree, without the errors
    of any one. With one coder of each statement the coders' errors are one with what is said.

    In simulated records whose positions do not move as the model says, eight lines of 5 to 15
    statements each, 60 sets of each kind, bands held the truth, and estimates missed it by (root of
    the mean square), as follows; beside it a Gaussian process on the plain numbers
    (``benchmarks/calibration.py``).

    ====================== ======= ======= ======= ======= ======= ======= =======
    kind                   90 %    gaps    50 %    error   GP 90 % GP 50 % GP err.
    ====================== ======= ======= ======= ======= ======= ======= =======
    constants              .94     .95     .55     .25     .86     .47     .31
    ramps                  .94     .94     .56     .41     .84     .46     .48
    sines                  .93     .94     .52     .52     .88     .48     .56
    steps                  .94     .97     .56     .56     .91     .49     .60
    jumps                  .92     .93     .53     .62     .89     .51     .67
    logistic noise         .94     .94     .57     .51     .88     .48     .58
    heavy tails            .94     .95     .58     .48     .90     .51     .53
    unequal thresholds     .93     .93     .53     .52     .84     .44     .62
    clustered dates        .92     .91     .52     .63     .83     .43     .68
    speeches               .94     .95     .54     .61     .90     .50     .66
    extreme positions      .95     .96     .57     .17     .87     .49     .21
    quiet statements       .94     .94     .60     .41     .89     .51     .49
    one coder              .91     .93     .52     .53     .87     .50     .54
    three of four coders   .93     .94     .55     .51     .89     .51     .53
    five statements        .93     .94     .55     .61     .85     .49     .68
    fifteen statements     .93     .93     .57     .42     .88     .49     .48
    ====================== ======= ======= ======= ======= ======= ======= =======

    Gaps and ends are times with no statement within a twelfth of the record. Bands of 90 % held the
    truth in .91 to .95 of cases, in gaps in .91 to .97; those of 50 % in .52 to .60, so that they
    are wider than they need be where lines hardly move or statements are quiet. The bias of lines
    beyond ±1.5 was .05 towards the middle; where lines swing or jump that far only for a while, it
    was .2 to 1.0, with so few statements, and about as much or more for a Gaussian process. Windows
    held the truth in .66 to .90 (8 sets of the last nine kinds): they describe, and their bands are
    no intervals of the position. The mean of four members of a side was held in .97 of cases by
    bands of 90 % and .62 of 50 % (16 sets). Not studied: lines of less than five statements, and
    more than eight lines.

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
    >>> path.n, path.method, path.interval
    (17, 'window', 0.9)
    >>> path.table.columns.tolist()
    ['time', 'estimate', 'low', 'high', 'n']
    """
    pkg = as_package(data, "trajectory")
    issue = issue_id(pkg, issue)
    scale = pkg.scale(issue)
    method = _method(method, scale)
    how = _How.of(method, window, kernel, engine, sides, uncertainty)
    carried = Uncertainty.of(uncertainty, interval, draws)
    check_draws(draws, seed, _FEWEST_DRAWS)
    times = Times(*check_span(start, end), step)
    who = Who.of(pkg, actor, side, by)
    rows, own = _rows(pkg, issue, who, method, _chosen(choices, method, carried))
    frame, fit, drawn = how.estimate(pkg, rows, times.of(own), scale, carried, seed)
    frame = frame.rename(columns={"line": by}) if by else frame.drop(columns="line")
    if interval is None:
        frame[["low", "high"]] = np.nan
    return Trajectory(
        table=frame,
        evidence=own,
        scale=scale,
        title=issue_title(pkg, issue),
        who=who.label,
        by=by,
        method=method,
        interval=interval,
        how=how.words,
        sides=tuple(all_sides(pkg)),
        fit=fit,
        draws=drawn,
    )


@dataclass(frozen=True)
class _How:
    """A method with the options that are its own."""

    method: str
    kernel: Kernel
    engine: str
    sides: str

    @classmethod
    def of(
        cls,
        method: str,
        window: float | None,
        kernel: str | None,
        engine: str | None,
        sides: str | None,
        uncertainty: Any,
    ) -> _How:
        """Refuse options that are not known, or not of the method."""
        if method == "state":
            refuse_unused("method='state'", {"window": window, "kernel": kernel})
        else:
            refuse_unused(f"method={method!r}", {"engine": engine, "sides": sides})
        if engine == "nuts":
            refuse_unused("engine='nuts', which carries all", {"uncertainty": uncertainty})
        days = _USUAL_WINDOW if window is None else window
        shape = KERNELS[0] if kernel is None else kernel
        engine = ENGINES[0] if engine is None else engine
        sides = SIDES[0] if sides is None else sides
        check_days("window", days)
        check_option("kernel", shape, KERNELS)
        check_option("engine", engine, ENGINES)
        check_option("sides", sides, SIDES)
        return cls(method, Kernel(float(days), shape), engine, sides)

    @property
    def words(self) -> str:
        """How it is measured, in a few words."""
        words = _WORDS[self.method].format(days=self.kernel.days, shape=self.kernel.shape)
        if self.method == "state":
            words += f"; of several actors the mean, {_MEANS[self.sides]}"
        return words

    def estimate(
        self,
        pkg: StancePackage,
        rows: pd.DataFrame,
        times: pd.DatetimeIndex,
        scale: Scale,
        uncertainty: Uncertainty,
        seed: int,
    ) -> tuple[pd.DataFrame, dict[str, float], Floats | None]:
        """Estimate the positions of each line at the times; say how a model fits; keep draws."""
        random = np.random.RandomState(seed)
        if self.method == "state":
            engine = Engine(self.engine, seed, random, self.sides)
            return state_positions(rows, times, scale, scales_of_model(pkg), engine, uncertainty)
        estimate = window_means if self.method == "window" else code_shares
        return estimate(rows, times, scale, self.kernel, uncertainty, random), {}, None


def _method(method: str | None, scale: Scale) -> str:
    """Return the method asked for, or that of the scale."""
    if method is None:
        return "state" if scale.is_ordered else "shares"
    check_option("method", method, METHODS)
    if method != "shares":
        check_ordered(scale, f"method={method!r}")
    return method


def _chosen(choices: Mapping[str, Any], method: str, uncertainty: Uncertainty) -> Choices:
    """Return the choices of evidence that go with the method and its uncertainty."""
    usual: dict[str, Any] = {"restatements": not uncertainty.has("restatements")}
    if method != "state" and not uncertainty.has("coders"):  # the model holds them fast instead
        usual["codes"] = "settled"
    chosen = Choices.of(usual | dict(choices))
    if method != "window" and chosen.conditional == "shrunk":
        what = f"method={method!r} takes codes as they are"
        raise StancepackError(f"{what}; conditional is 'in' or 'out', or take method='window'.")
    return chosen


def _rows(
    pkg: StancePackage, issue: str, who: Who, method: str, choices: Choices
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return the positions that a method learns from, and those that make the lines."""
    # the state model learns coders and variances from every issue, the others look at their own
    learnt = None if method == "state" else issue
    rows = who.lines(dated_evidence(pkg, learnt, choices, "trajectory"))
    own = rows[(rows["issue_id"] == issue) & rows["line"].notna()]
    if own.empty:
        raise StancepackError(f"nobody chosen takes a position on {issue!r} under these choices.")
    return rows, own
