"""Opens a DuckDB file, or says in a sentence why it cannot be opened and what to do."""

from __future__ import annotations

import contextlib
import errno
import fcntl
import functools
import os
import re
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from refusal import Refusal

# Every DuckDB file has these bytes behind its first checksum.
MAGIC = (8, b"DUCK")
ANEW = (
    "`make build` rebuilds it from the inputs, except for the schema state (forgotten people, deliveries): restore "
    "a copy of the file if you have one. If not, move the file away, but first read docs/privacy.md if anybody was ever forgotten."
)
LOCKED = "DuckDB lets one process write or several read."
ROOM = "Free space on that disk (df -h), then run this again; existing files are unchanged."


def file_problems(path: Path, advice: str = ANEW) -> list[str]:
    """What is wrong with a file that is to be opened, as sentences, without DuckDB. A missing file is not wrong. `advice`: what to do with it."""
    name = os.path.relpath(path)
    try:
        if path.is_dir():
            return [f"{name} is a folder, but a warehouse is a file. Move the folder away, or name another file, then run this again."]
        if not path.exists():
            return []
        if not path.is_file():
            return [f"{name} is not a regular file. Name another one, then run this again."]
        with path.open("rb") as file:
            head = file.read(MAGIC[0] + len(MAGIC[1]))
    except OSError as error:
        return [sentence(error, path, advice)]
    if not head:
        return [f"{name} is empty. Likely causes: an interrupted copy or a full disk. Delete it. {advice}"]
    if head[MAGIC[0] :] != MAGIC[1]:
        return [f"{name} is not a DuckDB file, or its beginning is damaged. Name another file, or move it away. {advice}"]
    return []


def folder_problems(folder: Path) -> list[str]:
    """Why nothing can be written into a folder, as sentences. One that is missing is made."""
    name = os.path.relpath(folder)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder) as file:
            file.write(b"\0" * 65_536)
            file.flush()
    except (FileExistsError, NotADirectoryError):
        return [f"{name} cannot be a folder: a file of that name exists there or above it. Move the file away, or name another folder."]
    except OSError as error:
        return [sentence(error, folder)]
    return []


def missing_folder(path: Path, advice: str = "") -> list[str]:
    """That the folder of a database file does not exist, as a sentence: DuckDB makes the file, but never its folder."""
    folder = path.parent
    if folder.is_dir():
        return []
    name = os.path.relpath(folder)
    return [
        f"The folder {name} does not exist, so {path.name} cannot be opened or made in it. Make the folder (mkdir -p {name}), or correct the path of the file"
        f"{advice}, then run this again."
    ]


def open_problems(path: Path) -> list[str]:
    """Why an existing file cannot be opened for writing, as sentences; DuckDB is asked."""
    import duckdb

    if problems := file_problems(path):
        return problems
    if not path.exists():
        return []
    try:
        duckdb.connect(str(path)).close()
    except (duckdb.Error, OSError) as error:
        return [sentence(error, path)]
    return []


def open_warehouse(path: Path, read_only: bool = True) -> Any:
    """A connection to a DuckDB file that exists; raises Refusal with a sentence if it cannot be opened."""
    import duckdb

    if problems := file_problems(path):
        raise Refusal(" ".join(problems))
    if not path.exists():
        raise Refusal(f"{os.path.relpath(path)} does not exist. Build it first: make build.")
    try:
        return duckdb.connect(str(path), read_only=read_only)
    except (duckdb.Error, OSError) as error:
        raise Refusal(sentence(error, path)) from None


def only_row(result: Any) -> tuple[Any, ...]:
    """The row of a query that has one, such as one with aggregates alone."""
    row = result.fetchone()
    assert row is not None
    return row


