-- user_segments holds the members that the segments' views name, as many on every date.
with
members as (
    {%- for segment in segmentation.registered_segments() %}
    select
        '{{ segment }}' as segment,
        as_of_date,
        count(*) as users
    from {{ ref(segment) }}
    where is_member
    group by as_of_date
    {{ 'union all' if not loop.last }}
    {%- endfor %}
),

stored as (
    select
        segment,
        as_of_date,
        count(*) as users
    from {{ ref('user_segments') }}
    group by segment, as_of_date
),

failures as (
    select
        'user_segments: ' || coalesce(members.segment, stored.segment) || ' has '
        || cast(coalesce(stored.users, 0) as {{ dbt.type_string() }}) || ' users on '
        || cast(coalesce(members.as_of_date, stored.as_of_date) as {{ dbt.type_string() }}) || ', its view names '
        || cast(coalesce(members.users, 0) as {{ dbt.type_string() }})
        || '. The table is older than the view: run dbt build -s user_segments+.' as message
    from members
    full outer join stored
        on
            members.segment = stored.segment
            and members.as_of_date = stored.as_of_date
    where members.users is distinct from stored.users
)

select * from failures
