"""The lint of segments: which files stop a build before anything is computed, and what the message says to do."""

from __future__ import annotations

import datetime
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import new_segment
from registries import project_variables
from render_macros import loaded_macros, macro_texts
from warehouse import ROOT, Inputs, Warehouse

REGISTRY = "macros/registries/segments.sql"

# One run of dbt answers all cases: the rules are a pure macro.
ASK = """{% macro lint_cases(cases) %}
    {% set answers = {} %}
    {% for name, case in cases.items() %}
        {% do answers.update({name: segmentation._segment_lint_problems(case.entries, case.max_segments)}) %}
    {% endfor %}
    {% do print('ANSWERS' ~ tojson(answers)) %}
{% endmacro %}
"""


# What a segment in focus needs.
OBJECTIVE = {"objective": "Keep customers", "metric": "retained_users_28d", "target": 0.6, "target_date": "2027-03-31"}


def entry(name: str = "power_users", **changes: Any) -> dict[str, Any]:
    """A segment without a problem, but for the changes."""
    fields = {
        "name": name,
        "path": f"models/segments/behavioral/{name}.sql",
        "type": "behavioral",
        "tier": "micro",
        "label": "Power users",
        "owner": "growth",
        "goal": "Learn what the habitual core does",
        "action": "Invite to the beta program",
        "reviewed_on": "2026-10-01",
        "definition_hash": "hash of " + name,
        "expressions": {"named": f"(plan = '{name}')"},
        "reads_segments": [],
    }
    if changes.get("tier") == "primary":
        fields |= OBJECTIVE
    fields.update(changes)
    return {key: value for key, value in fields.items() if value != "missing"}


def asks(*criteria: str, **changes: Any) -> dict[str, Any]:
    """A segment with these criteria."""
    return entry(expressions={f"c{number}": f"({sql})" for number, sql in enumerate(criteria, 1)}, **changes)


SENSITIVE = ["age_band", "gender", "values"]


def uses(*criteria: str, **changes: Any) -> dict[str, Any]:
    """A segment with these criteria over models with sensitive columns."""
    return asks(*criteria, **{"sensitive_columns": SENSITIVE, **changes})


def tier(number: int) -> list[dict[str, Any]]:
    """So many primary segments."""
    return [entry(name, tier="primary") for name in ["fresh", "busy", "quiet", "away", "lost", "back"][:number]]


