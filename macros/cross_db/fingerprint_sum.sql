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

{# A sum of bigint overflows there. #}
{% macro spark__fingerprint_sum(expression) -%}
    coalesce(cast(sum(cast({{ expression }} as decimal(20, 0))) as decimal(38, 0)), cast(0 as decimal(38, 0)))
{%- endmacro %}
