{{ config(meta={
    'label': 'New', 'lifecycle': true, 'desirability': 3, 'owner': 'growth',
    'goal': 'Get people to their first success in four weeks',
    'action': 'Onboarding messages on days 1, 3 and 7',
    'reviewed_on': '2026-10-01'
}) }}

{{ segment(
    new = "tenure_days < 28"
) }}
