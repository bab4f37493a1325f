{#
    The logistic function 1 / (1 + exp(−x)) as double; NULL for NULL. Beyond ±36 it is 0 or 1 to the last digit, and exp()
    would end in an overflow on some engines.

    Arguments: x (SQL, a bare column).
    Call:      {{ logistic('predictor') }} as probability
#}
{% macro logistic(x) -%}
    case
        when {{ x }} > 36e0 then 1e0
        when {{ x }} < -36e0 then 0e0
        else 1e0 / (1e0 + exp(-({{ x }})))
    end
{%- endmacro %}
