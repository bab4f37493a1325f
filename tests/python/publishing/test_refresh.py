"""`make refresh` on the sample, from its command to the file of users."""

from __future__ import annotations

import datetime as dt
import os
import shutil
import subprocess
import sys
from pathlib import Path

import duckdb
import pytest

from checking.database import alone
from publish import AGGREGATES_FILE, USERS_FILE
from warehouse import ROOT, Warehouse


@pytest.mark.long
def test_the_running_day_comes_into_the_file_of_users_and_again(
    sample_warehouse: Warehouse, published_sample: Path, tmp_path: Path
) -> None:
    database, published = tmp_path / "warehouse.duckdb", tmp_path / "published"

    def refresh() -> subprocess.CompletedProcess:
        return subprocess.run(
            [sys.executable, ROOT / "scripts/refresh.py", "--database", database],
            env=os.environ
            | {"DBT_TARGET_PATH": str(tmp_path / "target"), "SEGMENTATION_PSEUDONYM_KEY": "of the tests, thirty-two and more"},
            capture_output=True,
            text=True,
            check=False,
        )

    nothing = refresh()
    assert nothing.returncode == 2 and "Run `make build` first." in nothing.stderr
    shutil.copy(sample_warehouse.database, database)
    published.mkdir(mode=0o750)
    for name in (AGGREGATES_FILE, USERS_FILE):
        shutil.copy(published_sample / name, published / name)
    before = {path.name: path.read_bytes() for path in published.iterdir()}

    with alone(database):
        second = refresh()
    assert second.returncode == 2 and "is being built by another process" in second.stderr
    assert {path.name: path.read_bytes() for path in published.iterdir()} == before

    closed, running = sample_warehouse.query("select data_through, cast(newest_received_at as date) from activity.data_through")[0]
    for _ in range(2):
        done = refresh()
        assert done.returncode == 0, done.stderr
        assert f"up to {running}, a day that is not over" in done.stdout
        assert (published / AGGREGATES_FILE).read_bytes() == before[AGGREGATES_FILE]
        with duckdb.connect(str(published / USERS_FILE), read_only=True) as connection:

            def days(table: str) -> list[tuple]:
                return connection.execute(f"select distinct data_through from marts.{table}").fetchall()

            for table in ("users", "user_lifecycle_segments", "segment_memberships", "experiment_users", "campaign_users"):
                assert days(table) == [(running,)], table
            for table in ("user_clusters", "user_churn_scores", "account_health"):
                assert days(table) == [(closed,)], table
            assert connection.execute("select is_provisional, data_through from marts.publish_log order by published_at").fetchall() == [
                (False, closed),
                (True, running),
            ]
    # Somebody was there today, and the warehouse says so.
    with duckdb.connect(str(database), read_only=True) as connection:
        users = connection.execute(
            "select count(*) from marts.users where days_since_last_seen = 0 and user_id in "
            f"(select user_id from staging.stg_events where cast(occurred_at as date) = date '{running}')"
        ).fetchone()
    assert running == closed + dt.timedelta(days=1) and users is not None and users[0] > 5
