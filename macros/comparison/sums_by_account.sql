{#
    CTEs of sums over users of each group and over what its members add up to in each account, the last of them `sums_of_all_metrics`: one row
    per segment and date with the columns of account_sum_columns() of each metric. Only accounts with several users are summed
    one by one; a user without colleagues is his own. A segment's rows rest on its own members alone.

    Arguments: metrics (entries of metrics()), residuals (relation with user_id, account_id, a column per metric that adds up to 0
               over all users, and as_of_date), further (suffix -> name: columns <metric><suffix> of `residuals` that are summed
               over users as <metric>__<name>, of the metrics that have one in has_further; default: none),
               has_further (suffix -> names of metrics); user_segments and user_features are in scope.
    Call:      {{ sums_by_account(metrics, 'user_residuals') }}
#}
{% macro sums_by_account(metrics, residuals, further={}, has_further={}) -%}
shared_accounts as (
    select
        account_id,
        as_of_date
    from user_features
    where account_id is not null
    group by account_id, as_of_date
    having count(*) > 1
),

members as (
    {{ segmentation.members_of_groups() }}
),

{{ segmentation.patterns_of_members('members') }},

account_residuals as (
    select
        shared_accounts.account_id,
        user_patterns.pattern,
        {%- for metric in metrics %}
        {{ residuals }}.{{ metric.name }},
        {%- for suffix in further if metric.name in has_further[suffix] %}
        {{ residuals }}.{{ metric.name }}{{ suffix }},
        {%- endfor %}
        {%- endfor %}
        {{ residuals }}.as_of_date
    from {{ residuals }}
    left join shared_accounts
        on
            {{ residuals }}.account_id = shared_accounts.account_id
            and {{ residuals }}.as_of_date = shared_accounts.as_of_date
    left join user_patterns
        on
            {{ residuals }}.user_id = user_patterns.user_id
            and {{ residuals }}.as_of_date = user_patterns.as_of_date
),

account_totals as (
    select
        account_id,
        {%- for metric in metrics %}
        cast(count({{ metric.name }}) as double) as {{ metric.name }}__n,
        sum({{ metric.name }}) as {{ metric.name }}__total,
        {%- endfor %}
        as_of_date
    from account_residuals
    where account_id is not null
    group by account_id, as_of_date
),

{{ segmentation.freed_accounts(metrics, 'account_totals', 'account_residuals', ['as_of_date']) }},

{{ segmentation._sums_of_members(metrics, further, has_further) }},

shared_sums as (
    select
        member_accounts.segment,
        {%- for metric in metrics %}
        {%- set n, total = metric.name ~ '__n', metric.name ~ '__total' %}
        {%- set hidden = 'freed_accounts.' ~ metric.name ~ '__hidden' %}
        {%- set freed = '(member_accounts.' ~ total ~ ' + member_accounts.' ~ n ~ ' * ' ~ hidden ~ ')' %}
        {%- set all_freed = '(freed_accounts.' ~ total ~ ' + freed_accounts.' ~ n ~ ' * ' ~ hidden ~ ')' %}
        cast(count(case when member_accounts.{{ n }} > 0 then 1 end) as double) as {{ metric.name }}__accounts,
        cast(count(
            case when member_accounts.{{ n }} > 0 and member_accounts.{{ n }} = freed_accounts.{{ n }} then 1 end
        ) as double) as {{ metric.name }}__whole_accounts,
        coalesce(sum({{ freed }} * {{ freed }}), 0e0) as {{ metric.name }}__account_squares,
        coalesce(sum({{ freed }} * {{ all_freed }}), 0e0) as {{ metric.name }}__account_products,
        {%- endfor %}
        member_accounts.as_of_date
    from member_accounts
    inner join freed_accounts
        on
            member_accounts.account_id = freed_accounts.account_id
            and member_accounts.as_of_date = freed_accounts.as_of_date
    group by member_accounts.segment, member_accounts.as_of_date
),

sums_of_all_metrics as (
    select
        user_sums.segment,
        {%- for metric in metrics %}
        user_sums.{{ metric.name }}__n,
        user_sums.{{ metric.name }}__squares,
        {%- if further %}
        user_sums.{{ metric.name }}__total,
        user_sums.{{ metric.name }}__cubes,
        {%- endif %}
        {%- for suffix, name in further.items() if metric.name in has_further[suffix] %}
        user_sums.{{ metric.name }}__{{ name }},
        {%- endfor %}
        {%- for name in ['accounts', 'whole_accounts'] %}
        user_sums.{{ metric.name }}__alone + coalesce(shared_sums.{{ metric.name }}__{{ name }}, 0e0)
            as {{ metric.name }}__{{ name }},
        {%- endfor %}
        {%- for name in ['account_squares', 'account_products'] %}
        user_sums.{{ metric.name }}__alone_squares + coalesce(shared_sums.{{ metric.name }}__{{ name }}, 0e0)
            as {{ metric.name }}__{{ name }},
        {%- endfor %}
        {%- endfor %}
        user_sums.as_of_date
    from user_sums
    left join shared_sums
        on
            user_sums.segment = shared_sums.segment
            and user_sums.as_of_date = shared_sums.as_of_date
)
{%- endmacro %}

{# Its CTEs user_sums, of all members, and member_accounts, of those who have colleagues. #}
{% macro _sums_of_members(metrics, further, has_further) -%}
sums_of_patterns as (
    select
        pattern,
        account_id is null as is_alone,
        {%- for metric in metrics %}
        {%- set value = metric.name %}
        cast(count({{ value }}) as double) as {{ metric.name }}__n,
        coalesce(sum({{ value }} * {{ value }}), 0e0) as {{ metric.name }}__squares,
        {%- if further %}
        coalesce(sum({{ value }}), 0e0) as {{ metric.name }}__total,
        coalesce(sum({{ value }} * {{ value }} * {{ value }}), 0e0) as {{ metric.name }}__cubes,
        {%- endif %}
        {%- for suffix, name in further.items() if metric.name in has_further[suffix] %}
        coalesce(sum({{ value }}{{ suffix }}), 0e0) as {{ metric.name }}__{{ name }},
        {%- endfor %}
        {%- endfor %}
        as_of_date
    from account_residuals
    where pattern is not null
    group by pattern, account_id is null, as_of_date
),

user_sums as (
    select
        pattern_groups.segment,
        {%- for metric in metrics %}
        {%- set sums = ['n', 'squares'] + (['total', 'cubes'] if further else []) %}
        {%- for suffix, name in further.items() if metric.name in has_further[suffix] %}
        {%- do sums.append(name) %}
        {%- endfor %}
        {%- for name in sums %}
        sum(sums_of_patterns.{{ metric.name }}__{{ name }}) as {{ metric.name }}__{{ name }},
        {%- endfor %}
        {%- for sum, name in {'n': 'alone', 'squares': 'alone_squares'}.items() %}
        sum(case when sums_of_patterns.is_alone then sums_of_patterns.{{ metric.name }}__{{ sum }} else 0e0 end)
            as {{ metric.name }}__{{ name }},
        {%- endfor %}
        {%- endfor %}
        pattern_groups.as_of_date
    from sums_of_patterns
    inner join pattern_groups
        on
            sums_of_patterns.pattern = pattern_groups.pattern
            and sums_of_patterns.as_of_date = pattern_groups.as_of_date
    group by pattern_groups.segment, pattern_groups.as_of_date
),

member_accounts as (
    select
        pattern_groups.segment,
        account_residuals.account_id,
        {%- for metric in metrics %}
        count(account_residuals.{{ metric.name }}) as {{ metric.name }}__n,
        sum(account_residuals.{{ metric.name }}) as {{ metric.name }}__total,
        {%- endfor %}
        account_residuals.as_of_date
    from account_residuals
    inner join pattern_groups
        on
            account_residuals.pattern = pattern_groups.pattern
            and account_residuals.as_of_date = pattern_groups.as_of_date
    where account_residuals.account_id is not null
    group by pattern_groups.segment, account_residuals.account_id, account_residuals.as_of_date
)
{%- endmacro %}
