{{ config(meta={
    'label': 'Weekly users', 'tier': 'micro', 'owner': 'product',
    'goal': 'Count the habitual base',
    'action': 'Show the weekly summary; ask what would make it daily',
    'reviewed_on': '2026-10-01'
}) }}

{{ segment(
    most_weeks = performed_regularly(
        ['logged_in', 'task_completed', 'comment_added', 'dashboard_viewed', 'page_viewed'],
        in_periods=3, of_periods=4, period_days=7
    )
) }}
