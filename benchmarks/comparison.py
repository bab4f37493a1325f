"""What segment_comparison costs, as a ratio to one scan that sums the same columns: part of `make benchmark`.

Writes a made-up user_features (one date; payers and counts skewed as in life) and user_segments, runs the mart and its parts with a
registry of generated metrics, and compares its time with `select sum(…), sum(…), … from user_features` over the columns
of all metrics on the same file. Ratios are what to quote: the machines are not alike.

    python benchmarks/comparison.py [--users N] [--metrics N] [--segments N] [--dates N] [--account-users N] [--keep DIR]

--dates 2 adds a date before, and with it the comparisons of changes. --account-users says how many users an account has (default
5); with 1 every user is an account of their own, with 0 nobody has one.
"""

from __future__ import annotations

import argparse
import multiprocessing
import resource
import shutil
import sys
import tempfile
import time
from pathlib import Path

import duckdb

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT / "tests/support"), str(ROOT / "tests"), str(ROOT / "scripts")]

from warehouse import COMPARISON_MODELS, Warehouse  # noqa: E402

# How often a kind occurs among ten metrics, and the SQL of its columns, given a chance between 0 and 1.
KINDS = [
    ("binary", False, "cast({chance} < 0.12 as bigint)"),
    ("mean", False, "cast(floor({chance} * 28) as bigint)"),
    ("mean", True, "case when {chance} < 0.12 then exp({chance} * 50) else 0e0 end"),
    ("ratio", False, "cast(floor({chance} * 100) as bigint)"),
    ("mean", False, "{chance} * 100"),
    ("binary", False, "cast({chance} < 0.5 as bigint)"),
    ("mean", True, "cast(floor(-ln({chance} + 1e-9) * 10) as bigint)"),
    ("ordinal", False, "case when {chance} < 0.3 then cast(floor({chance} * 17) as bigint) end"),
    ("nps", False, "case when {chance} < 0.3 then cast(floor({chance} * 10) as bigint) % 3 * 100 - 100 end"),
    ("ratio", True, "-ln({chance} + 1e-9) * 10"),
]
SHARES = [0.01, 0.02, 0.05, 0.1, 0.2, 0.4, 0.03, 0.08, 0.15, 0.01]


def columns_of(metrics: int) -> dict[str, str]:
    """The columns of user_features behind the metrics: name -> SQL over the number i of a user and the date."""
    columns = {}
    for number in range(metrics):
        kind, _, sql = KINDS[number % len(KINDS)]
        chance = f"((hash(i * 64 + {number} + cast(epoch(as_of_date) as bigint)) % 1000003) / 1000003e0)"
        columns[f"x{number}"] = sql.format(chance=chance)
        if kind == "ratio":
            columns[f"w{number}"] = f"cast(floor((hash(i * 64 + {number} + 5) % 1000003) / 1000003e0 * 20) as bigint)"
    return columns


def registry(metrics: int) -> str:
    """A macro default__metrics() with the generated metrics."""
    entries = []
    for number in range(metrics):
        kind, is_heavy_tailed, _ = KINDS[number % len(KINDS)]
        sql = f"'numerator': 'x{number}', 'denominator': 'w{number}'" if kind == "ratio" else f"'expression': 'x{number}'"
        entries.append(
            f"{{'name': 'metric_{number}', 'label': 'Metric {number}', 'description': 'Made up.', 'kind': '{kind}', {sql}, "
            f"'unit': 'units', 'owner': 'nobody', 'level': 'user', 'direction': 'up', 'tier': 'secondary', "
            f"'is_heavy_tailed': {str(is_heavy_tailed).lower()}, 'adds_up': {str(kind in ('binary', 'mean')).lower()}}}"
        )
    return "{% macro default__metrics() %}\n    {{ return([\n" + ",\n".join(entries) + "\n    ]) }}\n{% endmacro %}\n"


