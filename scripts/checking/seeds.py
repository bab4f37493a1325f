"""Finds what is wrong with the CSV files of seeds before dbt reads them, with the line, and says what to do.

dbt and DuckDB read a file with two readers that guess: a short row, an unclosed quote or a mix of line ends is a guess that goes wrong,
in words about a sniffer or in none. What passes here is a plain CSV file (RFC 4180, UTF-8), which all readers read alike.
"""

from __future__ import annotations

import csv
import io
import re
from pathlib import Path
from typing import Any

# dbt reads no longer cells: the limit of Python's module csv, in characters.
MAX_CELL = 131_072
# Number of problems to report per file.
TOLD = 5
BYTE_MARKS = {b"\xff\xfe\x00\x00": "UTF-32", b"\x00\x00\xfe\xff": "UTF-32", b"\xff\xfe": "UTF-16", b"\xfe\xff": "UTF-16"}
SEPARATORS = {"\t": "tabs", ";": "semicolons", "|": "vertical bars"}
LINE_ENDS = {"\r\n": "CR LF (Windows)", "\n": "LF (Unix)", "\r": "CR (old Mac)"}


def seed_problems(root: Path) -> list[str]:
    """What is wrong with the seeds of a project, each as a sentence that says where and what to do."""
    separators = _separators(root)
    problems = []
    for path in sorted((root / "seeds").rglob("*.csv")):
        if path.is_file():
            found = file_problems(path, separators.get(path.stem, ","))
            problems += [f"{path.relative_to(root)}{problem}" for problem in found[:TOLD]]
            if len(found) > TOLD:
                problems.append(f"{path.relative_to(root)}: {len(found) - TOLD:,} more such lines.")
    return problems


def file_problems(path: Path, separator: str = ",") -> list[str]:
    """What is wrong with one file, as ends of sentences that begin with its name."""
    try:
        content = path.read_bytes()
    except OSError as error:
        return [f" cannot be read: {error.strerror}. Make it readable, or remove it."]
    text, problems = _decoded(content)
    if problems:
        return problems
    if not text.strip():
        return [
            " is empty. A file without rows still needs its header; docs/your-data.md lists the columns, and `vars: inputs:` switches an "
            "input off."
        ]
    ends = _mixed_line_ends(content, text)
    return ends or _row_problems(text, separator)


def _decoded(content: bytes) -> tuple[str, list[str]]:
    """The text of a file, without a byte order mark; or why it is none."""
    advice = "Save it as UTF-8 (in a spreadsheet: `CSV UTF-8`; or `iconv -f {} -t UTF-8 old.csv > new.csv`)."
    for mark, name in BYTE_MARKS.items():
        if content.startswith(mark):
            return "", [f" is in {name} but must be in UTF-8. {advice.format(name)}"]
    nul = content.find(b"\x00")
    if nul >= 0:
        if content[:2000].count(b"\x00") * 3 > len(content[:2000]):
            return "", [f" seems to be in UTF-16 without a byte order mark, but must be in UTF-8. {advice.format('UTF-16LE')}"]
        return "", [
            f", line {_line(content, nul)} contains a NUL byte: the file is damaged, or not CSV. Export it again, or remove the "
            "byte (`tr -d '\\000'`)."
        ]
    try:
        return content.decode("utf-8-sig"), []
    except UnicodeDecodeError as error:
        # The mark is cut before bytes are counted.
        place = error.start + (3 if content.startswith(b"\xef\xbb\xbf") else 0)
        return "", [
            f", line {_line(content, place)} is not UTF-8: it has the byte 0x{content[place]:02X}, as files in Latin-1 or Windows-1252 have. "
            + advice.format("WINDOWS-1252")
        ]


def _line(content: bytes, place: int) -> int:
    """The number of the line in which a byte stands, counted from 1 as editors do."""
    before = content[:place]
    return before.count(b"\n") + before.count(b"\r") - before.count(b"\r\n") + 1


def _mixed_line_ends(content: bytes, text: str) -> list[str]:
    """Whether the rows end in different ways. Line breaks within quotes are free."""
    windows, unix, mac = content.count(b"\r\n"), content.count(b"\n"), content.count(b"\r")
    if len([kind for kind in (windows, unix - windows, mac - windows) if kind]) < 2:
        return []
    first: dict[str, int] = {}
    number = 1
    # A quoted cell, or one line end outside of them.
    for part in re.finditer(r'"[^"]*"|\r\n|\n|\r', text):
        if part[0] in LINE_ENDS:
            first.setdefault(part[0], number)
        number += len(re.findall(r"\r\n|\n|\r", part[0]))
    if len(first) < 2:
        return []
    (one, at_one), (other, at_other) = sorted(first.items(), key=lambda entry: entry[1])[:2]
    return [
        f" mixes line ends: line {at_one} ends with {LINE_ENDS[one]}, line {at_other} with {LINE_ENDS[other]}. One kind is allowed: convert the file "
        '(`dos2unix`, or an editor\'s "line endings").'
    ]


