{#
    The columns of the current row as one JSON object in text form.

    Arguments: columns (list of names).
    Call:      {{ row_as_json(['user_id', 'email']) }}
#}
{% macro row_as_json(columns) -%}
    {{ return(adapter.dispatch('row_as_json', 'segmentation')(columns)) }}
{%- endmacro %}

{% macro default__row_as_json(columns) -%}
    cast(
        json_object(
            {%- for column in columns %}
                '{{ column }}', {{ column }}{{ ',' if not loop.last }}
            {%- endfor %}
        ) as varchar
    )
{%- endmacro %}
