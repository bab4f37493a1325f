"""Every feature, recomputed in plain Python from the CSV files, and what the sample must show of it."""

from __future__ import annotations

import math
import random
from datetime import date

import pytest
import yaml

from oracle.features_oracle import as_of_dates, compute_features
from warehouse import ROOT, Inputs, Warehouse

SETTINGS = yaml.safe_load((ROOT / "dbt_project.yml").read_text(encoding="utf-8"))["vars"]
KEYS = ("user_id", "account_id", "as_of_date", "version_hash")

# Columns of the sample that may hold fewer than two values at all dates together: none.
CONSTANT_COLUMNS: set[str] = set()


@pytest.fixture(scope="module")
def dates(sample: Inputs) -> list[date]:
    return as_of_dates(sample, SETTINGS)


def test_as_of_dates_are_those_of_the_oracle(sample_warehouse: Warehouse, dates: list[date]) -> None:
    built = [row[0] for row in sample_warehouse.query("select as_of_date from activity.as_of_dates order by 1")]
    assert built == dates
    assert len(built) == 53 and built[-1].weekday() == 2, "the sample ends on a Wednesday: a provisional date"


def test_every_feature_equals_its_recomputation(
    sample: Inputs, sample_warehouse: Warehouse, dates: list[date]
) -> None:
    chosen_dates = [dates[0], dates[9], dates[23], dates[38], dates[-2], dates[-1]]
    rows = sample_warehouse.records(
        "select * from features.user_features where as_of_date in ("
        + ", ".join(f"date '{day}'" for day in chosen_dates) + ")"
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
    columns = [
        row[0] for row in sample_warehouse.query("select column_name from (describe features.user_features)")
        if row[0] not in KEYS
    ]
    counts = sample_warehouse.query(
        "select " + ", ".join(f'count(distinct "{column}")' for column in columns) + " from features.user_features"
    )[0]
    constant = {column for column, count in zip(columns, counts) if count < 2}
    assert constant == CONSTANT_COLUMNS


def test_every_segment_is_neither_empty_nor_everybody_and_moves(sample_warehouse: Warehouse) -> None:
    sizes = sample_warehouse.query(
        """
        select segment, min(share), max(share), count(distinct users), sum(entered), sum(left_users)
        from marts.segment_sizes group by segment
        """
    )
    assert len(sizes) >= 10
    for segment, smallest, largest, different_sizes, entered, left_users in sizes:
        assert smallest >= 0.01, f"{segment} falls to {smallest:.2%} of users"
        assert largest <= 0.95, f"{segment} rises to {largest:.2%} of users"
        assert different_sizes > 1 and entered > 0 and left_users > 0, f"{segment} never changes"


def test_comparison_equals_a_recomputation_in_pandas(sample_warehouse: Warehouse) -> None:
    pandas = pytest.importorskip("pandas")
    newest = sample_warehouse.query("select max(as_of_date) from marts.users")[0][0]
    users = pandas.DataFrame(sample_warehouse.records(f"select * from features.user_features where as_of_date = '{newest}'"))
    members = pandas.DataFrame(sample_warehouse.records(f"select * from marts.user_segments where as_of_date = '{newest}'"))
    comparison = pandas.DataFrame(
        sample_warehouse.records(f"select * from marts.segment_comparison where as_of_date = '{newest}'")
    ).set_index(["segment", "metric"])
    values = {
        "events_28d": users["events_28d"].astype(float),
        "revenue_91d": users["revenue_91d"].astype(float),
        "active_users_28d": (users["active_days_28d"] > 0).astype(float),
        "nps": users["nps_category"].map({"promoter": 100.0, "passive": 0.0, "detractor": -100.0}),
    }
    checked = 0
    for segment, group in members.groupby("segment"):
        inside = users["user_id"].isin(group["user_id"])
        for metric, column in values.items():
            row = comparison.loc[(segment, metric)]
            mine, rest = column[inside].dropna(), column[~inside].dropna()
            assert (row["n"], row["baseline_n"]) == (len(mine), len(rest))
            for built, expected in [
                (row["mean"], mine.mean()), (row["standard_deviation"], mine.std()),
                (row["baseline_mean"], rest.mean()), (row["baseline_standard_deviation"], rest.std()),
                (row["difference"], mine.mean() - rest.mean()),
                (row["lift"], mine.mean() / rest.mean() - 1 if rest.mean() > 0 else math.nan),
                (row["share_of_users"], len(mine) / len(column.dropna())),
                (row["share_of_total"], math.nan if metric == "nps" else mine.sum() / column.sum()),
            ]:
                if math.isnan(expected) or math.isinf(expected):
                    assert pandas.isna(built)
                else:
                    assert built == pytest.approx(expected, rel=1e-9, abs=1e-9), (segment, metric)
                checked += 1
    assert checked >= 300
