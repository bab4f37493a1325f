"""From nothing to a green build on data that nobody here made: the command behind `make new-project` on a folder of files, the mapping,
`dbt deps`, `dbt build`. Builds, minutes and lines are counted by benchmarks/starts.py from dbt's own log: at most two builds each.

The first build has the mapping that the columns' names suggest, without a look at the values. Where it does not come through, its message
must say enough for the second one. benchmarks/measured.md has the figures.
"""

from __future__ import annotations

import csv
import gzip
import hashlib
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import duckdb
import pytest

import starts
from package_project import fill_in
from warehouse import ROOT

Mapping = dict[str, tuple[str, dict[str, str]]]
CHANGELOGS = Path("/usr/share/doc")
MIN_UPLOADS = 2000


def source(name: str) -> str:
    """A table of the folder of files, as a model names it."""
    return "{{ source('files', '" + name + "') }}"


def day_first(columns: dict[str, str]) -> dict[str, str]:
    """Days written as 16-10-2024, in the form that is read."""
    return {name: f"strftime(strptime({own}, '%d-%m-%Y'), '%Y-%m-%d')" for name, own in columns.items()}


def copy_ravenstack(data: Path) -> None:
    """Five tables of a made-up vendor of software, published by others."""
    for path in (ROOT / "examples/ravenstack/seeds").glob("*.csv"):
        shutil.copy(path, data)


def copy_commits(data: Path) -> None:
    """One packed file: ten years of a product's commits, without names."""
    shutil.copy(ROOT / "tests/data/commits/commits.csv.gz", data)


def write_uploads(data: Path) -> None:
    """What Debian's developers uploaded, from the changelogs on this machine: one row per package that is installed, so that one upload is
    there as often as it made packages. Dates are as they wrote them by hand. Addresses are hashed; the domain is that of their mail."""
    head = re.compile(r"^(\S+) \(([^)]+)\) ([^;]+); urgency=(\w+)", re.IGNORECASE)
    foot = re.compile(r"^ -- .*<([^>]*)>\s+(.+)$")
    rows = []
    for path in sorted(CHANGELOGS.glob("*/changelog.Debian.gz")):
        found = None
        with gzip.open(path, "rt", encoding="utf-8", errors="replace") as file:
            for line in file:
                if first := head.match(line):
                    found = first
                elif found and (last := foot.match(line)):
                    address = last[1].strip().lower()
                    who = hashlib.sha256(address.encode()).hexdigest()[:12]
                    rows.append((*found.groups(), who, address.rpartition("@")[2], last[2].strip(), path.parent.name))
                    found = None
    if len(rows) < MIN_UPLOADS:
        pytest.skip("this machine does not keep the changelogs of its packages")
    with (data / "uploads.csv").open("w", encoding="utf-8", newline="") as written:
        writer = csv.writer(written)
        writer.writerow(["source", "version", "distribution", "urgency", "uploader", "domain", "uploaded", "package"])
        writer.writerows(rows)


RAVENSTACK: Mapping = {
    "accounts": (
        source("raw_accounts"),
        {
            "account_id": "account_id",
            "account_name": "account_name",
            "industry": "industry",
            "country": "country",
            "created_at": "signup_date",
        },
    ),
    "users": (
        source("raw_accounts"),
        {"user_id": "account_id", "account_id": "account_id", "country": "country", "signed_up_at": "signup_date"},
    ),
    "events": (
        f"{source('raw_feature_usage')} as usage left join {source('raw_subscriptions')} as subscriptions using (subscription_id)",
        {
            "event_id": "usage.usage_id",
            "user_id": "subscriptions.account_id",
            "event_name": "usage.feature_name",
            "occurred_at": "usage.usage_date",
        },
    ),
    "subscriptions": (
        source("raw_subscriptions"),
        {
            "subscription_id": "subscription_id",
            "account_id": "account_id",
            "plan": "plan_tier",
            "seats": "seats",
            "mrr": "mrr_amount",
            "valid_from": "start_date",
            "started_at": "start_date",
            "ended_at": "nullif(end_date, '')",
        },
    ),
    "support_tickets": (source("raw_support_tickets"), {"ticket_id": "ticket_id", "user_id": "account_id", "created_at": "submitted_at"}),
}
TIMES = ("created_at", "signed_up_at", "occurred_at", "valid_from", "started_at", "ended_at")
READ_RAVENSTACK = {
    name: (place, columns | day_first({column: own for column, own in columns.items() if column in TIMES}))
    for name, (place, columns) in RAVENSTACK.items()
}
COMMITS: Mapping = {
    "accounts": (f"(select distinct company_id from {source('commits')} where company_id <> '')", {"account_id": "company_id"}),
    "users": (
        f"(select author_id, max(company_id) as company_id, min(committed_at::timestamptz) as since from {source('commits')} group by 1)",
        {"user_id": "author_id", "account_id": "nullif(company_id, '')", "signed_up_at": "since"},
    ),
    "events": (
        source("commits"),
        {
            "event_id": "commit_id",
            "user_id": "author_id",
            "event_name": "kind",
            "occurred_at": "authored_at",
            "received_at": "committed_at",
        },
    ),
}


