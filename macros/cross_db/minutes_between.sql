{#
    Minutes between two timestamps as a double, fractions included.

    Arguments: earlier, later (SQL, timestamps).
    Call:      {{ minutes_between('started_at', 'ended_at') }}
#}
{% macro minutes_between(earlier, later) -%}
    {{ return(adapter.dispatch('minutes_between', 'segmentation')(earlier, later)) }}
{%- endmacro %}

{% macro default__minutes_between(earlier, later) -%}
    (epoch_us({{ later }}) - epoch_us({{ earlier }})) / 6e7
{%- endmacro %}
