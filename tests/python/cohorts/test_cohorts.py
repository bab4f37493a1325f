"""segment_retention, segment_funnels, segment_feature_adoption and growth_accounting, recomputed user by user.

Intervals and p are those of statsmodels and scipy.
"""

from __future__ import annotations

import bisect
import statistics
from collections import Counter, defaultdict
from datetime import date, datetime, timedelta
from typing import Any

import numpy as np
import pandas as pd
import pytest
from scipy.stats import chi2_contingency
from statsmodels.stats.multitest import multipletests
from statsmodels.stats.proportion import confint_proportions_2indep, proportion_confint, proportion_effectsize

from cohort_world import ALL, DAY, FEATURES, Event, User, World, built_world, random_world, rows
from comparison_oracle import both_tails, sampling_skew
from mart_project import MartProject
from registries import project_variables
from render_macros import loaded_macros, macro_texts
from warehouse import ROOT, Warehouse

MARTS = (
    "retention_counts",
    "segment_retention",
    "funnel_counts",
    "segment_funnels",
    "cohort_comparison",
    "feature_adoption_counts",
    "segment_feature_adoption",
    "growth_accounting",
)
BRACKETS = [[1, 2], [3, 3], [1, 30]]
FUNNELS = [
    {"name": "exports", "steps": ["report_created", "report_exported", "report_exported"], "within_days": 5},
    {"name": "upgrade", "steps": ["pricing_viewed", "upgrade_requested"]},
    {"name": "some_day", "steps": ["pricing_viewed", "upgrade_requested", "report_created"], "within_days": None},
    {"name": "there_and_back", "steps": ["page_viewed", "pricing_viewed", "page_viewed", "report_created"], "within_days": 11},
]
FUNNEL_DAYS, ENTRY_DAYS = 10, 7
SUNDAY = date(2026, 6, 14)


def noon(day: date) -> datetime:
    return datetime.combine(day, datetime.min.time()) + timedelta(hours=12)


def with_traps(world: World) -> World:
    """Hand-made users in segments of their own; what they must give stands in the tests."""
    world.segments += ["two_ghosts", "each_class", "walkers"]
    # Deleted three days after the cohort's date; a device goes on sending.
    for name in ("ghost", "early_ghost"):
        world.users[name] = User(date(2026, 3, 1), SUNDAY + 3 * DAY)
        world.members["two_ghosts", SUNDAY].add(name)
    world.events += [Event("ghost", "page_viewed", noon(SUNDAY + 4 * DAY), SUNDAY + 4 * DAY)]
    world.events += [Event("early_ghost", "page_viewed", noon(SUNDAY + 2 * DAY), SUNDAY + 2 * DAY)]

    # One user for each way to come and go between the Sundays 7 and 14 June: days active, in it before, in it now.
    earlier = SUNDAY - 7 * DAY
    ways = {
        "stays": ([earlier, SUNDAY], True, True),
        "joins": ([SUNDAY], False, True),
        "returns": ([SUNDAY], True, True),
        "arrives_late": ([SUNDAY], False, True),
        "moves_in": ([earlier, SUNDAY], False, True),
        "goes": ([earlier], True, True),
        "goes_and_leaves": ([earlier], True, False),
        "is_deleted": ([earlier, SUNDAY - DAY], True, False),
        "moves_out": ([earlier, SUNDAY], True, False),
        "sleeps": ([], True, True),
    }
    for name, (days, was_in, is_in) in ways.items():
        world.users[name] = User(SUNDAY - DAY if name == "joins" else date(2026, 3, 1), SUNDAY if name == "is_deleted" else None)
        world.events += [Event(name, "page_viewed", noon(day), day) for day in days]
        for day, is_member in ((earlier, was_in), (SUNDAY, is_in)):
            if is_member:
                world.members["each_class", day].add(name)
    # Active before, but linked only on the Monday after: on the Sunday nobody knew.
    world.users["linked_late"] = User(date(2026, 3, 1))
    world.events += [Event("linked_late", "page_viewed", noon(earlier), earlier + DAY)]
    world.events += [Event("linked_late", "page_viewed", noon(SUNDAY), SUNDAY)]
    for day in (earlier, SUNDAY):
        world.members["each_class", day].add("linked_late")

    # How far each comes in the funnel `exports` (5 days; the first step within 7) after the Sunday 7 June.
    start, hour, days = noon(earlier + DAY), timedelta(hours=1), 5 * DAY
    walks = {
        "same_moment": [("report_created", start), ("report_exported", start)],
        "exports_once": [("report_created", start), ("report_exported", start + hour)],
        "exports_twice": [("report_created", start), ("report_exported", start + hour), ("report_exported", start + 3 * hour)],
        "on_the_limit": [("report_created", start), ("report_exported", start + days)],
        "past_the_limit": [("report_created", start), ("report_exported", start + days + timedelta(microseconds=1))],
        "luckier_later": [("report_created", start), ("report_created", start + days + hour), ("report_exported", start + days + 2 * hour)],
        "on_the_day": [("report_created", noon(earlier)), ("report_exported", start)],
        "starts_too_late": [("report_created", start + 7 * DAY), ("report_exported", start + 7 * DAY + hour)],
        "is_deleted_between": [("report_created", start), ("report_exported", start + 2 * DAY)],
        "wrong_order": [("report_exported", start), ("report_created", start + hour)],
    }
    for name, steps in walks.items():
        world.users[name] = User(date(2026, 3, 1), earlier + 3 * DAY if name == "is_deleted_between" else None)
        world.members["walkers", earlier].add(name)
        world.events += [Event(name, event, at, at.date()) for event, at in steps]

    # A feature that nearly everybody uses: those who do not are too few to compare.
    newest = world.data_through
    for number, name in enumerate(sorted(world.population(newest))):
        if number % 40:
            world.events.append(Event(name, "dashboard_viewed", noon(newest), newest))
    world.link_days()
    return world


