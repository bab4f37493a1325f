{#
    The outcomes of segment_drivers that setting('driver_targets') names and whose inputs are on, one entry each:
      name           value of the mart's column `target`; models/marts/comparison/driver_observations.sql has a CTE of this name
      label          what people read, to follow "is associated with"
      outcome        past tense, to follow "of 24 accounts"
      unit           account or user: what is counted
      unit_label     plural of it
      window         to follow an event: when it counts
      needs          what it cannot be known without, see is_known()
      columns        columns of user_features that are earlier readings of the outcome itself: conditions on them, or on
                     what is related to them in features(), are circular

    A new outcome is one entry and its CTE.

    Call:   {% for target in driver_targets() %}
#}
{% macro driver_targets() %}
    {% set known = segmentation._known_driver_targets() %}
    {% set found = [] %}
    {% for target in known if target.name in segmentation.setting('driver_targets') and segmentation.is_known(target.needs) %}
        {% do found.append(target) %}
    {% endfor %}
    {{ return(found) }}
{% endmacro %}

{% macro _known_driver_targets() %}
    {{ return([
        {'name': 'trial_conversion', 'label': 'converting the trial', 'outcome': 'converted', 'unit': 'account',
         'unit_label': 'accounts', 'window': 'in the first ' ~ segmentation.setting('driver_trial_days') ~ ' days of the trial',
         'columns': ['trial_outcome'], 'needs': ['subscriptions']},
        {'name': 'retention', 'label': 'coming back within ' ~ segmentation.setting('driver_retention_days') ~ ' days', 'outcome': 'came back',
         'unit': 'user', 'unit_label': 'active users', 'window': 'in the 28 days before',
         'columns': ['active_days'], 'needs': []},
        {'name': 'reactivation', 'label': 'being active as often again within ' ~ segmentation.setting('driver_retention_days') ~ ' days',
         'outcome': 'recovered', 'unit': 'user', 'unit_label': 'users whose use had halved or stopped', 'window': 'in the 28 days before',
         'columns': ['active_days'], 'needs': []},
        {'name': 'promotion', 'label': 'becoming a promoter', 'outcome': 'became promoters', 'unit': 'user',
         'unit_label': 'answering users', 'window': 'in the 28 days before', 'columns': ['nps_category'],
         'needs': ['survey_responses']},
    ]) }}
{% endmacro %}
