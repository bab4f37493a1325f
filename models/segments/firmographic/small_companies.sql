{{ config(meta={
    'label': 'Small companies', 'tier': 'primary', 'owner': 'growth',
    'goal': 'Learn how companies without an IT department get started',
    'action': 'Guide the setup in the product instead of in person',
    'objective': 'Win new customers', 'metric': 'trial_conversion', 'target': 0.6, 'target_date': '2026-12-31',
    'owner_product': 'growth', 'owner_gtm': 'marketing',
    'reviewed_on': '2026-10-01'
}) }}

{{ segment(
    size = "company_size in ('micro', 'small')"
) }}
