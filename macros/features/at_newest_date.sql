{#
    The condition that keeps a relation by date to the newest date. It stands where the relation is imported, before anything
    is counted or sorted: the engine then reads one date of the history.

    Call: user_features as (select * from {{ ref('user_features') }} where {{ segmentation.at_newest_date() }})
#}
{% macro at_newest_date() -%}
    as_of_date = (select newest.data_through from {{ ref('data_through') }} as newest)
{%- endmacro %}
