{#
    An id as it would be had no program rewritten it on the way: without white space, quotes and invisible characters, in lower
    case, without the `.0` of a number read as a float, without leading zeros. Two ids that differ, but not in this, are
    probably one. For advice only: nothing is joined by it.

    Arguments: expression (SQL of a text).
    Call:      {{ comparable_id('named_id') }}
#}
{% macro comparable_id(expression) -%}
    {{ return(adapter.dispatch('comparable_id', 'segmentation')(expression)) }}
{%- endmacro %}

{% macro default__comparable_id(expression) -%}{{ segmentation._not_written('comparable_id') }}{%- endmacro %}

{% macro duckdb__comparable_id(expression) -%}
    regexp_replace(
        regexp_replace(
            regexp_replace(lower({{ expression }}), '[\s\p{Z}\p{Cc}\p{Cf}"''`]', '', 'g'), '[.]0+$', ''
        ),
        '^0+(.)', '\1'
    )
{%- endmacro %}

{% macro spark__comparable_id(expression) -%}
    regexp_replace(
        regexp_replace(
            regexp_replace(lower({{ expression }}), {{ segmentation.text_literal('[\\s\\p{Z}\\p{Cc}\\p{Cf}"\'`]') }}, ''), '[.]0+$', ''
        ),
        '^0+(.)', '$1'
    )
{%- endmacro %}
