"""Bring the users up to this minute: `make refresh`, between two whole builds, every five minutes if you like.

Reads what has arrived, adds the day that is running as the newest date (the variable include_today), and publishes the marts
of single users: published/segmentation_users.duckdb. Their numbers of that day grow until it is over, and are marked as
provisional. The cheap tests run. What is published of groups, and the report, wait for the next `make build`, which ends with
the last complete day again and has all tests.

    python scripts/refresh.py [--database PATH] [--published PATH]

Exit status 0 if the file of users was published, 1 if not: then it is as it was; 2 for a mistake found before anything was
built, such as another build or refresh that is running.
"""

from __future__ import annotations

import argparse
import os
import sys
import time
from pathlib import Path

from build import problems_before, run_dbt
from checking.database import alone, in_sentences
from publish import KEY_FILE, publish_users
from refusal import Refusal

ROOT = Path(__file__).resolve().parent.parent
# The marts of single users, but those of models that are fitted; how many are in which segment; what was rejected, and who is missing
# from the input. A comparison of half a day would only mislead.
REFRESHED = (
    "users",
    "user_segments",
    "user_lifecycle_segments",
    "segment_memberships",
    "campaign_users",
    "experiment_users",
    "segments",
    "segment_sizes",
    "input_summary",
    "rejected_rows",
    "seen_users",
)
# What takes longest and tells of a mistake in the code, which whole builds look for, rather than in what has arrived.
LEFT_OUT = ("resource_type:unit_test", "test_type:singular", "test_name:relationships", "test_name:accepted_values")


def arguments_of(target: Path) -> list[str]:
    """What a refresh asks of `dbt build`. A folder of its own for what dbt writes: that of the last whole build stays, and dbt need not
    parse everything again because the variables differ."""
    return [
        *("--target-path", str(target), "--vars", "include_today: true"),
        *("--select", *(f"+{name}" for name in REFRESHED)),
        *("--exclude", *LEFT_OUT),
    ]


@in_sentences("make refresh")
def main() -> int:
    """Refresh and publish the users; returns the exit status."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--database", type=Path, default=ROOT / "build/warehouse.duckdb")
    parser.add_argument("--published", type=Path, help="default: published/, for another database a folder of that name beside it")
    arguments = parser.parse_args()
    database = arguments.database.resolve()
    is_default = database == (ROOT / "build/warehouse.duckdb").resolve()
    published = (arguments.published or (ROOT if is_default else database.parent) / "published").resolve()
    target = Path(os.environ.get("DBT_TARGET_PATH", ROOT / "target")).resolve() / "refresh"
    if not database.exists():
        print(f"{os.path.relpath(database)} does not exist: there is nothing to refresh. Run `make build` first.", file=sys.stderr)
        return 2
    if problems := problems_before(database, published):
        print("Stopped before the refresh:\n" + "\n".join(problems), file=sys.stderr)
        return 2
    started = time.monotonic()
    with alone(database):
        if not run_dbt(database, arguments_of(target)):
            return 1
        try:
            print(publish_users(database, target, published, ROOT / KEY_FILE))
        except Refusal as refusal:
            print(f"Not published: {refusal}", file=sys.stderr)
            return 1
    print(f"Done in {time.monotonic() - started:.0f} s.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
