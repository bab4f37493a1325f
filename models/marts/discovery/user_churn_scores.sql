{{ config(enabled=segmentation.setting('discovery').get('churn_score', false)) }}
{%- set features = segmentation.churn_features() -%}
with
data_through as (
    select * from {{ ref('data_through') }}
),

user_features as (
    select * from {{ ref('user_features') }}
    where
        {{ segmentation.at_newest_date() }}
        and active_days_28d > 0
),

churn_model as (
    select * from {{ ref('churn_model') }}
),

-- One row, also of a model that was given up.
coefficients as (
    select
        min(quality) as quality,
        max(case when term_number = 0 then coefficient end) as b0,
        {%- for feature in features %}
        max(case when term_number = {{ loop.index }} then coefficient end) as b{{ loop.index }},
        max(case when term_number = {{ loop.index }} then feature_mean end) as mean_{{ loop.index }},
        max(case when term_number = {{ loop.index }} then feature_standard_deviation end) as deviation_{{ loop.index }},
        {%- endfor %}
        min(anchor_date) as anchor_date
    from churn_model
),

feature_values as (
    select
        user_id,
        {%- for feature in features %}
        cast({{ feature.expression }} as double) as f{{ loop.index }}{{ ',' if not loop.last }}
        {%- endfor %}
    from user_features
),

predictors as (
    select
        feature_values.user_id,
        coefficients.quality,
        coefficients.b0
        {%- for feature in features %}
        + coefficients.b{{ loop.index }} * coalesce(
            {{ segmentation.standardized(
                'feature_values.f' ~ loop.index,
                'coefficients.mean_' ~ loop.index, 'coefficients.deviation_' ~ loop.index
            ) }}, 0e0
        )
        {%- endfor %} as predictor,
        coefficients.anchor_date
    from feature_values
    cross join coefficients
),

scores as (
    select
        *,
        {{ segmentation.logistic('predictor') }} as churn_probability
    from predictors
),

ranked as (
    select
        *,
        case
            when churn_probability is not null
                then (rank() over (order by predictor) - 1) / cast(nullif(count(predictor) over (), 0) as double)
        end as share_at_lower_risk
    from scores
),

user_churn_scores as (
    select
        ranked.user_id,
        ranked.quality,
        ranked.churn_probability,
        ranked.share_at_lower_risk,
        ranked.anchor_date,
        data_through.data_through as as_of_date,
        data_through.data_through
    from ranked
    cross join data_through
)

select * from user_churn_scores
