"""Say who enters and who leaves each segment between two warehouse files: `make segment-diff OLD=… NEW=…`.

Memberships (marts.user_segments) are compared on the dates that both files have; a date or a segment of one file alone is
named and not listed user by user. Both files are opened read-only.

    python scripts/segment_diff.py OLD NEW [--users K]

Exit status 0 if nothing differs, 1 if something does, 2 if a file cannot be compared.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

Row = tuple


def changes(old: Path, new: Path, users: int) -> list[str]:
    """What differs, as lines for people; an empty list if nothing does."""
    import duckdb

    with duckdb.connect() as connection:
        for name, path in (("old", old), ("new", new)):
            connection.execute(f"attach '{str(path).replace(chr(39), chr(39) * 2)}' as {name} (read_only)")

        def rows(query: str) -> list[Row]:
            return connection.execute(query).fetchall()

        def only(query: str) -> tuple[list[Row], list[Row]]:
            """The rows of a query on one side alone: (old, new). {side} stands for the file."""
            sides = query.format(side="old"), query.format(side="new")
            return tuple(rows(f"({one}) except ({other}) order by all") for one, other in (sides, sides[::-1]))

        lines = []
        dates = only("select distinct as_of_date from {side}.marts.segment_sizes")
        for (name, path), alone in zip((("old", old), ("new", new)), dates):
            if alone:
                lines.append(
                    f"{len(alone)} dates are in {path} alone, {alone[0][0]} to {alone[-1][0]}; they are not compared."
                )
        removed, added = only("select segment from {side}.marts.segments")
        lines += [f"Segment {segment} is in {old} alone." for (segment,) in removed]
        lines += [f"Segment {segment} is in {new} alone." for (segment,) in added]

        # The hash in segments is known for a segment without members, too.
        redefined = {
            segment
            for (segment,) in rows(
                """
                select segment from old.marts.segments as before
                inner join new.marts.segments as after using (segment)
                where before.definition_hash is distinct from after.definition_hash
                union
                (select distinct segment from (
                    (select distinct segment, definition_hash from old.marts.user_segments)
                    except
                    (select distinct segment, definition_hash from new.marts.user_segments)
                ) where segment in (select segment from new.marts.user_segments))
                """
            )
        }
        moves = rows(
            f"""
            with compared as (
                select segment from old.marts.segments intersect select segment from new.marts.segments
            ),
            dates as (
                select as_of_date from old.marts.segment_sizes intersect select as_of_date from new.marts.segment_sizes
            ),
            entered as (
                select user_id, segment, as_of_date from new.marts.user_segments
                except
                select user_id, segment, as_of_date from old.marts.user_segments
            ),
            left_users as (
                select user_id, segment, as_of_date from old.marts.user_segments
                except
                select user_id, segment, as_of_date from new.marts.user_segments
            ),
            moves as (
                select *, 'entered' as direction from entered union all select *, 'left' from left_users
            )
            select
                segment, as_of_date,
                count(*) filter (where direction = 'entered'),
                count(*) filter (where direction = 'left'),
                (list(user_id order by user_id) filter (where direction = 'entered'))[:{users}],
                (list(user_id order by user_id) filter (where direction = 'left'))[:{users}]
            from moves
            inner join compared using (segment)
            inner join dates using (as_of_date)
            group by segment, as_of_date
            order by segment, as_of_date
            """
        )
        for segment in sorted(redefined | {row[0] for row in moves}):
            mine = [row for row in moves if row[0] == segment]
            title = f"Segment {segment}: "
            title += "the definition changed" if segment in redefined else "the definition is the same, the data or features differ"
            title += "" if mine else ", the members did not"
            lines.append(title + ("" if not mine else f"; members differ on {len(mine)} dates"))
            for _, date, entered, left, who_entered, who_left in mine:
                lines.append(f"  {date}  entered {entered:>6,}{names(who_entered, entered)}")
                lines.append(f"  {date}  left    {left:>6,}{names(who_left, left)}")
        return lines


def names(users: list[str] | None, count: int) -> str:
    """Some user ids in brackets, with an ellipsis if there are more."""
    return "" if not users else f"  ({', '.join(users)}{', …' if count > len(users) else ''})"


def main() -> int:
    """Print the differences; returns the exit status."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("old", type=Path, help="warehouse file to compare with, such as that of production")
    parser.add_argument("new", type=Path, help="warehouse file with the change")
    parser.add_argument("--users", type=int, default=5, help="user ids to show per segment, date and direction (default 5)")
    arguments = parser.parse_args()
    for path in (arguments.old, arguments.new):
        if not path.is_file():
            print(f"segment-diff: there is no file {path}. Build it first: make build.", file=sys.stderr)
            return 2
    if arguments.users < 0:
        print(f"segment-diff: --users must be a whole number ≥ 0, got {arguments.users}.", file=sys.stderr)
        return 2

    import duckdb

    try:
        lines = changes(arguments.old, arguments.new, arguments.users)
    except duckdb.Error as error:
        print(f"segment-diff: {error}\nBoth files must be warehouses that `dbt build` made.", file=sys.stderr)
        return 2
    print("\n".join(lines) if lines else "No differences: every segment has the same definition and the same members.")
    return 1 if lines else 0


if __name__ == "__main__":
    sys.exit(main())
