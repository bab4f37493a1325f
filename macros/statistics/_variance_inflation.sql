{#
    A sum of squares by account over that by user, at least 1; NULL where there is neither.

    Arguments: by_account (Σ of the squared sums over accounts), by_user (Σ of the squares of users): SQL.
    Source:    Liang and Zeger (1986), Biometrika 73, 13–22. Sums that are only rounding count as 0.
#}
{% macro _variance_inflation(by_account, by_user) -%}
    {%- set by_account, by_user = segmentation._operand(by_account), segmentation._operand(by_user) -%}
    case
        when {{ by_user }} > 1e-18 and {{ by_account }} > {{ by_user }} then {{ by_account }} / {{ by_user }}
        when {{ by_account }} + {{ by_user }} is not null then 1e0
    end
{%- endmacro %}
