"""A company that lives through two weeks, day by day: its inputs as they stood each evening, and what is done with them.

The company is part of the sample: whole accounts, as many as hold FORTNIGHT_USERS users (`all`: the whole sample). For a try on
a busy machine set FORTNIGHT_DAYS to a few days and FORTNIGHT_COMPARED to `due`: then only the days on which something special
happens are compared with a fresh build.

    python tests/long/fortnight_world.py FOLDER build        a build with all dbt tests, in a process that can be killed
    python tests/long/fortnight_world.py FOLDER publish      the same, then published
    python tests/long/fortnight_world.py FOLDER fresh        a build without dbt tests
"""

from __future__ import annotations

import datetime as dt
import math
import os
import shutil
import subprocess
import sys
import time
import zlib
from pathlib import Path
from typing import Any

import duckdb

ROOT = Path(__file__).resolve().parent.parent.parent
sys.path[:0] = [str(ROOT / "tests/support"), str(ROOT / "tests"), str(ROOT / "scripts")]

import publish  # noqa: E402
from delivering.run import Outcome, deliver  # noqa: E402
from reporting import page  # noqa: E402
from run_tool import relax_garbage_collection  # noqa: E402
from warehouse import Inputs, Row, Warehouse, differences, read_sample  # noqa: E402

DAYS = int(os.environ.get("FORTNIGHT_DAYS", "14"))
USERS = os.environ.get("FORTNIGHT_USERS", "all")
# Of a small company nearly everything would be withheld, which takes long to find out and is not what is tested here.
SMALL = {} if USERS == "all" else {"min_cell_users": 1}
COMPARED = os.environ.get("FORTNIGHT_COMPARED", "all")
# The day of the sample's newest arrival.
LAST_ARRIVAL = dt.date(2026, 10, 22)

# When something happens, as numbers of days. Of 14: late rows on the 3rd, refits on the 5th and 10th, and so on.
LATE = math.ceil(DAYS * 0.2)
REFIT_DAYS = max(2, math.floor(DAYS * 0.4))
FORGOTTEN = math.ceil(DAYS * 0.55)
NEW_SEGMENT = math.ceil(DAYS * 0.65)
NEW_METRIC = math.ceil(DAYS * 0.75)
DUE = {LATE, *range(REFIT_DAYS, DAYS + 1, REFIT_DAYS), FORGOTTEN, NEW_SEGMENT, NEW_METRIC, DAYS}

# The column by which a row is in the export or not yet, and the later times in it that are empty until they come.
CREATED = {
    "users": "signed_up_at",
    "attribute_history": "valid_from",
    "subscriptions": "valid_from",
    "account_stages": "entered_at",
    "account_technologies": "first_seen_at",
    "identities": "linked_at",
    "events": "received_at",
    "survey_responses": "responded_at",
    "interview_notes": "noted_at",
    "support_tickets": "created_at",
    "invoices": "paid_at",
    "campaign_messages": "assigned_at",
    "experiment_assignments": "assigned_at",
    "marketing_spend": "spend_date",
}
LATER = {
    "users": ("deleted_at",),
    "subscriptions": ("converted_at", "ended_at"),
    "account_technologies": ("last_seen_at",),
    "support_tickets": ("satisfied_at", "solved_at"),
    "campaign_messages": ("sent_at", "delivered_at", "opened_at", "clicked_at", "unsubscribed_at"),
}

SEGMENT = """{{ config(meta={
    'label': 'Made on the way', 'tier': 'micro', 'owner': 'growth', 'goal': 'See a new segment come',
    'action': 'Invite them to the planning workshop', 'reviewed_on': '2026-10-01'
}) }}

{{ segment(recent = "active_days_7d >= 2", planning = performed("task_completed", at_least=2, within_days=14)) }}
"""
METRIC = """        {'name': 'current_streak_days', 'label': 'Streak', 'kind': 'mean',
         'description': 'Days without a pause up to the last one on which the user was active; 0 if none, nobody is left out.',
         'expression': 'current_streak_days', 'unit': 'days', 'level': 'user',
         'owner': 'product', 'direction': 'up', 'tier': 'secondary', 'is_heavy_tailed': true, 'adds_up': false},
"""


