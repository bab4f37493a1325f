"""Forget a person and prove it: `make forget-user USER=u0001`.

Runs the operation `forget_user`, which removes the person from every table and from all builds to come; builds, so that every
number is counted anew (and published, where the build publishes); writes the file anew, since DuckDB keeps the bytes of
deleted rows; and then looks for the person in every column of every table of the warehouse and of what is published, and
for the id and the e-mail in the bytes of every file that a build writes.

    python scripts/forget_user.py USER [--email ADDRESS] [--database PATH]

Exit status 0 if nothing is left, 1 if something is or a step failed, 2 for a mistake found before anything was changed.
"""

from __future__ import annotations

import argparse
import os
import re
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

import duckdb

from build import lock_problems

ROOT = Path(__file__).resolve().parent.parent
# What is searched beside the warehouse: what builds, publishing and dbt write.
WRITTEN = ("build", "published", "logs", "target")
# What the macro trimmed_text() cuts from the ends of a text: white space, control and format characters.
EDGE = r"[\pZ\p{Cc}\p{Cf}]"


@dataclass(frozen=True)
class Person:
    """By what somebody is recognised."""

    user_id: str
    emails: tuple[str, ...]

    @property
    def is_distinctive(self) -> bool:
        """Whether the id cannot be mistaken for a number: the rule of the macro _person()."""
        return (len(self.user_id) >= 4 and re.search("[A-Za-z]", self.user_id) is not None) or len(self.user_id) >= 9

    @property
    def words(self) -> list[str]:
        """The texts that stand for nobody else wherever they occur."""
        return [*self.emails, *([self.user_id] if self.is_distinctive else [])]

    def pattern(self) -> re.Pattern[bytes]:
        """Finds one of the words in bytes."""
        words = "|".join(re.escape(word) for word in self.words) or r"(?!)"
        return re.compile(rf"(?<![A-Za-z0-9_])(?:{words})(?![A-Za-z0-9_])".encode(), flags=re.IGNORECASE)


def known_emails(database: Path, user_id: str) -> list[str]:
    """The addresses of a user that no other user has, as the warehouse knows them."""
    with duckdb.connect(str(database), read_only=True) as connection:
        return [
            row[0]
            for row in connection.execute(
                """
                select distinct lower(email) from staging.stg_users__checked
                where user_id = $1 and email is not null
                    and lower(email) not in (
                        select lower(email) from staging.stg_users__checked where user_id != $1 and email is not null
                    )
                order by all
                """,
                [user_id],
            ).fetchall()
        ]


def rewrite(database: Path) -> None:
    """Write a DuckDB file anew beside the old one and put it in its place: only what is in a table is in the new one."""
    following = database.with_name(database.name + ".next")
    following.unlink(missing_ok=True)
    try:
        with duckdb.connect() as connection:
            connection.execute(f"attach {quoted(database)} as old (read_only)")
            connection.execute(f"attach {quoted(following)} as new (storage_version 'v1.0.0')")
            connection.execute("copy from database old to new")
            connection.execute("detach new")
        with following.open("rb+") as file:
            os.fsync(file.fileno())
        shutil.copymode(database, following)
        os.replace(following, database)
    finally:
        following.unlink(missing_ok=True)
    database.with_name(database.name + ".wal").unlink(missing_ok=True)


def quoted(path: Path) -> str:
    """A path as an SQL literal."""
    return "'" + str(path).replace("'", "''") + "'"


def traces(path: Path, person: Person) -> tuple[list[str], int, int]:
    """Where a person stands in a DuckDB or Parquet file, as sentences; how many tables and columns were searched."""
    found: list[str] = []
    with duckdb.connect() as connection:
        if path.suffix == ".parquet":
            connection.execute(f"create view main.file as select * from read_parquet({quoted(path)})")
            listed = "duckdb_columns() where not internal"
        else:
            connection.execute(f"attach {quoted(path)} as searched (read_only)")
            listed = (
                "duckdb_columns() where database_name = 'searched' and (schema_name, table_name) in"
                " (select (schema_name, table_name) from duckdb_tables() where database_name = 'searched')"
            )
        columns: dict[str, list[str]] = {}
        for database, schema, table, column in connection.execute(
            f"select database_name, schema_name, table_name, column_name from {listed} order by all"
        ).fetchall():
            columns.setdefault(f'"{database}"."{schema}"."{table}"', []).append(column)
        for table, names in columns.items():
            counts = connection.execute(f"select {', '.join(held(person, name) for name in names)} from {table}").fetchone()
            place = ".".join(re.findall(r'"([^"]*)"', table)[1:])
            found += [f"{path.name}: {place}.{name}, rows: {count}" for name, count in zip(names, counts) if count]
    return found, len(columns), sum(len(names) for names in columns.values())


def held(person: Person, column: str) -> str:
    """SQL that counts the rows in which a column holds the person."""
    value = f"regexp_replace(cast(\"{column}\" as varchar), '^{EDGE}+|{EDGE}+$', '', 'g')"
    conditions = ["false"]
    if person.is_distinctive or column in ("user_id", "entity_id"):
        conditions.append(f"{value} = {literal(person.user_id)}")
    for word in person.words:
        pattern = rf"(^|[^A-Za-z0-9_]){re.escape(word)}($|[^A-Za-z0-9_])"
        conditions.append(
            f"(contains(lower({value}), {literal(word.lower())}) and regexp_matches({value}, {literal(pattern)}, 'i'))"
        )
    return f"count(*) filter (where {' or '.join(conditions)})"


