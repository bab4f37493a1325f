"""The registry of variables: every kind of wrong value for every variable, against rules written here by hand.

ORACLE says of each variable what docs/variables.md promises, without looking at the registry. The macros are rendered
without dbt; only one test parses a project.
"""

from __future__ import annotations

import copy
import datetime as dt
import json
import math
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

import registries
from render_macros import loaded_macros, macro_texts
from warehouse import OWN_EVENTS, ROOT, Warehouse

SAMPLE = registries.set_variables(ROOT)
MACROS = registries.macros_of(ROOT, SAMPLE)
ENTRIES = {entry["name"]: entry for entry in MACROS["variables"]()}
FEATURES = registries.loaded_features(ROOT)

Rule = Callable[[Any], bool]


# --- What is allowed, by hand -------------------------------------------------------------------------------------------

EVENTS = [event["name"] for event in SAMPLE["events"]]
HUMAN_EVENTS = [event["name"] for event in SAMPLE["events"] if event.get("is_human", True)]
INPUTS = list(SAMPLE["inputs"])
SEGMENTS = [
    *re.findall(r"'(\w+_users)'", (ROOT / "macros/registries/lifecycle_segments.sql").read_text(encoding="utf-8")),
    *re.findall(r"^ {8}'(\w+)',$", (ROOT / "macros/registries/segments.sql").read_text(encoding="utf-8"), flags=re.MULTILINE),
]
USER_COLUMNS = [
    "user_id account_id email job_title department birth_year gender income_band language country state city acquisition_channel "
    "marketing_consent signed_up_at updated_at deleted_at merged_into merged_at"
][0].split()
FAMILIES = ["demographic", "geographic", "firmographic", "technographic", "customer", "behavioral", "psychographic", "value", "marketing"]
DESTINATIONS = ["google_customer_match", "meta_custom_audience", "hubspot", "mailchimp", "customer_io", "braze", "intercom"]
# Metrics that are a mean over users of the sample.
MEANS = [
    "activation_rate days_to_first_use active_users_28d active_days_7d active_days_28d active_days_91d sessions_28d session_minutes_28d "
    "events_7d events_28d events_91d core_actions_7d core_actions_28d core_actions_91d distinct_features_28d feature_adoption_28d "
    "retained_users_28d repeat_rate paying_users mrr revenue_91d health_score tickets_91d csat ces_score nps"
][0].split()
NUMERIC = [feature["name"] for feature in FEATURES if feature["type"] in ("bigint", "double")]


def number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool) and math.isfinite(value)


def whole(least: int, most: float = math.inf) -> Rule:
    return lambda value: isinstance(value, int) and not isinstance(value, bool) and least <= value <= most


def above(limit: float) -> Rule:
    return lambda value: number(value) and value > limit


def from_to(low: float, high: float) -> Rule:
    return lambda value: number(value) and low <= value <= high


def inside(value: Any) -> bool:
    """A probability that is neither impossible nor certain."""
    return number(value) and 0 < value < 1


def positive_share(value: Any) -> bool:
    return number(value) and 0 < value <= 1


def text(value: Any) -> bool:
    return isinstance(value, str) and value.strip() != ""


def lower(value: Any) -> bool:
    return text(value) and value == value.lower()


def name(value: Any) -> bool:
    return isinstance(value, str) and re.fullmatch("[a-z][a-z0-9_]{0,59}", value) is not None


def boolean(value: Any) -> bool:
    return isinstance(value, bool)


def date(value: Any) -> bool:
    if isinstance(value, str) and re.fullmatch(r"\d{4}-\d\d-\d\d", value):
        try:
            return bool(dt.date.fromisoformat(value))
        except ValueError:
            return False
    return type(value) is dt.date


def scalar(value: Any) -> bool:
    return value is None or isinstance(value, (str, bool)) or number(value)


def one_of(*values: Any) -> Rule:
    return lambda value: not isinstance(value, bool) and value in values if not isinstance(value, (list, dict)) else False


def relation(value: Any) -> bool:
    return text(value) or (
        isinstance(value, dict) and sorted(map(str, value)) == ["source", "table"] and all(isinstance(part, str) for part in value.values())
    )


def null_or(rule: Rule) -> Rule:
    return lambda value: value is None or rule(value)


def off_or(rule: Rule) -> Rule:
    return lambda value: value is None or value is False or rule(value)


def list_of(rule: Rule, least: int = 0, most: float = math.inf, unique: str | bool = False) -> Rule:
    def holds(value: Any) -> bool:
        if not isinstance(value, list) or not least <= len(value) <= most or not all(map(rule, value)):
            return False
        keys = [shown(entry[unique] if isinstance(unique, str) else entry) for entry in value]
        return not unique or len(set(keys)) == len(keys)

    return holds


