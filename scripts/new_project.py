"""Begin a project of your own that uses this one as a package: `make new-project DIR=../acme [INPUTS="accounts"] [TOOLS="mixpanel"]`.

Writes a dbt project that builds as it is: a model per input with the contract's columns to fill in, one segment, the profile and
what else dbt asks for. docs/your-data.md shows the same files, to write them by hand.

    python scripts/new_project.py DIR [INPUT …] [--tools TOOL …] [--files FOLDER] [--git URL --revision REVISION]

With --tools the project reads what these tools land (connectors/), and has models for the other inputs only.

--files names a folder with CSV, JSON or Parquet files: each file, and each folder of files of one kind, becomes a table of the dbt source
`files`, every column of CSV and JSON as text.
Without --git the project finds this clone by its path. Exit status 0 if the files were written, 2 if the folder, a name or an input
cannot be used; then nothing was.
"""

from __future__ import annotations

import argparse
import datetime
import os
import re
import shutil
import sys
from pathlib import Path
from typing import Any

from refusal import Refusal

ROOT = Path(__file__).resolve().parent.parent
REQUIRED = ("users", "events")
# Types of the contract as those of columns. Text would do for all of them.
TYPES = {"integer": "bigint", "money": "decimal(18, 4)", "double": "double", "boolean": "boolean", "time": "timestamptz", "date": "date"}
PROJECT = """\
name: {name}
version: 1.0.0
profile: {name}
flags:
  send_anonymous_usage_stats: false
  # Without it dbt warns of each model of yours that the package reads.
  require_ref_searches_node_package_before_root: true
dispatch:
  # CSV files are read, and schemas named, as the package does it.
  - {{macro_namespace: dbt, search_order: [{name}, segmentation, dbt]}}

# Everything else has a default: docs/variables.md of the package. Two that you may want next:
#   events: [{{name: report_created, is_feature: true}}]    which events are features, or not by people
#   as_of_date: '2026-12-31'    the last day that counts, if the data do not go on
vars:
  # Which model, seed or source each input is. What is not listed is off.
  inputs:
{inputs}
{connectors}
models:
  {name}:
{folder}    segments: {{+schema: segments, +materialized: view}}
"""
PROFILE = """\
{name}:
  target: dev
  outputs: {{dev: {{type: duckdb, path: warehouse.duckdb, schema: main, threads: 2, config_options: {{storage_compatibility_version: v1.0.0}},
                  settings: {{TimeZone: UTC, disabled_optimizers: projection_placement}}}}}}
"""
CONNECTORS = """
  # Where each table of a tool is: raw.contact (a relation), "exports/*.jsonl" (files), my_model, or {{source: …, table: …}}. Remove what you
  # do not have. docs/connectors/ of the package has a page per tool.
  connectors:
{tools}
"""
IGNORED = """\
dbt_packages/
target/
logs/
published/
review.md
.pseudonym_key
.user.yml
*.duckdb*
"""
WORKFLOW = """\
name: build
on:
  push:
  pull_request:
  # The first of each month, 05:23 UTC: which segments are due for review.
  schedule: [{{cron: "23 5 1 * *"}}]
jobs:
  build:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@v4
      - {{uses: actions/setup-python@v5, with: {{python-version: "3.11"}}}}
      - run: pip install {requirements} && dbt deps && dbt build
      - if: github.event_name == 'schedule'
        run: python dbt_packages/segmentation/scripts/review.py --project-dir . && cat review.md >> "$GITHUB_STEP_SUMMARY"
"""
REGISTRY = """\
{% macro default__registered_segments() %}
    {{ return([
        'regular_users',
    ]) }}
{% endmacro %}
"""
SEGMENT = """\
{{{{ config(meta={{
    'label': 'Regular', 'tier': 'micro', 'owner': 'product', 'goal': 'Learn what regular users have in common',
    'action': 'Ask them what they come back for', 'reviewed_on': '{today}'
}}) }}}}

{{{{ segmentation.segment(
    regular = "active_days_28d >= 8"
) }}}}
"""
DESCRIPTION = """\
models:
  - name: regular_users
    description: Users who were active on at least eight of the last 28 days, one row per user and date.
    columns: [{name: user_id, description: Id of the user., config: {meta: {privacy: personal}}}]
"""


