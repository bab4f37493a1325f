{%- set contract = segmentation.input_contract() -%}
{#- Not about users, so not of the contract; its rows are judged in the same way. -#}
{%- set inputs = contract.keys() | list + (['personas'] if segmentation.setting('personas') else []) -%}
{%- set usable = 'reject_reason is null and not is_duplicate' %}
with
{%- for name in contract %}
{{ name }} as (
    select * from {{ ref('stg_' ~ name ~ '__checked') }}
),
{% endfor %}
personas as (
    {{ segmentation.personas() }}
),

named_ids as (
    select * from {{ ref('named_ids') }}
),

unknown_ids as (
    select * from {{ ref('unknown_ids') }}
),

data_through as (
    select * from {{ ref('data_through') }}
),

newest_arrival as (
    select {{ segmentation.day_of('newest_received_at') }} as newest_received_on
    from data_through
),

row_counts as (
    {%- for name in inputs %}
    {%- set entry = contract.get(name, {'columns': []}) %}
    {%- set left_out = segmentation.left_out_rule(name, name) if name in contract else 'cast(null as bigint)' %}
    {%- set names_users = name != 'users' and ('user_id' in entry.columns or 'entity_id' in entry.columns) %}
    {%- set names_accounts = name != 'accounts' and ('account_id' in entry.columns or 'entity_id' in entry.columns) %}
    select
        '{{ name }}' as input,
        {{ 'true' if segmentation.setting('inputs').get(name) or name == 'personas' else 'false' }} as is_present,
        cast(count(*) as bigint) as rows_read,
        cast(
            count(case when {{ usable }} and {{ left_out }} is null then 1 end) as bigint
        ) as rows_used,
        cast(
            count(case when {{ usable }} then {{ left_out }} end) as bigint
        ) as rows_left_out,
        cast(count(case when is_duplicate then 1 end) as bigint) as rows_duplicate,
        cast(count(reject_reason) as bigint) as rows_rejected,
        cast(count(case when is_local_time then 1 end) as bigint) as rows_with_local_time,
        cast(count(case when {{ usable }} then unreadable_columns end) as bigint)
            as rows_with_unreadable_values,
        -- Whether the input names users and accounts at all, so that 0 says that all of them are known.
        {{ 'true' if names_users else 'false' }} as names_users,
        {{ 'true' if names_accounts else 'false' }} as names_accounts,
        {% if name in contract -%}
        {{ segmentation.newest_day(name, '(select newest_received_on from newest_arrival)') }} as newest_on
        {%- else -%}
        cast(null as date) as newest_on
        {%- endif %}
    from {{ name }}
    {{ 'union all' if not loop.last }}
    {%- endfor %}
),

reason_counts as (
    {%- for name in inputs %}
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

known_accounts as (
    select rows_used > 0 as has_accounts
    from row_counts
    where input = 'accounts'
),

known_users as (
    select rows_used as users
    from row_counts
    where input = 'users'
),

id_counts as (
    select
        input,
        sum(case when id_kind = 'user' then naming_rows else 0 end) as rows_of_users,
        count(case when id_kind = 'user' and is_known then 1 end) as users_with_rows,
        sum(case when id_kind = 'user' and not is_known then naming_rows else 0 end) as rows_of_unknown_users,
        sum(case when id_kind = 'account' then naming_rows else 0 end) as rows_of_accounts,
        sum(case when id_kind = 'account' and not is_known then naming_rows else 0 end) as rows_of_unknown_accounts,
        sum(case when id_kind = 'anonymous' and not is_known then naming_rows else 0 end) as rows_of_anonymous_visitors
    from named_ids
    group by input
),

ranked_causes as (
    select
        input,
        likely_cause,
        row_number() over (partition by input order by sum(naming_rows) desc, likely_cause) as place
    from unknown_ids
    where likely_cause is not null
    group by input, likely_cause
),

summary as (
    select
        row_counts.input,
        ranked_reasons.reject_reason as commonest_reject_reason,
        ranked_causes.likely_cause as commonest_unknown_cause,
        case when row_counts.input = data_through.held_back_by then data_through.held_back_by_tool end as late_tool,
        row_counts.rows_read,
        row_counts.rows_used,
        row_counts.rows_duplicate,
        row_counts.rows_rejected,
        row_counts.rows_left_out,
        row_counts.rows_rejected / cast(nullif(row_counts.rows_read, 0) as double) as rejected_share,
        row_counts.rows_with_local_time,
        row_counts.rows_with_unreadable_values,
        case when row_counts.names_users then cast(coalesce(id_counts.users_with_rows, 0) as bigint) end
            as users_with_rows,
        case
            when row_counts.names_users
                then coalesce(id_counts.users_with_rows, 0) / cast(nullif(known_users.users, 0) as double)
        end as user_share,
        case when row_counts.names_users then cast(coalesce(id_counts.rows_of_unknown_users, 0) as bigint) end
            as rows_of_unknown_users,
        case
            when row_counts.names_users
                then id_counts.rows_of_unknown_users / cast(nullif(id_counts.rows_of_users, 0) as double)
        end as unknown_user_share,
        case
            when row_counts.names_accounts and known_accounts.has_accounts
                then cast(coalesce(id_counts.rows_of_unknown_accounts, 0) as bigint)
        end as rows_of_unknown_accounts,
        case
            when row_counts.names_accounts and known_accounts.has_accounts
                then id_counts.rows_of_unknown_accounts / cast(nullif(id_counts.rows_of_accounts, 0) as double)
        end as unknown_account_share,
        case when row_counts.input = 'events' then cast(coalesce(id_counts.rows_of_anonymous_visitors, 0) as bigint) end
            as rows_of_anonymous_visitors,
        row_counts.is_present,
        coalesce(row_counts.input = data_through.held_back_by, false) as is_holding_back,
        row_counts.newest_on,
        data_through.data_through as as_of_date,
        data_through.data_through
    from row_counts
    cross join data_through
    cross join known_accounts
    cross join known_users
    left join ranked_reasons
        on
            row_counts.input = ranked_reasons.input
            and ranked_reasons.place = 1
    left join id_counts on row_counts.input = id_counts.input
    left join ranked_causes
        on
            row_counts.input = ranked_causes.input
            and ranked_causes.place = 1
)

select * from summary
