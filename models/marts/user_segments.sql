-- The only reader of the segments' views: everything else reads this table.
with
{%- for segment in segmentation.registered_segments() %}
{{ segment }} as (
    select * from {{ ref(segment) }}
),
{% endfor %}
memberships as (
    {%- for segment in segmentation.registered_segments() %}
    select
        user_id,
        '{{ segment }}' as segment,
        definition_hash,
        as_of_date
    from {{ segment }}
    where is_member
    {{ 'union all' if not loop.last }}
    {%- endfor %}
),

data_through as (
    select * from {{ ref('data_through') }}
),

stamped as (
    select
        memberships.*,
        data_through.data_through
    from memberships
    cross join data_through
)

select * from stamped
