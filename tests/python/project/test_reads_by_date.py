"""A model of the newest date reads one date of the history: the filter stands where a relation by date is imported.

A join with the newest date that comes after an aggregate or a window makes the engine work through the whole history first.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import duckdb

from warehouse import Warehouse

BY_DATE = {"user_dates", "user_features", "user_key_events", "user_lifecycle_segments", "user_segments"}

# Who reads all dates, or joins the dates that it needs right where it imports.
ALL_DATES = {
    "segment_memberships": "each stay",
    "survival_lives": "the first and the last date of each user",
    "segment_survival_summary": "the first date of each user",
    "user_lifecycle_segments": "the same rows, fewer columns",
    "user_primary_segments": "the same rows",
    "segment_channels": "the first date of each user",
    "campaign_outcomes": "the dates of messages",
    "campaign_users": "the dates of messages",
    "audience_results": "the dates of deliveries",
    "segment_pricing": "a date a quarter back",
    "segment_totals": "a row for each",
    "signup_cohorts": "the first date of each user",
    "experiment_checks": "the dates of assignments",
    "experiment_outcomes": "the dates of assignments",
    "experiment_users": "the dates of assignments",
    "churn_values": "the date of the anchor",
    "driver_conditions": "the dates of units",
    "driver_observations": "the dates of units",
}


def imports(node: Any) -> Iterator[tuple[str, bool]]:
    """Each relation by date that a SELECT names, and whether its WHERE filters as_of_date."""
    if isinstance(node, list):
        for part in node:
            yield from imports(part)
    elif isinstance(node, dict):
        if node.get("type") == "SELECT_NODE":
            filtered = '"as_of_date"' in json.dumps(node.get("where_clause"))
            for name in tables(node.get("from_table")):
                if name in BY_DATE:
                    yield name, filtered
        for part in node.values():
            yield from imports(part)


def tables(source: Any) -> Iterator[str]:
    """The relations of the warehouse in a FROM."""
    if source and source["type"] == "JOIN":
        yield from tables(source["left"])
        yield from tables(source["right"])
    elif source and source["type"] == "BASE_TABLE" and source["schema_name"]:
        yield source["table_name"]


def unfiltered(sql: str) -> set[str]:
    """The relations by date that a SELECT imports with all their dates."""
    row = duckdb.execute("select json_serialize_sql(?)", [sql]).fetchall()[0]
    assert row
    tree = json.loads(row[0])
    assert not tree["error"], tree
    return {name for name, filtered in imports(tree["statements"]) if not filtered}


def test_what_is_filtered_late_is_found() -> None:
    late = "with s as (select * from features.user_features), n as (select count(*) from s where as_of_date = '2026-01-04') select * from n"
    early = "with s as (select * from features.user_features where as_of_date = (select max(d) from x.y)) select count(*) from s"
    assert unfiltered(late) == {"user_features"}
    assert unfiltered(early) == set()


def test_only_what_needs_the_history_reads_it(sample_warehouse: Warehouse) -> None:
    manifest = json.loads((sample_warehouse.folder / "target/manifest.json").read_text(encoding="utf-8"))
    found = {
        node["name"]: unfiltered(node["compiled_code"])
        for node in manifest["nodes"].values()
        if node["resource_type"] == "model"
        and node.get("compiled_code")
        and node["fqn"][1] == "marts"
        # Compiled SQL shows all dates; the build keeps it to those that are due.
        and node["config"]["materialized"] != "by_date"
    }
    assert len(found) > 40, {name: len(node.get("compiled_code") or "") for name, node in manifest["nodes"].items()}
    assert {name for name, read in found.items() if read} == set(ALL_DATES)
