"""Two weeks, day by day: every day is published, reported and delivered, and is what a fresh build of that day would be."""

from __future__ import annotations

import csv
import datetime as dt
import gzip
import json
import time
from pathlib import Path

import pytest
import yaml

import fortnight_world as world
import forget_user
from run_tool import look_less_often
from warehouse import ROOT, Inputs, Warehouse

look_less_often()
COMMITS = ROOT / "tests/data/commits/commits.csv.gz"


def told(day: int, text: str, started: float) -> None:
    """A line of progress."""
    print(f"  day {day:2d}  {time.monotonic() - started:6.0f} s  {text}", flush=True)


def test_each_day_of_a_fortnight_is_published_and_equals_a_fresh_build(tmp_path: Path) -> None:
    started = time.monotonic()
    shipped = yaml.safe_load((ROOT / "dbt_project.yml").read_text(encoding="utf-8"))["vars"]
    warehouse = Warehouse(
        tmp_path / "project",
        {**world.SMALL, "clusters": {**shipped["clusters"], "refit_days": world.REFIT_DAYS}, "comparison_pairs": shipped["comparison_pairs"],
         "audiences": shipped["audiences"]},
        copied=("models", "macros"), analysis=True,
    )
    inputs = world.company()
    assert len({row["user_id"] for row in inputs["users"]}) >= 300
    first = world.LAST_ARRIVAL - dt.timedelta(world.DAYS)
    assert world.arrive_late(inputs, first + dt.timedelta(world.LATE)) >= 20
    person: forget_user.Person | None = None
    for day in range(world.DAYS + 1):
        arrival = first + dt.timedelta(day)
        known = world.known_by(inputs, arrival)
        warehouse.write_inputs(known)
        if day == world.FORGOTTEN:
            # Somebody who was there on the day before, and to whom something was delivered.
            user = warehouse.query("select min(user_id) from state.audience_deliveries where not is_pending")[0][0]
            person = forget_user.Person(user, tuple(forget_user.known_emails(warehouse.database, user)))
            assert warehouse.run("run-operation", "forget_user", "--args", json.dumps({"user_id": user}))
        if day == world.NEW_SEGMENT:
            world.add_segment(warehouse.folder)
        if day == world.NEW_METRIC:
            world.add_metric(warehouse.folder)
        warehouse.build(tests=True)
        told(day, "built", started)
        fresh = world.Fresh(warehouse) if day and (world.COMPARED == "all" or day in world.DUE) else None

        through = arrival - dt.timedelta(1)
        world.publish_all(warehouse)
        assert world.published_day(warehouse) == through
        assert f"data through {through.day} {through:%B %Y}" in world.write_report(warehouse)
        told(day, "published and reported", started)
        if fresh:
            assert fresh.differences(warehouse) == [], f"day {day}, {arrival}"
            told(day, "equal to a fresh build", started)

        world.deliver_audiences(warehouse)
        # The destinations hold the members, whatever happened before.
        assert warehouse.query(
            """
            select audience, count(*) from marts.audience_members where is_sent group by all
            except
            select audience, count(*) from state.audience_deliveries where not is_pending group by all
            """
        ) == []
        if person:
            assert forget_user.traces(warehouse.database, person)[0] == []
        fits = warehouse.query("select distinct as_of_date from state.cluster_centroids order by 1")
        assert fits == [(first + dt.timedelta(n - 1),) for n in range(0, day + 1, world.REFIT_DAYS)]

    # What was to happen did.
    assert warehouse.query("select count(*) from marts.segment_sizes where segment = 'made_on_the_way' and users > 0")[0][0] > 10
    assert warehouse.query("select count(*) from marts.segment_comparison where metric = 'current_streak_days'")[0][0] > 100
    assert warehouse.query("select count(*) from marts.source_changes") == [(0,)]


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
            {"event_id": row["commit_id"], "user_id": row["author_id"], "event_name": row["kind"], "occurred_at": row["authored_at"],
             "received_at": row["committed_at"], "channel": "merge" if row["is_merge"] == "true" else "",
             "properties": json.dumps({"areas": row["areas"], "files": int(row["files"] or 0)})}
            for row in rows
        ],
    }


KINDS = ("feature", "fix", "docs", "test", "change", "release", "merge")
COMMIT_VARIABLES = {
    "events": [{"name": kind, "is_feature": True, "category": kind} for kind in KINDS],
    "page_view_events": [], "login_events": [], "activation_events": ["feature"], "north_star": {"event": "feature", "days": 28},
    "experiment_conversion_events": ["release"], "campaign_conversion_events": ["release"],
    "funnels": [{"name": "shipping", "steps": ["feature", "test", "docs"]}],
    "clusters": {"count": 3, "iterations": 20, "refit_days": world.REFIT_DAYS}, "audiences": [],
    "segment_lint": "warn",
}


# Segments that ask for no event of the sample by name.
COMMIT_SEGMENTS = (
    "new_users", "inactive_users", "resurrected_users", "at_risk_users", "engaged_users", "power_users", "daily_users",
)


def keep_segments(warehouse: Warehouse, names: tuple[str, ...]) -> None:
    """A project with these of the shipped segments alone."""
    for path in (warehouse.folder / "models/segments").glob("*/*"):
        if path.stem not in names:
            path.unlink()
    path = warehouse.folder / "macros/segments/registered_segments.sql"
    head = path.read_text(encoding="utf-8").split("{% macro default__registered_segments() %}")[0]
    path.write_text(head + f"{{% macro default__registered_segments() %}}{{{{ return({list(names)}) }}}}{{% endmacro %}}\n", encoding="utf-8")


@pytest.mark.parametrize("days", [world.DAYS])
def test_each_of_the_last_days_of_real_commits_equals_a_fresh_build(tmp_path: Path, days: int) -> None:
    started = time.monotonic()
    inputs = commits()
    last = max(dt.datetime.fromisoformat(row["received_at"]).astimezone(dt.timezone.utc).date() for row in inputs["events"])
    warehouse = Warehouse(tmp_path / "commits", dict(COMMIT_VARIABLES), copied=("models", "macros"), analysis=True)
    keep_segments(warehouse, COMMIT_SEGMENTS)
    for day in range(days + 1):
        arrival = last - dt.timedelta(days - day)
        warehouse.write_inputs({
            name: [
                row for row in rows if "signed_up_at" not in row and "received_at" not in row
                or dt.datetime.fromisoformat(row.get("received_at") or row["signed_up_at"]).astimezone(dt.timezone.utc).date() <= arrival
            ]
            for name, rows in inputs.items()
        })
        warehouse.build()
        told(day, "built", started)
        if day:
            assert world.Fresh(warehouse).differences(warehouse) == [], f"day {day}, {arrival}"
            told(day, "equal to a fresh build", started)
    assert warehouse.query("select data_through from activity.data_through") == [(last - dt.timedelta(1),)]
    assert warehouse.query("select count(*) from features.user_features where active_days_28d > 0")[0][0] > 200
