"""The metric registry: what it refuses, that an entry is all a metric costs, and each metric's value recomputed."""

from __future__ import annotations

import json
import math
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from typing import Any, TypeAlias

import pandas
import pytest
import yaml

import registries
from generate_semantic_models import PATH, REGISTRY, generated
from oracle.features_oracle import compute_features
from registries import project_variables
from warehouse import ROOT, Inputs, Warehouse

SETTINGS = project_variables(ROOT)
FEATURE_EVENTS = sum(event.get("is_feature", False) for event in SETTINGS["events"])

# --- What an entry must be ----------------------------------------------------------------------------------------------

GOOD = {
    "name": "logins",
    "label": "Logins",
    "description": "Logins of 28 days; nobody is left out.",
    "kind": "mean",
    "expression": "logins_28d",
    "unit": "logins",
    "owner": "growth",
    "level": "user",
    "direction": "up",
    "tier": "secondary",
    "is_heavy_tailed": False,
    "adds_up": True,
}
RATIO = {key: value for key, value in GOOD.items() if key != "expression"} | {
    "kind": "ratio",
    "numerator": "logins_28d",
    "denominator": "sessions_28d",
    "adds_up": False,
}
FIELDS = (
    "name, label, description, unit, owner, kind, level, direction, tier, is_heavy_tailed, adds_up, expression, numerator, "
    "denominator, needs, metricflow"
)
TEXTS = ("name", "label", "description", "unit", "owner")
MEAN = {"name": "logins_per_user", "label": "Logins per user", "description": "Logins per user."}
SHOWN = {"description": "Logins of all users.", "mean": MEAN}


def without(entry: dict[str, Any], field: str) -> dict[str, Any]:
    """The entry less one field."""
    return {key: value for key, value in entry.items() if key != field}


