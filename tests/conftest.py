"""Fixtures that several test files share."""

from __future__ import annotations

import fcntl
import json
import re
import shutil
from pathlib import Path
from typing import Any, Callable

import duckdb
import pytest
import yaml

import publish
from cases_project import all_cases_project
from conformance.runner import CaseProject
from mart_project import MartProject
from publishing.files import publishing_folder
from publishing.readiness import Build
from run_tool import look_less_often
from warehouse import ROOT, Inputs, Warehouse, read_sample


# A quarter of the time of every build in this process.
look_less_often()

# Files of whole builds, minutes each: they come first, or one of them would be left to a single worker at the end.
LONG = ("test_increment.py", "test_membership.py", "test_time.py", "test_input.py")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The long files first; with --no-loadscope-reorder the workers take them in this order."""
    items.sort(key=lambda item: LONG.index(item.path.name) if item.path.name in LONG else len(LONG))


@pytest.fixture(scope="session")
def sample() -> Inputs:
    """The sample's inputs. Do not change the rows: copy them."""
    return read_sample()


@pytest.fixture(scope="session")
def sample_warehouse(tmp_path_factory: pytest.TempPathFactory, sample: Inputs, worker_id: str) -> Warehouse:
    """The sample, built once with the project's own variables. Read it, do not build in it.

    Each worker has a copy: who reads a file of DuckDB in one process keeps dbt in another from opening it.
    """
    shared = tmp_path_factory.getbasetemp() if worker_id == "master" else tmp_path_factory.getbasetemp().parent
    folder = shared / "sample"
    with (shared / "sample.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (folder / "built").exists():
            shutil.rmtree(folder, ignore_errors=True)
            warehouse = Warehouse(folder, analysis=True)
            warehouse.write_inputs(sample)
            warehouse.build()
            (folder / "built").touch()
    if worker_id == "master":
        return Warehouse.of_built(folder)
    own = tmp_path_factory.mktemp("sample") / "project"
    shutil.copytree(folder, own, symlinks=True)
    return Warehouse.of_built(own)


@pytest.fixture(scope="session")
def published_sample(tmp_path_factory: pytest.TempPathFactory, sample_warehouse: Warehouse, worker_id: str) -> Path:
    """The folder in which the sample is published, once for all workers. The checks of the build are left out."""
    shared = tmp_path_factory.getbasetemp() if worker_id == "master" else tmp_path_factory.getbasetemp().parent
    folder = shared / "published"
    with (shared / "published.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (folder / publish.USERS_FILE).exists():
            manifest = json.loads((sample_warehouse.folder / "target/manifest.json").read_text(encoding="utf-8"))
            build = Build(manifest, {"metadata": {"invocation_id": "of the tests"}})
            minimum = yaml.safe_load((ROOT / "dbt_project.yml").read_text(encoding="utf-8"))["vars"]["min_cell_users"]
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
def cases_project(tmp_path_factory: pytest.TempPathFactory) -> CaseProject:
    """Every case of the criteria as a segment of its own, in one build."""
    project = all_cases_project(tmp_path_factory.mktemp("cases") / "project")
    project.build()
    return project


@pytest.fixture(scope="module")
def macro_project(tmp_path_factory: pytest.TempPathFactory) -> Warehouse:
    """The real macros in a project without models, which parses in no time: for tests of what stops the parse."""
    warehouse = Warehouse(
        tmp_path_factory.mktemp("macros") / "project",
        {"events": [{"name": name} for name in ("pv", "nv", "report_created", "report_exported")]}, copied=("models", "macros"),
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
    """A small company, complete enough for every model: four users of two accounts, a week of events."""
    users = [
        {"user_id": f"u{number}", "account_id": account, "email": f"u{number}@example.com", "job_title": title,
         "country": country, "birth_year": "1990", "signed_up_at": "2026-01-05T09:00:00Z",
         "updated_at": "2026-01-05T09:00:00Z"}
        for number, account, title, country in [
            (1, "a1", "Engineer", "DE"), (2, "a1", "Head of Sales", "US"), (3, "a2", "CFO", "BR"), (4, "", "", ""),
        ]
    ]
    events = [
        {"event_id": f"e{day:02d}{number}", "user_id": f"u{number}", "event_name": name,
         "occurred_at": f"2026-03-{day:02d}T10:{number:02d}:00Z", "received_at": f"2026-03-{day:02d}T10:{number:02d}:05Z",
         "device_type": "desktop", "os": "linux", "app_version": "1.0.0"}
        for day in range(1, 17)
        for number, name in [(1, "task_completed"), (2, "logged_in"), (3, "page_viewed")]
        if day % number == 0
    ]
    return {
        "accounts": [
            {"account_id": "a1", "account_name": "One", "industry": "software", "employee_count": "12",
             "created_at": "2026-01-01T00:00:00Z", "updated_at": "2026-01-01T00:00:00Z"},
            {"account_id": "a2", "account_name": "Two", "industry": "retail", "employee_count": "1200",
             "created_at": "2026-01-01T00:00:00Z", "updated_at": "2026-01-01T00:00:00Z"},
        ],
        "users": users,
        "events": events,
        "subscriptions": [
            {"subscription_id": "s1", "account_id": "a1", "plan": "pro", "seats": "5", "mrr": "100",
             "valid_from": "2026-01-05T00:00:00Z", "started_at": "2026-01-05T00:00:00Z"},
        ],
        "survey_responses": [
            {"response_id": "r1", "user_id": "u1", "survey": "nps", "instrument": "nps", "question": "recommend",
             "answer": "9", "score": "9", "responded_at": "2026-03-03T12:00:00Z"},
        ],
        "invoices": [
            {"invoice_id": "i1", "account_id": "a1", "amount": "100.00", "currency": "USD",
             "paid_at": "2026-02-05T00:00:00Z"},
        ],
    }


def pytest_terminal_summary(terminalreporter: Any) -> None:
    """The largest error of every statistics macro against its oracles."""
    told = [
        value
        for reports in terminalreporter.stats.values() for report in reports
        for name, value in getattr(report, "user_properties", []) if name == "statistics"
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