# How a file of some kind is read, by the end of its name: every column as text, so that no type is guessed. Parquet has types.
READERS = {
    "csv": "read_csv({place}, all_varchar = true, header = true, union_by_name = true)",
    "json": "(select columns(*) ->> '$' from read_json({place}, maximum_depth = 1, sample_size = -1, union_by_name = true))",
    "parquet": "read_parquet({place}, union_by_name = true)",
}
KINDS = {"csv": "csv", "tsv": "csv", "txt": "csv", "json": "json", "jsonl": "json", "ndjson": "json", "parquet": "parquet"}


def kind_of(name: str) -> tuple[str, str] | None:
    """The end of a file's name as a suffix and its kind: ("jsonl.gz", "json"); None for any other file."""
    found = re.search(r"\.(\w+)(\.gz|\.zst)?$", name.lower())
    kind = KINDS.get(found[1]) if found else None
    return (found[0].lstrip("."), kind) if found and kind else None


def file_tables(files: Path, folder: Path) -> dict[str, str]:
    """Each table that is in a folder of files: its name, and what stands in SQL behind `from` in a project in `folder`."""
    if not files.is_dir():
        raise Refusal(f"{files} is not a folder. FILES names a folder with CSV, JSON or Parquet files.")
    tables: dict[str, str] = {}
    for path in sorted(files.iterdir()):
        names = [each.name for each in sorted(path.iterdir())] if path.is_dir() else [path.name]
        ends = {found for name in names if not name.startswith(".") and (found := kind_of(name))}
        if not ends:
            continue
        if len(ends) > 1:
            raise Refusal(
                f"{path} has files of several kinds ({', '.join(sorted(end for end, _ in ends))}). Put those of one table into one folder."
            )
        ((end, kind),) = ends
        name = re.sub(r"[^a-z0-9]+", "_", (path.name if path.is_dir() else path.name[: -len(end) - 1]).lower()).strip("_")
        if name in tables:
            raise Refusal(f"{path} would be a second table named {name}. Rename it.")
        place = Path(os.path.relpath(path.resolve(), folder.resolve())).as_posix() + (f"/*.{end}" if path.is_dir() else "")
        place = place.replace("'", "''").replace("{", "{{").replace("}", "}}")
        tables[name] = READERS[kind].format(place=f"'{place}'")
    if not tables:
        raise Refusal(f"{files} does not hold any file that ends in .{', .'.join(KINDS)}, or in these and .gz.")
    return tables


def source_file(tables: dict[str, str]) -> str:
    """The YAML of the source `files`."""
    lines = [f'      - {{name: {name}, meta: {{external_location: "{place}"}}}}' for name, place in tables.items()]
    return "\n".join(["sources:", "  - name: files", "    tables:", *lines, ""])


def input_model(root: Path, name: str, entry: dict[str, Any]) -> str:
    """The model of an input: the contract's columns as typed NULLs, each with what it means."""
    meanings = re.findall(
        rf"{{% docs input_{name}_(\w+) %}}\s*(.*?)\s*{{% enddocs %}}",
        (root / "models/staging/inputs.md").read_text(encoding="utf-8"),
        flags=re.DOTALL,
    )
    told = {column: " ".join(text.split()) for column, text in meanings}
    width = max(len(f"cast(null as {TYPES.get(kind, 'varchar')}) as {column},") for column, kind in entry["columns"].items())
    lines = []
    for number, (column, kind) in enumerate(entry["columns"].items(), start=1):
        comma = "," if number < len(entry["columns"]) else ""
        needed = "Required. " if column in (*entry["key"], *entry.get("required", [])) else ""
        needed = "" if "required" in told.get(column, "").lower() else needed
        text = f"cast(null as {TYPES.get(kind, 'varchar')}) as {column}{comma}"
        lines.append(f"    {text.ljust(width)}  -- {needed}{told.get(column, '')}".rstrip(" -"))
    return "\n".join(
        [
            f"-- The input `{name}`: put your columns in the place of the NULLs, and your table behind `from`. Other columns may",
            "-- stay NULL. Times are read as 2026-03-05 or 2026-03-05 10:00:00+02:00; docs/your-data.md of the package says the rest.",
            "select",
            *lines,
            "-- from …",
            "where false  -- to fill in: remove this line once the columns are yours",
            "",
        ]
    )


