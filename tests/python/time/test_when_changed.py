"""The materialization `when_changed` makes a table anew when something that it reads has changed, and only then."""

from __future__ import annotations

import shutil
from collections.abc import Iterable

import duckdb
import pytest

from warehouse import Result, Warehouse

MODELS = {
    # Stands for a table that is made anew in every build.
    "base": "{{ config(materialized='view') }} select * from main.base_rows",
    "totals": """{{ config(materialized='when_changed') }}
select name, sum(amount) as total
from {{ ref('base') }} where case when name = (select name from main.broken) then error('stopped') else true end
group by name
""",
    "named_totals": "{{ config(materialized='view') }} select name, total from {{ ref('totals') }} where name != 'left out'",
    "doubled": "{{ config(materialized='ephemeral') }} select name, 2 * total as total from {{ ref('named_totals') }}",
    "sums": "{{ config(materialized='when_changed') }} select sum(total) as total from {{ ref('doubled') }}",
}


class Project:
    """A few models over one relation."""

    def __init__(self, warehouse: Warehouse) -> None:
        self.warehouse = warehouse
        self.models = warehouse.folder / "models"
        self.write(**MODELS)
        self.execute(
            "create or replace table main.broken as select cast(null as text) as name",
            "create or replace table main.base_rows (id integer, name text, amount bigint, day date)",
            "insert into main.base_rows values (1, 'one', 1, '2026-01-01'), (2, 'one', 2, null), (3, 'two', 3, null), (4, 'left out', 4, null)",
        )

    def write(self, **models: str) -> None:
        for name, sql in models.items():
            (self.models / f"{name}.sql").write_text(sql, encoding="utf-8")

    def write_package(self, **models: str) -> None:
        """Models of a package that is not ours."""
        package = self.warehouse.folder / "dbt_packages/theirs"
        (package / "models").mkdir(parents=True)
        (package / "dbt_project.yml").write_text("{name: theirs, version: 1.0.0, config-version: 2}", encoding="utf-8")
        (self.warehouse.folder / "packages.yml").write_text("packages: [{local: theirs}]", encoding="utf-8")
        for name, sql in models.items():
            (package / f"models/{name}.sql").write_text(sql, encoding="utf-8")

    def execute(self, *statements: str) -> None:
        with duckdb.connect(str(self.warehouse.database)) as connection:
            for sql in statements:
                connection.execute(sql)

    def run(self, *arguments: str) -> Result:
        return self.warehouse.run("run", "--select", "models/*.sql", "package:theirs", "--threads", "1", *arguments)

    def build(self, *arguments: str) -> set[str]:
        """Run; the tables that were made."""
        result = self.run(*arguments)
        assert result, result.output
        made = {
            name
            for (name,) in self.warehouse.query(
                "select table_name from duckdb_tables() where schema_name = 'built' and table_name != 'contents_of_run'"
            )
        }
        return {
            name
            for name in made
            if self.warehouse.query(f"select 1 from built.{name} where built_by = (select invocation_id from state.last_run)")
        }

    def rows(self, name: str) -> list[tuple]:
        return self.warehouse.query(f"select * from main.{name} order by all")


@pytest.fixture
def project(macro_project: Warehouse) -> Iterable[Project]:
    macro_project.database.unlink(missing_ok=True)
    made = Project(macro_project)
    yield made
    for path in made.models.glob("*.*"):
        path.unlink()
    (made.warehouse.folder / "packages.yml").unlink(missing_ok=True)
    shutil.rmtree(made.warehouse.folder / "dbt_packages", ignore_errors=True)


def test_a_table_is_made_anew_when_what_it_reads_has_changed(project: Project) -> None:
    assert project.build() == {"totals", "sums"}
    assert project.rows("sums") == [(12,)]
    assert project.build() == set()

    project.execute("insert into main.base_rows values (5, 'two', 1, null)")
    assert project.build() == {"totals", "sums"}
    assert project.rows("sums") == [(14,)]
    # A row twice, and rows in another order.
    project.execute("insert into main.base_rows values (5, 'two', 1, null)")
    assert project.build() == {"totals", "sums"}
    project.execute("create or replace table main.base_rows as select * from main.base_rows order by id desc")
    assert project.build() == set()
    assert project.build("--full-refresh") == {"totals", "sums"}
    # What it was built from before the last time no longer counts.
    project.execute("delete from main.base_rows where id = 5")
    assert project.build() == {"totals", "sums"}
    assert project.rows("sums") == [(12,)]


