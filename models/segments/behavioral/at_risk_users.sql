{{ config(meta={
    'label': 'At risk', 'lifecycle': true, 'tier': 'primary', 'desirability': 2, 'owner': 'customer success',
    'goal': 'Notice a fall in use before it ends in silence',
    'action': 'A call from customer success within two weeks',
    'objective': 'Keep customers', 'metric': 'churn_rate_91d', 'target': 0.05, 'target_date': '2026-12-31',
    'owner_product': 'product', 'owner_gtm': 'customer success',
    'reviewed_on': '2026-10-01'
}) }}

{{ segment(
    not_new = "tenure_days >= 28",
    active = "active_days_28d >= 1",
    was_active = "active_days_previous_28d >= 1",
    use_halved = "active_days_28d < 0.5 * active_days_previous_28d"
) }}
