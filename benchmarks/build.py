"""How long a build takes, as ratios to a floor that is measured in the same run: `make benchmark`.

Writes synthetic inputs as Parquet (power-law activity over 59 weeks), builds this project's models on them up to
user_segments, and compares the time of each model with two floors in plain DuckDB SQL on the same files: the count of
events per user, and the rollup to (user, day, event). Ratios are what to quote: the machines are not alike.

    python benchmarks/build.py [--users N] [--events N] [--periods N] [--segments N] [--sample] [--memory LIMIT] [--keep DIR]

--segments adds N generated segments to the shipped ones, to see what one more of them costs; with --sample
the inputs are the sample's files, and all marts are built. --memory limits DuckDB, which
then uses the disk: 1 million users with 53 dates need it where other things run on the machine.
"""

from __future__ import annotations

import argparse
import shutil
import sys
import tempfile
import time
from pathlib import Path

import duckdb
import yaml

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT / "tests/support"), str(ROOT / "tests"), str(ROOT / "scripts")]

from warehouse import Warehouse, read_sample  # noqa: E402

EVENTS = [entry["name"] for entry in yaml.safe_load((ROOT / "dbt_project.yml").read_text(encoding="utf-8"))["vars"]["events"]]


def write_inputs(folder: Path, users: int, events: int) -> None:
    """Users, accounts, subscriptions, invoices and events as Parquet, made by DuckDB from hashes: the same in every run."""
    names = ", ".join(f"'{name}'" for name in EVENTS)
    with duckdb.connect() as connection:
        connection.execute("set threads = 2")
        connection.execute("create macro chance(key) as (hash(key) % 1000003) / 1000003.0")
        connection.execute(
            f"""
            copy (
                select
                    'u' || i as user_id, 'a' || (i // 8) as account_id, null as email,
                    case when i % 3 = 0 then 'Software Engineer' when i % 3 = 1 then 'Head of Sales' end as job_title,
                    null as department, 1960 + i % 45 as birth_year, null as gender, null as income_band, null as language,
                    ['US', 'DE', 'BR', 'IN', 'FR'][1 + i % 5] as country, null as state, null as city,
                    'organic' as acquisition_channel, true as marketing_consent,
                    timestamp '2025-01-01' + to_days(cast(chance('s' || i) * 600 as integer)) as signed_up_at,
                    timestamp '2026-01-01' as updated_at, cast(null as timestamp) as deleted_at
                from range({users}) as numbers (i)
            ) to '{folder}/users.parquet'
            """
        )
        connection.execute(
            f"""
            copy (
                select
                    'a' || i as account_id, 'Account ' || i as account_name, 'software' as industry, 'b2b' as business_model,
                    cast(2 + power(chance('e' || i), 6) * 20000 as bigint) as employee_count, 1e6 as annual_revenue,
                    'US' as country, 'Ann' as account_owner, timestamp '2025-01-01' as created_at, timestamp '2025-01-01' as updated_at
                from range({users} // 8 + 1) as numbers (i)
            ) to '{folder}/accounts.parquet'
            """
        )
        connection.execute(
            f"""
            copy (
                select
                    's' || i as subscription_id, 'a' || i as account_id, 'pro' as plan, 5 as seats, 10 + i % 500 as mrr,
                    timestamp '2025-01-01' + to_days(i % 500) as valid_from, timestamp '2025-01-01' + to_days(i % 500) as started_at,
                    timestamp '2025-01-15' + to_days(i % 500) as trial_ends_at,
                    case when i % 3 > 0 then timestamp '2025-01-14' + to_days(i % 500) end as converted_at,
                    cast(null as timestamp) as ended_at, date '2026-12-01' + cast(i % 365 as integer) as renewal_date
                from range({users} // 8 + 1) as numbers (i)
            ) to '{folder}/subscriptions.parquet'
            """
        )
        connection.execute(
            f"""
            copy (
                select
                    'e' || i as event_id, 'u' || cast(floor(power(chance('u' || i), 3) * {users}) as bigint) as user_id,
                    null as anonymous_id, [{names}][cast(1 + hash('n' || i) % {len(EVENTS)} as bigint)] as event_name,
                    occurred_at, occurred_at + interval 5 second as received_at, null as session_id,
                    ['desktop', 'mobile'][1 + i % 2] as device_type, ['windows', 'ios'][1 + i % 2] as os, '6.0' as app_version,
                    null as country, null as channel, '{{"rows": 3}}' as properties
                from (
                    select i, timestamp '2025-09-01' + to_seconds(cast(chance('t' || i) * 413 * 86400 as bigint)) as occurred_at
                    from range({events}) as numbers (i)
                )
            ) to '{folder}/events.parquet'
            """
        )


def floors(folder: Path) -> dict[str, float]:
    """Seconds of the floors on the same files, the better of two runs each."""
    queries = {
        "count per user": "select user_id, count(*) from events group by all",
        "rollup (user, day, event)": "select user_id, cast(occurred_at as date), event_name, count(*) from events group by all",
    }
    seconds = {}
    with duckdb.connect() as connection:
        connection.execute("set threads = 2")
        connection.execute(f"create view events as from '{folder}/events.parquet'")
        for name, query in queries.items():
            times = []
            for _ in range(2):
                started = time.monotonic()
                connection.execute(f"create or replace table result as {query}")
                times.append(time.monotonic() - started)
            seconds[name] = min(times)
    return seconds


