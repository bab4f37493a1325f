"""An unknown id is not a zero: rows of ids that nobody knows are counted, left out of what is compared, and named.

One build of one small company with unknown ids in every input, and with anonymous ids whose links are drawn at random.
"""

from __future__ import annotations

import csv
import random
from collections import Counter, defaultdict
from datetime import date, datetime, timedelta
from typing import Any

import pytest

from oracle.features_oracle import compute_features
from registries import project_variables
from warehouse import COLUMNS, ROOT, Inputs, Result, Row, Warehouse

CASES = ROOT / "tests/cases"
LAST_DAY = date(2026, 4, 30)
DRAWN_USERS = [f"k{number}" for number in range(8)]
STRANGERS = [f"q{number}" for number in range(4)]
# Three classes, by all active days and by the revenue of 20 days.
RFM = {"classes": 3, "frequency_days": None, "monetary_days": 20}
# Marts about ids, exposures, messages and money, with what they are made of.
MARTS = ("unknown_ids", "input_summary", "experiment_results", "campaign_results", "amounts_by_owner", "account_health")


def case(name: str, file: str) -> list[Row]:
    with (CASES / name / f"{file}.csv").open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))


def at(day: int, hour: int = 10) -> str:
    """A time so many days after the first of March."""
    return (datetime(2026, 3, 1, hour) + timedelta(days=day)).strftime("%Y-%m-%dT%H:%M:%SZ")


def event(number: str, name: str = "task_completed", day: int = 10, **who: str) -> Row:
    return {"event_id": number, "event_name": name, "occurred_at": at(day), **who}


