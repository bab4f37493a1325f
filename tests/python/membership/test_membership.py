"""user_segments is incremental, and always what a full refresh gives: a random sequence of everything that can change."""

from __future__ import annotations

import copy
import random
import shutil
from collections.abc import Callable, Iterator

import pytest

from warehouse import Inputs, Warehouse, differences

CONFIG = """{{ config(meta={
    'label': 'A label', 'tier': 'micro', 'owner': 'growth', 'goal': 'learn what they want', 'action': 'ask them about it',
    'reviewed_on': '2026-03-01'
}) }}

"""
SEGMENTS = {
    "steady": CONFIG + '{{ segment(active = "active_days_28d >= " ~ var("steady_days")) }}',
    "steady_and_german": CONFIG + '{{ segment(steady = in_segment("steady"), german = "country = \'DE\'") }}',
    "exporters": CONFIG + '{{ segment(big = performed("report_exported", at_least=1, within_days=14, where={"rows": {">=": 10}})) }}',
    "finishers": CONFIG + '{{ segment(in_turn = performed_sequence(["task_completed", "report_exported"], gap_days=2)) }}',
    "movers": CONFIG + '{{ segment(was = had_attribute("country", "fr")) }}',
    "busy": CONFIG
    + '{{ segment(busy = any_of(performed("task_completed", at_least=3, within_days=7), in_top_share("events_28d", 0.2))) }}',
    "in_sql": CONFIG + "select user_id, as_of_date, active_days_7d > 2 as is_member from {{ ref('user_features') }}",
}
SELECTED = ("--select", "+user_segments")
# Where the inputs are those of the build before.
OF_SEGMENTS = ("--select", "models/segments", "user_segments")


def write_segment(warehouse: Warehouse, name: str, text: str) -> None:
    (warehouse.folder / f"models/segments/behavioral/{name}.sql").write_text(text, encoding="utf-8")


def write_registry(warehouse: Warehouse, names: list[str]) -> None:
    path = warehouse.folder / "macros/registries/segments.sql"
    head = path.read_text(encoding="utf-8").split("{% macro registered_segments() %}")[0]
    lines = "\n".join(f"        '{name}'," for name in names)
    path.write_text(
        head + "{% macro registered_segments() %}\n    {{ return([\n" + lines + "\n    ]) }}\n{% endmacro %}\n", encoding="utf-8"
    )


