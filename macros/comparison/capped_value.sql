{#
    A user's value, held at the cap of its date if the metric is heavy-tailed. NULL stays NULL; no cap, no change.

    A ratio is capped as one: where numerator or denominator is above its cap, both are made smaller by the same factor, so that a
    user counts for less and says the same. Capped apart, an account that pays as before would look like one that fell.

    Arguments: metric (entry of metrics()), values (relation with <metric>, and <metric>__weight of a ratio),
               caps (relation with <metric>__cap, <metric>__weight__cap; see rulers_by_date()), weight (the denominator of a
               ratio instead; default false).
    Call:      {{ capped_value(metric, 'metric_values', 'caps') }}
#}
{% macro capped_value(metric, values, caps, weight=false) -%}
    {%- set place = values ~ '.' ~ metric.name -%}
    {%- set value = place ~ ('__weight' if weight else '') -%}
    {%- if not metric.is_heavy_tailed -%}
        {{ return(value) }}
    {%- endif -%}
    {%- set cap = caps ~ '.' ~ metric.name ~ '__cap' -%}
    {%- if metric.kind != 'ratio' -%}
        {{ return('case when ' ~ value ~ ' > ' ~ cap ~ ' then ' ~ cap ~ ' else ' ~ value ~ ' end') }}
    {%- endif -%}
    {%- set weight_cap = caps ~ '.' ~ metric.name ~ '__weight__cap' -%}
    {%- set of_value = 'case when ' ~ place ~ ' > ' ~ cap ~ ' and ' ~ cap ~ ' > 0 then ' ~ cap ~ ' / ' ~ place ~ ' else 1e0 end' -%}
    {%- set of_weight = 'case when ' ~ place ~ '__weight > ' ~ weight_cap ~ ' and ' ~ weight_cap ~ ' > 0 then ' ~ weight_cap ~ ' / '
        ~ place ~ '__weight else 1e0 end' -%}
    {{ return(value ~ ' * least(' ~ of_value ~ ', ' ~ of_weight ~ ')') }}
{%- endmacro %}
