"""From exports to marts by variables alone: the shop of test_package, as Mixpanel and Salesforce land it, without a line of SQL."""

from __future__ import annotations

import datetime
import importlib
import json
import re
import time
from collections import defaultdict
from pathlib import Path
from typing import Any

import duckdb
import pytest
import yaml

import new_project
from connector_models import ConnectorModels
from landed import Rows, csv_text, json_lines, land
from package_project import LAST_DAY, dbt, install, people, visits
from warehouse import ROOT


def moment(text: str) -> int:
    return int(datetime.datetime.fromisoformat(text).replace(tzinfo=datetime.UTC).timestamp())


# All that a person writes between `make new-project` and `dbt build`.
FILLED_IN = """
mixpanel: {export: exports/events.jsonl}
salesforce: {folder: exports, columns: {contact: {user_id: User__c}}}
"""


@pytest.mark.long
def test_a_folder_of_exports_becomes_marts(tmp_path: Path) -> None:
    begun = time.monotonic()
    folder = tmp_path / "shop"
    new_project.create(ROOT, folder, [], tools=["mixpanel", "salesforce"])
    install(folder)
    (folder / "dbt_packages/segmentation_connectors").symlink_to(ROOT / "connectors")
    customers = people()
    done = visits(customers)
    exports = folder / "exports"
    exports.mkdir()
    events = [
        {
            "event": each["what"],
            "properties": {
                "time": moment(each["moment"]), "distinct_id": each["customer"], "$user_id": each["customer"],
                "$insert_id": each["number"], "mp_processing_time_ms": 1000 * moment(each["moment"]),
            },
        }
        for each in done
    ]  # fmt: skip
    (exports / "events.jsonl").write_text(json_lines(events), encoding="utf-8")
    contacts = [
        {"Id": f"003{number:012d}AAA", "AccountId": "001000000000001AAA", "MailingCountry": each["land"], "User__c": each["id"],
         "IsDeleted": "false", "CreatedDate": f"{each['since']}T00:00:00.000+0000"}
        for number, each in enumerate(customers)
    ]  # fmt: skip
    (exports / "Contact.csv").write_text(csv_text(contacts), encoding="utf-8")
    (exports / "Account.csv").write_text(csv_text([{"Id": "001000000000001AAA", "Name": "Acme", "Industry": "Retail"}]), encoding="utf-8")
    project = yaml.safe_load((folder / "dbt_project.yml").read_text(encoding="utf-8"))
    project["vars"]["connectors"] = yaml.safe_load(FILLED_IN)
    given = ("users", "accounts", "events", "identities", "account_stages", "attribute_history")
    assert project["vars"]["inputs"] == {name: f"connected_{name}" for name in given}
    project["models"]["segmentation"] = {"+persist_docs": {"relation": False, "columns": False}}
    (folder / "dbt_project.yml").write_text(yaml.safe_dump(project, sort_keys=False), encoding="utf-8")
    through, output, _ = dbt(folder, "build", "--exclude-resource-type", "test", "unit_test")
    assert through, output[-6000:]
    # What the page says it takes: lines to fill in, and minutes of one that is not in a hurry.
    page = (ROOT / "docs/connectors/README.md").read_text(encoding="utf-8")
    [(lines, minutes)] = re.findall(r"From the folder to the first comparison it is (\w+) lines and about (\w+) minutes?", page)
    assert {"two": 2}[lines] == len(FILLED_IN.strip().splitlines())
    print(f"{(time.monotonic() - begun) / 60:.1f} minutes")
    assert (time.monotonic() - begun) / 60 < 3 * {"two": 2, "three": 3}[minutes]
    with duckdb.connect(str(folder / "warehouse.duckdb"), read_only=True) as connection:
        compared = connection.execute("select count(*) from marts.segment_comparison where difference is not null").fetchone()
        used = dict(connection.execute("select input, rows_used from marts.input_summary where is_present").fetchall())
        active = dict(
            connection.execute(f"select user_id, active_days_28d from features.user_features where as_of_date = '{LAST_DAY}'").fetchall()
        )
        rows = connection.execute(
            "select tool, input, rows_given, rows_left_out, reasons from connectors.connector_rows order by all"
        ).fetchall()
        industries = connection.execute("select distinct industry from features.user_features").fetchall()
    assert used["users"] == len(customers) and used["events"] == len(done) and used["accounts"] == 1
    assert industries == [("retail",)]
    assert compared is not None and compared[0] > 0
    days = defaultdict(set)
    for visit in done:
        day = datetime.date.fromisoformat(visit["moment"][:10])
        if LAST_DAY - datetime.timedelta(days=28) < day <= LAST_DAY:
            days[visit["customer"]].add(day)
    assert active == {each["id"]: len(days[each["id"]]) for each in customers if datetime.date.fromisoformat(each["since"]) <= LAST_DAY}
    assert ("mixpanel", "events", len(done), 0, json.dumps({})) in [(*row[:4], row[4] or "{}") for row in rows]
    # The next export of contacts lacks a column.
    gone = "connectors: salesforce: contact: column `MailingCountry` is gone. What was read from it is NULL."
    (exports / "Contact.csv").write_text(
        csv_text([{key: value for key, value in each.items() if key != "MailingCountry"} for each in contacts])
    )
    command = ("run", "--select", "connected_accounts")
    through, output, _ = dbt(folder, *command, "--vars", "changed_columns: stop")
    assert not through and gone in output and "to accept it" in output
    through, output, _ = dbt(folder, *command)
    assert through and gone in output
    through, output, _ = dbt(folder, *command)
    assert through and "is gone" not in output


