"""Segments compared: metrics, profiles, drivers."""

from __future__ import annotations

from ..declarations import Aggregates, Publication, Together, Withheld, adds_up, adds_up_across, implied, shown, used
from .grids import WEIGHTED_GRIDS, WEIGHTED_ON_GRID, WEIGHTED_SPREADS
from .names import COUNTED_ACCOUNTS, DATES, DIFFERENCE, IS_LIFECYCLE, LIFT, MEANS, MEMBERS, REST, TEST

VALUE = "value {attribute} {attribute_value} {segment} {as_of_date}"
VALUE_REST = "value {attribute} {attribute_value} rest {segment} {as_of_date}"
VALUE_ALL = "value {attribute} {attribute_value} __all__ {as_of_date}"
STANDARD = ("standardized_difference", "standardized_difference_lower", "standardized_difference_upper")
COMPARED = (
    *TEST,
    *MEANS,
    *LIFT,
    "share_of_users",
    "share_of_total",
    "raw_mean",
    "standard_deviation",
    "baseline_raw_mean",
    "baseline_standard_deviation",
    "effect_size",
    "smallest_detectable_difference",
    *STANDARD,
    "comparable_share",
    "composition_effect",
    "is_reversed",
)
# The rows that compare users with themselves at the date before, and those that set this beside all others.
IS_CHANGE = "baseline in ('previous_period', 'difference_in_differences')"
BESIDE_OTHERS = "baseline = 'difference_in_differences'"
STANDARDIZED = "on_grid(standardized_difference, nice(2 * _wider_grid))"
BESIDE = "on_grid(difference, nice(2 * _unit / n))"
DRIVEN = (
    *TEST,
    *MEANS,
    "design_effect",
    "odds_ratio",
    "odds_ratio_lower",
    "odds_ratio_upper",
    "effect_size",
    "sensitivity",
    "auc",
    "cohens_d",
    "information_value",
    "wracc",
    "is_confirmed",
    "has_continuity_correction",
)


def nps_count(sign: int, side: str) -> str:
    """SQL for the promoters (sign 1) or detractors (-1) that a mean and a standard deviation of 100, 0 and -100 tell."""
    n, mean, deviation = (f"{side}{name}" for name in ("n", "raw_mean", "standard_deviation"))
    both = f"(({n} - 1) * {deviation} * {deviation} + {n} * {mean} * {mean}) / 10000"
    return f"({both} + {sign} * {n} * {mean} / 100) / 2"


# Among whom a topic is counted: all members, or those who were interviewed.
WAS_ASKED = "{case when topic_kind = 'ticket' then 'members' when topic_kind in ('need', 'answer') then 'answered ' || topic else 'interviewed' end} {segment} {as_of_date}"
WAS_ASKED_REST = "{case when topic_kind = 'ticket' then 'rest' when topic_kind in ('need', 'answer') then 'answered rest ' || topic else 'interviewed rest' end} {segment} {as_of_date}"
WAS_ASKED_ALL = "{case when topic_kind = 'ticket' then 'members' when topic_kind in ('need', 'answer') then 'answered ' || topic else 'interviewed' end} __all__ {as_of_date}"
RAISED = (*TEST, *MEANS, *LIFT, "effect_size", "smallest_detectable_difference")
IS_INTERVIEW = "topic_kind in ('theme', 'like', 'dislike')"

