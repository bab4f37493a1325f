"""North Star, value and channels: recomputed from the rows below them, with scipy and statsmodels, and on made-up data."""

from __future__ import annotations

import json
import math
from datetime import date, timedelta
from typing import Any

import numpy as np
import pandas as pd
import pytest
from scipy.stats import chi2, chi2_contingency, t
from statsmodels.stats.multitest import multipletests
from statsmodels.stats.proportion import confint_proportions_2indep, proportion_confint

from mart_project import MartProject, close, fill_dates, table
from warehouse import ROOT, Warehouse

TRUTHS = json.loads((ROOT / "seeds/sample/truths.json").read_text(encoding="utf-8"))["truths"]


@pytest.fixture(scope="module")
def made_up(mart_project: MartProject) -> MartProject:
    """Every change of a variable parses the project anew, so all tests share one."""
    mart_project.configure(north_star_base={"days": 28, "periods_back": 2, "date": None}, cost_per_ticket=12.5)
    return mart_project


# --- north_star_mix_shift ---------------------------------------------------------------------------------------------
GROUPS = {
    "company_size": lambda user: (
        (
            None
            if user["account_id"] is None and user["employee_count"] is None
            else next(
                label for bound, label in [(50, "under_50"), (1000, "50_999"), (math.inf, "1000_plus")] if user["employee_count"] < bound
            )
        )
        or "no_account"
    ),
    "tenure": lambda user: next(
        label for bound, label in [(28, "under_28_days"), (91, "28_to_90_days"), (math.inf, "91_days_plus")] if user["tenure_days"] < bound
    ),
    "lifecycle_segment": lambda user: user["lifecycle_segment"] or "__none__",
}


def decomposed(users: list[dict], before: list[dict], group: Any) -> dict[str, dict[str, float | None]]:
    """Shapley values of share and rate, by going through both orders; per group against the mean of the overall rates."""
    sides = []
    for people in (before, users):
        members: dict[str, list[float]] = {}
        for user in people:
            members.setdefault(group(user), []).append(user["value"])
        sides.append(members)
    old, new = sides
    overall = [sum(sum(values) for values in side.values()) / sum(len(values) for values in side.values()) for side in sides]
    result = {}
    for name in sorted({*old, *new}):
        share = [len(side.get(name, [])) / sum(len(values) for values in side.values()) for side in sides]
        rate = [sum(side[name]) / len(side[name]) if name in side else None for side in sides]
        known = [rate[0] if rate[0] is not None else rate[1], rate[1] if rate[1] is not None else rate[0]]
        product = lambda shares, rates: shares * (rates - sum(overall) / 2)  # noqa: E731
        share_effect = (
            product(share[1], known[0]) - product(share[0], known[0]) + product(share[1], known[1]) - product(share[0], known[1])
        ) / 2
        rate_effect = (
            product(share[0], known[1]) - product(share[0], known[0]) + product(share[1], known[1]) - product(share[1], known[0])
        ) / 2
        result[name] = {
            "users": len(new.get(name, [])),
            "previous_users": len(old.get(name, [])),
            "share": share[1],
            "previous_share": share[0],
            "rate": rate[1],
            "previous_rate": rate[0],
            "share_effect": share_effect,
            "rate_effect": rate_effect,
            "total_effect": share_effect + rate_effect,
            "overall_rate": overall[1],
            "previous_overall_rate": overall[0],
            "overall_change": overall[1] - overall[0],
        }
    total = sum(entry["total_effect"] for entry in result.values())
    assert total == pytest.approx(overall[1] - overall[0], abs=1e-12)
    return result


def check_mix_shift(rows: list[dict], people: dict[tuple[str, date], list[dict]], partitions: dict[str, Any]) -> None:
    """Every row against decomposed(); people: (comparison, date) -> users with their value in that comparison's window."""
    seen: dict[tuple, dict[str, dict]] = {}
    for row in rows:
        seen.setdefault((row["comparison"], row["partition_name"], row["as_of_date"], row["previous_as_of_date"]), {})[
            row["group_name"]
        ] = row
    for (comparison, partition, day, previous), groups in seen.items():
        expected = decomposed(people[comparison, day], people[comparison, previous], partitions[partition])
        assert set(groups) == set(expected)
        for name, row in groups.items():
            for column, value in expected[name].items():
                assert close(row[column], value, 1e-12), (comparison, partition, day, name, column, row[column], value)
        assert sum(row["total_effect"] for row in groups.values()) == pytest.approx(row["overall_change"], abs=1e-12)


def test_the_planted_shift_of_the_north_star_is_recovered(sample_warehouse: Warehouse) -> None:
    truth = TRUTHS["north_star"]["realized"]
    rows = sample_warehouse.records(
        """
        select * from marts.north_star_mix_shift
        where comparison = 'base_period' and partition_name = 'company_size' and as_of_date = '2026-10-18'
        """
    )
    assert {str(row["previous_as_of_date"]) for row in rows} == {truth["before"]["week_ending"]}
    assert {str(row["as_of_date"]) for row in rows} == {truth["after"]["week_ending"]}
    for effect in ("share_effect", "rate_effect"):
        assert sum(row[effect] for row in rows) == pytest.approx(truth[effect], abs=1e-4)
    for row in rows:
        for side, prefix in (("before", "previous_"), ("after", "")):
            group = truth[side]["groups"][row["group_name"]]
            assert row[prefix + "share"] == pytest.approx(group["share"], abs=1e-4)
            assert row[prefix + "rate"] == pytest.approx(group["tasks_per_user_week"], abs=1e-4)


