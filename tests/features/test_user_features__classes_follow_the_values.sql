-- A user of a higher RFM class has the better value, and equal values share a class, on every date.
-- Those that are ranked by a feature; another window is none.
{%- set rfm = segmentation.setting('rfm') %}
{%- set measures = {'rfm_recency': '-coalesce(days_since_last_seen, 1000000)'} %}
{%- if rfm.frequency_days == 91 %}{% do measures.update({'rfm_frequency': 'active_days_91d'}) %}{% endif %}
{%- if rfm.monetary_days in (none, 91) %}
{%- do measures.update({'rfm_monetary': 'lifetime_revenue' if rfm.monetary_days is none else 'revenue_91d'}) %}
{%- endif %}
with
user_features as (
    select * from {{ ref('user_features') }}
),

scores as (
    {%- for class, measure in measures.items() %}
    select
        as_of_date,
        '{{ class }}' as score,
        {{ class }} as score_class,
        {{ measure }} as measure
    from user_features
    {{ 'union all' if not loop.last }}
    {%- endfor %}
),

classes as (
    select
        as_of_date,
        score,
        score_class,
        min(measure) as lowest,
        max(measure) as highest
    from scores
    group by as_of_date, score, score_class
),

neighbors as (
    select
        *,
        lead(lowest) over (partition by as_of_date, score order by score_class) as next_lowest
    from classes
),

failures as (
    select
        'user_value_features: on ' || cast(as_of_date as {{ dbt.type_string() }}) || ' ' || score || ' '
        || cast(score_class as {{ dbt.type_string() }}) || ' reaches up to ' || cast(highest as {{ dbt.type_string() }})
        || ', and the class above it begins at ' || cast(next_lowest as {{ dbt.type_string() }})
        || '. Classes must not overlap; run dbt build --full-refresh, then look at class_of_date().' as message
    from neighbors
    where highest >= next_lowest
)

select * from failures
