{{ config(enabled=gives('stripe', 'subscriptions')) }}

-- The items of subscriptions with what each costs per month, in the currency of its price: from the table of items, or from the list within the
-- subscription where that table is missing. A price in tiers, and one by use, are not known: their amount is NULL, not 0.
with
subscriptions as (
    {{ source_table('stripe', 'subscription', {'id': 'id', 'items': 'items'}) }}
),

item_rows as (
    {{ source_table('stripe', 'subscription_item', {
        'id': 'id', 'subscription_id': ['subscription_id', 'subscription'], 'price_id': ['price_id', 'plan_id', 'price.id', 'plan.id'],
        'quantity': 'quantity', 'period_end': 'current_period_end', 'price': 'price', 'plan': 'plan',
    }, key=['id']) }}
),

prices as (
    {{ source_table('stripe', 'price', {
        'id': 'id', 'product_id': ['product_id', 'product'], 'currency': 'currency', 'nickname': 'nickname', 'scheme': 'billing_scheme',
        'each_period': ['recurring_interval', 'recurring.interval'], 'periods': ['recurring_interval_count', 'recurring.interval_count'],
        'usage_type': ['recurring_usage_type', 'recurring.usage_type'], 'amount': ['unit_amount_decimal', 'unit_amount'],
    }, key=['id']) }}
),

plans as (
    {{ source_table('stripe', 'plan', {
        'id': 'id', 'product_id': ['product_id', 'product'], 'currency': 'currency', 'nickname': 'nickname', 'scheme': 'billing_scheme',
        'each_period': 'interval', 'periods': 'interval_count', 'usage_type': 'usage_type', 'amount': ['amount_decimal', 'amount'],
    }, key=['id']) }}
),

products as (
    {{ source_table('stripe', 'product', {'id': 'id', 'name': 'name'}, key=['id']) }}
),

listed as (
    select id as subscription_id, unnest(json_extract(items, '$.data[*]')) as item
    from subscriptions
    where json_valid(items)
),

of_lists as (
    select
        subscription_id,
        json_extract_string(item, '$.id') as id,
        coalesce(json_extract_string(item, '$.price.id'), json_extract_string(item, '$.plan.id')) as price_id,
        json_extract_string(item, '$.quantity') as quantity,
        json_extract_string(item, '$.current_period_end') as period_end,
        json_extract(item, '$.price') as price,
        json_extract(item, '$.plan') as plan
    from listed
    where subscription_id not in (select subscription_id from item_rows where subscription_id is not null)
    qualify row_number() over (partition by id order by item) = 1
),

items as (
    select
        subscription_id, id, price_id, quantity, period_end,
        case when json_valid(price) then price end as price,
        case when json_valid(plan) then plan end as plan
    from item_rows
    where left_out_because is null and not is_deleted
    union all
    select subscription_id, id, price_id, quantity, period_end, cast(price as varchar), cast(plan as varchar)
    from of_lists
),

all_prices as (
    select * from prices
    where left_out_because is null
    union all
    select * from plans
    where left_out_because is null and id not in (select id from prices)
),

priced as (
    select
        items.subscription_id,
        items.id,
        items.period_end,
        coalesce(items.quantity, '1') as quantity,
        coalesce(prices.product_id, json_extract_string(items.price, '$.product'), json_extract_string(items.plan, '$.product')) as product_id,
        coalesce(prices.currency, json_extract_string(items.price, '$.currency'), json_extract_string(items.plan, '$.currency')) as currency,
        coalesce(prices.nickname, json_extract_string(items.price, '$.nickname'), json_extract_string(items.plan, '$.nickname')) as nickname,
        coalesce(
            prices.scheme, json_extract_string(items.price, '$.billing_scheme'), json_extract_string(items.plan, '$.billing_scheme'), 'per_unit'
        ) as scheme,
        coalesce(
            prices.each_period, json_extract_string(items.price, '$.recurring.interval'), json_extract_string(items.plan, '$.interval')
        ) as each_period,
        coalesce(
            prices.periods, json_extract_string(items.price, '$.recurring.interval_count'), json_extract_string(items.plan, '$.interval_count'), '1'
        ) as periods,
        coalesce(
            prices.usage_type, json_extract_string(items.price, '$.recurring.usage_type'), json_extract_string(items.plan, '$.usage_type'), 'licensed'
        ) as usage_type,
        coalesce(
            prices.amount, json_extract_string(items.price, '$.unit_amount_decimal'), json_extract_string(items.price, '$.unit_amount'),
            json_extract_string(items.plan, '$.amount')
        ) as amount,
        items.price_id
    from items
    left join all_prices as prices on items.price_id = prices.id
),

monthly as (
    select
        priced.*,
        coalesce(priced.nickname, products.name, priced.price_id) as plan_name,
        case when priced.usage_type = 'licensed' then try_cast(priced.quantity as bigint) end as seats,
        try_cast(priced.periods as double)
        * case priced.each_period when 'month' then 1 when 'year' then 12 when 'week' then 12 / 52e0 when 'day' then 12 / 365e0 end
            as months_per_period,
        case
            when priced.scheme = 'per_unit' and priced.usage_type = 'licensed'
                then
                    cast({{ stripe_amount('priced.amount', 'priced.currency') }} as double) * try_cast(priced.quantity as bigint)
                    / try_cast(priced.periods as double)
                    * case priced.each_period when 'month' then 1 when 'year' then 1 / 12e0 when 'week' then 52 / 12e0 when 'day' then 365 / 12e0 end
        end as amount_per_month
    from priced
    left join products on priced.product_id = products.id and products.left_out_because is null
)

select * from monthly