# Entries and the exact texts that they must bring; none for good ones.
TABLE: list[tuple[Any, list[str]]] = [
    ([GOOD], []),
    ([RATIO, {**GOOD, "name": "a2_b"}], []),
    ([{**GOOD, "direction": None}], []),
    (
        [
            {**GOOD, "kind": "binary"},
            {**GOOD, "name": "n", "kind": "nps", "adds_up": False},
            {**GOOD, "name": "o", "kind": "ordinal", "adds_up": False},
            {**RATIO, "name": "r", "is_heavy_tailed": True},
        ],
        [],
    ),
    ([], ["metrics: must be a list of at least one entry, got []."]),
    ("logins", ['metrics: must be a list of at least one entry, got "logins".']),
    (GOOD, [f"metrics: must be a list of at least one entry, got {json.dumps(GOOD)}."]),
    ([GOOD, "logins"], ['metrics: entry 2 must be a mapping, got "logins".']),
    ([without(GOOD, "name")], ["metrics: entry 1: `name` is required."]),
    ([{**GOOD, "name": 7}], ["metrics: entry 1: `name` must be a text, got 7."]),
    ([{**GOOD, "name": " "}], ['metrics: entry 1: `name` must be a text, got " ".']),
    *[
        ([{**GOOD, "name": name}], [f'metrics: {name}: `name` must be lower snake case of at most 40 characters, got "{name}".'])
        for name in ("Logins", "logins 28d", "28d_logins", "l" * 41, "_logins", "o'clock")
    ],
    ([{**GOOD, "name": "l" * 40}], []),
    ([GOOD, GOOD], ["metrics: logins: duplicate `name`; each metric needs its own."]),
    *[([{**GOOD, field: ""}], [f'metrics: logins: `{field}` must be a text, got "".']) for field in TEXTS[1:]],
    ([{**GOOD, "owner": None}], ["metrics: logins: `owner` must be a text, got null."]),
    *[
        ([without(GOOD, field)], [f"metrics: logins: `{field}` is required."])
        for field in (*TEXTS[1:], "kind", "level", "direction", "tier", "is_heavy_tailed", "adds_up")
    ],
    ([{**GOOD, "kind": "medium"}], ['metrics: logins: `kind` must be one of "binary", "mean", "ratio", "nps", "ordinal", got "medium".']),
    ([{**GOOD, "level": "team"}], ['metrics: logins: `level` must be one of "user", "account", got "team".']),
    ([{**GOOD, "direction": "sideways"}], ['metrics: logins: `direction` must be one of "up", "down", none, got "sideways".']),
    ([{**GOOD, "tier": None}], ['metrics: logins: `tier` must be one of "primary", "secondary", "guardrail", got null.']),
    ([{**GOOD, "is_heavy_tailed": "yes"}], ['metrics: logins: `is_heavy_tailed` must be one of true, false, got "yes".']),
    ([{**GOOD, "adds_up": 1}], ["metrics: logins: `adds_up` must be one of true, false, got 1."]),
    (
        [{**GOOD, "needs": ["invoice"]}],
        [
            "metrics: logins: `needs` must name inputs, kinds of events, scales or variables that are lists, got \"invoice\"; did you mean 'invoices'?"
        ],
    ),
    ([{**GOOD, "teir": "primary"}], [f"metrics: unknown field `teir` in `logins`; valid fields: {FIELDS}."]),
    ([without(GOOD, "expression")], ["metrics: logins: `expression` must be SQL over user_features (kind mean), got null."]),
    ([{**GOOD, "expression": " "}], ['metrics: logins: `expression` must be SQL over user_features (kind mean), got " ".']),
    (
        [{**GOOD, "denominator": "sessions_28d"}],
        ['metrics: logins: `denominator` does not go with kind mean, which has expression, got "sessions_28d".'],
    ),
    ([without(RATIO, "denominator")], ["metrics: logins: `denominator` must be SQL over user_features (kind ratio), got null."]),
    ([without(RATIO, "numerator")], ["metrics: logins: `numerator` must be SQL over user_features (kind ratio), got null."]),
    (
        [{**RATIO, "expression": "logins_28d"}],
        ['metrics: logins: `expression` does not go with kind ratio, which has numerator and denominator, got "logins_28d".'],
    ),
    (
        [{**GOOD, "kind": "binary", "is_heavy_tailed": True}],
        ["metrics: logins: `is_heavy_tailed` must be false for kind binary, got true: it does not have a tail to winsorize."],
    ),
    (
        [{**RATIO, "adds_up": True}],
        ["metrics: logins: `adds_up` must be false for kind ratio, got true: its sum over users is meaningless."],
    ),
    ([{**GOOD, "kind": "nps"}], ["metrics: logins: `adds_up` must be false for kind nps, got true: its sum over users is meaningless."]),
    (
        [{**GOOD, "kind": "ordinal"}],
        ["metrics: logins: `adds_up` must be false for kind ordinal, got true: its sum over users is meaningless."],
    ),
    (
        [{**GOOD, "label": "", "tier": "x"}, without(GOOD, "kind")],
        [
            'metrics: logins: `label` must be a text, got "".',
            'metrics: logins: `tier` must be one of "primary", "secondary", "guardrail", got "x".',
            "metrics: logins: `kind` is required.",
            "metrics: logins: duplicate `name`; each metric needs its own.",
        ],
    ),
    # How MetricFlow shows it.
    ([{**GOOD, "metricflow": SHOWN}, {**GOOD, "name": "n", "metricflow": without(SHOWN, "mean")}], []),
    ([{**GOOD, "metricflow": "yes"}], ['metrics: logins: `metricflow` must be a mapping with a `description`, got "yes".']),
    ([{**GOOD, "metricflow": {}}], ["metrics: logins: `metricflow.description` is required."]),
    ([{**GOOD, "metricflow": {"description": 7}}], ["metrics: logins: `metricflow.description` must be a text, got 7."]),
    (
        [{**GOOD, "metricflow": {**SHOWN, "label": "Logins"}}],
        ["metrics: logins: unknown field `label` in `metricflow`; valid fields: description, mean."],
    ),
    (
        [{**GOOD, "metricflow": {**SHOWN, "mean": "logins_per_user"}}],
        ['metrics: logins: `metricflow.mean` must be a mapping of name, label, description, got "logins_per_user".'],
    ),
    *[
        ([{**GOOD, "metricflow": {**SHOWN, "mean": without(MEAN, field)}}], [f"metrics: logins: `metricflow.mean.{field}` is required."])
        for field in MEAN
    ],
    (
        [{**GOOD, "metricflow": {**SHOWN, "mean": {**MEAN, "unit": "logins"}}}],
        ["metrics: logins: unknown field `unit` in `metricflow.mean`; valid fields: name, label, description."],
    ),
    (
        [{**GOOD, "adds_up": False, "metricflow": SHOWN}],
        ["metrics: logins: `metricflow` goes only with `adds_up: true`: it shows the sum over users."],
    ),
]


