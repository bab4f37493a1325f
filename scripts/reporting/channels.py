"""Channels: where people come from, and where those who convert do."""

from __future__ import annotations

from typing import Any

from . import wording
from .html import behind, card, section, sentences, table
from .source import Marts, Row


def written(marts: Marts, label: dict[str, str], currency: str) -> str:
    """Which channel brings people who convert, over all channels of a segment; each segment on its own."""
    rows = marts.rows(
        """
        select segment, acquisition_channel, signups, n, converted, mean, cost_per_signup, cost_per_conversion,
            {withheld:segment_channels} as is_withheld
        from marts.segment_channels order by segment, acquisition_channel
        """
    )
    if not rows:
        return ""
    money = wording.Unit("reporting currency", currency)
    totals = _channel_totals(marts, rows)
    known = {name: row for name, row in totals.items() if row["signups"]}
    found = []
    if known:
        most = max(known, key=lambda name: (known[name]["signups"], name))
        every = sum(row["signups"] for row in known.values())
        found.append(f"{wording.words(most)} brings most signups: {known[most]['signups']:,} of {every:,} that are not withheld.")
        rates = {name: row["converted"] / row["n"] for name, row in known.items() if row["n"] and row["n"] >= 5}
        if rates:
            best = max(rates, key=lambda name: (rates[name], name))
            found.append(
                f"The highest share of trials that convert is that of {wording.words(best).lower()}: {wording.percent(rates[best])} "
                f"of {known[best]['n']:,} accounts whose trial is over."
            )
    else:
        found.append("The counts by channel are withheld.")
    parts = table(
        ("Channel", "Signups", "Trials over", "Converted", "Share"),
        [
            (
                wording.words(name),
                wording.number(row["signups"], 0, withheld=True),
                wording.number(row["n"], 0, withheld=True),
                wording.number(row["converted"], 0, withheld=True),
                wording.percent(
                    row["converted"] / row["n"] if row["n"] and row["converted"] is not None else None, withheld=row["n"] is None
                ),
            )
            for name, row in totals.items()
        ],
        "Channels",
    )
    further = behind(
        "By segment, with costs",
        table(
            ("Segment", "Channel |", "Signups", "Trials over", "Converted", "Share", "Cost per signup", "Cost per conversion"),
            [
                (
                    label.get(row["segment"]) or row["segment"],
                    wording.words(row["acquisition_channel"]),
                    *(wording.number(row[name], 0, withheld=row["is_withheld"]) for name in ("signups", "n", "converted")),
                    wording.percent(row["mean"], withheld=row["is_withheld"]),
                    *(money.value(row[name], withheld=row["is_withheld"]) for name in ("cost_per_signup", "cost_per_conversion")),
                )
                for row in rows
                if row["acquisition_channel"] != "__all__"
            ],
            "Channels by segment",
        ),
    )
    return section("channels", "Channels", card(sentences(found) + parts + further))


def _channel_totals(marts: Marts, rows: list[Row]) -> dict[str, Any]:
    """Each channel over all users: the segment `__all__` if there is one, else the lifecycle added up, which holds everybody once."""
    lifecycle = {row["segment"] for row in marts.rows("select segment from marts.segments where is_lifecycle")}
    chosen = [row for row in rows if row["segment"] == "__all__"] or [row for row in rows if row["segment"] in lifecycle]
    found: dict[str, Any] = {}
    for name in dict.fromkeys(row["acquisition_channel"] for row in chosen if row["acquisition_channel"] != "__all__"):
        mine = [row for row in chosen if row["acquisition_channel"] == name]
        found[name] = {
            column: None if any(row[column] is None for row in mine) else sum(row[column] for row in mine)
            for column in ("signups", "n", "converted")
        }
    return found
