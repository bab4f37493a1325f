"""revenue_cohorts recomputed from users, invoices and subscriptions, account by account, with scipy and statsmodels."""

from __future__ import annotations

from collections import defaultdict
from datetime import date, datetime, timedelta
from typing import Any

import numpy as np
import pytest
from scipy.stats import t as student
from statsmodels.stats.proportion import proportion_confint

from mart_project import MartProject, close
from warehouse import ROOT, Warehouse

MARTS = ("cohort_payments", "revenue_cohorts")
RATES = {"USD": 1.0, "EUR": 1.08, "GBP": 1.27}
Rows = list[dict[str, Any]]


def month_of(day: date) -> int:
    return day.year * 12 + day.month - 1


def first_day(month: int) -> date:
    return date(month // 12, month % 12 + 1, 1)


def payer(row: dict[str, Any]) -> Any:
    """The account, or a user who pays alone."""
    return row["account_id"] or ("alone", row["user_id"])


def recomputed(users: Rows, invoices: Rows, subscriptions: Rows, data_through: date) -> dict[tuple, dict]:
    """The rows by kind, month and number, from the amounts of single accounts."""

    def day(moment: datetime | None) -> date:
        return moment.date() if moment else date.max

    users = [user for user in users if day(user["signed_up_at"]) <= data_through]
    invoices = [invoice for invoice in invoices if day(invoice["paid_at"]) <= data_through]
    last = month_of(data_through + timedelta(days=1)) - 1
    paid: dict[tuple, dict] = defaultdict(lambda: defaultdict(float))
    members: dict[tuple, dict] = defaultdict(lambda: defaultdict(int))
    for user in users:
        members["signup", month_of(user["signed_up_at"])][payer(user)] += 1
    for invoice in invoices:
        when, amount = day(invoice["paid_at"]), float(invoice["amount"]) * RATES[invoice["currency"].upper()]
        there = [
            user
            for user in users
            if payer(invoice) in (user["account_id"], ("alone", user["user_id"]))
            and day(user["signed_up_at"]) <= when < day(user["deleted_at"])
        ]
        for user in there:
            paid["signup", month_of(user["signed_up_at"])][payer(user), month_of(when)] += amount / len(there)

    def mrr_of(month: int) -> dict[str, float]:
        end, newest = first_day(month + 1) - timedelta(days=1), {}
        for version in sorted(subscriptions, key=lambda row: row["valid_from"]):
            if day(version["valid_from"]) <= end:
                newest[version["subscription_id"]] = version
        found: dict[str, float] = defaultdict(float)
        for version in newest.values():
            is_paid = version["trial_ends_at"] is None or day(version["converted_at"]) <= end
            if day(version["started_at"]) <= end < day(version["ended_at"]) and is_paid:
                found[payer(version)] += float(version["mrr"] or 0)
        return found

    starts = [day(user["signed_up_at"]) for user in users] + [day(row["started_at"]) for row in subscriptions]
    mrr = {month: mrr_of(month) for month in range(month_of(min(starts)), last + 1)} if starts else {}
    first_payment: dict[str, int] = {}
    for month, amounts in mrr.items():
        for account, amount in amounts.items():
            if amount > 0:
                first_payment.setdefault(account, month)
    for account, month in first_payment.items():
        members["first_payment", month][account] = 1
        for invoice in invoices:
            if payer(invoice) == account:
                amount = float(invoice["amount"]) * RATES[invoice["currency"].upper()]
                paid["first_payment", month][account, max(month, month_of(day(invoice["paid_at"])))] += amount

    rows = {}
    for (kind, start), units in members.items():
        n, accounts = sum(units.values()), len(units)
        for month in range(start, month_of(data_through) + 1):
            row: dict[str, Any] = {"n": n, "accounts": accounts, "is_complete": month <= last}
            row["quality"] = "ok" if accounts >= 20 else "insufficient"
            rows[kind, first_day(start), month - start] = row
            if month > last:
                continue
            totals = {account: sum(paid[kind, start][account, earlier] for earlier in range(start, month + 1)) for account in units}
            row["revenue_per_unit"] = sum(paid[kind, start][account, month] for account in units) / n
            row["cumulative_revenue_per_unit"] = mean = sum(totals.values()) / n

            def margin(left: list[float], size: float) -> float | None:
                """Of a ratio, from what is left of each account, by the jackknife's first term."""
                if len(left) < 2 or max(map(abs, left)) < 1e-9:
                    return None
                error = np.sqrt(len(left) / (len(left) - 1) * np.square(left).sum()) / size
                return float(student.ppf(0.975, len(left) - 1) * error)

            away = margin([totals[account] - mean * units[account] for account in units], n)
            row["cumulative_revenue_per_unit_lower"] = None if away is None else mean - away
            row["cumulative_revenue_per_unit_upper"] = None if away is None else mean + away
            if kind == "signup":
                continue
            base = [mrr[start][account] for account in units]
            now = [mrr[month].get(account, 0.0) for account in units]
            row["paying_accounts"] = sum(amount > 0 for amount in now)
            row["paying_share"] = row["paying_accounts"] / accounts
            row["paying_share_lower"], row["paying_share_upper"] = proportion_confint(row["paying_accounts"], accounts, method="wilson")
            for name, kept in (("net", now), ("gross", list(map(min, now, base)))):
                rate = sum(kept) / sum(base)
                away = margin([one - rate * other for one, other in zip(kept, base)], sum(base))
                row[f"{name}_revenue_retention"] = rate
                row[f"{name}_revenue_retention_lower"] = None if away is None else max(0.0, rate - away)
                upper = None if away is None else rate + away
                row[f"{name}_revenue_retention_upper"] = min(1.0, upper) if upper is not None and name == "gross" else upper
    return rows


def check(project: Warehouse, data_through: date) -> Rows:
    users, invoices, subscriptions = (
        project.records(f"select * from staging.{name}") for name in ("stg_users", "stg_invoices", "stg_subscriptions")
    )
    expected = recomputed(users, invoices, subscriptions, data_through)
    built = project.records("select * from marts.revenue_cohorts")
    assert {(row["cohort_kind"], row["cohort_month"], row["month_number"]) for row in built} == set(expected)
    for row in built:
        key = (row["cohort_kind"], row["cohort_month"], row["month_number"])
        for name, value in row.items():
            if name in ("cohort_kind", "cohort_month", "month_number", "as_of_date", "data_through"):
                continue
            wanted = expected[key].get(name)
            same = close(value, wanted, 1e-8) if isinstance(wanted, float) else value == wanted
            assert same, (key, name, value, wanted)
    return built


def test_the_sample_equals_a_recount_account_by_account(sample_warehouse: Warehouse) -> None:
    ((data_through,),) = sample_warehouse.query("select data_through from activity.data_through")
    built = check(sample_warehouse, data_through)
    whole = [row for row in built if row["is_complete"]]
    assert len(whole) > 300 and any(row["quality"] == "ok" for row in whole)
    # What a cohort's page says.
    page = " ".join((ROOT / "docs/statistics/revenue_cohorts.md").read_text(encoding="utf-8").split())
    rows = {(row["cohort_kind"], row["cohort_month"], row["month_number"]): row for row in built}
    signup, payment = rows["signup", date(2025, 9, 1), 12], rows["first_payment", date(2025, 9, 1), 12]
    for told in (
        f"{signup['n']} users of {signup['accounts']} accounts",
        f"brought {signup['cumulative_revenue_per_unit']:.0f} each"
        f" ({signup['cumulative_revenue_per_unit_lower']:.0f} to {signup['cumulative_revenue_per_unit_upper']:.0f})",
        f"{payment['net_revenue_retention']:.0%} is left".replace("%", " %"),
    ):
        assert told in page, told


@pytest.mark.parametrize("newest", [date(2026, 5, 31), pytest.param(date(2026, 6, 17), marks=pytest.mark.long)])
def test_made_up_accounts_equal_a_recount(mart_project: MartProject, newest: date) -> None:
    """Colleagues of several months, users who leave or stand alone and pay alone, currencies, refunds, trials, versions, returns, a date within a month."""
    random = np.random.default_rng(5)

    def at(first: int, last: int) -> datetime:
        return datetime(2026, 1, 1) + timedelta(days=int(random.integers(first, last)), hours=int(random.integers(0, 24)))

    users = [
        {
            "user_id": f"u{number}",
            "account_id": f"a{number % 45}" if number % 6 else None,
            "signed_up_at": at(0, 150),
            "deleted_at": at(150, 180) if number % 7 == 0 else None,
        }
        for number in range(160)
    ]
    invoices = [
        {
            "invoice_id": f"i{number}",
            # A third of it is of users alone, with an account or without one, and some of strangers.
            "account_id": f"a{number % 50}" if number % 3 else None,
            "user_id": f"u{number % 170}" if number % 3 == 0 or number % 7 == 0 else None,
            "amount": round(float(random.lognormal(3, 1)), 2) * (-1 if number % 19 == 0 else 1),
            "currency": ["USD", "EUR", "gbp"][number % 3],
            "paid_at": at(0, 190),
        }
        for number in range(300)
    ]
    subscriptions = []
    for number in range(40):
        start = at(0, 100)
        for version in range(1 + number % 3):
            is_last = version == number % 3
            subscriptions.append(
                {
                    "subscription_id": f"s{number}",
                    "account_id": f"a{number % 35}" if number % 4 else None,
                    "user_id": f"u{number * 3}" if number % 4 == 0 else None,
                    "mrr": round(float(random.lognormal(3, 1)), 2),
                    "valid_from": start + timedelta(days=30 * version),
                    "started_at": start,
                    "trial_ends_at": start + timedelta(days=14) if number % 4 == 0 else None,
                    "converted_at": start + timedelta(days=14) if number % 8 == 0 else None,
                    "ended_at": start + timedelta(days=80) if is_last and number % 5 == 0 else None,
                }
            )
    for name, rows in (("stg_users", users), ("stg_invoices", invoices), ("stg_subscriptions", subscriptions)):
        mart_project.fill(f"staging.{name}", rows)
    mart_project.fill("activity.data_through", [{"data_through": newest}])
    mart_project.run_models(*MARTS)
    built = check(mart_project, newest)
    retained = [row["gross_revenue_retention"] for row in built if row["gross_revenue_retention"] is not None]
    assert min(retained) < 0.9 and any((row["net_revenue_retention"] or 0) > 1 for row in built)
    assert any(row["n"] > row["accounts"] for row in built) and any(not row["is_complete"] for row in built) == (newest.day != 31)

    for name in ("stg_users", "stg_invoices", "stg_subscriptions"):
        mart_project.fill(f"staging.{name}", [])
    mart_project.run_models(*MARTS)
    assert mart_project.query("select count(*) from marts.revenue_cohorts") == [(0,)]
