"""How many starts a newcomer needs: from an empty project to the first build that came through, counted in dbt's own log.

    python benchmarks/starts.py FOLDER [FOLDER …]

Each FOLDER is a project that `make new-project` began, with its `logs/dbt.log`. Prints per project: builds until one came through,
minutes from the first start to its end, and the lines that somebody wrote (beyond those of the template, without blanks and comments).
"""

from __future__ import annotations

import datetime
import re
import sys
import tempfile
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "scripts"))

COMMAND = re.compile(
    r"'invocation_command': '(?:\S*dbt|[^']*run_tool\.py dbt|[^']*build\.py)?[^']*?\b(build|run|test|seed|deps|parse|compile|debug|clean)\b"
)
BEGIN = re.compile(r"=+ (\d\d:\d\d:\d\d\.\d+) \| \S+ =+")
END = re.compile(r"Command `[^`]*` (succeeded|failed) at (\d\d:\d\d:\d\d\.\d+) after ([\d.]+) seconds")


class Start(NamedTuple):
    """One call of dbt: what, when it began (seconds of the day), how long it took, and whether it came through (not, if it broke off)."""

    command: str
    began: float
    seconds: float
    came_through: bool


def seconds_of(clock: str) -> float:
    moment = datetime.datetime.strptime(clock, "%H:%M:%S.%f")
    return moment.hour * 3600 + moment.minute * 60 + moment.second + moment.microsecond / 1e6


def log_of(folder: Path) -> str:
    """dbt's log of a project. At ten megabytes dbt goes on in a new file, in the middle of a build: two builds may be enough for that."""
    older = sorted((folder / "logs").glob("dbt.log.*"), key=lambda path: -int(path.suffix[1:]))
    return "".join(path.read_text(encoding="utf-8") for path in [*older, folder / "logs/dbt.log"])


def starts(log: str) -> list[Start]:
    """Every call of dbt in a log, in its order."""
    found = []
    for part in re.split(r"(?m)^(?==+ \d\d:\d\d:\d\d\.\d+ \|)", log):
        begin, command, end = BEGIN.search(part), COMMAND.search(part), END.search(part)
        if begin and command:
            found.append(Start(command[1], seconds_of(begin[1]), float(end[3]) if end else 0.0, end is not None and end[1] == "succeeded"))
    return found


def until_green(calls: list[Start]) -> tuple[int, float] | None:
    """Builds up to the first that came through, and minutes from the first call to its end; None if none did."""
    builds = [number for number, call in enumerate(calls) if call.command == "build"]
    for count, number in enumerate(builds, start=1):
        if calls[number].came_through:
            # Past midnight the clock begins anew.
            waited = (calls[number].began - calls[0].began) % 86_400
            return count, (waited + calls[number].seconds) / 60
    return None


def code_of(path: Path) -> list[str]:
    """The lines of a file that say something."""
    lines = [line.split("  -- ")[0].strip() for line in path.read_text(encoding="utf-8").splitlines()]
    return [line for line in lines if line and not line.startswith(("--", "#"))]


def lines_written(folder: Path) -> int:
    """Lines in a project that the template does not have."""
    import new_project

    inputs = [path.stem.removeprefix("input_") for path in (folder / "models/inputs").glob("input_*.sql")]
    with tempfile.TemporaryDirectory() as place:
        template = Path(place) / new_project.project_name(folder)
        new_project.create(ROOT, template, [name for name in inputs if name not in new_project.REQUIRED])
        written = 0
        for path in sorted(folder.rglob("*")):
            own = path.relative_to(folder)
            if (
                path.suffix not in (".sql", ".yml")
                or own.parts[0] in ("dbt_packages", "target", "logs")
                or own.name in ("files.yml", "packages.yml")
            ):
                continue
            given = code_of(template / own) if (template / own).is_file() else []
            for line in code_of(path):
                if line in given:
                    given.remove(line)
                else:
                    written += 1
    return written


def main() -> int:
    """Print a line per project; the exit status is 1 if one needed more than two builds, or never came through."""
    is_good = bool(sys.argv[1:])
    for folder in map(Path, sys.argv[1:]):
        result = until_green(starts(log_of(folder)))
        if result is None:
            print(f"{folder.resolve().name}: no build came through yet; {lines_written(folder)} lines written")
        else:
            print(f"{folder.resolve().name}: {result[0]} builds, {result[1]:.1f} minutes, {lines_written(folder)} lines written")
        is_good = is_good and result is not None and result[0] <= 2
    return 0 if is_good else 1


if __name__ == "__main__":
    sys.exit(main())
