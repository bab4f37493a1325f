"""Companies at the edge of arithmetic: one segment holds everything, nobody has any, all are equal, sums that cancel.

Each is complete: every input has rows, so that every mart has something to reckon with, unless having none is its point.
"""

from __future__ import annotations

import random
import re
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from warehouse import Inputs, Row, Warehouse

FIRST, LAST = date(2026, 1, 5), date(2026, 5, 17)
EVENTS = (
    "page_viewed",
    "pricing_viewed",
    "logged_in",
    "upgrade_requested",
    "project_created",
    "task_completed",
    "comment_added",
    "dashboard_viewed",
    "report_created",
    "report_exported",
    "automation_created",
    "teammate_invited",
)
# A quarter of the usual dates: a build is then a minute.
VARIABLES: dict[str, Any] = {"history_periods": 9, "segment_lint": "warn", "retention_periods": 4}


def moment(day: date, hour: int, minute: int = 0) -> str:
    return f"{day}T{hour:02d}:{minute:02d}:00Z"


def full_company(users: int = 48, accounts: int = 12, seed: int = 10) -> Inputs:
    """Everything that the contract knows, with amounts of three decimals that no double holds exactly."""
    chance = random.Random(seed)
    days = [FIRST + timedelta(days=number) for number in range((LAST - FIRST).days + 1)]
    inputs: Inputs = {
        name: []
        for name in (
            "accounts",
            "users",
            "attribute_history",
            "subscriptions",
            "account_stages",
            "account_technologies",
            "identities",
            "events",
            "survey_responses",
            "interview_notes",
            "support_tickets",
            "invoices",
            "campaign_messages",
            "experiment_assignments",
            "marketing_spend",
        )
    }

    def add(name: str, **row: Any) -> None:
        inputs[name].append({key: str(value) for key, value in row.items() if value is not None})

    for number in range(accounts):
        account, start = f"a{number}", days[number % 20]
        add(
            "accounts",
            account_id=account,
            account_name=account,
            industry=chance.choice(["software", "retail"]),
            country="DE",
            employee_count=chance.choice([7, 30, 1200]),
            annual_revenue=chance.choice(["1e6", "33333.333", ""]),
            account_owner="o",
            created_at=moment(start, 1),
        )
        add("account_stages", account_id=account, stage="lead", entered_at=moment(start, 2))
        if number % 2:
            add("account_stages", account_id=account, stage="onboarding", entered_at=moment(start, 3))
        add(
            "account_technologies",
            account_id=account,
            category="crm",
            vendor=chance.choice(["salesforce", "hubspot"]),
            first_seen_at=moment(start, 2),
        )
        trial = number % 3
        add(
            "subscriptions",
            subscription_id=f"s{number}",
            account_id=account,
            plan=chance.choice(["pro", "team"]),
            seats=3,
            mrr=chance.choice(["0.1", "0.7", "33.33"]),
            valid_from=moment(start, 4),
            started_at=moment(start, 4),
            trial_ends_at=moment(start + timedelta(days=14), 4) if trial else None,
            converted_at=moment(start + timedelta(days=14), 5) if trial == 1 else None,
            ended_at=moment(start + timedelta(days=14), 5) if trial == 2 else None,
            renewal_date=start + timedelta(days=100),
        )
        for month in range(4):
            add(
                "invoices",
                invoice_id=f"i{number}-{month}",
                account_id=account,
                amount=chance.choice(["0.1", "0.2", "0.7", "33.33"]),
                currency=chance.choice(["USD", "EUR"]),
                paid_at=moment(start + timedelta(days=20 + 28 * month), 6),
            )
    for number in range(users):
        user, start = f"u{number:02d}", days[number * 2 % 100]
        add(
            "users",
            user_id=user,
            account_id=f"a{number % (accounts + 1)}" if number % (accounts + 1) < accounts else "",
            email=f"{user}@example.com",
            job_title=chance.choice(["Engineer", "CFO"]),
            country=chance.choice(["DE", "US"]),
            birth_year=chance.choice([1960, 1990, 2001]),
            acquisition_channel=chance.choice(["paid_search", "social", "organic", ""]),
            marketing_consent="true",
            signed_up_at=moment(start, 8),
        )
        level = chance.choice([0.02, 0.2, 0.7])
        for day in days:
            if day >= start and chance.random() < level:
                for place in range(chance.randrange(1, 5)):
                    add(
                        "events",
                        event_id=f"e{user}{day}{place}",
                        user_id=user,
                        event_name=chance.choice(EVENTS),
                        occurred_at=moment(day, 9, place * 7),
                        received_at=moment(day, 10),
                        device_type="desktop",
                        os="linux",
                    )
        add(
            "support_tickets",
            ticket_id=f"t{number}",
            user_id=user,
            topic="bug",
            priority="normal",
            created_at=moment(start, 12),
            satisfaction=chance.choice([1, 4, 5]),
            satisfied_at=moment(start, 20),
            solved_at=moment(start, 18),
        )
        add(
            "survey_responses",
            response_id=f"r{number}",
            user_id=user,
            survey="nps",
            instrument="nps",
            question="recommend",
            answer="",
            score=chance.choice([0, 7, 9, 10]),
            responded_at=moment(days[110 + number % 20], 12),
        )
        add(
            "interview_notes",
            note_id=f"n{number}",
            user_id=user,
            theme="price",
            sentiment=chance.choice(["positive", "negative"]),
            noted_at=moment(days[100], 12),
        )
        assigned = days[95]
        add(
            "campaign_messages",
            message_id=f"m{number}",
            campaign="spring",
            user_id=user,
            is_holdout="true" if number % 4 == 0 else "false",
            assigned_at=moment(assigned, 9),
            sent_at=None if number % 4 == 0 else moment(assigned, 10),
            delivered_at=None if number % 4 == 0 else moment(assigned, 11),
        )
        add(
            "experiment_assignments",
            experiment="button",
            variant="control" if number % 2 else "treatment",
            user_id=user,
            assigned_at=moment(days[90], 9),
        )
    for place, day in enumerate(days):
        add("marketing_spend", spend_date=day, channel=("paid_search", "social")[place % 2], amount=("0.1", "0.2", "0.7")[place % 3])
    # The last day, which is the newest arrival and does not count, belongs to somebody all the same.
    add(
        "events",
        event_id="last",
        user_id="u00",
        event_name="logged_in",
        occurred_at=moment(LAST + timedelta(days=1), 9),
        received_at=moment(LAST + timedelta(days=1), 10),
    )
    return inputs


