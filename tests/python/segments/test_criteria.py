"""What each criterion counts, at its bounds: the cases of criteria_cases.py, all in one build with the conformance cases."""

from __future__ import annotations

import re

import pytest
import yaml

from conformance.runner import CaseProject
from criteria_cases import CASES, CriteriaCase
from warehouse import ROOT

CRITERIA = sorted(path.stem for path in (ROOT / "macros/segments/criteria").glob("*.sql"))


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_the_members_are_those_expected(cases_project: CaseProject, case: CriteriaCase) -> None:
    for days_back, expected in {0: case.expect, **case.before}.items():
        assert cases_project.members(case.segment_name, case.name, days_back) == set(expected.split()), f"{days_back} days before"


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_a_case_can_fail(case: CriteriaCase) -> None:
    """Somebody is in and somebody is out, on one of its dates."""
    named = {*case.users, *(event[0] for event in case.events if event[0])}
    members = [set(expected.split()) for expected in (case.expect, *case.before.values())]
    assert any(members) and any(found < named for found in members)
    assert all(found <= named for found in members), "nobody is expected who does not exist"


def test_names_are_unique() -> None:
    assert len({case.name for case in CASES}) == len(CASES)


def test_every_criterion_has_cases(cases_project: CaseProject) -> None:
    texts = " ".join(cases_project.segments.values())
    # Lists are tables, and a segment on another day needs that day: tests/python/segments/test_lists.py.
    assert [criterion for criterion in CRITERIA if f"{criterion}(" not in texts] == ["in_list", "was_in"]


def test_every_criterion_is_described_with_its_arguments() -> None:
    """In the page for people, and in YAML with the names of the signature."""
    page = (ROOT / "docs/segments.md").read_text(encoding="utf-8")
    entries = yaml.safe_load((ROOT / "macros/segments/_criteria_macros.yml").read_text(encoding="utf-8"))["macros"]
    described = {entry["name"]: [argument["name"] for argument in entry.get("arguments", [])] for entry in entries}
    signatures = {}
    for criterion in CRITERIA:
        text = (ROOT / f"macros/segments/criteria/{criterion}.sql").read_text(encoding="utf-8")
        arguments = re.search(rf"{{% macro {criterion}\((.*?)\) %}}", text, re.DOTALL).group(1)
        signatures[criterion] = [part.split("=")[0].strip() for part in arguments.split(",") if part.strip()]
        assert f"`{criterion}(" in page or f"`{criterion.replace('property', '')}`" in page, criterion
    assert described == signatures
