{#
    The value of an attribute on the date: the tracked one, else the CRM's present one (backfilled).

    Arguments: name; tracked, current (names of relations in scope).
    Call:      {{ attribute('country', 'tracked', 'users') }} as country
#}
{% macro attribute(name, tracked, current) -%}
    case when {{ tracked }}.{{ name }}_is_tracked then {{ tracked }}.{{ name }} else cast({{ current }}.{{ name }} as {{ dbt.type_string() }}) end
{%- endmacro %}
