"""One row does not decide for all: not where the dates end, not where they begin. And the second day is published like the first."""

from __future__ import annotations

import csv
import datetime as dt
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import publish
import warehouse as warehouses
from delivering.run import deliver
from known_inputs import CREATED, LATER
from publishing.files import publishing_folder
from publishing.readiness import read_build
from registries import project_variables
from render_macros import loaded_macros, macro_texts, rendered
from reporting import page
from warehouse import COLUMNS, ROOT, Inputs, Row, Warehouse, differences, read_sample, small_company

FUTURE = "2099-06-01T00:00:00Z"
VARIABLES = project_variables(ROOT)
MACROS = loaded_macros(macro_texts(ROOT), VARIABLES)
MACROS["segmentation"]["input"] = lambda name: name
GAP = (ROOT / "models/staging/stg_events__gap.sql").read_text(encoding="utf-8")
CASES = ROOT / "tests/cases"
# Their rows say what came in, or are hashes of it.
ABOUT_INPUTS = (
    "marts.input_summary",
    "marts.rejected_rows",
    "marts.unreadable_values",
    "features.date_input_hashes",
    "activity.identity_links",
    "activity.named_ids",
    "activity.user_accounts",
)


def one_row(name: str, sample: Inputs, suffix: str, day: str) -> Row:
    """A row of an input, of u1 or a1: the first of the sample with other ids, everything in it at the same time."""
    row = dict(next(one for one in sample[name] if all(one[column] for column in COLUMNS[name][:1])))
    for column, value in row.items():
        if column in LATER.get(name, ()):
            row[column] = ""
        elif column.endswith(("_at", "_date", "valid_from")) and value:
            row[column] = day
    row |= {
        column: value
        for column, value in {
            "user_id": "u1",
            "account_id": "a1",
            "entity": "user",
            "entity_id": "u1",
            "email": f"{suffix}@example.com",
        }.items()
        if column in row
    }
    key = {"users": "user_id", "accounts": "account_id"}.get(name)
    for column in (
        [key] if key else ["event_id", "subscription_id", "response_id", "note_id", "ticket_id", "invoice_id", "message_id", "anonymous_id"]
    ):
        if column in row:
            row[column] = f"{suffix}-{name}"
    if name == "events":
        row |= {"anonymous_id": "", "properties": ""}
    return row


def rows_of(name: str, sample: Inputs, suffix: str, day: str) -> list[Row]:
    """One row, or none where an input says nothing about when."""
    return [one_row(name, sample, suffix, day)] if name in CREATED else []


class Days:
    """A small company on two days, on the second with rows that are wrong in every input, and the same without them."""

    def __init__(self, folder: Path) -> None:
        sample = read_sample()
        company = small_company()
        for name in CREATED:
            if name not in ("users", "events"):
                company[name] = company.get(name, []) + rows_of(name, sample, "real", "2026-03-05T00:00:00Z")
        self.warehouse = self.project(folder / "company")
        self.published = folder / "published"
        self.warehouse.write_inputs(company)
        # The marts of the first day are not read, but the clusters that are found on it stay.
        self.warehouse.build("--select", "+cluster_centroids")
        self.first_dates = self.dates(self.warehouse)

        # A day later, with one event, a user of 1900 and an event of 1970.
        company["events"].append(
            {
                "event_id": "next-day",
                "user_id": "u1",
                "event_name": "logged_in",
                "occurred_at": "2026-03-17T09:00:00Z",
                "received_at": "2026-03-17T09:00:05Z",
            }
        )
        company["events"].append(
            {
                "event_id": "epoch",
                "user_id": "founder",
                "event_name": "logged_in",
                "occurred_at": "1970-01-01T00:00:00Z",
                "received_at": "1970-01-01T00:00:00Z",
            }
        )
        company["users"].append({"user_id": "founder", "signed_up_at": "1900-01-01T00:00:00Z", "updated_at": "2026-03-01T00:00:00Z"})
        self.warehouse.write_inputs(company)
        self.warehouse.build()
        (folder / "undisturbed").mkdir()
        shutil.copy(self.warehouse.database, folder / "undisturbed")
        self.undisturbed = Warehouse.of_built(folder / "undisturbed")

        self.wrong = {name: rows_of(name, sample, "future", FUTURE) for name in COLUMNS}
        with (CASES / "future_arrival/events.csv").open(encoding="utf-8", newline="") as file:
            self.wrong["events"] += list(csv.DictReader(file))
        self.warehouse.write_inputs({name: company.get(name, []) + self.wrong[name] for name in COLUMNS})
        self.warehouse.build()

    @staticmethod
    def project(folder: Path) -> Warehouse:
        """With the marts of state and those of audiences, but without the analysis, which has neither."""
        before = warehouses.ANALYSIS
        warehouses.ANALYSIS = tuple(name for name in before if name not in ("discovery", "audiences"))
        try:
            warehouse = Warehouse(folder)
        finally:
            warehouses.ANALYSIS = before
        warehouse.analysis = True
        return warehouse

    @staticmethod
    def dates(warehouse: Warehouse) -> list[Any]:
        return [row[0] for row in warehouse.query("select as_of_date from activity.as_of_dates order by 1")]

    def publish(self) -> None:
        """As publish.py does, without asking for dbt's tests, which were not run."""
        build = read_build(self.warehouse.folder / "target")
        with duckdb.connect() as connection, publishing_folder(self.published):
            connection.execute("set TimeZone = 'UTC'")
            connection.execute(f"attach '{self.warehouse.database}' as warehouse (read_only)")
            limits = publish.readiness.check_warehouse(connection, build, self.warehouse.database).limits
            publish.check_continuity(connection, build, self.published, limits)
            # So few users would all be withheld.
            publish.write_publication(connection, build, self.published, self.published / "key", 1)


