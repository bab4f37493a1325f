-- user_features has exactly the rows of user_dates: everybody in the population of a date, and nobody else.
with
user_dates as (
    select * from {{ ref('user_dates') }}
),

user_features as (
    select
        user_id,
        as_of_date
    from {{ ref('user_features') }}
),

failures as (
    select
        case
            when user_features.user_id is null
                then
                    'user_features lacks user ' || user_dates.user_id || ' on '
                    || cast(user_dates.as_of_date as {{ dbt.type_string() }})
            else
                'user_features has user ' || user_features.user_id || ' on '
                || cast(user_features.as_of_date as {{ dbt.type_string() }}) || ', who is not in user_dates then'
        end
        || '. Run dbt build --full-refresh; if it stays, a family returns other rows than its spine.' as message
    from user_dates
    full outer join user_features
        on
            user_dates.user_id = user_features.user_id
            and user_dates.as_of_date = user_features.as_of_date
    where user_dates.user_id is null or user_features.user_id is null
)

select * from failures
