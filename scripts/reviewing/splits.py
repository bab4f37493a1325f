"""Segments that are two unlike halves: their average describes nobody in them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from suggesting.conditions import Condition, conditions_of, number, rounded
from suggesting.search import halves_of
from suggesting.statistics import Accounts, differences, standardized
from suggesting.table import UserTable

Array = np.ndarray[Any, np.dtype[Any]]

# Each part holds at least so much of the segment.
SMALLEST_PART = 0.3
# The parts differ by so many standard deviations of their users, beyond chance: z over all accounts, and in each half of them.
UNLIKE, SURE, SURE_IN_HALF = 1.0, 5.0, 2.5
# Two heaps with a gap between them: the cut explains so much of the variance. Of a normal distribution it is 64 %, of an even one 75 %.
TWO_HEAPS = 0.85


@dataclass(frozen=True)
class Split:
    """A segment, where it could be cut, and how its parts differ."""

    segment: str
    condition: str
    outcome: str
    share: float
    inside: float
    outside: float
    distance: float

    def why(self) -> str:
        """In words."""
        return (
            f"It is two unlike parts: {self.share:.0%} of it are users with {self.condition}. {self.outcome} is {_written(self.inside)} there and "
            f"{_written(self.outside)} in the rest of it, {self.distance:.1f} standard deviations apart, and elsewhere this is not so."
        )


def _written(value: float) -> str:
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3g}"


def splits(table: UserTable, fewest: int) -> list[Split]:
    """For each segment the cut that shows the most, if its parts are unlike. `fewest`: users that each part has at least."""
    conditions = conditions_of(table.features, 0.0)
    half = halves_of(table.accounts, 1) if len(table.accounts) else np.zeros(0, dtype=int)
    found = []
    for segment, members in sorted(table.segments.items()):
        options = [
            option
            for outcome in table.outcomes
            for option in (
                _by_trait(table, segment, members, outcome, conditions, half, fewest),
                _by_gap(table, segment, members, outcome, fewest),
            )
            if option is not None
        ]
        if options:
            found.append(max(options, key=lambda option: option.distance))
    return found


def _by_trait(
    table: UserTable, segment: str, members: Array, outcome: str, conditions: list[Condition], half: Array, fewest: int
) -> Split | None:
    """The trait by which the segment falls into parts that differ in the outcome, while everybody else does not."""
    values = table.outcomes[outcome]
    known = members & ~np.isnan(values)
    count = int(known.sum())
    usable = []
    for condition in conditions:
        inside = int((condition.users & known).sum())
        is_halves = min(inside, count - inside) >= max(fewest, SMALLEST_PART * count)
        if is_halves and not table.is_circular(outcome, condition):
            usable.append(condition)
    accounts = Accounts(table.accounts, half, known)
    if not usable or len(accounts.sizes) < 8:
        return None
    columns = np.array([condition.users for condition in usable]).T
    # Of the members alone: everybody else is unknown here.
    own = standardized(np.where(known, values, np.nan))
    found = differences(
        columns, own, accounts, np.zeros((len(values), 0)), np.ones((1, len(accounts.sizes)), np.float32), np.zeros(len(usable), int)
    )
    best = None
    for place in np.argsort(-np.abs(found.z)):
        if abs(found.z[place]) < SURE:
            break
        condition = usable[place]
        one, other = values[known & condition.users], values[known & ~condition.users]
        distance = _distance(one, other)
        outside = ~members & ~np.isnan(values)
        elsewhere = _distance(values[outside & condition.users], values[outside & ~condition.users])
        is_held = (np.abs(found.half_z[:, place]) >= SURE_IN_HALF).all() and found.half_z[0, place] * found.half_z[1, place] > 0
        # Compared with its sign: where everybody else differs the other way round, that is of the segment, too.
        is_own = elsewhere * np.sign(distance) <= 0.5 * abs(distance)
        if abs(distance) >= UNLIKE and is_held and is_own and (best is None or abs(distance) > best.distance):
            best = Split(
                segment,
                condition.words,
                table.labels[outcome],
                len(one) / count,
                float(one.mean()),
                float(other.mean()),
                float(abs(distance)),
            )
    return best


def _by_gap(table: UserTable, segment: str, members: Array, outcome: str, fewest: int) -> Split | None:
    """The bound between two heaps of the outcome itself, if everybody else is not two heaps as well."""
    values = table.outcomes[outcome]
    inside, outside = (values[users & ~np.isnan(values)] for users in (members, ~members))
    cut = _gap(inside, fewest)
    if cut is None or _gap(outside, 1) is not None:
        return None
    low, high = inside[inside < cut], inside[inside >= cut]
    return Split(
        segment,
        f"{table.labels[outcome]} of {number(rounded(float(high.min())))} or more",
        table.labels[outcome],
        len(high) / len(inside),
        float(high.mean()),
        float(low.mean()),
        abs(_distance(high, low)),
    )


def _gap(values: Array, fewest: int) -> float | None:
    """The least value of the upper heap, if there are two heaps of about half each; None for one heap, or for labels."""
    values = np.sort(values)
    if len(values) < 2 * fewest or len(np.unique(values)) < 5:
        return None
    count, total = np.arange(1, len(values)), np.cumsum(values)
    left, right = total[:-1] / count, (total[-1] - total[:-1]) / (len(values) - count)
    between = count * (len(values) - count) / len(values) ** 2 * (right - left) ** 2
    between[np.diff(values) == 0] = 0
    place = int(np.argmax(between))
    part = min(count[place], len(values) - count[place])
    is_two = between[place] >= TWO_HEAPS * values.var() and part >= max(fewest, SMALLEST_PART * len(values))
    return float(values[place + 1]) if is_two else None


def _distance(one: Array, other: Array) -> float:
    """The difference of two means in standard deviations of their users; 0 if that cannot be said."""
    if len(one) < 2 or len(other) < 2:
        return 0.0
    pooled = np.sqrt(((len(one) - 1) * one.var(ddof=1) + (len(other) - 1) * other.var(ddof=1)) / (len(one) + len(other) - 2))
    difference = float(one.mean() - other.mean())
    # Two halves that are each alike throughout are as unlike as can be.
    return difference / pooled if pooled > 1e-12 else float(np.sign(difference)) * 99.0
