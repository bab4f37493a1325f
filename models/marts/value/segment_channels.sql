-- Segments are taken on the first date after the signup, while the trial was still open: membership that is read later
-- knows the outcome. A trial belongs to an account, or to a user without one, so one user stands for it, the first
-- of the account: colleagues would count one outcome several times.
with
data_through as (
    select * from {{ ref('data_through') }}
),

segments as (
    select segment from {{ ref('segments') }}
    where retired_on is null or retired_on >= data_through
),

user_segments as (
    select * from {{ ref('user_segments') }}
),

user_features as (
    select * from {{ ref('user_features') }}
),

user_dates as (
    select * from {{ ref('user_dates') }}
),

as_of_dates as (
    select * from {{ ref('as_of_dates') }}
),

acquisition_costs as (
    select * from {{ ref('acquisition_costs') }}
),

first_dates as (
    select
        user_id,
        min(signup_date) as signup_date,
        min(as_of_date) as as_of_date
    from user_dates
    group by user_id
),

-- Users who were there before the first date that is kept have no date close to their signup.
signups as (
    select
        first_dates.user_id,
        {{ segmentation.payer_id('user_features') }} as payer_id,
        coalesce(user_features.acquisition_channel, '__unknown__') as acquisition_channel,
        coalesce(user_features.trial_outcome, 'none') as first_outcome,
        acquisition_costs.cost_per_signup,
        first_dates.signup_date,
        first_dates.as_of_date
    from first_dates
    inner join as_of_dates
        on
            first_dates.as_of_date = as_of_dates.as_of_date
            and first_dates.signup_date > as_of_dates.previous_as_of_date
    inner join user_features
        on
            first_dates.user_id = user_features.user_id
            and first_dates.as_of_date = user_features.as_of_date
    left join acquisition_costs
        on
            coalesce(user_features.acquisition_channel, '__unknown__') = acquisition_costs.acquisition_channel
            and cast({{ dbt.date_trunc('month', 'first_dates.signup_date') }} as date) = acquisition_costs.signup_month
),

payer_outcomes as (
    select
        {{ segmentation.payer_id('user_features') }} as payer_id,
        max(user_features.trial_outcome) as outcome
    from user_features
    inner join data_through on user_features.as_of_date = data_through.data_through
    group by {{ segmentation.payer_id('user_features') }}
),

open_trials as (
    select
        user_id,
        payer_id,
        row_number() over (partition by payer_id order by signup_date, user_id) as trial_user_number
    from signups
    where first_outcome = 'in_trial'
),

trials as (
    select
        open_trials.user_id,
        payer_outcomes.outcome
    from open_trials
    left join payer_outcomes on open_trials.payer_id = payer_outcomes.payer_id
    where open_trials.trial_user_number = 1
),

outcomes as (
    select
        signups.user_id,
        signups.acquisition_channel,
        signups.cost_per_signup,
        case when trials.user_id is not null then 1 else 0 end as is_trial,
        case when trials.outcome in ('converted', 'lapsed') then 1 else 0 end as is_decided,
        case when trials.outcome = 'converted' then 1 else 0 end as is_converted,
        signups.as_of_date
    from signups
    left join trials on signups.user_id = trials.user_id
),

channels as (
    select
        acquisition_channel,
        cast(count(*) as bigint) as signups,
        cast(sum(is_trial) as bigint) as trials,
        cast(sum(is_decided) as bigint) as decided,
        cast(sum(is_converted) as bigint) as converted,
        cast(count(cost_per_signup) as bigint) as costed_signups,
        sum(cost_per_signup) as acquisition_cost,
        cast(sum(case when cost_per_signup is not null then is_converted else 0 end) as bigint) as costed_converted
    from outcomes
    group by acquisition_channel
),

segment_counts as (
    select
        user_segments.segment,
        outcomes.acquisition_channel,
        cast(count(*) as bigint) as signups,
        cast(sum(outcomes.is_trial) as bigint) as trials,
        cast(sum(outcomes.is_decided) as bigint) as decided,
        cast(sum(outcomes.is_converted) as bigint) as converted,
        cast(count(outcomes.cost_per_signup) as bigint) as costed_signups,
        sum(outcomes.cost_per_signup) as acquisition_cost,
        cast(sum(case when outcomes.cost_per_signup is not null then outcomes.is_converted else 0 end) as bigint)
            as costed_converted
    from user_segments
    inner join outcomes
        on
            user_segments.user_id = outcomes.user_id
            and user_segments.as_of_date = outcomes.as_of_date
    group by user_segments.segment, outcomes.acquisition_channel
),

channel_cells as (
    select
        segments.segment,
        channels.acquisition_channel,
        coalesce(segment_counts.signups, 0) as signups,
        coalesce(segment_counts.trials, 0) as trials,
        coalesce(segment_counts.decided, 0) as decided,
        coalesce(segment_counts.converted, 0) as converted,
        channels.decided - coalesce(segment_counts.decided, 0) as baseline_decided,
        channels.converted - coalesce(segment_counts.converted, 0) as baseline_converted,
        coalesce(segment_counts.costed_signups, 0) as costed_signups,
        coalesce(segment_counts.costed_converted, 0) as costed_converted,
        segment_counts.acquisition_cost
    from segments
    cross join channels
    left join segment_counts
        on
            segments.segment = segment_counts.segment
            and channels.acquisition_channel = segment_counts.acquisition_channel
),

