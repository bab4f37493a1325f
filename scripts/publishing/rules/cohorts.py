"""Retention, survival, funnels, adoption, growth."""

from __future__ import annotations

from ..declarations import Aggregates, Publication, Withheld, adds_up, adds_up_across, implied, shown, used
from .grids import DIFFERENCE_ON_GRID, GRIDS, interval
from .names import COUNTED_ACCOUNTS, DATES, DIFFERENCE, IS_LIFECYCLE, LIFT, MEANS, MEMBERS, REST, TELLS_ACCOUNTS, TEST

STEP = "step {funnel}"
# Exact bounds would tell the design effect.
BOUNDS_OF_SHARE = {name: f"digits({name}, 2)" for name in ("share_lower", "share_upper")}

# Two kinds of retention over the same days are the same number.
BACK = "back {first_day} {coalesce(cast(last_day as varchar), 'end')}"
ACTIVE_BEFORE = "active{case when is_provisional then ' before ' || as_of_date else '' end}"
# Members of the cohort, or those of them who took the step before.
CAME = "{case when from_step = 0 then 'members' else 'step ' || outcome || ' ' || from_step end} {segment} {cohort_date}"
CAME_OF_REST = "{case when from_step = 0 then 'rest' else 'step ' || outcome || ' ' || from_step || ' rest' end} {segment} {cohort_date}"
DID = "{case when subject = 'retention' then 'back ' || first_day || ' ' || last_day else 'step ' || outcome || ' ' || step end}"
ADOPTED = (*TEST, *MEANS, *LIFT, "effect_size", "smallest_detectable_difference")
SURVIVAL = (
    *TEST,
    *DIFFERENCE,
    "mean",
    "mean_lower",
    "mean_upper",
    "median_days",
    "median_days_lower",
    "median_days_upper",
    "chi_square",
    "effect_size",
)
SURVIVAL_REST = (*TEST, *DIFFERENCE, "baseline_mean", "baseline_median_days", "chi_square", "effect_size")

OF_ALL = "segment = '__all__'"

