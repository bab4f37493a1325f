"""Incremental equals full refresh, row for row; and a build that is killed or repeated ends in the same rows."""

from __future__ import annotations

import copy
import re
import signal
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

import duckdb
import pytest

from warehouse import COMPARISON_MODELS, Inputs, Warehouse, differences

LAYERS = ("activity", "features", "marts")
FEATURES = ("--select", "+user_features")


def subset(sample: Inputs, accounts: int) -> Inputs:
    """The sample's first accounts with everything that belongs to them, and a few users without an account."""
    kept_accounts = {row["account_id"].strip() for row in sample["accounts"][:accounts]}
    alone = [row["user_id"] for row in sample["users"] if not row["account_id"].strip()][:5]
    users = {row["user_id"] for row in sample["users"] if row["account_id"].strip() in kept_accounts} | set(alone)
    anonymous = {row["anonymous_id"] for row in sample["identities"] if row["user_id"] in users}
    small = {}
    for name, rows in sample.items():
        small[name] = [
            dict(row)
            for row in rows
            if (row.get("user_id", "").strip() in users)
            or (not row.get("user_id") and row.get("anonymous_id") in anonymous)
            or ("user_id" not in row and row.get("account_id") in kept_accounts)
            or row.get("entity_id") in users | kept_accounts
        ]
    small["marketing_spend"] = [dict(row) for row in sample["marketing_spend"][:50]]
    return small


def a_week_before_the_end(sample: Inputs) -> Inputs:
    """What the warehouse knew of the first accounts of the sample then."""
    inputs = subset(sample, 12)
    inputs["events"] = [row for row in inputs["events"] if row["received_at"][:10] <= "2026-10-13"]
    inputs["identities"] = [row for row in inputs["identities"] if row["linked_at"][:10] <= "2026-10-13"]
    return inputs