def read_parquet(warehouse: Warehouse, folder: Path) -> None:
    """Point the project's inputs to views on the Parquet files."""
    shutil.rmtree(warehouse.folder / "seeds/sample")
    inputs = {}
    (warehouse.folder / "models/benchmark").mkdir()
    for name in ("users", "accounts", "subscriptions", "events"):
        inputs[name] = f"benchmark_{name}"
        (warehouse.folder / f"models/benchmark/benchmark_{name}.sql").write_text(
            "{{ config(materialized='view') }}\n" + f"select * from read_parquet('{folder}/{name}.parquet')\n", encoding="utf-8"
        )
    warehouse.configure(inputs=inputs)


def make_project(folder: Path, periods: int, segments: int, memory: str | None = None, sample: bool = False) -> Warehouse:
    """A project copy whose inputs are views on the Parquet files or the sample, with generated segments beside the shipped ones."""
    warehouse = Warehouse(
        folder / "project", {"history_periods": periods - 1, "max_segments": 1000}, copied=("models", "macros"), analysis=True
    )
    if memory:
        profile = yaml.safe_load((warehouse.folder / "profiles.yml").read_text(encoding="utf-8"))
        profile["segmentation"]["outputs"]["dev"]["settings"]["memory_limit"] = memory
        (warehouse.folder / "profiles.yml").write_text(yaml.safe_dump(profile), encoding="utf-8")
    if sample:
        warehouse.write_inputs(read_sample())
    else:
        read_parquet(warehouse, folder)
    # The unit tests name the sample's seeds.
    for path in (warehouse.folder / "models").rglob("*.yml"):
        text = path.read_text(encoding="utf-8")
        if "unit_tests:" in text:
            path.write_text(text.split("unit_tests:")[0], encoding="utf-8")
    registry = warehouse.folder / "macros/registries/segments.sql"
    lines = ""
    for number in range(segments):
        (warehouse.folder / f"models/segments/behavioral/generated_{number}.sql").write_text(
            "{{ config(meta={'label': 'Generated " + str(number) + "', 'tier': 'micro', 'owner': 'nobody in particular', "
            "'goal': 'see what one more segment costs', 'action': 'read the time of user_segments', 'reviewed_on': '2026-10-01'}) }}\n"
            "{{ segment(counted = performed('" + EVENTS[number % len(EVENTS)] + f"', at_least={1 + number % 3}, "
            f'within_days={7 + number}), active = "active_days_91d >= {number % 9}") }}}}\n',
            encoding="utf-8",
        )
        lines += f"        'generated_{number}',\n"
    text = registry.read_text(encoding="utf-8")
    registry.write_text(text.replace("return([\n", "return([\n" + lines, 1), encoding="utf-8")
    return warehouse


def main() -> int:
    """Run the benchmark and print the table."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--users", type=int, default=50_000)
    parser.add_argument("--events", type=int, default=1_000_000)
    parser.add_argument("--periods", type=int, default=53)
    parser.add_argument("--segments", type=int, default=0)
    parser.add_argument("--sample", action="store_true", help="build all marts on the sample instead of made-up inputs")
    parser.add_argument("--memory", help="DuckDB's memory limit, e.g. 10GB")
    parser.add_argument("--keep", type=Path, help="write files here and keep them")
    arguments = parser.parse_args()
    folder = arguments.keep or Path(tempfile.mkdtemp(prefix="segmentation-benchmark-"))
    folder.mkdir(parents=True, exist_ok=True)
    try:
        if arguments.sample:
            print(f"The sample, {arguments.segments} more segments")
            floor = {}
        else:
            print(f"{arguments.users:,} users, {arguments.events:,} events, {arguments.periods} dates, {arguments.segments} more segments")
            write_inputs(folder, arguments.users, arguments.events)
            floor = floors(folder)
        warehouse = make_project(folder, arguments.periods, arguments.segments, arguments.memory, arguments.sample)
        started = time.monotonic()
        result = warehouse.run(
            "build", *([] if arguments.sample else ["--select", "+user_segments"]), "--exclude-resource-type", "test", "unit_test"
        )
        seconds = time.monotonic() - started
        if not result:
            print(result.output[-4000:])
            return 1
        times = dict(sorted(result.seconds.items(), key=lambda item: -item[1]))
        unit = floor.get("rollup (user, day, event)")
        print(f"{'':<34}{'seconds':>9}{'× rollup floor' if unit else '':>16}{'× user_event_days':>19}")
        for name, value in [*floor.items(), ("whole build", seconds), *list(times.items())[:14]]:
            print(f"{name:<34}{value:>9.2f}{f'{value / unit:.2f}' if unit else '':>16}{value / times['user_event_days']:>19.2f}")
        rows = warehouse.query("select count(*), count(distinct segment) from marts.user_segments")[0]
        print(
            f"user_segments: {rows[0]:,} rows of {rows[1]} segments, {times['user_segments'] / times['user_event_days']:.2f} × user_event_days"
        )
        return 0
    finally:
        if arguments.keep is None:
            shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    sys.exit(main())
