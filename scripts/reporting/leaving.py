"""Which lifecycle segment lost most people in four weeks, and where they went."""

from __future__ import annotations

from . import wording
from .kpis import Dates
from .source import Marts, Row


def read(marts: Marts, dates: Dates) -> list[Row]:
    """Moves out of each lifecycle segment into another one, over the whole periods between the two dates."""
    return marts.rows(
        """
        select from_segment, to_segment, cast(sum(users) as bigint) as users, count(*) filter (where users is null) as withheld
        from marts.segment_transitions
        where not is_provisional and as_of_date > $before and as_of_date <= $now
            and from_segment not in ('__new__', to_segment) and to_segment <> '__gone__'
        group by from_segment, to_segment
        order by from_segment, to_segment
        """,
        now=dates.now,
        before=dates.before,
    )


def answer(rows: list[Row], label: dict[str, str], dates: Dates) -> str:
    """The sentence; what is withheld makes its numbers lower bounds."""
    lost: dict[str, int] = {}
    for row in rows:
        lost[row["from_segment"]] = lost.get(row["from_segment"], 0) + (row["users"] or 0)
    if not any(lost.values()):
        return "Nobody is known to have moved from one lifecycle segment to another."
    most = max(lost, key=lambda name: (lost[name], name))
    ways = sorted((row for row in rows if row["from_segment"] == most), key=lambda row: (-(row["users"] or 0), row["to_segment"]))
    least = "at least " if any(row["withheld"] for row in ways) else ""
    to = "; ".join(f"{row['users']:,} to {label.get(row['to_segment'], row['to_segment'])}" for row in ways if row["users"])
    hidden = " Small moves are withheld." if least else ""
    return (
        f"{label.get(most, most)} lost most people: {least}{lost[most]:,} moves out since {wording.short_date(dates.before)}, {to}.{hidden}"
    )
