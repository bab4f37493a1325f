{#
    CTEs that count the outcome of each audience on both sides, the last of them `audience_counts`: one row per audience with
    sent_users, held_out_users, unobserved_users and, of the people sent and (baseline_…) held out, n, ones (people with the value 1),
    and the sums total, weight, squares, products and weight_squares of outcome x and divisor w: x, w, x², xw, w². The mean is
    total / weight.

    Arguments: metrics (dict: audience -> an entry of experiment_metrics(), see audience_metric()), otherwise (the entry for
               audiences that have ended); exposed_users of exposure_outcomes() is in scope.
    Call:      {{ audience_outcomes(metrics, otherwise) }}
#}
{% macro audience_outcomes(metrics, otherwise) -%}
outcomes as (
    select
        experiment as audience,
        variant,
        is_observed,
        -- A first case for projects without an audience.
        case experiment
            when '' then cast(null as double)
            {%- for audience, metric in metrics.items() %}
            when '{{ audience }}' then cast({{ metric.expression }} as double)
            {%- endfor %}
            else cast({{ otherwise.expression }} as double)
        end as outcome,
        -- What a ratio divides by. A mean is one with a divisor of 1 for everybody.
        case experiment
            when '' then cast(null as double)
            {%- for audience, metric in metrics.items() %}
            when '{{ audience }}' then cast({{ metric.get('denominator', '1') }} as double)
            {%- endfor %}
            else cast({{ otherwise.get('denominator', '1') }} as double)
        end as divisor
    from exposed_users
),

-- Only whoever has an outcome counts.
known_outcomes as (
    select
        audience,
        variant,
        case when is_observed and divisor is not null then outcome end as outcome,
        case when is_observed and outcome is not null then divisor end as divisor,
        is_observed
    from outcomes
),

audience_counts as (
    select
        audience,
        {%- for prefix, variant in [('', 'sent'), ('baseline_', 'held_out')] %}
        cast(sum(case when variant = '{{ variant }}' then 1 else 0 end) as bigint) as {{ variant }}_users,
        cast(count(case when variant = '{{ variant }}' then outcome end) as bigint) as {{ prefix }}n,
        cast(sum(case when variant = '{{ variant }}' and outcome = 1 then 1 else 0 end) as bigint) as {{ prefix }}ones,
        {%- for name, value in [
            ('total', 'outcome'), ('weight', 'divisor'), ('squares', 'outcome * outcome'),
            ('products', 'outcome * divisor'), ('weight_squares', 'divisor * divisor'),
        ] %}
        coalesce(sum(case when variant = '{{ variant }}' then {{ value }} end), 0e0) as {{ prefix }}{{ name }},
        {%- endfor %}
        {%- endfor %}
        cast(sum(case when is_observed then 0 else 1 end) as bigint) as unobserved_users
    from known_outcomes
    group by audience
)
{%- endmacro %}
