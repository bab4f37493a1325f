{{ config(meta={
    'label': 'Small business owners', 'tier': 'micro', 'owner': 'content',
    'goal': 'Help people with few contacts to begin',
    'action': 'Send them the guide for a first letter',
    'reviewed_on': '2026-01-05'
}) }}

{{ segmentation.segment(
    few = "contacts_count between 1 and 500"
) }}
