{{ config(meta={
    'label': 'Small companies', 'tier': 'micro', 'owner': 'growth',
    'goal': 'Learn how companies without an IT department get started',
    'action': 'Guide the set-up in the product instead of by a person',
    'reviewed_on': '2026-10-01'
}) }}

{{ segment(
    size = "company_size in ('micro', 'small')"
) }}
