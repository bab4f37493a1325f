"""Begin a segment: `make segment NAME=ticket_writers TYPE=behavioral DESCRIPTION="Users who opened three or more tickets in 91 days"`.

Writes models/segments/<type>/<name>.sql with the fields to fill in, its .yml, and the line in the registry, or none of them. Until the fields
are filled in, builds stop and say what is missing.

    python scripts/new_segment.py NAME TYPE [--description SENTENCE] [--root FOLDER]

Exit status 0 if the files were written, 2 if the name, the type or the description cannot be used.
"""

from __future__ import annotations

import argparse
import datetime
import re
import sys
import textwrap
from pathlib import Path

from checking.database import only_row, open_warehouse
from refusal import Refusal
from replacing import replacing

ROOT = Path(__file__).resolve().parent.parent
REGISTRY = Path("macros/registries/segments.sql")
# What a segment can be about, each with an example: the folders in models/segments.
TYPES = {
    "demographic": "who they are: age, role, seniority",
    "geographic": "where they are",
    "firmographic": "their company: size, industry",
    "technographic": "what they use: devices, other vendors",
    "customer": "what they bought: plan, trial, renewal",
    "behavioral": "what they do in the product",
    "psychographic": "what they say: surveys, interviews",
}
SEGMENT = """{{{{ config(meta={{
    'label': '{label}', 'tier': 'micro', 'owner': 'TODO: the team responsible for it',
    'goal': 'TODO: what you want to learn or reach',
    'action': 'TODO: what is done for its members',
    'reviewed_on': '{reviewed_on}'
}}) }}}}

{{{{ segment(
    todo = "TODO: a condition on a column of user_features, such as active_days_28d >= 4"
) }}}}
"""
DESCRIPTION = """version: 2

models:
  - name: {name}
    description: >-
{description}
    data_tests:
      - unique_combination: {{arguments: {{columns: [user_id, as_of_date]}}}}
    # Add an entry for each criterion: say in words what is true, not its SQL. If it reads something sensitive, add
    # `config: {{meta: {{privacy: sensitive}}}}` (docs/privacy.md).
    columns:
      - name: user_id
        description: Id of the user.
        config: {{meta: {{privacy: personal}}}}
      - name: definition_hash
        description: MD5 of the criteria; it changes when the definition does.
      - name: is_member
        description: True if all criteria hold. Never NULL.
      - name: as_of_date
        description: The date when the criteria are evaluated.
"""

# The YAML's sentence until somebody writes one; the tests refuse it.
TODO = "TODO: one sentence a product manager would write, such as 'Users who opened three or more tickets in 91 days'"
FEWEST_WORDS = 4


def whole_description(sentence: str) -> str:
    """The description of the model: whose segment it is, its grain, and how to read its columns."""
    return f"{sentence}, one row per user and date. `is_member` marks members; one boolean per criterion shows why."


def description_problem(sentence: str, label: str) -> str | None:
    """Why a sentence cannot describe the members of a segment, and what to do; None if it can."""

    def plain(text: str) -> str:
        return re.sub(r"[\W_]+", " ", text).strip().lower()

    advice = f"Say in one sentence who the members are, such as {TODO.split('such as ')[1]}."
    if "TODO" in sentence:
        return f"description: still to be written. {advice}"
    if plain(sentence) == plain(label):
        return f"description: '{sentence}' repeats the label. {advice}"
    if len(sentence.split()) < FEWEST_WORDS:
        return f"description: '{sentence}' has fewer than {FEWEST_WORDS} words. {advice}"
    if re.search(r"[{}]", sentence):
        return f"description: '{sentence}' contains braces, which dbt reads as code. {advice}"
    return None


def registry_lines(text: str) -> list[re.Match[str]]:
    """The lines of the registry that name a segment, comments left out."""
    comments = [match.span() for match in re.finditer(r"\{#.*?#\}", text, flags=re.DOTALL)]
    return [
        match
        for match in re.finditer(r"^ *'(\w+)',[^\n]*\n", text, flags=re.MULTILINE)
        if not any(start <= match.start() < end for start, end in comments)
    ]


def name_problem(root: Path, name: str) -> str | None:
    """Why a segment cannot have this name, and what to do; None if it can."""
    if not re.fullmatch(r"[a-z][a-z0-9]*(_[a-z0-9]+)*", name):
        better = re.sub(r"[^a-z0-9]+", "_", re.sub(r"([a-z0-9])([A-Z])", r"\1_\2", name).lower()).strip("_")
        hint = f", such as {better}" if re.match("[a-z]", better) else ", such as ticket_writers"
        return f"'{name}' is not in lower snake case. Choose a name{hint}."
    if len(name) > 60:
        return f"'{name}' has {len(name)} letters, and BI tools cut long names off. Choose one of at most 60."
    # In a project that uses this one as a package, macros and models of the package count, too.
    reserved = (ROOT / "macros/segments/body/_segment_problems.sql").read_text(encoding="utf-8").split("macro _reserved_words()", 1)[1]
    if name in re.findall(r"'(\w+)'", reserved.split("endmacro", 1)[0]):
        return f"'{name}' is a reserved word in SQL. Choose another name, such as {name}_users."
    for folder, kind in (("models/segments", "segment"), ("models", "model"), ("seeds", "seed")):
        for path in sorted((root / folder).rglob(f"{name}.*")):
            if path.suffix in (".sql", ".csv", ".py", ".yml"):
                return f"The {kind} {name} already exists: {path.relative_to(root)}. Choose another name, or change that file."
    if root.resolve() != ROOT and any(path.suffix == ".sql" for path in (ROOT / "models").rglob(f"{name}.*")):
        return f"The package has a model {name}. Choose another name."
    if name in [match[1] for match in registry_lines((root / REGISTRY).read_text(encoding="utf-8"))]:
        return f"{REGISTRY} already lists '{name}', but its file is missing. Remove the line, then try again."
    return None


