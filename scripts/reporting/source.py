"""Reads the published marts, whatever is withheld in them, and says what to do where they are missing or of another version."""

from __future__ import annotations

import os
from pathlib import Path
from types import TracebackType
from typing import Any

import duckdb

from checking.database import file_problems, known_sentence
from refusal import Refusal

AGAIN = "Run `make build`, which builds and publishes the marts, then `make report`."
# Without these there is nothing to report. Any other mart that is missing leaves its section out.
REQUIRED = ("metrics", "segment_comparison", "segment_sizes", "segments")
Row = dict[str, Any]


class Marts:
    """The schema `marts` of one DuckDB file, opened read-only."""

    def __init__(self, path: Path) -> None:
        self.path = os.path.relpath(path)
        if not path.is_file():
            raise Refusal(f"{self.path} does not exist, so a report cannot be written. {AGAIN}")
        if problems := file_problems(path, AGAIN):
            raise Refusal(f"The published file cannot be read. {problems[0]}")
        try:
            self.connection = duckdb.connect(str(path), read_only=True)
            self.columns = self._columns()
        except duckdb.Error as error:
            raise Refusal(known_sentence(str(error), path, AGAIN) or f"{self.path} cannot be read: {_first_line(error)}. {AGAIN}") from None
        missing = [name for name in REQUIRED if name not in self.columns]
        if missing:
            self.connection.close()
            raise Refusal(
                f"{self.path} lacks the table marts.{missing[0]}: it is not the published file, or is from an older version. {AGAIN}"
            )

    def __enter__(self) -> Marts:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.connection.close()

    def has(self, mart: str) -> bool:
        """Whether the file has this mart."""
        return mart in self.columns

    def rows(self, sql: str, **parameters: Any) -> list[Row]:
        """The rows of a query. `{withheld:mart}` in it stands for mart.is_suppressed, or false where the file has no such column."""
        for mart in self.columns:
            flag = f"{mart}.is_suppressed" if "is_suppressed" in self.columns[mart] else "false"
            sql = sql.replace(f"{{withheld:{mart}}}", flag)
        try:
            cursor = self.connection.execute(sql, parameters)
            names = [column[0] for column in cursor.description]
            return [dict(zip(names, row)) for row in cursor.fetchall()]
        except (duckdb.BinderException, duckdb.CatalogException) as error:
            raise Refusal(f"{self.path} lacks what the report shows ({_first_line(error)}): it is from an older version. {AGAIN}") from None
        except duckdb.Error as error:
            raise Refusal(
                known_sentence(str(error), self.path, AGAIN) or f"{self.path} cannot be read: {_first_line(error)}. {AGAIN}"
            ) from None

    def _columns(self) -> dict[str, set[str]]:
        """The columns of each mart."""
        found: dict[str, set[str]] = {}
        for table, column in self.connection.execute(
            "select table_name, column_name from information_schema.columns where table_schema = 'marts' order by all"
        ).fetchall():
            found.setdefault(table, set()).add(column)
        return found


def _first_line(error: Exception) -> str:
    return str(error).splitlines()[0].rstrip(".")
