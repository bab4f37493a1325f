"""The company as Segment, HubSpot, Stripe and SurveyMonkey land it: tables in one schema per tool.

Written from the public shapes alone, without a look at the connectors' SQL.
  Segment        its own warehouse: tracks without properties, a table per event with them, pages, identifies, users, groups
  HubSpot        Fivetran: contact, company, owner, property history, email events with a table of status changes
  Stripe         Fivetran with history of subscriptions: items, prices, customers, invoices
  SurveyMonkey   API and Airbyte: nested responses, questions with their choices
"""

from __future__ import annotations

import json
from typing import Any

from landed import Rows
from stack_company import iso
from stack_of_exports import first_links
from warehouse import Inputs, Row

BLANK = "%Y-%m-%d %H:%M:%S"
TOOLS = "Segment, HubSpot, Stripe and SurveyMonkey"
GIVEN = (
    "users",
    "accounts",
    "account_stages",
    "attribute_history",
    "events",
    "identities",
    "survey_responses",
    "campaign_messages",
    "subscriptions",
    "invoices",
)
CHOICES = {"nps": [str(value) for value in range(11)], "csat": list("12345"), "ces": list("1234567")}
PROPERTIES = {
    "job_title": "jobtitle", "country": "country", "state": "state", "city": "city", "employee_count": "numberofemployees", "industry": "industry",
    "account_owner": "hubspot_owner_id",
}  # fmt: skip
# HubSpot's own ids are numbers beyond what a double holds.
FIRST = 9007199254740993


def variables(company: Inputs) -> dict[str, Any]:
    """What a company writes into dbt_project.yml."""
    ids = {question: (name, instrument) for (_, instrument, question), name in question_ids(company).items()}
    return {
        "hubspot": {
            "schema": "raw_hubspot",
            "columns": {
                "contact": {name: f"property_{name}" for name in ("department", "birth_year", "income_band", "acquisition_channel")}
                | {"user_id": "property_product_user_id"},
                "company": {"account_id": "property_product_account_id", "business_model": "property_business_model"},
            },
        },
        "segment": {
            "schema": "raw_segment",
            "columns": {"tracks": {"session_id": "context_session_id"}, "pages": {"session_id": "context_session_id"}},
        },
        "stripe": {"schema": "raw_stripe"},
        "surveymonkey": {
            "schema": "raw_surveymonkey",
            "instruments": {
                name: {"instrument": instrument, "question": question} if instrument == "attribute" else instrument
                for question, (name, instrument) in ids.items()
            },
        },
    }  # fmt: skip


def write(company: Inputs) -> dict[str, Rows]:
    """Relation -> rows, of all four tools."""
    tools = {"segment": segment, "hubspot": hubspot, "stripe": stripe, "surveymonkey": surveymonkey}
    return {f"raw_{tool}.{name}": rows for tool, written in tools.items() for name, rows in written(company).items() if rows}


def segment(company: Inputs) -> dict[str, Rows]:
    tables: dict[str, Rows] = {"tracks": [], "pages": []}
    for each in company["events"]:
        properties = json.loads(each["properties"] or "{}")
        call = {
            "id": each["event_id"], "anonymous_id": each["anonymous_id"] or None, "user_id": each["user_id"] or None,
            "timestamp": iso(each["occurred_at"], BLANK), "original_timestamp": "1999-01-01 00:00:00", "received_at": iso(each["received_at"], BLANK),
            "sent_at": iso(each["received_at"], BLANK), "context_device_type": each["device_type"] or None, "context_os_name": each["os"] or None,
            "context_app_version": each["app_version"] or None, "context_campaign_source": each["channel"] or None,
            "context_location_country": each["country"] or None, "context_session_id": each["session_id"] or None,
        }  # fmt: skip
        name = each["event_name"]
        if name == "page_viewed":
            tables["pages"].append({**call, **properties})
        else:
            told = {**call, "event": name, "event_text": name.replace("_", " ").title()}
            tables["tracks"].append(told)
            # The same call again, in the table of its event: there, and only there, with its properties.
            tables.setdefault(name, []).append({**told, **properties})
    tables["identifies"] = [
        {"id": f"i{number}", "anonymous_id": each["anonymous_id"], "user_id": each["user_id"], "timestamp": iso(each["linked_at"], BLANK),
         "received_at": iso(each["linked_at"], BLANK)}
        for number, each in enumerate(company["identities"])
    ]  # fmt: skip
    tables["users"] = [
        {
            "id": each["user_id"],
            "email": each["email"],
            "created_at": iso(each["signed_up_at"]),
            "received_at": iso(each["updated_at"], BLANK),
        }
        for each in company["users"]
    ]
    tables["groups"] = [
        {"id": f"g{each['user_id']}", "group_id": each["account_id"], "user_id": each["user_id"], "timestamp": iso(each["signed_up_at"], BLANK),
         "received_at": iso(each["signed_up_at"], BLANK)}
        for each in company["users"] if each["account_id"]
    ]  # fmt: skip
    return tables


