-- Every segment has every registered attribute, and the values of an attribute hold each user of the segment and of
-- the rest once: counts add up to n and baseline_n, shares to 1, and n is the size of the segment.
with
attributes as (
    {%- for attribute in segmentation.profile_attributes() %}
    select '{{ attribute.name }}' as attribute
    {{ 'union all' if not loop.last }}
    {%- endfor %}
),

expected as (
    select
        segment_sizes.segment,
        attributes.attribute,
        segment_sizes.users,
        segment_sizes.population_users
    from {{ ref('segment_sizes') }} as segment_sizes
    inner join {{ ref('data_through') }} as data_through on segment_sizes.as_of_date = data_through.data_through
    cross join attributes
),

sums as (
    select
        segment,
        attribute,
        cast(sum(users) as bigint) as users,
        cast(sum(baseline_users) as bigint) as baseline_users,
        min(n) as lowest_n,
        max(n) as n,
        max(baseline_n) as baseline_n,
        sum(share) as share,
        sum(baseline_share) as baseline_share
    from {{ ref('segment_profiles') }}
    group by segment, attribute
),

failures as (
    select
        'segment_profiles: ' || coalesce(expected.segment, sums.segment) || ', '
        || coalesce(expected.attribute, sums.attribute) || ' holds '
        || coalesce(cast(sums.users as {{ dbt.type_string() }}), 'no row of') || ' users and '
        || coalesce(cast(sums.baseline_users as {{ dbt.type_string() }}), 'none') || ' of the rest, with shares of '
        || coalesce(cast(sums.share as {{ dbt.type_string() }}), 'NULL') || ' and '
        || coalesce(cast(sums.baseline_share as {{ dbt.type_string() }}), 'NULL')
        || '; segment_sizes has ' || coalesce(cast(expected.users as {{ dbt.type_string() }}), 'no row of') || ' of '
        || coalesce(cast(expected.population_users as {{ dbt.type_string() }}), 'NULL')
        || ' users. Look at the joins of models/marts/comparison/profile_counts.sql.' as message
    from expected
    full outer join sums
        on
            expected.segment = sums.segment
            and expected.attribute = sums.attribute
    where
        expected.segment is null
        or sums.users is distinct from expected.users
        or sums.n is distinct from expected.users
        or sums.lowest_n is distinct from expected.users
        or sums.baseline_users is distinct from expected.population_users - expected.users
        or sums.baseline_n is distinct from expected.population_users - expected.users
        or not coalesce(abs(sums.share - 1) < 1e-9, expected.users = 0)
        or not coalesce(abs(sums.baseline_share - 1) < 1e-9, expected.users = expected.population_users)
)

select * from failures
