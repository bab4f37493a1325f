"""MetricFlow: what `mf` answers is what plain SQL answers."""

from __future__ import annotations

import csv
import json
import math
import os
import re
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from warehouse import ROOT, Warehouse

Rows = list[dict[str, str]]


@pytest.fixture(scope="module")
def semantic_manifest(sample_warehouse: Warehouse) -> dict[str, Any]:
    """What dbt wrote for MetricFlow when the sample was built."""
    return json.loads((sample_warehouse.folder / "target/semantic_manifest.json").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def mf(tmp_path_factory: pytest.TempPathFactory, sample_warehouse: Warehouse) -> Iterator[Callable[..., str]]:
    """A function that runs `mf` in this process on a copy of the sample: dbt opens the file to write, which would lock others out."""
    from dbt.adapters.duckdb.connections import DuckDBConnectionManager
    from dbt_metricflow.cli.main import cli

    folder = tmp_path_factory.mktemp("metricflow")
    (folder / "target").mkdir()
    for name in ("dbt_project.yml", "profiles.yml", "warehouse.duckdb", "target/semantic_manifest.json"):
        shutil.copy(sample_warehouse.folder / name, folder / name)
    before, environment = Path.cwd(), dict(os.environ)
    os.environ["SEGMENTATION_DATABASE"] = str(folder / "warehouse.duckdb")
    os.environ["DBT_SEND_ANONYMOUS_USAGE_STATS"] = "false"
    os.chdir(folder)

    def run(*arguments: str) -> str:
        result = CliRunner().invoke(cli, arguments)
        assert result.exit_code == 0, result.output + repr(result.exception)
        return result.output

    try:
        yield run
    finally:
        os.chdir(before)
        os.environ.clear()
        os.environ.update(environment)
        DuckDBConnectionManager.close_all_connections()


def answer(mf: Callable[..., str], metrics: str, group_by: str, **options: str) -> Rows:
    """The rows of `mf query`."""
    path = Path("answer.csv")
    path.unlink(missing_ok=True)
    extra = [text for name, value in options.items() for text in (f"--{name}", value)]
    mf("query", "--metrics", metrics, "--group-by", group_by, "--csv", str(path), *extra)
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def assert_equal(found: Rows, expected: list[tuple], keys: list[str], values: list[str]) -> None:
    """The answer has exactly the expected rows; times of day at midnight are dates."""
    rows = {tuple(row[key].removesuffix(" 00:00:00").removesuffix("T00:00:00") for key in keys): row for row in found}
    wanted = {tuple("" if part is None else str(part) for part in row[: len(keys)]): row[len(keys) :] for row in expected}
    assert len(rows) == len(found) and len(wanted) == len(expected) > 1
    assert rows.keys() == wanted.keys()
    for key, numbers in wanted.items():
        for name, number in zip(values, numbers, strict=True):
            text = rows[key][name]
            assert (text == "") == (number is None) and (number is None or math.isclose(float(text), number, rel_tol=1e-9, abs_tol=1e-9)), (
                f"{name} of {key}: mf says {text}, SQL says {number}"
            )


def test_mf_finds_nothing_wrong(mf: Callable[..., str], semantic_manifest: dict[str, Any]) -> None:
    """Not only in the YAML: every dimension, measure and metric is asked of the warehouse. `mf` exits with 1 otherwise."""
    mf("validate-configs")
    assert len(semantic_manifest["semantic_models"]) > 5 and len(semantic_manifest["metrics"]) > 20


def test_sizes_are_those_of_the_last_date_and_revenue_is_shared(mf: Callable[..., str], sample_warehouse: Warehouse) -> None:
    found = answer(mf, "users,active_share_28d,mrr_per_user", "metric_time__month,user_on_date__lifecycle_segment")
    expected = sample_warehouse.query(
        """
        with last_dates as (
            select cast(date_trunc('month', as_of_date) as date) as month, max(as_of_date) as as_of_date
            from features.user_features
            group by month
        )
        select
            last_dates.month, lifecycle_segments.segment, count(*), avg(least(active_days_28d, 1)),
            sum(coalesce(mrr, 0) / coalesce(account_users, 1)) / count(*)
        from features.user_features
        inner join last_dates using (as_of_date)
        inner join marts.user_lifecycle_segments as lifecycle_segments using (user_id, as_of_date)
        group by all
        """
    )
    assert_equal(found, expected, ["metric_time__month", "user_on_date__lifecycle_segment"], ["users", "active_share_28d", "mrr_per_user"])


def test_members_count_once_and_have_the_features_of_their_date(mf: Callable[..., str], sample_warehouse: Warehouse) -> None:
    """Across all firmographic segments, which overlap, by the plan on the date."""
    found = answer(mf, "segment_members", "metric_time__month,segment__type,user_on_date__plan")
    expected = sample_warehouse.query(
        """
        with last_dates as (
            select cast(date_trunc('month', as_of_date) as date) as month, max(as_of_date) as as_of_date
            from marts.user_segments
            group by month
        )
        select last_dates.month, segments.type, features.plan, count(distinct members.user_id)
        from marts.user_segments as members
        inner join last_dates using (as_of_date)
        inner join marts.segments as segments using (segment)
        inner join features.user_features as features using (user_id, as_of_date)
        group by all
        """
    )
    assert_equal(found, expected, ["metric_time__month", "segment__type", "user_on_date__plan"], ["segment_members"])
    # Both could have gone wrong: the sample has people in two segments of a type, and people whose plan changed.
    assert sample_warehouse.query(
        """
        select
            (select count(*) > count(distinct (user_id, members.as_of_date, type))
             from marts.user_segments as members inner join marts.segments using (segment)),
            (select count(*) > 0 from features.user_features as old inner join marts.users as now using (user_id)
             where old.plan is distinct from now.plan)
        """
    ) == [(True, True)]


def test_flows_are_those_of_whole_periods(mf: Callable[..., str], sample_warehouse: Warehouse) -> None:
    found = answer(
        mf,
        "segment_net_change,period_new_users,period_churned_users,quick_ratio",
        "metric_time__month",
        where="{{ Entity('segment') }} in ('power_users', '__all__')",
    )
    expected = sample_warehouse.query(
        """
        with sizes as (
            select cast(date_trunc('month', as_of_date) as date) as month, sum(entered) - sum(exited) as net_change
            from marts.segment_sizes
            where is_period_end and segment = 'power_users'
            group by month
        ),

        growth as (
            select
                cast(date_trunc('month', as_of_date) as date) as month, sum(new_users) as new_users,
                sum(churned_users) as churned_users, sum(resurrected_users) as resurrected_users
            from marts.growth_accounting
            where not is_provisional and segment = '__all__'
            group by month
        )

        select month, net_change, new_users, churned_users, (new_users + resurrected_users) / churned_users
        from sizes
        full outer join growth using (month)
        """
    )
    assert_equal(found, expected, ["metric_time__month"], ["segment_net_change", "period_new_users", "period_churned_users", "quick_ratio"])
    # The newest date ends no period and would have been counted.
    assert sample_warehouse.query("select count(*) from marts.segment_sizes where is_provisional and entered > 0")[0][0] > 0


def test_measures_mean_what_the_metrics_mean(semantic_manifest: dict[str, Any], sample_warehouse: Warehouse) -> None:
    """A measure on the features that has a metric's name has its expression, whether generated or written by hand."""
    definitions = dict(sample_warehouse.query("select metric, definition from marts.metrics"))
    measures = {
        measure["name"]: measure["expr"]
        for model in semantic_manifest["semantic_models"]
        if model["name"] == "users_on_dates"
        for measure in model["measures"]
    }
    shared = measures.keys() & definitions.keys()
    assert len(shared) >= 5
    assert {name: f"avg({measures[name]})" for name in shared} == {name: definitions[name] for name in shared}


def test_every_measure_is_asked_for_by_a_metric(semantic_manifest: dict[str, Any]) -> None:
    measures = {measure["name"] for model in semantic_manifest["semantic_models"] for measure in model["measures"]}
    asked = {metric["type_params"]["measure"]["name"] for metric in semantic_manifest["metrics"] if metric["type"] == "simple"}
    assert asked == measures


def test_everything_is_described_and_nothing_personal_is_a_dimension(
    semantic_manifest: dict[str, Any], sample_warehouse: Warehouse
) -> None:
    manifest = json.loads((sample_warehouse.folder / "target/manifest.json").read_text(encoding="utf-8"))
    private = {
        (node["name"], column["name"])
        for node in manifest["nodes"].values()
        for column in node.get("columns", {}).values()
        if column["config"].get("meta", {}).get("privacy")
    }
    assert ("user_features", "gender") in private
    problems = []
    for model in semantic_manifest["semantic_models"]:
        for part in [model, *model["entities"], *model["dimensions"], *model["measures"]]:
            if not part["description"]:
                problems.append(f"{model['name']}.{part['name']} is not described")
        for part in model["dimensions"]:
            words = set(re.findall(r"\w+", part["expr"] or part["name"]))
            problems += [
                f"{model['name']}.{part['name']} shows {column}"
                for table, column in sorted(private)
                if table == model["node_relation"]["alias"] and column in words
            ]
    problems += [f"metric {metric['name']} is not described" for metric in semantic_manifest["metrics"] if not metric["description"]]
    assert problems == []


def test_the_page_names_every_metric(semantic_manifest: dict[str, Any]) -> None:
    page = (ROOT / "docs/bi.md").read_text(encoding="utf-8")
    assert [metric["name"] for metric in semantic_manifest["metrics"] if f"`{metric['name']}`" not in page] == []
