"""Killed at any moment, a day of the fortnight ends after a plain re-run as if nothing had happened, and readers never see half of it.

The moments are random; FORTNIGHT_SEED repeats them, FORTNIGHT_KILLS says how many (10).
"""

from __future__ import annotations

import contextlib
import datetime as dt
import os
import random
import shutil
import signal
import time
from pathlib import Path

import duckdb
import fortnight_world as world

import publish
from registries import project_variables
from run_tool import relax_garbage_collection
from warehouse import ROOT, Warehouse, differences

relax_garbage_collection()
SEED = int(os.environ.get("FORTNIGHT_SEED", "0")) or random.SystemRandom().randrange(1, 10**6)
KILLS = int(os.environ.get("FORTNIGHT_KILLS", "10"))
# Where it is killed: in the build, or in the publication that ends it, which takes a small part of the time.
IN_PUBLICATION = 0.4


def seen(folder: Path) -> dict[str, tuple]:
    """What a reader sees in each published file: of which run it is, through which day, how many rows the marts hold, and whether
    that is what the log says."""
    found = {}
    for name, columns in ((publish.AGGREGATES_FILE, "tables, rows"), (publish.USERS_FILE, "user_tables, user_rows")):
        # Another reader of the same file in this process would keep the old one.
        with duckdb.connect(str(folder / name), read_only=True) as connection:
            run, day, tables, rows = connection.execute(
                f"select run_id, data_through, {columns} from marts.publish_log order by published_at desc limit 1"
            ).fetchone()
            counted = {
                table: connection.execute(f'select count(*) from marts."{table}"').fetchone()[0]
                for (table,) in connection.execute("select table_name from duckdb_tables() where table_name <> 'publish_log'").fetchall()
            }
            found[name] = (run, day, (len(counted), sum(counted.values())) == (tables, rows))
    return found


def tables(warehouse: Warehouse) -> list[str]:
    """Everything, and the state without its copies."""
    return world.everything(warehouse) + [
        table
        for table in warehouse.tables("state")
        if not table.endswith("__backup") and table not in ("state.audience_delivery_log", "state.last_run")
    ]


def copy_of(project: Path, name: str) -> Warehouse:
    """A project folder with all that is in it."""
    folder = project.with_name(name)
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(project, folder, symlinks=True)
    return Warehouse.of_built(folder)


def test_a_day_that_is_killed_ends_as_if_nothing_had_happened(tmp_path: Path) -> None:
    print(f"  seed {SEED}, {KILLS} kills", flush=True)
    chance = random.Random(SEED)
    shipped = project_variables(ROOT)
    warehouse = Warehouse(
        tmp_path / "undisturbed",
        {
            **world.SMALL,
            "clusters": {**shipped["clusters"], "refit_days": 3},
            "comparison_pairs": shipped["comparison_pairs"],
            "audiences": shipped["audiences"],
        },
        copied=("models", "macros"),
        analysis=True,
    )
    inputs = world.company()
    first = world.LAST_ARRIVAL - dt.timedelta(KILLS)
    for day in range(2, KILLS, 3):
        world.arrive_late(inputs, first + dt.timedelta(day))
    warehouse.write_inputs(world.known_by(inputs, first))
    warehouse.build(tests=True)
    world.publish_all(warehouse)
    moments = []
    for day in range(1, KILLS + 1):
        arrival = first + dt.timedelta(day)
        through = arrival - dt.timedelta(1)
        warehouse.write_inputs(world.known_by(inputs, arrival))
        killed = copy_of(warehouse.folder, "killed")
        before = seen(killed.folder / "published")

        # Undisturbed, with a watch: how long the build takes, and how long the publication.
        started = time.monotonic()
        process = world.start(warehouse.folder, "build")
        output, _ = process.communicate()
        assert process.returncode == 0, output[-6000:]
        build_seconds = time.monotonic() - started
        started = time.monotonic()
        world.publish_all(warehouse)
        publish_seconds = time.monotonic() - started

        in_publication = chance.random() < IN_PUBLICATION
        moment = build_seconds + chance.random() * publish_seconds if in_publication else chance.uniform(0.05, 1) * build_seconds
        process = world.start(killed.folder, "publish")
        started = time.monotonic()
        reads, last = 0, before
        while process.poll() is None and time.monotonic() - started < moment:
            last = seen(killed.folder / "published")
            reads += 1
            for name, (run, through_of_file, is_whole) in last.items():
                assert is_whole, f"{name} is neither old nor new after {time.monotonic() - started:.1f} s"
                assert (run, through_of_file) == before[name][:2] or through_of_file == through
            time.sleep(0.05)
        was_running = process.poll() is None
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.communicate()
        after = seen(killed.folder / "published")
        assert all(is_whole for _, _, is_whole in after.values())
        is_new = {name: after[name][0] != before[name][0] for name in after}
        moments.append(was_running)
        print(
            f"  kill {day}: {moment:.1f} s of {build_seconds:.1f} + {publish_seconds:.1f}, {'in' if was_running else 'after'} it, "
            f"{reads} reads, {sum(is_new.values())} of 2 files new",
            flush=True,
        )

        # Plain, once more.
        process = world.start(killed.folder, "publish")
        output, _ = process.communicate()
        assert process.returncode == 0, output[-6000:]
        assert world.published_day(killed) == through
        assert tables(killed) == tables(warehouse)
        # Whether the build before knew a user: here the killed one may have been that. And which run built a date.
        assert differences(warehouse, killed, tables(warehouse), ignored=("was_known", "built_by")) == [], (
            f"seed {SEED}, kill {day} after {moment:.1f} s"
        )
        print(f"  kill {day}: the rows of an undisturbed run", flush=True)
    assert sum(moments) >= KILLS * 0.7, "most of the kills came too late: nothing was left to kill"
