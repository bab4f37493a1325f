"""Forget a person and prove it: `make forget-user USER=u0001`.

Runs the operation `forget_user`, which removes the person from every table and from all builds to come; builds, so that every
number is counted anew (and published, where the build publishes); writes the file anew, since DuckDB keeps the bytes of
deleted rows; and then looks for the person in every column of every table of the warehouse and of what is published, and
for the id, the e-mail and their SHA-256 in the bytes of every file that a build writes, packed ones and UTF-16 included.

    python scripts/forget_user.py [USER] [--email ADDRESS] [--database PATH]

Without USER the id is read from the environment (FORGET_USER, and FORGET_EMAIL, FORGET_DATABASE): so no shell reads what somebody typed.

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
from pathlib import Path

import duckdb

from build import lock_problems
from checking.database import MAGIC, in_sentences, only_row, open_warehouse, sentence
from checking.person import Person, lower_address, trimmed, where_in

ROOT = Path(__file__).resolve().parent.parent
# What the macro trimmed_text() cuts from the ends of a text: white space, control and format characters.
BLANK_ENDS = r"^[\pZ\p{Cc}\p{Cf}]+|[\pZ\p{Cc}\p{Cf}]+$"
# What is searched beside the warehouse: what builds, publishing and dbt write.
WRITTEN = ("build", "published", "logs", "target")


# The macro lower_address() as SQL.
LOWER = "case when regexp_matches(email, '[\\x{0130}\\x{212A}]') then translate(email, 'ABCDEFGHIJKLMNOPQRSTUVWXYZ', 'abcdefghijklmnopqrstuvwxyz') else lower(email) end"


def known_emails(database: Path, user_id: str) -> list[str]:
    """The addresses of a user that no other user has, as the warehouse knows them."""
    with open_warehouse(database) as connection:
        return [
            row[0]
            for row in connection.execute(
                f"""
                with addresses as (select user_id, {LOWER} as email from staging.stg_users__checked where email is not null)

                select distinct email from addresses
                where user_id = $1 and email not in (select email from addresses where user_id != $1)
                order by all
                """,
                [user_id],
            ).fetchall()
        ]


def ids_of_person(database: Path, user_id: str) -> list[str]:
    """The id with all that were merged with it, the survivor last: as long as an absorbed user is there, its row names the survivor."""
    with open_warehouse(database) as connection:
        return [
            row[0]
            for row in connection.execute(
                """
                with
                merges as (select * from staging.user_merges where refused_because is null),
                survivors as (
                    select coalesce(max(survivor_id) filter (where valid_to_date is null), $1) as survivor_id from merges
                    where user_id = $1
                ),
                ids as (
                    select user_id from merges where survivor_id in (select survivor_id from survivors)
                    union
                    select survivor_id from survivors
                )

                select ids.user_id, count(merges.user_id) as absorbed
                from ids
                left join merges on ids.user_id = merges.survivor_id
                group by ids.user_id
                order by absorbed, ids.user_id
                """,
                [user_id],
            ).fetchall()
        ]


def known_person(database: Path, user_id: str, given: list[str]) -> Person:
    """By what the warehouse recognizes a user."""
    person = Person(user_id, tuple(dict.fromkeys([*known_emails(database, user_id), *given])))
    with open_warehouse(database) as connection:
        rows = connection.execute(
            """
            select email_sha256, google_email_sha256 from staging.stg_users__addresses
            where user_id != $1 and (list_contains($2, email_sha256) or list_contains($2, google_email_sha256))
            """,
            [user_id, person.hashes],
        ).fetchall()
    return Person(person.user_id, person.emails, frozenset(digest for row in rows for digest in row))


def rewrite(database: Path) -> None:
    """Write a DuckDB file anew beside the old one and put it in its place: only what is in a table is in the new one."""
    following = database.with_name(database.name + ".next")
    leftover = following.with_name(following.name + ".wal")
    for path in (following, leftover):
        path.unlink(missing_ok=True)
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
        for path in (following, leftover):
            path.unlink(missing_ok=True)
    database.with_name(database.name + ".wal").unlink(missing_ok=True)


def quoted(path: Path) -> str:
    """A path as an SQL literal."""
    return "'" + str(path).replace("'", "''") + "'"


def kind(path: Path) -> str:
    """Whether a file is one of DuckDB or Parquet, by its content: a name can be anything."""
    with path.open("rb") as file:
        head = file.read(MAGIC[0] + len(MAGIC[1]))
    return "duckdb" if head[MAGIC[0] :] == MAGIC[1] else "parquet" if head[:4] == b"PAR1" else "other"


def suppression_tables(root: Path) -> frozenset[str]:
    """The list of people to whom nothing is sent: it has to know them by a hash, also after they were forgotten."""
    import yaml

    from registries import set_variables

    try:
        place = set_variables(root).get("audience_suppressions")
    except (OSError, yaml.YAMLError, AttributeError):
        return frozenset()
    name = place.get("table") if isinstance(place, dict) else place
    return frozenset([name] if isinstance(name, str) else [])


def traces(path: Path, person: Person, keeping: frozenset[str] = frozenset()) -> tuple[list[str], int, int]:
    """Where a person stands in a DuckDB or Parquet file, as sentences; how many tables and columns were searched.

    `keeping`: tables that may keep hashes of the person.
    """
    found: list[str] = []
    with duckdb.connect() as connection:
        if kind(path) == "parquet":
            connection.execute(f"create view main.file as select * from read_parquet({quoted(path)})")
            listed = "duckdb_columns() where not internal"
        else:
            connection.execute(f"attach {quoted(path)} as searched (read_only)")
            listed = (
                "duckdb_columns() where database_name = 'searched' and (schema_name, table_name) in"
                " (select (schema_name, table_name) from duckdb_tables() where database_name = 'searched')"
            )
        columns: dict[str, list[tuple[str, bool]]] = {}
        for database, schema, table, column, is_number in connection.execute(
            f"select database_name, schema_name, table_name, column_name, {IS_NUMBER} from {listed} order by all"
        ).fetchall():
            columns.setdefault(".".join('"' + part.replace('"', '""') + '"' for part in (database, schema, table)), []).append(
                (column, is_number)
            )
        for table, names in columns.items():
            place = ".".join(re.findall(r'"((?:[^"]|"")*)"', table)[1:]).replace('""', '"')
            with_hashes = place.split(".")[-1] not in keeping
            counts = only_row(
                connection.execute(
                    f"select {', '.join(held(person, name, with_hashes, is_number) for name, is_number in names)} from {table}"
                )
            )
            found += [f"{path.name}: {place}.{name}, rows: {count}" for (name, _), count in zip(names, counts) if count]
    return found, len(columns), sum(len(names) for names in columns.values())


# A number, a date or a truth value: it can be an id and holds no text.
IS_NUMBER = r"regexp_matches(data_type, '^(U?(TINY|SMALL|BIG|HUGE)?INT(EGER)?|DOUBLE|FLOAT|DECIMAL.*|BOOLEAN|DATE|TIME.*|INTERVAL)$')"


def held(person: Person, column: str, with_hashes: bool = True, is_number: bool = False) -> str:
    """SQL that counts the rows in which a column holds the person."""
    name = '"' + column.replace('"', '""') + '"'
    value = f"trim(cast({name} as varchar))"
    conditions = ["false"]
    if person.is_distinctive or column in ("user_id", "entity_id"):
        conditions.append(f"{value} = {literal(person.user_id)}")
    if is_number:
        return f"count(*) filter (where {' or '.join(conditions)})"
    if column in ("user_id", "entity_id"):
        conditions.append(
            f"(contains({value}, {literal(person.user_id)}) and regexp_replace({value}, '{BLANK_ENDS}', '', 'g') = {literal(person.user_id)})"
        )
    for word in person.words:
        pattern = rf"(^|[^A-Za-z0-9_]){re.escape(word)}($|[^A-Za-z0-9_])"
        conditions.append(f"(contains(lower({value}), {literal(word.lower())}) and regexp_matches({value}, {literal(pattern)}, 'i'))")
    if with_hashes:
        # Hexadecimal in large and small letters; base64 as it is. A column of bytes is read as hexadecimal.
        texts = [f"contains(lower({value}), '{text}')" if len(text) == 64 else f"contains({value}, '{text}')" for text in person.hashes]
        texts += [f"contains({value}, {literal(bytes_as_text(digest))})" for digest in person.digests]
        conditions.append(f"(length({value}) >= 32 and ({' or '.join(texts)}))")
    return f"count(*) filter (where {' or '.join(conditions)})"


def bytes_as_text(digest: bytes) -> str:
    """Bytes as DuckDB casts a BLOB to text."""
    return "".join(chr(byte) if 32 <= byte <= 126 and chr(byte) not in "\\'\"" else f"\\x{byte:02X}" for byte in digest)


def literal(text: str) -> str:
    """A text as an SQL literal."""
    return "'" + text.replace("'", "''") + "'"


def written_files(root: Path, database: Path) -> list[Path]:
    """The files that builds write, the warehouse among them."""
    folders = [*(root / folder for folder in WRITTEN), database.parent / "published"]
    files = {path for folder in folders for path in folder.rglob("*") if path.is_file()}
    files |= {path for path in database.parent.glob(database.name + "*") if path.is_file()}
    return sorted({path.resolve() for path in files})


def bytes_found(files: list[Path], person: Person) -> list[Path]:
    """The files in whose bytes, packed or not, the id, an e-mail or a hash of them occurs."""
    return [path for path in files if where_in(path, person) is not None]


def run(root: Path, database: Path, user_id: str, emails: list[str]) -> bool:
    """Run the operation; dbt writes the arguments of a run into its log and its target folder, so they go to a folder that vanishes."""
    arguments = f"{{user_id: {yaml_text(user_id)}" + (f", email: {yaml_text(emails[0])}" if emails else "") + "}"
    with tempfile.TemporaryDirectory() as folder:
        result = subprocess.run(
            [
                Path(sys.executable).with_name("dbt"),
                "--quiet",
                "--log-level-file",
                "none",
                "run-operation",
                "forget_user",
                "--args",
                arguments,
                "--target-path",
                folder,
                "--project-dir",
                root,
                "--profiles-dir",
                root,
            ],
            env={**os.environ, "SEGMENTATION_DATABASE": str(database.resolve()), "DBT_SEND_ANONYMOUS_USAGE_STATS": "false"},
            check=False,
        )
    return result.returncode == 0


def yaml_text(text: str) -> str:
    """A text as a YAML scalar that is this text whatever is in it: 0123, true, a line break, a quote, a letter beyond ASCII."""
    return '"' + "".join(sign if " " <= sign <= "~" and sign not in '"\\' else f"\\U{ord(sign):08X}" for sign in text) + '"'


@in_sentences("make forget-user")
def main() -> int:
    """Forget, build, write anew, search; returns the exit status."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("user", metavar="USER", nargs="?", help="id of the user, as in the inputs; default: FORGET_USER of the environment")
    parser.add_argument("--email", help="an additional address of the person that is not in the inputs")
    parser.add_argument("--database", type=Path)
    arguments = parser.parse_args()
    database = arguments.database or Path(os.environ.get("FORGET_DATABASE") or ROOT / "build/warehouse.duckdb")
    user_id = trimmed(os.environ.get("FORGET_USER", "") if arguments.user is None else arguments.user)
    email = os.environ.get("FORGET_EMAIL", "") if arguments.user is None and arguments.email is None else arguments.email or ""
    given = [lower_address(trimmed(email))] if trimmed(email) else []
    if not user_id:
        print("Usage: make forget-user USER=u0001", file=sys.stderr)
        return 2
    for text in (user_id, *given):
        if any(0xD800 <= ord(sign) <= 0xDFFF for sign in text):
            print("The id or the email is not in UTF-8. Set the terminal to UTF-8 (locale), then type it again.", file=sys.stderr)
            return 2
    if not database.exists():
        print(f"{os.path.relpath(database)} does not exist. Build it first: make build", file=sys.stderr)
        return 2
    if problems := lock_problems(database):
        print("\n".join(problems), file=sys.stderr)
        return 2
    try:
        # Each id as a person of its own: the given address is that of the id which was asked for.
        people = [known_person(database, each, given if each == user_id else []) for each in ids_of_person(database, user_id)]
    except duckdb.CatalogException as error:
        print(
            f"{os.path.relpath(database)} is not a warehouse, or is an old one: {str(error).splitlines()[0]}\nBuild it first: make build",
            file=sys.stderr,
        )
        return 2

    print("1 of 4  Removing the person from every table …", flush=True)
    if len(people) > 1:
        print(f"  {len(people)} ids were merged: all of them are forgotten.", flush=True)
    for person in people:
        if not run(ROOT, database, person.user_id, given if person.user_id == user_id else []):
            print("Nothing was forgotten completely: read the message above, then run this again.", file=sys.stderr)
            return 1
    print("2 of 4  Rebuilding, so that every number is recounted …", flush=True)
    built = subprocess.run([sys.executable, ROOT / "scripts/build.py", "--database", database], check=False).returncode == 0
    print("3 of 4  Rewriting the file without the bytes of deleted rows …", flush=True)
    try:
        rewrite(database)
    except (OSError, duckdb.Error) as error:
        print(
            f"{os.path.relpath(database)} could not be rewritten: {sentence(error, database)}\nIt needs as much free space as the file is large. The person "
            "is out of the tables, but bytes may be left: free some space, then run this again.",
            file=sys.stderr,
        )
        return 1
    for line in renew_pages(published_folder(database)):
        print(f"  {line}")
    print("4 of 4  Looking for the person …", flush=True)
    left = list(dict.fromkeys(line for person in people for line in search(ROOT, database, person)))
    seeds = sorted(path for path in (ROOT / "seeds").rglob("*") if path.is_file())
    inputs = sorted({path for person in people for path in bytes_found(seeds, person)})
    if inputs:
        print("Your own files still hold the person. Builds skip those rows, but delete them anyway:")
        print("\n".join(f"  {path.relative_to(ROOT)}" for path in inputs))
    if not built:
        print(
            "The build failed: the person is out of the warehouse, but the published files are still the old ones. Fix the build, "
            "then run this again.",
            file=sys.stderr,
        )
        return 1
    if left:
        print("STILL THERE:\n" + "\n".join(f"  {line}" for line in left), file=sys.stderr)
        print("What to do:\n" + "\n".join(f"  {line}" for line in what_to_do(left, database)), file=sys.stderr)
        return 1
    print("Nothing is left of the person.")
    return 0


