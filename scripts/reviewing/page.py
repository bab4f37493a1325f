"""The page of a review, in Markdown: what is due, what changed, what came of it, and what to do with the segments."""

from __future__ import annotations

import datetime
import re
from collections.abc import Iterable
from pathlib import Path

import yaml

from .facts import Facts, Row
from .proposals import Proposal

MISSING = "–"


def page(facts: Facts, found: list[Proposal], valid_days: int, project: Path, command: str) -> str:
    """The whole page."""
    active = [row for row in facts.segments if row["status"] == "active"]
    parts = [
        f"# Review of the segments, data through {facts.data_through}\n",
        _due(active, facts.data_through, valid_days, command),
        _proposed(found),
        _states(active),
        _acted_on(facts, active),
        _drafts(facts, project),
    ]
    return "\n".join(part for part in parts if part)


def due_state(row: Row, valid_days: int) -> str:
    """How a segment stands: overdue, due, not yet, or without a day of review."""
    age = row["review_age_days"]
    if age is None:
        return "none"
    return "overdue" if age >= 2 * valid_days - 1 else "due" if age >= valid_days else "later"


def _due(segments: list[Row], data_through: datetime.date, valid_days: int, command: str) -> str:
    rows = {state: [row for row in segments if due_state(row, valid_days) == state] for state in ("overdue", "due", "later", "none")}
    lines = ["## What is due\n"]
    if not rows["overdue"] and not rows["due"]:
        coming = min((row["reviewed_on"] for row in rows["later"]), default=None)
        then = f" The next one is due on {coming + datetime.timedelta(days=valid_days)}." if coming else ""
        lines.append(f"Nothing: every segment was reviewed in the {valid_days} days before {data_through}.{then}\n")
    else:
        lines.append(
            f"A review is good for {valid_days} days; from {2 * valid_days - 1} days on it is overdue. Ask the owner: does somebody act on it, does it still "
            f"hold the people it is named after, would anybody miss it? Then sign it off: `{command}`.\n"
        )
        lines += _table(
            ["segment", "owner", "reviewed on", "days ago", "state"],
            [
                [row["segment"], row["owner"], row["reviewed_on"], row["review_age_days"], "**OVERDUE**" if state == "overdue" else "due"]
                for state in ("overdue", "due")
                for row in sorted(rows[state], key=lambda row: (-row["review_age_days"], row["segment"]))
            ],
        )
    if rows["none"]:
        lines.append(f"Without a day of review, since they come with the package: {', '.join(row['segment'] for row in rows['none'])}.\n")
    return "\n".join(lines)


def _proposed(found: list[Proposal]) -> str:
    lines = ["## What to merge, split or retire\n"]
    if not found:
        lines.append("Nothing: no two segments hold the same users, none is dead, and none is two unlike halves.\n")
    lines += [f"- **{proposal.kind.capitalize()} {' and '.join(proposal.segments)}.** {proposal.why}" for proposal in found]
    return "\n".join(lines) + ("\n" if found else "")


def _states(segments: list[Row]) -> str:
    lines = [
        "## How they stand\n",
        "The score grades how a segment is defined and kept, not the people in it: a small one may be the best one. Drift is the change of its share of "
        "users since its review.\n",
    ]
    ordered = sorted(segments, key=lambda row: (row["score"] if row["score"] is not None else 101, -abs(row["drift"] or 0), row["segment"]))
    lines += _table(
        ["segment", "users", "share", "share at review", "drift", "score", "remarks"],
        [
            [
                row["segment"],
                _count(row["users"]),
                _percent(row["share"]),
                _percent(row["share_at_review"]),
                _percent(row["drift"], signed=True),
                row["score"],
                row["reasons"] or "",
            ]
            for row in ordered
        ],
    )
    return "\n".join(lines)


def _acted_on(facts: Facts, segments: list[Row]) -> str:
    lines = ["## What was done, and what came of it\n"]
    names = {row["segment"]: row for row in segments}
    reached = {row["segment"] for row in facts.audiences if row["delivered_through"]}
    for name, row in names.items():
        said = [
            f"audience {each['audience']} ({each['destination']}): "
            + (f"{_count(each['users'])} people by {each['delivered_through']}" if each["delivered_through"] else "not delivered yet")
            for each in facts.audiences
            if each["segment"] == name
        ]
        said += [f"campaign {each['campaign']}: {_effect(each)}" for each in facts.campaigns if each["segment"] == name and _is_clear(each)]
        said += [
            f"experiment {each['experiment']}, {each['variant']}, {each['metric']}: {_effect(each)}"
            for each in facts.experiments
            if each["segment"] == name and _is_clear(each)
        ]
        if said:
            lines.append(f"- **{name}** ({row['action'] or 'no action'}): {'; '.join(said)}.")
    measured = [each for each in [*facts.campaigns, *facts.experiments] if each["segment"] in names]
    if measured:
        clear = sum(map(_is_clear, measured))
        lines.append(
            f"\n{clear} of {len(measured)} effects that were measured within segments have an interval without 0; only these are listed. "
            "Intervals are not corrected for their number: campaign_results and experiment_results have q."
        )
    idle = [name for name in names if name not in reached]
    lines.append(f"\nNothing was ever delivered to {len(idle)} of {len(names)} segments" + (f": {', '.join(idle)}.\n" if idle else ".\n"))
    return "\n".join(lines)


def _drafts(facts: Facts, project: Path) -> str:
    drafts = [row for row in facts.segments if row["status"] == "draft"]
    if not drafts:
        return ""
    lines = [
        "## Drafts to decide on\n",
        "Nothing acts on a draft. To keep one, give it a name, a goal and an action, and remove its status; else delete its files and its line.\n",
    ]
    for row in drafts:
        lines.append(f"- **{row['segment']}** ({_count(row['users'])} users): {_description(project, row['segment']) or row['label']}")
    return "\n".join(lines) + "\n"


def _description(project: Path, name: str) -> str:
    """The description of a segment in its YAML; for a draft it holds the evidence."""
    for path in sorted((project / "models/segments").rglob(f"{name}.yml")):
        for model in (yaml.safe_load(path.read_text(encoding="utf-8")) or {}).get("models", []):
            if model.get("name") == name:
                return " ".join(str(model.get("description", "")).split())
    return ""


def _is_clear(row: Row) -> bool:
    return bool(row["difference_lower"] > 0 or row["difference_upper"] < 0)


def _effect(row: Row) -> str:
    low, middle, high = (f"{row[name]:+.3g}".replace("-", "−") for name in ("difference_lower", "difference", "difference_upper"))
    return f"{middle} ({low} to {high}) with {_count(row['n'])} users against {_count(row['baseline_n'])}"


def _table(heads: list[str], rows: Iterable[list[object]]) -> list[str]:
    def cell(value: object) -> str:
        return MISSING if value is None else re.sub(r"\s+", " ", str(value)).replace("|", "\\|")

    return [f"| {' | '.join(heads)} |", f"|{'---|' * len(heads)}", *(f"| {' | '.join(map(cell, row))} |" for row in rows), ""]


def _count(value: int | None) -> str:
    return MISSING if value is None else f"{value:,}"


def _percent(value: float | None, signed: bool = False) -> str:
    return MISSING if value is None else (f"{value:+.1%}" if signed else f"{value:.1%}").replace("-", "−")