def keep_rows(inputs: Inputs, name: str, keep: Callable[[Row], bool]) -> None:
    inputs[name] = [row for row in inputs[name] if keep(row)]


def one_holds_everything() -> Inputs:
    """All money is of one account's three users, all signups of one channel; so a segment holds all of it, in fractions."""
    inputs = full_company()
    keep_rows(inputs, "invoices", lambda row: row["account_id"] == "a0")
    keep_rows(inputs, "subscriptions", lambda row: row["account_id"] == "a0")
    for number, amount in enumerate(("0.1", "0.2", "0.7", "1.1", "0.3", "2.3")):
        inputs["invoices"].append(
            {"invoice_id": f"x{number}", "account_id": "a0", "amount": amount, "currency": "EUR", "paid_at": moment(LAST, 5, number)}
        )
    for row in inputs["users"]:
        row["acquisition_channel"] = "social"
    for row in inputs["accounts"]:
        row["employee_count"] = "7"
    return inputs


def nobody_has_any() -> Inputs:
    """Users without an account and one event of somebody."""
    inputs = full_company(12, 2)
    return {
        "users": [{key: value for key, value in row.items() if key in ("user_id", "signed_up_at")} for row in inputs["users"]],
        "events": inputs["events"][-1:] + inputs["events"][:1],
    }


def all_equal() -> Inputs:
    """Everybody signed up on one day and did, pays, answered and was told the same."""
    inputs = full_company(24, 6)
    first: dict[str, Row] = {}
    for name in inputs:
        if name in ("events", "marketing_spend"):
            continue
        for row in inputs[name]:
            like = first.setdefault(f"{name}{row.get('campaign', '')}", dict(row))
            kept = {key: row[key] for key in row if key.endswith("_id") or key in ("email", "variant", "is_holdout")}
            row.clear()
            row.update(like | kept)
    inputs["account_technologies"], inputs["account_stages"] = [], []
    inputs["invoices"] = [
        {
            "invoice_id": f"{account['account_id']}{month}",
            "account_id": account["account_id"],
            "amount": "0.1",
            "currency": "EUR",
            "paid_at": moment(date(2026, month, 10), 6),
        }
        for account in inputs["accounts"]
        for month in (2, 3, 4, 5)
    ]
    for row in inputs["users"]:
        row["account_id"] = f"a{int(row['user_id'][1:]) % 6}"
    inputs["events"] = [
        {
            "event_id": f"{row['user_id']}{day}{name}",
            "user_id": row["user_id"],
            "event_name": name,
            "occurred_at": moment(day, 9, place),
            "received_at": moment(day, 10),
        }
        for row in inputs["users"]
        for day in (date(2026, 2, 3), date(2026, 4, 1), date(2026, 5, 12), date(2026, 5, 18))
        for place, name in enumerate(EVENTS)
    ]
    return inputs


def one_user() -> Inputs:
    return full_company(1, 1)


def one_account() -> Inputs:
    """Everybody works for one account."""
    inputs = full_company(24, 1)
    for row in inputs["users"]:
        row["account_id"] = "a0"
    return inputs


