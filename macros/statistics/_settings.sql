{#
    What the statistics macros take from dbt_project.yml and from their caller, checked in one place.
#}

{# The rule of var('confidence_level') and var('power'), as a list of problems. #}
{% macro _probability_problems(macro, variable, value) -%}
    {%- if value is not number or not 0 < value < 1 -%}
        {{ return([
            macro ~ ": the variable `" ~ variable ~ "` must be a number strictly between 0 and 1, got " ~ tojson(value) ~ "."
        ]) }}
    {%- endif -%}
    {{ return([]) }}
{%- endmacro %}

{# The rule of the argument `side`, as a list of problems. #}
{% macro _side_problems(macro, side) -%}
    {%- if side not in ('lower', 'upper') -%}
        {{ return([macro ~ ": `side` must be lower or upper, got " ~ tojson(side) ~ "."]) }}
    {%- endif -%}
    {{ return([]) }}
{%- endmacro %}

{# A checked variable. #}
{% macro _probability(macro, variable) -%}
    {%- set value = var(variable) -%}
    {%- set problems = segmentation._probability_problems(macro, variable, value) -%}
    {%- if problems -%}{{ exceptions.raise_compiler_error(problems | join('\n')) }}{%- endif -%}
    {{ return(value) }}
{%- endmacro %}

{# '-' or '+' for a checked side. #}
{% macro _sign(macro, side) -%}
    {%- set problems = segmentation._side_problems(macro, side) -%}
    {%- if problems -%}{{ exceptions.raise_compiler_error(problems | join('\n')) }}{%- endif -%}
    {{ return('-' if side == 'lower' else '+') }}
{%- endmacro %}

{# How many standard errors an interval at var('confidence_level') reaches to each side: a number. #}
{% macro _confidence_z(macro) -%}
    {{ return(-segmentation._normal_quantile_number((1 - segmentation._probability(macro, 'confidence_level')) / 2)) }}
{%- endmacro %}
