{#
    No input is behind and holds data_through back (the variable max_lag_days).

    For input_summary.

    Call:      - not_held_back: {config: {severity: warn}}
#}
{% test not_held_back(model) %}
{%- set lags = segmentation.setting('max_lag_days') -%}
with
failures as (
    select
        'All numbers end with ' || cast(data_through as {{ dbt.type_string() }}) || ', because ' || input
        || coalesce(' from ' || late_tool, '') || ' is behind: more than '
        || case input
            {%- for name, days in lags.items() %}
            when '{{ name }}' then '{{ days }}'
            {%- else %}
            when '' then ''
            {%- endfor %}
        end
        || ' days without a new row (max_lag_days). Load it, or raise its number of days.' as message
    from {{ model }}
    where is_holding_back
)

select * from failures
{% endtest %}
