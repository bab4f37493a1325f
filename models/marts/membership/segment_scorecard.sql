{%- set checks = segmentation.scorecard_checks() -%}
-- What only the data can tell about a segment; what its file alone tells stops the build in check_segments().
with
segments as (
    select * from {{ ref('segments') }}
    where retired_on is null or retired_on >= data_through
),

segment_sizes as (
    select * from {{ ref('segment_sizes') }}
),

as_of_dates as (
    select * from {{ ref('as_of_dates') }}
),

data_through as (
    select * from {{ ref('data_through') }}
),

current_members as (
    select
        user_id,
        segment
    from {{ ref('user_segments') }}
    where {{ segmentation.at_newest_date() }}
),

-- Users who are in the same segments count once, with their number: pairs cost no more than there are such patterns.
patterns as (
    select
        user_id,
        {{ segmentation.listed_in_order('segment') }} as pattern
    from current_members
    group by user_id
),

pattern_sizes as (
    select
        min(user_id) as user_id,
        cast(count(*) as bigint) as users
    from patterns
    group by pattern
),

pattern_segments as (
    select
        pattern_sizes.user_id,
        current_members.segment,
        pattern_sizes.users
    from pattern_sizes
    inner join current_members on pattern_sizes.user_id = current_members.user_id
),

current_sizes as (
    select
        segment,
        cast(sum(users) as bigint) as users
    from pattern_segments
    group by segment
),

shared_users as (
    select
        one.segment,
        other.segment as other_segment,
        cast(sum(one.users) as bigint) as users
    from pattern_segments as one
    inner join pattern_segments as other
        on
            one.user_id = other.user_id
            and one.segment != other.segment
    group by one.segment, other.segment
),

similarities as (
    select
        shared_users.segment,
        shared_users.other_segment,
        shared_users.users / cast(one.users + other.users - shared_users.users as double) as jaccard
    from shared_users
    inner join current_sizes as one on shared_users.segment = one.segment
    inner join current_sizes as other on shared_users.other_segment = other.segment
),

ranked_similarities as (
    select
        *,
        row_number() over (partition by segment order by jaccard desc, other_segment asc) as similarity_rank
    from similarities
),

-- Whether anybody meets a criterion: each segment's view is read once, at the newest date.
{%- for segment in segmentation.segments_in_use() %}
{%- set criteria = (segmentation.segment_entry(segment).get('segment') or {}).get('expressions') or {} %}
{{ segment }}_met as (
    select
        {%- for criterion in criteria %}
        max(case when members.{{ criterion }} then 1 else 0 end) as criterion_{{ loop.index }},
        {%- endfor %}
        cast(count(*) as bigint) as users
    from {{ ref(segment) }} as members
    where {{ segmentation.at_newest_date() }}
),
{% endfor %}
criteria_met as (
    {%- for segment in segmentation.segments_in_use() %}
    {%- set criteria = (segmentation.segment_entry(segment).get('segment') or {}).get('expressions') or {} %}
    {%- for criterion in criteria %}
    select
        '{{ segment }}' as segment,
        '{{ criterion }}' as criterion,
        coalesce(criterion_{{ loop.index }}, 0) as is_met
    from {{ segment }}_met
    union all
    {%- endfor %}
    {%- endfor %}
    -- Segments in plain SQL name no criteria.
    select
        segment,
        cast(null as {{ dbt.type_string() }}) as criterion,
        1 as is_met
    from segments
),

unmet as (
    select
        segment,
        cast(count(*) as bigint) as unmet_criteria_count,
        {{ segmentation.listed_in_order('criterion') }} as unmet_criteria
    from criteria_met
    where is_met = 0
    group by segment
),

seen_events as (
    select distinct event_name
    from {{ ref('user_event_days') }}
),

named_events as (
    {%- for segment in segmentation.segments_in_use() %}
    {%- for event in segmentation.segment_events(segment) %}
    select
        '{{ segment }}' as segment,
        {{ event }} as event_name
    union all
    {%- endfor %}
    {%- endfor %}
    -- Segments in plain SQL do not say which events they read.
    select
        segment,
        cast(null as {{ dbt.type_string() }}) as event_name
    from segments
),

unseen as (
    select
        named_events.segment,
        {{ segmentation.listed_in_order('named_events.event_name') }} as unseen_events
    from named_events
    left join seen_events on named_events.event_name = seen_events.event_name
    where
        named_events.event_name is not null
        and seen_events.event_name is null
    group by named_events.segment
),

numbered_period_ends as (
    select
        as_of_dates.as_of_date,
        row_number() over (order by as_of_dates.as_of_date desc) as periods_back
    from as_of_dates
    where as_of_dates.is_period_end
),

recent_period_ends as (
    select * from numbered_period_ends
    where periods_back <= {{ segmentation.setting('flapping_periods') }}
),

recent_memberships as (
    select
        user_id,
        segment,
        as_of_date
    from {{ ref('user_segments') }}
    where as_of_date in (select recent_period_ends.as_of_date from recent_period_ends)
),

