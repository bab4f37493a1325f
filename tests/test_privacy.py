"""What is personal is tagged, and who is forgotten is gone."""

from __future__ import annotations

import json
import re
from pathlib import Path

import yaml

from warehouse import ROOT, Warehouse

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
