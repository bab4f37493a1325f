"""What is personal is tagged, and who is forgotten is gone."""

from __future__ import annotations

import base64
import bz2
import copy
import gzip
import hashlib
import io
import json
import lzma
import os
import re
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import duckdb
import pytest
import yaml
from hypothesis import given, settings, strategies

import forget_user
from checking import person as person_module
from checking.person import Person, lower_address, trimmed, where_in
from warehouse import ROOT, Inputs, Result, Row, Warehouse, differences

# Words in a column's name that speak of a person.
TELLING = re.compile(
    r"(^|_)(id|uid|uuid|name|email|mail|phone|address|street|postcode|zip|city|ip|title|owner|birth|gender|sex|income|salary"
    r"|religion|ethnicity|answer|text|comment|personality|lifestyle|interests|sentiment)(_|$)"
)


def tags() -> dict[str, dict[str | None, list[str]]]:
    """Column name -> tag -> where, over every YAML of models and seeds, the example's included."""
    found: dict[str, dict[str | None, list[str]]] = {}
    for folder in ("models", "seeds", "examples"):
        for path in sorted((ROOT / folder).rglob("*.yml")):
            content = yaml.safe_load(path.read_text(encoding="utf-8"))
            for kind in ("models", "seeds"):
                entries = content.get(kind) if isinstance(content.get(kind), list) else []
                for entry in entries:
                    for column in entry.get("columns", []):
                        tag = column.get("config", {}).get("meta", {}).get("privacy")
                        found.setdefault(column["name"], {}).setdefault(tag, []).append(entry["name"])
    return found


def listed(tag: str) -> set[str]:
    """The columns in the row of docs/privacy.md that begins with these words."""
    page = (ROOT / "docs/privacy.md").read_text(encoding="utf-8")
    row = re.search(rf"^\| {tag}[^|]*\| (.*) \|$", page, flags=re.MULTILINE)
    assert row, f"no row for {tag}"
    return set(re.findall(r"`(\w+)`", row[1]))


def test_a_name_has_one_tag_everywhere() -> None:
    found = tags()
    assert len(found) > 500
    several = {name: places for name, places in found.items() if len(places) > 1}
    assert several == {}
    assert {tag for places in found.values() for tag in places} == {None, "personal", "sensitive"}


def test_the_page_lists_what_is_tagged() -> None:
    found = tags()
    for tag in ("personal", "sensitive"):
        assert {name for name, places in found.items() if tag in places} == listed(tag)


def test_a_name_that_looks_personal_is_tagged_or_excused() -> None:
    """A new `phone_number` does not slip through: it gets a tag, or a place on the list of those that need none."""
    untagged = {name for name, places in tags().items() if None in places}
    excused = listed("neither")
    assert {name for name in untagged if TELLING.search(name)} == excused


def test_criteria_that_read_what_is_sensitive_are_tagged(sample_warehouse: Warehouse) -> None:
    """A segment's view has a column per criterion; one that asks for the age says the age."""
    manifest = json.loads((sample_warehouse.folder / "target/manifest.json").read_text(encoding="utf-8"))
    sensitive = listed("sensitive")
    wrong, tagged = [], 0
    for node in manifest["nodes"].values():
        segment = node["config"].get("meta", {}).get("segment")
        if node["resource_type"] != "model" or not segment:
            continue
        for criterion, expression in segment["expressions"].items():
            words = set(re.findall(r"[a-z_]\w*", re.sub("'[^']*'", "", expression) + " " + segment["texts"][criterion]))
            tag = node["columns"][criterion]["config"]["meta"].get("privacy")
            if (tag == "sensitive") != bool(words & sensitive):
                wrong.append(f"{node['name']}.{criterion}")
            tagged += tag == "sensitive"
    assert wrong == []
    assert tagged == 2


def test_the_list_of_the_forgotten_survives_a_full_refresh(sample_warehouse: Warehouse) -> None:
    manifest = json.loads((sample_warehouse.folder / "target/manifest.json").read_text(encoding="utf-8"))
    assert manifest["nodes"]["model.segmentation.forgotten_users"]["config"]["full_refresh"] is False


VERA = "u1077"
ADDRESS = "vera.lind@example.com"