# What one segment, or a list of them, is told: texts that must occur in the only message; none: there is no message.
CASES: dict[str, tuple[Any, list[str] | None]] = {
    "a good segment": (entry(), None),
    # --- What a person must write
    **{f"no {field}": (entry(**{field: "missing"}), [f"{field}: it is missing"]) for field in ["label", "owner", "goal", "action"]},
    **{f"empty {field}": (entry(**{field: ""}), [f"{field}: it is missing"]) for field in ["label", "owner", "goal", "action"]},
    "null goal": (entry(goal=None), ["goal: it is missing"]),
    "blank owner": (entry(owner="  "), ["owner: '' is a placeholder"]),
    "owner is a list": (entry(owner=["growth"]), ["owner: it must be a text"]),
    **{
        f"placeholder {text}": (entry(owner=text), [f"owner: '{text}' is a placeholder", "'owner': 'growth'"])
        for text in ["TODO", "tbd", "T.B.D.".replace(".", ""), "n/a", "?", "...", "-", "nobody", "todo: ask Ann", "FIXME", "xxx"]
    },
    "action is a placeholder": (entry(action="to be decided"), ["action: 'to be decided' is a placeholder"]),
    "an owner called Todor": (entry(owner="Todor's team"), None),
    **{
        f"vague {text}": (entry(goal=text), [f"goal: '{text}' is vague"])
        for text in [
            "monitor",
            "know them",
            "Grow exports",
            "Learn more about these users",
            "Keep an eye on them",
            "understand our customers better",
        ]
    },
    "vague action": (entry(action="Engage them"), ["action: 'Engage them' is vague", "'action': 'Invite to the beta program'"]),
    "short but telling": (entry(action="Interview five monthly"), None),
    "a goal in Japanese": (entry(goal="解約を防ぐ"), None),
    "a label that says nothing": (entry(label="Segment 1"), ["label: 'Segment 1' does not say who"]),
    "the label New": (entry(label="New"), None),
    "label with a quote": (entry(label='It\'s "them" {{ braces }}'), None),
    # --- Names
    **{
        f"name {name}": (entry(name), ["name: it does not say who these users are"])
        for name in [
            "segment_1",
            "segment1",
            "test",
            "temp",
            "users",
            "misc",
            "new_segment",
            "group_a",
            "test_users",
            "my_segment_v2",
            "tmp_2",
        ]
    },
    **{
        f"name {name}": (entry(name), None)
        for name in ["new_users", "under_35", "testers_of_beta", "power_users", "listeners", "trial_a_b", "l28_loyal"]
    },
    **{
        f"name {name}": (entry(name), ["name: it is not in lower snake case", f"`{better}`"])
        for name, better in [
            ("PowerUsers", "power_users"),
            ("power-users", "power_users"),
            ("power__users", "power_users"),
            ("Power", "power"),
        ]
    },
    # --- Folder, tier, review
    "another folder": (entry(type="lifecycle"), ["type: unknown folder 'lifecycle'", "geographic"]),
    "no folder": (entry(type="segments"), ["type: unknown folder 'segments'"]),
    "no tier": (entry(tier="missing"), ["tier: it must be 'primary'", "got null"]),
    "another tier": (entry(tier="Micro"), ["tier:", 'got "Micro"']),
    "a tier of the lifecycle alone": (
        entry(tier="lifecycle"),
        ["tier: it must be 'primary' (one of the three to five in focus) or 'micro'"],
    ),
    "the lifecycle": (entry(tier="missing", lifecycle=True), None),
    "the lifecycle, micro": (
        entry(lifecycle=True),
        ["tier: it must be 'primary'", 'absent, since it is part of the lifecycle, got "micro"'],
    ),
    "the lifecycle, in words": (entry(lifecycle="yes"), ["lifecycle: it must be true", 'got "yes"']),
    # --- Goals with numbers
    **{
        f"in focus without {field}": (
            [*tier(2), entry(tier="primary", **{field: "missing"})],
            [f"{field}: missing, and the segment is in focus"],
        )
        for field in OBJECTIVE
    },
    "a draft for the focus": (entry(tier="primary", status="draft", **dict.fromkeys(OBJECTIVE, "missing")), None),
    "micro with a target": (entry(**OBJECTIVE), None),
    "micro with half a target": (entry(metric="mrr", target=9), ["objective, target_date: missing beside metric, target"]),
    "micro with a metric alone": (entry(metric="mrr"), ["objective, target, target_date: missing beside metric."]),
    **{
        f"target {target!r} of {metric}": (entry(**OBJECTIVE | {"target": target, "metric": metric}), told)
        for target, metric, told in [
            (0, "retained_users_28d", None),
            (1, "retained_users_28d", None),
            (60, "retained_users_28d", ["target: `retained_users_28d` is a share of users, from 0 to 1, got 60."]),
            (-0.1, "churn_rate_91d", ["target: `churn_rate_91d` is a share of accounts, from 0 to 1, got -0.1."]),
            (60, "mrr", None),
            (-20, "nps", None),
            ("60 %", "mrr", ['target: it must be a number, got "60 %"']),
            (True, "mrr", ["target: it must be a number, got true"]),
            (0.6, "retained_user_28d", ["metric: it must be a metric", "did you mean 'retained_users_28d'?"]),
        ]
    },
    "an objective to be written": (
        entry(**OBJECTIVE | {"objective": "TODO"}),
        ['objective: it must say in words what is to be reached, got "TODO"'],
    ),
    "a target without a day": (
        entry(**OBJECTIVE | {"target_date": "soon"}),
        ["target_date: it must be the day to reach the target by", 'got "soon"'],
    ),
    "two owners more": (entry(owner_product="growth", owner_gtm="sales"), None),
    "an owner to be found": (entry(owner_gtm="tbd"), ['owner_gtm: it must be the name of a team or person, got "tbd"']),
    # --- Status
    **{f"status {status}": (entry(status=status), None) for status in ["active", "draft"]},
    "another status": (entry(status="paused"), ["status: it must be 'active', 'draft' or 'retired', got \"paused\""]),
    "retired": (entry(status="retired", retired_on="2026-05-31"), None),
    **{
        f"retired on {day}": (entry(status="retired", retired_on=day), ["retired_on: a retired segment needs its last day"])
        for day in ["missing", "2026-02-30", "last year"]
    },
    "a last day without retirement": (entry(retired_on="2026-05-31"), ["retired_on: only a segment with 'status': 'retired' has one"]),
    **{
        f"the lifecycle, {status}": (
            entry(tier="missing", lifecycle=True, status=status, retired_on="2026-05-31" if status == "retired" else "missing"),
            ["status: a segment of the lifecycle must be active"],
        )
        for status in ["draft", "retired"]
    },
    "defined by a draft": (
        [entry("ios_fans", status="draft"), entry("mac_fans", reads_segments=["ios_fans"])],
        ["Segment `mac_fans`", "status: it is defined by `ios_fans`, which is a draft."],
    ),
    "defined by what is retired": (
        [entry("ios_fans", status="retired", retired_on="2026-05-31"), entry("mac_fans", reads_segments=["ios_fans"])],
        ["status: it is defined by `ios_fans`, which is retired."],
    ),
    "a draft defined by a draft": (
        [entry("ios_fans", status="draft"), entry("mac_fans", status="draft", reads_segments=["ios_fans"])],
        None,
    ),
    "six primary, one a draft": ([*tier(5), entry("lost_ones", tier="primary", status="draft")], None),
    "51 segments, one a draft": ([*[entry(f"fans_of_{number}x") for number in range(50)], entry("drafted", status="draft")], None),
    "the lifecycle in focus": ([*tier(2), entry("fresh_ones", tier="primary", lifecycle=True)], None),
    **{
        f"reviewed on {day}": (entry(reviewed_on=day), ["reviewed_on: it must be the date"])
        for day in ["missing", "", "2026-13-01", "2026-02-29", "2026-2-1", "01.02.2026", "last week", "2026-10-01 10:00", None]
    },
    "a leap day": (entry(reviewed_on="2028-02-29"), None),
    # --- Sensitive attributes need a lawful basis
    **{
        f"sensitive: {sql}": (
            uses(sql),
            ["lawful_basis: it is missing, but the segment uses sensitive columns: " + told + ".", "such as 'lawful_basis': 'consent'"],
        )
        for sql, told in [
            ("gender = 'f'", "gender"),
            ("coalesce(users.Gender, 'x') = 'f' or plan = 'pro'", "gender"),
            ("'values' = values", "values"),
            ("age_band = '18_24' and gender = 'f'", "age_band, gender"),
            ('"values" is null', "values"),
        ]
    },
    **{
        f"not sensitive: {sql}": (uses(sql), None)
        for sql in [
            "plan = 'gender'",
            "plan = 'it''s gender'",
            "is_gendered",
            "gender_known",
            "plan = 'a' -- no gender here\n",
            "plan /* gender */ = 'a'",
            "plan in (values ('a'))",
        ]
    },
    "sensitive in a column that has no tag": (asks("gender = 'f'"), None),
    **{
        f"sensitive with the basis {basis}": (uses("gender = 'f'", lawful_basis=basis), None)
        for basis in ["consent", "contract", "legal_obligation", "vital_interests", "public_task", "legitimate_interests"]
    },
    **{
        f"the basis {basis}": (
            uses("gender = 'f'", lawful_basis=basis),
            [f"lawful_basis: unknown value {json.dumps(basis)}.", "write one of consent, contract"],
        )
        for basis in ["Consent", "gdpr", "", ["consent"], True]
    },
    "an unknown basis of nothing sensitive": (uses("plan = 'pro'", lawful_basis="whatever"), ['lawful_basis: unknown value "whatever".']),
    "sensitive through a macro": (
        uses("(rank__a1b2c3 <= 0.1)", reads_sql=["case when gender = 'f' then mrr end"]),
        ["sensitive columns: gender."],
    ),
    "sensitive in plain SQL": (
        entry(
            definition_hash="missing",
            expressions="missing",
            definition="select user_id from x where gender = 'f' -- age_band",
            sensitive_columns=SENSITIVE,
        ),
        ["sensitive columns: gender."],
    ),
    "sensitive through two other segments": (
        [
            uses("gender = 'f'", name="women_aboard", lawful_basis="consent"),
            asks("in_women_aboard", "mrr > 1", name="paying_women", reads_segments=["women_aboard"], lawful_basis="consent"),
            asks("in_paying_women", "mrr > 2", name="rich_women", reads_segments=["paying_women"]),
        ],
        ["Segment `rich_women`", "sensitive columns: gender (of women_aboard)."],
    ),
    # --- All segments together
    "the same hash": (
        [entry("a1_fans", definition_hash="h"), entry("b1_fans", definition_hash="h")],
        ["Segment `b1_fans`", "same as that of `a1_fans`"],
    ),
    "the same criteria under other names": (
        [entry("ios_fans", expressions={"a": "(x > 1)", "b": "(y > 1)"}), entry("mac_fans", expressions={"b": "(y>1)", "c": "(x  > 1)"})],
        ["Segment `mac_fans`", "same as that of `ios_fans`"],
    ),
    "criteria that differ in a literal's case": (
        [entry("ios_fans", expressions={"a": "(os = 'iOS')"}), entry("mac_fans", expressions={"a": "(os = 'ios')"})],
        None,
    ),
    "two criteria that differ in a literal's case": (
        [entry("ios_fans", expressions={"a": "(os = 'iOS')", "b": "(os = 'ios')"}), entry("mac_fans", expressions={"a": "(os = 'iOS')"})],
        None,
    ),
    "plain SQL twice": (
        [
            entry(name, definition_hash="missing", expressions="missing", definition=sql)
            for name, sql in [("ios_fans", "select 1  as one"), ("mac_fans", "select 1\nas one")]
        ],
        ["same as that of `ios_fans`"],
    ),
    **{f"{number} primary": (tier(number), None if number in (3, 4, 5) else [f"got {number}:", "3 to 5"]) for number in [1, 2, 3, 4, 5, 6]},
    "1 primary of the lifecycle": ([entry("fresh", tier="primary", lifecycle=True)], None),
    "1 primary of the lifecycle and 1 chosen": (
        [entry("fresh", tier="primary", lifecycle=True), entry("busy", tier="primary")],
        ["got 2:", "3 to 5"],
    ),
    "50 segments": ([entry(f"fans_of_{number}x") for number in range(50)], None),
    "51 segments": ([entry(f"fans_of_{number}x") for number in range(51)], ["there are 51, more than `vars: max_segments` (50)"]),
    # --- What a column cannot hold
    **{
        f"impossible: {sql}": (asks(sql), ["impossible condition: `c1` asks for " + sql, told])
        for sql, told in [
            ("active_days_28d > 28", "active_days_28d lies between 0 and 28"),
            ("active_days_28d >= 29", "0 and 28"),
            ("active_days_7d >= 8", "active_days_7d lies between 0 and 7"),
            ("active_days_previous_28d = 29", "0 and 28"),
            ("active_days_28d = 4.5", "0 and 28"),
            ("active_days_7d < 0", "0 and 7"),
            ("tickets_91d < 0", "never below 0"),
            ("sessions_28d <= -1", "never below 0"),
            ("usage_share > 1", "0 and 1"),
            ("share >= 1.01", "0 and 1"),
            ("health_score > 100", "0 and 100"),
            ("rfm_recency = 0", "1 and 5"),
            ("usage_change_28d < -1", "never below -1"),
            ("count_logged_in_28d__a1b2c3 < 0", "never below 0"),
            ("29 <= active_days_28d", "0 and 28"),
            ("active_days_28d in (40, 50)", "0 and 28"),
        ]
        if " in " not in sql
    },
    **{
        f"possible: {sql}": (asks(sql), None)
        for sql in [
            "active_days_28d >= 28",
            "active_days_7d > 6",
            "active_days_28d > 27.5",
            "active_days_28d = 0",
            "active_days_28d >= 0",
            "share <= 1",
            "mrr < 0",
            "usage_change_28d >= -1",
            "active_days_28d > 28 or plan = 'pro'",
            "not active_days_28d > 28",
            "case when plan = 'pro' then active_days_28d > 28 else true end",
            "coalesce(active_days_28d, 99) > 28",
            "active_days_28d * 2 > 28",
            "active_days_28d + 1 > 28",
            "plan = 'active_days_28d > 28'",
            "(active_days_28d > 28) = false",
            "(active_days_28d > 28) is not true",
            "active_days_28d > 28 -- and more",
            "active_days_28d < 1e3",
            "greatest(1, active_days_28d) > 28",
            "active_days_28d > active_days_7d",
            "coalesce(mrr > 0, active_days_28d > 28, false)",
        ]
    },
    # --- Criteria that are still to be written
    **{
        f"placeholder {sql}": (asks(sql), ["criterion: `c1` is a placeholder. Name it"])
        for sql in ["TODO", "todo: say what", "TBD", "( FIXME )"]
    },
    "a column called todos": (asks("todos > 3"), None),
    # --- Criteria that exclude each other
    **{
        f"contradiction: {' & '.join(criteria)}": (asks(*criteria), ["contradiction: `c1` asks for ", told])
        for criteria, told in [
            (["active_days_28d >= 10", "active_days_28d < 5"], "`c2` for active_days_28d < 5"),
            (["active_days_28d >= 10 and active_days_28d < 5"], "`c1` for active_days_28d < 5"),
            (["Active_Days_28d >= 10", "active_days_28d = 9"], "active_days_28d = 9"),
            (["active_days_28d = 3", "active_days_28d = 4"], "active_days_28d = 4"),
            (["sessions_28d > 5", "sessions_28d < 6"], "sessions_28d < 6"),
            (["mrr > 5", "mrr <= 5"], "mrr <= 5"),
            (["mrr between 5 and 9", "mrr > 9"], "mrr > 9"),
            (["mrr between 9 and 5"], "mrr <= 5"),
            (["plan = 'pro'", "plan = 'free'"], "plan = 'free'"),
            (["plan in ('pro', 'team')", "plan in ('free', 'trial')"], "plan in ('free', 'trial')"),
            (["is_trial", "not is_trial"], "not is_trial"),
            (["plan is null", "plan = 'pro'"], "plan = 'pro'"),
            (["((mrr > 5) and (tenure_days < 9))", "(coalesce((mrr < 2), false) and coalesce(plan = 'a', false))"], "mrr < 2"),
            (["plan = 'pro' and (mrr > 3 or mrr < 1) and plan = 'free'"], "plan = 'free'"),
            (["count_logged_in_28d__a1b2c3 >= 3", "count_logged_in_28d__a1b2c3 = 0"], "count_logged_in_28d__a1b2c3 = 0"),
            (["tenure_days between 1 and 3 and tenure_days between 5 and 8"], "tenure_days >= 5"),
        ]
    },
    **{
        f"no contradiction: {' & '.join(criteria)}": (asks(*criteria), None)
        for criteria in [
            ["active_days_28d >= 10 or active_days_28d < 5"],
            ["active_days_28d >= 10", "active_days_28d < 11"],
            ["mrr > 5", "mrr < 6"],
            ["mrr >= 5", "mrr <= 5"],
            ["active_days_28d >= 10", "active_days_7d < 5"],
            ["not (active_days_28d >= 10)", "active_days_28d < 5"],
            ["plan = 'pro'", "plan in ('pro', 'free')"],
            ["plan = 'pro'", "plan = 'Pro'"],
            ["code = '5'", "code = '5.0'"],
            ["flag = 't'", "flag = 'true'"],
            ["is_trial or not is_trial"],
            ["plan = 'it''s'", "plan <> 'x'"],
            ["mrr > 5 and tenure_days > 3 or mrr < 2"],
            ["is_trial or mrr > 5 and mrr < 2", "mrr > 3"],
            ["count_a_28d__a1b2c3 >= 3", "count_a_7d__c1b2c3 = 0"],
            ["case when is_trial then tenure_days > 9 and mrr < 2 and is_new else true end", "mrr > 3"],
            ["case when mrr > 5 and tenure_days < 2 then true else false end", "mrr < 2"],
            ["users.mrr > 5", "orders.mrr < 2"],
            ["coalesce(mrr > 5, true and mrr > 5, false)", "mrr < 2"],
            ["plan = 'a, b' and mrr > 1", "plan in ('a, b')"],
            ["not mrr > 5 and mrr < 2"],
            ["mrr > 5 is not true and mrr < 2"],
            ["mrr not between 5 and 9", "mrr > 9"],
        ]
    },
    "contradiction with the other segment's": (
        [
            asks("active_days_28d = 0", name="silent"),
            entry("odd_ones", expressions={"silent": "in_silent", "busy": "(active_days_28d >= 1)"}, reads_segments=["silent"]),
        ],
        ["Segment `odd_ones`", "contradiction: `c1` of silent asks for active_days_28d = 0 and `busy` for active_days_28d >= 1"],
    ),
    "a column that only looks like a segment": (
        [
            asks("active_days_28d = 0", name="silent"),
            entry("odd_ones", expressions={"silent": "in_silent", "busy": "(active_days_28d >= 1)"}),
        ],
        None,
    ),
}


