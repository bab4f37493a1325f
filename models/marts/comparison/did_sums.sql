{{ config(
    materialized='by_date',
    upstream=['metric_rulers', 'user_features'],
    parts_of='user_segments',
    part_column='segment',
    sized_by='user_segments',
    before=['user_features']
) }}
{%- set metrics = segmentation.metrics() %}
{%- set ratios = metrics | selectattr('kind', 'eq', 'ratio') | list %}
{#- Sums beside those of what accounts say, and which metrics have them. #}
{%- set further = {
    '__change': 'change_total', '__change_weight': 'change_weight', '__before': 'before_total',
    '__before_weight': 'before_weight',
} %}
{%- set of_ratios = ratios | map(attribute='name') | list %}
{%- set has_further = {
    '__change': metrics | map(attribute='name') | list, '__change_weight': of_ratios, '__before': of_ratios,
    '__before_weight': of_ratios,
} %}
{%- set columns = {} %}
{%- for metric in metrics %}
{%- set found = segmentation.account_sum_columns(metric) %}
{%- for name in ['total', 'cubes'] %}
{%- do found.update({name: metric.name ~ '__' ~ name}) %}
{%- endfor %}
{%- for suffix, name in further.items() %}
{%- do found.update({name: metric.name ~ '__' ~ name if metric.name in has_further[suffix] else none}) %}
{%- endfor %}
{%- do columns.update({metric.name: found}) %}
{%- endfor %}

-- How far each user's change since the date before is from the change of all users, summed over segments and over
-- accounts. A segment's rows rest on its own members and on what all users have changed.
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

user_features as (
    select * from {{ ref('user_features') }}
    where {{ segmentation.in_slice(before=true) }}
),

rulers as (
    {{ segmentation.rulers_by_date(metrics) }}
),

{{ segmentation.paired_values(metrics) }},


-- One user as sums of one, for what the user adds to the change of a ratio.
single_changes as (
    select
        paired_values.user_id,
        paired_values.account_id,
        {%- for metric in metrics %}
        {%- set name = metric.name %}
        {%- set change = 'paired_values.' ~ name ~ ' - paired_values.before__' ~ name %}
        {{ change }} as {{ name }}__change_total,
        {%- if metric.kind == 'ratio' %}
        case when {{ change }} is not null then 1e0 end as {{ name }}__n,
        paired_values.{{ name }}__weight - paired_values.before__{{ name }}__weight as {{ name }}__change_weight,
        paired_values.before__{{ name }} as {{ name }}__before_total,
        paired_values.before__{{ name }}__weight as {{ name }}__before_weight,
        {%- endif %}
        {%- endfor %}
        paired_values.as_of_date
    from paired_values
),

changes_of_all as (
    select
        {%- for metric in metrics %}
        {%- set change = metric.name ~ '__change_total' %}
        {%- if metric.kind == 'ratio' %}
        {%- for name in ['n', 'change_total', 'change_weight', 'before_total', 'before_weight'] %}
        sum({{ metric.name }}__{{ name }}) as {{ metric.name }}__{{ name }},
        {%- endfor %}
        {%- else %}
        avg({{ 'sign(' ~ change ~ ')' if metric.kind == 'ordinal' else change }}) as {{ metric.name }}__mean,
        {%- endif %}
        {%- endfor %}
        as_of_date
    from single_changes
    group by as_of_date
),

factors as (
    select
        {%- for metric in metrics %}
        {%- if metric.kind == 'ratio' %}
        {%- for column, sql in segmentation.change_factors(metric, 'changes_of_all').items() %}
        {{ sql }} as {{ column }},
        {%- endfor %}
        {%- else %}
        changes_of_all.{{ metric.name }}__mean,
        {%- endif %}
        {%- endfor %}
        changes_of_all.as_of_date
    from changes_of_all
),

user_residuals as (
    select
        single_changes.user_id,
        single_changes.account_id,
        {%- for metric in metrics %}
        {%- set name = metric.name %}
        {%- if metric.kind == 'ratio' %}
        {{ segmentation.linear_change(metric, 'single_changes', 'factors') }} - factors.{{ name }}__ratio_change
            as {{ name }},
        single_changes.{{ name }}__change_weight,
        single_changes.{{ name }}__before_total as {{ name }}__before,
        single_changes.{{ name }}__before_weight,
        {%- elif metric.kind == 'ordinal' %}
        sign(single_changes.{{ name }}__change_total) - factors.{{ name }}__mean as {{ name }},
        {%- else %}
        single_changes.{{ name }}__change_total - factors.{{ name }}__mean as {{ name }},
        {%- endif %}
        single_changes.{{ name }}__change_total as {{ name }}__change,
        {%- endfor %}
        single_changes.as_of_date
    from single_changes
    inner join factors on single_changes.as_of_date = factors.as_of_date
),

{{ segmentation.sums_by_account(metrics, 'user_residuals', further, has_further) }},

sums_by_metric as (
    select
        sums_of_all_metrics.segment,
        metric_rulers.metric,
        {%- for name in columns[metrics[0].name] %}
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
