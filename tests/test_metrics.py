"""The metric registry: what it refuses, that an entry is all a metric costs, and each metric's value recomputed."""

from __future__ import annotations

import json
import math
import re
import shutil
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any, TypeAlias

import pandas
import pytest

from oracle.features_oracle import compute_features
from registries import project_variables
from warehouse import ROOT, Inputs, Warehouse

SETTINGS = project_variables(ROOT)
FEATURE_EVENTS = sum(event.get("is_feature", False) for event in SETTINGS["events"])

# --- What an entry must be ----------------------------------------------------------------------------------------------

GOOD = {
    "name": "logins", "label": "Logins", "description": "Logins of 28 days; nobody is left out.", "kind": "mean",
    "expression": "logins_28d", "unit": "logins", "level": "user", "direction": "up", "tier": "secondary",
    "is_heavy_tailed": False, "adds_up": True,
}
RATIO = {key: value for key, value in GOOD.items() if key != "expression"} | {
    "kind": "ratio", "numerator": "logins_28d", "denominator": "sessions_28d", "adds_up": False,
}
FIELDS = (
    "name, label, description, unit, kind, level, direction, tier, is_heavy_tailed, adds_up, expression, numerator, denominator"
)


def without(entry: dict[str, Any], field: str) -> dict[str, Any]:
    """The entry less one field."""
    return {key: value for key, value in entry.items() if key != field}


# Entries and the exact texts that they must bring; none for good ones.
TABLE: list[tuple[Any, list[str]]] = [
    ([GOOD], []),
    ([RATIO, {**GOOD, "name": "a2_b"}], []),
    ([{**GOOD, "direction": None}], []),
    ([{**GOOD, "kind": "binary"}, {**GOOD, "name": "n", "kind": "nps", "adds_up": False},
      {**GOOD, "name": "o", "kind": "ordinal", "adds_up": False}, {**RATIO, "name": "r", "is_heavy_tailed": True}], []),
    ([], ["metrics: must be a list of at least one entry, got []."]),
    ("logins", ['metrics: must be a list of at least one entry, got "logins".']),
    (GOOD, [f"metrics: must be a list of at least one entry, got {json.dumps(GOOD)}."]),
    ([GOOD, "logins"], ['metrics: entry 2 must be a mapping, got "logins".']),
    ([without(GOOD, "name")], ["metrics: entry 1: `name` must be a text, got null."]),
    ([{**GOOD, "name": 7}], ["metrics: entry 1: `name` must be a text, got 7."]),
    ([{**GOOD, "name": " "}], ['metrics: entry 1: `name` must be a text, got " ".']),
    *[([{**GOOD, "name": name}], [f'metrics: {name}: `name` must be lower snake case of at most 40 characters, got "{name}".'])
      for name in ("Logins", "logins 28d", "28d_logins", "l" * 41, "_logins", "o'clock")],
    ([{**GOOD, "name": "l" * 40}], []),
    ([GOOD, GOOD], ["metrics: logins: duplicate `name`; each metric needs its own."]),
    *[([without(GOOD, field)], [f"metrics: logins: `{field}` must be a text, got null."]) for field in ("label", "description", "unit")],
    *[([{**GOOD, field: ""}], [f'metrics: logins: `{field}` must be a text, got "".']) for field in ("label", "description", "unit")],
    *[([without(GOOD, field)], [f"metrics: logins: `{field}` is required."])
      for field in ("kind", "level", "direction", "tier", "is_heavy_tailed", "adds_up")],
    ([{**GOOD, "kind": "medium"}], ['metrics: logins: `kind` must be one of "binary", "mean", "ratio", "nps", "ordinal", got "medium".']),
    ([{**GOOD, "level": "team"}], ['metrics: logins: `level` must be one of "user", "account", got "team".']),
    ([{**GOOD, "direction": "sideways"}], ['metrics: logins: `direction` must be one of "up", "down", none, got "sideways".']),
    ([{**GOOD, "tier": None}], ['metrics: logins: `tier` must be one of "primary", "secondary", "guardrail", got null.']),
    ([{**GOOD, "is_heavy_tailed": "yes"}], ['metrics: logins: `is_heavy_tailed` must be one of true, false, got "yes".']),
    ([{**GOOD, "adds_up": 1}], ["metrics: logins: `adds_up` must be one of true, false, got 1."]),
    ([{**GOOD, "teir": "primary"}], [f"metrics: unknown field `teir` in `logins`; valid fields: {FIELDS}."]),
    ([without(GOOD, "expression")], ["metrics: logins: `expression` must be SQL over user_features (kind mean), got null."]),
    ([{**GOOD, "expression": " "}], ['metrics: logins: `expression` must be SQL over user_features (kind mean), got " ".']),
    ([{**GOOD, "denominator": "sessions_28d"}],
     ['metrics: logins: `denominator` does not go with kind mean, which has expression, got "sessions_28d".']),
    ([without(RATIO, "denominator")], ["metrics: logins: `denominator` must be SQL over user_features (kind ratio), got null."]),
    ([without(RATIO, "numerator")], ["metrics: logins: `numerator` must be SQL over user_features (kind ratio), got null."]),
    ([{**RATIO, "expression": "logins_28d"}],
     ['metrics: logins: `expression` does not go with kind ratio, which has numerator and denominator, got "logins_28d".']),
    ([{**GOOD, "kind": "binary", "is_heavy_tailed": True}],
     ["metrics: logins: `is_heavy_tailed` must be false for kind binary, got true: it does not have a tail to winsorize."]),
    ([{**RATIO, "adds_up": True}], ["metrics: logins: `adds_up` must be false for kind ratio, got true: its sum over users is meaningless."]),
    ([{**GOOD, "kind": "nps"}], ["metrics: logins: `adds_up` must be false for kind nps, got true: its sum over users is meaningless."]),
    ([{**GOOD, "kind": "ordinal"}], ["metrics: logins: `adds_up` must be false for kind ordinal, got true: its sum over users is meaningless."]),
    ([{**GOOD, "label": "", "tier": "x"}, without(GOOD, "kind")],
     ['metrics: logins: `label` must be a text, got "".',
      'metrics: logins: `tier` must be one of "primary", "secondary", "guardrail", got "x".',
      "metrics: logins: `kind` is required.", "metrics: logins: duplicate `name`; each metric needs its own."]),
]


