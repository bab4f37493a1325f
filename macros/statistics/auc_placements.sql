{#
    Every row of a relation with the share of the rows of the other outcome that have a lower score, ties counted one half:
    the column `share_below`. Rank sums give it in one sort, without comparing pairs. Aggregate it by auc_summary().

    The body of a CTE. Leave rows without a score or an outcome out before.

    Arguments: relation, score (name of a column), outcome (name of a column that is 0 or 1), partition_by (list of columns;
               [] for one group).
    Call:      placed as ({{ auc_placements('scored', 'score', 'has_left', ['as_of_date']) }})
    Source:    DeLong, DeLong and Clarke-Pearson (1988), Biometrics 44, 837–845, the components V₁₀ and V₀₁ by mid-ranks as in
               Sun and Xu (2014), IEEE Signal Processing Letters 21, 1389–1393.
#}
{% macro auc_placements(relation, score, outcome, partition_by) -%}
    {%- set all_rows = 'partition by ' ~ partition_by | join(', ') if partition_by else '' -%}
    {%- set own = 'partition by ' ~ (partition_by + [outcome]) | join(', ') -%}
    select
        *,
        (
            rank() over ({{ all_rows }} order by {{ score }})
            + (count(*) over (partition by {{ (partition_by + [score]) | join(', ') }}) - 1) / 2e0
            - rank() over ({{ own }} order by {{ score }})
            - (count(*) over ({{ own }}, {{ score }}) - 1) / 2e0
        ) / nullif(count(*) over ({{ all_rows }}) - count(*) over ({{ own }}), 0) as share_below
    from {{ relation }}
{%- endmacro %}
