"""What the input contract promises of values: ranges, labels, ids, white space, duplicates. In one build of cases that went
wrong elsewhere, and in a generator of hostile rows for every input against an oracle of a few lines."""

from __future__ import annotations

import csv
import re
from collections import Counter
from pathlib import Path

import duckdb
import pytest
import yaml
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from contract_oracle import outcome, trimmed
from registries import project_variables
from render_macros import loaded_macros, macro_texts
from warehouse import ROOT, Inputs, Row, Warehouse, csv_text, small_company

CASES = ROOT / "tests/cases"
SELECTED = ("--select", "+user_features", "+rejected_rows", "+unreadable_values", "+input_summary", "+unlisted_events")


def case(name: str, file: str) -> list[Row]:
    """The rows of a file of a case."""
    with (CASES / name / f"{file}.csv").open(encoding="utf-8", newline="") as text:
        return list(csv.DictReader(text))


def company_of_cases() -> Inputs:
    """small_company() with the rows of all cases of this file. The hostile files hold its users and events, and many others."""
    company = small_company()
    company["users"], company["events"] = case("hostile_files", "batch_users"), case("hostile_files", "batch_events")
    for name in company:
        for row in company[name]:
            if row.get("user_id") == "u1" and name == "survey_responses":
                row.update(response_id="r0", score="")  # its answer is 9: the score that stands only there
    ids = ["mara", "odo", "ines", "tom", "pia", "junk1", "kim", "ulf", "ann"]
    company["users"] += [{"user_id": name, "signed_up_at": "2026-01-05", "updated_at": "2026-01-05"} for name in ids]
    company["users"] += case("control_characters_in_ids", "users")
    company["users"] += [
        {"user_id": "old", "signed_up_at": "2026-01-05", "birth_year": "1899", "account_id": "NULL"},
        {"user_id": "young", "signed_up_at": "2026-01-05", "birth_year": "2027", "account_id": "0"},
        {"user_id": "wordy", "signed_up_at": "2026-01-05", "birth_year": "about 1980", "country": "\u200b\u00ad\t"},
        {"user_id": "\ufeffedge\u2069", "signed_up_at": "\t2026-01-05\u00a0", "job_title": "\u3000Chief \u200b Cook\n"},
        {"user_id": "undefined", "signed_up_at": "2026-01-05"},
        # Two versions, and one that no time says is newer.
        {"user_id": "twice", "signed_up_at": "2026-01-05", "city": "Ulm", "updated_at": "2026-02-01"},
        {"user_id": "twice", "signed_up_at": "2026-01-05", "city": "Bonn", "updated_at": "2026-03-01"},
        {"user_id": "twice", "signed_up_at": "2026-01-05", "city": "Aachen", "updated_at": ""},
    ]
    company["accounts"] += [
        {"account_id": "a3", "employee_count": "-5", "annual_revenue": "-1"},
        {"account_id": "a4", "employee_count": "99999999999", "annual_revenue": "0"},
        {"account_id": "[Object Object]"},
    ]
    company["subscriptions"] += [
        {
            "subscription_id": f"s{seats}{mrr}",
            "account_id": "a2",
            "plan": "\u200bPro\t",
            "seats": seats,
            "mrr": mrr,
            "valid_from": "2026-01-05",
            "started_at": "2026-01-05",
        }
        for seats, mrr in [("-1", "-0.01"), ("2000000000", "0")]
    ]
    company["marketing_spend"] = [
        {"spend_date": "2026-02-01", "channel": "ads", "amount": "-5"},
        {"spend_date": "2026-02-02", "channel": "ads", "amount": "0"},
    ]
    company["invoices"] += case("corrected_rows", "invoices") + [
        {"invoice_id": "refund", "account_id": "a1", "amount": "-20", "currency": "USD", "paid_at": "2026-03-05"},
        {"invoice_id": "nobody", "account_id": "none", "amount": "20", "currency": "USD", "paid_at": "2026-03-05"},
    ]
    company["invoices"] += [  # corrected, with a time that says so
        {"invoice_id": "i8", "account_id": "a1", "amount": amount, "currency": "USD", "paid_at": "2026-03-05", "updated_at": time}
        for amount, time in [("70", "2026-03-06"), ("80", "2026-03-07"), ("60", ""), ("80", "2026-03-07")]
    ]
    company["support_tickets"] = case("corrected_rows", "support_tickets") + [
        {"ticket_id": "k1", "user_id": "odo", "created_at": "2026-03-02", "satisfaction": "98"},
        {"ticket_id": "k3", "user_id": "odo", "created_at": "2026-03-02", "satisfaction": "5"},
    ]
    company["survey_responses"] += (
        case("score_out_of_range", "survey_responses")
        + [{**row, "user_id": "ulf"} for row in case("corrected_rows", "survey_responses")]
        + [
            {
                "response_id": f"c{number}",
                "user_id": user,
                "instrument": instrument,
                "score": score,
                "answer": answer,
                "responded_at": f"2026-03-{number:02d}",
            }
            for number, (user, instrument, score, answer) in enumerate(
                [
                    ("kim", "CSAT ", "4", ""),
                    ("kim", "csat", "90", ""),
                    ("ulf", "ces", "7", ""),
                    ("ulf", "ces", "8", ""),
                    ("ann", "nps", "", "10 - Extremely likely"),
                    ("ann", "promoter", "9", ""),
                    ("ann", "attribute", "", "music"),
                ],
                start=1,
            )
        ]
    )
    company["attribute_history"] = [
        {
            "entity": entity,
            "entity_id": "a1" if entity == "account" else "u1",
            "attribute": attribute,
            "value": value,
            "valid_from": f"2026-02-{day:02d}",
        }
        for day, (entity, attribute, value) in enumerate(
            [
                ("account", "employee_count", "15"),
                ("account", "employee_count", "many"),
                ("account", "employee_count", "-3"),
                ("account", "industri", "x"),
                ("acount", "industry", "x"),  # codespell:ignore acount
                ("user", "industry", "x"),
                ("user", "birth_year", "2190"),
                ("user", "account_id", "undefined"),
                ("User ", " City", "Rome"),
                ("account", "employee_count", ""),
            ],
            start=1,
        )
    ]
    company["account_technologies"] = [
        {"account_id": "a1", "category": category, "vendor": "v", "first_seen_at": "2026-02-01"} for category in ("crm", "crmm")
    ]
    company["identities"] = case("placeholder_ids", "identities") + [
        {"anonymous_id": "an1", "user_id": "u2", "linked_at": "2026-03-02"},
        {"anonymous_id": "an2", "user_id": "Null", "linked_at": "2026-03-02"},
    ]
    company["events"] += case("control_characters_in_ids", "events") + case("placeholder_ids", "events")
    company["events"] += [
        {
            "event_id": "good-anonymous",
            "user_id": "undefined",
            "anonymous_id": "an1",
            "event_name": "page_viewed",
            "occurred_at": "2026-03-07T10:00:00Z",
        },
        {
            "event_id": "good-user",
            "user_id": "u2",
            "anonymous_id": "00000000-0000-0000-0000-000000000000",
            "event_name": "page_viewed",
            "occurred_at": "2026-03-07T11:00:00Z",
        },
        {"event_id": "zero", "user_id": "0", "event_name": "page_viewed", "occurred_at": "2026-03-07T10:00:00Z"},
        {"event_id": "last", "user_id": "u2", "event_name": "page_viewed", "occurred_at": "2026-03-31T10:00:00Z"},
    ]
    # One changed copy among 200, before and after the others in every order of content.
    copied = {"event_id": "copied", "user_id": "u2", "event_name": "page_viewed", "occurred_at": "2026-03-08T10:00:00Z", "app_version": "5"}
    company["events"] += [copied] * 100 + [{**copied, "app_version": "1"}] + [copied] * 100
    company["interview_notes"] = [
        {"note_id": "n1", "user_id": "u1", "theme": theme, "noted_at": "2026-03-01"} for theme in ["b"] * 200 + ["c", "a", "a"]
    ]
    return company


