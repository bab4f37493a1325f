{#
    CTEs that find the first date of a series, strays left out: dates that a gap of more than `max_gap_days` parts from all
    later ones and that hold too few rows to decide (is_stray()). The last CTE, `name`, has the columns of `by` and first_date.

    A single row of 1900 would otherwise say where the data begin.

    Arguments: name (of the CTE), days (CTE or table with one row per date), date (its column of the date), rows (its column with
               the number of rows on the date), by (columns, for each of whose values there is a series).
    Call:      with {{ first_sure_dates('first_signup', 'signup_days', 'signup_date', 'users') }}
    Renders:   first_signup__ordered as (…), first_signup as (…)
#}
{% macro first_sure_dates(name, days, date, rows, by=[]) -%}
    {{ name }}__ordered as (
        select
            *,
            lead({{ date }}) over ({% if by %}partition by {{ by | join(', ') }} {% endif %}order by {{ date }}) as next_date,
            sum({{ rows }}) over ({% if by %}partition by {{ by | join(', ') }} {% endif %}order by {{ date }}) as rows_to_here,
            sum({{ rows }}) over ({% if by %}partition by {{ by | join(', ') }}{% endif %}) as all_rows
        from {{ days }}
    ),

    {{ name }} as (
        select
            coalesce(
                max(
                    case
                        when
                            next_date > {{ segmentation.days_before(date, -segmentation.setting('max_gap_days')) }}
                            and {{ segmentation.is_stray('rows_to_here', 'all_rows') }}
                            then next_date
                    end
                ),
                min({{ date }})
            ) as first_date
            {%- for column in by %},
            {{ column }}
            {%- endfor %}
        from {{ name }}__ordered
        {%- if by %}
        group by {{ by | join(', ') }}
        {%- endif %}
    )
{%- endmacro %}
