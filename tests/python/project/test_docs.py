"""What is written about the project is what the project is."""

from __future__ import annotations

import json
import re
import shlex
import subprocess
import sys
import tempfile
from pathlib import Path
from types import SimpleNamespace

import click
import duckdb
import pytest
import yaml
from dbt.cli.main import cli

from delivering.run import refusals
from printed import NOT_RUN, PAGES, Printed, commands, of_page, printed
from registries import project_variables
from warehouse import COLUMNS, ROOT, Warehouse

DOCUMENTS = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", ROOT / "CHANGELOG.md", *sorted((ROOT / "docs").rglob("*.md"))]


def test_every_model_and_column_is_described(sample_warehouse: Warehouse) -> None:
    """Except the measures in segments' views: `__` and six digits of a hash end their names, and segment_attrition has them in words."""
    manifest = json.loads((sample_warehouse.folder / "target/manifest.json").read_text(encoding="utf-8"))
    built = sample_warehouse.query(
        "select table_schema, table_name, column_name from information_schema.columns where table_schema not in ('main', 'built')"
    )
    columns: dict[str, set[str]] = {}
    for _, table, column in built:
        columns.setdefault(table, set()).add(column)
    missing = []
    for node in manifest["nodes"].values():
        if node["resource_type"] not in ("model", "seed"):
            continue
        if node["config"]["materialized"] == "ephemeral":
            compiled = (sample_warehouse.folder / "target/compiled/segmentation" / node["original_file_path"]).read_text(encoding="utf-8")
            columns[node["name"]] = {name for (name,) in sample_warehouse.query(f"select column_name from (describe {compiled})")}
        described = {name for name, entry in node["columns"].items() if entry["description"].strip()}
        if not node["description"].strip():
            missing.append(node["name"])
        missing += [
            f"{node['name']}.{column}"
            for column in sorted(columns[node["name"]] - described)
            if not (node["fqn"][1] == "segments" and re.search(r"__[0-9a-f]{6}$|^in_", column))
        ]
        missing += [f"{node['name']}.{column} is described but not there" for column in sorted(described - columns[node["name"]])]
    assert len(columns) > 90
    assert missing == []


def test_every_public_macro_is_described_with_its_arguments(sample_warehouse: Warehouse) -> None:
    """Where dbt docs and editors show it. Names with `_`, and those of engines after a dispatch, are nobody's to call."""
    manifest = json.loads((sample_warehouse.folder / "target/manifest.json").read_text(encoding="utf-8"))
    problems, described = [], 0
    for macro in manifest["macros"].values():
        name = macro["name"]
        if macro["package_name"] != "segmentation" or "__" in name or name.startswith(("_", "test_", "materialization_")):
            continue
        signature = re.search(rf"\bmacro {name}\((.*?)\)\s*-?%}}", macro["macro_sql"], flags=re.DOTALL)
        assert signature, name
        arguments = [text.split("=")[0].strip() for text in re.split(r",(?![^\[({]*[\])}])", signature[1]) if text.strip()]
        told = [argument["name"] for argument in macro["arguments"] if argument["description"].strip()]
        described += len(told)
        if not macro["description"].strip():
            problems.append(f"{name}: no description")
        if told != arguments:
            problems.append(f"{name}: {arguments} in the macro, {told} in the YAML")
    assert problems == []
    assert described > 200


def test_the_guide_names_every_column_of_the_contract() -> None:
    guide = (ROOT / "docs/your-data.md").read_text(encoding="utf-8")
    missing = [
        f"{name}.{column}"
        for name, columns in COLUMNS.items()
        for column in columns
        if not re.search(rf"^\|[^\n]*\b{column}\b", guide, flags=re.MULTILINE)
    ]
    assert missing == []
    contract = (ROOT / "macros/registries/inputs.sql").read_text(encoding="utf-8")
    for name, columns in COLUMNS.items():
        entry = contract.split(f"'{name}': {{\n", 1)[1].split("\n        },\n", 1)[0]
        # The sample lacks some of those that may be missing.
        may_be_missing = (
            re.findall(r"'(\w+)'", entry.split("'may_be_missing': [", 1)[1].split("]", 1)[0]) if "may_be_missing" in entry else []
        )
        listed = re.findall(r"'(\w+)': '\w+'", entry.split("'columns':", 1)[1])
        assert [column for column in listed if column in columns or column not in may_be_missing] == columns, name
        assert not [
            column
            for column in may_be_missing
            if not re.search(rf"^\| {column} \|", guide.split(f"### {name}\n", 1)[1].split("\n### ", 1)[0], flags=re.MULTILINE)
        ], name


