"""Experiments: first exposures, windows and segments by hand; comparisons against scipy, statsmodels and tea-tasting."""

from __future__ import annotations

import json
import math
from collections import defaultdict
from datetime import date, datetime, timedelta
from typing import Any

import numpy as np
import pandas as pd
import pytest
import tea_tasting as tt
from scipy import stats
from statsmodels.api import OLS
from statsmodels.stats.meta_analysis import combine_effects
from statsmodels.stats.multitest import multipletests
from statsmodels.stats.proportion import confint_proportions_2indep, proportion_effectsize

from made_up_experiments import DATA_THROUGH, MARTS, SUNDAYS, assignment, company, cr2, fill_upstream, marts_of, with_history
from mart_project import MartProject
from registries import project_variables
from render_macros import loaded_macros, macro_texts
from warehouse import ROOT, SAMPLE, Warehouse

TRUTHS = json.loads((SAMPLE / "truths.json").read_text(encoding="utf-8"))["truths"]["experiment"]
ALPHA = 0.05
PLANNED = 1000
MIN_USERS = 10
WINDOW = timedelta(days=28)
METRICS = {
    # name: kind, outcome, covariate, each of one row of experiment_users
    "active_days": ("mean", lambda row: row.active_days, lambda row: row.active_days_before),
    "retained": (
        "binary",
        lambda row: (row.late_active_days > 0).where(row.late_active_days.notna()).astype(float),
        lambda row: row.late_active_days_before,
    ),
    "revenue": ("mean", lambda row: row.revenue, lambda row: row.revenue_before),
    "nps": ("mean", lambda row: row.nps, lambda row: row.nps_before),
    "csat": ("mean", lambda row: row.csat, lambda row: row.csat_before),
    "tickets": ("mean", lambda row: row.tickets, lambda row: row.tickets_before),
    "active": (
        "binary",
        lambda row: (row.active_days > 0).where(row.active_days.notna()).astype(float),
        lambda row: row.active_days_before,
    ),
    "events": ("mean", lambda row: row.events, lambda row: row.events_before),
    "sessions": ("mean", lambda row: row.sessions, lambda row: row.sessions_before),
    "converted": (
        "binary",
        lambda row: (row.conversions > 0).where(row.conversions.notna()).astype(float),
        lambda row: row.active_days_before,
    ),
}


def close(one: Any, other: Any, tolerance: float = 1e-9) -> bool:
    """The same number; NULL and NaN equal only each other."""
    if pd.isna(one) or pd.isna(other):
        return bool(pd.isna(one) and pd.isna(other))
    return math.isclose(one, other, rel_tol=tolerance, abs_tol=tolerance)


# ---------------------------------------------------------------------------------------------------
# The sample
# ---------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def sample_results(sample_warehouse: Warehouse) -> dict[tuple[str, str], dict[str, Any]]:
    rows = sample_warehouse.records("select * from marts.experiment_results")
    assert {(row["experiment"], row["variant"], row["control_variant"]) for row in rows} == {("guided_setup", "treatment", "control")}
    return {(row["segment"], row["metric"]): row for row in rows}


@pytest.mark.parametrize(("segment", "group"), [("small_companies", "under_50"), ("enterprise_companies", "1000_plus")])
def test_the_planted_effect_lies_in_every_interval(sample_results: dict, segment: str, group: str) -> None:
    row = sample_results[segment, "active_days"]
    truth = TRUTHS["realized"][group]["true_effect_on_mean_active_days"]
    assert row["difference_lower"] < truth < row["difference_upper"]
    assert row["cuped_difference_lower"] < truth < row["cuped_difference_upper"]
    assert row["always_valid_lower"] < truth < row["always_valid_upper"]
    assert not row["is_sample_ratio_mismatch"]
    # The truths were measured on all who were assigned, before the four who saw both variants are dropped.
    for name, mean, n in [("treatment", "mean", "n"), ("control", "baseline_mean", "baseline_n")]:
        arm = TRUTHS["realized"][group][name]
        assert arm["n"] - 2 <= row[n] <= arm["n"]
        assert row[mean] == pytest.approx(arm["mean"], abs=0.05)


def test_the_effect_is_found_for_small_companies_and_not_for_enterprises(sample_results: dict) -> None:
    small, enterprise = sample_results["small_companies", "active_days"], sample_results["enterprise_companies", "active_days"]
    assert small["difference_lower"] > 0 and small["q_value"] < 0.1
    assert enterprise["difference_lower"] < 0 < enterprise["difference_upper"] and enterprise["q_value"] > 0.5
    # Not more than chance, once one has looked at 25 segments and 5 metrics: 284 users of one effect, 130 of another.
    assert small["interaction_p_value"] < 0.05 < small["interaction_q_value"]
    assert 0 < small["shrunken_difference"] < small["difference"]


def test_the_sample_drops_four_users_and_has_the_planned_shares(sample_warehouse: Warehouse, sample_results: dict) -> None:
    checks = {row["segment"]: row for row in sample_warehouse.records("select * from marts.experiment_checks")}
    everybody = checks["__all__"]
    assert everybody["dropped_users"] == TRUTHS["users_with_both_variants"] == 4
    assert everybody["assigned_users"] == sum(
        arm["n"] for group in TRUTHS["realized"].values() for arm in group.values() if isinstance(arm, dict)
    )
    assert everybody["unobserved_users"] == 0 and everybody["users"] == 540
    assert not any(row["is_sample_ratio_mismatch"] for row in checks.values())
    row = sample_results["__all__", "active_days"]
    assert (row["n"] + row["baseline_n"], row["dropped_users"], row["is_reversed"]) == (540, 4, False)
    assert row["heterogeneity_segments"] == 5


def test_the_sample_equals_a_recomputation_from_its_events(sample_warehouse: Warehouse) -> None:
    """From the staged rows in plain Python: no window, first exposure or segment is taken from the marts."""
    seen = defaultdict(list)
    for variant, user, moment in sample_warehouse.query("select variant, user_id, assigned_at from staging.stg_experiment_assignments"):
        seen[user].append((moment, variant))
    days, upgrades = defaultdict(set), defaultdict(int)
    events = defaultdict(list)
    for user, name, moment, is_human in sample_warehouse.query(
        "select user_id, event_name, occurred_at, is_human from activity.user_events"
    ):
        events[user].append((name, moment.date(), is_human))
    members = defaultdict(set)
    for user, segment, day in sample_warehouse.query("select user_id, segment, as_of_date from marts.user_segments"):
        members[user, day].add(segment)
    dates = [day for (day,) in sample_warehouse.query("select as_of_date from activity.as_of_dates")]
    found = defaultdict(list)
    for user, exposures in seen.items():
        if len({variant for _, variant in exposures}) > 1:
            continue
        moment, variant = min(exposures)
        day = moment.date()
        window = [event for event in events[user] if timedelta(0) < event[1] - day <= WINDOW]
        days = len({when for _, when, is_human in window if is_human})
        upgrades = sum(name == "upgrade_requested" for name, _, _ in window)
        for segment in {"__all__"} | members[user, max(when for when in dates if when < day)]:
            found[variant, segment].append((days, sum(is_human for _, _, is_human in window), upgrades > 0))
    compared = 0
    for row in sample_warehouse.records("select * from marts.experiment_outcomes where metric in ('active_days', 'events', 'converted')"):
        values = [user[("active_days", "events", "converted").index(row["metric"])] for user in found[row["variant"], row["segment"]]]
        assert (row["n"], row["total"]) == (len(values), sum(values)), row
        compared += len(values)
    assert compared > 5000


# ---------------------------------------------------------------------------------------------------
# Users: windows, exposures, segments
# ---------------------------------------------------------------------------------------------------

SHARES = {
    "planned": {"control": 0.2, "treatment": 0.8},
    "unplanned": {"control": 0.5, "treatment": 0.5},
    "nobody_in_it": {"control": 1.0},
    "held_out_of_plan": {"control": 0.5, "treatment": 0.5},
    "case_with_plan": {"control": 0.5, "test": 0.5},
    "held_out_in_plan": {"control": 0.3, "treatment": 0.6, "holdout": 0.1},
}
# What is set here is set against what the assignments look like.
UNITS = {"set_to_user": "user", "set_to_account": "account"}
# Role and margin of a metric in one experiment, where they differ from the registry's.
ROLES = {
    "three_arms": {"tickets": {"margin": 0.9}, "active": {"role": "secondary"}, "events": {"role": "guardrail", "margin": 0.3}},
    "planned": {"tickets": {"margin": 0.01}, "csat": {"role": "primary"}},
}


@pytest.fixture(scope="module")
def project(mart_project: MartProject) -> MartProject:
    """With all variables set before the first run: dbt parses once."""
    mart_project.configure(
        experiment_expected_shares=SHARES,
        control_variants=["control", "global_holdout"],
        holdout_variants=["holdout", "global_holdout", "holdout-7", "of_no_experiment"],
        randomization_unit=UNITS,
        experiment_metrics=ROLES,
    )
    return mart_project


def a_day(user: str, day: str, known: str | None = None, events: int = 3, first: bool = True) -> dict:
    return {
        "user_id": user,
        "event_date": date.fromisoformat(day),
        "known_date": date.fromisoformat(known or day),
        "events": events,
        "sessions": 1,
        "is_first_known": first,
    }


