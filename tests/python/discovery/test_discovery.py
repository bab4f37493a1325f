"""RFM, health, churn score and clusters against scikit-learn, on the sample and on made-up users."""

from __future__ import annotations

import hashlib
import json
import math
from datetime import date, timedelta
from typing import Any

import numpy as np
import pandas as pd
import pytest
from scipy.stats import norm
from sklearn.cluster import KMeans
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import adjusted_rand_score, roc_auc_score, silhouette_samples
from statsmodels.api import Logit

from mart_project import MartProject, close, fill_dates, table
from warehouse import ROOT, Result, Warehouse

Z = norm.ppf(0.975)
CHURN_TERMS = [
    "intercept",
    "active_days",
    "active_days_before",
    "days_since_last_seen",
    "distinct_features",
    "log_session_minutes",
    "log_tenure",
    "log_revenue",
    "tickets",
]
CLUSTER_FEATURES = ["log_active_days", "log_minutes_per_session", "distinct_features", "log_days_since_last_seen", "log_tenure"]


# --- What the marts must say ------------------------------------------------------------------------------------------
def delong(score: np.ndarray, outcome: np.ndarray, accounts: np.ndarray | None = None) -> dict[str, float | None]:
    """AUC by scikit-learn, its interval and p from the matrix of all pairs; with accounts, by how much they are alike."""
    high, low = score[outcome == 1], score[outcome == 0]
    result: dict[str, float | None] = dict.fromkeys(["auc", "auc_lower", "auc_upper", "p_value"])
    if not len(high) or not len(low):
        return result
    pairs = (high[:, None] > low[None, :]) + 0.5 * (high[:, None] == low[None, :])
    result["auc"] = roc_auc_score(outcome, score)
    if accounts is not None:
        parts = np.zeros(len(score))
        parts[outcome == 1] = (pairs.mean(axis=1) - result["auc"]) / len(high)
        parts[outcome == 0] = (pairs.mean(axis=0) - result["auc"]) / len(low)
        by_account, by_user = (pd.Series(parts).groupby(accounts).sum() ** 2).sum(), (parts**2).sum()
        result["design_effect"] = max(by_account / by_user, 1.0) if by_user > 1e-18 else 1.0
    if len(high) < 2 or len(low) < 2:
        return result
    error = math.sqrt(pairs.mean(axis=1).var(ddof=1) / len(high) + pairs.mean(axis=0).var(ddof=1) / len(low))
    error *= math.sqrt(result.get("design_effect") or 1.0)
    if error > 0:
        result["auc_lower"] = max(result["auc"] - Z * error, 0)
        result["auc_upper"] = min(result["auc"] + Z * error, 1)
        result["p_value"] = 2 * norm.sf(abs(result["auc"] - 0.5) / error)
    return result


def smallest_outcome(n: int, positives: int) -> str:
    fewer = min(positives, n - positives)
    return "insufficient" if fewer < 2 else "low_counts" if fewer < 5 else "small_n" if fewer < 30 else "ok"


def rfm_name(recency: int, frequency: int, monetary: int) -> str:
    both = frequency + monetary
    rules = [
        ("champions", recency == 5 and both >= 8),
        ("loyal", recency in (4, 5) and both >= 6),
        ("promising", recency in (4, 5)),
        ("needs_attention", recency == 3),
        ("at_risk", recency == 2 or both >= 6),
        ("hibernating", True),
    ]
    return next(name for name, holds in rules if holds)


def churn_matrix(users: pd.DataFrame) -> np.ndarray:
    """The features of the churn score; NaN where unknown."""
    users = users.astype(
        dict.fromkeys(
            (
                "active_days_28d",
                "active_days_previous_28d",
                "days_since_last_seen",
                "distinct_features_28d",
                "session_minutes_28d",
                "tenure_days",
                "revenue_91d",
                "tickets_91d",
            ),
            float,
        )
    )
    return np.column_stack(
        [
            users.active_days_28d,
            users.active_days_previous_28d,
            users.days_since_last_seen,
            users.distinct_features_28d,
            np.log(1 + users.session_minutes_28d),
            np.log(1 + users.tenure_days),
            np.log(1 + users.revenue_91d.clip(lower=0)),
            users.tickets_91d,
        ]
    )


def cluster_matrix(users: pd.DataFrame) -> np.ndarray:
    """The features of the clusters; NaN where unknown."""
    users = users.astype(
        dict.fromkeys(
            ("active_days_91d", "session_minutes_91d", "sessions_91d", "distinct_features_91d", "days_since_last_seen", "tenure_days"),
            float,
        )
    )
    return np.column_stack(
        [
            np.log(1 + users.active_days_91d),
            np.log(1 + users.session_minutes_91d / users.sessions_91d.replace(0, np.nan)),
            users.distinct_features_91d,
            np.log(1 + users.days_since_last_seen),
            np.log(1 + users.tenure_days),
        ]
    )


