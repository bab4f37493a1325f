"""segment_comparison against scipy, statsmodels and pandas: every column, kind, baseline and trap, on made-up users and the sample."""

from __future__ import annotations

import math

import duckdb
import numpy as np
import pandas as pd
import pytest
import tea_tasting
from statsmodels.stats.multitest import multipletests

from comparison_oracle import NAN, Paired, Values, against, before, contrast, ratio_of, with_q_values
from made_up_users import some_users
from mart_project import MartProject, fill_versions
from registries import project_variables
from render_macros import loaded_macros, macro_texts
from warehouse import COMPARISON_MODELS, ROOT, Warehouse

VARIABLES = project_variables(ROOT)
MACROS = loaded_macros(macro_texts(ROOT), VARIABLES)
METRICS = {metric["name"]: metric for metric in MACROS["metrics"]()}
TIERS = {name: metric["tier"] for name, metric in METRICS.items()}
# Two or three of each kind, with and without a cap, with and without users who lack it: the rest has the same SQL.
CHECKED = [
    "activation_rate",
    "retained_users_28d",
    "active_days_28d",
    "days_to_first_use",
    "revenue_91d",
    "tickets_91d",
    "stickiness",
    "arpu_91d",
    "click_through_rate_91d",
    "csat_score",
    "nps",
    "health_score",
    "session_minutes_28d",
    "mrr",
    "nrr_91d",
]
# How many days must be over before a change of the metric can be one of the user: the longest window behind it.
WINDOWS = {
    "retained_users_28d": 56,
    "active_days_28d": 28,
    "revenue_91d": 91,
    "tickets_91d": 91,
    "stickiness": 28,
    "arpu_91d": 91,
    "click_through_rate_91d": 91,
    "health_score": 56,
    "session_minutes_28d": 28,
    "nrr_91d": 91,
}
TRAPS, FIRST, SECOND = "2026-01-04", "2026-02-01", "2026-02-08"
PREVIOUS = {SECOND: FIRST}
PAIRS = [("enterprise_companies", "small_companies"), ("new_users", "under_35"), ("enterprise_companies", "north_america")]
NUMBERS = [
    "share_of_users",
    "share_of_total",
    "mean",
    "raw_mean",
    "standard_deviation",
    "baseline_mean",
    "baseline_raw_mean",
    "baseline_standard_deviation",
    "difference",
    "difference_lower",
    "difference_upper",
    "lift",
    "lift_lower",
    "lift_upper",
    "statistic",
    "p_value",
    "q_value",
    "effect_size",
    "smallest_detectable_difference",
    "design_effect",
    "standardized_difference",
    "standardized_difference_lower",
    "standardized_difference_upper",
    "comparable_share",
    "composition_effect",
]


def features() -> pd.DataFrame:
    random = np.random.default_rng(20261124)
    dates = [some_users(random, 460).assign(as_of_date=FIRST)]
    # Most users stay as they were, some change, some are gone.
    fresh, old = some_users(random, 480), dates[0].set_index("user_id")
    kept = fresh["user_id"].isin(old.index) & (random.random(480) < 0.7)
    fresh.loc[kept, :] = old.loc[fresh.loc[kept, "user_id"]].reset_index()[fresh.columns].to_numpy()
    dates.append(fresh[(random.random(480) > 0.05) | (np.arange(480) >= 400)].assign(as_of_date=SECOND))
    # Traps: of 200 users the members have more days because they are in the better plan, and fewer within each plan. Nobody
    # has answered, everybody has the same score, minutes that no double holds exactly, and no tickets.
    traps = some_users(random, 200).assign(as_of_date=TRAPS, tenure_days=300, csat_score=np.nan, health_score=50.0, tickets_91d=0)
    number = np.arange(200)
    traps["plan"] = np.where(number < 100, "pro", "free")
    traps["active_days_28d"] = np.where(number < 100, 20, 5) - 2 * np.isin(number, SIMPSON) + number % 2
    traps["session_minutes_28d"] = 0.1
    users = pd.concat([traps, *dates], ignore_index=True)
    # Accounts of one to thirty users; every fifth user has none, and some moved between the dates.
    number = users["user_id"].str[1:].astype(int) + 40 * ((users["as_of_date"] == SECOND) & users["user_id"].str.endswith("7"))
    users["account_id"] = ("a" + (number**0.7).astype(int).astype(str)).where(number % 5 > 0, None)
    # Some have a colleague more: what they pay is divided among more, and nobody has changed.
    more = (users["as_of_date"] == SECOND) & (number % 3 == 1)
    users["account_users"] += more
    users["revenue_91d"] = users["revenue_91d"].where(~more, users["revenue_91d"] * (users["account_users"] - 1) / users["account_users"])
    return users


# 80 of the better plan and 20 of the other.
SIMPSON = [*range(80), *range(180, 200)]


