"""Keep the people who are in a segment on one day as a list that does not change: `make freeze SEGMENT=at_risk_users [ON=2026-09-01] [NAME=…]`.

They are copied into state.frozen_lists of the warehouse, which no build and no full refresh changes; make forget-user removes people
from it. A segment of exactly these people is in_list('<name>', is_frozen=true).

    python scripts/freeze.py SEGMENT [--on DATE] [--name NAME] [--project-dir FOLDER] [--database PATH]

Without --on the newest date. Exit status 0 if the list is kept, 2 if it cannot be; then nothing was changed.
"""

from __future__ import annotations

import argparse
import datetime
import re
import sys
from pathlib import Path

from checking.database import in_sentences, only_row, open_warehouse
from project_place import add_project, place_of
from refusal import Refusal


def freeze(database: Path, segment: str, on: datetime.date | None, name: str | None) -> tuple[str, datetime.date, int]:
    """Keep the list; returns its name, the day and how many people are on it."""
    import duckdb

    with open_warehouse(database, read_only=False) as connection:
        try:
            segments = [each for (each,) in connection.execute("select segment from marts.segments order by 1").fetchall()]
            dates = [each for (each,) in connection.execute("select distinct as_of_date from marts.segment_sizes order by 1").fetchall()]
            kept = {each for (each,) in connection.execute("select distinct list_name from state.frozen_lists").fetchall()}
        except duckdb.CatalogException:
            raise Refusal("The warehouse does not have lists yet: run `make build` first.") from None
        if segment not in segments:
            raise Refusal(f"There is no segment '{segment}'. Segments are {', '.join(segments)}.")
        if not dates:
            raise Refusal("The warehouse does not have a date yet: there is nobody to keep.")
        day = on or dates[-1]
        if day not in dates:
            before = [each for each in dates if each < day]
            raise Refusal(
                f"{day} is not a date of the warehouse" + (f"; the last one before it is {before[-1]}" if before else "")
                + ". Add it to the variable `extra_as_of_dates` and build, or choose another day."
            )  # fmt: skip
        name = name or f"{segment}_{day:%Y_%m_%d}"
        if not re.fullmatch(r"[a-z][a-z0-9_]{0,59}", name):
            raise Refusal(f"'{name}' is not a name in lower snake case. Choose one, such as {segment}_{day:%Y_%m_%d}.")
        if name in kept:
            raise Refusal(f"The list '{name}' is kept already, and lists do not change. Choose another name.")
        [(count,)] = connection.execute(
            """
            insert into state.frozen_lists (list_name, segment, user_id, definition_hash, added_on)
            select $name, segment, user_id, definition_hash, as_of_date
            from marts.user_segments
            where segment = $segment and as_of_date = $day
            """,
            {"name": name, "segment": segment, "day": day},
        ).fetchall()
        assert only_row(connection.execute("select count(*) from state.frozen_lists where list_name = ?", [name])) == (count,)
        if not count:
            raise Refusal(f"Nobody is in {segment} on {day}: an empty list would be kept.")
    return name, day, count


@in_sentences("make freeze")
def main() -> int:
    """Keep the list and say what to do with it; returns the exit status."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("segment", metavar="SEGMENT", nargs="?", default="")
    parser.add_argument("--on", type=datetime.date.fromisoformat, metavar="DATE", help="a date of the warehouse; default: the newest")
    parser.add_argument("--name", help="default: <segment>_<year>_<month>_<day>")
    add_project(parser)
    parser.add_argument("--database", type=Path)
    arguments = parser.parse_args()
    if not arguments.segment:
        print("SEGMENT is missing: whose members are kept, such as make freeze SEGMENT=at_risk_users", file=sys.stderr)
        return 2
    try:
        place = place_of(arguments.project_dir, arguments.database)
        name, day, count = freeze(place.database, arguments.segment, arguments.on, arguments.name)
    except Refusal as refusal:
        print(f"Nothing was kept. {refusal}", file=sys.stderr)
        return 2
    print(f"Kept {count:,} users who are in {arguments.segment} on {day} as the list {name}.")
    print(f"A segment of exactly these people: segment(kept = in_list('{name}', is_frozen=true))")
    return 0


if __name__ == "__main__":
    sys.exit(main())
