"""100 segments of the sample that mean nothing: p and q find no more than they say in the marts that no other test here draws them for.

tests/long/test_noise.py has 1,000 of them, in all marts, and in a company of a few large accounts.
"""

from __future__ import annotations

import pytest

from mart_project import MartProject
from noise import built_with_noise, problems, rows_of, too_small
from warehouse import Warehouse

MODELS = (
    "retention_counts",
    "funnel_counts",
    "cohort_comparison",
    "feature_adoption_counts",
    "segment_feature_adoption",
    "segment_channels",
)
MARTS = ("cohort_comparison", "segment_feature_adoption", "segment_channels")


@pytest.fixture(scope="module")
def noisy(tmp_path_factory: pytest.TempPathFactory, sample_warehouse: Warehouse) -> MartProject:
    project = built_with_noise(tmp_path_factory.mktemp("noisy") / "project", sample_warehouse, 100, seed=20261127)
    project.run_models(*MODELS)
    return project


@pytest.mark.parametrize("mart", MARTS)
def test_of_what_means_nothing_p_and_q_find_what_they_say(noisy: MartProject, mart: str) -> None:
    tests = rows_of(noisy, mart)
    assert len(tests) >= 700 and too_small(tests) == []
    assert problems(tests, mart) == []


def test_a_segment_drawn_by_chance_finds_nothing(sample_warehouse: Warehouse) -> None:
    """The vendor of an account's CRM was drawn at random in the sample (scripts/sample). On the date to decide on no mart finds anything."""
    found = []
    marts = sample_warehouse.query(
        "select distinct table_name from information_schema.columns where table_schema = 'marts' and column_name = 'q_value'"
    )
    checked = 0
    for (mart,) in marts:
        columns = {row["column_name"] for row in sample_warehouse.records(f"describe marts.{mart}")}
        if "segment" in columns:
            decisive = "and is_decision_date" if "is_decision_date" in columns else ""
            for name in sorted(column for column in columns if column.endswith("q_value")):
                ((tests, least),) = sample_warehouse.query(
                    f"select count({name}), min({name}) from marts.{mart} where segment = 'salesforce_users' {decisive}"
                )
                checked += tests
                found += [(mart, name, least)] if least is not None and least <= 0.1 else []
    assert found == [] and checked > 300
