{#
    Microseconds between two timestamps, as bigint.

    Arguments: earlier, later (SQL, timestamps).
    Call:      {{ microseconds_between('started_at', 'ended_at') }}
#}
{% macro microseconds_between(earlier, later) -%}
    {{ return(adapter.dispatch('microseconds_between', 'segmentation')(earlier, later)) }}
{%- endmacro %}

{% macro default__microseconds_between(earlier, later) -%}{{ segmentation._not_written('microseconds_between') }}{%- endmacro %}

{% macro duckdb__microseconds_between(earlier, later) -%}
    (epoch_us({{ later }}) - epoch_us({{ earlier }}))
{%- endmacro %}

{% macro spark__microseconds_between(earlier, later) -%}
    (unix_micros({{ later }}) - unix_micros({{ earlier }}))
{%- endmacro %}
