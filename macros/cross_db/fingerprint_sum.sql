{#
    An aggregate of `fingerprint()` values that does not depend on their order and counts duplicates; 0 for no row.

    Arguments: expression (SQL, bigint).
    Call:      {{ fingerprint_sum('row_hash') }}
#}
{% macro fingerprint_sum(expression) -%}
    {{ return(adapter.dispatch('fingerprint_sum', 'segmentation')(expression)) }}
{%- endmacro %}

{% macro default__fingerprint_sum(expression) -%}
    coalesce(cast(sum({{ expression }}) as decimal(38, 0)), 0)
{%- endmacro %}
