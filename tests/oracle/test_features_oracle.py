"""The oracle is only worth something if it is right itself: tiny inputs whose answers can be seen by eye."""

from datetime import date
from pathlib import Path

import pytest

from .features_oracle import as_of_dates, compute_features, load_inputs

D = date(2026, 3, 1)  # a Sunday

SETTINGS = {
    "events": [
        {"name": "viewed"},
        {"name": "opened"},
        {"name": "exported", "is_feature": True, "is_core": True, "category": "reporting"},
        {"name": "planned", "is_feature": True, "category": "planning"},
        {"name": "synced", "is_human": False},
    ],
    "page_view_events": ["viewed"],
    "login_events": ["opened"],
    "session_timeout_minutes": 30,
    "survey_valid_days": 365,
    "max_clock_skew_minutes": 60,
    "max_gap_days": 30,
    "max_gap_share": 0.001,
    "as_of_date": "2026-12-31",
    "as_of_grain": "week",
    "history_periods": 52,
    "extra_as_of_dates": [],
    "activation_events": ["planned"],
    "activation_days": 7,
    "lead_stages": ["lead"],
    "won_stages": ["adopted"],
    "lead_days": 10,
    "currency_rates": {"USD": 1.0, "EUR": 1.08},
    "health_weights": {"usage": 40, "breadth": 20, "trend": 20, "sentiment": 10, "support": 10},
    "health_targets": {"active_days_28d": 12, "distinct_features_28d": 5, "open_tickets": 3},
}


@pytest.fixture
def reference_dir(tmp_path):
    (tmp_path / "job_title_roles.csv").write_text("priority,keyword,role\n10,manager,operations\n2,product manager,product\n")
    (tmp_path / "job_title_seniorities.csv").write_text("priority,keyword,seniority\n1,manager,manager\n")
    (tmp_path / "country_aliases.csv").write_text("alias,country\nHOLLAND,NL\nNL,NL\n")
    (tmp_path / "countries.csv").write_text("country,country_name,region,climate_zone\nNL,Netherlands,europe,temperate\n")
    return tmp_path


@pytest.fixture
def features(reference_dir):
    """features(inputs, user, day): the features of one user on one day, None without a row."""

    def compute(inputs, user_id="u1", day=D, **settings):
        rows = compute_features(inputs, [day], {**SETTINGS, **settings}, reference_dir, {user_id})
        assert set(rows) <= {(user_id, day)}
        return rows.get((user_id, day))

    return compute


def user(user_id="u1", **values):
    return {"user_id": user_id, "account_id": "a1", "signed_up_at": "2025-01-01", **values}


def event(event_id, occurred_at, user_id="u1", event_name="viewed", **values):
    return {"event_id": event_id, "occurred_at": occurred_at, "user_id": user_id, "event_name": event_name, **values}


def picked(row, *columns):
    return tuple(row[column] for column in columns)


def test_a_missing_file_is_an_empty_input(tmp_path):
    (tmp_path / "sample_users.csv").write_text("user_id,city\nu1, Köln \n", encoding="utf-8")
    inputs = load_inputs(tmp_path)
    assert inputs["users"] == [{"user_id": "u1", "city": " Köln "}]
    assert inputs["invoices"] == []


def test_dates_are_the_newest_day_and_the_sundays_before_it_but_none_before_the_first_signup():
    inputs = {
        "users": [user(signed_up_at="2026-02-15T23:00:00Z"), user("u2", signed_up_at="")],
        "events": [
            event("e1", "2026-03-04T10:00:00Z", received_at="2026-03-05T00:00:00+02:00"),
            event("e2", "2026-03-04T10:00:00Z", received_at="2026-03-05T00:00:00Z"),
            event("e3", "not a time", received_at="2027-01-01T00:00:00Z"),
        ],
    }
    settings = {**SETTINGS, "as_of_date": None}
    assert as_of_dates(inputs, settings) == [date(2026, 2, 15), date(2026, 2, 22), date(2026, 3, 1), date(2026, 3, 4)]
    assert as_of_dates(inputs, {**settings, "history_periods": 1, "extra_as_of_dates": ["2026-02-18", "2027-01-01"]}) == [
        date(2026, 2, 18),
        date(2026, 3, 1),
        date(2026, 3, 4),
    ]
    # A newest day that is a Sunday does not use up one of the periods before it.
    assert as_of_dates(inputs, {**settings, "history_periods": 1, "as_of_date": "2026-03-01"}) == [date(2026, 2, 22), date(2026, 3, 1)]


