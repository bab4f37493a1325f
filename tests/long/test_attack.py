"""The attack on the published file at length: every least count, and whole publications before and after people are forgotten."""

from __future__ import annotations

import json
import shutil
import time
from pathlib import Path

import duckdb
import pytest
import test_publish

import attack
import publish
from publishing import aggregates
from publishing.declarations import Aggregates
from publishing.files import publishing_folder
from publishing.marts import MARTS
from publishing.readiness import Build
from warehouse import Warehouse

MINIMUM = 5


def published(warehouse: Warehouse, folder: Path, minimum: int) -> Path:
    manifest = json.loads((warehouse.folder / "target/manifest.json").read_text(encoding="utf-8"))
    with duckdb.connect() as connection, publishing_folder(folder):
        connection.execute("set TimeZone = 'UTC'")
        connection.execute(f"attach '{warehouse.database}' as warehouse (read_only)")
        publish.write_publication(
            connection, Build(manifest, {"metadata": {"invocation_id": "of the tests"}}), folder, folder / "key", minimum
        )
    return folder / publish.AGGREGATES_FILE


@pytest.mark.parametrize("minimum", [1, 5, 20, 100, 1000])
def test_every_least_count_is_published_in_time_and_guarded(sample_warehouse: Warehouse, tmp_path: Path, minimum: int) -> None:
    """60 seconds of CPU at most; the whole attack by values, whatever the least count is."""
    with duckdb.connect() as connection:
        connection.execute("set TimeZone = 'UTC'")
        connection.execute("set threads = 1")
        connection.execute(f"attach '{sample_warehouse.database}' as warehouse (read_only)")
        places = dict(
            connection.execute(
                "select table_name, schema_name from duckdb_tables() where database_name = 'warehouse' and schema_name in ('marts', 'state')"
            ).fetchall()
        )
        marts = {name: (places[name], mart) for name, mart in MARTS.items() if isinstance(mart, Aggregates) and name in places}
        started = time.process_time()
        aggregates.prepare(connection, marts, minimum)
        assert time.process_time() - started < 60
    file = published(sample_warehouse, tmp_path / "published", minimum)
    with duckdb.connect() as connection:
        attack.attach(connection, sample_warehouse.database, {"published": file})
        assert attack.within(connection, "published", minimum).solved == []


def test_whole_publications_tell_no_value_of_who_was_forgotten(sample_warehouse: Warehouse, tmp_path: Path) -> None:
    """Really forgotten, one after the other: somebody of the smallest segment, of the largest, and somebody by chance."""
    with duckdb.connect(str(sample_warehouse.database), read_only=True) as connection:
        users = list(
            dict.fromkeys(
                connection.execute(
                    f"""
                select user_id from marts.user_segments where as_of_date = (select max(as_of_date) from marts.user_segments)
                and segment = (
                    select segment from marts.segment_sizes where users > 0 and as_of_date = (select max(as_of_date) from marts.segment_sizes)
                    order by users {order} limit 1
                ) order by md5(user_id) limit 1
                """
                ).fetchone()[0]
                for order in ("", "desc")
            )
        )
        users += [row[0] for row in connection.execute("select user_id from marts.users order by md5(user_id) limit 1").fetchall()]
    folder = tmp_path / "project"
    shutil.copytree(sample_warehouse.folder, folder, symlinks=True)
    warehouse = Warehouse.of_built(folder)
    before = published(warehouse, tmp_path / "published_0", MINIMUM)
    truth = tmp_path / "truth_0.duckdb"
    truth.write_bytes(warehouse.database.read_bytes())
    for number, user in enumerate(dict.fromkeys(users), 1):
        warehouse.run("run-operation", "forget_user", "--args", json.dumps({"user_id": user}))
        warehouse.build()
        after = published(warehouse, tmp_path / f"published_{number}", MINIMUM)
        with duckdb.connect() as connection:
            attack.attach(connection, truth, {"before": before, "after": after}, warehouse.database)
            findings = attack.between(connection, "before", "after", user, MINIMUM)
            assert findings.tried["values"] > 30
            assert findings.astray == [], user
            assert findings.solved == [], user
        test_publish.attack(warehouse.database, after)
        truth = tmp_path / f"truth_{number}.duckdb"
        truth.write_bytes(warehouse.database.read_bytes())
        before = after
