"""What is personal is tagged, and who is forgotten is gone."""

from __future__ import annotations

import copy
import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Callable

import duckdb
import pytest
import yaml

import forget_user
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
        {"user_id": f" {VERA} ", "account_id": "a1", "email": "Vera.Lind@Example.com", "job_title": "Engineer", "country": "DE", **signed_up},
        # Rejected, for it lacks its key: the address alone says whose it is.
        {"user_id": "", "account_id": "a1", "email": ADDRESS, **signed_up},
    ]
    inputs["identities"] = [
        {"anonymous_id": "cookie-9", "user_id": VERA, "linked_at": "2026-02-01T00:00:00Z"},
        # A computer that another user logged in on later: what was done on it before is Vera's.
        {"anonymous_id": "cookie-9", "user_id": "u2", "linked_at": "2026-03-01T00:00:00Z"},
    ]
    inputs["events"] += [
        {"event_id": f"v{number}", "user_id": user, "anonymous_id": anonymous, "event_name": "task_completed",
         "occurred_at": time, "received_at": time, "properties": properties}
        for number, (user, anonymous, time, properties) in enumerate([
            (VERA, "", "2026-03-05T10:00:00Z", ""), (VERA, "cookie-9", "2026-03-12T10:00:00Z", ""),
            ("", "cookie-9", "2026-01-20T10:00:00Z", '{"signed": "' + ADDRESS + '"}'), (VERA, "", "yesterday", ""),
        ])
    ]
    inputs["attribute_history"] = [
        {"entity": "user", "entity_id": VERA, "attribute": "job_title", "value": "Intern", "valid_from": "2026-01-05T09:00:00Z"},
        {"entity": "", "entity_id": VERA, "attribute": "job_title", "value": "Trainee", "valid_from": "2026-01-04T09:00:00Z"},
    ]
    inputs["survey_responses"] += [
        {"response_id": "r9", "user_id": VERA, "survey": "why", "instrument": "attribute", "question": "values",
         "answer": "freedom", "score": "", "responded_at": "2026-03-03T12:00:00Z"},
    ]
    inputs["support_tickets"] = [{"ticket_id": "t9", "user_id": VERA, "topic": "billing", "created_at": "2026-03-04T00:00:00Z"}]
    inputs["campaign_messages"] = [{"message_id": "m9", "campaign": "spring", "user_id": VERA, "assigned_at": "2026-03-04T00:00:00Z"}]
    inputs["experiment_assignments"] = [{"experiment": "button", "variant": "blue", "user_id": VERA, "assigned_at": "2026-03-04T00:00:00Z"}]
    # Before she signed in: an anonymous id in the place of hers.
    inputs["campaign_messages"].append({"message_id": "m8", "campaign": "spring", "user_id": "cookie-9", "assigned_at": "2026-01-20T00:00:00Z"})
    inputs["experiment_assignments"].append({"experiment": "button", "variant": "red", "user_id": "cookie-9", "assigned_at": "2026-01-20T00:00:00Z"})
    inputs["interview_notes"] = [{"note_id": "n9", "user_id": VERA, "theme": "speed", "sentiment": "angry", "noted_at": "2026-03-04T00:00:00Z"}]
    return inputs


def without_vera(inputs: Inputs) -> Inputs:
    """What the inputs would be if there had never been a Vera."""

    def is_hers(row: Row) -> bool:
        """Her id, or her traces where nobody's id stands."""
        owner = row.get("user_id", row.get("entity_id", "")).strip()
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


def test_who_is_forgotten_was_never_there(new_warehouse: Callable[..., Warehouse], company: Inputs) -> None:
    """After the operation and a build, every row is that of a warehouse that never had the person, in memory and on the disk."""
    warehouse = new_warehouse(copied=("models", "macros"))
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
    before = forget_user.traces(warehouse.database, person)[0]
    assert len(before) > 30, before
    assert {line.split(": ")[1].split(".")[0] for line in before} == {"main", "raw", "state", "staging", "activity", "features", "marts"}
    assert forget_user.bytes_found([warehouse.database], person)

    result = forget(warehouse, user_id=VERA)
    assert result, result.output
    assert "Forgetting one user: the id, 1 e-mail address, 1 anonymous id." in result.output
    assert re.search(r"Looked in \d+ tables and \d+ views of staging, \d+ columns: nothing is left", result.output)
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
    assert "no input and no table holds the user 'u10'" in forget(warehouse, user_id="u10").output
    # The id, the address, and the anonymous id, which may also stand in the place of a user's.
    assert warehouse.query("select count(*) from state.forgotten_users") == [(4,)]
    forget_user.rewrite(warehouse.database)
    found, tables, columns = forget_user.traces(warehouse.database, person)
    assert found == [] and tables > 30 and columns > 300
    assert forget_user.bytes_found([warehouse.database], person) == []
    tables_compared = [table for table in never_there.tables(*everywhere) if not table.startswith("state.")]
    assert len(tables_compared) > 30
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
        "published.duckdb: main.numbers.user_id, rows: 1", "published.duckdb: main.texts.note, rows: 1",
    ]
    with duckdb.connect() as connection:
        connection.execute(f"copy (select 'u0017' as any_name) to '{tmp_path / 'users.parquet'}'")
    assert forget_user.traces(tmp_path / "users.parquet", forget_user.Person("u0017", ()))[0] == ["users.parquet: main.file.any_name, rows: 1"]


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
    assert left[2:] == [f"{name}: in the bytes of the file" for name in (f"{place}/warehouse.duckdb", "logs/dbt.log", "published/users.duckdb")]


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


@pytest.mark.parametrize(("user", "status", "told"), [("u1", 2, "There is no"), ("  ", 2, "Say whom")])
def test_a_mistake_is_found_before_anything_changes(tmp_path: Path, user: str, status: int, told: str) -> None:
    run = subprocess.run(
        [sys.executable, str(ROOT / "scripts/forget_user.py"), user, "--database", str(tmp_path / "none.duckdb")],
        capture_output=True, text=True, check=False,
    )
    assert run.returncode == status and told in run.stderr and "Traceback" not in run.stderr


def test_a_file_that_is_open_elsewhere_is_told(tmp_path: Path) -> None:
    path = tmp_path / "warehouse.duckdb"
    with duckdb.connect(str(path)):
        run = subprocess.run(
            [sys.executable, str(ROOT / "scripts/forget_user.py"), "u1", "--database", str(path)], capture_output=True, text=True, check=False
        )
    assert run.returncode == 2 and "Close it" in run.stderr