def by_hand() -> Inputs:
    """In each input one row of somebody who is known, and others of somebody who is not."""
    users = [
        {"user_id": user, "account_id": account, "signed_up_at": at(-50), "acquisition_channel": channel, "deleted_at": deleted}
        for user, account, channel, deleted in [
            ("u1", "a1", "search", ""),
            ("u2", "a1", "search", ""),
            ("u3", "a9", "", ""),
            ("u4", "", "", ""),
            # The only user of an account, and gone.
            ("gone", "a2", "", at(40)),
            ("12", "", "", ""),
        ]
    ] + [{"user_id": "newcomer", "account_id": "", "signed_up_at": at(30)}]
    return {
        "accounts": [{"account_id": account, "created_at": at(-60)} for account in ("a1", "a2", "a3")],
        "users": users,
        "attribute_history": [
            {"entity": entity, "entity_id": name, "attribute": attribute, "value": "x", "valid_from": at(1)}
            for entity, name, attribute in [
                ("user", "u1", "city"),
                ("user", "ghost", "city"),
                ("account", "a1", "industry"),
                ("account", "ghost", "industry"),
            ]
        ],
        "subscriptions": [
            {
                "subscription_id": f"s{account}{part}",
                "account_id": account,
                "plan": "pro",
                "mrr": mrr,
                "valid_from": at(0),
                "started_at": at(0),
                "ended_at": ended,
            }
            for account, part, mrr, ended in [
                ("a1", "", "100", ""),
                ("a2", "", "20", ""),
                ("a3", "", "7", ""),
                ("ghost", "", "3", ""),
                ("ghost", "over", "50", at(20)),
            ]
        ]
        # Of users alone: one without an account, one beside a1, for a while, a stranger; and one that a3 holds, whoever bought it.
        + [
            {"subscription_id": f"of_{user}", "plan": "solo", "seats": "1", "valid_from": at(0), "started_at": at(0)}
            | {"user_id": user, "account_id": account, "mrr": mrr, "ended_at": ended, "renewal_date": at(70)}
            for user, account, mrr, ended in [("u4", "", "9", ""), ("u1", "", "4", at(50)), ("ghost", "", "2", ""), ("u2", "a3", "1", "")]
        ],
        "account_stages": [{"account_id": account, "stage": "lead", "entered_at": at(0)} for account in ("a1", "ghost", "ghosts")],
        "account_technologies": [
            {"account_id": account, "category": "crm", "vendor": "x", "first_seen_at": at(0)} for account in ("a1", "A2")
        ],
        "identities": [
            {"anonymous_id": anonymous, "user_id": user, "linked_at": at(day)}
            for anonymous, user, day in [
                # A stranger comes first, then somebody we know, then somebody else.
                ("swallowed", "ghost", 1),
                ("swallowed", "u1", 12),
                ("swallowed", "u2", 13),
                ("strange", "ghost", 1),
                ("tomorrow", "u1", 61),
                ("before_signup", "newcomer", 5),
                ("late", "u4", 40),
            ]
        ],
        "events": [
            event("own", user_id="u1"),
            event("strangers_1", user_id="ghost"),
            event("strangers_2", user_id="ghost"),
            event("float", user_id="12.0"),
            event("account", user_id="a1"),
            event("newcomers", user_id="newcomer"),
            event("of_gone", user_id="gone"),
            event("swallowed", anonymous_id="swallowed"),
            # Nobody's: never linked, linked to a stranger. Linked only after the last day: somebody's, not yet known.
            event("never_1", anonymous_id="never"),
            event("never_2", anonymous_id="never"),
            event("strange", anonymous_id="strange"),
            event("tomorrow", anonymous_id="tomorrow"),
            event("before_signup", day=2, anonymous_id="before_signup"),
            # Exposed on day 1, so the window ends on day 29; the link comes on day 40.
            event("late_conversion", "upgrade_requested", 5, anonymous_id="late"),
            *[event(f"daily_{day}", day=day, user_id="u2") for day in range(0, 62)],
        ],
        "survey_responses": [
            {"response_id": user, "user_id": user, "instrument": "nps", "score": "9", "responded_at": at(3)}
            for user in ("u1", "ghost", "GONE")
        ],
        "interview_notes": [{"note_id": user, "user_id": user, "sentiment": "good", "noted_at": at(3)} for user in ("ghost", "u1")],
        "support_tickets": [{"ticket_id": user, "user_id": user, "created_at": at(3)} for user in ("u1", "u2", "gone", "newcomer")],
        "invoices": [
            {"invoice_id": f"{account}{amount}", "account_id": account, "amount": amount, "currency": "USD", "paid_at": at(day)}
            for account, amount, day in [
                ("a1", "100", 3),
                ("a1", "60", 4),
                ("a9", "11", 5),
                ("a2", "30", 6),
                ("a3", "5", 7),
                ("ghost", "400", 8),
                ("ghost", "-50", 9),
                ("ghost", "9000", 61),
            ]
        ]
        + [
            {"invoice_id": f"own{number}", "user_id": user, "account_id": account, "amount": amount, "currency": "USD", "paid_at": at(day)}
            for number, (user, account, amount, day) in enumerate(
                [
                    ("u4", "", "13", 3),
                    ("u4", "", "-3", 20),
                    ("u1", "", "7", 20),
                    ("gone", "", "6", 4),
                    ("ghost", "", "2", 4),
                    ("ghost", "", "1000", 61),
                    # Whoever ordered it: the account pays.
                    ("u3", "a2", "1", 7),
                    # Nobody's, twice.
                    ("", "", "500", 7),
                    ("undefined", "NULL", "500", 7),
                ]
            )
        ],
        "campaign_messages": [
            {"message_id": f"{campaign}{number}", "campaign": campaign, "user_id": user, "is_holdout": held_out, "assigned_at": at(day)}
            for number, (campaign, user, held_out, day) in enumerate(
                [
                    ("hand", "u1", "false", 1),
                    ("hand", "u2", "true", 1),
                    ("hand", "ghost", "false", 1),
                    ("hand", "ghost", "false", 2),
                    ("hand", "contact-1", "true", 1),
                    ("hand", "late", "false", 1),
                    ("hand", "tomorrow", "false", 1),
                    ("nobody", "ghost", "false", 1),
                    ("nobody", "contact-1", "true", 1),
                ]
            )
        ],
        "experiment_assignments": [
            {"experiment": "hand", "variant": variant, "user_id": user, "assigned_at": at(day)}
            for variant, user, day in [
                ("control", "u1", 1),
                ("control", "gone", 1),
                ("control", "newcomer", 1),
                ("test", "late", 1),
                ("test", "u2", 1),
                # Twice the same person: by an anonymous id and by the own one, in two variants.
                ("test", "swallowed", 3),
                ("control", "ghost", 1),
                ("test", "ghost", 2),
                ("test", "tomorrow", 1),
            ]
        ]
        + [
            {"experiment": "nobody", "variant": variant, "user_id": f"device-{variant}", "assigned_at": at(1)}
            for variant in ("control", "test")
        ],
        "marketing_spend": [
            {"spend_date": f"2026-{month}-15", "channel": channel, "amount": amount}
            for month, channel, amount in [("01", "search", "40"), ("03", "search", "8"), ("01", "radio", "6")]
        ],
    }


