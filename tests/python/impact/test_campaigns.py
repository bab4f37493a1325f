"""Campaigns: windows, arms and repeated messages by hand; effects against scipy and statsmodels; the sample's planted effect."""

from __future__ import annotations

import itertools
import json
import math
from datetime import date, datetime, timedelta
from typing import Any

import numpy as np
import pandas as pd
import pytest
from scipy import stats
from statsmodels.sandbox.regression.gmm import IV2SLS
from statsmodels.stats.multitest import multipletests
from statsmodels.stats.proportion import confint_proportions_2indep, proportion_effectsize

from made_up_experiments import campaigns_of, cr2
from mart_project import MartProject
from warehouse import SAMPLE, Warehouse

TRUTHS = json.loads((SAMPLE / "truths.json").read_text(encoding="utf-8"))["truths"]["campaign"]
DATA_THROUGH = date(2026, 6, 30)
FIRST, SECOND = date(2026, 3, 1), date(2026, 3, 8)
EFFECTS = (
    "difference",
    "difference_lower",
    "difference_upper",
    "p_value",
    "q_value",
    "lift",
    "lift_lower",
    "lift_upper",
    "effect_size",
    "smallest_detectable_difference",
    "complier_effect",
    "complier_effect_lower",
    "complier_effect_upper",
)
STEPS = ("sent", "delivered", "opened", "clicked", "unsubscribed")
MODELS = ("campaign_users", "campaign_outcomes", "campaign_results")
NULL_CAMPAIGNS = 60


def close(one: Any, other: Any, tolerance: float = 1e-9) -> bool:
    """The same number; NULL and NaN equal only each other."""
    if pd.isna(one) or pd.isna(other):
        return bool(pd.isna(one) and pd.isna(other))
    return math.isclose(one, other, rel_tol=tolerance, abs_tol=tolerance)


# ---------------------------------------------------------------------------------------------------
# The sample
# ---------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def sample_results(sample_warehouse: Warehouse) -> dict[tuple[str, str], dict[str, Any]]:
    return {(row["campaign"], row["segment"]): row for row in sample_warehouse.records("select * from marts.campaign_results")}


def test_the_planted_shares_are_exact_and_the_effects_in_their_intervals(sample_results: dict) -> None:
    row, realized = sample_results["winback_spring", "__all__"], TRUTHS["realized"]
    assert (row["evidence"], row["quality"]) == ("holdout", "ok")
    assert (row["n"], row["delivered_users"], row["baseline_n"]) == tuple(realized[arm]["n"] for arm in ("sent", "delivered", "holdout"))
    assert row["mean"] == realized["sent"]["converted"] == 0.15
    assert row["baseline_mean"] == realized["holdout"]["converted"] == 0.06
    assert row["delivered_share"] == TRUTHS["delivery_share"] and row["baseline_delivered_users"] == 0
    assert row["difference"] == pytest.approx(0.09) and row["complier_effect"] == pytest.approx(0.09 / 0.95)
    assert row["difference_lower"] < TRUTHS["intention_to_treat_effect"] < row["difference_upper"]
    assert row["complier_effect_lower"] < TRUTHS["complier_effect"] < row["complier_effect_upper"]
    assert row["difference_lower"] > 0 and row["p_value"] < 0.05
    assert (row["assigned_users"], row["dropped_users"], row["unobserved_users"]) == (500, 0, 0)


def test_without_a_holdout_nothing_is_claimed(sample_results: dict) -> None:
    rows = [row for (campaign, _), row in sample_results.items() if campaign == "reporting_launch"]
    assert len(rows) > 20 and sum(row["n"] for row in rows) > 380
    for row in rows:
        assert (row["evidence"], row["quality"], row["baseline_n"]) == ("no_holdout", "insufficient", 0)
        assert all(row[column] is None for column in (*EFFECTS, "baseline_mean"))
    assert sample_results["reporting_launch", "__all__"]["delivered_users"] == 364


