"""The last two weeks of ten years of real commits, day by day: every day is what a fresh build of that day would be."""

from __future__ import annotations

import csv
import datetime as dt
import gzip
import json
import time
from pathlib import Path

import fortnight_world as world
import pytest

from run_tool import relax_garbage_collection
from warehouse import ROOT, Inputs, Warehouse

relax_garbage_collection()
COMMITS = ROOT / "tests/data/commits/commits.csv.gz"


def commits() -> Inputs:
    """Commits as events: who made them is the user, what kind of change they are the event; they arrive when they are committed."""
    with gzip.open(COMMITS, "rt", encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    first: dict[str, dict[str, str]] = {}
    for row in sorted(rows, key=lambda one: dt.datetime.fromisoformat(one["committed_at"])):
        first.setdefault(row["author_id"], row)
    return {
        "users": [
            {"user_id": author, "account_id": row["company_id"], "signed_up_at": row["committed_at"], "updated_at": row["committed_at"]}
            for author, row in first.items()
        ],
        "accounts": [
            {"account_id": company, "created_at": "2016-01-01T00:00:00Z"}
            for company in sorted({row["company_id"] for row in first.values()} - {""})
        ],
        "events": [
            {
                "event_id": row["commit_id"],
                "user_id": row["author_id"],
                "event_name": row["kind"],
                "occurred_at": row["authored_at"],
                "received_at": row["committed_at"],
                "channel": "merge" if row["is_merge"] == "true" else "",
                "properties": json.dumps({"areas": row["areas"], "files": int(row["files"] or 0)}),
            }
            for row in rows
        ],
    }


KINDS = ("feature", "fix", "docs", "test", "change", "release", "merge")
COMMIT_VARIABLES = {
    "events": [{"name": kind, "is_feature": True, "is_core": kind == "feature", "category": kind} for kind in KINDS],
    "page_view_events": [],
    "login_events": [],
    "activation_events": ["feature"],
    "north_star": "core_actions_28d",
    "experiment_conversion_events": ["release"],
    "campaign_conversion_events": ["release"],
    "funnels": [{"name": "shipping", "steps": ["feature", "test", "docs"]}],
    "clusters": {"count": 3, "iterations": 20, "refit_days": world.REFIT_DAYS},
    "audiences": [],
    "segment_lint": "warn",
}

# Segments that ask for no event of the sample by name.
COMMIT_SEGMENTS = ("new_users", "inactive_users", "resurrected_users", "at_risk_users", "engaged_users", "power_users", "every_day_users")


def keep_segments(warehouse: Warehouse, names: tuple[str, ...]) -> None:
    """A project with these of the shipped segments alone."""
    for path in (warehouse.folder / "models/segments").glob("*/*"):
        if path.stem not in names:
            path.unlink()
    path = warehouse.folder / "macros/registries/segments.sql"
    head = path.read_text(encoding="utf-8").split("{% macro default__registered_segments() %}")[0]
    path.write_text(
        head + f"{{% macro default__registered_segments() %}}{{{{ return({list(names)}) }}}}{{% endmacro %}}\n", encoding="utf-8"
    )


@pytest.mark.parametrize("days", [world.DAYS])
def test_each_of_the_last_days_of_real_commits_equals_a_fresh_build(tmp_path: Path, days: int) -> None:
    started = time.monotonic()
    inputs = commits()
    last = max(dt.datetime.fromisoformat(row["received_at"]).astimezone(dt.UTC).date() for row in inputs["events"])
    warehouse = Warehouse(tmp_path / "commits", dict(COMMIT_VARIABLES), copied=("models", "macros"), analysis=True)
    keep_segments(warehouse, COMMIT_SEGMENTS)
    for day in range(days + 1):
        arrival = last - dt.timedelta(days - day)
        warehouse.write_inputs(
            {
                name: [
                    row
                    for row in rows
                    if "signed_up_at" not in row
                    and "received_at" not in row
                    or dt.datetime.fromisoformat(row.get("received_at") or row["signed_up_at"]).astimezone(dt.UTC).date() <= arrival
                ]
                for name, rows in inputs.items()
            }
        )
        warehouse.build()
        world.progress(day, "built", started)
        if day:
            assert world.Fresh(warehouse).differences(warehouse) == [], f"day {day}, {arrival}"
            world.progress(day, "equal to a fresh build", started)
    assert warehouse.query("select data_through from activity.data_through") == [(last - dt.timedelta(1),)]
    assert warehouse.query("select count(*) from features.user_features where active_days_28d > 0")[0][0] > 200
