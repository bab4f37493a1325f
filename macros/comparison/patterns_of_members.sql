{#
    CTEs of who is in the same groups as others, the last of them `pattern_groups`: sums over users are made once per pattern, of which a
    date has some hundred, and then added up to groups, instead of once per member.

      user_patterns    one row per user and date: user_id, pattern, as_of_date. Users of a date with the same pattern are in the same groups
      pattern_groups   one row per pattern and group: pattern, segment, as_of_date

    A pattern is the sum of a 63-bit hash of each group: a number that does not depend on how many groups there are.

    Arguments: members (relation with user_id, segment and as_of_date, each row once).
    Call:      {{ patterns_of_members('members') }},
#}
{% macro patterns_of_members(members) -%}
user_patterns as (
    select
        user_id,
        {{ segmentation.fingerprint_sum(segmentation.fingerprint(['segment'], ['segment'])) }} as pattern,
        as_of_date
    from {{ members }}
    group by user_id, as_of_date
),

-- Read off one of a pattern's users.
pattern_groups as (
    select
        first_users.pattern,
        {{ members }}.segment,
        {{ members }}.as_of_date
    from {{ members }}
    inner join (
        select
            pattern,
            min(user_id) as user_id,
            as_of_date
        from user_patterns
        group by pattern, as_of_date
    ) as first_users
        on
            {{ members }}.user_id = first_users.user_id
            and {{ members }}.as_of_date = first_users.as_of_date
)
{%- endmacro %}