@pytest.fixture(scope="module")
def registry_project(macro_project: Warehouse) -> Warehouse:
    """The macros and the one model that shows the registry, on a day of its own."""
    folder = macro_project.folder
    (folder / "macros/few_metrics.sql").unlink(missing_ok=True)
    (folder / "models/marts").mkdir(parents=True)
    for suffix in ("sql", "yml"):
        shutil.copy(ROOT / f"models/marts/comparison/metrics.{suffix}", folder / "models/marts")
    (folder / "models/data_through.sql").write_text("select cast('2026-01-01' as date) as data_through\n", encoding="utf-8")
    return macro_project


def add_entry(project: Warehouse, entry: str) -> Callable[[], None]:
    """One more entry in the project's list of metrics; returns what takes it out again."""
    path = project.folder / "macros/registries/metrics.sql"
    text = path.read_text(encoding="utf-8")
    assert text.count("    ]) }}\n{% endmacro %}") == 1
    path.write_text(text.replace("    ]) }}\n{% endmacro %}", f"        {entry},\n    ]) }}}}\n{{% endmacro %}}"), encoding="utf-8")
    return lambda: path.write_text(text, encoding="utf-8") and None


def test_a_faulty_entry_is_told_what_is_wrong() -> None:
    problems = registries.macros_of(ROOT)["_metrics_problems"]
    assert len(TABLE) > 50
    for entries, expected in TABLE:
        assert problems(entries) == expected, entries


def test_an_owner_must_be_listed_if_any_is() -> None:
    problems = registries.macros_of(ROOT, {"owners": ["growth", "customer success"]})["_metrics_problems"]
    assert problems([GOOD]) == []
    assert problems([{**GOOD, "owner": "growht"}]) == [
        'metrics: logins: `owner` must be one of vars: owners (growth, customer success), got "growht".'
    ]


def test_a_new_metric_is_one_entry_and_a_faulty_one_stops_the_parse(registry_project: Warehouse) -> None:
    before = len(re.findall(r"^ +{'name': ", (ROOT / "macros/registries/metrics.sql").read_text(encoding="utf-8"), flags=re.MULTILINE))
    description = "The user''s logins; \"nobody\" is left out."
    remove = add_entry(registry_project, json.dumps({**GOOD, "description": description}))
    result = registry_project.run("run")
    assert result, result.output
    rows = {row["metric"]: row for row in registry_project.records("select * from marts.metrics")}
    # Three need a feature, and none of these events is one.
    assert len(rows) == before + 1 - 3 and before >= 25 and "feature_adoption_28d" not in rows
    assert rows["logins"] == {
        "metric": "logins",
        "label": "Logins",
        "description": description,
        "kind": "mean",
        "definition": "avg(logins_28d)",
        "unit": "logins",
        "level": "user",
        "direction": "up",
        "tier": "secondary",
        "owner": "growth",
        "is_heavy_tailed": False,
        "adds_up": True,
        "is_north_star": False,
        "as_of_date": date(2026, 1, 1),
        "data_through": date(2026, 1, 1),
    }
    remove()

    remove = add_entry(registry_project, "{'name': 'logins', 'kind': 'medium'}")
    result = registry_project.run("parse")
    remove()
    assert not result
    assert 'metrics: logins: `kind` must be one of "binary", "mean", "ratio", "nps", "ordinal", got "medium".' in result.output
    assert "metrics: logins: `tier` is required." in result.output


