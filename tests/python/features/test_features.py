"""Every feature, recomputed in plain Python from the CSV files, and what the sample must show of it."""

from __future__ import annotations

import math
import random
from datetime import date

import pytest

from oracle.features_oracle import as_of_dates, compute_features
from registries import project_variables
from warehouse import ROOT, Inputs, Warehouse

SETTINGS = project_variables(ROOT)
KEYS = ("user_id", "account_id", "as_of_date")

# Columns of the sample that may hold fewer than two values at all dates together: none.
CONSTANT_COLUMNS: set[str] = set()


@pytest.fixture(scope="module")
def dates(sample: Inputs) -> list[date]:
    return as_of_dates(sample, SETTINGS)


def test_as_of_dates_are_those_of_the_oracle(sample_warehouse: Warehouse, dates: list[date]) -> None:
    built = [row[0] for row in sample_warehouse.query("select as_of_date from activity.as_of_dates order by 1")]
    assert built == dates
    assert len(built) == 53 and built[-1].weekday() == 2, "the sample ends on a Wednesday: a provisional date"


def test_every_feature_equals_its_recomputation(sample: Inputs, sample_warehouse: Warehouse, dates: list[date]) -> None:
    chosen_dates = [dates[0], dates[9], dates[23], dates[38], dates[-2], dates[-1]]
    rows = sample_warehouse.records(
        "select * from features.user_features where as_of_date in (" + ", ".join(f"date '{day}'" for day in chosen_dates) + ")"
    )
    population = {(row["user_id"], row["as_of_date"]): row for row in rows}
    users = set(random.Random(1).sample(sorted({row["user_id"] for row in rows}), 150))
    expected = compute_features(sample, chosen_dates, SETTINGS, ROOT / "seeds/reference", users)

    assert {key for key in population if key[0] in users} == set(expected)
    wrong: dict[str, list[str]] = {}
    compared = 0
    for key, features in expected.items():
        row = population[key]
        assert set(features) == set(row) - set(KEYS), "the oracle and the table have the same columns"
        for column, value in features.items():
            compared += 1
            built = row[column]
            same = (
                math.isclose(built, value, rel_tol=1e-9, abs_tol=1e-9)
                if isinstance(value, float) and isinstance(built, (int, float))
                else built == value
            )
            if not same:
                wrong.setdefault(column, []).append(f"{key[0]} on {key[1]}: built {built!r}, recomputed {value!r}")
    assert compared > 40_000
    assert not wrong, "\n".join(f"{column}: {len(cases)} differ, {cases[:3]}" for column, cases in wrong.items())


def test_every_feature_varies_in_the_sample(sample_warehouse: Warehouse) -> None:
    columns = [row[0] for row in sample_warehouse.query("select column_name from (describe features.user_features)") if row[0] not in KEYS]
    counts = sample_warehouse.query(
        "select " + ", ".join(f'count(distinct "{column}")' for column in columns) + " from features.user_features"
    )[0]
    constant = {column for column, count in zip(columns, counts) if count < 2}
    assert constant == CONSTANT_COLUMNS


def test_every_segment_is_neither_empty_nor_everybody_and_moves(sample_warehouse: Warehouse) -> None:
    sizes = sample_warehouse.query(
        """
        select segment, arg_max(users, as_of_date), max(share), count(distinct users), sum(entered), sum(exited)
        from marts.segment_sizes group by segment
        """
    )
    assert len(sizes) >= 10
    for segment, users, largest, different_sizes, entered, exited in sizes:
        assert users > 0, f"nobody is in {segment} today"
        assert largest <= 0.95, f"{segment} rises to {largest:.2%} of users"
        assert different_sizes > 1 and entered > 0 and exited > 0, f"{segment} never changes"
