"""Fixtures that several test files share."""

from __future__ import annotations

import fcntl
import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb
import pytest

import publish
from cases_project import all_cases_project
from conformance.runner import CaseProject
from mart_project import MartProject
from publishing.files import publishing_folder
from publishing.readiness import Build
from registries import project_variables
from run_tool import relax_garbage_collection
from warehouse import PARSED, ROOT, Inputs, Warehouse, read_sample, small_company

# A quarter of the time of every build in this process.
relax_garbage_collection()

# Files of whole builds, half a minute to three minutes each: they come first, or one would be left to a single worker at the end.
LONG = [
    f"test_{name}.py"
    for name in (
        # The sample is built by the first that asks for it, while the other worker goes on with what needs none.
        "publish",
        "increment",
        "scale",
        "states",
        "input",
        "time",
        "by_date",
        "audiences",
        "contract",
        "movement",
        "segments",
        "report",
        "conformance",
        "value",
        "when_changed",
        "comparison",
        "discovery",
        "scorecard",
        "drivers",
        "cohorts",
        "lint",
        "forms",
        "unknown_ids",
        "calibration",
        "statistics",
        "experiments",
        "survival",
    )
]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The long files first; with --no-loadscope-reorder the workers take them in this order."""
    items.sort(key=lambda item: LONG.index(item.path.name) if item.path.name in LONG else len(LONG))


@pytest.fixture(scope="session")
def sample() -> Inputs:
    """The sample's inputs. Do not change the rows: copy them."""
    return read_sample()


def shared_folder(tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> Path:
    """Where the workers of one run leave things for each other."""
    own = tmp_path_factory.getbasetemp()
    return own if worker_id == "master" else own.parent


@pytest.fixture(scope="session", autouse=True)
def _parses(tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> None:
    """What one worker has parsed, none parses again."""
    folder = shared_folder(tmp_path_factory, worker_id) / "parsed"
    folder.mkdir(exist_ok=True)
    PARSED.append(folder)


@pytest.fixture(scope="session")
def sample_warehouse(tmp_path_factory: pytest.TempPathFactory, sample: Inputs, worker_id: str) -> Warehouse:
    """The sample, built once as CI checks it: as `make build` does it, with all of dbt's tests. Read it, do not build in it.

    Each worker has a copy: who reads a file of DuckDB in one process keeps dbt in another from opening it.
    """
    shared = shared_folder(tmp_path_factory, worker_id)
    folder = shared / "sample"
    with (shared / "sample.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (folder / "built").exists():
            shutil.rmtree(folder, ignore_errors=True)
            warehouse = Warehouse(folder, analysis=True)
            warehouse.write_inputs(sample)
            warehouse.copy_singular_tests()
            result = subprocess.run(
                [sys.executable, ROOT / "scripts/run_tool.py", "dbt", "--quiet", "build"],
                cwd=folder,
                env=os.environ | {"SEGMENTATION_DATABASE": str(warehouse.database), "QUICK_DBT": "1"},
                capture_output=True,
                text=True,
                check=False,
            )
            assert result.returncode == 0, (result.stdout + result.stderr)[-6000:]
            warehouse.check_that_rows_add_up()
            (folder / "built").touch()
    if worker_id == "master":
        return Warehouse.of_built(folder)
    own = tmp_path_factory.mktemp("sample") / "project"
    shutil.copytree(folder, own, symlinks=True)
    return Warehouse.of_built(own)


@pytest.fixture(scope="session")
def published_sample(tmp_path_factory: pytest.TempPathFactory, sample_warehouse: Warehouse, worker_id: str) -> Path:
    """The folder in which the sample is published, once for all workers. The checks of the build are left out."""
    shared = shared_folder(tmp_path_factory, worker_id)
    folder = shared / "published"
    with (shared / "published.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (folder / publish.USERS_FILE).exists():
            manifest = json.loads((sample_warehouse.folder / "target/manifest.json").read_text(encoding="utf-8"))
            build = Build(manifest, {"metadata": {"invocation_id": "of the tests"}})
            minimum = project_variables(ROOT)["min_cell_users"]
            with duckdb.connect() as connection, publishing_folder(folder):
                connection.execute("set TimeZone = 'UTC'")
                connection.execute(f"attach '{sample_warehouse.database}' as warehouse (read_only)")
                publish.write_publication(connection, build, folder, shared / "pseudonym_key", minimum)
    return folder


@pytest.fixture(scope="module")
def mart_project(tmp_path_factory: pytest.TempPathFactory, sample_warehouse: Warehouse) -> MartProject:
    """A project in which tests make up the tables that a mart reads, for random data and hand-made cases."""
    return MartProject(tmp_path_factory.mktemp("marts") / "project", sample_warehouse)


@pytest.fixture(scope="session")
def cases_project(tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> CaseProject:
    """Every case of the criteria as a segment of its own, in one build for all workers. Read it, do not build in it."""
    project = all_cases_project(tmp_path_factory.mktemp("cases") / "project")
    shared = shared_folder(tmp_path_factory, worker_id)
    built = shared / "cases.duckdb"
    with (shared / "cases.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not built.exists():
            project.build()
            shutil.copy(project.warehouse.database, built)
        else:
            shutil.copy(built, project.warehouse.database)
    return project


@pytest.fixture(scope="module")
def macro_project(tmp_path_factory: pytest.TempPathFactory) -> Warehouse:
    """The real macros in a project without models, which parses in no time: for tests of what stops the parse."""
    warehouse = Warehouse(
        tmp_path_factory.mktemp("macros") / "project",
        {"events": [{"name": name} for name in ("pv", "nv", "report_created", "report_exported")]},
        copied=("models", "macros"),
    )
    shutil.rmtree(warehouse.folder / "models")
    (warehouse.folder / "models/segments/behavioral").mkdir(parents=True)
    return warehouse


@pytest.fixture
def new_warehouse(tmp_path: Path) -> Callable[..., Warehouse]:
    """A function that makes an empty project folder under a name of its own."""

    def make(name: str = "project", copied: tuple[str, ...] = (), **variables: Any) -> Warehouse:
        return Warehouse(tmp_path / name, variables, copied)

    return make


@pytest.fixture
def company() -> Inputs:
    """small_company(), to change."""
    return small_company()


def pytest_terminal_summary(terminalreporter: Any) -> None:
    """The largest error of every statistics macro against its oracles."""
    told = [
        value
        for reports in terminalreporter.stats.values()
        for report in reports
        for name, value in getattr(report, "user_properties", [])
        if name == "statistics"
    ]
    if told:
        largest: dict[tuple[str, str, str], float] = {}
        for macro, about, oracle, error in told:
            key = (macro, re.sub("(, at [0-9.]+|;).*", "", about), oracle)
            largest[key] = max(largest.get(key, 0.0), error)
        terminalreporter.section("statistics: largest error against the oracle")
        for (macro, about, oracle), error in largest.items():
            if oracle != "NULL":
                terminalreporter.write_line(f"{error:8.1e}  {macro}: {about} ({oracle})")
