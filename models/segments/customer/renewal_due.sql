{{ config(meta={
    'label': 'Renewal due in 90 days', 'tier': 'micro', 'owner': 'customer success',
    'goal': 'Start the talk about renewal before the contract ends',
    'action': 'Review usage with the account; offer the annual plan',
    'reviewed_on': '2026-10-01'
}) }}

{{ segment(
    paying = "mrr > 0",
    due = date_within('renewal_date', next_days=90)
) }}