def test_mix_shift_equals_a_recomputation_of_the_sample(sample_warehouse: Warehouse) -> None:
    users = table(
        sample_warehouse,
        """
        select f.user_id, f.account_id, f.employee_count, f.tenure_days, f.as_of_date, p.segment as lifecycle_segment,
            -- Not by the feature that the metric is: by the count of the event.
            coalesce(k.count_7d, 0) as week, coalesce(k.count_28d, 0) / 4.0::double as four_weeks
        from features.user_features f
        left join marts.user_lifecycle_segments p on p.user_id = f.user_id and p.as_of_date = f.as_of_date
        left join features.user_key_events k
            on k.user_id = f.user_id and k.as_of_date = f.as_of_date and k.event_name = 'task_completed'
        """,
    ).to_dict("records")
    people: dict[tuple[str, date], list[dict]] = {}
    for user in users:
        people.setdefault(("previous_period", user["as_of_date"]), []).append({**user, "value": float(user["week"])})
        people.setdefault(("base_period", user["as_of_date"]), []).append({**user, "value": user["four_weeks"]})
    rows = sample_warehouse.records("select * from marts.north_star_mix_shift")
    check_mix_shift(rows, people, GROUPS)
    ends = [day for (day,) in sample_warehouse.query("select as_of_date from activity.as_of_dates where is_period_end order by 1")]
    newest = sample_warehouse.query("select data_through from activity.data_through")[0][0]
    pairs = {(row["comparison"], row["as_of_date"], row["previous_as_of_date"]) for row in rows}
    assert pairs == {
        *(("previous_period", day, ends[number]) for number, day in enumerate([*ends[1:], newest])),
        *(("base_period", day, ends[number]) for number, day in enumerate([*ends[20:], newest])),
    }
    assert {row["is_provisional"] for row in rows if row["as_of_date"] == newest} == {True}
    assert not any(row["is_provisional"] for row in rows if row["as_of_date"] != newest)


def test_mix_shift_of_made_up_groups(made_up: MartProject) -> None:
    """Groups that come and go, one user, nobody."""
    random = np.random.default_rng(4)
    dates = [date(2026, 1, 4) + timedelta(days=7 * number) for number in range(6)]
    # Who is there on which date, by employee_count.
    sizes: list[dict[int | None, int]] = [{10: 5}, {10: 5, 100: 3}, {100: 4, 5000: 2}, {5000: 1}, {}, {10: 40, 100: 30, 5000: 20, None: 7}]
    users, people = [], {}
    for day, groups in zip(dates, sizes):
        for employees, size in groups.items():
            for number in range(size):
                user = {
                    "user_id": f"u{employees}_{number}",
                    "account_id": f"a{employees}" if employees else None,
                    "employee_count": employees,
                    "tenure_days": 10,
                    "as_of_date": day,
                }
                week, month = int(random.poisson(1)), int(random.poisson(5))
                users.append({**user, "core_actions_7d": week, "core_actions_28d": month, "core_actions_91d": 9})
                user = {**user, "lifecycle_segment": None}
                people.setdefault(("previous_period", day), []).append({**user, "value": float(week)})
                people.setdefault(("base_period", day), []).append({**user, "value": month / 4})
    fill_dates(made_up, dates)
    made_up.fill("features.user_features", users)
    made_up.fill("marts.user_lifecycle_segments", [])
    made_up.fill("marts.segments", [])
    made_up.run_models("north_star_totals", "north_star_mix_shift")
    rows = table(made_up, "select * from marts.north_star_mix_shift").to_dict("records")
    empty = dates[4]
    check_mix_shift([row for row in rows if empty not in (row["as_of_date"], row["previous_as_of_date"])], people, GROUPS)
    assert {(row["as_of_date"], row["previous_as_of_date"]) for row in rows if row["comparison"] == "base_period"} == {
        (day, dates[number]) for number, day in enumerate(dates[2:])
    }
    # Compared with a date without users, or on one: no effect can be told, and none is.
    blank = [row for row in rows if empty in (row["as_of_date"], row["previous_as_of_date"])]
    assert {(row["comparison"], row["as_of_date"]) for row in blank} == {
        ("previous_period", dates[4]),
        ("previous_period", dates[5]),
        ("base_period", dates[4]),
    }
    assert all(row["total_effect"] is None and row["overall_change"] is None for row in blank)
    gone = next(
        row for row in rows if row["group_name"] == "under_50" and row["as_of_date"] == dates[2] and row["comparison"] == "previous_period"
    )
    assert (gone["users"], gone["rate"], gone["rate_effect"]) == (0, None, 0) and gone["share_effect"] is not None
    assert {row["group_name"] for row in rows if row["partition_name"] == "lifecycle_segment"} == {"__none__"}


# --- segment_value ----------------------------------------------------------------------------------------------------
def compared_lifetimes(features: pd.DataFrame, members: set[str]) -> dict[str, Any]:
    """Lifetime revenue of members against the rest: each account's distances from both means, and what they do to the difference."""
    names = ("lifetime_revenue_per_user", "rest_lifetime_revenue_per_user", "lifetime_revenue_difference")
    inside = features.user_id.isin(members).to_numpy()
    keys = features.account_id.where(features.account_id.notna(), "user " + features.user_id).to_numpy()
    entry: dict[str, Any] = dict.fromkeys([*names, *(f"{names[place]}_{side}" for place in (0, 2) for side in ("lower", "upper"))])
    entry["accounts"], rest = len(set(keys[inside])), len(set(keys[~inside]))
    entry["lifetime_quality"] = "ok" if min(entry["accounts"], rest) >= 20 else "insufficient"
    if not inside.any():
        return entry
    revenue = features.lifetime_revenue.to_numpy(dtype=float)
    entry[names[0]] = revenue[inside].mean()
    own = pd.Series(np.where(inside, revenue - revenue[inside].mean(), 0)).groupby(keys).sum().to_numpy() / inside.sum()
    if entry["accounts"] > 1 and (own**2).sum() > 1e-12 * entry[names[0]] ** 2:
        own *= math.sqrt(entry["accounts"] / (entry["accounts"] - 1))
        half = t.ppf(0.975, entry["accounts"] - 1) * math.sqrt((own**2).sum())
        entry[f"{names[0]}_lower"], entry[f"{names[0]}_upper"] = entry[names[0]] - half, entry[names[0]] + half
    if inside.all():
        return entry
    entry[names[1]] = revenue[~inside].mean()
    entry[names[2]] = entry[names[0]] - entry[names[1]]
    other = pd.Series(np.where(inside, 0, revenue - revenue[~inside].mean())).groupby(keys).sum().to_numpy() / (~inside).sum()
    if entry[f"{names[0]}_lower"] is not None and rest > 1 and (other**2).sum() > 1e-12 * entry[names[1]] ** 2:
        other *= math.sqrt(rest / (rest - 1))
        parts = (own**2).sum(), (other**2).sum()
        df = sum(parts) ** 2 / (parts[0] ** 2 / (entry["accounts"] - 1) + parts[1] ** 2 / (rest - 1))
        half = t.ppf(0.975, df) * math.sqrt(((own - other) ** 2).sum())
        entry[f"{names[2]}_lower"], entry[f"{names[2]}_upper"] = entry[names[2]] - half, entry[names[2]] + half
    return entry


