{#
    How far an AUC carries, as text: insufficient (fewer than 2 rows of an outcome, or a NULL), low_counts (fewer than 5),
    small_n (fewer than 30), ok.

    Arguments: n, positives (SQL, bare columns).
    Call:      {{ auc_quality('n', 'positives') }} as quality
#}
{% macro auc_quality(n, positives) -%}
    case
        when {{ positives }} >= 30 and {{ n }} - {{ positives }} >= 30 then 'ok'
        when {{ positives }} >= 5 and {{ n }} - {{ positives }} >= 5 then 'small_n'
        when {{ positives }} >= 2 and {{ n }} - {{ positives }} >= 2 then 'low_counts'
        else 'insufficient'
    end
{%- endmacro %}
