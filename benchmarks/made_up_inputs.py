"""Inputs of any size for benchmarks, as Parquet: made by DuckDB from hashes, so that a size gives the same rows in every run.

Users come and go: most leave soon, few stay and do most of what is done, in bursts. One event in twenty is of a visitor who is
linked to a user later, one in fifty arrives days late, and few names are most of the events. A fifth of the users have a history
of job titles since the signup, a tenth answered a survey, a tenth opened a ticket. Accounts have five users on average.
"""

from __future__ import annotations

from pathlib import Path

import duckdb

# Events happen from START for DAYS days; the last day is complete, since one event arrives after it.
START, DAYS = "2025-09-01", 413
END = f"(timestamp '{START}' + interval {DAYS} day)"
INPUTS = ("users", "accounts", "subscriptions", "events", "identities", "attribute_history", "survey_responses", "support_tickets")

USERS = f"""
    select
        'u' || i as user_id, 'a' || cast(floor(i / 5) as bigint) as account_id, 'u' || i || '@example.com' as email,
        ['Software Engineer', 'Head of Sales', 'CFO', null][1 + i % 4] as job_title, null as department, 1960 + i % 45 as birth_year,
        null as gender, null as income_band, null as language, ['US', 'DE', 'BR', 'IN', 'FR'][1 + i % 5] as country,
        null as state, null as city, ['organic', 'ads', 'referral'][1 + i % 3] as acquisition_channel, true as marketing_consent,
        date_trunc('second', timestamp '{START}' - interval 240 day
            + to_seconds(cast(chance('signup' || i) * {DAYS + 230} * 86400 as bigint))) as signed_up_at,
        timestamp '{START}' as updated_at, cast(null as timestamp) as deleted_at
    from range({{users}}) as numbers (i)
"""
ACCOUNTS = f"""
    select
        'a' || i as account_id, 'Account ' || i as account_name, ['software', 'retail', 'media'][1 + i % 3] as industry,
        'b2b' as business_model, cast(2 + power(chance('size' || i), 6) * 20000 as bigint) as employee_count, 1e6 as annual_revenue,
        'US' as country, 'Ann' as account_owner, timestamp '{START}' as created_at, timestamp '{START}' as updated_at
    from range({{users}} // 5 + 1) as numbers (i)
"""
SUBSCRIPTIONS = f"""
    select
        's' || i as subscription_id, 'a' || i as account_id, ['free', 'pro', 'team'][1 + i % 3] as plan, 5 as seats,
        10 + i % 500 as mrr, started_at as valid_from, started_at, started_at + interval 14 day as trial_ends_at,
        case when i % 3 > 0 then started_at + interval 13 day end as converted_at, cast(null as timestamp) as ended_at,
        cast(started_at + interval 2 year as date) as renewal_date
    from (
        select i, timestamp '{START}' - interval 200 day + to_days(i % 500) as started_at from range({{users}} // 5 + 1) as numbers (i)
    )
"""
# Who lives how long: half two weeks at most, few all the time.
LIVES = """
    select
        i, signed_up_at as first_at, least(signed_up_at + to_seconds(cast(86400 * 600 * power(chance('life' || i), 5) as bigint))
            + interval 3 day, {end}) as last_at,
        8 + cast(160 * power(1 - i / {users}, 4) as bigint) as bursts
    from (select i, signed_up_at from ({all_users}) as users inner join range({users}) as numbers (i) on users.user_id = 'u' || i)
"""
EVENTS = """
    select
        'e' || i as event_id,
        case when i % 20 > 0 then 'u' || n end as user_id, case when i % 20 = 0 then 'v' || n end as anonymous_id,
        [{names}][cast(1 + floor(power(chance('name' || i), 3) * {name_count}) as bigint)] as event_name, occurred_at,
        case when i % 50 = 7 then least(occurred_at + to_seconds(cast(chance('late' || i) * 20 * 86400 as bigint)), {end})
            else occurred_at + interval 5 second end as received_at,
        null as session_id, ['desktop', 'mobile'][1 + n % 2] as device_type, ['windows', 'ios'][1 + n % 2] as os, '6.0' as app_version,
        null as country, null as channel, '{{"rows": 3}}' as properties
    from (
        select
            picks.i, picks.n, least(greatest(lives.first_at, timestamp '{start}')
            + to_seconds(cast(chance('burst' || n || '-' || hash('b' || picks.i) % bursts)
                * greatest(epoch(lives.last_at) - epoch(greatest(lives.first_at, timestamp '{start}')), 0) as bigint)
                + cast(chance('within' || picks.i) * 1800 as bigint)), {end} - interval 1 second) as occurred_at
        from (
            select i, cast(floor(power(chance('who' || i), 3) * {users}) as bigint) as n from range({events}) as numbers (i)
        ) as picks
        inner join ({lives}) as lives on picks.n = lives.i
        where lives.last_at > timestamp '{start}'
    )
    union all
    -- One more that arrives after the last day.
    select 'last', 'u0', null, 'logged_in', {end} - interval 1 second, {end} + interval 1 second,
        null, 'desktop', 'windows', '6.0', null, null, null
"""
IDENTITIES = f"""
    select 'v' || i as anonymous_id, 'u' || i as user_id, signed_up_at + interval 2 day as linked_at, signed_up_at as updated_at
    from (select * from ({USERS}) as users inner join range({{users}}) as numbers (i) on users.user_id = 'u' || i)
    where signed_up_at + interval 2 day < {END}
"""
HISTORY = f"""
    select
        'user' as entity, user_id as entity_id, 'job_title' as attribute, job_title as value, signed_up_at as valid_from,
        signed_up_at as updated_at
    from ({USERS}) as users
    where cast(substr(user_id, 2) as bigint) % 5 = 0
"""
SURVEYS = f"""
    select
        'r' || i as response_id, 'u' || i as user_id, 'nps' as survey, 'nps' as instrument, 'recommend' as question,
        cast(cast(chance('nps' || i) * 10 as bigint) as varchar) as answer, cast(chance('nps' || i) * 10 as bigint) as score,
        timestamp '{START}' + to_days(cast(chance('asked' || i) * {DAYS - 1} as integer)) as responded_at
    from range({{users}}) as numbers (i) where i % 10 = 3
"""
TICKETS = f"""
    select
        't' || i as ticket_id, 'u' || i as user_id, 'how to' as topic, 'normal' as priority, created_at,
        created_at + interval 3 day as solved_at, cast(null as bigint) as satisfaction, cast(null as timestamp) as satisfied_at
    from (
        select i, timestamp '{START}' + to_days(cast(chance('ticket' || i) * {DAYS - 5} as integer)) as created_at
        from range({{users}}) as numbers (i) where i % 10 = 4
    )
"""