def test_the_same_rows_make_nothing_below_due(project: Project) -> None:
    project.build()
    project.execute("update main.base_rows set amount = 3 - amount where name = 'one'")
    assert project.build() == {"totals"}
    project.execute("update main.base_rows set day = '2026-01-02' where id = 3")
    assert project.build() == {"totals"}


def test_logic_counts_also_of_views_and_ephemeral_models(project: Project) -> None:
    project.build()
    project.write(totals=MODELS["totals"] + "-- A comment.\n", sums=MODELS["sums"].replace(" select", "\n\n  select"))
    assert project.build() == set()
    project.write(named_totals=MODELS["named_totals"].replace("left out", "nobody"))
    assert project.build() == {"sums"}
    assert project.rows("sums") == [(20,)]
    project.write(doubled=MODELS["doubled"].replace("2 *", "3 *"))
    assert project.build() == {"sums"}
    assert project.rows("sums") == [(30,)]
    project.write(totals=MODELS["totals"].replace("sum(amount) as total", "sum(amount) as total, count(*) as n"))
    assert project.build() == {"totals", "sums"}
    assert [len(row) for row in project.rows("totals")] == [3, 3, 3]


def test_what_the_yaml_says_of_a_table_counts(project: Project) -> None:
    project.build()
    text = "models: [{name: totals, description: %s, columns: [{name: name, data_type: text, description: The name.}]}]"
    (project.models / "totals.yml").write_text(text % "Totals.", encoding="utf-8")
    assert project.build() == {"totals"}
    (project.models / "totals.yml").write_text(text % "Totals by name.", encoding="utf-8")
    assert project.build() == {"totals"}
    (project.models / "totals.yml").write_text(text.replace("The name.", "A name.") % "Totals by name.", encoding="utf-8")
    assert project.build() == {"totals"}
    assert project.build() == set()


@pytest.mark.parametrize(
    "sql",
    ["delete from main.totals where name = 'one'", "drop table main.totals cascade", "delete from built.totals", "drop table built.totals"],
)
def test_a_table_that_lost_something_is_made_anew(project: Project, sql: str) -> None:
    project.build()
    before = project.rows("totals")
    project.execute(sql)
    assert "totals" in project.build()
    assert project.rows("totals") == before


def test_what_an_older_version_built_counts_by_its_rows(project: Project) -> None:
    """Of a table that was made before there was a schema `built` only the rows are known."""
    project.build()
    project.execute("drop table built.totals")
    assert project.warehouse.run("run", "--select", "sums")
    before = project.rows("sums")
    project.execute("update main.totals set total = total + 1")
    result = project.warehouse.run("run", "--select", "sums")
    assert result, result.output
    assert project.rows("sums") != before


def test_a_build_that_stops_leaves_the_table_and_what_it_was_built_from(project: Project) -> None:
    project.build()
    before = project.rows("totals")
    project.execute("update main.broken set name = 'one'", "update main.base_rows set amount = 100 where id = 1")
    result = project.run()
    assert not result and "stopped" in result.output
    assert project.rows("totals") == before
    project.execute("update main.broken set name = null")
    assert project.build() == {"totals", "sums"}
    assert project.rows("totals") != before


def test_two_changes_of_texts_do_not_cancel_out(project: Project) -> None:
    """DuckDB's hash of a text forgets the first of two changes at the ends of neighboring blocks."""
    project.execute("update main.base_rows set name = 'step reporting 0 enterprise_companies 2026-08-04' where id = 1")
    project.build()
    project.execute("update main.base_rows set name = 'step reporting 4 enterprise_companies 2026-08-08' where id = 1")
    assert "totals" in project.build()
    project.execute("update main.base_rows set name = null where id = 2")
    assert "totals" in project.build()
    project.execute("update main.base_rows set name = '' where id = 2")
    assert "totals" in project.build()


