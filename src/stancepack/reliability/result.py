"""A figure of agreement, with its interval and what may be made of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    pass


LEVELS = ("nominal", "ordinal", "interval", "ratio")
CONVENTIONS = {
    "reliable": 0.800,
    "acceptable": 0.667,
}  # Krippendorff 2004, 241: firm and tentative conclusions
FEWEST = 10  # units, and codes other than the most frequent one, below which no verdict is given


@dataclass(frozen=True)
class Agreement:
    """A coefficient of agreement with its interval; prints in one line."""

    coefficient: str
    value: float
    low: float
    high: float
    level: str
    n_units: int
    n_coders: int
    method: str
    note: str = ""
    n_rare: int = FEWEST  # codes other than the most frequent one

    def __repr__(self) -> str:
        """Say the figure, its interval and what it rests on."""
        head = (
            f"{self.coefficient} ({self.level})"
            if self.level != "nominal" or self.coefficient == "alpha"
            else self.coefficient
        )
        figure = (
            f"{self.value:.3f} [{self.low:.3f}, {self.high:.3f}]"
            if self.value == self.value
            else "not defined"
        )
        tail = f"; {self.note}" if self.note else ""
        return f"{head} = {figure}, {self.n_units} units, {self.n_coders} coders{tail}"

    @property
    def verdict(self) -> str:
        """What may be done with a variable of this agreement: see the field ``verdict`` of the table ``agreement``."""
        if self.coefficient != "alpha":
            return "descriptive"
        if self.value != self.value:
            return "undefined"
        if self.n_units < FEWEST or self.n_rare < FEWEST:
            return "too-few"
        return next((word for word, bar in CONVENTIONS.items() if self.low >= bar), "tentative")
