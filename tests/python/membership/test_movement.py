"""Stays, transitions, overlap and attrition, recomputed in plain Python; a lifecycle that overlaps or leaves a gap."""

from __future__ import annotations

import copy
import json
import shutil
from collections import Counter, defaultdict
from collections.abc import Callable
from datetime import date
from itertools import permutations
from typing import Any

import pytest

from warehouse import ROOT, Inputs, Warehouse

LIFECYCLE = {"new_users", "inactive_users", "resurrected_users", "at_risk_users", "engaged_users"}
Members = dict[date, dict[str, set[str]]]


@pytest.fixture(scope="module")
def dates(sample_warehouse: Warehouse) -> list[tuple[date, date | None, bool]]:
    """Date, previous date, whether it ends a period; in order."""
    return sample_warehouse.query("select as_of_date, previous_as_of_date, is_period_end from activity.as_of_dates order by 1")


@pytest.fixture(scope="module")
def segments(sample_warehouse: Warehouse) -> dict[str, dict[str, Any]]:
    return {row["segment"]: row for row in sample_warehouse.records("select * from marts.segments")}


@pytest.fixture(scope="module")
def members(sample_warehouse: Warehouse) -> Members:
    """Date -> segment -> users."""
    return read_members(sample_warehouse)


@pytest.fixture(scope="module")
def population(sample_warehouse: Warehouse) -> dict[date, set[str]]:
    users: dict[date, set[str]] = defaultdict(set)
    for user_id, day in sample_warehouse.query("select user_id, as_of_date from features.user_dates"):
        users[day].add(user_id)
    return users


def read_members(warehouse: Warehouse) -> Members:
    found: Members = defaultdict(lambda: defaultdict(set))
    for user_id, segment, day in warehouse.query("select user_id, segment, as_of_date from marts.user_segments"):
        found[day][segment].add(user_id)
    return found


def recompute_stays(days: list[date], members: Members) -> set[tuple]:
    """Goes from date to date and opens and closes stays."""
    stays, entries = set(), Counter()
    open_stays: dict[tuple[str, str], tuple[date, int]] = {}
    for day in days:
        present = {(user, segment) for segment, users in members[day].items() for user in users}
        for key in [key for key in open_stays if key not in present]:
            entered_on, count = open_stays.pop(key)
            stays.add((*key, entries[key], count, entered_on == days[0], False, entered_on, day))
        for key in present:
            if key not in open_stays:
                entries[key] += 1
                open_stays[key] = (day, 0)
            open_stays[key] = (open_stays[key][0], open_stays[key][1] + 1)
    for key, (entered_on, count) in open_stays.items():
        stays.add((*key, entries[key], count, entered_on == days[0], True, entered_on, None))
    return stays


STAYS = """
    select user_id, segment, entry_number, dates_in, is_left_censored, is_open, entered_on, exited_on
    from marts.segment_memberships
"""


def test_stays_equal_a_walk_through_the_dates(sample_warehouse: Warehouse, dates: list[tuple], members: Members) -> None:
    built = sample_warehouse.query(STAYS)
    expected = recompute_stays([day for day, _, _ in dates], members)
    assert len(built) == len(expected) > 5000
    assert set(built) == expected
    assert {stay[2] for stay in built} >= {1, 2, 3}, "somebody came back twice"
    assert any(stay[4] for stay in built) and any(not stay[5] for stay in built)


def test_stays_expand_to_user_segments(sample_warehouse: Warehouse) -> None:
    expanded = """
        select stays.user_id, stays.segment, dates.as_of_date
        from marts.segment_memberships as stays
        inner join activity.as_of_dates as dates
            on dates.as_of_date >= stays.entered_on and dates.as_of_date < coalesce(stays.exited_on, date '9999-12-31')
    """
    table = "select user_id, segment, as_of_date from marts.user_segments"
    assert sample_warehouse.query(f"({expanded}) except all ({table})") == []
    assert sample_warehouse.query(f"({table}) except all ({expanded})") == []


def test_everybody_has_one_lifecycle_segment(
    sample_warehouse: Warehouse, members: Members, population: dict[date, set[str]], segments: dict[str, dict]
) -> None:
    lifecycle = {name for name, segment in segments.items() if segment["is_lifecycle"]}
    assert lifecycle == LIFECYCLE
    built = sample_warehouse.query("select as_of_date, segment, user_id from marts.user_lifecycle_segments")
    assert len(built) == sum(len(users) for users in population.values())
    assert set(built) == {(day, name, user) for day in members for name in lifecycle for user in members[day][name]}
    newest = max(population)
    assert dict(sample_warehouse.query("select user_id, lifecycle_segment from marts.users")) == {
        user: name for day, name, user in built if day == newest
    }


