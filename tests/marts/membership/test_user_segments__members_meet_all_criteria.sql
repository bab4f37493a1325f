-- user_segments holds the members that the segments' views name, as many on every date.
with
members as (
    {%- for segment in segmentation.segments_in_use() %}
    select
        '{{ segment }}' as segment,
        as_of_date,
        count(*) as user_count
    from {{ ref(segment) }}
    where
        is_member
        and as_of_date <= cast('{{ segmentation.segment_entry(segment).get('retired_on') or '9999-12-31' }}' as date)
    group by as_of_date
    {{ 'union all' if not loop.last }}
    {%- endfor %}
),

stored as (
    select
        segment,
        as_of_date,
        count(*) as user_count
    from {{ ref('user_segments') }}
    group by segment, as_of_date
),

failures as (
    select
        'user_segments: ' || coalesce(members.segment, stored.segment) || ' has '
        || cast(coalesce(stored.user_count, 0) as {{ dbt.type_string() }}) || ' users on '
        || cast(coalesce(members.as_of_date, stored.as_of_date) as {{ dbt.type_string() }}) || ', its view names '
        || cast(coalesce(members.user_count, 0) as {{ dbt.type_string() }})
        || '. The table is older than the view: run dbt build -s user_segments+.' as message
    from members
    full outer join stored
        on
            members.segment = stored.segment
            and members.as_of_date = stored.as_of_date
    where members.user_count is distinct from stored.user_count
)

select * from failures
