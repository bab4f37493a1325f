"""User features, recomputed in plain Python from the input CSV files.

The SQL models compute the same table by windows, joins and increments. This file does it the slow and obvious way:
for one user and one date, keep the rows that were known on that date, and count. It is written from docs/features.md
(the definitions) and the input contract alone, never from the models, so that a difference between the two means
that one of them is wrong.

    inputs = load_inputs(Path("seeds/sample"))
    dates = as_of_dates(inputs, settings)                       # settings: `vars:` of dbt_project.yml
    features = compute_features(inputs, dates, settings, Path("seeds/reference"))
    features["u0001", dates[-1]]["active_days_28d"]

Order of this file: contract, reading text, usable rows (staging), dates, activity, one function per family, API.
Standard library only. Amounts are exact fractions until the end, so that ties in a ranking are real ties.
"""

import csv
import re
from bisect import bisect_left
from collections import Counter, defaultdict
from datetime import UTC, date, datetime, timedelta
from fractions import Fraction
from pathlib import Path
from types import SimpleNamespace
from zoneinfo import ZoneInfo

WINDOWS = (7, 28, 91)

# --- Contract: what each input holds ----------------------------------------------------------------------------------
# Columns are text unless they are listed as times, numbers, whole numbers or flags.
# `required`: a row without it cannot be used. The key is required too.

CONTRACT = {
    "accounts": dict(
        columns="account_id account_name industry business_model employee_count annual_revenue country account_owner created_at updated_at",
        key="account_id",
        required="",
        times="created_at updated_at",
        numbers="annual_revenue",
        whole_numbers="employee_count",
    ),
    "users": dict(
        columns="user_id account_id email job_title department birth_year gender income_band language country state"
        " city acquisition_channel marketing_consent signed_up_at updated_at deleted_at",
        key="user_id",
        required="signed_up_at",
        times="signed_up_at updated_at deleted_at",
        whole_numbers="birth_year",
        flags="marketing_consent",
    ),
    "attribute_history": dict(
        columns="entity entity_id attribute value valid_from", key="entity entity_id attribute valid_from", required="", times="valid_from"
    ),
    "subscriptions": dict(
        columns="subscription_id account_id user_id plan seats mrr valid_from started_at trial_ends_at converted_at ended_at renewal_date",
        key="subscription_id valid_from",
        required="started_at",
        one_of="account_id user_id",
        times="valid_from started_at trial_ends_at converted_at ended_at renewal_date",
        numbers="mrr",
        whole_numbers="seats",
    ),
    "account_stages": dict(columns="account_id stage entered_at", key="account_id stage entered_at", required="", times="entered_at"),
    "account_technologies": dict(
        columns="account_id category vendor first_seen_at last_seen_at",
        key="account_id category vendor first_seen_at",
        required="",
        times="first_seen_at last_seen_at",
    ),
    "identities": dict(columns="anonymous_id user_id linked_at", key="anonymous_id user_id linked_at", required="", times="linked_at"),
    "events": dict(
        columns="event_id user_id anonymous_id event_name occurred_at received_at session_id device_type os"
        " app_version country channel properties",
        key="event_id",
        required="occurred_at",
        times="occurred_at received_at",
    ),
    "survey_responses": dict(
        columns="response_id user_id survey instrument question answer score responded_at",
        key="response_id",
        required="user_id responded_at",
        times="responded_at",
        numbers="score",
    ),
    "interview_notes": dict(
        columns="note_id user_id theme sentiment noted_at", key="note_id", required="user_id noted_at", times="noted_at"
    ),
    "support_tickets": dict(
        columns="ticket_id user_id topic priority satisfaction satisfied_at created_at first_solved_at reopened_at solved_at",
        key="ticket_id",
        required="user_id created_at",
        times="satisfied_at created_at first_solved_at reopened_at solved_at",
        numbers="satisfaction",
    ),
    "invoices": dict(
        columns="invoice_id account_id user_id amount currency paid_at",
        key="invoice_id",
        required="amount currency paid_at",
        one_of="account_id user_id",
        times="paid_at",
        numbers="amount",
    ),
    "campaign_messages": dict(
        columns="message_id campaign user_id is_holdout assigned_at sent_at delivered_at opened_at clicked_at unsubscribed_at",
        key="message_id",
        required="campaign user_id assigned_at",
        times="assigned_at sent_at delivered_at opened_at clicked_at unsubscribed_at",
        flags="is_holdout",
    ),
    "marketing_spend": dict(
        columns="spend_date channel amount", key="spend_date channel", required="amount", times="spend_date", numbers="amount"
    ),
}


# --- Reading text -----------------------------------------------------------------------------------------------------


class Unreadable(ValueError):
    """A time that is there but cannot be read."""


TIME = re.compile(
    r"((?:19|20|21)\d{2})-(\d{2})-(\d{2})"
    r"(?:[Tt ](\d{2}):(\d{2})(?::(\d{2})(?:[.,](\d{1,9}))?)?"
    r" ?(Z|z|UTC|[+-]\d{2}(?::?\d{2})?)?)?",
    re.ASCII,
)
NUMBER = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d{1,3})?")


def read_text(text):
    """Spaces around do not count; empty means unknown."""
    text = (text or "").strip(" ")
    return text or None


