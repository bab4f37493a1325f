"""Audiences: the list and what they changed may be read; who is in them may not."""

from __future__ import annotations

from ..declarations import Aggregates, Publication, Withheld, adds_up, hidden, shown, shown_zero_too
from .names import DATES

IS_SHARE = "metric_kind = 'binary'"
EFFECT = (
    "mean",
    "baseline_mean",
    "difference",
    "difference_lower",
    "difference_upper",
    "lift",
    "lift_lower",
    "lift_upper",
    "p_value",
    "q_value",
    "effect_size",
    "smallest_detectable_difference",
)

MARTS: dict[str, Publication] = {
    "audiences": Aggregates(
        kept=(
            "audience",
            "destination",
            "segment",
            "surface",
            "consent_column",
            "key_kind",
            "excluded_segments",
            "holdout_share",
            "max_change_share",
            *DATES,
        )
    ),
    "audience_results": Aggregates(
        kept=(
            "audience",
            "segment",
            "surface",
            "destination",
            "metric",
            "metric_kind",
            "effect_size_kind",
            "window_days",
            "first_delivered_through",
            "last_delivered_through",
            *DATES,
        ),
        # Amounts would need a grid of their own, so that one person does not show.
        rounded={name: f"case when metric_kind = 'binary' then {name} end" for name in EFFECT},
        counts=(
            shown("delivered {audience}", "sent_users"),
            shown_zero_too("delivered holdout {audience}", "held_out_users", "no_effect_reason"),
            shown_zero_too("delivered open {audience}", "unobserved_users"),
            shown("delivered sent {audience}", "n", *EFFECT, "quality", "family"),
            shown("delivered held out {audience}", "baseline_n", *EFFECT, "quality", "family"),
            shown("delivered sent did {audience}", "successes", *EFFECT, where=IS_SHARE),
            shown("delivered held out did {audience}", "baseline_successes", *EFFECT, where=IS_SHARE),
            hidden("delivered sent did not {audience}", "n - successes", where=IS_SHARE),
            hidden("delivered held out did not {audience}", "baseline_n - baseline_successes", where=IS_SHARE),
        ),
        sums=(
            adds_up("delivered {audience}", "delivered sent {audience}", "delivered sent open {audience}"),
            adds_up("delivered holdout {audience}", "delivered held out {audience}", "delivered held out open {audience}"),
            adds_up("delivered open {audience}", "delivered sent open {audience}", "delivered held out open {audience}"),
            adds_up("delivered sent {audience}", "delivered sent did {audience}", "delivered sent did not {audience}", where=IS_SHARE),
            adds_up(
                "delivered held out {audience}",
                "delivered held out did {audience}",
                "delivered held out did not {audience}",
                where=IS_SHARE,
            ),
        ),
    ),
    "audience_members": Withheld("who gets which message: read by scripts/audiences.py alone"),
    "audience_changes": Withheld("who gets which message: read by scripts/audiences.py alone"),
    "audience_deliveries": Withheld("addresses and ids at the destinations: read by scripts/audiences.py alone"),
    "audience_exposures": Withheld("who was sent and who was held out: audience_results counts them"),
    "audience_delivery_log": Withheld("how many were sent where: read by scripts/audiences.py alone"),
}
