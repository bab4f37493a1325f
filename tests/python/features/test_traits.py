"""Traits of a project's own: one entry each in the variable `traits`, then features like any other.

Every value on every date is worked out in Python from the rows that were written, once fresh and once after they changed.
"""

from __future__ import annotations

import copy
import datetime as dt
import shutil
from pathlib import Path
from typing import Any

import duckdb
import pytest

import registries
from render_macros import loaded_macros, macro_texts
from warehouse import ROOT, Inputs, Warehouse, small_company

TRAITS: list[dict[str, Any]] = [
    {"name": "contacts_count", "in": "users", "type": "bigint", "unit": "contacts", "bands": [500, 100000], "label": "Contacts"},
    {"name": "music", "in": "users", "type": "list", "values": ["jazz", "Rock"], "family": "psychographic"},
    {"name": "is_beta", "in": "users", "type": "boolean"},
    {"name": "beta_since", "in": "users", "type": "date", "privacy": "personal"},
    {"name": "sales_region", "in": "accounts", "type": "string", "values": ["EMEA", "APAC"]},
    {"name": "favorite_genre", "in": "survey_responses", "type": "string", "question": "Which genre?"},
    {"name": "hobbies", "in": "survey_responses", "type": "list"},
    {
        "name": "hours_watched",
        "in": "watched",
        "type": "double",
        "reads": ["events"],
        "related": ["activity"],
        "if_missing": 0,
        "window_days": 7,
    },
    {"name": "loyalty", "in": "loyalty_levels", "type": "string", "reads": ["users"], "dated_by": "valid_from", "privacy": "sensitive"},
]
NAMES = [trait["name"] for trait in TRAITS]
WATCHED = """
-- Half an hour for each day of use in the week to the date.
select
    days.user_id,
    dates.as_of_date,
    0.5 * count(*) as hours_watched
from {{ ref('user_days') }} as days
inner join {{ ref('as_of_dates') }} as dates
    on days.event_date <= dates.as_of_date and days.event_date > dates.as_of_date - 7
group by days.user_id, dates.as_of_date
"""
LEVELS = [("u1", "2026-02-10 09:00:00", "silver"), ("u1", "2026-03-14 09:00:00", "gold"), ("u2", "2026-03-16 23:00:00", "gold")]
SEGMENT = """
{{{{ config(meta={{
    'label': '{label}', 'tier': 'micro', 'owner': 'growth', 'goal': 'Learn what these people listen to most',
    'action': 'Write to them about the next concert', 'reviewed_on': '2026-03-01', 'lawful_basis': 'consent',
    'lawful_basis_note': 'They agreed to it when they signed up for the letter'
}}) }}}}

{{{{ segment({criteria}) }}}}
"""
SEGMENTS = {
    "jazz_fans": "listens = contains('music', 'JAZZ')",
    "large_lists": 'many = "contacts_count >= 500"',
    "watchers": 'watches = "hours_watched >= 2"',
}


def levels(rows: list[tuple[str, str, str]]) -> str:
    values = ", ".join(f"('{user}', timestamp '{moment}', '{level}')" for user, moment, level in rows)
    return f"select user_id, valid_from, loyalty from (values {values}) as levels (user_id, valid_from, loyalty)"


def company() -> Inputs:
    inputs = small_company()
    own = {
        "u1": {"contacts_count": "500", "music": '["Jazz", "Rock, alternative", null]', "is_beta": "yes", "beta_since": "2026-01-05"},
        "u2": {"contacts_count": "100000", "music": "rock; Jazz ;ROCK;", "is_beta": "no", "beta_since": ""},
        "u3": {"contacts_count": "many", "music": "Pop, 100% soul", "is_beta": "", "beta_since": "2026-03-01T10:00:00+02:00"},
        "u4": {"contacts_count": "", "music": "", "is_beta": "true", "beta_since": "soon"},
    }
    for row in inputs["users"]:
        row.update(own[row["user_id"]])
    inputs["accounts"][0]["sales_region"], inputs["accounts"][1]["sales_region"] = "EMEA", " AMER "
    inputs["attribute_history"] = [
        {"entity": entity, "entity_id": of, "attribute": name, "value": value, "valid_from": f"2026-{day}T08:00:00Z"}
        for entity, of, name, value, day in [
            ("user", "u1", "contacts_count", "100", "02-01"),
            ("user", "u1", "contacts_count", "499", "03-10"),
            ("user", "u2", "contacts_count", "lots", "03-01"),
            ("account", "a1", "sales_region", "APAC", "02-01"),
            ("account", "a1", "sales_region", "", "03-12"),
        ]
    ]
    inputs["survey_responses"] += [
        {
            "response_id": f"t{number}",
            "user_id": user,
            "survey": "taste",
            "instrument": "attribute",
            "question": question,
            "answer": answer,
            "score": score,
            "responded_at": f"2026-{day}T12:00:00Z",
        }
        for number, (user, question, answer, score, day) in enumerate(
            [
                ("u1", "which genre?", "Crime", "", "02-01"),
                ("u1", "Which Genre?", "Comedy", "", "03-09"),
                ("u2", "Which genre?", "", "7", "03-01"),
                ("u1", "hobbies", "Chess, Go", "", "02-01"),
                ("u1", "hobbies", "go; running", "", "03-11"),
                ("u3", "something else", "Crime", "", "03-01"),
            ]
        )
    ]
    return inputs


