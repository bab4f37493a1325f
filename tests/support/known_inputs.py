"""When rows of the inputs come to be known, and the inputs as they stood on a date."""

from __future__ import annotations

from warehouse import Inputs

# When a row comes to be known, and the later times in it that are not known before they come.
CREATED = {
    "users": "signed_up_at",
    "attribute_history": "valid_from",
    "subscriptions": "valid_from",
    "account_stages": "entered_at",
    "account_technologies": "first_seen_at",
    "identities": "linked_at",
    "events": "occurred_at",
    "survey_responses": "responded_at",
    "interview_notes": "noted_at",
    "support_tickets": "created_at",
    "invoices": "paid_at",
    "campaign_messages": "assigned_at",
    "experiment_assignments": "assigned_at",
    "marketing_spend": "spend_date",
}
LATER = {
    "users": ["deleted_at"],
    "subscriptions": ["converted_at", "ended_at"],
    "account_technologies": ["last_seen_at"],
    "support_tickets": ["satisfied_at", "solved_at", "reopened_at"],
    "campaign_messages": ["sent_at", "delivered_at", "opened_at", "clicked_at", "unsubscribed_at"],
}


def known_on(inputs: Inputs, date: str) -> Inputs:
    """The inputs as they stood at the end of a date: the no-leak rule of docs/decisions, written out."""
    known: Inputs = {}
    for name, rows in inputs.items():
        column = CREATED.get(name)
        known[name] = [
            {key: "" if key in LATER.get(name, []) and value[:10] > date else value for key, value in row.items()}
            for row in rows
            if column is None or row[column][:10] <= date
        ]
    return known