def pair(rule: Rule, *, may_be_equal: bool) -> Rule:
    def holds(value: Any) -> bool:
        return list_of(rule, 2, 2)(value) and (value[0] < value[1] or (may_be_equal and value[0] == value[1]))

    return holds


def mapping(required: dict[str, Rule], optional: dict[str, Rule] | None = None, total: float | None = None) -> Rule:
    rules = required | (optional or {})

    def holds(value: Any) -> bool:
        return (
            isinstance(value, dict)
            and set(required) <= set(value) <= set(rules)
            and all(rules[key](item) for key, item in value.items())
            and (total is None or math.isclose(sum(value.values()), total))
        )

    return holds


def free(key_rule: Rule, rule: Rule, total: float | None = None) -> Rule:
    def holds(value: Any) -> bool:
        return (
            isinstance(value, dict)
            and all(map(key_rule, value))
            and all(map(rule, value.values()))
            and (total is None or math.isclose(sum(value.values()), total))
        )

    return holds


# Name -> role and margin in the registry of experiments' metrics.
OUTCOMES: dict[str, tuple[str, float | None]] = {
    **dict.fromkeys(["active_days", "active", "retained", "converted", "revenue"], ("primary", None)),
    **dict.fromkeys(["events", "sessions", "engagement", "nps"], ("secondary", None)),
    "csat": ("guardrail", 0.05),
    "tickets": ("guardrail", 0.1),
}


def chosen_roles(value: Any) -> bool:
    choice = mapping({}, {"role": one_of("primary", "secondary", "guardrail"), "margin": inside})
    if not free(text, free(one_of(*OUTCOMES), choice))(value):
        return False
    for name, chosen in ((name, chosen) for outcomes in value.values() for name, chosen in outcomes.items()):
        role, margin = OUTCOMES[name]
        if chosen.get("role", role) == "guardrail" and chosen.get("margin", margin) is None:
            return False
        if chosen.get("role", role) != "guardrail" and "margin" in chosen:
            return False
    return True


def audience(value: Any) -> bool:
    keys = {"google_customer_match": ["email"], "meta_custom_audience": ["email"]}
    shape = mapping(
        {"name": name, "destination": one_of(*DESTINATIONS), "segment": one_of(*SEGMENTS)},
        {
            "key": null_or(text),
            "holdout_share": lambda share: number(share) and 0 <= share < 1,
            "exclude_segments": list_of(one_of(*SEGMENTS)),
            "max_change_share": above(0),
            "surface": one_of("email", "in_app", "onboarding", "ads", "support", "sales"),
            "metric": name,
        },
    )
    return (
        shape(value)
        and value["segment"] not in value.get("exclude_segments", [])
        and value.get("key") in (None, *keys.get(value["destination"], ["email", "user_id"]))
    )


def not_people(value: Any) -> bool:
    """A rule with a condition; whole_user only with one about events."""
    listed = list_of(lambda each: each is not None and scalar(each), 1)
    texts = list_of(text, 1)
    columns = [*USER_COLUMNS]
    conditions: dict[str, Rule] = {
        **dict.fromkeys(["user_ids", "anonymous_ids", "account_ids"], listed),
        **dict.fromkeys(["email_domains", "event_names"], texts),
        "listed_in": relation,
        "user_values": free(one_of(*columns), listed),
        "event_values": free(text, listed),
    }
    return (
        mapping({"name": name}, {**conditions, "whole_user": boolean})(value)
        and any(key in value for key in conditions)
        and (not value.get("whole_user") or bool(value.get("event_names") or value.get("event_values")))
    )