def test_windows_segments_and_first_exposures(project: MartProject) -> None:
    first, second, third = SUNDAYS
    fill_upstream(
        project,
        {
            ("monday", first): ("p1", {"m1"}),
            ("monday", second): ("p2", set()),
            ("sunday", first): ("p1", set()),
            ("sunday", second): ("p2", {"m2"}),
            ("early", first): ("p1", set()),
            ("joined", second): ("p1", set()),
            ("segmentless", first): (None, set()),
            ("twice", first): ("p1", set()),
            ("twice", second): ("p2", set()),
            ("both", first): ("p3", set()),
            ("late", third): ("p1", set()),
        },
        user_assignments=[
            assignment("monday", "2026-03-02T09:00:00"),
            assignment("sunday", "2026-03-08T23:59:59"),  # on an as_of_date: the one before it counts
            assignment("early", "2026-03-01T12:00:00"),  # no as_of_date strictly before
            assignment("joined", "2026-03-04T12:00:00"),  # in the population only later
            assignment("segmentless", "2026-03-04T12:00:00"),
            assignment("unknown", "2026-03-04T12:00:00"),
            assignment("twice", "2026-03-11T12:00:00"),
            assignment("twice", "2026-03-04T12:00:00"),
            assignment("both", "2026-03-04T12:00:00", "treatment"),
            assignment("both", "2026-03-20T12:00:00"),
            assignment("late", "2026-06-02T00:00:00"),  # day 28 is data_through: observed
            assignment("later", "2026-06-03T00:00:00"),  # day 28 is the day after
            assignment("future", "2026-07-01T00:00:00"),  # not known yet
            assignment("monday", "2026-07-01T00:00:00", "treatment"),  # nor is this second variant
        ],
        user_accounts=[
            {"user_id": user, "account_id": account, "valid_from_date": start, "valid_to_date": end}
            for user, account, start, end in [
                ("monday", "a1", None, date(2026, 3, 10)),  # the account of the day of the assignment
                ("monday", "a2", date(2026, 3, 10), None),
                ("colleague", "a1", None, None),
                ("gone", "a1", None, None),
                ("later_colleague", "a1", None, None),
                ("both", None, None, None),
            ]
        ],
        stg_users=[
            {"user_id": user, "signed_up_at": datetime.fromisoformat(since), "deleted_at": until and datetime.fromisoformat(until)}
            for user, since, until in [
                ("monday", "2026-01-01", None),
                ("colleague", "2026-03-02", None),
                ("gone", "2026-01-01", "2026-03-02"),
                ("later_colleague", "2026-03-03", None),
            ]
        ],
        stg_invoices=[
            {"account_id": account, "amount": amount, "currency": currency, "paid_at": datetime.fromisoformat(moment)}
            for account, amount, currency, moment in [
                ("a1", 7, "USD", "2026-03-01T12:00:00"),
                ("a1", 1000, "USD", "2026-03-02T12:00:00"),  # the day itself
                ("a1", 100, "USD", "2026-03-03T00:00:00"),
                ("a1", 100, "EUR", "2026-03-30T23:59:59"),
                ("a1", 1000, "USD", "2026-03-31T00:00:00"),
                ("a2", 1000, "USD", "2026-03-12T12:00:00"),
            ]
        ],
        stg_support_tickets=[
            {"ticket_id": moment, "user_id": "monday", "created_at": datetime.fromisoformat(moment)}
            for moment in (
                "2026-02-01T10:00:00",
                "2026-02-02T10:00:00",
                "2026-03-02T10:00:00",
                "2026-03-30T10:00:00",
                "2026-03-31T10:00:00",
            )
        ],
        stg_survey_responses=[
            {
                "response_id": moment,
                "user_id": user,
                "instrument": instrument,
                "score": score,
                "responded_at": datetime.fromisoformat(moment),
            }
            for user, instrument, score, moment in [
                ("monday", "nps", 10, "2026-02-20T10:00:00"),
                ("monday", "nps", 3, "2026-03-02T10:00:00"),  # the day itself
                ("monday", "nps", 3, "2026-03-05T10:00:00"),
                ("monday", "nps", 8, "2026-03-30T10:00:00"),  # the last one within
                ("monday", "nps", 10, "2026-03-31T10:00:00"),
                ("monday", "csat", 4, "2026-03-06T10:00:00"),
                ("later", "nps", 9, "2026-06-05T10:00:00"),  # the window is not over
            ]
        ],
        user_days=[
            a_day("monday", "2026-01-31"),
            a_day("monday", "2026-02-01"),  # 30 and 29 days before: too early
            a_day("monday", "2026-02-02"),
            a_day("monday", "2026-03-01"),  # 28 days and 1 day before
            a_day("monday", "2026-03-02"),  # the day itself
            a_day("monday", "2026-03-03"),
            a_day("monday", "2026-03-30"),  # days 1 and 28
            a_day("monday", "2026-03-31"),  # day 29
            a_day("monday", "2026-02-20", known="2026-03-02"),  # linked on the day of the assignment: not known before it
            a_day("monday", "2026-03-10", known="2026-03-30"),
            a_day("monday", "2026-03-10", known="2026-03-20", first=False),
            a_day("monday", "2026-03-12", known="2026-03-31"),  # linked after the window
            a_day("later", "2026-06-04"),
        ],
        user_event_days=[
            {"user_id": user, "event_name": name, "events": 2, "event_date": day, "known_date": day}
            for user, name, day in [
                ("monday", "upgrade_requested", date(2026, 3, 2)),
                ("monday", "upgrade_requested", date(2026, 3, 30)),
                ("monday", "page_viewed", date(2026, 3, 10)),
                ("sunday", "upgrade_requested", date(2026, 4, 6)),
            ]
        ],
    )
    project.run_models(*MARTS)
    users = project.frame("select * from marts.experiment_users").set_index("user_id")
    assert set(users.index) == {"monday", "sunday", "early", "joined", "segmentless", "twice", "both", "late", "later"}
    monday = users.loc["monday"]
    assert (monday.active_days, monday.events, monday.sessions, monday.conversions) == (3, 12, 4, 2)
    assert (monday.active_days_before, monday.events_before, monday.sessions_before) == (2, 6, 2)
    assert monday.window_end_date.date() == date(2026, 3, 30)
    assert (monday.late_active_days, monday.late_active_days_before) == (1, 1)
    assert (monday.tickets, monday.tickets_before) == (1, 1)
    assert (monday.nps, monday.nps_before, monday.csat) == (0, 100, 4) and pd.isna(monday.csat_before)
    # Two users on the day: who was deleted on it is none, nor is who signed up after it.
    assert monday.account_id == "a1" and close(monday.revenue, (100 + 108) / 2) and close(monday.revenue_before, 3.5)
    assert users.loc["both"].revenue == 0 and pd.isna(users.loc["later"].revenue) and pd.isna(users.loc["later"].nps)
    assert users.loc["sunday"].conversions == 0 and users.loc["late"].conversions == 0

    as_of = {user: None if pd.isna(day) else day.date() for user, day in users.segment_as_of.items()}
    assert (as_of["monday"], as_of["sunday"], as_of["early"], as_of["twice"], as_of["late"]) == (first, first, None, first, third)
    primary = users.lifecycle_segment
    assert (primary["monday"], primary["sunday"], primary["twice"], primary["both"]) == ("p1", "p1", "p1", "p3")
    assert all(primary[user] == "__no_history__" and not users.has_history[user] for user in ("early", "joined", "later"))
    assert pd.isna(primary["segmentless"]) and users.has_history["segmentless"]
    assert users.assigned_at["twice"] == datetime(2026, 3, 4, 12)

    assert set(users.index[users.has_several_variants]) == {"both"} and users.variant["both"] == "treatment"
    assert set(users.index[~users.is_observed]) == {"later"}
    outcomes = ["active_days", "events", "sessions", "conversions"]
    assert users.loc["later", outcomes].isna().all() and users.drop("later")[outcomes].notna().all().all()

    checks = project.frame("select * from marts.experiment_checks").set_index("segment")
    counts = ["assigned_users", "dropped_users", "unobserved_users", "users"]
    assert checks.loc["__all__", counts].tolist() == [9, 1, 1, 8] and checks.loc["__all__", "unknown_users"] == 1
    assert checks.loc["__no_history__", counts].tolist() == [3, 0, 1, 3]
    assert checks.loc["p1", counts].tolist() == [4, 0, 0, 4]
    assert checks.loc["p2", counts].tolist() == checks.loc["m2", counts].tolist() == [0, 0, 0, 0]
    assert checks.loc["m1", counts].tolist() == [1, 0, 0, 1] and checks.loc["p3", counts].tolist() == [1, 1, 0, 0]
    assert pd.isna(checks.is_sample_ratio_mismatch["nobody"]) and checks.users["nobody"] == 0


# ---------------------------------------------------------------------------------------------------
# Comparisons
# ---------------------------------------------------------------------------------------------------


