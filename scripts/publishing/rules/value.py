"""Money: value, channels, costs, and what shifts the North Star."""

from __future__ import annotations

from ..declarations import Aggregates, Publication, Withheld, adds_up, adds_up_across, implied, shown, used
from .names import (
    COUNTED_ACCOUNTS,
    DATES,
    EVERYBODY,
    IS_LIFECYCLE,
    LIFETIME_ON_GRID,
    MEANS,
    MEMBERS,
    MONEY_GRIDS,
    REVENUE_ON_GRID,
    SHARE_OF_REVENUE,
    TEST,
)

# Where some users do not have the North Star, its groups are of those who do.
GROUP = "{case when partition_name = 'lifecycle_segment' then 'members ' || group_name else 'group ' || partition_name || ' ' || group_name end}"


def _have(users: str, day: str) -> str:
    """SQL of what stands before the name of a count of those who have the North Star; empty where all users of the date do."""
    return (
        f"case when sum({users}) over (partition by comparison, partition_name, as_of_date) = (select max(population_users) "
        f"from warehouse.marts.segment_sizes as sizes where sizes.as_of_date = mart.{day}) then '' else 'with ' || "
        "(select max(metric) from warehouse.marts.metrics as metrics where is_north_star) || ' ' end"
    )


CONVERSION = (*TEST, *MEANS, "mean_lower", "mean_upper", "standardized_difference", "is_reversed")
# Of all users a channel is compared with the other channels.
NOT_EVERYBODY = "segment <> '__all__'"
EVERYBODY_BY_CHANNEL = "segment = '__all__' and acquisition_channel <> '__all__'"

SIGNUP_SHARE = ("signup_share", "signup_share_lower", "signup_share_upper")
LEAD_SHARE = ("lead_share", "lead_share_lower", "lead_share_upper")
LEAD_SIGNUP_SHARE = ("lead_signup_share", "lead_signup_share_lower", "lead_signup_share_upper")

COMPARED_LIFETIMES = (
    "lifetime_revenue_per_user_lower",
    "lifetime_revenue_per_user_upper",
    "rest_lifetime_revenue_per_user",
    "lifetime_revenue_difference",
    "lifetime_revenue_difference_lower",
    "lifetime_revenue_difference_upper",
)
TELLS_OTHERS = (
    "with the segment's own it tells what everybody brought, so also what the few payers of a lifecycle segment did whose revenue is withheld; "
    "the width of an interval of exact money tells the largest account"
)

# Sums of money: how far two people can move them.
REVENUE = ("arr", "share_of_revenue", "value_index", "revenue_91d", "revenue_per_user_91d", "lifetime_revenue", "lifetime_revenue_per_user")
EARNED = ("costed_lifetime_revenue", "margin", "margin_per_user", "value_cost_ratio", "payback_days")
COSTED_LIFETIME_ON_GRID = "on_grid(costed_lifetime_revenue, _lifetime_grid)"
ACQUISITION_ON_GRID = "on_grid(acquisition_cost, _acquisition_grid)"

# Tickets of a whole life are more than those of 91 days.
COSTED_SUPPORT_ON_GRID = "on_grid(costed_support_cost, 2 * _ticket_grid)"
MARGIN_ON_GRID = f"({COSTED_LIFETIME_ON_GRID} - {ACQUISITION_ON_GRID} - {COSTED_SUPPORT_ON_GRID})"
VALUE_ON_GRID = {
    "arr": "on_grid(arr, _arr_grid)",
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
    "value_cost_ratio": (f"round({COSTED_LIFETIME_ON_GRID} / nullif({ACQUISITION_ON_GRID} + {COSTED_SUPPORT_ON_GRID}, 0), 6)"),
    "payback_days": "digits(payback_days, case when costed_users < 200 then 1 else 2 end)",
}

