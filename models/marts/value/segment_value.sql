{%- set cost_per_ticket = segmentation.setting('cost_per_ticket') %}
{%- set upper = segmentation._double((1 + segmentation.setting('confidence_level')) / 2) -%}
with
data_through as (
    select * from {{ ref('data_through') }}
),

segments as (
    select segment from {{ ref('segments') }}
    where retired_on is null or retired_on >= data_through
),

user_segments as (
    select * from {{ ref('user_segments') }}
    where {{ segmentation.at_newest_date() }}
),

user_features as (
    select * from {{ ref('user_features') }}
    where {{ segmentation.at_newest_date() }}
),

user_dates as (
    select * from {{ ref('user_dates') }}
    where {{ segmentation.at_newest_date() }}
),

acquisition_costs as (
    select * from {{ ref('acquisition_costs') }}
),

tickets as (
    select
        support_tickets.user_id,
        cast(count(*) as bigint) as lifetime_tickets
    from {{ ref('stg_support_tickets') }} as support_tickets
    inner join data_through on {{ segmentation.day_of('support_tickets.created_at') }} <= data_through.data_through
    group by support_tickets.user_id
),

user_values as (
    select
        user_features.user_id,
        {{ segmentation.account_key('user_features') }} as account_key,
        user_features.revenue_91d,
        user_features.lifetime_revenue,
        user_features.mrr,
        {%- if segmentation.is_known(['subscriptions']) %}
        12e0 * coalesce(user_features.mrr / coalesce(user_features.account_users, 1), 0e0) as arr,
        {%- else %}
        cast(null as double) as arr,
        {%- endif %}
        cast({{ cost_per_ticket }} as double) * user_features.tickets_91d as support_cost_91d,
        cast({{ cost_per_ticket }} as double) * coalesce(tickets.lifetime_tickets, 0) as support_cost,
        acquisition_costs.cost_per_signup as acquisition_cost,
        -- Days of the 91 on which the user was there to bring revenue.
        case when user_features.tenure_days < 90 then user_features.tenure_days + 1 else 91 end as exposed_days,
        acquisition_costs.cost_per_signup is not null as is_costed
    from user_features
    inner join user_dates
        on
            user_features.user_id = user_dates.user_id
            and user_features.as_of_date = user_dates.as_of_date
    left join acquisition_costs
        on
            coalesce(user_features.acquisition_channel, '__unknown__') = acquisition_costs.acquisition_channel
            and cast({{ dbt.date_trunc('month', 'user_dates.signup_date') }} as date)
            = acquisition_costs.signup_month
    left join tickets on user_features.user_id = tickets.user_id
),

population as (
    select
        cast(count(*) as bigint) as population_users,
        sum(revenue_91d) as population_revenue_91d,
        sum(abs(revenue_91d)) as population_revenue_size,
        sum(lifetime_revenue) as population_lifetime_revenue
    from user_values
),

segment_sums as (
    select
        user_segments.segment,
        cast(count(*) as bigint) as users,
        cast(sum(case when user_values.mrr > 0 then 1 else 0 end) as bigint) as paying_users,
        sum(user_values.arr) as arr,
        sum(user_values.revenue_91d) as revenue_91d,
        sum(user_values.lifetime_revenue) as lifetime_revenue,
        sum(user_values.support_cost_91d) as support_cost_91d,
        sum(user_values.support_cost) as support_cost,
        cast(count(user_values.acquisition_cost) as bigint) as costed_users,
        sum(user_values.acquisition_cost) as acquisition_cost,
        sum(case when user_values.is_costed then user_values.lifetime_revenue end) as costed_lifetime_revenue,
        sum(case when user_values.is_costed then user_values.support_cost end) as costed_support_cost,
        sum(case when user_values.is_costed then user_values.revenue_91d - user_values.support_cost_91d end)
            as costed_contribution_91d,
        cast(sum(case when user_values.is_costed then user_values.exposed_days end) as double) as costed_days
    from user_segments
    inner join user_values on user_segments.user_id = user_values.user_id
    group by user_segments.segment
),

