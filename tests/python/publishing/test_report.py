"""scripts/report.py: the page shows what the published file says, to everybody, without a network."""

from __future__ import annotations

import datetime
import html
import json
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb
import pytest
import yaml

from report_page import MARTS, Opened, browser, copy_marts, embedded, records
from reporting import audiences, cautions, clusters, comparisons, findings, impact, movement, page, personas, segments, wording
from reporting.charts import GREY, SERIES, STATE_COLOURS, WITHHELD
from reporting.source import Marts
from warehouse import ROOT, Warehouse

HOSTILE = """</script><b>"Ümläut" & 'quote' {{data}}"""
CHARTS = (
    "sizes-chart",
    "lift-chart",
    "segment-users",
    "segment-moves",
    "segment-lift",
    "segment-profile",
    "segment-attrition",
    "transitions-chart",
    "overlap-chart",
    "retention-chart",
    "growth-chart",
    "experiments-chart",
)


def report(*arguments: str | Path) -> tuple[int, str]:
    """Exit status and output of the script."""
    run = subprocess.run(
        [sys.executable, str(ROOT / "scripts/report.py"), *map(str, arguments)], capture_output=True, text=True, check=False
    )
    return run.returncode, run.stdout + run.stderr


@pytest.fixture(scope="module")
def published(sample_warehouse: Warehouse, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The marts of the sample in a file of their own."""
    path = tmp_path_factory.mktemp("published") / "segmentation.duckdb"
    copy_marts(sample_warehouse.database, path)
    return path


@pytest.fixture(scope="module")
def written(published: Path) -> Path:
    """The report of the sample."""
    output = published.with_name("report.html")
    status, said = report("--database", published, "--output", output)
    assert status == 0, said
    return output


@pytest.fixture(scope="module")
def few(published: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The report of five segments, three of them lifecycle; one has a hostile label, and some cells are withheld."""
    folder = tmp_path_factory.mktemp("few")
    path = Path(shutil.copy(published, folder / "few.duckdb"))
    kept = "('engaged_users', 'inactive_users', 'at_risk_users', 'promoters', 'weekly_users', '__all__')"
    with duckdb.connect(str(path)) as connection:
        tables = connection.execute(
            "select distinct table_name from information_schema.columns where table_schema = 'marts' and column_name = 'segment'"
        ).fetchall()
        for (table,) in tables:
            connection.execute(f"delete from marts.{table} where segment not in {kept}")
        connection.execute(f"delete from marts.segment_overlap where other_segment not in {kept}")
        connection.execute("update marts.segments set label = $1, goal = $1, definition = $1 where segment = 'promoters'", [HOSTILE])
        connection.execute("update marts.metrics set label = '<img src=x onerror=alert(1)>' where metric = 'mrr'")
        for table in ("segment_sizes", "segment_overlap", "segment_transitions", "growth_accounting", "segment_comparison"):
            connection.execute(f"alter table marts.{table} add column is_suppressed boolean default false")
        connection.execute(
            "update marts.segment_sizes set users = null, share = null, entered = null, is_suppressed = true "
            "where segment = 'promoters' and as_of_date in (data_through, date '2026-07-05')"
        )
        connection.execute(
            "update marts.segment_sizes set users = null, share = null, is_suppressed = true "
            "where segment = 'at_risk_users' and as_of_date = date '2026-07-05'"
        )
        connection.execute(
            "update marts.segment_overlap set users_in_both = null, jaccard = null, containment = null, lift = null, is_suppressed = true "
            "where 'promoters' in (segment, other_segment) and 'weekly_users' in (segment, other_segment)"
        )
        connection.execute(
            "update marts.segment_transitions set users = null, share_of_from = null, is_suppressed = true "
            "where from_segment = 'engaged_users' and to_segment = 'at_risk_users'"
        )
        connection.execute(
            "update marts.growth_accounting set new_users = null, is_suppressed = true where segment = '__all__' and as_of_date = date '2026-07-05'"
        )
        connection.execute(
            "update marts.segment_comparison set n = null, mean = null, difference = null, difference_lower = null, difference_upper = null, "
            "lift = null, lift_lower = null, lift_upper = null, q_value = null, is_suppressed = true where segment = 'promoters' and metric = 'mrr'"
        )
    output = folder / "few.html"
    status, said = report("--database", path, "--output", output)
    assert status == 0, said
    return output


@pytest.fixture(scope="module")
def running() -> Iterator[Any]:
    with browser() as started:
        yield started


@pytest.fixture(scope="module")
def opened(running: Any, written: Path) -> Opened:
    """The report of the sample on a desktop."""
    return Opened(running, written, 1280)


# --- The file -----------------------------------------------------------------------------------------------------------


def test_the_same_file_gives_the_same_page(published: Path, written: Path, tmp_path: Path) -> None:
    again = tmp_path / "again.html"
    assert report("--database", published, "--output", again)[0] == 0
    assert again.read_bytes() == written.read_bytes()
    assert 1_000_000 < written.stat().st_size < 3_000_000
    assert [path.name for path in tmp_path.iterdir()] == ["again.html"]


def test_the_page_may_be_read_by_who_may_read_the_file(published: Path, tmp_path: Path) -> None:
    path, output = Path(shutil.copy(published, tmp_path / "private.duckdb")), tmp_path / "private.html"
    path.chmod(0o640)
    page.write(path, output, "$")
    assert output.stat().st_mode & 0o777 == 0o640


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (None, "does not exist"),
        (b"no database", "cannot be read"),
        ("create schema marts; create table marts.segments (segment varchar)", "lacks the table marts.metrics"),
        ("without a column", "lacks what the report shows"),
    ],
)
def test_a_file_that_cannot_be_reported_on_is_an_error_that_says_what_to_do(
    content: Any, said: str, published: Path, tmp_path: Path
) -> None:
    path, output = tmp_path / "file.duckdb", tmp_path / "report.html"
    output.write_text("earlier")
    if content == "without a column":
        shutil.copy(published, path)
        content = "alter table marts.segment_comparison drop column q_value"
    if isinstance(content, bytes):
        path.write_bytes(content)
    elif content:
        with duckdb.connect(str(path)) as connection:
            connection.execute(content)
    status, output_text = report("--database", path, "--output", output)
    assert status == 2 and said in output_text and "make build" in output_text and "Traceback" not in output_text
    assert output.read_text() == "earlier"