def drawn(rng: random.Random) -> Inputs:
    """Anonymous ids with no link, or some: to users, to strangers, at any time, also at the same one."""
    inputs: Inputs = defaultdict(list)
    inputs["users"] = [{"user_id": user, "signed_up_at": at(rng.randint(-60, 50))} for user in DRAWN_USERS]
    for number in range(120):
        anonymous = f"r{number}"
        for user in rng.sample(DRAWN_USERS + STRANGERS, rng.choice([0, 1, 1, 2, 2, 3])):
            inputs["identities"].append(
                {"anonymous_id": anonymous, "user_id": user, "linked_at": at(rng.choice([5, 20, rng.randint(0, 70)]))}
            )
        inputs["events"] += [
            event(f"{anonymous}_{place}", day=rng.randint(0, 60), anonymous_id=anonymous) for place in range(rng.randint(0, 3))
        ]
        # Ids of users and of strangers stand in the same column.
        named = anonymous if number < 90 else rng.choice(DRAWN_USERS + STRANGERS)
        day = rng.randint(0, 62)
        inputs["experiment_assignments"].append(
            {"experiment": "drawn", "variant": rng.choice(["control", "test"]), "user_id": named, "assigned_at": at(day, number % 24)}
        )
        inputs["campaign_messages"].append(
            {
                "message_id": f"m{number}",
                "campaign": f"drawn_{number % 2}",
                "user_id": named,
                "is_holdout": rng.choice(["true", "false"]),
                "assigned_at": at(day),
                "delivered_at": at(day + rng.randint(0, 5)),
                "clicked_at": rng.choice(["", at(day + 7)]),
            }
        )
    return inputs


@pytest.fixture(scope="module")
def inputs() -> Inputs:
    parts = [
        by_hand(),
        drawn(random.Random(7)),
        {name: case("exposures_of_unknown_users", name) for name in ("users", "events", "experiment_assignments")},
        # Placeholders such as `null` are another rule's.
        {name: [row for row in case("rows_of_unknown_users", name) if row["user_id"] != "null"] for name in ("users", "events")},
    ]
    return {name: [row for part in parts for row in part.get(name, [])] for name in COLUMNS}


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory, inputs: Inputs) -> tuple[Warehouse, Result]:
    """The company, built with dbt's tests."""
    variables = {"as_of_date": str(LAST_DAY), "history_periods": 9, "max_rejected_share": 0.2, "rfm": RFM}
    warehouse = Warehouse(tmp_path_factory.mktemp("unknown") / "project", variables, analysis=True)
    warehouse.write_inputs(inputs)
    for path in (ROOT / "tests").rglob("test_*__*.sql"):
        if any(f"ref('{mart}')" in path.read_text(encoding="utf-8") for mart in (*MARTS, "experiment_checks")):
            (warehouse.folder / "tests" / path.name).symlink_to(path)
    result = warehouse.run(
        "build", "--indirect-selection", "cautious", "--exclude-resource-type", "unit_test", "--select", *[f"+{mart}" for mart in MARTS]
    )
    assert result, result.output[-6000:]
    return warehouse, result


@pytest.fixture(scope="module")
def warehouse(built: tuple[Warehouse, Result]) -> Warehouse:
    return built[0]


def moment(text: str) -> datetime:
    return datetime.fromisoformat(text.removesuffix("Z"))


def links(inputs: Inputs) -> dict[str, tuple[str, date]]:
    """Anonymous id -> the first user it was linked to, and the day."""
    users = {row["user_id"] for row in inputs["users"]}
    found: dict[str, tuple[str, date]] = {}
    for row in sorted(inputs["identities"], key=lambda row: (row["linked_at"], row["user_id"])):
        if row["user_id"] in users:
            found.setdefault(row["anonymous_id"], (row["user_id"], moment(row["linked_at"]).date()))
    return found


