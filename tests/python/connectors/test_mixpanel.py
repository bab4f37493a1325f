"""Mixpanel: the same six things that people did, in the four shapes in which they land, are the same events.

Shapes: raw export API, mixpanel/docs openapi/src/export.openapi.yaml; native pipeline, docs/data-pipelines/json-pipelines; Fivetran,
fivetran/dbt_mixpanel macros/staging_columns.sql; Airbyte, source-mixpanel integration_tests/expected_records.jsonl. Ids: id-management,
identifying-users-simplified and -original. Profiles: the Engage API, developer.mixpanel.com/reference/engage-query.
"""

from __future__ import annotations

import datetime
import gzip
import json
from pathlib import Path
from typing import Any

import pytest

from connector_models import ConnectorModels
from landed import Rows, csv_text, json_lines, land, variants

# Beyond 2^53: as a double it would be 9007199254740992.
USER = 9007199254740993


def happened() -> Rows:
    """What happened, in nobody's shape. The second and third are one event that was exported twice."""
    ios = {"os": "iOS", "country": "DE", "app_version": "3.1"}
    return [
        # Anna on her phone before she signs in.
        {"event": "App Opened", "time": 1700000000, "device": "D1", "user": None, "insert": "i1", "arrived": 1700000001500, **ios},
        {"event": "Logged In", "time": 1700000100, "device": "D1", "user": USER, "insert": "i2", "arrived": 1700000101500, **ios},
        {"event": "Logged In", "time": 1700000100, "device": "D1", "user": USER, "insert": "i2", "arrived": 1700000101500, **ios},
        # The same insert id on another event is another event: the key is event, time, distinct_id and insert id.
        {"event": "Report Made", "time": 1700000100, "device": "D1", "user": USER, "insert": "i2", "arrived": 1700000190000, "plan": "pro"},
        # A server that knows the user, without a device.
        {"event": "Invoice Paid", "time": 1700003600, "device": None, "user": "u-2", "insert": "i3", "arrived": 1700003601000},
        # Somebody who never signs in.
        {"event": "App Opened", "time": 1700007200, "device": "D9", "user": None, "insert": "i4", "arrived": 1700007201000},
    ]


def distinct_id(each: dict[str, Any]) -> Any:
    """As in projects with the simplified way of merging."""
    return each["user"] or f"$device:{each['device']}"


def without_none(row: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in row.items() if value is not None}


def properties(each: dict[str, Any]) -> dict[str, Any]:
    return without_none(
        {
            "time": each["time"],
            "distinct_id": distinct_id(each),
            "$device_id": each["device"],
            "$user_id": each["user"],
            "$insert_id": each["insert"],
            "mp_processing_time_ms": each["arrived"],
            "$os": each.get("os"),
            "mp_country_code": each.get("country"),
            "$app_version_string": each.get("app_version"),
            "plan": each.get("plan"),
        }
    )


def iso(seconds: int, form: str = "%Y-%m-%dT%H:%M:%S") -> str:
    return datetime.datetime.fromtimestamp(seconds, datetime.UTC).strftime(form)


def raw_export() -> Rows:
    return [{"event": each["event"], "properties": properties(each)} for each in happened()]


def pipeline() -> Rows:
    return [
        {
            "event_name": each["event"],
            "time": f"{iso(each['time'], '%Y-%m-%d %H:%M:%S')}",
            "distinct_id": str(distinct_id(each)),
            "device_id": each["device"],
            "user_id": None if each["user"] is None else str(each["user"]),
            "insert_id": each["insert"],
            "properties": {
                name: value
                for name, value in properties(each).items()
                if name not in ("time", "distinct_id", "$device_id", "$user_id", "$insert_id")
            },
        }
        for each in happened()
    ]


