"""What dbt selects: the models that an edited macro changes, and the tests that a partial build can pass."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from checking.macros import unseen_macros
from warehouse import Warehouse


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Warehouse:
    """The whole project, parsed."""
    warehouse = Warehouse(tmp_path_factory.mktemp("visible") / "project", copied=("macros",), analysis=True)
    warehouse.write_inputs({})
    assert warehouse.run("parse")
    return warehouse


def test_every_macro_that_a_model_names_is_recorded(project: Warehouse) -> None:
    """dbt records what it renders while it parses, and it does not render the body of a `call` block."""
    unseen, seen = unseen_macros(json.loads((project.folder / "target/manifest.json").read_text(encoding="utf-8")))
    assert unseen == []
    assert seen > 500, "the pattern finds what models use"


def test_an_edited_macro_modifies_the_models_that_use_it(project: Warehouse, tmp_path: Path) -> None:
    state = tmp_path / "state"
    state.mkdir()
    shutil.copy(project.folder / "target/manifest.json", state)
    path = project.folder / "macros/features/health_score.sql"
    text = path.read_text(encoding="utf-8")
    assert "5e-1)" in text
    path.write_text(text.replace("5e-1)", "6e-1)"), encoding="utf-8")
    try:
        result = project.run(
            "ls", "--select", "state:modified", "--state", str(state), "--resource-type", "model", "--output", "name", "--quiet"
        )
    finally:
        path.write_text(text, encoding="utf-8")
    assert result
    assert result.output.split() == ["user_value_features"]


@pytest.mark.long
def test_a_partial_build_runs_no_test_of_what_it_leaves_alone(project: Warehouse) -> None:
    """After a new segment, `dbt build -s +segment_sizes` must not compare the new sizes with the marts of yesterday."""
    manifest = json.loads((project.folder / "target/manifest.json").read_text(encoding="utf-8"))
    result = project.run("ls", "--select", "+segment_sizes", "--output", "json", "--output-keys", "unique_id", "--quiet")
    selected = {json.loads(line)["unique_id"] for line in result.output.splitlines()}
    tests = [node for name, node in manifest["nodes"].items() if name in selected and node["resource_type"] == "test"]
    assert len(tests) > 100
    too_early = [node["name"] for node in tests if not set(node["depends_on"]["nodes"]) <= selected]
    assert too_early == []
