"""Writes the published files: whole beside the old ones, safe on the disk, and only then in their place."""

from __future__ import annotations

import contextlib
import fcntl
import os
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import duckdb

from refusal import Refusal
from replacing import NEXT

# Clients from DuckDB 1.0 on read it; 2.0 alone would read what 2.0 writes by default.
STORAGE_VERSION = "v1.0.0"
FOLDER_MODE = 0o750
# Whoever may enter the folder: its owner and group. Nothing is for the world.
AGGREGATES_MODE = 0o640
USERS_MODE = 0o600


@dataclass(frozen=True)
class Table:
    """A table to write: `sql` gives its rows, with the columns as they are to be."""

    name: str
    sql: str
    columns: tuple[Column, ...]
    primary_key: tuple[str, ...] = ()
    comment: str | None = None


@dataclass(frozen=True)
class Column:
    """A column to write."""

    name: str
    type: str
    is_not_null: bool = False
    comment: str | None = None


def literal(text: str) -> str:
    """A text as SQL."""
    return "'" + text.replace("'", "''") + "'"


def quoted(name: str) -> str:
    """A name as SQL."""
    return '"' + name.replace('"', '""') + '"'


@contextlib.contextmanager
def publishing_folder(folder: Path) -> Iterator[None]:
    """The folder, for the owner and group alone, held by this process alone, without what a crash has left."""
    folder.mkdir(parents=True, exist_ok=True)
    folder.chmod(FOLDER_MODE)
    with _private(USERS_MODE), (folder / ".lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise Refusal(f"Another process is publishing into {folder}. Wait until it is done, then run `make publish`.") from None
        remove_leftovers(folder)
        try:
            yield
        finally:
            remove_leftovers(folder)


def remove_leftovers(folder: Path) -> None:
    """Removes what an interrupted publication has left: nobody reads it."""
    for path in folder.glob(f"*{NEXT}*"):
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path)
        else:
            path.unlink(missing_ok=True)


@contextlib.contextmanager
def _private(mode: int) -> Iterator[None]:
    """Files made within have at most this mode from their first byte on."""
    before = os.umask(0o777 & ~mode)
    try:
        yield
    finally:
        os.umask(before)


def write_next(connection: duckdb.DuckDBPyConnection, path: Path, tables: list[Table], mode: int) -> Path:
    """Writes a database with these tables in schema marts beside `path`; it is whole and on the disk when this returns."""
    following = path.with_name(path.name + NEXT)
    with _private(mode):
        connection.execute(f"attach {literal(str(following))} as following (storage_version {literal(STORAGE_VERSION)})")
        try:
            connection.execute("create schema following.marts")
            for table in tables:
                _write_table(connection, table)
            connection.execute("checkpoint following")
        finally:
            connection.execute("use memory")
            connection.execute("detach following")
    following.chmod(mode)
    flush(following)
    return following


def _write_table(connection: duckdb.DuckDBPyConnection, table: Table) -> None:
    name = f"following.marts.{quoted(table.name)}"
    parts = [f"{quoted(column.name)} {column.type}{' not null' if column.is_not_null else ''}" for column in table.columns]
    if table.primary_key:
        parts.append(f"primary key ({', '.join(map(quoted, table.primary_key))})")
    connection.execute(f"create table {name} ({', '.join(parts)})")
    connection.execute(f"insert into {name} by name {table.sql}")
    if table.comment:
        connection.execute(f"comment on table {name} is {literal(table.comment)}")
    for column in table.columns:
        if column.comment:
            connection.execute(f"comment on column {name}.{quoted(column.name)} is {literal(column.comment)}")


def flush(path: Path) -> None:
    """Waits until a file, or the names in a folder, are on the disk."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def swap(pairs: list[tuple[Path, Path]]) -> None:
    """Puts each new file in the place of the old one. Readers that have the old one open keep it."""
    for following, path in pairs:
        os.replace(following, path)
    flush(pairs[0][1].parent)


def write_parquet(connection: duckdb.DuckDBPyConnection, folder: Path, run_id: str, tables: list[Table]) -> Path:
    """Writes a folder with one Parquet file per table; it is whole and on the disk when this returns."""
    written = folder / f"parquet-{run_id}{NEXT}"
    with _private(FOLDER_MODE):
        written.mkdir()
    with _private(AGGREGATES_MODE):
        for table in tables:
            names = ", ".join(quoted(column.name) for column in table.columns)
            path = written / f"{table.name}.parquet"
            connection.execute(f"copy (select {names} from ({table.sql})) to {literal(str(path))} (format parquet)")
            path.chmod(AGGREGATES_MODE)
            flush(path)
    flush(written)
    return written


def swap_parquet(written: Path, run_id: str) -> Path:
    """Points the link `parquet` at the new folder. The one before stays for readers that are at it, older ones go."""
    folder = written.parent
    link, following, kept = folder / "parquet", folder / f"parquet{NEXT}", folder / f"parquet-{run_id}"
    before = os.readlink(link) if link.is_symlink() else None
    if link.exists() and before is None:
        raise Refusal(f"{link} was not created by `make publish`. Move it away, then run `make publish` again.")
    if kept.exists():
        shutil.rmtree(kept)
    os.rename(written, kept)
    os.symlink(kept.name, following)
    os.replace(following, link)
    flush(folder)
    for path in folder.glob("parquet-*"):
        if path.name not in (kept.name, before):
            shutil.rmtree(path)
    return link
