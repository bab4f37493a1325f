"""HubSpot: contacts, companies, property history and email events, in the tables of Fivetran and of Airbyte.

Fivetran: fivetran/dbt_hubspot macros/staging/get_*_columns.sql; merges: its issues 46, 168, 172. Airbyte: source-hubspot schemas (`id` text,
`properties` all text, dates in them as milliseconds or ISO, history hyphenated with `vid` and `property`, `email_events` wide in camelCase). Key
of an email event and OPEN, CLICK repeating: HubSpot, "Email events API".
"""

from __future__ import annotations

import datetime
from pathlib import Path
from typing import Any

import pytest

from connector_models import ConnectorModels
from landed import Rows, land, variants

# 2024-01-05 10:00 UTC, in milliseconds.
NOON = 1704448800000
BIG = 9007199254740993


def contacts() -> Rows:
    """By the names of HubSpot's own properties."""
    return [
        {"id": BIG, "email": "Anna@acme.example", "associatedcompanyid": 77, "jobtitle": "CTO", "hs_language": "de", "country": "Germany",
         "city": "Kiel", "hs_analytics_source": "ORGANIC_SEARCH", "hs_email_optout": "false", "createdate": "2023-02-01T10:00:00.000Z",
         "lastmodifieddate": "2024-04-01T10:00:00.000Z", "hs_merged_object_ids": "12;13", "app_user": "u-1"},
        # Merged into Anna: still there, with an address of hers, not marked. 13 is named by the other list only.
        {"id": 12, "email": "anna@acme.example", "createdate": "2023-02-02T10:00:00.000Z", "app_user": "u-12"},
        {"id": 14, "email": "ben@acme.example", "hs_email_optout": "true", "createdate": "2023-03-01T10:00:00.000Z",
         "hs_calculated_merged_vids": "13:1700000000000;15:1700000000001", "app_user": "u-2"},
        {"id": 15, "email": "ben2@acme.example", "createdate": "2023-03-02T10:00:00.000Z", "app_user": "u-15"},
        {"id": 16, "email": "new@x.example", "createdate": "2023-04-01T10:00:00.000Z"},
    ]  # fmt: skip


def companies() -> Rows:
    return [
        {"id": 77, "name": "Acme", "industry": "RETAIL", "numberofemployees": "250", "annualrevenue": "1500000.5", "country": "Germany",
         "hubspot_owner_id": "9", "createdate": "2023-01-02T08:00:00.000Z", "hs_lastmodifieddate": "2024-05-01T08:00:00.000Z", "hs_merged_object_ids": "78"},
        {"id": 78, "name": "acme", "createdate": "2023-01-03T08:00:00.000Z"},
    ]  # fmt: skip


CHANGES = [
    (BIG, "jobtitle", "Engineer", "2023-02-01T10:00:00.000Z"),
    (BIG, "jobtitle", "CTO", "2024-04-01T10:00:00.000Z"),
    (BIG, "lifecyclestage", "customer", "2024-04-01T10:00:00.000Z"),
    (12, "jobtitle", "x", "2023-02-02T10:00:00.000Z"),
]
COMPANY_CHANGES = [
    (77, "lifecyclestage", "lead", "2023-01-02T08:00:00.000Z"),
    (77, "lifecyclestage", "customer", "2023-06-01T08:00:00.000Z"),
    (77, "industry", "", "2023-01-02T08:00:00.000Z"),
    (77, "hubspot_owner_id", "9", "2023-01-02T08:00:00.000Z"),
]
EVENTS = [
    ("s1", "SENT", "anna@ACME.example", None, 0, False, None),
    ("d1", "DELIVERED", "anna@acme.example", "s1", 1, False, None),
    # Twice opened: the first time counts. Once by a filter's machine, earlier.
    ("o0", "OPEN", "anna@acme.example", "s1", 2, True, None),
    ("o2", "OPEN", "anna@acme.example", "s1", 9, False, None),
    ("o1", "OPEN", "anna@acme.example", "s1", 5, False, None),
    ("c1", "CLICK", "anna@acme.example", "s1", 6, False, None),
    ("u1", "STATUSCHANGE", "anna@acme.example", "s1", 7, False, "UNSUBSCRIBED"),
    ("s2", "SENT", "ben@acme.example", None, 0, False, None),
    ("b2", "BOUNCE", "ben@acme.example", "s2", 1, False, None),
    ("s3", "SENT", "nobody@x.example", None, 0, False, None),
]


