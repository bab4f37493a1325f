{#
    Text as a number; NULL where it is none. Thousands separators are not guessed: '1,000' is NULL, not 1 or 1000.

    Arguments: expression (SQL), type ('integer' -> bigint, 'money' -> decimal(18, 4), 'double').
    Call:      {{ to_number('employee_count', 'integer') }}
    Errors:    an unknown type stops the parse.
#}
{% macro to_number(expression, type) -%}
    {%- if type not in ('integer', 'money', 'double') -%}
        {{ exceptions.raise_compiler_error(
            "to_number: `type` must be integer, money or double, got " ~ type ~ "."
        ) }}
    {%- endif -%}
    {{ return(adapter.dispatch('to_number', 'segmentation')(expression, type)) }}
{%- endmacro %}

{% macro default__to_number(expression, type) -%}
    {%- if type == 'integer' -%}
        case
            when try_cast(cast({{ expression }} as varchar) as double) % 1 = 0
                then try_cast(cast({{ expression }} as varchar) as bigint)
        end
    {%- elif type == 'money' -%}
        try_cast(cast({{ expression }} as varchar) as decimal(18, 4))
    {%- else -%}
        case
            when isfinite(try_cast(cast({{ expression }} as varchar) as double))
                then try_cast(cast({{ expression }} as varchar) as double)
        end
    {%- endif -%}
{%- endmacro %}
