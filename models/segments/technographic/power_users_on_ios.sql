{{ config(meta={
    'label': 'Busy on iOS', 'tier': 'micro', 'owner': 'mobile',
    'goal': 'Judge what the mobile app is for those who use it most',
    'action': 'Invite to the test version of the app',
    'reviewed_on': '2026-10-01'
}) }}

{{ segment(
    busy = in_top_share('events_91d', 0.3),
    ios = "primary_os = 'ios'"
) }}