BLUE_BUTTONS = """{{ config(meta={
    'label': 'Users Who Like Blue Buttons', 'tier': 'micro', 'owner': 'design', 'goal': 'Know them', 'reviewed_on': '2026-10-01'
}) }}

{{ segment(
    %s
) }}
"""


# Segments that use a sensitive attribute in every way there is: what the body says, and what the lint reads out of it.
READING: dict[str, tuple[str, str]] = {
    "account_has": ('{{ segment(one = any_of("mrr > 1", account_has("gender = \'f\'"))) }}', "gender"),
    "had_attribute": ("{{ segment(one = had_attribute('birth_year', '1990')) }}", "birth_year"),
    "in_top_share": ("{{ segment(one = in_top_share(\"case when gender = 'f' then mrr end\", 0.1)) }}", "gender"),
    "in_segment": ("{{ segment(one = none_of(in_segment('under_35'))) }}", "age_band (of under_35)"),
    "plain_sql": ("select user_id, as_of_date, sentiment = 'good' as is_member from {{ ref('user_features') }}", "sentiment"),
    "plain_sql_over_a_segment": ("select user_id, as_of_date, is_member from {{ ref('under_35') }}", "age_band (of under_35)"),
}


@pytest.fixture(scope="module")
def lint_project(tmp_path_factory: pytest.TempPathFactory) -> Warehouse:
    """A project with the segments of READING, and a macro that asks the rules about cases."""
    warehouse = Warehouse(tmp_path_factory.mktemp("lint") / "project", copied=("models", "macros"))
    warehouse.write_inputs({})
    (warehouse.folder / "macros/lint_cases.sql").write_text(ASK, encoding="utf-8")
    for name, (body, _) in READING.items():
        add_segment(
            warehouse,
            f"by_{name}",
            BLUE_BUTTONS.replace("'Know them'", "'Decide the color of the button', 'action': 'Show them the new button'").split(
                "{{ segment("
            )[0]
            + body,
        )
    new_segment.create(warehouse.folder, "ticket_writers", "behavioral", datetime.date(2026, 11, 24))
    return warehouse