def moments(values: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    return np.nanmean(values, axis=0), np.nanstd(values, axis=0)


def standardized(values: np.ndarray, mean: np.ndarray, deviation: np.ndarray) -> np.ndarray:
    """0 where the value is unknown or the feature is constant."""
    spread = np.where(deviation > 1e-9 * np.abs(mean), deviation, np.nan)
    return np.nan_to_num((values - mean) / spread)


def in_test_half(users: pd.Series) -> np.ndarray:
    return np.array([hashlib.md5(user.encode()).hexdigest()[0] not in "01234567" for user in users], dtype=bool)


def check_churn(project: Warehouse, training: pd.DataFrame, outcome: np.ndarray, scored: pd.DataFrame, ridge: float) -> None:
    """The model against scikit-learn: training are those in use at the anchor date."""
    rows = {row["term"]: row for row in table(project, "select * from marts.churn_model").to_dict("records")}
    assert [term for term, _ in sorted(rows.items(), key=lambda item: item[1]["term_number"])] == CHURN_TERMS
    accounts = ("account " + training.account_id).fillna("user " + training.user_id)
    test = in_test_half(accounts)
    values = churn_matrix(training)
    mean, deviation = moments(values[~test])
    x = standardized(values, mean, deviation)
    model = LogisticRegression(C=1 / ridge, solver="newton-cholesky", tol=1e-12, max_iter=200).fit(x[~test], outcome[~test])
    for place, term in enumerate(CHURN_TERMS):
        expected = model.intercept_[0] if term == "intercept" else model.coef_[0][place - 1]
        assert close(rows[term]["coefficient"], expected, 1e-6), (term, rows[term]["coefficient"], expected)
        if place and np.isfinite(mean[place - 1]):
            assert close(rows[term]["feature_mean"], mean[place - 1]) and close(
                rows[term]["feature_standard_deviation"], deviation[place - 1]
            )
    row = rows["intercept"]
    assert row["is_converged"]
    assert (row["training_users"], row["training_churned"]) == ((~test).sum(), outcome[~test].sum())
    assert (row["test_users"], row["test_churned"]) == (test.sum(), outcome[test].sum())
    predictor = model.decision_function(x)
    # Rounding to what the two fits agree on, so that users with equal features tie in both.
    expected = delong(predictor[test].round(9), outcome[test], accounts[test].to_numpy())
    for column in ("auc", "auc_lower", "auc_upper", "design_effect"):
        assert close(row[column], expected.get(column)), column
    assert (row["training_accounts"], row["test_accounts"]) == (accounts[~test].nunique(), accounts[test].nunique())
    assert close(row["test_expected_churned"], model.predict_proba(x[test])[:, 1].sum(), 1e-6)
    if expected["auc"] in (None, 0, 1):
        assert row["calibration_slope"] is None
    else:
        line = Logit(outcome[test], np.column_stack([np.ones(test.sum()), predictor[test]])).fit(disp=0, method="newton", tol=1e-12)
        assert close(row["calibration_slope"], line.params[1], 1e-5)
    assert close(row["training_auc"], roc_auc_score(outcome[~test], predictor[~test].round(9)))
    fewer = min(outcome[~test].sum(), (1 - outcome[~test]).sum()) / len(CHURN_TERMS)
    few = fewer < 10 or min(row["training_accounts"], row["test_accounts"]) < 20
    assert row["quality"] == ("low_counts" if fewer < 5 else "small_n" if few else "ok")
    scores = {row["user_id"]: row for row in table(project, "select * from marts.user_churn_scores").to_dict("records")}
    assert set(scores) == set(scored.user_id)
    today = standardized(churn_matrix(scored), mean, deviation)
    probability = model.predict_proba(today)[:, 1]
    risk = model.decision_function(today).round(9)
    for user, expected_probability, place in zip(scored.user_id, probability, risk):
        assert close(scores[user]["churn_probability"], expected_probability, 1e-6)
        assert close(scores[user]["share_at_lower_risk"], (risk < place).mean(), 1e-6)
        assert scores[user]["quality"] == row["quality"]


def lloyd_start(x: np.ndarray, users: list[str], k: int) -> np.ndarray:
    """Rows at even steps along the sum of all columns."""
    total = x[:, 0]
    for column in range(1, x.shape[1]):
        total = total + x[:, column]
    order = sorted(range(len(x)), key=lambda row: (total[row], users[row]))
    return x[[order[math.floor((c + 0.5) * len(x) / k)] for c in range(k)]]


def lloyd(x: np.ndarray, centroids: np.ndarray, iterations: int) -> tuple[np.ndarray, np.ndarray]:
    """Lloyd's algorithm; an empty cluster keeps its centroid. Centroids and labels."""

    def nearest() -> np.ndarray:
        return ((x[:, None, :] - centroids[None, :, :]) ** 2).sum(axis=2).argmin(axis=1)

    for _ in range(iterations):
        labels = nearest()
        centroids = np.array([x[labels == c].mean(axis=0) if (labels == c).any() else centroids[c] for c in range(len(centroids))])
    return centroids, nearest()


def check_fit(
    project: Warehouse,
    users: pd.DataFrame,
    k: int,
    iterations: int,
    version: int,
    previous: dict[int, np.ndarray] | None,
    use_sklearn: bool = True,
) -> dict[int, np.ndarray]:
    """A version of the centroids, fitted today: returns them by cluster, in the features' own units."""
    values = cluster_matrix(users)
    mean, deviation = moments(values)
    x = standardized(values, mean, deviation)
    start = lloyd_start(x, list(users.user_id), k)
    centroids, labels = lloyd(x, start, iterations)
    if use_sklearn:
        model = KMeans(k, init=start, n_init=1, max_iter=iterations, tol=0, algorithm="lloyd").fit(x)
        assert (model.labels_ == labels).all() and np.allclose(model.cluster_centers_, centroids, atol=1e-9)
    numbers = match(centroids, previous, mean, deviation)
    stored = table(project, f"select * from state.cluster_centroids where version = {version}").to_dict("records")
    assert len(stored) == k * len(CLUSTER_FEATURES)
    by_cluster: dict[int, dict[str, dict]] = {}
    for row in stored:
        by_cluster.setdefault(row["cluster"], {})[row["feature"]] = row
    assert set(by_cluster) == set(numbers.values())
    raw = {}
    for c, number in numbers.items():
        inertia = ((x[labels == c] - centroids[c]) ** 2).sum()
        for place, feature in enumerate(CLUSTER_FEATURES):
            row = by_cluster[number][feature]
            assert close(row["centroid_standardized"], centroids[c][place])
            assert close(row["centroid"], mean[place] + centroids[c][place] * deviation[place])
            assert row["users"] == (labels == c).sum() and close(row["share"], (labels == c).mean()) and close(row["inertia"], inertia)
        raw[number] = np.array([by_cluster[number][feature]["centroid"] for feature in CLUSTER_FEATURES])
    if use_sklearn:
        total = {row["cluster"]: row["inertia"] for row in stored}
        assert close(sum(total.values()), model.inertia_)
    assigned = {row["user_id"]: row for row in table(project, "select * from marts.user_clusters").to_dict("records")}
    assert set(assigned) == set(users.user_id)
    for user, label in zip(users.user_id, labels):
        assert (assigned[user]["cluster"], assigned[user]["version"]) == (numbers[label], version), user
    return raw


def check_quality(project: Warehouse, users: pd.DataFrame, k: int, iterations: int) -> pd.DataFrame:
    """cluster_quality against scikit-learn: five splits of the accounts by hash, and the clusters in use. Returns it."""
    x = standardized(cluster_matrix(users), *moments(cluster_matrix(users)))
    accounts = ("account " + users.account_id).fillna("user " + users.user_id)
    assigned = dict(project.query("select user_id, cluster from marts.user_clusters"))
    labels = users.user_id.map(assigned).to_numpy()
    indices, recoveries = [], {cluster: [] for cluster in set(labels)}
    for split in range(1, 6):
        in_second = in_test_half(accounts + f"/{split}")
        halves = []
        for half in (x[~in_second], x[in_second]):
            names = list(users.user_id[in_second if halves else ~in_second])
            centroids, _ = lloyd(half, lloyd_start(half, names, k), iterations)
            halves.append(((x[:, None, :] - centroids[None, :, :]) ** 2).sum(axis=2).argmin(axis=1))
            for cluster, found in recoveries.items():
                found.append(
                    max(
                        ((labels == cluster) & (halves[-1] == other)).sum() / ((labels == cluster) | (halves[-1] == other)).sum()
                        for other in set(halves[-1])
                    )
                )
        indices.append(adjusted_rand_score(*halves))
    quality = pd.DataFrame(project.records("select * from marts.cluster_quality order by cluster"))
    assert list(quality.cluster) == sorted(recoveries)
    silhouettes = silhouette_samples(x, labels, metric="sqeuclidean")
    index = np.mean(indices)
    told = "insufficient" if accounts.nunique() < 40 else "stable" if index >= 0.8 else "moderate" if index >= 0.65 else "unstable"
    for row in quality.to_dict("records"):
        mine = labels == row["cluster"]
        assert (row["users"], row["accounts"], row["splits"]) == (mine.sum(), accounts[mine].nunique(), 5)
        assert close(row["silhouette"], silhouettes[mine].mean()) and close(row["mean_silhouette"], silhouettes.mean())
        assert close(row["recovery"], np.mean(recoveries[row["cluster"]])) and close(row["adjusted_rand_index"], index)
        assert close(row["share"], mine.mean()) and row["quality"] == told
    return quality


def match(centroids: np.ndarray, previous: dict[int, np.ndarray] | None, mean: np.ndarray, deviation: np.ndarray) -> dict[int, int]:
    """The number of each fitted cluster: the nearest pair first; without a previous version by the sum of the centroid."""
    order = sorted(range(len(centroids)), key=lambda c: (centroids[c].sum(), c))
    numbers: dict[int, int] = {}
    if previous:
        before = {number: standardized(centroid[None, :], mean, deviation)[0] for number, centroid in previous.items()}
        pairs = sorted((((centroids[c] - before[number]) ** 2).sum(), number, c) for c in order for number in before)
        for _, number, c in pairs:
            if c not in numbers and number not in numbers.values():
                numbers[c] = number
    fresh = max(previous or {0: 0})
    for c in order:
        if c not in numbers:
            fresh += 1
            numbers[c] = fresh
    return numbers


def check_health_quality(project: Warehouse, outcomes: pd.DataFrame) -> float:
    """outcomes: one row per user and date with account (a key of its own without), health, active_days, has_left and is_deleted.
    Returns the largest design effect."""
    effects = []
    rows = {
        (row["population"], row["as_of_date"]): row for row in table(project, "select * from marts.health_score_quality").to_dict("records")
    }
    expected = set()
    for day, users in outcomes.groupby("as_of_date"):
        for population, people in (("all_users", users), ("active_users", users[users.active_days > 0])):
            if not len(people):
                continue
            expected.add((population, day))
            row, judged = rows[population, day], people
            deleted = judged.is_deleted.astype(bool).to_numpy()
            left = np.where(deleted, 1, judged.has_left.to_numpy(dtype=int))
            assert (row["n"], row["churned_users"], row["deleted_users"]) == (len(judged), left.sum(), deleted.sum()), (population, day)
            accounts = judged.account.nunique()
            assert row["accounts"] == accounts
            assert row["quality"] == ("insufficient" if accounts < 20 else smallest_outcome(len(left), left.sum()))
            assert close(row["churned_share"], left.mean() if len(left) else None)
            found = delong(-judged.health.to_numpy(dtype=float), left, judged.account.to_numpy())
            effects.append(found.setdefault("design_effect", None) or 1.0)
            if row["quality"] == "insufficient":
                found["p_value"] = None
            for column, value in found.items():
                assert close(row[column], value), (population, day, column, row[column], value)
            health = judged.health.astype(float)
            assert close(row["mean_health_of_churned"], health[left == 1].mean() if left.any() else None)
            assert close(row["mean_health_of_stayed"], health[left == 0].mean() if (left == 0).any() else None)
    assert set(rows) == expected
    return max(effects)


# --- The sample -------------------------------------------------------------------------------------------------------
def test_health_of_the_sample_tells_who_leaves(sample_warehouse: Warehouse) -> None:
    """The outcome is read from the features 28 days later, where the mart counts days itself."""
    outcomes = table(
        sample_warehouse,
        """
        select now.as_of_date, coalesce('a ' || now.account_id, 'u ' || now.user_id) as account,
            now.health_score as health, now.active_days_28d as active_days,
            case when later.active_days_28d > 0 then 0 else 1 end as has_left, later.user_id is null as is_deleted
        from features.user_features now
        left join features.user_features later on later.user_id = now.user_id and later.as_of_date = now.as_of_date + 28
        where now.as_of_date + 28 <= (select data_through from activity.data_through)
        """,
    )
    assert outcomes.as_of_date.nunique() > 40
    assert check_health_quality(sample_warehouse, outcomes) > 1.1
    newest = table(sample_warehouse, "select * from marts.health_score_quality order by as_of_date desc, population limit 2")
    assert (newest.auc_lower > 0.5).all()


def test_account_health_of_the_sample(sample_warehouse: Warehouse) -> None:
    users = table(
        sample_warehouse,
        "select * from features.user_features where as_of_date = (select data_through from activity.data_through) and account_id is not null",
    )
    rows = {row["account_id"]: row for row in table(sample_warehouse, "select * from marts.account_health").to_dict("records")}
    accounts = {account for (account,) in sample_warehouse.query("select account_id from staging.stg_accounts")}
    assert set(rows) == accounts | set(users.account_id)
    for account, row in rows.items():
        people = users[users.account_id == account]
        mean = people.health_score.astype(float).mean() if len(people) else None
        assert (row["users"], row["active_users"]) == (len(people), (people.active_days_28d > 0).sum())
        assert close(row["mean_health"], mean) and close(row["lowest_health"], people.health_score.min() if len(people) else None)
        assert close(row["mrr"], float(people.mrr.iloc[0]) if len(people) else None)
        assert row["band"] == ("no_users" if mean is None else "poor" if mean < 30 else "fair" if mean < 45 else "good")
    assert {row["band"] for row in rows.values()} >= {"no_users", "poor", "fair"}


def test_rfm_of_the_sample(sample_warehouse: Warehouse) -> None:
    users = table(
        sample_warehouse, "select * from features.user_features where as_of_date = (select data_through from activity.data_through)"
    )
    cells = users.groupby(["rfm_recency", "rfm_frequency", "rfm_monetary"])
    rows = {
        (row["rfm_recency"], row["rfm_frequency"], row["rfm_monetary"]): row
        for row in sample_warehouse.records("select * from marts.rfm_segments")
    }
    assert set(rows) == set(cells.groups)
    for cell, people in cells:
        assert rows[cell]["users"] == len(people) and rows[cell]["rfm_group"] == rfm_name(*cell)
        assert close(rows[cell]["revenue_91d"], people.revenue_91d.astype(float).sum())
        assert close(rows[cell]["share_of_revenue"], people.revenue_91d.astype(float).sum() / users.revenue_91d.astype(float).sum())


def test_churn_score_of_the_sample_equals_scikit_learn(sample_warehouse: Warehouse) -> None:
    users = table(sample_warehouse, "select * from features.user_features where as_of_date = '2026-09-20' and active_days_28d > 0")
    later = dict(sample_warehouse.query("select user_id, active_days_28d from features.user_features where as_of_date = '2026-10-18'"))
    assert not set(users.user_id) <= set(later), "who was deleted in between has left"
    outcome = np.array([int(later.get(user, 0) == 0) for user in users.user_id])
    scored = table(
        sample_warehouse,
        "select * from features.user_features where as_of_date = (select data_through from activity.data_through) and active_days_28d > 0",
    )
    check_churn(sample_warehouse, users, outcome, scored, ridge=1)
    (row,) = sample_warehouse.records("select * from marts.churn_model where term = 'intercept'")
    assert row["auc_lower"] > 0.6 and row["auc"] < 0.9
    page = " ".join((ROOT / "docs/statistics/churn_model.md").read_text(encoding="utf-8").split())
    for told in (
        f"{row['auc']:.2f} ({row['auc_lower']:.2f} to {row['auc_upper']:.2f})",
        f"expects {row['test_expected_churned']:.0f} of these {row['test_users']} users to leave, and {row['test_churned']} did",
        f"the slope is {row['calibration_slope']:.2f}",
        f"`{row['quality']}`: {row['training_churned']} users of the half left, for {len(CHURN_TERMS)} coefficients",
    ):
        assert told in page, told


def test_clusters_of_the_sample_equal_scikit_learn(sample_warehouse: Warehouse) -> None:
    users = table(
        sample_warehouse,
        "select * from features.user_features where as_of_date = (select data_through from activity.data_through) and active_days_91d > 0",
    )
    check_fit(sample_warehouse, users, k=5, iterations=20, version=1, previous=None)
    quality = check_quality(sample_warehouse, users, k=5, iterations=20).set_index("cluster")
    page = " ".join((ROOT / "docs/statistics/user_clusters.md").read_text(encoding="utf-8").split())
    for told in (
        f"the five clusters are `{quality.quality[1]}`: the index is {quality.adjusted_rand_index[1]:.2f}",
        f"the mean silhouette {quality.mean_silhouette[1]:.2f}. Cluster 5 is found again (recovery {quality.recovery[5]:.2f})",
        f"cluster 1 just so ({quality.recovery[1]:.2f}), with a silhouette of {quality.silhouette[1]:.2f}",
    ):
        assert told in page, told


# --- Made-up users ----------------------------------------------------------------------------------------------------
@pytest.fixture(scope="module")
def made_up(mart_project: MartProject) -> MartProject:
    """Every change of a variable parses the project anew, so all tests share one."""
    mart_project.configure(churn={"ridge": 0.5, "steps": 8}, clusters={"count": 4, "iterations": 6, "refit_days": 30})
    return mart_project


NEWEST = date(2026, 6, 28)
ANCHOR = NEWEST - timedelta(days=28)
EARLIER = NEWEST - timedelta(days=56)
BUSY = NEWEST - timedelta(days=140)
ALONE = NEWEST - timedelta(days=200)
CHURN_MODEL = ("churn_values", "churn_starts", "churn_fit", "churn_model", "user_churn_scores")
CHURN = ("rfm_segments", "health_score_quality", "account_health", *CHURN_MODEL)
CLUSTERS = (
    *("cluster_values", "cluster_starts", "cluster_fit", "cluster_centroids", "user_clusters"),
    *("cluster_resamples", "cluster_resample_fit", "cluster_quality"),
)


def people(count: int, random: np.random.Generator, day: date, prefix: str = "u") -> pd.DataFrame:
    """Users of a date with every feature that these marts read."""
    active = random.poisson(3, count)
    return pd.DataFrame(
        {
            "user_id": [f"{prefix}{number}" for number in range(count)],
            "account_id": [f"a{number % 7}" for number in range(count)],
            "active_days_28d": active,
            "active_days_previous_28d": active * 2,
            "days_since_last_seen": random.integers(0, 27, count),
            "distinct_features_28d": random.integers(0, 6, count),
            "session_minutes_28d": random.exponential(40, count),
            "tenure_days": random.integers(0, 400, count),
            "revenue_91d": random.lognormal(1, 1, count),
            "tickets_91d": 0,
            "open_tickets": 0,
            "mrr": 10.0,
            "lifetime_revenue": 1.0,
            "health_score": random.integers(0, 10, count) * 10.0,
            "active_days_91d": active + 1,
            "sessions_91d": active,
            "session_minutes_91d": random.exponential(90, count),
            "distinct_features_91d": random.integers(0, 9, count),
            "rfm_recency": 1,
            "rfm_frequency": 1,
            "rfm_monetary": 1,
            "as_of_date": day,
        }
    )


def fill_people(
    project: MartProject,
    frames: list[pd.DataFrame],
    days: list[dict[str, Any]],
    deleted: dict[str, date] | None = None,
    dates: list[date] | None = None,
) -> None:
    """Users on their dates; days: when they were active afterwards."""
    frame = pd.concat(frames) if frames else pd.DataFrame({"user_id": []})
    fill_dates(project, dates or [EARLIER, ANCHOR, NEWEST])
    project.fill("features.user_features", frame if len(frame) else [])
    project.fill("activity.user_days", days)
    project.fill(
        "staging.stg_users",
        [
            {"user_id": user, "deleted_at": pd.Timestamp(deleted[user]) if deleted and user in deleted else None}
            for user in sorted(set(frame.user_id))
        ],
    )
    project.fill(
        "staging.stg_accounts",
        [
            {"account_id": "empty", "created_at": pd.Timestamp(NEWEST)},
            {"account_id": "late", "created_at": pd.Timestamp(NEWEST) + pd.Timedelta(days=1)},
        ],
    )
    project.fill("staging.stg_invoices", [{"account_id": "empty", "amount": 30.0, "currency": "usd", "paid_at": pd.Timestamp(NEWEST)}])


def active_on(user: str, day: date, known: date | None = None) -> dict[str, Any]:
    return {"user_id": user, "event_date": day, "known_date": known or day, "events": 1}


def test_churn_and_health_of_random_users(made_up: MartProject) -> None:
    """A constant feature, one that repeats another, unknown values, late knowledge, deletion, ties; all cells of RFM."""
    random = np.random.default_rng(11)
    before, then, today = (people(count, random, day) for count, day in ((60, EARLIER), (400, ANCHOR), (410, NEWEST)))
    # Colleagues have the same score; every sixth user has none.
    then["account_id"] = [f"b{number // 3}" if number % 6 else None for number in range(len(then))]
    then["health_score"] = [then.health_score[number // 3] for number in range(len(then))]
    then.loc[::9, "days_since_last_seen"] = None
    then.loc[then.user_id == "u0", "active_days_28d"] = 5
    today.loc[::9, "days_since_last_seen"] = None
    cells = [(r, f, m) for r in range(1, 6) for f in range(1, 6) for m in range(1, 6)]
    for column, values in zip(("rfm_recency", "rfm_frequency", "rfm_monetary"), zip(*cells)):
        today[column] = [*values, *[1] * (len(today) - 125)]
    days, stayed = [], {}
    for frame, start in ((before, EARLIER), (then, ANCHOR)):
        chance = 1 / (1 + np.exp(-(frame.health_score / 25 - 2 + 0.3 * (frame.active_days_28d - 3))))
        stayed[start] = set(frame.user_id[random.random(len(frame)) < chance]) | {"u0"}
        days += [active_on(user, start + timedelta(days=int(random.integers(1, 29)))) for user in sorted(stayed[start])]
        # On the day itself, after the 28 days, or known too late: none of these counts.
        days += [active_on(user, start) for user in frame.user_id]
        days += [active_on(user, start + timedelta(days=28), start + timedelta(days=29)) for user in frame.user_id]
    # One user on a date of its own; a date on which all come back.
    alone, busy = people(1, random, ALONE, "s"), people(9, random, BUSY, "b")
    days += [active_on(user, BUSY + timedelta(days=1)) for user in busy.user_id]
    # u0 is deleted on the last day, u1 on the day after it.
    deleted = {"u0": NEWEST, "u1": NEWEST + timedelta(days=1)}
    fill_people(made_up, [alone, busy, before, then, today], days, deleted, [ALONE, BUSY, EARLIER, ANCHOR, NEWEST])
    for table_name in ("marts.audiences", "state.audience_exposures", "raw.past_deliveries"):
        made_up.fill(table_name, [])
    made_up.run_models(*CHURN, "account_call_list")

    outcomes = pd.concat(
        [
            pd.DataFrame(
                {
                    "as_of_date": start,
                    "account": frame.account_id.fillna(frame.user_id),
                    "health": frame.health_score,
                    "active_days": frame.active_days_28d,
                    "has_left": [int(user not in active) for user in frame.user_id],
                    "is_deleted": [user == "u0" and start == ANCHOR for user in frame.user_id],
                }
            )
            # The activity of the earlier users after the anchor date is that of the second round.
            for frame, start, active in (
                (before, EARLIER, stayed[EARLIER] | set(then.user_id)),
                (then, ANCHOR, stayed[ANCHOR]),
                (alone, ALONE, set()),
                (busy, BUSY, set(busy.user_id)),
            )
        ]
    )
    assert check_health_quality(made_up, outcomes) > 1.02
    in_use = then[then.active_days_28d > 0].reset_index(drop=True)
    assert "u0" in set(in_use.user_id) & stayed[ANCHOR], "who comes back and is deleted then"
    outcome = np.array([int(user not in stayed[ANCHOR] or user == "u0") for user in in_use.user_id])
    check_churn(made_up, in_use, outcome, today[today.active_days_28d > 0].reset_index(drop=True), ridge=0.5)
    terms = {row["term"]: row["coefficient"] for row in made_up.records("select * from marts.churn_model")}
    assert terms["tickets"] == 0 and terms["active_days"] == pytest.approx(terms["active_days_before"], abs=1e-9)
    groups = {
        (row["rfm_recency"], row["rfm_frequency"], row["rfm_monetary"]): row for row in made_up.records("select * from marts.rfm_segments")
    }
    assert {cell: row["rfm_group"] for cell, row in groups.items()} == {cell: rfm_name(*cell) for cell in cells}
    assert sum(row["users"] for row in groups.values()) == len(today) and groups[1, 1, 1]["users"] == len(today) - 124
    accounts = {row["account_id"]: row for row in made_up.records("select * from marts.account_health")}
    assert set(accounts) == {"empty", *(f"a{number}" for number in range(7))}
    assert (accounts["empty"]["users"], accounts["empty"]["mean_health"], accounts["empty"]["mrr"]) == (0, None, None)
    check_call_list(made_up, accounts)


def check_call_list(project: MartProject, accounts: dict[str, dict[str, Any]]) -> None:
    """The rank of each account from account_health; who was just sent to be called is not due again. The list is a view."""
    priority = {}
    for name, row in accounts.items():
        value = row["revenue_91d"] / 3 if row["mrr"] is None else row["mrr"]
        risk = 1 - row["mean_health"] / 100 if row["users"] else 1
        near = 30 / max(row["days_to_renewal"] if row["days_to_renewal"] is not None else 365, 30)
        priority[name] = value * risk * near
    order = sorted((name for name in priority if priority[name] > 0), key=lambda name: (-priority[name], name))
    calls = "select account_id, is_due, last_contacted_on from marts.account_call_list order by call_number"
    assert project.query(calls) == [(name, True, None) for name in order] and len(order) > 4
    first, second, third, fourth = order[:4]
    project.fill("staging.stg_users", [{"user_id": f"user of {name}", "account_id": name} for name in order])
    project.fill("marts.audiences", [{"audience": "calls", "surface": "sales"}, {"audience": "letters", "surface": "email"}])
    lately, long_ago = NEWEST - timedelta(days=27), NEWEST - timedelta(days=28)
    project.fill(
        "state.audience_exposures",
        [
            {"user_id": f"user of {name}", "audience": audience, "is_held_out": is_held_out, "delivered_through": day}
            for name, audience, is_held_out, day in (
                (first, "calls", False, long_ago),
                (first, "calls", False, lately),
                (second, "calls", True, lately),
                (second, "letters", False, lately),
                (third, "calls", False, long_ago),
            )
        ],
    )
    past = {"user_id": f"user of {fourth}", "audience": "calls", "is_held_out": "false", "delivered_through": str(NEWEST)}
    project.fill("raw.past_deliveries", [past])
    due = [(name, True, long_ago if name == third else None) for name in order if name not in (first, fourth)]
    assert project.query(calls) == [*due, (first, False, lately), (fourth, False, NEWEST)]


@pytest.mark.long
def test_churn_of_users_told_apart_by_a_feature(made_up: MartProject) -> None:
    """Outcomes that a feature separates, and a health score that says nothing."""
    random = np.random.default_rng(5)
    # Who stays is told by active days without exception, and the health score is the same for everybody.
    then, today = people(120, random, ANCHOR), people(50, random, NEWEST)
    then["active_days_28d"] = np.where(np.arange(120) % 3 == 0, 9, 2)
    today["active_days_28d"] = 5
    then["health_score"], then["revenue_91d"], today["revenue_91d"] = 50.0, 0.0, 0.0
    stayed = set(then.user_id[then.active_days_28d == 9])
    fill_people(made_up, [then, today], [active_on(user, NEWEST) for user in sorted(stayed)])
    made_up.run_models(*CHURN)
    outcome = np.array([int(user not in stayed) for user in then.user_id])
    check_churn(made_up, then, outcome, today, ridge=0.5)
    row = made_up.records("select * from marts.churn_model where term = 'intercept'")[0]
    assert (row["auc"], row["auc_lower"]) == (1, None)
    check_health_quality(
        made_up,
        pd.DataFrame(
            {
                "as_of_date": ANCHOR,
                "account": then.account_id,
                "health": then.health_score,
                "active_days": then.active_days_28d,
                "has_left": outcome,
                "is_deleted": False,
            }
        ),
    )
    row = made_up.records("select * from marts.health_score_quality where population = 'all_users'")[0]
    assert (row["auc"], row["auc_lower"], row["p_value"]) == (0.5, None, None)
    assert made_up.query("select share_of_revenue from marts.rfm_segments") == [(None,)]


@pytest.mark.long
def test_churn_and_clusters_of_nobody(made_up: MartProject) -> None:
    """Two users who both stay are no model; then nobody at all, on the first date there is."""
    random = np.random.default_rng(8)
    then, today = people(2, random, ANCHOR).assign(active_days_28d=1), people(1, random, NEWEST).assign(account_id=None, active_days_28d=1)
    for frames, days, dates in [([then, today], [active_on(user, NEWEST) for user in then.user_id], None), ([], [], [NEWEST])]:
        fill_people(made_up, frames, days, dates=dates)
        made_up.run_models(*CHURN, *([] if frames else CLUSTERS))
        model = table(made_up, "select * from marts.churn_model")
        assert len(model) == len(CHURN_TERMS)
        assert (
            set(model.quality) == {"insufficient"}
            and model.coefficient.isna().all()
            and model.auc.isna().all()
            and not model.is_converged.any()
        )
        scores = table(made_up, "select * from marts.user_churn_scores")
        assert len(scores) == (1 if frames else 0)
        quality = table(made_up, "select * from marts.health_score_quality")
        assert len(quality) == (2 if frames else 0)
        if frames:
            assert (
                set(scores.quality) == {"insufficient"}
                and scores.churn_probability.isna().all()
                and scores.share_at_lower_risk.isna().all()
            )
            assert set(quality.quality) == {"insufficient"} and quality.auc.isna().all() and quality.p_value.isna().all()
        assert made_up.query("select count(*) from marts.rfm_segments") == [(1 if frames else 0,)]
    assert made_up.query("select count(*) from state.cluster_centroids") == [(0,)]
    assert made_up.query("select count(*) from marts.user_clusters") == [(0,)]
    assert made_up.query("select count(*) from marts.cluster_quality") == [(0,)]


@pytest.mark.parametrize(("kind", "quality"), [("cloud", "unstable"), pytest.param("groups", "stable", marks=pytest.mark.long)])
def test_a_cloud_is_unstable_and_groups_are_stable(made_up: MartProject, kind: str, quality: str) -> None:
    """Users who differ by chance alone are cut into k clusters all the same, and by other accounts otherwise."""
    random = np.random.default_rng(8)
    users = people(240, random, NEWEST)
    centers = np.array([[2, 0, 0, -2, 0], [-2, 2, 0, 0, 0], [0, -2, 2, 0, 2], [0, 0, -2, 2, -2]])
    at = random.normal(size=(len(users), 5))
    if kind == "groups":
        at = centers[np.arange(len(users)) % 4] + 0.15 * at
    users["active_days_91d"] = np.exp(2 + 0.4 * at[:, 0]).round().clip(1).astype(int)
    users["sessions_91d"], users["session_minutes_91d"] = 100, 100 * np.exp(1 + 0.5 * at[:, 1])
    users["distinct_features_91d"] = (6 + 2 * at[:, 2]).round().clip(0).astype(int)
    users["days_since_last_seen"] = np.exp(3 + 0.5 * at[:, 3]).round().astype(int)
    users["tenure_days"] = np.exp(5 + 0.5 * at[:, 4]).round().astype(int)
    users["account_id"] = [f"a{number // 3}" for number in range(len(users))]
    fill_people(made_up, [users.assign(as_of_date=NEWEST)], [], dates=[NEWEST])
    made_up.run_models(*CLUSTERS)
    found = check_quality(made_up, users, 4, 6).iloc[0]
    made_up._execute("drop table state.cluster_centroids")
    print(kind, found.adjusted_rand_index, found.mean_silhouette)
    assert found.quality == quality


@pytest.mark.long
def test_clusters_keep_their_numbers(made_up: MartProject) -> None:
    """Fitted when it is due, assigned in between, aligned to the version before, kept by a full refresh."""
    random = np.random.default_rng(3)

    def fill(day: date, frame: pd.DataFrame) -> pd.DataFrame:
        fill_people(made_up, [frame.assign(as_of_date=day)], [], dates=[day])
        return frame[frame.active_days_91d > 0].reset_index(drop=True)

    def versions() -> list[tuple]:
        return made_up.query("select distinct version, as_of_date from state.cluster_centroids order by 1")

    users = people(300, random, NEWEST)
    users.loc[:4, "active_days_91d"] = 0
    users.loc[::8, "days_since_last_seen"] = None
    users["tenure_days"] = 5
    users = fill(NEWEST, users)
    made_up.run_models(*CLUSTERS)
    first = check_fit(made_up, users, 4, 6, 1, None)
    assert set(first) == {1, 2, 3, 4}
    check_quality(made_up, users, 4, 6)

    # 29 days later other users, and a full refresh: nothing is due, they are assigned to the stored centers.
    later = people(80, random, NEWEST, "v")
    fill(NEWEST + timedelta(days=29), later)
    made_up.run_models(*CLUSTERS)
    assert versions() == [(1, NEWEST)]
    mean, deviation = moments(cluster_matrix(users))
    x = standardized(cluster_matrix(later), mean, deviation)
    distance = {
        number: np.sqrt(((x - standardized(centroid[None, :], mean, deviation)) ** 2).sum(axis=1)) for number, centroid in first.items()
    }
    for row in made_up.records("select * from marts.user_clusters"):
        place = list(later.user_id).index(row["user_id"])
        order = sorted((distance[number][place], number) for number in first)
        assert row["cluster"] == order[0][1] and close(row["distance"], order[0][0]) and close(row["next_distance"], order[1][0])
        assert (row["version"], row["fitted_on"]) == (1, NEWEST)

    # 30 days later it is due. The same users in other numbers of standard deviations: each cluster keeps its number.
    moved = users.assign(tenure_days=random.integers(0, 300, len(users)), distinct_features_91d=users.distinct_features_91d * 3)
    fill(NEWEST + timedelta(days=30), moved)
    made_up.run_models(*CLUSTERS)
    assert [version for version, _ in versions()] == [1, 2]
    second = check_fit(made_up, moved, 4, 6, 2, first)
    assert set(second) == {1, 2, 3, 4}
    assert made_up.query("select count(distinct version), count(*) from state.cluster_centroids__backup") == [(1, 20)]

    # Two clusters more, on the same day: due, since the settings changed. Three users for six clusters: three stay empty.
    few = users[:3].assign(user_id=["x", "y", "z"])
    apart = people(60, random, NEWEST).assign(active_days_91d=0, as_of_date=NEWEST + timedelta(days=2), active_days_28d=[1, 9] * 30)
    today = NEWEST + timedelta(days=30)
    fill_people(
        made_up,
        [few.assign(as_of_date=today), apart],
        [active_on(user, today) for user in apart.user_id[::2]],
        dates=[NEWEST + timedelta(days=2), today],
    )
    # A model without a ridge has no solution where a feature separates the outcomes: the steps do not suffice, and it says so.
    made_up.configure(clusters={"count": 6, "iterations": 6, "refit_days": 30}, churn={"ridge": 0, "steps": 4})
    made_up.run_models(*CLUSTERS, *CHURN_MODEL)
    model = made_up.query("select distinct quality, is_converged, coefficient, auc from marts.churn_model")
    assert model == [("not_converged", False, None, None)]
    third = check_fit(made_up, few, 6, 6, 3, second, use_sklearn=False)
    assert set(third) == {1, 2, 3, 4, 5, 6}
    assert made_up.query("select sum(users) from (select distinct cluster, users from state.cluster_centroids where version = 3)") == [(3,)]
    # Nothing changed: nothing is added.
    made_up.run_models(*CLUSTERS, full_refresh=False)
    assert [version for version, _ in versions()] == [1, 2, 3]


STARTS = """{{ config(schema='marts') }}
select cast(1 as bigint) as number, cast(0 as bigint) as steps
"""
DOUBLED = """{{ config(schema='marts', materialized='iterated', start='doubled_starts', steps=STEPS) }}
select number * 2 as number, steps + 1 as steps from {{ segmentation.last_step(ref('doubled_starts')) }}
where FAILURE
"""


def test_a_loop_ends_after_its_steps_and_one_that_fails_leaves_the_table_as_it_was(made_up: MartProject) -> None:
    """The materialization `iterated`: a build anew, and one that is stopped halfway."""
    models = made_up.folder / "models/marts/discovery"

    def run(steps: str, failure: str = "true") -> Result:
        (models / "doubled.sql").write_text(DOUBLED.replace("STEPS", steps).replace("FAILURE", failure), encoding="utf-8")
        return made_up.run("run", "--select", "doubled_starts", "doubled")

    def tables() -> list[tuple]:
        return made_up.query(
            "select table_name from information_schema.tables where table_schema = 'marts' and table_name like 'doubled%' order by 1"
        )

    (models / "doubled_starts.sql").write_text(STARTS, encoding="utf-8")
    try:
        for steps, number in ((3, 8), (1, 2), (7, 128)):
            assert run(str(steps))
            assert made_up.query("select * from marts.doubled") == [(number, steps)]
            assert tables() == [("doubled",), ("doubled_starts",)]
        result = run("5", "case when steps < 3 then true else error('stopped') end")
        assert not result and "stopped" in result.output
        assert made_up.query("select * from marts.doubled") == [(128, 7)] and tables() == [("doubled",), ("doubled_starts",)]
        result = run("0")
        assert not result and "iterated: `steps` must be a whole number ≥ 1, got 0" in result.output
    finally:
        (models / "doubled.sql").unlink()
        (models / "doubled_starts.sql").unlink()


# What is told about arguments: macro, arguments, texts that must occur; none: nothing is wrong.
PROBLEMS: list[tuple[str, list[Any], list[str]]] = [
    ("_newton_step_problems", [9, 0], []),
    (
        "_newton_step_problems",
        [10, -1],
        ["newton_step: `features` must be a whole number from 1 to 9, got 10", "`ridge` must be a number ≥ 0, got -1"],
    ),
    ("_newton_step_problems", [1, True], ["`ridge` must be"]),
    ("_nearest_centroid_problems", [2], []),
    ("_nearest_centroid_problems", [1], ["nearest_centroid: `clusters` must be a whole number from 2 to 9, got 1"]),
    ("_nearest_centroid_problems", ["5"], ["got 5"]),
    ("_nearest_centroid_problems", [10], ["got 10"]),
    ("_feature_list_problems", ["cluster_features", [{"name": "one"}], 9], []),
    ("_feature_list_problems", ["cluster_features", [], 9], ["cluster_features: there must be 1 to 9 features, got 0"]),
    (
        "_feature_list_problems",
        ["churn_features", [{"name": name} for name in ("a b", "intercept", "x", "x")], 3],
        ["got 4", "got 'a b'", "got 'intercept'", "given twice"],
    ),
    ("_north_star_window_problems", [91], []),
    ("_north_star_window_problems", [14], ["north_star_value: `days` must be one of 7, 28, 91, got 14."]),
]


def test_settings_out_of_bounds_are_named(macro_project: Warehouse) -> None:
    cases = (
        ", ".join(f"[segmentation.{macro}, {arguments!r}]" for macro, arguments, _ in PROBLEMS)
        .replace("None", "none")
        .replace("True", "true")
    )
    (macro_project.folder / "macros/discovery_cases.sql").write_text(
        "{% macro discovery_cases() %}{% set told = [] %}{% for case in [" + cases + "] %}"
        "{% do told.append(case[0](*case[1])) %}{% endfor %}{% do print('ANSWERS' ~ tojson(told)) %}{% endmacro %}",
        encoding="utf-8",
    )
    result = macro_project.run("run-operation", "discovery_cases")
    assert result, result.output
    answers = json.loads(result.output.split("ANSWERS", 1)[1].split("\n", 1)[0])
    for (macro, arguments, texts), told in zip(PROBLEMS, answers, strict=True):
        assert len(told) == len(texts), (macro, arguments, told)
        for text in texts:
            assert any(text in problem for problem in told), (macro, arguments, text, told)