def with_vera(company: Inputs) -> Inputs:
    """The company with one user more, who left something in every input that can hold a person."""
    inputs = {name: [dict(row) for row in rows] for name, rows in company.items()}
    signed_up = {"signed_up_at": "2026-01-05T09:00:00Z", "updated_at": "2026-01-05T09:00:00Z"}
    inputs["users"] += [
        {
            "user_id": f" {VERA} ",
            "account_id": "a1",
            "email": "Vera.Lind@Example.com",
            "job_title": "Engineer",
            "country": "DE",
            **signed_up,
        },
        # Rejected, for it lacks its key: the address alone says whose it is.
        {"user_id": "", "account_id": "a1", "email": ADDRESS, **signed_up},
    ]
    inputs["identities"] = [
        {"anonymous_id": "cookie-9", "user_id": VERA, "linked_at": "2026-02-01T00:00:00Z"},
        # A computer that another user logged in on later: what was done on it before is Vera's.
        {"anonymous_id": "cookie-9", "user_id": "u2", "linked_at": "2026-03-01T00:00:00Z"},
    ]
    inputs["events"] += [
        {
            "event_id": f"v{number}",
            "user_id": user,
            "anonymous_id": anonymous,
            "event_name": "task_completed",
            "occurred_at": time,
            "received_at": time,
            "properties": properties,
        }
        for number, (user, anonymous, time, properties) in enumerate(
            [
                (f"{VERA}\t", "", "2026-03-05T10:00:00Z", ""),
                (f"\u00a0{VERA}", "cookie-9", "2026-03-12T10:00:00Z", ""),
                ("", "cookie-9", "2026-01-20T10:00:00Z", '{"signed": "' + ADDRESS + '"}'),
                (VERA, "", "yesterday", ""),
            ]
        )
    ]
    inputs["attribute_history"] = [
        {"entity": "user", "entity_id": VERA, "attribute": "job_title", "value": "Intern", "valid_from": "2026-01-05T09:00:00Z"},
        {"entity": "", "entity_id": f"{VERA}\u200b", "attribute": "job_title", "value": "Trainee", "valid_from": "2026-01-04T09:00:00Z"},
    ]
    inputs["survey_responses"] += [
        {
            "response_id": "r9",
            "user_id": VERA,
            "survey": "why",
            "instrument": "attribute",
            "question": "values",
            "answer": "freedom",
            "score": "",
            "responded_at": "2026-03-03T12:00:00Z",
        }
    ]
    inputs["support_tickets"] = [{"ticket_id": "t9", "user_id": VERA, "topic": "billing", "created_at": "2026-03-04T00:00:00Z"}]
    inputs["campaign_messages"] = [{"message_id": "m9", "campaign": "spring", "user_id": VERA, "assigned_at": "2026-03-04T00:00:00Z"}]
    inputs["experiment_assignments"] = [{"experiment": "button", "variant": "blue", "user_id": VERA, "assigned_at": "2026-03-04T00:00:00Z"}]
    # Before she signed in: an anonymous id in the place of hers.
    inputs["campaign_messages"].append(
        {"message_id": "m8", "campaign": "spring", "user_id": "cookie-9", "assigned_at": "2026-01-20T00:00:00Z"}
    )
    inputs["experiment_assignments"].append(
        {"experiment": "button", "variant": "red", "user_id": "cookie-9", "assigned_at": "2026-01-20T00:00:00Z"}
    )
    inputs["interview_notes"] = [
        {"note_id": "n9", "user_id": VERA, "theme": "speed", "sentiment": "angry", "noted_at": "2026-03-04T00:00:00Z"}
    ]
    return inputs


def without_vera(inputs: Inputs) -> Inputs:
    """What the inputs would be if there had never been a Vera."""

    def is_hers(row: Row) -> bool:
        """Her id, or her traces where nobody's id stands."""
        owner = row.get("user_id", row.get("entity_id", "")).strip(" \t\u00a0\u200b")
        return owner in (VERA, "cookie-9") or (not owner and (row.get("email") == ADDRESS or row.get("anonymous_id") == "cookie-9"))

    return {name: [row for row in rows if not is_hers(row)] for name, rows in inputs.items()}


# The state of deliveries: the row stays until the removal is delivered, and says whom to remove.
HELD_ELSEWHERE = """{{ config(schema='state', materialized='incremental', full_refresh=false, meta={'on_forget': 'keep_until_told'}) }}
select user_id, md5(lower(email)) as destination_key from {{ ref('stg_users') }} {{ 'where 1 = 0' if is_incremental() }}
"""
KEEP_UNTIL_TOLD = """{% macro keep_until_told(user_id, relations) %}
    {{ return(["update " ~ relations[0] ~ " set user_id = 'forgotten' where user_id = '" ~ user_id ~ "'"]) }}
{% endmacro %}
"""


