"""What Spark built, as a DuckDB file: `make spark-tables`, so that publishing, the report and audiences read it like any warehouse.

The file holds views over the Parquet files that Spark wrote, with the columns and types of the contracts; no row is copied, so it
is of use where these files are. Build anew what changes: a view sees the files that are there when it is read.

    python scripts/spark_tables.py [--warehouse FOLDER] [--target FOLDER] [--database PATH]
    python scripts/publish.py --database build/spark.duckdb --target target

--warehouse is what SPARK_WAREHOUSE was for the build (default: build/spark), --target the folder with dbt's manifest.json of that
build (default: target), --database the file that is written (default: build/spark.duckdb).

Exit status 0 if the file was written, 1 if not: then one that was there before is as it was.
"""

from __future__ import annotations

import argparse
import os
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from checking.results import read_artifact
from publishing.files import literal, quoted
from refusal import Refusal

ROOT = Path(__file__).resolve().parent.parent
# DuckDB's names of what the contracts say in Spark's: timestamps of ours have no zone and are UTC.
TYPES = {"string": "varchar", "timestamp": "timestamp", "int": "integer", "long": "bigint", "short": "smallint", "float": "double"}


@dataclass(frozen=True)
class Relation:
    """What the project says of a table: its columns' types in DuckDB (empty unless it says all), and descriptions."""

    types: dict[str, str]
    comments: dict[str, str]
    comment: str


def write(warehouse: Path, target: Path, database: Path) -> int:
    """Write the file; the number of its views. Raises Refusal if there is no build of Spark to read."""
    import duckdb

    folders = sorted(path for path in (warehouse / "warehouse").glob("*.db/*") if path.is_dir() and not path.name.startswith((".", "_")))
    if not folders:
        raise Refusal(
            f"{warehouse} does not hold tables of Spark. Build them with `dbt build --target spark`, or name the folder by --warehouse."
        )
    relations = relations_of(target)
    fresh = database.with_name(f"{database.name}.{os.getpid()}")
    try:
        with duckdb.connect(str(fresh), config={"storage_compatibility_version": "v1.0.0"}) as connection:
            connection.execute("set TimeZone = 'UTC'")
            views = sum(make_view(connection, folder, relations) for folder in folders)
        os.replace(fresh, database)
    finally:
        for path in (fresh, fresh.with_name(fresh.name + ".wal")):
            path.unlink(missing_ok=True)
    return views


def relations_of(target: Path) -> dict[tuple[str, str], Relation]:
    """Schema and name of each relation of the manifest -> what it says of it."""
    try:
        manifest = read_artifact(target / "manifest.json", {"nodes": dict, "metadata": dict})
    except (OSError, ValueError):
        raise Refusal(
            f"{target / 'manifest.json'} is missing or not from dbt. Name the target folder of Spark's build by --target."
        ) from None
    if manifest["metadata"].get("adapter_type") != "spark":
        raise Refusal(f"{target / 'manifest.json'} is not of a build by Spark. Name the folder that it was given by --target-path.")
    relations = {}
    for node in manifest["nodes"].values():
        if node["resource_type"] in ("model", "seed"):
            kinds = {name: column["data_type"] for name, column in node["columns"].items()}
            relations[node["schema"], node.get("alias") or node["name"]] = Relation(
                {name: TYPES.get(kind.lower(), kind) for name, kind in kinds.items()} if all(kinds.values()) else {},
                {name: column["description"] for name, column in node["columns"].items() if column["description"]},
                node["description"],
            )
    return relations


def make_view(connection: Any, folder: Path, relations: dict[tuple[str, str], Relation]) -> bool:
    """Make the view of one table; false for one without files of which nobody says the columns."""
    schema, name = folder.parent.name.removesuffix(".db"), folder.name
    said = relations.get((schema, name), Relation({}, {}, ""))
    relation = f"{quoted(schema)}.{quoted(name)}"
    if any(folder.rglob("*.parquet")):
        files = f"read_parquet({literal(f'{folder.resolve()}/**/*.parquet')}, hive_partitioning = true, union_by_name = true)"
        found = {row[0]: row[1] for row in connection.execute(f"describe select * from {files}").fetchall()}
        if missing := [column for column in said.types if column not in found]:
            raise Refusal(f"{folder} lacks the columns {', '.join(missing)}: the manifest is of another build.")
        columns = {column: said.types.get(column) for column in [*said.types, *(set(found) - set(said.types))]}
        select = (
            ", ".join(f"{value(column, found[column], kind)} as {quoted(column)}" for column, kind in columns.items()) + f" from {files}"
        )
    elif said.types:
        # Spark writes no file for no row.
        columns = dict(said.types)
        select = ", ".join(f"cast(null as {kind}) as {quoted(column)}" for column, kind in columns.items()) + " where false"
    else:
        return False
    connection.execute(f"create schema if not exists {quoted(schema)}")
    connection.execute(f"create view {relation} as select {select}")
    if said.comment:
        connection.execute(f"comment on view {relation} is {literal(said.comment)}")
    for column, comment in said.comments.items():
        if column in columns:
            connection.execute(f"comment on column {relation}.{quoted(column)} is {literal(comment)}")
    return True


def value(column: str, found: str, said: str | None) -> str:
    """A column as the contract has it. Without one, a time of Spark's still loses its zone, which is UTC."""
    text = quoted(column)
    if found == "TIMESTAMP WITH TIME ZONE":
        text = f"{text} at time zone 'UTC'"
    return f"cast({text} as {said})" if said else text


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--warehouse", type=Path, default=Path(os.environ.get("SPARK_WAREHOUSE") or ROOT / "build/spark"))
    parser.add_argument("--target", type=Path, default=ROOT / "target")
    parser.add_argument("--database", type=Path, default=ROOT / "build/spark.duckdb")
    options = parser.parse_args(arguments)
    try:
        views = write(options.warehouse, options.target, options.database)
    except Refusal as refusal:
        print(refusal, file=sys.stderr)
        return 1
    print(
        f"{os.path.relpath(options.database)}: {views} tables of Spark. Publish them: python scripts/publish.py --database {options.database} …"
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
