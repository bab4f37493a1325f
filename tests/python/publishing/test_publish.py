"""What is published: only whole builds, whole files, no person, and no small count, not even by arithmetic."""

from __future__ import annotations

import datetime as dt
import errno
import json
import os
import re
import signal
import stat
import subprocess
import sys
from fractions import Fraction
from pathlib import Path
from typing import Any

import duckdb
import pytest

import publish as publishing_script
from publishing import aggregates, files
from publishing.declarations import Aggregates, Users, Withheld
from publishing.marts import MARTS
from publishing.pseudonyms import read_key
from publishing.suppression import Cell, Problem, suppress
from refusal import Refusal
from warehouse import ROOT, Inputs, Warehouse

DECLARED = {name: MARTS[name] for name in ("segments", "segment_sizes", "user_lifecycle_segments", "rejected_rows")}


class Build:
    """A hand-made build: a warehouse of three marts, and what dbt would have written about it."""

    def __init__(self, folder: Path) -> None:
        self.database, self.target, self.published = folder / "warehouse.duckdb", folder / "target", folder / "published"
        self.key = folder / "key"
        self.target.mkdir(parents=True)
        with duckdb.connect(str(self.database)) as connection:
            connection.execute("create schema marts")
            connection.execute(
                """
                create table marts.segments (
                    segment varchar not null primary key, label varchar, type varchar, tier varchar, is_lifecycle boolean, status varchar, retired_on date, owner varchar, owner_product varchar, owner_gtm varchar, goal varchar,
                    objective varchar, metric varchar, target double, target_date date,
                    action varchar, lawful_basis varchar, lawful_basis_note varchar, families varchar, definition varchar, definition_hash varchar,
                    desirability bigint, reviewed_on date,
                    as_of_date date not null, data_through date not null
                );
                comment on table marts.segments is 'One row per segment.';
                comment on column marts.segments.label is 'It''s a label';
                insert into marts.segments by name
                select s as segment, 'lifecycle' as tier, true as is_lifecycle, date '2026-03-08' as as_of_date, date '2026-03-08' as data_through
                from (values ('big'), ('small')) as names (s);
                create table marts.segment_sizes (
                    segment varchar not null, users bigint not null, population_users bigint not null, share double not null,
                    entered bigint, exited bigint, stayed bigint, is_period_end boolean not null, is_provisional boolean not null,
                    as_of_date date not null, previous_as_of_date date, data_through date not null, primary key (segment, as_of_date)
                );
                insert into marts.segment_sizes values
                ('big', 90, 100, .9, null, null, null, true, false, date '2026-03-01', null, date '2026-03-08'),
                ('small', 10, 100, .1, null, null, null, true, false, date '2026-03-01', null, date '2026-03-08'),
                ('big', 88, 100, .88, 2, 4, 86, true, false, date '2026-03-08', date '2026-03-01', date '2026-03-08'),
                ('small', 12, 100, .12, 4, 2, 8, true, false, date '2026-03-08', date '2026-03-01', date '2026-03-08');
                create table marts.user_lifecycle_segments (
                    user_id varchar not null, segment varchar not null, as_of_date date not null, data_through date not null,
                    primary key (user_id, as_of_date)
                );
                insert into marts.user_lifecycle_segments
                select 'ann-' || n, 'big', date '2026-03-08', date '2026-03-08' from range(100) as users (n);
                create table marts.rejected_rows (raw_row varchar, data_through date);
                insert into marts.rejected_rows values ('{"email": "ann-1@example.com"}', date '2026-03-08');
                create schema state;
                create table state.last_run as
                select 'run-1' as invocation_id, 'build' as command, true as is_finished, '10' as min_cell_users
                """
            )
            columns = connection.execute(
                "select table_name, map(list(column_name), list(not is_nullable)) from duckdb_columns() where schema_name = 'marts' group by 1"
            ).fetchall()
            keys = dict(
                connection.execute(
                    "select table_name, constraint_column_names from duckdb_constraints() where constraint_type = 'PRIMARY KEY'"
                ).fetchall()
            )
        self.nodes: dict[str, Any] = {
            f"model.p.{name}": {
                "unique_id": f"model.p.{name}",
                "resource_type": "model",
                "name": name,
                "alias": name,
                "schema": "marts",
                "fqn": ["p", "marts", name],
                "config": {"materialized": "table"},
                "depends_on": {"nodes": ["model.p.staged"]},
                "checksum": {"checksum": "c"},
                "columns": {
                    column: {
                        "config": {"meta": {"privacy": "personal"}} if column == "user_id" else {},
                        "constraints": [{"type": "not_null"}] if is_needed else [],
                    }
                    for column, is_needed in needed.items()
                },
                "constraints": [{"type": "primary_key", "columns": keys[name]}] if name in keys else [],
            }
            for name, needed in columns
        }
        self.nodes["model.p.staged"] = {
            **self.nodes["model.p.segments"],
            "unique_id": "model.p.staged",
            "name": "staged",
            "fqn": ["p", "staging", "staged"],
            "depends_on": {"nodes": []},
        }
        self.nodes["model.p.forgotten_users"] = {
            **self.nodes["model.p.staged"],
            "unique_id": "model.p.forgotten_users",
            "name": "forgotten_users",
            "schema": "state",
        }
        self.nodes["test.p.sizes_hold"] = {
            "unique_id": "test.p.sizes_hold",
            "resource_type": "test",
            "name": "sizes_hold",
            "fqn": ["p", "sizes_hold"],
            "config": {"severity": "ERROR"},
            "depends_on": {"nodes": ["model.p.segment_sizes"]},
        }
        self.statuses = {name: "pass" if name.startswith("test") else "success" for name in self.nodes}
        self.command, self.invocation = "build", "run-1"

    def execute(self, sql: str) -> None:
        with duckdb.connect(str(self.database)) as connection:
            connection.execute(sql)

    def publish(self, **options: Any) -> publishing_script.Published:
        manifest = {"metadata": {}, "nodes": self.nodes, "unit_tests": {}, "macros": {}}
        results = {
            "metadata": {"invocation_id": self.invocation},
            "args": {"which": self.command},
            "results": [{"unique_id": name, "status": status} for name, status in self.statuses.items()],
        }
        (self.target / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")
        (self.target / "run_results.json").write_text(json.dumps(results), encoding="utf-8")
        return publishing_script.publish(
            self.database, self.target, self.published, self.key, declared=options.pop("declared", DECLARED), **options
        )

    def contents(self) -> dict[str, bytes]:
        """Every published file, byte for byte."""
        return {path.name: path.read_bytes() for path in sorted(self.published.glob("*")) if path.is_file() and path.name != ".lock"}

    def query(self, sql: str, file: str = publishing_script.AGGREGATES_FILE) -> list[tuple]:
        with duckdb.connect(str(self.published / file), read_only=True) as connection:
            return connection.execute(sql).fetchall()


@pytest.fixture
def build(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Build:
    monkeypatch.delenv("SEGMENTATION_PSEUDONYM_KEY", raising=False)
    return Build(tmp_path / "build")


def fail_a_test(build: Build) -> None:
    build.statuses["test.p.sizes_hold"] = "fail"


def skip_a_mart(build: Build) -> None:
    build.statuses["model.p.segments"] = "skipped"


def build_a_part(build: Build) -> None:
    del build.statuses["model.p.staged"]


def leave_out_a_test(build: Build) -> None:
    del build.statuses["test.p.sizes_hold"]


def warn_where_it_must_fail(build: Build) -> None:
    build.statuses["test.p.sizes_hold"] = "warn"


def compile_afterwards(build: Build) -> None:
    build.command = "compile"


def use_results_of_another_file(build: Build) -> None:
    build.invocation = "run-2"


def interrupt_the_build(build: Build) -> None:
    build.execute("update state.last_run set is_finished = false")


def forget_who_built(build: Build) -> None:
    build.execute("drop table state.last_run")


def end_on_two_days(build: Build) -> None:
    build.execute("update marts.segments set data_through = date '2026-03-07'")


def add_a_mart(build: Build) -> None:
    build.nodes["model.p.new_mart"] = {**build.nodes["model.p.segments"], "unique_id": "model.p.new_mart", "name": "new_mart"}
    build.statuses["model.p.new_mart"] = "success"


def add_a_column(build: Build) -> None:
    build.execute("alter table marts.segment_sizes add column deleted_users bigint")


def tag_a_column(build: Build) -> None:
    build.nodes["model.p.segments"]["columns"]["owner"] = {"config": {"meta": {"privacy": "personal"}}}


def lose_users(build: Build) -> None:
    build.nodes["model.p.seen_users"] = {
        **build.nodes["model.p.staged"],
        "unique_id": "model.p.seen_users",
        "name": "seen_users",
        "alias": "seen_users",
        "schema": "state",
    }
    build.statuses["model.p.seen_users"] = "success"
    build.execute(
        "create schema if not exists state; create table state.seen_users as select 'h' || n as user_hash, n > 3 as was_known, "
        "n > 97 as is_vanished, false as is_accepted from range(100) as users (n)"
    )


def leave_out_who_was_seen(build: Build) -> None:
    lose_users(build)
    del build.statuses["model.p.seen_users"]


def set_no_minimum(build: Build) -> None:
    build.execute("update state.last_run set min_cell_users = 'ten'")


def break_a_sum(build: Build) -> None:
    build.execute("update marts.segment_sizes set stayed = stayed + 30 where entered > 2")


def count_twice(build: Build) -> None:
    build.execute("update marts.segment_sizes set population_users = 130 where entered > 2")


@pytest.mark.parametrize(
    "spoil, message",
    [
        (fail_a_test, r"test sizes_hold \(fail\)"),
        (skip_a_mart, r"model segments \(skipped\)"),
        (build_a_part, "partial: it left out model staged"),
        (leave_out_a_test, "ran without test sizes_hold"),
        (warn_where_it_must_fail, r"test sizes_hold \(warn\)"),
        (compile_afterwards, "`dbt compile`"),
        (use_results_of_another_file, "do not belong to"),
        (interrupt_the_build, "was interrupted"),
        (forget_who_built, "does not say which build wrote it"),
        (end_on_two_days, "2026-03-07: segments; 2026-03-08"),
        (add_a_mart, "Not declared for publishing: new_mart"),
        (add_a_column, "segment_sizes.deleted_users is not declared"),
        (tag_a_column, "segments.owner is personal"),
        (break_a_sum, "segment_sizes: [0-9]+ sums do not add up"),
        (count_twice, "segment_sizes: 1 counts differ from others of their name"),
        (lose_users, "2 of 96 users from the previous build are missing"),
        (leave_out_who_was_seen, "it left out model seen_users"),
        (set_no_minimum, "min_cell_users must be a whole number ≥ 1, got ten"),
    ],
)
def test_what_may_not_be_published_leaves_every_byte_as_it_was(build: Build, spoil: Any, message: str) -> None:
    build.publish()
    before = build.contents()
    assert set(before) == {publishing_script.AGGREGATES_FILE, publishing_script.USERS_FILE}
    build.execute("update marts.segments set label = 'changed'")
    spoil(build)
    with pytest.raises(Refusal, match=message):
        build.publish()
    assert build.contents() == before


def test_a_mart_of_state_may_lie_behind_and_what_lies_ahead_is_left_out(build: Build) -> None:
    """Fits are added when one is due: their days are older than that of the build, or later if the build looks into the past."""
    build.execute(
        """
        create table marts.fits (version bigint not null primary key, as_of_date date not null, data_through date not null);
        insert into marts.fits select n, day, day from (
            values (1, date '2026-01-04'), (2, date '2026-03-01'), (3, date '2026-03-08'), (4, date '2026-03-15')
        ) as fits (n, day)
        """
    )
    build.nodes["model.p.fits"] = {
        **build.nodes["model.p.segments"],
        "unique_id": "model.p.fits",
        "name": "fits",
        "alias": "fits",
        "columns": {"version": {}, "as_of_date": {}, "data_through": {}},
        "constraints": [],
    }
    build.statuses["model.p.fits"] = "success"
    kept = ("version", "as_of_date", "data_through")
    build.publish(declared={**DECLARED, "fits": Aggregates(kept=kept, is_state=True)})
    assert build.query("select version from marts.fits order by 1") == [(1,), (2,), (3,)]
    assert build.query("select distinct data_through from marts.publish_log") == [(dt.date(2026, 3, 8),)]
    with pytest.raises(Refusal, match="2026-01-04: fits"):
        build.publish(declared={**DECLARED, "fits": Aggregates(kept=kept)})


def add_users(build: Build, active: int, inactive: int) -> None:
    """A mart `users`, by which the active ones are counted."""
    build.execute(
        f"""
        create or replace table marts.users (user_id varchar not null primary key, active_days_28d bigint, data_through date);
        insert into marts.users
        select 'u' || n, case when n < {active} then 3 else 0 end, (select max(data_through) from marts.segments)
        from range({active + inactive}) as users (n)
        """
    )
    build.nodes["model.p.users"] = {
        **build.nodes["model.p.segments"],
        "unique_id": "model.p.users",
        "name": "users",
        "alias": "users",
        "columns": {"user_id": {"config": {"meta": {"privacy": "personal"}}}, "active_days_28d": {}, "data_through": {}},
        "constraints": [{"type": "primary_key", "columns": ["user_id"]}],
    }
    build.statuses["model.p.users"] = "success"


def move(build: Build, days: int) -> None:
    """The same marts, so many days later."""
    for table in ("segments", "segment_sizes", "user_lifecycle_segments"):
        build.execute(f"update marts.{table} set data_through = data_through + {days}")


def set_variables(build: Build, **values: str) -> None:
    """What the build says of the variables it ran with."""
    for name, value in values.items():
        build.execute(f"alter table state.last_run add column if not exists {name} varchar; update state.last_run set {name} = '{value}'")


GUARD = {"max_gap_days": "30", "max_active_users_fall": "0.5", "accept_data_through": ""}


@pytest.mark.parametrize("days", [31, -31, 26_000])
def test_a_jump_of_the_dates_is_published_only_if_its_very_day_is_accepted(build: Build, days: int) -> None:
    set_variables(build, **GUARD)
    build.publish()
    before = build.contents()
    move(build, days)
    day = dt.date(2026, 3, 8) + dt.timedelta(days)
    # The message names both ways out.
    with pytest.raises(Refusal, match=rf"{abs(days)} days (after|before) 2026-03-08.*accept_data_through: '{day}'.*fix the cause"):
        build.publish()
    for other in (day - dt.timedelta(1), day + dt.timedelta(1)):
        set_variables(build, accept_data_through=str(other))
        with pytest.raises(Refusal):
            build.publish()
    assert build.contents() == before
    set_variables(build, accept_data_through=str(day))
    build.publish()
    # It goes on from there, and what was accepted holds for no other day.
    move(build, 30)
    build.publish()
    move(build, 31)
    with pytest.raises(Refusal):
        build.publish()


def test_half_of_the_active_users_gone_is_published_only_if_its_day_is_accepted(build: Build) -> None:
    declared = {**DECLARED, "users": Users()}
    set_variables(build, **GUARD)
    add_users(build, active=20, inactive=50)
    build.publish(declared=declared)
    move(build, 1)
    add_users(build, active=10, inactive=60)
    build.publish(declared=declared)
    move(build, 1)
    for active in (4, 0):
        add_users(build, active=active, inactive=66)
        with pytest.raises(Refusal, match=rf"{active} users were active .* than the 10 .*accept_data_through: '2026-03-10'"):
            build.publish(declared=declared)
    set_variables(build, max_active_users_fall="1")
    build.publish(declared=declared)
    set_variables(build, max_active_users_fall="0.5", accept_data_through="2026-03-11")
    add_users(build, active=20, inactive=50)
    build.publish(declared=declared)
    move(build, 1)
    add_users(build, active=1, inactive=50)
    build.publish(declared=declared)
    # More is no fall, and without a publication there is nothing to compare with.
    set_variables(build, accept_data_through="")
    add_users(build, active=70, inactive=0)
    build.publish(declared=declared)
    add_users(build, active=0, inactive=70)
    for name in (publishing_script.AGGREGATES_FILE, publishing_script.USERS_FILE):
        (build.published / name).unlink()
    build.publish(declared=declared)


@pytest.mark.parametrize(
    "name, value",
    [("max_gap_days", "0"), ("max_active_users_fall", "1.5"), ("max_active_users_fall", "half"), ("accept_data_through", "yes")],
)
def test_variables_of_publishing_that_mean_nothing_are_named(build: Build, name: str, value: str) -> None:
    set_variables(build, **{**GUARD, name: value})
    with pytest.raises(Refusal, match=f"The variable {name} must be .*, got {value}"):
        build.publish()


class Refresh:
    """A build that was published, with a second mart of users, and a refresh of one of the two after it."""

    def __init__(self, build: Build) -> None:
        self.build, self.declared = build, {**DECLARED, "user_clusters": Users()}
        build.execute(
            """
            create table marts.user_clusters (user_id varchar not null primary key, cluster bigint not null, data_through date not null);
            comment on table marts.user_clusters is 'One row per user.';
            comment on column marts.user_clusters.cluster is 'A number.';
            insert into marts.user_clusters select 'ann-' || n, n % 3, date '2026-03-08' from range(100) as users (n);
            """
        )
        build.nodes["model.p.user_clusters"] = {
            **build.nodes["model.p.user_lifecycle_segments"],
            "unique_id": "model.p.user_clusters",
            "name": "user_clusters",
            "alias": "user_clusters",
            "columns": {
                "user_id": {"config": {"meta": {"privacy": "personal"}}, "constraints": [{"type": "not_null"}]},
                "cluster": {"constraints": [{"type": "not_null"}]},
                "data_through": {"constraints": [{"type": "not_null"}]},
            },
            "constraints": [{"type": "primary_key", "columns": ["user_id"]}],
        }
        build.statuses["model.p.user_clusters"] = "success"
        build.publish(declared=self.declared)
        self.users = build.query("select * from marts.user_clusters order by all", publishing_script.USERS_FILE)
        self.before = build.contents()
        self.run("run-2")

    def run(self, run_id: str) -> None:
        """A day later, with a user more, and clusters that a build without tests has left."""
        self.build.execute(
            f"""
            create or replace table state.last_run as
            select '{run_id}' as invocation_id, 'build' as command, true as is_finished, '10' as min_cell_users, true as include_today;
            update marts.user_lifecycle_segments set as_of_date = date '2026-03-09', data_through = date '2026-03-09';
            insert or replace into marts.user_lifecycle_segments values ('ann-new', 'small', date '2026-03-09', date '2026-03-09');
            update marts.user_clusters set cluster = 7
            """
        )
        self.build.invocation = run_id
        self.build.statuses = {"model.p.staged": "success", "model.p.user_lifecycle_segments": "success"}

    def publish(self) -> str:
        # Only for the files that dbt would have written.
        with pytest.raises(Refusal, match="partial"):
            self.build.publish(declared=self.declared)
        return str(
            publishing_script.publish_users(self.build.database, self.build.target, self.build.published, self.build.key, self.declared)
        )


def test_a_refresh_changes_the_file_of_users_and_in_it_what_it_has_built(build: Build) -> None:
    refresh = Refresh(build)
    said = refresh.publish()
    assert "1 marts, 101 rows up to 2026-03-09, a day that is not over; 1 marts" in said
    after = build.contents()
    assert after[publishing_script.AGGREGATES_FILE] == refresh.before[publishing_script.AGGREGATES_FILE]
    file = publishing_script.USERS_FILE
    assert build.query("select count(*), min(as_of_date) from marts.user_lifecycle_segments", file) == [(101, dt.date(2026, 3, 9))]
    assert build.query("select * from marts.user_clusters order by all", file) == refresh.users
    assert build.query(
        "select constraint_column_names from duckdb_constraints() where table_name = 'user_clusters' and constraint_type = 'PRIMARY KEY'",
        file,
    ) == [(["user_id"],)]
    assert build.query(
        "select comment from duckdb_columns() where table_name = 'user_clusters' and column_name = 'cluster' "
        "union all select comment from duckdb_tables() where table_name = 'user_clusters'",
        file,
    ) == [("A number.",), ("One row per user.",)]
    assert dict(build.query("select column_name, is_nullable from duckdb_columns() where table_name = 'user_clusters'", file)) == {
        "user_id": False,
        "cluster": False,
        "data_through": False,
    }
    assert stat.S_IMODE((build.published / file).stat().st_mode) == 0o600


def test_the_log_has_the_last_refresh_until_the_next_publication(build: Build) -> None:
    refresh = Refresh(build)
    log, file = "select run_id, data_through, is_provisional from marts.publish_log order by published_at", publishing_script.USERS_FILE
    first = ("run-1", dt.date(2026, 3, 8), False)
    for run in ("run-2", "run-3"):
        refresh.run(run)
        refresh.publish()
        assert build.query(log, file) == [first, (run, dt.date(2026, 3, 9), True)]
    # The next whole build ends with the day that is over.
    build.execute(
        "create or replace table state.last_run as select 'run-4' as invocation_id, 'build' as command, true as is_finished, '10' as min_cell_users"
    )
    build.execute("delete from marts.user_lifecycle_segments where user_id = 'ann-new'")
    for table in ("segments", "segment_sizes", "user_lifecycle_segments", "user_clusters"):
        build.execute(f"update marts.{table} set data_through = date '2026-03-08'")
    build.invocation, build.statuses = "run-4", {name: "pass" if name.startswith("test") else "success" for name in build.nodes}
    build.publish(declared=refresh.declared)
    assert build.query(log, file) == build.query(log) == [first, ("run-4", dt.date(2026, 3, 8), False)]


def refresh_fails_a_test(build: Build) -> None:
    build.statuses["test.p.sizes_hold"] = "fail"


def refresh_sees_few_users(build: Build) -> None:
    lose_users(build)


def refresh_is_of_another_run(build: Build) -> None:
    build.invocation = "run-1"


def refresh_ends_on_two_days(build: Build) -> None:
    build.execute("update marts.user_lifecycle_segments set data_through = date '2026-03-07' where user_id = 'ann-3'")


def refresh_jumps(build: Build) -> None:
    build.execute("update marts.user_lifecycle_segments set data_through = date '2027-03-07'")


def refresh_without_a_publication(build: Build) -> None:
    (build.published / publishing_script.USERS_FILE).unlink()


@pytest.mark.parametrize(
    "spoil, message",
    [
        (refresh_fails_a_test, r"test sizes_hold \(fail\)"),
        (refresh_sees_few_users, "2 of 96 users from the previous build are missing"),
        (refresh_is_of_another_run, "do not belong to"),
        (interrupt_the_build, "was interrupted"),
        (refresh_ends_on_two_days, "2026-03-07: user_lifecycle_segments; 2026-03-09"),
        (refresh_jumps, "364 days after 2026-03-08"),
        (refresh_without_a_publication, "nothing was published before"),
    ],
)
def test_a_refresh_that_may_not_be_published_leaves_every_byte_as_it_was(build: Build, spoil: Any, message: str) -> None:
    refresh = Refresh(build)
    spoil(build)
    before = build.contents()
    build.statuses.setdefault("model.p.seen_users", "success")
    with pytest.raises(Refusal):
        build.publish(declared=refresh.declared)
    with pytest.raises(Refusal, match=message):
        publishing_script.publish_users(build.database, build.target, build.published, build.key, refresh.declared)
    assert build.contents() == before


def test_a_whole_build_with_the_running_day_is_not_published(build: Build) -> None:
    build.publish()
    before = build.contents()
    build.execute("alter table state.last_run add column include_today boolean; update state.last_run set include_today = true")
    with pytest.raises(Refusal, match="include_today, has added it"):
        build.publish()
    assert build.contents() == before


def test_a_warning_of_a_test_that_may_warn_is_published(build: Build) -> None:
    build.statuses["test.p.sizes_hold"] = "warn"
    build.nodes["test.p.sizes_hold"]["config"]["severity"] = "warn"
    assert "2 marts" in str(build.publish())


def test_keys_comments_not_null_and_modes_are_kept(build: Build) -> None:
    build.publish()
    assert build.query("select comment from duckdb_tables() where table_name = 'segments'") == [("One row per segment.",)]
    assert build.query("select comment from duckdb_columns() where table_name = 'segments' and column_name = 'label'") == [
        ("It's a label",)
    ]
    assert build.query(
        "select constraint_column_names from duckdb_constraints() where table_name = 'segment_sizes' and constraint_type = 'PRIMARY KEY'"
    ) == [(["segment", "as_of_date"],)]
    nullable = dict(build.query("select column_name, is_nullable from duckdb_columns() where table_name = 'segment_sizes'"))
    assert nullable["segment"] is False and nullable["users"] is True and nullable["is_suppressed"] is False
    assert build.query("select count(*) from duckdb_views() where not internal") == [(0,)]
    modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in build.published.iterdir()}
    assert modes == {publishing_script.AGGREGATES_FILE: 0o640, publishing_script.USERS_FILE: 0o600, ".lock": 0o600}
    assert stat.S_IMODE(build.published.stat().st_mode) == 0o750 and stat.S_IMODE(build.key.stat().st_mode) == 0o600


def test_the_log_keeps_every_publication(build: Build) -> None:
    build.publish()
    build.publish()
    for file in (publishing_script.AGGREGATES_FILE, publishing_script.USERS_FILE):
        rows = build.query("select run_id, min_cell_users, tables, user_rows, suppressed_fields from marts.publish_log", file)
        assert rows == [("run-1", 10, 2, 100, 6)] * 2


def test_ids_are_the_same_pseudonyms_every_time_and_nobody_is_named(build: Build) -> None:
    build.publish()
    first = build.query("select user_id from marts.user_lifecycle_segments order by user_id", publishing_script.USERS_FILE)
    build.publish(with_parquet=True)
    assert build.query("select user_id from marts.user_lifecycle_segments order by user_id", publishing_script.USERS_FILE) == first
    assert len(set(first)) == 100 and all(len(user) == 32 for (user,) in first)
    for path in build.published.rglob("*"):
        if path.is_file():
            assert b"ann-" not in path.read_bytes(), path
    with duckdb.connect() as connection:
        assert connection.execute(f"select count(*) from '{build.published}/parquet/segments.parquet'").fetchone() == (2,)
    build.key.chmod(0o644)
    with pytest.raises(Refusal, match="chmod 600"):
        read_key(build.key)


def test_small_counts_and_what_would_tell_them_are_withheld(build: Build) -> None:
    build.publish()
    rows = build.query("select users, share, entered, exited, stayed, is_suppressed from marts.segment_sizes order by as_of_date, segment")
    # Only 8 stayed in small, and 2 and 4 moved: users who stayed in big would tell who moved.
    assert rows == [
        (90, 0.9, None, None, None, False),
        (10, 0.1, None, None, None, False),
        (88, 0.88, None, None, None, True),
        (12, 0.12, None, None, None, True),
    ]


@pytest.mark.parametrize("place", ["flush", "replace"])
def test_a_full_disk_changes_nothing(build: Build, monkeypatch: pytest.MonkeyPatch, place: str) -> None:
    build.publish()
    before = build.contents()

    def full(*_: Any) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    with monkeypatch.context() as patch:
        patch.setattr(files, "flush", full) if place == "flush" else patch.setattr(files.os, "replace", full)
        with pytest.raises(Refusal, match="No space left on device"):
            build.publish()
    assert build.contents() == before


PUBLISH = """
import resource, signal, sys
sys.path[:0] = sys.argv[1].split(":")
from pathlib import Path
import test_publish
build = test_publish.Build.__new__(test_publish.Build)
build.__dict__.update(eval(sys.argv[2], {"PosixPath": Path}))
{before}
try:
    build.publish()
except test_publish.Refusal as refusal:
    sys.exit(f"refused: {refusal}")
"""


def publish_elsewhere(build: Build, before: str) -> subprocess.CompletedProcess:
    """The publication in a process of its own, which can be hurt; `before` says how."""
    return subprocess.run(
        [
            sys.executable,
            "-c",
            PUBLISH.replace("{before}", before),
            ":".join(str(ROOT / place) for place in ("tests/support", "tests/python/publishing", "tests", "scripts")),
            repr(build.__dict__),
        ],
        capture_output=True,
        text=True,
        check=False,
    )


def test_a_file_system_that_takes_no_more_changes_nothing(build: Build) -> None:
    """For real: the kernel lets the process write files of 100 kB at most, and a database is larger."""
    build.publish()
    before = build.contents()
    assert min(len(content) for content in before.values()) > 200_000
    limited = "signal.signal(signal.SIGXFSZ, signal.SIG_IGN); resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000))"
    done = publish_elsewhere(build, limited)
    assert done.returncode == 1 and "the files published before are unchanged" in done.stderr, done.stderr
    assert build.contents() == before


@pytest.mark.parametrize("place", ["write_next", "flush", "swap"])
def test_a_kill_changes_nothing_and_the_next_publication_comes_through(build: Build, place: str) -> None:
    """SIGKILL for real: before the first file, after it was written, and when all are written but none is in its place."""
    build.publish()
    before = build.contents()
    build.execute("update marts.segments set label = 'changed'")
    kill = f"import os; test_publish.files.{place} = lambda *_: os.kill(os.getpid(), signal.SIGKILL)"
    assert publish_elsewhere(build, kill).returncode == -signal.SIGKILL
    after = build.contents()
    assert {name: after[name] for name in before} == before
    assert place == "write_next" or set(after) > set(before), "the next file is there, and nobody reads it"
    build.publish()
    assert set(build.contents()) == set(before)
    assert build.query("select distinct label from marts.segments") == [("changed",)]


def test_what_a_crash_left_is_removed(build: Build) -> None:
    build.publish()
    (build.published / "segmentation.duckdb.next").write_bytes(b"half")
    (build.published / "segmentation.duckdb.next.wal").write_bytes(b"half")
    build.publish()
    assert set(build.contents()) == {publishing_script.AGGREGATES_FILE, publishing_script.USERS_FILE}


def test_readers_see_whole_files_while_they_are_swapped(build: Build) -> None:
    build.publish()
    reader = (
        "import duckdb, sys\n"
        "opened = 0\n"
        "while opened < 60:\n"
        "    with duckdb.connect(sys.argv[1], read_only=True) as c:\n"
        "        assert c.execute('select count(*) from marts.segment_sizes').fetchone() == (4,)\n"
        "    opened += 1\n"
    )
    process = subprocess.Popen(
        [sys.executable, "-c", reader, str(build.published / publishing_script.AGGREGATES_FILE)], stderr=subprocess.PIPE, text=True
    )
    swaps = 0
    while process.poll() is None or swaps < 2:
        build.publish()
        swaps += 1
    assert process.returncode == 0, process.stderr.read()


def test_a_file_that_is_being_built_is_not_read(build: Build) -> None:
    build.publish()
    before = build.contents()
    writer = subprocess.Popen(
        [
            sys.executable,
            "-c",
            "import duckdb, sys\nc = duckdb.connect(sys.argv[1])\nprint('open', flush=True)\nsys.stdin.read()",
            str(build.database),
        ],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert writer.stdout.readline() == "open\n"
    try:
        with pytest.raises(Refusal, match="is being written by another process"):
            build.publish()
    finally:
        writer.communicate("")
    assert build.contents() == before


def test_every_mart_is_declared() -> None:
    models = {path.stem for path in (ROOT / "models/marts").rglob("*.sql")}
    assert models - set(MARTS) == set()
    assert isinstance(MARTS["rejected_rows"], Withheld) and isinstance(MARTS["users"], Users)


# --- the arithmetic, attacked by a solver of its own --------------------------------------------------------------


def follows(equations: list[dict[Any, int]], unknown: set[Any]) -> set[Any]:
    """The unknowns that these equations give: plain Gaussian elimination with fractions, written without the engine's code."""
    rows = [{cell: Fraction(factor) for cell, factor in row.items() if cell in unknown} for row in equations]
    done: list[dict[Any, Fraction]] = []
    for row in rows:
        for pivot_row in done:
            pivot = next(iter(pivot_row))
            if pivot in row:
                times = row[pivot] / pivot_row[pivot]
                row = {
                    cell: value
                    for cell in {**row, **pivot_row}
                    if (value := row.get(cell, Fraction(0)) - times * pivot_row.get(cell, Fraction(0)))
                }
        if not row:
            continue
        pivot = next(iter(row))
        for place, other in enumerate(done):
            if pivot in other:
                times = other[pivot] / row[pivot]
                first = next(iter(other))
                changed = {
                    cell: value
                    for cell in [first, *(set({**other, **row}) - {first})]
                    if (value := other.get(cell, Fraction(0)) - times * row.get(cell, Fraction(0)))
                }
                done[place] = changed
        done.append(row)
    return {next(iter(row)) for row in done if len(row) == 1}


def test_no_cell_of_a_table_with_margins_follows_from_the_others() -> None:
    """4 × 4 users with row and column sums: the textbook case in which single gaps are not enough."""
    table = [[20, 3, 50, 11], [15, 40, 12, 30], [5, 18, 60, 25], [33, 14, 2, 70]]
    problem = Problem()

    def cell(value: int, cost: int) -> int:
        problem.cells.append(Cell(value, True, value < 10, cost))
        return len(problem.cells) - 1

    inner = [[cell(value, 1) for value in row] for row in table]
    row_sums = [cell(sum(row), 5) for row in table]
    column_sums = [cell(sum(column), 5) for column in zip(*table)]
    problem.equations += [(*((one, 1) for one in row), (total, -1)) for row, total in zip(inner, row_sums)]
    problem.equations += [(*((one, 1) for one in column), (total, -1)) for column, total in zip(zip(*inner), column_sums)]
    withheld = suppress(problem, 10)
    assert {inner[0][1], inner[2][0], inner[3][2]} < withheld and not withheld & {*row_sums, *column_sums}
    equations = [dict(equation) for equation in problem.equations]
    assert follows(equations, withheld) == set()
    # The attack itself works: without secondary suppression every small cell follows.
    small = {number for number, one in enumerate(problem.cells) if one.is_small}
    assert follows(equations, small) == small


def test_small_sums_are_not_told_by_two_gaps() -> None:
    """1 + 2 = 3: two gaps, but everybody knows that both are below 4. A third cell makes it uncertain."""
    problem = Problem(
        [Cell(1, True, True, 1), Cell(2, True, True, 1), Cell(30, True, False, 1), Cell(33, True, False, 9)],
        [((0, 1), (1, 1), (2, 1), (3, -1))],
    )
    assert suppress(problem, 10) == {0, 1, 2}


def test_a_circle_of_sums_is_not_solved() -> None:
    """3 + 4, 4 + 4 and 4 + 3: no sum alone gives anything away, and each part could be 0 to 7; together they are solved."""
    problem = Problem(
        [*(Cell(value, True, True, 1) for value in (3, 4, 4)), *(Cell(value, True, False, 9) for value in (7, 8, 7))],
        [((0, 1), (1, 1), (3, -1)), ((1, 1), (2, 1), (4, -1)), ((2, 1), (0, 1), (5, -1))],
    )
    equations = [dict(equation) for equation in problem.equations]
    assert follows(equations, {0, 1, 2}) == {0, 1, 2}
    withheld = suppress(problem, 5)
    assert {0, 1, 2} < withheld and follows(equations, withheld) == set()


# --- the files that are published of the sample -------------------------------------------------------------------
# Whole numbers that count no people, or say nothing about how many.
NO_PEOPLE = {
    "segments": {"desirability"},
    "segment_scorecard": {"score", "failing_checks", "unmet_criteria_count", "review_age_days", "micro_segments", "lifecycle_segments"},
    "segment_attrition": {"criterion_number"},
    "average_user_gap": {"trait_count"},
    "cohort_comparison": {"from_step"},
    "publish_log": {"min_cell_users", "tables", "rows", "suppressed_fields", "user_tables", "user_rows"},
    "input_summary": {
        "rows_read",
        "rows_used",
        "rows_duplicate",
        "rows_rejected",
        "rows_left_out",
        "rows_with_local_time",
        "rows_with_unreadable_values",
        "rows_of_unknown_users",
        "rows_of_unknown_accounts",
        "rows_of_anonymous_visitors",
    },
    "source_changes": {"events_in_source", "events_in_warehouse"},
}
# In any mart: places in an order, days, versions of a model, how many groups or events there are.
NO_PEOPLE_ANYWHERE = re.compile(
    r"step|(.*_)?day(s|)|window_days|version|cluster|term_number|degrees_of_freedom|rfm_\w+|accounts|.*_accounts|periods_\w+|events|"
    r"heterogeneity_segments|(.*_)?number|min_.*|period"
)


def test_no_column_shows_fewer_people_than_may_be_shown(published_sample: Path) -> None:
    """Looks at every whole number of every mart, whatever marts.py says of it."""
    with duckdb.connect(str(published_sample / publishing_script.AGGREGATES_FILE), read_only=True) as connection:
        columns = connection.execute(
            "select table_name, column_name from duckdb_columns() where schema_name = 'marts' "
            "and data_type in ('BIGINT', 'INTEGER', 'HUGEINT') order by all"
        ).fetchall()
        counts = [
            (mart, column)
            for mart, column in columns
            if column not in NO_PEOPLE.get(mart, set()) and not NO_PEOPLE_ANYWHERE.fullmatch(column)
        ]
        assert len({mart for mart, _ in counts}) > 20
        # Zero is no count of few people where nobody can be by definition, as in two segments of the lifecycle.
        few = [
            (mart, column)
            for mart, column in counts
            if connection.execute(f"select count(*) from marts.{mart} where {column} between 1 and 4").fetchone() != (0,)
        ]
    assert few == []


def test_nobody_is_named_in_the_published_files(published_sample: Path, sample: Inputs, sample_warehouse: Warehouse) -> None:
    """No id, address or anonymous id of the inputs is a value, or part of one, in either file; no column is tagged."""
    names = {
        row[column].strip().lower()
        for rows in sample.values()
        for row in rows
        for column in ("user_id", "email", "anonymous_id", "entity_id", "account_id")
        if row.get(column, "").strip()
    }
    assert len(names) > 1000
    word = re.compile(r"[\w.+@-]+")
    manifest = json.loads((sample_warehouse.folder / "target/manifest.json").read_text(encoding="utf-8"))
    nodes = {node["name"]: node for node in manifest["nodes"].values() if node["resource_type"] == "model"}
    looked_at = 0
    for file in (publishing_script.AGGREGATES_FILE, publishing_script.USERS_FILE):
        with duckdb.connect(str(published_sample / file), read_only=True) as connection:
            for mart, column, kind in connection.execute(
                "select table_name, column_name, data_type from duckdb_columns() where schema_name = 'marts' order by all"
            ).fetchall():
                tag = publishing_script.privacy_of(nodes[mart]).get(column) if mart in nodes else None
                assert tag is None or (tag == "personal" and column.endswith("_id")), (file, mart, column)
                if kind != "VARCHAR":
                    continue
                values = connection.execute(f"select distinct {column} from marts.{mart} where {column} is not null").fetchall()
                looked_at += len(values)
                found = {value for (value,) in values if names & set(word.findall(value.lower()))}
                assert found == set(), (file, mart, column)
    assert looked_at > 5000


def test_a_title_that_few_people_have_is_not_named(sample_warehouse: Warehouse, tmp_path: Path) -> None:
    """Its counts are withheld anyway, but the row would say that somebody here is a lion tamer."""
    database = tmp_path / "warehouse.duckdb"
    database.write_bytes(sample_warehouse.database.read_bytes())
    with duckdb.connect(str(database)) as connection:
        connection.execute(
            "update marts.segment_profiles set attribute_value = 'Lion Tamer', users = 0, baseline_users = 4 "
            "where attribute = 'job_title' and attribute_value = 'Accountant'"
        )
    with duckdb.connect() as connection:
        connection.execute(f"attach '{database}' as warehouse (read_only)")
        names = ("segments", "segment_sizes", "segment_profiles")
        aggregates.prepare(connection, {name: ("marts", MARTS[name]) for name in names}, 5)
        titles = {
            row[0]
            for row in connection.execute(
                "select distinct attribute_value from publish.segment_profiles where attribute = 'job_title'"
            ).fetchall()
        }
    assert "Lion Tamer" not in titles and {"Finance Director", "__other__"} <= titles


def test_nothing_follows_from_what_is_published_of_the_sample(published_sample: Path, sample_warehouse: Warehouse) -> None:
    attack(sample_warehouse.database, published_sample / publishing_script.AGGREGATES_FILE)


def attack(database: Path, published: Path) -> None:
    """Guesses, from the whole marts, which numbers always add up, and looks what follows from the published ones.

    Nothing of marts.py is used. Within a row: a = b + c. Across rows: the segments of the lifecycle hold everybody once, as `__all__`, and what
    a mart says of a segment on a date may be its size.
    """
    with duckdb.connect() as connection:
        connection.execute(f"attach '{database}' as warehouse (read_only)")
        connection.execute(f"attach '{published}' as published (read_only)")
        lifecycle = {row[0] for row in connection.execute("select segment from published.marts.segments where is_lifecycle").fetchall()}
        sizes = {
            (segment, day): users
            for segment, day, users in connection.execute("select segment, as_of_date, users from warehouse.marts.segment_sizes").fetchall()
        }
        everybody = dict(connection.execute("select distinct as_of_date, population_users from warehouse.marts.segment_sizes").fetchall())
        places = dict(
            connection.execute(
                "select table_name, schema_name from duckdb_tables() where database_name = 'warehouse' and schema_name in ('marts', 'state')"
            ).fetchall()
        )
        unknown: set[Any] = set()
        values: dict[Any, int] = {}
        equations: dict[Any, dict[Any, int]] = {}
        for mart in sorted(
            set(MARTS)
            & {row[0] for row in connection.execute("select table_name from duckdb_tables() where database_name = 'published'").fetchall()}
        ):
            columns = connection.execute(
                "select column_name, data_type from duckdb_columns() where database_name = 'published' and table_name = ? order by column_index",
                [mart],
            ).fetchall()
            counts = [
                name
                for name, kind in columns
                if kind == "BIGINT" and name not in NO_PEOPLE.get(mart, set()) and not NO_PEOPLE_ANYWHERE.fullmatch(name)
            ]
            (keys,) = connection.execute(
                "select constraint_column_names from duckdb_constraints() where database_name = 'published' and table_name = ? "
                "and constraint_type = 'PRIMARY KEY'",
                [mart],
            ).fetchone() or ([],)
            if not counts or not keys:
                continue
            join = " and ".join(f"a.{key} is not distinct from b.{key}" for key in keys)
            date = next((name for name in ("as_of_date", "cohort_date") if name in keys), "as_of_date")
            rows = connection.execute(
                f"select {', '.join('a.' + key for key in keys)}, {'a.segment' if 'segment' in dict(columns) else 'null'}, a.{date}, "
                f"{', '.join(f'a.{name}, b.{name}' for name in counts)} "
                f"from warehouse.{places[mart]}.{mart} as a inner join published.marts.{mart} as b on {join}"
            ).fetchall()
            guess(mart, keys, counts, rows, lifecycle, sizes, everybody, unknown, values, equations)
        assert len(unknown) > 1000 and len(equations) > 3000
        assert follows(list(equations.values()), unknown) == set()
        # The attack itself works: were only small counts withheld, hundreds of them would follow.
        small = {cell for cell in unknown if values[cell] < 5}
        assert len(follows(list(equations.values()), small)) > 200


def guess(
    mart: str,
    keys: list[str],
    counts: list[str],
    rows: list[tuple],
    lifecycle: set[str],
    sizes: dict[Any, int],
    everybody: dict[Any, int],
    unknown: set[Any],
    values: dict[Any, int],
    equations: dict[Any, dict[Any, int]],
) -> None:
    """Adds the cells of a mart that are not published, and the equations that hold for all of its rows."""
    n = len(keys)
    true = [{name: row[n + 2 + 2 * place] for place, name in enumerate(counts)} for row in rows]
    shown = [{name: row[n + 3 + 2 * place] for place, name in enumerate(counts)} for row in rows]

    def holds(test: Any) -> bool:
        judged = [test(row, one) for row, one in zip(rows, true)]
        judged = [answer for answer in judged if answer is not None]
        return len(judged) > 10 and all(judged)

    # Which column is the size of the row's segment, and which that of all users.
    alias: dict[str, str] = {}
    for name in counts:
        if holds(
            lambda row, one, name=name: (
                None if one[name] is None or (row[n], row[n + 1]) not in sizes else one[name] == sizes[row[n], row[n + 1]]
            )
        ):
            alias[name] = "size"
        elif holds(
            lambda row, one, name=name: None if one[name] is None or row[n + 1] not in everybody else one[name] == everybody[row[n + 1]]
        ):
            alias[name] = "everybody"

    def cell(row: tuple, name: str) -> Any:
        if alias.get(name) == "everybody" or (alias.get(name) == "size" and row[n] == "__all__"):
            return ("size", "__all__", row[n + 1])
        if alias.get(name) == "size":
            return ("size", row[n], row[n + 1])
        return (mart, name, *row[:n])

    for row, one, seen in zip(rows, true, shown):
        for name in counts:
            if one[name] is not None:
                values[cell(row, name)] = one[name]
                if seen[name] is None:
                    unknown.add(cell(row, name))

    # In the sample everybody treated was sent the message: that one column equals another is no rule.
    doubles = {
        other
        for place, name in enumerate(counts)
        for other in counts[place + 1 :]
        if holds(lambda _, one, a=name, b=other: None if None in (one[a], one[b]) else one[a] == one[b])
    }
    own = [name for name in counts if name not in doubles]
    triples = [
        (whole, left, right)
        for whole in own
        for left in own
        for right in own
        if left < right
        and whole not in (left, right)
        and holds(lambda _, one, w=whole, a=left, b=right: None if None in (one[w], one[a], one[b]) else one[w] == one[a] + one[b])
        and any(one[left] and one[right] for one in true)
    ]
    for row, one in zip(rows, true):
        for whole, left, right in triples:
            if None not in (one[whole], one[left], one[right]):
                add(equations, {cell(row, whole): -1}, {cell(row, left): 1}, {cell(row, right): 1})
    if "segment" in keys:
        at = keys.index("segment")
        for name in counts:
            groups: dict[Any, dict[str, Any]] = {}
            for row, one in zip(rows, true):
                groups.setdefault((*row[:at], *row[at + 1 : n]), {})[row[at]] = (row, one[name])
            sums = []
            for members in groups.values():
                parts = [members.get(segment) for segment in lifecycle]
                # Experiments and campaigns have users from before there were segments.
                parts += [members[segment] for segment in ("__no_history__",) if segment in members]
                if None in parts or any(part[1] is None for part in parts):
                    continue
                row = parts[0][0]
                row_of_all, whole = members.get("__all__", (None, None))
                if row_of_all is None and alias.get(name) == "size":
                    whole = everybody.get(row[n + 1])
                if whole is not None:
                    total = cell(row_of_all, name) if row_of_all else ("size", "__all__", row[n + 1])
                    sums.append((total, [cell(part[0], name) for part in parts], whole == sum(part[1] for part in parts)))
            if all(is_so for _, _, is_so in sums):
                for total, parts, _ in sums:
                    add(equations, {total: -1}, *({part: 1} for part in parts))


def add(equations: dict[Any, dict[Any, int]], *terms: dict[Any, int]) -> None:
    """One equation more, once."""
    equation: dict[Any, int] = {}
    for term in terms:
        for one, factor in term.items():
            equation[one] = equation.get(one, 0) + factor
    equations[frozenset(equation.items())] = equation


def test_moves_between_segments_do_not_follow(published_sample: Path) -> None:
    """What links sizes, entries and moves, put together from the published rows alone."""
    with duckdb.connect(str(published_sample / publishing_script.AGGREGATES_FILE), read_only=True) as connection:
        lifecycle = {row[0] for row in connection.execute("select segment from marts.segments where is_lifecycle").fetchall()}
        unknown: set[Any] = set()
        equations: list[dict[Any, int]] = []

        def known(cell: Any, value: Any) -> Any:
            if value is None:
                unknown.add(cell)
            return cell

        sizes = connection.execute(
            "select segment, as_of_date, previous_as_of_date, users, entered, exited, stayed, population_users from marts.segment_sizes"
        ).fetchall()
        for segment, day, before, users, entered, left, stayed, population in sizes:
            known(("users", segment, day), users)
            known(("population", day), population)
            if before is not None:
                whole, part = ("users", segment, day), known(("move", segment, segment, day), stayed)
                equations.append({whole: -1, part: 1, known(("entered", segment, day), entered): 1})
                equations.append({("users", segment, before): -1, part: 1, known(("left", segment, day), left): 1})
        for day in {row[1] for row in sizes}:
            equations.append({("users", segment, day): 1 for segment in lifecycle} | {("population", day): -1})
        columns: dict[Any, dict[Any, int]] = {}
        for start, end, day, users in connection.execute(
            "select from_segment, to_segment, as_of_date, users from marts.segment_transitions"
        ).fetchall():
            columns.setdefault((end, day), {("users", end, day): -1})[known(("move", start, end, day), users)] = 1
        equations += columns.values()
        assert len({cell for cell in unknown if cell[0] in ("users", "entered", "left", "move")}) > 100
        assert follows(equations, unknown) == set()
