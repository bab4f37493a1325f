"""Write the sample data: one CSV per input of the contract, and the truths planted in them.

    python scripts/generate_sample.py                   rewrite seeds/sample/
    python scripts/generate_sample.py --output DIR      write somewhere else
    python scripts/generate_sample.py --seed 7          another company, same truths
    python scripts/generate_sample.py --check           exit 1 if the files on disk differ

Kiteloom, the company in the data, is invented; docs/sample-data.md introduces it.

The same seed gives the same bytes on every machine. Therefore: standard library only; no clock;
no iteration over sets; and no logarithms, powers or sines, whose last digit depends on the C library
(which also rules out `random.gauss`). Each part of the data draws from a random stream of its own,
named after that part, so that a change to the surveys does not reshuffle the events.

Read from the bottom up: `generate` is the table of contents.
"""

from __future__ import annotations

import argparse
import csv
import io
import json
import random
import sys
from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import NamedTuple

DEFAULT_SEED = 2055  # picked from 64: docs/sample-data.md says how, and what that rules out
DEFAULT_OUTPUT = Path(__file__).resolve().parent.parent / "seeds" / "sample"

# ---------------------------------------------------------------------------------------------------
# Time. All times inside this program are naive and mean UTC.
# ---------------------------------------------------------------------------------------------------

FIRST_DAY = date(2025, 9, 1)  # a Monday; there are no events before it
LAST_DAY = date(2026, 10, 22)  # a Thursday that is over only in part: data_through is the day before
CUTOFF = datetime(2026, 10, 22, 12, 0, 0)  # the export was taken here
FIRST_SIGNUP = date(2024, 12, 2)
DAYS = (LAST_DAY - FIRST_DAY).days + 1
DAY = timedelta(days=1)

# ---------------------------------------------------------------------------------------------------
# The contract: every input with its columns, in the contract's order
# ---------------------------------------------------------------------------------------------------

CONTRACT = {
    "accounts": "account_id account_name industry business_model employee_count annual_revenue country "
    "account_owner created_at updated_at",
    "users": "user_id account_id email job_title department birth_year gender income_band language country "
    "state city acquisition_channel marketing_consent signed_up_at updated_at deleted_at",
    "attribute_history": "entity entity_id attribute value valid_from",
    "subscriptions": "subscription_id account_id plan seats mrr valid_from started_at trial_ends_at "
    "converted_at ended_at renewal_date",
    "account_stages": "account_id stage entered_at",
    "account_technologies": "account_id category vendor first_seen_at last_seen_at",
    "identities": "anonymous_id user_id linked_at",
    "events": "event_id user_id anonymous_id event_name occurred_at received_at session_id device_type os "
    "app_version country channel properties",
    "survey_responses": "response_id user_id survey instrument question answer score responded_at",
    "interview_notes": "note_id user_id theme sentiment noted_at",
    "support_tickets": "ticket_id user_id topic priority satisfaction satisfied_at created_at solved_at",
    "invoices": "invoice_id account_id amount currency paid_at",
    "campaign_messages": "message_id campaign user_id is_holdout assigned_at sent_at delivered_at opened_at "
    "clicked_at unsubscribed_at",
    "experiment_assignments": "experiment variant user_id assigned_at",
    "marketing_spend": "spend_date channel amount",
}

# ---------------------------------------------------------------------------------------------------
# Planted truths: the numbers that later tests must recover
# ---------------------------------------------------------------------------------------------------

# 1. Driver: trial accounts in which somebody invites a teammate in the first week convert more often.
INVITING_TRIAL_SHARE = 0.4
CONVERSION_IF_INVITED = 0.65
CONVERSION_IF_NOT = 0.25
INVITE_WITHIN_DAYS = 7

# 2. Experiment: the chance to be active on a day is multiplied, for 28 days after assignment.
EXPERIMENT = "guided_setup"
EXPERIMENT_DAYS = (date(2026, 3, 2), date(2026, 5, 29))
EXPERIMENT_EFFECT_DAYS = 28
EXPERIMENT_MULTIPLIER = {"under_50": 1.6, "50_999": 1.2, "1000_plus": 1.0}
EXPERIMENT_USERS = {"under_50": 320, "50_999": 130, "1000_plus": 130}
EXPERIMENT_LEAST_CHANCE = 0.04  # of being active on the day: who hardly uses the product is not assigned
EXPERIMENT_BOTH_VARIANTS = 4

# 3. Campaign: the share of users that ask for an upgrade within 14 days of assignment.
CAMPAIGN = "winback_spring"
CAMPAIGN_DAYS = (date(2026, 4, 6), date(2026, 8, 28))
CAMPAIGN_USERS = 500
CAMPAIGN_HOLDOUT_SHARE = 0.2
CAMPAIGN_WINDOW_DAYS = 14
CAMPAIGN_BASE_RATE = 0.06
CAMPAIGN_DELIVERED_RATE = 0.155
CAMPAIGN_DELIVERY_SHARE = 0.95
SECOND_CAMPAIGN = "reporting_launch"  # has no holdout and no effect: nothing may be claimed for it
SECOND_CAMPAIGN_USERS = 380

# 4. North Star: tasks per active day rise inside every size group, while small companies, whose rate is
#    lower, become a larger share of the users.
DRIFT_START = date(2026, 6, 1)
DRIFT_FINAL_MULTIPLIER = 2.2
TASKS_PER_ACTIVE_DAY = {"under_50": 0.32, "50_999": 0.60, "1000_plus": 0.85, "no_account": 0.32}

# 5. Seasonality: factors on the chance to be active on a day. Daily users hardly take holidays.
SEASON = {12: 0.65, 8: 0.70}
SEASON_DAILY_USERS = 0.95

# ---------------------------------------------------------------------------------------------------
# The company's world
# ---------------------------------------------------------------------------------------------------


class Location(NamedTuple):
    """A place where users live. `offset_hours` is standard time; `summer` names the daylight rule."""

    country: str
    state: str
    city: str
    offset_hours: float
    summer: str
    language: str
    weight: int


LOCATIONS = (
    Location("US", "California", "San Francisco", -8, "us", "en", 14),
    Location("US", "New York", "New York", -5, "us", "en", 14),
    Location("US", "Texas", "Austin", -6, "us", "en", 9),
    Location("US", "Illinois", "Chicago", -6, "us", "en", 6),
    Location("US", "Washington", "Seattle", -8, "us", "en", 6),
    Location("CA", "Ontario", "Toronto", -5, "us", "en", 6),
    Location("CA", "Quebec", "Montréal", -5, "us", "fr", 4),
    Location("MX", "", "Ciudad de México", -6, "", "es", 4),
    Location("BR", "São Paulo", "São Paulo", -3, "", "pt", 7),
    Location("BR", "Rio de Janeiro", "Rio de Janeiro", -3, "", "pt", 3),
    Location("AR", "", "Buenos Aires", -3, "", "es", 2),
    Location("CO", "", "Bogotá", -5, "", "es", 2),
    Location("GB", "England", "London", 0, "eu", "en", 13),
    Location("GB", "Scotland", "Edinburgh", 0, "eu", "en", 4),
    Location("DE", "Berlin", "Berlin", 1, "eu", "de", 8),
    Location("DE", "Bayern", "München", 1, "eu", "de", 7),
    Location("FR", "", "Paris", 1, "eu", "fr", 8),
    Location("FR", "", "Lyon", 1, "eu", "fr", 3),
    Location("NL", "", "Amsterdam", 1, "eu", "en", 3),
    Location("ES", "", "Madrid", 1, "eu", "es", 3),
    Location("PT", "", "Lisboa", 0, "eu", "pt", 2),
    Location("IT", "", "Milano", 1, "eu", "en", 2),
    Location("SE", "", "Malmö", 1, "eu", "en", 2),
    Location("PL", "", "Kraków", 1, "eu", "en", 2),
    Location("CH", "", "Zürich", 1, "eu", "de", 3),
    Location("AE", "", "Dubai", 4, "", "en", 2),
    Location("SA", "", "", 3, "", "en", 1),
    Location("ZA", "", "Cape Town", 2, "", "en", 2),
    Location("NG", "", "Lagos", 1, "", "en", 2),
    Location("KE", "", "Nairobi", 3, "", "en", 2),
    Location("IN", "Karnataka", "Bengaluru", 5.5, "", "en", 8),
    Location("IN", "Maharashtra", "Mumbai", 5.5, "", "en", 4),
    Location("JP", "", "東京", 9, "", "ja", 4),
    Location("SG", "", "Singapore", 8, "", "en", 2),
    Location("ID", "", "", 7, "", "en", 1),
    Location("AU", "Queensland", "Brisbane", 10, "", "en", 6),
    Location("NZ", "", "Auckland", 12, "nz", "en", 2),
)
SUMMER_TIME = {
    "us": ((date(2025, 3, 9), date(2025, 11, 2)), (date(2026, 3, 8), date(2026, 11, 1))),
    "eu": ((date(2025, 3, 30), date(2025, 10, 26)), (date(2026, 3, 29), date(2026, 10, 25))),
    "nz": (
        (date(2024, 9, 29), date(2025, 4, 6)),
        (date(2025, 9, 28), date(2026, 4, 5)),
        (date(2026, 9, 27), date(2027, 4, 4)),
    ),
    "": (),
}
CURRENCIES = {"GB": "GBP", "DE": "EUR", "FR": "EUR", "NL": "EUR", "ES": "EUR", "PT": "EUR", "IT": "EUR"}
CRM_SPELLINGS = {"GB": "UK", "US": "USA", "DE": "Germany"}


