"""Publish the marts of the last build: `make publish`, and the last step of `make build`.

Writes published/segmentation.duckdb (aggregates; small counts withheld) and published/segmentation_users.duckdb (single users
under pseudonyms). Nothing is published unless one whole `dbt build` of this very file came through with all its tests; then
both files are written whole beside the old ones and put in their place, so that readers never see half of one. docs/privacy.md
says what is withheld.

    python scripts/publish.py [--project-dir FOLDER] [--database PATH] [--target PATH] [--published PATH] [--parquet]

--project-dir names a project that uses this one as a package; its published/ is written.

Exit status 0 if the marts were published, 1 if not: then the files that were published before are as they were.
"""

from __future__ import annotations

import argparse
import contextlib
import dataclasses
import datetime
import hashlib
import os
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from checking.database import file_problems, in_sentences, known_sentence, only_row
from project_place import add_project, place_of
from publishing import aggregates, continuity, files, readiness
from publishing.declarations import Aggregates, Publication, Users
from publishing.files import Column, Table, literal, quoted
from publishing.marts import MARTS
from publishing.pseudonyms import pseudonym_sql, read_key
from refusal import Refusal

ROOT = Path(__file__).resolve().parent.parent
AGGREGATES_FILE = "segmentation.duckdb"
USERS_FILE = "segmentation_users.duckdb"
# Not under build/, which `make clean` empties: with another key everybody would have another pseudonym.
KEY_FILE = ".pseudonym_key"
LOG = "publish_log"
LOG_COLUMNS = (
    Column("run_id", "VARCHAR", True, "invocation_id of the dbt build that is published."),
    Column("project_hash", "VARCHAR", True, "Hash of all models, seeds, tests and macros: equal if the project was the same."),
    Column("min_cell_users", "BIGINT", True, "Counts of fewer users were withheld."),
    Column("tables", "BIGINT", True, "Marts in segmentation.duckdb."),
    Column("rows", "BIGINT", True, "Rows of these marts."),
    Column("suppressed_fields", "BIGINT", True, "Fields of these rows that were withheld."),
    Column("user_tables", "BIGINT", True, "Marts in segmentation_users.duckdb."),
    Column("user_rows", "BIGINT", True, "Rows of these marts."),
    Column("data_through", "DATE", False, "Last complete day in the data (UTC)."),
    Column(
        "is_provisional",
        "BOOLEAN",
        False,
        "True for the last `make refresh`: the file of users alone, with a day that is not over. NULL before there was one.",
    ),
    Column("published_at", "TIMESTAMP", True, "When it was published (UTC)."),
)


@dataclass(frozen=True)
class Published:
    """What was published, for people."""

    folder: Path
    minimum: int
    row: dict[str, Any]
    parquet: Path | None

    def __str__(self) -> str:
        log = self.row
        folder = os.path.relpath(self.folder)
        lines = [
            f"Published  {folder}/{AGGREGATES_FILE}: {log['tables']} marts, {log['rows']:,} rows; "
            f"{log['suppressed_fields']:,} fields withheld, so that no count below {self.minimum} users shows",
            f"           {folder}/{USERS_FILE}: {log['user_tables']} marts, {log['user_rows']:,} rows under pseudonyms, "
            "for your eyes alone",
        ]
        if self.parquet:
            lines.append(f"           {folder}/{self.parquet.name}/: the aggregate marts as Parquet")
        return "\n".join(lines)


@dataclass(frozen=True)
class Refreshed:
    """What a refresh published, for people."""

    folder: Path
    row: dict[str, Any]
    kept: int

    def __str__(self) -> str:
        return (
            f"Published  {os.path.relpath(self.folder)}/{USERS_FILE}: {self.row['user_tables']} marts, {self.row['user_rows']:,} rows up to "
            f"{self.row['data_through']}, a day that is not over; {self.kept} marts and {AGGREGATES_FILE} are those of the last `make build`"
        )


def publish(
    database: Path, target: Path, folder: Path, key_file: Path, with_parquet: bool = False, declared: dict[str, Publication] = MARTS
) -> Published:
    """Publishes the marts of a build; raises Refusal if they may not or cannot be, with everything left as it was."""
    build = readiness.read_build(target)
    readiness.check_declared(build, declared)
    readiness.check_results(build, declared)
    with attached(database, folder) as connection:
        variables = readiness.check_warehouse(connection, build, database)
        readiness.check_vanished(connection, build)
        with files.publishing_folder(folder):
            check_continuity(connection, build, folder, variables.limits, declared)
            return write_publication(connection, build, folder, key_file, variables.min_cell_users, with_parquet, declared)


