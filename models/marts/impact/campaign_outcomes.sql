{%- set unit = segmentation.setting('randomization_unit') %}
{%- set alarm = segmentation._double(segmentation.setting('sample_ratio_alarm')) %}
{%- set steps = ['sent', 'delivered', 'opened', 'clicked', 'unsubscribed', 'converted'] %}
{%- set counted_columns = [
    'assigned_users', 'dropped_users', 'unobserved_users', 'n', 'baseline_n', 'accounts', 'baseline_accounts', 'sent_users',
    'delivered_users', 'opened_users', 'clicked_users', 'unsubscribed_users', 'converted_users', 'baseline_converted_users',
    'baseline_delivered_users', 'delivered_and_converted_users', 'baseline_delivered_and_converted_users',
] -%}

-- Where the holdout was drawn among accounts, colleagues share an arm: errors are those of accounts, as in experiments.
with
campaign_users as (
    select * from {{ ref('campaign_users') }}
),

messages as (
    select * from {{ ref('user_messages') }}
    where not coalesce(is_superseded, false)
),

data_through as (
    select * from {{ ref('data_through') }}
),

all_segments as (
    select segment from {{ ref('segments') }}
    union all
    select '__all__' as segment
    union all
    select '__no_history__' as segment
),

-- Of all messages: a campaign that went to nobody we know is one too.
campaigns as (
    select
        messages.campaign,
        case
            when max(case when messages.is_holdout then 1 else 0 end) = 1 then 'holdout'
            else 'no_holdout'
        end as evidence,
        count(distinct case
            when not coalesce(messages.known_date <= data_through.data_through, false) then messages.named_id
        end) as unknown_users
    from messages
    cross join data_through
    where {{ segmentation.day_of('messages.assigned_at') }} <= data_through.data_through
    group by messages.campaign
),

-- A campaign is an experiment of two variants.
labelled_users as (
    select
        campaign_users.*,
        campaign_users.campaign as experiment,
        case when campaign_users.is_holdout then 'held_out' else 'chosen' end as variant,
        {{ segmentation.account_key('campaign_users') }} as account_key,
        campaign_users.is_observed and not campaign_users.has_no_single_arm and not campaign_users.is_holdout
            as is_in_arm,
        campaign_users.is_observed and not campaign_users.has_no_single_arm and campaign_users.is_holdout
            as is_in_baseline
    from campaign_users
),

memberships as (
    {{ segmentation.segments_at_exposure('labelled_users', 'experiment') }}
),

assigned_users as (
    select
        campaign,
        user_id,
        account_id,
        variant
    from labelled_users
    where
        has_holdout
        and not has_no_single_arm
),

{{ segmentation.unit_evidence('assigned_users', 'campaign', 'variant') }},

campaign_units as (
    select
        campaigns.campaign,
        campaigns.evidence,
        campaigns.unknown_users,
        case
            when campaigns.evidence = 'holdout'
                then {{ segmentation._assigned_unit('campaigns.campaign', unit, alarm) }}
        end as randomization_unit
    from campaigns
    left join unit_evidence on campaigns.campaign = unit_evidence.campaign
),

shifted_outcomes as (
    select
        labelled_users.experiment,
        labelled_users.variant,
        'converted' as metric,
        labelled_users.user_id,
        labelled_users.account_key,
        campaign_units.randomization_unit,
        case when labelled_users.is_converted then 1e0 else 0e0 end as shifted,
        1e0 as weight,
        case when labelled_users.is_delivered then 1e0 else 0e0 end as covariate
    from labelled_users
    inner join campaign_units on labelled_users.campaign = campaign_units.campaign
    where
        labelled_users.is_in_arm
        or labelled_users.is_in_baseline
),

{{ segmentation.experiment_account_sums() }},

counts as (
    select
        labelled_users.campaign,
        memberships.segment,
        count(*) as assigned_users,
        sum(case when labelled_users.has_no_single_arm then 1 else 0 end) as dropped_users,
        sum(
            case when not labelled_users.has_no_single_arm and not labelled_users.is_observed then 1 else 0 end
        ) as unobserved_users,
        sum(case when labelled_users.is_in_arm then 1 else 0 end) as n,
        sum(case when labelled_users.is_in_baseline then 1 else 0 end) as baseline_n,
        count(distinct case when labelled_users.is_in_arm then labelled_users.account_key end) as accounts,
        count(distinct case when labelled_users.is_in_baseline then labelled_users.account_key end)
            as baseline_accounts,
        {%- for step in steps %}
        sum(case when labelled_users.is_in_arm and labelled_users.is_{{ step }} then 1 else 0 end) as {{ step }}_users,
        {%- endfor %}
        sum(case when labelled_users.is_in_baseline and labelled_users.is_converted then 1 else 0 end)
            as baseline_converted_users,
        sum(case when labelled_users.is_in_baseline and labelled_users.is_delivered then 1 else 0 end)
            as baseline_delivered_users,
        sum(
            case
                when labelled_users.is_in_arm and labelled_users.is_converted and labelled_users.is_delivered then 1
                else 0
            end
        ) as delivered_and_converted_users,
        sum(
            case
                when labelled_users.is_in_baseline and labelled_users.is_converted and labelled_users.is_delivered
                    then 1
                else 0
            end
        ) as baseline_delivered_and_converted_users
    from labelled_users
    inner join memberships
        on
            labelled_users.experiment = memberships.experiment
            and labelled_users.user_id = memberships.user_id
    group by labelled_users.campaign, memberships.segment
),

-- Every segment of every campaign, also where nobody is.
campaign_outcomes as (
    select
        campaign_units.campaign,
        all_segments.segment,
        campaign_units.evidence,
        campaign_units.randomization_unit,
        {%- for column in counted_columns %}
        cast(coalesce(counts.{{ column }}, 0) as bigint) as {{ column }},
        {%- endfor %}
        cast(
            case when all_segments.segment = '__all__' then campaign_units.unknown_users else 0 end as bigint
        ) as unknown_users,
        account_sums.squared_error,
        account_sums.covariate_error,
        account_sums.covariance_of_means,
        account_sums.df as degrees_of_freedom,
        baseline_sums.squared_error as baseline_squared_error,
        baseline_sums.covariate_error as baseline_covariate_error,
        baseline_sums.covariance_of_means as baseline_covariance_of_means,
        baseline_sums.df as baseline_degrees_of_freedom,
        data_through.data_through as as_of_date,
        data_through.data_through
    from campaign_units
    cross join all_segments
    cross join data_through
    left join counts
        on
            campaign_units.campaign = counts.campaign
            and all_segments.segment = counts.segment
    left join account_sums
        on
            campaign_units.campaign = account_sums.experiment
            and all_segments.segment = account_sums.segment
            and account_sums.variant = 'chosen'
    left join account_sums as baseline_sums
        on
            campaign_units.campaign = baseline_sums.experiment
            and all_segments.segment = baseline_sums.segment
            and baseline_sums.variant = 'held_out'
)

select * from campaign_outcomes