def test_a_user_has_rows_from_the_signup_day_until_the_day_before_the_deletion(features):
    inputs = {"users": [user(signed_up_at="2026-02-28T23:30:00-02:00", deleted_at="2026-03-03T00:00:00Z")]}
    assert features(inputs, day=date(2026, 2, 28)) is None
    assert features(inputs, day=date(2026, 3, 1))["tenure_days"] == 0
    assert features(inputs, day=date(2026, 3, 2))["tenure_days"] == 1
    assert features(inputs, day=date(2026, 3, 3)) is None


def test_of_two_user_rows_the_newest_counts_and_unclear_duplicates_stop_the_oracle(features):
    old, new = user(city="Bonn", updated_at="2026-01-01"), user(city="Köln", updated_at="2026-01-02")
    assert features({"users": [old, new, dict(new)]})["city"] == "Köln"
    assert features({"users": [new, old]})["city"] == "Köln"
    with pytest.raises(ValueError, match="differ"):
        features({"users": [user(city="Bonn"), user(city="Köln")]})


def test_attributes_are_those_of_the_day(features):
    history = [
        {"entity": "user", "entity_id": "u1", "attribute": "job_title", "value": value, "valid_from": valid_from}
        for value, valid_from in (("Product-Manager", "2026-01-01"), ("", "2026-02-01"), ("CEO", "2026-03-02"))
    ]
    inputs = {"users": [user(job_title="Today", birth_year="1906", country=" Holland", language="EN")], "attribute_history": history}
    columns = ("job_title", "role", "seniority")
    assert picked(features(inputs, day=date(2025, 12, 31)), *columns) == ("Today", "other", "individual")
    assert picked(features(inputs, day=date(2026, 1, 1)), *columns) == ("Product-Manager", "product", "manager")
    assert picked(features(inputs), *columns) == (None, None, None)
    assert picked(features(inputs), "age_band", "country", "region", "climate_zone", "language") == (
        "65_plus",
        "NL",
        "europe",
        "temperate",
        "en",
    )
    assert features({"users": [user(birth_year="1905", country="Narnia")]})["age_band"] is None
    assert picked(features({"users": [user(birth_year="2008", country="Narnia")]}), "age_band", "country", "region") == (
        "18_24",
        "NARNIA",
        None,
    )


def test_bounds_of_company_size_and_revenue_band(features):
    def of(employees, revenue):
        account = {"account_id": "a1", "employee_count": employees, "annual_revenue": revenue, "industry": "SaaS"}
        row = features({"users": [user()], "accounts": [account]})
        return picked(row, "employee_count", "company_size", "revenue_band")

    assert of("249", "999999.99") == (249, "medium", "under_1m")
    assert of("250", "1000000") == (250, "large", "1m_10m")
    assert of("0", "1e9") == (0, None, "over_1b")
    assert of("about 50", "") == (None, None, None)


