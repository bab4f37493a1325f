"""What is published of each mart, and which counts it shows: the one place that says so.

A new mart stops publication until it stands here. In an `Aggregates` entry every column stands in exactly one place; a column
that is not named stops publication too, so that nothing new gets out by itself. docs/privacy.md says what is guarded and what
is not.
"""

from __future__ import annotations

from .declarations import (
    Aggregates, Publication, Together, Users, Withheld, adds_up, adds_up_across, hidden, implied, shown, used,
)

# Names of counts that several marts show. All users of a date are the members of `__all__`.
MEMBERS = "members {segment} {as_of_date}"
EVERYBODY = "members __all__ {as_of_date}"
REST = "rest {segment} {as_of_date}"
# {primary} is replaced by the names of the primary segments, which hold everybody once.
IS_PRIMARY = "segment in ({primary})"

DATES = ("as_of_date", "data_through")
HELD_BACK = Withheld("not declared yet")

MARTS: dict[str, Publication] = {
    # --- What the rest is about -----------------------------------------------------------------------------------
    "segments": Aggregates(
        kept=(
            "segment", "label", "type", "tier", "owner", "goal", "action", "definition", "definition_hash", "desirability",
            "reviewed_on", *DATES,
        ),
    ),
    "metrics": Aggregates(
        kept=(
            "metric", "label", "description", "kind", "definition", "unit", "level", "direction", "tier", "is_heavy_tailed",
            "adds_up", *DATES,
        ),
    ),
    # --- Who is in which segment ----------------------------------------------------------------------------------
    "segment_sizes": Aggregates(
        kept=("segment", "is_period_end", "is_provisional", "previous_as_of_date", *DATES),
        counts=(
            shown(MEMBERS, "users", "share"),
            shown(EVERYBODY, "population_users", "share"),
            shown("entered {segment} {as_of_date}", "entered"),
            shown("left {segment} {as_of_date}", "left_users"),
            shown("move {segment} {segment} {as_of_date}", "stayed"),
            hidden(REST, "population_users - users"),
        ),
        sums=(
            adds_up(EVERYBODY, MEMBERS, REST),
            adds_up(MEMBERS, "entered {segment} {as_of_date}", "move {segment} {segment} {as_of_date}"),
            adds_up(
                "members {segment} {previous_as_of_date}",
                "left {segment} {as_of_date}", "move {segment} {segment} {as_of_date}",
            ),
            adds_up_across(EVERYBODY, MEMBERS, where=IS_PRIMARY),
        ),
    ),
    "segment_transitions": Aggregates(
        kept=(
            "from_segment", "to_segment", "from_label", "to_label", "direction", "is_provisional", "previous_as_of_date", *DATES,
        ),
        counts=(
            shown("move {from_segment} {to_segment} {as_of_date}", "users", "share_of_from"),
            used("members {from_segment} {previous_as_of_date}", "share_of_from", where="from_segment <> '__new__'"),
            implied(
                "members __new__ {as_of_date}", "sum(users) over (partition by from_segment, as_of_date)", "share_of_from",
                where="from_segment = '__new__'",
            ),
        ),
        sums=(
            adds_up_across(
                "members {from_segment} {previous_as_of_date}", "move {from_segment} {to_segment} {as_of_date}",
                where="from_segment <> '__new__'",
            ),
            adds_up_across(
                "members {to_segment} {as_of_date}", "move {from_segment} {to_segment} {as_of_date}",
                where="to_segment <> '__gone__'",
            ),
            adds_up_across(
                "members __new__ {as_of_date}", "move {from_segment} {to_segment} {as_of_date}", where="from_segment = '__new__'",
            ),
        ),
    ),
    "segment_overlap": Aggregates(
        kept=("segment", "other_segment", *DATES),
        counts=(
            shown(MEMBERS, "users", "jaccard", "containment", "other_containment", "expected_users", "lift"),
            shown(
                "members {other_segment} {as_of_date}", "other_users",
                "jaccard", "containment", "other_containment", "expected_users", "lift",
            ),
            shown(EVERYBODY, "population_users", "expected_users", "lift"),
            # Two primary segments share nobody by definition: that 0 is no secret.
            shown(
                "both {least(segment, other_segment)} {greatest(segment, other_segment)} {as_of_date}", "users_in_both",
                "jaccard", "containment", "other_containment", "lift",
                where="not (segment in ({primary}) and other_segment in ({primary}))",
            ),
        ),
        sums=(
            adds_up(
                MEMBERS, "both {least(segment, other_segment)} {greatest(segment, other_segment)} {as_of_date}",
                "only {segment} not {other_segment} {as_of_date}",
                where="not (segment in ({primary}) and other_segment in ({primary}))",
            ),
            adds_up(
                REST, "only {other_segment} not {segment} {as_of_date}",
                "neither {least(segment, other_segment)} {greatest(segment, other_segment)} {as_of_date}",
                where="not (segment in ({primary}) and other_segment in ({primary}))",
            ),
            adds_up_across(
                MEMBERS, "both {least(segment, other_segment)} {greatest(segment, other_segment)} {as_of_date}",
                where="other_segment in ({primary}) and segment not in ({primary})",
            ),
        ),
    ),
    "segment_scorecard": HELD_BACK,
    "segment_comparison": HELD_BACK,
    "segment_attrition": HELD_BACK,
    "segment_profiles": HELD_BACK,
    "segment_value": HELD_BACK,
    "segment_channels": HELD_BACK,
    "segment_feature_adoption": HELD_BACK,
    "segment_funnels": HELD_BACK,
    "segment_retention": HELD_BACK,
    "segment_survival": HELD_BACK,
    "segment_survival_summary": HELD_BACK,
    "segment_drivers": HELD_BACK,
    "average_user_gap": HELD_BACK,
    "acquisition_costs": HELD_BACK,
    "growth_accounting": HELD_BACK,
    "north_star_mix_shift": HELD_BACK,
    "rfm_segments": HELD_BACK,
    "health_score_quality": HELD_BACK,
    "cluster_centroids": HELD_BACK,
    "churn_model": HELD_BACK,
    "campaign_results": HELD_BACK,
    "experiment_checks": HELD_BACK,
    "experiment_outcomes": HELD_BACK,
    "experiment_results": HELD_BACK,
    "experiment_variants": HELD_BACK,
    "input_summary": HELD_BACK,
    "source_changes": HELD_BACK,
    "unlisted_events": HELD_BACK,
    # --- Single users ---------------------------------------------------------------------------------------------
    "users": Users(),
    "user_segments": Users(withheld={"definition_hash": "stands in segments", "effective_hash": "says nothing to a reader"}),
    "user_primary_segments": Users(),
    "segment_memberships": Users(),
    "user_churn_scores": Users(),
    "user_clusters": Users(),
    "account_health": Users(),
    "campaign_users": Users(),
    "experiment_users": Users(),
    # --- Not published --------------------------------------------------------------------------------------------
    "rejected_rows": Withheld("raw rows as they came; input_summary counts them"),
    "unreadable_values": Withheld("raw rows as they came; input_summary counts them"),
    "driver_conditions": Withheld("rows that segment_drivers is computed from"),
    "driver_observations": Withheld("rows that segment_drivers is computed from"),
    "driver_pairs": Withheld("the best of thousands, not for reading; segment_drivers tests them"),
    "audience_members": Withheld("who gets which message: read by scripts/audiences.py alone"),
    "audience_changes": Withheld("who gets which message: read by scripts/audiences.py alone"),
}
