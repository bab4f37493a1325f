"""Made-up users with small groups among them that differ, for the search of suggesting/search.py."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

Array = np.ndarray[Any, np.dtype[Any]]
USERS, ACCOUNTS = 2000, 400
EFFECT = 0.5


@dataclass
class Sample:
    """A table of users, and the groups that were planted: who is in each, and the share that was asked for."""

    features: dict[str, Array]
    outcomes: dict[str, Array]
    accounts: Array
    planted: dict[float, Array]


# Traits that are the same for all users of an account.
OF_ACCOUNT = ("industry", "company_size", "region", "seats")


def made_up(seed: int, shares: tuple[float, ...], is_hard: bool = False, likeness: float = 0.1) -> Sample:
    """2,000 users of 400 accounts of unlike sizes, seven traits and one outcome, in which users of one account resemble each other.

    Each share is planted as a group of its own: one trait or two, one of which is not the same for a whole account, that raise or lower
    one outcome by half a standard deviation. A number is cut where the group needs it, not where the search looks. `is_hard`: nine traits
    and three outcomes.
    """
    chance = np.random.default_rng(seed)
    accounts = np.concatenate([np.arange(ACCOUNTS), chance.choice(ACCOUNTS, USERS - ACCOUNTS, p=_weights(chance))])

    def labels(count: int, of_account: bool) -> Array:
        chosen = chance.choice(count, ACCOUNTS if of_account else USERS, p=_falling(count))
        return np.array([f"v{each}" for each in (chosen[accounts] if of_account else chosen)], dtype=object)

    features: dict[str, Array] = {
        "industry": labels(6, True),
        "company_size": labels(4, True),
        "role": labels(6, False),
        "channel": labels(5, False),
        "device": labels(3, False),
        "is_admin": chance.random(USERS) < 0.2,
        "tenure": np.round(chance.exponential(200, USERS)),
    }
    if is_hard:
        features |= {"region": labels(5, True), "seats": np.round(np.exp(chance.normal(2.5, 1, ACCOUNTS)))[accounts]}
    outcomes, outcome_count = {}, 3 if is_hard else 1
    for number in range(outcome_count):
        shared = chance.normal(0, np.sqrt(likeness), ACCOUNTS)[accounts]
        outcomes[f"outcome_{number}"] = shared + chance.normal(0, np.sqrt(1 - likeness), USERS)
    planted: dict[float, Array] = {}
    for share in shares:
        users = _group(chance, features, share, list(planted.values()))
        planted[share] = users
        name = f"outcome_{chance.integers(outcome_count)}"
        outcomes[name] = outcomes[name] + EFFECT * chance.choice([-1, 1]) * users
    return Sample(features, outcomes, accounts, planted)


def _weights(chance: np.random.Generator) -> Array:
    weights = chance.exponential(1, ACCOUNTS) + 0.2
    return weights / weights.sum()


def _falling(count: int) -> Array:
    weights = 1 / np.arange(1, count + 1)
    return weights / weights.sum()


def _group(chance: np.random.Generator, features: dict[str, Array], share: float, others: list[Array]) -> Array:
    """Users who meet one condition or two on traits chosen at random, about as many as the share says, and not those of another group."""
    names = list(features)
    while True:
        chosen = chance.choice(len(names), chance.integers(1, 3), replace=False)
        users = np.ones(USERS, dtype=bool)
        for each in chosen:
            users &= _met(chance, features[names[each]])
        if {names[each] for each in chosen} <= set(OF_ACCOUNT):
            continue
        if abs(users.mean() - share) <= 0.05 * share and not any((users & other).sum() > 0.2 * users.sum() for other in others):
            return users


def _met(chance: np.random.Generator, values: Array) -> Array:
    if values.dtype.kind == "b":
        return values if chance.random() < 0.5 else ~values
    if values.dtype.kind == "f":
        cut = np.quantile(values, chance.uniform(0.05, 0.95))
        return values >= cut if chance.random() < 0.5 else values < cut
    return np.asarray(values == chance.choice(np.unique(values)), dtype=bool)
