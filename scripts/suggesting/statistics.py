"""How much each of many groups differs in one outcome, with accounts as the witnesses: what the search is made of.

Users of one account resemble each other. Every column is therefore taken as its distance from a part of the account's mean (a random
effect of the account, by generalized least squares), and every sum is kept by account: the error of a difference is what the
accounts say, moderated by what the model says where they are few.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

Array = np.ndarray[Any, np.dtype[Any]]
BLOCK = 4096
# So many accounts' weight has the error of the model beside what the accounts say.
PRIOR_ACCOUNTS = 40


@dataclass
class Differences:
    """Of each group: the difference in standard deviations and its z, over all accounts and in each half."""

    z: Array
    effect: Array
    half_z: Array  # 2 × groups
    half_effect: Array
    # The largest |z| of each kind of group that chance made, one column per draw.
    by_chance: Array


def standardized(values: Array) -> Array:
    """Values without the outermost 1 % on either side, in standard deviations; unknown stays NaN."""
    known = values[~np.isnan(values)]
    if len(known) < 2:
        return np.full_like(values, np.nan)
    low, high = np.quantile(known, [0.01, 0.99])
    # What is 0 for nearly everybody, or 1, would be cut to a constant.
    held = np.clip(values, low, high) if high > low else values
    deviation = np.nanstd(held)
    return (held - np.nanmean(held)) / deviation if deviation > 0 else np.full_like(values, np.nan)


class Accounts:
    """The accounts of the users for whom an outcome is known, in order, with the half that each is in."""

    def __init__(self, accounts: Array, half: Array, known: Array) -> None:
        rows = np.flatnonzero(known)
        self.rows = rows[np.argsort(accounts[rows], kind="stable")]
        _, self.starts, self.sizes = np.unique(accounts[self.rows], return_index=True, return_counts=True)
        self.half = half[self.rows[self.starts]]

    def sums(self, columns: Array) -> Array:
        """Sums by account of columns over users in order."""
        return np.add.reduceat(columns, self.starts, axis=0)

    def spread(self, by_account: Array) -> Array:
        """Values of accounts, at each of their users."""
        return np.repeat(by_account, self.sizes, axis=0)

    def likeness(self, residual: Array) -> tuple[float, float]:
        """The variance within and between accounts, by analysis of variance."""
        means = self.sums(residual) / self.sizes
        users, count = len(residual), len(self.sizes)
        within = float(np.sum((residual - self.spread(means)) ** 2) / max(1, users - count)) if users > count else float(np.var(residual))
        usual = (users - np.sum(self.sizes**2) / users) / max(1, count - 1)
        between = (float(np.sum(self.sizes * (means - residual.mean()) ** 2)) / max(1, count - 1) - within) / max(usual, 1e-9)
        return max(within, 1e-12), max(0.0, between)


def differences(groups: Array, outcome: Array, accounts: Accounts, adjusted: Array, signs: Array, kinds: Array) -> Differences:
    """The differences of groups (users × groups) in an outcome.

    adjusted: columns (users × k) that are held constant. signs: ±1, draws × all accounts at most: what chance makes of it is seen by
    turning the residuals of whole accounts round. kinds: the kind of each group, 0, 1, …
    """
    rows = accounts.rows
    halves = accounts.spread(np.stack([accounts.half == 0, accounts.half == 1], axis=1)).astype(float)
    held = np.concatenate([halves, adjusted[rows].astype(float)], axis=1)
    values = outcome[rows]
    residual = values - held @ np.linalg.lstsq(held, values, rcond=None)[0]
    within, between = accounts.likeness(residual)
    weight = 1 - np.sqrt(within / (within + accounts.sizes * between))

    def apart(columns: Array) -> Array:
        means = accounts.sums(columns) / accounts.sizes[:, None]
        return columns - accounts.spread((weight[:, None] * means).astype(columns.dtype))

    basis, triangle = np.linalg.qr(apart(held))
    basis = basis[:, np.abs(np.diag(triangle)) > 1e-6 * max(1e-12, np.abs(np.diag(triangle)).max())]
    value = apart(values[:, None])
    value = (value - basis @ (basis.T @ value))[:, 0]
    noise = float(value @ value) / max(1, len(value) - basis.shape[1])
    count, kind_count = groups.shape[1], int(kinds.max()) + 1 if len(kinds) else 1
    found = Differences(
        np.zeros(count), np.zeros(count), np.zeros((2, count)), np.zeros((2, count)), np.zeros((kind_count, signs.shape[0]))
    )
    basis32, value32 = basis.astype(np.float32), value.astype(np.float32)[:, None]
    in_half = [accounts.half == 0, accounts.half == 1]
    for start in range(0, count, BLOCK):
        part = slice(start, min(count, start + BLOCK))
        columns = apart(groups[rows, part].astype(np.float32))
        columns -= basis32 @ (basis32.T @ columns)
        moved = accounts.sums(columns * value32)
        own = accounts.sums(columns * columns)
        found.effect[part], found.z[part], error = _tested(moved, own, noise)
        for number, of_half in enumerate(in_half):
            found.half_effect[number, part], found.half_z[number, part], _ = _tested(moved[of_half], own[of_half], noise)
        drawn = np.abs(signs[:, : len(accounts.sizes)] @ (moved / error).astype(np.float32))
        for kind in range(kind_count):
            here = kinds[part] == kind
            if here.any():
                found.by_chance[kind] = np.maximum(found.by_chance[kind], drawn[:, here].max(axis=1))
    return found


def _tested(moved: Array, own: Array, noise: float) -> tuple[Array, Array, Array]:
    """Effect, z and the error of the sum, from the sums by account."""
    total, weight = moved.sum(axis=0, dtype=np.float64), own.sum(axis=0, dtype=np.float64)
    weight = np.maximum(weight, 1e-9)
    effect = total / weight
    by_account = np.sum((moved - effect * own) ** 2, axis=0, dtype=np.float64)
    # What few accounts say of their own error is itself uncertain: it counts as much as they are.
    witnesses = weight**2 / np.maximum(np.sum(own * own, axis=0, dtype=np.float64), 1e-9)
    error = np.sqrt((witnesses * by_account + PRIOR_ACCOUNTS * noise * weight) / (witnesses + PRIOR_ACCOUNTS))
    # Nearly nothing is left of a column that is held constant.
    is_left = weight > 1.0
    error = np.where(is_left, np.maximum(error, 1e-9), np.inf)
    return effect, total / error, error
