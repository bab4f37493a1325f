"""segment_drivers and what stands beneath it: against pandas on the sample's inputs, and against scipy, statsmodels, scikit-learn
and pysubgroup on the sample and on made-up units."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import math
import re

import numpy as np
import pandas as pd
import pysubgroup
import pytest
from scipy.stats import norm
from sklearn.metrics import roc_auc_score
from statsmodels.stats.contingency_tables import Table2x2
from statsmodels.stats.multitest import multipletests
from statsmodels.stats.proportion import confint_proportions_2indep

from mart_project import MartProject
from warehouse import SAMPLE, Warehouse

THROUGH = dt.date(2026, 10, 21)
TARGETS = ["trial_conversion", "retention", "reactivation", "promotion"]
FEATURE_EVENTS = [
    "project_created",
    "task_completed",
    "comment_added",
    "file_uploaded",
    "teammate_invited",
    "dashboard_viewed",
    "report_created",
    "report_exported",
    "search_performed",
    "integration_connected",
    "automation_created",
]
DISCOVERY_LEVEL, FALSE_DISCOVERY_RATE, MIN_UNITS, PAIRS = 0.1, 0.1, 10, 30


def read(warehouse: Warehouse | MartProject, sql: str) -> pd.DataFrame:
    """The rows of a query; NULL is None or NaN."""
    return pd.DataFrame(warehouse.records(sql))


# --- The units and conditions of the sample -------------------------------------------------------------------------------


def in_discovery(cluster: str) -> bool:
    """The half of an account, or of a user without one."""
    return hashlib.md5(cluster.encode()).hexdigest() < "8"


def test_the_units_of_the_sample_are_those_of_its_inputs(sample_warehouse: Warehouse) -> None:
    found = {(row["target"], row["unit_id"]): row for row in sample_warehouse.records("select * from marts.driver_observations")}
    expected: dict[tuple[str, str], tuple] = {}
    users = {row["user_id"]: row for row in sample_warehouse.records("select * from staging.stg_users")}
    first_event = sample_warehouse.query("select min(event_date) from activity.user_days")[0][0]
    dates = [row[0] for row in sample_warehouse.query("select as_of_date from activity.as_of_dates where is_period_end order by 1")]

    trials: dict[str, list[dict]] = {}
    for row in sample_warehouse.records("select * from staging.stg_subscriptions where trial_ends_at is not null"):
        trials.setdefault(row["account_id"], []).append(row)
    for account, rows in trials.items():
        start = min(row["started_at"] for row in rows).date()
        end = max(row["trial_ends_at"] for row in rows).date()
        converted = min((row["converted_at"].date() for row in rows if row["converted_at"]), default=None)
        anchor = start + dt.timedelta(6)
        signups = [user["signed_up_at"].date() for user in users.values() if user["account_id"] == account]
        if start >= first_event and end <= THROUGH and min(signups) <= anchor and (converted is None or converted > anchor):
            expected["trial_conversion", account] = (converted is not None and converted <= end, account, anchor, end)

    features = read(
        sample_warehouse,
        "select user_id, account_id, as_of_date, active_days_28d, active_days_previous_28d, nps_category from features.user_features",
    )
    days = read(sample_warehouse, "select user_id, event_date from activity.user_days where events > 0")
    anchor = max(date for date in dates if date <= THROUGH - dt.timedelta(28))
    end = anchor + dt.timedelta(28)
    back = set(days.user_id[(days.event_date > anchor) & (days.event_date <= end)])
    at = features[features.as_of_date == anchor]
    for row in at[at.active_days_28d > 0].itertuples():
        expected["retention", row.user_id] = (row.user_id in back, row.account_id or row.user_id, anchor, end)
    # As often as before the fall, and not only once more.
    after = days[(days.event_date > anchor) & (days.event_date <= end)].drop_duplicates().user_id.value_counts()
    fallen = at[(at.active_days_previous_28d > 0) & (2 * at.active_days_28d <= at.active_days_previous_28d)]
    for row in fallen.itertuples():
        recovered = after.get(row.user_id, 0) >= row.active_days_previous_28d
        expected["reactivation", row.user_id] = (recovered, row.account_id or row.user_id, anchor, end)
    assert 0.05 < sum(expected["reactivation", user][0] for user in fallen.user_id) / len(fallen) < 0.5

    anchor = max(date for date in dates if date <= THROUGH - dt.timedelta(182))
    end = anchor + dt.timedelta(182)
    answers = read(sample_warehouse, "select * from staging.stg_survey_responses where instrument = 'nps' and score is not null")
    answers = answers[(answers.responded_at.dt.date > anchor) & (answers.responded_at.dt.date <= end)]
    first = answers.sort_values(["responded_at", "response_id"]).groupby("user_id").score.first()
    at = features[features.as_of_date == anchor]
    for row in at[(at.nps_category != "promoter") & at.user_id.isin(first.index)].itertuples():
        expected["promotion", row.user_id] = (first[row.user_id] >= 9, row.account_id or row.user_id, anchor, end)

    assert found.keys() == expected.keys()
    for key, (outcome, cluster, anchor, end) in expected.items():
        row = found[key]
        assert (row["has_outcome"], row["cluster_id"], row["anchor_date"], row["outcome_through_date"]) == (
            outcome,
            cluster,
            anchor,
            end,
        ), key
        assert row["is_discovery"] == in_discovery(cluster), key
    assert {target for target, _ in found} == set(TARGETS)


def test_nothing_after_the_anchor_is_a_condition(sample_warehouse: Warehouse) -> None:
    assert (
        sample_warehouse.query("""
        select target, count(*) from marts.driver_observations
        where not (conditions_from_date <= anchor_date and coalesce(features_date <= anchor_date, target = 'trial_conversion')
            and anchor_date < outcome_through_date and outcome_through_date <= data_through)
        group by target
    """)
        == []
    )
    units = read(sample_warehouse, "select * from marts.driver_observations")
    events = read(sample_warehouse, "select user_id, event_name, event_date, known_date from activity.user_event_days where is_human")
    events = events[events.event_name.isin(FEATURE_EVENTS)]
    accounts = read(sample_warehouse, "select user_id, account_id from staging.stg_users")
    pairs = []
    for target in TARGETS:
        people = (
            accounts.rename(columns={"account_id": "unit_id"})
            if target == "trial_conversion"
            else accounts.assign(unit_id=accounts.user_id)
        )
        rows = units[units.target == target].merge(people[["unit_id", "user_id"]], on="unit_id").merge(events, on="user_id")
        rows = rows[
            (rows.event_date >= rows.conditions_from_date) & (rows.event_date <= rows.anchor_date) & (rows.known_date <= rows.anchor_date)
        ]
        pairs += [(target, unit, f"performed_{name}") for unit, name in zip(rows.unit_id, rows.event_name)]
    found = sample_warehouse.query("select target, unit_id, driver from marts.driver_conditions where driver like 'performed_%' and is_met")
    assert sorted(found) == sorted(set(pairs)) and len(found) > 1000


def test_segments_attributes_and_amounts_are_those_of_the_features_date(sample_warehouse: Warehouse) -> None:
    """One of each kind; the median is that of the half that searches."""
    in_segment = sample_warehouse.query("""
        select distinct units.target, units.unit_id from marts.driver_observations as units
        inner join staging.stg_users as users on users.account_id = units.unit_id or users.user_id = units.unit_id
        inner join marts.user_segments as members on members.user_id = users.user_id and members.as_of_date = units.features_date
        where members.segment = 'weekly_users' order by all
    """)
    assert in_segment == sample_warehouse.query(
        "select target, unit_id from marts.driver_conditions where driver = 'in_weekly_users' and is_met order by all"
    )
    with_value = sample_warehouse.query("""
        select distinct units.target, units.unit_id from marts.driver_observations as units
        inner join features.user_features as features
            on (features.account_id = units.unit_id or features.user_id = units.unit_id) and features.as_of_date = units.features_date
        where features.company_size = 'small' order by all
    """)
    assert with_value == sample_warehouse.query(
        "select target, unit_id from marts.driver_conditions where driver = 'company_size_small' and is_met order by all"
    )
    amounts = read(
        sample_warehouse,
        """
        select units.target, units.is_discovery, features.tenure_days as amount, conditions.driver_value, conditions.threshold, conditions.is_met
        from marts.driver_observations as units
        inner join features.user_features as features on features.user_id = units.unit_id and features.as_of_date = units.features_date
        left join marts.driver_conditions as conditions
            on conditions.target = units.target and conditions.unit_id = units.unit_id and conditions.driver = 'more_tenure_days'
    """,
    )
    assert (amounts.amount == amounts.driver_value).all()
    for _, rows in amounts.groupby("target"):
        median = np.sort(rows.amount[rows.is_discovery])[(rows.is_discovery.sum() + 1) // 2 - 1]
        assert (rows.threshold == median).all() and (rows.is_met == (rows.amount > median)).all()
    assert sample_warehouse.query("""
        select count(*) from marts.driver_conditions where target = 'trial_conversion' and driver_value is not null
    """) == [(0,)]


def test_the_planted_driver_is_found_and_confirmed(sample_warehouse: Warehouse) -> None:
    """docs/sample-data.md, truth 1. One inviting trial of the 40 ends on the day after data_through."""
    truth = json.loads((SAMPLE / "truths.json").read_text(encoding="utf-8"))["truths"]["driver"]["realized"]["accounts"]
    rows = dict(
        sample_warehouse.query("""
        select conditions.driver is not null, [count(*), sum(case when has_outcome then 1 else 0 end)]
        from marts.driver_observations as units
        left join marts.driver_conditions as conditions
            on conditions.target = units.target and conditions.unit_id = units.unit_id and conditions.driver = 'performed_teammate_invited'
        where units.target = 'trial_conversion' group by all
    """)
    )
    assert rows[False][0] == truth["not_invited"]["n"] == 59
    assert round(rows[False][1] / rows[False][0], 4) == truth["not_invited"]["converted"]
    assert rows[True][0] == truth["invited"]["n"] - 1 and 25 <= rows[True][1] <= 26
    (row,) = sample_warehouse.records(
        "select * from marts.segment_drivers where target = 'trial_conversion' and driver = 'performed_teammate_invited'"
    )
    assert row["is_discovered"] and row["is_confirmed"] and row["q_value"] < FALSE_DISCOVERY_RATE
    assert row["difference_lower"] < truth["invited"]["converted"] - truth["not_invited"]["converted"] < row["difference_upper"]
    assert row["design_effect"] == pytest.approx(1)  # an account is counted once
    assert row["reading"].startswith(
        "performed teammate_invited in the first 7 days of the trial is associated with converting the trial: "
    )


def test_no_reading_speaks_of_causes(sample_warehouse: Warehouse) -> None:
    readings = [text for (text,) in sample_warehouse.query("select reading from marts.segment_drivers")]
    assert len(readings) > 200
    assert not [text for text in readings if re.search(r"driv|caus|impact|effect", text.lower())]


# --- The figures ----------------------------------------------------------------------------------------------------------


def effect_of_clusters(met: np.ndarray, outcome: np.ndarray, clusters: np.ndarray) -> float:
    """The design effect, from the score of every unit."""
    scores = (outcome - outcome.mean()) * (met - met.mean())
    single = (scores**2).sum()
    return max(1.0, (np.bincount(pd.factorize(clusters)[0], weights=scores) ** 2).sum() / single) if single > 0 else 1.0


def half(units: pd.DataFrame, met_units: set[str]) -> dict[str, float]:
    """Counts, rates, quality and p of one condition in one half."""
    met = units.unit_id.isin(met_units).to_numpy()
    outcome = units.has_outcome.to_numpy(dtype=float)
    n, rest = int(met.sum()), int((~met).sum())
    a, b = outcome[met].sum(), outcome[~met].sum()
    clusters = min(units.cluster_id[met].nunique(), units.cluster_id[~met].nunique())
    total = n + rest
    rate = outcome.mean() if total else math.nan
    effect = effect_of_clusters(met.astype(float), outcome, units.cluster_id.to_numpy()) if total else 1.0
    expected = min(n, rest) * min(rate, 1 - rate) if total else 0
    quality = (
        "insufficient"
        if clusters < MIN_UNITS or not total or rate in (0, 1)
        else "low_counts"
        if expected < 5
        else "small_n"
        if clusters < 20
        else "ok"
    )
    p = math.nan
    if quality != "insufficient":
        table = np.array([[a, n - a], [b, rest - b]])
        chi_square = total * (table[0, 0] * table[1, 1] - table[0, 1] * table[1, 0]) ** 2 / (n * rest * (a + b) * (total - a - b))
        p = 2 * norm.sf(math.sqrt(chi_square * (total - 1) / total / effect))
    return {
        "n": n,
        "rest": rest,
        "a": a,
        "b": b,
        "rate": rate,
        "effect": effect,
        "quality": quality,
        "p": p,
        "total": total,
        "clusters": clusters,
        "difference": (a / n - b / rest) if n and rest else math.nan,
        "wracc": n / total * (a / n - rate) if n else math.nan,
    }


def close(found: object, expected: float, place: object) -> None:
    """The same number, or NULL for NaN."""
    number = math.nan if found is None else float(found)
    assert number == pytest.approx(expected, rel=1e-8, abs=1e-10, nan_ok=True), place


def check_drivers(warehouse: Warehouse | MartProject) -> pd.DataFrame:
    """segment_drivers equals what the libraries make of driver_observations, driver_conditions and driver_pairs."""
    mart = pd.DataFrame(warehouse.records("select * from marts.segment_drivers"))
    units = read(warehouse, "select * from marts.driver_observations")
    conditions = read(warehouse, "select * from marts.driver_conditions")
    met: dict[tuple[str, str], set[str]] = {}
    values: dict[tuple[str, str], dict[str, float]] = {}
    for row in conditions.itertuples():
        if row.is_met:
            met.setdefault((row.target, row.driver), set()).add(row.unit_id)
        if row.driver_value is not None and not pd.isna(row.driver_value):
            values.setdefault((row.target, row.driver), {})[row.unit_id] = row.driver_value
    families: dict[str, list[tuple[int, float]]] = {}
    for index, row in mart.iterrows():
        place = (row.target, row.driver)
        is_pair = row.driver_kind == "pair"
        parts = [row.first_driver, row.second_driver] if is_pair else [row.driver]
        chosen = set.intersection(*(met.get((row.target, part), set()) for part in parts))
        mine = units[units.target == row.target] if len(units) else units.assign(target=[])
        if row.driver_kind != "event" and len(mine):
            mine = mine[mine.features_date.notna()]
        if not len(mine):
            assert (row.n, row.baseline_n, row.quality) == (0, 0, "insufficient") and pd.isna(row.p_value), place
            continue
        search, report = half(mine[mine.is_discovery], chosen), half(mine[~mine.is_discovery], chosen)
        a, b, n, rest = (report[key] for key in ("a", "b", "n", "rest"))
        assert (row.n, row.baseline_n, row.outcomes, row.baseline_outcomes) == (n, rest, a, b), place
        assert min(row.clusters, row.baseline_clusters) == report["clusters"], place
        assert row.quality == report["quality"], place
        for column, expected in {
            "design_effect": report["effect"],
            "mean": a / n if n else math.nan,
            "baseline_mean": b / rest if rest else math.nan,
            "difference": report["difference"],
            "wracc": report["wracc"],
            "discovery_n": search["n"],
            "discovery_difference": search["difference"],
            "discovery_p_value": search["p"],
            "sensitivity": a / (a + b) if a + b else math.nan,
        }.items():
            close(row[column], expected, (place, column))
        lower = upper = math.nan
        if n and rest:
            effect = report["effect"]
            lower, upper = confint_proportions_2indep(a / effect, n / effect, b / effect, rest / effect, compare="diff", method="newcomb")
        close(row.difference_lower, lower, place)
        close(row.difference_upper, upper, place)
        figures = dict.fromkeys(["odds_ratio", "odds_ratio_lower", "odds_ratio_upper", "effect_size", "information_value"], math.nan)
        auc = d = math.nan
        flags = np.repeat([1, 1, 0, 0], [int(count) for count in (a, n - a, b, rest - b)])
        came = np.repeat([1, 0, 1, 0], [int(count) for count in (a, n - a, b, rest - b)])
        if 0 < report["rate"] < 1:
            auc = roc_auc_score(came, flags)
        if n and rest and 0 < report["rate"] < 1:
            counts = np.array([[a, n - a], [b, rest - b]])
            shifted = counts + 0.5 if (counts == 0).any() else counts  # statsmodels would shift the empty cell only
            table = Table2x2(shifted, shift_zeros=False)
            figures["odds_ratio"] = table.oddsratio
            spread = 1.959963984540054 * table.log_oddsratio_se * math.sqrt(report["effect"])
            figures["odds_ratio_lower"], figures["odds_ratio_upper"] = np.exp(table.log_oddsratio + np.array([-spread, spread]))
            if report["effect"] == 1:
                assert table.oddsratio_confint() == pytest.approx((row.odds_ratio_lower, row.odds_ratio_upper), rel=1e-8), place
            figures["effect_size"] = np.corrcoef(flags, came)[0, 1]
            with_it, without = shifted[:, 0] / shifted[:, 0].sum(), shifted[:, 1] / shifted[:, 1].sum()
            figures["information_value"] = ((with_it - without) * np.log(with_it / without)).sum()
            assert row.has_continuity_correction == (counts == 0).any(), place
        if row.driver_kind == "amount":
            known = values.get((row.target, row.driver), {})
            rows = mine[~mine.is_discovery & mine.unit_id.isin(known)]
            amounts = rows.unit_id.map(known).to_numpy(dtype=float)
            outcome = rows.has_outcome.to_numpy(dtype=bool)
            auc = roc_auc_score(outcome, amounts) if 0 < outcome.sum() < len(outcome) else math.nan
            if outcome.sum() >= 2 and (~outcome).sum() >= 2:
                groups = [amounts[outcome], amounts[~outcome]]
                variance = sum((len(group) - 1) * group.var(ddof=1) for group in groups) / (len(amounts) - 2)
                d = (groups[0].mean() - groups[1].mean()) / math.sqrt(variance) if variance > 0 else math.nan
        for column, expected in {**figures, "auc": auc, "cohens_d": d}.items():
            close(row[column], expected, (place, column))
        is_discovered = search["p"] < DISCOVERY_LEVEL and not row.is_circular and report["quality"] != "insufficient"
        assert row.is_discovered == is_discovered, place
        if is_discovered:
            close(row.p_value, report["p"], place)
            if row.quality == "ok":
                families.setdefault(row.family, []).append((index, report["p"]))
            else:
                assert pd.isna(row.q_value) and pd.isna(row.family) and not row.is_confirmed, place
        else:
            assert pd.isna(row.p_value) and pd.isna(row.q_value) and pd.isna(row.family) and not row.is_confirmed, place
    for family, tests in families.items():
        for (index, _), q in zip(tests, multipletests([p for _, p in tests], method="fdr_bh")[1]):
            row = mart.loc[index]
            close(row.q_value, q, (family, row.driver))
            is_confirmed = q < FALSE_DISCOVERY_RATE and row.difference * row.discovery_difference > 0
            if row.driver_kind == "pair":
                mine = units[(units.target == row.target) & ~units.is_discovery & units.features_date.notna()]
                parents = [half(mine, met.get((row.target, part), set()))["wracc"] for part in (row.first_driver, row.second_driver)]
                is_confirmed = is_confirmed and row.wracc > max(parents) + 1e-12
            assert row.is_confirmed == is_confirmed, (family, row.driver)
            assert (" is associated with " in row.reading) == is_confirmed, row.reading
    assert not np.isinf(mart.select_dtypes("number").to_numpy(dtype=float)).any()
    return mart


def test_the_sample_equals_the_libraries(sample_warehouse: Warehouse) -> None:
    mart = check_drivers(sample_warehouse)
    assert set(mart.target) == set(TARGETS) and set(mart.driver_kind) == {"event", "segment", "attribute", "amount", "pair"}
    assert {True, False} == set(mart.is_circular) == set(mart.is_confirmed)
    circular = set(zip(mart.target[mart.is_circular], mart.driver[mart.is_circular]))
    assert {
        ("retention", "in_every_day_users"),
        ("retention", "more_sessions_28d"),
        ("trial_conversion", "in_trial_converted"),
        ("trial_conversion", "plan_pro"),
        ("promotion", "more_nps_score"),
        ("promotion", "in_promoters"),
    } <= circular
    assert ("retention", "performed_task_completed") not in circular and ("retention", "plan_pro") not in circular


# --- Made-up units --------------------------------------------------------------------------------------------------------


class Units:
    """Units and conditions in the making. Amounts are numbers, other conditions flags."""

    def __init__(self, drivers: dict[str, str]) -> None:
        self.drivers = drivers
        self.observations: list[pd.DataFrame] = []
        self.conditions: list[pd.DataFrame] = []

    def add(
        self, target: str, clusters: np.ndarray, outcome: np.ndarray, met: dict[str, np.ndarray], known: np.ndarray | None = None
    ) -> None:
        ids = np.array([f"{target[:3]}{number:05d}" for number in range(len(outcome))])
        names = np.array([f"c{number:05d}" for number in clusters])
        self.observations.append(
            pd.DataFrame(
                {
                    "target": target,
                    "unit_id": ids,
                    "cluster_id": names,
                    "has_outcome": outcome.astype(bool),
                    "is_discovery": [in_discovery(name) for name in names],
                    "conditions_from_date": dt.date(2026, 8, 24),
                    "anchor_date": dt.date(2026, 9, 20),
                    "outcome_through_date": dt.date(2026, 10, 18),
                    "data_through": THROUGH,
                    "features_date": [
                        dt.date(2026, 9, 20) if flag else None for flag in (known if known is not None else np.ones(len(outcome), bool))
                    ],
                }
            )
        )
        for driver, column in met.items():
            if self.drivers[driver] == "amount":
                is_known = ~np.isnan(column)
                threshold = np.median(column[is_known]) if is_known.any() else None
                self.conditions.append(
                    pd.DataFrame(
                        {
                            "target": target,
                            "unit_id": ids[is_known],
                            "driver": driver,
                            "driver_value": column[is_known],
                            "threshold": threshold,
                            "is_met": column[is_known] > threshold,
                        }
                    )
                )
            else:
                self.conditions.append(
                    pd.DataFrame({"target": target, "unit_id": ids[column.astype(bool)], "driver": driver, "is_met": True})
                )

    def run(self, project: MartProject) -> pd.DataFrame:
        """Fill, run and check; the mart."""
        project.copy("activity.data_through")
        project.fill("marts.driver_observations", pd.concat(self.observations) if self.observations else [])
        project.fill("marts.driver_conditions", pd.concat([rows for rows in self.conditions if len(rows)]) if self.conditions else [])
        project.run_models("driver_pairs", "driver_hypotheses", "driver_tests", "driver_amounts", "segment_drivers")
        return check_drivers(project)


@pytest.fixture(scope="module")
def drivers(sample_warehouse: Warehouse) -> dict[str, str]:
    """The registered conditions and their kinds."""
    return dict(sample_warehouse.query("select distinct driver, driver_kind from marts.segment_drivers where driver_kind != 'pair'"))


def random_conditions(generator: np.random.Generator, drivers: dict[str, str], clusters: np.ndarray) -> dict[str, np.ndarray]:
    """Half of the conditions are met by whole accounts; amounts have ties."""
    met = {}
    for number, (driver, kind) in enumerate(sorted(drivers.items())):
        if kind == "amount":
            met[driver] = generator.poisson(3, len(clusters)).astype(float)
        elif number % 2:
            met[driver] = (generator.random(clusters.max() + 1) < 0.35)[clusters]
        else:
            met[driver] = generator.random(len(clusters)) < 0.3
    return met


@pytest.fixture(scope="module")
def made_up(mart_project: MartProject, drivers: dict[str, str]) -> tuple[MartProject, pd.DataFrame]:
    """trial_conversion: outcomes at random. retention: outcomes at random, alike within accounts. promotion: eight true conditions."""
    generator = np.random.default_rng(4)
    units = Units(drivers)
    alone = np.arange(3000)
    units.add(
        "trial_conversion",
        alone,
        generator.random(3000) < 0.4,
        {driver: column for driver, column in random_conditions(generator, drivers, alone).items() if drivers[driver] != "amount"},
        known=generator.random(3000) < 0.8,
    )
    shared = np.sort(generator.integers(0, 600, 3000))
    leaning = generator.beta(0.5, 0.5, 600)[shared]
    units.add("retention", shared, generator.random(3000) < leaning, random_conditions(generator, drivers, shared))
    crowd = np.arange(8000)
    met = random_conditions(generator, drivers, crowd)
    weight = -1.2 + sum(0.45 * met[f"performed_{name}"] for name in FEATURE_EVENTS[:8])
    weight = weight + 1.2 * (met["plan_pro"].astype(bool) & met["region_asia"].astype(bool))
    units.add("promotion", crowd, generator.random(8000) < 1 / (1 + np.exp(-weight)), met)
    return mart_project, units.run(mart_project)


def test_conditions_at_random_have_a_small_p_as_often_as_it_says(made_up: tuple[MartProject, pd.DataFrame]) -> None:
    """5 % below 0.05, also where whole accounts meet a condition and decide alike; and hardly one is confirmed."""
    _, mart = made_up
    singles = mart[(mart.driver_kind != "pair") & mart.target.isin(["trial_conversion", "retention"]) & mart.discovery_p_value.notna()]
    assert len(singles) > 100
    error = math.sqrt(0.05 * 0.95 / len(singles))
    assert abs((singles.discovery_p_value < 0.05).mean() - 0.05) <= 3 * error
    assert singles.design_effect[singles.target == "retention"].max() > 2
    assert singles.is_confirmed.sum() <= 0.1 * singles.is_discovered.sum() + 1


def test_planted_conditions_are_confirmed_and_few_others(made_up: tuple[MartProject, pd.DataFrame]) -> None:
    _, mart = made_up
    rows = mart[(mart.target == "promotion") & (mart.driver_kind != "pair")]
    true = {f"performed_{name}" for name in FEATURE_EVENTS[:8]}
    confirmed = set(rows.driver[rows.is_confirmed]) - {"plan_pro", "region_asia"}
    assert true <= confirmed
    assert len(confirmed - true) <= math.ceil(FALSE_DISCOVERY_RATE * len(confirmed)) + 1
    pairs = mart[(mart.target == "promotion") & (mart.driver_kind == "pair")]
    assert "plan_pro and region_asia" in set(pairs.driver) and len(pairs) <= PAIRS


def test_pairs_are_those_of_pysubgroup(made_up: tuple[MartProject, pd.DataFrame]) -> None:
    """The best pairs of SimpleDFS(depth=2) by WRAcc that beat both of their conditions, in the half that searches."""
    project, mart = made_up
    units = read(project, "select * from marts.driver_observations where is_discovery and features_date is not null")
    conditions = read(project, "select target, unit_id, driver from marts.driver_conditions where is_met")
    circular = set(zip(mart.target[mart.is_circular], mart.driver[mart.is_circular]))
    for target, rows in units.groupby("target"):
        frame = rows[["unit_id", "has_outcome"]].set_index("unit_id")
        for driver, met in conditions[conditions.target == target].groupby("driver"):
            if (target, driver) not in circular:
                frame[driver] = frame.index.isin(set(met.unit_id))
        task = pysubgroup.SubgroupDiscoveryTask(
            frame,
            pysubgroup.BinaryTarget("has_outcome", True),
            [pysubgroup.EqualitySelector(driver, True) for driver in frame.columns if driver != "has_outcome"],
            result_set_size=10_000,
            depth=2,
            qf=pysubgroup.WRAccQF(),
        )
        quality = {
            tuple(sorted(selector.attribute_name for selector in subgroup.selectors)): value
            for value, subgroup, *_ in pysubgroup.SimpleDFS().execute(task).results
        }
        sizes = {pair: int((frame[pair[0]] & frame[pair[1]]).sum()) for pair in quality if len(pair) == 2}
        beating = [
            (value, pair)
            for pair, value in quality.items()
            if len(pair) == 2
            and sizes[pair] >= MIN_UNITS
            and value > 1e-12
            and all(value > quality.get((driver,), -1.0) + 1e-12 for driver in pair)
        ]
        best = sorted(beating, key=lambda entry: (-round(entry[0], 12), entry[1]))[:PAIRS]
        found = project.records(f"select * from marts.driver_pairs where target = '{target}' order by position")
        assert [(row["first_driver"], row["second_driver"]) for row in found] == [pair for _, pair in best], target
        assert [row["discovery_wracc"] for row in found] == pytest.approx([value for value, _ in best], rel=1e-9)
        assert found, target
        rows = mart[(mart.target == target) & (mart.driver_kind == "pair")].set_index("driver").discovery_wracc
        assert {row["driver"]: pytest.approx(row["discovery_wracc"]) for row in found} == rows.to_dict()


def test_what_cannot_be_divided_is_a_flag(made_up: tuple[MartProject, pd.DataFrame], drivers: dict[str, str]) -> None:
    """No unit at all; one outcome for all; a condition met by all, by none, by one; no value known; all values equal."""
    project, _ = made_up
    generator = np.random.default_rng(5)
    units = Units(drivers)
    crowd = np.arange(400)
    met = random_conditions(generator, drivers, crowd)
    units.add("retention", crowd, np.ones(400), met)
    met = {
        **met,
        "performed_task_completed": np.ones(400),
        "performed_comment_added": np.zeros(400),
        "plan_pro": crowd == 3,
        "more_mrr": np.full(400, np.nan),
        "more_seats": np.full(400, 7.0),
        "company_size_small": crowd >= 200,
        "more_csat_score": np.where(crowd < 5, 1.0 * crowd, np.nan),
    }
    # Nobody of those with company_size_small has the outcome: an empty cell. region_asia turns round from half to half.
    outcome = (generator.random(400) < 0.4) & (crowd < 200)
    searches = np.array([in_discovery(f"c{number:05d}") for number in crowd])
    met["region_asia"] = (outcome == searches) & (generator.random(400) < 0.8)
    # Fourteen in each half with region_europe, and all have the outcome: significant, but too few to be believed.
    met["region_europe"] = (
        sum(crowd == number for half in (True, False) for number in np.flatnonzero(outcome & (searches == half))[:14]) > 0
    )
    units.add("promotion", crowd, outcome, met)
    mart = units.run(project)
    assert len(mart[mart.target == "trial_conversion"]) == sum(kind != "amount" for kind in drivers.values())
    nothing = mart[mart.target.isin(["trial_conversion", "retention"])]
    assert (nothing.quality == "insufficient").all() and not nothing.is_discovered.any() and nothing.odds_ratio.isna().all()
    assert nothing.reading.str.contains("too few").all()
    hard = mart[mart.target == "promotion"].set_index("driver")
    for driver in ("performed_task_completed", "performed_comment_added", "plan_pro", "more_mrr", "more_seats", "more_csat_score"):
        assert hard.loc[driver].quality == "insufficient" and pd.isna(hard.loc[driver].p_value), driver
    assert pd.isna(hard.loc["performed_task_completed"].difference) and hard.loc["performed_comment_added"].n == 0
    assert pd.isna(hard.loc["more_mrr"].auc) and hard.loc["more_seats"].auc == 0.5 and pd.isna(hard.loc["more_seats"].cohens_d)
    empty = hard.loc["company_size_small"]
    assert empty.has_continuity_correction and 0 < empty.odds_ratio < 0.1 and empty.is_confirmed
    turned = hard.loc["region_asia"]
    assert (
        turned.is_discovered and turned.q_value < 0.01 and turned.difference < 0 < turned.discovery_difference and not turned.is_confirmed
    )
    few = hard.loc["region_europe"]
    assert (few.quality, few.n) == ("low_counts", 14) and few.p_value < 0.01 and pd.isna(few.q_value) and not few.is_confirmed
    units = Units(drivers)
    mart = units.run(project)
    assert len(mart) > 100 and (mart.quality == "insufficient").all()


def test_conditions_by_hand(mart_project: MartProject) -> None:
    """What is known too late is no condition; one user is enough for an account; nothing known is no row."""
    first, anchor, after = dt.date(2026, 9, 14), dt.date(2026, 9, 20), dt.date(2026, 9, 21)
    mart_project.copy("activity.data_through")
    mart_project.fill(
        "marts.driver_observations",
        [
            {
                "target": target,
                "unit_id": unit,
                "cluster_id": unit,
                "has_outcome": False,
                "is_discovery": searches,
                "conditions_from_date": first,
                "anchor_date": anchor,
                "features_date": features,
                "outcome_through_date": THROUGH,
                "data_through": THROUGH,
            }
            for target, unit, searches, features in [
                ("trial_conversion", "a1", True, anchor),
                ("trial_conversion", "a2", True, None),
                ("retention", "u1", True, anchor),
                ("retention", "u2", True, anchor),
                ("retention", "u3", False, anchor),
            ]
        ],
    )
    before = first - dt.timedelta(1)
    mart_project.fill(
        "activity.user_accounts",
        [
            {"user_id": user, "account_id": account, "stay_number": number, "valid_from_date": since, "valid_to_date": until}
            for user, account, number, since, until in [
                ("u1", "a1", 1, None, None),
                ("u2", "a1", 1, None, None),
                ("u3", None, 1, None, None),
                ("u4", "a2", 1, None, None),
                # In a1 on its first day, from then on in a2; left a1 before; came into a1 on the last day.
                ("u5", "a1", 1, None, anchor),
                ("u5", "a2", 2, anchor, None),
                ("u6", "a1", 1, None, before),
                ("u7", "a1", 1, anchor, None),
            ]
        ],
    )
    mart_project.fill(
        "activity.user_event_days",
        [
            {"user_id": user, "event_name": event, "events": 1, "is_human": True, "event_date": happened, "known_date": known}
            for user, event, happened, known in [
                ("u1", "task_completed", first, first),
                ("u1", "task_completed", anchor, anchor),
                ("u1", "comment_added", first, after),  # linked later
                ("u1", "file_uploaded", first - dt.timedelta(1), anchor),
                ("u1", "report_created", after, after),
                ("u1", "logged_in", first, first),
                ("u4", "search_performed", anchor, anchor),
                ("u9", "task_completed", first, first),
                ("u5", "project_created", first, first),
                ("u5", "teammate_invited", anchor, anchor),
                ("u6", "report_exported", first, first),
                ("u7", "integration_connected", first, first),
                ("u7", "automation_created", anchor, anchor),
            ]
        ],
    )
    mart_project.fill(
        "features.user_features",
        [
            {"user_id": user, "account_id": account, "plan": plan, "mrr": mrr, "as_of_date": date}
            for user, account, plan, mrr, date in [
                ("u5", "a2", "free", None, anchor),
                ("u6", None, "free", None, anchor),
                ("u1", "a1", "pro", 10.0, anchor),
                ("u2", "a1", None, 30.0, anchor),
                ("u3", None, "free", 20.0, anchor),
                ("u3", None, "pro", 99.0, after),
            ]
        ],
    )
    mart_project.fill(
        "marts.user_segments",
        [
            {"user_id": "u2", "segment": "power_users", "as_of_date": anchor},
            {"user_id": "u1", "segment": "power_users", "as_of_date": after},
            {"user_id": "u5", "segment": "weekly_users", "as_of_date": anchor},
        ],
    )
    mart_project.run_models("driver_conditions")
    rows = mart_project.query("select target, unit_id, driver, driver_value, threshold, is_met from marts.driver_conditions order by all")
    assert rows == sorted(
        [
            ("trial_conversion", "a1", "performed_task_completed", None, None, True),
            ("trial_conversion", "a1", "performed_project_created", None, None, True),
            ("trial_conversion", "a1", "performed_automation_created", None, None, True),
            ("trial_conversion", "a2", "performed_teammate_invited", None, None, True),
            ("trial_conversion", "a1", "in_power_users", None, None, True),
            ("trial_conversion", "a1", "plan_pro", None, None, True),
            ("trial_conversion", "a2", "performed_search_performed", None, None, True),
            ("retention", "u1", "performed_task_completed", None, None, True),
            ("retention", "u1", "plan_pro", None, None, True),
            ("retention", "u2", "in_power_users", None, None, True),
            ("retention", "u3", "plan_free", None, None, True),
            # The lower median of 10 and 30, the half that searches.
            ("retention", "u1", "more_mrr", 10.0, 10.0, False),
            ("retention", "u2", "more_mrr", 30.0, 10.0, True),
            ("retention", "u3", "more_mrr", 20.0, 10.0, True),
        ],
        key=lambda row: (row[0], row[1], row[2]),
    )


def test_bad_bands_are_named(macro_project: Warehouse) -> None:
    calls = {
        "segmentation._value_bands_problems([])": "value_bands: `bounds` must be a list of whole numbers, got [].",
        "segmentation._value_bands_problems([1, 4, 4])": "value_bands: `bounds` must be whole numbers in ascending order, got [1, 4, 4].",
        "segmentation._value_bands_problems([1, 2.5])": "value_bands: `bounds` must be whole numbers in ascending order, got [1, 2.5].",
        "segmentation._value_bands_problems([1, 4])": "",
    }
    (macro_project.folder / "macros/tested_variables.sql").write_text(
        "{% macro tested_variables() %}{{ print(tojson([" + ", ".join(calls) + "])) }}{% endmacro %}", encoding="utf-8"
    )
    result = macro_project.run("run-operation", "tested_variables")
    assert result, result.output
    told = json.loads(next(line for line in result.output.splitlines() if line.startswith("[[")))
    assert ["\n".join(problems) for problems in told] == list(calls.values())
