-- A change of what a row says from a day on makes the dates from that day on due, and no earlier ones: each time in a
-- row is a fact of its own, and what the CRM says of an attribute today is one only where no history says otherwise.
{{ config(materialized='view') }}
{%- set tracked = segmentation.input_contract('attribute_history').attributes %}

with
users as (
    select
        *,
        {{ segmentation.day_of('signed_up_at') }} as first_date
    from {{ ref('stg_users') }}
),

-- Nothing about an account is read before somebody is in it.
account_starts as (
    select
        user_accounts.account_id,
        min(coalesce(user_accounts.valid_from_date, users.first_date)) as first_date
    from {{ ref('user_accounts') }} as user_accounts
    inner join users on user_accounts.user_id = users.user_id
    where user_accounts.account_id is not null
    group by user_accounts.account_id
),

accounts as (
    select
        account_rows.*,
        account_starts.first_date
    from {{ ref('stg_accounts') }} as account_rows
    inner join account_starts on account_rows.account_id = account_starts.account_id
),

attribute_changes as (
    select * from {{ ref('attribute_changes') }}
),

-- From when on the history of each attribute says what it was.
tracked_since as (
    select
        entity,
        entity_id,
        {%- for name in tracked.values() | sum(start=[]) | unique %}
        min(case when attribute = '{{ name }}' then valid_from_date end) as {{ name }}_since{{ ',' if not loop.last }}
        {%- endfor %}
    from attribute_changes
    group by entity, entity_id
),

facts as (
    {%- for entity, names in tracked.items() %}
    {%- set relation = entity ~ 's' %}
    {%- set key = relation ~ '.' ~ entity ~ '_id' %}
    {%- set values, texts = [], [key] %}
    {%- for name in names if name != 'account_id' %}
    {%- set is_tracked = 'coalesce(tracked_since.' ~ name ~ '_since <= ' ~ relation ~ '.first_date, false)' %}
    {%- set value = 'case when not ' ~ is_tracked ~ ' then ' ~ relation ~ '.' ~ name ~ ' end' %}
    {%- do values.append(value) %}
    {%- if name in segmentation.text_columns(relation) %}{% do texts.append(value) %}{% endif %}
    {%- endfor %}
    select
        {{ relation }}.first_date as known_date,
        {{ segmentation.fingerprint([key] + values, texts) }} as fact_hash
    from {{ relation }}
    left join tracked_since
        on
            {{ key }} = tracked_since.entity_id
            and tracked_since.entity = '{{ entity }}'
    union all
    select
        greatest(attribute_changes.valid_from_date, first_dates.first_date) as known_date,
        {{ segmentation.fingerprint(
            ['entity', 'entity_id', 'attribute', 'value', 'valid_from_date'], ['entity_id', 'value']
        ) }} as fact_hash
    from attribute_changes
    inner join {{ 'users' if entity == 'user' else 'account_starts' }} as first_dates
        on attribute_changes.entity_id = first_dates.{{ entity }}_id
    where attribute_changes.entity = '{{ entity }}'
    union all
    {%- endfor %}
    {#- A version of a subscription hides the ones before, also where it is of another account. #}
    {%- set times = ['started_at', 'trial_ends_at', 'converted_at', 'ended_at'] %}
    {%- set columns = segmentation.input_contract('subscriptions').columns.keys() %}
    {%- set lasting = columns | reject('in', times + ['updated_at']) | list %}
    select
        {{ segmentation.day_of('valid_from') }} as known_date,
        {{ segmentation.fingerprint(
            lasting + ['trial_ends_at is null'], segmentation.text_columns('subscriptions')
        ) }} as fact_hash
    from {{ ref('stg_subscriptions') }}
    {%- for time in times %}
    union all
    select
        greatest({{ segmentation.day_of('valid_from') }}, {{ segmentation.day_of(time) }}) as known_date,
        {{ segmentation.fingerprint(
            ['subscription_id', 'valid_from', "'" ~ time ~ "'", time], ['subscription_id']
        ) }} as fact_hash
    from {{ ref('stg_subscriptions') }}
    where {{ time }} is not null
    {%- endfor %}
    union all
    select
        greatest({{ segmentation.day_of('entries.entered_at') }}, account_starts.first_date) as known_date,
        {{ segmentation.fingerprint(
            ['entries.account_id', 'stage', 'entered_at'], ['entries.account_id', 'stage']
        ) }} as fact_hash
    from {{ ref('stg_account_stages') }} as entries
    inner join account_starts on entries.account_id = account_starts.account_id
    {%- for time in ['first_seen_at', 'last_seen_at'] %}
    union all
    select
        greatest(
            {{ segmentation.day_of('technologies.first_seen_at') }},
            {{ segmentation.day_of('technologies.' ~ time) }},
            account_starts.first_date
        ) as known_date,
        {{ segmentation.fingerprint(
            ['technologies.account_id', 'category', 'vendor', 'first_seen_at', "'" ~ time ~ "'", time],
            ['technologies.account_id', 'vendor'],
        ) }} as fact_hash
    from {{ ref('stg_account_technologies') }} as technologies
    inner join account_starts on technologies.account_id = account_starts.account_id
    where technologies.{{ time }} is not null
    {%- endfor %}
)

select * from facts
