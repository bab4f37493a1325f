"""What is written about the project is what the project is."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import tempfile
from pathlib import Path

from warehouse import COLUMNS, ROOT, Warehouse

DOCUMENTS = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", ROOT / "CHANGELOG.md", *sorted((ROOT / "docs").rglob("*.md"))]


def test_every_model_and_column_is_described(sample_warehouse: Warehouse) -> None:
    """Except the measures in segments' views: `__` and six digits of a hash end their names, and segment_attrition has them in words."""
    manifest = json.loads((sample_warehouse.folder / "target/manifest.json").read_text(encoding="utf-8"))
    built = sample_warehouse.query(
        "select table_schema, table_name, column_name from information_schema.columns where table_schema not in ('main')"
    )
    columns: dict[str, set[str]] = {}
    for _, table, column in built:
        columns.setdefault(table, set()).add(column)
    missing = []
    for node in manifest["nodes"].values():
        if node["resource_type"] not in ("model", "seed"):
            continue
        described = {name for name, entry in node["columns"].items() if entry["description"].strip()}
        if not node["description"].strip():
            missing.append(node["name"])
        missing += [
            f"{node['name']}.{column}" for column in sorted(columns[node["name"]] - described)
            if not (node["fqn"][1] == "segments" and re.search(r"__[0-9a-f]{6}$|^in_", column))
        ]
        missing += [f"{node['name']}.{column} is described but not there" for column in sorted(described - columns[node["name"]])]
    assert len(columns) > 90
    assert missing == []


def test_the_guide_names_every_column_of_the_contract() -> None:
    guide = (ROOT / "docs/your-data.md").read_text(encoding="utf-8")
    missing = [
        f"{name}.{column}" for name, columns in COLUMNS.items() for column in columns
        if not re.search(rf"^\|[^\n]*\b{column}\b", guide, flags=re.MULTILINE)
    ]
    assert missing == []
    contract = (ROOT / "macros/registries/inputs.sql").read_text(encoding="utf-8")
    for name, columns in COLUMNS.items():
        entry = contract.split(f"'{name}': {{\n", 1)[1].split("\n        },\n", 1)[0]
        # The sample lacks some of those that may be missing.
        may_be_missing = re.findall(r"'(\w+)'", entry.split("'may_be_missing': [", 1)[1].split("]", 1)[0]) if "may_be_missing" in entry else []
        listed = re.findall(r"'(\w+)': '\w+'", entry.split("'columns':", 1)[1])
        assert [column for column in listed if column in columns or column not in may_be_missing] == columns, name
        assert not [
            column for column in may_be_missing
            if not re.search(rf"^\| {column} \|", guide.split(f"### {name}\n", 1)[1].split("\n### ", 1)[0], flags=re.MULTILINE)
        ], name


def test_the_list_of_marts_is_complete_and_what_the_yaml_says() -> None:
    marts = {path.stem for path in (ROOT / "models/marts").rglob("*.sql")}
    page = (ROOT / "docs/marts.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| `marts\.(\w+)` \| (One row per .+) \| (?:none|`\w+`(?:, `\w+`)*) \| \w[\w ]* \|$", page, flags=re.MULTILINE)
    assert sorted(name for name, _ in rows) == sorted(marts)
    check = [sys.executable, str(ROOT / "scripts/generate_docs.py"), "--check"]
    assert subprocess.run(check, check=False).returncode == 0


def test_every_mart_has_the_owner_that_the_list_shows(sample_warehouse: Warehouse) -> None:
    """dbt merges dbt_project.yml and the models' YAML by its own rules; the page must come to the same."""
    manifest = json.loads((sample_warehouse.folder / "target/manifest.json").read_text(encoding="utf-8"))
    owners = {
        node["name"]: node["config"]["meta"].get("owner")
        for node in manifest["nodes"].values() if node["resource_type"] == "model" and node["path"].startswith("marts/")
    }
    page = (ROOT / "docs/marts.md").read_text(encoding="utf-8")
    assert dict(re.findall(r"^\| `marts\.(\w+)` \|.*\| ([^|]+) \|$", page, flags=re.MULTILINE)) == owners
    assert len(set(owners.values())) > 3


def test_the_marts_and_files_that_documents_name_are_there() -> None:
    marts = {path.stem for path in (ROOT / "models/marts").rglob("*.sql")}
    problems = []
    for path in DOCUMENTS:
        text = path.read_text(encoding="utf-8")
        name = path.relative_to(ROOT)
        problems += [f"{name}: marts.{mart}" for mart in re.findall(r"`marts\.(\w+)`", text) if mart not in marts | {"py"}]
        for target, anchor in re.findall(r"\]\((?!https?:)([^)#\s]*)(?:#([^)\s]+))?\)", text):
            file = (path.parent / target).resolve() if target else path
            if not file.exists():
                problems.append(f"{name}: {target}")
            elif anchor and anchor not in anchors(file.read_text(encoding="utf-8")):
                problems.append(f"{name}: {target}#{anchor}")
    assert len(DOCUMENTS) > 20
    assert problems == []


def anchors(text: str) -> set[str]:
    """The anchors that GitHub gives the headings of a page."""
    headings = re.findall(r"^#+ (.+)$", re.sub(r"^```.*?^```", "", text, flags=re.MULTILINE | re.DOTALL), flags=re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def test_the_english_of_the_documents_is_checked() -> None:
    """The check passes on the documents, and finds each pattern, across a line break too, but not in code."""
    script = ROOT / "scripts/check_language.py"
    done = subprocess.run([sys.executable, str(script)], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (0, "")
    sys.path.insert(0, str(script.parent))
    from check_language import occurrences

    with tempfile.TemporaryDirectory() as folder:
        page = Path(folder) / "page.md"
        page.write_text(
            "There is\nno answer. The file of which\nwe spoke tells it. It stands in the table. Who knows.\n\n`is no code`, is.\n\nNo.\n",
            encoding="utf-8",
        )
        found = sorted((number, words) for number, _, words in occurrences(page))
    assert found == [(1, "is no a"), (2, "of which"), (3, ". Who k"), (3, "stands in"), (3, "tells")]


def test_the_page_of_segments_lists_every_field_with_messages_that_exist() -> None:
    page = (ROOT / "docs/segments.md").read_text(encoding="utf-8").split("## The config", 1)[1].split("\n## ", 1)[0]
    rows = {cells[0].strip(): cells[-1] for cells in re.findall(r"^\| ([^|]*)\|[^|]*\|([^|]*?\|)?([^|\n]*)\|$", page, flags=re.MULTILINE)}
    written = {
        field for file in (ROOT / "models/segments").rglob("*.sql")
        for field in re.findall(r"'(\w+)':", file.read_text(encoding="utf-8").split("}) }}", 1)[0])
    }
    assert written <= {name.strip("`") for name in rows}
    macros = "".join(file.read_text(encoding="utf-8") for file in sorted((ROOT / "macros/segments").rglob("*.sql")))
    # A message is put together from pieces, in quotes, with values between them.
    macros = re.sub(r"['\"]\s*~\s*['\"]", "", macros)
    fragments = [
        part for cell in rows.values() for code in re.findall(r"``? ?(.+?)``?", cell)
        for part in re.split(r"^\w+: (?=it is missing)", code) if len(part) > 12
    ]
    advice = [part for text in fragments for part in re.split(r"(?<=In the config of the file, )", text)]
    assert len(fragments) > 20
    assert [text for text in advice if text.rstrip(".") not in macros] == []
