{#
    The columns that segment_comparison carries per metric and user beside the one with the metric's name, as suffixes:
      __weight              of a ratio: its denominator
      __raw, __raw_weight   of a heavy-tailed metric: value and denominator before the cap

    Arguments: metric (entry of metrics()).
    Call:      {% for suffix in metric_suffixes(metric) %}
#}
{% macro metric_suffixes(metric) %}
    {% set suffixes = ['__weight'] if metric.kind == 'ratio' else [] %}
    {% if metric.is_heavy_tailed %}
        {% do suffixes.append('__raw') %}
        {% if metric.kind == 'ratio' %}{% do suffixes.append('__raw_weight') %}{% endif %}
    {% endif %}
    {{ return(suffixes) }}
{% endmacro %}

{#
    A user's value, held at the cap of its date if the metric is heavy-tailed. NULL stays NULL; no cap, no change.

    Arguments: metric, relation (that has <metric>, or <metric>__weight with weight=true); the CTE `caps` is in scope.
#}
{% macro capped_value(metric, relation, weight=false) -%}
    {%- set column = metric.name ~ ('__weight' if weight else '') -%}
    {%- set value = relation ~ '.' ~ column -%}
    {%- if not metric.is_heavy_tailed -%}
        {{ return(value) }}
    {%- endif -%}
    {%- set cap = 'caps.' ~ column ~ '__cap' -%}
    {{ return('case when ' ~ value ~ ' > ' ~ cap ~ ' then ' ~ cap ~ ' else ' ~ value ~ ' end') }}
{%- endmacro %}

{#
    A user's value less centre × weight. Zeros and ones stay as they are: their sums are exact without.

    Arguments: metric, value and weight (SQL; weight counts for a ratio alone); the CTE `centres` is in scope.
#}
{% macro centred_value(metric, value, weight) -%}
    {%- if metric.kind == 'binary' -%}
        {{ return(value) }}
    {%- elif metric.kind == 'ratio' -%}
        {{ return('(' ~ value ~ ') - centres.' ~ metric.name ~ ' * (' ~ weight ~ ')') }}
    {%- endif -%}
    {{ return('(' ~ value ~ ') - centres.' ~ metric.name) }}
{%- endmacro %}