def connector_tools(root: Path) -> dict[str, Any]:
    """The tools that there are connectors for, see macros/registry/connector_tools.sql of connectors/."""
    from render_macros import loaded_macros, macro_texts

    return loaded_macros(macro_texts(root / "connectors"), {})["connector_tools"]()


def files_of(
    root: Path,
    folder: Path,
    name: str,
    inputs: list[str],
    git: str | None,
    revision: str | None,
    tools: list[str] | None = None,
    files: Path | None = None,
) -> dict[str, str]:
    """The project's files by their path in it."""
    from registries import macros_of

    contract = macros_of(root)["inputs"]()
    known = connector_tools(root) if tools else {}
    strangers = [each for each in tools or [] if each not in known]
    if strangers:
        raise Refusal(f"Unknown tool '{strangers[0]}'. Tools are {', '.join(known)}.")
    given = [each for each in contract if any(each in known[tool]["gives"] for tool in tools or [])]
    unknown = [each for each in inputs if each not in contract]
    if unknown:
        raise Refusal(f"Unknown input '{unknown[0]}'. Inputs are {', '.join(contract)}.")
    chosen = [each for each in contract if each in (*REQUIRED, *inputs) and each not in given]
    listed = {each: f"connected_{each}" if each in given else f"input_{each}" for each in contract if each in (*chosen, *given)}
    # Versions are the same tables a second time, for those who keep them.
    tables = {tool: [table for table in known[tool]["tables"] if not table.endswith("_versions")] for tool in tools or []}
    lines = [f"    {tool}: {{{', '.join(_table_line(known[tool], table) for table in names)}}}" for tool, names in tables.items()]
    place = (
        f"git: {git}\n    revision: {revision or 'main'}" if git else f"local: {Path(os.path.relpath(root, folder.resolve())).as_posix()}"
    )
    versions = re.findall(
        r"^(?:dbt-core|dbt-duckdb|duckdb|numpy)==\S+", (root / "requirements.txt").read_text(encoding="utf-8"), flags=re.MULTILINE
    )
    return {
        "dbt_project.yml": PROJECT.format(
            name=name,
            inputs="\n".join(f"    {each}: {model}" for each, model in listed.items()),
            connectors=CONNECTORS.format(tools="\n".join(lines)) if tools else "",
            folder=f"    inputs: {{+schema: inputs, +materialized: {'table' if files else 'view'}}}\n" if chosen else "",
        ),
        "packages.yml": f"packages:\n  - {place}\n" + (f"  - {_part(place)}\n" if tools else ""),
        "profiles.yml": PROFILE.format(name=name),
        ".gitignore": IGNORED,
        ".github/workflows/build.yml": WORKFLOW.format(requirements=" ".join(versions)),
        "macros/registries/segments.sql": REGISTRY,
        "models/segments/behavioral/regular_users.sql": SEGMENT.format(today=datetime.date.today()),
        "models/segments/behavioral/regular_users.yml": DESCRIPTION,
        **({"models/inputs/files.yml": source_file(file_tables(files, folder))} if files else {}),
        **{f"models/inputs/input_{each}.sql": input_model(root, each, contract[each]) for each in chosen},
    }


def _table_line(tool: dict[str, Any], table: str) -> str:
    """Where a table of a tool is, to be filled in; what is asked for by a word, not by a table, is asked for."""
    return f"{table}: true" if table in tool.get("asked", []) else f"{table}: raw.{table}"


