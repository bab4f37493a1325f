"""What is wrong with a file or the disk is said in a sentence that says where and what to do: no traceback, no crash, no silent wrong value."""

from __future__ import annotations

import csv
import io
import json
import os
import random
import re
import shutil
import stat
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb
import pytest
from hypothesis import HealthCheck, given, settings, strategies

import audiences
import build
import forget_user
import publish
import report
import segment_diff
from checking import database, seeds
from refusal import Refusal
from warehouse import ROOT

HEADER = "user_id,account_id,email\n"
ROWS = HEADER + "u1,a1,u1@example.com\nu2,a1,u2@example.com\nu3,a2,u3@example.com\n"


def told_of(tmp_path: Path, content: bytes | str, separator: str = ",") -> list[str]:
    path = tmp_path / "users.csv"
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return seeds.file_problems(path, separator)


# ---------------------------------------------------------------------------------------------------
# CSV files
# ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "place", "told"),
    [
        ("enc_latin1", ", line 2", "is not UTF-8: it has the byte 0xE9"),
        ("enc_utf16", "", "is in UTF-16"),
        ("enc_tab", "", "is separated by tabs"),
        ("enc_short_row", ", line 3", "has 3 cells, and the header has 17"),
        ("enc_extra_col_in_row", ", line 3", "has 18 cells, and the header has 17"),
        ("enc_dup_header", ", line 1", "the header has `job_title` 2 times (columns 4, 5)"),
    ],
)
def test_the_hostile_files_are_refused_with_their_line(tmp_path: Path, name: str, place: str, told: str) -> None:
    (tmp_path / "seeds/own").mkdir(parents=True)
    shutil.copy(ROOT / f"tests/cases/hostile_files/{name}.users.csv", tmp_path / "seeds/own/own_users.csv")
    (problem,) = seeds.seed_problems(tmp_path)
    assert problem.startswith(f"seeds/own/own_users.csv{place}") and told in problem, problem
    assert re.search(r"\. [A-Z][^.]+", problem), "nothing says what to do"


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"", "is empty. A file without rows still needs its header"),
        (b"\n \n", "is empty."),
        (b"\xef\xbb\xbf", "is empty."),
        (ROWS.encode("utf-16"), "is in UTF-16 but"),
        (ROWS.encode("utf-16-le"), "seems to be in UTF-16 without a byte order mark"),
        (ROWS.encode("utf-32"), "is in UTF-32"),
        (ROWS.encode("utf-16-be"), "seems to be in UTF-16 without a byte order mark"),
        (ROWS.replace("u3@", "\u00fc@").encode("latin-1"), ", line 4 is not UTF-8: it has the byte 0xFC"),
        (ROWS.replace("u2@", "\u20ac@").encode("cp1252"), ", line 3 is not UTF-8: it has the byte 0x80"),
        (b"\xef\xbb\xbf" + ROWS.encode() + b"u\xff,a,b\n", ", line 5 is not UTF-8"),
        (ROWS.encode()[:-3] + b"\x00om\n", ", line 4 contains a NUL byte"),
        (ROWS + "u4,a2\n", ", line 5 has 2 cells, and the header has 3"),
        (ROWS + "u4,a2,x,y\n", ", line 5 has 4 cells"),
        (ROWS + "  \n", ", line 5 has 1 cell,"),
        (HEADER + 'u1,"a\n1",x\nu2,a\n', ", line 4 has 2 cells"),
        (ROWS + HEADER, ", line 5 is the header a second time"),
        (ROWS + 'u4,"a2,x\nu5,a2,y\n', ", line 5 opens a quote that is not closed"),
        (ROWS + 'u4,"a"2,x\n', ", line 5 has a quote that neither begins nor ends a cell"),
        (ROWS + 'u4,"a\\"2",x\n', ", line 5 has a quote that"),
        (ROWS + f"u4,{'x' * 131_073},y\n", ", line 5: the cell in column account_id has 131,073 characters, at most 131,072"),
        (ROWS.replace("\n", "\r\n", 2), "mixes line ends: line 1 ends with CR LF (Windows), line 3 with LF (Unix)"),
        (ROWS + "u4,a,x\r", "line 5 with CR (old Mac)"),
        ("user_id,Email,email \n", "the header has `email` 2 times (columns 2, 3)"),
        ("user_id,,email\nu1,a,x\n", "column 2 of the header is unnamed"),
        (ROWS.replace(",", ";"), "is separated by semicolons"),
        (ROWS.replace(",", "|"), "is separated by vertical bars"),
    ],
)
def test_what_is_wrong_with_a_file_is_said(tmp_path: Path, content: bytes | str, told: str) -> None:
    problems = told_of(tmp_path, content)
    assert len(problems) == 1 and told in problems[0], problems


