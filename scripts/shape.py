"""How large things are and what a change costs: the counts that are meant to stay small. `make shape`

    .venv/bin/python scripts/shape.py            # print every count
    .venv/bin/python scripts/shape.py --check    # exit 1 if a limit is broken; part of `make lint`

What a feature, a metric, a mart or a segment costs is counted in the files as they are: how many that a person writes name
it. The median includes whatever came to use it later (segments, tests, pages); those that nothing else uses are near the
least. Generated files, generated parts of files, the sample and the CHANGELOG do not count.
"""

from __future__ import annotations

import argparse
import json
import re
import statistics
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import check_language
from checking.macros import crowded_files, macros_in, texts_in, unseen_macros, unused_macros

ROOT = Path(__file__).resolve().parent.parent
# The packages in this repository, each with macros and models of its own.
PACKAGES = (ROOT, ROOT / "connectors")
LONGEST_MODEL = 350
LONGEST_MACRO = 120

# Lists of entries and nothing else: a macro with one of them may be long.
REGISTRIES = ("macros/registries/",)

# What breaks a limit and is to go: how the line of --check begins. One that breaks no limit any more has to go from here.
EXCEPTIONS: set[str] = set()

GENERATED_FILE = re.compile(r"\A\W*Generated (by|from)\b")
GENERATED_PART = re.compile(r"Generated from \S+: (\w+).*?End: \1\b", re.DOTALL)
WRITTEN = (".sql", ".yml", ".yaml", ".md", ".py", ".csv", ".json", "")


# A model that is its config and one call of a macro.
ONE_CALL = re.compile(r"\{\{ config\((?:[^{}]|\"\{\{[^\"]*\}\}\")*\) \}\}\s+\{\{ segmentation\.\w+\((?:(?!\}\}).)*\) \}\}\s*", re.DOTALL)


def line_count(text: str) -> int:
    return len(text.splitlines())


def problems() -> list[str]:
    """What breaks a limit, one sentence each, without the exceptions."""
    found = [
        f"{file} has {line_count(text)} lines; a model has at most {LONGEST_MODEL}. Cut it along its seams."
        for file, text in models().items()
        if line_count(text) > LONGEST_MODEL
    ]
    macros = [macro for root in PACKAGES for macro in macros_in(root)]
    found += [
        f"{macro.file}: {macro.name} has {macro.lines} lines; a macro has at most {LONGEST_MACRO}. Give its parts names."
        for macro in macros
        if macro.lines > LONGEST_MACRO and not macro.file.startswith(REGISTRIES)
    ]
    found += [
        f"{file} has the public macros {', '.join(names)}; a file has one, of its name. Move the others or begin them with _."
        for file, names in crowded_files(macros).items()
        if not file.startswith(REGISTRIES)
    ]
    found += [
        f"{line} is used by nothing. Remove it, or show in docs/ what it is for." for root in PACKAGES for line in unused_macros(root)
    ]
    found += [
        f".sqlfluffignore leaves out {file}, which is more than one call of a macro. Make it a file that sqlfluff can read."
        for file in unlinted()
    ]
    unseen, _ = unseen_macros(manifest())
    found += [f"{line} is not in depends_on. Use a `set` block in place of `call`, so that dbt sees it." for line in unseen]
    return found


def broken(found: Iterable[str], exceptions: Iterable[str]) -> list[str]:
    """What is to be said: problems that are not excepted, and exceptions without a problem."""
    named = {line: [exception for exception in exceptions if line.startswith(exception)] for line in found}
    return [line for line, matching in named.items() if not matching] + [
        f"EXCEPTIONS of scripts/shape.py lists `{exception}`, which breaks no limit any more. Remove the line."
        for exception in sorted(exceptions)
        if not any(exception in matching for matching in named.values())
    ]


def models() -> dict[str, str]:
    return texts_in(ROOT, ("models", "connectors/models"), (".sql",))


def unlinted() -> list[str]:
    """The files that .sqlfluffignore leaves out, though there is more in them than one call of a macro, of which sqlfluff reports nothing."""
    lines = (ROOT / ".sqlfluffignore").read_text(encoding="utf-8").splitlines()
    patterns = [line for line in lines if line and not line.startswith("#") and not line.endswith("/")]
    kept = {path for pattern in patterns if pattern.startswith("!") for path in ROOT.glob(pattern[1:])}
    left_out = {path for pattern in patterns if not pattern.startswith("!") for path in ROOT.glob(pattern)}
    return [str(path.relative_to(ROOT)) for path in sorted(left_out - kept) if not ONE_CALL.fullmatch(path.read_text(encoding="utf-8"))]


