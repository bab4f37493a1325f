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
    'n', 'baseline_n', 'shared_n', 'accounts', 'baseline_accounts', 'only_accounts', 'baseline_only_accounts',
    'squares', 'baseline_squares', 'shared_squares', 'account_squares', 'baseline_account_squares', 'account_products',
] %}
{#- Only of a pair there are users on both sides. #}
{%- set untested -%}
cast(null as bigint) as tested_n,
        cast(null as bigint) as tested_baseline_n,
        cast(null as bigint) as tested_accounts,
        cast(null as bigint) as tested_baseline_accounts,
{%- endset %}
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
        {%- set other_value = 'case when is_in_other = 1 then ' ~ metric.name ~ ' end' %}
        {%- set shared_value = 'case when is_member + is_in_other = 2 then ' ~ metric.name ~ ' end' %}
        cast(count({{ metric.name }}) as double) as {{ metric.name }}__all_n,
        coalesce(sum({{ metric.name }}), 0e0) as {{ metric.name }}__all_total,
        count({{ member_value }}) as {{ metric.name }}__n,
        count({{ other_value }}) as {{ metric.name }}__baseline_n,
        coalesce(sum({{ member_value }}), 0e0) as {{ metric.name }}__total,
        coalesce(sum({{ other_value }}), 0e0) as {{ metric.name }}__baseline_total,
        coalesce(sum({{ member_value }} * {{ metric.name }}), 0e0) as {{ metric.name }}__squares,
        coalesce(sum({{ other_value }} * {{ metric.name }}), 0e0) as {{ metric.name }}__baseline_squares,
        coalesce(sum({{ shared_value }} * {{ metric.name }}), 0e0) as {{ metric.name }}__shared_squares,
        {%- endfor %}
        as_of_date
    from pair_residuals
    group by segment, other_segment, as_of_date, account_id, case when account_id is null then user_id end
),

{{ segmentation.freed_accounts(
    metrics, 'pair_accounts', 'pair_residuals', ['segment', 'other_segment', 'as_of_date'], prefix='all_'
) }},

pair_sums as (
    select
        segment,
        other_segment,
        {%- for metric in metrics %}
        {%- set name = metric.name ~ '__' %}
        {%- set freed = '(' ~ name ~ 'total + ' ~ name ~ 'n * ' ~ name ~ 'hidden)' %}
        {%- set baseline_freed = '(' ~ name ~ 'baseline_total + ' ~ name ~ 'baseline_n * ' ~ name ~ 'hidden)' %}
        cast(sum({{ name }}n) as double) as {{ name }}n,
        cast(sum({{ name }}baseline_n) as double) as {{ name }}baseline_n,
        cast(sum({{ name }}n + {{ name }}baseline_n - {{ name }}all_n) as double) as {{ name }}shared_n,
        cast(count(case when {{ name }}n > 0 then 1 end) as double) as {{ name }}accounts,
        cast(count(case when {{ name }}baseline_n > 0 then 1 end) as double) as {{ name }}baseline_accounts,
        cast(count(case when {{ name }}all_n > {{ name }}baseline_n then 1 end) as double) as {{ name }}only_accounts,
        cast(count(case when {{ name }}all_n > {{ name }}n then 1 end) as double) as {{ name }}baseline_only_accounts,
        sum({{ name }}squares) as {{ name }}squares,
        sum({{ name }}baseline_squares) as {{ name }}baseline_squares,
        sum({{ name }}shared_squares) as {{ name }}shared_squares,
        sum({{ freed }} * {{ freed }}) as {{ name }}account_squares,
        sum({{ baseline_freed }} * {{ baseline_freed }}) as {{ name }}baseline_account_squares,
        sum({{ freed }} * {{ baseline_freed }}) as {{ name }}account_products,
        {%- endfor %}
        as_of_date
    from freed_accounts
    group by segment, other_segment, as_of_date
),

pair_metrics as (
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

-- What a user adds to the difference of two means is e / n on one side, less e / n of the other side: who is on both
-- adds little. All of it is times n * baseline_n / (n + baseline_n).
pair_squares as (
    select
        *,
        {%- for name, part in {'user_variance': '', 'account_variance': 'account_'}.items() %}
        (
            baseline_n * baseline_n * {{ part }}squares + n * n * baseline_{{ part }}squares
            - 2e0 * n * baseline_n * {{ 'account_products' if part else 'shared_squares' }}
        ) / nullif((n + baseline_n) * (n + baseline_n), 0e0) as {{ name }},
        {%- endfor %}
        1e-12 * (squares + baseline_squares) as rounding,
        -- Users of both count for the smaller side if the larger one is twice as large, or if they are all of the
        -- smaller: only then do they weigh much in the difference.
        n <= baseline_n and (baseline_n >= 2e0 * n or shared_n = n) as are_shared_tested,
        baseline_n < n and (n >= 2e0 * baseline_n or shared_n = baseline_n) as are_shared_tested_in_baseline
    from pair_metrics
),

final as (
    select
        segment,
        'segment:' || other_segment as baseline,
        metric,
        cast(accounts as bigint) as accounts,
        cast(baseline_accounts as bigint) as baseline_accounts,
        cast(case when are_shared_tested then n else n - shared_n end as bigint) as tested_n,
        cast(case when are_shared_tested_in_baseline then baseline_n else baseline_n - shared_n end as bigint)
            as tested_baseline_n,
        cast(case when are_shared_tested then accounts else only_accounts end as bigint) as tested_accounts,
        cast(
            case when are_shared_tested_in_baseline then baseline_accounts else baseline_only_accounts end as bigint
        ) as tested_baseline_accounts,
        case
            when user_variance > rounding and account_variance > user_variance then account_variance / user_variance
            when n > 0 then 1e0
        end as design_effect,
        1e0 - 2e0 * shared_n / nullif(n + baseline_n, 0e0) as overlap_factor,
        as_of_date
    from pair_squares
    union all
    select
        segment,
        'rest' as baseline,
        metric,
        cast(accounts as bigint) as accounts,
        cast(baseline_accounts as bigint) as baseline_accounts,
        {{ untested }}
        {{ segmentation.design_effect(
            'n', 'all_n', 'squares', 'all_squares', 'account_squares', 'account_products', 'all_account_squares'
        ) }} as design_effect,
        cast(null as double) as overlap_factor,
        as_of_date
    from rest_sums
    union all
    select
        segment,
        'all' as baseline,
        metric,
        cast(accounts as bigint) as accounts,
        cast(all_accounts as bigint) as baseline_accounts,
        {{ untested }}
        cast(null as double) as design_effect,
        cast(null as double) as overlap_factor,
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
        {{ untested }}
        case
            -- Without a change what is left of squares is rounding.
            when
                change_moments.test_variance > 0
                and account_changes.account_squares > change_moments.n * change_moments.test_variance
                then account_changes.account_squares / nullif(change_moments.n * change_moments.test_variance, 0)
            when change_moments.n > 0 then 1e0
        end as design_effect,
        cast(null as double) as overlap_factor,
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
        {{ untested }}
        design_effect,
        cast(null as double) as overlap_factor,
        as_of_date
    from did_moments
)

select * from final
