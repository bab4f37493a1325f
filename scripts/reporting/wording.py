"""Numbers, dates and names as people read them: 1,234 · 12.3 % · $45.60 · 21 October 2026."""

from __future__ import annotations

import datetime
import re
from collections.abc import Callable
from dataclasses import dataclass

# Narrow no-break space: a number and its unit stay on one line.
THIN = "\u202f"
MINUS = "\u2212"
NOTHING = "–"
WITHHELD = "withheld"
SPECIAL = {"__all__": "All users", "__no_history__": "No users before", "__new__": "Not yet a user", "__gone__": "Deleted"}
SYMBOLS = {"USD": "$", "EUR": "€", "GBP": "£"}


def number(value: float | None, decimals: int | None = None, sign: bool = False, withheld: bool = False) -> str:
    """A number with thousands separators; without `decimals` as many as its size deserves."""
    if value is None:
        return WITHHELD if withheld else NOTHING
    if decimals is None:
        size = abs(value)
        decimals = 0 if size >= 100 or value == int(value) else 1 if size >= 10 else 2
    text = f"{abs(value):,.{decimals}f}"
    is_zero = not any(digit in text for digit in "123456789")
    return ("" if is_zero else MINUS if value < 0 else "+" if sign else "") + text


def percent(share: float | None, decimals: int = 1, sign: bool = False, withheld: bool = False) -> str:
    """A share (0 to 1) in per cent."""
    if share is None:
        return WITHHELD if withheld else NOTHING
    return number(share * 100, decimals, sign) + THIN + "%"


def lift(value: float | None) -> str:
    """A lift as people say it: +12 %, in small numbers with a decimal."""
    return percent(value, 0 if value is None or abs(value) >= 0.1 else 1, sign=True)


def date(day: datetime.date | None) -> str:
    """21 October 2026."""
    return NOTHING if day is None else f"{day.day} {day:%B %Y}"


def short_date(day: datetime.date | None) -> str:
    """21 Oct 2026."""
    return NOTHING if day is None else f"{day.day} {day:%b %Y}"


def q_value(value: float | None) -> str:
    """A q value; nobody needs to know by how much it is below 0.001."""
    return NOTHING if value is None else "< 0.001" if value < 0.001 else f"{value:.3f}"


def between(text: Callable[[float], str], lower: float | None, upper: float | None) -> str:
    """An interval, its bounds written by `text`."""
    return NOTHING if lower is None or upper is None else f"{text(lower)} to {text(upper)}"


def words(name: str) -> str:
    """A name out of data in plain letters: guided_setup is Guided setup, 25_34 is 25–34, 1000_plus is 1,000 or more."""
    if name in SPECIAL:
        return SPECIAL[name]
    if numbers := re.fullmatch(r"(\d+)_(\d+|plus)", name):
        return f"{int(numbers[1]):,} or more" if numbers[2] == "plus" else f"{numbers[1]}–{numbers[2]}"
    text = name.strip("_").replace("_", " ")
    return text[:1].upper() + text[1:]


def joined(parts: list[str]) -> str:
    """a, b and c."""
    return parts[0] if len(parts) == 1 else ", ".join(parts[:-1]) + " and " + parts[-1] if parts else ""


@dataclass(frozen=True)
class Unit:
    """How the values of a metric are written, from its `unit` in marts.metrics."""

    text: str
    currency: str = ""

    @property
    def is_share(self) -> bool:
        return self.text.startswith("share")

    @property
    def is_money(self) -> bool:
        return self.text.startswith("reporting currency")

    @property
    def axis(self) -> str:
        """The unit beside a chart of differences."""
        if self.is_share:
            return "percentage points"
        return self.text.replace("reporting currency", self.currency or "reporting currency")

    def value(self, value: float | None, withheld: bool = False) -> str:
        """A value of the metric."""
        if value is None:
            return WITHHELD if withheld else NOTHING
        if self.is_share:
            return percent(value)
        return self._money(value, False) if self.is_money else number(value)

    def difference(self, value: float | None) -> str:
        """A difference of two values, with its sign."""
        if value is None:
            return NOTHING
        if self.is_share:
            return number(value * 100, 1, sign=True) + THIN + "pp"
        return self._money(value, True) if self.is_money else number(value, sign=True)

    def scaled(self, value: float | None) -> float | None:
        """A difference as a chart draws it: shares in percentage points."""
        return None if value is None else round(value * 100 if self.is_share else value, 4)

    def _money(self, value: float, sign: bool) -> str:
        text = number(abs(value), 0 if abs(value) >= 100 else 2)
        return (MINUS if value < 0 else "+" if sign and value > 0 else "") + self.currency + text
