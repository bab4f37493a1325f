"""Users, and the chance of each to be active on each day."""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from .accounts import Account, even_day
from .world import (
    CUTOFF,
    DAILY,
    DAY,
    DAYS,
    DEPARTMENTS,
    DRIFT_START,
    FIRST_DAY,
    FIRST_SIGNUP,
    LAST_DAY,
    LIGHT,
    LOCATIONS,
    MAX_DAILY_CHANCE,
    NEVER,
    SEASON,
    SEASON_DAILY_USERS,
    TIERS,
    Location,
    Streams,
    Tier,
    at,
    between,
    day_index,
    known,
    later,
    office_time,
    shuffled,
    weighted,
    working_day,
)

USERS_WITHOUT_ACCOUNT = 60
FIRST_NAMES = (
    "ada ben chloe diego elif farah george hana ivan julia kofi lena mateo nadia oscar paula quentin "
    "rosa sam tara umar vera wei xenia yusuf zoe"
).split()
LAST_NAMES = (
    "abbott berger costa dubois evans fischer garcia hughes ito jansen kumar lopez martin nowak okoye "
    "patel quinn rossi silva tanaka usman vogel walker xu young zimmer"
).split()
ACQUISITION_CHANNELS = {"organic": 34, "paid_search": 22, "partner": 10, "referral": 14, "outbound": 10, "social": 10}
DAILY_USER_EVERY = 31  # one user in so many, by order of signup: their share is steady over time
WEEKDAY_FACTORS = (1.0, 1.05, 1.05, 1.0, 0.85)
FEATURE_EVENTS = (
    "comment_added file_uploaded dashboard_viewed report_created report_exported integration_connected "
    "automation_created teammate_invited search_performed project_created"
).split()
DEVICES = {"desktop": ("windows", "macos", "linux"), "mobile": ("ios", "android"), "tablet": ("ios", "android")}


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
        if self.previous_location and self.moved_at and day < self.moved_at.date():
            return self.previous_location
        return self.location


def make_users(streams: Streams, accounts: list[Account]) -> list[User]:
    """All users in order of signup, with the chance to be active on each day."""
    rng = streams("signups")
    signups: list[tuple[datetime, Account | None]] = []
    for account in accounts:
        signups += [(moment, account) for moment in signup_times(rng, account)]
    for i in range(USERS_WITHOUT_ACCOUNT):
        day = even_day(rng, FIRST_SIGNUP, LAST_DAY - 2 * DAY, i, USERS_WITHOUT_ACCOUNT)
        signups.append((office_time(rng, day), None))
    signups.sort(key=lambda signup: (signup[0], signup[1].account_id if signup[1] else ""))
    users = []
    for number, (moment, owner) in enumerate(signups, 1):
        users.append(make_user(streams("user", str(number)), number, moment, owner))
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
    if account and rng.random() < 0.85:
        location = account.location
    else:
        location = rng.choices(LOCATIONS, [place.weight for place in LOCATIONS])[0]
    department = rng.choice(sorted(DEPARTMENTS))
    titles = DEPARTMENTS[department]
    tier = choose_tier(rng, number, account, is_first=bool(account and moment == account.started_at))
    in_trial = bool(account and account.trial_ends_at and moment < account.trial_ends_at)
    is_first = bool(account and moment == account.started_at)
    if in_trial:
        invites = known(account).has_inviter and (is_first or rng.random() < 0.5)
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
    if account and account.is_lapsed and day > known(account.trial_ends_at).date() + timedelta(days=5):
        return end_factor
    if account and account.ended_at and day > account.ended_at.date():
        is_back = account.returned_at and day > account.returned_at.date()
        return 1.0 if is_back else 0.0
    return 1.0
