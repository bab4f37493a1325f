"""Several tools at once: what is put together, which tool wins, and what the variable refuses."""

from __future__ import annotations

from pathlib import Path

import pytest

from connector_models import ConnectorModels
from landed import csv_text, json_lines, land

PEOPLE = [
    {
        "$distinct_id": "u-1",
        "$properties": {
            "$email": "mix@x.example",
            "$country_code": "FR",
            "$created": "2024-01-05T00:00:00",
            "$last_seen": "2024-06-01T00:00:00",
        },
    },
    {"$distinct_id": "u-2", "$properties": {"$email": "two@x.example", "$created": "2024-01-06T00:00:00"}},
]
CONTACTS = [
    {"Id": "003D00000000001AAA", "User__c": "u-1", "Title": "CTO", "MailingCountryCode": "DE", "CreatedDate": "2024-01-01T00:00:00.000+0000",
     "LastModifiedDate": "2024-05-01T00:00:00.000+0000"},
    {"Id": "003D00000000002AAA", "User__c": "u-3", "Email": "three@x.example", "CreatedDate": "2024-01-07T00:00:00.000+0000"},
]  # fmt: skip


def both(
    folder: Path, shuffled: int | None = None, order: tuple[str, ...] = ("mixpanel", "salesforce"), **variables: object
) -> ConnectorModels:
    given = {"mixpanel": {"people": "raw.people"}, "salesforce": {"contact": "raw.contact", "columns": {"contact": {"user_id": "User__c"}}}}
    tools = ConnectorModels({name: given[name] for name in order}, **variables)
    more = {} if shuffled is None else {"shuffled": shuffled}
    land(tools.connection, folder, "raw.people", PEOPLE, **more)
    land(tools.connection, folder, "raw.contact", CONTACTS, **more)
    return tools


def test_each_attribute_is_from_the_first_tool_that_has_it(tmp_path: Path) -> None:
    users = {row["user_id"]: row for row in both(tmp_path).rows("connected_users")}
    assert list(users) == ["u-1", "u-2", "u-3"]
    # Mixpanel is named first; the title is only in Salesforce.
    assert users["u-1"] == {
        "user_id": "u-1", "email": "mix@x.example", "job_title": "CTO", "country": "FR", "signed_up_at": "2024-01-05T00:00:00.000000Z",
        "updated_at": "2024-06-01T00:00:00.000000Z", "tool": "mixpanel, salesforce",
    }  # fmt: skip
    assert users["u-2"]["tool"] == "mixpanel" and users["u-3"]["tool"] == "salesforce"
    turned = {row["user_id"]: row for row in both(tmp_path, order=("salesforce", "mixpanel")).rows("connected_users")}
    assert turned["u-1"]["country"] == "DE" and turned["u-1"]["signed_up_at"] == "2024-01-01T00:00:00.000000Z"
    said = both(tmp_path, attribute_priority={"default": ["salesforce"], "users": {"country": ["mixpanel", "salesforce"]}})
    [first, *_] = said.rows("connected_users")
    assert first["country"] == "FR" and first["signed_up_at"] == "2024-01-01T00:00:00.000000Z"


def test_the_source_of_each_attribute_is_there_to_see_and_the_order_of_rows_does_not_matter(tmp_path: Path) -> None:
    tools = both(tmp_path)
    sources = {
        (row["entity_id"], row["attribute"]): (row["tool"], row["tools_with_value"], row["different_values"])
        for row in tools.rows("attribute_source")
    }
    assert sources["u-1", "country"] == ("mixpanel", 2, 2) and sources["u-1", "job_title"] == ("salesforce", 1, 1)
    assert {entity for entity, _ in sources} == {"u-1", "u-2", "u-3"}
    for seed in (1, 2):
        again = both(tmp_path, shuffled=seed)
        assert again.rows("connected_users") == tools.rows("connected_users") and again.rows("attribute_source") == tools.rows(
            "attribute_source"
        )


