"""What is published of each mart, and which counts it shows: the one place that says so.

A new mart stops publication until it stands here. In an `Aggregates` entry every column stands in exactly one place; a column
that is not named stops publication too, so that nothing new gets out by itself. docs/privacy.md says what is guarded and what
is not.
"""

from __future__ import annotations

from .declarations import (
    Aggregates, Publication, Together, Users, Withheld, adds_up, adds_up_across, hidden, implied, shown, shown_zero_too,
    used,
)
from .rounding import DEVIATIONS

# Names of counts that several marts show. All users of a date are the members of `__all__`.
MEMBERS = "members {segment} {as_of_date}"
EVERYBODY = "members __all__ {as_of_date}"
REST = "rest {segment} {as_of_date}"
# {primary} is replaced by the names of the primary segments, which hold everybody once.
IS_PRIMARY = "segment in ({primary})"

DATES = ("as_of_date", "data_through")
# The parts of an experiment or campaign that hold everybody once.
IS_PART = "(segment in ({primary}) or segment = '__no_history__')"

VALUE = "value {attribute} {attribute_value} {segment} {as_of_date}"
VALUE_REST = "value {attribute} {attribute_value} rest {segment} {as_of_date}"
VALUE_ALL = "value {attribute} {attribute_value} __all__ {as_of_date}"
RFM = "rfm {rfm_recency} {rfm_frequency} {rfm_monetary} {as_of_date}"
GROUP = (
    "{case when partition_name = 'primary_segment' then 'members ' || group_name "
    "else 'group ' || partition_name || ' ' || group_name end}"
)
STEP = "step {funnel}"
# Two kinds of retention over the same days are the same number.
BACK = "back {first_day} {coalesce(cast(last_day as varchar), 'end')}"
ACTIVE_BEFORE = "active{case when is_provisional then ' before ' || as_of_date else '' end}"

# Where every user has every metric of an experiment, as usual, its users are named once for all metrics.
METRIC_OF_ARM = (
    "case when min(n) over (partition by experiment, variant, segment) = max(n) over (partition by experiment, variant, segment) "
    "then '' else metric end"
)
ARM = "arm observed {_metric} {experiment} {variant}"
ARM_OF_CONTROL = "arm observed {_metric} {experiment} {control_variant}"
ARM_METRIC = "{metric} {experiment} {variant}"
ARM_METRIC_OF_CONTROL = "{metric} {experiment} {control_variant}"

# How far one person moves a sum of an experiment's metric: a yes or no by 1, a number by as much as few are from the mean.
SPREAD_OF_ALL = (
    "(select max(standard_deviation) from warehouse.marts.experiment_outcomes as outcomes where outcomes.experiment = mart.experiment "
    "and outcomes.metric = mart.metric and outcomes.segment = '__all__')"
)
EXPERIMENT_UNITS = {
    "_unit": f"case when metric_kind = 'binary' then 2 else of_whole_numbers(2 * {DEVIATIONS} * {SPREAD_OF_ALL}) end",
    "_square": f"case when metric_kind = 'binary' then 1 else pow({DEVIATIONS} * {SPREAD_OF_ALL}, 2) end",
}

CRITERION = "coalesce(criterion_text, 'criterion ' || criterion || ' of ' || segment)"


def who_meets(criteria: str) -> str:
    """SQL for the name of the users who meet a list of criteria: the members of a segment if it has just these."""
    whole = (
        f"select segment, list_sort(list({CRITERION})) as criteria from warehouse.marts.segment_attrition group by segment"
    )
    return (
        f"case when len({criteria}) = 0 then 'members __all__' else coalesce("
        f"'members ' || case when len({criteria}) = 1 then nullif(regexp_extract(({criteria})[1], '^in the segment (.*)$', 1), '') end, "
        f"'members ' || (select min(segment) from ({whole}) as whole where whole.criteria = list_sort({criteria})), "
        f"'meeting ' || cast(list_sort({criteria}) as varchar)) end"
    )


# Columns that go with several counts.
DIFFERENCE = ("difference", "difference_lower", "difference_upper")
TEST = ("quality", "family", "p_value", "q_value")
MEANS = ("mean", "baseline_mean", *DIFFERENCE)
LIFT = ("lift", "lift_lower", "lift_upper")
COMPARED = (
    *TEST, *MEANS, *LIFT, "share_of_users", "share_of_total", "raw_mean", "standard_deviation", "baseline_raw_mean",
    "baseline_standard_deviation", "effect_size", "smallest_detectable_difference", "standardised_difference",
    "comparable_share", "composition_effect", "is_reversed",
)
ADOPTED = (*TEST, *MEANS, *LIFT, "effect_size", "smallest_detectable_difference")
CONVERSION = (*TEST, *MEANS, "mean_lower", "mean_upper", "standardised_difference", "is_reversed")
DRIVEN = (
    *TEST, *MEANS, "design_effect", "odds_ratio", "odds_ratio_lower", "odds_ratio_upper", "effect_size", "sensitivity", "auc",
    "cohens_d", "information_value", "wracc", "is_confirmed", "has_continuity_correction",
)
SURVIVAL = (
    *TEST, *DIFFERENCE, "mean", "mean_lower", "mean_upper", "median_days", "median_days_lower", "median_days_upper", "chi_square",
    "effect_size",
)
SURVIVAL_REST = (*TEST, *DIFFERENCE, "baseline_mean", "baseline_median_days", "chi_square", "effect_size")
TRAINED = ("quality", "coefficient", "feature_mean", "feature_standard_deviation")
COMPLIER = ("complier_effect", "complier_effect_lower", "complier_effect_upper")
EFFECT = (*TEST, *MEANS, *LIFT, *COMPLIER, "effect_size", "smallest_detectable_difference")
MESSAGES = ("sent_share", "delivered_share", "opened_share", "clicked_share", "unsubscribed_share")
RATIO_CHECK = ("chi_square", "p_value", "is_sample_ratio_mismatch")
INTERACTION = ("interaction", "interaction_lower", "interaction_upper", "interaction_p_value", "interaction_q_value")
RESULT = (
    *TEST, *MEANS, *LIFT, *INTERACTION, "standard_deviation", "baseline_standard_deviation", "effect_size",
    "smallest_detectable_difference", "cuped_difference", "cuped_difference_lower", "cuped_difference_upper", "cuped_p_value",
    "variance_reduction", "always_valid_lower", "always_valid_upper", "always_valid_p_value", "shrunken_difference",
    "sample_ratio_p_value", "heterogeneity_q", "heterogeneity_p_value", "heterogeneity_i_squared", "heterogeneity_tau_squared",
    "stratified_difference", "stratified_difference_lower", "stratified_difference_upper", "is_sample_ratio_mismatch",
    "is_reversed",
)
CAMPAIGN_COUNTS = (
    "assigned", "dropped", "unobserved", "treated", "held out", "sent", "delivered", "opened", "clicked", "unsubscribed", "converted",
    "held out and converted", "held out and delivered",
)


def nps_count(sign: int, side: str) -> str:
    """SQL for the promoters (sign 1) or detractors (-1) that a mean and a standard deviation of 100, 0 and -100 tell."""
    n, mean, deviation = (f"{side}{name}" for name in ("n", "raw_mean", "standard_deviation"))
    both = f"(({n} - 1) * {deviation} * {deviation} + {n} * {mean} * {mean}) / 10000"
    return f"({both} + {sign} * {n} * {mean} / 100) / 2"


# How far one person moves a sum of a metric, and its square: rounding.py. Grids of the means of a row, of their variances, and of
# the squares of half the widths of intervals.
GRIDS = {
    "_grid": "nice(_unit / n)",
    "_baseline_grid": "nice(_unit / baseline_n)",
    "_wider_grid": "greatest(_grid, _baseline_grid)",
    "_margin_grid": "nice(2 * (_square / n / n + _square / baseline_n / baseline_n))",
    "_sum_grid": "nice(_unit)",
    "_square_grid": "nice(_square)",
    "_mean": "mean_on_grid(mean, n, _sum_grid, n)",
    "_baseline_mean": "mean_on_grid(baseline_mean, baseline_n, _sum_grid, baseline_n)",
}
# The same of ratios, where a person counts for more the less the divisor of all is.
WEIGHTED_GRIDS = {
    "_grid": "nice(_unit / _weight)",
    "_baseline_grid": "nice(_unit / _baseline_weight)",
    "_wider_grid": "greatest(_grid, _baseline_grid)",
    "_sum_grid": "nice(_unit)",
    "_square_grid": "nice(_square)",
    "_divisor": "on_grid(_capped, nice(_step))",
    "_baseline_divisor": "on_grid(_baseline_capped, nice(_step))",
    "_mean": "mean_on_grid(mean, _capped, _sum_grid, _divisor)",
    # The rest is what the segment leaves of all: computed from the published means of both, it tells nothing more.
    "_baseline_mean": (
        "case when baseline = 'rest' then (on_grid(_mean_of_all * _capped_of_all, _sum_grid) - on_grid(mean * _capped, _sum_grid)) "
        "/ nullif(on_grid(_capped_of_all, nice(_step)) - _divisor, 0) "
        "else mean_on_grid(baseline_mean, _baseline_capped, _sum_grid, _baseline_divisor) end"
    ),
}
DIFFERENCE_ON_GRID = "round(_mean - _baseline_mean, 12)"
LIFT_ON_GRID = "round(_mean / nullif(_baseline_mean, 0) - 1, 6)"


