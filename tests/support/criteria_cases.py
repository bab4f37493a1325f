"""Cases for the criteria that the neutral format of tests/conformance cannot say: data for test_criteria.py.

Times are days before D (noon) or a text; `@` stands for the case's own prefix, which every user and account id gets.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from conformance.runner import DAY, INSTANT, CaseProject

Day = int | float | str


@dataclass(frozen=True)
class CriteriaCase:
    """Who is in a segment on D, and on dates some days before it (`before`)."""

    name: str
    segment: str
    expect: str
    users: dict[str, dict[str, str]] = field(default_factory=dict)
    events: list[tuple] = field(default_factory=list)
    rows: dict[str, list[dict[str, str]]] = field(default_factory=dict)
    before: dict[int, str] = field(default_factory=dict)
    others: dict[str, str] = field(default_factory=dict)

    @property
    def segment_name(self) -> str:
        return f"case_{self.name}"


def day(days_ago: int) -> str:
    return str(DAY - timedelta(days=days_ago))


def time(when: Day) -> str:
    return when if isinstance(when, str) else (INSTANT - timedelta(days=when)).isoformat()


def add_criteria_case(project: CaseProject, case: CriteriaCase) -> None:
    """The case's rows and segments, its ids prefixed."""
    prefix = f"{case.name}:"
    people = dict.fromkeys([*case.users, *(event[0] for event in case.events if event[0])])
    project.add_rows(
        "users",
        [
            {
                "signed_up_at": time(1000),
                **case.users.get(person, {}),
                "user_id": prefix + person,
                "account_id": prefix + case.users.get(person, {})["account_id"] if case.users.get(person, {}).get("account_id") else "",
            }
            for person in people
        ],
    )
    for place, (person, event, when, *rest) in enumerate(case.events):
        properties = rest[0] if rest else None
        extra: dict[str, Any] = rest[1] if len(rest) > 1 else {}
        project.add_rows(
            "events",
            [
                {
                    "event_id": f"{prefix}{place}",
                    "user_id": prefix + person if person else "",
                    "event_name": event,
                    "occurred_at": time(when),
                    "properties": properties if isinstance(properties, str) else "" if properties is None else json.dumps(properties),
                    **{key: value.replace("@", prefix) for key, value in extra.items()},
                }
            ],
        )
    for name, rows in case.rows.items():
        project.add_rows(name, [{key: value.replace("@", prefix) for key, value in row.items()} for row in rows])
    for name, text in case.others.items():
        project.segments[f"{case.segment_name}_{name}"] = text.replace("@", prefix)
    project.segments[case.segment_name] = "{{ segment(\n    " + case.segment.replace("@", prefix) + "\n) }}\n"
    project.days_back |= set(case.before)


def twins(count: int, event: str, person: str, when: Day) -> list[tuple]:
    """The same event several times."""
    return [(person, event, when)] * count


def account(number: int) -> dict[str, str]:
    return {"account_id": f"a{number}"}


def history(entity: str, entity_id: str, attribute: str, *changes: tuple[int, str]) -> list[dict[str, str]]:
    """Rows of attribute_history: (days ago, value)."""
    return [
        {"entity": entity, "entity_id": "@" + entity_id, "attribute": attribute, "value": value, "valid_from": time(days_ago)}
        for days_ago, value in changes
    ]


def subscription(account_id: str, renewal: str) -> dict[str, str]:
    return {
        "subscription_id": f"@{account_id}",
        "account_id": f"@{account_id}",
        "plan": "pro",
        "seats": "1",
        "mrr": "10",
        "valid_from": time(500),
        "started_at": time(500),
        "renewal_date": renewal,
    }


def signed_up(days_ago: Day) -> dict[str, str]:
    return {"signed_up_at": time(days_ago)}