def share_of(text: str, parts: int) -> int:
    """One of so many parts, the same for the same text."""
    return zlib.crc32(text.encode()) % parts


def company() -> Inputs:
    """The sample, or the accounts of it that hold USERS users, with everything that is theirs."""
    inputs = read_sample()
    if USERS == "all":
        return inputs
    users: set[str] = set()
    accounts: set[str] = set()
    for row in sorted(inputs["accounts"], key=lambda one: share_of(one["account_id"], 10**6)):
        if len(users) >= int(USERS):
            break
        accounts.add(row["account_id"])
        users |= {user["user_id"] for user in inputs["users"] if user["account_id"] == row["account_id"]}
    visitors = {row["anonymous_id"] for row in inputs["identities"] if row["user_id"] in users}

    def is_ours(name: str, row: Row) -> bool:
        if name == "attribute_history":
            return row["entity_id"] in users | accounts
        if row.get("user_id"):
            return row["user_id"] in users
        return row["account_id"] in accounts if "account_id" in row else row.get("anonymous_id", "") in visitors | {""}

    return {name: [row for row in rows if is_ours(name, row)] for name, rows in inputs.items()}


def arrive_late(inputs: Inputs, day: dt.date) -> int:
    """Some events of the weeks before arrive on this day only; returns how many."""
    late = 0
    for row in inputs["events"]:
        first, last = day - dt.timedelta(25), day - dt.timedelta(1)
        if (
            str(first) <= row["occurred_at"][:10] <= str(last)
            and str(first) <= row["received_at"][:10]
            and not share_of(row["event_id"], 19)
        ):
            row["received_at"] = f"{day}T11:00:00Z"
            late += 1
    return late


def known_by(inputs: Inputs, day: dt.date) -> Inputs:
    """What the exports of this evening hold."""
    return {
        name: [
            {key: "" if key in LATER.get(name, ()) and value[:10] > str(day) else value for key, value in row.items()}
            for row in rows
            if name not in CREATED or (row[CREATED[name]] or row.get("occurred_at", ""))[:10] <= str(day)
        ]
        for name, rows in inputs.items()
    }


def add_segment(folder: Path) -> None:
    """One file and one line."""
    (folder / "models/segments/behavioral/made_on_the_way.sql").write_text(SEGMENT, encoding="utf-8")
    replace_once(folder / "macros/registries/segments.sql", "        'new_users',\n", "        'new_users',\n        'made_on_the_way',\n")


def add_metric(folder: Path) -> None:
    """One entry."""
    replace_once(folder / "macros/registries/metrics.sql", "        {'name': 'csat_score'", METRIC + "        {'name': 'csat_score'")


def replace_once(path: Path, old: str, new: str) -> None:
    """Change one place of a file."""
    text = path.read_text(encoding="utf-8")
    assert text.count(old) == 1, f"{path} has {old!r} {text.count(old)} times"
    path.write_text(text.replace(old, new), encoding="utf-8")


def copy_state(old: Path, new: Path) -> None:
    """The schema `state`, which no full refresh builds again, in a new file."""
    with duckdb.connect(str(new)) as connection:
        connection.execute(f"attach '{old}' as old (read_only)")
        connection.execute("create schema state")
        for (table,) in connection.execute(
            "select table_name from duckdb_tables() where database_name = 'old' and schema_name = 'state' and table_name not like '%\\_\\_backup' escape '\\'"
        ).fetchall():
            connection.execute(f"create table state.{table} as from old.state.{table}")


