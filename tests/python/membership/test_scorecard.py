"""segment_scorecard against a recomputation in Python, on the sample and on a company in which every check fails once."""

from __future__ import annotations

import datetime as dt
import shutil
from collections import defaultdict
from typing import Any

import pytest

from build import summary
from registries import project_variables
from warehouse import ROOT, Inputs, Warehouse

REGISTRY = "macros/registries/segments.sql"
POINTS = {
    "is_empty": 45,
    "is_too_large": 30,
    "is_redundant": 25,
    "has_unmet_criterion": 20,
    "is_flapping": 15,
    "has_drifted": 15,
    "is_review_expired": 15,
    "is_reviewed_in_future": 10,
    # A remark: small segments are looked at, not marked down.
    "is_too_small": 0,
    # A remark too: actions that are taken elsewhere are not known here.
    "is_acted_on_by_nobody": 0,
    "is_among_too_many": 5,
    "is_large_for_micro": 10,
    "is_without_lifecycle": 5,
}


def recomputed(warehouse: Warehouse) -> dict[str, dict[str, Any]]:
    """The scorecard by definition, from memberships, dates and the segments' views."""
    limits = project_variables(warehouse.folder)
    members: dict[tuple[str, dt.date], set[str]] = defaultdict(set)
    for user, segment, date in warehouse.query("select user_id, segment, as_of_date from marts.user_segments"):
        members[segment, date].add(user)
    population = dict(warehouse.query("select as_of_date, count(*) from features.user_features group by all"))
    (newest,) = warehouse.query("select distinct data_through from marts.segments")[0]
    ends = [
        date for date, is_end in warehouse.query("select distinct as_of_date, is_period_end from marts.segment_sizes order by 1") if is_end
    ]
    segments = warehouse.records(
        "select segment, tier, is_lifecycle, reviewed_on from marts.segments where coalesce(retired_on >= data_through, true)"
    )
    tiers = [row["tier"] for row in segments]
    sent = {audience["segment"] for audience in limits["audiences"]}
    cards = {}
    for row in segments:
        name = row["segment"]
        now = members[name, newest]
        share = len(now) / population[newest]
        columns = [column for column, *_ in warehouse.query(f"describe segments.{name}")]
        skipped = {"user_id", "as_of_date", "is_member", "definition_hash"}
        unmet = [
            column
            for column in columns
            if column not in skipped
            and "__" not in column
            and not warehouse.query(f"select 1 from segments.{name} where {column} and as_of_date = '{newest}' limit 1")
        ]
        # Flutter: the string of ins and outs has an out between two ins.
        window = ends[-limits["flapping_periods"] :]
        seen = {user for date in window for user in members[name, date]}
        back = [user for user in seen if "10" in "".join("1" if user in members[name, date] else "0" for date in window).rstrip("0")]
        flapping = len(back) / len(seen) if seen else None
        similar = {
            other["segment"]: len(now & them) / len(now | them)
            for other in segments
            if other["segment"] != name and (them := members[other["segment"], newest]) & now
        }
        best = min(similar, key=lambda other: (-similar[other], other), default=None)
        jaccard = (similar[best] if best else 0.0) if now else None
        reviewed = [date for date in ends if date <= row["reviewed_on"]]
        then = len(members[name, reviewed[-1]]) / population[reviewed[-1]] if reviewed else None
        drift = share / then - 1 if then else None
        age = (newest - row["reviewed_on"]).days
        fails = {
            "is_empty": not now,
            "is_too_large": share > limits["max_segment_share"],
            "is_redundant": bool(now) and jaccard > limits["max_jaccard"],
            "has_unmet_criterion": bool(unmet),
            "is_flapping": flapping is not None and flapping > limits["max_flapping_share"],
            "has_drifted": (drift is not None and abs(drift) > limits["max_review_drift"]) or (then == 0 and share > 0),
            "is_review_expired": age >= limits["review_valid_days"],
            "is_reviewed_in_future": age < -1,
            "is_acted_on_by_nobody": bool(sent) and name not in sent,
            "is_too_small": 1 <= len(now) < limits["min_segment_users"],
            "is_among_too_many": row["tier"] == "micro" and tiers.count("micro") > limits["max_micro_segments"],
            "is_large_for_micro": row["tier"] == "micro" and share > limits["max_micro_share"],
            "is_without_lifecycle": not any(other["is_lifecycle"] for other in segments),
        }
        lost = sum(POINTS[check] for check, failed in fails.items() if failed)
        cards[name] = {
            **fails,
            "users": len(now),
            "share": share,
            "flapping_share": flapping,
            "most_similar_segment": best,
            "highest_jaccard": jaccard,
            "drift": drift,
            "review_age_days": age,
            "unmet_criteria": ", ".join(sorted(unmet)),
            "review_compared_date": reviewed[-1] if reviewed else None,
            "share_at_review": then,
            "score": max(0, 100 - lost),
            "failing_checks": sum(failed for check, failed in fails.items() if POINTS[check]),
            "grade": "good" if not lost else "fair" if 100 - lost >= limits["min_segment_score"] else "poor",
        }
    return cards


