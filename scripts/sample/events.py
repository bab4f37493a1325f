"""Events: what users and visitors do, when the server hears of it, and how clients write it down."""

from __future__ import annotations

import json
import random
from collections import defaultdict
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from .experiments import treated_chance
from .users import User
from .world import (
    CAMPAIGN_WINDOW_DAYS,
    CUTOFF,
    DAY,
    DAYS,
    DRIFT_FINAL_MULTIPLIER,
    DRIFT_START,
    FIRST_DAY,
    INVITE_WITHIN_DAYS,
    LAST_DAY,
    NEVER,
    TASKS_PER_ACTIVE_DAY,
    Location,
    Streams,
    at,
    between,
    day_index,
    iso,
    known,
    later,
    office_time,
    shuffled,
    utc_offset,
    whole,
)

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
EVENT_CHANNELS = {
    "organic": "search",
    "paid_search": "search",
    "partner": "direct",
    "referral": "direct",
    "outbound": "email",
    "social": "social",
}


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
    planned: dict[int, list[str]] = defaultdict(list)
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
    if not user.campaign_at:
        return False
    return -1 <= day - day_index(user.campaign_at.date()) <= CAMPAIGN_WINDOW_DAYS + 1


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
    values: dict[str, str | int] = {}
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
                "country": known(event.location).country,
                "channel": event.channel,
                "properties": event.properties,
            }
        )
    return rows


def client_time(rng: random.Random, event: Event) -> str:
    """84 % in UTC, 15 % with the local offset, 1 % without any (and meant as UTC)."""
    draw = rng.random()
    if draw < 0.15:
        offset = utc_offset(known(event.location), event.occurred_at.date())
        minutes = int(offset.total_seconds()) // 60
        sign = "-" if minutes < 0 else "+"
        local = (event.occurred_at + offset).strftime("%Y-%m-%dT%H:%M:%S")
        return f"{local}{sign}{abs(minutes) // 60:02d}:{abs(minutes) % 60:02d}"
    text = event.occurred_at.strftime("%Y-%m-%dT%H:%M:%S")
    return text if draw < 0.16 else text + "Z"
