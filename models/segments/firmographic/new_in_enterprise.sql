{{ config(meta={
    'label': 'Newcomers in enterprise companies', 'tier': 'primary', 'owner': 'customer success',
    'goal': 'Rollouts fail in the first weeks: see them while they happen',
    'action': 'Offer a live training to the team',
    'objective': 'Grow with those who are here', 'metric': 'activation_rate', 'target': 0.6, 'target_date': '2026-12-31',
    'reviewed_on': '2026-10-01'
}) }}

{{ segment(
    enterprise = "company_size = 'enterprise'",
    new = "tenure_days < 91"
) }}