def test_events_of_two_tools_are_one_below_the_other_and_a_model_of_your_own_is_a_tool(tmp_path: Path) -> None:
    tools = ConnectorModels({
        "mixpanel": {"export": "raw.events"}, "segment": {"tracks": "raw.tracks"}, "own": {"events": "my_events"},
    })  # fmt: skip
    land(
        tools.connection,
        tmp_path,
        "raw.events",
        [{"event": "a", "properties": {"time": 1700000000, "distinct_id": "u-1", "$insert_id": "1"}}],
    )
    land(tools.connection, tmp_path, "raw.tracks", [{"id": "t1", "event": "b", "user_id": "u-1", "timestamp": "2024-01-01 00:00:00"}])
    columns = ("event_id", "user_id", "anonymous_id", "event_name", "occurred_at", "received_at", "session_id", "device_type", "os", "app_version",
               "country", "channel", "properties")  # fmt: skip
    land(tools.connection, tmp_path, "my_events", [dict.fromkeys(columns) | {"event_id": "m1", "user_id": "u-1", "event_name": "c"}])
    assert [(row["tool"], row["event_name"]) for row in tools.rows("connected_events", "tool", "event_name")] == [
        ("mixpanel", "a"), ("own", "c"), ("segment", "b"),
    ]  # fmt: skip
    counts = {(row["tool"], row["input"]): row["rows_given"] for row in tools.rows("connector_rows")}
    assert counts["segment", "events"] == counts["own", "events"] == counts["mixpanel", "events"] == 1
    newest = {row["tool"]: str(row.get("newest_on")) for row in tools.rows("connector_rows") if row["input"] == "events"}
    assert newest == {"mixpanel": "2023-11-14", "segment": "2024-01-01", "own": "None"}


def test_a_folder_and_a_schema_are_enough(tmp_path: Path) -> None:
    (tmp_path / "people.jsonl").write_text(json_lines(PEOPLE), encoding="utf-8")
    (tmp_path / "Contact.csv").write_text(csv_text(CONTACTS), encoding="utf-8")
    (tmp_path / "notes.md").write_text("nothing", encoding="utf-8")
    columns = {"contact": {"user_id": "User__c"}}
    folder = ConnectorModels({"mixpanel": {"folder": str(tmp_path)}, "salesforce": {"folder": str(tmp_path), "columns": columns}})
    expected = both(tmp_path).rows("connected_users")
    assert folder.rows("connected_users") == expected and folder.rows("connected_events") == []
    schema = ConnectorModels({"mixpanel": {"schema": "RAW_mixpanel"}, "salesforce": {"schema": "raw_sf", "columns": columns}})
    land(schema.connection, tmp_path, "raw_mixpanel.mp_people_data_view", PEOPLE)
    land(schema.connection, tmp_path, "raw_sf.CONTACT", CONTACTS)
    assert schema.rows("connected_users") == expected
    land(schema.connection, tmp_path, "raw_mixpanel.engage", PEOPLE)
    schema.built.clear()
    schema.connection.execute("drop table connected_users; drop table connector_mixpanel_users")
    with pytest.raises(ValueError, match="mixpanel: people may be .*engage.* or .*mp_people_data_view.*Say which one: `people: "):
        schema.rows("connected_users")


@pytest.mark.parametrize(
    ("connectors", "sentence"),
    [
        ({"mixpannel": {"export": "a.b"}}, "connectors: unknown tool `mixpannel`; tools are salesforce, hubspot"),
        ({"mixpanel": "raw.events"}, "connectors: `mixpanel` must map tables to where they are, such as {events: raw.events}"),
        ({"mixpanel": {"exports": "a.b"}}, "connectors: mixpanel: unknown table or option `exports`; tables are events, people, identity_mappings; options are"),
        ({"mixpanel": {"export": "a.b", "Event": "a.c"}}, "mixpanel: `export` and `Event` are names of one table. Give it once"),
        ({"mixpanel": {"export": "a.b", "columns": {"persons": {}}}}, "mixpanel: columns: unknown table `persons`"),
        ({"own": {"clicks": "x"}}, "connectors: own: unknown input `clicks`; inputs are accounts, users"),
        ("mixpanel", "connectors: must map tools to their tables"),
    ],
)  # fmt: skip
def test_a_wrong_variable_is_refused_with_what_is_allowed(connectors: object, sentence: str) -> None:
    with pytest.raises(ValueError) as refusal:
        ConnectorModels(connectors).rows("connector_rows")  # type: ignore[arg-type]
    assert sentence in str(refusal.value)


