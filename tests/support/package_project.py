"""A project of a stranger's own: made-up people and what they did, in two files that `make new-project` knows nothing of."""

from __future__ import annotations

import contextlib
import csv
import datetime
import gzip
import io
import json
import os
import random
from pathlib import Path

import duckdb
import pandas as pd

import new_project
from warehouse import ROOT

LAST_DAY = datetime.date(2026, 6, 30)


def people() -> list[dict[str, str]]:
    """Eighty customers of a shop: who signed up when, in the shop's own columns."""
    chance = random.Random(14)
    start = LAST_DAY - datetime.timedelta(days=200)
    return [
        {
            # Beyond what a double holds.
            "id": str(2**53 + 1 + 2 * number),
            "since": str(start + datetime.timedelta(days=chance.randrange(195))),
            "land": chance.choice(["DE", "FR", ""]),
        }
        for number in range(80)
    ]


def visits(customers: list[dict[str, str]]) -> list[dict[str, str]]:
    """What they did, some of them often, some never, until LAST_DAY and the day after, which is not over."""
    chance = random.Random(15)
    rows = []
    for customer in customers:
        rate = chance.choice([0, 0.02, 0.1, 0.5])
        day = datetime.date.fromisoformat(customer["since"])
        while day <= LAST_DAY + datetime.timedelta(days=1):
            for _ in range(chance.randrange(1, 4) if chance.random() < rate else 0):
                second = chance.randrange(86_400)
                moment = datetime.datetime.combine(day, datetime.time()) + datetime.timedelta(seconds=second)
                rows.append({"customer": customer["id"], "what": chance.choice(["browse", "buy"]), "moment": f"{moment.isoformat(' ')}"})
            day += datetime.timedelta(days=1)
    # The newest arrival is of the day after the last complete one, whatever chance says.
    rows.append({"customer": customers[0]["id"], "what": "browse", "moment": f"{LAST_DAY + datetime.timedelta(days=1)} 12:00:00"})
    return [{"number": str(2**53 + 1 + 2 * number), **row} for number, row in enumerate(rows)]


def write_csv(path: Path, rows: list[dict[str, str]]) -> None:
    """The rows as a file with a header."""
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)


def write_files(folder: Path, customers: list[dict[str, str]], done: list[dict[str, str]]) -> None:
    """Customers in two Parquet files with ids as whole numbers, visits in JSON lines, and those of the last days in CSV; both packed."""
    for name in ("customers", "visits", "late"):
        (folder / name).mkdir(parents=True, exist_ok=True)
    half = len(customers) // 2
    with duckdb.connect() as connection:
        for number, rows in enumerate((customers[:half], customers[half:])):
            frame = pd.DataFrame(rows).astype({"id": "int64"})
            connection.execute(f"copy (select * from frame) to '{folder}/customers/{number}.parquet'")
            assert len(frame)
    late = [row for row in done if row["moment"] > str(LAST_DAY - datetime.timedelta(days=9))]
    early = [row for row in done if row not in late]
    for number, rows in enumerate((early[::2], early[1::2])):
        with gzip.open(folder / f"visits/{number}.jsonl.gz", "wt", encoding="utf-8") as file:
            for row in rows:
                told = {"kind": {"name": row["what"]}} if number else {}
                file.write(json.dumps({**row, "number": int(row["number"]), "customer": int(row["customer"]), **told}) + "\n")
    for number, rows in enumerate((late[::2], late[1::2])):
        write_csv(folder / f"late/{number}.csv", rows)
        with gzip.open(folder / f"late/{number}.csv.gz", "wb") as packed:
            packed.write((folder / f"late/{number}.csv").read_bytes())
        (folder / f"late/{number}.csv").unlink()