MARTS: dict[str, Publication] = {
    # Exact counts of signups beside those of users would tell how many were deleted.
    "signup_cohorts": Aggregates(
        # Those of segments are of a dozen people.
        rows=OF_ALL,
        kept=("segment", "cohort_unit", "period", "is_mature", "cohort_start", *DATES),
        counts=(
            implied("signups of the {cohort_unit} {cohort_start}", "n", "n", "share", where=OF_ALL),
            implied("active again {cohort_unit} {cohort_start} {period}", "retained", "share", where=OF_ALL),
            implied("activation known {cohort_unit} {cohort_start}", "activation_known", "activation_rate", where=OF_ALL),
            implied("activated {cohort_unit} {cohort_start}", "activated", "activation_rate", where=OF_ALL),
        ),
        sums=(
            adds_up(
                "signups of the {cohort_unit} {cohort_start}",
                "active again {cohort_unit} {cohort_start} {period}",
                "not back {cohort_unit} {cohort_start} {period}",
                where=f"retained is not null and {OF_ALL}",
            ),
            adds_up(
                "activation known {cohort_unit} {cohort_start}",
                "activated {cohort_unit} {cohort_start}",
                "not activated {cohort_unit} {cohort_start}",
                where=OF_ALL,
            ),
        ),
        rounded={
            "n": "on_grid(n, 10)",
            "share": "on_grid(share, nice(4 / n))",
            "activation_rate": "on_grid(activation_rate, nice(4 / activation_known))",
        },
        withheld={
            "retained": "share says it, on a grid",
            "activation_known": "with the rate it would tell the counts",
            "activated": "activation_rate says it, on a grid",
            "lifetime_revenue_per_user": "money of a few accounts",
        },
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
                    f"used {{feature}} {who} {{as_of_date}}",
                    f"used lately {{feature}} {who} {{as_of_date}}",
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
                    f"{used_when} {{feature}} __all__ {{as_of_date}}",
                    f"{used_when} {{feature}} {{segment}} {{as_of_date}}",
                    f"{used_when} {{feature}} rest {{segment}} {{as_of_date}}",
                )
                for used_when in ("used", "used lately")
            ),
            *(
                adds_up_across(
                    f"{used_when} {{feature}} __all__ {{as_of_date}}",
                    f"{used_when} {{feature}} {{segment}} {{as_of_date}}",
                    where=IS_LIFECYCLE,
                )
                for used_when in ("used", "used lately")
            ),
        ),
        withheld={"accounts": COUNTED_ACCOUNTS, "baseline_accounts": COUNTED_ACCOUNTS, "design_effect": TELLS_ACCOUNTS},
    ),
    "cohort_comparison": Aggregates(
        kept=(
            "segment",
            "subject",
            "outcome",
            "outcome_label",
            "baseline",
            "effect_size_kind",
            "step",
            "from_step",
            "first_day",
            "last_day",
            "is_circular",
            "cohort_date",
            *DATES,
        ),
        # Exact bounds, p and q would tell the design effect.
        rounded={
            **{name: f"digits({name}, 2)" for name in ("difference_lower", "difference_upper", "lift_lower", "lift_upper")},
            "smallest_detectable_difference": "digits(smallest_detectable_difference, 2)",
            "p_value": "band(p_value)",
            "q_value": "band(q_value)",
        },
        counts=(
            shown(CAME, "n", *ADOPTED),
            shown(CAME_OF_REST, "baseline_n", *ADOPTED),
            shown(f"{DID} {{segment}} {{cohort_date}}", "users", *ADOPTED),
            shown(f"{DID} rest {{segment}} {{cohort_date}}", "baseline_users", *ADOPTED),
        ),
        sums=(
            adds_up(
                "members __all__ {cohort_date}", "members {segment} {cohort_date}", "rest {segment} {cohort_date}", where="from_step = 0"
            ),
            *(
                adds_up(whole, f"{DID} {who} {{cohort_date}}", f"not {DID} {{from_step}} {who} {{cohort_date}}")
                for whole, who in ((CAME, "{segment}"), (CAME_OF_REST, "rest {segment}"))
            ),
            adds_up(f"{DID} __all__ {{cohort_date}}", f"{DID} {{segment}} {{cohort_date}}", f"{DID} rest {{segment}} {{cohort_date}}"),
        ),
        withheld={"accounts": COUNTED_ACCOUNTS, "baseline_accounts": COUNTED_ACCOUNTS, "design_effect": TELLS_ACCOUNTS},
    ),
    "feature_adoption_counts": Withheld("counts that segment_feature_adoption is computed from, before small ones are withheld"),
    "segment_retention": Aggregates(
        kept=("segment", "kind", "period", "first_day", "last_day", "is_mature", "cohort_date", *DATES),
        rounded=BOUNDS_OF_SHARE,
        withheld={"accounts": COUNTED_ACCOUNTS, "design_effect": TELLS_ACCOUNTS},
        counts=(
            shown("members {segment} {cohort_date}", "n", "share", "share_lower", "share_upper", "quality"),
            shown(f"{BACK} {{segment}} {{cohort_date}}", "retained", "share", "share_lower", "share_upper", "quality"),
        ),
        sums=(
            adds_up(
                "members {segment} {cohort_date}",
                f"{BACK} {{segment}} {{cohort_date}}",
                f"not {BACK} {{segment}} {{cohort_date}}",
                where="retained is not null",
            ),
            adds_up(
                f"{BACK} {{segment}} {{cohort_date}}",
                "back {first_day + 7} end {segment} {cohort_date}",
                "last back {first_day} {segment} {cohort_date}",
                where="kind = 'unbounded' and retained is not null",
            ),
            adds_up(
                f"{BACK} __all__ {{cohort_date}}",
                f"{BACK} {{segment}} {{cohort_date}}",
                f"{BACK} rest {{segment}} {{cohort_date}}",
                where="segment <> '__all__' and retained is not null",
            ),
            adds_up_across(
                f"{BACK} __all__ {{cohort_date}}", f"{BACK} {{segment}} {{cohort_date}}", where=f"{IS_LIFECYCLE} and retained is not null"
            ),
        ),
    ),
    "segment_funnels": Aggregates(
        kept=("segment", "funnel", "event_name", "step", "is_mature", "cohort_date", *DATES),
        # A median is one person's time.
        rounded={"median_days": "on_grid(median_days, 5e-1)", **BOUNDS_OF_SHARE},
        withheld={"accounts": COUNTED_ACCOUNTS, "design_effect": TELLS_ACCOUNTS},
        counts=(
            shown("members {segment} {cohort_date}", "n", "share", "share_lower", "share_upper", "share_of_previous", "quality"),
            shown(
                f"{STEP} {{step}} {{segment}} {{cohort_date}}",
                "users",
                "share",
                "share_lower",
                "share_upper",
                "share_of_previous",
                "median_days",
                "quality",
            ),
            used(f"{STEP} {{step - 1}} {{segment}} {{cohort_date}}", "share_of_previous"),
        ),
        sums=(
            adds_up(
                "{case when step = 1 then 'members' else 'step ' || funnel || ' ' || (step - 1) end} {segment} {cohort_date}",
                f"{STEP} {{step}} {{segment}} {{cohort_date}}",
                f"not {STEP} {{step}} {{segment}} {{cohort_date}}",
                where="users is not null",
            ),
            adds_up(
                f"{STEP} {{step}} __all__ {{cohort_date}}",
                f"{STEP} {{step}} {{segment}} {{cohort_date}}",
                f"{STEP} {{step}} rest {{segment}} {{cohort_date}}",
                where="segment <> '__all__' and users is not null",
            ),
            adds_up_across(
                f"{STEP} {{step}} __all__ {{cohort_date}}",
                f"{STEP} {{step}} {{segment}} {{cohort_date}}",
                where=f"{IS_LIFECYCLE} and users is not null",
            ),
        ),
    ),
    "growth_accounting": Aggregates(
        kept=("segment", "is_provisional", "period_start_date", "previous_as_of_date", *DATES),
        counts=(
            shown("active {segment} {as_of_date}", "active_users"),
            # A provisional period overlaps with the one before, so its "before" is a number of its own.
            shown(f"{ACTIVE_BEFORE} {{segment}} {{previous_as_of_date}}", "previous_active_users"),
            *(shown(f"{what} {{segment}} {{as_of_date}}", f"{what}_users", "quick_ratio") for what in ("new", "resurrected", "churned")),
            # Nobody moves into or out of everybody: that 0 is no secret.
            *(
                shown(f"{what} {{segment}} {{as_of_date}}", f"{what}_users", "quick_ratio", where="segment <> '__all__'")
                for what in ("moved_in", "moved_out")
            ),
            shown("retained {segment} {as_of_date}", "retained_users"),
        ),
        sums=(
            *(
                adds_up(whole, *(f"{part} {{segment}} {{as_of_date}}" for part in counted), where=where)
                for whole, parts in (
                    ("active {segment} {as_of_date}", ("retained", "new", "resurrected", "moved_in")),
                    (f"{ACTIVE_BEFORE} {{segment}} {{previous_as_of_date}}", ("retained", "churned", "moved_out")),
                )
                for where, counted in (("segment <> '__all__'", parts), ("segment = '__all__'", parts[:-1]))
            ),
            adds_up(MEMBERS, "active {segment} {as_of_date}", "inactive {segment} {as_of_date}"),
            *(
                adds_up(
                    f"{what} __all__ {{as_of_date}}",
                    f"{what} {{segment}} {{as_of_date}}",
                    f"{what} rest {{segment}} {{as_of_date}}",
                    where="segment <> '__all__'",
                )
                for what in ("active", "new", "resurrected", "churned")
            ),
            *(
                adds_up_across(f"{what} __all__ {{as_of_date}}", f"{what} {{segment}} {{as_of_date}}", where=IS_LIFECYCLE)
                for what in ("active", "new", "resurrected", "churned")
            ),
            # Whoever changes the segment is retained for everybody.
            *(
                adds_up_across(
                    "retained __all__ {as_of_date}",
                    "retained {segment} {as_of_date}",
                    f"{what} {{segment}} {{as_of_date}}",
                    where=IS_LIFECYCLE,
                )
                for what in ("moved_in", "moved_out")
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
            implied("pauses {segment} {group_name} {_block}", "_events", "survival", "survival_lower", "survival_upper", where="_is_last"),
            shown(
                "at risk {segment} {group_name} {day_number}", "at_risk", "survival", "survival_lower", "survival_upper", where="_is_last"
            ),
        ),
        rounded={name: f"least(on_grid({name}, nice(2 / at_risk)), 1)" for name in ("survival", "survival_lower", "survival_upper")},
        withheld={
            "entered": "users of single days",
            "events": "users of single days",
            "censored": "users of single days",
            "design_effect": TELLS_ACCOUNTS,
        },
    ),
    "segment_survival_summary": Aggregates(
        kept=("segment", "baseline", "effect_size_kind", "horizon_days", "is_circular", *DATES),
        helpers={"_unit": "2 * horizon_days", "_square": "horizon_days * horizon_days"},
        further_helpers=GRIDS,
        rounded={
            "mean": "_mean",
            "baseline_mean": "_baseline_mean",
            **interval("mean", "_mean", "nice(2 * _square / n / n)"),
            "difference": DIFFERENCE_ON_GRID,
            **interval("difference", DIFFERENCE_ON_GRID, "_margin_grid"),
            **{
                name: f"cast(on_grid({name}, 5) as bigint)"
                for name in ("median_days", "median_days_lower", "median_days_upper", "baseline_median_days")
            },
            "chi_square": "digits(chi_square, 2)",
            "effect_size": "digits(effect_size, 1)",
            "p_value": "band(p_value)",
            "q_value": "band(q_value)",
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
            adds_up("ever at risk rest {segment}", "paused rest {segment}", "not paused rest {segment}", where="segment <> '__all__'"),
            adds_up("paused __all__", "paused {segment}", "paused rest {segment}", where="segment <> '__all__'", is_loose=True),
            adds_up("ever members __all__", "ever members {segment}", "never members {segment}", where="segment <> '__all__'"),
        ),
        withheld={"accounts": COUNTED_ACCOUNTS, "baseline_accounts": COUNTED_ACCOUNTS, "design_effect": TELLS_ACCOUNTS},
    ),
    **{
        name: Withheld("part of segment_survival_summary, before small counts are withheld")
        for name in ("survival_lives", "survival_curves", "survival_days", "survival_accounts")
    },
    "retention_counts": Withheld("counts that segment_retention is computed from, before small ones are withheld"),
    "funnel_counts": Withheld("counts that segment_funnels is computed from, before small ones are withheld"),
}
