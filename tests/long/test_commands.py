"""Every command that the pages print, as it is printed and in their order, on one warehouse in a fresh clone.

tests/support/printed.py takes them from the pages, and lists what is not run. A command that needs something first, as its page says, has it in BEFORE;
what must be so after it is in AFTER. COMMANDS_CLONE=<folder> keeps the clone there, to go on from a command that failed: -k 'find_user or deps'.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import duckdb
import pytest

from printed import Printed, commands, printed
from warehouse import ROOT, csv_text, read_sample

SEGMENT = Path("models/segments/behavioral/ticket_writers.sql")
REGISTRY = Path("macros/registries/segments.sql")
FORGET_LAST = "make forget-user USER=u0001"
# These destroy what later commands show.
LAST = (FORGET_LAST, "make clean")
# What its page runs on another file: reader's own data, and a list of who was forgotten that goes into a new file.
OWN_DATA = "dbt build --vars '{inputs: {users: own_users, events: own_events}}'"
DATABASE = {
    OWN_DATA: "own.duckdb",
    "dbt run -s forgotten_users": "again.duckdb",
    "insert into state.forgotten_users from 'forgotten.csv'": "again.duckdb",
}
# What is refused on the sample, and why: the page quotes an id with a zero in front, and nobody has it; an audience was delivered.
REFUSED = {
    "dbt run-operation forget_user --args '{user_id: \"0123\"}'": "the user '0123' was not found",
    FORGET_LAST: "Deliver (make audiences), then run this again",
}
# What its page runs in another folder.
FOLDER = {"dbt deps": "own_project"}


def in_order() -> list[Printed]:
    """All commands; those of LAST at the end."""
    return sorted(commands(), key=lambda each: LAST.index(each.text) if each.text in LAST else -1)


@pytest.fixture(scope="module")
def clone(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The project as git has it, with what is not committed yet, and this environment: requirements.txt is older than what make installed."""
    kept = os.environ.get("COMMANDS_CLONE")
    folder = Path(kept) if kept else tmp_path_factory.mktemp("commands") / "clone"
    if folder.exists():
        return folder
    subprocess.run(["git", "clone", "--quiet", str(ROOT), str(folder)], check=True)
    listed = ["git", "ls-files", "-z", "--modified", "--others", "--exclude-standard"]
    for name in subprocess.run(listed, cwd=ROOT, capture_output=True, text=True, check=True).stdout.split("\0"):
        if name and (ROOT / name).is_file() and not (ROOT / name).is_symlink():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / name, folder / name)
    (folder / ".venv").symlink_to((ROOT / ".venv").resolve())
    for name in ("requirements.txt", "requirements-dev.txt"):
        os.utime(folder / name, (0, 0))
    return folder


def run(clone: Path, command: str, folder: Path | None = None, database: str | None = None) -> subprocess.CompletedProcess[str]:
    """A command as a reader runs it, in the root and with the environment activated."""
    environment = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("PYTEST", "SEGMENTATION", "DBT", "MAKE", "MFLAGS", "VIRTUAL_ENV", "USER", "EMAIL"))
    }
    environment["PATH"] = f"{clone / '.venv/bin'}:{environment['PATH']}"
    if database:
        environment["SEGMENTATION_DATABASE"] = database
    return subprocess.run(
        ["bash", "-c", command], cwd=folder or clone, env=environment, capture_output=True, text=True, stdin=subprocess.DEVNULL, check=False
    )


def succeed(clone: Path, command: str) -> str:
    """What a command prints that must succeed."""
    done = run(clone, command)
    assert done.returncode == 0, f"{command}\n{done.stdout[-6000:]}\n{done.stderr[-3000:]}"
    return done.stdout


def query(clone: Path, sql: str, file: str = "build/warehouse.duckdb") -> list[tuple]:
    with duckdb.connect(str(clone / file), read_only=True) as connection:
        return connection.execute(sql).fetchall()


def block(page: str, kind: str) -> str:
    """The one block of a kind on a page."""
    [found] = [each.text for each in printed() if each.page == page and each.kind == kind]
    return found


# --- Before ------------------------------------------------------------------------------------------------------------
def keep_production(clone: Path) -> None:
    """The build before the change, for make segment-diff."""
    shutil.copy(clone / "build/warehouse.duckdb", clone / "production.duckdb")


def write_segment_by_hand(clone: Path) -> None:
    """Steps 1 and 2 of the README: a file and a line."""
    (clone / SEGMENT).write_text(block("README.md", "segment") + "\n", encoding="utf-8")
    text = (clone / REGISTRY).read_text(encoding="utf-8")
    registered, lines = re.subn(r"( *)'power_users',\n", r"\g<0>\1'ticket_writers',\n", text)
    assert lines == 1
    (clone / REGISTRY).write_text(registered, encoding="utf-8")


