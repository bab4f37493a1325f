"""A project of a stranger's own with all of dbt's tests, from its first build to what its commands write."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path

import duckdb
import pytest

import new_project
from package_project import dbt, install, shop
from warehouse import ROOT


def test_it_builds_before_anything_is_filled_in(tmp_path: Path) -> None:
    """All of dbt's tests pass on a warehouse without anybody in it, with every input there is."""
    folder = tmp_path / "empty"
    contract = ["accounts", "subscriptions", "invoices", "survey_responses", "experiment_assignments", "campaign_messages"]
    new_project.create(ROOT, folder, contract)
    install(folder)
    through, output, statuses = dbt(folder, "build")
    assert through, output[-6000:]
    assert len(re.findall("is still to be filled in, so the warehouse is empty", output)) == 2
    assert {status for status in statuses.values() if status not in ("pass", "success", "no-op")} == set()
    with duckdb.connect(str(folder / "warehouse.duckdb"), read_only=True) as connection:
        assert connection.execute("select count(*) from marts.users").fetchall() == [(0,)]


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The shop, built at the first try."""
    folder = tmp_path_factory.mktemp("stranger") / "shop"
    shop(folder)
    through, output, statuses = dbt(folder, "build")
    assert through, output[-6000:]
    warned = {name for name, status in statuses.items() if status not in ("pass", "success", "no-op")}
    # What came late, in the last week, is of no kind.
    assert warned == {"test_segment_scorecard__named_events_occur", "no_drift_input_drift_"}
    assert "Warning: events.properties is empty in 100.0 % of the rows of the last seven days" in output
    assert "Warning: Segment `buyers`: nobody ever performed bye." in output
    return folder


def command(folder: Path, script: str, *arguments: str | Path) -> tuple[int, str]:
    """A command as docs/your-data.md prints it: in the project's folder, from the package."""
    run = subprocess.run(
        [sys.executable, f"dbt_packages/segmentation/scripts/{script}", *map(str, arguments), "--project-dir", "."],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )
    return run.returncode, run.stdout + run.stderr


def test_its_commands_write_what_ours_do(built: Path) -> None:
    status, output = command(built, "publish.py")
    assert status == 0, output
    assert {path.name for path in (built / "published").iterdir()} >= {"segmentation.duckdb", "segmentation_users.duckdb"}
    assert (built / ".pseudonym_key").is_file()
    with duckdb.connect(str(built / "published/segmentation.duckdb"), read_only=True) as connection:
        [(segments,)] = connection.execute("select count(distinct segment) from marts.segment_comparison").fetchall()
        assert segments == 7
    status, output = command(built, "report.py")
    assert status == 0 and "published/report.html" in output, output
    page = (built / "published/report.html").read_text(encoding="utf-8")
    assert "Regular" in page and "enterprise" not in page.lower().split("<script", 1)[0]
    status, output = command(built, "audiences.py", "--dry-run")
    assert status == 0 and "No audiences are defined." in output, output
    old = shutil.copy(built / "warehouse.duckdb", built / "old.duckdb")
    assert command(built, "segment_diff.py", "old.duckdb", "warehouse.duckdb")[0] == 0
    with duckdb.connect(str(old)) as connection:
        connection.execute("delete from marts.user_segments where segment = 'regular_users'")
    status, output = command(built, "segment_diff.py", "old.duckdb", "warehouse.duckdb", "--markdown")
    assert status == 0 and "| regular_users | data or features | 0 |" in output, output


def test_a_criterion_without_its_prefix_stops_the_build_with_a_sentence(tmp_path: Path) -> None:
    folder = tmp_path / "shop"
    new_project.create(ROOT, folder, [])
    install(folder)
    segment = folder / "models/segments/behavioral/regular_users.sql"
    segment.write_text(segment.read_text(encoding="utf-8").replace('"active_days_28d >= 8"', "performed('buy')"), encoding="utf-8")
    status, output = command(folder, "build.py")
    assert status == 1 and "regular_users.sql: `performed` is a macro of the package" in output and "segmentation.performed(…)" in output
    segment.write_text(segment.read_text(encoding="utf-8").replace("performed('buy')", "segmentation.performed('buy')"), encoding="utf-8")
    status, output = command(folder, "build.py")
    assert status == 0 and "The warehouse is warehouse.duckdb" in output, output


def test_a_mart_of_its_own_is_its_own_affair(built: Path) -> None:
    """Publishing asks for a decision on each of our marts, and not on those of the project that has us as a package."""
    manifest = json.loads((built / "target/manifest.json").read_text(encoding="utf-8"))
    node = dict(next(node for node in manifest["nodes"].values() if node["name"] == "segments"))
    node |= {"name": "my_mart", "package_name": "shop", "unique_id": "model.shop.my_mart"}
    from publishing.readiness import Build

    marts = Build({"nodes": manifest["nodes"] | {node["unique_id"]: node}}, {}).marts()
    assert "my_mart" not in marts and "segments" in marts


def test_a_folder_without_a_project_is_refused(built: Path, tmp_path: Path) -> None:
    script = ROOT / "scripts/publish.py"
    run = subprocess.run([sys.executable, script, "--project-dir", tmp_path], capture_output=True, text=True, check=False)
    assert run.returncode == 1 and "does not have a dbt_project.yml" in run.stderr
