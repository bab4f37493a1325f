{#
    Microseconds between two timestamps, as bigint.

    Arguments: earlier, later (SQL, timestamps).
    Call:      {{ microseconds_between('started_at', 'ended_at') }}
#}
{% macro microseconds_between(earlier, later) -%}
    {{ return(adapter.dispatch('microseconds_between', 'segmentation')(earlier, later)) }}
{%- endmacro %}

{% macro default__microseconds_between(earlier, later) -%}
    (epoch_us({{ later }}) - epoch_us({{ earlier }}))
{%- endmacro %}
