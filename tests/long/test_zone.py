"""Companies in other zones than UTC: their days are those of a clock there, through changes of the clocks, and weeks begin on Sunday.

What tests/python/time says of days in UTC is said of these here: each feature is recomputed from the texts by a clock of the zone, an
increment equals a full refresh, and a company whose texts are all moved by the zone's offset is the same company."""

from __future__ import annotations

import datetime as dt
import math
import random
import re
from pathlib import Path
from typing import Any

import pytest

from oracle.features_oracle import as_of_dates, compute_features
from registries import project_variables
from warehouse import OWN_EVENTS, ROOT, Inputs, Warehouse, differences, small_company

FEATURES = ("--select", "+user_features", "+user_segments")
# Both change their clocks in March or April, within the days of the company.
ZONES = ("Australia/Sydney", "America/New_York")
MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ")


def company(seed: int = 3) -> Inputs:
    """The small company at all hours of the day and night, over three months."""
    chance = random.Random(seed)
    inputs = small_company()
    start = dt.datetime(2026, 1, 20)

    def at(first: int = 0, last: int = 80) -> str:
        moment = start + dt.timedelta(days=chance.randrange(first, last), seconds=chance.randrange(86_400))
        return f"{moment:%Y-%m-%dT%H:%M:%SZ}"

    users = [f"z{number}" for number in range(25)]
    inputs["users"] = [
        {
            "user_id": user,
            "account_id": chance.choice(["a1", "a2", ""]),
            "signed_up_at": at(0, 60),
            "deleted_at": at(70, 80) if number % 8 == 7 else "",
            "updated_at": at(),
        }
        for number, user in enumerate(users)
    ]
    inputs["events"] = [
        {
            "event_id": f"e{number}",
            "user_id": chance.choice(users),
            "event_name": chance.choice(["task_completed", "logged_in", "page_viewed", "report_created"]),
            "occurred_at": moment,
            "received_at": moment,
            "device_type": "desktop",
        }
        for number, moment in enumerate(sorted(at() for _ in range(900)))
    ]
    inputs["support_tickets"] = [
        {"ticket_id": f"t{number}", "user_id": chance.choice(users), "created_at": at(0, 40), "solved_at": chance.choice(["", at(40, 80)])}
        for number in range(40)
    ]
    inputs["invoices"] = [
        {"invoice_id": f"i{number}", "amount": str(number), "currency": "USD", "paid_at": at()}
        | chance.choice([{"account_id": "a1"}, {"account_id": "a2"}, {"user_id": chance.choice(users)}])
        for number in range(60)
    ]
    inputs["subscriptions"] = [
        {
            "subscription_id": f"s{number}",
            "account_id": f"a{number % 2 + 1}",
            "plan": f"plan_{number}",
            "mrr": str(10 * number),
            "valid_from": since,
            "started_at": since,
            # A day, and not an instant.
            "renewal_date": at(60, 80)[:10],
        }
        for number, since in enumerate(at(0, 30) for _ in range(6))
    ]
    inputs["survey_responses"] = [
        {"response_id": f"r{number}", "user_id": chance.choice(users), "instrument": "nps", "score": str(number % 11), "responded_at": at()}
        for number in range(40)
    ]
    inputs["attribute_history"] = [
        {
            "entity": "user",
            "entity_id": chance.choice(users),
            "attribute": "account_id",
            "value": chance.choice(["a1", "a2", ""]),
            "valid_from": at(),
        }
        for _ in range(25)
    ]
    return inputs


def settings_of(zone: str, **more: Any) -> dict[str, Any]:
    # No event is a feature, so breadth has no points that others could get.
    weights = {"usage": 60, "breadth": 0, "trend": 20, "sentiment": 10, "support": 10}
    # The goals of the sample's segments are in metrics that are off without its events.
    clock = {"reporting_timezone": zone, "week_starts_on": "sunday", "segment_lint": "warn"}
    return {**OWN_EVENTS, "events": [], "login_events": ["logged_in"], "health_weights": weights, **clock, **more}


def built(folder: Path, inputs: Inputs, **variables: Any) -> Warehouse:
    warehouse = Warehouse(folder, variables)
    warehouse.write_inputs(inputs)
    warehouse.build(*FEATURES)
    return warehouse


@pytest.mark.parametrize("zone", ZONES)
def test_every_feature_is_that_of_a_clock_there(tmp_path: Path, zone: str) -> None:
    inputs = company()
    variables = settings_of(zone)
    warehouse = built(tmp_path / "project", inputs, **variables)
    settings = project_variables(ROOT) | variables
    dates = as_of_dates(inputs, settings)
    assert [day for (day,) in warehouse.query("select as_of_date from activity.as_of_dates order by 1")] == dates
    assert {day.isoweekday() for day in dates[:-1]} == {6}, "weeks end on Saturday"
    expected = compute_features(inputs, dates, settings, ROOT / "seeds/reference")
    rows = {(row["user_id"], row["as_of_date"]): row for row in warehouse.records("select * from features.user_features")}
    assert set(rows) == set(expected) and len(rows) > 100
    wrong = [
        (*key, column, rows[key][column], value)
        for key, features in expected.items()
        for column, value in features.items()
        if not (
            math.isclose(rows[key][column], value, rel_tol=1e-9, abs_tol=1e-9)
            if isinstance(value, float) and isinstance(rows[key][column], (int, float))
            else rows[key][column] == value
        )
    ]
    assert wrong == []
    in_utc = compute_features(inputs, dates, settings | {"reporting_timezone": "UTC"}, ROOT / "seeds/reference")
    assert sum(expected[key] != in_utc.get(key) for key in expected) > len(expected) / 2


def test_a_company_that_is_moved_by_the_offset_is_the_same_company(tmp_path: Path) -> None:
    """Brisbane is ten hours before UTC all year: what happens there at midnight happens ten hours earlier in UTC."""
    inputs = company(5)
    moved = {
        name: [
            {
                column: f"{dt.datetime.fromisoformat(text.removesuffix('Z')) - dt.timedelta(hours=10):%Y-%m-%dT%H:%M:%SZ}"
                if MOMENT.fullmatch(text)
                else text
                for column, text in row.items()
            }
            for row in rows
        ]
        for name, rows in inputs.items()
    }
    here = built(tmp_path / "utc", inputs, **settings_of("UTC"))
    there = built(tmp_path / "brisbane", moved, **settings_of("Australia/Brisbane"))
    for name in ("features.user_features", "marts.user_segments", "activity.as_of_dates", "activity.user_days", "activity.user_event_days"):
        columns = [
            column
            for (column,) in here.query(
                f"select column_name from (describe {name}) where column_type not like 'TIMESTAMP%' and column_name not like '%hash%'"
                " and column_name not like '%built%'"
            )
        ]
        query = f"select {', '.join(columns)} from {name} order by all"
        assert here.query(query) == there.query(query) and here.query(f"select count(*) > 5 from {name}") == [(True,)], name


def test_an_increment_equals_a_full_refresh_there(tmp_path: Path) -> None:
    inputs = company(7)
    variables = settings_of("Australia/Sydney")
    early = {**inputs, "events": [row for row in inputs["events"] if row["received_at"] < "2026-03-25T13:30:00Z"]}
    grown = built(tmp_path / "grown", early, **variables)
    grown.write_inputs(inputs)
    grown.build(*FEATURES)
    whole = built(tmp_path / "whole", inputs, **variables)
    tables = [table for table in whole.tables("features", "activity", "marts") if not table.startswith("marts.source_changes")]
    assert differences(grown, whole, tables) == []
