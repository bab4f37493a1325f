"""Build the warehouse and say in a few lines what is in it: `make build`.

This runs `dbt build` in this process, with a line of progress instead of dbt's hundreds, and then reads the summary
from the warehouse and publishes the marts (scripts/publish.py). Whoever knows dbt can run plain `dbt build` and then
`make publish`: the result is the same. Two builds of the same data print the same lines, except for the last one, the time.

    python scripts/build.py [--database PATH] [--published PATH] [further arguments of dbt build]
    python scripts/build.py --project-dir FOLDER [further arguments of dbt build]

--project-dir builds a project that uses this one as a package, in the database file of its profile, and says in a sentence what dbt
says in its own words: a criterion without `segmentation.`, a missing folder of the file. It does not publish.

Exit status 0 if everything was built and published and every test passed, 1 otherwise, 2 for a mistake found before the build.
With further arguments of dbt build it is 0 also if nothing was published: a build of a part is not for others.
"""

from __future__ import annotations

import argparse
import os
import re
import sys
import time
from pathlib import Path
from typing import Any

from checking.database import alone, folder_problems, in_sentences, known_sentence, open_problems, open_warehouse
from checking.seeds import seed_problems
from project_place import place_of
from publish import KEY_FILE, publish
from refusal import Refusal
from registries import project_variables
from run_tool import relax_garbage_collection

ROOT = Path(__file__).resolve().parent.parent
REGISTRY = Path("macros/registries/segments.sql")
# The segments that need no line.
LIFECYCLE = Path("macros/registries/lifecycle_segments.sql")


def registry_problems(root: Path) -> list[str]:
    """Lines of the registry without a file, and files without a line, each as a sentence that says what to do.

    dbt itself stops for both, but for a line without a file it can only say that a node was not found.
    """
    text = re.sub(r"\{#.*?#\}", "", (root / REGISTRY).read_text(encoding="utf-8"), flags=re.DOTALL)
    lines = re.findall(r"'([^']+)',?\s*$", text, flags=re.MULTILINE)
    lines = [line for line in lines if re.fullmatch(r"\w+", line)]
    files = {path.stem: path for path in sorted((root / "models/segments").glob("*/*.sql"))}
    lifecycle = re.findall(r"'(\w+)'", (root / LIFECYCLE).read_text(encoding="utf-8"))
    problems = [
        f"{REGISTRY} lists '{line}', but models/segments/<type>/{line}.sql does not exist:\n  add the file, or remove the line."
        for line in lines
        if line not in files
    ]
    problems += [
        f"{path.relative_to(root)} is not registered, so marts would not see it:\n"
        f"  add the line '{name}', to the list in {REGISTRY}, or remove the file."
        for name, path in files.items()
        if name not in (*lines, *lifecycle)
    ]
    return problems


def empty_seeds(root: Path) -> list[str]:
    """Seed files without even a header, for which dbt has no words, each as a sentence that says what to do."""
    return [problem for problem in seed_problems(root) if " is empty. " in problem]


def cycle_problem(error: str) -> str | None:
    """dbt's "Found a cycle" as a sentence that says what to do; None for another error.

    segment() tells a cycle while dbt parses; this is for segments in plain SQL, and for a partial parse.
    """
    found = re.search(r"Found a cycle: (.+)", error)
    if not found:
        return None
    names = [part.strip().rsplit(".", 1)[-1] for part in found[1].split("-->")]
    return (
        f"{' → '.join([*names, names[0]])}: each is defined by the next, so none can be built first.\n"
        "  Remove the in_segment() or ref() from one of them."
    )


def prefix_problem(error: str) -> str | None:
    """dbt's "'performed' is undefined" as a sentence, where the name is a macro of this project that a package project wrote without its prefix.

    dbt looks up a name without a prefix in the project that is built and in dbt itself, never in a package: nothing that a package
    ships can make the name known.
    """
    found = re.search(r"'(\w+)' is undefined", error)
    if not found or not list((ROOT / "macros").rglob(f"{found[1]}.sql")):
        return None
    place = re.search(r"in \w+ \w+ \(([^)]+)\)", error)
    return (
        f"{place[1] if place else 'A model'}: `{found[1]}` is a macro of the package, so it needs the prefix: write segmentation.{found[1]}(…).\n"
        "  Every macro of the package has it; docs/segments.md of the package leaves it out."
    )


def lock_problems(database: Path) -> list[str]:
    """Why the file cannot be opened for writing (another process has it open, it is damaged, it is none), as a sentence that says what to do."""
    return open_problems(database)


