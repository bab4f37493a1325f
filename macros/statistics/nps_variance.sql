{#
    The variance of the answers behind an nps(), counted as 100, 0 and −100 (divisor n − 1), as double; NULL unless n > 1.

    Arguments: promoters, detractors, n (SQL, counts; of both groups together for randomisation_z()).
    Call:      {{ nps_variance('promoters', 'detractors', 'answers') }}
#}
{% macro nps_variance(promoters, detractors, n) -%}
    {%- set promoters = segmentation._operand(promoters) -%}
    {%- set detractors = segmentation._operand(detractors) -%}
    {%- set n = segmentation._operand(n) -%}
    case
        when {{ n }} > 1
            then 1e4 * (
                {{ promoters }} + {{ detractors }}
                - 1e0 * ({{ promoters }} - {{ detractors }}) * ({{ promoters }} - {{ detractors }}) / nullif({{ n }}, 0)
            ) / nullif({{ n }} - 1, 0)
    end
{%- endmacro %}
