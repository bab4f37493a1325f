"""The materialization `by_date` builds the dates whose version moved, in slices, and goes on where a build stopped."""

from __future__ import annotations

from collections.abc import Iterable

import duckdb
import pytest

from warehouse import Result, Warehouse

# Users of each date: with feature_slice_rows 4 the slices are 1 and 2, 3 and 4, 5 alone.
USERS = {"2026-01-04": 2, "2026-01-11": 2, "2026-01-18": 3, "2026-01-25": 1, "2026-02-01": 5}
FIRST, SECOND, THIRD, FOURTH, FIFTH = USERS
KINDS = ("activity", "campaigns", "crm", "invoices", "population", "present", "reference", "spend", "voice")
COUNTS = """{{ config(materialized='by_date', reads=['activity', 'crm']) }}
with days as (select * from {{ ref('user_dates') }} where {{ segmentation.in_slice() }})
select user_id, cast(length(user_id) as bigint) as size, as_of_date
from days where as_of_date != date '2026-01-18' and case when as_of_date = (select day from main.broken) then error('stopped') else true end
"""
SUMS = """{{ config(materialized='by_date', upstream=['counts']) }}
select count(*) as users, as_of_date from {{ ref('counts') }} where {{ segmentation.in_slice() }} group by as_of_date
"""
# The difference to the date before.
CHANGES = """{{ config(materialized='by_date', upstream=['sums'], sized_by='sums', before=['sums']) }}
with sums as (select * from {{ ref('sums') }} where {{ segmentation.in_slice(before=true) }}),
dates as (select * from {{ ref('as_of_dates') }} where {{ segmentation.in_slice() }})
select sums.users - coalesce(sums_before.users, 0) as change, dates.as_of_date
from dates inner join sums on dates.as_of_date = sums.as_of_date
left join sums as sums_before on dates.previous_as_of_date = sums_before.as_of_date
"""

# Users of a date who are there two weeks later, too, by a table of labels.
RETURNS = """{{ config(materialized='by_date', reads=['activity'], outcome_days=14, reads_whole={'labels': ['label']}) }}
with days as (select * from {{ ref('user_dates') }}),
dates as (select * from {{ ref('as_of_dates') }} where {{ segmentation.in_slice() }})
select labels.label, count(days.user_id) as users, dates.as_of_date
from dates inner join days on dates.as_of_date + 14 = days.as_of_date cross join {{ ref('labels') }} as labels
group by all
"""

# Members of two segments, each segment apart from the other, and everybody; the size of a date goes with each.
GROUPS = """{{ config(materialized='by_date', upstream=['sums'], parts_of='members', part_column='segment') }}
with members as (select * from {{ ref('members') }} where {{ segmentation.in_slice(by_part=true) }}),
days as (select * from {{ ref('user_dates') }} where {{ segmentation.in_slice(part='') }}),
sums as (select * from {{ ref('sums') }} where {{ segmentation.in_slice() }}),
everybody as (select user_id, segment, as_of_date from members union all select user_id, '' as segment, as_of_date from days)
select everybody.segment, count(*) as users, any_value(sums.users) as all_users, everybody.as_of_date
from everybody left join sums on everybody.as_of_date = sums.as_of_date
group by all
"""


