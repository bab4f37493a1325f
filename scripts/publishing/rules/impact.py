"""Campaigns and experiments."""

from __future__ import annotations

from ..declarations import Aggregates, Publication, Users, Withheld, adds_up, adds_up_across, implied, shown, shown_zero_too, used
from ..rounding import DEVIATIONS
from .grids import COMPARED_ON_GRID, DIFFERENCE_ON_GRID, GRIDS, SPREADS, interval
from .names import COUNTED_ACCOUNTS, DATES, LIFT, MEANS, TELLS_ACCOUNTS, TEST

# The parts of an experiment or campaign that hold everybody once.
IS_PART = "(segment in ({lifecycle}) or segment = '__no_history__')"

# Metrics that every user of an experiment has, as most, name its users once; one that some lack, such as NPS, has its own.
USERS_OF = (
    "(select sum(n) as users from warehouse.marts.experiment_outcomes as outcomes "
    "where outcomes.experiment = mart.experiment and outcomes.segment = '__all__'"
)
METRIC_OF_ARM = f"case when {USERS_OF} and outcomes.metric = mart.metric) = (select max(users) from {USERS_OF} group by metric)) then '' else metric end"
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
COMPLIER = ("complier_effect", "complier_effect_lower", "complier_effect_upper")
EFFECT = (*TEST, *MEANS, *LIFT, *COMPLIER, "effect_size", "smallest_detectable_difference")
MESSAGES = ("sent_share", "delivered_share", "opened_share", "clicked_share", "unsubscribed_share")
RATIO_CHECK = ("chi_square", "p_value", "is_sample_ratio_mismatch")
INTERACTION = ("interaction", "interaction_lower", "interaction_upper", "interaction_p_value", "interaction_q_value")
RESULT = (
    *TEST,
    *MEANS,
    *LIFT,
    *INTERACTION,
    "standard_deviation",
    "baseline_standard_deviation",
    "effect_size",
    "smallest_detectable_difference",
    "cuped_difference",
    "cuped_difference_lower",
    "cuped_difference_upper",
    "cuped_p_value",
    "variance_reduction",
    "always_valid_lower",
    "always_valid_upper",
    "always_valid_p_value",
    "shrunken_difference",
    "sample_ratio_p_value",
    "heterogeneity_q",
    "heterogeneity_p_value",
    "heterogeneity_i_squared",
    "heterogeneity_tau_squared",
    "stratified_difference",
    "stratified_difference_lower",
    "stratified_difference_upper",
    "is_sample_ratio_mismatch",
    "is_reversed",
    "non_inferiority",
)
CAMPAIGN_COUNTS = (
    "assigned",
    "dropped",
    "unobserved",
    "treated",
    "held out",
    "sent",
    "delivered",
    "opened",
    "clicked",
    "unsubscribed",
    "converted",
    "held out and converted",
    "held out and delivered",
)