def memberships(users: pd.DataFrame) -> pd.DataFrame:
    random = np.random.default_rng(7)
    rows = []
    for date, group in users.groupby("as_of_date"):
        ids = group["user_id"].to_numpy()
        chance = random.random(len(ids))
        chosen = {
            "half": chance < 0.5,
            "some": chance > 0.9,
            "a_few": np.arange(len(ids)) < 12,
            "two": np.arange(len(ids)) < 2,
            "one": np.arange(len(ids)) == 3,
            "nobody": chance > 2,
            "everybody": chance > -1,
            "all_but_one": np.arange(len(ids)) != 3,
            # Chosen by their inactivity, as the segment of this name is.
            "inactive_users": group["active_days_28d"].to_numpy() == 0,
            "enterprise_companies": chance < 0.2,
            "small_companies": chance > (0.15 if date == TRAPS else 0.4),
            "new_users": chance < 0.01,
            # As large as the one it shares half of its users with.
            "north_america": (chance > 0.1) & (chance < 0.33),
            "under_35": chance > 0.99,
            "better_plan": np.isin(np.arange(len(ids)), SIMPSON) if date == TRAPS else chance < 0.3,
        }
        # Accounts are in it or not, as those of a plan or a country are.
        chosen["whole_accounts"] = group["account_id"].fillna("").str[-1:].isin(list("1357")).to_numpy()
        chosen["few_accounts"] = (group["account_id"].fillna("a0").str[1:].astype(int) > 45).to_numpy()
        for segment, inside in chosen.items():
            rows.append(pd.DataFrame({"user_id": ids[inside], "segment": segment, "as_of_date": date}))
    return pd.concat(rows, ignore_index=True)


SEGMENTS = [
    "half",
    "some",
    "a_few",
    "two",
    "one",
    "nobody",
    "everybody",
    "all_but_one",
    "inactive_users",
    "enterprise_companies",
    "small_companies",
    "new_users",
    "under_35",
    "north_america",
    "better_plan",
    "whole_accounts",
    "few_accounts",
]


def values_of(users: pd.DataFrame) -> dict[str, Values]:
    """The metrics of one date's users, by user_id: the registry's SQL, evaluated by DuckDB, and nothing else of ours."""
    found = {}
    for name in CHECKED:
        metric = METRICS[name]
        numerator = metric.get("expression") or metric["numerator"]
        sql = f"select user_id, cast({numerator} as double) as x, cast({metric.get('denominator', '1')} as double) as w from users"
        frame = duckdb.execute(sql).df().set_index("user_id")
        found[name] = Values.of(metric, frame["x"], frame["w"] if metric["kind"] == "ratio" else None)
    return found


def divided_as_before(now: pd.DataFrame, was: pd.DataFrame) -> pd.DataFrame:
    """The users of a date as if each account that they still have were divided by its users of the date before."""
    frozen = now.set_index("user_id")
    old = was.set_index("user_id").reindex(frozen.index)
    same = (frozen["account_id"] == old["account_id"]) & old["account_users"].notna()
    users = old["account_users"].where(same, frozen["account_users"]).astype(float)
    # Who is without an account pays alone, on both dates.
    revenue = frozen["revenue_91d"].astype(float)
    frozen["revenue_91d"] = (revenue * frozen["account_users"] / users).where(frozen["account_id"].notna(), revenue)
    return frozen.assign(account_users=users).reset_index()


