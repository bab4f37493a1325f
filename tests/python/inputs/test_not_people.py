"""Who is not one of the people: the models of `not_people` against plain Python over random companies and rules."""

from __future__ import annotations

import functools
import random
import re
from typing import Any

import duckdb
import pytest

from registries import texts_of
from render_macros import loaded_macros, macro_texts, rendered
from warehouse import ROOT

Rule = dict[str, Any]
Record = dict[str, Any]

VARIABLES: dict[str, Any] = {}
# Of each kind of input one: users, events, a device or a user, a user, both, an account alone, and any entity.
COLUMNS = {
    "users": ["user_id", "account_id", "email", "job_title"],
    "events": ["event_id", "user_id", "anonymous_id", "event_name", "os", "properties"],
    "identities": ["anonymous_id", "user_id", "linked_at"],
    "campaign_messages": ["message_id", "user_id"],
    "support_tickets": ["ticket_id", "user_id"],
    "invoices": ["invoice_id", "account_id", "user_id"],
    "account_stages": ["account_id", "stage"],
    "attribute_history": ["entity", "entity_id", "attribute"],
}


@functools.cache
def macros() -> dict[str, Any]:
    texts = texts_of(ROOT) | macro_texts(ROOT, "macros/cross_db") | macro_texts(ROOT, "macros/inputs")
    return loaded_macros(texts, VARIABLES, more={"ref": lambda name: name})


def sql_of(path: str) -> str:
    return rendered((ROOT / path).read_text(encoding="utf-8"), macros())


class Company:
    """Random rows of each input, and merges that hold."""

    def __init__(self, chance: random.Random) -> None:
        users = [f"u{number}" for number in range(12)]
        devices = [f"d{number}" for number in range(6)]
        accounts = ["a1", "a2", "a3", "7", None]
        named = [*users, "service-1", "7"]
        addresses = ["{}@acme.com", "{}@EU.acme.com", "{}@notacme.com", "{}@shop.example", "acme.com", "x_{}@b_z.com", "x@bqz.com", None]
        self.rows: dict[str, list[Record]] = {
            "users": [
                {
                    "user_id": name,
                    "account_id": chance.choice(accounts),
                    "email": (chance.choice(addresses) or "").format(name) or None,
                    "job_title": chance.choice(["Test Engineer", "TESTER", "Engineer", "100% test", None]),
                }
                for name in users
            ],
            "events": [
                {
                    "event_id": f"e{number}",
                    "user_id": chance.choice([*named, None, None]),
                    "anonymous_id": chance.choice([*devices, None]),
                    "event_name": chance.choice(["heartbeat", "Heartbeat", "Daily Ad Metrics", "daily_ad_view", "task_completed"]),
                    "os": chance.choice(["linux", "HeadlessChrome", None]),
                    "properties": chance.choice(['{"agent": "Googlebot/2.1"}', '{"agent": "Firefox"}', '{"a": {"b": true}}', "{}", None]),
                }
                for number in range(60)
            ],
            "identities": [
                {"anonymous_id": chance.choice(devices), "user_id": chance.choice([*named, "nobody"]), "linked_at": chance.randrange(9)}
                for _ in range(9)
            ],
            "campaign_messages": [{"message_id": f"m{number}", "user_id": chance.choice(named + devices)} for number in range(12)],
            "support_tickets": [{"ticket_id": f"t{number}", "user_id": chance.choice(named)} for number in range(9)],
            "invoices": [
                {"invoice_id": f"i{number}", "account_id": chance.choice(accounts), "user_id": chance.choice([*named, None, None])}
                for number in range(12)
            ],
            "account_stages": [{"account_id": name, "stage": "won"} for name in accounts[:-1]],
            "attribute_history": [
                {
                    "entity": chance.choice(["user", "account"]),
                    "entity_id": chance.choice(["u1", "u2", "a1", "7"]),
                    "attribute": f"x{number}",
                }
                for number in range(9)
            ],
        }
        self.parents = {name: chance.choice(users[:number]) for number, name in enumerate(users) if number and chance.random() < 0.25}
        self.chance = chance

    def rules(self) -> list[Rule]:
        """One to four rules, each with one or two conditions."""
        conditions: list[Rule] = [
            {"email_domains": ["Acme.com"]},
            {"email_domains": ["@b_z.com", "eu.acme.com"]},
            {"user_ids": ["u3", "service-1", 7]},
            {"anonymous_ids": ["d1"]},
            {"account_ids": [7, "a2"]},
            {"listed_in": "testers"},
            {"user_values": {"job_title": ["*test*"]}},
            {"user_values": {"job_title": ["100% *", "engineer"], "account_id": ["a3"]}},
            {"event_names": ["heartbeat", "daily ad *"]},
            {"event_values": {"agent": ["*bot*"], "os": ["headless*"]}},
            {"event_values": {"a.b": [True]}, "whole_user": True},
            {"event_names": ["daily_*"], "whole_user": True},
        ]
        chosen = []
        for number in range(self.chance.randrange(1, 5)):
            chosen.append({"name": f"rule_{number}"})
            for condition in self.chance.sample(conditions, self.chance.randrange(1, 3)):
                chosen[-1].update(condition)
        return chosen


