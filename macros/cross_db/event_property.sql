{#
    A property of an event out of the JSON text in `properties`: NULL if the text is no JSON object or lacks it.

    Arguments: property (its name; with dots, the property of that very name, or else the path into nested objects), type ('text', 'double' or 'boolean'), relation (that has `properties`).
    Call:      {{ event_property('format') }}
    Errors:    another type stops the parse.
#}
{% macro event_property(property, type='text', relation='activity') -%}
    {%- if type not in ('text', 'double', 'boolean') -%}
        {{ exceptions.raise_compiler_error("event_property: `type` must be text, double or boolean, got '" ~ type ~ "'.") }}
    {%- endif -%}
    {{ return(adapter.dispatch('event_property', 'segmentation')(property, type, relation)) }}
{%- endmacro %}

{% macro default__event_property(property, type, relation) -%}{{ segmentation._not_written('event_property') }}{%- endmacro %}

{% macro duckdb__event_property(property, type, relation) -%}
    {%- set properties = relation ~ '.properties' -%}
    {%- set found = [] -%}
    {%- for path in segmentation._property_paths(property) -%}
        {%- do found.append('json_extract_string(' ~ properties ~ ', ' ~ segmentation.text_literal(path) ~ ')') -%}
    {%- endfor -%}
    {%- set value = found[0] if found | length == 1 else 'coalesce(' ~ found | join(', ') ~ ')' -%}
    {%- set text = 'case when json_valid(' ~ properties ~ ') then ' ~ value ~ ' end' -%}
    {%- if type == 'double' -%}
        {{ return('(' ~ segmentation.to_number(text, 'double', bounded=false) ~ ')') }}
    {%- elif type == 'boolean' -%}
        {{ return('(' ~ segmentation.to_boolean(text) ~ ')') }}
    {%- endif -%}
    {{ return('(' ~ text ~ ')') }}
{%- endmacro %}

{# The paths under which a property may stand, as JSONPath: plan.name as a name of its own, and `name` in the object `plan`. #}
{% macro _property_paths(property) %}
    {%- set quoted = property | replace('"', '\\"') -%}
    {%- set paths = ['$."' ~ quoted ~ '"'] -%}
    {%- if '.' in property -%}{%- do paths.append('$."' ~ quoted | replace('.', '"."') ~ '"') -%}{%- endif -%}
    {{ return(paths) }}
{% endmacro %}

{% macro spark__event_property(property, type, relation) -%}
    {%- set properties = relation ~ '.properties' -%}
    {%- set found = [] -%}
    {%- for path in segmentation._spark_property_paths(property) -%}
        {%- do found.append('get_json_object(' ~ properties ~ ', ' ~ segmentation.text_literal(path) ~ ')') -%}
    {%- endfor -%}
    {%- set value = found[0] if found | length == 1 else 'coalesce(' ~ found | join(', ') ~ ')' -%}
    {%- set text = 'case when ' ~ segmentation._spark_is_json(properties) ~ ' then ' ~ value ~ ' end' -%}
    {%- if type == 'double' -%}
        {{ return('(' ~ segmentation.to_number(text, 'double', bounded=false) ~ ')') }}
    {%- elif type == 'boolean' -%}
        {{ return('(' ~ segmentation.to_boolean(text) ~ ')') }}
    {%- endif -%}
    {{ return('(' ~ text ~ ')') }}
{%- endmacro %}

{# As _property_paths(), in the form that get_json_object() reads. #}
{% macro _spark_property_paths(property) %}
    {%- set paths = ["$['" ~ property ~ "']"] -%}
    {%- if '.' in property -%}{%- do paths.append("$['" ~ property | replace('.', "']['") ~ "']") -%}{%- endif -%}
    {{ return(paths) }}
{% endmacro %}

{# Spark stops reading where a value ends, whatever follows. Inside an array, and inside an object, only one value alone is valid. #}
{% macro _spark_is_json(text) -%}
    {{ return("(try_parse_json('[' || " ~ text ~ " || ']') is not null and try_parse_json('{\"x\":' || " ~ text ~ " || '}') is not null)") }}
{%- endmacro %}
