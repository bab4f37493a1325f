{#
    What a clock in the zone of `reporting_timezone` shows at an instant, as a timestamp without a zone; in UTC the instant itself.

    Arguments: instant (SQL, a timestamp in UTC).
    Call:      extract(hour from {{ local_time('sessions.started_at') }})
    Renders:   sessions.started_at
#}
{% macro local_time(instant) -%}
    {{ return(adapter.dispatch('local_time', 'segmentation')(instant)) }}
{%- endmacro %}

{% macro default__local_time(instant) -%}{{ segmentation._not_written('local_time') }}{%- endmacro %}

{% macro duckdb__local_time(instant) -%}
    {%- set zone = segmentation.setting('reporting_timezone') -%}
    {%- if zone == 'UTC' -%}{{ return(instant) }}{%- endif -%}
    {{ return(
        "case when " ~ instant ~ " >= cast('9999-12-31' as timestamp) then " ~ instant ~ " else " ~ instant
        ~ " at time zone 'UTC' at time zone " ~ segmentation.text_literal(zone) ~ " end"
    ) }}
{%- endmacro %}

{% macro spark__local_time(instant) -%}
    {%- set zone = segmentation.setting('reporting_timezone') -%}
    {%- if zone == 'UTC' -%}{{ return(instant) }}{%- endif -%}
    {{ return(
        "case when " ~ instant ~ " >= cast('9999-12-31' as timestamp) then " ~ instant ~ " else from_utc_timestamp(" ~ instant
        ~ ", " ~ segmentation.text_literal(zone) ~ ") end"
    ) }}
{%- endmacro %}
