{#
    Users who performed events one after the other: each step strictly later than the one before and, if `gap_days` is
    given, at most gap_days × 24 hours after it. All steps lie in the window. Other events may lie between.

    Arguments: steps (two or more names of events, or lists of names), within_days (whole number ≥ 1, none = ever),
    gap_days (whole number ≥ 1, none = any gap; or a list with one gap per step after the first).
    Call:      performed_sequence(['report_created', 'report_exported'], within_days=28, gap_days=3)
    Errors:    fewer than two steps, an unlisted event or a wrong number of gaps stops the parse.
#}
{% macro performed_sequence(steps, within_days=none, gap_days=none) %}
    {% do segmentation._raise_problems(segmentation._unknown_arguments('performed_sequence', kwargs, varargs, [
        'steps', 'within_days', 'gap_days',
    ])) %}
    {% do segmentation._raise_problems(segmentation._performed_sequence_problems(steps, within_days, gap_days)) %}
    {% set gaps = gap_days if gap_days is sequence else [gap_days] * (steps | length - 1) %}
    {% set step_events = [] %}
    {% set words = [] %}
    {% for step in steps %}
        {% do step_events.append(segmentation._event_list(step)) %}
        {% do words.append(
            segmentation._event_list(step) | join(' or ')
            ~ (' (within ' ~ gaps[loop.index0 - 1] ~ ' days)' if loop.index0 and gaps[loop.index0 - 1] else '')
        ) %}
    {% endfor %}
    {% set measure = {'kind': 'sequence', 'steps': step_events, 'gaps': gaps, 'days': within_days} %}
    {% set name = segmentation._measure_name('sequence_' ~ words | join('_then_'), measure) %}
    {{ return(segmentation._criterion(
        name,
        'performed ' ~ words | join(', then ') ~ (' in the last ' ~ within_days ~ ' days' if within_days else ' ever'),
        {name: measure},
    )) }}
{% endmacro %}

{# What is wrong with the arguments of performed_sequence(), as a list of texts. #}
{% macro _performed_sequence_problems(steps, within_days=none, gap_days=none) %}
    {% set problems = segmentation._argument_problems('performed_sequence', [['within_days', within_days, 'days']]) %}
    {% if steps is undefined %}
        {% do problems.append('performed_sequence: `steps` is required.') %}
    {% elif steps is string or steps is not sequence or steps | length < 2 %}
        {% do problems.append('performed_sequence: `steps` must be a list of two or more events, got ' ~ tojson(steps) ~ '.') %}
    {% else %}
        {% for step in steps %}
            {% do problems.extend(segmentation._argument_problems('performed_sequence', [['steps', step, 'event']])) %}
        {% endfor %}
        {% if gap_days is sequence and gap_days is not string %}
            {% if gap_days | length != steps | length - 1 %}
                {% do problems.append(
                    'performed_sequence: `gap_days` must have one gap per step after the first, ' ~ (steps | length - 1)
                    ~ ' in all, got ' ~ gap_days | length ~ '.'
                ) %}
            {% endif %}
            {% for gap in gap_days %}
                {% do problems.extend(segmentation._argument_problems('performed_sequence', [['gap_days', gap, 'days']])) %}
            {% endfor %}
        {% else %}
            {% do problems.extend(segmentation._argument_problems('performed_sequence', [['gap_days', gap_days, 'days']])) %}
        {% endif %}
    {% endif %}
    {{ return(problems) }}
{% endmacro %}
