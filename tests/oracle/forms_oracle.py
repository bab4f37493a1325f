"""What a text means, written once more from docs/your-data.md ("How values are read"); None: it cannot be read."""

from __future__ import annotations

import ast
import datetime
import json
import re
from decimal import ROUND_HALF_UP, Context, Decimal
from typing import Any
from zoneinfo import ZoneInfo

NEVER = datetime.datetime(9999, 12, 31)
LARGEST = 10**15
TIME = re.compile(
    r"(\d{4})-(\d{2})-(\d{2})(?:[Tt ](\d{2}):(\d{2})(?::(\d{2})(?:[.,](\d{1,9}))?)?(?: ?(Z|z|UTC|[+-]\d{2}(?::?\d{2})?))?)?", re.ASCII
)
NUMBER = re.compile(r" *([+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d{1,3})?) *", re.ASCII)
# Enough digits for 10^999 and what stands behind its point.
EXACT = Context(prec=2500)


def instant(text: str, zone: str = "UTC", is_end: bool = False) -> datetime.datetime | None:
    """A time as UTC without tzinfo."""
    if is_end and text == "infinity":
        return NEVER
    found = TIME.fullmatch(text)
    if not found:
        return None
    year, month, day, hour, minute, second = (int(part or 0) for part in found.groups()[:6])
    try:
        local = datetime.datetime(year, month, day, hour, minute, second, int((found[7] or "0").ljust(6, "0")[:6]))
    except ValueError:
        return None
    if not 1900 <= year < 2200:
        return NEVER if is_end and year >= 2200 and (found[8] is None or offset(found[8]) is not None) else None
    if found[8] is not None:
        ahead = offset(found[8])
        return None if ahead is None else local - ahead
    return local if found[4] is None else local - offset_of_zone(local, zone)


def offset(text: str) -> datetime.timedelta | None:
    """What Z, UTC, +hh, +hhmm or +hh:mm says; at most 14 hours."""
    if text in ("Z", "z", "UTC"):
        return datetime.timedelta()
    hours, minutes = int(text[1:3]), int(text[3:].replace(":", "") or 0)
    if minutes > 59 or hours * 60 + minutes > 14 * 60:
        return None
    return (1 if text[0] == "+" else -1) * datetime.timedelta(hours=hours, minutes=minutes)


def offset_of_zone(local: datetime.datetime, zone: str) -> datetime.timedelta:
    """A skipped time has the offset before the change, one that comes twice the offset after it."""
    first, second = (local.replace(tzinfo=ZoneInfo(zone), fold=fold).utcoffset() for fold in (0, 1))
    assert first is not None and second is not None
    return first if first < second else second


def number(text: str, kind: str, bounded: bool = True) -> int | float | Decimal | None:
    """A number as integer, money or double."""
    found = NUMBER.fullmatch(text)
    if not found:
        return None
    exact = Decimal(found[1])
    if (bounded or kind != "double") and abs(exact) > LARGEST and kind != "double":
        return None
    if kind == "integer":
        return int(exact) if exact == exact.to_integral_value(context=EXACT) else None
    if kind == "money":
        return exact.quantize(Decimal("0.0001"), rounding=ROUND_HALF_UP, context=EXACT)
    value = float(found[1])
    return None if value in (float("inf"), float("-inf")) or bounded and abs(value) > LARGEST else value


def boolean(text: str) -> bool | None:
    """A boolean as text."""
    return {
        **dict.fromkeys(("true", "t", "yes", "y", "1", "1.0"), True),
        **dict.fromkeys(("false", "f", "no", "n", "0", "0.0"), False),
    }.get(text.lower() if text.isascii() else text)


def json_object(text: str) -> dict[str, Any] | None:
    """An object in JSON, also one that was encoded up to twice more, or Python's way of showing a dict."""
    value: Any = text
    for _ in range(3):
        try:
            value = json.loads(value)
        except ValueError:
            break
        if isinstance(value, dict):
            return value
        if not isinstance(value, str):
            return None
    try:
        shown = ast.literal_eval(text)
    except (ValueError, SyntaxError, MemoryError, RecursionError):
        return None
    return shown if isinstance(shown, dict) and all(isinstance(key, str) for key in shown) else None