def test_transitions_equal_a_count_user_by_user(
    sample_warehouse: Warehouse, dates: list[tuple], members: Members, population: dict[date, set[str]], segments: dict[str, dict]
) -> None:
    def lifecycle_of(day: date, missing: str) -> dict[str, str]:
        found = defaultdict(lambda: missing)
        found.update({user: name for name in LIFECYCLE for user in members[day][name]})
        return found

    def direction(before: str, after: str) -> str | None:
        if before == "__new__" or after == "__gone__":
            return "new" if before == "__new__" else "gone"
        low, high = segments[before]["desirability"], segments[after]["desirability"]
        if before == after or low == high:
            return "same"
        return ("up" if low < high else "down") if None not in (low, high) else None

    expected = {}
    for day, previous, is_period_end in dates:
        if previous is None:
            continue
        before, after = lifecycle_of(previous, "__new__"), lifecycle_of(day, "__gone__")
        users = population[day] | population[previous]
        counts = Counter((before[user], after[user]) for user in users)
        from_counts = Counter(before[user] for user in users)
        for (source, target), count in counts.items():
            expected[source, target, day] = (
                count,
                pytest.approx(count / from_counts[source]),
                direction(source, target),
                not is_period_end,
                previous,
            )
    built = {
        (row["from_segment"], row["to_segment"], row["as_of_date"]): (
            row["users"],
            row["share_of_from"],
            row["direction"],
            row["is_provisional"],
            row["previous_as_of_date"],
        )
        for row in sample_warehouse.records("select * from marts.segment_transitions")
    }
    assert built == expected
    assert {values[2] for values in built.values()} == {"up", "down", "same", "new", "gone"}
    labels = sample_warehouse.query("select distinct from_label, to_label from marts.segment_transitions where from_segment = to_segment")
    assert ("Engaged (before)", "Engaged (after)") in labels
    sides = sample_warehouse.query("select from_label, to_label from marts.segment_transitions")
    assert not {one for one, _ in sides} & {other for _, other in sides}


def test_sizes_equal_a_count_user_by_user(sample_warehouse: Warehouse, members: Members) -> None:
    for row in sample_warehouse.records("select * from marts.segment_sizes"):
        now = members[row["as_of_date"]][row["segment"]]
        movement = row["entered"], row["exited"], row["stayed"]
        assert row["users"] == len(now)
        if row["previous_as_of_date"] is None:
            assert movement == (None, None, None)
        else:
            before = members[row["previous_as_of_date"]][row["segment"]]
            assert movement == (len(now - before), len(before - now), len(now & before))


def test_overlap_equals_sets_of_users(
    sample_warehouse: Warehouse, members: Members, population: dict[date, set[str]], segments: dict[str, dict]
) -> None:
    newest = max(population)
    built = {(row["segment"], row["other_segment"]): row for row in sample_warehouse.records("select * from marts.segment_overlap")}
    assert set(built) == set(permutations((name for name, row in segments.items() if row["status"] == "active"), 2))
    for (segment, other), row in built.items():
        one, two = members[newest][segment], members[newest][other]
        both, size = len(one & two), len(population[newest])
        assert (row["users"], row["other_users"], row["users_in_both"], row["population_users"]) == (len(one), len(two), both, size)
        assert row["jaccard"] == (pytest.approx(both / len(one | two)) if one | two else None)
        assert row["containment"] == (pytest.approx(both / len(one)) if one else None)
        assert row["other_containment"] == (pytest.approx(both / len(two)) if two else None)
        assert row["expected_users"] == pytest.approx(len(one) * len(two) / size)
        assert row["lift"] == (pytest.approx(both * size / (len(one) * len(two))) if one and two else None)
    assert built["new_users", "engaged_users"]["users_in_both"] == 0
    assert built["power_users_on_ios", "power_users"]["containment"] == 1
    assert max(row["users_in_both"] for row in built.values()) > 62, "more than one word of bits"