@pytest.fixture(scope="module")
def warehouse(tmp_path_factory: pytest.TempPathFactory) -> Warehouse:
    """All cases in one build. build() itself checks that the rows of every input add up."""
    warehouse = Warehouse(tmp_path_factory.mktemp("contract") / "project", {"as_of_date": "2026-03-31"})
    warehouse.write_inputs(company_of_cases())
    warehouse.build(*SELECTED)
    return warehouse


def rejected(warehouse: Warehouse, name: str) -> dict[str, int]:
    return dict(
        warehouse.query(f"select row_key || ': ' || reject_reason, count(*) from marts.rejected_rows where input = '{name}' group by 1")
    )


def listed(warehouse: Warehouse, name: str) -> dict[str, str]:
    return dict(
        warehouse.query(
            f"select row_key, unreadable_columns || ': ' || unreadable_reasons from marts.unreadable_values where input = '{name}'"
        )
    )


def test_white_space_and_invisible_characters_at_the_ends_are_no_part_of_a_text(warehouse: Warehouse) -> None:
    days = dict(
        warehouse.query(
            "select user_id, active_days_28d from features.user_features where as_of_date = '2026-03-31' and user_id like 'ws%'"
        )
    )
    assert days == {"ws1": 1, "ws2": 1, "ws3": 1, "ws6": 1}
    assert warehouse.query("select job_title, country from staging.stg_users where user_id = 'edge'") == [("Chief \u200b Cook", None)]
    assert warehouse.query("select country from staging.stg_users where user_id = 'wordy'") == [(None,)]
    assert warehouse.query("select distinct plan from staging.stg_subscriptions") == [("pro",)]