def _row_problems(text: str, separator: str) -> list[str]:
    """What is wrong with the header and the rows."""
    before = csv.field_size_limit(max(len(text), MAX_CELL))
    try:
        return _read(text, separator)
    finally:
        csv.field_size_limit(before)


def _read(text: str, separator: str) -> list[str]:
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
    problems: list[str] = []
    header: list[str] = []
    line = 1
    try:
        for row in reader:
            if not header:
                if row:
                    header = row
                    problems = _header_problems(header, separator, line)
                    if problems:
                        return problems
            elif len(row) != len(header):
                # A line without anything is no row.
                if row:
                    problems.append(
                        f", line {line} has {_cells(len(row))}, and the header has {len(header)}. Each row needs as many as the header: put quotes around a cell "
                        "that holds a separator or a line break, and leave a missing cell empty."
                    )
            elif row[0] == header[0] and row == header and len(header) > 1:
                problems.append(f", line {line} is the header a second time: two files were put together. Delete the line.")
            elif max(map(len, row)) > MAX_CELL:
                longest = max(range(len(row)), key=lambda place: len(row[place]))
                problems.append(
                    f", line {line}: the cell in column {header[longest]} has {len(row[longest]):,} characters, at most {MAX_CELL:,} are allowed. Shorten it, or "
                    "look for a quote that is opened above and not closed."
                )
            line = reader.line_num + 1
    except csv.Error as error:
        if "unexpected end" in str(error):
            problems.append(
                f', line {line} opens a quote that is not closed before the end of the file. Close it; a quote within a quoted cell is written twice ("").'
            )
        else:
            problems.append(
                f', line {line} has a quote that neither begins nor ends a cell. Put quotes around the whole cell, and write a quote within it twice ("").'
            )
    return problems


def _header_problems(header: list[str], separator: str, line: int) -> list[str]:
    """What is wrong with the names of the columns."""
    for other, name in SEPARATORS.items():
        if len(header) == 1 and other != separator and other in header[0]:
            return [
                f" is separated by {name} instead of commas. Save it with commas; in your own project you can set the seed's config "
                "`delimiter`."
            ]
    problems = []
    folded = [name.strip().casefold() for name in header]
    for name in dict.fromkeys(folded):
        places = [place + 1 for place, other in enumerate(folded) if other == name]
        if not name:
            problems.append(f", line {line}: column {places[0]} of the header is unnamed. Name it, or delete the column.")
        elif len(places) > 1:
            problems.append(
                f", line {line}: the header has `{name}` {len(places)} times (columns {', '.join(map(str, places))}). "
                "Rename or delete all but one; case does not matter."
            )
    return problems


def _cells(number: int) -> str:
    return f"{number} cell{'' if number == 1 else 's'}"


def _separators(root: Path) -> dict[str, str]:
    """Seeds whose files are separated by something else than commas, by dbt_project.yml or a YAML beside them."""
    import yaml

    found: dict[str, str] = {}

    def collect(config: Any, folder: Path) -> None:
        """The config of dbt_project.yml: its keys are folders and names of seeds."""
        if not isinstance(config, dict):
            return
        separator = config.get("+delimiter", config.get("delimiter"))
        if isinstance(separator, str) and len(separator) == 1:
            found.update({path.stem: separator for path in (folder.rglob("*.csv") if folder.is_dir() else [folder])})
        for name, inner in config.items():
            if isinstance(inner, dict):
                collect(inner, folder / name if (folder / name).is_dir() else folder / f"{name}.csv")

    try:
        project = yaml.safe_load((root / "dbt_project.yml").read_text(encoding="utf-8")) or {}
        seeds = project.get("seeds") or {}
        collect({key: value for key, value in seeds.items() if key != project.get("name")}, root / "seeds")
        collect(seeds.get(project.get("name")), root / "seeds")
        for path in sorted((root / "seeds").rglob("*.yml")):
            for entry in (yaml.safe_load(path.read_text(encoding="utf-8")) or {}).get("seeds") or []:
                separator = ((entry.get("config") or {}) if isinstance(entry, dict) else {}).get("delimiter")
                if isinstance(separator, str) and len(separator) == 1:
                    found[entry["name"]] = separator
    except (OSError, yaml.YAMLError, AttributeError, UnicodeDecodeError):
        # dbt says what is wrong with YAML better than we could.
        return found
    return found
