{#
    The relation in which an input of the contract is found: what the variable `inputs` names for it.

    A name is a seed or model (by ref), {source: s, table: t} a source. An optional input that is not listed, or is false,
    gives an empty relation of the right shape, so that nothing below needs to know.

    Arguments: name (an input of input_contract()).
    Call:      select * from {{ input('users') }}
    Errors:    an unknown input, a required input that is off, or an entry of another form stops the parse.
#}
{% macro input(name) -%}
    {%- set entry = segmentation.input_contract(name) -%}
    {%- set inputs = var('inputs') -%}
    {%- for listed in inputs if listed not in segmentation.input_contract() -%}
        {{ exceptions.raise_compiler_error(
            "vars: inputs: unknown input '" ~ listed ~ "'; expected one of "
            ~ segmentation.input_contract().keys() | join(', ') ~ "."
        ) }}
    {%- endfor -%}
    {%- set place = inputs.get(name) -%}
    {%- if not place and not entry.optional -%}
        {{ exceptions.raise_compiler_error(
            "vars: inputs: `" ~ name ~ "` is required; set it to the name of a seed or model, or to {source: …, table: …}."
        ) }}
    {%- elif not place -%}
        (
            select
                {%- for column in entry.columns %}
                    cast(null as {{ dbt.type_string() }}) as {{ column }}{{ ',' if not loop.last }}
                {%- endfor %}
            where false
        )
    {%- elif place is string -%}
        {{ ref(place) }}
    {%- elif place is mapping and place.get('source') and place.get('table') -%}
        {{ source(place['source'], place['table']) }}
    {%- else -%}
        {{ exceptions.raise_compiler_error(
            "vars: inputs: `" ~ name ~ "` must be a name, {source: …, table: …} or false, got " ~ place ~ "."
        ) }}
    {%- endif -%}
{%- endmacro %}
