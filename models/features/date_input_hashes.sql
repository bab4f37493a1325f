-- For each date one hash per kind of input over everything known on that date. Where it differs from the hash
-- that a stored row carries, the row is rebuilt: so a late event rebuilds the dates that see it, and a build that
-- was killed half way goes on where it stopped.
{%- set voice = {
    'survey_responses': ['responded_at'],
    'interview_notes': ['noted_at'],
    'support_tickets': ['created_at', 'satisfied_at'],
} %}
{#- Known through ticket_openings. -#}
{%- set openings = ['solved_at', 'reopened_at', 'first_solved_at'] %}

with
as_of_dates as (
    select as_of_date from {{ ref('as_of_dates') }}
),

known_rows as (
    select
        'activity' as kind,
        known_date,
        {{ segmentation.fingerprint([
            'user_id', 'event_name', 'events', 'events_hash', 'is_human', 'event_date', 'known_date'
        ]) }} as row_hash
    from {{ ref('user_event_days') }}
    union all
    select
        'activity' as kind,
        known_date,
        {{ segmentation.fingerprint([
            'user_id', 'session_number', 'device_type', 'os', 'app_version', 'session_microseconds', 'event_date',
            'known_date', 'started_at',
        ]) }} as row_hash
    from {{ ref('user_sessions') }}
    union all
    select
        'activity' as kind,
        known_date,
        {{ segmentation.fingerprint([
            'user_id', 'events', 'page_views', 'logins', 'sessions', 'session_microseconds', 'is_first_known', 'event_date',
            'known_date',
        ]) }} as row_hash
    from {{ ref('user_days') }}
    {%- for name, times in voice.items() %}
    {%- for time in times %}
    union all
    -- The row comes to be known with its first time; each later time is one more thing known.
    select
        'voice' as kind,
        {{ segmentation.day_of(time) }} as known_date,
        {%- set lasting = segmentation.input_contract(name).columns.keys() | reject('in', times + openings) | list %}
        {{ segmentation.fingerprint(lasting + [time], segmentation.text_columns(name)) }} as row_hash
    from {{ ref('stg_' ~ name) }}
    where {{ time }} is not null
    {%- endfor %}
    {%- endfor %}
    union all
    -- From then on what they said and asked is somebody else's.
    select
        'voice' as kind,
        valid_from_date as known_date,
        {{ segmentation.fingerprint(['user_id', 'survivor_id', 'valid_from_date']) }} as row_hash
    from {{ ref('user_merges') }}
    where refused_because is null
    {%- for day in ['opened_date', 'solved_date'] %}
    union all
    select
        'voice' as kind,
        {{ day }} as known_date,
        {{ segmentation.fingerprint(['ticket_id', 'user_id', "'" ~ day ~ "'", day]) }} as row_hash
    from {{ ref('ticket_openings') }}
    where {{ day }} is not null
    {%- endfor %}
    union all
    select
        'invoices' as kind,
        {{ segmentation.day_of('paid_at') }} as known_date,
        {{ segmentation.row_fingerprint('invoices') }} as row_hash
    from {{ ref('stg_invoices') }}
    {%- for time in ['assigned_at', 'delivered_at', 'clicked_at'] %}
    union all
    -- Of a message only what features read: who got it when, and when it was clicked.
    select
        'campaigns' as kind,
        greatest({{ segmentation.day_of(time) }}, known_date) as known_date,
        {{ segmentation.fingerprint(['message_id', 'user_id', "'" ~ time ~ "'", time, 'known_date']) }} as row_hash
    from {{ ref('user_messages') }}
    where
        {{ time }} is not null
        and user_id is not null
    {%- endfor %}
    union all
    select
        'spend' as kind,
        spend_date as known_date,
        {{ segmentation.row_fingerprint('marketing_spend') }} as row_hash
    from {{ ref('stg_marketing_spend') }}
    union all
    select
        'population' as kind,
        {{ segmentation.day_of('signed_up_at') }} as known_date,
        {{ segmentation.fingerprint(['user_id', segmentation.day_of('signed_up_at')]) }} as row_hash
    from {{ ref('stg_users') }}
    union all
    -- Who moves changes what colleagues share, in the account that is left and in the other one.
    select
        'population' as kind,
        coalesce(user_accounts.valid_from_date, {{ segmentation.day_of('users.signed_up_at') }}) as known_date,
        {{ segmentation.fingerprint(['users.user_id', 'user_accounts.account_id', 'user_accounts.valid_from_date']) }}
            as row_hash
    from {{ ref('user_accounts') }} as user_accounts
    inner join {{ ref('stg_users') }} as users on user_accounts.user_id = users.user_id
    union all
    select
        'crm' as kind,
        known_date,
        fact_hash as row_hash
    from {{ ref('crm_facts') }}
    union all
    {{- segmentation.trait_facts() }}
    -- What the CRM says today, on all dates: few segments ask for it.
    {%- for name in ['users', 'accounts'] %}
    select
        'present' as kind,
        cast('1900-01-01' as date) as known_date,
        {{ segmentation.row_fingerprint(name) }} as row_hash
    from {{ ref('stg_' ~ name) }}
    union all
    {%- endfor %}
    select
        'population' as kind,
        {{ segmentation.day_of('deleted_at') }} as known_date,
        {{ segmentation.fingerprint(['user_id', "'deleted'"]) }} as row_hash
    from {{ ref('stg_users') }}
    where deleted_at is not null
),

daily_hashes as (
    select
        kind,
        known_date,
        {{ segmentation.fingerprint_sum('row_hash') }} as day_hash
    from known_rows
    group by kind, known_date
),

reference_rows as (
    select {{ segmentation.fingerprint(['priority', 'keyword', 'role']) }} as row_hash
    from {{ ref('job_title_roles') }}
    union all
    select {{ segmentation.fingerprint(['priority', 'keyword', 'seniority']) }} as row_hash
    from {{ ref('job_title_seniorities') }}
    union all
    select {{ segmentation.fingerprint(['alias', 'country']) }} as row_hash
    from {{ ref('country_aliases') }}
    union all
    select {{ segmentation.fingerprint(['country', 'region', 'climate_zone']) }} as row_hash
    from {{ ref('countries') }}
),

reference_hash as (
    select {{ segmentation.fingerprint_sum('row_hash') }} as reference_hash
    from reference_rows
),

dated_hashes as (
    select
        as_of_dates.as_of_date,
        reference_hash.reference_hash,
        {%- for kind in segmentation._kinds_of_input() if kind != 'reference' %}
        {%- set hash_of_kind = "case when daily_hashes.kind = '" ~ kind ~ "' then daily_hashes.day_hash end" %}
        {{ segmentation.fingerprint_sum(hash_of_kind) }} as {{ kind }}_hash{{ ',' if not loop.last }}
        {%- endfor %}
    from as_of_dates
    cross join reference_hash
    left join daily_hashes on as_of_dates.as_of_date >= daily_hashes.known_date
    group by as_of_dates.as_of_date, reference_hash.reference_hash
)

select * from dated_hashes
