"""Amplitude: event files, Fivetran and Airbyte; merges of its own ids.

Columns: amplitude/amplitude-docs, amazon-s3.md and snowflake.md; fivetran/dbt_amplitude macros/staging/get_event_columns.sql; Airbyte's
source-amplitude events.json. Merges, `(none)`, session -1: the same pages and instrument-track-unique-users.md.
"""

from __future__ import annotations

import gzip
from pathlib import Path
from typing import Any

import pytest

from connector_models import ConnectorModels
from landed import Rows, json_lines, land, variants

LONG = 9007199254740993


def files() -> Rows:
    """Times in UTC without a zone, with microseconds."""
    base = {"version_name": "3.1", "os_name": "ios", "platform": "iOS", "country": "Germany", "device_type": "Apple iPhone", "event_properties": {"plan": "pro"},
            "user_properties": {"email": "anna@x.example"}, "session_id": 1700000000000, "paying": "(none)", "language": "German"}  # fmt: skip
    return [
        {**base, "uuid": "e1", "$insert_id": "i1", "amplitude_id": 1, "user_id": None, "device_id": "D1", "event_type": "Opened",
         "event_time": "2024-02-15 01:00:00.123456", "server_received_time": "2024-02-15 01:00:01.000000", "user_creation_time": None},
        {**base, "uuid": "e2", "$insert_id": "i2", "amplitude_id": LONG, "user_id": "u-1", "device_id": "D1", "event_type": "Signed In",
         "event_time": "2024-02-15 01:01:00.000000", "server_received_time": "2024-02-15 01:01:01.000000", "user_creation_time": "2024-02-15 01:00:00.000000"},
        # After the sign-out, on the shared device: the last person's amplitude_id, and nobody's user_id.
        {**base, "uuid": "e3", "$insert_id": "i3", "amplitude_id": LONG, "user_id": None, "device_id": "D1", "event_type": "Opened", "session_id": -1,
         "event_time": "2024-02-15 02:00:00.000000", "server_received_time": "2024-02-15 02:00:01.000000", "country": "(none)", "user_creation_time": None},
        # A tablet that a merge gives to the same person, by way of another id.
        {**base, "uuid": "e4", "$insert_id": "i4", "amplitude_id": 7, "user_id": None, "device_id": "D7", "event_type": "Opened",
         "event_time": "2024-02-10 00:00:00.000000", "server_received_time": "2024-02-10 00:00:01.000000", "user_creation_time": None},
        {"uuid": "e5", "amplitude_id": 0, "user_id": None, "device_id": "ads", "event_type": "Daily Ad Metrics",
         "event_time": "2024-02-10 00:00:00.000000", "server_received_time": "2024-02-10 00:00:01.000000"},
    ]  # fmt: skip


def fivetran() -> Rows:
    rows = []
    for row in files():
        row = {"_insert_id" if name == "$insert_id" else name: value for name, value in row.items()}
        rows.append({**row, "amplitude_id": str(row["amplitude_id"]), "_fivetran_synced": "2024-03-01 00:00:00"})
    return rows


def airbyte() -> Rows:
    def iso(value: Any) -> Any:
        return value.replace(" ", "T") + "+00:00" if isinstance(value, str) and value.startswith("2024-") else value

    return [{name: iso(value) for name, value in row.items()} | {"_airbyte_extracted_at": "2024-03-01T00:00:00Z"} for row in files()]


MERGES = [
    {"amplitude_id": 7, "merged_amplitude_id": 8, "merge_event_time": "2024-02-20 00:00:00", "merge_server_time": "2024-02-20 00:00:05"},
    {"amplitude_id": 8, "merged_amplitude_id": LONG, "merge_event_time": "2024-02-25 00:00:00", "merge_server_time": "2024-02-25 00:00:05"},
]
LOADERS = {"files": files, "fivetran": fivetran, "airbyte": airbyte}


@pytest.mark.parametrize("variant", variants())
@pytest.mark.parametrize("loader", LOADERS)
def test_every_shape_gives_the_same_events_and_people(tmp_path: Path, loader: str, variant: dict[str, Any]) -> None:
    tools = ConnectorModels({"amplitude": {"events": "raw.events_1", "merge_ids": "raw.merge_ids_1", "users": True}})
    land(tools.connection, tmp_path, "raw.events_1", LOADERS[loader](), **variant)
    land(tools.connection, tmp_path, "raw.merge_ids_1", MERGES, **variant)
    names = ("event_id", "user_id", "anonymous_id", "occurred_at", "session_id", "country", "os", "app_version")
    assert [tuple(row.values()) for row in tools.rows("connected_events", *names)] == [
        ("e1", None, "D1", "2024-02-15T01:00:00.123456Z", "1700000000000", "Germany", "ios", "3.1"),
        ("e2", "u-1", "D1", "2024-02-15T01:01:00.000000Z", "1700000000000", "Germany", "ios", "3.1"),
        ("e3", None, "D1", "2024-02-15T02:00:00.000000Z", None, None, "ios", "3.1"),
        ("e4", None, "D7", "2024-02-10T00:00:00.000000Z", "1700000000000", "Germany", "ios", "3.1"),
    ]
    assert [tuple(row.values()) for row in tools.rows("connected_identities", "anonymous_id", "user_id", "linked_at")] == [
        ("D1", "u-1", "2024-02-15T01:01:00.000000Z"),
        # Known when the last link of the chain was.
        ("D7", "u-1", "2024-02-25T00:00:00.000000Z"),
    ]
    assert tools.rows("connected_users") == [
        {"tool": "amplitude", "user_id": "u-1", "email": "anna@x.example", "language": "German", "country": "Germany",
         "signed_up_at": "2024-02-15T01:00:00.000000Z", "updated_at": "2024-02-15T01:01:00.000000Z"},
    ]  # fmt: skip
    assert [row["left_out_because"] for row in tools.rows("connector_amplitude_events", "left_out_because") if row["left_out_because"]] == [
        "ad_platform"
    ]


def test_the_files_of_an_export_are_read_packed(tmp_path: Path) -> None:
    for number, row in enumerate(files()):
        with gzip.open(tmp_path / f"1_2024-02-15_{number}#0.json.gz", "wt", encoding="utf-8") as file:
            file.write(json_lines([row]))
    (tmp_path / "1_2024-02-15_0_complete").write_text("", encoding="utf-8")
    tools = ConnectorModels({"amplitude": {"export": f"{tmp_path}/*.json.gz"}})
    assert len(tools.rows("connected_events")) == 4 and not tools.is_on("connected_users")
    # Without the table of merges the tablet is nobody's.
    assert [row["anonymous_id"] for row in tools.rows("connected_identities")] == ["D1"]
