{%- set upper = segmentation._double((1 + segmentation.setting('confidence_level')) / 2) %}
{%- set keys = ['cohort_kind', 'account_key', 'cohort_month'] %}

-- What users bring after their signup, and what accounts go on paying after their first payment. Users of one account
-- bring alike, so errors are those of accounts.
with
data_through as (
    select * from {{ ref('data_through') }}
),

cohort_payments as (
    select * from {{ ref('cohort_payments') }}
),

days as (
    {{ segmentation.date_series(
        '(select min(cohort_month) from cohort_payments)', '(select max(data_through) from data_through)'
    ) }}
),

month_starts as (
    select cast({{ dbt.date_trunc('month', 'series_date') }} as date) as month_start
    from days
    group by cast({{ dbt.date_trunc('month', 'series_date') }} as date)
),

months as (
    select
        month_starts.month_start,
        cast(row_number() over (order by month_starts.month_start) as bigint) as place,
        cast({{ dbt.dateadd('month', 1, 'month_starts.month_start') }} as date)
        <= {{ segmentation.days_before('data_through.data_through', -1) }} as is_complete
    from month_starts
    cross join data_through
),

cohort_accounts as (
    select
        cohort_payments.cohort_kind,
        cohort_payments.account_key,
        cohort_payments.cohort_month,
        start_months.place as start_place,
        max(cast(cohort_payments.units as double)) as units,
        max(cohort_payments.base) as base,
        max(case when cohort_payments.revenue != 0 or cohort_payments.mrr != 0 then 1 else 0 end) as brings
    from cohort_payments
    inner join months as start_months on cohort_payments.cohort_month = start_months.month_start
    group by cohort_payments.cohort_kind, cohort_payments.account_key, cohort_payments.cohort_month, start_months.place
),

-- Accounts that bring nothing count in sizes alone.
account_months as (
    select
        cohort_accounts.*,
        months.place as month_place,
        coalesce(cohort_payments.revenue, 0e0) as revenue,
        coalesce(cohort_payments.mrr, 0e0) as mrr,
        sum(coalesce(cohort_payments.revenue, 0e0)) over (
            partition by cohort_accounts.cohort_kind, cohort_accounts.account_key, cohort_accounts.cohort_month
            order by months.place
            rows between unbounded preceding and current row
        ) as total
    from cohort_accounts
    inner join months
        on
            cohort_accounts.start_place <= months.place
            and months.is_complete
    left join cohort_payments
        on
            {%- for key in keys %}
            {{ 'and ' if not loop.first }}cohort_accounts.{{ key }} = cohort_payments.{{ key }}
            {%- endfor %}
            and months.month_start = cohort_payments.payment_month
    where cohort_accounts.brings = 1
),

sums as (
    select
        cohort_kind,
        start_place,
        month_place,
        sum(revenue) as revenue,
        sum(total) as total,
        sum(total * total) as total_squares,
        sum(total * units) as total_products,
        sum(base) as base,
        sum(base * base) as base_squares,
        {%- for name, kept in {'net': 'mrr', 'gross': 'least(mrr, base)'}.items() %}
        sum({{ kept }}) as {{ name }},
        sum({{ kept }} * {{ kept }}) as {{ name }}_squares,
        sum({{ kept }} * base) as {{ name }}_products,
        {%- endfor %}
        cast(sum(case when mrr > 0 then 1 else 0 end) as bigint) as paying_accounts
    from account_months
    group by cohort_kind, start_place, month_place
),

sizes as (
    select
        cohort_kind,
        start_place,
        sum(units) as units,
        sum(units * units) as unit_squares,
        cast(count(*) as double) as accounts
    from cohort_accounts
    group by cohort_kind, start_place
),

