{#
    Degrees of freedom of a sum of independent means, each with a spread of its own: Welch's for two, and the same for more.

    (Σ e)² / Σ (e² / (n − 1)), where e = variance / n. NULL unless every group has two values or more and one of them
    any spread.

    Arguments: groups (list of [squared error, n], SQL: variance / n and the number of values of each group).
    Call:      {{ satterthwaite_df([['squared_error', 'n'], ['baseline_squared_error', 'baseline_n']]) }}
    Source:    Satterthwaite (1946), Biometrics Bulletin 2, 110–114; Welch (1947), Biometrika 34, 28–35.
#}
{% macro satterthwaite_df(groups) -%}
    {%- set errors, terms, sizes = [], [], [] -%}
    {%- for squared_error, n in groups -%}
        {%- do errors.append(segmentation._operand(squared_error)) -%}
        {%- do sizes.append(segmentation._operand(n) ~ ' > 1') -%}
    {%- endfor -%}
    {%- set total = 'nullif(' ~ errors | join(' + ') ~ ', 0)' -%}
    {%- for squared_error, n in groups -%}
        {%- set share = '(' ~ segmentation._operand(squared_error) ~ ' / ' ~ total ~ ')' -%}
        {%- do terms.append(share ~ ' * ' ~ share ~ ' / nullif(' ~ segmentation._operand(n) ~ ' - 1e0, 0)') -%}
    {%- endfor -%}
    case
        when {{ sizes | join(' and ') }}
            then 1e0 / nullif({{ terms | join(' + ') }}, 0)
    end
{%- endmacro %}