def forget(warehouse: Warehouse, **arguments: str) -> Result:
    """The operation."""
    return warehouse.run("run-operation", "forget_user", "--args", json.dumps(arguments))


@pytest.mark.long
def test_who_is_forgotten_was_never_there(tmp_path: Path, company: Inputs) -> None:
    """After the operation and a build, every row is that of a warehouse that never had the person, in memory and on the disk."""
    warehouse = Warehouse(tmp_path / "project", copied=("models", "macros"), views=True)
    (warehouse.folder / "models/marts/held_elsewhere.sql").write_text(HELD_ELSEWHERE, encoding="utf-8")
    (warehouse.folder / "macros/keep_until_told.sql").write_text(KEEP_UNTIL_TOLD, encoding="utf-8")
    built = ["--select", "+user_features", "+rejected_rows", "+unknown_ids", "held_elsewhere"]
    everywhere = ("raw", "staging", "activity", "features", "marts")
    never_there = copy.copy(warehouse)
    never_there.database = warehouse.folder / "never there.duckdb"
    never_there.write_inputs(without_vera(with_vera(company)))
    never_there.build(*built)

    warehouse.write_inputs(with_vera(company))
    warehouse.build(*built)
    person = forget_user.Person(VERA, tuple(forget_user.known_emails(warehouse.database, VERA)))
    assert person.emails == (ADDRESS,)
    with duckdb.connect(str(warehouse.database)) as connection:
        connection.execute(f"create table main.notes as select 'ask {ADDRESS.title()}, that is {VERA}' as note, 'u2' as author")
        connection.execute(
            "create table main.hashes as select upper(sha256(unnest([?, 'bert@example.com', ?]))) as any_name", [ADDRESS, VERA]
        )
        connection.execute("create table main.logged as select 'sent to ' || sha256(?) || '.' as line, 1 as number", [ADDRESS])
    before = forget_user.traces(warehouse.database, person)[0]
    assert len(before) > 20, before
    assert {line.split(": ")[1].split(".")[0] for line in before} == {"main", "raw", "state", "staging", "activity", "features", "marts"}
    assert forget_user.bytes_found([warehouse.database], person)

    result = forget(warehouse, user_id=VERA)
    assert result, result.output
    assert "Forgetting one user: the id, 1 email address, 1 anonymous id." in result.output
    assert re.search(r"Looked in \d+ tables and \d+ views of staging, \d+ columns: nothing is left", result.output)
    assert warehouse.query("select * from main.hashes") == [(hashlib.sha256(b"bert@example.com").hexdigest().upper(),)]
    assert warehouse.query("select * from main.logged") == [("sent to [forgotten].", 1)]
    assert warehouse.query("select * from main.notes") == [("ask [forgotten], that is [forgotten]", "u2")]
    assert forget_user.traces(warehouse.database, person)[0] == []

    assert sorted(warehouse.query("select user_id from state.held_elsewhere")) == [("forgotten",), ("u1",), ("u2",), ("u3",), ("u4",)]

    # Inputs that are no seeds of ours come in whole: staging alone leaves her out, and the computer's events before u2 used it.
    with duckdb.connect(str(warehouse.database)) as connection:
        connection.execute("begin")
        for name in with_vera(company):
            connection.execute(
                f"insert into raw.sample_{name} select * from read_csv('{warehouse.folder}/seeds/sample/sample_{name}.csv', all_varchar = true)"
            )
        assert connection.execute("select count(*) from raw.sample_users where trim(user_id) = ?", [VERA]).fetchone() == (1,)
        for (view,) in connection.execute("select view_name from duckdb_views() where schema_name = 'staging'").fetchall():
            rows = [str(row) for row in connection.execute(f"select * from staging.{view}").fetchall()]
            assert not [row for row in rows if VERA in row or ADDRESS in row.lower() or ("cookie-9" in row and "u2" not in row)], view
        connection.execute("rollback")

    # The inputs still hold the person; a build brings nothing back, and what it builds is what a first build would.
    warehouse.build(*built)
    # YAML makes 83 of 0123: nobody is forgotten for a number that somebody may have typed otherwise.
    assert (
        "must be the id of a user, as text, got 83. Put it in quotes"
        in warehouse.run("run-operation", "forget_user", "--args", "{user_id: 0123}").output
    )
    assert "the user 'u10' was not found in any input or table" in forget(warehouse, user_id="u10").output
    # The id, the address, and the anonymous id, which may also stand in the place of a user's.
    assert warehouse.query("select count(*) from state.forgotten_users") == [(4,)]
    forget_user.rewrite(warehouse.database)
    found, tables, columns = forget_user.traces(warehouse.database, person)
    assert found == [] and tables > 25 and columns > 300
    assert forget_user.bytes_found([warehouse.database], person) == []
    tables_compared = [table for table in never_there.tables(*everywhere) if not table.startswith("state.")]
    assert len(tables_compared) > 25
    assert differences(warehouse, never_there, tables_compared) == []