-- What a member has brought so far, against everybody else: errors of both means and of their difference are those of
-- accounts, and some accounts are on both sides.
lifetime_means as (
    select
        segment_sums.segment,
        cast(segment_sums.users as double) as users,
        cast(nullif(population.population_users - segment_sums.users, 0) as double) as rest_users,
        segment_sums.lifetime_revenue / segment_sums.users as member_mean,
        (population.population_lifetime_revenue - segment_sums.lifetime_revenue)
        / nullif(population.population_users - segment_sums.users, 0) as rest_mean
    from segment_sums
    cross join population
),

accounts as (
    select
        account_key,
        cast(count(*) as double) as users,
        sum(lifetime_revenue) as lifetime_revenue
    from user_values
    group by account_key
),

account_totals as (
    select
        cast(count(*) as double) as all_accounts,
        sum(lifetime_revenue * lifetime_revenue) as squares,
        sum(lifetime_revenue * users) as products,
        sum(users * users) as user_squares
    from accounts
),

member_accounts as (
    select
        user_segments.segment,
        user_values.account_key,
        cast(count(*) as double) as members,
        sum(user_values.lifetime_revenue) as lifetime_revenue
    from user_segments
    inner join user_values on user_segments.user_id = user_values.user_id
    group by user_segments.segment, user_values.account_key
),

-- How far the members and the others of an account are from the means; and how far all of it would be from that of the
-- rest, which is what the totals hold.
distances as (
    select
        member_accounts.segment,
        member_accounts.lifetime_revenue - lifetime_means.member_mean * member_accounts.members as member_distance,
        accounts.lifetime_revenue - member_accounts.lifetime_revenue
        - lifetime_means.rest_mean * (accounts.users - member_accounts.members) as other_distance,
        accounts.lifetime_revenue - lifetime_means.rest_mean * accounts.users as whole_distance,
        member_accounts.lifetime_revenue * member_accounts.lifetime_revenue as squares,
        case when accounts.users > member_accounts.members then 1e0 else 0e0 end as is_on_both_sides
    from member_accounts
    inner join accounts on member_accounts.account_key = accounts.account_key
    inner join lifetime_means on member_accounts.segment = lifetime_means.segment
),

distance_sums as (
    select
        segment,
        cast(count(*) as double) as accounts,
        sum(is_on_both_sides) as shared_accounts,
        sum(squares) as squares,
        sum(member_distance * member_distance) as member_squares,
        sum(other_distance * other_distance - whole_distance * whole_distance) as added_squares,
        sum(member_distance * other_distance) as products
    from distances
    group by segment
),

-- What is left of the squares below rounding is no spread.
lifetime_errors as (
    select
        lifetime_means.*,
        distance_sums.accounts,
        account_totals.all_accounts - distance_sums.accounts + distance_sums.shared_accounts as rest_accounts,
        distance_sums.products,
        case when distance_sums.member_squares > 1e-12 * distance_sums.squares then distance_sums.member_squares end
            as member_squares,
        account_totals.squares - 2e0 * lifetime_means.rest_mean * account_totals.products
        + lifetime_means.rest_mean * lifetime_means.rest_mean * account_totals.user_squares
        + distance_sums.added_squares
            as rest_squares,
        account_totals.squares as all_squares
    from lifetime_means
    inner join distance_sums on lifetime_means.segment = distance_sums.segment
    cross join account_totals
),

lifetime_variances as (
    select
        *,
        member_squares / (users * users) * accounts / nullif(accounts - 1e0, 0e0) as member_variance,
        case when rest_squares > 1e-12 * all_squares then rest_squares end
        / (rest_users * rest_users) * rest_accounts / nullif(rest_accounts - 1e0, 0e0) as rest_variance,
        products / (users * rest_users)
        * sqrt(
            accounts / nullif(accounts - 1e0, 0e0) * rest_accounts / nullif(rest_accounts - 1e0, 0e0)
        ) as covariance,
        case when accounts > 1 then accounts - 1e0 end as degrees_of_freedom
    from lifetime_errors
),

lifetimes as (
    select
        *,
        {{ segmentation.student_t_quantile(upper, 'degrees_of_freedom') }} * sqrt(member_variance) as margin,
        {{ segmentation.satterthwaite_df([['member_variance', 'accounts'], ['rest_variance', 'rest_accounts']]) }}
            as difference_df,
        member_variance + rest_variance - 2e0 * covariance as difference_variance
    from lifetime_variances
),

