{{ config(meta={
    'label': 'Resurrected', 'lifecycle': true, 'desirability': 4, 'owner': 'lifecycle marketing',
    'goal': 'Learn what brought people back, and keep them',
    'action': 'Show what changed since their last visit',
    'reviewed_on': '2026-10-01'
}) }}

{{ segment(
    not_new = "tenure_days >= 28",
    active = "active_days_28d >= 1",
    was_away = "active_days_previous_28d = 0"
) }}
