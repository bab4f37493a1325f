"""What the report says of the segments themselves: names, sizes over time, definition, score, profile, attrition, overlap."""

from __future__ import annotations

import datetime
import re
from typing import Any

from . import wording
from .comparisons import SIGNIFICANT_Q
from .packing import cell, packed
from .source import Marts, Row

# Attribute values shown of a segment's profile, and of one attribute.
PROFILE_ROWS, PROFILE_ROWS_PER_ATTRIBUTE = 10, 2


def read_segments(marts: Marts) -> list[Row]:
    """The segments: the lifecycle first, by desirability, then by type and label; labels made unique."""
    rows = marts.rows(
        """
        select segment, label, type, tier, is_lifecycle, owner, owner_product, owner_gtm, goal, action, objective, metric, target, target_date, definition, desirability, reviewed_on
        from marts.segments
        where retired_on is null or retired_on >= data_through
        order by not is_lifecycle, desirability desc nulls last, type, lower(label), segment
        """
    )
    labels = [row["label"] for row in rows]
    for row in rows:
        if labels.count(row["label"]) > 1:
            row["label"] = f"{row['label']} ({row['segment']})"
    return rows


def sizes(marts: Marts, segments: list[Row]) -> dict[str, Any]:
    """Users, entered and left of every segment on every date, as one list per segment along `dates`."""
    rows = marts.rows(
        """
        select segment, as_of_date, users, share, population_users, entered, exited, is_provisional,
            {withheld:segment_sizes} as is_withheld
        from marts.segment_sizes order by as_of_date, segment
        """
    )
    dates = sorted({row["as_of_date"] for row in rows})
    place = {day: number for number, day in enumerate(dates)}
    found: dict[str, Any] = {
        "dates": [day.isoformat() for day in dates],
        "provisional": [False] * len(dates),
        "population": [None] * len(dates),
        "users": {},
        "share": {},
        "entered": {},
        "left": {},
    }
    for name in ("users", "share", "entered", "left"):
        found[name] = {row["segment"]: [None] * len(dates) for row in segments}
    for row in rows:
        at, withheld, segment = place[row["as_of_date"]], row["is_withheld"], row["segment"]
        found["provisional"][at] = row["is_provisional"]
        if not isinstance(found["population"][at], int):
            found["population"][at] = cell(row["population_users"], withheld)
        if segment in found["users"]:
            found["users"][segment][at] = cell(row["users"], withheld)
            found["share"][segment][at] = cell(row["share"], withheld, 4)
            found["entered"][segment][at] = cell(row["entered"], withheld and at > 0)
            found["left"][segment][at] = cell(row["exited"], withheld and at > 0)
    return found


