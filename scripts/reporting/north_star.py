"""The North Star: the sentence that explains its change, and a section with the groups behind it."""

from __future__ import annotations

from html import escape
from typing import Any

from . import wording
from .html import behind, card, section, table
from .source import Marts, Row

# The lifecycle is made of activity, so a shift between its segments explains little: other partitions go before it.
LAST = "lifecycle_segment"


def read(marts: Marts) -> list[Row]:
    """The change of the newest date since the base, or since the period before if the history does not reach so far."""
    return marts.rows(
        """
        with newest as (select * from marts.north_star_mix_shift where as_of_date = data_through),
        chosen as (select min(comparison) as comparison from newest)
        select newest.* from newest inner join chosen on newest.comparison = chosen.comparison order by partition_name, group_name
        """
    )


def sentence(rows: list[Row], metric: Row, currency: str) -> str:
    """What the base and the North Star did, and because of what: the mix of users or what they do; empty without a comparison."""
    by_partition: dict[str, list[Row]] = {}
    for row in rows:
        by_partition.setdefault(row["partition_name"], []).append(row)
    whole = {name: groups for name, groups in by_partition.items() if all(_is_known(row) for row in groups)}
    known = [row for row in rows if row["overall_rate"] is not None and row["previous_overall_rate"] is not None]
    if not known:
        return ""
    unit = wording.Unit(metric["unit"], currency)
    rate, before, since = known[0]["overall_rate"], known[0]["previous_overall_rate"], wording.short_date(known[0]["previous_as_of_date"])
    moved = f"{metric['label']} per user {_verb(rate, before)} ({unit.value(before)} → {unit.value(rate)})"
    if not whole:
        return f"Since {since}, {moved}. Why cannot be said: small counts are withheld."
    sums = {name: _sums(groups) for name, groups in whole.items()}
    chosen = max(whole, key=lambda name: (name != LAST, abs(sums[name]["share_effect"]), name))
    found = sums[chosen]
    base = f"the base {_verb(found['users'], found['previous_users'])} ({found['previous_users']:,} → {found['users']:,} users)"
    is_against = found["users"] > found["previous_users"] and rate <= before
    effects = f"share effect {unit.difference(found['share_effect'])}, rate effect {unit.difference(found['rate_effect'])}"
    is_mix = abs(found["share_effect"]) > abs(found["rate_effect"])
    why = (
        "because other kinds of users are in it"
        if is_mix
        else "because the same kinds of users do " + ("less" if rate < before else "more")
    )
    if rate == before:
        why = "since both effects cancel out"
    text = f"Since {since}, {base}{', but ' if is_against else ' and '}{moved}, {why}: {effects} by {wording.words(chosen).lower()}."
    return f"{text} {_group_sentence(whole[chosen], unit, is_mix)}".strip()


def _group_sentence(groups: list[Row], unit: wording.Unit, is_mix: bool) -> str:
    """The group with the largest effect of the kind that decides."""
    column = "share_effect" if is_mix else "rate_effect"
    row = max(groups, key=lambda row: (abs(row[column]), row["group_name"]))
    name = wording.words(row["group_name"])
    if not row[column]:
        return ""
    if is_mix:
        return (
            f"The largest part: {name} went from {wording.percent(row['previous_share'])} to {wording.percent(row['share'])} of users "
            f"(share effect {unit.difference(row[column])})."
        )
    return (
        f"The largest part: {name}, {unit.value(row['previous_rate'])} → {unit.value(row['rate'])} per user "
        f"(rate effect {unit.difference(row[column])})."
    )


def written(rows: list[Row], metric: Row, currency: str, label: dict[str, str]) -> str:
    """The section."""
    unit = wording.Unit(metric["unit"], currency)
    parts = []
    for name in sorted({row["partition_name"] for row in rows}, key=lambda name: (name == LAST, name)):
        groups = [row for row in rows if row["partition_name"] == name]
        parts.append(
            behind(
                f"The change by {wording.words(name).lower()}",
                table(
                    ("Group", "Users before", "Users", "Share before", "Share", "Before", "Now", "Share effect", "Rate effect"),
                    [
                        (
                            label.get(row["group_name"], wording.words(row["group_name"])),
                            _shown(row["previous_users"]),
                            _shown(row["users"]),
                            wording.percent(row["previous_share"], withheld=True),
                            wording.percent(row["share"], withheld=True),
                            unit.value(row["previous_rate"], withheld=row["previous_users"] is None),
                            unit.value(row["rate"], withheld=row["users"] is None),
                            unit.difference(row["share_effect"]),
                            unit.difference(row["rate_effect"]),
                        )
                        for row in groups
                    ],
                    f"North Star by {wording.words(name).lower()}",
                ),
            )
        )
    text = sentence(rows, metric, currency)
    return section(
        "north-star",
        "North Star",
        card(
            f"<h3>{escape(metric['label'])}</h3><p>{escape(metric['description'])}</p><p>{escape(text)}</p>"
            f'<p class="small">The share effect is what a changed mix of users adds, the rate effect what the same kinds of users do '
            f"otherwise; together they are the change.</p>{''.join(parts)}"
        ),
    )


def _is_known(row: Row) -> bool:
    return all(row[name] is not None for name in ("users", "previous_users", "share_effect", "rate_effect"))


def _sums(groups: list[Row]) -> dict[str, Any]:
    return {name: sum(row[name] for row in groups) for name in ("users", "previous_users", "share_effect", "rate_effect")}


def _verb(now: float, before: float) -> str:
    if now == before or not before:
        return "stayed the same" if now == before else "rose from nothing"
    change = wording.percent(abs(now / before - 1))
    return f"{'grew' if now > before else 'fell'} by {change}"


def _shown(value: int | None) -> str:
    return wording.number(value, 0, withheld=True)
