{{ config(meta={
    'label': 'Product-qualified', 'tier': 'micro', 'owner': 'sales',
    'goal': 'Talk first to teams that have seen the value before they pay',
    'action': 'Offer a call about the paid plan within a week',
    'reviewed_on': '2026-10-01'
}) }}

{{ segment(
    not_paying_yet = any_of("is_trial", "plan = 'free'"),
    activated = "is_activated",
    invited = performed('teammate_invited')
) }}
