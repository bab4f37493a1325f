{{ config(materialized='ephemeral') }}

with
spine as (
    select * from {{ ref('user_dates') }}
    where {{ segmentation.in_slice() }}
),

users as (
    select * from {{ ref('stg_users') }}
),

tracked as (
    {{ segmentation.attributes_as_of('user', [
        'birth_year', 'gender', 'income_band', 'language', 'job_title', 'department'
    ]) }}
),

attributes as (
    select
        spine.user_id,
        spine.as_of_date,
        extract(year from spine.as_of_date)
        - {{ segmentation.to_number(segmentation.attribute('birth_year', 'tracked', 'users'), 'integer') }} as age,
        lower({{ segmentation.attribute('gender', 'tracked', 'users') }}) as gender,
        lower({{ segmentation.attribute('income_band', 'tracked', 'users') }}) as income_band,
        lower({{ segmentation.attribute('language', 'tracked', 'users') }}) as language,
        {{ segmentation.attribute('job_title', 'tracked', 'users') }} as job_title,
        {{ segmentation.attribute('department', 'tracked', 'users') }} as department
    from spine
    inner join users on spine.user_id = users.user_id
    left join tracked
        on
            spine.user_id = tracked.user_id
            and spine.as_of_date = tracked.as_of_date
),

job_titles as (
    select distinct
        job_title,
        ' ' || {{ segmentation.words('job_title') }} || ' ' as job_title_words
    from attributes
    where job_title is not null
),
{%- for trait, map in {'role': 'job_title_roles', 'seniority': 'job_title_seniorities'}.items() %}
{{ trait }}_matches as (
    select
        job_titles.job_title,
        titles.{{ trait }},
        row_number() over (
            partition by job_titles.job_title
            order by cast(titles.priority as bigint)
        ) as place
    from job_titles
    inner join {{ ref(map) }} as titles on job_titles.job_title_words like '% ' || titles.keyword || ' %'
),
{% endfor %}
demographics as (
    select
        attributes.user_id,
        case
            when attributes.age < 0 or attributes.age > 120 then null
            when attributes.age < 18 then 'under_18'
            when attributes.age < 25 then '18_24'
            when attributes.age < 35 then '25_34'
            when attributes.age < 45 then '35_44'
            when attributes.age < 55 then '45_54'
            when attributes.age < 65 then '55_64'
            when attributes.age >= 65 then '65_plus'
        end as age_band,
        attributes.gender,
        attributes.income_band,
        attributes.language,
        attributes.job_title,
        case when attributes.job_title is not null then coalesce(role_matches.role, 'other') end as role,
        case when attributes.job_title is not null then coalesce(seniority_matches.seniority, 'individual') end
            as seniority,
        attributes.department,
        attributes.as_of_date
    from attributes
    left join role_matches
        on
            attributes.job_title = role_matches.job_title
            and role_matches.place = 1
    left join seniority_matches
        on
            attributes.job_title = seniority_matches.job_title
            and seniority_matches.place = 1
)

select * from demographics