# --- What MetricFlow takes from the registry ------------------------------------------------------------------------------


@pytest.fixture
def registry_copy(tmp_path: Path) -> Path:
    """A folder with what the generator reads, to be changed."""
    shutil.copytree(ROOT / "macros", tmp_path / "macros")
    (tmp_path / PATH).parent.mkdir(parents=True)
    shutil.copy(ROOT / PATH, tmp_path / PATH)
    return tmp_path


def run_generator(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, str(ROOT / "scripts/generate_semantic_models.py"), "--root", str(folder), *arguments],
        capture_output=True,
        text=True,
        check=False,
    )


def files_of(folder: Path) -> dict[str, str]:
    """The texts of all files by path."""
    return {str(path.relative_to(folder)): path.read_text(encoding="utf-8") for path in folder.rglob("*") if path.is_file()}


def insert_entry(folder: Path, entry: str) -> None:
    """One more entry before the last one."""
    text = (folder / REGISTRY).read_text(encoding="utf-8")
    assert text.count("        {'name': 'cac',") == 1
    (folder / REGISTRY).write_text(text.replace("        {'name': 'cac',", f"        {entry},\n        {{'name': 'cac',"), encoding="utf-8")


def test_what_is_generated_is_what_the_registry_says() -> None:
    """`make parse` asks the same; here a hand-made change of the file is seen, too."""
    assert generated(ROOT) == {PATH: (ROOT / PATH).read_text(encoding="utf-8")}


@pytest.mark.long
def test_a_new_metric_is_an_entry_and_two_generated_parts(registry_copy: Path) -> None:
    before = files_of(registry_copy)
    metric = {**GOOD, "label": "Logins: all", "expression": "case when logins_28d > 0 then logins_28d else 0 end", "metricflow": SHOWN}
    insert_entry(registry_copy, json.dumps(metric))
    by_hand = files_of(registry_copy)
    assert {path for path in by_hand if by_hand[path] != before[path]} == {REGISTRY}

    checked = run_generator(registry_copy, "--check")
    assert checked.returncode == 1 and f"{PATH} differs from {REGISTRY}" in checked.stderr
    assert run_generator(registry_copy).returncode == 0
    assert run_generator(registry_copy, "--check").returncode == 0
    after = files_of(registry_copy)
    assert {path for path in after if after[path] != by_hand[path]} == {str(PATH)}

    old, new = yaml.safe_load(before[str(PATH)]), yaml.safe_load(after[str(PATH)])
    measures = new["semantic_models"][0]["measures"]
    added = [measure for measure in measures if measure not in old["semantic_models"][0]["measures"]]
    assert added == [
        {
            "name": "logins",
            "agg": "sum",
            "expr": metric["expression"],
            "description": "Logins of all users.",
            "non_additive_dimension": {"name": "as_of_date", "window_choice": "max"},
        }
    ]
    assert [shown for shown in new["metrics"] if shown not in old["metrics"]] == [
        {
            "name": "logins",
            "label": "Logins: all",
            "description": "Logins of all users.",
            "type": "simple",
            "type_params": {"measure": "logins"},
        },
        {**MEAN, "type": "ratio", "type_params": {"numerator": "logins", "denominator": "users"}},
    ]


def test_a_metric_without_metricflow_changes_nothing_for_it(registry_copy: Path) -> None:
    insert_entry(registry_copy, json.dumps(GOOD))
    assert run_generator(registry_copy, "--check").returncode == 0


def test_the_generator_refuses_a_faulty_entry_and_a_file_without_its_part(registry_copy: Path) -> None:
    path = registry_copy / PATH
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace("      # End: measures\n", ""), encoding="utf-8")
    result = run_generator(registry_copy)
    assert (result.returncode, result.stderr) == (
        2,
        f"{PATH}: lacks the lines `Generated from {REGISTRY}: measures` and `End: measures`; add them.\n",
    )
    path.write_text(text, encoding="utf-8")
    insert_entry(registry_copy, json.dumps(without(GOOD, "owner")))
    result = run_generator(registry_copy)
    assert (result.returncode, result.stderr) == (2, "metrics: logins: `owner` is required.\n")
    assert path.read_text(encoding="utf-8") == text


