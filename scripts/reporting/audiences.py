"""What became of the segments that were sent somewhere, beside the people who were held out."""

from __future__ import annotations

from html import escape

from . import wording
from .comparisons import SIGNIFICANT_Q
from .impact import AMOUNT, SHARE, between
from .source import Marts, Row

# Why nothing is claimed, by no_effect_reason.
REASONS = {
    "no_holdout": "Nobody was held out, so nobody knows what would have happened anyway.",
    "nobody_sent": "Everybody was held out.",
    "window_open": "Too early: the {days} days after the delivery are not over.",
    "no_spread": "Everybody has the same value.",
    "too_few_users": "Too few people to say anything.",
}


def audiences(marts: Marts, labels: dict[str, str]) -> list[dict[str, str]]:
    """Each audience that was delivered: segment, surface, sent and held out, and what may be said of its effect."""
    rows = marts.rows(
        """
        select audience, segment, surface, metric, metric_kind, no_effect_reason, sent_users, held_out_users, mean, baseline_mean, difference,
            difference_lower, difference_upper, q_value, smallest_detectable_difference, window_days, last_delivered_through,
            {withheld:audience_results} as is_withheld
        from marts.audience_results
        where no_effect_reason is distinct from 'not_delivered'
        order by audience
        """
    )
    return [
        {
            "audience": wording.words(row["audience"]),
            "segment": labels.get(row["segment"], row["segment"] or wording.NOTHING),
            "surface": wording.words(row["surface"]) if row["surface"] else wording.NOTHING,
            "claim": claim(row),
            "sent": wording.number(row["sent_users"], 0, withheld=row["is_withheld"]),
            "held_out": wording.number(row["held_out_users"], 0, withheld=row["is_withheld"]),
            "mean": unit(row).value(row["mean"], row["is_withheld"]),
            "rest": unit(row).value(row["baseline_mean"], row["is_withheld"]),
        }
        for row in rows
    ]


def unit(row: Row) -> wording.Unit:
    """How the outcome of an audience is written."""
    return SHARE if row["metric_kind"] == "binary" else AMOUNT


def claim(row: Row) -> str:
    """What a delivery changed, in a sentence; no more than its design allows."""
    if row["no_effect_reason"] in REASONS:
        return REASONS[row["no_effect_reason"]].format(days=row["window_days"])
    if row["difference"] is None or row["difference_lower"] is None:
        return "The numbers are withheld." if row["is_withheld"] else REASONS["too_few_users"]
    effect = f"{unit(row).difference(row['difference'])} ({between(unit(row), row)})"
    outcome = f"{wording.words(row['metric']).lower()} within {row['window_days']} days"
    if row["q_value"] is not None and row["q_value"] <= SIGNIFICANT_Q:
        return f"Sending it changed {outcome} by {effect}."
    text = f"Any effect on {outcome} could be chance: {effect}."
    if row["smallest_detectable_difference"] is not None:
        text += f" One of less than {unit(row).difference(abs(row['smallest_detectable_difference'])).lstrip('+')} would easily have been missed."
    return text


def table_row(row: dict[str, str]) -> str:
    """A row of the table, as HTML."""
    numbers = "".join(f'<td class="number">{escape(row[name])}</td>' for name in ("sent", "held_out", "mean", "rest"))
    told = f'<td>{escape(row["segment"])}</td><td>{escape(row["surface"])}</td><td class="prose">{escape(row["claim"])}</td>'
    return f'<tr><th scope="row">{escape(row["audience"])}</th>{told}{numbers}</tr>'
