{{ config(meta={
    'label': 'Jazz lovers', 'tier': 'micro', 'owner': 'content',
    'goal': 'Find people who like jazz, whatever they say',
    'action': 'Invite them to the jazz evening',
    'reviewed_on': '2026-01-05'
}) }}

{{ segmentation.segment(
    by_ear = "inferred_taste = 'jazz'"
) }}