rating = null_or(pair(number, may_be_equal=False))
ORACLE: dict[str, Rule] = {
    "inputs": free(one_of(*INPUTS), off_or(relation)),
    "source_timezones": free(one_of(*INPUTS), text),
    "placeholder_ids": list_of(scalar),
    "changed_columns": one_of("report", "stop", "null"),
    "max_lag_days": free(one_of(*INPUTS), whole(0)),
    "not_people": list_of(not_people, unique="name"),
    "owners": list_of(text, unique=True),
    "traits": list_of(
        mapping(
            {"name": name, "in": name, "type": one_of("string", "list", "bigint", "double", "boolean", "date")},
            {
                **dict.fromkeys(["label", "description", "unit", "question"], text),
                "family": one_of(*FAMILIES),
                "privacy": null_or(one_of("personal", "sensitive")),
                "bands": lambda value: list_of(whole(-(10**300)), 1, unique=True)(value) and value == sorted(value),
                "values": list_of(text, 1, unique=True),
                "dated_by": one_of("as_of_date", "valid_from"),
                "if_missing": scalar,
                "reads": list_of(name, 1),
                "related": list_of(name, 1),
                "known_only_if_active": boolean,
                "window_days": whole(1),
            },
        ),
        unique="name",
    ),
    "survey_scales": mapping({}, {"csat": rating, "ces": rating, "satisfaction": rating}),
    **dict.fromkeys(
        [
            "max_rejected_share",
            "max_unknown_share",
            "max_vanished_share",
            "max_gap_share",
            "max_segment_share",
            "max_micro_share",
            "max_jaccard",
            "max_flapping_share",
            "max_membership_change",
            "max_active_users_fall",
        ],
        from_to(0, 1),
    ),
    **dict.fromkeys(
        [
            "max_gap_days",
            "session_timeout_minutes",
            "survey_valid_days",
            "feature_slice_rows",
            "max_segments",
            "review_valid_days",
            "min_segment_users",
            "flapping_periods",
            "activation_days",
            "lead_days",
            "profile_values",
            "driver_trial_days",
            "driver_retention_days",
            "driver_promotion_days",
            "driver_min_units",
            "survival_gap_days",
            "survival_horizon_days",
            "funnel_entry_days",
            "experiment_window_days",
            "campaign_window_days",
            "min_cell_users",
        ],
        whole(1),
    ),
    **dict.fromkeys(
        ["max_clock_skew_minutes", "max_gap_events", "history_periods", "arrival_overlap_days", "max_micro_segments", "driver_pairs"],
        whole(0),
    ),
    "retention_periods": whole(1, 104),
    "cohort_by": list_of(one_of("week", "month", "quarter"), least=1, unique=True),
    "retention_unit": one_of("day", "week", "month"),
    "funnel_days": null_or(whole(1)),
    "rfm": mapping({"classes": whole(2, 5), "frequency_days": null_or(whole(1)), "monetary_days": null_or(whole(1))}),
    **dict.fromkeys(["experiment_min_users", "min_test_users", "min_test_accounts"], whole(2)),
    **dict.fromkeys(["average_band", "experiment_planned_users", "audience_max_change_share"], above(0)),
    **dict.fromkeys(["max_review_drift", "cost_per_ticket"], from_to(0, math.inf)),
    "min_segment_score": from_to(0, 100),
    **dict.fromkeys(["confidence_level", "power", "sample_ratio_alarm"], inside),
    **dict.fromkeys(["winsorize_at", "driver_discovery_level", "driver_false_discovery_rate"], positive_share),
    **dict.fromkeys(["as_of_date", "accept_data_through"], null_or(date)),
    "extra_as_of_dates": list_of(date),
    "as_of_grain": one_of("day", "week", "month"),
    "week_starts_on": one_of("monday", "sunday", "saturday"),
    "reporting_timezone": text,
    "segment_lint": one_of("stop", "warn"),
    **dict.fromkeys(["include_today", "same_second_steps_follow", "lifecycle"], boolean),
    "events": list_of(
        mapping(
            {"name": text},
            {
                "is_human": boolean,
                "is_feature": boolean,
                "is_core": boolean,
                "category": null_or(text),
                "launched_on": date,
                "announced_by": text,
            },
        ),
        unique="name",
    ),
    **dict.fromkeys(
        [
            "page_view_events",
            "login_events",
            "activation_events",
            "lead_events",
            "experiment_conversion_events",
            "campaign_conversion_events",
        ],
        list_of(one_of(*EVENTS)),
    ),
    **dict.fromkeys(["lead_stages", "won_stages"], list_of(lower)),
    "control_variants": list_of(text),
    "holdout_variants": list_of(text),
    "randomization_unit": lambda value: one_of("user", "account")(value) or free(text, one_of("user", "account"))(value),
    "currency_rates": free(text, above(0)),
    "health_weights": mapping(dict.fromkeys(["usage", "breadth", "trend", "sentiment", "support"], from_to(0, math.inf)), total=100),
    "health_targets": mapping(dict.fromkeys(["active_days_28d", "distinct_features_28d", "open_tickets"], above(0))),
    "health_bands": mapping({"poor_below": number, "good_from": number}),
    "comparison_pairs": list_of(list_of(one_of(*SEGMENTS), 2, 2, unique=True), unique=True),
    "matrix_attributes": list_of(name, 3, 3, unique=True),
    "tenure_bands": list_of(whole(1), unique=True),
    "driver_targets": list_of(one_of("trial_conversion", "retention", "reactivation", "promotion"), unique=True),
    "average_traits": list_of(one_of(*NUMERIC), unique=True),
    "retention_brackets": list_of(pair(whole(1), may_be_equal=True)),
    "funnels": list_of(mapping({"name": name, "steps": list_of(one_of(*EVENTS), 2)}, {"within_days": null_or(whole(1))}), unique="name"),
    "north_star": lambda value: (
        one_of(*MEANS)(value) or mapping({"days": one_of(7, 28, 91)}, {"event": null_or(one_of(*HUMAN_EVENTS))})(value)
    ),
    "north_star_base": mapping({"days": one_of(7, 28, 91), "periods_back": whole(1)}, {"date": null_or(date)}),
    "experiment_expected_shares": null_or(free(text, free(text, positive_share, total=1))),
    "experiment_metrics": chosen_roles,
    "discovery": mapping({}, {"clusters": boolean, "churn_score": boolean}),
    "clusters": mapping({"count": whole(2, 9), "iterations": whole(1), "refit_days": whole(1)}),
    "churn": mapping({"ridge": from_to(0, math.inf), "steps": whole(1)}),
    "audiences": list_of(audience, unique="name"),
    **dict.fromkeys(["audience_suppressions", "past_deliveries", "personas"], off_or(relation)),
    "surface_consents": mapping({}, dict.fromkeys(["email", "in_app", "onboarding", "ads", "support", "sales"], null_or(name))),
}