# ---------------------------------------------------------------------------------------------------
# Windows, arms, segments
# ---------------------------------------------------------------------------------------------------


MESSAGE_NUMBERS = itertools.count(1)


def message(user: str, campaign: str = "c", assigned: str = "2026-03-04T12:00:00", held_out: bool | None = False, **steps: str) -> dict:
    return {
        "message_id": f"m{next(MESSAGE_NUMBERS):06d}",
        "campaign": campaign,
        "user_id": user,
        "is_holdout": held_out,
        "assigned_at": datetime.fromisoformat(assigned),
        **{f"{step}_at": datetime.fromisoformat(steps[step]) if step in steps else None for step in STEPS},
    }


def converts(user: str, moment: str, name: str = "upgrade_requested", known: str | None = None) -> dict:
    return {
        "event_id": f"{user}{moment}",
        "user_id": user,
        "event_name": name,
        "occurred_at": datetime.fromisoformat(moment),
        "known_date": date.fromisoformat((known or moment)[:10]),
        "event_date": date.fromisoformat(moment[:10]),
    }


def drawn_campaign(
    rng: np.random.Generator, name: str, n: int, share: float, effect: float, leak: float = 0.0
) -> tuple[list[dict], list[dict]]:
    """Messages and conversions; `leak` is the share of those held out whom it reaches all the same."""
    messages, events = [], []
    for place in range(n):
        user, held_out = f"{name}{place}", bool(rng.random() < share)
        reached = rng.random() < (leak if held_out else 0.8)
        messages.append(
            message(
                user, name, held_out=held_out, **({"sent": "2026-03-04T13:00:00", "delivered": "2026-03-04T13:05:00"} if reached else {})
            )
        )
        if rng.random() < 0.1 + effect * reached:
            events.append(converts(user, "2026-03-10T00:00:00"))
    return messages, events


@pytest.fixture(scope="module")
def colleagues() -> pd.DataFrame:
    """Campaigns in companies whose colleagues are alike, the holdout drawn by account or by user: null ones have no effect."""
    null = {f"null_account_{place}": (100, True) for place in range(NULL_CAMPAIGNS)}
    rng = np.random.default_rng(17)
    return campaigns_of(rng, {"by_account": (132, True), "by_user": (102, False), "few_accounts": (26, True), **null})


