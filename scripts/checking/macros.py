"""The macros of the project as their files have them: how long each is, who calls it, and whether dbt sees that."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

PACKAGE = "segmentation"
COMMENT = re.compile(r"\{#.*?#\}", re.DOTALL)
BEGIN = re.compile(r"\{%-?\s*macro\s+(\w+)\s*\(")
END = re.compile(r"\{%-?\s*endmacro\s*-?%\}")
# What dbt itself calls by name.
CALLED_BY_DBT = {"generate_schema_name"}
# Implementations that dispatch finds by their name, and overrides of dbt-duckdb's own.
IMPLEMENTATION = re.compile(r"(default|duckdb|postgres|spark)__")
# Where a macro can be called from, and where people are told to.
CALLERS = ("models", "macros", "tests", "analyses", "seeds", "examples", "dbt_project.yml")
PAGES = ("README.md", "docs")


@dataclass(frozen=True)
class Macro:
    """One macro: its name, its file from the root, its text from `macro` to `endmacro`."""

    name: str
    file: str
    text: str

    @property
    def lines(self) -> int:
        return self.text.count("\n") + 1

    @property
    def is_public(self) -> bool:
        return not self.name.startswith("_") and not IMPLEMENTATION.match(self.name)


def macros_in(root: Path) -> list[Macro]:
    """Every macro of macros/, in the order of the files."""
    found = []
    for path in sorted((root / "macros").rglob("*.sql")):
        text = path.read_text(encoding="utf-8")
        for begin in BEGIN.finditer(text):
            end = END.search(text, begin.end())
            found.append(Macro(begin[1], str(path.relative_to(root)), text[begin.start() : end.end() if end else len(text)]))
    return found


def crowded_files(macros: list[Macro]) -> dict[str, list[str]]:
    """Files with several public macros, or with one of another name than the file: file -> names."""
    public: dict[str, list[str]] = {}
    for macro in macros:
        if macro.is_public:
            public.setdefault(macro.file, []).append(macro.name)
    return {file: names for file, names in public.items() if names != [Path(file).stem]}


def texts_in(root: Path, places: tuple[str, ...], suffixes: tuple[str, ...]) -> dict[str, str]:
    """The text of each file in some places, by its path from the root."""
    paths = [path for place in places for path in ([root / place] if (root / place).is_file() else (root / place).rglob("*"))]
    return {str(path.relative_to(root)): path.read_text(encoding="utf-8") for path in paths if path.is_file() and path.suffix in suffixes}


def unused_macros(root: Path) -> list[str]:
    """
    Macros that nothing calls: no model, test, hook or other macro, and for public ones no page that tells people to.

    A call is `name(` or `segmentation.name`; `dispatch('name'` and `on_forget: name` count too. A call from the macro itself
    does not, nor does one in a comment.
    """
    macros = macros_in(root)
    code = {file: COMMENT.sub("", text) for file, text in texts_in(root, CALLERS, (".sql", ".yml")).items()}
    for macro in macros:
        code[macro.file] = code[macro.file].replace(COMMENT.sub("", macro.text), "")
    bodies = {macro.name: COMMENT.sub("", macro.text).split(")", 1)[-1] for macro in macros}
    calls = r"\b(\w+)\s*\(|segmentation\.(\w+)|dispatch\('(\w+)'|on_forget'?: *'?(\w+)"
    called = {name for text in code.values() for match in re.findall(calls, text) for name in match if name}
    for caller, body in bodies.items():
        called |= {name for match in re.findall(calls, body) for name in match if name and name != caller}
    pages = "\n".join(texts_in(root, PAGES, (".md",)).values())
    promised = set(re.findall(r"`(\w+)\(|run-operation (\w+)", pages))
    shown = {name for match in promised for name in match if name}
    return sorted(
        f"{macro.file}: {macro.name}"
        for macro in macros
        if macro.name not in called | CALLED_BY_DBT
        and not IMPLEMENTATION.match(macro.name)
        and not (macro.is_public and macro.name in shown)
    )


def unseen_macros(manifest: dict[str, Any]) -> tuple[list[str], int]:
    """
    Macros that a model or test names and that its `depends_on` lacks, as `node: macro`, and how many it has.

    dbt records what it renders while it parses, and it does not render the body of a `call` block. What it does not record
    is missing from `state:modified`.
    """
    of_project = {macro["name"] for macro in manifest["macros"].values() if macro["package_name"] == PACKAGE}
    unseen, seen = [], 0
    for node in manifest["nodes"].values():
        if node["resource_type"] not in ("model", "test") or node["package_name"] != PACKAGE:
            continue
        code = " ".join(re.findall(r"\{[{%].*?[%}]\}", COMMENT.sub("", node.get("raw_code") or ""), flags=re.DOTALL))
        named = of_project & set(re.findall(r"\b(\w+) *\(", code))
        recorded = {macro.split(".")[-1] for macro in node["depends_on"]["macros"]}
        unseen += [f"{node['name']}: {macro}" for macro in sorted(named - recorded)]
        seen += len(named & recorded)
    return unseen, seen
