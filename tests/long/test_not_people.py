"""Leaving people out by rules is as if they had never been in the inputs, and taking the rules off brings them back."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from stack_company import company as cut
from warehouse import Inputs, Warehouse, differences

SELECTED = ("--select", "+user_features", "seen_users", "+identity_bridges", "+unlisted_events", "+input_summary", "+left_out_rows")


def without(inputs: Inputs, users: set[str], accounts: set[str]) -> Inputs:
    """The inputs without these users, their devices and accounts, and without notifications."""
    devices = {row["anonymous_id"] for row in inputs["identities"] if row["user_id"] in users}

    def stays(name: str, row: dict[str, str]) -> bool:
        named = (
            row.get("user_id") in users
            or (name != "users" and row.get("account_id") in accounts)
            or row.get("entity_id") in users | accounts
        )
        is_theirs = name == "events" and not row["user_id"] and row["anonymous_id"] in devices
        return not (named or is_theirs or row.get("event_name") == "notification_sent")

    return {name: [row for row in rows if stays(name, row)] for name, rows in inputs.items()}


def test_a_rule_leaves_what_would_be_without_the_rows(tmp_path: Path) -> None:
    company = cut(10)
    domains = sorted({row["email"].rpartition("@")[2] for row in company["users"] if row["email"]})
    domain = max(domains, key=lambda each: (sum(row["email"].endswith(f"@{each}") for row in company["users"]), each))
    account = company["accounts"][-1]["account_id"]
    colleagues = {row["user_id"] for row in company["users"] if row["email"].endswith(f"@{domain}") or row["account_id"] == account}
    service = {row["user_id"] for row in company["users"] if row["user_id"] not in colleagues}
    chosen = colleagues | {min(service)}
    rules: list[dict[str, Any]] = [
        {"name": "colleagues", "email_domains": [domain.upper()], "account_ids": [account]},
        {"name": "service", "user_ids": [min(service)], "event_names": ["notification_*"]},
    ]
    assert 3 <= len(colleagues) < len(service)
    # The devices of those who are left out are nobody else's here.
    claims = {(row["anonymous_id"], row["user_id"] in chosen) for row in company["identities"]}
    assert len({device for device, _ in claims}) == len(claims)
    left = Warehouse(tmp_path / "left")
    left.write_inputs(without(company, chosen, {account}))
    left.build(*SELECTED)
    ruled = Warehouse(tmp_path / "ruled")
    ruled.write_inputs(company)
    ruled.build(*SELECTED)
    tables = [table for table in ruled.tables("activity", "features") if not table.endswith("_hashes")]
    tables += ["marts.identity_bridges", "marts.unlisted_events"]
    everybody = ruled.twin(tmp_path / "everybody")
    ruled.configure(not_people=rules)
    ruled.build(*SELECTED)
    assert "\n".join(differences(left, ruled, tables, ignored=("logic_hash",))) == ""
    counts = {(row["rule_name"], row["input"]): row for row in ruled.records("select * from marts.left_out_rows")}
    assert counts["colleagues", "users"]["users_left_out"] == len(colleagues) and counts["service", "users"]["rows_left_out"] == 1
    summary = {row["input"]: row for row in ruled.records("select * from marts.input_summary")}
    same = {row["input"]: row for row in left.records("select * from marts.input_summary")}
    for name, row in summary.items():
        assert row["rows_read"] == row["rows_used"] + row["rows_duplicate"] + row["rows_rejected"] + row["rows_left_out"]
        assert row["rows_left_out"] == sum(
            counts[rule["name"], name]["rows_left_out"] for rule in rules if row["is_present"] and name in company
        )
        assert {key: row[key] for key in ("rows_used", "rows_of_unknown_users", "rows_of_unknown_accounts")} == {
            key: same[name][key] for key in ("rows_used", "rows_of_unknown_users", "rows_of_unknown_accounts")
        }
    assert ruled.query("select count(*) from state.seen_users where is_vanished") == [(0,)]
    # Who has another address by now comes back with all events, and without rules everybody does.
    back = max(row["user_id"] for row in company["users"] if row["email"].endswith(f"@{domain}") and row["account_id"] != account)
    ruled.write_inputs({**company, "users": [{**row, "email": ""} if row["user_id"] == back else row for row in company["users"]]})
    ruled.build(*SELECTED)
    asked = f"""
        select event_date, sum(events) from activity.user_event_days
        where user_id = '{back}' and event_name != 'notification_sent' group by event_date order by event_date
    """
    assert ruled.query(asked) == everybody.query(asked) != []
    ruled.write_inputs(company)
    ruled.configure(not_people=[])
    ruled.build(*SELECTED)
    assert "\n".join(differences(everybody, ruled, tables)) == ""
