"""Salesforce: accounts, contacts, leads, opportunities and field history, in the names of Fivetran and of the API (native, Airbyte).

Columns: fivetran/dbt_salesforce macros/staging/get_{account,contact,lead,opportunity}_columns.sql; the API's names and types: Object
Reference for the Salesforce Platform (Contact, Lead, Account, OpportunityHistory, StandardObjectNameHistory); ids: Salesforce help, "How
unique IDs work"; Airbyte: docs/integrations/sources/salesforce.md. Values as they come: probability 0-100, times `+0000`.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from connector_models import ConnectorModels
from landed import Rows, land, variants


def whole(text: str) -> str:
    """The id with 18 characters of one with 15: for each five characters a bit per capital, by the vendor's page."""
    ends = ""
    for part in (text[0:5], text[5:10], text[10:15]):
        ends += "ABCDEFGHIJKLMNOPQRSTUVWXYZ012345"[sum(1 << place for place, letter in enumerate(part) if re.match("[A-Z]", letter))]
    return text + ends


# Two ids that differ by case alone are two records.
ACME_15 = "001D000000IRFma"
ACME, OTHER = whole(ACME_15), whole("001D000000IrfMA")
ANNA, BEN, CARL, GONE, MERGED = (whole(f"003D000000{name}") for name in ("AnnaA", "BenBB", "CarlC", "GoneG", "MergE"))
LEAD, CONVERTED = whole("00QD000000LeadL"), whole("00QD000000ConvC")
DEAL, LOST = whole("006D000000DealD"), whole("006D000000LostL")


