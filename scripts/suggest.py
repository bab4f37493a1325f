"""Look for small groups of users that differ, and write the best as segments to review: `make suggest`.

Reads a built warehouse: features and metrics of its newest date. What it writes are segment files with `'status': 'draft'` and their
lines in the registry; the evidence is in their descriptions. docs/review.md says how groups are found, and what to do with them.

    python scripts/suggest.py [--most 5] [--dry-run] [--project-dir FOLDER] [--database PATH]

Exit status 0 whether or not something was found, 2 if the warehouse cannot be read; then nothing is written.
"""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path

from checking.database import in_sentences
from new_segment import REGISTRY, registry_lines
from project_place import ROOT, Place, add_project, place_of
from refusal import Refusal


def suggest(place: Place, most: int, is_dry: bool) -> str:
    """Look, write, and say what was found."""
    try:
        import numpy  # noqa: F401
    except ImportError:
        raise Refusal("make suggest needs numpy, which requirements.txt installs: pip install numpy.") from None
    from registries import macros_of, set_variables
    from suggesting.drafts import draft_of, problem, write
    from suggesting.search import Settings, search
    from suggesting.table import read_table

    registry = place.folder / REGISTRY
    if not registry.is_file():
        raise Refusal(f"{REGISTRY} is missing in {place.folder}, so nothing can be registered. docs/your-data.md shows the file.")
    table = read_table(place.database, place.folder)
    variables = {entry["name"]: entry["default"] for entry in macros_of(ROOT)["variables"]()} | set_variables(place.folder)
    room = int(variables["max_segments"]) - len(table.segments)
    groups = search(
        table.features,
        table.outcomes,
        table.accounts,
        existing=table.segments,
        circular=table.is_circular,
        kin=table.kin,
        clusters=table.clusters,
        settings=Settings(most=max(0, min(most, room))),
    )
    drafts = [draft_of(group, table, is_package=place.folder != ROOT) for group in groups]
    usable = [draft for draft in drafts if problem(place.folder, draft) is None]
    registered = {line[1] for line in registry_lines(registry.read_text(encoding="utf-8"))}
    lines = [
        f"Looked at {len(table.accounts):,} users, {len(table.features)} features and {len(table.outcomes)} metrics on {table.data_through}."
    ]
    if room <= 0:
        lines.append(f"There are {len(table.segments)} segments, as many as vars: max_segments allows. Retire some first (make review).")
    elif not groups:
        lines.append("No small group was found that differs, in both halves of the accounts, beyond what chance does.")
    paths = [] if is_dry else write(place.folder, usable)
    for number, draft in enumerate(drafts):
        file = f"models/segments/{draft.kind}/{draft.name}.sql"
        state = "Found     " if is_dry else "Wrote     " if draft in usable else "Is there  " if draft.name in registered else "Left out  "
        lines += [f"{state}{file}", f"          {draft.evidence}"]
        if draft not in usable and draft.name not in registered:
            lines.append(f"          {problem(place.folder, drafts[number])}")
    if paths:
        build = place.in_its_words("make build")
        lines.append(
            f"Next      {build}, then look at them (docs/review.md). To keep one, give it a name, a goal and an action, and remove "
            "'status': 'draft'.\n          To drop one, delete its two files and its line in the registry."
        )
    return "\n".join(lines)


@in_sentences("make suggest")
def main() -> int:
    """Look for groups and write them; returns the exit status."""
    # One thread: the machine may be busy, and sums come out the same.
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--most", type=int, default=5, help="how many groups at most (default: 5)")
    parser.add_argument("--dry-run", action="store_true", help="say what was found and write nothing")
    add_project(parser)
    parser.add_argument("--database", type=Path)
    arguments = parser.parse_args()
    place = None
    try:
        place = place_of(arguments.project_dir, arguments.database)
        print(suggest(place, arguments.most, arguments.dry_run))
    except Refusal as refusal:
        print(f"Nothing was written. {place.in_its_words(refusal) if place else refusal}", file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