@pytest.fixture(scope="module")
def made_up(mart_project: MartProject) -> tuple[World, MartProject]:
    world = with_traps(random_world(7))
    world.fill(mart_project)
    mart_project.configure(
        retention_periods=5,
        retention_brackets=BRACKETS,
        funnels=FUNNELS,
        funnel_days=FUNNEL_DAYS,
        funnel_entry_days=ENTRY_DAYS,
        # Cohorts in many slices.
        feature_slice_rows=500,
    )
    mart_project.run_models(*MARTS)
    return world, mart_project


@pytest.fixture(scope="module")
def sample_world(sample_warehouse: Warehouse) -> World:
    return built_world(sample_warehouse)


def quality_of(n: int, users: int, accounts: int) -> str:
    """Of a share: users of n."""
    if n < 2:
        return "insufficient"
    return "low_counts" if min(users, n - users) < 5 else "small_n" if n < 30 or accounts < 20 else "ok"


def check_witnesses(world: World, row: dict[str, Any], members: set[str], successes: set[str], day: date) -> None:
    """Accounts, design effect and interval of a share, by residuals added up account by account."""
    account_of = {name: world.account_of(name, day) for name in members}
    accounts = Counter(account_of.values())
    assert row["accounts"] == len(accounts) and row["quality"] == quality_of(len(members), len(successes), len(accounts))
    if not members:
        assert [row[name] for name in ("design_effect", "share_lower", "share_upper")] == [None] * 3
        return
    p = len(successes) / len(members)
    if 0 < p < 1:
        residuals = dict.fromkeys(accounts, 0.0)
        for name in members:
            residuals[account_of[name]] += (name in successes) - p
        effect = max(1.0, sum(value**2 for value in residuals.values()) / (len(members) * p * (1 - p)))
    else:
        effect = sum(number**2 for number in accounts.values()) / len(members)
    assert row["design_effect"] == pytest.approx(effect, rel=1e-9)
    lower, upper = proportion_confint(len(successes) / effect, len(members) / effect, method="wilson")
    assert row["share_lower"] == pytest.approx(lower, abs=1e-12) and row["share_upper"] == pytest.approx(upper, abs=1e-12)


# --- Retention --------------------------------------------------------------------------------------------------------


def check_retention(world: World, frame: pd.DataFrame, periods: int, brackets: list[list[int]], length: int = 7) -> None:
    cells: list[tuple[str, int, int, int | None]] = [("classic", k, length * (k - 1) + 1, length * k) for k in range(1, periods + 1)]
    cells += [("unbounded", k, length * (k - 1) + 1, None) for k in range(1, periods + 1)]
    cells += [("bracket", number, *bracket) for number, bracket in enumerate(brackets, 1)]
    cohorts = sorted(world.period_ends)
    days = {name: world.days_of(name) for name in world.users}
    found = rows(frame, "segment", "cohort_date", "kind", "period")
    assert len(found) == len(cells) * sum(len(world.segments_on(cohort)) + 1 for cohort in cohorts)
    immature = 0
    for cohort in cohorts:
        back = {}
        for name in world.population(cohort):
            back[name] = set()
            for kind, number, first, last in cells:
                place = bisect.bisect_left(days[name], cohort + first * DAY)
                end = world.data_through if last is None else cohort + last * DAY
                if place < len(days[name]) and days[name][place] <= end:
                    back[name].add((kind, number))
        for segment in [*world.segments_on(cohort), ALL]:
            members = world.of(segment, cohort)
            counts = Counter(cell for name in members for cell in back[name])
            for kind, number, first, last in cells:
                row = found[segment, cohort, kind, number]
                assert row["n"] == len(members) and row["first_day"] == first and row["last_day"] == last
                if cohort + (last or first + length - 1) * DAY > world.data_through:
                    immature += 1
                    assert row["is_mature"] is False
                    unknown = ("retained", "share", "share_lower", "share_upper", "design_effect", "quality")
                    assert [row[name] for name in unknown] == [None] * 6
                    continue
                assert row["is_mature"] is True
                assert row["retained"] == counts[kind, number], (segment, cohort, kind, number)
                check_witnesses(world, row, members, {name for name in members if (kind, number) in back[name]}, cohort)
                assert row["share"] == (counts[kind, number] / len(members) if members else None)
    assert immature > 0


def test_retention_equals_a_recount_user_by_user(
    made_up: tuple[World, MartProject], sample_world: World, sample_warehouse: Warehouse, mart_project: MartProject
) -> None:
    world, project = made_up
    check_retention(world, project.frame("select * from marts.segment_retention"), 5, BRACKETS)
    sample_frame = pd.DataFrame(sample_warehouse.records("select * from marts.segment_retention"))
    check_retention(sample_world, sample_frame, 12, [[1, 7], [8, 28], [29, 91]])


