{{ config(meta={
    'label': 'Starter plan', 'tier': 'micro', 'owner': 'sales',
    'goal': 'Find the teams that outgrow the smallest paid plan',
    'action': 'Show what the pro plan would do for them when seats run out',
    'reviewed_on': '2026-10-01'
}) }}

{{ segment(
    starter = "plan = 'starter'"
) }}