MARTS: dict[str, Publication] = {
    "campaign_results": Aggregates(
        kept=("campaign", "segment", "evidence", "randomization_unit", "effect_size_kind", *DATES),
        withheld={"accounts": COUNTED_ACCOUNTS, "baseline_accounts": COUNTED_ACCOUNTS, "design_effect": TELLS_ACCOUNTS},
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
                adds_up(
                    f"{whole} {{campaign}} {{segment}}", f"{part} {{campaign}} {{segment}}", f"{whole} not {part} {{campaign}} {{segment}}"
                )
                for whole, part in (
                    ("treated", "sent"),
                    ("sent", "delivered"),
                    ("delivered", "opened"),
                    ("delivered", "clicked"),
                    ("opened", "clicked"),
                    ("delivered", "unsubscribed"),
                    ("treated", "converted"),
                    ("held out", "held out and converted"),
                    ("held out", "held out and delivered"),
                )
            ),
            *(
                adds_up(
                    f"{what} {{campaign}} __all__",
                    f"{what} {{campaign}} {{segment}}",
                    f"{what} {{campaign}} rest {{segment}}",
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
            "experiment",
            "variant",
            "control_variant",
            "evidence",
            "randomization_unit",
            "expected_share",
            "is_control",
            "is_holdout",
            "first_assigned_on",
            "last_assigned_on",
            *DATES,
        ),
        withheld=dict.fromkeys(
            ("shared_accounts", "undivided_accounts", "expected_undivided_accounts", "undivided_p_value"), COUNTED_ACCOUNTS
        ),
        counts=(shown_zero_too("experiment unknown variant {experiment} {variant}", "unknown_users"),),
        # An id that got several variants is counted in each.
        sums=(
            adds_up_across("experiment unknown {experiment} __all__", "experiment unknown variant {experiment} {variant}", is_loose=True),
        ),
    ),
    "experiment_checks": Aggregates(
        kept=(
            "experiment",
            "segment",
            "evidence",
            "randomization_unit",
            "degrees_of_freedom",
            "first_segment_as_of",
            "last_segment_as_of",
            *DATES,
        ),
        # The arms with fewest and with most users: chi-square and their sum tell both.
        helpers={
            f"_{name}": (
                f"(select {name}(variant, n + unobserved_users) from warehouse.marts.experiment_outcomes as outcomes "
                "where outcomes.experiment = mart.experiment and outcomes.segment = mart.segment)"
            )
            for name in ("arg_min", "arg_max")
        },
        withheld={
            "accounts": COUNTED_ACCOUNTS,
            "holdout_users": "the users of one variant, as experiment_outcomes has them",
            "interfered_users": TELLS_ACCOUNTS,
            "interfered_share": TELLS_ACCOUNTS,
            "smallest_expected_units": COUNTED_ACCOUNTS,
        },
        counts=(
            shown("experiment assigned {experiment} {segment}", "assigned_users"),
            shown_zero_too("experiment dropped {experiment} {segment}", "dropped_users"),
            shown_zero_too("experiment unobserved {experiment} {segment}", "unobserved_users"),
            shown_zero_too("experiment unknown {experiment} {segment}", "unknown_users"),
            shown("experiment users {experiment} {segment}", "users", "interference", *RATIO_CHECK),
            used("arm {experiment} {_arg_min} {segment}", *RATIO_CHECK),
            used("arm {experiment} {_arg_max} {segment}", *RATIO_CHECK),
        ),
        sums=(
            adds_up(
                "experiment assigned {experiment} {segment}",
                "experiment dropped {experiment} {segment}",
                "experiment users {experiment} {segment}",
            ),
            adds_up(
                "experiment users {experiment} {segment}",
                "experiment unobserved {experiment} {segment}",
                "experiment observed {experiment} {segment}",
            ),
            *(
                adds_up(
                    f"experiment {what} {{experiment}} __all__",
                    f"experiment {what} {{experiment}} {{segment}}",
                    f"experiment {what} {{experiment}} rest {{segment}}",
                    where="segment <> '__all__'",
                )
                for what in ("assigned", "dropped", "unobserved", "users")
            ),
            *(
                adds_up_across(f"experiment {what} {{experiment}} __all__", f"experiment {what} {{experiment}} {{segment}}", where=IS_PART)
                for what in ("assigned", "dropped", "unobserved", "users")
            ),
        ),
    ),
    "experiment_outcomes": Aggregates(
        kept=("experiment", "variant", "segment", "segment_group", "metric", "metric_kind", *DATES),
        helpers={"_metric": METRIC_OF_ARM, **EXPERIMENT_UNITS},
        rounded={
            "mean": "mean_on_grid(mean, n, nice(_unit), n)",
            "standard_deviation": "deviation_of(squares_on_grid(standard_deviation, n, n, nice(_square)), n, n)",
            "rest_mean": "mean_on_grid(rest_mean, rest_n, nice(_unit), rest_n)",
            "rest_standard_deviation": "deviation_of(squares_on_grid(rest_standard_deviation, rest_n, rest_n, nice(_square)), rest_n, rest_n)",
        },
        withheld={
            **dict.fromkeys(
                (
                    "total",
                    "covariate_mean",
                    "covariate_standard_deviation",
                    "covariance",
                    "squared_error",
                    "covariate_squared_error",
                    "covariance_of_means",
                    "third_moment_of_mean",
                    "degrees_of_freedom",
                    "interaction_squared_error",
                ),
                "a sum that experiment_results is computed from; it would reveal single values",
            ),
            "accounts": COUNTED_ACCOUNTS,
            "rest_accounts": COUNTED_ACCOUNTS,
        },
        counts=(
            shown(f"{ARM} {{segment}}", "n", "mean", "standard_deviation"),
            shown(f"{ARM} rest {{segment}}", "rest_n", "rest_mean", "rest_standard_deviation", where="segment <> '__all__'"),
            shown_zero_too("arm unobserved {experiment} {variant} {segment}", "unobserved_users"),
            implied("arm {experiment} {variant} {segment}", "n + unobserved_users", where="_metric = ''"),
            implied(f"yes {ARM_METRIC} {{segment}}", "n * mean", "mean", "standard_deviation", where="metric_kind = 'binary'"),
            implied(
                f"yes {ARM_METRIC} rest {{segment}}",
                "rest_n * rest_mean",
                "rest_mean",
                "rest_standard_deviation",
                where="metric_kind = 'binary' and segment <> '__all__'",
            ),
        ),
        sums=(
            adds_up(f"{ARM} __all__", f"{ARM} {{segment}}", f"{ARM} rest {{segment}}", where="segment <> '__all__'"),
            adds_up_across(f"{ARM} __all__", f"{ARM} {{segment}}", where=IS_PART),
            adds_up(
                "arm {experiment} {variant} {segment}",
                f"{ARM} {{segment}}",
                "arm unobserved {experiment} {variant} {segment}",
                where="_metric = ''",
            ),
            # Users who lack a metric.
            adds_up(
                "arm observed  {experiment} {variant} {segment}",
                f"{ARM} {{segment}}",
                "arm without {_metric} {experiment} {variant} {segment}",
                where="_metric <> ''",
            ),
            adds_up(
                "arm unobserved {experiment} {variant} __all__",
                "arm unobserved {experiment} {variant} {segment}",
                "arm unobserved {experiment} {variant} rest {segment}",
                where="segment <> '__all__'",
            ),
            adds_up_across(
                "arm unobserved {experiment} {variant} __all__", "arm unobserved {experiment} {variant} {segment}", where=IS_PART
            ),
            adds_up_across("experiment users {experiment} {segment}", "arm {experiment} {variant} {segment}", where="_metric = ''"),
            adds_up_across("experiment unobserved {experiment} {segment}", "arm unobserved {experiment} {variant} {segment}"),
            *(
                adds_up(f"{ARM}{who}", f"yes {ARM_METRIC}{who}", f"no {ARM_METRIC}{who}", where=f"metric_kind = 'binary' and {where}")
                for who, where in ((" {segment}", "true"), (" rest {segment}", "segment <> '__all__'"))
            ),
            adds_up(
                f"yes {ARM_METRIC} __all__",
                f"yes {ARM_METRIC} {{segment}}",
                f"yes {ARM_METRIC} rest {{segment}}",
                where="metric_kind = 'binary' and segment <> '__all__'",
            ),
            adds_up_across(f"yes {ARM_METRIC} __all__", f"yes {ARM_METRIC} {{segment}}", where=f"metric_kind = 'binary' and {IS_PART}"),
        ),
    ),
    "experiment_results": Aggregates(
        kept=(
            "experiment",
            "variant",
            "control_variant",
            "segment",
            "metric",
            "metric_kind",
            "role",
            "direction",
            "margin",
            "evidence",
            "randomization_unit",
            "effect_size_kind",
            "heterogeneity_segments",
            *DATES,
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
                for name in ("cuped_p_value", "always_valid_p_value", "interaction_p_value", "interaction_q_value", "heterogeneity_p_value")
            },
            "variance_reduction": "round(variance_reduction, 1)",
            **{name: f"digits({name}, 1)" for name in ("heterogeneity_q", "heterogeneity_tau_squared")},
            "heterogeneity_i_squared": "round(heterogeneity_i_squared, 1)",
        },
        withheld={"accounts": COUNTED_ACCOUNTS, "baseline_accounts": COUNTED_ACCOUNTS, "design_effect": TELLS_ACCOUNTS},
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
            used("experiment users {experiment} {segment}", "interference"),
            used("arm {experiment} {variant} {segment}", "sample_ratio_p_value", "is_sample_ratio_mismatch"),
            used("arm {experiment} {control_variant} {segment}", "sample_ratio_p_value", "is_sample_ratio_mismatch"),
        ),
        sums=(
            adds_up(
                "pair unobserved {experiment} {variant} {segment}",
                "arm unobserved {experiment} {variant} {segment}",
                "arm unobserved {experiment} {control_variant} {segment}",
            ),
        ),
    ),
    "campaign_outcomes": Withheld("sums that campaign_results is computed from; it holds what may be read"),
    "campaign_users": Users(),
    "experiment_users": Users(
        withheld=dict.fromkeys(
            ("revenue", "revenue_before"), "exact money is known outside of the account: whoever has one invoice finds its row"
        )
    ),
    "experiment_days": Withheld("of two days in a row the difference is what single users did; experiment_results holds the whole window"),
    "experiment_timeline": Withheld("it says on which day single users came in, and what each of them adds to the result"),
    "experiment_baselines": Withheld("sums that experiment_plan is computed from"),
    "experiment_plan": Withheld(
        "who came into a segment in a week, and means of its members of one date more than segment_comparison has; experiments are "
        "planned where the warehouse is"
    ),
    "experiment_tests": Withheld("tests before they are corrected; experiment_results holds them"),
}