def expected_rows(
    users: pd.DataFrame,
    members: pd.DataFrame,
    segments: list[str],
    previous: dict[str, str],
    dates: list[str],
    pairs: list[tuple[str, str]],
) -> pd.DataFrame:
    """All rows of the mart but q and family."""
    values = {date: values_of(users[users["as_of_date"] == date]) for date in {*dates, *filter(None, map(previous.get, dates))}}
    plans = users.set_index(["as_of_date", "user_id"])
    bands = sorted(VARIABLES["tenure_bands"])
    rows = []
    for date in dates:
        now = plans.loc[date]
        if previous.get(date):
            was_there = users[users["as_of_date"] == previous[date]]
            frozen = values_of(divided_as_before(users[users["as_of_date"] == date], was_there))
            tenures = was_there.set_index("user_id")["tenure_days"]
        accounts = now["account_id"].where(now["account_id"].notna(), "alone " + now.index.to_series())
        strata = now["plan"].fillna("none") + pd.Series(np.searchsorted(bands, now["tenure_days"], side="right"), index=now.index).astype(
            str
        )
        inside_of = {
            (segment, day): pd.Series(
                plans.loc[day].index.isin(members[(members["segment"] == segment) & (members["as_of_date"] == day)]["user_id"]),
                index=plans.loc[day].index,
            )
            for segment in segments
            for day in {date, previous.get(date, date)}
        }
        for segment in segments:
            inside = inside_of[segment, date]
            for name, metric_values in values[date].items():
                key = {"segment": segment, "metric": name, "as_of_date": date}
                known = metric_values.raw.notna()
                shares = {
                    "share_of_users": (inside & known).sum() / known.sum() if known.any() else NAN,
                    "share_of_total": metric_values.raw[inside].sum() / metric_values.raw.sum()
                    if METRICS[name]["adds_up"] and metric_values.raw.sum()
                    else NAN,
                }
                rest = against(metric_values, inside, ~inside, strata, accounts)
                rows.append({**key, **shares, **rest, "baseline": "rest"})
                everyone = against(metric_values, inside, inside | True, strata, accounts, are_all=True)
                nothing = {"standardized_difference": NAN, "comparable_share": NAN, "is_reversed": False, "is_overlapping": True}
                nothing |= dict.fromkeys(
                    [
                        "statistic",
                        "p_value",
                        "difference_lower",
                        "difference_upper",
                        "lift_lower",
                        "lift_upper",
                        "smallest_detectable_difference",
                    ],
                    NAN,
                )
                rows.append({**key, **shares, **everyone, **nothing, "baseline": "all"})
                for one, other in pairs:
                    if one == segment:
                        pair = against(metric_values, inside, inside_of[other, date], strata, accounts)
                        rows.append({**key, **shares, **pair, "baseline": f"segment:{other}"})
                if previous.get(date):
                    day = previous[date]
                    old = values[day][name]
                    was = inside_of[segment, day]
                    value, weight = old.capped()
                    mean_before = ratio_of(value[was].dropna(), weight[was].dropna())
                    present = Values(old.kind, frozen[name].raw, frozen[name].raw_weight, metric_values.caps)
                    paired = Paired.of(present, old, tenures.fillna(math.inf) >= WINDOWS.get(name, 0) - 1)
                    change = before(paired, inside, rest["mean"], mean_before, accounts)
                    rows.append({**key, **shares, **change, "baseline": "previous_period"})
                    beside = contrast(paired, inside, change["difference"], accounts)
                    rows.append({**key, **shares, **beside, "baseline": "difference_in_differences"})
    return pd.DataFrame(rows)


def differing(built: pd.DataFrame, expected: pd.DataFrame) -> list[str]:
    """What differs, as sentences; an empty list if nothing does."""
    built, expected = (frame.set_index(KEY).sort_index() for frame in (built, expected))
    assert list(built.index) == list(expected.index)
    found = []
    for column in NUMBERS:
        one, two = built[column].astype(float), expected[column].astype(float)
        scale = np.maximum(expected["mean"].abs().fillna(0), expected["baseline_mean"].abs().fillna(0)) + 1e-3
        close = (one.isna() & two.isna()) | (
            (one - two).abs() <= 2e-9 * np.maximum(two.abs(), scale if column not in ("p_value", "q_value") else 0) + 1e-300
        )
        found += [f"{column} of {index}: {one[index]!r}, expected {two[index]!r}" for index in built.index[~close]]
    for column in ("n", "baseline_n", "accounts", "baseline_accounts", "quality", "is_overlapping", "is_reversed", "family"):
        one, two = built[column], expected[column]
        unequal = ~((one == two) | (one.isna() & two.isna()))
        found += [f"{column} of {index}: {one[index]!r}, expected {two[index]!r}" for index in built.index[unequal]]
    return found


@pytest.fixture(scope="module")
def made_up(tmp_path_factory: pytest.TempPathFactory, sample_warehouse: Warehouse) -> MartProject:
    """The comparison of made-up users on four dates."""
    project = MartProject(
        tmp_path_factory.mktemp("comparison") / "project", sample_warehouse, {"comparison_pairs": [list(pair) for pair in PAIRS]}
    )
    users = features()
    days = [TRAPS, FIRST, SECOND]
    project.fill("features.user_features", users)
    project.fill("marts.user_segments", memberships(users).assign(definition_hash="x"))
    project.fill("marts.segments", [{"segment": segment} for segment in SEGMENTS])
    project.fill("activity.data_through", [{"data_through": SECOND}])
    project.fill(
        "activity.as_of_dates",
        [{"as_of_date": day, "previous_as_of_date": PREVIOUS.get(day), "is_period_end": day != SECOND} for day in days],
    )
    fill_versions(
        project,
        {"user_features": [("", day, 1) for day in days], "user_segments": [(segment, day, 1) for segment in SEGMENTS for day in days]},
    )
    project.run_models(*COMPARISON_MODELS)
    return project


KEY = ["segment", "baseline", "metric", "as_of_date"]
COMPARISON = "select * replace (cast(as_of_date as text) as as_of_date) from marts.segment_comparison"


@pytest.fixture(scope="module")
def built(made_up: MartProject) -> pd.DataFrame:
    return made_up.frame(COMPARISON)


def expected_of(
    built: pd.DataFrame, users: pd.DataFrame, members: pd.DataFrame, segments: list[str], dates: list[str], previous: dict[str, str]
) -> pd.DataFrame:
    """Expected rows for CHECKED; q values from all p values of the mart, which are checked for these metrics."""
    corrected = with_q_values(built, TIERS).set_index(KEY)[["q_value", "family"]]
    return expected_rows(users, members, segments, previous, dates, PAIRS).join(corrected, on=KEY)