class World:
    """A project, its inputs, and everything that can happen to them between two builds."""

    def __init__(self, warehouse: Warehouse, inputs: Inputs) -> None:
        self.warehouse = warehouse
        self.inputs = inputs
        self.segments = dict(SEGMENTS)
        self.newest = 16

    def write(self) -> None:
        """Bring the folder up to date."""
        shutil.rmtree(self.warehouse.folder / "models/segments/behavioral")
        (self.warehouse.folder / "models/segments/behavioral").mkdir()
        for name, text in self.segments.items():
            write_segment(self.warehouse, name, text)
        write_registry(self.warehouse, list(self.segments))
        self.warehouse.write_inputs(self.inputs)

    def event(self, user: str, name: str, day: int, received_day: int, rows: int) -> None:
        number = len(self.inputs["events"])
        self.inputs["events"].append(
            {
                "event_id": f"n{number}",
                "user_id": user,
                "event_name": name,
                "occurred_at": f"2026-03-{day:02d}T15:{number % 60:02d}:00Z",
                "received_at": f"2026-03-{received_day:02d}T15:59:00Z",
                "properties": f'{{"rows": {rows}}}',
            }
        )

    def new_days(self) -> None:
        self.newest += 3
        for day in range(self.newest - 2, self.newest + 1):
            self.event("u1", "task_completed", day, day, 0)
            self.event("u2", "report_exported", day, day, day)

    def late_event(self) -> None:
        self.event("u3", "report_exported", 4, self.newest, 50)

    def late_link(self) -> None:
        self.inputs["identities"] = [{"anonymous_id": "v1", "user_id": "u4", "linked_at": f"2026-03-{self.newest:02d}T08:00:00Z"}]

    def changed_definition(self) -> None:
        self.segments["exporters"] = self.segments["exporters"].replace("within_days=14", "within_days=21")

    def changed_upstream(self) -> None:
        self.segments["steady"] = self.segments["steady"].replace(">= ", "< ")

    def changed_variable(self) -> None:
        self.warehouse.configure(steady_days=9)

    def changed_macro(self) -> None:
        path = self.warehouse.folder / "macros/segments/criterion/_range.sql"
        text = path.read_text(encoding="utf-8")
        assert "' >= ' ~ at_least" in text
        path.write_text(text.replace("' >= ' ~ at_least", "' > ' ~ at_least"), encoding="utf-8")

    def changed_feature(self) -> None:
        path = self.warehouse.folder / "models/features/user_geographic_features.sql"
        text = path.read_text(encoding="utf-8")
        assert "coalesce(country_aliases.country, attributes.recorded_country) as country" in text
        path.write_text(
            text.replace(
                "coalesce(country_aliases.country, attributes.recorded_country) as country",
                "case when attributes.recorded_country = 'US' then 'DE' else attributes.recorded_country end as country",
            ),
            encoding="utf-8",
        )

    def removed_segment(self) -> None:
        del self.segments["finishers"]

    def retired_segment(self) -> None:
        self.segments["exporters"] = self.segments["exporters"].replace(
            "'tier': 'micro'", "'tier': 'micro', 'status': 'retired', 'retired_on': '2026-03-08'"
        )

    def drafted_segment(self) -> None:
        self.segments["movers"] = self.segments["movers"].replace("'tier': 'micro'", "'tier': 'micro', 'status': 'draft'")

    def emptied_segment(self) -> None:
        self.segments["busy"] = CONFIG + '{{ segment(never = "active_days_28d > 100") }}'

    def deleted_user(self) -> None:
        self.inputs["users"][1]["deleted_at"] = "2026-03-10T00:00:00Z"

    def moved_user(self) -> None:
        self.inputs["attribute_history"] = [
            {"entity": "user", "entity_id": "u3", "attribute": "country", "value": value, "valid_from": f"{day}T00:00:00Z"}
            for value, day in [("FR", "2026-01-05"), ("BR", "2026-03-03")]
        ]

    def plain_sql(self) -> None:
        self.segments["in_sql"] = self.segments["in_sql"].replace("> 2", "> 1")

    def dates_left(self) -> None:
        self.warehouse.configure(history_periods=6)


ACTIONS = [
    World.new_days,
    World.late_event,
    World.late_link,
    World.changed_definition,
    World.changed_upstream,
    World.changed_variable,
    World.changed_macro,
    World.changed_feature,
    World.removed_segment,
    World.retired_segment,
    World.drafted_segment,
    World.emptied_segment,
    World.deleted_user,
    World.moved_user,
    World.plain_sql,
    World.dates_left,
]


