{#
    The outcome that an audience is judged by: the entry of experiment_metrics() that its `metric` names, or the one that measures
    the metric of its segment's goal, or `active`. Only outcomes of single users: colleagues of who is held out may be sent.

    Arguments: audience (an entry of audiences()).
    Call:      {% set metric = audience_metric(audience) %}
    Errors:    a `metric` that is not such an outcome stops the parse.
#}
{% macro audience_metric(audience) %}
    {% set usable = segmentation.experiment_metrics() | selectattr('level', 'equalto', 'user') | list %}
    {% set names = usable | map(attribute='name') | list %}
    {% if audience.metric and audience.metric not in names %}
        {{ exceptions.raise_compiler_error(
            'vars: audiences: ' ~ audience.name ~ ': `metric` must be one of ' ~ names | join(', ') ~ ', got '
            ~ tojson(audience.metric) ~ '.'
        ) }}
    {% endif %}
    {% set goal = none if audience.metric else segmentation.segment_entry(audience.segment).get('metric') %}
    {% for metric in usable if metric.name == audience.metric or (goal and metric.get('metric') == goal) %}
        {{ return(metric) }}
    {% endfor %}
    {{ return((usable | selectattr('name', 'equalto', 'active') | list + usable) | first) }}
{% endmacro %}