def uploads(written: str) -> Mapping:
    """Uploads as events; `written`: SQL of the time of one."""
    return {
        "accounts": (f"(select distinct domain from {source('uploads')})", {"account_id": "domain"}),
        "users": (
            f"(select uploader, max(domain) as domain, min({written}) as since from {source('uploads')} group by 1)",
            {"user_id": "uploader", "account_id": "domain", "signed_up_at": "since"},
        ),
        "events": (
            source("uploads"),
            {"event_id": "source || ' ' || version", "user_id": "uploader", "event_name": "urgency", "occurred_at": written},
        ),
    }


READ_UPLOADS = uploads("try_strptime(regexp_replace(uploaded, '\\s+', ' ', 'g'), '%a, %d %b %Y %H:%M:%S %z')")
# What writes the files, the mapping by the columns' names, the one after the first build's message if that stopped, most lines written.
DATA: dict[str, tuple[Callable[[Path], None], Mapping, Mapping | None, int]] = {
    "ravenstack": (copy_ravenstack, RAVENSTACK, READ_RAVENSTACK, 60),
    "commits": (copy_commits, COMMITS, None, 30),
    "uploads": (write_uploads, uploads("uploaded"), READ_UPLOADS, 30),
}


def run(folder: Path, *command: str) -> str:
    """A command in the project's folder; its output. A build that fails is no accident: benchmarks/starts.py counts it."""
    done = subprocess.run([*command], cwd=folder, capture_output=True, text=True, check=False)
    return done.stdout + done.stderr


DBT = str(Path(sys.executable).parent / "dbt")


def begun(folder: Path, files: Path, mapping: Mapping) -> None:
    """The project as a newcomer begins it, with its package."""
    inputs = [name for name in mapping if name not in ("users", "events")]
    output = run(ROOT, sys.executable, "scripts/new_project.py", str(folder), *inputs, "--files", str(files))
    assert "Wrote" in output, output
    run(folder, DBT, "deps")


def mapped(folder: Path, templates: dict[str, str], mapping: Mapping) -> None:
    """The models of the inputs, filled in."""
    for name, (place, columns) in mapping.items():
        model = folder / f"models/inputs/input_{name}.sql"
        model.write_text(templates[name], encoding="utf-8")
        fill_in(model, place, columns)


@pytest.mark.parametrize("name", list(DATA))
def test_a_newcomer_needs_at_most_two_builds(tmp_path: Path, name: str) -> None:
    write, first, second, lines = DATA[name]
    folder, files = tmp_path / name, tmp_path / "data"
    files.mkdir()
    write(files)
    begun(folder, files, first)
    templates = {each: (folder / f"models/inputs/input_{each}.sql").read_text(encoding="utf-8") for each in first}
    mapped(folder, templates, first)
    output = run(folder, DBT, "build")
    if second:
        # Every input is named at once, with the form that is read.
        for each in first:
            if "_at" in " ".join(first[each][1]):
                assert re.search(rf"Stopped: {each}: 100\.0 % of .* unreadable_time .* A time is read as 2026-03-05", output), output[
                    -6000:
                ]
        mapped(folder, templates, second)
        output = run(folder, DBT, "build")
    counted = starts.until_green(starts.starts(starts.log_of(folder)))
    assert counted is not None and counted[0] == (2 if second else 1), output[-6000:]
    written = starts.lines_written(folder)
    print(f"{name}: {counted[0]} builds, {counted[1]:.1f} minutes, {written} lines")
    assert written <= lines
    with duckdb.connect(str(folder / "warehouse.duckdb"), read_only=True) as connection:
        ((found,),) = connection.execute("select count(*) from marts.segment_comparison where difference is not null").fetchall()
    assert found > 0, "the first comparison is there"
