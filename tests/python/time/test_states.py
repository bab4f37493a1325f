"""States without a date must not rewrite the past: moves between accounts, re-opened tickets, stages said again, users who vanish."""

from __future__ import annotations

import copy
import csv
import datetime as dt
import itertools
import json
import math
import random
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb
import pandas as pd
import pytest
import yaml

from oracle.features_oracle import World, compute_features, is_open
from publishing import readiness
from refusal import Refusal
from registries import project_variables
from render_macros import loaded_macros, macro_texts, rendered
from warehouse import COLUMNS, ROOT, Inputs, Row, Warehouse, differences, small_company

CASES = ROOT / "tests/cases"
SETTINGS = project_variables(ROOT)
# Between the weeks' ends: the days around the moves of the cases.
DATES = [f"2026-03-{day:02d}" for day in (4, 5, 10, 13, 14)]
FEATURES = ("--select", "+user_features", "+user_segments")


def case_rows(case: str, name: str) -> list[Row]:
    """The rows of one file of a case."""
    with (CASES / case / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def time(day: int, hour: int = 10) -> str:
    """A time so many days after the start of 2026, as text."""
    return f"{dt.datetime(2026, 1, 1, hour) + dt.timedelta(days=day):%Y-%m-%dT%H:%M:%SZ}"


def random_company(chance: random.Random) -> Inputs:
    """Thirty users who move between five accounts, one of which is in no file, and everything that accounts have."""
    accounts = [f"x{number}" for number in range(5)]
    inputs = small_company()
    for name in ("users", "accounts", "subscriptions", "invoices", "survey_responses"):
        inputs[name] = []
    for event in inputs["events"]:
        event["user_id"] = chance.choice(["m00", "m01", "m02"])
    inputs["attribute_history"] = []
    for number in range(30):
        user, signup = f"m{number:02d}", chance.randrange(60)
        deleted_at = time(chance.randrange(62, 75)) if number % 7 == 6 else ""
        inputs["users"].append(
            {
                "user_id": user,
                "account_id": chance.choice([*accounts, ""]),
                "signed_up_at": time(signup),
                "updated_at": time(signup),
                "deleted_at": deleted_at,
            }
        )
        inputs["attribute_history"] += [
            move(user, chance.choice([*accounts, ""]), chance.randrange(-5, 75), chance) for _ in range(chance.randrange(4))
        ]
    for account in accounts[:4]:
        inputs["accounts"].append(
            {
                "account_id": account,
                "industry": chance.choice(["retail", "media"]),
                "employee_count": str(chance.randrange(1, 2000)),
                "account_owner": chance.choice(["Ada", "Bo"]),
                "created_at": time(0),
                "updated_at": time(0),
            }
        )
        inputs["attribute_history"].append(
            {
                "entity": "account",
                "entity_id": account,
                "attribute": "industry",
                "value": "energy",
                "valid_from": time(chance.randrange(75)),
            }
        )
    for number, account in enumerate(accounts):
        start = chance.randrange(40)
        inputs["subscriptions"].append(
            {
                "subscription_id": f"xs{number}",
                "account_id": account,
                "plan": f"plan_{number}",
                "seats": str(number + 1),
                "mrr": str(50 * number),
                "valid_from": time(start),
                "started_at": time(start),
                "trial_ends_at": time(start + 30) if number == 3 else "",
                "renewal_date": time(start + 60)[:10],
            }
        )
        inputs["invoices"] += [
            {
                "invoice_id": f"xi{number}-{part}",
                "account_id": account,
                "amount": str(7 * number + part + 1),
                "currency": "USD",
                "paid_at": time(chance.randrange(75)),
            }
            for part in range(3)
        ]
        inputs.setdefault("account_technologies", []).append(
            {"account_id": account, "category": "crm", "vendor": f"crm {number}", "first_seen_at": time(chance.randrange(60))}
        )
        # The same stage again and again, two of one moment among them.
        inputs.setdefault("account_stages", []).extend(
            dict(row)
            for row in {
                (stage, entered): {"account_id": account, "stage": stage, "entered_at": entered}
                for stage, entered in [
                    (chance.choice(["lead", "onboarding", "adopted"]), time(chance.randrange(0, 75, 5))) for _ in range(12)
                ]
            }.values()
        )
    inputs["support_tickets"] = [ticket(f"t{number}", f"m{chance.randrange(30):02d}", chance) for number in range(80)]
    return inputs


def move(user: str, account: str, day: int, chance: random.Random) -> Row:
    return {
        "entity": "user",
        "entity_id": user,
        "attribute": "account_id",
        "value": account,
        "valid_from": f"{time(day)[:10]}T{chance.randrange(24):02d}:{chance.randrange(60):02d}:{chance.randrange(60):02d}Z",
    }


def ticket(ticket_id: str, user: str, chance: random.Random) -> Row:
    """A ticket in any state that an export may show, also in odd ones."""
    created = chance.randrange(5, 65)
    later = sorted(chance.choices(range(created, 75), k=3))
    first, again, last = later if chance.random() < 0.8 else chance.sample(later, 3)
    row = {"ticket_id": ticket_id, "user_id": user, "created_at": time(created, 9)}
    for column, day, hour in (("first_solved_at", first, 10), ("reopened_at", again, 11), ("solved_at", last, 12)):
        row[column] = time(day, hour) if chance.random() < 0.6 else ""
    if chance.random() < 0.2:
        row["solved_at"] = row["first_solved_at"]
    return row


def monday() -> Inputs:
    """The random company and the two cases, as their first build sees them."""
    inputs = random_company(random.Random(7))
    inputs["users"] += case_rows("user_moves_account", "users_monday") + [
        {"user_id": "odo", "signed_up_at": time(1), "updated_at": time(1)},
        # Two colleagues in the accounts of u1, and one who leaves for good.
        {"user_id": "left_behind", "account_id": "a1", "signed_up_at": time(1), "updated_at": time(1)},
        {"user_id": "host", "account_id": "a2", "signed_up_at": time(1), "updated_at": time(1)},
        {"user_id": "leaver", "account_id": "a1", "signed_up_at": time(1), "updated_at": time(1)},
        {"user_id": "settled", "account_id": "x0", "signed_up_at": time(1), "updated_at": time(1)},
    ]
    inputs["attribute_history"] += [move("settled", account, day, random.Random(3)) for account, day in (("x4", 0), ("x0", 55))]
    inputs["subscriptions"] += case_rows("user_moves_account", "subscriptions")
    inputs["attribute_history"] += case_rows("user_moves_account", "attribute_history")[:1]
    inputs["invoices"].append({"invoice_id": "ai", "account_id": "a1", "amount": "90", "currency": "USD", "paid_at": time(10)})
    inputs["support_tickets"].append(case_rows("corrected_rows", "support_tickets")[0])
    inputs["account_stages"] += [{"account_id": "a1", "stage": "adopted", "entered_at": "2026-03-02T00:00:00Z"}]
    return inputs


def tuesday() -> Inputs:
    """The same later: moves that are new, backdated, corrected and taken back; tickets opened again; a stage said again."""
    chance = random.Random(8)
    inputs = copy.deepcopy(monday())
    users = {row["user_id"]: row for row in inputs["users"]}
    # What comes in late about an account is about those who have left it since.
    inputs["subscriptions"].append(
        {"subscription_id": "late", "account_id": "x4", "plan": "late", "mrr": "7777", "valid_from": time(5), "started_at": time(5)}
    )
    users["u1"].update(case_rows("user_moves_account", "users_tuesday")[0])
    inputs["attribute_history"].append(case_rows("user_moves_account", "attribute_history")[1])
    inputs["attribute_history"].append(move("leaver", "", 66, chance))
    inputs["attribute_history"] = [
        {**row, "value": "x1"} if number % 9 == 0 and row["entity_id"].startswith("m") else row
        for number, row in enumerate(inputs["attribute_history"])
        if number % 11 or not row["entity_id"].startswith("m")
    ]
    inputs["attribute_history"] += [
        move(f"m{number:02d}", chance.choice(["x0", "x2", ""]), day, chance) for number, day in ((3, 20), (4, 60), (5, 74))
    ]
    reopened = case_rows("corrected_rows", "support_tickets")[1]
    inputs["support_tickets"][-1] = {**reopened, "reopened_at": "2026-03-10T10:00:00Z"}
    # Of the last weeks only: on the dates before, nothing but a move changes what colleagues share.
    for number in (number for number in range(80) if inputs["support_tickets"][number]["created_at"] > time(47)):
        old = inputs["support_tickets"][number]
        inputs["support_tickets"][number] = {
            **ticket("", "", chance),
            **{name: old[name] for name in ("ticket_id", "user_id", "created_at")},
        }
    inputs["account_stages"] += [
        {"account_id": "a1", "stage": "adopted", "entered_at": "2026-03-09T00:00:00Z"},
        {"account_id": "x1", "stage": "adopted", "entered_at": time(30)},
    ]
    return inputs


def built(folder: Path, inputs: Inputs) -> Warehouse:
    """A warehouse after one build."""
    warehouse = Warehouse(folder, {"extra_as_of_dates": DATES, "history_periods": 5})
    warehouse.write_inputs(inputs)
    warehouse.build(*FEATURES)
    return warehouse


@pytest.fixture(scope="module")
def first(tmp_path_factory: pytest.TempPathFactory) -> Warehouse:
    """What Monday's build left."""
    return built(tmp_path_factory.mktemp("states") / "first", monday())


@pytest.fixture(scope="module")
def grown(first: Warehouse) -> Warehouse:
    warehouse = copy.copy(first)
    warehouse.database = first.folder / "grown.duckdb"
    shutil.copy(first.database, warehouse.database)
    warehouse.write_inputs(tuesday())
    warehouse.build(*FEATURES)
    return warehouse


@pytest.fixture(scope="module")
def fresh(tmp_path_factory: pytest.TempPathFactory) -> Warehouse:
    return built(tmp_path_factory.mktemp("states") / "fresh", tuesday())


@pytest.mark.parametrize(
    "column, features",
    [
        ("population_hash", ["account_id", "account_users"]),
        ("voice_hash", ["open_tickets"]),
        ("crm_hash", ["mrr", "plan", "industry", "crm_vendor", "journey_stage", "days_in_stage"]),
    ],
)
def test_what_differs_has_another_hash(first: Warehouse, grown: Warehouse, column: str, features: list[str]) -> None:
    """Or an increment would leave it as it was, unless something else happened to change, too."""
    with duckdb.connect() as connection:
        connection.execute(f"attach '{first.database}' as first (read_only)")
        connection.execute(f"attach '{grown.database}' as grown (read_only)")
        differs = " or ".join(f"old.{name} is distinct from new.{name}" for name in features)
        found = connection.execute(f"""
            select new.as_of_date, min(old_hashes.{column} is distinct from new_hashes.{column})
            from first.features.user_features as old
            inner join grown.features.user_features as new using (user_id, as_of_date)
            inner join first.features.date_input_hashes as old_hashes on old.as_of_date = old_hashes.as_of_date
            inner join grown.features.date_input_hashes as new_hashes on new.as_of_date = new_hashes.as_of_date
            where {differs} group by all order by all
        """).fetchall()
    assert len(found) > 5 and [name for name, is_seen in found if not is_seen] == []


# Families that read the CRM, by input; a move between accounts shows in all that read accounts.
READERS = {
    "users": ("demographic", "geographic", "customer"),
    "accounts": ("firmographic", "customer"),
    "attribute_history": ("demographic", "geographic", "firmographic", "customer"),
    "subscriptions": ("customer",),
    "account_stages": ("customer",),
    "account_technologies": ("technographic",),
}
# What no feature reads: a sync that touches it makes nothing due.
UNREAD = {
    "users": {"email", "marketing_consent", "updated_at"},
    "accounts": {"account_name", "country", "created_at", "updated_at"},
    **{name: {"updated_at"} for name in READERS if name not in ("users", "accounts")},
}
# Not of the CRM: these make a user, or are the key by which rows belong together.
NOT_CHANGED = {"user_id", "account_id", "signed_up_at", "deleted_at", "merged_into", "merged_at", "entity", "subscription_id"}


class Crm:
    """The CRM's rows after the first build: one is changed, features and hashes are computed, and it is as before."""

    def __init__(self, first: Warehouse, folder: Path) -> None:
        project = first.twin(folder)
        families = {f"user_{family}_features" for families in READERS.values() for family in families}
        result = project.run("compile", "--select", "user_accounts", "date_input_hashes", *families)
        assert result, result.output[-4000:]
        compiled = {path.stem: path for path in (folder / "target/compiled/segmentation/models").rglob("*.sql")}
        self.sql = {name: compiled[name].read_text(encoding="utf-8") for name in ("user_accounts", "date_input_hashes", *families)}
        self.connection = duckdb.connect(str(project.database))
        self.connection.execute("set TimeZone = 'UTC'")
        # Tables in the place of views, whose rows can be changed.
        views = {
            name for (name,) in self.connection.execute("select view_name from duckdb_views() where schema_name = 'staging'").fetchall()
        }
        for name in sorted(views & {f"stg_{name}" for name in READERS}):
            self.connection.execute(
                f"create temp table kept as from staging.{name}; drop view staging.{name};"
                f" create table staging.{name} as from kept; drop table kept"
            )
        # One whose job title has a history from before the signup on.
        self.connection.execute(
            "insert into staging.stg_attribute_history by name select 'user' as entity, 'settled' as entity_id, 'job_title' as attribute,"
            " 'Clerk' as value, timestamp '2026-01-01 12:00:00' as valid_from"
        )
        for name, sql in self.sql.items():
            self.connection.execute(f"create temp table before_{name} as {sql}")

    def dates_after(self, name: str, *statements: str) -> tuple[set[dt.date], set[dt.date]]:
        """The dates on which features of the input's readers differ after a change, and those that are due then."""
        connection = self.connection
        connection.execute("begin")
        try:
            for statement in statements:
                connection.execute(statement)
            connection.execute(f"create or replace table activity.user_accounts as {self.sql['user_accounts']}")
            differing: set[dt.date] = set()
            for family in READERS[name]:
                before, after = f"select * from before_user_{family}_features", f"select * from ({self.sql[f'user_{family}_features']})"
                differing |= {
                    date
                    for (date,) in connection.execute(
                        f"with new_rows as materialized ({after}), old_rows as ({before})"
                        " select as_of_date from (from new_rows except all from old_rows) union"
                        " select as_of_date from (from old_rows except all from new_rows)"
                    ).fetchall()
                }
            due = connection.execute(
                f"""
                select new.as_of_date from ({self.sql["date_input_hashes"]}) as new
                inner join before_date_input_hashes as old on new.as_of_date = old.as_of_date
                where new.crm_hash is distinct from old.crm_hash or new.population_hash is distinct from old.population_hash
                """
            ).fetchall()
        finally:
            connection.execute("rollback")
        return differing, {date for (date,) in due}

    def row_of(self, name: str, chance: random.Random, where: str = "true") -> int:
        """The rowid of a row of an input."""
        return chance.choice([row for (row,) in self.connection.execute(f"select rowid from staging.stg_{name} where {where}").fetchall()])


@pytest.fixture(scope="module")
def crm(first: Warehouse, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Crm]:
    found = Crm(first, tmp_path_factory.mktemp("crm") / "project")
    yield found
    found.connection.close()


def another_value(kind: str, chance: random.Random) -> str:
    """SQL of some value of a type of the contract, or NULL."""
    return chance.choice(
        {
            "text": ["'Chief something'", "'Chief something else'"],
            "label": ["'something'", "'something else'"],
            "country": ["'FR'", "'NO'"],
            "integer": ["7", "1985"],
            "double": ["12.5", "3e7"],
            "money": ["12.5", "99"],
            "boolean": ["true", "false"],
            "date": [f"date '{time(chance.randrange(-5, 80))[:10]}'"],
            "time": [f"timestamp '{time(chance.randrange(-5, 80))[:10]} 10:00:00'"],
        }[kind]
        + ["null"]
    )


@pytest.mark.parametrize("name, column", [(name, column) for name in READERS for column in COLUMNS[name] if column not in NOT_CHANGED])
def test_a_change_in_the_crm_makes_the_dates_due_that_it_changes(crm: Crm, name: str, column: str) -> None:
    """Of every column: until a feature differs on some date, and then on some more rows."""
    chance = random.Random(f"{name}.{column}")
    types = loaded_macros(macro_texts(ROOT), {})["inputs"]()[name]["columns"]
    differed = 0
    for _ in range(3 if column in UNREAD[name] else 60):
        row, value = crm.row_of(name, chance), another_value(types[column], chance)
        differing, due = crm.dates_after(name, f"update staging.stg_{name} set {column} = {value} where rowid = {row}")
        assert differing <= due, (row, value)
        if column in UNREAD[name]:
            assert not due, (row, value)
        differed += bool(differing)
        if differed == 3:
            break
    assert differed or column in UNREAD[name], "no change of the column changed a feature"


@pytest.mark.parametrize(
    "name, statements",
    [
        # With it the CRM's present value, as a sync writes both.
        (
            "attribute_history",
            (
                "insert into staging.stg_attribute_history by name select 'user' as entity, 'settled' as entity_id, 'job_title' as"
                " attribute, 'Chief' as value, timestamp '2026-03-09 12:00:00' as valid_from",
                "update staging.stg_users set job_title = 'Chief' where user_id = 'settled'",
            ),
        ),
        (
            "account_stages",
            (
                "insert into staging.stg_account_stages by name select 'x0' as account_id, 'adopted' as stage,"
                " timestamp '2026-03-09 12:00:00' as entered_at",
                "insert into staging.stg_account_stages by name select 'x0' as account_id, 'lead' as stage,"
                " timestamp '2026-03-10 11:00:00' as entered_at",
            ),
        ),
        (
            "account_technologies",
            (
                "insert into staging.stg_account_technologies by name select 'x0' as account_id, 'database' as category,"
                " 'other' as vendor, timestamp '2026-03-09 12:00:00' as first_seen_at",
                "update staging.stg_account_technologies set last_seen_at = timestamp '2026-03-10 12:00:00' where account_id = 'x0'",
            ),
        ),
        (
            "subscriptions",
            (
                "update staging.stg_subscriptions set ended_at = timestamp '2026-03-09 12:00:00' where account_id = 'x0'",
                "insert into staging.stg_subscriptions by name select 'new' as subscription_id, 'x0' as account_id, 'other' as plan,"
                " 3.0 as mrr, timestamp '2026-03-10 12:00:00' as valid_from, timestamp '2026-03-10 12:00:00' as started_at",
            ),
        ),
    ],
)
def test_what_is_dated_in_the_crm_changes_no_earlier_date(crm: Crm, name: str, statements: tuple[str, ...]) -> None:
    """A job title with history, a stage, a technology, a subscription: new and ended on the second Monday of March."""
    differing, due = crm.dates_after(name, *statements)
    assert min(differing) == min(due) >= dt.date(2026, 3, 9)


def test_after_a_move_the_increment_equals_a_fresh_build(grown: Warehouse, fresh: Warehouse) -> None:
    assert differences(grown, fresh, fresh.tables("activity", "features", "marts")) == []


def test_accounts_tickets_and_stages_are_those_of_the_date(fresh: Warehouse) -> None:
    """Every feature of every user and date, as the oracle computes it."""
    inputs = tuesday()
    dates = [day for (day,) in fresh.query("select as_of_date from activity.as_of_dates order by 1")]
    assert {dt.date.fromisoformat(day) for day in DATES} <= set(dates)
    expected = compute_features(inputs, dates, SETTINGS, ROOT / "seeds/reference")
    rows = {(row["user_id"], row["as_of_date"]): row for row in fresh.records("select * from features.user_features")}
    assert set(rows) == set(expected) and len(rows) > 250
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
    world = World(inputs, SETTINGS, ROOT / "seeds/reference")
    assert {key: row["account_id"] for key, row in rows.items()} == {
        (user, day): world.account_of(world.users[user], day) for user, day in rows
    }
    assert len({row["account_id"] for row in rows.values()}) == 8, "seven accounts and none"


def values(warehouse: Warehouse, user: str, *columns: str) -> dict[str, Any]:
    """Columns of one user by date."""
    return {
        str(day): found[0] if len(columns) == 1 else found
        for day, *found in warehouse.query(
            f"select as_of_date, {', '.join(columns)} from features.user_features where user_id = '{user}' order by 1"
        )
    }


def test_a_user_who_moves_leaves_the_past_behind(grown: Warehouse) -> None:
    """The case user_moves_account, and those who stay behind or are joined."""
    found = values(grown, "u1", "account_id", "plan", "mrr", "seats")
    assert {day: row for day, row in found.items() if day <= "2026-03-13"} == {
        day: ["a1", "pro", 100.0, 5] for day in found if day <= "2026-03-13"
    }
    assert found["2026-03-14"] == found["2026-03-15"] == ["a2", "enterprise", 900.0, 50]
    assert [values(grown, "left_behind", "account_users", "revenue_91d")[day] for day in ("2026-03-05", "2026-03-10", "2026-03-14")] == [
        [3, 30.0],
        [2, 45.0],
        [1, 90.0],
    ]
    assert [values(grown, "host", "account_users")[day] for day in ("2026-03-13", "2026-03-14")] == [1, 2]
    assert [mrr >= 7777 for day, mrr in sorted(values(grown, "settled", "mrr").items()) if day in ("2026-02-15", "2026-03-01")] == [
        True,
        False,
    ]
    gone = values(grown, "leaver", "account_id", "plan", "mrr", "account_users", "revenue_91d")
    assert gone["2026-03-05"] == ["a1", "pro", 100.0, 3, 30.0]
    assert gone["2026-03-10"] == [None, None, 0.0, None, 0.0]


def test_a_ticket_that_is_opened_again_was_solved_before(grown: Warehouse) -> None:
    """The second part of the case corrected_rows: emptied in the source, but with a time of the re-opening."""
    found = values(grown, "odo", "open_tickets", "tickets_91d")
    assert [found[day] for day in ("2026-03-08", "2026-03-10", "2026-03-15")] == [[0, 1], [1, 1], [1, 1]]


def test_a_stage_said_again_is_the_same_stay(grown: Warehouse) -> None:
    found = values(grown, "left_behind", "journey_stage", "days_in_stage")
    assert [found[day] for day in ("2026-03-08", "2026-03-10", "2026-03-15")] == [["adopted", 6], ["adopted", 8], ["adopted", 13]]


# --- Every state that an input may be in, without a build -----------------------------------------------------------------


@pytest.fixture(scope="module")
def context() -> dict[str, Any]:
    """What a model may name."""
    return loaded_macros(macro_texts(ROOT), {})


@pytest.fixture(scope="module")
def run_model(context: dict[str, Any]) -> Any:
    """A function that runs one model on the given tables (name: frame) and returns its rows as dicts."""

    def run(path: str, **tables: pd.DataFrame) -> list[dict[str, Any]]:
        sql = rendered((ROOT / path).read_text(encoding="utf-8"), context | {"ref": lambda name: name})
        with duckdb.connect() as connection:
            for name, frame in tables.items():
                connection.register(name, frame)
            return connection.execute(sql).df().astype(object).where(lambda frame: frame.notna(), None).to_dict("records")

    return run


def test_every_order_of_opening_and_solving(run_model: Any) -> None:
    """1,331 tickets: each time missing, or on one of five days, in the morning or the evening."""
    times = [None] + [dt.datetime(2026, 3, day, hour) for day in range(1, 6) for hour in (8, 20)]
    tickets = [
        {
            "ticket_id": f"t{number}",
            "user_id": "u",
            "created_at": dt.datetime(2026, 3, 2, 12),
            "first_solved_at": first,
            "reopened_at": again,
            "solved_at": solved,
        }
        for number, (first, again, solved) in enumerate(itertools.product(times, repeat=3))
    ]
    frame = pd.DataFrame(tickets).astype({name: "datetime64[us]" for name in tickets[0] if name.endswith("_at")})
    openings: dict[str, list[dict[str, Any]]] = {}
    for row in run_model("models/features/ticket_openings.sql", stg_support_tickets=frame):
        openings.setdefault(row["ticket_id"], []).append(row)
    wrong, opened_again = [], 0
    for row in tickets:
        for day in (dt.date(2026, 3, number) for number in range(1, 8)):
            found = sum(
                one["opened_date"].date() <= day and (one["solved_date"] is None or one["solved_date"].date() > day)
                for one in openings.get(row["ticket_id"], [])
            )
            expected = int(row["created_at"].date() <= day and is_open(row, day))
            opened_again += len(openings.get(row["ticket_id"], [])) > 1
            wrong += [(row, day, found, expected)] if found != expected else []
    assert len(tickets) == 1331 and opened_again > 500
    assert wrong == []


def test_every_order_of_moves(run_model: Any) -> None:
    """2,000 users with up to four moves, before, on and after the day of the signup: one account on each day, that of the oracle."""
    chance = random.Random(11)
    users, history = [], []
    for number in range(2000):
        user = f"u{number}"
        users.append({"user_id": user, "account_id": chance.choice(["a0", "a1", None]), "signed_up_at": dt.datetime(2026, 3, 3, 9)})
        moments = chance.sample(range(0, 8 * 24), chance.randrange(5))
        history += [
            {
                "entity": "user",
                "entity_id": user,
                "attribute": "account_id",
                "value": chance.choice(["a1", "a2", "a3", None]),
                "valid_from": dt.datetime(2026, 3, 1) + dt.timedelta(hours=moment),
            }
            for moment in moments
        ]
    # What is no move: another entity or another attribute.
    history += [{**row, "entity": "account"} for row in history[:50]] + [{**row, "attribute": "city"} for row in history[:50]]
    stays = run_model(
        "models/activity/user_accounts.sql",
        stg_users=pd.DataFrame(users).astype({"signed_up_at": "datetime64[us]"}),
        stg_attribute_history=pd.DataFrame(history).astype({"valid_from": "datetime64[us]"}),
    )
    world = World.__new__(World)
    world.users, world.accounts, world.history = {row["user_id"]: row for row in users}, {}, {}
    for row in history:
        world.history.setdefault((row["entity"], row["entity_id"], row["attribute"]), []).append(row)
    of_user: dict[str, list[dict[str, Any]]] = {}
    for row in stays:
        of_user.setdefault(row["user_id"], []).append(row)
    wrong = []
    for user in users:
        for day in (dt.date(2026, 3, number) for number in range(3, 12)):
            found = [
                row["account_id"]
                for row in of_user[user["user_id"]]
                if (row["valid_from_date"] is None or row["valid_from_date"].date() <= day)
                and (row["valid_to_date"] is None or row["valid_to_date"].date() > day)
            ]
            expected = world.account_of(user, day)
            wrong += [(user, day, found, expected)] if found != [expected] else []
    assert wrong == [] and len(stays) > 3000


# --- Users who vanish ----------------------------------------------------------------------------------------------------


class Sightings:
    """A warehouse of which only what tells missing users is built."""

    def __init__(self, folder: Path) -> None:
        self.warehouse = Warehouse(folder)
        # Staging alone, which is parsed in a second; its hooks ask for segments.
        for name in ("activity", "features", "marts", "segments"):
            shutil.rmtree(folder / "models" / name)
        project = yaml.safe_load((folder / "dbt_project.yml").read_text(encoding="utf-8"))
        project["on-run-start"] = [hook for hook in project["on-run-start"] if "segments" not in hook]
        (folder / "dbt_project.yml").write_text(yaml.safe_dump(project, sort_keys=False), encoding="utf-8")

    def build(self, users: list[Row], *arguments: str) -> tuple[list[str], str | None]:
        """Builds; returns the warnings, and why it may not be published (None: it may)."""
        self.warehouse.write_inputs({**small_company(), "users": users})
        result = self.warehouse.run("build", "--select", "+seen_users", *arguments)
        assert result.success, result.output[-3000:]
        node = {"unique_id": "model.segmentation.seen_users", "name": "seen_users", "schema": "state", "alias": "seen_users"}
        build = readiness.Build({"nodes": {node["unique_id"]: node}}, {"results": [{"unique_id": node["unique_id"], "status": "success"}]})
        refusal = None
        with duckdb.connect() as connection:
            connection.execute(f"attach '{self.warehouse.database}' as warehouse (read_only)")
            try:
                readiness.check_vanished(connection, build)
            except Refusal as problem:
                refusal = str(problem)
        return [line for line in result.output.splitlines() if line.startswith("Warning: users:")], refusal

    def hashes(self) -> int:
        return self.warehouse.query("select count(*) from state.seen_users")[0][0]


def users(*names: str, **values: str) -> list[Row]:
    return [{"user_id": name, "signed_up_at": "2026-01-05", **values} for name in names]


def test_users_who_vanish_are_told_and_many_are_not_published(tmp_path: Path) -> None:
    """The case user_missing_from_export, and what may leave an export without a word."""
    sightings = Sightings(tmp_path / "vanished")
    first, second = case_rows("user_missing_from_export", "users_monday"), case_rows("user_missing_from_export", "users_tuesday")
    leaving = users("deleted", deleted_at="2026-02-01")
    assert sightings.build(first + leaving) == ([], None), "nobody is missing from the first export"

    # Deleted before: not missing. u3 is, on each day until the export is whole or the loss is accepted.
    for rows in (second, second + users("newcomer")):
        warnings, refusal = sightings.build(rows)
        assert len(warnings) == 1 and "1 of " in warnings[0] and "max_vanished_share" in warnings[0]
        assert refusal and "1 of " in refusal and "max_vanished_share: 1" in refusal
    assert sightings.build(first + users("newcomer")) == ([], None), "u3 is back"
    assert sightings.warehouse.query("select count(*) from staging.stg_users") == [(3,)]

    warnings, refusal = sightings.build(second + users("newcomer"), "--vars", "max_vanished_share: 1")
    assert len(warnings) == 1 and refusal is None, "accepted, but not in silence"
    assert sightings.build(second + users("newcomer")) == ([], None), "what was accepted is no news"
    assert sightings.hashes() == 2, "whoever is gone for good leaves no hash behind"


@pytest.mark.long
def test_the_share_of_vanished_users_is_that_of_the_known(tmp_path: Path) -> None:
    """One of a hundred may be missing, with a warning; two may not; of forgotten and full-refreshed ones nothing is said."""
    sightings = Sightings(tmp_path / "share")
    hundred = users(*(f"u{number:03d}" for number in range(100)))
    assert sightings.build(hundred) == ([], None)
    warnings, refusal = sightings.build(hundred[1:])
    assert refusal is None and len(warnings) == 1 and "1 of 100" in warnings[0]
    # A full refresh forgets no sighting, and the next share is that of the ninety-nine.
    warnings, refusal = sightings.build(hundred[2:] + users("new"), "--full-refresh")
    assert refusal and "1 of 99 " in refusal and "1 of 99" in warnings[0]
    with duckdb.connect(str(sightings.warehouse.database)) as connection:
        connection.execute("insert into state.forgotten_users select sha256('user_id:u001')")
    assert sightings.build(hundred[2:]) == (
        [
            "Warning: users: 1 of 99 users from the previous build are missing without `deleted_at`, and so is their "
            "history. That is more than `max_vanished_share` allows, so nothing is published: load the whole export and build again, or, "
            "to erase them, build once with --vars 'max_vanished_share: 1'."
        ],
        "1 of 99 users from the previous build are missing from the input users, without deleted_at: more than max_vanished_share allows. If the "
        "export is incomplete, load it again and run `make build`. To erase them from all dates, build once with "
        "`.venv/bin/python scripts/build.py --vars 'max_vanished_share: 1'`.",
    ), "the newcomer is gone; the forgotten one is not missing"


def test_a_share_out_of_range_stops_the_parse() -> None:
    text = (ROOT / "models/staging/seen_users.sql").read_text(encoding="utf-8")
    for share in (-0.1, 1.1, "many", True):
        with pytest.raises(Exception, match=f"`max_vanished_share` must be a number from 0 to 1, got {json.dumps(share)}."):
            wrong = loaded_macros(macro_texts(ROOT), {"max_vanished_share": share})
            rendered(text, wrong | {"load_relation": lambda _: None, "this": "t"})