def tables() -> dict[str, Rows]:
    """In Fivetran's names."""
    synced = {"_fivetran_synced": "2024-06-01 00:00:00"}
    return {
        "account": [
            {"id": ACME, "name": "Acme", "industry": "Retail", "number_of_employees": 250, "annual_revenue": 1500000.5,
             "billing_country": "Germany", "owner_id": "005D0000001owner", "is_deleted": False, "created_date": "2023-01-02T08:00:00.000+0000",
             "last_modified_date": "2024-05-01T08:00:00.000+0000", "master_record_id": None, **synced},
            {"id": OTHER, "name": "acme (twice)", "industry": None, "is_deleted": True, "master_record_id": ACME, **synced},
        ],
        "user": [{"id": "005D0000001owner", "name": "Olga Owner", **synced}],
        "contact": [
            {"id": ANNA, "account_id": ACME, "email": "anna@acme.example", "title": "CTO", "department": "IT", "mailing_country": "Germany",
             "mailing_country_code": "DE", "mailing_state": "SH", "mailing_city": "Kiel", "lead_source": "Web", "has_opted_out_of_email": False,
             "birthdate": "1980-05-06", "is_deleted": False, "created_date": "2023-02-01T10:00:00.000+0000",
             "last_modified_date": "2024-04-01T10:00:00.000+0000", "user_ref_c": "u-1", **synced},
            # Joined by the 15 characters of a report; came from a lead of January.
            {"id": BEN, "account_id": ACME_15, "email": "ben@acme.example", "has_opted_out_of_email": True, "is_deleted": False,
             "created_date": "2023-03-01T10:00:00.000+0000", "last_modified_date": "2023-03-01T10:00:00.000+0000", "user_ref_c": "u-2", **synced},
            # Not a user of the product.
            {"id": CARL, "account_id": ACME, "email": "carl@acme.example", "is_deleted": False,
             "created_date": "2023-03-02T10:00:00.000+0000", "last_modified_date": "2023-03-02T10:00:00.000+0000", **synced},
            {"id": GONE, "account_id": None, "is_deleted": True, "created_date": "2023-03-03T10:00:00.000+0000",
             "last_modified_date": "2024-01-09T10:00:00.000+0000", "user_ref_c": "u-4", **synced},
            {"id": MERGED, "is_deleted": True, "master_record_id": ANNA, "created_date": "2023-03-04T10:00:00.000+0000",
             "last_modified_date": "2023-12-01T10:00:00.000+0000", "user_ref_c": "u-5", **synced},
        ],
        "lead": [
            {"id": LEAD, "email": "lea@new.example", "title": "Head", "lead_source": "Event", "country": "France", "is_converted": False,
             "is_deleted": False, "created_date": "2024-02-01T10:00:00.000+0000", **synced},
            {"id": CONVERTED, "email": "ben@acme.example", "lead_source": "Ads", "is_converted": True, "converted_contact_id": BEN,
             "converted_date": "2023-03-01", "is_deleted": False, "created_date": "2023-01-15T10:00:00.000+0000", **synced},
        ],
        "opportunity": [
            {"id": DEAL, "account_id": ACME, "stage_name": "Closed Won", "amount": 12000.5, "probability": 100, "is_won": True,
             "is_closed": True, "is_deleted": False, "close_date": "2023-04-01", "created_date": "2023-02-02T09:00:00.000+0000", **synced},
            {"id": LOST, "account_id": ACME, "stage_name": "Prospecting", "is_deleted": True,
             "created_date": "2023-02-03T09:00:00.000+0000", **synced},
        ],
        "opportunity_history": [
            {"id": "008A", "opportunity_id": DEAL, "stage_name": "Prospecting", "probability": 10, "amount": 1, "created_date": "2023-02-02T09:00:00.000+0000"},
            # The amount changed, so the stage is there again.
            {"id": "008B", "opportunity_id": DEAL[:15], "stage_name": "Prospecting", "probability": 10, "amount": 2, "created_date": "2023-02-05T09:00:00.000+0000"},
            {"id": "008C", "opportunity_id": DEAL, "stage_name": "Closed Won", "probability": 100, "amount": 2, "created_date": "2023-03-30T09:00:00.000+0000"},
            {"id": "008D", "opportunity_id": LOST, "stage_name": "Prospecting", "created_date": "2023-02-03T09:00:00.000+0000"},
            {"id": "008E", "opportunity_id": "006D000000GoneGIAW", "stage_name": "Prospecting", "created_date": "2023-02-03T09:00:00.000+0000"},
        ],
        "contact_history": [
            {"id": "h1", "contact_id": ANNA, "field": "Title", "old_value": "Engineer", "new_value": "Head of IT", "created_date": "2023-06-01T10:00:00.000+0000"},
            {"id": "h2", "contact_id": ANNA, "field": "Title", "old_value": "Head of IT", "new_value": "CTO", "created_date": "2024-04-01T10:00:00.000+0000"},
            # A look-up is written twice: the name and the id.
            {"id": "h3", "contact_id": ANNA, "field": "Account", "old_value": "Acme before", "new_value": "Acme", "created_date": "2023-07-01T10:00:00.000+0000"},
            {"id": "h4", "contact_id": ANNA, "field": "Account", "old_value": OTHER, "new_value": ACME_15, "created_date": "2023-07-01T10:00:00.000+0000"},
            {"id": "h5", "contact_id": ANNA, "field": "MailingCountry", "old_value": "Austria", "new_value": "Germany", "created_date": "2023-08-01T10:00:00.000+0000"},
            {"id": "h6", "contact_id": ANNA, "field": "Phone", "old_value": None, "new_value": "1", "created_date": "2023-08-01T10:00:00.000+0000"},
            {"id": "h7", "contact_id": CARL, "field": "Title", "old_value": None, "new_value": "x", "created_date": "2023-08-01T10:00:00.000+0000"},
        ],
        "account_history": [
            {"id": "g1", "account_id": ACME, "field": "Industry", "old_value": None, "new_value": "Retail", "created_date": "2023-09-01T10:00:00.000+0000"},
        ],
    }  # fmt: skip


def camel(name: str) -> str:
    """A column as the API calls it: AccountId, IsDeleted; a custom field keeps its ending."""
    if name.endswith("_c"):
        return "".join(part.title() for part in name[:-2].split("_")) + "__c"
    return "".join(part.title() for part in name.split("_"))


def native(rows: Rows) -> Rows:
    return [{camel(name): value for name, value in row.items() if not name.startswith("_fivetran")} for row in rows]


def airbyte(rows: Rows) -> Rows:
    added = {"_airbyte_raw_id": "r", "_airbyte_extracted_at": "2024-06-01T00:00:00Z", "_airbyte_meta": {"changes": []}}
    return [{**row, **added} for row in native(rows)]


def history_mode(rows: Rows) -> Rows:
    """Fivetran's history mode: an older version of every row beside the one that holds."""
    open_end = {"_fivetran_active": True, "_fivetran_start": "2024-01-01 00:00:00", "_fivetran_end": "9999-12-31 23:59:59"}
    closed = {"_fivetran_active": False, "_fivetran_start": "2023-01-01 00:00:00", "_fivetran_end": "2023-12-31 23:59:59"}
    text = {"title": "before", "industry": "before", "email": "before@x.example", "stage_name": "before"}
    old = [{**row, **{name: text[name] for name in text if name in row}, **closed} for row in rows if "is_deleted" in row]
    return old + [{**row, **open_end} for row in rows]


