{{ config(materialized='ephemeral') }}

-- The traits of a project's own: variable `traits`.
with
spine as (
    select * from {{ ref('user_dates') }}
    where {{ segmentation.in_slice() }}
),

users as (
    select * from {{ ref('stg_users') }}
),

accounts as (
    select * from {{ ref('stg_accounts') }}
),

{{ segmentation.own_traits() }}

select * from own_traits
