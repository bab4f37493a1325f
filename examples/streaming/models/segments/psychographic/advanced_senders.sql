{{ config(meta={
    'label': 'Advanced senders', 'tier': 'micro', 'owner': 'content',
    'goal': 'Offer experts what beginners need not see',
    'action': 'Show them the editor for automations',
    'reviewed_on': '2026-01-05'
}) }}

{{ segmentation.segment(
    advanced = "letters_level = 'advanced'"
) }}
