-- The pairs are what joining user_segments with itself on the newest date gives, and there is a row for each pair.
with
members as (
    select
        user_segments.user_id,
        user_segments.segment
    from {{ ref('user_segments') }} as user_segments
    inner join {{ ref('data_through') }} as data_through on user_segments.as_of_date = data_through.data_through
),

expected as (
    select
        segments.segment,
        other_segments.segment as other_segment
    from {{ ref('segments') }} as segments
    inner join {{ ref('segments') }} as other_segments on segments.segment != other_segments.segment
    where
        (segments.retired_on is null or segments.retired_on >= segments.data_through)
        and (other_segments.retired_on is null or other_segments.retired_on >= segments.data_through)
),

joined as (
    select
        members.segment,
        other_members.segment as other_segment,
        count(*) as users_in_both
    from members
    inner join members as other_members on members.user_id = other_members.user_id
    group by members.segment, other_members.segment
),

segment_overlap as (
    select * from {{ ref('segment_overlap') }}
),

failures as (
    select
        'segment_overlap: ' || coalesce(expected.segment, segment_overlap.segment) || ' and '
        || coalesce(expected.other_segment, segment_overlap.other_segment) || ' share '
        || coalesce(cast(segment_overlap.users_in_both as {{ dbt.type_string() }}), 'no row of')
        || ' users; a self-join of user_segments gives '
        || cast(coalesce(joined.users_in_both, 0) as {{ dbt.type_string() }}) || '.' as message
    from expected
    full outer join segment_overlap
        on
            expected.segment = segment_overlap.segment
            and expected.other_segment = segment_overlap.other_segment
    left join joined
        on
            expected.segment = joined.segment
            and expected.other_segment = joined.other_segment
    where
        expected.segment is null
        or segment_overlap.users_in_both is distinct from coalesce(joined.users_in_both, 0)
)

select * from failures