def write_own_data(clone: Path) -> None:
    """Two CSV files of a reader's own and the file that declares them."""
    own, sample = clone / "seeds/own", read_sample()
    own.mkdir()
    for name in ("users", "events"):
        (own / f"own_{name}.csv").write_text(csv_text(name, sample[name]), encoding="utf-8")
    [declared] = [each.text for each in printed() if each.kind == "yaml" and "own_users" in each.text]
    (own / "_own.yml").write_text(declared, encoding="utf-8")


def copy_example(clone: Path) -> None:
    """A project of a reader's own: a copy of the example that says where the clone is."""
    shutil.copytree(clone / "examples/ravenstack", clone / "own_project", ignore=shutil.ignore_patterns("packages", "target", "logs"))
    (clone / "own_project/packages.yml").write_text(f"packages:\n  - local: {clone}\n", encoding="utf-8")


def delete_logs(clone: Path) -> None:
    """As the page on privacy says of a trace there: explain_user has left one."""
    shutil.rmtree(clone / "logs", ignore_errors=True)


BEFORE: dict[str, Callable[[Path], None]] = {
    "make segment NAME=ticket_writers TYPE=behavioral": keep_production,
    "dbt build -s +segment_sizes": write_segment_by_hand,
    OWN_DATA: write_own_data,
    "dbt deps": copy_example,
    FORGET_LAST: delete_logs,
}


# --- After -------------------------------------------------------------------------------------------------------------
def fill_in_and_build(clone: Path, _: str) -> None:
    """What make segment began, filled in with the README's words, is built and passes its tests. Then it is taken back."""
    path = clone / SEGMENT
    begun = path.read_text(encoding="utf-8")
    assert query(clone, "select max(data_through) from marts.segments")[0][0].isoformat() in begun
    written = block("README.md", "segment")
    for field in ("owner", "goal", "action"):
        [value] = re.findall(rf"'{field}': '([^']*)'", written)
        begun = re.sub(rf"'{field}': 'TODO[^']*'", f"'{field}': '{value}'", begun)
    path.write_text(re.sub(r"    todo = .*\n", written.split("{{ segment(\n", 1)[1].split(") }}", 1)[0], begun), encoding="utf-8")
    assert "TODO" not in path.read_text(encoding="utf-8")
    succeed(clone, "dbt build -s ticket_writers")
    succeed(clone, f"git checkout --quiet {REGISTRY} && rm {SEGMENT} {SEGMENT.with_suffix('.yml')}")


def see_history(clone: Path, _: str) -> None:
    """The segment has its history, and a column per criterion."""
    [(dates, newest)] = query(clone, "select count(*), max_by(users, as_of_date) from marts.segment_sizes where segment = 'ticket_writers'")
    assert dates == 53 and newest > 0
    assert query(clone, "select count(*) from segments.ticket_writers where active and writes and is_member")[0][0] > 0


def see_no_limit_broken(clone: Path, _: str) -> None:
    """After a whole build with its tests: the README's segment fails no check of the scorecard, and makes no other one fail."""
    if not (clone / SEGMENT).exists():
        return
    # No audience sends it anywhere yet, which costs no points.
    [(score, grade, reasons)] = query(clone, "select score, grade, reasons from marts.segment_scorecard where segment = 'ticket_writers'")
    assert (score, grade) == (100, "good") and reasons.startswith("nobody acts on it") and ";" not in reasons
    failing = "select segment, reasons from marts.segment_scorecard where failing_checks > 0 order by segment"
    assert query(clone, failing) == query(clone, failing, "production.duckdb")


def see_who_came(_: Path, output: str) -> None:
    assert "ticket_writers" in output


def see_own_users(clone: Path, _: str) -> None:
    assert query(clone, "select count(*) > 1000 from marts.users", "own.duckdb") == [(True,)]
    shutil.rmtree(clone / "seeds/own")


def see_that_it_parses(clone: Path, _: str) -> None:
    done = run(clone, "dbt parse", clone / "own_project")
    assert done.returncode == 0, done.stdout
    shutil.rmtree(clone / "own_project")


def see_forgotten(clone: Path, output: str) -> None:
    """The steps that the page on privacy shows, whatever the numbers."""
    page = (clone / "docs/privacy.md").read_text(encoding="utf-8")
    [shown] = re.findall(r"^ *```\n( *1 of 4 .*?)^ *```", page, flags=re.MULTILINE | re.DOTALL)
    printed_lines = {plain(line) for line in output.splitlines()}
    missing = [line.strip() for line in shown.splitlines() if line.strip() != "…" and plain(line) not in printed_lines]
    assert missing == [], output