def test_the_list_of_marts_is_complete_and_what_the_yaml_says() -> None:
    marts = {path.stem for path in (ROOT / "models/marts").rglob("*.sql")}
    page = (ROOT / "docs/marts.md").read_text(encoding="utf-8")
    rows = re.findall(
        r"^\| `marts\.(\w+)` \| (One row per .+) \| (?:none|`\w+`(?:, `\w+`)*) \| [^|]*\| \w[\w ]* \|$", page, flags=re.MULTILINE
    )
    assert sorted(name for name, _ in rows) == sorted(marts)
    check = [sys.executable, str(ROOT / "scripts/generate_docs.py"), "--check"]
    assert subprocess.run(check, check=False).returncode == 0


def test_every_mart_has_the_owner_that_the_list_shows(sample_warehouse: Warehouse) -> None:
    """dbt merges dbt_project.yml and the models' YAML by its own rules; the page must come to the same."""
    manifest = json.loads((sample_warehouse.folder / "target/manifest.json").read_text(encoding="utf-8"))
    owners = {
        node["name"]: node["config"]["meta"].get("owner")
        for node in manifest["nodes"].values()
        if node["resource_type"] == "model" and node["path"].startswith("marts/")
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
    for line in re.findall(r"^\| .* \|$", (ROOT / "docs/questions.md").read_text(encoding="utf-8"), flags=re.MULTILINE)[1:]:
        named = re.findall(r"`(\w+)`", line.split("|")[3])
        problems += [
            f"docs/questions.md: {mart}"
            for mart in named
            if mart not in marts | {"difference_in_differences", "retention", "trial_conversion"}
        ]
        assert marts & set(named), line
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
        field
        for file in (ROOT / "models/segments").rglob("*.sql")
        for field in re.findall(r"'(\w+)':", file.read_text(encoding="utf-8").split("}) }}", 1)[0])
    }
    assert written <= {name for cell in rows for name in re.findall(r"`(\w+)`", cell)}
    macros = "".join(file.read_text(encoding="utf-8") for file in sorted((ROOT / "macros/segments").rglob("*.sql")))
    # A message is put together from pieces, in quotes, with values between them.
    macros = re.sub(r"['\"]\s*~\s*['\"]", "", macros)
    fragments = [
        part
        for cell in rows.values()
        for code in re.findall(r"``? ?(.+?)``?", cell)
        for part in re.split(r"^\w+: (?=it is missing)", code)
        if len(part) > 12
    ]
    advice = [part for text in fragments for part in re.split(r"(?<=In the config of the file, )", text)]
    assert len(fragments) > 20
    assert [text for text in advice if text.rstrip(".") not in macros] == []


# --- What is printed to be run; tests/long/test_commands.py runs the commands ------------------------------------------
PRINTED = printed()
PAGE_OF_PUBLISHED = "docs/bi.md"


def mentioned(kind: str) -> list[Printed]:
    """What the pages print of a kind, each text once."""
    return list({each.text: each for each in reversed(PRINTED) if each.kind == kind}.values())


def test_every_command_is_run_or_says_why_not() -> None:
    """A command that tests/long/test_commands.py does not run is listed with its reason, and the list has no others."""
    shell = {each.text for each in mentioned("shell")}
    assert sorted(NOT_RUN.keys() - shell) == []
    assert {each.text for each in commands()} | NOT_RUN.keys() == shell | {each.text for each in commands() if each.kind == "sql"}
    assert len(commands()) > 40
    # tests/test_bi.py runs it.
    assert [each.page for each in mentioned("python")] == ["docs/bi.md"]
    assert [f"{each}: … in a command that is run" for each in commands() if "…" in each.text] == []


