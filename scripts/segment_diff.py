"""Say what a change does to the segments, between two warehouse files: `make segment-diff OLD=… NEW=…`.

Memberships (marts.user_segments) are compared on the dates that both files have: a total, then per segment how many members
change, and who they are on the newest date (--dates: on each). A date or a segment of one file alone is named. Both files are opened read-only. Users are shown as the first 12 digits of the SHA-256 of
their id: enough to look one up for who has the ids, and nothing to publish.

    python scripts/segment_diff.py OLD NEW [--users K] [--dates]
    python scripts/segment_diff.py OLD NEW --markdown [--approve NAME,NAME | --approve all] [--project-dir FOLDER]

With --markdown the output is a comment for a pull request: for each segment that changed who entered, left and stayed at
the newest date, the Jaccard index, and its size over the past year before and after. Where the definition changed and 1 − Jaccard
is above `max_membership_change` (docs/variables.md), the change needs approval: --approve names the segments.

Exit status 0 if nothing differs (with --markdown: if nothing needs approval), 1 otherwise, 2 if a file cannot be compared.
"""

from __future__ import annotations

import argparse
import hashlib
import sys
from pathlib import Path

from checking.database import in_sentences, known_sentence, only_row, open_warehouse

Row = tuple
ROOT = Path(__file__).resolve().parent.parent


