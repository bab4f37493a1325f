{#
    The metrics that segments are compared by, one entry each:
      name        column name in lower snake case
      label       what people read
      kind        mean (an amount or count per user) or binary (0 or 1: the mean is a share)
      expression  SQL over one row of user_features; NULL leaves the user out of this metric
      unit        unit of one user's value
      direction   up or down: which way is better; none if neither is
      adds_up     true for amounts and counts, whose sum over users means something (default false: scores)

    Call: {% for metric in metrics() %}
#}
{% macro metrics() %}
    {{ return(adapter.dispatch('metrics', 'segmentation')()) }}
{% endmacro %}

{% macro default__metrics() %}
    {{ return([
        {'name': 'active_users_28d', 'label': 'Active in 28 days', 'kind': 'binary', 'unit': 'share',
         'expression': 'case when active_days_28d > 0 then 1 else 0 end', 'direction': 'up', 'adds_up': true},
        {'name': 'active_days_28d', 'label': 'Active days in 28 days', 'kind': 'mean', 'unit': 'days',
         'expression': 'active_days_28d', 'direction': 'up', 'adds_up': true},
        {'name': 'sessions_28d', 'label': 'Sessions in 28 days', 'kind': 'mean', 'unit': 'sessions',
         'expression': 'sessions_28d', 'direction': 'up', 'adds_up': true},
        {'name': 'session_minutes_28d', 'label': 'Minutes in 28 days', 'kind': 'mean', 'unit': 'minutes',
         'expression': 'session_minutes_28d', 'direction': 'up', 'adds_up': true},
        {'name': 'events_28d', 'label': 'Events in 28 days', 'kind': 'mean', 'unit': 'events',
         'expression': 'events_28d', 'direction': 'up', 'adds_up': true},
        {'name': 'distinct_features_28d', 'label': 'Features used in 28 days', 'kind': 'mean', 'unit': 'features',
         'expression': 'distinct_features_28d', 'direction': 'up'},
        {'name': 'paying_users', 'label': 'In a paying account', 'kind': 'binary', 'unit': 'share',
         'expression': 'case when mrr > 0 then 1 else 0 end', 'direction': 'up', 'adds_up': true},
        {'name': 'revenue_91d', 'label': 'Revenue in 91 days', 'kind': 'mean', 'unit': 'reporting currency',
         'expression': 'revenue_91d', 'direction': 'up', 'adds_up': true},
        {'name': 'health_score', 'label': 'Health score', 'kind': 'mean', 'unit': 'points',
         'expression': 'health_score', 'direction': 'up'},
        {'name': 'tickets_91d', 'label': 'Tickets in 91 days', 'kind': 'mean', 'unit': 'tickets',
         'expression': 'tickets_91d', 'direction': 'down', 'adds_up': true},
        {'name': 'csat_score', 'label': 'CSAT', 'kind': 'mean', 'unit': 'points',
         'expression': 'csat_score', 'direction': 'up'},
        {'name': 'nps', 'label': 'NPS', 'kind': 'mean', 'unit': 'points from −100 to 100',
         'expression': "case nps_category when 'promoter' then 100 when 'passive' then 0 when 'detractor' then -100 end",
         'direction': 'up'},
    ]) }}
{% endmacro %}
