{#
    SQL: whether a pattern is found in a text. RE2 and Java read it alike if it keeps to classes, groups, repeats and `^`; `$` is the
    end of the text on DuckDB, and on Spark also what is before a last line break.

    Arguments: expression (SQL of a text), pattern (regular expression).
    Call:      {{ matches('email', '@(gmail|googlemail)[.]com$') }}
#}
{% macro matches(expression, pattern) -%}
    {{ return(adapter.dispatch('matches', 'segmentation')(expression, pattern)) }}
{%- endmacro %}

{% macro default__matches(expression, pattern) -%}{{ segmentation._not_written('matches') }}{%- endmacro %}

{% macro duckdb__matches(expression, pattern) -%}
    regexp_matches({{ expression }}, {{ segmentation.text_literal(pattern) }})
{%- endmacro %}

{% macro spark__matches(expression, pattern) -%}
    {{ expression }} rlike {{ segmentation.text_literal(pattern) }}
{%- endmacro %}
