"""Break one rule of the builds at a time and see whether the test that guards it turns red. Part of `make mutants`.

mutate_criteria.py and mutate_statistics.py break what one SQL expression says; here are the rules that only a whole build
shows: nothing leaks from later dates, the machine's time zone has no say, an increment ends in the rows of a full refresh,
bad input stops, the scorecard and explain_user tell the truth, what is published is whole and names nobody, the forgotten stay
forgotten. Each mutant changes one place in a copy of the project and runs one test there, so the whole list takes about an hour.

    python tests/mutants/mutate_builds.py [--only TEXT]

Exit status 1 if a mutant survives or its old text is not found exactly once.
"""

from __future__ import annotations

import argparse
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parent.parent.parent


class Mutant(NamedTuple):
    """A place in a file, what is put there instead, and the pytest node that has to fail."""

    file: str
    old: str
    new: str
    test: str


SCORECARD = "tests/python/membership/test_scorecard.py::test_"
BEHIND = "tests/python/inputs/test_freshness.py::test_the_last_day_waits_for_the_input_that_is_behind"
SUDDEN = "tests/python/inputs/test_freshness.py::test_what_is_sudden_in_an_input"
VERSIONS = "tests/python/connectors/test_versions.py::test_"
STRIPE = "tests/python/connectors/test_stripe.py"
LEFT_OUT = "tests/python/inputs/test_not_people.py::test_what_is_left_out_and_how_it_is_counted"
RULED = "tests/long/test_not_people.py::test_a_rule_leaves_what_would_be_without_the_rows"
SUGGEST = "tests/python/discovery/test_suggest.py::test_"
REVIEW = "tests/python/membership/test_review.py::test_"
LEAK = "tests/python/time/test_time.py::test_nothing_known_after_a_date_changes_a_row_of_it"
ZONE = "tests/python/time/test_time.py::test_marts_do_not_depend_on_the_time_zone_of_the_machine"
KILL = "tests/python/time/test_increment.py::test_build_after_a_kill_ends_in_the_same_rows"
LOGIC = "tests/python/time/test_by_date.py::test_other_columns_or_types_reach_the_stored_table"
DUE = "tests/python/time/test_by_date.py::test_what_is_read_decides_what_is_due"
BEFORE = "tests/python/time/test_by_date.py::test_what_reads_the_date_before_is_due_with_it"
FOLLOWS = "tests/python/time/test_by_date.py::test_what_judges_a_date_by_what_follows_is_due_when_that_changes"
FOLLOWS_ALL = "tests/python/time/test_by_date.py::test_what_judges_a_date_by_all_that_follows_is_due_with_the_newest"
CRM = "tests/python/time/test_states.py::test_a_change_in_the_crm_makes_the_dates_due_that_it_changes"
DATED = "tests/python/time/test_states.py::test_what_is_dated_in_the_crm_changes_no_earlier_date"
PARTS = "tests/python/time/test_by_date.py::test_what_changed_of_one_segment_leaves_the_others_alone"
LIFECYCLE = "tests/python/project/test_package.py::test_one_variable_turns_the_lifecycle_off"
ATTACK = "tests/python/publishing/test_publish.py::test_nothing_follows_from_what_is_published_of_the_sample"
ONE_EACH = "tests/python/membership/test_movement.py::test_everybody_has_one_lifecycle_segment"
OBJECTIVES = "tests/python/comparison/test_objectives.py::test_actual_against_target_of_made_up_segments"
PERSONAS = "tests/python/comparison/test_objectives.py::test_every_persona_is_used_a_copy_or_rejected"
LOOP = "tests/python/audiences/test_audiences.py::test_the_loop_closes"
SIGNUPS = "tests/python/cohorts/test_signup_cohorts.py::test_cohorts_of_signups_equal_a_recount_user_by_user"
TOTALS = "tests/python/value/test_value.py::test_totals_of_the_sample_are_those_of_three_other_marts"
ASIDE = "tests/python/membership/test_scorecard.py::test_what_is_retired_keeps_its_past_and_a_draft_is_only_looked_at"
RETIRED = "tests/python/membership/test_membership.py::test_only_what_changed_is_evaluated_again"
BY_PART = "tests/python/membership/test_membership.py::test_only_what_changed_is_evaluated_again"
SLICES = "tests/python/time/test_by_date.py::test_a_build_that_stops_keeps_its_slices_and_the_next_one_makes_the_rest"
WHEN = "tests/python/time/test_when_changed.py::test_"
TABLE = "macros/when_changed/when_changed.sql"
BY_ACCOUNT = "tests/python/comparison/test_comparison.py::test_every_column_equals_the_libraries_on_made_up_users"
CIRCULAR = "tests/python/comparison/test_circular.py::test_"
TRAITS = "tests/python/features/test_traits.py::test_"
ADOPTION = "tests/python/cohorts/test_cohorts.py::test_adoption_equals_statsmodels_and_scipy"
PROFILES = "tests/python/comparison/test_profiles.py::test_made_up_users_equal_scipy_and_statsmodels"
AGAINST_REST = "retention_and_funnels_against_the_rest_equal_statsmodels_and_scipy"
COHORTS = "tests/python/cohorts/test_cohorts.py::test_"
SURVIVAL = "tests/python/cohorts/test_survival.py::test_curves_and_tests_equal_lifelines_and_statsmodels"
REVENUE = "tests/python/value/test_revenue_cohorts.py::test_made_up_accounts_equal_a_recount[newest1]"
CAMPAIGNS = "tests/python/impact/test_campaigns.py::test_"
BY_COMPANY = "errors_of_a_holdout_of_accounts_equal_those_of_bell_and_mccaffrey"
PLAN = "tests/python/impact/test_plan.py::test_"
OF_PLAN = "means_and_design_effects_equal_a_clustered_regression"
NEEDS_OF_PLAN = "needs_equal_the_power_of_statsmodels"
CLOUD = "tests/python/discovery/test_discovery.py::test_a_cloud_is_unstable_and_groups_are_stable[cloud-unstable]"
FEW_PAUSES = "tests/python/cohorts/test_survival.py::test_without_late_entry_the_log_rank_test_is_that_of_lifelines"
HEALTH = "tests/python/discovery/test_discovery.py::test_churn_and_health_of_random_users"
PACKAGE = "tests/python/project/test_package.py::test_"
PARTS_OF = "models/marts/comparison/"
COMPARED = "tests/python/comparison/test_comparison.py::test_a_build_compares_only_dates_that_changed_and_equals_a_full_refresh"
INCREMENT = "tests/python/time/test_increment.py::test_incremental_equals_full_refresh"
SEQUENCE = "tests/python/membership/test_membership.py::test_incremental_membership_equals_full_refresh_after_any_change"
ONLY_CHANGED = "tests/python/membership/test_membership.py::test_only_what_changed_is_evaluated_again"
INPUT = "tests/python/inputs/test_input.py"
UNKNOWN = "tests/python/inputs/test_unknown_ids.py"
ONE_ROW = "tests/python/inputs/test_one_row.py"
CARD = "tests/python/membership/test_scorecard.py"
EXPLAIN = "tests/python/membership/test_movement.py"
TODAY = "tests/python/time/test_today.py::test_"
EXPERIMENTS = "tests/python/impact/test_experiments.py::test_"
PUBLISH = "tests/python/publishing/test_publish.py::test_"
MAY_NOT = PUBLISH + "what_may_not_be_published_leaves_every_byte_as_it_was"
ATTACK = PUBLISH + "nothing_follows_from_what_is_published_of_the_sample"
FORGET = "tests/python/publishing/test_privacy.py::test_who_is_forgotten_was_never_there"
BEHAVIORAL = "models/features/user_behavioral_features.sql"
CUSTOMER = "models/features/user_customer_features.sql"
CHECKS = "macros/segments/scorecard_checks.sql"

