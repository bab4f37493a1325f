"""Rows as the page embeds them: small, and without losing the difference between nothing and withheld."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

# What a chart must not draw and a table must call withheld; None is a value that does not exist.
WITHHELD_CELL = "w"


def cell(value: float | None, withheld: bool = False, decimals: int | None = None) -> Any:
    """A number of a series."""
    if value is None:
        return WITHHELD_CELL if withheld else None
    return value if decimals is None else round(value, decimals)


def packed(columns: tuple[str, ...], rows: Iterable[dict[str, Any]]) -> dict[str, Any]:
    """Rows of one kind with their names written once."""
    return {"columns": list(columns), "rows": [[row[column] for column in columns] for row in rows]}