def naive_values(
    members: pd.DataFrame,
    features: pd.DataFrame,
    signups: pd.DataFrame,
    spend: pd.DataFrame,
    tickets: pd.DataFrame,
    day: date,
    segments: list[str],
    cost: float,
) -> tuple[dict[str, dict], pd.DataFrame]:
    """segment_value and the cost per signup by channel and month, user by user."""
    spent: dict[tuple[str, date], float] = {}
    for row in spend.itertuples():
        if row.spend_date <= day:
            key = (row.channel.lower(), row.spend_date.replace(day=1))
            spent[key] = spent.get(key, 0) + float(row.amount)
    months = sorted(month for _, month in spent)
    count: dict[tuple[str, date], int] = {}
    for row in signups.itertuples():
        key = (row.acquisition_channel or "__unknown__", row.signup_date.replace(day=1))
        count[key] = count.get(key, 0) + (row.signup_date <= day)
    per_signup = {
        key: spent.get(key, 0.0) / size if months and months[0] <= key[1] <= months[-1] else None for key, size in count.items() if size
    }
    signup = {row.user_id: row.signup_date for row in signups.itertuples()}
    lifetime_tickets = tickets[tickets.created_date <= day].groupby("user_id").size().to_dict() if len(tickets) else {}
    users = {row.user_id: row for row in features.itertuples()}
    everybody = sum(row.revenue_91d for row in users.values())
    # Made-up features are without the number of an account's users.
    colleagues = features.groupby("account_id").size().to_dict() if "account_users" in features else {}
    result = {}
    for segment in segments:
        people = [users[user] for user in members[members.segment == segment].user_id] if len(members) else []
        costs = {row.user_id: per_signup[row.acquisition_channel or "__unknown__", signup[row.user_id].replace(day=1)] for row in people}
        costed = [row for row in people if costs[row.user_id] is not None]
        support = {row.user_id: cost * lifetime_tickets.get(row.user_id, 0) for row in people}
        entry: dict[str, Any] = {
            "users": len(people),
            "population_users": len(users),
            "paying_users": sum((row.mrr or 0) > 0 for row in people),
            "costed_users": len(costed),
            "arr": sum(12 * (row.mrr if row.mrr == row.mrr and row.mrr else 0) / colleagues.get(row.account_id, 1) for row in people)
            if people
            else None,
            "revenue_91d": sum(row.revenue_91d for row in people),
            "lifetime_revenue": sum(row.lifetime_revenue for row in people),
            **compared_lifetimes(features, {row.user_id for row in people}),
            "support_cost_91d": sum(cost * row.tickets_91d for row in people),
            "support_cost": sum(support.values()),
            "acquisition_cost": sum(costs[row.user_id] for row in costed) if costed else None,
        }
        entry["share_of_users"] = len(people) / len(users) if users else None
        entry["share_of_revenue"] = entry["revenue_91d"] / everybody if everybody else None
        entry["value_index"] = entry["share_of_revenue"] / entry["share_of_users"] if people and everybody else None
        entry["revenue_per_user_91d"] = entry["revenue_91d"] / len(people) if people else None
        entry["margin"] = entry["value_cost_ratio"] = entry["payback_days"] = entry["acquisition_cost_per_user"] = None
        if costed:
            revenue, tickets_cost = sum(row.lifetime_revenue for row in costed), sum(support[row.user_id] for row in costed)
            entry["margin"] = revenue - entry["acquisition_cost"] - tickets_cost
            entry["value_cost_ratio"] = (
                revenue / (entry["acquisition_cost"] + tickets_cost) if entry["acquisition_cost"] + tickets_cost else None
            )
            entry["acquisition_cost_per_user"] = entry["acquisition_cost"] / len(costed)
            daily = sum(row.revenue_91d - cost * row.tickets_91d for row in costed) / sum(min(91, row.tenure_days + 1) for row in costed)
            if entry["acquisition_cost"] == 0:
                entry["payback_days"] = 0
            elif daily > 0:
                entry["payback_days"] = entry["acquisition_cost_per_user"] / daily
        result[segment] = entry
    return result, per_signup


def check_values(built: pd.DataFrame, expected: dict[str, dict]) -> None:
    rows = {row["segment"]: row for row in built.to_dict("records")}
    assert set(rows) == set(expected)
    for segment, entry in expected.items():
        for column, value in entry.items():
            found = rows[segment][column]
            assert found == value if isinstance(value, str) else close(found, value), (segment, column, found, value)


def test_segment_value_equals_a_recomputation_of_the_sample(sample_warehouse: Warehouse) -> None:
    day = sample_warehouse.query("select data_through from activity.data_through")[0][0]
    segments = [segment for (segment,) in sample_warehouse.query("select segment from marts.segments where retired_on is null")]
    expected, per_signup = naive_values(
        table(sample_warehouse, f"select user_id, segment from marts.user_segments where as_of_date = '{day}'"),
        table(sample_warehouse, f"select * from features.user_features where as_of_date = '{day}'"),
        table(
            sample_warehouse,
            "select user_id, lower(acquisition_channel) as acquisition_channel, signed_up_at::date as signup_date from staging.stg_users",
        ),
        table(sample_warehouse, "select channel, spend_date, amount::double as amount from staging.stg_marketing_spend"),
        table(sample_warehouse, "select user_id, created_at::date as created_date from staging.stg_support_tickets"),
        day,
        segments,
        15,
    )
    check_values(table(sample_warehouse, "select * from marts.segment_value"), expected)
    costs = table(sample_warehouse, "select * from marts.acquisition_costs where signups > 0").to_dict("records")
    assert {(row["acquisition_channel"], row["signup_month"]) for row in costs} == set(per_signup)
    for row in costs:
        assert close(row["cost_per_signup"], per_signup[row["acquisition_channel"], row["signup_month"]])
    assert {row["cost_per_signup"] for row in costs if row["acquisition_channel"] == "organic"} == {0.0, None}


