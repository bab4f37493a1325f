"""A project of a stranger's own, begun by `make new-project`: nothing is owed but users and events."""

from __future__ import annotations

import datetime
import re
import subprocess
import sys
from collections import defaultdict
from pathlib import Path
from typing import Any, NamedTuple

import duckdb
import pytest
import yaml

import build
import new_project
from package_project import LAST_DAY, dbt, shop
from refusal import Refusal
from registries import macros_of, set_variables
from render_macros import loaded_macros, macro_texts
from warehouse import ROOT

# What is empty because nothing is wrong, nothing was found, or nobody has set a goal.
EMPTY_BY_NATURE = {
    "driver_pairs",
    "left_out_rows",
    "rejected_rows",
    "segment_drafts",
    "segment_objectives",
    "source_changes",
    "unknown_ids",
    "unreadable_values",
}
ON = {"users", "events"}


class Shop(NamedTuple):
    """The built project, and what was put into it."""

    folder: Path
    customers: list[dict[str, str]]
    visits: list[dict[str, str]]
    statuses: dict[str, str]
    output: str

    def rows(self, sql: str) -> list[tuple[Any, ...]]:
        with duckdb.connect(str(self.folder / "warehouse.duckdb"), read_only=True) as connection:
            return connection.execute(sql).fetchall()

    def active_days(self, day: datetime.date, length: int = 28, skip: int = 0) -> dict[str, int]:
        """Days with a visit among so many days up to this one, of each customer who had signed up; counted here and not in SQL."""
        end = day - datetime.timedelta(days=skip)
        days = defaultdict(set)
        for visit in self.visits:
            date = datetime.date.fromisoformat(visit["moment"][:10])
            if end - datetime.timedelta(days=length) < date <= end:
                days[visit["customer"]].add(date)
        return {each["id"]: len(days[each["id"]]) for each in self.customers if datetime.date.fromisoformat(each["since"]) <= day}


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Shop:
    """Built once, at the first try, without dbt's tests: they are seen in the long test."""
    folder = tmp_path_factory.mktemp("stranger") / "shop"
    customers, visits = shop(folder)
    through, output, statuses = dbt(folder, "build", "--exclude-resource-type", "test", "unit_test")
    assert through, output[-6000:]
    return Shop(folder, customers, visits, statuses, output)


def test_files_are_read_as_they_are_written(built: Shop) -> None:
    """Parquet, packed JSON lines and packed CSV, each by a glob: no digit of an id is lost, and no type is guessed."""
    read = set(built.rows("select event_id, user_id, event_name, occurred_at::varchar from staging.stg_events"))
    assert read == {(visit["number"], visit["customer"], visit["what"], visit["moment"]) for visit in built.visits}
    assert {int(number) % 2 for number, *_ in read} == {1} and min(int(number) for number, *_ in read) > 2**53
    assert {user for (user,) in built.rows("select user_id from staging.stg_users")} == {each["id"] for each in built.customers}
    told = dict(built.rows("select properties, count(*) from staging.stg_events group by 1"))
    assert set(told) == {None, '{"name":"browse"}', '{"name":"buy"}'} and told[None] > len(read) / 2
    types = set(built.rows("select data_type from duckdb_columns() where table_name = 'input_events'"))
    assert types == {("VARCHAR",), ("TIMESTAMP WITH TIME ZONE",)}
    assert "may be wrong" not in built.output and "lose digits" not in built.output


def test_two_variables_are_enough_and_nothing_of_the_sample_is_built(built: Shop) -> None:
    project = yaml.safe_load((built.folder / "dbt_project.yml").read_text(encoding="utf-8"))
    assert list(project["vars"]) == ["inputs"] and list(project["vars"]["inputs"]) == ["users", "events"]
    assert not [name for name in built.statuses if name.startswith("sample_")]
    assert built.rows("select count(*) from duckdb_tables() where schema_name = 'raw'") == [(0,)]
    lifecycle = macros_of(ROOT)["_all_lifecycle_segments"]()
    assert [name for (name,) in built.rows("select segment from marts.segments order by 1")] == sorted(
        [*lifecycle, "buyers", "regular_users"]
    )
    inputs = dict(built.rows("select input, rows_used from marts.input_summary where is_present"))
    assert inputs == {"users": len(built.customers), "events": len(built.visits)}


