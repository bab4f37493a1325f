{#
    The Net Promoter Score: the percentage of promoters less that of detractors, −100 to 100, as double; NULL unless n > 0.

    It is the mean of 100 for a promoter, 0 for a passive, −100 for a detractor: compare two by randomisation_z() and
    mean_difference_bound() with nps_variance().

    Arguments: promoters, detractors, n (SQL, counts; n counts the passives too).
    Call:      {{ nps('promoters', 'detractors', 'answers') }}
    Source:    Reichheld (2003), The one number you need to grow, Harvard Business Review.
#}
{% macro nps(promoters, detractors, n) -%}
    {%- set n = segmentation._operand(n) -%}
    1e2 * ({{ segmentation._operand(promoters) }} - {{ segmentation._operand(detractors) }})
    / case when {{ n }} > 0 then {{ n }} end
{%- endmacro %}
