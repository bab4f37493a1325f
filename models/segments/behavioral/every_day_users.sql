{{ config(meta={
    'label': 'Every-day users', 'tier': 'micro', 'owner': 'product',
    'goal': 'Do not overlook a small segment with the highest engagement: those who work in the product every working day',
    'action': 'Watch their reports of slowness first; ask what they would miss',
    'reviewed_on': '2026-10-01'
}) }}

{{ segment(
    every_working_day = "active_days_28d >= 20"
) }}
