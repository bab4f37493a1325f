"""A newcomer's segment: one file and one line; what happens if either is missing; and how segments are described."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest
import yaml

import new_segment
from build import registry_problems
from warehouse import ROOT, Inputs, Warehouse

SEGMENT = """{{ config(meta={
    'label': 'People with a quote in "it\\'s"', 'tier': 'micro', 'owner': 'me', 'goal': 'Learn what they quote',
    'action': 'Ask for the source',
    'reviewed_on': '2026-10-01'
}) }}

{{ segment(
    active = "active_days_28d >= 10"
) }}
"""
REGISTRY = "macros/registries/segments.sql"


@pytest.fixture
def newcomer(new_warehouse: Callable[..., Warehouse], company: Inputs) -> Warehouse:
    """A copy of the project with a new file and no line yet."""
    warehouse = new_warehouse(copied=("models", "macros"))
    warehouse.write_inputs(company)
    (warehouse.folder / "models/segments/behavioral/very_active.sql").write_text(SEGMENT, encoding="utf-8")
    return warehouse


def register(warehouse: Warehouse, name: str) -> None:
    path = warehouse.folder / REGISTRY
    path.write_text(path.read_text(encoding="utf-8").replace("return([\n", f"return([\n        '{name}',\n", 1), encoding="utf-8")


def test_a_new_segment_is_one_file_and_one_line(newcomer: Warehouse) -> None:
    register(newcomer, "very_active")
    newcomer.build(comparison=True)
    sizes = newcomer.query("select users from marts.segment_sizes where segment = 'very_active' order by as_of_date")
    assert len(sizes) > 5, "its whole history is there at once"
    expected = newcomer.query(
        "select count(*) filter (where active_days_28d >= 10) from features.user_features group by as_of_date order by as_of_date"
    )
    assert sizes == expected and sizes[-1][0] > 0
    row = newcomer.query("select label, type, owner, definition from marts.segments where segment = 'very_active'")[0]
    assert row[0] == 'People with a quote in "it\'s"' and row[1:3] == ("behavioral", "me")
    assert row[3].startswith("{{ segment(")
    why = newcomer.query("select active, is_member from segments.very_active where user_id = 'u4'")
    assert set(why) == {(False, False)}
    for mart in ("segment_comparison", "segment_attrition", "segment_overlap", "segment_scorecard", "segment_memberships"):
        assert newcomer.query(f"select count(*) from marts.{mart} where segment = 'very_active'")[0][0] > 0, mart


def test_a_file_without_a_line_stops_the_parse(newcomer: Warehouse) -> None:
    result = newcomer.run("parse")
    assert not result
    assert "`very_active` (models/segments/behavioral/very_active.sql) is not registered" in result.output
    assert "'very_active'," in result.output and REGISTRY in result.output
    assert any("very_active.sql is not registered" in problem for problem in registry_problems(newcomer.folder))


@pytest.mark.long
def test_plain_sql_without_a_line_stops_the_build(newcomer: Warehouse) -> None:
    """segment() checks itself; for plain SQL the check runs at the start of a build."""
    (newcomer.folder / "models/segments/behavioral/very_active.sql").write_text(
        SEGMENT.split("{{ segment(")[0]
        + "select user_id, as_of_date, true as is_member, 'x' as definition_hash from {{ ref('user_features') }}",
        encoding="utf-8",
    )
    result = newcomer.run("build", "--select", "data_through")
    assert not result
    assert "`very_active` (models/segments/behavioral/very_active.sql) is not registered" in result.output
    register(newcomer, "very_active")
    newcomer.build("--select", "+segment_sizes")
    assert newcomer.query("select min(share) from marts.segment_sizes where segment = 'very_active'") == [(1.0,)]


def test_a_line_without_a_file_says_what_to_add(newcomer: Warehouse) -> None:
    (newcomer.folder / "models/segments/behavioral/very_active.sql").unlink()
    register(newcomer, "very_active")
    result = newcomer.run("parse")
    assert not result
    assert "'very_active' which was not found" in result.output
    problems = registry_problems(newcomer.folder)
    assert len(problems) == 1
    assert "models/segments/<type>/very_active.sql" in problems[0] and "add the file, or remove the line" in problems[0]


SEGMENTS = sorted([*ROOT.glob("models/segments/**/*.sql"), *ROOT.glob("examples/*/models/segments/**/*.sql")])


@pytest.mark.parametrize("path", SEGMENTS, ids=lambda path: path.stem)
def test_the_description_of_a_segment_is_a_sentence_and_its_grain_is_tested(path: Path) -> None:
    """BI tools show it: neither the label pasted into a template nor the SQL of the criteria says who the members are."""
    label = re.search(r"'label': '([^']+)'", path.read_text(encoding="utf-8"))
    assert label
    (model,) = yaml.safe_load(path.with_suffix(".yml").read_text(encoding="utf-8"))["models"]
    assert f"date: {label[1].lower()}." not in model["description"], "the label pasted into a template"
    form = re.match(
        r"(.+?), one row per \w+ and date\. `is_member` marks members; one boolean per criterion shows why\.", model["description"]
    )
    assert form, model["description"]
    assert new_segment.description_problem(form[1], label[1]) is None
    test = "segmentation.unique_combination" if "examples" in path.parts else "unique_combination"
    assert {test: {"arguments": {"columns": ["user_id", "as_of_date"]}}} in model["data_tests"]
    copied = [column["name"] for column in model["columns"] if re.match("True if:", column["description"])]
    assert copied == [], "say in words what is true"


def test_all_segments_are_looked_at() -> None:
    assert len(SEGMENTS) > 30


def test_the_registry_of_the_project_has_no_problem() -> None:
    assert registry_problems(ROOT) == []


@pytest.mark.parametrize(
    ("call", "told"),
    [
        ("", "segment: at least one criterion is needed, got none."),
        ("active = ''", "segment: `active` must be an SQL expression over user_features or a criterion macro, got ''."),
        pytest.param(
            "active = 3",
            "segment: `active` must be an SQL expression over user_features or a criterion macro, got '3'.",
            marks=pytest.mark.long,
        ),
        pytest.param(
            "active = did_perform('page_view')", "segment: `active`: a name in it is undefined, so it is misspelt.", marks=pytest.mark.long
        ),
        pytest.param(
            "is_member = 'true'", "segment: `is_member` is a column of every segment; choose another name.", marks=pytest.mark.long
        ),
        pytest.param("order = 'true'", "segment: `order` is a reserved word in SQL; choose another name.", marks=pytest.mark.long),
        pytest.param("Active = 'true'", "segment: `Active` must be a name in lower snake case.", marks=pytest.mark.long),
        ("'active_days_28d > 1'", "segment: every criterion needs a name, got active_days_28d > 1."),
    ],
)
def test_a_bad_call_stops_the_parse_and_names_the_rule(newcomer: Warehouse, call: str, told: str) -> None:
    register(newcomer, "very_active")
    (newcomer.folder / "models/segments/behavioral/very_active.sql").write_text("{{ segment(" + call + ") }}", encoding="utf-8")
    result = newcomer.run("parse")
    assert not result
    assert "Segment `very_active`" in result.output and told in result.output
