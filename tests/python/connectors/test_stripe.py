"""Stripe: subscriptions, invoices and refunds, in Fivetran's tables and in Airbyte's (API names, seconds since 1970, items as JSON).

Fivetran: fivetran/dbt_stripe macros/staging/get_*_columns.sql. Airbyte: source-stripe schemas. Meanings: stripe/stripe-python, _subscription.py,
_invoice.py, _refund.py; fields that moved with API version 2025-03-31: its CHANGELOG, 12.0.0. Currencies without cents: Stripe, "Supported
currencies".
"""

from __future__ import annotations

import datetime
from pathlib import Path
from typing import Any

import pytest

from connector_models import ConnectorModels
from landed import Rows, land, variants


def seconds(text: str | None) -> int | None:
    return None if text is None else int(datetime.datetime.fromisoformat(text).replace(tzinfo=datetime.UTC).timestamp())


CUSTOMERS = [("cus_1", {"account_id": "acme"}), ("cus_2", {})]
PRICES = [
    # id, product, nickname, unit amount, currency, interval, count, scheme, usage
    ("price_month", "prod_1", None, 1000, "usd", "month", 1, "per_unit", "licensed"),
    ("price_year", "prod_1", "Pro yearly", 120000, "usd", "year", 1, "per_unit", "licensed"),
    ("price_quarter", "prod_1", "Pro quarterly", 3000, "eur", "month", 3, "per_unit", "licensed"),
    ("price_yen", "prod_1", "Yen", 5000, "jpy", "month", 1, "per_unit", "licensed"),
    ("price_week", "prod_1", "Week", 300, "usd", "week", 1, "per_unit", "licensed"),
    ("price_tiers", "prod_1", "Tiers", None, "usd", "month", 1, "tiered", "licensed"),
]
# id, customer, status, start, trial end, canceled, ended, cancel at period end, live, items (price, quantity)
SUBSCRIPTIONS = [
    ("sub_year", "cus_1", "active", "2024-01-01 00:00:00", None, None, None, False, True, [("price_year", 2)]),
    # Two items; was asked to end, and runs until the period does.
    ("sub_two", "cus_1", "active", "2024-01-02 00:00:00", "2024-01-16 00:00:00", "2024-03-01 00:00:00", None, True, True,
     [("price_month", 3), ("price_quarter", 1)]),
    ("sub_trial", "cus_2", "trialing", "2024-05-20 00:00:00", "2024-06-03 00:00:00", None, None, False, True, [("price_yen", 1)]),
    ("sub_gone", "cus_2", "canceled", "2023-01-01 00:00:00", "2023-01-15 00:00:00", "2023-01-10 00:00:00", "2023-01-15 00:00:00", False, True,
     [("price_week", 1)]),
    ("sub_tiers", "cus_2", "active", "2024-02-01 00:00:00", None, None, None, False, True, [("price_tiers", 1)]),
    ("sub_test", "cus_2", "active", "2024-02-01 00:00:00", None, None, None, False, False, [("price_month", 1)]),
    ("sub_never", "cus_2", "incomplete_expired", "2024-02-01 00:00:00", None, None, None, False, True, [("price_month", 1)]),
]  # fmt: skip
PERIOD_END = "2024-07-01 00:00:00"
# id, customer, subscription, status, amount paid, currency, paid at
INVOICES = [
    ("in_1", "cus_1", "sub_year", "paid", 240000, "usd", "2024-01-01 01:00:00"),
    # Of the trial: paid with 0. The next one converts.
    ("in_2", "cus_1", "sub_two", "paid", 0, "usd", "2024-01-02 01:00:00"),
    ("in_3", "cus_1", "sub_two", "paid", 3000, "usd", "2024-01-16 01:00:00"),
    ("in_4", "cus_2", "sub_trial", "open", 0, "jpy", None),
    ("in_5", "cus_2", None, "paid", 5000, "jpy", "2024-02-02 01:00:00"),
]
REFUNDS = [
    ("re_1", "ch_1", "succeeded", 1000, "usd", "2024-02-01 00:00:00"),
    ("re_2", "ch_1", "failed", 1000, "usd", "2024-02-02 00:00:00"),
]