def as_of(day: str, changes: list[tuple[str, Any]]) -> Any:
    """The value of the last change on or before a day."""
    found = [value for since, value in changes if since <= day]
    return found[-1] if found else None


def expected(day: str, watched: dict[str, set[str]], levels_of: list[tuple[str, str, str]]) -> dict[str, tuple[Any, ...]]:
    week = {str(dt.date.fromisoformat(day) - dt.timedelta(days=back)) for back in range(7)}
    region = as_of(day, [("2026-02-01", "APAC"), ("2026-03-12", None)]) if day >= "2026-02-01" else "EMEA"
    values = {
        "u1": (
            as_of(day, [("2026-01-05", 500), ("2026-02-01", 100), ("2026-03-10", 499)]),
            "jazz; rock, alternative",
            True,
            dt.date(2026, 1, 5),
            region,
            as_of(day, [("2026-02-01", "Crime"), ("2026-03-09", "Comedy")]),
            as_of(day, [("2026-02-01", "chess; go"), ("2026-03-11", "chess; go; running")]),
        ),
        "u2": (100000, "jazz; rock", False, None, region, as_of(day, [("2026-03-01", "7.0")]), None),
        "u3": (None, "100% soul; pop", None, dt.date(2026, 3, 1), "AMER", None, None),
        "u4": (None, None, True, None, None, None, None),
    }
    return {
        user: (
            *found,
            0.5 * len(week & watched.get(user, set())),
            as_of(f"{day} 24", [(moment, level) for of, moment, level in levels_of if of == user]),
        )
        for user, found in values.items()
    }


def stored(warehouse: Warehouse) -> dict[str, dict[str, tuple[Any, ...]]]:
    found: dict[str, dict[str, tuple[Any, ...]]] = {}
    for day, user, *values in warehouse.query(f"select as_of_date, user_id, {', '.join(NAMES)} from features.user_features"):
        found.setdefault(str(day), {})[user] = tuple(values)
    return found


def use(inputs: Inputs) -> dict[str, set[str]]:
    days: dict[str, set[str]] = {}
    for row in inputs["events"]:
        days.setdefault(row["user_id"], set()).add(row["occurred_at"][:10])
    return days


def project(folder: Path) -> Warehouse:
    warehouse = Warehouse(folder, {"traits": TRAITS, "segment_lint": "warn"}, copied=("models", "macros"))
    for path in (ROOT / "models/marts/comparison").glob("*profile*"):
        shutil.copy(path, warehouse.folder / "models/marts/comparison")
    (warehouse.folder / "models/own").mkdir()
    (warehouse.folder / "models/own/watched.sql").write_text(WATCHED, encoding="utf-8")
    (warehouse.folder / "models/own/loyalty_levels.sql").write_text(levels(LEVELS), encoding="utf-8")
    registry = warehouse.folder / "macros/registries/segments.sql"
    names = "".join(f"        '{name}',\n" for name in SEGMENTS)
    registry.write_text(registry.read_text(encoding="utf-8").replace("return([\n", f"return([\n{names}", 1), encoding="utf-8")
    for name, criteria in SEGMENTS.items():
        text = SEGMENT.format(label=name.replace("_", " ").capitalize(), criteria=criteria)
        (warehouse.folder / f"models/segments/behavioral/{name}.sql").write_text(text, encoding="utf-8")
    return warehouse


SELECTED = ("--select", "+users", "+segment_profiles", "+unreadable_values", "+rejected_rows")


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Warehouse:
    """Built once. Build in a twin."""
    warehouse = project(tmp_path_factory.mktemp("traits") / "project")
    warehouse.write_inputs(company())
    warehouse.build(*SELECTED)
    return warehouse


def test_a_trait_has_on_each_date_what_was_so_then(built: Warehouse) -> None:
    found = stored(built)
    watched = use(company())
    assert len(found) > 8
    for day, users in found.items():
        assert users == expected(day, watched, LEVELS), day
    assert {users["u1"][0] for users in found.values()} == {500, 100, 499}