def test_a_number_outside_its_range_is_null_and_listed_and_hides_no_earlier_answer(warehouse: Warehouse) -> None:
    features = {
        user: found
        for user, *found in warehouse.query(
            "select user_id, nps_score, nps_category, csat_score from features.user_features where as_of_date = '2026-03-31'"
        )
    }
    assert features["mara"] == [9.0, "promoter", None]
    assert features["odo"] == features["ines"] == features["tom"] == features["ann"] == [None, None, None]
    assert features["pia"] == features["u1"] == [9.0, "promoter", None], "the answer holds the score"
    assert features["kim"] == [None, None, 4.0]
    assert listed(warehouse, "survey_responses") == {
        "r2": "score: out_of_range",
        "r3": "score: out_of_range",
        "r4": "score: out_of_range",
        "r5": "score: unreadable",
        "c2": "score: out_of_range",
        "c4": "score: out_of_range",
        "c5": "score: unreadable",
        "c6": "instrument: unknown_label",
    }
    users = listed(warehouse, "users")
    assert {user: users.pop(user) for user in ("old", "young", "wordy")} == {
        "old": "account_id, birth_year: placeholder_id, out_of_range",
        "young": "birth_year: out_of_range",
        "wordy": "birth_year: unreadable",
    }
    assert listed(warehouse, "accounts") == {
        "a3": "employee_count, annual_revenue: out_of_range, out_of_range",
        "a4": "employee_count: out_of_range",
    }
    assert listed(warehouse, "subscriptions") == {
        "s-1-0.01|2026-01-05": "seats, mrr: out_of_range, out_of_range",
        "s20000000000|2026-01-05": "seats: out_of_range",
    }
    assert listed(warehouse, "support_tickets") == {"k1": "satisfaction: out_of_range"}
    assert rejected(warehouse, "marketing_spend") == {"2026-02-01|ads: out_of_range": 1}
    assert warehouse.query("select sum(amount) from staging.stg_invoices where invoice_id = 'refund'")[0][0] == -20


