"""Segments that mean nothing, users and whole accounts drawn at random, in a built warehouse: whatever a mart finds there is a false alarm."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

import duckdb
import numpy as np
import pandas as pd
from statsmodels.stats.multitest import multipletests

from mart_project import MartProject
from warehouse import COMPARISON_MODELS, Warehouse

PAIRED = 12
SIZES: dict[str, tuple[int, ...]] = {"users": (8, 20, 30, 50, 100, 200, 400), "accounts": (10, 20, 50, 100)}
# Of pairs that share nobody.
LARGE: dict[str, tuple[int, ...]] = {"users": (50, 100, 200, 400), "accounts": (20, 30, 50, 80)}
FAMILY = 25
# Where few differ, as in a change from one week to the next, what accounts say is coarse: p errs on the side of caution.
LEAST_SHARE = 0.02
MARTS = (
    "feature_adoption_counts",
    "segment_feature_adoption",
    "profile_counts",
    "segment_profiles",
    "survival_curves",
    "survival_days",
    "segment_survival",
    "survival_accounts",
    "segment_survival_summary",
    "segment_channels",
    "campaign_outcomes",
    "campaign_results",
    "retention_counts",
    "funnel_counts",
    "cohort_comparison",
)
BASELINES = ("rest", "segment", "previous_period", "difference_in_differences")
# A row per test: the segment, what is tested, p, and the family if it counts.
TESTS = {
    "segment_feature_adoption": "select segment, feature as test, p_value, family from marts.segment_feature_adoption",
    "cohort_comparison": (
        "select segment, subject || ' ' || outcome || ' ' || from_step || ' ' || step as test, p_value, family from marts.cohort_comparison"
    ),
    "segment_profiles": "select distinct segment, attribute as test, p_value, family from marts.segment_profiles",
    "segment_survival_summary": "select segment, 'log-rank' as test, p_value, family from marts.segment_survival_summary",
    "segment_channels": (
        "select segment, acquisition_channel as test, p_value, family || case when family = 'within_channel' then '' else '' end as family "
        "from marts.segment_channels"
    ),
    # Arms without effect in the skewed company. All segments of one campaign share its luck: it is one witness.
    **{
        f"campaigns that drew {drawn}": (
            "select segment, 'converted' as test, p_value, campaign || '/' || family as family, campaign as witness from marts.campaign_results "
            f"where campaign like '{start}\\_%' escape '\\' "
            "and try_cast(campaign[4:] as integer) = try_cast(split_part(segment, '_', 3) as integer) // 25 "
            "and segment not like '\\_\\_%' escape '\\'"
        )
        for start, drawn in (("aa", "users"), ("ab", "accounts"))
    },
}


@dataclass
class Segment:
    name: str
    drawn: str
    size: int
    users: list[str]


def unit_of(account: str | None, user: str) -> str:
    return account or f"alone {user}"


def noise_segment(
    chance: np.random.Generator, accounts: dict[str, str | None], number: int, sizes: dict[str, tuple[int, ...]] = SIZES
) -> Segment:
    """Of users or of whole accounts, of each size in turn; `accounts`: user -> account. Numbers 0 and 1 are of one kind, 2 and 3, …"""
    drawn = ("users", "accounts")[number // 2 % 2]
    size = sizes[drawn][number // 4 % len(sizes[drawn])]
    users = np.array(sorted(accounts))
    # Whoever has no account is one alone: without them the segment would be that of users who have one.
    units = users if drawn == "users" else np.array([unit_of(accounts[user], user) for user in users])
    pool = np.array(sorted(set(units)))
    chosen = np.isin(units, chance.choice(pool, size=min(size, len(pool) // 2), replace=False))
    return Segment(f"{drawn}_{size}_{number:04d}", drawn, size, list(users[chosen]))


def built_with_noise(folder: Path, template: Warehouse, count: int, seed: int, variables: dict | None = None) -> MartProject:
    """The built warehouse with `count` segments without meaning in place of its own, from each user's first date on; marts are not run."""
    project = MartProject(folder, template, {"comparison_pairs": [], "audiences": [], **(variables or {})})
    shutil.copy(template.database, project.database)
    accounts: dict[str, str | None] = dict(
        template.query("select user_id, arg_max(account_id, as_of_date) from features.user_dates group by all")
    )
    chance = np.random.default_rng(seed)
    segments = [noise_segment(chance, accounts, number) for number in range(count)]
    members = pd.DataFrame(
        [(user, segment.name, unit_of(accounts[user], user)) for segment in segments for user in segment.users],
        columns=["user_id", "segment", "unit"],
    )
    project.fill("marts.segments", [{"segment": segment.name} for segment in segments])
    with duckdb.connect(str(project.database)) as connection:
        connection.register("members", members)
        for table, source in (
            ("user_segments", "select user_id, segment, as_of_date from members inner join features.user_dates using (user_id)"),
            (
                "segment_memberships",
                # Colleagues enter on the same day.
                """
                select user_id, segment, 1 as entry_number, first_date + cast(7 * (hash(unit || segment) % 6) as integer) as entered_on
                from members
                inner join (select user_id, min(as_of_date) as first_date from features.user_dates group by all) using (user_id)
                """,
            ),
        ):
            # Without its constraints: the columns that no mart here reads are NULL.
            connection.execute(f"create or replace table marts.{table} as select * from marts.{table} limit 0")
            connection.execute(f"insert into marts.{table} by name {source}")
    return project


