-- Money comes to users by their account or channel, or is their own. What nobody stands behind is in no feature, and is
-- named here.
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
    select
        user_id,
        account_id
    from {{ ref('stg_users') }}
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

user_payers as (
    select
        user_id,
        account_id
    from users
    union all
    select
        user_id,
        cast(null as {{ dbt.type_string() }}) as account_id
    from users
),

present_payers as (
    select account_id as payer_id
    from user_dates
    where account_id is not null
    union
    select ' ' || user_id as payer_id
    from user_dates
),

known_payers as (
    select account_id as payer_id from accounts
    union
    select {{ segmentation.payer_id('user_payers') }} as payer_id from user_payers
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
    inner join data_through on {{ segmentation.day_of('subscriptions.valid_from') }} <= data_through.data_through
),

paid_amounts as (
    select
        'invoices' as input,
        {{ segmentation.payer_id('invoices') }} as payer_id,
        invoices.account_id,
        cast(invoices.amount as double) * {{ segmentation.currency_rate('invoices.currency') }} as amount
    from invoices
    inner join data_through on {{ segmentation.day_of('invoices.paid_at') }} <= data_through.data_through
    union all
    select
        'subscriptions' as input,
        {{ segmentation.payer_id('subscription_versions') }} as payer_id,
        account_id,
        cast(mrr as double) as amount
    from subscription_versions
    where
        place = 1
        and {{ segmentation.day_of('started_at') }} <= data_through
        and (ended_at is null or {{ segmentation.day_of('ended_at') }} > data_through)
        and (trial_ends_at is null or coalesce({{ segmentation.day_of('converted_at') }} <= data_through, false))
),

owned_amounts as (
    select
        paid_amounts.input,
        case
            when present_payers.payer_id is not null then 'users'
            when known_payers.payer_id is not null then 'no_users'
            when paid_amounts.account_id is not null then 'unknown_account'
            else 'unknown_user'
        end as owner_kind,
        paid_amounts.payer_id as owner_id,
        paid_amounts.amount
    from paid_amounts
    left join present_payers on paid_amounts.payer_id = present_payers.payer_id
    left join known_payers on paid_amounts.payer_id = known_payers.payer_id
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
        'invoices': ['users', 'no_users', 'unknown_account', 'unknown_user'],
        'subscriptions': ['users', 'no_users', 'unknown_account', 'unknown_user'],
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