def fill_value_tables(project: MartProject, users: list[dict], spend: list[dict], tickets: list[dict], day: date) -> dict[str, Any]:
    """The tables that segment_value reads, and the frames for the recomputation."""
    fill_dates(project, [day])
    columns = ["user_id", "account_id", "acquisition_channel", "tenure_days", "tickets_91d", "revenue_91d", "lifetime_revenue", "mrr"]
    features = pd.DataFrame([{key: user.get(key) for key in columns} | {"as_of_date": day} for user in users if not user.get("deleted")])
    members = pd.DataFrame(
        [
            {"user_id": user["user_id"], "segment": segment, "as_of_date": day}
            for user in users
            if not user.get("deleted")
            for segment in user["segments"]
        ]
    )
    project.fill("features.user_features", features)
    project.fill("marts.user_segments", members)
    project.fill(
        "features.user_dates",
        [
            {
                "user_id": user["user_id"],
                "signup_date": day - timedelta(days=user["tenure_days"]),
                "tenure_days": user["tenure_days"],
                "as_of_date": day,
            }
            for user in users
            if not user.get("deleted")
        ],
    )
    signups = pd.DataFrame(
        [
            {
                "user_id": user["user_id"],
                "acquisition_channel": user["acquisition_channel"],
                "signup_date": day - timedelta(days=user["tenure_days"]),
            }
            for user in users
        ]
    )
    project.fill(
        "staging.stg_users",
        [
            {
                "user_id": user["user_id"],
                "acquisition_channel": user["acquisition_channel"],
                "signed_up_at": pd.Timestamp(day - timedelta(days=user["tenure_days"])),
            }
            for user in users
        ],
    )
    project.fill("staging.stg_marketing_spend", spend)
    project.fill(
        "staging.stg_support_tickets",
        [{"ticket_id": f"t{number}", **ticket, "created_at": pd.Timestamp(ticket["created_at"])} for number, ticket in enumerate(tickets)],
    )
    nothing = pd.DataFrame({"user_id": [], "created_date": []})
    return {
        "members": members,
        "features": features,
        "signups": signups,
        "spend": pd.DataFrame(spend) if spend else pd.DataFrame({"channel": [], "spend_date": [], "amount": []}),
        "tickets": pd.DataFrame([{"user_id": t["user_id"], "created_date": t["created_at"]} for t in tickets]) if tickets else nothing,
        "day": day,
    }


def test_segment_value_of_made_up_users(made_up: MartProject) -> None:
    random = np.random.default_rng(7)
    day = date(2026, 6, 20)
    names = ["crowd", "free", "free_losers", "costly", "unknown", "losers", "single", "nobody"]
    made_up.fill("marts.segments", [{"segment": name} for name in names])
    users = [
        {
            "user_id": f"c{number}",
            "acquisition_channel": random.choice(["ads", "fairs", "organic", None]),
            "tenure_days": int(random.integers(0, 200)),
            "tickets_91d": int(random.integers(0, 3)),
            "revenue_91d": float(random.lognormal(2, 1)),
            "lifetime_revenue": float(random.lognormal(4, 1)),
            "mrr": float(random.choice([0, 40])),
            "segments": ["crowd"],
            "deleted": number % 10 == 0,
        }
        for number in range(150)
    ]
    plain = {"tickets_91d": 0, "revenue_91d": 10.0, "lifetime_revenue": 90.0, "mrr": 5.0}
    users += [
        # Organic: costs nothing. Signed up before any spend is known. Revenue below the cost of tickets.
        {"user_id": "f1", "acquisition_channel": "organic", "tenure_days": 60, **plain, "segments": ["free"]},
        {"user_id": "f2", "acquisition_channel": "organic", "tenure_days": 60, **plain, "tickets_91d": 9, "segments": ["free_losers"]},
        {"user_id": "k1", "acquisition_channel": "ads", "tenure_days": 30, **plain, "segments": ["costly"]},
        {"user_id": "x1", "acquisition_channel": "ads", "tenure_days": 190, **plain, "segments": ["unknown"]},
        {"user_id": "l1", "acquisition_channel": "ads", "tenure_days": 20, **plain, "tickets_91d": 3, "segments": ["losers", "single"]},
    ]
    spend = [
        {"spend_date": date(2026, 1, 30) + timedelta(days=number), "channel": channel, "amount": amount}
        for number in range(0, 141)
        for channel, amount in (("ADS", 90.5), ("fairs", 12.25))
    ] + [{"spend_date": day + timedelta(days=1), "channel": "ads", "amount": 1e6}]
    tickets = (
        [{"user_id": "l1", "created_at": day}] * 3
        + [{"user_id": f"c{number}", "created_at": day - timedelta(days=int(random.integers(0, 150)))} for number in range(60)]
        + [{"user_id": "f1", "created_at": day + timedelta(days=1)}]
    )
    frames = fill_value_tables(made_up, users, spend, tickets, day)
    made_up.run_models("acquisition_costs", "segment_value")
    expected, _ = naive_values(**frames, segments=names, cost=12.5)
    built = table(made_up, "select * from marts.segment_value")
    check_values(built, expected)
    rows = {row["segment"]: row for row in built.to_dict("records")}
    assert (rows["free"]["acquisition_cost"], rows["free"]["payback_days"], rows["free"]["value_cost_ratio"]) == (0, 0, None)
    assert rows["free_losers"]["payback_days"] == 0
    assert (rows["unknown"]["costed_users"], rows["unknown"]["margin"], rows["unknown"]["lifetime_revenue"]) == (0, None, 90)
    assert rows["losers"]["payback_days"] is None and rows["losers"]["margin"] < 0
    assert (rows["nobody"]["users"], rows["nobody"]["revenue_91d"], rows["nobody"]["value_index"], rows["nobody"]["margin"]) == (
        0,
        0,
        None,
        None,
    )

    # No spend, no revenue, one user; then nobody at all.
    frames = fill_value_tables(made_up, [{**users[-1], "revenue_91d": 0.0, "lifetime_revenue": 0.0}], [], [], day)
    made_up.run_models("acquisition_costs", "segment_value")
    expected, _ = naive_values(**frames, segments=names, cost=12.5)
    built = table(made_up, "select * from marts.segment_value")
    check_values(built, expected)
    assert built.acquisition_cost.isna().all() and built.share_of_revenue.isna().all()