def test_windows_end_on_the_day_and_begin_after_n_days(features):
    inputs = {
        "users": [user()],
        "events": [
            event("e1", "2026-03-02T00:00:00Z"),  # tomorrow
            event("e2", "2026-03-02T01:30:00+02:00"),  # today in UTC
            event("e3", "2026-02-23"),  # first day of the 7
            event("e4", "2026-02-22 23:59:59"),  # the day before
            event("e5", "2026-02-02"),
            event("e6", "2026-02-01"),
            event("e7", "2026-01-05"),
            event("e8", "2026-01-04"),
            event("e9", "2026-02-28", event_name="synced"),
            event("e10", "2026-02-28", user_id="nobody"),
        ],
    }
    row = features(inputs)
    assert picked(row, "active_days_7d", "active_days_28d", "active_days_previous_28d", "active_days_91d") == (2, 4, 2, 7)
    assert picked(row, "events_7d", "page_views_7d", "logins_7d", "distinct_features_7d") == (2, 2, 0, 0)
    assert row["usage_change_28d"] == pytest.approx(1.0)
    assert picked(row, "days_since_last_seen", "current_streak_days") == (0, 1)
    assert picked(features(inputs, day=date(2026, 2, 27)), "days_since_last_seen", "current_streak_days") == (4, 0)
    young = {**inputs, "users": [user(signed_up_at="2026-01-05")]}
    assert features(young)["usage_change_28d"] is None  # 55 days
    assert features(young, day=date(2026, 3, 2))["usage_change_28d"] is not None


def test_sessions_end_after_more_than_the_timeout_and_with_the_day(features):
    inputs = {
        "users": [user()],
        "events": [
            event("e1", "2026-02-27T05:00:00Z", device_type="mobile", app_version="1.0"),
            event("e2", "2026-02-27T05:30:00Z", device_type="desktop", app_version="9.0"),  # exactly 30 minutes: the same one
            event("e3", "2026-02-27T06:00:01Z", device_type="tablet"),  # a second more: a new one
            event("e4", "2026-02-27T23:55:00Z"),
            event("e5", "2026-02-28T00:05:00Z", app_version="0.9"),
        ],
    }
    row = features(inputs)
    assert picked(row, "sessions_7d", "session_minutes_7d") == (4, 30.0)
    assert row["day_part"] == "night"
    assert picked(row, "primary_device", "primary_os", "app_version") == ("tablet", None, "0.9")


def test_ties_of_the_day_part_go_to_the_first_in_the_alphabet(features):
    inputs = {"users": [user()], "events": [event("e1", "2026-02-27T06:00:00Z"), event("e2", "2026-02-27T17:59:59Z")]}
    assert features(inputs)["day_part"] == "afternoon"


def test_times_without_an_offset_are_read_in_the_time_zone_of_their_input(features):
    inputs = {"users": [user()], "events": [event("e1", "2026-02-27T00:30:00"), event("e2", "2026-02-27")]}
    berlin = {"source_timezones": {"events": "Europe/Berlin"}}
    assert features(inputs)["active_days_7d"] == 1
    assert picked(features(inputs, **berlin), "active_days_7d", "days_since_last_seen") == (2, 2)


def test_an_anonymous_event_counts_from_the_day_of_its_first_link_and_in_a_session_of_its_own(features):
    inputs = {
        "users": [user(), user("u0")],
        "identities": [
            {"anonymous_id": "x", "user_id": "u0", "linked_at": "2026-03-01T10:00:00Z"},
            {"anonymous_id": "x", "user_id": "u1", "linked_at": "2026-02-26T10:00:00Z"},
        ],
        "events": [
            event("e1", "2026-02-24T09:00:00Z"),
            event("e2", "2026-02-24T09:10:00Z", user_id="", anonymous_id="x"),
            event("e3", "2026-02-24T09:20:00Z"),
            event("e4", "2026-02-24T09:15:00Z", user_id="u0", anonymous_id="x"),
        ],
    }
    columns = ("events_7d", "sessions_7d", "session_minutes_7d", "active_days_7d")
    assert picked(features(inputs, day=date(2026, 2, 25)), *columns) == (2, 1, 20.0, 1)
    assert picked(features(inputs, day=date(2026, 2, 26)), *columns) == (3, 2, 20.0, 1)
    assert features(inputs, "u0")["events_7d"] == 1


def test_events_that_do_not_count(features):
    def count(*events, **settings):
        return features({"users": [user()], "events": list(events)}, **settings)["events_7d"]

    base = event("e1", "2026-02-27T10:00:00Z", received_at="2026-02-27T09:00:00Z")
    assert count(base) == 1
    assert count({**base, "occurred_at": "2026-02-27T10:00:01Z"}) == 0  # from the future
    assert count(base, {**base, "received_at": "2026-02-27T12:00:00Z"}) == 1  # sent twice
    assert count(base, {**base, "event_name": "opened", "received_at": "2026-02-27T12:00:00Z"}) == 1
    assert count({**base, "user_id": " "}) == 0
    assert count({**base, "occurred_at": "2026-02-30T10:00:00Z"}) == 0
    assert count({**base, "received_at": "soon"}) == 0
    assert count({**base, "event_id": ""}) == 0
    assert count(base, as_of_date="2026-02-26") == 0  # after the last day that counts


