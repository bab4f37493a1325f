{#
    A SELECT of the usable rows of an input whose `user_id` holds the id of a user or an anonymous id, as assignments and
    messages do that were made before anybody signed in. Adds
      named_id    the id as it came
      user_id     the user it means: itself, or the user of its link (identity_links); NULL if nobody knows it
      known_date  day from which that is known: that of the row, or that of the link if it is later; NULL with user_id
      is_superseded  true for a row of a user who was merged into another one since: it has the row, too, from the merge on
    Other columns are the contract's, without updated_at.

    Arguments: name (an input of input_contract() with user_id), time (its column with the time that the row came about).
    Call:      {{ rows_of_users('experiment_assignments', 'assigned_at') }}
#}
{% macro rows_of_users(name, time) -%}
with
named_rows as (
    select * from {{ ref('stg_' ~ name) }}
),

users as (
    select user_id from {{ ref('stg_users') }}
),

links as (
    select * from {{ ref('identity_links') }}
),

resolved_rows as (
    select
        named_rows.user_id as named_id,
        coalesce(users.user_id, links.user_id) as user_id,
        {%- for column in segmentation.input_contract(name).columns if column not in ['user_id', 'updated_at'] %}
        named_rows.{{ column }},
        {%- endfor %}
        case
            when users.user_id is not null then {{ segmentation.day_of('named_rows.' ~ time) }}
            when links.user_id is not null
                then greatest({{ segmentation.day_of('named_rows.' ~ time) }}, links.linked_date)
        end as known_date
    from named_rows
    left join users on named_rows.user_id = users.user_id
    left join links on named_rows.user_id = links.anonymous_id
),

data_through as (
    select * from {{ ref('data_through') }}
),

known_merges as (
    select user_merges.*
    from {{ ref('user_merges') }} as user_merges
    inner join data_through on user_merges.valid_from_date <= data_through.data_through
    where user_merges.refused_because is null
),

merged_users as (
    select
        user_id,
        min(valid_from_date) as merged_date
    from known_merges
    group by user_id
),

owned_rows as (
    select
        resolved_rows.*,
        merged_users.user_id is not null as is_superseded
    from resolved_rows
    left join merged_users on resolved_rows.user_id = merged_users.user_id
    where merged_users.merged_date is null or resolved_rows.known_date < merged_users.merged_date
    union all
    select
        resolved_rows.named_id,
        known_merges.survivor_id as user_id,
        {%- for column in segmentation.input_contract(name).columns if column not in ['user_id', 'updated_at'] %}
        resolved_rows.{{ column }},
        {%- endfor %}
        greatest(resolved_rows.known_date, known_merges.valid_from_date) as known_date,
        survivors.user_id is not null as is_superseded
    from resolved_rows
    inner join known_merges on resolved_rows.user_id = known_merges.user_id
    left join merged_users as survivors on known_merges.survivor_id = survivors.user_id
    where
        known_merges.valid_to_date is null
        or greatest(resolved_rows.known_date, known_merges.valid_from_date) < known_merges.valid_to_date
)

select * from owned_rows
{%- endmacro %}
