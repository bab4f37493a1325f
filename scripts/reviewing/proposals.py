"""What a review proposes: segments to merge, to split or to retire, each with why."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from .facts import HALF_A_YEAR, Facts
from .splits import Split


@dataclass(frozen=True)
class Proposal:
    """One proposal. Nothing is changed by it: people decide."""

    kind: str
    segments: tuple[str, ...]
    why: str


def proposals(facts: Facts, splits: Iterable[Split], max_jaccard: float) -> list[Proposal]:
    """All of them, merges first. A segment that is to be merged or retired is not to be split, too."""
    active = {row["segment"]: row for row in facts.segments if row["status"] == "active"}
    found: list[Proposal] = []
    alike = [
        (row["segment"], row["other_segment"], row["jaccard"])
        for row in facts.overlaps
        if row["jaccard"] > max_jaccard and row["segment"] in active and row["other_segment"] in active
    ]
    for names in _joined([(one, other) for one, other, _ in alike]):
        pairs = [f"{one} and {other} at Jaccard {jaccard:.2f}" for one, other, jaccard in alike if one in names]
        found.append(
            Proposal("merge", tuple(names), f"They hold nearly the same users: {'; '.join(pairs)}. Keep the one that somebody acts on.")
        )
    for name in sorted(active):
        if name in facts.dead:
            last = facts.dead[name]
            since = f"The last one was in it on {last}." if last else "Nobody was ever in it."
            found.append(Proposal("retire", (name,), f"Nobody was in it for {HALF_A_YEAR} days. {since}"))
    done = {name for proposal in found for name in proposal.segments}
    for split in splits:
        if split.segment in active and split.segment not in done:
            found.append(Proposal("split", (split.segment,), split.why()))
    return found


def _joined(pairs: list[tuple[str, str]]) -> list[list[str]]:
    """Names that hang together by pairs, each group sorted."""
    groups: list[set[str]] = []
    for pair in pairs:
        touched = [group for group in groups if group & set(pair)]
        groups = [group for group in groups if group not in touched] + [set(pair).union(*touched)]
    return sorted(sorted(group) for group in groups)