def test_features_and_segments_are_those_that_python_counts(built: Shop) -> None:
    buyers = defaultdict(set)
    for visit in built.visits:
        if visit["what"] == "buy":
            buyers[visit["customer"]].add(visit["moment"][:10])
    for day in (LAST_DAY, LAST_DAY - datetime.timedelta(days=LAST_DAY.isoweekday() % 7)):
        now, before = built.active_days(day), built.active_days(day, skip=28)
        assert dict(built.rows(f"select user_id, active_days_28d from features.user_features where as_of_date = '{day}'")) == now
        since = {each["id"]: (day - datetime.date.fromisoformat(each["since"])).days for each in built.customers}
        expected = set()
        for user, days in now.items():
            name = "new_users" if since[user] < 28 else "inactive_users" if not days else "resurrected_users" if not before[user] else None
            expected.add((user, name or ("at_risk_users" if days < 0.5 * before[user] else "engaged_users")))
            if days >= 8:
                expected.add((user, "regular_users"))
            if user in buyers and min(buyers[user]) <= str(day):
                expected.add((user, "buyers"))
        assert set(built.rows(f"select user_id, segment from marts.user_segments where as_of_date = '{day}'")) == expected
        assert len({segment for _, segment in expected}) >= 5


def test_the_comparison_is_that_of_python_and_holds_only_what_can_be_known(built: Shop) -> None:
    days = built.active_days(LAST_DAY)
    members = [count for count in days.values() if count >= 8]
    rest = [count for count in days.values() if count < 8]
    week = built.active_days(LAST_DAY, 7)
    [(n, mean, baseline_n, baseline_mean)] = built.rows(
        f"""
        select n, mean, baseline_n, baseline_mean from marts.segment_comparison
        where segment = 'regular_users' and baseline = 'rest' and metric = 'active_days_7d' and as_of_date = '{LAST_DAY}'
        """
    )
    assert (n, baseline_n) == (len(members), len(rest)) and n > 5
    assert mean == pytest.approx(sum(week[user] for user, count in days.items() if count >= 8) / n)
    assert baseline_mean == pytest.approx(sum(week[user] for user, count in days.items() if count < 8) / baseline_n)
    metrics = {metric for (metric,) in built.rows("select distinct metric from marts.segment_comparison")}
    assert metrics == {metric for (metric,) in built.rows("select metric from marts.metrics")}
    off = {"activation_rate", "mrr", "revenue_91d", "tickets_91d", "nps", "csat_score", "cac", "feature_adoption_28d", "lead_conversion"}
    assert not off & metrics and {"active_users_28d", "retained_users_28d", "health_score"} <= metrics
    # No metric is the same for everybody: 0 against 0 says nothing.
    same = built.rows(
        f"""
        select metric from marts.segment_comparison where as_of_date = '{LAST_DAY}' and baseline = 'rest'
        group by metric having count(distinct mean) <= 1
        """
    )
    assert same == []
    profiled = {name for (name,) in built.rows("select distinct attribute from marts.segment_profiles")}
    assert {"country", "tenure_band"} <= profiled and not {"plan", "company_size", "rfm_monetary", "nps_category", "crm_vendor"} & profiled
    assert built.rows("select distinct target from marts.segment_drivers order by 1") == [("reactivation",), ("retention",)]
    assert built.rows("select max(trait_count) from marts.average_user_gap") == [(3,)]


def test_the_points_of_the_health_score_go_to_what_is_known(built: Shop) -> None:
    """Without features, surveys and tickets usage and trend have all hundred points, two to one."""
    rows = built.rows(f"select active_days_28d, usage_change_28d, health_score from features.user_features where as_of_date = '{LAST_DAY}'")
    assert max(score for *_, score in rows) > 90 and min(score for *_, score in rows) < 40
    for days, change, score in rows:
        trend = 0.5 if change is None else min(1.0, max(0.0, (change + 1) / 2))
        assert score == pytest.approx(200 / 3 * min(1, days / 12) + 100 / 3 * trend)