# --- feature_value and segment_pricing ---------------------------------------------------------------------------------
def test_what_features_are_worth_in_the_sample(sample_warehouse: Warehouse) -> None:
    """Recounted user by user: who adopts, who stays, what they pay, who was told; and the rank is that of reach × gap × value."""
    users = table(
        sample_warehouse,
        "select user_id, revenue_91d, active_days_28d, active_days_previous_28d from features.user_features where as_of_date = '2026-10-21'",
    ).set_index("user_id")
    newest = pd.Timestamp("2026-10-21")
    days = table(sample_warehouse, "select user_id, event_name, event_date from activity.user_event_days where known_date <= '2026-10-21'")
    days = days[days.user_id.isin(users.index)].assign(age=lambda frame: (newest - pd.to_datetime(frame.event_date)).dt.days)
    told = {
        name
        for (name,) in sample_warehouse.query(
            "select distinct user_id from activity.user_messages where campaign = 'reporting_launch' and not coalesce(is_holdout, false)"
        )
    }
    members: dict[str, set[str]] = {"__all__": set(users.index)}
    for name, segment in sample_warehouse.query("select user_id, segment from marts.user_segments where as_of_date = '2026-10-21'"):
        members.setdefault(segment, set()).add(name)
    rows = {(row["segment"], row["feature"]): row for row in sample_warehouse.records("select * from marts.feature_value")}
    features = {row[1] for row in rows}
    assert rows.keys() == {(segment, feature) for segment in members for feature in features} and len(features) == 11
    for (segment, feature), row in rows.items():
        of = days[days.event_name == feature]
        now, before = set(of[of.age < 28].user_id), set(of[(of.age >= 28) & (of.age < 56)].user_id)
        crowd = users.loc[sorted(members[segment])]
        adopts = crowd.index.isin(now)
        was = crowd[crowd.index.isin(before)]
        others = crowd[(crowd.active_days_previous_28d > 0) & ~crowd.index.isin(before)]
        counts = [row[name] for name in ("n", "adopters_28d", "reach", "earlier_adopters", "earlier_others")]
        assert counts == [len(crowd), adopts.sum(), (~adopts).sum(), len(was), len(others)]
        means = {
            "adopter_revenue_per_user_91d": crowd.revenue_91d[adopts],
            "other_revenue_per_user_91d": crowd.revenue_91d[~adopts],
            "adopter_retention": was.active_days_28d > 0,
            "other_retention": others.active_days_28d > 0,
        }
        assert all(close(row[name], values.astype(float).mean() if len(values) else None) for name, values in means.items())
        rest = users.loc[sorted(members["__all__"] - members[segment])]
        gap = max(rest.index.isin(now).mean() - adopts.mean(), 0) if len(rest) else 0
        assert close(row["opportunity"], (~adopts).sum() * gap * crowd.revenue_91d.mean() if segment != "__all__" else None, 1e-7)
        if feature == "report_exported":
            late = set(of.groupby("user_id").event_date.min().loc[lambda first: pd.to_datetime(first) >= "2026-01-19"].index) & set(
                crowd.index
            )
            launch = [row[name] for name in ("adopters_since_launch", "told_users", "told_adopters")]
            assert launch == [len(late), len(told & set(crowd.index)), len(told & late)]
        else:
            assert row["adopters_since_launch"] is None and row["told_users"] is None and row["launched_on"] is None
    ranked = sorted((row for row in rows.values() if row["roadmap_rank"]), key=lambda row: row["roadmap_rank"])
    assert [row["roadmap_rank"] for row in ranked] == list(range(1, len(ranked) + 1)) and len(ranked) > 50
    assert all(one["opportunity"] >= other["opportunity"] > 0 for one, other in zip(ranked, ranked[1:]))
    assert rows["__all__", "report_exported"]["told_adopters"] > 0


def test_what_segments_pay_and_use_in_the_sample(sample_warehouse: Warehouse) -> None:
    """Money and seats of each account once in a segment, however many of its users are in it."""
    query = "select user_id, coalesce(account_id, user_id) as payer, coalesce(plan, '__none__') as plan, mrr, seats, revenue_91d, active_days_28d"
    users = table(sample_warehouse, f"{query} from features.user_features where as_of_date = '2026-10-21'")
    earlier = dict(
        sample_warehouse.query(
            """
            select coalesce(account_id, user_id), max(mrr) from features.user_features
            where as_of_date = (select max(as_of_date) from activity.as_of_dates where as_of_date <= date '2026-10-21' - 91) group by all
            """
        )
    )
    active = users[users.active_days_28d > 0].groupby("payer").size()
    members: dict[str, set[str]] = {"__all__": set(users.user_id)}
    for name, segment in sample_warehouse.query("select user_id, segment from marts.user_segments where as_of_date = '2026-10-21'"):
        members.setdefault(segment, set()).add(name)
    rows = {(row["segment"], row["plan"]): row for row in sample_warehouse.records("select * from marts.segment_pricing")}
    found = 0
    for (segment, plan), row in rows.items():
        crowd = users[users.user_id.isin(members[segment]) & (True if plan == "__all__" else users.plan == plan)]
        payers = crowd.drop_duplicates("payer")
        paying = payers[payers.mrr.astype(float) > 0]
        seats = paying.seats.fillna(0).astype(float)
        before = [payer for payer in payers.payer if (earlier.get(payer) or 0) > 0]
        mrr = dict(zip(payers.payer, payers.mrr.astype(float)))
        upgraded = [payer for payer in before if (mrr[payer] or 0) > earlier[payer]]
        assert (row["users"], row["paying_accounts"], row["seats"]) == (len(crowd), len(paying), seats.sum())
        assert (row["earlier_paying_accounts"], row["upgraded_accounts"]) == (len(before), len(upgraded))
        used = sum(active.get(payer, 0) for payer, number in zip(paying.payer, seats) if number > 0)
        assert close(row["seat_use"], used / seats.sum() if seats.sum() else None)
        assert close(row["upgrade_rate"], len(upgraded) / len(before) if before else None)
        assert close(row["arpu_91d"], crowd.revenue_91d.astype(float).mean())
        assert close(row["mrr_per_account"], paying.mrr.astype(float).mean() if len(paying) else None)
        found += bool(upgraded)
    assert found > 10 and {plan for segment, plan in rows if segment == "__all__"} == {*users.plan, "__all__"}


