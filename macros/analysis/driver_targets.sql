{#
    The outcomes of segment_drivers that var('driver_targets') names, one entry each:
      name           value of the mart's column `target`; models/marts/comparison/driver_observations.sql has a CTE of this name
      label          what people read, to follow "is associated with"
      outcome        past tense, to follow "of 24 accounts"
      unit           account or user: what is counted
      unit_label     plural of it
      window         to follow an event: when it counts
      columns        columns of user_features that are earlier readings of the outcome itself: conditions on them, or on
                     what related_columns() puts beside them, are circular

    A new outcome is one entry and its CTE.

    Call:   {% for target in driver_targets() %}
    Errors: a name in the variable that has no entry, or a driver_ variable out of its range, stops the parse.
#}
{% macro driver_targets() %}
    {% set known = segmentation._known_driver_targets() %}
    {% set problems = segmentation._driver_targets_problems(var('driver_targets'), known | map(attribute='name') | list) %}
    {% do problems.extend(segmentation._argument_problems('driver_targets', [
        ['driver_trial_days', var('driver_trial_days'), 'days'],
        ['driver_retention_days', var('driver_retention_days'), 'days'],
        ['driver_promotion_days', var('driver_promotion_days'), 'days'],
        ['driver_discovery_level', var('driver_discovery_level'), 'share'],
        ['driver_false_discovery_rate', var('driver_false_discovery_rate'), 'share'],
        ['driver_min_units', var('driver_min_units'), 'days'],
        ['driver_pairs', var('driver_pairs'), 'count'],
    ])) %}
    {% if problems %}{{ exceptions.raise_compiler_error(problems | join('\n')) }}{% endif %}
    {{ return(known | selectattr('name', 'in', var('driver_targets')) | list) }}
{% endmacro %}

{% macro _known_driver_targets() %}
    {{ return([
        {'name': 'trial_conversion', 'label': 'converting the trial', 'outcome': 'converted', 'unit': 'account',
         'unit_label': 'accounts', 'window': 'in the first ' ~ var('driver_trial_days') ~ ' days of the trial',
         'columns': ['trial_outcome']},
        {'name': 'retention', 'label': 'coming back within ' ~ var('driver_retention_days') ~ ' days', 'outcome': 'came back',
         'unit': 'user', 'unit_label': 'active users', 'window': 'in the 28 days before',
         'columns': ['active_days']},
        {'name': 'promotion', 'label': 'becoming a promoter', 'outcome': 'became promoters', 'unit': 'user',
         'unit_label': 'answering users', 'window': 'in the 28 days before', 'columns': ['nps_category']},
    ]) }}
{% endmacro %}

{# What is wrong with the variable driver_targets, as a list of texts. #}
{% macro _driver_targets_problems(names, known) %}
    {% set problems = [] %}
    {% if names is string or names is mapping or names is not sequence %}
        {% do problems.append('driver_targets: the variable must be a list of names, got ' ~ tojson(names) ~ '.') %}
    {% else %}
        {% for name in names if name not in known %}
            {% do problems.append(
                'driver_targets: the variable names ' ~ tojson(name) ~ '; there is ' ~ known | join(', ') ~ '.'
            ) %}
        {% endfor %}
    {% endif %}
    {{ return(problems) }}
{% endmacro %}
