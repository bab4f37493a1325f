"""Signing off a review: `reviewed_on` in the files of segments becomes the newest day of the data, and nothing else changes."""

from __future__ import annotations

import datetime
import re
from pathlib import Path

from refusal import Refusal
from replacing import replacing

from .facts import Row

# In the config of a SQL file, or in its YAML. The value as it stands, with its quotes.
FIELD = re.compile(r"""(?P<before>(?P<quote>['"]?)\breviewed_on(?P=quote)\s*:\s*)(?P<value>'[^'\n]*'|"[^"\n]*"|\d{4}-\d{2}-\d{2})""")
COMMENT = re.compile(r"\{#.*?#\}|--[^\n]*|(?m:^\s*#[^\n]*)", flags=re.DOTALL)


def sign(project: Path, segments: list[Row], names: list[str], day: datetime.date) -> list[str]:
    """Write the day into the files of the named segments (or ["all"]), into all of them or none. Returns what was done, as lines."""
    known = {row["segment"]: row for row in segments}
    is_all = names == ["all"]
    unknown = [name for name in names if name not in known] if not is_all else []
    if unknown:
        raise Refusal(f"There is no segment '{unknown[0]}' in the warehouse. Segments are {', '.join(known)}.")
    changed: dict[Path, str] = {}
    lines = []
    for name in known if is_all else dict.fromkeys(names):
        path = _file_of(project, name)
        if path is None:
            if not is_all:
                raise Refusal(
                    f"'{name}' does not have a file in {project / 'models/segments'}: it comes with the package, and its update reviews it."
                )
            continue
        text = path.read_bytes().decode("utf-8")
        place = _place(text)
        if place is None:
            raise Refusal(f"{path.relative_to(project)} does not say reviewed_on. Add 'reviewed_on': '{day}' to the meta of its config.")
        before = place["value"].strip("'\"")
        if before >= str(day):
            lines.append(f"{name}: reviewed on {before} already")
            continue
        quote = place["value"][0] if place["value"][0] in "'\"" else ""
        changed[path] = text[: place.start("value")] + f"{quote}{day}{quote}" + text[place.end("value") :]
        lines.append(f"{name}: reviewed on {day}, before that on {before}")
    for path, text in changed.items():
        with replacing(path, path.stat().st_mode & 0o777) as file:
            file.write(text.encode("utf-8"))
    return lines


def _file_of(project: Path, name: str) -> Path | None:
    """The file that says when a segment was reviewed: its SQL, or its YAML if the config is there."""
    for path in sorted((project / "models/segments").rglob(f"{name}.*")):
        if path.suffix in (".sql", ".yml") and _place(path.read_text(encoding="utf-8")) is not None:
            return path
    return next(iter(sorted((project / "models/segments").rglob(f"{name}.sql"))), None)


def _place(text: str) -> re.Match[str] | None:
    """Where the day stands; not in a comment."""
    comments = [match.span() for match in COMMENT.finditer(text)]
    return next((match for match in FIELD.finditer(text) if not any(start <= match.start() < end for start, end in comments)), None)
