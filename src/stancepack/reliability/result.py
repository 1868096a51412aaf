"""A figure of agreement, with its interval and what may be made of it."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass, fields, replace
from html import escape

import pandas as pd

LEVELS = ("nominal", "ordinal", "interval", "ratio")
# Krippendorff 2004, 241: firm and tentative conclusions
CONVENTIONS = {"reliable": 0.800, "acceptable": 0.667}
FEWEST = 10  # units, and codes other than the most frequent one, below which no verdict is given


@dataclass(frozen=True, eq=False)
class Agreement:
    """A coefficient of agreement with its interval; prints in one line.

    Examples
    --------
    >>> import stancepack as sp
    >>> codes = [(unit, coder, code) for unit, code in enumerate("aabb") for coder in "xy"]
    >>> figure = sp.agreement(codes, level="nominal", interval=None)
    >>> figure
    alpha (nominal) = 1.000, 4 units, 2 coders
    >>> figure.table[["coefficient", "value"]].to_dict("records")
    [{'coefficient': 'alpha', 'value': 1.0}]
    """

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

    def __eq__(self, other: object) -> bool:
        """Tell whether two figures say the same; what neither has is the same too."""
        return isinstance(other, Agreement) and self._said == other._said

    def __hash__(self) -> int:
        """Return the same for figures that say the same."""
        return hash(self._said)

    @property
    def _said(self) -> tuple[object, ...]:
        values = (getattr(self, part.name) for part in fields(self))
        return tuple(None if value != value else value for value in values)  # NaN is not itself

    def __repr__(self) -> str:
        """Say the figure, its interval and what it rests on."""
        is_plain = self.level == "nominal" and self.coefficient != "alpha"
        head = self.coefficient if is_plain else f"{self.coefficient} ({self.level})"
        figure = f"{self.value:.3f}"
        if math.isnan(self.value):
            figure = "not defined"
        elif not math.isnan(self.low):
            figure += f" [{self.low:.3f}, {self.high:.3f}]"
        tail = f"; {self.note}" if self.note else ""
        return f"{head} = {figure}, {self.n_units} units, {self.n_coders} coders{tail}"

    def _repr_html_(self) -> str:
        return f"<p>{escape(repr(self))}</p>"

    def with_notes(self, notes: Iterable[str]) -> Agreement:
        """Return the figure with more to be said of it."""
        notes = list(notes)
        if not notes:
            return self
        return replace(self, note=" ".join(note for note in (self.note, *notes) if note))

    @property
    def table(self) -> pd.DataFrame:
        """The figure as a frame of one row."""
        figure = {field.name: getattr(self, field.name) for field in fields(self)}
        return pd.DataFrame([{**figure, "verdict": self.verdict}]).drop(columns="n_rare")

    def summary(self) -> str:
        """Say the figure, how its interval was made, and what may be done with it."""
        return "\n".join(
            [repr(self), f"interval: {self.method or 'none'}", f"verdict: {self.verdict}"]
        )

    @property
    def verdict(self) -> str:
        """What may be done with a variable of this agreement.

        ``"descriptive"`` of coefficients other than alpha, ``"undefined"``, ``"too-few"`` units or
        codes, ``"no-interval"`` where none was computed, else what the lower end allows.
        """
        if self.coefficient != "alpha":
            return "descriptive"
        if math.isnan(self.value):
            return "undefined"
        if self.n_units < FEWEST or self.n_rare < FEWEST:
            return "too-few"
        if math.isnan(self.low):
            return "no-interval"
        return next((word for word, bar in CONVENTIONS.items() if self.low >= bar), "tentative")