def matches(value: Any, patterns: list[Any]) -> bool:
    if value is None:
        return False
    return any(
        re.fullmatch(".*".join(map(re.escape, str(pattern).lower().split("*"))), str(value).lower(), re.DOTALL) for pattern in patterns
    )


def property_of(event: Record, name: str) -> Any:
    import json

    if name in event:
        return event[name]
    value: Any = json.loads(event["properties"] or "{}")
    for part in name.split("."):
        value = value.get(part) if isinstance(value, dict) else None
    return value


def is_such_an_event(event: Record, rule: Rule) -> bool:
    return matches(event["event_name"], rule.get("event_names", [])) or any(
        matches(property_of(event, name), patterns) for name, patterns in rule.get("event_values", {}).items()
    )


def is_such_a_user(user: Record, rule: Rule) -> bool:
    domain = (user["email"] or "").lower().rpartition("@")
    listed = [text.lower().lstrip("@") for text in rule.get("email_domains", [])]
    return (
        (bool(domain[1]) and any(domain[2] == each or domain[2].endswith("." + each) for each in listed))
        or any(matches(user[column], patterns) for column, patterns in rule.get("user_values", {}).items())
        or user["account_id"] in [str(each) for each in rule.get("account_ids", [])]
    )


def left_out(company: Company, rules: list[Rule]) -> dict[str, list[int | None]]:
    """The number of the first rule that leaves each row out, row by row."""
    known = {user["user_id"] for user in company.rows["users"]}
    found: dict[tuple[str, str], int] = {}
    for number, rule in reversed(list(enumerate(rules))):
        people = {str(each) for each in rule.get("user_ids", [])}
        people |= {"u5", "service-2"} if rule.get("listed_in") else set()
        people |= {user["user_id"] for user in company.rows["users"] if is_such_a_user(user, rule)}
        devices = {str(each) for each in rule.get("anonymous_ids", [])}
        if rule.get("whole_user"):
            for event in company.rows["events"]:
                if is_such_an_event(event, rule) and (event["user_id"] or event["anonymous_id"]):
                    (people if event["user_id"] else devices).add(event["user_id"] or event["anonymous_id"])
        while True:
            more = {name for pair in company.parents.items() if set(pair) & people for name in pair}
            if more <= people:
                break
            people |= more
        found |= {("user", name): number for name in people} | {("anonymous", name): number for name in devices}
        found |= {("account", str(name)): number for name in rule.get("account_ids", [])}
    claimants = known | {name for kind, name in found if kind == "user"}
    links = sorted((row["anonymous_id"], row["linked_at"], row["user_id"]) for row in company.rows["identities"])
    for device in {row[0] for row in links}:
        owner = next((user for name, _, user in links if name == device and user in claimants), None)
        if ("user", owner) in found:
            found["anonymous", device] = min(found["user", str(owner)], found.get(("anonymous", device), 99))

    def verdict(name: str, row: Record) -> int | None:
        ids = [("user", row.get("user_id")), (row.get("entity"), row.get("entity_id"))]
        if name != "users":
            ids.append(("account", row.get("account_id")))
        if name == "events" and not row["user_id"]:
            ids.append(("anonymous", row["anonymous_id"]))
        if name == "campaign_messages":
            ids.append(("anonymous", row["user_id"]))
        numbers = [found[each] for each in ids if each in found]  # type: ignore[index]
        if name == "events":
            numbers += [number for number, rule in enumerate(rules) if is_such_an_event(row, rule)]
        return min(numbers, default=None)

    return {name: [verdict(name, row) for row in rows] for name, rows in company.rows.items()}


