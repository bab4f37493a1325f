{#
    The class 1 (low) to n (high) of a value among the users of the same date, n being `rfm: classes` (5): 1 + floor(n × the share of
    users that are strictly lower). This is the cumulative distribution from below: ties share a class, which ntile() would split
    (it split the ties of 40,519 of 50,000 users when it was tried), and a crowd of zeros is 1, not 4.

    Arguments: expression (SQL, never NULL; higher is better).
    Call:      {{ class_of_date('active_days_91d') }} as rfm_frequency
#}
{% macro class_of_date(expression) -%}
    cast(1 + floor(
        cast({{ segmentation.setting('rfm').classes }} * (rank() over (partition by as_of_date order by {{ expression }}) - 1) as double)
        / count(*) over (partition by as_of_date)
    ) as bigint)
{%- endmacro %}