def test_attributes_that_no_model_reads_are_refused_and_a_bad_value_leaves_the_one_before(warehouse: Warehouse) -> None:
    assert rejected(warehouse, "attribute_history") == {
        "account|a1|employee_count|2026-02-02: unreadable_value": 1,
        "account|a1|employee_count|2026-02-03: out_of_range": 1,
        "account|a1|industri|2026-02-04: unknown_attribute": 1,
        "acount|u1|industry|2026-02-05: unknown_entity": 1,  # codespell:ignore acount
        "user|u1|industry|2026-02-06: unknown_attribute": 1,
        "user|u1|birth_year|2026-02-07: out_of_range": 1,
        "user|u1|account_id|2026-02-08: placeholder_id": 1,
    }
    sizes = dict(warehouse.query("select cast(as_of_date as text), employee_count from features.user_features where user_id = 'u1'"))
    assert sizes["2026-02-08"] == 15 and sizes["2026-03-31"] is None, "cleared at last"
    assert warehouse.query("select city from features.user_features where user_id = 'u1' and as_of_date = '2026-03-31'") == [("Rome",)]
    assert listed(warehouse, "account_technologies") == {"a1|crmm|v|2026-02-01": "category: unknown_label"}


def test_the_attributes_of_the_contract_are_those_that_models_read() -> None:
    contract = (ROOT / "macros/registries/inputs.sql").read_text(encoding="utf-8").split("'attributes': {", 1)[1].split("},", 1)[0]
    read: dict[str, set[str]] = {"user": {"account_id"}, "account": set()}  # account_id: of attribute_history itself
    for path in (ROOT / "models/features").glob("*.sql"):
        for entity, names in re.findall(r"attributes_as_of\('(\w+)', \[([^\]]+)\]", path.read_text(encoding="utf-8")):
            read[entity] |= set(re.findall(r"'(\w+)'", names))
    for entity, names in read.items():
        assert set(re.findall(r"'(\w+)'", contract.split(f"'{entity}': [", 1)[1].split("]", 1)[0])) == names


def test_every_value_of_the_hostile_files_is_right_or_null_and_listed(warehouse: Warehouse) -> None:
    """Every cell that is not empty is in staging as it came, but trimmed, or its row is rejected, or its column is listed."""
    kinds = {"users": ("user_id", case("hostile_files", "batch_users")), "events": ("event_id", case("hostile_files", "batch_events"))}
    checked_cells = 0
    for name, (key, rows) in kinds.items():
        staged = {
            row["row_key"]: row
            for row in warehouse.records(f"select * from staging.stg_{name}__checked where reject_reason is null and not is_duplicate")
        }
        not_used = {
            found
            for (found,) in warehouse.query(
                f"select row_key from staging.stg_{name}__checked where reject_reason is not null or is_duplicate"
            )
        }
        for row in rows:
            found = staged.get(trimmed(row[key]) or "")
            assert found or (trimmed(row[key]) or "") in not_used
            for column, cell in row.items() if found and (trimmed(row[key]) or "") not in not_used else ():
                text, value = trimmed(cell), found[column]
                if column.endswith("_at"):  # the forms of times have a test of their own
                    continue
                checked_cells += 1
                if value is None:
                    assert (
                        text is None
                        or text in ("null", "[]")
                        and column == "properties"
                        or column in (found["unreadable_columns"] or "").split(", ")
                    ), (row[key], column, cell)
                elif isinstance(value, str):
                    assert value in (text, text.lower(), text.upper())
                elif column == "birth_year":
                    assert value == float(text) and 1900 <= value <= 2026
    assert checked_cells > 1000
    years = dict(warehouse.query("select user_id, birth_year from staging.stg_users where user_id like 'b~_%' escape '~'"))
    assert {user for user, year in years.items() if year is not None} == {"b_1990.0"}


