{{ config(enabled=gives('segment', 'accounts')) }}

-- Calls of group(): who belonged to which account since when, with what was said of the account.
with
calls as (
    {{ source_table('segment', 'groups', {
        'id': 'id', 'group_id': 'group_id', 'user_id': 'user_id', 'occurred': 'timestamp', 'name': 'name', 'industry': 'industry',
        'employees': ['employees', 'employee_count'], 'country': ['address_country', 'country'], 'created': 'created_at',
    }) }}
),

dated as (
    select
        *,
        {{ time_text('occurred') }} as occurred_at,
        {{ time_text('created') }} as created_at
    from calls
)

select * from dated