def test_the_lines_of_a_page_are_taken_apart() -> None:
    page = (
        "`make one A=1` and `make` and\n`dbt build\n-s x`.\n\n```sh\nmake two   # why\npython -c \"\nprint('a # b')\n\" && \\\n    ls\n```\n\n"
        "```\nanswer\n```\n\n   ```console\n   $ cat <<'END'\n   it's\n   END\n   said\n   $ make three\n   ```\n\n`` select 1 ``\n\n```\na picture\n```\n"
    )
    found = [(each.line, each.kind, each.text, each.is_step, each.output) for each in of_page("page.md", page)]
    assert found == [
        (1, "shell", "make one A=1", False, ""),
        (2, "shell", "dbt build -s x", False, ""),
        (6, "shell", "make two", True, ""),
        (7, "shell", "python -c \"\nprint('a # b')\n\" && ls", True, "answer"),
        (18, "shell", "cat <<'END'\nit's\nEND", True, ""),
        (22, "shell", "make three", True, ""),
        (25, "sql", "select 1", False, ""),
    ]
    with pytest.raises(AssertionError, match="language 'ruby' of a block is unknown"):
        of_page("page.md", "```ruby\nputs 1\n```\n")
    with pytest.raises(AssertionError, match="a command does not end"):
        of_page("page.md", '```sh\necho "open\n```\n')


def test_the_targets_options_and_files_of_commands_are_there() -> None:
    """What make, dbt and the scripts are asked for exists; whether it does what the page says is for the long test."""
    targets = make_targets()
    problems = []
    for each in mentioned("shell"):
        words = [word for part in each.text.split(" && ") for word in shlex.split(part, comments=True)]
        problems += [f"{each}: no target {name}" for name in words[1:2] if words[0] == "make" and name not in targets]
        problems += [
            f"{each}: no file {word}" for word in words if word.startswith(("scripts/", "examples/")) and not (ROOT / word).exists()
        ]
        if "dbt" in words:
            arguments = words[words.index("dbt") + 1 :]
            try:
                cli.commands[arguments[0]].make_context(arguments[0], arguments[1:])
            except (KeyError, click.ClickException) as error:
                problems.append(f"{each}: {error!r}")
            if arguments[0] == "run-operation" and not list((ROOT / "macros").rglob(f"{arguments[1]}.sql")):
                problems.append(f"{each}: no macro {arguments[1]}")
    assert problems == []


def make_targets() -> dict[str, str]:
    """The targets of the Makefile, each with what it needs first."""
    return dict(re.findall(r"^([a-z-]+):(?!=)([^#\n]*)##", (ROOT / "Makefile").read_text(encoding="utf-8"), flags=re.MULTILINE))


def test_the_readme_says_what_each_target_installs() -> None:
    table = (ROOT / "README.md").read_text(encoding="utf-8").split("### What each command installs", 1)[1].split("\n## ", 1)[0]
    said = sorted(
        (name.removeprefix("make "), "test" if "requirements-dev.txt" in second else "build")
        for first, second in re.findall(r"^\| (`make [^|]*) \| (`requirements[^|]*) \|$", table, flags=re.MULTILINE)
        for name in re.findall(r"`([^`]+)`", first)
    )
    stamps = {name: re.search(r"\.venv/(\w+)\.stamp", needs) for name, needs in make_targets().items()}
    assert said == sorted((name, stamp[1]) for name, stamp in stamps.items() if stamp)