def publish_users(database: Path, target: Path, folder: Path, key_file: Path, declared: dict[str, Publication] = MARTS) -> Refreshed:
    """Publishes the marts of single users that a refresh has built, in the file of users alone; the tables that it has not built stay as
    they are there. Raises Refusal if they may not or cannot be, with everything left as it was."""
    build = readiness.read_build(target)
    _, statuses = readiness.check_success(build)
    marts = {
        name: node
        for name, node in build.marts().items()
        if isinstance(declared.get(name), Users) and statuses.get(node["unique_id"]) == "success"
    }
    if not (folder / USERS_FILE).exists():
        raise Refusal(f"{folder / USERS_FILE} does not exist: nothing was published before that this could go on from. {readiness.AGAIN}")
    with attached(database, folder) as connection:
        variables = readiness.check_warehouse(connection, build, database, is_refresh=True)
        readiness.check_vanished(connection, build)
        with files.publishing_folder(folder):
            check_continuity(connection, build, folder, variables.limits, declared, set(marts))
            return write_users(connection, build, folder, key_file, variables.min_cell_users, marts, declared)


@contextlib.contextmanager
def attached(database: Path, folder: Path) -> Iterator[Any]:
    """A connection with the database attached as `warehouse`, to be read. What is wrong with a file or the disk becomes a Refusal."""
    import duckdb

    if problems := file_problems(database):
        raise Refusal(" ".join(problems))
    if not database.exists():
        raise Refusal(f"{database} does not exist. {readiness.AGAIN}")
    try:
        with duckdb.connect() as connection:
            connection.execute("set TimeZone = 'UTC'")
            connection.execute(f"set temp_directory = {literal(str(database) + '.publish.tmp')}")
            try:
                connection.execute(f"attach {literal(str(database))} as warehouse (read_only)")
            except duckdb.IOException as error:
                if "lock" not in str(error).lower():
                    raise
                raise Refusal(
                    f"{database} is being written by another process. Wait until it is done, then run `make publish`.\n{error}"
                ) from None
            yield connection
    except (OSError, duckdb.Error) as error:
        if known := damage(error, database, folder):
            raise Refusal(known) from error
        raise Refusal(
            f"Writing to {folder} failed; the files published before are unchanged. Free some space or fix the cause, then run "
            f"`make publish`.\n{error}"
        ) from error


def check_continuity(
    connection: Any,
    build: readiness.Build,
    folder: Path,
    limits: continuity.Limits,
    declared: dict[str, Publication] = MARTS,
    names: set[str] | None = None,
) -> None:
    """The build must go on from what is published in the folder, or be accepted. With `names` these marts alone are of it."""
    before = continuity.published_before(connection, folder / AGGREGATES_FILE, folder / USERS_FILE)
    users = build.marts().get("users")
    now = continuity.State(
        readiness.data_through(connection, build, declared, names),
        continuity.active_users(connection, f"warehouse.{quoted(users['schema'])}.{quoted(users['alias'])}") if users else None,
    )
    continuity.check(before, now, limits)


def damage(error: Exception, database: Path, folder: Path) -> str | None:
    """The sentence for a warehouse that cannot be read; None if the trouble is where we write."""
    text = str(error)
    is_of_folder = isinstance(error, OSError) or str(folder) in text
    known = None if is_of_folder else known_sentence(text, database)
    return known if known and " is damaged" in known else None


