"""Funnels: how far the newest cohort came, and where most of it was lost."""

from __future__ import annotations

from . import wording
from .html import behind, card, section, sentences, table
from .source import Marts, Row


def written(marts: Marts, label: dict[str, str]) -> str:
    """The newest cohort whose time is over: how far all its users came, and where most of them were lost."""
    rows = marts.rows(
        """
        select funnel, step, event_name, segment, n, users, share, share_of_previous, cohort_date, {withheld:segment_funnels} as is_withheld
        from marts.segment_funnels
        where is_mature and cohort_date = (select max(cohort_date) from marts.segment_funnels where is_mature)
        order by funnel, segment, step
        """
    )
    if not rows:
        return ""
    found, parts = [], []
    for name in dict.fromkeys(row["funnel"] for row in rows):
        steps = [row for row in rows if row["funnel"] == name and row["segment"] == "__all__"]
        if not steps:
            continue
        found.append(_funnel_sentence(name, steps))
        last = [row for row in rows if row["funnel"] == name and row["step"] == steps[-1]["step"]]
        parts.append(
            behind(
                f"{wording.words(name)}, step by step and by segment",
                table(
                    ("Step", "Users", "Of those who began", "Of the step before"),
                    [
                        (
                            wording.words(row["event_name"]),
                            wording.number(row["users"], 0, withheld=row["is_withheld"]),
                            wording.percent(row["share"], withheld=row["is_withheld"]),
                            wording.percent(row["share_of_previous"], withheld=row["is_withheld"]),
                        )
                        for row in steps
                    ],
                    f"Steps of {wording.words(name)}",
                )
                + table(
                    ("Segment", "Users of the cohort", "Came through", "Share"),
                    [
                        (
                            label.get(row["segment"], wording.words(row["segment"])),
                            wording.number(row["n"], 0, withheld=row["is_withheld"]),
                            wording.number(row["users"], 0, withheld=row["is_withheld"]),
                            wording.percent(row["share"], withheld=row["is_withheld"]),
                        )
                        for row in sorted(last, key=lambda row: (row["share"] is None, -(row["share"] or 0), row["segment"]))
                    ],
                    f"{wording.words(name)} by segment",
                ),
            )
        )
    day = wording.short_date(rows[0]["cohort_date"])
    note = f'<p class="small">Of everybody who was a user on {day}, in the days after it. Steps count in their order.</p>'
    return section("funnels", "Funnels", card(sentences(found) + note + "".join(parts))) if found else ""


def _funnel_sentence(name: str, steps: list[Row]) -> str:
    begun = f"{wording.words(name)}: of {wording.number(steps[0]['n'], 0, withheld=True)} users"
    if any(row["users"] is None for row in steps):
        known = [row for row in steps if row["users"] is not None]
        if not known:
            return f"{begun}, how many took a step is withheld."
        return f"{begun}, {known[-1]['users']:,} got as far as {wording.words(known[-1]['event_name']).lower()}; the rest is withheld."
    text = f"{begun}, {steps[-1]['users']:,} came through ({wording.percent(steps[-1]['share'])})."
    between = [
        (later["users"] / before["users"], before, later)
        for before, later in zip(steps, steps[1:])
        if before["users"] and later["users"] is not None
    ]
    if between:
        kept, before, later = min(between, key=lambda one: (one[0], one[2]["step"]))
        text += (
            f" Most are lost between {wording.words(before['event_name']).lower()} and {wording.words(later['event_name']).lower()}: "
            f"{wording.percent(kept)} go on."
        )
    return text