@pytest.mark.parametrize(
    "content",
    [
        ROWS,
        ROWS.encode("utf-8-sig"),
        ROWS.replace("\n", "\r\n"),
        ROWS.replace("\n", "\r"),
        ROWS.rstrip("\n"),
        ROWS + "\n\n",
        HEADER,
        HEADER.strip(),
        "user_id\nu1\n",
        HEADER + 'u1,"a\r\n1","x ""y"" z"\n',
        HEADER + 'u1,a"1,x\n',
        HEADER + f"u1,{'x' * 131_072},y\n",
        HEADER.upper() + HEADER,
        'user_id,note\nu1,"a;b\tc|d"\n',
    ],
)
def test_a_plain_file_is_taken(tmp_path: Path, content: bytes | str) -> None:
    assert told_of(tmp_path, content) == []


def test_a_separator_of_ones_own_is_known(tmp_path: Path) -> None:
    (tmp_path / "seeds/own").mkdir(parents=True)
    (tmp_path / "seeds/own/own_users.csv").write_text(ROWS.replace(",", ";"), encoding="utf-8")
    assert "is separated by semicolons" in seeds.seed_problems(tmp_path)[0]
    for config in (
        "name: p\nseeds:\n  p:\n    own:\n      +delimiter: ';'\n",
        "name: p\nseeds:\n  p:\n    own:\n      own_users:\n        +delimiter: ';'\n",
    ):
        (tmp_path / "dbt_project.yml").write_text(config, encoding="utf-8")
        assert seeds.seed_problems(tmp_path) == []
    (tmp_path / "dbt_project.yml").write_text("name: p\n", encoding="utf-8")
    (tmp_path / "seeds/own/own.yml").write_text("seeds: [{name: own_users, config: {delimiter: ';'}}]", encoding="utf-8")
    assert seeds.seed_problems(tmp_path) == []


def test_many_lines_are_counted_and_the_sample_is_read_in_a_second(tmp_path: Path) -> None:
    (tmp_path / "seeds").mkdir()
    (tmp_path / "seeds/a.csv").write_text(HEADER + "u1\n" * 2000, encoding="utf-8")
    problems = seeds.seed_problems(tmp_path)
    assert len(problems) == seeds.TOLD + 1 and problems[-1] == "seeds/a.csv: 1,995 more such lines."
    started = time.process_time()
    assert seeds.seed_problems(ROOT) == []
    assert time.process_time() - started < 1


def copy_statement(path: Path) -> str:
    """The statement by which the macro duckdb__load_csv_rows() loads a file, of its own text."""
    text = (ROOT / "macros/operations/duckdb__load_csv_rows.sql").read_text(encoding="utf-8")
    statement = re.search(r"copy .*?\n        \)", text, flags=re.DOTALL)[0]
    statement = statement.replace("{{ this.render() }}", "rows").replace("{{ segmentation.text_literal(path) }}", f"'{path}'")
    return statement.replace("{{ segmentation.text_literal(config.get('delimiter', ',')) }}", "','")


READER = duckdb.connect()


def loaded(path: Path, columns: int) -> list[list[str]]:
    """What DuckDB reads, empty text for NULL."""
    with READER.cursor() as connection:
        connection.execute(f"create or replace temporary table rows ({', '.join(f'c{number} varchar' for number in range(columns))})")
        connection.execute(copy_statement(path))
        return [[cell or "" for cell in row] for row in connection.execute("select * from rows").fetchall()]