def interval(column: str, center: str, grid: str) -> dict[str, str]:
    """The two ends of an interval around `column`, which is published as `center`."""
    return {
        f"{column}_lower": f"round({center} - margin_on_grid({column} - {column}_lower, {grid}), 12)",
        f"{column}_upper": f"round({center} + margin_on_grid({column}_upper - {column}, {grid}), 12)",
    }



def compared_on_grid(weight: str, divisor: str, paired: str) -> tuple[dict[str, str], dict[str, str]]:
    """Helpers and columns of a comparison of two groups.

    `weight`: the divisor of the mean, and `divisor` the same as it is rounded; of the other group their names have `baseline_` in them.
    `paired`: SQL, whether it is the same users at two times. Intervals and effects are computed from the published means and deviations:
    rounded on their own they would tell these once more, and between two grids little room is left.
    """
    mine = divisor
    others_weight, other = ("baseline_n" if name == "n" else f"_baseline{name}" for name in (weight, divisor))
    # What is detectable depends on the sum of squares of both groups together: its square times this is eight times that.
    both = f"(n * baseline_n * pow(({mine} + {other}) / (n + baseline_n), 2) * (n + baseline_n - 1) / (n + baseline_n))"
    least = "_square_grid / 4"
    pooled = (
        f"(greatest(_squares, {least}) * pow(n / nullif({mine}, 0), 2) + greatest(_baseline_squares, {least}) * "
        f"pow(baseline_n / nullif({other}, 0), 2)) / nullif(n + baseline_n - 2, 0)"
    )
    helpers = {
        "_squares": f"squares_on_grid(standard_deviation, n, {weight}, _square_grid)",
        "_baseline_squares": f"squares_on_grid(baseline_standard_deviation, baseline_n, {others_weight}, _square_grid)",
        "_error": f"error_of(_squares, n, {mine}, _square_grid)",
        "_baseline_error": f"error_of(_baseline_squares, baseline_n, {other}, _square_grid)",
        # How many errors wide half an interval is: 2, or somewhat more where there are few users.
        "_errors": (
            "coalesce(round((difference - difference_lower) / nullif(sqrt(pow(standard_deviation, 2) / n + "
            "pow(baseline_standard_deviation, 2) / baseline_n), 0), 1), 2)"
        ),
        "_margin": (
            f"case when {paired} then sqrt(greatest(on_grid(pow((difference - difference_lower) * {mine}, 2) * (n - 1) / n, "
            f"4 * _square_grid), 2 * _square_grid) * n / nullif(n - 1, 0)) / nullif({mine}, 0) "
            "else _errors * sqrt(_error + _baseline_error) end"
        ),
        "_lift_margin": (
            f"case when _mean > 0 and _baseline_mean > 0 then case when {paired} then _margin / _mean "
            "else _errors * sqrt(_error / pow(_mean, 2) + _baseline_error / pow(_baseline_mean, 2)) end end"
        ),
    }
    columns = {
        "mean": "_mean",
        "baseline_mean": "round(_baseline_mean, 12)",
        "standard_deviation": f"deviation_of(_squares, n, {mine})",
        "baseline_standard_deviation": f"deviation_of(_baseline_squares, baseline_n, {other})",
        "difference": f"case when difference is not null then {DIFFERENCE_ON_GRID} end",
        "difference_lower": f"case when difference_lower is not null then round({DIFFERENCE_ON_GRID} - _margin, 12) end",
        "difference_upper": f"case when difference_upper is not null then round({DIFFERENCE_ON_GRID} + _margin, 12) end",
        "lift": f"case when lift is not null then {LIFT_ON_GRID} end",
        "lift_lower": "case when lift_lower is not null then round(_mean / _baseline_mean * exp(-_lift_margin) - 1, 6) end",
        "lift_upper": "case when lift_upper is not null then round(_mean / _baseline_mean * exp(_lift_margin) - 1, 6) end",
        "effect_size": (
            "case when effect_size is not null then round(case effect_size_kind "
            "when 'cliffs_delta' then on_grid(effect_size, greatest(nice(4 / least(n, baseline_n)), 1e-2)) "
            "when 'cohens_h' then 2 * asin(sqrt(greatest(least(_mean, 1), 0))) - 2 * asin(sqrt(greatest(least(_baseline_mean, 1), 0))) "
            f"else {DIFFERENCE_ON_GRID} / nullif(sqrt({pooled}), 0) end, 2) end"
        ),
        "smallest_detectable_difference": (
            "case when smallest_detectable_difference is not null then sqrt(greatest(on_grid(pow(smallest_detectable_difference, 2) "
            f"* {both}, 8 * _square_grid), 4 * _square_grid) / nullif({both}, 0)) end"
        ),
        "p_value": "band(p_value)",
        "q_value": "band(q_value)",
    }
    return helpers, columns


SPREADS, COMPARED_ON_GRID = compared_on_grid("n", "n", "false")
WEIGHTED_SPREADS, WEIGHTED_ON_GRID = compared_on_grid("_capped", "_divisor", "baseline = 'previous_period'")

# Sums of money: how far two people can move them.
REVENUE = (
    "share_of_revenue", "value_index", "revenue_91d", "revenue_per_user_91d", "lifetime_revenue", "lifetime_revenue_per_user",
)
EARNED = ("costed_lifetime_revenue", "margin", "margin_per_user", "value_cost_ratio", "payback_days")
MONEY_GRIDS = {
    f"_{name}_grid": f"(select nice({width}) from money_units as units where units.as_of_date = mart.as_of_date)"
    for name, width in (
        ("revenue", "2 * revenue"), ("lifetime", "2 * lifetime"), ("acquisition", "2 * acquisition"),
        ("tickets", "of_whole_numbers(2 * tickets)"),
    )
}
REVENUE_ON_GRID = "on_grid(revenue_91d, _revenue_grid)"
LIFETIME_ON_GRID = "on_grid(lifetime_revenue, _lifetime_grid)"
COSTED_LIFETIME_ON_GRID = "on_grid(costed_lifetime_revenue, _lifetime_grid)"
ACQUISITION_ON_GRID = "on_grid(acquisition_cost, _acquisition_grid)"
# Tickets of a whole life are more than those of 91 days.
COSTED_SUPPORT_ON_GRID = "on_grid(costed_support_cost, 2 * _ticket_grid)"
SHARE_OF_REVENUE = f"{REVENUE_ON_GRID} / nullif(on_grid(_revenue_of_all, _revenue_grid), 0)"
MARGIN_ON_GRID = f"({COSTED_LIFETIME_ON_GRID} - {ACQUISITION_ON_GRID} - {COSTED_SUPPORT_ON_GRID})"
VALUE_ON_GRID = {
    "revenue_91d": REVENUE_ON_GRID,
    "revenue_per_user_91d": f"round({REVENUE_ON_GRID} / nullif(users, 0), 6)",
    "share_of_revenue": f"round({SHARE_OF_REVENUE}, 6)",
    "value_index": f"round({SHARE_OF_REVENUE} / nullif(share_of_users, 0), 6)",
    "lifetime_revenue": LIFETIME_ON_GRID,
    "lifetime_revenue_per_user": f"round({LIFETIME_ON_GRID} / nullif(users, 0), 6)",
    "support_cost_91d": "on_grid(support_cost_91d, _ticket_grid)",
    "support_cost": "on_grid(support_cost, 2 * _ticket_grid)",
    "acquisition_cost": ACQUISITION_ON_GRID,
    "acquisition_cost_per_user": f"round({ACQUISITION_ON_GRID} / nullif(costed_users, 0), 6)",
    "costed_lifetime_revenue": COSTED_LIFETIME_ON_GRID,
    "costed_support_cost": COSTED_SUPPORT_ON_GRID,
    "margin": MARGIN_ON_GRID,
    "margin_per_user": f"round({MARGIN_ON_GRID} / nullif(costed_users, 0), 6)",
    "value_cost_ratio": (
        f"round({COSTED_LIFETIME_ON_GRID} / nullif({ACQUISITION_ON_GRID} + {COSTED_SUPPORT_ON_GRID}, 0), 6)"
    ),
    "payback_days": "digits(payback_days, case when costed_users < 200 then 1 else 2 end)",
}