# Every kind of value, right or wrong.
SCALARS: list[Any] = [
    "x",
    "",
    " ",
    "X",
    "1",
    "seven",
    -1,
    -0.5,
    0,
    0.0,
    0.3,
    1,
    1.0,
    1.5,
    2,
    7,
    50,
    99.9,
    100,
    101,
    104,
    105,
    10**9,
    1e300,
    math.nan,
    math.inf,
    -math.inf,
    None,
    True,
    False,
    "true",
    dt.date(2026, 1, 13),
    dt.datetime(2026, 1, 13, 10),
    "2026-01-13",
    "2026-02-30",
    "26-01-13",
    "2024-02-29",
    "soon",
    "sunday",
    "day",
    "days",
    "stop",
    "project_creatd",
    "project_created",
    "sync_completed",
    "under_53",
    "under_35",
    "mrr",
    "users",
    "segmentaton",
    "it's {{ 7 }} '",
    "trial_conversion",
]
VALUES: list[Any] = [
    *SCALARS,
    [],
    {},
    *([value] for value in SCALARS),
    [[1, 7]],
    [[7, 7]],
    [[7, 1]],
    [[1, 2, 3]],
    [1, 1],
    [1, 2],
    ["mrr", "mrr"],
    [{}],
    [{"name": "a"}],
    [{"name": "a"}, {"name": "a"}],
    [{"name": "a", "in": "users", "type": "bigint"}],
    [{"name": "a", "in": "users", "type": "bigint"}] * 2,
    [{"name": "a", "in": "users", "type": "bigint", "bands": [1, 7], "unit": "contacts", "privacy": None}],
    [{"name": "a", "in": "users", "type": "bigint", "bands": [7, 1]}],
    [{"name": "a", "in": "users", "type": "integer"}],
    [{"name": "a", "in": "users", "type": "list", "values": ["jazz", "jazz"]}],
    [{"name": "a", "in": "own_model", "type": "boolean", "reads": ["events"], "dated_by": "valid_from", "if_missing": False}],
    [{"name": "a", "in": "own_model", "type": "date", "reads": [], "dated_by": "signed_up_at"}],
    [["under_35", "new_users"]],
    [["under_35", "under_35"]],
    {"x": 1},
    {1: 2},
    {"x": {"a": 0.5, "b": 0.5}},
    {"x": {"a": 0.5}},
    {"users": "t"},
    {"users": {"source": "s", "table": "t"}},
    {"users": {"table": "t"}},
    {"users": False},
    {"usrs": "t"},
    {"csat": [1, 5]},
    {"csat": [5, 1]},
    {"csat": None},
    {"days": 7},
    {"days": 8},
    {"days": True},
    {"clusters": True},
    {"clusters": 1},
    {"source": "s", "table": "t"},
    {"USD": 1.0},
    {"USD": 0},
    {"USD": math.nan},
    [["under_35", "new_users"], ["under_35", "new_users"]],
]
# A value of each list and mapping with every part in it, to be broken part by part.
COMPLETE: dict[str, Any] = {
    **{
        name: ENTRIES[name]["default"]
        for name in ("health_weights", "health_targets", "health_bands", "clusters", "churn", "rfm", "survey_scales")
    },
    "inputs": {"users": "u", "events": {"source": "s", "table": "t"}, "invoices": False},
    "source_timezones": {"events": "Europe/Berlin"},
    "max_lag_days": {"events": 1, "invoices": 40},
    "not_people": [
        {"name": "a", "email_domains": ["acme.com"], "user_ids": ["u1", 7], "anonymous_ids": ["d"], "account_ids": [1], "listed_in": "t"},
        {"name": "b", "user_values": {"email": ["x"]}, "event_names": ["*ad*"], "event_values": {"agent": ["*bot*"]}, "whole_user": True},
    ],
    "events": [{"name": "a", "is_human": False, "is_feature": True, "category": "c"}, {"name": "b"}],
    "funnels": [
        {"name": "a", "steps": ["page_viewed", "logged_in"], "within_days": 3},
        {"name": "b", "steps": ["page_viewed", "logged_in"]},
    ],
    "north_star": "nps",
    "north_star_base": {"days": 28, "periods_back": 20, "date": "2026-01-13"},
    "experiment_expected_shares": {"e": {"a": 0.2, "b": 0.8}},
    "randomization_unit": {"e": "account", "other": "user"},
    "experiment_metrics": {"e": {"tickets": {"margin": 0.2}, "active": {"role": "guardrail", "margin": 0.1}, "nps": {"role": "primary"}}},
    "discovery": {"clusters": True, "churn_score": False},
    "currency_rates": {"USD": 1.0, "EUR": 1.08},
    "surface_consents": {"email": "marketing_consent", "in_app": None},
    "matrix_attributes": ["plan", "industry", "country"],
    "cohort_by": ["week", "quarter"],
    "retention_brackets": [[1, 7], [8, 8]],
    "comparison_pairs": [["under_35", "new_users"], ["new_users", "promoters"]],
    "audiences": [
        {
            "name": "a",
            "destination": "hubspot",
            "segment": "promoters",
            "key": "email",
            "holdout_share": 0.1,
            "exclude_segments": ["under_35"],
            "max_change_share": 2,
            "surface": "in_app",
            "metric": "retained",
        },
        {"name": "b", "destination": "meta_custom_audience", "segment": "new_users"},
    ],
}


