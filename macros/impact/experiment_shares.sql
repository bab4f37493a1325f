{#
    `vars: experiment_expected_shares` as a list of {experiment, variant, share}.

    Call:   {% for entry in experiment_shares() %}
#}
{% macro experiment_shares() -%}
    {%- set shares = segmentation.setting('experiment_expected_shares') or {} -%}
    {%- set entries = [] -%}
    {%- for experiment, variants in shares.items() -%}
        {%- for variant, share in variants.items() -%}
            {%- do entries.append({'experiment': experiment, 'variant': variant, 'share': share}) -%}
        {%- endfor -%}
    {%- endfor -%}
    {{ return(entries) }}
{%- endmacro %}
