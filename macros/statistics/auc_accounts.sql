{#
    How alike users of one account are in what they add to an AUC: a SELECT of one row per group with the columns of
    `partition_by`, accounts (bigint) and design_effect (double, at least 1). Multiply the standard error of auc_summary() by
    the root of design_effect.

    The body of a CTE.

    Arguments: placed (relation from auc_placements()), outcome (name of a column that is 0 or 1), account (name of a column;
               NULL is an account too, so give users without one a key of their own), partition_by (list of columns; [] for one
               group).
    Call:      witnesses as ({{ auc_accounts('placed', 'has_left', 'account_key', ['as_of_date']) }})
    Source:    Obuchowski (1997), Biometrics 53, 567–578: DeLong's components, added up by cluster before they are squared.
#}
{% macro auc_accounts(placed, outcome, account, partition_by) -%}
    {%- set own = 'partition by ' ~ (partition_by + [outcome]) | join(', ') -%}
    {%- set columns = partition_by | join(', ') ~ (', ' if partition_by else '') -%}
    select
        {{ columns }}
        cast(count(*) as bigint) as accounts,
        {{ segmentation._variance_inflation('sum(part * part)', 'sum(part_squares)') }} as design_effect
    from (
        select
            {{ columns }}
            sum(part) as part,
            sum(part * part) as part_squares
        from (
            select
                *,
                (2 * {{ outcome }} - 1) * (share_below - avg(share_below) over ({{ own }})) / count(*) over ({{ own }}) as part
            from {{ placed }}
        ) as parts
        group by {{ columns }}{{ account }}
    ) as account_parts
    {{ 'group by ' ~ partition_by | join(', ') if partition_by }}
{%- endmacro %}