class Project:
    """Three relations that stand for the warehouse's own, a model by date that reads them and one that reads that."""

    def __init__(self, warehouse: Warehouse) -> None:
        self.warehouse = warehouse
        warehouse.configure(feature_slice_rows=4)
        self.models = warehouse.folder / "models"
        for name in ("as_of_dates", "user_dates", "date_input_hashes"):
            (self.models / f"{name}.sql").write_text(f"{{{{ config(materialized='view') }}}} select * from main.{name}_rows")
        self.write(counts=COUNTS, sums=SUMS)
        with duckdb.connect(str(warehouse.database)) as connection:
            connection.execute("create or replace table main.broken as select cast(null as date) as day")
        self.fill(USERS)

    def write(self, **models: str) -> None:
        for name, sql in models.items():
            (self.models / f"{name}.sql").write_text(sql, encoding="utf-8")

    def fill(self, users: dict[str, int]) -> None:
        """Dates with so many users each."""
        with duckdb.connect(str(self.warehouse.database)) as connection:
            connection.execute(
                f"""create or replace table main.as_of_dates_rows as
                select as_of_date, lag(as_of_date) over (order by as_of_date) as previous_as_of_date, true as is_period_end, false as is_running
                from (select cast(unnest({list(users)}) as date) as as_of_date)"""
            )
            connection.execute(
                f"""create or replace table main.user_dates_rows as
                select 'u' || unnest(range(n)) as user_id, as_of_date
                from (select cast(unnest({list(users)}) as date) as as_of_date, unnest({list(users.values())}) as n)"""
            )
            hashes = ", ".join(f"cast(1 as hugeint) as {kind}_hash" for kind in KINDS)
            connection.execute(
                f"create or replace table main.date_input_hashes_rows as select as_of_date, {hashes} from main.as_of_dates_rows"
            )

    def execute(self, sql: str) -> None:
        with duckdb.connect(str(self.warehouse.database)) as connection:
            connection.execute(sql)

    def run(self) -> Result:
        return self.warehouse.run("run", "--select", "models/*.sql", "--threads", "1")

    def build(self) -> dict[str, set[str]]:
        """Run; the dates that each model built."""
        result = self.run()
        assert result, result.output
        return {name: self.built(name, "built_by = (select invocation_id from state.last_run)") for name in ("counts", "sums")}

    def built(self, name: str, where: str = "true") -> set[str]:
        """None if the model was never built."""
        if not self.warehouse.query(f"select 1 from duckdb_tables() where schema_name = 'built' and table_name = '{name}'"):
            return set()
        return {str(row[0]) for row in self.warehouse.query(f"select as_of_date from built.{name} where {where}")}

    def rows(self, name: str = "counts") -> list[tuple]:
        return self.warehouse.query(f"select * from main.{name} order by all")


@pytest.fixture
def project(macro_project: Warehouse) -> Iterable[Project]:
    macro_project.database.unlink(missing_ok=True)
    made = Project(macro_project)
    yield made
    for path in made.models.glob("*.sql"):
        path.unlink()


def test_what_is_read_decides_what_is_due(project: Project) -> None:
    assert project.build() == {"counts": {*USERS}, "sums": {*USERS}}
    first = project.rows()
    assert len(first) == 10
    assert project.build() == {"counts": set(), "sums": set()}, "a date without rows is done too"

    project.execute(f"update main.date_input_hashes_rows set activity_hash = 2 where as_of_date >= date '{FOURTH}'")
    assert project.build() == {"counts": {FOURTH, FIFTH}, "sums": {FOURTH, FIFTH}}
    project.execute("update main.date_input_hashes_rows set voice_hash = 2")
    assert project.build() == {"counts": set(), "sums": set()}

    project.execute(f"delete from main.counts where as_of_date = date '{SECOND}' and user_id = 'u1'")
    assert project.build() == {"counts": {SECOND}, "sums": set()}
    assert project.rows() == first


def test_only_what_computes_is_logic(project: Project) -> None:
    project.build()
    project.write(counts=COUNTS.replace("with days as", "-- A comment,\n\n  with   days /* and another */ as"))
    assert project.build() == {"counts": set(), "sums": set()}
    project.write(counts=COUNTS.replace("length(user_id)", "10 * length(user_id)"))
    assert project.build() == {"counts": {*USERS}, "sums": {*USERS}}
    assert {row[1] for row in project.rows()} == {20}
    # Quotes around dashes are no comment.
    project.write(counts=COUNTS.replace("select user_id,", "select user_id || '--' as user_id,"))
    assert project.build()["counts"] == {*USERS}
    project.write(counts=COUNTS.replace("select user_id,", "select user_id || '--x' as user_id,"))
    assert project.build()["counts"] == {*USERS}


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("cast(length(user_id) as bigint)", "cast(length(user_id) as double)"),
        ("select user_id,", "select 1 as one_more, user_id,"),
        pytest.param("cast(length(user_id) as bigint) as size, ", "", marks=pytest.mark.long),
        ("as size", "as length"),
    ],
)
def test_other_columns_or_types_reach_the_stored_table(project: Project, old: str, new: str) -> None:
    project.build()
    assert old in COUNTS
    project.write(counts=COUNTS.replace(old, new))
    project.build()
    grown, columns = project.rows(), project.warehouse.query("select column_name, column_type from (describe main.counts)")
    assert project.warehouse.run("run", "--select", "counts", "--full-refresh")
    assert (grown, columns) == (project.rows(), project.warehouse.query("select column_name, column_type from (describe main.counts)"))


