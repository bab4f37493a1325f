"""The running day: one provisional date more, by the same models; what needs a whole day waits, and the next build leaves no trace of it."""

from __future__ import annotations

import copy
import datetime as dt
from dataclasses import dataclass
from pathlib import Path

import pytest

from warehouse import Inputs, Warehouse, differences, small_company

# The unit tests of as_of_dates and the hand-made refresh of test_publish.py stand for it in every commit.
pytestmark = pytest.mark.long

# A Sunday, on which a week would end if it were over.
TODAY, YESTERDAY = dt.date(2026, 3, 15), dt.date(2026, 3, 14)
# Marts by date, marts of the newest date, and those with something that must be over: windows, cells, outcomes.
BY_DATE = ("marts.user_segments", "marts.segment_sizes", "features.user_features", "features.user_key_events")
WAITING = ("experiment_users", "campaign_users", "segment_retention", "segment_funnels", "health_score_quality")
SELECTED = ("--select", "+users", "+user_segments", "+segment_sizes", "+cluster_centroids", *(f"+{name}" for name in WAITING))


def until(day: dt.date) -> Inputs:
    """The small company with what had arrived on a day, and whose windows of 28 and 14 days end on TODAY."""
    company = small_company()
    company["events"] += [
        {
            "event_id": "next",
            "user_id": "u3",
            "event_name": "report_created",
            "occurred_at": "2026-03-16T08:00:00Z",
            "received_at": "2026-03-16T08:00:05Z",
        },
        # In the evening of TODAY, and known on the day after.
        {
            "event_id": "evening",
            "user_id": "u2",
            "event_name": "report_created",
            "occurred_at": "2026-03-15T23:30:00Z",
            "received_at": "2026-03-16T08:00:05Z",
        },
    ]
    company["events"] = [row for row in company["events"] if row["received_at"][:10] <= str(day)]
    company["experiment_assignments"] = [
        {"experiment": "e", "variant": variant, "user_id": user, "assigned_at": "2026-02-15T10:00:00Z"}
        for user, variant in (("u1", "control"), ("u2", "treatment"))
    ]
    company["campaign_messages"] = [
        {"message_id": f"m{user}", "campaign": "spring", "user_id": user, "is_holdout": holdout, "assigned_at": "2026-03-01T10:00:00Z"}
        for user, holdout in (("u1", "false"), ("u2", "true"))
    ]
    return company


@dataclass
class Days:
    """The same files: with the last complete day, with the running one beside it, and with that day as if it were over."""

    closed: Warehouse
    running: Warehouse
    given: Warehouse


@pytest.fixture(scope="module")
def days(tmp_path_factory: pytest.TempPathFactory) -> Days:
    folder = tmp_path_factory.mktemp("today")
    built = []
    for name, variables in (("closed", {}), ("running", {"include_today": True}), ("given", {"as_of_date": str(TODAY)})):
        warehouse = Warehouse(folder / name, variables, analysis=True)
        warehouse.write_inputs(until(TODAY))
        warehouse.build(*SELECTED)
        built.append(warehouse)
    return Days(*built)


def test_the_running_day_is_one_date_more_and_no_end_of_a_period(days: Days) -> None:
    dates = "select as_of_date, previous_as_of_date, is_period_end, is_newest from activity.as_of_dates order by 1"
    *before, yesterday = days.closed.query(dates)
    assert yesterday == (YESTERDAY, dt.date(2026, 3, 8), False, True) and len(before) > 5
    assert days.running.query(dates) == [*before, (YESTERDAY, dt.date(2026, 3, 8), False, False), (TODAY, dt.date(2026, 3, 8), False, True)]
    through = "select data_through, is_provisional from activity.data_through"
    assert days.running.query(through) == [(TODAY, True)] and days.given.query(through) == [(TODAY, False)]
    sizes = "select distinct is_provisional from marts.segment_sizes where as_of_date = data_through"
    assert days.running.query(sizes) == [(True,)] and days.given.query(sizes) == [(False,)]


def test_what_is_over_is_as_without_it_and_today_is_as_if_it_were_over(days: Days) -> None:
    tables = list(BY_DATE)
    assert differences(days.closed, days.running, tables, ("data_through",), f"as_of_date <= date '{YESTERDAY}'") == []
    ignored = ("is_period_end", "is_provisional")
    assert differences(days.given, days.running, tables, ignored, f"as_of_date = date '{TODAY}'") == []
    assert differences(days.given, days.running, ["marts.users"]) == []
    # It could only fail if something happened today.
    assert differences(days.closed, days.running, ["marts.users"], ("as_of_date", "data_through")) != []


def test_what_needs_a_whole_day_waits_for_its_end(days: Days) -> None:
    known = {
        "experiment_users": "select count(*) from marts.experiment_users where is_observed and active_days is not null",
        "campaign_users": "select count(*) from marts.campaign_users where is_observed",
        "segment_retention": "select count(*) from marts.segment_retention where is_mature",
        "segment_funnels": "select count(*) from marts.segment_funnels where is_mature",
        "health_score_quality": "select count(distinct as_of_date) from marts.health_score_quality",
    }
    assert known.keys() == set(WAITING)
    for name, sql in known.items():
        ((closed,),), ((running,),), ((given,),) = days.closed.query(sql), days.running.query(sql), days.given.query(sql)
        assert running == closed < given, name
    # A fit is kept for good: none is made of half a day.
    fits = "select count(*) from state.cluster_centroids"
    assert days.running.query(fits) == [(0,)] and days.closed.query(fits) != [(0,)]


def test_builds_after_it_leave_no_trace_of_it(days: Days, tmp_path: Path) -> None:
    """The same files without the running day; the day after, when it is over and one event more of it has come; and that day running."""
    going = days.running.twin(tmp_path / "going")
    for number, (day, variables) in enumerate(
        [
            (TODAY, {"include_today": False}),
            (dt.date(2026, 3, 16), {"include_today": False}),
            (dt.date(2026, 3, 16), {"include_today": True}),
        ]
    ):
        fresh = Warehouse(tmp_path / f"fresh{number}", copy.deepcopy(variables), analysis=True)
        going.configure(**variables)
        for warehouse in (fresh, going):
            warehouse.write_inputs(until(day))
            warehouse.build(*SELECTED)
        tables = [table for table in fresh.tables("activity", "features", "marts") if table not in ("marts.source_changes",)]
        assert set(BY_DATE) <= set(tables)
        assert differences(fresh, going, tables, ("built_by",)) == [], (day, variables)