MUTANTS = [
    # What becomes known later does not show at an earlier date.
    Mutant(BEHAVIORAL, "            and user_days.known_date <= dates.as_of_date\n    group by", "    group by", LEAK),
    Mutant(BEHAVIORAL, "            and sessions.known_date <= dates.as_of_date\n", "", LEAK),
    Mutant(
        BEHAVIORAL,
        "ticket_openings.solved_date is null or ticket_openings.solved_date > dates.as_of_date",
        "ticket_openings.solved_date is null",
        LEAK,
    ),
    Mutant("models/features/user_key_events.sql", "            and event_days.known_date <= spine.as_of_date\n", "", LEAK),
    Mutant("macros/features/attributes_as_of.sql", "            and changes.valid_from_date <= spine.as_of_date\n", "", LEAK),
    Mutant(
        CUSTOMER, "inner join dates on {{ segmentation.day_of('subscriptions.valid_from') }} <= dates.as_of_date", "cross join dates", LEAK
    ),
    Mutant(
        CUSTOMER,
        "coalesce({{ segmentation.day_of('subscriptions.converted_at') }} <= dates.as_of_date, false)",
        "subscriptions.converted_at is not null",
        LEAK,
    ),
    # The time zone of the machine.
    Mutant(
        "macros/cross_db/to_utc.sql",
        "then try_cast({{ text }} as timestamptz) at time zone 'UTC'",
        "then try_cast({{ text }} as timestamp)",
        ZONE,
    ),
    # Increments.
    Mutant("macros/by_date/_stale_dates.sql", "built.version = present.version and ", "", KILL),
    Mutant("macros/by_date/_stale_dates.sql", " and built.row_count = coalesce(stored.row_count, 0)", "", DUE),
    Mutant(
        "macros/by_date/_stale_dates.sql",
        "            present.as_of_date is null\n            or not coalesce(built.version = present.version",
        "            present.as_of_date is not null\n            and not coalesce(built.version = present.version",
        "tests/python/time/test_by_date.py::test_dates_come_and_go",
    ),
    Mutant(
        "macros/by_date/_stale_dates.sql", "{%- for name in upstream -%}{%- do hashed.append(name ~ '.version') -%}{%- endfor -%}", "", DUE
    ),
    Mutant(
        "macros/by_date/_stale_dates.sql",
        "{%- for name in before -%}{%- do hashed.append(name ~ '_before.version') -%}{%- endfor -%}",
        "",
        BEFORE,
    ),
    Mutant(
        "macros/by_date/_stale_dates.sql", "{%- for name in whole -%}{%- do hashed.append(name ~ '.version') -%}{%- endfor -%}", "", FOLLOWS
    ),
    Mutant("macros/by_date/_stale_dates.sql", "-outcome_days", "0", FOLLOWS),
    Mutant("macros/by_date/_stale_dates.sql", "max(as_of_date) over () as known_on", "as_of_date as known_on", FOLLOWS_ALL),
    Mutant("macros/by_date/_stale_dates.sql", "['date_versions.date_version', 'parts.version']", "['parts.version']", PARTS),
    Mutant("macros/by_date/_stale_dates.sql", "['date_versions.date_version', 'parts.version']", "['date_versions.date_version']", PARTS),
    Mutant("macros/by_date/_stale_dates.sql", " + ([config.get('parts_of')] if config.get('parts_of') else [])", "", PARTS),
    Mutant(
        "macros/by_date/_slices.sql", "segmentation._on_parts(slice | selectattr('part') | list)", "segmentation._on_dates(dates)", PARTS
    ),
    Mutant("macros/by_date/_slices.sql", "{%- set parts = [''] if", "{%- set parts = [] if", PARTS),
    Mutant(
        "macros/by_date/_stale_dates.sql",
        ", 'as_of_dates.is_period_end'",
        "",
        "tests/python/time/test_by_date.py::test_a_date_that_no_longer_ends_a_period_is_due",
    ),
    # What a definition is about.
    Mutant(
        "macros/comparison/circular_metrics.sql",
        "{% if metric.get('level') == 'account' %}",
        "{% if false %}",
        CIRCULAR + "definitions_that_found_what_they_were_made_of",
    ),
    Mutant(
        "macros/comparison/circular_metrics.sql",
        "{% if of_definitions and feature.known_only_if_active %}",
        "{% if false %}",
        CIRCULAR + "definitions_that_found_what_they_were_made_of",
    ),
    Mutant(
        "macros/comparison/circular_metrics.sql",
        "segmentation._groups_of_columns(of_definitions=false)",
        "segmentation._groups_of_columns()",
        CIRCULAR + "definitions_that_found_what_they_were_made_of",
    ),
    Mutant(
        "macros/comparison/circular_metrics.sql",
        "{% for name in feature.reads if name in names %}",
        "{% for name in [] %}",
        CIRCULAR + "what_a_new_feature_reads_is_followed_without_being_repeated_in_its_entry",
    ),
    Mutant(
        "macros/comparison/circular_metrics.sql",
        "{% if by_events and own.get('reads_activity') %}",
        "{% if false %}",
        CIRCULAR + "definitions_that_found_what_they_were_made_of",
    ),
    Mutant(
        "macros/comparison/circular_metrics.sql",
        "if parent.split('.')[-1] == 'user_features'",
        "if false",
        CIRCULAR + "plain_sql_is_about_what_its_models_read",
    ),
    Mutant(
        "macros/comparison/circular_metrics.sql",
        "looks_back[metric.name] > tenure",
        "looks_back[metric.name] > tenure + 30",
        CIRCULAR + "who_cannot_fill_a_window_differs_in_it",
    ),
    Mutant(
        "macros/comparison/circular_metrics.sql",
        "and feature.type != 'string' %}",
        "%}",
        CIRCULAR + "what_a_new_feature_reads_is_followed_without_being_repeated_in_its_entry",
    ),
    Mutant("macros/by_date/by_date.sql", "['data_through', 'is_decision_date'] if", "['data_through'] if", COMPARED),
    # Traits of a project's own.
    Mutant(
        "macros/features/own_traits.sql",
        "order by valued.valid_from desc",
        "order by valued.valid_from",
        TRAITS + "a_trait_has_on_each_date_what_was_so_then",
    ),
    Mutant(
        "macros/features/own_traits.sql", "<= spine.as_of_date", "< spine.as_of_date", TRAITS + "a_trait_has_on_each_date_what_was_so_then"
    ),
    Mutant(
        "macros/features/own_traits.sql", "and place = 1 then answer", "then answer", TRAITS + "a_trait_has_on_each_date_what_was_so_then"
    ),
    Mutant(
        "macros/features/own_traits.sql",
        "{%- if if_missing is none %}",
        "{%- if true %}",
        TRAITS + "a_trait_has_on_each_date_what_was_so_then",
    ),
    Mutant("macros/features/trait_facts.sql", "dated_by, trait.name]", "dated_by]", TRAITS + "an_increment_equals_a_fresh_build"),
    Mutant(
        "macros/registries/traits.sql",
        "[trait['in'][:-1]].append(trait.name)",
        "[trait['in'][:-1]] + [trait.name]",
        TRAITS + "a_trait_has_on_each_date_what_was_so_then",
    ),
    Mutant("macros/inputs/checked_input.sql", "and column not in own %}", "%}", TRAITS + "what_cannot_be_read_is_listed"),
    Mutant(
        "macros/features/holds_value.sql", "'; ' ~ value | trim", "value | trim", TRAITS + "a_value_is_no_pattern_and_no_part_of_another"
    ),
    # A ratio is capped as one, and p counts the skew.
    Mutant(
        "macros/comparison/capped_value.sql",
        "' * least(' ~ of_value ~ ', ' ~ of_weight ~ ')'",
        "' * ' ~ (of_weight if weight else '(' ~ of_value ~ ')')",
        BY_ACCOUNT,
    ),
    Mutant(PARTS_OF + "segment_comparison.sql", "when baseline = 'previous_period' then 0e0", "when false then 0e0", BY_ACCOUNT),
    Mutant(
        PARTS_OF + "segment_comparison.sql",
        "'test_skew', 'tested_n / coalesce(design_effect, 1e0)', 'tested_baseline_n / coalesce(design_effect, 1e0)'",
        "'test_skew', 'n', 'baseline_n'",
        BY_ACCOUNT,
    ),
    Mutant("macros/comparison/counts_in_family.sql", "in ('skewed', 'ok')", "in ('skewed', 'ok', 'low_counts')", BY_ACCOUNT),
    # A change is what somebody did.
    Mutant("macros/comparison/paired_values.sql", "when user_features.account_id = earlier_users.account_id", "when false", BY_ACCOUNT),
    Mutant("macros/comparison/paired_values.sql", "when user_features.account_id = earlier_users.account_id", "when true", BY_ACCOUNT),
    Mutant("macros/comparison/paired_values.sql", "{%- elif 'account_users' in feature.reads %}", "{%- elif false %}", BY_ACCOUNT),
    Mutant("macros/comparison/paired_values.sql", ">= {{ window - 1 }}, true)", ">= {{ window }}, true)", BY_ACCOUNT),
    Mutant(PARTS_OF + "did_sums.sql", " - factors.{{ name }}__ratio_change", "", BY_ACCOUNT),
    Mutant(
        PARTS_OF + "did_sums.sql", "sign(single_changes.{{ name }}__change_total)", "single_changes.{{ name }}__change_total", BY_ACCOUNT
    ),
    Mutant(PARTS_OF + "did_moments.sql", "coalesce(did_sums.whole_accounts, 0e0)", "coalesce(did_sums.accounts, 0e0)", BY_ACCOUNT),
    Mutant(PARTS_OF + "did_moments.sql", "all_total - total as baseline_total", "-total * 0 as baseline_total", BY_ACCOUNT),
    Mutant(PARTS_OF + "did_moments.sql", "* least(n, baseline_n) / nullif(all_n, 0)", "* n / nullif(all_n, 0)", BY_ACCOUNT),
    Mutant(PARTS_OF + "segment_comparison.sql", "not as_of_dates.is_period_end as is_provisional", "false as is_provisional", BY_ACCOUNT),
    # Users in the same segments are summed together, and only they.
    Mutant("macros/comparison/patterns_of_members.sql", "segmentation.fingerprint(['segment'], ['segment'])", "'1'", BY_ACCOUNT),
    Mutant("macros/comparison/sums_by_account.sql", "case when sums_of_patterns.is_alone then", "case when true then", BY_ACCOUNT),
    # The account is the witness.
    Mutant("macros/comparison/sums_by_account.sql", " and member_accounts.{{ n }} = freed_accounts.{{ n }} then 1", " then 1", BY_ACCOUNT),
    Mutant("macros/comparison/sums_by_account.sql", "sum({{ freed }} * {{ all_freed }})", "sum({{ all_freed }})", BY_ACCOUNT),
    Mutant("macros/comparison/freed_accounts.sql", " - 1e0)", " - 0e0)", BY_ACCOUNT),
    Mutant("macros/comparison/sums_by_account.sql", "~ ' + member_accounts.' ~ n", "~ ' + 0e0 * member_accounts.' ~ n", BY_ACCOUNT),
    Mutant(
        PARTS_OF + "design_effects.sql",
        "as_of_date, account_id, case when account_id is null then user_id end",
        "as_of_date, user_id",
        BY_ACCOUNT,
    ),
    Mutant(
        PARTS_OF + "design_effects.sql",
        "count(case when {{ name }}baseline_n > 0 then 1 end)",
        "count(case when {{ name }}all_n > 0 then 1 end)",
        BY_ACCOUNT,
    ),
    Mutant("macros/comparison/user_residuals.sql", "            - users / 2e0 - sum(users)", "            - sum(users)", BY_ACCOUNT),
    Mutant(
        PARTS_OF + "segment_comparison.sql",
        " / sqrt(nullif(coalesce(moments.design_effect, 1e0) * moments.overlap_factor, 0e0)) as statistic",
        " as statistic",
        BY_ACCOUNT,
    ),
    Mutant(PARTS_OF + "segment_comparison.sql", " * sqrt(variance_factor) as margin", " as margin", BY_ACCOUNT),
    Mutant(PARTS_OF + "segment_comparison.sql", "relative_variance * variance_factor", "relative_variance", BY_ACCOUNT),
    Mutant(
        PARTS_OF + "segment_comparison.sql", "least(tested_accounts, tested_baseline_accounts) < ", "least(n, baseline_n) < ", BY_ACCOUNT
    ),
    Mutant("macros/comparison/compared_shares.sql", "(success_by_users + all_success_by_members)", "2e0 * success_by_users", ADOPTION),
    Mutant("macros/comparison/compared_shares.sql", "baseline_standard_error * sqrt(design_effect)", "baseline_standard_error", ADOPTION),
    Mutant(
        "models/marts/comparison/profile_counts.sql",
        "shared_cluster is null then 1e0 else members end",
        "shared_cluster is null then 1e0 else 1e0 end",
        PROFILES,
    ),
    Mutant("macros/comparison/counted_shares.sql", "count(case when members = users then 1 end)", "0", ADOPTION),
    Mutant(
        "models/marts/cohorts/survival_accounts.sql",
        "when shared_account is null then {{ name }}_squares else",
        "when false then 0 else",
        SURVIVAL,
    ),
    Mutant("macros/analysis/survival_spells.sql", "then lives.has_gap\n            else 0", "then 0\n            else 0", SURVIVAL),
    Mutant("models/marts/cohorts/survival_days.sql", ") >= 5 as is_paired", ") >= 0 as is_paired", SURVIVAL),
    Mutant("models/marts/cohorts/segment_survival_summary.sql", "least(observed, rest_observed, expected, rest_expected)", "6", FEW_PAUSES),
    *(
        Mutant("models/marts/cohorts/segment_survival.sql", old, new, SURVIVAL)
        for old, new in [
            ("variance * design_effect)", "variance)"),
            ("_gap * last_day.pause_part", "_gap"),
            ("_after - {{ one }}) *", "_after) *"),
            ("account_numbers on spells.account_key = account_numbers.account_key", "account_numbers on false"),
        ]
    ),
    Mutant("models/marts/cohorts/survival_days.sql", "then at_risk / both_at_risk - 1e0", "then at_risk / both_at_risk", SURVIVAL),
    Mutant("models/marts/cohorts/survival_days.sql", "then -area_left / (at_risk - events)", "then -area_left / at_risk", SURVIVAL),
    *(
        Mutant(f"models/marts/cohorts/{file}.sql", old, new, COHORTS + test)
        for file, old, new, test in [
            (
                "retention_counts",
                "everybody.n is null then 1 else account_counts.n end) as double)\n            as squares",
                "everybody.n is null then 1 else 1 end) as double)\n            as squares",
                "retention_equals_a_recount_user_by_user",
            ),
            (
                "retention_counts",
                "then 1 else account_counts.{{ cell.name }} end",
                "then 1 else 1 end",
                "retention_equals_a_recount_user_by_user",
            ),
            ("retention_counts", "coalesce(everybody.n, 1)) as double) as products", "1) as double) as products", AGAINST_REST),
            ("retention_counts", "coalesce(everybody.{{ cell.name }}, 1)", "1", AGAINST_REST),
            ("retention_counts", "else account_counts.n * everybody.{{ cell.name }}", "else 0", AGAINST_REST),
            ("retention_counts", "when everybody.n = account_counts.n then 1", "when true then 1", AGAINST_REST),
            ("funnel_counts", "-(entry_days + longest)", "-entry_days", "funnels_equal_a_walk_event_by_event"),
            ("funnel_counts", "> bounds.first_cohort", "> bounds.last_day", "funnels_equal_a_walk_event_by_event"),
            ("funnel_counts", "'users_by_all_users': 'all_users'", "'users_by_all_users': 'users'", AGAINST_REST),
            ("funnel_counts", "else members * all_users end", "else members * users end", AGAINST_REST),
            ("funnel_counts", "when account_steps.users = everybody.users then 1", "when true then 1", AGAINST_REST),
            ("funnel_counts", "'user_squares': 'users'", "'user_squares': '1'", "funnels_equal_a_walk_event_by_event"),
            ("cohort_comparison", "max(cohorts.cohort_date)", "min(cohorts.cohort_date)", AGAINST_REST),
            ("cohort_comparison", "everybody.accounts - coalesce(members.whole_accounts, 0)", "everybody.accounts", AGAINST_REST),
        ]
    ),
    Mutant(
        "macros/analysis/cohort_members.sql",
        "and account_users > 1",
        "and account_users > 2",
        COHORTS + "retention_equals_a_recount_user_by_user",
    ),
    Mutant("macros/features/account_key.sql", ", 'user ' || {{ relation }}.user_id)", ", 'alone')", SURVIVAL),
    Mutant(
        "models/marts/cohorts/segment_survival_summary.sql",
        "log_ranks.variance * design_effects.score_effect",
        "log_ranks.variance",
        SURVIVAL,
    ),
    Mutant("models/marts/cohorts/segment_survival_summary.sql", "sqrt(difference_effect) * ", "", SURVIVAL),
    Mutant("models/marts/discovery/health_score_quality.sql", " * sqrt(witnessed.design_effect)", "", HEALTH),
    Mutant("models/marts/discovery/churn_model.sql", " * sqrt(witnessed.design_effect)", "", HEALTH),
    *(
        Mutant(f"models/marts/value/{file}.sql", old, new, REVENUE)
        for file, old, new in [
            ("cohort_payments", "            and payments.payment_date >= payers.signup_date\n", ""),
            ("cohort_payments", "        subscription_versions.version_place = 1\n        and", "        true\n        and"),
            ("cohort_payments", "greatest(months.place, customers.start_place)", "months.place"),
            ("revenue_cohorts", "accounts / nullif(accounts - 1e0, 0e0) as", "1e0 as"),
            ("revenue_cohorts", "'least(mrr, base)'", "'mrr'"),
            ("revenue_cohorts", "sum(units * units) as unit_squares", "sum(units) as unit_squares"),
        ]
    ),
    *(
        Mutant(f"models/marts/comparison/{file}.sql", old, new, BY_ACCOUNT)
        for file, old, new in [
            ("group_moments", "spread_within * (n + baseline_n * scale * scale)", "spread_within * n"),
            ("group_moments", "coalesce(variance, spread_within) * n\n", "spread_within * n\n"),
            ("group_moments", "n + baseline_n - 2e0 as", "n + baseline_n as"),
            ("segment_comparison", "standardized_error * sqrt(variance_factor)", "standardized_error"),
            ("design_effects", "~ name ~ 'baseline_n * ' ~ name ~ 'hidden)'", "~ '0e0)'"),
            ("design_effects", "1e0 - 2e0 * shared_n / nullif(n + baseline_n, 0e0) as", "1e0 as"),
            ("design_effects", "'account_products' if part else 'shared_squares'", "'account_products' if part else '0e0'"),
            ("design_effects", "(baseline_n >= 2e0 * n or shared_n = n)", "true"),
        ]
    ),
    *(
        Mutant(f"models/marts/discovery/{file}.sql", old, new, CLOUD)
        for file, old, new in [
            ("cluster_resamples", 'hash_half("account_key ||', 'hash_half("user_id ||'),
            ("cluster_resample_fit", "(centroids.resample + 1) / 2e0", "(centroids.resample + 3) / 2e0"),
            ("cluster_quality", "(together - by_chance)", "together"),
            ("cluster_quality", "            - users\n", ""),
            ("cluster_quality", "distance * users / (users - 1e0)", "distance"),
            ("cluster_quality", "            + centers.spread\n", ""),
        ]
    ),
    Mutant(
        "models/marts/discovery/churn_values.sql", "hash_half('user_features.account_key')", "hash_half('user_features.user_id')", HEALTH
    ),
    Mutant(
        "macros/discovery/calibration_steps.sql",
        "intercept + (information_of_slope * score - ",
        "intercept + (information_of_slope * score + ",
        HEALTH,
    ),
    Mutant(
        PARTS_OF + "account_changes.sql",
        "    where member_changes.shared_account is not null\n    group by pattern_groups.segment, member_changes.shared_account",
        "    group by pattern_groups.segment, member_changes.shared_account",
        BY_ACCOUNT,
    ),
    Mutant(PARTS_OF + "account_changes.sql", "['lone_sums', 'sums_of_accounts']", "['sums_of_accounts']", BY_ACCOUNT),
    Mutant("macros/comparison/linear_change.sql", "{{ sum }}__n * {{ factor }}__ratio_change + ", "", BY_ACCOUNT),
    Mutant("macros/comparison/linear_change_squares.sql", "(2e0 * (", "(1e0 * (", BY_ACCOUNT),
    Mutant("macros/comparison/linear_change_terms.sql", "{{ change }} * {{ weight }} * {{ sums }}change_by_weight", "0e0", BY_ACCOUNT),
    Mutant("macros/comparison/change_factors.sql", "'__scale_change': '-'", "'__scale_change': ''", BY_ACCOUNT),
    # A table is made again when, and only when, something that it reads has changed.
    Mutant(
        TABLE,
        "            version = '{{ version }}'\n            and row_count",
        "            row_count",
        WHEN + "a_table_is_made_anew_when_what_it_reads_has_changed",
    ),
    Mutant(
        TABLE,
        "            and row_count = (select count(*) as row_count from {{ existing }})\n",
        "",
        WHEN + "a_table_that_lost_something_is_made_anew",
    ),
    Mutant(TABLE, "for part in parts[1:]", "for part in parts[2:]", WHEN + "users_are_computed_in_parts_and_the_newest_date_is_a_literal"),
    Mutant(TABLE, "if not asks -%}", "if true -%}", WHEN + "users_are_computed_in_parts_and_the_newest_date_is_a_literal"),
    Mutant(TABLE, "segmentation.logic_hash(compiled_code), ", "", WHEN + "logic_counts_also_of_views_and_ephemeral_models"),
    Mutant(TABLE, ", model.description", "", WHEN + "what_the_yaml_says_of_a_table_counts"),
    Mutant(TABLE, "tojson(model.columns, sort_keys=true), ", "", WHEN + "what_the_yaml_says_of_a_table_counts"),
    Mutant(
        TABLE,
        "{{ segmentation.view_definition(relation) }} as version",
        "'' as version",
        WHEN + "logic_counts_also_of_views_and_ephemeral_models",
    ),
    Mutant(TABLE, "fingerprint(columns, texts)", "fingerprint(columns)", WHEN + "two_changes_of_texts_do_not_cancel_out"),
    Mutant(
        "macros/cross_db/replace_rows.sql", "'delete from ' ~ relation, ", "", WHEN + "a_table_is_made_anew_when_what_it_reads_has_changed"
    ),
    Mutant(TABLE, "{%- do parts.append(invocation_id) -%}", "", WHEN + "what_others_read_without_saying_so_counts"),
    Mutant(TABLE, "node.package_name != 'segmentation' or ", "", WHEN + "what_others_read_without_saying_so_counts"),
    Mutant(TABLE, " or (node.alias or node.name) in sql", " or true", WHEN + "what_is_named_in_a_comment_only_is_not_read"),
    Mutant(
        TABLE, " and contents.built_by = {{ dbt.string_literal(invocation_id) }}", " and false", WHEN + "rows_are_looked_at_once_in_a_run"
    ),
    Mutant(
        TABLE,
        "source(node.source_name, node.name)",
        "api.Relation.create(schema=node.schema, identifier=node.name)",
        WHEN + "a_source_counts_by_its_rows_also_in_a_file",
    ),
    Mutant("models/features/crm_facts.sql", "'case when not ' ~ is_tracked ~ ' then '", "'case when true then '", DATED),
    Mutant(
        "models/features/crm_facts.sql",
        "greatest({{ segmentation.day_of('valid_from') }}, {{ segmentation.day_of(time) }})",
        "cast(valid_from as date)",
        DATED,
    ),
    Mutant("models/features/crm_facts.sql", "['started_at', 'trial_ends_at', 'converted_at', 'ended_at']", "['started_at']", DATED),
    Mutant("models/features/crm_facts.sql", " + ['trial_ends_at is null']", "", CRM),
    Mutant("macros/by_date/by_date.sql", "progress.stale and segmentation._has_other_columns(existing)", "false", LOGIC),
    Mutant(
        "macros/by_date/by_date.sql",
        "{%- for name in ['data_through', 'is_decision_date'] if",
        "{%- for name in ['is_decision_date'] if",
        COMPARED,
    ),
    Mutant(
        "macros/by_date/_slices.sql",
        "{% do slices.append([]) %}\n                {% set last.rows = 0 %}",
        "{% do slices.append([]) %}",
        SLICES,
    ),
    *(
        Mutant("models/features/user_features.sql", f"'{kind}', ", "", INCREMENT)
        # What else it reads, the version of user_key_events covers.
        for kind in ("campaigns", "crm", "invoices", "spend")
    ),
    Mutant("macros/segments/segment_versions.sql", "{% do basis.definitions.extend(other.definitions) %}", "", SEQUENCE),
    Mutant(
        "macros/segments/segment_versions.sql",
        "hashed = [\"'\" ~ local_md5(basis.definitions | join('|')) ~ \"'\", ",
        "hashed = [",
        SEQUENCE,
    ),
    Mutant("macros/segments/segment_versions.sql", ", 'user_features_version'] %}", "] %}", SEQUENCE),
    Mutant("macros/segments/segment_versions.sql", "{% if basis.is_plain %}", "{% if true %}", ONLY_CHANGED),
    Mutant("macros/segments/check_segment_views.sql", "{%- if text not in texts", "{%- if false and text not in texts", ONLY_CHANGED),
    Mutant("macros/by_date/_slices.sql", "slice | selectattr('part', 'eq', part) | map", "slice | map", BY_PART),
    # Bad input.
    Mutant("macros/inputs/check_input_columns.sql", "{% if problems %}", "{% if false %}", f"{INPUT}::test_a_missing_or_renamed_column"),
    Mutant("macros/inputs/check_input_columns.sql", "score=0.4", "score=1.4", f"{INPUT}::test_a_missing_or_renamed_column"),
    Mutant(
        "dbt_project.yml",
        "    +full_refresh: true\n",
        "    +full_refresh: false\n",
        f"{INPUT}::test_columns_in_another_order_on_a_used_database",
    ),
    Mutant(
        "macros/registries/variables.sql",
        "'max_rejected_share', 'section': 'Inputs', 'default': 0.05,",
        "'max_rejected_share', 'section': 'Inputs', 'default': 0.95,",
        f"{INPUT}::test_too_many_unreadable_rows_stop_everything_below",
    ),
    Mutant(
        "macros/registries/variables.sql",
        "'max_gap_days', 'section': 'Inputs', 'default': 30,",
        "'max_gap_days', 'section': 'Inputs', 'default': 30000,",
        f"{INPUT}::test_wrong_clock_without_arrival_times",
    ),
    Mutant(
        "models/staging/stg_events__gap.sql",
        "        is_after_gap\n        -- Somebody",
        "        true\n        -- Somebody",
        f"{ONE_ROW}::test_any_calendar_is_judged_as_the_docs_say",
    ),
    Mutant(
        "models/staging/stg_events__checked.sql",
        "segmentation.day_of('coalesce(received_at, occurred_at)')",
        "segmentation.day_of('occurred_at')",
        f"{ONE_ROW}::test_rows_from_the_future_move_nothing_in_any_input",
    ),
    Mutant(
        "macros/activity/first_sure_dates.sql",
        "'rows_to_here', 'all_rows'",
        "'1', '0'",
        f"{ONE_ROW}::test_a_user_of_1900_and_an_event_of_1970_are_kept_and_move_no_date",
    ),
    Mutant(
        "macros/registries/variables.sql",
        "'max_clock_skew_minutes', 'section': 'Inputs', 'default': 60,",
        "'max_clock_skew_minutes', 'section': 'Inputs', 'default': 60000000,",
        f"{INPUT}::test_dirty_rows_one_by_one",
    ),
    # A row that was not used is quoted.
    Mutant(
        "macros/inputs/_checked_rows.sql",
        "when own_reason is not null or place > 1",
        "when own_reason is not null",
        f"{INPUT}::test_dirty_rows_one_by_one",
    ),
    # How large an experiment must be.
    *(
        Mutant(f"models/marts/impact/{file}.sql", old, new, PLAN + test)
        for file, old, new, test in [
            (
                "experiment_baselines",
                "account_squares - 2e0 * mean * account_products",
                "account_squares - mean * account_products",
                OF_PLAN,
            ),
            (
                "experiment_baselines",
                "account_residual_squares * accounts / nullif(accounts - 1e0, 0e0)",
                "account_residual_squares",
                OF_PLAN,
            ),
            (
                "experiment_baselines",
                "(spreads.design_effect - 1e0) / nullif(spreads.size_squares",
                "1e0 / nullif(spreads.size_squares",
                OF_PLAN,
            ),
            ("experiment_baselines", "> as_of_dates.as_of_date", ">= as_of_dates.as_of_date", "every_metric_has_a_plan_in_every_segment"),
            (
                "experiment_baselines",
                "cast(sum(1 - was_member) as double) as new_users",
                "cast(count(*) as double) as new_users",
                "days_follow_from_who_is_there_and_who_comes_in",
            ),
            ("experiment_plan", " * design_effect as outcomes_by_account", " as outcomes_by_account", NEEDS_OF_PLAN),
            (
                "experiment_plan",
                "{{ least_users }}) * users_per_outcome)\n        end as users_needed",
                "{{ least_users }}))\n        end as users_needed",
                NEEDS_OF_PLAN,
            ),
            (
                "experiment_plan",
                "when metric_level = 'user' and outcomes_by_user is not null",
                "when outcomes_by_user is not null",
                NEEDS_OF_PLAN,
            ),
            (
                "experiment_plan",
                "when 2e0 * users_needed <= users then",
                "when users_needed <= users then",
                "days_follow_from_who_is_there_and_who_comes_in",
            ),
        ]
    ),
    Mutant(
        "models/marts/value/cohort_payments.sql",
        "    where {{ 'true' if segmentation.is_known(['invoices']) else 'false' }}\n",
        "",
        PACKAGE + "the_marts_that_are_empty_are_those_of_which_the_list_says_so",
    ),
    # The holdout of a campaign, drawn among accounts.
    *(
        Mutant(f"models/marts/impact/{file}.sql", old, new, CAMPAIGNS + test)
        for file, old, new, test in [
            ("campaign_results", "        / nullif(sqrt(design_effect), 0) as z", "        as z", BY_COMPANY),
            ("campaign_results", "        / nullif(design_effect, 0) as users_per_user", "        as users_per_user", BY_COMPANY),
            ("campaign_results", "- 2e0 * complier_effect * {{ side }}covariance_of_means", "", BY_COMPANY),
            (
                "campaign_results",
                "'sqrt(compared.pooled_variance * compared.design_effect)'",
                "'sqrt(compared.pooled_variance)'",
                BY_COMPANY,
            ),
            ("campaign_results", "then sqrt({{ side }}squared_error)", "then sqrt({{ side }}mean / n)", BY_COMPANY),
            ("campaign_results", "student_t_two_sided_p('z', 'df')", "normal_two_sided_p('z')", BY_COMPANY),
            ("campaign_results", "quality = 'insufficient' or not has_units", "quality = 'insufficient'", BY_COMPANY),
            ("campaign_outcomes", "as covariate\n", "* 0 as covariate\n", BY_COMPANY),
            (
                "campaign_users",
                "            and {{ segmentation.holds_on('user_accounts', 'first_messages.assigned_date') }}\n",
                "            and user_accounts.valid_to_date is not null\n",
                BY_COMPANY,
            ),
            (
                "campaign_outcomes",
                "{{ segmentation._assigned_unit('campaigns.campaign', unit, alarm) }}",
                "'user'",
                "campaigns_of_accounts_without_an_effect_find_none",
            ),
        ]
    ),
    # The unit that an experiment assigned, who is held out, and colleagues in another variant.
    *(
        Mutant(f"{folder}/{file}.sql", old, new, EXPERIMENTS + test)
        for folder, file, old, new, test in [
            (
                "macros/impact",
                "unit_evidence",
                "ln(max(arm_shares.largest_share))",
                "ln(min(arm_shares.share))",
                "the_chance_of_undivided_accounts_is_what_users_drawn_at_random_give",
            ),
            (
                "models/marts/impact",
                "experiment_variants",
                "coalesce(planned_variants.expected_share, 0e0) / experiments.planned_share",
                "coalesce(planned_variants.expected_share, 0e0)",
                "who_is_held_out_is_no_variant",
            ),
            (
                "models/marts/impact",
                "experiment_variants",
                "        case\n            when all_variants.variant in ({{ holdouts }}) then cast(null as double)\n",
                "        case\n",
                "who_is_held_out_is_no_variant",
            ),
            (
                "macros/impact",
                "experiment_unit_key",
                "    when experiment_variants.randomization_unit = 'account'\n",
                "    when false\n",
                "sample_ratios_count_what_was_assigned",
            ),
            (
                "models/marts/impact",
                "experiment_checks",
                "account_arms.first_variant != account_arms.last_variant",
                "false",
                "colleagues_in_different_variants_are_counted",
            ),
            (
                "models/marts/impact",
                "experiment_tests",
                "        and not experiment_variants.is_holdout\n",
                "",
                "who_is_held_out_is_no_variant",
            ),
            (
                "models/marts/impact",
                "experiment_tests",
                "        / nullif(sqrt(design_effect), 0) as z",
                "        as z",
                "errors_by_account_equal_the_matrices_of_bell_and_mccaffrey",
            ),
            (
                "macros/impact",
                "experiment_account_sums",
                "        sum(parts.part * parts.part / nullif(parts.left_over, 0)) as squared_error",
                "        sum(parts.part * parts.part) as squared_error",
                "errors_of_accounts_of_one_size_equal_statsmodels",
            ),
            (
                "macros/impact",
                "experiment_account_sums",
                "- 2e0 * parts.part * parts.rest_sum / nullif(parts.rest_weights, 0)",
                "",
                "the_interaction_of_colleagues_on_both_sides_equals_a_clustered_regression",
            ),
            (
                "macros/impact",
                "experiment_window_outcomes",
                "order by responses.responded_at desc",
                "order by responses.responded_at",
                "windows_segments_and_first_exposures",
            ),
            (
                "macros/impact",
                "experiment_window_outcomes",
                "{{ segmentation.day_of('users.deleted_at') }} > account_days.assigned_date",
                "{{ segmentation.day_of('users.deleted_at') }} >= account_days.assigned_date",
                "windows_segments_and_first_exposures",
            ),
            (
                "models/marts/impact",
                "experiment_outcomes",
                "        and (units.has_account or metric_kinds.metric_level = 'user')\n",
                "",
                "what_colleagues_share_is_compared_where_one_variant_did_it",
            ),
            (
                "models/marts/impact",
                "experiment_outcomes",
                "outcomes.outcome - centers.outcome_center * outcomes.weight as shifted",
                "outcomes.outcome - centers.outcome_center as shifted",
                "a_ratio_equals_tea_tasting",
            ),
            (
                "models/marts/impact",
                "experiment_days",
                "(2e0 * running_totals.total_before + running_totals.total)",
                "running_totals.total",
                "the_days_of_a_window_end_in_its_result",
            ),
            (
                "models/marts/impact",
                "experiment_days",
                "user_days.known_date <= observed_users.last_known_date",
                "true",
                "the_days_of_a_window_end_in_its_result",
            ),
            (
                "models/marts/impact",
                "experiment_timeline",
                "sum(weights * (2e0 * weights_before + weights)) as weight_squares",
                "sum(weights * weights) as weight_squares",
                "the_timeline_is_the_result_as_it_was_on_each_date",
            ),
            (
                "models/marts/impact",
                "experiment_results",
                "lift_lower > -margin",
                "lift > -margin",
                "a_guardrail_is_kept_if_its_bound_lies_within_the_margin",
            ),
            (
                "models/marts/impact",
                "experiment_results",
                "then coalesce(chosen_roles.margin, metric_roles.margin)",
                "then coalesce(metric_roles.margin, chosen_roles.margin)",
                "an_experiment_sets_roles_and_margins_of_its_own",
            ),
            (
                "models/marts/impact",
                "experiment_results",
                "coalesce(chosen_roles.role, metric_roles.role) as role",
                "coalesce(metric_roles.role, chosen_roles.role) as role",
                "an_experiment_sets_roles_and_margins_of_its_own",
            ),
            (
                "models/marts/impact",
                "experiment_results",
                "family_wise_when=\"role = 'guardrail'\"",
                'family_wise_when="false"',
                "q_values_are_corrected_within_each_family",
            ),
        ]
    ),
    # Ids that nobody knows.
    *(
        Mutant(file, old, new, UNKNOWN)
        for file, old, new in [
            ("models/activity/identity_links.sql", "    inner join users on identities.user_id = users.user_id\n", ""),
            (
                "macros/activity/rows_of_users.sql",
                "greatest({{ segmentation.day_of('named_rows.' ~ time) }}, links.linked_date)",
                "cast(named_rows.{{ time }} as date)",
            ),
            ("macros/activity/rows_of_users.sql", "coalesce(users.user_id, links.user_id)", "named_rows.user_id"),
            (
                "macros/impact/exposure_outcomes.sql",
                "user_event_days.known_date <= first_exposures.last_known_date",
                "user_event_days.known_date <= first_exposures.window_end_date",
            ),
            (
                "models/marts/impact/campaign_users.sql",
                "greatest({{ segmentation.day_of('first_messages.window_ends_at') }}, first_messages.known_date)",
                "cast(first_messages.window_ends_at as date)",
            ),
            (
                "models/features/user_marketing_features.sql",
                "messages.known_date <= dates.as_of_date",
                "cast(messages.assigned_at as date) <= dates.as_of_date",
            ),
            ("models/marts/value/amounts_by_owner.sql", "left join present_payers on", "inner join present_payers on"),
            (
                "models/marts/discovery/account_health.sql",
                "account_users.revenue_91d, account_revenue.revenue_91d, 0e0",
                "account_users.revenue_91d, 0e0",
            ),
        ]
    ),
    Mutant("macros/activity/activity_rows.sql", "        or relinked_dates.event_date is not null\n", "", INCREMENT),
    Mutant("macros/activity/remove_stale_activity.sql", "            rows_of_table.links_hash != 0\n", "            false\n", INCREMENT),
    # Users who pay alone, visitors, and the clock of another zone.
    *(
        Mutant(file, old, new, node)
        for file, old, new, node in [
            (
                "macros/features/payer_id.sql",
                "' ' || {{ user_id or relation ~ '.user_id' }}",
                "null",
                f"{UNKNOWN}::test_who_pays_alone_has_features_like_any_other",
            ),
            (
                "models/features/user_value_features.sql",
                " + coalesce(own_revenue.{{ name }}, 0e0)",
                "",
                f"{UNKNOWN}::test_who_pays_alone_has_features_like_any_other",
            ),
            (
                "macros/impact/experiment_window_outcomes.sql",
                "            and invoices.account_id is null\n",
                "",
                f"{UNKNOWN}::test_who_pays_alone_has_features_like_any_other",
            ),
            (
                "models/marts/value/amounts_by_owner.sql",
                "else 'unknown_user'",
                "else 'no_users'",
                f"{UNKNOWN}::test_money_that_nobody_owns_is_named",
            ),
            (
                "models/marts/value/segment_value.sql",
                "member_variance + rest_variance - 2e0 * covariance as difference_variance",
                "member_variance + rest_variance as difference_variance",
                "tests/python/value/test_value.py::test_segment_value_equals_a_recomputation_of_the_sample",
            ),
            (
                "models/marts/value/segment_value.sql",
                "sum(other_distance * other_distance - whole_distance * whole_distance) as added_squares",
                "sum(other_distance * other_distance) as added_squares",
                "tests/python/value/test_value.py::test_segment_value_equals_a_recomputation_of_the_sample",
            ),
            (
                "models/marts/value/visitor_signups.sql",
                "case when is_lead and has_signed_up then 1 else 0 end",
                "case when has_signed_up then 1 else 0 end",
                "tests/python/value/test_value.py::test_visitors_of_the_sample_equal_a_recount_of_its_events",
            ),
            (
                "models/marts/value/visitor_signups.sql",
                "events.occurred_at < known_links.signed_up_at",
                "true",
                "tests/python/value/test_value.py::test_visitors_of_the_sample_equal_a_recount_of_its_events",
            ),
            (
                "macros/cross_db/local_time.sql",
                "{% macro duckdb__local_time(instant) -%}\n    {%- set zone = segmentation.setting('reporting_timezone') -%}",
                "{% macro duckdb__local_time(instant) -%}\n    {%- set zone = 'UTC' -%}",
                "tests/python/time/test_zone.py::test_the_day_and_the_hour_are_those_of_a_clock_there",
            ),
            (
                "macros/activity/week_start.sql",
                "'sunday': 1",
                "'sunday': 6",
                "tests/python/time/test_zone.py::test_a_week_begins_on_the_day_that_is_asked_for",
            ),
            (
                "macros/activity/retention_cells.sql",
                "'month': 30",
                "'month': 28",
                "tests/python/cohorts/test_cohorts.py::test_a_period_of_retention_is_a_day_a_week_or_a_month",
            ),
        ]
    ),
    # A stranger's project: nothing is owed but users and events.
    Mutant(
        "macros/registries/setting.sql",
        "if project_name == 'segmentation' else {}",
        "if true else {}",
        f"{PACKAGE}the_sample_is_only_what_this_project_itself_starts_from",
    ),
    Mutant(
        "macros/registries/metrics.sql",
        "if segmentation.is_known(entry.get('needs', [])) %}",
        "%}",
        f"{PACKAGE}the_comparison_is_that_of_python_and_holds_only_what_can_be_known",
    ),
    Mutant(
        "macros/analysis/profile_attributes.sql",
        " and segmentation.is_known_feature(feature.name) %}",
        " %}",
        f"{PACKAGE}the_comparison_is_that_of_python_and_holds_only_what_can_be_known",
    ),
    Mutant(
        "macros/features/health_score.sql",
        "{% if left in [0, total] %}",
        "{% if true %}",
        f"{PACKAGE}the_points_of_the_health_score_go_to_what_is_known",
    ),
    Mutant(
        "models/marts/value/segment_value.sql",
        "is_known(['invoices'])",
        "is_known(['users'])",
        f"{PACKAGE}the_marts_that_are_empty_are_those_of_which_the_list_says_so",
    ),
    Mutant(
        "models/marts/membership/segment_scorecard.sql",
        "        and seen_events.event_name is null\n",
        "        and false\n",
        f"{PACKAGE}a_name_that_never_occurs_costs_points",
    ),
    Mutant(
        "macros/segments/_is_off.sql",
        "            and node.name not in segmentation.registered_segments()",
        "            and false",
        f"{PACKAGE}two_variables_are_enough_and_nothing_of_the_sample_is_built",
    ),
    # The lifecycle is one partition, in focus or not; what is retired or a draft.
    Mutant("macros/registries/segments.sql", "lifecycle + listed | reject('in', lifecycle) | list", "listed", LIFECYCLE),
    Mutant("macros/registries/lifecycle_segments.sql", " if segmentation._unchecked_setting('lifecycle') is true else []", "", LIFECYCLE),
    Mutant("macros/segments/_is_off.sql", " or node.name in segmentation._all_lifecycle_segments()", "", LIFECYCLE),
    Mutant("scripts/publishing/aggregates.py", "segments where is_lifecycle order", "segments where tier = 'primary' order", ATTACK),
    Mutant("models/marts/membership/user_lifecycle_segments.sql", "where is_lifecycle", "where tier = 'lifecycle'", ONE_EACH),
    *(
        Mutant(file, old, new, ASIDE)
        for file, old, new in [
            ("macros/registries/segments_in_use.sql", ".get('status') == 'draft') == is_draft", ".get('status') == 'x') == is_draft"),
            (
                "models/marts/membership/user_segments.sql",
                "and as_of_date <= cast('{{ segmentation",
                "and as_of_date < cast('{{ segmentation",
            ),
            ("models/marts/membership/segment_sizes.sql", "segments.retired_on >= as_of_dates.as_of_date", "true"),
            ("models/marts/comparison/group_moments.sql", "segments.retired_on >= group_sums.as_of_date", "true"),
            ("models/marts/membership/segment_scorecard.sql", "    where retired_on is null or retired_on >= data_through\n", ""),
            ("models/marts/membership/segment_overlap.sql", "    where retired_on is null or retired_on >= data_through\n", ""),
            ("models/marts/membership/segment_attrition.sql", "    where retired_on is null or retired_on >= data_through\n", ""),
            (
                "models/marts/membership/segment_drafts.sql",
                "{%- for segment in segmentation.draft_segments() %}\n    select\n        '{{ segment }}' as segment,\n        user_id",
                "{%- for segment in [] %}\n    select\n        '{{ segment }}' as segment,\n        user_id",
            ),
        ]
    ),
    # Goals with numbers, and segments that are what they are called.
    Mutant(
        "macros/segments/segment_entry.sql",
        "{% if node.package_name == 'segmentation' and project_name != 'segmentation' %}",
        "{% if false %}",
        "tests/python/project/test_package.py::test_what_the_samples_company_wants_is_not_asked_of_another",
    ),
    *(
        Mutant("models/marts/comparison/segment_objectives.sql", old, new, OBJECTIVES)
        for old, new in [
            ("case when metrics.direction = 'down' then -1 else 1 end", "1"),
            ("when ahead >= 0 then 'reached'", "when ahead > 0 then 'reached'"),
            ("when days_left < 0 then 'missed'", "when days_left <= 0 then 'missed'"),
            ("retired_on >= data_through", "true"),
            ("baseline = 'rest'", "baseline = 'all'"),
        ]
    ),
    *(
        Mutant("macros/segments/lint/_objective_problems.sql", old, new, "tests/python/segments/test_lint.py")
        for old, new in [
            ("{% if missing and (is_focus or given) %}", "{% if missing and given %}"),
            (" and entry.get('status', 'active') == 'active' %}", " %}"),
            ("not 0 <= target <= 1", "not 0 <= target"),
        ]
    ),
    *(
        Mutant(f"models/segments/{file}.sql", old, new, "tests/python/segments/test_names.py")
        for file, old, new in [
            ("psychographic/happy_customers", "nps_category = 'detractor'", "nps_category = 'nobody'"),
            ("psychographic/happy_customers", "active_days_28d >= 1", "active_days_28d >= 0"),
            ("psychographic/advocates", "mrr > 0", "mrr >= 0"),
            ("technographic/power_users_on_ios", "in_segment('power_users')", "in_top_share('events_91d', 0.3)"),
            ("customer/most_successful", "in_segment('at_risk_users')", "in_segment('new_users')"),
        ]
    ),
    Mutant(
        "macros/segments/segment_versions.sql",
        "{% if retired_on %}{% set version = segmentation._until(retired_on, version) %}{% endif %}",
        "",
        RETIRED,
    ),
    # Static lists.
    *(
        Mutant(file, old, new, "tests/python/segments/test_lists.py::test_membership_of_lists_replays_and_kept_people")
        for file, old, new in [
            ("macros/segments/body/_list_sql.sql", "listed.removed_on > user_features", "listed.removed_on >= user_features"),
            ("macros/segments/body/_list_sql.sql", "listed.added_on <= user_features", "listed.added_on < user_features"),
            ("macros/segments/body/_list_sql.sql", "            and replayed.is_member\n", ""),
            ("macros/segments/body/_list_sql.sql", "    where as_of_date <= cast", "    where as_of_date < cast"),
            (
                "macros/segments/body/_list_sql.sql",
                "    where user_features.as_of_date >= cast",
                "    where user_features.as_of_date > cast",
            ),
            ("macros/segments/segment_versions.sql", "own.get('reads_lists', false)", "false"),
            ("models/staging/frozen_lists.sql", "    full_refresh=false,\n", ""),
        ]
    ),
    # The scorecard: each check's bound.
    *(
        Mutant(CHECKS, old, new, CARD)
        for old, new in [
            ("'fails': 'users = 0'", "'fails': 'users < 0'"),
            ("'share > ' ~ segmentation.setting('max_segment_share')", "'share > 2 * ' ~ segmentation.setting('max_segment_share')"),
            (
                "'highest_jaccard > ' ~ segmentation.setting('max_jaccard')",
                "'highest_jaccard > 2 * ' ~ segmentation.setting('max_jaccard')",
            ),
            ("'unmet_criteria_count > 0'", "'unmet_criteria_count > 1'"),
            ("'flapping_share > ' ~", "'flapping_share < ' ~"),
            ("'abs(drift) > ' ~", "'drift > ' ~"),
            ("' or (share_at_review = 0 and share > 0)'", "''"),
            ("'review_age_days >= ' ~", "'review_age_days >= 2 * ' ~"),
            ("'review_age_days < -1'", "'review_age_days < -1000'"),
            ("'users between 1 and ' ~", "'users between 0 and ' ~"),
            ("\"tier = 'micro' and micro_segments > \"", '"micro_segments > "'),
            ("'lifecycle_segments = 0'", "'lifecycle_segments = 1'"),
            ("\"tier = 'micro' and share > \"", "\"tier = 'micro' and share < \""),
        ]
    ),
    Mutant(
        "models/marts/membership/segment_scorecard.sql",
        "previous_periods_back - periods_back > 1",
        "previous_periods_back - periods_back > 2",
        CARD,
    ),
    Mutant(
        "models/marts/membership/segment_scorecard.sql",
        "and segments.reviewed_on >= as_of_dates.as_of_date",
        "and segments.reviewed_on > as_of_dates.as_of_date",
        CARD,
    ),
    # explain_user.
    *(
        Mutant("macros/operations/explain_user.sql", old, new, EXPLAIN + " -k explain_user")
        for old, new in [
            ("('holds' if row[criterion] else 'fails')", "('fails' if row[criterion] else 'holds')"),
            ("{% if row.get('is_member') %}", "{% if not row.get('is_member') %}"),
            ("column ~ ' = ' ~ segmentation._explained_value(value)", "column ~ ' = ' ~ segmentation._explained_value(none)"),
            ("segmentation._explained_value(is_in.get('is_member', false))", "segmentation._explained_value(false)"),
            ("start = stay[0] ~ (' or before' if stay[2] else '')", "start = stay[1] ~ (' or before' if stay[2] else '')"),
            ("{% for date in dates if date > asked %}{% if loop.first %}", "{% for date in dates if date > asked %}{% if loop.last %}"),
            ("{% if not known %}", "{% if false %}"),
        ]
    ),
    # The running day.
    Mutant("macros/by_date/_stale_dates.sql", "and not coalesce(later.is_running, false)", "", FOLLOWS),
    *(
        Mutant(f"{file}.sql", old, new, TODAY + test)
        for file, old, new, test in [
            (
                "macros/activity/closed_through",
                "when {{ relation }}.is_provisional",
                "when false",
                "what_needs_a_whole_day_waits_for_its_end",
            ),
            (
                "models/activity/as_of_dates",
                " and dates.as_of_date <= bounds.closed_date",
                "",
                "the_running_day_is_one_date_more_and_no_end_of_a_period",
            ),
            (
                "models/activity/as_of_dates",
                "where first_signup_date <= closed_date",
                "where 1 = 0",
                "the_running_day_is_one_date_more_and_no_end_of_a_period",
            ),
            (
                "models/marts/discovery/cluster_centroids",
                "not data_through.is_provisional",
                "true",
                "what_needs_a_whole_day_waits_for_its_end",
            ),
        ]
    ),
    *(
        Mutant(f"scripts/{file}.py", old, new, PUBLISH + test)
        for file, old, new, test in [
            (
                "publish",
                'statuses.get(node["unique_id"]) == "success"',
                "True",
                "a_refresh_changes_the_file_of_users_and_in_it_what_it_has_built",
            ),
            (
                "publish",
                "table.name not in marts and isinstance",
                "False and isinstance",
                "a_refresh_changes_the_file_of_users_and_in_it_what_it_has_built",
            ),
            (
                "publish",
                "Column(name, kind, not is_nullable, comment)",
                "Column(name, kind, False, None)",
                "a_refresh_changes_the_file_of_users_and_in_it_what_it_has_built",
            ),
            ("publish", " where is_provisional", " where false", "the_log_has_the_last_refresh_until_the_next_publication"),
            (
                "publish",
                "declared, set(marts))\n            return write_users",
                "declared, set())\n            return write_users",
                "a_refresh_that_may_not_be_published_leaves_every_byte_as_it_was",
            ),
            (
                "publishing/readiness",
                'row.get("include_today") and not is_refresh',
                "False",
                "a_whole_build_with_the_running_day_is_not_published",
            ),
            (
                "publishing/readiness",
                "names is not None and name not in names",
                "False",
                "a_refresh_changes_the_file_of_users_and_in_it_what_it_has_built",
            ),
        ]
    ),
    # Publishing: refusals, whole files, small counts, persons.
    *(
        Mutant(f"scripts/{file}.py", old, new, test)
        for file, old, new, test in [
            ("publishing/readiness", 'if command != "build":', "if False:", MAY_NOT),
            ("checking/results", '(severities is None or severities.get(name) == "warn")', "True", MAY_NOT),
            ("publishing/readiness", "unbuilt = sorted(needed - set(statuses))", "unbuilt = []", MAY_NOT),
            ("publishing/readiness", " and name not in statuses\n", " and False\n", MAY_NOT),
            ("publishing/readiness", 'if not row["is_finished"]:', "if False:", MAY_NOT),
            ("publishing/readiness", 'if row["invocation_id"] != build.invocation_id:', "if False:", MAY_NOT),
            ("publishing/readiness", "if len(days) > 1:", "if len(days) > 2:", MAY_NOT),
            (
                "publishing/readiness",
                "mart.is_state)",
                "False)",
                PUBLISH + "a_mart_of_state_may_lie_behind_and_what_lies_ahead_is_left_out",
            ),
            ("publish", "data_through <= date '{day}'", "true", PUBLISH + "a_mart_of_state_may_lie_behind_and_what_lies_ahead_is_left_out"),
            (
                "publishing/continuity",
                "if abs(days) > limits",
                "if days > limits",
                PUBLISH + "a_jump_of_the_dates_is_published_only_if_its_very_day_is_accepted",
            ),
            (
                "publishing/continuity",
                "str(now.data_through) == limits.accept_data_through",
                "limits.accept_data_through",
                PUBLISH + "a_jump_of_the_dates_is_published_only_if_its_very_day_is_accepted",
            ),
            (
                "publishing/continuity",
                "if fall > limits.max_active_users_fall:",
                "if fall >= 1:",
                PUBLISH + "half_of_the_active_users_gone_is_published_only_if_its_day_is_accepted",
            ),
            ("publish", 'is not declared" for column in sorted(unknown)]', 'is not declared" for column in []]', MAY_NOT),
            ("publish", "tagged = set(privacy_of(marts[name])) - set(mart.withheld)", "tagged = set()", MAY_NOT),
            (
                "publish",
                '    if problems:\n        raise Refusal(\n            f"What',
                '    if False:\n        raise Refusal(\n            f"What',
                MAY_NOT,
            ),
            (
                "publishing/files",
                "        remove_leftovers(folder)\n        try:\n",
                "        try:\n",
                PUBLISH + "what_a_crash_left_is_removed",
            ),
            (
                "publishing/files",
                "    following.chmod(mode)\n",
                "    following.chmod(0o644)\n",
                PUBLISH + "keys_comments_not_null_and_modes_are_kept",
            ),
            (
                "publishing/files",
                "    flush(following)\n    return following",
                "    return following",
                PUBLISH + "a_kill_changes_nothing_and_the_next_publication_comes_through",
            ),
            ("publishing/files", "path.with_name(path.name + NEXT)", "path", PUBLISH + "readers_see_whole_files_while_they_are_swapped"),
            (
                "publishing/pseudonyms",
                "if path.stat().st_mode & 0o077:",
                "if False:",
                PUBLISH + "ids_are_the_same_pseudonyms_every_time_and_nobody_is_named",
            ),
            (
                "publishing/aggregates",
                "value < minimum and",
                "value < minimum - 1 and",
                PUBLISH + "no_column_shows_fewer_people_than_may_be_shown",
            ),
            (
                "publishing/suppression",
                "            changed = following\n        return self.withheld",
                "            changed = following\n        return {one for one in self.withheld if self.cells[one].is_small}",
                PUBLISH + "small_counts_and_what_would_tell_them_are_withheld",
            ),
            ("publishing/suppression", "needed = self.minimum if", "needed = 1 if", PUBLISH + "small_sums_are_not_told_by_two_gaps"),
            (
                "publishing/suppression",
                "found = self._close_combinations(knot)",
                "found = set()",
                PUBLISH + "a_circle_of_sums_is_not_solved",
            ),
            (
                "publishing/rules/membership",
                '                "members {to_segment} {as_of_date}", "move {from_segment}',
                '                "nobody {to_segment} {as_of_date}", "move {from_segment}',
                PUBLISH + "moves_between_segments_do_not_follow",
            ),
            (
                "publishing/rules/cohorts",
                "            adds_up_across(\n"
                '                f"{BACK} __all__ {{cohort_date}}", f"{BACK} {{segment}} {{cohort_date}}",'
                ' where=f"{IS_LIFECYCLE} and retained is not null"\n            ),\n',
                "",
                ATTACK,
            ),
            (
                "publishing/rules/comparison",
                "users + baseline_users >= {minimum}",
                "users + baseline_users >= 0",
                PUBLISH + "a_title_that_few_people_have_is_not_named",
            ),
            (
                "publish",
                "except (OSError, duckdb.Error) as error:",
                "except ZeroDivisionError as error:",
                PUBLISH + "a_file_system_that_takes_no_more_changes_nothing",
            ),
            (
                "replacing",
                "path.with_name(path.name + NEXT)",
                "path",
                "tests/python/publishing/test_bi.py::test_a_file_is_replaced_as_a_whole_and_is_for_few",
            ),
            (
                "publish",
                "if name in mart.withheld or (",
                "if name in mart.withheld or False and (",
                PUBLISH + "nobody_is_named_in_the_published_files",
            ),
            (
                "publish",
                'expressions.append(f"{pseudonym_sql(quoted(name), key)} as {quoted(name)}")',
                "expressions.append(quoted(name))",
                PUBLISH + "nobody_is_named_in_the_published_files",
            ),
        ]
    ),
    # What is forgotten stays forgotten.
    *(
        Mutant(file, old, new, FORGET)
        for file, old, new in [
            ("macros/privacy/remove_forgotten.sql", "' as forgotten)'\n", "' as forgotten) and false'\n"),
            ("macros/inputs/_typed_rows.sql", "not in (select subject_hash from forgotten_users)", "is not null"),
            ("macros/privacy/input_subject.sql", "\", 'email:' || \"", "\", 'none:' || \""),
            ("macros/privacy/input_subject.sql", "\", 'anonymous_id:' || \"", "\", 'none:' || \""),
            (
                "macros/operations/forget_user.sql",
                "{% if rows %}\n        {% do segmentation._run(segmentation.delete_rows(",
                "{% if false %}\n        {% do segmentation._run(segmentation.delete_rows(",
            ),
            ("macros/cross_db/replace_word.sql", "'gi'", "'g'"),
        ]
    ),
    Mutant(
        "models/staging/forgotten_users.sql",
        "full_refresh=false",
        "full_refresh=true",
        "tests/python/publishing/test_privacy.py::test_the_list_of_the_forgotten_survives_a_full_refresh",
    ),
    Mutant(
        "macros/segments/scorecard_checks.sql",
        "'fails': 'review_age_days < -1'",
        "'fails': 'review_age_days < 0'",
        f"{SCORECARD}every_check_fails_where_it_should_and_nowhere_else",
    ),
    Mutant(
        "macros/segments/scorecard_checks.sql",
        "{'name': 'is_too_small', 'points': 0,",
        "{'name': 'is_too_small', 'points': 10,",
        f"{SCORECARD}every_check_fails_where_it_should_and_nowhere_else",
    ),
    Mutant(
        "tests/marts/membership/test_segment_scorecard__no_review_is_due.sql",
        "review_age_days >= {{ 2 * valid_days - 1 }}",
        "review_age_days >= {{ 2 * valid_days }}",
        f"{SCORECARD}the_build_warns_of_reviews_that_are_due_and_loudly_of_those_that_are_overdue",
    ),
    Mutant(
        "scripts/reviewing/proposals.py",
        'row["jaccard"] > max_jaccard',
        'row["jaccard"] >= max_jaccard',
        f"{REVIEW}drafts_and_retired_segments_are_not_proposed",
    ),
    Mutant(
        "scripts/reviewing/proposals.py",
        'row["status"] == "active"',
        'row["status"] != "retired"',
        f"{REVIEW}drafts_and_retired_segments_are_not_proposed",
    ),
    Mutant(
        "scripts/reviewing/facts.py",
        "            and min(as_of_date) <= $newest - interval {HALF_A_YEAR} day\n",
        "",
        f"{REVIEW}a_young_company_has_no_dead_segment",
    ),
    Mutant(
        "scripts/reviewing/facts.py",
        "where users > 0) as last_seen",
        "where users > 9) as last_seen",
        f"{REVIEW}a_company_with_three_faults_gets_exactly_these_three_proposals",
    ),
    Mutant(
        "scripts/reviewing/splits.py",
        "is_held and is_own and",
        "is_held and",
        f"{REVIEW}a_trait_that_matters_for_everybody_splits_no_segment",
    ),
    Mutant(
        "scripts/reviewing/splits.py",
        "cut is None or _gap(outside, 1) is not None",
        "cut is None",
        f"{REVIEW}two_heaps_are_two_halves_even_if_no_trait_tells_them_apart",
    ),
    Mutant(
        "scripts/reviewing/splits.py",
        "TWO_HEAPS = 0.85",
        "TWO_HEAPS = 0.5",
        f"{REVIEW}two_heaps_are_two_halves_even_if_no_trait_tells_them_apart",
    ),
    Mutant(
        "scripts/reviewing/page.py",
        'if age >= valid_days else "later"',
        'if age > valid_days else "later"',
        f"{REVIEW}a_review_is_due_after_92_days_and_overdue_after_183",
    ),
    Mutant(
        "scripts/reviewing/signing.py",
        "if not any(start <= match.start() < end for start, end in comments)",
        "if comments is not None",
        f"{REVIEW}signing_off_changes_the_day_and_nothing_else",
    ),
    Mutant(
        "scripts/reviewing/signing.py",
        "if before >= str(day):",
        "if before == str(day):",
        f"{REVIEW}signing_off_changes_the_day_and_nothing_else",
    ),
    Mutant(
        "scripts/suggesting/search.py",
        "and abs(z[second]) >= self.settings.confirmed",
        "",
        f"{SUGGEST}a_difference_that_only_one_half_of_the_accounts_shows_is_not_proposed",
    ),
    Mutant(
        "scripts/suggesting/search.py",
        "shrunken = confirmed_effect * max(0.0, 1 - 1 / z**2)\n        if",
        "shrunken = confirmed_effect\n        if",
        f"{SUGGEST}planted_groups_are_found_and_noise_is_not",
    ),
    Mutant(
        "scripts/suggesting/search.py",
        "if best[name][number] <= 1:",
        "if best[name][number] <= 0.5:",
        f"{SUGGEST}planted_groups_are_found_and_noise_is_not",
    ),
    Mutant(
        "scripts/suggesting/search.py",
        "<= self.settings.most_alike for other in others",
        "<= 1 for other in others",
        f"{SUGGEST}what_exists_is_circular_or_too_large_is_not_proposed",
    ),
    Mutant(
        "scripts/suggesting/search.py",
        "if circular and circular(name, each)",
        "if circular and not circular",
        f"{SUGGEST}what_exists_is_circular_or_too_large_is_not_proposed",
    ),
    Mutant(
        "scripts/suggesting/search.py",
        "return self._narrowed(group) or group",
        "return group",
        f"{SUGGEST}a_cluster_is_described_by_up_to_three_conditions_and_a_pair_narrowed_by_a_third",
    ),
    Mutant(
        "scripts/suggesting/table.py",
        'and entry["privacy"] is None',
        "",
        f"{SUGGEST}the_table_of_the_sample_holds_nothing_sensitive_and_knows_what_is_circular",
    ),
    # Personas, what a delivery changed, who is called again, cohorts of a segment, totals.
    *(
        Mutant(file, old, new, node)
        for file, old, new, node in [
            (
                "macros/segments/personas.sql",
                "'unknown_segment': 'segment not in",
                "'unknown_segment': 'false and segment not in",
                PERSONAS,
            ),
            ("macros/segments/personas.sql", "'newest_by': 'updated_at', 'may", "'first_by': 'updated_at', 'may", PERSONAS),
            ("models/marts/comparison/segment_personas.sql", " and not written.is_duplicate", "", PERSONAS),
            ("macros/audiences/audience_outcomes.sql", "metric.get('denominator', '1')", "'1'", LOOP),
            ("macros/audiences/audience_outcomes.sql", "('products', 'outcome * divisor')", "('products', 'outcome')", LOOP),
            ("models/marts/audiences/audience_results.sql", "power({{ prefix }}weight / nullif({{ prefix }}n, 0), 2)", "1e0", LOOP),
            ("models/marts/discovery/account_call_list.sql", "where not is_held_out\n", "", HEALTH),
            ("models/marts/discovery/account_call_list.sql", "    where surface = 'sales'\n", "", HEALTH),
            ("models/marts/discovery/account_call_list.sql", "order by is_due desc, priority", "order by priority", HEALTH),
            (
                "models/marts/cohorts/signup_cohorts.sql",
                "        min(as_of_date) as as_of_date\n",
                "        max(as_of_date) as as_of_date\n",
                SIGNUPS,
            ),
            ("models/marts/value/segment_totals.sql", "active_days_7d > 0", "active_days_7d > 1", TOTALS),
        ]
    ),
    Mutant("scripts/suggesting/drafts.py", "path.unlink(missing_ok=True)", "path.exists()", f"{SUGGEST}all_drafts_are_written_or_none"),
    # How far the data reach, and what is sudden in them.
    Mutant("macros/inputs/newest_day.sql", "' <= ' ~ limit", "' is not null'", BEHIND),
    Mutant("macros/inputs/complete_days.sql", "not in ('users', 'accounts')", "in ('users', 'accounts')", BEHIND),
    Mutant("models/activity/data_through.sql", " and ranked_sources.complete_through is null as", " as", BEHIND),
    Mutant("models/activity/data_through.sql", "newest.data_through > ranked", "newest.data_through >= ranked", BEHIND),
    Mutant("models/activity/data_through.sql", "order by complete_through, input", "order by input", BEHIND),
    Mutant("macros/inputs/time_columns.sql", "if column not in entry.get('ends', [])", "if true", BEHIND),
    Mutant("models/marts/inputs/input_drift.sql", "cast(rows_last_week + rows_before as double)", "cast(rows_before as double)", SUDDEN),
    Mutant("models/marts/inputs/input_drift.sql", "end) < 8 then 0", "end) < 0 then 0", SUDDEN),
    Mutant("models/marts/inputs/input_drift.sql", "oldest_week >= 9", "oldest_week >= 6", SUDDEN),
    Mutant("models/marts/inputs/input_drift.sql", "least(rows_last_week, rows_before) < 20", "false", SUDDEN),
    Mutant("models/marts/inputs/input_drift.sql", "                and rows_last_week >= 20\n", "", SUDDEN),
    Mutant("macros/inputs/missing_columns.sql", "!= 'null'", "!= 'x'", f"{INPUT}::test_columns_that_are_not_those_of_the_last_build"),
    Mutant(
        "macros/inputs/missing_columns.sql",
        "entry.key + entry.get('required', [])",
        "entry.key",
        f"{INPUT}::test_another_type_of_a_column_is_told_and_stops_where_it_is_asked_to",
    ),
    Mutant(
        "connectors/macros/registry/check_tables.sql", "if before and column", "if column", "tests/python/connectors/test_changed_tables.py"
    ),
    Mutant(
        "connectors/macros/registry/check_tables.sql",
        "if not execute or flags.WHICH not in ['build', 'run']",
        "if not execute",
        "tests/python/connectors/test_changed_tables.py",
    ),
    Mutant(
        "macros/inputs/columns_changed.sql",
        "if before and column",
        "if column",
        f"{INPUT}::test_another_type_of_a_column_is_told_and_stops_where_it_is_asked_to",
    ),
    Mutant(
        "macros/inputs/columns_changed.sql",
        "if column in contract and",
        "if",
        f"{INPUT}::test_another_type_of_a_column_is_told_and_stops_where_it_is_asked_to",
    ),
    # History out of versions.
    Mutant(
        "macros/inputs/version_changes.sql",
        "        and (select count({{ attribute }}) > 0 from {{ relation }})\n",
        "",
        f"{VERSIONS}snapshots_of_people_and_companies_are_history",
    ),
    Mutant(
        "macros/inputs/version_changes.sql",
        "{{ attribute }} is distinct from lag",
        "{{ attribute }} != lag",
        f"{VERSIONS}snapshots_of_people_and_companies_are_history",
    ),
    Mutant(
        "macros/inputs/versions_as_history.sql",
        "least(beginnings.begun_at, value_changes.version_from)",
        "value_changes.version_from",
        f"{VERSIONS}snapshots_of_people_and_companies_are_history",
    ),
    Mutant(
        "connectors/macros/reading/source_table.sql",
        " >= '9999', true)",
        " < '9999', true)",
        f"{VERSIONS}a_snapshot_of_contacts_says_who_is_active",
    ),
    Mutant(
        "connectors/models/salesforce/connector_salesforce_attribute_history.sql",
        "versions_of_all.is_first and ",
        "",
        f"{VERSIONS}history_mode_of_salesforce_is_history",
    ),
    Mutant(
        "connectors/models/salesforce/connector_salesforce_attribute_history.sql",
        "when first_values.entity is not null then",
        "when false then",
        f"{VERSIONS}history_mode_of_salesforce_is_history",
    ),
    # Discounts of Stripe.
    Mutant(
        "connectors/models/stripe/connector_stripe_discounts.sql",
        "where duration is distinct from 'once'",
        "where true",
        f"{STRIPE}::test_discounts_are_off_the_price_while_they_last",
    ),
    Mutant(
        "connectors/models/stripe/connector_stripe_subscriptions.sql",
        "discounts.ends_at > ",
        "discounts.ends_at >= ",
        f"{STRIPE}::test_discounts_are_off_the_price_while_they_last",
    ),
    Mutant(
        "connectors/models/stripe/connector_stripe_subscriptions.sql",
        "discounts.started_at <= ",
        "discounts.started_at < ",
        f"{STRIPE}::test_discounts_are_off_the_price_while_they_last",
    ),
    Mutant(
        "connectors/models/stripe/connector_stripe_subscriptions.sql",
        " / coalesce(all_versions.months_per_period, 1)",
        "",
        f"{STRIPE}::test_discounts_are_off_the_price_while_they_last",
    ),
    Mutant(
        "connectors/models/stripe/connector_stripe_subscriptions.sql",
        "product(discounts.share_left)",
        "max(discounts.share_left)",
        f"{STRIPE}::test_discounts_are_off_the_price_while_they_last",
    ),
    Mutant(
        "connectors/models/stripe/connector_stripe_subscriptions.sql",
        "case when all_versions.mrr is not null then 0 end",
        "null",
        f"{STRIPE}::test_discounts_are_off_the_price_while_they_last",
    ),
    Mutant(
        "connectors/models/stripe/connector_stripe_subscriptions.sql",
        "max({{ time_value('period_end') }}) as period_end",
        "null::timestamp as period_end",
        f"{STRIPE}::test_discounts_are_off_the_price_while_they_last",
    ),
    # Who is not one of the people.
    Mutant("macros/inputs/left_out_users.sql", ", '*@*.' ~ domain", "", LEFT_OUT),
    Mutant("macros/inputs/left_out_users.sql", "'*@' ~ domain", "'*' ~ domain", LEFT_OUT),
    Mutant(
        "macros/inputs/left_out_rule.sql",
        "'case when ' ~ relation ~ '.user_id is null then ' ~ relation ~ '.anonymous_id end'",
        "relation ~ '.anonymous_id'",
        LEFT_OUT,
    ),
    Mutant("macros/inputs/left_out_rule.sql", "'(' ~ relation ~ '.entity)'", "\"('user', 'account')\"", LEFT_OUT),
    Mutant("macros/inputs/left_out_rule.sql", "\"('user', 'anonymous')\" if", "\"('user')\" if", LEFT_OUT),
    Mutant("macros/cross_db/is_like_one.sql", " | replace('_', '!_')", "", LEFT_OUT),
    Mutant("macros/cross_db/is_like_one.sql", " | trim | lower", " | trim", LEFT_OUT),
    Mutant("models/staging/left_out_ids.sql", "    where ordered_links.place = 1\n", "", LEFT_OUT),
    Mutant("models/staging/left_out_ids.sql", "cast(min(rule_number) as bigint)", "cast(max(rule_number) as bigint)", LEFT_OUT),
    Mutant("models/staging/left_out_ids.sql", "merged.user_id as left_out_id", "merged.last_survivor_id as left_out_id", LEFT_OUT),
    Mutant("models/staging/left_out_ids.sql", "    where refused_because is null\n", "", LEFT_OUT),
    Mutant(
        "models/marts/inputs/left_out_rows.sql",
        "    where {{ name }}.reject_reason is null and not {{ name }}.is_duplicate\n",
        "",
        LEFT_OUT,
    ),
    Mutant("models/staging/seen_users.sql", "        and left_out_users.user_hash is null\n", "", RULED),
    Mutant("macros/activity/activity_rows.sql", "or user_events.user_id not in (select user_id from {{ this }})", "", RULED),
]


