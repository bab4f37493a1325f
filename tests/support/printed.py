"""What the pages print for a reader to run: commands, SQL and Python, in the order in which a reader meets them.

tests/python/project/test_docs.py checks what takes no time, tests/long/test_commands.py runs the rest in a fresh clone.
"""

from __future__ import annotations

import re
import shlex
from dataclasses import dataclass

from warehouse import ROOT

# CHANGELOG.md speaks of commands, also of those that are gone.
PAGES = [
    ROOT / "README.md",
    ROOT / "CONTRIBUTING.md",
    *sorted((ROOT / "docs").glob("*.md")),
    *sorted((ROOT / "docs").glob("*/**/*.md")),
    *sorted((ROOT / "examples").glob("*/README.md")),
]
# The language of a fenced block: the kind of what is in it. A block without a language shows what a command answers, or a picture.
LANGUAGES = {"sh": "shell", "console": "shell", "sql": "sql", "python": "python", "yaml": "yaml", "": "output"}
# What begins a command in a line of text. A name by itself (`make`, `duckdb`) is not one.
COMMAND = re.compile(r"(make|dbt|mf|duckdb|superset|source|python|pip|git|\.venv/bin/\w+) \S")
QUERY = re.compile(r"(select|copy|insert into) \S")

# Not run here, each with its reason.
NOT_RUN = {
    "make test": "the suite that every commit passes; tests/python/project/test_docs.py is part of it",
    "make pytest": "a step of make test",
    "make lint": "a step of make test",
    "make parse": "a step of make test",
    "make test-long": "this is one of its parts",
    "make test-long PART=commands": "this",
    "make test-long PART=fortnight": "another part, up to an hour of its own",
    **{f"make test-long PART={part}": "another part, minutes of its own" for part in ("experiments", "noise", "suggest")},
    **dict.fromkeys(
        (
            "make test-spark",
            "make test-spark PART=parity",
            ".venv-spark/bin/dbt build --target spark",
            "make spark-tables",
            "make spark-tables TARGET=target",
            ".venv/bin/python scripts/publish.py --database build/spark.duckdb --target target",
        ),
        "needs Java and .venv-spark, and an hour; tests/spark/ builds on Spark and publishes from it",
    ),
    "make mutants": "hours: the tests of tests, each on a broken copy of the project",
    "make benchmark": "half an hour of builds that measure cost, which nothing here could judge",
    ".venv/bin/pip install -c constraints.txt -r requirements-dev.txt": "installs; make test and make test-long have done just this",
    "superset import-dashboards -p published/superset.zip -u admin": "needs Superset; tests/test_bi.py runs the SQL of its charts",
    "dbt-metabase models --manifest-path target/manifest.json --metabase-url https://metabase.example.com --metabase-api-key … "
    "--metabase-database Segmentation --include-schemas marts --skip-sources --sync-timeout 0": "needs Metabase and dbt-metabase",
    "dbt run-operation forget_user": "the name of what a make forget-user does first; with its argument it is run",
    "make forget-user": "the name of a command that is run with its USER",
    "make new-project DIR=../acme FILES=../acme/data": "needs a folder of files; tests/python/project/test_package.py begins a project on one",
    **{
        f"python dbt_packages/segmentation/scripts/{command} --project-dir .": "runs in a project of a stranger's own: tests/long/test_package.py"
        for command in (
            "build.py",
            "publish.py",
            "report.py",
            "review.py",
            "suggest.py",
            "audiences.py",
            "segment_diff.py old.duckdb warehouse.duckdb",
        )
    },
    "duckdb -readonly published/segmentation.duckdb": "a program of its own that waits for what you type; nothing here installs it",
}


@dataclass(frozen=True)
class Printed:
    """Something to run. `is_step`: it is in a block of its own; otherwise a sentence mentions it. `output`: what the page says it answers."""

    page: str
    line: int
    end: int
    kind: str
    text: str
    is_step: bool
    output: str = ""

    def __str__(self) -> str:
        return f"{self.page}:{self.line}: {self.text.splitlines()[0]}"


