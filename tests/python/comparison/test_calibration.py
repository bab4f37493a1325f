"""The p values of segment_comparison keep their promise: of random segments 5 % have p < 0.05, whatever the kind of metric and
however skewed, and whether users or whole accounts are drawn; and of what has q ≤ 0.1 at most a tenth is a false alarm. See
docs/statistics.md for what Welch's t does here."""

from __future__ import annotations

import re

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from made_up_users import some_users
from mart_project import MartProject
from registries import project_variables
from render_macros import loaded_macros, macro_texts
from warehouse import COMPARISON_MODELS, ROOT, Warehouse

VARIABLES = project_variables(ROOT)
USERS, DATES, NULLS, EFFECTS = 6000, 24, 44, 16

KINDS = {
    "binary": ["paying_users", "repeat_rate", "retained_users_28d"],
    "mean": ["active_days_28d", "health_score", "distinct_features_28d"],
    "heavy-tailed mean": ["revenue_91d", "mrr", "session_minutes_28d", "tickets_91d"],
    "ratio": ["stickiness", "click_through_rate_91d"],
    "heavy-tailed ratio": ["arpu_91d", "engagement"],
    "nps": ["nps"],
    "ordinal": ["csat_score"],
}


def random_world() -> tuple[pd.DataFrame, pd.DataFrame]:
    """Users of many dates, each date a draw of its own, and members of 44 random segments and of 16 that lean to the active."""
    random = np.random.default_rng(20261124)
    users, members = [], []
    for number in range(DATES):
        date = f"2026-{1 + number // 24:02d}-{1 + number:02d}"
        frame = some_users(random, USERS).assign(as_of_date=date)
        # Payers as in the table of STATISTICS: 12 % × lognormal.
        frame["revenue_91d"] = np.where(random.random(USERS) < 0.12, random.lognormal(3, 1.5, USERS), 0.0)
        users.append(frame)
        lean = np.exp(0.05 * frame["active_days_28d"].to_numpy())
        for segment in range(NULLS + EFFECTS):
            size = int(np.exp(random.uniform(np.log(30), np.log(3000))))
            weights = lean / lean.sum() if segment >= NULLS else None
            chosen = random.choice(USERS, size=size, replace=False, p=weights)
            name = f"{'lean' if segment >= NULLS else 'random'}_{segment}"
            members.append(pd.DataFrame({"user_id": frame["user_id"].to_numpy()[chosen], "segment": name, "as_of_date": date}))
    return pd.concat(users, ignore_index=True), pd.concat(members, ignore_index=True)


@pytest.fixture(scope="module")
def compared(tmp_path_factory: pytest.TempPathFactory, sample_warehouse: Warehouse) -> pd.DataFrame:
    project = MartProject(tmp_path_factory.mktemp("calibration") / "project", sample_warehouse, {"comparison_pairs": []})
    return compared_world(project, *random_world())


def compared_world(project: MartProject, users: pd.DataFrame, members: pd.DataFrame, are_pairs: bool = False) -> pd.DataFrame:
    """All rows but those of the baseline `all`. `are_pairs`: every other date is compared with the one before it."""
    dates = sorted(users["as_of_date"].unique())
    project.fill("features.user_features", users)
    project.fill("marts.user_segments", members.assign(definition_hash="x"))
    project.fill("marts.segments", [{"segment": segment} for segment in sorted(members["segment"].unique())])
    project.fill("activity.data_through", [{"data_through": dates[-1]}])
    project.fill(
        "activity.as_of_dates",
        [
            {"as_of_date": date, "previous_as_of_date": dates[number - 1] if are_pairs and number % 2 else None, "is_period_end": True}
            for number, date in enumerate(dates)
        ],
    )
    project.run_models(*COMPARISON_MODELS)
    return project.frame("select * from marts.segment_comparison where baseline <> 'all'")


