{#
    The sum of a column over the rows whose date lies in a window, as the column's own type; 0 if there are none.

    An aggregate: group by user and as_of_date. The rows must already be known on the date (known_date <= as_of_date).

    Arguments: column (SQL), type (SQL type of the result), days, ends_days_ago (as in in_window()), date, as_of_date (SQL).
    Call:      {{ window_sum('sessions', 'bigint', 28) }} as sessions_28d
#}
{% macro window_sum(column, type, days, ends_days_ago=0, date='event_date', as_of_date='as_of_date') -%}
    cast(sum(
        case when {{ segmentation.in_window(date, as_of_date, days, ends_days_ago) }} then {{ column }} else 0 end
    ) as {{ type }})
{%- endmacro %}
