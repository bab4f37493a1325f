-- Sizes are those of segment_sizes; nobody is in both without being in each; shares lie between 0 and 1; both rows of a
-- pair say the same.
with
segment_overlap as (
    select * from {{ ref('segment_overlap') }}
),

segment_sizes as (
    select * from {{ ref('segment_sizes') }}
),

failures as (
    select
        'segment_overlap: ' || segment_overlap.segment || ' (' || cast(segment_overlap.users as {{ dbt.type_string() }})
        || ' users) and ' || segment_overlap.other_segment || ' ('
        || cast(segment_overlap.other_users as {{ dbt.type_string() }}) || ' users) share '
        || cast(segment_overlap.users_in_both as {{ dbt.type_string() }})
        || ': sizes differ from segment_sizes, a share is not between 0 and 1, or the mirrored row differs.' as message
    from segment_overlap
    left join segment_sizes
        on
            segment_overlap.segment = segment_sizes.segment
            and segment_overlap.as_of_date = segment_sizes.as_of_date
    left join segment_overlap as mirrored
        on
            segment_overlap.segment = mirrored.other_segment
            and segment_overlap.other_segment = mirrored.segment
    where
        segment_overlap.users is distinct from segment_sizes.users
        or segment_overlap.population_users is distinct from segment_sizes.population_users
        or segment_overlap.users_in_both > segment_overlap.users
        or segment_overlap.users + segment_overlap.other_users - segment_overlap.users_in_both
        > segment_overlap.population_users
        or not coalesce(
            segment_overlap.jaccard between 0 and 1, segment_overlap.users + segment_overlap.other_users = 0
        )
        or not coalesce(segment_overlap.containment between 0 and 1, segment_overlap.users = 0)
        or segment_overlap.users_in_both is distinct from mirrored.users_in_both
        or segment_overlap.jaccard is distinct from mirrored.jaccard
        or segment_overlap.containment is distinct from mirrored.other_containment
        -- lift × expectation is the overlap; without an expectation there is no lift.
        or not coalesce(
            abs(segment_overlap.lift * segment_overlap.expected_users - segment_overlap.users_in_both) < 1e-6,
            segment_overlap.users = 0 or segment_overlap.other_users = 0
        )
)

select * from failures