def compare(warehouse: Warehouse) -> None:
    """The mart equals the recomputation, column by column."""
    expected = recomputed(warehouse)
    rows = {row["segment"]: row for row in warehouse.records("select * from marts.segment_scorecard")}
    assert rows.keys() == expected.keys()
    for segment, card in expected.items():
        for column, value in card.items():
            found = rows[segment][column]
            assert found == (pytest.approx(value) if isinstance(value, float) else value), (segment, column)
        remarks = card["failing_checks"] + rows[segment]["is_too_small"] + rows[segment]["is_acted_on_by_nobody"]
        assert rows[segment]["reasons"].count("; ") == max(0, remarks - 1) and bool(rows[segment]["reasons"]) == bool(remarks), segment


def test_the_scorecard_of_the_sample_equals_a_recomputation(sample_warehouse: Warehouse) -> None:
    compare(sample_warehouse)
    assert sample_warehouse.query("select count(*) from marts.segment_scorecard where grade = 'poor'") == [(0,)]
    idle = sample_warehouse.query(
        "select count(*), count(*) filter (where score = 100) from marts.segment_scorecard where is_acted_on_by_nobody"
    )
    assert idle[0][0] > 15 and idle[0][1] > 10
    assert sample_warehouse.query("select is_acted_on_by_nobody from marts.segment_scorecard where segment = 'inactive_users'") == [
        (False,)
    ]
    failing = sample_warehouse.query("select count(*) from marts.segment_scorecard where failing_checks > 0")[0][0]
    lines = [line for line in summary(sample_warehouse.database).splitlines() if line.startswith("Review")]
    assert [line.split()[1] for line in lines] == [str(failing)] * (failing > 0)


# name: (criteria, reviewed_on). The newest date is 2026-03-31.
SEGMENTS = {
    "in_germany": ({"country": "country = 'DE'"}, "2026-03-20"),
    "everybody_here": ({"here": "tenure_days >= 0"}, "2026-03-20"),
    "plan_gold": ({"gold": "plan = 'gold'", "german": "country = 'DE'", "busy": "logins_91d >= 5000"}, "2026-03-20"),
    "two_countries": ({"german": "country = 'DE'", "brazil": "region = 'latin_america'"}, "2026-03-20"),
    "spaniards": ({"spain": "country = 'ES'"}, "2026-03-20"),
    # Twenty-four at the review, five now: the Chileans and Mexicans came to life.
    "quiet_ones": (
        {"country": "country in ('CL', 'MX') or user_id < 'u45' and country = 'FR'", "quiet": "active_days_28d = 0"},
        "2026-02-15",
    ),
    "in_chile": ({"country": "country = 'CL'"}, "2026-03-20"),
    "chile_by_state": ({"state": "state = 'RM'"}, "2026-03-20"),
    "every_other_week": ({"brazil": "country = 'BR'", "seen": "active_days_7d >= 1"}, "2026-03-20"),
    "one_visit": ({"mexico": "country = 'MX'", "seen": "active_days_7d >= 1"}, "2026-03-20"),
    "grown_since": ({"chile": "country = 'CL'", "seen": "active_days_28d >= 1"}, "2026-02-15"),
    "grown_from_nothing": ({"mexico": "country = 'MX'", "seen": "active_days_7d >= 1", "late": "active_days_91d >= 7"}, "2026-02-15"),
    "review_of_last_year": ({"france": "country = 'FR'"}, "2025-12-01"),
    "review_next_month": ({"italy": "country = 'IT'"}, "2026-04-02"),
    # The newest data are of yesterday, so this is today.
    "review_of_today": ({"french": "country = 'FR' or user_id in ('u50', 'u51', 'u52')"}, "2026-04-01"),
    # On these days a review is due, and overdue.
    "review_of_a_quarter_ago": ({"french": "country = 'FR' or user_id in ('u60', 'u61', 'u62')"}, "2025-12-29"),
    "review_of_two_quarters_ago": ({"french": "country = 'FR' or user_id in ('u00', 'u01', 'u02')"}, "2025-09-29"),
    "the_only_queen": ({"title": "job_title = 'Queen'"}, "2026-03-20"),
}
PLAIN = "select user_id, as_of_date, coalesce(country = 'US', false) as is_member, 'x' as definition_hash from {{ ref('user_features') }}"


