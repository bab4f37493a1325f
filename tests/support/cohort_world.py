"""Made-up users, dates, memberships and events for the marts that follow cohorts, and the same read from a built warehouse.

Oracles work on a World, so that one and the same recomputation checks the sample and random data.
"""

from __future__ import annotations

import random
from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

import pandas as pd

from mart_project import MartProject
from warehouse import Warehouse

DAY = timedelta(days=1)
ALL = "__all__"
FEATURES = ["project_created", "report_created", "report_exported", "dashboard_viewed"]
OTHER_EVENTS = ["page_viewed", "pricing_viewed", "upgrade_requested"]


@dataclass
class User:
    signup: date
    deleted: date | None = None
    account: str | None = None

    def is_there(self, day: date) -> bool:
        return self.signup <= day and (self.deleted is None or self.deleted > day)


@dataclass
class Event:
    user: str
    name: str
    at: datetime
    known: date


@dataclass
class World:
    """data_through, the dates with the date that each is compared with, users, members and human events."""

    data_through: date
    dates: dict[date, date | None]
    period_ends: set[date]
    users: dict[str, User]
    segments: list[str]
    members: dict[tuple[str, date], set[str]] = field(default_factory=lambda: defaultdict(set))
    events: list[Event] = field(default_factory=list)
    active_days: dict[str, dict[date, date]] = field(default_factory=dict)
    """User -> day with a human event -> day from which that is known."""
    retired: dict[str, date] = field(default_factory=dict)
    """Segment -> the last day it is evaluated on, of those that are retired."""
    accounts: dict[tuple[str, date], str | None] = field(default_factory=dict)
    """The accounts of users on dates on which it is not the one they have at the end."""

    def population(self, day: date) -> set[str]:
        return {name for name, user in self.users.items() if user.is_there(day)}

    def segments_on(self, day: date) -> list[str]:
        """Those that are evaluated on a date."""
        return [segment for segment in self.segments if day <= self.retired.get(segment, day)]

    def account_of(self, user: str, day: date | None = None) -> str:
        """On a date, or at the end. Without an account a user is one of his own."""
        return self.account_on(user, day) or f"alone {user}"

    def account_on(self, user: str, day: date | None) -> str | None:
        return self.accounts[user, day] if day and (user, day) in self.accounts else self.users[user].account

    def of(self, segment: str, day: date) -> set[str]:
        return self.population(day) if segment == ALL else self.members.get((segment, day), set())

    def days_of(self, user: str) -> list[date]:
        """Active days before the deletion, in order."""
        deleted = self.users[user].deleted
        return sorted(day for day in self.active_days.get(user, {}) if deleted is None or day < deleted)

    def link_days(self) -> None:
        """Derive the active days from the events."""
        self.active_days = {}
        for event in self.events:
            days = self.active_days.setdefault(event.user, {})
            days[event.at.date()] = min(days.get(event.at.date(), event.known), event.known)

    def fill(self, project: MartProject) -> None:
        """Write the tables that the marts read."""
        project.fill("activity.data_through", [{"data_through": self.data_through}])
        project.fill(
            "activity.as_of_dates",
            [
                {
                    "as_of_date": day,
                    "previous_as_of_date": before,
                    "is_period_end": day in self.period_ends,
                    "is_newest": day == self.data_through,
                }
                for day, before in sorted(self.dates.items())
            ],
        )
        project.fill(
            "staging.stg_users",
            [
                {
                    "user_id": name,
                    "signed_up_at": datetime.combine(user.signup, datetime.min.time()) + timedelta(hours=15),
                    "deleted_at": datetime.combine(user.deleted, datetime.min.time()) + timedelta(hours=9) if user.deleted else None,
                }
                for name, user in self.users.items()
            ],
        )
        project.fill(
            "features.user_dates",
            [
                {
                    "user_id": name,
                    "tenure_days": (day - self.users[name].signup).days,
                    "signup_date": self.users[name].signup,
                    "account_id": self.account_on(name, day),
                    "as_of_date": day,
                }
                for day in self.dates
                for name in self.population(day)
            ],
        )
        project.fill("marts.segments", [{"segment": segment} for segment in self.segments])
        memberships = [
            {"user_id": name, "segment": segment, "as_of_date": day} for (segment, day), names in self.members.items() for name in names
        ]
        project.fill("marts.user_segments", memberships)
        firsts: dict[tuple[str, str], date] = {}
        for row in memberships:
            key = (row["user_id"], row["segment"])
            firsts[key] = min(firsts.get(key, row["as_of_date"]), row["as_of_date"])
        project.fill(
            "marts.segment_memberships",
            [
                {"user_id": name, "segment": segment, "entry_number": number, "entered_on": entered + (number - 1) * 70 * DAY}
                for (name, segment), entered in firsts.items()
                for number in (1, 2)
            ],
        )
        frame = pd.DataFrame(
            [(event.user, event.name, event.at, event.at.date(), event.known) for event in self.events],
            columns=["user_id", "event_name", "occurred_at", "event_date", "known_date"],
        )
        frame = frame.assign(event_id=[f"e{number}" for number in range(len(frame))], is_human=True)
        project.fill("activity.user_events", frame)
        project.fill(
            "activity.user_event_days",
            frame.groupby(["user_id", "event_name", "event_date", "known_date"], as_index=False)
            .agg(events=("event_id", "size"))
            .assign(is_human=True),
        )
        days = frame.groupby(["user_id", "event_date", "known_date"], as_index=False).agg(events=("event_id", "size"))
        days["is_first_known"] = days.groupby(["user_id", "event_date"])["known_date"].rank(method="first") == 1
        project.fill("activity.user_days", days)