def read_time(text, time_zone=UTC):
    """A UTC time without tzinfo. A time without an offset is read in `time_zone`; a bare date is midnight UTC."""
    match = TIME.fullmatch(text)
    if not match:
        raise Unreadable(text)
    year, month, day, hour, minute, second, fraction, offset = match.groups()
    microsecond = int((fraction or "0")[:6].ljust(6, "0"))
    try:
        time = datetime(int(year), int(month), int(day), int(hour or 0), int(minute or 0), int(second or 0), microsecond)
        if hour is None or (offset and offset.upper() in ("Z", "UTC")):
            return time
        if offset:
            hours, minutes = int(offset[1:3]), int(offset[3:].lstrip(":") or 0)
            shift = timedelta(hours=hours, minutes=minutes)
            return time - shift if offset[0] == "+" else time + shift
        return time.replace(tzinfo=time_zone).astimezone(UTC).replace(tzinfo=None)
    except (ValueError, OverflowError) as problem:
        raise Unreadable(text) from problem


def local(text, time, column, settings):
    """What a clock in the reporting time zone shows at a time; a date without a time of day names a day there, and never is never."""
    zone = settings.get("reporting_timezone", "UTC")
    has_offset = re.search(r":.*(Z|UTC|[+-][0-9:]+)$", text, flags=re.IGNORECASE)
    if zone == "UTC" or time.year == 9999 or ":" not in text or column.endswith("_date") and not has_offset:
        return time
    return time.replace(tzinfo=UTC).astimezone(ZoneInfo(zone)).replace(tzinfo=None)


def read_number(text):
    """An exact number; text that is no number is unknown."""
    return Fraction(text) if text is not None and NUMBER.fullmatch(text) else None


def read_whole_number(text):
    number = read_number(text)
    return int(number) if number is not None and number.denominator == 1 else None


def read_flag(text):
    return {"true": True, "t": True, "1": True, "yes": True, "false": False, "f": False, "0": False, "no": False}.get((text or "").lower())


# --- Usable rows (staging) --------------------------------------------------------------------------------------------


def time_zone_of(name, settings):
    zone = (settings.get("source_timezones") or {}).get(name) or settings.get("source_timezone") or "UTC"
    return UTC if zone == "UTC" else ZoneInfo(zone)


def typed_rows(name, inputs, settings):
    """The rows of one input as dictionaries of typed values, without those that lack a key or hold a broken time."""
    contract = {part: columns.split() for part, columns in CONTRACT[name].items()}
    times = set(contract["times"])
    numbers = set(contract.get("numbers", ()))
    whole_numbers = set(contract.get("whole_numbers", ()))
    flags = set(contract.get("flags", ()))
    zone = time_zone_of(name, settings)
    rows = []
    for raw in inputs.get(name, []):
        row = {}
        try:
            for column in contract["columns"]:
                text = read_text(raw.get(column))
                if column in times:
                    row[column] = local(text, read_time(text, zone), column, settings) if text is not None else None
                elif column in whole_numbers:
                    row[column] = read_whole_number(text)
                elif column in numbers:
                    row[column] = read_number(text)
                elif column in flags:
                    row[column] = read_flag(text)
                else:
                    row[column] = text
        except Unreadable:
            continue
        one_of = contract.get("one_of") or contract["key"]
        if all(row[column] is not None for column in contract["key"] + contract["required"]) and any(row[column] for column in one_of):
            rows.append(row)
    return rows


def one_per_key(name, rows, rank=None, ignored=()):
    """One row per key. Equal rows are one row; of rows that differ, the one with the lowest `rank` stays."""

    def content(row):
        return tuple(value for column, value in row.items() if column not in ignored)

    key_columns = CONTRACT[name]["key"].split()
    groups = defaultdict(list)
    for row in rows:
        groups[tuple(row[column] for column in key_columns)].append(row)
    kept = []
    for key, group in groups.items():
        if len({content(row) for row in group}) > 1:
            best = min(rank(row) for row in group) if rank else None
            if len({content(row) for row in group if rank is None or rank(row) == best}) > 1:
                raise ValueError(f"{name}: rows with the key {key} differ, and no rule says which one counts")
        kept.append(min(group, key=rank) if rank else group[0])
    return kept


def newest_first(row):
    """A rank for rows with `updated_at`: the newest first, unknown last."""
    return -(row["updated_at"] - datetime(1, 1, 1)).total_seconds() if row["updated_at"] else 0.0


def from_the_future(events, settings):
    """Without arrival times, a far-off date shows by the gap before it: the first day from which on events are void."""
    days = sorted(event["occurred_at"].date() for event in events)
    max_gap = timedelta(days=settings.get("max_gap_days", 30))
    max_share = Fraction(str(settings.get("max_gap_share", 0.001)))
    for before, day in zip(days, days[1:]):
        if day - before > max_gap and len(days) - bisect_left(days, day) < max_share * len(days):
            return day
    return date.max


def usable_events(inputs, settings):
    """Accepted events, one per event_id, whether or not their user is known."""
    max_skew = timedelta(minutes=settings.get("max_clock_skew_minutes", 60))
    events = []
    for event in typed_rows("events", inputs, settings):
        if event["user_id"] is None and event["anonymous_id"] is None:
            continue
        event["has_arrival"] = event["received_at"] is not None
        event["received_at"] = event["received_at"] or event["occurred_at"]
        if event["occurred_at"] <= event["received_at"] + max_skew:
            events.append(event)
    future = from_the_future(events, settings)
    events = [event for event in events if event["has_arrival"] or event["occurred_at"].date() < future]
    return one_per_key("events", events, rank=lambda event: event["received_at"], ignored=("received_at", "has_arrival"))


