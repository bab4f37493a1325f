-- Every segment and `__all__` has a row for every number of traits; with one more trait no more users are average, and
-- nobody is average in traits that are not known.
with
traits as (
    {%- for trait in segmentation.average_traits() %}
    select {{ loop.index }} as trait_count
    {{ 'union all' if not loop.last }}
    {%- else %}
    select 0 as trait_count
    from {{ ref('segments') }}
    where false
    {%- endfor %}
),

groups as (
    select segment from {{ ref('segments') }}
    where retired_on is null or retired_on >= data_through
    union all
    select '__all__' as segment
    from {{ ref('data_through') }}
),

average_user_gap as (
    select * from {{ ref('average_user_gap') }}
),

failures as (
    select
        'average_user_gap: ' || coalesce(groups.segment, gaps.segment) || ' with '
        || cast(coalesce(traits.trait_count, gaps.trait_count) as {{ dbt.type_string() }}) || ' traits has '
        || coalesce(cast(gaps.average_users as {{ dbt.type_string() }}), 'no row of') || ' average users of '
        || coalesce(cast(gaps.n as {{ dbt.type_string() }}), 'none') || '; with one trait less '
        || coalesce(cast(shorter.average_users as {{ dbt.type_string() }}), 'none') || '.' as message
    from groups
    cross join traits
    full outer join average_user_gap as gaps
        on
            groups.segment = gaps.segment
            and traits.trait_count = gaps.trait_count
    left join average_user_gap as shorter
        on
            gaps.segment = shorter.segment
            and gaps.trait_count = shorter.trait_count + 1
    where
        groups.segment is null
        or gaps.segment is null
        or gaps.n > shorter.n
        or gaps.average_users > shorter.average_users
        or gaps.average_users > gaps.n
        or not coalesce(gaps.share between gaps.share_lower - 1e-12 and gaps.share_upper + 1e-12, gaps.n = 0)
)

select * from failures
