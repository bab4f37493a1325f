{{ config(schema='state', materialized='rebuilt') }}
{%- set limit = segmentation.setting('max_vanished_share') -%}
{#- The table as the build before left it, also in a full refresh. -#}
{%- set stored = load_relation(this) if execute else none %}
-- Nothing is computed from this table: it only says who is gone. While more are gone than may be, they stay in it, so
-- that a second build of the same incomplete export says so too; once it is accepted, they are dropped.
with
users as (
    select
        {{ segmentation.sha256_hex("'user_id:' || user_id") }} as user_hash,
        deleted_at is not null as is_deleted
    from {{ ref('stg_users') }}
),

forgotten_users as (
    select * from {{ ref('forgotten_users') }}
),

left_out_users as (
    {%- if segmentation.setting('not_people') %}
    select {{ segmentation.sha256_hex("'user_id:' || left_out_id") }} as user_hash
    from {{ ref('left_out_ids') }}
    where id_kind = 'user'
    {%- else %}
    select user_hash
    from users
    where 1 = 0
    {%- endif %}
),

known_users as (
    {%- if stored %}
    select user_hash
    from {{ stored }}
    where not (is_vanished and is_accepted)
    {%- else %}
    select user_hash
    from users
    where 1 = 0
    {%- endif %}
),

-- Who is deleted may leave the export, who was forgotten has left it, and who is not one of the people is there all the
-- same.
sightings as (
    select
        coalesce(users.user_hash, known_users.user_hash) as user_hash,
        known_users.user_hash is not null as was_known,
        users.user_hash is null as is_vanished
    from users
    full outer join known_users on users.user_hash = known_users.user_hash
    left join forgotten_users on coalesce(users.user_hash, known_users.user_hash) = forgotten_users.subject_hash
    left join left_out_users on coalesce(users.user_hash, known_users.user_hash) = left_out_users.user_hash
    where
        forgotten_users.subject_hash is null
        and left_out_users.user_hash is null
        and not coalesce(users.is_deleted, false)
),

shares as (
    select
        sum(case when is_vanished then 1e0 else 0e0 end)
        / nullif(sum(case when was_known then 1e0 else 0e0 end), 0e0) as vanished_share
    from sightings
),

seen_users as (
    select
        sightings.user_hash,
        sightings.was_known,
        sightings.is_vanished,
        coalesce(shares.vanished_share <= cast({{ limit }} as double), true) as is_accepted
    from sightings
    cross join shares
)

select * from seen_users