def test_a_section_without_its_mart_is_left_out(published: Path, tmp_path: Path) -> None:
    path = Path(shutil.copy(published, tmp_path / "less.duckdb"))
    optional = {
        "segment_retention": "retention",
        "growth_accounting": "growth",
        "experiment_results": "experiments",
        "segment_overlap": "overlap",
        "campaign_results": "campaigns",
        "audience_results": "audiences",
        "cluster_quality": "clusters",
        "segment_transitions": "transitions",
    }
    with duckdb.connect(str(path)) as connection:
        for table in (
            *optional,
            "segment_personas",
            "segment_profiles",
            "segment_topics",
            "segment_attrition",
            "segment_scorecard",
            "segment_value",
            "source_changes",
            "input_summary",
            "unlisted_events",
        ):
            connection.execute(f"drop table marts.{table}")
    with Marts(path) as marts:
        text, _ = page.page(marts, "$")
    ids = set(re.findall(r'\sid="([\w-]+)"', text))
    assert {"summary", "sizes", "lift", "segment"} <= ids and not ids & set(optional.values())
    assert "{{" not in text.split('<script type="application/json"')[0] and "<!--if" not in text


def test_the_exposure_names_the_marts_that_the_report_reads() -> None:
    exposures = yaml.safe_load((ROOT / "models/marts/exposures.yml").read_text(encoding="utf-8"))["exposures"]
    of_report = [one for one in exposures if one["name"] in ("report", "report_clusters")]
    named = {re.fullmatch(r"ref\('(\w+)'\)", one)[1] for exposure in of_report for one in exposure["depends_on"]}
    source = "".join(path.read_text(encoding="utf-8") for path in (ROOT / "scripts/reporting").glob("*.py"))
    assert named == set(re.findall(r"from marts\.(\w+)", source)) == set(MARTS)


# --- What it says -------------------------------------------------------------------------------------------------------


def test_embedded_numbers_are_those_of_the_database(written: Path, sample_warehouse: Warehouse) -> None:
    """Each kind of number is read once more from the whole warehouse, by other queries."""
    data = embedded(written)
    query = sample_warehouse.query
    (newest,) = query("select max(as_of_date) from features.user_features")[0]
    members = dict(
        query(
            "select segment, count(distinct user_id) from marts.user_segments where as_of_date = (select max(as_of_date) from marts.user_segments) group by 1"
        )
    )
    assert (
        data["data_through"] == str(newest)
        and len(data["segments"]) == query("select count(*) from marts.segments where retired_on is null")[0][0] > 20
    )
    assert {segment: users[-1] for segment, users in data["sizes"]["users"].items()} == {
        segment: members.get(segment, 0) for segment in data["sizes"]["users"]
    }

    rows = {(row["segment"], row["metric"]): row for row in records(data["comparisons"]["rows"])}
    assert len(rows) == 27 * 36
    for segment, metric in (
        ("weekly_users", "trial_conversion"),
        ("small_companies", "revenue_91d"),
        ("promoters", "nps"),
        ("renewal_due", "tickets_91d"),
    ):
        ((mean, rest, lift, lower, difference, low, q, n),) = query(
            "select mean, baseline_mean, lift, lift_lower, difference, difference_lower, q_value, n from marts.segment_comparison "
            f"where segment = '{segment}' and metric = '{metric}' and baseline = 'rest' and as_of_date = '{newest}'"
        )
        row = rows[segment, metric]
        assert row["value"] == pytest.approx(1 + lift if lift is not None else difference, abs=1e-4)
        assert row["lower"] == pytest.approx(1 + lower if lift is not None else low, abs=1e-4)
        assert row["n"].startswith(f"{n:,} and ") and row["q"] == wording.q_value(q)
        digits = re.sub(r"[^0-9.−]", "", row["mean"]).replace("−", "-")
        assert float(digits) == pytest.approx(mean * 100 if "%" in row["mean"] else mean, rel=0.02) and row["rest"] != row["mean"]
    ((users, total),) = query("select count(*) filter (lifecycle_segment = 'inactive_users'), count(*) from marts.users")
    assert f"{users:,} of {total:,} users" in written.read_text(encoding="utf-8")

    pairs = {(row["segment"], row["other"]): row["both"] for row in records(data["overlap"])}
    ((both,),) = query(
        "select count(*) from marts.user_segments as one inner join marts.user_segments as other using (user_id, as_of_date) "
        f"where one.segment = 'weekly_users' and other.segment = 'promoters' and as_of_date = '{newest}'"
    )
    assert pairs["weekly_users", "promoters"] == pairs["promoters", "weekly_users"] == both > 0
    period = next(one for one in data["transitions"]["periods"] if not one["provisional"])
    ((moved,),) = query(
        "select count(*) from marts.user_lifecycle_segments as before inner join marts.user_lifecycle_segments as after using (user_id) "
        f"where before.as_of_date = '{period['from']}' and after.as_of_date = '{period['date']}' and before.segment = 'engaged_users' and after.segment = 'at_risk_users'"
    )
    assert [
        row["users"]
        for row in records(data["transitions"]["rows"])
        if (row["date"], row["from"], row["to"]) == (period["date"], "engaged_users", "at_risk_users")
    ] == [moved]
    cohort = data["retention"]["newestFull"]
    ((n, came),) = query(
        "with cohort as (select user_id from marts.user_segments where segment = 'weekly_users' and as_of_date = $day) "
        "select count(*), count(*) filter (user_id in (select user_id from activity.user_days where event_date > $day and event_date <= $day + 7)) from cohort".replace(
            "$day", f"date '{cohort}'"
        )
    )
    curve = data["retention"]["curves"]["weekly_users"]["classic"][cohort]
    assert (curve["n"], curve["share"][0]) == (n, pytest.approx(came / n, abs=1e-4))
    effect = next(row for row in records(data["experiments"]["rows"]) if row["segment"] == "__all__" and row["metric"] == "active_days")
    ((difference,),) = query(
        "select avg(active_days) filter (variant = 'treatment') - avg(active_days) filter (variant = 'control') from marts.experiment_users "
        "where is_observed and not has_several_variants"
    )
    assert effect["value"] == pytest.approx(difference, abs=1e-4)