MARTS: dict[str, Publication] = {
    "segment_value": Aggregates(
        kept=("segment", "lifetime_quality", *DATES),
        withheld={"accounts": COUNTED_ACCOUNTS} | dict.fromkeys(COMPARED_LIFETIMES, TELLS_OTHERS),
        helpers={
            **MONEY_GRIDS,
            "_revenue_of_all": "max(revenue_91d / nullif(share_of_revenue, 0)) over ()",
            # The cost of one ticket: no sum is less, and each is a multiple of it.
            "_ticket_cost": "min(nullif(support_cost_91d, 0)) over ()",
        },
        further_helpers={"_ticket_grid": "coalesce(_tickets_grid * _ticket_cost, 0)"},
        counts=(
            shown(MEMBERS, "users", "share_of_users", *REVENUE, "support_cost_91d", "support_cost"),
            shown(EVERYBODY, "population_users", "share_of_users"),
            # The same number as the metric paying_users times its users. What so few pay is what one of them pays.
            shown("yes paying_users {segment} {as_of_date}", "paying_users", *REVENUE, *EARNED),
            shown(
                "costed {segment} {as_of_date}",
                "costed_users",
                "acquisition_cost",
                "acquisition_cost_per_user",
                "costed_support_cost",
                *EARNED,
            ),
        ),
        rounded=VALUE_ON_GRID,
        sums=(
            adds_up(MEMBERS, "yes paying_users {segment} {as_of_date}", "no paying_users {segment} {as_of_date}"),
            adds_up(MEMBERS, "costed {segment} {as_of_date}", "not costed {segment} {as_of_date}"),
            adds_up_across("costed __all__ {as_of_date}", "costed {segment} {as_of_date}", where=IS_LIFECYCLE),
        ),
    ),
    "segment_channels": Aggregates(
        kept=("segment", "acquisition_channel", *DATES),
        counts=(
            shown("signups {acquisition_channel} {segment}", "signups"),
            shown("trials {acquisition_channel} {segment}", "trials"),
            shown("undecided {acquisition_channel} {segment}", "undecided"),
            shown("decided {acquisition_channel} {segment}", "n", *CONVERSION),
            shown("decided {acquisition_channel} rest {segment}", "baseline_n", *CONVERSION, where=NOT_EVERYBODY),
            used("decided __all__ __all__", *CONVERSION, where=EVERYBODY_BY_CHANNEL),
            used("converted __all__ __all__", *CONVERSION, where=EVERYBODY_BY_CHANNEL),
            shown("decided other than {acquisition_channel}", "baseline_n", *CONVERSION, where=EVERYBODY_BY_CHANNEL),
            implied("converted other than {acquisition_channel}", "baseline_n * baseline_mean", *CONVERSION, where=EVERYBODY_BY_CHANNEL),
            shown("converted {acquisition_channel} {segment}", "converted", *CONVERSION, "cost_per_conversion"),
            implied("converted {acquisition_channel} rest {segment}", "baseline_n * baseline_mean", *CONVERSION, where=NOT_EVERYBODY),
            implied(
                "costed {acquisition_channel} {segment}",
                "acquisition_cost / nullif(cost_per_signup, 0)",
                "acquisition_cost",
                "cost_per_signup",
                "cost_per_conversion",
            ),
            implied(
                "costed and converted {acquisition_channel} {segment}",
                "acquisition_cost / nullif(cost_per_conversion, 0)",
                "cost_per_conversion",
            ),
        ),
        sums=(
            adds_up(
                "trials {acquisition_channel} {segment}",
                "undecided {acquisition_channel} {segment}",
                "decided {acquisition_channel} {segment}",
            ),
            adds_up(
                "signups {acquisition_channel} {segment}",
                "costed {acquisition_channel} {segment}",
                "not costed {acquisition_channel} {segment}",
            ),
            adds_up(
                "converted {acquisition_channel} {segment}",
                "costed and converted {acquisition_channel} {segment}",
                "not costed and converted {acquisition_channel} {segment}",
                is_loose=True,
            ),
            *(
                adds_up(
                    f"decided {{acquisition_channel}} {who}",
                    f"converted {{acquisition_channel}} {who}",
                    f"lapsed {{acquisition_channel}} {who}",
                )
                for who in ("{segment}", "rest {segment}")
            ),
            *(
                adds_up(
                    f"{what} {{acquisition_channel}} __all__",
                    f"{what} {{acquisition_channel}} {{segment}}",
                    f"{what} {{acquisition_channel}} rest {{segment}}",
                    where=NOT_EVERYBODY,
                )
                for what in ("decided", "converted")
            ),
            *(
                adds_up(
                    f"{what} __all__ __all__",
                    f"{what} {{acquisition_channel}} __all__",
                    f"{what} other than {{acquisition_channel}}",
                    where=EVERYBODY_BY_CHANNEL,
                )
                for what in ("decided", "converted")
            ),
            *(
                adds_up_across(
                    f"{what} __all__ {{segment}}", f"{what} {{acquisition_channel}} {{segment}}", where="acquisition_channel <> '__all__'"
                )
                for what in ("signups", "trials", "undecided", "decided", "converted")
            ),
            *(
                adds_up_across(f"{what} {{acquisition_channel}} __all__", f"{what} {{acquisition_channel}} {{segment}}", where=IS_LIFECYCLE)
                for what in ("decided", "converted")
            ),
        ),
    ),
    "revenue_cohorts": Withheld("running sums of few accounts: of two months in a row the difference is what one of them paid"),
    "cohort_payments": Withheld("a row is one account's payments in a month: exact money finds its owner, under a pseudonym too"),
    "feature_value": Withheld("money of the few users of a feature; segment_feature_adoption and segment_value say what may be read"),
    "segment_totals": Withheld("exact counts and sums of what other marts show on a grid"),
    "segment_pricing": Withheld("money and seats of the few accounts of a segment and plan"),
    "north_star_totals": Withheld("sums that north_star_mix_shift is computed from, before small counts are withheld"),
    "north_star_mix_shift": Aggregates(
        kept=(
            "comparison",
            "partition_name",
            "group_name",
            "window_days",
            "overall_rate",
            "previous_overall_rate",
            "overall_change",
            "is_provisional",
            "previous_as_of_date",
            *DATES,
        ),
        # One person has up to several times what the most active group has on average.
        helpers={
            "_unit": "of_whole_numbers(2 * 6 * greatest(max(abs(rate)) over (partition by as_of_date), max(abs(previous_rate)) over (partition by as_of_date)))",
            "_have": _have("users", "as_of_date"),
            "_had": _have("previous_users", "previous_as_of_date"),
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
            "rate": "_rate",
            "previous_rate": "_previous_rate",
            "overall_rate": "_overall_rate",
            "previous_overall_rate": "_previous_overall_rate",
            "overall_change": "round(_overall_rate - _previous_overall_rate, 6)",
            "share_effect": "_share_effect",
            "rate_effect": "_rate_effect",
            "total_effect": "round(_share_effect + _rate_effect, 6)",
        },
        counts=(
            shown(f"{{_have}}{GROUP} {{as_of_date}}", "users", "share", "rate", "share_effect", "rate_effect", "total_effect"),
            shown(
                f"{{_had}}{GROUP} {{previous_as_of_date}}",
                "previous_users",
                "previous_share",
                "previous_rate",
                "share_effect",
                "rate_effect",
                "total_effect",
            ),
        ),
        sums=(
            adds_up_across(f"{{_have}}{EVERYBODY}", f"{{_have}}{GROUP} {{as_of_date}}", by=("comparison", "partition_name")),
            adds_up_across(
                "{_had}members __all__ {previous_as_of_date}",
                f"{{_had}}{GROUP} {{previous_as_of_date}}",
                by=("comparison", "partition_name", "as_of_date"),
            ),
        ),
    ),
    "acquisition_costs": Aggregates(
        kept=("acquisition_channel", "spend", "signup_month", *DATES),
        counts=(shown("signups of {signup_month} {acquisition_channel}", "signups", "cost_per_signup"),),
    ),
    "visitor_signups": Aggregates(
        kept=("channel", "is_mature", "first_month", *DATES),
        counts=(
            shown("visitors of {first_month} {channel}", "visitors", *SIGNUP_SHARE, *LEAD_SHARE),
            shown("signed up of {first_month} {channel}", "signups", *SIGNUP_SHARE),
            shown("leads of {first_month} {channel}", "leads", *LEAD_SHARE, *LEAD_SIGNUP_SHARE),
            shown("leads signed up of {first_month} {channel}", "lead_signups", *LEAD_SIGNUP_SHARE),
        ),
        sums=tuple(
            adds_up(*(f"{name} of {{first_month}} {{channel}}" for name in names))
            for names in (
                ("visitors", "signed up", "not signed up"),
                ("visitors", "leads", "not leads"),
                ("leads", "leads signed up", "leads not signed up"),
                ("signed up", "leads signed up", "others signed up"),
                ("not leads", "others signed up", "others not signed up"),
                ("not signed up", "leads not signed up", "others not signed up"),
            )
        ),
    ),
    "amounts_by_owner": Withheld("amounts that may be of a single account: a check of the warehouse, not of segments"),
}
