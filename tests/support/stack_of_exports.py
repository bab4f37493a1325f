"""The company as Mixpanel, Salesforce, Qualtrics and Zendesk export it: a folder of files.

Written from the public shapes alone, without a look at the connectors' SQL.
  Mixpanel    raw export API, a JSON object per line, simplified ids; Engage profiles
  Salesforce  CSV of the API's objects with their own names, 18-character ids, field history, stage history
  Qualtrics   CSV with three header rows, one file per survey
  Zendesk     JSON lines as Airbyte lands them: tickets with tags and rating, users, metrics, ratings
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from landed import Rows, csv_text, json_lines
from stack_company import iso, utc
from warehouse import Inputs, Row

# What Mixpanel and the company's own tracking add to the properties of an event.
ADDED = ("time", "distinct_id", "utm_source", "device_type", "session_id")

FIELDS = {
    "job_title": "Title", "country": "MailingCountry", "state": "MailingState", "city": "MailingCity",
    "employee_count": "NumberOfEmployees", "account_owner": "Owner", "industry": "Industry",
}  # fmt: skip


def variables(folder: Path) -> dict[str, Any]:
    """What a company writes into dbt_project.yml."""
    return {
        "salesforce": {
            "folder": f"{folder}/salesforce",
            "columns": {
                "contact": {"user_id": "Product_User_Id__c", "gender": "Gender__c", "income_band": "Income_Band__c", "language": "Language__c"},
                "account": {"account_id": "Product_Account_Id__c", "business_model": "Business_Model__c"},
            },
        },
        "mixpanel": {
            "export": f"{folder}/mixpanel/*.jsonl",
            "people": f"{folder}/mixpanel_people.jsonl",
            "columns": {"events": {"session_id": "session_id", "device_type": "device_type"}},
        },
        "qualtrics": {
            "responses": [f"{folder}/qualtrics/{survey}.csv" for survey in ("product", "relationship", "welcome")],
            "instruments": {
                "relationship/QID1": "nps", "product/QID1": "csat", "product/QID2": "ces",
                **{f"welcome/QID{place}": {"instrument": "attribute", "question": trait} for place, trait in enumerate(TRAITS, 1)},
            },
        },
        "zendesk": {
            "ticket": f"{folder}/zendesk/tickets.jsonl", "user": f"{folder}/zendesk/users.jsonl",
            "ticket_metrics": f"{folder}/zendesk/ticket_metrics.jsonl", "satisfaction_ratings": f"{folder}/zendesk/satisfaction_ratings.jsonl",
            "topic_tags": ["access", "billing", "bug", "how_to", "integration", "performance"],
        },
    }  # fmt: skip


TRAITS = ("interests", "lifestyle", "personality", "primary_need", "values")
TOOLS = "Mixpanel, Salesforce, Qualtrics and Zendesk"
GIVEN = ("users", "accounts", "account_stages", "attribute_history", "events", "identities", "survey_responses", "support_tickets")


def write(folder: Path, company: Inputs) -> None:
    """All files of the four exports."""
    for name in ("mixpanel", "salesforce", "qualtrics", "zendesk"):
        (folder / name).mkdir(parents=True, exist_ok=True)
    events = mixpanel_events(company)
    # A file per day or so: here two.
    for number in range(2):
        (folder / f"mixpanel/part{number}.jsonl").write_text(json_lines(events[number::2]), encoding="utf-8")
    (folder / "mixpanel_people.jsonl").write_text(json_lines(mixpanel_people(company)), encoding="utf-8")
    for name, rows in salesforce(company).items():
        (folder / f"salesforce/{name}.csv").write_text(csv_text(rows), encoding="utf-8")
    for survey, rows in qualtrics(company).items():
        (folder / f"qualtrics/{survey}.csv").write_text(csv_text(rows), encoding="utf-8")
    for name, rows in zendesk(company).items():
        (folder / f"zendesk/{name}.jsonl").write_text(json_lines(rows), encoding="utf-8")


def seconds(text: str) -> int:
    moment = utc(text)
    assert moment
    return int(moment.timestamp())


def filled(row: dict[str, Any]) -> dict[str, Any]:
    """Without the keys that a JSON export leaves out: those without a value."""
    return {name: value for name, value in row.items() if value not in ("", None)}


def mixpanel_events(company: Inputs) -> Rows:
    rows: Rows = []
    for each in company["events"]:
        device, user = each["anonymous_id"], each["user_id"]
        known = {
            "time": seconds(each["occurred_at"]), "distinct_id": user or f"$device:{device}", "$device_id": device, "$user_id": user,
            "$insert_id": each["event_id"], "mp_processing_time_ms": 1000 * seconds(each["received_at"]), "$os": each["os"],
            "$app_version_string": each["app_version"], "mp_country_code": each["country"], "utm_source": each["channel"],
            "device_type": each["device_type"], "session_id": each["session_id"],
        }  # fmt: skip
        rows.append({"event": each["event_name"], "properties": filled({**known, **json.loads(each["properties"] or "{}")})})
    for number, each in enumerate(company["identities"]):
        moment = seconds(each["linked_at"])
        rows.append({
            "event": "$identify",
            "properties": {
                "time": moment, "distinct_id": each["user_id"], "$device_id": each["anonymous_id"], "$user_id": each["user_id"],
                "$insert_id": f"identify{number}", "mp_processing_time_ms": 1000 * moment,
            },
        })  # fmt: skip
    return rows


def mixpanel_people(company: Inputs) -> Rows:
    return [
        {
            "$distinct_id": each["user_id"],
            "$properties": {"$email": each["email"], "$created": iso(each["signed_up_at"], "%Y-%m-%dT%H:%M:%S"), "$last_seen": iso(each["updated_at"], "%Y-%m-%dT%H:%M:%S")},
        }
        for each in company["users"]
    ]  # fmt: skip


def changes_of(company: Inputs, entity: str) -> list[tuple[str, str, str, str, str]]:
    """Entity, attribute, value before, value, time of each change after the first value."""
    found = []
    before: dict[tuple[str, str], str] = {}
    for each in sorted(company["attribute_history"], key=lambda row: row["valid_from"]):
        if each["entity"] == entity:
            key = (each["entity_id"], each["attribute"])
            if key in before:
                found.append((*key, before[key], each["value"], each["valid_from"]))
            before[key] = each["value"]
    return found


def salesforce(company: Inputs) -> dict[str, Rows]:
    at = "%Y-%m-%dT%H:%M:%S.000+0000"
    accounts = {row["account_id"]: f"001{number:012d}AAA" for number, row in enumerate(company["accounts"])}
    contacts = {row["user_id"]: f"003{number:012d}AAA" for number, row in enumerate(company["users"])}
    owners = {name: f"005{number:012d}AAA" for number, name in enumerate(sorted({row["account_owner"] for row in company["accounts"]} | {
        row["value"] for row in company["attribute_history"] if row["attribute"] == "account_owner"}))}  # fmt: skip
    tables: dict[str, Rows] = {
        "Account": [
            {"Id": accounts[each["account_id"]], "IsDeleted": "false", "Name": each["account_name"], "Industry": each["industry"],
             "NumberOfEmployees": each["employee_count"], "AnnualRevenue": each["annual_revenue"], "BillingCountry": each["country"],
             "OwnerId": owners[each["account_owner"]], "CreatedDate": iso(each["created_at"], at), "LastModifiedDate": iso(each["updated_at"], at),
             "Product_Account_Id__c": each["account_id"], "Business_Model__c": each["business_model"]}
            for each in company["accounts"]
        ],
        "Contact": [
            {"Id": contacts[each["user_id"]], "IsDeleted": "true" if each["deleted_at"] else "false", "AccountId": accounts.get(each["account_id"], ""),
             "Email": each["email"], "Title": each["job_title"], "Department": each["department"],
             "Birthdate": f"{each['birth_year']}-07-01" if each["birth_year"] else "", "MailingCountry": each["country"], "MailingState": each["state"],
             "MailingCity": each["city"], "LeadSource": each["acquisition_channel"],
             "HasOptedOutOfEmail": "true" if each["marketing_consent"] == "false" else "false", "CreatedDate": iso(each["signed_up_at"], at),
             "LastModifiedDate": iso(each["deleted_at"] or each["updated_at"], at), "Product_User_Id__c": each["user_id"], "Gender__c": each["gender"],
             "Income_Band__c": each["income_band"], "Language__c": each["language"]}
            for each in company["users"]
        ],
        "User": [{"Id": name_id, "Name": name} for name, name_id in owners.items()],
        "Opportunity": [
            {"Id": f"006{number:012d}AAA", "AccountId": account, "IsDeleted": "false", "StageName": "whatever", "CreatedDate": "2024-01-01T00:00:00.000+0000"}
            for number, account in enumerate(accounts.values())
        ],
        "OpportunityHistory": [
            {"Id": f"008{number:012d}AAA", "OpportunityId": "006" + accounts[each["account_id"]][3:], "StageName": each["stage"],
             "CreatedDate": iso(each["entered_at"], at), "IsDeleted": "false"}
            for number, each in enumerate(company["account_stages"])
        ],
    }  # fmt: skip
    for entity, table, ids in (("user", "Contact", contacts), ("account", "Account", accounts)):
        rows: Rows = []
        for name, attribute, before, value, moment in changes_of(company, entity):
            told = [(before, value)]
            if attribute == "account_owner":
                # A look-up is written twice: as names and as ids.
                told.append((owners[before], owners[value]))
            for old, new in told:
                rows.append({"Id": f"017{len(rows):012d}AAA", f"{table}Id": ids[name], "Field": FIELDS[attribute], "OldValue": old, "NewValue": new,
                             "CreatedDate": iso(moment, at), "IsDeleted": "false"})  # fmt: skip
        tables[f"{table}History"] = rows
    return {name: rows for name, rows in tables.items() if rows}


def question_ids(company: Inputs, survey: str) -> dict[str, str]:
    """The questions of a survey with their ids there: QID1 is in every survey."""
    asked = sorted({(row["instrument"], row["question"]) for row in company["survey_responses"] if row["survey"] == survey})
    return {question: f"QID{place}" for place, (_, question) in enumerate(sorted(asked, key=lambda each: (each[0] == "ces", each)), 1)}


def qualtrics(company: Inputs) -> dict[str, Rows]:
    surveys: dict[str, Rows] = {}
    names = {"StartDate": "startDate", "EndDate": "endDate", "Status": "status", "Progress": "progress", "Finished": "finished",
             "RecordedDate": "recordedDate", "ResponseId": "_recordId", "ExternalReference": "externalDataReference", "user_id": "user_id"}  # fmt: skip
    for survey in sorted({row["survey"] for row in company["survey_responses"]}):
        ids = question_ids(company, survey)
        tags = {question: f"{survey} {qid}" for question, qid in ids.items()}
        rows: Rows = [
            {name: f"Text of {name}" for name in names} | {tags[question]: question for question in ids},
            {name: json.dumps({"ImportId": own}) for name, own in names.items()} | {tags[question]: json.dumps({"ImportId": qid}) for question, qid in ids.items()},
        ]  # fmt: skip
        for each in (row for row in company["survey_responses"] if row["survey"] == survey):
            said = iso(each["responded_at"], "%Y-%m-%d %H:%M:%S")
            rows.append({"StartDate": said, "EndDate": said, "Status": "0", "Progress": "100", "Finished": "1", "RecordedDate": said,
                         "ResponseId": f"R_{each['response_id']}", "user_id": each["user_id"], tags[each["question"]]: each["score"] or each["answer"]})  # fmt: skip
        surveys[survey] = rows
    return surveys


def zendesk(company: Inputs) -> dict[str, Rows]:
    people = {row["user_id"]: 9007199254740993 + 2 * number for number, row in enumerate(company["users"])}
    at = "%Y-%m-%dT%H:%M:%SZ"
    tickets, metrics, ratings = [], [], []
    for number, each in enumerate(company["support_tickets"], 1):
        name = 100 + number
        rating = "" if not each["satisfaction"] else "good" if float(each["satisfaction"]) >= 4 else "bad"
        tickets.append({
            "id": name, "requester_id": people[each["user_id"]], "submitter_id": 1, "status": "solved" if each["solved_at"] else "open",
            "priority": each["priority"], "type": "question", "created_at": iso(each["created_at"], at), "updated_at": iso(each["created_at"], at),
            "tags": ["from_web", each["topic"]], "satisfaction_rating": {"score": rating or "unoffered"},
        })  # fmt: skip
        metrics.append({"ticket_id": name, "solved_at": iso(each["solved_at"], at) or None, "updated_at": iso(each["created_at"], at)})
        if rating:
            ratings.append({"id": 500 + number, "ticket_id": name, "score": rating, "created_at": iso(each["satisfied_at"], at), "updated_at": iso(each["satisfied_at"], at)})  # fmt: skip
    users = [{"id": 1, "external_id": None, "email": "agent@kiteloom.example", "role": "agent"}]
    users += [{"id": people[row["user_id"]], "external_id": row["user_id"], "email": row["email"], "role": "end-user"} for row in company["users"]]  # fmt: skip
    return {"tickets": tickets, "users": users, "ticket_metrics": metrics, "satisfaction_ratings": ratings}


def told(company: Inputs) -> Inputs:
    """The company as these tools can tell it: what they cannot is in docs/connectors/stacks.md, line by line."""
    expected = {name: [dict(row) for row in rows] for name, rows in company.items()}
    for row in expected["users"]:
        # Who did not opt out: nobody asked is not a third answer.
        row["marketing_consent"] = "false" if row["marketing_consent"] == "false" else "true"
    for row in expected["support_tickets"]:
        row["satisfaction"] = "" if not row["satisfaction"] else "5" if float(row["satisfaction"]) >= 4 else "1"
    expected["identities"] = first_links(company)
    return expected


def without_added(rows: Rows) -> Rows:
    """Found events with the properties that the company sent: what Mixpanel adds to them stays there."""
    cleaned = []
    for row in rows:
        kept = {
            name: value
            for name, value in json.loads(row["properties"]).items()
            if name[0] != "$" and name[:3] != "mp_" and name not in ADDED
        }
        cleaned.append({**row, "properties": json.dumps(kept, separators=(",", ":")) if kept else ""})
    return cleaned


def first_links(company: Inputs) -> list[Row]:
    """A device is a user's since the first event with both ids."""
    links: dict[tuple[str, str], str] = {}
    pairs = [(row["anonymous_id"], row["user_id"], row["linked_at"]) for row in company["identities"]]
    pairs += [(row["anonymous_id"], row["user_id"], row["occurred_at"]) for row in company["events"]]
    for device, user, moment in pairs:
        if device and user:
            links[device, user] = min(moment, links.get((device, user), moment))
    return [{"anonymous_id": device, "user_id": user, "linked_at": moment} for (device, user), moment in links.items()]


# Ids and times of the tools' own, which are not compared; all else is as told() says.
IGNORED = {
    "events": {"event_id"},
    "users": {"updated_at"},
    "accounts": {"updated_at"},
    "survey_responses": {"response_id"},
    "support_tickets": {"ticket_id"},
}