def rows_of(project: MartProject, mart: str) -> pd.DataFrame:
    """The tests of a mart; those of a segment of a family of 25 are corrected together, by the rules of the mart."""
    found = project.frame(TESTS[mart])
    found = found[found["segment"].str.match("(users|accounts)_")]
    if found.empty:
        return found
    found[["drawn", "size", "number"]] = found["segment"].str.split("_", expand=True)
    return found.assign(family=found["family"] + "/" + (found["number"].astype(int) // FAMILY).astype(str))


def with_q(tests: pd.DataFrame) -> pd.DataFrame:
    """Benjamini-Hochberg within each family."""
    counted = tests[tests["family"].notna()].copy()
    counted["q_value"] = counted.groupby("family")["p_value"].transform(lambda p: multipletests(p, method="fdr_bh")[1])
    return counted


def too_small(tests: pd.DataFrame, units: str = "accounts") -> list[str]:
    """Segments of too few users or accounts that are tests all the same. `units`: who is a witness; if users are, accounts may be few."""
    is_small = (tests["drawn"] == "users") & (tests["size"] == "8")
    if units == "accounts":
        is_small |= (tests["drawn"] == "accounts") & (tests["size"] == "10")
    return sorted(set(tests[is_small & tests["family"].notna()]["segment"]))


def problems(tests: pd.DataFrame, label: str) -> list[str]:
    """Where p and q of noise promise what they do not hold, as sentences: of the tests that count, in families of 25 segments.

    Tests of one witness, such as a pair of segments on metrics that go together, are right or wrong together, so what chance leaves open
    at p < 0.001 is as much wider than for tests on their own as the error of the share at 0.05 is if it is counted by witness. Of 120
    pairs with 12 metrics that correlate at 0.8, a right p failed in 5 % of 1,500 simulations by the room of tests on their own and in
    0.5 % by this one; a p whose z is 2.5 times too large in one pair of eight failed in 98 %.
    """
    counted, found = with_q(tests), []
    if "witness" not in counted:
        # Tests of one segment are alike.
        counted["witness"] = counted["segment"] + counted["family"].str.split("/").str[-1]

    def share_and_error(rows: pd.DataFrame) -> tuple[float, float, float]:
        by_witness = (rows["p_value"] < 0.05).groupby(rows["witness"]).agg(["sum", "size"])
        share = by_witness["sum"].sum() / len(rows)
        error = ((by_witness["sum"] - share * by_witness["size"]) ** 2).sum() ** 0.5 / len(rows)
        alone = (share * (1 - share) / len(rows)) ** 0.5
        return share, max(error, (0.05 * 0.95 / len(rows)) ** 0.5), max(1.0, error / alone if alone else 1.0)

    for (drawn, test), rows in counted.groupby(["drawn", "test"]):
        share, error, _ = share_and_error(rows)
        # Four, of some 500 tests.
        if share - 0.05 > 4 * error:
            found.append(f"{label}: {drawn}, {test}: p < 0.05 in {share:.4f} of {len(rows)}, {(share - 0.05) / error:+.1f} errors")
    for drawn, rows in counted.groupby("drawn"):
        (share, error, together), far = share_and_error(rows), (rows["p_value"] < 0.001).mean()
        if share - 0.05 > 3 * error or (len(rows) > 200 and share < LEAST_SHARE - 3 * error):
            found.append(f"{label}: {drawn}: p < 0.05 in {share:.4f} ± {error:.4f} of {len(rows)}")
        print(f"{label}: {drawn}: p < 0.05 in {share:.4f} ± {error:.4f}, p < 0.001 in {far:.5f} of {len(rows)}")
        # A factor of two, and what chance leaves open where there are few tests.
        room = 3 * together * (0.001 / len(rows)) ** 0.5
        if not 0.0005 - room <= far <= 0.002 + room:
            found.append(f"{label}: {drawn}: p < 0.001 in {far:.5f} of {len(rows)}, {room:.5f} left to chance")
    families = counted.groupby("family")["q_value"].min() <= 0.1
    print(f"{label}: some q of at most 0.1 in {families.mean():.3f} of {len(families)} families")
    if families.mean() > 0.1 + 3 * (0.09 / len(families)) ** 0.5:
        found.append(f"{label}: some q of at most 0.1 in {families.mean():.3f} of {len(families)} families of noise")
    return found


def compared_noise(folder: Path, template: Warehouse, pairs: int, seed: int) -> pd.DataFrame:
    """segment_comparison on pairs of dates of the built warehouse, each with 25 segments without meaning.

    In each pair the two dates of an account are exchanged or not, by chance, so that nothing has changed in one direction more than
    in the other. Each segment has another one beside it that shares no user.
    """
    chance = np.random.default_rng(seed)
    names = [f"noise_{number:02d}" for number in range(FAMILY)]
    # Only registered segments are compared in pairs: those that the fewest metrics define have members of their own.
    registered = [
        name
        for (name,) in template.query(
            "select segment from marts.segment_comparison where baseline = 'rest' group by all "
            f"order by count(*) filter (is_circular), segment limit {PAIRED}"
        )
    ]
    pairs_of = [[one, other] for one, other in zip(registered[::2], registered[1::2])]
    project = MartProject(folder, template, {"comparison_pairs": pairs_of, "audiences": []})
    days = template.query(
        "select previous_as_of_date, as_of_date from activity.as_of_dates where previous_as_of_date is not null order by 2 desc"
    )
    users, members, dates = [], [], []
    with duckdb.connect(str(template.database), read_only=True) as connection:
        for pair in range(pairs):
            earlier, later = days[pair % len(days)]
            both = connection.execute(
                "select * from features.user_features where as_of_date in (?, ?) qualify count(*) over (partition by user_id) = 2"
                " and min(tenure_days) over (partition by user_id) >= 120 order by user_id, as_of_date",
                [earlier, later],
            ).df()
            both["account_id"] = both["account_id"].astype(object).where(both["account_id"].notna(), None)
            accounts = dict(zip(both["user_id"], both["account_id"]))
            units = {unit_of(account, user): bool(chance.random() < 0.5) for user, account in accounts.items()}
            is_exchanged = np.array([units[unit_of(accounts[user], user)] for user in both["user_id"]])
            is_later = (pd.to_datetime(both["as_of_date"]).dt.date == later).to_numpy() != is_exchanged
            own = [date(2020, 1, 1) + timedelta(days=2 * pair + place) for place in (0, 1)]
            users.append(both.assign(as_of_date=[own[1] if one else own[0] for one in is_later]))
            dates += [
                {"as_of_date": own[place], "previous_as_of_date": own[0] if place else None, "is_period_end": True} for place in (0, 1)
            ]
            drawn = [noise_segment(chance, accounts, 28 * pair + number) for number in range(FAMILY)]
            for number in range(PAIRED):
                taken = set(drawn[-1].users) if number % 2 else set()
                left = {user: account for user, account in accounts.items() if user not in taken}
                drawn.append(noise_segment(chance, left, PAIRED * pair + number, LARGE))
            for name, segment in zip([*names, *registered], drawn):
                rows = {"user_id": segment.users, "segment": name, "as_of_date": own[1], "definition_hash": segment.name}
                members.append(pd.DataFrame(rows))
    project.fill("features.user_features", pd.concat(users, ignore_index=True))
    project.fill("marts.user_segments", pd.concat(members, ignore_index=True))
    project.fill("marts.segments", [{"segment": name} for name in [*names, *registered]])
    project.fill("activity.data_through", [{"data_through": dates[-1]["as_of_date"]}])
    project.fill("activity.as_of_dates", dates)
    project.run_models(*COMPARISON_MODELS)
    found = project.frame(
        "select comparison.segment, comparison.metric as test, comparison.baseline, comparison.p_value, family, "
        "comparison.as_of_date, members.definition_hash as name from marts.segment_comparison as comparison "
        "inner join (select distinct segment, as_of_date, definition_hash from marts.user_segments) as members "
        "using (segment, as_of_date) where baseline like 'segment:%' or baseline <> 'all' and segment like 'noise%'"
    )
    found[["drawn", "size", "number"]] = found["name"].str.split("_", expand=True)
    return found.assign(
        baseline=found["baseline"].str.replace(r"^segment:.*", "segment", regex=True),
        # A pair is compared against a baseline of its own.
        family=found["family"].str.replace(r"^segment:[^/]*", "segment", regex=True),
    )


def compared_problems(compared: pd.DataFrame, baseline: str) -> list[str]:
    """As problems(), of the rows of one baseline; its families are those of the mart."""
    tests = compared[compared["baseline"] == baseline]
    assert tests["family"].notna().sum() > 1000
    return too_small(tests) + problems(tests, baseline)