def usable_invoices(inputs, settings):
    """Invoices with `revenue`, the amount in the reporting currency."""
    rates = {currency: Fraction(str(rate)) for currency, rate in settings["currency_rates"].items()}
    invoices = [row for row in typed_rows("invoices", inputs, settings) if row["currency"] in rates]
    for row in invoices:
        row["revenue"] = row["amount"] * rates[row["currency"]]
    return one_per_key("invoices", invoices)


def usable_rows(inputs, settings):
    """All inputs as lists of typed, usable rows."""
    usable = {}
    for name in CONTRACT:
        if name == "events":
            usable[name] = usable_events(inputs, settings)
        elif name == "invoices":
            usable[name] = usable_invoices(inputs, settings)
        else:
            rank = newest_first if name in ("users", "accounts") else None
            usable[name] = one_per_key(name, typed_rows(name, inputs, settings), rank)
    return usable


# --- Dates ------------------------------------------------------------------------------------------------------------


def as_date(value):
    return value if isinstance(value, date) else date.fromisoformat(value)


def newest_date(events, settings):
    """data_through: the last day that counts."""
    if settings.get("as_of_date"):
        return min([as_date(settings["as_of_date"]), *([max(event["received_at"] for event in events).date()] if events else [])])
    if not events:
        raise ValueError("no usable events: the last day that counts is unknown")
    return max(event["received_at"] for event in events).date() - timedelta(days=1)


def is_period_end(day, grain, settings):
    if grain == "day":
        return True
    if grain == "week":
        return week_start(day + timedelta(days=1), settings) == day + timedelta(days=1)
    if grain == "month":
        return (day + timedelta(days=1)).day == 1
    raise ValueError(f"as_of_grain: day, week or month, got {grain}")


def first_sure_date(days, settings):
    """The first of these days (one for each thing that happened), without a few that a gap parts from all later ones. None if there is none."""
    counts = Counter(days)
    ordered, every = sorted(counts), sum(counts.values())
    first, so_far = ordered[0] if ordered else None, 0
    for day, following in zip(ordered, ordered[1:]):
        so_far += counts[day]
        is_few = so_far < every * settings.get("max_gap_share", 0.001) or (
            so_far < settings.get("max_gap_events", 10) and so_far * 4 < every
        )
        if is_few and (following - day).days > settings.get("max_gap_days", 30):
            first = following
    return first


def dates_to_compute(usable, settings):
    newest = newest_date(usable["events"], settings)
    signups = [user["signed_up_at"].date() for user in usable["users"]]
    earliest = first_sure_date([day for day in signups if day <= newest], settings) or newest
    ends = []
    day = newest - timedelta(days=1)
    while day >= earliest and len(ends) < settings.get("history_periods", 52):
        if is_period_end(day, settings.get("as_of_grain", "week"), settings):
            ends.append(day)
        day -= timedelta(days=1)
    extra = [as_date(day) for day in settings.get("extra_as_of_dates") or []]
    return sorted({newest, *ends, *(day for day in extra if earliest <= day <= newest)})


# --- Small words for the rules of time --------------------------------------------------------------------------------


def by(time, day):
    """Did it happen on or before the end of `day`?"""
    return time is not None and time.date() <= day


def within(happened_on, day, days):
    """Does the date fall into the window of `days` days up to and including `day`?"""
    return day - timedelta(days=days) < happened_on <= day


def latest(rows, time, tie):
    """The row with the latest `time`, then the highest `tie`; None of none."""
    return max(rows, key=lambda row: (row[time], row[tie]), default=None)


def lower(text):
    return text.lower() if text is not None else None


# --- Activity ---------------------------------------------------------------------------------------------------------


def event_settings(settings):
    """Per listed event name: is_human, is_feature, is_core, category."""
    return {
        event["name"]: SimpleNamespace(
            is_human=event.get("is_human", True),
            is_feature=event.get("is_feature", False),
            is_core=event.get("is_core", False),
            category=event.get("category"),
        )
        for event in settings.get("events") or []
    }


UNLISTED = SimpleNamespace(is_human=True, is_feature=False, is_core=False, category=None)


def events_by_user(usable, settings, data_through):
    """Human events per user, in order, each with the date it happened on and the date it is known from."""
    listed = event_settings(settings)
    users = {user["user_id"] for user in usable["users"]}
    first_link = {}
    for link in sorted(usable["identities"], key=lambda link: (link["linked_at"], link["user_id"])):
        if link["user_id"] in users:
            first_link.setdefault(link["anonymous_id"], link)

    events = defaultdict(list)
    for event in usable["events"]:
        happened_on = event["occurred_at"].date()
        kind = listed.get(event["event_name"], UNLISTED)
        if happened_on > data_through or not kind.is_human:
            continue
        if event["user_id"] is not None:
            user_id, known_on = event["user_id"], happened_on
        elif event["anonymous_id"] in first_link:
            link = first_link[event["anonymous_id"]]
            user_id, known_on = link["user_id"], max(happened_on, link["linked_at"].date())
        else:
            continue
        events[user_id].append(
            SimpleNamespace(
                id=event["event_id"],
                name=event["event_name"],
                time=event["occurred_at"],
                day=happened_on,
                known_on=known_on,
                kind=kind,
                device=event["device_type"],
                os=event["os"],
                app_version=event["app_version"],
            )
        )
    for of_user in events.values():
        of_user.sort(key=lambda event: (event.time, event.id))
    return events