def test_the_marts_that_are_empty_are_those_of_which_the_list_says_so(built: Shop) -> None:
    known = macros_of(ROOT, {"inputs": dict.fromkeys(ON, "here")})["is_known"]
    things = macros_of(ROOT)["_needed_things"]()
    says = {}
    for path in (ROOT / "models/marts").rglob("*.yml"):
        for model in yaml.safe_load(path.read_text(encoding="utf-8")).get("models", []):
            meta = model.get("config", {}).get("meta", {})
            needs, needs_any = meta.get("needs", []), meta.get("needs_any", ["users"])
            assert {*needs, *needs_any} <= set(things), (model["name"], needs)
            says[model["name"]] = known(needs) and any(known([name]) for name in needs_any)
    tables = [name for (name,) in built.rows("select table_name from duckdb_tables() where schema_name = 'marts'")]
    empty = {name for name in tables if built.rows(f"select count(*) from marts.{name}") == [(0,)]}
    assert empty - EMPTY_BY_NATURE == {name for name in tables if not says[name]}
    assert len(empty) > 15 and "campaign_results" in empty
    assert "| `campaign_messages` |" in (ROOT / "docs/marts.md").read_text(encoding="utf-8")


def test_a_name_that_never_occurs_costs_points(built: Shop) -> None:
    """The list of events is absent, so any name may be written: of `buy` and `bye` one never happened."""
    cards = {
        name: rest for name, *rest in built.rows("select segment, unseen_events, has_unseen_event, reasons from marts.segment_scorecard")
    }
    assert cards["buyers"][:2] == ["bye", True] and "nobody ever performed bye: correct the name" in cards["buyers"][2]
    assert all(card[:2] == ["", False] for name, card in cards.items() if name != "buyers")
    assert not any("review" in card[2] for name, card in cards.items() if name in ("new_users", "engaged_users"))


# --- Without a build ---------------------------------------------------------------------------------------------------


class Node(dict[str, Any]):
    """A node as dbt gives it to macros: its keys are attributes too."""

    __getattr__ = dict.__getitem__


def test_the_sample_is_only_what_this_project_itself_starts_from() -> None:
    sample = set_variables(ROOT)
    assert {"inputs", "events", "funnels", "audiences", "north_star", "comparison_pairs"} <= set(sample)
    defaults = {entry["name"]: entry["default"] for entry in macros_of(ROOT)["variables"]()}
    for name, ours, neutral in (("segmentation", sample, {}), ("acme", {}, sample)):
        macros = macros_of(ROOT, {"sample": sample}, project=name)
        assert {each: macros["_unchecked_setting"](each) for each in defaults} == defaults | ours
        assert name == "segmentation" or defaults != defaults | neutral
        assert set(macros["lifecycle_segments"]()) <= set(macros["registered_segments"]())
        assert (len(macros["registered_segments"]()) == 5) == (name == "acme")


def test_one_variable_turns_the_lifecycle_off() -> None:
    """A list of a project's own needs no word about it, and one that names a segment of it keeps what it names."""
    texts = macro_texts(ROOT)
    mine = "{% macro default__registered_segments() %}{{ return(['regular_users', 'at_risk_users']) }}{% endmacro %}"
    for project in ("segmentation", "acme"):
        for is_on in (True, False):
            macros = loaded_macros(texts, {"lifecycle": is_on}, project=project)
            lifecycle, registered = macros["_all_lifecycle_segments"](), macros["registered_segments"]()
            assert len(lifecycle) == 5 and [name for name in registered if name in lifecycle] == (lifecycle if is_on else [])
            for name in lifecycle:
                node = {"name": name, "package_name": "segmentation", "fqn": ["segmentation", "segments", "behavioral", name]}
                assert macros["_is_off"](Node(node, config=Node(enabled=True))) != is_on
            own = loaded_macros(texts | {"mine": mine}, {"lifecycle": is_on}, project=project)
            assert own["registered_segments"]() == ([*lifecycle, "regular_users"] if is_on else ["regular_users", "at_risk_users"])


