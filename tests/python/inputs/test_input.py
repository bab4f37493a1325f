"""Input as it comes: each kind of dirt ends in a clear message or in a row of rejected_rows, and nothing is lost."""

from __future__ import annotations

import copy
import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from build import empty_seeds
from registries import texts_of
from render_macros import loaded_macros, macro_texts
from warehouse import COLUMNS, ROOT, SAMPLE, Inputs, Warehouse, csv_text, differences, small_company

# Up to the features: what the bad input must not reach.
SELECTED = ("--select", "+user_features", "+rejected_rows", "+unreadable_values", "+input_summary", "+unlisted_events")


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Warehouse:
    """The small company, built up to the features. Tests work on copies of it."""
    warehouse = Warehouse(tmp_path_factory.mktemp("built") / "project")
    warehouse.write_inputs(small_company())
    warehouse.build(*SELECTED)
    return warehouse


def copy_of(built: Warehouse, folder: Path) -> Warehouse:
    """A built project in another folder, to go on with."""
    warehouse = copy.copy(built)
    warehouse.folder = folder / "project"
    warehouse.database = warehouse.folder / "warehouse.duckdb"
    shutil.copytree(built.folder, warehouse.folder, symlinks=True)
    return warehouse


def build_with_tests(warehouse: Warehouse):
    """dbt build of everything up to the features, with the tests that guard the way."""
    return warehouse.run("build", *SELECTED, "--exclude-resource-type", "unit_test")


def rejected(warehouse: Warehouse) -> list[tuple[str, str, str]]:
    return warehouse.query("select input, row_key, reject_reason from marts.rejected_rows order by all")


def accounted_for(warehouse: Warehouse, inputs: Inputs) -> None:
    """Every row of every file is used, a duplicate, or rejected."""
    for name, read, used, duplicate, rejected_count in warehouse.query(
        "select input, rows_read, rows_used, rows_duplicate, rows_rejected from marts.input_summary where input != 'personas'"
    ):
        assert read == len(inputs.get(name, [])) == used + duplicate + rejected_count, name


def test_rejections_of_the_sample_are_those_that_were_planted(sample_warehouse: Warehouse, sample: Inputs) -> None:
    truths = json.loads((SAMPLE / "truths.json").read_text(encoding="utf-8"))
    expected = {(name, reason): count for name, reasons in truths["expected_rejections"].items() for reason, count in reasons.items()}
    # A number that cannot be read in an optional column leaves the row in use: it is listed, not rejected.
    kept = {
        (name, "unreadable_value"): count
        for name, count in sample_warehouse.query("select input, count(*) from marts.unreadable_values group by input")
    }
    built = {
        (name, reason): count
        for name, reason, count in sample_warehouse.query("select input, reject_reason, count(*) from marts.rejected_rows group by all")
    }
    assert built | kept == expected
    assert not set(built) & set(kept)
    accounted_for(sample_warehouse, sample)
    duplicates = dict(sample_warehouse.query("select input, rows_duplicate from marts.input_summary"))
    planted = truths["dirt"]
    assert duplicates["events"] == planted["events"]["exact_duplicate"]["rows"] + planted["events"]["redelivered"]["rows"]
    assert duplicates["users"] == planted["users"]["exact_duplicate"]["rows"] + planted["users"]["older_version"]["rows"]
    unlisted = sample_warehouse.query("select event_name from marts.unlisted_events")
    assert unlisted == [("beta_canvas_opened",)]


