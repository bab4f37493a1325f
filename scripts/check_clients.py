"""Do DuckDB clients of several versions read the published file while it is being swapped? Run by hand; says numbers.

    python scripts/check_clients.py PYTHON [PYTHON …] [--opens 200] [--swaps 10]

Each PYTHON is the interpreter of an environment with its own version of duckdb. The published files lie in a folder of their own
and are made from the last build (build/warehouse.duckdb, target/). Exit status 0 if every reader opened the file as often as
asked, without one error, and with all its rows each time.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from publish import AGGREGATES_FILE, KEY_FILE, ROOT, publish

READER = """
import os, sys, time, duckdb
path, opens, stop = sys.argv[1], int(sys.argv[2]), sys.argv[3]
opened, seen = 0, set()
while opened < opens or not os.path.exists(stop):
    connection = duckdb.connect(path, read_only=True)
    tables = [row[0] for row in connection.execute("select table_name from information_schema.tables where table_schema = 'marts'").fetchall()]
    rows = sum(connection.execute(f"select count(*) from marts.{table}").fetchone()[0] for table in tables if table != "publish_log")
    seen.add((len(tables), rows))
    connection.close()
    opened += 1
    time.sleep(0.01)
assert len(seen) == 1, seen
print(f"duckdb {duckdb.__version__}: {opened} opens, each with {seen.pop()[1]:,} rows, no error")
"""


def main() -> int:
    """Swap while the readers read; returns the exit status."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("pythons", nargs="+", type=Path)
    parser.add_argument("--database", type=Path, default=ROOT / "build/warehouse.duckdb")
    parser.add_argument("--target", type=Path, default=ROOT / "target")
    parser.add_argument("--opens", type=int, default=200)
    parser.add_argument("--swaps", type=int, default=10)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder, stop = Path(name) / "published", Path(name) / "stop"

        def swap() -> None:
            publish(arguments.database, arguments.target, folder, Path(name) / KEY_FILE)

        swap()
        readers = [
            subprocess.Popen(
                [str(python), "-c", READER, str(folder / AGGREGATES_FILE), str(arguments.opens), str(stop)],
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
            )
            for python in arguments.pythons
        ]
        started = time.monotonic()
        for _ in range(arguments.swaps):
            swap()
        stop.touch()
        outputs = [reader.communicate()[0].strip() for reader in readers]
    print("\n".join(outputs))
    print(f"{arguments.swaps} swaps in {time.monotonic() - started:.0f} s")
    return 0 if all(reader.returncode == 0 for reader in readers) else 1


if __name__ == "__main__":
    sys.exit(main())
