{{ config(meta={
    'label': 'Small but engaged', 'tier': 'micro', 'owner': 'growth',
    'goal': 'Do not overlook the few who love us in small companies',
    'action': 'Personal thanks; ask for a referral',
    'reviewed_on': '2026-10-01'
}) }}

{{ segment(
    small = "company_size in ('micro', 'small')",
    engaged = in_segment('engaged_users'),
    among_the_busiest = in_top_share('active_days_28d', 0.25)
) }}