def broken(value: Any, change: Callable[[Any], None] | None = None) -> Iterator[Any]:
    """The value with each of its parts, at any depth, replaced by every scalar, taken away, or joined by one that nobody asked for."""
    if isinstance(value, dict):
        for key in value:
            yield {other: item for other, item in value.items() if other != key}
            yield {(f"{other}s" if other == key else other): item for other, item in value.items()}
            for part in broken(value[key]):
                yield value | {key: part}
        yield value | {"wght": 1}
    elif isinstance(value, list):
        for position, entry in enumerate(value):
            yield value[:position] + value[position + 1 :]
            yield [*value, copy.deepcopy(entry)]
            for part in broken(entry):
                yield value[:position] + [part] + value[position + 1 :]
    if not isinstance(value, (dict, list)):
        yield from SCALARS
    yield from ([], {}, [[]], "x", 7)


def shown(value: Any) -> str:
    """A value as messages have it."""
    if isinstance(value, dict):
        return "{" + ", ".join(f"{json.dumps(str(key))}: {shown(item)}" for key, item in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(shown, value)) + "]"
    return json.dumps(str(value) if isinstance(value, dt.date) else value)


def parts_of(value: Any) -> Iterator[Any]:
    """A value and everything inside of it."""
    yield value
    for part in value if isinstance(value, list) else [*value, *value.values()] if isinstance(value, dict) else []:
        yield from parts_of(part)


def check(variable: str, value: Any) -> None:
    """No message for what is allowed; else messages that name the variable, what is wrong and what is allowed."""
    problems = MACROS["_variable_problems"](ENTRIES[variable], value, {})
    assert bool(problems) != ORACLE[variable](value), (variable, value, problems)
    values = {shown(part) for part in parts_of(value)}
    for problem in problems:
        start, got = re.fullmatch(
            rf"(vars: (?:`{variable}`|{variable}: .+?) (?:must (?:be|occur|add up|not hold) .+?|is required; it must be .+|unknown key .+?)|"
            rf"vars: {variable}: .*?unknown key `.+`)(?:, got (.+?)(?: again|: nobody would be left)?)?(?:; .*)?[.?]",
            problem,
            flags=re.DOTALL,
        ).groups()
        has_no_value = any(words in start for words in ("is required", "unknown key", "must add up", "must not hold its own segment"))
        assert has_no_value or got in values, (variable, value, problem)
        if not isinstance(value, (dict, list)):
            assert start.startswith(f"vars: `{variable}` must be ") and got == shown(value), problem


