"""A company of consumers: no accounts, everybody pays alone. Built as a stranger's project with all of dbt's tests, and what it says
of money is recomputed here from the files, in plain Python."""

from __future__ import annotations

import csv
import datetime
import random
from collections import defaultdict
from pathlib import Path
from typing import Any, NamedTuple

import duckdb
import pytest

import new_project
from package_project import dbt, fill_in, install, write_csv
from warehouse import ROOT

FIRST_DAY = datetime.date(2025, 9, 1)
LAST_DAY = datetime.date(2026, 6, 30)
CHANNELS = ("search", "social", "friends")
RATES = {"USD": 1.0, "EUR": 1.1}
Rows = list[dict[str, str]]


class Company(NamedTuple):
    folder: Path
    people: Rows
    bills: Rows
    plans: Rows
    costs: Rows

    def rows(self, sql: str) -> list[tuple[Any, ...]]:
        with duckdb.connect(str(self.folder / "warehouse.duckdb"), read_only=True) as connection:
            return connection.execute(sql).fetchall()


def day(text: str) -> datetime.date:
    return datetime.date.fromisoformat(text[:10])


def month(text: str) -> datetime.date:
    return day(text).replace(day=1)


def made_up() -> dict[str, Rows]:
    """240 people, two thirds with a trial, half of these with a plan after it, some of whom leave, with a bill a month."""
    chance = random.Random(5)
    length = (LAST_DAY - FIRST_DAY).days
    files: dict[str, Rows] = {name: [] for name in ("people", "acts", "bills", "plans", "costs", "devices")}
    for number in range(240):
        joined = FIRST_DAY + datetime.timedelta(days=chance.randrange(length))
        person = f"p{number:03d}"
        files["people"].append({"person": person, "joined": f"{joined} 09:00:00", "came_by": chance.choice(CHANNELS)})
        if number % 4:
            device = f"device-{number}"
            seen = joined - datetime.timedelta(days=chance.randrange(1, 20))
            files["acts"].append(
                {"who": "", "device": device, "what": "looked", "moment": f"{seen} 08:00:00", "medium": chance.choice(CHANNELS)}
            )
            files["devices"].append({"device": device, "who": person, "moment": f"{joined} 09:00:00"})
        for back in range(0, (LAST_DAY - joined).days + 1, chance.choice([1, 3, 10, 60])):
            files["acts"].append(
                {
                    "who": person,
                    "device": "",
                    "what": "watched",
                    "moment": f"{joined + datetime.timedelta(days=back)} 20:00:00",
                    "medium": "",
                }
            )
        if number % 3 == 0:
            continue
        trial_ends = joined + datetime.timedelta(days=14)
        stays = number % 2 == 0
        ends = trial_ends + datetime.timedelta(days=chance.randrange(40, 200)) if stays and number % 5 == 0 else None
        price = chance.choice(["5.99", "11.99", "19.99"])
        files["plans"].append(
            {
                "plan_id": f"s{number}",
                "who": person,
                "plan": {"5.99": "basic", "11.99": "standard", "19.99": "family"}[price],
                "price": price,
                "since": f"{joined} 09:00:00",
                "trial_until": f"{trial_ends} 09:00:00",
                "paid_since": f"{trial_ends} 09:00:00" if stays else "",
                "until": f"{ends} 09:00:00" if ends else "",
            }
        )
        paid = trial_ends
        while stays and paid <= LAST_DAY and (ends is None or paid < ends):
            currency = "EUR" if number % 7 == 0 else "USD"
            files["bills"].append({"who": person, "amount": price, "currency": currency, "moment": f"{paid} 09:00:00"})
            paid += datetime.timedelta(days=30)
    files["acts"].append(
        {"who": "p000", "device": "", "what": "watched", "moment": f"{LAST_DAY + datetime.timedelta(days=1)} 12:00:00", "medium": ""}
    )
    for number in range(60):
        seen = FIRST_DAY + datetime.timedelta(days=chance.randrange(length))
        files["acts"].append(
            {"who": "", "device": f"stranger-{number}", "what": "looked", "moment": f"{seen} 08:00:00", "medium": "search"}
        )
    start = FIRST_DAY
    while start <= LAST_DAY:
        files["costs"] += [
            {"spent_on": str(start), "medium": channel, "amount": str(chance.randrange(50, 300))} for channel in CHANNELS[:2]
        ]
        start = (start + datetime.timedelta(days=31)).replace(day=1)
    # A bill of somebody whom nobody knows, and one of nobody.
    files["bills"] += [{"who": who, "amount": "7", "currency": "USD", "moment": f"{LAST_DAY} 09:00:00"} for who in ("nobody-known", "")]
    for name in ("acts", "bills"):
        files[name] = [{"number": f"{name}{number}", **row} for number, row in enumerate(files[name])]
    return files