def test_too_many_unreadable_rows_stop_everything_below(built: Warehouse, tmp_path: Path, company: Inputs) -> None:
    warehouse = copy_of(built, tmp_path)
    untouched = copy.copy(warehouse)
    untouched.database = warehouse.folder / "untouched.duckdb"
    untouched.database.write_bytes(warehouse.database.read_bytes())
    for number, row in enumerate(company["events"]):
        if number % 3 == 0:
            row["occurred_at"] = "not a time"
    company["users"][0]["country"] = "NZ"
    warehouse.write_inputs(company)
    result = warehouse.run("build", "--exclude-resource-type", "unit_test")
    assert not result
    share = sum(row["occurred_at"] == "not a time" for row in company["events"]) / len(company["events"])
    assert f"Stopped: events: {share:.1%}".replace("%", " %") in result.output
    assert "unreadable_time" in result.output and "A time is read as 2026-03-05 or 2026-03-05 10:00:00+02:00" in result.output
    assert result.statuses["user_features"] == result.statuses["segment_comparison"] == "skipped"
    assert differences(warehouse, untouched, untouched.tables("activity", "features", "marts")) == []


@pytest.mark.parametrize("name", [pytest.param("users", marks=pytest.mark.long), "events"])
def test_a_file_without_rows(new_warehouse: Callable[..., Warehouse], company: Inputs, name: str) -> None:
    warehouse = new_warehouse()
    company[name] = []
    warehouse.write_inputs(company)
    result = build_with_tests(warehouse)
    assert not result
    assert f"Stopped: {name}: the input is empty." in result.output
    assert result.statuses["user_features"] == "skipped"


@pytest.mark.long
def test_an_empty_file(new_warehouse: Callable[..., Warehouse], company: Inputs) -> None:
    """Not even a header. dbt names the seed, `make build` says what to do; nothing below is built."""
    warehouse = new_warehouse()
    warehouse.write_inputs(company)
    warehouse.write_text("events", "")
    result = build_with_tests(warehouse)
    assert not result
    assert "sample_events" in result.output
    assert result.statuses["user_features"] == "skipped"
    problems = empty_seeds(warehouse.folder)
    assert len(problems) == 1 and problems[0].startswith("seeds/sample/sample_events.csv is empty.")


@pytest.mark.parametrize(
    ("header", "told"),
    [
        (lambda columns: [column for column in columns if column != "occurred_at"], "column `occurred_at` is missing"),
        (
            lambda columns: ["ocurred_at" if column == "occurred_at" else column for column in columns],
            "column `occurred_at` is missing; did you mean `ocurred_at`?",
        ),
    ],
    ids=["missing", "renamed"],
)
def test_a_missing_or_renamed_column(built: Warehouse, tmp_path: Path, company: Inputs, header: Callable, told: str) -> None:
    warehouse = copy_of(built, tmp_path)
    before = warehouse.query("select * from features.user_features order by all")
    columns = header(COLUMNS["events"])
    lines = [",".join(columns)] + [
        ",".join(row.get(column, row.get("occurred_at", "") if column == "ocurred_at" else "") for column in columns)
        for row in company["events"]
    ]
    warehouse.write_text("events", "\n".join(lines) + "\n")
    result = build_with_tests(warehouse)
    assert not result
    assert "Input `events`" in result.output and told in result.output
    assert result.statuses["user_features"] == "skipped"
    assert warehouse.query("select * from features.user_features order by all") == before


@pytest.mark.long
def test_columns_that_are_not_those_of_the_last_build(built: Warehouse, tmp_path: Path, company: Inputs) -> None:
    """New and gone are reported once; a gone one is NULL where the variable says so."""
    warehouse = copy_of(built, tmp_path)
    selected = ("--select", "sample_users", "stg_users__checked")

    def build_without(*gone: str, **variables: str) -> Any:
        columns = [column for column in COLUMNS["users"] if column not in gone] + ["shoe_size"]
        lines = [",".join(columns), *(",".join(row.get(column, "") for column in columns) for row in company["users"])]
        warehouse.write_text("users", "\n".join(lines) + "\n")
        warehouse.configure(**variables)
        return warehouse.run("build", *selected)

    result = build_without("country", changed_columns="null")
    assert result and "column `shoe_size` is new. Nothing reads it" in result.output
    assert "column `country` is gone. It counts as NULL." in result.output
    assert warehouse.query("select count(*), count(country) from staging.stg_users__checked") == [(4, 0)]
    assert "column `" not in build_without("country").output