def published_folder(database: Path) -> Path:
    """Where scripts/build.py publishes this warehouse."""
    is_default = database.resolve() == (ROOT / "build/warehouse.duckdb").resolve()
    return (ROOT if is_default else database.resolve().parent) / "published"


# What only a page of scripts/report.py has in its head.
REPORT = b"<title>User segments through "


def renew_pages(folder: Path) -> list[str]:
    """Draw the reports anew that still count the person, or remove them; what was done, as sentences.

    A page and a Parquet folder are copies of what was published before: `make build` does not touch them.
    """
    from publish import AGGREGATES_FILE
    from refusal import Refusal
    from report import reporting_currency
    from reporting.page import write

    done = []
    for path in sorted(folder.rglob("*.html")):
        if path.is_symlink() or REPORT not in path.read_bytes()[:4096]:
            continue
        published = folder / AGGREGATES_FILE
        if published.exists() and published.stat().st_mtime >= path.stat().st_mtime:
            try:
                write(published, path, reporting_currency(ROOT))
                done.append(f"{os.path.relpath(path)} was redrawn.")
                continue
            except (Refusal, OSError, duckdb.Error):
                pass
        path.unlink()
        done.append(f"{os.path.relpath(path)} still counted the person and was removed. `make report` rewrites it.")
    link = folder / "parquet"
    copies = [path for path in folder.glob("parquet-*") if path.is_dir() and not path.is_symlink()]
    if copies:
        link.unlink(missing_ok=True) if link.is_symlink() else None
        for path in copies:
            shutil.rmtree(path)
        done.append(f"{os.path.relpath(link)} still counted the person and was removed. `scripts/publish.py --parquet` rewrites it.")
    return done