def owner_ids(company: Inputs) -> dict[str, int]:
    names = {row["account_owner"] for row in company["accounts"]}
    names |= {row["value"] for row in company["attribute_history"] if row["attribute"] == "account_owner"}
    return {name: 70 + number for number, name in enumerate(sorted(names - {""}))}


def hubspot(company: Inputs) -> dict[str, Rows]:
    accounts = {row["account_id"]: FIRST + 2 * number for number, row in enumerate(company["accounts"])}
    contacts = {row["user_id"]: FIRST + 2 * number for number, row in enumerate(company["users"])}
    addresses = {row["user_id"]: row["email"] for row in company["users"]}
    owners = owner_ids(company)
    tables: dict[str, Rows] = {
        "contact": [
            {"id": contacts[each["user_id"]], "property_email": each["email"], "property_associatedcompanyid": accounts.get(each["account_id"]),
             "property_jobtitle": each["job_title"], "property_gender": each["gender"], "property_hs_language": each["language"],
             "property_country": each["country"], "property_state": each["state"], "property_city": each["city"],
             "property_hs_email_optout": True if each["marketing_consent"] == "false" else None, "property_createdate": iso(each["signed_up_at"]),
             "property_lastmodifieddate": iso(each["updated_at"]), "property_product_user_id": each["user_id"],
             "property_department": each["department"], "property_birth_year": each["birth_year"], "property_income_band": each["income_band"],
             "property_acquisition_channel": each["acquisition_channel"], "_fivetran_deleted": bool(each["deleted_at"]),
             "_fivetran_synced": iso(each["deleted_at"] or "2026-10-22T12:00:00Z", BLANK)}
            for each in company["users"]
        ],
        "company": [
            {"id": accounts[each["account_id"]], "property_name": each["account_name"], "property_industry": each["industry"],
             "property_numberofemployees": each["employee_count"], "property_annualrevenue": each["annual_revenue"],
             "property_country": each["country"], "property_hubspot_owner_id": owners.get(each["account_owner"]),
             "property_createdate": iso(each["created_at"]), "property_hs_lastmodifieddate": iso(each["updated_at"]),
             "property_product_account_id": each["account_id"], "property_business_model": each["business_model"], "is_deleted": False}
            for each in company["accounts"]
        ],
        "owner": [
            {"owner_id": owner, "first_name": name.split(" ", 1)[0], "last_name": name.split(" ", 1)[1], "email": f"{owner}@kiteloom.example"}
            for name, owner in owners.items()
        ],
        "contact_property_history": [],
        "company_property_history": [
            {"company_id": accounts[each["account_id"]], "name": "lifecyclestage", "value": each["stage"], "timestamp": iso(each["entered_at"])}
            for each in company["account_stages"]
        ],
    }  # fmt: skip
    for each in company["attribute_history"]:
        kind, ids = ("contact", contacts) if each["entity"] == "user" else ("company", accounts)
        value: Any = owners[each["value"]] if each["attribute"] == "account_owner" else each["value"]
        tables[f"{kind}_property_history"].append(
            {
                f"{kind}_id": ids[each["entity_id"]],
                "name": PROPERTIES[each["attribute"]],
                "value": str(value),
                "timestamp": iso(each["valid_from"]),
            }
        )
    campaigns = {name: number for number, name in enumerate(sorted({row["campaign"] for row in company["campaign_messages"]}), 500)}
    tables["email_campaign"] = [{"id": number, "name": name, "subject": f"About {name}"} for name, number in campaigns.items()]
    tables["email_event"], tables["email_event_status_change"] = [], []
    steps = {"delivered_at": "DELIVERED", "opened_at": "OPEN", "clicked_at": "CLICK", "unsubscribed_at": "STATUSCHANGE"}
    for each in company["campaign_messages"]:
        # Who was held out was not written to, and is nowhere.
        shared = {"recipient": addresses[each["user_id"]], "email_campaign_id": campaigns[each["campaign"]], "filtered_event": False}
        if each["sent_at"]:
            tables["email_event"].append({"id": each["message_id"], "type": "SENT", "created": iso(each["sent_at"]), **shared})
        for column, kind in steps.items():
            if each["sent_at"] and each[column]:
                name = f"{each['message_id']}-{kind}"
                cause = {"caused_by_id": each["message_id"]} if kind == "STATUSCHANGE" else {"sent_by_id": each["message_id"]}
                tables["email_event"].append({"id": name, "type": kind, "created": iso(each[column]), **cause, **shared})
                if kind == "STATUSCHANGE":
                    tables["email_event_status_change"].append({"id": name, "portal_subscription_status": "UNSUBSCRIBED"})
    return tables


