"""The worked examples of docs/statistics say what the sample's marts say: each number is computed again and looked for in its sentence.

Those of retention, funnels and cohort_comparison are in test_cohorts.py, those of churn_model in test_discovery.py.
"""

from __future__ import annotations

from typing import Any

import pytest

from warehouse import ROOT, Warehouse


def page(name: str) -> str:
    return " ".join((ROOT / f"docs/statistics/{name}.md").read_text(encoding="utf-8").split())


def row(warehouse: Warehouse, mart: str, where: str) -> dict[str, Any]:
    (found,) = warehouse.records(f"select * from marts.{mart} where {where}")
    return found


def percent(value: float, digits: int = 1) -> str:
    """Also points."""
    return f"{100 * value:.{digits}f}".replace("-", "−")


def between(found: dict[str, Any], name: str = "difference", digits: int = 1) -> str:
    return f"{percent(found[name + '_lower'], digits)} to {percent(found[name + '_upper'], digits)}"


def average_user_gap(warehouse: Warehouse) -> list[str]:
    everybody = {found["trait"]: found for found in warehouse.records("select * from marts.average_user_gap where segment = '__all__'")}
    first, second, third, fourth = (
        everybody[trait] for trait in ("active_days_28d", "sessions_28d", "distinct_features_28d", "tenure_days")
    )
    engaged = row(warehouse, "average_user_gap", "segment = 'engaged_users' and trait_count = 5")
    assert everybody["mrr"]["average_users"] == 0
    return [
        f"Of all {first['n']:,} users {first['average_users']} ({percent(first['share'])} %) are average in active days; "
        f"{second['average_users']} ({percent(second['share'])} %) in sessions too, {third['average_users']} ({percent(third['share'])} %)",
        f"{fourth['average_users']} ({percent(fourth['share'])} %) in tenure",
        f"Of the {engaged['n']} engaged users {engaged['average_users']} ({percent(engaged['share'])} %) are average in all five",
    ]


def campaign_results(warehouse: Warehouse) -> list[str]:
    won = row(warehouse, "campaign_results", "campaign = 'winback_spring' and segment = '__all__'")
    small = row(warehouse, "campaign_results", "campaign = 'winback_spring' and segment = 'small_companies'")
    launch = row(warehouse, "campaign_results", "campaign = 'reporting_launch' and segment = '__all__'")
    assert (small["quality"], small["q_value"], launch["difference"]) == ("low_counts", None, None)
    return [
        f"{won['n'] + won['baseline_n']} users chosen, {won['baseline_n']} of them held out. Of the {won['n']} others "
        f"{won['delivered_users']} were reached, {won['converted_users']} ({percent(won['mean'], 0)} %)",
        f"of those held out {won['baseline_converted_users']} ({percent(won['baseline_mean'], 0)} %). "
        f"Difference {percent(won['difference'])} points ({between(won)}), p = {won['p_value']:.3f}; on those reached "
        f"{percent(won['complier_effect'])} points ({between(won, 'complier_effect')})",
        f"For small companies it reads {percent(small['difference'])} points",
        f"among {small['baseline_n']} users held out",
        f"`reporting_launch`: {launch['n']} users, {launch['delivered_users']} reached, {launch['opened_users']} opened, and "
        f"{launch['converted_users']} converted",
    ]


def growth_accounting(warehouse: Warehouse) -> list[str]:
    week = "as_of_date = '2026-10-18' and segment = '{}'"
    everybody, engaged = (row(warehouse, "growth_accounting", week.format(name)) for name in ("__all__", "engaged_users"))
    gained = everybody["new_users"] + everybody["resurrected_users"]
    return [
        f"{everybody['previous_active_users']} were active the week before, {everybody['active_users']} now. "
        f"{percent((everybody['active_users'] - everybody['previous_active_users']) / 100, 0)} = {everybody['new_users']} new + "
        f"{everybody['resurrected_users']} resurrected − {everybody['churned_users']} churned; {everybody['retained_users']} stayed. "
        f"The quick ratio is {gained} / {everybody['churned_users']} = {everybody['quick_ratio']:.2f}",
        f"`engaged_users`: {engaged['previous_active_users']} before, {engaged['active_users']} now.",
        f"{engaged['new_users']} new + {engaged['resurrected_users']} resurrected + {engaged['moved_in_users']} moved in − "
        f"{engaged['churned_users']} churned − {engaged['moved_out_users']} moved out; {engaged['retained_users']} stayed",
    ]