def test_every_column_equals_the_libraries_on_made_up_users(built: pd.DataFrame) -> None:
    users = features()
    expected = expected_of(built, users, memberships(users), SEGMENTS, [TRAPS, SECOND], PREVIOUS)
    rows = built[built["metric"].isin(CHECKED) & built["as_of_date"].isin([TRAPS, SECOND])]
    problems = differing(rows, expected)
    assert not problems, f"{len(problems)} differ\n" + "\n".join(problems[:40])
    assert set(expected["quality"]) == {"insufficient", "low_counts", "ok"}
    tested = expected[expected["p_value"].notna()]
    assert tested.groupby(["baseline", "metric"]).size().min() >= 1 and len(tested) > 240
    assert expected["q_value"].notna().sum() > 200 and (built["is_winsorized"] & (built["mean"] < built["raw_mean"])).any()
    assert expected["lift_lower"].notna().sum() > 150 and expected["composition_effect"].notna().sum() > 80
    assert (expected["is_overlapping"] & expected["baseline"].str.startswith("segment:")).any()
    assert (built["is_provisional"] == (built["as_of_date"] == SECOND)).all(), "the date that ends no period"


def test_every_column_equals_the_libraries_on_the_sample(sample_warehouse: Warehouse) -> None:
    """The newest date and the one before it, for segments that are large, small, disjoint and circular."""
    dates = sample_warehouse.records(
        "select cast(as_of_date as text) as newest, cast(previous_as_of_date as text) as previous from activity.as_of_dates where is_newest"
    )[0]
    with duckdb.connect(str(sample_warehouse.database), read_only=True) as connection:
        where = f"where as_of_date in ('{dates['newest']}', '{dates['previous']}')"
        users = connection.execute(f"select * replace (cast(as_of_date as text) as as_of_date) from features.user_features {where}").df()
        members = connection.execute(f"select * replace (cast(as_of_date as text) as as_of_date) from marts.user_segments {where}").df()
        built = connection.execute(f"{COMPARISON} {where}").df()
    segments = ["enterprise_companies", "small_companies", "under_35", "power_users", "north_america"]
    newest = built[built["as_of_date"] == dates["newest"]]
    expected = expected_rows(users, members, segments, {dates["newest"]: dates["previous"]}, [dates["newest"]], PAIRS[:1])
    expected = expected.join(with_q_values(newest, TIERS).set_index(KEY)[["q_value", "family"]], on=KEY)
    problems = differing(newest[newest["segment"].isin(segments) & newest["metric"].isin(CHECKED)], expected)
    assert not problems, f"{len(problems)} differ\n" + "\n".join(problems[:40])
    assert expected["q_value"].notna().sum() > 60


def rows_of(built: pd.DataFrame, **where: str) -> pd.DataFrame:
    found = built
    for column, value in where.items():
        found = found[found[column] == value]
    assert len(found), where
    return found


def test_intervals_are_those_of_tea_tasting(built: pd.DataFrame) -> None:
    """Where Welch's error is the larger one, the intervals of means and ratios are Welch's, of ratios by the delta method, times the
    root of the design effect."""
    users = features()
    users = users[users["as_of_date"] == SECOND]
    members = memberships(features())
    members = members[members["as_of_date"] == SECOND]
    checked = 0
    for name, kind in [("active_days_28d", "mean"), ("health_score", "mean"), ("click_through_rate_91d", "ratio")]:
        metric = METRICS[name]
        data = pd.DataFrame({"x": values_of(users)[name].raw, "w": values_of(users)[name].raw_weight}).dropna()
        for segment in ("half", "some", "enterprise_companies", "better_plan"):
            inside = data.index.isin(members[members["segment"] == segment]["user_id"])
            row = rows_of(built, segment=segment, baseline="rest", metric=name, as_of_date=SECOND).iloc[0]
            test = tea_tasting.Mean("x") if kind == "mean" else tea_tasting.RatioOfMeans("x", "w")
            result = tea_tasting.Experiment(found=test).analyze(data.assign(variant=inside.astype(int)))["found"]
            assert row["difference"] == pytest.approx(result.effect_size, rel=1e-9), (metric["name"], segment)
            error = row["standard_deviation"] / row["n"] ** 0.5
            baseline_error = row["baseline_standard_deviation"] / row["baseline_n"] ** 0.5
            pooled = (row["n"] - 1) * row["standard_deviation"] ** 2 + (row["baseline_n"] - 1) * row["baseline_standard_deviation"] ** 2
            pooled_error = (pooled / (row["n"] + row["baseline_n"] - 2) * (1 / row["n"] + 1 / row["baseline_n"])) ** 0.5
            lower, upper = (
                (row[bound] - row["difference"]) / row["design_effect"] ** 0.5 for bound in ("difference_lower", "difference_upper")
            )
            if (error**2 + baseline_error**2) ** 0.5 >= pooled_error:
                assert row["difference"] + lower == pytest.approx(result.effect_size_ci_lower, rel=1e-8), (name, segment)
                assert row["difference"] + upper == pytest.approx(result.effect_size_ci_upper, rel=1e-8), (name, segment)
                checked += 1
            else:
                assert row["difference"] + upper > result.effect_size_ci_upper
    assert checked >= 3


