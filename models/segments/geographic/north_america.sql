{{ config(meta={
    'label': 'North America', 'tier': 'micro', 'owner': 'sales',
    'goal': 'Find what our home market does that others do not',
    'action': 'Plan webinars in the time zones of North America',
    'reviewed_on': '2026-10-01'
}) }}

{{ segment(
    region = "region = 'north_america'"
) }}
