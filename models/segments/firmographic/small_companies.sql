{{ config(meta={
    'label': 'Small companies', 'tier': 'primary', 'owner': 'growth',
    'goal': 'Learn how companies without an IT department get started',
    'action': 'Guide the setup in the product instead of in person',
    'reviewed_on': '2026-10-01'
}) }}

{{ segment(
    size = "company_size in ('micro', 'small')"
) }}