@pytest.fixture(scope="module")
def registry_project(macro_project: Warehouse) -> Warehouse:
    """The macros and the one model that shows the registry, on a day of its own."""
    folder = macro_project.folder
    (folder / "models/marts").mkdir(parents=True)
    for suffix in ("sql", "yml"):
        shutil.copy(ROOT / f"models/marts/comparison/metrics.{suffix}", folder / "models/marts")
    (folder / "models/data_through.sql").write_text("select cast('2026-01-01' as date) as data_through\n", encoding="utf-8")
    return macro_project


def add_entry(project: Warehouse, entry: str) -> Callable[[], None]:
    """One more entry in the project's list of metrics; returns what takes it out again."""
    path = project.folder / "macros/metrics/metrics.sql"
    text = path.read_text(encoding="utf-8")
    assert text.count("    ]) }}\n{% endmacro %}") == 1
    path.write_text(text.replace("    ]) }}\n{% endmacro %}", f"        {entry},\n    ]) }}}}\n{{% endmacro %}}"), encoding="utf-8")
    return lambda: path.write_text(text, encoding="utf-8") and None


def test_a_faulty_entry_is_told_what_is_wrong(registry_project: Warehouse) -> None:
    def literal(value: Any) -> str:
        return re.sub(r"\bnull\b", "none", json.dumps(value))

    lines = "\n".join(f"    {{% do found.append(segmentation._metrics_problems({literal(entries)})) %}}" for entries, _ in TABLE)
    (registry_project.folder / "macros/tested_problems.sql").write_text(
        "{% macro tested_problems() %}\n    {% set found = [] %}\n" + lines
        + "\n    {{ print('FOUND ' ~ tojson(found)) }}\n{% endmacro %}\n",
        encoding="utf-8",
    )
    result = registry_project.run("run-operation", "tested_problems", "--quiet")
    assert result, result.output
    told = json.loads(re.search("FOUND (.*)", result.output).group(1))
    assert len(told) == len(TABLE) > 30
    for (entries, expected), found in zip(TABLE, told):
        assert found == expected, entries


