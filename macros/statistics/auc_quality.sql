{#
    How far an AUC carries, as text: insufficient (fewer than 2 rows of an outcome), low_counts (fewer than 5), small_n
    (fewer than 30), ok.

    Arguments: n, positives (SQL, bare columns).
    Call:      {{ auc_quality('n', 'positives') }} as quality
#}
{% macro auc_quality(n, positives) -%}
    case
        when {{ n }} is null or least({{ positives }}, {{ n }} - {{ positives }}) < 2 then 'insufficient'
        when least({{ positives }}, {{ n }} - {{ positives }}) < 5 then 'low_counts'
        when least({{ positives }}, {{ n }} - {{ positives }}) < 30 then 'small_n'
        else 'ok'
    end
{%- endmacro %}
