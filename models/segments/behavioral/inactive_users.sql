{{ config(meta={
    'label': 'Inactive', 'lifecycle': true, 'desirability': 1, 'owner': 'lifecycle marketing',
    'goal': 'Win back who can be won back, and stop paying for who cannot',
    'action': 'One win-back campaign per quarter, with a holdout',
    'reviewed_on': '2026-10-01'
}) }}

{{ segment(
    not_new = "tenure_days >= 28",
    not_active = "active_days_28d = 0"
) }}