def test_headlines_claim_nothing_that_chance_or_a_definition_explains() -> None:
    metrics = [
        {"metric": name, "tier": tier, "label": name, "unit": "days", "level": "user"}
        for name, tier in (("a", "primary"), ("b", "primary"), ("c", "secondary"))
    ]
    sure = {
        "segment": "s",
        "metric": "a",
        "quality": "ok",
        "n": 50,
        "baseline_n": 500,
        "mean": 2.0,
        "baseline_mean": 1.0,
        "lift": 1.0,
        "lift_lower": 0.5,
        "lift_upper": 1.6,
        "q_value": 0.01,
        "effect_size": 0.5,
        "is_circular": False,
        "is_reversed": False,
    }
    unsure = [
        {**sure, **change, "effect_size": 9.0}
        for change in (
            {"q_value": 0.06},
            {"q_value": None},
            {"is_circular": True},
            {"is_reversed": True},
            {"n": 29},
            {"baseline_n": 29},
            {"n": None},
            {"quality": "low_counts"},
            {"quality": "small_n"},
            {"metric": "c"},
        )
    ]
    assert findings.best_differences(metrics, [*unsure, sure], set()) == [sure]
    other = {**sure, "segment": "t", "metric": "b", "effect_size": -0.9}
    lifecycle = {**sure, "segment": "u", "metric": "b", "effect_size": 5.0}
    assert findings.best_differences(metrics, [sure, other, lifecycle], {"u"}) == [other, sure]
    (said,) = findings._difference({"s": "Some"}, metrics, [sure], "$", set())
    assert said["lead"] == "Some, a:" and said["text"] == "2, against 1 for everybody else; lift +100\u202f% (+50\u202f% to +160\u202f%)."


def test_what_changed_is_what_changed_otherwise_than_among_the_others(published: Path, written: Path) -> None:
    """The surest rows of the newest whole period, each segment once."""
    with duckdb.connect(str(published), read_only=True) as connection:
        rows = connection.execute(
            "select segments.label || ', ' || metrics.label || ':', segment, metrics.tier from marts.segment_comparison "
            "inner join marts.segments using (segment) inner join marts.metrics on segment_comparison.metric = metrics.metric "
            "where baseline = 'difference_in_differences' and q_value <= 0.05 and not is_circular and segment_comparison.as_of_date = "
            "(select max(as_of_date) from marts.segment_comparison where not is_provisional) "
            "order by metrics.tier = 'secondary', q_value, segment, metrics.metric"
        ).fetchall()
    page = html.unescape(written.read_text(encoding="utf-8"))
    said = re.findall(r"Changed</a><span><strong>(.*?)</strong>", page)
    first: dict[str, str] = {}
    for lead, segment, _ in rows:
        first.setdefault(segment, lead)
    assert said == list(first.values())[:2]
    metrics = [{"metric": name, "label": name, "unit": "days", "tier": tier} for name, tier in (("a", "secondary"), ("b", "primary"))]
    row = {"difference": 1.5, "difference_lower": 0.5, "difference_upper": 2.5, "since_date": "2026-10-11", "as_of_date": "2026-10-18"}
    changes = [{**row, "segment": segment, "metric": metric} for segment, metric in (("s", "a"), ("t", "a"), ("s", "b"), ("u", "a"))]
    told = findings._changes({"s": "Some", "t": "Teams"}, metrics, changes, "$")
    assert [one["lead"] for one in told] == ["Some, b:", "Teams, a:"], "main metrics first, each segment once, two in all"
    assert told[0]["text"].startswith("+1.5") and "beside all other users between 11 October" in told[0]["text"].replace(
        "11 Oct ", "11 October "
    )


def test_headlines_do_not_rank_what_is_withheld() -> None:
    """A large count can be withheld to protect a small one, so the largest of the rest is not the largest."""
    segments_ = [{"segment": name, "label": name.title(), "tier": "lifecycle", "is_lifecycle": True} for name in ("a", "b")]
    sizes = {
        "dates": ["2026-01-04"], "provisional": [False], "population": [30],
        "users": {"a": [20], "b": [10]}, "share": {"a": [0.6667], "b": [0.3333]},
    }  # fmt: skip
    (said,) = findings._size(segments_, sizes)
    assert (said["lead"], said["text"]) == ("A", "is the largest lifecycle segment: 20 of 30 users (66.7\u202f%).")
    assert findings._size(segments_, {**sizes, "users": {"a": ["w"], "b": [10]}}) == []
    columns = ["date", "from", "to", "direction", "users", "share"]
    moves = [["2026-01-04", "a", "b", "down", 4, 0.2], ["2026-01-04", "b", "a", "down", 9, 0.5], ["2025-12-28", "b", "a", "up", 99, 0.5]]
    transitions = {"periods": [{"date": "2026-01-04", "provisional": False}], "rows": {"columns": columns, "rows": moves}}
    (said,) = findings._movement({"a": "A", "b": "B"}, transitions)
    assert said["text"] == "Most common way down: B to A, 9 users (50.0\u202f% of B). In the period to 4 Jan 2026."
    moves[1][4:] = ["w", "w"]
    (said,) = findings._movement({"a": "A", "b": "B"}, transitions)
    assert said["text"].startswith("Most common way down that is not withheld: A to B, 4 users")


