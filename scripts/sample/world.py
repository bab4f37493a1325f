"""The world of the sample: its calendar, the truths planted in it, what accounts and users are made of, and small tools."""

from __future__ import annotations

import random
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import NamedTuple, TypeVar

from registries import macros_of

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
# The contract: every input with its columns, read from the one place where they are written
# ---------------------------------------------------------------------------------------------------

# Columns that an input may lack, and the sample does.
LACKING = {"first_solved_at", "reopened_at", "merged_into", "merged_at"}
WITH_UPDATED_AT = {"accounts", "users"}
# Its companies pay, and no user of them.
PAID_BY_ACCOUNTS = {"invoices", "subscriptions"}


def columns_of_contract() -> dict[str, list[str]]:
    """Every input with the columns that the sample has, both in the contract's order."""
    contract = {}
    for name, entry in macros_of(Path(__file__).resolve().parents[2])["input_contract"]().items():
        lacking = LACKING if name in WITH_UPDATED_AT else LACKING | {"updated_at"}
        if name in PAID_BY_ACCOUNTS:
            lacking = lacking | {"user_id"}
        contract[name] = [column for column in entry["columns"] if column not in lacking]
    return contract


CONTRACT = columns_of_contract()

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
    "nz": ((date(2024, 9, 29), date(2025, 4, 6)), (date(2025, 9, 28), date(2026, 4, 5)), (date(2026, 9, 27), date(2027, 4, 4))),
    "": (),
}


class SizeGroup(NamedTuple):
    """How many accounts of one size start when, and how large they and their teams are."""

    employees: tuple[int, int]
    users: tuple[int, int]
    before: int  # accounts that start before FIRST_DAY
    early: int  # from FIRST_DAY to DRIFT_START
    late: int  # from DRIFT_START on: mostly small, which is what shifts the mix
    truth_group: str


INDUSTRIES = "software manufacturing retail finance healthcare education media logistics".split()
ACCOUNT_OWNERS = ("Amara Okafor", "Jonas Lindqvist", "Priya Raman", "Lucía Ferrer", "Tom Whitfield")
DEPARTMENTS = {  # titles from the most junior to the most senior
    "Engineering": ("Intern", "Software Engineer", "Senior Software Engineer", "Engineering Manager", "CTO"),
    "Product": ("Associate Product Manager", "Product Manager", "Senior Product Manager", "Head of Product"),
    "Project Management": ("Project Coordinator", "Project Manager", "Senior Project Manager", "Director of PMO"),
    "Marketing": ("Marketing Intern", "Marketing Manager", "Senior Marketing Manager", "VP Marketing", "CMO"),
    "Operations": ("Operations Analyst", "Operations Manager", "Head of Operations", "COO"),
    "Finance": ("Accountant", "Senior Financial Analyst", "Finance Director", "CFO"),
    "Sales": ("Sales Representative", "Account Executive", "Sales Manager", "VP Sales"),
    "Design": ("Junior Designer", "Product Designer", "Lead Designer", "Design Director"),
    "Human Resources": ("HR Assistant", "HR Business Partner", "Head of People"),
    "Customer Success": ("Support Agent", "Customer Success Manager", "Director of Customer Success"),
}


class Tier(NamedTuple):
    """A kind of user by how often they come: the chance to be active on an ordinary working day."""

    name: str
    weight: int
    daily_chance: tuple[float, float]
    weekend_factor: float
    spell_weeks: tuple[int, int]  # how long they use the product before they tire of it
    features: tuple[int, int]
    actions: float  # mean feature events per active day, tasks not counted


TIERS = (
    Tier("never", 5, (0.0, 0.0), 0.0, (1, 2), (1, 1), 0.0),
    Tier("light", 46, (0.03, 0.08), 0.12, (6, 22), (2, 4), 0.8),
    Tier("regular", 42, (0.09, 0.20), 0.12, (6, 24), (3, 6), 0.8),
    Tier("heavy", 7, (0.25, 0.45), 0.15, (8, 30), (6, 9), 1.0),
    Tier("daily", 0, (0.90, 0.97), 0.25, (0, 0), (8, 9), 1.2),
)
NEVER, LIGHT, *_, DAILY = TIERS
MAX_DAILY_CHANCE = 0.97


# ---------------------------------------------------------------------------------------------------
# Small tools
# ---------------------------------------------------------------------------------------------------


Value = TypeVar("Value")


def known(value: Value | None) -> Value:
    """A value that is there wherever this is asked for."""
    assert value is not None
    return value


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


def parse_utc(text: str) -> datetime:
    """Any readable time of the data as naive UTC."""
    moment = datetime.fromisoformat(text)
    return moment.replace(tzinfo=None) - (moment.utcoffset() or timedelta())
