{#
    CTEs of sums over accounts with what their pull hides, the last of them `freed_accounts`: each row of `accounts` with <metric>__hidden. The
    mean that residuals are taken from is pulled by a large account; what that hides of the account's own is to be added for each of
    its users, so that the sum of n of them is freed by n × hidden.

    Arguments: metrics (entries of metrics()), accounts (relation with the keys and, per metric, <metric>__<prefix>n users as double and
               <metric>__<prefix>total, the sum of their residuals), residuals (relation of all users: the keys and a column per
               metric that adds up to 0), keys (columns of both), prefix (default: none).
    Call:      {{ freed_accounts(metrics, 'account_totals', 'account_residuals', ['as_of_date']) }},
    Source:    account_pull().
#}
{% macro freed_accounts(metrics, accounts, residuals, keys, prefix='') -%}
all_sizes as (
    select
        {%- for metric in metrics %}
        cast(count({{ metric.name }}) as double) as {{ metric.name }}__all_n,
        {%- endfor %}
        {{ keys | join(', ') }}
    from {{ residuals }}
    group by {{ keys | join(', ') }}
),

freed_accounts as (
    select
        {{ accounts }}.*
        {%- for metric in metrics %}
        {%- set n = accounts ~ '.' ~ metric.name ~ '__' ~ prefix ~ 'n' -%}
        ,
        coalesce(
            {{ accounts }}.{{ metric.name }}__{{ prefix }}total
            * ({{ segmentation.account_pull(n, 'all_sizes.' ~ metric.name ~ '__all_n') }} - 1e0)
            / nullif({{ n }}, 0e0),
            0e0
        ) as {{ metric.name }}__hidden
        {%- endfor %}
    from {{ accounts }}
    inner join all_sizes
        on {% for key in keys %}{{ 'and ' if not loop.first }}{{ accounts }}.{{ key }} = all_sizes.{{ key }} {% endfor %}
)
{%- endmacro %}