def write_publication(
    connection: Any,
    build: readiness.Build,
    folder: Path,
    key_file: Path,
    minimum: int,
    with_parquet: bool = False,
    declared: dict[str, Publication] = MARTS,
) -> Published:
    """Publishes the marts of the attached database `warehouse`, of which everything else has been checked."""
    day = readiness.data_through(connection, build, declared)
    marts = build.marts()
    aggregate = {name: known_by(day, mart) for name in sorted(marts) if isinstance(mart := declared[name], Aggregates)}
    check_columns(connection, marts, aggregate)
    suppressed = aggregates.prepare(connection, {name: (marts[name]["schema"], mart) for name, mart in aggregate.items()}, minimum)
    check_sums(suppressed)
    aggregate_tables = [aggregate_table(connection, marts[name], mart) for name, mart in aggregate.items()]
    key = read_key(key_file)
    user_tables = [user_table(connection, marts[name], mart, key) for name in sorted(marts) if isinstance(mart := declared[name], Users)]

    def rows(tables: list[Table]) -> int:
        return sum(connection.execute(f"select count(*) from ({table.sql})").fetchone()[0] for table in tables)

    row = {
        "run_id": build.invocation_id,
        "project_hash": project_hash(build),
        "min_cell_users": minimum,
        "tables": len(aggregate_tables),
        "rows": rows(aggregate_tables),
        "suppressed_fields": sum(suppressed.fields.values()),
        "user_tables": len(user_tables),
        "user_rows": rows(user_tables),
        "data_through": day,
        "is_provisional": False,
        "published_at": datetime.datetime.now(datetime.UTC).replace(tzinfo=None),
    }
    log = log_table(connection, folder, row)
    pairs = [
        (files.write_next(connection, folder / AGGREGATES_FILE, [*aggregate_tables, log], files.AGGREGATES_MODE), folder / AGGREGATES_FILE),
        (files.write_next(connection, folder / USERS_FILE, [*user_tables, log], files.USERS_MODE), folder / USERS_FILE),
    ]
    parquet = files.write_parquet(connection, folder, build.invocation_id, [*aggregate_tables, log]) if with_parquet else None
    files.swap(pairs)
    if parquet:
        parquet = files.swap_parquet(parquet, build.invocation_id)
    return Published(folder, minimum, row, parquet)


def write_users(
    connection: Any,
    build: readiness.Build,
    folder: Path,
    key_file: Path,
    minimum: int,
    marts: dict[str, dict[str, Any]],
    declared: dict[str, Publication] = MARTS,
) -> Refreshed:
    """Publishes these marts of the attached database `warehouse` in the file of users, of which everything else has been checked."""
    key = read_key(key_file)
    connection.execute("create schema if not exists memory.publish")
    tables = [user_table(connection, node, mart, key) for name, node in sorted(marts.items()) if isinstance(mart := declared[name], Users)]
    rows = sum(only_row(connection.execute(f"select count(*) from ({table.sql})"))[0] for table in tables)
    row = {
        "run_id": build.invocation_id,
        "project_hash": project_hash(build),
        "min_cell_users": minimum,
        "tables": 0,
        "rows": 0,
        "suppressed_fields": 0,
        "user_tables": len(tables),
        "user_rows": rows,
        "data_through": readiness.data_through(connection, build, declared, set(marts)),
        "is_provisional": True,
        "published_at": datetime.datetime.now(datetime.UTC).replace(tzinfo=None),
    }
    log = log_table(connection, folder, row)
    connection.execute(f"attach {literal(str(folder / USERS_FILE))} as kept (read_only)")
    others = [table for table in tables_of(connection, "kept") if table.name not in marts and isinstance(declared.get(table.name), Users)]
    files.swap([(files.write_next(connection, folder / USERS_FILE, [*tables, *others, log], files.USERS_MODE), folder / USERS_FILE)])
    return Refreshed(folder, row, len(others))


def tables_of(connection: Any, database: str) -> list[Table]:
    """The tables in the schema marts of an attached file that was published, as they are."""
    columns: dict[str, list[Column]] = {}
    for table, name, kind, is_nullable, comment in connection.execute(
        """
        select table_name, column_name, data_type, is_nullable, comment from duckdb_columns()
        where database_name = ? and schema_name = 'marts' order by table_name, column_index
        """,
        [database],
    ).fetchall():
        columns.setdefault(table, []).append(Column(name, kind, not is_nullable, comment))
    keys = dict(
        connection.execute(
            """
            select table_name, constraint_column_names from duckdb_constraints()
            where database_name = ? and schema_name = 'marts' and constraint_type = 'PRIMARY KEY'
            """,
            [database],
        ).fetchall()
    )
    comments = dict(
        connection.execute(
            "select table_name, comment from duckdb_tables() where database_name = ? and schema_name = 'marts'", [database]
        ).fetchall()
    )
    return [
        Table(name, f"select * from {database}.marts.{quoted(name)}", tuple(parts), tuple(keys.get(name, ())), comments.get(name))
        for name, parts in columns.items()
    ]


def known_by(day: datetime.date | None, mart: Aggregates) -> Aggregates:
    """The declaration of a mart; of a mart of state without rows that were added after the day."""
    if not mart.is_state:
        return mart
    bound = "false" if day is None else f"data_through <= date '{day}'"
    return dataclasses.replace(mart, rows=f"({mart.rows}) and {bound}")


