{#
    An amount of Stripe in the currency's own unit: it counts cents, or what the smallest unit is. Currencies without cents: Stripe,
    "Supported currencies".

    Arguments: amount, currency (SQL, texts).
    Call:      {{ stripe_amount('amount_paid', 'currency') }}
#}
{% macro stripe_amount(amount, currency) -%}
    try_cast({{ amount }} as decimal(32, 12)) / case
        when upper({{ currency }}) in (
            'BIF', 'CLP', 'DJF', 'GNF', 'JPY', 'KMF', 'KRW', 'MGA', 'PYG', 'RWF', 'UGX', 'VND', 'VUV', 'XAF', 'XOF', 'XPF'
        ) then 1
        when upper({{ currency }}) in ('BHD', 'JOD', 'KWD', 'OMR', 'TND') then 1000
        else 100
    end
{%- endmacro %}