def test_placeholders_are_nobody(warehouse: Warehouse) -> None:
    assert rejected(warehouse, "identities") == {
        "undefined|junk1|2026-03-02T10:00:00Z: placeholder_id": 1,
        "an2|Null|2026-03-02: placeholder_id": 1,
    }
    assert sum(count for reason, count in rejected(warehouse, "events").items() if reason.endswith(": placeholder_id")) == 20
    assert {user: rejected(warehouse, "users")[f"{user}: placeholder_id"] for user in ("undefined", "null", "NULL")} == {
        "undefined": 1,
        "null": 1,
        "NULL": 1,
    }
    assert rejected(warehouse, "accounts") == {"[Object Object]: placeholder_id": 1}
    assert rejected(warehouse, "invoices")["nobody: placeholder_id"] == 1
    assert {key: told for key, told in listed(warehouse, "events").items() if "properties" not in told} == {
        "good-anonymous": "user_id: placeholder_id",
        "good-user": "anonymous_id: placeholder_id",
    }
    assert warehouse.query(
        "select user_id, anonymous_id from staging.stg_events where event_id in ('good-anonymous', 'good-user', 'zero') order by event_id"
    ) == [(None, "an1"), ("u2", None), ("0", None)]
    assert warehouse.query("select account_id from staging.stg_users where user_id in ('old', 'young') order by user_id") == [
        (None,),
        ("0",),
    ]
    active = dict(warehouse.query("select user_id, active_days_28d from features.user_features where as_of_date = '2026-03-31'"))
    assert active["junk1"] == 0


@pytest.mark.parametrize("place", ["seed", pytest.param("source", marks=pytest.mark.long)])
def test_a_column_that_is_there_twice_is_refused(tmp_path: Path, place: str) -> None:
    """A seed, whose second column the loader renames, and a table in which another loader did that; a column of one's own may end in _2."""
    warehouse = Warehouse(tmp_path / "project")
    warehouse.write_inputs(small_company())
    if place == "seed":
        # With department, so that all columns of the contract are there: nothing but the second job_title is wrong.
        text = (CASES / "hostile_files/enc_dup_header.users.csv").read_text(encoding="utf-8")
        warehouse.write_text("users", text.replace("job_title,birth_year", "job_title,department,birth_year").replace(",,1990", ",,,1990"))
        told = "column `job_title` occurs 2 times"
    else:
        with duckdb.connect(str(warehouse.database)) as connection:
            connection.execute(
                "create table users as select * from read_csv(?, all_varchar=true)",
                [str(warehouse.folder / "seeds/sample/sample_users.csv")],
            )
            connection.execute("alter table users add column city_1 varchar")
        (warehouse.folder / "models/crm.yml").write_text(
            "version: 2\nsources: [{name: crm, schema: main, tables: [{name: users}]}]\n", encoding="utf-8"
        )
        project = yaml.safe_load((warehouse.folder / "dbt_project.yml").read_text(encoding="utf-8"))
        warehouse.configure(inputs={**project["vars"]["sample"]["inputs"], "users": {"source": "crm", "table": "users"}})
        told = "columns `city` and `city_1`"
    selected = ("build", "--select", "stg_users__checked", "sample_users", "forgotten_users", "--exclude-resource-type", "test")
    result = warehouse.run(*selected)
    assert not result
    assert "Input `users`" in result.output and told in result.output
    if place == "seed":
        warehouse.write_text("users", csv_text("users", [{**row, "job_title_2": "x"} for row in small_company()["users"]]))
        assert warehouse.run(*selected)


def test_one_changed_copy_is_one_conflict(warehouse: Warehouse) -> None:
    assert rejected(warehouse, "events")["copied: conflicting_duplicate"] == 1
    # The hostile file has 201 copies of an event of small_company(), and three with other properties that arrived at the same time.
    assert rejected(warehouse, "events")["e011: conflicting_duplicate"] == 3
    assert warehouse.query("select properties from staging.stg_events where event_id = 'e011'") == [(None,)]
    assert warehouse.query("select count(*) from staging.stg_events__checked where event_id = 'e011' and is_duplicate") == [(200,)]
    assert warehouse.query("select app_version from staging.stg_events where event_id = 'copied'") == [("5",)]
    assert warehouse.query("select count(*) from staging.stg_events__checked where event_id = 'copied' and is_duplicate") == [(199,)]
    assert rejected(warehouse, "interview_notes") == {"n1: conflicting_duplicate": 2}
    assert warehouse.query("select theme from staging.stg_interview_notes") == [("b",)]


