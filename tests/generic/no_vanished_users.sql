{#
    Nobody who was in the input users before is missing from it.

    For seen_users. The message says how many are gone, and what to do.

    Call: - no_vanished_users: {config: {severity: warn}}
#}
{% test no_vanished_users(model) %}
with
counts as (
    select
        sum(case when is_vanished then 1 else 0 end) as vanished_users,
        sum(case when was_known then 1 else 0 end) as known_users,
        sum(case when is_accepted then 0 else 1 end) > 0 as is_refused
    from {{ model }}
),

failures as (
    select
        'users: ' || cast(vanished_users as {{ dbt.type_string() }}) || ' of ' || cast(known_users as {{ dbt.type_string() }})
        || ' users from the previous build are missing without `deleted_at`, and so is their history.'
        || case
            when is_refused
                then ' That is more than `max_vanished_share` allows, so nothing is published: load the whole export and build again,'
                    || ' or, to erase them, build once with --vars ''max_vanished_share: 1''.'
            else ' Unless you want to erase them, load the whole export and build again.'
        end as message
    from counts
    where vanished_users > 0
)

select * from failures
{% endtest %}