# --- What each metric is on the sample ----------------------------------------------------------------------------------

Users: TypeAlias = pandas.DataFrame


def share(condition: pandas.Series, among: pandas.Series) -> tuple[float, int]:
    """The share of users for whom something holds, among those for whom it can be asked, and their number."""
    return float(condition[among].mean()), int(among.sum())


def mean(values: pandas.Series) -> tuple[float, int]:
    """The mean of the values that are there, and their number."""
    return float(values.astype(float).mean()), int(values.notna().sum())


def ratio(numerator: pandas.Series, denominator: pandas.Series, among: pandas.Series) -> tuple[float, int]:
    """Sum over sum."""
    return float(numerator[among].sum() / denominator[among].sum()), int(among.sum())


def accounts(users: Users, condition: pandas.Series, among: pandas.Series) -> tuple[float, int]:
    """The share of accounts, each counted once however many users it has, and the number of their users."""
    once = users[among].drop_duplicates("account_id").index
    assert users[among].groupby("account_id").size().equals(users[among].groupby("account_id").account_users.first().astype(int))
    return float(condition[once].mean()), int(among.sum())


def flag(values: pandas.Series) -> tuple[float, int]:
    """The share of True among True and False."""
    known = values.dropna().astype(bool)
    return float(known.mean()), len(known)


def active(users: Users) -> pandas.Series:
    return users.active_days_28d > 0


def paid_before(users: Users) -> pandas.Series:
    return users.mrr_91d_ago > 0


def in_cost_window(users: Users) -> pandas.Series:
    return (users.tenure_days >= 28) & (users.tenure_days <= 118) & users.acquisition_cost.notna()


# Written from the sentences of docs/statistics.md over the oracle's features, not from the SQL of the entries.
EXPECTED: dict[str, Callable[[Users], tuple[float, int]]] = {
    "activation_rate": lambda users: flag(users.is_activated),
    "days_to_first_use": lambda users: mean(
        users.days_to_first_use[users.is_signup_observed & (users.tenure_days >= 27)].astype(float).fillna(28).clip(upper=28)
    ),
    "active_users_28d": lambda users: share(active(users), users.user_id.notna()),
    "active_days_7d": lambda users: mean(users.active_days_7d),
    "active_days_28d": lambda users: mean(users.active_days_28d),
    "active_days_91d": lambda users: mean(users.active_days_91d),
    "stickiness": lambda users: ratio(users.active_days_28d / 28, active(users).astype(int), active(users)),
    "engagement": lambda users: ratio(users.events_28d, users.active_days_28d, active(users)),
    "sessions_28d": lambda users: mean(users.sessions_28d),
    "session_minutes_28d": lambda users: mean(users.session_minutes_28d),
    "events_28d": lambda users: mean(users.events_28d),
    "distinct_features_28d": lambda users: mean(users.distinct_features_28d),
    "feature_adoption_28d": lambda users: mean(users.distinct_features_28d[active(users)] / FEATURE_EVENTS),
    "retained_users_28d": lambda users: share(active(users), users.active_days_previous_28d >= 1),
    "repeat_rate": lambda users: share(users.active_days_28d >= 2, active(users)),
    "trial_conversion": lambda users: accounts(
        users, users.trial_outcome == "converted", users.trial_outcome.isin(["converted", "lapsed"])
    ),
    "lead_conversion": lambda users: accounts(users, users.is_lead_converted.eq(True), users.is_lead_converted.notna()),
    "paying_users": lambda users: share(users.mrr > 0, users.user_id.notna()),
    "mrr": lambda users: mean((users.mrr / users.account_users).fillna(0)),
    "nrr_91d": lambda users: ratio(users.mrr / users.account_users, users.mrr_91d_ago / users.account_users, paid_before(users)),
    "grr_91d": lambda users: ratio(
        users[["mrr", "mrr_91d_ago"]].min(axis=1) / users.account_users, users.mrr_91d_ago / users.account_users, paid_before(users)
    ),
    "expansion_rate_91d": lambda users: accounts(users, users.mrr > users.mrr_91d_ago, paid_before(users)),
    "churn_rate_91d": lambda users: accounts(users, users.mrr == 0, paid_before(users)),
    "renewal_rate_91d": lambda users: accounts(users, users.is_renewed_91d.eq(True), users.is_renewed_91d.notna()),
    "revenue_91d": lambda users: mean(users.revenue_91d),
    "arpu_91d": lambda users: ratio(users.revenue_91d, (users.active_days_91d > 0).astype(int), users.user_id.notna()),
    "health_score": lambda users: mean(users.health_score),
    "tickets_91d": lambda users: mean(users.tickets_91d),
    "core_actions_7d": lambda users: mean(users.core_actions_7d),
    "ticket_satisfaction": lambda users: ratio(users.tickets_satisfied_91d, users.tickets_rated_91d, users.tickets_rated_91d > 0),
    "csat": lambda users: share(users.csat_score.isin([4, 5]), users.csat_score.notna()),
    "ces_score": lambda users: mean(users.ces_score),
    "csat_score": lambda users: mean(users.csat_score),
    "nps": lambda users: mean(users.nps_score.dropna().map(lambda score: 100 if score >= 9 else 0 if score >= 7 else -100)),
    "click_through_rate_91d": lambda users: ratio(
        users.messages_clicked_91d, users.messages_delivered_91d, users.messages_delivered_91d > 0
    ),
    "cac": lambda users: ratio(
        users.acquisition_cost.astype(float),
        (users.days_as_customer.astype(float) <= 118).astype(float) / users.account_users,
        in_cost_window(users),
    ),
}