def fill_in(model: Path, source: Path | str, columns: dict[str, str]) -> None:
    """Do what the template asks for: columns for NULLs, a table behind `from`, the last line gone."""
    lines = model.read_text(encoding="utf-8").splitlines()
    for column, own in columns.items():
        [place] = [number for number, line in enumerate(lines) if f") as {column}," in line or f") as {column} " in line]
        comma = "," if f") as {column}," in lines[place] else ""
        lines[place] = f"    {own} as {column}{comma}"
    [place] = [number for number, line in enumerate(lines) if line == "-- from …"]
    lines[place] = f"from {source}" if isinstance(source, str) else f"from read_csv('{source}', all_varchar = true)"
    assert lines[place + 1].startswith("where false")
    del lines[place + 1]
    model.write_text("\n".join(lines) + "\n", encoding="utf-8")


def install(folder: Path) -> None:
    """What `dbt deps` does with a package that is a folder."""
    (folder / "dbt_packages").mkdir(exist_ok=True)
    (folder / "dbt_packages/segmentation").symlink_to(ROOT)


def dbt(folder: Path, *arguments: str) -> tuple[bool, str, dict[str, str]]:
    """A dbt command in the folder, in this process: whether it came through, what it said, and how each node went."""
    from dbt.adapters.duckdb.connections import DuckDBConnectionManager
    from dbt.cli.main import dbtRunner

    output = io.StringIO()
    before = Path.cwd()
    try:
        os.chdir(folder)
        with contextlib.redirect_stdout(output), contextlib.redirect_stderr(output):
            result = dbtRunner().invoke([*arguments, "--log-level-file", "none"])
    finally:
        os.chdir(before)
        DuckDBConnectionManager.close_all_connections()
    text = output.getvalue() + (str(result.exception) if result.exception else "")
    runs = getattr(result.result, "results", None) or []
    return bool(result.success), text, {run.node.name: str(run.status) for run in runs if getattr(run, "node", None)}


def shop(folder: Path) -> tuple[list[dict[str, str]], list[dict[str, str]]]:
    """The project of the shop: written by the command, filled in, not built. Returns its customers and what they did."""
    customers = people()
    done = visits(customers)
    write_files(folder / "data", customers, done)
    new_project.create(ROOT, folder, [], files=folder / "data")
    install(folder)
    # A sixth of the build: comments in the database.
    project = (folder / "dbt_project.yml").read_text(encoding="utf-8")
    quick = "  segmentation: {+persist_docs: {relation: false, columns: false}}\n"
    (folder / "dbt_project.yml").write_text(project + quick, encoding="utf-8")
    # A second segment, that names an event which nobody ever performs.
    segment = (folder / "models/segments/behavioral/regular_users.sql").read_text(encoding="utf-8").replace("Regular", "Buyers")
    criterion = "segmentation.any_of(segmentation.performed('buy'), segmentation.performed('bye'))"
    (folder / "models/segments/behavioral/buyers.sql").write_text(segment.replace('"active_days_28d >= 8"', criterion), encoding="utf-8")
    told = (folder / "models/segments/behavioral/regular_users.yml").read_text(encoding="utf-8").replace("regular_users", "buyers")
    told = told.replace("were active on at least eight of the last 28 days", "ever bought something")
    (folder / "models/segments/behavioral/buyers.yml").write_text(told, encoding="utf-8")
    registry = folder / "macros/registries/segments.sql"
    text = registry.read_text(encoding="utf-8")
    registry.write_text(text.replace("        'regular_users',\n", "        'regular_users',\n        'buyers',\n"), encoding="utf-8")
    fill_in(
        folder / "models/inputs/input_users.sql",
        "{{ source('files', 'customers') }}",
        {"user_id": "id", "country": "nullif(land, '')", "signed_up_at": "since"},
    )
    fill_in(
        folder / "models/inputs/input_events.sql",
        "(select * from {{ source('files', 'visits') }} union all by name select * from {{ source('files', 'late') }})",
        {"event_id": "number", "user_id": "customer", "event_name": "what", "occurred_at": "moment", "properties": "kind"},
    )
    return customers, done
