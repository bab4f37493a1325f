"""Truths: what was planted, and what came of it in this data."""

from __future__ import annotations

from collections import defaultdict
from datetime import date, timedelta

from .events import Event
from .users import User
from .world import (
    CAMPAIGN,
    CAMPAIGN_BASE_RATE,
    CAMPAIGN_DELIVERED_RATE,
    CAMPAIGN_DELIVERY_SHARE,
    CAMPAIGN_HOLDOUT_SHARE,
    CAMPAIGN_WINDOW_DAYS,
    CONVERSION_IF_INVITED,
    CONVERSION_IF_NOT,
    CUTOFF,
    DAY,
    DRIFT_FINAL_MULTIPLIER,
    DRIFT_START,
    EXPERIMENT,
    EXPERIMENT_BOTH_VARIANTS,
    EXPERIMENT_EFFECT_DAYS,
    EXPERIMENT_MULTIPLIER,
    EXPERIMENT_USERS,
    FIRST_DAY,
    INVITE_WITHIN_DAYS,
    LAST_DAY,
    MAX_DAILY_CHANCE,
    SEASON,
    SEASON_DAILY_USERS,
    TASKS_PER_ACTIVE_DAY,
    day_index,
    known,
    parse_utc,
)


def share(part: int, total: int) -> float:
    """A share with four digits."""
    return round(part / total, 4) if total else 0.0


def measure_driver(users: list[User], clean: list[Event]) -> dict:
    """Conversion of trial users and trial accounts by whether somebody invited within a week of signup."""
    invited = set()
    signup = {user.user_id: user.signed_up_at for user in users}
    for event in clean:
        is_invite = event.name == "teammate_invited" and event.user_id
        if is_invite and event.occurred_at < signup[event.user_id] + INVITE_WITHIN_DAYS * DAY:
            invited.add(event.user_id)
    trial_users = [(user, known(user.account)) for user in users if user.joined_in_trial]
    observed = [
        (user, account)
        for user, account in trial_users
        if account.started_at.date() >= FIRST_DAY and known(account.trial_ends_at) <= CUTOFF
    ]
    by_account: dict[str, tuple[bool, bool]] = {}
    for user, account in observed:
        was_invited = by_account.get(account.account_id, (False, False))[0]
        by_account[account.account_id] = (was_invited or user.user_id in invited, bool(account.converted_at))
    by_user = [(user.user_id in invited, bool(account.converted_at)) for user, account in observed]
    return {"accounts": conversion_table(by_account.values()), "users": conversion_table(by_user)}


def conversion_table(pairs) -> dict:
    """(exposed, converted) pairs as two rates with their n."""
    pairs = list(pairs)
    table = {}
    for name, flag in (("invited", True), ("not_invited", False)):
        outcomes = [converted for exposed, converted in pairs if exposed is flag]
        table[name] = {"n": len(outcomes), "converted": share(sum(outcomes), len(outcomes))}
    return table


def active_days(clean: list[Event]) -> dict[str, set[date]]:
    """The UTC days on which each user did something."""
    days = defaultdict(set)
    for event in clean:
        if event.user_id and event.name not in ("sync_completed", "notification_sent"):
            days[event.user_id].add(event.occurred_at.date())
    return days


def measure_experiment(users: list[User], clean: list[Event]) -> dict:
    """Per size group: mean active days in the 28 days after assignment, and the expected true effect."""
    days = active_days(clean)
    result = {}
    for group in sorted(EXPERIMENT_USERS):
        members = [user for user in users if user.assigned_at and user.group == group]
        result[group] = {
            "true_effect_on_mean_active_days": round(expected_effect(members), 3),
            **{
                variant: active_days_after([user for user in members if user.variant == variant], days)
                for variant in ("control", "treatment")
            },
        }
    return result


def expected_effect(members: list[User]) -> float:
    """Mean change in expected active days if everybody were treated, caps included."""
    total = 0.0
    for user in members:
        first = day_index(known(user.assigned_at).date()) + 1
        for chance in user.chances[first : first + EXPERIMENT_EFFECT_DAYS]:
            total += min(MAX_DAILY_CHANCE, chance * EXPERIMENT_MULTIPLIER[user.group]) - chance
    return total / len(members)


def active_days_after(members: list[User], days: dict[str, set[date]]) -> dict:
    """n, mean and variance of active days on the 28 days after the day of assignment."""
    counts = []
    for user in members:
        start = known(user.assigned_at).date()
        counts.append(sum(1 for day in days[user.user_id] if 0 < (day - start).days <= EXPERIMENT_EFFECT_DAYS))
    n, total, squares = len(counts), sum(counts), sum(count * count for count in counts)
    return {"n": n, "mean": round(total / n, 4), "variance": round((squares - total * total / n) / (n - 1), 4)}


def measure_campaign(messages: list[dict], clean: list[Event]) -> dict:
    """Share of users with an upgrade_requested within 14 days of assignment, by arm."""
    upgrades = defaultdict(list)
    for event in clean:
        if event.name == "upgrade_requested":
            upgrades[event.user_id].append(event.occurred_at)
    arms = defaultdict(list)
    for row in messages:
        if row["campaign"] == CAMPAIGN:
            start = parse_utc(row["assigned_at"])
            end = start + CAMPAIGN_WINDOW_DAYS * DAY
            converted = any(start < moment <= end for moment in upgrades[row["user_id"]])
            arms["holdout" if row["is_holdout"] == "true" else "sent"].append(converted)
            if row["delivered_at"]:
                arms["delivered"].append(converted)
    return {arm: {"n": len(arms[arm]), "converted": share(sum(arms[arm]), len(arms[arm]))} for arm in sorted(arms)}


