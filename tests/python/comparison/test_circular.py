"""Which metrics a segment differs in by its own definition: worked out from the registry of features, whatever the definition looks like."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cache
from typing import Any

import pytest

import registries
from render_macros import loaded_macros, macro_texts
from warehouse import ROOT

TEXTS = macro_texts(ROOT)
NODES: dict[str, Any] = {}
SAMPLE = registries.set_variables(ROOT)
MACROS = loaded_macros(
    TEXTS,
    {
        "inputs": SAMPLE["inputs"],
        "events": [{"name": "login", "is_human": True, "is_feature": True}],
        **{name: ["login"] for name in SAMPLE if name.endswith("_events")},
        **{name: value for name, value in SAMPLE.items() if name.endswith("_stages")},
    },
    nodes=NODES,
)
MACROS["segmentation"]["registered_segments"] = lambda: ["tested", "upstream"]
FEATURES = {entry["name"]: entry for entry in MACROS["features"]()}
METRICS = {entry["name"]: entry for entry in MACROS["metrics"]()}
NO_META = {"label": "Tested"}
CHAINS = {
    "stg_events": [],
    "user_events": ["stg_events", "as_of_dates"],
    "user_days": ["user_events"],
    "stg_support_tickets__checked": [],
    "stg_support_tickets": ["stg_support_tickets__checked"],
    "stg_invoices": [],
    "stg_survey_responses": [],
    "stg_campaign_messages": [],
    "stg_users": [],
    "as_of_dates": ["stg_events"],
    "user_dates": ["as_of_dates", "stg_users"],
    "user_features": ["user_days", "stg_invoices"],
    "user_segments": ["user_features"],
    "rfm_segments": ["user_features"],
}


def node(name: str, code: str, reads: Iterable[str] = (), meta: dict[str, Any] | None = None) -> dict[str, Any]:
    return {
        "resource_type": "model",
        "name": name,
        "unique_id": f"model.segmentation.{name}",
        "fqn": ["segmentation", "segments", "behavioral", name],
        "raw_code": code,
        "config": {"meta": meta or NO_META},
        "depends_on": {"nodes": [f"model.segmentation.{other}" for other in reads]},
    }


def by_criteria(
    name: str, *expressions: str, events: bool = False, segments: Iterable[str] = (), ranked: Iterable[str] = ()
) -> dict[str, Any]:
    """A segment as segment() leaves it behind."""
    own = {
        "expressions": {f"c{number}": sql for number, sql in enumerate(expressions)},
        "texts": {f"c{number}": sql for number, sql in enumerate(expressions)},
        "reads_sql": list(ranked),
        "reads_activity": events,
        "reads_segments": list(segments),
    }
    code = "{{ segment(" + ", ".join(f'c{number} = "{sql}"' for number, sql in enumerate(expressions)) + ") }}"
    return node(name, code, meta={"label": "Tested", "segment": own})


def circular(*segments: dict[str, Any]) -> set[str]:
    """The metrics that are circular for the segment `tested`."""
    NODES.clear()
    nodes = [*segments, *(node(name, "select plan, mrr" if name == "rfm_segments" else "", reads) for name, reads in CHAINS.items())]
    NODES.update({one["unique_id"]: one for one in nodes})
    return set(MACROS["circular_metrics"](["tested"], list(METRICS.values()))["tested"])


def plain(sql: str, *reads: str) -> set[str]:
    return circular(node("tested", sql, reads))


def stem(name: str) -> str:
    return re.sub(r"(_previous)?_\d+d(_ago)?$", "", name)


@cache
def read_by(name: str) -> frozenset[str]:
    """The features that a feature is computed from, itself included; tenure only decides whose value is known."""
    found = {name}
    for other in FEATURES[name]["reads"]:
        if other in FEATURES and other != "tenure_days":
            found |= read_by(other)
    return frozenset(found)


def features_of(metric: dict[str, Any]) -> set[str]:
    sql = re.sub("'[^']*'", "", " ".join(metric.get(part, "") for part in ("expression", "numerator", "denominator")))
    return {word for word in re.findall("[a-z_][a-z0-9_]*", sql) if word in FEATURES} | (
        {"account_users"} if metric["level"] == "account" else set()
    )


def groups(names: Iterable[str]) -> set[str]:
    return {group for name in names for group in FEATURES[name]["related"] or []}


def expected(feature: str) -> set[str]:
    """By graph, where the macros go by text."""
    chosen = read_by(feature)
    chosen_stems = {stem(name) for name in chosen}
    # Windows of one count are one subject.
    chosen = {name for name in FEATURES if stem(name) in chosen_stems}
    chosen_groups = groups(chosen) | ({"activity"} if any(FEATURES[name]["known_only_if_active"] for name in chosen) else set())
    found = set()
    for name, metric in METRICS.items():
        measured = {part for one in features_of(metric) for part in read_by(one)}
        if chosen_stems & {stem(one) for one in measured} or chosen_groups & groups(
            one for one in FEATURES if stem(one) in {stem(part) for part in measured}
        ):
            found.add(name)
    return found


@pytest.mark.parametrize("feature", [name for name in FEATURES if name not in ("tenure_days", "signup_week")])
def test_a_definition_by_any_feature_is_found_however_it_is_written(feature: str) -> None:
    want = expected(feature)
    written = {
        "is not null": circular(by_criteria("tested", f"{feature} is not null")),
        "a calculation": circular(by_criteria("tested", f"coalesce({feature}, 1) * 2 > 3")),
        "the top": circular(
            by_criteria("tested", "rank_1 <= 20", ranked=[feature]) | {"raw_code": f"{{{{ segment(c = in_top_share('{feature}', 0.2)) }}}}"}
        ),
        "another segment": circular(
            by_criteria("tested", "upstream.is_member", segments=["upstream"]), by_criteria("upstream", f"{feature} = 'x'")
        ),
        "another segment in plain SQL": circular(
            node("tested", "select user_id from {{ ref('upstream') }}", ["upstream"]), by_criteria("upstream", f"{feature} = 'x'")
        ),
        "plain SQL": plain(f"select user_id, as_of_date, {feature} > 3 as is_member from {{{{ ref('user_features') }}}}", "user_features"),
        "capitals": plain(f"SELECT user_id, {feature.upper()} > 3 AS is_member FROM {{{{ ref('user_features') }}}}", "user_features"),
    }
    assert written == dict.fromkeys(written, want)


def test_definitions_that_found_what_they_were_made_of() -> None:
    """Each was once a finding with a q far below 0.1."""
    activity = {"active_users_28d", "active_days_28d", "sessions_28d", "health_score", "stickiness", "events_28d"}
    for sql in (
        "primary_os = 'ios'",
        "primary_device = 'mobile'",
        "day_part = 'morning'",
        "inferred_affinity = 'planning'",
        "app_version = '2'",
    ):
        found = circular(by_criteria("tested", sql))
        assert activity <= found and not {"mrr", "nps", "csat_score", "tickets_91d", "activation_rate"} & found, sql
    assert {"mrr", "revenue_91d", "arpu_91d", "paying_users", "nrr_91d"} <= circular(by_criteria("tested", "account_users >= 10"))
    assert not circular(by_criteria("tested", "country = 'DE'", "role = 'designer'", "industry = 'retail'", "crm_vendor = 'salesforce'"))
    # Criteria over events say who was active and who began.
    found = circular(by_criteria("tested", "count_1 >= 3", events=True))
    assert activity | {"activation_rate"} <= found and not {"mrr", "nps"} & found
    # Both are asked; neither is computed from the other.
    assert "csat_score" not in circular(by_criteria("tested", "nps_score >= 9")) and "nps" in circular(
        by_criteria("tested", "nps_score >= 9")
    )
    # What needs an active user to be measured is not chosen by activity for that.
    assert "days_to_first_use" not in circular(by_criteria("tested", "active_days_28d > 3"))


def test_plain_sql_is_about_what_its_models_read() -> None:
    assert {"active_users_28d", "sessions_28d", "activation_rate", "health_score"} <= plain("select user_id", "user_days")
    assert {"active_users_28d", "sessions_28d", "activation_rate", "health_score"} <= plain("select user_id", "user_events", "user_dates")
    assert {"tickets_91d", "health_score"} <= plain("select user_id", "stg_support_tickets", "user_dates")
    assert {"revenue_91d", "arpu_91d", "mrr"} <= plain("select user_id", "stg_invoices")
    assert "nps" in plain("select user_id", "stg_survey_responses") and "mrr" not in plain("select user_id", "stg_survey_responses")
    assert "click_through_rate_91d" in plain("select user_id", "stg_campaign_messages")
    # A mart of ours is about what it names; dates and users are about nothing.
    assert "mrr" in plain("select user_id", "rfm_segments") and "nps" not in plain("select user_id", "rfm_segments")
    assert not plain("select user_id, country = 'DE' as is_member", "stg_users", "user_dates", "as_of_dates", "user_segments")


WINDOWS = {7: "active_days_7d", 28: "sessions_28d", 91: "tickets_91d"}


@pytest.mark.parametrize(
    ("sql", "flagged"),
    [
        ("tenure_days < 60", {91}),
        ("60 > tenure_days", {91}),
        ("tenure_days<=13", {28, 91}),
        ("tenure_days < 6", {7, 28, 91}),
        ("tenure_days between 0 and 27", {28, 91}),
        ("tenure_days between 28 and 59", {91}),
        ("tenure_days >= 28 and tenure_days < 60", {91}),
        ("tenure_days < 365", set()),
        ("tenure_days >= 28", set()),
        ("28 <= tenure_days", set()),
        ("not (tenure_days >= 60)", {7, 28, 91}),
        ("tenure_days / 7 < 4", {7, 28, 91}),
        ("4 * 7 > tenure_days", {7, 28, 91}),
        ("tenure_days < 5 * 400", {7, 28, 91}),
        ("tenure_days in (1, 2, 3)", {7, 28, 91}),
        ("signup_week >= date '2026-09-07'", {7, 28, 91}),
        ("tenure_days = 30", {91}),
        ("country = 'DE'", set()),
    ],
)
def test_who_cannot_fill_a_window_differs_in_it(sql: str, flagged: set[int]) -> None:
    for found in (
        circular(by_criteria("tested", sql)),
        circular(by_criteria("tested", "upstream.is_member", segments=["upstream"]), by_criteria("upstream", sql)),
        plain(f"select user_id, {sql} as is_member from user_features -- by tenure_days", "user_features"),
    ):
        assert {days for days, metric in WINDOWS.items() if metric in found} == flagged, sql


def test_what_a_new_feature_reads_is_followed_without_being_repeated_in_its_entry(monkeypatch: pytest.MonkeyPatch) -> None:
    """Today's features also say by `related` what they read. One that does not is found all the same, and a text is no count of its window."""

    def added(name: str, reads: list[str], kind: str, window: int | None = None) -> dict[str, Any]:
        return FEATURES["mrr"] | {
            "name": name,
            "reads": reads,
            "type": kind,
            "window_days": window,
            "related": None,
            "known_only_if_active": False,
        }

    registry = [
        *FEATURES.values(),
        added("seats_idle", ["tickets_91d"], "double"),
        added("seat_score", ["seats_idle"], "double"),
        added("usual_door", ["tickets_91d"], "string", 91),
    ]
    monkeypatch.setitem(MACROS["segmentation"], "features", lambda: registry)
    assert "tickets_91d" in circular(by_criteria("tested", "seat_score > 3"))
    assert "nps" not in circular(by_criteria("tested", "seat_score > 3"))
    own = [METRICS["nps"] | {"name": name, "expression": name} for name in ("seat_score", "usual_door")]
    NODES.clear()
    NODES.update({"model.segmentation.tested": by_criteria("tested", "tenure_days < 60")})
    assert MACROS["circular_metrics"](["tested"], own) == {"tested": ["seat_score"]}