def test_a_difference_has_the_color_of_what_is_known_of_it() -> None:
    row = {"is_circular": False, "is_reversed": False, "q_value": 0.01, "difference": 1.0}
    assert comparisons.state(row, "up") == "better" and comparisons.state(row, "down") == "worse"
    assert comparisons.state({**row, "difference": -1.0}, "down") == "better"
    assert comparisons.state({**row, "q_value": 0.051}, "up") == comparisons.state({**row, "q_value": None}, "up") == "none"
    assert comparisons.state({**row, "is_circular": True}, "up") == "definition"
    assert comparisons.state({**row, "is_reversed": True}, "up") == comparisons.state(row, "neither") == "different"


def test_an_experiment_says_no_more_than_its_design_allows() -> None:
    row = {
        "experiment": "new_page",
        "variant": "long",
        "control_variant": "short",
        "segment": "__all__",
        "metric": "active",
        "metric_kind": "binary",
        "evidence": "control",
        "quality": "ok",
        "n": 100,
        "baseline_n": 90,
        "mean": 0.5,
        "baseline_mean": 0.4,
        "difference": 0.1,
        "difference_lower": 0.02,
        "difference_upper": 0.18,
        "p_value": 0.01,
        "q_value": 0.02,
        "smallest_detectable_difference": 0.12,
        "interaction": None,
        "interaction_q_value": None,
        "shrunken_difference": None,
        "sample_ratio_p_value": 0.5,
        "heterogeneity_p_value": 0.4,
        "is_sample_ratio_mismatch": False,
        "is_reversed": False,
        "is_withheld": False,
    }
    assert impact.conclusion(row).startswith("The effect over all users is +10.0\u202fpp (+2.0\u202fpp to +18.0\u202fpp)")
    assert impact.conclusion({**row, "q_value": 0.2}).startswith("Any effect over all users could be chance")
    assert "less than 12.0\u202fpp would easily have been missed" in impact.conclusion({**row, "q_value": 0.2})
    for change, said in (({"is_sample_ratio_mismatch": True}, "Sample-ratio mismatch"), ({"evidence": "no_control"}, "lacks a control")):
        entry = impact.experiments([{**row, **change}])
        assert said in entry["experiments"][0]["warnings"][0] and entry["experiments"][0]["metrics"][0]["conclusion"] == "No conclusion."
        assert findings._experiments([{**row, **change}]) == []
    assert records(impact.experiments([{**row, "is_sample_ratio_mismatch": True}])["rows"])[0]["state"] == "none"
    guardrail = {**row, "role": "guardrail", "margin": 0.1, "non_inferiority": "not_shown", "direction": "down"}
    assert "is not shown not to get worse by 10.0\u202f% or more" in impact.conclusion(guardrail)
    assert "did not get worse by 10.0\u202f% or more" in impact.conclusion({**guardrail, "non_inferiority": "non_inferior"})
    assert records(impact.experiments([guardrail])["rows"])[0]["state"] == "worse"
    accounts = impact.experiments([{**row, "randomization_unit": "account", "interference": "high", "quality": "small_n"}])
    warnings = accounts["experiments"][0]["warnings"]
    assert "colleague in another variant" in warnings[0] and "count accounts, not users" in warnings[1] and len(warnings) == 2
    assert records(accounts["rows"])[0]["note"] == "not enough accounts for a claim"
    assert impact.conclusion({**row, "difference": None, "is_withheld": True}) == "The counts are withheld."


def test_a_segment_has_a_card_of_its_people(published: Path) -> None:
    """Personas as they were written, without quotes, and lines from the data; without personas the lines alone."""
    with Marts(published) as marts:
        profiles = segments.profiles(marts)
        cards = personas.cards(marts, profiles)
        shares = {(row["segment"], row["attribute_value"]): row["share"] for row in personas.commonest(marts, "day_part")}
    planner = cards["power_users"]
    assert [one["name"] for one in planner["personas"]] == ["Priya the Planner"] and "trams" in planner["personas"][0]["story"]
    assert "If it is not in the plan" not in json.dumps(cards)
    alone = [card for segment, card in cards.items() if segment not in ("power_users", "at_risk_users", "new_users")]
    assert len(alone) > 15 and all(not card["personas"] and card["lines"] for card in alone)
    lines = dict(cards["small_companies"]["lines"])
    assert {"Typical traits", "Typical day", "Needs", "Asks support about"} <= lines.keys()
    [(day, share)] = [(value, share) for (segment, value), share in shares.items() if segment == "small_companies"]
    assert lines["Typical day"] == f"{segments.value_in_words(day)} ({wording.percent(share)})"


def test_a_delivered_audience_says_what_it_changed(published: Path) -> None:
    with Marts(published) as marts:
        [row] = audiences.audiences(marts, {"inactive_users": "Inactive"})
    assert (row["audience"], row["segment"], row["surface"], row["sent"], row["held_out"]) == ("Win back", "Inactive", "Ads", "453", "60")
    assert row["claim"].startswith("Any effect on active within 28 days could be chance: +2.7")
    held = {"sent_users": 9, "no_effect_reason": "no_holdout", "window_days": 28}
    assert audiences.claim(held) == "Nobody was held out, so nobody knows what would have happened anyway."