def test_attrition_equals_a_count_user_by_user(sample_warehouse: Warehouse, segments: dict[str, dict]) -> None:
    built: dict[str, list[dict]] = defaultdict(list)
    for row in sample_warehouse.records("select * from marts.segment_attrition order by segment, criterion_number"):
        built[row["segment"]].append(row)
    assert set(built) == {name for name, row in segments.items() if row["status"] == "active"}
    newest = max(row["as_of_date"] for rows in built.values() for row in rows)
    for segment, rows in built.items():
        names = [row["criterion"] for row in rows]
        file = next((ROOT / "models/segments").glob(f"*/{segment}.sql")).read_text(encoding="utf-8")
        places = [file.index(f"\n    {name}") for name in names]
        assert places == sorted(places), "in the order of the file"
        users = sample_warehouse.records(f"select * from segments.{segment} where as_of_date = '{newest}'")
        left = users
        for row in rows:
            name = row["criterion"]
            before, left = left, [user for user in left if user[name]]
            assert row["base_users"] == len(users)
            assert row["users_meeting"] == sum(user[name] for user in users)
            assert row["users_after"] == len(left)
            assert row["removed_in_order"] == len(before) - len(left)
            assert row["removed_alone"] == sum(not user[name] for user in users)
            assert row["near_misses"] == sum([other for other in names if not user[other]] == [name] for user in users)
            assert row["criterion_text"]
        assert len(left) == sum(user["is_member"] for user in users)


# --- A case made by hand ----------------------------------------------------------------------------------------------
# Weekly dates from 11 January to 15 March; u4 is deleted on 20 February, u5 signs up on 10 February.
COMING_AND_GOING = {
    "calm_users": (2, "user_id in ('u2', 'u4') or (user_id = 'u1' and as_of_date not in ({busy}))"),
    "busy_users": (1, "user_id = 'u3' or (user_id = 'u1' and as_of_date in ({busy}))"),
    "late_users": (None, "user_id = 'u5'"),
}
BUSY = ", ".join(f"date '2026-{day}'" for day in ("01-18", "02-01", "02-08"))
# Cautious: no test that reads a table which is not selected.
SELECTED = (
    "--select",
    "+segment_memberships",
    "+segment_transitions",
    "+segment_overlap",
    "+segment_attrition",
    "+segment_sizes",
    "+users",
    "--exclude-resource-type",
    "unit_test",
    "--indirect-selection",
    "cautious",
)


def write_segment(warehouse: Warehouse, name: str, tier: str, desirability: int | None, condition: str) -> None:
    meta: dict[str, Any] = {"label": name, "tier": tier, "owner": "me", "goal": "learn", "action": "ask", "reviewed_on": "2026-03-01"}
    if tier == "lifecycle":
        meta["lifecycle"] = meta.pop("tier") == "lifecycle"
    if desirability is not None:
        meta["desirability"] = desirability
    (warehouse.folder / f"models/segments/behavioral/{name}.sql").write_text(
        "{{ config(meta=" + json.dumps(meta) + ") }}\n"
        f"select user_id, as_of_date, {condition.format(busy=BUSY)} as is_member, 'x' as definition_hash\n"
        "from {{ ref('user_features') }}\n",
        encoding="utf-8",
    )


@pytest.fixture
def by_hand(new_warehouse: Callable[..., Warehouse], company: Inputs) -> Warehouse:
    """A project with a lifecycle of three segments in plain SQL and one empty micro segment, and the check on it."""
    warehouse = new_warehouse(copied=("models", "macros"), segment_lint="warn")
    inputs = copy.deepcopy(company)
    inputs["users"][3]["deleted_at"] = "2026-02-20T12:00:00Z"
    inputs["users"].append(
        {"user_id": "u5", "email": "u5@example.com", "signed_up_at": "2026-02-10T09:00:00Z", "updated_at": "2026-02-10T09:00:00Z"}
    )
    warehouse.write_inputs(inputs)
    for folder in (warehouse.folder / "models/segments").iterdir():
        shutil.rmtree(folder)
    (warehouse.folder / "models/segments/behavioral").mkdir()
    for name, (desirability, condition) in COMING_AND_GOING.items():
        write_segment(warehouse, name, "lifecycle", desirability, condition)
    write_segment(warehouse, "nobody", "micro", None, "false")
    names = "".join(f"        '{name}',\n" for name in [*COMING_AND_GOING, "nobody"])
    (warehouse.folder / "macros/registries/segments.sql").write_text(
        "{% macro registered_segments() %}\n    {{ return([\n" + names + "    ]) }}\n{% endmacro %}\n", encoding="utf-8"
    )
    for path in (ROOT / "tests").rglob("test_*.sql"):
        if path.name.startswith(
            (
                "test_user_segments__one_lifecycle",
                "test_segment_memberships",
                "test_segment_transitions",
                "test_segment_overlap",
                "test_segment_attrition",
                "test_segment_sizes",
            )
        ):
            shutil.copy(path, warehouse.folder / "tests")
    return warehouse


