"""What scripts/quick_dbt.py leaves out is work, not result: one project built with dbt as it is, and with the short cuts."""

from __future__ import annotations

import json
from pathlib import Path

import quick_dbt
from warehouse import Warehouse, differences, small_company


def test_a_build_is_the_same_with_the_short_cuts(tmp_path: Path) -> None:
    warehouse = Warehouse(tmp_path / "project", analysis=True)
    warehouse.write_inputs(small_company())
    first, twin = (warehouse.twin(tmp_path / name) for name in ("first", "twin"))
    with quick_dbt.as_it_is():
        plain = warehouse.build(tests=True)
    # Twice, so that the second finds everything remembered.
    first.build()
    quick = twin.build(tests=True)
    assert quick.statuses == plain.statuses
    assert len(plain.statuses) > 300
    tables = warehouse.tables("raw", "activity", "features", "marts", "state")
    assert tables == twin.tables("raw", "activity", "features", "marts", "state")
    assert differences(warehouse, twin, tables, ignored=("invocation_id", "built_by")) == []
    texts = []
    for folder in (warehouse.folder, twin.folder):
        manifest = json.loads((folder / "target/manifest.json").read_text(encoding="utf-8"))
        texts.append(
            {
                key: (node.get("compiled_code"), node["depends_on"], node["config"], node["columns"])
                for key, node in manifest["nodes"].items()
                # A hook writes down the id of its run.
                if node["resource_type"] != "operation"
            }
        )
    assert texts[0] == texts[1]
