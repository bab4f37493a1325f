"""The card of a segment: who stands for it, if somebody wrote that, and what the data say of its people."""

from __future__ import annotations

from typing import Any

from . import wording
from .segments import value_in_words
from .source import Marts, Row

# Line of the card, topic_kind.
TOPICS = (("Talks about", "theme"), ("Likes", "like"), ("Dislikes", "dislike"), ("Asks support about", "ticket"))
MOST = 3


def cards(marts: Marts, typical: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """One card per segment: personas as they were written, then lines from the data; `typical` is what profiles() found."""
    found: dict[str, dict[str, Any]] = {}
    if marts.has("segment_personas"):
        for row in marts.rows(
            "select segment, persona, backstory, goals, frustrations from marts.segment_personas order by segment, persona"
        ):
            written = [[name, row[column]] for name, column in (("Goals", "goals"), ("Frustrations", "frustrations")) if row[column]]
            card = found.setdefault(row["segment"], {"personas": [], "lines": []})
            card["personas"].append({"name": row["persona"], "story": row["backstory"] or "", "lines": written})
    for segment, rows in typical.items():
        traits = [str(label) for label, *_ in rows["rows"][:MOST]]
        if traits:
            line(found, segment, "Typical traits", traits)
    if marts.has("segment_profiles"):
        for name, attribute in (("Needs", "primary_need"), ("Typical day", "day_part"), ("Days a month", "active_days_28d_band")):
            for row in commonest(marts, attribute):
                line(found, row["segment"], name, [f"{value_in_words(row['attribute_value'])} ({wording.percent(row['share'])})"])
    if marts.has("segment_topics"):
        for name, kind in TOPICS:
            for segment, rows in topics(marts, kind).items():
                line(found, segment, name, [f"{wording.words(row['topic']).lower()} ({wording.percent(row['mean'])})" for row in rows])
    return found


def line(found: dict[str, dict[str, Any]], segment: str, name: str, texts: list[str]) -> None:
    """One more line from the data on the card of a segment."""
    found.setdefault(segment, {"personas": [], "lines": []})["lines"].append([name, "; ".join(texts)])


def commonest(marts: Marts, attribute: str) -> list[Row]:
    """The value of an attribute that most members of each segment have, among those where it is known."""
    return marts.rows(
        """
        select segment, attribute_value, share from marts.segment_profiles
        where attribute = $attribute and attribute_value not in ('__unknown__', '__other__') and share is not null
        qualify row_number() over (partition by segment order by share desc, attribute_value) = 1
        order by segment
        """,
        attribute=attribute,
    )


def topics(marts: Marts, kind: str) -> dict[str, list[Row]]:
    """Of each segment the topics that most of those who were asked raised."""
    rows = marts.rows(
        """
        select segment, topic, mean from marts.segment_topics
        where topic_kind = $kind and users > 0 and mean is not null
        qualify row_number() over (partition by segment order by mean desc, topic) <= $most
        order by segment, mean desc, topic
        """,
        kind=kind,
        most=MOST,
    )
    found: dict[str, list[Row]] = {}
    for row in rows:
        found.setdefault(row["segment"], []).append(row)
    return found
