{{ config(meta={
    'label': 'Trial lapsed', 'tier': 'micro', 'owner': 'growth',
    'goal': 'Learn why teams that tried the product did not stay',
    'action': 'Ask for the reason; offer a second trial when the missing feature ships',
    'reviewed_on': '2026-10-01'
}) }}

{{ segment(
    lapsed = "trial_outcome = 'lapsed'",
    not_a_customer = "mrr = 0",
    recently = "tenure_days < 365"
) }}
