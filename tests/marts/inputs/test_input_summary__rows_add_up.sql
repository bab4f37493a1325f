-- Every input of the contract is listed, and its rows were used, copies, rejected or left out: nothing gets lost.
with
expected as (
    {%- for name in segmentation.input_contract() %}
    select
        '{{ name }}' as input_name,
        count(*) as rows_used
    from {{ ref('stg_' ~ name) }}
    {{ 'union all' if not loop.last }}
    {%- endfor %}
),

input_summary as (
    select * from {{ ref('input_summary') }}
),

rejected as (
    select
        input,
        count(*) as rows_rejected
    from {{ ref('rejected_rows') }}
    group by input
),

failures as (
    select
        'input_summary: ' || expected.input_name || ' has '
        || coalesce(cast(input_summary.rows_read as {{ dbt.type_string() }}), 'no') || ' rows read, '
        || coalesce(cast(input_summary.rows_used as {{ dbt.type_string() }}), 'no') || ' used, '
        || coalesce(cast(input_summary.rows_duplicate as {{ dbt.type_string() }}), 'no') || ' copies, '
        || coalesce(cast(input_summary.rows_left_out as {{ dbt.type_string() }}), 'no') || ' left out and '
        || coalesce(cast(input_summary.rows_rejected as {{ dbt.type_string() }}), 'no') || ' rejected; stg_'
        || expected.input_name || ' has ' || cast(expected.rows_used as {{ dbt.type_string() }})
        || ' rows, rejected_rows ' || cast(coalesce(rejected.rows_rejected, 0) as {{ dbt.type_string() }})
        || '. They must agree.' as message
    from expected
    -- No day without an event.
    cross join {{ ref('data_through') }}
    left join input_summary on expected.input_name = input_summary.input
    left join rejected on expected.input_name = rejected.input
    where
        input_summary.rows_read is distinct from (
            input_summary.rows_used + input_summary.rows_duplicate + input_summary.rows_rejected
            + input_summary.rows_left_out
        )
        or input_summary.rows_used is distinct from expected.rows_used
        or input_summary.rows_rejected is distinct from coalesce(rejected.rows_rejected, 0)
)

select * from failures
