"""All cases, neutral and our own, in one project copy: what test_conformance, test_criteria and the mutation script build."""

from __future__ import annotations

from pathlib import Path

from conformance.runner import CaseProject, read_cases
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
