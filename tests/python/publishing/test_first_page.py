"""The first page of the report: its sentences against the rows below the marts, counted another way, and on made-up rows."""

from __future__ import annotations

import datetime
from collections import Counter
from typing import Any

import pytest

from reporting import adoption, channels, due, first_page, funnels, kpis, leaving, north_star, wording
from reporting.kpis import Dates, Kpi, Mover
from reporting.source import Marts
from warehouse import Warehouse

Row = dict[str, Any]


@pytest.fixture(scope="module")
def marts(sample_warehouse: Warehouse) -> Any:
    with Marts(sample_warehouse.database) as found:
        yield found


@pytest.fixture(scope="module")
def label(marts: Marts) -> dict[str, str]:
    return {row["segment"]: row["label"] for row in marts.rows("select segment, label from marts.segments")}


@pytest.fixture(scope="module")
def dates(marts: Marts) -> Dates:
    found = kpis.read_dates(marts)
    assert found is not None and (found.now - found.before).days == 28 and found.ago == "four weeks ago"
    return found


def shapley(sides: list[dict[str, list[float]]]) -> dict[str, float]:
    """What each group adds to the change of the mean, as the mean over both orders of changing shares and rates."""
    totals = [sum(map(len, side.values())) for side in sides]
    overall = [sum(map(sum, side.values())) / total for side, total in zip(sides, totals)]
    found = {}
    for name in {*sides[0], *sides[1]}:
        share = [len(side.get(name, [])) / total for side, total in zip(sides, totals)]
        rates: list[Any] = [sum(side[name]) / len(side[name]) if side.get(name) else None for side in sides]
        rate = [rates[0] if rates[0] is not None else rates[1], rates[1] if rates[1] is not None else rates[0]]
        # The second date's product less the first one's, either way round, each against the mean of the overall means.
        found[name] = share[1] * (rate[1] - sum(overall) / 2) - share[0] * (rate[0] - sum(overall) / 2)
    assert sum(found.values()) == pytest.approx(overall[1] - overall[0], abs=1e-12)
    return found


def test_activation_and_which_segment_moved_it(sample_warehouse: Warehouse, marts: Marts, label: dict[str, str], dates: Dates) -> None:
    """From the users of both dates."""
    sides: list[dict[str, list[float]]] = []
    for day in (dates.before, dates.now):
        side: dict[str, list[float]] = {}
        for segment, activated in sample_warehouse.query(
            f"""
            select lifecycle.segment, features.is_activated from features.user_features as features
            inner join marts.user_lifecycle_segments as lifecycle using (user_id, as_of_date)
            where as_of_date = date '{day}' and features.is_activated is not null
            """
        ):
            side.setdefault(segment, []).append(float(activated))
        sides.append(side)
    before, now = (sum(map(sum, side.values())) / sum(map(len, side.values())) for side in sides)
    effects = shapley(sides)
    mover = max(effects, key=lambda name: effects[name] * (1 if now > before else -1))
    said = next(one for one in kpis.read(marts, dates) if one.metric["metric"] == "activation_rate")
    text = kpis.sentence(said, label, dates, "$")
    points = wording.Unit("share")
    assert text.startswith(
        f"Activation rate is {wording.percent(now)}: {'better' if now > before else 'worse'} than four weeks ago "
        f"({points.difference(now - before)} since {wording.short_date(dates.before)}, when it was {wording.percent(before)}). "
        f"{label[mover]} moved it most ({points.difference(effects[mover])}): "
    )


def test_which_segment_lost_most_people_and_where_they_went(
    sample_warehouse: Warehouse, marts: Marts, label: dict[str, str], dates: Dates
) -> None:
    """User by user, from one period end to the next."""
    ends = [
        day
        for (day,) in sample_warehouse.query(
            f"select as_of_date from activity.as_of_dates where is_period_end and as_of_date between date '{dates.before}' and date '{dates.now}' order by 1"
        )
    ]
    desirability = dict(sample_warehouse.query("select segment, desirability from marts.segments where is_lifecycle"))
    moves: Counter[tuple[str, str]] = Counter()
    for earlier, later in zip(ends, ends[1:]):
        where = [
            dict(sample_warehouse.query(f"select user_id, segment from marts.user_lifecycle_segments where as_of_date = date '{day}'"))
            for day in (earlier, later)
        ]
        found = [(segment, where[1][user]) for user, segment in where[0].items() if user in where[1] and where[1][user] != segment]
        moves.update(found)
        # Net upward movement of the period.
        ways = [(desirability[to] > desirability[left]) - (desirability[to] < desirability[left]) for left, to in found]
        ((share,),) = sample_warehouse.query(
            f"select distinct net_upward_share from marts.segment_transitions where as_of_date = date '{later}'"
        )
        assert share == pytest.approx(sum(ways) / sum(map(abs, ways)))
    lost = Counter[str]()
    for (left, _), count in moves.items():
        lost[left] += count
    most, count = lost.most_common(1)[0]
    text = leaving.answer(leaving.read(marts, dates), label, dates)
    assert len(ends) == 5 and text.startswith(
        f"{label[most]} lost most people: {count:,} moves out since {wording.short_date(dates.before)}, "
    )
    assert all(f"{number:,} to {label[to]}" in text for (left, to), number in moves.items() if left == most) and "withheld" not in text