def versions(company: Inputs) -> list[tuple[Row, str, str]]:
    """Each version of a subscription as Stripe would have it, with its status and start: an end, and the end of a trial, are versions."""
    found = []
    for each in sorted(company["subscriptions"], key=lambda row: (row["subscription_id"], row["valid_from"])):
        is_trial = bool(each["trial_ends_at"]) and each["mrr"] in ("0", "0.00") and each["valid_from"] == each["started_at"]
        found.append((each, "trialing" if is_trial else "active", each["valid_from"]))
        if each["ended_at"]:
            found.append((each, "canceled", each["ended_at"]))
    return found


def stripe(company: Inputs) -> dict[str, Rows]:
    customers = {
        account: f"cus_{account}" for account in sorted({row["account_id"] for row in company["subscriptions"] + company["invoices"]})
    }
    last: dict[str, Row] = {}
    history: Rows = []
    for each, status, start in versions(company):
        last[each["subscription_id"]] = each
        ended = each["ended_at"] if status == "canceled" else ""
        history.append({
            "id": each["subscription_id"], "customer_id": customers[each["account_id"]], "status": status, "livemode": True,
            "start_date": iso(each["started_at"], BLANK), "created": iso(each["started_at"], BLANK), "trial_end": iso(each["trial_ends_at"], BLANK) or None,
            "ended_at": iso(ended, BLANK) or None, "canceled_at": iso(ended, BLANK) or None, "cancel_at_period_end": False,
            "current_period_end": f"{each['renewal_date']} 06:00:00" if each["renewal_date"] else None, "metadata": {},
            "_fivetran_start": iso(start, BLANK), "_fivetran_active": False,
        })  # fmt: skip
    newest = {row["id"]: row for row in history}
    for row in newest.values():
        row["_fivetran_active"] = True
    prices: dict[tuple[str, float], str] = {}
    items: Rows = []
    for name, each in last.items():
        cents = 100 * float(each["mrr"]) / float(each["seats"] or 1)
        price = prices.setdefault((each["plan"], cents), f"price_{len(prices)}")
        items.append({"id": f"si_{name}", "subscription_id": name, "plan_id": price, "quantity": int(float(each["seats"] or 1))})
    return {
        "customer": [{"id": name, "metadata": {"account_id": account}, "is_deleted": False} for account, name in customers.items()],
        "subscription_history": history,
        "subscription_item": items,
        "price": [
            {"id": name, "product_id": "prod_1", "currency": "usd", "nickname": plan, "billing_scheme": "per_unit", "recurring_interval": "month",
             "recurring_interval_count": 1, "recurring_usage_type": "licensed", "unit_amount_decimal": repr(cents)}
            for (plan, cents), name in prices.items()
        ],
        "invoice": [
            {"id": each["invoice_id"], "customer_id": customers[each["account_id"]], "subscription_id": subscription_of(company, each),
             "currency": each["currency"].lower(), "status": "paid", "amount_paid": round(100 * float(each["amount"])), "livemode": True,
             "created": iso(each["paid_at"], BLANK), "status_transitions_paid_at": iso(each["paid_at"], BLANK)}
            for each in company["invoices"]
        ],
    }  # fmt: skip


def subscription_of(company: Inputs, invoice: Row) -> str | None:
    """The account's newest subscription that had begun when it paid."""
    begun = [
        row for row in company["subscriptions"] if row["account_id"] == invoice["account_id"] and row["started_at"] <= invoice["paid_at"]
    ]
    return max(begun, key=lambda row: row["started_at"])["subscription_id"] if begun else None


def question_ids(company: Inputs) -> dict[tuple[str, str, str], str]:
    asked = sorted({(row["survey"], row["instrument"], row["question"]) for row in company["survey_responses"]})
    return {each: str(7000 + number) for number, each in enumerate(asked)}