@pytest.fixture(scope="module")
def weeks(sample: Inputs) -> tuple[Inputs, Inputs]:
    """What the warehouse knew a week before the end of the sample, and what it knew then: new rows, late ones, a late link,
    corrections in the CRM, a deleted and an erased user. Do not change the rows."""
    before, inputs = a_week_before_the_end(sample), subset(sample, 12)
    users = [row["user_id"] for row in inputs["users"] if row["signed_up_at"][:10] < "2026-03-01"]
    anonymous_events = [
        {
            "event_id": f"late-link-{day}",
            "anonymous_id": "late-anonymous",
            "event_name": "page_viewed",
            "occurred_at": f"2026-09-{day}T08:00:00Z",
            "received_at": f"2026-09-{day}T08:00:01Z",
            "device_type": "tablet",
        }
        for day in (12, 13, 28)
    ]
    before["events"] += copy.deepcopy(anonymous_events)
    inputs["events"] += anonymous_events
    # Events that arrive months after they happened.
    inputs["events"] += [
        {
            "event_id": f"late-{number}",
            "user_id": users[number],
            "event_name": "report_exported",
            "occurred_at": f"2026-0{number + 1}-10T11:00:00Z",
            "received_at": "2026-10-19T09:00:00Z",
            "os": "linux",
        }
        for number in range(4)
    ]
    inputs["identities"] += [{"anonymous_id": "late-anonymous", "user_id": users[0], "linked_at": "2026-10-15T12:00:00Z"}]
    for row in inputs["users"]:
        if row["user_id"] == users[1]:
            row["country"], row["job_title"] = "NZ", "Chief of Staff"
        if row["user_id"] == users[2]:
            row["deleted_at"] = "2026-08-02T10:00:00Z"
    erased = users[3]
    for name, rows in inputs.items():
        inputs[name] = [row for row in rows if row.get("user_id") != erased and row.get("entity_id") != erased]
    # A user whose CRM row comes months after the events.
    newcomer = {"user_id": "crm-late", "account_id": "", "signed_up_at": "2026-02-01T00:00:00Z", "country": "FR"}
    inputs["users"].append(newcomer)
    early_event = {
        "event_id": "crm-late-1",
        "user_id": "crm-late",
        "event_name": "task_completed",
        "occurred_at": "2026-02-03T10:00:00Z",
        "received_at": "2026-02-03T10:00:09Z",
    }
    before["events"].append(dict(early_event))
    inputs["events"].append(early_event)
    # Links to those who are no users: a newcomer makes an old one good, one who is gone from the CRM leaves nothing behind, not
    # even on a day without other events, and the day of a third was wrong.
    leaver = {"user_id": "crm-leaver", "account_id": "", "signed_up_at": "2025-05-01T00:00:00Z"}
    before["users"].append(leaver)
    for rows, corrected in ((before, "2026-09-18"), (inputs, "2026-09-22")):
        rows["identities"] += [
            {"anonymous_id": anonymous, "user_id": user, "linked_at": f"{day}T12:00:00Z"}
            for anonymous, user, day in [
                ("passed-on", "crm-late", "2026-09-14"),
                ("passed-on", users[0], "2026-09-20"),
                ("left-alone", "crm-leaver", "2025-06-01"),
                ("left-over", "crm-leaver", "2026-09-14"),
                ("left-over", users[4], "2026-09-20"),
                ("corrected", users[4], corrected),
            ]
        ]
        rows["events"] += [
            {
                "event_id": f"{anonymous}-{day}",
                "anonymous_id": anonymous,
                "event_name": "report_created",
                "occurred_at": f"{day}T08:00:00Z",
                "received_at": f"{day}T08:00:01Z",
            }
            for anonymous in ("passed-on", "left-over", "corrected")
            for day in ("2026-09-12", "2026-09-16", "2026-09-27")
        ] + [
            {"event_id": "left-alone", "anonymous_id": "left-alone", "event_name": "logged_in", "occurred_at": "2025-06-01T08:00:00Z"},
            {"event_id": "of-the-leaver", "user_id": "crm-leaver", "event_name": "logged_in", "occurred_at": "2026-09-12T08:00:00Z"},
        ]
        rows["campaign_messages"] += [
            {
                "message_id": anonymous,
                "campaign": "linked",
                "user_id": anonymous,
                "assigned_at": "2026-09-13T08:00:00Z",
                "delivered_at": "2026-09-13T09:00:00Z",
                "clicked_at": "2026-09-15T09:00:00Z",
            }
            for anonymous in ("passed-on", "left-over", "corrected")
        ]
    # Moves to other accounts: one that is new, one backdated, one corrected, one taken back; and who shares the accounts with them.
    movers = [row["user_id"] for row in inputs["users"] if row["account_id"].strip() and row["user_id"] not in users[:6]][:4]
    other = inputs["accounts"][1]["account_id"]

    def moves(*changes: tuple[str, str, str]) -> list[dict[str, str]]:
        return [
            {"entity": "user", "entity_id": user, "attribute": "account_id", "value": account, "valid_from": f"{day}T09:00:00Z"}
            for user, account, day in changes
        ]

    before["attribute_history"] += moves((movers[2], other, "2026-07-01"), (movers[3], other, "2026-06-01"))
    inputs["attribute_history"] += moves(
        (movers[0], other, "2026-10-15"), (movers[1], "", "2026-02-11"), (movers[2], other, "2026-08-01"), (movers[2], "", "2026-09-01")
    )
    # An invoice of the past, a version of a subscription, an answer that came in late, an account that shrank.
    account = inputs["accounts"][0]["account_id"]
    inputs["accounts"][0]["employee_count"] = "7"
    inputs["invoices"].append(
        {"invoice_id": "late-invoice", "account_id": account, "amount": "777.70", "currency": "EUR", "paid_at": "2026-04-02T00:00:00Z"}
    )
    inputs["subscriptions"].append(
        {
            "subscription_id": "late-subscription",
            "account_id": account,
            "plan": "pro",
            "seats": "3",
            "mrr": "12.5",
            "valid_from": "2026-05-01T00:00:00Z",
            "started_at": "2026-05-01T00:00:00Z",
        }
    )
    # A renewal and a won lead of the past, a click that came in late, and what March cost, corrected.
    inputs["subscriptions"].append(
        {
            "subscription_id": "late-subscription",
            "account_id": account,
            "plan": "pro",
            "seats": "3",
            "mrr": "12.5",
            "valid_from": "2026-06-01T00:00:00Z",
            "started_at": "2026-05-01T00:00:00Z",
            "renewal_date": "2026-07-01",
        }
    )
    inputs["account_stages"] += [
        {"account_id": account, "stage": "onboarding", "entered_at": "2024-12-02T10:00:00Z"},
        {"account_id": inputs["accounts"][1]["account_id"], "stage": "lead", "entered_at": "2026-02-02T10:00:00Z"},
    ]
    message = next(row for row in inputs["campaign_messages"] if row["delivered_at"] and not row["clicked_at"])
    message["clicked_at"] = message["delivered_at"][:10] + "T23:59:00Z"
    inputs["marketing_spend"][3]["amount"] = "4321.00"
    inputs["marketing_spend"].append({"spend_date": "2026-03-03", "channel": "referral", "amount": "99.00"})
    # A first step, known late.
    inputs["events"].append(
        {
            "event_id": "late-step",
            "user_id": users[5],
            "event_name": "project_created",
            "received_at": "2026-10-19T09:00:00Z",
            "occurred_at": next(row for row in inputs["users"] if row["user_id"] == users[5])["signed_up_at"],
        }
    )
    inputs["survey_responses"].append(
        {
            "response_id": "late-answer",
            "user_id": users[4],
            "survey": "nps",
            "instrument": "nps",
            "score": "2",
            "responded_at": "2026-06-01T00:00:00Z",
        }
    )
    return before, inputs