@pytest.fixture(scope="module")
def answers(lint_project: Warehouse) -> dict[str, list[str]]:
    """What the rules say to each case."""
    warehouse = lint_project
    cases = {
        name: {"entries": entries if isinstance(entries, list) else [entries], "max_segments": 50} for name, (entries, _) in CASES.items()
    }
    result = warehouse.run("run-operation", "lint_cases", "--args", json.dumps({"cases": cases}))
    assert result, result.output[-3000:]
    line = next(line for line in result.output.splitlines() if line.startswith("ANSWERS"))
    return json.loads(line.removeprefix("ANSWERS"))


def test_an_owner_must_be_listed_if_any_is(macro_project: Warehouse) -> None:
    (macro_project.folder / "macros/lint_cases.sql").write_text(ASK, encoding="utf-8")
    entries = [entry(), entry("weekly_users", owner="growht"), entry("daily_users", owner="customer success")]
    result = macro_project.run(
        "run-operation",
        "lint_cases",
        "--args",
        json.dumps({"cases": {"all": {"entries": entries, "max_segments": 50}}}),
        "--vars",
        json.dumps({"owners": ["growth", "customer success"]}),
    )
    assert result, result.output[-3000:]
    line = next(line for line in result.output.splitlines() if line.startswith("ANSWERS"))
    assert json.loads(line.removeprefix("ANSWERS"))["all"] == [
        "Segment `weekly_users` (models/segments/behavioral/weekly_users.sql): owner: it must be one of vars: owners "
        '(growth, customer success), got "growht".'
    ]


