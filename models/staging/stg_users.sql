{{ config(materialized='table') }}
-- A table: what DuckDB expects of a join it expects in every reader of a view, and plans the joins of features wrongly.
-- Who was merged into another user is a user until then.
with
usable_users as (
    {{ segmentation.usable_rows('users') }}
),

known_merges as (
    select
        user_id,
        min(merged_at) as first_merged_at
    from {{ ref('user_merges') }}
    where refused_because is null
    group by user_id
),

users as (
    select
        {%- for column in segmentation.input_contract('users').columns if column != 'deleted_at' %}
        usable_users.{{ column }},
        {%- endfor %}
        -- The earlier of the two that there are.
        least(usable_users.deleted_at, known_merges.first_merged_at) as deleted_at
    from usable_users
    left join known_merges on usable_users.user_id = known_merges.user_id
)

select * from users
