{{ config(enabled=gives('segment', 'accounts')) }}

-- The newest call of a group counts; those before it are older versions of the account.
with
calls as (
    select * from {{ ref('connector_segment_memberships') }}
),

numbered as (
    select
        *,
        row_number() over (partition by group_id order by occurred_at desc, id) as version
    from calls
),

mapped as (
    select
        {{ as_input('accounts', {
            'account_id': 'group_id',
            'account_name': 'name',
            'industry': 'industry',
            'employee_count': 'employees',
            'country': 'country',
            'created_at': 'created_at',
            'updated_at': 'occurred_at',
        }, 'segment', 'groups', left_out="coalesce(left_out_because, case when version > 1 then 'older_version' end)") }}
    from numbered
)

select * from mapped
