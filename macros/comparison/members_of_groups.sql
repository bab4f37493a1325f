{#
    A SELECT of who is compared on a date: one row per segment and member, and the whole population as one more group, the one
    without a name. For a model by date with parts_of='user_segments'.

    Arguments: none; user_segments and user_features are in scope, each with the rows of the slice.
    Call:      members as ( {{ members_of_groups() }} )
#}
{% macro members_of_groups() -%}
    select
        user_id,
        segment,
        as_of_date
    from user_segments
    union all
    select
        user_id,
        '' as segment,
        as_of_date
    from user_features
    where {{ segmentation.in_slice(part='') }}
{%- endmacro %}