def see_forgotten_after_a_delivery(clone: Path, _: str) -> None:
    """A destination that has the person has to be told first; then the same command ends well."""
    succeed(clone, "make audiences")
    succeed(clone, FORGET_LAST)


def see_the_list_again(clone: Path, _: str) -> None:
    listed = "select * from state.forgotten_users order by all"
    assert query(clone, listed, "again.duckdb") == query(clone, listed) != []


def see_clean(clone: Path, _: str) -> None:
    assert not (clone / "build/warehouse.duckdb").exists()


def plain(text: str) -> str:
    """A line with one sign for each number, or for the … in its place, and one space where there are several."""
    return re.sub(r"\s+", " ", re.sub(r"\d+|(?<= )…(?= )", "0", text)).strip()


AFTER: dict[str, Callable[[Path, str], None]] = {
    "make build": see_no_limit_broken,
    "make segment NAME=ticket_writers TYPE=behavioral": fill_in_and_build,
    "dbt build -s +segment_sizes": see_history,
    "make segment-diff OLD=production.duckdb": see_who_came,
    OWN_DATA: see_own_users,
    "dbt deps": see_that_it_parses,
    FORGET_LAST: see_forgotten_after_a_delivery,
    "make forget-user USER=u0416": see_forgotten,
    "insert into state.forgotten_users from 'forgotten.csv'": see_the_list_again,
    "make clean": see_clean,
}


def test_what_is_prepared_is_printed() -> None:
    texts = {each.text for each in commands()}
    assert sorted({*LAST, *DATABASE, *REFUSED, *FOLDER, *BEFORE, *AFTER} - texts) == []


@pytest.mark.parametrize("command", in_order(), ids=str)
def test_the_command_does_what_its_page_says(clone: Path, command: Printed, monkeypatch: pytest.MonkeyPatch) -> None:
    if command.text in BEFORE:
        BEFORE[command.text](clone)
    database = DATABASE.get(command.text)
    if command.kind == "sql":
        monkeypatch.chdir(clone)
        with duckdb.connect(str(clone / (database or "build/warehouse.duckdb"))) as connection:
            connection.execute(command.text)
        output = ""
    else:
        done = run(clone, command.text, clone / FOLDER[command.text] if command.text in FOLDER else None, database)
        refusal = REFUSED.get(command.text, "")
        said = done.stdout + done.stderr
        assert (done.returncode != 0) == bool(refusal) and refusal in said, f"{done.stdout[-6000:]}\n{done.stderr[-3000:]}"
        output = done.stdout
    if command.output:
        # The name of a folder ends with a hash of the build.
        shown, found = (re.sub(r"_[0-9a-f]{8}\b", "_…", text).strip() for text in (command.output, output))
        assert found.startswith(shown), output
    if command.text in AFTER:
        AFTER[command.text](clone, output)


@pytest.mark.parametrize("file", [each for each in printed() if each.kind == "segment" and each.page != "README.md"], ids=str)
def test_the_segment_of_a_page_parses(clone: Path, file: Printed) -> None:
    """With the config of the README where the page shows none, and fields of it where the page leaves some out."""
    config, body = block("README.md", "segment").split("{{ segment(", 1)
    text = file.text if file.text.startswith("{{ config") else config + file.text
    text = text.replace("    …,\n", config.split("\n", 1)[1].split("\n}", 1)[0] + ",\n")
    text = text if "{{ segment(" in text else f"{text}\n{{{{ segment({body}"
    if (clone / SEGMENT).exists():
        # Written by hand as the README says: the same as that of a page.
        succeed(clone, f"git checkout --quiet {REGISTRY} && rm {SEGMENT}")
    place = clone / "models/segments/behavioral/of_a_page.sql"
    registry = (clone / REGISTRY).read_text(encoding="utf-8")
    try:
        place.write_text(text + "\n", encoding="utf-8")
        (clone / REGISTRY).write_text(registry.replace("'new_users',", "'new_users', 'of_a_page',", 1), encoding="utf-8")
        succeed(clone, "dbt run-operation check_segments")
    finally:
        place.unlink()
        (clone / REGISTRY).write_text(registry, encoding="utf-8")


@pytest.mark.parametrize("file", [each for each in printed() if each.kind == "model"], ids=str)
def test_the_model_of_a_page_is_built(clone: Path, file: Printed) -> None:
    """On what it reads, which `make clean` may have deleted."""
    succeed(clone, "dbt build -s +user_features --exclude-resource-type test unit_test")
    place = clone / "models/marts/of_a_page.sql"
    try:
        place.write_text(file.text + "\n", encoding="utf-8")
        succeed(clone, "dbt run -s of_a_page")
    finally:
        place.unlink()
