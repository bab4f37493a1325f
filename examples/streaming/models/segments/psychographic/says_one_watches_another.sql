{{ config(meta={
    'label': 'Says one, watches another', 'tier': 'micro', 'owner': 'content',
    'goal': 'Learn where answers and behavior differ',
    'action': 'Trust what they do, and ask them why',
    'lawful_basis': 'consent', 'lawful_basis_note': 'They answered the welcome survey to see what fits them',
    'reviewed_on': '2026-01-05'
}) }}

{{ segmentation.segment(
    says_jazz = segmentation.contains('tastes', 'jazz'),
    other = "inferred_taste <> 'jazz'"
) }}