def changes(old: Path, new: Path, users: int, every_date: bool = False) -> list[str]:
    """What differs, as lines for people; an empty list if nothing does. `every_date`: who moved on each date, and not on the newest alone."""
    import duckdb

    with duckdb.connect() as connection:
        for name, path in (("old", old), ("new", new)):
            connection.execute(f"attach '{str(path).replace(chr(39), chr(39) * 2)}' as {name} (read_only)")

        def rows(query: str) -> list[Row]:
            return connection.execute(query).fetchall()

        def only(query: str) -> tuple[list[Row], list[Row]]:
            """The rows of a query on one side alone: (old, new). {side} stands for the file."""
            sides = query.format(side="old"), query.format(side="new")
            old_only, new_only = (rows(f"({one}) except ({other}) order by all") for one, other in (sides, sides[::-1]))
            return old_only, new_only

        lines = []
        dates = only("select distinct as_of_date from {side}.marts.segment_sizes")
        for path, alone in zip((old, new), dates):
            if alone:
                lines.append(f"{len(alone)} dates are only in {path}, {alone[0][0]} to {alone[-1][0]}; they are not compared.")
        removed, added = only("select segment from {side}.marts.segments")
        for side, path, alone in (("old", old, removed), ("new", new, added)):
            members = rows(
                f"""
                select segment, users, strftime(as_of_date, '%Y-%m-%d') from {side}.marts.segment_sizes
                where as_of_date = (select max(as_of_date) from {side}.marts.segment_sizes)
                """
            )
            told = {segment: f", with {users:,} members on {date}" for segment, users, date in members}
            lines += [f"Segment {segment} is only in {path}{told.get(segment, '')}." for (segment,) in alone]

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
            exited as (
                select user_id, segment, as_of_date from old.marts.user_segments
                except
                select user_id, segment, as_of_date from new.marts.user_segments
            ),
            moves as (
                select *, 'entered' as direction from entered union all select *, 'left' from exited
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
        compared = rows("select segment from old.marts.segments intersect select segment from new.marts.segments")
        [(newest, date_count)] = rows(
            """
            select max(as_of_date), count(*) from (
                select distinct as_of_date from old.marts.segment_sizes
                intersect
                select distinct as_of_date from new.marts.segment_sizes
            )
            """
        )
        on_date = "from {}.marts.user_segments where as_of_date = '{}' group by segment"
        sizes = {side: dict(rows(f"select segment, count(*) {on_date.format(side, newest)}")) for side in ("old", "new")} if newest else {}
        differing = sorted(redefined | {row[0] for row in moves})
        if differing:
            on_newest = [row for row in moves if row[1] == newest]
            lines.append(
                f"{len(differing)} of {len(compared)} segments differ, {len(redefined)} by their definition. On {newest}, the newest date of both: "
                f"{sum(row[2] for row in on_newest):,} entered, {sum(row[3] for row in on_newest):,} left."
            )
        for segment in differing:
            mine = [row for row in moves if row[0] == segment]
            before, after = (sizes.get(side, {}).get(segment, 0) for side in ("old", "new"))
            title = f"Segment {segment}: "
            title += "the definition changed" if segment in redefined else "the definition is the same, the data or features differ"
            if not mine:
                lines.append(f"{title}, the members did not")
                continue
            entered, left = next(((row[2], row[3]) for row in mine if row[1] == newest), (0, 0))
            together = before + entered
            lines.append(
                f"{title}; {before:,} members become {after:,}, {entered:,} entered and {left:,} left"
                f" ({(entered + left) / together if together else 0:.1%} of both); members differ on {len(mine)} of {date_count} dates"
            )
            for _, date, entered, left, who_entered, who_left in mine:
                if every_date or date == newest:
                    lines += [f"  {date}  entered {entered:>6,}{names(who_entered, entered)}"] if entered else []
                    lines += [f"  {date}  left    {left:>6,}{names(who_left, left)}"] if left else []
        return lines


def names(users: list[str] | None, count: int) -> str:
    """Some user ids in brackets, with an ellipsis if there are more."""
    return "" if not users else f"  ({', '.join(map(pseudonym, users))}{', …' if count > len(users) else ''})"


def pseudonym(user_id: str) -> str:
    """The first 12 hexadecimal digits of the SHA-256 of a user id."""
    return hashlib.sha256(user_id.encode("utf-8")).hexdigest()[:12]


def max_membership_change(project: Path) -> float:
    """The variable of that name in a project: a share from 0 to 1."""
    from registries import project_variables, set_variables

    return float((project_variables(ROOT) | set_variables(project))["max_membership_change"])


def markdown(old: Path, new: Path, users: int, limit: float, approved: set[str]) -> tuple[str, list[str]]:
    """The comment for a pull request, and the segments in it that need approval and have none.

    `limit` is the share of members (1 − Jaccard index at the newest date that both files have) above which a changed definition
    needs approval; `approved` holds names of segments, or "all".
    """
    import duckdb

    with duckdb.connect() as connection:
        for name, path in (("old", old), ("new", new)):
            connection.execute(f"attach '{str(path).replace(chr(39), chr(39) * 2)}' as {name} (read_only)")
        (date,) = only_row(
            connection.execute(
                """
            select max(as_of_date) from (
                select as_of_date from old.marts.segment_sizes intersect select as_of_date from new.marts.segment_sizes
            )
            """
            )
        )
        if date is None:
            return "The dates of the two warehouses do not overlap: nothing can be compared.\n", ["(dates do not overlap)"]
        rows = connection.execute(
            f"""
            with before as (select user_id, segment from old.marts.user_segments where as_of_date = $date),
            after as (select user_id, segment from new.marts.user_segments where as_of_date = $date),
            moves as (
                select
                    coalesce(before.segment, after.segment) as segment,
                    count(*) filter (where before.user_id is null) as entered,
                    count(*) filter (where after.user_id is null) as exited,
                    count(*) filter (where before.user_id is not null and after.user_id is not null) as stayed,
                    (list(after.user_id order by after.user_id) filter (where before.user_id is null))[:{users}] as who_entered,
                    (list(before.user_id order by before.user_id) filter (where after.user_id is null))[:{users}] as who_left
                from before
                full outer join after using (user_id, segment)
                group by all
            )
            select
                coalesce(one.segment, other.segment) as segment,
                one.segment is null, other.segment is null, one.definition_hash is distinct from other.definition_hash,
                coalesce(entered, 0), coalesce(exited, 0), coalesce(stayed, 0), who_entered, who_left
            from old.marts.segments as one
            full outer join new.marts.segments as other using (segment)
            left join moves on moves.segment = coalesce(one.segment, other.segment)
            where one.definition_hash is distinct from other.definition_hash or entered > 0 or exited > 0
            order by segment
            """,
            {"date": date},
        ).fetchall()
        lines = [f"### What this change does to the segments, on {date}", ""]
        needing = []
        if not rows:
            lines += ["Nothing: every segment has the same definition and the same members.", ""]
        else:
            lines += [
                "| segment | what changed | before | after | entered | left | stayed | Jaccard | approval |",
                "|---|---|---:|---:|---:|---:|---:|---:|---|",
            ]
        details = []
        for segment, is_new, is_gone, is_redefined, entered, left, stayed, who_entered, who_left in rows:
            what = "new" if is_new else "removed" if is_gone else "definition" if is_redefined else "data or features"
            together = entered + left + stayed
            jaccard = stayed / together if together else 1.0
            verdict = ""
            if what == "definition" and 1 - jaccard > limit:
                verdict = "given" if {segment, "all"} & approved else "**needed**"
                if verdict != "given":
                    needing.append(segment)
            lines.append(
                f"| {segment} | {what} | {left + stayed:,} | {entered + stayed:,} | {entered:,} | {left:,} | {stayed:,} "
                f"| {jaccard:.2f} | {verdict} |"
            )
            year = connection.execute(
                """
                select strftime(as_of_date, '%Y-%m-%d'), before.users, after.users
                from (select * from old.marts.segment_sizes where segment = $segment) as before
                full outer join (select * from new.marts.segment_sizes where segment = $segment) as after using (as_of_date)
                where as_of_date > $date - interval 1 year and as_of_date <= $date
                qualify row_number() over (partition by date_trunc('month', as_of_date) order by as_of_date desc) = 1
                order by as_of_date
                """,
                {"segment": segment, "date": date},
            ).fetchall()
            details += [
                f"<details><summary>{segment}: size over the past year, and some of who moved</summary>",
                "",
                "| date | before | after |",
                "|---|---:|---:|",
                *(f"| {day} | {'' if one is None else f'{one:,}'} | {'' if other is None else f'{other:,}'} |" for day, one, other in year),
                "",
                *(
                    f"{word}: {', '.join(f'`{pseudonym(user)}`' for user in some)}{' …' if count > len(some) else ''}  "
                    for word, some, count in (("Entered", who_entered or [], entered), ("Left", who_left or [], left))
                    if some
                ),
                "",
                "</details>",
                "",
            ]
        lines += ["", *details]
        if needing:
            lines.append(
                f"More than {limit:.0%} of the members of {', '.join(needing)} change with the new definition: someone who "
                "uses them should approve that."
            )
        return "\n".join(lines).rstrip() + "\n", needing


@in_sentences("segment-diff")
def main() -> int:
    """Print the differences; returns the exit status."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("old", type=Path, help="warehouse file to compare with, such as that of production")
    parser.add_argument("new", type=Path, help="warehouse file with the change")
    parser.add_argument("--users", type=int, default=5, help="users to show per segment, date and direction (default 5)")
    parser.add_argument("--dates", action="store_true", help="who moved on each date, and not on the newest alone")
    parser.add_argument("--markdown", action="store_true", help="write a comment for a pull request")
    parser.add_argument("--project-dir", type=Path, default=ROOT, metavar="FOLDER", help="a project that uses this one as a package")
    parser.add_argument("--approve", default="", help="segments whose change is approved, with commas between, or all")
    arguments = parser.parse_args()
    for path in (arguments.old, arguments.new):
        if not path.is_file():
            print(f"segment-diff: {path} does not exist. Build it first: make build.", file=sys.stderr)
            return 2
    if arguments.users < 0:
        print(f"segment-diff: --users must be a whole number ≥ 0, got {arguments.users}.", file=sys.stderr)
        return 2

    import duckdb

    for path in (arguments.old, arguments.new):
        open_warehouse(path).close()
    try:
        if arguments.markdown:
            text, needing = markdown(
                arguments.old,
                arguments.new,
                arguments.users,
                max_membership_change(arguments.project_dir),
                {name.strip() for name in arguments.approve.split(",") if name.strip()},
            )
            print(text, end="")
            return 1 if needing else 0
        lines = changes(arguments.old, arguments.new, arguments.users, arguments.dates)
    except duckdb.Error as error:
        print(f"segment-diff: {known_sentence(str(error)) or error}\nBoth files must be warehouses built by `dbt build`.", file=sys.stderr)
        return 2
    print("\n".join(lines) if lines else "No differences: every segment has the same definition and the same members.")
    return 1 if lines else 0


if __name__ == "__main__":
    sys.exit(main())