def test_what_the_samples_company_wants_is_not_asked_of_another() -> None:
    """The focus and the targets of our segments hold here alone; a project's own keep theirs."""
    wanted = {"tier": "primary", "objective": "Keep customers", "metric": "churn_rate_91d", "target": 0.05, "target_date": "2026-12-31"}
    for package, project, lifecycle, tier in [
        ("segmentation", "segmentation", True, "primary"),
        ("segmentation", "acme", True, None),
        ("segmentation", "acme", False, "micro"),
        ("acme", "acme", False, "primary"),
    ]:
        node = {
            "name": "some_users",
            "resource_type": "model",
            "package_name": package,
            "raw_code": "select 1",
            "fqn": [package, "segments", "behavioral", "some_users"],
            "depends_on": {"nodes": []},
            "config": {"meta": {"label": "Some", "lifecycle": lifecycle, **wanted}},
        }
        macros = loaded_macros(macro_texts(ROOT), {}, nodes={"model.some_users": node}, project=project)
        entry = macros["segment_entry"]("some_users")
        assert (entry["label"], entry["tier"]) == ("Some", tier)
        assert {field for field in wanted if entry.get(field) is not None} - {"tier"} == (
            wanted.keys() - {"tier"} if package == project else set()
        )


def test_a_new_project_is_small_and_names_each_input_once(tmp_path: Path) -> None:
    files = new_project.create(ROOT, tmp_path / "Our Shop", ["subscriptions", "invoices"])
    written = "\n".join(text for path, text in files.items() if not path.startswith("models/inputs/"))
    lines = [line for line in written.splitlines() if line.strip() and not line.lstrip().startswith("#")]
    assert len(lines) <= 60 + 2
    contract = macros_of(ROOT)["inputs"]()
    project = yaml.safe_load((tmp_path / "Our Shop/dbt_project.yml").read_text(encoding="utf-8"))
    assert project["name"] == "our_shop"
    assert project["vars"]["inputs"] == {name: f"input_{name}" for name in ("users", "subscriptions", "events", "invoices")}
    for name in project["vars"]["inputs"]:
        model = (tmp_path / f"Our Shop/models/inputs/input_{name}.sql").read_text(encoding="utf-8")
        with duckdb.connect() as connection:
            relation = connection.sql(model)
            assert relation.columns == list(contract[name]["columns"]) and relation.fetchall() == []
    place = Path(yaml.safe_load(files["packages.yml"])["packages"][0]["local"])
    assert not place.is_absolute() and (tmp_path / "Our Shop" / place).resolve() == ROOT


def test_a_folder_of_files_becomes_a_source(tmp_path: Path) -> None:
    data = tmp_path / "my data"
    for name in ("users.csv", "it's {odd}.TSV.gz", "events/1.jsonl.gz", "events/2.jsonl.gz", "notes.md", ".hidden.csv"):
        (data / name).parent.mkdir(parents=True, exist_ok=True)
        (data / name).touch()
    files = new_project.create(ROOT, tmp_path / "acme", [], files=data)
    [source] = yaml.safe_load(files["models/inputs/files.yml"])["sources"]
    places = {table["name"]: table["meta"]["external_location"].format_map({}) for table in source["tables"]}
    assert set(places) == {"users", "it_s_odd", "events"}
    assert places["users"] == "read_csv('../my data/users.csv', all_varchar = true, header = true, union_by_name = true)"
    assert (
        "read_csv('../my data/it''s {odd}.TSV.gz'" in places["it_s_odd"] and "read_json('../my data/events/*.jsonl.gz'" in places["events"]
    )
    (data / "events/3.csv").touch()
    for folder, told in (
        (data, "has files of several kinds (csv, jsonl.gz)"),
        (tmp_path / "none", "is not a folder"),
        (tmp_path / "acme", "any file"),
    ):
        with pytest.raises(Refusal, match=re.escape(told)):
            new_project.create(ROOT, tmp_path / "other", [], files=folder)
        assert not (tmp_path / "other").exists()