def test_a_campaign_without_a_holdout_claims_nothing(written: Path, published: Path) -> None:
    with Marts(published) as marts:
        told = {row["campaign"]: row["claim"] for row in impact.campaigns(marts)}
    assert told["Reporting launch"].startswith("Without a holdout, nothing is claimed") and told["Winback spring"].startswith(
        "Effect of being sent it: +9.0"
    )
    text = written.read_text(encoding="utf-8").split('<script type="application/json"')[0]
    assert not re.search(r"\b(drives?|drivers?|because of|leads? to|boosts?)\b", re.sub(r"<style>.*?</style>", "", text, flags=re.DOTALL))


def test_clusters_are_named_only_if_they_come_out_again(written: Path, published: Path) -> None:
    with Marts(published) as marts:
        rows = clusters.read_clusters(marts)
        ((quality, mean_silhouette),) = marts.connection.execute(
            "select distinct quality, mean_silhouette from marts.cluster_quality"
        ).fetchall()
        sizes = dict(marts.connection.execute("select cluster, users from marts.cluster_quality").fetchall())
    told = {row["cluster"]: row for row in clusters.clusters(rows)}
    assert len(rows) > 1 and {name: row["users"] for name, row in told.items()} == {
        f"Cluster {cluster}": wording.number(users, 0, withheld=True) for cluster, users in sizes.items()
    }
    assert clusters.verdict(rows).startswith(clusters.VERDICTS[quality])
    assert ("by degrees" in clusters.verdict(rows)) == (quality in ("moderate", "stable") and mean_silhouette < 0.25)
    text = written.read_text(encoding="utf-8")
    assert '<h2 id="clusters-title">' in text and text.count('<th scope="row">Cluster ') == len(rows)
    row = {**rows[0], "quality": "moderate", "recovery": 0.7, "is_withheld": False}
    assert clusters.claim(row) == "Not found again often enough." and clusters.claim({**row, "recovery": 0.75}) == "Found again."
    assert clusters.claim({**row, "quality": "unstable"}) == "Not to be named."
    assert clusters.claim({**row, "recovery": None, "is_withheld": True}) == "Its numbers are withheld."
    assert clusters.verdict([]) == "" and "other accounts they would be others" in clusters.verdict([{**row, "quality": "unstable"}])


def test_warnings_tell_what_a_reader_must_know(published: Path, tmp_path: Path) -> None:
    path = Path(shutil.copy(published, tmp_path / "warned.duckdb"))
    with duckdb.connect(str(path)) as connection:
        connection.execute("insert into marts.source_changes values ('2026-05-04', 3, 4, '2026-10-21', '2026-10-21')")
        connection.execute("update marts.input_summary set rows_rejected = 2000 where input = 'events'")
        connection.execute(
            "update marts.input_summary set rows_of_unknown_accounts = 1234, unknown_account_share = 0.51 where input = 'invoices'"
        )
    with Marts(path) as marts:
        listed = segments.read_segments(marts)
        told = cautions.cautions(marts, listed, segments.sizes(marts, listed), "$")
    assert [one["weight"] for one in told] == ["alert", "note", "note", "alert", "alert", "note"]
    assert told[4]["lines"] == ["Invoices: 1,234 rows, 51.0\u202f% of those that name an account."]
    assert "The source changed afterwards on 1 days between 4 May 2026 and 4 May 2026" in told[0]["text"]
    assert "21 October 2026, is provisional" in told[1]["text"] and "18 October 2026" in told[1]["text"]
    assert told[2]["text"] == f"{len(told[2]['lines'])} of {len(listed)} segments are worth a look." and any(
        line.startswith("Power users: only 26 users") for line in told[2]["lines"]
    )
    assert re.match(r"2,00\d of 6\d,\d{3} input rows \(3\.2\d\u202f%\) could not be used", told[3]["text"]) and told[3]["lines"][
        0
    ].startswith("Events: 2,000")
    assert "beta_canvas_opened (20)" in told[5]["text"]


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        (wording.number(1234567), "1,234,567"),
        (wording.number(-12.34), "−12.3"),
        (wording.number(0.004, sign=True), "0.00"),
        (wording.number(None), "–"),
        (wording.number(None, withheld=True), "withheld"),
        (wording.number(0), "0"),
        (wording.number(3, sign=True), "+3"),
        (wording.percent(0.1234), "12.3\u202f%"),
        (wording.percent(1.0, 0), "100\u202f%"),
        (wording.lift(0.05), "+5.0\u202f%"),
        (wording.lift(-0.5), "−50\u202f%"),
        (wording.date(datetime.date(2026, 3, 1)), "1 March 2026"),
        (wording.q_value(0.0004), "< 0.001"),
        (wording.q_value(0.0414), "0.041"),
        (wording.words("guided_setup"), "Guided setup"),
        (wording.joined(["a", "b", "c"]), "a, b and c"),
        (wording.Unit("share of users").value(0.345), "34.5\u202f%"),
        (wording.Unit("share of users").difference(-0.05), "−5.0\u202fpp"),
        (wording.Unit("reporting currency per month", "$").value(1234.5), "$1,234"),
        (wording.Unit("reporting currency", "$").difference(-3.5), "−$3.50"),
        (wording.Unit("days").difference(2.25), "+2.25"),
        (wording.Unit("days").value(None, withheld=True), "withheld"),
        (
            segments.in_words("active_days_28d < 0.5 * active_days_previous_28d"),
            "active days in 28 days is below 0.5 × active days in the 28 days before",
        ),
        (segments.in_words("company_size in ('micro', 'small')"), "company size is one of micro, small"),
        (segments.in_words("mrr >= 1"), "mrr is at least 1"),
        (segments.in_words("performed task_completed at least 2 times"), "performed task completed at least 2 times"),
        (segments.in_words(None), "as the SQL says"),
        (segments.value_in_words("25_34"), "25–34"),
        (segments.value_in_words("Salesforce"), "Salesforce"),
        (segments.value_in_words("10_to_under_50"), "10 to under 50"),
    ],
)
def test_numbers_dates_and_names_are_written_for_people(said: str, expected: str) -> None:
    assert said == expected