def test_the_folders_and_files_in_code_are_there() -> None:
    """In `code`, a path from the root or from the page's own project. Where builds write is left out, and what a reader shall write."""
    tops = ("models/", "macros/", "tests/", "scripts/", "seeds/", "docs/", "examples/", "benchmarks/", "analyses/", "connectors/")
    written_by_readers = {"models/segments/behavioral/ticket_writers.sql", "seeds/own/"}
    problems, count = [], 0
    for page in PAGES:
        text = re.sub(r"^ *```.*?^ *```$", "", page.read_text(encoding="utf-8"), flags=re.MULTILINE | re.DOTALL)
        for path in re.findall(r"`([\w./*<> -]+)`", text):
            if not path.startswith(tops) or path in written_by_readers:
                continue
            count += 1
            pattern = re.sub(r"<[^>]+>", "*", path).rstrip("/")
            if not any(list(root.glob(pattern)) for root in (ROOT, page.parent, ROOT / "examples/ravenstack")):
                problems.append(f"{page.relative_to(ROOT)}: {path}")
    assert count > 80
    assert problems == []


def test_the_yaml_of_the_pages_can_be_read() -> None:
    blocks = mentioned("yaml")
    assert len(blocks) >= 3 and all(isinstance(yaml.safe_load(block.text), dict) for block in blocks)


def test_the_refusal_on_the_page_is_that_of_the_command() -> None:
    """The other answers on the pages are compared where their commands run: below and in the long test."""
    page = (ROOT / "docs/audiences.md").read_text(encoding="utf-8")
    [shown] = re.findall(r"^```\n(Refused: .*?)\n```", page, flags=re.MULTILINE | re.DOTALL)
    delivery = SimpleNamespace(
        audience="win_back",
        destination="google_customer_match",
        adds=range(20),
        removes=range(499),
        max_change_share=0.5,
        delivered_before=499,
        remove_reasons={"left_segment": 499},
    )
    assert refusals(SimpleNamespace(refused=[delivery])) == shown


def test_the_queries_of_the_pages_answer(sample_warehouse: Warehouse, published_sample: Path) -> None:
    """Those of the page on other tools from the published file, all others from the warehouse."""
    queries = [each for each in mentioned("sql") if each.text.startswith("select")]
    assert len(queries) >= 2
    empty = []
    # Each file is opened once: that takes longer than most of the queries.
    for place, is_published in ((published_sample / "segmentation.duckdb", True), (sample_warehouse.database, False)):
        with duckdb.connect(str(place), read_only=True) as connection:
            for each in queries:
                if (each.page == PAGE_OF_PUBLISHED) == is_published and not connection.execute(each.text).fetchall():
                    empty.append(str(each))
    assert empty == []


def test_the_first_query_answers_what_the_readme_shows(sample_warehouse: Warehouse, tmp_path: Path) -> None:
    [query] = [each for each in PRINTED if each.page == "README.md" and each.text.startswith(".venv/bin/python -c")]
    (tmp_path / "build").mkdir()
    (tmp_path / "build/warehouse.duckdb").symlink_to(sample_warehouse.database)
    (tmp_path / ".venv/bin").mkdir(parents=True)
    (tmp_path / ".venv/bin/python").write_text(f'#!/bin/sh\nexec {sys.executable} "$@"\n', encoding="utf-8")
    (tmp_path / ".venv/bin/python").chmod(0o755)
    done = subprocess.run(["bash", "-c", query.text], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip() == query.output.strip()


def test_the_sample_has_room_for_a_first_segment(sample_warehouse: Warehouse) -> None:
    """That of the README is neither among too many nor too small; tests/long/test_commands.py adds it and looks at the whole scorecard."""
    limits = project_variables(ROOT)
    [micro] = sample_warehouse.query("select count(*) from marts.segments where tier = 'micro'")
    assert micro[0] < limits["max_micro_segments"]
    [file] = [each.text for each in PRINTED if each.page == "README.md" and each.kind == "segment"]
    criteria = re.findall(r'^ *\w+ = "(.*)",?$', file, flags=re.MULTILINE)
    assert len(criteria) == 2
    [users] = sample_warehouse.query(
        f"select count(*) from features.user_features where as_of_date = (select max(as_of_date) from marts.users) and {' and '.join(criteria)}"
    )
    assert users[0] >= limits["min_segment_users"]