def milliseconds(text: str) -> int:
    return int(datetime.datetime.fromisoformat(text).timestamp() * 1000)


def fivetran() -> dict[str, Rows]:
    synced = {"_fivetran_synced": "2024-06-01 00:00:00"}

    def table(rows: Rows) -> Rows:
        return [
            {
                "id": row["id"],
                **{f"property_{name}": value for name, value in row.items() if name != "id"},
                "_fivetran_deleted": False,
                **synced,
            }
            for row in rows
        ]

    def history(rows: list, key: str) -> Rows:
        return [
            {key: who, "name": name, "value": value, "timestamp": when, "source": "CRM_UI", **synced} for who, name, value, when in rows
        ]

    return {
        "contact": table(contacts()),
        "company": table(companies()),
        "owner": [{"owner_id": 9, "first_name": "Olga", "last_name": "Owner", **synced}],
        "contact_property_history": history(CHANGES, "contact_id"),
        "company_property_history": history(COMPANY_CHANGES, "company_id"),
        "email_event": [
            {"id": name, "type": kind, "recipient": to, "sent_by_id": by, "caused_by_id": None, "email_campaign_id": 5, "filtered_event": filtered,
             "created": f"2024-01-05 10:{minute:02d}:00", **synced}
            for name, kind, to, by, minute, filtered, _ in EVENTS
        ],
        "email_event_status_change": [{"id": "u1", "portal_subscription_status": "UNSUBSCRIBED", **synced}],
        "email_campaign": [{"id": 5, "name": "Spring", "subject": "Hello"}],
    }  # fmt: skip


def airbyte() -> dict[str, Rows]:
    added = {"_airbyte_raw_id": "r", "_airbyte_extracted_at": "2024-06-01T00:00:00Z"}

    def table(rows: Rows) -> Rows:
        return [
            {"id": str(row["id"]), "createdAt": row["createdate"], "archived": False,
             "properties": {name: None if value is None else str(value) for name, value in row.items() if name not in ("id", "associatedcompanyid")},
             "companies": [str(row["associatedcompanyid"])] if "associatedcompanyid" in row else [], **added}
            for row in rows
        ]  # fmt: skip

    def history(rows: list, key: str) -> Rows:
        return [
            {key: who, "property": name, "value": value, "timestamp": milliseconds(when), "source-type": "CRM_UI", **added}
            for who, name, value, when in rows
        ]

    return {
        "contacts": table(contacts()),
        "companies": table(companies()),
        "owners": [{"id": "9", "firstName": "Olga", "lastName": "Owner", **added}],
        "contacts_property_history": history(CHANGES, "vid"),
        "companies_property_history": history(COMPANY_CHANGES, "companyId"),
        "email_events": [
            {"id": name, "type": kind, "recipient": to, "sentBy": {"id": by, "created": NOON} if by else None, "emailCampaignId": 5,
             "filteredEvent": filtered, "created": NOON + minute * 60000, "portalSubscriptionStatus": status, **added}
            for name, kind, to, by, minute, filtered, status in EVENTS
        ],
        "campaigns": [{"id": 5, "name": "Spring", "subject": "Hello", **added}],
    }  # fmt: skip