@pytest.fixture
def before(sample: Inputs) -> Inputs:
    """What was known a week before the end, to change."""
    return a_week_before_the_end(sample)


@pytest.fixture(scope="module")
def built_before(tmp_path_factory: pytest.TempPathFactory, weeks: tuple[Inputs, Inputs]) -> Warehouse:
    """The build of a week before the end. Do not build in it: build in a twin."""
    warehouse = Warehouse(tmp_path_factory.mktemp("before") / "project", {"history_periods": 12})
    warehouse.write_inputs(weeks[0])
    warehouse.build(comparison=True)
    return warehouse


@pytest.fixture(scope="module")
def fresh(tmp_path_factory: pytest.TempPathFactory, weeks: tuple[Inputs, Inputs]) -> Warehouse:
    """A first build of the end, a few dates at a time, as with many users. Do not build in it."""
    warehouse = Warehouse(tmp_path_factory.mktemp("fresh") / "project", {"history_periods": 12, "feature_slice_rows": 600})
    warehouse.write_inputs(weeks[1])
    warehouse.build(comparison=True)
    return warehouse


def test_incremental_equals_full_refresh(tmp_path: Path, weeks: tuple[Inputs, Inputs], built_before: Warehouse, fresh: Warehouse) -> None:
    grown = built_before.twin(tmp_path / "grown")
    grown.write_inputs(weeks[1])
    grown.build(comparison=True)
    tables = fresh.tables(*LAYERS)
    assert set(tables) == set(grown.tables(*LAYERS)) == set(built_before.tables(*LAYERS))
    assert differences(grown, fresh, tables) == []
    assert fresh.query("select count(*) from features.user_features")[0][0] > 1000
    assert fresh.query("select count(*) from activity.user_event_days where known_date > event_date")[0][0] > 0
    linked = dict(grown.query("select event_id, user_id from activity.user_events where event_id like '%-2026-09-12'"))
    assert linked["passed-on-2026-09-12"] == "crm-late" != linked["left-over-2026-09-12"]


