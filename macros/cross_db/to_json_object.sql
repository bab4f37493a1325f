{#
    Text as the text of a JSON object; NULL where it is none, and none can be made of it for certain.

    Two slips of exports are mended, and nothing is guessed beyond them:
      an object that was encoded again, up to twice     "{\"format\": \"csv\"}"
      Python's way of showing a flat dict               {'format': 'csv', 'ok': True, 'rows': 10}
        if its texts hold no quote, backslash or control character and do not begin with a colon: it has one reading then

    Arguments: expression (SQL of a text without white space around it, see as_json_text()).
    Call:      {{ to_json_object('text_of_properties') }}
#}
{% macro to_json_object(expression) -%}
    {{ return(adapter.dispatch('to_json_object', 'segmentation')(expression)) }}
{%- endmacro %}

{% macro default__to_json_object(expression) -%}{{ segmentation._not_written('to_json_object') }}{%- endmacro %}

{% macro duckdb__to_json_object(expression) -%}
    {%- set within = 'json_extract_string(' ~ expression ~ ", '$')" -%}
    {%- set within_twice = 'json_extract_string(' ~ within ~ ", '$')" -%}
    {%- set text = "''([^''\":\\\\\\x00-\\x1f][^''\"\\\\\\x00-\\x1f]*)?''" -%}
    {%- set value = '(' ~ text ~ '|-?(0|[1-9][0-9]*)([.][0-9]+)?(e[+-]?[0-9]+)?|True|False|None)' -%}
    {%- set pair = text ~ ': ' ~ value -%}
    {%- set mended = namespace(sql=expression) -%}
    {%- for word, meaning in [('True', 'true'), ('False', 'false'), ('None', 'null')] -%}
        {%- set mended.sql = 'regexp_replace(' ~ mended.sql ~ ", ''': " ~ word ~ "([,}])', ''': " ~ meaning ~ "\\1', 'g')" -%}
    {%- endfor -%}
    case
        when left({{ expression }}, 1) = '{' and json_valid({{ expression }})
            then {{ expression }}
        when left({{ expression }}, 1) = '"' and json_valid({{ expression }})
            then
                case
                    when left({{ within }}, 1) = '{' and json_valid({{ within }})
                        then {{ within }}
                    when left({{ within }}, 1) = '"' and json_valid({{ within }})
                        then case when left({{ within_twice }}, 1) = '{' and json_valid({{ within_twice }}) then {{ within_twice }} end
                end
        when regexp_matches({{ expression }}, '^[{]{{ pair }}(, {{ pair }})*[}]$')
            then replace({{ mended.sql }}, '''', '"')
    end
{%- endmacro %}

{% macro spark__to_json_object(expression) -%}
    {%- set within = 'get_json_object(' ~ expression ~ ", '$')" -%}
    {%- set within_twice = 'get_json_object(' ~ within ~ ", '$')" -%}
    {%- set text = "'([^':\"\\\\\\x00-\\x1f][^'\"\\\\\\x00-\\x1f]*)?'" -%}
    {%- set value = '(' ~ text ~ '|-?(0|[1-9][0-9]*)([.][0-9]+)?(e[+-]?[0-9]+)?|True|False|None)' -%}
    {%- set pair = text ~ ': ' ~ value -%}
    {%- set mended = namespace(sql=expression) -%}
    {%- for word, meaning in [('True', 'true'), ('False', 'false'), ('None', 'null')] -%}
        {%- set mended.sql = 'regexp_replace(' ~ mended.sql ~ ', ' ~ segmentation.text_literal("': " ~ word ~ "([,}])") ~ ', '
            ~ segmentation.text_literal("': " ~ meaning ~ '$1') ~ ')' -%}
    {%- endfor -%}
    case
        when left({{ expression }}, 1) = '{' and {{ segmentation._spark_is_json(expression) }}
            then {{ expression }}
        when left({{ expression }}, 1) = '"' and {{ segmentation._spark_is_json(expression) }}
            then
                case
                    when left({{ within }}, 1) = '{' and {{ segmentation._spark_is_json(within) }}
                        then {{ within }}
                    when left({{ within }}, 1) = '"' and {{ segmentation._spark_is_json(within) }}
                        then case when left({{ within_twice }}, 1) = '{' and {{ segmentation._spark_is_json(within_twice) }} then {{ within_twice }} end
                end
        when {{ expression }} rlike {{ segmentation.text_literal('^[{]' ~ pair ~ '(, ' ~ pair ~ ')*[}]\\z') }}
            then replace({{ mended.sql }}, {{ segmentation.text_literal("'") }}, '"')
    end
{%- endmacro %}