@pytest.mark.parametrize(
    ("broken", "kept"),
    [pytest.param(FIRST, set(), marks=pytest.mark.long), (FOURTH, {FIRST, SECOND}), (FIFTH, {FIRST, SECOND, THIRD, FOURTH})],
)
def test_a_build_that_stops_keeps_its_slices_and_the_next_one_makes_the_rest(project: Project, broken: str, kept: set[str]) -> None:
    project.execute(f"update main.broken set day = date '{broken}'")
    result = project.run()
    assert not result and "stopped" in result.output
    assert project.built("counts") == kept
    assert not kept or {str(row[2]) for row in project.rows()} == kept - {THIRD}
    project.execute("update main.broken set day = null")
    assert project.build()["counts"] == {*USERS} - kept


def test_logic_that_is_taken_back_after_half_a_build_leaves_nothing_behind(project: Project) -> None:
    project.build()
    first = project.rows()
    project.execute(f"update main.broken set day = date '{FIFTH}'")
    project.write(counts=COUNTS.replace("length(user_id)", "10 * length(user_id)"))
    assert not project.run()
    assert {row[1] for row in project.rows()} == {2, 20}
    project.execute("update main.broken set day = null")
    project.write(counts=COUNTS)
    assert project.build()["counts"] == {FIRST, SECOND, THIRD, FOURTH}
    assert project.rows() == first


def test_dates_come_and_go(project: Project) -> None:
    project.build()
    fewer = {date: users for date, users in USERS.items() if date not in (FIRST, FOURTH)} | {"2026-02-08": 1}
    project.fill(fewer)
    assert project.build() == {"counts": {"2026-02-08"}, "sums": {"2026-02-08"}}
    assert project.built("counts") == project.built("sums") == {*fewer}
    grown = project.rows("sums")
    project.execute("drop table main.counts; drop table main.sums")
    assert project.build()["counts"] == {*fewer}, "a table that is gone has no dates"
    assert project.rows("sums") == grown


def test_a_date_that_upstream_lacks_stops_the_model(project: Project) -> None:
    project.build()
    project.fill(USERS | {"2026-02-08": 1})
    result = project.warehouse.run("run", "--select", "sums")
    assert not result and "by_date: counts is not built for 2026-02-08, and sums reads it" in result.output
    assert project.built("sums") == {*USERS}


@pytest.mark.parametrize(
    ("sql", "message"),
    [
        (COUNTS.replace("where {{ segmentation.in_slice() }}", ""), "counts reads no relation of the dates being built"),
        (COUNTS.replace("'crm'", "'CRM'"), "unknown entry 'CRM' in `reads`"),
        (COUNTS.replace("reads=", "before=true, reads="), "`before` must be a list of models that `upstream` names, and is True"),
        (COUNTS.replace("reads=", "before=['sums'], reads="), "`before` must be a list of models that `upstream` names, and is ['sums']"),
        (COUNTS.replace("reads=", "parts_of='sums', reads="), "`parts_of` needs `part_column`"),
    ],
    ids=["no_slice", "unknown_reads", "before_is_no_list", "before_is_not_upstream", "parts_without_a_column"],
)
def test_what_is_wrong_is_refused(project: Project, sql: str, message: str) -> None:
    project.write(counts=sql)
    result = project.run()
    assert not result and message in result.output


