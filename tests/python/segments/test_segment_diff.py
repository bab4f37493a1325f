"""scripts/segment_diff.py: nothing where nothing differs, and every change where something does."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import duckdb
import pytest

from segment_diff import pseudonym
from warehouse import ROOT, Inputs, Warehouse


def diff(*arguments: str | Path) -> tuple[int, str]:
    """Exit status and output of the script."""
    run = subprocess.run(
        [sys.executable, str(ROOT / "scripts/segment_diff.py"), *map(str, arguments)], capture_output=True, text=True, check=False
    )
    return run.returncode, run.stdout + run.stderr


def test_a_copy_under_another_name_does_not_differ(sample_warehouse: Warehouse, tmp_path: Path) -> None:
    copy = tmp_path / "it's a copy.duckdb"
    shutil.copy(sample_warehouse.database, copy)
    assert diff(sample_warehouse.database, copy) == (0, "No differences: every segment has the same definition and the same members.\n")


@pytest.mark.long
def test_a_second_build_in_another_file_does_not_differ(sample_warehouse: Warehouse, sample: Inputs, tmp_path: Path) -> None:
    """Another file name gives another database name in the SQL: the hash must not see it."""
    again = Warehouse(tmp_path / "again")
    again.database = again.folder / "another name.duckdb"
    again.write_inputs(sample)
    again.build("--select", "+segment_sizes")
    assert diff(sample_warehouse.database, again.database)[0] == 0
    hashes = "select segment, definition_hash from marts.segments order by all"
    assert again.query(hashes) == sample_warehouse.query(hashes) and len(again.query(hashes)) > 20


@pytest.fixture
def changed(sample_warehouse: Warehouse, tmp_path: Path) -> Path:
    """A copy to change."""
    return Path(shutil.copy(sample_warehouse.database, tmp_path / "changed.duckdb"))


def test_each_change_is_told(sample_warehouse: Warehouse, changed: Path) -> None:
    old = sample_warehouse.database
    (newest,) = sample_warehouse.query("select max(as_of_date) from marts.segment_sizes")[0]
    users = [
        user
        for (user,) in sample_warehouse.query(
            f"select user_id from marts.user_segments where segment = 'promoters' and as_of_date = '{newest}' order by 1"
        )
    ]
    with duckdb.connect(str(changed)) as connection:
        connection.execute(
            f"delete from marts.user_segments where segment = 'promoters' and as_of_date = '{newest}' and user_id in ('{users[0]}', '{users[1]}', '{users[2]}')"
        )
        connection.execute("update marts.segments set definition_hash = 'other' where segment = 'under_35'")
    status, output = diff(old, changed, "--users", "2")
    assert status == 1
    [(dates,)] = sample_warehouse.query("select count(distinct as_of_date) from marts.segment_sizes")
    share = f"{3 / len(users):.1%}"
    assert output.splitlines() == [
        f"2 of 28 segments differ, 1 by their definition. On {newest}, the newest date of both: 0 entered, 3 left.",
        "Segment promoters: the definition is the same, the data or features differ; "
        f"{len(users)} members become {len(users) - 3}, 0 entered and 3 left ({share} of both); members differ on 1 of {dates} dates",
        f"  {newest}  left         3  ({pseudonym(users[0])}, {pseudonym(users[1])}, …)",
        "Segment under_35: the definition changed, the members did not",
    ]
    status, output = diff(changed, old, "--users", "0")
    assert status == 1 and f"  {newest}  entered      3\n" in output and users[0] not in output


@pytest.mark.long
def test_a_change_of_all_dates_is_one_line_and_on_demand_a_line_per_date(sample_warehouse: Warehouse, changed: Path) -> None:
    with duckdb.connect(str(changed)) as connection:
        connection.execute("delete from marts.user_segments where segment = 'power_users'")
        connection.execute("delete from marts.segments where segment = 'under_35'")
    dates = sample_warehouse.query("select count(distinct as_of_date) from marts.user_segments where segment = 'power_users'")[0][0]
    status, output = diff(sample_warehouse.database, changed)
    assert status == 1 and dates > 20
    lines = output.splitlines()
    [(young, newest)] = sample_warehouse.query(
        "select users, as_of_date from marts.segment_sizes where segment = 'under_35' order by as_of_date desc limit 1"
    )
    assert len(lines) == 4
    assert lines[0] == f"Segment under_35 is only in {sample_warehouse.database}, with {young:,} members on {newest}."
    assert (
        lines[1].startswith("1 of 27 segments differ, 0 by their definition.")
        and " 0 entered and " in lines[2]
        and "(100.0% of both)" in lines[2]
    )
    status, output = diff(sample_warehouse.database, changed, "--dates")
    assert status == 1 and len(output.splitlines()) == 3 + dates
    # On one side alone, whichever it is and whatever else is asked.
    for one, other in ((sample_warehouse.database, changed), (changed, sample_warehouse.database)):
        for arguments in ((), ("--markdown",)):
            status, output = diff(one, other, *arguments)
            assert status in (0, 1) and "under_35" in output, output


def test_dates_and_segments_of_one_file_are_named_once(sample_warehouse: Warehouse, changed: Path) -> None:
    with duckdb.connect(str(changed)) as connection:
        for table in ("user_segments", "segment_sizes"):
            connection.execute(f"delete from marts.{table} where as_of_date = (select max(as_of_date) from marts.{table})")
        for table in ("segments", "user_segments"):
            connection.execute(f"delete from marts.{table} where segment = 'promoters'")
    status, output = diff(changed, sample_warehouse.database)
    assert status == 1
    lines = output.splitlines()
    assert len(lines) == 2 and lines[0].startswith("1 dates are only in ") and lines[1].startswith("Segment promoters is only in ")


def test_a_file_that_is_no_warehouse_is_an_error(sample_warehouse: Warehouse, tmp_path: Path) -> None:
    duckdb.connect(str(tmp_path / "empty.duckdb")).close()
    assert diff(sample_warehouse.database, tmp_path / "none.duckdb")[0] == 2
    status, output = diff(sample_warehouse.database, tmp_path / "empty.duckdb")
    assert status == 2 and "Both files must be warehouses" in output


@pytest.mark.long
def test_the_comment_for_a_pull_request_on_a_real_change(sample_warehouse: Warehouse, sample: Inputs, tmp_path: Path) -> None:
    """A threshold is lowered: who enters is counted another way, large changes need approval, and no id is shown."""
    changed = Warehouse(tmp_path / "changed", copied=("models",))
    path = changed.folder / "models/segments/behavioral/power_users.sql"
    text = path.read_text(encoding="utf-8")
    assert "active_days_28d >= 12" in text
    path.write_text(text.replace("active_days_28d >= 12", "active_days_28d >= 6"), encoding="utf-8")
    changed.write_inputs(sample)
    changed.build("--select", "+segment_sizes")

    (newest,) = sample_warehouse.query("select max(as_of_date) from marts.segment_sizes")[0]
    members = {
        name: {
            row[0]
            for row in warehouse.query(
                f"select user_id from features.user_features where as_of_date = '{newest}' and distinct_features_28d >= 5 "
                f"and active_days_28d >= {days}"
            )
        }
        for name, warehouse, days in (("before", sample_warehouse, 12), ("after", changed, 6))
    }
    entered = members["after"] - members["before"]
    jaccard = len(members["before"]) / len(members["after"])
    assert entered and jaccard < 0.8

    status, output = diff(sample_warehouse.database, changed.database, "--markdown")
    assert status == 1
    row = f"| power_users | definition | {len(members['before'])} | {len(members['after'])} | {len(entered)} | 0 | {len(members['before'])} | {jaccard:.2f} |"
    assert f"{row} **needed** |" in output
    assert [line for line in output.splitlines() if line.startswith("| ") and "definition" in line] == [f"{row} **needed** |"]
    assert f"`{pseudonym(min(entered))}`" in output
    assert not any(user in output for user in members["before"] | members["after"])
    # Of the segment, and of the one that is defined by it.
    sizes = {
        (str(day), users)
        for day, users in changed.query(
            "select as_of_date, users from marts.segment_sizes where segment in ('power_users', 'power_users_on_ios')"
        )
    }
    year = [line.split("|")[1:4] for line in output.splitlines() if line.startswith("| 202")]
    assert len(year) >= 24 and all((day.strip(), int(after)) in sizes for day, _, after in year)

    status, output = diff(sample_warehouse.database, changed.database, "--markdown", "--approve", "power_users, other")
    assert status == 0 and f"{row} given |" in output
    status, output = diff(sample_warehouse.database, sample_warehouse.database, "--markdown")
    assert status == 0 and "Nothing: every segment has the same definition and the same members." in output
