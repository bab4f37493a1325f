"""Not green yet, docs/scale.md says how far it is. The same rows from Spark as from DuckDB: every table of the sample built fresh, and of a company through four days of changes."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path

import duckdb
import pytest
from spark_warehouse import OF_THE_ENGINE, SparkWarehouse, differences

import publish
import spark_tables
from publishing.marts import MARTS
from publishing.readiness import Build
from warehouse import COMPARISON_MODELS, FEW_METRICS, Inputs, Warehouse, small_company

# What each pair of builds may differ in, with the reason. Nothing so far.
MEANT: dict[str, str] = {}


@pytest.fixture(params=["local[2]", "local-cluster[2,1,1024]"])
def master(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """Where Spark runs: in one process, or in a driver and two workers that share nothing but files."""
    monkeypatch.setenv("SPARK_MASTER", request.param)
    return str(request.param)


def compare(warehouse: Warehouse, label: str, at_least: int) -> None:
    equal, found = differences(warehouse, tuple(MEANT))
    print(f"{label}: {equal} tables with the same rows, {len(found)} others")
    for said in found:
        print(f"  {said[:400]}")
    assert found == [] and equal >= at_least


def published_alike(warehouse: Warehouse, folder: Path) -> None:
    """What is published from the Parquet of Spark is what is published from DuckDB's file: rows, what is withheld, pseudonyms."""
    target = warehouse.folder / "target-spark"
    of_spark = folder / "spark.duckdb"
    folder.mkdir()
    assert spark_tables.write(warehouse.folder / "spark", target, of_spark) > 50
    manifest = json.loads((target / "manifest.json").read_text(encoding="utf-8"))
    there = {name for (name,) in warehouse.query("select table_name from information_schema.tables where table_schema = 'marts'")}
    nodes = {key: node for key, node in manifest["nodes"].items() if node["name"] in there or "marts" not in node["fqn"]}
    build = Build({**manifest, "nodes": nodes}, {"metadata": {"invocation_id": "one"}})
    declared = {name: MARTS[name] for name in build.marts()}
    rows: list[dict[tuple[str, str], list[tuple]]] = []
    for name, database in (("of_duckdb", warehouse.database), ("of_spark", of_spark)):
        with duckdb.connect() as connection, publish.files.publishing_folder(folder / name):
            connection.execute("set TimeZone = 'UTC'")
            connection.execute(f"attach '{database}' as warehouse (read_only)")
            publish.write_publication(connection, build, folder / name, folder / "key", 2, declared=declared)
        rows.append({})
        for file in (publish.AGGREGATES_FILE, publish.USERS_FILE):
            with duckdb.connect(str(folder / name / file), read_only=True) as connection:
                for (table,) in connection.execute(
                    "select table_name from duckdb_tables() where schema_name = 'marts' and table_name != 'publish_log'"
                ).fetchall():
                    hashes = [
                        column for (column, *_) in connection.execute(f"describe marts.{table}").fetchall() if column in OF_THE_ENGINE
                    ]
                    left_out = f"exclude ({', '.join(hashes)})" if hashes else ""
                    rows[-1][file, table] = connection.execute(f"select * {left_out} from marts.{table} order by all").fetchall()
    assert rows[0] == rows[1] and len(rows[0]) > 10


def test_every_table_of_the_sample_is_the_same(tmp_path: Path, sample: Inputs) -> None:
    """With five dates of history: what Spark needs for a model is its plan, not its rows."""
    os.environ.pop("SPARK_MASTER", None)
    warehouse = Warehouse(tmp_path / "sample", {"history_periods": 5}, (), analysis=True)
    warehouse.write_inputs(sample)
    warehouse.build()
    SparkWarehouse(warehouse).build()
    compare(warehouse, "sample, fresh", 150)


def test_four_days_of_a_company_are_the_same(new_warehouse: Callable[..., Warehouse], tmp_path: Path, master: str) -> None:
    """Fresh; a day with late rows and a changed address; a changed segment; a forgotten user: after each, all tables are the same."""
    company = small_company()
    warehouse = new_warehouse("days", copied=("models", "macros"), segment_lint="warn", history_periods=3)
    (warehouse.folder / "macros/few_metrics_of_spark.sql").write_text(FEW_METRICS.replace("duckdb__", "spark__"), encoding="utf-8")
    spark = SparkWarehouse(warehouse)

    def both(label: str, at_least: int = 60) -> None:
        warehouse.build()
        spark.build("--exclude", *COMPARISON_MODELS, "segment_findings", "segment_objectives")
        compare(warehouse, f"{master}, {label}", at_least)

    warehouse.write_inputs(company)
    both("fresh")
    published_alike(warehouse, tmp_path / "published")

    late = {"event_name": "task_completed", "device_type": "mobile", "os": "ios", "app_version": "1.0.0"}
    company["events"] += [
        late | {"event_id": "late", "user_id": "u3", "occurred_at": "2026-03-05T10:00:00Z", "received_at": "2026-03-17T08:00:00Z"},
        late | {"event_id": "new", "user_id": "u1", "occurred_at": "2026-03-17T10:00:00Z", "received_at": "2026-03-17T10:00:05Z"},
    ]
    company["users"][1] |= {"job_title": "CTO", "updated_at": "2026-03-17T09:00:00Z"}
    warehouse.write_inputs(company)
    both("a day later, with late rows")

    path = next((warehouse.folder / "models/segments").rglob("power_users.sql"))
    path.write_text(path.read_text(encoding="utf-8").replace(">= 12", ">= 2"), encoding="utf-8")
    both("a changed segment")

    assert warehouse.run("run-operation", "forget_user", "--args", "{user_id: u2}")
    spark.run("run-operation", "forget_user", "--args", "{user_id: u2}")
    both("a forgotten user")
    assert warehouse.query("select count(*) from features.user_features where user_id = 'u2'") == [(0,)]