@pytest.mark.parametrize("name", CASES)
def test_each_rule_says_exactly_what_is_wrong(answers: dict[str, list[str]], name: str) -> None:
    entries, told = CASES[name]
    if told is None:
        assert answers[name] == []
        return
    assert len(answers[name]) == 1, answers[name]
    if not isinstance(entries, list):
        assert answers[name][0].startswith(f"Segment `{entries['name']}` ({entries['path']}): ")
    for text in told:
        assert text in answers[name][0]


@pytest.fixture
def blue_buttons(new_warehouse: Callable[..., Warehouse], company: Inputs) -> Warehouse:
    """A project with the segment that nobody needs."""
    warehouse = new_warehouse(copied=("models", "macros"))
    warehouse.write_inputs(company)
    add_segment(warehouse, "users_who_like_blue_buttons", BLUE_BUTTONS % 'clicked = "active_days_28d >= 10"')
    return warehouse


def add_segment(warehouse: Warehouse, name: str, text: str, folder: str = "behavioral") -> Path:
    """A file and its line."""
    path = warehouse.folder / f"models/segments/{folder}/{name}.sql"
    path.write_text(text, encoding="utf-8")
    registry = warehouse.folder / REGISTRY
    registry.write_text(registry.read_text(encoding="utf-8").replace("return([\n", f"return([\n        '{name}',\n", 1), encoding="utf-8")
    return path


