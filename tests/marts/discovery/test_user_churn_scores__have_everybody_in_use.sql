{{ config(enabled=segmentation.setting('discovery').get('churn_score', false)) }}

-- Everybody in use on the newest date has a score between 0 and 1, or nobody has and the model says why; and the model
-- has all of its terms.
with
user_churn_scores as (
    select * from {{ ref('user_churn_scores') }}
),

churn_model as (
    select * from {{ ref('churn_model') }}
),

users_in_use as (
    select user_features.user_id
    from {{ ref('user_features') }} as user_features
    inner join {{ ref('data_through') }} as data_through on user_features.as_of_date = data_through.data_through
    where user_features.active_days_28d > 0
),

failures as (
    select
        'user_churn_scores: user ' || coalesce(users_in_use.user_id, user_churn_scores.user_id)
        || ' is in use without a score between 0 and 1, or has one without being in use or without a model.' as message
    from users_in_use
    full outer join user_churn_scores on users_in_use.user_id = user_churn_scores.user_id
    where
        users_in_use.user_id is null
        or user_churn_scores.user_id is null
        or case
            when user_churn_scores.quality in ('insufficient', 'not_converged')
                then user_churn_scores.churn_probability is not null
            else not coalesce(user_churn_scores.churn_probability between 0 and 1, false)
        end
    union all
    select
        'churn_model: ' || cast(count(*) as {{ dbt.type_string() }}) || ' terms, of '
        || '{{ segmentation.churn_features() | length + 1 }}, or the AUC is outside of its interval.' as message
    from churn_model
    having
        count(*) != {{ segmentation.churn_features() | length + 1 }}
        or count(distinct term) != count(*)
        or max(case when auc between auc_lower and auc_upper or auc_lower is null then 0 else 1 end) = 1
)

select * from failures