def _part(place: str) -> str:
    """The line of packages.yml for the connectors, from that of the package that they are a folder of."""
    return f"{place}\n    subdirectory: connectors" if place.startswith("git:") else f"{place}/connectors"


def project_name(folder: Path) -> str:
    """The name of the project in a folder: the folder's, in lower snake case."""
    name = re.sub(r"[^a-z0-9]+", "_", folder.resolve().name.lower()).strip("_")
    if not re.match("[a-z]", name) or name in ("segmentation", "dbt", "dbt_duckdb"):
        raise Refusal(
            f"'{folder.resolve().name}' cannot be the name of a dbt project. Choose another folder, such as {folder.parent / 'acme'}."
        )
    return name


def create(
    root: Path,
    folder: Path,
    inputs: list[str],
    git: str | None = None,
    revision: str | None = None,
    tools: list[str] | None = None,
    files: Path | None = None,
) -> dict[str, str]:
    """Write the project into a folder that is missing or empty, whole or not at all. Returns its files."""
    inside = files.resolve().relative_to(folder.resolve()).parts[:1] if files and files.resolve().is_relative_to(folder.resolve()) else ()
    if folder.exists() and (not folder.is_dir() or any(path.name not in inside for path in folder.iterdir())):
        raise Refusal(f"{folder} exists and is not empty. Choose another folder: nothing is overwritten.")
    written = files_of(root, folder, project_name(folder), inputs, git, revision, tools, files)
    was_there = folder.exists()
    try:
        for path, text in written.items():
            (folder / path).parent.mkdir(parents=True, exist_ok=True)
            (folder / path).write_text(text, encoding="utf-8")
    except BaseException:
        for each in [each for each in folder.iterdir() if each.name not in inside] if was_there else []:
            shutil.rmtree(each) if each.is_dir() else each.unlink()
        if not was_there:
            shutil.rmtree(folder, ignore_errors=True)
        raise
    return written


def main() -> int:
    """Check the arguments, write, say what comes next; returns the exit status."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("folder", metavar="DIR", nargs="?", default="")
    parser.add_argument("inputs", metavar="INPUT", nargs="*", help="inputs beside users and events")
    parser.add_argument("--tools", nargs="*", metavar="TOOL", help="tools whose exports are read, such as mixpanel salesforce")
    parser.add_argument("--files", type=Path, metavar="FOLDER", help="a folder with CSV, JSON or Parquet files to read directly")
    parser.add_argument("--git", metavar="URL", help="where dbt deps gets the package from; default: this clone, by its path")
    parser.add_argument("--revision", help="tag, branch or commit of --git; default: main")
    arguments = parser.parse_args()
    if not arguments.folder.strip():
        print("DIR is missing: the folder of the new project, such as make new-project DIR=../acme", file=sys.stderr)
        return 2
    folder = Path(arguments.folder)
    try:
        files = create(ROOT, folder, arguments.inputs, arguments.git, arguments.revision, arguments.tools, arguments.files)
    except (Refusal, OSError) as problem:
        print(f"Nothing was written: {problem}", file=sys.stderr)
        return 2
    models = [path for path in files if path.startswith("models/inputs/input_")]
    print(f"Wrote     {folder}: {len(files)} files")
    if arguments.tools:
        print(f"Next      say in {folder}/dbt_project.yml, under `connectors`, where the tables of {', '.join(arguments.tools)} are")
        print(f"Then      cd {folder} && dbt deps && dbt build")
    else:
        print(f"Next      cd {folder} && dbt deps && dbt build    builds as it is, without anybody in it")
    if models:
        print(f"Then      fill in {', '.join(models)}")
    if arguments.files:
        tables = ", ".join(file_tables(arguments.files, folder))
        print(f"          from {{{{ source('files', '…') }}}}, which has {tables}: models/inputs/files.yml")
    print("          docs/your-data.md says what each column means, and what to look at after the build.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