def test_users_who_like_blue_buttons_stop_the_build(blue_buttons: Warehouse) -> None:
    """The classic segment that nobody can act on: the build stops before it reads a row, and says what to write."""
    result = blue_buttons.run("build", "--select", "data_through")
    assert not result
    place = "Segment `users_who_like_blue_buttons` (models/segments/behavioral/users_who_like_blue_buttons.sql): "
    assert place + "goal: 'Know them' is vague. In three or more words" in result.output
    assert place + "action: it is missing. In the config of the file, write what is done for its members" in result.output
    assert len({line.strip() for line in result.output.splitlines() if "Segment `" in line}) == 2
    # Repaired as the messages say, it builds.
    path = blue_buttons.folder / "models/segments/behavioral/users_who_like_blue_buttons.sql"
    path.write_text(
        path.read_text(encoding="utf-8").replace(
            "'Know them'", "'Decide the color of the export button', 'action': 'Show them the new export button'"
        ),
        encoding="utf-8",
    )
    blue_buttons.build("--select", "+data_through")


def test_a_new_segment_stops_the_build_until_it_is_filled_in(lint_project: Warehouse) -> None:
    path = lint_project.folder / "models/segments/behavioral/ticket_writers.sql"
    place = "Segment `ticket_writers` (models/segments/behavioral/ticket_writers.sql): "
    result = lint_project.run("run-operation", "check_segments")
    assert not result
    told = [line.split(place, 1)[1].split(":")[0] for line in result.output.splitlines() if place in line]
    assert told == ["owner", "goal", "action", "criterion"]
    path.write_text(
        path.read_text(encoding="utf-8")
        .replace("TODO: the team responsible for it", "support")
        .replace("TODO: what you want to learn or reach", "Learn what keeps people busy")
        .replace("TODO: what is done for its members", "Call them before the planning")
        .replace('todo = "TODO: a condition on a column of user_features, such as active_days_28d >= 4"', 'writes = "tickets_91d >= 3"'),
        encoding="utf-8",
    )
    assert place not in lint_project.run("run-operation", "check_segments").output


