{#
    A relation with one column `series_date`: every date from the first to the last one, both included.

    Arguments: first, last (SQL, dates; scalar sub-selects are allowed).
    Call:      {{ date_series("date '2026-01-01'", "date '2026-01-31'") }}
#}
{% macro date_series(first, last) -%}
    {{ return(adapter.dispatch('date_series', 'segmentation')(first, last)) }}
{%- endmacro %}

{% macro default__date_series(first, last) -%}{{ segmentation._not_written('date_series') }}{%- endmacro %}

{% macro duckdb__date_series(first, last) -%}
    select cast(series_date as date) as series_date
    from unnest(generate_series(
        cast({{ first }} as timestamp), cast({{ last }} as timestamp), interval 1 day
    )) as series (series_date)
{%- endmacro %}

{% macro spark__date_series(first, last) -%}
    select series_date
    from (
        select explode(sequence(
            cast({{ first }} as date),
            greatest(cast({{ first }} as date), cast({{ last }} as date)),
            interval 1 day
        )) as series_date
    ) as series
    where series_date <= cast({{ last }} as date)
{%- endmacro %}