def test_the_oracle_knows_every_variable_and_every_default_is_allowed() -> None:
    assert sorted(ORACLE) == sorted(ENTRIES) and len(ENTRIES) >= 80
    for variable, entry in ENTRIES.items():
        assert set(entry) >= {"name", "section", "default", "type", "unit", "description"} and entry["description"].endswith("."), variable
        assert ORACLE[variable](entry["default"]), variable
    assert all(ORACLE[variable](value) for variable, value in SAMPLE.items())


def test_every_kind_of_value_for_every_variable() -> None:
    allowed = 0
    for variable in ENTRIES:
        accepted = [value for value in VALUES if ORACLE[variable](value)]
        allowed += len(accepted)
        assert len(accepted) + (variable in COMPLETE) > 0 and len(accepted) < len(VALUES) / 2 + 10, variable
        for value in VALUES:
            check(variable, value)
    assert allowed > 600


@pytest.mark.parametrize("variable", COMPLETE)
def test_every_part_of_a_list_or_mapping(variable: str) -> None:
    assert ORACLE[variable](COMPLETE[variable])
    cases = list(broken(COMPLETE[variable]))
    assert len(cases) > 50
    for value in cases:
        check(variable, value)


# What a person reads: variable, value, messages.
TOLD: list[tuple[str, Any, list[str]]] = [
    ("max_gap_days", 0, ["vars: `max_gap_days` must be a whole number ≥ 1, got 0."]),
    ("retention_periods", True, ["vars: `retention_periods` must be a whole number from 1 to 104, got true."]),
    ("confidence_level", 1, ["vars: `confidence_level` must be a number above 0 and below 1, got 1."]),
    ("winsorize_at", "0.9", ['vars: `winsorize_at` must be a number above 0 and at most 1, got "0.9".']),
    ("cost_per_ticket", math.nan, ["vars: `cost_per_ticket` must be a number ≥ 0, got NaN."]),
    ("as_of_date", "2026-02-30", ['vars: `as_of_date` must be a date (YYYY-MM-DD) or null, got "2026-02-30".']),
    ("as_of_grain", "weeks", ["vars: `as_of_grain` must be one of day, week, month, got \"weeks\"; did you mean 'week'?"]),
    ("same_second_steps_follow", "yes", ['vars: `same_second_steps_follow` must be true or false, got "yes".']),
    ("control_variants", "control", ['vars: `control_variants` must be a list, each a text, got "control".']),
    (
        "activation_events",
        ["project_created", "project_creatd"],
        ["vars: activation_events: entry 2 must be an event of `vars: events`, got \"project_creatd\"; did you mean 'project_created'?"],
    ),
    (
        "average_traits",
        ["mmr"],
        ["vars: average_traits: entry 1 must be a numeric column of user_features (docs/features.md), got \"mmr\"; did you mean 'mrr'?"],
    ),
    ("north_star", {"event": "task_completed", "days": 28}, []),
    ("north_star", "core_actions_91d", []),
    (
        "north_star",
        "core_action_7d",
        [
            "vars: `north_star` must be the name of a metric (macros/registries/metrics.sql) or a mapping with event, days, got "
            "\"core_action_7d\"; did you mean 'core_actions_7d'?"
        ],
    ),
    (
        "north_star",
        "nrr_91d",
        [
            "vars: `north_star` must be a metric that is a mean over users, so that its change can be split among groups of them, "
            'got "nrr_91d"; that is of kind ratio.'
        ],
    ),
    (
        "north_star",
        {"event": "sync_completed", "days": 7},
        [
            "vars: north_star: `event` must be a human event of `vars: events` or null, got \"sync_completed\"; did you mean 'task_completed'?"
        ],
    ),
    (
        "inputs",
        {"evnets": "t"},
        ["vars: inputs: each key must be an input of the contract (docs/your-data.md), got \"evnets\"; did you mean 'events'?"],
    ),
    (
        "health_weights",
        {"usage": 40, "breadth": 20, "trend": 20, "sentiment": 10, "support": 9},
        ["vars: `health_weights` must add up to 100, got 99."],
    ),
    (
        "randomization_unit",
        "accounts",
        ['vars: `randomization_unit` must be user or account or a mapping of a text to one of user, account, got "accounts".'],
    ),
    (
        "randomization_unit",
        {"e": "accounts"},
        ["vars: randomization_unit: `e` must be one of user, account, got \"accounts\"; did you mean 'account'?"],
    ),
    (
        "experiment_metrics",
        {"e": {"ticket": {"margin": 0.2}}},
        ["vars: experiment_metrics: e: each key must be a metric of experiment_metrics(), got \"ticket\"; did you mean 'tickets'?"],
    ),
    (
        "experiment_metrics",
        {"e": {"active": {"role": "guardrail"}, "nps": {"margin": 0.2}}},
        [
            "vars: experiment_metrics: e: active: `margin` is required; it must be a number above 0 and below 1, since this is a guardrail.",
            "vars: experiment_metrics: e: nps: `margin` must be left out for the role secondary, got 0.2; or add `role: guardrail`.",
        ],
    ),
    ("experiment_expected_shares", {"e": {"a": 0.5, "b": 0.25}}, ["vars: experiment_expected_shares: `e` must add up to 1, got 0.75."]),
    (
        "churn",
        {"ridges": 1, "steps": 8},
        ["vars: churn: `ridge` is required; it must be a number ≥ 0.", "vars: churn: unknown key `ridges`; did you mean `ridge`?"],
    ),
    (
        "funnels",
        [{"name": "a", "steps": ["logged_in"]}, {"name": "a", "steps": ["logged_in", "page_viewed"]}],
        [
            'vars: funnels: a: `steps` must be a list of at least 2 entries, each an event of `vars: events`, got ["logged_in"].',
            'vars: funnels: each `name` must occur once, got "a" again.',
        ],
    ),
    ("tenure_bands", [28, 28], ["vars: tenure_bands: each entry must occur once, got 28 again."]),
    (
        "retention_brackets",
        [[7, 1]],
        ["vars: retention_brackets: entry 1 must be a list of 2 entries in order, each a whole number ≥ 1, got [7, 1]."],
    ),
    (
        "audiences",
        [{"name": "a", "destination": "hubspot", "segment": "promoters", "exclude_segments": ["promoters"]}],
        ['vars: audiences: a: `exclude_segments` must not hold its own segment "promoters": nobody would be left.'],
    ),
]


