{# What an engine does whose SQL for something is not written yet: the model stops, and nothing is computed by a guess. #}
{% macro _not_written(name) -%}
    {{ exceptions.raise_compiler_error(
        name ~ ": not written for " ~ target.type ~ "; write " ~ target.type ~ "__" ~ name ~ " as macros/cross_db/" ~ name ~ ".sql has it for others."
    ) }}
{%- endmacro %}
