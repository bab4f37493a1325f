"""How the segments differ from everybody else: marts.segment_comparison on the newest date, ready to be drawn."""

from __future__ import annotations

import math
from typing import Any

from . import wording
from .packing import packed
from .source import Marts, Row

# q at or below which a difference is drawn in color and may stand in a headline; goes with the 95 % intervals.
SIGNIFICANT_Q = 0.05
# A ratio outside of this is drawn at the edge: its interval says nothing more than "very many times".
RATIO_LIMITS = (0.05, 40.0)
# Marks for an axis of ratios, from the coarsest.
RATIO_TICKS = (
    (0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 40),
    (0.1, 0.25, 0.5, 0.75, 1, 1.5, 2, 3, 4, 6, 8),
    (0.4, 0.6, 0.8, 1, 1.2, 1.4, 1.6, 1.8, 2, 2.4),
    (0.7, 0.8, 0.9, 1, 1.1, 1.2, 1.3, 1.4),
)
QUALITY_NOTES = {
    "insufficient": "not enough users or accounts to test",
    "low_counts": "few cases: p is rough",
    "small_n": "too few users or accounts for a claim",
    "skewed": "skewed values: p is rough",
}
CIRCULAR = "by definition: the segment is defined by this or a related metric"
# What an interval needs to decide how far an axis reaches.
SURE = ("ok", "skewed")
REVERSED = "reverses among users of the same plan and tenure"
COLUMNS = ("segment", "metric", "value", "lower", "upper", "state", "effect", "interval", "mean", "rest", "n", "q", "note")


def read_metrics(marts: Marts) -> list[Row]:
    """The metrics: the primary ones first, in the order of their labels."""
    return marts.rows(
        """
        select metric, label, description, unit, level, direction, tier, is_north_star from marts.metrics
        order by case tier when 'primary' then 0 when 'guardrail' then 1 else 2 end, lower(label), metric
        """
    )


def read_differences(marts: Marts) -> list[Row]:
    """Every segment against the rest in every metric, on the newest date."""
    return marts.rows(
        """
        select segment, metric, quality, n, baseline_n, mean, baseline_mean, difference, difference_lower, difference_upper,
            lift, lift_lower, lift_upper, q_value, effect_size, is_circular, is_reversed,
            {withheld:segment_comparison} as is_withheld
        from marts.segment_comparison
        where baseline = 'rest' and as_of_date = data_through
        order by segment, metric
        """
    )


def read_changes(marts: Marts) -> list[Row]:
    """What changed on the newest whole period otherwise than among all other users, beyond chance; the surest first."""
    return marts.rows(
        """
        select segment, metric, quality, difference, difference_lower, difference_upper, q_value, as_of_date,
            (select max(previous_as_of_date) from marts.segment_sizes as sizes where sizes.as_of_date = changes.as_of_date) as since_date
        from marts.segment_comparison as changes
        where baseline = 'difference_in_differences' and is_decision_date and not is_circular and q_value <= $q and difference is not null
        order by q_value, segment, metric
        """,
        q=SIGNIFICANT_Q,
    )


def comparisons(metrics: list[Row], differences: list[Row], currency: str) -> dict[str, Any]:
    """All rows with texts and positions, and for each metric and segment the scale that shows them."""
    found = []
    shown_as_lift = {
        metric["metric"]: any(row["lift"] is not None for row in differences if row["metric"] == metric["metric"]) for metric in metrics
    }
    by_name = {metric["metric"]: metric for metric in metrics}
    for row in differences:
        if row["metric"] in by_name:
            found.append(drawn(row, by_name[row["metric"]], shown_as_lift[row["metric"]], currency))
    entries = []
    for metric in metrics:
        rows = [row for row in found if row["metric"] == metric["metric"]]
        unit = wording.Unit(metric["unit"], currency)
        entries.append(
            {
                "id": metric["metric"],
                "label": metric["label"],
                "description": metric["description"],
                "tier": metric["tier"],
                "isLift": shown_as_lift[metric["metric"]],
                "axis": "Lift: how much more or less than everybody else"
                if shown_as_lift[metric["metric"]]
                else f"Difference from everybody else, in {unit.axis}",
                "better": {"up": "More is better.", "down": "Less is better."}.get(metric["direction"], ""),
                "isAccount": metric["level"] == "account",
                **(ratio_scale(rows) if shown_as_lift[metric["metric"]] else linear_scale(rows)),
            }
        )
    lifts = [row for row in found if shown_as_lift[row["metric"]]]
    return {
        "metrics": entries,
        "rows": packed(COLUMNS, found),
        "bySegment": {
            segment: ratio_scale([row for row in lifts if row["segment"] == segment])
            for segment in sorted({row["segment"] for row in found})
        },
    }