def owner(inputs: Inputs, named: str, time: str) -> tuple[str, date] | None:
    """Whom an id means, and since when that is known; None: nobody."""
    day = moment(time).date()
    if named in {row["user_id"] for row in inputs["users"]}:
        return named, day
    if named in links(inputs):
        user, linked = links(inputs)[named]
        return user, max(day, linked)
    return None


# --- Counts per input -------------------------------------------------------------------------------------------------


def test_each_input_counts_its_rows_of_unknown_users_and_accounts(warehouse: Warehouse, inputs: Inputs) -> None:
    found = {
        row["input"]: (row["rows_of_unknown_users"], row["rows_of_unknown_accounts"], row["rows_of_anonymous_visitors"])
        for row in warehouse.records("select * from marts.input_summary where input != 'personas'")
    }
    drawn_unknown = Counter(
        name
        for name, time in (("experiment_assignments", "assigned_at"), ("campaign_messages", "assigned_at"))
        for row in inputs[name]
        if owner(inputs, row["user_id"], row[time]) is None and row.get("experiment", row.get("campaign")).startswith("drawn")
    )
    assert min(drawn_unknown.values()) > 20
    drawn_links = sum(row["user_id"] in STRANGERS for row in inputs["identities"])
    drawn_visitors = sum(row["event_id"].startswith("r") and row["anonymous_id"] not in links(inputs) for row in inputs["events"])
    assert drawn_links > 20 and drawn_visitors > 20
    assert found == {
        "accounts": (None, None, None),
        "users": (None, 1, None),  # u3 is of a9
        "attribute_history": (1, 1, None),
        "subscriptions": (1, 2, None),
        "account_stages": (None, 2, None),
        "account_technologies": (None, 1, None),  # A2 is not a2
        "identities": (2 + drawn_links, None, None),
        # ghost twice, 12.0, a1; WS4, 42.0 and 7 of the case. Nobody's: never twice, strange.
        "events": (4 + 3, None, 3 + drawn_visitors),
        "survey_responses": (2, None, None),
        "interview_notes": (1, None, None),
        "support_tickets": (0, None, None),  # a deleted user and one who signs up later are known
        "invoices": (2, 4, None),
        "campaign_messages": (5 + drawn_unknown["campaign_messages"], None, None),
        "experiment_assignments": (2 + 2 + 40 + drawn_unknown["experiment_assignments"], None, None),
        "marketing_spend": (None, None, None),
    }
    rows = warehouse.records("select * from marts.input_summary where input != 'personas'")
    for row in rows:
        assert row["rows_read"] == len(inputs[row["input"]]) == row["rows_used"] + row["rows_duplicate"] + row["rows_rejected"]
    shares = {row["input"]: (row["unknown_user_share"], row["unknown_account_share"]) for row in rows}
    assert shares["survey_responses"] == (pytest.approx(2 / 3), None) and shares["support_tickets"] == (0, None)
    assert shares["attribute_history"] == (0.5, 0.5) and shares["invoices"] == (pytest.approx(2 / 7), pytest.approx(4 / 9))


def test_unknown_ids_are_listed_with_what_they_may_have_been(warehouse: Warehouse) -> None:
    found = {
        (name, kind, unknown): (likely, cause, rows)
        for name, kind, unknown, likely, cause, rows in warehouse.query(
            "select input, id_kind, unknown_id, likely_id, likely_cause, naming_rows from marts.unknown_ids"
        )
    }
    assert {key[2]: value for key, value in found.items() if key[:2] == ("events", "user")} == {
        "ghost": (None, None, 2),
        "12.0": ("12", "number_format", 1),
        "a1": (None, "id_of_other_kind", 1),
        "WS4": ("ws4", "letter_case", 1),
        "42.0": ("42", "number_format", 1),
        "7": ("007", "leading_zeros", 1),
    }
    assert found["account_technologies", "account", "A2"] == ("a2", "letter_case", 1)
    assert found["survey_responses", "user", "GONE"] == ("gone", "letter_case", 1)
    assert found["users", "account", "a9"] == (None, None, 1)
    assert found["campaign_messages", "user", "ghost"] == (None, None, 3)
    # Ids that are linked to a user are known, if not yet on the last day; those linked to a stranger only are not.
    assert not {"swallowed", "late", "tomorrow"} & {unknown for _, _, unknown in found}
    assert not {kind for _, kind, _ in found} - {"user", "account"}


