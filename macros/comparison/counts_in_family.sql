{#
    Whether a row's p may stand among others that are corrected together, as a boolean in SQL: not where there are too few users,
    accounts or outcomes for it to hold in the far tail, since that is where a correction looks.

    Arguments: quality (SQL, of comparison_quality(); default: the column of that name).
    Call:      {{ counts_in_family() }}
#}
{% macro counts_in_family(quality='quality') -%}
    {{ quality }} in ('skewed', 'ok')
{%- endmacro %}
