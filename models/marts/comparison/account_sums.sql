{{ config(
    materialized='by_date',
    upstream=['user_features', 'metric_rulers'],
    parts_of='user_segments',
    part_column='segment',
    sized_by='user_segments'
) }}
{%- set metrics = segmentation.metrics() %}
{%- set columns = {} %}
{%- for metric in metrics %}
{%- do columns.update({metric.name: segmentation.account_sum_columns(metric)}) %}
{%- endfor %}

-- How alike users of one account are: sums over accounts of what their members add up to. Only accounts with several
-- users are summed one by one; a user without colleagues is his own. A segment's rows rest on its own members alone.
with
user_features as (
    select * from {{ ref('user_features') }}
    where {{ segmentation.in_slice() }}
),

user_segments as (
    select * from {{ ref('user_segments') }}
    where {{ segmentation.in_slice(by_part=true) }}
),

metric_rulers as (
    select * from {{ ref('metric_rulers') }}
    where {{ segmentation.in_slice() }}
),

metric_values as (
    {{ segmentation.user_metric_values(metrics) }}
),

rulers as (
    {{ segmentation.rulers_by_date(metrics) }}
),

shared_accounts as (
    select
        account_id,
        as_of_date
    from user_features
    where account_id is not null
    group by account_id, as_of_date
    having count(*) > 1
),

user_residuals as (
    {{ segmentation.user_residuals(metrics, 'metric_values', 'rulers') }}
),

residuals as (
    select
        user_residuals.user_id,
        shared_accounts.account_id,
        {%- for metric in metrics %}
        user_residuals.{{ metric.name }},
        {%- endfor %}
        user_residuals.as_of_date
    from user_residuals
    left join shared_accounts
        on
            user_residuals.account_id = shared_accounts.account_id
            and user_residuals.as_of_date = shared_accounts.as_of_date
),

account_totals as (
    select
        account_id,
        {%- for metric in metrics %}
        count({{ metric.name }}) as {{ metric.name }}__n,
        sum({{ metric.name }}) as {{ metric.name }}__total,
        {%- endfor %}
        as_of_date
    from residuals
    where account_id is not null
    group by account_id, as_of_date
),

members as (
    {{ segmentation.members_of_groups() }}
),

user_sums as (
    select
        members.segment,
        {%- for metric in metrics %}
        {%- set value = 'residuals.' ~ metric.name %}
        cast(count({{ value }}) as double) as {{ metric.name }}__n,
        coalesce(sum({{ value }} * {{ value }}), 0e0) as {{ metric.name }}__squares,
        cast(count(case when residuals.account_id is null then {{ value }} end) as double) as {{ metric.name }}__alone,
        coalesce(sum(case when residuals.account_id is null then {{ value }} * {{ value }} end), 0e0)
            as {{ metric.name }}__alone_squares,
        {%- endfor %}
        members.as_of_date
    from members
    inner join residuals
        on
            members.user_id = residuals.user_id
            and members.as_of_date = residuals.as_of_date
    group by members.segment, members.as_of_date
),

member_accounts as (
    select
        members.segment,
        residuals.account_id,
        {%- for metric in metrics %}
        count(residuals.{{ metric.name }}) as {{ metric.name }}__n,
        sum(residuals.{{ metric.name }}) as {{ metric.name }}__total,
        {%- endfor %}
        members.as_of_date
    from members
    inner join residuals
        on
            members.user_id = residuals.user_id
            and members.as_of_date = residuals.as_of_date
    where residuals.account_id is not null
    group by members.segment, residuals.account_id, members.as_of_date
),

shared_sums as (
    select
        member_accounts.segment,
        {%- for metric in metrics %}
        {%- set n, total = metric.name ~ '__n', metric.name ~ '__total' %}
        cast(count(case when member_accounts.{{ n }} > 0 then 1 end) as double) as {{ metric.name }}__accounts,
        cast(count(
            case when member_accounts.{{ n }} > 0 and member_accounts.{{ n }} = account_totals.{{ n }} then 1 end
        ) as double) as {{ metric.name }}__whole_accounts,
        coalesce(sum(member_accounts.{{ total }} * member_accounts.{{ total }}), 0e0)
            as {{ metric.name }}__account_squares,
        coalesce(sum(member_accounts.{{ total }} * account_totals.{{ total }}), 0e0)
            as {{ metric.name }}__account_products,
        {%- endfor %}
        member_accounts.as_of_date
    from member_accounts
    inner join account_totals
        on
            member_accounts.account_id = account_totals.account_id
            and member_accounts.as_of_date = account_totals.as_of_date
    group by member_accounts.segment, member_accounts.as_of_date
),

sums_of_all_metrics as (
    select
        user_sums.segment,
        {%- for metric in metrics %}
        user_sums.{{ metric.name }}__n,
        user_sums.{{ metric.name }}__squares,
        {%- for name in ['accounts', 'whole_accounts'] %}
        user_sums.{{ metric.name }}__alone + coalesce(shared_sums.{{ metric.name }}__{{ name }}, 0e0)
            as {{ metric.name }}__{{ name }},
        {%- endfor %}
        {%- for name in ['account_squares', 'account_products'] %}
        user_sums.{{ metric.name }}__alone_squares + coalesce(shared_sums.{{ metric.name }}__{{ name }}, 0e0)
            as {{ metric.name }}__{{ name }},
        {%- endfor %}
        {%- endfor %}
        user_sums.as_of_date
    from user_sums
    left join shared_sums
        on
            user_sums.segment = shared_sums.segment
            and user_sums.as_of_date = shared_sums.as_of_date
),

sums_by_metric as (
    select
        sums_of_all_metrics.segment,
        metric_rulers.metric,
        {%- for name in segmentation.account_sum_columns(metrics[0]) %}
        {{ segmentation.pick_column('metric_rulers.metric', columns, name, 'sums_of_all_metrics') }} as {{ name }},
        {%- endfor %}
        sums_of_all_metrics.as_of_date
    from sums_of_all_metrics
    inner join metric_rulers on sums_of_all_metrics.as_of_date = metric_rulers.as_of_date
),

final as (
    select * from sums_by_metric
    where n > 0
)

select * from final
