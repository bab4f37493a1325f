{{ config(materialized='ephemeral') }}

{%- set categories = ['crm', 'marketing_automation', 'back_office', 'database'] %}
with
spine as (
    select * from {{ ref('user_dates') }}
    where {{ segmentation.in_slice() }}
),

technologies as (
    select * from {{ ref('stg_account_technologies') }}
),

sessions as (
    select * from {{ ref('user_sessions') }}
),

dates as (
    select distinct as_of_date from spine
),

technologies_in_use as (
    select
        technologies.account_id,
        technologies.category,
        technologies.vendor,
        dates.as_of_date,
        row_number() over (
            partition by technologies.account_id, technologies.category, dates.as_of_date
            order by technologies.first_seen_at desc, technologies.vendor asc
        ) as place
    from technologies
    inner join dates
        on
            {{ segmentation.day_of('technologies.first_seen_at') }} <= dates.as_of_date
            and (
                technologies.last_seen_at is null
                or {{ segmentation.day_of('technologies.last_seen_at') }} > dates.as_of_date
            )
),

vendors as (
    select
        account_id,
        as_of_date,
        {%- for category in categories %}
        max(case when category = '{{ category }}' then vendor end) as {{ category }}_vendor{{ ',' if not loop.last }}
        {%- endfor %}
    from technologies_in_use
    where place = 1
    group by account_id, as_of_date
),

recent_sessions as (
    select
        sessions.user_id,
        sessions.device_type,
        sessions.os,
        sessions.app_version,
        sessions.started_at,
        dates.as_of_date
    from sessions
    inner join dates
        on
            {{ segmentation.in_window('sessions.event_date', 'dates.as_of_date', 91) }}
            and sessions.known_date <= dates.as_of_date
),
{%- for trait in ['device_type', 'os'] %}
{{ trait }}_sessions as (
    select
        user_id,
        as_of_date,
        {{ trait }},
        row_number() over (
            partition by user_id, as_of_date
            order by count(*) desc, max(started_at) desc, {{ trait }}
        ) as place
    from recent_sessions
    where {{ trait }} is not null
    group by user_id, as_of_date, {{ trait }}
),
{% endfor %}
app_versions as (
    select
        user_id,
        as_of_date,
        app_version,
        row_number() over (
            partition by user_id, as_of_date
            order by started_at desc, app_version desc
        ) as place
    from recent_sessions
    where app_version is not null
),

technographics as (
    select
        spine.user_id,
        {%- for category in categories %}
        vendors.{{ category }}_vendor,
        {%- endfor %}
        device_type_sessions.device_type as primary_device,
        os_sessions.os as primary_os,
        app_versions.app_version,
        spine.as_of_date
    from spine
    left join vendors
        on
            spine.account_id = vendors.account_id
            and spine.as_of_date = vendors.as_of_date
    left join device_type_sessions
        on
            spine.user_id = device_type_sessions.user_id
            and spine.as_of_date = device_type_sessions.as_of_date
            and device_type_sessions.place = 1
    left join os_sessions
        on
            spine.user_id = os_sessions.user_id
            and spine.as_of_date = os_sessions.as_of_date
            and os_sessions.place = 1
    left join app_versions
        on
            spine.user_id = app_versions.user_id
            and spine.as_of_date = app_versions.as_of_date
            and app_versions.place = 1
)

select * from technographics