def test_the_examples_of_the_pages_are_those_of_the_sample(sample_warehouse: Warehouse) -> None:
    def told(mart: str, where: str) -> dict[str, Any]:
        (row,) = sample_warehouse.records(f"select * from marts.{mart} where {where}")
        return row

    def interval(row: dict[str, Any]) -> str:
        return f"{100 * row['share_lower']:.1f} to {100 * row['share_upper']:.1f}"

    def page(name: str) -> str:
        return " ".join((ROOT / f"docs/statistics/{name}.md").read_text(encoding="utf-8").split())

    week = "cohort_date = '2026-06-28' and kind = 'classic' and period = {} and segment = '{}'"
    own, everybody = (told("segment_retention", week.format(1, segment)) for segment in ("trial_converted", ALL))
    later, all_later = (told("segment_retention", week.format(12, segment)) for segment in ("trial_converted", ALL))
    for text in (
        f"{own['n']} users of {own['accounts']} accounts were in `trial_converted`; {own['retained']} of them "
        f"({100 * own['share']:.1f} %, 95 % interval {interval(own)})",
        f"of all {everybody['n']:,} users of {everybody['accounts']} accounts {everybody['retained']} "
        f"({100 * everybody['share']:.1f} %, {interval(everybody)}: colleagues are alike, the design effect is {everybody['design_effect']:.2f})",
        f"In week 12 it was {later['retained']} of {later['n']} ({100 * later['share']:.1f} %) and {all_later['retained']} of "
        f"{all_later['n']:,} ({100 * all_later['share']:.1f} %)",
    ):
        assert text in page("segment_retention"), text
    step = "funnel = 'reporting' and cohort_date = '2026-08-30' and step = {} and segment = '{}'"
    first, second = (told("segment_funnels", step.format(number, ALL)) for number in (1, 2))
    converted = told("segment_funnels", step.format(1, "trial_converted"))
    for text in (
        f"of all {first['n']:,} users {first['users']} viewed a dashboard within 14 days ({100 * first['share']:.1f} %, {interval(first)}), "
        f"{second['users']} of these created a report within 14 days of it ({100 * second['share_of_previous']:.1f} %)",
        f"Of {converted['n']} in `trial_converted` it was {converted['users']} ({100 * converted['share']:.1f} %, {interval(converted)})",
    ):
        assert text in page("segment_funnels"), text


def test_the_example_of_cohort_comparison_is_that_of_the_sample(sample_warehouse: Warehouse) -> None:
    page = " ".join((ROOT / "docs/statistics/cohort_comparison.md").read_text(encoding="utf-8").split())
    back, came = sample_warehouse.records(
        "select * from marts.cohort_comparison where segment = 'trial_converted' and (outcome = 'bracket' and step = 2 "
        "or outcome = 'reporting' and step = 1) order by subject desc"
    )
    by_user = confint_proportions_2indep(
        back["users"], back["n"], back["baseline_users"], back["baseline_n"], method="newcomb", compare="diff"
    )

    def points(*values: float) -> list[str]:
        return [f"{100 * value:.1f}".replace("-", "−") for value in values]

    difference, lower, upper = points(back["difference"], back["difference_lower"], back["difference_upper"])
    for text in (
        f"Of the {back['n']} users of {back['accounts']} accounts who were in `trial_converted` on 20 September 2026, {back['users']} "
        f"({points(back['mean'])[0]} %)",
        f"of the {back['baseline_n']:,} others {back['baseline_users']} ({points(back['baseline_mean'])[0]} %): {difference} points more "
        f"({lower} to {upper}), q = {back['q_value']:.2f}",
        f"By users the interval would be {' to '.join(points(*by_user))}: the design effect is {back['design_effect']:.2f}",
        f"{came['users']} of {came['n']} viewed a dashboard, and {came['baseline_users']} of {came['baseline_n']:,}: "
        f"{points(came['difference'])[0]} points ({' to '.join(points(came['difference_lower'], came['difference_upper']))}), "
        f"q = {came['q_value']:.2f}",
    ):
        assert text in page, text
    assert back["q_value"] < 0.05 and str(back["cohort_date"]) == "2026-09-20"


def test_a_young_cohort_has_no_share_for_day_7(made_up: tuple[World, MartProject]) -> None:
    _, project = made_up
    young = rows(
        project.frame("select * from marts.segment_retention where segment = 'everybody' and cohort_date = date '2026-06-21'"),
        "kind",
        "period",
    )
    assert young["classic", 1]["n"] > 50
    # Three days old: days 1 to 3 are known, day 7 is not.
    assert young["bracket", 1]["retained"] > 0 and young["bracket", 2]["retained"] > 0
    assert [young[cell]["retained"] for cell in (("classic", 1), ("unbounded", 1), ("bracket", 3))] == [None] * 3
    older = rows(
        project.frame("select * from marts.segment_retention where segment = 'everybody' and cohort_date = date '2026-06-14'"),
        "kind",
        "period",
    )
    assert older["classic", 1]["retained"] > 0 and older["classic", 2]["retained"] is None


