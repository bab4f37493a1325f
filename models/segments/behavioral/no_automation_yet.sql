{{ config(meta={
    'label': 'Have not tried automation', 'tier': 'micro', 'owner': 'product',
    'goal': 'Show a feature to people who would use it',
    'action': 'Tip in the product after the third task of a week',
    'reviewed_on': '2026-10-01'
}) }}

{{ segment(
    not_tried = has_not_tried('automation_created'),
    busy = performed('task_completed', at_least=2, within_days=28)
) }}