def test_no_number_is_nan_or_infinite(made_up: MartProject) -> None:
    columns = [row[0] for row in made_up.query("select column_name from (describe marts.segment_comparison) where column_type = 'DOUBLE'")]
    assert set(NUMBERS) <= set(columns)
    for column in columns:
        assert made_up.query(f"select count(*) from marts.segment_comparison where isnan({column}) or isinf({column})") == [(0,)], column
    smallest = made_up.query("select min(abs(lift)), max(abs(lift)), max(abs(effect_size)) from marts.segment_comparison where lift != 0")[
        0
    ]
    assert smallest[0] > 1e-9 and smallest[1] < 1e6 and smallest[2] < 1e6, "no residue of rounding looks like a number"


def test_a_difference_that_plan_and_tenure_explain_is_flagged(built: pd.DataFrame) -> None:
    """Simpson: members have more active days, because most are in the better plan; within each plan they have two fewer."""
    row = rows_of(built, segment="better_plan", baseline="rest", metric="active_days_28d", as_of_date=TRAPS).iloc[0]
    assert row["difference"] == pytest.approx(0.8 * 18 + 0.2 * 3 - 0.2 * 20 - 0.8 * 5) and row["difference"] > 5
    assert row["q_value"] < 0.01
    assert row["standardized_difference"] == pytest.approx(-2) and row["is_reversed"]
    assert row["comparable_share"] == 1
    honest = rows_of(built, segment="half", baseline="rest", metric="health_score", as_of_date=SECOND).iloc[0]
    assert not honest["is_reversed"] or honest["difference"] * honest["standardized_difference"] < 0


@pytest.mark.parametrize("metric, n", [("csat_score", 0), ("health_score", 200), ("session_minutes_28d", 200), ("tickets_91d", 200)])
def test_without_a_value_or_without_spread_there_is_nothing_to_test(built: pd.DataFrame, metric: str, n: int) -> None:
    rows = rows_of(built, metric=metric, as_of_date=TRAPS)
    assert set(rows["baseline"]) == {"rest", "all", "segment:small_companies", "segment:under_35", "segment:north_america"}
    nothing = ["statistic", "p_value", "q_value", "lift_lower", "lift_upper", "smallest_detectable_difference", "family"]
    assert rows[nothing].isna().all().all()
    assert not rows["is_winsorized"].any(), "a cap at the smallest value would be none"
    rest = rows[rows["baseline"] == "rest"]
    assert (rest["n"] + rest["baseline_n"] == n).all()
    known = rest[rest["difference"].notna()]
    assert (known["difference"].abs() < 1e-12).all() and (rest["effect_size"].isna() | (rest["effect_size"] == 0)).all()
    assert len(known) == ((rest["n"] > 0) & (rest["baseline_n"] > 0)).sum() and (len(known) > 8 or n == 0)
    assert not rows["is_reversed"].any()


def test_without_users_on_a_side_there_is_a_flag_and_no_claim(built: pd.DataFrame) -> None:
    for segment, n in [("nobody", 0), ("one", 1)]:
        rows = rows_of(built, segment=segment)
        assert (rows["n"] <= n).all() and (rows["quality"] == "insufficient").all() and rows["mean"].isna().equals(rows["n"] == 0)
        assert rows[["p_value", "q_value", "family"]].isna().all().all()
    rows = rows_of(built, segment="everybody", baseline="rest")
    assert (rows["baseline_n"] == 0).all() and (rows["quality"] == "insufficient").all()
    assert rows[["baseline_mean", "difference", "lift", "p_value", "standardized_difference"]].isna().all().all()
    rows = rows_of(built, segment="all_but_one", baseline="rest")
    assert (rows["baseline_n"] <= 1).all() and (rows["quality"] == "insufficient").all() and rows["p_value"].isna().all()