def test_totals_of_the_sample_are_those_of_three_other_marts(sample_warehouse: Warehouse) -> None:
    """Users by segment_sizes, WAU by growth_accounting (its period is a week here), MAU and MRR by the means of the metrics."""
    rows = {(row["segment"], row["as_of_date"]): row for row in sample_warehouse.records("select * from marts.segment_totals")}
    sizes = sample_warehouse.query("select segment, as_of_date, users from marts.segment_sizes where users > 0")
    assert rows.keys() == {(segment, day) for segment, day, _ in sizes} | {("__all__", day) for _, day, _ in sizes} and len(rows) > 1000
    assert all(rows[segment, day]["users"] == users for segment, day, users in sizes)
    weeks = sample_warehouse.query("select segment, as_of_date, active_users from marts.growth_accounting where not is_provisional")
    found = [(rows[segment, day]["weekly_active_users"], active) for segment, day, active in weeks if (segment, day) in rows]
    assert len(found) > 1000 and [pair for pair in found if pair[0] != pair[1]] == []
    means = sample_warehouse.query(
        "select segment, as_of_date, metric, n, raw_mean from marts.segment_comparison where baseline = 'rest' and n > 0"
    )
    for metric, column in (("active_users_28d", "monthly_active_users"), ("mrr", "mrr")):
        sums = [(rows[segment, day][column], n * mean) for segment, day, name, n, mean in means if name == metric]
        assert len(sums) > 1000 and all(close(one, other, 1e-6) for one, other in sums)
    assert all(row["arr"] == 12 * row["mrr"] and row["weekly_active_users"] <= row["monthly_active_users"] for row in rows.values())
    assert len({row["arr"] for (segment, _), row in rows.items() if segment == "__all__"}) > 40


def test_three_dimensions_at_once_in_the_sample(sample_warehouse: Warehouse) -> None:
    columns = ["industry", "company_size", "plan"]
    users = table(
        sample_warehouse,
        f"select {', '.join(columns)}, active_days_28d, distinct_features_28d, revenue_91d from features.user_features"
        " where as_of_date = '2026-10-21'",
    )
    rows = {tuple(row[f"value_{n}"] for n in (1, 2, 3)): row for row in sample_warehouse.records("select * from marts.segment_matrix")}
    cells = users.fillna(dict.fromkeys(columns, "__unknown__")).groupby(columns)
    assert rows.keys() == set(cells.groups) and len(rows) > 30
    for key, cell in cells:
        row = rows[key]
        assert (row["users"], row["active_users"]) == (len(cell), (cell.active_days_28d > 0).sum())
        assert close(row["mean_distinct_features_28d"], cell.distinct_features_28d.astype(float).mean())
        assert close(row["revenue_per_user_91d"], cell.revenue_91d.astype(float).mean())
    assert sum(row["users"] for row in rows.values()) == len(users) and close(sum(row["share_of_users"] for row in rows.values()), 1)


# --- segment_channels -------------------------------------------------------------------------------------------------
def check_channels(built: pd.DataFrame, users: pd.DataFrame, segments: dict[str, set[str]], channels: list[str]) -> None:
    """users: one row per user with channel, trial (0 or 1), outcome (1, 0 or None) and cost; segments: its members."""
    rows = {(row["segment"], row["acquisition_channel"]): row for row in built.to_dict("records")}
    assert set(rows) == {(segment, channel) for segment in [*segments, "__all__"] for channel in [*channels, "__all__"]}
    for (segment, channel), row in rows.items():
        here = users if channel == "__all__" else users[users.channel == channel]
        # Of all users a channel is beside the other channels.
        members = here.user_id.isin(segments[segment] if segment != "__all__" else here.user_id)
        inside, rest = here[members], users.drop(here.index) if segment == "__all__" else here[~members]
        decided = [frame[(frame.trial == 1) & frame.outcome.notna()] for frame in (inside, rest)]
        n, rest_n = (len(frame) for frame in decided)
        won, rest_won = (int(frame.outcome.sum()) for frame in decided)
        assert (row["signups"], row["trials"], row["undecided"]) == (len(inside), int(inside.trial.sum()), int(inside.trial.sum()) - n)
        assert (row["n"], row["converted"], row["baseline_n"]) == (n, won, rest_n)
        assert close(row["mean"], won / n if n else None)
        if n:
            lower, upper = proportion_confint(won, n, 0.05, "wilson")
            assert close(row["mean_lower"], max(lower, 0) if won else 0) and close(row["mean_upper"], upper if won < n else 1)
        else:
            assert row["mean_lower"] is None and row["mean_upper"] is None
        if n and rest_n:
            assert close(row["difference"], won / n - rest_won / rest_n)
            lower, upper = confint_proportions_2indep(won, n, rest_won, rest_n, method="newcomb", compare="diff")
            assert close(row["difference_lower"], lower) and close(row["difference_upper"], upper)
        else:
            assert row["difference"] is None and row["difference_lower"] is None
        total, total_n = won + rest_won, n + rest_n
        if min(n, rest_n) < 2:
            quality = "insufficient"
        elif min(n, rest_n) * min(total, total_n - total) / total_n < 5:
            quality = "low_counts"
        else:
            quality = "small_n" if min(n, rest_n) < 20 else "ok"
        assert row["quality"] == quality
        if quality != "insufficient" and 0 < total < total_n:
            chi_square = chi2_contingency([[won, n - won], [rest_won, rest_n - rest_won]], correction=False).statistic
            assert close(row["p_value"], chi2.sf(chi_square * (total_n - 1) / total_n, 1))
        else:
            assert row["p_value"] is None
        costed = inside[inside.cost.notna()]
        assert close(row["acquisition_cost"], costed.cost.sum() if len(costed) else None)
        assert close(row["cost_per_signup"], costed.cost.mean() if len(costed) else None)
        costed_won = int((costed[costed.trial == 1].outcome == 1).sum())
        assert close(row["cost_per_conversion"], costed.cost.sum() / costed_won if costed_won else None)
        if channel == "__all__" and segment != "__all__":
            top = bottom = 0.0
            for one in channels:
                cell = rows[segment, one]
                if cell["n"] and cell["baseline_n"]:
                    weight = cell["n"] * cell["baseline_n"] / (cell["n"] + cell["baseline_n"])
                    top, bottom = top + weight * cell["difference"], bottom + weight
            standardized = top / bottom if bottom else None
            assert close(row["standardized_difference"], standardized)
            assert row["is_reversed"] == (None if standardized is None else row["difference"] * standardized < 0)
        else:
            assert row["standardized_difference"] is None and row["is_reversed"] is None
    for family in ("channels", "all_channels", "within_channel"):
        tests = [row for row in rows.values() if row["family"] == family and row["quality"] == "ok" and row["p_value"] is not None]
        others = [row for row in rows.values() if row["family"] == family and row not in tests]
        assert all(row["q_value"] is None for row in others)
        if tests:
            corrected = multipletests([row["p_value"] for row in tests], method="fdr_bh")[1]
            assert all(close(row["q_value"], q) for row, q in zip(tests, corrected))


