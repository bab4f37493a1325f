{#
    The condition that keeps a relation to a part of the users, in a model `materialized='when_changed'` that says `sized_by`. It stands
    where a relation of all dates is imported, and what is computed from it is computed for each user apart.

    In compiled SQL it is true, so that `dbt compile` and `dbt show` give all users; the materialization puts one part after the
    other in its place. So memory is bounded by a part, not by users × dates.

    Call:      user_segments as (select * from {{ ref('user_segments') }} where {{ segmentation.in_part_of_users() }})
#}
{% macro in_part_of_users() -%}
    {{ return('true /* user_id in part */') }}
{%- endmacro %}