# By the beginning of a path: what to do with what is still there.
ADVICE = {
    "logs": "Delete the files in logs/: dbt writes new ones and does not read the old ones.",
    "target": "Delete target/: the next build rewrites it.",
    "published/audiences": "Delivery files: upload them if you have not yet, then `make audiences CLEAN=1`.",
    "published": "Published files: `make build` republishes, `make report` and `scripts/publish.py --parquet` rewrite the copies; delete the rest.",
    "build": "Files in build/ that builds do not write are copies: forget the person there too (`make forget-user USER=… DATABASE=build/<file>`), or delete them.",
}


def what_to_do(left: list[str], database: Path) -> list[str]:
    """What to do with each kind of trace, as sentences."""
    advice = []
    for line in left:
        place, _, where = line.partition(": ")
        if place == database.name and where.startswith("state."):
            advice.append(
                "The schema state still lists the person for removal at a destination. Deliver (make audiences), then run this again."
            )
        elif place in (database.name, os.path.relpath(database)):
            advice.append(
                f"The warehouse {os.path.relpath(database)}: run this again. If a table does not belong to a model, `delete from` it by hand in the DuckDB client."
            )
        else:
            inside = os.path.relpath(Path(place).resolve() if "/" in place else ROOT / "build" / place, ROOT)
            advice.append(
                next(
                    (text for folder, text in ADVICE.items() if inside.startswith(folder)), f"Delete {place}, or the person's lines in it."
                )
            )
    return list(dict.fromkeys(advice))


