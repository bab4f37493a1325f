"""Audiences: the list may be read; who is in them may not."""

from __future__ import annotations

from ..declarations import Aggregates, Publication, Withheld
from .names import DATES

MARTS: dict[str, Publication] = {
    "audiences": Aggregates(
        kept=("audience", "destination", "segment", "key_kind", "excluded_segments", "holdout_share", "max_change_share", *DATES)
    ),
    "audience_members": Withheld("who gets which message: read by scripts/audiences.py alone"),
    "audience_changes": Withheld("who gets which message: read by scripts/audiences.py alone"),
    "audience_deliveries": Withheld("addresses and ids at the destinations: read by scripts/audiences.py alone"),
    "audience_delivery_log": Withheld("how many were sent where: read by scripts/audiences.py alone"),
}