def surveymonkey(company: Inputs) -> dict[str, Rows]:
    ids = question_ids(company)
    surveys = {survey: str(300 + number) for number, survey in enumerate(sorted({survey for survey, *_ in ids}))}
    questions: Rows = []
    places: dict[tuple[str, str], str] = {}
    for (survey, instrument, question), name in ids.items():
        said = {row["answer"] for row in company["survey_responses"] if (row["survey"], row["question"]) == (survey, question)}
        choices = []
        for place, text in enumerate(CHOICES.get(instrument) or sorted(said), 1):
            places[name, text] = f"{name}{place:02d}"
            # The weight of a question on recommending is that of the group, as text.
            weight = {"weight": "-100" if place < 8 else "0" if place < 10 else "100"} if instrument == "nps" else {"weight": str(place)}
            choices.append({"id": f"{name}{place:02d}", "text": text, "position": place, "choice_metadata": weight})
        questions.append({"id": name, "survey_id": surveys[survey], "headings": [{"heading": question}], "family": "single_choice", "answers": {"choices": choices}})  # fmt: skip
    responses: Rows = []
    for each in company["survey_responses"]:
        name = ids[each["survey"], each["instrument"], each["question"]]
        text = each["answer"] or str(int(float(each["score"])))
        responses.append({
            "id": each["response_id"], "survey_id": surveys[each["survey"]], "collector_id": "1", "recipient_id": "", "email_address": "",
            "custom_variables": {"user_id": each["user_id"]}, "custom_value": "", "response_status": "completed",
            "date_created": iso(each["responded_at"], "%Y-%m-%dT%H:%M:%S+00:00"), "date_modified": iso(each["responded_at"], "%Y-%m-%dT%H:%M:%S+00:00"),
            "pages": [{"id": "1", "questions": [{"id": name, "answers": [{"choice_id": places[name, text]}]}]}],
        })  # fmt: skip
    return {
        "surveys": [{"id": name, "title": survey} for survey, name in surveys.items()],
        "survey_questions": questions,
        "survey_responses": responses,
    }


def told(company: Inputs) -> Inputs:
    """The company as these tools can tell it: what they cannot is in docs/connectors/stacks.md, line by line."""
    expected = {name: [dict(row) for row in rows] for name, rows in company.items()}
    for row in expected["users"]:
        row["marketing_consent"] = "false" if row["marketing_consent"] == "false" else ""
    expected["identities"] = first_links(company)
    # A group call says since when a user is of the account.
    expected["attribute_history"] += [
        {"entity": "user", "entity_id": row["user_id"], "attribute": "account_id", "value": row["account_id"], "valid_from": row["signed_up_at"]}
        for row in company["users"] if row["account_id"]
    ]  # fmt: skip
    expected["campaign_messages"] = [
        {**row, "assigned_at": row["sent_at"], "is_holdout": ""} for row in expected["campaign_messages"] if row["sent_at"]
    ]
    paid: dict[str | None, str] = {}
    for invoice in sorted(company["invoices"], key=lambda row: row["paid_at"]):
        if float(invoice["amount"]) > 0:
            paid.setdefault(subscription_of(company, invoice), invoice["paid_at"])
    found = versions(company)
    last = {row["subscription_id"]: row for row, *_ in found}
    expected["subscriptions"] = []
    for row, status, start in found:
        today = last[row["subscription_id"]]
        converted = ""
        if row["trial_ends_at"] and status != "trialing":
            converted = paid.get(row["subscription_id"], row["trial_ends_at"] if status == "active" else "")
        expected["subscriptions"].append({
            **row, "valid_from": start, "plan": today["plan"], "seats": today["seats"], "mrr": today["mrr"],
            "converted_at": converted, "ended_at": row["ended_at"] if status == "canceled" else "",
            "renewal_date": "" if status == "canceled" else row["renewal_date"],
        })  # fmt: skip
    return expected


def without_added(rows: Rows) -> Rows:
    """Found events with the properties that the company sent: what Segment writes beside them stays there."""
    added = ("original_timestamp", "sent_at", "event_text")
    cleaned = []
    for row in rows:
        kept = {
            name: value
            for name, value in json.loads(row.get("properties") or "{}").items()
            if not (name in added or name.startswith("context_"))
        }
        cleaned.append({**row, "properties": json.dumps(kept, separators=(",", ":"), sort_keys=True) if kept else ""})
    return cleaned


# Ids and times of the tools' own, which are not compared; all else is as told() says.
IGNORED = {"users": {"updated_at"}, "accounts": {"updated_at"}, "survey_responses": {"response_id"}, "subscriptions": {"updated_at"}}
