{#
    Nothing in the inputs of the last seven days stands out against the eight weeks before.

    For input_drift.

    Call:      - no_drift: {config: {severity: warn}}
#}
{% test no_drift(model) %}
with
failures as (
    select
        case
            when column_name = '*'
                then input || ' has ' || cast(rows_last_week as {{ dbt.type_string() }})
                || ' rows in the last seven days, against '
                || cast(cast(rows_per_week_before as decimal(18, 1)) as {{ dbt.type_string() }})
                || ' per week in the eight weeks before'
            else input || '.' || column_name || ' is empty in '
                || cast(cast(100e0 * null_share_last_week as decimal(5, 1)) as {{ dbt.type_string() }})
                || ' % of the rows of the last seven days, against '
                || cast(cast(100e0 * null_share_before as decimal(5, 1)) as {{ dbt.type_string() }})
                || ' % in the eight weeks before'
        end || '. Look at the mart input_drift; did the source or its loader change?' as message
    from {{ model }}
    where remark is not null
)

select * from failures
{% endtest %}