def test_the_newest_version_counts_and_older_ones_are_no_conflict(warehouse: Warehouse) -> None:
    assert warehouse.query("select city from staging.stg_users where user_id = 'twice'") == [("Bonn",)]
    assert "twice: conflicting_duplicate" not in rejected(warehouse, "users")
    assert warehouse.query("select amount from staging.stg_invoices where invoice_id = 'i8'")[0][0] == 80
    assert "i8: conflicting_duplicate" not in rejected(warehouse, "invoices")
    # Without a time nobody knows which one is newer.
    assert rejected(warehouse, "invoices")["i9: conflicting_duplicate"] == 1
    assert rejected(warehouse, "support_tickets") == {"k2: conflicting_duplicate": 1}
    assert rejected(warehouse, "survey_responses") == {"EDIT: conflicting_duplicate": 1}


@pytest.mark.long
def test_who_is_forgotten_is_forgotten_with_white_space_around_the_id(warehouse: Warehouse) -> None:
    """The last one: it changes the warehouse."""
    result = warehouse.run("run-operation", "forget_user", "--args", "{user_id: ws1}")
    assert result, result.output
    assert warehouse.query("select count(*) from raw.sample_events where contains(user_id, 'ws1')") == [(0,)]
    # Invoices of accounts alone do not say whose they are.
    warehouse.build("--select", "sample_events", "sample_invoices", "sample_subscriptions", "stg_events__checked")
    assert warehouse.query("select count(*) from raw.sample_events where contains(user_id, 'ws1')") == [(0,)], "the file still has it"


# --- A generator of hostile rows for every input ----------------------------------------------------------------------

EDGES = ["", "", "", " ", "\t", "\n", "\r\n", "\u00a0", "\u200b", "\ufeff", "\u00ad", "\u2028", "\u202e", "\x00", "\x85", "\u3000\u2060"]
IDS = ["1", "2", "a|b", "a", "b|a", "x\\", "é", "0", "a\u200bb", "undefined", "NULL", "[object Object]", "N/A", "nan", ""]
TEXTS = ["pro", "Pro", "a b", "\u200b", "x'y", '"', "{}", "", "", "|"]
DATES = ["2026-01-05", "2026-01-06", "2026-02-01"]
NUMBERS = ["0", "1", "5", "7", "9", "10", "11", "-1", "99", "1900", "1899", "2026", "2027", "10000001", "ten", "", ""]
POOLS = {"time": DATES, "date": DATES, "boolean": ["true", "false", "maybe", ""], "country": ["de", "DE", "", "us"]}
LABELS = {
    "instrument": ["nps", "NPS", "csat", "ces", "attribute", "npss", ""],
    "category": ["crm", "CRM", "crmm", "database"],
    "entity": ["user", "User", "account", "users"],
    "attribute": ["industry", "industri", "city", "birth_year", "employee_count", "account_id"],
    "answer": ["9", "11", "great", ""],
    "value": ["7", "1985", "-1", "none", "many", "x", ""],
}


def pool(entry: dict, column: str) -> list[str]:
    kind = entry["columns"][column]
    if column in LABELS:
        return LABELS[column]
    if kind == "text" and column.endswith("_id"):
        return IDS
    if kind in ("integer", "money", "double"):
        return NUMBERS
    found = POOLS.get(kind, TEXTS)
    # An empty time is drawn where it may be empty.
    may_be_empty = kind == "time" and column not in [*entry["key"], *entry.get("required", [])]
    return [*found, "", ""] if may_be_empty else found


@pytest.fixture(scope="module")
def engine() -> Engine:
    return Engine()


