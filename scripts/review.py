"""Review the segments: `make review` writes a page, `make review SIGN=power_users` (or SIGN=all) signs off.

The page says what is due, what to merge, split or retire, how each segment stands and changed since its review, what was done for it and
what came of that, and which drafts wait. It is made of the newest date of a built warehouse and counts from that date: the same file gives
the same page on any day. It shows small counts, so it is written beside the warehouse, and not among what is published.

    python scripts/review.py [--sign SEGMENT … | --sign all] [--output PATH] [--project-dir FOLDER] [--database PATH]

Signing off writes the newest day of the data as `reviewed_on` into the files of the segments. Exit status 0 if the page was written or the
review signed, 2 if it cannot be; then nothing was changed.
"""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path

from checking.database import in_sentences
from project_place import ROOT, Place, add_project, place_of
from refusal import Refusal


def write_page(place: Place, output: Path) -> str:
    """Write the page; returns what it says in a line or two."""
    from registries import macros_of, set_variables
    from replacing import replacing
    from reviewing.facts import read
    from reviewing.page import due_state, page
    from reviewing.proposals import proposals
    from reviewing.splits import splits
    from suggesting.table import read_table

    variables = {entry["name"]: entry["default"] for entry in macros_of(ROOT)["variables"]()} | set_variables(place.folder)
    facts = read(place.database)
    found = proposals(
        facts, splits(read_table(place.database, place.folder), int(variables["min_segment_users"])), float(variables["max_jaccard"])
    )
    valid_days = int(variables["review_valid_days"])
    command = "make review SIGN=<segment>" if place.folder == ROOT else "scripts/review.py --project-dir . --sign <segment>"
    with replacing(output) as file:
        file.write(page(facts, found, valid_days, place.folder, command).encode("utf-8"))
    states = [due_state(row, valid_days) for row in facts.segments if row["status"] == "active"]
    due, overdue = states.count("due") + states.count("overdue"), states.count("overdue")
    kinds = [proposal.kind for proposal in found]
    proposed = (
        ", ".join(f"{kinds.count(kind)} to {kind}" for kind in ("merge", "split", "retire") if kind in kinds)
        or "nothing to merge, split or retire"
    )
    return f"{os.path.relpath(output)}: {due} of {len(states)} segments due for review, {overdue} overdue; {proposed}."


@in_sentences("make review")
def main() -> int:
    """Write the page or sign off; returns the exit status."""
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--sign", nargs="+", metavar="SEGMENT", help="segments whose review is done, or all")
    parser.add_argument("--output", type=Path, help="default: review.md beside the warehouse")
    add_project(parser)
    parser.add_argument("--database", type=Path)
    arguments = parser.parse_args()
    place = None
    try:
        place = place_of(arguments.project_dir, arguments.database)
        if arguments.sign is None:
            print(write_page(place, arguments.output or place.database.parent / "review.md"))
            return 0
        from reviewing.facts import read
        from reviewing.signing import sign

        facts = read(place.database)
        lines = sign(
            place.folder, facts.segments, [name for text in arguments.sign for name in text.replace(",", " ").split()], facts.data_through
        )
    except Refusal as refusal:
        print(f"Nothing was written. {place.in_its_words(refusal) if place else refusal}", file=sys.stderr)
        return 2
    print("\n".join(lines) if lines else "No segment has a file of its own here: nothing to sign.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
