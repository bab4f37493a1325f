{#
    The columns of the current row as one JSON object in text form.

    Arguments: columns (list of names), prefix (what stands before the names where the row has them; default nothing).
    Call:      {{ row_as_json(['user_id', 'email']) }}
#}
{% macro row_as_json(columns, prefix='') -%}
    {{ return(adapter.dispatch('row_as_json', 'segmentation')(columns, prefix)) }}
{%- endmacro %}

{% macro default__row_as_json(columns, prefix) -%}{{ segmentation._not_written('row_as_json') }}{%- endmacro %}

{% macro duckdb__row_as_json(columns, prefix) -%}
    cast(
        json_object(
            {%- for column in columns %}
                '{{ column }}', {{ prefix }}{{ column }}{{ ',' if not loop.last }}
            {%- endfor %}
        ) as varchar
    )
{%- endmacro %}

{% macro spark__row_as_json(columns, prefix) -%}
    to_json(
        named_struct(
            {%- for column in columns %}
                '{{ column }}', {{ prefix }}{{ column }}{{ ',' if not loop.last }}
            {%- endfor %}
        ), map('ignoreNullFields', 'false')
    )
{%- endmacro %}
