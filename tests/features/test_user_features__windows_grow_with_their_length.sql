-- What happened in 7 days also happened in 28, and what happened in 28 also in 91.
{%- set measures = [
    'active_days', 'sessions', 'session_minutes', 'events', 'page_views', 'logins', 'distinct_features'
] %}
with
behaviors as (
    select * from {{ ref('user_features') }}
),

failures as (
    {%- for measure in measures %}
    select
        'user_behavioral_features: {{ measure }} of user ' || user_id || ' on '
        || cast(as_of_date as {{ dbt.type_string() }}) || ' are '
        || coalesce(cast({{ measure }}_7d as {{ dbt.type_string() }}), 'NULL') || ' in 7 days, '
        || coalesce(cast({{ measure }}_28d as {{ dbt.type_string() }}), 'NULL') || ' in 28 and '
        || coalesce(cast({{ measure }}_91d as {{ dbt.type_string() }}), 'NULL')
        || ' in 91: a longer window holds the shorter one. Look at its window_sum().' as message
    from behaviors
    where
        {{ measure }}_7d is null
        or {{ measure }}_28d is null
        or {{ measure }}_91d is null
        or {{ measure }}_7d < 0
        or {{ measure }}_7d > {{ measure }}_28d
        or {{ measure }}_28d > {{ measure }}_91d
    {{ 'union all' if not loop.last }}
    {%- endfor %}
)

select * from failures
