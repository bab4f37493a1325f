{{ config(meta={
    'label': 'Trial converted', 'tier': 'primary', 'owner': 'growth',
    'goal': 'Learn what the teams that bought did in their trial, and keep them',
    'action': 'Turn it into the onboarding of the next ones',
    'objective': 'Keep customers', 'metric': 'retained_users_28d', 'target': 0.75, 'target_date': '2027-03-31',
    'reviewed_on': '2026-10-01'
}) }}

{{ segment(
    converted = any_of(
        "trial_outcome = 'converted'",
        "trial_outcome is not null and days_as_customer is not null"
    )
) }}