# Booleans as programs write them; two of the texts are encoded twice, or shown by Python.
BOOLEANS = [
    ("text", "pv", 1, {"ok": "True"}),
    ("upper", "pv", 1, {"ok": "TRUE"}),
    ("word", "pv", 1, {"ok": "yes"}),
    ("one", "pv", 1, {"ok": 1}),
    ("twice", "pv", 1, json.dumps(json.dumps({"ok": True}))),
    ("shown", "pv", 1, "{'ok': True, 'page': 'a'}"),
    ("no", "pv", 1, {"ok": "False"}),
    ("zero", "pv", 1, {"ok": 0}),
    ("maybe", "pv", 1, {"ok": "maybe"}),
    ("cut", "pv", 1, '{"ok": true'),
    ("missing", "pv", 1, {}),
]
# For sums, averages and numbers of different values.
PROPERTY_EVENTS = [
    ("sum10", "pv", 1, {"rows": 4}),
    ("sum10", "pv", 6, {"rows": "6"}),
    ("sum10", "pv", 7, {"rows": 90}),
    ("sum9", "pv", 1, {"rows": 9}),
    ("sum9", "pv", 1, {"rows": "many"}),
    ("sum9", "pv", 1, {"rows": None}),
    ("sum9", "pv", 1, {"row": 5}),
    ("other_event", "nv", 1, {"rows": 50}),
    ("no_json", "pv", 1, "rows: 50"),
    ("no_properties", "pv", 1),
    ("negative", "pv", 1, {"rows": -3}),
]
PAGES = [
    ("two", "pv", 1, {"page": "a"}),
    ("two", "pv", 1, {"page": "b"}),
    ("two", "pv", 1, {"page": "b"}),
    ("two", "pv", 8, {"page": "c"}),
    ("one", "pv", 1, {"page": "a"}),
    ("one", "pv", 2, {"page": "a"}),
    ("one", "pv", 2, {}),
    ("one", "pv", 2, {"page": None}),
    ("none", "nv", 1, {"page": "a"}),
    ("letters", "pv", 1, {"page": "x"}),
    ("letters", "pv", 1, {"page": "X"}),
]
NESTED = [
    ("nested", "pv", 1, {"plan": {"name": "pro", "seats": 5, "paid": True, "tags": ["old", "new"]}}),
    ("flat", "pv", 1, {"plan.name": "pro"}),
    # The property of that very name comes first.
    ("both", "pv", 1, {"plan.name": "pro", "plan": {"name": "free"}}),
    ("free", "pv", 1, {"plan": {"name": "free", "seats": 4}}),
    ("deep", "pv", 1, {"plan": {"name": "pro", "tags": "newer"}}),
    ("deeper", "pv", 1, {"plan": {"name": {"short": "p"}}}),
    ("flat_list", "pv", 1, {"plan.tags": ["new"]}),
    ("listed", "pv", 1, {"format": ["csv", "pdf"]}),
    ("single", "pv", 1, {"format": "csv"}),
    ("other", "pv", 1, {"format": ["csv2", "CSV"]}),
    ("numbers", "pv", 1, {"format": [7, 8]}),
    ("empty", "pv", 1, {"format": []}),
    ("object", "pv", 1, {"format": {"csv": 1}}),
    ("not_nested", "pv", 1, {"plan": "pro", "name": "pro"}),
]
NUMBERS = [(f"r{number}", "pv", 1, {"rows": number}) for number in (9, 10, 11)] + [("text", "pv", 1, {"rows": "x"}), ("missing", "pv", 1)]
# u1 and u2 are executives of a1; a2 has one of two, a3 none, a4 one of three of whom one is deleted, the last has no account.
TEAM = {
    "u1": {**account(1), "department": "x"},
    "u2": {**account(1), "department": "x"},
    "u3": {**account(2), "department": "x"},
    "u4": {**account(2), "department": "y"},
    "u5": account(3),
    "u6": {**account(3), "department": "y"},
    "u7": {**account(4), "department": "x"},
    "u8": {**account(4), "department": "y", "deleted_at": time(5)},
    "alone": {"department": "x"},
    "alone_too": {"department": "y"},
}
RANKED = {"first": "90", "second": "80", "tie_a": "70", "tie_b": "70", "fifth": "60", "unknown": "", "unknown_too": ""}
RANK = "case when user_id like '@%' then try_cast(job_title as double) end"