def sessions_of(events, settings):
    """Sessions of one user's events. A day that got events by a later link has sessions of its own for them."""
    timeout = timedelta(minutes=settings.get("session_timeout_minutes", 30))
    sessions, running = [], {}
    for event in events:
        group = (event.day, event.known_on)
        session = running.get(group)
        if session is None or event.time - session.end > timeout:
            session = SimpleNamespace(
                day=event.day,
                known_on=event.known_on,
                start=event.time,
                end=event.time,
                device=event.device,
                os=event.os,
                app_version=event.app_version,
            )
            running[group] = session
            sessions.append(session)
        session.end = event.time
    return sessions


# --- The world: all rows, found by user or account ----------------------------------------------------------------------


class World:
    def __init__(self, inputs, settings, reference_dir):
        usable = usable_rows(inputs, settings)
        self.settings = settings
        self.data_through = newest_date(usable["events"], settings)
        self.users = {row["user_id"]: row for row in usable["users"]}
        self.accounts = {row["account_id"]: row for row in usable["accounts"]}
        self.events = events_by_user(usable, settings, self.data_through)
        self.history = rows_by(usable["attribute_history"], "entity", "entity_id", "attribute")
        self.subscriptions = rows_by_payer(usable["subscriptions"])
        self.stages = rows_by(usable["account_stages"], "account_id")
        self.technologies = rows_by(usable["account_technologies"], "account_id")
        self.answers = rows_by(usable["survey_responses"], "user_id")
        self.notes = rows_by(usable["interview_notes"], "user_id")
        self.tickets = rows_by(usable["support_tickets"], "user_id")
        self.invoices = rows_by_payer(usable["invoices"])
        self.messages = rows_by(usable["campaign_messages"], "user_id")
        self.spend = usable["marketing_spend"]
        self.reference = Reference(reference_dir)

    def population(self, day):
        """Users that signed up and are not deleted by the end of the day."""
        return [user for user in self.users.values() if by(user["signed_up_at"], day) and not by(user["deleted_at"], day)]

    def account_of(self, user, day):
        """The account that the user was in on `day`; None without one."""
        return self.attribute("user", user["user_id"], "account_id", day)

    def attribute(self, entity, entity_id, attribute, day, read=lambda text: text):
        """The value on `day`: of the latest history row if there is one by then, else of today's row."""
        rows = [row for row in self.history.get((entity, entity_id, attribute), ()) if by(row["valid_from"], day)]
        if rows:
            return read(max(rows, key=lambda row: row["valid_from"])["value"])
        row = (self.users if entity == "user" else self.accounts).get(entity_id)
        return row[attribute] if row else None


def rows_by_payer(rows):
    """Of accounts by their id, and of users who pay alone by ("alone", id)."""
    groups = defaultdict(list)
    for row in rows:
        groups[row["account_id"] or ("alone", row["user_id"])].append(row)
    return groups


def rows_by(rows, *columns):
    groups = defaultdict(list)
    for row in rows:
        groups[row[columns[0]] if len(columns) == 1 else tuple(row[column] for column in columns)].append(row)
    return groups


class Reference:
    def __init__(self, directory):
        self.roles = self.keywords(directory / "job_title_roles.csv", "role")
        self.seniorities = self.keywords(directory / "job_title_seniorities.csv", "seniority")
        self.aliases = {row["alias"]: row["country"] for row in read_csv(directory / "country_aliases.csv")}
        self.countries = {row["country"]: row for row in read_csv(directory / "countries.csv")}

    @staticmethod
    def keywords(path, column):
        rows = sorted(read_csv(path), key=lambda row: int(row["priority"]))
        return [(row["keyword"], row[column]) for row in rows]


def read_csv(path):
    with open(path, newline="", encoding="utf-8-sig") as file:
        return list(csv.DictReader(file))


# --- Features, one function per family ----------------------------------------------------------------------------------


def class_of_title(job_title, keywords, otherwise):
    """The value of the first keyword that occurs in the title as whole words."""
    if job_title is None:
        return None
    words = " ".join(re.sub(r"[^a-z0-9]", " ", job_title.lower()).split())
    for keyword, value in keywords:
        if f" {keyword} " in f" {words} ":
            return value
    return otherwise


def band(number, bounds):
    """The name of the band: `bounds` are (lowest value, name), lowest first; NULL below the first."""
    name = None
    for lowest, candidate in bounds:
        if number is not None and number >= lowest:
            name = candidate
    return name


AGE_BANDS = ((0, "under_18"), (18, "18_24"), (25, "25_34"), (35, "35_44"), (45, "45_54"), (55, "55_64"), (65, "65_plus"))
COMPANY_SIZES = ((1, "micro"), (10, "small"), (50, "medium"), (250, "large"), (1000, "enterprise"))
MILLION = 10**6
REVENUE_BANDS = (
    (float("-inf"), "under_1m"),
    (MILLION, "1m_10m"),
    (10 * MILLION, "10m_50m"),
    (50 * MILLION, "50m_250m"),
    (250 * MILLION, "250m_1b"),
    (1000 * MILLION, "over_1b"),
)


def demographic(world, user, day):
    def attribute(name, read=lambda text: text):
        return world.attribute("user", user["user_id"], name, day, read)

    birth_year = attribute("birth_year", read_whole_number)
    age = day.year - birth_year if birth_year is not None else None
    job_title = attribute("job_title")
    return {
        "age_band": band(age, AGE_BANDS) if age is not None and age <= 120 else None,
        "gender": lower(attribute("gender")),
        "income_band": lower(attribute("income_band")),
        "language": lower(attribute("language")),
        "job_title": job_title,
        "role": class_of_title(job_title, world.reference.roles, "other"),
        "seniority": class_of_title(job_title, world.reference.seniorities, "individual"),
        "department": attribute("department"),
    }