CELLS = [
    "",
    "1",
    "a b",
    "'x'",
    "'",
    "it's",
    "a,b",
    '"',
    '""',
    'say "hi"',
    "\\",
    "a\\",
    '\\"',
    "#x",
    "#",
    "null",
    "NULL",
    "\u00e9",
    "\u00a0x ",
    " x ",
    "\t",
    "x\ty",
    "2026-01-01",
    "l1\nl2",
    "l1\r\nl2",
    "10:00",
    ";",
    "a;b",
    "a|b",
    '{"a": 1}',
    "{'a': 'b,c'}",
    "\x0b",
    "\x85",
    "\u2028",
    "--",
    ' "q"',
    "0123",
    "~",
    "^",
    "true",
    "'a,b'",
    "=1",
    "\x1f",
]


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(strategies.data())
def test_what_is_taken_is_read_as_it_is_written(tmp_path: Path, data: Any) -> None:
    """Every file that a CSV writer writes is taken, and no cell of it is read as another text: 'quotes' stay, whatever the first rows are like."""
    columns = data.draw(strategies.integers(2, 4))
    pool = data.draw(strategies.lists(strategies.sampled_from(CELLS), min_size=1, max_size=5))
    rows = data.draw(
        strategies.lists(strategies.lists(strategies.sampled_from(pool), min_size=columns, max_size=columns), min_size=1, max_size=30)
    )
    buffer = io.StringIO()
    writer = csv.writer(
        buffer,
        lineterminator=data.draw(strategies.sampled_from(["\n", "\r\n"])),
        quoting=data.draw(strategies.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL])),
    )
    writer.writerow([f"c{number}" for number in range(columns)])
    writer.writerows(rows)
    assert told_of(tmp_path, buffer.getvalue()) == []
    assert loaded(tmp_path / "users.csv", columns) == rows


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(strategies.data())
def test_a_damaged_file_is_refused_or_read_as_csv(tmp_path: Path, data: Any) -> None:
    """Random bytes at random places: no exception, and what passes DuckDB reads as Python does."""
    content = bytearray((HEADER + 'u1,"a, ""1""",x\r\ny@example.com\n'.replace("\r\n", " ") + "u2,'a',\u00fc\nu3,,z\n" * 3).encode())
    for _ in range(data.draw(strategies.integers(1, 4))):
        place = data.draw(strategies.integers(0, len(content) - 1))
        content[place : place + data.draw(strategies.integers(0, 2))] = data.draw(
            strategies.sampled_from(
                [b"\x00", b"\xff", b'"', b",", b"\n", b"\r", b"\r\n", b"\\", b"'", b"\t", b"", b'""', b"\xc3", b"\xef\xbb\xbf", b"#"]
            )
        )
    problems = told_of(tmp_path, bytes(content))
    assert all(re.search(r"\. [A-Z]", problem) for problem in problems)
    if not problems:
        rows = [row for row in csv.reader(io.StringIO(content.decode("utf-8-sig"), newline=""), strict=True) if row]
        assert len(set(map(len, rows))) == 1
        try:
            found = loaded(tmp_path / "users.csv", len(rows[0]))
        except duckdb.Error:
            # Refused by the build, then: not silent.
            return
        assert [[cell.replace("\r\n", "\n").replace("\r", "\n") for cell in row] for row in found] == [
            [cell.replace("\r\n", "\n").replace("\r", "\n") for cell in row] for row in rows[1:]
        ]


# ---------------------------------------------------------------------------------------------------
# Files of DuckDB
# ---------------------------------------------------------------------------------------------------