def test_without_arrival_times_a_far_off_day_is_from_the_future():
    days = [event(f"e{n}", "2026-02-27T10:00:00Z") for n in range(1500)]
    inputs = {"users": [user()], "events": [*days, event("late", "2099-01-01T00:00:00Z")]}
    assert as_of_dates(inputs, {**SETTINGS, "as_of_date": None})[-1] == date(2026, 2, 26)
    inputs["events"] += [event("late2", "2099-01-02T00:00:00Z")]
    assert as_of_dates(inputs, {**SETTINGS, "as_of_date": None})[-1] == date(2099, 1, 1)  # two are 0.13 %: believed


def subscription(subscription_id, valid_from, **values):
    return {
        "subscription_id": subscription_id,
        "account_id": "a1",
        "valid_from": valid_from,
        "started_at": "2026-01-01",
        "plan": "Pro",
        "mrr": "0",
        "seats": "1",
        **values,
    }


def test_a_trial_through_its_life(features):
    columns = ("plan", "is_trial", "trial_outcome", "mrr", "seats", "days_to_renewal")

    def on(day, **values):
        row = subscription("s1", "2026-01-01", mrr="50", seats="2", renewal_date="2026-02-01", **values)
        return picked(features({"users": [user()], "subscriptions": [row]}, day=day), *columns)

    trial = {"trial_ends_at": "2026-01-15T12:00:00Z", "converted_at": "2026-01-20"}
    assert on(date(2025, 12, 31), **trial) == (None, False, None, 0.0, 0, None)
    assert on(date(2026, 1, 14), **trial) == ("pro", True, "in_trial", 0.0, 2, 18)
    assert on(date(2026, 1, 15), **trial) == (None, False, "lapsed", 0.0, 0, None)
    assert on(date(2026, 1, 20), **trial) == ("pro", False, "converted", 50.0, 2, 12)
    assert on(date(2026, 2, 10), **trial, ended_at="2026-02-10") == (None, False, "converted", 0.0, 0, None)
    assert on(date(2026, 2, 9)) == ("pro", False, None, 50.0, 2, -8)


def test_the_account_is_that_of_the_day(features):
    history = [
        {"entity": "user", "entity_id": "u1", "attribute": "account_id", "value": value, "valid_from": since}
        for value, since in (("a1", "2026-01-01"), ("a2", "2026-02-01"), ("", "2026-03-01"))
    ]
    inputs = {
        "users": [user(account_id="a3"), user("u2")],
        "attribute_history": history,
        "accounts": [{"account_id": "a2", "industry": "Retail"}],
        "subscriptions": [subscription("s1", "2026-01-01", mrr="10"), subscription("s2", "2026-01-01", mrr="20", account_id="a2")],
        "invoices": [{"invoice_id": "i1", "account_id": "a1", "amount": "8", "currency": "USD", "paid_at": "2026-01-01"}],
    }
    columns = ("mrr", "industry", "account_users", "lifetime_revenue")
    assert picked(features(inputs, day=date(2025, 12, 31)), *columns) == (0.0, None, 1, 0.0)  # before the first row: a3, as today
    assert picked(features(inputs, day=date(2026, 1, 31)), *columns) == (10.0, None, 2, 4.0)
    assert picked(features(inputs, day=date(2026, 2, 1)), *columns) == (20.0, "retail", 1, 0.0)
    assert picked(features(inputs, "u2", day=date(2026, 2, 1)), *columns) == (10.0, None, 1, 8.0)
    assert picked(features(inputs), *columns) == (0.0, None, None, 0.0)


