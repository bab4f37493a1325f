"""`make review`: what is due, what to merge, split or retire, and signing off; on made-up companies and on the sample."""

from __future__ import annotations

import datetime
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pytest

import review
from project_place import Place
from refusal import Refusal
from reviewing.facts import HALF_A_YEAR, Facts, read
from reviewing.page import due_state, page
from reviewing.proposals import proposals
from reviewing.signing import sign
from reviewing.splits import splits
from suggesting.table import UserTable
from warehouse import ROOT, Warehouse

TODAY = datetime.date(2026, 6, 30)


def segment(name: str, **given: Any) -> dict[str, Any]:
    """A segment as the warehouse knows it, reviewed lately unless the test says otherwise."""
    reviewed = given.pop("reviewed_on", TODAY - datetime.timedelta(days=10))
    return {
        "segment": name,
        "label": name,
        "owner": "growth",
        "action": "Ask them",
        "status": "active",
        "users": 100,
        "share": 0.1,
        "share_at_review": 0.1,
        "drift": 0.0,
        "score": 100,
        "reasons": "",
        "reviewed_on": reviewed,
        "review_age_days": None if reviewed is None else (TODAY - reviewed).days,
        **given,
    }


def facts(*segments: dict[str, Any], **given: Any) -> Facts:
    """Facts of these segments."""
    nothing: dict[str, Any] = {"overlaps": [], "dead": {}, "audiences": [], "campaigns": [], "experiments": []}
    return Facts(TODAY, list(segments), **(nothing | given))