def fill(connection: duckdb.DuckDBPyConnection, company: Company) -> None:
    """The checked rows, in an order of their own, with one rejected and one copy of everything that must not count."""
    contract = macros()["input_contract"]()
    for name, entry in contract.items():
        columns = [*entry["columns"], "reject_reason", "is_duplicate"]
        listed = ", ".join(f"{column} varchar" for column in columns[:-1]) + ", is_duplicate boolean"
        connection.execute(f"create or replace table stg_{name}__checked ({listed})")
        rows = company.rows.get(name, [])
        spoilt = [{**row, "event_name": "daily_ad_view", "email": "x@acme.com", "reject_reason": "missing_key"} for row in rows[:1]]
        spoilt += [{**row, "event_name": "daily_ad_view", "email": "x@acme.com", "is_duplicate": True} for row in rows[1:2]]
        for row in company.chance.sample(rows + spoilt, len(rows + spoilt)):
            row = {"is_duplicate": False, **{key: value for key, value in row.items() if key in columns}}
            places = ", ".join("?" * len(row))
            connection.execute(f"insert into stg_{name}__checked ({', '.join(row)}) values ({places})", list(row.values()))
    connection.execute("create or replace table user_merges (user_id varchar, survivor_id varchar, refused_because varchar)")
    merges: list[list[Any]] = [["u0", "u1", "circle"]]
    for name in company.parents:
        above = company.parents.get(name)
        while above:
            merges.append([name, above, None])
            above = company.parents.get(above)
    connection.executemany("insert into user_merges values (?, ?, ?)", merges)
    connection.execute("create or replace table testers as select * from (values (' u5 '), ('service-2'), (null)) as testers (user_id)")
    connection.execute("create or replace table data_through as select date '2026-03-01' as data_through")


def test_what_is_left_out_and_how_it_is_counted() -> None:
    chance = random.Random(16)
    seen = 0
    with duckdb.connect() as connection:
        for _ in range(8):
            company = Company(chance)
            rules = company.rules()
            VARIABLES.clear()
            VARIABLES.update({"not_people": rules, "inputs": dict.fromkeys(company.rows, "somewhere")})
            fill(connection, company)
            connection.execute(f"create or replace table left_out_ids as {sql_of('models/staging/left_out_ids.sql')}")
            expected = left_out(company, rules)
            counts = {(rule["name"], name): [0, set()] for rule in rules for name in company.rows}
            for name, rows in company.rows.items():
                kept = [tuple(map(str, row.values())) for row, number in zip(rows, expected[name]) if number is None]
                body = macros()["usable_rows"](name)
                found = connection.execute(f"select {', '.join(COLUMNS[name])} from ({body})").fetchall()
                assert sorted(tuple(map(str, row)) for row in found) == sorted(kept), (name, rules)
                for row, number in zip(rows, expected[name]):
                    if number is not None:
                        counts[rules[number]["name"], name][0] += 1
                        counts[rules[number]["name"], name][1] |= {row.get("user_id")} - {None}
                        seen += 1
            mart = connection.execute(
                f"select rule_name, input, rows_left_out, users_left_out from ({sql_of('models/marts/inputs/left_out_rows.sql')}) order by all"
            ).fetchall()
            names_users = {name for name, columns in COLUMNS.items() if "user_id" in columns}
            assert mart == sorted((*key, rows, len(users) if key[1] in names_users else None) for key, (rows, users) in counts.items())
    assert seen > 200


def test_without_rules_nothing_is_asked_and_nothing_is_counted() -> None:
    VARIABLES.clear()
    assert "left_out_ids" not in macros()["usable_rows"]("events")
    with duckdb.connect() as connection:
        connection.execute("create table data_through as select date '2026-03-01' as data_through")
        assert connection.execute(sql_of("models/marts/inputs/left_out_rows.sql")).fetchall() == []


@pytest.mark.parametrize(
    ("rule", "told"),
    [
        ({}, "vars: not_people: x must be a rule with a condition, such as email_domains, got"),
        ({"whole_user": True}, "must be a rule with a condition"),
        ({"user_ids": ["u1"], "whole_user": True}, "must be a rule with event_names or event_values where it says whole_user"),
        ({"user_values": {"jobtitle": ["x"]}}, "must be a column of the input users (docs/your-data.md), got \"jobtitle\"; did you mean 'job_title'"),
        ({"domains": ["acme.com"]}, "unknown key `domains`; did you mean `email_domains`"),
    ],
)  # fmt: skip
def test_a_rule_that_cannot_hold_stops_the_parse(rule: Rule, told: str) -> None:
    VARIABLES.clear()
    VARIABLES["not_people"] = [{"name": "x", **rule}]
    assert told in "\n".join(macros()["_variables_problems"]())