def test_a_user_on_both_sides_of_a_pair_costs_no_test(built: pd.DataFrame) -> None:
    pair = rows_of(built, segment="enterprise_companies", baseline="segment:small_companies")
    shared, disjoint = pair[pair["as_of_date"] == TRAPS], pair[pair["as_of_date"] == SECOND]
    assert shared["is_overlapping"].all() and not disjoint["is_overlapping"].any()
    assert shared["p_value"].notna().sum() > 10 and disjoint["p_value"].notna().sum() > 20
    assert shared["difference_lower"].notna().sum() > 10

    # Who is in one, in the other, in both, dealt at random to the users of either: how often do the means differ as much?
    users = features()
    frame = users[users["as_of_date"] == TRAPS].set_index("user_id")
    chosen = memberships(users)
    chosen = chosen[chosen["as_of_date"] == TRAPS]
    one, other = (frame.index.isin(chosen.loc[chosen["segment"] == name, "user_id"]) for name in PAIRS[0])
    assert 0 < (one & other).sum() < one.sum() < other.sum()
    days, random = frame["active_days_28d"].to_numpy(float)[one | other], np.random.default_rng(3)
    sides = np.column_stack([one, other])[one | other]
    dealt = np.array([np.abs(np.subtract(*(days[side].mean() for side in random.permutation(sides).T))) for _ in range(4000)])
    row = shared[shared["metric"] == "active_days_28d"].iloc[0]
    by_user = row["statistic"] * row["design_effect"] ** 0.5
    assert row["difference"] / by_user == pytest.approx((dealt**2).mean() ** 0.5, rel=0.05)
    assert (dealt >= abs(row["difference"]) - 1e-12).mean() == pytest.approx(math.erfc(abs(by_user) / 2**0.5), abs=0.03)
    assert built[built["baseline"] == "all"]["is_overlapping"].all()
    assert not built[built["baseline"].isin(["rest", "previous_period"])]["is_overlapping"].any()


def test_users_chosen_by_their_inactivity_show_no_improvement(built: pd.DataFrame) -> None:
    """Regression to the mean: who is inactive now was more active before, whatever anybody did. No claim either way."""
    rows = rows_of(built, segment="inactive_users", as_of_date=SECOND)
    days = rows[(rows["baseline"] == "previous_period") & (rows["metric"] == "active_days_28d")].iloc[0]
    assert days["difference"] < -1 and days["p_value"] < 1e-5, "the trap is there"
    active = ["active_users_28d", "active_days_28d", "active_days_7d", "sessions_28d", "events_28d", "health_score", "retained_users_28d"]
    trapped = rows[rows["metric"].isin(active)]
    assert len(trapped) == 4 * len(active) and trapped["is_circular"].all() and trapped[["q_value", "family"]].isna().all().all()
    assert not rows[rows["metric"].isin(["csat_score", "nps", "mrr", "tickets_91d"])]["is_circular"].any()


def test_what_a_segment_is_defined_by_is_circular(sample_warehouse: Warehouse) -> None:
    found = sample_warehouse.query(
        """
        select segment, baseline, string_agg(metric, ' ' order by metric) from marts.segment_comparison
        where is_circular and as_of_date = data_through and baseline in ('rest', 'previous_period', 'segment:small_companies')
        group by all
        """
    )
    circular = {(segment, baseline): set(metrics.split()) for segment, baseline, metrics in found}
    for segment in {segment for segment, _ in circular}:
        assert circular[segment, "rest"] == circular[segment, "previous_period"], segment
    activity = {
        "active_users_28d",
        "active_days_28d",
        "active_days_91d",
        "sessions_28d",
        "events_28d",
        "engagement",
        "stickiness",
        "health_score",
    }
    for segment, some, none in [
        # By a column, by one with another window, by an upstream segment, by an event, by in_top_share('…'), by the outcome of a trial.
        ("inactive_users", activity, {"mrr", "nps", "csat_score", "tickets_91d"}),
        ("every_day_users", activity, {"mrr", "revenue_91d", "nps"}),
        # cac counts users of a certain tenure: only the upstream segment names tenure_days.
        ("no_automation_yet", activity | {"activation_rate"}, {"mrr", "nps"}),
        ("most_successful", activity | {"mrr", "revenue_91d", "tickets_91d", "nps", "cac"}, {"csat_score"}),
        ("trial_converted", {"trial_conversion", "mrr", "paying_users", "revenue_91d", "arpu_91d"}, {"active_days_28d", "nps"}),
        ("promoters", {"nps", "health_score"}, {"csat_score", "active_days_28d", "mrr"}),
    ]:
        assert some <= circular[segment, "rest"] and not none & circular[segment, "rest"], segment
    for segment in ("enterprise_companies", "under_35", "north_america", "salesforce_users"):
        assert (segment, "rest") not in circular


@pytest.mark.long
def test_a_cap_invents_no_churn(mart_project: MartProject) -> None:
    """Few large accounts, most of which fall: those that pay as before have a ratio of 1, before the cap and after it."""
    users = some_users(np.random.default_rng(3), 1000).assign(
        as_of_date=FIRST, account_users=1, mrr=50.0, mrr_91d_ago=50.0, tenure_days=600
    )
    users["account_id"] = users["user_id"]
    users.loc[:14, "mrr_91d_ago"], users.loc[:14, "mrr"] = 1000.0, [100.0] * 10 + [1000.0] * 5
    mart_project.fill("features.user_features", users)
    mart_project.fill(
        "marts.user_segments", [{"user_id": f"u{number}", "segment": "half", "as_of_date": FIRST} for number in range(10, 15)]
    )
    mart_project.fill("marts.segments", [{"segment": "half"}])
    mart_project.fill("activity.data_through", [{"data_through": FIRST}])
    mart_project.fill("activity.as_of_dates", [{"as_of_date": FIRST, "is_period_end": True}])
    mart_project.run_models(*COMPARISON_MODELS)
    rows = mart_project.frame("select * from marts.segment_comparison where baseline = 'rest' and metric in ('grr_91d', 'nrr_91d')")
    assert rows["is_winsorized"].all() and rows[["mean", "raw_mean"]].to_numpy() == pytest.approx(np.ones((2, 2)))
    # All others: 985 that did not change, and ten that fell to a tenth.
    assert rows["baseline_raw_mean"].to_numpy() == pytest.approx([(985 * 50 + 10 * 100) / (985 * 50 + 10 * 1000)] * 2)
    assert rows["baseline_mean"].to_numpy() == pytest.approx(rows["baseline_raw_mean"].to_numpy())