def test_what_cannot_be_read_is_listed(built: Warehouse) -> None:
    unreadable = built.query("select input, row_key, unreadable_columns from marts.unreadable_values order by all")
    assert unreadable == [("users", "u3", "contacts_count"), ("users", "u4", "beta_since")]
    assert built.query("select reject_reason from marts.rejected_rows where input = 'attribute_history'") == [("unreadable_value",)]


def test_criteria_and_profiles_know_it(built: Warehouse) -> None:
    members = built.query("select segment, user_id from marts.user_segments where as_of_date = '2026-03-15'")
    assert sorted(user for segment, user in members if segment == "jazz_fans") == ["u1", "u2"]
    assert [user for segment, user in members if segment == "large_lists"] == ["u2"]
    assert [user for segment, user in members if segment == "watchers"] == ["u1"]
    profiles = {
        (attribute, value): users
        for attribute, value, users in built.query(
            "select attribute, attribute_value, users from marts.segment_profiles where segment = 'jazz_fans' and users > 0"
        )
    }
    assert profiles["music_jazz", "yes"] == 2 and profiles["music_rock", "yes"] == 1 and profiles["music_rock", "no"] == 1
    assert profiles["contacts_count_band", "100000_plus"] == 1 and profiles["contacts_count_band", "under_500"] == 1
    assert profiles["is_beta", "true"] == 1 and profiles["loyalty", "gold"] == 1


def test_drivers_look_at_it() -> None:
    candidates = {
        entry["name"]: entry for entry in loaded_macros(macro_texts(ROOT), {"traits": TRAITS, "events": []})["driver_candidates"]()
    }
    assert {"music_jazz", "music_rock", "is_beta", "sales_region_emea", "more_contacts_count", "more_hours_watched"} <= set(candidates)
    assert candidates["sales_region_apac"]["expression"] == "sales_region = 'APAC'"


def test_what_is_chosen_by_it_is_circular_in_it(built: Warehouse) -> None:
    circular = {
        (segment, attribute)
        for segment, attribute in built.query("select distinct segment, attribute from marts.segment_profiles where is_circular")
    }
    assert {("jazz_fans", "music_jazz"), ("jazz_fans", "music_rock"), ("large_lists", "contacts_count_band")} <= circular
    assert ("large_lists", "music_jazz") not in circular and ("jazz_fans", "contacts_count_band") not in circular


def test_a_metric_made_of_a_trait_is_circular_for_what_is_chosen_by_it() -> None:
    nodes: dict[str, Any] = {}
    macros = loaded_macros(macro_texts(ROOT), {"traits": TRAITS, "events": []}, nodes=nodes)
    macros["segmentation"]["registered_segments"] = lambda: ["tested"]
    metrics = [
        {"name": name, "kind": "mean", "level": "user", "expression": name}
        for name in ("contacts_count", "hours_watched", "active_days_28d")
    ]
    for sql, flagged in {
        "contacts_count > 500": ["contacts_count"],
        "position('; jazz; ' in '; ' || music || '; ') > 0": [],
        # The entry says that hours are activity.
        "hours_watched >= 2": ["hours_watched", "active_days_28d"],
        "active_days_7d > 3": ["hours_watched", "active_days_28d"],
        "loyalty = 'gold'": [],
        "tenure_days < 20": ["active_days_28d"],
        "tenure_days < 5": ["hours_watched", "active_days_28d"],
    }.items():
        own = {"expressions": {"c": sql}, "texts": {"c": sql}, "reads_sql": [], "reads_activity": False, "reads_segments": []}
        nodes["model.segmentation.tested"] = {
            "resource_type": "model",
            "name": "tested",
            "unique_id": "model.segmentation.tested",
            "fqn": ["segmentation", "segments", "behavioral", "tested"],
            "raw_code": sql,
            "config": {"meta": {"label": "Tested", "segment": own}},
            "depends_on": {"nodes": []},
        }
        assert macros["circular_metrics"](["tested"], metrics) == {"tested": flagged}, sql


def test_the_mart_of_users_has_it_and_the_published_file_only_what_is_not_private(built: Warehouse) -> None:
    columns = [
        name for (name,) in built.query("select column_name from duckdb_columns() where table_name = 'users' and schema_name = 'marts'")
    ]
    assert set(NAMES) <= set(columns)


