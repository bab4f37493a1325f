{#
    Deletes the rows of a table that fulfil a condition. As a hook and by `{{ delete_rows(…) }}` in a statement: it returns the SQL; on an
    engine that cannot delete rows of plain files it does the work itself, and returns nothing.

    On Spark, tables of files have no DELETE: of a partition that loses some rows what is left is written again, one that loses all of
    them is dropped, and a table without partitions is written again as a whole.

    Arguments: relation, condition (SQL over the columns of `rows_of_table`).
    Call:      {{ delete_rows(this, 'rows_of_table.event_date > current_day') }}
#}
{% macro delete_rows(relation, condition) -%}
    {{ return(adapter.dispatch('delete_rows', 'segmentation')(relation, condition)) }}
{%- endmacro %}

{% macro default__delete_rows(relation, condition) -%}
    delete from {{ relation }} as rows_of_table
    where {{ condition }}
{%- endmacro %}

{% macro spark__delete_rows(relation, condition) -%}
    {%- set columns = segmentation._partition_columns(relation) -%}
    {%- set names = columns | join(', ') if columns else '1' -%}
    {%- set touched = 'select distinct ' ~ names ~ ' from ' ~ relation ~ ' as rows_of_table where ' ~ condition -%}
    {%- set kept = 'select * from ' ~ relation ~ ' as rows_of_table where not coalesce(' ~ condition ~ ', false)' -%}
    {%- set found = segmentation._text_rows(touched) -%}
    {%- if found and columns -%}
        {%- set is_touched = segmentation._of_partitions(columns, found) -%}
        {%- set left = segmentation._text_rows('select distinct ' ~ names ~ ' from (' ~ kept ~ ') as kept where ' ~ is_touched) -%}
        {%- if left -%}
            {%- do run_query('insert overwrite table ' ~ relation ~ ' select * from (' ~ kept ~ ') as kept where ' ~ is_touched) -%}
        {%- endif -%}
        {%- do segmentation._drop_partitions(relation, columns, found | reject('in', left) | list) -%}
    {%- elif found -%}
        {%- do segmentation._overwrite_from_itself(relation, kept) -%}
    {%- endif -%}
{%- endmacro %}

{# The columns that a Spark table is partitioned by. #}
{% macro _partition_columns(relation) %}
    {% set seen, columns = namespace(partitions=false), [] %}
    {% for row in run_query('describe table ' ~ relation).rows %}
        {% if seen.partitions and not row[0].startswith('#') %}{% do columns.append(row[0]) %}{% endif %}
        {% if row[0].startswith('# Partition') %}{% set seen.partitions = true %}{% endif %}
    {% endfor %}
    {{ return(columns) }}
{% endmacro %}

{# The rows of a query as lists of texts; none for NULL. #}
{% macro _text_rows(query) %}
    {% set found = [] %}
    {% for row in run_query(query).rows %}
        {% set texts = [] %}
        {% for value in row %}{% do texts.append(value if value is none else value | string) %}{% endfor %}
        {% do found.append(texts) %}
    {% endfor %}
    {{ return(found) }}
{% endmacro %}

{# The condition that a row is in one of some partitions: lists of texts, in the order of the columns. #}
{% macro _of_partitions(columns, partitions) -%}
    {%- set conditions = [] -%}
    {%- for values in partitions -%}
        {%- set parts = [] -%}
        {%- for column in columns -%}
            {%- set value = values[loop.index0] -%}
            {%- do parts.append(
                column ~ ' is null' if value is none else 'cast(' ~ column ~ ' as string) = ' ~ segmentation.text_literal(value)
            ) -%}
        {%- endfor -%}
        {%- do conditions.append('(' ~ parts | join(' and ') ~ ')') -%}
    {%- endfor -%}
    {{ return('(' ~ conditions | join(' or ') ~ ')' if conditions else 'false') }}
{%- endmacro %}

{% macro _drop_partitions(relation, columns, partitions) %}
    {% for values in partitions %}
        {% set parts = [] %}
        {% for column in columns %}
            {% set value = values[loop.index0] %}
            {% do parts.append(column ~ ' = ' ~ ('null' if value is none else segmentation.text_literal(value))) %}
        {% endfor %}
        {% do run_query('alter table ' ~ relation ~ ' drop if exists partition (' ~ parts | join(', ') ~ ')') %}
    {% endfor %}
{% endmacro %}

{# A table without partitions cannot be written while it is read: its rows go through a table beside it. #}
{% macro _overwrite_from_itself(relation, query) %}
    {% set beside = relation.incorporate(path={'identifier': relation.identifier ~ '__kept'}, type='table') %}
    {% do run_query('drop table if exists ' ~ beside) %}
    {% do run_query('create table ' ~ beside ~ ' using parquet as ' ~ query) %}
    {% do run_query('insert overwrite table ' ~ relation ~ ' select * from ' ~ beside) %}
    {% do run_query('drop table ' ~ beside) %}
{% endmacro %}
