"""segment_survival and segment_survival_summary against lifelines (Kaplan-Meier, RMST, log-rank) and statsmodels (log-rank with late entry)."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any

import numpy as np
import pandas as pd
import pytest
from lifelines import KaplanMeierFitter
from lifelines.statistics import logrank_test
from lifelines.utils import median_survival_times, restricted_mean_survival_time
from scipy.stats import chi2
from statsmodels.duration.hazard_regression import PHReg
from statsmodels.duration.survfunc import survdiff
from statsmodels.stats.multitest import multipletests

from cohort_world import ALL, DAY, Event, User, World, built_world, random_world, rows
from mart_project import MartProject
from warehouse import Warehouse

MARTS = ("survival_lives", "survival_curves", "segment_survival", "survival_days", "survival_accounts", "segment_survival_summary")
GAP = 28
Z = 1.959963984540054


@dataclass
class Life:
    """Days since signup: seen from `first`, in the segment from `entry` (None: never), last seen on `end`, `event` or not."""

    account: str
    first: int
    entry: int | None
    end: int
    event: bool


Ends = dict[str, tuple[int, bool]]


def ends(world: World) -> Ends:
    """Walks through the days of each user, one by one: the last day of the first pause, or the last day of all."""
    found = {}
    for name, user in world.users.items():
        active = set(world.days_of(name))
        day, pause, event = user.signup, 0, False
        while not event:
            after = day + DAY
            if after > world.data_through or (user.deleted is not None and after >= user.deleted):
                break
            day = after
            pause = 0 if day in active else pause + 1
            event = pause == GAP
        found[name] = ((day - user.signup).days, event)
    return found


def lives(world: World, last_days: Ends, segment: str) -> list[Life]:
    """The users that were ever in the population on a date."""
    first_seen, first_in = {}, {}
    for day in sorted(world.dates, reverse=True):
        first_seen.update(dict.fromkeys(world.population(day), day))
        first_in.update(dict.fromkeys(world.of(segment, day), day))
    return [
        Life(
            world.account_of(name),
            (day - world.users[name].signup).days,
            (first_in[name] - world.users[name].signup).days if name in first_in else None,
            *last_days[name],
        )
        for name, day in first_seen.items()
    ]


@dataclass
class Group:
    """The spells at risk of one side: (entry, end, event) and, of each, the place of its user among the people and the account."""

    spans: np.ndarray
    users: list[int]
    accounts: list[str]


def groups_of(people: list[Life]) -> tuple[Group, Group]:
    """The members and the rest; whoever becomes a member leaves the rest."""
    members, rest = Group(np.empty((0, 3)), [], []), Group(np.empty((0, 3)), [], [])

    def add(group: Group, user: int, *span: Any) -> None:
        group.spans = np.vstack([group.spans, span])
        group.users.append(user)
        group.accounts.append(people[user].account)

    for user, life in enumerate(people):
        if life.entry is not None and life.entry < life.end:
            add(members, user, life.entry, life.end, life.event)
        end, event = life.end, life.event
        if life.entry is not None and life.entry < end:
            end, event = life.entry, False
        if life.first < end:
            add(rest, user, life.first, end, event)
    return members, rest


def inflation(parts: np.ndarray, users: list[int], accounts: list[str]) -> float:
    """The squared sums of accounts over those of users, at least 1."""
    by_account, by_user = (float((pd.Series(parts).groupby(keys).sum() ** 2).sum()) for keys in (accounts, users))
    return max(1.0, by_account / by_user) if by_user > 1e-18 else 1.0


def parts_of_the_mean(group: Group, horizon: int) -> np.ndarray:
    """What each spell adds to the restricted mean (its infinitesimal jackknife), day by day and spell by spell."""
    span = group.spans
    parts = np.zeros(len(span))
    if not len(span):
        return parts
    kaplan = fitted(span)
    curve = kaplan.survival_function_["KM_estimate"]
    for day in sorted({end for _, end, event in span if event and end < horizon}):
        is_at_risk = (span[:, 0] < day) & (day <= span[:, 1])
        has_event = (span[:, 1] == day) & (span[:, 2] == 1)
        at_risk, events = is_at_risk.sum(), has_event.sum()
        if events < at_risk:
            later = curve[curve.index >= day]
            left = np.sum(later.to_numpy() * np.diff(np.minimum(np.append(later.index.to_numpy(), horizon), horizon)))
            parts -= left * (has_event - is_at_risk * events / at_risk) / (at_risk - events)
    return parts


def effects_of_the_curve(group: Group, days: list[int]) -> tuple[list[float], list[float]]:
    """Greenwood's sum and the design effect of the curve by the end of each day, spell by spell (infinitesimal jackknife of its logarithm)."""
    span = group.spans
    parts, variance = np.zeros(len(span)), 0.0
    variances, found = [], []
    for day in days:
        is_at_risk = (span[:, 0] < day) & (day <= span[:, 1])
        has_event = (span[:, 1] == day) & (span[:, 2] == 1)
        at_risk, events = is_at_risk.sum(), has_event.sum()
        if 0 < events < at_risk:
            parts += (has_event - is_at_risk * events / at_risk) / (at_risk - events)
            variance += events / at_risk / (at_risk - events)
        variances.append(variance)
        found.append(inflation(parts, group.users, group.accounts))
    return variances, found


