{{ config(meta={
    'label': 'Advocates', 'tier': 'micro', 'owner': 'marketing',
    'goal': 'Know who would speak for us from experience, today',
    'action': 'Ask for a review, a referral or a case study',
    'reviewed_on': '2026-10-01'
}) }}

{{ segment(
    promoter = in_segment('promoters'),
    paying = "mrr > 0",
    active = "active_days_28d >= 1"
) }}
