-- Every segment has the same channels; per segment the channels add up to __all__; segment and baseline hold the same
-- trials in every segment, those of all users; converted <= decided <= trials <= signups.
with
segment_channels as (
    select * from {{ ref('segment_channels') }}
),

segments as (
    select segment from {{ ref('segments') }}
    where retired_on is null or retired_on >= data_through
),

all_channels as (
    select * from segment_channels
    where acquisition_channel = '__all__'
),

sums as (
    select
        segment,
        count(*) as channels,
        sum(signups) as signups,
        sum(n) as n,
        sum(baseline_n) as baseline_n,
        sum(converted) as converted,
        sum(acquisition_cost) as acquisition_cost,
        coalesce(sum(abs(acquisition_cost)), 0e0) as cost_size,
        max(
            case when converted <= n and n + undecided = trials and trials <= signups then 0 else 1 end
        ) as is_out_of_order
    from segment_channels
    where acquisition_channel != '__all__'
    group by segment
),

-- Of all users a channel stands beside the others, so that all trials are those of its own row.
totals as (
    select
        max(channels) as channels,
        max(n + baseline_n) as trials
    from sums
    where segment != '__all__'
),

all_users as (
    select
        sums.channels,
        sums.n
    from sums
    inner join all_channels on sums.segment = all_channels.segment
    where
        sums.segment = '__all__'
        and sums.is_out_of_order = 0
        and sums.signups = all_channels.signups
        and sums.n = all_channels.n
        and sums.converted = all_channels.converted
        and all_channels.baseline_n = 0
),

-- Users with a date right after their signup: without any the mart has no row.
signups as (
    select count(*) as signups
    from {{ ref('user_dates') }} as user_dates
    inner join {{ ref('as_of_dates') }} as as_of_dates
        on
            user_dates.as_of_date = as_of_dates.as_of_date
            and user_dates.signup_date > as_of_dates.previous_as_of_date
),

failures as (
    select
        'segment_channels: ' || segments.segment
        || ': its channels do not add up to __all__, or its trials and the others are not all trials.' as message
    from segments
    cross join totals
    cross join signups
    left join all_users on totals.trials = all_users.n
    left join sums on segments.segment = sums.segment
    left join all_channels on segments.segment = all_channels.segment
    where
        (signups.signups > 0 or totals.channels is not null)
        and not coalesce(
            sums.channels = totals.channels
            and all_users.channels = totals.channels
            and sums.is_out_of_order = 0
            and sums.signups = all_channels.signups
            and sums.n = all_channels.n
            and sums.converted = all_channels.converted
            and sums.n + sums.baseline_n = totals.trials
            and all_channels.n + all_channels.baseline_n = totals.trials
            and {{ segmentation.are_equal_sums(
                'coalesce(sums.acquisition_cost, 0)', 'coalesce(all_channels.acquisition_cost, 0)', 'sums.cost_size'
            ) }},
            false
        )
)

select * from failures