def known_sentence(text: str, path: Path | str | None = None, advice: str = ANEW) -> str | None:
    """The sentence for a text of DuckDB or of the system that tells of a file and not of a query; None for any other text."""
    named = re.search(r'"(/[^"]*|[^"]*\.duckdb[^"]*)"', text)
    name = os.path.relpath(path) if path else os.path.relpath(named[1]) if named else "The warehouse"
    first = text.strip().splitlines()[0] if text.strip() else ""

    def has(*words: str) -> bool:
        return any(word.lower() in text.lower() for word in words)

    file = Path(named[1]) if named else Path(path) if path else None
    if has("no such file or directory") and file and (problems := missing_folder(file)):
        return problems[0]
    if has("lock on file", "conflicting lock"):
        holder = re.search(r"lock is held in (\S+)(?: \(PID (\d+)\))?", text)
        who = f": {Path(holder[1]).name}" + (f", process {holder[2]}" if holder[2] else "") if holder else ""
        return (
            f"{name} is open in another process{who}.\n  Close it (a notebook, a BI client, another build), then run this again. {LOCKED}"
        )
    if has("version number", "newer version of duckdb", "storage version"):
        return f"{name} was written by another version of DuckDB than the one installed here ({first}). Install that version, or move the file away. {advice}"
    if has("no space left", "file too large", "disk quota", "not enough space", "enospc", "max_temp_directory_size"):
        return f"The disk is full: {name} could not be written whole ({first}). {ROOM}"
    if has("read-only file system", "permission denied", "operation not permitted"):
        return f"{name} cannot be read or written: {first}. Change its permissions (ls -l, chmod, chown), or name a file in another folder, then run this again."
    if has(
        "corrupt",
        "checksum",
        "not a valid duckdb",
        "could not read enough bytes",
        "serialization",
        "deserializ",
        "internal error",
        "fatal error",
        "database has been invalidated",
        "failure while replaying wal",
        "input/output error",
        "could not read all bytes",
        "could not read from file",
    ):
        return (
            f"{name} is damaged: DuckDB cannot have written what it found there ({first}). Likely causes: a failing disk, a truncated copy or another "
            f"program. {advice}"
        )
    return None


def sentence(error: BaseException, path: Path | str | None = None, advice: str = ANEW) -> str:
    """What an error of DuckDB or of the system means for the file, and what to do."""
    if isinstance(error, OSError) and error.errno:
        # Python's own words, whatever the language of the system.
        text = {
            errno.ENOSPC: "No space left on device",
            errno.EDQUOT: "Disk quota exceeded",
            errno.EFBIG: "File too large",
            errno.EACCES: "Permission denied",
            errno.EPERM: "Operation not permitted",
            errno.EROFS: "Read-only file system",
            errno.EIO: "Input/output error",
        }.get(error.errno, error.strerror or str(error))
        path = error.filename or path
    else:
        text = str(error)
    name = os.path.relpath(path) if path else "A file"
    return known_sentence(text, path, advice) or f"{name} cannot be used: {(text.splitlines() or [type(error).__name__])[0]}. {advice}"


@contextlib.contextmanager
def alone(database: Path) -> Iterator[None]:
    """Held while a process builds this file. Another one that wants to is refused: DuckDB's own lock comes only when dbt opens the file."""
    path = database.with_name(f".{database.name}.building")
    try:
        file = path.open("a+")
    except OSError as error:
        raise Refusal(sentence(error, path)) from None
    with file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            file.seek(0)
            other = re.fullmatch(r"\d+", file.read().strip())
            raise Refusal(
                f"{os.path.relpath(database)} is being built by another process{f', {other[0]}' if other else ''}. Wait until it is done, or stop it, then run "
                "this again; two builds at once need two files (--database)."
            ) from None
        file.truncate(0)
        file.write(str(os.getpid()))
        file.flush()
        try:
            yield
        finally:
            # Not removed: somebody may be waiting for this very file.
            file.truncate(0)


def in_sentences(command: str) -> Callable[[Callable[..., int]], Callable[..., int]]:
    """For the main() of a script: what is wrong with a file or the disk becomes a sentence and exit status 2, never a traceback."""

    def decorate(main: Callable[..., int]) -> Callable[..., int]:
        @functools.wraps(main)
        def wrapped(*arguments: Any, **named: Any) -> int:
            try:
                return main(*arguments, **named)
            except Refusal as refusal:
                message = str(refusal)
            except KeyboardInterrupt:
                print(f"\n{command}: stopped. Existing files are unchanged; run it again.", file=sys.stderr)
                return 130
            except BrokenPipeError:
                # Whoever read the output has gone, as `| head` does.
                os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
                return 1
            except OSError as error:
                message = sentence(error)
            except Exception as error:
                # Without importing DuckDB for a command that has not: its errors are of its module.
                if type(error).__module__.split(".")[0] not in ("duckdb", "_duckdb"):
                    raise
                message = sentence(error)
            print(f"{command}: {message}", file=sys.stderr)
            return 2

        return wrapped

    return decorate