@pytest.mark.parametrize("kind", KINDS)
def test_of_random_segments_5_percent_have_a_p_below_5_percent(compared: pd.DataFrame, kind: str) -> None:
    for metric in KINDS[kind]:
        p_values = compared[(compared["metric"] == metric) & compared["segment"].str.startswith("random")]["p_value"].dropna()
        assert len(p_values) > 0.85 * NULLS * DATES
        share = (p_values < 0.05).mean()
        error = (0.05 * 0.95 / len(p_values)) ** 0.5
        print(f"{kind:20s} {metric:24s} {share:.4f} of {len(p_values)} random segments, {(share - 0.05) / error:+.1f} standard errors")
        assert abs(share - 0.05) <= 3 * error, metric


def test_of_discoveries_at_10_percent_at_most_a_tenth_is_false(compared: pd.DataFrame) -> None:
    """The mean false discovery proportion over the families of all dates, true nulls and real effects mixed."""
    metrics = {metric["name"]: metric for metric in loaded_macros(macro_texts(ROOT), VARIABLES)["metrics"]()}
    sql = {
        name: " ".join(str(entry.get(field, "")) for field in ("expression", "numerator", "denominator")) for name, entry in metrics.items()
    }
    affected = {name for name, text in sql.items() if re.search("active_days|sessions_|session_minutes|events_", text)}
    tested = compared[compared["q_value"].notna() & (compared["family"].str.split("/").str[1] != "guardrail")].copy()
    tested["is_null"] = tested["segment"].str.startswith("random") | ~tested["metric"].isin(affected)
    tested["is_found"] = tested["q_value"] <= 0.1
    families = tested.groupby("family").apply(
        lambda rows: pd.Series({"found": rows["is_found"].sum(), "false": (rows["is_found"] & rows["is_null"]).sum()}), include_groups=False
    )
    proportion = families["false"] / families["found"].clip(lower=1)
    error = proportion.std(ddof=1) / len(proportion) ** 0.5
    print(
        f"false discovery rate {proportion.mean():.4f} ± {error:.4f} over {len(families)} families, {families['found'].sum()} discoveries"
    )
    assert len(families) >= 2 * DATES and families["found"].sum() > 500 and tested["is_null"].mean() > 0.5
    assert families["false"].sum() > 0, "a correction that lets nothing through would pass"
    assert proportion.mean() <= 0.1 + 3 * error


ACCOUNTS, ACCOUNT_DATES, ACCOUNT_NULLS = 400, 16, 40


def company_world() -> tuple[pd.DataFrame, pd.DataFrame]:
    """Users of accounts, a few of which are large, who are like their colleagues in most things; segments of whole accounts and of users.

    Every other date has the users of the one before it: some have changed, often with their colleagues, and everybody is less
    active, as in a holiday.
    """
    random = np.random.default_rng(20261127)
    users, members, frame = [], [], pd.DataFrame()
    for number in range(ACCOUNT_DATES):
        date = f"2026-01-{1 + number:02d}"
        is_later = number % 2 == 1
        if not is_later:
            sizes = np.ceil(random.lognormal(1, 1, ACCOUNTS)).astype(int).clip(1, 60)
            account = np.repeat(np.arange(ACCOUNTS), sizes)
        own, shared = some_users(random, len(account)), some_users(random, ACCOUNTS).iloc[account].reset_index(drop=True)
        drawn = own.where(pd.DataFrame(random.random(own.shape) < 0.4, columns=own.columns), shared)
        if is_later:
            changed = (random.random(ACCOUNTS) < 0.4)[account] | (random.random(len(account)) < 0.1)
            drawn = frame.drop(columns=["account_id", "as_of_date"]).where(~pd.Series(changed), drawn)
            for column in ("active_days_7d", "active_days_28d", "active_days_91d", "sessions_28d", "events_28d", "session_minutes_28d"):
                drawn[column] = np.floor(drawn[column].astype(float) * 0.7)
        frame = drawn.assign(
            user_id=own["user_id"],
            account_id=[f"a{one}" for one in account],
            account_users=sizes[account],
            tenure_days=600,
            as_of_date=date,
        ).infer_objects()
        users.append(frame)
        for segment in range(ACCOUNT_NULLS):
            by_account = segment % 2 == 0
            chosen = (
                np.isin(account, random.choice(ACCOUNTS, size=int(random.choice([20, 50, 100])), replace=False))
                if by_account
                else np.isin(np.arange(len(account)), random.choice(len(account), size=int(random.integers(40, 400)), replace=False))
            )
            name = f"{'accounts' if by_account else 'users'}_{segment}"
            members.append(pd.DataFrame({"user_id": frame["user_id"].to_numpy()[chosen], "segment": name, "as_of_date": date}))
    return pd.concat(users, ignore_index=True), pd.concat(members, ignore_index=True)