def random_world(seed: int, *, users: int = 150, month_ends: bool = False) -> World:
    """Weeks (or months) up to a Wednesday, users who come and go, segments of all sizes; `empty` has nobody, `alone` one."""
    chance = random.Random(seed)
    data_through = date(2026, 6, 24)
    ends = (
        [date(2026, month, 1) - DAY for month in range(2, 7)] if month_ends else [date(2026, 2, 8) + 7 * DAY * week for week in range(20)]
    )
    extra = date(2026, 5, 13)
    dates: dict[date, date | None] = {}
    for day in sorted([*ends, extra, data_through]):
        dates[day] = max((end for end in ends if end < day), default=None)
    world = World(data_through, dates, set(ends), {}, ["often", "some", "late", "empty", "alone", "everybody"])
    for number in range(users):
        signup = date(2026, 1, 1) + DAY * chance.randrange(170)
        deleted = signup + DAY * chance.randrange(1, 120) if chance.random() < 0.15 else None
        # Accounts of one to nine users.
        account = f"a{int(number**0.8)}" if number % 6 else None
        world.users[f"user_{number:03d}"] = User(signup, deleted, account)
        if number % 11 == 0:
            # Came from another account, or from none.
            before = None if number % 2 else "a0"
            world.accounts |= {(f"user_{number:03d}", day): before for day in dates if day < date(2026, 5, 1)}
    first = next((name for name, user in world.users.items() if user.deleted is None and user.signup < date(2026, 2, 1)), None)
    for name, user in world.users.items():
        level = chance.choice([0.0, 0.02, 0.1, 0.3, 0.9])
        day = user.signup - 3 * DAY
        while day <= data_through:
            if chance.random() < 0.02:
                day += DAY * chance.randrange(20, 45)
            elif chance.random() < level:
                for _ in range(chance.randrange(1, 5)):
                    at = datetime.combine(day, datetime.min.time()) + timedelta(hours=chance.randrange(24))
                    late = 0 if chance.random() < 0.9 else chance.randrange(1, 15)
                    known = day + late * DAY
                    if day <= data_through and known <= data_through:
                        world.events.append(Event(name, chance.choice(FEATURES[:3] + OTHER_EVENTS), at, known))
            day += DAY
        is_often, is_late = chance.random() < 0.4, chance.random() < 0.3
        for day in dates:
            if not user.is_there(day):
                continue
            chosen = {
                "often": is_often and chance.random() < 0.8,
                "some": chance.random() < 0.1,
                "late": is_late and (day - user.signup).days >= 40,
                "alone": name == first,
                "everybody": True,
            }
            for segment, is_in in chosen.items():
                if is_in:
                    world.members[segment, day].add(name)
    # A user who has events and is not in the input: counts for nobody.
    world.events.append(Event("nobody", "page_viewed", datetime(2026, 5, 5, 10), date(2026, 5, 5)))
    world.link_days()
    return world


def built_world(warehouse: Warehouse) -> World:
    """What a built warehouse holds, as a World; without events that no human performed."""
    dates = warehouse.query("select as_of_date, previous_as_of_date, is_period_end from activity.as_of_dates")
    ((data_through,),) = warehouse.query("select data_through from activity.data_through")
    world = World(
        data_through,
        {day: before for day, before, _ in dates},
        {day for day, _, is_end in dates if is_end},
        {
            name: User(signup, deleted, account)
            for name, signup, deleted, account in warehouse.query(
                """
                select users.user_id, cast(users.signed_up_at as date), cast(users.deleted_at as date), dates.account_id
                from staging.stg_users as users
                left join features.user_dates as dates on users.user_id = dates.user_id
                qualify row_number() over (partition by users.user_id order by dates.as_of_date desc nulls last) = 1
                """
            )
        },
        sorted(name for (name,) in warehouse.query("select segment from marts.segments")),
        retired=dict(warehouse.query("select segment, retired_on from marts.segments where retired_on is not null")),
    )
    for name, segment, day in warehouse.query("select user_id, segment, as_of_date from marts.user_segments"):
        world.members[segment, day].add(name)
    world.accounts = {
        (name, day): account for name, day, account in warehouse.query("select user_id, as_of_date, account_id from features.user_dates")
    }
    world.events = [
        Event(*row)
        for row in warehouse.query("select user_id, event_name, occurred_at, known_date from activity.user_events where is_human")
    ]
    world.link_days()
    return world


def rows(frame: pd.DataFrame, *keys: str) -> dict[Any, dict[str, Any]]:
    """Rows of a mart by key, with dates as dates and NULL as None."""
    found = {}
    for record in frame.astype(object).where(frame.notna(), None).to_dict("records"):
        record = {name: value.date() if isinstance(value, pd.Timestamp) else value for name, value in record.items()}
        found[tuple(record[key] for key in keys) if len(keys) > 1 else record[keys[0]]] = record
    assert len(found) == len(frame), f"{keys} is no key"
    return found
