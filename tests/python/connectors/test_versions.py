"""History that comes as whole versions: a dbt snapshot, a loader's history mode, validity columns. Expected rows are reasoned out."""

from __future__ import annotations

import random
from pathlib import Path
from typing import Any

import pytest

from connector_models import ConnectorModels
from landed import Rows, land, variants

HISTORY = ("entity", "entity_id", "attribute", "value", "valid_from")

# A snapshot of connected_users since January: two people, one of them in three versions.
USERS = [
    {"user_id": "u-1", "country": "DE", "job_title": "Clerk", "account_id": "a-1", "signed_up_at": "2025-12-01T09:00:00.000000Z",
     "dbt_valid_from": "2026-01-10 03:00:00", "dbt_valid_to": "2026-02-01 03:00:00"},
    {"user_id": "u-1", "country": "DE", "job_title": "Head of Sales", "account_id": "a-1", "signed_up_at": "2025-12-01T09:00:00.000000Z",
     "dbt_valid_from": "2026-02-01 03:00:00", "dbt_valid_to": "2026-03-01 03:00:00"},
    {"user_id": "u-1", "country": None, "job_title": "Head of Sales", "account_id": "a-2", "signed_up_at": "2025-12-01T09:00:00.000000Z",
     "dbt_valid_from": "2026-03-01 03:00:00", "dbt_valid_to": None},
    {"user_id": "u-2", "country": "FR", "job_title": None, "account_id": "a-1", "signed_up_at": None,
     "dbt_valid_from": "2026-01-10 03:00:00", "dbt_valid_to": None},
]  # fmt: skip
OF_USERS = [
    # The first version counts from the signup. A department was never known of anybody: it does not have a history.
    ("user", "u-1", "account_id", "a-1", "2025-12-01"),
    ("user", "u-1", "account_id", "a-2", "2026-03-01"),
    ("user", "u-1", "country", "DE", "2025-12-01"),
    ("user", "u-1", "country", None, "2026-03-01"),
    ("user", "u-1", "job_title", "Clerk", "2025-12-01"),
    ("user", "u-1", "job_title", "Head of Sales", "2026-02-01"),
    # Without a time of signup from the first version on. That the title is empty is known, since others have one.
    ("user", "u-2", "account_id", "a-1", "2026-01-10"),
    ("user", "u-2", "country", "FR", "2026-01-10"),
    ("user", "u-2", "job_title", None, "2026-01-10"),
]
ACCOUNTS = [
    {"account_id": "a-1", "industry": "retail", "employee_count": 20, "created_at": "2025-11-01",
     "valid_from": "2025-11-05T00:00:00Z", "valid_to": "2026-02-01T00:00:00Z"},
    {"account_id": "a-1", "industry": "retail", "employee_count": 200, "created_at": "2025-11-01",
     "valid_from": "2026-02-01T00:00:00Z", "valid_to": "9999-12-31T00:00:00Z"},
]  # fmt: skip
OF_ACCOUNTS = [
    ("account", "a-1", "employee_count", "20", "2025-11-01"),
    ("account", "a-1", "employee_count", "200", "2026-02-01"),
    ("account", "a-1", "industry", "retail", "2025-11-01"),
]


def by_day(rows: list[dict[str, Any]]) -> list[tuple[Any, ...]]:
    found = [tuple(row[column] if column != "valid_from" else row[column][:10] for column in HISTORY) for row in rows]
    return sorted(found, key=lambda row: (*row[:3], row[4]))


def test_snapshots_of_people_and_companies_are_history(tmp_path: Path) -> None:
    own = {"users_versions": "users_snapshot", "accounts_versions": "companies"}
    tools = ConnectorModels({"own": own})
    land(tools.connection, tmp_path, "users_snapshot", random.Random(3).sample(USERS, len(USERS)), types="native")
    land(tools.connection, tmp_path, "companies", ACCOUNTS[::-1], types="native")
    assert by_day(tools.rows("connected_attribute_history", *HISTORY)) == OF_ACCOUNTS + OF_USERS
    # With one of the two, and with a model of one's own beside it.
    tools = ConnectorModels({"own": {**own, "users_versions": None, "attribute_history": "mine"}})
    land(tools.connection, tmp_path, "companies", ACCOUNTS)
    row = {"entity": "user", "entity_id": "u-9", "attribute": "city", "value": "Ulm", "valid_from": "2026-01-01"}
    land(tools.connection, tmp_path, "mine", [row])
    assert by_day(tools.rows("connected_attribute_history", *HISTORY)) == [*OF_ACCOUNTS, tuple(row.values())]
    assert not ConnectorModels({"own": {"events": "mine"}}).is_on("connected_attribute_history")


def test_an_unknown_name_under_own_is_refused() -> None:
    with pytest.raises(ValueError, match="own: unknown input `user_versions`; inputs are .*users_versions"):
        ConnectorModels({"own": {"user_versions": "x"}}).rows("connector_rows")


