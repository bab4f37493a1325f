"""What BI tools find: contracts, comments, exposures, display settings, the Superset dashboard and the page about them."""

from __future__ import annotations

import importlib
import json
import os
import re
import shutil
import stat
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb
import pytest
import yaml

import docs
import superset
from publish import AGGREGATES_FILE
from replacing import replacing
from warehouse import COMPARISON_MODELS, COMPARISON_PARTS, ROOT, Warehouse

# --- Contracts ------------------------------------------------------------------------------------------------------
# Why a mart has no primary key in the database. Its key is tested all the same, but for rejected_rows, which has none.
NO_PRIMARY_KEY = {
    "rejected_rows": "two equal rows in the source are two rows",
    "user_segments": "it would triple the time of writing (docs/decisions/0005)",
    **dict.fromkeys(COMPARISON_MODELS, "replacing all rows under one takes many times as long"),
}
# Why a mart does not say how fresh it is.
NO_DATA_THROUGH = {
    "user_segments": "data_through changes with every build, and each of its rows would have to be written again",
    **dict.fromkeys(("audience_deliveries", "audience_exposures"), "written by deliveries, not by builds"),
    **dict.fromkeys(
        ("driver_amounts", "driver_conditions", "driver_hypotheses", "driver_pairs", "driver_tests"),
        "part of driver_observations, which says it",
    ),
    **dict.fromkeys(COMPARISON_PARTS, "part of segment_comparison, which says it"),
    "north_star_totals": "part of north_star_mix_shift, which says it",
    "feature_adoption_counts": "part of segment_feature_adoption, which says it",
    **dict.fromkeys(
        ("survival_lives", "survival_curves", "survival_days", "survival_accounts"), "part of segment_survival_summary, which says it"
    ),
    "retention_counts": "part of segment_retention, which says it",
    "funnel_counts": "part of segment_funnels, which says it",
}


