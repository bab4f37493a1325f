{#
    A day-first date (31-12-2024) or time (31-12-2024 19:00) as ISO text, the form that the input contract reads.

    A date stays a date: a time of day that the source does not give would be made up. Text in another form is passed on
    as it is, so that the package rejects the row as unreadable_time and shows it; NULL would look like a missing value.

    Arguments: column (SQL).
    Call:      {{ day_first('signup_date') }} as signed_up_at
#}
{% macro day_first(column) -%}
    coalesce(
        strftime(try_strptime({{ column }}, '%d-%m-%Y'), '%Y-%m-%d'),
        strftime(try_strptime({{ column }}, '%d-%m-%Y %H:%M'), '%Y-%m-%d %H:%M'),
        {{ column }}
    )
{%- endmacro %}