def fivetran() -> dict[str, Rows]:
    synced = {"_fivetran_synced": "2024-06-01 00:00:00"}
    return {
        "customer": [{"id": name, "metadata": metadata, "is_deleted": False, **synced} for name, metadata in CUSTOMERS],
        "product": [{"id": "prod_1", "name": "Pro", **synced}],
        "price": [
            {"id": name, "product_id": product, "nickname": nickname, "unit_amount": amount, "unit_amount_decimal": None if amount is None else str(amount),
             "currency": currency, "recurring_interval": interval, "recurring_interval_count": count, "billing_scheme": scheme,
             "recurring_usage_type": usage, **synced}
            for name, product, nickname, amount, currency, interval, count, scheme, usage in PRICES
        ],
        "subscription_history": [
            {"id": name, "customer_id": customer, "status": status, "start_date": start, "created": start, "trial_end": trial, "canceled_at": canceled,
             "ended_at": ended, "cancel_at_period_end": at_end, "livemode": live, "current_period_end": PERIOD_END, "metadata": {}, **synced}
            for name, customer, status, start, trial, canceled, ended, at_end, live, _ in SUBSCRIPTIONS
        ],
        "subscription_item": [
            {"id": f"si_{name}_{place}", "subscription_id": name, "plan_id": price, "quantity": quantity, **synced}
            for name, *_, items in SUBSCRIPTIONS for place, (price, quantity) in enumerate(items)
        ],
        "invoice": [
            {"id": name, "customer_id": customer, "subscription_id": subscription, "status": status, "amount_paid": amount, "currency": currency,
             "status_transitions_paid_at": paid, "livemode": True, "is_deleted": False, **synced}
            for name, customer, subscription, status, amount, currency, paid in INVOICES
        ],
        "charge": [{"id": "ch_1", "customer_id": "cus_1", **synced}],
        "refund": [
            {"id": name, "charge_id": charge, "status": status, "amount": amount, "currency": currency, "created": created, **synced}
            for name, charge, status, amount, currency, created in REFUNDS
        ],
    }  # fmt: skip


def airbyte() -> dict[str, Rows]:
    """Since API version 2025-03-31: the period is the item's, and the invoice's subscription is in `parent`."""
    added = {"_airbyte_raw_id": "r", "_airbyte_extracted_at": "2024-06-01T00:00:00Z"}
    prices = {
        name: {"id": name, "product": product, "nickname": nickname, "unit_amount": amount, "currency": currency, "billing_scheme": scheme,
               "recurring": {"interval": interval, "interval_count": count, "usage_type": usage}}
        for name, product, nickname, amount, currency, interval, count, scheme, usage in PRICES
    }  # fmt: skip
    return {
        "customers": [{"id": name, "metadata": metadata, **added} for name, metadata in CUSTOMERS],
        "products": [{"id": "prod_1", "name": "Pro", **added}],
        "subscriptions": [
            {"id": name, "customer": customer, "status": status, "start_date": seconds(start), "created": seconds(start), "trial_end": seconds(trial),
             "canceled_at": seconds(canceled), "ended_at": seconds(ended), "cancel_at_period_end": at_end, "livemode": live, "metadata": {},
             "items": {"object": "list", "data": [
                 {"id": f"si_{name}_{place}", "price": prices[price], "quantity": quantity, "current_period_end": seconds(PERIOD_END)}
                 for place, (price, quantity) in enumerate(items)
             ]}, **added}
            for name, customer, status, start, trial, canceled, ended, at_end, live, items in SUBSCRIPTIONS
        ],
        "invoices": [
            {"id": name, "customer": customer, "parent": {"subscription_details": {"subscription": subscription}}, "status": status,
             "amount_paid": amount, "currency": currency, "status_transitions": {"paid_at": seconds(paid)}, "livemode": True, **added}
            for name, customer, subscription, status, amount, currency, paid in INVOICES
        ],
        "charges": [{"id": "ch_1", "customer": "cus_1", **added}],
        "refunds": [
            {"id": name, "charge": charge, "status": status, "amount": amount, "currency": currency, "created": seconds(created), **added}
            for name, charge, status, amount, currency, created in REFUNDS
        ],
    }  # fmt: skip


# id, account, plan, seats, MRR in dollars, trial end, converted, ended, renewal
EXPECTED = [
    ("sub_gone", "cus_2", "Week", "1", "13.0000", "2023-01-15", None, "2023-01-15", None),
    # 1200 a year for each of two seats.
    ("sub_tiers", "cus_2", "Tiers", "1", None, None, None, None, "2024-07-01"),
    # 5000 yen are 5000 yen, at 0.01.
    ("sub_trial", "cus_2", "Yen", "1", "50.0000", "2024-06-03", None, None, "2024-07-01"),
    # 3 x 10 dollars, and 30 euros a quarter at 1.5. It converted with the first invoice that was more than 0, and will end.
    ("sub_two", "acme", "Pro", "4", "45.0000", "2024-01-16", "2024-01-16", None, None),
    ("sub_year", "acme", "Pro yearly", "2", "200.0000", None, None, None, "2024-07-01"),
]


