"""Which uncertainty an interval carries, and the sets of dates and codes that it is drawn from."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from stancepack.arguments import listed
from stancepack.errors import StancepackError
from stancepack.positions.evidence import drawn_years
from stancepack.positions.options import check_draws, check_interval, check_option

if TYPE_CHECKING:
    import pandas as pd

    from stancepack.reliability.counts import Floats

SOURCES = ("statements", "coders", "dates", "restatements")
_FEWEST_DRAWS = 2
_FEWEST_SETS, _DRAWS_A_SET = 20, 10  # a set of dates and codes for so many draws, or the fewest


@dataclass(frozen=True)
class Uncertainty:
    """The sources that an interval carries, its width, and the draws behind it."""

    sources: tuple[str, ...] = SOURCES
    interval: float | None = 0.9
    draws: int = 400

    @classmethod
    def of(
        cls, sources: str | Iterable[str] | None, interval: float | None, draws: int
    ) -> Uncertainty:
        """Check what was asked for; all sources if None."""
        check_interval(interval)
        check_draws(draws, 0, _FEWEST_DRAWS)
        if sources is None:
            return cls(SOURCES, interval, draws)
        try:
            named = (
                (sources,) if isinstance(sources, str) else tuple(listed("uncertainty", sources))
            )
        except TypeError:
            what = f"uncertainty={sources!r} should list some of {', '.join(SOURCES)}"
            raise StancepackError(f"{what}.") from None
        for source in named:
            check_option("uncertainty", source, SOURCES)
        return cls(named, interval, draws)

    def has(self, source: str) -> bool:
        """Tell whether a source is carried."""
        return source in self.sources

    @property
    def tails(self) -> tuple[float, float]:
        """The two quantiles that an interval lies between."""
        width = self.interval or 0.0
        return (1 - width) / 2, (1 + width) / 2

    def drawn_sets(
        self, positions: pd.DataFrame, random: np.random.RandomState
    ) -> Iterator[tuple[Floats, Floats | None]]:
        """Draw dates within their bounds, and for each statement the code of one of its coders.

        Goes through pairs of years and codes; where coders are not carried, codes are None.
        """
        if not (self.has("coders") or self.has("dates")):
            return
        for _ in range(max(_FEWEST_SETS, self.draws // _DRAWS_A_SET)):
            years = drawn_years(positions, random if self.has("dates") else None)
            codes = None
            if self.has("coders"):
                picked = [given[random.randint(len(given))][1] for given in positions["codes"]]
                codes = np.array(picked)
            yield years, codes
