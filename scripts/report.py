"""Write the report: `make report`. One page, published/report.html, that opens anywhere and needs no network.

It is made of the published aggregates (published/segmentation.duckdb) and of nothing else: the same file gives the same page,
byte for byte. Counts that were withheld there are withheld here, and said to be.

    python scripts/report.py [--database PATH] [--output PATH] [--currency SYMBOL]

Exit status 0 if the page was written, 2 if the file cannot be reported on; then an earlier page is as it was.
"""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path

from checking.database import in_sentences

ROOT = Path(__file__).resolve().parent.parent
DATABASE = Path("published/segmentation.duckdb")
OUTPUT = Path("published/report.html")


def reporting_currency(project: Path) -> str:
    """Symbol of the currency in which currency_rates of a project counts: the one that has the rate 1. Empty if none or several."""
    from registries import set_variables
    from reporting.wording import SYMBOLS

    names = [name for name, rate in (set_variables(project).get("currency_rates") or {}).items() if rate == 1]
    return SYMBOLS.get(names[0], f"{names[0]}\u202f") if len(names) == 1 else ""


def review_valid_days(project: Path) -> int:
    """For how many days a review of a segment is good in a project."""
    from registries import set_variables
    from reporting.page import REVIEW_VALID_DAYS

    return int(set_variables(project).get("review_valid_days") or REVIEW_VALID_DAYS)


@in_sentences("make report")
def main() -> int:
    """Write the page; returns the exit status."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--project-dir", type=Path, default=ROOT, metavar="FOLDER", help="a project that uses this one as a package")
    parser.add_argument("--database", type=Path, help="the published file, or a whole warehouse")
    parser.add_argument("--output", type=Path)
    parser.add_argument("--currency", help="how amounts are marked; default: by currency_rates in dbt_project.yml")
    arguments = parser.parse_args()

    from refusal import Refusal
    from reporting.page import write

    project: Path = arguments.project_dir
    output = arguments.output or project / OUTPUT
    try:
        currency = reporting_currency(project) if arguments.currency is None else arguments.currency
        size, summary = write(arguments.database or project / DATABASE, output, currency, review_valid_days(project))
    except Refusal as refusal:
        text = str(refusal) if project == ROOT else str(refusal).replace("make build", "dbt build")
        print(f"The report was not written. {text}", file=sys.stderr)
        return 2
    print(f"{os.path.relpath(output)}: {summary}, {size / 1e6:.1f} MB. Open it in any browser; it needs no network.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
