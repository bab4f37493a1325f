{#
    SQL with relation names reduced to model names and white space reduced to single spaces.
#}
{% macro normalized_sql(sql) -%}
    {%- set without_places = modules.re.sub(
        '"?' ~ modules.re.escape(target.database or '') ~ '"?[.]"?[A-Za-z0-9_]+"?[.]("?[A-Za-z0-9_]+"?)', '\\1', sql
    ) -%}
    {{ return(modules.re.sub('[ \n\t]+', ' ', without_places).strip()) }}
{%- endmacro %}
