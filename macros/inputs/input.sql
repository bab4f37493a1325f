{#
    The relation in which an input of the contract is found: what the variable `inputs` names for it.

    A name is a seed or model (by ref), {source: s, table: t} a source. An optional input that is not listed, or is false,
    gives an empty relation of the right shape, so that nothing below needs to know.

    Arguments: name (an input of input_contract()).
    Call:      select * from {{ input('users') }}
    Errors:    a required input that is off stops the parse.
#}
{% macro input(name) -%}
    {%- set entry = segmentation.input_contract(name) -%}
    {%- set inputs = segmentation.setting('inputs') -%}
    {%- set place = inputs.get(name) -%}
    {%- if not place and not entry.optional -%}
        {{ exceptions.raise_compiler_error(
            "vars: inputs: `" ~ name ~ "` is required; set it to the name of a seed or model, or to {source: …, table: …}."
        ) }}
    {%- endif -%}
    {{ segmentation.named_relation(place, entry.columns) }}
{%- endmacro %}
