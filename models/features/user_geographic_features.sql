{{ config(materialized='ephemeral') }}

with
spine as (
    select * from {{ ref('user_dates') }}
    where {{ segmentation.in_slice() }}
),

users as (
    select * from {{ ref('stg_users') }}
),

country_aliases as (
    select * from {{ ref('country_aliases') }}
),

countries as (
    select * from {{ ref('countries') }}
),

tracked as (
    {{ segmentation.attributes_as_of('user', ['country', 'state', 'city']) }}
),

attributes as (
    select
        spine.user_id,
        spine.as_of_date,
        upper({{ segmentation.attribute('country', 'tracked', 'users') }}) as recorded_country,
        {{ segmentation.attribute('state', 'tracked', 'users') }} as state,
        {{ segmentation.attribute('city', 'tracked', 'users') }} as city
    from spine
    inner join users on spine.user_id = users.user_id
    left join tracked
        on
            spine.user_id = tracked.user_id
            and spine.as_of_date = tracked.as_of_date
),

geographics as (
    select
        attributes.user_id,
        coalesce(country_aliases.country, attributes.recorded_country) as country,
        attributes.state,
        attributes.city,
        countries.region,
        countries.climate_zone,
        attributes.as_of_date
    from attributes
    left join country_aliases on attributes.recorded_country = country_aliases.alias
    left join countries on coalesce(country_aliases.country, attributes.recorded_country) = countries.country
)

select * from geographics