def test_no_change_is_reported_that_nobody_made(sample_warehouse: Warehouse) -> None:
    """MRR per user falls for everybody where an account hires, and whoever is younger than a window fills it: neither is a change."""
    changed = sample_warehouse.query(
        """
        with moves as (
            select now.user_id, now.as_of_date, now.account_id is distinct from past.account_id as has_moved,
                coalesce(now.mrr, 0) <> coalesce(past.mrr, 0) or now.account_id is distinct from past.account_id as has_changed,
                now.account_users <> past.account_users as is_divided_otherwise
            from features.user_features as now inner join activity.as_of_dates as dates using (as_of_date)
            inner join features.user_features as past on now.user_id = past.user_id and past.as_of_date = dates.previous_as_of_date
        ),
        segments as (
            select segment, as_of_date, count(*) filter (has_changed) as changes, count(*) filter (is_divided_otherwise) as divided
            from moves inner join marts.user_segments using (user_id, as_of_date) group by all
        )
        select changes > 0, difference <> 0, divided > 0, count(*)
        from marts.segment_comparison inner join segments using (segment, as_of_date)
        where metric = 'mrr' and baseline = 'previous_period' and n > 0 group by all
        """
    )
    seen = {(changes, differs, divided): rows for changes, differs, divided, rows in changed}
    assert seen[False, False, True] > 30, "accounts that hire and pay the same"
    assert not {key for key in seen if not key[0] and key[1]}
    young = sample_warehouse.query(
        "select distinct metric from marts.segment_comparison where segment = 'new_users' and n > 0 "
        "and baseline in ('previous_period', 'difference_in_differences')"
    )
    assert {metric for (metric,) in young} & set(WINDOWS) == set() and ("mrr",) in young


def test_what_stands_is_counted_over_periods_and_a_year_of_looks(sample_warehouse: Warehouse) -> None:
    """segment_findings, recomputed from all dates of segment_comparison."""
    with duckdb.connect(str(sample_warehouse.database), read_only=True) as connection:
        found = connection.execute("select * from marts.segment_findings").df().set_index(["segment", "baseline", "metric"])
        looks = connection.execute(
            "select comparison.*, tier from marts.segment_comparison as comparison inner join (select metric, tier from marts.metrics) as metrics using (metric) "
            "inner join activity.as_of_dates using (as_of_date) where is_period_end and baseline <> 'all'"
        ).df()
        retired = {name for (name,) in connection.execute("select segment from marts.segments where retired_on is not null").fetchall()}
        decided = connection.execute("select distinct as_of_date from marts.segment_comparison where is_decision_date").df()
    newest = looks["as_of_date"].max()
    assert decided["as_of_date"].tolist() == [newest] == found["as_of_date"].unique().tolist()
    looks["direction"] = np.where(looks["q_value"] <= 0.1, np.sign(looks["difference"]), 0)
    longest = 0
    for key, rows in looks.sort_values("as_of_date", ascending=False).groupby(["segment", "baseline", "metric"]):
        if rows["as_of_date"].max() < newest:
            # Of a segment that was retired before.
            assert key not in found.index and key[0] in retired
            continue
        directions = rows["direction"].tolist()
        run = next((place for place, one in enumerate(directions) if one != directions[0]), len(directions)) if directions[0] else 0
        row = found.loc[key]
        assert row["periods_in_a_row"] == run, key
        assert (row["since_date"] == rows["as_of_date"].iloc[run - 1]) if run else pd.isna(row["since_date"])
        longest = max(longest, run)
    assert len(found) == (looks["as_of_date"] == newest).sum() and longest > 20
    year = looks[(looks["as_of_date"] > pd.Timestamp(found["data_through"].iloc[0]) - pd.Timedelta(days=365)) & looks["family"].notna()]
    for (baseline, tier), family in year.groupby(["baseline", "tier"]):
        method = "holm" if tier == "guardrail" else "fdr_bh"
        corrected = pd.Series(multipletests(family["p_value"], method=method)[1], index=family.index)
        for place, q in corrected[family["as_of_date"] == newest].items():
            key = tuple(family.loc[place, ["segment", "baseline", "metric"]])
            assert found.loc[key, "q_value"] == pytest.approx(q, rel=1e-9) and found.loc[key, "family"] == f"{baseline}/{tier}"
    assert (found["date_q_value"] <= 0.1).sum() > 20 and found["q_value"].notna().sum() == year["as_of_date"].eq(newest).sum()


