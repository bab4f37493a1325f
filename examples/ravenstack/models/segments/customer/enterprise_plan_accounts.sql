{{ config(meta={
    'label': 'Enterprise plan accounts', 'tier': 'micro', 'owner': 'customer success',
    'goal': 'Keep the accounts whose main subscription is the highest plan',
    'action': 'Give each a named contact',
    'reviewed_on': '2026-11-01'
}) }}

{{ segmentation.segment(
    plan_held = "plan = 'enterprise'"
) }}