def trouble(message: str, database: Path) -> str | None:
    """The sentence for a message of a build that tells of a file or the disk and not of a model."""
    is_of_file = re.search(
        r"IO Error|Errno|Corrupt database file|database has been invalidated|INTERNAL Error|FATAL Error|Serialization Error",
        message,
        flags=re.IGNORECASE,
    )
    return known_sentence(message[is_of_file.start() :], database) if is_of_file else None


class Progress:
    """Prints how far a build is: one changing line on a terminal, elsewhere a line for every hundred nodes, the same in every build."""

    def __init__(self) -> None:
        self.finished = 0

    def __call__(self, event: Any) -> None:
        """Called by dbt for every event of its log."""
        if event.info.name != "NodeFinished":
            return
        self.finished += 1
        if sys.stdout.isatty():
            node = event.data.node_info
            text = f"  {self.finished:4d} done, now at {node.resource_type} {node.node_name}"
            print(f"\r{text[:110]:<110}", end="", flush=True)
        elif self.finished % 100 == 0:
            print(f"  {self.finished:4d} done", flush=True)

    def finish(self) -> None:
        """Ends the changing line."""
        if sys.stdout.isatty():
            print("\r" + " " * 110 + "\r", end="")


def summary(database: Path) -> str:
    """What is in the warehouse, for people: read from the marts of the given DuckDB file."""
    with open_warehouse(database) as connection:

        def one(query: str) -> tuple:
            return connection.execute(query).fetchone()

        users, newest = one("select count(*), max(as_of_date) from marts.users")
        rows, dates, first = one("select count(*), count(distinct as_of_date), min(as_of_date) from features.user_features")
        segments = connection.execute(
            """
            select sizes.segment, sizes.users, sizes.share, segments.label
            from marts.segment_sizes as sizes
            inner join marts.segments as segments using (segment)
            where sizes.as_of_date = sizes.data_through
            order by sizes.users desc, sizes.segment
            """
        ).fetchall()
        rejected, read = one("select coalesce(sum(rows_rejected), 0), coalesce(sum(rows_read), 0) from marts.input_summary")
        reasons = connection.execute(
            """
            select input, reject_reason, count(*) as n from marts.rejected_rows
            group by all order by n desc, input, reject_reason limit 3
            """
        ).fetchall()
        late = connection.execute(
            "select input, late_tool, newest_on, data_through from marts.input_summary where is_holding_back"
        ).fetchall()
        changes = one("select count(*) from marts.source_changes")[0]
        failing = one("select count(*) from marts.segment_scorecard where failing_checks > 0")[0]
        valid_days = project_variables(ROOT)["review_valid_days"]
        due, overdue = one(
            f"select count(*), count(*) filter (where review_age_days >= {2 * valid_days - 1}) "
            "from marts.segment_scorecard where is_review_expired"
        )

    lines = [
        "",
        *(
            [f"Users      {users:,} on {newest}, with {rows:,} rows of features", f"Dates      {dates}, from {first} to {newest}"]
            if newest
            else ["Users      nobody yet: no event of a known user was read. docs/your-data.md says what the inputs hold"]
        ),
        f"Segments   {len(segments)}",
        *(f"             {label:<33} {n:>7,} users  {share or 0:>6.1%}" for _, n, share, label in segments),
        f"Rejected   {rejected:,} of {read:,} input rows"
        + ("" if not reasons else ", most: " + ", ".join(f"{name} {reason} ({n})" for name, reason, n in reasons)),
    ]
    lines += [
        f"Held back  to {day} by {name}{f' from {tool}' if tool else f', whose newest row is of {newest}'}: max_lag_days"
        for name, tool, newest, day in late
    ]
    if changes:
        lines.append(f"Changed    {changes} days differ from the source; `dbt build --full-refresh` reads them again")
    if failing:
        lines.append(f"Review     {failing} segment{'s need' if failing > 1 else ' needs'} attention: marts.segment_scorecard")
    if due:
        said = f"{due} segments are due for review" if due > 1 else "1 segment is due for review"
        lines.append(f"Review     {said}{f', {overdue} of them OVERDUE' if overdue else ''}: make review")
    lines += [
        "",
        f"The warehouse is {os.path.relpath(database)}. Where to look next:",
        "  marts.segment_comparison   how each segment differs from everybody else",
        "  marts.segment_sizes        how it grew, who entered and who left",
        "  marts.users                every user today, with features and segments",
        "  marts.rejected_rows        what could not be used, and why",
    ]
    return "\n".join(lines)