def fivetran() -> Rows:
    return [
        {
            "_fivetran_id": f"f{number}",
            "_fivetran_synced": "2023-11-20 00:00:00",
            "name": each["event"],
            "time": iso(each["time"], "%Y-%m-%d %H:%M:%S"),
            "distinct_id": str(distinct_id(each)),
            "distinct_id_before_identity": None,
            "insert_id": each["insert"],
            "device_id": each["device"],
            "properties": {"$user_id": each["user"], "plan": each.get("plan")},
            "os": each.get("os"),
            "mp_country_code": each.get("country"),
            "app_version_string": each.get("app_version"),
            "mp_processing_time_ms": each["arrived"],
        }
        for number, each in enumerate(happened())
    ]


def airbyte() -> Rows:
    """Airbyte takes the `$` off names; every value is text."""
    return [
        {
            "_airbyte_raw_id": f"r{number}",
            "_airbyte_extracted_at": "2023-11-20T00:00:00Z",
            "_airbyte_meta": {"changes": []},
            "event": each["event"],
            "distinct_id": str(distinct_id(each)),
            "time": iso(each["time"]) + "Z",
            "device_id": each["device"],
            "user_id": None if each["user"] is None else str(each["user"]),
            "insert_id": each["insert"],
            "mp_processing_time_ms": str(each["arrived"]),
            "os": each.get("os"),
            "mp_country_code": each.get("country"),
            "app_version_string": each.get("app_version"),
            "plan": each.get("plan"),
        }
        for number, each in enumerate(happened())
    ]


def airbyte_raw() -> Rows:
    """The table beneath: a JSON object per row."""
    added = ("_airbyte_raw_id", "_airbyte_extracted_at", "_airbyte_meta")
    return [
        {**{name: row[name] for name in added}, "_airbyte_data": without_none({k: v for k, v in row.items() if k not in added})}
        for row in airbyte()
    ]


SHAPES = {"export": raw_export, "pipeline": pipeline, "fivetran": fivetran, "airbyte": airbyte, "airbyte raw": airbyte_raw}

WITH = {"os": "iOS", "app_version": "3.1", "country": "DE"}
# 1700000000 is 2023-11-14 22:13:20 UTC.
EXPECTED = [
    {"event_name": "App Opened", "anonymous_id": "D1", "occurred_at": "2023-11-14T22:13:20.000000Z", **WITH},
    {"event_name": "App Opened", "anonymous_id": "D9", "occurred_at": "2023-11-15T00:13:20.000000Z"},
    {"event_name": "Invoice Paid", "user_id": "u-2", "occurred_at": "2023-11-14T23:13:20.000000Z"},
    {"event_name": "Logged In", "user_id": str(USER), "anonymous_id": "D1", "occurred_at": "2023-11-14T22:15:00.000000Z", **WITH},
    {"event_name": "Logged In", "user_id": str(USER), "anonymous_id": "D1", "occurred_at": "2023-11-14T22:15:00.000000Z", **WITH},
    {"event_name": "Report Made", "user_id": str(USER), "anonymous_id": "D1", "occurred_at": "2023-11-14T22:15:00.000000Z"},
]
SAID = ("event_name", "user_id", "anonymous_id", "occurred_at", "os", "app_version", "country")


def landed_events(folder: Path, rows: Rows, **variant: Any) -> ConnectorModels:
    tools = ConnectorModels({"mixpanel": {"event": "raw.mixpanel_events"}})
    land(tools.connection, folder, "raw.mixpanel_events", rows, **variant)
    return tools


@pytest.mark.parametrize("variant", variants())
@pytest.mark.parametrize("shape", SHAPES)
def test_every_shape_gives_the_same_events(tmp_path: Path, shape: str, variant: dict[str, Any]) -> None:
    tools = landed_events(tmp_path, SHAPES[shape](), **variant)
    assert tools.rows("connected_events", *SAID) == [{name: row.get(name) for name in SAID} for row in EXPECTED]
    # The copy has the id of what it is a copy of; the other event with its insert id does not.
    ids = [row["event_id"] for row in tools.rows("connected_events", "event_id")]
    assert len(ids) == 6 and len(set(ids)) == 5
    # The phone is Anna's from the moment at which both ids were seen; the server event links nothing.
    assert tools.rows("connected_identities") == [
        {"tool": "mixpanel", "anonymous_id": "D1", "user_id": str(USER), "linked_at": "2023-11-14T22:15:00.000000Z"}
    ]
    if shape != "pipeline":
        assert {row["received_at"] for row in tools.rows("connected_events", "received_at", where="event_name = 'Invoice Paid'")} == {
            "2023-11-14T23:13:21.000000Z"
        }
    # What is special about an event is in its properties, also where the shape is flat.
    [made] = tools.rows("connected_events", "properties", where="event_name = 'Report Made'")
    assert json.loads(made["properties"].lower())["plan"] == "pro"


