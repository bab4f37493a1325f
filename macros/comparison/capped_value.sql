{#
    A user's value, held at the cap of its date if the metric is heavy-tailed. NULL stays NULL; no cap, no change.

    Arguments: metric (entry of metrics()), values (relation with <metric>, or <metric>__weight with weight=true),
               caps (relation with <metric>__cap, <metric>__weight__cap; see rulers_by_date()), weight (the denominator of a
               ratio instead; default false).
    Call:      {{ capped_value(metric, 'metric_values', 'caps') }}
#}
{% macro capped_value(metric, values, caps, weight=false) -%}
    {%- set column = metric.name ~ ('__weight' if weight else '') -%}
    {%- set value = values ~ '.' ~ column -%}
    {%- if not metric.is_heavy_tailed -%}
        {{ return(value) }}
    {%- endif -%}
    {%- set cap = caps ~ '.' ~ column ~ '__cap' -%}
    {{ return('case when ' ~ value ~ ' > ' ~ cap ~ ' then ' ~ cap ~ ' else ' ~ value ~ ' end') }}
{%- endmacro %}
