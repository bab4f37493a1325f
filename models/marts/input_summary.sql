with
{%- for name in segmentation.input_contract() %}
{{ name }} as (
    select * from {{ ref('stg_' ~ name ~ '__checked') }}
),
{% endfor %}
users_known as (
    select user_id from {{ ref('stg_users') }}
),

row_counts as (
    {%- for name in segmentation.input_contract() %}
    select
        '{{ name }}' as input,
        {{ 'true' if var('inputs').get(name) else 'false' }} as is_present,
        cast(count(*) as bigint) as rows_read,
        cast(count(case when reject_reason is null and not is_duplicate then 1 end) as bigint) as rows_used,
        cast(count(case when is_duplicate then 1 end) as bigint) as rows_duplicate,
        cast(count(reject_reason) as bigint) as rows_rejected,
        cast(count(case when is_local_time then 1 end) as bigint) as rows_with_local_time,
        cast(count(case when reject_reason is null and not is_duplicate then unreadable_columns end) as bigint)
            as rows_with_unreadable_values,
        {% if 'user_id' in segmentation.input_contract(name).columns and name != 'users' -%}
        cast(count(case
            when
                reject_reason is null and not is_duplicate
                and {{ name }}.user_id not in (
                    select users_known.user_id from users_known
                ) then 1
        end) as bigint) as rows_of_unknown_users
        {%- else -%}
        cast(null as bigint) as rows_of_unknown_users
        {%- endif %}
    from {{ name }}
    {{ 'union all' if not loop.last }}
    {%- endfor %}
),

reason_counts as (
    {%- for name in segmentation.input_contract() %}
    select
        '{{ name }}' as input,
        reject_reason,
        count(*) as rows_rejected
    from {{ name }}
    where reject_reason is not null
    group by reject_reason
    {{ 'union all' if not loop.last }}
    {%- endfor %}
),

ranked_reasons as (
    select
        input,
        reject_reason,
        row_number() over (partition by input order by rows_rejected desc, reject_reason asc) as place
    from reason_counts
),

data_through as (
    select * from {{ ref('data_through') }}
),

summary as (
    select
        row_counts.input,
        ranked_reasons.reject_reason as commonest_reject_reason,
        row_counts.rows_read,
        row_counts.rows_used,
        row_counts.rows_duplicate,
        row_counts.rows_rejected,
        row_counts.rows_rejected / cast(nullif(row_counts.rows_read, 0) as double) as rejected_share,
        row_counts.rows_with_local_time,
        row_counts.rows_with_unreadable_values,
        row_counts.rows_of_unknown_users,
        row_counts.is_present,
        data_through.data_through as as_of_date,
        data_through.data_through
    from row_counts
    cross join data_through
    left join ranked_reasons
        on
            row_counts.input = ranked_reasons.input
            and ranked_reasons.place = 1
)

select * from summary