def privacy_of(node: dict[str, Any]) -> dict[str, str]:
    """The columns of a model that are tagged personal or sensitive, and those traits of the project's own that are."""
    tags = {
        name: column.get("config", {}).get("meta", {}).get("privacy") or column.get("meta", {}).get("privacy")
        for name, column in node["columns"].items()
    }
    meta = node.get("config", {}).get("meta") or node.get("meta") or {}
    return {name: tag for name, tag in {**meta.get("private_traits", {}), **tags}.items() if tag}


def stored_columns(connection: Any, node: dict[str, Any]) -> list[tuple[str, str, bool, str | None]]:
    """The columns of a mart in the warehouse: name, type, whether its model declares it NOT NULL, comment."""
    columns = connection.execute(
        """
        select column_name, data_type, comment from duckdb_columns()
        where database_name = 'warehouse' and schema_name = ? and table_name = ? order by column_index
        """,
        [node["schema"], node["alias"]],
    ).fetchall()
    return [(name, kind, declares(node["columns"].get(name, {}), "not_null") is not None, comment) for name, kind, comment in columns]


def declares(entry: dict[str, Any], kind: str) -> dict[str, Any] | None:
    """The constraint of a kind that a model or column declares, whether the warehouse enforces it or not."""
    return next((constraint for constraint in entry.get("constraints") or [] if constraint["type"] == kind), None)


def primary_key(node: dict[str, Any]) -> tuple[str, ...]:
    """The columns of the primary key that a mart declares; none without one."""
    return tuple((declares(node, "primary_key") or {}).get("columns", ()))


def comment_of(connection: Any, node: dict[str, Any]) -> str | None:
    """The comment of a mart in the warehouse."""
    return connection.execute(
        """
        select comment from (
            select database_name, schema_name, table_name, comment from duckdb_tables()
            union all
            select database_name, schema_name, view_name, comment from duckdb_views()
        )
        where database_name = 'warehouse' and schema_name = ? and table_name = ?
        """,
        [node["schema"], node["alias"]],
    ).fetchone()[0]


def check_columns(connection: Any, marts: dict[str, Any], declared: dict[str, Aggregates]) -> None:
    """Every column of an aggregate mart must be declared once, and none may be personal or sensitive."""
    problems = []
    for name, mart in declared.items():
        stored = {column[0] for column in stored_columns(connection, marts[name])}
        places = [set(mart.kept), mart.blanked(), set(mart.withheld)]
        unknown = stored - set().union(*places)
        twice = {column for column in stored if sum(column in place for place in places) > 1}
        gone = set().union(*places) - stored
        tagged = set(privacy_of(marts[name])) - set(mart.withheld)
        problems += [f"{name}.{column} is not declared" for column in sorted(unknown)]
        problems += [f"{name}.{column} is declared twice" for column in sorted(twice)]
        problems += [f"{name}.{column} is declared but not there" for column in sorted(gone)]
        problems += [f"{name}.{column} is {privacy_of(marts[name])[column]} and must be withheld" for column in sorted(tagged)]
    if problems:
        raise Refusal(f"Correct scripts/publishing/marts.py: {readiness.listed(problems)}.")


def check_sums(suppressed: aggregates.Suppressed) -> None:
    """What marts.py says of the numbers must be so: a sum that does not hold would guard nothing."""
    problems = [f"{mart}: {count} counts differ from others of their name" for mart, count in sorted(suppressed.unequal_counts.items())]
    problems += [f"{mart}: {count} sums do not add up" for mart, count in sorted(suppressed.unequal_sums.items())]
    if problems:
        raise Refusal(
            f"What scripts/publishing/marts.py says of the marts does not hold ({'; '.join(problems)}), so it is unclear which "
            "counts to withhold. Correct the declarations, or the marts."
        )


def aggregate_table(connection: Any, node: dict[str, Any], mart: Aggregates) -> Table:
    """A mart of aggregates as it is published."""
    blanked = mart.blanked()
    columns = [
        Column(name, kind, not_null and name not in blanked, comment)
        for name, kind, not_null, comment in stored_columns(connection, node)
        if name not in mart.withheld
    ]
    names = ", ".join(quoted(column.name) for column in columns)
    if blanked:
        columns.append(
            Column(
                "is_suppressed",
                "BOOLEAN",
                True,
                (
                    "True if something in the row is withheld (NULL), because it would reveal a small count; false if NULL has "
                    "the column's usual meaning."
                ),
            )
        )
        names += ", is_suppressed"
    return Table(
        node["name"],
        f"select {names} from memory.publish.{quoted(node['name'])}",
        tuple(columns),
        primary_key(node),
        comment_of(connection, node),
    )