def test_an_id_that_could_be_a_number_is_looked_for_among_ids(tmp_path: Path) -> None:
    path = tmp_path / "published.duckdb"
    with duckdb.connect(str(path)) as connection:
        connection.execute("create table numbers as select '17' as user_id, 17 as sessions, '17' as plan, 'u0017 or 17' as note")
        connection.execute("create table texts as select 'Mail VERA@example.com!' as note, 'avera@example.com' as other")
        connection.execute("create view mirror as select * from texts")
    assert forget_user.traces(path, forget_user.Person("17", ())) == (["published.duckdb: main.numbers.user_id, rows: 1"], 2, 6)
    assert forget_user.traces(path, forget_user.Person("u0017", ()))[0] == ["published.duckdb: main.numbers.note, rows: 1"]
    assert forget_user.traces(path, forget_user.Person("17", ("vera@example.com",)))[0] == [
        "published.duckdb: main.numbers.user_id, rows: 1",
        "published.duckdb: main.texts.note, rows: 1",
    ]
    with duckdb.connect() as connection:
        connection.execute(f"copy (select 'u0017' as any_name) to '{tmp_path / 'users.parquet'}'")
    assert forget_user.traces(tmp_path / "users.parquet", forget_user.Person("u0017", ()))[0] == [
        "users.parquet: main.file.any_name, rows: 1"
    ]


@pytest.mark.parametrize("place", ["build", "elsewhere"])
def test_every_file_that_a_build_writes_is_searched_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, place: str) -> None:
    """Logs and published files too; nothing else."""
    monkeypatch.chdir(tmp_path)
    database = Path(place, "warehouse.duckdb")
    for path in (database, tmp_path / "published/users.duckdb"):
        path.parent.mkdir(exist_ok=True)
        with duckdb.connect(str(path)) as connection:
            connection.execute("create table people as select 'u0017' as id")
    for name, text in {"logs/dbt.log": "of u0017.", "target/run.json": "of u00170", "notes.txt": "u0017"}.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text, encoding="utf-8")
    left = forget_user.search(tmp_path, database, forget_user.Person("u0017", ()))
    assert left[:2] == [f"{name}.duckdb: main.people.id, rows: 1" for name in ("warehouse", "users")]
    assert left[2:] == [
        f"{name}: in the bytes of the file" for name in (f"{place}/warehouse.duckdb", "logs/dbt.log", "published/users.duckdb")
    ]


def test_a_file_written_anew_keeps_all_but_deleted_rows(tmp_path: Path) -> None:
    path = tmp_path / "it's a warehouse.duckdb"
    with duckdb.connect(str(path)) as connection:
        connection.execute("create table people (id varchar primary key, name varchar not null)")
        connection.execute("insert into people values ('a', 'Ada Lovelace'), ('b', 'Bert Brecht')")
        connection.execute("comment on table people is 'One row per person.'")
        connection.execute("create view names as select name from people")
        connection.execute("checkpoint")
        connection.execute("delete from people where id = 'b'")
    path.chmod(0o600)
    assert b"Bert Brecht" in path.read_bytes()
    forget_user.rewrite(path)
    assert b"Bert Brecht" not in path.read_bytes()
    assert path.stat().st_mode & 0o777 == 0o600
    assert sorted(file.name for file in tmp_path.iterdir()) == [path.name]
    with duckdb.connect(str(path), read_only=True) as connection:
        assert connection.execute("select * from names").fetchall() == [("Ada Lovelace",)]
        assert connection.execute("select comment, has_primary_key from duckdb_tables()").fetchall() == [("One row per person.", True)]
        assert connection.execute("select count(*) from duckdb_constraints()").fetchall()[0][0] >= 2


