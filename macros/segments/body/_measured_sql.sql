{#
    The CTE `measured`: user_features with one column per measure of activity, sequence, history and list, and in_<segment> for
    each segment that a criterion reads. `measures`: see _measures_by_kind().
#}
{% macro _measured_sql(measures, segments, relations) -%}
{%- set met = measures.sequence.keys() | list + measures.history.keys() | list + measures.list.keys() | list -%}
measured as (
    select
        user_features.*
        {%- for reads in ['days', 'events'] %}
        {%- for name, measure in measures[reads].items() %},
        {{ 'coalesce(' ~ reads ~ '_measures.' ~ name ~ ', ' ~ measure.default ~ ')' if measure.default == '0'
            else reads ~ '_measures.' ~ name }} as {{ name }}
        {%- endfor %}
        {%- endfor %}
        {%- for name in met %},
        coalesce({{ name }}.is_met, false) as {{ name }}
        {%- endfor %}
        {%- for segment in segments %},
        coalesce({{ segment }}.is_member, false) as in_{{ segment }}
        {%- endfor %}
    from user_features
    {%- for reads in ['days', 'events'] if measures[reads] %}
    left join {{ reads }}_measures
        on
            user_features.user_id = {{ reads }}_measures.user_id
            and user_features.as_of_date = {{ reads }}_measures.as_of_date
    {%- endfor %}
    {%- for name in met %}
    left join {{ name }}
        on
            user_features.user_id = {{ name }}.user_id
            and user_features.as_of_date = {{ name }}.as_of_date
    {%- endfor %}
    {%- for segment in segments %}
    left join {{ relations[segment] }} as {{ segment }}
        on
            user_features.user_id = {{ segment }}.user_id
            and user_features.as_of_date = {{ segment }}.as_of_date
    {%- endfor %}
)
{%- endmacro %}
