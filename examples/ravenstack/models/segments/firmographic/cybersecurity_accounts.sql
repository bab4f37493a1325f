{{ config(meta={
    'label': 'Cybersecurity accounts', 'tier': 'micro', 'owner': 'sales',
    'goal': 'See whether our largest audience by reputation behaves like the others',
    'action': 'Decide whether the sector deserves its own onboarding',
    'reviewed_on': '2026-11-01'
}) }}

{{ segmentation.segment(
    sector = "industry = 'cybersecurity'"
) }}
