{{ config(meta={
    'label': 'On trial', 'tier': 'micro', 'owner': 'growth',
    'goal': 'Turn trials into customers',
    'action': 'Send the three-step onboarding; call the teams that invited others',
    'reviewed_on': '2026-10-01'
}) }}

{{ segmentation.segment(
    trial = "is_trial"
) }}