LOADERS = {"fivetran": list, "native": native, "airbyte": airbyte, "fivetran history mode": history_mode}


def landed(
    folder: Path, loader: str = "fivetran", with_user_id: bool = True, leave_out: tuple[str, ...] = (), **variant: Any
) -> ConnectorModels:
    columns = {"columns": {"contact": {"user_id": "User_Ref__c"}}} if with_user_id else {}
    given = {name: rows for name, rows in tables().items() if name not in leave_out}
    tools = ConnectorModels({"salesforce": {**{name: f"raw.{name}" for name in given}, **columns}})
    for name, rows in given.items():
        land(tools.connection, folder, f"raw.{name}", LOADERS[loader](rows), **variant)
    return tools


USERS = [
    {
        "tool": "salesforce", "user_id": "u-1", "account_id": ACME, "email": "anna@acme.example", "job_title": "CTO", "department": "IT",
        "birth_year": "1980", "country": "DE", "state": "SH", "city": "Kiel", "acquisition_channel": "Web", "marketing_consent": "true",
        "signed_up_at": "2023-02-01T10:00:00.000000Z", "updated_at": "2024-04-01T10:00:00.000000Z",
    },
    # Known since the lead, with its channel; the account's id is whole.
    {
        "tool": "salesforce", "user_id": "u-2", "account_id": ACME, "email": "ben@acme.example", "acquisition_channel": "Ads",
        "marketing_consent": "false", "signed_up_at": "2023-01-15T10:00:00.000000Z", "updated_at": "2023-03-01T10:00:00.000000Z",
    },
    # Deleted, and therefore still there.
    {
        "tool": "salesforce", "user_id": "u-4", "signed_up_at": "2023-03-03T10:00:00.000000Z", "updated_at": "2024-01-09T10:00:00.000000Z",
        "deleted_at": "2024-01-09T10:00:00.000000Z",
    },
    # A user of the product's until the record became Anna's. Its row is deleted, the person is not.
    {
        "tool": "salesforce", "user_id": "u-5", "signed_up_at": "2023-03-04T10:00:00.000000Z", "updated_at": "2023-12-01T10:00:00.000000Z",
        "merged_into": "u-1", "merged_at": "2023-12-01T10:00:00.000000Z",
    },
]  # fmt: skip
ACCOUNTS = [
    {
        "tool": "salesforce", "account_id": ACME, "account_name": "Acme", "industry": "Retail", "employee_count": "250",
        "annual_revenue": "1500000.5", "country": "Germany", "account_owner": "Olga Owner", "created_at": "2023-01-02T08:00:00.000000Z",
        "updated_at": "2024-05-01T08:00:00.000000Z",
    }
]  # fmt: skip
STAGES = [
    ("Closed Won", "2023-03-30T09:00:00.000000Z"),
    ("Prospecting", "2023-02-02T09:00:00.000000Z"),
    ("Prospecting", "2023-02-05T09:00:00.000000Z"),
]
HISTORY = [
    ("account", ACME, "industry", "Retail", "2023-09-01T10:00:00.000000Z"),
    # NULL from the beginning: nobody had said it.
    ("account", ACME, "industry", None, "2023-01-02T08:00:00.000000Z"),
    ("user", "u-1", "account_id", ACME, "2023-07-01T10:00:00.000000Z"),
    ("user", "u-1", "account_id", OTHER, "2023-02-01T10:00:00.000000Z"),
    ("user", "u-1", "job_title", "CTO", "2024-04-01T10:00:00.000000Z"),
    ("user", "u-1", "job_title", "Engineer", "2023-02-01T10:00:00.000000Z"),
    ("user", "u-1", "job_title", "Head of IT", "2023-06-01T10:00:00.000000Z"),
]


