{{ config(meta={
    'label': 'Salesforce companies', 'tier': 'micro', 'owner': 'product',
    'goal': 'Judge what the Salesforce integration is worth',
    'action': 'Show the integration during onboarding',
    'reviewed_on': '2026-10-01'
}) }}

{{ segment(
    crm = "crm_vendor = 'salesforce'"
) }}