@pytest.fixture(scope="module")
def days(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Days]:
    yield Days(tmp_path_factory.mktemp("days"))


@pytest.mark.long
def test_rows_from_the_future_move_nothing_in_any_input(days: Days) -> None:
    assert {name for name, rows in days.wrong.items() if rows} == set(CREATED)
    assert (
        differences(
            days.warehouse,
            days.undisturbed,
            [table for table in days.undisturbed.tables("activity", "features", "marts") if table not in ABOUT_INPUTS],
        )
        == []
    )
    rejected = days.warehouse.query("select input, row_key, reject_reason from marts.rejected_rows order by all")
    assert rejected == [("events", "f1", "from_future"), ("events", "future-events", "from_future")]


@pytest.mark.long
def test_a_user_of_1900_and_an_event_of_1970_are_kept_and_move_no_date(days: Days) -> None:
    # The newest date, which is no end of a week, goes on; the ends of weeks are the same.
    assert days.dates(days.warehouse) == [*days.first_dates[:-1], dt.date(2026, 3, 15), dt.date(2026, 3, 16)]
    assert days.first_dates[0] == dt.date(2026, 1, 11)
    assert days.warehouse.query("select count(*) from marts.users where user_id = 'founder'") == [(1,)]
    # The data do not begin in 1970: nobody else's signup is among them.
    assert days.warehouse.query("select user_id from marts.users where is_signup_observed") == []


@pytest.mark.long
def test_the_second_day_is_published_reported_and_delivered(days: Days) -> None:
    """The clusters were found on the first day, and are not found anew before refit_days are over."""
    days.publish()
    with duckdb.connect(str(days.published / publish.AGGREGATES_FILE), read_only=True) as connection:
        assert connection.execute("select distinct data_through from marts.publish_log").fetchall() == [(dt.date(2026, 3, 16),)]
        assert connection.execute("select distinct data_through from marts.segment_sizes").fetchall() == [(dt.date(2026, 3, 16),)]
        assert connection.execute("select distinct data_through from marts.cluster_centroids").fetchall() == [(dt.date(2026, 3, 15),)]
    assert "data through 16 March 2026" in page.write(days.published / publish.AGGREGATES_FILE, days.published / "report.html", "$")[1]
    with duckdb.connect(str(days.warehouse.database)) as connection:
        outcome = deliver(connection, days.published / "audiences")
    # Nobody of this company consents; that nothing stops the delivery is what counts here.
    assert len(outcome.deliveries) == 5 and outcome.refused == []