def test_a_ticket_that_is_opened_again(features):
    def open_on(*days, **values):
        inputs = {"users": [user()], "support_tickets": [{"ticket_id": "t1", "user_id": "u1", "created_at": "2026-02-02", **values}]}
        return [features(inputs, day=date(2026, 2, one))["open_tickets"] for one in days]

    days, times = (1, 2, 4, 5, 9, 10, 11, 12), {"reopened_at": "2026-02-10", "first_solved_at": "2026-02-05"}
    assert open_on(*days) == [0, 1, 1, 1, 1, 1, 1, 1]
    assert open_on(*days, solved_at="2026-02-05") == [0, 1, 1, 0, 0, 0, 0, 0]
    assert open_on(*days, solved_at="2026-02-05", reopened_at="2026-02-10") == [0, 1, 1, 0, 0, 1, 1, 1]
    assert open_on(*days, **times) == [0, 1, 1, 0, 0, 1, 1, 1]
    assert open_on(*days, **times, solved_at="2026-02-12") == [0, 1, 1, 0, 0, 1, 1, 0]
    assert open_on(*days, reopened_at="2026-02-10") == [0, 0, 0, 0, 0, 1, 1, 1]  # solved, nobody knows when
    assert open_on(*days, first_solved_at="2026-02-05") == [0, 1, 1, 1, 1, 1, 1, 1]  # opened again, nobody knows when


def test_a_stage_said_again_is_the_same_stay(features):
    stages = [
        ("lead", "2026-01-01"),
        ("adopted", "2026-02-01"),
        ("adopted", "2026-02-10"),
        ("adopted", "2026-02-20"),
        ("active", "2026-02-20"),
    ]
    inputs = {
        "users": [user()],
        "account_stages": [{"account_id": "a1", "stage": stage, "entered_at": entered} for stage, entered in stages],
    }
    assert picked(features(inputs), "journey_stage", "days_in_stage") == ("adopted", 28)
    inputs["account_stages"].append({"account_id": "a1", "stage": "lead", "entered_at": "2026-02-25"})
    inputs["account_stages"].append({"account_id": "a1", "stage": "adopted", "entered_at": "2026-02-26"})
    assert picked(features(inputs), "journey_stage", "days_in_stage") == ("adopted", 3)


def test_the_version_of_the_day_and_the_primary_subscription(features):
    inputs = {
        "users": [user()],
        "subscriptions": [
            subscription("s1", "2026-01-01", mrr="10", plan="small"),
            subscription("s1", "2026-02-01", mrr="30", plan="grown"),
            subscription("s2", "2026-01-01", mrr="20", plan="other"),
            subscription("s3", "2026-01-01", mrr="20", plan="younger", started_at="2026-01-02"),
        ],
    }
    assert picked(features(inputs, day=date(2026, 1, 1)), "plan", "mrr") == ("other", 30.0)
    assert picked(features(inputs, day=date(2026, 1, 31)), "plan", "mrr", "seats") == ("younger", 50.0, 3)
    assert picked(features(inputs, day=date(2026, 2, 1)), "plan", "mrr", "seats") == ("grown", 70.0, 3)


def test_stage_technology_and_signup_week(features):
    technology = {"account_id": "a1", "category": "crm", "first_seen_at": "2026-01-01"}
    inputs = {
        "users": [user(signed_up_at="2026-01-04")],
        "account_stages": [
            {"account_id": "a1", "stage": "lead", "entered_at": "2026-02-01"},
            {"account_id": "a1", "stage": "adopted", "entered_at": "2026-02-01"},
        ],
        "account_technologies": [
            {**technology, "vendor": "Zoho"},
            {**technology, "vendor": "HubSpot"},
            {**technology, "vendor": "attio", "last_seen_at": "2026-02-01"},
        ],
    }
    row = features(inputs)
    assert picked(row, "journey_stage", "days_in_stage", "crm_vendor", "signup_week") == ("lead", 28, "hubspot", date(2025, 12, 29))
    assert features(inputs, day=date(2026, 1, 31))["crm_vendor"] == "attio"


