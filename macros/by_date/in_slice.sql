{#
    The condition that keeps a relation by date to the dates that are being built, in a model that is `materialized='by_date'` and
    in the ephemeral models that it reads. It stands where such a relation is imported.

    In compiled SQL it is true, so that `dbt compile` and `dbt show` give all dates; the materialization puts the dates of a slice
    in its place, as literals: so the engine skips all others before it counts anything.

    Arguments: before (true: the dates before those of the slice too, for what compares a date with the one before it),
               part (name of a part: its dates in the slice, where parts of the table are due apart from each other; '' is that
               of the rows of no part),
               by_part (true: each part of the relation on its own dates).
    Call:      user_dates as (select * from {{ ref('user_dates') }} where {{ segmentation.in_slice() }})
#}
{% macro in_slice(before=false, part=none, by_part=false) -%}
    {#- What the materialization asks: dbt lets it read what the model's own text names, and at parse no model knows its config. -#}
    {%- if not execute or config.get('materialized') == 'by_date' -%}
        {%- do ref('as_of_dates') -%}
        {%- do ref('user_dates') -%}
        {%- do ref('date_input_hashes') -%}
    {%- endif -%}
    {{ segmentation._slice_text(before, part, by_part) }}
{%- endmacro %}

{# What in_slice() writes, for the materialization to find. #}
{% macro _slice_text(before=false, part=none, by_part=false) -%}
    {%- set of_part = " of '" ~ part ~ "'" if part is not none else ' by part' if by_part else '' -%}
    {{ return('true /* as_of_date in slice' ~ of_part ~ (' or before' if before else '') ~ ' */') }}
{%- endmacro %}
