{{ config(meta={
    'label': 'Weekly actives', 'tier': 'micro', 'owner': 'content',
    'goal': 'Know how many come in a week',
    'action': 'Send them what is new on Friday',
    'reviewed_on': '2026-01-05'
}) }}

{{ segmentation.segment(
    this_week = "active_days_7d >= 1"
) }}