@pytest.mark.parametrize(("user", "status", "told"), [("u1", 2, "does not exist"), ("  ", 2, "Usage: make forget-user")])
def test_a_mistake_is_found_before_anything_changes(tmp_path: Path, user: str, status: int, told: str) -> None:
    run = subprocess.run(
        [sys.executable, str(ROOT / "scripts/forget_user.py"), user, "--database", str(tmp_path / "none.duckdb")],
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == status and told in run.stderr and "Traceback" not in run.stderr


def test_a_file_that_is_open_elsewhere_is_told(tmp_path: Path) -> None:
    path = tmp_path / "warehouse.duckdb"
    with duckdb.connect(str(path)):
        run = subprocess.run(
            [sys.executable, str(ROOT / "scripts/forget_user.py"), "u1", "--database", str(path)],
            capture_output=True,
            text=True,
            check=False,
        )
    assert run.returncode == 2 and "Close it" in run.stderr


def zipped(content: bytes) -> bytes:
    """A zip of one file."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("report.txt", content)
    return buffer.getvalue()


PACKED = {
    "": bytes,
    "gzip": gzip.compress,
    "bzip2": bz2.compress,
    "xz": lzma.compress,
    "zip, report.txt": zipped,
    "zip, report.txt gzip": lambda content: zipped(gzip.compress(content)),
}


def written_forms(word: str) -> dict[str, bytes]:
    """What others make of an id or address when they write it down."""
    digest = hashlib.sha256(word.encode()).digest()
    forms = {
        "plain": word.encode(),
        "upper": word.upper().encode(),
        "lower": word.lower().encode(),
        "utf-16-le": word.encode("utf-16-le"),
        "utf-16-be": word.encode("utf-16-be"),
        "utf-16": word.encode("utf-16"),
        "JSON": json.dumps(word).encode(),
        "base64": base64.b64encode(word.encode()),
        "base64 of a line": base64.b64encode(word.encode() + b"; more"),
        "UTF-32": word.encode("utf-32-le"),
    }
    hashes = {
        "hex": digest.hex().encode(),
        "HEX": digest.hex().upper().encode(),
        "base64 of hash": base64.b64encode(digest),
        "urlsafe": base64.urlsafe_b64encode(digest),
        "hex in UTF-16": digest.hex().encode("utf-16-le"),
        "bytes": digest,
    }
    return {**forms, **hashes}


@pytest.mark.parametrize("packed", PACKED)
def test_a_person_is_found_in_bytes_however_written(tmp_path: Path, packed: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every form of an address and of an id, in every packing, at any place of a long file; and nothing is found of their neighbors."""
    monkeypatch.setattr(person_module, "CHUNK", 300)
    somebody = Person("u0017", ("j\u00fcrgen.o'hara@example.com",))
    path = tmp_path / "any name"
    tried = 0
    for word in (somebody.user_id, somebody.emails[0]):
        for name, form in written_forms(word).items():
            # Base64 of a few letters stands for anything.
            if len(word) < 8 and name in ("base64", "base64 of a line"):
                continue
            for before in (0, 3, 270, 295, 299, 301, 900):
                path.write_bytes(PACKED[packed](b"\n-" * (before // 2) + b"\n" * (before % 2) + form + b"\n-" * 200))
                assert where_in(path, somebody) == packed, (name, before)
                tried += 1
    for word in (
        "au0017",
        "u00171",
        "u0017_x",
        "xj\u00fcrgen.o'hara@example.com",
        "j\u00fcrgen.o'hara@example.comx",
        "u001",
        "someone@example.com",
    ):
        for name, form in written_forms(word).items():
            if not name.startswith("base64"):
                path.write_bytes(PACKED[packed](b"-" * 299 + form + b"-" * 299))
                assert where_in(path, somebody) is None, (word, name)
                tried += 1
    assert tried > 200


def test_a_short_id_is_found_by_its_hash_alone(tmp_path: Path) -> None:
    path = tmp_path / "log"
    path.write_text("17 rows, user 17", encoding="utf-8")
    assert where_in(path, Person("17", ())) is None
    path.write_text(f"sent {hashlib.sha256(b'17').hexdigest()}", encoding="utf-8")
    assert where_in(path, Person("17", ())) == ""


def test_a_damaged_archive_stops_no_search(tmp_path: Path) -> None:
    whole = {name: pack(b"nothing " * 100) for name, pack in PACKED.items() if name}
    for name, content in whole.items():
        for length in (6, len(content) // 2, len(content) - 3):
            path = tmp_path / "damaged"
            path.write_bytes(content[:length])
            assert where_in(path, Person("u0017", ())) is None, (name, length)


def test_a_table_is_searched_for_hashes(tmp_path: Path) -> None:
    """Of the address, of the mailbox and of the id; also as base64 and as bytes; a list of suppressions may keep them."""
    digest = hashlib.sha256(b"veral@gmail.com").digest()
    somebody = Person("17", ("vera.l+x@googlemail.com",))
    path = tmp_path / "copy.db"
    with duckdb.connect(str(path)) as connection:
        connection.execute(
            "create table hashes (upper_hex varchar, coded varchar, bytes blob, of_id varchar, of_another varchar, number bigint)"
        )
        connection.execute(
            "insert into hashes values (?, ?, ?, sha256('17'), sha256('vera@example.com'), 17)",
            [digest.hex().upper(), f"em={base64.b64encode(digest).decode()}", digest],
        )
        connection.execute(f"create table do_not_contact as select '{digest.hex()}' as email_sha256, null::varchar as user_id")
        connection.execute('create table "a ""b.c" as select \'vera.l+x@googlemail.com\' as "d"" e"')
    assert forget_user.kind(path) == "duckdb"
    found = [f"copy.db: main.hashes.{column}, rows: 1" for column in ("bytes", "coded", "of_id", "upper_hex")]
    odd = ['copy.db: main.a "b.c.d" e, rows: 1']
    assert forget_user.traces(path, somebody)[0] == odd + ["copy.db: main.do_not_contact.email_sha256, rows: 1"] + found
    assert forget_user.traces(path, somebody, frozenset({"do_not_contact"}))[0] == odd + found
    assert forget_user.traces(path, Person("17", somebody.emails, frozenset({digest.hex()})))[0] == [*odd, found[2]]


def test_what_is_left_is_said_with_what_to_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(forget_user, "ROOT", tmp_path)
    database = Path("build/warehouse.duckdb")
    for name, content in {
        "logs/dbt.log.1.gz": gzip.compress(b"of u0017"),
        "target/run.json": b"u0017",
        "published/audiences/1/add.csv": b"u0017",
        "published/old.duckdb": b"u0017",
        "build/copy.duckdb": b"12345678DUCK u0017",
        "build/sub/note.txt": "u0017".encode("utf-16"),
    }.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_bytes(content)
    with duckdb.connect(str(database)) as connection:
        connection.execute("create schema state")
        connection.execute("create table state.audience_deliveries as select 'u0017' as user_id")
    left = forget_user.search(tmp_path, database, Person("u0017", ()))
    told = forget_user.what_to_do(left, database)
    assert len(left) == 9, left
    assert any("packed (gzip)" in line for line in left) and any(
        "copy.duckdb: cannot be searched, so the result is unknown: " in line for line in left
    )
    for words in (
        "still lists the person for removal",
        "run this again",
        "files in logs/",
        "Delete target/",
        "make audiences CLEAN=1",
        "`make build` republishes",
        "are copies: forget the person there too",
    ):
        assert len([line for line in told if words in line]) >= 1, (words, told)


def test_a_report_is_drawn_anew_or_removed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever its name: what was published before still counts the person. A page that is none stays."""
    import reporting.page

    page = b"<!doctype html><html><head>" + forget_user.REPORT + b"2026</title>"
    assert forget_user.REPORT.decode() in (ROOT / "scripts/reporting/page_parts/page.html").read_text(encoding="utf-8")
    (tmp_path / "parquet-1").mkdir()
    (tmp_path / "parquet").symlink_to("parquet-1")
    for name in ("report.html", "july.html", "docs.html"):
        (tmp_path / name).write_bytes(page if name != "docs.html" else b"<title>dbt Docs</title>")
    done = forget_user.renew_pages(tmp_path)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["docs.html"] and len(done) == 3 and all("removed" in line for line in done)
    for is_newer in (True, False):
        (tmp_path / "report.html").write_bytes(page)
        (tmp_path / "segmentation.duckdb").touch()
        os.utime(tmp_path / "report.html", (1_000, 1_000) if is_newer else None)
        os.utime(tmp_path / "segmentation.duckdb", (2_000, 2_000))
        with monkeypatch.context() as patch:
            patch.setattr(reporting.page, "write", lambda database, output, currency: output.write_bytes(page + b" anew"))
            done = forget_user.renew_pages(tmp_path)
        assert (tmp_path / "report.html").exists() is is_newer and ("redrawn" in done[0]) is is_newer
    # A published file that is none: the page goes.
    (tmp_path / "report.html").write_bytes(page)
    os.utime(tmp_path / "report.html", (1_000, 1_000))
    assert "removed" in forget_user.renew_pages(tmp_path)[0] and not (tmp_path / "report.html").exists()


IDS = [
    "123",
    "0123",
    "true",
    "no",
    "null",
    "~",
    "1e5",
    "1_000",
    "12:30",
    "0x1F",
    "2026-01-01",
    "a'b",
    'a"b',
    "a\\",
    "\\n",
    "$(touch pwned)",
    "$(shell touch pwned)",
    "`touch pwned`",
    "; touch pwned",
    "| touch pwned",
    "&& touch pwned",
    "-x",
    "--help",
    "--email",
    "a b",
    "a\nb",
    "a\tb",
    "{{ 7 * 7 }}",
    "{% do x %}",
    "{# x #}",
    "$HOME",
    "$$",
    "${HOME}",
    "%",
    "%s",
    "#x",
    "a#b",
    "\u00fc\u20ac",
    "\U0001f600",
    "\u0130da",
    "*",
    "~root",
    "a=b",
    "a: b",
    "- a",
    "[a]",
    "{a}",
    "&a",
    "!a",
    "@a",
    "'",
    '"',
    "\\",
    "$",
    "$(",
    "$(error x)",
    "$(eval FORGET_USER=x)",
    "Robert'); drop table users;--",
    "a\u2028b",
    "a\x85b",
    "a\ufffeb",
    "a\x7fb",
]


def test_any_id_reaches_dbt_as_the_text_it_is() -> None:
    for text in IDS:
        assert yaml.safe_load(f"{{user_id: {forget_user.yaml_text(text)}, email: {forget_user.yaml_text(text)}}}") == {
            "user_id": text,
            "email": text,
        }


@settings(max_examples=1000, deadline=None)
@given(strategies.text(strategies.characters(exclude_categories=("Cs",)), max_size=20))
def test_any_text_is_itself_in_yaml(text: str) -> None:
    assert yaml.safe_load(forget_user.yaml_text(text)) == text


@pytest.mark.skipif(shutil.which("make") is None, reason="no make")
def test_no_shell_reads_an_id(tmp_path: Path) -> None:
    """make passes USER=, EMAIL= and DATABASE= on as they are; nothing in them is run, and the user of the environment is not forgotten."""
    (tmp_path / ".venv/bin").mkdir(parents=True)
    shutil.copy(ROOT / "Makefile", tmp_path)
    for name in ("requirements.txt", "requirements-dev.txt", "constraints.txt", ".venv/build.stamp"):
        (tmp_path / name).touch()
    python = tmp_path / ".venv/bin/python"
    python.write_text(
        '#!/bin/sh\nfor name in USER EMAIL DATABASE; do eval "printf %s \\"\\$FORGET_$name\\"" > got_$name; done; echo "$*" > arguments\n',
        encoding="utf-8",
    )
    python.chmod(0o755)
    for text in IDS:
        run = subprocess.run(
            ["make", "-s", "forget-user", f"USER={text}", f"EMAIL={text}", f"DATABASE={text}"],
            cwd=tmp_path,
            capture_output=True,
            text=True,
            check=False,
        )
        assert run.returncode == 0, (text, run.stderr)
        for name in ("USER", "EMAIL", "DATABASE"):
            assert (tmp_path / f"got_{name}").read_text(encoding="utf-8") == text
        assert (tmp_path / "arguments").read_text(encoding="utf-8") == "scripts/forget_user.py\n"
        assert not (tmp_path / "pwned").exists(), text
    environment = {**os.environ, "USER": "me", "EMAIL": "me@example.com", "FORGET_USER": "me"}
    run = subprocess.run(["make", "-s", "forget-user"], cwd=tmp_path, env=environment, capture_output=True, text=True, check=False)
    assert run.returncode == 2 and "Usage: make forget-user" in run.stdout
    subprocess.run(["make", "-s", "forget-user", "USER=u1"], cwd=tmp_path, env={**environment, "FORGET_EMAIL": "x"}, check=True)
    assert (tmp_path / "got_EMAIL").read_text(encoding="utf-8") == ""


def test_any_id_is_looked_for_and_not_run(tmp_path: Path) -> None:
    """As SQL, too: a table that holds exactly this id, in a warehouse that knows the address."""
    path = tmp_path / "warehouse.duckdb"
    with duckdb.connect(str(path)) as connection:
        connection.execute("create schema staging")
        connection.execute("create table staging.stg_users__checked (user_id varchar, email varchar)")
        connection.execute(
            "create view staging.stg_users__addresses as select user_id, email, sha256(email) as email_sha256, sha256(email) as google_email_sha256 from staging.stg_users__checked"
        )
        connection.executemany(
            "insert into staging.stg_users__checked values (?, ?)", [(text, f"U{number}@Example.com") for number, text in enumerate(IDS)]
        )
    for number, text in enumerate(IDS):
        somebody = forget_user.known_person(path, text, [])
        assert somebody.emails == (f"u{number}@example.com",)
        found, _, _ = forget_user.traces(path, somebody)
        assert found == [f"warehouse.duckdb: staging.stg_users__checked.{column}, rows: 1" for column in ("email", "user_id")], text


def test_python_and_sql_trim_and_lower_alike() -> None:
    texts = [
        "".join((before, "A\u00c4b", after))
        for before in ("", " ", "\u00a0", "\u200b", "\t\n")
        for after in ("", "\ufeff", "\x1f ", "\u2028")
    ]
    texts += [chr(point) + "A" for point in (0x130, 0x212A, 0xC4, 0x1E9E, 0x2126, 0xFF21)]
    sql = f"select email, regexp_replace(email, '{forget_user.BLANK_ENDS}', '', 'g'), {forget_user.LOWER} from (select unnest(?::varchar[]) as email)"
    for text, cut, lowered in duckdb.execute(sql, [texts]).fetchall():
        assert (trimmed(text), lower_address(text)) == (cut, lowered), ascii(text)


# ---------------------------------------------------------------------------------------------------
# The file of single users
# ---------------------------------------------------------------------------------------------------

EXACT = (
    "mrr",
    "mrr_91d_ago",
    "revenue_91d",
    "lifetime_revenue",
    "annual_revenue",
    "acquisition_cost",
    "employee_count",
    "seats",
    "account_users",
)


def test_no_exact_money_headcount_or_second_is_in_the_file_of_users(sample_warehouse: Warehouse, published_sample: Path) -> None:
    """By name, and by value: no column of the file has the numbers of one that is withheld. Times are days, minutes whole."""
    with duckdb.connect() as connection:
        connection.execute(f"attach '{published_sample / 'segmentation_users.duckdb'}' as published (read_only)")
        connection.execute(f"attach '{sample_warehouse.database}' as warehouse (read_only)")
        columns = connection.execute(
            "select table_name, column_name, data_type from duckdb_columns() where database_name = 'published' and schema_name = 'marts' and table_name != 'publish_log'"
        ).fetchall()
        assert len({table for table, _, _ in columns}) >= 6
        telling = re.compile(r"revenue|(^|_)(mrr|arr|cost|amount|price|spend|salary|seats|employees?|headcount|users)(_|$)")
        assert [(table, name) for table, name, kind in columns if telling.search(name) and kind != "VARCHAR"] == []
        for table, name, kind in columns:
            if kind.startswith("TIMESTAMP"):
                assert connection.execute(
                    f'select count(*) from published.marts."{table}" where "{name}" != date_trunc(\'day\', "{name}")'
                ).fetchone() == (0,), (table, name)
            if "minutes" in name:
                assert (
                    connection.execute(
                        f'select count(*), count(*) filter ("{name}" != round("{name}")) from published.marts."{table}"'
                    ).fetchone()[1]
                    == 0
                ), name
        assert connection.execute("select count(distinct session_minutes_28d) from published.marts.users").fetchone()[0] > 10
        shown = [name for table, name, kind in columns if table == "users" and kind in ("DOUBLE", "BIGINT")]
        assert len(shown) > 30
        for exact in EXACT:
            distinct, *alike = connection.execute(
                f"select count(distinct {exact}), "
                + ", ".join(f'count(*) filter ("{name}" = {exact}) / nullif(count({exact}), 0)' for name in shown)
                + f" from warehouse.marts.users where {exact} > 1"
            ).fetchone()
            if distinct > 5:
                assert [name for name, share in zip(shown, alike) if share and share > 0.5] == [], exact