@pytest.fixture(scope="module")
def made_up(mart_project: MartProject, colleagues: pd.DataFrame) -> dict[str, pd.DataFrame]:
    """The marts on made-up messages: name -> rows."""
    rng = np.random.default_rng(3)
    messages = [
        # Windows end 14 days later, to the second; what lies before the assignment does not count.
        message("at_the_start"),
        message("in_time"),
        message("at_the_end"),
        message("too_late"),
        message("before"),
        message("linked_late"),
        message("other_event"),
        message(
            "steps",
            sent="2026-03-04T12:00:01",
            delivered="2026-03-18T12:00:00",
            opened="2026-03-18T12:00:01",
            clicked="2026-03-20T00:00:00",
        ),
        # The first assignment counts, of the message too.
        message("twice", assigned="2026-03-10T12:00:00", sent="2026-03-10T13:00:00", delivered="2026-03-10T13:00:00"),
        message("twice", assigned="2026-03-04T12:00:00", sent="2026-03-04T13:00:00"),
        message("held_out", held_out=True),
        message("both"),
        message("both", assigned="2026-03-05T12:00:00", held_out=True),
        message("unsaid", held_out=None),
        message("unsaid_elsewhere", "silent", held_out=None),
        # Windows that end on data_through, and after it.
        message("last", assigned="2026-06-16T23:59:59"),
        message("running", assigned="2026-06-17T00:00:00"),
        message("future", assigned="2026-07-01T00:00:00"),
        message("both_later", assigned="2026-03-04T12:00:00"),
        message("both_later", assigned="2026-07-01T12:00:00", held_out=True),
        # Segments.
        message("sunday", assigned="2026-03-08T00:00:00"),
        message("early", assigned="2026-03-01T23:00:00"),
        # Degenerate campaigns.
        message("alone", "one_each"),
        message("other", "one_each", held_out=True),
        *[message(f"held{place}", "all_held_out", held_out=True) for place in range(5)],
        *[message(f"none{place}", "none_converted", held_out=place < 40) for place in range(100)],
        *[message(f"unreached{place}", "unreached", held_out=place < 40) for place in range(100)],
    ]
    events = [
        converts("at_the_start", "2026-03-04T12:00:00"),
        converts("in_time", "2026-03-04T12:00:01"),
        converts("at_the_end", "2026-03-18T12:00:00"),
        converts("too_late", "2026-03-18T12:00:01"),
        converts("before", "2026-03-03T12:00:00"),
        converts("linked_late", "2026-03-10T12:00:00", known="2026-03-19"),
        converts("other_event", "2026-03-10T12:00:00", "page_viewed"),
        converts("twice", "2026-03-20T12:00:00"),
        *[converts(f"unreached{place}", "2026-03-10T12:00:00") for place in range(30, 60)],
    ]
    for name, n, share, effect, leak in [("large", 900, 0.2, 0.12, 0.0), ("leaky", 700, 0.5, 0.2, 0.15), ("small", 40, 0.3, 0.0, 0.0)]:
        drawn = drawn_campaign(rng, name, n, share, effect, leak)
        messages += drawn[0]
        events += drawn[1]
    for row in colleagues.itertuples():
        reached = {"sent": "2026-03-04T13:00:00", "delivered": "2026-03-04T13:05:00"} if row.is_delivered else {}
        messages.append(message(row.user_id, row.campaign, held_out=row.is_holdout, **reached))
        if row.conversions:
            events.append(converts(row.user_id, "2026-03-10T00:00:00"))
    mart_project.fill(
        "activity.user_accounts",
        [
            {"user_id": user, "account_id": account, "valid_from_date": start, "valid_to_date": end}
            for user, account in zip(colleagues.user_id, colleagues.account_id)
            if account
            # The account of the day of the assignment.
            for account, start, end in [("elsewhere", None, date(2026, 3, 4)), (account, date(2026, 3, 4), None)]
        ],
    )
    users = sorted({row["user_id"] for row in messages} - {"early", "future"})
    mart_project.fill("activity.data_through", [{"data_through": DATA_THROUGH}])
    mart_project.fill("activity.as_of_dates", [{"as_of_date": FIRST}, {"as_of_date": SECOND}])
    mart_project.fill(
        "features.user_dates", [{"user_id": user, "as_of_date": day} for user in [*users, "early"] for day in (FIRST, SECOND)]
    )
    mart_project.fill("marts.segments", [{"segment": name, "tier": "micro"} for name in ("even", "seconds", "nobody")])
    mart_project.fill(
        "marts.user_segments",
        [
            *[{"user_id": user, "segment": "even", "as_of_date": FIRST} for user in users if user[-1] in "02468"],
            *[{"user_id": user, "segment": "seconds", "as_of_date": SECOND} for user in users],
        ],
    )
    mart_project.fill("activity.user_events", events)
    mart_project.fill(
        "activity.user_messages", [{**row, "named_id": row["user_id"], "known_date": row["assigned_at"].date()} for row in messages]
    )
    mart_project.run_models(*MODELS)
    return {mart: mart_project.frame(f"select * from marts.{mart}") for mart in MODELS}


