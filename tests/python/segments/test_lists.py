"""Static lists: who is on a list of ids on each date, who was in a segment on one day, and whom make freeze kept."""

from __future__ import annotations

import datetime
import subprocess
import sys
from pathlib import Path

import pytest

from warehouse import ROOT, Warehouse, small_company

FIRST, SECOND, THIRD = "2026-03-01", "2026-03-08", "2026-03-15"
SEGMENTS = {
    "busy": '"active_days_28d >= 4"',
    "testers": "segmentation.in_list('beta_testers')",
    "were_busy": f"segmentation.was_in('busy', on='{SECOND}')",
    "were_busy_midweek": "segmentation.was_in('busy', on='2026-03-11')",
    "kept": "segmentation.in_list('busy_then', is_frozen=true)",
}
VARIABLES = {"history_periods": 2, "segment_lint": "warn", "inputs": {"users": "sample_users", "events": "sample_events"}}
LIST = "user_id,added_on,removed_on\nu1,2026-03-02,\n u2 ,,2026-03-10\nu3,2026-03-20,\nu3,2026-03-21,\nzzz,,\n"


@pytest.fixture(scope="module")
def lists(tmp_path_factory: pytest.TempPathFactory) -> Warehouse:
    """Four users, three of them active more or less often, and a list of ids in a seed."""
    warehouse = Warehouse(tmp_path_factory.mktemp("lists") / "project", dict(VARIABLES), copied=("macros",))
    for name, criterion in SEGMENTS.items():
        path = warehouse.folder / f"models/segments/behavioral/{name}.sql"
        meta = (
            "'label': 'L "
            + name
            + "', 'tier': 'micro', 'owner': 'us', 'goal': 'Learn what they have in common', 'action': 'Ask them for an interview', 'reviewed_on': '2026-03-01'"
        )
        path.write_text("{{ config(meta={" + meta + "}) }}\n\n{{ segmentation.segment(chosen = " + criterion + ") }}\n", encoding="utf-8")
    for path in (warehouse.folder / "models/segments").rglob("*.*"):
        if path.stem not in SEGMENTS:
            path.unlink()
    (warehouse.folder / "models/segments/segments.yml").write_text(
        "models:\n" + "".join(f"  - {{name: {name}, description: 'Users who are on {name} in this test'}}\n" for name in SEGMENTS),
        encoding="utf-8",
    )
    lines = "".join(f"        '{name}',\n" for name in SEGMENTS)
    (warehouse.folder / "macros/registries/segments.sql").write_text(
        "{% macro registered_segments() %}\n    {{ return([\n" + lines + "    ]) }}\n{% endmacro %}\n", encoding="utf-8"
    )
    (warehouse.folder / "seeds/beta_testers.csv").write_text(LIST, encoding="utf-8")
    columns = "{user_id: varchar, added_on: varchar, removed_on: varchar}"
    (warehouse.folder / "seeds/own.yml").write_text(
        f"seeds: [{{name: beta_testers, config: {{column_types: {columns}}}}}]\n", encoding="utf-8"
    )
    warehouse.write_inputs(small_company())
    warehouse.build("--select", "+segment_sizes", "+frozen_lists")
    return warehouse


def members(warehouse: Warehouse, segment: str) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {FIRST: set(), SECOND: set(), THIRD: set()}
    for user, day in warehouse.query(f"select user_id, as_of_date from marts.user_segments where segment = '{segment}'"):
        found[str(day)].add(user)
    return found


def freeze(warehouse: Warehouse, *arguments: str) -> tuple[int, str]:
    run = subprocess.run(
        [sys.executable, ROOT / "scripts/freeze.py", *arguments, "--database", warehouse.database],
        capture_output=True,
        text=True,
        check=False,
    )
    return run.returncode, run.stdout + run.stderr


def busy() -> dict[str, set[str]]:
    """Counted here: who was active on four or more of the 28 days up to each date."""
    found = {}
    for day in (FIRST, SECOND, THIRD):
        days: dict[str, set[str]] = {}
        for event in small_company()["events"]:
            if event["occurred_at"][:10] <= day:
                days.setdefault(event["user_id"], set()).add(event["occurred_at"][:10])
        found[day] = {user for user, active in days.items() if len(active) >= 4}
    return found


def test_membership_of_lists_replays_and_kept_people(lists: Warehouse, tmp_path: Path) -> None:
    expected = busy()
    assert members(lists, "busy") == expected == {FIRST: set(), SECOND: {"u1", "u2"}, THIRD: {"u1", "u2", "u3"}}
    assert members(lists, "testers") == {FIRST: {"u2"}, SECOND: {"u1", "u2"}, THIRD: {"u1"}}
    assert members(lists, "were_busy") == {FIRST: set(), SECOND: expected[SECOND], THIRD: expected[SECOND]}
    assert members(lists, "were_busy_midweek") == {FIRST: set(), SECOND: set(), THIRD: expected[SECOND]}
    assert members(lists, "kept") == {FIRST: set(), SECOND: set(), THIRD: set()}

    # What cannot be kept is refused, and changes nothing.
    for arguments, told in (
        (("bsy",), "There is no segment 'bsy'. Segments are busy, kept, testers"),
        (("busy", "--on", "2026-03-11"), "2026-03-11 is not a date of the warehouse; the last one before it is 2026-03-08."),
        (("busy", "--on", FIRST), "Nobody is in busy on 2026-03-01"),
        (("busy", "--name", "Busy then"), "'Busy then' is not a name in lower snake case."),
    ):
        status, output = freeze(lists, *arguments)
        assert status == 2 and f"Nothing was kept. {told}" in output, output
    assert lists.query("select count(*) from state.frozen_lists") == [(0,)]
    status, output = freeze(lists, "busy", "--on", SECOND, "--name", "busy_then")
    assert status == 0 and "Kept 2 users who are in busy on 2026-03-08 as the list busy_then." in output, output
    status, output = freeze(lists, "busy", "--name", "busy_then")
    assert status == 2 and "is kept already, and lists do not change" in output

    # The next build knows the list that was kept and the list that changed, also on dates whose data did not.
    (lists.folder / "seeds/beta_testers.csv").write_text(LIST + "u4,2026-03-05,\n", encoding="utf-8")
    for arguments in ((), ("--full-refresh",)):
        lists.build("--select", "+segment_sizes", "+frozen_lists", *arguments)
        assert members(lists, "kept") == {FIRST: set(), SECOND: {"u1", "u2"}, THIRD: {"u1", "u2"}}
        assert members(lists, "testers") == {FIRST: {"u2"}, SECOND: {"u1", "u2", "u4"}, THIRD: {"u1", "u4"}}
        assert lists.query("select distinct added_on from state.frozen_lists") == [(datetime.date(2026, 3, 8),)]

    # Forgetting removes from the list.
    result = lists.run("run-operation", "forget_user", "--args", "{user_id: u1}")
    assert result, result.output[-3000:]
    assert lists.query("select user_id from state.frozen_lists") == [("u2",)]