def geographic(world, user, day):
    recorded = world.attribute("user", user["user_id"], "country", day)
    country = recorded.upper() if recorded is not None else None
    country = world.reference.aliases.get(country, country)
    known = world.reference.countries.get(country, {})
    return {
        "country": country,
        "state": world.attribute("user", user["user_id"], "state", day),
        "city": world.attribute("user", user["user_id"], "city", day),
        "region": known.get("region") or None,
        "climate_zone": known.get("climate_zone") or None,
    }


def firmographic(world, user, day):
    account_id = world.account_of(user, day)

    def attribute(name, read=lambda text: text):
        return world.attribute("account", account_id, name, day, read)

    employee_count = attribute("employee_count", read_whole_number)
    annual_revenue = attribute("annual_revenue", read_number)
    return {
        "industry": lower(attribute("industry")),
        "business_model": lower(attribute("business_model")),
        "employee_count": employee_count,
        "company_size": band(employee_count, COMPANY_SIZES),
        "annual_revenue": float(annual_revenue) if annual_revenue is not None else None,
        "revenue_band": band(annual_revenue, REVENUE_BANDS),
    }


def technographic(world, user, day, sessions):
    features = {}
    for category in ("crm", "marketing_automation", "back_office", "database"):
        in_use = [
            row
            for row in world.technologies.get(world.account_of(user, day), ())
            if row["category"] == category and by(row["first_seen_at"], day) and not by(row["last_seen_at"], day)
        ]
        newest = max((row["first_seen_at"] for row in in_use), default=None)
        vendors = [row["vendor"].lower() for row in in_use if row["first_seen_at"] == newest]
        features[category + "_vendor"] = min(vendors, default=None)

    recent = [session for session in sessions if within(session.day, day, 91)]
    for column, part in (("primary_device", "device"), ("primary_os", "os")):
        count, last_start = Counter(), {}
        for session in recent:
            value = getattr(session, part)
            if value is not None:
                count[value] += 1
                last_start[value] = max(session.start, last_start.get(value, session.start))
        best = [value for value in count if (count[value], last_start[value]) == max((count[other], last_start[other]) for other in count)]
        features[column] = min(best, default=None)
    features["app_version"] = max(
        ((session.start, session.app_version) for session in recent if session.app_version is not None), default=(None, None)
    )[1]
    return features


def account_mrr(subscriptions, day):
    """What an account pays per month on a day, seen from that day."""
    total = Fraction(0)
    for subscription_id in {row["subscription_id"] for row in subscriptions}:
        known = [row for row in subscriptions if row["subscription_id"] == subscription_id and by(row["valid_from"], day)]
        row = max(known, key=lambda row: row["valid_from"], default=None)
        if row and by(row["started_at"], day) and not by(row["ended_at"], day) and was_paid(row, day):
            total += row["mrr"] or 0
    return float(total)


def was_paid(row, day):
    return row["trial_ends_at"] is None or by(row["converted_at"], day)


def first_paying_day(subscriptions, day):
    days = []
    for row in subscriptions:
        if by(row["valid_from"], day) and by(row["started_at"], day) and was_paid(row, day) and (row["mrr"] or 0) > 0:
            times = [row["valid_from"], row["started_at"]] + ([row["converted_at"]] if row["trial_ends_at"] else [])
            days.append(max(times).date())
    return min(days, default=None)


def last_renewal(subscriptions, day):
    """Whether the account's last due renewal of 91 days happened; None if there is nothing to tell."""
    outcomes = []
    for subscription_id in sorted({row["subscription_id"] for row in subscriptions}):
        known = [row for row in subscriptions if row["subscription_id"] == subscription_id and by(row["valid_from"], day)]
        dates = [row["renewal_date"].date() for row in known if row["renewal_date"] and by(row["started_at"], day) and was_paid(row, day)]
        due = max((one for one in dates if within(one, day, 91)), default=None)
        if due is None:
            continue
        current = max(known, key=lambda row: row["valid_from"])
        outcome = True if max(dates) > due else (False if by(current["ended_at"], day) else None)
        outcomes.append((due, outcome))
    last_due = max((due for due, _ in outcomes), default=None)
    return next((outcome for due, outcome in outcomes if due == last_due), None)


def lead_conversion(stages, day, settings):
    became_lead = min((row["entered_at"].date() for row in stages if row["stage"] in settings["lead_stages"]), default=None)
    if became_lead is None or day < became_lead + timedelta(days=settings["lead_days"] - 1):
        return None
    won = min(
        (row["entered_at"].date() for row in stages if row["stage"] in settings["won_stages"] and row["entered_at"].date() >= became_lead),
        default=None,
    )
    return won is not None and (won - became_lead).days < settings["lead_days"]


def stage_of(stages):
    """The latest of these stages, and the day on which the account entered it: saying it again is no new entry."""
    stage, entered_on = None, None
    for time in sorted({row["entered_at"] for row in stages}):
        at_that_time = max(row["stage"] for row in stages if row["entered_at"] == time)
        if at_that_time != stage:
            stage, entered_on = at_that_time, time.date()
    return stage, entered_on


