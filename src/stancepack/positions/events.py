"""Positions before and after an event."""

from __future__ import annotations

import math
import os
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from typing import TYPE_CHECKING, Any, Unpack

import numpy as np
import pandas as pd

from stancepack.dataset.names import event_id, issue_id
from stancepack.dataset.package import as_package
from stancepack.errors import StancepackError, UnknownName
from stancepack.positions.evidence import (
    Choices,
    Choosing,
    Who,
    all_sides,
    check_ordered,
    dated_evidence,
    issue_title,
)
from stancepack.positions.options import check_days, check_draws, days_of
from stancepack.spellings import FormerFrame, old_spellings

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from numpy.typing import NDArray

    from stancepack.dataset.package import StancePackage
    from stancepack.dataset.scales import Scale
    from stancepack.reliability.counts import Floats

_FEWEST_A_SIDE, _FEWEST_OCCASIONS = 2, 4  # with fewer there is nothing to exchange
_DEVIATIONS_FOUND = 2.8  # 1.96 + 0.84: found in four of five cases at the 5 % level
_COARSE = 1 / 4  # of the span: a difference that a test should find (one code of five)
_FIGURES = (
    *("before", "after", "n_before", "n_after", "difference", "p"),
    *("detectable", "note", "occasions"),
)
Days = tuple[pd.Timestamp, pd.Timestamp]


@dataclass(frozen=True, eq=False, repr=False)
class EventEffect(FormerFrame):
    """Positions before and after an event, with a test; see `event_effect`."""

    event: str
    days: Days
    title: str
    who: str
    before: float
    after: float
    n_before: int
    n_after: int
    difference: float
    p: float
    occasions: int
    detectable: float
    note: str
    window: float
    draws: int
    evidence: pd.DataFrame
    scale: Scale
    sides: tuple[str, ...] = ()  # of the package: a side has the same colour in every figure

    def __repr__(self) -> str:
        """Say the difference and the test."""
        tested = "no test" if math.isnan(self.p) else f"p = {self.p:.3f}"
        count = f"{self.n_before} and {self.n_after} statements"
        about = f"{self.title}: {self.who}, {self.event}"
        figure = "not defined" if math.isnan(self.difference) else f"{self.difference:+.2f}"
        return f"effect on {about} = {figure}, {count}, {tested}"

    def _repr_html_(self) -> str:
        return f"<p>{escape(repr(self))}</p>{self.table.to_html(index=False)}"

    @property
    def _former(self) -> dict[str, Any]:
        return {name: getattr(self, name) for name in _FIGURES}

    @property
    def table(self) -> pd.DataFrame:
        """The figures as a frame of one row."""
        figures = {name: getattr(self, name) for name in _FIGURES}
        return pd.DataFrame([{"event": self.event, "who": self.who, **figures}])

    @property
    def label(self) -> str:
        """What is compared, with numbers of statements, the test and what it could find."""
        tested = "too few for a test" if math.isnan(self.p) else f"p = {self.p:.2g}"
        if not math.isnan(self.detectable):
            tested += f", differences of {self.detectable:.1f} would be found"
        return f"{self.title}: {self.who}, n = {self.n_before} | {self.n_after}, {tested}"

    def summary(self) -> str:
        """Say the means, the test, and what it could have found."""
        lines = [
            f"{self!r}.",
            f"Means within {self.window:g} days: {_shown(self.before)} before, "
            f"{_shown(self.after)} after; {self.occasions} occasions.",
        ]
        if not math.isnan(self.p):
            lines.append(
                f"Randomisation test of {self.draws:,} draws: p = {self.p:.3g}, two-sided; a "
                f"difference of {self.detectable:.2f} would be found in four of five cases."
            )
        return "\n".join([*lines, self.note]).strip()

    def plot(self, ax: Axes | None = None) -> Axes:
        """Draw the statements and the means before and after the event.

        Parameters
        ----------
        ax
            Where to draw; by default a figure of its own, which a notebook shows.

        Returns
        -------
        matplotlib.axes.Axes
            The axes drawn on; ``.figure.savefig(…)`` keeps the figure.

        Examples
        --------
        >>> import stancepack as sp
        >>> effect = sp.event_effect(
        ...     sp.load(), event="sochi", issue="us-sites", side="Russia", draws=100
        ... )
        >>> effect.plot().get_title(loc="left").partition(":")[0]
        'US missile-defence sites in Europe'
        """
        from stancepack.plots.changes import plot_event_effect

        return plot_event_effect(self, ax)


