{{ config(meta={
    'label': 'Almost watchers', 'tier': 'micro', 'owner': 'content',
    'goal': 'Bring people back to what they left',
    'action': 'Remind them of the title they left, once',
    'reviewed_on': '2026-01-05'
}) }}

{{ segmentation.segment(
    left_titles = "almost_watched_28d >= 2"
) }}
