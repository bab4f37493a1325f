"""Write what each destination of an audience has to be told since the last delivery: `make audiences`.

One file per audience and change (add, remove) in the destination's own format, and a manifest, in a folder of its own below
published/audiences. What was delivered is kept in the schema `state` of the warehouse, so that a second run writes nothing.
docs/audiences.md says what the files are for, who is in them and what to do with them.

    python scripts/audiences.py [--dry-run] [--force NAME] [--clean] [--database PATH] [--folder PATH]

The files hold personal data: folders have mode 0700, files 0600. Addresses are read from staging.stg_users__addresses at
this moment and from nowhere else.

A delivery that is interrupted is told again by the next one, and nothing is lost. In this order:
  1. the files are written into a hidden folder;
  2. the state says who is about to be added or removed (is_pending);
  3. the folder gets its name: from now on somebody may upload it;
  4. the state says what the destination holds now, and audience_changes is emptied.
Between 2 and 4 a person is pending: the next run adds again who still belongs there and removes everybody else, whether the
files had been uploaded or not.

Exit status 0 if everything is delivered, 1 if an audience was refused, 2 if nothing could be done.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from checking.database import file_problems, in_sentences, open_warehouse, sentence
from delivering.files import clean
from delivering.run import deliver, failed_nodes, refusals, summary
from project_place import add_project, place_of
from refusal import Refusal


@in_sentences("make audiences")
def main(arguments: list[str] | None = None) -> int:
    """Deliver, then print the summary; returns the exit status."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    add_project(parser)
    parser.add_argument("--database", type=Path)
    parser.add_argument("--folder", type=Path)
    parser.add_argument("--run-results", type=Path)
    parser.add_argument(
        "--force", action="append", default=[], metavar="NAME", help="deliver this audience even if much of it changes; or `all`"
    )
    parser.add_argument("--dry-run", action="store_true", help="say what would be delivered and write nothing")
    parser.add_argument("--clean", action="store_true", help="delete the files of all deliveries and keep their manifests")
    options = parser.parse_args(arguments)
    try:
        place = place_of(options.project_dir, options.database)
    except Refusal as reason:
        print(f"Nothing was delivered. {reason}", file=sys.stderr)
        return 2
    options.database = place.database
    options.folder = options.folder or place.published / "audiences"
    options.run_results = options.run_results or place.folder / "target/run_results.json"

    if options.clean:
        print(f"Deleted {clean(options.folder)} files; the manifests are kept.")
        return 0

    import duckdb

    if problems := file_problems(options.database):
        print(f"Nothing was delivered. {problems[0]}", file=sys.stderr)
        return 2
    if not options.database.exists():
        print(f"{options.database} does not exist. Run `make build` first.", file=sys.stderr)
        return 2
    failed = failed_nodes(options.run_results)
    if failed:
        print(
            "The last build failed in something audiences depend on, so nothing is delivered:\n  "
            + "\n  ".join(failed)
            + "\nRun `make build` and see what stops it.",
            file=sys.stderr,
        )
        return 2
    try:
        with open_warehouse(options.database, read_only=options.dry_run) as connection:
            connection.execute("set TimeZone = 'UTC'")
            outcome = deliver(connection, options.folder, frozenset(options.force), options.dry_run)
    except Refusal as reason:
        print(f"Nothing was delivered. {reason}", file=sys.stderr)
        return 2
    except duckdb.CatalogException as error:
        print(f"The warehouse does not have audiences yet ({str(error).splitlines()[0]}): run `make build` first.", file=sys.stderr)
        return 2
    except (duckdb.Error, OSError) as error:
        # Whom a delivery that broke off concerns is told again by the next one.
        print(f"The delivery was interrupted; the next one repeats all of it. {sentence(error, options.database)}", file=sys.stderr)
        return 2
    print(summary(outcome, options.dry_run))
    if outcome.refused:
        print("\n" + refusals(outcome), file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