@pytest.mark.long
def test_as_of_date_is_never_after_the_newest_arrival(new_warehouse: Callable[..., Warehouse], company: Inputs) -> None:
    warehouse = new_warehouse()
    warehouse.write_inputs(company)
    for asked, used in [
        ("2099-01-01", "2026-03-16"),
        ("2026-03-17", "2026-03-16"),
        ("2026-03-16", "2026-03-16"),
        ("2026-03-02", "2026-03-02"),
    ]:
        warehouse.configure(as_of_date=asked)
        warehouse.build("--select", "+data_through" if asked == "2099-01-01" else "data_through")
        assert warehouse.query("select cast(data_through as text) from activity.data_through") == [(used,)]


CONNECTION = duckdb.connect()
CONNECTION.execute("set TimeZone = 'UTC'")


def judged(calendar: dict[dt.date, int], accepted: dt.date | None, has_arrivals: bool = True) -> tuple:
    """The row of stg_events__gap for so many events on each day."""
    VARIABLES["accept_data_through"] = accepted and str(accepted)
    rows = ", ".join(f"('{day}', {count})" for day, count in calendar.items())
    CONNECTION.execute(
        f"create or replace table events as select day || 'T09:00:00Z' as occurred_at, "
        f"{'day ' if has_arrivals else 'null '} || 'T09:00:05Z' as received_at from (values {rows}) as days (day, events), range(events)"
    )
    return CONNECTION.execute(rendered(GAP, MACROS)).fetchone()


def judged_in_python(calendar: dict[dt.date, int], accepted: dt.date | None) -> tuple:
    """The same, from docs/your-data.md: rejected events, from which day on, the day before, and what could be accepted."""
    days = sorted(calendar)
    every = sum(calendar.values())
    month = dt.timedelta(30)
    for place, day in enumerate(days):
        beyond = sum(calendar[one] for one in days[place:])
        is_few = beyond < every * 0.001 or (beyond < 10 and beyond < every / 4)
        if place and day - days[place - 1] > month and is_few and not (accepted and day <= accepted + dt.timedelta(1)):
            newest = day
            for one in days[place + 1 :]:
                if one - newest > month:
                    break
                newest = one
            return beyond, day, days[place - 1], newest - dt.timedelta(1)
    return 0, None, None, None


MARCH = {f"2026-03-{day:02d}": 2 for day in range(1, 15)}


@pytest.mark.parametrize(
    "later, first_future",
    [
        # Within max_gap_days, and without a gap.
        ({"2026-03-15": 1}, None),
        ({"2026-04-13": 1}, None),
        # A wrong clock: one row, some rows, on one day or on several.
        ({"2026-04-14": 1}, "2026-04-14"),
        ({"2099-12-31": 1}, "2099-12-31"),
        ({"2040-01-01": 2, "2099-12-31": 5}, "2040-01-01"),
        # After a pause of 40 days it goes on: not at once, but as soon as a quarter of the events or ten of them follow.
        ({"2026-04-24": 5}, "2026-04-24"),
        ({"2026-04-24": 5, "2026-04-25": 4}, "2026-04-24"),
        ({"2026-04-24": 5, "2026-04-25": 5}, None),
        ({"2026-04-24": 5, "2026-04-25": 5, "2099-12-31": 3}, "2099-12-31"),
        # Few events, far from each other, but as many after as before.
        ({"2026-04-24": 10, "2026-06-24": 10}, None),
    ],
)
@pytest.mark.parametrize("has_arrivals", [True, False])
def test_what_arrives_after_a_gap_counts_as_soon_as_enough_follows(
    later: dict[str, int], first_future: str | None, has_arrivals: bool
) -> None:
    calendar = {dt.date.fromisoformat(day): count for day, count in (MARCH | later).items()}
    row = judged(calendar, None, has_arrivals)
    assert row == judged_in_python(calendar, None)
    assert row[1] == (first_future and dt.date.fromisoformat(first_future))


@settings(max_examples=150, deadline=None, derandomize=True)
@given(
    st.dictionaries(st.integers(0, 260), st.integers(1, 40), min_size=1, max_size=12),
    st.none() | st.integers(0, 260),
    st.sampled_from([1, 1, 9]),
)
def test_any_calendar_is_judged_as_the_docs_say(numbers: dict[int, int], accepted: int | None, stretch: int) -> None:
    calendar = {dt.date(2026, 1, 1) + dt.timedelta(stretch * number): count for number, count in numbers.items()}
    accepted_day = None if accepted is None else dt.date(2026, 1, 1) + dt.timedelta(stretch * accepted)
    assert judged(calendar, accepted_day) == judged_in_python(calendar, accepted_day)
