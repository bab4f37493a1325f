-- Money comes to users by their account or channel. What nobody stands behind is in no feature, and is named here.
with
invoices as (
    select * from {{ ref('stg_invoices') }}
),

subscriptions as (
    select * from {{ ref('stg_subscriptions') }}
),

accounts as (
    select account_id from {{ ref('stg_accounts') }}
),

users as (
    select account_id from {{ ref('stg_users') }}
    where account_id is not null
),

user_dates as (
    select * from {{ ref('user_dates') }}
    where {{ segmentation.at_newest_date() }}
),

acquisition_costs as (
    select * from {{ ref('acquisition_costs') }}
),

data_through as (
    select * from {{ ref('data_through') }}
),

present_accounts as (
    select user_dates.account_id
    from user_dates
    where user_dates.account_id is not null
    group by user_dates.account_id
),

known_accounts as (
    select account_id from accounts
    union
    select account_id from users
),

-- The version of each subscription that holds on the day, as in user_customer_features.
subscription_versions as (
    select
        subscriptions.*,
        data_through.data_through,
        row_number() over (
            partition by subscriptions.subscription_id
            order by subscriptions.valid_from desc
        ) as place
    from subscriptions
    inner join data_through on cast(subscriptions.valid_from as date) <= data_through.data_through
),

account_amounts as (
    select
        'invoices' as input,
        invoices.account_id,
        cast(invoices.amount as double) * {{ segmentation.currency_rate('invoices.currency') }} as amount
    from invoices
    inner join data_through on cast(invoices.paid_at as date) <= data_through.data_through
    union all
    select
        'subscriptions' as input,
        account_id,
        cast(mrr as double) as amount
    from subscription_versions
    where
        place = 1
        and cast(started_at as date) <= data_through
        and (ended_at is null or cast(ended_at as date) > data_through)
        and (trial_ends_at is null or coalesce(cast(converted_at as date) <= data_through, false))
),

owned_amounts as (
    select
        account_amounts.input,
        case
            when present_accounts.account_id is not null then 'users'
            when known_accounts.account_id is not null then 'no_users'
            else 'unknown_account'
        end as owner_kind,
        account_amounts.account_id as owner_id,
        account_amounts.amount
    from account_amounts
    left join present_accounts on account_amounts.account_id = present_accounts.account_id
    left join known_accounts on account_amounts.account_id = known_accounts.account_id
    union all
    select
        'marketing_spend' as input,
        case when signups > 0 then 'users' else 'no_users' end as owner_kind,
        acquisition_channel as owner_id,
        spend as amount
    from acquisition_costs
    where spend != 0
),

-- Every kind of owner, also where there is nothing: 0 says that nothing is lost. Not of an input that is off.
kinds as (
    {%- for input, kinds in {
        'invoices': ['users', 'no_users', 'unknown_account'],
        'subscriptions': ['users', 'no_users', 'unknown_account'],
        'marketing_spend': ['users', 'no_users'],
    }.items() if segmentation.is_known([input]) %}
    {%- for kind in kinds %}
    select
        '{{ input }}' as input,
        '{{ kind }}' as owner_kind
    union all
    {%- endfor %}
    {%- endfor %}
    select
        input,
        owner_kind
    from owned_amounts
    where false
),

sums as (
    select
        input,
        owner_kind,
        count(distinct owner_id) as owners,
        sum(amount) as amount
    from owned_amounts
    group by input, owner_kind
),

amounts as (
    select
        kinds.input,
        kinds.owner_kind,
        cast(coalesce(sums.owners, 0) as bigint) as owners,
        coalesce(sums.amount, 0e0) as amount,
        data_through.data_through as as_of_date,
        data_through.data_through
    from kinds
    cross join data_through
    left join sums
        on
            kinds.input = sums.input
            and kinds.owner_kind = sums.owner_kind
)

select * from amounts
