{#
    The body of a CTE of one row: anchor_date, the newest date with the days of the outcome after it, and outcome_date,
    the last of these days; NULL without such a date.

    Arguments: as_of_dates, data_through (names of CTEs with the rows of these models).
    Call:      anchor as ({{ churn_anchor('as_of_dates', 'data_through') }})
#}
{% macro churn_anchor(as_of_dates, data_through) -%}
    {%- set outcome_days = segmentation._churn_outcome_days() -%}
    select
        max({{ as_of_dates }}.as_of_date) as anchor_date,
        {{ segmentation.days_before('max(' ~ as_of_dates ~ '.as_of_date)', -outcome_days) }} as outcome_date
    from {{ as_of_dates }}
    inner join {{ data_through }}
        on {{ segmentation.days_before(as_of_dates ~ '.as_of_date', -outcome_days) }} <= {{ segmentation.closed_through(data_through) }}
{%- endmacro %}

{# The number of days on which a user who does not come back has left. #}
{% macro _churn_outcome_days() %}{{ return(28) }}{% endmacro %}
