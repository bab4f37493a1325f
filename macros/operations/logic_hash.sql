{#
    md5 of rendered SQL and of the variables that stand behind it. Database and schema names are left out and runs of
    white space count as one space, so that two copies of a project in two files have the same hash.

    Arguments: sql (rendered text), variables (names in vars, which the SQL reaches through other models).
    Call:      {{ logic_hash(rows, variables=['events']) }}
#}
{% macro logic_hash(sql, variables=[]) -%}
    {%- set parts = [segmentation.normalised_sql(sql)] -%}
    {%- for variable in variables -%}
        {%- set value = segmentation.setting(variable) -%}
        {#- A day without quotes is a date in YAML, which is no JSON. -#}
        {%- do parts.append(
            variable ~ '=' ~ tojson(value | string if value is not none and value.isoformat is defined else value, sort_keys=true)
        ) -%}
    {%- endfor -%}
    {{ return(local_md5(parts | join('\n'))) }}
{%- endmacro %}

{#
    SQL with relation names reduced to model names and white space reduced to single spaces.
#}
{% macro normalised_sql(sql) -%}
    {%- set without_places = modules.re.sub(
        '"?' ~ modules.re.escape(target.database or '') ~ '"?[.]"?[A-Za-z0-9_]+"?[.]("?[A-Za-z0-9_]+"?)', '\\1', sql
    ) -%}
    {{ return(modules.re.sub('[ \n\t]+', ' ', without_places).strip()) }}
{%- endmacro %}

{#
    The logic_hash that the model's compiled SQL writes into its rows; for post-hooks.
#}
{% macro compiled_logic_hash() -%}
    {%- set found = modules.re.search("'([0-9a-f]{32})' as logic_hash", model.get('compiled_code') or '') -%}
    {%- if execute and not found -%}
        {{ exceptions.raise_compiler_error("compiled_logic_hash: " ~ model.name ~ " writes no logic_hash.") }}
    {%- endif -%}
    {{ return(found.group(1) if found else '') }}
{%- endmacro %}
