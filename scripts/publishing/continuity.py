"""Whether a build goes on from what was published last: one wrong clock or half an export must not reach readers unseen.

What was published last is what the published files say: the newest row of `publish_log` and the users in the file of users. Where
there are none there is nothing to go on from, and the first publication is taken as it is.
"""

from __future__ import annotations

import datetime
from dataclasses import dataclass
from pathlib import Path

import duckdb

from checking.database import only_row
from refusal import Refusal

from .files import literal

# Somebody who did something in the 28 days up to the last one.
ACTIVE_USERS = "select count(*) from {users} where active_days_28d > 0"


@dataclass(frozen=True)
class Limits:
    """The variables of the build that say what goes on and what does not."""

    max_gap_days: int = 30
    max_active_users_fall: float = 0.5
    # The one day that was looked at and accepted, as text; empty: none.
    accept_data_through: str = ""


@dataclass(frozen=True)
class State:
    """What is published, or is to be: the last day, and how many users are active. None: not known."""

    data_through: datetime.date | None
    active_users: int | None = None


def published_before(connection: duckdb.DuckDBPyConnection, aggregates: Path, users: Path) -> State | None:
    """What the published files hold; None if there are none that can be read."""
    day, is_known = None, False
    active = None
    for path in (aggregates, users):
        if not path.is_file():
            continue
        try:
            connection.execute(f"attach {literal(str(path))} as before (read_only)")
            row = connection.execute("select data_through from before.marts.publish_log order by published_at desc limit 1").fetchone()
            if row is not None and not is_known:
                day, is_known = row[0], True
            if path == users:
                active = active_users(connection, "before.marts.users")
        except duckdb.Error:
            # log_table() warns of a log that cannot be read.
            continue
        finally:
            connection.execute("detach database if exists before")
    return State(day, active) if is_known else None


def active_users(connection: duckdb.DuckDBPyConnection, users: str) -> int | None:
    """How many users of a mart `users` are active; None if there is no such mart."""
    try:
        return only_row(connection.execute(ACTIVE_USERS.replace("{users}", users)))[0]
    except (duckdb.CatalogException, duckdb.BinderException):
        return None


def check(before: State | None, now: State, limits: Limits) -> None:
    """Raises Refusal if the build does not go on from what was published, and nobody has accepted its last day."""
    if before is None or (now.data_through is not None and str(now.data_through) == limits.accept_data_through):
        return
    problems = []
    if before.data_through is not None and now.data_through is not None:
        days = (now.data_through - before.data_through).days
        if abs(days) > limits.max_gap_days:
            problems.append(
                f"data_through is {now.data_through}, {abs(days)} days {'after' if days > 0 else 'before'} {before.data_through}, which "
                f"was published last (max_gap_days: {limits.max_gap_days})"
            )
    if before.active_users and now.active_users is not None:
        fall = 1 - now.active_users / before.active_users
        if fall > limits.max_active_users_fall:
            problems.append(
                f"{now.active_users:,} users were active in the 28 days up to {now.data_through}, {fall:.0%} fewer than the "
                f"{before.active_users:,} of what was published last (max_active_users_fall: {limits.max_active_users_fall:g})"
            )
    if problems:
        raise Refusal(
            f"This does not continue from the last publication: {'; '.join(problems)}. If it is right, because of a pause "
            f"or because nothing was built for so long, build again with the variable accept_data_through: '{now.data_through}' "
            "(dbt_project.yml, or `dbt build --vars`); it counts for that day only. If it is wrong, fix the cause (a "
            "clock, an export or as_of_date) and build again: staging.stg_events has the newest arrivals (received_at), "
            "marts.input_summary the rows of each input."
        )