def printed() -> list[Printed]:
    """All of it, page by page."""
    return [each for page in PAGES for each in of_page(str(page.relative_to(ROOT)), page.read_text(encoding="utf-8"))]


def commands() -> list[Printed]:
    """What the long test runs: steps, and mentions of what is nowhere a step, each of these once. Of SQL what writes."""
    shell = [
        each
        for each in printed()
        if (each.kind == "shell" and each.text not in NOT_RUN) or (each.kind == "sql" and not each.text.startswith("select"))
    ]
    steps = {each.text for each in shell if each.is_step}
    first = {each.text: each for each in reversed(shell) if not each.is_step}
    return [each for each in shell if each.is_step or (each.text not in steps and each is first[each.text])]


def of_page(page: str, text: str) -> list[Printed]:
    """What one page prints."""
    found: list[Printed] = []
    lines = text.splitlines()
    prose = list(lines)
    number = 0
    while number < len(lines):
        fence = re.fullmatch(r"( *)```(.*)", lines[number])
        if not fence:
            number += 1
            continue
        end = next(place for place in range(number + 1, len(lines)) if lines[place].strip() == "```")
        block = [line.removeprefix(fence[1]) for line in lines[number + 1 : end]]
        prose[number : end + 1] = [""] * (end + 1 - number)
        assert fence[2] in LANGUAGES, f"{page}:{number + 1}: language {fence[2]!r} of a block is unknown; known: {', '.join(LANGUAGES)}"
        kind = LANGUAGES[fence[2]]
        if kind == "shell":
            found += [Printed(page, number + 2 + first, number + 2 + last, kind, command, True) for first, last, command in of_shell(block)]
        elif kind == "output":
            # What the last command of the block before answers, if nothing but blank lines is between the two.
            if found and not "".join(lines[found[-1].end : number]).replace("```", "", 1).strip():
                found[-1] = Printed(**{**vars(found[-1]), "output": "\n".join(block)})
        else:
            if kind == "sql" and block[0].startswith("{{"):
                kind = "model" if "materialized=" in block[0] else "segment"
            found.append(Printed(page, number + 2, end, kind, "\n".join(block), True))
        number = end + 1
    for match in re.finditer(r"(`+)((?:(?!\n\n).)+?)\1(?!`)", "\n".join(prose), flags=re.DOTALL):
        code = " ".join(match[2].split())
        line = match.string.count("\n", 0, match.start()) + 1
        if COMMAND.match(code) or QUERY.match(code):
            found.append(Printed(page, line, line, "shell" if COMMAND.match(code) else "sql", code, False))
    return sorted(found, key=lambda each: each.line)


def of_shell(block: list[str]) -> list[tuple[int, int, str]]:
    """The commands of a block, each with its first and last line; with prompts, what follows a command is its answer."""
    has_prompts = any(line.startswith("$ ") for line in block)
    found: list[tuple[int, int, str]] = []
    command: list[str] = []
    for place, line in enumerate(block):
        if not command and (line.startswith("#") or not line.strip() or (has_prompts and not line.startswith("$ "))):
            continue
        command.append(line if command else line.removeprefix("$ "))
        if is_whole("\n".join(command)):
            found.append((place + 1 - len(command), place, without_comment("\n".join(command))))
            command = []
    assert not command, f"a command does not end: {command[0]}"
    return found


def is_whole(command: str) -> bool:
    """Whether a command ends here: its quotes are closed, its here-document is, and no backslash follows."""
    document = re.search(r"<<'?(\w+)'?", command.splitlines()[0])
    if document:
        return command.splitlines()[-1] == document[1]
    try:
        shlex.split(command, comments=True)
    except ValueError:
        return False
    return not command.endswith("\\")


def without_comment(command: str) -> str:
    """A command of one line without the remark behind it; with a backslash at the ends of its lines, as one line."""
    return re.sub(r" +# .*", "", command) if "\n" not in command else re.sub(r" *\\\n *", " ", command)