@pytest.fixture(scope="module")
def company(tmp_path_factory: pytest.TempPathFactory) -> Company:
    folder = tmp_path_factory.mktemp("consumers") / "stream"
    new_project.create(ROOT, folder, ["identities", "subscriptions", "invoices", "marketing_spend"])
    install(folder)
    files = made_up()
    for name, rows in files.items():
        write_csv(folder / f"{name}.csv", rows)
    mapped = {
        "users": ("people", {"user_id": "person", "acquisition_channel": "came_by", "signed_up_at": "joined"}),
        "events": (
            "acts",
            {
                "event_id": "number",
                "user_id": "who",
                "anonymous_id": "device",
                "event_name": "what",
                "occurred_at": "moment",
                "channel": "medium",
            },
        ),
        "identities": ("devices", {"anonymous_id": "device", "user_id": "who", "linked_at": "moment"}),
        "invoices": ("bills", {"invoice_id": "number", "user_id": "who", "amount": "amount", "currency": "currency", "paid_at": "moment"}),
        "subscriptions": (
            "plans",
            {
                "subscription_id": "plan_id",
                "user_id": "who",
                "plan": "plan",
                "mrr": "price",
                "valid_from": "since",
                "started_at": "since",
                "trial_ends_at": "trial_until",
                "converted_at": "paid_since",
                "ended_at": "until",
            },
        ),
        "marketing_spend": ("costs", {"spend_date": "spent_on", "channel": "medium", "amount": "amount"}),
    }
    for name, (file, columns) in mapped.items():
        fill_in(folder / f"models/inputs/input_{name}.sql", folder / f"{file}.csv", columns)
    # The column of accounts is not there at all.
    for name in ("invoices", "subscriptions"):
        path = folder / f"models/inputs/input_{name}.sql"
        lines = [line for line in path.read_text(encoding="utf-8").splitlines() if " as account_id" not in line]
        path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    project = folder / "dbt_project.yml"
    project.write_text(
        project.read_text(encoding="utf-8").replace("vars:\n", f"vars:\n  currency_rates: {RATES}\n".replace("'", "")), encoding="utf-8"
    )
    through, output, statuses = dbt(folder, "build")
    assert through, output[-6000:]
    assert {status for status in statuses.values() if status not in ("pass", "success", "no-op", "warn")} == set()
    return Company(folder, files["people"], files["bills"], files["plans"], files["costs"])


def amount(bill: dict[str, str]) -> float:
    return float(bill["amount"]) * RATES[bill["currency"]]


def test_revenue_of_users_is_what_they_paid(company: Company) -> None:
    lifetime: dict[str, float] = defaultdict(float)
    recent: dict[str, float] = defaultdict(float)
    for bill in company.bills:
        lifetime[bill["who"]] += amount(bill)
        if day(bill["moment"]) > LAST_DAY - datetime.timedelta(days=91):
            recent[bill["who"]] += amount(bill)
    rows = company.rows("select user_id, revenue_91d, lifetime_revenue, account_users from marts.users")
    assert len(rows) == len(company.people)
    for user, revenue, everything, colleagues in rows:
        assert (revenue, everything) == (pytest.approx(recent[user]), pytest.approx(lifetime[user])) and colleagues is None
    assert sum(1 for row in rows if row[2]) > 60
    owners = {
        kind: (count, total)
        for kind, count, total in company.rows("select owner_kind, owners, amount from marts.amounts_by_owner where input = 'invoices'")
    }
    known = {row["person"] for row in company.people}
    paying = known & {bill["who"] for bill in company.bills}
    assert owners["users"] == (len(paying), pytest.approx(sum(lifetime[user] for user in paying)))
    assert owners["unknown_user"] == (1, 7.0) and owners["no_users"] == owners["unknown_account"] == (0, 0.0)
    assert company.rows("select reject_reason, count(*) from marts.rejected_rows group by 1") == [("no_payer", 1)]
    # The segments of the lifecycle hold everybody once, and each user is an account of their own.
    value = company.rows(
        "select sum(users), sum(accounts), sum(revenue_91d), sum(lifetime_revenue), sum(paying_users), min(population_users) "
        "from marts.segment_value where segment <> 'regular_users'"
    )
    ((paying_now,),) = company.rows("select count(*) from marts.users where mrr > 0")
    revenue, everything = (pytest.approx(sum(row[place] for row in rows)) for place in (1, 2))
    assert value == [(240, 240, revenue, everything, paying_now, 240)] and paying_now > 20