def test_axes_reach_all_points_and_are_not_ruled_by_few_users() -> None:
    rows = [
        {"value": 1.5, "lower": 1.2, "upper": 1.9, "is_sure": True, "state": "better"},
        {"value": 1.0, "lower": 0.1, "upper": 20.0, "is_sure": False, "state": "none"},
        {"value": 30.0, "lower": 25.0, "upper": 35.0, "is_sure": True, "state": "definition"},
        {"value": None, "lower": None, "upper": None, "is_sure": False, "state": "none"},
    ]
    scale = comparisons.ratio_scale(rows)
    assert scale["low"] < 1 < 1.9 < scale["high"] < 2.5 and 1 in scale["ticks"] and len(scale["ticks"]) >= 3
    linear = comparisons.linear_scale(rows)
    assert linear["low"] < 0 and 1.9 < linear["high"] < 2.5 and 0 in linear["ticks"]
    assert comparisons.ratio_scale([])["low"] < 1 < comparisons.ratio_scale([])["high"] and comparisons.linear_scale([])["ticks"]


def test_cohorts_are_chosen_around_the_newest_full_one() -> None:
    days = [datetime.date(2026, 1, 4) + datetime.timedelta(days=7 * number) for number in range(30)]
    chosen, full = movement.choose_cohorts([(day, number < 18) for number, day in enumerate(days)])
    assert full == days[17] and chosen == [days[number] for number in range(1, 30, 4)]
    assert movement.choose_cohorts([(day, False) for day in days[:3]]) == ([days[0]], days[0]) and movement.choose_cohorts([]) == ([], None)


# --- What is seen -------------------------------------------------------------------------------------------------------


def test_the_page_opens_without_a_network_and_without_a_complaint(opened: Opened, written: Path) -> None:
    assert opened.requests == [written.resolve().as_uri()]
    assert opened.complaints == []
    for chart in CHARTS:
        assert len(opened.svg(chart)) > 2000, chart
    assert not re.findall(
        r"""(?:src|href)=["'](?!#|data:)""", re.sub(r"<script.*?</script>", "", written.read_text(encoding="utf-8"), flags=re.DOTALL)
    )


@pytest.mark.parametrize(
    ("select", "value", "chart", "table", "told"),
    [
        ("lift-metric", "mrr", "lift-chart", "lift-numbers", "lift-heading"),
        ("lift-segments", "Lifecycle", "lift-chart", "lift-numbers", None),
        ("lift-segments", "segment:promoters", "lift-chart", "lift-numbers", "lift-heading"),
        ("segment-select", "power_users", "segment-users", "segment-moves-numbers", "segment-name"),
        ("segment-select", "trial_lapsed", "segment-lift", "segment-lift-numbers", "segment-sql"),
        ("transitions-period", "2026-09-13", "transitions-chart", "transitions-numbers", "transitions-heading"),
        ("overlap-measure", "jaccard", "overlap-chart", "overlap-numbers", "overlap-heading"),
        ("retention-segment", "promoters", "retention-chart", "retention-numbers", "retention-heading"),
        ("retention-kind", "unbounded", "retention-chart", "retention-numbers", "retention-heading"),
        ("growth-segment", "small_companies", "growth-chart", "growth-numbers", "growth-heading"),
        ("experiments-metric", "sessions", "experiments-chart", "experiments-numbers", "experiments-conclusion"),
    ],
)
def test_a_selector_changes_its_chart_and_its_table(
    opened: Opened, select: str, value: str, chart: str, table: str, told: str | None
) -> None:
    before = opened.svg(chart), opened.table(table), told and opened.page.text_content(f"#{told}")
    opened.choose(select, value)
    after = opened.svg(chart), opened.table(table), told and opened.page.text_content(f"#{told}")
    assert before[0] != after[0] and before[1] != after[1] and after[1]
    assert told is None or before[2] != after[2]
    assert opened.page.text_content("#announcement").strip() and opened.complaints == []


def test_a_click_in_the_table_of_sizes_opens_the_segment(opened: Opened) -> None:
    opened.page.click('a[data-segment="in_onboarding"]')
    opened.settle()
    assert (
        opened.page.text_content("#segment-name")
        == "Accounts in onboarding"
        == opened.page.locator("#segment-select option:checked").text_content()
    )
    assert opened.page.text_content("#segment-sql").startswith("{{ segment(") and "needs" not in opened.page.text_content("#segment-facts")


def test_shares_and_users_are_drawn_apart(opened: Opened) -> None:
    before = opened.svg("sizes-chart"), opened.table("sizes-numbers")[0]
    opened.page.check('input[name="sizes-mode"][value="share"]')
    opened.page.wait_for_timeout(300)
    after = opened.svg("sizes-chart"), opened.table("sizes-numbers")[0]
    assert before[0] != after[0] and "%" in after[1][1] and "%" not in before[1][1]


