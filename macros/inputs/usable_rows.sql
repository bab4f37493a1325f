{#
    The usable rows of an input with the contract's columns: not rejected, each row once.

    Arguments: name (an input of input_contract()).
    Call:      {{ usable_rows('users') }} as the body of stg_users
#}
{% macro usable_rows(name) -%}
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
    where reject_reason is null and not is_duplicate
)

select * from usable
{%- endmacro %}
