{#
    The condition that keeps the first build of user_features to the first slice of dates, so that the joins of all families
    fit in memory; insert_other_slices() adds the rest. The model defines the CTE `first_slice` with the column last_date.

    Call: select * from … where {{ slice_condition() }}
#}
{% macro slice_condition() -%}
    as_of_date <= (select first_slice.last_date from first_slice)
{%- endmacro %}