@pytest.mark.long
def test_a_case_by_hand(by_hand: Warehouse) -> None:
    by_hand.build(*SELECTED, tests=True)

    def day(text: str) -> date:
        return date.fromisoformat(f"2026-{text}")

    assert sorted(by_hand.query(STAYS), key=str) == sorted(
        [
            ("u1", "calm_users", 1, 1, True, False, day("01-11"), day("01-18")),
            ("u1", "busy_users", 1, 1, False, False, day("01-18"), day("01-25")),
            ("u1", "calm_users", 2, 1, False, False, day("01-25"), day("02-01")),
            ("u1", "busy_users", 2, 2, False, False, day("02-01"), day("02-15")),
            ("u1", "calm_users", 3, 5, False, True, day("02-15"), None),
            ("u2", "calm_users", 1, 10, True, True, day("01-11"), None),
            ("u3", "busy_users", 1, 10, True, True, day("01-11"), None),
            # Deleted on 20 February: the stay ends with the population.
            ("u4", "calm_users", 1, 6, True, False, day("01-11"), day("02-22")),
            ("u5", "late_users", 1, 5, False, True, day("02-15"), None),
        ],
        key=str,
    )
    moves = """
        select from_segment, to_segment, users, direction from marts.segment_transitions
        where as_of_date = '{}' order by all
    """
    assert by_hand.query(moves.format(day("02-15"))) == [
        ("__new__", "late_users", 1, "new"),
        ("busy_users", "busy_users", 1, "same"),
        ("busy_users", "calm_users", 1, "up"),
        ("calm_users", "calm_users", 2, "same"),
    ]
    assert by_hand.query(moves.format(day("02-22"))) == [
        ("busy_users", "busy_users", 1, "same"),
        ("calm_users", "__gone__", 1, "gone"),
        ("calm_users", "calm_users", 2, "same"),
        ("late_users", "late_users", 1, "same"),
    ]
    assert by_hand.query("select count(*) from marts.segment_transitions where as_of_date = '2026-01-11'") == [(0,)]
    # An empty segment: rows with 0, and NULL for a ratio that does not exist.
    assert by_hand.query(
        "select users, other_users, users_in_both, jaccard, containment, other_containment, expected_users, lift"
        " from marts.segment_overlap where segment = 'nobody' and other_segment = 'calm_users'"
    ) == [(0, 2, 0, 0.0, None, 0.0, 0.0, None)]
    assert by_hand.query(
        "select segment, criterion, criterion_text, base_users, users_meeting, users_after, removed_in_order,"
        " removed_alone, near_misses from marts.segment_attrition order by segment"
    ) == [
        ("busy_users", "is_member", None, 4, 1, 1, 3, 3, 3),
        ("calm_users", "is_member", None, 4, 2, 2, 2, 2, 2),
        ("late_users", "is_member", None, 4, 1, 1, 3, 3, 3),
        ("nobody", "is_member", None, 4, 0, 0, 4, 4, 4),
    ]

    # A gap and an overlap, on one date each.
    write_segment(by_hand, "late_users", "lifecycle", None, "user_id = 'u5' and as_of_date != date '2026-03-01'")
    write_segment(
        by_hand,
        "busy_users",
        "lifecycle",
        1,
        COMING_AND_GOING["busy_users"][1] + " or (user_id = 'u2' and as_of_date >= date '2026-03-08')",
    )
    result = by_hand.run("build", *SELECTED, "--full-refresh", "--exclude-resource-type", "unit_test")
    assert not result
    assert result.statuses["test_user_segments__one_lifecycle_segment_each"] == "fail"
    for name in ("user_lifecycle_segments", "segment_transitions", "segment_sizes", "users"):
        assert result.statuses[name] == "skipped", f"{name} is built although the lifecycle is wrong"
    assert (
        "The lifecycle overlaps: 1 users are in each of busy_users, calm_users on 2026-03-15, for instance user u2;"
        " 2 dates have such users."
    ) in result.output
    assert (
        "The lifecycle leaves a gap: 1 users are in none of busy_users, calm_users, late_users on 2026-03-01, for instance user u5."
    ) in result.output

    # Without a lifecycle there is nothing to check.
    for name, (desirability, condition) in COMING_AND_GOING.items():
        write_segment(by_hand, name, "micro", desirability, condition + " or user_id = 'u2'")
    by_hand.build(*SELECTED, "--full-refresh", tests=True)
    assert by_hand.query("select count(*) from marts.user_lifecycle_segments") == [(0,)]
    assert by_hand.query("select count(*), count(lifecycle_segment) from marts.users") == [(4, 0)]

    # A desirability that is no number.
    write_segment(by_hand, "nobody", "micro", "high", "false")  # type: ignore[arg-type]
    result = by_hand.run("build", "--select", "segments")
    assert not result
    assert 'Segment `nobody`: `desirability` must be a whole number, got "high".' in result.output