def test_the_project_of_some_tools_reads_what_they_give(tmp_path: Path) -> None:
    files = new_project.create(ROOT, tmp_path / "acme", ["interview_notes"], tools=["mixpanel", "salesforce"])
    project = yaml.safe_load(files["dbt_project.yml"])
    assert (
        project["vars"]["inputs"]["users"] == "connected_users" and project["vars"]["inputs"]["interview_notes"] == "input_interview_notes"
    )
    assert [path for path in files if path.startswith("models/inputs/")] == ["models/inputs/input_interview_notes.sql"]
    assert project["vars"]["connectors"]["mixpanel"]["events"] == "raw.events"
    assert [each["local"] for each in yaml.safe_load(files["packages.yml"])["packages"]][1].endswith("/connectors")
    assert "inputs" in project["models"]["acme"]
    alone = yaml.safe_load(new_project.create(ROOT, tmp_path / "alone", [], tools=["amplitude"])["dbt_project.yml"])
    # Without a model of its own, no folder for one: dbt would warn of it. What is asked for by a word is asked for.
    assert "inputs" not in alone["models"]["alone"] and alone["vars"]["connectors"]["amplitude"]["users"] is True
    told = new_project.create(ROOT, tmp_path / "git", [], "https://git.example.com/segmentation.git", "v0.1.0", ["mixpanel"])
    first, second = yaml.safe_load(told["packages.yml"])["packages"]
    assert second == {**first, "subdirectory": "connectors"}
    with pytest.raises(new_project.Refusal, match="Unknown tool 'mixpannel'. Tools are salesforce, hubspot"):
        new_project.create(ROOT, tmp_path / "none", [], tools=["mixpannel"])


@pytest.mark.long
def test_all_tools_at_once_in_dbt_give_the_rows_that_they_give_without_it(tmp_path: Path) -> None:
    """The other tests run the models without dbt: here dbt runs all of them, each tool found in a schema."""
    folder = tmp_path / "all_tools"
    options: dict[str, Any] = {
        "salesforce": {"columns": {"contact": {"user_id": "User_Ref__c"}}},
        "hubspot": {"columns": {"contact": {"user_id": "property_app_user"}}},
        "qualtrics": {"instruments": {"QID1": "nps"}},
        "surveymonkey": {"instruments": {"q1": "nps"}},
        "amplitude": {"users": True},
        "stripe": {}, "segment": {}, "mixpanel": {}, "zendesk": {},
    }  # fmt: skip
    modules = {tool: importlib.import_module(f"test_{tool}") for tool in options}
    tables: dict[str, dict[str, Rows]] = {
        "salesforce": modules["salesforce"].tables(), "segment": modules["segment"].tables(),
        "mixpanel": {"export": modules["mixpanel"].raw_export(), "engage": modules["mixpanel"].profiles()[0]},
        "amplitude": {"event": modules["amplitude"].fivetran(), "merge_ids": modules["amplitude"].MERGES},
        **{tool: modules[tool].fivetran() for tool in ("hubspot", "qualtrics", "surveymonkey", "stripe", "zendesk")},
    }  # fmt: skip
    connectors = {tool: {"schema": f"raw_{tool}", **more} for tool, more in options.items()}
    new_project.create(ROOT, folder, [], tools=list(options))
    install(folder)
    (folder / "dbt_packages/segmentation_connectors").symlink_to(ROOT / "connectors")
    project = yaml.safe_load((folder / "dbt_project.yml").read_text(encoding="utf-8"))
    project["vars"]["connectors"] = connectors
    # The lint of segments is about something else.
    project["vars"]["segment_lint"] = "warn"
    (folder / "dbt_project.yml").write_text(yaml.safe_dump(project, sort_keys=False), encoding="utf-8")
    alone = ConnectorModels(connectors)
    for tool, of_tool in tables.items():
        for name, rows in of_tool.items():
            land(alone.connection, tmp_path, f"raw_{tool}.{name}", rows, types="native")
    with duckdb.connect(str(folder / "warehouse.duckdb"), config={"storage_compatibility_version": "v1.0.0"}) as connection:
        for tool, of_tool in tables.items():
            for name, rows in of_tool.items():
                land(connection, tmp_path, f"raw_{tool}.{name}", rows, types="native")
    through, output, statuses = dbt(folder, "run", "--select", "package:segmentation_connectors")
    assert through, output[-6000:]
    models = sorted(name for name in statuses if name.startswith("connected_") or name in ("attribute_source", "connector_rows"))
    # Eleven inputs, where the attributes of people are from, and the counts.
    assert len(models) == 13
    with duckdb.connect(str(folder / "warehouse.duckdb"), read_only=True) as connection:
        for model in models:
            columns = [name for name, *_ in connection.execute(f"describe connectors.{model}").fetchall()]
            listed = ", ".join(columns)
            found = connection.execute(f"select {listed} from connectors.{model} order by all").fetchall()
            assert found == [tuple(row.values()) for row in alone.rows(model, *columns)] != [], model
