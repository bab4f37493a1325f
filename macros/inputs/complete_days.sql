{#
    A SELECT of how far the inputs of the variable `max_lag_days` reach, a row per input, or per tool where connectors bring several
    together: one that stands still is not seen behind the others. Without rows where the variable is empty.

    Columns: input, tool (NULL without connectors), complete_through (day of the newest row and the days that may be quiet; NULL without
    rows).

    Arguments: limit (SQL of a date: rows of later days do not count).
    Call:      sources as ({{ complete_days('(select newest_received_on from newest_arrival)') }})
#}
{% macro complete_days(limit) -%}
{%- set places = segmentation.setting('inputs') -%}
{%- set text = dbt.type_string() -%}
{%- for name, days in segmentation.setting('max_lag_days').items() if places.get(name) %}
{%- set newest_on = segmentation.newest_day(name, limit) %}
{%- if places.get(name) == 'connected_' ~ name and name not in ('users', 'accounts') %}
    select
        '{{ name }}' as input,
        tool,
        {{ segmentation.days_before(newest_on, -days) }} as complete_through
    from ({{ segmentation._times_of_tools(name) }}) as times_of_tools
    group by tool
{%- else %}
    select
        '{{ name }}' as input,
        cast(null as {{ text }}) as tool,
        {{ segmentation.days_before(newest_on, -days) }} as complete_through
    from {{ ref('stg_' ~ name ~ '__checked') }}
{%- endif %}
    union all
{%- endfor %}
    select
        cast(null as {{ text }}) as input,
        cast(null as {{ text }}) as tool,
        cast(null as date) as complete_through
    where 1 = 0
{%- endmacro %}

{# The times of an input from connectors, with the tool that each row is from; staging does not keep it. #}
{% macro _times_of_tools(name) -%}
    {%- set timezone = segmentation.setting('source_timezones').get(name, 'UTC') -%}
    select
        {%- for column in segmentation.time_columns(name) %}
        {{ segmentation.to_utc(segmentation.trimmed_text(column), timezone) }} as {{ column }},
        {%- endfor %}
        tool
    from {{ segmentation.input(name) }}
{%- endmacro %}
