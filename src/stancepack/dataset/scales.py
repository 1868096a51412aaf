"""The codes of an issue or variable: their order, what they are called, and where they stand.

Whatever depends on a scale (column types, axes, thresholds, clipping, the other side of neutral,
distances) is asked here and written nowhere else.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from html import escape
from typing import TYPE_CHECKING, Any

import numpy as np

from stancepack.arguments import a_text, texts
from stancepack.errors import StancepackError, did_you_mean
from stancepack.files.tables import clean_cell
from stancepack.reliability.result import LEVELS

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray

NOT_ADDRESSED = "NA"  # as sheets say it
ADDRESSED, UNADDRESSED = "true", "false"  # as released tables say it, beside an empty position
YES, NO = "yes", "no"  # a variable of these two codes is a truth value
LONGEST_SCALE = 100_000  # codes; labels of topics may be thousands
LONGEST_RANGE = 101  # codes that a range such as 0..100 may stand for
_RANGE = re.compile(r"([-+]?\d+)\s*\.\.\s*([-+]?\d+)")
_NUMBER = re.compile(r"[-+]?(\d+\.?\d*|\.\d+)", re.ASCII)
# as spreadsheets write a number; three digits after a point or comma may be thousands
_WRITTEN = re.compile(r"[-+]?(\d+([.,]\d{1,2})?|[.,]\d{1,2})", re.ASCII)
_FULL_WIDTH = {0xFEE0 + code: code for code in range(0x21, 0x7F)}  # as typed in East Asian scripts
_DASH = (
    "Pd"  # the category of hyphens and dashes in Unicode; its minus sign is a sign of mathematics
)


@dataclass(frozen=True)
class Scale:
    """The codes of one issue or variable, in order.

    Parameters
    ----------
    name
        The issue or variable.
    codes
        The codes as text, from the lowest to the highest; at the nominal level in any order.
    labels, definitions
        What each code is called and means; empty where nothing is said.
    level
        ``"nominal"``, ``"ordinal"``, ``"interval"`` or ``"ratio"``.
    neutral
        The code that takes no side, if there is one.
    poles
        What the two ends are called; the labels of the first and last code if not given.

    Raises
    ------
    StancepackError
        If there is no code or one is there twice, the level is not known, or codes, neutral point
        and level do not go together.

    Examples
    --------
    >>> from stancepack.dataset.scales import Scale
    >>> scale = Scale.parse("oppose,neutral,favour", name="funding")
    >>> scale.neutral, scale.numbers.tolist()
    ('neutral', [-1.0, 0.0, 1.0])
    >>> scale.side("oppose"), scale.side("neutral")
    (-1, 0)
    """

    name: str
    codes: tuple[str, ...]
    labels: tuple[str, ...] = ()
    definitions: tuple[str, ...] = ()
    level: str = "ordinal"
    neutral: str | None = None
    poles: tuple[str, str] | None = None

    def __post_init__(self) -> None:
        """Refuse what is no scale."""
        self._take_texts()
        if self.level not in LEVELS:
            self._fail(f"level {self.level!r} is not known; {did_you_mean(self.level, LEVELS)}")
        if not self.codes:
            self._fail("there is no code.")
        for part in ("labels", "definitions"):
            if len(getattr(self, part)) != len(self.codes):
                count = f"{len(getattr(self, part))} {part} for {len(self.codes)} codes"
                self._fail(f"{count}; give one for each, in their order, or none.")
        if self.poles is not None and len(self.poles) != 2:
            self._fail(f"there are two poles, not {len(self.poles)}.")
        for code in self.codes:
            if not code or code != code.strip() or code == NOT_ADDRESSED:
                self._fail(f"{code!r} cannot be a code; {NOT_ADDRESSED} is kept for not addressed.")
            if self.codes.count(code) > 1:
                self._fail(f"the code {code!r} is there twice.")
        if self.level in ("interval", "ratio") and not self.is_numeric:
            self._fail(f"level {self.level!r} needs numbers as codes, not {', '.join(self.codes)}.")
        if self.is_numeric and self.is_ordered and (np.diff(self.numbers) <= 0).any():
            in_order = "should go from the lowest to the highest."
            self._fail(f"the codes {', '.join(self.codes)} {in_order}")
        if self.neutral is not None and self.neutral not in self.codes:
            hint = did_you_mean(self.neutral, self.codes)
            self._fail(f"the neutral code {self.neutral!r} is none; {hint}")
        if self.neutral is not None and not self.is_ordered:
            self._fail("a nominal scale has no neutral point.")

    def _take_texts(self) -> None:
        """Take codes and words as text; a whole number is the code that it is written as."""
        a_text("name", self.name)
        where = f"scale of {self.name!r}"
        taken: dict[str, Any] = {"codes": _code_texts(where, self.codes)}
        for part in ("labels", "definitions"):
            given = texts(f"{where}: {part}", getattr(self, part))
            taken[part] = given or ("",) * len(taken["codes"])
        a_text(f"{where}: level", self.level)
        if self.neutral is not None:
            taken["neutral"] = a_text(f"{where}: neutral", _as_code(self.neutral))
        if self.poles is not None:
            taken["poles"] = texts(f"{where}: poles", self.poles)
        for part, given in taken.items():
            object.__setattr__(self, part, given)

    def _fail(self, what: str) -> None:
        raise StancepackError(f"scale of {self.name!r}: {what}")

    @classmethod
    def parse(
        cls, text: str, *, name: str = "issue", level: str = "ordinal", neutral: str | None = None
    ) -> Scale:
        """Read a scale as people write it: ``0..10``, ``-2..2`` or ``oppose,neutral,favour``.

        The neutral point is the one given; else, on an ordered scale, the code ``neutral``, or 0
        between negative and positive numbers.
        """
        text = plain_minus(a_text("a scale", text))
        if match := _RANGE.fullmatch(text.strip()):
            low, high = int(match[1]), int(match[2])
            if not 0 < high - low < LONGEST_RANGE:
                what = f"the range {text} should rise, by at most {LONGEST_RANGE - 1}."
                raise StancepackError(f"scale of {name!r}: {what}")
            codes = [str(number) for number in range(low, high + 1)]
        else:
            codes = [code.strip() for code in text.split(",")]
        return cls.of_codes(codes, name=name, level=level, neutral=neutral)

    @classmethod
    def of_codes(
        cls,
        codes: Sequence[str],
        *,
        name: str = "issue",
        level: str = "ordinal",
        neutral: str | None = None,
    ) -> Scale:
        """Make a scale of its codes in order; the neutral point is found as `parse` finds it."""
        in_order = _code_texts("a scale", codes)
        if neutral is None and a_text("level", level) != "nominal":
            neutral = next((code for code in in_order if code.casefold() == "neutral"), None)
            if "0" in in_order[1:-1]:
                neutral = "0"
        return cls(name, in_order, level=level, neutral=neutral)

    def _repr_html_(self) -> str:
        import pandas as pd

        codes = {"code": self.codes, "label": self.labels, "definition": self.definitions}
        neutral = f", neutral: {self.neutral}" if self.neutral is not None else ""
        head = escape(f"{self.name} ({self.level}{neutral})")
        return f"<p>{head}</p>{pd.DataFrame(codes).to_html(index=False)}"

    @property
    def is_ordered(self) -> bool:
        """Whether the codes have an order."""
        return self.level != "nominal"

    @cached_property
    def is_numeric(self) -> bool:
        """Whether every code is a number."""
        return all(_NUMBER.fullmatch(code) for code in self.codes)

    @property
    def is_truth(self) -> bool:
        """Whether the codes are yes and no."""
        return set(self.codes) == {YES, NO}

    @cached_property
    def type(self) -> str:
        """The Table Schema type of a column of these codes."""
        if not self.is_numeric:
            return "string"
        return (
            "integer" if all(re.fullmatch(r"[-+]?\d+", code) for code in self.codes) else "number"
        )

    @cached_property
    def numbers(self) -> NDArray[np.float64]:
        """Where each code stands: its number, else its rank (from the neutral code)."""
        if self.is_numeric:
            return np.array([float(code) for code in self.codes])
        first = self.codes.index(self.neutral) if self.neutral is not None else -1
        return np.arange(len(self.codes), dtype=float) - first

    @cached_property
    def ranks(self) -> Mapping[str, int]:
        """The place of each code in the order, from 0."""
        return {code: rank for rank, code in enumerate(self.codes)}

    @property
    def low(self) -> float:
        """Where the lowest code stands."""
        return float(self.numbers.min())

    @property
    def high(self) -> float:
        """Where the highest code stands."""
        return float(self.numbers.max())

    @property
    def span(self) -> float:
        """How far the ends lie apart; 1 for a single code."""
        return self.high - self.low or 1.0

    @cached_property
    def middle(self) -> float:
        """Where the neutral code stands; without one, half way between the ends."""
        if self.neutral is not None:
            return float(self.numbers[self.codes.index(self.neutral)])
        return (self.low + self.high) / 2

    @property
    def ends(self) -> tuple[str, str]:
        """What the two ends are called."""
        if self.poles is not None:
            return self.poles
        return self.label(self.codes[0]), self.label(self.codes[-1])

    def key(self, value: Any) -> str:
        """Return the code that a cell stands for, be it ``1``, ``1.0`` or ``"1"``.

        Raises
        ------
        StancepackError
            If it is none.
        """
        if isinstance(value, bool | np.bool_):
            value = YES if value else NO
        text = str(value)
        if text in self.ranks:
            return text
        if self.is_numeric and _NUMBER.fullmatch(text):
            for code, number in zip(self.codes, self.numbers, strict=True):
                if number == float(text):
                    return code
        raise StancepackError(
            f"{self.name}: {text!r} is not a code; {nearest_code(text, self.codes)}"
        )

    def number(self, value: Any) -> float:
        """Return where a code stands."""
        return float(self.numbers[self.ranks[self.key(value)]])

    def label(self, value: Any) -> str:
        """Return what a code is called; itself if it has no label."""
        code = self.key(value)
        return self.labels[self.ranks[code]] or code

    def shown(self, value: Any) -> str:
        """Return a code as an axis shows it: true minus, and a plus on a scale of two sides."""
        code = self.key(value)
        if not self.is_numeric:
            return code
        two_sided = self.low < 0 < self.high
        return ("+" if two_sided and self.number(code) > 0 else "") + code.replace("-", "−")

    def side(self, value: Any) -> int:
        """Return on which side of the neutral code a code lies: −1, 0 or 1.

        Raises
        ------
        StancepackError
            If the scale has no neutral code.
        """
        if self.neutral is None:
            raise StancepackError(f"{self.name} has no neutral code, and so no sides.")
        return int(np.sign(self.number(value) - self.middle))

    @property
    def line(self) -> str:
        """The codes with their labels in one line, as a coding sheet shows them."""
        pairs = zip(self.codes, self.labels, strict=True)
        return " | ".join(f"{label} = {code}" if label else code for code, label in pairs)


def _code_texts(where: str, codes: Any) -> tuple[str, ...]:
    """Return codes as text; whole numbers are the codes that they are written as."""
    if isinstance(codes, list | tuple | range):
        if len(codes) > LONGEST_SCALE:
            raise StancepackError(f"{where}: {len(codes)} codes are no scale.")
        codes = [_as_code(code) for code in codes]
    return texts(f"{where}: codes", codes)


def _as_code(given: Any) -> Any:
    return str(given) if isinstance(given, int) and not isinstance(given, bool) else given


def plain_minus(text: str) -> str:
    """Return text with every minus and dash as a hyphen, and full-width signs as usual ones.

    Examples
    --------
    >>> from stancepack.dataset.scales import plain_minus
    >>> [plain_minus(text) for text in ("−2", "–1", "－１")]
    ['-2', '-1', '-1']
    """
    usual = text.translate(_FULL_WIDTH)
    return "".join("-" if unicodedata.category(c) == _DASH or c == "−" else c for c in usual)


def in_order(codes: pd.Series[Any], scale: Scale) -> pd.Series[Any]:
    """Return codes of a scale as numbers, or as names in their order; missing if they are none.

    Examples
    --------
    >>> import pandas as pd
    >>> from stancepack.dataset.scales import Scale, in_order
    >>> in_order(pd.Series(["for", "none"]), Scale("plan", ("against", "for"))).tolist()
    ['for', nan]
    """
    import pandas as pd

    if scale.is_numeric:
        is_categorical = isinstance(codes.dtype, pd.CategoricalDtype)
        return pd.to_numeric(codes.astype("str") if is_categorical else codes, errors="coerce")
    names = codes.astype("str")
    order = pd.CategoricalDtype(list(scale.codes), ordered=True)
    return names.where(names.isin(scale.codes)).astype(order)


def nearest_code(cell: str, codes: Sequence[str]) -> str:
    """Say which codes there are and which name may be meant; no number: its sign may be wrong."""
    names = [code for code in codes if not _NUMBER.fullmatch(code)]
    hint = did_you_mean(plain_minus(cell), names) if names else ""
    listed = f"codes: {', '.join(codes)}."
    return f"{hint} {listed}" if hint.startswith("did you mean") else listed


def code_as_written(cell: str, codes: Iterable[str]) -> str:
    """Return the code that a cell means, as people write it; the tidied cell if it means none.

    That is a number with any minus, a plus too much, a comma or zeros after it, and a name in
    other capitals.

    Examples
    --------
    >>> from stancepack.dataset.scales import code_as_written
    >>> [code_as_written(cell, ["-2", "0", "2", "NA"]) for cell in ("−2", "+2.0", "2,0", "na", "3")]
    ['-2', '2', '2', 'NA', '3']
    """
    code = clean_cell(cell)
    known = list(codes)
    plain = plain_minus(code)
    for candidate in (code, plain):
        if candidate in known:
            return candidate
    if _WRITTEN.fullmatch(plain):
        number = float(plain.replace(",", "."))
        same = [name for name in known if _NUMBER.fullmatch(name) and float(name) == number]
    else:
        same = [name for name in known if name.casefold() == plain.casefold()]
    return same[0] if len(same) == 1 else code
