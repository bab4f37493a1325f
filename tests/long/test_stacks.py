"""The marts of the company through two stacks of tools are the marts of the company itself, as far as the tools can tell it.

What they cannot is in docs/connectors/stacks.md; the inputs are compared row by row in tests/python/connectors/test_stacks.py.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import duckdb
import pytest

import stack_of_exports
import stack_of_tables
from landed import Rows, land
from registries import set_variables
from stack_company import company
from warehouse import ROOT, Inputs, Warehouse, differences

ACCOUNTS = {"exports": 30, "tables": 10}
# About the rows as they came and the build: read and left out are counted otherwise, since tools hold rows that are no inputs.
OF_THE_BUILD = {
    "features.date_input_hashes",
    "marts.input_summary",
    "marts.rejected_rows",
    "marts.source_changes",
    "marts.unreadable_values",
}
# Moments of changes: where nobody changed, they are what the last digit of a sum leaves, and that hangs on the order of rows. So does the revenue
# of everybody else where they did not pay.
LAST_DIGITS = {
    "marts.change_moments",
    "marts.design_effects",
    "marts.experiment_outcomes",
    "marts.segment_comparison",
    "marts.segment_value",
}


def build(
    folder: Path,
    inputs: Inputs,
    given: tuple[str, ...] = (),
    connectors: dict[str, Any] | None = None,
    tables: dict[str, Rows] | None = None,
) -> Warehouse:
    """A build of all marts, of the inputs as they are, or with those that the tools give in their place, as files or as tables."""
    warehouse = Warehouse(folder, analysis=True)
    if connectors is None:
        warehouse.write_inputs(inputs)
    else:
        # An input that the tools give has no seed of its own.
        warehouse.write_inputs({name: rows for name, rows in inputs.items() if name not in given})
        (folder / "dbt_packages").mkdir()
        (folder / "dbt_packages/segmentation_connectors").symlink_to(ROOT / "connectors")
        places = set_variables(folder)["inputs"] | {name: f"connected_{name}" for name in given}
        warehouse.configure(connectors=connectors, inputs=places)
    if tables:
        with duckdb.connect(str(warehouse.database), config={"storage_compatibility_version": "v1.0.0"}) as connection:
            for relation, rows in tables.items():
                land(connection, folder, relation, rows, types="json")
    warehouse.build()
    return warehouse


@pytest.mark.parametrize("stack", ["exports", "tables"])
def test_the_marts_of_a_stack_of_tools_are_those_of_the_company(tmp_path: Path, stack: str) -> None:
    module: Any = {"exports": stack_of_exports, "tables": stack_of_tables}[stack]
    inputs = company(ACCOUNTS[stack])
    told = module.told(inputs)
    plain = build(tmp_path / "plain", told)
    if stack == "exports":
        module.write(tmp_path / "files", inputs)
        tools = build(tmp_path / "tools", told, module.GIVEN, module.variables(tmp_path / "files"))
    else:
        tools = build(tmp_path / "tools", told, module.GIVEN, module.variables(inputs), module.write(inputs))
    marts = [table for table in plain.tables("features", "marts") if table not in OF_THE_BUILD]
    assert len(marts) > 60
    assert "\n".join(differences(plain, tools, [table for table in marts if table not in LAST_DIGITS])) == ""
    changed = "difference is null or abs(difference) > 1e-9"
    assert "\n".join(differences(plain, tools, ["marts.segment_comparison"], where=changed)) == ""
    # Row conservation: what the tools give is what staging reads, and there every row is used, a duplicate or rejected (build() checks it).
    given = dict(tools.query("select input, cast(sum(rows_given) as bigint) from connectors.connector_rows group by input"))
    read = dict(tools.query("select input, rows_read from marts.input_summary"))
    once = {"users", "accounts"}
    assert {name: read[name] for name in module.GIVEN if name not in once} == {
        name: given[name] for name in module.GIVEN if name not in once
    }
    assert {name: read[name] for name in once} == {name: len(told[name]) for name in once}
    assert tools.query("select sum(rows_rejected) from marts.input_summary") == plain.query(
        "select sum(rows_rejected) from marts.input_summary"
    )