@pytest.mark.parametrize("variant", variants())
@pytest.mark.parametrize("loader", ["fivetran", "airbyte"])
def test_people_companies_history_and_mail(tmp_path: Path, loader: str, variant: dict[str, Any]) -> None:
    tables = {"fivetran": fivetran, "airbyte": airbyte}[loader]()
    tools = ConnectorModels(
        {
            "hubspot": {
                **{name: f"raw.{name}" for name in tables},
                "columns": {"contact": {"user_id": "app_user" if loader == "airbyte" else "property_app_user"}},
            }
        }
    )
    for name, rows in tables.items():
        land(tools.connection, tmp_path, f"raw.{name}", rows, **variant)
    assert tools.rows("connected_users", "user_id", "account_id", "email", "job_title", "language", "acquisition_channel", "marketing_consent", "signed_up_at", where="merged_into is null") == [
        {"user_id": "u-1", "account_id": "77", "email": "Anna@acme.example", "job_title": "CTO", "language": "de", "acquisition_channel": "ORGANIC_SEARCH",
         "marketing_consent": None, "signed_up_at": "2023-02-01T10:00:00.000000Z"},
        {"user_id": "u-2", "account_id": None, "email": "ben@acme.example", "job_title": None, "language": None, "acquisition_channel": None,
         "marketing_consent": "false", "signed_up_at": "2023-03-01T10:00:00.000000Z"},
    ]  # fmt: skip
    # Of 15 it is said when it became 14: a user of its own until then. Of 12 it is not, so it is none.
    names = ("user_id", "email", "merged_into", "merged_at")
    assert [tuple(row.values()) for row in tools.rows("connected_users", *names, where="merged_into is not null")] == [
        ("u-15", "ben2@acme.example", "u-2", "2023-11-14T22:13:20.001000Z")
    ]
    reasons = [row["left_out_because"] for row in tools.rows("connector_hubspot_users", "left_out_because")]
    assert sorted(reason or "" for reason in reasons) == ["", "", "", "merged", "no_user_id"]
    [account] = tools.rows("connected_accounts")
    assert account == {
        "tool": "hubspot", "account_id": "77", "account_name": "Acme", "industry": "RETAIL", "employee_count": "250", "annual_revenue": "1500000.5",
        "country": "Germany", "account_owner": "Olga Owner", "created_at": "2023-01-02T08:00:00.000000Z", "updated_at": account["updated_at"],
    }  # fmt: skip
    history = [tuple(row.values()) for row in tools.rows("connected_attribute_history", "entity_id", "attribute", "value", "valid_from")]
    assert history == [
        ("77", "account_owner", "Olga Owner", "2023-01-02T08:00:00.000000Z"),
        ("77", "industry", None, "2023-01-02T08:00:00.000000Z"),
        ("u-1", "job_title", "CTO", "2024-04-01T10:00:00.000000Z"),
        ("u-1", "job_title", "Engineer", "2023-02-01T10:00:00.000000Z"),
    ]
    assert len(tools.rows("connector_hubspot_attribute_history")) == len(CHANGES) + len(COMPANY_CHANGES)
    stages = [tuple(row.values()) for row in tools.rows("connected_account_stages", "account_id", "stage", "entered_at")]
    assert stages == [("77", "customer", "2023-06-01T08:00:00.000000Z"), ("77", "lead", "2023-01-02T08:00:00.000000Z")]
    # The address is Anna's and that of the contact that became Anna: one message, not two.
    at = "2024-01-05T10:{:02d}:00.000000Z".format
    assert tools.rows("connected_campaign_messages") == [
        {"tool": "hubspot", "message_id": "s1", "campaign": "Spring", "user_id": "u-1", "assigned_at": at(0), "sent_at": at(0), "delivered_at": at(1),
         "opened_at": at(5), "clicked_at": at(6), "unsubscribed_at": at(7)},
        {"tool": "hubspot", "message_id": "s2", "campaign": "Spring", "user_id": "u-2", "assigned_at": at(0), "sent_at": at(0)},
    ]  # fmt: skip
    reasons = sorted(row["left_out_because"] or "" for row in tools.rows("connector_hubspot_campaign_messages", "left_out_because"))
    assert reasons == ["", "", *["part_of_a_message"] * 7, "unknown_recipient"]


STAGES = [
    # deal, stage, entered
    (501, "appointmentscheduled", "2024-01-05T10:00:00.000Z"),
    (501, "closedwon", "2024-02-05T10:00:00.000Z"),
    (502, "appointmentscheduled", "2024-01-06T10:00:00.000Z"),
    # Deleted; merged into 501; without a company; nowhere a deal; a stage that no pipeline has.
    (503, "appointmentscheduled", "2024-01-07T10:00:00.000Z"),
    (504, "appointmentscheduled", "2024-01-08T10:00:00.000Z"),
    (505, "appointmentscheduled", "2024-01-09T10:00:00.000Z"),
    (506, "appointmentscheduled", "2024-01-10T10:00:00.000Z"),
    (507, "998877", "2024-01-11T10:00:00.000Z"),
]
COMPANIES_OF_DEALS = {501: [78, 77], 502: [9, 77], 503: [77], 504: [77], 505: [], 507: [77]}
LABELS = {"appointmentscheduled": "Appointment scheduled", "closedwon": "Closed won"}


