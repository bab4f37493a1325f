"""What a reader of the published aggregates can learn of few people, or of one: tests/support/attack.py tries."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pytest

import attack
import publish
from publishing import aggregates
from publishing.marts import MARTS
from warehouse import Warehouse

MINIMUM = 5


@pytest.fixture
def connection() -> duckdb.DuckDBPyConnection:
    with duckdb.connect() as connection:
        yield connection


def published_exactly(warehouse: Path, path: Path) -> None:
    """What an attack must break: numbers as they are, with fields withheld or not."""
    with duckdb.connect(str(path)) as connection:
        connection.execute(f"attach '{warehouse}' as warehouse (read_only); create schema marts")
        for mart in ("segment_sizes", "segment_comparison", "segment_value"):
            if connection.execute(
                "select count(*) from duckdb_tables() where database_name = 'warehouse' and table_name = ?", [mart]
            ).fetchone()[0]:
                connection.execute(f"create table marts.{mart} as select * from warehouse.marts.{mart}")


def published_of_copy(warehouse: Path, path: Path) -> None:
    """A small copy's comparisons, as they are published."""
    with duckdb.connect(str(path)) as connection:
        connection.execute(f"attach '{warehouse}' as warehouse (read_only)")
        connection.execute("attach ':memory:' as memory")
        aggregates.prepare(
            connection, {name: ("marts", MARTS[name]) for name in ("segments", "segment_sizes", "segment_comparison")}, MINIMUM
        )
        connection.execute(f"use {path.stem}; create schema marts")
        for mart in ("segment_sizes", "segment_comparison"):
            connection.execute(f"create table marts.{mart} as select * from memory.publish.{mart}")


def test_one_file_tells_of_no_few_people(
    published_sample: Path, sample_warehouse: Warehouse, connection: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    """Sums of whole numbers are counts: three tickets in a segment are three people at most, or one."""
    published_exactly(sample_warehouse.database, tmp_path / "exact.duckdb")
    attack.attach(
        connection, sample_warehouse.database, {"published": published_sample / publish.AGGREGATES_FILE, "exact": tmp_path / "exact.duckdb"}
    )
    findings = attack.within(connection, "published", MINIMUM)
    assert findings.tried["sums of whole numbers"] > 40_000 and findings.tried["differences of two groups"] > 100_000
    assert findings.solved == []
    assert attack.unexplained(connection, "published") == [] != attack.unexplained(connection, "exact")
    # The attack itself works: exact numbers tell hundreds of sums of few, and many a single person.
    solved = attack.within(connection, "exact", MINIMUM).solved
    assert sum(one[0] == "few people" for one in solved) > 500
    assert sum(one[0] == "few people" and one[5] == one[6] == 1 for one in solved) > 31


@pytest.mark.long
def test_two_files_tell_no_value_of_who_was_forgotten_in_between(sample_warehouse: Warehouse, tmp_path: Path) -> None:
    """Comparisons of six dates, counted with and without a person; the same numbers unrounded give every value."""
    with duckdb.connect(str(sample_warehouse.database), read_only=True) as connection:
        users = [row[0] for row in connection.execute("select user_id from marts.users order by md5(user_id) limit 3").fetchall()]
    attack.small_copy(sample_warehouse.database, tmp_path / "with.duckdb", 6)
    published_of_copy(tmp_path / "with.duckdb", tmp_path / "before.duckdb")
    published_exactly(tmp_path / "with.duckdb", tmp_path / "exact.duckdb")
    for user in users:
        attack.small_copy(sample_warehouse.database, tmp_path / f"{user}.duckdb", 6, without=user)
        published_of_copy(tmp_path / f"{user}.duckdb", tmp_path / f"after_{user}.duckdb")
        published_exactly(tmp_path / f"{user}.duckdb", tmp_path / f"exact_{user}.duckdb")
        with duckdb.connect() as connection:
            files = {
                "before": tmp_path / "before.duckdb",
                "after": tmp_path / f"after_{user}.duckdb",
                "exact_before": tmp_path / "exact.duckdb",
                "exact_after": tmp_path / f"exact_{user}.duckdb",
            }
            attack.attach(connection, tmp_path / "with.duckdb", files, tmp_path / f"{user}.duckdb")
            findings = attack.between(connection, "before", "after", user, MINIMUM)
            assert findings.tried["values"] > 40 and findings.tried["equations"] > 5 * findings.tried["values"]
            # An attack that is led astray would prove nothing.
            assert findings.astray == []
            assert findings.solved == []
            exact = attack.between(connection, "exact_before", "exact_after", user, MINIMUM)
            assert exact.astray == []
            assert len(exact.solved) > 0.9 * exact.tried["values"]
