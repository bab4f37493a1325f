{#
    The SQL that limits a segment to the dates that are due.

    Arguments: dates (an entry of due_segment_dates(): a list, or none for all).
    Call:      where is_member and {{ due_condition(due['power_users']) }}
#}
{% macro due_condition(dates) -%}
    {{ return('true' if dates is none else 'as_of_date in (' ~ segmentation.date_literals(dates) ~ ')') }}
{%- endmacro %}
