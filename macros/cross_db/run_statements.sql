{#
    Several statements as one hook: joined where the engine takes them so; one after the other, with nothing left to run, on Spark, which
    takes one at a time.

    Arguments: statements (list of SQL).
    Call:      {{ run_statements(['create schema if not exists built', 'drop table if exists built.contents']) }}
#}
{% macro run_statements(statements) -%}
    {{ return(adapter.dispatch('run_statements', 'segmentation')(statements)) }}
{%- endmacro %}

{% macro default__run_statements(statements) -%}
    {{ return(statements | join(';\n')) }}
{%- endmacro %}

{% macro spark__run_statements(statements) -%}
    {%- for statement in statements if execute -%}{%- do run_query(statement) -%}{%- endfor -%}
    {{ return('') }}
{%- endmacro %}