def test_the_lint_sees_what_is_sensitive_through_macros(lint_project: Warehouse) -> None:
    """The columns are those that are tagged in the models that a segment reads, with whatever macro it reads them."""
    result = lint_project.run("run-operation", "check_segments")
    assert not result
    for name, (_, told) in READING.items():
        place = f"Segment `by_{name}` (models/segments/behavioral/by_{name}.sql): lawful_basis: it is missing"
        assert f"{place}, but the segment uses sensitive columns: {told}. In the config of the file, write one of consent" in result.output
    assert result.output.count("lawful_basis: it is missing") == len(READING)
    for name in READING:
        path = lint_project.folder / f"models/segments/behavioral/by_{name}.sql"
        path.write_text(path.read_text(encoding="utf-8").replace("meta={", "meta={'lawful_basis': 'consent',"), encoding="utf-8")
    assert lint_project.run("run-operation", "check_segments")


@pytest.mark.long
def test_a_warning_is_enough_where_the_project_says_so(blue_buttons: Warehouse) -> None:
    blue_buttons.configure(segment_lint="warn")
    result = blue_buttons.run("run", "--select", "data_through", "--empty")
    assert "Warning: Segment `users_who_like_blue_buttons`" in result.output and "action: it is missing" in result.output
    assert "Compilation Error" not in result.output
    blue_buttons.configure(segment_lint="never")
    result = blue_buttons.run("run", "--select", "data_through")
    assert not result and '`segment_lint` must be one of stop, warn, got "never"' in result.output


