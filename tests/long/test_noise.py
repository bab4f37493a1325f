"""p and q keep their promises in every mart and for every baseline: of 1,000 segments that mean nothing, of users and of whole
accounts, 10 to 100 accounts or 8 to 400 users, on the sample and in a company of a few large accounts and many small ones.

Of p below 0.05 there are 5 %, of p below 0.001 0.1 % within a factor of two, and among 25 such segments a q of at most 0.1 is there in
at most a tenth of families. tests/python/comparison/test_noise.py has 100 of them in `make test`; conditions of segment_drivers
that mean nothing are in test_drivers.py, experiments without effect in test_experiments.py.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from made_up_experiments import campaigns_of, fill_campaigns
from mart_project import MartProject
from noise import BASELINES, MARTS, TESTS, built_with_noise, compared_noise, compared_problems, problems, rows_of, too_small
from power import shares_found
from skewed_company import skewed_company
from warehouse import ROOT, Inputs, Warehouse

SEGMENTS, PAIRS = 1000, 40
CAMPAIGNS, ROUNDS = 1000, 4


@pytest.fixture(scope="module", params=["sample", "skewed company"])
def company(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, sample: Inputs) -> Warehouse:
    inputs = sample if request.param == "sample" else skewed_company()
    warehouse = Warehouse(tmp_path_factory.mktemp("company") / "project", {"segment_lint": "warn", "audiences": []}, analysis=True)
    warehouse.write_inputs(inputs)
    warehouse.build("--exclude-resource-type", "unit_test")
    return warehouse


@pytest.fixture(scope="module")
def noisy(company: Warehouse, tmp_path_factory: pytest.TempPathFactory) -> MartProject:
    project = built_with_noise(tmp_path_factory.mktemp("noisy") / "project", company, SEGMENTS, seed=20261127)
    project.run_models(*MARTS)
    return project


@pytest.mark.parametrize("mart", TESTS)
def test_of_what_means_nothing_p_and_q_find_what_they_say(noisy: MartProject, mart: str) -> None:
    tests = rows_of(noisy, mart)
    if tests.empty:
        pytest.skip("the sample's campaigns have an effect")
    # Where users were held out at random, ten accounts may be users enough.
    assert too_small(tests, "users" if mart == "campaigns that drew users" else "accounts") == []
    assert problems(tests, mart) == []


@pytest.mark.parametrize(("drawn", "accounts"), [("account", 60), ("account", 150), ("user", 60)])
def test_of_a_thousand_campaigns_without_an_effect_as_many_find_one_as_p_says(mart_project: MartProject, drawn: str, accounts: int) -> None:
    rng, found = np.random.default_rng(accounts), []
    for one in range(ROUNDS):
        names = [f"null_{one}_{place}" for place in range(CAMPAIGNS // ROUNDS)]
        users = campaigns_of(rng, dict.fromkeys(names, (accounts, drawn == "account")))
        fill_campaigns(mart_project, users)
        mart_project.run_models("campaign_outcomes", "campaign_results")
        found.append(mart_project.frame("select * from marts.campaign_results where segment in ('__all__', 'even')"))
    rows = pd.concat(found)
    assert (rows["randomization_unit"] == drawn).mean() > 0.98
    for segment, tests in rows[rows["family"].notna()].groupby("segment"):
        share, far = (tests["p_value"] < 0.05).mean(), (tests["p_value"] < 0.001).mean()
        print(f"{drawn}, {accounts} accounts, {segment}: p < 0.05 in {share:.4f}, p < 0.001 in {far:.5f} of {len(tests)}")
        assert abs(share - 0.05) <= 3 * (0.05 * 0.95 / len(tests)) ** 0.5, segment
        # Of 60 accounts that differ much in size the far tail is less sure, as in experiments.
        tail = 0.004 if drawn == "account" and accounts == 60 else 0.002
        assert far <= tail + 3 * (0.001 / len(tests)) ** 0.5, segment


@pytest.fixture(scope="module")
def compared(company: Warehouse, tmp_path_factory: pytest.TempPathFactory) -> pd.DataFrame:
    return compared_noise(tmp_path_factory.mktemp("compared") / "project", company, PAIRS, seed=20261127)


@pytest.mark.parametrize("baseline", BASELINES)
def test_of_what_means_nothing_the_comparison_finds_what_it_says(compared: pd.DataFrame, baseline: str) -> None:
    assert compared_problems(compared, baseline) == []


def test_the_page_says_what_honesty_costs(sample_warehouse: Warehouse) -> None:
    page = (ROOT / "docs/statistics/segment_comparison.md").read_text(encoding="utf-8")
    found = shares_found(sample_warehouse, 400)
    for (metric, drawn, size), rows in found.groupby(["metric", "drawn", "size"]):
        cells = [f"{100 * row['before']:.0f} → {100 * row['after']:.0f} %" for _, row in rows.sort_values("effect").iterrows()]
        assert f"| {metric} | {size} {drawn} | {' | '.join(cells)} |" in page
    nothing = found[found["effect"] == 0]
    assert nothing["after"].max() < 0.1 and nothing["before"].max() > 0.5