def test_deleted_users_stay_in_n_and_are_not_retained(made_up: tuple[World, MartProject]) -> None:
    _, project = made_up
    row = rows(
        project.frame(f"select * from marts.segment_retention where segment = 'two_ghosts' and cohort_date = date '{SUNDAY}'"),
        "kind",
        "period",
    )
    # One was active the day before the deletion; what a device sent the day after it does not count.
    assert (row["classic", 1]["n"], row["classic", 1]["retained"], row["classic", 1]["quality"]) == (2, 1, "low_counts")
    assert row["bracket", 2]["retained"] == 0


def test_a_segment_of_one_or_nobody_has_its_rows(made_up: tuple[World, MartProject]) -> None:
    _, project = made_up
    frame = project.frame("select * from marts.segment_retention where is_mature")
    alone, empty = frame[frame["segment"] == "alone"], frame[frame["segment"] == "empty"]
    assert set(alone["n"]) == {1} and set(alone["quality"]) == {"insufficient"} and set(alone["share"]) == {0.0, 1.0}
    assert set(empty["n"]) == {0} and set(empty["retained"]) == {0} and empty["share"].isna().all()


# --- Funnels ----------------------------------------------------------------------------------------------------------


def times_of(starts: dict[str, list[datetime]], steps: list[str], first_day: date, last_day: date, days: int) -> list[datetime]:
    """The earliest time of each step in turn, as far as somebody comes."""
    reached: list[datetime] = []
    for step in steps:
        times = starts.get(step, [])
        after = reached[-1] if reached else datetime.combine(first_day, datetime.min.time()) - timedelta(microseconds=1)
        place = bisect.bisect_right(times, after)
        limit = reached[0] + days * DAY if reached else datetime.combine(last_day, datetime.max.time())
        if place == len(times) or times[place] > limit:
            break
        reached.append(times[place])
    return reached


def check_funnels(world: World, frame: pd.DataFrame, funnels: list[dict], funnel_days: int, entry_days: int) -> int:
    starts: dict[str, dict[str, list[datetime]]] = {}
    for event in sorted(world.events, key=lambda event: event.at):
        user = world.users.get(event.user)
        if user is not None and (user.deleted is None or event.at.date() < user.deleted):
            starts.setdefault(event.user, {}).setdefault(event.name, []).append(event.at)
    found = rows(frame, "segment", "cohort_date", "funnel", "step")
    shown = sum(len(world.segments_on(cohort)) + 1 for cohort in world.period_ends)
    assert len(found) == sum(len(funnel["steps"]) for funnel in funnels) * shown
    finished = 0
    for funnel in funnels:
        within = funnel.get("within_days", funnel_days)
        # Without a limit a cohort is judged after its entry days, by what has come so far.
        days, decided_after = within or 36_525, within or 0
        for cohort in world.period_ends:
            reached = {
                name: times_of(starts.get(name, {}), funnel["steps"], cohort + DAY, cohort + entry_days * DAY, days)
                for name in world.population(cohort)
            }
            for segment in [*world.segments_on(cohort), ALL]:
                members = world.of(segment, cohort)
                before = len(members)
                for step, event in enumerate(funnel["steps"], 1):
                    row = found[segment, cohort, funnel["name"], step]
                    assert (row["n"], row["event_name"]) == (len(members), event)
                    assert row["is_mature"] == (cohort + (entry_days + decided_after) * DAY <= world.data_through)
                    if not row["is_mature"]:
                        assert [row[name] for name in ("users", "share", "share_of_previous", "median_days", "quality")] == [None] * 5
                        continue
                    waits = [(reached[name][step - 1] - reached[name][0]) / DAY for name in members if len(reached[name]) >= step]
                    assert row["users"] == len(waits), (segment, cohort, funnel["name"], step)
                    check_witnesses(world, row, members, {name for name in members if len(reached[name]) >= step}, cohort)
                    assert row["share_of_previous"] == (len(waits) / before if before else None)
                    assert row["median_days"] == (pytest.approx(statistics.median(waits), abs=1e-12) if waits else None)
                    before = len(waits)
                finished += before
    known = frame[frame["share"].notna()]
    assert np.allclose(known["share"], known["users"].astype(int) / known["n"])
    return finished


def test_funnels_equal_a_walk_event_by_event(made_up: tuple[World, MartProject], sample_world: World, sample_warehouse: Warehouse) -> None:
    world, project = made_up
    assert check_funnels(world, project.frame("select * from marts.segment_funnels"), FUNNELS, FUNNEL_DAYS, ENTRY_DAYS) > 100
    settings = project_variables(ROOT)
    sample_frame = pd.DataFrame(sample_warehouse.records("select * from marts.segment_funnels"))
    assert check_funnels(sample_world, sample_frame, settings["funnels"], settings["funnel_days"], settings["funnel_entry_days"]) > 100


def test_steps_follow_strictly_within_the_time_from_the_first_start(made_up: tuple[World, MartProject]) -> None:
    _, project = made_up
    found = rows(
        project.frame(
            "select * from marts.segment_funnels where segment = 'walkers' and funnel = 'exports' and cohort_date = date '2026-06-07'"
        ),
        "step",
    )
    # Not on_the_day, not starts_too_late; then exports_once, exports_twice and on_the_limit; then exports_twice.
    assert [(found[step]["n"], found[step]["users"]) for step in (1, 2, 3)] == [(10, 8), (10, 3), (10, 1)]
    assert [found[step]["median_days"] for step in (1, 2, 3)] == pytest.approx([0, 1 / 24, 3 / 24])


