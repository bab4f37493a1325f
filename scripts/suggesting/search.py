"""Looks for small groups of users that differ: a function of a table of users, their features, outcomes and accounts.

A group is one condition, a pair of conditions on different features, a pair narrowed by a third one, or up to three that describe a
cluster. It is proposed if
  it was found        one half of the accounts shows the difference (|z| of 2 or more),
  it was confirmed    the other half shows it too, in the same direction (p < 0.1),
  it is not chance    both halves together are beyond what the largest of all differences that were looked at is in 95 of 100
                      draws in which nothing is true (the residuals of whole accounts change their sign at random),
  it matters          the effect of the confirming half, shrunken, is `smallest_effect` standard deviations or more,
  it is new           its Jaccard with each segment, and with what was proposed before, is `most_alike` or less.
What was found is then held constant and the rest is looked at again, so that a group is not proposed once more as a part of itself.
Differences of large groups are held constant too, and never proposed.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from .conditions import Condition, conditions_of
from .statistics import Accounts, Differences, differences, standardized

Array = np.ndarray[Any, np.dtype[Any]]
SINGLE, PAIR, CLUSTER = 0, 1, 2


@dataclass(frozen=True)
class Settings:
    """What counts as small, as different and as new."""

    smallest: float = 0.04
    largest: float = 0.3
    fewest_users: int = 30
    fewest_accounts: int = 10
    # The chance that anything is proposed where nothing is true, divided among the kinds of groups.
    error: tuple[float, ...] = (0.03, 0.055, 0.003)
    found: float = 2.0
    confirmed: float = 1.2816
    smallest_effect: float = 0.2
    most_alike: float = 0.5
    most: int = 5
    rounds: int = 25
    draws: int = 500
    seed: int = 20261127


@dataclass
class Group:
    """A group that differs, with the evidence."""

    conditions: tuple[Condition, ...]
    users: Array
    outcome: str
    z: float
    # What is left of the effect of the half that confirmed, in standard deviations.
    effect: float
    found_effect: float
    confirmed_effect: float
    kind: int
    # Other outcomes in which it differs, with the shrunken effect.
    also: dict[str, float] = field(default_factory=dict)

    @property
    def share(self) -> float:
        return float(self.users.mean())


def jaccard(one: Array, other: Array) -> float:
    """Users in both of users in either."""
    either = int(np.count_nonzero(one | other))
    return int(np.count_nonzero(one & other)) / either if either else 0.0


def halves_of(accounts: Array, seed: int) -> Array:
    """0 or 1 for each user: the half of the account. Decided by the order of their codes and the seed alone."""
    codes = np.unique(accounts)
    side: Array = np.zeros(len(codes), dtype=int)
    side[np.random.default_rng(seed).permutation(len(codes))[: len(codes) // 2]] = 1
    return side[np.searchsorted(codes, accounts)]


@dataclass
class Candidates:
    """All groups that are looked at: users × groups, what each is made of, and its kind."""

    users: Array
    parts: list[tuple[int, ...]]
    kinds: Array
    is_small: Array


def candidates_of(
    conditions: Sequence[Condition], accounts: Array, kin: Mapping[str, set[str]], clusters: Array | None, settings: Settings
) -> Candidates:
    """Single conditions, pairs that are small, and descriptions of clusters."""
    count = len(accounts)
    fewest = max(settings.fewest_users, settings.smallest * count)
    met = np.array([condition.users for condition in conditions], dtype=bool).reshape(len(conditions), count).T
    columns = met.astype(np.float32)
    together = columns.T @ columns if len(conditions) else np.zeros((0, 0))
    size = np.diag(together)
    parts: list[tuple[int, ...]] = [(number,) for number in range(len(conditions))]
    kinds = [SINGLE] * len(parts)
    for one in range(len(conditions)):
        for other in range(one + 1, len(conditions)):
            both = together[one, other]
            if not fewest <= both <= settings.largest * count or _akin(conditions[one], conditions[other], kin):
                continue
            # Nearly all of one of them: the other adds nothing.
            if both < 0.9 * min(size[one], size[other]):
                parts.append((one, other))
                kinds.append(PAIR)
    for described in _descriptions(conditions, met, clusters, kin) if clusters is not None else []:
        if described not in parts:
            parts.append(described)
            kinds.append(CLUSTER)
    users = np.empty((count, len(parts)), dtype=bool)
    for number, part in enumerate(parts):
        users[:, number] = met[:, list(part)].all(axis=1)
    sizes = users.sum(axis=0)
    is_small = (sizes >= fewest) & (sizes <= settings.largest * count)
    for place in np.flatnonzero(is_small).tolist():
        is_small[place] = len(np.unique(accounts[users[:, place]])) >= settings.fewest_accounts
    keep = is_small | (np.array(kinds) == SINGLE)
    return Candidates(users[:, keep], [part for part, kept in zip(parts, keep) if kept], np.array(kinds, dtype=int)[keep], is_small[keep])


def _akin(one: Condition, other: Condition, kin: Mapping[str, set[str]]) -> bool:
    """Whether two conditions are about the same: one feature, or features that are computed from each other."""
    return one.feature == other.feature or bool(kin.get(one.feature, set()) & kin.get(other.feature, set()))


def _descriptions(conditions: Sequence[Condition], met: Array, clusters: Array, kin: Mapping[str, set[str]]) -> list[tuple[int, ...]]:
    """For each cluster up to three conditions that hold nearly the same users, if there are such."""
    found: list[tuple[int, ...]] = []
    for cluster in np.unique(clusters[clusters >= 0]):
        target = clusters == cluster
        chosen: list[int] = []
        users, best = np.ones(len(target), dtype=bool), 0.0
        for _ in range(3):
            options = [
                number
                for number, condition in enumerate(conditions)
                if not any(condition.feature == conditions[other].feature for other in chosen)
            ]
            if not options:
                break
            scores = [jaccard(users & met[:, number], target) for number in options]
            top = int(np.argmax(scores))
            if scores[top] <= best + 0.02:
                break
            best, users = scores[top], users & met[:, options[top]]
            chosen.append(options[top])
        if best >= 0.7 and len(chosen) > 1:
            found.append(tuple(sorted(chosen)))
    return found


def search(
    features: Mapping[str, Array],
    outcomes: Mapping[str, Array],
    accounts: Array,
    existing: Mapping[str, Array] | None = None,
    circular: Callable[[str, Condition], bool] | None = None,
    kin: Mapping[str, set[str]] | None = None,
    clusters: Array | None = None,
    settings: Settings | None = None,
) -> list[Group]:
    """The small groups that differ, the surest first.

    features: an array per feature, of text (None: unknown), numbers (NaN: unknown) or booleans. outcomes: an array of numbers each.
    accounts: a code per user. existing: who is in each segment. circular: whether a condition decides an outcome by its definition.
    kin: the groups of features that say much the same. clusters: the cluster of each user, -1 without.
    """
    settings = settings or Settings()
    kin, existing = kin or {}, existing or {}
    if len(accounts) < 2 * settings.fewest_users or len(np.unique(accounts)) < 2 * settings.fewest_accounts:
        return []
    conditions = conditions_of(features, settings.smallest)
    looked_at = candidates_of(conditions, accounts, kin, clusters, settings)
    if not looked_at.parts:
        return []
    half = halves_of(accounts, settings.seed)
    signs = np.random.default_rng(settings.seed).choice(
        np.array([-1, 1], dtype=np.float32), size=(settings.draws, len(np.unique(accounts)))
    )
    work = _Search(conditions, looked_at, accounts, half, signs, settings, kin)
    for name, values in outcomes.items():
        work.add(name, values, {each.name for each in conditions if circular and circular(name, each)})
    return work.proposals(list(existing.values()))


class _Search:
    """The search over one table: what is held constant so far, and what is left."""

    def __init__(
        self,
        conditions: list[Condition],
        looked_at: Candidates,
        accounts: Array,
        half: Array,
        signs: Array,
        settings: Settings,
        kin: Mapping[str, set[str]],
    ) -> None:
        self.conditions, self.looked_at, self.codes, self.half = conditions, looked_at, accounts, half
        self.signs, self.settings, self.kin = signs, settings, kin
        self.values: dict[str, Array] = {}
        self.accounts: dict[str, Accounts] = {}
        self.open: dict[str, Array] = {}
        self.held: dict[str, list[Array]] = {}
        self.found: dict[str, Differences] = {}

    def add(self, name: str, values: Array, own: set[str]) -> None:
        """Take up an outcome; `own`: names of conditions that decide it."""
        values = standardized(np.asarray(values, dtype=float))
        known = ~np.isnan(values)
        accounts = Accounts(self.codes, self.half, known)
        if known.sum() < 2 * self.settings.fewest_users or len(accounts.sizes) < 2 * self.settings.fewest_accounts:
            return
        allowed = [not any(self.conditions[each].name in own for each in part) for part in self.looked_at.parts]
        # Of a group enough must be known.
        seen = self.looked_at.users[known].sum(axis=0)
        is_open = np.array(allowed) & (seen >= self.settings.fewest_users) & (known.sum() - seen >= self.settings.fewest_users)
        if not is_open.any():
            return
        self.values[name], self.accounts[name], self.open[name], self.held[name] = values, accounts, is_open, []
        self._look(name)

    def _look(self, name: str) -> None:
        held = np.array(self.held[name], dtype=float).reshape(len(self.held[name]), len(self.codes)).T
        numbers = np.flatnonzero(self.open[name])
        found = differences(
            self.looked_at.users[:, numbers], self.values[name], self.accounts[name], held, self.signs, self.looked_at.kinds[numbers]
        )
        count = len(self.looked_at.parts)
        whole = Differences(np.zeros(count), np.zeros(count), np.zeros((2, count)), np.zeros((2, count)), np.zeros((3, len(self.signs))))
        whole.z[numbers], whole.effect[numbers] = found.z, found.effect
        whole.half_z[:, numbers], whole.half_effect[:, numbers] = found.half_z, found.half_effect
        whole.by_chance[: len(found.by_chance)] = found.by_chance
        self.found[name] = whole

    def _beyond_chance(self, name: str) -> Array:
        """|z| of each group over what chance makes of its kind, in all outcomes together: above 1 it is not chance."""
        limit = np.ones(3)
        for kind, error in enumerate(self.settings.error):
            most = np.max([found.by_chance[kind] for found in self.found.values()], axis=0)
            limit[kind] = max(float(np.quantile(most, 1 - error)), 1e-9)
        z = np.where(self.open[name], np.abs(self.found[name].z), 0.0)
        return z / limit[self.looked_at.kinds]

    def proposals(self, taken: list[Array]) -> list[Group]:
        """Find, hold constant, look again."""
        groups: list[Group] = []
        for _ in range(self.settings.rounds if self.found else 0):
            best = {name: self._beyond_chance(name) for name in self.found}
            name = max(best, key=lambda each: float(best[each].max()))
            number = int(best[name].argmax())
            if best[name][number] <= 1:
                break
            group = self._group(name, number)
            if group is not None:
                # The same people differ in another outcome, too.
                same = next((each for each in groups if jaccard(each.users, group.users) >= 0.7), None)
                if same is not None:
                    same.also.setdefault(name, group.effect)
                elif self._is_new(group, [*taken, *(each.users for each in groups)]):
                    groups.append(group)
                    if len(groups) == self.settings.most:
                        break
            self.held[name].append(self.looked_at.users[:, number] if group is None else group.users)
            self.open[name][number] = False
            self._look(name)
        return groups

    def _is_new(self, group: Group, others: list[Array]) -> bool:
        return all(jaccard(group.users, other) <= self.settings.most_alike for other in others)

    def _group(self, name: str, number: int) -> Group | None:
        """The group, if it is small, was found in one half and confirmed in the other, and matters; None if not."""
        if not self.looked_at.is_small[number]:
            return None
        found = self.found[name]
        halves = self._halves(found.half_z[:, number], found.half_effect[:, number])
        if halves is None:
            return None
        found_effect, confirmed_effect, z = halves
        shrunken = confirmed_effect * max(0.0, 1 - 1 / z**2)
        if abs(shrunken) < self.settings.smallest_effect:
            return None
        group = Group(
            tuple(self.conditions[each] for each in self.looked_at.parts[number]),
            self.looked_at.users[:, number],
            name,
            float(found.z[number]),
            shrunken,
            found_effect,
            confirmed_effect,
            int(self.looked_at.kinds[number]),
        )
        return self._narrowed(group) or group

    def _halves(self, z: Array, effect: Array) -> tuple[float, float, float] | None:
        """Effect of the half that found, of the one that confirmed, and the z of that; None if none did."""
        for first, second in ((0, 1), (1, 0)):
            is_same = z[first] * z[second] > 0
            if is_same and abs(z[first]) >= self.settings.found and abs(z[second]) >= self.settings.confirmed:
                return float(effect[first]), float(effect[second]), float(z[second])
        return None

    def _narrowed(self, group: Group) -> Group | None:
        """The part of a pair that a third condition leaves, if both halves show the difference there more surely than in the pair."""
        if len(group.conditions) != 2:
            return None
        settings, count = self.settings, len(self.codes)
        own = {condition.feature for condition in group.conditions}
        options = []
        for condition in self.conditions:
            if condition.feature in own or any(_akin(condition, other, self.kin) for other in group.conditions):
                continue
            users = group.users & condition.users
            left = users.sum() / max(1, group.users.sum())
            if 0.25 <= left <= 0.85 and users.sum() >= max(settings.fewest_users, settings.smallest * count):
                options.append((condition, users))
        allowed = self._allowed(group.outcome)
        options = [option for option in options if option[0].name in allowed]
        if not options:
            return None
        held = np.array(self.held[group.outcome], dtype=float).reshape(len(self.held[group.outcome]), count).T
        columns = np.array([group.users, *(users for _, users in options)]).T
        found = differences(
            columns, self.values[group.outcome], self.accounts[group.outcome], held, self.signs[:1], np.zeros(columns.shape[1], dtype=int)
        )
        sure = np.abs(found.z)
        top = 1 + int(np.argmax(sure[1:]))
        # A third condition is one of many that were tried: it must add much, in both halves.
        if sure[top] < sure[0] + 1.5 or not (np.abs(found.half_z[:, top]) > np.abs(found.half_z[:, 0])).all():
            return None
        halves = self._halves(found.half_z[:, top], found.half_effect[:, top])
        if halves is None:
            return None
        condition, users = options[top - 1]
        found_effect, confirmed_effect, z = halves
        shrunken = confirmed_effect * max(0.0, 1 - 1 / z**2)
        return Group(
            (*group.conditions, condition), users, group.outcome, float(found.z[top]), shrunken, found_effect, confirmed_effect, group.kind
        )

    def _allowed(self, name: str) -> set[str]:
        """Names of the conditions that may be used for the outcome."""
        return {self.conditions[each].name for number in np.flatnonzero(self.open[name]) for each in self.looked_at.parts[number]}
