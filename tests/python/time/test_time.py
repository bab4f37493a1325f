"""What is known when: nothing that becomes known after a date changes a row of that date, on any machine."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from known_inputs import known_on
from warehouse import COMPARISON_MODELS, Inputs, Warehouse, differences, small_company

# A Sunday, a Wednesday in mid-week and a Sunday.
DATES = ("2026-03-08", "2026-03-11", "2026-03-15")


@pytest.fixture(scope="module")
def eventful() -> Inputs:
    """The company with something that becomes known after each of the dates. Do not change the rows."""
    company = small_company()
    company["events"] += [
        # Anonymous visits before and between the dates, linked on the 9th and the 13th.
        {
            "event_id": f"anonymous-{number}",
            "anonymous_id": f"v{number}",
            "event_name": "task_completed",
            "occurred_at": f"2026-03-0{number + 1}T07:00:00Z",
            "received_at": f"2026-03-0{number + 1}T07:00:01Z",
            "device_type": "mobile",
            "os": "ios",
        }
        for number in (1, 2, 3, 4, 5)
    ]
    # A session that goes on after midnight, at the end of each date.
    company["events"] += [
        {
            "event_id": f"night-{day}-{number}",
            "user_id": "u1",
            "event_name": "comment_added",
            "occurred_at": occurred_at,
            "received_at": occurred_at,
        }
        for day in (8, 11, 15)
        for number, occurred_at in enumerate(
            (f"2026-03-{day:02d}T23:50:00Z", f"2026-03-{day:02d}T23:59:59Z", f"2026-03-{day + 1:02d}T00:05:00Z")
        )
    ]
    company["identities"] = [
        {"anonymous_id": "v1", "user_id": "u2", "linked_at": "2026-03-09T10:00:00Z"},
        {"anonymous_id": "v2", "user_id": "u2", "linked_at": "2026-03-13T10:00:00Z"},
        {"anonymous_id": "v3", "user_id": "u3", "linked_at": "2026-03-16T10:00:00Z"},
        {"anonymous_id": "v4", "user_id": "u1", "linked_at": "2026-03-05T10:00:00Z"},
        # Linked again later: the first link holds, before and after.
        {"anonymous_id": "v4", "user_id": "u3", "linked_at": "2026-03-10T10:00:00Z"},
    ]
    company["attribute_history"] = (
        [
            {"entity": "user", "entity_id": "u1", "attribute": "country", "value": country, "valid_from": f"{day}T12:00:00Z"}
            for country, day in [("FR", "2026-01-05"), ("ES", "2026-03-10"), ("", "2026-03-14"), ("DE", "2026-03-16")]
        ]
        + [
            {"entity": "account", "entity_id": "a1", "attribute": "employee_count", "value": count, "valid_from": f"{day}T12:00:00Z"}
            for count, day in [("8", "2026-01-05"), ("12", "2026-03-12")]
        ]
        + [
            # To another account, out of all, and back after all dates.
            {"entity": "user", "entity_id": "u2", "attribute": "account_id", "value": account, "valid_from": f"{day}T12:00:00Z"}
            for account, day in [("a1", "2026-01-05"), ("a2", "2026-03-10"), ("", "2026-03-14"), ("a1", "2026-03-17")]
        ]
    )
    company["users"].append(
        {"user_id": "u5", "account_id": "a2", "signed_up_at": "2026-03-09T00:00:00Z", "updated_at": "2026-03-09T00:00:00Z"}
    )
    # Signed up on the first day that has an event: the first steps are in the data.
    company["users"].append({"user_id": "u6", "signed_up_at": "2026-03-01T12:00:00Z", "updated_at": "2026-03-01T12:00:00Z"})
    company["users"][2]["deleted_at"] = "2026-03-12T08:00:00Z"
    company["subscriptions"] += [
        {
            "subscription_id": "s1",
            "account_id": "a1",
            "plan": "enterprise",
            "seats": "50",
            "mrr": "900",
            "valid_from": "2026-03-10T00:00:00Z",
            "started_at": "2026-01-05T00:00:00Z",
            "renewal_date": "2027-03-10",
        },
        {
            "subscription_id": "s1",
            "account_id": "a1",
            "plan": "enterprise",
            "seats": "50",
            "mrr": "900",
            "valid_from": "2026-03-14T00:00:00Z",
            "started_at": "2026-01-05T00:00:00Z",
            "ended_at": "2026-03-16T00:00:00Z",
        },
        {
            "subscription_id": "s2",
            "account_id": "a2",
            "plan": "starter",
            "seats": "2",
            "mrr": "20",
            "valid_from": "2026-03-01T00:00:00Z",
            "started_at": "2026-03-01T00:00:00Z",
            "trial_ends_at": "2026-03-14T00:00:00Z",
            "converted_at": "2026-03-13T00:00:00Z",
            "ended_at": "2026-03-15T10:00:00Z",
        },
    ]
    # Due between the dates: renewed on the 10th by a version, on the 14th not; the last word comes after all dates.
    company["subscriptions"] += [
        {
            "subscription_id": "s3",
            "account_id": "a1",
            "plan": "addon",
            "seats": "0",
            "mrr": "5",
            "valid_from": f"{day}T00:00:00Z",
            "started_at": "2025-12-10T00:00:00Z",
            "renewal_date": renewal,
            "ended_at": ended_at,
        }
        for day, renewal, ended_at in [
            ("2025-12-01", "2026-03-10", ""),
            ("2026-03-10", "2026-03-14", ""),
            ("2026-03-16", "2026-04-14", "2026-03-17T00:00:00Z"),
        ]
    ]
    # The first steps of u5: events of one day, linked on the next.
    company["events"] += [
        {
            "event_id": f"first-{day}",
            "anonymous_id": f"w{day}",
            "event_name": "project_created",
            "occurred_at": f"2026-03-{day}T09:00:00Z",
            "received_at": f"2026-03-{day}T09:00:01Z",
        }
        for day in ("10", "14")
    ]
    company["identities"] += [
        {"anonymous_id": "w14", "user_id": "u5", "linked_at": "2026-03-15T10:00:00Z"},
        {"anonymous_id": "w10", "user_id": "u5", "linked_at": "2026-03-16T10:00:00Z"},
    ]
    for user, channel in [("u1", "social"), ("u2", "social"), ("u5", "social")]:
        next(row for row in company["users"] if row["user_id"] == user)["acquisition_channel"] = channel
    company["marketing_spend"] = [
        {"spend_date": day, "channel": "social", "amount": "30.00"} for day in ("2026-01-02", "2026-03-09", "2026-03-13", "2026-03-16")
    ]
    company["campaign_messages"] = [
        {
            "message_id": f"m{number}",
            "campaign": "spring",
            "user_id": "u1",
            "is_holdout": "false",
            "assigned_at": "2026-03-08T08:00:00Z",
            "sent_at": "2026-03-08T09:00:00Z",
            "delivered_at": delivered_at,
            "clicked_at": clicked_at,
        }
        for number, (delivered_at, clicked_at) in enumerate(
            [
                ("2026-03-08T10:00:00Z", "2026-03-10T10:00:00Z"),
                ("2026-03-10T10:00:00Z", "2026-03-16T10:00:00Z"),
                ("2026-03-13T10:00:00Z", ""),
                ("2026-03-17T10:00:00Z", "2026-03-17T11:00:00Z"),
            ]
        )
    ]
    company["account_technologies"] = [
        {
            "account_id": "a1",
            "category": "crm",
            "vendor": "hubspot",
            "first_seen_at": "2026-01-05T00:00:00Z",
            "last_seen_at": "2026-03-10T00:00:00Z",
        },
        {"account_id": "a1", "category": "crm", "vendor": "salesforce", "first_seen_at": "2026-03-12T00:00:00Z"},
    ]
    company["account_stages"] = [
        {"account_id": "a1", "stage": stage, "entered_at": f"{day}T00:00:00Z"}
        for stage, day in [
            ("lead", "2025-12-14"),
            ("onboarding", "2026-01-05"),
            ("onboarding", "2026-03-07"),
            ("adopted", "2026-03-10"),
            ("adopted", "2026-03-14"),
            ("churned", "2026-03-16"),
        ]
    ]
    company["survey_responses"] += [
        {
            "response_id": f"r{day}",
            "user_id": "u1",
            "survey": "nps",
            "instrument": "nps",
            "score": score,
            "responded_at": f"2026-03-{day}T12:00:00Z",
        }
        for day, score in [("09", "3"), ("13", "8"), ("16", "0")]
    ]
    company["interview_notes"] = [
        {"note_id": "n1", "user_id": "u1", "theme": "speed", "sentiment": "negative", "noted_at": "2026-03-10T00:00:00Z"}
    ]
    company["support_tickets"] = [
        {
            "ticket_id": "t1",
            "user_id": "u2",
            "created_at": "2026-03-02T00:00:00Z",
            "solved_at": "2026-03-10T00:00:00Z",
            "satisfaction": "5",
            "satisfied_at": "2026-03-12T00:00:00Z",
        },
        {"ticket_id": "t2", "user_id": "u2", "created_at": "2026-03-13T00:00:00Z"},
        # Opened again between the dates, and after all of them.
        {
            "ticket_id": "t3",
            "user_id": "u1",
            "created_at": "2026-03-02T00:00:00Z",
            "solved_at": "2026-03-05T00:00:00Z",
            "reopened_at": "2026-03-10T00:00:00Z",
        },
        {
            "ticket_id": "t4",
            "user_id": "u1",
            "created_at": "2026-03-02T00:00:00Z",
            "solved_at": "2026-03-10T00:00:00Z",
            "reopened_at": "2026-03-17T00:00:00Z",
        },
    ]
    company["invoices"] += [
        {"invoice_id": f"i-{day}", "account_id": "a1", "amount": "50", "currency": "EUR", "paid_at": f"2026-03-{day}T00:00:00Z"}
        for day in ("08", "12", "16")
    ]
    # 00:30 in a zone two hours ahead is 22:30 of the day before in UTC.
    company["events"].append(
        {
            "event_id": "offset",
            "user_id": "u4",
            "event_name": "report_created",
            "occurred_at": "2026-03-11T00:30:00+02:00",
            "received_at": "2026-03-10T22:30:05Z",
        }
    )
    # A last row, so that data_through lies behind all of it.
    company["events"].append(
        {
            "event_id": "last",
            "user_id": "u1",
            "event_name": "logged_in",
            "occurred_at": "2026-03-18T00:00:00Z",
            "received_at": "2026-03-18T00:00:00Z",
        }
    )
    return company


@pytest.fixture(scope="module")
def everything(tmp_path_factory: pytest.TempPathFactory, eventful: Inputs) -> Warehouse:
    """The company at the end, with the dates."""
    warehouse = Warehouse(tmp_path_factory.mktemp("everything") / "project", {"extra_as_of_dates": list(DATES)})
    warehouse.write_inputs(eventful)
    warehouse.build()
    return warehouse


def test_nothing_known_after_a_date_changes_a_row_of_it(
    new_warehouse: Callable[..., Warehouse], eventful: Inputs, everything: Warehouse
) -> None:
    then = new_warehouse("then")
    for date in DATES:
        then.configure(as_of_date=date)
        then.write_inputs(known_on(eventful, date))
        then.database.unlink(missing_ok=True)
        then.build("--full-refresh", "--select", "+user_segments")
        tables = [table for table in then.tables("features") + ["marts.user_segments"] if table != "features.date_input_hashes"]
        # The hashes cover what is known today; the values must not.
        assert differences(everything, then, tables, ignored=("data_through",), where=f"as_of_date = date '{date}'") == []
        assert then.query(f"select count(*) from features.user_features where as_of_date = date '{date}'")[0][0] >= 4

    # The test can only fail if what comes later would show: the dates differ from each other in every respect.
    def values(column: str, user: str = "u1") -> list:
        return [
            row[0]
            for row in everything.query(
                f"select {column} from features.user_features where user_id = '{user}' "
                f"and as_of_date in ({', '.join(f'date {day!r}' for day in DATES)}) order by as_of_date"
            )
        ]

    assert values("country") == ["FR", "ES", None]
    assert values("employee_count") == [8, 8, 12]
    assert values("plan") == ["pro", "enterprise", "enterprise"]
    assert values("crm_vendor") == ["hubspot", None, "salesforce"]
    assert values("journey_stage") == ["onboarding", "adopted", "adopted"]
    assert values("nps_score") == [9.0, 3.0, 8.0]
    assert values("events_28d", "u2") == [4, 6, 9]
    assert values("open_tickets", "u2") == [1, 0, 1]
    assert values("open_tickets") == [1, 1, 1], "t4 until the 10th, t3 from then on"
    assert values("days_in_stage") == [62, 1, 5]
    assert values("account_id", "u2") == ["a1", "a2", None]
    assert values("account_users", "u2") == [2, 3, None] and values("account_users") == [2, 1, 1]
    assert values("mrr", "u2") == [105.0, 0.0, 0.0]
    assert values("is_lead_converted") == [None, None, True], "91 days after the lead of 2025-12-14 are over on the 14th"
    assert values("is_renewed_91d") == [None, True, None], "due on the 10th and renewed, due on the 14th and overdue"
    assert values("mrr_91d_ago") == [0.0, 5.0, 5.0], "91 days before the 11th is the day it began"
    assert values("days_as_customer") == [88, 91, 95]
    assert [values("is_signup_observed", user) for user in ("u1", "u6")] == [[False] * 3, [True] * 3]
    assert values("is_activated", "u6") == [False] * 3 and values("is_activated") == [None] * 3
    assert values("is_activated", "u5") == [None, True], "seven days are over on the 15th"
    assert values("days_to_first_use", "u5") == [None, 5], "the event of the 10th is linked after all dates"
    assert values("acquisition_cost", "u5") == [30.0, 60.0]
    assert values("acquisition_cost") == [15.0, 15.0, 15.0], "shared with u2, who signed up in the same month"
    assert values("messages_delivered_91d") == [1, 2, 3]
    assert values("messages_clicked_91d") == [0, 1, 1]
    assert values("trial_outcome", "u3") == ["in_trial", "in_trial"], "deleted on the 12th: no row on the 15th"
    assert values("tenure_days", "u5") == [2, 6], "signed up on the 9th: no row on the 8th"


@pytest.mark.long
def test_marts_do_not_depend_on_the_time_zone_of_the_machine(tmp_path: Path, eventful: Inputs, everything: Warehouse) -> None:
    """In a zone that is on the next day already for half of the day, or on the day before."""
    elsewhere = Warehouse(tmp_path / "elsewhere", dict(everything.variables))
    elsewhere.write_inputs(eventful)
    zone = "Pacific/Auckland" if time.localtime().tm_gmtoff < 6 * 3600 else "Pacific/Honolulu"
    command = elsewhere.process("build", "--exclude-resource-type", "test", "unit_test", "--exclude", *COMPARISON_MODELS)
    command["env"] |= {"TZ": zone}
    done = subprocess.run(**command, capture_output=True, check=False)
    assert done.returncode == 0, done.stdout[-3000:]
    assert differences(everything, elsewhere, everything.tables("activity", "features", "marts")) == []
    assert elsewhere.query("select cast(event_date as text) from activity.user_event_days where user_id = 'u4'") == [("2026-03-10",)]
