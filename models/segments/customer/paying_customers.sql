{{ config(meta={
    'label': 'Paying customers', 'tier': 'micro', 'owner': 'customer success',
    'goal': 'Keep what we have',
    'action': 'Watch their health score and call when it falls',
    'reviewed_on': '2026-10-01'
}) }}

{{ segment(
    paying = "mrr > 0"
) }}