def manifest() -> dict[str, Any]:
    """What dbt made of the project: by `make parse` if nothing changed since, else parsed anew."""
    target = ROOT / "build/parse-target"
    path = target / "manifest.json"
    sources = [file for place in ("models", "macros", "tests") for file in (ROOT / place).rglob("*") if file.suffix in (".sql", ".yml")]
    if not path.exists() or path.stat().st_mtime < max(file.stat().st_mtime for file in [*sources, ROOT / "dbt_project.yml"]):
        command = ["dbt", "--quiet", "parse", "--target", "ci", "--target-path", str(target)]
        subprocess.run([sys.executable, str(ROOT / "scripts/run_tool.py"), *command], cwd=ROOT, check=True)
    loaded: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return loaded


def hand_written() -> dict[str, set[str]]:
    """The words of each file that git tracks and a person writes."""
    tracked = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True).stdout.split("\n")
    found = {}
    for file in filter(None, tracked):
        path = ROOT / file
        if file == "CHANGELOG.md" or file.startswith("seeds/sample/") or path.suffix not in WRITTEN or not path.is_file():
            continue
        text = path.read_text(encoding="utf-8", errors="replace")
        if not GENERATED_FILE.match(text[:200]):
            found[file] = set(re.findall(r"\w+", GENERATED_PART.sub("", text)))
    return found


def entries(registry: str) -> list[str]:
    """The names in a registry."""
    for place in ("macros/registries", f"macros/{registry}"):
        path = ROOT / place / f"{registry}.sql"
        if path.exists() and (names := re.findall(r"^ {8}\{'name': '(\w+)'", path.read_text(encoding="utf-8"), re.MULTILINE)):
            return names
    sys.exit(f"shape: there is no list of {registry} in macros/registries/.")


def stems(folder: str) -> list[str]:
    return [path.stem for path in sorted((ROOT / folder).rglob("*.sql"))]


def cost(names: list[str], written: dict[str, set[str]]) -> str:
    """In how many files things of one kind are named: the least, with its example and files, a quarter at most, and the median."""
    naming = {name: [file for file, words in written.items() if name in words] for name in names}
    # The file of the thing itself does not name it, but it was written.
    naming = {name: sorted({*files, *(file for file in written if Path(file).stem == name)}) for name, files in naming.items()}
    example = min(naming, key=lambda name: (len(naming[name]), name))
    quarter, median, _ = statistics.quantiles([len(files) for files in naming.values()], n=4, method="inclusive")
    return f"{median:g} (median), a quarter at most {quarter:g}, least {len(naming[example])}: {example} in {', '.join(naming[example])}"


def largest(sizes: dict[str, int]) -> str:
    name = max(sizes, key=lambda key: sizes[key])
    return f"{sizes[name]} lines: {name}"


def counts() -> dict[str, str]:
    """Every count by its name."""
    macros = macros_in(ROOT)
    sizes = {file: line_count(text) for file, text in models().items()}
    unseen, seen = unseen_macros(manifest())
    written = hand_written()
    phrases = sum(
        len(list(check_language.occurrences(path)))
        for path in check_language.files([*check_language.DOCUMENTS, "models", "macros", "seeds"])
    )
    return {
        "largest model": largest(sizes),
        f"models over {LONGEST_MODEL} lines": str(sum(size > LONGEST_MODEL for size in sizes.values())),
        "largest macro": largest({macro.name: macro.lines for macro in macros if not macro.file.startswith(REGISTRIES)}),
        f"macros over {LONGEST_MACRO} lines": str(
            sum(macro.lines > LONGEST_MACRO and not macro.file.startswith(REGISTRIES) for macro in macros)
        ),
        "largest registry": largest({macro.name: macro.lines for macro in macros if macro.file.startswith(REGISTRIES)}),
        "largest Python script": largest({file: line_count(text) for file, text in texts_in(ROOT, ("scripts",), (".py",)).items()}),
        "files of several public macros": str(len(crowded_files(macros))),
        "macros that nothing uses": str(len(unused_macros(ROOT))),
        "macros used and unseen by dbt": f"{len(unseen)} of {len(unseen) + seen} uses",
        "files that sqlfluff skips": str(len(unlinted())),
        "models with noqa": str(sum("noqa" in text for text in models().values())),
        "phrases that read as translated": str(phrases),
        "files that name a feature": cost(entries("features"), written),
        "files that name a metric": cost(entries("metrics"), written),
        "files that name a mart": cost(stems("models/marts"), written),
        "files that name a segment": cost(stems("models/segments"), written),
    }


def main() -> int:
    """Print the counts, or with --check what breaks a limit."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--check", action="store_true", help="exit 1 if a limit is broken")
    if not parser.parse_args().check:
        for name, value in counts().items():
            print(f"{name:<34}{value}")
        return 0
    found = broken(problems(), EXCEPTIONS)
    print("\n".join(found) or f"shape: no limit is broken{f', {len(EXCEPTIONS)} exceptions' if EXCEPTIONS else ''}.")
    return int(bool(found))


if __name__ == "__main__":
    sys.exit(main())
