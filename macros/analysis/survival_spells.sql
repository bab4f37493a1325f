{#
    CTEs of the days during which survival watches users, the last of them `spells`: one row per segment and user at risk, with the
    day since signup before the first one at risk, the last one, and whether the pause came then (0 or 1), in the rest (`rest_start`,
    `rest_end`, `rest_gap`) and as a member (`members_start`, ...). All users are members of `__all__`. A side without a day at risk
    starts on its end or later, or has no start.

    Call:      {{ survival_spells() }},
#}
{% macro survival_spells() -%}
segments as (
    select segment from {{ ref('segments') }}
),

lives as (
    select * from {{ ref('survival_lives') }}
    where first_day < exit_day
),

memberships as (
    select
        segment_memberships.user_id,
        segment_memberships.segment,
        {{ segmentation.days_between('lives.signup_date', 'segment_memberships.entered_on') }} as entry_day
    from {{ ref('segment_memberships') }} as segment_memberships
    inner join lives on segment_memberships.user_id = lives.user_id
    where segment_memberships.entry_number = 1
),

-- Whoever becomes a member leaves the rest then; all users are members of all.
spells as (
    select
        segments.segment,
        lives.account_key,
        lives.account_users,
        lives.first_day as rest_start,
        least(coalesce(memberships.entry_day, lives.exit_day), lives.exit_day) as rest_end,
        case
            when coalesce(memberships.entry_day, lives.exit_day) >= lives.exit_day then lives.has_gap
            else 0
        end as rest_gap,
        memberships.entry_day as members_start,
        lives.exit_day as members_end,
        lives.has_gap as members_gap
    from lives
    cross join segments
    left join memberships
        on
            lives.user_id = memberships.user_id
            and segments.segment = memberships.segment
    union all
    select
        '__all__' as segment,
        account_key,
        account_users,
        cast(null as bigint) as rest_start,
        cast(null as bigint) as rest_end,
        0 as rest_gap,
        first_day as members_start,
        exit_day as members_end,
        has_gap as members_gap
    from lives
)
{%- endmacro %}
