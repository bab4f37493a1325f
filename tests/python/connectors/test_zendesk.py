"""Zendesk: tickets with their history, users and ratings, in Fivetran's tables and Airbyte's.

Fivetran: fivetran/dbt_zendesk macros/staging/get_*_columns.sql, models/resolution_times (first and last solved). Airbyte: source-zendesk-support
schemas (tags as a list, satisfaction_ratings, ticket_metrics). Ratings: Zendesk, "Satisfaction ratings".
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from connector_models import ConnectorModels
from landed import Rows, land, variants

BIG = 9007199254740993
# id, requester, status, priority, type, created, tags
TICKETS = [
    (BIG, 1, "closed", "high", "question", "2024-01-01 10:00:00", ["billing"]),
    # An agent wrote it down: the submitter is 9, the requester asked.
    (2, 1, "open", None, "incident", "2024-01-02 10:00:00", []),
    (3, 1, "closed", None, None, "2024-01-03 10:00:00", ["closed_by_merge"]),
    (4, 9, "solved", None, None, "2024-01-04 10:00:00", []),
    (5, 2, "solved", None, None, "2024-01-05 10:00:00", []),
    (6, 3, "deleted", None, None, "2024-01-06 10:00:00", []),
]
USERS = [(1, "u-1", "end-user"), (2, None, "end-user"), (3, "u-3", "end-user"), (9, "agent-9", "agent")]
HISTORY = [
    (BIG, "status", "new", "2024-01-01 10:00:00"),
    (BIG, "status", "solved", "2024-01-01 12:00:00"),
    (BIG, "status", "open", "2024-01-02 09:00:00"),
    (BIG, "status", "solved", "2024-01-03 12:00:00"),
    (BIG, "status", "closed", "2024-01-08 12:00:00"),
    (BIG, "priority", "high", "2024-01-01 10:00:00"),
    # Offered is no answer; bad became good.
    (BIG, "satisfaction_score", "offered", "2024-01-03 13:00:00"),
    (BIG, "satisfaction_score", "bad", "2024-01-04 13:00:00"),
    (BIG, "satisfaction_score", "good", "2024-01-05 13:00:00"),
    (2, "status", "new", "2024-01-02 10:00:00"),
]


def fivetran() -> dict[str, Rows]:
    synced = {"_fivetran_synced": "2024-06-01 00:00:00"}
    return {
        "ticket": [
            {"id": name, "requester_id": requester, "submitter_id": 9, "status": status, "priority": priority, "type": kind, "created_at": created,
             "updated_at": created.replace(" ", "T") + "Z", "merged_ticket_ids": "[3]" if name == 2 else None, "_fivetran_deleted": False, **synced}
            for name, requester, status, priority, kind, created, _ in TICKETS
        ],
        "user": [{"id": name, "external_id": external, "role": role, **synced} for name, external, role in USERS],
        "ticket_tag": [{"ticket_id": name, "tag": tag, **synced} for name, *_, tags in TICKETS for tag in tags],
        "ticket_field_history": [
            {"ticket_id": ticket, "field_name": field, "value": value, "updated": when, "user_id": 9, **synced} for ticket, field, value, when in HISTORY
        ],
    }  # fmt: skip


def airbyte() -> dict[str, Rows]:
    """Without the history: only the last time a ticket was solved is known, and not when it was opened again."""
    added = {"_airbyte_extracted_at": "2024-06-01T00:00:00Z"}
    return {
        "tickets": [
            {"id": name, "requester_id": requester, "submitter_id": 9, "status": status, "priority": priority, "type": kind,
             "created_at": created.replace(" ", "T") + "Z", "updated_at": created.replace(" ", "T") + "Z", "tags": tags,
             "satisfaction_rating": {"score": "good" if name == BIG else "unoffered"}, **added}
            for name, requester, status, priority, kind, created, tags in TICKETS
        ],
        "users": [{"id": name, "external_id": external, "role": role, **added} for name, external, role in USERS],
        "ticket_metrics": [{"ticket_id": BIG, "reopens": 1, "solved_at": "2024-01-03T12:00:00Z", **added}],
        "satisfaction_ratings": [
            {"id": 1, "ticket_id": BIG, "score": "offered", "created_at": "2024-01-03T13:00:00Z", "updated_at": "2024-01-03T13:00:00Z", **added},
            {"id": 2, "ticket_id": BIG, "score": "good", "created_at": "2024-01-04T13:00:00Z", "updated_at": "2024-01-05T13:00:00Z", **added},
        ],
    }  # fmt: skip


@pytest.mark.parametrize("variant", variants())
@pytest.mark.parametrize("loader", ["fivetran", "airbyte"])
def test_tickets(tmp_path: Path, loader: str, variant: dict[str, Any]) -> None:
    tables = {"fivetran": fivetran, "airbyte": airbyte}[loader]()
    tools = ConnectorModels({"zendesk": {**{name: f"raw.{name}" for name in tables}, "topic_tags": ["billing"]}})
    for name, rows in tables.items():
        land(tools.connection, tmp_path, f"raw.{name}", rows, **variant)
    history = {"first_solved_at": "2024-01-01T12:00:00.000000Z", "reopened_at": "2024-01-02T09:00:00.000000Z"}
    assert tools.rows("connected_support_tickets") == [
        {"tool": "zendesk", "ticket_id": "2", "user_id": "u-1", "topic": "incident", "created_at": "2024-01-02T10:00:00.000000Z",
         "updated_at": "2024-01-02T10:00:00.000000Z"},
        {"tool": "zendesk", "ticket_id": str(BIG), "user_id": "u-1", "topic": "billing", "priority": "high", "satisfaction": "5",
         "satisfied_at": "2024-01-05T13:00:00.000000Z", "created_at": "2024-01-01T10:00:00.000000Z", **(history if loader == "fivetran" else {}),
         "solved_at": "2024-01-03T12:00:00.000000Z", "updated_at": "2024-01-01T10:00:00.000000Z"},
    ]  # fmt: skip
    reasons = sorted(row["left_out_because"] or "" for row in tools.rows("connector_zendesk_support_tickets", "left_out_because"))
    assert reasons == ["", "", "colleague", "deleted", "merged", "no_user_id"]
