{{ config(meta={
    'label': 'Enterprise senders', 'tier': 'micro', 'owner': 'content',
    'goal': 'Give large senders a person to call',
    'action': 'Offer them an account manager',
    'reviewed_on': '2026-01-05'
}) }}

{{ segmentation.segment(
    many = "contacts_count >= 100000"
) }}