def drawn_users(rng: np.random.Generator, experiment: str, sizes: dict[str, int], lift: float) -> pd.DataFrame:
    """Use that is heavy-tailed and correlated with what came before, in three disjoint parts and two overlapping segments."""
    variants = np.repeat(list(sizes), list(sizes.values()))
    n = len(variants)
    habit = rng.lognormal(0, 0.8, n)
    treated = (variants != "control") * lift
    primary = rng.choice(["p1", "p2", "p3", "__no_history__"], n, p=[0.5, 0.3, 0.15, 0.05])
    before = rng.poisson(2 * habit)
    active_days = np.minimum(28, rng.poisson(2 * habit * (1 + treated * (primary == "p1"))))
    return pd.DataFrame(
        {
            "experiment": experiment,
            "user_id": [f"{experiment}{place}" for place in range(n)],
            "variant": variants,
            "lifecycle_segment": primary,
            "active_days": active_days.astype(float),
            "active_days_before": before,
            "events": np.floor(active_days * rng.lognormal(2, 1.2, n)),
            "events_before": np.floor(before * rng.lognormal(2, 1, n)),
            # A source that lacks a value: the user is left out of this metric only.
            "sessions": np.where(rng.random(n) < 0.1, np.nan, active_days * 2.0),
            "sessions_before": before * 2,
            "conversions": (rng.random(n) < 0.08 + 0.08 * treated).astype(float),
            "late_active_days": np.minimum(active_days, rng.poisson(habit)).astype(float),
            "late_active_days_before": np.minimum(before, rng.poisson(habit)),
            "revenue": np.where(rng.random(n) < 0.3, rng.lognormal(3, 0.7, n), 0.0),
            "revenue_before": np.where(rng.random(n) < 0.3, rng.lognormal(3, 0.7, n), 0.0),
            "nps": np.where(rng.random(n) < 0.4, rng.choice([-100.0, 0, 100], n), np.nan),
            "nps_before": np.where(rng.random(n) < 0.3, rng.choice([-100.0, 0, 100], n), np.nan),
            "csat": rng.choice([3.0, 5], n, p=[0.3, 0.7]),
            "csat_before": np.nan,
            "tickets": rng.poisson(0.3, n).astype(float),
            "tickets_before": rng.poisson(0.3, n),
            "m1": rng.random(n) < 0.4,
            "m2": (before > 2) & (primary != "__no_history__"),
        }
    )


def rows_of(
    experiment: str, variant: str, count: int, primary: str = "p1", active_days: float = 1, conversions: float = 0, before: int = 0
) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "experiment": experiment,
            "user_id": [f"{experiment}{variant}{primary}{conversions}{active_days}{place}" for place in range(count)],
            "variant": variant,
            "lifecycle_segment": primary,
            "active_days": float(active_days),
            "active_days_before": before,
            "events": active_days * 3.0,
            "events_before": 0,
            "sessions": 1.0,
            "sessions_before": 0,
            "conversions": float(conversions),
            "m1": False,
            "m2": False,
        },
        index=range(count),
    )


def kidney_stones() -> pd.DataFrame:
    """Charig et al. (1986): the treatment is better for small stones and for large ones, and worse for all of them."""
    table = [("treatment", "p1", 81, 87), ("treatment", "p2", 192, 263), ("control", "p1", 234, 270), ("control", "p2", 55, 80)]
    return pd.concat(
        [
            rows_of("simpson", variant, count, primary, conversions=converted)
            for variant, primary, cured, n in table
            for converted, count in ((1, cured), (0, n - cured))
        ]
    )


def made_up_users() -> pd.DataFrame:
    rng = np.random.default_rng(5)
    users = pd.concat(
        [
            drawn_users(rng, "three_arms", {"control": 420, "b": 400, "c": 310}, 0.5),
            drawn_users(rng, "planned", {"control": 100, "treatment": 400}, 0.0),
            drawn_users(rng, "small", {"control": 14, "treatment": 12}, 0.0),
            kidney_stones(),
            # Two users of one variant and one of the other; everybody equal; one variant; no control; the control alone.
            rows_of("one_user", "control", 1),
            rows_of("one_user", "treatment", 1, active_days=5),
            rows_of("one_user", "treatment", 1),
            rows_of("all_equal", "control", 20, before=3),
            rows_of("all_equal", "treatment", 25, before=3),
            rows_of("equal_within", "control", 20),
            rows_of("equal_within", "treatment", 25, active_days=4),
            rows_of("one_variant", "treatment", 5),
            rows_of("only_control", "control", 5),
            rows_of("no_control", "a", 30),
            rows_of("no_control", "b", 30),
            rows_of("unplanned", "control", 20),
            rows_of("unplanned", "treatment", 20),
            rows_of("unplanned", "other", 1),
            rows_of("all_dropped", "control", 10),
            rows_of("running", "control", 10),
            rows_of("running", "treatment", 10),
        ],
        ignore_index=True,
    )
    users["has_several_variants"] = users.experiment == "all_dropped"
    users["is_observed"] = users.experiment != "running"
    users.loc[~users.is_observed, ["active_days", "events", "sessions", "conversions"]] = np.nan
    return with_history(users)


@pytest.fixture(scope="module")
def users() -> pd.DataFrame:
    return made_up_users()


@pytest.fixture(scope="module")
def made_up(project: MartProject, users: pd.DataFrame) -> dict[str, pd.DataFrame]:
    """The marts on made-up users: name -> rows."""
    return marts_of(project, users, [assignment("all_droppedcontrol", "2026-03-03T12:00:00", "treatment", "all_dropped")])


def members(users: pd.DataFrame, segment: str) -> pd.Series:
    if segment == "__all__":
        return pd.Series(True, index=users.index)
    if segment in ("m1", "m2"):
        return users[segment]
    return users.lifecycle_segment == segment