# --- Growth accounting ------------------------------------------------------------------------------------------------


def check_growth(world: World, frame: pd.DataFrame, month: bool = False) -> None:
    starts = {
        day: (day.replace(day=1) if day in world.period_ends else (day - pd.DateOffset(months=1)).date() + DAY) if month else day - 6 * DAY
        for day in world.dates
    }
    active = {
        day: {
            name
            for name, days in world.active_days.items()
            if any(starts[day] <= active <= day and known <= day for active, known in days.items())
        }
        for day in world.dates
    }
    found = rows(frame, "segment", "as_of_date")
    assert set(found) == {(segment, day) for day, before in world.dates.items() if before for segment in [*world.segments_on(day), ALL]}
    for (segment, day), row in found.items():
        before = world.dates[day]
        now, then = world.of(segment, day) & active[day], world.of(segment, before) & active[before]
        came, went = now - then, then - now
        new = {name for name in came if world.users[name].signup > before}
        resurrected = {name for name in came - new if name not in active[before]}
        churned = {name for name in went if name not in active[day] or not world.users[name].is_there(day)}
        expected = {
            "active_users": len(now),
            "previous_active_users": len(then),
            "retained_users": len(now & then),
            "new_users": len(new),
            "resurrected_users": len(resurrected),
            "moved_in_users": len(came - new - resurrected),
            "churned_users": len(churned),
            "moved_out_users": len(went - churned),
            "quick_ratio": (len(new) + len(resurrected)) / len(churned) if churned else None,
            "is_provisional": day not in world.period_ends,
            "previous_as_of_date": before,
            "period_start_date": starts[day],
        }
        assert {name: row[name] for name in expected} == expected, (segment, day)
        assert row["active_users"] - row["previous_active_users"] == (
            row["new_users"] + row["resurrected_users"] + row["moved_in_users"] - row["churned_users"] - row["moved_out_users"]
        )


def test_growth_equals_the_algebra_of_sets(made_up: tuple[World, MartProject], sample_world: World, sample_warehouse: Warehouse) -> None:
    world, project = made_up
    check_growth(world, project.frame("select * from marts.growth_accounting"))
    check_growth(sample_world, pd.DataFrame(sample_warehouse.records("select * from marts.growth_accounting")))


def test_each_way_to_come_and_go_is_its_own_class(made_up: tuple[World, MartProject]) -> None:
    _, project = made_up
    row = rows(project.frame("select * from marts.growth_accounting where segment = 'each_class'"), "as_of_date")[SUNDAY]
    assert {name: row[name] for name in row if name.endswith("_users")} == {
        "previous_active_users": 5,  # stays, goes, goes_and_leaves, is_deleted, moves_out
        "retained_users": 1,
        "new_users": 1,
        "resurrected_users": 3,  # returns, arrives_late, and linked_late, of whom nobody knew on the Sunday before
        "moved_in_users": 1,
        "churned_users": 3,
        "moved_out_users": 1,
        "active_users": 6,
    }
    assert row["quick_ratio"] == pytest.approx(4 / 3)


# --- Feature adoption -------------------------------------------------------------------------------------------------


def check_against_rest(
    world: World, row: dict[str, Any], members: set[str], rest: set[str], successes: set[str], day: date
) -> tuple[bool, float]:
    """A share of members beside that of everybody else, accounts as on the day: whether it is tested, and the design effect."""
    if not members or not rest:
        assert row["difference"] is None and row["p_value"] is None and row["quality"] == "insufficient"
        return False, 1.0
    x, n, x0, n0 = len(members & successes), len(members), len(rest & successes), len(rest)
    sides = [{world.account_of(name, day) for name in side} for side in (members, rest)]
    assert [row["accounts"], row["baseline_accounts"]] == list(map(len, sides))
    fewest = min(map(len, sides))
    # How much more the scores of the difference vary by account than by user.
    scores: dict[str, float] = defaultdict(float)
    by_user = 0.0
    for name in members | rest:
        score = ((name in successes) - (x + x0) / (n + n0)) * ((name in members) - n / (n + n0))
        scores[world.account_of(name, day)] += score
        by_user += score**2
    effect = max(1.0, sum(score**2 for score in scores.values()) / by_user) if by_user > 1e-12 else 1.0
    effect = max(effect, dealt_effect(world, members, rest, successes, day))
    assert row["design_effect"] == pytest.approx(effect, rel=1e-9)
    expected_cells = [side * share / (n + n0) for side in (n, n0) for share in (x + x0, n + n0 - x - x0)]
    assert row["quality"] == ("insufficient" if min(n, n0) < 30 or fewest < 20 else "low_counts" if min(expected_cells) < 5 else "ok")
    assert row["difference"] == pytest.approx(x / n - x0 / n0, abs=1e-12)
    bounds = confint_proportions_2indep(x / effect, n / effect, x0 / effect, n0 / effect, method="newcomb", compare="diff")
    assert (row["difference_lower"], row["difference_upper"]) == pytest.approx(bounds, abs=1e-9)
    assert row["effect_size"] == pytest.approx(proportion_effectsize(x / n, x0 / n0), abs=1e-12)
    if 0 < x + x0 < n + n0 and row["quality"] != "insufficient":
        table = chi2_contingency([[x, n - x], [x0, n0 - x0]], correction=False)
        rate = (x + x0) / (n + n0)
        skew = sampling_skew((1 - 2 * rate) / np.sqrt(rate * (1 - rate)), n / effect, n0 / effect)
        z = np.sqrt(table.statistic * (n + n0 - 1) / (n + n0) / effect)
        assert row["p_value"] == pytest.approx(both_tails(z, skew), rel=1e-9)
        # The smallest detectable difference is the one that a test with this standard error notices with 80 %.
        share = (x + x0) / (n + n0)
        spread = np.sqrt(share * (1 - share) * (n + n0) / (n + n0 - 1) * (1 / n + 1 / n0))
        assert row["smallest_detectable_difference"] == pytest.approx((1.959963984540054 + 0.8416212335729143) * spread * effect**0.5)
    else:
        assert row["p_value"] is None and row["q_value"] is None
    if x and x0:
        error = np.sqrt(((1 - x / n) / x + (1 - x0 / n0) / x0) * effect)
        ratio = np.log(x / n / (x0 / n0))
        assert row["lift"] == pytest.approx(np.exp(ratio) - 1)
        assert row["lift_lower"] == pytest.approx(np.exp(ratio - 1.959963984540054 * error) - 1)
        assert row["lift_upper"] == pytest.approx(np.exp(ratio + 1.959963984540054 * error) - 1)
    else:
        assert row["lift_lower"] is None and row["lift_upper"] is None
    return row["p_value"] is not None, effect


