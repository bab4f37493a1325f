{{ config(meta={
    'label': 'Most successful customers', 'tier': 'micro', 'owner': 'customer success',
    'goal': 'Learn from the accounts that get the most out of the product',
    'action': 'Invite to the customer council',
    'reviewed_on': '2026-10-01'
}) }}

{{ segment(
    paying = "mrr > 0",
    valuable = in_top_share('revenue_91d', 0.25),
    healthy = in_top_share('health_score', 0.2),
    not_at_risk = none_of(in_segment('at_risk_users')),
    team = account_has("active_days_28d >= 1", at_least_share=0.25)
) }}
