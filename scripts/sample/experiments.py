"""Experiment and campaigns: who is assigned, and what it changes."""

from __future__ import annotations

import random
from collections import defaultdict
from datetime import date, datetime, timedelta

from .users import User
from .world import (
    CAMPAIGN,
    CAMPAIGN_BASE_RATE,
    CAMPAIGN_DAYS,
    CAMPAIGN_DELIVERED_RATE,
    CAMPAIGN_DELIVERY_SHARE,
    CAMPAIGN_HOLDOUT_SHARE,
    CAMPAIGN_USERS,
    CAMPAIGN_WINDOW_DAYS,
    DAILY,
    DAY,
    EXPERIMENT,
    EXPERIMENT_BOTH_VARIANTS,
    EXPERIMENT_DAYS,
    EXPERIMENT_EFFECT_DAYS,
    EXPERIMENT_LEAST_CHANCE,
    EXPERIMENT_MULTIPLIER,
    EXPERIMENT_USERS,
    MAX_DAILY_CHANCE,
    SECOND_CAMPAIGN,
    SECOND_CAMPAIGN_USERS,
    Streams,
    at,
    between,
    day_index,
    iso,
    known,
    later,
    office_time,
    quota,
    shuffled,
    working_day,
)


def assign_experiment(rng: random.Random, users: list[User]) -> list[dict]:
    """Truth 2: exactly half of the users of each size group get each variant."""
    candidates = defaultdict(list)
    for user in shuffled(rng, users):
        days = [day for day in experiment_days() if can_be_assigned(user, day)]
        if days:
            candidates[user.group].append((user, office_time(rng, rng.choice(days))))
    rows = []
    for group in sorted(EXPERIMENT_USERS):
        chosen = candidates[group][: EXPERIMENT_USERS[group]]
        treated = {user.user_id for user, _ in quota(rng, chosen, 0.5)}
        for user, moment in chosen:
            user.variant = "treatment" if user.user_id in treated else "control"
            user.assigned_at = moment
            rows.append(assignment_row(user.variant, user, moment))
    for row in shuffled(rng, rows)[:EXPERIMENT_BOTH_VARIANTS]:
        other = "control" if row["variant"] == "treatment" else "treatment"
        moment = datetime.strptime(row["assigned_at"], "%Y-%m-%dT%H:%M:%SZ") + 9 * DAY
        rows.append({**row, "variant": other, "assigned_at": iso(moment)})
    return sorted(rows, key=lambda row: (row["assigned_at"], row["user_id"]))


def experiment_days() -> list[date]:
    """The working days on which users were assigned."""
    first, last = EXPERIMENT_DAYS
    days = [first + timedelta(days=i) for i in range((last - first).days + 1)]
    return [day for day in days if day.weekday() < 5]


def can_be_assigned(user: User, day: date) -> bool:
    """Signed up 14 days before, uses the product at the time, but not every day: those need no guide."""
    is_old_enough = user.signed_up_at < at(day, 0) - timedelta(days=14)
    is_in_use = user.chances[day_index(day)] >= EXPERIMENT_LEAST_CHANCE and user.tier is not DAILY
    return bool(user.account) and is_old_enough and is_in_use


def assignment_row(variant: str, user: User, moment: datetime) -> dict:
    """One row of experiment_assignments."""
    return {"experiment": EXPERIMENT, "variant": variant, "user_id": user.user_id, "assigned_at": iso(moment)}


def treated_chance(user: User, day: int) -> float:
    """The chance to be active on a day, the experiment's effect included."""
    chance = user.chances[day]
    if user.variant != "treatment":
        return chance
    days_since = day - day_index(known(user.assigned_at).date())
    if not 1 <= days_since <= EXPERIMENT_EFFECT_DAYS:
        return chance
    return min(MAX_DAILY_CHANCE, chance * EXPERIMENT_MULTIPLIER[user.group])


def assign_campaigns(streams: Streams, users: list[User]) -> list[dict]:
    """Truth 3: the campaign with a holdout, and a second one that nothing can be learnt from."""
    rng = streams("winback")
    chosen: list[User] = []
    for user in shuffled(rng, users):
        moment = office_time(rng, working_day(between(rng, *CAMPAIGN_DAYS)))
        if len(chosen) < CAMPAIGN_USERS and can_be_won_back(user, moment):
            user.campaign_at = moment
            chosen.append(user)
    rows = winback_messages(rng, chosen)
    rng = streams("launch")
    joined = [user for user in users if user.signed_up_at < datetime(2026, 1, 12) and not user.deleted_at]
    for user in shuffled(rng, joined)[:SECOND_CAMPAIGN_USERS]:
        moment = office_time(rng, working_day(between(rng, date(2026, 1, 19), date(2026, 2, 13))))
        rows.append(message_row(rng, SECOND_CAMPAIGN, user, moment, False, rng.random() < 0.97))
    rows.sort(key=lambda row: (row["assigned_at"], row["user_id"]))
    return [{"message_id": f"m{number:04d}", **row} for number, row in enumerate(rows, 1)]


def can_be_won_back(user: User, moment: datetime) -> bool:
    """Signed up 60 days ago, little used now, and not within the experiment's four weeks."""
    if user.deleted_at or user.signed_up_at > moment - timedelta(days=60):
        return False
    if user.assigned_at and abs((moment - user.assigned_at).days) <= 45:
        return False
    return user.chances[day_index(moment.date())] < 0.12


def winback_messages(rng: random.Random, chosen: list[User]) -> list[dict]:
    """Exact shares of holdout, delivery and conversion; conversion follows delivery."""
    holdout = {user.user_id for user in quota(rng, chosen, CAMPAIGN_HOLDOUT_SHARE)}
    sent = [user for user in chosen if user.user_id not in holdout]
    delivered = {user.user_id for user in quota(rng, sent, CAMPAIGN_DELIVERY_SHARE)}
    reached = [user for user in chosen if user.user_id in delivered]
    held_out = [user for user in chosen if user.user_id in holdout]
    missed = [user for user in sent if user.user_id not in delivered]
    converting = quota(rng, reached, CAMPAIGN_DELIVERED_RATE)
    converting += quota(rng, held_out, CAMPAIGN_BASE_RATE) + quota(rng, missed, CAMPAIGN_BASE_RATE)
    for user in converting:
        user.upgrade_at = later(rng, user.campaign_at, 30, (CAMPAIGN_WINDOW_DAYS - 1) * 24)
    return [
        message_row(rng, CAMPAIGN, user, known(user.campaign_at), user.user_id in holdout, user.user_id in delivered) for user in chosen
    ]


def message_row(rng, campaign: str, user: User, moment: datetime, is_holdout: bool, is_delivered: bool) -> dict:
    """One message with the times it got to; a later step never without the one before."""
    sent = None if is_holdout else later(rng, moment, 0.2, 20)
    delivered = later(rng, sent, 0.01, 0.2) if sent and is_delivered else None
    opened = later(rng, delivered, 0.1, 60) if delivered and rng.random() < 0.42 else None
    clicked = later(rng, opened, 0.01, 0.5) if opened and rng.random() < 0.35 else None
    unsubscribed = later(rng, opened, 0.01, 2) if opened and rng.random() < 0.04 else None
    return {
        "campaign": campaign,
        "user_id": user.user_id,
        "is_holdout": "true" if is_holdout else "false",
        "assigned_at": iso(moment),
        "sent_at": iso(sent),
        "delivered_at": iso(delivered),
        "opened_at": iso(opened),
        "clicked_at": iso(clicked),
        "unsubscribed_at": iso(unsubscribed),
    }