@pytest.mark.parametrize("variant", variants())
@pytest.mark.parametrize("loader", ["fivetran", "airbyte"])
def test_subscriptions_invoices_and_refunds(tmp_path: Path, loader: str, variant: dict[str, Any]) -> None:
    tables = {"fivetran": fivetran, "airbyte": airbyte}[loader]()
    tools = ConnectorModels({"stripe": {name: f"raw.{name}" for name in tables}}, currency_rates={"USD": 1, "EUR": 1.5, "JPY": 0.01})
    for name, rows in tables.items():
        land(tools.connection, tmp_path, f"raw.{name}", rows, **variant)
    names = ("subscription_id", "account_id", "plan", "seats", "mrr", "trial_ends_at", "converted_at", "ended_at", "renewal_date")
    found = [tuple(row.values()) for row in tools.rows("connected_subscriptions", *names)]
    assert [tuple(value[:10] if place > 4 and value else value for place, value in enumerate(row)) for row in found] == EXPECTED
    starts = tools.rows("connected_subscriptions", "valid_from", "started_at")
    assert all(row["valid_from"] == row["started_at"] for row in starts)
    reasons = sorted(row["left_out_because"] or "" for row in tools.rows("connector_stripe_subscriptions", "left_out_because"))
    assert reasons == [*[""] * 5, "never_started", "test_mode"]
    paid = [tuple(row.values()) for row in tools.rows("connected_invoices", "invoice_id", "account_id", "amount", "currency", "paid_at")]
    assert paid == [
        ("in_1", "acme", "2400.0000", "USD", "2024-01-01T01:00:00.000000Z"),
        ("in_2", "acme", "0.0000", "USD", "2024-01-02T01:00:00.000000Z"),
        ("in_3", "acme", "30.0000", "USD", "2024-01-16T01:00:00.000000Z"),
        ("in_5", "cus_2", "5000.0000", "JPY", "2024-02-02T01:00:00.000000Z"),
        ("re_1", "acme", "-10.0000", "USD", "2024-02-01T00:00:00.000000Z"),
    ]
    reasons = sorted(row["left_out_because"] or "" for row in tools.rows("connector_stripe_invoices", "left_out_because"))
    assert reasons == [*[""] * 5, "not_paid", "not_succeeded"]


def test_versions_of_a_subscription_hold_since_they_began(tmp_path: Path) -> None:
    """Fivetran's history: the trial since the start of the subscription, which is before the first sync, then the paid version."""
    common = {
        "id": "sub_1",
        "customer_id": "cus_1",
        "start_date": "2024-01-01 00:00:00",
        "trial_end": "2024-01-15 00:00:00",
        "livemode": True,
    }
    rows = [
        {
            **common,
            "status": "trialing",
            "_fivetran_start": "2024-01-03 05:00:00",
            "_fivetran_end": "2024-01-15 00:00:59",
            "_fivetran_active": False,
        },
        {
            **common,
            "status": "active",
            "_fivetran_start": "2024-01-15 00:01:00",
            "_fivetran_end": "9999-12-31 23:59:59",
            "_fivetran_active": True,
        },
    ]
    tools = ConnectorModels({"stripe": {"subscription_history": "raw.history"}})
    land(tools.connection, tmp_path, "raw.history", rows)
    found = [tuple(row.values()) for row in tools.rows("connected_subscriptions", "valid_from", "started_at", "converted_at", "account_id")]
    assert [tuple((value or "")[:16] for value in row) for row in found] == [
        ("2024-01-01T00:00", "2024-01-01T00:00", "", "cus_1"),
        ("2024-01-15T00:01", "2024-01-01T00:00", "2024-01-15T00:00", "cus_1"),
    ]


def test_who_pays_is_the_account_or_the_user_that_the_metadata_names(tmp_path: Path) -> None:
    """An account, a user who pays alone, a user of an account, and a customer that names nobody."""
    named = [{"account_id": "acme"}, {"user_id": "u-1"}, {"account_id": "acme", "user_id": "u-2"}, {}]
    tools = ConnectorModels({"stripe": {"customer": "raw.customer", "subscription": "raw.subscription", "invoice": "raw.invoice"}})
    subscription = {"status": "active", "start_date": "2024-01-01 00:00:00"}
    invoice = {"status": "paid", "amount_paid": 100, "currency": "usd", "status_transitions_paid_at": "2024-01-01 00:00:00"}
    land(tools.connection, tmp_path, "raw.customer", [{"id": f"cus_{place}", "metadata": each} for place, each in enumerate(named)])
    land(
        tools.connection,
        tmp_path,
        "raw.subscription",
        [{"id": f"sub_{place}", "customer_id": f"cus_{place}", **subscription} for place in range(4)],
    )
    land(tools.connection, tmp_path, "raw.invoice", [{"id": f"in_{place}", "customer_id": f"cus_{place}", **invoice} for place in range(4)])
    for model, key in (("connected_subscriptions", "subscription_id"), ("connected_invoices", "invoice_id")):
        found = [(row["account_id"], row["user_id"]) for row in tools.rows(model, key, "account_id", "user_id")]
        assert found == [("acme", None), (None, "u-1"), ("acme", "u-2"), ("cus_3", None)]


