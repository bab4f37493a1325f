"""Pack docs/superset for Superset's import: `make superset`.

    python scripts/superset.py [--database PATH] [--output published/superset.zip]

PATH is where Superset finds the published file, as its server sees it: another path than here if it runs in a container. The
dashboard comes with its charts, datasets and the connection; docs/bi.md says how to import it.
"""

from __future__ import annotations

import argparse
import os
import sys
import zipfile
from pathlib import Path
from urllib.parse import quote

from replacing import replacing

ROOT = Path(__file__).resolve().parent.parent
SOURCE = ROOT / "docs/superset"
PLACEHOLDER = "/path/to/published/segmentation.duckdb"


def pack(source: Path, database: str, output: Path) -> int:
    """Write the files below `source` into a zip, with `database` in the place of the placeholder; returns how many they are."""
    files = sorted(source.rglob("*.yaml"))
    named = [path for path in files if PLACEHOLDER in path.read_text(encoding="utf-8")]
    if [path.parent.name for path in named] != ["databases"]:
        raise ValueError(f"{source} must name {PLACEHOLDER} in exactly one file below databases/ and nowhere else.")
    with replacing(output) as file, zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for path in files:
            text = path.read_text(encoding="utf-8").replace(PLACEHOLDER, quote(database))
            # One date for all, so that the same files give the same zip. Superset expects one folder around everything.
            archive.writestr(zipfile.ZipInfo(f"segments/{path.relative_to(source)}", (2026, 1, 1, 0, 0, 0)), text)
    return len(files)


def main() -> int:
    """Returns the exit status."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--database", default=str(ROOT / "published/segmentation.duckdb"))
    parser.add_argument("--output", type=Path, default=ROOT / "published/superset.zip")
    arguments = parser.parse_args()
    if not arguments.database.startswith("/"):
        print(f"--database {arguments.database} must be an absolute path: Superset runs in its own folder.", file=sys.stderr)
        return 2
    count = pack(SOURCE, arguments.database, arguments.output)
    print(f"Packed {count} files into {os.path.relpath(arguments.output)}, for the database {arguments.database}.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
