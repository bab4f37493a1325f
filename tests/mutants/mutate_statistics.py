"""Break one term of a statistics macro at a time and see whether the grid of tests/ notices. Part of `make mutants`.

Each mutant is (file, old, new). The claims of tests/support/statistics_grid.py whose SQL is another one with the broken macro are run
until one of them is off by more than it allows. A mutant that survives, that only makes the engine refuse the SQL, or
whose old text is not found exactly once makes the script exit 1, and so does a public macro with less than two mutants.
`--only NAME ...` runs the mutants of these files alone.
"""

from __future__ import annotations

import argparse
import sys
import time
from pathlib import Path
from typing import Any, NamedTuple

import duckdb

ROOT = Path(__file__).resolve().parent.parent.parent
sys.path[:0] = [str(ROOT / "tests/support"), str(ROOT / "tests"), str(ROOT / "scripts")]

from registries import texts_of  # noqa: E402
from render_macros import loaded_macros, macro_texts  # noqa: E402
from statistics_grid import Claim, claims, error_of, grid_connection  # noqa: E402

FOLDER = "macros/statistics"


class Mutant(NamedTuple):
    file: str
    old: str
    new: str


MUTANTS = [
    # Skewed statistics: both branches, the support, both tails.
    Mutant("skewed_score", "/ 6e0", "/ 7e0"),
    Mutant("skewed_score", "/ 1.44e2", "/ 1.4e1"),
    Mutant("skewed_score", "5e-1 * ' ~ z", "5.1e-1 * ' ~ z"),
    Mutant("skewed_score", "sqrt(8e0 *", "sqrt(8.1e0 *"),
    Mutant("skewed_score", "ln({{ z }} / ({{ w }})) / ({{ w }})", "ln({{ z }} / ({{ w }}))"),
    Mutant("skewed_score", "then 4e1 * sign({{ z }})", "then 4e1"),
    Mutant("skewed_score", "abs({{ skew }}) < 1e9)", "true)"),
    Mutant("two_tails_p", "else 1e0 - {{ above }}", "else {{ above }}"),
    Mutant("two_tails_p", "else 1e0 - {{ below }}", "else {{ below }}"),
    Mutant("randomization_skew", "({{ m }} - {{ n }})", "({{ n }} - {{ m }})"),
    Mutant("randomization_skew", "{{ m }} - 2e0", "{{ m }} - 1e0"),
    Mutant("randomization_skew", "{{ m }} - 1e0)", "{{ m }})"),
    Mutant("randomization_skew", "{{ m }} > 2\n", "{{ m }} > 1\n"),
    # The normal distribution: every class of coefficients, both branch points, the depth, the signs.
    Mutant("normal_two_sided_p", "'3.52624965998911e-2'", "'3.52624965998911e-3'"),
    Mutant("normal_two_sided_p", "'2.20206867912376e2'", "'2.20206867912377e2'"),
    Mutant("normal_two_sided_p", "'8.83883476483184e-2'", "'8.838834764e-2'"),
    Mutant("normal_two_sided_p", "'4.40413735824752e2'", "'4.40413735824852e2'"),
    Mutant("normal_two_sided_p", "{{ x }} < 4", "{{ x }} < 5"),
    Mutant("normal_two_sided_p", "{{ x }} < 4", "{{ x }} < 3"),
    Mutant("normal_two_sided_p", "range(18, -1, -2)", "range(16, -1, -2)"),
    Mutant("normal_two_sided_p", "(2 * even + 1) ~", "(2 * even + 2) ~"),
    Mutant("normal_two_sided_p", "(even + 1) * (even + 2)", "(even + 1) * (even + 1)"),
    Mutant("normal_two_sided_p", "{{ x }} <= 3.75e1", "{{ x }} <= 3.65e1"),
    Mutant("normal_two_sided_p", "{{ x }} <= 1e308", "{{ x }} >= 1"),
    Mutant("normal_two_sided_p", "3.9894228040143268e-1", "3.98942280401e-1"),
    Mutant("normal_two_sided_p", "exp(-5e-1 *", "exp(-5.0000000001e-1 *"),
    Mutant("normal_two_sided_p", "2e0 * {{", "1e0 * {{"),
    Mutant("normal_two_sided_p", "segmentation._normal_tail(z)", "'(1e0 - ' ~ segmentation._normal_tail(z) ~ ')'"),
    # The normal quantile: a coefficient of each of the six polynomials, the branch points, as SQL and as a number.
    Mutant("normal_quantile", "'2.5090809287301226727e3'", "'2.5090809287301226727e2'"),
    Mutant("normal_quantile", "'5.2264952788528545610e3'", "'5.2264952788528545610e2'"),
    Mutant("normal_quantile", "'7.74545014278341407640e-4'", "'7.74545014278341407640e-5'"),
    Mutant("normal_quantile", "'1.05075007164441684324e-9'", "'1.05075007164441684324e-8'"),
    Mutant("normal_quantile", "'2.01033439929228813265e-7'", "'2.01033439929228813265e-8'"),
    Mutant("normal_quantile", "'2.04426310338993978564e-15'", "'2.04426310338993978564e-16'"),
    Mutant("normal_quantile", "<= 4.25e-1", "<= 4.5e-1"),
    Mutant("normal_quantile", "<= 4.25e-1", "<= 3e-1"),
    Mutant("normal_quantile", "when {{ root }} <= 5", "when {{ root }} <= 7"),
    Mutant("normal_quantile", "when {{ root }} <= 5", "when {{ root }} <= 3"),
    Mutant("normal_quantile", "else sign({{ p }} - 5e-1)", "else -sign({{ p }} - 5e-1)"),
    Mutant("normal_quantile", "then sign({{ p }} - 5e-1)", "then abs({{ p }} - 5e-1)"),
    Mutant("normal_quantile", "' - 1.6e0)'", "' - 1.60000001e0)'"),
    Mutant("normal_quantile", "' - 5e0)'", "' - 5.00000001e0)'"),
    Mutant("normal_quantile", "1.80625e-1", "1.80626e-1"),
    Mutant("normal_quantile", "{{ p }} <= 0 or {{ p }} >= 1", "{{ p }} < 0 or {{ p }} > 1"),
    Mutant("normal_quantile", "q | abs <= 0.425", "q | abs <= 0.48"),
    Mutant("normal_quantile", "0.180625", "0.180626"),
    Mutant("normal_quantile", "-1 if q < 0 else 1", "1"),
    Mutant("normal_quantile", "parts.near if root <= 5", "parts.near if root <= 6"),
    Mutant("normal_quantile", "(1.6 if root <= 5 else 5)", "(1.6 if root <= 6 else 5)"),
    # Numbers and helpers.
    Mutant("_numbers", "'(' ~ sql.text ~ ') * ' ~ x ~ ' + ' ~ coefficient", "'(' ~ sql.text ~ ') * ' ~ x ~ ' - ' ~ coefficient"),
    Mutant("_numbers", "value.sum * x + (coefficient | float)", "value.sum * (x + 1e-9) + (coefficient | float)"),
    Mutant("_numbers", "0.6931471805599453", "0.6931471805600"),
    Mutant("_numbers", "range(1, 45, 2)", "range(1, 9, 2)"),
    Mutant("_numbers", "{%- set value.x = value.x * 2.0 ** halvings -%}", "{%- set value.x = value.x * 2.0 ** (halvings - 1) -%}"),
    Mutant("_numbers", "text if modules.re.match('^[\\\\w.]+$', text) else '(' ~ text ~ ')'", "text"),
    Mutant("_numbers", "(' - ' ~ levels[index - 1] if index)", "(' + ' ~ levels[index - 1] if index)"),
    Mutant("_numbers", "~ ' * ' ~ levels[index + 1] ~ ' / ('", "~ ' * ' ~ levels[index] ~ ' / ('"),
    Mutant("_settings", "'-' if side == 'lower' else '+'", "'+' if side == 'lower' else '-'"),
    Mutant("_settings", "'confidence_level')) / 2)", "'confidence_level')))"),
    # Student's t.
    Mutant("_student_t", "set depth = 24", "set depth = 22"),
    Mutant("_student_t", "1.05e1 * df", "1.2e1 * df"),
    Mutant("_student_t", "1.05e1 * df", "8e0 * df"),
    Mutant("_student_t", "t * t * (df + 8e0)", "t * t * (df + 2e0)"),
    Mutant("_student_t", "'2.4090290069580078e-3'", "'0e0'"),
    Mutant("_student_t", "'-1.3208389282226562e-3'", "'1.3208389282226562e-3'"),
    Mutant("_student_t", "'1.2410481770833333e-3'", "'1.24e-3'"),
    Mutant("_student_t", "'-2.44140625e-3'", "'-2.4414e-3'"),
    Mutant("_student_t", "'1.5625e-2'", "'1.5624e-2'"),
    Mutant("_student_t", "'1.8181818181818182e-1'", "'0e0'"),
    Mutant("_student_t", "'2.2222222222222222e-1'", "'0e0'"),
    Mutant("_student_t", "'6.6666666666666667e-1'", "'6.667e-1'"),
    Mutant("_student_t", "case when y < 1e-1", "case when y < 5e-1"),
    Mutant("_student_t", "case when y < 1e-1", "case when y < 1e-9"),
    Mutant("_student_t", "t * t / (2e0 * df + t * t) as u", "t * t / (2e0 * df - t * t) as u"),
    Mutant("_student_t", "5e-1 * (df + 1e0) * case", "5e-1 * df * case"),
    Mutant("_student_t", "range(0, 16, 2)", "range(0, 14, 2)"),
    Mutant("_student_t", "5.6418958354775629e-1", "5.641895835e-1"),
    Mutant("_student_t", "sqrt((5e-1 * df + 7.75e0) / df)", "sqrt((5e-1 * df + 7.7500001e0) / df)"),
    Mutant("_student_t", "then 1e0 - 2e0 * abs(t)", "then 2e0 * abs(t)"),
    Mutant("_student_t", "else 2e0 * abs(t)", "else abs(t)"),
    Mutant("_student_t", "3 * even * (even + 1)", "3 * even * (even - 1)"),
    Mutant("_student_t", "'x * ' ~ even * (even - 1)", "'x * ' ~ even * even"),
    Mutant("_student_t", "'y * (' ~ even ~ 'e0 - df)", "'y * (' ~ even ~ 'e0 + df)"),
    Mutant("student_t_two_sided_p", "{{ df }} >= 1 and", "{{ df }} >= 0 and"),
    Mutant("student_t_two_sided_p", "abs({{ t }}) <= 1e100 then", "true then"),
    Mutant("student_t_quantile", "given_p as p,", "1e0 - given_p as p,"),
    Mutant("student_t_quantile", "{{ p }} < 1 then", "{{ p }} <= 1 then"),
    Mutant("student_t_quantile", "when df < 2 then exp(", "when df < 1.5 then exp("),
    Mutant("student_t_quantile", "when df < 2 then exp(", "when df < 3 then exp("),
    Mutant("student_t_quantile", "- 2.5e-1) / 3.75e-1", "- 2.5e-1) / 3.85e-1"),
    Mutant("student_t_quantile", "- 2.5e-1) / 1.25e-1", "- 2.5e-1) / 1.26e-1"),
    Mutant("student_t_quantile", "5e-1) / 1.875e-1", "5e-1) / 1.9e-1"),
    Mutant("student_t_quantile", "* df as d", "as d"),
    Mutant("student_t_quantile", "9.636e1", "9.636e3"),
    Mutant("student_t_quantile", "+ 9.45e1) / (", "- 9.45e3) / ("),
    Mutant("student_t_quantile", "1e0 - bend / 2e0 * step", "1e0 + bend / 2e0 * step"),
    Mutant("student_t_quantile", "- turn) / 6e0", "+ turn) / 6e0"),
    Mutant("student_t_quantile", "bend * bend / 3e0", "bend * bend / 2e0"),
    Mutant("student_t_quantile", "1e0 - (df + 1e0) * y as curve", "1e0 - df * y as curve"),
    Mutant("student_t_quantile", "2e0 * (df + 1e0) * x * y as turn", "2e0 * df * y as turn"),
    Mutant("student_t_quantile", "ln(two_sided_p / (2e0 * tail))", "ln(two_sided_p / tail)"),
    Mutant("student_t_quantile", "then (p - 5e-1) / density", "then p - 5e-1"),
    Mutant("student_t_quantile", "else sign(p - 5e-1) * t", "else t"),
    Mutant("student_t_quantile", "a * w * w < 2e-3", "a * w * w < 5e0"),
    # Chi-square.
    Mutant("chi_square_tail", "when odd = 1 then 2e0 * tail +", "when odd = 1 then tail +"),
    Mutant("chi_square_tail", "when df = 1 then 2e0 * tail", "when df = 1 then tail"),
    Mutant("weighted_chi_square_tail", "{{ df }} / (1e0 + {{ inequality }}) as real_df", "{{ df }} as real_df"),
    Mutant("weighted_chi_square_tail", "{{ x }} / (1e0 + {{ inequality }})", "{{ x }}"),
    Mutant("weighted_chi_square_tail", "whole_tail * real_normal_tail / nullif(whole_normal_tail, 0e0)", "real_normal_tail"),
    Mutant("weighted_chi_square_tail", "sqrt(8e0 / real_df)", "sqrt(8e0 / whole_df)"),
    Mutant("weighted_chi_square_tail", "where {{ inequality }} >= 0 and", "where"),
    Mutant("chi_square_tail", "1.1283791670955126e0", "1.128379e0"),
    Mutant("chi_square_tail", "terms > ' ~ term", "terms >= ' ~ term"),
    Mutant("chi_square_tail", "odd / 2e0) else", "odd / 3e0) else"),
    Mutant("chi_square_tail", "_chi_square_sum(17, 32,", "_chi_square_sum(18, 32,"),
    Mutant("chi_square_tail", "_chi_square_sum(33, 49,", "_chi_square_sum(33, 45,"),
    Mutant("chi_square_tail", "given_df > 100 or", "given_df > 60 or"),
    Mutant("chi_square_tail", "when df > 100 and z < 0 then 1e0 - tail", "when df > 100 and z < 0 then tail"),
    Mutant("chi_square_tail", "5e0 / 6e0 + 1e0 / 9e0 / df", "5e0 / 6e0 + 1e0 / 9.1e0 / df"),
    Mutant("chi_square_tail", "7e0 / 6.48e2", "-7e0 / 6.48e2"),
    Mutant("chi_square_tail", "1e0 / 1.62e2", "1e0 / 1.72e2"),
    Mutant("chi_square_tail", "when y > 7e2 and df >= 1", "when y > 7e2"),
    Mutant("chi_square_tail", "floor({{ df }}) = {{ df }}", "true"),
    # Comparisons of means, shares, ranks, ratios and scores.
    Mutant("randomization_z", "({{ mean }} - {{ baseline_mean }})", "({{ baseline_mean }} - {{ mean }})"),
    Mutant("randomization_z", "+ 1e0 / nullif({{ baseline_n }}, 0)", "- 1e0 / nullif({{ baseline_n }}, 0)"),
    Mutant("randomization_z", "sqrt({{ variance }} * (1e0 / nullif({{ n }}, 0)", "sqrt({{ variance }} * (1e0 / nullif({{ n }} - 1, 0)"),
    Mutant("randomization_z", "{{ variance }} > 0", "{{ variance }} >= 0 or true"),
    Mutant("welch_standard_error", "{{ part }} + {{ baseline_part }}", "{{ part }} + {{ part }}"),
    Mutant("welch_standard_error", "/ case when {{ n }} > 0 then {{ n }} end", "/ case when {{ n }} > 1 then {{ n }} - 1 end"),
    Mutant("welch_standard_error", "when {{ n }} > 0 then", "when {{ n }} <> 0 then"),
    Mutant("welch_degrees_of_freedom", "_squared_error(standard_deviation, n), n]", "_squared_error(standard_deviation, n), baseline_n]"),
    Mutant(
        "welch_degrees_of_freedom",
        "_squared_error(baseline_standard_deviation, baseline_n), baseline_n]",
        "_squared_error(standard_deviation, n), baseline_n]",
    ),
    Mutant("satterthwaite_df", "- 1e0, 0)')", "+ 1e0, 0)')"),
    Mutant("satterthwaite_df", "share ~ ' * ' ~ share", "share"),
    Mutant("satterthwaite_df", "errors | join(' + ')", "errors | join(' - ')"),
    Mutant("satterthwaite_df", "sizes | join(' and ')", "sizes | join(' or ')"),
    Mutant("mean_difference_margin", "greatest(welch_error, pooled_error)", "welch_error"),
    Mutant("mean_difference_margin", "greatest(welch_error, pooled_error)", "pooled_error"),
    Mutant("mean_difference_margin", "(1 - level) / 2", "(1 - level)"),
    Mutant("mean_difference_margin", "as given_n,", "- 1 as given_n,"),
    Mutant("hedges_g", "- 3e0 / nullif(4e0", "- 3e0 / nullif(5e0"),
    Mutant("hedges_g", "({{ n }} - 1e0) * {{ standard_deviation }}", "{{ n }} * {{ standard_deviation }}"),
    Mutant("hedges_g", "/ nullif({{ n }} + {{ baseline_n }} - 2e0, 0))", "/ nullif({{ n }} + {{ baseline_n }} - 1e0, 0))"),
    Mutant(
        "hedges_g",
        "({{ segmentation._operand(mean) }} - {{ segmentation._operand(baseline_mean) }})",
        "abs({{ segmentation._operand(mean) }} - {{ segmentation._operand(baseline_mean) }})",
    ),
    Mutant("smallest_detectable_difference", "+ segmentation._normal_quantile_number", "- segmentation._normal_quantile_number"),
    Mutant("smallest_detectable_difference", "+ 1e0 / nullif({{ baseline_n }}, 0)", ""),
    Mutant("smallest_detectable_difference", "{{ standard_deviation }} > 0", "{{ standard_deviation }} >= 0"),
    Mutant("cohens_h", "- 2e0 * asin(", "+ 2e0 * asin("),
    Mutant("cohens_h", "then 2e0 * asin(sqrt({{ p }}))", "then 2e0 * asin({{ p }})"),
    Mutant("mid_rank", "- 1) / 2e0", ") / 2e0"),
    Mutant("mid_rank", "rank() over", "row_number() over"),
    Mutant("mid_rank", "['case when ' ~ value ~ ' is null then 1 else 0 end']", "[\"'all'\"]"),
    Mutant("mid_rank", "order by {{ value }})", "order by {{ value }} desc)"),
    Mutant("wilson_bound", "z * z / 2)", "z * z)"),
    Mutant("wilson_bound", "z * z / 4)", "z * z / 2)"),
    Mutant("wilson_bound", "nullif({{ n }} + {{ segmentation._double(z * z) }}, 0)", "nullif({{ n }}, 0)"),
    Mutant("wilson_bound", "({{ n }} - {{ successes }})", "({{ n }} - 1 - {{ successes }})"),
    Mutant("wilson_bound", "'0 then 0e0' if side == 'lower' else n ~ ' then 1e0'", "n ~ ' then 1e0' if side == 'lower' else '0 then 0e0'"),
    Mutant("newcombe_bound", "'+' if sign == '-' else '-'", "sign"),
    Mutant("newcombe_bound", "+ ({{ baseline_arm }}) * ({{ baseline_arm }})", ""),
    Mutant("newcombe_bound", "{{ share }} - {{ baseline_share }}", "{{ baseline_share }} - {{ share }}"),
    Mutant("newcombe_bound", "{{ baseline_successes }} <= {{ baseline_n }} and", ""),
    Mutant("log_lift_bound", "exp({{ log_bound }}) - 1\n", "exp({{ log_bound }})\n"),
    Mutant("log_lift_bound", "+ 1e0 * {{ baseline_relative }} * {{ baseline_relative }}", "+ 1e0 * {{ relative }} * {{ relative }}"),
    Mutant("log_lift_bound", "ln({{ mean }}) - ln({{ baseline_mean }})", "ln({{ baseline_mean }}) - ln({{ mean }})"),
    Mutant("log_lift_bound", "when {{ log_bound }} <= 7e2 then", "else"),
    Mutant("log_lift_bound", "< -7e2 then -1e0", "< -7e2 then -0.9"),
    Mutant("odds_ratio_bound", "~ sign ~ ' ' ~ z", "~ sign ~ ' 2e0 * ' ~ z"),
    Mutant("odds_ratio_bound", "{{ standard_error }} >= 0", "{{ log_odds_ratio }} is not null"),
    Mutant("odds_ratio_bound", "< -7e2 then 0e0", "< -7e2 then 1e0"),
    Mutant("odds_ratio_bound", "when {{ log_bound }} <= 7e2 then", "else"),
    Mutant("odds_ratio_bound", "then exp({{ log_bound }})", "then {{ log_bound }}"),
    # Corrections for many tests.
    Mutant("benjamini_hochberg", "* tests / not_above", "* tests / (not_above - repeats + 1)"),
    Mutant("benjamini_hochberg", "order by {{ p }} desc", "order by {{ p }}"),
    Mutant("benjamini_hochberg", "min({{ p }}", "max({{ p }}"),
    Mutant("holm", "tests - not_above + repeats", "tests - not_above + 1"),
    Mutant("holm", "tests - not_above + repeats", "tests - not_above"),
    Mutant("holm", "max(least(", "min(least("),
    Mutant("holm", ", 1e0))", ", 2e0))"),
    Mutant("_adjusted", "where {{ p }} is not null", "where true"),
    Mutant("_adjusted", "is not distinct from", "="),
    Mutant("_adjusted", "left join", "inner join"),
    Mutant("_adjusted", "sum(count(*)) over ({{ 'partition by ' ~ family if family }}) as tests", "sum(count(*)) over () as tests"),
    Mutant(
        "_adjusted",
        "sum(count(*)) over ({{ 'partition by ' ~ family if family }}) as tests",
        "count(*) over ({{ 'partition by ' ~ family if family }}) as tests",
    ),
    # Sums.
    Mutant("standard_deviation_from_sums", "nullif({{ n }} - 1, 0))", "nullif({{ n }}, 0))"),
    Mutant("standard_deviation_from_sums", "{{ left }} > 1e-12 * {{ squares }}", "{{ left }} > 0"),
    Mutant(
        "standard_deviation_from_sums",
        "{{ n }} > 1 and {{ left }} <= 1e-12 * {{ squares }} then",
        "{{ n }} >= 1 and {{ left }} <= 1e-12 * {{ squares }} then",
    ),
    Mutant("difference_of_sums", "> 1e-12 *", "> 1e-14 *"),
    Mutant("difference_of_sums", "> 1e-12 *", "> 1e-10 *"),
    Mutant("design_effect", "(1e0 - 2e0 * {{ share }})", "1e0"),
    Mutant("design_effect", "{{ squares }} + {{ share }} * {{ share }}", "{{ squares }} + {{ share }}"),
    Mutant("design_effect", "- 2e0 * {{ share }} * {{ segmentation", "- {{ share }} * {{ segmentation"),
    Mutant("design_effect", "_operand(all_account_squares)", "_operand(account_squares)"),
    Mutant("design_effect", " and {{ by_account }} > {{ by_user }}", ""),
    Mutant("design_effect", "{{ by_user }} > 1e-12 * {{ all_squares }} and ", ""),
    Mutant("design_effect", "when {{ n }} > 0 and", "when"),
    Mutant("account_pull", "sqrt(({{ n }} - 1e0) / case when {{ others }} < 1 then 1e0 else {{ others }} end)", "1e0"),
    Mutant("account_pull", "({{ n }} - 1e0)", "({{ n }})"),
    Mutant("account_pull", "n ~ ' - ' ~ account_n", "n"),
    Mutant("account_pull", "{{ others }} < 1 then", "{{ others }} < 0 then"),
    Mutant("account_pull", "{{ n }} >= 1\n", "{{ n }} >= 0\n"),
    Mutant("share_design_effect", "- 2e0 * {{ p }}", "- {{ p }}"),
    Mutant("share_design_effect", "+ {{ p }} * {{ p }} * {{ squares }}", "+ {{ p }} * {{ squares }}"),
    Mutant("share_design_effect", "{{ n }} * {{ p }} * (1e0 - {{ p }})", "{{ n }} * {{ p }}"),
    Mutant("share_design_effect", "0e0), 1e0", "0e0), 0e0"),
    Mutant("share_design_effect", " or {{ successes }} = {{ n }}", ""),
    Mutant("share_design_effect", "1e0 * {{ squares }} / nullif({{ n }}, 0)", "1e0"),
    Mutant("share_design_effect", " and {{ successes }} >= 0 and {{ successes }} <= {{ n }}", ""),
    Mutant("residual_variance", "- 2e0 * {{ ratio }}", "+ 2e0 * {{ ratio }}"),
    Mutant("residual_variance", "+ {{ ratio }} * {{ ratio }} *", "+ {{ ratio }} *"),
    Mutant(
        "residual_variance",
        "segmentation._residual_squares(ratio, squares, weight_squares, products)",
        "segmentation._residual_squares(ratio, squares, products, weight_squares)",
    ),
    Mutant("residual_variance", "nullif({{ n }} - 1e0, 0)", "nullif({{ n }}, 0)"),
    Mutant("residual_variance", "1e-12 * {{ segmentation", "1e-6 * {{ segmentation"),
    Mutant("residual_variance", "taken_from or squares", "squares"),
    Mutant("residual_variance", "+ 1e-24 *", "+ 0 *"),
    Mutant("residual_variance", "{{ left }} <= {{ rounding }} then 0e0", "true then 0e0"),
    Mutant("skewness_from_sums", "- 3e0 * {{ mean }}", "- 2e0 * {{ mean }}"),
    Mutant("skewness_from_sums", "+ 2e0 * {{ mean }}", "- 2e0 * {{ mean }}"),
    Mutant("skewness_from_sums", "1.5e0", "1.4e0"),
    Mutant("skewness_from_sums", "> 1e-12 *", "> 0 *"),
    Mutant("mean_from_sums", "{{ center }} + {{ total }} / nullif({{ weight }}, 0)", "{{ total }} / nullif({{ weight }}, 0)"),
    Mutant("mean_from_sums", "<= 1e-12 *", "<= 0 *"),
    Mutant("mean_from_sums", "<= 1e-12 *", "<= 1e-10 *"),
    Mutant("mean_from_sums", "0e0 * {{ weight }} / nullif({{ weight }}, 0)", "{{ center }}"),
    # Odds ratios and AUCs.
    Mutant("auc_placements", "/ 2e0\n            - rank()", "/ 1e0\n            - rank()"),
    Mutant("auc_placements", "(count(*) over ({{ own }}, {{ score }}) - 1) / 2e0", "(count(*) over ({{ own }}, {{ score }})) / 2e0"),
    Mutant(
        "auc_placements", "nullif(count(*) over ({{ all_rows }}) - count(*) over ({{ own }}), 0)", "nullif(count(*) over ({{ own }}), 0)"
    ),
    Mutant("auc_placements", "(partition_by + [score])", "[score]"),
    Mutant("auc_placements", "rank() over ({{ all_rows }} order by {{ score }})", "rank() over ({{ all_rows }} order by {{ score }} desc)"),
    Mutant("auc_accounts", "(2 * {{ outcome }} - 1) * (share_below", "(share_below"),
    Mutant("auc_accounts", "(share_below - avg(share_below) over ({{ own }}))", "share_below"),
    Mutant("auc_accounts", "/ count(*) over ({{ own }})", ""),
    Mutant("auc_accounts", "sum(part * part) as part_squares", "sum(part) * sum(part) as part_squares"),
    Mutant("auc_summary", "avg(case when {{ outcome }} = 1", "avg(case when {{ outcome }} = 0"),
    Mutant("auc_summary", "var_samp(case when {{ outcome }} = 1", "var_pop(case when {{ outcome }} = 1"),
    Mutant("auc_summary", "+ var_samp(case when {{ outcome }} = 0 then share_below end) / nullif(count(*) - sum({{ outcome }}), 0)", ""),
    Mutant("auc_summary", "sum({{ outcome }}) >= 2 and", "sum({{ outcome }}) >= 3 and"),
    Mutant("auc_summary", "coalesce(sum({{ outcome }}), 0)", "sum({{ outcome }})"),
    Mutant("auc_bound", "< 0 then 0e0", "< -1 then 0e0"),
    Mutant("auc_bound", "> 1 then 1e0", "> 2 then 1e0"),
    Mutant("auc_bound", "_confidence_z()) ~ ' * '", "_confidence_z()) ~ ' + '"),
    Mutant("auc_bound", "{{ standard_error }} > 0 then {{ bound }}", "{{ standard_error }} >= 0 then {{ bound }}"),
    Mutant("auc_quality", "{{ n }} - {{ positives }} >= 30", "{{ n }} >= 30"),
    Mutant("auc_quality", "{{ positives }} >= 5 and", "{{ positives }} > 5 and"),
    Mutant("auc_quality", "{{ positives }} >= 2 and {{ n }} - {{ positives }} >= 2", "true"),
    # Looking more than once, and several groups together.
    Mutant("always_valid_half_width", "2e0 * ({{ mixture }} + 1e0) *", "2e0 * {{ mixture }} *"),
    Mutant("always_valid_half_width", "(5e-1 * ln(", "(1e0 * ln("),
    Mutant("always_valid_half_width", "- ({{ log_alpha }})", "- 2e0 * ({{ log_alpha }})"),
    Mutant("always_valid_half_width", "(-2 * log_alpha - segmentation._ln_number", "(-2 * log_alpha + segmentation._ln_number"),
    Mutant("always_valid_half_width", "{{ standard_error }} > 0\n", "{{ standard_error }} >= 0\n"),
    Mutant("always_valid_half_width", "log_alpha))) / planned_users", "log_alpha))) / (planned_users + 1)"),
    Mutant("always_valid_p_value", "5e-1 * ln({{ mixture }} + 1e0) -", "5e-1 * ln({{ mixture }} + 1e0) +"),
    Mutant("always_valid_p_value", "(2e0 * ({{ mixture }} + 1e0))", "(2e0 * {{ mixture }})"),
    Mutant("always_valid_p_value", "{{ exponent }} > 0 then 1e0", "{{ exponent }} > 1 then 1e0"),
    Mutant("always_valid_p_value", "when {{ users }} > 0 then exp", "when true then exp"),
    Mutant("combined_effects", "then (q - (effects - 1)) / q", "then (q - effects) / q"),
    Mutant("combined_effects", "effects > 1 and q > effects - 1 then (q", "q > effects - 1 then (q"),
    Mutant("combined_effects", "weights - squared_weights / weights, 0e0", "weights, 0e0"),
    Mutant("combined_effects", "sum(effect / squared_error) / sum(1e0 / squared_error)", "avg(effect)"),
    Mutant("combined_effects", "1e0 / sqrt(variations.weights)", "1e0 / variations.weights"),
    Mutant(
        "combined_effects",
        "sum(1e0 / (effects_with_errors.squared_error + variations.tau_squared))",
        "sum(1e0 / effects_with_errors.squared_error)",
    ),
    Mutant("combined_effects", "{{ effect }} is not null and", ""),
    Mutant("combined_effects", "* {{ standard_error }} > 0", "* {{ standard_error }} >= 0"),
    Mutant("combined_effects", "is not distinct from", "="),
]


