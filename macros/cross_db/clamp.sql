{#
    A number held between 0 and 1; NULL stays NULL (least() and greatest() would skip it).

    Arguments: expression (SQL).
    Call:      {{ clamp('active_days_28d / 12e0') }}
#}
{% macro clamp(expression) -%}
    case when {{ expression }} < 0 then 0e0 when {{ expression }} > 1 then 1e0 else {{ expression }} end
{%- endmacro %}
