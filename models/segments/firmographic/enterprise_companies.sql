{{ config(meta={
    'label': 'Enterprise companies', 'tier': 'micro', 'owner': 'sales',
    'goal': 'Keep the accounts that a single lost renewal would hurt',
    'action': 'Give each account a named contact and a quarterly review',
    'reviewed_on': '2026-10-01'
}) }}

{{ segment(
    size = "company_size = 'enterprise'"
) }}
