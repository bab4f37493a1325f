{#
    A metric's formula over all its users, as text for people: how the values become one number.

    Arguments: metric (an entry of metrics()).
    Call:      {{ metric_definition(metric) }}  ->  sum(numerator) / sum(denominator), with both written out
#}
{% macro metric_definition(metric) -%}
    {%- if metric.kind == 'ratio' -%}
        {{ return('sum(' ~ metric.numerator ~ ') / sum(' ~ metric.denominator ~ ')') }}
    {%- endif -%}
    {{ return('avg(' ~ metric.expression ~ ')') }}
{%- endmacro %}