def north_star_mix_shift(warehouse: Warehouse) -> list[str]:
    ((before, now, change, rate, share),) = warehouse.query(
        "select max(previous_overall_rate), max(overall_rate), max(overall_change), sum(rate_effect), sum(share_effect) "
        "from marts.north_star_mix_shift where comparison = 'base_period' and partition_name = 'company_size' "
        "and as_of_date = '2026-10-18'"
    )
    return [
        f"rose from {before:.3f} to {now:.3f}, by +{change:.3f}",
        f"the rate effect is +{rate:.3f} and the share effect {share:.3f}".replace("-", "−"),
    ]


def rfm_segments(warehouse: Warehouse) -> list[str]:
    groups = {
        name: (users, percent(share), percent(revenue))
        for name, users, share, revenue in warehouse.query(
            "select rfm_group, sum(users)::bigint, sum(share_of_users), sum(share_of_revenue) from marts.rfm_segments group by all"
        )
    }
    champions, at_risk = groups["champions"], groups["at_risk"]
    return [
        f"{champions[0]} `champions` ({champions[1]} % of users) hold {champions[2]} % of the revenue of 91 days, and {at_risk[0]} "
        f"`at_risk` as much again ({at_risk[2]} %)"
    ]


def segment_channels(warehouse: Warehouse) -> list[str]:
    found = row(warehouse, "segment_channels", "segment = 'north_america' and acquisition_channel = '__all__'")
    lower, upper = percent(found["difference_lower"], 0), percent(found["difference_upper"], 0)
    return [
        f"{found['n'] + found['baseline_n']} trials of the sample are decided",
        f"{found['converted']} of {found['n']} converted ({percent(found['mean'], 0)} %; {percent(found['mean_lower'], 0)} % to "
        f"{percent(found['mean_upper'], 0)} %), of the others {percent(found['baseline_mean'], 0)} %: a difference of "
        f"{percent(found['difference'], 0)} points, between {lower} and +{upper}, p = {found['p_value']:.2f}. Within channels it is "
        f"{percent(found['standardized_difference'], 0)} points",
    ]


def segment_value(warehouse: Warehouse) -> list[str]:
    large, small, lapsed = (
        row(warehouse, "segment_value", f"segment = '{name}'") for name in ("enterprise_companies", "small_companies", "trial_lapsed")
    )
    assert lapsed["payback_days"] is None
    return [
        f"Users in enterprise companies are {percent(large['share_of_users'])} % of all users and bring "
        f"{percent(large['share_of_revenue'])} % of the revenue: a `value_index` of {large['value_index']:.2f}",
        f"For the {large['costed_users']} of them whose cost is known, acquiring one cost {large['acquisition_cost_per_user']:.0f}; "
        f"they have brought {large['value_cost_ratio']:.1f} times what they cost so far, and at their present revenue pay back in "
        f"{large['payback_days']:.0f} days",
        f"Small companies bring {small['value_index']:.2f} of the average, {small['value_cost_ratio']:.1f} times their cost, and pay "
        f"back in {small['payback_days']:.0f} days. Lapsed trials cost {lapsed['acquisition_cost_per_user']:.0f} each",
        f"has brought {small['lifetime_revenue_per_user']:.0f} ({small['lifetime_revenue_per_user_lower']:.0f} to "
        f"{small['lifetime_revenue_per_user_upper']:.0f}), and anybody else {small['rest_lifetime_revenue_per_user']:.0f}: a difference of "
        f"{small['lifetime_revenue_difference']:.0f} ({small['lifetime_revenue_difference_lower']:.0f} to "
        f"{small['lifetime_revenue_difference_upper']:.0f}), from {small['accounts']} accounts",
    ]