def test_what_others_read_without_saying_so_counts(project: Project) -> None:
    """A view of another package may read what dbt does not know of, and so may its ephemeral models."""
    unseen = "select name, total from {{ ref('totals') }} union all select name, amount from main.unseen"
    project.execute("create or replace table main.unseen as select 'one' as name, 1 as amount")
    project.write_package(
        their_view="{{ config(materialized='view') }} " + unseen, their_ephemeral="{{ config(materialized='ephemeral') }} " + unseen
    )
    project.write(
        over_view="{{ config(materialized='when_changed') }} select * from {{ ref('their_view') }}",
        our_view="{{ config(materialized='view') }} select * from {{ ref('their_ephemeral') }}",
        over_our_view="{{ config(materialized='when_changed') }} select * from {{ ref('our_view') }}",
        over_ephemeral="{{ config(materialized='when_changed') }} select * from {{ ref('their_ephemeral') }}",
    )
    assert {"over_view", "over_our_view", "over_ephemeral"} <= project.build()
    assert project.build() == {"over_ephemeral"}
    project.execute("update main.unseen set amount = 2")
    assert project.build() == {"over_view", "over_our_view", "over_ephemeral"}
    assert project.rows("over_view") == project.rows("over_our_view") == project.rows("over_ephemeral")


def test_a_source_counts_by_its_rows_also_in_a_file(project: Project) -> None:
    file = project.warehouse.folder / "landed.csv"
    file.write_text("name,amount\none,1\n", encoding="utf-8")
    (project.models / "sources.yml").write_text(
        f"sources: [{{name: landed, tables: [{{name: amounts, meta: {{external_location: '{file}'}}}}]}}]", encoding="utf-8"
    )
    project.write(amounts="{{ config(materialized='when_changed') }} select * from {{ source('landed', 'amounts') }}")
    assert "amounts" in project.build()
    assert project.build() == set()
    file.write_text("name,amount\none,2\n", encoding="utf-8")
    assert project.build() == {"amounts"}
    assert project.rows("amounts") == [("one", 2)]


def test_what_is_named_in_a_comment_only_is_not_read(project: Project) -> None:
    project.write(constant="{{ config(materialized='when_changed') }}\n-- depends_on: {{ ref('totals') }}\nselect 1 as one")
    assert "constant" in project.build()
    project.execute("insert into main.base_rows values (5, 'two', 1, null)")
    assert project.build() == {"totals", "sums"}


def test_rows_are_looked_at_once_in_a_run(project: Project) -> None:
    """Three tables read the same relation: the first of them writes down what its rows are."""
    project.write(**{f"reader_{n}": "{{ config(materialized='when_changed') }} select * from {{ ref('looked_at') }}" for n in range(3)})
    project.write(looked_at="{{ config(materialized='table') }} select * from {{ ref('base') }}")
    for _ in range(2):
        project.build()
        assert project.warehouse.query("select count(*) from built.contents_of_run where id like '%looked_at'") == [(1,)]


def test_users_are_computed_in_parts_and_the_newest_date_is_a_literal(project: Project) -> None:
    """Rows and columns are those of one statement; where no relation of the history says how large it is, and where none is cut, a build stops."""
    stays = """{{ config(materialized='when_changed', sized_by='history') }}
select user_id, count(*) over () as users_of_part from main.people where {{ segmentation.in_part_of_users() }}
"""
    newest = """{{ config(materialized='when_changed') }}
select count(*) as users from main.people where {{ segmentation.at_newest_date() }}
"""
    through = "{{ config(materialized='table') }} select date '2026-01-02' as data_through"
    project.write(stays=stays, newest=newest, data_through=through)
    project.execute(
        "create table main.people as select 'u' || i as user_id, date '2026-01-01' + cast(i % 2 as integer) as as_of_date from range(90) as n (i)",
        "create schema built",
        "create table built.history as select cast(12000000 as bigint) as row_count, 'earlier' as built_by",
    )
    project.build()
    assert project.warehouse.query("select count(*), count(distinct user_id) from main.stays") == [(90, 90)]
    # The variable feature_slice_rows is 500,000, and a part has ten times as many.
    sizes = project.warehouse.query("select distinct users_of_part from main.stays")
    assert len(sizes) <= 3 and all(0 < size < 60 for (size,) in sizes)
    assert project.warehouse.query("select sum(1.0 / users_of_part) from main.stays") == [(pytest.approx(3),)]
    assert project.rows("newest") == [(45,)]
    (run,) = (project.warehouse.folder / "target/run").rglob("newest.sql")
    assert "as_of_date = cast('2026-01-02' as date)" in run.read_text(encoding="utf-8")

    project.execute("update built.history set row_count = 4999999", "insert into main.people values ('u90', null)")
    project.write(newest=newest.replace("materialized='when_changed'", "materialized='when_changed', sized_by='history'"))
    result = project.run("--full-refresh")
    assert not result
    assert "newest needs both, `sized_by` and in_part_of_users()" in " ".join(result.output.split())
    assert project.warehouse.query("select distinct users_of_part from main.stays") == [(91,)]
