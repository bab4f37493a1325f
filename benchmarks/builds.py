"""What a build costs, the first one and each kind of the next: `make benchmark`.

Makes up inputs (made_up_inputs.py), builds this project's models on them, and then again after each thing that may happen: nothing,
a changed segment, a late event, a new day with a sync of the CRM. Each build is a process of its own, so its CPU time and
memory are its own. What is quoted are ratios of CPU seconds within one run: the machines are not alike.

    python benchmarks/builds.py [--users N] [--events N] [--periods N] [--memory LIMIT] [--until MODEL …] [--kinds KIND …] [--output DIR]

--until user_segments leaves out what comes after that model, of several after all of them; without it all marts are built. --memory limits DuckDB, which then
uses the disk. Answers are compared with plain SQL on the files; the exit status is 1 where one differs or a build fails.
--output writes the tables as Markdown and JSON there.
"""

from __future__ import annotations

import argparse
import datetime as dt
import json
import os
import platform
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import duckdb
import yaml

import made_up_inputs

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT / "tests/support"), str(ROOT / "tests"), str(ROOT / "scripts")]

from registries import set_variables  # noqa: E402
from warehouse import Warehouse  # noqa: E402

EVENTS = set_variables(ROOT)["events"]
NAMES = [entry["name"] for entry in EVENTS]
# What the segment weekly_users goes by.
WEEKLY = "'logged_in', 'task_completed', 'comment_added', 'dashboard_viewed', 'page_viewed'"
KINDS = ("nothing new", "a changed segment", "a late event", "a new day", "a static attribute")
# What people did, as plain SQL on the files sees it: `day`, and `known`, since when it is known whose it is.
FILES = """
    with people as (
        select user_id, account_id from read_parquet('{folder}/users/*.parquet') where cast(signed_up_at as date) <= date '{date}'
    ),
    did as (
        select
            coalesce(events.user_id, identities.user_id) as user_id, event_name, cast(occurred_at as date) as day,
            greatest(cast(occurred_at as date), coalesce(cast(linked_at as date), date '1900-01-01')) as known
        from read_parquet('{folder}/events/*.parquet') as events
        left join read_parquet('{folder}/identities/*.parquet') as identities on events.anonymous_id = identities.anonymous_id
        where event_name in ({human})
    ),
    weekly as (
        select user_id from did
        where event_name in ({weekly}) and known <= date '{date}' and day > date '{date}' - 28
        group by user_id having count(distinct (date '{date}' - day) // 7) >= 3
    ),
    -- Of weekly users and of everybody: accounts, users, who was active in 28 days, and who came back in the week after.
    accounts as (
        select
            segment, account_id, count(*) as n,
            count(case when user_id in (select user_id from did where known <= date '{date}' and day > date '{date}' - 28) then 1 end) as active,
            count(case when user_id in (select user_id from did where day between date '{date}' + 1 and date '{date}' + 7) then 1 end) as back
        from (select *, '' as segment from people union all select *, 'weekly_users' from people where user_id in (select user_id from weekly))
        group by segment, account_id
    ),
    shares as (select segment, sum(back) / sum(n) as p from accounts group by segment)
"""
# The same questions to the warehouse and to the files, on a date: an empty difference of both is a right answer.
ANSWERS = {
    "user_features": (
        """
        select user_id, active_days_28d, events_7d, days_since_last_seen from features.user_features where as_of_date = date '{date}'
        """,
        """
        select
            people.user_id, count(distinct case when day > date '{date}' - 28 then day end),
            count(case when day > date '{date}' - 7 then 1 end), date '{date}' - max(day)
        from people left join did on people.user_id = did.user_id and known <= date '{date}'
        group by people.user_id
        """,
    ),
    "user_segments": (
        "select user_id from marts.user_segments where segment = 'weekly_users' and as_of_date = date '{date}'",
        "select user_id from people where user_id in (select user_id from weekly)",
    ),
    "metric_sums": (
        """
        select segment, round(sum(sums.n)), round(sum(sums.total + rulers.center * sums.weight))
        from marts.metric_sums as sums inner join marts.metric_rulers as rulers using (metric, as_of_date)
        where metric = 'active_users_28d' and segment in ('', 'weekly_users') and as_of_date = date '{date}'
        group by segment
        """,
        "select segment, sum(n), sum(active) from accounts group by segment",
    ),
    "segment_retention": (
        """
        select replace(segment, '__all__', ''), n, accounts, retained, round(design_effect, 6) from marts.segment_retention
        where segment in ('__all__', 'weekly_users') and kind = 'classic' and period = 1 and is_mature and cohort_date = date '{date}'
        """,
        """
        select segment, sum(n), count(*), sum(back), round(greatest(1, sum((back - p * n) ** 2) / (sum(n) * any_value(p * (1 - p)))), 6)
        from accounts inner join shares using (segment)
        where exists (select 1 from warehouse.marts.segment_retention where is_mature and cohort_date = date '{date}')
        group by segment
        """,
    ),
}