def measure_north_star(users: list[User], clean: list[Event]) -> dict:
    """Tasks per user and week by size group, in the four whole weeks before the drift and the last four."""
    periods = {"before": date(2026, 5, 31), "after": date(2026, 10, 18)}
    group_of = {user.user_id: user.group for user in users}
    result: dict[str, dict] = {}
    for name, end in periods.items():
        start = end - timedelta(days=27)
        present = [u for u in users if u.signed_up_at.date() <= end and not (u.deleted_at and u.deleted_at.date() <= end)]
        tasks: dict[str, int] = defaultdict(int)
        for event in clean:
            if event.name == "task_completed" and start <= event.occurred_at.date() <= end:
                tasks[group_of[event.user_id]] += 1
        sizes = {group: sum(1 for user in present if user.group == group) for group in sorted(TASKS_PER_ACTIVE_DAY)}
        result[name] = {
            "week_ending": end.isoformat(),
            "tasks_per_user_week": round(sum(tasks.values()) / 4 / len(present), 4),
            "groups": {
                group: {"share": share(size, len(present)), "tasks_per_user_week": round(tasks[group] / 4 / size, 4)}
                for group, size in sizes.items()
            },
        }
    return {**result, **mix_shift(result["before"]["groups"], result["after"]["groups"])}


def mix_shift(before: dict, after: dict) -> dict:
    """Share and rate effects with the mean of both periods as weights: they add up to the change."""
    share_effect = rate_effect = 0.0
    for group in sorted(before):
        old, new = before[group], after[group]
        mean_rate = (old["tasks_per_user_week"] + new["tasks_per_user_week"]) / 2
        share_effect += (new["share"] - old["share"]) * mean_rate
        rate_effect += (new["tasks_per_user_week"] - old["tasks_per_user_week"]) * (old["share"] + new["share"]) / 2
    return {"share_effect": round(share_effect, 4), "rate_effect": round(rate_effect, 4)}


def measure_seasons(clean: list[Event]) -> dict:
    """Active user-days per weekday, month by month."""
    days: dict[str, int] = defaultdict(int)
    for user_days in active_days(clean).values():
        for day in user_days:
            if day.weekday() < 5:
                days[day.strftime("%Y-%m")] += 1
    months = {}
    for month in sorted(days):
        first = date(int(month[:4]), int(month[5:]), 1)
        workdays = sum(
            1
            for offset in range(31)
            if (day := first + timedelta(days=offset)).month == first.month and day.weekday() < 5 and day <= LAST_DAY
        )
        months[month] = round(days[month] / workdays, 2)
    return {"active_users_per_weekday": months}


def describe_truths(users: list[User], clean: list[Event], tables: dict[str, list[dict]]) -> dict:
    """Each truth: what it says, its true parameters, and its value in this data."""
    return {
        "driver": {
            "text": "Trials in which a user invites a teammate within 7 days of signup convert more often. "
            "Population: users who signed up during their account's trial, of trials that began on or after "
            "2025-09-01 and have ended. Account rates are exact quotas; user rates follow from them.",
            "event": "teammate_invited",
            "within_days_of_signup": INVITE_WITHIN_DAYS,
            "account_conversion_if_invited": CONVERSION_IF_INVITED,
            "account_conversion_if_not": CONVERSION_IF_NOT,
            "realized": measure_driver(users, clean),
        },
        "experiment": {
            "text": "guided_setup multiplies the daily chance to be active on the 28 days after the day of "
            "assignment, by company size (employee_count). Chances are capped, so the effect on the mean is "
            "given too: the mean over all assigned users of the group.",
            "experiment": EXPERIMENT,
            "metric": "active days in the 28 days after the day of assignment",
            "true_multiplier": EXPERIMENT_MULTIPLIER,
            "variant_share": 0.5,
            "users_with_both_variants": EXPERIMENT_BOTH_VARIANTS,
            "realized": measure_experiment(users, clean),
        },
        "campaign": {
            "text": "winback_spring raises the share of users with an upgrade_requested within 14 days of "
            "assigned_at, through delivery alone: undelivered and held-out users keep the base rate. "
            "The rates are exact quotas. reporting_launch has no holdout and no effect.",
            "campaign": CAMPAIGN,
            "base_rate": CAMPAIGN_BASE_RATE,
            "rate_if_delivered": CAMPAIGN_DELIVERED_RATE,
            "delivery_share": CAMPAIGN_DELIVERY_SHARE,
            "holdout_share": CAMPAIGN_HOLDOUT_SHARE,
            "intention_to_treat_effect": round((CAMPAIGN_DELIVERED_RATE - CAMPAIGN_BASE_RATE) * CAMPAIGN_DELIVERY_SHARE, 4),
            "complier_effect": round(CAMPAIGN_DELIVERED_RATE - CAMPAIGN_BASE_RATE, 4),
            "realized": measure_campaign(tables["campaign_messages"], clean),
        },
        "north_star": {
            "text": "task_completed per user and week: from 2026-06-01 the tasks per active day rise in a "
            "straight line to the final multiplier in every size group, while new users come mostly from "
            "companies under 50 employees, whose rate is lower. Rate effect positive, share effect negative.",
            "tasks_per_active_day_before": TASKS_PER_ACTIVE_DAY,
            "drift_start": DRIFT_START.isoformat(),
            "final_multiplier": DRIFT_FINAL_MULTIPLIER,
            "realized": measure_north_star(users, clean),
        },
        "seasonality": {
            "text": "The daily chance to be active is multiplied in December and August.",
            "month_factors": {str(month): factor for month, factor in sorted(SEASON.items())},
            "factor_for_daily_users": SEASON_DAILY_USERS,
            "realized": measure_seasons(clean),
        },
    }
