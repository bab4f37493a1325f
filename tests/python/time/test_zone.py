"""The day of an instant is that of a clock in `reporting_timezone`, and a week begins on the day that is asked for: one macro each.

tests/long/test_zone.py builds a company in another zone."""

from __future__ import annotations

import datetime as dt
import re
from zoneinfo import ZoneInfo

import duckdb
import pytest

from render_macros import loaded_macros, macro_texts
from warehouse import ROOT

TEXTS = macro_texts(ROOT)
START = dt.datetime(2026, 1, 1)


@pytest.fixture(scope="module")
def connection() -> duckdb.DuckDBPyConnection:
    connection = duckdb.connect()
    connection.execute("set TimeZone = 'UTC'")
    return connection


@pytest.mark.parametrize("zone", ["Australia/Sydney", "America/New_York", "Asia/Kolkata", "UTC"])
def test_the_day_and_the_hour_are_those_of_a_clock_there(connection: duckdb.DuckDBPyConnection, zone: str) -> None:
    """Each half hour of a year, through both changes of the clocks."""
    macros = loaded_macros(TEXTS, variables={"reporting_timezone": zone})
    instants = [START + dt.timedelta(minutes=30 * number) for number in range(48 * 365)]
    connection.execute("create or replace table instants as select unnest($1) as moment", [instants])
    found = connection.execute(
        f"select moment, {macros['day_of']('moment')}, extract(hour from {macros['local_time']('moment')}) from instants"
    ).fetchall()
    there = [(each, each.replace(tzinfo=dt.UTC).astimezone(ZoneInfo(zone))) for each in instants]
    assert found == [(each, clock.date(), clock.hour) for each, clock in there]
    assert zone == "UTC" or len([1 for each, day, _ in found if each.date() != day]) > 1000


@pytest.mark.parametrize("zone", ["Australia/Sydney", "America/New_York"])
def test_never_is_never_everywhere_and_a_date_names_a_day_there(connection: duckdb.DuckDBPyConnection, zone: str) -> None:
    macros = loaded_macros(TEXTS, variables={"reporting_timezone": zone})

    def of(sql: str) -> object:
        row = connection.execute(f"select {sql}").fetchone()
        assert row is not None
        return row[0]

    assert of(macros["day_of"]("cast('9999-12-31' as timestamp)")) == dt.date(9999, 12, 31)
    assert of(macros["day_of"]("cast(null as timestamp)")) is None
    for text in ("2026-03-05", "2026-10-04"):
        moment = f"({macros['to_utc'](repr(text), 'Europe/Berlin', False, zone)})"
        midnight = dt.datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone)).astimezone(dt.UTC).replace(tzinfo=None)
        assert of(moment) == midnight and str(of(macros["day_of"](moment))) == text
    # A date: as it is written, unless an offset makes it an instant.
    assert str(of(macros["to_day"]("'2026-03-05'"))) == str(of(macros["to_day"]("'2026-03-05T23:00'"))) == "2026-03-05"
    late, early = of(macros["to_day"]("'2026-03-05T23:00Z'")), of(macros["to_day"]("'2026-03-05T01:00Z'"))
    assert (str(late), str(early)) == (("2026-03-06", "2026-03-05") if zone.startswith("Aus") else ("2026-03-05", "2026-03-04"))


def test_nothing_changes_in_utc() -> None:
    macros = loaded_macros(TEXTS, variables={})
    assert macros["day_of"]("events.occurred_at") == "cast(events.occurred_at as date)"
    assert (
        macros["week_start"]("signup_date").strip()
        == loaded_macros(TEXTS, variables={"as_of_grain": "week"})["period_start"]("signup_date").strip()
    )


@pytest.mark.parametrize(("first", "number"), [("monday", 0), ("sunday", 6), ("saturday", 5)])
def test_a_week_begins_on_the_day_that_is_asked_for(connection: duckdb.DuckDBPyConnection, first: str, number: int) -> None:
    macros = loaded_macros(TEXTS, variables={"week_starts_on": first})
    days = [START.date() + dt.timedelta(days=each) for each in range(60)]
    connection.execute("create or replace table days as select unnest($1) as day", [days])
    found = connection.execute(f"select day, {macros['week_start']('day')}, {macros['is_period_end']('day')} from days").fetchall()
    for day, start, is_end in found:
        assert start == day - dt.timedelta(days=(day.weekday() - number) % 7) and start.weekday() == number
        assert is_end == ((day + dt.timedelta(days=1)).weekday() == number)


def test_no_other_sql_makes_a_day_of_an_instant() -> None:
    """A cast of a time to a date anywhere else would be a day in UTC."""
    cast = re.compile(r"cast\((?:[a-z_]+\.)?(?:[a-z_]+_at|\{\{ time \}\}) as date\)")
    found = {
        str(path.relative_to(ROOT)): match[0]
        for folder in ("models", "macros", "tests")
        for path in (ROOT / folder).rglob("*.sql")
        for match in cast.finditer(re.sub(r"\{#.*?#\}", "", path.read_text(encoding="utf-8"), flags=re.DOTALL))
    }
    assert found == {}
