{#
    Whole days from the earlier to the later date, as bigint; negative if they stand the other way round.

    Arguments: earlier, later (SQL, dates).
    Call:      {{ days_between('signup_date', 'as_of_date') }}
#}
{% macro days_between(earlier, later) -%}
    {{ return(adapter.dispatch('days_between', 'segmentation')(earlier, later)) }}
{%- endmacro %}

{% macro default__days_between(earlier, later) -%}{{ segmentation._not_written('days_between') }}{%- endmacro %}

{% macro duckdb__days_between(earlier, later) -%}
    cast({{ later }} - {{ earlier }} as bigint)
{%- endmacro %}

{% macro spark__days_between(earlier, later) -%}
    cast(datediff({{ later }}, {{ earlier }}) as bigint)
{%- endmacro %}