def segment_profiles(warehouse: Warehouse) -> list[str]:
    size = "segment = 'renewal_due' and attribute = 'company_size' and attribute_value = 'micro'"
    found = row(warehouse, "segment_profiles", size)
    vendor = warehouse.records("select * from marts.segment_profiles where segment = 'salesforce_users' and attribute = 'account_owner'")[0]
    return [
        f"{found['users']} of its {found['n']} users ({percent(found['share'])} %) work in companies of 1 to 9 people, of the rest "
        f"{percent(found['baseline_share'])} %: an index of {found['share_index']:.0f}, a difference of {percent(found['difference'])} "
        f"points ({between(found)}). Chi-square is {found['chi_square']:.1f} with {found['degrees_of_freedom']} degrees of freedom",
        f"the design effect is {found['design_effect']:.1f}, so p is that of {found['chi_square'] / found['design_effect']:.1f}, "
        f"{scientific(found['p_value'])}, and q is {scientific(found['q_value'])}",
        f"by accounts it is {vendor['p_value']:.3f} and q {vendor['q_value']:.2f}",
    ]


def scientific(value: float) -> str:
    return f"{value:.0e}".replace("e-0", "e-")


def segment_feature_adoption(warehouse: Warehouse) -> list[str]:
    found = row(warehouse, "segment_feature_adoption", "segment = 'trial_converted' and feature = 'teammate_invited'")
    other = row(warehouse, "segment_feature_adoption", "segment = 'under_35' and feature = 'report_exported'")
    return [
        f"{found['adopters_28d']} of {found['n']} used it in the last 28 days ({percent(found['mean'])} %), "
        f"{found['baseline_adopters_28d']} of the other {found['baseline_n']:,} ({percent(found['baseline_mean'])} %), in "
        f"{found['accounts']} and {found['baseline_accounts']} accounts: {percent(found['difference'])} points more ({between(found)}), "
        f"p = {found['p_value']:.3f}, q = {found['q_value']:.3f}, h = {found['effect_size']:.2f}",
        f"the design effect is {found['design_effect']:.1f}. Ever: {percent(found['share_ever'])} % and "
        f"{percent(found['baseline_share_ever'])} %",
        f"{percent(other['mean'])} % and {percent(other['baseline_mean'])} %, q = {other['q_value']:.2f}",
    ]


def segment_comparison(warehouse: Warehouse) -> list[str]:
    texts = []
    for metric, digits in (("active_users_28d", 3), ("revenue_91d", 1)):
        found = row(
            warehouse,
            "segment_comparison",
            f"segment = 'small_companies' and baseline = 'rest' and as_of_date = '2026-10-21' and metric = '{metric}'",
        )
        numbers = [f"{found[name]:.{digits}f}".replace("-", "−") for name in ("mean", "baseline_mean")]
        difference = [f"{found[name]:.{digits}f}".replace("-", "−") for name in ("difference", "difference_lower", "difference_upper")]
        texts += [
            f"| {metric} | {found['n']} | {found['baseline_n']} | {found['accounts']} | {found['baseline_accounts']} | "
            f"{found['design_effect']:.1f} | {' | '.join(numbers)} | {difference[0]} ({difference[1]} to {difference[2]}) |",
            f"| {found['q_value']:.{2 if found['q_value'] > 0.01 else 3}f} |",
        ]
    active = "segment = 'small_companies' and as_of_date = '2026-10-21' and metric = 'active_users_28d' and baseline = '{}'"
    since, beside = (row(warehouse, "segment_comparison", active.format(name)) for name in ("previous_period", "difference_in_differences"))
    august = dict(
        warehouse.query(
            "select baseline, count(*) from marts.segment_comparison where as_of_date = '2026-08-23' and q_value <= 0.1 group by all"
        )
    )
    return [
        *texts,
        f"Since the date before {percent(-since['difference'])} points fewer of its users are active (`previous_period`, "
        f"q {since['q_value']:.2f}, of the {since['n']} who",
        f"of all others {percent(-beside['baseline_mean'])}: what is its own, {percent(-beside['difference'])} points "
        f"({percent(-beside['difference_upper'])} to {percent(-beside['difference_lower'])}), may be chance "
        f"(`difference_in_differences`, q {beside['q_value']:.2f})",
        f"on 2026-08-23 of the sample it finds {august['previous_period']} changes, and only {august['difference_in_differences']} "
        f"{'is' if august['difference_in_differences'] == 1 else 'are'} left beside the others",
    ]


