{#
    A value in standard deviations from a mean; NULL if the value is NULL or there is no spread. A deviation below 1e-9 of the
    mean is rounding, and counts as none.

    Arguments: value, mean, deviation (SQL).
    Call:      {{ standardized('f1', 'mean_1', 'deviation_1') }} as x1
#}
{% macro standardized(value, mean, deviation) -%}
    case
        when {{ deviation }} > 1e-9 * abs({{ mean }}) then ({{ value }} - {{ mean }}) / nullif({{ deviation }}, 0e0)
    end
{%- endmacro %}