lifetime_margins as (
    select
        *,
        case
            when difference_variance > 0
                then {{ segmentation.student_t_quantile(upper, 'difference_df') }} * sqrt(difference_variance)
        end as difference_margin
    from lifetimes
),

filled as (
    select
        segments.segment,
        coalesce(segment_sums.users, 0) as users,
        coalesce(segment_sums.paying_users, 0) as paying_users,
        coalesce(segment_sums.costed_users, 0) as costed_users,
        segment_sums.arr,
        coalesce(segment_sums.revenue_91d, 0e0) as revenue_91d,
        coalesce(segment_sums.lifetime_revenue, 0e0) as lifetime_revenue,
        coalesce(segment_sums.support_cost_91d, 0e0) as support_cost_91d,
        coalesce(segment_sums.support_cost, 0e0) as support_cost,
        segment_sums.acquisition_cost,
        segment_sums.costed_lifetime_revenue,
        segment_sums.costed_support_cost,
        segment_sums.costed_contribution_91d / nullif(segment_sums.costed_days, 0e0) as contribution_per_day,
        population.population_users,
        population.population_revenue_91d,
        population.population_revenue_size
    from segments
    left join segment_sums on segments.segment = segment_sums.segment
    cross join population
),

shares as (
    select
        *,
        users / cast(nullif(population_users, 0) as double) as share_of_users,
        {{ segmentation.share_of('revenue_91d', 'population_revenue_91d', 'population_revenue_size') }}
            as share_of_revenue,
        acquisition_cost / nullif(costed_users, 0) as acquisition_cost_per_user,
        costed_lifetime_revenue - acquisition_cost - costed_support_cost as margin
    from filled
),

segment_values as (
    select
        shares.segment,
        case
            when
                coalesce(least(lifetime_margins.accounts, lifetime_margins.rest_accounts), 0)
                < {{ segmentation.setting('min_test_accounts') }}
                then 'insufficient'
            else 'ok'
        end as lifetime_quality,
        shares.users,
        shares.population_users,
        cast(coalesce(lifetime_margins.accounts, 0) as bigint) as accounts,
        shares.paying_users,
        shares.costed_users,
        shares.share_of_users,
        shares.share_of_revenue,
        shares.share_of_revenue / nullif(shares.share_of_users, 0e0) as value_index,
        shares.arr,
        shares.revenue_91d,
        shares.revenue_91d / nullif(shares.users, 0) as revenue_per_user_91d,
        shares.lifetime_revenue,
        shares.lifetime_revenue / nullif(shares.users, 0) as lifetime_revenue_per_user,
        lifetime_margins.member_mean - lifetime_margins.margin as lifetime_revenue_per_user_lower,
        lifetime_margins.member_mean + lifetime_margins.margin as lifetime_revenue_per_user_upper,
        lifetime_margins.rest_mean as rest_lifetime_revenue_per_user,
        lifetime_margins.member_mean - lifetime_margins.rest_mean as lifetime_revenue_difference,
        lifetime_margins.member_mean - lifetime_margins.rest_mean - lifetime_margins.difference_margin
            as lifetime_revenue_difference_lower,
        lifetime_margins.member_mean - lifetime_margins.rest_mean + lifetime_margins.difference_margin
            as lifetime_revenue_difference_upper,
        shares.support_cost_91d,
        shares.support_cost,
        shares.acquisition_cost,
        shares.acquisition_cost_per_user,
        shares.costed_lifetime_revenue,
        shares.costed_support_cost,
        shares.margin,
        shares.margin / nullif(shares.costed_users, 0) as margin_per_user,
        shares.costed_lifetime_revenue
        / nullif(shares.acquisition_cost + shares.costed_support_cost, 0e0) as value_cost_ratio,
        case
            when shares.acquisition_cost_per_user = 0 then 0e0
            when shares.contribution_per_day > 0 then shares.acquisition_cost_per_user / shares.contribution_per_day
        end as payback_days,
        data_through.data_through as as_of_date,
        data_through.data_through
    from shares
    left join lifetime_margins on shares.segment = lifetime_margins.segment
    cross join data_through
    -- Without invoices every segment would be worth nothing.
    where {{ 'true' if segmentation.is_known(['invoices']) else 'false' }}
)

select * from segment_values