recent_presences as (
    select
        recent_memberships.user_id,
        recent_memberships.segment,
        recent_period_ends.periods_back,
        lag(recent_period_ends.periods_back) over (
            partition by recent_memberships.segment, recent_memberships.user_id
            order by recent_period_ends.periods_back desc
        ) as previous_periods_back
    from recent_memberships
    inner join recent_period_ends on recent_memberships.as_of_date = recent_period_ends.as_of_date
),

-- Somebody who came back was a member, then was not, then was again: one visit, however short, is not flapping.
recent_users as (
    select
        user_id,
        segment,
        max(case when previous_periods_back - periods_back > 1 then 1 else 0 end) as came_back
    from recent_presences
    group by user_id, segment
),

flapping as (
    select
        segment,
        sum(came_back) / cast(count(*) as double) as flapping_share
    from recent_users
    group by segment
),

review_dates as (
    select
        segments.segment,
        max(as_of_dates.as_of_date) as review_compared_date
    from segments
    inner join as_of_dates
        on
            as_of_dates.is_period_end
            and segments.reviewed_on >= as_of_dates.as_of_date
    group by segments.segment
),

tiers as (
    select
        cast(sum(case when tier = 'micro' then 1 else 0 end) as bigint) as micro_segments,
        cast(sum(case when is_lifecycle then 1 else 0 end) as bigint) as lifecycle_segments
    from segments
),

measured as (
    select
        segments.segment,
        segments.label,
        segments.tier,
        segments.owner,
        ranked_similarities.other_segment as most_similar_segment,
        coalesce(unmet.unmet_criteria, '') as unmet_criteria,
        coalesce(unseen.unseen_events, '') as unseen_events,
        coalesce(now_sizes.users, 0) as users,
        coalesce(unmet.unmet_criteria_count, 0) as unmet_criteria_count,
        {{ segmentation.days_between('segments.reviewed_on', 'data_through.data_through') }} as review_age_days,
        tiers.micro_segments,
        tiers.lifecycle_segments,
        {{ segmentation._is_sent_somewhere('segments.segment') }} as has_audience,
        now_sizes.share,
        flapping.flapping_share,
        case when now_sizes.users > 0 then coalesce(ranked_similarities.jaccard, 0) end as highest_jaccard,
        review_sizes.share as share_at_review,
        (now_sizes.share - review_sizes.share) / nullif(review_sizes.share, 0) as drift,
        segments.reviewed_on,
        review_dates.review_compared_date,
        data_through.data_through as as_of_date,
        data_through.data_through
    from segments
    cross join data_through
    cross join tiers
    left join segment_sizes as now_sizes
        on
            segments.segment = now_sizes.segment
            and data_through.data_through = now_sizes.as_of_date
    left join ranked_similarities
        on
            segments.segment = ranked_similarities.segment
            and ranked_similarities.similarity_rank = 1
    left join unmet on segments.segment = unmet.segment
    left join unseen on segments.segment = unseen.segment
    left join flapping on segments.segment = flapping.segment
    left join review_dates on segments.segment = review_dates.segment
    left join segment_sizes as review_sizes
        on
            review_dates.segment = review_sizes.segment
            and review_dates.review_compared_date = review_sizes.as_of_date
),

checked as (
    select
        {%- for check in checks %}
        coalesce({{ check.fails }}, false) as {{ check.name }},
        {%- endfor %}
        measured.*
    from measured
),

scored as (
    select
        0
        {%- for check in checks %}
        + case when {{ check.name }} then {{ check.points }} else 0 end
        {%- endfor %} as points_lost,
        0
        {%- for check in checks if check.points %}
        + case when {{ check.name }} then 1 else 0 end
        {%- endfor %} as failing_checks,
        ''
        {%- for check in checks %}
        || case when {{ check.name }} then {{ check.reason }} || '; ' else '' end
        {%- endfor %} as reasons_and_end,
        checked.*
    from checked
),

scorecard as (
    select
        segment,
        label,
        tier,
        owner,
        case
            when points_lost = 0 then 'good'
            when 100 - points_lost >= {{ segmentation.setting('min_segment_score') }} then 'fair'
            else 'poor'
        end as grade,
        case when reasons_and_end = '' then '' else left(reasons_and_end, length(reasons_and_end) - 2) end as reasons,
        most_similar_segment,
        unmet_criteria,
        unseen_events,
        cast(greatest(0, 100 - points_lost) as bigint) as score,
        cast(failing_checks as bigint) as failing_checks,
        cast(users as bigint) as users,
        unmet_criteria_count,
        review_age_days,
        micro_segments,
        lifecycle_segments,
        share,
        flapping_share,
        highest_jaccard,
        share_at_review,
        drift,
        {%- for check in checks %}
        {{ check.name }},
        {%- endfor %}
        reviewed_on,
        review_compared_date,
        as_of_date,
        data_through
    from scored
)

select * from scorecard