def fivetran_deals() -> dict[str, Rows]:
    """fivetran/dbt_hubspot_source macros/get_deal*_columns.sql, get_contact_list*_columns.sql, get_merged_deal_columns.sql."""
    synced = {"_fivetran_synced": "2024-06-01 00:00:00"}
    return {
        "deal": [
            {"deal_id": deal, "deal_pipeline_id": "default", "deal_pipeline_stage_id": "closedwon", "is_deleted": deal == 503, "owner_id": 9,
             "property_dealname": f"Deal {deal}", "property_amount": 10.5, **synced}
            for deal in COMPANIES_OF_DEALS
        ],
        # 5 is the primary company.
        "deal_company": [
            {"deal_id": deal, "company_id": company, "type_id": 5 if (deal, company) == (501, 77) else 341, "category": "HUBSPOT_DEFINED", **synced}
            for deal, several in COMPANIES_OF_DEALS.items()
            for company in several
        ],
        "deal_stage": [
            {"deal_id": deal, "value": stage, "date_entered": when, "source": "CRM_UI", "_fivetran_active": True, **synced} for deal, stage, when in STAGES
        ],
        # The same change as a property of the deal: not twice.
        "deal_property_history": [
            {"deal_id": 501, "name": "dealstage", "value": "closedwon", "timestamp": "2024-02-05T10:00:00.000Z", "source": "CRM_UI", **synced},
            {"deal_id": 501, "name": "amount", "value": "10.5", "timestamp": "2024-02-05T10:00:00.000Z", "source": "CRM_UI", **synced},
        ],
        "deal_pipeline_stage": [
            {"stage_id": stage, "pipeline_id": "default", "label": label, "active": True, "closed_won": stage == "closedwon", "_fivetran_deleted": False, **synced}
            for stage, label in LABELS.items()
        ],
        "merged_deal": [{"deal_id": 501, "merged_deal_id": 504, **synced}],
        "contact_list": [{"id": 3, "name": "Beta testers", "dynamic": True, "_fivetran_deleted": False, **synced}, {"id": 4, "name": "All", **synced}],
        "contact_list_member": [
            {"contact_id": BIG, "contact_list_id": 3, "added_at": "2024-03-01 10:00:00", "_fivetran_deleted": False, **synced},
            {"contact_id": 14, "contact_list_id": 3, "added_at": "2024-03-02 10:00:00", "_fivetran_deleted": True, **synced},
            {"contact_id": 14, "contact_list_id": 4, "added_at": "2024-03-02 10:00:00", "_fivetran_deleted": False, **synced},
            {"contact_id": 99, "contact_list_id": 3, "added_at": "2024-03-02 10:00:00", "_fivetran_deleted": False, **synced},
        ],
    }  # fmt: skip