def test_files_are_read_as_they_are_whatever_they_are(tmp_path: Path) -> None:
    half = raw_export()
    (tmp_path / "one.jsonl").write_text(json_lines(half[:3]), encoding="utf-8")
    with gzip.open(tmp_path / "two.jsonl.gz", "wt", encoding="utf-8") as file:
        file.write(json_lines(half[3:]))
    (tmp_path / "complete.csv").write_text(csv_text(fivetran()), encoding="utf-8")
    (tmp_path / "whole.json").write_text(json.dumps(raw_export()), encoding="utf-8")
    parquet = ConnectorModels({"mixpanel": {"export": str(tmp_path / "events.parquet")}})
    (tmp_path / "apart").mkdir()
    land(parquet.connection, tmp_path / "apart", "events", raw_export(), types="native")
    parquet.connection.execute(f"copy events to '{tmp_path}/events.parquet' (format parquet)")
    expected = [{name: row.get(name) for name in SAID} for row in EXPECTED]
    assert parquet.rows("connected_events", *SAID) == expected
    for place in (
        f"{tmp_path}/*.jsonl*",
        [f"{tmp_path}/one.jsonl", f"{tmp_path}/two.jsonl.gz"],
        f"{tmp_path}/complete.csv",
        f"{tmp_path}/whole.json",
    ):
        assert ConnectorModels({"mixpanel": {"export": place}}).rows("connected_events", *SAID) == expected, place
    with pytest.raises(ValueError, match="mixpanel: events: no file is called .*/none[.]csv"):
        ConnectorModels({"mixpanel": {"export": f"{tmp_path}/none.csv"}}).rows("connected_events")


def test_a_table_of_two_loaders_is_refused_with_what_decides_unless_one_is_said(tmp_path: Path) -> None:
    mixed = [{**export, **one} for export, one in zip(raw_export(), airbyte())]
    with pytest.raises(
        ValueError,
        match=r"raw.mixpanel_events\) mixes what two loaders land: event, properties \(export\) and event, distinct_id, time \(airbyte\)",
    ):
        landed_events(tmp_path, mixed).rows("connected_events")
    both = [{**one, **two} for one, two in zip(fivetran(), airbyte())]
    with pytest.raises(ValueError, match=r"_fivetran_id, _fivetran_synced \(fivetran\) and _airbyte_raw_id"):
        landed_events(tmp_path, both).rows("connected_events")
    said = ConnectorModels({"mixpanel": {"event": {"relation": "raw.mixpanel_events", "loader": "export"}}})
    land(said.connection, tmp_path, "raw.mixpanel_events", mixed)
    assert said.rows("connected_events", *SAID) == [{name: row.get(name) for name in SAID} for row in EXPECTED]
    with pytest.raises(
        ValueError, match=r"is in none of the known shapes. Their columns are event, properties \(export\), or .* found: a, b"
    ):
        landed_events(tmp_path, [{"a": 1, "b": 2}]).rows("connected_events")


