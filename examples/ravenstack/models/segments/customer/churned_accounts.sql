{{ config(meta={
    'label': 'Churned accounts', 'tier': 'micro', 'owner': 'customer success',
    'goal': 'Know which accounts churned and have not bought anything since',
    'action': 'Ask what would bring them back',
    'reviewed_on': '2026-11-01'
}) }}

{{ segmentation.segment(
    left_us = "journey_stage = 'churned'"
) }}
