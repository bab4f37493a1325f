"""How large an experiment must be, on the sample: outcomes recounted from events, errors by statsmodels, power by statsmodels."""

from __future__ import annotations

import math
from collections import defaultdict
from datetime import timedelta

import duckdb
import numpy as np
import pandas as pd
import pytest
from scipy import stats
from statsmodels.api import OLS
from statsmodels.stats.power import NormalIndPower
from statsmodels.stats.proportion import proportion_effectsize

from warehouse import ROOT, Warehouse

WINDOW = 28
EFFECTS = (0.05, 0.1, 0.2, 0.5)
PLANNED = ("active_days", "events", "converted", "active", "engagement", "nps")


def frame(warehouse: Warehouse, sql: str) -> pd.DataFrame:
    with duckdb.connect(str(warehouse.database), read_only=True) as connection:
        return connection.execute(sql).df()


@pytest.fixture(scope="module")
def plan(sample_warehouse: Warehouse) -> pd.DataFrame:
    return frame(sample_warehouse, "select * from marts.experiment_plan")


@pytest.fixture(scope="module")
def rehearsed(sample_warehouse: Warehouse, plan: pd.DataFrame) -> pd.DataFrame:
    """Each user of the rehearsal with account and outcomes, from events in plain Python."""
    day, end = plan["assigned_date"][0].date(), plan["data_through"][0].date()
    days, events, upgrades = defaultdict(set), defaultdict(int), defaultdict(int)
    for user, name, moment, is_human, known in sample_warehouse.query(
        "select user_id, event_name, occurred_at, is_human, known_date from activity.user_events"
    ):
        if timedelta(0) < moment.date() - day <= timedelta(days=WINDOW) and known <= end:
            upgrades[user] += name == "upgrade_requested"
            if is_human:
                days[user].add(moment.date())
                events[user] += 1
    accounts = dict(
        sample_warehouse.query(
            f"select user_id, account_id from activity.user_accounts where coalesce(valid_from_date, '{day}') <= '{day}' "
            f"and coalesce(valid_to_date, '9999-01-01') > '{day}'"
        )
    )
    scores: dict[str, float] = {}
    for user, score in sample_warehouse.query(
        f"select user_id, score from staging.stg_survey_responses where instrument = 'nps' and score is not null "
        f"and cast(responded_at as date) > '{day}' and cast(responded_at as date) <= '{end}' order by responded_at, response_id"
    ):
        scores[user] = 100.0 if score >= 9 else 0.0 if score >= 7 else -100.0
    users = [
        user
        for (user,) in sample_warehouse.query(
            "select user_id from features.user_dates where as_of_date = (select max(segment_as_of) from marts.experiment_plan)"
        )
    ]
    found = pd.DataFrame(
        {
            "user_id": users,
            "unit": [accounts.get(user) or f"alone {user}" for user in users],
            "active_days": [float(len(days[user])) for user in users],
            "events": [float(events[user]) for user in users],
            "converted": [float(upgrades[user] > 0) for user in users],
            "nps": [scores.get(user, np.nan) for user in users],
        }
    )
    found["active"] = (found["active_days"] > 0).astype(float)
    found["engagement"] = found["events"].where(found["active"] > 0)
    return found


@pytest.fixture(scope="module")
def members(sample_warehouse: Warehouse, plan: pd.DataFrame) -> pd.DataFrame:
    return frame(
        sample_warehouse,
        "select user_id, segment, as_of_date from marts.user_segments where as_of_date >= (select max(segment_as_of) from marts.experiment_plan) "
        "union all select user_id, '__all__', as_of_date from features.user_dates "
        "where as_of_date >= (select max(segment_as_of) from marts.experiment_plan)",
    )


def test_every_metric_has_a_plan_in_every_segment(sample_warehouse: Warehouse, plan: pd.DataFrame) -> None:
    segments = sample_warehouse.query("select segment from marts.segments")
    metrics = sample_warehouse.query("select distinct metric from marts.experiment_outcomes")
    assert len(plan) == (len(segments) + 1) * len(metrics) * len(EFFECTS) and set(plan["relative_effect"]) == set(EFFECTS)
    assert plan["segment_as_of"].max() < plan["assigned_date"].min()
    assert (plan["data_through"] - plan["assigned_date"]).dt.days.unique().tolist() == [WINDOW]