def compared(groups: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    """The spells from the first day on when both sides have five at risk; none without such a day."""
    for day in sorted({day for span in groups.values() for day in span[:, :2].ravel()}):
        if all(((span[:, 0] < day) & (day <= span[:, 1])).sum() >= 5 for span in groups.values()):
            begun = {name: span.copy() for name, span in groups.items()}
            for span in begun.values():
                span[:, 0] = span[:, 0].clip(day - 1)
            return begun
    return {name: span[:0] for name, span in groups.items()}


def expectations(groups: dict[str, np.ndarray]) -> tuple[list[int], list[float]]:
    """Pauses of the members and of the rest on the days when both have somebody at risk, and those expected if the two were alike."""
    observed, expected = [0, 0], [0.0, 0.0]
    spans = [groups["segment"], groups["rest"]]
    for day in sorted({end for span in spans for _, end, event in span if event}):
        risk = [((span[:, 0] < day) & (day <= span[:, 1])).sum() for span in spans]
        events = [((span[:, 1] == day) & (span[:, 2] == 1) & (span[:, 0] < day)).sum() for span in spans]
        if min(risk):
            observed = [observed[side] + events[side] for side in (0, 1)]
            expected = [expected[side] + sum(events) * risk[side] / sum(risk) for side in (0, 1)]
    return observed, expected


def fitted(span: np.ndarray) -> KaplanMeierFitter:
    # lifelines counts who enters on a day as at risk on it; here they are from the next day on.
    return KaplanMeierFitter().fit(span[:, 1], span[:, 2], entry=span[:, 0] + 0.5)


def mean_error(kaplan: KaplanMeierFitter, horizon: int) -> float:
    """Greenwood's standard error of the restricted mean: each event day weighs by the area under the curve to its right."""
    curve = kaplan.survival_function_["KM_estimate"]
    days, heights = curve.index.to_numpy(), curve.to_numpy()
    widths = np.diff(np.append(np.minimum(days, horizon), horizon))
    areas = np.cumsum((heights * widths)[::-1])[::-1]
    at_risk, events = (kaplan.event_table[name].reindex(days).to_numpy() for name in ("at_risk", "observed"))
    counts = (events > 0) & (events < at_risk) & (days < horizon)
    return float(np.sqrt((areas**2 * events / np.where(counts, at_risk * (at_risk - events), 1))[counts].sum()))


def check_survival(world: World, curves: pd.DataFrame, summary: pd.DataFrame, horizon: int) -> dict[str, int]:
    seen = {
        "curves": 0,
        "means": 0,
        "late": 0,
        "tests": 0,
        "medians": 0,
        "clustered means": 0,
        "clustered tests": 0,
        "clustered curves": 0,
        "begun late": 0,
    }
    found = rows(summary, "segment")
    assert set(found) == {*world.segments, ALL}
    last_days = ends(world)
    for segment, row in found.items():
        people = lives(world, last_days, segment)
        if segment == ALL:
            # All are members, and there is no rest.
            people = [replace(life, entry=life.first) for life in people]
        sides = dict(zip(("segment",) if segment == ALL else ("segment", "rest"), groups_of(people)))
        groups = {name: side.spans for name, side in sides.items()}
        accounts = {name: len(set(side.accounts)) for name, side in sides.items()}
        assert row["accounts"] == accounts["segment"] and row["baseline_accounts"] == accounts.get("rest", 0), segment
        mean_parts = {name: parts_of_the_mean(side, horizon) for name, side in sides.items()}
        if segment == ALL:
            assert (curves.loc[curves["segment"] == segment, "group_name"] == "segment").all()
        else:
            assert row["members"] == sum(life.entry is not None for life in people)
        assert row["n"] == len(groups["segment"]) and row["events"] == groups["segment"][:, 2].sum()
        begun = compared(groups) if segment != ALL else {}
        observed, expected_events = expectations(begun) if begun else ([row["events"]], [])
        assert row["quality"] == (
            "insufficient"
            if min(map(len, groups.values())) < 30 or min(accounts.values()) < 20
            else "low_counts"
            if min([*observed, *expected_events]) < 5
            else "ok"
        ), segment
        seen["begun late"] += any((groups[name][:, 2].sum() != count) for name, count in zip(begun, observed))
        for name, span in groups.items():
            curve = curves[(curves["segment"] == segment) & (curves["group_name"] == name)].set_index("day_number")
            prefix = "" if name == "segment" else "baseline_"
            if not len(span):
                assert curve.empty and row[prefix + "n"] == 0 and row[prefix + "mean"] is None
                continue
            seen["curves"] += 1
            kaplan = fitted(span)
            happening = sorted({*span[:, 0], *span[:, 1]})
            assert set(happening) <= set(curve.index)
            assert (curve.index.min(), curve.index.max()) == (happening[0], happening[-1])
            days = curve.index.to_numpy()[:, None]
            assert (curve["at_risk"] == ((span[:, 0] < days) & (days <= span[:, 1])).sum(axis=1)).all()
            assert (curve["events"] == ((span[:, 1] == days) & (span[:, 2] == 1)).sum(axis=1)).all()
            assert (curve["censored"] == ((span[:, 1] == days) & (span[:, 2] == 0)).sum(axis=1)).all()
            assert (curve["entered"] == (span[:, 0] == days).sum(axis=1)).all()
            expected = kaplan.survival_function_at_times(curve.index).to_numpy()
            assert np.abs(curve["survival"] - expected).max() < 1e-12
            within = curve["survival_lower"].notna()
            assert (within == ((curve["survival"] < 1) & (expected > 0))).all()
            # Alone in their accounts, this is the interval of lifelines.
            variances, effects = effects_of_the_curve(sides[name], list(curve.index))
            bounds = kaplan.confidence_interval_.reindex(curve.index, method="ffill").to_numpy()
            for effect, column, sign in ((np.ones(len(effects)), None, 1), (effects, "survival_lower", 1), (effects, "survival_upper", -1)):
                log = np.log(expected[within])
                bound = np.exp(log * np.exp(sign * Z * np.sqrt(np.multiply(variances, effect))[within] / -log))
                assert np.allclose(bound, bounds[within, 0] if column is None else curve.loc[within, column], rtol=0, atol=1e-9)
            assert np.allclose(curve.loc[within, "design_effect"], np.array(effects)[within], rtol=1e-6)
            assert curve.loc[~within, "design_effect"].isna().all()
            seen["clustered curves"] += max(effects) > 1.1
            if happening[0] >= GAP:
                seen["late"] += 1
                assert row[prefix + "mean"] is None and row[prefix + "median_days"] is None
                continue
            seen["medians"] += kaplan.median_survival_time_ < np.inf
            assert row[prefix + "median_days"] == (kaplan.median_survival_time_ if kaplan.median_survival_time_ < np.inf else None)
            is_broken = any(at_risk == 0 for day, at_risk in curve["at_risk"].items() if happening[0] < day <= horizon)
            if is_broken or (happening[-1] < horizon and expected[-1] > 0):
                assert row[prefix + "mean"] is None
                continue
            seen["means"] += 1
            # lifelines begins with the first entry; nobody can have had the pause before day 28.
            mean = restricted_mean_survival_time(kaplan, horizon) + happening[0] + 0.5
            assert row[prefix + "mean"] == pytest.approx(mean, abs=1e-9)
            if name == "segment" and (curve["events"] > 0).any():
                unclustered = mean_error(kaplan, horizon)
                mean_effect = inflation(mean_parts[name], sides[name].users, sides[name].accounts)
                error = unclustered * mean_effect**0.5
                seen["clustered means"] += mean_effect > 1.01
                if error:
                    assert row["mean_lower"] == pytest.approx(mean - 1.959963984540054 * error, abs=1e-9)
                    assert row["mean_upper"] == pytest.approx(mean + 1.959963984540054 * error, abs=1e-9)
                    if row["difference_lower"] is not None:
                        effect = inflation(
                            np.concatenate([mean_parts["segment"], -mean_parts["rest"]]),
                            sides["segment"].users + sides["rest"].users,
                            sides["segment"].accounts + sides["rest"].accounts,
                        )
                        error = effect**0.5 * np.hypot(unclustered, mean_error(fitted(groups["rest"]), horizon))
                        assert row["difference_upper"] - row["difference_lower"] == pytest.approx(2 * 1.959963984540054 * error)
        if segment == ALL or not sum(observed):
            assert row["chi_square"] is None and row["p_value"] is None and row["effect_size"] is None
            continue
        seen["tests"] += 1
        is_watched = np.concatenate([span[:, 0] < span[:, 1] for span in (begun["segment"], begun["rest"])])
        both = np.concatenate([begun["segment"], begun["rest"]])[is_watched]
        group = np.repeat([1, 0], [len(groups["segment"]), len(groups["rest"])])[is_watched]
        users = np.array(sides["segment"].users + sides["rest"].users)[is_watched]
        owners = np.array(sides["segment"].accounts + sides["rest"].accounts)[is_watched]
        chi_square, _ = survdiff(both[:, 1], both[:, 2], group, entry=both[:, 0])
        # The log-rank statistic is the score of Cox's model, and the score has a part for each spell. At risk from the next day on.
        model = PHReg(both[:, 1], group[:, None].astype(float), both[:, 2], entry=both[:, 0] + 0.5, ties="breslow")
        effect = inflation(np.nan_to_num(model.score_residuals(np.zeros(1))[:, 0]), list(users), list(owners))
        seen["clustered tests"] += effect > 1.01
        assert row["design_effect"] == pytest.approx(effect, rel=1e-9), segment
        assert row["chi_square"] == pytest.approx(chi_square / effect, rel=1e-9)
        p_value = chi2.sf(chi_square / effect, 1)
        assert row["p_value"] == (None if row["quality"] == "insufficient" else pytest.approx(p_value, abs=1e-13))
        ratio = (observed[0] / expected_events[0]) / (observed[1] / expected_events[1]) if observed[1] else None
        assert row["effect_size"] == (pytest.approx(ratio, rel=1e-9) if ratio is not None else None)
    family = summary[~summary["is_circular"] & (summary["quality"] == "ok") & summary["p_value"].notna()]
    assert len(family)
    assert np.abs(family["q_value"] - multipletests(family["p_value"], method="fdr_bh")[1]).max() < 1e-12
    assert summary.loc[summary.index.difference(family.index), "q_value"].isna().all()
    return seen


def with_traps(world: World) -> World:
    """Hand-made users of one segment, `enters_late`; what each must give stands in the test."""

    def add(name: str, signup: date, active: list[date], members_from: date, deleted: date | None = None) -> None:
        world.users[name] = User(signup, deleted)
        world.events.extend(Event(name, "page_viewed", datetime.combine(day, datetime.min.time()), day) for day in active)
        for day in filter(world.users[name].is_there, world.dates):
            world.members["everybody", day].add(name)
            if day >= members_from:
                world.members["enters_late", day].add(name)

    def daily(first: date) -> list[date]:
        return [first + number * DAY for number in range((world.data_through - first).days + 1)]

    world.segments.append("enters_late")
    sunday = date(2026, 3, 1)
    add("paused_before", date(2026, 1, 5), daily(date(2026, 2, 20)), sunday)
    add("paused_on_the_day", sunday - 28 * DAY, [], sunday)
    add("pauses_the_next_day", sunday - 27 * DAY, [], sunday)
    add("pauses_27_days", sunday - 20 * DAY, daily(sunday + 8 * DAY), sunday)
    add("deleted_on_the_day", sunday - 20 * DAY, [], sunday, deleted=sunday + 8 * DAY)
    add("deleted_the_day_after", sunday - 20 * DAY, [], sunday, deleted=sunday + 9 * DAY)
    add("enters_on_the_last_day", date(2026, 3, 2), daily(date(2026, 3, 2)), world.data_through)
    world.link_days()
    return world


@pytest.fixture(scope="module")
def made_up(mart_project: MartProject) -> tuple[World, MartProject]:
    world = with_traps(random_world(3))
    world.fill(mart_project)
    mart_project.configure(survival_horizon_days=70)
    mart_project.run_models(*MARTS)
    return world, mart_project


def test_curves_and_tests_equal_lifelines_and_statsmodels(made_up: tuple[World, MartProject]) -> None:
    world, project = made_up
    seen = check_survival(
        world, project.frame("select * from marts.segment_survival"), project.frame("select * from marts.segment_survival_summary"), 70
    )
    assert min(seen.values()) >= 1 and seen["curves"] >= 10 and seen["tests"] >= 3, seen


@pytest.mark.long
def test_the_sample_equals_lifelines_and_statsmodels(sample_warehouse: Warehouse) -> None:
    world = built_world(sample_warehouse)
    world.segments = [
        segment for (segment,) in sample_warehouse.query("select segment from marts.segments where retired_on is null order by segment")
    ]
    seen = check_survival(
        world,
        pd.DataFrame(sample_warehouse.records("select * from marts.segment_survival")),
        pd.DataFrame(sample_warehouse.records("select * from marts.segment_survival_summary")),
        182,
    )
    assert seen["curves"] > 45 and seen["tests"] > 20 and seen["means"] > 20, seen
    circular = {segment for (segment,) in sample_warehouse.query("select segment from marts.segment_survival_summary where is_circular")}
    # By active days, by events, and by a segment that is defined by active days.
    assert {"power_users", "weekly_users", "power_users_on_ios", "inactive_users"} < circular
    assert not circular & {"under_35", "north_america", "promoters", "new_users", "trial_converted", "renewal_due"}


def test_who_enters_late_is_at_risk_from_the_day_after(made_up: tuple[World, MartProject]) -> None:
    _, project = made_up
    summary = rows(project.frame("select * from marts.segment_survival_summary"), "segment")["enters_late"]
    # Two had the pause by the day they entered, one has no day to be watched: four of seven were ever at risk.
    assert (summary["members"], summary["n"], summary["events"]) == (7, 4, 2)
    curve = rows(
        project.frame("select * from marts.segment_survival where segment = 'enters_late' and group_name = 'segment'"), "day_number"
    )
    # Entered on day 27 (one) and day 20 (three). On day 28 two have the event: 27 days of pause are none, and whoever is
    # deleted on day 28 was last seen on day 27.
    assert (curve[20]["at_risk"], curve[20]["entered"]) == (0, 3)
    assert (curve[27]["at_risk"], curve[27]["entered"], curve[27]["censored"]) == (3, 1, 1)
    assert (curve[28]["at_risk"], curve[28]["events"], curve[28]["survival"]) == (3, 2, pytest.approx(1 / 3))
    assert max(curve) == 135 and curve[135]["censored"] == 1


def test_nobody_and_everybody_have_no_comparison(made_up: tuple[World, MartProject]) -> None:
    _, project = made_up
    found = rows(project.frame("select * from marts.segment_survival_summary"), "segment")
    for segment, n in (("empty", 0), ("everybody", found[ALL]["n"])):
        assert found[segment]["n"] == n and found[segment]["quality"] == "insufficient"
        assert [found[segment][name] for name in ("difference", "chi_square", "p_value", "q_value")] == [None] * 4
    assert found["alone"]["n"] == 1 and found["alone"]["quality"] == "insufficient" and found["alone"]["q_value"] is None
    assert found["everybody"]["baseline_n"] == 0 and found[ALL]["baseline"] is None


@pytest.mark.long
def test_without_late_entry_the_log_rank_test_is_that_of_lifelines(mart_project: MartProject, made_up: Any) -> None:
    """Everybody signs up on a date and is, or is not, in the segment from that day on: nothing is truncated."""
    world = random_world(5, users=0)
    world.segments = ["even", "young", "steady", "empty"]
    chance = np.random.default_rng(5)
    for number in range(120):
        name, signup = f"user_{number}", date(2026, 2, 8) + 7 * DAY * (number % 6)
        world.users[name] = User(signup)
        pause = int(chance.integers(0, 90)) + (number % 2) * 15
        for day in range(0, pause, 10):
            at = datetime.combine(signup + day * DAY, datetime.min.time()) + timedelta(hours=20)
            world.events.append(Event(name, "page_viewed", at, at.date()))
        if number % 2:
            for day in world.dates:
                if day >= signup:
                    world.members["even", day].add(name)
    # Watched for 17 days: no mean over 70, although nobody had a pause.
    for name in ("young_1", "young_2"):
        world.users[name] = User(date(2026, 6, 7))
        for day in filter(world.users[name].is_there, world.dates):
            world.members["young", day].add(name)
    # Forty of whom three pause: enough at risk, too few events.
    for number in range(40):
        name = f"steady_{number}"
        world.users[name] = User(date(2026, 5, 10))
        for day in filter(world.users[name].is_there, world.dates):
            world.members["steady", day].add(name)
            if number >= 3:
                world.events.append(Event(name, "page_viewed", datetime.combine(day, datetime.min.time()), day))
    world.link_days()
    world.fill(mart_project)
    mart_project.run_models(*MARTS)
    found = rows(mart_project.frame("select * from marts.segment_survival_summary"), "segment")
    assert (found["young"]["n"], found["young"]["events"], found["young"]["mean"]) == (2, 0, None)
    steady = found["steady"]
    assert (steady["n"], steady["events"], steady["quality"]) == (40, 3, "low_counts")
    row = found["even"]
    members, rest = (side.spans for side in groups_of(lives(world, ends(world), "even")))
    assert set(members[:, 0]) == set(rest[:, 0]) == {0} and row["quality"] == "ok"
    expected = logrank_test(members[:, 1], rest[:, 1], members[:, 2], rest[:, 2])
    assert row["chi_square"] == pytest.approx(expected.test_statistic, rel=1e-9)
    assert row["p_value"] == pytest.approx(expected.p_value, rel=1e-9)
    bounds = median_survival_times(fitted(members).confidence_interval_)
    assert [row["median_days_lower"], row["median_days_upper"]] == list(bounds.iloc[0])


@pytest.mark.long
def test_random_accounts_and_users_are_significant_as_often_as_p_says(mart_project: MartProject) -> None:
    """Colleagues pause alike. Segments of whole accounts and of users, drawn at random and entered on random days."""
    chance = np.random.default_rng(20261127)
    sizes = np.ceil(chance.lognormal(1, 1, 300)).astype(int).clip(1, 40)
    account = np.repeat(np.arange(len(sizes)), sizes)
    users = len(account)
    pause = GAP + chance.exponential(60 * np.exp(chance.normal(0, 0.8, len(sizes)))[account])
    watched = chance.integers(60, 300, users)
    signup = pd.Timestamp("2026-01-01")
    lives = pd.DataFrame(
        {
            "user_id": [f"u{number}" for number in range(users)],
            "account_key": [f"a{number}" for number in account],
            "account_users": sizes[account],
            "first_day": 0,
            "exit_day": np.minimum(pause.astype(int), watched),
            "has_gap": (pause.astype(int) <= watched).astype(int),
            "signup_date": signup.date(),
        }
    )
    members = []
    for number in range(600):
        drawn = "accounts" if number % 2 else "users"
        units = account if drawn == "accounts" else np.arange(users)
        chosen = np.isin(
            units, chance.choice(units.max() + 1, size=chance.integers(30, 100) * (1 if drawn == "accounts" else 4), replace=False)
        )
        entered = chance.integers(0, 50, units.max() + 1)[units]
        members.append(
            pd.DataFrame(
                {
                    "user_id": lives["user_id"][chosen],
                    "segment": f"{drawn}_{number}",
                    "entry_number": 1,
                    "entered_on": (signup + pd.to_timedelta(entered[chosen], unit="D")).date,
                }
            )
        )
    memberships = pd.concat(members, ignore_index=True)
    mart_project.fill("marts.survival_lives", lives)
    mart_project.fill("marts.segment_memberships", memberships)
    mart_project.fill("marts.segments", [{"segment": segment} for segment in memberships["segment"].unique()])
    mart_project.run_models(*MARTS[1:])
    found = mart_project.frame("select segment, chi_square, p_value, design_effect, quality from marts.segment_survival_summary")
    for drawn in ("accounts", "users"):
        tested = found[found["segment"].str.startswith(drawn) & found["p_value"].notna()]
        assert len(tested) == 300 and set(tested["quality"]) == {"ok"}
        share = (tested["p_value"] < 0.05).mean()
        naive = (chi2.sf(tested["chi_square"] * tested["design_effect"], 1) < 0.05).mean()
        print(
            f"{drawn}: p < 0.05 in {share:.4f}, without the design effect in {naive:.4f}, which is {tested['design_effect'].median():.2f}"
        )
        assert abs(share - 0.05) <= 3 * (0.05 * 0.95 / len(tested)) ** 0.5
        assert naive > 0.2 or drawn == "users", "nothing to correct"
    curves = mart_project.frame(
        "select segment, group_name, survival, survival_lower, survival_upper, design_effect from marts.segment_survival where day_number = 60"
    )
    truth = curves.loc[curves["segment"] == ALL, "survival"].item()
    for drawn in ("accounts", "users"):
        bounds = curves[curves["segment"].str.startswith(drawn) & (curves["group_name"] == "segment")]
        log = np.log(bounds["survival"])
        margin = np.log(np.log(bounds["survival_lower"]) / log)
        off = np.abs(np.log(np.log(truth) / log))
        missed, naively = (off > margin).mean(), (off > margin / bounds["design_effect"] ** 0.5).mean()
        print(f"{drawn}: {missed:.4f} of the intervals of day 60 miss, without the design effect {naively:.4f}")
        assert missed <= 0.05 + 3 * (0.05 * 0.95 / len(bounds)) ** 0.5
        assert naively > 0.12 or drawn == "users", "nothing to correct"