def test_differences_that_chance_explains_are_hollow_and_grey(opened: Opened, written: Path) -> None:
    opened.choose("lift-segments", "all")
    opened.choose("lift-metric", "trial_conversion")
    rows = [
        row for row in records(embedded(written)["comparisons"]["rows"]) if row["metric"] == "trial_conversion" and row["value"] is not None
    ]
    expected = {state: sum(row["state"] == state for row in rows) for state in ("better", "worse", "different", "none")}
    assert expected["better"] >= 2 and expected["none"] >= 3
    marks = opened.page.evaluate(
        "[...document.querySelectorAll('#lift-chart .mark-symbol path')].map(path => [path.getAttribute('fill'), path.getAttribute('stroke')])"
    )
    colors = dict(zip(("better", "worse", "different", "none"), STATE_COLOURS))
    for state in ("better", "worse", "different"):
        assert sum(fill == colors[state] for fill, _ in marks) == expected[state], state
    assert sum(fill == "white" and stroke == GREY for fill, stroke in marks) == expected["none"]


def test_what_is_too_young_is_not_drawn(opened: Opened, written: Path) -> None:
    """A cohort's curve has a point for each period that is over, and none beyond."""
    data = embedded(written)["retention"]
    opened.choose("retention-segment", "weekly_users")
    young = data["cohorts"][-1]
    opened.choose("retention-cohort", young)
    shares = data["curves"]["weekly_users"][opened.page.input_value("#retention-kind")][young]["share"]
    known = sum(share is not None for share in shares)
    assert 0 < known < len(shares) == 12
    points = opened.page.locator("#retention-chart .mark-symbol path").count()
    assert points == known
    assert [row[2] for row in opened.table("retention-numbers")][known:] == ["too early to say"] * (12 - known)


def test_the_page_can_be_read_without_eyes_and_without_a_mouse(opened: Opened, written: Path) -> None:
    problems = opened.page.evaluate("""() => {
        const found = [];
        const headings = [...document.querySelectorAll('h1, h2, h3, h4')].filter(one => one.offsetParent);
        headings.reduce((before, one) => { const level = Number(one.tagName[1]); if (level > before + 1) found.push('skips a level: ' + one.textContent); if (!one.textContent.trim()) found.push('empty heading ' + one.id); return level; }, 0);
        if (document.querySelectorAll('h1').length !== 1) found.push('not one h1');
        for (const tag of ['header', 'nav[aria-label]', 'main', 'footer']) if (document.querySelectorAll('body > ' + tag).length !== 1) found.push('not one ' + tag);
        for (const one of document.querySelectorAll('select, input')) if (!one.labels.length || !one.labels[0].textContent.trim()) found.push('no label: ' + one.id);
        for (const one of document.querySelectorAll('.chart')) if (one.getAttribute('role') !== 'img' || (one.getAttribute('aria-label') || '').length < 20) found.push('no text: ' + one.id);
        for (const one of document.querySelectorAll('svg')) if (one.getAttribute('aria-hidden') !== 'true') found.push('svg that is read out in ' + one.closest('[id]').id);
        for (const one of document.querySelectorAll('table')) if (!one.caption || !one.querySelector('thead th[scope=col]') || !one.querySelector('tbody th[scope=row]') ) found.push('table without heads in ' + one.closest('[id]').id);
        for (const one of document.querySelectorAll('section')) if (!document.getElementById(one.getAttribute('aria-labelledby'))) found.push('section without a name: ' + one.id);
        for (const one of document.querySelectorAll('figure')) if (!one.querySelector('figcaption') || !one.querySelector('details table') && !one.querySelector('#segment-users') && !one.querySelector('.empty:not([hidden])')) found.push('figure without caption or numbers: ' + one.textContent.slice(0, 40));
        for (const one of document.querySelectorAll('nav a')) if (!document.querySelector(one.getAttribute('href'))) found.push('link to nowhere: ' + one.textContent);
        const ids = [...document.querySelectorAll('[id]')].map(one => one.id).filter(id => !id.startsWith('vg-') && !/^(clip|gradient)/.test(id));
        ids.filter((id, at) => ids.indexOf(id) !== at).forEach(id => found.push('id twice: ' + id));
        return found;
    }""")
    assert problems == []
    assert opened.page.evaluate("document.documentElement.lang") == "en" and opened.page.title() == "User segments through 21 October 2026"
    opened.page.focus("#growth-segment")
    before = opened.page.input_value("#growth-segment")
    opened.page.keyboard.press("ArrowDown")
    assert opened.page.input_value("#growth-segment") != before
    assert opened.page.evaluate("getComputedStyle(document.activeElement).outlineStyle") == "solid"


def test_colors_stand_out_from_their_ground() -> None:
    """WCAG AA: 4.5 for text, 3 for what a chart must show; series that touch are parted by white lines."""
    style = (ROOT / "scripts/reporting/page_parts/page.css").read_text(encoding="utf-8")
    colors = dict(re.findall(r"--(\w+): (#[0-9a-f]{3,6});", style))
    for name in ("ink", "muted", "accent"):
        assert contrast(colors[name], "#ffffff") >= 4.5 and contrast(colors[name], colors["ground"]) >= 4.5, name
    assert all(contrast(color, "#ffffff") >= 3 for color in STATE_COLOURS) and len(set(SERIES)) == len(SERIES)
    assert WITHHELD not in STATE_COLOURS


def contrast(one: str, other: str) -> float:
    """The contrast ratio of two colors."""

    def luminance(color: str) -> float:
        digits = color[1:] if len(color) == 7 else "".join(digit * 2 for digit in color[1:])
        parts = [int(digits[at : at + 2], 16) / 255 for at in (0, 2, 4)]
        return sum(
            weight * (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4)
            for weight, part in zip((0.2126, 0.7152, 0.0722), parts)
        )

    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def test_a_phone_shows_25_segments_without_scrolling_sideways(opened: Opened) -> None:
    opened.page.set_viewport_size({"width": 390, "height": 844})
    opened.page.wait_for_timeout(800)
    opened.settle()
    assert not opened.is_too_wide() and opened.complaints == []
    widest = opened.page.evaluate(
        "Math.max(...[...document.querySelectorAll('.chart:not(.scroll .chart) > svg, .chart:not(.scroll .chart) svg')].map(svg => svg.getBoundingClientRect().right))"
    )
    assert widest <= 390
    opened.page.set_viewport_size({"width": 1280, "height": 900})


