{{ config(enabled=gives('stripe', 'subscriptions')) }}
{%- set options = (connector_setting('stripe') or {'options': {}}).options %}

-- With Fivetran's history, a row per version, each since its start, the first since the start of the subscription; else one row per
-- subscription. Items are known as they are now, so the plan, seats and price of all versions are those of today.
with
landed as (
    {{ source_table('stripe', 'subscription', {
        'id': 'id', 'customer_id': ['customer_id', 'customer'], 'status': 'status',
        'metadata_account': ['metadata.' ~ (options.get('account_key') or 'account_id')],
        'metadata_user': ['metadata.' ~ (options.get('user_key') or 'user_id')],
        'start_date': ['start_date', 'created'], 'trial_end': 'trial_end', 'canceled': 'canceled_at', 'cancels': 'cancel_at',
        'cancels_at_end': 'cancel_at_period_end', 'ended': 'ended_at', 'period_end': 'current_period_end', 'is_live': 'livemode',
        'version_start': '_fivetran_start', 'version_is_active': '_fivetran_active',
    }) }}
),

customers as (
    select * from {{ ref('connector_stripe_customers') }}
),

items as (
    select * from {{ ref('connector_stripe_items') }}
),

discounts as (
    select * from {{ ref('connector_stripe_discounts') }}
),

sums as (
    select
        subscription_id,
        case when count(seats) > 0 then sum(seats) end as seats,
        -- Not known of one item, not known of the sum.
        case when count(*) = count(amount_per_month * {{ segmentation.currency_rate('currency') }})
            then sum(amount_per_month * {{ segmentation.currency_rate('currency') }}) end as mrr,
        min_by(plan_name, (-coalesce(amount_per_month, 0), plan_name)) as plan,
        max(months_per_period) as months_per_period,
        max({{ time_value('period_end') }}) as period_end
    from items
    group by subscription_id
),

paid as (
    {%- if gives('stripe', 'invoices') %}
    select subscription_id, min(paid_at) as first_paid_at
    from {{ ref('connector_stripe_payments') }}
    where reason is null and subscription_id is not null and amount > 0 and kind = 'invoice'
    group by subscription_id
    {%- else %}
    select cast(null as varchar) as subscription_id, cast(null as varchar) as first_paid_at where false
    {%- endif %}
),

versions as (
    select
        *,
        {{ time_text('start_date') }} as started_at,
        {{ time_text('trial_end') }} as trial_ends_at,
        coalesce({{ time_text('ended') }}, case when status = 'canceled' then {{ time_text('canceled') }} end) as ended_at,
        row_number() over (partition by id order by {{ time_value('version_start') }} nulls first, {{ time_value('loaded_at') }}, status) as version,
        coalesce(
            -- A version that no longer holds is one all the same.
            case when version_start is null then left_out_because end,
            case when is_live is not null and not {{ flag('is_live') }} then 'test_mode' end,
            case when status in ('incomplete', 'incomplete_expired') then 'never_started' end
        ) as reason
    from landed
),

known as (
    select
        versions.*,
        coalesce(customers.user_id, versions.metadata_user) as user_id,
        coalesce(
            customers.account_id,
            versions.metadata_account,
            case when coalesce(customers.user_id, versions.metadata_user) is null then versions.customer_id end
        ) as account_id,
        sums.plan,
        sums.seats,
        sums.mrr,
        sums.months_per_period,
        case
            when versions.version = 1 or versions.version_start is null then versions.started_at
            else {{ time_text('versions.version_start') }}
        end as valid_from,
        case
            when versions.trial_end is null or versions.status = 'trialing' then null
            when paid.first_paid_at is not null then paid.first_paid_at
            when versions.status in ('active', 'past_due', 'unpaid') then versions.trial_ends_at
        end as converted_at,
        case
            when not {{ flag('versions.cancels_at_end') }} and versions.cancels is null and versions.ended_at is null
                -- The period of an item is that of today: a version that no longer holds has only its own.
                then strftime(
                    coalesce(
                        case when versions.left_out_because is null then sums.period_end end, {{ time_value('versions.period_end') }}
                    ),
                    '%Y-%m-%d'
                )
        end as renewal_date
    from versions
    left join customers on versions.customer_id = customers.customer_id
    left join sums on versions.id = sums.subscription_id
    left join paid on versions.id = paid.subscription_id
),

-- A discount that begins or ends makes a version of its own.
changes as (
    select subscription_id, started_at as changed_at from discounts
    union
    select subscription_id, ends_at as changed_at from discounts
),

discount_versions as (
    select
        known.* replace (strftime(changes.changed_at, '%Y-%m-%dT%H:%M:%S.%fZ') as valid_from)
    from known
    inner join changes
        on known.id = changes.subscription_id and {{ time_value('known.valid_from') }} < changes.changed_at
    where known.reason is null and coalesce(changes.changed_at < {{ time_value('known.ended_at') }}, true)
    -- Of the version that holds then.
    qualify row_number() over (
        partition by known.id, changes.changed_at order by {{ time_value('known.valid_from') }} desc, known.version desc
    ) = 1
),

all_versions as (
    select * from known
    union all
    select * from discount_versions
    where (id, valid_from) not in (select (id, valid_from) from known where valid_from is not null)
),

taken_off as (
    select
        all_versions.id,
        all_versions.valid_from,
        product(discounts.share_left) as share_left,
        sum(discounts.amount_off) as amount_off
    from (select distinct id, valid_from from all_versions) as all_versions
    inner join discounts
        on
            all_versions.id = discounts.subscription_id
            and coalesce(discounts.started_at <= {{ time_value('all_versions.valid_from') }}, true)
            and coalesce(discounts.ends_at > {{ time_value('all_versions.valid_from') }}, true)
    group by all_versions.id, all_versions.valid_from
),

discounted as (
    select
        all_versions.* exclude (mrr),
        case
            when all_versions.status = 'paused' then 0
            -- What is taken off in money is taken off each invoice.
            else round(
                greatest(
                    all_versions.mrr * coalesce(taken_off.share_left, 1)
                    - coalesce(taken_off.amount_off, 0) / coalesce(all_versions.months_per_period, 1),
                    case when all_versions.mrr is not null then 0 end
                ),
                4
            )
        end as mrr
    from all_versions
    left join taken_off
        on
            all_versions.id = taken_off.id
            and all_versions.valid_from = taken_off.valid_from
),

mapped as (
    select
        {{ as_input('subscriptions', {
            'subscription_id': 'id',
            'account_id': 'account_id',
            'user_id': 'user_id',
            'plan': 'plan',
            'seats': 'cast(seats as varchar)',
            'mrr': 'cast(cast(mrr as decimal(20, 4)) as varchar)',
            'valid_from': 'valid_from',
            'started_at': 'started_at',
            'trial_ends_at': 'trial_ends_at',
            'converted_at': 'converted_at',
            'ended_at': 'ended_at',
            'renewal_date': 'renewal_date',
            'updated_at': time_text('loaded_at'),
        }, left_out='reason') }}
    from discounted
)

select * from mapped