def test_means_and_design_effects_equal_a_clustered_regression(plan: pd.DataFrame, rehearsed: pd.DataFrame, members: pd.DataFrame) -> None:
    start, compared = plan["segment_as_of"][0], 0
    for row in plan[plan["metric"].isin(PLANNED) & (plan["relative_effect"] == 0.1)].itertuples():
        inside = rehearsed[
            rehearsed["user_id"].isin(members[(members["segment"] == row.segment) & (members["as_of_date"] == start)]["user_id"])
        ]
        values = inside.dropna(subset=row.metric)
        assert (row.n, row.accounts) == (len(values), values["unit"].nunique())
        if len(inside):
            assert row.outcome_share == pytest.approx(len(values) / len(inside))
        if row.n < 2 or pd.isna(row.design_effect):
            continue
        weights = values["active_days"] if row.metric == "engagement" else pd.Series(1.0, values.index)
        residuals = values[row.metric] - values[row.metric].sum() / weights.sum() * weights
        assert row.mean == pytest.approx(values[row.metric].sum() / weights.sum())
        assert row.standard_deviation == pytest.approx(math.sqrt(residuals.var()) / weights.mean())
        clusters = {"groups": pd.factorize(values["unit"])[0], "use_correction": True}
        fit = OLS(residuals.to_numpy(), np.ones(len(values))).fit(cov_type="cluster", cov_kwds=clusters)
        design_effect = max(1.0, fit.bse[0] ** 2 * len(values) / residuals.var())
        assert row.design_effect == pytest.approx(design_effect)
        size = (values["unit"].value_counts() ** 2).sum() / len(values)
        if size > 1:
            assert row.account_correlation == pytest.approx((design_effect - 1) / (size - 1), abs=1e-9)
        compared += 1
    assert compared > 100 and (plan["design_effect"] > 1.5).sum() > 50


def test_needs_equal_the_power_of_statsmodels(plan: pd.DataFrame) -> None:
    planned = plan[(plan["quality"] != "insufficient") & plan["effect_size"].notna()]
    for row in planned.itertuples():
        if row.metric_kind == "binary":
            size = proportion_effectsize(row.mean * (1 + row.relative_effect), row.mean)
        else:
            size = row.relative_effect * row.mean / row.standard_deviation
        assert row.effect_size == pytest.approx(size) and row.difference == pytest.approx(row.relative_effect * row.mean)
        outcomes = 2 * (stats.norm.ppf(0.975) + stats.norm.ppf(0.8)) ** 2 / size**2
        assert NormalIndPower().power(effect_size=size, nobs1=outcomes, alpha=0.05, ratio=1) == pytest.approx(0.8, abs=1e-4)
        by_account = outcomes * row.design_effect
        if row.metric == "revenue":
            assert pd.isna(row.users_needed) and pd.isna(row.days_needed) and pd.isna(row.smallest_detectable_lift)
        else:
            assert row.users_needed == pytest.approx(math.ceil(max(outcomes, 30) / row.outcome_share), rel=1e-5, abs=1)
            detectable = row.smallest_detectable_lift * row.mean / row.standard_deviation
            assert NormalIndPower().power(detectable, row.users * row.outcome_share / 2, 0.05, 1) == pytest.approx(0.8, abs=1e-4)
            assert row.account_smallest_detectable_lift == pytest.approx(row.smallest_detectable_lift * math.sqrt(row.design_effect))
        if not pd.isna(row.design_effect):
            assert row.account_users_needed == pytest.approx(math.ceil(max(by_account, 30) / row.outcome_share), rel=1e-5, abs=1)
            assert row.accounts_needed >= 20
    assert len(planned) > 400 and plan.loc[plan["quality"] == "insufficient", ["users_needed", "accounts_needed"]].isna().all().all()
    # More than all cannot convert.
    impossible = plan[(plan["metric_kind"] == "binary") & (plan["mean"] * (1 + plan["relative_effect"]) > 1)]
    assert len(impossible) > 5 and impossible["users_needed"].isna().all()


