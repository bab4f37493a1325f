{{ config(meta={
    'label': 'Under 35', 'tier': 'micro', 'owner': 'marketing',
    'goal': 'See whether younger users want other content than their managers',
    'action': 'Choose the channels and the tone of the monthly tips',
    'reviewed_on': '2026-10-01',
    'lawful_basis': 'consent',
    'lawful_basis_note': 'The birth year is an optional field of the profile that says what it is used for'
}) }}

{{ segment(
    young = "age_band in ('under_18', '18_24', '25_34')"
) }}