def test_another_type_of_a_column_is_told_and_stops_where_it_is_asked_to() -> None:
    before, now = {"user_id": "BIGINT", "country": "VARCHAR", "x": "DATE"}, {"user_id": "VARCHAR", "country": "VARCHAR", "x": "VARCHAR"}
    texts = texts_of(ROOT) | macro_texts(ROOT, "macros/inputs")
    for value, stops in [("report", 0), ("null", 0), ("stop", 1)]:
        told = loaded_macros(texts, {"changed_columns": value})["_column_changes"]("users", before, now, "raw.users")
        assert [text.split(": ", 1)[1] for text in told["texts"]] == [
            "column `user_id` is of type VARCHAR; it was BIGINT.",
            "column `x` is of type VARCHAR; it was DATE.",
        ]
        assert len(told["stops"]) == stops and all("changed_columns: report" in text for text in told["stops"])
    may = {value: loaded_macros(texts, {"changed_columns": value})["missing_columns"]("users") for value in ("report", "null")}
    assert set(may["report"]) == {"merged_into", "merged_at", "updated_at"}
    # The key and what is required still stop the build.
    assert set(COLUMNS["users"]) - set(may["null"]) == {"user_id", "signed_up_at"}
    # Without a build before there is nothing to compare with.
    assert told["texts"] and loaded_macros(texts, {})["_column_changes"]("users", {}, now, "raw.users") == {"texts": [], "stops": []}


@pytest.mark.long
def test_columns_in_another_order_on_a_used_database(built: Warehouse, tmp_path: Path, company: Inputs) -> None:
    """A seed is copied by position: a file whose columns changed places must not be read into the old ones."""
    warehouse = copy_of(built, tmp_path)
    before = warehouse.query("select * from features.user_features order by all")
    lines = csv_text("accounts", company["accounts"]).splitlines()
    turned = [",".join(reversed(line.split(","))) for line in lines]
    warehouse.write_text("accounts", "\n".join(turned) + "\n")
    warehouse.build(*SELECTED)
    assert warehouse.query("select * from features.user_features order by all") == before


