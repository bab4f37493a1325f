"""Two weeks, day by day: every day is published, reported and delivered, and is what a fresh build of that day would be."""

from __future__ import annotations

import datetime as dt
import json
import time
from pathlib import Path

import fortnight_world as world

import forget_user
from registries import project_variables
from run_tool import relax_garbage_collection
from warehouse import ROOT, Warehouse

relax_garbage_collection()


def test_each_day_of_a_fortnight_is_published_and_equals_a_fresh_build(tmp_path: Path) -> None:
    started = time.monotonic()
    shipped = project_variables(ROOT)
    warehouse = Warehouse(
        tmp_path / "project",
        {
            **world.SMALL,
            "clusters": {**shipped["clusters"], "refit_days": world.REFIT_DAYS},
            "comparison_pairs": shipped["comparison_pairs"],
            "audiences": shipped["audiences"],
        },
        copied=("models", "macros"),
        analysis=True,
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
        world.progress(day, "built", started)
        fresh = world.Fresh(warehouse) if day and (world.COMPARED == "all" or day in world.DUE) else None

        through = arrival - dt.timedelta(1)
        world.publish_all(warehouse)
        assert world.published_day(warehouse) == through
        assert f"data through {through.day} {through:%B %Y}" in world.write_report(warehouse)
        world.progress(day, "published and reported", started)
        if fresh:
            assert fresh.differences(warehouse) == [], f"day {day}, {arrival}"
            world.progress(day, "equal to a fresh build", started)

        world.deliver_audiences(warehouse)
        # The destinations hold the members, whatever happened before.
        assert (
            warehouse.query(
                """
            select audience, count(*) from marts.audience_members where is_sent group by all
            except
            select audience, count(*) from state.audience_deliveries where not is_pending group by all
            """
            )
            == []
        )
        if person:
            assert forget_user.traces(warehouse.database, person)[0] == []
        fits = warehouse.query("select distinct as_of_date from state.cluster_centroids order by 1")
        assert fits == [(first + dt.timedelta(n - 1),) for n in range(0, day + 1, world.REFIT_DAYS)]

    # What was to happen did.
    assert warehouse.query("select count(*) from marts.segment_sizes where segment = 'made_on_the_way' and users > 0")[0][0] > 10
    assert warehouse.query("select count(*) from marts.segment_comparison where metric = 'current_streak_days'")[0][0] > 100
    assert warehouse.query("select count(*) from marts.source_changes") == [(0,)]