def connect() -> duckdb.DuckDBPyConnection:
    """A connection with chance(text), a number from 0 to 1 that is the same for a text in every run."""
    connection = duckdb.connect()
    connection.execute("set threads = 2; set preserve_insertion_order = false")
    connection.execute("create macro chance(key) as (md5_number_lower(key) % 1000003) / 1000003.0")
    return connection


def write(connection: duckdb.DuckDBPyConnection, folder: Path, name: str, part: str, select: str) -> None:
    """One file of an input: <folder>/<name>/<part>.parquet. An input is all its files together."""
    (folder / name).mkdir(parents=True, exist_ok=True)
    connection.execute(f"copy ({select}) to '{folder}/{name}/{part}.parquet'")


def write_all(folder: Path, users: int, events: int, names: list[str]) -> None:
    """The inputs as they are at the end of the last day."""
    size = {"users": users}
    lives = LIVES.format(users=users, end=END, all_users=USERS.format(users=users))
    selects = {
        "users": USERS.format(**size),
        "accounts": ACCOUNTS.format(**size),
        "subscriptions": SUBSCRIPTIONS.format(**size),
        "identities": IDENTITIES.format(**size),
        "attribute_history": HISTORY.format(**size),
        "survey_responses": SURVEYS.format(**size),
        "support_tickets": TICKETS.format(**size),
        "events": EVENTS.format(
            names=", ".join(f"'{name}'" for name in names),
            name_count=len(names),
            events=events,
            users=users,
            start=START,
            end=END,
            lives=lives,
        ),
    }
    with connect() as connection:
        for name, select in selects.items():
            write(connection, folder, name, "1", select)


def late_event(folder: Path) -> None:
    """One event that happened 20 days before the last one and arrives now."""
    with connect() as connection:
        files = f"'{folder}/events/*.parquet'"
        write(
            connection,
            folder,
            "events",
            "late",
            f"""
            select * replace ('late' as event_id, occurred_at - interval 20 day as occurred_at)
            from read_parquet({files}) order by received_at desc limit 1
            """,
        )


def new_day(folder: Path) -> None:
    """What a day brings: events of the users of the last one, and a sync of one user in a hundred.

    Half of the synced users have a new email, which no feature reads; the others a new job title, with its history.
    """
    with connect() as connection:
        write(
            connection,
            folder,
            "events",
            "next_day",
            f"""
            select * replace (
                'next' || event_id as event_id, occurred_at + interval 1 day as occurred_at, received_at + interval 1 day as received_at
            )
            from read_parquet('{folder}/events/1.parquet') where occurred_at >= {END} - interval 1 day
            """,
        )
        number = "cast(substr(user_id, 2) as bigint)"
        write(
            connection,
            folder,
            "attribute_history",
            "next_day",
            f"""
            select 'user' as entity, user_id as entity_id, 'job_title' as attribute, 'Director' as value,
                {END} + interval 9 hour as valid_from, {END} + interval 9 hour as updated_at
            from read_parquet('{folder}/users/1.parquet') where {number} % 200 = 0
            """,
        )
        sync(
            connection,
            folder,
            f"""
            case when {number} % 200 = 100 then 'new_' || email else email end as email,
            case when {number} % 200 = 0 then 'Director' else job_title end as job_title,
            case when {number} % 100 = 0 then {END} + interval 9 hour else updated_at end as updated_at
            """,
        )


def static_attribute(folder: Path) -> None:
    """Another country of one user in a hundred, without a history: it holds on all dates."""
    with connect() as connection:
        sync(connection, folder, "case when cast(substr(user_id, 2) as bigint) % 100 = 1 then 'NO' else country end as country")


def sync(connection: duckdb.DuckDBPyConnection, folder: Path, columns: str) -> None:
    """The users' file with other columns."""
    path = folder / "users/1.parquet"
    connection.execute(f"create table synced as select * replace ({columns}) from read_parquet('{path}')")
    connection.execute(f"copy synced to '{path}'")