def dealt_effect(world: World, members: set[str], rest: set[str], successes: set[str], day: date) -> float:
    """If accounts were dealt to the members as far as the members go by account: how alike all colleagues are."""
    everybody = sorted(members | rest)
    accounts = pd.factorize(np.array([world.account_of(name, day) for name in everybody]))[0]

    def effect(values: np.ndarray) -> float:
        centered = values - values.mean()
        return (np.bincount(accounts, weights=centered) ** 2).sum() / (centered**2).sum()

    largest = (np.bincount(accounts) ** 2).sum() / len(everybody)
    did = np.array([name in successes for name in everybody], dtype=float)
    if largest == 1 or did.std() == 0:
        return 1.0
    part = np.clip((effect(np.array([name in members for name in everybody], dtype=float)) - 1) / (largest - 1), 0, 1)
    return 1 + part * max(effect(did) - 1, 0)


def check_families(frame: pd.DataFrame) -> None:
    """q of what counts, by statsmodels."""
    assert frame.loc[frame["family"].isna(), "q_value"].isna().all()
    counted = frame[~frame["is_circular"] & (frame["quality"] == "ok") & frame["p_value"].notna()]
    assert set(counted.index) == set(frame.index[frame["family"].notna()]) and len(counted) > 2
    for _, family in counted.groupby("family"):
        q_values = multipletests(family["p_value"].astype(float), method="fdr_bh")[1]
        assert np.abs(family["q_value"].astype(float) - q_values).max() < 1e-12


def check_adoption(world: World, frame: pd.DataFrame, features: list[str]) -> None:
    newest = world.data_through
    population = world.population(newest)
    ever: dict[str, dict[str, date]] = {feature: {} for feature in features}
    recent: dict[str, set[str]] = {feature: set() for feature in features}
    for event in world.events:
        if event.name in ever and event.user in population:
            day = event.at.date()
            ever[event.name][event.user] = min(day, ever[event.name].get(event.user, day))
            if day > newest - 28 * DAY:
                recent[event.name].add(event.user)
    found = rows(frame, "segment", "feature")
    assert set(found) == {(segment, feature) for segment in world.segments_on(newest) for feature in features}
    tested, effects = 0, []
    for (segment, feature), row in found.items():
        members = world.of(segment, newest)
        rest = population - members
        counts = [len(members & recent[feature]), len(members), len(rest & recent[feature]), len(rest)]
        assert [row[name] for name in ("adopters_28d", "n", "baseline_adopters_28d", "baseline_n")] == counts
        assert row["adopters_ever"] == len(members & set(ever[feature]))
        assert row["baseline_adopters_ever"] == len(rest & set(ever[feature]))
        days = [max((ever[feature][name] - world.users[name].signup).days, 0) for name in members if name in ever[feature]]
        assert row["median_days_to_first_use"] == (statistics.median(days) if days else None)
        is_tested, effect = check_against_rest(world, row, members, rest, recent[feature], newest)
        tested += is_tested
        effects.append(effect)
    assert tested > 3 and max(effects) > 1.1
    check_families(frame)


def test_adoption_equals_statsmodels_and_scipy(
    made_up: tuple[World, MartProject], sample_world: World, sample_warehouse: Warehouse
) -> None:
    world, project = made_up
    frame = project.frame("select * from marts.segment_feature_adoption")
    check_adoption(world, frame, sorted(set(frame["feature"])))
    assert set(FEATURES) < set(frame["feature"])
    sample_frame = pd.DataFrame(sample_warehouse.records("select * from marts.segment_feature_adoption"))
    check_adoption(sample_world, sample_frame, sorted(set(sample_frame["feature"])))
    assert len(set(sample_frame["feature"])) == 11