# Each is 30 dollars a month but for the last, 2400 a year. id -> coupons with start and end, then the versions with their price.
DISCOUNTS: dict[str, tuple[list[tuple[str, str, str | None]], list[tuple[str, str]]]] = {
    "sub_half": ([("half", "2024-01-01 00:00:00", None)], [("2024-01-01", "15.0000")]),
    # Three months: from their end on the whole price, in a version of its own.
    "sub_quarter": (
        [("half", "2024-01-01 00:00:00", "2024-04-01 00:00:00")],
        [("2024-01-01", "15.0000"), ("2024-04-01", "30.0000")],
    ),
    # Later than the subscription, and two at once: half of 30 without 5 each month.
    "sub_both": (
        [("half", "2024-03-01 00:00:00", None), ("five", "2024-01-01 00:00:00", "2024-05-01 00:00:00")],
        [("2024-01-01", "25.0000"), ("2024-03-01", "10.0000"), ("2024-05-01", "15.0000")],
    ),
    # Once is of one invoice.
    "sub_once": ([("once", "2024-01-01 00:00:00", None)], [("2024-01-01", "30.0000")]),
    # Never less than nothing.
    "sub_free": ([("hundred", "2024-01-01 00:00:00", None)], [("2024-01-01", "0.0000")]),
    # 120 off an invoice that is for a year: 10 a month.
    "sub_year": ([("year", "2024-01-01 00:00:00", None)], [("2024-01-01", "190.0000")]),
}  # fmt: skip
COUPONS = {
    "half": {"percent_off": 50.0, "duration": "repeating"},
    "five": {"amount_off": 500, "currency": "usd", "duration": "repeating"},
    "once": {"percent_off": 50.0, "duration": "once"},
    "hundred": {"amount_off": 10000, "currency": "usd", "duration": "forever"},
    "year": {"amount_off": 12000, "currency": "usd", "duration": "forever"},
}


@pytest.mark.parametrize("loader", ["fivetran", "airbyte", "airbyte, a list"])
def test_discounts_are_off_the_price_while_they_last(tmp_path: Path, loader: str) -> None:
    start = "2024-01-01 00:00:00"
    month = {"unit_amount": 1000, "currency": "usd", "billing_scheme": "per_unit"}
    year = {**month, "unit_amount": 240000}
    tables: dict[str, Rows] = {"coupon": [], "subscription_discount": [], "price": [], "subscription_item": [], "subscription": []}
    for name, (discounts, _) in DISCOUNTS.items():
        is_yearly = name == "sub_year"
        row = {"id": name, "customer_id": "cus_1", "status": "active", "start_date": start, "livemode": True}
        objects = [
            {"id": f"di_{name}_{coupon}", "coupon": {"id": coupon, **COUPONS[coupon]}, "start": seconds(began), "end": seconds(ended)}
            for coupon, began, ended in discounts
        ]
        if loader != "fivetran":
            row["discounts" if loader.endswith("list") or len(objects) > 1 else "discount"] = (
                objects if loader.endswith("list") or len(objects) > 1 else objects[0]
            )
        tables["subscription"].append(row)
        tables["subscription_item"].append(
            {"id": f"si_{name}", "subscription_id": name, "price_id": "year" if is_yearly else "month", "quantity": 1 if is_yearly else 3,
             "current_period_end": "2024-07-01 00:00:00"}
        )  # fmt: skip
        tables["subscription_discount"] += [
            {"id": each["id"], "subscription_id": name, "coupon_id": each["coupon"]["id"], "start": began, "end": ended}
            for each, (_, began, ended) in zip(objects, discounts)
        ]
    tables["coupon"] = [{"id": name, **coupon} for name, coupon in COUPONS.items()]
    tables["price"] = [
        {"id": name, "recurring_interval": name, "recurring_interval_count": 1, **each} for name, each in (("month", month), ("year", year))
    ]
    if loader != "fivetran":
        del tables["coupon"], tables["subscription_discount"]
    tools = ConnectorModels({"stripe": {name: f"raw.{name}" for name in tables}}, currency_rates={"USD": 1})
    for name, rows in tables.items():
        land(tools.connection, tmp_path, f"raw.{name}", rows)
    found: dict[str, list[tuple[str, str]]] = {}
    for row in tools.rows("connected_subscriptions", "subscription_id", "valid_from", "mrr", "renewal_date"):
        found.setdefault(row["subscription_id"], []).append((row["valid_from"][:10], row["mrr"]))
        # The period is the item's, where the subscription does not have one (API versions since 2025-03-31).
        assert row["renewal_date"] == "2024-07-01"
    assert found == {name: versions for name, (_, versions) in DISCOUNTS.items()}