def problems_before(database: Path, published: Path) -> list[str]:
    """What can be known to go wrong before dbt starts, each as a sentence that says what to do."""
    problems = registry_problems(ROOT) + seed_problems(ROOT)
    for folder in dict.fromkeys((database.parent, ROOT / "target", ROOT / "logs", published)):
        problems += folder_problems(folder)
    return problems + (open_problems(database) if not folder_problems(database.parent) else [])


@in_sentences("make build")
def main() -> int:
    """Build, then print the summary; returns the exit status."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--database", type=Path, default=ROOT / "build/warehouse.duckdb")
    parser.add_argument("--project-dir", type=Path, metavar="FOLDER", help="a project that uses this one as a package")
    parser.add_argument("--published", type=Path, help="default: published/, for another database a folder of that name beside it")
    arguments, dbt_arguments = parser.parse_known_args()
    if arguments.project_dir and arguments.project_dir.resolve() != ROOT:
        return build_package_project(arguments.project_dir, dbt_arguments)
    is_default = arguments.database.resolve() == (ROOT / "build/warehouse.duckdb").resolve()
    published = (arguments.published or (ROOT if is_default else arguments.database.parent) / "published").resolve()
    database = arguments.database.resolve()

    if problems := problems_before(database, published):
        print("Stopped before the build:\n" + "\n".join(problems), file=sys.stderr)
        return 2
    with alone(database):
        return build(database, published, dbt_arguments)


def build_package_project(folder: Path, dbt_arguments: list[str]) -> int:
    """`dbt build` of a project that uses this one as a package; returns the exit status."""
    place = place_of(folder)
    if problems := open_problems(place.database):
        raise Refusal(problems[0])
    started = time.monotonic()
    with alone(place.database):
        if not run_dbt(place.database, dbt_arguments, place.folder):
            return 1
    if not dbt_arguments:
        print(summary(place.database))
    print(f"\nDone in {time.monotonic() - started:.0f} s.")
    return 0


def run_dbt(database: Path, dbt_arguments: list[str], folder: Path = ROOT) -> bool:
    """`dbt build` with a line of progress; returns whether all came through. What went wrong is printed, with what to do."""
    os.environ["SEGMENTATION_DATABASE"] = str(database)
    os.chdir(folder)

    from dbt.adapters.duckdb.connections import DuckDBConnectionManager
    from dbt.cli.main import dbtRunner

    from quick_dbt import take_short_cuts

    relax_garbage_collection()
    take_short_cuts()

    print(f"Building {os.path.relpath(database)} …", flush=True)
    progress = Progress()
    result = dbtRunner(callbacks=[progress]).invoke(["--quiet", "build", *dbt_arguments])
    progress.finish()
    # dbt keeps the file open for the life of the process.
    DuckDBConnectionManager.close_all_connections()
    if not result.success:
        if result.exception is not None:
            error = str(result.exception)
            print(cycle_problem(error) or prefix_problem(error) or error, file=sys.stderr)
        messages = [str(result.exception or ""), *(str(run.message or "") for run in getattr(result.result, "results", None) or [])]
        advice = next((known for message in messages if (known := trouble(message, database))), None)
        if advice:
            print(advice, file=sys.stderr)
        print(
            "The build did not finish; what was built before it stopped is unchanged,\nand so is what was published before.",
            file=sys.stderr,
        )
    return bool(result.success)


def build(database: Path, published: Path, dbt_arguments: list[str]) -> int:
    """`dbt build` and what follows; returns the exit status."""
    started = time.monotonic()
    if not run_dbt(database, dbt_arguments):
        return 1
    print(summary(database))
    target = Path(os.environ.get("DBT_TARGET_PATH", "target"))
    if "--target-path" in dbt_arguments[:-1]:
        target = Path(dbt_arguments[dbt_arguments.index("--target-path") + 1])
    try:
        print(f"\n{publish(database, target, published, ROOT / KEY_FILE)}")
        status = 0
    except Refusal as refusal:
        print(f"\nNot published: {refusal}", file=sys.stderr, flush=True)
        status = 0 if dbt_arguments else 1
    size = sum(path.stat().st_size for path in (database, database.with_name(f"{database.name}.wal")) if path.exists())
    print(f"\nDone in {time.monotonic() - started:.0f} s; {os.path.relpath(database)} has {size / 1e6:,.1f} MB.")
    return status


if __name__ == "__main__":
    sys.exit(main())