def test_an_empty_table_and_one_that_is_not_there_are_the_same(tmp_path: Path) -> None:
    empty = ConnectorModels({"mixpanel": {"event": "raw.mixpanel_events", "identity_mappings": "raw.ids"}})
    land(empty.connection, tmp_path, "raw.mixpanel_events", raw_export())
    land(empty.connection, tmp_path, "raw.ids", [], columns=["distinct_id", "resolved_distinct_id"])
    without = landed_events(tmp_path, raw_export())
    for model in ("connected_events", "connected_identities"):
        assert empty.rows(model) == without.rows(model) != []
    nothing = ConnectorModels({"mixpanel": {"event": "raw.mixpanel_events"}})
    land(nothing.connection, tmp_path, "raw.mixpanel_events", [], columns=["event", "properties"])
    assert nothing.rows("connected_events") == nothing.rows("connected_identities") == []
    (tmp_path / "none.jsonl").write_text("", encoding="utf-8")
    assert ConnectorModels({"mixpanel": {"export": f"{tmp_path}/none.jsonl"}}).rows("connected_events") == []


def test_the_original_way_of_merging_names_a_person_by_the_mapping_table_and_never_by_a_device(tmp_path: Path) -> None:
    """distinct_id is the device's id before the sign-in. The canonical id of P is one of its user ids, that of Q a device's id."""
    rows = [
        {"event": "Seen", "properties": {"time": 1700000000, "distinct_id": "p-phone", "$device_id": "p-phone", "$insert_id": "1"}},
        {
            "event": "Seen",
            "properties": {"time": 1700000060, "distinct_id": "p@old", "$device_id": "p-phone", "$user_id": "p@old", "$insert_id": "2"},
        },
        {"event": "Seen", "properties": {"time": 1700000120, "distinct_id": "p@new", "$insert_id": "3"}},
        {"event": "Seen", "properties": {"time": 1700000180, "distinct_id": "q-phone", "$device_id": "q-phone", "$insert_id": "4"}},
        {"event": "Seen", "properties": {"time": 1700000240, "distinct_id": "q", "$insert_id": "5"}},
        # Linked by the mapping table alone.
        {"event": "Seen", "properties": {"time": 1700000300, "distinct_id": "p-tablet", "$device_id": "p-tablet", "$insert_id": "6"}},
        {"event": "$identify", "properties": {"time": 1700000301, "distinct_id": "p@new", "$identified_id": "p@new", "$insert_id": "7"}},
    ]
    mapped = [("p@old", "p@new"), ("p-phone", "p@new"), ("p-tablet", "p@new"), ("q", "q-phone"), ("q-phone", "q-phone")]
    tools = ConnectorModels({"mixpanel": {"export": "raw.events", "mp_identity_mappings_data": "raw.mapped"}})
    land(tools.connection, tmp_path, "raw.events", rows)
    land(tools.connection, tmp_path, "raw.mapped", [{"distinct_id": one, "resolved_distinct_id": two} for one, two in mapped])
    found = [(row["user_id"], row["anonymous_id"]) for row in tools.rows("connected_events", "occurred_at", "user_id", "anonymous_id")]
    assert found == [
        (None, "p-phone"), ("p@new", "p-phone"), ("p@new", None), (None, "q-phone"), ("q", None), (None, "p-tablet"),
    ]  # fmt: skip
    links = [(row["anonymous_id"], row["user_id"], row["linked_at"]) for row in tools.rows("connected_identities")]
    assert links == [
        # Since the event with both ids; since its first event.
        ("p-phone", "p@new", "2023-11-14T22:14:20.000000Z"),
        ("p-tablet", "p@new", "2023-11-14T22:18:20.000000Z"),
    ]
    # Seven rows: six events, and one that says who is who.
    assert [row["left_out_because"] for row in tools.rows("connector_mixpanel_events", "left_out_because")].count("identity_event") == 1
    assert len(tools.rows("connector_mixpanel_events")) == 7


