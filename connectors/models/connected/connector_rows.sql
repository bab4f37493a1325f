{{ config(enabled=check_connectors() and (var('connectors', {}) or {}) | length > 0) }}

-- How many rows each tool gives of each input, how new they are, and how many of its rows are left out, for which reasons.
{%- set counted = [] %}
{%- for input in segmentation.input_contract() if gives(none, input) %}{% do counted.append(input) %}{% endfor %}
with
verdicts as (
    {%- for input in counted %}
    {%- set times = [] %}
    {%- for column in segmentation.time_columns(input) %}{% do times.append(time_value(column)) %}{% endfor %}
    select '{{ input }}' as input, tool, left_out_because, greatest({{ times | join(', ') }}) as newest_at
    from ({{ rows_of_tools(input) }})
    {{ 'union all' if not loop.last }}
    {%- else %}
    select cast(null as varchar) as input, cast(null as varchar) as tool, cast(null as varchar) as left_out_because, cast(null as timestamp) as newest_at
    where false
    {%- endfor %}
),

by_reason as (
    select tool, input, left_out_because, count(*) as row_count, max(newest_at) as newest_at
    from verdicts
    group by tool, input, left_out_because
),

counts as (
    select
        tool,
        input,
        cast(coalesce(sum(row_count) filter (where left_out_because is null), 0) as bigint) as rows_given,
        cast(coalesce(sum(row_count) filter (where left_out_because is not null), 0) as bigint) as rows_left_out,
        string_agg(left_out_because || ': ' || row_count, ', ' order by left_out_because) as reasons,
        cast(max(newest_at) filter (where left_out_because is null) as date) as newest_on
    from by_reason
    group by tool, input
)

select * from counts