def test_the_build_warns_in_words_where_the_share_is_large(built: tuple[Warehouse, Result]) -> None:
    told = [line for line in built[1].output.splitlines() if line.startswith("Warning: ") and "do not count for anybody" in line]
    # The first five, by name; there are fifteen.
    assert [line.split(": ")[1] for line in told] == [
        "account_stages",
        "account_technologies",
        "attribute_history",
        "attribute_history",
        "campaign_messages",
    ]
    assert built[1].statuses["max_unknown_share_input_summary_"] == "warn" and "Got 15 results" in built[1].output
    assert told[1] == (
        "Warning: account_technologies: 50.0 % of the rows that name an account (limit 5.0 %) name one missing from the input "
        "accounts, so they do not count for anybody. Most common likely cause: upper and lower case. Look at the mart unknown_ids; "
        "docs/your-data.md says what to do."
    )
    # The log of a build is no place for ids.
    assert not any(word in line for line in told for word in ("ghost", "A2", "GONE", "contact-1"))


# --- Identities -------------------------------------------------------------------------------------------------------


def test_events_belong_to_the_first_user_they_were_linked_to(warehouse: Warehouse, inputs: Inputs) -> None:
    expected = {}
    for row in inputs["events"]:
        found = (
            (row["user_id"], moment(row["occurred_at"]).date())
            if row.get("user_id")
            else owner(inputs, row["anonymous_id"], row["occurred_at"])
        )
        if found and found[1] <= LAST_DAY and moment(row["occurred_at"]).date() <= LAST_DAY:
            expected[row["event_id"]] = found
    assert {
        name: (user, known) for name, user, known in warehouse.query("select event_id, user_id, known_date from activity.user_events")
    } == expected
    assert expected["swallowed"] == ("u1", date(2026, 3, 13)) and "tomorrow" not in expected
    assert expected["before_signup"] == ("newcomer", date(2026, 3, 6))


def test_messages_count_from_the_link_on(warehouse: Warehouse, inputs: Inputs) -> None:
    dates = [day for (day,) in warehouse.query("select as_of_date from activity.as_of_dates")]
    expected: Counter[tuple[str, date]] = Counter()
    for row in inputs["campaign_messages"]:
        found = owner(inputs, row["user_id"], row["assigned_at"])
        if found and row.get("delivered_at"):
            delivered = moment(row["delivered_at"]).date()
            for day in dates:
                expected[found[0], day] += found[1] <= day and day - timedelta(days=91) < delivered <= day
    rows = warehouse.query("select user_id, as_of_date, messages_delivered_91d from features.user_features")
    assert {(user, day): count for user, day, count in rows} == {(user, day): expected[user, day] for user, day, _ in rows}
    assert sum(count for _, _, count in rows) > 100


# --- Experiments and campaigns ----------------------------------------------------------------------------------------


def test_the_case_of_exposures_by_device_ids(warehouse: Warehouse) -> None:
    """Half of the users with `test` convert and none with `control`; 40 exposures are of ids that no user has."""
    (row,) = warehouse.records(
        "select * from marts.experiment_results where experiment = 'e_anon' and segment = '__all__' and metric = 'converted'"
    )
    assert (row["variant"], row["n"], row["baseline_n"], row["mean"], row["baseline_mean"]) == ("test", 20, 20, 0.5, 0.0)
    (check,) = warehouse.records("select * from marts.experiment_checks where experiment = 'e_anon' and segment = '__all__'")
    assert (check["assigned_users"], check["users"], check["unknown_users"]) == (40, 40, 40)
    assert warehouse.query("select variant, unknown_users from marts.experiment_variants where experiment = 'e_anon' order by 1") == [
        ("control", 20),
        ("test", 20),
    ]