@old_spellings(positional=("event",), renamed={"pkg": "data", "permutations": "draws"})
def event_effect(
    data: StancePackage | str | os.PathLike[str],
    *,
    event: Any,
    issue: str,
    actor: str | Sequence[str] | None = None,
    side: str | Sequence[str] | None = None,
    window: float = 365.0,
    draws: int = 10_000,
    seed: int = 0,
    **choices: Unpack[Choosing],
) -> EventEffect:
    """Compare positions before and after an event, with a randomisation test and the power it had.

    Parameters
    ----------
    data
        A package, as `load` gives it, or the path of one.
    event
        An event of the table ``events`` by id or title, or a date (``2009-09-17``, ``2009-09``).
    issue, actor, side
        Whose positions on what, as for `trajectory`; the issue needs codes in an order.
    window
        Days before and after that count.
    draws, seed
        Of the test.
    **choices
        As for `evidence`.

    Returns
    -------
    EventEffect
        ``before`` and ``after`` (mean positions), ``n_before``, ``n_after``, ``difference``, ``p``
        (two-sided: how often the difference between the two sides of another day, with as many
        statements on each side, is as large; occasions are kept together, for statements of one day
        are not independent), ``occasions``, ``detectable`` (the difference that the test would find
        in four of five cases), ``note``; ``.evidence`` has the statements. What was said on the day
        itself counts as after; a statement that may lie on either side, also because the event is
        dated to a month or a year only, does not count.

    Raises
    ------
    StancepackError
        If event, issue or actor is not there.

    Examples
    --------
    >>> import stancepack as sp
    >>> effect = sp.event_effect(
    ...     sp.load(), event="third-site-dropped", issue="us-sites", side="Russia", draws=200
    ... )
    >>> round(effect.difference, 2), effect.n_before, effect.n_after, effect.p < 0.1
    (0.51, 20, 9, True)
    """
    pkg = as_package(data, "event_effect")
    check_days("window", window)
    check_draws(draws, seed)
    issue = issue_id(pkg, issue)
    scale = pkg.scale(issue)
    check_ordered(scale, "event_effect")
    name, days = _event(pkg, event)
    who = Who.of(pkg, actor, side)
    positions = who.lines(dated_evidence(pkg, issue, Choices.of(choices), "event_effect"))
    near = _near(positions[positions["line"].notna()], days, float(window))
    return EventEffect(
        event=name,
        days=days,
        title=issue_title(pkg, issue),
        who=who.label,
        **_compared(near, scale, draws, np.random.RandomState(seed)),
        window=float(window),
        draws=draws,
        evidence=near,
        scale=scale,
        sides=tuple(all_sides(pkg)),
    )


def _shown(mean: float) -> str:
    return "none" if math.isnan(mean) else f"{mean:.2f}"


def _compared(
    near: pd.DataFrame, scale: Scale, draws: int, random: np.random.RandomState
) -> dict[str, Any]:
    """Return the means on both sides, and what a test says."""
    is_after, values = near["is_after"].to_numpy(dtype=bool), near["value"].to_numpy(dtype=float)
    # statements of one actor on one day are one occasion, and stay together
    occasion, names = pd.factorize(near["actor_id"].astype(str) + near["date"].astype(str))
    before, after = (
        float(values[chosen].mean()) if chosen.any() else math.nan
        for chosen in (~is_after, is_after)
    )
    counts = {"n_before": int((~is_after).sum()), "n_after": int(is_after.sum())}
    figures: dict[str, Any] = {
        "before": before,
        "after": after,
        **counts,
        "difference": after - before,
    }
    figures |= {"p": math.nan, "detectable": math.nan, "note": "", "occasions": len(names)}
    if min(counts.values()) < _FEWEST_A_SIDE or len(names) < _FEWEST_OCCASIONS:
        return figures | {"note": "Too few statements on one side of the event for a test."}
    differences = _exchanged(values, is_after, occasion, draws, random)
    as_large = np.abs(differences) >= abs(figures["difference"]) - 1e-12
    detectable = float(_DEVIATIONS_FOUND * differences.std())
    note = ""
    if detectable > _COARSE * scale.span:
        least = f"a difference of {detectable:.1f} or more"
        note = f"Only {least} would have been found in four of five cases."
    p = float((1 + as_large.sum()) / (draws + 1))
    return figures | {"p": p, "detectable": detectable, "note": note}


def _event(pkg: StancePackage, event: Any) -> tuple[str, Days]:
    """Return an event's name, and the first and last day on which it may have been."""
    try:
        name = event_id(pkg, event) if isinstance(event, str) else None
    except UnknownName as unknown:
        try:
            return str(event), days_of("event", event)
        except StancepackError:
            what = f"there is no event {event!r}, nor is it a day such as 2009-09-17"
            hint = str(unknown).partition("; ")[2]
            raise UnknownName(f"{what}; {hint}") from None
    if name is None:
        days = days_of("event", event)
        return str(event) if days[0] < days[1] else f"{days[0]:%Y-%m-%d}", days
    dates = pkg["events"].set_index("event_id")["date"].astype(str)
    return name, days_of(f"the date of event {name!r}", dates[name])


def _near(positions: pd.DataFrame, days: Days, window: float) -> pd.DataFrame:
    """Return what was said within reach of an event, surely before it or surely not before it."""
    first, last = positions["date_earliest"], positions["date_latest"]
    reach = pd.Timedelta(days=window)
    is_near = (last >= days[0] - reach) & (first <= days[1] + reach)
    is_before, is_after = last < days[0], first >= days[1]
    return positions.assign(is_after=is_after)[is_near & (is_before | is_after)]


def _exchanged(
    values: Floats,
    is_after: NDArray[np.bool_],
    occasion: NDArray[np.intp],
    draws: int,
    random: np.random.RandomState,
) -> Floats:
    """Return differences between the two sides after occasions have changed places."""
    size = np.bincount(occasion).astype(float)
    total = np.bincount(occasion, weights=values)
    _, begins = np.unique(occasion, return_index=True)
    order = np.argsort(random.random_sample((draws, len(size))), axis=1)
    moved = is_after[begins][order]
    after, n_after = moved @ total, moved @ size
    before, n_before = total.sum() - after, size.sum() - n_after
    return np.asarray(after / n_after - before / n_before)