@pytest.fixture(scope="module")
def newest(sample_warehouse: Warehouse) -> date:
    return sample_warehouse.query("select data_through from activity.data_through")[0][0]


@pytest.fixture(scope="module")
def users(sample: Inputs, newest: date) -> Users:
    """Everybody's features on the newest date, recomputed from the CSV files."""
    features = compute_features(sample, [newest], SETTINGS, ROOT / "seeds/reference")
    account = {row["user_id"].strip(): row["account_id"].strip() or None for row in sample["users"]}
    return Users([{"user_id": user_id, "account_id": account[user_id], **values} for (user_id, _), values in features.items()])


def test_the_value_of_each_metric_is_that_of_its_sentence(sample_warehouse: Warehouse, users: Users, newest: date) -> None:
    metrics = sample_warehouse.records("select * from marts.metrics")
    assert {row["metric"] for row in metrics} == set(EXPECTED), "a metric without a recomputation here"
    wrong = []
    for row in metrics:
        value = sample_warehouse.query(f"select {row['definition']} from features.user_features where as_of_date = date '{newest}'")[0][0]
        counted = re.sub(r"^sum\((.*)\) / sum\((.*)\)$", r"count(case when (\1) is not null then \2 end)", row["definition"])
        counted = re.sub(r"^avg\((.*)\)$", r"count(\1)", counted)
        n = sample_warehouse.query(f"select {counted} from features.user_features where as_of_date = date '{newest}'")[0][0]
        expected, expected_n = EXPECTED[row["metric"]](users)
        assert n > 30 and not math.isnan(expected), row["metric"]
        if not math.isclose(value, expected, rel_tol=1e-9) or n != expected_n:
            wrong.append(f"{row['metric']}: {value} of {n}, recomputed {expected} of {expected_n}")
    assert wrong == []


