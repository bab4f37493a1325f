"""Every variable that is a list or a mapping, empty: what a project sets that wants nothing of it."""

from __future__ import annotations

from typing import Any

# Holds where it is empty: there is nothing of the kind then.
EMPTY: dict[str, Any] = {
    "source_timezones": {},
    "traits": [],
    "not_people": [],
    "extra_as_of_dates": [],
    "max_lag_days": {},
    "events": [],
    "page_view_events": [],
    "login_events": [],
    "currency_rates": {},
    "activation_events": [],
    "lead_events": [],
    "lead_stages": [],
    "won_stages": [],
    "comparison_pairs": [],
    "tenure_bands": [],
    "driver_targets": [],
    "average_traits": [],
    "retention_brackets": [],
    "funnels": [],
    "experiment_conversion_events": [],
    "experiment_metrics": {},
    "control_variants": [],
    "holdout_variants": [],
    "randomization_unit": {},
    "experiment_expected_shares": {},
    "campaign_conversion_events": [],
    "audiences": [],
    "discovery": {},
    "placeholder_ids": [],
    "owners": [],
    "survey_scales": {},
    "surface_consents": {},
}
# Makes no sense: variable -> what the parse says.
REFUSED: dict[str, str] = {
    "inputs": "vars: inputs: `events` is required; set it to the name of a seed or model, or to {source: …, table: …}.",
    "health_weights": "vars: health_weights: `usage` is required; it must be a number ≥ 0.",
    "health_targets": "vars: health_targets: `active_days_28d` is required; it must be a number above 0.",
    "health_bands": "vars: health_bands: `poor_below` is required; it must be a number.",
    "matrix_attributes": "vars: `matrix_attributes` must be a list of 3 entries, each a name in lower snake case of at most 60 characters, got {}.",
    "cohort_by": "vars: `cohort_by` must be a list of at least 1 entries, each one of week, month, quarter, got {}.",
    "north_star_base": "vars: north_star_base: `days` is required; it must be one of 7, 28, 91.",
    "clusters": "vars: clusters: `count` is required; it must be a whole number from 2 to 9.",
    "rfm": "vars: rfm: `classes` is required; it must be a whole number from 2 to 5.",
    "churn": "vars: churn: `ridge` is required; it must be a number ≥ 0.",
}
