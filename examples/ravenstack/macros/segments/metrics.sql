{#
    The metrics that segments are compared by; the package finds this list by dispatch, as it finds our segments. Its own
    list has sessions, revenue and NPS, which RavenStack does not record. The fields are described in the package's
    macros/segments/metrics.sql.
#}
{% macro default__metrics() %}
    {{ return([
        {'name': 'active_accounts_28d', 'label': 'Active in 28 days', 'kind': 'binary', 'unit': 'share',
         'expression': 'case when active_days_28d > 0 then 1 else 0 end', 'direction': 'up'},
        {'name': 'active_days_28d', 'label': 'Days with usage in 28 days', 'kind': 'mean', 'unit': 'days',
         'expression': 'active_days_28d', 'direction': 'up'},
        {'name': 'distinct_features_28d', 'label': 'Features used in 28 days', 'kind': 'mean', 'unit': 'features',
         'expression': 'distinct_features_28d', 'direction': 'up'},
        {'name': 'mrr', 'label': 'MRR', 'kind': 'mean', 'unit': 'US dollars', 'expression': 'mrr', 'direction': 'up'},
        {'name': 'seats', 'label': 'Seats', 'kind': 'mean', 'unit': 'seats', 'expression': 'seats', 'direction': 'up'},
        {'name': 'churned_accounts', 'label': 'In stage churned', 'kind': 'binary', 'unit': 'share',
         'expression': "case when journey_stage = 'churned' then 1 else 0 end", 'direction': 'down'},
        {'name': 'tickets_91d', 'label': 'Tickets in 91 days', 'kind': 'mean', 'unit': 'tickets',
         'expression': 'tickets_91d', 'direction': 'down'},
        {'name': 'csat_score', 'label': 'Latest ticket rating', 'kind': 'mean', 'unit': 'points',
         'expression': 'csat_score', 'direction': 'up'},
        {'name': 'health_score', 'label': 'Health score', 'kind': 'mean', 'unit': 'points',
         'expression': 'health_score', 'direction': 'up'},
    ]) }}
{% endmacro %}