def test_values_that_can_be_counted_in_the_files_themselves(
    sample: Inputs, sample_warehouse: Warehouse, users: Users, newest: date
) -> None:
    """Without any feature: from the rows of the inputs to the number."""

    def value(metric: str) -> float:
        definition = sample_warehouse.query(f"select definition from marts.metrics where metric = '{metric}'")[0][0]
        return sample_warehouse.query(f"select {definition} from marts.users")[0][0]

    def happened(text: str, after: date = date.min) -> bool:
        return bool(text) and after < date.fromisoformat(text[:10]) <= newest

    present = set(users.user_id)
    with_users = set(users.account_id.dropna())

    def mrr_of(day: date) -> dict[str, float]:
        latest: dict[str, dict[str, str]] = {}
        for row in sorted(sample["subscriptions"], key=lambda row: row["valid_from"]):
            if row["valid_from"][:10] <= day.isoformat():
                latest[row["subscription_id"]] = row
        paid: dict[str, float] = {}
        for row in latest.values():
            is_over = row["ended_at"] and row["ended_at"][:10] <= day.isoformat()
            is_free = row["trial_ends_at"] and not (row["converted_at"] and row["converted_at"][:10] <= day.isoformat())
            if row["account_id"] in with_users and not is_over and not is_free:
                paid[row["account_id"]] = paid.get(row["account_id"], 0.0) + float(row["mrr"])
        return {account: mrr for account, mrr in paid.items() if mrr > 0}

    now, before = mrr_of(newest), mrr_of(newest - timedelta(days=91))
    assert len(before) > 50 and set(before) - set(now), "nobody left: nothing to tell NRR by"
    assert value("mrr") * len(users) == pytest.approx(sum(now.values()), rel=1e-9)
    assert value("nrr_91d") == pytest.approx(sum(now.get(account, 0) for account in before) / sum(before.values()), rel=1e-9)
    assert value("grr_91d") == pytest.approx(
        sum(min(now.get(account, 0), mrr) for account, mrr in before.items()) / sum(before.values()), rel=1e-9
    )
    assert value("grr_91d") < value("nrr_91d") < 1
    assert value("churn_rate_91d") == pytest.approx(len(set(before) - set(now)) / len(before), rel=1e-9)

    delivered = [
        row
        for row in sample["campaign_messages"]
        if row["user_id"] in present and happened(row["delivered_at"], newest - timedelta(days=91))
    ]
    assert value("click_through_rate_91d") == pytest.approx(
        sum(happened(row["clicked_at"]) for row in delivered) / len(delivered), rel=1e-9
    )

    # Mean DAU over 28 days per MAU, by the day and not by the user.
    per_day = sample_warehouse.query(
        f"""
        select event_date, count(distinct user_days.user_id) from activity.user_days
        inner join marts.users on user_days.user_id = users.user_id
        where event_date > date '{newest}' - 28 and event_date <= date '{newest}' group by event_date
        """
    )
    monthly = sample_warehouse.query("select count(*) from marts.users where active_days_28d > 0")[0][0]
    assert value("stickiness") == pytest.approx(sum(row[1] for row in per_day) / 28 / monthly, rel=1e-9)

    # Signups of a month through a channel together cost what was spent on it, where anybody signed up; who is gone cost as much.
    spent: dict[tuple[str, str], float] = {}
    seen = set()
    for row in sample["marketing_spend"]:
        if happened(row["spend_date"]) and tuple(row.values()) not in seen:
            seen.add(tuple(row.values()))
            month = (row["channel"].strip().lower(), row["spend_date"][:7])
            spent[month] = spent.get(month, 0.0) + float(row["amount"])
    costs = sample_warehouse.query(
        """
        select users.acquisition_channel, cast(costs.signup_month as text)[1:7], avg(users.acquisition_cost) * any_value(costs.signups)
        from marts.users as users inner join marts.acquisition_costs as costs
            on users.acquisition_channel = costs.acquisition_channel
            and date_trunc('month', users.data_through - cast(users.tenure_days as integer)) = costs.signup_month
        where users.acquisition_cost is not null group by all
        """
    )
    assert len(costs) > 60 and any(cost > 0 for *_, cost in costs)
    for channel, month, cost in costs:
        assert cost == pytest.approx(spent.get((channel, month), 0.0), rel=1e-9), (channel, month)
