"""A cut of the sample company, clean, for the stacks of tools that it is rewritten for: some accounts with all that belongs to them.

What the sample spoils on purpose is left out here: dirt is the subject of other tests, and tools would not hold most of it.
"""

from __future__ import annotations

import datetime
import functools
import json
from typing import Any

from warehouse import Inputs, Row, contract_columns, read_sample

KEYS = {
    "accounts": ("account_id",),
    "users": ("user_id",),
    "events": ("event_id",),
    "survey_responses": ("response_id",),
    "support_tickets": ("ticket_id",),
    "invoices": ("invoice_id",),
    "campaign_messages": ("message_id",),
    "interview_notes": ("note_id",),
    "subscriptions": ("subscription_id", "valid_from"),
    "account_stages": ("account_id", "stage", "entered_at"),
    "identities": ("anonymous_id", "user_id"),
    "marketing_spend": ("spend_date", "channel"),
    "attribute_history": ("entity", "entity_id", "attribute", "valid_from"),
    "account_technologies": ("account_id", "category", "vendor", "first_seen_at"),
    "experiment_assignments": ("experiment", "variant", "user_id", "assigned_at"),
}
NEEDED = {
    "events": ("event_name", "occurred_at", "received_at"),
    "users": ("signed_up_at",),
    "survey_responses": ("user_id", "responded_at"),
    "support_tickets": ("user_id", "created_at"),
    "invoices": ("amount", "paid_at"),
    "interview_notes": ("user_id", "noted_at"),
}


@functools.cache
def utc(text: str) -> datetime.datetime | None:
    """A time of the sample in UTC; None if it is not one."""
    try:
        moment = datetime.datetime.fromisoformat(text)
    except ValueError:
        return None
    return moment.replace(tzinfo=moment.tzinfo or datetime.UTC).astimezone(datetime.UTC)


def iso(text: str, form: str = "%Y-%m-%dT%H:%M:%SZ") -> str:
    """A time of the company in another form; empty stays empty."""
    moment = utc(text)
    return moment.strftime(form) if moment else ""


def is_time(column: str) -> bool:
    return column.endswith("_at") or column == "valid_from"


def _clean(name: str, row: Row) -> Row | None:
    """The row with its times in UTC, or None if it is one that staging would reject, or read otherwise than it is written."""
    cleaned = dict(row)
    for column, value in row.items():
        if value != value.strip():
            return None
        if value and is_time(column):
            cleaned[column] = iso(value)
            if not cleaned[column]:
                return None
    if any(not cleaned[column] for column in (*KEYS[name], *NEEDED.get(name, ()))):
        return None
    for column in ("score", "satisfaction", "employee_count", "amount", "mrr"):
        if cleaned.get(column) and not cleaned[column].replace(".", "").isdigit():
            return None
    return cleaned


@functools.cache
def _clean_sample() -> Inputs:
    company: Inputs = {}
    for name, rows in read_sample().items():
        found: dict[tuple[str, ...], Row] = {}
        for row in rows:
            cleaned = _clean(name, row)
            if cleaned:
                # One row of each key: which one is no subject here.
                found.setdefault(tuple(cleaned[column] for column in KEYS[name]), cleaned)
        company[name] = list(found.values())
    return company


def company(accounts: int, loners: int = 6) -> Inputs:
    """So many accounts, and so many users without one, with everything that names them."""
    whole = _clean_sample()
    of_users: dict[str, int] = {}
    for row in whole["users"]:
        of_users[row["account_id"]] = of_users.get(row["account_id"], 0) + 1
    kept = {row["account_id"] for row in [each for each in whole["accounts"] if of_users.get(each["account_id"], 0) > 1][:accounts]}
    alone = [row["user_id"] for row in whole["users"] if not row["account_id"]][:loners]
    addresses: set[str] = set()
    users = []
    for row in whole["users"]:
        if (row["account_id"] in kept or row["user_id"] in alone) and row["email"].lower() not in addresses:
            addresses.add(row["email"].lower())
            users.append(row)
    names = {row["user_id"] for row in users}
    linked = {row["anonymous_id"] for row in whole["identities"] if row["user_id"] in names}
    known = {row["anonymous_id"] for row in whole["identities"]}
    strangers = sorted({row["anonymous_id"] for row in whole["events"] if not row["user_id"]} - {*known, ""})
    visitors = {*linked, *strangers[:3]}

    def is_kept(name: str, row: Row) -> bool:
        if name == "events":
            return row["user_id"] in names or (not row["user_id"] and row["anonymous_id"] in visitors)
        if name == "attribute_history":
            return row["entity_id"] in (names if row["entity"] == "user" else kept)
        if row.get("user_id"):
            return row["user_id"] in names
        return row["account_id"] in kept if "account_id" in row else True

    return {name: users if name == "users" else [row for row in rows if is_kept(name, row)] for name, rows in whole.items()}


def canonical(name: str, row: dict[str, Any], ignored: set[str]) -> tuple[Any, ...]:
    """A row with one form for what has several: times, numbers, objects, and nothing."""
    values = []
    for column in contract_columns()[name]:
        value = str(row.get(column) or "")
        if column in ignored or not value:
            values.append("")
        elif is_time(column):
            values.append(iso(value) or value)
        elif column == "properties":
            # A number and its text are one value to whoever reads a property.
            values.append(", ".join(sorted(f"{name}={said}" for name, said in json.loads(value).items())))
        elif column in ("score", "satisfaction", "amount", "mrr", "annual_revenue", "seats", "employee_count"):
            values.append(str(float(value)))
        else:
            values.append(value)
    return tuple(values)


def first_differences(name: str, expected: list[Row], found: list[dict[str, Any]], ignored: set[str]) -> list[str]:
    """What one side has and the other lacks, a few rows of each; empty if both are the same rows."""
    sides = [sorted(canonical(name, row, ignored) for row in rows) for rows in (expected, found)]
    if sides[0] == sides[1]:
        return []
    counts: dict[tuple[Any, ...], int] = {}
    for row in sides[0]:
        counts[row] = counts.get(row, 0) + 1
    for row in sides[1]:
        counts[row] = counts.get(row, 0) - 1
    lacking = [row for row, count in counts.items() if count > 0]
    added = [row for row, count in counts.items() if count < 0]
    return [
        f"{name}: {len(sides[0])} rows expected, {len(sides[1])} found, {len(lacking)} lacking, {len(added)} too many",
        *(f"  expected {row}" for row in lacking[:3]),
        *(f"  found    {row}" for row in added[:3]),
    ]