def loaded(texts: dict[str, str]) -> dict[str, dict[str, Any]]:
    """The macros under each set of variables that a claim asks for."""
    return {
        str(variables): loaded_macros(texts, variables)
        for variables in {str(claim.variables): claim.variables for claim in claims()}.values()
    }


def what_catches(mutated: dict[str, dict[str, Any]], queries: list[str], connection: duckdb.DuckDBPyConnection) -> tuple[Claim | None, str]:
    """The first claim that is not kept, and what the engine says if it refuses the SQL."""
    refusal = ""
    for claim, query in zip(claims(), queries):
        macros = mutated[str(claim.variables)]
        if claim.query(macros) == query:
            continue
        try:
            if not error_of(claim, macros, connection) <= claim.limit:
                return claim, ""
        except duckdb.Error as error:
            refusal = str(error)
    return None, refusal


def main() -> int:
    parser = argparse.ArgumentParser(description="Break one term of a statistics macro at a time and see whether the grid notices.")
    parser.add_argument("--only", nargs="+", metavar="NAME", choices=sorted({mutant.file for mutant in MUTANTS}), help="files to break")
    only = parser.parse_args().only
    mutants = [mutant for mutant in MUTANTS if not only or mutant.file in only]
    started = time.monotonic()
    texts = macro_texts(ROOT, FOLDER) | texts_of(ROOT)
    unbroken = loaded(texts)
    queries = [claim.query(unbroken[str(claim.variables)]) for claim in claims()]
    bad = [
        f"{name} has less than two mutants"
        for name in sorted(Path(file).stem for file in texts)
        if not name.startswith("_") and sum(mutant.file == name for mutant in MUTANTS) < 2
    ]
    with grid_connection() as connection:
        bad += [
            f"not even the unbroken macros keep: {claim.macro}, {claim.about}"
            for claim in claims()
            if (not only or claim.macro in only) and not error_of(claim, unbroken[str(claim.variables)], connection) <= claim.limit
        ]
        caught = 0
        for place, mutant in enumerate(mutants, 1):
            file = f"{FOLDER}/{mutant.file}.sql"
            name = f"{place:3} {mutant.file}: {' '.join(mutant.old.split())} -> {' '.join(mutant.new.split())}"
            if texts[file].count(mutant.old) != 1:
                bad.append(f"NOT FOUND ONCE  {name}")
                continue
            claim, refusal = what_catches(loaded(texts | {file: texts[file].replace(mutant.old, mutant.new)}), queries, connection)
            if claim is None:
                bad.append(f"{'NO VALID SQL  ' + refusal[:200] if refusal else 'SURVIVED'}  {name}")
                print(bad[-1], flush=True)
            else:
                caught += 1
                print(f"caught by {claim.macro}, {claim.about}  {name}", flush=True)
    print(f"{caught} of {len(mutants)} mutants caught in {time.monotonic() - started:.0f} s")
    print("\n".join(bad))
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