@pytest.fixture(scope="module")
def companies(tmp_path_factory: pytest.TempPathFactory, sample_warehouse: Warehouse) -> pd.DataFrame:
    project = MartProject(tmp_path_factory.mktemp("companies") / "project", sample_warehouse, {"comparison_pairs": []})
    return compared_world(project, *company_world(), are_pairs=True)


@pytest.mark.parametrize("baseline", ["rest", "difference_in_differences"])
@pytest.mark.parametrize("drawn", ["accounts", "users"])
def test_random_accounts_and_users_are_significant_as_often_as_p_says(companies: pd.DataFrame, drawn: str, baseline: str) -> None:
    compared = companies[companies["baseline"] == baseline]
    rows = compared[compared["segment"].str.startswith(drawn)]
    checked = [metric for metrics in KINDS.values() for metric in metrics]
    tested = rows[rows["p_value"].notna() & rows["metric"].isin(checked)]
    shares = tested.groupby("metric")["p_value"].agg(lambda p: (p < 0.05).mean())
    print(shares.round(3).to_dict(), tested.groupby("metric").size().min(), rows["design_effect"].median())
    naive = (2 * stats.norm.sf(abs(tested["statistic"]) * tested["design_effect"] ** 0.5) < 0.05).mean()
    overall = (tested["p_value"] < 0.05).mean()
    print(f"{drawn}: p < 0.05 in {overall:.4f} of {len(tested)}; without the design effect in {naive:.4f}")
    assert overall < 0.06
    if drawn == "accounts":
        assert naive > 0.15, "nothing to correct"
    families = compared[compared["q_value"].notna()].groupby("family")["q_value"].min()
    print(f"a q of at most 0.1 in {(families <= 0.1).mean():.3f} of {len(families)} families")
    assert (families <= 0.1).mean() <= 0.1 + 3 * (0.09 / len(families)) ** 0.5


def test_intervals_within_plan_and_tenure_hold(companies: pd.DataFrame) -> None:
    """Nothing is left of random segments: 5 % of the intervals of the standardized difference may leave out 0."""
    checked = [metric for metrics in KINDS.values() for metric in metrics]
    rows = companies[(companies["baseline"] == "rest") & companies["metric"].isin(checked) & (companies["quality"] != "insufficient")]
    for drawn in ("accounts", "users"):
        found = rows[rows["segment"].str.startswith(drawn) & rows["standardized_difference_lower"].notna()]
        off = abs(found["standardized_difference"])
        margin = found["standardized_difference_upper"] - found["standardized_difference"]
        missed, naive = (off > margin).mean(), (off > margin / found["design_effect"] ** 0.5).mean()
        print(f"{drawn}: {missed:.4f} of {len(found)} leave out 0, without the design effect {naive:.4f}")
        assert 0.02 < missed < 0.06
        assert naive > 0.15 or drawn == "users", "nothing to correct"


SHARED = {"disjoint": 0.0, "one_user": 0.0, "a_tenth": 0.1, "half": 0.5, "inside": 1.0}
DRAWS = 6


