"""What destinations were told, in the schema `state` of the warehouse, and what they are to be told next."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from refusal import Refusal

# Columns of staging.stg_users__addresses by which destinations know people.
KEY_KINDS = ("user_id", "email", "email_sha256", "google_email_sha256")


@dataclass
class Delivery:
    """What one destination is to be told about one audience."""

    audience: str
    destination: str
    key_kind: str
    max_change_share: float
    delivered_before: int
    is_complete_list: bool
    # key -> user_id, and key -> entry_number.
    adds: dict[str, str] = field(default_factory=dict)
    # Adds that an interrupted delivery has begun: the state counts them already.
    repeated: int = 0
    removes: dict[str, int] = field(default_factory=dict)
    remove_reasons: dict[str, int] = field(default_factory=dict)
    skipped: dict[str, int] = field(default_factory=dict)
    is_refused: bool = False

    @property
    def place(self) -> tuple[str, str, str]:
        return self.audience, self.destination, self.key_kind

    @property
    def delivered_after(self) -> int:
        return self.delivered_before + len(self.adds) - self.repeated - len(self.removes)

    def exceeds(self) -> bool:
        """Whether so much changes that somebody has to look first. A complete list has nothing to be compared with."""
        changes = len(self.adds) + len(self.removes)
        return not self.is_complete_list and changes > self.max_change_share * self.delivered_before


def read_deliveries(connection: Any) -> list[Delivery]:
    """Every audience of the variable, and those that destinations still hold although they have ended."""
    deliveries = {
        row[:3]: Delivery(*row)
        for row in connection.execute(
            """
            with
            held as (
                select audience, destination, key_kind, count(*) as users, bool_and(is_pending) as is_never_confirmed
                from state.audience_deliveries
                group by all
            )

            select
                audience,
                destination,
                key_kind,
                -- An audience that has ended does not have its own limit: all of it goes, so somebody must confirm that.
                coalesce(audiences.max_change_share, 0),
                coalesce(held.users, 0),
                coalesce(held.is_never_confirmed, true) and audiences.audience is not null
            from marts.audiences as audiences
            full join held using (audience, destination, key_kind)
            order by all
            """
        ).fetchall()
    }
    for kind in KEY_KINDS:
        for *place, user_id, key, entry_number in connection.execute(
            f"""
            select changes.audience, changes.destination, changes.key_kind, changes.user_id, addresses.{kind}, held.entry_number
            from marts.audience_changes as changes
            left join staging.stg_users__addresses as addresses using (user_id)
            left join state.audience_deliveries as held
                on
                    changes.audience = held.audience
                    and changes.destination = held.destination
                    and changes.key_kind = held.key_kind
                    and addresses.{kind} = held.destination_key
            where changes.change = 'add' and changes.key_kind = '{kind}'
            order by all
            """
        ).fetchall():
            if key is None:
                raise Refusal("The addresses of the warehouse are newer than marts.audience_changes: run `make build` first.")
            delivery = deliveries[tuple(place)]
            delivery.adds[key] = user_id
            delivery.repeated += entry_number is not None
    for *place, key, entry_number, reason in connection.execute(
        """
        select changes.audience, changes.destination, changes.key_kind, held.destination_key, entry_number, changes.reason
        from marts.audience_changes as changes
        inner join state.audience_deliveries as held using (entry_number)
        where changes.change = 'remove'
        order by all
        """
    ).fetchall():
        delivery = deliveries[tuple(place)]
        delivery.removes[key] = entry_number
        delivery.remove_reasons[reason] = delivery.remove_reasons.get(reason, 0) + 1
    for audience, destination, reason, users in connection.execute(
        """
        select audience, destination, skip_reason, count(*) from marts.audience_members
        where skip_reason is not null group by all order by count(*) desc, skip_reason
        """
    ).fetchall():
        for delivery in deliveries.values():
            if (delivery.audience, delivery.destination) == (audience, destination):
                delivery.skipped[reason] = users
    return list(deliveries.values())


def stale(connection: Any) -> list[str]:
    """Why the marts of audiences are not those of the last build, as sentences; an empty list if they are."""
    (through,) = connection.execute("select data_through from activity.data_through").fetchone()
    problems = []
    for mart in ("audiences", "audience_members", "audience_changes"):
        for (found,) in connection.execute(
            f"select distinct data_through from marts.{mart} where data_through is distinct from ?", [through]
        ).fetchall():
            problems.append(f"marts.{mart} is of {found}, the data reach to {through}: run `make build` and see what stops it.")
    return problems


def begin(connection: Any, deliveries: list[Delivery], number: int, run_id: str, through: date) -> None:
    """Step 2: say who is about to be added or removed, after a copy of the state was made."""
    connection.execute("begin")
    connection.execute("delete from state.audience_delivery_log where delivered_at is null")
    connection.execute("create or replace table state.audience_deliveries__backup as select * from state.audience_deliveries")
    (entry_number,) = connection.execute("select coalesce(max(entry_number), 0) from state.audience_deliveries").fetchone()
    for delivery in deliveries:
        known = {
            key
            for (key,) in connection.execute(
                "select destination_key from state.audience_deliveries where (audience, destination, key_kind) = (?, ?, ?)", delivery.place
            ).fetchall()
        }
        new = [key for key in delivery.adds if key not in known]
        connection.execute(
            """
            insert into state.audience_deliveries (
                user_id, audience, destination, key_kind, destination_key, entry_number, delivery_number, is_pending, delivered_through
            )
            select unnest(?::varchar[]), ?, ?, ?, unnest(?::varchar[]), unnest(?::bigint[]), ?, true, ?
            """,
            [
                [delivery.adds[key] for key in new],
                *delivery.place,
                new,
                list(range(entry_number + 1, entry_number + 1 + len(new))),
                number,
                through,
            ],
        )
        entry_number += len(new)
        connection.execute(
            "update state.audience_deliveries set is_pending = true where entry_number in (select unnest(?::bigint[]))",
            [list(delivery.removes.values())],
        )
        connection.execute(
            """
            insert into state.audience_delivery_log (
                audience, destination, key_kind, run_id, delivery_number, added_users, removed_users, users, is_complete_list, data_through
            )
            values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
            """,
            [
                *delivery.place,
                run_id,
                number,
                len(delivery.adds),
                len(delivery.removes),
                delivery.delivered_after,
                delivery.is_complete_list,
                through,
            ],
        )
    connection.execute("commit")


def finish(connection: Any, deliveries: list[Delivery], number: int, through: date, moment: datetime) -> None:
    """Step 4: say what the destinations hold now; whoever is gone leaves the state with the delivery that says so."""
    connection.execute("begin")
    for delivery in deliveries:
        removed = list(delivery.removes.values())
        connection.execute("delete from state.audience_deliveries where entry_number in (select unnest(?::bigint[]))", [removed])
        # The copy is for undoing a mistake, not for keeping those who asked to be deleted.
        connection.execute(
            """
            delete from state.audience_deliveries__backup
            where entry_number in (
                select entry_number from marts.audience_changes where change = 'remove' and reason = 'deleted'
            ) and entry_number in (select unnest(?::bigint[]))
            """,
            [removed],
        )
        connection.execute(
            """
            update state.audience_deliveries set is_pending = false, delivery_number = ?, delivered_through = ?
            where is_pending and (audience, destination, key_kind) = (?, ?, ?)
            """,
            [number, through, *delivery.place],
        )
        connection.execute("delete from marts.audience_changes where (audience, destination, key_kind) = (?, ?, ?)", delivery.place)
        remember(connection, delivery, number, through)
    connection.execute(
        "update state.audience_delivery_log set delivered_at = ? where delivery_number = ?", [moment.replace(tzinfo=None), number]
    )
    connection.execute("commit")


def remember(connection: Any, delivery: Delivery, number: int, through: date) -> None:
    """Who is sent and who is held out, for audience_results. Whoever is there already keeps the group of their first delivery."""
    connection.execute(
        """
        insert into state.audience_exposures (user_id, audience, segment, delivery_number, is_held_out, delivered_through)
        select members.user_id, members.audience, members.segment, ?, not members.is_sent, ?
        from marts.audience_members as members
        left join state.audience_exposures as known
            on
                members.audience = known.audience
                and members.user_id = known.user_id
        where
            (members.audience, members.destination) = (?, ?)
            and (members.is_sent or members.skip_reason = 'holdout')
            and known.user_id is null
        """,
        [number, through, delivery.audience, delivery.destination],
    )


def rename_users(connection: Any) -> None:
    """An address that stays at a destination while its user is another one now gets the name of that user."""
    for kind in KEY_KINDS:
        connection.execute(
            f"""
            update state.audience_deliveries as held set user_id = members.user_id
            from marts.audience_members as members
            inner join staging.stg_users__addresses as addresses using (user_id)
            where
                held.key_kind = '{kind}' and members.is_sent and held.audience = members.audience
                and held.destination = members.destination and held.destination_key = addresses.{kind}
                and held.user_id != members.user_id
            """
        )