def test_the_macros_of_criteria_are_read_too(blue_buttons: Warehouse) -> None:
    """What segment() leaves for the lint is what the rules understand: counts of events, combinations, other segments."""
    path = blue_buttons.folder / "models/segments/behavioral/users_who_like_blue_buttons.sql"
    path.write_text(
        BLUE_BUTTONS
        % """
        often = performed('logged_in', at_least=3, within_days=28),
        never = all_of("mrr > 0", performed('logged_in', exactly=0, within_days=28)),
        silent = in_segment('inactive_users'),
        busy = "active_days_28d > 3",
        fine = any_of("active_days_7d > 7", none_of("active_days_28d > 0"))""",
        encoding="utf-8",
    )
    result = blue_buttons.run("run", "--select", "data_through")
    assert not result
    assert "contradiction: `often` asks for count_logged_in_28d__" in result.output
    assert "contradiction: `not_active` of inactive_users asks for active_days_28d = 0 and `busy` for active_days_28d > 3" in result.output
    assert len({line.strip() for line in result.output.splitlines() if "contradiction:" in line}) == 2
    assert "impossible" not in result.output


def test_a_goal_in_a_metric_that_is_off_says_what_the_metric_needs() -> None:
    macros = loaded_macros(macro_texts(ROOT), project_variables(ROOT) | {"events": [{"name": "viewed"}]})
    told = macros["_objective_problems"](entry(**OBJECTIVE | {"metric": "core_actions_7d"}))
    assert told == [
        'metric: it must be a metric of macros/registries/metrics.sql, got "core_actions_7d", which is off: it needs core_events '
        "(docs/variables.md)."
    ]