def test_surveys_notes_and_tickets(features):
    def answer(response_id, responded_at, instrument="nps", **values):
        return {"response_id": response_id, "user_id": "u1", "instrument": instrument, "responded_at": responded_at, **values}

    inputs = {
        "users": [user()],
        "survey_responses": [
            answer("r1", "2025-03-02", score="9"),
            answer("r2", "2026-02-20", score="ten"),
            answer("r3", "2026-03-02", score="0"),
            answer("r4", "2025-03-01", "csat", score="5"),
            answer("r5", "2026-01-01", "attribute", question="values", answer="Speed"),
            answer("r6", "2026-01-01", "attribute", question="values", answer="Quality"),
            answer("r7", "2026-01-02", "attribute", question="values", answer=" "),
            answer("r8", "2026-01-02", "ces", score="6"),
        ],
        "interview_notes": [{"note_id": "n1", "user_id": "u1", "noted_at": "2026-01-01", "sentiment": "Positive"}],
        "support_tickets": [
            {
                "ticket_id": "t1",
                "user_id": "u1",
                "created_at": "2025-11-30",
                "solved_at": "2026-03-02",
                "satisfaction": "4",
                "satisfied_at": "2026-03-01",
            },
            {
                "ticket_id": "t2",
                "user_id": "u1",
                "created_at": "2025-12-01",
                "solved_at": "2026-03-01",
                "satisfaction": "3",
                "satisfied_at": "2025-11-30",
            },
            {"ticket_id": "t3", "user_id": "u1", "created_at": "2026-01-01", "solved_at": "unreadable"},
        ],
    }
    row = features(inputs)
    assert picked(row, "nps_score", "nps_category", "csat_score", "values", "sentiment", "days_since_survey") == (
        9.0,
        "promoter",
        None,
        "quality",
        "positive",
        9,
    )
    assert picked(row, "tickets_91d", "open_tickets") == (1, 1)
    assert picked(row, "ces_score", "tickets_rated_91d", "tickets_satisfied_91d") == (6.0, 1, 1)
    assert picked(features(inputs, day=date(2026, 3, 2)), "tickets_rated_91d", "tickets_satisfied_91d") == (1, 1)
    assert picked(features(inputs, day=date(2026, 2, 28)), "tickets_rated_91d", "tickets_satisfied_91d") == (1, 0)
    assert picked(features(inputs, day=date(2026, 3, 2)), "nps_score", "nps_category", "open_tickets") == (0.0, "detractor", 0)


def test_revenue_is_shared_by_the_users_of_the_day_and_ranked_among_all(features):
    inputs = {
        "users": [
            user(),
            user("u2", signed_up_at="2026-02-01"),
            user("u3", account_id=""),
            user("u4", account_id="a2"),
            user("u5", account_id="a2", deleted_at="2026-02-01"),
        ],
        "events": [event("e1", "2026-02-27"), event("e2", "2026-02-26", user_id="u4")],
        "invoices": [
            {"invoice_id": f"i{n}", "account_id": account, "amount": amount, "currency": currency, "paid_at": paid_at}
            for n, (account, amount, currency, paid_at) in enumerate(
                (
                    ("a1", "100", "EUR", "2026-02-01"),
                    ("a1", "50", "USD", "2025-11-30"),
                    ("a1", "9", "XXX", "2026-02-01"),
                    ("a1", "12a", "USD", "2026-02-01"),
                    ("a2", "7", "USD", "2026-03-01"),
                    ("a2", "7", "USD", "2026-03-02"),
                )
            )
        ],
    }
    assert picked(features(inputs), "revenue_91d", "lifetime_revenue") == (54.0, 79.0)
    assert features(inputs, day=date(2026, 1, 31))["lifetime_revenue"] == 50.0
    assert picked(features(inputs, "u3"), "revenue_91d", "mrr", "seats", "plan", "industry") == (0.0, 0.0, 0, None, None)
    assert features(inputs, "u4")["revenue_91d"] == 7.0
    # Four users: u1 seen 2 days ago, u4 3 days ago, u2 and u3 never; shares 3/4, 2/4, 0, 0.
    columns = ("rfm_recency", "rfm_frequency", "rfm_monetary")
    assert [picked(features(inputs, one), *columns) for one in ("u1", "u4", "u2", "u3")] == [(4, 3, 3), (3, 3, 2), (1, 1, 3), (1, 1, 1)]