@pytest.mark.long
def test_an_increment_equals_a_fresh_build(built: Warehouse, tmp_path: Path) -> None:
    """A new day, a change of the CRM's past, and a model that says something else of the past."""
    later = copy.deepcopy(company())
    later["events"].append(
        later["events"][-1] | {"event_id": "new", "occurred_at": "2026-03-17T10:00:00Z", "received_at": "2026-03-17T10:00:00Z"}
    )
    later["users"][2]["contacts_count"] = "12"
    later["attribute_history"].append(later["attribute_history"][0] | {"value": "150", "valid_from": "2026-02-20T00:00:00Z"})
    changed = [*LEVELS, ("u3", "2026-02-25 00:00:00", "silver")]
    warehouse = built.twin(tmp_path / "second")
    (warehouse.folder / "models/own/loyalty_levels.sql").write_text(levels(changed), encoding="utf-8")
    warehouse.write_inputs(later)
    warehouse.build("--select", "+users")
    found = stored(warehouse)
    assert found["2026-02-22"]["u1"][0] == 150 and found["2026-03-01"]["u3"][-1] == "silver" and found["2026-02-22"]["u3"][-1] is None
    assert found["2026-03-01"]["u3"][0] == 12
    before = warehouse.query(f"select user_id, as_of_date, {', '.join(NAMES)} from features.user_features order by all")
    warehouse.build("--full-refresh", "--select", "+users")
    assert warehouse.query(f"select user_id, as_of_date, {', '.join(NAMES)} from features.user_features order by all") == before


@pytest.mark.parametrize(
    ("entry", "told"),
    [
        (
            {"name": "email", "in": "users", "type": "string"},
            "`name` must not be a column of the contract, and `users` has one of that name.",
        ),
        ({"name": "age_band", "in": "users", "type": "string"}, "age_band: `name` must occur once, and another entry has it too."),
        ({"name": "seen", "in": "watched", "type": "double"}, "`reads` is required for a trait in a model"),
        (
            {"name": "seen", "in": "watched", "type": "double", "reads": ["evens"]},
            "`reads` must name inputs, reference seeds and other features",
        ),
        (
            {"name": "seen", "in": "users", "type": "double", "reads": ["events"]},
            "`reads` is for a trait in a model, and this one is in users.",
        ),
        ({"name": "seen", "in": "users", "type": "double", "if_missing": 0}, "`if_missing` is for a trait in a model"),
        ({"name": "seen", "in": "users", "type": "double", "question": "q"}, "`question` is for a trait in survey_responses"),
        ({"name": "seen", "in": "users", "type": "string", "bands": [1]}, "`bands` is for a number, and this one is of type string."),
        (
            {"name": "seen", "in": "users", "type": "double", "values": ["a"]},
            "`values` is for a string or list, and this one is of type double.",
        ),
        ({"name": "seen", "in": "users", "type": "number"}, "`type` must be one of string, list, bigint, double, boolean, date"),
        ({"name": "seen", "in": "users", "type": "double", "famili": "value"}, "famili"),
        ({"name": "seen", "type": "double"}, "`in` is required"),
    ],
)
def test_a_wrong_entry_is_refused_in_words(entry: dict[str, Any], told: str) -> None:
    problems = registries.macros_of(ROOT, {"traits": [entry], "events": []})["_registry_problems"]()
    assert [problem for problem in problems if told in problem], problems


def test_a_right_entry_is_not() -> None:
    assert registries.macros_of(ROOT, {"traits": TRAITS, "events": []})["_registry_problems"]() == []


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("a", "a"),
        ("B, a", "a; b"),
        ("b;a,c", "a,c; b"),
        ("[x, Y]", "x; y"),
        ('["x", "Y", "x"]', "x; y"),
        ('["a, b", "c"]', "a, b; c"),
        ("[1, 2.5, null, true]", "1; 2.5; true"),
        ("[]", None),
        ("", None),
        (" ; ,; ", ","),
        ("['x', broken", "'x'; broken"),
        ("{}", "{}"),
        (None, None),
    ],
)
def test_several_values_have_one_form(text: str | None, values: str | None) -> None:
    macros = loaded_macros(macro_texts(ROOT), {})
    sql = macros["duckdb__list_text"]("given")
    assert duckdb.execute(f"select {sql} from (select cast(? as varchar) as given)", [text]).fetchall()[0] == (values,)


def test_a_value_is_no_pattern_and_no_part_of_another() -> None:
    macros = loaded_macros(macro_texts(ROOT), {"traits": TRAITS})
    for held, asked, found in [
        ("jazz; pop", "Jazz", True),
        ("acid jazz", "jazz", False),
        ("100% soul", "100%", False),
        ("100% soul", "100_ soul", False),
        ("it's", "it's", True),
        (None, "jazz", None),
    ]:
        sql = macros["holds_value"]("given", asked)
        assert duckdb.execute(f"select {sql} from (select cast(? as varchar) as given)", [held]).fetchall()[0] == (found,)
