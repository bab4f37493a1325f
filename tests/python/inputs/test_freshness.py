"""How far the data reach, and what is sudden in them: data_through and input_drift against plain Python."""

from __future__ import annotations

import datetime as dt
import functools
import math
import random
from collections import defaultdict
from typing import Any

import duckdb

from registries import texts_of
from render_macros import loaded_macros, macro_texts, rendered
from warehouse import ROOT

VARIABLES: dict[str, Any] = {}
TODAY = dt.datetime(2026, 3, 20, 9)


@functools.cache
def macros() -> dict[str, Any]:
    texts = texts_of(ROOT) | macro_texts(ROOT, "macros/cross_db") | macro_texts(ROOT, "macros/inputs")
    texts |= {
        path: (ROOT / path).read_text(encoding="utf-8") for path in ("macros/activity/date_setting.sql", "macros/activity/_is_date.sql")
    }
    return loaded_macros(texts, VARIABLES, more={"ref": lambda name: name})


def sql_of(path: str, **variables: Any) -> str:
    VARIABLES.clear()
    VARIABLES.update(variables)
    return rendered((ROOT / path).read_text(encoding="utf-8"), macros())


def days_ago(days: float) -> dt.datetime:
    return TODAY - dt.timedelta(days=days)


def table(connection: duckdb.DuckDBPyConnection, name: str, columns: dict[str, str], rows: list[tuple[Any, ...]]) -> None:
    connection.execute(f"create or replace table {name} ({', '.join(f'{column} {type_}' for column, type_ in columns.items())})")
    if rows:
        connection.executemany(f"insert into {name} values ({', '.join('?' * len(columns))})", rows)


def test_the_last_day_waits_for_the_input_that_is_behind() -> None:
    """Random ages of tickets, invoices and the events of two tools; rows of the future do not make anything fresh."""
    chance = random.Random(7)
    held = 0
    with duckdb.connect() as connection:
        for case in range(30):
            ages = {name: chance.randrange(12) for name in ("tickets", "invoices", "mixpanel", "segment")}
            newest = TODAY - dt.timedelta(days=min(ages["mixpanel"], ages["segment"]))
            arrivals = [days_ago(ages["mixpanel"]), days_ago(ages["segment"]), days_ago(20)]
            table(connection, "stg_events", {"received_at": "timestamp"}, [(each,) for each in arrivals])
            times = dict.fromkeys(macros()["time_columns"]("support_tickets"), "timestamp")
            ends = {"solved_at": "timestamp", "first_solved_at": "timestamp"}
            tickets = [days_ago(ages["tickets"]), days_ago(30)] + [TODAY + dt.timedelta(days=400)] * chance.randrange(2)
            rows = [tuple(chance.sample([each, days_ago(60), None], 3) + [None] * (len(times) - 3)) for each in tickets]
            # When something ends may be planned: it does not say that anything was loaded.
            rows = [(*row, newest, newest) for row in rows]
            table(connection, "stg_support_tickets__checked", times | ends, chance.sample(rows, len(rows)))
            table(
                connection,
                "stg_invoices__checked",
                {"paid_at": "timestamp", "updated_at": "timestamp"},
                [(days_ago(ages["invoices"]), None)],
            )
            events: list[tuple[Any, ...]] = [
                ("mixpanel", None, arrivals[0]),
                ("segment", arrivals[1], days_ago(50)),
                ("mixpanel", None, days_ago(40)),
            ]
            events += [("segment", None, "2031-01-01"), ("mixpanel", None, "soon")]
            rows = [(tool, *(each.isoformat() if isinstance(each, dt.datetime) else each for each in two)) for tool, *two in events]
            table(connection, "connected_events", {"tool": "varchar", "received_at": "varchar", "occurred_at": "varchar"}, rows)
            lags = {name: chance.randrange(6) for name in chance.sample(["support_tickets", "invoices", "events", "subscriptions"], 3)}
            variables = {
                "inputs": {"support_tickets": "t", "invoices": "i", "events": "connected_events", "users": "u"},
                "max_lag_days": lags,
            }
            more = chance.choice([{}, {"include_today": True}, {"as_of_date": str(days_ago(8).date())}])
            [found] = connection.execute(
                "select data_through, held_back_by, held_back_by_tool, is_provisional from "
                f"({sql_of('models/activity/data_through.sql', **variables, **more)})"
            ).fetchall()
            day = newest.date() - dt.timedelta(days=0 if "include_today" in more else 1)
            if "as_of_date" in more:
                day = min(newest.date(), days_ago(8).date())
            # An input that is off does not hold anything back. What is after the newest arrival is of the future.
            known: dict[str, list[tuple[str, str | None]]] = {"support_tickets": [("tickets", None)], "invoices": [("invoices", None)]}
            known["events"] = [("mixpanel", "mixpanel"), ("segment", "segment")]
            reach = []
            for name, lag in lags.items():
                for source, tool in known.get(name, []):
                    age = ages[source]
                    if days_ago(age).date() > newest.date():
                        age = {"tickets": 30}.get(source, 99)
                        seen = [each for each in (30, 60) if source == "tickets" and days_ago(each).date() <= newest.date()]
                        age = min(seen, default=99)
                    if age < 99:
                        reach.append((days_ago(age).date() + dt.timedelta(days=lag), name, tool))
            earliest = min(reach, key=lambda each: (each[0], each[1], each[2] or "~"), default=None)
            expected: tuple[Any, ...] = (day, None, None, "include_today" in more)
            if earliest and earliest[0] < day:
                expected = (*earliest, False)
                held += 1
            assert found == expected, (case, ages, lags, more)
    assert held > 10