@pytest.fixture(scope="module")
def manifest(sample_warehouse: Warehouse) -> dict[str, Any]:
    """dbt's manifest of the built sample."""
    return json.loads((sample_warehouse.folder / "target/manifest.json").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def marts(manifest: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """The marts by name, as the manifest has them."""
    found = {node["name"]: node for node in manifest["nodes"].values() if node["resource_type"] == "model" and node["fqn"][1] == "marts"}
    assert len(found) > 45
    return found


def keys_of(mart: dict[str, Any]) -> list[list[str]]:
    return [constraint["columns"] for constraint in mart["constraints"] if constraint["type"] == "primary_key"]


def test_every_mart_has_a_contract_a_key_and_says_how_fresh_it_is(marts: dict[str, dict[str, Any]]) -> None:
    problems = []
    for name, mart in marts.items():
        contract = mart["config"]["contract"]
        if not (contract["enforced"] and contract["alias_types"]):
            problems.append(f"{name}: no enforced contract")
        if not mart["description"].startswith("One row per "):
            problems.append(f"{name}: the description does not say what one row is")
        for word in ("**Grain:**", "**Filters:**", "**Logic:**", "**NULL and 0:**", "**Not for:**"):
            if word not in mart["description"]:
                problems.append(f"{name}: the description lacks {word}")
        for column, entry in mart["columns"].items():
            if not entry["description"].strip() or not entry["data_type"]:
                problems.append(f"{name}.{column}: no description or no type")
        if bool(keys_of(mart)) == (name in NO_PRIMARY_KEY):
            problems.append(f"{name}: a primary key, or a reason why there is none, not both")
        if ("data_through" in mart["columns"]) == (name in NO_DATA_THROUGH):
            problems.append(f"{name}: data_through, or a reason why there is none, not both")
    assert problems == []
    assert NO_PRIMARY_KEY.keys() | NO_DATA_THROUGH.keys() <= marts.keys()


def test_reasons_for_exceptions_are_told_to_readers(marts: dict[str, dict[str, Any]]) -> None:
    no_key = re.compile(r"\bnot (have|enforce) a (primary )?key\b", re.IGNORECASE)
    assert [name for name in NO_PRIMARY_KEY if not no_key.search(marts[name]["description"])] == []
    assert [name for name in NO_DATA_THROUGH if "data_through" not in marts[name]["description"]] == []


def test_keys_reach_the_database(marts: dict[str, dict[str, Any]], sample_warehouse: Warehouse) -> None:
    """Primary keys and NOT NULL, as the contract says."""
    keys = {
        (schema, table): sorted(columns)
        for schema, table, columns in sample_warehouse.query(
            "select schema_name, table_name, constraint_column_names from duckdb_constraints() where constraint_type = 'PRIMARY KEY'"
        )
    }
    nullable = {
        (schema, table, column): is_nullable
        for schema, table, column, is_nullable in sample_warehouse.query(
            "select schema_name, table_name, column_name, is_nullable from duckdb_columns()"
        )
    }
    problems = []
    for name, mart in marts.items():
        place = (mart["schema"], mart["alias"])
        if mart["config"]["materialized"] == "view":
            # It declares them, for what is published.
            assert place not in keys and "does not enforce a key" in mart["description"]
            continue
        if keys.get(place, []) != sorted(sum(keys_of(mart), [])):
            problems.append(f"{name}: key {keys.get(place)} in the database, {keys_of(mart)} in the contract")
        for column, entry in mart["columns"].items():
            needed = any(constraint["type"] == "not_null" for constraint in entry["constraints"])
            if needed and nullable[(*place, column)]:
                problems.append(f"{name}.{column} can be NULL in the database")
    assert problems == []


def test_descriptions_reach_the_database(marts: dict[str, dict[str, Any]], sample_warehouse: Warehouse) -> None:
    """The whole text of every mart and column, where SQL clients and BI tools show it."""
    tables = {
        (schema, table): comment
        for schema, table, comment in sample_warehouse.query(
            "select schema_name, table_name, comment from duckdb_tables() union all select schema_name, view_name, comment from duckdb_views()"
        )
    }
    columns = {
        (schema, table, column): comment
        for schema, table, column, comment in sample_warehouse.query(
            "select schema_name, table_name, column_name, comment from duckdb_columns()"
        )
    }
    wrong = []
    for name, mart in marts.items():
        place = (mart["schema"], mart["alias"])
        wrong += [name] if tables[place] != mart["description"] else []
        wrong += [f"{name}.{column}" for column, entry in mart["columns"].items() if columns[(*place, column)] != entry["description"]]
        wrong += [f"{name}.{column[2]}" for column in columns if column[:2] == place and column[2] not in mart["columns"]]
    assert wrong == []


# --- Exposures ------------------------------------------------------------------------------------------------------
# Raw rows and ids as they came, amounts that may be of one account, and tables that other marts are computed from.
NOT_PUBLISHED = {
    "feature_value",
    "segment_matrix",
    "segment_pricing",
    "segment_totals",
    "persona_quotes",
    "segment_drafts",
    "rejected_rows",
    "input_drift",
    "unreadable_values",
    "unknown_ids",
    "amounts_by_owner",
    "driver_amounts",
    "driver_conditions",
    "driver_hypotheses",
    "driver_observations",
    "driver_pairs",
    "driver_tests",
    "campaign_outcomes",
    "experiment_baselines",
    "experiment_days",
    "experiment_plan",
    "experiment_tests",
    "experiment_timeline",
    "feature_adoption_counts",
    "funnel_counts",
    "profile_counts",
    "retention_counts",
    "survival_lives",
    "survival_curves",
    "survival_days",
    "survival_accounts",
    "churn_fit",
    "churn_starts",
    "churn_values",
    "cluster_fit",
    "cluster_resamples",
    "cluster_resample_fit",
    "cluster_starts",
    "cluster_values",
    "north_star_totals",
    "cohort_payments",
    "revenue_cohorts",
    *COMPARISON_PARTS,
}


def exposed(manifest: dict[str, Any], name: str) -> list[str]:
    """The models that an exposure depends on, by name."""
    return sorted(node.split(".")[-1] for node in manifest["exposures"][f"exposure.segmentation.{name}"]["depends_on"]["nodes"])


def test_every_published_mart_is_in_one_exposure(manifest: dict[str, Any], marts: dict[str, dict[str, Any]]) -> None:
    published = [
        *exposed(manifest, "published_marts"),
        *exposed(manifest, "published_user_marts"),
        *exposed(manifest, "published_clusters"),
        *exposed(manifest, "published_churn_scores"),
    ]
    audiences = {name for name, mart in marts.items() if mart["fqn"][2] == "audiences"}
    # The list of audiences may be read; who is in them may not.
    assert sorted(published) == sorted(marts.keys() - NOT_PUBLISHED - (audiences - {"audiences", "audience_results"}))
    assert sorted(audiences - {"audience_results"} - set(exposed(manifest, "audience_exports"))) == []
    for entry in manifest["exposures"].values():
        assert entry["description"] and entry["owner"]["name"] and entry["maturity"], entry["name"]


def test_public_is_what_others_may_build_on(manifest: dict[str, Any], marts: dict[str, dict[str, Any]]) -> None:
    """What an exposure or a semantic model rests on, the inputs' rejected rows, drafts, and money by month that the warehouse alone shows; the parts
    that marts are computed from are not."""
    rests_on = {
        node for kind in ("exposures", "semantic_models") for entry in manifest[kind].values() for node in entry["depends_on"]["nodes"]
    }
    assert rests_on and {manifest["nodes"][node]["config"]["access"] for node in rests_on} == {"public"}
    private = {name for name, mart in marts.items() if mart["config"]["access"] != "public"}
    unpublished = {
        "segment_matrix",
        "feature_value",
        "segment_pricing",
        "segment_totals",
        "rejected_rows",
        "input_drift",
        "unreadable_values",
        "unknown_ids",
        "revenue_cohorts",
        "segment_drafts",
        "experiment_plan",
        "persona_quotes",
    }
    assert private == NOT_PUBLISHED - unpublished


def test_what_is_published_of_a_mart_stands_in_the_module_of_its_folder() -> None:
    """And in no other: of two declarations one would be lost without a word."""
    folders = sorted({path.parent.name for path in (ROOT / "models/marts").glob("*/*.sql")})
    declared = {folder: sorted(importlib.import_module(f"publishing.rules.{folder}").MARTS) for folder in folders}
    assert declared == {folder: sorted(path.stem for path in (ROOT / "models/marts" / folder).glob("*.sql")) for folder in folders}


def test_exposures_name_what_is_published(manifest: dict[str, Any]) -> None:
    """Groups in one file, users in the other, as scripts/publishing/rules declares."""
    from publishing.declarations import Aggregates, Users
    from publishing.marts import MARTS

    optional = {*exposed(manifest, "published_clusters"), *exposed(manifest, "published_churn_scores")}
    for name, kind in (("published_marts", Aggregates), ("published_user_marts", Users)):
        declared = {mart for mart, entry in MARTS.items() if isinstance(entry, kind)} - optional
        assert sorted(declared) == exposed(manifest, name)


def test_the_exposure_of_the_report_names_what_it_reads(manifest: dict[str, Any]) -> None:
    files = [ROOT / "scripts/report.py", *(ROOT / "scripts/reporting").rglob("*.py")]
    text = "\n".join(path.read_text(encoding="utf-8") for path in files)
    read = set(re.findall(r"(?:from|join) marts\.(\w+)", text)) | set(re.findall(r"marts\.has\(\"(\w+)\"", text))
    assert sorted(read - {"publish_log"}) == sorted(exposed(manifest, "report") + exposed(manifest, "report_clusters"))


def test_who_sees_groups_sees_no_users(manifest: dict[str, Any], marts: dict[str, dict[str, Any]]) -> None:
    """No mart with a personal or sensitive column is in the file that everybody reads, nor in what is drawn from it."""
    private = {
        name for name, mart in marts.items() if any(column["config"].get("meta", {}).get("privacy") for column in mart["columns"].values())
    }
    assert {"users", "user_segments"} <= private
    for name in ("published_marts", "report", "superset_dashboard"):
        assert private.isdisjoint(exposed(manifest, name)), name
    for name in ("report", "superset_dashboard"):
        assert set(exposed(manifest, name)) <= set(exposed(manifest, "published_marts")), name


# --- Display settings -----------------------------------------------------------------------------------------------
# The keys that dbt-metabase 1.7.5 reads (dbtmetabase/manifest.py: _MODEL_META_FIELDS, _COLUMN_META_FIELDS, foreign keys).
METABASE_MODEL = {"display_name", "visibility_type", "description", "points_of_interest", "caveats"}
METABASE_COLUMN = {
    "display_name",
    "visibility_type",
    "description",
    "semantic_type",
    "has_field_values",
    "coercion_strategy",
    "number_style",
    "decimals",
    "currency",
    "fk_target_table",
    "fk_target_field",
}
METABASE_SEMANTIC_TYPES = {"type/PK", "type/FK", "type/Category", "type/Number", "type/Currency", "type/Title", "type/Description"}
# The keys of Lightdash (packages/common/src/dbt/schemas/lightdashMetadata.json of lightdash/lightdash), those in use here.
LIGHTDASH_MODEL = {"label", "joins", "order_fields_by", "primary_key"}
LIGHTDASH_JOIN = {"join", "sql_on", "relationship", "fields"}
LIGHTDASH_COLUMN = {"dimension", "metrics"}
LIGHTDASH_DIMENSION = {"label", "hidden", "format", "round"}
LIGHTDASH_METRIC = {"type", "label", "description", "format", "round", "filters"}
# Set by other parts of the project.
OWN = {"privacy", "on_forget", "owner", "needs", "needs_any", "private_traits"}


def meta_of(entry: dict[str, Any]) -> dict[str, Any]:
    return entry["config"].get("meta", {})


def test_tools_know_the_keys_of_the_display_settings(marts: dict[str, dict[str, Any]]) -> None:
    unknown = []
    for name, mart in marts.items():
        metabase = {f"metabase.{key}" for key in METABASE_MODEL}
        unknown += [f"{name}: {key}" for key in meta_of(mart).keys() - metabase - LIGHTDASH_MODEL - OWN]
        unknown += [f"{name}: join {key}" for join in meta_of(mart).get("joins", []) for key in join.keys() - LIGHTDASH_JOIN]
        metabase = {f"metabase.{key}" for key in METABASE_COLUMN}
        for column, entry in mart["columns"].items():
            meta = meta_of(entry)
            unknown += [f"{name}.{column}: {key}" for key in meta.keys() - metabase - LIGHTDASH_COLUMN - OWN]
            unknown += [f"{name}.{column}: dimension {key}" for key in meta.get("dimension", {}).keys() - LIGHTDASH_DIMENSION]
            for metric in meta.get("metrics", {}).values():
                unknown += [f"{name}.{column}: metric {key}" for key in metric.keys() - LIGHTDASH_METRIC]
                unknown += [] if metric["type"] in ("max", "sum") and metric["label"] else [f"{name}.{column}: metric {metric}"]
            if meta.get("metabase.semantic_type", "type/PK") not in METABASE_SEMANTIC_TYPES:
                unknown.append(f"{name}.{column}: {meta['metabase.semantic_type']}")
    assert unknown == []
    assert sum("metabase.display_name" in meta_of(mart) and "label" in meta_of(mart) for mart in marts.values()) > 15


def test_display_settings_name_what_is_there(marts: dict[str, dict[str, Any]]) -> None:
    """Keys, joins, foreign keys and filters; and a Lightdash metric has no column's name, which would hide the column."""
    problems = []
    for name, mart in marts.items():
        columns = mart["columns"].keys()
        if meta_of(mart).get("primary_key", sum(keys_of(mart), [])) != sum(keys_of(mart), []):
            problems.append(f"{name}: primary_key differs from the contract")
        for join in meta_of(mart).get("joins", []):
            other = marts[join["join"]]["columns"]
            wanted = f"${{{name}.segment}} = ${{{join['join']}.segment}}"
            if join["sql_on"] != wanted or "segment" not in columns or not set(join["fields"]) <= other.keys():
                problems.append(f"{name}: join {join}")
        for column, entry in mart["columns"].items():
            meta = meta_of(entry)
            target = meta.get("metabase.fk_target_table")
            if target and keys_of(marts[target]) != [[meta["metabase.fk_target_field"]]]:
                problems.append(f"{name}.{column}: {target} has another key")
            for metric, settings in meta.get("metrics", {}).items():
                filtered = {key for entries in settings.get("filters", []) for key in entries}
                if metric in columns or not filtered <= columns:
                    problems.append(f"{name}.{column}: metric {metric}")
            is_hidden = meta.get("metabase.visibility_type") == "sensitive" and meta.get("dimension", {}).get("hidden")
            if column.endswith("_hash") and not is_hidden:
                problems.append(f"{name}.{column}: a hash says nothing to people and is shown")
    assert problems == []


def test_shares_are_shown_as_percent_in_both_tools(marts: dict[str, dict[str, Any]]) -> None:
    """If a column is a percentage in one, it is in the other; lifts and shares of the marts that people chart always are."""
    problems = []
    for name, mart in marts.items():
        for column, entry in mart["columns"].items():
            meta = meta_of(entry)
            is_percent = {meta.get("metabase.number_style") == "percent", meta.get("dimension", {}).get("format") == "percent"}
            is_share = re.fullmatch(r"(share|lift)(_lower|_upper)?", column) is not None
            # In segment_overlap lift is a factor: how many times as many users share both as would by chance.
            if is_share and "metabase.display_name" in meta_of(mart) and name != "segment_overlap":
                is_percent.add(True)
            if len(is_percent) > 1:
                problems.append(f"{name}.{column}")
    assert problems == []


# --- The published file, the page and Superset ----------------------------------------------------------------------
SUPERSET = ROOT / "docs/superset"


@pytest.fixture(scope="module")
def published(published_sample: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    """The published file of the sample, open."""
    connection = duckdb.connect(str(published_sample / AGGREGATES_FILE), read_only=True)
    yield connection
    connection.close()


def file_of(connection: duckdb.DuckDBPyConnection) -> Path:
    return Path(connection.execute("select path from duckdb_databases() where not internal").fetchone()[0])


def test_the_python_on_the_page_runs(published: duckdb.DuckDBPyConnection) -> None:
    page = (ROOT / "docs/bi.md").read_text(encoding="utf-8")
    [program] = re.findall(r"^```python\n(.*?)^```", page, flags=re.MULTILINE | re.DOTALL)
    folder = file_of(published).parent.parent
    result = subprocess.run([sys.executable, "-c", program], cwd=folder, capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stderr
    lines = result.stdout.splitlines()
    assert len(lines) > 2 and all(re.search(r"\d+ users .* against .*%  q = ", line) for line in lines), result.stdout


def test_the_page_names_marts_and_columns_that_are_published(published: duckdb.DuckDBPyConnection) -> None:
    page = (ROOT / "docs/bi.md").read_text(encoding="utf-8")
    table = page.split("## Where to start", 1)[1].split("##", 1)[0]
    rows = re.findall(r"^\| (?!question)[^|]*\|([^|]*`[^|]*)\|([^|]*)\|$", table, flags=re.MULTILINE)
    assert len(rows) > 10
    wrong = []
    for marts, filters in rows:
        columns: set[str] = set()
        for mart in re.findall(r"`(\w+)`", marts):
            found = published.execute("select column_name from duckdb_columns() where table_name = ?", [mart]).fetchall()
            wrong += [] if found else [mart]
            columns |= {row[0] for row in found}
        words = re.sub(r"'[^']*'", "", " ".join(re.findall(r"`([^`]*)`", filters)))
        wrong += [f"{marts}: {word}" for word in re.findall(r"[a-z]\w+", words) if word not in columns | {"not"}]
    assert wrong == []


def read_yaml(kind: str) -> dict[str, dict[str, Any]]:
    """The Superset export's files of a kind, by uuid."""
    files = [yaml.safe_load(path.read_text(encoding="utf-8")) for path in sorted((SUPERSET / kind).rglob("*.yaml"))]
    assert files
    return {file["uuid"]: file for file in files}


def relation_of(dataset: dict[str, Any]) -> str:
    return f"({dataset['sql']})" if dataset["sql"] else f"{dataset['schema']}.{dataset['table_name']}"


def test_superset_files_fit_together() -> None:
    databases, datasets, charts = read_yaml("databases"), read_yaml("datasets"), read_yaml("charts")
    [dashboard] = read_yaml("dashboards").values()
    assert {dataset["database_uuid"] for dataset in datasets.values()} == databases.keys()
    assert {chart["dataset_uuid"] for chart in charts.values()} == datasets.keys()
    placed = [item["meta"] for item in dashboard["position"].values() if isinstance(item, dict) and item["type"] == "CHART"]
    assert sorted(meta["uuid"] for meta in placed) == sorted(charts)
    for meta in placed:
        assert meta["sliceName"] == charts[meta["uuid"]]["slice_name"]
    for name, item in dashboard["position"].items():
        if isinstance(item, dict):
            assert item["id"] == name and set(item.get("children", [])) <= dashboard["position"].keys()
    for choice in dashboard["metadata"]["native_filter_configuration"]:
        target = choice["targets"][0]
        assert target["column"]["name"] in {column["column_name"] for column in datasets[target["datasetUuid"]]["columns"]}
    [database] = databases.values()
    assert database["sqlalchemy_uri"].endswith("?access_mode=read_only") and not database["allow_dml"]


def test_superset_datasets_have_the_columns_of_the_published_marts(published: duckdb.DuckDBPyConnection, manifest: dict[str, Any]) -> None:
    """Names and types; and the exposure names the marts that they read."""
    read = set()
    for dataset in read_yaml("datasets").values():
        relation = relation_of(dataset)
        read |= set(re.findall(r"marts\.(\w+)", relation))
        found = {row[0]: row[1] for row in published.execute(f"describe select * from {relation}").fetchall()}
        assert {column["column_name"]: column["type"] for column in dataset["columns"]} == found, dataset["table_name"]
        for column in dataset["columns"]:
            assert column["is_dttm"] == (column["type"] == "DATE"), column["column_name"]
    assert sorted(read) == exposed(manifest, "superset_dashboard")


def test_every_superset_chart_shows_numbers(published: duckdb.DuckDBPyConnection) -> None:
    """Its filters, dimensions and metrics as one query, as Superset would ask it."""
    datasets = read_yaml("datasets")
    for chart in read_yaml("charts").values():
        dataset, params = datasets[chart["dataset_uuid"]], chart["params"]
        assert params["viz_type"] == chart["viz_type"]
        expressions = {metric["metric_name"]: metric["expression"] for metric in dataset["metrics"]}
        metrics = [expressions[name] for name in params.get("metrics", [params["metric"]] if "metric" in params else [])]
        dimensions = [params[key] for key in ("x_axis", "source", "target") if key in params]
        dimensions += params.get("groupby", []) + params.get("all_columns", [])
        assert set(dimensions) <= {column["column_name"] for column in dataset["columns"]}, chart["slice_name"]
        where = " and ".join(f"({clause['sqlExpression']})" for clause in params["adhoc_filters"])
        assert "select" not in where.lower(), f"{chart['slice_name']}: Superset allows no sub-query in a filter"
        sql = f"select {', '.join(dimensions + metrics)} from {relation_of(dataset)} as dataset where {where}"
        rows = published.execute(sql + (" group by all" if metrics and dimensions else "")).fetchall()
        least = 1 if params["viz_type"] == "big_number_total" else 5
        assert sum(all(value is not None for value in row) for row in rows) >= least, chart["slice_name"]


def test_the_zip_for_superset_names_the_file_and_is_for_few(tmp_path: Path) -> None:
    output = tmp_path / "new/superset.zip"
    assert superset.pack(SUPERSET, "/data/a file.duckdb", output) == len(list(SUPERSET.rglob("*.yaml")))
    assert stat.S_IMODE(output.stat().st_mode) & 0o007 == 0
    first = output.read_bytes()
    superset.pack(SUPERSET, "/data/a file.duckdb", output)
    assert output.read_bytes() == first
    with zipfile.ZipFile(output) as archive:
        names = archive.namelist()
        texts = [archive.read(name).decode() for name in names]
    assert "segments/metadata.yaml" in names
    assert sum("duckdb:////data/a%20file.duckdb?access_mode=read_only" in text for text in texts) == 1
    assert not any(superset.PLACEHOLDER in text for text in texts)


def test_a_connection_without_the_placeholder_is_refused(tmp_path: Path) -> None:
    shutil.copytree(SUPERSET, tmp_path / "superset")
    path = next((tmp_path / "superset/databases").glob("*.yaml"))
    path.write_text(path.read_text(encoding="utf-8").replace(superset.PLACEHOLDER, "/home/me/x.duckdb"), encoding="utf-8")
    with pytest.raises(ValueError, match="must name /path/to/published/segmentation.duckdb in exactly one file below databases/"):
        superset.pack(tmp_path / "superset", "/data/x.duckdb", tmp_path / "superset.zip")
    assert not (tmp_path / "superset.zip").exists()


def test_a_relative_path_for_superset_is_refused() -> None:
    result = subprocess.run(
        [sys.executable, str(ROOT / "scripts/superset.py"), "--database", "segmentation.duckdb"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert result.returncode == 2 and "must be an absolute path" in result.stderr


# --- dbt's documentation --------------------------------------------------------------------------------------------
def test_the_documentation_does_not_say_where_it_was_made() -> None:
    root = Path('/home/me/my "project"')
    page = docs.without_place(json.dumps({"root_path": str(root), "path": "models/a.sql"}), root)
    assert json.loads(page) == {"root_path": ".", "path": "models/a.sql"}


def test_a_file_is_replaced_as_a_whole_and_is_for_few(tmp_path: Path) -> None:
    """Documentation, report and the zip for Superset are written so."""
    output = tmp_path / "published/docs.html"
    before = os.umask(0)
    try:
        for content in (b"first", b"second"):
            with replacing(output) as file:
                file.write(content)
        with pytest.raises(OSError, match="full"), replacing(output) as file:
            file.write(b"third")
            assert stat.S_IMODE(os.fstat(file.fileno()).st_mode) == 0o640
            raise OSError("full")
    finally:
        os.umask(before)
    assert output.read_bytes() == b"second"
    assert stat.S_IMODE(output.stat().st_mode) == 0o640 and list(output.parent.iterdir()) == [output]


def test_without_a_warehouse_the_documentation_says_what_to_do(tmp_path: Path) -> None:
    result = subprocess.run(
        [sys.executable, str(ROOT / "scripts/docs.py")],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "SEGMENTATION_DATABASE": str(tmp_path / "none.duckdb")},
    )
    assert result.returncode == 2 and "Run `make build` first" in result.stderr
