{%- set audiences = segmentation.audiences() -%}
with
data_through as (
    select * from {{ ref('data_through') }}
),

listed as (
    {%- for audience in audiences %}
    select
        '{{ audience.name }}' as audience,
        '{{ audience.destination }}' as destination,
        '{{ audience.key_kind }}' as key_kind,
        '{{ audience.segment }}' as segment,
        '{{ audience.surface }}' as surface,
        {{ segmentation.text_or_null(audience.consent) }} as consent_column,
        '{{ audience.exclude_segments | join(", ") }}' as excluded_segments,
        cast({{ audience.holdout_share }} as double) as holdout_share,
        cast({{ audience.max_change_share }} as double) as max_change_share
    {{ 'union all' if not loop.last }}
    {%- else %}
    select
        cast(null as {{ dbt.type_string() }}) as audience,
        cast(null as {{ dbt.type_string() }}) as destination,
        cast(null as {{ dbt.type_string() }}) as key_kind,
        cast(null as {{ dbt.type_string() }}) as segment,
        cast(null as {{ dbt.type_string() }}) as surface,
        {{ segmentation.text_or_null(none) }} as consent_column,
        cast(null as {{ dbt.type_string() }}) as excluded_segments,
        cast(null as double) as holdout_share,
        cast(null as double) as max_change_share
    from data_through
    where 1 = 0
    {%- endfor %}
),

stamped as (
    select
        listed.*,
        data_through.data_through as as_of_date,
        data_through.data_through
    from listed
    cross join data_through
)

select * from stamped