CASES = [
    # --- performed ----------------------------------------------------------------------------------------------------
    CriteriaCase(
        "performed_between_counts",
        "c = performed('pv', at_least=1, at_most=2, within_days=7)",
        "one two",
        {"never": {}},
        [*twins(1, "pv", "one", 1), *twins(2, "pv", "two", 1), *twins(3, "pv", "three", 1)],
    ),
    CriteriaCase(
        "performed_between_dates",
        f"c = performed('pv', between=['{day(20)}', '{day(10)}'])",
        "first last",
        events=[("first", "pv", day(20) + "T00:00:00Z"), ("last", "pv", day(10) + "T23:59:59Z"), ("early", "pv", 21), ("late", "pv", 9)],
        before={11: "first", 10: "first last"},
    ),
    CriteriaCase(
        "performed_between_dates_ahead",
        f"c = performed('pv', between=['{day(3)}', '{day(-30)}'])",
        "now",
        events=[("now", "pv", 3), ("ahead", "pv", -1)],
        before={4: ""},
    ),
    CriteriaCase(
        "performed_days_of_signup",
        "c = performed('pv', within_days_of_signup=7)",
        "day_0 day_6",
        {name: signed_up(30) for name in ("day_0", "day_6", "day_7", "before", "never")},
        [("day_0", "pv", 30), ("day_6", "pv", 24), ("day_7", "pv", 23), ("before", "pv", 31)],
        before={30: "day_0", 25: "day_0", 24: "day_0 day_6"},
    ),
    CriteriaCase(
        "performed_days_of_signup_by_day",
        "c = performed('pv', within_days_of_signup=1)",
        "same_day",
        {
            "same_day": signed_up(day(9) + "T23:00:00Z"),
            "next_day": signed_up(day(9) + "T23:00:00Z"),
            "offset": signed_up(day(9) + "T00:30:00+02:00"),
        },
        [("same_day", "pv", day(9) + "T01:00:00Z"), ("next_day", "pv", day(8) + "T00:10:00Z"), ("offset", "pv", day(9) + "T12:00:00Z")],
    ),
    CriteriaCase(
        "performed_days_of_signup_exactly_zero",
        "c = performed('pv', exactly=0, within_days_of_signup=2)",
        "never late",
        {name: signed_up(30) for name in ("never", "late", "did")},
        [("late", "pv", 28), ("did", "pv", 29)],
    ),
    CriteriaCase(
        "performed_any_of_a_list",
        "c = performed(['pv', 'nv'], at_least=2, within_days=7)",
        "both same",
        events=[
            ("both", "pv", 1),
            ("both", "nv", 2),
            ("same", "nv", 1),
            ("same", "nv", 2),
            ("one", "pv", 1),
            ("other", "se", 1),
            ("other", "se", 2),
        ],
    ),
    CriteriaCase(
        "performed_two_windows_in_one_segment",
        "lately = performed('pv', within_days=7), before = performed('pv', at_least=3, within_days=28), never = performed('nv', exactly=0)",
        "in",
        events=[
            ("in", "pv", 1),
            ("in", "pv", 10),
            ("in", "pv", 27),
            ("few", "pv", 1),
            ("few", "pv", 28),
            ("few", "pv", 3),
            *twins(3, "pv", "old", 9),
            *twins(3, "pv", "other", 1),
            ("other", "nv", 900),
        ],
    ),
    CriteriaCase(
        "performed_window_beside_all_history",
        "lately = performed('pv', within_days=7), ever = performed('nv')",
        "in",
        events=[("in", "pv", 6), ("in", "nv", 600), ("out", "pv", 7), ("out", "nv", 600)],
    ),
    CriteriaCase(
        "performed_by_whom_is_gone",
        "c = performed('pv')",
        "here",
        {"gone": {"deleted_at": time(3)}},
        [("here", "pv", 5), ("gone", "pv", 5)],
        before={3: "here", 4: "here gone", 6: ""},
    ),
    CriteriaCase(
        "performed_late_link",
        "c = performed('pv', within_days=7)",
        "linked",
        {"linked": {}, "link_after": {}, "old_event": {}},
        [
            ("", "pv", 5, None, {"anonymous_id": "@x"}),
            ("", "pv", 6, None, {"anonymous_id": "@y"}),
            ("", "pv", 8, None, {"anonymous_id": "@z"}),
        ],
        {
            "identities": [
                {"anonymous_id": "@x", "user_id": "@linked", "linked_at": time(2)},
                {"anonymous_id": "@y", "user_id": "@link_after", "linked_at": time(-2)},
                {"anonymous_id": "@z", "user_id": "@old_event", "linked_at": time(1)},
            ]
        },
        before={3: "", 2: "linked", 5: ""},
    ),
    CriteriaCase(
        "performed_late_link_first_wins",
        "c = performed('pv', at_least=1)",
        "first",
        {"first": {}, "second": {}},
        [("", "pv", 5, None, {"anonymous_id": "@x"})],
        {
            "identities": [
                {"anonymous_id": "@x", "user_id": "@first", "linked_at": time(2)},
                {"anonymous_id": "@x", "user_id": "@second", "linked_at": time(1)},
            ]
        },
        before={2: "first", 3: ""},
    ),
    CriteriaCase(
        "performed_late_link_where",
        "c = performed('pv', where={'page': 'a'})",
        "linked",
        {"linked": {}},
        [("", "pv", 5, {"page": "a"}, {"anonymous_id": "@x"})],
        {"identities": [{"anonymous_id": "@x", "user_id": "@linked", "linked_at": time(2)}]},
        before={3: "", 2: "linked"},
    ),
    CriteriaCase(
        "performed_re_entry",
        "c = performed('pv', within_days=7)",
        "again",
        events=[("again", "pv", 20), ("again", "pv", 2)],
        before={20: "again", 14: "again", 13: "", 3: "", 2: "again"},
    ),
    *[
        CriteriaCase(f"where_{name}", f"c = performed('pv', where={{'rows': {{'{operator}': 10}}}})", expect, events=NUMBERS)
        for name, operator, expect in [
            ("above", ">", "r11"),
            ("at_least", ">=", "r10 r11"),
            ("below", "<", "r9"),
            ("at_most", "<=", "r9 r10"),
            ("equal", "=", "r10"),
            ("unequal", "!=", "r9 r11"),
        ]
    ],
    CriteriaCase("where_range", "c = performed('pv', where={'rows': {'>': 9, '<': 11}})", "r10", events=NUMBERS),
    CriteriaCase("where_list_of_numbers", "c = performed('pv', where={'rows': [9, 11.0]})", "r9 r11", events=NUMBERS),
    CriteriaCase("where_mixed_list", "c = performed('pv', where={'rows': [9, 'x']})", "r9 text", events=NUMBERS),
    CriteriaCase(
        "where_boolean",
        "c = performed('pv', where={'ok': true})",
        "yes",
        events=[("yes", "pv", 1, {"ok": True}), ("no", "pv", 1, {"ok": False}), ("none", "pv", 1)],
    ),
    CriteriaCase(
        "where_boolean_in_other_words", "c = performed('pv', where={'ok': true})", "text upper word one twice shown", events=BOOLEANS
    ),
    CriteriaCase("where_boolean_list", "c = performed('pv', where={'ok': [false]})", "no zero", events=BOOLEANS),
    CriteriaCase("where_boolean_unequal", "c = performed('pv', where={'ok': {'!=': true}})", "no zero", events=BOOLEANS),
    CriteriaCase("where_boolean_and_text", "c = performed('pv', where={'ok': [true, 'maybe']})", "maybe twice shown", events=BOOLEANS),
    CriteriaCase(
        "where_unequal_text",
        "c = performed('pv', where={'page': {'!=': 'a'}})",
        "b",
        events=[("a", "pv", 1, {"page": "a"}), ("b", "pv", 1, {"page": "b"}), ("missing", "pv", 1, {})],
    ),
    CriteriaCase(
        "where_property_with_spaces_and_quotes",
        """c = performed('pv', where={"the  page's \\"name\\"": "it's"})""",
        "in",
        events=[("in", "pv", 1, {'the  page\'s "name"': "it's"}), ("out", "pv", 1, {'the page\'s "name"': "it's"})],
    ),
    *[
        CriteriaCase(f"where_{name}", f"c = performed('pv', where={{{asked}}})", expect, events=NESTED)
        for name, asked, expect in [
            ("path", "'plan.name': 'pro'", "nested flat both deep"),
            ("path_number", "'plan.seats': {'>=': 5}", "nested"),
            ("path_boolean", "'plan.paid': true", "nested"),
            ("path_unequal", "'plan.name': {'!=': 'pro'}", "free deeper"),
            ("longer_path", "'plan.name.short': 'p'", "deeper"),
            ("contains", "'format': {'contains': 'csv'}", "listed single"),
            ("contains_number", "'format': {'contains': 7}", "numbers"),
            ("contains_any", "'format': {'contains': ['xls', 'pdf']}", "listed"),
            ("contains_by_path", "'plan.tags': {'contains': 'new'}", "nested flat_list"),
            ("contains_and_path", "'plan.tags': {'contains': 'new'}, 'plan.name': 'pro'", "nested"),
        ]
    ],
    CriteriaCase("sum_of_a_path", "c = property_sum('pv', 'plan.seats', at_least=5)", "nested", events=NESTED),
    CriteriaCase(
        "where_days_of_signup",
        "c = performed('pv', within_days_of_signup=2, where={'page': 'a'})",
        "in",
        {name: signed_up(30) for name in ("in", "late", "other")},
        [("in", "pv", 29, {"page": "a"}), ("late", "pv", 28, {"page": "a"}), ("other", "pv", 29, {"page": "b"})],
    ),
    # --- first, nth, never --------------------------------------------------------------------------------------------
    CriteriaCase(
        "first_time_between",
        f"c = performed_first_time('pv', between=['{day(20)}', '{day(10)}'])",
        "first last",
        events=[("first", "pv", 20), ("last", "pv", 10), ("last", "pv", 2), ("again", "pv", 21), ("again", "pv", 15), ("late", "pv", 9)],
    ),
    CriteriaCase(
        "first_time_days_of_signup",
        "c = performed_first_time('pv', within_days_of_signup=3)",
        "day_0 day_2",
        {name: signed_up(30) for name in ("day_0", "day_2", "day_3", "before")},
        [("day_0", "pv", 30), ("day_2", "pv", 28), ("day_3", "pv", 27), ("before", "pv", 31), ("before", "pv", 29)],
    ),
    CriteriaCase(
        "nth_time_window",
        "c = performed_nth_time('pv', 3, within_days=7)",
        "third same_day jump",
        events=[
            ("third", "pv", 50),
            ("third", "pv", 20),
            ("third", "pv", 6),
            ("early", "pv", 50),
            ("early", "pv", 20),
            ("early", "pv", 7),
            ("early", "pv", 1),
            ("second", "pv", 20),
            ("second", "pv", 1),
            *twins(3, "pv", "same_day", 1),
            ("jump", "pv", 20),
            *twins(4, "pv", "jump", 2),
        ],
    ),
    CriteriaCase(
        "nth_time_late_link",
        "c = performed_nth_time('pv', 2, within_days=7)",
        "linked",
        {"linked": {}},
        [("", "pv", 9, None, {"anonymous_id": "@x"}), ("linked", "pv", 4)],
        {"identities": [{"anonymous_id": "@x", "user_id": "@linked", "linked_at": time(2)}]},
        before={3: "", 2: "linked"},
    ),
    CriteriaCase(
        "has_not_tried_any",
        "c = has_not_tried(['pv', 'nv'])",
        "never other",
        {"never": {}},
        [("other", "se", 1), ("long_ago", "pv", 900), ("today", "nv", 0)],
        before={1: "never other today"},
    ),
    # --- more than, changed -------------------------------------------------------------------------------------------
    CriteriaCase(
        "more_than_twice",
        "c = performed_more_than('pv', than_event='nv', times=2, within_days=7)",
        "three_to_one one_to_none",
        {"none": {}},
        [
            *twins(3, "pv", "three_to_one", 6),
            ("three_to_one", "nv", 6),
            *twins(2, "pv", "two_to_one", 1),
            ("two_to_one", "nv", 1),
            ("one_to_none", "pv", 1),
            ("none_to_one", "nv", 1),
            *twins(9, "pv", "before", 7),
            ("before", "nv", 1),
        ],
    ),
    CriteriaCase(
        "more_than_a_fraction",
        "c = performed_more_than('pv', than_event='nv', times=0.3)",
        "four",
        events=[*twins(3, "pv", "three", 1), *twins(10, "nv", "three", 1), *twins(4, "pv", "four", 1), *twins(10, "nv", "four", 1)],
    ),
    CriteriaCase(
        "changed_down",
        "c = changed_by('pv', at_most=-0.5, within_days=7)",
        "half none",
        {"never": {}},
        [
            *twins(2, "pv", "half", 7),
            ("half", "pv", 6),
            *twins(3, "pv", "less", 13),
            *twins(2, "pv", "less", 0),
            *twins(2, "pv", "none", 13),
            ("new", "pv", 1),
            *twins(4, "pv", "old", 14),
        ],
    ),
    CriteriaCase(
        "changed_up_exactly",
        "c = changed_by('pv', at_least=0.1, within_days=7)",
        "eleven",
        events=[
            *twins(10, "pv", "eleven", 8),
            *twins(11, "pv", "eleven", 1),
            *twins(10, "pv", "ten", 8),
            *twins(10, "pv", "ten", 1),
            ("new", "pv", 1),
        ],
    ),
    CriteriaCase(
        "changed_within_exact_bounds",
        "c = changed_by('pv', at_least=-0.3, at_most=0.1, within_days=7)",
        "seven eleven",
        events=[
            *twins(10, "pv", "seven", 8),
            *twins(7, "pv", "seven", 1),
            *twins(10, "pv", "eleven", 8),
            *twins(11, "pv", "eleven", 1),
            *twins(10, "pv", "six", 8),
            *twins(6, "pv", "six", 1),
            *twins(10, "pv", "twelve", 8),
            *twins(12, "pv", "twelve", 1),
        ],
    ),
    CriteriaCase(
        "not_changed",
        "c = none_of(changed_by('pv', at_most=0, within_days=7))",
        "never new up",
        {"never": {}},
        [("new", "pv", 1), ("up", "pv", 8), *twins(2, "pv", "up", 1), ("same", "pv", 8), ("same", "pv", 1)],
    ),
    # --- properties ---------------------------------------------------------------------------------------------------
    CriteriaCase("sum_at_least", "c = property_sum('pv', 'rows', at_least=10, within_days=7)", "sum10", events=PROPERTY_EVENTS),
    CriteriaCase(
        "sum_at_most",
        "c = property_sum('pv', 'rows', at_most=0, within_days=7)",
        "other_event no_json no_properties negative never",
        {"never": {}},
        PROPERTY_EVENTS,
    ),
    CriteriaCase("sum_exactly", "c = property_sum('pv', 'rows', exactly=100)", "sum10", events=PROPERTY_EVENTS),
    CriteriaCase(
        "sum_between", f"c = property_sum('pv', 'rows', at_least=90, between=['{day(7)}', '{day(2)}'])", "sum10", events=PROPERTY_EVENTS
    ),
    CriteriaCase(
        "sum_where", "c = property_sum('pv', 'rows', at_least=6, within_days=7, where={'rows': {'<': 9}})", "sum10", events=PROPERTY_EVENTS
    ),
    CriteriaCase(
        "average_at_least", "c = property_average('pv', 'rows', at_least=5, within_days=7)", "sum10 sum9", {"never": {}}, PROPERTY_EVENTS
    ),
    CriteriaCase(
        "average_at_most", "c = property_average('pv', 'rows', at_most=5, within_days=7)", "sum10 negative", {"never": {}}, PROPERTY_EVENTS
    ),
    CriteriaCase(
        "no_average",
        "c = none_of(property_average('pv', 'rows', at_most=5, within_days=7))",
        "sum9 other_event no_json no_properties never",
        {"never": {}},
        PROPERTY_EVENTS,
    ),
    CriteriaCase("distinct_at_least", "c = property_distinct('pv', 'page', at_least=2, within_days=7)", "two letters", events=PAGES),
    CriteriaCase("distinct_exactly", "c = property_distinct('pv', 'page', exactly=1, within_days=7)", "one", events=PAGES),
    CriteriaCase("distinct_at_most", "c = property_distinct('pv', 'page', at_most=0)", "none never", {"never": {}}, PAGES),
    CriteriaCase(
        "sum_days_of_signup",
        "c = property_sum('pv', 'rows', at_least=3, within_days_of_signup=2)",
        "in",
        {"in": signed_up(9), "late": signed_up(9)},
        [("in", "pv", 9, {"rows": 1}), ("in", "pv", 8, {"rows": 2}), ("late", "pv", 9, {"rows": 1}), ("late", "pv", 7, {"rows": 9})],
    ),
    # --- regularly, sequence ------------------------------------------------------------------------------------------
    CriteriaCase(
        "regularly_re_entry",
        "c = performed_regularly('pv', in_periods=2, of_periods=2, period_days=2)",
        "",
        events=[("in", "pv", 8), ("in", "pv", 6)],
        before={5: "in", 6: "in", 7: "", 4: ""},
    ),
    CriteriaCase(
        "sequence_of_lists",
        "c = performed_sequence([['pv', 'nv'], 'se'], within_days=7)",
        "a b",
        events=[("a", "pv", 2), ("a", "se", 1), ("b", "nv", 2), ("b", "se", 1), ("c", "se", 2), ("c", "pv", 1)],
    ),
    CriteriaCase(
        "sequence_late_link",
        "c = performed_sequence(['pv', 'nv'], within_days=7)",
        "linked",
        {"linked": {}},
        [("", "pv", 5, None, {"anonymous_id": "@x"}), ("linked", "nv", 4)],
        {"identities": [{"anonymous_id": "@x", "user_id": "@linked", "linked_at": time(2)}]},
        before={3: "", 2: "linked", 4: ""},
    ),
    CriteriaCase(
        "sequence_not_before_it_is_complete",
        "c = performed_sequence(['pv', 'nv'])",
        "in",
        events=[("in", "pv", 5), ("in", "nv", 3)],
        before={4: "", 3: "in"},
    ),
    CriteriaCase(
        "sequence_gap_for_one_step_only",
        "c = performed_sequence(['pv', 'nv', 'se'], within_days=28, gap_days=[none, 1])",
        "in",
        events=[("in", "pv", 20), ("in", "nv", 5), ("in", "se", 4), ("out", "pv", 8), ("out", "nv", 7), ("out", "se", 5)],
    ),
    # --- dates --------------------------------------------------------------------------------------------------------
    CriteriaCase(
        "date_next",
        "c = date_within('renewal_date', next_days=90)",
        "tomorrow last",
        {name: {"account_id": name} for name in ("today", "tomorrow", "last", "after", "past")} | {"none": {}},
        rows={
            "subscriptions": [
                subscription("today", day(0)),
                subscription("tomorrow", day(-1)),
                subscription("last", day(-90)),
                subscription("after", day(-91)),
                subscription("past", day(3)),
            ]
        },
    ),
    CriteriaCase(
        "date_last",
        "c = date_within('renewal_date', last_days=7)",
        "today first",
        {name: {"account_id": name} for name in ("today", "first", "before", "ahead")} | {"none": {}},
        rows={
            "subscriptions": [
                subscription("today", day(0)),
                subscription("first", day(6)),
                subscription("before", day(7)),
                subscription("ahead", day(-1)),
            ]
        },
    ),
    CriteriaCase(
        "date_of_signup",
        "c = date_within('signup_date', last_days=7)",
        "today first",
        {"today": signed_up(0), "first": signed_up(6), "before": signed_up(7)},
    ),
    CriteriaCase(
        "signed_up_in_quarter",
        "c = signed_up_in('2026-Q2')",
        "first last",
        {
            "first": signed_up("2026-04-01T00:00:00Z"),
            "last": signed_up("2026-06-30T11:00:00Z"),
            "before": signed_up("2026-03-31T23:59:59Z"),
        },
    ),
    CriteriaCase(
        "signed_up_in_months",
        "c = signed_up_in('2026-03', through='2026-04')",
        "first last",
        {
            "first": signed_up("2026-03-01T00:00:00Z"),
            "last": signed_up("2026-04-30T23:59:59Z"),
            "before": signed_up("2026-02-28T23:59:59Z"),
            "after": signed_up("2026-05-01T00:00:00Z"),
        },
    ),
    CriteriaCase(
        "signed_up_in_week",
        "c = signed_up_in('2026-W22')",
        "first last",
        {
            "first": signed_up("2026-05-25T00:00:00Z"),
            "last": signed_up("2026-05-31T23:59:59Z"),
            "before": signed_up("2026-05-24T23:59:59Z"),
            "after": signed_up("2026-06-01T00:00:00Z"),
        },
    ),
    CriteriaCase(
        "signed_up_in_year",
        "c = none_of(signed_up_in('2025'))",
        "before after",
        {
            "before": signed_up("2024-12-31T23:59:59Z"),
            "first": signed_up("2025-01-01T00:00:00Z"),
            "last": signed_up("2025-12-31T23:59:59Z"),
            "after": signed_up("2026-01-01T00:00:00Z"),
        },
    ),
    CriteriaCase(
        "date_last_seen",
        "c = date_within('last_seen_date', last_days=7)",
        "first",
        {"never": {}},
        [("first", "pv", 6), ("before", "pv", 7)],
    ),
    CriteriaCase(
        "date_as_sql",
        f"c = date_within(\"case when job_title = 'x' then date '{day(-3)}' end\", next_days=3)",
        "x",
        {"x": {"job_title": "x"}, "y": {"job_title": "y"}},
        before={1: ""},
    ),
    CriteriaCase(
        "no_date",
        "c = none_of(date_within('renewal_date', next_days=90))",
        "none",
        {"none": {}, "soon": {"account_id": "a"}},
        rows={"subscriptions": [subscription("a", day(-5))]},
    ),
    # --- top share ----------------------------------------------------------------------------------------------------
    *[
        CriteriaCase(
            f"top_{name}",
            f'c = in_top_share("{RANK}", {share})',
            expect,
            {person: {"job_title": value} for person, value in RANKED.items()},
        )
        for name, share, expect in [
            ("fifth", 0.2, "first"),
            ("two_fifths", 0.4, "first second"),
            ("less_than_the_tie", 0.6, "first second"),
            ("tie", 0.8, "first second tie_a tie_b"),
            ("all", 1, "first second tie_a tie_b fifth"),
        ]
    ],
    CriteriaCase(
        "top_three_tenths",
        f'c = in_top_share("{RANK}", 0.3)',
        "v10 v9 v8",
        {f"v{number}": {"job_title": str(number)} for number in range(1, 11)},
    ),
    CriteriaCase(
        "not_top",
        f'c = none_of(in_top_share("{RANK}", 0.4))',
        "tie_a tie_b fifth unknown unknown_too",
        {person: {"job_title": value} for person, value in RANKED.items()},
    ),
    CriteriaCase(
        "top_is_per_date",
        f'c = in_top_share("{RANK}", 0.5)',
        "b",
        {"a": {"job_title": "1"}, "b": {"job_title": "2"}, "gone": {"job_title": "3", "deleted_at": time(5)}},
        before={5: "b", 6: "gone"},
    ),
    CriteriaCase(
        "top_beside_counts_and_segments",
        f"top = in_top_share(\"{RANK}\", 0.5), did = performed('pv'), other = in_segment('case_top_beside_counts_and_segments_all')",
        "b",
        {"a": {"job_title": "1"}, "b": {"job_title": "2"}, "c": {"job_title": "2"}, "d": {"job_title": "0"}},
        [("a", "pv", 1), ("b", "pv", 1)],
        others={"all": '{{ segment(c = "true") }}'},
    ),
    *[
        CriteriaCase(
            f"trait_{name}",
            f"c = {criterion}",
            expect,
            {"one": {"tastes": "Jazz"}, "more": {"tastes": '["rock", "JAZZ"]'}, "other": {"tastes": "acid jazz; rock"}, "unknown": {}},
        )
        for name, criterion, expect in [
            ("contains", "contains('tastes', 'jazz')", "one more"),
            ("contains_any", "contains('tastes', ['Jazz', 'Acid Jazz'])", "one more other"),
            ("contains_not", "none_of(contains('tastes', 'rock'))", "one unknown"),
            ("contains_both", "all_of(contains('tastes', 'rock'), contains('tastes', 'jazz'))", "more"),
        ]
    ],
    # --- accounts -----------------------------------------------------------------------------------------------------
    *[
        CriteriaCase(f"account_{name}", f"c = account_has(\"department = 'x'\"{argument})", expect, TEAM)
        for name, argument, expect in [
            ("any", "", "u1 u2 u3 u4 u7"),
            ("any_by_name", ", which='any'", "u1 u2 u3 u4 u7"),
            ("all", ", which='all'", "u1 u2 u7"),
            ("none", ", which='none'", "u5 u6 alone alone_too"),
            ("at_least_two", ", at_least=2", "u1 u2"),
            ("at_least_one", ", at_least=1", "u1 u2 u3 u4 u7"),
            ("half", ", at_least_share=0.5", "u1 u2 u3 u4 u7"),
            ("most", ", at_least_share=0.51", "u1 u2 u7"),
        ]
    ],
    CriteriaCase(
        "account_three_tenths",
        "c = account_has(\"department = 'x'\", at_least_share=0.3)",
        " ".join(f"u{number}" for number in range(10)),
        {f"u{number}": {**account(1), "department": "x" if number < 3 else "y"} for number in range(10)}
        | {f"w{number}": {**account(2), "department": "x" if number < 2 else "y"} for number in range(10)},
    ),
    CriteriaCase(
        "account_before_deletion",
        "c = account_has(\"department = 'x'\", which='all')",
        "here",
        {"here": {**account(1), "department": "x"}, "gone": {**account(1), "department": "y", "deleted_at": time(5)}},
        before={5: "here", 6: ""},
    ),
    CriteriaCase(
        "account_performed",
        "c = account_has(performed('pv', within_days=7), at_least=2)",
        "u1 u2 u3",
        {"u1": account(1), "u2": account(1), "u3": account(1), "w1": account(2), "w2": account(2), "alone": {}},
        [("u1", "pv", 1), ("u2", "pv", 1), ("w1", "pv", 1), ("w2", "pv", 7), ("alone", "pv", 1)],
    ),
    CriteriaCase(
        "account_and_own",
        "own = performed('pv'), account = account_has(performed('nv')), not_all = none_of(account_has(performed('nv'), which='all'))",
        "u1",
        {"u1": account(1), "u2": account(1), "w1": account(2)},
        [("u1", "pv", 1), ("u2", "nv", 1), ("w1", "pv", 1), ("w1", "nv", 1)],
    ),
    CriteriaCase(
        "account_top_share",
        f"c = account_has(in_top_share(\"{RANK}\", 0.5), which='none')",
        "w1 w2",
        {
            "u1": {**account(1), "job_title": "9"},
            "u2": {**account(1), "job_title": "1"},
            "w1": {**account(2), "job_title": "2"},
            "w2": account(2),
        },
    ),
    # --- attributes ---------------------------------------------------------------------------------------------------
    CriteriaCase(
        "attribute_ever",
        "c = had_attribute('department', 'Sales')",
        "was is present",
        {
            "was": {"department": "legal"},
            "is": {"department": "sales"},
            "never": {"department": "sales"},
            "present": {"department": "SALES"},
            "none": {},
            "later": {"department": "sales"},
        },
        rows={
            "attribute_history": [
                *history("user", "was", "department", (50, "SALES"), (20, "legal")),
                *history("user", "is", "department", (10, "sales")),
                *history("user", "never", "department", (50, "legal"), (20, "support")),
                *history("user", "later", "department", (50, "legal"), (-2, "sales")),
            ]
        },
        before={11: "was is present", 51: "is never present later"},
    ),
    CriteriaCase(
        "attribute_on",
        f"c = had_attribute('department', ['sales', 'legal'], on='{day(20)}')",
        "first_day until_next_day unknown",
        {
            name: {"department": "legal" if name == "unknown" else "other"}
            for name in ("first_day", "day_after", "until", "until_next_day", "unknown", "none")
        },
        rows={
            "attribute_history": [
                *history("user", "first_day", "department", (50, "x"), (20, "sales"), (10, "x")),
                *history("user", "day_after", "department", (50, "x"), (19, "sales")),
                *history("user", "until", "department", (50, "sales"), (20, "x")),
                *history("user", "until_next_day", "department", (50, "sales"), (19, "x")),
                *history("user", "unknown", "department", (19, "x")),
                *history("user", "none", "department", (50, "")),
            ]
        },
        before={20: "first_day until_next_day unknown", 21: ""},
    ),
    CriteriaCase(
        "attribute_held",
        "c = had_attribute('department', 'sales', held_for_days=10)",
        "exact exact_after_other long re_recorded",
        {
            name: {"department": "sales"}
            for name in (
                "exact",
                "short",
                "long",
                "re_recorded",
                "exact_after_other",
                "broken",
                "cleared",
                "no_history",
                "ended_on_first",
                "ended_before",
                "now_other",
            )
        },
        rows={
            "attribute_history": [
                *history("user", "exact", "department", (9, "sales")),
                *history("user", "short", "department", (8, "sales")),
                *history("user", "long", "department", (99, "x"), (50, "sales")),
                *history("user", "re_recorded", "department", (50, "sales"), (5, "SALES")),
                *history("user", "broken", "department", (50, "sales"), (5, "x"), (3, "sales")),
                *history("user", "cleared", "department", (50, "sales"), (5, "")),
                *history("user", "ended_on_first", "department", (50, "x"), (8, "sales")),
                *history("user", "exact_after_other", "department", (50, "x"), (9, "sales")),
                *history("user", "now_other", "department", (50, "sales"), (0, "x")),
            ]
        },
        before={1: "long re_recorded now_other"},
    ),
    CriteriaCase(
        "attribute_of_account",
        "c = had_attribute('industry', 'retail', entity='account')",
        "in present",
        {"in": account(1), "present": account(2), "out": account(3), "alone": {}},
        rows={
            "accounts": [
                {"account_id": "@a1", "industry": "media"},
                {"account_id": "@a2", "industry": "Retail"},
                {"account_id": "@a3", "industry": "media"},
            ],
            "attribute_history": history("account", "a1", "industry", (50, "retail"), (20, "media")),
        },
    ),
    CriteriaCase(
        "no_attribute", "c = none_of(had_attribute('department', \"it's\"))", "none", {"none": {}, "quote": {"department": "It's"}}
    ),
    # --- segments and combinations ------------------------------------------------------------------------------------
    CriteriaCase(
        "in_other_segment",
        "c = in_segment('case_in_other_segment_active'), d = none_of(in_segment('case_in_other_segment_plain'))",
        "in",
        {"never": {}},
        [("in", "pv", 1), ("both", "pv", 1), ("out", "nv", 1)],
        before={1: "in", 2: ""},
        others={
            "active": "{{ segment(c = performed('pv')) }}",
            "plain": "select user_id, as_of_date, case when user_id = '@both' then true end as is_member, 'x' as definition_hash from {{ ref('user_features') }}",
        },
    ),
    CriteriaCase(
        "account_in_segment",
        "c = account_has(in_segment('case_account_in_segment_active'), which='all')",
        "u1 u2",
        {"u1": account(1), "u2": account(1), "w1": account(2), "w2": account(2)},
        [("u1", "pv", 1), ("u2", "pv", 1), ("w1", "pv", 1)],
        others={"active": "{{ segment(c = performed('pv')) }}"},
    ),
    CriteriaCase(
        "nested",
        "c = any_of(all_of(performed('pv'), none_of(performed('nv'), \"department = 'x'\")), all_of(\"department = 'y'\", performed('se')))",
        "pv se_y",
        {"pv_x": {"department": "x"}, "se_y": {"department": "y"}, "se_x": {"department": "x"}, "never": {}},
        [("pv", "pv", 1), ("pv_nv", "pv", 1), ("pv_nv", "nv", 1), ("pv_x", "pv", 1), ("se_y", "se", 1), ("se_x", "se", 1), ("se", "se", 1)],
    ),
    CriteriaCase(
        "none_of_two",
        "c = none_of(\"department = 'x'\", \"job_title = 'y'\")",
        "neither none",
        {
            "x": {"department": "x"},
            "y": {"job_title": "y"},
            "both": {"department": "x", "job_title": "y"},
            "neither": {"department": "z", "job_title": "z"},
            "none": {},
        },
    ),
    CriteriaCase(
        "plain_sql_null_is_out", "c = \"department <> 'x'\"", "z", {"x": {"department": "x"}, "z": {"department": "z"}, "none": {}}
    ),
    CriteriaCase(
        "all_criteria_are_needed",
        "a = performed('pv'), b = \"department = 'x'\"",
        "both",
        {"both": {"department": "x"}, "one": {"department": "x"}, "two": {"department": "y"}},
        [("both", "pv", 1), ("two", "pv", 1), ("none", "pv", 1)],
    ),
]
