"""The cohort cases of tests/conformance through the real macros: all in one build, then one test each."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from cases_project import NEUTRAL_CASES
from conformance.runner import (
    FILES,
    HERE,
    MUST_RAISE,
    Case,
    CaseProject,
    expression,
    read_cases,
    read_must_raise,
    register,
    score,
    segment_body,
)
from warehouse import ROOT, Warehouse

REFUSED = [
    (entry, *MUST_RAISE[entry]) if isinstance(entry, str) else (entry["why"], entry["crit"], entry["told"]) for entry in read_must_raise()
]


@pytest.mark.parametrize("case", NEUTRAL_CASES, ids=lambda case: case["name"])
def test_the_members_are_those_expected(cases_project: CaseProject, case: Case) -> None:
    assert cases_project.case_members(case) == set(case["expect"])


def test_no_case_is_lost() -> None:
    assert len(read_cases(FILES[:1])) == 14 and len(NEUTRAL_CASES) > 60


@pytest.mark.parametrize(("why", "crit", "told"), REFUSED, ids=[why for why, _, _ in REFUSED])
def test_what_makes_no_sense_stops_the_parse(macro_project: Warehouse, why: str, crit: Case, told: str) -> None:
    register(macro_project.folder, ["refused"])
    (macro_project.folder / "models/segments/behavioral/refused.sql").write_text(segment_body(crit, {}), encoding="utf-8")
    result = macro_project.run("parse")
    assert not result
    assert told in result.output, result.output[-2000:]
    assert "refused" in result.output, "the message names the model"


def test_the_parser_of_the_refusals_accepts_what_makes_sense(macro_project: Warehouse) -> None:
    """Else the tests above could pass because nothing parses."""
    (macro_project.folder / "models/segments/behavioral/refused.sql").write_text(
        "select 1 as one\n{# " + segment_body({"performed": "pv"}, {}).replace("{{", "").replace("}}", "") + " #}", encoding="utf-8"
    )
    assert macro_project.run("parse")


@pytest.mark.parametrize(
    ("crit", "expected"),
    [
        ({"performed": "pv", "op": "<", "n": 2, "zero": False}, "performed('pv', at_most=1, include_zero=false)"),
        (
            {"performed": "pv", "within": "2 months", "where": {"prop": "p", "eq": "it's"}},
            r"performed('pv', within_days=60, where={'p': 'it\'s'})",
        ),
        ({"first_time": "pv", "within": "1 week"}, "performed_first_time('pv', within_days=7)"),
        ({"not": {"prop": "email", "eq": "a"}}, "none_of(\"department in ('a')\")"),
        ({"seq": ["pv", "nv"], "within": "7 days", "gap": "1 day"}, "performed_sequence(['pv', 'nv'], within_days=7, gap_days=1)"),
    ],
)
def test_a_neutral_criterion_becomes_a_call(crit: Case, expected: str) -> None:
    assert expression(crit, {}) == expected


def test_a_criterion_that_nobody_knows_is_an_error() -> None:
    with pytest.raises(ValueError, match="keys that nobody knows"):
        expression({"perfomed": "pv"}, {})  # codespell:ignore perfomed


def test_any_tool_can_be_scored() -> None:
    """An adapter is a function of a case; one that always says nobody is right where nobody is expected."""
    results = score(lambda case: set(), NEUTRAL_CASES)
    assert len(results) == len(NEUTRAL_CASES)
    assert {name for name, is_right, _ in results if is_right} == {case["name"] for case in NEUTRAL_CASES if not case["expect"]}
    listed = subprocess.run([sys.executable, str(HERE / "runner.py"), "--list"], capture_output=True, text=True, check=True, cwd=ROOT)
    assert len(listed.stdout.splitlines()) == len(NEUTRAL_CASES)


def test_the_readme_names_every_key_of_a_criterion() -> None:
    text = (HERE / "README.md").read_text(encoding="utf-8")
    keys = set(re.findall(r'"(\w+)":', "".join(Path(file).read_text(encoding="utf-8") for file in FILES)))
    keys -= {"name", "email", "page", "rows", "S", "T", "about", "cases", "note", "why", "told"} | {f"p{number}" for number in range(1, 6)}
    missing = {key for key in keys if f"`{key}`" not in text} - {"in", "out", "who"}
    assert not missing