def test_dirty_rows_one_by_one(new_warehouse: Callable[..., Warehouse], company: Inputs) -> None:
    """Text in a number, two users with one id, local time, an unknown user, names that break quoting: all in one build."""
    company["accounts"][0].update(employee_count="about 50", account_name='O\'Brien & "Sons", Ltd.')
    company["accounts"][1]["account_name"] = "東京 Zürich São Paulo"
    company["users"].append({**company["users"][0], "country": "AT", "updated_at": "2026-02-01T00:00:00Z"})
    company["users"].append(dict(company["users"][1]))
    company["users"].append({"user_id": "", "signed_up_at": "2026-01-01T00:00:00Z"})
    company["users"].append({"user_id": "nobody", "signed_up_at": ""})
    company["events"] += [
        {
            "event_id": "local",
            "user_id": "u2",
            "event_name": "report_created",
            "occurred_at": "2026-03-16 00:30:00",
            "received_at": "2026-03-16T09:00:00Z",
        },
        {
            "event_id": "of-a-stranger",
            "user_id": "stranger",
            "event_name": "logged_in",
            "occurred_at": "2026-03-10T10:00:00Z",
            "received_at": "2026-03-10T10:00:00Z",
        },
        {
            "event_id": "future",
            "user_id": "u2",
            "event_name": "logged_in",
            "occurred_at": "2028-03-10T10:00:00Z",
            "received_at": "2026-03-10T10:00:00Z",
        },
        {"event_id": "nobody", "event_name": "logged_in", "occurred_at": "2026-03-10T10:00:00Z"},
        # Exactly the tolerated hour ahead of its arrival, and a second more.
        {
            "event_id": "hour",
            "user_id": "u2",
            "event_name": "logged_in",
            "occurred_at": "2026-03-10T11:00:00Z",
            "received_at": "2026-03-10T10:00:00Z",
        },
        {
            "event_id": "hour-and-a-second",
            "user_id": "u2",
            "event_name": "logged_in",
            "occurred_at": "2026-03-10T11:00:01Z",
            "received_at": "2026-03-10T10:00:00Z",
        },
        # A name from outside that would end an SQL literal.
        {
            "event_id": "quote",
            "user_id": "u2",
            "event_name": "it's; drop table users",
            "occurred_at": "2026-03-10T10:00:00Z",
            "received_at": "2026-03-10T10:00:00Z",
        },
    ]
    company["invoices"] += [
        {"invoice_id": "i2", "account_id": "a1", "amount": "a lot", "currency": "USD", "paid_at": "2026-02-06T00:00:00Z"},
        {"invoice_id": "i3", "account_id": "a1", "amount": "5", "currency": "XXX", "paid_at": "2026-02-06T00:00:00Z"},
    ]
    warehouse = new_warehouse(source_timezones={"events": "Europe/Berlin"})
    warehouse.write_inputs(company)
    warehouse.build(*SELECTED)

    accounted_for(warehouse, company)
    assert rejected(warehouse) == [
        ("events", "future", "from_future"),
        ("events", "hour-and-a-second", "from_future"),
        ("events", "nobody", "no_subject"),
        ("invoices", "i2", "unreadable_value"),
        ("invoices", "i3", "unknown_currency"),
        ("users", "", "missing_key"),
        ("users", "nobody", "missing_value"),
    ]
    assert warehouse.query("select rows_of_unknown_users, rows_of_anonymous_visitors from marts.input_summary where input = 'events'") == [
        (1, 0)
    ]
    older = warehouse.query("select raw_row from staging.stg_users__checked where user_id = 'u1' and is_duplicate")
    assert [json.loads(row)["country"] for (row,) in older] == ["DE"], (
        "the older of the two versions is no conflict, and it is kept as it came"
    )
    assert warehouse.query("select input, row_key, unreadable_columns, unreadable_reasons from marts.unreadable_values") == [
        ("accounts", "a1", "employee_count", "unreadable")
    ]
    assert warehouse.query("select account_name from staging.stg_accounts order by account_id") == [
        ('O\'Brien & "Sons", Ltd.',),
        ("東京 Zürich São Paulo",),
    ]
    assert warehouse.query("select rows_with_local_time from marts.input_summary where input = 'events'") == [(1,)]
    assert warehouse.query("select occurred_at::text from staging.stg_events where event_id = 'local'") == [("2026-03-15 23:30:00",)], (
        "half past midnight in Berlin is the day before in UTC"
    )
    users = warehouse.query("select distinct user_id from features.user_features order by 1")
    assert users == [("u1",), ("u2",), ("u3",), ("u4",)], "an event does not make a user"
    assert warehouse.query("select distinct country from features.user_features where user_id = 'u1'") == [("AT",)]
    assert warehouse.query("select event_name, events from marts.unlisted_events") == [("it's; drop table users", 1)]


@pytest.mark.long
def test_byte_order_mark_and_windows_line_ends(built: Warehouse, new_warehouse: Callable[..., Warehouse], company: Inputs) -> None:
    windows = new_warehouse("windows")
    for name in COLUMNS:
        text = csv_text(name, company.get(name, [])).replace("\n", "\r\n")
        windows.write_text(name, b"\xef\xbb\xbf" + text.encode("utf-8"))
    windows.build(*SELECTED)
    assert differences(built, windows, built.tables("activity", "features")) == []


