"""A coefficient computed from patterns of codes: its options, its value and its interval."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, cast

import numpy as np
import pandas as pd

from stancepack.errors import StancepackError, known_name
from stancepack.reliability.analytic import standard_error
from stancepack.reliability.coefficients import (
    BY_NUMBER,
    GWET,
    NEED_CODERS,
    TWO_CODERS,
    WITH_PAIRS,
    Estimate,
    estimator,
    known_coefficient,
)
from stancepack.reliability.intervals import (
    bca,
    bootstrap,
    jackknife_variance,
    percentile,
    student_quantile,
)
from stancepack.reliability.result import LEVELS, Agreement
from stancepack.reliability.weights import distance_matrix, weight_matrix

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

    from stancepack.reliability.counts import Floats, Patterns


BOOTSTRAPS = {"bca": "BCa", "percentile": "Percentile"}
JACKKNIVES = ("jackknife", "jackknife-coders")
METHODS = (*BOOTSTRAPS, *JACKKNIVES, "analytic")
# Where the interval of an ordinal alpha covers less than it says (see benchmarks/coverage.py)
WEAK = 30  # units, up to which
HIGH = 0.8  # alpha, above which
_MOST = 2_000  # categories for a table of pairs
_COLLAPSED = 200  # categories up to which it pays to forget who gave which code
_SEEDS = 2**32  # what numpy takes
_MOST_DRAWS = 10_000_000  # of which more would only fill the memory
NOTHING = float("nan")


@dataclass(frozen=True, kw_only=True)
class Options:
    """What is computed of patterns, and how; see `agreement`. Refuses what does not fit together.

    Examples
    --------
    >>> Options(coefficient="percent_pairs", weights="linear")
    Traceback (most recent call last):
    stancepack.errors.StancepackError: percent_pairs takes no weights; percent does.
    """

    coefficient: str = "alpha"
    level: str = "ordinal"
    weights: str | ArrayLike | None = None
    distance: str | ArrayLike | Callable[[Any, Any], float] | None = None
    interval: float | None = 0.95
    method: str = "bca"
    draws: int = 10_000
    seed: int = 0

    def __post_init__(self) -> None:
        """Refuse what is not known, and what would not be used."""
        known_coefficient(self.coefficient)
        known_name("level", self.level, LEVELS)
        known_name("method", self.method, METHODS)
        self._check_numbers()
        if self.coefficient != "alpha" and self.distance is not None:
            instead = "has weights, not a distance" if self._weighted else "takes no distance"
            raise StancepackError(f"{self.coefficient} {instead}; alpha has one.")
        if self.weights is not None and not self._weighted:
            reasons = {
                "alpha": "alpha has a level or a distance, not weights.",
                "ac1": "ac1 has no weights; with weights it is ac2.",
                "percent_pairs": "percent_pairs takes no weights; percent does.",
            }
            of_numbers = f"{self.coefficient} is of numbers, and takes no weights."
            raise StancepackError(reasons.get(self.coefficient, of_numbers))

    def _check_numbers(self) -> None:
        width = self.interval
        is_number = isinstance(width, float | np.floating) and not isinstance(width, bool)
        if width is not None and not (is_number and 0 < float(width) < 1):
            raise StancepackError(
                f"interval is {width!r}; its width lies between 0 and 1, as 0.95 does, and None "
                "is no interval."
            )
        for name, least, most in (("draws", 1, _MOST_DRAWS), ("seed", 0, _SEEDS - 1)):
            given = getattr(self, name)
            is_whole = isinstance(given, int | np.integer) and not isinstance(given, bool)
            if not is_whole or not least <= given <= most:
                raise StancepackError(
                    f"{name} is {given!r}; it should be a whole number from {least} to {most}."
                )

    @property
    def _weighted(self) -> bool:
        return self.coefficient in WITH_PAIRS and self.coefficient != "ac1"

    @property
    def weights_used(self) -> str | ArrayLike:
        """The weights given, else quadratic ones for AC2 and none for the others."""
        if self.weights is None:
            return "quadratic" if self.coefficient == "ac2" else "identity"
        return self.weights

    @property
    def level_name(self) -> str:
        """The level, distance or weights by their name, as a result shows it."""
        if self.coefficient in BY_NUMBER:
            return "interval"
        if self.coefficient == "alpha":
            chosen: Any = self.level if self.distance is None else self.distance
        else:
            chosen = self.weights_used
        name = chosen if isinstance(chosen, str) else "custom"
        return "nominal" if name == "identity" else name

    @property
    def has_distance(self) -> bool:
        """Whether codes are compared by a distance, which needs no order."""
        return self.coefficient == "alpha" and self.distance is not None

    @property
    def needs_numbers(self) -> str:
        """What needs codes that are numbers, in words; nothing if nothing does."""
        if self.coefficient in BY_NUMBER:
            return self.coefficient
        if self.coefficient == "alpha":
            by_level = self.level in ("interval", "ratio") and self.distance is None
            return f"level {self.level!r}" if by_level else ""
        return "weights='ratio'" if self.is_ratio else ""

    @property
    def needs_order(self) -> str:
        """What needs codes in a known order, in words; nothing if nothing does."""
        if self.coefficient == "alpha":
            if self.distance is not None:
                return "" if _has_labels(self.distance) else "a distance without labels"
            return "level 'ordinal'" if self.level == "ordinal" else ""
        used = self.weights_used if self._weighted else "identity"
        if isinstance(used, str):
            return "" if used == "identity" else f"{self.coefficient} with weights {used!r}"
        return "" if _has_labels(used) else "a matrix of weights without labels"

    @property
    def needs_coders(self) -> str:
        """What needs to know who gave which code, in words; nothing if nothing does."""
        if self.coefficient in NEED_CODERS:
            return self.coefficient
        by_coder = self.interval is not None and self.method == "jackknife-coders"
        return "method 'jackknife-coders'" if by_coder else ""

    @property
    def is_ratio(self) -> bool:
        """Whether codes are compared by their ratio."""
        if self.coefficient == "alpha":
            return self.level == "ratio" and self.distance is None
        return self._weighted and isinstance(self.weights, str) and self.weights == "ratio"


def _has_labels(matrix: Any) -> bool:
    """Return whether a matrix says of itself which codes its rows are, or is no matrix at all."""
    return isinstance(matrix, str | pd.DataFrame) or callable(matrix)


class Computation:
    """A coefficient of some patterns: which of them count, by what weights, and how they vary.

    Parameters
    ----------
    patterns
        What was coded.
    options
        The coefficient and its interval.

    Examples
    --------
    >>> import numpy as np
    >>> from stancepack.reliability.codings import codings
    >>> patterns = codings(np.array([[1, 1], [2, 2], [2, 1], [1, 1]])).patterns
    >>> round(Computation(patterns, Options(interval=None)).measure().value, 4)
    0.5333
    """

    def __init__(self, patterns: Patterns, options: Options) -> None:
        self.options, self.whole = options, patterns
        self.n_coders = len(patterns.coders)
        coefficient = options.coefficient
        self._check(patterns)
        if coefficient not in NEED_CODERS and len(patterns.categories) <= _COLLAPSED:
            patterns = patterns.collapsed
        pairable = patterns.pairable
        # Gwet's margins and errors count units with one code
        self.patterns = patterns if coefficient in GWET else pairable
        self.n_units = int(pairable.units.sum())
        self.n_rare, self.n_used = _rare_and_used(pairable)
        categories = patterns.categories
        with_pairs = coefficient in WITH_PAIRS
        self.weights = weight_matrix(options.weights_used, categories) if with_pairs else np.eye(0)
        self.distance = None
        if options.distance is not None:
            self.distance = distance_matrix(options.distance, categories)

    def _check(self, patterns: Patterns) -> None:
        """Refuse patterns that the coefficient is not for."""
        options, coefficient = self.options, self.options.coefficient
        if coefficient in TWO_CODERS and self.n_coders > 2:
            several = {"cohen_kappa": "conger_kappa or light_kappa", "scott_pi": "fleiss_kappa"}
            raise StancepackError(
                f"{coefficient} is for two coders, and there are {self.n_coders}; "
                f"take {several[coefficient]}."
            )
        width = len(patterns.categories)
        if (coefficient in WITH_PAIRS or options.is_ratio) and width > _MOST:
            instead = "the level interval or ordinal" if options.is_ratio else "level='nominal'"
            raise StancepackError(
                f"{width} different codes are too many for {coefficient}, which compares each "
                f"with each (most: {_MOST}); take alpha with {instead}."
            )

    @cached_property
    def estimate(self) -> Estimate:
        """The function from weights of the patterns to values."""
        options = self.options
        return estimator(
            self.patterns, options.coefficient, options.level, self.weights, self.distance
        )

    def value(self) -> float:
        """Return the coefficient alone; NaN where it is not defined."""
        if self.n_units == 0:
            return NOTHING
        return float(self.estimate(self.patterns.units[None, :])[0])

    def measure(self) -> Agreement:
        """Return the coefficient with its interval."""
        return measure_together([self])[0]

    def without_replicates(self, value: float) -> Agreement | None:
        """Return the result that needs no replicates; None where it needs them."""
        options = self.options
        if self.n_units == 0:
            return self.result(NOTHING, note="No unit has two codes.")
        if math.isnan(value):
            why = "Only one code was used: there is no disagreement to expect."
            if self.n_used > 1:
                why = "There is no variation to explain, or a coder has no codes."
            return self.result(NOTHING, note=why)
        if options.interval is None:
            return self.result(value, method="no interval")
        n = int(self.patterns.units.sum())
        if n == 1:
            return self.result(value, method="no interval: one unit")
        if options.method == "analytic":
            error = standard_error(self.patterns, options.coefficient, self.weights)
            half = error * student_quantile(options.interval, n - 1)
            ends = value - half, min(1.0, value + half)
            return self.result(value, ends, "Gwet's standard error over units, Student's t")
        return self._jackknife(value) if options.method in JACKKNIVES else None

    def with_replicates(self, value: float, replicates: Floats) -> Agreement:
        """Return the result with the interval of a bootstrap."""
        options = self.options
        drawn = options.draws
        replicates = replicates[~np.isnan(replicates)]
        name = BOOTSTRAPS[options.method]
        method = f"{name} bootstrap over units, {drawn} replicates, seed {options.seed}"
        notes = []
        if len(replicates) < drawn:
            left_out = drawn - len(replicates)
            notes.append(f"Not defined in {left_out} of {drawn} replicates, which were left out.")
        if len(replicates) < drawn / 2:
            return self.result(value, method=method, note=" ".join(notes))
        if np.ptp(replicates) == 0:
            notes.append(
                "All replicates are equal: the interval has no width, "
                "and says nothing of units not seen."
            )
        elif self._covers_too_little(value):
            notes.append(
                f"With {WEAK} units or fewer the interval of a high ordinal alpha is too narrow."
            )
        width = cast("float", options.interval)
        if options.method == "bca":
            ends = bca(value, replicates, self.patterns.units, self.estimate, width)
        else:
            ends = percentile(replicates, width)
        return self.result(value, ends, method, " ".join(notes))

    def _covers_too_little(self, value: float) -> bool:
        is_ordinal = self.options.coefficient == "alpha" and self.options.level_name == "ordinal"
        return is_ordinal and self.n_units <= WEAK and value > HIGH

    def _jackknife(self, value: float) -> Agreement:
        other = "take another interval."
        if value >= 1:
            return self.result(value, note=f"Full agreement: log(1 - x) is not defined; {other}")
        units = self.patterns.units
        variance = jackknife_variance(self.estimate, units)
        if math.isnan(variance):
            return self.result(value, note=f"Not defined without one of the units; {other}")
        degrees, over = float(units.sum()) - 1, "units"
        if self.options.method == "jackknife-coders":
            without = self._without_each_coder()
            if not (without < 1).all():
                return self.result(value, note=f"Not defined without one of the coders; {other}")
            logs, coders = np.log(1 - without), self.n_coders
            variance += (coders - 1) / coders * float(((logs - logs.mean()) ** 2).sum())
            degrees, over = min(degrees, coders - 1), "units and coders"
        half = float(np.sqrt(variance)) * student_quantile(
            cast("float", self.options.interval), degrees
        )
        centre = np.log(1 - value)
        ends = float(1 - np.exp(centre + half)), float(1 - np.exp(centre - half))
        return self.result(value, ends, f"Jackknife over {over} on log(1 - x), Student's t")

    def _without_each_coder(self) -> Floats:
        """Return the coefficient without each coder."""
        if self.n_coders < 3:
            raise StancepackError(
                f"method 'jackknife-coders' needs three coders; there are {self.n_coders}."
            )
        values = []
        for coder in range(self.n_coders):
            others = [other for other in range(self.n_coders) if other != coder]
            values.append(Computation(self.whole.of_coders(others), self.options).value())
        return np.array(values)

    def result(
        self,
        value: float,
        ends: tuple[float, float] = (NOTHING, NOTHING),
        method: str = "",
        note: str = "",
    ) -> Agreement:
        """Return the figure with what it rests on."""
        coefficient, level = self.options.coefficient, self.options.level_name
        return Agreement(
            coefficient, value, *ends, level, self.n_units, self.n_coders, method, note, self.n_rare
        )


def measure_together(computations: Sequence[Computation]) -> list[Agreement]:
    """Measure coefficients whose options differ in the coefficient alone.

    Those that rest on the same units share their draws, which cost more than the coefficients.
    """
    values = [computation.value() for computation in computations]
    results: dict[int, Agreement] = {}
    of_same_units: dict[bytes, list[int]] = {}
    for number, (computation, value) in enumerate(zip(computations, values, strict=True)):
        result = computation.without_replicates(value)
        if result is None:
            of_same_units.setdefault(computation.patterns.units.tobytes(), []).append(number)
        else:
            results[number] = result
    for numbers in of_same_units.values():
        first = computations[numbers[0]]
        estimates = [computations[number].estimate for number in numbers]
        drawn = bootstrap(estimates, first.patterns.units, first.options.draws, first.options.seed)
        for number, replicates in zip(numbers, drawn, strict=True):
            results[number] = computations[number].with_replicates(values[number], replicates)
    return [results[number] for number in range(len(computations))]


def _rare_and_used(pairable: Patterns) -> tuple[int, int]:
    """Return how many codes are not the most frequent one, and how many categories were used."""
    given = pairable.codes >= 0
    units = np.repeat(pairable.units, given.sum(axis=1))
    margins = np.bincount(pairable.codes[given], weights=units, minlength=1)
    return int(margins.sum() - margins.max(initial=0)), int((margins > 0).sum())
