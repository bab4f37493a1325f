{{ config(meta={
    'label': 'Daily users', 'tier': 'micro', 'owner': 'product',
    'goal': 'See who works in the product on most days of the week',
    'action': 'Watch their reports of slowness first',
    'reviewed_on': '2026-10-01'
}) }}

{{ segment(
    most_days = "active_days_7d >= 4"
) }}