CONTACT, COMPANY = "003D000000IRFmaIAH", "001D000000IRFmaIAH"
# Salesforce in Fivetran's history mode; the title is tracked by the field history as well, which says it to the minute.
CONTACTS: Rows = [
    {"id": CONTACT, "account_id": COMPANY, "title": "Clerk", "mailing_country": "Germany", "product_user__c": "u-1",
     "created_date": "2026-01-01T08:00:00.000Z", "_fivetran_active": False, "_fivetran_start": "2026-01-03T00:00:00.000Z",
     "_fivetran_end": "2026-02-01T00:00:00.000Z"},
    {"id": CONTACT, "account_id": COMPANY, "title": "CTO", "mailing_country": "France", "product_user__c": "u-1",
     "created_date": "2026-01-01T08:00:00.000Z", "_fivetran_active": True, "_fivetran_start": "2026-02-01T00:00:00.000Z",
     "_fivetran_end": "9999-12-31T23:59:59.000Z"},
]  # fmt: skip
COMPANIES: Rows = [
    {"id": COMPANY, "name": "Acme", "industry": industry, "number_of_employees": 250, "created_date": "2025-06-01T08:00:00.000Z",
     "_fivetran_active": is_active, "_fivetran_start": start, "_fivetran_end": end}
    for industry, is_active, start, end in [
        ("Retail", False, "2025-07-01T00:00:00.000Z", "2025-09-01T00:00:00.000Z"),
        ("Software", False, "2025-09-01T00:00:00.000Z", "2026-02-01T00:00:00.000Z"),
        # Another field changed: the industry is what it was.
        ("Software", True, "2026-02-01T00:00:00.000Z", "9999-12-31T23:59:59.000Z"),
    ]
]  # fmt: skip
TITLES: Rows = [
    {"id": "017000000000001AAA", "contact_id": CONTACT, "field": "Title", "old_value": "Clerk", "new_value": "CTO",
     "created_date": "2026-01-31T10:30:00.000Z"}
]  # fmt: skip
VERSIONS = [
    ("account", COMPANY, "employee_count", "250", "2025-06-01"),
    ("account", COMPANY, "industry", "Retail", "2025-06-01"),
    ("account", COMPANY, "industry", "Software", "2025-09-01"),
    ("user", "u-1", "account_id", COMPANY, "2026-01-01"),
    ("user", "u-1", "country", "Germany", "2026-01-01"),
    ("user", "u-1", "country", "France", "2026-02-01"),
    ("user", "u-1", "job_title", "Clerk", "2026-01-01"),
    ("user", "u-1", "job_title", "CTO", "2026-01-31"),
]


@pytest.mark.parametrize("variant", variants())
def test_history_mode_of_salesforce_is_history(tmp_path: Path, variant: dict[str, Any]) -> None:
    setting = {"contact": "raw.contact", "account": "raw.account", "contact_versions": "raw.contact", "account_versions": "raw.account"}
    columns = {"contact": {"user_id": "Product_User__c"}}
    tools = ConnectorModels({"salesforce": {**setting, "contact_history": "raw.contact_history", "columns": columns}})
    for name, rows in (("contact", CONTACTS), ("account", COMPANIES), ("contact_history", TITLES)):
        land(tools.connection, tmp_path, f"raw.{name}", rows, **variant)
    assert by_day(tools.rows("connected_attribute_history", *HISTORY)) == VERSIONS
    left_out = [row["left_out_because"] for row in tools.rows("connector_salesforce_attribute_history", "left_out_because")]
    assert sorted(each for each in left_out if each) == ["tracked_field", "tracked_field"]
    # Today's rows are the active ones.
    assert [row["country"] for row in tools.rows("connected_users")] == ["France"]


def test_a_snapshot_of_contacts_says_who_is_active(tmp_path: Path) -> None:
    """dbt's own columns in the place of Fivetran's, for the people of today and for their past."""
    renamed = {"_fivetran_start": "dbt_valid_from", "_fivetran_end": "dbt_valid_to"}
    rows = [{renamed.get(key, key): value for key, value in row.items() if key != "_fivetran_active"} for row in CONTACTS]
    # In no order of values the newest one.
    rows[1].update(dbt_valid_to=None, title="Manager", mailing_country="Spain")
    tools = ConnectorModels({"salesforce": {"contact": "contact_snapshot", "contact_versions": "contact_snapshot"}})
    land(tools.connection, tmp_path, "contact_snapshot", rows[::-1], types="native")
    assert [(row["country"], row["job_title"]) for row in tools.rows("connected_users")] == [("Spain", "Manager")]
    history = by_day(tools.rows("connected_attribute_history", *HISTORY))
    assert [row[2:] for row in history if row[2] in ("country", "job_title")] == [
        ("country", "Germany", "2026-01-01"),
        ("country", "Spain", "2026-02-01"),
        ("job_title", "Clerk", "2026-01-01"),
        ("job_title", "Manager", "2026-02-01"),
    ]
