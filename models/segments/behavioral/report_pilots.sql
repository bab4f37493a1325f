{{ config(meta={
    'label': 'Pilots of report exports', 'tier': 'micro', 'owner': 'product',
    'goal': 'Learn whether exports hold before everybody gets them',
    'action': 'Ask each of them what was missing in the file',
    'status': 'retired', 'retired_on': '2026-01-31', 'reviewed_on': '2026-01-15'
}) }}

{{ segment(
    exports = performed('report_exported', within_days=28),
    reports = performed('report_created', within_days=28)
) }}
