{{ config(
    materialized='by_date',
    upstream=['metric_rulers', 'user_features'],
    parts_of='user_segments',
    part_column='segment',
    sized_by='user_features',
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

metric_values as (
    {{ segmentation.user_metric_values(metrics) }}
),

rulers as (
    {{ segmentation.rulers_by_date(metrics) }}
),

paired_values as (
    {{ segmentation.paired_metric_values(metrics) }}
),

member_values as (
    select
        user_segments.segment,
        paired_values.*
    from user_segments
    inner join paired_values
        on
            user_segments.user_id = paired_values.user_id
            and user_segments.as_of_date = paired_values.as_of_date
),

-- A user without an account is one of his own.
sums_of_accounts as (
    select
        segment,
        {%- for metric in metrics %}
        {%- set value, earlier = metric.name, 'before__' ~ metric.name %}
        cast(count({{ value }}) as double) as {{ metric.name }}__n,
        {%- if metric.kind == 'ordinal' %}
        sum(sign({{ value }} - {{ earlier }})) as {{ metric.name }},
        {%- elif metric.kind == 'ratio' %}
        {%- for column in [value, earlier] %}
        sum({{ column }}) as {{ column }},
        sum({{ column }}__weight) as {{ column }}__weight,
        {%- endfor %}
        {%- else %}
        sum({{ value }} - {{ earlier }}) as {{ metric.name }},
        {%- endif %}
        {%- endfor %}
        as_of_date
    from member_values
    group by segment, as_of_date, account_id, case when account_id is null then user_id end
),

ratios as (
    select
        segment,
        {%- for metric in metrics if metric.kind == 'ratio' %}
        {%- for column in [metric.name, 'before__' ~ metric.name] %}
        sum({{ column }}) / nullif(sum({{ column }}__weight), 0) as {{ column }}__ratio,
        sum({{ metric.name }}__n) / nullif(sum({{ column }}__weight), 0) as {{ column }}__scale,
        {%- endfor %}
        {%- endfor %}
        as_of_date
    from sums_of_accounts
    group by segment, as_of_date
),

-- Of a ratio the change of the segment's own, and what the account adds to it.
changes_of_accounts as (
    select
        sums_of_accounts.segment,
        {%- for metric in metrics %}
        {%- set value = 'sums_of_accounts.' ~ metric.name %}
        {%- if metric.kind == 'ratio' %}
        {%- set earlier = 'sums_of_accounts.before__' ~ metric.name %}
        {%- set ratio, earlier_ratio = 'ratios.' ~ metric.name, 'ratios.before__' ~ metric.name %}
        {{ value }}__n * ({{ ratio }}__ratio - {{ earlier_ratio }}__ratio)
        + {{ ratio }}__scale * ({{ value }} - {{ ratio }}__ratio * {{ value }}__weight)
        - {{ earlier_ratio }}__scale
        * ({{ earlier }} - {{ earlier_ratio }}__ratio * {{ earlier }}__weight)
            as {{ metric.name }},
        {%- else %}
        {{ value }},
        {%- endif %}
        {{ value }}__n,
        {%- endfor %}
        sums_of_accounts.as_of_date
    from sums_of_accounts
    inner join ratios
        on
            sums_of_accounts.segment = ratios.segment
            and sums_of_accounts.as_of_date = ratios.as_of_date
),

sums_of_all_metrics as (
    select
        segment,
        {%- for metric in metrics %}
        cast(count(case when {{ metric.name }}__n > 0 then 1 end) as double) as {{ metric.name }}__accounts,
        coalesce(sum({{ metric.name }} * {{ metric.name }}), 0e0) as {{ metric.name }}__account_squares,
        {%- endfor %}
        as_of_date
    from changes_of_accounts
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
