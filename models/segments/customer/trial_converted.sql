{{ config(meta={
    'label': 'Trial converted', 'tier': 'primary', 'owner': 'growth',
    'goal': 'Learn what the teams that bought did in their trial',
    'action': 'Turn it into the onboarding of the next ones',
    'reviewed_on': '2026-10-01'
}) }}

{{ segment(
    converted = "trial_outcome = 'converted'",
    recently = "tenure_days < 365",
    paying = "mrr > 0"
) }}