-- Mantel-Haenszel: the mean of the channels' differences, each weighted by how much it can tell.
standardized as (
    select
        segment,
        sum(
            (converted * cast(baseline_decided as double) - baseline_converted * cast(decided as double))
            / nullif(decided + baseline_decided, 0)
        ) / nullif(
            sum(decided * cast(baseline_decided as double) / nullif(decided + baseline_decided, 0)), 0e0
        ) as standardized_difference
    from channel_cells
    group by segment
),

-- Of all users a channel is compared with the other channels.
everybody as (
    select
        '__all__' as segment,
        acquisition_channel,
        signups,
        trials,
        decided,
        converted,
        cast(sum(decided) over () as bigint) - decided as baseline_decided,
        cast(sum(converted) over () as bigint) - converted as baseline_converted,
        costed_signups,
        costed_converted,
        acquisition_cost
    from channels
),

all_cells as (
    select * from channel_cells
    union all
    select * from everybody
    union all
    select
        '__all__' as segment,
        '__all__' as acquisition_channel,
        cast(sum(signups) as bigint) as signups,
        cast(sum(trials) as bigint) as trials,
        cast(sum(decided) as bigint) as decided,
        cast(sum(converted) as bigint) as converted,
        cast(0 as bigint) as baseline_decided,
        cast(0 as bigint) as baseline_converted,
        cast(sum(costed_signups) as bigint) as costed_signups,
        cast(sum(costed_converted) as bigint) as costed_converted,
        sum(acquisition_cost) as acquisition_cost
    from channels
    having count(*) > 0
    union all
    select
        segment,
        '__all__' as acquisition_channel,
        cast(sum(signups) as bigint) as signups,
        cast(sum(trials) as bigint) as trials,
        cast(sum(decided) as bigint) as decided,
        cast(sum(converted) as bigint) as converted,
        cast(sum(baseline_decided) as bigint) as baseline_decided,
        cast(sum(baseline_converted) as bigint) as baseline_converted,
        cast(sum(costed_signups) as bigint) as costed_signups,
        cast(sum(costed_converted) as bigint) as costed_converted,
        sum(acquisition_cost) as acquisition_cost
    from channel_cells
    group by segment
),

shares as (
    select
        all_cells.*,
        all_cells.converted / cast(nullif(all_cells.decided, 0) as double) as mean,
        all_cells.baseline_converted / cast(nullif(all_cells.baseline_decided, 0) as double) as baseline_mean,
        (all_cells.converted + all_cells.baseline_converted)
        / cast(nullif(all_cells.decided + all_cells.baseline_decided, 0) as double) as pooled_mean,
        cast(all_cells.decided + all_cells.baseline_decided as double) as pooled_n,
        standardized.standardized_difference
    from all_cells
    left join standardized on all_cells.segment = standardized.segment
),

variances as (
    select
        *,
        pooled_mean * (1e0 - pooled_mean) * pooled_n / nullif(pooled_n - 1e0, 0e0) as pooled_variance,
        {{ segmentation.comparison_quality(
            'decided', 'baseline_decided', units=['decided', 'baseline_decided'],
            smallest_count='least(decided, baseline_decided) * least(pooled_mean, 1e0 - pooled_mean)'
        ) }} as quality
    from shares
),

scores as (
    select
        *,
        {{ segmentation.randomization_z('mean', 'decided', 'baseline_mean', 'baseline_decided', 'pooled_variance') }}
            as raw_z_score
    from variances
),

-- With fewer than two on a side there is no test.
judged as (
    select
        *,
        case when quality != 'insufficient' then raw_z_score end as z_score
    from scores
),

tested as (
    select
        *,
        {{ segmentation.normal_two_sided_p('z_score') }} as p_value
    from judged
),

corrected as (
    {{ segmentation.corrected_families(
        'tested',
        "case when segment = '__all__' then 'channels' when acquisition_channel = '__all__' then 'all_channels' else 'within_channel' end"
    ) }}
),

segment_channels as (
    select
        corrected.segment,
        corrected.acquisition_channel,
        corrected.quality,
        corrected.family,
        corrected.signups,
        corrected.trials,
        corrected.trials - corrected.decided as undecided,
        corrected.decided as n,
        corrected.converted,
        corrected.mean,
        {{ segmentation.wilson_bound('corrected.converted', 'corrected.decided', 'lower') }} as mean_lower,
        {{ segmentation.wilson_bound('corrected.converted', 'corrected.decided', 'upper') }} as mean_upper,
        corrected.baseline_decided as baseline_n,
        corrected.baseline_mean,
        corrected.mean - corrected.baseline_mean as difference,
        {{ segmentation.newcombe_bound(
            'corrected.converted', 'corrected.decided',
            'corrected.baseline_converted', 'corrected.baseline_decided', 'lower'
        ) }} as difference_lower,
        {{ segmentation.newcombe_bound(
            'corrected.converted', 'corrected.decided',
            'corrected.baseline_converted', 'corrected.baseline_decided', 'upper'
        ) }} as difference_upper,
        corrected.p_value,
        corrected.q_value,
        case
            when corrected.acquisition_channel = '__all__' then corrected.standardized_difference
        end as standardized_difference,
        corrected.acquisition_cost,
        corrected.acquisition_cost / nullif(corrected.costed_signups, 0) as cost_per_signup,
        corrected.acquisition_cost / nullif(corrected.costed_converted, 0) as cost_per_conversion,
        case
            when corrected.acquisition_channel = '__all__'
                then (corrected.mean - corrected.baseline_mean) * corrected.standardized_difference < 0
        end as is_reversed,
        data_through.data_through as as_of_date,
        data_through.data_through
    from corrected
    cross join data_through
)

select * from segment_channels
