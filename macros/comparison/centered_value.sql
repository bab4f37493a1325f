{#
    A user's value less center × weight. Zeros and ones stay as they are: their sums are exact without.

    Arguments: metric (entry of metrics()), value and weight (SQL; weight counts for a ratio alone), centers (relation with
               <metric>__center; see rulers_by_date()).
    Call:      {{ centered_value(metric, 'capped.mrr', none, 'centers') }}
#}
{% macro centered_value(metric, value, weight, centers) -%}
    {%- set center = centers ~ '.' ~ metric.name ~ '__center' -%}
    {%- if metric.kind == 'binary' -%}
        {{ return(value) }}
    {%- elif metric.kind == 'ratio' -%}
        {{ return('(' ~ value ~ ') - ' ~ center ~ ' * (' ~ weight ~ ')') }}
    {%- endif -%}
    {{ return('(' ~ value ~ ') - ' ~ center) }}
{%- endmacro %}