def test_topics_equal_statsmodels_and_scipy(sample_world: World, sample_warehouse: Warehouse) -> None:
    """What members say in tickets, interviews and answers, recounted user by user among those who were asked."""
    day = sample_world.data_through
    population = sample_world.population(day)
    asked: dict[str, set[str]] = {"everybody": set(population)}
    raised: dict[tuple[str, str], tuple[str, list[str]]] = {}
    said = [
        (user, "everybody", "ticket", topic)
        for user, topic in _within_a_year(sample_warehouse, "topic", "support_tickets", "created_at", day)
    ]
    for user, theme, sentiment in _within_a_year(sample_warehouse, "theme, sentiment", "interview_notes", "noted_at", day):
        kinds = ["theme", *{"positive": ["like"], "negative": ["dislike"]}.get(sentiment, [])]
        said += [(user, "interviewed", kind, theme) for kind in kinds]
    for user, question, answer in _within_a_year(
        sample_warehouse, "question, answer", "survey_responses where instrument = 'attribute'", "responded_at", day
    ):
        is_need = question == "primary_need"
        said.append((user, question, "need" if is_need else "answer", answer if is_need else f"{question}: {answer}"))
    for user, base, kind, topic in said:
        if base != "everybody" and user in population:
            asked.setdefault(base, set()).add(user)
        if user in population:
            raised.setdefault((kind, topic), (base, []))[1].append(user)
    frame = pd.DataFrame(sample_warehouse.records("select * from marts.segment_topics"))
    found = rows(frame, "segment", "topic_kind", "topic")
    segments = [segment for (segment,) in sample_warehouse.query("select segment from marts.segments where retired_on is null")]
    assert set(found) == {(segment, *topic) for segment in segments for topic in raised} and len(raised) > 40
    revenue = dict(sample_warehouse.query(f"select user_id, revenue_91d from features.user_features where as_of_date = '{day}'"))
    tested, effects = 0, []
    for (segment, *topic), row in found.items():
        base, users = raised[tuple(topic)]  # type: ignore[index]
        members = sample_world.of(segment, day) & asked[base]
        rest, did = asked[base] - members, set(users)
        assert [row[name] for name in ("n", "users", "baseline_n", "baseline_users", "mentions")] == [
            len(members), len(members & did), len(rest), len(rest & did), sum(user in members for user in users),
        ]  # fmt: skip
        assert row["revenue_91d"] == pytest.approx(sum(revenue[user] for user in members & did))
        is_tested, effect = check_against_rest(sample_world, row, members, rest, did, day)
        tested += is_tested
        effects.append(effect)
    assert tested > 100 and max(effects) > 1.1
    check_families(frame)
    # Bugs that hit power users on iOS: 173 tickets about bugs reached no mart.
    bugs = found["power_users_on_ios", "ticket", "bug"]
    assert bugs["n"] == len(sample_world.of("power_users_on_ios", day)) and bugs["users"] > 0
    circular = {segment for (segment, kind, _), row in found.items() if row["is_circular"] and kind == "need"}
    assert circular == set(), "who needs automation is a draft, and no other segment of the sample is made of needs"


def _within_a_year(warehouse: Warehouse, columns: str, source: str, moment: str, day: date) -> list[tuple]:
    """Rows of staging in the survey_valid_days up to a day."""
    word = "and" if " where " in source else "where"
    return warehouse.query(
        f"select user_id, {columns} from staging.stg_{source} {word} {moment}::date > date '{day}' - 365 and {moment}::date <= '{day}'"
    )


def test_segments_that_are_defined_by_a_feature_or_by_activity_are_circular(sample_warehouse: Warehouse) -> None:
    circular = {
        (segment, feature)
        for segment, feature in sample_warehouse.query("select segment, feature from marts.segment_feature_adoption where is_circular")
    }
    by_feature = {feature for segment, feature in circular if segment == "no_automation_yet"}
    assert by_feature == {"automation_created", "task_completed"}
    assert ("weekly_users", "task_completed") in circular and ("weekly_users", "report_exported") not in circular
    # By active days, and by a segment that is defined by active days.
    assert {("power_users", "file_uploaded"), ("power_users_on_ios", "file_uploaded")} < circular
    assert not {segment for segment, _ in circular} & {"under_35", "north_america", "promoters", "new_users", "trial_converted"}


# --- Retention and funnels against the rest ---------------------------------------------------------------------------