def test_who_is_exposed_under_several_ids_is_one_user(warehouse: Warehouse) -> None:
    users = {row["user_id"]: row for row in warehouse.records("select * from marts.experiment_users where experiment = 'hand'")}
    assert set(users) == {"u1", "u2", "u4", "gone", "newcomer"}
    assert {user for user, row in users.items() if row["has_several_variants"]} == {"u1"} and users["u1"]["variant"] == "control"
    # Known by a link after the window: at its own date, with what the link brought.
    late = users["u4"]
    assert (late["variant"], late["assigned_at"], late["conversions"]) == ("test", moment(at(1)), 1)
    # Deleted, and signed up after the exposure: users all the same.
    assert users["gone"]["conversions"] == users["newcomer"]["conversions"] == 0
    assert not users["newcomer"]["has_history"]
    check = {
        (row["experiment"], row["segment"]): (row["assigned_users"], row["dropped_users"], row["users"], row["unknown_users"])
        for row in warehouse.records("select * from marts.experiment_checks where experiment in ('hand', 'nobody')")
    }
    # ghost is one id in two variants; the link of tomorrow is not known yet.
    assert check["hand", "__all__"] == (5, 1, 4, 2) and check["nobody", "__all__"] == (0, 0, 0, 2)
    assert all(unknown == 0 for (_, segment), (*_, unknown) in check.items() if segment != "__all__")
    assert warehouse.query(
        "select experiment, variant, unknown_users from marts.experiment_variants where experiment in ('hand', 'nobody') order by all"
    ) == [("hand", "control", 1), ("hand", "test", 2), ("nobody", "control", 1), ("nobody", "test", 1)]


def test_drawn_exposures_belong_to_whom_they_were_linked_to(warehouse: Warehouse, inputs: Inputs) -> None:
    exposures = defaultdict(list)
    unknown: dict[str, set[str]] = defaultdict(set)
    for row in inputs["experiment_assignments"]:
        if row["experiment"] == "drawn" and moment(row["assigned_at"]).date() <= LAST_DAY:
            found = owner(inputs, row["user_id"], row["assigned_at"])
            if found and found[1] <= LAST_DAY:
                exposures[found[0]].append((moment(row["assigned_at"]), row["variant"]))
            else:
                unknown[row["variant"]].add(row["user_id"])
    expected = {user: (*min(seen), len({variant for _, variant in seen}) > 1) for user, seen in exposures.items()}
    assert {
        row["user_id"]: (row["assigned_at"], row["variant"], row["has_several_variants"])
        for row in warehouse.records("select * from marts.experiment_users where experiment = 'drawn'")
    } == expected
    assert len(expected) == len(DRAWN_USERS)
    assert dict(warehouse.query("select variant, unknown_users from marts.experiment_variants where experiment = 'drawn'")) == {
        variant: len(ids) for variant, ids in unknown.items()
    }
    assert warehouse.query("select unknown_users from marts.experiment_checks where experiment = 'drawn' and segment = '__all__'") == [
        (len(set.union(*unknown.values())),)
    ]


def test_campaigns_leave_unknown_ids_out_and_count_them(warehouse: Warehouse, inputs: Inputs) -> None:
    found = {
        row["campaign"]: (row["evidence"], row["assigned_users"], row["n"], row["baseline_n"], row["converted_users"], row["unknown_users"])
        for row in warehouse.records("select * from marts.campaign_results where segment = '__all__'")
    }
    # u1 and late (u4, who converted before the link) were to get it, u2 was held out; unknown: ghost, contact-1, tomorrow.
    assert found["hand"] == ("holdout", 3, 2, 1, 1, 3)
    assert found["nobody"] == ("holdout", 0, 0, 0, 0, 2)
    for campaign in ("drawn_0", "drawn_1"):
        known, unknown = set(), set()
        for row in inputs["campaign_messages"]:
            if row["campaign"] == campaign and moment(row["assigned_at"]).date() <= LAST_DAY:
                whose = owner(inputs, row["user_id"], row["assigned_at"])
                known.add(whose[0]) if whose and whose[1] <= LAST_DAY else unknown.add(row["user_id"])
        assert (found[campaign][1], found[campaign][5]) == (len(known), len(unknown)) and len(unknown) > 10
    assert warehouse.query("select count(*) from marts.campaign_results where segment != '__all__' and unknown_users != 0") == [(0,)]