MARTS: dict[str, Publication] = {
    # --- What the rest is about -----------------------------------------------------------------------------------
    "segments": Aggregates(
        kept=(
            "segment", "label", "type", "tier", "owner", "goal", "action", "lawful_basis", "lawful_basis_note", "definition",
            "definition_hash", "desirability", "reviewed_on", *DATES,
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
        rows="to_segment <> '__gone__'",
        counts=(
            shown("move {from_segment} {to_segment} {as_of_date}", "users", "share_of_from"),
            used("members {from_segment} {previous_as_of_date}", "share_of_from", where="from_segment <> '__new__'"),
            implied(
                "signed up {as_of_date}", "sum(users) over (partition by from_segment, as_of_date)", "share_of_from",
                where="from_segment = '__new__'",
            ),
        ),
        sums=(
            # How many were deleted, and whether any were, is not published: else sign-ups would follow from the population.
            adds_up_across(
                "members {from_segment} {previous_as_of_date}", "move {from_segment} {to_segment} {as_of_date}",
                "deleted from {from_segment} {as_of_date}", where="from_segment <> '__new__' and to_segment <> '__gone__'",
            ),
            adds_up_across(
                "members {to_segment} {as_of_date}", "move {from_segment} {to_segment} {as_of_date}",
                where="to_segment <> '__gone__'",
            ),
            adds_up_across(
                "signed up {as_of_date}", "move {from_segment} {to_segment} {as_of_date}", where="from_segment = '__new__'",
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
    "segment_scorecard": Aggregates(
        kept=(
            "segment", "label", "tier", "owner", "unmet_criteria_count", "review_age_days", "micro_segments", "primary_segments",
            "is_review_expired", "is_reviewed_in_future", "is_among_too_many", "is_without_primary_tier", "reviewed_on",
            "review_compared_date", *DATES,
        ),
        counts=(
            shown(
                MEMBERS, "users", "share", "drift", "highest_jaccard", "grade", "reasons", "most_similar_segment", "score",
                "failing_checks", "unmet_criteria", "has_unmet_criterion", "is_empty", "is_too_large", "is_redundant",
                "is_fluttering", "has_drifted", "is_too_small",
            ),
            used(EVERYBODY, "share", "drift"),
            used("members {segment} {review_compared_date}", "share_at_review", "drift"),
            used(
                "both {least(segment, most_similar_segment)} {greatest(segment, most_similar_segment)} {as_of_date}",
                "highest_jaccard",
            ),
        ),
        withheld={"flutter_share": "a share of users whose number is not shown"},
    ),
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
    # --- Segments compared ----------------------------------------------------------------------------------------
    "segment_comparison": Aggregates(
        kept=("segment", "baseline", "metric", "effect_size_kind", "is_winsorised", "is_overlapping", "is_circular", *DATES),
        helpers={
            "_kind": "(select kind from warehouse.marts.metrics as metrics where metrics.metric = mart.metric)",
            # Where all users of the date have the metric, its users are the members.
            "_have": (
                "case when max(case when baseline = 'all' then baseline_n end) over (partition by metric, as_of_date) = ("
                "select max(population_users) from warehouse.marts.segment_sizes as sizes where sizes.as_of_date = mart.as_of_date"
                ") then '' else 'with ' || metric || ' ' end"
            ),
            "_other": "substr(baseline, 9)",
            **{
                f"_{column}": (
                    f"(select {column} from metric_units as units where units.metric = mart.metric and units.as_of_date = mart.as_of_date "
                    "and units.is_paired = (mart.baseline = 'previous_period'))"
                )
                for column in ("unit", "square", "step")
            },
            "_unit_of_members": (
                "(select unit from metric_units as units where units.metric = mart.metric and units.as_of_date = mart.as_of_date "
                "and not units.is_paired)"
            ),
            # Means of the segment and of everybody, whatever the row compares with.
            **{
                f"_{name}": f"max(case when baseline = 'all' then {column} end) over (partition by segment, metric, as_of_date)"
                for name, column in (
                    ("members", "n"), ("raw_mean_of_members", "raw_mean"), ("all", "baseline_n"), ("mean_of_all", "baseline_mean"),
                    ("raw_mean_of_all", "baseline_raw_mean"),
                )
            },
            # The divisors of ratios, also after the cap.
            **{
                f"_{name}_{kind}": (
                    f"(select {column} from metric_weights as weights where weights.metric = mart.metric "
                    f"and weights.as_of_date = mart.as_of_date and weights.segment = {segment} and weights.part = '{part}')"
                )
                for name, segment, part in (
                    ("own", "mart.segment", "members"), ("whole", "'__all__'", "members"), ("other", "substr(mart.baseline, 9)", "members"),
                    ("both", "mart.segment", "both"), ("before", "mart.segment", "before"),
                )
                for kind, column in (("divisor", "weight"), ("capped_divisor", "capped"))
            },
        },
        further_helpers={
            **{
                column: sql
                for name, kind in (("weight", "divisor"), ("capped", "capped_divisor"))
                for column, sql in {
                    f"_{name}_of_all": f"coalesce(_whole_{kind}, _all)",
                    f"_{name}_of_members": f"coalesce(_own_{kind}, _members)",
                    f"_{name}": f"case when baseline = 'previous_period' then coalesce(_both_{kind}, n) else _{name}_of_members end",
                    f"_baseline_{name}": (
                        f"case when baseline = 'rest' then _{name}_of_all - _{name}_of_members when baseline = 'all' then _{name}_of_all "
                        f"when baseline = 'previous_period' then coalesce(_before_{kind}, baseline_n) else coalesce(_other_{kind}, baseline_n) end"
                    ),
                }.items()
            },
            **WEIGHTED_GRIDS,
            **WEIGHTED_SPREADS,
        },
        rounded={
            **WEIGHTED_ON_GRID,
            "raw_mean": "mean_on_grid(raw_mean, _weight, _sum_grid, on_grid(_weight, nice(_step)))",
            # Where nothing is capped it is the same number.
            "baseline_raw_mean": (
                "case when is_winsorised then mean_on_grid(baseline_raw_mean, _baseline_weight, _sum_grid, "
                "on_grid(_baseline_weight, nice(_step))) "
                "when baseline_raw_mean is not null then round(_baseline_mean, 12) end"
            ),
            "share_of_total": (
                "case when share_of_total is not null then round(on_grid(_raw_mean_of_members * _members, nice(_unit_of_members)) "
                "/ nullif(on_grid(_raw_mean_of_all * _all, nice(_unit_of_members)), 0), 6) end"
            ),
            "standardised_difference": "on_grid(standardised_difference, nice(2 * _wider_grid))",
            "composition_effect": "on_grid(composition_effect, nice(2 * _wider_grid))",
        },
        counts=(
            shown("{_have}members {segment} {as_of_date}", "n", *COMPARED, where="baseline <> 'previous_period'"),
            shown("{_have}rest {segment} {as_of_date}", "baseline_n", *COMPARED, where="baseline = 'rest'"),
            shown("{_have}members __all__ {as_of_date}", "baseline_n", *COMPARED, where="baseline = 'all'"),
            shown("{_have}members {_other} {as_of_date}", "baseline_n", *COMPARED, where="baseline like 'segment:%'"),
            shown("before and now {metric} {segment} {as_of_date}", "n", *COMPARED, where="baseline = 'previous_period'"),
            shown("before and now {metric} {segment} {as_of_date}", "baseline_n", *COMPARED, where="baseline = 'previous_period'"),
            # share_of_users is n of everybody who has the metric.
            used("{_have}members __all__ {as_of_date}", "share_of_users"),
            used("{_have}members {segment} {as_of_date}", "share_of_users"),
            # A share times its users is a count.
            implied(
                "yes {metric} {segment} {as_of_date}", "n * raw_mean", *COMPARED,
                where="_kind = 'binary' and baseline <> 'previous_period'",
            ),
            implied(
                "yes {metric} rest {segment} {as_of_date}", "baseline_n * baseline_raw_mean", *COMPARED,
                where="_kind = 'binary' and baseline = 'rest'",
            ),
            implied(
                "yes {metric} __all__ {as_of_date}", "baseline_n * baseline_raw_mean", *COMPARED,
                where="_kind = 'binary' and baseline = 'all'",
            ),
            implied(
                "yes {metric} {_other} {as_of_date}", "baseline_n * baseline_raw_mean", *COMPARED,
                where="_kind = 'binary' and baseline like 'segment:%'",
            ),
            implied(
                "yes now {metric} {segment} {as_of_date}", "n * raw_mean", *COMPARED,
                where="_kind = 'binary' and baseline = 'previous_period'",
            ),
            implied(
                "yes before {metric} {segment} {as_of_date}", "baseline_n * baseline_raw_mean", *COMPARED,
                where="_kind = 'binary' and baseline = 'previous_period'",
            ),
            # Members with somebody comparable in the baseline.
            implied(
                "comparable {metric} {segment} {baseline} {as_of_date}", "n * comparable_share",
                "comparable_share", "standardised_difference",
            ),
            # NPS: mean and standard deviation give promoters and detractors.
            *(
                implied(f"value nps_category {who} {group} {{as_of_date}}", nps_count(sign, side), *COMPARED, where=(
                    f"_kind = 'nps' and {where}"
                ))
                for who, sign in (("promoter", 1), ("detractor", -1))
                for group, side, where in (
                    ("{segment}", "", "baseline <> 'previous_period'"),
                    ("rest {segment}", "baseline_", "baseline = 'rest'"),
                    ("__all__", "baseline_", "baseline = 'all'"),
                )
            ),
        ),
        sums=(
            adds_up(
                "{_have}members __all__ {as_of_date}", "{_have}members {segment} {as_of_date}", "{_have}rest {segment} {as_of_date}",
                where="baseline = 'rest'",
            ),
            adds_up_across(
                "{_have}members __all__ {as_of_date}", "{_have}members {segment} {as_of_date}",
                where=f"{IS_PRIMARY} and baseline = 'rest'",
            ),
            adds_up(
                MEMBERS, "{_have}members {segment} {as_of_date}", "without {metric} {segment} {as_of_date}",
                where="_have <> '' and baseline = 'rest'",
            ),
            adds_up(
                "{_have}members {segment} {as_of_date}",
                "before and now {metric} {segment} {as_of_date}", "new with {metric} {segment} {as_of_date}",
                where="baseline = 'previous_period'",
            ),
            adds_up(
                "{_have}members {segment} {as_of_date}",
                "yes {metric} {segment} {as_of_date}", "no {metric} {segment} {as_of_date}",
                where="_kind = 'binary' and baseline = 'rest'",
            ),
            adds_up(
                "{_have}rest {segment} {as_of_date}",
                "yes {metric} rest {segment} {as_of_date}", "no {metric} rest {segment} {as_of_date}",
                where="_kind = 'binary' and baseline = 'rest'",
            ),
            adds_up(
                "{_have}members __all__ {as_of_date}",
                "yes {metric} __all__ {as_of_date}", "no {metric} __all__ {as_of_date}",
                where="_kind = 'binary' and baseline = 'all'",
            ),
            adds_up(
                "yes {metric} __all__ {as_of_date}",
                "yes {metric} {segment} {as_of_date}", "yes {metric} rest {segment} {as_of_date}",
                where="_kind = 'binary' and baseline = 'rest'",
            ),
            adds_up_across(
                "yes {metric} __all__ {as_of_date}", "yes {metric} {segment} {as_of_date}",
                where=f"{IS_PRIMARY} and _kind = 'binary' and baseline = 'rest'",
            ),
            *(
                adds_up(
                    "before and now {metric} {segment} {as_of_date}",
                    f"yes {when} {{metric}} {{segment}} {{as_of_date}}", f"no {when} {{metric}} {{segment}} {{as_of_date}}",
                    where="_kind = 'binary' and baseline = 'previous_period'",
                )
                for when in ("now", "before")
            ),
            adds_up(
                "yes {metric} {segment} {as_of_date}",
                "yes now {metric} {segment} {as_of_date}", "yes new {metric} {segment} {as_of_date}",
                where="_kind = 'binary' and baseline = 'previous_period'",
            ),
            adds_up(
                "{_have}members {segment} {as_of_date}", "comparable {metric} {segment} {baseline} {as_of_date}",
                "not comparable {metric} {segment} {baseline} {as_of_date}",
                where="baseline not in ('all', 'previous_period')",
            ),
            adds_up(
                "{_have}members {segment} {as_of_date}", "value nps_category promoter {segment} {as_of_date}",
                "value nps_category detractor {segment} {as_of_date}", "value nps_category passive {segment} {as_of_date}",
                where="_kind = 'nps' and baseline = 'rest'",
            ),
            adds_up(
                "{_have}rest {segment} {as_of_date}", "value nps_category promoter rest {segment} {as_of_date}",
                "value nps_category detractor rest {segment} {as_of_date}", "value nps_category passive rest {segment} {as_of_date}",
                where="_kind = 'nps' and baseline = 'rest'",
            ),
            *(
                adds_up(
                    f"value nps_category {who} __all__ {{as_of_date}}", f"value nps_category {who} {{segment}} {{as_of_date}}",
                    f"value nps_category {who} rest {{segment}} {{as_of_date}}", where="_kind = 'nps' and baseline = 'rest'",
                )
                for who in ("promoter", "detractor", "passive")
            ),
            *(
                adds_up_across(
                    f"value nps_category {who} __all__ {{as_of_date}}", f"value nps_category {who} {{segment}} {{as_of_date}}",
                    where=f"{IS_PRIMARY} and _kind = 'nps' and baseline = 'rest'",
                )
                for who in ("promoter", "detractor")
            ),
        ),
        withheld={
            "comparison_hash": "a fingerprint of what the row was computed from",
            "statistic": "p_value already says it, and both together would reveal values more closely",
        },
    ),
    "segment_profiles": Aggregates(
        kept=(
            "segment", "attribute", "attribute_value", "attribute_label", "attribute_type", "effect_size_kind",
            "degrees_of_freedom", "is_circular", *DATES,
        ),
        # An account's owner is one of our own people; and a title or town that few people have singles them out by its name alone.
        rows=(
            "attribute <> 'account_owner' and (attribute not in ('job_title', 'city') or users + baseline_users >= {minimum} "
            "or attribute_value in ('__other__', '__unknown__'))"
        ),
        counts=(
            shown(VALUE, "users", "share", "share_index", *DIFFERENCE, "value_design_effect"),
            shown(VALUE_REST, "baseline_users", "baseline_share", "share_index", *DIFFERENCE, "value_design_effect"),
            shown(MEMBERS, "n", "share", "share_index", *DIFFERENCE),
            shown(REST, "baseline_n", "baseline_share", "share_index", *DIFFERENCE),
        ),
        rounded={
            "value_design_effect": "digits(value_design_effect, 2)", "design_effect": "digits(design_effect, 2)",
            "p_value": "band(p_value)", "q_value": "band(q_value)", "chi_square": "digits(chi_square, 2)",
        },
        # One test per attribute: with all counts but two of them it would give these two.
        together=(
            Together(
                ("segment", "attribute"),
                (
                    "quality", "family", "chi_square", "design_effect", "smallest_expected_users", "p_value", "q_value",
                    "effect_size",
                ),
            ),
        ),
        sums=(
            adds_up_across(MEMBERS, VALUE, by=("attribute",)),
            adds_up_across(REST, VALUE_REST, by=("attribute",)),
            adds_up(VALUE_ALL, VALUE, VALUE_REST),
            adds_up_across(VALUE_ALL, VALUE, where=IS_PRIMARY),
        ),
    ),
    "segment_feature_adoption": Aggregates(
        kept=("segment", "feature", "baseline", "effect_size_kind", "is_circular", *DATES),
        # A median is one person's number of days.
        rounded={"median_days_to_first_use": "on_grid(median_days_to_first_use, 5)"},
        counts=(
            shown(MEMBERS, "n", *ADOPTED, "share_ever", "median_days_to_first_use"),
            shown(REST, "baseline_n", *ADOPTED, "baseline_share_ever"),
            shown("used lately {feature} {segment} {as_of_date}", "adopters_28d", *ADOPTED),
            shown("used lately {feature} rest {segment} {as_of_date}", "baseline_adopters_28d", *ADOPTED),
            shown("used {feature} {segment} {as_of_date}", "adopters_ever", "share_ever", "median_days_to_first_use"),
            shown("used {feature} rest {segment} {as_of_date}", "baseline_adopters_ever", "baseline_share_ever"),
        ),
        sums=(
            *(
                adds_up(whole, f"used {{feature}} {who} {{as_of_date}}", f"never used {{feature}} {who} {{as_of_date}}")
                for whole, who in ((MEMBERS, "{segment}"), (REST, "rest {segment}"))
            ),
            *(
                adds_up(
                    f"used {{feature}} {who} {{as_of_date}}", f"used lately {{feature}} {who} {{as_of_date}}",
                    f"used before {{feature}} {who} {{as_of_date}}",
                )
                for who in ("{segment}", "rest {segment}")
            ),
            *(
                adds_up(whole, f"used lately {{feature}} {who} {{as_of_date}}", f"not lately {{feature}} {who} {{as_of_date}}")
                for whole, who in ((MEMBERS, "{segment}"), (REST, "rest {segment}"))
            ),
            *(
                adds_up(
                    f"{used_when} {{feature}} __all__ {{as_of_date}}", f"{used_when} {{feature}} {{segment}} {{as_of_date}}",
                    f"{used_when} {{feature}} rest {{segment}} {{as_of_date}}",
                )
                for used_when in ("used", "used lately")
            ),
            *(
                adds_up_across(
                    f"{used_when} {{feature}} __all__ {{as_of_date}}", f"{used_when} {{feature}} {{segment}} {{as_of_date}}",
                    where=IS_PRIMARY,
                )
                for used_when in ("used", "used lately")
            ),
        ),
    ),
    "segment_value": Aggregates(
        kept=("segment", *DATES),
        helpers={
            **MONEY_GRIDS,
            "_revenue_of_all": "max(revenue_91d / nullif(share_of_revenue, 0)) over ()",
            # The cost of one ticket: no sum is less, and each is a multiple of it.
            "_ticket_cost": "min(nullif(support_cost_91d, 0)) over ()",
        },
        further_helpers={"_ticket_grid": "coalesce(_tickets_grid * _ticket_cost, 0)"},
        counts=(
            shown(
                MEMBERS, "users", "share_of_users", *REVENUE, "support_cost_91d", "support_cost",
            ),
            shown(EVERYBODY, "population_users", "share_of_users"),
            # The same number as the metric paying_users times its users. What so few pay is what one of them pays.
            shown("yes paying_users {segment} {as_of_date}", "paying_users", *REVENUE, *EARNED),
            shown("costed {segment} {as_of_date}", "costed_users", "acquisition_cost", "acquisition_cost_per_user", "costed_support_cost", *EARNED),
        ),
        rounded=VALUE_ON_GRID,
        sums=(
            adds_up(MEMBERS, "yes paying_users {segment} {as_of_date}", "no paying_users {segment} {as_of_date}"),
            adds_up(MEMBERS, "costed {segment} {as_of_date}", "not costed {segment} {as_of_date}"),
            adds_up_across("costed __all__ {as_of_date}", "costed {segment} {as_of_date}", where=IS_PRIMARY),
        ),
    ),
    "segment_channels": Aggregates(
        kept=("segment", "acquisition_channel", *DATES),
        counts=(
            shown("signups {acquisition_channel} {segment}", "signups"),
            shown("trials {acquisition_channel} {segment}", "trials"),
            shown("undecided {acquisition_channel} {segment}", "undecided"),
            shown("decided {acquisition_channel} {segment}", "n", *CONVERSION),
            shown("decided {acquisition_channel} rest {segment}", "baseline_n", *CONVERSION),
            shown("converted {acquisition_channel} {segment}", "converted", *CONVERSION, "cost_per_conversion"),
            implied("converted {acquisition_channel} rest {segment}", "baseline_n * baseline_mean", *CONVERSION),
            implied(
                "costed {acquisition_channel} {segment}", "acquisition_cost / nullif(cost_per_signup, 0)",
                "acquisition_cost", "cost_per_signup", "cost_per_conversion",
            ),
            implied(
                "costed and converted {acquisition_channel} {segment}", "acquisition_cost / nullif(cost_per_conversion, 0)",
                "cost_per_conversion",
            ),
        ),
        sums=(
            adds_up(
                "trials {acquisition_channel} {segment}", "undecided {acquisition_channel} {segment}",
                "decided {acquisition_channel} {segment}",
            ),
            adds_up(
                "signups {acquisition_channel} {segment}", "costed {acquisition_channel} {segment}",
                "not costed {acquisition_channel} {segment}",
            ),
            adds_up(
                "converted {acquisition_channel} {segment}", "costed and converted {acquisition_channel} {segment}",
                "not costed and converted {acquisition_channel} {segment}", is_loose=True,
            ),
            *(
                adds_up(
                    f"decided {{acquisition_channel}} {who}", f"converted {{acquisition_channel}} {who}",
                    f"lapsed {{acquisition_channel}} {who}",
                )
                for who in ("{segment}", "rest {segment}")
            ),
            *(
                adds_up(
                    f"{what} {{acquisition_channel}} __all__", f"{what} {{acquisition_channel}} {{segment}}",
                    f"{what} {{acquisition_channel}} rest {{segment}}",
                )
                for what in ("decided", "converted")
            ),
            *(
                adds_up_across(
                    f"{what} {{acquisition_channel}} __all__", f"{what} {{acquisition_channel}} {{segment}}", where=IS_PRIMARY,
                )
                for what in ("decided", "converted")
            ),
        ),
    ),
    "segment_drivers": Aggregates(
        kept=(
            "target", "driver", "first_driver", "second_driver", "target_label", "driver_label", "driver_kind", "unit", "reading",
            "effect_size_kind", "threshold", "is_circular", *DATES,
        ),
        # What follows from the counts of the row is exact; the rest is of accounts, and of the half in which drivers are looked for.
        rounded={
            "design_effect": "digits(design_effect, 2)", "p_value": "band(p_value)", "q_value": "band(q_value)",
            "discovery_p_value": "band(discovery_p_value)",
            "discovery_difference": "on_grid(discovery_difference, nice(2 / discovery_n))",
            "discovery_wracc": "on_grid(discovery_wracc, nice(2 / discovery_n))",
        },
        counts=(
            shown("{unit} {target} {driver}", "n", *DRIVEN),
            shown("{unit} {target} not {driver}", "baseline_n", *DRIVEN),
            shown("outcomes {target} {driver}", "outcomes", *DRIVEN),
            shown("outcomes {target} not {driver}", "baseline_outcomes", *DRIVEN),
            shown("account {target} {driver}", "clusters", "design_effect"),
            shown("account {target} not {driver}", "baseline_clusters", "design_effect"),
            shown(
                "discovery {target} {driver}", "discovery_n", "discovery_difference", "discovery_p_value", "discovery_wracc",
                "is_discovered",
            ),
        ),
        sums=(
            adds_up("{unit} {target} {driver}", "outcomes {target} {driver}", "no outcome {target} {driver}"),
            adds_up("{unit} {target} not {driver}", "outcomes {target} not {driver}", "no outcome {target} not {driver}"),
            adds_up("{unit} {target} of {n + baseline_n}", "{unit} {target} {driver}", "{unit} {target} not {driver}"),
            adds_up(
                "outcomes {target} of {outcomes + baseline_outcomes}", "outcomes {target} {driver}", "outcomes {target} not {driver}"
            ),
            # A pair is a part of either of its conditions.
            *(
                adds_up(
                    f"{what} {{target}} {{{one}}}", f"{what} {{target}} {{driver}}", f"{what} {{target}} {{{one}}} less {{driver}}",
                    where="driver_kind = 'pair'",
                )
                for what in ("{unit}", "outcomes") for one in ("first_driver", "second_driver")
            ),
            adds_up_across(
                "{unit} {target} of {n + baseline_n}", "{unit} {target} {driver}",
                where="driver_kind = 'segment' and substr(driver, 4) in ({primary})", is_loose=True,
            ),
            adds_up_across(
                "outcomes {target} of {outcomes + baseline_outcomes}", "outcomes {target} {driver}",
                where="driver_kind = 'segment' and substr(driver, 4) in ({primary})", is_loose=True,
            ),
        ),
    ),
    "average_user_gap": Aggregates(
        kept=("segment", "trait", "traits", "trait_count", *DATES),
        helpers={
            "_have": (
                "case when max(case when segment = '__all__' then n end) over (partition by trait_count) = ("
                "select max(population_users) from warehouse.marts.segment_sizes as sizes where sizes.as_of_date = mart.as_of_date"
                ") then '' else 'with ' || traits || ' ' end"
            ),
            "_before": "lag(traits) over (partition by segment order by trait_count)",
            # The trait so far in which fewest are average: the product of the shares tells each of them.
            "_fewest": "arg_min(trait, trait_share) over (partition by segment order by trait_count)",
        },
        counts=(
            shown("{_have}members {segment} {as_of_date}", "n", "share", "share_lower", "share_upper", "trait_share", "expected_share"),
            shown("average {traits} {segment}", "average_users", "share", "share_lower", "share_upper"),
            implied("average {trait} alone {segment}", "trait_share * n", "trait_share", "expected_share"),
            used("average {_fewest} alone {segment}", "expected_share"),
        ),
        sums=(
            adds_up("{_have}members {segment} {as_of_date}", "average {traits} {segment}", "not average {traits} {segment}"),
            adds_up("{_have}members {segment} {as_of_date}", "average {trait} alone {segment}", "not average {trait} alone {segment}"),
            adds_up("average {_before} {segment}", "average {traits} {segment}", "average no more {traits} {segment}"),
            adds_up(
                "{_have}members __all__ {as_of_date}", "{_have}members {segment} {as_of_date}", "{_have}rest {segment} {as_of_date}",
                where="segment <> '__all__'",
            ),
            adds_up_across("{_have}members __all__ {as_of_date}", "{_have}members {segment} {as_of_date}", where=IS_PRIMARY),
        ),
    ),
    # --- Retention, funnels, growth -------------------------------------------------------------------------------
    "segment_retention": Aggregates(
        kept=("segment", "kind", "period", "first_day", "last_day", "is_mature", "cohort_date", *DATES),
        counts=(
            shown("members {segment} {cohort_date}", "n", "share", "share_lower", "share_upper", "quality"),
            shown(f"{BACK} {{segment}} {{cohort_date}}", "retained", "share", "share_lower", "share_upper", "quality"),
        ),
        sums=(
            adds_up(
                "members {segment} {cohort_date}", f"{BACK} {{segment}} {{cohort_date}}", f"not {BACK} {{segment}} {{cohort_date}}",
                where="retained is not null",
            ),
            adds_up(
                f"{BACK} {{segment}} {{cohort_date}}", "back {first_day + 7} end {segment} {cohort_date}",
                "last back {first_day} {segment} {cohort_date}", where="kind = 'unbounded' and retained is not null",
            ),
            adds_up(
                f"{BACK} __all__ {{cohort_date}}", f"{BACK} {{segment}} {{cohort_date}}", f"{BACK} rest {{segment}} {{cohort_date}}",
                where="segment <> '__all__' and retained is not null",
            ),
            adds_up_across(
                f"{BACK} __all__ {{cohort_date}}", f"{BACK} {{segment}} {{cohort_date}}",
                where=f"{IS_PRIMARY} and retained is not null",
            ),
        ),
    ),
    "segment_funnels": Aggregates(
        kept=("segment", "funnel", "event_name", "step", "is_mature", "cohort_date", *DATES),
        # A median is one person's time.
        rounded={"median_days": "on_grid(median_days, 5e-1)"},
        counts=(
            shown(
                "members {segment} {cohort_date}", "n", "share", "share_lower", "share_upper", "share_of_previous", "quality",
            ),
            shown(
                f"{STEP} {{step}} {{segment}} {{cohort_date}}", "users", "share", "share_lower", "share_upper", "share_of_previous",
                "median_days", "quality",
            ),
            used(f"{STEP} {{step - 1}} {{segment}} {{cohort_date}}", "share_of_previous"),
        ),
        sums=(
            adds_up(
                f"{{case when step = 1 then 'members' else 'step ' || funnel || ' ' || (step - 1) end}} {{segment}} {{cohort_date}}",
                f"{STEP} {{step}} {{segment}} {{cohort_date}}", f"not {STEP} {{step}} {{segment}} {{cohort_date}}",
                where="users is not null",
            ),
            adds_up(
                f"{STEP} {{step}} __all__ {{cohort_date}}", f"{STEP} {{step}} {{segment}} {{cohort_date}}",
                f"{STEP} {{step}} rest {{segment}} {{cohort_date}}", where="segment <> '__all__' and users is not null",
            ),
            adds_up_across(
                f"{STEP} {{step}} __all__ {{cohort_date}}", f"{STEP} {{step}} {{segment}} {{cohort_date}}",
                where=f"{IS_PRIMARY} and users is not null",
            ),
        ),
    ),
    "growth_accounting": Aggregates(
        kept=("segment", "is_provisional", "period_start_date", "previous_as_of_date", *DATES),
        counts=(
            shown("active {segment} {as_of_date}", "active_users"),
            # A provisional period overlaps with the one before, so its "before" is a number of its own.
            shown(f"{ACTIVE_BEFORE} {{segment}} {{previous_as_of_date}}", "previous_active_users"),
            *(
                shown(f"{what} {{segment}} {{as_of_date}}", f"{what}_users", "quick_ratio") for what in ("new", "resurrected", "churned")
            ),
            # Nobody moves into or out of everybody: that 0 is no secret.
            *(
                shown(f"{what} {{segment}} {{as_of_date}}", f"{what}_users", "quick_ratio", where="segment <> '__all__'")
                for what in ("moved_in", "moved_out")
            ),
            shown("retained {segment} {as_of_date}", "retained_users"),
        ),
        sums=(
            *(
                adds_up(whole, *(f"{part} {{segment}} {{as_of_date}}" for part in parts), where=where)
                for whole, parts in (
                    ("active {segment} {as_of_date}", ("retained", "new", "resurrected", "moved_in")),
                    (f"{ACTIVE_BEFORE} {{segment}} {{previous_as_of_date}}", ("retained", "churned", "moved_out")),
                )
                for where, parts in (("segment <> '__all__'", parts), ("segment = '__all__'", parts[:-1]))
            ),
            adds_up(MEMBERS, "active {segment} {as_of_date}", "inactive {segment} {as_of_date}"),
            *(
                adds_up(
                    f"{what} __all__ {{as_of_date}}", f"{what} {{segment}} {{as_of_date}}", f"{what} rest {{segment}} {{as_of_date}}",
                    where="segment <> '__all__'",
                )
                for what in ("active", "new", "resurrected", "churned")
            ),
            *(
                adds_up_across(f"{what} __all__ {{as_of_date}}", f"{what} {{segment}} {{as_of_date}}", where=IS_PRIMARY)
                for what in ("active", "new", "resurrected", "churned")
            ),
            # Whoever changes the segment is retained for everybody.
            *(
                adds_up_across(
                    "retained __all__ {as_of_date}", "retained {segment} {as_of_date}", f"{what} {{segment}} {{as_of_date}}",
                    where=IS_PRIMARY,
                )
                for what in ("moved_in", "moved_out")
            ),
        ),
    ),
    "north_star_mix_shift": Aggregates(
        kept=(
            "comparison", "partition_name", "group_name", "window_days", "overall_rate", "previous_overall_rate", "overall_change",
            "is_provisional", "previous_as_of_date", *DATES,
        ),
        # One person has up to several times what the most active group has on average.
        helpers={
            "_unit": "of_whole_numbers(2 * 6 * greatest(max(rate) over (partition by as_of_date), max(previous_rate) over (partition by as_of_date)))",
            "_everybody": "sum(users) over (partition by comparison, partition_name, as_of_date)",
            "_everybody_before": "sum(previous_users) over (partition by comparison, partition_name, as_of_date)",
        },
        further_helpers={
            "_rate": "mean_on_grid(rate, users, nice(_unit), users)",
            "_previous_rate": "mean_on_grid(previous_rate, previous_users, nice(_unit), previous_users)",
            "_overall_rate": "mean_on_grid(overall_rate, _everybody, nice(_unit), _everybody)",
            "_previous_overall_rate": "mean_on_grid(previous_overall_rate, _everybody_before, nice(_unit), _everybody_before)",
            "_share_effect": "round((share - previous_share) * ((_rate + _previous_rate) / 2 - (_overall_rate + _previous_overall_rate) / 2), 6)",
            "_rate_effect": "round((share + previous_share) / 2 * (_rate - _previous_rate), 6)",
        },
        rounded={
            "rate": "_rate", "previous_rate": "_previous_rate", "overall_rate": "_overall_rate",
            "previous_overall_rate": "_previous_overall_rate", "overall_change": "round(_overall_rate - _previous_overall_rate, 6)",
            "share_effect": "_share_effect", "rate_effect": "_rate_effect", "total_effect": "round(_share_effect + _rate_effect, 6)",
        },
        counts=(
            shown(f"{GROUP} {{as_of_date}}", "users", "share", "rate", "share_effect", "rate_effect", "total_effect"),
            shown(
                f"{GROUP} {{previous_as_of_date}}", "previous_users",
                "previous_share", "previous_rate", "share_effect", "rate_effect", "total_effect",
            ),
        ),
        sums=(
            adds_up_across(EVERYBODY, f"{GROUP} {{as_of_date}}", by=("comparison", "partition_name")),
            adds_up_across(
                "members __all__ {previous_as_of_date}", f"{GROUP} {{previous_as_of_date}}",
                by=("comparison", "partition_name", "as_of_date"),
            ),
        ),
    ),
    "segment_survival": Aggregates(
        kept=("segment", "group_name", "day_number", *DATES),
        # Single days hold few users. The curve is published every four weeks, where enough has happened in them.
        helpers={
            "_block": "day_number // 28",
            "_events": "sum(events) over (partition by segment, group_name, day_number // 28)",
            "_is_last": "day_number = max(day_number) over (partition by segment, group_name, day_number // 28)",
        },
        rows="_is_last",
        counts=(
            implied(
                "pauses {segment} {group_name} {_block}", "_events", "survival", "survival_lower", "survival_upper", where="_is_last",
            ),
            shown(
                "at risk {segment} {group_name} {day_number}", "at_risk", "survival", "survival_lower", "survival_upper",
                where="_is_last",
            ),
        ),
        rounded={name: f"least(on_grid({name}, nice(2 / at_risk)), 1)" for name in ("survival", "survival_lower", "survival_upper")},
        withheld={
            "entered": "users of single days", "events": "users of single days", "censored": "users of single days",
        },
    ),
    "segment_survival_summary": Aggregates(
        kept=("segment", "baseline", "effect_size_kind", "horizon_days", "is_circular", *DATES),
        helpers={"_unit": "2 * horizon_days", "_square": "horizon_days * horizon_days"},
        further_helpers=GRIDS,
        rounded={
            "mean": "_mean", "baseline_mean": "_baseline_mean",
            **interval("mean", "_mean", "nice(2 * _square / n / n)"),
            "difference": DIFFERENCE_ON_GRID, **interval("difference", DIFFERENCE_ON_GRID, "_margin_grid"),
            **{
                name: f"cast(on_grid({name}, 5) as bigint)"
                for name in ("median_days", "median_days_lower", "median_days_upper", "baseline_median_days")
            },
            "chi_square": "digits(chi_square, 2)", "effect_size": "digits(effect_size, 1)",
            "p_value": "band(p_value)", "q_value": "band(q_value)",
        },
        counts=(
            shown("ever members {segment}", "members"),
            shown("ever at risk {segment}", "n", *SURVIVAL),
            shown("ever at risk rest {segment}", "baseline_n", *SURVIVAL_REST, where="segment <> '__all__'"),
            shown("paused {segment}", "events", *SURVIVAL),
            shown("paused rest {segment}", "baseline_events", *SURVIVAL_REST, where="segment <> '__all__'"),
        ),
        sums=(
            adds_up("ever members {segment}", "ever at risk {segment}", "never at risk {segment}"),
            adds_up("ever at risk {segment}", "paused {segment}", "not paused {segment}"),
            adds_up(
                "ever at risk rest {segment}", "paused rest {segment}", "not paused rest {segment}", where="segment <> '__all__'"
            ),
            adds_up("paused __all__", "paused {segment}", "paused rest {segment}", where="segment <> '__all__'", is_loose=True),
            adds_up("ever members __all__", "ever members {segment}", "never members {segment}", where="segment <> '__all__'"),
        ),
    ),
    # --- Money ----------------------------------------------------------------------------------------------------
    "acquisition_costs": Aggregates(
        kept=("acquisition_channel", "spend", "signup_month", *DATES),
        counts=(shown("signups of {signup_month} {acquisition_channel}", "signups", "cost_per_signup"),),
    ),
    "rfm_segments": Aggregates(
        kept=("rfm_group", "rfm_recency", "rfm_frequency", "rfm_monetary", *DATES),
        helpers={**MONEY_GRIDS, "_revenue_of_all": "sum(revenue_91d) over ()"},
        rounded={
            "revenue_91d": REVENUE_ON_GRID, "lifetime_revenue": LIFETIME_ON_GRID, "share_of_revenue": f"round({SHARE_OF_REVENUE}, 6)",
        },
        counts=(
            shown(RFM, "users", "share_of_users", "revenue_91d", "share_of_revenue", "lifetime_revenue"),
        ),
        sums=(
            adds_up_across(EVERYBODY, RFM),
            *(
                adds_up_across(f"value {column} {{{column}}} __all__ {{as_of_date}}", RFM)
                for column in ("rfm_recency", "rfm_frequency", "rfm_monetary")
            ),
        ),
    ),
    # --- Scores and clusters --------------------------------------------------------------------------------------
    "health_score_quality": Aggregates(
        kept=("population", "outcome_date", *DATES),
        counts=(
            shown("judged {population} {as_of_date}", "n", "left_share"),
            shown(
                "gone {population} {as_of_date}", "left_users", "left_share", "quality", "auc", "auc_lower", "auc_upper", "p_value",
                "mean_health_of_left", "mean_health_of_stayed",
            ),
            shown_zero_too("deleted {population} {as_of_date}", "deleted_users"),
        ),
        rounded={
            **{name: f"least(on_grid({name}, nice(2 / left_users)), 1)" for name in ("auc", "auc_lower", "auc_upper")},
            "p_value": "band(p_value)",
            # A score has 100 points at most.
            "mean_health_of_left": "mean_on_grid(mean_health_of_left, left_users, 2 * 100, left_users)",
            "mean_health_of_stayed": "mean_on_grid(mean_health_of_stayed, n - left_users, 2 * 100, n - left_users)",
        },
        sums=(
            adds_up("judged {population} {as_of_date}", "gone {population} {as_of_date}", "stayed {population} {as_of_date}"),
            adds_up(
                EVERYBODY, "judged all_users {as_of_date}", "deleted all_users {as_of_date}", where="population = 'all_users'",
            ),
            adds_up(
                "yes active_users_28d __all__ {as_of_date}", "judged active_users {as_of_date}", "deleted active_users {as_of_date}",
                where="population = 'active_users'",
            ),
            *(
                adds_up(
                    f"{what} all_users {{as_of_date}}", f"{what} active_users {{as_of_date}}", f"{what} inactive_users {{as_of_date}}",
                    where="population = 'all_users'",
                )
                for what in ("judged", "gone", "deleted")
            ),
        ),
    ),
    "cluster_centroids": Aggregates(
        kept=("feature", "settings_hash", "version", "cluster", "feature_mean", "feature_standard_deviation", "inertia", *DATES),
        # A feature is standardized: one person is seldom further than 4 standard deviations from the mean.
        helpers={"_n": "sum(users) over (partition by version, feature)"},
        further_helpers={
            "_mean": "on_grid(feature_mean, nice(2 * 4 * feature_standard_deviation / _n))",
            "_deviation": "digits(feature_standard_deviation, 2)",
            "_centroid": "on_grid(centroid_standardised, nice(2 * 4 / users))",
        },
        rounded={
            "feature_mean": "_mean", "feature_standard_deviation": "_deviation", "centroid_standardised": "_centroid",
            "centroid": "round(_mean + _deviation * _centroid, 6)", "inertia": "digits(inertia, 2)",
            "distance_to_previous": "round(distance_to_previous, 2)",
        },
        counts=(
            shown("cluster {version} {cluster}", "users", "share", "centroid", "centroid_standardised", "distance_to_previous"),
            implied("clustered {version}", "users / nullif(share, 0)", "share"),
        ),
        sums=(adds_up_across("clustered {version}", "cluster {version} {cluster}"),),
        # Fitted anew every clusters.refit_days only.
        is_state=True,
    ),
    "churn_model": Aggregates(
        kept=("term", "term_number", "is_converged", "anchor_date", "outcome_date", *DATES),
        rounded={
            "coefficient": "on_grid(coefficient, nice(20 / training_users))",
            "feature_mean": "on_grid(feature_mean, nice(2 * 4 * feature_standard_deviation / training_users))",
            "feature_standard_deviation": "digits(feature_standard_deviation, 2)",
            "training_auc": "least(on_grid(training_auc, nice(2 / training_left)), 1)",
            **{name: f"least(on_grid({name}, nice(2 / test_left)), 1)" for name in ("auc", "auc_lower", "auc_upper")},
        },
        counts=(
            shown("trained", "training_users", *TRAINED, "training_auc"),
            shown("trained and left", "training_left", *TRAINED, "training_auc"),
            shown("tested", "test_users", "auc", "auc_lower", "auc_upper"),
            shown("tested and left", "test_left", "auc", "auc_lower", "auc_upper"),
        ),
        sums=(
            adds_up("trained", "trained and left", "trained and stayed"),
            adds_up("tested", "tested and left", "tested and stayed"),
        ),
    ),
    # --- Campaigns and experiments --------------------------------------------------------------------------------
    "campaign_results": Aggregates(
        kept=("campaign", "segment", "evidence", "effect_size_kind", *DATES),
        counts=(
            shown("assigned {campaign} {segment}", "assigned_users"),
            shown_zero_too("dropped {campaign} {segment}", "dropped_users"),
            shown_zero_too("unobserved {campaign} {segment}", "unobserved_users"),
            shown_zero_too("unknown {campaign} {segment}", "unknown_users"),
            shown("treated {campaign} {segment}", "n", *EFFECT, *MESSAGES),
            shown("held out {campaign} {segment}", "baseline_n", *EFFECT),
            shown("sent {campaign} {segment}", "sent_users", "sent_share"),
            shown("delivered {campaign} {segment}", "delivered_users", *MESSAGES[1:], *COMPLIER),
            shown("opened {campaign} {segment}", "opened_users", "opened_share"),
            shown("clicked {campaign} {segment}", "clicked_users", "clicked_share"),
            shown("unsubscribed {campaign} {segment}", "unsubscribed_users", "unsubscribed_share"),
            shown("converted {campaign} {segment}", "converted_users", *EFFECT),
            shown("held out and converted {campaign} {segment}", "baseline_converted_users", *EFFECT),
            shown_zero_too("held out and delivered {campaign} {segment}", "baseline_delivered_users", *COMPLIER),
        ),
        sums=(
            adds_up(
                "assigned {campaign} {segment}",
                *(f"{what} {{campaign}} {{segment}}" for what in ("dropped", "unobserved", "treated", "held out")),
            ),
            *(
                adds_up(f"{whole} {{campaign}} {{segment}}", f"{part} {{campaign}} {{segment}}", f"{whole} not {part} {{campaign}} {{segment}}")
                for whole, part in (
                    ("treated", "sent"), ("sent", "delivered"), ("delivered", "opened"), ("delivered", "clicked"),
                    ("opened", "clicked"), ("delivered", "unsubscribed"), ("treated", "converted"),
                    ("held out", "held out and converted"), ("held out", "held out and delivered"),
                )
            ),
            *(
                adds_up(
                    f"{what} {{campaign}} __all__", f"{what} {{campaign}} {{segment}}", f"{what} {{campaign}} rest {{segment}}",
                    where="segment <> '__all__'",
                )
                for what in CAMPAIGN_COUNTS
            ),
            *(
                adds_up_across(f"{what} {{campaign}} __all__", f"{what} {{campaign}} {{segment}}", where=IS_PART)
                for what in CAMPAIGN_COUNTS
            ),
        ),
    ),
    "experiment_variants": Aggregates(
        kept=(
            "experiment", "variant", "control_variant", "evidence", "expected_share", "is_control", "first_assigned_on",
            "last_assigned_on", *DATES,
        ),
        counts=(shown_zero_too("experiment unknown variant {experiment} {variant}", "unknown_users"),),
        # An id that got several variants is counted in each.
        sums=(
            adds_up_across("experiment unknown {experiment} __all__", "experiment unknown variant {experiment} {variant}", is_loose=True),
        ),
    ),
    "experiment_checks": Aggregates(
        kept=("experiment", "segment", "evidence", "degrees_of_freedom", "first_segment_as_of", "last_segment_as_of", *DATES),
        # The arms with fewest and with most users: chi-square and their sum tell both.
        helpers={
            f"_{name}": (
                f"(select {name}(variant, n + unobserved_users) from warehouse.marts.experiment_outcomes as outcomes "
                "where outcomes.experiment = mart.experiment and outcomes.segment = mart.segment)"
            )
            for name in ("arg_min", "arg_max")
        },
        counts=(
            shown("experiment assigned {experiment} {segment}", "assigned_users"),
            shown_zero_too("experiment dropped {experiment} {segment}", "dropped_users"),
            shown_zero_too("experiment unobserved {experiment} {segment}", "unobserved_users"),
            shown_zero_too("experiment unknown {experiment} {segment}", "unknown_users"),
            shown("experiment users {experiment} {segment}", "users", "smallest_expected_users", *RATIO_CHECK),
            used("arm {experiment} {_arg_min} {segment}", *RATIO_CHECK),
            used("arm {experiment} {_arg_max} {segment}", *RATIO_CHECK),
        ),
        sums=(
            adds_up(
                "experiment assigned {experiment} {segment}", "experiment dropped {experiment} {segment}",
                "experiment users {experiment} {segment}",
            ),
            adds_up(
                "experiment users {experiment} {segment}", "experiment unobserved {experiment} {segment}",
                "experiment observed {experiment} {segment}",
            ),
            *(
                adds_up(
                    f"experiment {what} {{experiment}} __all__", f"experiment {what} {{experiment}} {{segment}}",
                    f"experiment {what} {{experiment}} rest {{segment}}", where="segment <> '__all__'",
                )
                for what in ("assigned", "dropped", "unobserved", "users")
            ),
            *(
                adds_up_across(
                    f"experiment {what} {{experiment}} __all__", f"experiment {what} {{experiment}} {{segment}}", where=IS_PART,
                )
                for what in ("assigned", "dropped", "unobserved", "users")
            ),
        ),
    ),
    "experiment_outcomes": Aggregates(
        kept=("experiment", "variant", "segment", "tier", "metric", "metric_kind", *DATES),
        helpers={"_metric": METRIC_OF_ARM, **EXPERIMENT_UNITS},
        rounded={
            "mean": "mean_on_grid(mean, n, nice(_unit), n)",
            "standard_deviation": "deviation_of(squares_on_grid(standard_deviation, n, n, nice(_square)), n, n)",
            "rest_mean": "mean_on_grid(rest_mean, rest_n, nice(_unit), rest_n)",
            "rest_standard_deviation": "deviation_of(squares_on_grid(rest_standard_deviation, rest_n, rest_n, nice(_square)), rest_n, rest_n)",
        },
        withheld={
            name: "a sum that experiment_results is computed from; it would reveal single values"
            for name in ("total", "third_moment", "covariate_mean", "covariate_standard_deviation", "covariance")
        },
        counts=(
            shown(f"{ARM} {{segment}}", "n", "mean", "standard_deviation"),
            shown(f"{ARM} rest {{segment}}", "rest_n", "rest_mean", "rest_standard_deviation", where="segment <> '__all__'"),
            shown_zero_too("arm unobserved {experiment} {variant} {segment}", "unobserved_users"),
            implied("arm {experiment} {variant} {segment}", "n + unobserved_users", where="_metric = ''"),
            implied(
                f"yes {ARM_METRIC} {{segment}}", "n * mean", "mean", "standard_deviation",
                where="metric_kind = 'binary'",
            ),
            implied(
                f"yes {ARM_METRIC} rest {{segment}}", "rest_n * rest_mean", "rest_mean", "rest_standard_deviation",
                where="metric_kind = 'binary' and segment <> '__all__'",
            ),
        ),
        sums=(
            adds_up(f"{ARM} __all__", f"{ARM} {{segment}}", f"{ARM} rest {{segment}}", where="segment <> '__all__'"),
            adds_up_across(f"{ARM} __all__", f"{ARM} {{segment}}", where=IS_PART),
            adds_up(
                "arm {experiment} {variant} {segment}", f"{ARM} {{segment}}", "arm unobserved {experiment} {variant} {segment}",
                where="_metric = ''",
            ),
            adds_up(
                "arm unobserved {experiment} {variant} __all__", "arm unobserved {experiment} {variant} {segment}",
                "arm unobserved {experiment} {variant} rest {segment}", where="segment <> '__all__'",
            ),
            adds_up_across(
                "arm unobserved {experiment} {variant} __all__", "arm unobserved {experiment} {variant} {segment}", where=IS_PART,
            ),
            adds_up_across(
                "experiment users {experiment} {segment}", "arm {experiment} {variant} {segment}", where="_metric = ''",
            ),
            adds_up_across("experiment unobserved {experiment} {segment}", "arm unobserved {experiment} {variant} {segment}"),
            *(
                adds_up(f"{ARM}{who}", f"yes {ARM_METRIC}{who}", f"no {ARM_METRIC}{who}", where=f"metric_kind = 'binary' and {where}")
                for who, where in ((" {segment}", "true"), (" rest {segment}", "segment <> '__all__'"))
            ),
            adds_up(
                f"yes {ARM_METRIC} __all__", f"yes {ARM_METRIC} {{segment}}", f"yes {ARM_METRIC} rest {{segment}}",
                where="metric_kind = 'binary' and segment <> '__all__'",
            ),
            adds_up_across(
                f"yes {ARM_METRIC} __all__", f"yes {ARM_METRIC} {{segment}}", where=f"metric_kind = 'binary' and {IS_PART}",
            ),
        ),
    ),
    "experiment_results": Aggregates(
        kept=(
            "experiment", "variant", "control_variant", "segment", "metric", "metric_kind", "evidence", "effect_size_kind",
            "heterogeneity_segments", *DATES,
        ),
        helpers={"_metric": METRIC_OF_ARM, **EXPERIMENT_UNITS},
        further_helpers={**GRIDS, **SPREADS},
        rounded={
            **COMPARED_ON_GRID,
            **{
                name: f"on_grid({name}, nice(2 * _wider_grid))"
                for name in ("cuped_difference", "interaction", "shrunken_difference", "stratified_difference")
            },
            **{
                name: rounding
                for column in ("cuped_difference", "interaction", "stratified_difference")
                for name, rounding in interval(column, f"on_grid({column}, nice(2 * _wider_grid))", "2 * _margin_grid").items()
            },
            # This interval has the difference in its middle, too.
            "always_valid_lower": f"round({DIFFERENCE_ON_GRID} - margin_on_grid(difference - always_valid_lower, 2 * _margin_grid), 12)",
            "always_valid_upper": f"round({DIFFERENCE_ON_GRID} + margin_on_grid(always_valid_upper - difference, 2 * _margin_grid), 12)",
            **{
                name: f"band({name})"
                for name in (
                    "cuped_p_value", "always_valid_p_value", "interaction_p_value", "interaction_q_value", "heterogeneity_p_value",
                )
            },
            "variance_reduction": "round(variance_reduction, 1)",
            **{name: f"digits({name}, 1)" for name in ("heterogeneity_q", "heterogeneity_tau_squared")},
            "heterogeneity_i_squared": "round(heterogeneity_i_squared, 1)",
        },
        counts=(
            shown(f"{ARM} {{segment}}", "n", *RESULT),
            shown(f"{ARM_OF_CONTROL} {{segment}}", "baseline_n", *RESULT),
            shown_zero_too("experiment dropped {experiment} {segment}", "dropped_users"),
            shown_zero_too("pair unobserved {experiment} {variant} {segment}", "unobserved_users"),
            used(f"yes {ARM_METRIC} {{segment}}", *RESULT, where="metric_kind = 'binary'"),
            used(f"yes {ARM_METRIC_OF_CONTROL} {{segment}}", *RESULT, where="metric_kind = 'binary'"),
            # The interaction compares with the users outside of the segment.
            *(
                used(name, *INTERACTION, where=where)
                for name, where in (
                    (f"{ARM} rest {{segment}}", "segment <> '__all__'"),
                    (f"{ARM_OF_CONTROL} rest {{segment}}", "segment <> '__all__'"),
                    (f"yes {ARM_METRIC} rest {{segment}}", "metric_kind = 'binary' and segment <> '__all__'"),
                    (f"yes {ARM_METRIC_OF_CONTROL} rest {{segment}}", "metric_kind = 'binary' and segment <> '__all__'"),
                )
            ),
            used("arm {experiment} {variant} {segment}", "sample_ratio_p_value", "is_sample_ratio_mismatch"),
            used("arm {experiment} {control_variant} {segment}", "sample_ratio_p_value", "is_sample_ratio_mismatch"),
        ),
        sums=(
            adds_up(
                "pair unobserved {experiment} {variant} {segment}", "arm unobserved {experiment} {variant} {segment}",
                "arm unobserved {experiment} {control_variant} {segment}",
            ),
        ),
    ),
    # --- The data themselves: rows and events, not people ---------------------------------------------------------
    "input_summary": Aggregates(
        kept=(
            "input", "commonest_reject_reason", "commonest_unknown_cause", "rows_read", "rows_used", "rows_duplicate", "rows_rejected",
            "rejected_share", "rows_with_local_time", "rows_with_unreadable_values", "rows_of_unknown_users", "unknown_user_share",
            "rows_of_unknown_accounts", "unknown_account_share", "rows_of_anonymous_visitors", "is_present", *DATES,
        ),
    ),
    "source_changes": Aggregates(kept=("event_date", "events_in_source", "events_in_warehouse", *DATES)),
    "unlisted_events": Aggregates(
        kept=("event_name", *DATES),
        counts=(shown("unlisted {event_name}", "users", "events", "first_event_date", "last_event_date"),),
    ),
    "audiences": Aggregates(
        kept=(
            "audience", "destination", "segment", "key_kind", "excluded_segments", "holdout_share", "max_change_share", *DATES,
        ),
    ),
    # --- Single users ---------------------------------------------------------------------------------------------
    "users": Users(
        withheld={
            **{
                name: "exact money is known outside of the account: whoever has one invoice finds its row; revenue_band and plan stay"
                for name in ("annual_revenue", "mrr", "mrr_91d_ago", "revenue_91d", "lifetime_revenue", "acquisition_cost")
            },
            **{
                name: "an exact headcount is known outside of the account and singles it out; company_size stays"
                for name in ("employee_count", "seats", "account_users")
            },
        },
        # Seconds of sessions stand in the logs of others.
        rounded={"session_minutes_7d": 0, "session_minutes_28d": 0, "session_minutes_91d": 0},
    ),
    "user_segments": Users(withheld={"definition_hash": "is in segments", "effective_hash": "not meaningful to readers"}),
    "user_primary_segments": Users(),
    "segment_memberships": Users(),
    "user_churn_scores": Users(),
    "user_clusters": Users(),
    "account_health": Users(withheld={
        **{name: "exact money singles the account out" for name in ("mrr", "revenue_91d")},
        **{name: "an exact headcount singles the account out" for name in ("users", "active_users")},
    }),
    "campaign_users": Users(),
    "experiment_users": Users(),
    # --- Not published --------------------------------------------------------------------------------------------
    "rejected_rows": Withheld("raw rows as received; input_summary counts them"),
    "unreadable_values": Withheld("raw rows as received; input_summary counts them"),
    "unknown_ids": Withheld("ids as received; input_summary counts them"),
    "amounts_by_owner": Withheld("amounts that may be of a single account: a check of the warehouse, not of segments"),
    "driver_conditions": Withheld("rows that segment_drivers is computed from"),
    "driver_observations": Withheld("rows that segment_drivers is computed from"),
    "driver_pairs": Withheld("the best of thousands, not for reading; segment_drivers tests them"),
    "audience_members": Withheld("who gets which message: read by scripts/audiences.py alone"),
    "audience_changes": Withheld("who gets which message: read by scripts/audiences.py alone"),
    "audience_deliveries": Withheld("addresses and ids at the destinations: read by scripts/audiences.py alone"),
    "audience_delivery_log": Withheld("how many were sent where: read by scripts/audiences.py alone"),
}
