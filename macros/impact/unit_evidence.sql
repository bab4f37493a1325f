{#
    CTEs that say whether accounts were assigned rather than users, the last of them `unit_evidence`: one row per experiment (or
    campaign) with colleagues in it, with
      shared_accounts              accounts with two users or more
      undivided_accounts           of these, those whose users are all in one arm
      expected_undivided_accounts  how many that would be, had users been assigned
      undivided_p_value            chance of so many or more, had users been assigned: exact where all are undivided, and else
                                   Hoeffding's bound

    Arguments: relation (name of a CTE with one row per assigned user: user_id, account_id, key and arm), key (name of the column
               with the experiment or campaign), arm (name of the column with the arm).
    Call:      {{ unit_evidence('assigned_users', 'experiment', 'variant') }}
    Source:    Hoeffding (1963), Journal of the American Statistical Association 58, 13–30, theorem 1.
#}
{% macro unit_evidence(relation, key, arm) -%}
shared_accounts as (
    select
        {{ key }},
        account_id,
        cast(count(*) as double) as users,
        case when min({{ arm }}) = max({{ arm }}) then 1 else 0 end as is_undivided
    from {{ relation }}
    where account_id is not null
    group by {{ key }}, account_id
    having count(*) > 1
),

-- Had users been assigned: all of an account in one arm with the chance Σ share ^ users.
arm_shares as (
    select
        {{ key }},
        {{ arm }},
        count(*) / cast(sum(count(*)) over (partition by {{ key }}) as double) as share,
        max(count(*)) over (partition by {{ key }}) / cast(sum(count(*)) over (partition by {{ key }}) as double)
            as largest_share
    from {{ relation }}
    group by {{ key }}, {{ arm }}
),

account_chances as (
    select
        shared_accounts.{{ key }},
        shared_accounts.account_id,
        shared_accounts.is_undivided,
        shared_accounts.users * ln(max(arm_shares.largest_share))
        + ln(sum(exp(greatest(shared_accounts.users * ln(arm_shares.share / arm_shares.largest_share), -7e2))))
            as log_chance
    from shared_accounts
    inner join arm_shares on shared_accounts.{{ key }} = arm_shares.{{ key }}
    group by
        shared_accounts.{{ key }}, shared_accounts.account_id, shared_accounts.is_undivided, shared_accounts.users
),

undivided_accounts as (
    select
        {{ key }},
        cast(count(*) as bigint) as shared_accounts,
        cast(sum(is_undivided) as bigint) as undivided_accounts,
        sum(exp(greatest(log_chance, -7e2))) as expected_undivided_accounts,
        sum(log_chance) as log_chance_of_all
    from account_chances
    group by {{ key }}
),

unit_evidence as (
    select
        {{ key }},
        shared_accounts,
        undivided_accounts,
        expected_undivided_accounts,
        case
            when undivided_accounts = shared_accounts then exp(greatest(log_chance_of_all, -7e2))
            when undivided_accounts > expected_undivided_accounts
                then
                    exp(greatest(
                        -undivided_accounts * ln(undivided_accounts / expected_undivided_accounts)
                        - (shared_accounts - undivided_accounts)
                        * ln((shared_accounts - undivided_accounts) / (shared_accounts - expected_undivided_accounts)),
                        -7e2
                    ))
            else 1e0
        end as undivided_p_value
    from undivided_accounts
)
{%- endmacro %}

{#
    SQL for what was assigned, account or user: what the variable `randomization_unit` says of all or of this one, else what the
    assignments look like.
    key: SQL, its name; unit: value of the variable; alarm: p below which accounts that share an arm are no chance.
#}
{% macro _assigned_unit(key, unit, alarm) -%}
    {%- if unit is string -%}{{ return(segmentation.text_literal(unit)) }}{%- endif -%}
    {%- set given = [] -%}
    {%- for name, given_unit in unit.items() -%}
        {%- do given.append(
            'when ' ~ key ~ ' = ' ~ segmentation.text_literal(name) ~ ' then ' ~ segmentation.text_literal(given_unit)
        ) -%}
    {%- endfor -%}
    {{ return(
        'case ' ~ given | join(' ') ~ ' when unit_evidence.undivided_p_value < ' ~ alarm ~ " then 'account' else 'user' end"
    ) }}
{%- endmacro %}