def pair_world(names: list[str]) -> tuple[pd.DataFrame, pd.DataFrame, dict[str, tuple[str, tuple[str, str]]]]:
    """The companies, and on each date a pair of segments that mean nothing for each way to share users: the ways by the first segment."""
    random = np.random.default_rng(20261128)
    first_users, _ = company_world()
    ways = [(drawn, kind) for drawn in ("accounts", "users") for kind in SHARED]
    pairs = {names[2 * place]: (names[2 * place + 1], way) for place, way in enumerate(ways)}
    users, members = [], []
    for number, (_, company) in enumerate(list(first_users.groupby("as_of_date"))[::2] * DRAWS):
        date = f"2026-{1 + number // 28:02d}-{1 + number % 28:02d}"
        frame = company.assign(as_of_date=date)
        users.append(frame)
        ids, accounts = frame["user_id"].to_numpy(), pd.factorize(frame["account_id"])[0]
        for name, (other_name, way) in pairs.items():
            drawn, kind = way
            units = accounts if drawn == "accounts" else np.arange(len(ids))
            size = int(random.integers(50, 100) * (1 if drawn == "accounts" else 3))
            order, shared = random.permutation(units.max() + 1), round(SHARED[kind] * size)
            one = np.isin(units, order[:size])
            other = np.isin(units, np.concatenate([order[:shared], order[size : 2 * size - (shared if kind != "inside" else 0)]]))
            if kind == "one_user":
                other[random.choice(np.flatnonzero(one))] = True
            for segment, inside in ((name, one), (other_name, other)):
                members.append(pd.DataFrame({"user_id": ids[inside], "segment": segment, "as_of_date": date}))
    return pd.concat(users, ignore_index=True), pd.concat(members, ignore_index=True), pairs


@pytest.mark.long
def test_pairs_that_share_users_are_significant_as_often_as_p_says(
    tmp_path_factory: pytest.TempPathFactory, sample_warehouse: Warehouse
) -> None:
    names = [name for (name,) in sample_warehouse.query("select segment from marts.segments where retired_on is null order by 1")]
    users, members, pairs = pair_world(names)
    variables = {"comparison_pairs": [[name, other] for name, (other, _) in pairs.items()]}
    project = MartProject(tmp_path_factory.mktemp("pairs") / "project", sample_warehouse, variables)
    compared = compared_world(project, users, members)
    checked = [metric for metrics in KINDS.values() for metric in metrics]
    rows = compared[compared["baseline"].str.startswith("segment:") & compared["metric"].isin(checked) & compared["p_value"].notna()]
    for name, (_, way) in pairs.items():
        drawn, kind = way
        tested = rows[rows["segment"] == name]
        assert (tested["is_overlapping"] == (kind != "disjoint")).all() and len(tested) > 500
        share, far = ((tested["p_value"] < level).mean() for level in (0.05, 0.001))
        off = abs(tested["difference"]) > tested["difference_upper"] - tested["difference"]
        print(f"{drawn} {kind}: p < 0.05 in {share:.4f}, < 0.001 in {far:.4f} of {len(tested)}; {off.mean():.4f} leave out 0")
        # Metrics of one pair go together, so there is less to see than rows: as if each spoke for three.
        assert 0.02 < share < 0.05 + 3 * (0.05 * 0.95 * 3 / len(tested)) ** 0.5


def test_a_holiday_is_a_change_of_every_segment_and_of_none_beside_the_others(companies: pd.DataFrame) -> None:
    """Against themselves all random segments have become less active; beside all others none has."""
    days = companies[(companies["metric"] == "active_days_28d") & companies["p_value"].notna()]
    found = days.groupby("baseline")["q_value"].agg(lambda q: (q <= 0.1).mean())
    print(found.round(3).to_dict())
    assert found["previous_period"] > 0.5 and found["difference_in_differences"] < 0.05