def describe(marts: Marts, segments: list[Row], metrics: list[Row], currency: str) -> list[dict[str, Any]]:
    """One entry per segment for its page: who owns it, what it is for, how it is defined, how good it is."""
    scores = (
        {
            row["segment"]: row
            for row in marts.rows(
                """
            select segment, grade, score, reasons, most_similar_segment, highest_jaccard, review_age_days,
                {withheld:segment_scorecard} as is_withheld
            from marts.segment_scorecard
            """
            )
        }
        if marts.has("segment_scorecard")
        else {}
    )
    values = (
        {
            row["segment"]: row
            for row in marts.rows(
                "select segment, share_of_users, share_of_revenue, value_index, {withheld:segment_value} as is_withheld from marts.segment_value"
            )
        }
        if marts.has("segment_value")
        else {}
    )
    label_of = {row["segment"]: row["label"] for row in segments}
    targets = _targets(marts, segments, metrics, currency)
    entries = []
    for row in segments:
        score, value = scores.get(row["segment"]), values.get(row["segment"])
        entry = {
            "id": row["segment"],
            "label": row["label"],
            "type": wording.words(row["type"]),
            "tier": "Lifecycle" if row["is_lifecycle"] else wording.words(row["tier"]),
            "focus": row["tier"] == "primary",
            "owner": row["owner"],
            "owners": " and ".join(name for name in (row["owner_product"], row["owner_gtm"]) if name),
            "objective": row["objective"],
            "target": targets.get(row["segment"]),
            "goal": row["goal"],
            "action": row["action"],
            "reviewed": wording.date(row["reviewed_on"]),
            "sql": row["definition"],
            "score": None,
            "grade": None,
            "reasons": [],
            "similar": None,
            "revenue": None,
        }
        if score:
            entry["score"] = wording.number(score["score"], withheld=score["is_withheld"])
            entry["grade"] = score["grade"] or wording.WITHHELD
            entry["reasons"] = [reason.strip() for reason in (score["reasons"] or "").split(";") if reason.strip()]
            if score["reasons"] is None and score["is_withheld"]:
                entry["reasons"] = [wording.WITHHELD]
            if score["most_similar_segment"] and score["highest_jaccard"] is not None:
                similar = label_of.get(score["most_similar_segment"], score["most_similar_segment"])
                entry["similar"] = f"{similar} (Jaccard {wording.number(score['highest_jaccard'], 2)})"
        if value:
            entry["revenue"] = wording.percent(value["share_of_revenue"], withheld=value["is_withheld"])
        entries.append(entry)
    return entries


def _targets(marts: Marts, segments: list[Row], metrics: list[Row], currency: str) -> dict[str, str]:
    """Actual against target of each segment that has one, in words."""
    by_name = {row["metric"]: row for row in metrics}
    actual = {
        (row["segment"], row["metric"]): row
        for row in marts.rows(
            """
            select segment, metric, mean, n, {withheld:segment_comparison} as is_withheld from marts.segment_comparison
            where baseline = 'rest' and as_of_date = data_through
            """
        )
    }
    found = {}
    for row in segments:
        metric, now = by_name.get(row["metric"]), actual.get((row["segment"], row["metric"]))
        if metric is None or row["target"] is None:
            continue
        unit = wording.Unit(metric["unit"], currency)
        text = f"{metric['label']}: {unit.value(now['mean'] if now else None, bool(now and now['is_withheld']))}"
        text += f", target {unit.value(row['target'])} by {wording.date(row['target_date'])}"
        if now and now["mean"] is not None:
            is_reached = now["mean"] <= row["target"] if metric["direction"] == "down" else now["mean"] >= row["target"]
            text += " (reached)" if is_reached else " (not reached)"
        found[row["segment"]] = text
    return found


def attrition(marts: Marts) -> dict[str, list[dict[str, Any]]]:
    """The criteria of each segment in their order, with the users that are left after each."""
    rows = marts.rows(
        """
        select segment, criterion, criterion_text, criterion_number, base_users, users_after, removed_alone, near_misses,
            {withheld:segment_attrition} as is_withheld
        from marts.segment_attrition order by segment, criterion_number
        """
    )
    found: dict[str, list[dict[str, Any]]] = {}
    for row in rows:
        withheld = row["is_withheld"]
        found.setdefault(row["segment"], []).append(
            {
                "name": wording.words(row["criterion"]),
                "words": in_words(row["criterion_text"]),
                "base": cell(row["base_users"], withheld),
                "after": cell(row["users_after"], withheld),
                "removed": cell(row["removed_alone"], withheld),
                "near": cell(row["near_misses"], withheld),
            }
        )
    return found


