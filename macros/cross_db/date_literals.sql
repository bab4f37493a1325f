{#
    A list of dates in text form as SQL literals for `in (…)`; NULL, which equals nothing, for an empty list.

    Arguments: dates (list of YYYY-MM-DD).
    Call:      as_of_date in ({{ date_literals(['2026-03-01', '2026-03-08']) }})
#}
{% macro date_literals(dates) -%}
    {%- set literals = [] -%}
    {%- for date in dates -%}
        {%- do literals.append("cast('" ~ date ~ "' as date)") -%}
    {%- endfor -%}
    {{ return(literals | join(', ') if literals else 'cast(null as date)') }}
{%- endmacro %}
