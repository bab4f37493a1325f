"""`make suggest`: finds small groups that were planted, proposes nothing where nothing is, and writes what a build accepts.

The numbers of a hundred samples are in tests/long/test_suggest.py.
"""

from __future__ import annotations

import datetime
import shutil
from pathlib import Path

import numpy as np
import pytest
import yaml

import new_project
import new_segment
from made_up_groups import made_up
from project_place import Place
from registries import texts_of
from render_macros import loaded_macros, macro_texts
from suggest import suggest
from suggesting.conditions import conditions_of, rounded
from suggesting.drafts import draft_of, problem, write
from suggesting.search import Group, Settings, jaccard, search
from suggesting.table import UserTable, expressions_of, read_table
from warehouse import ROOT, Warehouse

DAY = datetime.date(2026, 6, 30)


def test_planted_groups_are_found_and_noise_is_not() -> None:
    sample = made_up(4, (0.1, 0.2))
    groups = search(sample.features, sample.outcomes, sample.accounts)
    for users in sample.planted.values():
        assert max(jaccard(users, group.users) for group in groups) >= 0.7
    assert all(max(jaccard(users, group.users) for users in sample.planted.values()) >= 0.7 for group in groups)
    for group in groups:
        # Shrunken toward nothing, of the half that did not find it, and in its direction.
        assert 0 < group.effect / group.confirmed_effect < 1 and group.found_effect * group.effect > 0 and 0.2 <= abs(group.effect) < 0.8
    for seed in (1, 2, 3):
        noise = made_up(seed, ())
        assert search(noise.features, noise.outcomes, noise.accounts) == []


def test_what_exists_is_circular_or_too_large_is_not_proposed() -> None:
    sample = made_up(4, (0.2,))
    [users] = sample.planted.values()
    arguments = (sample.features, sample.outcomes, sample.accounts)
    [group] = search(*arguments)
    assert search(*arguments, existing={"there": users}) == []
    parts = {condition.feature for condition in group.conditions}
    told = search(*arguments, circular=lambda outcome, condition: outcome == group.outcome and condition.feature in parts)
    assert all(parts.isdisjoint(condition.feature for condition in each.conditions) for each in told)
    assert search(*arguments, settings=Settings(largest=0.15)) == []
    # Twice the users of an account are not twice the witnesses: of twenty accounts nothing can be said.
    few = np.searchsorted(np.unique(sample.accounts), sample.accounts) % 15
    assert search(sample.features, sample.outcomes, few) == []


def test_a_difference_that_only_one_half_of_the_accounts_shows_is_not_proposed() -> None:
    from suggesting.search import halves_of

    chance = np.random.default_rng(8)
    accounts = np.arange(2000) // 5
    some = chance.random(2000) < 0.1
    half = halves_of(accounts, Settings().seed)
    both = chance.normal(0, 1, 2000) + 0.8 * some
    one = chance.normal(0, 1, 2000) + 1.6 * (some & (half == 0))
    # In the other half there is just a trace of it.
    one[some & (half == 1)] += 0.05 - one[some & (half == 1)].mean() + one[~some & (half == 1)].mean()
    assert [group.conditions[0].sql for group in search({"some": some}, {"y": both}, accounts)] == ["some"]
    assert search({"some": some}, {"y": one}, accounts, settings=Settings(smallest_effect=0)) == []


def test_a_cluster_is_described_by_up_to_three_conditions_and_a_pair_narrowed_by_a_third() -> None:
    chance = np.random.default_rng(9)
    accounts = np.arange(3000) // 5
    features = {name: np.array(["x", "y", "z"], dtype=object)[chance.integers(0, 3, 3000)] for name in ("one", "two", "three")}
    triple = (features["one"] == "x") & (features["two"] == "x") & (features["three"] == "x")
    rest = {"four": np.array(["p", "q"], dtype=object)[chance.integers(0, 2, 3000)]}
    groups = search(features | rest, {"y": chance.normal(0, 1, 3000) + 1.5 * triple}, accounts, settings=Settings(smallest=0.03))
    assert jaccard(groups[0].users, triple) == 1 and len(groups[0].conditions) == 3
    clustered = search(
        features | rest,
        {"y": chance.normal(0, 1, 3000) + 1.5 * triple},
        accounts,
        clusters=np.where(triple, 1, 2),
        settings=Settings(smallest=0.03, error=(1e-9, 1e-9, 0.05)),
    )
    assert jaccard(clustered[0].users, triple) == 1 and clustered[0].kind == 2


