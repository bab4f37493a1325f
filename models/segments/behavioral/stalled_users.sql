{{ config(meta={
    'label': 'Stalled users', 'tier': 'micro', 'owner': 'customer success',
    'goal': 'Find paying users who have all but stopped, while they can still be won back',
    'action': 'Offer a call; ask what changed',
    'reviewed_on': '2026-10-01'
}) }}

{{ segment(
    paying = "mrr > 0",
    was_active = "active_days_91d >= 5",
    usage_halved = "usage_change_28d <= -0.5"
) }}
