"""Segments are what they are called: of the sample, on all dates."""

from __future__ import annotations

import re

import pytest

from warehouse import Warehouse

# Segments whose name or label holds another's by accident, with the reason: (segment, other) -> reason. None so far.
EXCEPTIONS: dict[tuple[str, str], str] = {}

MEMBERS = "(select user_id, as_of_date from marts.user_segments where segment = '{}')"


def words(text: str) -> list[str]:
    return re.findall(r"[a-z0-9]+", text.lower())


def holds(whole: list[str], part: list[str]) -> bool:
    """Whether the words of one name stand in the other, next to each other."""
    return len(part) < len(whole) and any(whole[at : at + len(part)] == part for at in range(len(whole) - len(part) + 1))


def outside(warehouse: Warehouse, segment: str, other: str) -> int:
    """Members of a segment who are not in the other on the same date, over the dates that the other is evaluated on."""
    dates = f"(select as_of_date from marts.segment_sizes where segment = '{other}')"
    ((count,),) = warehouse.query(
        f"select count(*) from ({MEMBERS.format(segment)} except {MEMBERS.format(other)}) as alone where as_of_date in {dates}"
    )
    return count


def test_whose_name_contains_anothers_is_inside_it(sample_warehouse: Warehouse) -> None:
    named = sample_warehouse.query("select segment, label from marts.segments union all select segment, label from marts.segment_drafts")
    pairs = {
        (segment, other)
        for segment, label in named
        for other, other_label in named
        if segment != other and (holds(words(segment), words(other)) or holds(words(label), words(other_label)))
    }
    assert ("power_users_on_ios", "power_users") in pairs and EXCEPTIONS.keys() <= pairs
    assert [pair for pair in sorted(pairs - EXCEPTIONS.keys()) if outside(sample_warehouse, *pair)] == []


def test_names_are_compared_word_by_word() -> None:
    assert holds(words("Power users on iOS"), words("power_users"))
    assert not holds(words("Newcomers in enterprise companies"), words("New"))
    assert not holds(words("Users in power"), words("power_users")) and not holds(words("a b"), words("a b"))


@pytest.mark.parametrize(
    ("segment", "wrong"),
    [
        ("happy_customers", "nps_category = 'detractor'"),
        ("happy_customers", "active_days_28d = 0"),
        ("happy_customers", "coalesce(mrr, 0) = 0"),
        ("advocates", "coalesce(mrr, 0) = 0"),
        ("advocates", "active_days_28d = 0"),
        ("advocates", "nps_category is distinct from 'promoter'"),
        ("product_qualified", "mrr > 0 and not is_trial"),
        ("product_qualified", "is_activated is distinct from true"),
        ("every_day_users", "active_days_28d < 20"),
        ("converted_and_left", "mrr > 0 or trial_outcome is null"),
        ("most_successful", "mrr = 0 or revenue_91d <= 0"),
    ],
)
def test_nobody_is_in_it_who_is_not_what_it_is_called(sample_warehouse: Warehouse, segment: str, wrong: str) -> None:
    query = f"""
        select count(*), count(*) filter (where {wrong}) from features.user_features as features
        inner join {MEMBERS.format(segment)} as members using (user_id, as_of_date)
    """
    ((members, found),) = sample_warehouse.query(query)
    assert members > 0 and found == 0


@pytest.mark.parametrize(
    ("segment", "other"), [("happy_customers", "inactive_users"), ("most_successful", "at_risk_users"), ("converted_and_left", "advocates")]
)
def test_two_that_exclude_each_other_share_nobody(sample_warehouse: Warehouse, segment: str, other: str) -> None:
    shared = sample_warehouse.query(f"select count(*) from ({MEMBERS.format(segment)} intersect {MEMBERS.format(other)}) as shared")
    assert shared == [(0,)]


def test_everybody_who_ever_converted_is_in_trial_converted(sample_warehouse: Warehouse) -> None:
    """By the subscriptions themselves: of the user's account, one with a trial became a paid one by the date."""
    ever = """
        select features.user_id, features.as_of_date from features.user_features as features
        where exists (
            select 1 from features.user_features as earlier
            where earlier.user_id = features.user_id and earlier.as_of_date <= features.as_of_date and earlier.trial_outcome = 'converted'
        )
    """
    ((missing, known),) = sample_warehouse.query(
        f"select (select count(*) from ({ever} except {MEMBERS.format('trial_converted')}) as out), (select count(*) from ({ever}) as everybody)"
    )
    assert missing == 0 < known
    left = f"select count(*) from {MEMBERS.format('converted_and_left')} as left_us where as_of_date = (select max(data_through) from marts.segments)"
    assert sample_warehouse.query(left)[0][0] > 100


def test_the_sample_has_a_focus_and_few_micro_segments_and_none_is_empty(sample_warehouse: Warehouse) -> None:
    ((primary, micro),) = sample_warehouse.query(
        "select count(*) filter (tier = 'primary'), count(*) filter (tier = 'micro' and status = 'active') from marts.segments"
    )
    assert 3 <= primary <= 5 and micro <= 18
    assert sample_warehouse.query("select segment from marts.segment_sizes where as_of_date = data_through and users = 0") == []
    # One is retired: on its last dates it holds people, and later none, although they still do what it asks for.
    retired = sample_warehouse.query(
        "select segment, max(sizes.as_of_date) <= max(retired_on), min(users) > 0"
        " from marts.segment_sizes as sizes inner join marts.segments using (segment)"
        " where status = 'retired' group by segment"
    )
    assert retired == [("report_pilots", True, True)]
    assert sample_warehouse.query(
        "select count(*) from marts.user_segments where segment = 'report_pilots' and as_of_date > '2026-01-31'"
    ) == [(0,)]
    ((drafts,),) = sample_warehouse.query("select count(*) from marts.segment_drafts where users > 0")
    assert drafts >= 1
    overlapping = """
        select one.segment from marts.segment_overlap as one
        inner join marts.segments as first on one.segment = first.segment
        inner join marts.segments as second on one.other_segment = second.segment
        where first.tier = 'primary' and second.tier = 'primary' and one.users_in_both > 0
    """
    assert sample_warehouse.query(overlapping) != [], "the focus overlaps, and what is published holds all the same"
