{{ config(meta={
    'label': 'Promoters', 'tier': 'micro', 'owner': 'marketing',
    'goal': 'Know who would recommend us, and for what',
    'action': 'Ask for a review or a referral',
    'reviewed_on': '2026-10-01'
}) }}

{{ segment(
    promoter = "nps_category = 'promoter'"
) }}