@pytest.mark.long
def test_a_build_compares_only_dates_that_changed_and_equals_a_full_refresh(made_up: MartProject, built: pd.DataFrame) -> None:
    assert len(built)

    def write(*statements: str) -> None:
        with duckdb.connect(str(made_up.database)) as connection:
            for statement in statements:
                connection.execute(statement)

    def kept() -> dict[str, set[str]]:
        """The dates that the last run left alone, by model; of a part of a model with parts as `part date`."""
        kept = {}
        for model in COMPARISON_MODELS:
            dates: dict[str, set[str]] = {}
            of_last_run = "built_by = (select invocation_id from state.last_run)"
            rows = made_up.query(f"select cast(as_of_date as text), part, {of_last_run} from built.{model}")
            for date, part, _ in (row for row in rows if not row[2]):
                dates.setdefault(date, set()).add(part)
            built_dates = {date for date, _, is_built in rows if is_built}
            kept[model] = dates.keys() - built_dates | {f"{part} {date}" for date in dates.keys() & built_dates for part in dates[date]}
        return kept

    def all_models(*dates: str) -> dict[str, set[str]]:
        return dict.fromkeys(COMPARISON_MODELS, set(dates))

    made_up.run_models(*COMPARISON_MODELS, full_refresh=False)
    assert kept() == all_models(TRAPS, FIRST, SECOND), "nothing is due"

    # A changed feature, and a new last day: the stamp is brought up to date everywhere.
    write(
        f"update features.user_features set active_days_28d = active_days_28d + 1 where as_of_date = '{SECOND}'",
        f"update built.user_features set version = 2 where as_of_date = '{SECOND}'",
        "update activity.data_through set data_through = '2026-02-09'",
        f"update activity.as_of_dates set is_period_end = true where as_of_date = '{SECOND}'",
    )
    decided = "select distinct cast(as_of_date as text) from marts.segment_comparison where is_decision_date"
    assert made_up.query(decided) == [(FIRST,)], "the newest that ends a period"
    made_up.run_models(*COMPARISON_MODELS, full_refresh=False)
    assert kept() == all_models(TRAPS, FIRST)
    assert made_up.query(decided) == [(SECOND,)]
    assert made_up.query("select distinct cast(data_through as text) from marts.segment_comparison") == [("2026-02-09",)]

    # Other members: their date is due, and the one that is compared with it. A date that is gone is gone.
    write(
        f"delete from marts.user_segments where segment = 'half' and as_of_date = '{FIRST}' and user_id > 'u3'",
        f"update built.user_segments set version = 2 where part = 'half' and as_of_date = '{FIRST}'",
        *(
            f"delete from {table} where as_of_date = '{TRAPS}'"
            for table in ("features.user_features", "marts.user_segments", "activity.as_of_dates")
        ),
    )
    made_up.run_models(*COMPARISON_MODELS, full_refresh=False)
    # The rulers do not depend on who is in which segment; of the other segments nothing is summed again; what looks back reads the
    # means of the date before.
    others = {SECOND} | {f"{segment} {FIRST}" for segment in SEGMENTS if segment != "half"}
    assert kept() == all_models(SECOND) | {
        "metric_rulers": {FIRST, SECOND},
        "metric_sums": others | {f" {FIRST}"},
        "value_counts": others | {f" {FIRST}"},
        "account_sums": others | {f" {FIRST}"},
        "change_sums": others | {f" {FIRST}"},
        "account_changes": others | {f" {FIRST}"},
        "did_sums": others | {f" {FIRST}"},
        "change_moments": set(),
        "did_moments": set(),
        "design_effects": set(),
        "segment_comparison": set(),
    }
    assert {row[0] for row in made_up.query("select distinct cast(as_of_date as text) from marts.segment_comparison")} == {FIRST, SECOND}

    grown = made_up.frame(COMPARISON).sort_values(KEY).reset_index(drop=True)
    made_up.run_models(*COMPARISON_MODELS)
    pd.testing.assert_frame_equal(grown, made_up.frame(COMPARISON).sort_values(KEY).reset_index(drop=True), rtol=1e-9)

    # Only metric_rulers names the share under the cap. What is computed from it is due because of what it reads.
    made_up.configure(winsorize_at=0.9)
    made_up.run_models(*COMPARISON_MODELS, full_refresh=False)
    capped = made_up.frame(COMPARISON).sort_values(KEY).reset_index(drop=True)
    assert (capped["mean"] < 0.99 * grown["mean"]).any()
    made_up.run_models(*COMPARISON_MODELS)
    pd.testing.assert_frame_equal(capped, made_up.frame(COMPARISON).sort_values(KEY).reset_index(drop=True), rtol=1e-9)
