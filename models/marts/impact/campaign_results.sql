{%- set steps = ['sent', 'delivered', 'opened', 'clicked', 'unsubscribed', 'converted'] %}
{%- set counted_columns = [
    'assigned_users', 'dropped_users', 'unobserved_users', 'n', 'baseline_n', 'sent_users', 'delivered_users',
    'opened_users', 'clicked_users', 'unsubscribed_users', 'converted_users', 'baseline_converted_users',
    'baseline_delivered_users', 'delivered_and_converted_users', 'baseline_delivered_and_converted_users',
] %}
{%- set quantile_p = segmentation._double(1 - (1 - segmentation.setting('confidence_level')) / 2) -%}
with
campaign_users as (
    select * from {{ ref('campaign_users') }}
),

messages as (
    select * from {{ ref('user_messages') }}
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
    where cast(messages.assigned_at as date) <= data_through.data_through
    group by messages.campaign
),

memberships as (
    {{ segmentation.segments_at_exposure('campaign_users', 'campaign') }}
),

labelled_users as (
    select
        *,
        is_observed and not has_no_single_arm and not is_holdout as is_in_arm,
        is_observed and not has_no_single_arm and is_holdout as is_in_baseline
    from campaign_users
),

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
            labelled_users.campaign = memberships.campaign
            and labelled_users.user_id = memberships.user_id
    group by labelled_users.campaign, memberships.segment
),

-- Every segment of every campaign, also where nobody is.
cells as (
    select
        campaigns.campaign,
        all_segments.segment,
        {%- for column in counted_columns %}
        cast(coalesce(counts.{{ column }}, 0) as bigint) as {{ column }},
        {%- endfor %}
        cast(
            case when all_segments.segment = '__all__' then campaigns.unknown_users else 0 end as bigint
        ) as unknown_users,
        campaigns.evidence
    from campaigns
    cross join all_segments
    left join counts
        on
            campaigns.campaign = counts.campaign
            and all_segments.segment = counts.segment
),

shares as (
    select
        *,
        converted_users / cast(nullif(n, 0) as double) as mean,
        baseline_converted_users / cast(nullif(baseline_n, 0) as double) as baseline_mean,
        delivered_users / cast(nullif(n, 0) as double) as delivered_share,
        baseline_delivered_users / cast(nullif(baseline_n, 0) as double) as baseline_delivered_share,
        delivered_and_converted_users / cast(nullif(n, 0) as double) as both_share,
        baseline_delivered_and_converted_users / cast(nullif(baseline_n, 0) as double) as baseline_both_share,
        converted_users + baseline_converted_users as all_converted_users,
        n + baseline_n as users
    from cells
),

spreads as (
    select
        *,
        mean - baseline_mean as difference,
        delivered_share - baseline_delivered_share as delivered_difference,
        (mean - baseline_mean) / nullif(delivered_share - baseline_delivered_share, 0) as complier_effect,
        -- Divisor n − 1, of both arms taken together.
        all_converted_users * cast(users - all_converted_users as double)
        / nullif(users * cast(users - 1 as double), 0) as pooled_variance,
        sqrt(mean * (1e0 - mean) / nullif(n, 0)) as standard_error,
        sqrt(baseline_mean * (1e0 - baseline_mean) / nullif(baseline_n, 0)) as baseline_standard_error
    from shares
),

-- The variance of converted − complier_effect × delivered, per arm: the delta method for a ratio of differences.
complier_errors as (
    select
        *,
        (
            mean * (1e0 - mean)
            - 2e0 * complier_effect * (both_share - mean * delivered_share)
            + complier_effect * complier_effect * delivered_share * (1e0 - delivered_share)
        ) / nullif(n - 1, 0) as complier_variance,
        (
            baseline_mean * (1e0 - baseline_mean)
            - 2e0 * complier_effect * (baseline_both_share - baseline_mean * baseline_delivered_share)
            + complier_effect * complier_effect * baseline_delivered_share * (1e0 - baseline_delivered_share)
        ) / nullif(baseline_n - 1, 0) as baseline_complier_variance,
        {{ segmentation.comparison_quality(
            'n', 'baseline_n',
            smallest_count='least(n, baseline_n) * cast(least(all_converted_users, users - all_converted_users) as double) / users'
        ) }} as quality,
        {{ segmentation.randomization_z('mean', 'n', 'baseline_mean', 'baseline_n', 'pooled_variance') }} as z
    from spreads
),