def arms_of(users: pd.DataFrame, row: pd.Series) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Outcome y, covariate x and membership s of the users of both arms who can be compared."""
    kind, outcome, covariate = METRICS[row.metric]
    compared = users[(users.experiment == row.experiment) & users.is_observed & ~users.has_several_variants]
    frame = pd.DataFrame(
        {"y": outcome(compared), "x": covariate(compared).astype(float), "s": members(compared, row.segment), "variant": compared.variant}
    ).dropna(subset="y")
    return frame[frame.variant == row.variant], frame[frame.variant == row.control_variant]


def results_with_arms(made_up: dict[str, pd.DataFrame], users: pd.DataFrame):
    """But for the ratio, which has a test of its own; and of what is one more mean or share, only in one experiment."""
    everywhere = ("active_days", "active", "events", "sessions", "converted")
    for row in made_up["experiment_results"].query("metric_kind != 'ratio'").itertuples():
        if row.metric not in everywhere and row.experiment != "three_arms":
            continue
        treated, control = arms_of(users, row)
        yield row, treated, control


def test_every_row_is_there(made_up: dict[str, pd.DataFrame]) -> None:
    results = made_up["experiment_results"]
    compared = {
        ("three_arms", "b"),
        ("three_arms", "c"),
        ("one_variant", "treatment"),
        ("no_control", "a"),
        ("no_control", "b"),
        ("unplanned", "other"),
        *[
            (name, "treatment")
            for name in ("planned", "small", "simpson", "one_user", "all_equal", "equal_within", "unplanned", "all_dropped", "running")
        ],
    }
    segments = {"__all__", "__no_history__", "p1", "p2", "p3", "m1", "m2", "nobody", "untiered"}
    assert set(zip(results.experiment, results.variant)) == compared
    assert len(results) == len(compared) * len(segments) * (len(METRICS) + 1) and set(results.segment) == segments
    assert not np.isinf(results.select_dtypes("number")).any().any()


def test_no_number_is_nan(project: MartProject, made_up: dict[str, pd.DataFrame]) -> None:
    """A frame does not tell NaN from NULL; the table does."""
    for mart in ("experiment_results", "experiment_outcomes", "experiment_checks"):
        doubles = made_up[mart].select_dtypes("float64").columns
        bad = project.frame(f"select count(*) as bad from marts.{mart} where " + " or ".join(f"isnan({name})" for name in doubles))
        assert len(doubles) >= 3 and bad.bad[0] == 0, mart


def test_means_and_differences_equal_scipy(made_up: dict[str, pd.DataFrame], users: pd.DataFrame) -> None:
    tested = defaultdict(int)
    for row, treated, control in results_with_arms(made_up, users):
        one, other = treated.y[treated.s], control.y[control.s]
        assert (row.n, row.baseline_n) == (len(one), len(other)), row
        assert close(row.mean, one.mean()) and close(row.baseline_mean, other.mean())
        assert close(row.standard_deviation, one.std()) and close(row.baseline_standard_deviation, other.std())
        assert close(row.difference, one.mean() - other.mean())
        if len(one) < 2 or len(other) < 2 or (row.metric_kind == "mean" and one.std() + other.std() == 0):
            assert row.quality == "insufficient"
            for column in (
                "difference_lower",
                "difference_upper",
                "p_value",
                "q_value",
                "lift_lower",
                "effect_size",
                "smallest_detectable_difference",
                "cuped_difference",
                "cuped_difference_lower",
                "cuped_p_value",
                "variance_reduction",
                "always_valid_lower",
                "always_valid_p_value",
                "interaction",
                "interaction_lower",
                "interaction_p_value",
                "shrunken_difference",
            ):
                assert pd.isna(getattr(row, column)), (column, row)
            tested["insufficient"] += 1
            continue
        both = np.concatenate([one, other])
        assert (
            close(
                row.smallest_detectable_difference,
                both.std(ddof=1) * math.sqrt(1 / len(one) + 1 / len(other)) * (stats.norm.ppf(0.975) + stats.norm.ppf(0.8)),
            )
            or both.std() == 0
        )
        if row.metric_kind == "binary":
            lower, upper = confint_proportions_2indep(one.sum(), len(one), other.sum(), len(other), method="newcomb", compare="diff")
            assert close(row.difference_lower, lower) and close(row.difference_upper, upper)
            table = [[one.sum(), len(one) - one.sum()], [other.sum(), len(other) - other.sum()]]
            if 0 < both.sum() < len(both):
                chi_square = stats.chi2_contingency(table, correction=False)[0] * (len(both) - 1) / len(both)
                assert close(row.p_value, stats.chi2.sf(chi_square, 1))
            else:
                assert pd.isna(row.p_value) and row.quality == "low_counts"
            assert close(row.effect_size, proportion_effectsize(one.mean(), other.mean()))
            expected = min(len(one), len(other)) * min(both.mean(), 1 - both.mean())
            assert (row.quality == "low_counts") == (expected < 5 - 1e-9)
        else:
            test = stats.ttest_ind(one, other, equal_var=False)
            interval = test.confidence_interval(1 - ALPHA)
            assert close(row.p_value, test.pvalue)
            assert close(row.difference_lower, interval.low) and close(row.difference_upper, interval.high)
            third = stats.moment(one, 3) / len(one) ** 2 - stats.moment(other, 3) / len(other) ** 2
            skew = third / (one.var() / len(one) + other.var() / len(other)) ** 1.5
            assert (row.quality == "skewed") == (abs(skew) > 0.35 and min(len(one), len(other)) >= 30)
        tested[row.metric_kind] += 1
        tested[row.quality] += 1
    assert all(tested[name] > 20 for name in ("mean", "binary", "insufficient", "ok", "small_n", "low_counts")) and tested["skewed"], tested


def test_cuped_equals_tea_tasting(made_up: dict[str, pd.DataFrame], users: pd.DataFrame) -> None:
    tested = 0
    for row, treated, control in results_with_arms(made_up, users):
        if row.quality == "insufficient" or row.metric not in ("active_days", "events", "sessions", "converted"):
            continue
        frame = pd.concat([treated[treated.s], control[control.s]])[["variant", "y", "x"]]
        if frame.x.std() == 0 or frame.y.std() == 0 or row.experiment == "equal_within":
            continue
        metric = tt.Mean("y", covariate="x", equal_var=False, use_t=True, confidence_level=1 - ALPHA)
        with_covariate = tt.Experiment(m=metric).analyze(frame, control=row.control_variant)["m"]
        assert close(row.cuped_difference, with_covariate.effect_size), row
        assert close(row.cuped_p_value, with_covariate.pvalue)
        assert close(row.cuped_difference_lower, with_covariate.effect_size_ci_lower)
        assert close(row.cuped_difference_upper, with_covariate.effect_size_ci_upper)
        # θ is the slope of one line through both arms.
        theta = OLS(frame.y, np.column_stack([np.ones(len(frame)), frame.x])).fit().params.iloc[1]
        adjusted = frame.y - theta * frame.x
        errors = [
            sum(values[frame.variant == variant].var() / (frame.variant == variant).sum() for variant in (row.variant, row.control_variant))
            for values in (adjusted, frame.y)
        ]
        assert close(row.variance_reduction, 1 - errors[0] / errors[1])
        tested += 1
    assert tested > 50
    best = made_up["experiment_results"].query("experiment == 'three_arms' and segment == '__all__' and metric == 'active_days'")
    assert (best.variance_reduction > 0.3).all(), "the covariate is worth something in these data"


def test_a_ratio_equals_tea_tasting(made_up: dict[str, pd.DataFrame], users: pd.DataFrame) -> None:
    tested = 0
    for row in made_up["experiment_results"].query("metric == 'engagement' and quality != 'insufficient'").itertuples():
        compared = users[
            (users.experiment == row.experiment) & users.variant.isin([row.variant, row.control_variant]) & members(users, row.segment)
        ]
        active = compared[compared.active_days > 0]
        metric = tt.RatioOfMeans("events", "active_days", equal_var=False, use_t=True, confidence_level=1 - ALPHA)
        expected = tt.Experiment(m=metric).analyze(active[["variant", "events", "active_days"]], control=row.control_variant)["m"]
        assert row.n + row.baseline_n == len(active)
        assert close(row.mean, expected.treatment) and close(row.baseline_mean, expected.control), row
        assert close(row.difference, expected.effect_size) and close(row.p_value, expected.pvalue)
        assert close(row.difference_lower, expected.effect_size_ci_lower) and close(row.difference_upper, expected.effect_size_ci_upper)
        tested += 1
    assert tested > 10
    best = made_up["experiment_results"].query("metric == 'engagement' and segment == '__all__' and experiment == 'three_arms'")
    assert (best.cuped_p_value.notna()).all() and (best.variance_reduction > -0.02).all()


def test_a_guardrail_is_kept_if_its_bound_lies_within_the_margin(made_up: dict[str, pd.DataFrame]) -> None:
    results = made_up["experiment_results"]
    guardrails = results[results.role == "guardrail"]
    others = results[results.role != "guardrail"]
    assert others.non_inferiority.isna().all() and others.margin.isna().all()
    kept = (guardrails.lift_lower > -guardrails.margin).where(guardrails.direction == "up", guardrails.lift_upper < guardrails.margin)
    kept &= guardrails.quality.isin(["ok", "skewed"])
    assert (guardrails.non_inferiority == kept.map({True: "non_inferior", False: "not_shown"})).all()
    assert set(guardrails.non_inferiority[guardrails.metric == "csat"]) == {"non_inferior", "not_shown"}
    assert set(results.role[results.metric.isin(["active_days", "retained", "converted", "revenue"])]) == {"primary"}


def test_an_experiment_sets_roles_and_margins_of_its_own(made_up: dict[str, pd.DataFrame]) -> None:
    results = made_up["experiment_results"]
    found = {
        (row.experiment, row.metric): (row.role, None if pd.isna(row.margin) else row.margin)
        for row in results[["experiment", "metric", "role", "margin"]].drop_duplicates().itertuples()
    }
    assert len(found) == len(results[["experiment", "metric"]].drop_duplicates()), "one role per experiment and metric"
    for experiment in sorted(set(results.experiment)):
        assert found[experiment, "tickets"] == ("guardrail", {"three_arms": 0.9, "planned": 0.01}.get(experiment, 0.1))
        assert found[experiment, "csat"] == (("primary", None) if experiment == "planned" else ("guardrail", 0.05))
        assert found[experiment, "active"] == ("secondary" if experiment == "three_arms" else "primary", None)
        assert found[experiment, "events"] == (("guardrail", 0.3) if experiment == "three_arms" else ("secondary", None))
    # More events are better: as a guardrail they are kept where they rise.
    rows = results.query("experiment == 'three_arms' and metric == 'events' and segment == '__all__'")
    assert len(rows) == 2 and set(rows.non_inferiority) <= {"non_inferior", "not_shown"} and set(rows.family) == {"overall/guardrail"}


def test_roles_are_those_of_the_registry() -> None:
    macros = loaded_macros(macro_texts(ROOT), project_variables(ROOT))
    registered = {metric["name"]: metric for metric in macros["metrics"]()}
    entries = macros["experiment_metrics"]()
    assert len([entry for entry in entries if "metric" in entry]) >= 9
    for entry in entries:
        if "metric" in entry:
            metric = registered[entry["metric"]]
            assert (entry["role"], entry["direction"], entry["level"]) == (metric["tier"], metric["direction"], metric["level"]), entry[
                "name"
            ]


def test_a_constant_covariate_changes_nothing(made_up: dict[str, pd.DataFrame]) -> None:
    rows = made_up["experiment_results"].query("experiment == 'simpson' and quality != 'insufficient' and p_value.notna()")
    assert len(rows) == 3
    assert np.allclose(rows.cuped_difference, rows.difference) and np.allclose(rows.variance_reduction, 0)


def test_interactions_equal_a_regression_with_robust_errors(made_up: dict[str, pd.DataFrame], users: pd.DataFrame) -> None:
    tested = 0
    for row, treated, control in results_with_arms(made_up, users):
        if row.quality == "insufficient" or row.segment == "__all__":
            assert pd.isna(row.interaction)
            continue
        frame = pd.concat([treated.assign(t=1), control.assign(t=0)])
        cells = [frame.y[(frame.t == t) & (frame.s == s)] for t in (1, 0) for s in (True, False)]
        if min(map(len, cells)) < 2:
            assert pd.isna(row.interaction) and pd.isna(row.interaction_p_value)
            continue
        if sum(cell.var() for cell in cells) == 0:
            continue
        design = np.column_stack([np.ones(len(frame)), frame.t, frame.s, frame.t * frame.s]).astype(float)
        fit = OLS(frame.y.to_numpy(), design).fit(cov_type="HC2")
        parts = [cell.var() / len(cell) for cell in cells]
        df = sum(parts) ** 2 / sum(part**2 / (len(cell) - 1) for part, cell in zip(parts, cells))
        assert close(row.interaction, fit.params[3], 1e-8)
        margin = stats.t.ppf(1 - ALPHA / 2, df) * fit.bse[3]
        assert close(row.interaction_lower, fit.params[3] - margin, 1e-8) and close(row.interaction_upper, fit.params[3] + margin, 1e-8)
        assert close(row.interaction_p_value, 2 * stats.t.sf(abs(fit.params[3] / fit.bse[3]), df), 1e-8)
        tested += 1
    assert tested > 40


def test_q_values_are_corrected_within_each_family(made_up: dict[str, pd.DataFrame]) -> None:
    results = made_up["experiment_results"]
    families = results[results.family.notna()]
    assert all(families.family == families.segment.eq("__all__").map({True: "overall/", False: "segments/"}) + families.role)
    assert (results.family.notna() == results.q_value.notna()).all() and results.family.isna().any()
    tested = 0
    for (_, name), family in results.groupby(["experiment", "family"]):
        counts = ~family.quality.isin(["insufficient", "small_n", "low_counts"])
        for p, q in (("p_value", "q_value"), ("interaction_p_value", "interaction_q_value")):
            inside = counts & family[p].notna()
            assert family.loc[~inside, q].isna().all()
            if inside.any():
                method = "holm" if name.endswith("guardrail") and q == "q_value" else "fdr_bh"
                assert np.allclose(family.loc[inside, q], multipletests(family.loc[inside, p], method=method)[1], rtol=1e-9)
                tested += inside.sum()
    assert tested > 100


def test_heterogeneity_and_shrinkage_equal_statsmodels(made_up: dict[str, pd.DataFrame], users: pd.DataFrame) -> None:
    results = made_up["experiment_results"]
    tested = 0
    for _, rows in results.groupby(["experiment", "variant", "metric"]):
        whole = rows[rows.segment == "__all__"].iloc[0]
        for tier in (["p1", "p2", "p3", "__no_history__"], ["m1", "m2", "nobody", "untiered"]):
            inside = rows[
                rows.segment.isin(tier)
                & (rows[["n", "baseline_n"]].min(axis=1) >= MIN_USERS)
                & ~rows.quality.isin(["insufficient", "low_counts"])
            ]
            others = rows[rows.segment.isin(tier) & ~rows.segment.isin(inside.segment)]
            assert others.shrunken_difference.isna().all()
            if len(inside) < 2:
                assert inside.shrunken_difference.isna().all()
                if "p1" in tier:
                    assert (
                        pd.isna(whole.heterogeneity_q) and pd.isna(whole.heterogeneity_p_value) and pd.isna(whole.heterogeneity_tau_squared)
                    )
                continue
            variances = (inside.standard_deviation**2 / inside.n + inside.baseline_standard_deviation**2 / inside.baseline_n).to_numpy()
            combined = combine_effects(inside.difference.to_numpy(), variances, method_re="chi2")
            tau_squared = max(0.0, combined.tau2)
            weights = 1 / (variances + tau_squared)
            mean = (weights * inside.difference).sum() / weights.sum()
            shrunken = (tau_squared * inside.difference + variances * mean) / (tau_squared + variances)
            assert np.allclose(inside.shrunken_difference, shrunken, rtol=1e-9)
            if "p1" in tier:
                assert whole.heterogeneity_segments == len(inside)
                assert close(whole.heterogeneity_q, combined.q)
                assert close(whole.heterogeneity_p_value, stats.chi2.sf(combined.q, len(inside) - 1))
                assert close(whole.heterogeneity_i_squared, max(0.0, combined.i2))
                assert close(whole.heterogeneity_tau_squared, tau_squared)
            tested += 1
    assert tested > 10
    assert (results.heterogeneity_tau_squared > 0).any() and (results.heterogeneity_tau_squared == 0).any()
    assert results.heterogeneity_q[results.segment != "__all__"].isna().all()


def always_valid_half_width(error: float, n: float) -> float:
    """The formula of STATISTICS.md, written out."""
    rho = math.sqrt((-2 * math.log(ALPHA) + math.log(1 - 2 * math.log(ALPHA))) / PLANNED)
    mixture = n * rho**2
    return error * math.sqrt(n) * math.sqrt(2 * (mixture + 1) * math.log(math.sqrt(mixture + 1) / ALPHA)) / (n * rho)


def test_always_valid_intervals_follow_the_formula(made_up: dict[str, pd.DataFrame]) -> None:
    tested = 0
    for row in made_up["experiment_results"].query("quality != 'insufficient'").itertuples():
        error = math.sqrt(row.standard_deviation**2 / row.n + row.baseline_standard_deviation**2 / row.baseline_n)
        if error == 0:
            assert pd.isna(row.always_valid_lower) and pd.isna(row.always_valid_p_value)
            continue
        half_width = always_valid_half_width(error, row.n + row.baseline_n)
        assert close(row.always_valid_lower, row.difference - half_width) and close(row.always_valid_upper, row.difference + half_width)
        assert (row.always_valid_p_value < ALPHA) == (row.always_valid_lower > 0 or row.always_valid_upper < 0)
        assert row.always_valid_lower < row.difference_lower or row.metric_kind == "binary" or min(row.n, row.baseline_n) < 10
        tested += 1
    assert tested > 50


def test_looking_every_day_misleads_the_fixed_interval_only() -> None:
    """28 looks at 1,000 experiments without an effect, as many users as planned by the last."""
    rng = np.random.default_rng(7)
    looks, per_look, runs = 28, 18, 1000
    values = rng.normal(size=(2, runs, looks * per_look)).cumsum(axis=2)[:, :, per_look - 1 :: per_look]
    n = np.arange(1, looks + 1) * per_look
    difference = values[0] / n - values[1] / n
    error = np.sqrt(2 / n)
    half_widths = np.array([always_valid_half_width(one, 2 * size) for one, size in zip(error, n)])
    fixed = (np.abs(difference) > stats.norm.ppf(1 - ALPHA / 2) * error).any(axis=1).mean()
    always_valid = (np.abs(difference) > half_widths).any(axis=1).mean()
    assert fixed > 0.2 and always_valid < ALPHA


def test_a_reversal_flips_the_sign_and_says_so(made_up: dict[str, pd.DataFrame], users: pd.DataFrame) -> None:
    results = made_up["experiment_results"].query("metric == 'converted'")
    stones = results[results.experiment == "simpson"].set_index("segment")
    assert stones.is_reversed["__all__"] and stones.difference["__all__"] < 0
    assert stones.difference["p1"] > 0 and stones.difference["p2"] > 0 and stones.stratified_difference["__all__"] > 0
    parts = stones.loc[["p1", "p2"]]
    users_of = parts.n + parts.baseline_n
    assert close(stones.stratified_difference["__all__"], (users_of * parts.difference).sum() / users_of.sum())
    variances = parts.standard_deviation**2 / parts.n + parts.baseline_standard_deviation**2 / parts.baseline_n
    margin = stats.norm.ppf(1 - ALPHA / 2) * math.sqrt((users_of**2 * variances).sum()) / users_of.sum()
    assert close(stones.stratified_difference_lower["__all__"], stones.stratified_difference["__all__"] - margin)
    assert close(stones.stratified_difference_upper["__all__"], stones.stratified_difference["__all__"] + margin)
    # The reason: of the small stones few were treated. The check by segment sees it, the overall one does not.
    assert (
        stones.is_sample_ratio_mismatch["p1"] and stones.is_sample_ratio_mismatch["p2"] and not stones.is_sample_ratio_mismatch["__all__"]
    )
    others = made_up["experiment_results"].query("experiment != 'simpson'")
    assert not others.is_reversed[others.is_reversed.notna()].any() and others.is_reversed.notna().any()
    assert made_up["experiment_results"].is_reversed[made_up["experiment_results"].segment != "__all__"].isna().all()


def test_sample_ratios_equal_scipy(made_up: dict[str, pd.DataFrame], users: pd.DataFrame) -> None:
    checks = made_up["experiment_checks"].set_index(["experiment", "segment"])
    kept = users[~users.has_several_variants]
    tested = 0
    for (experiment, segment), row in checks.iterrows():
        inside = kept[(kept.experiment == experiment) & members(kept, segment)]
        assert row.users == len(inside)
        variants = sorted(set(made_up["experiment_variants"].query("experiment == @experiment").variant))
        shares = SHARES.get(experiment, {variant: 1 / len(variants) for variant in variants})
        if experiment == "unplanned" and (inside.variant == "other").any():
            assert row.p_value == 0 and row.is_sample_ratio_mismatch
        elif len(shares) < 2 or not len(inside):
            assert pd.isna(row.p_value) and pd.isna(row.is_sample_ratio_mismatch)
        else:
            observed = [(inside.variant == variant).sum() for variant in shares]
            test = stats.chisquare(observed, [len(inside) * share for share in shares.values()])
            assert close(row.chi_square, test.statistic) and close(row.p_value, test.pvalue), (experiment, segment)
            assert row.is_sample_ratio_mismatch == (test.pvalue < 0.001)
            tested += 1
    assert tested > 20
    assert not checks.is_sample_ratio_mismatch["planned", "__all__"]
    assert checks.dropped_users["all_dropped", "__all__"] == 10 and checks.unobserved_users["running", "__all__"] == 20


def test_experiments_that_cannot_be_compared_say_so(made_up: dict[str, pd.DataFrame]) -> None:
    results, variants = made_up["experiment_results"], made_up["experiment_variants"]
    evidence = dict(zip(variants.experiment, variants.evidence))
    assert (evidence["one_variant"], evidence["only_control"], evidence["no_control"]) == ("one_variant", "one_variant", "no_control")
    assert {evidence[name] for name in ("three_arms", "all_dropped", "running", "simpson")} == {"control"}
    for experiment in ("one_variant", "no_control", "all_dropped", "running", "one_user"):
        rows = results[results.experiment == experiment]
        assert len(rows) and set(rows.quality) == {"insufficient"} and rows.p_value.isna().all() and rows.is_reversed.isna().all()
    running = results.query("experiment == 'running' and segment == '__all__'")
    assert set(running.unobserved_users) == {20} and set(running.n) == {0} and running["mean"].isna().all()
    dropped = results.query("experiment == 'all_dropped' and segment == '__all__'")
    assert set(dropped.dropped_users) == {10} and set(dropped.n) == {0}
    # No spread in either variant, whatever lies between them: nothing that a test could go by.
    for experiment in ("all_equal", "equal_within"):  # noqa: B007  pandas finds it by its name
        rows = results.query("experiment == @experiment and segment == '__all__' and metric in ('active_days', 'events', 'sessions')")
        assert len(rows) == 3 and set(rows.quality) == {"insufficient"} and rows.difference.notna().all()


# ---------------------------------------------------------------------------------------------------
# The unit that was assigned: users or accounts
# ---------------------------------------------------------------------------------------------------

NULL_EXPERIMENTS = 80
ALARM = 0.001


def held_out(experiment: str, *variants: str) -> pd.DataFrame:
    """Arms of 25 users each, and 10 of whom nothing was shown."""
    return pd.concat([rows_of(experiment, variant, 10 if "holdout" in variant else 25) for variant in variants])


def company_experiments() -> pd.DataFrame:
    rng = np.random.default_rng(11)
    users = pd.concat(
        [
            company(rng, "by_account", 90, True, alone=12),
            company(rng, "by_user", 90, False, alone=12),
            company(rng, "same_size", 60, True, sizes=5),
            company(rng, "few_accounts", 26, True, sizes=12),
            company(rng, "found", 300, True, lift=0.8),
            company(rng, "set_to_user", 80, True),
            company(rng, "set_to_account", 80, False),
            held_out("held_out", "control", "treatment", "holdout"),
            held_out("held_out_of_plan", "control", "treatment", "holdout"),
            held_out("held_out_in_plan", "control", "treatment", "holdout"),
            held_out("held_out_twice", "control", "treatment", "holdout", "global_holdout"),
            held_out("holdout_is_control", "treatment", "other", "global_holdout"),
            held_out("control_and_holdout", "control", "holdout"),
            held_out("unnamed_holdout", "control", "treatment", "other_holdout"),
            *[
                rows_of(experiment, variant, count, active_days=count % 4)
                for experiment in ("case", "case_with_plan")
                for variant, count in pd.read_csv(ROOT / "tests/cases/holdout_variant/experiment_assignments.csv")
                .variant.value_counts()
                .items()
            ],
            *[company(rng, f"null_account_{place}", 100, True) for place in range(NULL_EXPERIMENTS)],
            *[company(rng, f"null_user_{place}", 60, False) for place in range(NULL_EXPERIMENTS)],
        ],
        ignore_index=True,
    )
    users["has_several_variants"] = False
    users["is_observed"] = True
    return with_history(users)


@pytest.fixture(scope="module")
def company_users() -> pd.DataFrame:
    return company_experiments()


@pytest.fixture(scope="module")
def companies(project: MartProject, made_up: dict[str, pd.DataFrame], company_users: pd.DataFrame) -> dict[str, pd.DataFrame]:
    """The marts on companies; `made_up` is filled before, in the same tables."""
    users = company_users.assign(assigned_at=datetime(2026, 3, 2, 12), window_end_date=date(2026, 3, 30), last_known_date=date(2026, 3, 30))
    return marts_of(project, users, [])


def account_keys(frame: pd.DataFrame) -> np.ndarray:
    return frame.account_id.fillna(frame.user_id).to_numpy()


def arms_of_company(users: pd.DataFrame, row: Any) -> list[pd.DataFrame]:
    """The users of variant and control in the segment, with outcome y and covariate x."""
    _, outcome, covariate = METRICS[row.metric]
    inside = users[(users.experiment == row.experiment) & members(users, row.segment)]
    frame = inside.assign(y=outcome(inside), x=covariate(inside).astype(float)).dropna(subset="y")
    return [frame[frame.variant == variant] for variant in (row.variant, row.control_variant)]


def test_the_unit_is_found_or_set(companies: dict[str, pd.DataFrame]) -> None:
    variants = companies["experiment_variants"].drop_duplicates("experiment").set_index("experiment")
    unit = variants.randomization_unit
    assert (unit["by_account"], unit["by_user"], unit["set_to_user"], unit["set_to_account"]) == ("account", "user", "user", "account")
    assert variants.undivided_p_value["set_to_user"] < ALARM < variants.undivided_p_value["set_to_account"]
    assert variants.undivided_accounts["by_account"] == variants.shared_accounts["by_account"] > 50
    assert unit["held_out"] == "user" and pd.isna(variants.undivided_p_value["held_out"])
    for drawn in ("account", "user"):
        found = unit[unit.index.str.startswith(f"null_{drawn}_")]
        assert len(found) == NULL_EXPERIMENTS and (found == drawn).mean() > 0.98, drawn
    assert (companies["experiment_results"].randomization_unit == unit[companies["experiment_results"].experiment].to_numpy()).all()


def test_the_chance_of_undivided_accounts_is_what_users_drawn_at_random_give(
    companies: dict[str, pd.DataFrame], company_users: pd.DataFrame
) -> None:
    row = companies["experiment_variants"].drop_duplicates("experiment").set_index("experiment").loc["by_user"]
    users = company_users[company_users.experiment == "by_user"]
    shared = users[users.account_id.notna() & users.duplicated("account_id", keep=False)]
    rng = np.random.default_rng(3)
    drawn = []
    for _ in range(400):
        given = rng.random(len(shared)) < (users.variant == "treatment").mean()
        sums = pd.Series(given).groupby(shared.account_id.to_numpy()).agg(["sum", "size"])
        drawn.append(((sums["sum"] == 0) | (sums["sum"] == sums["size"])).sum())
    assert row.shared_accounts == shared.account_id.nunique()
    assert abs(np.mean(drawn) - row.expected_undivided_accounts) < 4 * np.std(drawn) / 20
    assert (np.array(drawn) >= row.undivided_accounts).mean() <= row.undivided_p_value + 0.05


@pytest.mark.parametrize("experiment", ["by_account", "same_size", "set_to_account", "few_accounts"])
def test_errors_by_account_equal_the_matrices_of_bell_and_mccaffrey(
    companies: dict[str, pd.DataFrame], company_users: pd.DataFrame, experiment: str
) -> None:
    rows = companies["experiment_results"].query("experiment == @experiment and segment in ('__all__', 'm1', 'p1')")
    rows = rows[rows.metric.isin(["active_days", "events", "sessions", "converted", "retained", "revenue"])]
    tests = companies["experiment_tests"].query("experiment == @experiment").set_index(["segment", "metric"])
    compared = 0
    for row in rows.itertuples():
        arms = arms_of_company(company_users, row)
        by_account = [cr2(arm.y.to_numpy(), account_keys(arm)) for arm in arms]
        squared_error = sum(error for error, _ in by_account)
        test = tests.loc[(row.segment, row.metric)]
        assert close(test.squared_error_of_difference, squared_error) and close(row.difference, arms[0].y.mean() - arms[1].y.mean())
        assert [row.accounts, row.baseline_accounts] == [len(set(account_keys(arm))) for arm in arms]
        by_user = sum(arm.y.var() / len(arm) for arm in arms)
        assert close(row.design_effect, squared_error / by_user)
        df = squared_error**2 / sum(error**2 / one for error, one in by_account)
        quantile = stats.t.ppf(1 - ALPHA / 2, df)
        if row.metric_kind == "mean":
            t, p = row.difference / math.sqrt(squared_error), row.p_value
            assert close(row.difference_upper - row.difference, quantile * math.sqrt(squared_error), 1e-8)
        else:
            both = pd.concat(arms).y
            pooled = both.var() * (1 / len(arms[0]) + 1 / len(arms[1]))
            t, p = row.difference / math.sqrt(pooled * row.design_effect), row.p_value
            each = (stats.norm.ppf(1 - ALPHA / 2) / quantile) ** 2 / row.design_effect
            counts = [value * each for arm in arms for value in (arm.y.sum(), len(arm))]
            lower, upper = confint_proportions_2indep(*counts, method="newcomb", compare="diff")
            assert close(row.difference_lower, lower, 1e-8) and close(row.difference_upper, upper, 1e-8)
        if min(row.accounts, row.baseline_accounts) < 20:
            assert pd.isna(p) and pd.isna(row.q_value) and pd.isna(row.cuped_p_value) and pd.isna(row.always_valid_p_value)
            assert row.quality in ("small_n", "low_counts") and not pd.isna(row.difference_lower)
            compared += 1
            continue
        assert close(p, 2 * stats.t.sf(abs(t), df), 1e-8), row
        frame = pd.concat(arms)
        theta = (
            OLS(frame.y, np.column_stack([np.ones(len(frame)), frame.x, frame.variant == row.variant]).astype(float)[:, :2])
            .fit()
            .params.iloc[1]
        )
        adjusted = [cr2((arm.y - theta * arm.x).to_numpy(), account_keys(arm)) for arm in arms]
        error = sum(one for one, _ in adjusted)
        assert close(test.cuped_standard_error, math.sqrt(error), 1e-8)
        df = error**2 / sum(one**2 / freedom for one, freedom in adjusted)
        assert close(row.cuped_p_value, 2 * stats.t.sf(abs(row.cuped_difference / math.sqrt(error)), df), 1e-8)
        compared += 1
    assert compared >= 10


def test_errors_of_accounts_of_one_size_equal_statsmodels(companies: dict[str, pd.DataFrame], company_users: pd.DataFrame) -> None:
    tests = companies["experiment_tests"].query(
        "experiment == 'same_size' and segment == '__all__' and metric in ('active_days', 'active', 'events', 'converted')"
    )
    for row in tests.itertuples():
        errors = []
        for arm in arms_of_company(company_users, row):
            clusters = {"groups": pd.factorize(arm.account_id)[0], "use_correction": True}
            errors.append(OLS(arm.y.to_numpy(), np.ones(len(arm))).fit(cov_type="cluster", cov_kwds=clusters).bse[0] ** 2)
        assert close(row.squared_error_of_difference, sum(errors)), row
    assert len(tests) == 4 and tests.design_effect.max() > 1.5


def test_the_interaction_of_colleagues_on_both_sides_equals_a_clustered_regression(
    companies: dict[str, pd.DataFrame], company_users: pd.DataFrame
) -> None:
    metrics, tested = ["active_days", "active", "events", "sessions", "converted"], 0  # noqa: F841  pandas finds it by its name
    for row in (
        companies["experiment_tests"]
        .query("experiment == 'by_account' and segment in ('m1', 'p1', 'p2') and metric in @metrics")
        .itertuples()
    ):
        whole = row._replace(segment="__all__")
        error = 0.0
        for arm in arms_of_company(company_users, whole):
            inside = members(arm, row.segment).to_numpy(dtype=float)
            design = np.column_stack([1 - inside, inside])
            clusters = {"groups": pd.factorize(account_keys(arm))[0], "use_correction": False}
            fit = OLS(arm.y.to_numpy(), design).fit(cov_type="cluster", cov_kwds=clusters)
            accounts = len(set(account_keys(arm[inside > 0])))
            error += fit.t_test([-1, 1]).sd.item() ** 2 * accounts / (accounts - 1)
        assert close(row.interaction / (row.interaction / math.sqrt(error)), math.sqrt(error))
        df_row = stats.t.ppf(1 - ALPHA / 2, 1e9)
        assert row.interaction_half_width > df_row * math.sqrt(error) * 0.999
        assert row.interaction_half_width < 1.2 * df_row * math.sqrt(error), row
        p_bounds = [2 * stats.t.sf(abs(row.interaction) / math.sqrt(error), df) for df in (1e9, 8)]
        assert p_bounds[0] <= row.interaction_p_value <= p_bounds[1]
        tested += 1
    assert tested == 15


def test_sample_ratios_count_what_was_assigned(companies: dict[str, pd.DataFrame], company_users: pd.DataFrame) -> None:
    checks = companies["experiment_checks"].set_index(["experiment", "segment"])
    for experiment in ("by_account", "by_user", "set_to_account", "same_size"):
        row = checks.loc[(experiment, "__all__")]
        users = company_users[company_users.experiment == experiment].sort_values("user_id")
        if row.randomization_unit == "account":
            users = users.assign(key=account_keys(users)).drop_duplicates("key")
        counts = users.variant.value_counts()
        assert close(row.p_value, stats.chisquare(counts).pvalue) and close(row.smallest_expected_units, len(users) / 2)
        assert row.accounts == len(set(account_keys(company_users[company_users.experiment == experiment])))


@pytest.mark.parametrize("drawn", ["account", "user"])
def test_experiments_without_an_effect_find_none(companies: dict[str, pd.DataFrame], company_users: pd.DataFrame, drawn: str) -> None:
    """A/A by user and by account: 5 % have a p below 0.05, and the alarm is as rare as it is set. By user, accounts would have it otherwise."""
    results = companies["experiment_results"]
    rows = results[results.experiment.str.startswith(f"null_{drawn}_") & (results.segment == "__all__")]
    rows = rows[rows.metric.isin(["active_days", "converted", "sessions", "engagement", *(["revenue"] if drawn == "account" else [])])]
    for p in ("p_value", "cuped_p_value"):
        for metric, values in rows.groupby("metric")[p]:
            share = (values < 0.05).mean()
            assert values.notna().all() and abs(share - 0.05) <= 3 * math.sqrt(0.05 * 0.95 / NULL_EXPERIMENTS), (metric, p, share)
    checks = companies["experiment_checks"]
    alarms = checks[checks.experiment.str.startswith(f"null_{drawn}_") & (checks.segment == "__all__")].is_sample_ratio_mismatch
    assert alarms.mean() <= ALARM + 3 * math.sqrt(ALARM / NULL_EXPERIMENTS)
    if drawn == "account":
        # What it would be by user: the old way.
        by_user = 2 * stats.norm.sf(abs(rows.difference / np.sqrt((rows.difference_upper - rows.difference) ** 2 / 4 / rows.design_effect)))
        assert (by_user < 0.05).mean() > 0.15 and (rows[rows.metric_kind == "mean"].design_effect > 1.2).mean() > 0.9
        users = company_users[company_users.experiment.str.startswith("null_account_")]
        counts = users.groupby(["experiment", "variant"]).size().unstack()
        assert (stats.chisquare(counts.to_numpy(), axis=1).pvalue < ALARM).mean() > 0.15


def test_what_colleagues_share_is_compared_where_one_variant_did_it(
    companies: dict[str, pd.DataFrame], company_users: pd.DataFrame
) -> None:
    outcomes = companies["experiment_outcomes"].query("segment == '__all__' and metric == 'revenue'").groupby("experiment").n.sum()
    users = company_users[company_users.experiment == "by_user"]
    alone = users.account_id.isna() | ~users.duplicated("account_id", keep=False)
    assert outcomes["by_user"] == alone.sum() < len(users)
    assert outcomes["by_account"] == (company_users.experiment == "by_account").sum()


def test_a_ratio_by_account_equals_a_clustered_regression_of_its_residuals(
    companies: dict[str, pd.DataFrame], company_users: pd.DataFrame
) -> None:
    tests = companies["experiment_tests"].query(
        "metric == 'engagement' and segment == '__all__' and experiment in ('same_size', 'by_account')"
    )
    for row in tests.itertuples():
        plain, corrected = 0.0, 0.0
        for variant in (row.variant, row.control_variant):
            arm = company_users[
                (company_users.experiment == row.experiment) & (company_users.variant == variant) & (company_users.active_days > 0)
            ]
            residuals = arm.events - arm.events.sum() / arm.active_days.sum() * arm.active_days
            sums = residuals.groupby(account_keys(arm)).sum() / arm.active_days.sum()
            shares = arm.active_days.groupby(account_keys(arm)).sum() / arm.active_days.sum()
            plain += (sums**2).sum()
            corrected += (sums**2 / (1 - shares)).sum()
        assert close(row.squared_error_of_difference, corrected) and 1 < corrected / plain < 1.2
        assert row.design_effect > 1.2
    assert len(tests) == 2


def test_an_effect_of_accounts_is_found(companies: dict[str, pd.DataFrame]) -> None:
    row = companies["experiment_results"].query("experiment == 'found' and segment == '__all__' and metric == 'active_days'").iloc[0]
    assert row.randomization_unit == "account" and row.difference_lower > 0 and row.q_value < 0.05 and row.design_effect > 1.5


@pytest.fixture(scope="module")
def curves(project: MartProject, companies: dict[str, pd.DataFrame], company_users: pd.DataFrame) -> dict[str, pd.DataFrame]:
    """The marts by day, where each user is active on the first days of the window and does everything on the first of them."""
    users = company_users[company_users.experiment.isin(["by_account", "by_user", "same_size", "held_out"])]
    days = users.loc[users.index.repeat(users.active_days.astype(int))]
    place = days.groupby("user_id").cumcount()
    first = pd.Timestamp(2026, 3, 3)
    rows = pd.DataFrame(
        {
            "user_id": days.user_id,
            "event_date": first + pd.to_timedelta(place, unit="D"),
            "known_date": first + pd.to_timedelta(place, unit="D"),
            "events": days.events.where(place == 0, 0).astype(int),
            "sessions": 1,
            "is_first_known": True,
        }
    )
    outside = rows.assign(event_date=pd.Timestamp(2026, 3, 31), known_date=pd.Timestamp(2026, 3, 31))
    late = rows.assign(known_date=pd.Timestamp(2026, 3, 31))
    project.fill("activity.user_days", pd.concat([rows, outside, late]))
    project.run_models("experiment_days", "experiment_timeline")
    return {mart: project.frame(f"select * from marts.{mart}") for mart in ("experiment_days", "experiment_timeline")}


def test_the_days_of_a_window_end_in_its_result(
    curves: dict[str, pd.DataFrame], companies: dict[str, pd.DataFrame], company_users: pd.DataFrame
) -> None:
    days = curves["experiment_days"].query("variant == 'treatment'").set_index(["experiment", "metric", "span", "day_number"]).sort_index()
    results = (
        companies["experiment_results"]
        .query("segment == '__all__' and variant == 'treatment'")
        .set_index(["experiment", "metric"])
        .sort_index()
    )
    for experiment in ("by_account", "by_user", "same_size"):
        for metric in ("active_days", "events"):
            last, whole = days.loc[(experiment, metric, "through_day", 28)], results.loc[(experiment, metric)]
            for column in ("n", "baseline_n", "mean", "baseline_mean", "difference", "difference_lower", "difference_upper"):
                assert close(last[column], whole[column]), (experiment, metric, column)
            assert close(last.always_valid_lower, whole.always_valid_lower) and close(last.always_valid_upper, whole.always_valid_upper)
        arms = [
            company_users[(company_users.experiment == experiment) & (company_users.variant == name)] for name in ("treatment", "control")
        ]
        for day in (1, 2, 5, 28):
            on_day = [(arm.active_days >= day).astype(float) for arm in arms]
            row = days.loc[(experiment, "active_days", "on_day", day)]
            assert close(row["mean"], on_day[0].mean()) and close(row.baseline_mean, on_day[1].mean()) and pd.isna(row.always_valid_lower)
            error = sum(
                cr2(values.to_numpy(), account_keys(arm) if experiment != "by_user" else arm.user_id.to_numpy())[0]
                for values, arm in zip(on_day, arms)
            )
            assert error < 1e-9 or 1.9 < (row.difference_upper - row.difference) / math.sqrt(error) < 2.3
            through = [np.minimum(arm.active_days, day).mean() for arm in arms]
            assert close(days.loc[(experiment, "active_days", "through_day", day)].difference, through[0] - through[1])
    assert set(curves["experiment_days"].day_number) == set(range(1, 29)) and len(days.loc["by_user"]) == 3 * 2 * 28


def test_the_timeline_ends_in_the_result_and_counts_who_came_in(
    curves: dict[str, pd.DataFrame], companies: dict[str, pd.DataFrame]
) -> None:
    timeline = curves["experiment_timeline"].set_index(["experiment", "variant", "metric", "result_date"]).sort_index()
    results = companies["experiment_results"].query("segment == '__all__'").set_index(["experiment", "variant", "metric"]).sort_index()
    first, end = pd.Timestamp(2026, 3, 2), pd.Timestamp(2026, 3, 30)
    for key in [("by_user", "treatment"), ("same_size", "treatment"), ("held_out", "treatment")]:
        for metric in ("active_days", "converted", "sessions"):
            last, whole = timeline.loc[(*key, metric, end)], results.loc[(*key, metric)]
            if key[0] != "held_out":
                for column in ("n", "baseline_n", "mean", "baseline_mean", "difference"):
                    assert close(last[column], whole[column]), (key, metric, column)
                if metric != "sessions" or key[0] == "by_user":
                    assert close(last.always_valid_lower, whole.always_valid_lower) and close(
                        last.always_valid_upper, whole.always_valid_upper
                    )
            start = timeline.loc[(*key, metric, first)]
            assert (
                (start.exposed_users, start.n) == (start.cumulative_exposed_users, 0) and pd.isna(start["mean"]) and last.exposed_users == 0
            )
    ratio = timeline.loc[("by_user", "treatment", "engagement", end)]
    assert close(ratio.difference, results.loc[("by_user", "treatment", "engagement")].difference)
    assert ("control_and_holdout", "control") not in set(timeline.index.droplevel([2, 3]))


@pytest.mark.long
def test_the_timeline_is_the_result_as_it_was_on_each_date(project: MartProject, companies: dict[str, pd.DataFrame]) -> None:
    """Two colleagues whose windows end on different days: their account counts as one from the second on."""
    rng = np.random.default_rng(4)
    users = company(rng, "in_turn", 80, True)
    shift = rng.integers(0, 12, len(users))
    starts = pd.Timestamp(2026, 3, 2, 12) + pd.to_timedelta(shift, unit="D")
    frame = with_history(users.assign(has_several_variants=False, is_observed=True))
    ends = (starts + pd.Timedelta(days=28)).normalize()
    project.fill(
        "marts.experiment_users",
        frame.drop(columns=["m1", "m2"]).assign(
            assigned_at=starts, window_end_date=ends, last_known_date=ends, as_of_date=DATA_THROUGH, data_through=DATA_THROUGH
        ),
    )
    project.fill(
        "activity.user_assignments", [assignment(row.user_id, "2026-03-02T12:00:00", row.variant, "in_turn") for row in frame.itertuples()]
    )
    project.run_models("experiment_variants", "experiment_timeline")
    timeline = project.frame("select * from marts.experiment_timeline where metric = 'active_days'").set_index("result_date").sort_index()
    for day in (ends.min(), ends.min() + pd.Timedelta(days=4), ends.max()):
        row, error = timeline.loc[day], 0.0
        done = frame[ends <= day]
        for variant in ("treatment", "control"):
            arm = done[done.variant == variant]
            sums = (arm.active_days - arm.active_days.mean()).groupby(account_keys(arm)).sum() / len(arm)
            error += (sums**2).sum() * len(sums) / (len(sums) - 1)
        assert row.n + row.baseline_n == len(done) and row.exposed_users + row.baseline_exposed_users == 0
        if min(done[done.variant == variant].account_id.nunique() for variant in ("treatment", "control")) >= 20:
            assert close(row.always_valid_upper - row.difference, always_valid_half_width(math.sqrt(error), len(done)))
    assert timeline.always_valid_lower.notna().any() and timeline.exposed_users.sum() == (frame.variant == "treatment").sum()


def test_colleagues_in_different_variants_are_counted(companies: dict[str, pd.DataFrame], company_users: pd.DataFrame) -> None:
    checks = companies["experiment_checks"].set_index(["experiment", "segment"])
    for experiment in ("by_user", "by_account", "set_to_account"):
        users = company_users[company_users.experiment == experiment]
        mixed = users[users.account_id.notna()].groupby("account_id").variant.nunique()
        expected = users.account_id.isin(mixed[mixed > 1].index)
        for segment in ("__all__", "p1", "m1"):
            row = checks.loc[(experiment, segment)]
            inside = members(users, segment)
            assert row.interfered_users == (expected & inside).sum() and close(
                row.interfered_share, (expected & inside).sum() / inside.sum()
            )
    assert checks.interference["by_user", "__all__"] == "high" and checks.interference["by_account", "__all__"] == "none"
    assert checks.interference["held_out", "__all__"] == "none" and pd.isna(checks.interference["held_out", "nobody"])


def test_who_is_held_out_is_no_variant(companies: dict[str, pd.DataFrame]) -> None:
    """The case holdout_variant: 25 to 25 is no mismatch, whatever the plan says of the 10 who were held out."""
    checks = companies["experiment_checks"].query("segment == '__all__'").set_index("experiment")
    variants = companies["experiment_variants"].set_index(["experiment", "variant"])
    results = companies["experiment_results"].query("segment == '__all__' and metric == 'active'").set_index(["experiment", "variant"])
    for experiment in ("case", "case_with_plan", "held_out", "held_out_of_plan", "held_out_twice", "holdout_is_control"):
        row = checks.loc[experiment]
        assert row.p_value == 1 and not row.is_sample_ratio_mismatch, experiment
        assert row.users - row.holdout_users == 50 and row.holdout_users == (20 if experiment == "held_out_twice" else 10)
    # The plan's shares without the holdout's: 1 to 2.
    assert close(checks.p_value["held_out_in_plan"], stats.chisquare([25, 25], [50 / 3, 100 / 3]).pvalue)
    assert checks.is_sample_ratio_mismatch["unnamed_holdout"] is not None and checks.p_value["unnamed_holdout"] < 0.05
    assert pd.isna(checks.p_value["control_and_holdout"]) and variants.evidence["control_and_holdout", "control"] == "one_variant"
    assert variants.expected_share.isna().tolist() == variants.is_holdout.tolist() and variants.is_holdout.sum() == 9
    assert variants.evidence["holdout_is_control", "other"] == "control" and variants.is_control["holdout_is_control", "global_holdout"]
    compared = {experiment: set(rows.index.get_level_values("variant")) for experiment, rows in results.groupby("experiment")}
    assert compared["held_out"] == compared["held_out_twice"] == {"treatment"} and compared["holdout_is_control"] == {"treatment", "other"}
    assert "control_and_holdout" not in compared and compared["case"] == compared["case_with_plan"] == {"test"}
    assert (results.baseline_n["holdout_is_control", "other"], results.baseline_n["held_out", "treatment"]) == (10, 25)


@pytest.mark.long
def test_without_assignments_there_is_no_row_and_no_error(project: MartProject, made_up: dict[str, pd.DataFrame]) -> None:
    """Also where a plan names an experiment that nobody is in."""
    fill_upstream(project, {})
    marts = (*MARTS, "experiment_days", "experiment_timeline")
    project.run_models(*marts)
    for mart in marts:
        assert len(project.frame(f"select * from marts.{mart}")) == 0, mart


# ---------------------------------------------------------------------------------------------------
# Arguments
# ---------------------------------------------------------------------------------------------------

RULES = [
    ("_always_valid_problems('always_valid_p_value', 0)", ["always_valid_p_value: `planned_users` must be a number above 0, got 0."]),
    ("_always_valid_problems('always_valid_p_value', 1)", []),
]


def test_the_number_of_planned_users_is_checked(macro_project: Warehouse) -> None:
    lines = "\n".join(f"    {{% do found.append(segmentation.{call}) %}}" for call, _ in RULES)
    (macro_project.folder / "macros/tested_rules.sql").write_text(
        "{% macro tested_rules() %}\n    {% set found = [] %}\n" + lines + "\n    {{ print('FOUND ' ~ tojson(found)) }}\n{% endmacro %}\n",
        encoding="utf-8",
    )
    (macro_project.folder / "macros/registries/segments.sql").write_text(
        "{% macro registered_segments() %}{{ return([]) }}{% endmacro %}", encoding="utf-8"
    )
    result = macro_project.run("run-operation", "tested_rules", "--quiet")
    assert result, result.output
    found = json.loads(result.output.split("FOUND ", 1)[1].splitlines()[0])
    assert found == [messages for _, messages in RULES]
