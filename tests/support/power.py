"""What counting accounts as witnesses costs: how often effects of a given size are found, and how often what is not there is."""

from __future__ import annotations

import numpy as np
import pandas as pd
from scipy import stats

from warehouse import Warehouse

DRAWN = {"users": (30, 100, 400), "accounts": (20, 50, 100)}
# In standard deviations of the metric.
EFFECTS = (0.0, 0.2, 0.5)
COLUMNS = ("active_days_28d", "mrr")


def p_values(values: np.ndarray, accounts: np.ndarray, members: np.ndarray) -> tuple[float, float]:
    """Of the randomization z of segment_comparison by users, and of the same over the root of the design effect by accounts."""
    n, rest = members.sum(), (~members).sum()
    residuals, dealt = values - values.mean(), members - members.mean()
    z = (values[members].mean() - values[~members].mean()) / np.sqrt(values.var(ddof=1) * (1 / n + 1 / rest))
    scores = residuals * dealt
    effect = max(1.0, (np.bincount(accounts, weights=scores) ** 2).sum() / (scores**2).sum())
    by_user, by_account = 2 * stats.norm.sf(abs(z) * np.array([1.0, effect**-0.5]))
    return float(by_user), float(by_account)


def shares_found(warehouse: Warehouse, draws: int, seed: int = 13) -> pd.DataFrame:
    """Segments at random of the newest date's users, to whose members an effect is added: the share with p < 0.05 before and after.

    `after` needs 30 users and 20 accounts on a side too. An effect of whole accounts differs from account to account, as effects do.
    """
    chance = np.random.default_rng(seed)
    users = pd.DataFrame(
        warehouse.records(
            "select coalesce(account_id, 'alone ' || user_id) as account, active_days_28d, mrr from features.user_features "
            "where as_of_date = (select max(as_of_date) from features.user_features) order by user_id"
        )
    )
    accounts = pd.factorize(users["account"])[0]
    rows = []
    for column in COLUMNS:
        values = users[column].astype(float).to_numpy()
        values = np.minimum(values, np.quantile(values, 0.99))
        for drawn, sizes in DRAWN.items():
            units = np.arange(len(users)) if drawn == "users" else accounts
            for size in sizes:
                for effect in EFFECTS:
                    found = np.zeros((draws, 2))
                    for draw in range(draws):
                        members = np.isin(units, chance.choice(units.max() + 1, size=size, replace=False))
                        planted = values + effect * values.std() * members
                        by_user, by_account = p_values(planted, accounts, members)
                        sides = [len(set(accounts[side])) for side in (members, ~members)]
                        is_tested = min(members.sum(), (~members).sum()) >= 30 and min(sides) >= 20
                        found[draw] = by_user < 0.05, is_tested and by_account < 0.05
                    before, after = found.mean(0)
                    rows.append({"metric": column, "drawn": drawn, "size": size, "effect": effect, "before": before, "after": after})
    return pd.DataFrame(rows)
