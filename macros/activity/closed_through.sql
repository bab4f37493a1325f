{#
    The last day that is over: data_through, or the day before it if that is running (the variable include_today). What needs a whole
    day, as a window that must have passed, goes by it.

    Arguments: relation (the alias of data_through in the query).
    Call:      {{ closed_through('data_through') }}
    Renders:   case when data_through.is_provisional then … else data_through.data_through end, a date
#}
{% macro closed_through(relation) -%}
    case
        when {{ relation }}.is_provisional then {{ segmentation.days_before(relation ~ '.data_through', 1) }}
        else {{ relation }}.data_through
    end
{%- endmacro %}