def test_what_is_withheld_makes_the_loss_a_lower_bound(dates: Dates) -> None:
    rows: list[Row] = [
        {"from_segment": "a", "to_segment": "b", "users": 12, "withheld": 0},
        {"from_segment": "a", "to_segment": "c", "users": None, "withheld": 4},
        {"from_segment": "b", "to_segment": "a", "users": 3, "withheld": 0},
    ]
    text = leaving.answer(rows, {"a": "A", "b": "B"}, dates)
    assert "A lost most people: at least 12 moves out" in text and "12 to B. Small moves are withheld." in text and "None" not in text
    assert leaving.answer([], {}, dates).startswith("Nobody is known to have moved")


def test_what_is_due_this_week(sample_warehouse: Warehouse, marts: Marts) -> None:
    newest = sample_warehouse.query("select data_through from activity.data_through")[0][0]
    reviewed = {
        day
        for (day,) in sample_warehouse.query("select reviewed_on from marts.segments where reviewed_on is not null and retired_on is null")
    }
    assert len(reviewed) == 1
    day = reviewed.pop()
    valid = (newest - day).days + 7
    for valid_days, is_due in ((valid, True), (valid + 1, False), (valid - 30, True)):
        now, later = due.read(marts, valid_days, "$")
        reviews = [one for one in (now if is_due else later) if one.text.startswith("Review ")]
        assert [one.day for one in reviews] == [day + datetime.timedelta(days=valid_days)]
        assert ("It is overdue." in reviews[0].text) == (valid_days == valid - 30)
    now, later = due.read(marts, 92, "$")
    targets = sample_warehouse.query("select target_date, state, label from marts.segment_objectives where state <> 'reached'")
    expected = {(target_date, name) for target_date, _, name in targets}
    assert {(one.day, one.text.split(":")[0]) for one in now + later if not one.text.startswith("Review ")} == expected
    assert now == [] and due.answer(now, later).startswith(f"Nothing is due this week. Next, by {wording.short_date(later[0].day)}: ")
    assert due.answer(*due.read(marts, valid, "$")).startswith("Due this week: Review ")


def test_a_target_is_reached_by_its_direction() -> None:
    for direction, mean, target, reached in (
        ("up", 0.6, 0.6, True), ("up", 0.59, 0.6, False), ("down", 0.04, 0.05, True), ("down", 0.06, 0.05, False), ("up", None, 0.5, None),
        ("up", 0.1 + 0.2, 0.3, True), ("down", 0.1 + 0.2, 0.3, True),
    ):  # fmt: skip
        assert due.is_reached({"direction": direction, "mean": mean, "target": target}) is reached


METRIC = {"metric": "tasks", "label": "Tasks", "unit": "tasks", "direction": "up", "description": "Tasks of a week."}


def shifted(**changes: Any) -> list[Row]:
    """A base of 800 users that grows by 400 people who do a third of what the others do, and nobody changes what he does."""
    whole = {
        "overall_rate": 5 / 3,
        "previous_overall_rate": 2.0,
        "as_of_date": datetime.date(2026, 6, 7),
        "previous_as_of_date": datetime.date(2026, 3, 1),
    }
    rows: list[Row] = [
        {"group_name": "small_companies", "users": 800, "previous_users": 400, "share": 2 / 3, "previous_share": 1 / 2, "rate": 1.0,
         "previous_rate": 1.0, "share_effect": 1 / 6 * (1 - 11 / 6), "rate_effect": 0.0},
        {"group_name": "large_companies", "users": 400, "previous_users": 400, "share": 1 / 3, "previous_share": 1 / 2, "rate": 3.0,
         "previous_rate": 3.0, "share_effect": -1 / 6 * (3 - 11 / 6), "rate_effect": 0.0},
    ]  # fmt: skip
    return [{"partition_name": "company_size", **whole, **row, **changes} for row in rows]


