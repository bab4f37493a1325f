"""`make segment`: a file, its description and a line, or nothing; and a name that works."""

from __future__ import annotations

import datetime
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import duckdb
import pytest
import yaml

import new_segment
from warehouse import ROOT

TODAY = datetime.date(2026, 11, 24)


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A project as far as the script looks at it."""
    for folder in ("macros/segments", "macros/registries", "models/segments", "models/marts", "seeds/reference"):
        shutil.copytree(ROOT / folder, tmp_path / folder)
    return tmp_path


def files(root: Path) -> dict[str, bytes]:
    """Everything in a folder."""
    return {str(path.relative_to(root)): path.read_bytes() for path in sorted(root.rglob("*")) if path.is_file()}


def run(root: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """The script with its exit status."""
    return subprocess.run(
        [sys.executable, str(ROOT / "scripts/new_segment.py"), *arguments, "--root", str(root)], capture_output=True, text=True, check=False
    )


def test_a_segment_is_written_and_registered_behind_its_kind(root: Path) -> None:
    before = files(root)
    result = run(root, "ticket_writers", "firmographic")
    assert result.returncode == 0, result.stderr
    assert "make build" in result.stdout and "models/segments/firmographic/ticket_writers.sql" in result.stdout
    after = files(root)
    assert set(after) - set(before) == {f"models/segments/firmographic/ticket_writers.{ending}" for ending in ("sql", "yml")}
    registry = str(new_segment.REGISTRY)
    assert {path for path in before if before[path] != after[path]} == {registry}
    last = b"        'new_in_enterprise',\n"
    assert after[registry] == before[registry].replace(last, last + b"        'ticket_writers',\n")
    text = after["models/segments/firmographic/ticket_writers.sql"].decode()
    for field in ("'label': 'Ticket writers'", "'owner': 'TODO", "'goal': 'TODO", "'action': 'TODO", "'reviewed_on': '2", 'todo = "TODO'):
        assert field in text


def test_the_first_review_is_on_the_newest_day_of_the_warehouse(root: Path) -> None:
    """Or the scorecard would say of each new segment of the sample that its review is in the future."""
    warehouse = root / "build/warehouse.duckdb"
    assert new_segment.review_date(root, TODAY) == TODAY
    warehouse.parent.mkdir()
    warehouse.write_text("not a warehouse", encoding="utf-8")
    assert new_segment.review_date(root, TODAY) == TODAY
    warehouse.unlink()
    with duckdb.connect(str(warehouse)) as connection:
        connection.execute("create schema marts; create table marts.segments (data_through date)")
    assert new_segment.review_date(root, TODAY) == TODAY
    with duckdb.connect(str(warehouse)) as connection:
        connection.execute("insert into marts.segments values ('2026-10-21')")
    assert run(root, "ticket_writers", "behavioral").returncode == 0
    assert "'reviewed_on': '2026-10-21'" in (root / "models/segments/behavioral/ticket_writers.sql").read_text(encoding="utf-8")


def test_the_first_of_its_kind_stands_at_the_end(root: Path) -> None:
    shutil.rmtree(root / "models/segments/geographic")
    new_segment.create(root, "islanders", "geographic", TODAY)
    names = [line[1] for line in new_segment.registry_lines((root / new_segment.REGISTRY).read_text(encoding="utf-8"))]
    before = new_segment.registry_lines((ROOT / new_segment.REGISTRY).read_text(encoding="utf-8"))
    assert names[-1] == "islanders" and len(names) == len(before) + 1
    assert (root / "models/segments/geographic/islanders.sql").exists()


@pytest.mark.parametrize(
    ("name", "kind", "message"),
    [
        ("PowerUsersII", "behavioral", "not in lower snake case. Choose a name, such as power_users_ii."),
        ("power-users", "behavioral", "such as power_users."),
        ("2nd_users", "behavioral", "not in lower snake case"),
        ("../evil", "behavioral", "not in lower snake case"),
        ("a" * 61, "behavioral", "has 61 letters"),
        ("select", "behavioral", "reserved word in SQL"),
        ("power_users", "customer", "The segment power_users already exists: models/segments/behavioral/power_users.sql"),
        ("segment_sizes", "behavioral", "The model segment_sizes already exists: models/marts/membership/segment_sizes.sql"),
        ("countries", "geographic", "The seed countries already exists: seeds/reference/countries.csv"),
        ("ticket_writers", "lifecycle", "Unknown type 'lifecycle'."),
        ("ticket_writers", "", "TYPE is what the segment is about"),
        ("", "behavioral", "make segment NAME=ticket_writers TYPE=behavioral"),
    ],
)
def test_a_name_or_type_that_does_not_work_writes_nothing(root: Path, name: str, kind: str, message: str) -> None:
    before = files(root)
    result = run(root, name, kind)
    assert result.returncode == 2
    assert message in result.stderr and "Traceback" not in result.stderr
    assert not kind or kind in new_segment.TYPES or all(each in result.stderr for each in new_segment.TYPES)
    assert files(root) == before


def test_a_sentence_becomes_the_description_whatever_characters_it_has(root: Path) -> None:
    sentence = (
        'Users who wrote: "it\'s # 1" & `more` than\n3 tickets, in 91 days - or so, which is long enough to need a second line of YAML'
    )
    result = run(root, "ticket_writers", "behavioral", "--description", sentence + ".")
    assert result.returncode == 0, result.stderr
    model = yaml.safe_load((root / "models/segments/behavioral/ticket_writers.yml").read_text(encoding="utf-8"))["models"][0]
    assert model["description"] == new_segment.whole_description(" ".join(sentence.split()))
    assert model["data_tests"] == [{"unique_combination": {"arguments": {"columns": ["user_id", "as_of_date"]}}}]


@pytest.mark.parametrize(
    ("sentence", "message"),
    [
        ("Ticket writers", "description: 'Ticket writers' repeats the label. Say in one sentence who the members are"),
        ("Write many tickets", "has fewer than 4 words"),
        ("Users who write {{ tickets }}", "contains braces"),
    ],
)
def test_a_description_that_does_not_describe_writes_nothing(root: Path, sentence: str, message: str) -> None:
    before = files(root)
    result = run(root, "ticket_writers", "behavioral", "--description", sentence)
    assert result.returncode == 2
    assert message in result.stderr and "Traceback" not in result.stderr
    assert files(root) == before


def test_a_line_without_a_file_is_refused(root: Path) -> None:
    path = root / new_segment.REGISTRY
    path.write_text(
        path.read_text(encoding="utf-8").replace("        'promoters',\n", "        'promoters',\n        'ghosts',\n"), encoding="utf-8"
    )
    assert "already lists 'ghosts', but its file is missing" in (new_segment.name_problem(root, "ghosts") or "")


@pytest.mark.parametrize("step", ["replace", "write"])
def test_what_fails_half_way_is_taken_back(root: Path, monkeypatch: pytest.MonkeyPatch, step: str) -> None:
    before = files(root)

    def full(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    if step == "replace":
        monkeypatch.setattr(os, "replace", full)
    else:
        monkeypatch.setattr(new_segment, "replacing", full)
    with pytest.raises(OSError, match="No space left"):
        new_segment.create(root, "ticket_writers", "behavioral", TODAY)
    assert files(root) == before


def test_the_types_are_those_of_the_lint() -> None:
    lint = (ROOT / "macros/segments/lint/_segment_lint_problems.sql").read_text(encoding="utf-8")
    assert set(re.findall(r"'(\w+)'", lint.split("macro _segment_types()", 1)[1].split("]", 1)[0])) == set(new_segment.TYPES)
