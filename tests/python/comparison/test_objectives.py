"""Goals with numbers: actual against target, recomputed from the comparison, in the mart and on the page of the report."""

from __future__ import annotations

import datetime as dt

import pytest

from mart_project import MartProject
from warehouse import Warehouse

DAY = dt.date(2026, 3, 1)
# segment: (metric, mean, target, days left) -> state, ahead
CASES = {
    "above": ("retained_users_28d", 0.7, 0.6, 30, "reached", 0.1),
    "equal": ("retained_users_28d", 0.6, 0.6, 30, "reached", 0.0),
    "below": ("retained_users_28d", 0.5, 0.6, 0, "open", -0.1),
    "late": ("retained_users_28d", 0.5, 0.6, -1, "missed", -0.1),
    "late_and_above": ("retained_users_28d", 0.7, 0.6, -1, "reached", 0.1),
    "down": ("churn_rate_91d", 0.04, 0.05, 30, "reached", 0.01),
    "down_and_above": ("churn_rate_91d", 0.06, 0.05, 30, "open", -0.01),
    "nobody": ("retained_users_28d", None, 0.6, -1, "unknown", None),
}


def test_actual_against_target_of_made_up_segments(mart_project: MartProject) -> None:
    mart_project.fill("activity.data_through", [{"data_through": DAY}])
    rows = [
        {
            "segment": name,
            "metric": metric,
            "target": target,
            "target_date": DAY + dt.timedelta(left),
            "as_of_date": DAY,
            "data_through": DAY,
        }
        for name, (metric, _, target, left, _, _) in CASES.items()
    ]
    gone = {**rows[0], "segment": "gone", "status": "retired", "retired_on": DAY - dt.timedelta(1)}
    mart_project.fill("marts.segments", [*rows, gone, {"segment": "without", "as_of_date": DAY, "data_through": DAY}])
    mart_project.copy("marts.metrics")
    mart_project.fill(
        "marts.segment_comparison",
        [
            {"segment": name, "metric": metric, "baseline": baseline, "mean": mean + offset, "n": 9, "as_of_date": DAY - dt.timedelta(back)}
            for name, (metric, mean, *_) in CASES.items()
            if mean is not None
            for baseline, back, offset in [("rest", 0, 0.0), ("rest", 7, 0.3), ("all", 0, 0.3)]
        ],
    )
    mart_project.run_models("segment_objectives")
    found = {row["segment"]: row for row in mart_project.records("select * from marts.segment_objectives")}
    assert found.keys() == CASES.keys()
    for name, (_, mean, target, left, state, ahead) in CASES.items():
        row = found[name]
        assert (row["state"], row["days_left"], row["n"]) == (state, left, 0 if mean is None else 9), name
        assert (row["actual"], row["target"]) == (mean, target) and row["ahead"] == pytest.approx(ahead), name


def test_the_focus_of_the_sample_has_goals_that_the_comparison_measures(sample_warehouse: Warehouse) -> None:
    rows = sample_warehouse.query(
        "select objectives.segment, objectives.actual = comparison.mean from marts.segment_objectives as objectives "
        "inner join marts.segment_comparison as comparison using (segment, metric) "
        "where comparison.baseline = 'rest' and comparison.as_of_date = comparison.data_through"
    )
    focus = sample_warehouse.query("select segment from marts.segments where tier = 'primary'")
    assert 3 <= len(focus) <= 5 and {name for (name,) in focus} == {name for name, is_equal in rows if is_equal}
    assert sample_warehouse.query("select max(count(*)) over () > 1 from marts.segment_objectives group by objective limit 1") == [(True,)]