def test_affinity_and_health_score(features):
    inputs = {
        "users": [user(signed_up_at="2026-02-27")],
        "events": [
            event("e1", "2026-02-27", event_name="exported"),
            event("e2", "2026-02-28", event_name="planned"),
            event("e3", "2026-02-28", event_name="viewed"),
        ],
    }
    row = features(inputs)
    assert picked(row, "distinct_features_28d", "inferred_affinity") == (2, "planning")
    assert row["health_score"] == pytest.approx(40 * 2 / 12 + 20 * 2 / 5 + 20 / 2 + 10 / 2 + 10)


def test_first_steps_and_their_bounds(features):
    columns = ("is_signup_observed", "is_activated", "days_to_first_use")

    def of(signed_up_at, *events, day=D, **settings):
        inputs = {
            "users": [user("u0", signed_up_at="2026-02-10"), user(signed_up_at=signed_up_at)],
            "events": [event("e0", "2026-02-10", "u0"), *events],
        }
        return picked(features(inputs, day=day, **settings), *columns)

    planned = event("e1", "2026-02-26", event_name="planned")
    assert of("2026-02-10") == (True, False, None)
    assert of("2026-02-09", planned) == (False, None, None)  # before the first day of the data
    assert of("2026-02-20", planned) == (True, True, 6)  # the seventh day
    assert of("2026-02-19", planned) == (True, False, 7)  # the eighth
    assert of("2026-02-20", planned, day=date(2026, 2, 26)) == (True, True, 6)  # the seven days are just over
    assert of("2026-02-20", planned, day=date(2026, 2, 25)) == (True, None, None)  # and just not
    assert of("2026-02-20", event("e1", "2026-02-20", event_name="exported")) == (True, False, 0)
    assert of("2026-02-20", event("e1", "2026-02-19", event_name="planned")) == (True, False, None)  # before the signup
    assert of("2026-02-20", planned, activation_events=[]) == (True, None, 6)


def test_mrr_before_first_payment_renewal_and_lead(features):
    def of(*subscriptions, day=D, stages=()):
        rows = {
            "users": [user()],
            "subscriptions": list(subscriptions),
            "account_stages": [{"account_id": "a1", "stage": stage, "entered_at": entered} for stage, entered in stages],
        }
        return features(rows, day=day)

    renewed = [
        subscription("s1", "2025-02-20", started_at="2025-02-20", mrr="10", renewal_date="2026-02-20"),
        subscription("s1", "2026-02-20", started_at="2025-02-20", mrr="20", renewal_date="2027-02-20"),
    ]
    columns = ("mrr", "mrr_91d_ago", "days_as_customer", "is_renewed_91d")
    assert picked(of(*renewed), *columns) == (20.0, 10.0, 374, True)
    assert picked(of(renewed[0]), *columns) == (10.0, 10.0, 374, None)  # overdue
    ended = {**renewed[0], "ended_at": "2026-02-20"}
    assert picked(of(ended), *columns) == (0.0, 10.0, 374, False)
    assert picked(of(ended, day=date(2026, 2, 19)), *columns) == (10.0, 10.0, 364, None)  # not due yet
    assert of(ended, day=date(2026, 5, 21))["is_renewed_91d"] is False  # the last day of the window
    assert of(ended, day=date(2026, 5, 22))["is_renewed_91d"] is None
    trial = subscription("s1", "2026-01-01", mrr="5", trial_ends_at="2026-01-15", converted_at="2026-01-14")
    assert picked(of(trial), *columns[:3]) == (5.0, 0.0, 46)
    assert of(trial, day=date(2026, 1, 13))["days_as_customer"] is None
    assert of(subscription("s1", "2026-01-01", mrr="0"))["days_as_customer"] is None

    def lead(won, day=D):
        return of(day=day, stages=[("lead", "2026-02-10"), ("adopted", "2026-02-09"), *([("adopted", won)] if won else [])])[
            "is_lead_converted"
        ]

    assert [lead("2026-02-19"), lead("2026-02-20"), lead(None)] == [True, False, False]
    assert [lead("2026-02-10", day=date(2026, 2, day)) for day in (18, 19)] == [None, True]


