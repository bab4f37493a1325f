{{ config(meta={
    'label': 'Power users', 'tier': 'primary', 'owner': 'growth',
    'goal': 'Learn what the habitual core does that others do not',
    'action': 'Invite to the beta program; ask for referrals',
    'objective': 'Grow with those who are here', 'metric': 'expansion_rate_91d', 'target': 0.15, 'target_date': '2027-03-31',
    'reviewed_on': '2026-10-01'
}) }}

{{ segment(
    habitual = "active_days_28d >= 12",
    broad = "distinct_features_28d >= 5"
) }}