@pytest.mark.parametrize("variable, value, told", TOLD)
def test_messages(variable: str, value: Any, told: list[str]) -> None:
    assert MACROS["_variable_problems"](ENTRIES[variable], value, {}) == told


# --- All at once --------------------------------------------------------------------------------------------------------

WRONG = {"max_gap_days": "x", "power": 2, "login_events": ["logged_on"], "clusters": []}
WRONG_MESSAGES = [
    'vars: `max_gap_days` must be a whole number ≥ 1, got "x".',
    "vars: login_events: entry 1 must be an event of `vars: events`, got \"logged_on\"; did you mean 'logged_in'?",
    "vars: `power` must be a number above 0 and below 1, got 2.",
    "vars: `clusters` must be a mapping with count, iterations, refit_days, got [].",
]


def test_all_problems_of_all_registries_are_one_message() -> None:
    texts = registries.texts_of(ROOT)
    file = "macros/registries/features.sql"
    texts[file] = texts[file].replace("{'name': 'gender', 'family': 'demographic'", "{'name': 'gender', 'family': 'democratic'", 1)
    macros = loaded_macros(texts, SAMPLE | WRONG)
    for ask in (macros["check_registries"], lambda: macros["setting"]("power"), lambda: macros["setting"]("login_events")):
        with pytest.raises(ValueError) as problem:
            ask()
        lines = str(problem.value).split("\n    ")
        assert lines[:4] == WRONG_MESSAGES and lines[4].startswith("features: gender: `family` must be one of ") and len(lines) == 6
        assert lines[5] == "docs/variables.md lists every variable, with its default and what it allows."
    # What is right can be asked for.
    assert macros["setting"]("max_gap_events") == 10


def test_wrong_events_are_reported_and_not_those_that_refer_to_them() -> None:
    for value in ("x", ["x"], None):
        macros = loaded_macros(registries.texts_of(ROOT) | macro_texts(ROOT, "macros/activity"), SAMPLE | {"events": value})
        assert all("vars: `events`" in problem or "vars: events: " in problem for problem in macros["_registry_problems"]())
        with pytest.raises(ValueError, match="vars: (`events`|events: )"):
            macros["listed_events"]()


