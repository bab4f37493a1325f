{#
    Users by what an attribute was, as recorded in attribute_history: ever up to the date (default), on a given date, or
    without a break on each of the last n days. Where the history has no row up to a day, the present value of the CRM
    counts for it (see docs/features.md), but not with `held_for_days`, which needs history on all n days.

    Arguments: attribute (a column of users or accounts), value (text or list of texts, compared in lower case);
    entity ('user' or 'account'); on (YYYY-MM-DD; not after D, else nobody is in it) or held_for_days (whole number ≥ 1).
    Call:      had_attribute('industry', 'retail', entity='account', held_for_days=90)
    Errors:    an unknown attribute or entity, or both readings at once, stops the parse.
#}
{% macro had_attribute(attribute, value, entity='user', on=none, held_for_days=none) %}
    {% do segmentation._raise_problems(segmentation._unknown_arguments('had_attribute', kwargs, varargs, [
        'attribute', 'value', 'entity', 'on', 'held_for_days',
    ])) %}
    {% do segmentation._raise_problems(segmentation._had_attribute_problems(attribute, value, entity, on, held_for_days)) %}
    {% set values = [] %}
    {% for item in ([value] if value is string or value is not sequence else value) %}
        {% do values.append(item | string | lower) %}
    {% endfor %}
    {% set measure = {
        'kind': 'history', 'entity': entity, 'attribute': attribute, 'values': values, 'on': on, 'held_for_days': held_for_days,
    } %}
    {% set name = segmentation._measure_name('had_' ~ attribute, measure) %}
    {# No fact of a date says what was before the history, nor what has none. #}
    {% if on is not none or attribute not in segmentation.input_contract('attribute_history').attributes[entity] %}
        {% do measure.update({'is_of_present': true}) %}
    {% endif %}
    {{ return(segmentation._criterion(
        name,
        entity ~ ' had ' ~ attribute ~ ' ' ~ values | join(' or ')
        ~ (' on ' ~ on if on else (' on each of the last ' ~ held_for_days ~ ' days' if held_for_days else ' ever')),
        {name: measure},
    )) }}
{% endmacro %}

{# What is wrong with the arguments of had_attribute(), as a list of texts. #}
{% macro _had_attribute_problems(attribute, value, entity='user', on=none, held_for_days=none) %}
    {% set problems = segmentation._argument_problems('had_attribute', [
        ['attribute', attribute, 'text'], ['value', value, 'required'], ['on', on, 'date'],
        ['held_for_days', held_for_days, 'days'],
    ]) %}
    {% if value is mapping or (value is sequence and value is not string
        and (value | list | length == 0 and value is not undefined or value | select('none') | list)) %}
        {% do problems.append('had_attribute: `value` must be a text or a list of texts, got ' ~ tojson(value) ~ '.') %}
    {% endif %}
    {% if entity not in ['user', 'account'] %}
        {% do problems.append("had_attribute: `entity` must be user or account, got '" ~ entity ~ "'.") %}
    {% elif attribute is string and attribute not in segmentation.input_contract(entity ~ 's').columns %}
        {% set columns = segmentation.input_contract(entity ~ 's').columns.keys() | list %}
        {% set nearest = segmentation._nearest_name(attribute, columns) %}
        {% do problems.append(
            "had_attribute: `attribute` must be a column of " ~ entity ~ "s, got '" ~ attribute ~ "'"
            ~ ("; did you mean '" ~ nearest ~ "'?" if nearest else ".")
        ) %}
    {% endif %}
    {% if on is not none and held_for_days is not none %}
        {% do problems.append('had_attribute: only one of `on` and `held_for_days` can be given.') %}
    {% endif %}
    {{ return(problems) }}
{% endmacro %}
