"""user_merges against an oracle that goes through merges one by one, day by day: chains, circles, strangers, and the limit."""

from __future__ import annotations

import datetime as dt
import functools
import random
from typing import Any

import duckdb

from registries import texts_of
from render_macros import loaded_macros, macro_texts, rendered
from warehouse import ROOT

START = dt.date(2026, 1, 1)
Merge = tuple[str, str | None, dt.datetime | None]


@functools.cache
def model() -> str:
    """The model as SQL over the table `users`."""
    texts = texts_of(ROOT) | macro_texts(ROOT, "macros/cross_db") | macro_texts(ROOT, "macros/activity")
    more: dict[str, Any] = {"ref": lambda name: "users"}
    macros = loaded_macros(texts, {}, more=more)
    return rendered((ROOT / "models/staging/user_merges.sql").read_text(encoding="utf-8"), macros)


def merges_of(users: list[Merge]) -> list[tuple[Any, ...]]:
    with duckdb.connect() as connection:
        connection.execute(
            "create table users (user_id text, merged_into text, merged_at timestamp, reject_reason text, is_duplicate boolean)"
        )
        connection.executemany("insert into users values (?, ?, ?, null, false)", users)
        return connection.execute(
            f"select user_id, survivor_id, refused_because, valid_from_date, valid_to_date from ({model()}) order by all"
        ).fetchall()


def owners(users: list[Merge], day: dt.date) -> dict[str, str]:
    """Who is whom at the end of a day, by merges one after the other: one that closes a circle is refused."""
    names = {name for name, *_ in users}
    parent: dict[str, str] = {}

    def root(name: str) -> str:
        return root(parent[name]) if name in parent else name

    for moment, name, into in sorted((moment, name, into) for name, into, moment in users if moment and into):
        if moment.date() <= day and into in names and root(into) != name:
            parent[name] = into
    return {name: root(name) for name in names if root(name) != name}


def test_who_is_whom_on_each_day() -> None:
    chance = random.Random(5)
    circles = chains = 0
    for _ in range(40):
        names = [f"u{number}" for number in range(12)]
        users: list[Merge] = []
        for name in names:
            into = chance.choice([*names, "stranger", None, None])
            hours = chance.randrange(24 * 12)
            moment = None if chance.random() < 0.1 else dt.datetime.combine(START, dt.time()) + dt.timedelta(hours=hours)
            users.append((name, into, moment if into else None))
        found = merges_of(users)
        assert found == merges_of(chance.sample(users, len(users)))
        circles += sum(refused == "circle" for _, _, refused, *_ in found)
        for number in range(13):
            day = START + dt.timedelta(days=number)
            held = {
                name: survivor
                for name, survivor, refused, since, until in found
                if not refused and since <= day and (until is None or until > day)
            }
            assert held == owners(users, day), (users, day)
            # What is known of a day does not hang on what comes later.
            early = [(name, into if moment and moment.date() <= day else None, moment) for name, into, moment in users]
            assert held == owners(early, day)
        chains += len({name for name, *_ in found}) < len([1 for row in found if not row[2]])
        refused = {name: why for name, _, why, *_ in found if why}
        for name, into, moment in users:
            expected = "no_time" if not moment else "itself" if into == name else "unknown_user" if into == "stranger" else None
            assert into is None or expected is None or refused[name] == expected
    assert circles > 3 and chains > 3


def test_a_cluster_stops_growing_at_the_limit_and_what_was_merged_before_stays() -> None:
    """A hundred become one; the next is refused, and so is the merge of the whole cluster into another of its size."""
    moment = dt.datetime.combine(START, dt.time())
    users: list[Merge] = [("hub", None, None), ("other", None, None)]
    users += [(f"u{number:03d}", "hub", moment + dt.timedelta(hours=number)) for number in range(104)]
    users += [(f"v{number:03d}", "other", moment + dt.timedelta(hours=number)) for number in range(60)]
    found = merges_of(users)
    assert [name for name, *_, refused, _, _ in found if refused] == ["u100", "u101", "u102", "u103"]
    assert {refused for *_, refused, _, _ in found} == {None, "cluster_too_large"}
    joined = [("hub", "other", moment + dt.timedelta(days=30)) if name == "hub" else (name, into, at) for name, into, at in users]
    found_later = merges_of(joined)
    assert set(found_later) - set(found) == {("hub", "other", "cluster_too_large", None, None)}
    assert set(found) <= set(found_later)
