{{ config(meta={
    'label': 'Power users on iOS', 'tier': 'micro', 'owner': 'mobile',
    'goal': 'Judge what the mobile app is for those who use it most',
    'action': 'Invite to the test version of the app',
    'reviewed_on': '2026-10-01'
}) }}

{{ segment(
    power_user = in_segment('power_users'),
    ios = "primary_os = 'ios'"
) }}
