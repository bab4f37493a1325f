"""Cost follows what happened: the rows that a build writes are those of the dates, and of the segments, that it concerns.

test_by_date.py and test_when_changed.py hold the rules on a few made-up models; here are the real ones, with each kind of increment.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from warehouse import Inputs, Warehouse, small_company

SELECTED = ("+segment_sizes", "+segment_transitions", "+metric_sums", "+segment_retention")
# Three ends of periods, and a Monday.
DATES = ["2026-03-01", "2026-03-08", "2026-03-15", "2026-03-16"]
FIRST, SECOND, THIRD, FOURTH = DATES
NEXT_DAY = "2026-03-17"
# Whoever came back since is counted again with any activity, for each cohort.
COHORTS = "retention_counts"
OF_MEMBERS = {"user_segments", "segment_sizes", "segment_transitions", "metric_sums", COHORTS}
FEATURES = {"user_key_events", "user_features"}
# Who comes on a day.
LAST = {"user_id": "u1", "event_name": "logged_in", "device_type": "desktop", "os": "linux", "app_version": "1.0.0"}
MODELS = OF_MEMBERS | FEATURES | {"metric_rulers"}


class Company:
    """A company of four users that is built again after each thing that happens."""

    def __init__(self, warehouse: Warehouse, inputs: Inputs) -> None:
        self.warehouse, self.inputs = warehouse, inputs

    def build(self) -> dict[str, set[tuple[str, str]]]:
        """Build; for each model by date what it wrote, as (date, segment or ''). What it wrote has as many rows as its table."""
        self.warehouse.write_inputs(self.inputs)
        self.warehouse.build("--select", *SELECTED)
        written = {}
        names = self.warehouse.query("select table_name from duckdb_columns() where schema_name = 'built' and column_name = 'as_of_date'")
        for (name,) in names:
            rows = self.warehouse.query(
                f"""select cast(as_of_date as varchar), part, row_count from built.{name}
                where built_by = (select invocation_id from state.last_run)"""
            )
            if rows:
                written[name] = {(date, part) for date, part, _ in rows}
            if name == "user_features":
                dates = ", ".join(f"date '{date}'" for date, _, _ in rows) or "null"
                users = self.warehouse.query(f"select count(*) from features.user_dates where as_of_date in ({dates})")
                assert users == [(sum(count for _, _, count in rows),)], "a row more than the users of these dates"
        return written

    def tables(self) -> set[str]:
        """The tables without dates that the last build made anew."""
        names = self.warehouse.query(
            "select distinct table_name from duckdb_columns() where schema_name = 'built' and column_name = 'content'"
        )
        query = "select 1 from built.{} where built_by = (select invocation_id from state.last_run)"
        return {name for (name,) in names if name != "contents_of_run" and self.warehouse.query(query.format(name))}


@pytest.fixture(scope="module")
def company(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Company]:
    warehouse = Warehouse(tmp_path_factory.mktemp("cost") / "project", {"history_periods": 3}, copied=("models",), analysis=True)
    inputs = small_company()
    inputs["events"].append(LAST | {"event_id": "last", "occurred_at": "2026-03-17T00:10:00Z", "received_at": "2026-03-17T00:10:05Z"})
    inputs["attribute_history"] = [
        {"entity": "user", "entity_id": "u1", "attribute": "job_title", "value": "Engineer", "valid_from": "2026-01-05T09:00:00Z"}
    ]
    made = Company(warehouse, inputs)
    first = made.build()
    assert first.keys() == MODELS
    assert {date for date, _ in first["user_features"]} == set(DATES)
    yield made


def dates(written: dict[str, set[tuple[str, str]]]) -> dict[str, set[str]]:
    return {name: {date for date, _ in pairs} for name, pairs in written.items()}


@pytest.mark.long
def test_each_kind_of_increment_writes_what_it_concerns(company: Company) -> None:
    inputs = company.inputs
    assert company.build() == {} and company.tables() == set(), "nothing new"

    # It happened before the second date.
    inputs["events"].append(LAST | {"event_id": "late", "occurred_at": "2026-03-03T10:00:00Z", "received_at": "2026-03-17T00:09:00Z"})
    seen = {SECOND, THIRD, FOURTH}
    assert dates(company.build()) == dict.fromkeys(MODELS, seen) | {COHORTS: set(DATES)}, "a late event"

    # A sync of the CRM: another mail address and time of change, which no feature reads.
    user = next(row for row in inputs["users"] if row["user_id"] == "u2")
    user |= {"email": "other@example.com", "updated_at": "2026-03-14T09:00:00Z"}
    assert company.build() == {}, "a sync that changes nothing that is read"

    # A job title that holds from a day on.
    inputs["attribute_history"].append(
        {"entity": "user", "entity_id": "u1", "attribute": "job_title", "value": "Director", "valid_from": "2026-03-10T09:00:00Z"}
    )
    next(row for row in inputs["users"] if row["user_id"] == "u1")["job_title"] = "Director"
    written = dates(company.build())
    assert written.pop(COHORTS, set(DATES)) == {THIRD, FOURTH}
    assert written == dict.fromkeys(MODELS - {COHORTS, "user_key_events"}, {THIRD, FOURTH}), "an attribute with history"

    # One more day, in the place of the one before.
    inputs["events"].append(LAST | {"event_id": "next", "occurred_at": "2026-03-18T00:10:00Z", "received_at": "2026-03-18T00:10:05Z"})
    written = dates(company.build())
    assert written.pop(COHORTS) == {FIRST, SECOND, THIRD, NEXT_DAY}
    assert written == dict.fromkeys(MODELS - {COHORTS}, {NEXT_DAY}), "a new day"

    # Another bound of one segment: its own rows, on all dates; sizes and moves are of all segments.
    (path,) = (company.warehouse.folder / "models/segments").rglob("power_users.sql")
    path.write_text(path.read_text(encoding="utf-8").replace("active_days_28d >= 12", "active_days_28d >= 11"), encoding="utf-8")
    rows = company.build()
    assert {segment for _, segment in rows["user_segments"]} == {segment for _, segment in rows["metric_sums"]} == {"power_users"}
    assert not rows.keys() & (FEATURES | {"metric_rulers"}), "a changed segment"
