"""Whoever asks for one of the ids of a person gets all of them forgotten, in an order that leaves no row naming another."""

from __future__ import annotations

from pathlib import Path

import duckdb

import forget_user


def test_all_ids_of_a_person_are_forgotten_the_survivor_last(tmp_path: Path) -> None:
    path = tmp_path / "warehouse.duckdb"
    with duckdb.connect(str(path)) as connection:
        connection.execute("create schema staging")
        # ann became bea, bea became cleo, dan became cleo; eve wanted to become ann, which was refused.
        connection.execute("""
            create table staging.user_merges as
            select * from (values
                ('ann', 'bea', null, date '2026-01-05', date '2026-01-09'), ('ann', 'cleo', null, date '2026-01-09', null),
                ('bea', 'cleo', null, date '2026-01-09', null), ('dan', 'cleo', null, date '2026-01-05', null),
                ('eve', 'ann', 'circle', null, null)
            ) as merges (user_id, survivor_id, refused_because, valid_from_date, valid_to_date)
        """)
    for name in ("ann", "bea", "cleo", "dan"):
        assert forget_user.ids_of_person(path, name) == ["ann", "dan", "bea", "cleo"], name
    assert forget_user.ids_of_person(path, "eve") == ["eve"]
    assert forget_user.ids_of_person(path, "finn") == ["finn"]
