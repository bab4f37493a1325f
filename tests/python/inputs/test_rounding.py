"""Arithmetic without cliffs: sums that reach a bound but for rounding, totals that cancel, lists that are empty.

tests/long/test_arithmetic.py builds a company for each; here the worst meet in one.
"""

from __future__ import annotations

import random
import shutil
from fractions import Fraction

import duckdb
import numpy as np
import pandas as pd
import pytest

from empty_variables import EMPTY, REFUSED
from extreme_world import finite_problems, mixed_up, share_problems, whole_project
from registries import project_variables
from render_macros import loaded_macros, macro_texts
from warehouse import ROOT, Warehouse

MACROS = loaded_macros(macro_texts(ROOT), {"confidence_level": 0.95, "power": 0.8, "events": [{"name": "a"}]}, "tested")


def computed(sql: str, rows: str) -> list[tuple]:
    """An expression over the columns of a relation, row by row."""
    return duckdb.sql(f"select {sql} from ({rows})").fetchall()


# --- The macros -------------------------------------------------------------------------------------------------------
def test_a_share_lies_between_0_and_1_in_whatever_order_its_parts_are_added() -> None:
    chance = random.Random(4)
    rows, exact = [], []
    for _ in range(4000):
        values = [
            round(chance.choice([1, 1e3, 1e-12, 1e15]) * chance.random(), chance.randrange(1, 16)) for _ in range(chance.randrange(1, 40))
        ]
        members = values if chance.random() < 0.5 else values[: chance.randrange(0, len(values))]
        shuffled = chance.sample(members, len(members))
        rows.append((sum(shuffled), float(np.sum(np.array(values))), sum(abs(value) for value in values)))
        whole = sum(map(Fraction, values))
        exact.append(float(sum(map(Fraction, members)) / whole) if whole else None)
    assert any(part > whole for part, whole, _ in rows), "no sum of them is on the wrong side"
    sums = pd.DataFrame(rows, columns=["part", "whole", "size"]).assign(place=range(len(rows)))
    found = [
        share for share, _ in duckdb.sql(f"select {MACROS['share_of']('part', 'whole', 'size')}, place from sums order by place").fetchall()
    ]
    assert len(sums) == len(found)
    assert all(share is None or 0 <= share <= 1 for share in found)
    for share, expected in zip(found, exact):
        assert (share is None) == (expected is None)
        assert share is None or share == pytest.approx(expected, rel=1e-9, abs=1e-12)


def test_of_nothing_and_of_less_there_are_no_shares_and_refunds_stay() -> None:
    rows = "values (1e0, 2e0, 2e0), (5e0, 2e0, 8e0), (-3e0, 2e0, 8e0), (1e0, 0e0, 0e0), (-1e0, -2e0, 2e0), (3e-17, 0.1e0 + 0.2e0 - 0.3e0, 6e-1), (null, 1e0, 1e0)"
    found = computed(MACROS["share_of"]("part", "whole", "size"), f"select * from ({rows}) as sums (part, whole, size)")
    assert [share for (share,) in found] == [0.5, 2.5, -1.5, None, None, None, None]


def test_no_probability_is_above_1_and_no_difference_of_shares_beyond_1() -> None:
    rows = "select i * 1e-6 as x, d as df from range(0, 3000) as xs (i), (values (1), (2), (3), (5), (30), (99)) as dfs (d)"
    assert computed(f"max({MACROS['chi_square_tail']('x', 'df')})", rows) == [(1.0,)]
    assert computed(MACROS["chi_square_tail"]("x", "df"), "select cast(null as double) as x, 3 as df") == [(None,)]
    counts = """
        select cast(a as double) as a, cast(n as double) as n, cast(b as double) as b, cast(m as double) as m
        from range(0, 40) as x (a), range(1, 40) as y (n), range(0, 40) as z (b), range(1, 40) as w (m) where a <= n and b <= m
    """
    lower, upper = (MACROS["newcombe_bound"]("a", "n", "b", "m", side) for side in ("lower", "upper"))
    assert computed(f"min({lower}), max({upper})", counts) == [(-1.0, 1.0)]