def with_line(root: Path, text: str, name: str, kind: str) -> str:
    """The registry with one line more: after the last segment of the type, or at the end of the list."""
    lines = registry_lines(text)
    if not lines:
        raise SystemExit(f"{REGISTRY} does not contain a list of names. Restore it (git checkout {REGISTRY}), then try again.")
    same = [line for line in lines if (root / f"models/segments/{kind}/{line[1]}.sql").exists()]
    position = (same or lines)[-1].end()
    return text[:position] + f"        '{name}',\n" + text[position:]


def label_of(name: str) -> str:
    """The label a new segment begins with."""
    return name.replace("_", " ").capitalize()


def review_date(root: Path, today: datetime.date) -> datetime.date:
    """The date of the first review: the newest day of build/warehouse.duckdb, which you look at when you write a segment.

    Today if that file cannot be read. segment_scorecard compares the date with the data, and those of the sample end in the past.
    """
    import duckdb

    try:
        with open_warehouse(root / "build/warehouse.duckdb") as connection:
            return only_row(connection.execute("select max(data_through) from marts.segments"))[0] or today
    except (Refusal, duckdb.Error):
        return today


def create(root: Path, name: str, kind: str, reviewed_on: datetime.date, sentence: str = TODO) -> Path:
    """Write the files and the line. If a step fails, remove what was written."""
    registry = root / REGISTRY
    text = registry.read_text(encoding="utf-8")
    changed = with_line(root, text, name, kind)
    description = textwrap.fill(
        whole_description(sentence), width=118, initial_indent=" " * 6, subsequent_indent=" " * 6, break_on_hyphens=False
    )
    contents = {
        root / f"models/segments/{kind}/{name}.sql": SEGMENT.format(label=label_of(name), reviewed_on=reviewed_on),
        root / f"models/segments/{kind}/{name}.yml": DESCRIPTION.format(name=name, description=description),
    }
    written: list[Path] = []
    try:
        for path, content in contents.items():
            path.parent.mkdir(parents=True, exist_ok=True)
            with path.open("x", encoding="utf-8") as file:
                written.append(path)
                file.write(content)
        with replacing(registry, registry.stat().st_mode & 0o777) as file:
            file.write(changed.encode("utf-8"))
    except BaseException:
        for path in written:
            path.unlink(missing_ok=True)
        raise
    return next(iter(contents))


def main() -> int:
    """Check the arguments, write, say what comes next; returns the exit status."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("name", nargs="?", default="")
    parser.add_argument("type", nargs="?", default="")
    parser.add_argument("--description", default="", help="one sentence that says who the members are")
    parser.add_argument("--root", type=Path, default=ROOT)
    arguments = parser.parse_args()

    problems: list[str | None] = []
    if not arguments.name:
        problems.append(
            "NAME is missing. Say what a product manager would call these users: make segment NAME=ticket_writers TYPE=behavioral"
        )
    else:
        problems.append(name_problem(arguments.root, arguments.name))
    if arguments.type not in TYPES:
        given = f"Unknown type '{arguments.type}'. " if arguments.type else ""
        problems.append(
            f"{given}TYPE is what the segment is about, one of\n" + "\n".join(f"  {kind:<14} {text}" for kind, text in TYPES.items())
        )
    sentence = " ".join(arguments.description.split()).rstrip(".") or TODO
    if sentence != TODO:
        problems.append(description_problem(sentence, label_of(arguments.name)))
    found = [problem for problem in problems if problem]
    if found:
        print("\n".join(found), file=sys.stderr)
        return 2
    try:
        reviewed_on = review_date(arguments.root, datetime.date.today())
        path = create(arguments.root, arguments.name, arguments.type, reviewed_on, sentence)
    except OSError as error:
        print(f"Nothing was written: {error}", file=sys.stderr)
        return 2
    file = path.relative_to(arguments.root)
    print(f"""Wrote     {file}
          {file.with_suffix(".yml")}
          the line '{arguments.name}', in {REGISTRY}

Next      Write owner, goal, action and the criteria in {file}.
          docs/segments.md lists what a criterion can be, docs/features.md the columns.
          Describe each criterion{" and the segment" if sentence == TODO else ""} in {file.with_suffix(".yml")}.
Then      make build    until you have, it stops and says what is missing""")
    return 0


if __name__ == "__main__":
    sys.exit(main())
