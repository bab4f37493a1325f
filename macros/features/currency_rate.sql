{#
    Units of the reporting currency that one unit of a currency is worth, after `vars: currency_rates`, as a double; NULL for a
    currency that it does not list.

    Arguments: currency (SQL of a text, in any case).
    Call:      cast(amount as double) * {{ currency_rate('currency') }}
#}
{% macro currency_rate(currency) -%}
    case upper({{ currency }})
        {%- for name, rate in segmentation.setting('currency_rates').items() %}
        when {{ segmentation.text_literal(name | upper) }} then cast({{ rate }} as double)
        {%- else %}
        when '' then cast(null as double)
        {%- endfor %}
    end
{%- endmacro %}
