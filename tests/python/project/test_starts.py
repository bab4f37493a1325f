"""benchmarks/starts.py: builds, minutes and lines until a newcomer's first build that came through."""

from __future__ import annotations

from pathlib import Path

import pytest

import new_project
import starts
from warehouse import ROOT


def call(clock: str, command: str, ending: str) -> str:
    return (
        f"============================== {clock} | 9ef7f40d-c941 ==============================\n"
        f"[0m{clock} [debug] [MainThread]: running dbt with arguments {{'quiet': 'True', 'invocation_command': '{command}', 'x': 'y'}}\n"
        f"[0m{clock} [info ] [MainThread]: Done.\n{ending}\n"
    )


LOG = (
    call("23:50:00.000000", "dbt deps", "[debug]: Command `dbt deps` succeeded at 23:50:02.000000 after 2.00 seconds")
    + call("23:55:00.000000", "dbt build", "[debug]: Command `dbt build` failed at 23:55:30.000000 after 30.00 seconds")
    + call("23:58:00.000000", "dbt --quiet build", "")
    + call("00:05:00.000000", "dbt build --full-refresh", "[debug]: Command `cli build` succeeded at 00:06:00.000000 after 60.00 seconds")
    + call("00:09:00.000000", "dbt build", "[debug]: Command `dbt build` succeeded at 00:09:30.000000 after 30.00 seconds")
)


def test_builds_are_counted_until_one_comes_through() -> None:
    calls = starts.starts(LOG)
    assert [(each.command, each.came_through) for each in calls] == [
        ("deps", True),
        ("build", False),
        ("build", False),
        ("build", True),
        ("build", True),
    ]
    assert starts.until_green(calls) == (3, pytest.approx(16.0)), "through midnight, and one that broke off counts"
    assert starts.until_green(calls[:3]) is None


def test_a_log_in_several_files_is_one(tmp_path: Path) -> None:
    """dbt begins a new file where the old one is full, whatever stands there."""
    (tmp_path / "logs").mkdir()
    thirds = [LOG[: len(LOG) // 3], LOG[len(LOG) // 3 : len(LOG) // 2], LOG[len(LOG) // 2 :]]
    for name, part in zip(("dbt.log.2", "dbt.log.1", "dbt.log"), thirds):
        (tmp_path / "logs" / name).write_text(part, encoding="utf-8")
    assert starts.log_of(tmp_path) == LOG


def test_lines_are_those_that_the_template_does_not_have(tmp_path: Path) -> None:
    folder = tmp_path / "shop"
    new_project.create(ROOT, folder, ["invoices"])
    assert starts.lines_written(folder) == 0
    model = folder / "models/inputs/input_users.sql"
    text = model.read_text(encoding="utf-8")
    [line] = [each for each in text.splitlines() if ") as user_id," in each]
    text = (
        text.replace(line, "    id as user_id,")
        .replace("-- from …", "-- a comment\nfrom customers")
        .replace("where false  -- to fill in", "-- x")
    )
    model.write_text(text, encoding="utf-8")
    (folder / "models/inputs/mine.sql").write_text("select 1\n\n-- nothing\n", encoding="utf-8")
    assert starts.lines_written(folder) == 3
