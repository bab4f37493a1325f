{{ config(meta={
    'label': 'Happy customers', 'tier': 'micro', 'owner': 'customer success',
    'goal': 'Know which customers would stay and speak for us',
    'action': 'Ask for a case study',
    'reviewed_on': '2026-10-01'
}) }}

{{ segment(
    paying = "mrr > 0",
    active = "active_days_28d >= 1",
    happy = any_of("nps_score >= 9", "csat_score >= 4"),
    not_unhappy = none_of("nps_category = 'detractor'")
) }}