def test_conditions_are_read_as_people_write_them() -> None:
    features = {
        "plan": np.array(["pro", "it's free", None, "pro", "{{ x }}", "it's free"], dtype=object),
        "seats": np.array([1, 5, np.nan, 20, 137, 20]),
        "is_admin": np.array([True, False, False, True, False, True]),
        "names": np.array([f"n{number}" for number in range(6)], dtype=object),
    }
    found = {condition.sql: condition for condition in conditions_of(features, 0.2)}
    assert "plan = 'it''s free'" in found and not any("{" in sql or "names" in sql for sql in found)
    # Six seats and more are twenty and more: the smallest bound stands for all that name the same users. Unknown is neither.
    assert found["seats >= 8"].users.tolist() == [False, False, False, True, True, True]
    assert found["seats < 8"].users.tolist() == [True, True, False, False, False, False]
    assert found["is_admin"].name == "is_admin" and found["seats >= 8"].name == "seats_at_least_8"
    assert [rounded(value) for value in (137.0, 20.4, 3_078_123.0, 0.01234, 0.0, -5.55)] == [140.0, 20.0, 3_100_000.0, 0.012, 0.0, -5.5]
    assert expressions_of("avg(case when x then 1 end)") == ("case when x then 1 end", "")
    assert expressions_of("sum(a) / sum(case when b then 1 end)") == ("a", "case when b then 1 end") and expressions_of("median(x)") is None


def group_of(*sql: str, effect: float = 0.4) -> tuple[Group, UserTable]:
    """A group of these conditions, and the table that it is of."""
    chance = np.random.default_rng(1)
    features = {
        "plan": np.array(["pro", "free"], dtype=object)[chance.integers(0, 2, 200)],
        "tenure_days": chance.integers(0, 300, 200).astype(float),
    }
    chosen = tuple(condition for condition in conditions_of(features, 0.05) if condition.sql in sql)
    users = np.logical_and.reduce([condition.users for condition in chosen])
    table = UserTable(
        DAY, np.arange(200), features, {}, {"mrr": "MRR"}, {"mrr": "finance"}, {}, {"plan": "value", "tenure_days": "customer"}
    )
    return Group(chosen, users, "mrr", 4.5 * np.sign(effect), effect, 0.6, 0.5, 1, {}), table


@pytest.fixture
def root(tmp_path: Path) -> Path:
    for folder in ("macros/segments", "macros/registries", "models/segments", "models/marts", "seeds/reference"):
        shutil.copytree(ROOT / folder, tmp_path / folder)
    return tmp_path


@pytest.mark.parametrize("is_package", [False, True])
def test_a_draft_is_what_make_segment_writes_filled_in_and_passes_the_checks_of_a_build(root: Path, is_package: bool) -> None:
    group, table = group_of("plan = 'pro'", effect=-0.4)
    draft = draft_of(group, table, is_package)
    assert problem(root, draft) is None
    [path] = write(root, [draft])
    text = path.read_text(encoding="utf-8")
    assert path == root / "models/segments/customer/plan_is_pro.sql" and "'status': 'draft'" in text
    assert f"{{{{ {'segmentation.' if is_package else ''}segment(" in text and "TODO" not in text
    assert f"        '{draft.name}',\n" in (root / new_segment.REGISTRY).read_text(encoding="utf-8")
    [model] = yaml.safe_load(path.with_suffix(".yml").read_text(encoding="utf-8"))["models"]
    assert model["name"] == "plan_is_pro" and "−0.40 standard deviations after shrinking" in model["description"]
    assert model["description"].startswith("Users for whom plan is pro, one row per user and date.")
    assert [column["name"] for column in model["columns"]] == ["user_id", "definition_hash", "plan_is_pro", "is_member", "as_of_date"]
    meta = dict(label="Plan is pro", tier="micro", status="draft", owner="finance", reviewed_on=str(DAY), name=draft.name, type=draft.kind)
    for field in ("goal", "action"):
        meta[field] = text.split(f"'{field}': '")[1].split("',\n")[0]
    macros = loaded_macros(texts_of(ROOT) | macro_texts(ROOT, "macros/segments/lint"), {})
    assert macros["_text_problems"](meta) == [] and macros["_segment_name_problems"](meta) == []
    assert "already exists" in (problem(root, draft) or "")