def check_cohorts(world: World, frame: pd.DataFrame, settings: dict[str, Any]) -> None:
    """Each outcome for the newest cohort whose time is over, recounted user by user."""
    cells = [("classic", k, 7 * k - 6, 7 * k) for k in range(1, settings["retention_periods"] + 1)]
    cells += [("bracket", number, *bracket) for number, bracket in enumerate(settings["retention_brackets"], 1)]
    starts: dict[str, dict[str, list[datetime]]] = {}
    for event in sorted(world.events, key=lambda event: event.at):
        user = world.users.get(event.user)
        if user is not None and (user.deleted is None or event.at.date() < user.deleted):
            starts.setdefault(event.user, {}).setdefault(event.name, []).append(event.at)

    def newest(days: int) -> date:
        return max(cohort for cohort in world.period_ends if cohort + days * DAY <= world.data_through)

    # Subject, outcome, step, from_step -> cohort, who is counted, and who of them did it.
    expected: dict[tuple[str, str, int, int], tuple[date, set[str], set[str]]] = {}
    for kind, number, first, last in cells:
        cohort = newest(last)
        population = world.population(cohort)
        back = {name for name in population if any(cohort + first * DAY <= day <= cohort + last * DAY for day in world.days_of(name))}
        expected["retention", kind, number, 0] = cohort, population, back
    for funnel in settings["funnels"]:
        within, entry, last = funnel.get("within_days", settings["funnel_days"]), settings["funnel_entry_days"], len(funnel["steps"])
        days = within or 36_525
        cohort = newest(entry + (within or 0))
        came = {
            name: len(times_of(starts.get(name, {}), funnel["steps"], cohort + DAY, cohort + entry * DAY, days))
            for name in world.population(cohort)
        }
        for before, step in {(0, 1), (0, last), *((step - 1, step) for step in range(2, last + 1))}:
            counted = {name for name in came if came[name] >= before}
            expected["funnel", funnel["name"], step, before] = cohort, counted, {name for name in counted if came[name] >= step}
    found = rows(frame, "segment", "subject", "outcome", "step", "from_step")
    assert set(found) == {(segment, *outcome) for segment in world.segments_on(world.data_through) for outcome in expected}
    tested: Counter[str] = Counter()
    effects = []
    for (segment, *outcome), row in found.items():
        cohort, population, successes = expected[tuple(outcome)]  # type: ignore[index]
        members = world.of(segment, cohort) & population
        rest = population - members
        counts = [len(members), len(members & successes), len(rest), len(rest & successes)]
        assert [row[name] for name in ("n", "users", "baseline_n", "baseline_users")] == counts and row["cohort_date"] == cohort
        is_tested, effect = check_against_rest(world, row, members, rest, successes, cohort)
        tested[outcome[0]] += is_tested
        effects.append(effect)
    assert min(tested["retention"], tested["funnel"]) > 3 and max(effects) > 1.1, tested
    check_families(frame)


def test_retention_and_funnels_against_the_rest_equal_statsmodels_and_scipy(
    made_up: tuple[World, MartProject], sample_world: World, sample_warehouse: Warehouse
) -> None:
    world, project = made_up
    settings = {"retention_periods": 5, "retention_brackets": BRACKETS, "funnels": FUNNELS}
    settings |= {"funnel_days": FUNNEL_DAYS, "funnel_entry_days": ENTRY_DAYS}
    check_cohorts(world, project.frame("select * from marts.cohort_comparison"), settings)
    sample_frame = pd.DataFrame(sample_warehouse.records("select * from marts.cohort_comparison"))
    check_cohorts(sample_world, sample_frame, project_variables(ROOT))


def test_a_period_of_retention_is_a_day_a_week_or_a_month() -> None:
    for unit, days in (("day", [(1, 1), (2, 2)]), ("week", [(1, 7), (8, 14)]), ("month", [(1, 30), (31, 60)])):
        variables = {"retention_unit": unit, "retention_periods": 2, "retention_brackets": []}
        cells = loaded_macros(macro_texts(ROOT), variables)["retention_cells"]()
        found = {(cell["kind"], cell["first_day"], cell["last_day"], cell["mature_after"]) for cell in cells}
        assert found == {("classic", first, last, last) for first, last in days} | {
            ("unbounded", first, None, last) for first, last in days
        }


# --- Months, and nothing at all ---------------------------------------------------------------------------------------


@pytest.mark.long
def test_months_and_an_input_without_events(mart_project: MartProject, made_up: tuple[World, MartProject]) -> None:
    world = random_world(11, users=40, month_ends=True)
    world.fill(mart_project)
    mart_project.configure(as_of_grain="month", retention_periods=4, retention_unit="month", retention_brackets=[], funnels=[])
    mart_project.run_models("growth_accounting", "retention_counts", "segment_retention", "funnel_counts", "segment_funnels")
    check_growth(world, mart_project.frame("select * from marts.growth_accounting"), month=True)
    check_retention(world, mart_project.frame("select * from marts.segment_retention"), 4, [], length=30)
    assert mart_project.query("select count(*) from marts.segment_funnels") == [(0,)]

    # Users who never did anything; and no user at all.
    world.events, world.active_days = [Event("nobody", "page_viewed", noon(SUNDAY), SUNDAY)], {}
    for users in (world.users, {}):
        world.users = users
        world.members = {key: names & set(users) for key, names in world.members.items()}
        world.fill(mart_project)
        mart_project.run_models(
            *MARTS,
            "survival_lives",
            "survival_curves",
            "segment_survival",
            "survival_days",
            "survival_accounts",
            "segment_survival_summary",
        )
        check_growth(world, mart_project.frame("select * from marts.growth_accounting"), month=True)
        assert mart_project.query("select sum(retained) from marts.segment_retention") == [(0,)]
        assert mart_project.query("select count(*), count(p_value) from marts.segment_feature_adoption")[0][1] == 0
        summary = mart_project.frame("select * from marts.segment_survival_summary where quality != 'insufficient'")
        assert users or len(summary) == 0
