"""A thousand experiments without an effect, by user and by account: how often their p is low, and how often the ratio raises an alarm.

tests/python/impact/test_experiments.py has 80 of each in `make test`.
"""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from made_up_experiments import company, marts_of, with_history
from mart_project import MartProject

EXPERIMENTS, ROUNDS, ALARM = 1000, 4, 0.001
METRICS = {
    "user": ["active_days", "converted", "sessions", "engagement"],
    "account": ["active_days", "converted", "sessions", "engagement", "revenue"],
}


def null_experiments(project: MartProject, drawn: str, accounts: int) -> dict[str, pd.DataFrame]:
    rng = np.random.default_rng(accounts)
    found: dict[str, list[pd.DataFrame]] = {"experiment_results": [], "experiment_checks": [], "users": []}
    for one in range(ROUNDS):
        users = [
            company(rng, f"null_{one}_{place}", accounts, drawn == "account", alone=accounts // 10)
            for place in range(EXPERIMENTS // ROUNDS)
        ]
        frame = with_history(pd.concat(users, ignore_index=True).assign(has_several_variants=False, is_observed=True))
        marts = marts_of(project, frame, [])
        for name in ("experiment_results", "experiment_checks"):
            found[name].append(marts[name].query("segment in ('__all__', 'm1')"))
        found["users"].append(frame.groupby(["experiment", "variant"]).size().unstack())
    return {name: pd.concat(frames) for name, frames in found.items()}


@pytest.mark.parametrize(("drawn", "accounts"), [("account", 60), ("account", 150), ("user", 60)])
def test_of_a_thousand_experiments_without_an_effect_as_many_find_one_as_p_says(
    mart_project: MartProject, drawn: str, accounts: int
) -> None:
    found = null_experiments(mart_project, drawn, accounts)
    for segment, rows in found["experiment_results"].groupby("segment"):
        for p in ("p_value", "cuped_p_value"):
            for metric, values in rows[rows.metric.isin(METRICS[drawn])].groupby("metric")[p]:
                tested = values.dropna()
                # Of half of 60 accounts, most have fewer than 20 in a variant.
                if len(tested) < EXPERIMENTS / 2:
                    assert segment == "m1" and accounts == 60, (metric, len(tested))
                    continue
                share = (tested < 0.05).mean()
                print(f"{drawn}, {accounts} accounts, {segment}, {metric}, {p}: {share:.4f} of {len(tested)}")
                assert abs(share - 0.05) <= 3 * math.sqrt(0.05 * 0.95 / len(tested)), (segment, metric, p)
                # Of revenue, and of 60 accounts that differ much in size, the far tail is less sure: 5 in 999 were found.
                tail = 0.004 if drawn == "account" and accounts == 60 else 0.002
                assert (tested < 0.001).mean() <= tail + 3 * math.sqrt(0.001 / len(tested)), (segment, metric, p)
    everybody = found["experiment_checks"].query("segment == '__all__'")
    assert (everybody.randomization_unit == drawn).mean() > 0.99
    alarms = everybody.is_sample_ratio_mismatch.mean()
    by_user = (stats.chisquare(found["users"].to_numpy(), axis=1).pvalue < ALARM).mean()
    print(f"alarms {alarms:.4f}; if users were counted {by_user:.4f}")
    assert alarms <= ALARM + 3 * math.sqrt(ALARM / EXPERIMENTS)
    assert drawn == "user" or by_user > 0.1
