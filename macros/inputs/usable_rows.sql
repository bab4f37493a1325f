{#
    The usable rows of an input with the contract's columns: not rejected, each row once, and none that the variable `not_people` leaves
    out. With such rules the model is a table: they join, and what reads it is planned as before.

    Arguments: name (an input of input_contract()).
    Call:      {{ usable_rows('users') }} as the body of stg_users
#}
{% macro usable_rows(name) -%}
{%- if segmentation.setting('not_people') %}{{ config(materialized='table') }}{% endif -%}
with
checked as (
    select * from {{ ref('stg_' ~ name ~ '__checked') }}
),

usable as (
    select
        {%- for column in segmentation.input_contract(name).columns %}
        {{ column }}{{ ',' if not loop.last }}
        {%- endfor %}
    from checked
    where
        reject_reason is null
        and not is_duplicate
        {%- if segmentation.setting('not_people') %}
        and {{ segmentation.left_out_rule(name) }} is null
        {%- endif %}
)

select * from usable
{%- endmacro %}
