{{ config(enabled=segmentation.setting('discovery').get('churn_score', false)) }}
{%- set features = segmentation.churn_features() -%}
-- The share of each outcome is where to start from. Fitted on one half of the users, judged on the other.
with
churn_values as (
    select * from {{ ref('churn_values') }}
),

data_through as (
    select * from {{ ref('data_through') }}
),

moments as (
    select
        {%- for feature in features %}
        avg(value_{{ loop.index }}) as mean_{{ loop.index }},
        stddev_pop(value_{{ loop.index }}) as deviation_{{ loop.index }},
        {%- endfor %}
        count(*) as users,
        sum(has_left) as exited
    from churn_values
    where test_half = 0
),

terms as (
    select
        'intercept' as term,
        cast(0 as bigint) as term_number,
        case
            when exited > 0 and exited < users
                then ln(exited / cast(nullif(users - exited, 0) as double))
        end as coefficient,
        cast(null as double) as feature_mean,
        cast(null as double) as feature_standard_deviation
    from moments
    {%- for feature in features %}
    union all
    select
        '{{ feature.name }}' as term,
        cast({{ loop.index }} as bigint) as term_number,
        case when exited > 0 and exited < users then 0e0 end as coefficient,
        mean_{{ loop.index }} as feature_mean,
        deviation_{{ loop.index }} as feature_standard_deviation
    from moments
    {%- endfor %}
),

starts as (
    select
        terms.term,
        terms.term_number,
        terms.coefficient,
        cast(null as double) as last_change,
        terms.feature_mean,
        terms.feature_standard_deviation,
        data_through.data_through
    from terms
    cross join data_through
)

select * from starts