def test_a_draft_fits_into_a_project_that_uses_this_one_as_a_package(tmp_path: Path) -> None:
    new_project.create(ROOT, tmp_path / "shop", [])
    draft = draft_of(*group_of("plan = 'pro'"), True)
    assert problem(tmp_path / "shop", draft) is None and write(tmp_path / "shop", [draft])
    registry = (tmp_path / "shop" / new_segment.REGISTRY).read_text(encoding="utf-8")
    assert "        'plan_is_pro',\n" in registry and "default__registered_segments" in registry
    assert "The package has a model user_features" in (new_segment.name_problem(tmp_path / "shop", "user_features") or "")


def test_all_drafts_are_written_or_none(root: Path) -> None:
    before = {path: path.read_bytes() for path in root.rglob("*") if path.is_file()}
    drafts = [draft_of(*group_of("plan = 'pro'"), False), draft_of(*group_of("plan = 'free'"), False)]
    (root / "models/segments/customer/plan_is_free.yml").write_text("", encoding="utf-8")
    with pytest.raises(FileExistsError):
        write(root, drafts)
    (root / "models/segments/customer/plan_is_free.yml").unlink()
    assert {path: path.read_bytes() for path in root.rglob("*") if path.is_file()} == before


def test_the_table_of_the_sample_holds_nothing_sensitive_and_knows_what_is_circular(sample_warehouse: Warehouse) -> None:
    table = read_table(sample_warehouse.database, ROOT)
    [(users,)] = sample_warehouse.query("select count(*) from marts.users")
    assert len(table.accounts) == users and {"plan", "tenure_days", "primary_device"} <= table.features.keys()
    assert not {"gender", "age_band", "interests", "city", "job_title", "nps_score", "csat_score", "health_score"} & table.features.keys()
    sizes = dict(sample_warehouse.query("select segment, users from marts.segment_sizes where as_of_date = data_through"))
    assert {name: int(members.sum()) for name, members in table.segments.items() if name in sizes} == sizes
    conditions = {condition.feature: condition for condition in conditions_of(table.features, 0.04)}
    assert table.is_circular("mrr", conditions["plan"]) and table.is_circular("active_users_28d", conditions["sessions_28d"])
    assert table.is_circular("retained_users_28d", conditions["primary_device"]) and not table.is_circular(
        "active_users_28d", conditions["plan"]
    )
    # A metric's mean over everybody is that of the mart.
    expected = dict(
        sample_warehouse.query(
            "select distinct metric, baseline_mean from marts.segment_comparison where baseline = 'all' and as_of_date = data_through"
        )
    )
    for name in ("active_users_28d", "trial_conversion"):
        assert np.nanmean(table.outcomes[name]) == pytest.approx(expected[name], abs=1e-6)


@pytest.mark.long
def test_a_dry_run_on_the_sample_writes_nothing(sample_warehouse: Warehouse) -> None:
    before = (ROOT / new_segment.REGISTRY).read_bytes()
    said = suggest(Place(ROOT, sample_warehouse.database), 1, is_dry=True)
    assert said.startswith("Looked at 1,487 users") and (ROOT / new_segment.REGISTRY).read_bytes() == before
