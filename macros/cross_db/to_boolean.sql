{#
    Text as a boolean: true, t, yes, y, 1, 1.0 and false, f, no, n, 0, 0.0 in any case; NULL for everything else.

    Arguments: expression (SQL).
    Call:      {{ to_boolean('marketing_consent') }}
#}
{% macro to_boolean(expression) -%}
    case
        when lower(cast({{ expression }} as {{ dbt.type_string() }})) in ('true', 't', 'yes', 'y', '1', '1.0') then true
        when lower(cast({{ expression }} as {{ dbt.type_string() }})) in ('false', 'f', 'no', 'n', '0', '0.0') then false
    end
{%- endmacro %}
