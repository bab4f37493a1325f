{#
    The outcomes that experiments are read by, one entry each:
      name        lower snake case
      label       what people read
      metric      optional: the entry of metrics() that it measures, in the window of the experiment in place of its own
      kind        mean (an amount, count or score per user), binary (0 or 1: the mean is a share) or ratio
                  (sum of expression / sum of denominator)
      role        primary (decides), secondary (explains) or guardrail (must not get worse): families of q
      margin      of a guardrail: it may get worse by this share of the control's mean and still count as not worse; of
                  others it counts where an experiment makes a guardrail of them
      expression  SQL over one row of experiment_users, measured in the window after the assignment; NULL leaves the user out
      denominator of a ratio, likewise
      covariate   SQL over the same row, the same in the window before the assignment; NULL counts as the average user
      covariate_denominator
                  of a ratio, likewise
      daily       optional: SQL over one row of user_days, which adds up to expression over the window: experiment_days
                  shows it
      level       user, or account: colleagues share the value. Where users were assigned, it is compared among users
                  without a colleague in the experiment: others would share what two variants did
      unit        unit of one user's value
      direction   up or down: which way is better

    The variable experiment_metrics sets role and margin for one experiment.

    Call:   {% for metric in experiment_metrics() %}
    Errors: an entry that breaks one of these rules stops the parse.
#}
{% macro experiment_metrics() %}
    {% set entries = adapter.dispatch('experiment_metrics', 'segmentation')() %}
    {% set problems = segmentation._experiment_metrics_problems(entries) %}
    {% if problems %}{{ exceptions.raise_compiler_error(problems | join('\n')) }}{% endif %}
    {{ return(entries) }}
{% endmacro %}

{% macro default__experiment_metrics() %}
    {{ return([
        {'name': 'active_days', 'label': 'Active days', 'metric': 'active_days_28d', 'kind': 'mean', 'role': 'primary',
         'level': 'user', 'unit': 'days', 'direction': 'up',
         'expression': 'active_days', 'covariate': 'active_days_before',
         'daily': 'case when user_days.is_first_known then 1 else 0 end'},
        {'name': 'active', 'label': 'Active at all', 'metric': 'active_users_28d', 'kind': 'binary', 'role': 'primary',
         'level': 'user', 'unit': 'share', 'direction': 'up',
         'expression': 'case when active_days > 0 then 1 when active_days = 0 then 0 end',
         'covariate': 'active_days_before'},
        {'name': 'retained', 'label': 'Retained: active in the last 7 days', 'metric': 'retained_users_28d',
         'kind': 'binary', 'role': 'primary', 'level': 'user', 'unit': 'share', 'direction': 'up',
         'expression': 'case when late_active_days > 0 then 1 when late_active_days = 0 then 0 end',
         'covariate': 'late_active_days_before'},
        {'name': 'converted', 'label': 'Converted', 'kind': 'binary', 'role': 'primary',
         'level': 'user', 'unit': 'share', 'direction': 'up',
         'expression': 'case when conversions > 0 then 1 when conversions = 0 then 0 end',
         'covariate': 'active_days_before'},
        {'name': 'revenue', 'label': 'Revenue', 'metric': 'revenue_91d', 'kind': 'mean', 'role': 'primary',
         'level': 'account', 'unit': 'reporting currency', 'direction': 'up',
         'expression': 'revenue', 'covariate': 'revenue_before'},
        {'name': 'events', 'label': 'Events', 'metric': 'events_28d', 'kind': 'mean', 'role': 'secondary',
         'level': 'user', 'unit': 'events', 'direction': 'up',
         'expression': 'events', 'covariate': 'events_before', 'daily': 'user_days.events'},
        {'name': 'sessions', 'label': 'Sessions', 'metric': 'sessions_28d', 'kind': 'mean', 'role': 'secondary',
         'level': 'user', 'unit': 'sessions', 'direction': 'up',
         'expression': 'sessions', 'covariate': 'sessions_before', 'daily': 'user_days.sessions'},
        {'name': 'engagement', 'label': 'Events per active day', 'metric': 'engagement', 'kind': 'ratio',
         'role': 'secondary', 'level': 'user', 'unit': 'events per day', 'direction': 'up',
         'expression': 'case when active_days > 0 then events end',
         'denominator': 'case when active_days > 0 then active_days end',
         'covariate': 'events_before', 'covariate_denominator': 'active_days_before'},
        {'name': 'nps', 'label': 'NPS', 'metric': 'nps', 'kind': 'mean', 'role': 'secondary',
         'level': 'user', 'unit': 'points from −100 to 100', 'direction': 'up',
         'expression': 'nps', 'covariate': 'nps_before'},
        {'name': 'csat', 'label': 'CSAT', 'metric': 'csat_score', 'kind': 'mean', 'role': 'guardrail', 'margin': 0.05,
         'level': 'user', 'unit': 'points', 'direction': 'up',
         'expression': 'csat', 'covariate': 'csat_before'},
        {'name': 'tickets', 'label': 'Support tickets', 'metric': 'tickets_91d', 'kind': 'mean', 'role': 'guardrail',
         'margin': 0.1, 'level': 'user', 'unit': 'tickets', 'direction': 'down',
         'expression': 'tickets', 'covariate': 'tickets_before'},
    ]) }}
{% endmacro %}

{# What is wrong with the entries, as a list of texts. #}
{% macro _experiment_metrics_problems(entries) %}
    {% set problems = [] %}
    {% set allowed = {
        'kind': ['mean', 'binary', 'ratio'], 'role': ['primary', 'secondary', 'guardrail'], 'level': ['user', 'account'],
        'direction': ['up', 'down'],
    } %}
    {% for entry in entries %}
        {% set start = 'experiment_metrics: ' ~ entry.get('name') ~ ': ' %}
        {% for field, values in allowed.items() if entry.get(field) not in values %}
            {% do problems.append(
                start ~ '`' ~ field ~ '` must be one of ' ~ values | join(', ') ~ ', got ' ~ tojson(entry.get(field)) ~ '.'
            ) %}
        {% endfor %}
        {% for field in ['name', 'label', 'unit', 'expression', 'covariate']
            + (['denominator', 'covariate_denominator'] if entry.get('kind') == 'ratio' else [])
            if entry.get(field) is not string %}
            {% do problems.append(start ~ '`' ~ field ~ '` must be a text, got ' ~ tojson(entry.get(field)) ~ '.') %}
        {% endfor %}
        {% if entry.get('role') == 'guardrail' and not segmentation._is_margin(entry.get('margin')) %}
            {% do problems.append(
                start ~ '`margin` of a guardrail must be a number above 0 and below 1, got ' ~ tojson(entry.get('margin')) ~ '.'
            ) %}
        {% endif %}
    {% endfor %}
    {{ return(problems) }}
{% endmacro %}

{% macro _is_margin(value) %}
    {{ return(value is number and value is not boolean and 0 < value and value < 1) }}
{% endmacro %}