@pytest.mark.long
def test_all_events_on_one_day(new_warehouse: Callable[..., Warehouse], company: Inputs) -> None:
    for row in company["events"]:
        row["occurred_at"] = f"2026-03-05T{row['event_id'][1:3]}:00:00Z"
        row["received_at"] = "2026-03-06T01:00:00Z"
    warehouse = new_warehouse()
    warehouse.write_inputs(company)
    warehouse.build(comparison=True)
    newest = warehouse.query(
        "select user_id, active_days_91d, cast(as_of_date as text) from marts.users where active_days_91d > 0 order by 1"
    )
    assert newest == [("u1", 1, "2026-03-05"), ("u2", 1, "2026-03-05"), ("u3", 1, "2026-03-05")]
    assert warehouse.query("select count(*) from marts.segment_comparison")[0][0] > 0


@pytest.mark.long
def test_only_users_and_events(new_warehouse: Callable[..., Warehouse], company: Inputs) -> None:
    """No surveys, no accounts, nothing optional: switched off in the variables, and as files without rows."""
    few = {name: company[name] for name in ("users", "events")}
    # Points of a health score that nothing is known for go to the other parts; an input that is there and empty is known.
    weights = {"usage": 60, "breadth": 20, "trend": 20, "sentiment": 0, "support": 0}
    empty = new_warehouse("empty", health_weights=weights)
    empty.write_inputs(few)
    selected = (*SELECTED, "+users", "+segment_sizes")
    empty.build(*selected)
    off = new_warehouse("off", health_weights=weights, inputs={"users": "sample_users", "events": "sample_events"})
    off.write_inputs(few)
    off.build(*selected)
    tables = [table for table in off.tables("features", "marts") if table != "marts.input_summary"]
    assert differences(empty, off, tables) == []
    (counted,) = off.query(
        "select count(rows_of_unknown_accounts), count(unknown_account_share), sum(rows_of_unknown_users) from marts.input_summary"
    )
    assert counted == (0, 0, 0), "without the input accounts no account is unknown"
    assert off.query("select distinct nps_score, plan, mrr, active_days_28d > 0 from marts.users where user_id = 'u1'") == [
        (None, None, 0.0, True)
    ]
    assert off.query("select count(*) from marts.segment_sizes where segment = 'promoters' and users = 0")[0][0] > 0, (
        "a segment that nobody is in keeps its rows"
    )


@pytest.mark.long
def test_wrong_clock_without_arrival_times(new_warehouse: Callable[..., Warehouse], company: Inputs) -> None:
    """Where a source has no received_at, a date far behind all others that next to nothing follows is from the future."""
    many = [
        {"event_id": f"x{number}", "user_id": "u1", "event_name": "logged_in", "occurred_at": f"2026-03-{number % 28 + 1:02d}T10:00:00Z"}
        for number in range(1500)
    ]
    late = {"event_id": "clock", "user_id": "u1", "event_name": "logged_in", "occurred_at": "2031-01-01T00:00:00Z"}
    company["events"] = [*many, late]
    warehouse = new_warehouse()
    warehouse.write_inputs(company)
    warehouse.build(*SELECTED)
    assert rejected(warehouse) == [("events", "clock", "from_future")]
    assert warehouse.query("select cast(data_through as text) from activity.data_through") == [("2026-03-27",)]


@pytest.mark.parametrize(
    ("inputs", "told"),
    [
        pytest.param({"users": "sample_users"}, "`events` is required", marks=pytest.mark.long),
        (
            {"users": "sample_users", "events": "sample_events", "evnets": "x"},
            "each key must be an input of the contract (docs/your-data.md), got \"evnets\"; did you mean 'events'?",
        ),
        (
            {"users": "sample_users", "events": {"table": "x"}},
            "`events` must be the name of a seed or model or {source: …, table: …} or null or false",
        ),
    ],
)
def test_a_wrong_entry_in_the_variable_inputs(new_warehouse: Callable[..., Warehouse], company: Inputs, inputs: dict, told: str) -> None:
    warehouse = new_warehouse(inputs=inputs)
    warehouse.write_inputs(company)
    result = warehouse.run("parse")
    assert not result
    assert told in result.output
