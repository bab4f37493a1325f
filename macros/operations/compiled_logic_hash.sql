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
