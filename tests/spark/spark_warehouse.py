"""A project of tests/support/warehouse.py built by Spark too, and the comparison of both, table by table."""

from __future__ import annotations

import math
import os
import subprocess
import sys
from collections import Counter
from pathlib import Path
from typing import Any

import duckdb

from warehouse import Warehouse

LAYERS = ("staging", "activity", "features", "segments", "marts", "state")

# Differences that are meant: fingerprints are made by each engine's own hash, of rows or of the SQL that it runs.
OF_THE_ENGINE = {"invocation_id", "unread_hash", "row_hash", "links_hash", "logic_hash", "events_hash", "definition_hash"}


class SparkWarehouse:
    """The same folder, with the tables in `spark/` inside of it."""

    def __init__(self, warehouse: Warehouse) -> None:
        self.folder = warehouse.folder

    def run(self, *arguments: str) -> None:
        """A dbt command on the target `spark`, in a process of its own; raises with its last words if it fails."""
        environment = os.environ | {"SPARK_WAREHOUSE": str(self.folder / "spark"), "DBT_SEND_ANONYMOUS_USAGE_STATS": "false"}
        command = [
            str(Path(sys.executable).parent / "dbt"),
            *arguments,
            "--target",
            "spark",
            "--target-path",
            "target-spark",
            "--no-use-colors",
        ]
        done = subprocess.run(command, cwd=self.folder, env=environment, text=True, capture_output=True, check=False)
        assert done.returncode == 0, "\n".join(line for line in done.stdout.splitlines() if " START " not in line)[-6000:]

    def build(self, *arguments: str) -> None:
        self.run("build", "--exclude-resource-type", "test", "unit_test", *arguments)


def differences(warehouse: Warehouse, left_out: tuple[str, ...] = ()) -> tuple[int, list[str]]:
    """How many tables of DuckDB are in Spark with the same rows, and what differs, as sentences.

    Rows are compared as a multiset; doubles may differ by 1e-9, relative or absolute; columns of OF_THE_ENGINE are left out. A table that
    Spark lacks differs, unless it lacks rows on DuckDB too: Spark writes no file then.
    """
    equal, found = 0, []
    with duckdb.connect(str(warehouse.database), read_only=True) as connection:
        connection.execute("set TimeZone = 'UTC'")
        tables = connection.execute(
            "select schema_name, table_name from duckdb_tables() where schema_name in (select unnest(?)) order by all", [list(LAYERS)]
        ).fetchall()
        for schema, name in tables:
            if f"{schema}.{name}" in left_out or name.endswith("__backup"):
                continue
            said = table_difference(connection, schema, name, warehouse.folder / "spark/warehouse" / f"{schema}.db" / name)
            if said:
                found.append(f"{schema}.{name}: {said}")
            else:
                equal += 1
    return equal, found


def table_difference(connection: duckdb.DuckDBPyConnection, schema: str, name: str, folder: Path) -> str:
    rows_of_duckdb = connection.execute(f"select count(*) from {schema}.{name}").fetchall()[0][0]
    if not any(folder.rglob("*.parquet")):
        return f"{rows_of_duckdb} rows and none" if rows_of_duckdb else ""
    of_spark = f"read_parquet('{folder}/**/*.parquet', hive_partitioning = true, union_by_name = true)"
    types = dict(row[:2] for row in connection.execute(f"describe {schema}.{name}").fetchall())
    names = {row[0] for row in connection.execute(f"describe select * from {of_spark}").fetchall()}
    if set(types) != names:
        return f"columns {sorted(set(types) ^ names)}"
    columns = [column for column in types if column not in OF_THE_ENGINE and not (name == "date_input_hashes" and column.endswith("_hash"))]
    numbers = [column for column in columns if types[column] == "DOUBLE" or types[column].startswith("DECIMAL")]
    exact = [column for column in columns if column not in numbers]
    if not columns:
        return ""
    texts = [exact_text(column, types[column]) for column in exact]
    select = ", ".join([*texts, *(f'cast("{column}" as double)' for column in numbers)])
    left, right = (
        connection.execute(f"select {select} from {relation} order by all").fetchall() for relation in (f"{schema}.{name}", of_spark)
    )
    one, other = (Counter(row[: len(exact)] for row in rows) for rows in (left, right))
    if one != other:
        return f"{len(left)} and {len(right)} rows, e.g. {list((one - other).items())[:1]} and {list((other - one).items())[:1]}"
    for row, twin in zip(left, right, strict=True):
        for column, value, same in zip(numbers, row[len(exact) :], twin[len(exact) :], strict=True):
            if not close(value, same):
                return f"{column}: {value} and {same} in {row[: len(exact)]}"
    return ""


def exact_text(column: str, type_name: str) -> str:
    """A value as text, NULL apart from all texts; a Spark timestamp has a zone, ours have none."""
    value = f'cast("{column}" as timestamp)' if type_name.startswith("TIMESTAMP") else f'cast("{column}" as {type_name})'
    return f"coalesce(cast({value} as varchar), chr(0))"


def close(one: Any, other: Any) -> bool:
    if one is None or other is None:
        return one is other
    return math.isclose(one, other, rel_tol=1e-9, abs_tol=1e-9) or (math.isnan(one) and math.isnan(other))
