{#
    Columns of a SELECT over the rows of auc_placements(), grouped as they were partitioned: n, positives (rows with outcome
    1), auc (the probability that a row with outcome 1 has the higher score, ties one half) and auc_standard_error.

    auc is NULL if an outcome is missing, its standard error if an outcome has fewer than 2 rows.

    Arguments: outcome (name of the column that is 0 or 1).
    Call:      select as_of_date, {{ auc_summary('has_left') }} from placed group by as_of_date
    Source:    as auc_placements().
#}
{% macro auc_summary(outcome) -%}
    cast(count(*) as bigint) as n,
        cast(coalesce(sum({{ outcome }}), 0) as bigint) as positives,
        avg(case when {{ outcome }} = 1 then share_below end) as auc,
        case
            when sum({{ outcome }}) >= 2 and count(*) - sum({{ outcome }}) >= 2
                then sqrt(
                    var_samp(case when {{ outcome }} = 1 then share_below end) / nullif(sum({{ outcome }}), 0)
                    + var_samp(case when {{ outcome }} = 0 then share_below end) / nullif(count(*) - sum({{ outcome }}), 0)
                )
        end as auc_standard_error
{%- endmacro %}
