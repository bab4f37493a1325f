"""The hash by which increments find what changed tells rows apart that differ a little."""

from __future__ import annotations

from collections.abc import Callable

import duckdb
import pytest

from render_macros import loaded_macros, macro_texts
from warehouse import ROOT

# Texts of over 8 bytes that are alike: DuckDB's own hash() has 6,164 values for these 8,000.
ALIKE = """
    select 'step reporting ' || step || ' enterprise_companies ' || (date '2024-01-01' + day::int) as text, step, day
    from range(1, 9) as steps (step), range(1000) as days (day)
"""


@pytest.fixture(scope="module")
def fingerprint() -> Callable[..., str]:
    return loaded_macros(macro_texts(ROOT), variables={})["fingerprint"]


def row(sql: str) -> tuple[int, ...]:
    with duckdb.connect() as connection:
        return connection.execute(sql).fetchone()


def distinct(sql: str, rows: str) -> tuple[int, ...]:
    return row(f"select count(*), count(distinct {sql}) from ({rows}) as made_up")


def test_texts_that_are_alike_have_different_hashes(fingerprint: Callable[..., str]) -> None:
    assert distinct(fingerprint(["text"], ["text"]), ALIKE) == (8000, 8000)
    assert distinct(fingerprint(["step", "day"]), ALIKE) == (8000, 8000)
    assert distinct(fingerprint(["text"]), ALIKE)[1] < 8000, "why texts are named; if hash() is mended they need not be"


def test_nothing_and_order_and_borders_count(fingerprint: Callable[..., str]) -> None:
    pairs = "select * from (values ('a', 'b'), ('b', 'a'), ('ab', ''), ('', 'ab'), ('ab', null), (null, 'ab'), ('', ''), (null, null)) as t (x, y)"
    assert distinct(fingerprint(["x", "y"], ["x", "y"]), pairs) == (8, 8)
    low, high = row(f"select min(f), max(f) from (select {fingerprint(['text'], ['text'])} as f from ({ALIKE}))")
    assert 0 <= low < 2**60 and 2**62 < high < 2**63
