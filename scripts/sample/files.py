"""All files of the sample. `generate` is the table of contents."""

from __future__ import annotations

import csv
import io
import json

from .accounts import make_accounts, make_subscriptions
from .crm import (
    account_rows,
    make_account_stages,
    make_attribute_history,
    make_invoices,
    make_marketing_spend,
    make_technologies,
    move_users,
    subscription_rows,
    user_rows,
)
from .dirt import Dirt, add_dirt
from .events import event_rows, make_events
from .experiments import assign_campaigns, assign_experiment
from .surveys import make_interview_notes, make_surveys, make_tickets
from .truths import describe_truths
from .users import make_users
from .world import CONTRACT, DAY, FIRST_DAY, LAST_DAY, Streams


def generate(seed: int) -> dict[str, bytes]:
    """All files, by name."""
    streams = Streams(seed)
    accounts = make_accounts(streams)
    subscriptions = make_subscriptions(streams, accounts)
    users = make_users(streams, accounts)
    move_users(streams("moves"), users)
    assignments = assign_experiment(streams("experiment"), users)
    messages = assign_campaigns(streams, users)
    events, links = make_events(streams, users)
    history_rows = make_attribute_history(streams, accounts, users)
    tables = {
        "accounts": account_rows(streams("account_rows"), accounts),
        "users": user_rows(streams("user_rows"), users),
        "attribute_history": history_rows,
        "subscriptions": subscription_rows(subscriptions),
        "account_stages": make_account_stages(streams, subscriptions),
        "account_technologies": make_technologies(streams, accounts),
        "identities": links,
        "events": event_rows(streams("event_rows"), events),
        "survey_responses": make_surveys(streams, users),
        "interview_notes": make_interview_notes(streams("interviews"), users),
        "support_tickets": make_tickets(streams, users),
        "invoices": make_invoices(streams, subscriptions),
        "campaign_messages": messages,
        "experiment_assignments": assignments,
        "marketing_spend": make_marketing_spend(streams("spend")),
    }
    truths = describe_truths(users, events, tables)
    dirt = add_dirt(streams, tables)
    files = {f"sample_{name}.csv": to_csv(name, tables[name]) for name in CONTRACT}
    files["truths.json"] = to_json(seed, tables, truths, dirt)
    return files


def to_csv(name: str, rows: list[dict]) -> bytes:
    """A table with the contract's columns in the contract's order."""
    text = io.StringIO()
    writer = csv.DictWriter(text, CONTRACT[name], lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue().encode()


def to_json(seed: int, tables: dict[str, list[dict]], truths: dict, dirt: Dirt) -> bytes:
    """truths.json: the seed, the sizes, the truths, the dirt, and what staging must reject."""
    document = {
        "company": "Kiteloom (fictional)",
        "seed": seed,
        "first_event_date": FIRST_DAY.isoformat(),
        "data_through": (LAST_DAY - DAY).isoformat(),
        "rows": {name: len(tables[name]) for name in CONTRACT},
        "truths": truths,
        "dirt": dirt.found,
        "expected_rejections": dirt.rejected,
    }
    return (json.dumps(document, indent=2, ensure_ascii=False) + "\n").encode()