def test_a_new_metric_is_one_entry_and_a_faulty_one_stops_the_parse(registry_project: Warehouse) -> None:
    before = len(re.findall(r"^ +{'name': ", (ROOT / "macros/metrics/metrics.sql").read_text(encoding="utf-8"), flags=re.MULTILINE))
    description = "The user''s logins; \"nobody\" is left out."
    remove = add_entry(registry_project, json.dumps({**GOOD, "description": description}))
    result = registry_project.run("run")
    assert result, result.output
    rows = {row["metric"]: row for row in registry_project.records("select * from marts.metrics")}
    assert len(rows) == before + 1 and before >= 25
    assert rows["logins"] == {
        "metric": "logins", "label": "Logins", "description": description, "kind": "mean",
        "definition": "avg(logins_28d)", "unit": "logins", "level": "user", "direction": "up", "tier": "secondary",
        "is_heavy_tailed": False, "adds_up": True, "as_of_date": date(2026, 1, 1), "data_through": date(2026, 1, 1),
    }
    assert rows["feature_adoption_28d"]["definition"] == "avg(cast(null as double))", "no event here is a feature"
    remove()

    remove = add_entry(registry_project, "{'name': 'logins', 'kind': 'medium'}")
    result = registry_project.run("parse")
    remove()
    assert not result
    assert 'metrics: logins: `kind` must be one of "binary", "mean", "ratio", "nps", "ordinal", got "medium".' in result.output
    assert "metrics: logins: `tier` is required." in result.output


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
    "trial_conversion": lambda users: accounts(users, users.trial_outcome == "converted", users.trial_outcome.isin(["converted", "lapsed"])),
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
    "csat_score": lambda users: mean(users.csat_score),
    "nps": lambda users: mean(users.nps_score.dropna().map(lambda score: 100 if score >= 9 else 0 if score >= 7 else -100)),
    "click_through_rate_91d": lambda users: ratio(
        users.messages_clicked_91d, users.messages_delivered_91d, users.messages_delivered_91d > 0
    ),
    "cac": lambda users: ratio(
        users.acquisition_cost.astype(float),
        (users.days_as_customer.astype(float) <= 118).astype(float) / users.account_users, in_cost_window(users)
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
        row for row in sample["campaign_messages"] if row["user_id"] in present and happened(row["delivered_at"], newest - timedelta(days=91))
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

    # Signups of a month through a channel together cost what was spent on it, where anybody signed up.
    spent: dict[tuple[str, str], float] = {}
    seen = set()
    for row in sample["marketing_spend"]:
        if happened(row["spend_date"]) and tuple(row.values()) not in seen:
            seen.add(tuple(row.values()))
            month = (row["channel"].strip().lower(), row["spend_date"][:7])
            spent[month] = spent.get(month, 0.0) + float(row["amount"])
    costs = sample_warehouse.query(
        """
        select acquisition_channel, cast(data_through - cast(tenure_days as integer) as text)[1:7], sum(acquisition_cost)
        from marts.users where acquisition_cost is not null group by all
        """
    )
    assert len(costs) > 60 and any(cost > 0 for *_, cost in costs)
    for channel, month, cost in costs:
        assert cost == pytest.approx(spent.get((channel, month), 0.0), rel=1e-9), (channel, month)
