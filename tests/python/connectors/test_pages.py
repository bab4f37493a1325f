"""The pages of docs/connectors say what the connectors do: every table, option, input and reason of a tool, and lines that can be pasted."""

from __future__ import annotations

import re

import pytest
import yaml

from connector_models import CONNECTORS, ConnectorModels, macros
from warehouse import ROOT

PAGES = ROOT / "docs/connectors"


def tools() -> dict:
    ConnectorModels({})._enter()
    return macros()["connector_tools"]()


def test_there_is_a_page_per_tool_and_the_list_says_what_each_gives() -> None:
    listed = dict(
        re.findall(r"^\| [\w ]+ \| ([\w, ()]+) \| \[(\w+)[.]md\]", (PAGES / "README.md").read_text(encoding="utf-8"), re.MULTILINE)
    )
    given = {name: set(re.sub(r" \([\w ]+\)", "", inputs).split(", ")) for inputs, name in listed.items()}
    # Two tools with the same inputs are one key above.
    rows = re.findall(r"^\| ([\w ]+) \| ([\w, ()]+) \| \[(\w+)[.]md\]", (PAGES / "README.md").read_text(encoding="utf-8"), re.MULTILINE)
    given = {name: set(re.sub(r" \([\w ]+\)", "", inputs).split(", ")) for _, inputs, name in rows}
    assert given == {tool: set(entry["gives"]) for tool, entry in tools().items()}
    assert {label for label, _, _ in rows} == {entry["label"] for entry in tools().values()}
    assert {path.stem for path in PAGES.glob("*.md")} - {"README", "stacks"} == set(given)


@pytest.mark.parametrize(
    "tool", ["mixpanel", "amplitude", "segment", "salesforce", "hubspot", "qualtrics", "surveymonkey", "zendesk", "stripe"]
)
def test_a_page_names_every_option_and_reason_and_its_lines_are_accepted(tool: str) -> None:
    page = (PAGES / f"{tool}.md").read_text(encoding="utf-8")
    [block] = re.findall(r"^```yaml\n(.*?)^```", page, flags=re.MULTILINE | re.DOTALL)
    variables = yaml.safe_load(block)["vars"]
    ConnectorModels(variables["connectors"])._enter()
    assert macros()["_connectors_problems"](variables["connectors"]) == []
    entry = tools()[tool]
    assert set(variables["inputs"]) == set(entry["gives"]) == {name.removeprefix("connected_") for name in variables["inputs"].values()}
    missing = [name for name in entry["options"] if name not in page]
    code = "\n".join(path.read_text(encoding="utf-8") for path in (CONNECTORS / "models" / tool).glob("*.sql"))
    reasons = set(re.findall(r"(?:then|else) '(\w+)'\s*end", code)) - {"false"} | {
        name for name in ("older_version",) if "key=[" in code and tool not in ("amplitude", "surveymonkey")
    }
    told = page.split("Left out:", 1)[1].split("\n\n", 1)[0]
    missing += [reason for reason in sorted(reasons) if f"`{reason}`" not in told]
    assert missing == []