def copy_of_project(folder: Path) -> Path:
    """A copy of the files that git tracks, with a link to the environment."""
    tracked = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True).stdout.split("\n")
    for name in filter(None, tracked):
        if (ROOT / name).exists():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, folder / name, follow_symlinks=False)
    (folder / ".venv").symlink_to(ROOT / ".venv")
    return folder


def tried(folder: Path, mutant: Mutant) -> tuple[bool, str]:
    """Whether a test failed on the mutant, and why, so that one can see that it failed for the right reason."""
    path = folder / mutant.file
    text = path.read_text(encoding="utf-8")
    if text.count(mutant.old) != 1:
        return False, f"old text found {text.count(mutant.old)} times"
    path.write_text(text.replace(mutant.old, mutant.new), encoding="utf-8")
    try:
        done = subprocess.run(
            [sys.executable, "-m", "pytest", "-x", "-q", "-n", "0", *mutant.test.split(" ")],
            cwd=folder,
            capture_output=True,
            text=True,
            check=False,
        )
    finally:
        path.write_text(text, encoding="utf-8")
    reasons = [line for line in done.stdout.splitlines() if line.startswith("E  ")]
    # 1: a test failed. Other codes say that no test ran.
    return done.returncode == 1, reasons[0][:150] if reasons else f"pytest ended with {done.returncode}: {done.stdout[-300:]}"


def main() -> int:
    """Run the mutants, print one line each, return the exit status."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--only", default="", help="run mutants whose file or test contains this text")
    arguments = parser.parse_args()
    chosen = [mutant for mutant in MUTANTS if arguments.only in f"{mutant.file} {mutant.test} {mutant.old}"]
    bad = 0
    with tempfile.TemporaryDirectory() as name:
        folder = copy_of_project(Path(name))
        for mutant in chosen:
            started = time.monotonic()
            is_caught, reason = tried(folder, mutant)
            bad += not is_caught
            print(
                f"{'caught' if is_caught else 'SURVIVED':<9}{time.monotonic() - started:5.0f} s  {mutant.file}: {mutant.old.strip()[:70]!r}"
            )
            print(f"    {reason}", flush=True)
    print(f"{len(chosen) - bad} of {len(chosen)} caught")
    return 1 if bad or not chosen else 0


if __name__ == "__main__":
    sys.exit(main())