def started_subscriptions(subscriptions, day):
    """What each of the subscriptions is on this day, if it had started by then."""
    # Of each subscription the version that counts on this day, with all that came later left out.
    versions = {}
    for row in subscriptions:
        current = versions.get(row["subscription_id"])
        if by(row["valid_from"], day) and (current is None or row["valid_from"] > current["valid_from"]):
            versions[row["subscription_id"]] = row
    started = []
    for row in versions.values():
        if not by(row["started_at"], day):
            continue
        ended = by(row["ended_at"], day)
        converted = by(row["converted_at"], day)
        trial_over = by(row["trial_ends_at"], day)
        is_active = not ended and not (trial_over and not converted)
        is_paying = is_active and (row["trial_ends_at"] is None or converted)
        started.append(
            SimpleNamespace(row=row, is_active=is_active, is_paying=is_paying, ended=ended, converted=converted, trial_over=trial_over)
        )
    return started


def customer(world, user, day):
    # All of it is of the account that the user was in on this day, also what lies before.
    account_id = world.account_of(user, day)
    # Who is without an account has subscriptions alone.
    subscriptions = world.subscriptions.get(account_id or ("alone", user["user_id"]), ())
    started = started_subscriptions(subscriptions, day)
    # Highest mrr (unknown is lowest), then latest start, then first id: three stable sorts, the last rule first.
    active = sorted((one for one in started if one.is_active), key=lambda one: one.row["subscription_id"])
    active.sort(key=lambda one: one.row["started_at"], reverse=True)
    active.sort(key=lambda one: (one.row["mrr"] is not None, one.row["mrr"] or 0), reverse=True)
    primary = active[0] if active else None

    trials = [one for one in started if one.row["trial_ends_at"] is not None]
    trial = max(trials, key=lambda one: (one.row["started_at"], one.row["subscription_id"]), default=None)
    if trial is None:
        trial_outcome = None
    elif trial.converted:
        trial_outcome = "converted"
    elif trial.trial_over or trial.ended:
        trial_outcome = "lapsed"
    else:
        trial_outcome = "in_trial"

    stages = [row for row in world.stages.get(account_id, ()) if by(row["entered_at"], day)]
    first_paid = first_paying_day(subscriptions, day)
    stage, entered_on = stage_of(stages)
    renewal = primary.row["renewal_date"] if primary else None
    signed_up_on = user["signed_up_at"].date()
    return {
        "plan": lower(primary.row["plan"]) if primary else None,
        "is_trial": primary is not None and not primary.is_paying,
        "trial_outcome": trial_outcome,
        "journey_stage": stage,
        "days_in_stage": (day - entered_on).days if stage else None,
        "mrr": account_mrr(subscriptions, day),
        "mrr_91d_ago": account_mrr(subscriptions, day - timedelta(days=91)),
        "days_as_customer": (day - first_paid).days if first_paid else None,
        "is_renewed_91d": last_renewal(subscriptions, day),
        "is_lead_converted": lead_conversion(stages, day, world.settings),
        "seats": sum(one.row["seats"] or 0 for one in active),
        "account_owner": world.attribute("account", account_id, "account_owner", day),
        "days_to_renewal": (renewal.date() - day).days if renewal else None,
        "tenure_days": (day - signed_up_on).days,
        "acquisition_channel": lower(world.attribute("user", user["user_id"], "acquisition_channel", day)),
        "signup_week": week_start(signed_up_on, world.settings),
    }


def week_start(day, settings):
    first = {"monday": 0, "sunday": 6, "saturday": 5}[settings.get("week_starts_on", "monday")]
    return day - timedelta(days=(day.weekday() - first) % 7)


