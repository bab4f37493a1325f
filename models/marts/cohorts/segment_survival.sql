{%- set z = segmentation._double(segmentation._confidence_z()) %}

-- By the end of a day a user has added to the logarithm of the curve pause_part of the day of the pause (0 without
-- one), less what was expected of the days at risk: settled - at_risk * expected_part of that day, where settled holds
-- what the user's earlier days add up to, and at_risk is 1 while the user is watched. Squares of that, by user and by
-- account, are sums of settled², settled * at_risk and at_risk², which change only when somebody comes or goes.
with
data_through as (
    select * from {{ ref('data_through') }}
),

survival_curves as (
    select * from {{ ref('survival_curves') }}
),

{{ segmentation.survival_spells() }},

-- Numbers take less room than names, in rows of accounts for each segment.
account_numbers as (
    select
        account_key,
        row_number() over (order by account_key) as account_number
    from lives
    where account_users > 1
    group by account_key
),

curve_numbers as (
    select
        segment,
        group_name,
        row_number() over (order by segment, group_name) as curve_number
    from survival_curves
    group by segment, group_name
),

watched as (
    {%- for side, group_name in [('members', 'segment'), ('rest', 'rest')] %}
    select
        curve_numbers.curve_number,
        -- Users alone in their account need no group of their own.
        account_numbers.account_number,
        first_day.expected_part as first_part,
        first_day.expected_part + spells.{{ side }}_gap * last_day.pause_part - last_day.expected_part as last_part,
        spells.{{ side }}_start as first_day,
        spells.{{ side }}_end as last_day
    from spells
    inner join curve_numbers
        on
            spells.segment = curve_numbers.segment
            and curve_numbers.group_name = '{{ group_name }}'
    inner join survival_curves as first_day
        on
            spells.segment = first_day.segment
            and first_day.group_name = '{{ group_name }}'
            and spells.{{ side }}_start = first_day.day_number
    inner join survival_curves as last_day
        on
            spells.segment = last_day.segment
            and last_day.group_name = '{{ group_name }}'
            and spells.{{ side }}_end = last_day.day_number
    left join account_numbers on spells.account_key = account_numbers.account_key
    where spells.{{ side }}_start < spells.{{ side }}_end
    {{ 'union all' if not loop.last }}
    {%- endfor %}
),

-- What changes with one user on the first and on the last day.
moves as (
    select
        curve_number,
        account_number,
        first_day as day_number,
        first_part as settled,
        1e0 as at_risk,
        first_part * first_part as settled_squares,
        first_part as products
    from watched
    union all
    select
        curve_number,
        account_number,
        last_day as day_number,
        last_part - first_part as settled,
        -1e0 as at_risk,
        last_part * last_part - first_part * first_part as settled_squares,
        -first_part as products
    from watched
),

user_changes as (
    select
        curve_number,
        day_number,
        sum(settled_squares) as settled_squares,
        sum(products) as products,
        sum(at_risk) as at_risk_squares,
        sum(case when account_number is null then settled_squares else 0e0 end) as alone_settled_squares,
        sum(case when account_number is null then products else 0e0 end) as alone_products,
        sum(case when account_number is null then at_risk else 0e0 end) as alone_at_risk_squares
    from moves
    group by curve_number, day_number
),

account_moves as (
    select
        curve_number,
        account_number,
        day_number,
        sum(settled) as settled,
        sum(at_risk) as at_risk
    from moves
    where account_number is not null
    group by curve_number, account_number, day_number
),

account_states as (
    select
        curve_number,
        settled,
        at_risk,
        {%- for name in ['settled', 'at_risk'] %}
        sum({{ name }}) over (
            partition by curve_number, account_number
            order by day_number
            rows between unbounded preceding and current row
        ) as {{ name }}_after,
        {%- endfor %}
        day_number
    from account_moves
),

account_changes as (
    select
        curve_number,
        {%- for name, one, other in [
            ('settled_squares', 'settled', 'settled'),
            ('products', 'settled', 'at_risk'),
            ('at_risk_squares', 'at_risk', 'at_risk'),
        ] %}
        sum({{ one }}_after * {{ other }}_after - ({{ one }}_after - {{ one }}) * ({{ other }}_after - {{ other }}))
            as {{ name }},
        {%- endfor %}
        day_number
    from account_states
    group by curve_number, day_number
),

daily as (
    select
        curve_numbers.segment,
        curve_numbers.group_name,
        {%- for name in ['settled_squares', 'products', 'at_risk_squares'] %}
        user_changes.{{ name }},
        user_changes.alone_{{ name }} + coalesce(account_changes.{{ name }}, 0e0)
            as account_{{ name }},
        {%- endfor %}
        user_changes.day_number
    from user_changes
    inner join curve_numbers on user_changes.curve_number = curve_numbers.curve_number
    left join account_changes
        on
            user_changes.curve_number = account_changes.curve_number
            and user_changes.day_number = account_changes.day_number
),

moved as (
    select
        survival_curves.*,
        {%- for prefix in ['', 'account_'] %}
        {%- for name in ['settled_squares', 'products', 'at_risk_squares'] %}
        sum(daily.{{ prefix ~ name }}) over (
            partition by survival_curves.segment, survival_curves.group_name
            order by survival_curves.day_number
            rows between unbounded preceding and current row
        ) as {{ prefix ~ name }},
        {%- endfor %}
        {%- endfor %}
        -- Greenwood's sum.
        survival_curves.expected_part as variance
    from survival_curves
    left join daily
        on
            survival_curves.segment = daily.segment
            and survival_curves.group_name = daily.group_name
            and survival_curves.day_number = daily.day_number
),

squares as (
    select
        *,
        settled_squares - 2e0 * expected_part * products + expected_part * expected_part * at_risk_squares
            as user_squares,
        account_settled_squares - 2e0 * expected_part * account_products
        + expected_part * expected_part * account_at_risk_squares as account_squares
    from moved
),

design_effects as (
    select
        *,
        {{ segmentation._variance_inflation('account_squares', 'user_squares') }} as design_effect
    from squares
),

-- The interval is that of the logarithm of the logarithm, so it lies between 0 and 1 (Kalbfleisch and Prentice 1980,
-- chapter 1.3).
margins as (
    select
        *,
        {{ z }} * sqrt(variance * design_effect) / nullif(-log_survival, 0e0) as margin
    from design_effects
),

survival as (
    select
        margins.segment,
        margins.group_name,
        margins.day_number,
        margins.at_risk,
        margins.entered,
        margins.events,
        margins.censored,
        coalesce(exp(margins.log_survival), 0e0) as survival,
        exp(margins.log_survival * exp(margins.margin)) as survival_lower,
        exp(margins.log_survival * exp(-margins.margin)) as survival_upper,
        case when margins.margin is not null then margins.design_effect end as design_effect,
        data_through.data_through as as_of_date,
        data_through.data_through
    from margins
    cross join data_through
)

select * from survival