def test_windows_arms_and_segments(made_up: dict[str, pd.DataFrame]) -> None:
    users = made_up["campaign_users"].query("campaign in ('c', 'silent')").set_index("user_id")
    assert set(users.index[users.is_converted]) == {"in_time", "at_the_end"}
    steps = users.loc["steps", [f"is_{step}" for step in STEPS]]
    assert steps.tolist() == [True, True, False, False, False]
    assert users.assigned_at["twice"] == datetime(2026, 3, 4, 12) and not users.is_delivered["twice"] and users.is_sent["twice"]
    assert users.window_ends_at["twice"] - users.assigned_at["twice"] == timedelta(days=14)
    assert set(users.index[users.has_no_single_arm]) == {"both", "unsaid"}
    assert set(users.index[users.is_holdout & ~users.has_no_single_arm]) == {"held_out"}
    assert set(users.index[~users.is_observed]) == {"running"} and "future" not in users.index
    assert set(users.index[users.segment_as_of.isna()]) == {"early"} and not users.has_history["early"]
    assert users.segment_as_of["sunday"].date() == FIRST and users.segment_as_of["last"].date() == SECOND

    results = made_up["campaign_results"].set_index(["campaign", "segment"])
    counts = [
        "assigned_users",
        "dropped_users",
        "unobserved_users",
        "n",
        "baseline_n",
        "sent_users",
        "delivered_users",
        "opened_users",
        "converted_users",
    ]
    assert results.loc[("c", "__all__"), counts].tolist() == [17, 2, 1, 13, 1, 2, 1, 0, 2]
    assert results.loc[("c", "__no_history__"), counts[:5]].tolist() == [1, 0, 0, 1, 0]
    assert results.loc[("c", "seconds"), counts[:5]].tolist() == [2, 0, 1, 1, 0]
    assert results.loc[("silent", "__all__"), "evidence"] == "no_holdout" and results.loc[("silent", "__all__"), "n"] == 1
    assert set(zip(*results.index.levels)) and len(results) == results.index.get_level_values(0).nunique() * 5


def test_effects_equal_scipy_and_statsmodels(made_up: dict[str, pd.DataFrame]) -> None:
    users = made_up["campaign_users"]
    tested = 0
    for row in made_up["campaign_results"].query("randomization_unit == 'user'").itertuples():
        assert row.design_effect == 1 or row.quality == "insufficient"
        inside = users[(users.campaign == row.campaign) & users.is_observed & ~users.has_no_single_arm]
        if row.segment == "even":
            inside = inside[inside.user_id.str[-1].isin(list("02468")) & (inside.segment_as_of.dt.date == FIRST)]
        elif row.segment != "__all__":
            continue
        arm, held_out = inside[~inside.is_holdout], inside[inside.is_holdout]
        counts = (
            len(arm),
            len(held_out),
            arm.is_converted.sum(),
            held_out.is_converted.sum(),
            arm.is_delivered.sum(),
            held_out.is_delivered.sum(),
        )
        assert counts == (
            row.n,
            row.baseline_n,
            row.converted_users,
            row.baseline_converted_users,
            row.delivered_users,
            row.baseline_delivered_users,
        )
        n, baseline_n, one, other, _, _ = counts
        if n < 2 or baseline_n < 2:
            assert row.quality == "insufficient" and all(pd.isna(getattr(row, column)) for column in EFFECTS)
            continue
        expected = min(n, baseline_n) * min(one + other, n + baseline_n - one - other) / (n + baseline_n)
        assert row.quality == ("low_counts" if expected < 5 else "small_n" if min(n, baseline_n) < 30 else "ok")
        lower, upper = confint_proportions_2indep(one, n, other, baseline_n, method="newcomb", compare="diff")
        assert close(row.difference_lower, lower) and close(row.difference_upper, upper)
        assert close(row.difference, one / n - other / baseline_n) and close(
            row.effect_size, proportion_effectsize(one / n, other / baseline_n)
        )
        if one + other == 0:
            assert pd.isna(row.p_value) and pd.isna(row.complier_effect_lower)
            continue
        table = [[one, n - one], [other, baseline_n - other]]
        chi_square = stats.chi2_contingency(table, correction=False)[0] * (n + baseline_n - 1) / (n + baseline_n)
        assert close(row.p_value, stats.chi2.sf(chi_square, 1))
        if row.campaign == "unreached":
            assert row.delivered_share == 0 and pd.isna(row.complier_effect) and pd.isna(row.complier_effect_upper)
            continue
        # Being chosen as the instrument of being reached; the error from the residuals, arm by arm.
        chosen, reached = (~inside.is_holdout).to_numpy(float), inside.is_delivered.to_numpy(float)
        converted = inside.is_converted.to_numpy(float)
        fit = IV2SLS(converted, np.column_stack([np.ones(len(inside)), reached]), np.column_stack([np.ones(len(inside)), chosen])).fit()
        residuals = converted - fit.params[1] * reached
        variance = sum(residuals[chosen == side].var(ddof=1) / (chosen == side).sum() for side in (0, 1))
        gap = reached[chosen == 1].mean() - reached[chosen == 0].mean()
        margin = stats.norm.ppf(0.975) * math.sqrt(variance) / gap
        assert close(row.complier_effect, fit.params[1])
        assert close(row.complier_effect_lower, fit.params[1] - margin) and close(row.complier_effect_upper, fit.params[1] + margin)
        tested += 1
    assert tested >= 6


