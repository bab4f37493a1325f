{#
    A text in lower case in which everything but a–z and 0–9 is one space: for looking up whole words.

    Arguments: expression (SQL, text).
    Call:      {{ words('job_title') }}  -- 'VP, Marketing' -> 'vp marketing'
#}
{% macro words(expression) -%}
    {{ return(adapter.dispatch('words', 'segmentation')(expression)) }}
{%- endmacro %}

{% macro default__words(expression) -%}{{ segmentation._not_written('words') }}{%- endmacro %}

{% macro duckdb__words(expression) -%}
    trim(regexp_replace(lower({{ expression }}), '[^a-z0-9]+', ' ', 'g'))
{%- endmacro %}

{# Spark writes a small İ as an i and a dot above it. #}
{% macro spark__words(expression) -%}
    trim(regexp_replace(lower(replace({{ expression }}, 'İ', 'i')), '[^a-z0-9]+', ' '))
{%- endmacro %}
