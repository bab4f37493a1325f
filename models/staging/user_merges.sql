{{ config(materialized='table') }}
{%- set limit = segmentation.merge_limit() -%}
-- Who is part of whom since when, by what users say of themselves (merged_into, merged_at). It reads the rows of the
-- input as they were checked: stg_users takes those who were merged out of the population. A table: six models read it,
-- and to plan its walk costs each of them more than the walk.
--
-- What is refused depends on merges of before alone, so a merge of tomorrow changes nothing of yesterday: of a circle
-- the one that closes it, of a cluster the one with which it grows above the limit.
with recursive
users as (
    select
        user_id,
        merged_into,
        merged_at
    from {{ ref('stg_users__checked') }}
    where
        reject_reason is null
        and not is_duplicate
),

named as (
    select
        users.user_id,
        users.merged_into,
        users.merged_at,
        case
            when users.merged_at is null then 'no_time'
            when users.merged_into = users.user_id then 'itself'
            when survivors.user_id is null then 'unknown_user'
        end as refused_because
    from users
    left join users as survivors on users.merged_into = survivors.user_id
    where users.merged_into is not null
),

steps as (
    select
        user_id,
        merged_into,
        merged_at
    from named
    where refused_because is null
),

-- Round a circle, once. Whoever walks into one from outside never comes home: such a walk ends where it meets a place
-- that it remembers, a later one after 1, 2, 4, … steps (Brent, "An improved Monte Carlo factorization algorithm",
-- BIT 20, 1980).
rounds as (
    select
        user_id,
        merged_into as reached_id,
        user_id as last_step,
        merged_at as last_step_at,
        user_id as remembered_id,
        cast(1 as bigint) as steps_since,
        cast(1 as bigint) as steps_allowed
    from steps
    union all
    select
        rounds.user_id,
        steps.merged_into as reached_id,
        case
            when (steps.merged_at, steps.user_id) > (rounds.last_step_at, rounds.last_step) then steps.user_id
            else rounds.last_step
        end as last_step,
        greatest(rounds.last_step_at, steps.merged_at) as last_step_at,
        case
            when rounds.steps_since = rounds.steps_allowed then rounds.reached_id else rounds.remembered_id
        end as remembered_id,
        case when rounds.steps_since = rounds.steps_allowed then 1 else rounds.steps_since + 1 end as steps_since,
        case
            when rounds.steps_since = rounds.steps_allowed then 2 * rounds.steps_allowed else rounds.steps_allowed
        end as steps_allowed
    from rounds
    inner join steps on rounds.reached_id = steps.user_id
    where
        rounds.reached_id != rounds.user_id
        and rounds.reached_id != rounds.remembered_id
),

closing as (
    select distinct last_step as user_id
    from rounds
    where reached_id = user_id
),

open_steps as (
    select steps.*
    from steps
    left join closing on steps.user_id = closing.user_id
    where closing.user_id is null
),

walks as (
    select
        user_id,
        merged_into as reached_id,
        user_id as last_step,
        merged_at as last_step_at
    from open_steps
    union all
    select
        walks.user_id,
        open_steps.merged_into as reached_id,
        case
            when (open_steps.merged_at, open_steps.user_id) > (walks.last_step_at, walks.last_step)
                then open_steps.user_id
            else walks.last_step
        end as last_step,
        greatest(walks.last_step_at, open_steps.merged_at) as last_step_at
    from walks
    inner join open_steps on walks.reached_id = open_steps.user_id
),

sized as (
    select
        walks.last_step,
        count(*) over (
            partition by walks.reached_id
            order by walks.last_step_at
            range between unbounded preceding and current row
        ) as merged_users
    from walks
    left join open_steps on walks.reached_id = open_steps.user_id
    -- Whoever was merged before took these along.
    where open_steps.merged_at is null or open_steps.merged_at > walks.last_step_at
),

growing as (
    select distinct last_step as user_id
    from sized
    where merged_users > {{ limit }}
),

accepted as (
    select open_steps.*
    from open_steps
    left join growing on open_steps.user_id = growing.user_id
    where growing.user_id is null
),

paths as (
    select
        user_id,
        merged_into as reached_id,
        merged_at
    from accepted
    union all
    select
        paths.user_id,
        accepted.merged_into as reached_id,
        greatest(paths.merged_at, accepted.merged_at) as merged_at
    from paths
    inner join accepted on paths.reached_id = accepted.user_id
),

-- Only whoever is still a user of their own at that time.
held as (
    select
        paths.user_id,
        paths.reached_id as survivor_id,
        cast(null as {{ dbt.type_string() }}) as refused_because,
        {{ segmentation.day_of('paths.merged_at') }} as valid_from_date,
        {{ segmentation.day_of('accepted.merged_at') }} as valid_to_date,
        paths.merged_at
    from paths
    left join accepted on paths.reached_id = accepted.user_id
    where
        accepted.merged_at is null
        or {{ segmentation.day_of('accepted.merged_at') }} > {{ segmentation.day_of('paths.merged_at') }}
),

refused as (
    select
        named.user_id,
        named.merged_into as survivor_id,
        coalesce(
            named.refused_because,
            case when closing.user_id is not null then 'circle' end,
            'cluster_too_large'
        ) as refused_because,
        cast(null as date) as valid_from_date,
        cast(null as date) as valid_to_date,
        named.merged_at
    from named
    left join closing on named.user_id = closing.user_id
    left join accepted on named.user_id = accepted.user_id
    where accepted.user_id is null
),

known_merges as (
    select * from held
    union all
    select * from refused
)

select * from known_merges
