-- Every id is that of a user or counted as unknown; every assigned user is dropped, unobserved, or in one arm; no step
-- has more users than the arm; without a holdout, or with an insufficient one, no effect is claimed.
with
campaign_results as (
    select * from {{ ref('campaign_results') }}
),

assigned as (
    select
        messages.campaign,
        cast(count(distinct case
            when messages.known_date <= data_through.data_through then messages.user_id
        end) as bigint) as assigned_users,
        cast(count(distinct case
            when messages.user_id is null or messages.known_date > data_through.data_through then messages.named_id
        end) as bigint) as unknown_users,
        max(case when messages.is_holdout then 1 else 0 end) as has_holdout
    from {{ ref('user_messages') }} as messages
    cross join {{ ref('data_through') }} as data_through
    where {{ segmentation.day_of('messages.assigned_at') }} <= data_through.data_through
    group by messages.campaign
),

failures as (
    select
        'campaign_results: ' || assigned.campaign || ', ' || coalesce(results.segment, 'no row')
        || ': users do not add up, a step is too large, or an effect is claimed without a holdout.' as message
    from assigned
    left join campaign_results as results on assigned.campaign = results.campaign
    where
        results.segment is null
        or (results.segment = '__all__' and results.assigned_users is distinct from assigned.assigned_users)
        or (results.segment = '__all__' and results.unknown_users is distinct from assigned.unknown_users)
        or results.assigned_users is distinct from (
            results.dropped_users + results.unobserved_users + results.n + results.baseline_n
        )
        or greatest(
            results.sent_users, results.delivered_users, results.opened_users, results.clicked_users,
            results.unsubscribed_users, results.converted_users
        ) > results.n
        or results.baseline_converted_users > results.baseline_n
        or (results.evidence = 'holdout') is distinct from (assigned.has_holdout = 1)
        or (
            (results.evidence = 'no_holdout' or results.quality = 'insufficient')
            and coalesce(
                results.difference, results.difference_lower, results.p_value, results.lift, results.effect_size,
                results.complier_effect, results.complier_effect_lower
            ) is not null
        )
        or not coalesce(
            results.difference between results.difference_lower and results.difference_upper,
            results.quality = 'insufficient'
        )
        or not coalesce(
            results.complier_effect between results.complier_effect_lower and results.complier_effect_upper,
            true
        )
)

select * from failures