def test_an_empty_run_changes_nothing(project: Project) -> None:
    project.build()
    before = project.rows()
    project.execute("update main.date_input_hashes_rows set activity_hash = 9")
    assert project.warehouse.run("run", "--select", "counts", "--empty")
    assert project.rows() == before
    assert project.build()["counts"] == {*USERS}


def test_what_reads_the_date_before_is_due_with_it(project: Project) -> None:
    project.write(changes=CHANGES)
    project.build()
    assert project.warehouse.query("select change from main.changes order by as_of_date") == [(2,), (0,), (1,), (4,)]
    project.execute(f"update main.date_input_hashes_rows set crm_hash = 2 where as_of_date = date '{FIRST}'")
    project.execute(f"insert into main.user_dates_rows values ('new', date '{FIRST}')")
    project.build()
    assert project.built("changes", "built_by = (select invocation_id from state.last_run)") == {FIRST, SECOND}
    assert project.warehouse.query("select change from main.changes order by as_of_date") == [(3,), (-1,), (1,), (4,)]
    # Another date before, with the same rows.
    project.fill({date: users for date, users in USERS.items() if date != FOURTH})
    project.execute(f"update main.date_input_hashes_rows set crm_hash = 2 where as_of_date = date '{FIRST}'")
    project.execute(f"insert into main.user_dates_rows values ('new', date '{FIRST}')")
    project.build()
    assert project.built("changes", "built_by = (select invocation_id from state.last_run)") == {FIFTH}


def test_what_changed_of_one_segment_leaves_the_others_alone(project: Project) -> None:
    dates = [date for date in USERS if date != THIRD]
    members = [(f"u{number}", segment, date) for segment, size in (("a", 1), ("b", 2)) for date in dates for number in range(size)]
    project.execute("create or replace table main.members_rows (user_id text, segment text, as_of_date date)")
    project.execute(f"insert into main.members_rows values {str(members)[1:-1]}")
    project.write(groups=GROUPS, members="{{ config(materialized='view') }} select * from main.members_rows")
    project.execute("create schema if not exists built")
    project.execute(
        f"""create or replace table built.members as
        select segment as part, cast(unnest({list(USERS)}) as date) as as_of_date, 1::bigint as version, 1::bigint as row_count, '' as built_by
        from (values ('a'), ('b'), ('nobody')) as segments(segment)"""
    )

    def due() -> set[tuple[str, str]]:
        project.build()
        rows = project.warehouse.query(
            "select part, cast(as_of_date as varchar) from built.groups where built_by = (select invocation_id from state.last_run)"
        )
        return set(rows)

    def rows() -> dict[tuple[str, str], tuple[int, int]]:
        found = project.warehouse.query("select segment, cast(as_of_date as varchar), users, all_users from main.groups")
        return {(segment, date): (users, everybody) for segment, date, users, everybody in found}

    def expected() -> dict[tuple[str, str], tuple[int, int]]:
        found = project.warehouse.query(
            """select segment, cast(as_of_date as varchar), count(*), any_value(sums.users)
            from (select user_id, segment, as_of_date from main.members_rows union all select user_id, '', as_of_date from main.user_dates_rows)
            left join main.sums using (as_of_date) group by all"""
        )
        return {(segment, date): (users, everybody) for segment, date, users, everybody in found}

    assert due() == {(part, date) for part in ("", "a", "b", "nobody") for date in USERS}
    assert rows() == expected() and len(rows()) == 13
    assert due() == set()

    # One more member: of one segment on one date. The other segment's new member, who nobody says is new, does not come along.
    project.execute(f"insert into main.members_rows values ('new', 'b', date '{SECOND}')")
    right = expected()
    project.execute(f"insert into main.members_rows values ('unseen', 'a', date '{SECOND}')")
    project.execute(f"update built.members set version = 2 where part = 'b' and as_of_date = date '{SECOND}'")
    assert due() == {("b", SECOND)} and rows() == right
    project.execute("delete from main.members_rows where user_id = 'unseen'")

    # What all parts read, and everybody's own rows with it.
    project.execute(f"update main.date_input_hashes_rows set crm_hash = 2 where as_of_date = date '{FIRST}'")
    project.execute(f"insert into main.user_dates_rows values ('new', date '{FIRST}')")
    assert due() == {(part, FIRST) for part in ("", "a", "b", "nobody")} and rows() == expected()

    # A segment that is gone takes its rows along; one without members is done.
    project.execute("delete from main.members_rows where segment = 'a'")
    project.execute("delete from built.members where part = 'a'")
    assert due() == set() and rows() == expected() and len(rows()) == 9

    # Of two segments on different dates each gets its own.
    project.execute("update built.members set version = 3 where (part = 'b') = (as_of_date = date '2026-02-01')")
    assert due() == {("b", FIFTH)} | {("nobody", date) for date in USERS if date != FIFTH} and rows() == expected()

    project.execute(f"delete from built.members where as_of_date = date '{FOURTH}'")
    result = project.run()
    assert not result and f"by_date: members is not built for {FOURTH}, and groups reads it" in result.output


