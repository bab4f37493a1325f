{#
    The CTEs of account_has(), the last of them `counted_by_account`: the CTE `base` with account_users_present and one column
    per name of `accounts` (name -> SQL over a user, whose true values are counted).
#}
{% macro _accounts_sql(accounts, base) -%}
-- Counted per account and joined back: a window over the users is several times slower.
account_counts as (
    select
        account_id,
        {%- for name, sql in accounts.items() %}
        sum(case when coalesce({{ sql }}, false) then 1 else 0 end) as {{ name }},
        {%- endfor %}
        count(*) as account_users_present,
        as_of_date
    from {{ base }}
    where account_id is not null
    group by account_id, as_of_date
),

counted_by_account as (
    select
        base.*,
        {%- for name in accounts %}
        account_counts.{{ name }},
        {%- endfor %}
        account_counts.account_users_present
    from {{ base }} as base
    left join account_counts
        on
            base.account_id = account_counts.account_id
            and base.as_of_date = account_counts.as_of_date
)
{%- endmacro %}
