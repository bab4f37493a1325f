{#
    A SELECT with the segments that each exposed user was in before the exposure, one row per user and segment:
    `__all__` for everybody, `__no_history__` for users who were not in the population then, else those of user_segments on
    segment_as_of. So every user has a row, whatever is known.

    Arguments: relation (name of a CTE with user_id, has_history, segment_as_of and the key), key (name of the column that
               says what the user was exposed to; a user has one row per value).
    Call:      {{ segments_at_exposure('experiment_users', 'experiment') }}
#}
{% macro segments_at_exposure(relation, key) -%}
    select
        {{ key }},
        user_id,
        '__all__' as segment
    from {{ relation }}
    union all
    select
        {{ key }},
        user_id,
        '__no_history__' as segment
    from {{ relation }}
    where not has_history
    union all
    select
        {{ relation }}.{{ key }},
        {{ relation }}.user_id,
        user_segments.segment
    from {{ relation }}
    inner join {{ ref('user_segments') }} as user_segments
        on
            {{ relation }}.user_id = user_segments.user_id
            and {{ relation }}.segment_as_of = user_segments.as_of_date
    where {{ relation }}.has_history
{%- endmacro %}
