"""Companies at the edge of arithmetic, each built with all of dbt's tests: a bound that a sum misses by rounding is a failed test.

One build of a minute each; tests/python/inputs/test_rounding.py has the worst of them in `make test`.
"""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from empty_variables import EMPTY, REFUSED
from extreme_world import SCENARIOS, finite_problems, full_company, share_problems, whole_project


@pytest.mark.parametrize("name", SCENARIOS)
def test_the_company_is_built_and_every_test_passes(tmp_path: Path, name: str) -> None:
    warehouse = whole_project(tmp_path / "project")
    inputs = SCENARIOS[name]()
    warehouse.write_inputs(inputs)
    warehouse.build("--exclude-resource-type", "unit_test", tests=True)
    assert finite_problems(warehouse) == []
    assert share_problems(warehouse, has_refunds=any(row["amount"].startswith("-") for row in inputs.get("invoices", []))) == []


@pytest.mark.parametrize("variable", [*EMPTY])
def test_one_variable_is_empty(tmp_path: Path, variable: str) -> None:
    """Where a segment of the sample names an event, that event has to be listed: then the parse says so."""
    warehouse = whole_project(tmp_path / "project", **{variable: EMPTY[variable]})
    warehouse.write_inputs(full_company(12, 3))
    result = warehouse.run("build", "--exclude-resource-type", "unit_test")
    if variable == "events":
        assert not result and "must be an event of `vars: events`" in result.output
    elif variable == "currency_rates":
        assert not result and "unknown_currency" in result.output
    else:
        assert result, result.output[-4000:]


@pytest.mark.parametrize("variable", REFUSED)
def test_what_cannot_be_empty_is_refused_while_dbt_parses(tmp_path: Path, variable: str) -> None:
    warehouse = whole_project(tmp_path / "project", **{variable: {}})
    warehouse.write_inputs({})
    result = warehouse.run("parse")
    assert not result and REFUSED[variable] in result.output


def test_an_empty_registry_is_refused_while_dbt_parses(tmp_path: Path) -> None:
    warehouse = whole_project(tmp_path / "project", ("models", "macros"))
    warehouse.write_inputs({})
    shutil.rmtree(warehouse.folder / "models/segments")
    (warehouse.folder / "macros/registries/segments.sql").write_text(
        "{% macro registered_segments() %}{{ return([]) }}{% endmacro %}\n", encoding="utf-8"
    )
    result = warehouse.run("parse")
    assert not result and "registered_segments: the list must name at least one segment" in result.output
