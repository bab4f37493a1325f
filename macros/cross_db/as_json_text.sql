{#
    A column as text, in which nested values (structs, maps, lists) are JSON and not the engine's own way of showing them. The
    JSON `null` and the empty list, as which PHP writes an empty object, hold nothing: they are NULL.

    Arguments: expression (SQL).
    Call:      {{ as_json_text('properties') }}
#}
{% macro as_json_text(expression) -%}
    {{ return(adapter.dispatch('as_json_text', 'segmentation')(expression)) }}
{%- endmacro %}

{% macro default__as_json_text(expression) -%}{{ segmentation._not_written('as_json_text') }}{%- endmacro %}

{% macro duckdb__as_json_text(expression) -%}
    nullif(nullif(
        case
            when typeof({{ expression }}) in ('VARCHAR', 'JSON') then cast({{ expression }} as varchar)
            else cast(to_json({{ expression }}) as varchar)
        end, 'null'
    ), '[]')
{%- endmacro %}

{#- typeof() says the type of a column without a look at the rows; text stays as it is, JSON or not. -#}
{% macro spark__as_json_text(expression) -%}
    nullif(nullif(
        case
            when typeof({{ expression }}) in ('string', 'void') then cast({{ expression }} as string)
            else to_json(struct({{ expression }} as value))
        end, 'null'
    ), '[]')
{%- endmacro %}
