{#
    The metrics that segments are compared by; the package finds this list by dispatch, as it finds our segments. Its own
    list has sessions, revenue and NPS, which RavenStack does not record. The fields are described in the package's
    macros/registries/metrics.sql. A user is an account here, so every metric is one of users.
#}
{% macro default__metrics() %}
    {{ return([
        {'name': 'active_accounts_28d', 'label': 'Active in 28 days', 'kind': 'binary',
         'description': '1 if the account was active on at least one of the last 28 days, else 0; includes every account.',
         'expression': 'case when active_days_28d > 0 then 1 else 0 end', 'unit': 'share of accounts', 'level': 'user',
         'owner': 'product', 'direction': 'up', 'tier': 'primary', 'is_heavy_tailed': false, 'adds_up': true},
        {'name': 'active_days_28d', 'label': 'Days with usage in 28 days', 'kind': 'mean',
         'description': 'Days with usage in the last 28; 0 if none; includes every account.',
         'expression': 'active_days_28d', 'unit': 'days', 'level': 'user',
         'owner': 'product', 'direction': 'up', 'tier': 'primary', 'is_heavy_tailed': false, 'adds_up': true},
        {'name': 'distinct_features_28d', 'label': 'Features used in 28 days', 'kind': 'mean',
         'description': 'Different features used in the last 28 days; 0 if none; includes every account.',
         'expression': 'distinct_features_28d', 'unit': 'features', 'level': 'user',
         'owner': 'product', 'direction': 'up', 'tier': 'secondary', 'is_heavy_tailed': false, 'adds_up': false},
        {'name': 'mrr', 'label': 'MRR', 'kind': 'mean',
         'description': 'Monthly recurring revenue of the account; 0 if it does not pay; includes every account.',
         'expression': 'mrr', 'unit': 'US dollars', 'level': 'user',
         'owner': 'finance', 'direction': 'up', 'tier': 'primary', 'is_heavy_tailed': true, 'adds_up': true},
        {'name': 'seats', 'label': 'Seats', 'kind': 'mean',
         'description': 'Seats of the active subscriptions of the account; 0 without one; includes every account.',
         'expression': 'seats', 'unit': 'seats', 'level': 'user',
         'owner': 'sales', 'direction': 'up', 'tier': 'secondary', 'is_heavy_tailed': true, 'adds_up': true},
        {'name': 'churned_accounts', 'label': 'In stage churned', 'kind': 'binary',
         'description': '1 if the latest stage of the account is churned, else 0; includes every account.',
         'expression': "case when journey_stage = 'churned' then 1 else 0 end", 'unit': 'share of accounts', 'level': 'user',
         'owner': 'customer success', 'direction': 'down', 'tier': 'guardrail', 'is_heavy_tailed': false, 'adds_up': true},
        {'name': 'tickets_91d', 'label': 'Tickets in 91 days', 'kind': 'mean',
         'description': 'Support tickets opened in the last 91 days; 0 if none; includes every account.',
         'expression': 'tickets_91d', 'unit': 'tickets', 'level': 'user',
         'owner': 'support', 'direction': 'down', 'tier': 'guardrail', 'is_heavy_tailed': false, 'adds_up': true},
        {'name': 'csat_score', 'label': 'Latest ticket rating', 'kind': 'ordinal',
         'description': 'Rating of the latest rated ticket; excludes accounts without one.',
         'expression': 'csat_score', 'unit': 'points', 'level': 'user',
         'owner': 'support', 'direction': 'up', 'tier': 'secondary', 'is_heavy_tailed': false, 'adds_up': false},
        {'name': 'health_score', 'label': 'Health score', 'kind': 'mean',
         'description': 'Health score of the account, 0 to 100; includes every account.',
         'expression': 'health_score', 'unit': 'points', 'level': 'user',
         'owner': 'customer success', 'direction': 'up', 'tier': 'secondary', 'is_heavy_tailed': false, 'adds_up': false},
    ]) }}
{% endmacro %}
