"""signup_cohorts of the sample, user by user, all of them and by segment; and its triangle in the report."""

from __future__ import annotations

import re
from datetime import date, timedelta

import pytest

from reporting import cohort_triangle
from reporting.source import Marts
from warehouse import Warehouse

DAYS = {"week": 7, "month": 30}
PERIODS = 12


def start_of(unit: str, day: date) -> date:
    return day - timedelta(days=day.weekday()) if unit == "week" else day.replace(day=1)


def end_of(unit: str, start: date) -> date:
    return start + timedelta(days=6) if unit == "week" else (start + timedelta(days=31)).replace(day=1) - timedelta(days=1)


def test_cohorts_of_signups_equal_a_recount_user_by_user(sample_warehouse: Warehouse) -> None:
    query = sample_warehouse.query
    ((newest,),) = query("select data_through from activity.data_through")
    ((first,),) = query("select min(as_of_date) from activity.as_of_dates")
    active: dict[str, list[date]] = {}
    for user, day in query("select distinct user_id, event_date from activity.user_days"):
        active.setdefault(user, []).append(day)
    there = {
        user: (activated, revenue)
        for user, activated, revenue in query(
            f"select user_id, is_activated, lifetime_revenue from features.user_features where as_of_date = date '{newest}'"
        )
    }
    dates = [day for (day,) in query("select as_of_date from activity.as_of_dates order by 1")]
    members: dict[tuple[str, date], list[str]] = {}
    for user, segment, day in query("select user_id, segment, as_of_date from marts.user_segments"):
        members.setdefault((user, day), []).append(segment)
    cohorts: dict[tuple[str, str, date], list[tuple[str, date, date | None]]] = {}
    for user, signup, deleted in query("select user_id, signed_up_at::date, deleted_at::date from staging.stg_users"):
        for unit in DAYS:
            if signup <= newest and start_of(unit, signup) >= first:
                after = next(day for day in dates if day >= signup)
                for segment in ["__all__", *members.get((user, after), [])]:
                    cohorts.setdefault((segment, unit, start_of(unit, signup)), []).append((user, signup, deleted))
    rows = {
        (row["segment"], row["cohort_unit"], row["cohort_start"], row["period"]): row
        for row in sample_warehouse.records("select * from marts.signup_cohorts")
    }
    assert set(rows) == {(*cohort, period) for cohort in cohorts for period in range(PERIODS + 1)} and len(cohorts) > 600
    seen_immature = seen_deleted = 0
    for (segment, unit, start), users in cohorts.items():
        known = [there[user][0] for user, _, _ in users if user in there and there[user][0] is not None]
        revenue = [there[user][1] for user, _, _ in users if user in there]
        for period in range(PERIODS + 1):
            row = rows[segment, unit, start, period]
            is_mature = end_of(unit, start) + timedelta(days=(period + 1) * DAYS[unit] - 1) <= newest
            back = sum(
                any(
                    (day - signup).days // DAYS[unit] == period and day >= signup and day <= newest and (deleted is None or day < deleted)
                    for day in active.get(user, [])
                )
                for user, signup, deleted in users
            )
            assert (row["n"], row["is_mature"], row["activation_known"], row["activated"]) == (
                len(users),
                is_mature,
                len(known),
                sum(known),
            )
            assert (row["retained"], row["share"]) == ((back, pytest.approx(back / len(users))) if is_mature else (None, None))
            assert row["activation_rate"] == (pytest.approx(sum(known) / len(known)) if known else None)
            assert row["lifetime_revenue_per_user"] == (pytest.approx(sum(revenue) / len(revenue)) if revenue else None)
            seen_immature += not is_mature
        seen_deleted += any(deleted for _, _, deleted in users)
    assert seen_immature and seen_deleted


def test_the_triangle_of_the_report_is_that_of_the_mart(sample_warehouse: Warehouse) -> None:
    with Marts(sample_warehouse.database) as marts:
        text = cohort_triangle.written(marts)
    months = sample_warehouse.records(
        "select * from marts.signup_cohorts where segment = '__all__' and cohort_unit = 'month' order by cohort_start, period"
    )
    newest = [row for row in months if row["period"] == 1 and row["is_mature"]][-1]
    assert f"Of those who signed up in the month of {newest['cohort_start'].day} {newest['cohort_start']:%b %Y}, " in text
    assert f"{newest['share'] * 100:.1f}\u202f% were active again" in text
    # A triangle: each older cohort has as many cells as the one after it, or more.
    lines = re.findall(r"<tr><th scope=\"row\">.*?</tr>", text.split("</table>")[0])
    filled = [sum(bool(cell) for cell in re.findall(r"<td class=number>(.*?)</td>", line)) for line in lines]
    assert len(lines) == 12 and filled == sorted(filled) and filled[0] < filled[-1]