@pytest.mark.long
def test_increment_builds_only_what_is_due(new_warehouse: Callable[..., Warehouse], before: Inputs) -> None:
    """Without anything new a build writes no feature row; a new event or message those of the dates that see it; lost rows come back."""
    warehouse = new_warehouse(history_periods=10)
    warehouse.write_inputs(before)
    warehouse.build(*FEATURES)
    # Rows that a build leaves alone keep a mark in one of their columns.
    marked = {"features.user_key_events": ("count_7d", "-1"), "features.user_features": ("day_part", "'marked'")}

    with duckdb.connect(str(warehouse.database)) as connection:
        for table, (column, mark) in marked.items():
            connection.execute(f"update {table} set {column} = {mark}")

    def rebuilt(table: str) -> list[str]:
        column, mark = marked[table]
        return [
            str(row[0])
            for row in warehouse.query(f"select distinct as_of_date from {table} where {column} is distinct from {mark} order by 1")
        ]

    warehouse.build(*FEATURES)
    assert [rebuilt(table) for table in marked] == [[], []]

    dates = [str(row[0]) for row in warehouse.query("select as_of_date from activity.as_of_dates order by 1")]
    user = before["users"][0]["user_id"]
    before["events"].append(
        {
            "event_id": "one-more",
            "user_id": user,
            "event_name": "logged_in",
            "occurred_at": f"{dates[-3]}T10:00:00Z",
            "received_at": "2026-10-13T12:00:00Z",
        }
    )
    before["marketing_spend"].append({"spend_date": dates[-2], "channel": "social", "amount": "12.00"})
    warehouse.write_inputs(before)
    warehouse.build(*FEATURES)
    assert rebuilt("features.user_key_events") == dates[-3:]
    assert rebuilt("features.user_features") == dates[-3:]

    before["campaign_messages"].append(
        {
            "message_id": "one-more",
            "campaign": "one_more",
            "user_id": user,
            "assigned_at": f"{dates[-4]}T08:00:00Z",
            "delivered_at": f"{dates[-4]}T09:00:00Z",
        }
    )
    warehouse.write_inputs(before)
    warehouse.build(*FEATURES)
    assert rebuilt("features.user_key_events") == dates[-3:]
    assert rebuilt("features.user_features") == dates[-4:]
    delivered = warehouse.query(
        f"select distinct messages_delivered_91d from features.user_features where user_id = '{user}' and as_of_date >= '{dates[-4]}'"
    )
    assert delivered == [(1,)]

    # Rows that somebody deleted by hand.
    with duckdb.connect(str(warehouse.database)) as connection:
        connection.execute(f"update features.user_features set day_part = 'marked' where as_of_date != '{dates[2]}'")
        connection.execute(f"delete from features.user_features where user_id = '{user}' and as_of_date = '{dates[2]}'")
    warehouse.build(*FEATURES)
    assert rebuilt("features.user_features") == [dates[2]]
    assert warehouse.query(f"select count(*) from features.user_features where user_id = '{user}' and as_of_date = '{dates[2]}'") == [(1,)]


@pytest.mark.long
def test_changed_logic_and_variables_reach_stored_rows(new_warehouse: Callable[..., Warehouse], before: Inputs) -> None:
    changed = {
        "session_timeout_minutes": 5,
        "survey_valid_days": 60,
        "health_targets": {"active_days_28d": 4, "distinct_features_28d": 2, "open_tickets": 1},
        "history_periods": 6,
        "login_events": ["logged_in", "page_viewed"],
    }
    grown = new_warehouse("grown", copied=("models", "macros"), history_periods=8)
    grown.write_inputs(before)
    grown.build(*FEATURES)
    fresh = new_warehouse("fresh", copied=("models", "macros"), **changed)
    fresh.write_inputs(before)
    for warehouse in (grown, fresh):
        # A changed feature, a changed macro that features use, and a new column in a family.
        replace(warehouse, "models/features/user_firmographic_features.sql", "employee_count < 50 ", "employee_count < 60 ")
        replace(warehouse, "macros/features/class_of_date.sql", "* (rank()", "* 0.8 * (rank()")
        replace(
            warehouse,
            "models/features/user_demographic_features.sql",
            "        attributes.gender,\n",
            "        attributes.gender,\n        upper(attributes.gender) as loud_gender,\n",
        )
        registry = (warehouse.folder / "macros/registries/features.sql").read_text(encoding="utf-8")
        gender = re.search(r"^        \{'name': 'gender',.*?\},\n(?=        \{'name')", registry, flags=re.DOTALL | re.MULTILINE)[0]
        replace(warehouse, "macros/registries/features.sql", gender, gender + gender.replace("'gender'", "'loud_gender'", 1))
        replace(warehouse, "models/features/user_features.sql", "-- The one table", "-- The single table")
    grown.configure(**changed)
    unenforced(grown)
    unenforced(fresh)
    grown.build(*FEATURES)
    fresh.build(*FEATURES)
    assert fresh.query("select count(loud_gender) from features.user_features")[0][0] > 0
    assert differences(grown, fresh, by_name(fresh.tables("activity", "features"), grown)) == []


