{{ config(enabled=gives('stripe', 'subscriptions')) }}

-- What is taken off the price of a subscription, and from when to when: from the tables of discounts and coupons, or from the objects within
-- the subscription. A coupon that is used once is of one invoice, and not of what is paid per month.
with
subscriptions as (
    {{ source_table('stripe', 'subscription', {'id': 'id', 'discount': 'discount', 'discounts': 'discounts'}) }}
),

discount_rows as (
    {{ source_table('stripe', 'subscription_discount', {
        'id': 'id', 'subscription_id': ['subscription_id', 'subscription'], 'coupon_id': ['coupon_id', 'coupon.id', 'coupon'],
        'started': 'start', 'ends': 'end',
    }) }}
),

coupons as (
    {{ source_table('stripe', 'coupon', {
        'id': 'id', 'percent_off': 'percent_off', 'amount_off': 'amount_off', 'currency': 'currency', 'duration': 'duration',
    }, key=['id']) }}
),

objects as (
    select id as subscription_id, cast(discount as json) as discount
    from subscriptions
    where left_out_because is null and json_valid(discount) and json_type(cast(discount as json)) = 'OBJECT'
    union all
    select id as subscription_id, unnest(json_extract(discounts, '$[*]')) as discount
    from subscriptions
    where left_out_because is null and json_valid(discounts)
),

of_objects as (
    select distinct
        subscription_id,
        json_extract_string(discount, '$.id') as id,
        json_extract_string(discount, '$.coupon.percent_off') as percent_off,
        json_extract_string(discount, '$.coupon.amount_off') as amount_off,
        json_extract_string(discount, '$.coupon.currency') as currency,
        json_extract_string(discount, '$.coupon.duration') as duration,
        json_extract_string(discount, '$.start') as started,
        json_extract_string(discount, '$.end') as ends
    from objects
    where subscription_id not in (select subscription_id from discount_rows where subscription_id is not null)
),

of_tables as (
    select distinct
        discount_rows.subscription_id,
        discount_rows.id,
        coupons.percent_off,
        coupons.amount_off,
        coupons.currency,
        coupons.duration,
        discount_rows.started,
        discount_rows.ends
    from discount_rows
    left join coupons on discount_rows.coupon_id = coupons.id and coupons.left_out_because is null
    where discount_rows.left_out_because is null and not discount_rows.is_deleted
),

all_discounts as (
    select * from of_objects
    union all
    select * from of_tables
),

discounts as (
    select
        subscription_id,
        coalesce(1 - try_cast(percent_off as double) / 100, 1) as share_left,
        coalesce(cast({{ stripe_amount('amount_off', 'currency') }} as double) * {{ segmentation.currency_rate('currency') }}, 0) as amount_off,
        {{ time_value('started') }} as started_at,
        {{ time_value('ends') }} as ends_at
    from all_discounts
    where duration is distinct from 'once'
)

select * from discounts
