"""Accounts and their subscriptions."""

from __future__ import annotations

import random
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from .world import (
    ACCOUNT_OWNERS,
    CONVERSION_IF_INVITED,
    CONVERSION_IF_NOT,
    CUTOFF,
    DAY,
    DRIFT_START,
    FIRST_DAY,
    FIRST_SIGNUP,
    INDUSTRIES,
    INVITING_TRIAL_SHARE,
    LAST_DAY,
    LOCATIONS,
    Location,
    SizeGroup,
    Streams,
    add_months,
    at,
    between,
    known,
    later,
    office_time,
    quota,
    weighted,
    working_day,
)

SIZE_GROUPS = (
    SizeGroup((2, 9), (2, 7), 14, 22, 22, "under_50"),
    SizeGroup((10, 48), (8, 16), 28, 32, 20, "under_50"),
    SizeGroup((50, 240), (7, 13), 16, 12, 3, "50_999"),
    SizeGroup((260, 950), (9, 15), 8, 5, 1, "50_999"),
    SizeGroup((1000, 20000), (13, 21), 10, 6, 1, "1000_plus"),
)
BUSINESS_MODELS = {"b2b": 55, "b2c": 20, "b2b2c": 10, "marketplace": 8, "nonprofit": 7}
NAME_STARTS = (
    "Alder Birch Cobalt Dune Ember Fjord Garnet Harbor Indigo Juniper Kestrel Larch Mosaic Nimbus Opal Pinnacle Quarry Ridge Saffron Tundra"
).split()
NAME_ENDS = "Works Labs Freight Clinic Supply Studio Partners Foods Systems Academy".split()
SPECIAL_NAMES = {
    3: 'O\'Brien & "Sons"',
    11: "Harper, Lane & Quill",
    19: "Müller Präzisionstechnik",
    27: "São Bento Alimentos",
    35: "北星物流",
    43: "Éditions du Héron",
}
PRICES = {"free": 0, "starter": 12, "pro": 24, "enterprise": 45}  # per seat and month


@dataclass
class Account:
    account_id: str
    name: str
    size: SizeGroup
    employees: int
    location: Location
    industry: str
    business_model: str
    owner: str
    kind: str  # trial, paid or free: how it started
    started_at: datetime  # first use: trial, contract or free plan
    created_at: datetime  # first seen in the CRM, as a lead
    has_inviter: bool = False
    trial_ends_at: datetime | None = None
    converted_at: datetime | None = None
    ended_at: datetime | None = None
    returned_at: datetime | None = None
    updated_at: datetime | None = None
    corrected_industry: bool = False

    @property
    def is_lapsed(self) -> bool:
        return bool(self.trial_ends_at and not self.converted_at and self.trial_ends_at <= CUTOFF)

    @property
    def paid_from(self) -> datetime | None:
        return self.started_at if self.kind == "paid" else self.converted_at


def make_accounts(streams: Streams) -> list[Account]:
    """All accounts in order of their first use, trials decided."""
    rng = streams("accounts")
    starts = []
    for size in SIZE_GROUPS:
        for count, first, last in (
            (size.before, FIRST_SIGNUP, FIRST_DAY - DAY),
            (size.early, FIRST_DAY, DRIFT_START - DAY),
            (size.late, DRIFT_START, LAST_DAY - 3 * DAY),
        ):
            starts += [(working_day(even_day(rng, first, last, i, count)), size) for i in range(count)]
    starts.sort(key=lambda start: (start[0], start[1].employees))
    accounts = [make_account(rng, number, *start) for number, start in enumerate(starts, 1)]
    decide_trials(streams("trials"), accounts)
    decide_churn(streams("churn"), accounts)
    return accounts


def even_day(rng: random.Random, first: date, last: date, i: int, count: int) -> date:
    """A random day in the i-th of `count` equal parts of a period, so that starts never dry up."""
    length = (last - first).days
    return first + timedelta(days=int(length * (i + rng.random()) / count))


def make_account(rng: random.Random, number: int, day: date, size: SizeGroup) -> Account:
    """One account. The largest often sign a contract at once; the others mostly try the product first."""
    share_paid = 0.45 if size.employees[0] >= 250 else 0.08
    draw = rng.random()
    kind = "paid" if draw < share_paid else "free" if draw > 0.95 else "trial"
    low, high = size.employees
    skewed = rng.random() * rng.random()
    started_at = office_time(rng, day)
    name = f"{NAME_STARTS[number % 20]} {NAME_ENDS[(number * 7 + number // 20) % 10]}"
    return Account(
        account_id=f"a{number:03d}",
        name=SPECIAL_NAMES.get(number, name),
        size=size,
        employees=int(low + (high - low) * skewed) if low >= 50 else rng.randint(low, high),
        location=rng.choices(LOCATIONS, weights=[place.weight for place in LOCATIONS])[0],
        industry=rng.choice(INDUSTRIES),
        business_model=weighted(rng, BUSINESS_MODELS),
        owner=rng.choice(ACCOUNT_OWNERS),
        kind=kind,
        started_at=started_at,
        created_at=later(rng, started_at, -30 * 24, -1),
    )