def changes_and_differences(warehouse: Warehouse, company: Inputs, seed: int, groups: int) -> Iterator[tuple[str, list[str]]]:
    """Everything happens once, in a random order and in so many builds; of each build what happened, and what a fresh one has otherwise."""
    company["events"] += [
        {
            "event_id": "anonymous",
            "anonymous_id": "v1",
            "event_name": "task_completed",
            "occurred_at": "2026-03-02T10:00:00Z",
            "received_at": "2026-03-02T10:00:00Z",
        }
    ]
    for folder in (warehouse.folder / "models/segments").iterdir():
        shutil.rmtree(folder)
    (warehouse.folder / "models/segments/behavioral").mkdir()
    world = World(warehouse, company)
    world.write()
    warehouse.build(*SELECTED)
    assert {row[0] for row in warehouse.query("select distinct segment from marts.user_segments")} >= {"steady", "busy", "in_sql"}

    actions = random.Random(seed).sample(ACTIONS, len(ACTIONS))
    for number in range(groups):
        happened = actions[number * len(actions) // groups : (number + 1) * len(actions) // groups]
        for action in happened:
            action(world)
        world.write()
        warehouse.build(*SELECTED)
        # The same files from nothing, in the same folder, so that only the database is another one.
        fresh = copy.copy(warehouse)
        fresh.database = warehouse.folder / f"fresh-{number}.duckdb"
        fresh.build(*SELECTED)
        yield (
            ", ".join(action.__name__ for action in happened),
            differences(warehouse, fresh, ["marts.user_segments", "features.user_features"]),
        )
    assert warehouse.query("select count(*) from marts.user_segments")[0][0] > 5


@pytest.mark.long
def test_incremental_membership_equals_full_refresh_after_any_change(new_warehouse: Callable[..., Warehouse], company: Inputs) -> None:
    """All of it in one build; tests/long/test_changes.py goes on in small steps."""
    warehouse = new_warehouse("grown", copied=("models", "macros"), steady_days=5, segment_lint="warn")
    for happened, found in changes_and_differences(warehouse, company, 20261122, 1):
        assert found == [], f"after {happened}"


@pytest.mark.long
def test_only_what_changed_is_evaluated_again(new_warehouse: Callable[..., Warehouse], company: Inputs) -> None:
    """A changed definition reaches its own segment and those defined by it; the rows of all others stay as they lie."""
    import duckdb

    warehouse = new_warehouse(copied=("models", "macros"), steady_days=5, segment_lint="warn")
    for folder in (warehouse.folder / "models/segments").iterdir():
        shutil.rmtree(folder)
    (warehouse.folder / "models/segments/behavioral").mkdir()
    world = World(warehouse, company)
    del world.segments["in_sql"], world.segments["movers"], world.segments["exporters"], world.segments["finishers"]
    world.write()
    warehouse.build(*SELECTED)

    def mark() -> None:
        with duckdb.connect(str(warehouse.database)) as connection:
            connection.execute("update marts.user_segments set definition_hash = 'mark'")

    def evaluated() -> dict[str, list[str]]:
        rows = warehouse.query(
            "select distinct segment, cast(as_of_date as text) from marts.user_segments where definition_hash != 'mark' order by all"
        )
        return {segment: [day for name, day in rows if name == segment] for segment, _ in rows}

    dates = [str(row[0]) for row in warehouse.query("select as_of_date from activity.as_of_dates order by 1")]
    mark()
    warehouse.build(*SELECTED)
    assert evaluated() == {}

    world.segments["steady"] = world.segments["steady"].replace(">= ", "> ")
    world.write()
    warehouse.build(*OF_SEGMENTS)
    assert set(evaluated()) == {"steady", "steady_and_german"}

    mark()
    world.event("u1", "task_completed", 5, 16, 0)
    world.write()
    warehouse.build(*SELECTED)
    assert set(evaluated()) == {"steady", "steady_and_german", "busy"}
    assert {day for days in evaluated().values() for day in days} == set(dates[-2:]), "the dates that see the event"

    # A view that is older than its file would pass for the new definition.
    world.segments["busy"] = world.segments["busy"].replace("at_least=3", "at_least=2")
    world.write()
    result = warehouse.run("run", "--select", "user_segments")
    assert not result and "the view of `busy` is older than its file. Build it too: dbt build -s +user_segments" in result.output

    # What is retired loses the dates after its last day, and none of those before it is evaluated again.
    mark()
    world.segments["steady"] = world.segments["steady"].replace("'micro'", f"'micro', 'status': 'retired', 'retired_on': '{dates[-2]}'")
    world.write()
    warehouse.build(*OF_SEGMENTS)
    assert set(evaluated()) == {"busy"}, "whose definition changed before"
    assert warehouse.query("select max(cast(as_of_date as text)) from marts.user_segments where segment = 'steady'") == [(dates[-2],)]

    del world.segments["busy"]
    world.write()
    warehouse.build(*OF_SEGMENTS)
    assert {row[0] for row in warehouse.query("select distinct segment from marts.user_segments")} == {"steady", "steady_and_german"}
