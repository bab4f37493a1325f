{#
    A property of an event out of the JSON text in `properties`: NULL if the text is no JSON object or lacks it.

    Arguments: property (its name, taken literally), type ('text', 'double' or 'boolean'), relation (that has `properties`).
    Call:      {{ event_property('format') }}
    Errors:    another type stops the parse.
#}
{% macro event_property(property, type='text', relation='activity') -%}
    {%- if type not in ('text', 'double', 'boolean') -%}
        {{ exceptions.raise_compiler_error("event_property: `type` must be text, double or boolean, got '" ~ type ~ "'.") }}
    {%- endif -%}
    {{ return(adapter.dispatch('event_property', 'segmentation')(property, type, relation)) }}
{%- endmacro %}

{% macro default__event_property(property, type, relation) -%}
    {%- set path = '$."' ~ property | replace('"', '\\"') ~ '"' -%}
    {%- set properties = relation ~ '.properties' -%}
    {%- set text = 'case when json_valid(' ~ properties ~ ') then json_extract_string(' ~ properties ~ ', '
        ~ segmentation.text_literal(path) ~ ') end' -%}
    {%- if type == 'double' -%}
        {{ return('(' ~ segmentation.to_number(text, 'double', bounded=false) ~ ')') }}
    {%- elif type == 'boolean' -%}
        {{ return('(' ~ segmentation.to_boolean(text) ~ ')') }}
    {%- endif -%}
    {{ return('(' ~ text ~ ')') }}
{%- endmacro %}