def test_errors_of_a_holdout_of_accounts_equal_those_of_bell_and_mccaffrey(
    made_up: dict[str, pd.DataFrame], colleagues: pd.DataFrame
) -> None:
    compared = 0
    for row in (
        made_up["campaign_results"].query("campaign in ('by_account', 'few_accounts') and segment in ('__all__', 'even')").itertuples()
    ):
        inside = colleagues[
            (colleagues.campaign == row.campaign) & (row.segment == "__all__" or colleagues.user_id.str[-1].isin(list("02468")))
        ]
        inside = inside.assign(unit=inside.account_id.fillna(inside.user_id))
        arms = [inside[~inside.is_holdout], inside[inside.is_holdout]]
        assert row.randomization_unit == "account" and [row.accounts, row.baseline_accounts] == [arm.unit.nunique() for arm in arms]
        by_account = [cr2(arm.conversions.to_numpy(), arm.unit.to_numpy()) for arm in arms]
        squared_error = sum(error for error, _ in by_account)
        df = squared_error**2 / sum(error**2 / freedom for error, freedom in by_account)
        design_effect = squared_error / sum(arm.conversions.var() / len(arm) for arm in arms)
        assert close(row.design_effect, design_effect) and close(row.difference, arms[0].conversions.mean() - arms[1].conversions.mean())
        pooled = inside.conversions.var() * sum(1 / len(arm) for arm in arms)
        quantile = stats.t.ppf(0.975, df)
        each = (stats.norm.ppf(0.975) / quantile) ** 2 / design_effect
        counts = [value * each for arm in arms for value in (arm.conversions.sum(), len(arm))]
        lower, upper = confint_proportions_2indep(*counts, method="newcomb", compare="diff")
        assert close(row.difference_lower, lower, 1e-8) and close(row.difference_upper, upper, 1e-8)
        detectable = (stats.norm.ppf(0.975) + stats.norm.ppf(0.8)) * math.sqrt(pooled * design_effect)
        assert close(row.smallest_detectable_difference, detectable, 1e-8)
        means = [arm.conversions.mean() for arm in arms]
        log_error = math.sqrt(sum(error / mean**2 for (error, _), mean in zip(by_account, means)))
        assert close(row.lift_upper, means[0] / means[1] * math.exp(stats.norm.ppf(0.975) * log_error) - 1, 1e-8)
        # Of those whom it reaches.
        gap = arms[0].is_delivered.mean() - arms[1].is_delivered.mean()
        residuals = [cr2((arm.conversions - row.complier_effect * arm.is_delivered).to_numpy(), arm.unit.to_numpy()) for arm in arms]
        error = sum(one for one, _ in residuals)
        freedom = error**2 / sum(one**2 / other for one, other in residuals)
        assert close(row.complier_effect, row.difference / gap)
        assert close(row.complier_effect_upper, row.complier_effect + stats.t.ppf(0.975, freedom) * math.sqrt(error) / gap, 1e-8)
        if min(row.accounts, row.baseline_accounts) < 20:
            assert row.quality in ("small_n", "low_counts") and pd.isna(row.p_value) and pd.isna(row.q_value)
        else:
            assert close(row.p_value, 2 * stats.t.sf(abs(row.difference) / math.sqrt(pooled * design_effect), df), 1e-8)
        assert design_effect > 1.2 or row.segment == "even"
        compared += 1
    assert compared == 4


