{#
    Replaces a word in a column of texts, whether in small letters or large, in the rows that fulfil a condition. As delete_rows(): it
    returns the SQL, or does the work.

    Arguments: relation, column (name), word (text), replacement (text), condition (SQL over the columns of `rows_of_table`).
    Call:      {{ replace_word(this, 'raw_row', 'u00012', '[forgotten]', "raw_row like '%u00012%'") }}
#}
{% macro replace_word(relation, column, word, replacement, condition) -%}
    {{ return(adapter.dispatch('replace_word', 'segmentation')(relation, column, word, replacement, condition)) }}
{%- endmacro %}

{% macro default__replace_word(relation, column, word, replacement, condition) -%}
    {{ segmentation._not_written('replace_word') }}
{%- endmacro %}

{% macro duckdb__replace_word(relation, column, word, replacement, condition) -%}
    update {{ relation }} as rows_of_table
    set {{ adapter.quote(column) }} = regexp_replace(
        {{ adapter.quote(column) }}, {{ segmentation.text_literal(modules.re.escape(word)) }},
        {{ segmentation.text_literal(replacement) }}, 'gi'
    )
    where {{ condition }}
{%- endmacro %}

{# The partitions that hold the word, or the whole table, are written again. #}
{% macro spark__replace_word(relation, column, word, replacement, condition) -%}
    {%- set columns, names = segmentation._partition_columns(relation), [] -%}
    {%- for name in segmentation.column_types(relation) -%}
        {%- set quoted = adapter.quote(name) -%}
        {%- do names.append(
            'case when ' ~ condition ~ ' then regexp_replace(' ~ quoted ~ ', '
            ~ segmentation.text_literal('(?i)' ~ modules.re.escape(word)) ~ ', ' ~ segmentation.text_literal(replacement) ~ ') else ' ~ quoted
            ~ ' end as ' ~ quoted if name == column | lower else quoted
        ) -%}
    {%- endfor -%}
    {%- set query = 'select ' ~ names | join(', ') ~ ' from ' ~ relation ~ ' as rows_of_table' -%}
    {%- set touched = segmentation._text_rows(
        'select distinct ' ~ (columns | join(', ') or '1') ~ ' from ' ~ relation ~ ' as rows_of_table where ' ~ condition
    ) -%}
    {%- if touched and columns -%}
        {%- do run_query('insert overwrite table ' ~ relation ~ ' ' ~ query ~ ' where ' ~ segmentation._of_partitions(columns, touched)) -%}
    {%- elif touched -%}
        {%- do segmentation._overwrite_from_itself(relation, query) -%}
    {%- endif -%}
{%- endmacro %}
