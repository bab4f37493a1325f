{{ config(meta={
    'label': 'Accounts in onboarding', 'tier': 'micro', 'owner': 'customer success',
    'goal': 'See every new customer through the setup',
    'action': 'Offer a setup call; hand over to the account owner at its end',
    'reviewed_on': '2026-10-01'
}) }}

{{ segment(
    stage = "journey_stage = 'onboarding'"
) }}
