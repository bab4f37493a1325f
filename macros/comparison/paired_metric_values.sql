{#
    A SELECT of the users who are there on a date and on the one before it, with the columns of ruled_values() of each metric on both,
    by the ruler of the date: before__<metric> … is what was so on the earlier one. NULL where one of the two is.

    Arguments: metrics (entries of metrics()); metric_values, of user_metric_values() on both dates, as_of_dates and rulers, of
               rulers_by_date(), are in scope.
    Call:      paired_values as ( {{ paired_metric_values(metrics) }} )
#}
{% macro paired_metric_values(metrics) -%}
    select
        present_values.user_id,
        present_values.account_id,
        {%- for metric in metrics %}
        {%- for prefix, values, others in [
            ('', 'present_values', 'earlier_values'), ('before__', 'earlier_values', 'present_values')
        ] %}
        {%- for column, sql in segmentation.ruled_values(metric, values, 'rulers').items() %}
        case when {{ others }}.{{ metric.name }} is not null then {{ sql }} end as {{ prefix }}{{ column }},
        {%- endfor %}
        {%- endfor %}
        {%- endfor %}
        present_values.as_of_date
    from metric_values as present_values
    inner join as_of_dates on present_values.as_of_date = as_of_dates.as_of_date
    inner join metric_values as earlier_values
        on
            present_values.user_id = earlier_values.user_id
            and as_of_dates.previous_as_of_date = earlier_values.as_of_date
    inner join rulers on present_values.as_of_date = rulers.as_of_date
{%- endmacro %}