def drawn(row: Row, metric: Row, as_lift: bool, currency: str) -> dict[str, Any]:
    """One comparison: where its point and interval lie, in which state it is, and what is said of it."""
    unit, withheld = wording.Unit(metric["unit"], currency), row["is_withheld"]
    if as_lift:
        value, lower, upper = (_ratio(row[name]) for name in ("lift", "lift_lower", "lift_upper"))
        effect = wording.lift(row["lift"])
        interval = wording.between(wording.lift, row["lift_lower"], row["lift_upper"])
    else:
        value, lower, upper = (unit.scaled(row[name]) for name in ("difference", "difference_lower", "difference_upper"))
        effect = unit.difference(row["difference"])
        interval = wording.between(unit.difference, row["difference_lower"], row["difference_upper"])
    if withheld and row["difference"] is None:
        effect = interval = wording.WITHHELD
    notes = [CIRCULAR] if row["is_circular"] else []
    notes += [QUALITY_NOTES[row["quality"]]] if row["quality"] in QUALITY_NOTES else []
    notes += [REVERSED] if row["is_reversed"] else []
    return {
        "segment": row["segment"],
        "metric": row["metric"],
        "value": value,
        "lower": lower,
        "upper": upper,
        "state": state(row, metric["direction"]),
        "effect": effect,
        "interval": interval,
        "mean": unit.value(row["mean"], withheld),
        "rest": unit.value(row["baseline_mean"], withheld),
        "n": f"{wording.number(row['n'], 0, withheld=withheld)} and {wording.number(row['baseline_n'], 0, withheld=withheld)}",
        "q": wording.q_value(row["q_value"]),
        "note": "; ".join(notes) or wording.NOTHING,
        "is_sure": row["quality"] in SURE,
    }


def state(row: Row, direction: str | None) -> str:
    """better or worse, different where it is neither, none where chance explains it, definition where the segment's own does."""
    if row["is_circular"]:
        return "definition"
    if row["q_value"] is None or row["q_value"] > SIGNIFICANT_Q or not row["difference"]:
        return "none"
    if row["is_reversed"] or direction not in ("up", "down"):
        return "different"
    return "better" if (row["difference"] > 0) == (direction == "up") else "worse"


def ratio_scale(rows: list[dict[str, Any]]) -> dict[str, Any]:
    """Bounds and marks of an axis of ratios, on which twice and half are equally far from 1."""
    values = _extent(rows) or [1.0]
    low, high = max(min(*values, 0.9), RATIO_LIMITS[0]) / 1.08, min(max(*values, 1.1), RATIO_LIMITS[1]) * 1.08
    span = high / low
    ticks = RATIO_TICKS[0 if span > 16 else 1 if span > 4 else 2 if span > 1.9 else 3]
    return {"low": round(low, 4), "high": round(high, 4), "ticks": [tick for tick in ticks if low <= tick <= high]}


def linear_scale(rows: list[dict[str, Any]]) -> dict[str, Any]:
    """Bounds and marks of an axis of differences."""
    values = [*(_extent(rows) or [-1.0, 1.0]), 0.0]
    low, high = min(values), max(values)
    margin = (high - low) * 0.06 or 1.0
    low, high = low - margin, high + margin
    step = 10 ** math.floor(math.log10((high - low) / 4))
    step *= 5 if (high - low) / step > 25 else 2 if (high - low) / step > 10 else 1
    ticks = [round(number * step, 10) for number in range(math.ceil(low / step), math.floor(high / step) + 1)]
    return {"low": round(low, 4), "high": round(high, 4), "ticks": ticks}


def _extent(rows: list[dict[str, Any]]) -> list[float]:
    """What an axis must reach: all points that are drawn, and the intervals of those that rest on enough users."""
    drawn_rows = [row for row in rows if row["value"] is not None and row["state"] != "definition"]
    points = [row["value"] for row in drawn_rows]
    sure = [row for row in drawn_rows if row["is_sure"]] or drawn_rows
    return points + [row[bound] for row in sure for bound in ("lower", "upper") if row[bound] is not None]


def _ratio(lift: float | None) -> float | None:
    """1 + lift within the limits; None at −100 %, which a scale of ratios cannot show."""
    if lift is None or lift <= -1:
        return None
    return round(min(max(1 + lift, RATIO_LIMITS[0]), RATIO_LIMITS[1]), 4)
