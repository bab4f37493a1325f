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

{% macro default__list_text(expression) -%}{{ segmentation._not_written('list_text') }}{%- endmacro %}

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

{% macro spark__list_text(expression) -%}
    {%- set bare = "trim(both '[] ' from " ~ expression ~ ")" -%}
    {%- set pieces -%}
    case
        when startswith(trim({{ expression }}), '[') and {{ segmentation._spark_is_json(expression) }}
            then from_json({{ expression }}, 'array<string>')
        when contains({{ expression }}, ';') then split({{ bare }}, ';')
        else split({{ bare }}, ',')
    end
    {%- endset -%}
    nullif(array_join(array_sort(array_distinct(filter(
        transform({{ pieces }}, piece -> trim(lower(piece))), piece -> piece != ''
    ))), '; '), '')
{%- endmacro %}
