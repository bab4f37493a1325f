"""Steps in the same second: performed_sequence() and segment_funnels against a search through all ways to pick the events.

The SQL is rendered without dbt and run on plain tables.
"""

from __future__ import annotations

import datetime
import itertools
import random
from typing import Any

import duckdb
import pytest

from render_macros import loaded_macros, macro_texts, rendered
from warehouse import ROOT

DAY = datetime.datetime(2026, 6, 10, 12)
SECOND = datetime.timedelta(seconds=1)
Event = tuple[str, datetime.datetime]
MACROS = macro_texts(ROOT)


def context(**variables: Any) -> dict[str, Any]:
    events = [{"name": name} for name in "abc"]
    found = loaded_macros(
        MACROS, {"events": events, "funnel_days": 1, "funnel_entry_days": 2, "funnels": [], "confidence_level": 0.95, **variables}, "tested"
    )
    # All dates at once, as for a model that is not built date by date.
    found["segmentation"]["in_slice"] = lambda **_: "true"
    found["dbt"]["date_trunc"] = lambda part, column: f"date_trunc('{part}', {column})"
    return found


def second(moment: datetime.datetime) -> datetime.datetime:
    return moment.replace(microsecond=0)


def follow(chosen: tuple[Event, ...], steps: list[list[str]], in_same_second: bool) -> bool:
    """Whether the events, one per step, are in order."""
    for place in range(1, len(steps)):
        before, now = chosen[place - 1][1], chosen[place][1]
        if not in_same_second:
            if not before < now:
                return False
        elif set(steps[place]) & set(itertools.chain(*steps[:place])):
            if not second(before) < second(now):
                return False
        elif second(before) > second(now):
            return False
    return True


def ways(events: list[Event], steps: list[list[str]], in_same_second: bool) -> list[tuple[Event, ...]]:
    """All ways to take the steps."""
    choices = [[event for event in events if event[0] in step] for step in steps]
    return [chosen for chosen in itertools.product(*choices) if follow(chosen, steps, in_same_second)]


def random_events(chance: random.Random) -> list[Event]:
    """A few events in a few seconds, some of them at the very same moment."""
    return [
        (
            chance.choice("abc"),
            DAY + chance.randrange(4) * SECOND + chance.choice([0, 0, 300_000, 700_000]) * datetime.timedelta(microseconds=1),
        )
        for _ in range(chance.randrange(2, 7))
    ]


USERS = {f"u{seed:03d}": random_events(random.Random(seed)) for seed in range(300)}


@pytest.fixture(scope="module")
def connection() -> duckdb.DuckDBPyConnection:
    connection = duckdb.connect()
    for schema in ("activity", "features", "segments", "staging"):
        connection.execute(f"create schema {schema}")
    connection.execute(
        "create table activity.user_events (user_id varchar, event_name varchar, occurred_at timestamp, event_date date, known_date date)"
    )
    connection.executemany(
        "insert into activity.user_events values (?, ?, ?, ?, ?)",
        [(user, name, at, at.date(), at.date()) for user, events in USERS.items() for name, at in events],
    )
    connection.execute("create table dates as select date '2026-06-10' as as_of_date")
    connection.execute("create table activity.as_of_dates as select date '2026-06-09' as as_of_date, true as is_period_end")
    connection.execute("create table segments.data_through as select date '2026-06-20' as data_through, false as is_provisional")
    connection.execute("create table segments.segments (segment varchar)")
    connection.execute("create table segments.user_segments (user_id varchar, segment varchar, as_of_date date)")
    connection.execute(
        "create table staging.stg_users as select distinct user_id, cast(null as timestamp) as deleted_at from activity.user_events"
    )
    connection.execute(
        "create table segments.user_dates as select user_id, 'a' as account_id, date '2026-06-09' as as_of_date from staging.stg_users"
    )
    return connection


@pytest.mark.parametrize(
    "steps",
    [[["a"], ["b"]], [["b"], ["a"], ["c"]], [["a"], ["a"]], [["a"], ["b"], ["a"]], [["a", "b"], ["b", "c"]], [["a", "b"], ["c"]]],
    ids=str,
)
@pytest.mark.parametrize("in_same_second", [False, True])
def test_a_sequence_is_found_where_some_way_leads_through_it(
    connection: duckdb.DuckDBPyConnection, steps: list[list[str]], in_same_second: bool
) -> None:
    macros = context(same_second_steps_follow=in_same_second)
    sql = macros["_sequence_sql"]("s", {"steps": steps, "gaps": [None] * (len(steps) - 1), "days": None}, "activity.user_events")
    found = {user for (user,) in connection.execute(f"with {sql} select user_id from s").fetchall()}
    expected = {user for user, events in USERS.items() if ways(events, steps, in_same_second)}
    assert found == expected
    assert 0 < len(expected) < len(USERS)


@pytest.mark.parametrize("steps", [["a", "b"], ["b", "a", "c"], ["a", "a"], ["a", "b", "a"]], ids=str)
@pytest.mark.parametrize("in_same_second", [False, True])
def test_a_funnel_counts_who_took_the_steps_from_the_first_start(
    connection: duckdb.DuckDBPyConnection, steps: list[str], in_same_second: bool
) -> None:
    macros = context(same_second_steps_follow=in_same_second, funnels=[{"name": "tested", "steps": steps}])
    text = (ROOT / "models/marts/cohorts/funnel_counts.sql").read_text(encoding="utf-8")
    found = connection.execute(
        f"select users from (select distinct step, users from ({rendered(text, macros)}) where segment = '__all__') order by step"
    ).fetchall()
    expected = []
    for length in range(1, len(steps) + 1):
        count = 0
        for events in USERS.values():
            first = min((at for name, at in events if name == steps[0]), default=None)
            first = second(first) if first and in_same_second else first
            count += any(
                (second(chosen[0][1]) if in_same_second else chosen[0][1]) == first
                for chosen in ways(events, [[step] for step in steps[:length]], in_same_second)
            )
        expected.append((count,))
    assert found == expected
    assert expected[-1][0] > 0


def test_the_switch_is_true_or_false() -> None:
    for value, told in [("yes", '"yes"'), (1, "1")]:
        with pytest.raises(ValueError, match=f"vars: `same_second_steps_follow` must be true or false, got {told}."):
            context(same_second_steps_follow=value)["setting"]("same_second_steps_follow")
    assert context()["setting"]("same_second_steps_follow") is False


def test_the_default_is_what_it_was() -> None:
    """Off, no segment's hash changes: its SQL names no second."""
    macros = context()
    sql = macros["_sequence_sql"]("s", {"steps": [["a"], ["b"]], "gaps": [None], "days": 7}, "user_events")
    assert "date_trunc" not in sql and "interval '1' microsecond preceding" in sql and "current row" not in sql
    assert macros["_variable"]("same_second_steps_follow")["default"] is False
