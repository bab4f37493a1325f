{#
    The CTEs of in_top_share(), the last of them `ranked`: `measured` with one column per rank, the share of users of the
    date with this value or a higher one. `ranks`: name -> measure.
#}
{% macro _ranks_sql(ranks) -%}
ranked_values as (
    select
        *
        {%- for name, measure in ranks.items() %},
        ({{ measure.column }}) as {{ name }}_value
        {%- endfor %}
    from measured
),

-- cume_dist over the distinct values of a date instead of over its users: the same shares, several times faster.
{%- for name in ranks %}
{{ name }}_counts as (
    select
        as_of_date,
        {{ name }}_value as ranked_value,
        count(*) as users
    from ranked_values
    where {{ name }}_value is not null
    group by as_of_date, {{ name }}_value
),

{{ name }}_shares as (
    select
        as_of_date,
        ranked_value,
        cast(sum(users) over (partition by as_of_date order by ranked_value desc) as double)
        / sum(users) over (partition by as_of_date) as share_from_top
    from {{ name }}_counts
),
{%- endfor %}

ranked as (
    select
        ranked_values.*
        {%- for name in ranks %},
        {{ name }}_shares.share_from_top as {{ name }}
        {%- endfor %}
    from ranked_values
    {%- for name in ranks %}
    left join {{ name }}_shares
        on
            ranked_values.as_of_date = {{ name }}_shares.as_of_date
            and ranked_values.{{ name }}_value = {{ name }}_shares.ranked_value
    {%- endfor %}
)
{%- endmacro %}