tests as (
    select
        *,
        case when quality != 'insufficient' then {{ segmentation.normal_two_sided_p('z') }} end as p_value,
        case
            when delivered_difference > 0 and complier_variance + baseline_complier_variance > 0
                then
                    {{ segmentation.normal_quantile(quantile_p) }}
                    * sqrt(complier_variance + baseline_complier_variance) / delivered_difference
        end as complier_half_width
    from complier_errors
),

with_q_values as (
    {{ segmentation.corrected_families(
        'tests', "case when segment = '__all__' then 'overall' else 'segments' end", by=['campaign']
    ) }}
),

results as (
    select
        compared.campaign,
        compared.segment,
        compared.evidence,
        compared.quality,
        compared.family,
        'cohens_h' as effect_size_kind,
        compared.assigned_users,
        compared.dropped_users,
        compared.unobserved_users,
        compared.unknown_users,
        compared.n,
        compared.baseline_n,
        {%- for step in steps %}
        compared.{{ step }}_users,
        {%- endfor %}
        compared.baseline_converted_users,
        compared.baseline_delivered_users,
        compared.sent_users / cast(nullif(compared.n, 0) as double) as sent_share,
        compared.delivered_share,
        {%- for step in ['opened', 'clicked', 'unsubscribed'] %}
        compared.{{ step }}_users / cast(nullif(compared.delivered_users, 0) as double) as {{ step }}_share,
        {%- endfor %}
        compared.mean,
        compared.baseline_mean,
        case when compared.quality != 'insufficient' then compared.difference end as difference,
        {%- for side in ['lower', 'upper'] %}
        case
            when compared.quality != 'insufficient'
                then
                    {{ segmentation.newcombe_bound(
                        'compared.converted_users', 'compared.n', 'compared.baseline_converted_users',
                        'compared.baseline_n', side
                    ) }}
        end as difference_{{ side }},
        {%- endfor %}
        compared.p_value,
        compared.q_value,
        case
            when compared.quality != 'insufficient' and compared.baseline_mean > 0
                then (compared.mean - compared.baseline_mean) / compared.baseline_mean
        end as lift,
        {%- for side in ['lower', 'upper'] %}
        case
            when compared.quality != 'insufficient' and compared.standard_error + compared.baseline_standard_error > 0
                then
                    {{ segmentation.log_lift_bound(
                        'compared.mean', 'compared.standard_error', 'compared.baseline_mean',
                        'compared.baseline_standard_error', side
                    ) }}
        end as lift_{{ side }},
        {%- endfor %}
        case
            when compared.quality != 'insufficient'
                then {{ segmentation.cohens_h('compared.mean', 'compared.baseline_mean') }}
        end as effect_size,
        case
            when compared.quality != 'insufficient'
                then
                    {{ segmentation.smallest_detectable_difference(
                        'sqrt(compared.pooled_variance)', 'compared.n', 'compared.baseline_n'
                    ) }}
        end as smallest_detectable_difference,
        case
            when compared.quality != 'insufficient' and compared.delivered_difference > 0
                then compared.complier_effect
        end as complier_effect,
        case
            when compared.quality != 'insufficient' then compared.complier_effect - compared.complier_half_width
        end as complier_effect_lower,
        case
            when compared.quality != 'insufficient' then compared.complier_effect + compared.complier_half_width
        end as complier_effect_upper,
        data_through.data_through as as_of_date,
        data_through.data_through
    from with_q_values as compared
    cross join data_through
)

select * from results
