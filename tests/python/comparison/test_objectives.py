"""What people write of a segment: goals with numbers, against what the comparison measures; and personas, judged as rows of the inputs."""

from __future__ import annotations

import datetime as dt

import pytest

from mart_project import MartProject
from warehouse import COLUMNS, Warehouse

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

PERSONA = ("segment", "name", "backstory", "goals", "frustrations", "quotes")
# Texts in that order -> what becomes of the row of a persona.
PERSONAS = {
    ("power_users", "Priya", "Builds trams.", "A plan.", None, "It works."): "used",
    (" Power_Users ", " Priya ", "Builds trams.", "A plan.", "", "It works."): "copy",
    ("power_users", "Priya", "Builds ships.", "A plan.", None, "It works."): "conflicting_duplicate",
    ("new_users", "Priya", None, "To begin.", None, None): "used",
    ("powerusers", "Paul", "Builds trams.", None, None, None): "unknown_segment",
    ("power_users", " ", "Builds trams.", None, None, None): "missing_key",
    (None, "Nobody", "Builds trams.", None, None, None): "missing_key",
    ("power_users", "Silent", " ", "", None, None): "missing_value",
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


def test_every_persona_is_used_a_copy_or_rejected(mart_project: MartProject) -> None:
    # The copy makes two of that content, and what came most often counts.
    mart_project.fill("raw.personas", [dict(zip(PERSONA, row)) for row in PERSONAS])
    mart_project.fill("activity.data_through", [{"data_through": DAY}])
    for table in [*(f"staging.stg_{name}__checked" for name in COLUMNS), "activity.named_ids", "marts.unknown_ids"]:
        mart_project.fill(table, [])
    mart_project.run_models("segment_personas", "persona_quotes", "rejected_rows", "input_summary")
    assert mart_project.query("select row_key, reject_reason from marts.rejected_rows where input = 'personas' order by all") == sorted(
        (f"{(segment or '').strip()}|{name.strip()}", outcome)
        for (segment, name, *_), outcome in PERSONAS.items()
        if outcome not in ("used", "copy")
    )
    personas = "select * exclude (as_of_date, data_through) from marts.segment_personas order by segment"
    assert mart_project.query(personas) == [
        ("new_users", "Priya", None, "To begin.", None),
        ("power_users", "Priya", "Builds trams.", "A plan.", None),
    ]
    assert mart_project.query("select segment, persona, quotes from marts.persona_quotes") == [("power_users", "Priya", "It works.")]
    assert mart_project.query(
        "select rows_read, rows_used, rows_duplicate, rows_rejected, is_present from marts.input_summary where input = 'personas'"
    ) == [(8, 2, 1, 5, True)]
    # The marts are views: texts may be missing, the newest row counts, and a time that cannot be read is no time.
    mart_project._execute(
        "create or replace table raw.personas as select * from (values ('new_users', 'Nadia', 'To begin.', '2026-01-02'),"
        " ('new_users', 'Nadia', 'To end.', '2026-02-03'), ('new_users', 'Nora', 'To wait.', 'soon')) as rows(segment, name, goals, updated_at)"
    )
    assert mart_project.query(personas) == [("new_users", "Nadia", None, "To end.", None)]
    assert mart_project.query("select count(*) from marts.persona_quotes") == [(0,)]
