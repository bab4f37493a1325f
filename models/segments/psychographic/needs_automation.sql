{{ config(meta={
    'label': 'Need automation', 'tier': 'micro', 'owner': 'product', 'status': 'draft',
    'goal': 'Build for a stated need instead of a guessed one',
    'action': 'Interview five of them per quarter',
    'reviewed_on': '2026-10-01',
    'lawful_basis': 'consent',
    'lawful_basis_note': 'Answer to an optional survey that says what it is asked for'
}) }}

{{ segment(
    stated = "primary_need = 'automation'"
) }}