def airbyte_deals() -> dict[str, Rows]:
    """source-hubspot schemas deals.json, deals_property_history.json, deal_pipelines.json, contact_lists.json, contacts_list_memberships.json."""
    added = {"_airbyte_raw_id": "r", "_airbyte_extracted_at": "2024-06-01T00:00:00Z"}
    # Of several companies it lands a list, without what they are to the deal.
    first = COMPANIES_OF_DEALS | {501: [77, 78]}
    return {
        "deals": [
            {"id": str(deal), "archived": deal == 503, "properties": {"dealname": f"Deal {deal}", "dealstage": "closedwon"},
             "companies": [str(company) for company in several], **added}
            for deal, several in first.items()
        ],
        "deals_property_history": [
            *[{"dealId": deal, "property": "dealstage", "name": "dealstage", "value": stage, "timestamp": milliseconds(when), **added} for deal, stage, when in STAGES],
            {"dealId": 501, "property": "amount", "name": "amount", "value": "10.5", "timestamp": NOON, **added},
        ],
        "deal_pipelines": [
            {"pipelineId": "default", "label": "Sales", "active": True,
             "stages": [{"stageId": stage, "label": label, "active": True} for stage, label in LABELS.items()], **added}
        ],
        "contact_lists": [{"listId": 3, "internalListId": 333, "name": "Beta testers", **added}, {"listId": 4, "internalListId": 444, "name": "All", **added}],
        "contacts_list_memberships": [
            {"canonical-vid": BIG, "static-list-id": 3, "internal-list-id": 333, "timestamp": milliseconds("2024-03-01T10:00:00Z"), "vid": BIG, "is-member": True, **added},
            {"canonical-vid": 14, "static-list-id": 3, "internal-list-id": 333, "timestamp": milliseconds("2024-06-01T00:00:00Z"), "vid": 14, "is-member": False, **added},
            {"canonical-vid": 14, "static-list-id": 4, "internal-list-id": 444, "timestamp": NOON, "vid": 14, "is-member": True, **added},
            {"canonical-vid": 99, "static-list-id": 3, "internal-list-id": 333, "timestamp": NOON, "vid": 99, "is-member": True, **added},
        ],
    }  # fmt: skip


@pytest.mark.parametrize("variant", variants())
@pytest.mark.parametrize("loader", ["fivetran", "airbyte"])
@pytest.mark.parametrize("by", ["Beta testers", 3])
def test_deals_and_lists(tmp_path: Path, loader: str, variant: dict[str, Any], by: Any) -> None:
    tables = {"fivetran": lambda: fivetran() | fivetran_deals(), "airbyte": lambda: airbyte() | airbyte_deals()}[loader]()
    tools = ConnectorModels(
        {
            "hubspot": {
                **{name: f"raw.{name}" for name in tables},
                "columns": {"contact": {"user_id": "app_user" if loader == "airbyte" else "property_app_user"}},
                "account_stages": "deals",
                "lists": {"is_beta_tester": by},
            }
        },
        traits={"is_beta_tester": {"column": "is_beta_tester", "type": "boolean"}},
    )
    for name, rows in tables.items():
        land(tools.connection, tmp_path, f"raw.{name}", rows, **variant)
    stages = tools.rows("connected_account_stages", "account_id", "stage", "entered_at")
    assert sorted(tuple(row.values()) for row in stages) == [
        ("77", "998877", "2024-01-11T10:00:00.000000Z"),
        ("77", "Appointment scheduled", "2024-01-05T10:00:00.000000Z"),
        *([("77", "Appointment scheduled", "2024-01-08T10:00:00.000000Z")] if loader == "airbyte" else []),
        ("77", "Closed won", "2024-02-05T10:00:00.000000Z"),
        ("9", "Appointment scheduled", "2024-01-06T10:00:00.000000Z"),
    ]
    reasons = sorted(row["left_out_because"] or "" for row in tools.rows("connector_hubspot_account_stages", "left_out_because"))
    more = ["in_stage_history", "merged"] if loader == "fivetran" else []
    assert reasons == sorted([*[""] * len(stages), "deleted", "no_account", "unknown_deal", "other_property", *more])
    lists = tools.rows("connected_attribute_history", "entity_id", "value", "valid_from", where="attribute = 'is_beta_tester'")
    assert sorted(tuple(row.values()) for row in lists) == [
        ("u-1", "true", "2024-03-01T10:00:00.000000Z"),
        ("u-2", "false", "2024-06-01T00:00:00.000000Z"),
        # Airbyte keeps the last change of a membership alone.
        *([("u-2", "true", "2024-03-02T10:00:00.000000Z")] if loader == "fivetran" else []),
    ]
    reasons = [row["left_out_because"] for row in tools.rows("connector_hubspot_attribute_history", "left_out_because")]
    assert (reasons.count("other_list"), reasons.count("unknown_contact")) == (1, 1)


def test_whose_stages_is_one_of_two(tmp_path: Path) -> None:
    tools = ConnectorModels({"hubspot": {"deal_stage": "raw.deal_stage", "account_stages": "opportunities"}})
    land(tools.connection, tmp_path, "raw.deal_stage", fivetran_deals()["deal_stage"])
    with pytest.raises(Exception, match="account_stages is lifecycle or deals, not opportunities"):
        tools.rows("connected_account_stages")