def by_name(tables: list[str], warehouse: Warehouse) -> list[str]:
    """The tables, after a column that was added later stands last in one of the files: order does not matter."""
    with duckdb.connect(str(warehouse.database)) as connection:
        for table in tables:
            columns = sorted(row[0] for row in connection.execute(f"select column_name from (describe {table})").fetchall())
            connection.execute(f"create or replace table {table} as select {', '.join(columns)} from {table}")
    return tables


def unenforced(warehouse: Warehouse) -> None:
    """Contracts list every column: a test that adds one leaves the YAML of the marts aside."""
    for path in (warehouse.folder / "models").rglob("*.yml"):
        path.write_text(path.read_text(encoding="utf-8").replace("enforced: true", "enforced: false"), encoding="utf-8")


def replace(warehouse: Warehouse, path: str, old: str, new: str) -> None:
    """Change one place in a copied file; the place must be there."""
    file = warehouse.folder / path
    text = file.read_text(encoding="utf-8")
    assert old in text, f"{path} no longer has {old!r}"
    file.write_text(text.replace(old, new), encoding="utf-8")


@pytest.mark.long
def test_corrections_in_the_source_are_reported(new_warehouse: Callable[..., Warehouse], company: Inputs) -> None:
    """A corrected and a removed event do not arrive: the mart names their days, and a full refresh mends them."""
    warehouse = new_warehouse()
    warehouse.write_inputs(company)
    warehouse.build("--select", "+source_changes")
    assert warehouse.query("select count(*) from marts.source_changes")[0][0] == 0
    company["events"] = [row for row in company["events"] if row["event_id"] != "e021"]
    next(row for row in company["events"] if row["event_id"] == "e031")["event_name"] = "report_created"
    warehouse.write_inputs(company)
    warehouse.build("--select", "+source_changes")
    changed = warehouse.query("select cast(event_date as text), events_in_source, events_in_warehouse from marts.source_changes order by 1")
    assert changed == [("2026-03-02", 1, 2), ("2026-03-03", 2, 2)]
    warehouse.build("--select", "+source_changes", "--full-refresh")
    assert warehouse.query("select count(*) from marts.source_changes")[0][0] == 0


@pytest.mark.long
def test_build_after_a_kill_ends_in_the_same_rows(
    tmp_path: Path, weeks: tuple[Inputs, Inputs], built_before: Warehouse, fresh: Warehouse
) -> None:
    """SIGKILL in the middle of an increment, between the rollups and the features, then a plain build."""
    killed = built_before.twin(tmp_path / "killed")
    killed.write_inputs(weeks[1])
    process = subprocess.Popen(**killed.process("build", "--exclude-resource-type", "test", "unit_test"), stdout=subprocess.PIPE)
    seen = ""
    deadline = time.monotonic() + 120
    for line in process.stdout:
        seen += line
        if "START sql by_date model features.user_features" in line or time.monotonic() > deadline:
            process.send_signal(signal.SIGKILL)
            break
    process.wait(timeout=30)
    process.stdout.close()
    assert process.returncode == -signal.SIGKILL, seen[-2000:]
    assert "OK created sql incremental model activity.user_event_days" in seen

    killed.build()
    built = [table for table in fresh.tables(*LAYERS) if table.split(".")[1] not in COMPARISON_MODELS]
    assert differences(killed, fresh, built) == []


@pytest.mark.long
def test_second_build_of_the_same_files_changes_nothing(tmp_path: Path, built_before: Warehouse) -> None:
    """Nor does a warehouse of an earlier version of this project, which stored families and knew nothing of versions of dates."""
    again = built_before.twin(tmp_path / "again")
    with duckdb.connect(str(again.database)) as connection:
        connection.execute("drop schema built cascade")
        connection.execute("alter table marts.segment_comparison rename column is_winsorized to is_winsorised")
        connection.execute("create table features.user_value_features as select 'u1' as user_id")
    again.build(comparison=True)
    assert differences(again, built_before, again.tables(*LAYERS)) == []