def user_table(connection: Any, node: dict[str, Any], mart: Users, key: bytes) -> Table:
    """A mart of single users as it is published: ids as pseudonyms, what else is personal or sensitive left out, times as days.

    Every column whose name ends with _id counts as an id, tagged or not.
    """
    tags = privacy_of(node)
    columns, expressions = [], []
    for name, kind, not_null, comment in stored_columns(connection, node):
        if name in mart.withheld or (name in tags and not (tags[name] == "personal" and name.endswith("_id"))):
            continue
        if name.endswith("_id"):
            columns.append(Column(name, "VARCHAR", not_null, f"Pseudonym, the same in all tables. {comment or ''}".strip()))
            expressions.append(f"{pseudonym_sql(quoted(name), key)} as {quoted(name)}")
        elif kind.startswith("TIMESTAMP"):
            # The second in which somebody did something stands in the logs of others.
            columns.append(Column(name, kind, not_null, f"Day alone. {comment or ''}".strip()))
            expressions.append(f"date_trunc('day', {quoted(name)}) as {quoted(name)}")
        elif name in mart.rounded:
            columns.append(Column(name, kind, not_null, f"Rounded. {comment or ''}".strip()))
            expressions.append(f"round({quoted(name)}, {mart.rounded[name]}) as {quoted(name)}")
        else:
            columns.append(Column(name, kind, not_null, comment))
            expressions.append(quoted(name))
    keys = primary_key(node)
    lost = set(keys) - {column.name for column in columns}
    if lost:
        raise Refusal(
            f"{node['name']} has {readiness.listed(sorted(lost))} in its key, which may not be published. Declare the mart as "
            "Withheld in scripts/publishing/marts.py."
        )
    relation = f"warehouse.{quoted(node['schema'])}.{quoted(node['alias'])}"
    return Table(node["name"], f"select {', '.join(expressions)} from {relation}", tuple(columns), keys, comment_of(connection, node))


def project_hash(build: readiness.Build) -> str:
    """A hash of what the project consists of: models, seeds, tests and macros."""
    pieces = [f"{name} {node.get('checksum', {}).get('checksum', '')}" for name, node in build.manifest["nodes"].items()]
    pieces += [f"{name} {macro['macro_sql']}" for name, macro in build.manifest["macros"].items()]
    return hashlib.sha256("\n".join(sorted(pieces)).encode("utf-8")).hexdigest()[:16]


def log_table(connection: Any, folder: Path, row: dict[str, Any]) -> Table:
    """The log of all publications: what the files say that are there, and one row more. Refreshes before it are left out."""
    names = [column.name for column in LOG_COLUMNS]
    connection.execute(f"create or replace table memory.publish.{LOG} ({', '.join(f'{c.name} {c.type}' for c in LOG_COLUMNS)})")
    import duckdb

    for name in (AGGREGATES_FILE, USERS_FILE):
        path = folder / name
        if not path.exists():
            continue
        try:
            connection.execute(f"attach {literal(str(path))} as previous (read_only)")
            connection.execute(f"insert into memory.publish.{LOG} by name select * from previous.marts.{LOG}")
        except duckdb.Error as error:
            print(f"Warning: the log of earlier publications in {path} cannot be read and is not kept: {error}", file=sys.stderr)
        finally:
            connection.execute("detach database if exists previous")
    # Of refreshes, hundreds a day, the last one says it all, until the next publication.
    connection.execute(f"delete from memory.publish.{LOG} where is_provisional")
    connection.execute(
        f"insert into memory.publish.{LOG} ({', '.join(names)}) values ({', '.join('?' for _ in names)})", [row[name] for name in names]
    )
    return Table(
        LOG,
        f"select distinct * from memory.publish.{LOG} order by published_at",
        LOG_COLUMNS,
        (),
        "One row per publication: what was published and the build it came from. Carried over from file to file.",
    )


@in_sentences("make publish")
def main() -> int:
    """Publish, and say what was published or why not; returns the exit status."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    add_project(parser)
    parser.add_argument("--database", type=Path)
    parser.add_argument("--target", type=Path)
    parser.add_argument("--published", type=Path)
    parser.add_argument("--parquet", action="store_true", help="also a folder of Parquet files")
    arguments = parser.parse_args()
    try:
        place = place_of(arguments.project_dir, arguments.database)
    except Refusal as refusal:
        print(f"Not published: {refusal}", file=sys.stderr)
        return 1
    try:
        published = arguments.published or place.published
        print(publish(place.database, arguments.target or place.target, published, place.folder / KEY_FILE, arguments.parquet))
    except Refusal as refusal:
        print(f"Not published: {place.in_its_words(refusal)}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