def make_tables(database: str, users: int, metrics: int, segments: int, dates: int, account_users: int) -> None:
    """What the model reads, made by DuckDB from hashes: the same in every run. Odd segments hang on a column, even ones on chance."""
    columns = columns_of(metrics)
    account = f"'account-' || cast(floor(i / {account_users}) as bigint)" if account_users else "cast(null as varchar)"
    with duckdb.connect(database, config={"storage_compatibility_version": "v1.0.0"}) as connection:
        connection.execute("set threads = 2")
        for schema in ("features", "marts", "activity", "built"):
            connection.execute(f"create schema if not exists {schema}")
        connection.execute(
            f"""
            create table activity.as_of_dates as
            select
                cast(date '2026-01-04' + to_days(7 * cast(n as integer)) as date) as as_of_date,
                case when n > 0 then cast(date '2026-01-04' + to_days(7 * cast(n - 1 as integer)) as date) end as previous_as_of_date,
                true as is_period_end
            from range({dates}) as numbers (n)
            """
        )
        connection.execute("create table activity.data_through as select max(as_of_date) as data_through from activity.as_of_dates")
        connection.execute(
            f"""
            create table features.user_features as
            select
                'user-' || i as user_id, {account} as account_id, cast({max(account_users, 1)} as bigint) as account_users,
                'plan ' || (hash(i) % 5) as plan, cast(hash(i + 7) % 700 as bigint) as tenure_days,
                {", ".join(f"{sql} as {name}" for name, sql in columns.items())}, as_of_date
            from range({users}) as numbers (i)
            cross join activity.as_of_dates
            """
        )
        connection.execute(f"create table marts.segments as select 'segment_' || n as segment from range({segments}) as numbers (n)")
        connection.execute("create table marts.user_segments (user_id varchar, segment varchar, as_of_date date)")
        for number in range(segments):
            share = SHARES[number % len(SHARES)]
            chance = f"(hash(user_id || '{number}') % 1000003) / 1000003e0 < {share}"
            chosen = f"x{4 + 10 * (number % max(metrics // 10, 1))} < {100 * share}" if number % 2 and metrics > 4 else chance
            connection.execute(
                f"insert into marts.user_segments select user_id, 'segment_{number}', as_of_date from features.user_features where {chosen}"
            )

        parts = {"user_features": "''", "user_segments": ", ".join(f"'segment_{number}'" for number in range(segments))}
        for name, of_model in parts.items():
            connection.execute(
                f"create table built.{name} as select part, as_of_date, cast(1 as bigint) as version, "
                f"cast({users} as bigint) as row_count, 'benchmark' as built_by "
                f"from activity.as_of_dates cross join (select unnest([{of_model}]) as part) as parts"
            )


def floor_seconds(database: str, metrics: int, queue: multiprocessing.Queue) -> None:
    """Seconds of one scan that sums the columns of all metrics, the best of three; and how many memberships there are."""
    with duckdb.connect(database, read_only=True) as connection:
        connection.execute("set threads = 2")
        query = "select " + ", ".join(f"sum(cast({name} as double))" for name in columns_of(metrics)) + " from features.user_features"
        times = []
        for _ in range(3):
            started = time.monotonic()
            connection.execute(query).fetchall()
            times.append(time.monotonic() - started)
        memberships = connection.execute("select count(*) from marts.user_segments").fetchall()[0][0]
    queue.put((min(times), memberships))


def in_a_process(target, *arguments) -> None:
    """Run a function in a process of its own, so that its memory does not count."""
    process = multiprocessing.get_context("spawn").Process(target=target, args=arguments)
    process.start()
    process.join()
    if process.exitcode:
        raise SystemExit(f"{target.__name__} failed.")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--users", type=int, default=1_000_000)
    parser.add_argument("--metrics", type=int, default=40)
    parser.add_argument("--segments", type=int, default=100)
    parser.add_argument("--dates", type=int, default=1)
    parser.add_argument("--account-users", type=int, default=5)
    parser.add_argument("--keep", type=Path, help="work in this folder and leave it")
    options = parser.parse_args()
    folder = options.keep or Path(tempfile.mkdtemp(prefix="comparison-"))
    try:
        warehouse = Warehouse(folder / "project", {"comparison_pairs": []}, copied=("macros",))
        path = warehouse.folder / "macros/registries/metrics.sql"
        head = path.read_text(encoding="utf-8").split("{% macro default__metrics() %}")[0]
        path.write_text(head + registry(options.metrics), encoding="utf-8")
        # The columns are features that the registry does not know.
        path = warehouse.folder / "macros/comparison/paired_values.sql"
        known, text = "segmentation.features() if", path.read_text(encoding="utf-8")
        made_up = ", ".join(f"{{'name': '{name}', 'reads': []}}" for name in columns_of(options.metrics))
        assert known in text
        path.write_text(text.replace(known, f"segmentation.features() + [{made_up}] if"), encoding="utf-8")
        warehouse.write_inputs({})
        database = str(warehouse.database)
        in_a_process(make_tables, database, options.users, options.metrics, options.segments, options.dates, options.account_users)
        queue = multiprocessing.get_context("spawn").Queue()
        in_a_process(floor_seconds, database, options.metrics, queue)
        floor, memberships = queue.get()

        before = resource.getrusage(resource.RUSAGE_SELF)
        result = warehouse.run("run", "--select", *COMPARISON_MODELS)
        after = resource.getrusage(resource.RUSAGE_SELF)
        if not result:
            raise SystemExit(result.output[-4000:])
        seconds = sum(result.seconds.values())
        cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
        rows = warehouse.query("select count(*), count(p_value) from marts.segment_comparison")[0]
        print(
            f"{options.users:,} users × {options.metrics} metrics × {options.segments} segments × {options.dates} date(s), "
            f"{memberships:,} memberships: {rows[0]:,} rows, {rows[1]:,} of them tested\n"
            f"one scan that sums the columns   {floor:8.2f} s\n"
            f"segment_comparison               {seconds:8.2f} s  {seconds / floor:8.0f} × the scan\n"
            f"CPU time of the whole dbt run    {cpu:8.2f} s\n"
            f"peak memory of the process       {after.ru_maxrss / 1024**2:8.2f} GB"
        )
    finally:
        if not options.keep:
            shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    main()
