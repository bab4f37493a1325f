{{ config(meta={
    'label': 'Crime watchers', 'tier': 'micro', 'owner': 'content',
    'goal': 'Show crime films to people who watch them',
    'action': 'Put the new crime films on top of their page',
    'reviewed_on': '2026-01-05'
}) }}

{{ segmentation.segment(
    watches_crime = segmentation.performed('play_finished', at_least=3, within_days=28, where={'genre': 'crime'})
) }}