def test_a_wrong_priority_and_a_wrong_column_are_refused(tmp_path: Path) -> None:
    with pytest.raises(
        ValueError, match="attribute_priority: users: country: `hubspot` does not give users; tools that do are mixpanel, salesforce"
    ):
        both(tmp_path, attribute_priority={"users": {"country": ["hubspot"]}}).rows("connected_users")
    wrong = ConnectorModels({"salesforce": {"contact": "raw.contact", "columns": {"contact": {"user_id": "Usr__c"}}}})
    land(wrong.connection, tmp_path, "raw.contact", CONTACTS)
    with pytest.raises(
        ValueError,
        match=r"contact \(raw.contact\) lacks the column Usr__c, which `columns` of the variable names. Columns found: Id, User__c",
    ):
        wrong.rows("connected_users")
    lacking = ConnectorModels({"hubspot": {"contact": "raw.contact"}})
    land(lacking.connection, tmp_path, "raw.contact", [{"email": "x"}])
    with pytest.raises(ValueError, match=r"hubspot: contact \(raw.contact\) lacks the column id or vid. Columns found: email"):
        lacking.rows("connected_users")


def test_an_address_is_a_bridge_only_where_it_is_asked_for_and_only_if_it_is_one_persons(tmp_path: Path) -> None:
    addresses = {"u-1": "Anna@x.example", "u-2": "team@x.example", "u-3": "team@x.example"}
    people = [{"$distinct_id": user, "$properties": {"$email": address}} for user, address in addresses.items()]
    requesters = [(1, None, "anna@X.example"), (2, None, "team@x.example"), (3, "u-9", "anna@x.example")]
    tickets = [{"id": name, "requester_id": name, "created_at": "2024-01-01T00:00:00Z"} for name, *_ in requesters]
    users = [{"id": name, "external_id": external, "email": email, "role": "end-user"} for name, external, email in requesters]
    head = {
        "ResponseId": "Response ID",
        "StartDate": "Start",
        "EndDate": "End",
        "RecordedDate": "Recorded",
        "RecipientEmail": "Email",
        "Q1": "Well?",
    }
    said = {"StartDate": "2024-01-01 00:00:00", "EndDate": "2024-01-01 00:00:00", "RecordedDate": "2024-01-01 00:00:00", "Q1": "Yes"}
    answers = [head, *({**said, "ResponseId": f"R_{name}", "RecipientEmail": email} for name, _, email in requesters)]
    monkeys = [{"id": f"m{name}", "survey_id": "s", "email_address": email, "date_modified": "2024-01-01T00:00:00+00:00",
                "pages": [{"questions": [{"id": "q", "answers": [{"text": "Yes"}]}]}]} for name, _, email in requesters]  # fmt: skip
    found = {}
    for asked in ({}, {"bridge": "email"}):
        tools = ConnectorModels({
            "mixpanel": {"people": "raw.people"}, "zendesk": {"ticket": "raw.ticket", "user": "raw.user", **asked},
            "qualtrics": {"responses": "raw.answers", **asked}, "surveymonkey": {"responses": "raw.monkeys", **asked},
        })  # fmt: skip
        for name, rows in {"people": people, "ticket": tickets, "user": users, "answers": answers, "monkeys": monkeys}.items():
            land(tools.connection, tmp_path, f"raw.{name}", rows)
        found[len(asked)] = (
            [(row["ticket_id"], row["user_id"]) for row in tools.rows("connected_support_tickets")],
            [(row["response_id"], row["user_id"]) for row in tools.rows("connected_survey_responses")],
        )
    assert found[0] == ([("3", "u-9")], [])
    # The address of the third is known too: its own id counts. The second is that of two.
    assert sorted(found[1][0]) == [("1", "u-1"), ("3", "u-9")]
    assert sorted(found[1][1]) == [("R_1/Q1", "u-1"), ("R_3/Q1", "u-1"), ("m1/q", "u-1"), ("m3/q", "u-1")]
    with pytest.raises(ValueError, match="zendesk: `bridge` may be email, got `phone`"):
        ConnectorModels(
            {"zendesk": {"ticket": "raw.ticket", "bridge": "phone"}}, {"raw.ticket": "select 1 as id, 1 as requester_id, 1 as created_at"}
        ).rows("connected_support_tickets")