def test_the_base_grows_and_the_north_star_does_not() -> None:
    """The sentence names the share effect, with the numbers of the mix shift; and the rate effect where that is why."""
    text = north_star.sentence(shifted(), METRIC, "$")
    assert text == (
        "Since 1 Mar 2026, the base grew by 50.0\u202f% (800 → 1,200 users), but Tasks per user fell by 16.7\u202f% (2 → 1.67), because other kinds of "
        "users are in it: share effect −0.33, rate effect 0 by company size. The largest part: Large companies went from 50.0\u202f% to 33.3\u202f% of "
        "users (share effect −0.19)."
    )
    rates = [{**row, "share_effect": 0.0, "rate_effect": -1 / 6, "rate": row["previous_rate"] - 0.3} for row in shifted()]
    assert "because the same kinds of users do less: share effect 0, rate effect −0.33" in north_star.sentence(rates, METRIC, "$")
    # The lifecycle is made of activity: another partition explains, where there is one.
    lifecycle = [{**row, "partition_name": "lifecycle_segment", "share_effect": -1.0} for row in shifted()]
    assert "by company size" in north_star.sentence(shifted() + lifecycle, METRIC, "$")
    assert "by lifecycle segment" in north_star.sentence(lifecycle, METRIC, "$")
    withheld = north_star.sentence(shifted(users=None, share_effect=None), METRIC, "$")
    assert "Tasks per user fell by 16.7\u202f%" in withheld and "small counts are withheld" in withheld and "None" not in withheld
    assert north_star.sentence([], METRIC, "$") == ""


def test_the_north_star_is_the_first_tile(marts: Marts, label: dict[str, str], dates: Dates) -> None:
    found = kpis.read(marts, dates)
    assert [one.metric["metric"] for one in found] == [
        "core_actions_7d",
        "activation_rate",
        "trial_conversion",
        "retained_users_28d",
        "arpu_91d",
        "active_users_28d",
    ]
    assert [one.is_north_star for one in found] == [True] + [False] * 5
    metrics = marts.rows("select * from marts.metrics")
    parts = first_page.written(marts, metrics, label, "$", 92)
    assert parts["kpis"].index("North Star: Core actions in 7 days") < parts["kpis"].index("Activation rate")
    for question in (
        "What moved the North Star?",
        "Is activation better than four weeks ago?",
        "Which segment lost most people, and where to?",
        "What is due this week?",
    ):
        assert f"<dt>{question}</dt>" in parts["answers"]
    # Short enough for two minutes: some 200 words a minute.
    assert len(parts["answers"].split()) + len(parts["kpis"].split()) < 400


def test_a_tile_says_which_way_is_better() -> None:
    metric = {"metric": "churn", "label": "Churn", "unit": "share of accounts", "direction": "down", "kind": "binary"}
    mover = Mover("s", 0.02, 0.01, 0.01, 0.1, 0.2)
    for now, before, direction, said in (
        (0.3, 0.2, "down", "worse"), (0.2, 0.3, "down", "better"), (0.3, 0.2, "up", "better"), (0.2, 0.2, "up", "unchanged"),
        (0.30001, 0.3, "up", "unchanged"), (0.3, 0.2, None, "higher"), (0.2, None, "up", "unchanged"),
    ):  # fmt: skip
        assert kpis.verdict(Kpi({**metric, "direction": direction}, now, before, mover, False)) == said


def test_funnels_channels_and_adoption_of_the_sample(sample_warehouse: Warehouse, marts: Marts, label: dict[str, str]) -> None:
    text = funnels.written(marts, label)
    for funnel, n, users in sample_warehouse.query(
        """
        select funnel, max(n), arg_max(users, step) from marts.segment_funnels
        where segment = '__all__' and is_mature and cohort_date = (select max(cohort_date) from marts.segment_funnels where is_mature)
        group by funnel
        """
    ):
        assert f"{wording.words(funnel)}: of {n:,} users, {users:,} came through" in text
    text = adoption.written(marts, label)
    used = sample_warehouse.query(
        """
        select event_name, count(distinct user_id) from features.user_key_events
        inner join activity.data_through on as_of_date = data_through
        where count_28d > 0 and event_name in (select feature from marts.segment_feature_adoption)
            and user_id in (select user_id from marts.users)
        group by event_name order by 2 desc, 1
        """
    )
    assert f"{wording.words(used[0][0])} is used most: by {used[0][1]:,} of " in text
    text = channels.written(marts, label, "$")
    ((channel, signups),) = sample_warehouse.query(
        "select acquisition_channel, count(*) from marts.users where acquisition_channel is not null group by 1 order by 2 desc limit 1"
    )
    assert f"{wording.words(channel)} brings most signups: " in text and "withheld" not in text.split("<table")[0].replace(
        "that are not withheld", ""
    )
    assert signups > 0
