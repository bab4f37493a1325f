"""Write dbt's documentation as one page that opens without a server: `make docs`.

    python scripts/docs.py [--output published/docs.html]

It shows every model with its description, columns, SQL, tests and lineage up to the exposures, and reads the catalog of the built
warehouse. Not world-readable (0640), since it names what is known about people, though it holds no row.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
from pathlib import Path

from replacing import replacing

ROOT = Path(__file__).resolve().parent.parent


def without_place(page: str, root: Path) -> str:
    """The page without the folder in which it was made, which dbt leaves in the entry of every seed."""
    return page.replace(json.dumps(str(root))[1:-1], ".")


def main() -> int:
    """Returns the exit status."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--output", type=Path, default=ROOT / "published/docs.html")
    arguments = parser.parse_args()
    database = Path(os.environ.get("SEGMENTATION_DATABASE", ROOT / "build/warehouse.duckdb"))
    if not database.exists():
        print(f"{os.path.relpath(database)} does not exist, so it cannot be documented. Run `make build` first.", file=sys.stderr)
        return 2
    output = arguments.output.resolve()
    os.chdir(ROOT)

    from dbt.cli.main import dbtRunner

    print("Reading the project and the catalog of the warehouse …", flush=True)
    result = dbtRunner().invoke(["--quiet", "docs", "generate", "--static"])
    if not result.success:
        print(result.exception or "dbt docs generate failed; the page is unchanged.", file=sys.stderr)
        return 1
    with replacing(output) as file:
        file.write(without_place((ROOT / "target/static_index.html").read_text(encoding="utf-8"), ROOT).encode("utf-8"))
    print(f"The documentation is {os.path.relpath(output)}: open it in a browser.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