def test_campaigns_of_accounts_without_an_effect_find_none(made_up: dict[str, pd.DataFrame]) -> None:
    """By user, as before, more than 15 % of them would have a p below 0.05."""
    rows = made_up["campaign_results"].query("segment == '__all__'")
    assert dict(rows[["campaign", "randomization_unit"]].values)["by_user"] == "user"
    rows = rows[rows.campaign.str.startswith("null_account_")]
    assert len(rows) == NULL_CAMPAIGNS and (rows.randomization_unit == "account").mean() > 0.98 and rows.p_value.notna().all()
    assert (rows.p_value < 0.05).mean() <= 0.05 + 3 * math.sqrt(0.05 * 0.95 / NULL_CAMPAIGNS)
    tables = zip(rows.converted_users, rows.n, rows.baseline_converted_users, rows.baseline_n)
    by_user = [stats.chi2_contingency([[one, n - one], [other, m - other]], correction=False)[1] for one, n, other, m in tables]
    assert (np.array(by_user) < 0.05).mean() > 0.15


def test_q_values_are_corrected_over_the_segments_of_a_campaign(made_up: dict[str, pd.DataFrame]) -> None:
    for _, rows in made_up["campaign_results"].groupby(["campaign", "family"]):
        inside = rows.p_value.notna() & ~rows.quality.isin(["insufficient", "small_n", "low_counts"])
        assert rows.q_value[~inside].isna().all()
        if inside.any():
            assert np.allclose(rows.q_value[inside], multipletests(rows.p_value[inside], method="fdr_bh")[1])
    assert made_up["campaign_results"].q_value.notna().sum() >= 5


def test_campaigns_that_cannot_be_compared_say_so(mart_project: MartProject, made_up: dict[str, pd.DataFrame]) -> None:
    results = made_up["campaign_results"].set_index(["campaign", "segment"])
    assert results.loc[("one_each", "__all__"), "quality"] == results.loc[("all_held_out", "__all__"), "quality"] == "insufficient"
    assert results.loc[("all_held_out", "__all__"), "evidence"] == "holdout" and results.loc[("all_held_out", "__all__"), "n"] == 0
    assert results.loc[("none_converted", "__all__"), "quality"] == "low_counts"
    assert pd.isna(results.loc[("none_converted", "__all__"), "p_value"]) and pd.isna(results.loc[("none_converted", "__all__"), "lift"])
    doubles = results.select_dtypes("float64").columns
    assert not np.isinf(results[doubles]).any().any()
    bad = mart_project.frame(
        "select count(*) as bad from marts.campaign_results where " + " or ".join(f"isnan({name})" for name in doubles)
    )
    assert bad.bad[0] == 0


@pytest.mark.long
def test_without_messages_there_is_no_row_and_no_error(mart_project: MartProject, made_up: dict[str, pd.DataFrame]) -> None:
    for table in ("activity.user_messages", "activity.user_events", "features.user_dates", "activity.as_of_dates"):
        mart_project.fill(table, [])
    mart_project.run_models(*MODELS)
    for mart in MODELS:
        assert len(mart_project.frame(f"select * from marts.{mart}")) == 0, mart