# --- Money ------------------------------------------------------------------------------------------------------------


def test_money_that_nobody_owns_is_named(warehouse: Warehouse) -> None:
    found: dict[tuple[str, str], tuple[Any, ...]] = {
        (name, kind): (owners, amount)
        for name, kind, owners, amount in warehouse.query("select input, owner_kind, owners, amount from marts.amounts_by_owner")
    }
    assert found == {
        # a1 and a9, which no input but users knows, u4 and u1 alone; a2 and gone, its deleted user, and a3; ghost, without what is
        # paid tomorrow.
        ("invoices", "users"): (4, 171.0 + 10 + 7),
        ("invoices", "no_users"): (3, 35.0 + 6 + 1),
        ("invoices", "unknown_account"): (1, 350.0),
        ("invoices", "unknown_user"): (1, 2.0),
        # u1's own is over.
        ("subscriptions", "users"): (2, 109.0),
        ("subscriptions", "no_users"): (2, 27.0 + 1),
        ("subscriptions", "unknown_account"): (1, 3.0),
        ("subscriptions", "unknown_user"): (1, 2.0),
        # In January u1 and u2 signed up by search; nobody did in March, and nobody ever by radio.
        ("marketing_spend", "users"): (1, 40.0),
        ("marketing_spend", "no_users"): (2, 14.0),
    }
    (lifetime,) = warehouse.query(f"select sum(lifetime_revenue) from features.user_features where as_of_date = '{LAST_DAY}'")[0]
    assert lifetime == pytest.approx(188)
    (paid,) = warehouse.query("select sum(amount) from marts.amounts_by_owner where input = 'subscriptions'")[0]
    assert paid == 142
    health = {row["account_id"]: (row["band"], row["revenue_91d"]) for row in warehouse.records("select * from marts.account_health")}
    assert health["a3"] == ("no_users", 5.0) and health["a2"] == ("no_users", 31.0) and health["a1"][1] == pytest.approx(167)
    assert warehouse.query(
        "select row_key, reject_reason from staging.stg_invoices__checked where reject_reason is not null order by 1"
    ) == [("own7", "no_payer"), ("own8", "placeholder_id")]


def test_who_pays_alone_has_features_like_any_other(warehouse: Warehouse, inputs: Inputs) -> None:
    """Recomputed on each date: u4 has no account, u1 has one beside a subscription and an invoice of their own."""
    settings = project_variables(ROOT) | {"as_of_date": LAST_DAY, "history_periods": 9, "rfm": RFM}
    rows = warehouse.records("select * from features.user_features")
    dates = sorted({row["as_of_date"] for row in rows})
    expected = compute_features(inputs, dates, settings, ROOT / "seeds/reference")
    columns = (
        "plan is_trial trial_outcome mrr mrr_91d_ago seats days_to_renewal days_as_customer is_renewed_91d revenue_91d lifetime_revenue"
        " account_users rfm_recency rfm_frequency rfm_monetary"
    ).split()
    for row in rows:
        wanted = expected[row["user_id"], row["as_of_date"]]
        for column in columns:
            same = row[column] == pytest.approx(wanted[column]) if isinstance(wanted[column], float) else row[column] == wanted[column]
            assert same, (row["user_id"], row["as_of_date"], column, row[column], wanted[column])
    assert {row["rfm_frequency"] for row in rows} >= {1, 3} and {row["rfm_monetary"] for row in rows} >= {1, 3}
    plans = {user: {row["plan"] for row in rows if row["user_id"] == user} for user in ("u1", "u2", "u4")}
    assert plans == {"u1": {"pro"}, "u2": {"pro"}, "u4": {"solo"}}
    newest = {row["user_id"]: (row["mrr"], row["lifetime_revenue"]) for row in rows if row["as_of_date"] == LAST_DAY}
    assert newest["u4"] == (9.0, 10.0) and newest["u1"] == (100.0, 87.0) and newest["u2"] == (100.0, 80.0)
    # In the 28 days from the day after the exposure on.
    revenue = dict(warehouse.query("select user_id, revenue from marts.experiment_users where experiment = 'hand'"))
    assert (revenue["u1"], revenue["u2"], revenue["u4"]) == (80.0 + 7, 80.0, 10.0)