def small_warehouse(path: Path) -> Path:
    """A file with a table of some blocks, in several schemas."""
    with duckdb.connect(str(path)) as connection:
        for schema in ("staging", "marts", "state", "activity"):
            connection.execute(f"create schema {schema}")
        connection.execute(
            "create table staging.stg_users__checked as select 'u' || range as user_id, md5(range::varchar) || '@example.com' as email from range(20000)"
        )
        connection.execute(
            "create view staging.stg_users__addresses as select *, sha256(email) as email_sha256, sha256(email) as google_email_sha256 from staging.stg_users__checked"
        )
        connection.execute("create table activity.data_through as select date '2026-01-01' as data_through")
        connection.execute(
            "create table state.last_run as select 'x' as invocation_id, 'build' as command, true as is_finished, '5' as min_cell_users"
        )
        for mart in ("metrics", "segment_comparison", "segment_sizes", "segments"):
            connection.execute(
                f"create table marts.{mart} as select md5(range::varchar) as segment, range as users, date '2026-01-01' as as_of_date from range(3000)"
            )
    return path


def folder(path: Path) -> None:
    path.mkdir()


def text(path: Path) -> None:
    path.write_text("user_id,email\n" * 500, encoding="utf-8")


def other_database(path: Path) -> None:
    path.write_bytes(b"SQLite format 3\x00" + bytes(5000))


def cut_off(path: Path) -> None:
    small_warehouse(path)
    os.truncate(path, 20_000)


def zeroed_header(path: Path) -> None:
    small_warehouse(path)
    with path.open("rb+") as file:
        file.write(bytes(4096))


def header_of_another_version(path: Path) -> None:
    small_warehouse(path)
    with path.open("rb+") as file:
        file.seek(12)
        file.write(b"\x99")


KINDS: dict[str, tuple[Callable[[Path], Any], str]] = {
    "folder": (folder, "is a folder, but a warehouse is a file. Move the folder away"),
    "empty": (Path.touch, "is empty. Likely causes"),
    "text": (text, "is not a DuckDB file"),
    "SQLite": (other_database, "is not a DuckDB file"),
    "cut off": (cut_off, "is damaged"),
    "zeroes": (zeroed_header, "is not a DuckDB file"),
    "header": (header_of_another_version, "is damaged"),
}


def commands(path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, Callable[[], Any]]:
    """Every command on a file, in this process; each returns its exit status."""

    def run(main: Callable[[], int], *arguments: str) -> int:
        with monkeypatch.context() as patch:
            patch.setattr(sys, "argv", ["command", *arguments])
            # Nothing is built here: the file is what is asked about.
            patch.setattr(forget_user, "run", lambda *_: False)
            patch.setattr(publish.readiness, "check_declared", lambda *_: None)
            patch.setattr(publish.readiness, "check_results", lambda *_: None)
            return main()

    target = tmp_path / "target"
    target.mkdir(exist_ok=True)
    (target / "manifest.json").write_text('{"metadata": {}, "nodes": {}}', encoding="utf-8")
    (target / "run_results.json").write_text('{"metadata": {"invocation_id": "y"}, "results": []}', encoding="utf-8")
    return {
        "publish": lambda: run(publish.main, "--database", str(path), "--target", str(target), "--published", str(tmp_path / "published")),
        "report": lambda: run(report.main, "--database", str(path), "--output", str(tmp_path / "report.html"), "--currency", ""),
        "audiences": lambda: audiences.main(
            ["--database", str(path), "--folder", str(tmp_path / "audiences"), "--run-results", str(tmp_path / "none")]
        ),
        "segment-diff": lambda: run(segment_diff.main, str(path), str(path)),
        "forget-user": lambda: run(forget_user.main, "u17", "--database", str(path)),
        "build": lambda: 2 if any(print(line, file=sys.stderr) is None for line in build.lock_problems(path)) else 0,
    }


