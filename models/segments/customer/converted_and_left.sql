{{ config(meta={
    'label': 'Converted and left', 'tier': 'micro', 'owner': 'customer success',
    'goal': 'Learn why teams that once bought stopped paying',
    'action': 'Ask for the reason; write to them when it is mended',
    'reviewed_on': '2026-10-01'
}) }}

{{ segment(
    converted = in_segment('trial_converted'),
    left_us = "mrr = 0"
) }}
