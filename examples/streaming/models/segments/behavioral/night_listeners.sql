{{ config(meta={
    'label': 'Night listeners', 'tier': 'micro', 'owner': 'content',
    'goal': 'Learn what people play at night',
    'action': 'Offer them a sleep timer',
    'reviewed_on': '2026-01-05'
}) }}

{{ segmentation.segment(
    at_night = "day_part = 'night'"
) }}
