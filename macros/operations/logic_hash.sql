{#
    md5 of rendered SQL and of the variables that stand behind it. Database and schema names are left out and runs of
    white space count as one space, and comments do not count, so that two copies of a project in two files have the same hash.

    Arguments: sql (rendered text), variables (names in vars, which the SQL reaches through other models).
    Call:      {{ logic_hash(rows, variables=['events']) }}
#}
{% macro logic_hash(sql, variables=[]) -%}
    {%- set parts = [segmentation.normalized_sql(segmentation._without_comments(sql))] -%}
    {%- for variable in variables -%}
        {%- set value = segmentation.setting(variable) -%}
        {#- A day without quotes is a date in YAML, which is no JSON. -#}
        {%- do parts.append(
            variable ~ '=' ~ tojson(value | string if value is not none and value.isoformat is defined else value, sort_keys=true)
        ) -%}
    {%- endfor -%}
    {{ return(local_md5(parts | join('\n'))) }}
{%- endmacro %}

{# SQL without its comments; what stands in quotes stays. #}
{% macro _without_comments(sql) -%}
    {{ return(modules.re.sub("('(?:[^']|'')*'|\"[^\"]*\")|--[^\n]*|/[*][\\s\\S]*?[*]/", '\\1', sql)) }}
{%- endmacro %}
