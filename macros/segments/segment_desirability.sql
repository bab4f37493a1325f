{#
    The desirability in a segment's meta as an SQL literal; a typed NULL if the file does not give one.

    Arguments: segment (name).
    Call:      {{ segment_desirability('engaged_users') }}  ->  cast(5 as bigint)
    Errors:    anything but a whole number stops the build and names the segment and the value.
#}
{% macro segment_desirability(segment) -%}
    {%- set desirability = segmentation.segment_entry(segment).get('desirability') -%}
    {%- if desirability is not none and (desirability is not integer or desirability is boolean) -%}
        {{ exceptions.raise_compiler_error(
            "Segment `" ~ segment ~ "`: `desirability` must be a whole number, got " ~ tojson(desirability) ~ "."
        ) }}
    {%- endif -%}
    cast({{ 'null' if desirability is none else desirability }} as bigint)
{%- endmacro %}
