"""The sample company, rewritten in the shapes of two stacks of tools, is itself again: row by row, by variables alone.

The writers (tests/support/stack_of_*.py) know the public shapes and nothing of the connectors. What cannot be equal is in `told` and `IGNORED` of
each, and in docs/connectors/stacks.md. The marts of both stacks are in tests/long/test_stacks.py.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

import stack_of_exports
import stack_of_tables
from connector_models import ConnectorModels
from landed import land
from stack_company import company, first_differences
from warehouse import ROOT

ACCOUNTS = 4
STACKS: dict[str, Any] = {"exports": stack_of_exports, "tables": stack_of_tables}


def landed(stack: str, folder: Path, **variant: Any) -> ConnectorModels:
    """The stack as a company has it: files, or tables in the database."""
    if stack == "exports":
        stack_of_exports.write(folder, company(ACCOUNTS))
        return ConnectorModels(stack_of_exports.variables(folder))
    tools = ConnectorModels(stack_of_tables.variables(company(ACCOUNTS)), currency_rates={"USD": 1.0})
    for relation, rows in stack_of_tables.write(company(ACCOUNTS)).items():
        land(tools.connection, folder, relation, rows, types="json", **variant)
    return tools


@pytest.fixture(scope="module")
def stacks(tmp_path_factory: pytest.TempPathFactory) -> dict[str, ConnectorModels]:
    return {stack: landed(stack, tmp_path_factory.mktemp(stack)) for stack in STACKS}


@pytest.mark.parametrize(("stack", "name"), [(stack, name) for stack, module in STACKS.items() for name in module.GIVEN])
def test_a_stack_of_tools_is_the_company(stacks: dict[str, ConnectorModels], stack: str, name: str) -> None:
    module = STACKS[stack]
    expected = module.told(company(ACCOUNTS))[name]
    found = stacks[stack].rows(f"connected_{name}")
    found = module.without_added(found) if name == "events" else found
    # What is compared is there, and what told() restates is little of it.
    assert len(expected) > 2
    assert "\n".join(first_differences(name, expected, found, module.IGNORED.get(name, set()))) == ""


@pytest.mark.parametrize("stack", STACKS)
def test_every_row_of_an_export_is_given_or_left_out_for_a_reason(stacks: dict[str, ConnectorModels], stack: str) -> None:
    rows = company(ACCOUNTS)
    counts = {name: len(found) for name, found in rows.items()}
    views = sum(row["event_name"] == "page_viewed" for row in rows["events"])
    if stack == "exports":
        landed_rows = {
            ("mixpanel", "events"): counts["events"] + counts["identities"], ("mixpanel", "users"): counts["users"],
            ("salesforce", "users"): counts["users"], ("salesforce", "accounts"): counts["accounts"],
            # Each account has an opportunity, which its history tells in place of.
            ("salesforce", "account_stages"): counts["account_stages"] + counts["accounts"],
            ("qualtrics", "survey_responses"): counts["survey_responses"], ("zendesk", "support_tickets"): counts["support_tickets"],
        }  # fmt: skip
    else:
        tables = stack_of_tables.write(rows)
        landed_rows = {
            ("segment", "events"): len(tables["raw_segment.tracks"]) + views, ("segment", "users"): counts["users"],
            ("segment", "accounts"): len(tables["raw_segment.groups"]), ("hubspot", "users"): counts["users"],
            ("hubspot", "campaign_messages"): len(tables["raw_hubspot.email_event"]), ("stripe", "invoices"): counts["invoices"],
            ("stripe", "subscriptions"): len(tables["raw_stripe.subscription_history"]),
            ("surveymonkey", "survey_responses"): counts["survey_responses"],
        }  # fmt: skip
    found = {(row["tool"], row["input"]): row["rows_given"] + row["rows_left_out"] for row in stacks[stack].rows("connector_rows")}
    assert {key: found[key] for key in landed_rows} == landed_rows


@pytest.mark.long
def test_shuffled_tables_are_the_same_inputs(stacks: dict[str, ConnectorModels], tmp_path: Path) -> None:
    shuffled = landed("tables", tmp_path, shuffled=5)
    for name in stack_of_tables.GIVEN:
        found = shuffled.rows(f"connected_{name}")
        assert found == stacks["tables"].rows(f"connected_{name}") != [], name


def test_what_cannot_be_equal_is_listed() -> None:
    """Each column that is not compared, or that told() restates, has its line in the table of its stack."""
    text = (ROOT / "docs/connectors/stacks.md").read_text(encoding="utf-8")
    rows = company(ACCOUNTS)
    for stack, module in STACKS.items():
        [table] = [part for part in text.split("\n## ") if module.TOOLS in part]
        told = module.told(rows)
        for name in module.GIVEN:
            columns = rows[name][0]
            restated = {
                column for column in columns if sorted(row[column] for row in rows[name]) != sorted(row[column] for row in told[name])
            }
            for column in restated | module.IGNORED.get(name, set()):
                # A line about the input as a whole is one about each of its columns.
                assert f"| {name}.{column} |" in table or f"| {name} |" in table, (stack, name, column)