def test_segment_channels_equal_a_recomputation_of_the_sample(sample_warehouse: Warehouse) -> None:
    features = table(
        sample_warehouse,
        "select f.user_id, f.account_id, f.acquisition_channel, f.trial_outcome, f.as_of_date, u.signed_up_at::date as signup_date"
        " from features.user_features f join staging.stg_users u using (user_id) order by f.as_of_date, u.signed_up_at::date, f.user_id",
    )
    dates = sorted(features.as_of_date.unique())
    newest = {row.account_id: row.trial_outcome for row in features[features.as_of_date == dates[-1]].itertuples() if row.account_id}
    costs = {
        (row["acquisition_channel"], row["signup_month"]): row["cost_per_signup"]
        for row in sample_warehouse.records("select * from marts.acquisition_costs")
    }
    first, users, accounts = {}, [], set()
    for row in features.itertuples():
        first.setdefault(row.user_id, row)
    cohort = [row for row in first.values() if row.as_of_date != dates[0] and row.signup_date > dates[dates.index(row.as_of_date) - 1]]
    for row in sorted(cohort, key=lambda one: (one.signup_date, one.user_id)):
        trial = row.trial_outcome == "in_trial" and row.account_id not in accounts
        accounts |= {row.account_id} if trial else set()
        users.append(
            {
                "user_id": row.user_id,
                "channel": row.acquisition_channel or "__unknown__",
                "trial": int(trial),
                "outcome": {"converted": 1.0, "lapsed": 0.0}.get(newest.get(row.account_id)) if trial else None,
                "cost": costs[row.acquisition_channel or "__unknown__", row.signup_date.replace(day=1)],
                "as_of_date": row.as_of_date,
            }
        )
    members = table(sample_warehouse, "select user_id, segment, as_of_date from marts.user_segments")
    dated = {(row["user_id"], row["as_of_date"]) for row in users}
    segments: dict[str, set[str]] = {
        segment: set() for (segment,) in sample_warehouse.query("select segment from marts.segments where retired_on is null")
    }
    for row in members.itertuples():
        if (row.user_id, row.as_of_date) in dated and row.segment in segments:
            segments[row.segment].add(row.user_id)
    frame = pd.DataFrame(users).astype({"outcome": float, "cost": float})
    check_channels(table(sample_warehouse, "select * from marts.segment_channels"), frame, segments, sorted(frame.channel.unique()))
    assert frame.outcome.notna().sum() > 50


def fill_channel_tables(project: MartProject, users: list[dict], dates: list[date]) -> None:
    """Each user signs up on the second date, alone in an account with a trial (or none), and has the outcome on the last."""
    fill_dates(project, dates)
    features, population, members = [], [], []
    for user in users:
        for day in dates[1:]:
            outcome = None if not user["trial"] else "in_trial"
            if user["trial"] and day == dates[-1]:
                outcome = {1: "converted", 0: "lapsed"}.get(user["outcome"], "in_trial")
            row = {"user_id": user["user_id"], "account_id": user["account_id"], "as_of_date": day}
            features.append(
                {**row, "acquisition_channel": None if user["channel"] == "__unknown__" else user["channel"], "trial_outcome": outcome}
            )
            population.append({**row, "signup_date": dates[1], "tenure_days": (day - dates[1]).days})
            # On later dates everybody is in `later`, and nobody in the segments of the first.
            members += [
                {"user_id": user["user_id"], "segment": name, "as_of_date": day}
                for name in (user["segments"] if day == dates[1] else ["later"])
            ]
    project.fill("features.user_features", features)
    project.fill("features.user_dates", population)
    project.fill("marts.user_segments", members)


@pytest.mark.long
def test_segment_channels_of_made_up_trials(made_up: MartProject) -> None:
    """Simpson's paradox, one channel, one user, all converted, nobody."""
    dates = [date(2026, 1, 4), date(2026, 1, 11), date(2026, 3, 1)]
    users: list[dict] = []

    def add(channel: str, segments: list[str], won: int, lost: int, undecided: int = 0, without: int = 0) -> None:
        for number, outcome in enumerate([1] * won + [0] * lost + [None] * (undecided + without)):
            name = f"u{len(users)}"
            users.append(
                {
                    "user_id": name,
                    # Some try alone.
                    "account_id": None if len(users) % 3 == 1 else f"a{len(users)}",
                    "channel": channel,
                    "segments": segments,
                    "trial": int(number < won + lost + undecided),
                    "outcome": outcome,
                }
            )

    # simpson: better in every channel (90 against 80 of 100, 30 against 20), worse in all.
    add("partner", ["simpson"], 18, 2)
    add("partner", [], 160, 40, undecided=3)
    add("ads", ["simpson", "large"], 60, 140)
    add("ads", ["large"], 4, 16, without=5)
    add("fairs", ["single"], 1, 0)
    add("fairs", ["small"], 0, 2)
    add("__unknown__", ["all_won"], 7, 0)
    add("__unknown__", [], 6, 0)
    # A colleague signs up in the same trial, after the first: the trial is counted once.
    users.append({**users[0], "user_id": "v_colleague"})
    names = ["simpson", "large", "single", "small", "all_won", "later", "nobody"]
    made_up.fill("marts.segments", [{"segment": name} for name in names])
    fill_channel_tables(made_up, users, dates)
    made_up.fill(
        "marts.acquisition_costs",
        [
            {"acquisition_channel": channel, "signup_month": date(2026, 1, 1), "cost_per_signup": cost}
            for channel, cost in [("partner", 12.5), ("ads", 0.0), ("fairs", None)]
        ],
    )
    made_up.run_models("segment_channels")
    frame = pd.DataFrame(users).astype({"outcome": float})
    frame.loc[frame.user_id == "v_colleague", ["trial", "outcome"]] = [0, None]
    frame["cost"] = frame.channel.map({"partner": 12.5, "ads": 0.0}).astype(float)
    segments = {name: {user["user_id"] for user in users if name in user["segments"]} for name in names}
    built = table(made_up, "select * from marts.segment_channels")
    check_channels(built, frame, segments, ["__unknown__", "ads", "fairs", "partner"])
    pooled = next(row for row in built.to_dict("records") if row["segment"] == "simpson" and row["acquisition_channel"] == "__all__")
    best = max((row for row in built.to_dict("records") if row["segment"] == "__all__" and row["q_value"]), key=lambda row: row["mean"])
    assert (best["acquisition_channel"], best["n"], best["converted"]) == ("partner", 220, 178) and best["difference"] > 0.3
    assert pooled["difference"] < -0.2 < 0 < 0.05 < pooled["standardized_difference"] and pooled["is_reversed"]

    fill_channel_tables(made_up, [], dates)
    made_up.run_models("segment_channels")
    assert made_up.query("select count(*) from marts.segment_channels") == [(0,)]