def test_dbt_reports_them_at_parse(macro_project: Warehouse) -> None:
    (macro_project.folder / "models/one.sql").write_text(
        "select {{ segmentation.setting('survey_valid_days') - 1 }} as days", encoding="utf-8"
    )
    macro_project.configure(**OWN_EVENTS)
    assert macro_project.run("parse")
    macro_project.configure(survey_valid_days="a year", max_jaccard=[0.9])
    result = macro_project.run("parse")
    assert not result and 'vars: `survey_valid_days` must be a whole number ≥ 1, got "a year".' in result.output
    assert "vars: `max_jaccard` must be a number from 0 to 1, got [0.9]." in result.output


# --- One home -----------------------------------------------------------------------------------------------------------


def test_variables_are_read_by_setting_and_each_is_read() -> None:
    bare, read = [], set()
    for folder in ("macros", "models", "tests"):
        for path in (ROOT / folder).rglob("*.sql"):
            sql = re.sub(r"{#.*?#}", "", path.read_text(encoding="utf-8"), flags=re.DOTALL)
            read |= set(re.findall(r"(?<!current_)(?<!current)_?setting\(['\"](\w+)", sql))
            if path.parent.name != "registries" and re.search(r"(?<![\w.])var\(", sql):
                bare.append(path)
    assert bare == []
    read |= {"health_weights", "health_targets", "traits"}
    assert sorted(set(ENTRIES) - read) == ["max_membership_change"], "which scripts/segment_diff.py reads"
    assert sorted(read - set(ENTRIES)) == []


def test_a_name_without_an_entry_is_reported() -> None:
    with pytest.raises(
        ValueError,
        match="setting: `name` must be a variable of macros/registries/variables.sql, got \"max_gap_dayz\"; did you mean 'max_gap_days'?",
    ):
        MACROS["setting"]("max_gap_dayz")


def run_generator(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, str(ROOT / "scripts/generate_variables.py"), "--root", str(folder), *arguments],
        capture_output=True,
        text=True,
        check=False,
    )


def test_the_page_is_what_the_registry_says_and_a_misspelled_variable_is_reported(tmp_path: Path) -> None:
    (tmp_path / "macros").symlink_to(ROOT / "macros")
    (tmp_path / "docs").mkdir()
    project = yaml.safe_load((ROOT / "dbt_project.yml").read_text(encoding="utf-8"))
    (tmp_path / "dbt_project.yml").write_text(yaml.safe_dump(project), encoding="utf-8")
    result = run_generator(tmp_path, "--check")
    assert (result.returncode, result.stderr) == (
        1,
        "docs/variables.md differs from macros/registries/variables.sql; run scripts/generate_variables.py without --check\n",
    )
    assert run_generator(tmp_path).returncode == 0
    page = (tmp_path / "docs/variables.md").read_text(encoding="utf-8")
    assert page == (ROOT / "docs/variables.md").read_text(encoding="utf-8")
    assert re.findall(r"^\| `(\w+)` \|", page, flags=re.MULTILINE) == list(ENTRIES)
    project["vars"] |= {"max_gap_dayz": 30, "power": 80}
    (tmp_path / "dbt_project.yml").write_text(yaml.safe_dump(project), encoding="utf-8")
    result = run_generator(tmp_path, "--check")
    assert result.returncode == 2 and result.stderr.split("\n    ") == [
        "vars: `power` must be a number above 0 and below 1, got 80.",
        "vars: unknown variable `max_gap_dayz` in dbt_project.yml; did you mean `max_gap_days`?\n",
    ]


@pytest.mark.parametrize(
    "north_star, events, name, core",
    [
        ({"event": "exported", "days": 28}, [{"name": "exported"}], "core_actions_28d", ["exported"]),
        # The event of the old form goes before those that are marked.
        ({"event": "exported", "days": 7}, [{"name": "exported"}, {"name": "other", "is_core": True}], "core_actions_7d", ["exported"]),
        ({"event": None, "days": 91}, [], "events_91d", []),
        ({"days": 28}, [], "events_28d", []),
        (
            "core_actions_91d",
            [{"name": "a", "is_core": True}, {"name": "b", "is_core": True, "is_human": False}],
            "core_actions_91d",
            ["a"],
        ),
        ("active_days_7d", [], "active_days_7d", []),
    ],
)
def test_the_north_star_is_a_metric_in_either_form(north_star: Any, events: list[Any], name: str, core: list[str]) -> None:
    """Once among the metrics, even if its window is not one of the list's; and without core events their counts are not metrics."""
    macros = registries.macros_of(ROOT, {"north_star": north_star, "events": events})
    found = [entry["name"] for entry in macros["metrics"]()]
    assert (macros["_north_star_name"](), macros["core_events"](), found.count(name)) == (name, core, 1)
    assert len(found) == len(set(found)) and any(each.startswith("core_actions") for each in found) == bool(core)
