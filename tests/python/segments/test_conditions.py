"""The steps by which the lint reads the SQL of criteria (macros/segments/lint/), each by itself; whole verdicts are in test_lint.py."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from typing import Any

import pytest

from render_macros import loaded_macros, macro_texts
from warehouse import ROOT


@pytest.fixture(scope="module")
def macros() -> dict[str, Any]:
    return loaded_macros(macro_texts(ROOT), {"events": [{"name": "logged_in"}]})


@pytest.fixture(scope="module")
def tokens_of(macros: dict[str, Any]) -> Callable[[str], list[str]]:
    return macros["_sql_tokens"]


@pytest.mark.parametrize(
    ("sql", "tokens"),
    [
        ("(mrr >= 1.5 and plan = 'it''s')", ["(", "mrr", ">=", "1.5", "and", "plan", "=", "'it''s'", ")"]),
        ("a<>1e-3", ["a", "<>", "1e-3"]),
        ("a > -5", ["a", ">", "-", "5"]),
        ("a > 5e", ["a", ">", "5", "e"]),
        ("users.\"a b\" != 'x -- y'", ["users", ".", '"a b"', "!=", "'x -- y'"]),
        ("a > 1 -- and more", []),
        ("a > 1 /* and more */", []),
        ("a = $$text$$", []),
        ("a = 'no end", []),
        ("", []),
    ],
)
def test_sql_becomes_tokens(tokens_of: Callable[[str], list[str]], sql: str, tokens: list[str]) -> None:
    assert tokens_of(sql) == tokens


@pytest.mark.parametrize(
    ("sql", "inner"),
    [
        ("(a > 1)", "a > 1"),
        ("(a > 1) = (b > 2)", "(a > 1) = (b > 2)"),
        ("coalesce(a > 1, false)", "a > 1"),
        ("Coalesce(a > 1, FALSE)", "a > 1"),
        ("coalesce(a > 1, true)", "coalesce(a > 1, true)"),
        ("coalesce(a > 1, false) and b", "coalesce(a > 1, false) and b"),
        ("()", ""),
        ("(", "("),
    ],
)
def test_what_changes_nothing_is_taken_off(macros: dict[str, Any], tokens_of: Callable[[str], list[str]], sql: str, inner: str) -> None:
    assert macros["_unwrapped"](tokens_of(sql)) == tokens_of(inner)


@pytest.mark.parametrize(
    ("sql", "parts"),
    [
        ("a > 1", ["a > 1"]),
        ("((a > 1) AND b between 2 and 3 and coalesce(not c and d, false))", ["a > 1", "b between 2 and 3", "not c", "d"]),
        ("case when a and b then c end and d", ["case when a and b then c end", "d"]),
        ("f(a and b) and c", ["f(a and b)", "c"]),
        ("a > 1 or b > 2", []),
        ("a > 1 and (b > 2 or c > 3)", ["a > 1"]),
        ("a > 1, b > 2", []),
        ("(a > 1 and b > 2", []),
        ("", []),
    ],
)
def test_an_expression_becomes_what_all_has_to_hold(
    macros: dict[str, Any], tokens_of: Callable[[str], list[str]], sql: str, parts: list[str]
) -> None:
    assert macros["_conjuncts"](tokens_of(sql)) == [tokens_of(part) for part in parts]


@pytest.mark.parametrize(
    ("sql", "found"),
    [
        ("MRR > 5", {"column": "mrr", "bounds": [[">", "5"]]}),
        ("mrr = - 5", {"column": "mrr", "bounds": [["=", "-5"]]}),
        ("mrr > - - 5", {}),
        ("1e3 >= mrr", {"column": "mrr", "bounds": [["<=", "1e3"]]}),
        ("9 <= mrr", {"column": "mrr", "bounds": [[">=", "9"]]}),
        ("mrr BETWEEN -1 AND 9", {"column": "mrr", "bounds": [[">=", "-1"], ["<=", "9"]]}),
        ("mrr not between 1 and 9", {}),
        ("mrr <> 5", {}),
        ("mrr > tenure_days", {}),
        ("mrr + 1 > 5", {}),
        ("users.mrr > 5", {}),
        ("plan = 'Pro'", {"column": "plan", "labels": ["pro"]}),
        ("\"plan\" = 'pro'", {"column": "plan", "labels": ["pro"]}),
        ("'plan' = 'pro'", {}),
        ("plan IN ('pro', 'Team')", {"column": "plan", "labels": ["pro", "team"]}),
        ("plan in ('pro', 5)", {}),
        ("plan in ()", {}),
        ("plan not in ('pro')", {}),
        # One value in two forms, if the column is a number or true and false.
        ("code = '5'", {}),
        ("flag = 't'", {}),
        ("flag = 'True'", {}),
        ("is_trial", {"column": "is_trial", "labels": ["true"]}),
        ("NOT is_trial", {"column": "is_trial", "labels": ["false"]}),
        ("true", {}),
        ("plan is null", {"column": "plan", "is_null": True}),
        ("plan is not null", {}),
    ],
)
def test_a_conjunct_becomes_what_it_says_of_a_column(
    macros: dict[str, Any], tokens_of: Callable[[str], list[str]], sql: str, found: dict[str, Any]
) -> None:
    assert macros["_comparison"](tokens_of(sql)) == found


@pytest.mark.parametrize(
    ("column", "operator", "value", "low", "above", "high", "below"),
    [
        ("mrr", ">", 5, 5, True, 1e300, False),
        ("mrr", "<=", 5.5, -1e300, False, 5.5, False),
        ("mrr", "=", 5, 5, False, 5, False),
        # Columns of whole numbers.
        ("active_days_28d", ">", 5, 6, False, 1e300, False),
        ("active_days_28d", ">", 5.5, 6, False, 1e300, False),
        ("active_days_28d", "<", 5, -1e300, False, 4, False),
        ("count_logged_in_28d__a1b2c3", "<", 5.5, -1e300, False, 5, False),
        ("active_days_28d", "=", 4.5, 5, False, 4, False),
    ],
)
def test_a_comparison_becomes_a_range(
    macros: dict[str, Any], column: str, operator: str, value: float, low: float, above: bool, high: float, below: bool
) -> None:
    assert macros["_range_of"](column, operator, value) == {"low": low, "above": above, "high": high, "below": below}


VALUES: dict[str, list[Any]] = {"mrr": [-1, 0, 4, 5, 5.5, 6, 9, 10], "plan": [None, "pro", "team", "free"]}
CONDITIONS: dict[str, dict[str, Callable[[Any], bool]]] = {
    "mrr": {
        "mrr > 5": lambda mrr: mrr > 5,
        "mrr >= 5": lambda mrr: mrr >= 5,
        "mrr < 5": lambda mrr: mrr < 5,
        "mrr <= 5": lambda mrr: mrr <= 5,
        "mrr = 5": lambda mrr: mrr == 5,
        "mrr = 6": lambda mrr: mrr == 6,
        "mrr < 0": lambda mrr: mrr < 0,
    },
    "plan": {
        "plan = 'pro'": lambda plan: plan == "pro",
        "plan = 'free'": lambda plan: plan == "free",
        "plan in ('pro', 'team')": lambda plan: plan in ("pro", "team"),
        "plan is null": lambda plan: plan is None,
    },
}


@pytest.mark.parametrize("column", CONDITIONS)
def test_two_conditions_exclude_each_other_if_no_value_meets_both(
    macros: dict[str, Any], tokens_of: Callable[[str], list[str]], column: str
) -> None:
    for one, other in itertools.product(CONDITIONS[column], repeat=2):
        (first,), (second,) = (macros["_conditions_of_comparison"](tokens_of(sql), "c") for sql in (one, other))
        is_met = any(CONDITIONS[column][one](value) and CONDITIONS[column][other](value) for value in VALUES[column])
        assert macros["_exclude_each_other"](first, second) == (not is_met), (one, other)


@pytest.mark.parametrize(
    ("day", "is_date"),
    [
        ("2026-10-01", True),
        ("2024-02-29", True),
        ("2026-02-29", False),
        ("2026-02-30", False),
        ("1900-02-29", False),
        ("2000-02-29", True),
        ("0001-01-01", True),
        ("0000-01-01", False),
        ("9999-12-31", True),
        ("9999-12-32", False),
        ("2026-13-01", False),
        ("2026-00-01", False),
        ("2026-01-00", False),
        ("2026-1-1", False),
        ("2026-01-01 ", False),
        ("May", False),
        ("", False),
        (20260101, False),
        (None, False),
    ],
)
def test_a_date_is_a_day_of_the_calendar(macros: dict[str, Any], day: object, is_date: bool) -> None:
    assert macros["_is_date"](day) == is_date
