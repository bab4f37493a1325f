"""Hooks and checks run whatever the target is called: the lint comes before anything is built, and every build leaves its mark."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
import yaml

from warehouse import ROOT, Warehouse, small_company

CASE = ROOT / "tests/cases/other_target_schema"


@pytest.fixture
def of_alice(tmp_path: Path) -> Warehouse:
    """A small company in a target whose default schema is a developer's own and does not exist."""
    warehouse = Warehouse(tmp_path / "project", copied=("macros",))
    profile = yaml.safe_load((ROOT / "profiles.yml").read_text(encoding="utf-8"))
    profile["segmentation"]["outputs"]["dev"]["schema"] = "dev_alice"
    (warehouse.folder / "profiles.yml").write_text(yaml.safe_dump(profile), encoding="utf-8")
    warehouse.write_inputs(small_company())
    return warehouse


@pytest.mark.long
def test_a_target_with_another_schema_is_checked_and_leaves_its_mark(of_alice: Warehouse) -> None:
    # A segment that nobody can be in and nobody has registered. (No .sql among the fixtures: dbt takes those below tests/ for tests.)
    segment = of_alice.folder / "models/segments/behavioral/forgotten_one.sql"
    shutil.copy(CASE / "forgotten_one.sql.txt", segment)
    result = of_alice.run("build", "--select", "+user_features", "--exclude-resource-type", "test")
    assert not result and "forgotten_one" in result.output
    assert not any(status == "success" for name, status in result.statuses.items() if not name.startswith("segmentation-on-run"))
    registry = of_alice.folder / "macros/registries/segments.sql"
    registry.write_text(
        registry.read_text(encoding="utf-8").replace("        'under_35',", "        'forgotten_one',\n        'under_35',"),
        encoding="utf-8",
    )
    result = of_alice.run("build", "--select", "+user_features", "--exclude-resource-type", "test")
    assert not result and "active_days_28d >= 40" in result.output and "impossible" in result.output, result.output
    assert not of_alice.database.exists() or not of_alice.tables("raw", "staging", "activity", "features")

    # Without it, twice: a fresh file, and one that is there.
    segment.unlink()
    registry.write_text(registry.read_text(encoding="utf-8").replace("        'forgotten_one',\n", ""), encoding="utf-8")
    for _ in range(2):
        result = of_alice.run("build", "--select", "+data_through", "--exclude-resource-type", "test")
        assert result, result.output
        hooks = [status for name, status in result.statuses.items() if "on-run" in name]
        assert hooks and set(hooks) == {"success"}
        assert of_alice.query("select command, is_finished from state.last_run") == [("build", True)]
    assert of_alice.query("select count(*) from information_schema.schemata where schema_name = 'dev_alice'") == [(0,)]