def test_what_two_tools_report_under_one_id_is_counted_once_if_asked(tmp_path: Path) -> None:
    tracks = [{"id": f"m{number}", "event": "a", "user_id": "u-1", "timestamp": f"2024-01-0{number} 00:00:00"} for number in (1, 2)]
    # The first came through Segment, the second is Amplitude's own, and of the third Segment knows nothing.
    amplitude = [
        {
            "uuid": f"e{number}",
            "$insert_id": insert,
            "event_type": "a",
            "user_id": "u-1",
            "device_id": "d",
            "event_time": f"2024-01-0{number} 00:00:00",
        }
        for number, insert in ((1, "m1"), (2, "own"), (3, None))
    ]
    given = {"amplitude": {"events": "raw.amplitude"}, "segment": {"tracks": "raw.tracks"}}
    kept = {}
    for once in (None, ["segment", "amplitude"], ["amplitude", "segment"]):
        tools = ConnectorModels(given, **({"events_once": once} if once else {}))
        land(tools.connection, tmp_path, "raw.tracks", tracks, shuffled=1)
        land(tools.connection, tmp_path, "raw.amplitude", amplitude, shuffled=2)
        kept[str(once)] = [row["event_id"] for row in tools.rows("connected_events", "event_id")]
        counts = {row["tool"]: (row["rows_given"], row.get("reasons")) for row in tools.rows("connector_rows") if row["input"] == "events"}
        assert sum(rows for rows, _ in counts.values()) == len(kept[str(once)])
        if once:
            assert counts[once[1]][1] == "told_by_another_tool: 1" and counts[once[0]][1] is None
    assert list(kept.values()) == [["e1", "e2", "e3", "m1", "m2"], ["e2", "e3", "m1", "m2"], ["e1", "e2", "e3", "m2"]]
    with pytest.raises(
        ValueError, match="events_once: `stripe` does not have an id in common with others; tools that do are segment, amplitude, mixpanel"
    ):
        ConnectorModels(given, {"raw.tracks": "select 1 as id", "raw.amplitude": "select 1 as id"}, events_once=["stripe"]).rows(
            "connected_events"
        )


def test_of_two_records_of_one_user_in_a_tool_the_newest_counts(tmp_path: Path) -> None:
    contacts = [
        {"Id": f"003D0000000000{number}AAA", "User__c": "u-1", "Title": title, "LastModifiedDate": f"2024-0{month}-01T00:00:00.000+0000"}
        for number, title, month in ((1, "Old", 1), (2, "New", 5), (3, "Older", 2))
    ]
    given = {"mixpanel": {"people": "raw.people"}, "salesforce": {"contact": "raw.contact", "columns": {"contact": {"user_id": "User__c"}}}}
    tools = ConnectorModels(given)
    land(tools.connection, tmp_path, "raw.people", PEOPLE)
    land(tools.connection, tmp_path, "raw.contact", contacts)
    assert [row["job_title"] for row in tools.rows("connected_users", "job_title", where="user_id = 'u-1'")] == ["New"]
