{#
    The conditions that are earlier readings of each outcome, as a mapping target -> list of names: a column of the target, or
    one related to it (see circular_metrics()), occurs in the condition, or defines its segment. Events are never circular.

    Arguments: targets (entries of driver_targets()), candidates (entries of driver_candidates()).
    Call:      {% set circular = circular_drivers(driver_targets(), driver_candidates()) %}   (at parse without segments)
#}
{% macro circular_drivers(targets, candidates) %}
    {#- All units of an outcome about activity were active: a condition that is known of active users alone says nothing of it. -#}
    {% set groups = segmentation._groups_of_columns(of_definitions=false) %}
    {% set circular = {} %}
    {% for target in targets %}
        {% set about = segmentation._subjects(target.columns | join(' '), groups) %}
        {% set names = [] %}
        {% for candidate in candidates if candidate.kind != 'event' %}
            {% if candidate.kind != 'segment' %}
                {% set subjects = segmentation._subjects(candidate.expression, groups) %}
            {% else %}
                {% set subjects = segmentation._segment_subjects(candidate.segment, groups, []) if execute else [] %}
            {% endif %}
            {% if subjects | select('in', about) | list %}{% do names.append(candidate.name) %}{% endif %}
        {% endfor %}
        {% do circular.update({target.name: names}) %}
    {% endfor %}
    {{ return(circular) }}
{% endmacro %}