-- A complete month without a payment is one with 0.
filled as (
    select
        sizes.*,
        start_months.month_start as cohort_month,
        months.place - sizes.start_place as month_number,
        months.is_complete,
        {%- for name in ['revenue', 'total', 'total_squares', 'total_products'] %}
        case when months.is_complete then coalesce(sums.{{ name }}, 0e0) end as {{ name }},
        {%- endfor %}
        {%- for name in [
            'base', 'base_squares', 'net', 'net_squares', 'net_products', 'gross', 'gross_squares', 'gross_products',
        ] %}
        -- Only who has paid can go on paying.
        case when sizes.cohort_kind = 'first_payment' then sums.{{ name }} end as {{ name }},
        {%- endfor %}
        case when sizes.cohort_kind = 'first_payment' then sums.paying_accounts end as paying_accounts
    from sizes
    inner join months as start_months on sizes.start_place = start_months.place
    inner join months on sizes.start_place <= months.place
    left join sums
        on
            sizes.cohort_kind = sums.cohort_kind
            and sizes.start_place = sums.start_place
            and months.place = sums.month_place
),

rated as (
    select
        *,
        revenue / units as revenue_per_unit,
        total / units as total_per_unit,
        net / nullif(base, 0e0) as net_retention,
        gross / nullif(base, 0e0) as gross_retention,
        case when accounts > 1 then accounts - 1e0 end as degrees_of_freedom,
        accounts / nullif(accounts - 1e0, 0e0) as correction
    from filled
),

-- What each account adds to the error: its total less the mean times its units, or its part less the rate times its
-- base. What is left below rounding is no spread.
spread as (
    select
        *,
        total_squares - 2e0 * total_per_unit * total_products + total_per_unit * total_per_unit * unit_squares
            as total_variance,
        {%- for name in ['net', 'gross'] %}
        {{ name }}_squares - 2e0 * {{ name }}_retention * {{ name }}_products
        + {{ name }}_retention * {{ name }}_retention * base_squares as {{ name }}_variance,
        {%- endfor %}
        {{ segmentation.student_t_quantile(upper, 'degrees_of_freedom') }} as quantile
    from rated
),

margins as (
    select
        *,
        case when total_variance > 1e-12 * total_squares then quantile * sqrt(correction * total_variance) / units end
            as total_margin,
        {%- for name in ['net', 'gross'] %}
        case
            when {{ name }}_variance > 1e-12 * {{ name }}_squares
                then quantile * sqrt(correction * {{ name }}_variance) / nullif(base, 0e0)
        end as {{ name }}_margin,
        {%- endfor %}
        case when paying_accounts is not null then accounts end as tested_accounts
    from spread
),

revenue_cohorts as (
    select
        margins.cohort_kind,
        case when margins.accounts < {{ segmentation.setting('min_test_accounts') }} then 'insufficient' else 'ok' end
            as quality,
        margins.month_number,
        cast(margins.units as bigint) as n,
        cast(margins.accounts as bigint) as accounts,
        margins.paying_accounts,
        margins.revenue_per_unit,
        margins.total_per_unit as cumulative_revenue_per_unit,
        margins.total_per_unit - margins.total_margin as cumulative_revenue_per_unit_lower,
        margins.total_per_unit + margins.total_margin as cumulative_revenue_per_unit_upper,
        margins.net_retention as net_revenue_retention,
        case
            when margins.net_margin > margins.net_retention then 0e0
            else margins.net_retention - margins.net_margin
        end as net_revenue_retention_lower,
        margins.net_retention + margins.net_margin as net_revenue_retention_upper,
        margins.gross_retention as gross_revenue_retention,
        {{ segmentation.clamp('margins.gross_retention - margins.gross_margin') }} as gross_revenue_retention_lower,
        {{ segmentation.clamp('margins.gross_retention + margins.gross_margin') }} as gross_revenue_retention_upper,
        margins.paying_accounts / margins.tested_accounts as paying_share,
        {{ segmentation.wilson_bound('margins.paying_accounts', 'margins.tested_accounts', 'lower') }}
            as paying_share_lower,
        {{ segmentation.wilson_bound('margins.paying_accounts', 'margins.tested_accounts', 'upper') }}
            as paying_share_upper,
        margins.is_complete,
        margins.cohort_month,
        data_through.data_through as as_of_date,
        data_through.data_through
    from margins
    cross join data_through
)

select * from revenue_cohorts