def scaled(invoice: str, mrr: str, spend: str) -> Inputs:
    """Every second amount is of another size than the rest."""
    inputs = full_company()
    for name, column, amount in (("invoices", "amount", invoice), ("subscriptions", "mrr", mrr), ("marketing_spend", "amount", spend)):
        for row in inputs[name][::2]:
            row[column] = amount
    return inputs


def huge_values() -> Inputs:
    """The largest amounts that are read, and a cent less."""
    inputs = scaled("999999999999999.99", "1000000000000000", "999999999999999.9")
    for row in inputs["accounts"]:
        row["annual_revenue"] = "1e15"
    return inputs


def tiny_values() -> Inputs:
    inputs = scaled("0.000000000001", "0.000000000001", "0.000000000001")
    for row in inputs["accounts"]:
        row["annual_revenue"] = "1e-12"
    return inputs


def refunds() -> Inputs:
    """Accounts that got back more than they ever paid, beside some that pay."""
    inputs = full_company()
    for number, row in enumerate(inputs["invoices"]):
        if number % 3 != 1:
            row["amount"] = f"-{row['amount']}"
    return inputs


def refunds_cancel() -> Inputs:
    """0.1 + 0.2 − 0.3, which is no 0 in doubles: revenue and its total are nothing, but for the rounding."""
    inputs = full_company()
    inputs["invoices"] = [
        {
            "invoice_id": f"{number}-{month}",
            "account_id": f"a{number}",
            "amount": amount,
            "currency": "USD",
            "paid_at": moment(date(2026, month, 20), 6),
        }
        for number, amount in enumerate(["0.1", "0.2", "-0.3"] * 4)
        for month in (3, 4)
    ]
    for row in inputs["users"]:
        row["account_id"] = f"a{int(row['user_id'][1:]) % 12}"
    return inputs


def mixed_up() -> Inputs:
    """The worst of them in one: a segment that holds all spend and trials, amounts of all sizes, refunds that cancel."""
    inputs = one_holds_everything()
    for number, row in enumerate(inputs["subscriptions"] + full_company()["subscriptions"][1:]):
        row["mrr"] = ("0.1", "33.33", "0.0001", "0.7")[number % 4]
    inputs["subscriptions"] += full_company()["subscriptions"][1:]
    inputs["invoices"] += refunds_cancel()["invoices"]
    return inputs


SCENARIOS: dict[str, Callable[[], Inputs]] = {
    scenario.__name__: scenario
    for scenario in (
        one_holds_everything,
        nobody_has_any,
        all_equal,
        one_user,
        one_account,
        huge_values,
        tiny_values,
        refunds,
        refunds_cancel,
        mixed_up,
    )
}


def whole_project(folder: Path, copied: tuple[str, ...] = (), **variables: Any) -> Warehouse:
    """A project with all marts and all of dbt's tests."""
    warehouse = Warehouse(folder, VARIABLES | variables, copied, analysis=True)
    warehouse.copy_singular_tests()
    return warehouse


def finite_problems(warehouse: Warehouse) -> list[str]:
    """Columns of marts and features that hold NaN or infinity."""
    return unlike(warehouse, ("marts", "features"), "isfinite({})")


def share_problems(warehouse: Warehouse, has_refunds: bool) -> list[str]:
    """Columns of marts whose name says that they are a share or a probability, and that leave 0 to 1."""
    of_revenue = ("share_of_revenue", "share_of_total")

    def is_share(column: str) -> bool:
        return bool(
            re.search("(^|_)(share|probability|p_value|q_value|jaccard|containment|i_squared|auc)(_|$)", column)
            and not re.search("(effect|change|index|difference)", column)
            and not (has_refunds and column.startswith(of_revenue))
        )

    return unlike(warehouse, ("marts",), "{} between 0 and 1", is_share)


def unlike(
    warehouse: Warehouse, schemas: tuple[str, ...], condition: str, is_asked: Callable[[str], bool] = lambda column: True
) -> list[str]:
    """Columns of doubles, as schema.table.column, of which some value does not meet the condition; one query a table."""
    places = ", ".join(f"'{schema}'" for schema in schemas)
    columns: dict[str, list[str]] = {}
    for table, column in warehouse.query(
        f"""
        select schema_name || '.' || table_name, column_name from duckdb_columns()
        where data_type = 'DOUBLE' and schema_name in ({places})
        order by all
        """
    ):
        if is_asked(column):
            columns.setdefault(table, []).append(column)
    assert sum(map(len, columns.values())) > 40
    found = []
    for table, names in columns.items():
        counts = ", ".join("count(*) filter (not (" + condition.format(f'"{name}"') + "))" for name in names)
        found += [f"{table}.{name}" for name, count in zip(names, warehouse.query(f"select {counts} from {table}")[0]) if count]
    return found