def search(root: Path, database: Path, person: Person) -> list[str]:
    """Look everywhere, print where, and return what was found as sentences."""
    files = written_files(root, database)
    keeping = suppression_tables(root)
    left: list[str] = []
    kept = set()
    for path in files:
        if kind(path) == "other":
            continue
        try:
            found, tables, columns = traces(path, person, keeping)
            if keeping and len(traces(path, person)[0]) > len(found):
                kept.add(path)
        except duckdb.Error as error:
            left.append(f"{os.path.relpath(path)}: cannot be searched, so the result is unknown: {sentence(error, path)}")
            continue
        left += found
        print(f"  {os.path.relpath(path)}: {tables} tables, {columns} columns: {'found' if found else 'nothing'}")
    if kept:
        print("  The suppression list keeps a hash of the person, so that nothing is sent.")
    held_in = 0
    for path in files:
        how = where_in(
            path, Person(person.user_id, person.emails, frozenset(digest.hex() for digest in person.digests)) if path in kept else person
        )
        if how is not None:
            held_in += 1
            left.append(f"{os.path.relpath(path)}: in the bytes of the file" + (f", packed ({how})" if how else ""))
    looked_for = "the email and the id" if person.is_distinctive else "the email (the id is too short to distinguish from a number)"
    print(f"  {len(files)} files below {', '.join(WRITTEN)}: {looked_for}, and their SHA-256, in the bytes of {held_in}")
    return left


if __name__ == "__main__":
    sys.exit(main())