@dataclass
class Cost:
    """What one build cost. `stages`: seconds of the models by folder; `spilled` and `peak` in GB."""

    kind: str
    seconds: float
    cpu: float
    peak: float
    spilled: float
    stages: dict[str, float]
    slowest: dict[str, float]
    files: dict[str, float] = field(default_factory=dict)


class Benchmark:
    """A project folder whose inputs are views on Parquet files."""

    def __init__(self, folder: Path, users: int, events: int, periods: int, memory: str | None, until: Sequence[str] = ()) -> None:
        self.inputs, self.until = folder / "inputs", until
        made_up_inputs.write_all(self.inputs, users, events, NAMES)
        self.warehouse = Warehouse(folder / "project", {"history_periods": periods - 1}, copied=("models",), analysis=True, views=True)
        shutil.rmtree(self.warehouse.folder / "seeds/sample")
        (self.warehouse.folder / "models/made_up").mkdir()
        # What the sample names and these inputs lack.
        self.warehouse.configure(
            inputs={name: f"made_up_{name}" for name in made_up_inputs.INPUTS},
            as_of_date=None,
            campaigns=None,
            max_rejected_share=0,
            personas=None,
            past_deliveries=None,
        )
        for name in made_up_inputs.INPUTS:
            (self.warehouse.folder / f"models/made_up/made_up_{name}.sql").write_text(
                "{{ config(materialized='view') }}\n" + f"select * from read_parquet('{self.inputs}/{name}/*.parquet')\n", encoding="utf-8"
            )
        for path in (self.warehouse.folder / "models").rglob("*.yml"):
            # The unit tests name the sample's seeds.
            if "unit_tests:" in (text := path.read_text(encoding="utf-8")):
                path.write_text(text.split("unit_tests:")[0], encoding="utf-8")
        profile = yaml.safe_load((self.warehouse.folder / "profiles.yml").read_text(encoding="utf-8"))
        if memory:
            profile["segmentation"]["outputs"]["dev"]["settings"]["memory_limit"] = memory
        (self.warehouse.folder / "profiles.yml").write_text(yaml.safe_dump(profile), encoding="utf-8")

    def build(self, kind: str) -> Cost:
        """Run dbt in a process of its own. SystemExit with what it printed if it fails."""
        command = [sys.executable, str(ROOT / "scripts/run_tool.py"), "dbt", "--quiet", "build"]
        command += ["--exclude-resource-type", "test", "--exclude-resource-type", "unit_test"]
        command += ["--select", *(f"+{name}" for name in self.until)] if self.until else []
        spilled, done = [0], threading.Event()

        def watch() -> None:
            while not done.wait(0.3):
                folder = Path(f"{self.warehouse.database}.tmp")
                sizes = []
                for path in folder.glob("*"):
                    try:
                        sizes.append(path.stat().st_size)
                    except FileNotFoundError:
                        continue
                spilled[0] = max(spilled[0], sum(sizes))

        watcher = threading.Thread(target=watch)
        watcher.start()
        started = time.monotonic()
        with tempfile.TemporaryFile("w+") as output:
            process = subprocess.Popen(
                command,
                cwd=self.warehouse.folder,
                env=os.environ | {"SEGMENTATION_DATABASE": str(self.warehouse.database), "QUICK_DBT": "1"},
                stdout=output,
                stderr=subprocess.STDOUT,
            )
            _, status, usage = os.wait4(process.pid, 0)
            process.returncode = os.waitstatus_to_exitcode(status)
            seconds = time.monotonic() - started
            done.set()
            watcher.join()
            if process.returncode:
                output.seek(0)
                raise SystemExit(f"The build after {kind} failed:\n{output.read()[-5000:]}")
        results = json.loads((self.warehouse.folder / "target/run_results.json").read_text(encoding="utf-8"))["results"]
        results = [result for result in results if result["unique_id"].startswith("model.")]
        manifest = json.loads((self.warehouse.folder / "target/manifest.json").read_text(encoding="utf-8"))["nodes"]
        stages: dict[str, float] = {}
        for result in results:
            place = manifest[result["unique_id"]]["fqn"]
            stage = "marts" if place[1] == "marts" else place[1]
            stages[stage] = stages.get(stage, 0.0) + result["execution_time"]
        slowest = sorted(results, key=lambda result: -result["execution_time"])[:8]
        return Cost(
            kind=kind,
            seconds=seconds,
            cpu=usage.ru_utime + usage.ru_stime,
            peak=usage.ru_maxrss / 1024**2,
            spilled=spilled[0] / 1e9,
            stages=dict(sorted(stages.items(), key=lambda item: -item[1])),
            slowest={result["unique_id"].split(".")[2]: result["execution_time"] for result in slowest},
            files={"warehouse": self.warehouse.database.stat().st_size / 1e9},
        )

    def happens(self, kind: str) -> None:
        """Change the inputs or the project."""
        if kind == "a changed segment":
            (path,) = (self.warehouse.folder / "models/segments").rglob("power_users.sql")
            text = path.read_text(encoding="utf-8")
            changed = text.replace(">= ", ">= 1 + ", 1)
            assert changed != text, "power_users has no bound to change"
            path.write_text(changed, encoding="utf-8")
        elif kind == "a late event":
            made_up_inputs.late_event(self.inputs)
        elif kind == "a new day":
            made_up_inputs.new_day(self.inputs)
        elif kind == "a static attribute":
            made_up_inputs.static_attribute(self.inputs)

    def wrong_answers(self) -> list[str]:
        """What differs from plain SQL on the files, of what is built, on the newest date, one of the middle and one more."""
        dates = [date for (date,) in self.warehouse.query("select distinct as_of_date from features.user_features order by 1")]
        built = {name for (name,) in self.warehouse.query("select table_name from information_schema.tables")}
        human = ", ".join(f"'{entry['name']}'" for entry in EVENTS if entry.get("is_human", True))
        found = []
        with duckdb.connect() as connection:
            connection.execute(f"attach '{self.warehouse.database}' as warehouse (read_only)")
            for date in sorted({dates[-1], dates[len(dates) // 2], dates[len(dates) // 3]}):
                for name, (asked, plain) in ANSWERS.items():
                    if name in built:
                        ours = asked.format(date=date).replace("from ", "from warehouse.").replace("join ", "join warehouse.")
                        files = (FILES + plain).format(folder=self.inputs, date=date, human=human, weekly=WEEKLY)
                        found += [f"{date}, {name}: {row}" for row in differing(connection, ours, files)]
        return found

    def rows(self) -> dict[str, int]:
        """Rows of the large tables."""
        names = {"user_features": "features", "user_segments": "marts"}
        return {name: self.warehouse.query(f"select count(*) from {schema}.{name}")[0][0] for name, schema in names.items()}


def differing(connection: duckdb.DuckDBPyConnection, ours: str, files: str) -> list[str]:
    """Up to three rows each that one of two queries has alone."""
    connection.execute(f"create or replace temp table ours as {ours}")
    connection.execute(f"create or replace temp table files as {files}")
    told = []
    for one, other, where in (("ours", "files", "in the warehouse alone"), ("files", "ours", "in the files alone")):
        rows = connection.execute(f"select * from (from {one} except all from {other}) order by all limit 3").fetchall()
        told += [f"{row} {where}" for row in rows]
    return told


def floors(inputs: Path) -> dict[str, float]:
    """CPU seconds of plain DuckDB SQL on the same files: the count of events per user, and per user, day and name."""
    queries = {
        "count per user": "select user_id, count(*) from events group by all",
        "rollup (user, day, name)": "select user_id, cast(occurred_at as date), event_name, count(*) from events group by all",
    }
    found = {}
    with duckdb.connect() as connection:
        connection.execute("set threads = 2")
        connection.execute(f"create view events as from read_parquet('{inputs}/events/*.parquet')")
        for name, query in queries.items():
            times = []
            for _ in range(3):
                started = time.process_time()
                connection.execute(f"create or replace table result as {query}")
                times.append(time.process_time() - started)
            found[name] = min(times)
    return found


def copy_cost(database: Path) -> float:
    """CPU seconds of writing what is stored of users once more."""
    with tempfile.TemporaryDirectory() as folder, duckdb.connect(f"{folder}/copy.duckdb") as connection:
        connection.execute(f"set threads = 2; attach '{database}' as warehouse (read_only)")
        started = time.process_time()
        for name in ("features.user_features", "marts.user_segments"):
            connection.execute(f"create table {name.split('.')[1]} as from warehouse.{name}")
        return time.process_time() - started


def markdown(title: str, costs: list[Cost], floor: dict[str, float], copied: float, rows: dict[str, int]) -> str:
    """The tables, for people."""
    full = costs[0]
    lines = [f"# {title}", ""]
    lines += [
        f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}, DuckDB {duckdb.__version__}, {dt.date.today()}.",
        "",
    ]
    lines += ["| build | CPU s | of the first | seconds | resident GB | spilled GB | file GB |", "|---|---|---|---|---|---|---|"]
    lines += [
        f"| {cost.kind} | {cost.cpu:.1f} | {cost.cpu / full.cpu:.1%} | {cost.seconds:.1f} | {cost.peak:.2f} | {cost.spilled:.2f} "
        f"| {cost.files['warehouse']:.2f} |"
        for cost in costs
    ]
    unit = floor["rollup (user, day, name)"]
    lines += ["", "| | CPU s | × rollup |", "|---|---|---|"]
    lines += [
        f"| {name} | {value:.2f} | {value / unit:.1f} |" for name, value in [*floor.items(), ("copy of what is stored of users", copied)]
    ]
    lines += [f"| the first build | {full.cpu:.1f} | {full.cpu / unit:.0f} |", ""]
    per_million = full.cpu / rows["user_features"] * 1e6
    lines += [
        f"{rows['user_features']:,} rows of users by date ({per_million:.1f} CPU s a million), {rows['user_segments']:,} memberships.",
        "",
    ]
    stages = sorted({stage for cost in costs for stage in cost.stages})
    lines += ["Seconds of models, by folder:", "", f"| build | {' | '.join(stages)} | slowest |", "|---" * (len(stages) + 2) + "|"]
    for cost in costs:
        slowest = ", ".join(f"{name} {seconds:.1f}" for name, seconds in list(cost.slowest.items())[:5])
        lines.append(f"| {cost.kind} | {' | '.join(f'{cost.stages.get(stage, 0):.1f}' for stage in stages)} | {slowest} |")
    return "\n".join(lines) + "\n"


def main() -> int:
    """Run the benchmark and print the tables."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--users", type=int, default=30_000)
    parser.add_argument("--events", type=int, default=300_000)
    parser.add_argument("--periods", type=int, default=53)
    parser.add_argument("--memory", help="DuckDB's memory limit, e.g. 1GB")
    parser.add_argument("--until", nargs="*", default=[], help="the last models to build; all without it")
    parser.add_argument("--kinds", nargs="*", choices=KINDS, default=list(KINDS), help="what happens after the first build")
    parser.add_argument("--keep", type=Path, help="work here and keep the files")
    parser.add_argument("--output", type=Path, help="write the tables here, as Markdown and JSON")
    arguments = parser.parse_args()
    folder = arguments.keep or Path(tempfile.mkdtemp(prefix="segmentation-benchmark-"))
    folder.mkdir(parents=True, exist_ok=True)
    title = (
        f"{arguments.users:,} users, {arguments.events:,} events, {arguments.periods} dates, "
        f"{' and '.join(arguments.until) or 'all marts'}, memory_limit {arguments.memory or 'unset'}"
    )
    try:
        benchmark = Benchmark(folder, arguments.users, arguments.events, arguments.periods, arguments.memory, arguments.until)
        floor = floors(benchmark.inputs)
        costs = [benchmark.build("the first")]
        copied, rows = copy_cost(benchmark.warehouse.database), benchmark.rows()
        wrong = benchmark.wrong_answers()
        for kind in arguments.kinds:
            benchmark.happens(kind)
            costs.append(benchmark.build(kind))
            wrong += [f"after {kind}, {problem}" for problem in benchmark.wrong_answers()]
        text = markdown(title, costs, floor, copied, rows)
        print(text)
        if arguments.output:
            arguments.output.mkdir(parents=True, exist_ok=True)
            name = f"build_{arguments.users}_{arguments.events}_{arguments.periods}"
            (arguments.output / f"{name}.md").write_text(text, encoding="utf-8")
            facts: dict[str, Any] = {
                "title": title,
                "floor": floor,
                "copy": copied,
                "rows": rows,
                "builds": [asdict(cost) for cost in costs],
            }
            (arguments.output / f"{name}.json").write_text(json.dumps(facts, indent=1), encoding="utf-8")
        if wrong:
            print("\n".join(["Wrong answers:", *wrong]))
        return 1 if wrong else 0
    finally:
        if arguments.keep is None:
            shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    sys.exit(main())