@pytest.mark.parametrize("own", [True, False])
@pytest.mark.parametrize("loader", ["fivetran", "airbyte"])
def test_a_contact_is_the_user_of_another_tool_with_its_address(tmp_path: Path, loader: str, own: bool) -> None:
    tables = {"fivetran": fivetran, "airbyte": airbyte}[loader]()
    hubspot: dict[str, Any] = {**{name: f"raw.{name}" for name in tables}, "bridge": "email"}
    if own:
        hubspot["columns"] = {"contact": {"user_id": "app_user" if loader == "airbyte" else "property_app_user"}}
    tools = ConnectorModels({"hubspot": hubspot, "own": {"users": "app_users"}})
    for name, rows in tables.items():
        land(tools.connection, tmp_path, f"raw.{name}", rows)
    # The product knows Anna by another address than HubSpot; two users share Ben's.
    people = [
        ("u-7", " NEW@x.example"),
        ("u-8", "anna@acme.example"),
        ("u-9", "ben@acme.example"),
        ("u-10", "Ben@acme.example"),
        ("u-11", None),
    ]
    tools.connection.execute("create table app_users as select * from (values {}) as t(user_id, email)".format(
        ", ".join(f"('{user}', {'null' if email is None else repr(email)})" for user, email in people)
    ))  # fmt: skip
    found = {
        row["user_id"]: row["created"]
        for row in tools.rows("connector_hubspot_users", "user_id", "signed_up_at as created", where="left_out_because is null")
    }
    # 12 and 15 were merged; with an id of its own 15 is a user until then.
    expected = {"u-1", "u-2", "u-15", "u-7"} if own else {"u-8", "u-7"}
    assert set(found) == expected
    reasons = sorted(row["left_out_because"] or "" for row in tools.rows("connector_hubspot_users", "left_out_because"))
    assert reasons == sorted([*[""] * len(expected), *(["merged"] if own else ["merged", "merged", "no_user_id"])])
    # One row for who is in both, with what each knows.
    [new] = tools.rows("connected_users", "email", "tool", "signed_up_at", where="user_id = 'u-7'")
    assert new == {"email": "new@x.example", "tool": "hubspot, own", "signed_up_at": "2023-04-01T10:00:00.000000Z"}
    history = {row["entity_id"] for row in tools.rows("connected_attribute_history", "entity_id", where="attribute = 'job_title'")}
    assert history == ({"u-1"} if own else {"u-8"})


@pytest.mark.parametrize("others", [{}, {"salesforce": {"contact": "raw.contact", "bridge": "email"}}])
def test_a_bridge_leads_somewhere(tmp_path: Path, others: dict[str, Any]) -> None:
    tools = ConnectorModels({"hubspot": {"contact": "raw.contact", "bridge": "email"}, **others})
    land(tools.connection, tmp_path, "raw.contact", fivetran()["contact"])
    with pytest.raises(Exception, match="no other one gives users with an email address"):
        tools.rows("connected_users")


def test_who_is_merged_into_somebody_known_by_the_address(tmp_path: Path) -> None:
    hubspot = {"contact": "raw.contact", "bridge": "email", "columns": {"contact": {"user_id": "property_app_user"}}}
    tools = ConnectorModels({"hubspot": hubspot, "own": {"users": "app_users"}})
    tools.connection.execute(
        "create table app_users as select * from (values ('u-1', 'a@x.example'), ('u-3', 'c@x.example')) as t(user_id, email)"
    )
    merged = "2:1700000000000;3:1700000000001"
    contacts = [
        {"id": 1, "property_email": "a@x.example", "property_hs_calculated_merged_vids": merged, "property_app_user": None},
        {"id": 2, "property_email": "b@x.example", "property_app_user": "u-2"},
        {"id": 3, "property_email": "c@x.example"},
    ]
    land(tools.connection, tmp_path, "raw.contact", contacts)
    rows = tools.rows("connector_hubspot_users", "user_id", "merged_into", where="left_out_because is null")
    assert sorted((row["user_id"], row["merged_into"]) for row in rows) == [("u-1", None), ("u-2", "u-1"), ("u-3", "u-1")]