# --- explain_user -----------------------------------------------------------------------------------------------------
def explain(warehouse: Warehouse, **arguments: Any) -> str:
    return warehouse.run("run-operation", "explain_user", "--args", json.dumps(arguments)).output


@pytest.fixture(scope="module")
def returned(sample_warehouse: Warehouse) -> tuple[str, list[tuple]]:
    """A user who is engaged again, with the stays."""
    user = sample_warehouse.query(
        """
        select min(user_id) from marts.segment_memberships
        where segment = 'engaged_users' and is_open and entry_number = 2
        """
    )[0][0]
    return user, sample_warehouse.query(
        f"""
        select entered_on, exited_on, is_left_censored from marts.segment_memberships
        where segment = 'engaged_users' and user_id = '{user}' order by 1
        """
    )


def test_explain_user_prints_each_criterion_with_its_values(sample_warehouse: Warehouse, returned: tuple[str, list[tuple]]) -> None:
    user, stays = returned
    row = sample_warehouse.records(
        f"select * from features.user_features where user_id = '{user}' and as_of_date = (select max(as_of_date) from marts.users)"
    )[0]
    output = explain(sample_warehouse, user_id=user, segment="engaged_users")
    assert f"User {user}, segment engaged_users (Engaged), on {row['as_of_date']}" in output
    assert (
        "  holds  use_kept_up: active_days_28d >= 0.5 * active_days_previous_28d\n"
        f"           active_days_28d = {row['active_days_28d']}\n"
        f"           active_days_previous_28d = {row['active_days_previous_28d']}\n"
    ) in output
    assert "In the segment on this date: all criteria hold." in output
    start = f"{stays[0][0]}{' or before' if stays[0][2] else ''}"
    assert f"In the segment from {start} until {stays[0][1]}, the first date no longer in it." in output
    assert f"In the segment since {stays[1][0]}." in output

    before = explain(sample_warehouse, user_id=user, segment="engaged_users", as_of_date=str(stays[0][1]))
    assert f"on {stays[0][1]}" in before
    assert "  fails  " in before and "Not in the segment on this date: " in before


def test_explain_user_prints_counts_ranks_and_other_segments(sample_warehouse: Warehouse, returned: tuple[str, list[tuple]]) -> None:
    user = returned[0]
    output = explain(sample_warehouse, user_id=user, segment="no_automation_yet")
    measures = sample_warehouse.records(
        f"select * from segments.no_automation_yet where user_id = '{user}' and as_of_date = (select max(as_of_date) from marts.users)"
    )[0]
    for name, value in measures.items():
        if name.startswith("count_"):
            assert f"           {name.split('__')[0]} = {value}\n" in output
    assert "not_tried: has never tried automation_created" in output
    output = explain(sample_warehouse, user_id=user, segment="most_successful")
    assert "           in_at_risk_users = " in output and "rank_revenue_91d = " in output


@pytest.mark.long
def test_explain_user_says_what_is_wrong_with_its_arguments(sample_warehouse: Warehouse, returned: tuple[str, list[tuple]]) -> None:
    user = returned[0]
    for arguments, told in [
        ({"user_id": user, "segment": "engagd_users"}, "got 'engagd_users'; did you mean 'engaged_users'?"),
        ({"user_id": "o'x", "segment": "new_users"}, "`user_id` must be a user of stg_users, got 'o'x'."),
        (
            {"user_id": user, "segment": "new_users", "as_of_date": "2026-10-17"},
            "`as_of_date` must be one of as_of_dates, got 2026-10-17; near it 2026-10-11 and 2026-10-18 are evaluated.",
        ),
        ({"user_id": user, "segment": "new_users", "as_of_date": "soon"}, "in the form YYYY-MM-DD, got 'soon'."),
    ]:
        result = sample_warehouse.run("run-operation", "explain_user", "--args", json.dumps(arguments))
        assert not result and told in result.output


def test_explain_user_says_that_a_user_was_not_there_yet(sample_warehouse: Warehouse, dates: list[tuple]) -> None:
    user, signed_up = sample_warehouse.query(
        "select user_id, cast(signed_up_at as date) from staging.stg_users where deleted_at is null order by 2 desc, 1 limit 1"
    )[0]
    output = explain(sample_warehouse, user_id=user, segment="engaged_users", as_of_date=str(dates[0][0]))
    assert f"Not in the segment on this date: not in the population then (signed up on {signed_up})." in output
    assert "Never in the segment on any date kept." in output
