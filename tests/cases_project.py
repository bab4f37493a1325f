"""All cases, neutral and our own, in one project copy: what test_conformance, test_criteria and the mutation script build."""

from __future__ import annotations

from pathlib import Path

from conformance.runner import CaseProject, read_cases, segment_name
from criteria_cases import CASES, add_criteria_case

NEUTRAL_CASES = read_cases()


def all_cases_project(folder: Path) -> CaseProject:
    """Not built yet."""
    project = CaseProject(folder)
    for neutral in NEUTRAL_CASES:
        project.add_case(neutral)
    for case in CASES:
        add_criteria_case(project, case)
    return project


def wrong_members(project: CaseProject, segments: set[str] | None = None) -> dict[str, str]:
    """Per case that is not as expected (of those whose segment is named): what came out."""
    wrong = {}
    for neutral in NEUTRAL_CASES:
        name = segment_name(neutral)
        if segments is None or name in segments:
            found = project.case_members(neutral)
            if found != set(neutral["expect"]):
                wrong[name] = f"{sorted(found)} for {sorted(neutral['expect'])}"
    for case in CASES:
        if segments is None or case.segment_name in segments:
            for days_back, expected in {0: case.expect, **case.before}.items():
                found = project.members(case.segment_name, case.name, days_back)
                if found != set(expected.split()):
                    wrong[case.segment_name] = f"{days_back} days before: {sorted(found)} for {sorted(expected.split())}"
    return wrong