def decide_trials(rng: random.Random, accounts: list[Account]) -> None:
    """Truth 1: who converts. Exact shares among the trials whose whole course lies in the data."""
    trials = [account for account in accounts if account.kind == "trial"]
    for account in trials:
        account.trial_ends_at = account.started_at + timedelta(days=14)
    observed = [a for a in trials if a.started_at.date() >= FIRST_DAY and known(a.trial_ends_at) <= CUTOFF]
    earlier = [a for a in trials if a.started_at.date() < FIRST_DAY]
    running = [a for a in trials if known(a.trial_ends_at) > CUTOFF]
    for account in quota(rng, observed, INVITING_TRIAL_SHARE) + quota(rng, running, INVITING_TRIAL_SHARE):
        account.has_inviter = True
    converting = (
        quota(rng, [a for a in observed if a.has_inviter], CONVERSION_IF_INVITED)
        + quota(rng, [a for a in observed if not a.has_inviter], CONVERSION_IF_NOT)
        + quota(rng, earlier, 0.7)
    )
    for account in converting:  # days 12 to 14: after every invitation of the first week
        account.converted_at = later(rng, account.trial_ends_at, -2 * 24, -1)


def decide_churn(rng: random.Random, accounts: list[Account]) -> None:
    """One paying account in four leaves; one in four of these comes back."""
    paying = [a for a in accounts if a.paid_from and a.paid_from < CUTOFF - timedelta(days=100)]
    churned = quota(rng, paying, 0.25)
    for account in churned:
        first = max(account.paid_from.date() + timedelta(days=60), FIRST_DAY + timedelta(days=20))
        account.ended_at = office_time(rng, between(rng, first, LAST_DAY - 7 * DAY))
    early = [a for a in churned if a.ended_at < CUTOFF - timedelta(days=120)]
    for account in quota(rng, early, 0.25):
        account.returned_at = later(rng, account.ended_at, 45 * 24, 90 * 24)


@dataclass
class Version:
    """A subscription as it stood from `valid_from` on."""

    plan: str
    seats: int
    mrr: int
    valid_from: datetime
    renewal: date | None


@dataclass
class Subscription:
    subscription_id: str
    account: Account
    started_at: datetime
    trial_ends_at: datetime | None
    converted_at: datetime | None
    ended_at: datetime | None
    versions: list[Version]


def make_subscriptions(streams: Streams, accounts: list[Account]) -> list[Subscription]:
    """Every account's subscription, and a second one for those that came back."""
    subscriptions: list[Subscription] = []
    for account in accounts:
        rng = streams("subscriptions", account.account_id)
        versions = []
        if account.kind == "trial":
            versions.append(Version("pro", 5, 0, account.started_at, None))
        if account.kind == "free":
            versions.append(Version("free", 3, 0, account.started_at, None))
        if account.paid_from:
            versions += paid_versions(rng, account, account.paid_from, account.ended_at or CUTOFF)
        ended_at = account.ended_at
        if account.is_lapsed and rng.random() < 0.5:
            ended_at = account.trial_ends_at  # the other half was never closed in the books
        first = (account, account.started_at, account.trial_ends_at, account.converted_at, ended_at, versions)
        subscriptions.append(Subscription(f"s{len(subscriptions) + 1:03d}", *first))
        if account.returned_at:
            versions = paid_versions(rng, account, account.returned_at, CUTOFF)
            second = (account, account.returned_at, None, None, None, versions)
            subscriptions.append(Subscription(f"s{len(subscriptions) + 1:03d}", *second))
    return subscriptions


def paid_versions(rng: random.Random, account: Account, start: datetime, end: datetime) -> list[Version]:
    """Versions of a paid subscription: its start, its renewals, and for some an upgrade or downgrade."""
    employees = account.employees
    plan = "starter" if employees < 20 else "pro" if employees < 400 else "enterprise"
    seats = max(2, min(employees, account.size.users[1] + rng.randrange(6)))
    months = 1 if plan == "starter" else 12
    changes = [(at(add_months(start.date(), k * months), 6), "renewal") for k in range(1, 24)]
    if rng.random() < 0.35:
        changes.append((later(rng, start, 50 * 24, 300 * 24), "expansion"))
    if rng.random() < 0.12:
        changes.append((later(rng, start, 80 * 24, 300 * 24), "downgrade"))
    renewal = add_months(start.date(), months)
    versions = [Version(plan, seats, seats * PRICES[plan], start, renewal)]
    for moment, change in sorted(changes):
        if moment >= end:
            break
        if change == "renewal":
            renewal = add_months(renewal, months)
        elif change == "expansion":
            seats += 2 + seats // 3
            plan = {"starter": "pro", "pro": "enterprise"}.get(plan, plan) if rng.random() < 0.4 else plan
        else:
            seats = max(2, seats - 1 - seats // 3)
            plan = "starter" if plan == "pro" else plan
        versions.append(Version(plan, seats, seats * PRICES[plan], moment, renewal))
    return versions
