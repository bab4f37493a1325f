"""Made-up exports as loaders land them: a table from rows, and the same table in the forms that must not make a difference."""

from __future__ import annotations

import csv
import io
import json
import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb

Rows = list[dict[str, Any]]

# What must not make a difference, one way at a time and all at once.
VARIANTS: tuple[dict[str, Any], ...] = (
    {},
    {"names": str.upper},
    {"names": str.lower},
    {"order": "reversed"},
    {"extra": True},
    {"types": "json"},
    {"types": "native"},
    {"shuffled": 7},
    {"names": str.upper, "order": "reversed", "extra": True, "types": "native", "shuffled": 3},
)


def columns_of(rows: Rows) -> list[str]:
    """The names of all columns, in the order in which they are first seen."""
    return list(dict.fromkeys(name for row in rows for name in row))


def as_text(value: Any) -> str | None:
    """A value as a loader that lands text writes it: objects as JSON."""
    if value is None or isinstance(value, str):
        return value
    return json.dumps(value) if isinstance(value, (dict, list, bool)) else str(value)


def land(
    connection: duckdb.DuckDBPyConnection, folder: Path, relation: str, rows: Rows, columns: list[str] | None = None, **variant: Any
) -> None:
    """Make a table of the rows. `columns`: what an empty one has. Types are text, unless `types` says json or native."""
    names = columns_of(rows) or columns or []
    rows = [*rows]
    if "shuffled" in variant:
        random.Random(variant["shuffled"]).shuffle(rows)
    if variant.get("order") == "reversed":
        names = names[::-1]
    if variant.get("extra"):
        rows = [{**row, "Some other Column": "x", "_Another1": None} for row in rows]
        names = ["Some other Column", *names, "_Another1"]
    rename = variant.get("names", str)
    schema = relation.split(".")[0]
    if "." in relation:
        connection.execute(f"create schema if not exists {schema}")
    types = variant.get("types", "text")
    path = folder / f"{relation}.jsonl"
    written = rows or [{}]
    with path.open("w", encoding="utf-8") as file:
        for row in written:
            values = {rename(name): row.get(name) for name in names}
            file.write(json.dumps({name: as_text(value) for name, value in values.items()} if types == "text" else values) + "\n")
    listed = {rename(name): "VARCHAR" if types == "text" else "JSON" for name in names}
    # DuckDB finds out the types of its own, as a loader would; columns that are empty throughout are JSON there.
    how = "sample_size = -1" if types == "native" and rows else f"columns = {listed}"
    connection.execute(f"create or replace table {relation} as select * from read_json('{path}', format = 'newline_delimited', {how})")
    if not rows:
        connection.execute(f"delete from {relation}")


def csv_text(rows: Rows, columns: list[str] | None = None, delimiter: str = ",") -> str:
    """The rows as a CSV file with a header."""
    file = io.StringIO()
    names = columns_of(rows) or columns or []
    writer = csv.writer(file, delimiter=delimiter, lineterminator="\n")
    writer.writerow(names)
    writer.writerows([[as_text(row.get(name)) for name in names] for row in rows])
    return file.getvalue()


def json_lines(rows: Rows) -> str:
    """The rows as JSON lines."""
    return "".join(json.dumps(row) + "\n" for row in rows)


def variants() -> Iterator[Any]:
    """The variants as parameters of a test, each with a name."""
    import pytest

    for variant in VARIANTS:
        named = {key: getattr(value, "__name__", value) for key, value in variant.items()}
        # Each of the others is a part of the last.
        marks = [] if variant == VARIANTS[-1] else [pytest.mark.long]
        yield pytest.param(variant, id=" ".join(f"{key}={value}" for key, value in named.items()) or "as documented", marks=marks)
