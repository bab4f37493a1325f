{#
    A measure over activity and its name: a mapping {name, measures}. `aggregate` is SQL over activity (event_name, events,
    event_date, known_date, signup_date, and properties where a filter is given) and dates.as_of_date.
#}
{% macro _activity_measure(label, aggregate, events, period, where=none, default='0', reads=none) %}
    {% set measure = {
        'kind': 'activity', 'sql': aggregate, 'reads': reads or ('events' if where else 'days'), 'events': events,
        'days': period.days, 'signup': period.signup, 'default': default,
    } %}
    {% set name = segmentation._measure_name(label, measure) %}
    {{ return({'name': name, 'measures': {name: measure}}) }}
{% endmacro %}

{# The count of events in a period, as a measure (see _activity_measure()). #}
{% macro _count_measure(event, period, where=none) %}
    {% set events = segmentation._event_list(event) %}
    {% set condition = 'activity.event_name in (' ~ segmentation.text_literals(events) ~ ') and ' ~ period.sql %}
    {% if where %}{% set condition = condition ~ ' and ' ~ segmentation._properties_sql(where) %}{% endif %}
    {{ return(segmentation._activity_measure(
        'count_' ~ events | join('_or_') ~ '_' ~ period.suffix,
        'cast(sum(case when ' ~ condition ~ ' then activity.events else 0 end) as bigint)',
        events, period, where,
    )) }}
{% endmacro %}

{# A readable column name with a hash of what it computes. #}
{% macro _measure_name(label, measure) %}
    {{ return(
        modules.re.sub('[^a-z0-9]+', '_', label | lower)[:48].strip('_') ~ '__' ~ local_md5(tojson(measure, sort_keys=true))[:6]
    ) }}
{% endmacro %}

{# The events of an argument as a list of names. #}
{% macro _event_list(event) %}
    {{ return([event] if event is string else event | list) }}
{% endmacro %}
