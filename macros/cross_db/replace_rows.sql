{#
    Statements, as a list, that put the rows of a SELECT in the place of all rows of a table.

    Arguments: relation, query (SQL that does not read the table).
    Call:      {% for statement in replace_rows(built, 'select 1 as version') %}{% do run_query(statement) %}{% endfor %}
#}
{% macro replace_rows(relation, query) -%}
    {{ return(adapter.dispatch('replace_rows', 'segmentation')(relation, query)) }}
{%- endmacro %}

{% macro default__replace_rows(relation, query) -%}
    {{ return(['delete from ' ~ relation, 'insert into ' ~ relation ~ ' ' ~ query]) }}
{%- endmacro %}

{% macro spark__replace_rows(relation, query) -%}
    {{ return(['insert overwrite table ' ~ relation ~ ' ' ~ query]) }}
{%- endmacro %}