MARTS: dict[str, Publication] = {
    "segment_matrix": Withheld("most cells of three dimensions hold few users"),
    "persona_quotes": Withheld("what people said, in their own words"),
    "segment_personas": Aggregates(kept=("segment", "persona", "backstory", "goals", "frustrations", *DATES)),
    "segment_topics": Aggregates(
        kept=("segment", "topic_kind", "topic", "baseline", "effect_size_kind", "is_circular", *DATES),
        # Answers are people's own words: they stay in the warehouse. segment_profiles has those that are attributes.
        rows="topic_kind not in ('need', 'answer')",
        # Exact bounds, p and q would tell the design effect.
        rounded={
            **{name: f"digits({name}, 2)" for name in ("difference_lower", "difference_upper", "lift_lower", "lift_upper")},
            "smallest_detectable_difference": "digits(smallest_detectable_difference, 2)",
            "p_value": "band(p_value)",
            "q_value": "band(q_value)",
        },
        counts=(
            shown(WAS_ASKED, "n", *RAISED),
            shown(WAS_ASKED_REST, "baseline_n", *RAISED),
            shown("raised {topic_kind} {topic} {segment} {as_of_date}", "users", *RAISED),
            shown("raised {topic_kind} {topic} rest {segment} {as_of_date}", "baseline_users", *RAISED),
        ),
        sums=(
            adds_up(WAS_ASKED_ALL, WAS_ASKED, WAS_ASKED_REST),
            adds_up(MEMBERS, WAS_ASKED, "not interviewed {segment} {as_of_date}", where=IS_INTERVIEW),
            adds_up(REST, WAS_ASKED_REST, "not interviewed rest {segment} {as_of_date}", where=IS_INTERVIEW),
            adds_up_across(WAS_ASKED_ALL, WAS_ASKED, where=IS_LIFECYCLE, by=("topic_kind", "topic")),
            *(
                adds_up(
                    whole, f"raised {{topic_kind}} {{topic}} {who} {{as_of_date}}", f"not {{topic_kind}} {{topic}} {who} {{as_of_date}}"
                )
                for whole, who in ((WAS_ASKED, "{segment}"), (WAS_ASKED_REST, "rest {segment}"))
            ),
            adds_up(
                "raised {topic_kind} {topic} __all__ {as_of_date}",
                "raised {topic_kind} {topic} {segment} {as_of_date}",
                "raised {topic_kind} {topic} rest {segment} {as_of_date}",
            ),
            adds_up_across(
                "raised {topic_kind} {topic} __all__ {as_of_date}", "raised {topic_kind} {topic} {segment} {as_of_date}", where=IS_LIFECYCLE
            ),
        ),
        withheld={
            "accounts": COUNTED_ACCOUNTS,
            "baseline_accounts": COUNTED_ACCOUNTS,
            "design_effect": "with interval and counts it would tell how users share accounts",
            "mentions": "beside the number of people it would tell how often one of few complained",
            "revenue_91d": "money of the few who raised it",
        },
    ),
    "metrics": Aggregates(
        kept=(
            "metric",
            "label",
            "description",
            "kind",
            "definition",
            "unit",
            "level",
            "direction",
            "tier",
            "owner",
            "is_heavy_tailed",
            "adds_up",
            "is_north_star",
            *DATES,
        )
    ),
    "segment_objectives": Aggregates(
        kept=(
            "segment",
            "label",
            "tier",
            "objective",
            "metric",
            "metric_label",
            "unit",
            "direction",
            "owner",
            "owner_product",
            "owner_gtm",
            "days_left",
            "target",
            "target_date",
            *DATES,
        ),
        withheld=dict.fromkeys(
            ("n", "actual", "ahead", "state"),
            "segment_comparison shows the mean where it may be told; the report puts it beside the target",
        ),
    ),
    "segment_comparison": Aggregates(
        kept=(
            "segment",
            "baseline",
            "metric",
            "effect_size_kind",
            "is_winsorized",
            "is_overlapping",
            "is_circular",
            "is_provisional",
            "is_decision_date",
            *DATES,
        ),
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
                    f"and units.is_paired = (mart.{IS_CHANGE}))"
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
                    ("members", "n"),
                    ("raw_mean_of_members", "raw_mean"),
                    ("all", "baseline_n"),
                    ("mean_of_all", "baseline_mean"),
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
                    ("own", "mart.segment", "members"),
                    ("whole", "'__all__'", "members"),
                    ("other", "substr(mart.baseline, 9)", "members"),
                    ("both", "mart.segment", "both"),
                    ("before", "mart.segment", "before"),
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
        # Of the change beside that of others nothing is said but the difference, on a grid of its own: means and deviations of
        # the same users are in other rows.
        rounded={
            **{
                column: f"case when not {BESIDE_OTHERS} then {sql} end"
                for column, sql in WEIGHTED_ON_GRID.items()
                if column not in ("difference", "difference_lower", "difference_upper", "p_value", "q_value")
            },
            **{column: WEIGHTED_ON_GRID[column] for column in ("p_value", "q_value")},
            "difference": f"case when {BESIDE_OTHERS} then {BESIDE} else {WEIGHTED_ON_GRID['difference']} end",
            **{
                f"difference_{side}": (
                    f"case when {BESIDE_OTHERS} then round({BESIDE} {sign} digits(difference_upper - difference, 2), 12) "
                    f"else {WEIGHTED_ON_GRID[f'difference_{side}']} end"
                )
                for side, sign in (("lower", "-"), ("upper", "+"))
            },
            "baseline_n": f"case when not {BESIDE_OTHERS} then baseline_n end",
            "raw_mean": "mean_on_grid(raw_mean, _weight, _sum_grid, on_grid(_weight, nice(_step)))",
            # Where nothing is capped it is the same number.
            "baseline_raw_mean": (
                "case when is_winsorized then mean_on_grid(baseline_raw_mean, _baseline_weight, _sum_grid, "
                "on_grid(_baseline_weight, nice(_step))) "
                "when baseline_raw_mean is not null then round(_baseline_mean, 12) end"
            ),
            "share_of_total": (
                "case when share_of_total is not null then round(on_grid(_raw_mean_of_members * _members, nice(_unit_of_members)) "
                "/ nullif(on_grid(_raw_mean_of_all * _all, nice(_unit_of_members)), 0), 6) end"
            ),
            "standardized_difference": STANDARDIZED,
            **{
                f"standardized_difference_{side}": (
                    f"round({STANDARDIZED} {sign} digits(standardized_difference_upper - standardized_difference, 2), 12)"
                )
                for side, sign in (("lower", "-"), ("upper", "+"))
            },
            "composition_effect": "on_grid(composition_effect, nice(2 * _wider_grid))",
        },
        counts=(
            shown("{_have}members {segment} {as_of_date}", "n", *COMPARED, where=f"not {IS_CHANGE}"),
            shown("{_have}rest {segment} {as_of_date}", "baseline_n", *COMPARED, where="baseline = 'rest'"),
            shown("{_have}members __all__ {as_of_date}", "baseline_n", *COMPARED, where="baseline = 'all'"),
            shown("{_have}members {_other} {as_of_date}", "baseline_n", *COMPARED, where="baseline like 'segment:%'"),
            shown("before and now {metric} {segment} {as_of_date}", "n", *COMPARED, where=IS_CHANGE),
            shown("before and now {metric} {segment} {as_of_date}", "baseline_n", *COMPARED, where="baseline = 'previous_period'"),
            # share_of_users is n of everybody who has the metric.
            used("{_have}members __all__ {as_of_date}", "share_of_users"),
            used("{_have}members {segment} {as_of_date}", "share_of_users"),
            # A share times its users is a count.
            implied("yes {metric} {segment} {as_of_date}", "n * raw_mean", *COMPARED, where=f"_kind = 'binary' and not {IS_CHANGE}"),
            implied(
                "yes {metric} rest {segment} {as_of_date}",
                "baseline_n * baseline_raw_mean",
                *COMPARED,
                where="_kind = 'binary' and baseline = 'rest'",
            ),
            implied(
                "yes {metric} __all__ {as_of_date}",
                "baseline_n * baseline_raw_mean",
                *COMPARED,
                where="_kind = 'binary' and baseline = 'all'",
            ),
            implied(
                "yes {metric} {_other} {as_of_date}",
                "baseline_n * baseline_raw_mean",
                *COMPARED,
                where="_kind = 'binary' and baseline like 'segment:%'",
            ),
            implied(
                "yes now {metric} {segment} {as_of_date}",
                "n * raw_mean",
                *COMPARED,
                where="_kind = 'binary' and baseline = 'previous_period'",
            ),
            implied(
                "yes before {metric} {segment} {as_of_date}",
                "baseline_n * baseline_raw_mean",
                *COMPARED,
                where="_kind = 'binary' and baseline = 'previous_period'",
            ),
            # Members with somebody comparable in the baseline.
            implied("comparable {metric} {segment} {baseline} {as_of_date}", "n * comparable_share", "comparable_share", *STANDARD),
            # NPS: mean and standard deviation give promoters and detractors.
            *(
                implied(
                    f"value nps_category {who} {group} {{as_of_date}}",
                    nps_count(sign, side),
                    *COMPARED,
                    where=(f"_kind = 'nps' and {where}"),
                )
                for who, sign in (("promoter", 1), ("detractor", -1))
                for group, side, where in (
                    ("{segment}", "", f"not {IS_CHANGE}"),
                    ("rest {segment}", "baseline_", "baseline = 'rest'"),
                    ("__all__", "baseline_", "baseline = 'all'"),
                )
            ),
        ),
        sums=(
            adds_up(
                "{_have}members __all__ {as_of_date}",
                "{_have}members {segment} {as_of_date}",
                "{_have}rest {segment} {as_of_date}",
                where="baseline = 'rest'",
            ),
            adds_up_across(
                "{_have}members __all__ {as_of_date}",
                "{_have}members {segment} {as_of_date}",
                where=f"{IS_LIFECYCLE} and baseline = 'rest'",
            ),
            adds_up(
                MEMBERS,
                "{_have}members {segment} {as_of_date}",
                "without {metric} {segment} {as_of_date}",
                where="_have <> '' and baseline = 'rest'",
            ),
            adds_up(
                "{_have}members {segment} {as_of_date}",
                "before and now {metric} {segment} {as_of_date}",
                "new with {metric} {segment} {as_of_date}",
                where="baseline = 'previous_period'",
            ),
            adds_up(
                "{_have}members {segment} {as_of_date}",
                "yes {metric} {segment} {as_of_date}",
                "no {metric} {segment} {as_of_date}",
                where="_kind = 'binary' and baseline = 'rest'",
            ),
            adds_up(
                "{_have}rest {segment} {as_of_date}",
                "yes {metric} rest {segment} {as_of_date}",
                "no {metric} rest {segment} {as_of_date}",
                where="_kind = 'binary' and baseline = 'rest'",
            ),
            adds_up(
                "{_have}members __all__ {as_of_date}",
                "yes {metric} __all__ {as_of_date}",
                "no {metric} __all__ {as_of_date}",
                where="_kind = 'binary' and baseline = 'all'",
            ),
            adds_up(
                "yes {metric} __all__ {as_of_date}",
                "yes {metric} {segment} {as_of_date}",
                "yes {metric} rest {segment} {as_of_date}",
                where="_kind = 'binary' and baseline = 'rest'",
            ),
            adds_up_across(
                "yes {metric} __all__ {as_of_date}",
                "yes {metric} {segment} {as_of_date}",
                where=f"{IS_LIFECYCLE} and _kind = 'binary' and baseline = 'rest'",
            ),
            *(
                adds_up(
                    "before and now {metric} {segment} {as_of_date}",
                    f"yes {when} {{metric}} {{segment}} {{as_of_date}}",
                    f"no {when} {{metric}} {{segment}} {{as_of_date}}",
                    where="_kind = 'binary' and baseline = 'previous_period'",
                )
                for when in ("now", "before")
            ),
            adds_up(
                "yes {metric} {segment} {as_of_date}",
                "yes now {metric} {segment} {as_of_date}",
                "yes new {metric} {segment} {as_of_date}",
                where="_kind = 'binary' and baseline = 'previous_period'",
            ),
            adds_up(
                "{_have}members {segment} {as_of_date}",
                "comparable {metric} {segment} {baseline} {as_of_date}",
                "not comparable {metric} {segment} {baseline} {as_of_date}",
                where="baseline not in ('all', 'previous_period', 'difference_in_differences')",
            ),
            adds_up(
                "{_have}members {segment} {as_of_date}",
                "value nps_category promoter {segment} {as_of_date}",
                "value nps_category detractor {segment} {as_of_date}",
                "value nps_category passive {segment} {as_of_date}",
                where="_kind = 'nps' and baseline = 'rest'",
            ),
            adds_up(
                "{_have}rest {segment} {as_of_date}",
                "value nps_category promoter rest {segment} {as_of_date}",
                "value nps_category detractor rest {segment} {as_of_date}",
                "value nps_category passive rest {segment} {as_of_date}",
                where="_kind = 'nps' and baseline = 'rest'",
            ),
            *(
                adds_up(
                    f"value nps_category {who} __all__ {{as_of_date}}",
                    f"value nps_category {who} {{segment}} {{as_of_date}}",
                    f"value nps_category {who} rest {{segment}} {{as_of_date}}",
                    where="_kind = 'nps' and baseline = 'rest'",
                )
                for who in ("promoter", "detractor", "passive")
            ),
            *(
                adds_up_across(
                    f"value nps_category {who} __all__ {{as_of_date}}",
                    f"value nps_category {who} {{segment}} {{as_of_date}}",
                    where=f"{IS_LIFECYCLE} and _kind = 'nps' and baseline = 'rest'",
                )
                for who in ("promoter", "detractor")
            ),
        ),
        withheld={
            "statistic": "p_value already says it, and both together would reveal values more closely",
            "accounts": COUNTED_ACCOUNTS,
            "baseline_accounts": COUNTED_ACCOUNTS,
            "design_effect": "with interval and counts it would reveal standard deviations more closely",
        },
    ),
    # Whether and since when a difference stands; the numbers are in segment_comparison.
    "segment_findings": Aggregates(
        kept=(
            "segment",
            "baseline",
            "metric",
            "quality",
            "family",
            "periods_in_a_row",
            "p_value",
            "date_q_value",
            "q_value",
            "since_date",
            *DATES,
        ),
        rounded={"p_value": "band(p_value)", "date_q_value": "band(date_q_value)", "q_value": "band(q_value)"},
        withheld={"difference": "segment_comparison has it, on a grid"},
    ),
    "segment_profiles": Aggregates(
        kept=(
            "segment",
            "attribute",
            "attribute_value",
            "attribute_label",
            "attribute_type",
            "effect_size_kind",
            "degrees_of_freedom",
            "is_circular",
            *DATES,
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
            "value_design_effect": "digits(value_design_effect, 2)",
            "design_effect": "digits(design_effect, 2)",
            "p_value": "band(p_value)",
            "q_value": "band(q_value)",
            "chi_square": "digits(chi_square, 2)",
        },
        # One test per attribute: with all counts but two of them it would give these two.
        together=(
            Together(
                ("segment", "attribute"),
                ("quality", "family", "chi_square", "design_effect", "smallest_expected_users", "p_value", "q_value", "effect_size"),
            ),
        ),
        sums=(
            adds_up_across(MEMBERS, VALUE, by=("attribute",)),
            adds_up_across(REST, VALUE_REST, by=("attribute",)),
            adds_up(VALUE_ALL, VALUE, VALUE_REST),
            adds_up_across(VALUE_ALL, VALUE, where=IS_LIFECYCLE),
        ),
    ),
    "segment_drivers": Aggregates(
        kept=(
            "target",
            "driver",
            "first_driver",
            "second_driver",
            "target_label",
            "driver_label",
            "driver_kind",
            "unit",
            "reading",
            "effect_size_kind",
            "threshold",
            "is_circular",
            *DATES,
        ),
        # What follows from the counts of the row is exact; the rest is of accounts, and of the half in which drivers are looked for.
        rounded={
            "design_effect": "digits(design_effect, 2)",
            "p_value": "band(p_value)",
            "q_value": "band(q_value)",
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
                "discovery {target} {driver}",
                "discovery_n",
                "discovery_difference",
                "discovery_p_value",
                "discovery_wracc",
                "is_discovered",
            ),
        ),
        sums=(
            adds_up("{unit} {target} {driver}", "outcomes {target} {driver}", "no outcome {target} {driver}"),
            adds_up("{unit} {target} not {driver}", "outcomes {target} not {driver}", "no outcome {target} not {driver}"),
            adds_up("{unit} {target} of {n + baseline_n}", "{unit} {target} {driver}", "{unit} {target} not {driver}"),
            adds_up("outcomes {target} of {outcomes + baseline_outcomes}", "outcomes {target} {driver}", "outcomes {target} not {driver}"),
            # A pair is a part of either of its conditions.
            *(
                adds_up(
                    f"{what} {{target}} {{{one}}}",
                    f"{what} {{target}} {{driver}}",
                    f"{what} {{target}} {{{one}}} less {{driver}}",
                    where="driver_kind = 'pair'",
                )
                for what in ("{unit}", "outcomes")
                for one in ("first_driver", "second_driver")
            ),
            adds_up_across(
                "{unit} {target} of {n + baseline_n}",
                "{unit} {target} {driver}",
                where="driver_kind = 'segment' and substr(driver, 4) in ({lifecycle})",
                is_loose=True,
            ),
            adds_up_across(
                "outcomes {target} of {outcomes + baseline_outcomes}",
                "outcomes {target} {driver}",
                where="driver_kind = 'segment' and substr(driver, 4) in ({lifecycle})",
                is_loose=True,
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
                "{_have}members __all__ {as_of_date}",
                "{_have}members {segment} {as_of_date}",
                "{_have}rest {segment} {as_of_date}",
                where="segment <> '__all__'",
            ),
            adds_up_across("{_have}members __all__ {as_of_date}", "{_have}members {segment} {as_of_date}", where=IS_LIFECYCLE),
        ),
    ),
    **dict.fromkeys(
        (
            "metric_rulers",
            "metric_sums",
            "account_sums",
            "value_counts",
            "rank_tests",
            "group_moments",
            "change_sums",
            "change_moments",
            "account_changes",
            "did_sums",
            "did_moments",
            "design_effects",
        ),
        Withheld("sums and moments that segment_comparison is computed from"),
    ),
    "driver_amounts": Withheld("a part of segment_drivers, before small counts are withheld"),
    "driver_conditions": Withheld("rows that segment_drivers is computed from"),
    "driver_hypotheses": Withheld("the list of what segment_drivers tests"),
    "driver_observations": Withheld("rows that segment_drivers is computed from"),
    "driver_pairs": Withheld("the best of thousands, not for reading; segment_drivers tests them"),
    "driver_tests": Withheld("tests before anything is picked or corrected; segment_drivers holds those that count"),
    "profile_counts": Withheld("sums that segment_profiles is computed from, before small counts are withheld"),
}
