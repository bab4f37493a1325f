{#
    The lowest score in the top two points of a scale of `vars: survey_scales`: 4 of 1 to 5. NULL without a scale.

    Arguments: scale (csat, ces or satisfaction).
    Call:      csat_score >= {{ top_two_from('csat') }}
#}
{% macro top_two_from(scale) -%}
    {%- set highest = segmentation._survey_scale(scale)[1] -%}
    {{ return(highest - 1 if highest is number else 'null') }}
{%- endmacro %}