@pytest.fixture(scope="module")
def company(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Six hundred users: two segments at Jaccard 0.95, one dead for half a year, one of two unlike halves, and three without fault."""
    path = tmp_path_factory.mktemp("company") / "warehouse.duckdb"
    chance = np.random.default_rng(3)
    users = np.arange(600)
    country = np.array(["DE", "FR", "BR", "US", "IT", "ES"])[users % 6]
    plan = np.array(["free", "pro", "team"])[chance.integers(0, 3, 600)]
    # Of the two countries in `north`, one works every day and one hardly; elsewhere days have nothing to do with the country.
    days = np.where(
        country == "DE", chance.normal(20, 2, 600), np.where(country == "FR", chance.normal(5, 2, 600), chance.normal(12, 4, 600))
    )
    days = np.clip(np.round(days), 0, 28)
    of = {
        "north": users[(country == "DE") | (country == "FR")],
        "south": users[(country == "BR") | (country == "IT")],
        "on_pro": users[plan == "pro"],
        "alike": users[100:300],
        "alike_too": users[100:290],
        "dead": users[:0],
        "lately_empty": users[:0],
    }
    dates = [TODAY - datetime.timedelta(days=7 * weeks) for weeks in range(40)]
    with duckdb.connect(str(path)) as connection:
        connection.execute("create schema marts; create schema features")
        connection.execute("create table features.user_features (user_id text, account_id text, country text, plan text, "
            "active_days_28d double, active_days_previous_28d double, account_users bigint, mrr double, as_of_date date)")  # fmt: skip
        connection.executemany(
            "insert into features.user_features values (?, ?, ?, ?, ?, ?, 3, 0, ?)",
            [(f"u{n}", f"a{n // 3}", country[n], plan[n], float(days[n]), float(days[n]), TODAY) for n in users],
        )
        connection.execute("create table marts.segments (segment text, label text, type text, tier text, owner text, goal text, action text, "
            "reviewed_on date, as_of_date date, data_through date)")  # fmt: skip
        connection.execute("create table marts.segment_sizes (segment text, as_of_date date, users bigint)")
        connection.execute("create table marts.user_segments (user_id text, segment text, as_of_date date)")
        connection.execute(
            "create table marts.segment_overlap (segment text, other_segment text, users_in_both bigint, jaccard double, as_of_date date)"
        )
        connection.execute("create table marts.segment_scorecard (segment text, label text, tier text, owner text, reviewed_on date, as_of_date date, "
            "data_through date, users bigint, share double, share_at_review double, drift double, score bigint, reasons text, review_age_days bigint)")  # fmt: skip
        connection.execute("create table marts.metrics (metric text, label text, owner text, tier text, definition text)")
        connection.execute(
            "insert into marts.metrics values ('active_days_28d', 'Active days', 'product', 'primary', 'avg(active_days_28d)')"
        )
        for name, members in of.items():
            reviewed = TODAY - datetime.timedelta(days=20)
            connection.execute("insert into marts.segments values (?, ?, 'geographic', 'micro', 'growth', 'Learn', 'Ask them', ?, ?, ?)",
                [name, name, reviewed, TODAY, TODAY])  # fmt: skip
            connection.execute("insert into marts.segment_scorecard values (?, ?, 'micro', 'growth', ?, ?, ?, ?, ?, ?, 0, 100, '', 20)",
                [name, name, reviewed, TODAY, TODAY, len(members), len(members) / 600, len(members) / 600])  # fmt: skip
            connection.executemany(
                "insert into marts.user_segments values (?, ?, ?)",
                [(f"u{n}", name, TODAY) for n in members] or [("nobody", name, dates[1])],
            )
            for date in dates:
                # Half a year ago somebody was in one of the two that are empty now.
                ago = (TODAY - date).days
                count = len(members) or (7 if ago >= (HALF_A_YEAR if name == "dead" else 28) else 0)
                connection.execute("insert into marts.segment_sizes values (?, ?, ?)", [name, date, count])
        for one in of:
            for other in of:
                both, either = len(np.intersect1d(of[one], of[other])), len(np.union1d(of[one], of[other]))
                if one != other and both:
                    connection.execute("insert into marts.segment_overlap values (?, ?, ?, ?, ?)", [one, other, both, both / either, TODAY])
    return path


def run(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    """The script with its exit status."""
    return subprocess.run(
        [sys.executable, str(ROOT / "scripts/review.py"), *map(str, arguments)], capture_output=True, text=True, check=False
    )


def test_a_company_with_three_faults_gets_exactly_these_three_proposals(company: Path, tmp_path: Path) -> None:
    output = tmp_path / "review.md"
    done = run("--database", company, "--output", output)
    assert done.returncode == 0, done.stderr
    assert "0 of 7 segments due for review, 0 overdue; 1 to merge, 1 to split, 1 to retire." in done.stdout
    text = output.read_text(encoding="utf-8")
    found = re.findall(r"^- \*\*(\w+ [\w ]+)\.\*\* (.*)$", text, flags=re.MULTILINE)
    assert [head for head, _ in found] == ["Merge alike and alike_too", "Retire dead", "Split north"]
    assert "alike and alike_too at Jaccard 0.95" in found[0][1] and found[1][1].endswith(
        "for 183 days. The last one was in it on 2025-12-23."
    )
    assert re.search(r"50% of it are users with country is (DE|FR)", found[2][1]) and "Active days is" in found[2][1]
    # The same file gives the same page on any day.
    before = output.read_bytes()
    assert run("--database", company, "--output", output).returncode == 0 and output.read_bytes() == before


def test_a_clean_company_gets_none(company: Path, tmp_path: Path) -> None:
    clean = Path(shutil.copy(company, tmp_path / "clean.duckdb"))
    with duckdb.connect(str(clean)) as connection:
        for table in ("segments", "segment_scorecard", "segment_sizes", "user_segments", "segment_overlap"):
            connection.execute(f"delete from marts.{table} where segment in ('north', 'dead', 'alike_too')")
        connection.execute("delete from marts.segment_overlap where other_segment in ('north', 'dead', 'alike_too')")
    output = tmp_path / "review.md"
    done = run("--database", clean, "--output", output)
    assert done.returncode == 0, done.stderr
    assert done.stdout.rstrip().endswith("nothing to merge, split or retire.")
    text = output.read_text(encoding="utf-8")
    assert "Nothing: no two segments hold the same users, none is dead" in text and "- **" not in text.split("## How they stand")[0]


def test_a_young_company_has_no_dead_segment(company: Path, tmp_path: Path) -> None:
    """Half a year without anybody cannot be known of a warehouse that does not go back half a year."""
    young = Path(shutil.copy(company, tmp_path / "young.duckdb"))
    assert read(young).dead.keys() == {"dead"}
    with duckdb.connect(str(young)) as connection:
        connection.execute(f"delete from marts.segment_sizes where as_of_date <= date '{TODAY}' - {HALF_A_YEAR}")
    assert read(young).dead == {}


def table(values: np.ndarray, members: np.ndarray, **features: np.ndarray) -> UserTable:
    """Users with one outcome and one segment, three to an account."""
    return UserTable(
        TODAY, np.arange(len(values)) // 3, features, {"days": values}, {"days": "Days"}, {"days": "growth"}, {"some": members}
    )


def test_two_heaps_are_two_halves_even_if_no_trait_tells_them_apart() -> None:
    chance = np.random.default_rng(4)
    members = np.arange(900) < 300
    even = chance.normal(12, 3, 900)
    heaps = np.where(members, np.where(chance.random(900) < 0.5, chance.normal(2, 1, 900), chance.normal(22, 1, 900)), even)
    [found] = splits(table(heaps, members), 30)
    assert found.segment == "some" and found.condition.startswith("Days of ") and 0.4 < found.share < 0.6 and found.distance > 10
    assert splits(table(even, members), 30) == []
    # If everybody is two heaps, that says nothing of the segment.
    assert splits(table(np.where(chance.random(900) < 0.5, 2.0, 22.0) + chance.normal(0, 1, 900), members), 30) == []


def test_a_trait_that_matters_for_everybody_splits_no_segment() -> None:
    chance = np.random.default_rng(5)
    members, big = np.arange(900) < 300, chance.random(900) < 0.5
    everywhere = chance.normal(10, 2, 900) + 5 * big
    assert splits(table(everywhere, members, is_big=big), 30) == []
    here = chance.normal(10, 2, 900) + 5 * (big & members)
    [found] = splits(table(here, members, is_big=big), 30)
    assert found.condition in ("big",) or found.condition.startswith("Days of")
    small = np.arange(900) < 40
    assert splits(table(chance.normal(10, 2, 900) + 5 * (big & small), small, is_big=big), 30) == []


@pytest.mark.parametrize(("days", "state"), [(91, "later"), (92, "due"), (182, "due"), (183, "overdue"), (None, "none")])
def test_a_review_is_due_after_92_days_and_overdue_after_183(days: int | None, state: str) -> None:
    assert due_state({"review_age_days": days}, 92) == state


def test_the_page_says_what_is_due_what_was_done_and_what_came_of_it(tmp_path: Path) -> None:
    effect = {"n": 400, "baseline_n": 100, "difference": 0.05, "difference_upper": 0.08}
    known = facts(
        segment("old", reviewed_on=TODAY - datetime.timedelta(days=200), drift=-0.6, share_at_review=0.25),
        segment("older_than_a_quarter", reviewed_on=TODAY - datetime.timedelta(days=100)),
        segment("fresh", users=12, reasons="only 12 users: look at them one by one, averages of so few vary"),
        segment("ours", reviewed_on=None),
        segment("an_idea", status="draft", users=55),
        segment("gone", status="retired", reviewed_on=TODAY - datetime.timedelta(days=900)),
        audiences=[
            {"audience": "vips", "segment": "fresh", "destination": "mailchimp", "delivered_through": TODAY, "users": 11},
            {"audience": "calls", "segment": "old", "destination": "hubspot", "delivered_through": None, "users": None},
        ],
        campaigns=[
            {"segment": "fresh", "campaign": "spring", "difference_lower": 0.02, **effect},
            {"segment": "old", "campaign": "spring", "difference_lower": -0.02, **effect},
        ],
    )
    folder = tmp_path / "models/segments/behavioral"
    folder.mkdir(parents=True)
    (folder / "an_idea.yml").write_text("models: [{name: an_idea, description: 'Users with an idea. Evidence.'}]", encoding="utf-8")
    text = page(known, [], 92, tmp_path, "make review SIGN=<segment>")
    due = text.split("## What is due")[1].split("##")[0]
    assert "| old | growth | 2025-12-12 | 200 | **OVERDUE** |\n| older_than_a_quarter | growth | 2026-03-22 | 100 | due |" in due
    assert "fresh" not in due and "gone" not in text and "come with the package: ours" in due
    assert "| old | 100 | 10.0% | 25.0% | −60.0% | 100 |  |" in text and "look at them one by one" in text
    assert "audience vips (mailchimp): 11 people by 2026-06-30; campaign spring: +0.05 (+0.02 to +0.08) with 400 users against 100" in text
    assert "audience calls (hubspot): not delivered yet" in text and "1 of 2 effects" in text
    assert "Nothing was ever delivered to 3 of 4 segments: old, older_than_a_quarter, ours." in text
    assert "- **an_idea** (55 users): Users with an idea. Evidence." in text
    quiet = page(facts(segment("fresh")), [], 92, tmp_path, "")
    assert "Nothing: every segment was reviewed in the 92 days before 2026-06-30. The next one is due on 2026-09-20." in quiet


def test_drafts_and_retired_segments_are_not_proposed() -> None:
    alike = [
        {"segment": "a", "other_segment": "b", "jaccard": 0.99, "users_in_both": 99},
        {"segment": "b", "other_segment": "c", "jaccard": 0.97, "users_in_both": 97},
    ]
    both = facts(segment("a"), segment("b"), segment("c"), overlaps=alike, dead={"gone": None})
    [found] = proposals(both, [], 0.9)
    assert (found.kind, found.segments) == ("merge", ("a", "b", "c"))
    assert proposals(both, [], 0.99) == []
    assert (
        proposals(
            facts(segment("a"), segment("b", status="draft"), segment("gone", status="retired"), overlaps=alike[:1], dead={"gone": None}),
            [],
            0.9,
        )
        == []
    )


FILES = {
    "power_users.sql": "{# 'reviewed_on': '2020-01-01' is a comment #}\r\n{{ config(meta={\r\n    'label': 'Power', 'reviewed_on': '2026-01-01', 'owner': 'x'\r\n}) }}\r\n",
    "others.sql": '{{ config(meta={"reviewed_on":"2026-02-01"}) }}\n-- reviewed_on: 2019-01-01\nselect 1',
    "in_yaml.sql": "select 1",
    "in_yaml.yml": "models:\n  - name: in_yaml\n    config: {meta: {reviewed_on: 2026-03-01, label: Y}}\n",
    "fresh.sql": "{{ config(meta={'reviewed_on': '2026-07-01'}) }}",
}


@pytest.fixture
def project(tmp_path: Path) -> Path:
    folder = tmp_path / "models/segments/behavioral"
    folder.mkdir(parents=True)
    for name, text in FILES.items():
        (folder / name).write_bytes(text.encode())
    return tmp_path


def test_signing_off_changes_the_day_and_nothing_else(project: Path) -> None:
    segments = [segment(name) for name in ("fresh", "in_yaml", "others", "power_users", "of_the_package")]
    lines = sign(project, segments, ["all"], TODAY)
    assert lines == [
        "fresh: reviewed on 2026-07-01 already",
        "in_yaml: reviewed on 2026-06-30, before that on 2026-03-01",
        "others: reviewed on 2026-06-30, before that on 2026-02-01",
        "power_users: reviewed on 2026-06-30, before that on 2026-01-01",
    ]
    days = {"power_users.sql": "2026-01-01", "others.sql": "2026-02-01", "in_yaml.yml": "2026-03-01"}
    for name, text in FILES.items():
        expected = text.replace(days[name], "2026-06-30") if name in days else text
        assert (project / "models/segments/behavioral" / name).read_bytes() == expected.encode()
    assert sign(project, segments, ["others"], TODAY) == ["others: reviewed on 2026-06-30 already"]


@pytest.mark.parametrize(
    ("names", "message"),
    [
        (["power_users", "ghosts"], "no segment 'ghosts'"),
        (["others", "of_the_package"], "comes with the package"),
        (["others", "silent"], "does not say reviewed_on"),
    ],
)
def test_what_cannot_be_signed_changes_no_file(project: Path, names: list[str], message: str) -> None:
    (project / "models/segments/behavioral/silent.sql").write_text("select 1", encoding="utf-8")
    with pytest.raises(Refusal, match=message):
        sign(project, [segment(name) for name in ("others", "power_users", "silent", "of_the_package")], names, TODAY)
    for name, text in FILES.items():
        assert (project / "models/segments/behavioral" / name).read_bytes() == text.encode()


def test_the_command_refuses_in_a_sentence(tmp_path: Path) -> None:
    done = run("--database", tmp_path / "none.duckdb")
    assert done.returncode == 2 and "does not exist. Build it first: make build." in done.stderr and "Traceback" not in done.stderr
    with duckdb.connect(str(tmp_path / "empty.duckdb")):
        pass
    done = run("--database", tmp_path / "empty.duckdb", "--sign", "all")
    assert done.returncode == 2 and "does not hold the marts of a build" in done.stderr


def test_the_sample_is_reviewed(sample_warehouse: Warehouse, tmp_path: Path) -> None:
    known = read(sample_warehouse.database)
    there = sample_warehouse.query("select segment from marts.segments union all select segment from marts.segment_drafts")
    assert {row["segment"] for row in known.segments} == {name for (name,) in there}
    assert known.audiences and known.campaigns and known.experiments
    said = review.write_page(Place(ROOT, sample_warehouse.database), tmp_path / "review.md")
    assert "0 overdue" in said and "segments due for review" in said
    text = (tmp_path / "review.md").read_text(encoding="utf-8")
    assert text.count("\n## ") >= 4 and "None" not in text