def literal(text: str) -> str:
    """A text as an SQL literal."""
    return "'" + text.replace("'", "''") + "'"


def written_files(root: Path, database: Path) -> list[Path]:
    """The files that builds write, the warehouse among them."""
    files = {path for folder in WRITTEN for path in (root / folder).rglob("*") if path.is_file()}
    files |= {path for path in database.parent.glob(database.name + "*") if path.is_file()}
    return sorted({path.resolve() for path in files})


def bytes_found(files: list[Path], person: Person) -> list[Path]:
    """The files in whose bytes the id or an e-mail occurs."""
    pattern = person.pattern()
    return [path for path in files if pattern.search(path.read_bytes())]


def run(root: Path, database: Path, user_id: str, emails: list[str]) -> bool:
    """Run the operation; dbt writes the arguments of a run into its log and its target folder, so they go to a folder that vanishes."""
    arguments = f"{{user_id: {yaml_text(user_id)}" + (f", email: {yaml_text(emails[0])}" if emails else "") + "}"
    with tempfile.TemporaryDirectory() as folder:
        result = subprocess.run(
            [
                Path(sys.executable).with_name("dbt"), "--quiet", "--log-level-file", "none", "run-operation", "forget_user",
                "--args", arguments, "--target-path", folder, "--project-dir", root, "--profiles-dir", root,
            ],
            env={**os.environ, "SEGMENTATION_DATABASE": str(database.resolve()), "DBT_SEND_ANONYMOUS_USAGE_STATS": "false"},
            check=False,
        )
    return result.returncode == 0


def yaml_text(text: str) -> str:
    """A text as a YAML scalar."""
    return "'" + text.replace("'", "''") + "'"


def main() -> int:
    """Forget, build, write anew, search; returns the exit status."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("user", metavar="USER", help="id of the user, exactly as in the inputs")
    parser.add_argument("--email", help="an address of the person that the inputs do not give (any more)")
    parser.add_argument("--database", type=Path, default=ROOT / "build/warehouse.duckdb")
    arguments = parser.parse_args()
    database, user_id = arguments.database, arguments.user.strip()
    given = [arguments.email.strip().lower()] if arguments.email else []
    if not user_id:
        print("Say whom: make forget-user USER=u0001", file=sys.stderr)
        return 2
    if not database.exists():
        print(f"There is no {os.path.relpath(database)}. Build it first: make build", file=sys.stderr)
        return 2
    if problems := lock_problems(database):
        print("\n".join(problems), file=sys.stderr)
        return 2
    try:
        person = Person(user_id, tuple(dict.fromkeys([*known_emails(database, user_id), *given])))
    except duckdb.CatalogException as error:
        print(f"{os.path.relpath(database)} is no warehouse, or an old one: {error}\nBuild it first: make build", file=sys.stderr)
        return 2

    print("1 of 4  Removing the person from every table …", flush=True)
    if not run(ROOT, database, user_id, given):
        print("Nothing was forgotten completely: read the message above, then run this again.", file=sys.stderr)
        return 1
    print("2 of 4  Building, so that every number is counted anew …", flush=True)
    built = subprocess.run([sys.executable, ROOT / "scripts/build.py", "--database", database], check=False).returncode == 0
    print("3 of 4  Writing the file anew, without the bytes of deleted rows …", flush=True)
    try:
        rewrite(database)
    except (OSError, duckdb.Error) as error:
        print(f"{os.path.relpath(database)} could not be written anew: {error}\nIt needs as much free space as the file is large. The person "
              "is out of the tables, but bytes may be left: make room, then run this again.", file=sys.stderr)
        return 1
    print("4 of 4  Looking for the person …", flush=True)
    left = search(ROOT, database, person)
    inputs = bytes_found(sorted((ROOT / "seeds").rglob("*.csv")), person)
    if inputs:
        print("Your own files still hold the person. Builds leave those rows out; delete them all the same:")
        print("\n".join(f"  {path.relative_to(ROOT)}" for path in inputs))
    if not built:
        print("The build failed: the person is out of the warehouse, but what is published is that of before. Repair the build, "
              "then run this again.", file=sys.stderr)
        return 1
    if left:
        print("STILL THERE:\n" + "\n".join(f"  {line}" for line in left), file=sys.stderr)
        if any(": state." in line for line in left):
            print("What is in the schema state waits for the next delivery: it tells a destination whom to remove. Deliver (make audiences), "
                  "then run this again.", file=sys.stderr)
        return 1
    print("Nothing is left of the person.")
    return 0


def search(root: Path, database: Path, person: Person) -> list[str]:
    """Look everywhere, print where, and return what was found as sentences."""
    files = written_files(root, database)
    left: list[str] = []
    for path in files:
        if path.suffix in (".duckdb", ".parquet"):
            found, tables, columns = traces(path, person)
            left += found
            print(f"  {os.path.relpath(path)}: {tables} tables, {columns} columns: {'found' if found else 'nothing'}")
    held_in = bytes_found(files, person)
    left += [f"{os.path.relpath(path)}: in the bytes of the file" for path in held_in]
    looked_for = "the e-mail and the id" if person.is_distinctive else "the e-mail (the id is too short to be told from a number)"
    print(f"  {len(files)} files below {', '.join(WRITTEN)}: {looked_for} in the bytes of {len(held_in)}")
    return left


if __name__ == "__main__":
    sys.exit(main())