def test_without_the_variable_only_events_decide() -> None:
    sql = sql_of("models/activity/data_through.sql", inputs={"users": "u", "events": "e"})
    assert "__checked" not in sql and "null" in sql


def remark(rows: dict[int, int], values: dict[int, int] | None) -> str | None:
    """What stands out of the last week, by the words of the page: weeks ago -> rows, and rows with a value."""
    before = [rows.get(week, 0) for week in range(1, 9)]
    last, mean = rows.get(0, 0), sum(before) / 8
    if values is None:
        if last < min(before) / 2 and mean - last > 3 * math.sqrt(mean):
            return "fewer_rows"
        if last > 2 * max(before) and last - mean > 3 * math.sqrt(max(mean, 1)) and last >= 20:
            return "more_rows"
        return None
    if last < 20 or sum(before) < 20:
        return None
    shares = [1 - values.get(0, 0) / last, 1 - sum(values.get(week, 0) for week in range(1, 9)) / sum(before)]
    both = 1 - sum(values.get(week, 0) for week in range(9)) / (last + sum(before))
    error = math.sqrt(both * (1 - both) * (1 / last + 1 / sum(before)))
    if abs(shares[0] - shares[1]) < 0.2 or abs(shares[0] - shares[1]) <= 3 * error:
        return None
    return "more_nulls" if shares[0] > shares[1] else "fewer_nulls"


def test_what_is_sudden_in_an_input() -> None:
    chance = random.Random(8)
    seen: dict[str | None, int] = defaultdict(int)
    contract = macros()["input_contract"]()
    with duckdb.connect() as connection:
        table(connection, "data_through", {"data_through": "date"}, [(TODAY.date(),)])
        for number in range(50):
            weeks = chance.choice([6, 9, 9, 12])
            typical, sudden = chance.choice([1, 8, 20, 40]), chance.choice([0, 0.2, 1, 1, 3, 12])
            filled, later = chance.choice([(0.9, 0.2), (0.9, 0.85), (0.8, 0.5), (0.8, 0.5), (0.1, 0.9), (1, 1)])
            is_bursty = chance.random() < 0.3
            if number == 0:
                # A week without rows is a week: fewer than in the others is then not fewer than ever.
                weeks, typical, sudden, is_bursty = 9, 40, 0.2, True
            rows, counts, values = [], defaultdict(int), defaultdict(int)  # type: ignore[var-annotated]
            for week in range(weeks + 1):
                usual = 0 if is_bursty and week in (3, 5) else chance.uniform(0.7, 1.3)
                for _ in range(round(typical * (sudden if week == 0 else usual))):
                    day = TODAY.date() - dt.timedelta(days=7 * week + chance.randrange(7))
                    theme = "pricing" if chance.random() < (later if week == 0 else filled) else None
                    rows.append(
                        {"note_id": str(len(rows)), "user_id": "u", "theme": theme, "noted_at": dt.datetime.combine(day, dt.time(12))}
                    )
                    counts[week] += 1
                    values[week] += theme is not None
            # Of tomorrow: it does not count yet.
            rows.append({"note_id": "x", "user_id": "u", "theme": None, "noted_at": TODAY + dt.timedelta(days=1)})
            columns = {
                name: "timestamp" if type_ == "time" else "varchar" for name, type_ in contract["interview_notes"]["columns"].items()
            }
            table(
                connection,
                "stg_interview_notes",
                columns,
                [tuple(row.get(name) for name in columns) for row in chance.sample(rows, len(rows))],
            )
            sql = sql_of("models/marts/inputs/input_drift.sql", inputs={"interview_notes": "n"})
            found = {row[0]: row[1:] for row in connection.execute(f"select column_name, remark, rows_last_week from ({sql})").fetchall()}
            if max(counts) < 9 or weeks < 9:
                assert found == {}
                continue
            assert set(found) == {"*", "user_id", "theme", "sentiment"}
            expected = {"*": remark(counts, None), "theme": remark(counts, values), "sentiment": None, "user_id": None}
            assert found == {name: (each, counts[0]) for name, each in expected.items()}
            seen[expected["*"]] += 1
            seen[expected["theme"]] += 1
    assert all(seen[each] for each in ("fewer_rows", "more_rows", "more_nulls", "fewer_nulls", None)), seen