def test_plans_and_mrr_are_those_of_the_day(company: Company) -> None:
    built = {row[0]: row[1:] for row in company.rows("select user_id, plan, mrr, is_trial, trial_outcome from marts.users")}
    plans = {row["who"]: row for row in company.plans}
    for person in built:
        plan = plans.get(person)
        if plan is None:
            assert built[person] == (None, 0.0, False, None)
            continue
        over = day(plan["trial_until"]) <= LAST_DAY
        converted = bool(plan["paid_since"]) and day(plan["paid_since"]) <= LAST_DAY
        ended = bool(plan["until"]) and day(plan["until"]) <= LAST_DAY
        active = not ended and not (over and not converted)
        assert built[person] == (
            plan["plan"] if active else None,
            float(plan["price"]) if active and converted else 0.0,
            active and not converted,
            "converted" if converted else "lapsed" if over or ended else "in_trial",
        )
    assert {row[3] for row in built.values()} == {None, "converted", "lapsed", "in_trial"}


def test_revenue_cohorts_are_counted_by_user(company: Company) -> None:
    cohorts: dict[datetime.date, set[str]] = defaultdict(set)
    for person in company.people:
        cohorts[month(person["joined"])].add(person["person"])
    found = company.rows(
        "select cohort_month, month_number, n, accounts, cumulative_revenue_per_unit, is_complete from marts.revenue_cohorts "
        "where cohort_kind = 'signup'"
    )
    assert {row[0] for row in found} == set(cohorts)
    compared = 0
    for start, number, n, accounts, total, is_complete in found:
        assert n == accounts == len(cohorts[start])
        end = start
        for _ in range(number + 1):
            end = (end + datetime.timedelta(days=31)).replace(day=1)
        assert is_complete == (end <= LAST_DAY + datetime.timedelta(days=1))
        paid = sum(amount(bill) for bill in company.bills if bill["who"] in cohorts[start] and day(bill["moment"]) < end)
        assert total == pytest.approx(paid / n)
        compared += paid > 0
    assert compared > 30

    def mrr(person: dict[str, str], on: datetime.date) -> float:
        is_on = person["paid_since"] and day(person["paid_since"]) <= on and not (person["until"] and day(person["until"]) <= on)
        return float(person["price"]) if is_on else 0.0

    ends = [day_before(start, number) for start in sorted(cohorts) for number in (1,)]
    first = {plan["who"]: next((end.replace(day=1) for end in ends if mrr(plan, end)), None) for plan in company.plans}
    for start, number, n, net in company.rows(
        "select cohort_month, month_number, n, net_revenue_retention from marts.revenue_cohorts "
        "where cohort_kind = 'first_payment' and is_complete"
    ):
        members = [plan for plan in company.plans if first[plan["who"]] == start]
        assert n == len(members)
        base, now = (sum(mrr(plan, day_before(start, months)) for plan in members) for months in (1, number + 1))
        assert net == pytest.approx(now / base)


def day_before(start: datetime.date, months: int) -> datetime.date:
    """The last day of the month that is `months` − 1 after the one that begins on `start`."""
    for _ in range(months):
        start = (start + datetime.timedelta(days=31)).replace(day=1)
    return start - datetime.timedelta(days=1)


def test_costs_and_visitors_are_those_of_the_files(company: Company) -> None:
    signups: dict[tuple[str, datetime.date], int] = defaultdict(int)
    for person in company.people:
        signups[person["came_by"], month(person["joined"])] += 1
    spend = {(row["medium"], month(row["spent_on"])): float(row["amount"]) for row in company.costs}
    for channel, start, people, cost in company.rows(
        "select acquisition_channel, signup_month, signups, spend from marts.acquisition_costs"
    ):
        assert (people, cost) == (signups[channel, start], spend.get((channel, start), 0.0))
    with (company.folder / "acts.csv").open(encoding="utf-8", newline="") as file:
        devices = {row["device"] for row in csv.DictReader(file) if row["device"]}
    [(visitors, of_devices)] = company.rows("select sum(visitors), count(distinct channel) from marts.visitor_signups")
    assert (visitors, of_devices) == (len(devices), 3)
    assert company.rows("select count(*) from marts.users where user_id like 'device%' or user_id like 'stranger%'") == [(0,)]
