"""A company of a few large accounts and many small ones, whose people are like their colleagues in nearly everything.

Colleagues share plan, payments, country, habits, moods and the day on which they stop coming. Nothing else is planted: whatever a
segment that was drawn at random "finds" is a false alarm.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

import numpy as np

from warehouse import Inputs, Row

FIRST, LAST = date(2026, 1, 5), date(2026, 10, 18)
DAYS = (LAST - FIRST).days + 1
FEATURES = ["project_created", "task_completed", "comment_added", "file_uploaded", "dashboard_viewed", "report_created", "report_exported"]
EVENTS = [*FEATURES, "page_viewed", "pricing_viewed", "upgrade_requested", "teammate_invited", "logged_in"]
CHANNELS = ["organic", "paid_search", "referral"]


def moment(day: int, seconds: float = 0.0) -> str:
    return (datetime.combine(FIRST, datetime.min.time()) + timedelta(days=int(day), seconds=int(seconds))).strftime("%Y-%m-%dT%H:%M:%SZ")


def skewed_company(accounts: int = 260, seed: int = 13) -> Inputs:
    """About 1,300 users; one in ten is alone. Eighty campaigns without effect, each with users (aa_) or accounts (ab_) held out at random."""
    chance = np.random.default_rng(seed)
    sizes = np.ceil(chance.lognormal(0.9, 1.1, accounts)).astype(int).clip(1, 90)
    account_of = np.concatenate([np.repeat(np.arange(accounts), sizes), np.full(sizes.sum() // 9, -1)])
    # Whoever is alone has habits of one's own.
    traits = np.where(account_of >= 0, account_of, accounts + np.arange(len(account_of)))
    count = traits.max() + 1
    rate = np.minimum(chance.gamma(0.7, 0.35, count), 0.9)
    tastes = chance.dirichlet(np.full(len(EVENTS), 0.6), count)
    last_day = np.where(chance.random(count) < 0.5, chance.integers(60, 2 * DAYS, count), 2 * DAYS)
    created = chance.integers(-200, 200, count)
    country, channel = chance.choice(["US", "DE", "BR", "IN"], count), chance.choice(CHANNELS, count)
    mood = chance.normal(7, 1.5, count)
    inputs: Inputs = {
        "accounts": [
            {
                "account_id": f"a{number}",
                "account_name": f"Account {number}",
                "industry": str(chance.choice(["software", "retail", "media"])),
                "business_model": str(chance.choice(["b2b", "b2c"])),
                "employee_count": str(int(sizes[number] * chance.integers(2, 40))),
                "country": str(country[number]),
                "created_at": moment(created[number]),
                "updated_at": moment(created[number]),
            }
            for number in range(accounts)
        ],
        "marketing_spend": [
            {"spend_date": str(FIRST + timedelta(days=day)), "channel": name, "amount": "100.00"}
            for day in range(DAYS)
            for name in CHANNELS
        ],
        **{
            name: []
            for name in ("users", "events", "subscriptions", "invoices", "survey_responses", "support_tickets", "campaign_messages")
        },
    }
    for number in range(accounts):
        _pay(inputs, chance, number, int(sizes[number]), int(created[number]))
    is_account_held_out = np.random.default_rng(seed + 1).random((40, count)) < 0.4
    for number, trait in enumerate(traits):
        name, signup = f"u{number:04d}", int(created[trait] + chance.exponential(20))
        if signup >= DAYS:
            signup = int(created[trait])
        inputs["users"].append(
            {
                "user_id": name,
                "account_id": f"a{account_of[number]}" if account_of[number] >= 0 else "",
                "email": f"{name}@example.com",
                "job_title": str(chance.choice(["Engineer", "Head of Sales", "Marketing Intern"])),
                "country": str(country[trait]),
                "acquisition_channel": str(channel[trait]),
                "birth_year": str(int(chance.integers(1960, 2005))),
                "signed_up_at": moment(signup, 3600 * 8),
                "updated_at": moment(signup, 3600 * 8),
            }
        )
        _use(inputs["events"], chance, name, max(signup, 0), min(int(last_day[trait]), DAYS), rate[trait], tastes[trait])
        _say(inputs, chance, name, max(signup, 0), mood[trait])
        if signup < 200:
            for campaign in range(40):
                _write_to(inputs["campaign_messages"], f"aa_{campaign:02d}", name, bool(chance.random() < 0.4), 205 + campaign)
                is_held_out = bool(is_account_held_out[campaign, trait])
                _write_to(inputs["campaign_messages"], f"ab_{campaign:02d}", name, is_held_out, 205 + campaign)
    return inputs


def _pay(inputs: Inputs, chance: np.random.Generator, number: int, size: int, created: int) -> None:
    """A trial that converts or not, a plan, and invoices every four weeks."""
    has_converted, price = chance.random() < 0.6, int(chance.choice([0, 10, 12, 30]))
    row: Row = {
        "subscription_id": f"s{number}",
        "account_id": f"a{number}",
        "plan": "pro",
        "seats": str(size),
        "mrr": "0.00",
        "valid_from": moment(created),
        "started_at": moment(created),
        "trial_ends_at": moment(created + 14),
        "converted_at": moment(created + 13) if has_converted else "",
        "ended_at": "" if has_converted else moment(created + 14),
    }
    inputs["subscriptions"].append(row)
    if not has_converted:
        return
    ended = int(created + 13 + chance.exponential(400))
    later: dict[str, Any] = {
        "valid_from": moment(created + 13),
        "mrr": f"{price * size}.00",
        "ended_at": moment(ended) if ended < DAYS else "",
    }
    inputs["subscriptions"].append({**row, **later})
    inputs["invoices"] += [
        {
            "invoice_id": f"i{number}-{day}",
            "account_id": f"a{number}",
            "amount": f"{price * size * chance.uniform(0.9, 1.1):.2f}",
            "currency": "USD",
            "paid_at": moment(day, 40000),
        }
        for day in range(created + 13, min(ended, DAYS), 28)
        if day >= 0 and price
    ]


def _use(events: list[Row], chance: np.random.Generator, name: str, start: int, end: int, rate: float, tastes: np.ndarray) -> None:
    """Events on random days from the signup to the day on which the account stops."""
    own = min(rate * chance.gamma(4, 0.25), 0.95)
    device = str(chance.choice(["desktop", "mobile"]))
    for day in range(start, end):
        if chance.random() < own * 0.4:
            seconds = np.sort(chance.integers(30000, 80000, chance.integers(1, 5)))
            for second, event in zip(seconds, chance.choice(EVENTS, len(seconds), p=tastes)):
                at = moment(day, float(second))
                events.append(
                    {
                        "event_id": f"e{len(events)}",
                        "user_id": name,
                        "event_name": str(event),
                        "occurred_at": at,
                        "received_at": at,
                        "session_id": f"{name}-{day}",
                        "device_type": device,
                        "os": "linux" if device == "desktop" else "ios",
                        "app_version": "1.0.0",
                    }
                )


def _say(inputs: Inputs, chance: np.random.Generator, name: str, start: int, mood: float) -> None:
    """Answers in the last months, and tickets."""
    for instrument, best in (("nps", 10), ("csat", 5)):
        day = int(chance.integers(start, DAYS))
        if chance.random() < 0.6 and day > DAYS - 150:
            score = int(np.clip(round(chance.normal(mood, 1.5) * best / 10), 1, best))
            inputs["survey_responses"].append(
                {
                    "response_id": f"{instrument}-{name}",
                    "user_id": name,
                    "survey": "relationship",
                    "instrument": instrument,
                    "question": "How likely?",
                    "score": str(score),
                    "responded_at": moment(day, 50000),
                }
            )
    for number in range(int(chance.poisson(max(10 - mood, 0) / 3))):
        day = int(chance.integers(start, DAYS))
        row = {"ticket_id": f"t-{name}-{number}", "user_id": name, "topic": "bug", "priority": "normal"}
        inputs["support_tickets"].append({**row, "created_at": moment(day, 45000), "solved_at": moment(day, 65000)})


def _write_to(messages: list[Row], campaign: str, name: str, is_holdout: bool, day: int) -> None:
    row = {"message_id": f"{campaign}-{name}", "campaign": campaign, "user_id": name, "is_holdout": str(is_holdout).lower()}
    sent = {} if is_holdout else {"sent_at": moment(day, 41000), "delivered_at": moment(day, 41100)}
    messages.append({**row, "assigned_at": moment(day, 40000), **sent})
