"""Every variable that is a list or a mapping, empty: what a project sets that wants nothing of it."""

from __future__ import annotations

from typing import Any

# Holds: there is nothing of the kind then.
EMPTY: dict[str, Any] = {
    "source_timezones": {}, "extra_as_of_dates": [], "events": [], "page_view_events": [], "login_events": [], "currency_rates": {},
    "activation_events": [], "lead_stages": [], "won_stages": [], "comparison_pairs": [], "tenure_bands": [], "driver_targets": [],
    "average_traits": [], "retention_brackets": [], "funnels": [], "experiment_conversion_events": [], "control_variants": [],
    "experiment_expected_shares": {}, "campaign_conversion_events": [], "audiences": [],
}
# Makes no sense: variable -> what the parse says.
REFUSED: dict[str, str] = {
    "inputs": "vars: inputs: `events` must be given; users and events are required.",
    "health_weights": "vars: health_weights: must be numbers ≥ 0 for usage, breadth, trend, sentiment, support, got {}.",
    "health_targets": "vars: health_targets: must be numbers above 0 for active_days_28d, distinct_features_28d, open_tickets, got {}.",
    "health_bands": "vars: health_bands: must be numbers poor_below ≤ good_from, got {}.",
    "north_star": "vars: north_star: ",
    "north_star_base": "vars: north_star_base: ",
    "clusters": "vars: clusters: ",
    "churn": "vars: churn: ",
}
