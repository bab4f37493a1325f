"""Who is in which segment."""

from __future__ import annotations

from ..declarations import Aggregates, Publication, Users, Withheld, adds_up, adds_up_across, hidden, implied, shown, used
from .names import DATES, EVERYBODY, IS_LIFECYCLE, MEMBERS, REST

CRITERION = "coalesce(criterion_text, 'criterion ' || criterion || ' of ' || segment)"


def who_meets(criteria: str) -> str:
    """SQL for the name of the users who meet a list of criteria: the members of a segment if it has just these."""
    whole = f"select segment, list_sort(list({CRITERION})) as criteria from warehouse.marts.segment_attrition group by segment"
    return (
        f"case when len({criteria}) = 0 then 'members __all__' else coalesce("
        f"'members ' || case when len({criteria}) = 1 then nullif(regexp_extract(({criteria})[1], '^in the segment (.*)$', 1), '') end, "
        f"'members ' || (select min(segment) from ({whole}) as whole where whole.criteria = list_sort({criteria})), "
        f"'meeting ' || cast(list_sort({criteria}) as varchar)) end"
    )


MARTS: dict[str, Publication] = {
    "segments": Aggregates(
        kept=(
            "segment",
            "label",
            "type",
            "tier",
            "is_lifecycle",
            "status",
            "retired_on",
            "owner",
            "owner_product",
            "owner_gtm",
            "goal",
            "action",
            "objective",
            "metric",
            "target",
            "target_date",
            "lawful_basis",
            "lawful_basis_note",
            "families",
            "definition",
            "definition_hash",
            "desirability",
            "reviewed_on",
            *DATES,
        )
    ),
    "segment_sizes": Aggregates(
        kept=("segment", "is_period_end", "is_provisional", "previous_as_of_date", *DATES),
        counts=(
            shown(MEMBERS, "users", "share"),
            shown(EVERYBODY, "population_users", "share"),
            shown("entered {segment} {as_of_date}", "entered"),
            shown("left {segment} {as_of_date}", "exited"),
            shown("move {segment} {segment} {as_of_date}", "stayed"),
            hidden(REST, "population_users - users"),
        ),
        sums=(
            adds_up(EVERYBODY, MEMBERS, REST),
            adds_up(MEMBERS, "entered {segment} {as_of_date}", "move {segment} {segment} {as_of_date}"),
            adds_up("members {segment} {previous_as_of_date}", "left {segment} {as_of_date}", "move {segment} {segment} {as_of_date}"),
            adds_up_across(EVERYBODY, MEMBERS, where=IS_LIFECYCLE),
        ),
    ),
    "segment_transitions": Aggregates(
        kept=(
            "from_segment",
            "to_segment",
            "from_label",
            "to_label",
            "direction",
            "net_upward_share",
            "is_provisional",
            "previous_as_of_date",
            *DATES,
        ),
        # With the other moves it would tell one that is withheld: a step of the grid is two people.
        helpers={"_movers": "sum(case when direction in ('up', 'down') then users else 0 end) over (partition by as_of_date)"},
        rounded={"net_upward_share": "on_grid(net_upward_share, nice(4 / nullif(_movers, 0)))"},
        rows="to_segment <> '__gone__'",
        counts=(
            shown("move {from_segment} {to_segment} {as_of_date}", "users", "share_of_from"),
            used("members {from_segment} {previous_as_of_date}", "share_of_from", where="from_segment <> '__new__'"),
            implied(
                "signed up {as_of_date}",
                "sum(users) over (partition by from_segment, as_of_date)",
                "share_of_from",
                where="from_segment = '__new__'",
            ),
        ),
        sums=(
            # How many were deleted, and whether any were, is not published: else sign-ups would follow from the population.
            adds_up_across(
                "members {from_segment} {previous_as_of_date}",
                "move {from_segment} {to_segment} {as_of_date}",
                "deleted from {from_segment} {as_of_date}",
                where="from_segment <> '__new__' and to_segment <> '__gone__'",
            ),
            adds_up_across(
                "members {to_segment} {as_of_date}", "move {from_segment} {to_segment} {as_of_date}", where="to_segment <> '__gone__'"
            ),
            adds_up_across("signed up {as_of_date}", "move {from_segment} {to_segment} {as_of_date}", where="from_segment = '__new__'"),
        ),
    ),
    "segment_overlap": Aggregates(
        kept=("segment", "other_segment", *DATES),
        counts=(
            shown(MEMBERS, "users", "jaccard", "containment", "other_containment", "expected_users", "lift"),
            shown(
                "members {other_segment} {as_of_date}",
                "other_users",
                "jaccard",
                "containment",
                "other_containment",
                "expected_users",
                "lift",
            ),
            shown(EVERYBODY, "population_users", "expected_users", "lift"),
            # Two segments of the lifecycle share nobody by definition: that 0 is no secret.
            shown(
                "both {least(segment, other_segment)} {greatest(segment, other_segment)} {as_of_date}",
                "users_in_both",
                "jaccard",
                "containment",
                "other_containment",
                "lift",
                where="not (segment in ({lifecycle}) and other_segment in ({lifecycle}))",
            ),
        ),
        sums=(
            adds_up(
                MEMBERS,
                "both {least(segment, other_segment)} {greatest(segment, other_segment)} {as_of_date}",
                "only {segment} not {other_segment} {as_of_date}",
                where="not (segment in ({lifecycle}) and other_segment in ({lifecycle}))",
            ),
            adds_up(
                REST,
                "only {other_segment} not {segment} {as_of_date}",
                "neither {least(segment, other_segment)} {greatest(segment, other_segment)} {as_of_date}",
                where="not (segment in ({lifecycle}) and other_segment in ({lifecycle}))",
            ),
            adds_up_across(
                MEMBERS,
                "both {least(segment, other_segment)} {greatest(segment, other_segment)} {as_of_date}",
                where="other_segment in ({lifecycle}) and segment not in ({lifecycle})",
            ),
        ),
    ),
    "segment_scorecard": Aggregates(
        kept=(
            "segment",
            "label",
            "tier",
            "owner",
            "unmet_criteria_count",
            "review_age_days",
            "micro_segments",
            "lifecycle_segments",
            "is_review_expired",
            "is_reviewed_in_future",
            "is_among_too_many",
            "is_acted_on_by_nobody",
            "is_without_lifecycle",
            "reviewed_on",
            "review_compared_date",
            *DATES,
        ),
        counts=(
            shown(
                MEMBERS,
                "users",
                "share",
                "drift",
                "highest_jaccard",
                "grade",
                "reasons",
                "most_similar_segment",
                "score",
                "failing_checks",
                "unmet_criteria",
                "has_unmet_criterion",
                "unseen_events",
                "has_unseen_event",
                "is_empty",
                "is_too_large",
                "is_redundant",
                "is_flapping",
                "has_drifted",
                "is_too_small",
                "is_large_for_micro",
            ),
            used(EVERYBODY, "share", "drift"),
            used("members {segment} {review_compared_date}", "share_at_review", "drift"),
            used("both {least(segment, most_similar_segment)} {greatest(segment, most_similar_segment)} {as_of_date}", "highest_jaccard"),
        ),
        withheld={"flapping_share": "a share of users whose number is not shown"},
    ),
    "segment_drafts": Withheld("not in use yet: whoever reviews it looks into the warehouse"),
    "segment_attrition": Aggregates(
        kept=("segment", "criterion", "criterion_text", "criterion_number", *DATES),
        # Whoever meets the same criteria is the same people, in whichever segment and order they stand: _met names those who
        # meet the criteria so far, _met_before all of them but this one, _others all of the segment but this one.
        helpers={
            "_text": CRITERION,
            "_so_far": f"list({CRITERION}) over (partition by segment order by criterion_number)",
            "_all": f"list({CRITERION}) over (partition by segment)",
        },
        further_helpers={
            "_this": who_meets("[_text]"),
            "_met": who_meets("_so_far"),
            "_met_before": who_meets("list_filter(_so_far, lambda text: text <> _text)"),
            "_others": who_meets("list_filter(_all, lambda text: text <> _text)"),
        },
        counts=(
            shown(EVERYBODY, "base_users"),
            shown("{_this} {as_of_date}", "users_meeting"),
            shown("{_met} {as_of_date}", "users_after"),
            shown("{_met_before} not {_text} {as_of_date}", "removed_in_order"),
            shown("members __all__ not {_text} {as_of_date}", "removed_alone"),
            shown("{_others} not {_text} {as_of_date}", "near_misses"),
        ),
        sums=(
            adds_up(EVERYBODY, "{_this} {as_of_date}", "members __all__ not {_text} {as_of_date}"),
            adds_up("{_met_before} {as_of_date}", "{_met} {as_of_date}", "{_met_before} not {_text} {as_of_date}"),
            adds_up("{_others} {as_of_date}", MEMBERS, "{_others} not {_text} {as_of_date}"),
        ),
    ),
    "users": Users(
        withheld={
            **dict.fromkeys(
                ("annual_revenue", "mrr", "mrr_91d_ago", "revenue_91d", "lifetime_revenue", "acquisition_cost"),
                "exact money is known outside of the account: whoever has one invoice finds its row; revenue_band and plan stay",
            ),
            **dict.fromkeys(
                ("employee_count", "seats", "account_users"),
                "an exact headcount is known outside of the account and singles it out; company_size stays",
            ),
        },
        # Seconds of sessions stand in the logs of others.
        rounded={"session_minutes_7d": 0, "session_minutes_28d": 0, "session_minutes_91d": 0},
    ),
    "user_segments": Users(withheld={"definition_hash": "is in segments"}),
    "user_lifecycle_segments": Users(),
    "user_primary_segments": Users(),
    "segment_memberships": Users(),
}
