{{ config(
    materialized='by_date',
    upstream=['metric_rulers', 'user_features'],
    parts_of='user_segments',
    part_column='segment',
    sized_by='user_segments',
    before=['user_features']
) }}
{%- set metrics = segmentation.metrics() %}
{%- set columns = {} %}
{%- for metric in metrics %}
{%- set found = {} %}
{%- for name in ['accounts', 'account_squares'] %}
{%- do found.update({name: metric.name ~ '__' ~ name}) %}
{%- endfor %}
{%- do columns.update({metric.name: found}) %}
{%- endfor %}
{%- set ratios = metrics | selectattr('kind', 'eq', 'ratio') | list %}
{%- set ratio_columns = [] %}
{%- for metric in ratios %}
{%- for name in ['n', 'change_total', 'change_weight', 'before_total', 'before_weight'] %}
{%- do ratio_columns.append(metric.name ~ '__' ~ name) %}
{%- endfor %}
{%- endfor %}
{#- What the squares of users without colleagues follow from. #}
{%- set of_ratios = [
    'n', 'change_total', 'change_squares', 'change_weight', 'change_weight_squares', 'change_products', 'change_by_before',
    'change_by_weight', 'change_weight_by_before', 'change_weight_by_weight', 'before_total', 'before_squares',
    'before_weight', 'before_weight_squares', 'before_products',
] %}
{%- set lone_columns = {
    'binary': ['n', 'change_squares'], 'mean': ['n', 'change_squares'], 'nps': ['n', 'change_squares'],
    'ordinal': ['n', 'moves'], 'ratio': of_ratios,
} %}

-- How alike the changes of users of one account are. A segment's rows rest on its own members alone.
with
metric_rulers as (
    select * from {{ ref('metric_rulers') }}
    where {{ segmentation.in_slice() }}
),

as_of_dates as (
    select * from {{ ref('as_of_dates') }}
    where {{ segmentation.in_slice() }}
),

user_segments as (
    select * from {{ ref('user_segments') }}
    where {{ segmentation.in_slice(by_part=true) }}
),

-- Of members only, who are few where one segment is due.
user_features as (
    select * from {{ ref('user_features') }}
    where
        {{ segmentation.in_slice(before=true) }}
        and user_id in (select user_segments.user_id from user_segments)
),

rulers as (
    {{ segmentation.rulers_by_date(metrics) }}
),

{{ segmentation.paired_values(metrics) }},

{{ segmentation.patterns_of_members('user_segments') }},

shared_accounts as (
    select
        account_id,
        as_of_date
    from user_features
    where account_id is not null
    group by account_id, as_of_date
    having count(*) > 1
),

-- The account only of users who have colleagues.
member_changes as (
    select
        shared_accounts.account_id as shared_account,
        user_patterns.pattern,
        {%- for metric in metrics %}
        {%- for prefix in ['', 'before__'] %}
        {%- for suffix in ['', '__weight'] if not suffix or metric.kind == 'ratio' %}
        {%- set column = prefix ~ metric.name ~ suffix %}
        paired_values.{{ column }},
        {%- endfor %}
        {%- endfor %}
        {%- endfor %}
        paired_values.as_of_date
    from paired_values
    inner join user_patterns
        on
            paired_values.user_id = user_patterns.user_id
            and paired_values.as_of_date = user_patterns.as_of_date
    left join shared_accounts
        on
            paired_values.account_id = shared_accounts.account_id
            and paired_values.as_of_date = shared_accounts.as_of_date
),

-- Users without colleagues, who may be many: their squares add up without a row for each.
lone_sums_of_patterns as (
    select
        member_changes.pattern,
        {%- for metric in metrics %}
        {%- set sums = segmentation.change_sums(metric, 'member_changes') %}
        {%- for name in lone_columns[metric.kind] %}
        {{ sums[name] }} as {{ metric.name }}__{{ name }},
        {%- endfor %}
        {%- endfor %}
        member_changes.as_of_date
    from member_changes
    where member_changes.shared_account is null
    group by member_changes.pattern, member_changes.as_of_date
),

lone_sums as (
    select
        pattern_groups.segment,
        {%- for metric in metrics %}
        {%- for name in lone_columns[metric.kind] %}
        sum(lone_sums_of_patterns.{{ metric.name }}__{{ name }}) as {{ metric.name }}__{{ name }},
        {%- endfor %}
        {%- endfor %}
        pattern_groups.as_of_date
    from lone_sums_of_patterns
    inner join pattern_groups
        on
            lone_sums_of_patterns.pattern = pattern_groups.pattern
            and lone_sums_of_patterns.as_of_date = pattern_groups.as_of_date
    group by pattern_groups.segment, pattern_groups.as_of_date
),

sums_of_accounts as (
    select
        pattern_groups.segment,
        {%- for metric in metrics %}
        {%- set name = metric.name ~ '__' %}
        {%- set value, earlier = 'member_changes.' ~ metric.name, 'member_changes.before__' ~ metric.name %}
        {%- set change = value ~ ' - ' ~ earlier %}
        sum({{ 'sign(' ~ change ~ ')' if metric.kind == 'ordinal' else change }}) as {{ name }}change_total,
        {%- if metric.kind == 'ratio' %}
        cast(count({{ value }}) as double) as {{ name }}n,
        sum({{ value }}__weight - {{ earlier }}__weight) as {{ name }}change_weight,
        sum({{ earlier }}) as {{ name }}before_total,
        sum({{ earlier }}__weight) as {{ name }}before_weight,
        {%- endif %}
        {%- endfor %}
        member_changes.as_of_date
    from member_changes
    inner join pattern_groups
        on
            member_changes.pattern = pattern_groups.pattern
            and member_changes.as_of_date = pattern_groups.as_of_date
    where member_changes.shared_account is not null
    group by pattern_groups.segment, member_changes.shared_account, member_changes.as_of_date
),

-- The ratios of a segment, of both kinds of users together.
group_sums as (
    select
        segment,
        {%- for column in ratio_columns %}
        sum({{ column }}) as {{ column }},
        {%- endfor %}
        as_of_date
    from (
        {%- for relation in ['lone_sums', 'sums_of_accounts'] %}
        select
            segment,
            {%- for column in ratio_columns %}
            {{ column }},
            {%- endfor %}
            as_of_date
        from {{ relation }}
        {{ 'union all' if not loop.last }}
        {%- endfor %}
    ) as both_kinds
    group by segment, as_of_date
),

factors as (
    select
        group_sums.segment,
        {%- for metric in ratios %}
        {%- for column, sql in segmentation.change_factors(metric, 'group_sums').items() %}
        {{ sql }} as {{ column }},
        {%- endfor %}
        {%- endfor %}
        group_sums.as_of_date
    from group_sums
),

lone_squares as (
    select
        lone_sums.segment,
        {%- for metric in metrics %}
        {%- set name = metric.name ~ '__' %}
        lone_sums.{{ name }}n as {{ name }}accounts,
        {%- if metric.kind == 'ratio' %}
        {{ segmentation.linear_change_squares(metric, 'lone_sums', 'factors') }} as {{ name }}account_squares,
        {%- else %}
        lone_sums.{{ name }}{{ 'moves' if metric.kind == 'ordinal' else 'change_squares' }}
            as {{ name }}account_squares,
        {%- endif %}
        {%- endfor %}
        lone_sums.as_of_date
    from lone_sums
    inner join factors
        on
            lone_sums.segment = factors.segment
            and lone_sums.as_of_date = factors.as_of_date
),

changes_of_accounts as (
    select
        sums_of_accounts.segment,
        {%- for metric in metrics %}
        {%- set name = metric.name ~ '__' %}
        {%- if metric.kind == 'ratio' %}
        sums_of_accounts.{{ name }}n,
        {{ segmentation.linear_change(metric, 'sums_of_accounts', 'factors') }} as {{ name }}change,
        {%- else %}
        sums_of_accounts.{{ name }}change_total as {{ name }}change,
        {%- endif %}
        {%- endfor %}
        sums_of_accounts.as_of_date
    from sums_of_accounts
    inner join factors
        on
            sums_of_accounts.segment = factors.segment
            and sums_of_accounts.as_of_date = factors.as_of_date
),

shared_squares as (
    select
        segment,
        {%- for metric in metrics %}
        {%- set name = metric.name ~ '__' %}
        {%- if metric.kind == 'ratio' %}
        cast(count(case when {{ name }}n > 0 then 1 end) as double) as {{ name }}accounts,
        {%- else %}
        cast(count({{ name }}change) as double) as {{ name }}accounts,
        {%- endif %}
        coalesce(sum({{ name }}change * {{ name }}change), 0e0) as {{ name }}account_squares,
        {%- endfor %}
        as_of_date
    from changes_of_accounts
    group by segment, as_of_date
),

sums_of_all_metrics as (
    select
        segment,
        {%- for metric in metrics %}
        {%- for name in ['accounts', 'account_squares'] %}
        coalesce(sum({{ metric.name }}__{{ name }}), 0e0) as {{ metric.name }}__{{ name }},
        {%- endfor %}
        {%- endfor %}
        as_of_date
    from (
        select * from lone_squares
        union all
        select * from shared_squares
    ) as both_kinds
    group by segment, as_of_date
),

final as (
    select
        sums_of_all_metrics.segment,
        metric_rulers.metric,
        {%- for name in columns[metrics[0].name] %}
        {{ segmentation.pick_column('metric_rulers.metric', columns, name, 'sums_of_all_metrics') }} as {{ name }},
        {%- endfor %}
        sums_of_all_metrics.as_of_date
    from sums_of_all_metrics
    inner join metric_rulers on sums_of_all_metrics.as_of_date = metric_rulers.as_of_date
)

select * from final
