{{ config(meta={
    'label': 'Broad adopters', 'tier': 'micro', 'owner': 'product',
    'goal': 'Learn what the accounts that use many features have in common',
    'action': 'Interview them about how the features work together',
    'reviewed_on': '2026-11-01'
}) }}

{{ segmentation.segment(
    broad = "distinct_features_28d >= 4"
) }}