def test_five_segments_with_hostile_labels_and_withheld_cells(running: Any, few: Path) -> None:
    shown = Opened(running, few, 390)
    assert shown.complaints == [] and len(shown.requests) == 1 and not shown.is_too_wide()
    shown.page.set_viewport_size({"width": 1280, "height": 900})
    shown.page.wait_for_timeout(500)

    # Who comes with the keyboard can skip what stands above the report.
    shown.page.keyboard.press("Tab")
    assert shown.page.evaluate("document.activeElement.className") == "skip"
    assert shown.page.evaluate("document.activeElement.getBoundingClientRect().left") >= 0
    shown.page.keyboard.press("Enter")
    assert shown.page.evaluate("document.activeElement.id") == "main"

    # The label is text wherever it stands, and starts no element.
    shown.choose("segment-select", "promoters")
    assert shown.page.text_content("#segment-name") == HOSTILE == shown.page.text_content("#segment-sql")
    assert HOSTILE in shown.page.locator("#lift-segments option").all_text_contents()
    assert shown.page.locator("main b:not(.share b), main img").count() == 0
    assert next(one for one in embedded(few)["segments"] if one["id"] == "promoters")["label"] == HOSTILE

    # Withheld is a word and no number, and is drawn nowhere.
    tile = shown.page.text_content("#segment-tiles")
    assert "Userswithheld" in tile and "Share of userswithheld" in tile
    sizes = {row[0]: row[1:] for row in shown.table("segment-moves-numbers")}
    assert sizes["21 Oct 2026 (provisional)"][:2] == ["withheld", "withheld"] and sizes["5 Jul 2026"][0] == "withheld"
    assert "withheld on 21 Oct" in shown.page.get_attribute("#segment-users", "aria-label")
    mrr = next(row for row in shown.table("segment-lift-numbers") if row[0].startswith("<img"))
    assert mrr[1:5] == ["withheld", "withheld", "withheld", "$27.16"] or mrr[1:4] == ["withheld"] * 3
    assert "1 of 53 dates are left blank" in shown.page.text_content("#sizes-gap")
    moves = {tuple(row[:2]): row[2] for row in shown.table("transitions-numbers")}
    assert moves["Engaged", "At risk"] == "withheld"
    assert {row[1] for row in shown.table("growth-numbers") if row[0] == "5 Jul 2026"} and next(
        row for row in shown.table("growth-numbers") if row[0] == "5 Jul 2026"
    )[2] == "withheld"
    fills = shown.page.evaluate("[...document.querySelectorAll('#overlap-chart .mark-rect path')].map(path => path.getAttribute('fill'))")
    assert len(fills) == 25 and sum(fill == WITHHELD for fill in fills) == 2
    fills = shown.page.evaluate(
        "[...document.querySelectorAll('#transitions-chart .mark-rect path')].map(path => path.getAttribute('fill'))"
    )
    assert len(fills) == 16 and sum(fill == WITHHELD for fill in fills) == 1
    assert "1 of 51 periods are left blank" in shown.page.text_content("#growth-gap")
    # Three parts of 50 periods with a start, less the one that lacks a part.
    assert shown.page.locator("#growth-chart .mark-rect path").count() == 3 * 49
    assert shown.table("segment-overlap")[-1] == ["Weekly users", "withheld", "withheld", "withheld"]
    assert shown.page.text_content("#overlap-conclusion").startswith("Largest that are not withheld: ")
    assert "called “withheld”" in shown.page.text_content("#summary")
    assert not re.search(r"\bNaN\b|undefined|\bnull\b|None(?! of \d)", shown.page.inner_text("body"))


def test_a_file_in_which_everything_is_withheld_shows_no_number_and_claims_nothing(running: Any, published: Path, tmp_path: Path) -> None:
    path, output = Path(shutil.copy(published, tmp_path / "withheld.duckdb")), tmp_path / "withheld.html"
    kept = {"cluster", "criterion_number", "period", "first_day", "last_day", "desirability"}
    with duckdb.connect(str(path)) as connection:
        for mart in set(MARTS) - {"segments", "metrics", "source_changes", "input_summary"}:
            numbers = connection.execute(
                "select column_name from information_schema.columns where table_schema = 'marts' and table_name = $1 "
                "and data_type in ('BIGINT', 'DOUBLE')",
                [mart],
            ).fetchall()
            blank = ", ".join(f'"{name}" = null' for (name,) in numbers if name not in kept)
            connection.execute(f"alter table marts.{mart} add column is_suppressed boolean default true")
            if blank:
                connection.execute(f"update marts.{mart} set {blank}")
        ((segments,),) = connection.execute("select count(*) from marts.segments where retired_on is null").fetchall()
    page.write(path, output, "$")
    assert "Everything could be chance." in output.read_text(encoding="utf-8")
    shown = Opened(running, output, 1280)
    shown.choose("segment-select", "power_users")
    assert shown.complaints == []
    sizes = shown.page.inner_text("#sizes table.sizes")
    assert sizes.count("withheld") == 2 * segments and not re.search(r"\d+\s*%", sizes)
    for chart in ("sizes-chart", "lift-chart", "segment-users", "segment-moves", "retention-chart", "growth-chart", "experiments-chart"):
        assert shown.page.text_content(f"#{chart}") == "Nothing to draw.", chart
    assert shown.page.locator("#segment-attrition .mark-rect path").count() == 0
    assert {row[2] for row in shown.table("transitions-numbers")} == {"withheld"}
    assert not re.search(r"\bNaN\b|undefined|\bnull\b|None\b", shown.page.inner_text("body"))
