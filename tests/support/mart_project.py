"""Marts on made-up upstream tables: random data and hand-made cases, without building what stands above.

dbt's `ref()` is only a name, so a mart can be run alone on tables that a test wrote. Their columns and types are those of the
built sample; a column that a test does not give is NULL.

    project.fill("features.user_features", frame)   # a pandas DataFrame, or a list of dicts
    project.run_models("segment_comparison")
    project.frame("select * from marts.segment_comparison")
"""

from __future__ import annotations

import math
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import pandas as pd
import yaml

from warehouse import Result, Warehouse


class MartProject(Warehouse):
    """A project folder whose database holds what the test fills in.

    `template` is a built warehouse: its tables give columns and types, and copy() takes rows from it.
    """

    def __init__(self, folder: Path, template: Warehouse, variables: dict[str, Any] | None = None) -> None:
        super().__init__(folder, variables or {}, analysis=True)
        self.write_inputs({})
        self.template = template
        self.filled: set[str] = set()

    @property
    def leaves_artifacts(self) -> bool:
        """Not here: a third of a run of one mart."""
        return False

    def configure(self, **variables: Any) -> None:
        """As in any warehouse, but the segments' files are not judged before each mart: a fifth of its run."""
        super().configure(**variables)
        path = self.folder / "dbt_project.yml"
        project = yaml.safe_load(path.read_text(encoding="utf-8"))
        project["on-run-start"] = [hook for hook in project["on-run-start"] if "_segments()" not in hook]
        path.write_text(yaml.safe_dump(project, sort_keys=False), encoding="utf-8")

    def _execute(self, *statements: str, **frames: pd.DataFrame) -> None:
        with duckdb.connect(str(self.database), config={"storage_compatibility_version": "v1.0.0"}) as connection:
            connection.execute("set TimeZone = 'UTC'")
            connection.execute(f"attach '{self.template.database}' as template (read_only)")
            for name, frame in frames.items():
                connection.register(name, frame)
            for statement in statements:
                connection.execute(statement)

    def _schema_of(self, table: str) -> str:
        return f"create schema if not exists {table.split('.')[0]}"

    def fill(self, table: str, rows: pd.DataFrame | list[dict[str, Any]]) -> None:
        """Replace a table (schema.name) by the given rows; columns are matched by name, missing ones are NULL."""
        frame = rows if isinstance(rows, pd.DataFrame) else pd.DataFrame(rows)
        self.filled.add(table)
        self._execute(
            self._schema_of(table),
            f"drop table if exists {table}",
            f"create table {table} as select * from template.{table} limit 0",
            *([f"insert into {table} by name select * from frame"] if len(frame) else []),
            frame=frame if len(frame) else pd.DataFrame({"nothing": []}),
        )

    def copy(self, *tables: str) -> None:
        """Replace tables (schema.name) by what the template holds."""
        for table in tables:
            self._execute(
                self._schema_of(table), f"drop table if exists {table}", f"create table {table} as select * from template.{table}"
            )

    def run_models(self, *models: str, full_refresh: bool = True) -> Result:
        """Run the named models on what is in the database; raises if one fails."""
        self._say_that_dates_are_built()
        result = self.run("run", "--select", *models, *(["--full-refresh"] if full_refresh else []))
        if not result:
            raise AssertionError(result.output[-6000:])
        return result

    def _say_that_dates_are_built(self) -> None:
        """What a model by date asks of each date, unless the test says it: all its inputs are there, in their first version."""
        if not self.query("select 1 from duckdb_tables() where schema_name = 'activity' and table_name = 'as_of_dates'"):
            return
        parts = {"user_features": "('')", "user_key_events": "('')", "user_segments": self._segments()}
        for name in parts.keys() - {table.removeprefix("built.") for table in self.filled}:
            self._execute(
                "create schema if not exists built",
                f"create or replace table built.{name} as"
                " select part, as_of_date, 1::bigint as version, 1::bigint as row_count, '' as built_by"
                f" from activity.as_of_dates cross join (values {parts[name]}) as parts(part)",
            )
        if "features.date_input_hashes" not in self.filled:
            kinds = self.template.query("select column_name from (describe features.date_input_hashes) where column_name like '%_hash'")
            hashes = ", ".join(f"0 as {kind}" for (kind,) in kinds)
            self._execute(
                "create schema if not exists features",
                f"create or replace table features.date_input_hashes as select as_of_date, {hashes} from activity.as_of_dates",
            )

    def _segments(self) -> str:
        """The segments that have members, as SQL values."""
        if not self.query("select 1 from duckdb_tables() where schema_name = 'marts' and table_name = 'user_segments'"):
            return "('')"
        return ", ".join(f"('{name}')" for (name,) in self.query("select distinct segment from marts.user_segments")) or "('')"

    def frame(self, sql: str) -> pd.DataFrame:
        """The rows of a query as a DataFrame."""
        with duckdb.connect(str(self.database), read_only=True) as connection:
            return connection.execute(sql).df()


def table(warehouse: Warehouse, sql: str) -> pd.DataFrame:
    """The rows of a query, missing values as None."""
    frame = pd.DataFrame(warehouse.records(sql))
    return frame.astype(object).where(frame.notna(), None)


def close(one: float | None, other: float | None, tolerance: float = 1e-9) -> bool:
    """Whether two numbers agree; None agrees with None alone."""
    if one is None or other is None:
        return one is None and other is None
    return math.isfinite(one) and math.isclose(one, other, rel_tol=tolerance, abs_tol=tolerance)


def fill_versions(project: MartProject, models: dict[str, list[tuple[str, Any, int]]]) -> None:
    """What stored models are built from, model -> part ('' if it has none), date, version: a model that reads them is due where that changes."""
    for name, versions in models.items():
        rows = [{"part": part, "as_of_date": day, "version": version, "row_count": 1} for part, day, version in versions]
        project.fill(f"built.{name}", rows)


def fill_dates(project: MartProject, dates: list[date], newest_is_period_end: bool = True) -> None:
    """as_of_dates and data_through: all dates are period ends, but for the newest if that is said."""
    rows = []
    for number, day in enumerate(dates):
        rows.append(
            {
                "as_of_date": day,
                "previous_as_of_date": dates[number - 1] if number else None,
                "is_period_end": day != dates[-1] or newest_is_period_end,
                "is_newest": day == dates[-1],
            }
        )
    project.fill("activity.as_of_dates", rows)
    project.fill("activity.data_through", [{"data_through": dates[-1], "is_provisional": False}] if dates else [])
