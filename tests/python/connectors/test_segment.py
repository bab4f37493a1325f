"""Segment: the tables of its warehouses.

segmentio/segment-docs src/connections/storage/warehouses/schema.md; page views are not in `tracks`; `timestamp` orders, original_timestamp is the
device's clock; aliases: src/connections/spec/alias.md.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from connector_models import ConnectorModels
from landed import Rows, land, variants


def tables() -> dict[str, Rows]:
    def call(call_id: str, minute: int, anonymous: str | None, user: str | None, **more: Any) -> dict[str, Any]:
        at = f"2024-02-15 01:{minute:02d}:00"
        return {"id": call_id, "anonymous_id": anonymous, "user_id": user, "timestamp": at, "received_at": f"2024-02-15 02:{minute:02d}:00",
                "original_timestamp": "1999-01-01 00:00:00", "sent_at": at, "uuid_ts": at, **more}  # fmt: skip

    return {
        "tracks": [
            call("t1", 5, "anon-1", None, event="report_made", event_text="Report Made", context_os_name="iOS"),
            call("t2", 7, "anon-1", "u-1", event="report_made", event_text="Report Made", context_campaign_source="mail"),
        ],
        "pages": [call("p1", 1, "anon-1", None, name="Home", path="/", url="https://x.example/")],
        "screens": [call("s1", 9, None, "u-1", name="Main")],
        "identifies": [call("i1", 6, "anon-1", "u-1", email="anna@x.example")],
        "aliases": [call("a1", 3, None, "u-1", previous_id="old-anon")],
        "users": [
            {
                "id": "u-1",
                "email": "anna@x.example",
                "title": "CTO",
                "created_at": "2024-02-15 01:06:00",
                "received_at": "2024-02-15 02:06:00",
            },
            # BigQuery may show one twice.
            {
                "id": "u-1",
                "email": "old@x.example",
                "title": None,
                "created_at": "2024-02-15 01:06:00",
                "received_at": "2024-02-15 02:05:00",
            },
        ],
        "groups": [
            call("g1", 10, None, "u-1", group_id="acme", name="Acme", industry="Retail", employees=250),
            call("g2", 11, None, "u-1", group_id="acme", name="Acme Inc", industry="Retail", employees=251),
            call("g3", 12, None, "u-1", group_id="other", name="Other"),
        ],
    }


@pytest.mark.parametrize("variant", variants())
def test_calls_are_events_links_people_and_accounts(tmp_path: Path, variant: dict[str, Any]) -> None:
    tools = ConnectorModels({"segment": {name: f"raw.segment_{name}" for name in tables()}})
    for name, rows in tables().items():
        land(tools.connection, tmp_path, f"raw.segment_{name}", rows, **variant)
    at = "2024-02-15T01:{:02d}:00.000000Z".format
    names = ("event_id", "event_name", "user_id", "anonymous_id", "occurred_at", "os", "channel")
    assert [tuple(row.values()) for row in tools.rows("connected_events", *names)] == [
        ("p1", "page_viewed", None, "anon-1", at(1), None, None),
        ("s1", "screen_viewed", "u-1", None, at(9), None, None),
        ("t1", "report_made", None, "anon-1", at(5), "iOS", None),
        ("t2", "report_made", "u-1", "anon-1", at(7), None, "mail"),
    ]
    [page] = tools.rows("connected_events", "properties", where="event_id = 'p1'")
    assert json.loads(page["properties"].lower())["path"] == "/"
    assert [tuple(row.values()) for row in tools.rows("connected_identities", "anonymous_id", "user_id", "linked_at")] == [
        ("anon-1", "u-1", at(6)),
        ("old-anon", "u-1", at(3)),
    ]
    [user] = tools.rows("connected_users")
    assert (user["user_id"], user["email"], user["account_id"], user["signed_up_at"]) == ("u-1", "anna@x.example", "other", at(6))
    assert [(row["account_id"], row["account_name"]) for row in tools.rows("connected_accounts")] == [
        ("acme", "Acme Inc"),
        ("other", "Other"),
    ]
    history = [tuple(row.values()) for row in tools.rows("connected_attribute_history", "entity_id", "attribute", "value", "valid_from")]
    assert history == [("u-1", "account_id", "acme", at(10)), ("u-1", "account_id", "other", at(12))]
    for model, count in (("events", 4), ("users", 2), ("accounts", 3), ("attribute_history", 3)):
        assert len(tools.rows(f"connector_segment_{model}")) == count, model