def test_what_judges_a_date_by_what_follows_is_due_when_that_changes(project: Project) -> None:
    project.execute("create or replace table main.labels_rows as select 'returned' as label, 1 as unread")
    project.write(returns=RETURNS, labels="{{ config(materialized='view') }} select * from main.labels_rows")
    project.build()

    def due() -> set[str]:
        project.build()
        return project.built("returns", "built_by = (select invocation_id from state.last_run)")

    def rows() -> list[tuple]:
        return project.warehouse.query("select label, users, cast(as_of_date as varchar) from main.returns order by as_of_date")

    assert rows() == [("returned", 3, FIRST), ("returned", 1, SECOND), ("returned", 5, THIRD)]
    assert due() == set()
    # Of the day itself nothing is read.
    project.execute(f"update main.date_input_hashes_rows set activity_hash = 2 where as_of_date = date '{FIRST}'")
    assert due() == set()
    project.execute(f"update main.date_input_hashes_rows set activity_hash = 2 where as_of_date = date '{FOURTH}'")
    project.execute(f"insert into main.user_dates_rows values ('new', date '{FOURTH}')")
    assert due() == {SECOND} and rows()[1] == ("returned", 2, SECOND)
    # A date more: the outcome of one more is known. The one after it has none.
    project.fill({**USERS, "2026-02-08": 2})
    project.execute("update main.date_input_hashes_rows set activity_hash = 2 where as_of_date = date '2026-01-25'")
    project.execute(f"insert into main.user_dates_rows values ('new', date '{FOURTH}')")
    # While that date is running, its end is not known.
    project.execute("update main.as_of_dates_rows set is_running = true where as_of_date = date '2026-02-08'")
    assert due() == {"2026-02-08"}
    project.execute("update main.as_of_dates_rows set is_running = false")
    assert due() == {FOURTH} and rows()[3] == ("returned", 2, FOURTH)
    project.execute("update main.labels_rows set unread = 2")
    assert due() == set()
    project.execute("update main.labels_rows set label = 'came back'")
    assert due() == {*USERS, "2026-02-08"} and rows()[0] == ("came back", 3, FIRST)


def test_what_judges_a_date_by_all_that_follows_is_due_with_the_newest(project: Project) -> None:
    project.execute("create or replace table main.labels_rows as select 'returned' as label")
    project.write(
        returns=RETURNS.replace("outcome_days=14", "outcome_days='all'"),
        labels="{{ config(materialized='view') }} select * from main.labels_rows",
    )
    project.build()

    def due() -> set[str]:
        project.build()
        return project.built("returns", "built_by = (select invocation_id from state.last_run)")

    assert due() == set()
    project.execute(f"update main.date_input_hashes_rows set activity_hash = 2 where as_of_date != date '{FIFTH}'")
    assert due() == set()
    project.execute(f"update main.date_input_hashes_rows set activity_hash = 2 where as_of_date = date '{FIFTH}'")
    assert due() == {*USERS}


def test_a_date_that_no_longer_ends_a_period_is_due(project: Project) -> None:
    project.build()
    project.execute(f"update main.as_of_dates_rows set is_period_end = false where as_of_date = date '{SECOND}'")
    assert project.build()["counts"] == {SECOND}