@pytest.mark.parametrize("kind", KINDS)
def test_a_file_that_is_no_warehouse_is_said(
    tmp_path: Path, kind: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "warehouse.duckdb"
    make, told = KINDS[kind]
    make(path)
    for name, command in commands(path, tmp_path, monkeypatch).items():
        status = command()
        error = capsys.readouterr().err
        if (name, kind) == ("segment-diff", "folder"):
            assert status == 2 and "does not exist" in error
            continue
        # The report is asked about a folder before anything else.
        assert status in (1, 2) and (told in error or name == "report" and kind == "folder" and "does not exist" in error), (name, error)
        assert re.search(r"`?make build`?|Move the folder away", error) and "Traceback" not in error, (name, error)


def test_random_bytes_in_a_file_end_in_a_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A dozen places of a file, some in its header; every command ends with a status of its own and a sentence, or does not meet the place."""
    whole = small_warehouse(tmp_path / "whole.duckdb").read_bytes()
    chance, told, tried = random.Random(10), 0, 0
    path = tmp_path / "warehouse.duckdb"
    for number in range(12):
        content = bytearray(whole)
        place = chance.randrange(12_288 if number % 4 == 0 else len(content))
        damage = chance.randbytes(chance.choice([1, 8, 64, 4096]))
        content[place : place + len(damage)] = damage
        for name, command in commands(path, tmp_path, monkeypatch).items():
            path.write_bytes(content)
            status = command()
            error = capsys.readouterr().err
            assert status in (0, 1, 2), (name, place)
            assert status == 0 or len(error) > 40 and "Traceback" not in error, (name, place, error)
            told += "is damaged" in error or "is not a DuckDB file" in error or "another version" in error
            tried += 1
    assert tried == 72 and told > 18


def test_an_open_file_is_said_with_who_has_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    path = small_warehouse(tmp_path / "warehouse.duckdb")
    code = f"import duckdb; connection = duckdb.connect({str(path)!r}); print('open', flush=True); input()"
    holder = subprocess.Popen([sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    try:
        assert holder.stdout.readline() == "open\n"
        for name, command in commands(path, tmp_path, monkeypatch).items():
            status = command()
            error = capsys.readouterr().err
            assert status in (1, 2) and ("Close it" in error or "being written by another process" in error) and str(holder.pid) in error, (
                name,
                error,
            )
    finally:
        holder.communicate("\n")


def test_the_second_of_two_builds_says_so(tmp_path: Path) -> None:
    path = tmp_path / "warehouse.duckdb"
    with database.alone(path):
        with pytest.raises(Refusal, match=f"is being built by another process, {os.getpid()}. Wait until it is done"), database.alone(path):
            raise AssertionError("two at once")
        with database.alone(tmp_path / "another.duckdb"):
            pass
    with database.alone(path):
        pass


@pytest.mark.parametrize(
    ("message", "told"),
    [
        ('IO Error: Could not write file "/x/warehouse.duckdb": No space left on device', "The disk is full: "),
        (
            'Runtime Error in model users (models/marts/membership/users.sql)\n  IO Error: Could not write file "/x/a.duckdb": File too large',
            "The disk is full: ",
        ),
        ("[Errno 28] No space left on device: 'logs/dbt.log'", "The disk is full: "),
        ("[Errno 30] Read-only file system: 'target'", "cannot be read or written"),
        (
            "Error: Corrupt database file: computed checksum 1 does not match stored checksum 2 in block at location 3",
            "is damaged: DuckDB cannot have written",
        ),
        ("FATAL Error: Failed: database has been invalidated because of a previous fatal error.", "is damaged"),
        ("INTERNAL Error: Attempted to access index 1", "is damaged"),
        (
            'IO Error: Could not set lock on file "/x/w.duckdb": Conflicting lock is held in /usr/bin/python3.11 (PID 17)',
            "is open in another process: python3.11, process 17",
        ),
        (
            "IO Error: Trying to read a database file with version number 99, but we can only read versions between 64 and 67.",
            "was written by another version of DuckDB",
        ),
        ("Conversion Error: Could not convert string 'checksum' to INT32", None),
        ("Binder Error: column corrupt not found", None),
        ("Compilation Error: permission denied", None),
    ],
)
def test_a_message_of_a_build_that_tells_of_the_file(message: str, told: str | None) -> None:
    found = build.trouble(message, Path("warehouse.duckdb"))
    assert found is None if told is None else found is not None and told in found


def limited(code: str, size: int, cwd: Path) -> subprocess.CompletedProcess[str]:
    """Python code in a process that can write no file larger than this: what a full disk does, everywhere."""
    start = (
        f"import resource, signal, sys; sys.path.insert(0, {str(ROOT / 'scripts')!r}); signal.signal(signal.SIGXFSZ, signal.SIG_IGN)\n"
        f"resource.setrlimit(resource.RLIMIT_FSIZE, ({size}, {size}))\nfrom pathlib import Path\n"
    )
    return subprocess.run([sys.executable, "-c", start + code], cwd=cwd, capture_output=True, text=True, check=False)


def test_a_full_disk_is_said_and_nothing_is_half_written(tmp_path: Path) -> None:
    run = limited("from checking.database import folder_problems; print(folder_problems(Path('build')))", 1000, tmp_path)
    assert "The disk is full: build could not be written whole" in run.stdout and "Free space" in run.stdout, run.stderr
    path = small_warehouse(tmp_path / "warehouse.duckdb")
    before = path.read_bytes()
    run = limited(
        "import forget_user\nfrom checking.database import sentence\ntry:\n    forget_user.rewrite(Path('warehouse.duckdb'))\nexcept Exception as error:\n"
        "    print(sentence(error, 'warehouse.duckdb'))",
        300_000,
        tmp_path,
    )
    assert "The disk is full: warehouse.duckdb could not be written whole" in run.stdout, run.stdout + run.stderr
    assert path.read_bytes() == before and not list(tmp_path.glob("*.next*"))
    run = limited(
        "import sys, audiences\nfrom delivering.files import write_file\naudiences.deliver = lambda *_: write_file(Path('add.csv'), bytes(10000))\n"
        "sys.exit(audiences.main(['--database', 'warehouse.duckdb', '--folder', 'audiences', '--run-results', 'none']))",
        5000,
        tmp_path,
    )
    assert (
        run.returncode == 2
        and "The disk is full: add.csv" in run.stderr
        or "File too large" in run.stderr
        and "Traceback" not in run.stderr
    ), run.stderr


def test_folders_that_cannot_be_written_are_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert database.folder_problems(tmp_path / "made/of/several") == [] and (tmp_path / "made/of/several").is_dir()
    assert list((tmp_path / "made/of/several").iterdir()) == []
    (tmp_path / "file").touch()
    for place in (tmp_path / "file", tmp_path / "file/below"):
        assert "cannot be a folder: a file of that name exists there or above it. Move the file away" in database.folder_problems(place)[0]
    for number, words in (
        (30, "Read-only file system"),
        (13, "Permission denied"),
        (28, "The disk is full"),
        (122, "The disk is full"),
        (5, "is damaged"),
    ):

        def fails(*_: Any, number: int = number, **__: Any) -> None:
            raise OSError(number, os.strerror(number))

        with monkeypatch.context() as patch:
            patch.setattr(database.tempfile, "TemporaryFile", fails)
            (problem,) = database.folder_problems(tmp_path)
            assert words in problem and re.search(r"Change its permissions|Free space|make build", problem), problem


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_folder_without_rights_is_said(tmp_path: Path) -> None:
    tmp_path.chmod(stat.S_IRUSR | stat.S_IXUSR)
    try:
        assert "Permission denied" in database.folder_problems(tmp_path)[0]
    finally:
        tmp_path.chmod(0o700)


def test_other_errors_keep_their_traceback() -> None:
    """A mistake in the code is not hidden behind a sentence about files."""

    @database.in_sentences("make nothing")
    def fails() -> int:
        raise ValueError("a mistake")

    with pytest.raises(ValueError, match="a mistake"):
        fails()


def test_results_of_dbt_that_cannot_be_read_are_said(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = small_warehouse(tmp_path / "warehouse.duckdb")
    results = tmp_path / "run_results.json"
    for content in (b"", b"{", b"[]", b"{}", b"\xff\xfe\x00", json.dumps({"results": 3}).encode()):
        results.write_bytes(content)
        assert audiences.main(["--database", str(path), "--folder", str(tmp_path / "a"), "--run-results", str(results)]) == 2
        assert "cannot be read, so the result of the last build is unknown" in capsys.readouterr().err, content
        with pytest.raises(Refusal):
            shutil.copy(results, tmp_path / "manifest.json")
            publish.readiness.read_build(tmp_path)