# Not in use on the newest date: they cost no room, and no mart of that date holds them.
ASIDE = {"germans_of_the_past": "'status': 'retired', 'retired_on': '2026-03-15'", "germans_proposed": "'status': 'draft'"}


def config(reviewed_on: str, status: str = "'status': 'active'") -> str:
    """The head of a segment's file."""
    return (
        "{{ config(meta={'label': 'Some of them', 'tier': 'micro', 'owner': 'growth', 'goal': 'Fail one check each',\n"
        f"    'action': 'Count the points lost', 'reviewed_on': '{reviewed_on}', {status}" + "}) }}\n"
    )


def people() -> Inputs:
    """Seventy users of seven countries, ten each, whose days of activity are their country's."""
    days = [dt.date(2026, 1, 5) + dt.timedelta(number) for number in range(87)]  # to 2026-04-01: that day does not count
    active = {
        "DE": days,
        "BR": [day for day in days if day.isocalendar().week % 2],
        "CL": [day for day in days if day >= dt.date(2026, 3, 5)],
        "MX": [day for day in days if day >= dt.date(2026, 3, 21)],
        "FR": days[:1],
        "IT": days[:1],
        "US": days[:1],
    }
    users, events = [], []
    for number in range(70):
        country = list(active)[number // 10]
        user = f"u{number:02d}"
        users.append(
            {
                "user_id": user,
                "country": country,
                "state": "RM" if country == "CL" else "",
                "job_title": "Queen" if number == 1 else "Clerk",
                "signed_up_at": "2026-01-05T00:00:00Z",
                "updated_at": "2026-01-05T00:00:00Z",
            }
        )
        for day in active[country]:
            events.append(
                {
                    "event_id": f"e{user}{day}",
                    "user_id": user,
                    "event_name": "logged_in",
                    "occurred_at": f"{day}T10:00:00Z",
                    "received_at": f"{day}T10:00:05Z",
                }
            )
    # The one Chilean who was there at the review of grown_since.
    events.append(
        {
            "event_id": "early",
            "user_id": "u20",
            "event_name": "logged_in",
            "occurred_at": "2026-02-10T10:00:00Z",
            "received_at": "2026-02-10T10:00:05Z",
        }
    )
    return {"users": users, "events": events}


@pytest.fixture(scope="module")
def failing(tmp_path_factory: pytest.TempPathFactory) -> Warehouse:
    """A company in which each check fails for some segment; no segment of the project is in it."""
    warehouse = Warehouse(
        tmp_path_factory.mktemp("failing"), {"history_periods": 11, "min_segment_users": 5, "max_micro_segments": 13}, ("models", "macros")
    )
    shutil.rmtree(warehouse.folder / "models/segments")
    folder = warehouse.folder / "models/segments/geographic"
    folder.mkdir(parents=True)
    for name, (criteria, reviewed_on) in SEGMENTS.items():
        body = ", ".join(f'{criterion}="{sql}"' for criterion, sql in criteria.items())
        (folder / f"{name}.sql").write_text(config(reviewed_on) + "{{ segment(" + body + ") }}", encoding="utf-8")
    (folder / "plain_americans.sql").write_text(config("2026-03-20") + PLAIN, encoding="utf-8")
    for name, status in ASIDE.items():
        criteria = "country = 'DE' and tenure_days >= " + ("0" if "past" in name else "1")
        (folder / f"{name}.sql").write_text(config("2026-03-20", status) + '{{ segment(german="' + criteria + '") }}', encoding="utf-8")
    lines = "".join(f"        '{name}',\n" for name in [*SEGMENTS, "plain_americans", *ASIDE])
    (warehouse.folder / REGISTRY).write_text(
        "{% macro registered_segments() %}\n    {{ return([\n" + lines + "    ]) }}\n{% endmacro %}\n", encoding="utf-8"
    )
    warehouse.write_inputs(people())
    for name in ("no_segment_is_poor", "no_review_is_due"):
        shutil.copy(ROOT / f"tests/marts/membership/test_segment_scorecard__{name}.sql", warehouse.folder / "tests")
    warehouse.build(comparison=True)
    return warehouse


def test_every_check_fails_where_it_should_and_nowhere_else(failing: Warehouse) -> None:
    rows = {row["segment"]: row for row in failing.records("select * from marts.segment_scorecard")}
    always = {"is_among_too_many", "is_without_lifecycle"}
    found = {name: {check for check in POINTS if row[check]} - always for name, row in rows.items()}
    assert all(row[check] for row in rows.values() for check in always)
    assert found == {
        "in_germany": set(),
        "everybody_here": {"is_too_large", "is_large_for_micro"},
        "plan_gold": {"is_empty", "has_unmet_criterion"},
        "two_countries": {"is_empty"},
        "spaniards": {"is_empty", "has_unmet_criterion"},
        "quiet_ones": {"has_drifted"},
        "in_chile": {"is_redundant"},
        "chile_by_state": {"is_redundant"},
        "every_other_week": {"is_flapping"},
        # Nobody was in these two at their review.
        "one_visit": {"has_drifted", "is_redundant"},
        "grown_from_nothing": {"has_drifted", "is_redundant"},
        "grown_since": {"has_drifted", "is_redundant"},
        "review_of_last_year": {"is_review_expired"},
        "review_next_month": {"is_reviewed_in_future"},
        "review_of_today": set(),
        "review_of_a_quarter_ago": {"is_review_expired"},
        "review_of_two_quarters_ago": {"is_review_expired"},
        "the_only_queen": {"is_too_small"},
        "plain_americans": set(),
    }
    assert rows["the_only_queen"]["score"] == 90 == rows["in_germany"]["score"]
    assert rows["the_only_queen"]["reasons"].endswith("only 1 users: look at them one by one, averages of so few vary")
    assert rows["in_germany"]["score"] == 90 and rows["plan_gold"]["score"] == 25 and rows["two_countries"]["score"] == 45
    assert rows["plan_gold"]["unmet_criteria"] == "busy, gold" and rows["plan_gold"]["grade"] == "poor"
    assert "nobody meets busy, gold" in rows["plan_gold"]["reasons"]
    assert "nearly the same people as chile_by_state (Jaccard 100.0 %)" in rows["in_chile"]["reasons"]
    assert rows["review_of_last_year"]["review_compared_date"] is None and rows["review_of_last_year"]["drift"] is None
    assert rows["grown_from_nothing"]["drift"] is None and rows["grown_from_nothing"]["share_at_review"] == 0
    assert rows["grown_since"]["drift"] == pytest.approx(9) and rows["quiet_ones"]["drift"] == pytest.approx(5 / 24 - 1)


def test_the_scorecard_of_the_company_equals_a_recomputation(failing: Warehouse) -> None:
    compare(failing)


def test_small_and_empty_segments_keep_their_rows_in_all_marts(failing: Warehouse) -> None:
    dates = failing.query("select count(distinct as_of_date) from features.user_features")[0][0]
    for segment, users in [("the_only_queen", 1), ("plan_gold", 0)]:
        assert failing.query(f"select count(*), min(users), max(users) from marts.segment_sizes where segment = '{segment}'") == [
            (dates, users, users)
        ]
        assert failing.query(f"select users from marts.segment_scorecard where segment = '{segment}'") == [(users,)]
        assert failing.query(f"select count(*) from marts.segments where segment = '{segment}'") == [(1,)]
        full = "select count(*) from marts.segment_comparison where segment = '{}'"
        assert failing.query(full.format(segment)) == failing.query(full.format("in_germany")) != [(0,)]
        assert failing.query(f"select count(*) from marts.user_segments where segment = '{segment}'") == [(dates * users,)]


def test_what_is_retired_keeps_its_past_and_a_draft_is_only_looked_at(failing: Warehouse) -> None:
    known = failing.query("select status, retired_on::varchar from marts.segments where segment = 'germans_of_the_past'")
    assert known == [("retired", "2026-03-15")]
    past = (
        "select as_of_date, count(*) from marts.user_segments where segment = '{}' and as_of_date <= '2026-03-15' group by all order by 1"
    )
    assert failing.query(past.format("germans_of_the_past")) == failing.query(past.format("in_germany")) != []
    marts = failing.query(
        "select distinct table_name, bool_or(column_name = 'as_of_date') from duckdb_columns() where schema_name = 'marts' and table_name in "
        "(select table_name from duckdb_columns() where schema_name = 'marts' and column_name = 'segment') group by all"
    )
    newest = set()
    for mart, has_date in marts:
        (last,) = failing.query(
            f"select count(*), max({'as_of_date' if has_date else 'null'}) from marts.{mart} where segment = 'germans_of_the_past'"
        )
        # These two parts know of no dates; of what they say, only the rows that group_moments has are read.
        if mart not in ("segments", "segment_memberships", "rank_tests", "design_effects") and last[0] and str(last[1]) > "2026-03-15":
            newest.add(mart)
        if mart != "segment_drafts":
            assert failing.query(f"select count(*) from marts.{mart} where segment = 'germans_proposed'") == [(0,)], mart
    assert newest == set() and len(marts) > 10
    (size,) = failing.query("select min(as_of_date), max(as_of_date) from marts.segment_sizes where segment = 'germans_of_the_past'")
    assert size[0] == failing.query("select min(as_of_date) from marts.segment_sizes")[0][0] and str(size[1]) == "2026-03-15"
    drafts = failing.query("select segment, users, most_similar_segment, highest_jaccard from marts.segment_drafts")
    assert drafts == [("germans_proposed", 10, "in_germany", 1.0)]


def test_the_build_warns_of_poor_segments_and_goes_on(failing: Warehouse) -> None:
    result = failing.run("test", "--select", "test_segment_scorecard__no_segment_is_poor")
    assert result, result.output
    assert "Warning: Segment `plan_gold` (owner: growth) scores 25 of 100: nobody is in it" in result.output
    assert "`in_germany`" not in result.output


def test_the_build_warns_of_reviews_that_are_due_and_loudly_of_those_that_are_overdue(failing: Warehouse) -> None:
    result = failing.run("test", "--select", "test_segment_scorecard__no_review_is_due")
    assert result, result.output
    warnings = [line.split("Warning: ")[1] for line in result.output.splitlines() if "Warning: " in line and "reviewed" in line]
    assert [line.split(" (owner")[0] for line in warnings] == [
        "!!! OVERDUE !!! Segment `review_of_two_quarters_ago`",
        "Segment `review_of_a_quarter_ago`",
        "Segment `review_of_last_year`",
    ]
    assert "last reviewed 183 days ago" in warnings[0] and "last reviewed 92 days ago" in warnings[1]
    lines = [line for line in summary(failing.database).splitlines() if line.startswith("Review")]
    assert lines[0].endswith("segments need attention: marts.segment_scorecard")
    assert lines[1] == "Review     3 segments are due for review, 1 of them OVERDUE: make review"


@pytest.mark.long
def test_only_micro_segments_are_too_many_or_too_large_for_one(failing: Warehouse) -> None:
    for name in ("in_germany", "everybody_here"):
        path = failing.folder / f"models/segments/geographic/{name}.sql"
        path.write_text(path.read_text(encoding="utf-8").replace("'tier': 'micro'", "'tier': 'primary'"), encoding="utf-8")
    failing.configure(segment_lint="warn")
    assert failing.run("run", "--select", "segments", "segment_scorecard")
    counted = "select segment from marts.segment_scorecard where not is_among_too_many order by 1"
    assert failing.query(counted) == [("everybody_here",), ("in_germany",)]
    assert failing.query("select segment from marts.segment_scorecard where is_large_for_micro or not is_without_lifecycle") == []
    compare(failing)