class SizeGroup(NamedTuple):
    """How many accounts of one size start when, and how large they and their teams are."""

    employees: tuple[int, int]
    users: tuple[int, int]
    before: int  # accounts that start before FIRST_DAY
    early: int  # from FIRST_DAY to DRIFT_START
    late: int  # from DRIFT_START on: mostly small, which is what shifts the mix
    truth_group: str


SIZE_GROUPS = (
    SizeGroup((2, 9), (2, 7), 14, 22, 22, "under_50"),
    SizeGroup((10, 48), (8, 16), 28, 32, 20, "under_50"),
    SizeGroup((50, 240), (7, 13), 16, 12, 3, "50_999"),
    SizeGroup((260, 950), (9, 15), 8, 5, 1, "50_999"),
    SizeGroup((1000, 20000), (13, 21), 10, 6, 1, "1000_plus"),
)
USERS_WITHOUT_ACCOUNT = 60

INDUSTRIES = "software manufacturing retail finance healthcare education media logistics".split()
BUSINESS_MODELS = {"b2b": 55, "b2c": 20, "b2b2c": 10, "marketplace": 8, "nonprofit": 7}
ACCOUNT_OWNERS = ("Amara Okafor", "Jonas Lindqvist", "Priya Raman", "Lucía Ferrer", "Tom Whitfield")
NAME_STARTS = (
    "Alder Birch Cobalt Dune Ember Fjord Garnet Harbor Indigo Juniper Kestrel Larch Mosaic Nimbus "
    "Opal Pinnacle Quarry Ridge Saffron Tundra"
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
FIRST_NAMES = (
    "ada ben chloe diego elif farah george hana ivan julia kofi lena mateo nadia oscar paula quentin "
    "rosa sam tara umar vera wei xenia yusuf zoe"
).split()
LAST_NAMES = (
    "abbott berger costa dubois evans fischer garcia hughes ito jansen kumar lopez martin nowak okoye "
    "patel quinn rossi silva tanaka usman vogel walker xu young zimmer"
).split()
DEPARTMENTS = {  # titles from the most junior to the most senior
    "Engineering": ("Intern", "Software Engineer", "Senior Software Engineer", "Engineering Manager", "CTO"),
    "Product": ("Associate Product Manager", "Product Manager", "Senior Product Manager", "Head of Product"),
    "Project Management": (
        "Project Coordinator",
        "Project Manager",
        "Senior Project Manager",
        "Director of PMO",
    ),
    "Marketing": ("Marketing Intern", "Marketing Manager", "Senior Marketing Manager", "VP Marketing", "CMO"),
    "Operations": ("Operations Analyst", "Operations Manager", "Head of Operations", "COO"),
    "Finance": ("Accountant", "Senior Financial Analyst", "Finance Director", "CFO"),
    "Sales": ("Sales Representative", "Account Executive", "Sales Manager", "VP Sales"),
    "Design": ("Junior Designer", "Product Designer", "Lead Designer", "Design Director"),
    "Human Resources": ("HR Assistant", "HR Business Partner", "Head of People"),
    "Customer Success": ("Support Agent", "Customer Success Manager", "Director of Customer Success"),
}
ACQUISITION_CHANNELS = {
    "organic": 34,
    "paid_search": 22,
    "partner": 10,
    "referral": 14,
    "outbound": 10,
    "social": 10,
}
TECHNOLOGIES = {
    "crm": ("salesforce", "hubspot", "pipedrive"),
    "marketing_automation": ("marketo", "mailchimp", "hubspot"),
    "back_office": ("netsuite", "sap", "quickbooks"),
    "database": ("postgres", "snowflake", "bigquery", "mysql", "oracle"),
}
PRICES = {"free": 0, "starter": 12, "pro": 24, "enterprise": 45}  # per seat and month


class Tier(NamedTuple):
    """A kind of user by how often they come: the chance to be active on an ordinary working day."""

    name: str
    weight: int
    daily_chance: tuple[float, float]
    weekend_factor: float
    spell_weeks: tuple[int, int]  # how long they use the product before they tire of it
    features: tuple[int, int]
    actions: float  # mean feature events per active day, tasks not counted


NEVER, LIGHT, REGULAR, HEAVY, DAILY = TIERS = (
    Tier("never", 5, (0.0, 0.0), 0.0, (1, 2), (1, 1), 0.0),
    Tier("light", 46, (0.03, 0.08), 0.12, (6, 22), (2, 4), 0.8),
    Tier("regular", 42, (0.09, 0.20), 0.12, (6, 24), (3, 6), 0.8),
    Tier("heavy", 7, (0.25, 0.45), 0.15, (8, 30), (6, 9), 1.0),
    Tier("daily", 0, (0.90, 0.97), 0.25, (0, 0), (8, 9), 1.2),
)
DAILY_USER_EVERY = 31  # one user in so many, by order of signup: their share is steady over time
WEEKDAY_FACTORS = (1.0, 1.05, 1.05, 1.0, 0.85)
MAX_DAILY_CHANCE = 0.97

FEATURE_EVENTS = (
    "comment_added file_uploaded dashboard_viewed report_created report_exported integration_connected "
    "automation_created teammate_invited search_performed project_created"
).split()
APP_RELEASES = (
    (date(2024, 1, 1), "5.2.0"),
    (date(2025, 10, 6), "5.3.0"),
    (date(2025, 12, 1), "5.3.1"),
    (date(2026, 2, 2), "5.4.0"),
    (date(2026, 4, 13), "6.0.0"),
    (date(2026, 5, 11), "6.0.2"),
    (date(2026, 7, 6), "6.1.0"),
    (date(2026, 9, 14), "6.1.3"),
)
DEVICES = {
    "desktop": ("windows", "macos", "linux"),
    "mobile": ("ios", "android"),
    "tablet": ("ios", "android"),
}
EVENT_CHANNELS = {
    "organic": "search",
    "paid_search": "search",
    "partner": "direct",
    "referral": "direct",
    "outbound": "email",
    "social": "social",
}
SPEND_PER_DAY = {"paid_search": 210, "social": 90, "partner": 60, "outbound": 120, "referral": 25}
ATTRIBUTE_ANSWERS = {
    "interests": ("productivity", "data", "design", "leadership", "automation"),
    "values": ("transparency", "speed", "quality", "autonomy"),
    "lifestyle": ("office", "hybrid", "remote", "nomad"),
    "personality": ("planner", "explorer", "connector", "analyst"),
    "primary_need": ("visibility", "automation", "collaboration", "reporting"),
}

# ---------------------------------------------------------------------------------------------------
# Small tools
# ---------------------------------------------------------------------------------------------------


class Streams:
    """Independent random streams, one per name: `streams("surveys", "u0001")`."""

    def __init__(self, seed: int):
        self.seed = seed

    def __call__(self, *names: str) -> random.Random:
        return random.Random("/".join((str(self.seed), *names)))


def weighted(rng: random.Random, weights: dict[str, int]) -> str:
    """One key, drawn with its weight."""
    return rng.choices(list(weights), weights=list(weights.values()))[0]


def shuffled(rng: random.Random, items) -> list:
    """The items in random order."""
    return sorted(items, key=lambda _: rng.random())


def quota(rng: random.Random, items, share: float) -> list:
    """A random choice of exactly `share` of the items, rounded: the planted rate is met, not approached."""
    items = list(items)
    return shuffled(rng, items)[: int(len(items) * share + 0.5)]


def whole(rng: random.Random, mean: float) -> int:
    """A random whole number with this mean, next to it on either side."""
    return int(mean) + (rng.random() < mean - int(mean))


def between(rng: random.Random, first: date, last: date) -> date:
    """A random day from `first` to `last`, both included."""
    return first + timedelta(days=rng.randrange(max((last - first).days, 0) + 1))


def working_day(day: date) -> date:
    """The day itself, or the Monday after a weekend."""
    return day + timedelta(days=max(0, 7 - day.weekday()) if day.weekday() > 4 else 0)


def at(day: date, hours: float) -> datetime:
    """A time so many hours into the day."""
    return datetime(day.year, day.month, day.day) + timedelta(seconds=int(hours * 3600))


def office_time(rng: random.Random, day: date) -> datetime:
    """A time between 08:00 and 17:00."""
    return at(day, 8 + 9 * rng.random())


def later(rng: random.Random, moment: datetime, least_hours: float, most_hours: float) -> datetime:
    """A random time after `moment`."""
    hours = least_hours + (most_hours - least_hours) * rng.random()
    return moment + timedelta(seconds=int(hours * 3600))


def add_months(day: date, months: int) -> date:
    """The same day of a later month, at most the 28th."""
    month = day.month - 1 + months
    return date(day.year + month // 12, month % 12 + 1, min(day.day, 28))


def day_index(day: date) -> int:
    """Position of a day within the event period; negative before it."""
    return (day - FIRST_DAY).days


def iso(moment: datetime | None) -> str:
    """ISO 8601 in UTC. Unknown, or after the export was taken: empty."""
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ") if moment and moment <= CUTOFF else ""


def utc_offset(location: Location, day: date) -> timedelta:
    """Local time minus UTC, in summer and winter."""
    is_summer = any(start <= day < end for start, end in SUMMER_TIME[location.summer])
    return timedelta(hours=location.offset_hours + is_summer)


# ---------------------------------------------------------------------------------------------------
# Accounts and subscriptions
# ---------------------------------------------------------------------------------------------------


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
    observed = [a for a in trials if a.started_at.date() >= FIRST_DAY and a.trial_ends_at <= CUTOFF]
    earlier = [a for a in trials if a.started_at.date() < FIRST_DAY]
    running = [a for a in trials if a.trial_ends_at > CUTOFF]
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
    subscriptions = []
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
        second = (account, account.returned_at, None, None, None)
        subscriptions.append(Subscription(f"s{len(subscriptions) + 1:03d}", *first))
        if account.returned_at:
            versions = paid_versions(rng, account, account.returned_at, CUTOFF)
            subscriptions.append(Subscription(f"s{len(subscriptions) + 1:03d}", *second, versions))
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


# ---------------------------------------------------------------------------------------------------
# Users
# ---------------------------------------------------------------------------------------------------


@dataclass
class User:
    user_id: str
    account: Account | None
    email: str
    department: str
    title: str
    location: Location
    channel: str
    signed_up_at: datetime
    tier: Tier
    joined_in_trial: bool
    invites_in_first_week: bool
    daily_chance: float
    satisfaction: float  # 0 to 1: hidden, shows in surveys and tickets
    start_hour: float  # local hour at which this person starts to work
    devices: list[tuple[str, str]]
    features: list[str]
    deleted_at: datetime | None = None
    previous_location: Location | None = None  # for those who moved
    moved_at: datetime | None = None
    previous_title: str = ""  # for those who were promoted
    promoted_at: datetime | None = None
    chances: list[float] = field(default_factory=list)  # chance to be active, per day of the period
    variant: str = ""
    assigned_at: datetime | None = None  # to the experiment
    campaign_at: datetime | None = None  # to the campaign with a holdout
    upgrade_at: datetime | None = None  # the upgrade planted by the campaign

    @property
    def group(self) -> str:
        return self.account.size.truth_group if self.account else "no_account"

    def location_on(self, day: date) -> Location:
        return self.previous_location if self.moved_at and day < self.moved_at.date() else self.location


def make_users(streams: Streams, accounts: list[Account]) -> list[User]:
    """All users in order of signup, with the chance to be active on each day."""
    rng = streams("signups")
    signups = []
    for account in accounts:
        signups += [(moment, account) for moment in signup_times(rng, account)]
    for i in range(USERS_WITHOUT_ACCOUNT):
        day = even_day(rng, FIRST_SIGNUP, LAST_DAY - 2 * DAY, i, USERS_WITHOUT_ACCOUNT)
        signups.append((office_time(rng, day), None))
    signups.sort(key=lambda signup: (signup[0], signup[1].account_id if signup[1] else ""))
    users = []
    for number, (moment, account) in enumerate(signups, 1):
        users.append(make_user(streams("user", str(number)), number, moment, account))
    deletable = [user for user in users if user.signed_up_at < CUTOFF - timedelta(days=60)]
    for user in shuffled(rng, deletable)[:8]:
        earliest = max(user.signed_up_at.date() + timedelta(days=30), FIRST_DAY + timedelta(days=60))
        user.deleted_at = office_time(rng, between(rng, earliest, LAST_DAY - 2 * DAY))
    for user in users:
        user.chances = daily_chances(streams("activity", user.user_id), user)
    return users


def signup_times(rng: random.Random, account: Account) -> list[datetime]:
    """The first user starts the account, some colleagues follow within four days, the rest over time."""
    count = rng.randint(*account.size.users)
    count = max(2, min(count, account.employees))
    early = max(1, int(count * 0.3))
    moments = [account.started_at]
    moments += [later(rng, account.started_at, 1, 4 * 24) for _ in range(early)]
    if account.is_lapsed:
        return [moment for moment in moments if moment <= CUTOFF]
    first = account.started_at + timedelta(days=15)
    last = account.ended_at or CUTOFF - DAY
    if account.size.truth_group != "under_50" and last.date() > DRIFT_START and rng.random() < 0.8:
        last = min(last, at(DRIFT_START, 0))
    for _ in range(count - early - 1):
        share = rng.random()
        moment = first + timedelta(seconds=int((last - first).total_seconds() * share))
        moments.append(office_time(rng, working_day(moment.date())))
    return [moment for moment in moments if moment <= CUTOFF - timedelta(hours=3)]


def make_user(rng: random.Random, number: int, moment: datetime, account: Account | None) -> User:
    """One user. In trials only the accounts chosen for it contain people who invite in the first week."""
    at_home = account and rng.random() < 0.85
    location = (
        account.location if at_home else rng.choices(LOCATIONS, [place.weight for place in LOCATIONS])[0]
    )
    department = rng.choice(sorted(DEPARTMENTS))
    titles = DEPARTMENTS[department]
    tier = choose_tier(rng, number, account, is_first=bool(account and moment == account.started_at))
    in_trial = bool(account and account.trial_ends_at and moment < account.trial_ends_at)
    is_first = bool(account and moment == account.started_at)
    if in_trial:
        invites = account.has_inviter and (is_first or rng.random() < 0.5)
    else:
        invites = rng.random() < 0.15
    low, high = tier.daily_chance
    domain = f"{account.account_id}.example" if account else "mail.example"
    name = f"{rng.choice(FIRST_NAMES)}.{rng.choice(LAST_NAMES)}"
    return User(
        user_id=f"u{number:04d}",
        account=account,
        email=f"{name}{number}@{domain}",
        department=department,
        title=titles[min(int(len(titles) * rng.random() * (0.55 + 0.45 * rng.random())), len(titles) - 1)],
        location=location,
        channel=weighted(rng, ACQUISITION_CHANNELS),
        signed_up_at=moment,
        tier=tier,
        joined_in_trial=in_trial,
        invites_in_first_week=invites and tier is not NEVER,
        daily_chance=low + (high - low) * rng.random(),
        satisfaction=0.25 + 0.5 * rng.random() + 0.25 * rng.random() * (tier is not LIGHT),
        start_hour=rng.choices((7.5, 9, 12, 17.5), weights=(25, 50, 15, 10))[0],
        devices=make_devices(rng),
        features=choose_features(rng, tier),
    )


def choose_tier(rng: random.Random, number: int, account: Account | None, is_first: bool) -> Tier:
    """How often a user comes. Daily users belong to accounts that stay; who starts an account uses it."""
    if number % DAILY_USER_EVERY == 5 and account and account.paid_from:
        return DAILY
    tier = rng.choices(TIERS, weights=[tier.weight for tier in TIERS])[0]
    return LIGHT if is_first and tier is NEVER else tier


def choose_features(rng: random.Random, tier: Tier) -> list[str]:
    """The features a user ever touches. Daily users live in exported reports."""
    features = shuffled(rng, FEATURE_EVENTS)[: rng.randint(*tier.features)]
    return features + ["report_exported"] * 3 if tier is DAILY else features


def make_devices(rng: random.Random) -> list[tuple[str, str]]:
    """A main device and for four users in ten a second one."""
    kinds = [weighted(rng, {"desktop": 78, "mobile": 16, "tablet": 6})]
    if rng.random() < 0.4:
        kinds.append("mobile" if kinds[0] == "desktop" else "desktop")
    return [(kind, rng.choice(DEVICES[kind])) for kind in kinds]


# ---------------------------------------------------------------------------------------------------
# Activity: the chance to be active, for each user and day
# ---------------------------------------------------------------------------------------------------


def daily_chances(rng: random.Random, user: User) -> list[float]:
    """Spells of use, decline, silence and sometimes return; then season, weekdays and the account's fate."""
    factors = [0.0] * DAYS
    for first, last, factor in spells(rng, user):
        for day in range(max(first, 0), min(last, DAYS)):
            factors[day] = factor
    end_factor = 0.4 if rng.random() < 0.2 else 0.0
    return [
        min(MAX_DAILY_CHANCE, user.daily_chance * factor * calendar_factor(user, day))
        * account_factor(user, FIRST_DAY + timedelta(days=day), end_factor)
        for day, factor in enumerate(factors)
    ]


def spells(rng: random.Random, user: User) -> list[tuple[int, int, float]]:
    """(first day, day after the last, factor) from signup on. Users from before the period are mid-way."""
    signup = day_index(user.signed_up_at.date())
    if user.tier is DAILY:
        return [(signup, DAYS, 1.0)]
    day = signup if signup >= 0 else rng.randrange(-120, 1)
    result = []
    while day < DAYS:
        decline = day + 7 * rng.randint(*user.tier.spell_weeks)
        silence = decline + 7 * rng.randint(4, 7)
        result += [(day, decline, 1.0), (decline, silence, 0.3)]
        day = silence + 7 * rng.randint(5, 11)
        if rng.random() < 0.3:
            break  # this time for good
    return result + [(signup, signup + 14, 1.6)]  # the first two weeks are busy


def calendar_factor(user: User, day: int) -> float:
    """Truth 5, the dips of December and August, and the working week."""
    moment = FIRST_DAY + timedelta(days=day)
    season = SEASON.get(moment.month, 1.0)
    if user.tier is DAILY:
        season = SEASON_DAILY_USERS if season < 1 else 1.0
    weekday = moment.weekday()
    return season * (WEEKDAY_FACTORS[weekday] if weekday < 5 else user.tier.weekend_factor)


def account_factor(user: User, day: date, end_factor: float) -> float:
    """0 before signup and after deletion; `end_factor` once the account has lapsed or left."""
    if day <= user.signed_up_at.date() or (user.deleted_at and day >= user.deleted_at.date()):
        return 0.0
    account = user.account
    if account and account.is_lapsed and day > account.trial_ends_at.date() + timedelta(days=5):
        return end_factor
    if account and account.ended_at and day > account.ended_at.date():
        is_back = account.returned_at and day > account.returned_at.date()
        return 1.0 if is_back else 0.0
    return 1.0


# ---------------------------------------------------------------------------------------------------
# Experiment and campaigns: who is assigned, and what it changes
# ---------------------------------------------------------------------------------------------------


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
    days_since = day - day_index(user.assigned_at.date())
    if not 1 <= days_since <= EXPERIMENT_EFFECT_DAYS:
        return chance
    return min(MAX_DAILY_CHANCE, chance * EXPERIMENT_MULTIPLIER[user.group])


def assign_campaigns(streams: Streams, users: list[User]) -> list[dict]:
    """Truth 3: the campaign with a holdout, and a second one that nothing can be learnt from."""
    rng = streams("winback")
    chosen = []
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
        message_row(rng, CAMPAIGN, user, user.campaign_at, user.user_id in holdout, user.user_id in delivered)
        for user in chosen
    ]


def message_row(
    rng, campaign: str, user: User, moment: datetime, is_holdout: bool, is_delivered: bool
) -> dict:
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


# ---------------------------------------------------------------------------------------------------
# Events
# ---------------------------------------------------------------------------------------------------


@dataclass
class Event:
    name: str
    occurred_at: datetime
    user_id: str = ""
    anonymous_id: str = ""
    session: str = ""
    device: str = ""
    os: str = ""
    version: str = ""
    location: Location | None = None
    channel: str = ""
    properties: str = ""
    received_at: datetime | None = None


def simulate_user(rng: random.Random, user: User) -> list[Event]:
    """Everything one user does in the period, in order of sessions."""
    planned = planned_actions(rng, user)
    events = []
    for day in range(max(0, day_index(user.signed_up_at.date())), DAYS):
        names = planned.get(day, [])
        if rng.random() < treated_chance(user, day):
            names = names + ordinary_actions(rng, user, day)
        if names:
            events += sessions_of_day(rng, user, FIRST_DAY + timedelta(days=day), names)
        events += system_events(rng, user, day)
    if user.upgrade_at:
        names = ["page_viewed", "pricing_viewed", "upgrade_requested"]
        events += session(rng, user, user.upgrade_at, names)
    start = max(user.signed_up_at, at(FIRST_DAY, 0))
    end = min(user.deleted_at or CUTOFF, CUTOFF)
    return [event for event in events if start <= event.occurred_at <= end]


def planned_actions(rng: random.Random, user: User) -> dict[int, list[str]]:
    """What happens whatever the chances: the first visit, activation, and truth 1's invitations."""
    planned = defaultdict(list)
    first = day_index(user.signed_up_at.date())
    if user.tier is NEVER:
        return planned
    planned[first] += ["logged_in", "page_viewed"]
    if rng.random() < 0.6:
        planned[first + whole(rng, 8 * rng.random() * rng.random())].append("project_created")
    if user.invites_in_first_week:
        planned[first + int(6 * rng.random() * rng.random())].append("teammate_invited")
    return planned


def ordinary_actions(rng: random.Random, user: User, day: int) -> list[str]:
    """The events of one active day: a login, features of the user's own set, tasks, or just a page."""
    names = ["logged_in"] if rng.random() < 0.5 else []
    is_first_week = day - day_index(user.signed_up_at.date()) <= INVITE_WITHIN_DAYS
    for _ in range(whole(rng, user.tier.actions * 2 * rng.random())):
        name = rng.choice(user.features)
        if name == "teammate_invited" and (is_first_week or rng.random() < 0.5):
            name = "page_viewed"
        names.append(name)
    names += ["task_completed"] * whole(rng, tasks_per_active_day(user, day) * 2 * rng.random())
    if rng.random() < 0.02 and not in_campaign_window(user, day):
        names += ["pricing_viewed", "upgrade_requested"][: rng.randint(1, 2)]
    return names if names and rng.random() < 0.85 else names + ["page_viewed"]


def tasks_per_active_day(user: User, day: int) -> float:
    """Truth 4: the rate of the size group, and its rise from DRIFT_START on."""
    progress = max(0.0, (day - day_index(DRIFT_START)) / (DAYS - day_index(DRIFT_START)))
    return TASKS_PER_ACTIVE_DAY[user.group] * (1 + (DRIFT_FINAL_MULTIPLIER - 1) * progress)


def in_campaign_window(user: User, day: int) -> bool:
    """Upgrades in the two weeks after assignment are planted, so none may happen by chance."""
    return (
        bool(user.campaign_at) and -1 <= day - day_index(user.campaign_at.date()) <= CAMPAIGN_WINDOW_DAYS + 1
    )


def sessions_of_day(rng: random.Random, user: User, day: date, names: list[str]) -> list[Event]:
    """One session, or two when there is much to do, in the user's own working hours."""
    if day == user.signed_up_at.date():
        return session(rng, user, later(rng, user.signed_up_at, 0.01, 0.05), names)
    parts = [names]
    if len(names) > 3 and rng.random() < 0.5:
        parts = [names[: len(names) // 2], names[len(names) // 2 :]]
    events = []
    for part in parts:
        local = at(day, user.start_hour + 8 * (rng.random() + rng.random()) / 2)
        events += session(rng, user, local - utc_offset(user.location_on(day), day), part)
    return events


def session(rng: random.Random, user: User, start: datetime, names: list[str]) -> list[Event]:
    """Events on one device, seconds to minutes apart."""
    device, system = user.devices[0 if rng.random() < 0.8 else -1]
    minute = int((start - at(FIRST_DAY, 0)).total_seconds()) // 60
    session_id = f"{user.user_id}-{minute}" if rng.random() < 0.95 else ""
    channel = EVENT_CHANNELS[user.channel] if rng.random() < 0.15 else "direct"
    if rng.random() < 0.12:
        channel = "email"
    moment = start
    events = []
    for name in names:
        events.append(
            Event(
                name=name,
                occurred_at=moment,
                user_id=user.user_id,
                session=session_id,
                device=device,
                os=system,
                version=app_version(user, start.date()),
                location=user.location_on(start.date()),
                channel=channel,
                properties=event_properties(rng, name),
            )
        )
        moment += timedelta(seconds=rng.randint(8, 420))
    return events


def app_version(user: User, day: date) -> str:
    """The newest release, for some users with weeks of delay."""
    delay = timedelta(days=int(user.user_id[1:]) * 7 % 45)
    return [version for released, version in APP_RELEASES if released <= day - delay][-1]


def event_properties(rng: random.Random, name: str) -> str:
    """Compact JSON with the few properties an event name has, or nothing."""
    values = {}
    if name == "page_viewed":
        values = {"page": rng.choice(("/", "/home", "/inbox", "/projects", "/settings"))}
    elif name == "pricing_viewed":
        values = {"page": "/pricing"}
    elif name == "report_exported":
        values = {"format": rng.choice(("csv", "csv", "pdf", "xlsx")), "rows": rng.randint(1, 40) * 20}
    elif name == "upgrade_requested":
        values = {"plan": rng.choice(("pro", "pro", "enterprise"))}
    elif name == "integration_connected":
        values = {"integration": rng.choice(("slack", "github", "drive", "jira"))}
    elif name == "search_performed":
        values = {"results": rng.randrange(30)}
    return json.dumps(values, separators=(",", ":")) if values else ""


def system_events(rng: random.Random, user: User, day: int) -> list[Event]:
    """Syncs and notifications: they go on for a user who does nothing, and are nobody's activity."""
    if rng.random() >= 0.004:
        return []
    moment = at(FIRST_DAY + timedelta(days=day), 24 * rng.random())
    name = rng.choice(("sync_completed", "notification_sent"))
    return [Event(name, moment, user.user_id, location=user.location)]


def simulate_visitors(streams: Streams, users: list[User]) -> tuple[list[Event], list[dict]]:
    """Anonymous visits before signup, and the links that later tell who it was."""
    rng = streams("visitors")
    joined = [user for user in users if user.signed_up_at > at(FIRST_DAY, 0) + timedelta(days=1)]
    visitors = sorted(shuffled(rng, joined)[:300], key=lambda user: user.user_id)
    late = {user.user_id for user in shuffled(rng, visitors)[:40]}
    events, links = [], []
    for number, user in enumerate(visitors, 1):
        anonymous_id = f"anon{number:04d}"
        linked_at = user.signed_up_at
        if user.user_id in late:
            linked_at = later(rng, linked_at, 3 * 24, 25 * 24)
        events += visits(rng, user, anonymous_id, user.signed_up_at)
        if linked_at <= CUTOFF:
            links.append({"anonymous_id": anonymous_id, "user_id": user.user_id, "linked_at": iso(linked_at)})
    for number in range(301, 341):  # people who never signed up
        user = rng.choice(visitors)
        moment = office_time(rng, between(rng, FIRST_DAY + DAY, LAST_DAY - DAY))
        events += visits(rng, user, f"anon{number:04d}", moment)
    shared, second = links[20], links[21]  # one browser, two users: the first link wins
    moment = datetime.strptime(shared["linked_at"], "%Y-%m-%dT%H:%M:%SZ") + 12 * DAY
    links.append({**shared, "user_id": second["user_id"], "linked_at": iso(moment)})
    return events, sorted(links, key=lambda link: (link["linked_at"], link["anonymous_id"]))


def visits(rng: random.Random, user: User, anonymous_id: str, before: datetime) -> list[Event]:
    """One to three visits within 20 days before a moment."""
    events = []
    for _ in range(rng.randint(1, 3)):
        start = later(rng, before, -20 * 24 * rng.random(), -0.5)
        names = ["page_viewed", "pricing_viewed", "page_viewed"][: rng.randint(1, 3)]
        for event in session(rng, user, start, names):
            event.user_id, event.version, event.session = "", "", ""
            event.anonymous_id, event.channel = anonymous_id, EVENT_CHANNELS[user.channel]
            events.append(event)
    return [event for event in events if at(FIRST_DAY, 0) <= event.occurred_at < before]


def make_events(streams: Streams, users: list[User]) -> tuple[list[Event], list[dict]]:
    """All clean events in the order in which they were received, and the identity links."""
    events = []
    for user in users:
        events += simulate_user(streams("events", user.user_id), user)
    visits_made, links = simulate_visitors(streams, users)
    events += visits_made
    remember_browsers(events, users, links)
    rng = streams("beta")
    beta = [e for e in shuffled(rng, events) if e.user_id and e.name == "dashboard_viewed"][:20]
    for event in beta:
        event.name = "beta_canvas_opened"
    events.sort(key=lambda e: (e.occurred_at, e.user_id, e.anonymous_id, e.name))
    receive(streams("receipt"), events)
    order = sorted(range(len(events)), key=lambda i: (events[i].received_at, i))
    return [events[i] for i in order], links


def remember_browsers(events: list[Event], users: list[User], links: list[dict]) -> None:
    """Events on the day of a link made at signup carry both ids."""
    signup = {user.user_id: user.signed_up_at for user in users}
    at_signup = {link["user_id"]: link for link in links if link["linked_at"] == iso(signup[link["user_id"]])}
    for event in events:
        link = at_signup.get(event.user_id)
        if link and event.device and event.occurred_at < signup[event.user_id] + DAY:
            event.anonymous_id = link["anonymous_id"]


def receive(rng: random.Random, events: list[Event]) -> None:
    """When the server got each event: seconds later, for one in a hundred days, for a handful weeks."""
    for event in events:
        event.received_at = event.occurred_at + timedelta(seconds=rng.randint(1, 90))
        if rng.random() < 0.01:
            event.received_at = later(rng, event.occurred_at, 24, 6 * 24)
        elif rng.random() < 0.003:  # the device's clock is fast, by less than the tolerated hour
            event.received_at = event.occurred_at - timedelta(seconds=rng.randint(30, 1500))
        if event.received_at > CUTOFF:
            event.received_at = CUTOFF
    for event in shuffled(rng, events[: len(events) * 3 // 4])[:8]:
        event.received_at = later(rng, event.occurred_at, 15 * 24, 40 * 24)


def event_rows(rng: random.Random, events: list[Event]) -> list[dict]:
    """Events as text, with the three ways in which clients write a time."""
    rows = []
    for number, event in enumerate(events, 1):
        rows.append(
            {
                "event_id": f"e{number:06d}",
                "user_id": event.user_id,
                "anonymous_id": event.anonymous_id,
                "event_name": event.name,
                "occurred_at": client_time(rng, event),
                "received_at": iso(event.received_at),
                "session_id": event.session,
                "device_type": event.device,
                "os": event.os,
                "app_version": event.version,
                "country": event.location.country,
                "channel": event.channel,
                "properties": event.properties,
            }
        )
    return rows


def client_time(rng: random.Random, event: Event) -> str:
    """84 % in UTC, 15 % with the local offset, 1 % without any (and meant as UTC)."""
    draw = rng.random()
    if draw < 0.15:
        offset = utc_offset(event.location, event.occurred_at.date())
        minutes = int(offset.total_seconds()) // 60
        sign = "-" if minutes < 0 else "+"
        local = (event.occurred_at + offset).strftime("%Y-%m-%dT%H:%M:%S")
        return f"{local}{sign}{abs(minutes) // 60:02d}:{abs(minutes) % 60:02d}"
    text = event.occurred_at.strftime("%Y-%m-%dT%H:%M:%S")
    return text if draw < 0.16 else text + "Z"


# ---------------------------------------------------------------------------------------------------
# CRM tables
# ---------------------------------------------------------------------------------------------------


def make_attribute_history(streams: Streams, accounts: list[Account], users: list[User]) -> list[dict]:
    """Changes over time; the CRM rows hold the last value. Entities that never changed have no rows."""
    rng = streams("history")
    rows = []
    for user in shuffled(rng, long_standing(users)):
        titles = DEPARTMENTS[user.department]
        rank = titles.index(user.title)
        if len(rows) < 180 and rank > 0:
            user.previous_title = titles[rank - 1]
            user.promoted_at = change_time(rng, user.signed_up_at)
            rows += history(
                "user",
                user.user_id,
                "job_title",
                user.signed_up_at,
                user.previous_title,
                user.promoted_at,
                user.title,
            )
    for user in users:
        if user.moved_at:
            before, after = user.previous_location, user.location
            for attribute in ("country", "state", "city"):
                rows += history(
                    "user",
                    user.user_id,
                    attribute,
                    user.signed_up_at,
                    getattr(before, attribute),
                    user.moved_at,
                    getattr(after, attribute),
                )
    rows += account_history(rng, accounts)
    return sorted(rows, key=lambda row: (row["valid_from"], row["entity_id"], row["attribute"]))


def long_standing(users: list[User]) -> list[User]:
    """Users about whom something can have changed."""
    return [
        user for user in users if user.signed_up_at < CUTOFF - timedelta(days=120) and not user.deleted_at
    ]


def change_time(rng: random.Random, first: datetime) -> datetime:
    """A time at least 40 days after `first` and within the period."""
    earliest = max(first.date() + timedelta(days=40), FIRST_DAY + timedelta(days=10))
    return office_time(rng, between(rng, earliest, LAST_DAY - 3 * DAY))


def history(entity, entity_id, attribute, first_at, first_value, changed_at, value) -> list[dict]:
    """The first value and the change."""
    base = {"entity": entity, "entity_id": entity_id, "attribute": attribute}
    return [
        {**base, "value": str(first_value), "valid_from": iso(first_at)},
        {**base, "value": str(value), "valid_from": iso(changed_at)},
    ]


def account_history(rng: random.Random, accounts: list[Account]) -> list[dict]:
    """Growth, new sales representatives, and a few corrected industries."""
    rows = []
    old = [account for account in accounts if account.created_at < CUTOFF - timedelta(days=120)]
    boundaries = (50, 1000)  # growth crosses neither: the experiment's size groups stay what they were
    for account in shuffled(rng, old)[:40]:
        floor = max([2] + [bound for bound in boundaries if bound <= account.employees])
        before = max(floor, int(account.employees * (0.6 + 0.3 * rng.random())))
        if before < account.employees:
            account.updated_at = change_time(rng, account.created_at)
            rows += history(
                "account",
                account.account_id,
                "employee_count",
                account.created_at,
                before,
                account.updated_at,
                account.employees,
            )
    for account in shuffled(rng, old)[:34]:
        before = rng.choice([owner for owner in ACCOUNT_OWNERS if owner != account.owner])
        rows += history(
            "account",
            account.account_id,
            "account_owner",
            account.created_at,
            before,
            change_time(rng, account.created_at),
            account.owner,
        )
    for account in shuffled(rng, old)[:4]:
        account.corrected_industry = True
        before = rng.choice([industry for industry in INDUSTRIES if industry != account.industry])
        rows += history(
            "account",
            account.account_id,
            "industry",
            account.created_at,
            before,
            change_time(rng, account.created_at),
            account.industry,
        )
    return rows


def move_users(rng: random.Random, users: list[User]) -> None:
    """A few people move to another country, and their working hours with them."""
    for user in shuffled(rng, long_standing(users))[:14]:
        elsewhere = [place for place in LOCATIONS if place.country != user.location.country and place.city]
        user.previous_location = rng.choice(elsewhere)
        user.moved_at = change_time(rng, user.signed_up_at)


def account_rows(rng: random.Random, accounts: list[Account]) -> list[dict]:
    """The CRM's accounts; some numbers are unknown and some countries spelled out."""
    rows = []
    for account in accounts:
        revenue = account.employees * rng.randint(60, 260) * 1000
        rows.append(
            {
                "account_id": account.account_id,
                "account_name": account.name,
                "industry": account.industry if rng.random() < 0.97 or account.corrected_industry else "",
                "business_model": account.business_model,
                "employee_count": str(account.employees),
                "annual_revenue": str(revenue) if rng.random() < 0.9 else "",
                "country": crm_country(rng, account.location.country),
                "account_owner": account.owner,
                "created_at": iso(account.created_at),
                "updated_at": iso(account.updated_at or account.created_at),
            }
        )
    return rows


def crm_country(rng: random.Random, country: str) -> str:
    """The ISO code, or now and then what a sales representative typed."""
    return CRM_SPELLINGS.get(country, country) if rng.random() < 0.12 else country


def user_rows(rng: random.Random, users: list[User]) -> list[dict]:
    """The CRM's users, with the gaps such tables have."""
    rows = []
    for user in users:
        changes = [user.signed_up_at, user.moved_at, user.promoted_at, user.deleted_at]
        rows.append(
            {
                "user_id": user.user_id,
                "account_id": user.account.account_id if user.account else "",
                "email": user.email,
                "job_title": user.title if rng.random() < 0.96 or user.promoted_at else "",
                "department": user.department if rng.random() < 0.93 else "",
                "birth_year": str(1961 + int(23 * (rng.random() + rng.random())))
                if rng.random() < 0.8
                else "",
                "gender": weighted(rng, {"female": 38, "male": 44, "nonbinary": 3, "": 15}),
                "income_band": weighted(
                    rng, {"under_50k": 14, "50k_100k": 20, "100k_150k": 12, "over_150k": 6, "": 48}
                ),
                "language": user.location.language if rng.random() < 0.9 else "en",
                "country": user.location.country
                if user.moved_at
                else crm_country(rng, user.location.country),
                "state": user.location.state,
                "city": user.location.city if rng.random() < 0.92 or user.moved_at else "",
                "acquisition_channel": user.channel,
                "marketing_consent": weighted(rng, {"true": 58, "false": 30, "": 12}),
                "signed_up_at": iso(user.signed_up_at),
                "updated_at": iso(max(change for change in changes if change)),
                "deleted_at": iso(user.deleted_at),
            }
        )
    return rows


def subscription_rows(subscriptions: list[Subscription]) -> list[dict]:
    """Every version; what ended a subscription is on its last one."""
    rows = []
    for item in subscriptions:
        for version in item.versions:
            is_last = version is item.versions[-1]
            rows.append(
                {
                    "subscription_id": item.subscription_id,
                    "account_id": item.account.account_id,
                    "plan": version.plan,
                    "seats": str(version.seats),
                    "mrr": f"{version.mrr:.2f}",
                    "valid_from": iso(version.valid_from),
                    "started_at": iso(item.started_at),
                    "trial_ends_at": known_ahead(item.trial_ends_at),
                    "converted_at": iso(item.converted_at),
                    "ended_at": iso(item.ended_at) if is_last else "",
                    "renewal_date": str(version.renewal or ""),
                }
            )
    return rows


def known_ahead(moment: datetime | None) -> str:
    """A time that may lie after the export, because it is agreed beforehand."""
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ") if moment else ""


def make_account_stages(streams: Streams, subscriptions: list[Subscription]) -> list[dict]:
    """The journey that follows from the subscriptions."""
    stages = []
    for item in subscriptions:
        account = item.account
        rng = streams("stages", item.subscription_id)
        entered = []
        if item.started_at == account.started_at:
            entered.append(("lead", account.created_at))
        if item.trial_ends_at:
            entered.append(("trial", item.started_at))
        paid = [version for version in item.versions if version.mrr]
        if paid:
            entered.append(("onboarding", paid[0].valid_from))
            entered.append(("adopted", later(rng, paid[0].valid_from, 25 * 24, 60 * 24)))
            for before, after in zip(paid[:-1], paid[1:], strict=True):
                if after.mrr > before.mrr:
                    entered.append(("expansion", after.valid_from))
                elif before.renewal != after.renewal and (after.renewal - before.renewal).days > 40:
                    entered.append(("renewal", after.valid_from))
        if item.ended_at or account.is_lapsed:
            entered.append(("churned", item.ended_at or later(rng, account.trial_ends_at, 10 * 24, 20 * 24)))
        end = item.ended_at or CUTOFF
        stages += [(moment, account.account_id, stage) for stage, moment in entered if moment <= end]
    stages.sort()
    return [{"account_id": a, "stage": stage, "entered_at": iso(moment)} for moment, a, stage in stages]


def make_technologies(streams: Streams, accounts: list[Account]) -> list[dict]:
    """What the accounts were seen to use; now and then one product replaces another."""
    rows = []
    for account in accounts:
        rng = streams("technologies", account.account_id)
        for category, vendors in TECHNOLOGIES.items():
            if rng.random() > 0.65:
                continue
            vendor = rng.choice(vendors)
            first_seen = later(rng, account.created_at, 0, 20 * 24)
            replaced_at = change_time(rng, first_seen) if rng.random() < 0.12 else None
            if replaced_at and replaced_at > CUTOFF:
                replaced_at = None
            rows.append(technology_row(account, category, vendor, first_seen, replaced_at))
            if replaced_at and rng.random() < 0.8:
                other = rng.choice([name for name in vendors if name != vendor])
                rows.append(technology_row(account, category, other, replaced_at, None))
    return [row for row in rows if row["first_seen_at"]]


def technology_row(account: Account, category: str, vendor: str, first_seen: datetime, last_seen) -> dict:
    """One row of account_technologies."""
    return {
        "account_id": account.account_id,
        "category": category,
        "vendor": vendor,
        "first_seen_at": iso(first_seen),
        "last_seen_at": iso(last_seen),
    }


def make_invoices(streams: Streams, subscriptions: list[Subscription]) -> list[dict]:
    """One invoice a month while a subscription costs something, paid some days later."""
    invoices = []
    for item in subscriptions:
        rng = streams("invoices", item.subscription_id)
        paid = [version for version in item.versions if version.mrr]
        if not paid:
            continue
        country = item.account.location.country
        for month in range(30):
            billed = at(add_months(paid[0].valid_from.date(), month), 6)
            if month == 0:
                billed = paid[0].valid_from
            paid_at = later(rng, billed, 1, 5 * 24)
            if billed >= (item.ended_at or CUTOFF) or paid_at > CUTOFF:
                break
            mrr = [version.mrr for version in paid if version.valid_from <= billed][-1]
            invoices.append((paid_at, item.account.account_id, mrr, CURRENCIES.get(country, "USD")))
    invoices.sort()
    return [
        {
            "invoice_id": f"i{number:05d}",
            "account_id": account_id,
            "amount": f"{amount:.2f}",
            "currency": currency,
            "paid_at": iso(paid_at),
        }
        for number, (paid_at, account_id, amount, currency) in enumerate(invoices, 1)
    ]


def make_marketing_spend(rng: random.Random) -> list[dict]:
    """Daily spend by paid channel: lower on weekends and in the months of the dips."""
    rows = []
    for index in range(DAYS - 1):
        day = FIRST_DAY + timedelta(days=index)
        factor = SEASON.get(day.month, 1.0) * (0.4 if day.weekday() > 4 else 1.0)
        for channel, amount in SPEND_PER_DAY.items():
            spent = int(amount * factor * (70 + 60 * rng.random())) / 100
            rows.append({"spend_date": day.isoformat(), "channel": channel, "amount": f"{spent:.2f}"})
    return rows


# ---------------------------------------------------------------------------------------------------
# What users say: surveys, interviews, tickets
# ---------------------------------------------------------------------------------------------------


def make_surveys(streams: Streams, users: list[User]) -> list[dict]:
    """A quarter of the users ever answers; some again and again, so that their opinion changes."""
    answers = []
    for user in users:
        rng = streams("surveys", user.user_id)
        if rng.random() < 0.27 and user.tier is not NEVER:
            end = user.deleted_at or CUTOFF
            answers += [answer for answer in user_answers(rng, user, end) if answer["at"] <= end]
    answers.sort(key=lambda answer: (answer["at"], answer["user_id"], answer["question"]))
    rows = []
    for number, answer in enumerate(answers, 1):
        moment = answer.pop("at")
        rows.append({"response_id": f"r{number:04d}", **answer, "responded_at": iso(moment)})
    return rows


def user_answers(rng: random.Random, user: User, end: datetime) -> list[dict]:
    """The welcome survey, for some a second look at their needs, and scores every few months."""
    start = max(user.signed_up_at, at(FIRST_DAY, 9))
    welcomed = later(rng, start, 1, 20 * 24)
    answers = attribute_answers(rng, user, welcomed, sorted(ATTRIBUTE_ANSWERS))
    if rng.random() < 0.25:
        answers += attribute_answers(rng, user, later(rng, welcomed, 90 * 24, 200 * 24), ["primary_need"])
    moment = later(rng, start, 20 * 24, 60 * 24)
    while moment < end:
        answers += score_answers(rng, user, moment)
        moment = later(rng, moment, 70 * 24, 200 * 24)
    return answers


def attribute_answers(rng: random.Random, user: User, moment: datetime, questions: list[str]) -> list[dict]:
    """Answers about the person, from the welcome survey."""
    return [
        {
            "user_id": user.user_id,
            "survey": "welcome",
            "instrument": "attribute",
            "question": question,
            "answer": rng.choice(ATTRIBUTE_ANSWERS[question]),
            "score": "",
            "at": moment + timedelta(seconds=12 * number),
        }
        for number, question in enumerate(questions)
        if rng.random() < 0.85
    ]


def score_answers(rng: random.Random, user: User, moment: datetime) -> list[dict]:
    """NPS each time, and for some CSAT or CES: the hidden satisfaction plus the mood of the day."""
    mood = max(0.0, min(0.999, user.satisfaction + (rng.random() - 0.5) * 0.5))
    scales = [("nps", "relationship", "How likely are you to recommend Kiteloom?", 0, 10)]
    if rng.random() < 0.4:
        scales.append(("csat", "product", "How satisfied are you with Kiteloom?", 1, 5))
    if rng.random() < 0.25:
        scales.append(("ces", "product", "Kiteloom makes it easy to plan my work.", 1, 7))
    return [
        {
            "user_id": user.user_id,
            "survey": survey,
            "instrument": instrument,
            "question": question,
            "answer": "",
            "score": str(low + int((high - low + 1) * mood)),
            "at": moment + timedelta(seconds=15 * number),
        }
        for number, (instrument, survey, question, low, high) in enumerate(scales)
    ]


def make_interview_notes(rng: random.Random, users: list[User]) -> list[dict]:
    """Notes from interviews: a theme and how it was said."""
    themes = ("onboarding", "pricing", "reporting", "integrations", "performance", "collaboration", "mobile")
    notes = []
    for user in shuffled(rng, [user for user in users if not user.deleted_at])[:170]:
        first = max(user.signed_up_at.date(), FIRST_DAY)
        for _ in range(rng.randint(1, 2)):
            moment = office_time(rng, working_day(between(rng, first, LAST_DAY - 3 * DAY)))
            moment = max(moment, later(rng, user.signed_up_at, 1, 20))
            draw = user.satisfaction + (rng.random() - 0.5) * 0.6
            sentiment = "positive" if draw > 0.68 else "negative" if draw < 0.42 else "neutral"
            notes.append((moment, user.user_id, rng.choice(themes), sentiment))
    notes = sorted(note for note in notes if note[0] <= CUTOFF)
    return [
        {
            "note_id": f"n{number:03d}",
            "user_id": user_id,
            "theme": theme,
            "sentiment": sentiment,
            "noted_at": iso(moment),
        }
        for number, (moment, user_id, theme, sentiment) in enumerate(notes, 1)
    ]


def make_tickets(streams: Streams, users: list[User]) -> list[dict]:
    """Support tickets: the less satisfied ask more; some are open, some without a rating."""
    tickets = []
    for user in users:
        rng = streams("tickets", user.user_id)
        start = max(user.signed_up_at, at(FIRST_DAY, 9))
        end = user.deleted_at or CUTOFF
        weeks = (end - start).days // 7
        for week in range(weeks):
            if rng.random() > 0.012 + 0.02 * (1 - user.satisfaction) or user.tier is NEVER:
                continue
            tickets.append(ticket(rng, user, later(rng, start + 7 * week * DAY, 0, 160)))
    tickets.sort(key=lambda item: (item["created_at"], item["user_id"]))
    return [{"ticket_id": f"t{number:04d}", **item} for number, item in enumerate(tickets, 1)]


def ticket(rng: random.Random, user: User, created: datetime) -> dict:
    """One ticket. Urgent ones are solved sooner; few people rate the answer."""
    priority = weighted(rng, {"low": 30, "normal": 50, "high": 15, "urgent": 5})
    hours = {"low": 240, "normal": 120, "high": 48, "urgent": 12}[priority]
    solved = later(rng, created, 1, hours) if rng.random() < 0.93 else None
    rated = later(rng, solved, 0.5, 48) if solved and rng.random() < 0.45 else None
    rated = rated if rated and rated <= CUTOFF else None
    score = 1 + int(5 * max(0.0, min(0.999, user.satisfaction + (rng.random() - 0.5) * 0.6)))
    return {
        "user_id": user.user_id,
        "topic": rng.choice(("billing", "bug", "how_to", "integration", "access", "performance")),
        "priority": priority,
        "satisfaction": str(score) if rated else "",
        "satisfied_at": iso(rated),
        "created_at": iso(created),
        "solved_at": iso(solved),
    }


# ---------------------------------------------------------------------------------------------------
# Dirt: what real exports contain, in known amounts
# ---------------------------------------------------------------------------------------------------


class Dirt:
    """Spoils rows that are still clean and remembers what must come of them."""

    def __init__(self, rng: random.Random, tables: dict[str, list[dict]]):
        self.rng = rng
        self.tables = tables
        studied = tables["experiment_assignments"] + tables["campaign_messages"]
        self.studied = {row["user_id"] for row in studied}
        self.spoiled: set[int] = set()  # identities of rows that are dirty already
        self.found: dict[str, dict[str, object]] = {}
        self.rejected: dict[str, dict[str, int]] = {}

    def pick(self, table: str, count: int, suits=lambda row: True) -> list[dict]:
        """So many clean rows that suit; from now on they count as dirty."""
        clean = [row for row in self.tables[table] if id(row) not in self.spoiled and suits(row)]
        rows = shuffled(self.rng, clean)[:count]
        self.spoiled.update(id(row) for row in rows)
        return rows

    def is_harmless(self, row: dict) -> bool:
        """A page view of a user in no experiment or campaign: no truth depends on it."""
        is_page = row["event_name"] == "page_viewed" and row["anonymous_id"] == ""
        return is_page and row["user_id"] not in self.studied and has_time_to_spare(row)

    def add(self, table: str, rows: list[dict]) -> None:
        """Append rows, which are dirty by birth."""
        self.tables[table].extend(rows)
        self.spoiled.update(id(row) for row in rows)

    def note(self, table: str, kind: str, rows: list[dict], reason: str = "") -> None:
        """Record how many rows have this kind of dirt and, if they are to be rejected, for which reason."""
        key = CONTRACT[table].split()[0]
        entry: dict[str, object] = {"rows": len(rows)}
        keys = sorted(row[key] for row in rows if row[key])
        if 0 < len(keys) <= 30:
            entry["keys"] = keys
        self.found.setdefault(table, {})[kind] = entry
        if reason:
            reasons = self.rejected.setdefault(table, {})
            reasons[reason] = reasons.get(reason, 0) + len(rows)

    def blank(self, table: str, column: str, count: int, kind: str, reason: str) -> None:
        """Empty a column that must not be empty."""
        rows = self.pick(table, count)
        for row in rows:
            row[column] = ""
        self.note(table, kind, rows, reason)

    def write(
        self, table: str, column: str, values: tuple[str, ...], kind: str, reason: str, suits=lambda row: True
    ):
        """Write unreadable values into a column, one row each."""
        rows = self.pick(table, len(values), suits)
        for row, value in zip(rows, values, strict=True):
            row[column] = value
        self.note(table, kind, rows, reason)


def add_dirt(streams: Streams, tables: dict[str, list[dict]]) -> Dirt:
    """Spoil a small known part of the data."""
    dirt = Dirt(streams("dirt"), tables)
    spoil_events(dirt)
    duplicate_events(dirt)
    spoil_users(dirt)
    spoil_other_inputs(dirt)
    disorder(streams("disorder"), tables["events"])
    return dirt


def has_time_to_spare(row: dict) -> bool:
    """Received well before the export, so that a redelivery still fits in."""
    return row["received_at"] < "2026-10-15"


def spoil_events(dirt: Dirt) -> None:
    """Rows that staging must reject, and oddities it must live with."""
    unreadable = (
        "not a date",
        "yesterday",
        "2026-13-45T10:00:00Z",
        "0000-00-00",
        "n/a",
        "not a date",
        "?",
        "NaN",
    )
    dirt.write("events", "occurred_at", unreadable, "unreadable_time", "unreadable_time", dirt.is_harmless)
    for kind, columns, count in (("missing_key", ["event_id"], 5), ("no_subject", ["user_id"], 5)):
        rows = dirt.pick("events", count, dirt.is_harmless)
        for row in rows:
            row.update(dict.fromkeys(columns, ""))
        dirt.note("events", kind, rows, kind)
    future = dirt.pick("events", 2, lambda row: dirt.is_harmless(row) and row["occurred_at"].endswith("Z"))
    for row in future:
        row["occurred_at"] = "2028" + row["occurred_at"][4:].replace("-02-29", "-02-28")
    dirt.note("events", "from_future", future, "from_future")
    unknown = dirt.pick("events", 30, dirt.is_harmless)
    for number, row in enumerate(unknown):
        row["user_id"] = f"u9{number % 6:03d}"
    dirt.note("events", "unknown_user", unknown)
    spaced = dirt.pick("events", 12, lambda row: row["event_name"] == "dashboard_viewed")
    for row in spaced:
        row["event_name"] += " "
    dirt.note("events", "space_after_event_name", spaced)


def duplicate_events(dirt: Dirt) -> None:
    """Copies: exact, delivered again, and with the same id but other content."""
    exact = [dict(row) for row in dirt.pick("events", 150, has_time_to_spare)]
    again = [dict(row) for row in dirt.pick("events", 60, has_time_to_spare)]
    for row in again:
        row["received_at"] = iso(later(dirt.rng, parse_utc(row["received_at"]), 0.1, 70))
    conflicting = [dict(row) for row in dirt.pick("events", 5, dirt.is_harmless)]
    for row in conflicting:
        row["event_name"] = "search_performed"
        row["properties"] = '{"results":3}'
        row["received_at"] = iso(later(dirt.rng, parse_utc(row["received_at"]), 0.1, 70))
    dirt.note("events", "exact_duplicate", exact)
    dirt.note("events", "redelivered", again)
    dirt.note("events", "conflicting_duplicate", conflicting, "conflicting_duplicate")
    for rows in (exact, again, conflicting):
        dirt.add("events", rows)


def spoil_users(dirt: Dirt) -> None:
    """Two copies of users, stray spaces, blanks."""
    exact = [dict(row) for row in dirt.pick("users", 1)]
    older = [dict(row) for row in dirt.pick("users", 1, lambda row: row["updated_at"] > "2026-01")]
    for row in older:  # an older state of the same user: the one updated last is kept
        row["updated_at"] = row["signed_up_at"] = iso(parse_utc(row["signed_up_at"]) - DAY)
        row["job_title"] = "Consultant"
    spaced = dirt.pick("users", 25, lambda row: row["department"] != "")
    for number, row in enumerate(spaced):
        column = ("department", "city", "job_title", "country")[number % 4]
        row[column] = f" {row[column]}" if number % 2 else f"{row[column]} "
    blank = dirt.pick("users", 10, lambda row: row["department"] == "")
    for row in blank:
        row["department"] = " "
    dirt.note("users", "exact_duplicate", exact)
    dirt.note("users", "older_version", older)
    dirt.note("users", "stray_spaces", spaced)
    dirt.note("users", "blank_text", blank)
    dirt.add("users", exact + older)


def spoil_other_inputs(dirt: Dirt) -> None:
    """One or two rows each in the smaller inputs. The account with a text in a number has no users."""
    account = {
        **dict.fromkeys(CONTRACT["accounts"].split(), ""),
        "account_id": "a900",
        "account_name": "Tern & Thistle",
        "industry": "media",
        "employee_count": "about 50",
        "country": "GB",
        "account_owner": ACCOUNT_OWNERS[0],
        "created_at": "2026-02-03T09:30:00Z",
        "updated_at": "2026-02-03T09:30:00Z",
    }
    dirt.add("accounts", [account])
    dirt.note("accounts", "text_in_number", [account], "unreadable_value")
    spaced = dirt.pick("accounts", 4, lambda row: row["industry"] != "")
    for row in spaced:
        row["industry"] = f" {row['industry']} "
    dirt.note("accounts", "stray_spaces", spaced)
    dirt.write("invoices", "amount", ("12x.00",), "unreadable_amount", "unreadable_value")
    dirt.write(
        "survey_responses",
        "score",
        ("ten",),
        "text_in_number",
        "unreadable_value",
        lambda row: row["instrument"] == "nps",
    )
    dirt.write("interview_notes", "noted_at", ("last week",), "unreadable_time", "unreadable_time")
    dirt.blank("interview_notes", "user_id", 1, "missing_user", "missing_value")
    dirt.blank("support_tickets", "ticket_id", 2, "missing_key", "missing_key")
    dirt.blank("identities", "anonymous_id", 1, "missing_key", "missing_key")
    twice = [dict(row) for row in dirt.pick("marketing_spend", 2)]
    dirt.add("marketing_spend", twice)
    dirt.note("marketing_spend", "exact_duplicate", twice)


def disorder(rng: random.Random, rows: list[dict]) -> None:
    """File order: as received, except that one row in fifty is out of place."""
    keys = {}
    by_arrival = sorted(range(len(rows)), key=lambda i: (rows[i]["received_at"], i))
    for position, i in enumerate(by_arrival):
        keys[i] = (position + (rng.randint(-3000, 3000) if rng.random() < 0.02 else 0), i)
    rows[:] = [rows[i] for i in sorted(keys, key=keys.get)]


# ---------------------------------------------------------------------------------------------------
# Truths: what was planted, and what came of it in this data
# ---------------------------------------------------------------------------------------------------


def parse_utc(text: str) -> datetime:
    """Any readable time of the data as naive UTC."""
    moment = datetime.fromisoformat(text)
    return moment.replace(tzinfo=None) - (moment.utcoffset() or timedelta())


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
    trial_users = [
        user
        for user in users
        if user.joined_in_trial
        and user.account.started_at.date() >= FIRST_DAY
        and user.account.trial_ends_at <= CUTOFF
    ]
    by_account = {}
    for user in trial_users:
        key = user.account.account_id
        converted = bool(user.account.converted_at)
        by_account[key] = (by_account.get(key, (False,))[0] or user.user_id in invited, converted)
    by_user = [(user.user_id in invited, bool(user.account.converted_at)) for user in trial_users]
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
        first = day_index(user.assigned_at.date()) + 1
        for chance in user.chances[first : first + EXPERIMENT_EFFECT_DAYS]:
            total += min(MAX_DAILY_CHANCE, chance * EXPERIMENT_MULTIPLIER[user.group]) - chance
    return total / len(members)


def active_days_after(members: list[User], days: dict[str, set[date]]) -> dict:
    """n, mean and variance of active days on the 28 days after the day of assignment."""
    counts = []
    for user in members:
        start = user.assigned_at.date()
        counts.append(
            sum(1 for day in days[user.user_id] if 0 < (day - start).days <= EXPERIMENT_EFFECT_DAYS)
        )
    n, total, squares = len(counts), sum(counts), sum(count * count for count in counts)
    return {
        "n": n,
        "mean": round(total / n, 4),
        "variance": round((squares - total * total / n) / (n - 1), 4),
    }


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
    return {
        arm: {"n": len(arms[arm]), "converted": share(sum(arms[arm]), len(arms[arm]))} for arm in sorted(arms)
    }


def measure_north_star(users: list[User], clean: list[Event]) -> dict:
    """Tasks per user and week by size group, in the four whole weeks before the drift and the last four."""
    periods = {"before": date(2026, 5, 31), "after": date(2026, 10, 18)}
    group_of = {user.user_id: user.group for user in users}
    result = {}
    for name, end in periods.items():
        start = end - timedelta(days=27)
        present = [
            u
            for u in users
            if u.signed_up_at.date() <= end and not (u.deleted_at and u.deleted_at.date() <= end)
        ]
        tasks = defaultdict(int)
        for event in clean:
            if event.name == "task_completed" and start <= event.occurred_at.date() <= end:
                tasks[group_of[event.user_id]] += 1
        sizes = {
            group: sum(1 for user in present if user.group == group) for group in sorted(TASKS_PER_ACTIVE_DAY)
        }
        result[name] = {
            "week_ending": end.isoformat(),
            "tasks_per_user_week": round(sum(tasks.values()) / 4 / len(present), 4),
            "groups": {
                group: {
                    "share": share(size, len(present)),
                    "tasks_per_user_week": round(tasks[group] / 4 / size, 4),
                }
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
        rate_effect += (
            (new["tasks_per_user_week"] - old["tasks_per_user_week"]) * (old["share"] + new["share"]) / 2
        )
    return {"share_effect": round(share_effect, 4), "rate_effect": round(rate_effect, 4)}


def measure_seasons(clean: list[Event]) -> dict:
    """Active user-days per weekday, month by month."""
    days = defaultdict(int)
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
            if (day := first + timedelta(days=offset)).month == first.month
            and day.weekday() < 5
            and day <= LAST_DAY
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
            "realised": measure_driver(users, clean),
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
            "realised": measure_experiment(users, clean),
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
            "intention_to_treat_effect": round(
                (CAMPAIGN_DELIVERED_RATE - CAMPAIGN_BASE_RATE) * CAMPAIGN_DELIVERY_SHARE, 4
            ),
            "complier_effect": round(CAMPAIGN_DELIVERED_RATE - CAMPAIGN_BASE_RATE, 4),
            "realised": measure_campaign(tables["campaign_messages"], clean),
        },
        "north_star": {
            "text": "task_completed per user and week: from 2026-06-01 the tasks per active day rise in a "
            "straight line to the final multiplier in every size group, while new users come mostly from "
            "companies under 50 employees, whose rate is lower. Rate effect positive, share effect negative.",
            "tasks_per_active_day_before": TASKS_PER_ACTIVE_DAY,
            "drift_start": DRIFT_START.isoformat(),
            "final_multiplier": DRIFT_FINAL_MULTIPLIER,
            "realised": measure_north_star(users, clean),
        },
        "seasonality": {
            "text": "The daily chance to be active is multiplied in December and August.",
            "month_factors": {str(month): factor for month, factor in sorted(SEASON.items())},
            "factor_for_daily_users": SEASON_DAILY_USERS,
            "realised": measure_seasons(clean),
        },
    }


# ---------------------------------------------------------------------------------------------------
# Output
# ---------------------------------------------------------------------------------------------------


def generate(seed: int) -> dict[str, bytes]:
    """All files, by name."""
    streams = Streams(seed)
    accounts = make_accounts(streams)
    subscriptions = make_subscriptions(streams, accounts)
    users = make_users(streams, accounts)
    move_users(streams("moves"), users)
    assignments = assign_experiment(streams("experiment"), users)
    messages = assign_campaigns(streams, users)
    events, links = make_events(streams, users)
    history_rows = make_attribute_history(streams, accounts, users)
    tables = {
        "accounts": account_rows(streams("account_rows"), accounts),
        "users": user_rows(streams("user_rows"), users),
        "attribute_history": history_rows,
        "subscriptions": subscription_rows(subscriptions),
        "account_stages": make_account_stages(streams, subscriptions),
        "account_technologies": make_technologies(streams, accounts),
        "identities": links,
        "events": event_rows(streams("event_rows"), events),
        "survey_responses": make_surveys(streams, users),
        "interview_notes": make_interview_notes(streams("interviews"), users),
        "support_tickets": make_tickets(streams, users),
        "invoices": make_invoices(streams, subscriptions),
        "campaign_messages": messages,
        "experiment_assignments": assignments,
        "marketing_spend": make_marketing_spend(streams("spend")),
    }
    truths = describe_truths(users, events, tables)
    dirt = add_dirt(streams, tables)
    files = {f"sample_{name}.csv": to_csv(name, tables[name]) for name in CONTRACT}
    files["truths.json"] = to_json(seed, tables, truths, dirt)
    return files


def to_csv(name: str, rows: list[dict]) -> bytes:
    """A table with the contract's columns in the contract's order."""
    text = io.StringIO()
    writer = csv.DictWriter(text, CONTRACT[name].split(), lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue().encode()


def to_json(seed: int, tables: dict[str, list[dict]], truths: dict, dirt: Dirt) -> bytes:
    """truths.json: the seed, the sizes, the truths, the dirt, and what staging must reject."""
    document = {
        "company": "Kiteloom (fictional)",
        "seed": seed,
        "first_event_date": FIRST_DAY.isoformat(),
        "data_through": (LAST_DAY - DAY).isoformat(),
        "rows": {name: len(tables[name]) for name in CONTRACT},
        "truths": truths,
        "dirt": dirt.found,
        "expected_rejections": dirt.rejected,
    }
    return (json.dumps(document, indent=2, ensure_ascii=False) + "\n").encode()


def differing(files: dict[str, bytes], folder: Path) -> list[str]:
    """Names of files that are absent from the folder or have other content."""
    return [
        name
        for name, content in files.items()
        if not (folder / name).is_file() or (folder / name).read_bytes() != content
    ]


def main() -> int:
    """Command line."""
    parser = argparse.ArgumentParser(description="Write the sample data of the fictional company Kiteloom.")
    parser.add_argument("--output", type=Path, default=DEFAULT_OUTPUT, help="folder (default: seeds/sample)")
    parser.add_argument("--seed", type=int, default=DEFAULT_SEED, help=f"default: {DEFAULT_SEED}")
    parser.add_argument("--check", action="store_true", help="write nothing; exit 1 if the files differ")
    options = parser.parse_args()
    files = generate(options.seed)
    if options.check:
        names = differing(files, options.output)
        for name in names:
            print(
                f"{options.output / name} is not what this generator writes; run it without --check",
                file=sys.stderr,
            )
        return 1 if names else 0
    options.output.mkdir(parents=True, exist_ok=True)
    for name, content in files.items():
        (options.output / name).write_bytes(content)
    return 0


if __name__ == "__main__":
    sys.exit(main())
