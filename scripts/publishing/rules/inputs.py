"""The data themselves: rows and events, not people."""

from __future__ import annotations

from ..declarations import Aggregates, Publication, Withheld, shown
from .names import DATES

MARTS: dict[str, Publication] = {
    "input_summary": Aggregates(
        kept=(
            "input",
            "commonest_reject_reason",
            "commonest_unknown_cause",
            "rows_read",
            "rows_used",
            "rows_duplicate",
            "rows_rejected",
            "rows_left_out",
            "rejected_share",
            "rows_with_local_time",
            "rows_with_unreadable_values",
            "rows_of_unknown_users",
            "unknown_user_share",
            "rows_of_unknown_accounts",
            "unknown_account_share",
            "rows_of_anonymous_visitors",
            "late_tool",
            "is_present",
            "is_holding_back",
            "newest_on",
            *DATES,
        ),
        withheld=dict.fromkeys(("users_with_rows", "user_share"), "a few users may be missing from an input, or be the only ones in it"),
    ),
    "source_changes": Aggregates(kept=("event_date", "events_in_source", "events_in_warehouse", *DATES)),
    "unlisted_events": Aggregates(
        kept=("event_name", *DATES), counts=(shown("unlisted {event_name}", "users", "events", "first_event_date", "last_event_date"),)
    ),
    "identity_bridges": Aggregates(kept=("bridge", *DATES), counts=(shown("bridge {bridge}", "users", "ids", "events"),)),
    "left_out_rows": Aggregates(
        kept=("rule_name", "input", *DATES), counts=(shown("left out by {rule_name} {input}", "users_left_out", "rows_left_out"),)
    ),
    "input_drift": Withheld("rows of small inputs are people; it is for those who load them"),
    "rejected_rows": Withheld("raw rows as received; input_summary counts them"),
    "unreadable_values": Withheld("raw rows as received; input_summary counts them"),
    "unknown_ids": Withheld("ids as received; input_summary counts them"),
}
