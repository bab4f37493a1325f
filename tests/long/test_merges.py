"""Users who turn out to be one person: from the day of the merge on everything is the survivor's, and no day before changes."""

from __future__ import annotations

import random
from pathlib import Path
from typing import Any

import pytest

from stack_company import company as cut
from warehouse import Inputs, Warehouse, differences

SELECTED = ("--select", "+user_features", "seen_users", "+identity_bridges", "+unlisted_events", "+input_summary")
# Of the columns of features, those that are sums over a person's own events, tickets and answers.
SUMS = ("events_91d", "tickets_91d", "page_views_91d")


def pairs(inputs: Inputs) -> list[tuple[str, str]]:
    """Absorbed and survivor: two of each of a few accounts, who do much."""
    events: dict[str, int] = {}
    for row in inputs["events"]:
        events[row["user_id"]] = events.get(row["user_id"], 0) + 1
    found = []
    for account in dict.fromkeys(row["account_id"] for row in inputs["users"]):
        people = [
            row["user_id"]
            for row in inputs["users"]
            if row["account_id"] == account and row["signed_up_at"] < "2026-03" and not row["deleted_at"]
        ]
        people = sorted((name for name in people if events.get(name)), key=lambda name: (-events[name], name))
        if account and len(people) > 1:
            found.append((people[1], people[0]))
    return found[:4]


def merged(inputs: Inputs, told: list[tuple[str, str, str]], seed: int = 0) -> Inputs:
    """The inputs with merges: absorbed, survivor, time. `seed`: another order of all rows."""
    by_user = {absorbed: {"merged_into": survivor, "merged_at": moment} for absorbed, survivor, moment in told}
    changed = {name: [dict(row) for row in rows] for name, rows in inputs.items()}
    changed["users"] = [{"merged_into": "", "merged_at": "", **row, **by_user.get(row["user_id"], {})} for row in changed["users"]]
    if seed:
        for rows in changed.values():
            random.Random(seed).shuffle(rows)
    return changed


def paid_alone(inputs: Inputs, absorbed: str, survivor: str) -> Inputs:
    """Both without an account, with an invoice each, and the absorbed one with a subscription."""
    pair = (absorbed, survivor)
    users = [{**row, "account_id": ""} if row["user_id"] in pair else row for row in inputs["users"]]
    history = [row for row in inputs["attribute_history"] if row["entity_id"] not in pair or row["attribute"] != "account_id"]
    invoices = [
        {"invoice_id": f"alone-{user}", "user_id": user, "amount": amount, "currency": "USD", "paid_at": "2026-06-01T10:00:00Z"}
        for user, amount in ((absorbed, "100"), (survivor, "30"))
    ]
    subscription = {"subscription_id": "solo", "user_id": absorbed, "plan": "solo", "seats": "1", "mrr": "40"}
    times = dict.fromkeys(("valid_from", "started_at"), "2026-06-01T10:00:00Z")
    return {
        "users": users,
        "attribute_history": history,
        "invoices": inputs["invoices"] + invoices,
        "subscriptions": [*inputs["subscriptions"], subscription | times],
    }


def values(warehouse: Warehouse, users: list[str]) -> dict[tuple[str, str], dict[str, Any]]:
    names = ", ".join(f"'{user}'" for user in users)
    rows = warehouse.records(f"select * from features.user_features where user_id in ({names})")
    return {(row["user_id"], str(row["as_of_date"])): row for row in rows}


@pytest.fixture(scope="module")
def company() -> Inputs:
    return cut(10)


@pytest.fixture(scope="module")
def before(tmp_path_factory: pytest.TempPathFactory, company: Inputs) -> Warehouse:
    warehouse = Warehouse(tmp_path_factory.mktemp("merges") / "project")
    warehouse.write_inputs(company)
    warehouse.build(*SELECTED)
    return warehouse


def test_a_merge_moves_everything_from_its_day_on_and_rewrites_no_day_before(before: Warehouse, company: Inputs, tmp_path: Path) -> None:
    chosen = pairs(company)
    # One in a row: the survivor of the first is merged himself later, and into a user of the second pair.
    told = [(*pair, "2026-07-15T10:00:00Z") for pair in chosen] + [(chosen[0][1], chosen[1][1], "2026-09-02T10:00:00Z")]
    told += [(chosen[2][1], chosen[2][0], "2026-09-03T10:00:00Z")]
    company = {**company, **paid_alone(company, *chosen[3])}
    before = before.twin(tmp_path / "before")
    before.write_inputs(company)
    before.build(*SELECTED)
    after = before.twin(tmp_path / "after")
    after.write_inputs(merged(company, told))
    after.build(*SELECTED)
    users = sorted({name for pair in chosen for name in pair})
    old, new = values(before, users), values(after, users)
    assert {key: row for key, row in old.items() if key[1] < "2026-07-15"} == {
        key: row for key, row in new.items() if key[1] < "2026-07-15"
    }
    gone = {absorbed: moment[:10] for absorbed, _, moment in told[:-1]}
    assert new.keys() == {key for key in old if key[1] < gone.get(key[0], "9999")}
    absorbed, survivor = chosen[3]
    last = max(day for user, day in new if user == survivor)
    moved = 0
    for (user, day), row in new.items():
        if user == survivor and day >= "2026-07-15":
            assert {name: row[name] for name in SUMS} == {name: old[survivor, day][name] + old[absorbed, day][name] for name in SUMS}, day
            moved += old[absorbed, day]["events_91d"]
            # What the absorbed user pays alone goes along, too.
            assert (row["lifetime_revenue"], row["mrr"], row["plan"]) == (130.0, 40.0, "solo"), day
            assert (old[user, day]["lifetime_revenue"], old[user, day]["mrr"], old[user, day]["plan"]) == (30.0, 0.0, None)
    assert moved > 0
    # Two steps: of both pairs, from the second merge on.
    final = chosen[1][1]
    everyone = [chosen[0][0], chosen[0][1], chosen[1][0], final]
    assert new[final, last]["events_91d"] == sum(old[user, last]["events_91d"] for user in everyone)
    bridges = {row["bridge"]: row for row in after.records("select * from marts.identity_bridges")}
    assert (bridges["merged_user"]["ids"], bridges["refused_circle"]["ids"]) == (5, 1)
    counted = sum(row["events"] for row in bridges.values())
    assert counted == after.query("select rows_used from marts.input_summary where input = 'events'")[0][0]
    # Nobody vanished, nobody is unknown.
    assert after.query("select count(*) from state.seen_users where is_vanished") == [(0,)]
    assert after.query("select rows_of_unknown_users from marts.input_summary where input = 'events'") == before.query(
        "select rows_of_unknown_users from marts.input_summary where input = 'events'"
    )
    # Incremental equals full refresh, of the same rows in another order.
    whole = Warehouse(tmp_path / "whole")
    whole.write_inputs(merged(company, told, seed=3))
    whole.build(*SELECTED)
    tables = [table for table in whole.tables("activity", "features") if not table.endswith("_hashes")]
    tables += ["marts.identity_bridges", "marts.unlisted_events", "marts.input_summary"]
    assert "\n".join(differences(whole, after, tables)) == ""
    # A merge that was a mistake is taken back.
    after.write_inputs(company)
    after.build(*SELECTED)
    assert "\n".join(differences(before, after, tables)) == ""
