"""Who moves and who comes back: transitions within the lifecycle, retention of cohorts, growth accounting."""

from __future__ import annotations

import datetime
from typing import Any

from .packing import cell, packed
from .source import Marts

# Every so many cohorts one is shown, back and forth from the newest that is old enough for all periods.
COHORT_STEP = 4
# Cohorts shown before the newest full one.
COHORTS_BEFORE = 8
RETENTION_KINDS = ("classic", "unbounded")
# The parts that a change of active members consists of, and whether they add or take away.
GROWTH_PARTS = (
    ("new", "new_users", 1),
    ("resurrected", "resurrected_users", 1),
    ("moved_in", "moved_in_users", 1),
    ("churned", "churned_users", -1),
    ("moved_out", "moved_out_users", -1),
)


def transitions(marts: Marts) -> dict[str, Any] | None:
    """Moves between the segments of the lifecycle in each of the last periods; None without a lifecycle."""
    rows = marts.rows(
        """
        select from_segment, to_segment, direction, users, share_of_from, is_provisional, as_of_date, previous_as_of_date,
            {withheld:segment_transitions} as is_withheld
        from marts.segment_transitions
        qualify dense_rank() over (order by as_of_date desc) <= 13
        order by as_of_date desc, from_segment, to_segment
        """
    )
    if not rows:
        return None
    periods = {row["as_of_date"]: row for row in rows}
    return {
        "periods": [
            {"date": day.isoformat(), "from": row["previous_as_of_date"].isoformat(), "provisional": row["is_provisional"]}
            for day, row in sorted(periods.items(), reverse=True)
        ],
        "rows": packed(
            ("date", "from", "to", "direction", "users", "share"),
            (
                {
                    "date": row["as_of_date"].isoformat(),
                    "from": row["from_segment"],
                    "to": row["to_segment"],
                    "direction": row["direction"],
                    "users": cell(row["users"], row["is_withheld"]),
                    "share": cell(row["share_of_from"], row["is_withheld"], 4),
                }
                for row in rows
            ),
        ),
    }


def retention(marts: Marts) -> dict[str, Any] | None:
    """Shares that came back, for some cohorts a month apart. What is too young to say is NULL and stays so."""
    cohorts = marts.rows(
        """
        select cohort_date, bool_and(is_mature) as is_full from marts.segment_retention
        where kind = 'classic' and segment = '__all__' group by cohort_date having bool_or(is_mature) order by cohort_date
        """
    )
    chosen, newest_full = choose_cohorts([(row["cohort_date"], row["is_full"]) for row in cohorts])
    if newest_full is None:
        return None
    rows = marts.rows(
        """
        select segment, kind, cohort_date, period, n, share, share_lower, share_upper, is_mature,
            {withheld:segment_retention} as is_withheld
        from marts.segment_retention where kind in ('classic', 'unbounded') and list_contains($cohorts, cohort_date)
        order by segment, kind, cohort_date, period
        """,
        cohorts=chosen,
    )
    found: dict[str, Any] = {}
    for row in rows:
        kinds = found.setdefault(row["segment"], {kind: {} for kind in RETENTION_KINDS})
        curve = kinds[row["kind"]].setdefault(row["cohort_date"].isoformat(), {"n": None, "share": [], "lower": [], "upper": []})
        withheld = row["is_withheld"] and row["is_mature"]
        curve["n"] = cell(row["n"], row["is_withheld"])
        for name, column in (("share", "share"), ("lower", "share_lower"), ("upper", "share_upper")):
            curve[name].append(cell(row[column], withheld, 4))
    return {"cohorts": [day.isoformat() for day in chosen], "newestFull": newest_full.isoformat(), "curves": found}


def choose_cohorts(cohorts: list[tuple[datetime.date, bool]]) -> tuple[list[datetime.date], datetime.date | None]:
    """Cohorts that are COHORT_STEP apart, among them the newest that is old enough for all periods (else the oldest)."""
    if not cohorts:
        return [], None
    middle = max((number for number, (_, is_full) in enumerate(cohorts) if is_full), default=0)
    first = middle - COHORT_STEP * min(COHORTS_BEFORE, middle // COHORT_STEP)
    return [day for day, _ in cohorts[first::COHORT_STEP]], cohorts[middle][0]


def growth(marts: Marts) -> dict[str, Any] | None:
    """Active members gained and lost in each period, as one list per segment and part along `dates`."""
    rows = marts.rows(
        """
        select segment, as_of_date, is_provisional, new_users, resurrected_users, moved_in_users, churned_users, moved_out_users,
            previous_active_users, active_users, {withheld:growth_accounting} as is_withheld
        from marts.growth_accounting order by as_of_date, segment
        """
    )
    if not rows:
        return None
    dates = sorted({row["as_of_date"] for row in rows})
    place = {day: number for number, day in enumerate(dates)}
    found: dict[str, Any] = {}
    provisional = [False] * len(dates)
    for row in rows:
        at = place[row["as_of_date"]]
        provisional[at] = row["is_provisional"]
        parts = found.setdefault(row["segment"], {name: [None] * len(dates) for name in (*(part for part, _, _ in GROWTH_PARTS), "active")})
        for name, column, _ in GROWTH_PARTS:
            parts[name][at] = cell(row[column], row["is_withheld"])
        parts["active"][at] = cell(row["active_users"], row["is_withheld"])
    return {"dates": [day.isoformat() for day in dates], "provisional": provisional, "segments": found}
