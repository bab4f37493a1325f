"""The tables of the CRM: accounts, users, their history, subscriptions, stages, technologies, invoices, spend."""

from __future__ import annotations

import random
from datetime import datetime, timedelta

from .accounts import Account, Subscription
from .users import User
from .world import (
    ACCOUNT_OWNERS,
    CUTOFF,
    DAY,
    DAYS,
    DEPARTMENTS,
    FIRST_DAY,
    INDUSTRIES,
    LAST_DAY,
    LOCATIONS,
    SEASON,
    Streams,
    add_months,
    at,
    between,
    iso,
    known,
    later,
    office_time,
    shuffled,
    weighted,
)

CURRENCIES = {"GB": "GBP", "DE": "EUR", "FR": "EUR", "NL": "EUR", "ES": "EUR", "PT": "EUR", "IT": "EUR"}
CRM_SPELLINGS = {"GB": "UK", "US": "USA", "DE": "Germany"}
TECHNOLOGIES = {
    "crm": ("salesforce", "hubspot", "pipedrive"),
    "marketing_automation": ("marketo", "mailchimp", "hubspot"),
    "back_office": ("netsuite", "sap", "quickbooks"),
    "database": ("postgres", "snowflake", "bigquery", "mysql", "oracle"),
}
SPEND_PER_DAY = {"paid_search": 210, "social": 90, "partner": 60, "outbound": 120, "referral": 25}


def make_attribute_history(streams: Streams, accounts: list[Account], users: list[User]) -> list[dict]:
    """Changes over time; the CRM rows hold the last value. Entities that never changed have no rows."""
    rng = streams("history")
    rows: list[dict] = []
    for user in shuffled(rng, long_standing(users)):
        titles = DEPARTMENTS[user.department]
        rank = titles.index(user.title)
        if len(rows) < 180 and rank > 0:
            user.previous_title = titles[rank - 1]
            user.promoted_at = change_time(rng, user.signed_up_at)
            rows += history("user", user.user_id, "job_title", user.signed_up_at, user.previous_title, user.promoted_at, user.title)
    for user in users:
        if user.moved_at:
            before, after = user.previous_location, user.location
            for attribute in ("country", "state", "city"):
                rows += history(
                    "user", user.user_id, attribute, user.signed_up_at, getattr(before, attribute), user.moved_at, getattr(after, attribute)
                )
    rows += account_history(rng, accounts)
    return sorted(rows, key=lambda row: (row["valid_from"], row["entity_id"], row["attribute"]))


def long_standing(users: list[User]) -> list[User]:
    """Users about whom something can have changed."""
    return [user for user in users if user.signed_up_at < CUTOFF - timedelta(days=120) and not user.deleted_at]


def change_time(rng: random.Random, first: datetime) -> datetime:
    """A time at least 40 days after `first` and within the period."""
    earliest = max(first.date() + timedelta(days=40), FIRST_DAY + timedelta(days=10))
    return office_time(rng, between(rng, earliest, LAST_DAY - 3 * DAY))


def history(entity, entity_id, attribute, first_at, first_value, changed_at, value) -> list[dict]:
    """The first value and the change."""
    base = {"entity": entity, "entity_id": entity_id, "attribute": attribute}
    return [{**base, "value": str(first_value), "valid_from": iso(first_at)}, {**base, "value": str(value), "valid_from": iso(changed_at)}]


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
                "account", account.account_id, "employee_count", account.created_at, before, account.updated_at, account.employees
            )
    for account in shuffled(rng, old)[:34]:
        previous = rng.choice([owner for owner in ACCOUNT_OWNERS if owner != account.owner])
        rows += history(
            "account",
            account.account_id,
            "account_owner",
            account.created_at,
            previous,
            change_time(rng, account.created_at),
            account.owner,
        )
    for account in shuffled(rng, old)[:4]:
        account.corrected_industry = True
        previous = rng.choice([industry for industry in INDUSTRIES if industry != account.industry])
        rows += history(
            "account", account.account_id, "industry", account.created_at, previous, change_time(rng, account.created_at), account.industry
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
                "birth_year": str(1961 + int(23 * (rng.random() + rng.random()))) if rng.random() < 0.8 else "",
                "gender": weighted(rng, {"female": 38, "male": 44, "nonbinary": 3, "": 15}),
                "income_band": weighted(rng, {"under_50k": 14, "50k_100k": 20, "100k_150k": 12, "over_150k": 6, "": 48}),
                "language": user.location.language if rng.random() < 0.9 else "en",
                "country": user.location.country if user.moved_at else crm_country(rng, user.location.country),
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
                elif before.renewal != after.renewal and (known(after.renewal) - known(before.renewal)).days > 40:
                    entered.append(("renewal", after.valid_from))
        if item.ended_at or account.is_lapsed:
            entered.append(("churned", item.ended_at or later(rng, known(account.trial_ends_at), 10 * 24, 20 * 24)))
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
        {"invoice_id": f"i{number:05d}", "account_id": account_id, "amount": f"{amount:.2f}", "currency": currency, "paid_at": iso(paid_at)}
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