class Engine:
    """Every input of the contract as a view over a table of texts, on plain DuckDB."""

    def __init__(self) -> None:
        variables = project_variables(ROOT)
        macros = loaded_macros(macro_texts(ROOT), variables)
        self.placeholders = {text.lower() for text in variables["placeholder_ids"]}
        self.contract: dict[str, dict] = macros["input_contract"]()
        self.connection = duckdb.connect()
        self.connection.execute(
            "set TimeZone = 'UTC'; create schema segments; create table segments.forgotten_users (subject_hash varchar)"
        )
        for name, entry in self.contract.items():
            reasons = macros["attribute_reasons"]() if name == "attribute_history" else {}
            if name == "events":
                reasons = {"no_subject": "user_id is null and anonymous_id is null"}
            columns = ", ".join(f"{column} varchar" for column in entry["columns"])
            self.connection.execute(f"create table segments.sample_{name} ({columns})")
            defaults = {"received_at": "occurred_at"} if name == "events" else {}
            self.connection.execute(f"create view {name} as {macros['checked_input'](name, reasons=reasons, defaults=defaults)}")

    def read(self, name: str, rows: list[Row]) -> list[dict]:
        """The checked rows of an input."""
        self.connection.execute(f"delete from segments.sample_{name}")
        if rows:
            marks = ", ".join("?" for _ in rows[0])
            self.connection.executemany(
                f"insert into segments.sample_{name} values ({marks})",
                [[row[column] for column in self.contract[name]["columns"]] for row in rows],
            )
        cursor = self.connection.execute(f"select * from {name} order by all")
        names = [column[0] for column in cursor.description]
        return [dict(zip(names, row)) for row in cursor.fetchall()]


def plain(value: object) -> object:
    """A value of DuckDB as the oracle has it."""
    return value.isoformat()[:10] if hasattr(value, "isoformat") else value


tried: Counter = Counter()


@settings(
    max_examples=100, deadline=None, derandomize=True, phases=[Phase.generate], suppress_health_check=list(HealthCheck), database=None
)
@given(data=st.data())
def test_hostile_rows_of_every_input_come_out_as_the_oracle_says(engine: Engine, data: st.DataObject) -> None:
    # Those with most rules more often.
    name = data.draw(st.sampled_from([*sorted(engine.contract), *["survey_responses"] * 4, "attribute_history", "users", "events"]))
    entry = engine.contract[name]
    edge = st.sampled_from(EDGES)
    # Half of the rows are copies of others with at most one other value, so that keys meet.
    one = st.fixed_dictionaries(
        {column: st.tuples(edge, st.sampled_from(pool(entry, column)), edge).map("".join) for column in entry["columns"]}
    )
    rows = data.draw(st.lists(one, min_size=1, max_size=6))
    for _ in range(data.draw(st.integers(0, 10))):
        copy = dict(data.draw(st.sampled_from(rows)))
        column = data.draw(st.sampled_from([None, *entry["columns"]]))
        if column:
            copy[column] = data.draw(one)[column]
        rows.append(copy)
    checked = engine.read(name, rows)
    assert checked == engine.read(name, data.draw(st.permutations(rows))), "the order of the rows does not matter"
    expected = outcome(name, entry, rows, engine.placeholders)
    used = [row for row in checked if row["reject_reason"] is None and not row["is_duplicate"]]
    conflicts = sum(row["reject_reason"] == "conflicting_duplicate" for row in checked)
    duplicates = sum(row["is_duplicate"] for row in checked)
    rejected_rows = sum(row["reject_reason"] is not None for row in checked) - conflicts
    assert len(checked) == len(rows) == len(used) + duplicates + rejected_rows + conflicts
    assert not any(row["is_duplicate"] and row["reject_reason"] for row in checked)
    assert (rejected_rows, conflicts, duplicates) == (expected["rejected"], expected["conflicts"], expected["duplicates"])
    assert len({row["row_key"] for row in used}) == len(used)
    contents = [column for column in entry["columns"] if column not in entry.get("arrival", [])]
    found = {tuple(plain(row[column]) for column in contents): row for row in used}
    assert len(found) == len(expected["used"])
    for candidates, problems in expected["used"]:
        row = next(found[one] for one in found if one in candidates)
        columns, reasons = ((row[column] or "").split(", ") for column in ("unreadable_columns", "unreadable_reasons"))
        assert {column: reason for column, reason in zip(columns, reasons, strict=True) if column} in problems
    tried["inputs"] += 1
    tried["rows"] += len(rows)


def test_the_generator_tried_enough() -> None:
    print(f"\ncontract: {tried['inputs']} inputs of {tried['rows']} hostile rows tried, 0 silent wrong values")
    assert not tried or tried["inputs"] >= 100