@pytest.mark.parametrize(
    ("values", "bound", "expected"),
    [
        ([0.1, 0.7], 0.8, (True, True, True)),
        ([0.1, 0.2], 0.3, (True, True, True)),
        ([0.1, 0.2, -0.3], 0, (True, True, True)),
        ([1000], 1000, (True, True, True)),
        ([999.99], 1000, (False, True, False)),
        ([1000.01], 1000, (True, False, False)),
        ([-0.1, -0.7], -0.8, (True, True, True)),
        ([1e9, 0.01], 1e9, (True, False, False)),
        ([], 0, (True, True, True)),
        ([1e-12], 0, (True, False, False)),
        ([-1e-12], 0, (False, True, False)),
    ],
)
def test_a_sum_of_properties_reaches_its_bound_but_for_rounding(
    values: list[float], bound: float, expected: tuple[bool, bool, bool]
) -> None:
    """Whether the sum is at least, at most, exactly the bound."""
    activity = (
        " union all ".join(f"""select 'a' as event_name, '{{"x": {value!r}}}' as properties, 0 as place""" for value in values)
        or "select 'b' as event_name, cast(null as varchar) as properties, 0 as place"
    )
    found = []
    for argument in ("at_least", "at_most", "exactly"):
        criterion = MACROS["property_sum"]("a", "x", **{argument: bound})
        ((name, measure),) = criterion["measures"].items()
        sums = f"select coalesce({measure['sql']}, {measure['default']}) as {name} from ({activity}) as activity"
        found += [met for (met,) in computed(criterion["sql"], sums)]
    assert tuple(found) == expected


# --- A whole company --------------------------------------------------------------------------------------------------
# Where everybody is in a segment, one holds all revenue, and one nobody.
SEGMENTS = {
    "everybody": "true",
    "payers": "lifetime_revenue != 0",
    "companies": "company_size is not null",
    "nobody": "company_size = 'none'",
}


@pytest.fixture(scope="module")
def at_the_edge(tmp_path_factory: pytest.TempPathFactory) -> Warehouse:
    """The worst company, in a project all of whose lists are empty but that of the currencies, not built yet."""
    settings = {name: value for name, value in EMPTY.items() if name not in ("currency_rates", "discovery")}
    warehouse = whole_project(tmp_path_factory.mktemp("edge") / "project", ("models", "macros"), **settings, north_star="active_days_7d")
    folder = warehouse.folder / "models/segments"
    for path in folder.iterdir():
        shutil.rmtree(path)
    (folder / "firmographic").mkdir()
    for name, condition in SEGMENTS.items():
        (folder / f"firmographic/{name}.sql").write_text(
            "{{ config(meta={'label': 'X', 'tier': 'micro', 'owner': 'x', 'goal': 'x', 'action': 'x', 'reviewed_on': '2026-01-01'}) }}\n"
            f'{{{{ segment(held = "{condition}") }}}}\n',
            encoding="utf-8",
        )
    (warehouse.folder / "macros/registries/segments.sql").write_text(
        "{% macro registered_segments() %}{{ return(" + repr([*SEGMENTS]) + ") }}{% endmacro %}\n", encoding="utf-8"
    )
    warehouse.write_inputs(mixed_up())
    return warehouse


@pytest.mark.long
def test_it_is_built_and_every_share_is_one(at_the_edge: Warehouse) -> None:
    """dbt's tests of it are run by tests/long/test_arithmetic.py (mixed_up)."""
    at_the_edge.build(comparison=True)
    assert finite_problems(at_the_edge) == []
    assert share_problems(at_the_edge, has_refunds=True) == []
    for mart in ("average_user_gap", "segment_drivers", "segment_funnels", "segment_feature_adoption", "audience_members"):
        assert at_the_edge.query(f"select count(*) from marts.{mart}") == [(0,)], mart


@pytest.mark.long
def test_without_currencies_the_sql_holds(at_the_edge: Warehouse) -> None:
    at_the_edge.configure(currency_rates={})
    result = at_the_edge.run("compile", "-s", "stg_invoices__checked", "user_value_features")
    assert result, result.output
    compiled = at_the_edge.folder / "target/compiled/segmentation/models"
    for path in ("staging/stg_invoices__checked.sql", "features/user_value_features.sql"):
        assert at_the_edge.query(f"explain {(compiled / path).read_text(encoding='utf-8')}")


def test_what_cannot_be_empty_is_refused() -> None:
    """What the rules say; tests/long/test_arithmetic.py sees dbt's parse say it."""
    for name, told in REFUSED.items():
        problems = MACROS["_variable_problems"](MACROS["_variable"](name), {}, {})
        assert name == "inputs" or problems[0] == told


def test_no_variable_that_is_a_list_or_mapping_is_forgotten() -> None:
    variables = project_variables(ROOT)
    assert {name for name, value in variables.items() if isinstance(value, (list, dict))} == {*EMPTY, *REFUSED}
