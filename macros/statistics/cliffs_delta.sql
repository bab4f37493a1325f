{#
    Effect size of two groups' ranks: the share of pairs where the group's value is the higher one, less the share where
    the baseline's is; −1 to 1. About 0.15 small, 0.33 medium, 0.47 large.

    From the mean mid-ranks (mid_ranks()) of both groups in one ranking. NULL unless both n are above 0.

    Arguments: mean_rank, n, baseline_mean_rank, baseline_n (SQL).
    Call:      {{ cliffs_delta('mean_rank', 'n', 'baseline_mean_rank', 'baseline_n') }}
    Source:    Cliff (1993), Psychological Bulletin 114, 494–509.
#}
{% macro cliffs_delta(mean_rank, n, baseline_mean_rank, baseline_n) -%}
    {%- set n = segmentation._operand(n) -%}
    {%- set baseline_n = segmentation._operand(baseline_n) -%}
    case
        when {{ n }} > 0 and {{ baseline_n }} > 0
            then 2e0 * ({{ segmentation._operand(mean_rank) }} - {{ segmentation._operand(baseline_mean_rank) }})
                / nullif({{ n }} + {{ baseline_n }}, 0)
    end
{%- endmacro %}
