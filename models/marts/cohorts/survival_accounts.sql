{%- set sides = ['members', 'rest'] %}
{%- set sums = ['score', 'mean_score', 'difference_score'] %}

-- The days at risk of every user, among the members and in the rest, become what the user adds to the log-rank
-- statistic and to the means. Users of one account are alike: their sums tell how far.
with
{{ segmentation.survival_spells() }},

survival_days as (
    select
        segment,
        group_name,
        day_number,
        score,
        expected_score,
        mean_score,
        expected_mean_score
    from {{ ref('survival_days') }}
),

scores as (
    select
        spells.segment,
        spells.account_key,
        {%- for side in sides %}
        coalesce(
            spells.{{ side }}_gap * {{ side }}_end.score
            - ({{ side }}_end.expected_score - {{ side }}_start.expected_score), 0e0
        ) as {{ side }}_score,
        coalesce(
            spells.{{ side }}_gap * {{ side }}_end.mean_score
            - ({{ side }}_end.expected_mean_score - {{ side }}_start.expected_mean_score), 0e0
        ) as {{ side }}_mean_score,
        case when {{ side }}_end.day_number is null then 0 else 1 end as is_in_{{ side }},
        {%- endfor %}
        spells.account_users
    from spells
    left join survival_days as members_start
        on
            spells.segment = members_start.segment
            and members_start.group_name = 'segment'
            and spells.members_start = members_start.day_number
            and spells.members_start < spells.members_end
    left join survival_days as members_end
        on
            members_start.segment = members_end.segment
            and members_start.group_name = members_end.group_name
            and spells.members_end = members_end.day_number
    left join survival_days as rest_start
        on
            spells.segment = rest_start.segment
            and rest_start.group_name = 'rest'
            and spells.rest_start = rest_start.day_number
            and spells.rest_start < spells.rest_end
    left join survival_days as rest_end
        on
            rest_start.segment = rest_end.segment
            and rest_start.group_name = rest_end.group_name
            and spells.rest_end = rest_end.day_number
),

parts as (
    select
        segment,
        -- Users alone in their account need no group of their own.
        case when account_users > 1 then account_key end as shared_account,
        is_in_members,
        is_in_rest,
        members_score + rest_score as score,
        members_mean_score as mean_score,
        members_mean_score - rest_mean_score as difference_score
    from scores
),

accounts as (
    select
        segment,
        shared_account,
        {%- for name in sums %}
        sum({{ name }}) as {{ name }},
        sum({{ name }} * {{ name }}) as {{ name }}_squares,
        {%- endfor %}
        sum(is_in_members) as members,
        sum(is_in_rest) as rest
    from parts
    group by segment, shared_account
),

squares as (
    select
        segment,
        {%- for name in sums %}
        {{ name }}_squares,
        case when shared_account is null then {{ name }}_squares else {{ name }} * {{ name }} end
            as {{ name }}_account_squares,
        {%- endfor %}
        case when shared_account is null then members when members > 0 then 1 else 0 end as members,
        case when shared_account is null then rest when rest > 0 then 1 else 0 end as rest
    from accounts
),

totals as (
    select
        segment,
        cast(sum(members) as bigint) as accounts,
        cast(sum(rest) as bigint) as baseline_accounts,
        sum(score_squares) as score_squares,
        sum(score_account_squares) as score_account_squares,
        sum(mean_score_squares) as mean_squares,
        sum(mean_score_account_squares) as mean_account_squares,
        sum(difference_score_squares) as difference_squares,
        sum(difference_score_account_squares) as difference_account_squares
    from squares
    group by segment
)

select * from totals
