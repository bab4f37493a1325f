{#
    What the statistics macros share: the sign of a side, and the level of intervals.
#}

{# The rule of the argument `side`, as a list of problems. #}
{% macro _side_problems(macro, side) -%}
    {%- if side not in ('lower', 'upper') -%}
        {{ return([macro ~ ": `side` must be lower or upper, got " ~ tojson(side) ~ "."]) }}
    {%- endif -%}
    {{ return([]) }}
{%- endmacro %}

{# '-' or '+' for a checked side. #}
{% macro _sign(macro, side) -%}
    {%- set problems = segmentation._side_problems(macro, side) -%}
    {%- if problems -%}{{ exceptions.raise_compiler_error(problems | join('\n')) }}{%- endif -%}
    {{ return('-' if side == 'lower' else '+') }}
{%- endmacro %}

{# How many standard errors an interval at setting('confidence_level') reaches to each side: a number. #}
{% macro _confidence_z() -%}
    {{ return(-segmentation._normal_quantile_number((1 - segmentation.setting('confidence_level')) / 2)) }}
{%- endmacro %}
