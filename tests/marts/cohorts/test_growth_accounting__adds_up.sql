-- active_users is what it was on the date before, and what came and went; with weeks it is the members with an active
-- day in the 7 days of user_features.
with
growth_accounting as (
    select * from {{ ref('growth_accounting') }}
),

segments as (
    select
        segment,
        retired_on
    from {{ ref('segments') }}
    union all
    select
        '__all__' as segment,
        cast(null as date) as retired_on
),

expected as (
    select
        segments.segment,
        as_of_dates.as_of_date
    from {{ ref('as_of_dates') }} as as_of_dates
    cross join segments
    where
        as_of_dates.previous_as_of_date is not null
        and (segments.retired_on is null or segments.retired_on >= as_of_dates.as_of_date)
),
{%- if segmentation.setting('as_of_grain') == 'week' %}

active_members as (
    select
        user_segments.segment,
        user_segments.as_of_date,
        count(*) as users
    from {{ ref('user_segments') }} as user_segments
    inner join {{ ref('user_features') }} as user_features
        on
            user_segments.user_id = user_features.user_id
            and user_segments.as_of_date = user_features.as_of_date
    where user_features.active_days_7d > 0
    group by user_segments.segment, user_segments.as_of_date
    union all
    select
        '__all__' as segment,
        as_of_date,
        sum(case when active_days_7d > 0 then 1 else 0 end) as users
    from {{ ref('user_features') }}
    group by as_of_date
),
{%- endif %}

failures as (
    select
        'growth_accounting: ' || coalesce(now.segment, expected.segment) || ' on '
        || cast(coalesce(now.as_of_date, expected.as_of_date) as {{ dbt.type_string() }}) || ' has '
        || coalesce(cast(now.active_users as {{ dbt.type_string() }}), 'no row of')
        || ' active users, which is not what it had before plus new, resurrected and moved in less churned and moved'
        || ' out, or not the active members of user_features.' as message
    from expected
    full outer join growth_accounting as now
        on
            expected.segment = now.segment
            and expected.as_of_date = now.as_of_date
    left join growth_accounting as earlier
        on
            now.segment = earlier.segment
            and now.previous_as_of_date = earlier.as_of_date
    {%- if segmentation.setting('as_of_grain') == 'week' %}
    left join active_members
        on
            now.segment = active_members.segment
            and now.as_of_date = active_members.as_of_date
    {%- endif %}
    where
        expected.segment is null
        or now.segment is null
        or now.active_users - now.previous_active_users
        != now.new_users + now.resurrected_users + now.moved_in_users - now.churned_users - now.moved_out_users
        or now.active_users != now.retained_users + now.new_users + now.resurrected_users + now.moved_in_users
        or now.previous_active_users is distinct from coalesce(earlier.active_users, now.previous_active_users)
        or least(
            now.new_users, now.resurrected_users, now.moved_in_users, now.churned_users, now.moved_out_users,
            now.retained_users
        ) < 0
        or (now.segment = '__all__' and now.moved_in_users + now.moved_out_users > 0)
        or (now.quick_ratio is null) != (now.churned_users = 0)
        {%- if segmentation.setting('as_of_grain') == 'week' %}
        or now.active_users != coalesce(active_members.users, 0)
        {%- endif %}
)

select * from failures