class Fresh:
    """A build of the same project and inputs into a new file, in a process of its own that runs beside us."""

    def __init__(self, warehouse: Warehouse) -> None:
        self.folder = warehouse.folder.with_name(warehouse.folder.name + "_fresh")
        shutil.rmtree(self.folder, ignore_errors=True)
        written = shutil.ignore_patterns("warehouse.duckdb*", "published", "logs", "audiences")
        shutil.copytree(
            warehouse.folder,
            self.folder,
            symlinks=True,
            # What was written lies in the folder itself; models/marts/audiences is another.
            ignore=lambda place, names: written(place, names) if Path(place) == warehouse.folder else set(),
        )
        copy_state(warehouse.database, self.folder / "warehouse.duckdb")
        self.process = start(self.folder, "fresh")

    def differences(self, warehouse: Warehouse, ignored: tuple[str, ...] = ()) -> list[str]:
        """What differs between the two, schema `state` and the ids of runs excepted."""
        output, _ = self.process.communicate()
        assert self.process.returncode == 0, output[-6000:]
        fresh = Warehouse.of_built(self.folder)
        tables = everything(fresh)
        assert tables == everything(warehouse)
        return differences(warehouse, fresh, tables, (*ignored, "built_by"))


def everything(warehouse: Warehouse) -> list[str]:
    """All tables but those of state and what says which build it was."""
    schemas = [
        row[0] for row in warehouse.query("select distinct schema_name from duckdb_tables() where schema_name not in ('state', 'main')")
    ]
    return warehouse.tables(*schemas)


def start(folder: Path, what: str) -> subprocess.Popen:
    """Begin a build in another process, which has a group of its own."""
    return subprocess.Popen(
        [sys.executable, __file__, str(folder), what], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, start_new_session=True
    )


def publish_all(warehouse: Warehouse) -> publish.Published:
    """Publish the last build, as make build does."""
    return publish.publish(
        warehouse.database, warehouse.folder / "target", warehouse.folder / "published", warehouse.folder / ".pseudonym_key"
    )


def write_report(warehouse: Warehouse) -> str:
    """The report of what is published; returns what it says of itself."""
    published = warehouse.folder / "published"
    return page.write(published / publish.AGGREGATES_FILE, published / "report.html", "$")[1]


def deliver_audiences(warehouse: Warehouse) -> Outcome:
    """Deliver; what is refused for its size is looked at and forced, as somebody would."""
    with duckdb.connect(str(warehouse.database)) as connection:
        connection.execute("set TimeZone = 'UTC'")
        outcome = deliver(connection, warehouse.folder / "audiences")
        if outcome.refused:
            deliver(connection, warehouse.folder / "audiences", frozenset(one.audience for one in outcome.refused))
    return outcome


def published_day(warehouse: Warehouse) -> Any:
    """The last day of the newest publication, as its log says, if all marts say so too."""
    days = []
    for name in (publish.AGGREGATES_FILE, publish.USERS_FILE):
        with duckdb.connect(str(warehouse.folder / "published" / name), read_only=True) as connection:
            days += connection.execute("select data_through from marts.publish_log order by published_at desc limit 1").fetchone()
            days += connection.execute(
                f"select max(data_through) from marts.{'segment_sizes' if name == publish.AGGREGATES_FILE else 'users'}"
            ).fetchone()
    assert len(set(days)) == 1, days
    return days[0]


def main() -> None:
    """What start() begins."""
    folder, what = Path(sys.argv[1]), sys.argv[2]
    relax_garbage_collection()
    warehouse = Warehouse.of_built(folder)
    warehouse.build(tests=what != "fresh")
    if what == "publish":
        publish_all(warehouse)


if __name__ == "__main__":
    main()


def progress(day: int, text: str, started: float) -> None:
    """Prints a line, with the seconds since time.monotonic() was `started`."""
    print(f"  day {day:2d}  {time.monotonic() - started:6.0f} s  {text}", flush=True)
