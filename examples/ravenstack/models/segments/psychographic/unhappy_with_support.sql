{{ config(meta={
    'label': 'Unhappy with support', 'tier': 'micro', 'owner': 'support',
    'goal': 'Find accounts whose last ticket rating was the lowest in the data',
    'action': 'Have a senior agent look at the ticket',
    'reviewed_on': '2026-11-01'
}) }}

{{ segmentation.segment(
    low_rating = "csat_score <= 3"
) }}