def test_cost_of_a_signup_and_campaign_messages(features):
    people = [
        user(f"u{number}", signed_up_at=f"2026-{month}-10", acquisition_channel=channel)
        for number, (month, channel) in enumerate([("01", "Ads"), ("02", "Ads"), ("02", "ads"), ("02", "organic"), ("02", "")])
    ]
    spend = [
        {"spend_date": day, "channel": "ads", "amount": amount}
        for day, amount in (("2026-02-01", "30"), ("2026-02-28", "10"), ("2026-03-01", "99"), ("2026-03-02", "99"))
    ]
    message = {"campaign": "c", "user_id": "u1", "assigned_at": "2025-11-01"}
    messages = [
        {**message, "message_id": number, "delivered_at": delivered, "clicked_at": clicked}
        for number, delivered, clicked in (
            ("m1", "2025-11-30", ""),
            ("m2", "2025-12-01", "2026-03-01"),
            ("m3", "2026-03-01", "2026-03-02"),
            ("m4", "2026-03-02", ""),
        )
    ]
    inputs = {"users": people, "marketing_spend": spend, "campaign_messages": messages}
    assert [features(inputs, f"u{number}")["acquisition_cost"] for number in range(5)] == [None, 20.0, 20.0, 0.0, None]
    assert features(inputs, "u1", day=date(2026, 2, 27))["acquisition_cost"] == 15.0
    # What was spent on who has gone does not move to who is left.
    gone = [{**one, "deleted_at": "2026-02-20"} if one["user_id"] == "u2" else one for one in people]
    assert features({**inputs, "users": gone}, "u1")["acquisition_cost"] == 20.0
    assert picked(features(inputs), "account_users", "messages_delivered_91d", "messages_clicked_91d") == (5, 2, 1)
    assert features({**inputs, "marketing_spend": []})["acquisition_cost"] is None


REFERENCE = Path(__file__).parents[2] / "seeds" / "reference"


@pytest.mark.parametrize(
    "job_title, role, seniority",
    [
        ("Product Manager", "product", "manager"),
        ("Engineering Manager", "engineering", "manager"),
        ("Data Engineer", "data", "individual"),
        ("Sr. Software Engineer", "engineering", "senior"),
        ("Co-Founder & CTO", "engineering", "executive"),
        ("VP, Sales", "sales", "vp"),
        ("Vice President of Marketing", "marketing", "vp"),
        ("Head of People", "people", "director"),
        ("Account Executive", "sales", "individual"),
        ("Learning & Development Lead", "people", "manager"),
        ("Management Trainee", "other", "junior"),
        ("IT Support Specialist", "it", "individual"),
        ("Founder", "executive", "executive"),
        ("Customer Success Associate", "customer_success", "junior"),
        ("Beekeeper", "other", "individual"),
    ],
)
def test_the_maps_of_job_titles(job_title, role, seniority):
    rows = compute_features({"users": [user(job_title=job_title)]}, [D], SETTINGS, REFERENCE)
    assert picked(rows["u1", D], "role", "seniority") == (role, seniority)


@pytest.mark.parametrize(
    "text, country, region",
    [
        ("uk", "GB", "europe"),
        ("U.S.", "US", "north_america"),
        ("Türkiye", "TR", "middle_east"),
        ("Turkey", "TR", "middle_east"),
        ("Cote d'Ivoire", "CI", "africa"),
        ("nam", "NA", "africa"),
        ("Deutschland", "DE", "europe"),
        ("México", "MX", "latin_america"),
    ],
)
def test_the_maps_of_countries(text, country, region):
    rows = compute_features({"users": [user(country=text)]}, [D], SETTINGS, REFERENCE)
    assert picked(rows["u1", D], "country", "region") == (country, region)
