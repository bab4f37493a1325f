{{ config(meta={
    'label': 'Daily actives', 'tier': 'micro', 'owner': 'content',
    'goal': 'Know how many come every day',
    'action': 'Ask them what brings them back',
    'reviewed_on': '2026-01-05'
}) }}

{{ segmentation.segment(
    today = "days_since_last_seen = 0"
) }}