def test_days_follow_from_who_is_there_and_who_comes_in(sample_warehouse: Warehouse, plan: pd.DataFrame, members: pd.DataFrame) -> None:
    start, end = plan["segment_as_of"][0], plan["data_through"][0]
    weeks = (end - start).days / 7
    accounts = dict(sample_warehouse.query(f"select user_id, account_id from features.user_dates where as_of_date = '{end.date()}'"))
    units = members["user_id"].map(lambda user: accounts.get(user) or f"alone {user}")
    for (segment,), rows in members.assign(unit=units).groupby(["segment"]):
        before, now = rows[rows["as_of_date"] == start], rows[rows["as_of_date"] == end]
        row = plan[(plan["segment"] == segment) & (plan["metric"] == "active_days") & (plan["relative_effect"] == 0.2)].iloc[0]
        assert (row["users"], row["current_accounts"]) == (len(now), now["unit"].nunique())
        assert row["users_per_week"] == pytest.approx(len(set(rows["user_id"]) - set(before["user_id"])) / weeks)
        gone = set(rows["user_id"]) - set(accounts)
        if not gone:
            assert row["accounts_per_week"] == pytest.approx(len(set(rows["unit"]) - set(before["unit"])) / weeks)
    for row in plan.dropna(subset="accounts_needed").itertuples():
        for needed, there, per_week, days in (
            (row.users_needed, row.users, row.users_per_week, row.days_needed),
            (row.accounts_needed, row.current_accounts, row.accounts_per_week, row.account_days_needed),
        ):
            lacking = 2 * needed - there
            if pd.isna(needed) or (lacking > 0 and per_week == 0):
                assert pd.isna(days)
            else:
                assert days == WINDOW + (math.ceil(round(lacking / per_week * 7, 9)) if lacking > 0 else 0)
    assert (plan["days_needed"] > WINDOW).sum() > 50 and (plan["days_needed"] == WINDOW).sum() > 10
    assert (plan["account_days_needed"] > plan["days_needed"]).sum() > 50


def test_a_design_effect_within_a_segment_is_its_own(plan: pd.DataFrame) -> None:
    """Whoever shares a segment by account shares much of the outcome already; that of everybody is no guide."""
    rows = plan[(plan["metric"] == "revenue") & (plan["relative_effect"] == 0.1)].set_index("segment")
    assert rows["design_effect"].nunique() > 10 and rows.loc["__all__", "design_effect"] > 2


def test_the_page_shows_the_plan(plan: pd.DataFrame) -> None:
    page = (ROOT / "docs/statistics/experiment_plan.md").read_text(encoding="utf-8")
    text = " ".join(page.split())
    for metric, segment, effect in (("active_days", "__all__", 0.2), ("active_days", "__all__", 0.5)):
        row = plan[(plan["metric"] == metric) & (plan["segment"] == segment) & (plan["relative_effect"] == effect)].iloc[0].to_dict()
        line = (
            f"{row['relative_effect']:.0%} more: {row['users_needed']:,} users per arm and {row['days_needed']:,} days, or "
            f"{row['accounts_needed']:,} accounts ({row['account_users_needed']:,} users) and {row['account_days_needed']:,} days"
        )
        assert line in text, line
    first = (
        f"{row['n']:,} users of {row['accounts']:,} accounts were active on {row['mean']:.2f} days in 28, with a standard deviation of "
        f"{row['standard_deviation']:.2f}; colleagues are alike ({row['account_correlation']:.2f}), so {row['design_effect']:.1f} users say "
        "no more than one"
    )
    assert first in text, first
    second = (
        f"{row['users']:,} users of {row['current_accounts']:,} accounts are there, and {row['users_per_week']:.1f} users and "
        f"{row['accounts_per_week']:.1f} accounts come in per week. At once {row['smallest_detectable_lift']:.1%} could be noticed by "
        f"user, {row['account_smallest_detectable_lift']:.1%} by account"
    )
    assert second in text, second
