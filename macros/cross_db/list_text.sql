{#
    A text that holds several values in one form: each value once, in lower case, in order, separated by `; `. NULL without any.

    It reads a JSON list (["Jazz", "Rock"]), an engine's own list as text ([Jazz, Rock]), and values separated by semicolons or, without
    one, by commas.

    Arguments: expression (SQL, text).
    Call:      {{ list_text('interests') }}  -- 'Rock, jazz,rock' -> 'jazz; rock'
#}
{% macro list_text(expression) -%}
    {{ return(adapter.dispatch('list_text', 'segmentation')(expression)) }}
{%- endmacro %}

{% macro default__list_text(expression) -%}
    {{ exceptions.raise_compiler_error("list_text: not written for this engine; see macros/cross_db/list_text.sql.") }}
{%- endmacro %}

{% macro duckdb__list_text(expression) -%}
    {%- set bare = "trim(" ~ expression ~ ", '[] ')" -%}
    {%- set pieces -%}
    case
        when starts_with(trim({{ expression }}), '[') and json_valid({{ expression }})
            then json_extract_string({{ expression }}, '$[*]')
        when contains({{ expression }}, ';') then string_split({{ bare }}, ';')
        else string_split({{ bare }}, ',')
    end
    {%- endset -%}
    nullif(array_to_string(list_sort(list_distinct(
        [trim(lower(piece)) for piece in {{ pieces }} if trim(piece) <> '']
    )), '; '), '')
{%- endmacro %}
