{# SQL that writes a share as a percentage with one decimal: 41.2. #}
{% macro _percent_text(share) -%}
    cast(cast(1e2 * {{ share }} as decimal(18, 1)) as {{ dbt.type_string() }})
{%- endmacro %}