def day_part_of(hour):
    return ("night", "morning", "afternoon", "evening")[hour // 6]


def is_open(ticket, day):
    """Whether a ticket was open at the end of the day. One that was opened again had been solved: from its first day on, if
    nobody says when."""
    solved, again = ticket["solved_at"], ticket["reopened_at"]
    if again is None:
        return not by(solved, day)
    if by(again, day):
        return solved is None or solved < again or not by(solved, day)
    before = [time for time in (ticket["first_solved_at"], solved, ticket["created_at"]) if time is not None and time < again]
    return bool(before) and not by(before[0], day)


def behavioral(world, user, day, events, sessions, data_start):
    settings = world.settings
    active_days = {event.day for event in events}
    features = {}
    for days in WINDOWS:
        recent = [event for event in events if within(event.day, day, days)]
        recent_sessions = [session for session in sessions if within(session.day, day, days)]
        minutes = sum((session.end - session.start for session in recent_sessions), timedelta()) / timedelta(minutes=1)
        features[f"active_days_{days}d"] = len({event.day for event in recent})
        features[f"sessions_{days}d"] = len(recent_sessions)
        features[f"session_minutes_{days}d"] = minutes
        features[f"events_{days}d"] = len(recent)
        features[f"page_views_{days}d"] = sum(event.name in settings["page_view_events"] for event in recent)
        features[f"logins_{days}d"] = sum(event.name in settings["login_events"] for event in recent)
        features[f"distinct_features_{days}d"] = len({event.name for event in recent if event.kind.is_feature})
        features[f"core_actions_{days}d"] = sum(event.kind.is_core for event in recent)
    before = day - timedelta(days=28)
    features["active_days_previous_28d"] = sum(within(active, before, 28) for active in active_days)

    features["days_since_last_seen"] = (day - max(active_days)).days if active_days else None
    streak = 0
    while day - timedelta(days=streak) in active_days:
        streak += 1
    features["current_streak_days"] = streak

    previous = features["active_days_previous_28d"]
    tenure_days = (day - user["signed_up_at"].date()).days
    features["usage_change_28d"] = features["active_days_28d"] / previous - 1 if previous > 0 and tenure_days >= 56 else None

    tickets = [row for row in world.tickets.get(user["user_id"], ()) if by(row["created_at"], day)]
    features["tickets_91d"] = sum(within(row["created_at"].date(), day, 91) for row in tickets)
    features["open_tickets"] = sum(is_open(row, day) for row in tickets)
    ratings = [row for row in tickets if row["satisfied_at"] is not None and within(row["satisfied_at"].date(), day, 91)]
    ratings = [row["satisfaction"] for row in ratings if row["satisfaction"] is not None]
    _, best = settings.get("survey_scales", {}).get("satisfaction", (1, 5))
    features["tickets_rated_91d"] = len(ratings)
    features["tickets_satisfied_91d"] = sum(rating >= best - 1 for rating in ratings)

    signup = user["signed_up_at"].date()
    first_days = {signup + timedelta(days=number) for number in range(settings["activation_days"])}
    observed = data_start is not None and signup >= data_start
    features["is_signup_observed"] = observed
    features["is_activated"] = (
        any(event.name in settings["activation_events"] and event.day in first_days for event in events)
        if observed and settings["activation_events"] and day >= max(first_days)
        else None
    )
    uses = [(event.day - signup).days for event in events if event.kind.is_feature and event.day >= signup]
    features["days_to_first_use"] = min(uses, default=None) if observed else None

    parts = Counter(day_part_of(session.start.hour) for session in sessions if within(session.day, day, 91))
    features["day_part"] = min((part for part in parts if parts[part] == max(parts.values())), default=None)
    return features


def nps_category_of(score):
    return band(score, ((0, "detractor"), (7, "passive"), (9, "promoter"))) if score is not None and score <= 10 else None


def psychographic(world, user, day, events):
    valid_days = world.settings.get("survey_valid_days", 365)
    answers = [row for row in world.answers.get(user["user_id"], ()) if by(row["responded_at"], day)]
    valid = [row for row in answers if within(row["responded_at"].date(), day, valid_days)]

    def score(instrument):
        scored = [row for row in valid if row["instrument"] == instrument and row["score"] is not None]
        row = latest(scored, "responded_at", "response_id")
        return float(row["score"]) if row else None

    def stated(question):
        stating = [row for row in valid if row["instrument"] == "attribute" and row["question"] == question and row["answer"] is not None]
        row = latest(stating, "responded_at", "response_id")
        return lower(row["answer"]) if row else None

    notes = [row for row in world.notes.get(user["user_id"], ()) if within(row["noted_at"].date(), day, valid_days)]
    note = latest(notes, "noted_at", "note_id")
    last_answer = latest(answers, "responded_at", "response_id")
    categories = Counter(
        event.kind.category for event in events if within(event.day, day, 91) and event.kind.is_feature and event.kind.category is not None
    )
    return {
        "nps_score": score("nps"),
        "nps_category": nps_category_of(score("nps")),
        "csat_score": score("csat"),
        "ces_score": score("ces"),
        "sentiment": lower(note["sentiment"]) if note else None,
        "days_since_survey": (day - last_answer["responded_at"].date()).days if last_answer else None,
        "interests": stated("interests"),
        "values": stated("values"),
        "lifestyle": stated("lifestyle"),
        "personality": stated("personality"),
        "primary_need": stated("primary_need"),
        "inferred_affinity": min((category for category in categories if categories[category] == max(categories.values())), default=None),
    }


def health_score(settings, features):
    targets, weights = settings["health_targets"], settings["health_weights"]

    def share(column, target):
        return min(1, features[column] / targets[target])

    trend, nps = features["usage_change_28d"], features["nps_score"]
    components = {
        "usage": share("active_days_28d", "active_days_28d"),
        "breadth": share("distinct_features_28d", "distinct_features_28d"),
        "trend": 0.5 if trend is None else min(1, max(0, (trend + 1) / 2)),
        "sentiment": 0.5 if nps is None else min(1, max(0, nps / 10)),
        "support": 1 - share("open_tickets", "open_tickets"),
    }
    return float(sum(weights[name] * value for name, value in components.items()))


class Value:
    """Revenue and ranks of one date: they need everybody who was there."""

    def __init__(self, world, day):
        self.world, self.day = world, day
        self.population = world.population(day)
        self.users_of_account = Counter(world.account_of(user, day) for user in self.population)
        self.account_revenue = {}
        recency, frequency, monetary = {}, {}, {}
        rfm = world.settings.get("rfm", {"classes": 5, "frequency_days": 91, "monetary_days": 91})
        for user in self.population:
            user_id = user["user_id"]
            active_days = {event.day for event in world.events.get(user_id, ()) if event.known_on <= day}
            # A later last day is better; never seen is below every date.
            recency[user_id] = max(active_days, default=date.min)
            frequency[user_id] = sum(rfm["frequency_days"] is None or within(active, day, rfm["frequency_days"]) for active in active_days)
            monetary[user_id] = self.revenue(user, rfm["monetary_days"])[0 if rfm["monetary_days"] else 1]
        count = rfm["classes"]
        self.ranks = {
            "rfm_recency": classes(recency, count),
            "rfm_frequency": classes(frequency, count),
            "rfm_monetary": classes(monetary, count),
        }

    def revenue(self, user, days=91):
        """(last 91 or so many days, lifetime): the user's equal share of what the account paid, and what the user paid alone."""
        own = [row for row in self.world.invoices.get(("alone", user["user_id"]), ()) if by(row["paid_at"], self.day)]
        recent = sum((row["revenue"] for row in own if within(row["paid_at"].date(), self.day, days or 91)), Fraction(0))
        of_account = self.account_share(user, days or 91)
        return of_account[0] + recent, of_account[1] + sum((row["revenue"] for row in own), Fraction(0))

    def account_share(self, user, days):
        account_id = self.world.account_of(user, self.day)
        if account_id is None:
            return Fraction(0), Fraction(0)
        key = (account_id, days)
        if key not in self.account_revenue:
            paid = [row for row in self.world.invoices.get(account_id, ()) if by(row["paid_at"], self.day)]
            users = self.users_of_account[account_id]
            recent = [row["revenue"] for row in paid if within(row["paid_at"].date(), self.day, days)]
            self.account_revenue[key] = (sum(recent, Fraction(0)) / users, sum((row["revenue"] for row in paid), Fraction(0)) / users)
        return self.account_revenue[key]

    def data_start(self):
        """The first day on which a user is seen after signing up, as far as it is known by now."""
        user_days = {
            (user_id, event.day)
            for user_id, user in self.world.users.items()
            for event in self.world.events.get(user_id, ())
            if event.known_on <= self.day and event.day >= user["signed_up_at"].date()
        }
        return first_sure_date([day for _, day in user_days], self.world.settings)

    def features(self, user):
        revenue_91d, lifetime_revenue = self.revenue(user)
        account_id = self.world.account_of(user, self.day)
        return {
            "revenue_91d": float(revenue_91d),
            "lifetime_revenue": float(lifetime_revenue),
            "account_users": self.users_of_account[account_id] if account_id is not None else None,
            **{column: ranks[user["user_id"]] for column, ranks in self.ranks.items()},
        }


class Marketing:
    """Cost and campaigns of one date: those who signed up together share what it cost."""

    def __init__(self, world, day, population):
        self.world, self.day = world, day
        # The spend was on those who have gone since, too.
        self.signups = Counter(self.signup(user) for user in world.users.values() if by(user["signed_up_at"], day))
        self.spend, months = defaultdict(Fraction), []
        for row in world.spend:
            if by(row["spend_date"], day):
                month = (row["spend_date"].year, row["spend_date"].month)
                self.spend[row["channel"].lower(), month] += row["amount"]
                months.append(month)
        self.first_month = min(months, default=None)

    def signup(self, user):
        channel = lower(self.world.attribute("user", user["user_id"], "acquisition_channel", self.day))
        return channel, (user["signed_up_at"].year, user["signed_up_at"].month)

    def features(self, user):
        channel, month = self.signup(user)
        is_known = channel is not None and self.first_month is not None and month >= self.first_month
        delivered = [
            row
            for row in self.world.messages.get(user["user_id"], ())
            if by(row["assigned_at"], self.day) and row["delivered_at"] is not None and within(row["delivered_at"].date(), self.day, 91)
        ]
        return {
            "acquisition_cost": float(self.spend[channel, month] / self.signups[channel, month]) if is_known else None,
            "messages_delivered_91d": len(delivered),
            "messages_clicked_91d": sum(by(row["clicked_at"], self.day) for row in delivered),
        }


def classes(values, count=5):
    """Per key its class 1 (low) to `count`: how large a share of all keys has a strictly lower value."""
    ordered = sorted(values.values())
    return {key: min(count, 1 + count * bisect_left(ordered, value) // len(ordered)) for key, value in values.items()}


# --- API --------------------------------------------------------------------------------------------------------------


def load_inputs(directory: Path, prefix: str = "sample_") -> dict[str, list[dict[str, str]]]:
    """The rows of every input as text, as they stand in the files; an input without a file is empty."""
    inputs = {}
    for name in CONTRACT:
        path = Path(directory) / f"{prefix}{name}.csv"
        inputs[name] = read_csv(path) if path.exists() else []
    return inputs


def as_of_dates(inputs, settings: dict) -> list[date]:
    """The dates to compute, oldest first: data_through, the period ends before it, and the extra dates."""
    usable = {"events": usable_events(inputs, settings), "users": one_per_key("users", typed_rows("users", inputs, settings), newest_first)}
    return dates_to_compute(usable, settings)


def compute_features(
    inputs, as_of_dates: list[date], settings: dict, reference_dir: Path, user_ids: set[str] | None = None
) -> dict[tuple[str, date], dict[str, object]]:
    """All features per (user_id, as_of_date); `user_ids` limits what is returned, not whom it is ranked against."""
    world = World(inputs, settings, Path(reference_dir))
    sessions_of_user = {}
    result = {}
    for day in as_of_dates:
        value = Value(world, day)
        marketing = Marketing(world, day, value.population)
        data_start = value.data_start()
        for user in value.population:
            user_id = user["user_id"]
            if user_ids is not None and user_id not in user_ids:
                continue
            if user_id not in sessions_of_user:
                sessions_of_user[user_id] = sessions_of(world.events.get(user_id, ()), settings)
            # known_on is never before the day it happened, so this also leaves out what is yet to come.
            events = [event for event in world.events.get(user_id, ()) if event.known_on <= day]
            sessions = [session for session in sessions_of_user[user_id] if session.known_on <= day]
            features = {
                **demographic(world, user, day),
                **geographic(world, user, day),
                **firmographic(world, user, day),
                **technographic(world, user, day, sessions),
                **customer(world, user, day),
                **behavioral(world, user, day, events, sessions, data_start),
                **psychographic(world, user, day, events),
                **value.features(user),
                **marketing.features(user),
            }
            features["health_score"] = health_score(settings, features)
            result[user_id, day] = features
    return result