# --- Other variables: these come last ----------------------------------------------------------------------------------
@pytest.mark.long
def test_mix_shift_from_a_chosen_date_of_any_event(made_up: MartProject) -> None:
    """A date between two dates, the North Star in its old form, somebody without it; and what `discovery` does not name is not built."""
    dates = [date(2026, 1, 4) + timedelta(days=7 * number) for number in range(4)]
    users = [
        {
            "user_id": f"u{number}",
            "account_id": None,
            "employee_count": None,
            "tenure_days": 30 * (number % 2),
            "as_of_date": day,
            "events_28d": number * place,
        }
        for place, day in enumerate(dates)
        for number in range(4)
    ]
    people = {("any", day): [{**user, "value": float(user["events_28d"])} for user in users if user["as_of_date"] == day] for day in dates}
    # Who does not have the metric is in none of the counts.
    users += [{**users[0], "user_id": "nobody", "events_28d": None, "as_of_date": day} for day in dates]
    fill_dates(made_up, dates)
    made_up.fill("features.user_features", users)
    made_up.fill(
        "marts.user_lifecycle_segments",
        [{"user_id": f"u{number}", "segment": f"s{number % 3}", "as_of_date": day} for day in dates for number in range(4)],
    )
    made_up.fill("marts.segments", [])
    made_up.configure(
        north_star={"event": None, "days": 28},
        north_star_base={"days": 28, "periods_back": 2, "date": "2026-01-13"},
        discovery={"churn_score": False},
    )
    result = made_up.run_models("north_star_totals", "north_star_mix_shift", "churn_model", "cluster_centroids")
    assert set(result.statuses) & {"north_star_mix_shift", "churn_model", "cluster_centroids"} == {"north_star_mix_shift"}
    assert "vars: north_star: an event and days is the old form. Name a metric: `north_star: events_28d`." in result.output
    rows = table(made_up, "select * from marts.north_star_mix_shift").to_dict("records")
    assert {row["previous_as_of_date"] for row in rows if row["comparison"] == "base_period"} == {dates[1]}
    groups = {**GROUPS, "lifecycle_segment": lambda user: f"s{int(user['user_id'][1:]) % 3}"}
    check_mix_shift(rows, {(name, day): people["any", day] for name in ("previous_period", "base_period") for day in dates}, groups)


# --- visitor_signups --------------------------------------------------------------------------------------------------


def test_visitors_of_the_sample_equal_a_recount_of_its_events(sample_warehouse: Warehouse) -> None:
    """Who came first when, by which channel, looked at prices and signed up within 14 days; seen under several ids, one visitor."""
    ((through,),) = sample_warehouse.query("select data_through from activity.data_through")
    users = dict(sample_warehouse.query("select user_id, signed_up_at from staging.stg_users"))
    links: dict[str, str] = {}
    for name, user, moment in sample_warehouse.query(
        "select anonymous_id, user_id, linked_at from staging.stg_identities order by linked_at, user_id"
    ):
        if user in users and name not in links and moment.date() <= through and users[user].date() <= through:
            links[name] = user
    first: dict[str, tuple] = {}
    ids: dict[str, set[str]] = {}
    looked: dict[str, Any] = {}
    for event, name, channel, moment, what in sample_warehouse.query(
        "select event_id, anonymous_id, channel, occurred_at, event_name from staging.stg_events where user_id is null"
    ):
        user = links.get(name)
        if moment.date() > through or user and moment >= users[user]:
            continue
        key = f"user {user}" if user else name
        ids.setdefault(key, set()).add(name)
        if what == "pricing_viewed":
            looked[key] = min(looked.get(key, moment), moment)
        seen = (moment, event, channel or "__unknown__", user)
        first[key] = min(first.get(key, seen), seen, key=lambda visit: visit[:2])
    rows: dict[tuple[str, date], list[tuple[bool, bool]]] = {}
    for key, (moment, _, channel, user) in first.items():
        last = moment + timedelta(days=14)
        journey = (bool(user) and users[user] <= last, key in looked and looked[key] <= last)
        rows.setdefault((channel, moment.date().replace(day=1)), []).append(journey)
    built = {(row["channel"], row["first_month"]): row for row in sample_warehouse.records("select * from marts.visitor_signups")}
    assert set(built) == set(rows) and len({channel for channel, _ in rows}) == 4
    mature = 0
    for (channel, month), visitors in rows.items():
        row = built[channel, month]
        next_month = (month + timedelta(days=31)).replace(day=1)
        assert row["visitors"] == len(visitors)
        assert row["is_mature"] == (next_month + timedelta(days=13) <= through)
        if not row["is_mature"]:
            assert {value for name, value in row.items() if name.startswith(("signup", "lead"))} == {None}
            continue
        mature += 1
        signups, leads = sum(signed for signed, _ in visitors), sum(lead for _, lead in visitors)
        both = sum(signed and lead for signed, lead in visitors)
        assert (row["signups"], row["leads"], row["lead_signups"]) == (signups, leads, both)
        for name, part, whole in (("signup", signups, len(visitors)), ("lead", leads, len(visitors)), ("lead_signup", both, leads)):
            found = [row[f"{name}_share{bound}"] for bound in ("", "_lower", "_upper")]
            if whole == 0:
                assert found == [None, None, None]
                continue
            low, high = proportion_confint(part, whole, method="wilson")
            assert close(found[0], part / whole) and close(found[1], low) and close(found[2], high)
    assert mature > 20 and {row["is_mature"] for row in built.values()} == {True, False}
    for part, whole in (("signups", "visitors"), ("leads", "visitors"), ("lead_signups", "leads"), ("lead_signups", "signups")):
        assert 0 < sum(row[part] or 0 for row in built.values()) < sum(row[whole] or 0 for row in built.values()), part