def in_words(criterion: str | None) -> str:
    """A criterion that is a comparison in SQL, as a person would say it; anything else as it is."""
    if criterion is None:
        return "as the SQL says"
    text = re.sub(r"\b(\w+) in \(([^)]*)\)", lambda found: f"{found[1]} is one of {found[2]}", criterion)
    for sign, said in (
        (">=", "is at least"),
        ("<=", "is at most"),
        ("<>", "is not"),
        ("!=", "is not"),
        ("=", "is"),
        (">", "is above"),
        ("<", "is below"),
    ):
        text = re.sub(rf"\s*(?<![<>!=]){sign}(?![=<>])\s*", f" {said} ", text)
    text = re.sub(r"\b(\w+?)_previous_(\d+)d\b", r"\1 in the \2 days before", text)
    text = re.sub(r"\b(\w+?)_(\d+)d\b", r"\1 in \2 days", text)
    return re.sub(r"\b[a-z]+(?:_[a-z0-9]+)+\b", lambda found: found[0].replace("_", " "), text).replace("'", "").replace(" * ", " × ")


def profiles(marts: Marts) -> dict[str, dict[str, Any]]:
    """Of each segment the attribute values that differ most from the rest, among those that chance does not explain."""
    rows = marts.rows(
        """
        with shown as (
            select *, {withheld:segment_profiles} as is_withheld from marts.segment_profiles
            where q_value <= $q and not is_circular and attribute_value not in ('__unknown__', '__other__') and difference is not null
        ),
        placed as (
            select *, row_number() over (partition by segment, attribute order by abs(difference) desc, attribute_value) as place
            from shown
        )
        select segment, attribute, attribute_label, attribute_value, share, baseline_share, difference, difference_lower,
            difference_upper, share_index, q_value, n, is_withheld
        from placed where place <= $most
        qualify row_number() over (partition by segment order by abs(difference) desc, attribute, attribute_value) <= $rows
        order by segment, abs(difference) desc, attribute, attribute_value
        """,
        q=SIGNIFICANT_Q,
        most=PROFILE_ROWS_PER_ATTRIBUTE,
        rows=PROFILE_ROWS,
    )
    found: dict[str, list[dict[str, Any]]] = {}
    for row in rows:
        found.setdefault(row["segment"], []).append(
            {
                "label": f"{row['attribute_label']}: {value_in_words(row['attribute_value'])}",
                "share": cell(row["share"] * 100, decimals=2),
                "rest": cell(row["baseline_share"] * 100, decimals=2),
                "shareText": wording.percent(row["share"]),
                "restText": wording.percent(row["baseline_share"]),
                "difference": f"{_points(row['difference'])}{wording.THIN}pp",
                "interval": wording.between(_points, row["difference_lower"], row["difference_upper"]),
                "q": wording.q_value(row["q_value"]),
            }
        )
    columns = ("label", "share", "rest", "shareText", "restText", "difference", "interval", "q")
    return {segment: packed(columns, entries) for segment, entries in found.items()}


def _points(share: float) -> str:
    """A difference of shares in percentage points."""
    return wording.number(share * 100, 1, sign=True)


def value_in_words(value: str) -> str:
    """The value of an attribute: 25_34 is 25–34, head_of_sales Head of sales; what has capitals stays as it came."""
    return wording.words(value) if value == value.lower() and "_" in value else value


def overlap(marts: Marts) -> dict[str, Any]:
    """How many users two segments share, for each ordered pair."""
    rows = marts.rows(
        """
        select segment, other_segment, users_in_both, jaccard, containment, lift, {withheld:segment_overlap} as is_withheld
        from marts.segment_overlap order by segment, other_segment
        """
    )
    return packed(
        ("segment", "other", "both", "jaccard", "containment", "lift"),
        (
            {
                "segment": row["segment"],
                "other": row["other_segment"],
                "both": cell(row["users_in_both"], row["is_withheld"]),
                "jaccard": cell(row["jaccard"], row["is_withheld"], 4),
                "containment": cell(row["containment"], row["is_withheld"], 4),
                "lift": cell(row["lift"], row["is_withheld"], 2),
            }
            for row in rows
        ),
    )


def newest(marts: Marts) -> datetime.date | None:
    """Last day that the data cover; None in an empty file."""
    return marts.rows("select max(data_through) as day from marts.segment_sizes")[0]["day"]
