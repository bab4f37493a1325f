"""Count how often each model's statement reads relations, with every CTE written out where it is used.

    .venv/bin/python scripts/count_reads.py build/ci-target            # exit 1 if a model reads more than LIMIT times
    .venv/bin/python scripts/count_reads.py build/ci-target --all      # print every model's count too

DuckDB computes a CTE once. Spark and others compute it anew wherever it is used, so a chain of CTEs that each read the one before
twice costs them thousands of reads. To mend a model, turn columns into rows with one CASE (pick_column()) instead of a UNION
ALL per column, or make the CTE a model. The folder is a target path with the manifest of a `dbt build` or `dbt compile`.
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import Any

import duckdb

# More than any model needs, and few enough for an engine without CTEs.
LIMIT = 200


def reads(node: Any, known: dict[str, int]) -> int:
    """The reads of relations in a part of DuckDB's syntax tree. `known`: those of each CTE in scope; a recursive one's of itself are 0."""
    if isinstance(node, list):
        return sum(reads(part, known) for part in node)
    if not isinstance(node, dict):
        return 0
    if node.get("type") == "BASE_TABLE":
        return 1 if node["schema_name"] else known.get(node["table_name"].lower(), 1)
    if node.get("cte_map"):
        known = dict(known)
        for entry in node["cte_map"]["map"]:
            name = entry["key"].lower()
            known[name] = reads(entry["value"]["query_node"], known | ({name: 0} if is_recursive(entry) else {}))
    return sum(reads(part, known) for key, part in node.items() if key != "cte_map")


def is_recursive(entry: dict[str, Any]) -> bool:
    """Whether a CTE reads its own last rows."""
    return bool(entry["value"]["query_node"]["type"] == "RECURSIVE_CTE_NODE")


def reads_of(sql: str, connection: duckdb.DuckDBPyConnection) -> int:
    """The reads of relations in a SELECT. ValueError if DuckDB cannot parse it."""
    row = connection.execute("select json_serialize_sql(?)", [sql]).fetchone()
    tree = json.loads(row[0]) if row else {"error": True, "error_message": "no answer"}
    if tree["error"]:
        raise ValueError(tree["error_message"])
    return reads(tree["statements"], {})


def main() -> int:
    """Returns the exit status."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("target", type=Path, help="target path of a dbt build or compile, such as build/ci-target")
    parser.add_argument("--all", action="store_true", help="print the count of every model")
    arguments = parser.parse_args()
    manifest = arguments.target / "manifest.json"
    if not manifest.exists():
        print(f"{manifest} does not exist. Build into that folder first: dbt build --target-path {arguments.target}", file=sys.stderr)
        return 2
    nodes = json.loads(manifest.read_text(encoding="utf-8"))["nodes"].values()
    models = {
        node["original_file_path"]: node["compiled_code"]
        for node in nodes
        # An ephemeral model is a part of those that read it: its text alone is none.
        if node["resource_type"] == "model" and node.get("compiled_code") and node["config"]["materialized"] != "ephemeral"
    }
    if not models:
        print(f"{manifest} holds no compiled SQL: it is of a dbt parse. Use that of a dbt build or dbt compile.", file=sys.stderr)
        return 2
    connection = duckdb.connect()
    counts = {}
    for path, sql in models.items():
        try:
            counts[path] = reads_of(sql, connection)
        except ValueError as error:
            print(f"{path}: DuckDB cannot parse its compiled SQL: {error}", file=sys.stderr)
            return 2
    for path, count in sorted(counts.items(), key=lambda entry: (-entry[1], entry[0])):
        if arguments.all:
            print(f"{count:6d} {path}")
    name = Path(__file__).name
    problems = [
        f"{path}: reads relations {count} times with every CTE written out; at most {LIMIT} are allowed. See scripts/{name}."
        for path, count in counts.items()
        if count > LIMIT
    ]
    for problem in problems:
        print(problem, file=sys.stderr)
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