def profiles() -> tuple[Rows, Rows]:
    """The Engage API, and Airbyte's stream of it."""
    people = [
        {"$distinct_id": USER, "$properties": {"$email": "anna@example.com", "$created": "2023-11-01T10:00:00", "$city": "Kiel",
                                               "$region": "SH", "$country_code": "de", "$last_seen": "2023-11-14T22:15:00", "team": "blue"}},
        {"$distinct_id": "u-2", "$properties": {"$email": "ben@example.com", "$created": "2023-11-02T10:00:00+0100"}},
        {"$distinct_id": "$device:D9", "$properties": {"$city": "Rome"}},
        {"$distinct_id": "u-3", "$properties": {"$created": "soon"}},
    ]  # fmt: skip
    flat = [
        {
            "distinct_id": row["$distinct_id"],
            **{name.removeprefix("$"): value for name, value in row["$properties"].items()},
            "_airbyte_extracted_at": "2023-11-20T00:00:00Z",
        }
        for row in people
    ]
    # Append: an older version of Anna.
    flat.append({**flat[0], "city": "Bonn", "last_seen": "2023-11-02T00:00:00", "_airbyte_extracted_at": "2023-11-03T00:00:00Z"})
    return people, flat


@pytest.mark.parametrize("variant", variants())
@pytest.mark.parametrize("place", [0, 1])
def test_profiles_are_users_unless_they_are_a_devices(tmp_path: Path, place: int, variant: dict[str, Any]) -> None:
    rows = profiles()[place]
    tools = ConnectorModels({"mixpanel": {"engage": "raw.people", "columns": {"people": {"department": "team"}}}})
    land(tools.connection, tmp_path, "raw.people", rows, **variant)
    assert tools.rows("connected_users") == [
        {
            "tool": "mixpanel", "user_id": str(USER), "email": "anna@example.com", "department": "blue", "country": "de", "state": "SH",
            "city": "Kiel", "signed_up_at": "2023-11-01T10:00:00.000000Z", "updated_at": "2023-11-14T22:15:00.000000Z",
        },
        {"tool": "mixpanel", "user_id": "u-2", "email": "ben@example.com", "signed_up_at": "2023-11-02T09:00:00.000000Z"},
        # Not a time: it goes on as it is, and the input rejects the row as unreadable_time.
        {"tool": "mixpanel", "user_id": "u-3", "signed_up_at": "soon"},
    ]  # fmt: skip
    reasons = [row["left_out_because"] for row in tools.rows("connector_mixpanel_users", "left_out_because")]
    assert sorted(reason for reason in reasons if reason) == ["device", *["older_version"] * place]
    assert len(reasons) == len(rows)


def test_a_project_of_before_2023_is_in_its_own_time_zone(tmp_path: Path) -> None:
    """Seconds since 1970 that count local time: 22:13:20 in Berlin is 21:13:20 UTC in November."""
    tools = ConnectorModels({"mixpanel": {"event": "raw.mixpanel_events", "timezone": "Europe/Berlin"}})
    land(tools.connection, tmp_path, "raw.mixpanel_events", raw_export()[:1])
    [row] = tools.rows("connected_events", "occurred_at", "received_at")
    assert row == {"occurred_at": "2023-11-14T21:13:20.000000Z", "received_at": "2023-11-14T22:13:21.500000Z"}


def test_who_has_no_profile_date_signed_up_at_the_first_event_if_asked(tmp_path: Path) -> None:
    tools = ConnectorModels({"mixpanel": {"export": "raw.events", "engage": "raw.people", "signed_up_at": "first_event"}})
    land(tools.connection, tmp_path, "raw.events", raw_export())
    land(tools.connection, tmp_path, "raw.people", [{"$distinct_id": "u-2", "$properties": {}}])
    assert tools.rows("connected_users") == [{"tool": "mixpanel", "user_id": "u-2", "signed_up_at": "2023-11-14T23:13:20.000000Z"}]


def test_an_event_is_another_one_by_its_insert_id_or_without_one_by_its_properties(tmp_path: Path) -> None:
    common = {"time": 1700000000, "distinct_id": "u-1"}
    ids = [{"$insert_id": "a"}, {"$insert_id": "b"}, {"$insert_id": "a", "plan": "x"}, {"plan": "x"}, {"plan": "y"}, {"plan": "x"}]
    tools = landed_events(tmp_path, [{"event": "Seen", "properties": {**common, **each}} for each in ids])
    assert sorted(row["count"] for row in tools.rows("connected_events", "event_id", "count(*) over (partition by event_id) as count")) == [
        1,
        1,
        2,
        2,
        2,
        2,
    ]
