{#
    SQL: whether a property of an event that is a list holds one of some values; a single value is a list of one. Compared as text,
    case included. False where the property is missing.

    Arguments: property (as in event_property()), values (list of texts), relation (that has `properties`).
    Call:      {{ property_contains('formats', ['csv']) }}
#}
{% macro property_contains(property, values, relation='activity') -%}
    {{ return(adapter.dispatch('property_contains', 'segmentation')(property, values, relation)) }}
{%- endmacro %}

{% macro default__property_contains(property, values, relation) -%}{{ segmentation._not_written('property_contains') }}{%- endmacro %}

{% macro duckdb__property_contains(property, values, relation) -%}
    {%- set properties = relation ~ '.properties' -%}
    {%- set parts = [segmentation.event_property(property, 'text', relation) ~ ' in (' ~ segmentation.text_literals(values) ~ ')'] -%}
    {%- for path in segmentation._property_paths(property) -%}
        {%- do parts.append(
            'list_has_any(case when json_valid(' ~ properties ~ ') then json_extract_string(' ~ properties ~ ', '
            ~ segmentation.text_literal(path ~ '[*]') ~ ') end, [' ~ segmentation.text_literals(values) ~ '])'
        ) -%}
    {%- endfor -%}
    {{ return('coalesce(' ~ parts | join(', false) or coalesce(') ~ ', false)') }}
{%- endmacro %}

{% macro spark__property_contains(property, values, relation) -%}
    {%- set properties = relation ~ '.properties' -%}
    {%- set parts = [segmentation.event_property(property, 'text', relation) ~ ' in (' ~ segmentation.text_literals(values) ~ ')'] -%}
    {%- for path in segmentation._spark_property_paths(property) -%}
        {%- do parts.append(
            'arrays_overlap(case when ' ~ segmentation._spark_is_json(properties) ~ ' then from_json(get_json_object(' ~ properties ~ ', '
            ~ segmentation.text_literal(path) ~ "), 'array<string>') end, array(" ~ segmentation.text_literals(values) ~ '))'
        ) -%}
    {%- endfor -%}
    {{ return('coalesce(' ~ parts | join(', false) or coalesce(') ~ ', false)') }}
{%- endmacro %}