@pytest.mark.parametrize("variant", variants())
@pytest.mark.parametrize("loader", LOADERS)
def test_people_companies_stages_and_history(tmp_path: Path, loader: str, variant: dict[str, Any]) -> None:
    tools = landed(tmp_path, loader, **variant)
    assert tools.rows("connected_users") == USERS
    assert tools.rows("connected_accounts") == ACCOUNTS
    stages = tools.rows("connected_account_stages", "stage", "entered_at", "account_id")
    assert [(row["stage"], row["entered_at"]) for row in stages] == STAGES and {row["account_id"] for row in stages} == {ACME}
    history = tools.rows("connected_attribute_history", "entity", "entity_id", "attribute", "value", "valid_from")
    assert [tuple(row.values()) for row in history] == HISTORY
    # Every row that landed is an input row or is left out with a reason; a history also says what held before its first change.
    reasons = {
        model: sorted(row["left_out_because"] or "" for row in tools.rows(f"connector_salesforce_{model}", "left_out_because"))
        for model in ("users", "accounts", "account_stages", "attribute_history")
    }
    older = loader == "fivetran history mode"
    expected = {
        "users": ["converted_lead", "no_user_id", "no_user_id", *["older_version"] * 7 * older],
        "accounts": ["merged", *["older_version"] * 2 * older],
        "account_stages": ["deleted", "deleted", "in_stage_history", *["older_version"] * 2 * older, "unknown_opportunity"],
        "attribute_history": ["name_beside_code", "name_beside_id", "no_user_id", "other_field"],
    }
    for model, names in expected.items():
        given = {"users": 4, "accounts": 1, "account_stages": 3, "attribute_history": 7}[model]
        assert reasons[model] == [""] * given + names, model


def test_without_the_products_id_the_id_of_the_record_is_the_users(tmp_path: Path) -> None:
    tools = landed(tmp_path, with_user_id=False)
    assert [row["user_id"] for row in tools.rows("connected_users", "user_id")] == sorted([ANNA, BEN, CARL, GONE, LEAD])


@pytest.mark.parametrize("with_user_id", [True, False])
@pytest.mark.parametrize("loader", LOADERS)
def test_a_record_is_the_user_of_another_tool_with_its_address(tmp_path: Path, loader: str, with_user_id: bool) -> None:
    tools = landed(tmp_path, loader, with_user_id)
    tools.variables["connectors"]["salesforce"]["bridge"] = "email"
    tools.variables["connectors"]["own"] = {"users": "app_users"}
    people = [("u-1", "ANNA@acme.example"), ("u-3", "carl@acme.example "), ("u-20", "ben@acme.example"), ("u-6", "Lea@new.example")]
    tools.connection.execute(f"create table app_users as select * from (values {str(people)[1:-1]}) as t(user_id, email)")
    known = ["u-1", "u-2", "u-3", "u-4", "u-5", "u-6"] if with_user_id else ["u-1", "u-20", "u-3", "u-6"]
    assert [row["user_id"] for row in tools.rows("connector_salesforce_users", "user_id", where="left_out_because is null")] == sorted(
        known
    )
    [carl] = tools.rows("connected_users", "account_id", "tool", where="user_id = 'u-3'")
    assert carl == {"account_id": ACME, "tool": "own, salesforce"}
    history = {row["entity_id"] for row in tools.rows("connected_attribute_history", "entity_id", where="attribute = 'job_title'")}
    assert history == {"u-1", "u-3"}


def test_optional_tables_may_be_missing(tmp_path: Path) -> None:
    few = landed(tmp_path, leave_out=("user", "lead", "opportunity_history", "account_history", "contact_history"))
    assert [row["user_id"] for row in few.rows("connected_users")] == ["u-1", "u-2", "u-4", "u-5"]
    assert few.rows("connected_accounts")[0]["account_owner"] == "005D0000001owner"
    # Without the stage history, and without the date of the last change, nobody knows when.
    assert few.rows("connected_account_stages") == []
    reasons = [row["left_out_because"] for row in few.rows("connector_salesforce_account_stages")]
    assert sorted(reasons) == ["deleted", "no_stage_history"]
    assert not few.is_on("connected_attribute_history") and not few.is_on("connected_events")


def test_an_id_of_a_report_is_the_id_of_the_api(tmp_path: Path) -> None:
    # The page's own example.
    assert ACME == "001D000000IRFmaIAH"
    ids = ["001D000000irfma", "001D000000IRFMA", "aaaaaAAAAA00000", "zZzZzZzZzZ12345"]
    tools = ConnectorModels({"salesforce": {"account": "raw.account"}})
    land(tools.connection, tmp_path, "raw.account", [{"Id": each} for each in [*ids, ACME]])
    assert sorted(row["account_id"] for row in tools.rows("connected_accounts")) == sorted([*map(whole, ids), ACME])


def test_one_column_in_the_names_of_two_loaders_is_refused(tmp_path: Path) -> None:
    tools = ConnectorModels({"salesforce": {"contact": "raw.contact"}})
    land(tools.connection, tmp_path, "raw.contact", [{"id": ANNA, "account_id": ACME, "AccountId": ACME}])
    with pytest.raises(
        ValueError, match=r"salesforce: contact \(raw.contact\) mixes what two loaders land: account_id and AccountId are the same"
    ):
        tools.rows("connected_users")