def health_score_quality(warehouse: Warehouse) -> list[str]:
    ((n, accounts, churned, auc, lower, upper),) = warehouse.query(
        "select n, accounts, churned_users, auc, auc_lower, auc_upper from marts.health_score_quality "
        "where as_of_date = '2026-09-20' and population = 'active_users'"
    )
    return [f"({n} of {accounts} accounts, of whom {churned} left) it is {auc:.2f} ({lower:.2f} to {upper:.2f})"]


def segment_survival(warehouse: Warehouse) -> list[str]:
    found, lapsed, young = (
        row(warehouse, "segment_survival_summary", f"segment = '{name}'") for name in ("trial_converted", "trial_lapsed", "under_35")
    )
    return [
        f"`trial_converted`: {found['members']} users were ever in it, {found['n']} of {found['accounts']} accounts were watched",
        f"Half had their first pause by day {found['median_days']} ({found['median_days_lower']} to {found['median_days_upper']}), of "
        f"the rest by day {found['baseline_median_days']}",
        f"members have {found['mean']:.1f} days without it, the rest {found['baseline_mean']:.1f}: {found['difference']:.1f} more "
        f"({found['difference_lower']:.1f} to {found['difference_upper']:.1f}). Log-rank χ² = {found['chi_square']:.1f}, "
        f"q = {found['q_value']:.3f}, hazard ratio {found['effect_size']:.2f}",
        f"half of its {lapsed['n']} users had the pause by day {lapsed['median_days']}",
        f"χ² = {young['chi_square']:.2f}, p = {young['p_value']:.2f}",
    ]


def segment_drivers(warehouse: Warehouse) -> list[str]:
    conversion = "target = 'trial_conversion' and driver = '{}'"
    found, other = (
        row(warehouse, "segment_drivers", conversion.format(name)) for name in ("performed_teammate_invited", "seniority_individual")
    )
    ((confirmed,),) = warehouse.query("select count(*) from marts.segment_drivers where is_confirmed")
    assert found["is_confirmed"] and confirmed == 1 and (other["quality"], other["q_value"]) == ("small_n", None)
    return [
        f"{found['n']} of {found['n'] + found['baseline_n']} trial accounts invited a teammate",
        f"{found['outcomes']} of them ({percent(found['mean'])} %) converted, of the {found['baseline_n']} others "
        f"{found['baseline_outcomes']} ({percent(found['baseline_mean'])} %): a difference of {percent(found['difference'])} points "
        f"({between(found)}), odds ratio {found['odds_ratio']:.1f} ({found['odds_ratio_lower']:.1f} to {found['odds_ratio_upper']:.1f}), "
        f"p = {found['p_value']:.3f}, q = {found['q_value']:.3f}",
        f"{percent(other['mean'])} % of {other['n']} against {percent(other['baseline_mean'])} % of {other['baseline_n']}, "
        f"p = {other['p_value']:.2f}",
    ]


EXAMPLES = (
    average_user_gap,
    campaign_results,
    growth_accounting,
    north_star_mix_shift,
    rfm_segments,
    segment_channels,
    segment_value,
    segment_profiles,
    segment_feature_adoption,
    segment_comparison,
    health_score_quality,
    segment_survival,
    segment_drivers,
)


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: example.__name__)
def test_the_worked_example_is_that_of_the_sample(sample_warehouse: Warehouse, example: Any) -> None:
    text = page(example.__name__)
    missing = [sentence for sentence in example(sample_warehouse) if sentence not in text]
    assert missing == [], missing