@pytest.mark.parametrize(
    ("folder", "inputs", "told"),
    [
        ("here", ["subskriptions"], "Unknown input 'subskriptions'. Inputs are accounts, users"),
        ("segmentation", [], "'segmentation' cannot be the name of a dbt project. Choose another folder, such as "),
        ("14", [], "'14' cannot be the name"),
        ("full", [], "exists and is not empty. Choose another folder: nothing is overwritten."),
    ],
)
def test_what_cannot_be_begun_leaves_nothing_behind(tmp_path: Path, folder: str, inputs: list[str], told: str) -> None:
    (tmp_path / "full").mkdir()
    (tmp_path / "full/mine.txt").touch()
    with pytest.raises(Refusal) as refused:
        new_project.create(ROOT, tmp_path / folder, inputs)
    assert told in str(refused.value)
    assert sorted(path.name for path in tmp_path.rglob("*")) == ["full", "mine.txt"]


def test_a_missing_folder_of_the_database_is_named_with_what_to_do(tmp_path: Path) -> None:
    folder = tmp_path / "shop"
    new_project.create(ROOT, folder, [])
    profile = folder / "profiles.yml"
    profile.write_text(
        profile.read_text(encoding="utf-8").replace("path: warehouse.duckdb", "path: data/warehouse.duckdb"), encoding="utf-8"
    )
    for script in ("build.py", "publish.py"):
        run = subprocess.run(
            [sys.executable, ROOT / "scripts" / script, "--project-dir", "."], cwd=folder, capture_output=True, text=True, check=False
        )
        assert run.returncode and "The folder data does not exist, so warehouse.duckdb cannot be opened or made in it." in run.stderr
        assert "Make the folder (mkdir -p data), or correct the path of the file in " in run.stderr and "Traceback" not in run.stderr
    # What DuckDB says where dbt opens the file itself.
    with pytest.raises(duckdb.IOException) as error:
        duckdb.connect(str(folder / "data/warehouse.duckdb"))
    told = build.trouble(f"Runtime Error\n  {error.value}", folder / "data/warehouse.duckdb")
    assert told and "does not exist, so warehouse.duckdb cannot be opened or made in it" in told


def test_a_criterion_without_its_prefix_is_told_with_the_prefix() -> None:
    """The words are dbt's own; tests/long/test_package.py lets dbt say them."""
    error = (
        "Compilation Error in model buyers (models/segments/behavioral/buyers.sql)\n  'performed' is undefined. This can happen when "
        'calling a macro that does not exist. Check for typos and/or install package dependencies with "dbt deps".'
    )
    told = build.prefix_problem(error)
    assert told and told.startswith("models/segments/behavioral/buyers.sql: `performed` is a macro of the package")
    assert "write segmentation.performed(…)" in told
    assert build.prefix_problem(error.replace("performed", "perfumed")) is None
    assert build.prefix_problem("Found a cycle: a --> b") is None


def test_the_package_comes_from_git(tmp_path: Path) -> None:
    """What `dbt deps` does with an address: here a folder of this machine, elsewhere a server."""
    remote = tmp_path / "remote.git"
    subprocess.run(["git", "clone", "--quiet", "--bare", ROOT, remote], check=True)
    commit = subprocess.run(["git", "rev-parse", "HEAD"], cwd=remote, capture_output=True, text=True, check=True).stdout.strip()
    folder = tmp_path / "shop"
    new_project.create(ROOT, folder, [], git=remote.as_uri(), revision=commit)
    through, output, _ = dbt(folder, "deps")
    assert through, output
    assert (folder / "dbt_packages/segmentation/dbt_project.yml").is_file()
    assert not (folder / "dbt_packages/segmentation").is_symlink()
    assert commit in (folder / "package-lock.yml").read_text(encoding="utf-8")
