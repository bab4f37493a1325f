{#
    Effect size of two shares: the difference of their arcsines, about 0.2 small, 0.5 medium, 0.8 large.

    NULL unless both shares lie in 0 to 1.

    Arguments: p, baseline_p (SQL, shares).
    Call:      {{ cohens_h('share', 'baseline_share') }}
    Source:    Cohen (1988), Statistical Power Analysis, chapter 6.
#}
{% macro cohens_h(p, baseline_p) -%}
    {%- set p = segmentation._operand(p) -%}
    {%- set baseline_p = segmentation._operand(baseline_p) -%}
    case
        when {{ p }} >= 0 and {{ p }} <= 1 and {{ baseline_p }} >= 0 and {{ baseline_p }} <= 1
            then 2e0 * asin(sqrt({{ p }})) - 2e0 * asin(sqrt({{ baseline_p }}))
    end
{%- endmacro %}
