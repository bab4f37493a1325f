{{ config(
    materialized='by_date',
    upstream=['user_features', 'user_segments', 'metric_rulers', 'account_sums', 'account_changes', 'change_moments', 'did_moments'],
    sized_by='user_features'
) }}
{%- set metrics = segmentation.metrics() %}
{%- set pairs = segmentation.setting('comparison_pairs') %}
{%- set keys = ['segment', 'other_segment', 'as_of_date'] %}
{#- What is summed of a pair, by metric. #}
{%- set names_of_sums = [
    'n', 'all_n', 'accounts', 'baseline_accounts', 'squares', 'all_squares', 'account_squares', 'account_products',
    'all_account_squares',
] %}
{%- set columns = {} %}
{%- for metric in metrics %}
{%- set found = {} %}
{%- for name in names_of_sums %}
{%- do found.update({name: metric.name ~ '__' ~ name}) %}
{%- endfor %}
{%- do columns.update({metric.name: found}) %}
{%- endfor %}

-- What accounts say of a segment and the rest follows from account_sums. The users of a pair of segments are a
-- population of its own, with a mean of its own, and are summed here.
with
account_sums as (
    select * from {{ ref('account_sums') }}
    where {{ segmentation.in_slice() }}
),

account_changes as (
    select * from {{ ref('account_changes') }}
    where {{ segmentation.in_slice() }}
),

change_moments as (
    select * from {{ ref('change_moments') }}
    where {{ segmentation.in_slice() }}
),

did_moments as (
    select * from {{ ref('did_moments') }}
    where {{ segmentation.in_slice() }}
),

segments as (
    select segment from {{ ref('segments') }}
),

-- One row per segment and metric that somebody has, also where nobody of the segment has it.
rest_sums as (
    select
        segments.segment,
        cast(null as {{ dbt.type_string() }}) as other_segment,
        all_users.metric,
        coalesce(account_sums.n, 0e0) as n,
        all_users.n as all_n,
        coalesce(account_sums.accounts, 0e0) as accounts,
        all_users.accounts - coalesce(account_sums.whole_accounts, 0e0) as baseline_accounts,
        all_users.accounts as all_accounts,
        account_sums.squares,
        all_users.squares as all_squares,
        account_sums.account_squares,
        account_sums.account_products,
        all_users.account_squares as all_account_squares,
        all_users.as_of_date
    from account_sums as all_users
    cross join segments
    left join account_sums
        on
            segments.segment = account_sums.segment
            and all_users.metric = account_sums.metric
            and all_users.as_of_date = account_sums.as_of_date
    where all_users.segment = ''
),

user_features as (
    select * from {{ ref('user_features') }}
    where {{ segmentation.in_slice() }}
),

user_segments as (
    select * from {{ ref('user_segments') }}
    where {{ segmentation.in_slice() }}
),

metric_rulers as (
    select * from {{ ref('metric_rulers') }}
    where {{ segmentation.in_slice() }}
),

pairs as (
    {%- for segment, other_segment in pairs %}
    select
        '{{ segment }}' as segment,
        '{{ other_segment }}' as other_segment
    {{ 'union all' if not loop.last }}
    {%- else %}
    select
        segment,
        segment as other_segment
    from segments
    where false
    {%- endfor %}
),

pair_users as (
    select
        pairs.segment,
        pairs.other_segment,
        user_segments.user_id,
        max(case when user_segments.segment = pairs.segment then 1 else 0 end) as is_member,
        max(case when user_segments.segment = pairs.other_segment then 1 else 0 end) as is_in_other,
        user_segments.as_of_date
    from pairs
    inner join user_segments on user_segments.segment in (pairs.segment, pairs.other_segment)
    group by pairs.segment, pairs.other_segment, user_segments.user_id, user_segments.as_of_date
),

metric_values as (
    {{ segmentation.user_metric_values(metrics) }}
),

rulers as (
    {{ segmentation.rulers_by_date(metrics) }}
),

pair_values as (
    select
        pair_users.segment,
        pair_users.other_segment,
        pair_users.is_member,
        pair_users.is_in_other,
        metric_values.*
    from pair_users
    inner join metric_values
        on
            pair_users.user_id = metric_values.user_id
            and pair_users.as_of_date = metric_values.as_of_date
),

-- Caps are those of all users of the date, means those of the pair.
pair_rulers as (
    select
        pair_values.segment,
        pair_values.other_segment,
        {%- for metric in metrics %}
        {%- set value = segmentation.capped_value(metric, 'pair_values', 'rulers') %}
        {%- set weight = segmentation.capped_value(metric, 'pair_values', 'rulers', weight=true) %}
        {%- if metric.is_heavy_tailed %}
        max(rulers.{{ metric.name }}__cap) as {{ metric.name }}__cap,
        {%- if metric.kind == 'ratio' %}
        max(rulers.{{ metric.name }}__weight__cap) as {{ metric.name }}__weight__cap,
        {%- endif %}
        {%- endif %}
        sum({{ value }}) / nullif({{ 'sum(' ~ weight ~ ')' if metric.kind == 'ratio' else 'count(' ~ value ~ ')' }}, 0)
            as {{ metric.name }}__{{ 'mean' if metric.kind == 'binary' else 'center' }},
        {%- endfor %}
        pair_values.as_of_date
    from pair_values
    inner join rulers on pair_values.as_of_date = rulers.as_of_date
    group by pair_values.segment, pair_values.other_segment, pair_values.as_of_date
),

pair_residuals as (
    {{ segmentation.user_residuals(metrics, 'pair_values', 'pair_rulers', keys, kept=['is_member', 'is_in_other']) }}
),

pair_accounts as (
    select
        segment,
        other_segment,
        {%- for metric in metrics %}
        {%- set member_value = 'case when is_member = 1 then ' ~ metric.name ~ ' end' %}
        count({{ metric.name }}) as {{ metric.name }}__all_n,
        count({{ member_value }}) as {{ metric.name }}__n,
        count(case when is_in_other = 1 then {{ metric.name }} end) as {{ metric.name }}__other_n,
        coalesce(sum({{ metric.name }}), 0e0) as {{ metric.name }}__all_total,
        coalesce(sum({{ member_value }}), 0e0) as {{ metric.name }}__total,
        coalesce(sum({{ metric.name }} * {{ metric.name }}), 0e0) as {{ metric.name }}__all_squares,
        coalesce(sum({{ member_value }} * {{ metric.name }}), 0e0) as {{ metric.name }}__squares,
        {%- endfor %}
        as_of_date
    from pair_residuals
    group by segment, other_segment, as_of_date, account_id, case when account_id is null then user_id end
),

pair_sums as (
    select
        segment,
        other_segment,
        {%- for metric in metrics %}
        {%- set name = metric.name ~ '__' %}
        cast(sum({{ name }}n) as double) as {{ name }}n,
        cast(sum({{ name }}all_n) as double) as {{ name }}all_n,
        cast(count(case when {{ name }}n > 0 then 1 end) as double) as {{ name }}accounts,
        cast(count(case when {{ name }}other_n > 0 then 1 end) as double) as {{ name }}baseline_accounts,
        sum({{ name }}squares) as {{ name }}squares,
        sum({{ name }}all_squares) as {{ name }}all_squares,
        sum({{ name }}total * {{ name }}total) as {{ name }}account_squares,
        sum({{ name }}total * {{ name }}all_total) as {{ name }}account_products,
        sum({{ name }}all_total * {{ name }}all_total) as {{ name }}all_account_squares,
        {%- endfor %}
        as_of_date
    from pair_accounts
    group by segment, other_segment, as_of_date
),

sums as (
    select
        segment,
        other_segment,
        metric,
        {%- for name in names_of_sums %}
        {{ name }},
        {%- endfor %}
        as_of_date
    from rest_sums
    union all
    select
        pair_sums.segment,
        pair_sums.other_segment,
        metric_rulers.metric,
        {%- for name in names_of_sums %}
        {{ segmentation.pick_column('metric_rulers.metric', columns, name, 'pair_sums') }} as {{ name }},
        {%- endfor %}
        pair_sums.as_of_date
    from pair_sums
    inner join metric_rulers on pair_sums.as_of_date = metric_rulers.as_of_date
),

final as (
    select
        segment,
        case when other_segment is null then 'rest' else 'segment:' || other_segment end as baseline,
        metric,
        cast(accounts as bigint) as accounts,
        cast(baseline_accounts as bigint) as baseline_accounts,
        {{ segmentation.design_effect(
            'n', 'all_n', 'squares', 'all_squares', 'account_squares', 'account_products', 'all_account_squares'
        ) }} as design_effect,
        as_of_date
    from sums
    union all
    select
        segment,
        'all' as baseline,
        metric,
        cast(accounts as bigint) as accounts,
        cast(all_accounts as bigint) as baseline_accounts,
        cast(null as double) as design_effect,
        as_of_date
    from rest_sums
    union all
    -- If each account is as likely to have changed the other way: the squares of what its users add up to, over theirs.
    select
        change_moments.segment,
        'previous_period' as baseline,
        change_moments.metric,
        cast(account_changes.accounts as bigint) as accounts,
        cast(account_changes.accounts as bigint) as baseline_accounts,
        case
            -- Without a change what is left of squares is rounding.
            when
                change_moments.test_variance > 0
                and account_changes.account_squares > change_moments.n * change_moments.test_variance
                then account_changes.account_squares / nullif(change_moments.n * change_moments.test_variance, 0)
            when change_moments.n > 0 then 1e0
        end as design_effect,
        change_moments.as_of_date
    from change_moments
    inner join account_changes
        on
            change_moments.segment = account_changes.segment
            and change_moments.metric = account_changes.metric
            and change_moments.as_of_date = account_changes.as_of_date
    union all
    select
        segment,
        'difference_in_differences' as baseline,
        metric,
        cast(accounts as bigint) as accounts,
        cast(baseline_accounts as bigint) as baseline_accounts,
        design_effect,
        as_of_date
    from did_moments
)

select * from final
