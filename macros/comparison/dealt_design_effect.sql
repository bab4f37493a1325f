{#
    By how much users of one account overstate what is known of a difference between members and the rest, if membership were dealt
    among accounts as far as it goes by account: 1 + part × (outcome_effect − 1), as double, at least 1. The part is 0 where colleagues are
    members as strangers are, 1 where accounts are members as a whole. design_effect() knows the accounts of the members alone, and
    few of them may happen to differ little: the larger of the two holds.

    With M members and N users of an account, t the share of members and n their number: part = (D − 1) / (A − 1), 0 to 1, where
    D = Σ (M − t N)² / (n (1 − t)) and A = Σ N² / Σ N.

    Arguments: n, all_n (SQL, members and all), member_squares (Σ (M − t N)²), all_squares (Σ N²), outcome_effect (SQL, Σ E² / Σ e² over all
               accounts and users, with the residual e of a user and E their sum in an account).
    Call:      {{ dealt_design_effect('n', 'population_n', 'member_squares', 'population_squares', 'outcome_effect') }}
    Source:    the variance of a sum of independent accounts; Kish (1965), Survey sampling, 8.2.
#}
{% macro dealt_design_effect(n, all_n, member_squares, all_squares, outcome_effect) -%}
    {%- set n, all_n = segmentation._operand(n), segmentation._operand(all_n) -%}
    {%- set by_user -%}nullif(1e0 * {{ n }} * ({{ all_n }} - {{ n }}) / nullif({{ all_n }}, 0), 0e0){%- endset -%}
    {%- set part -%}
        ({{ segmentation._operand(member_squares) }} / {{ by_user }} - 1e0)
        / nullif({{ segmentation._operand(all_squares) }} / nullif(1e0 * {{ all_n }}, 0e0) - 1e0, 0e0)
    {%- endset -%}
    1e0 + coalesce(
        ({{ segmentation.clamp('(' ~ part ~ ')') }}) * greatest(0e0, {{ segmentation._operand(outcome_effect) }} - 1e0), 0e0
    )
{%- endmacro %}
