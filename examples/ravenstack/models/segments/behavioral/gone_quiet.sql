{{ config(meta={
    'label': 'Gone quiet', 'tier': 'micro', 'owner': 'customer success',
    'goal': 'Find accounts that used the product and stopped',
    'action': 'Call before they churn',
    'reviewed_on': '2026-11-01'
}) }}

{{ segmentation.segment(
    was_active = "active_days_91d >= 3",
    silent_now = "active_days_28d = 0"
) }}
