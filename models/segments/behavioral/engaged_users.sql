{{ config(meta={
    'label': 'Engaged', 'lifecycle': true, 'desirability': 5, 'owner': 'product',
    'goal': 'Know the people for whom the product works',
    'action': 'Ask them first about the roadmap',
    'reviewed_on': '2026-10-01'
}) }}

{{ segment(
    not_new = "tenure_days >= 28",
    active = "active_days_28d >= 1",
    was_active = "active_days_previous_28d >= 1",
    use_kept_up = "active_days_28d >= 0.5 * active_days_previous_28d"
) }}
